import os
import json
import time
import yaml
import random
import logging
import requests
from urllib.parse import quote_plus
from sqlalchemy import create_engine, text

logging.basicConfig(level=logging.INFO)
random.seed(100)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "db_creds.yaml")) as file:
    creds = yaml.safe_load(file)


def connect():
    return create_engine(f"mysql+pymysql://{creds['USER']}:{quote_plus(creds['PASSWORD'])}@{creds['HOST']}:{creds['PORT']}/{creds['DATABASE']}")


def send(url, payload, tries=5):
    for attempt in range(tries):
        try:
            response = requests.post(url, headers={"Content-Type": "application/vnd.kafka.json.v2+json"}, data=payload, timeout=10)
            if response.status_code == 200:
                return True
            logging.error("status %s: %s", response.status_code, response.text)
        except requests.exceptions.RequestException as e:
            logging.error(e)
        time.sleep(2 ** attempt)
    return False


engine = connect()
with engine.connect() as connection:
    print(connection.execute(text("SELECT COUNT(*) FROM pinterest_data")).scalar(), "rows")
good = 0
for _ in range(3):
    n = random.randint(0, 11000)
    engine = connect()
    with engine.connect() as connection:
        for table, topic in {"pinterest_data": "pin", "geolocation_data": "geo", "user_data": "user"}.items():
            row = connection.execute(text(f"SELECT * FROM {table} LIMIT 1 OFFSET {n}")).mappings().first()
            good += send(f"https://lqhh8nwxc2.execute-api.us-east-1.amazonaws.com/0eb84f80c29b-prod/topics/0eb84f80c29b.{topic}",
                         json.dumps({"records": [{"value": dict(row)}]}, default=str))
logging.info("%d sent", good)
