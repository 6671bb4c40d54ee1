import json
import random
import threading
from datetime import datetime

import requests
import sqlalchemy
from sqlalchemy import text

random.seed(100)
URL = "https://c9x7v2b1qa.execute-api.us-east-1.amazonaws.com/feat/topics/"
HOST, PORT = "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com", "3306"
engine = sqlalchemy.create_engine(f"mysql+pymysql://project_user:pw@{HOST}:{PORT}/pinterest_data?charset=utf8mb4", pool_size=5, max_overflow=10,
                                  pool_recycle=1800)
lock, codes = threading.Lock(), []


def default(o):
    if isinstance(o, datetime):
        return o.isoformat()
    raise TypeError(o)


def send(table, topic, numbers):
    for n in numbers:
        with engine.connect() as connection:
            row = dict(connection.execute(text(f"SELECT * from {table} LIMIT {n}, 1")).fetchone()._mapping)
        if "ind" in row:
            row = {"index": row.pop("ind"), **row}
        r = requests.request("POST", URL + topic, headers={"Content-Type": "application/vnd.kafka.json.v2+json"},
                             data=json.dumps({"records": [{"value": row}]}, default=default))
        with lock:
            codes.append(r.status_code)


numbers = [random.randint(0, 11000) for _ in range(5)]
threads = [threading.Thread(target=send, args=(table, f"0e172e8c4bc3.{topic}", numbers))
           for table, topic in (("pinterest_data", "pin"), ("geolocation_data", "geo"), ("user_data", "user"))]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(set(codes)), len(codes))
