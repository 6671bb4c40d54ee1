import requests
import random
import datetime
import pymysql.cursors

random.seed(100)
BASE_URL = "https://kwn16f5g5d.execute-api.us-east-1.amazonaws.com/staging"
USER = "0afff54d4f49"

print("topics:", requests.get(f"{BASE_URL}/topics").json())

connection = pymysql.connect(host="pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com", user="project_user", password="pw", port=3306,
                             database="pinterest_data", charset="utf8mb4", cursorclass=pymysql.cursors.DictCursor)


def clean(row):
    return {k: v.strftime("%Y-%m-%d %H:%M:%S") if isinstance(v, datetime.datetime) else v for k, v in row.items()}


for _ in range(3):
    number = random.randint(0, 11000)
    for table in ("pinterest_data", "geolocation_data", "user_data"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} LIMIT {number}, 1")
            row = clean(cursor.fetchone())
        topic = {"pinterest_data": "pin", "geolocation_data": "geo", "user_data": "user"}[table]
        r = requests.post(f"{BASE_URL}/topics/{USER}.{topic}", json={"records": [{"value": row}]},
                          headers={"Content-Type": "application/vnd.kafka.json.v2+json"})
        if r.status_code not in (200, 201):
            print("failed:", r.status_code, r.text)
        else:
            print("sent", topic, r.elapsed.total_seconds() < 60)
