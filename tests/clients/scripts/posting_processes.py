"""A process for each table, each with an engine of its own."""
import json
import random
from multiprocessing import Process

import requests
from sqlalchemy import create_engine, text


class Emulator:
    def __init__(self, table, topic):
        self.table, self.topic = table, topic
        self.invoke = "https://l8xbpkm6a1.execute-api.us-east-1.amazonaws.com/test_stage/topics/0e95b18877fd." + topic

    def run(self):
        engine = create_engine("mysql+pymysql://project_user:pw@pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com:3306/pinterest_data"
                               "?charset=utf8mb4")
        random.seed(100)
        for _ in range(3):
            row = random.randint(0, 11000)
            with engine.connect() as c:
                for found in c.execute(text(f"SELECT * FROM {self.table} LIMIT {row}, 1")):
                    body = json.dumps({"records": [{"value": dict(found._mapping)}]}, default=str)
            r = requests.post(self.invoke, data=body, headers={"Content-Type": "application/vnd.kafka.json.v2+json"})
            print(self.topic, r.status_code, flush=True)


if __name__ == "__main__":
    workers = [Process(target=Emulator(t, n).run) for t, n in (("pinterest_data", "pin"), ("geolocation_data", "geo"), ("user_data", "user"))]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    raise SystemExit(max(w.exitcode for w in workers))
