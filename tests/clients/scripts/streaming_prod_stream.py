import json
import random

import requests
import sqlalchemy
from sqlalchemy import text

random.seed(100)
USER_ID = "ba30db1fcb9e"
URL = "https://5ax7vnwk0c.execute-api.us-east-1.amazonaws.com/Prod/streams/Kinesis-Prod-Stream/record"
engine = sqlalchemy.create_engine("mysql+pymysql://project_user:pw@pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com:3306/pinterest_data")
for _ in range(4):
    n = random.randint(0, 11000)
    with engine.connect() as connection:
        for table, kind in (("pinterest_data", "pin"), ("geolocation_data", "geo"), ("user_data", "user")):
            row = dict(connection.execute(text(f"SELECT * FROM {table} LIMIT {n}, 1")).one()._mapping)
            body = {"StreamName": "Kinesis-Prod-Stream", "Data": row, "PartitionKey": f"{USER_ID}.{kind}"}
            r = requests.put(URL, data=json.dumps(body, default=str), headers={"Content-Type": "application/json"})
            r.raise_for_status()
            assert r.json()["SequenceNumber"], r.text
print("done")
