"""Data as lists of one row, a uuid as key, slashes too many."""
import json
import random
import uuid

import requests
from sqlalchemy import create_engine, text

random.seed(100)
BASE = "https://qp4z81vkj3.execute-api.us-east-1.amazonaws.com/second_stage/"
engine = create_engine("mysql+pymysql://project_user:pw@pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com:3306/pinterest_data?charset=utf8mb4")
with engine.connect() as connection:
    for _ in range(3):
        n = random.randint(0, 11000)
        row = dict(connection.execute(text(f"SELECT * FROM user_data LIMIT {n}, 1")).first()._mapping)
        r = requests.put(BASE + "/streams/streaming-0a2bc878981f-user/record", headers={"Content-Type": "application/json"},
                         data=json.dumps({"StreamName": "streaming-0a2bc878981f-user", "Data": [row], "PartitionKey": str(uuid.uuid4())}, default=str))
        print(r.status_code, r.text)
        if r.status_code != 200 or "SequenceNumber" not in r.json():
            raise SystemExit(1)
