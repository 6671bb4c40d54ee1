"""Sends rows as lists of one, with retries."""
import json
import random

import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from urllib3.util.retry import Retry

random.seed(100)
creds = {"HOST": "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com", "USER": "project_user", "PASSWORD": "a:b%c;d", "PORT": 3306,
         "DATABASE": "pinterest_data"}
API = "https://t2zqcv0fwd.execute-api.us-east-1.amazonaws.com/Production/topics/"
MACHINE = "0a4e65e909bd"

session = requests.Session()
retries = Retry(total=5, backoff_factor=2, status_forcelist=[500, 502, 503, 504])
session.mount("http://", HTTPAdapter(max_retries=retries))


def engine_for(c):
    url = URL.create("mysql+pymysql", username=c["USER"], password=c["PASSWORD"], host=c["HOST"], port=c["PORT"], database=c["DATABASE"],
                     query={"charset": "utf8mb4"})
    return create_engine(url)


engine = engine_for(creds)
sent = 0
while sent < 9:
    random_row = random.randint(0, 11000)
    with engine.begin() as connection:
        for table, topic in (("pinterest_data", "pin"), ("geolocation_data", "geo"), ("user_data", "user")):
            rows = connection.execute(text(f"SELECT * FROM {table} LIMIT :random_row, 1"), {"random_row": random_row})
            value = [dict(row._mapping) for row in rows]
            answer = session.post(API + f"{MACHINE}.{topic}", headers={"Content-Type": "application/vnd.kafka.json.v2+json"},
                                  data=json.dumps({"records": [{"value": value}]}, default=str), timeout=(3, 30))
            assert answer.status_code == 200, answer.text
            sent += 1
print("sent", sent)
