import requests
import random
import json
import sqlalchemy
from sqlalchemy import text

random.seed(100)
engine = sqlalchemy.create_engine(
    "mysql+pymysql://project_user:pw@pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com:3306/pinterest_data?charset=utf8mb4")
headers = {'Content-Type': 'application/json'}


def put(kind, data, key):
    invoke_url = f"https://m4x2ihvf4i.execute-api.us-east-1.amazonaws.com/dev/streams/streaming-0e03d1c30c91-{kind}/record"
    payload = json.dumps({"StreamName": "YourStreamName", "Data": data, "PartitionKey": key}, default=str)
    response = requests.request("PUT", invoke_url, headers=headers, data=payload)
    print(response.status_code, response.json()["ShardId"])


for _ in range(3):
    random_row = random.randint(0, 11000)
    with engine.connect() as connection:
        for table, kind in (("pinterest_data", "pin"), ("geolocation_data", "geo"), ("user_data", "user")):
            for row in connection.execute(text(f"SELECT * FROM {table} LIMIT {random_row}, 1")):
                put(kind, dict(row._mapping), "partition-1")
