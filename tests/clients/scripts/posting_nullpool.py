import requests
from time import sleep
import random
from multiprocessing import Process
import boto3
import json
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.pool import NullPool

random.seed(100)


class AWSDBConnector:

    def __init__(self):
        self.HOST = "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com"
        self.USER = 'project_user'
        self.PASSWORD = ':t%;yCY3Yjg'
        self.DATABASE = 'pinterest_data'
        self.PORT = 3306

    def create_db_connector(self):
        engine = sqlalchemy.create_engine(f"mysql+pymysql://{self.USER}:{self.PASSWORD}@{self.HOST}:{self.PORT}/{self.DATABASE}?charset=utf8mb4",
                                          poolclass=NullPool)
        return engine


new_connector = AWSDBConnector()


def post_to_topic(topic, result):
    invoke_url = f"https://0w3ho3jeyg.execute-api.us-east-1.amazonaws.com/test/topics/0a6a638f5991.{topic}"
    headers = {'Content-Type': 'application/vnd.kafka.json.v2+json'}
    payload = json.dumps({"records": [{"value": result}]}, default=str)
    response = requests.request("POST", invoke_url, headers=headers, data=payload)
    print(response.status_code)


def run_post_data_loop(turns):
    for _ in range(turns):
        sleep(random.randrange(0, 2))
        random_row = random.randint(0, 11000)
        engine = new_connector.create_db_connector()

        with engine.connect() as connection:

            pin_string = text(f"SELECT * FROM pinterest_data LIMIT {random_row}, 1")
            pin_selected_row = connection.execute(pin_string)
            for row in pin_selected_row:
                pin_result = dict(row._mapping)

            geo_string = text(f"SELECT * FROM geolocation_data LIMIT {random_row}, 1")
            geo_selected_row = connection.execute(geo_string)
            for row in geo_selected_row:
                geo_result = dict(row._mapping)

            user_string = text(f"SELECT * FROM user_data LIMIT {random_row}, 1")
            user_selected_row = connection.execute(user_string)
            for row in user_selected_row:
                user_result = dict(row._mapping)

            post_to_topic("pin", pin_result)
            post_to_topic("geo", geo_result)
            post_to_topic("user", user_result)


if __name__ == "__main__":
    run_post_data_loop(3)
