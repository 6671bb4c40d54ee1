import json
import random
from time import sleep

import requests
import sqlalchemy
from sqlalchemy import text

random.seed(100)
USER_ID = "12471ce1b695"
INVOKE_URL = "https://98d1xt3jw4.execute-api.us-east-1.amazonaws.com/dev"
HEADERS = {"Content-Type": "application/vnd.kafka.json.v2+json"}

engine = sqlalchemy.create_engine(
    "mysql+pymysql://project_user:secret@pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com:3306/pinterest_data?charset=utf8mb4")


def one(connection, table, number):
    selected_row = connection.execute(text(f"SELECT * FROM {table} LIMIT {number}, 1"))
    for row in selected_row:
        result = dict(row._mapping)
    return result


for turn in range(4):
    random_row = random.randint(0, 11000)
    with engine.connect() as connection:
        pin = one(connection, "pinterest_data", random_row)
        geo = one(connection, "geolocation_data", random_row)
        user = one(connection, "user_data", random_row)
    pin_payload = json.dumps({"records": [{"value": {"index": pin["index"], "unique_id": pin["unique_id"], "title": pin["title"],
                                                     "description": pin["description"], "poster_name": pin["poster_name"],
                                                     "follower_count": pin["follower_count"], "tag_list": pin["tag_list"],
                                                     "is_image_or_video": pin["is_image_or_video"], "image_src": pin["image_src"],
                                                     "downloaded": pin["downloaded"], "save_location": pin["save_location"],
                                                     "category": pin["category"]}}]})
    geo_payload = json.dumps({"records": [{"value": {"ind": geo["ind"], "timestamp": geo["timestamp"].isoformat(), "latitude": geo["latitude"],
                                                     "longitude": geo["longitude"], "country": geo["country"]}}]})
    user_payload = json.dumps({"records": [{"value": {"ind": user["ind"], "first_name": user["first_name"], "last_name": user["last_name"],
                                                      "age": user["age"], "date_joined": user["date_joined"].isoformat()}}]})
    for name, payload in (("pin", pin_payload), ("geo", geo_payload), ("user", user_payload)):
        response = requests.post(f"{INVOKE_URL}/topics/{USER_ID}.{name}", headers=HEADERS, data=payload)
        response.raise_for_status()
        print(name, response.status_code, response.json()["offsets"][0]["offset"])
