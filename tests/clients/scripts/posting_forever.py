import requests
from time import sleep
import random
import json
import sqlalchemy
from sqlalchemy import text

random.seed(100)


class AWSDBConnector:
    def __init__(self):
        self.HOST = "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com"
        self.USER = 'project_user'
        self.PASSWORD = ':t%;yCY3Yjg'
        self.DATABASE = 'pinterest_data'
        self.PORT = 3306

    def create_db_connector(self):
        return sqlalchemy.create_engine(f"mysql+pymysql://{self.USER}:{self.PASSWORD}@{self.HOST}:{self.PORT}/{self.DATABASE}?charset=utf8mb4")


def run_infinite_post_data_loop():
    connector = AWSDBConnector()
    while True:
        sleep(random.randrange(0, 2))
        random_row = random.randint(0, 11000)
        engine = connector.create_db_connector()
        with engine.connect() as connection:
            for row in connection.execute(text(f"SELECT * FROM pinterest_data LIMIT {random_row}, 1")):
                pin_result = dict(row._mapping)
            response = requests.request("POST", "https://abc4de5fgh.execute-api.us-east-1.amazonaws.com/prod/topics/0ec858bf1407.pin",
                                        headers={'Content-Type': 'application/vnd.kafka.json.v2+json'},
                                        data=json.dumps({"records": [{"value": pin_result}]}))
            print("posted", response.status_code, flush=True)


if __name__ == "__main__":
    print('Working', flush=True)
    try:
        run_infinite_post_data_loop()
    except KeyboardInterrupt:
        print("Stopped by user", flush=True)
