"""Posts a few rows of each table, batch and stream, as the course's emulation does. API-ID USER"""
import datetime
import json
import random
import sys

import pymysql
import requests

random.seed(100)
api, user = sys.argv[1:]
HOST = "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com"
TABLES = {"pin": "pinterest_data", "geo": "geolocation_data", "user": "user_data"}


def text(value):
    return value.isoformat() if isinstance(value, datetime.datetime) else value


for _ in range(5):
    n = random.randint(0, 11000)
    database = pymysql.connect(host=HOST, user="project_user", password=":t%;yCY3Yjg", database="pinterest_data", port=3306,
                               cursorclass=pymysql.cursors.DictCursor)
    with database.cursor() as cursor:
        for topic, table in TABLES.items():
            cursor.execute(f"SELECT * FROM {table} LIMIT {n}, 1")
            row = {k: text(v) for k, v in cursor.fetchone().items()}
            r = requests.post(f"https://{api}.execute-api.us-east-1.amazonaws.com/prod/topics/{user}.{topic}", timeout=10,
                              headers={"Content-Type": "application/vnd.kafka.json.v2+json"}, data=json.dumps({"records": [{"value": row}]}))
            print(r.status_code, r.json()["offsets"][0]["offset"])
    database.close()
