"""Nothing but the standard library and PyMySQL."""
import http.client
import json
import random
import ssl
import urllib.request

import pymysql

random.seed(100)
HOST = "p9q8r7s6t5.execute-api.us-east-1.amazonaws.com"
db = pymysql.connect(host="pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com", user="u", password="p", db="pinterest_data", ssl={"ssl": {}})
connection = http.client.HTTPSConnection(HOST, context=ssl.create_default_context(), timeout=20)
for _ in range(2):
    with db.cursor() as cursor:
        cursor.execute("SELECT * FROM geolocation_data LIMIT %s, 1", (random.randint(0, 11000),))
        names = [d[0] for d in cursor.description]
        row = dict(zip(names, cursor.fetchone()))
    body = json.dumps({"records": [{"value": row}]}, default=str)
    connection.request("POST", "/v1/topics/0edd1f5a9e2c.geo", body, {"Content-Type": "application/vnd.kafka.json.v2+json"})
    answer = connection.getresponse()
    print(answer.status, answer.read().decode())
request = urllib.request.Request(f"https://{HOST}/v1/topics/0edd1f5a9e2c.geo", body.encode(),
                                 {"Content-Type": "application/vnd.kafka.json.v2+json", "Accept": "application/vnd.kafka.v2+json"}, method="POST")
with urllib.request.urlopen(request) as answer:
    print(answer.status)
