"""Asks which streams there are and picks its own."""
import base64
import json

import requests

API = "https://n0w9d8s7f6.execute-api.us-east-1.amazonaws.com/prod"
USER = "0affea73130b"
names = requests.get(f"{API}/streams", headers={"Content-Type": "application/json"}).json()["StreamNames"]
mine = [n for n in names if USER in n]
print(mine)
for name in mine:
    described = requests.get(f"{API}/streams/{name}", headers={"Content-Type": "application/json"}, data=json.dumps({"StreamName": name})).json()
    print(described["StreamDescription"]["StreamStatus"])
    data = base64.b64encode(json.dumps({"stream": name}).encode()).decode()
    put = requests.put(f"{API}/streams/{name}/record", headers={"Content-Type": "application/json"},
                       data=json.dumps({"Data": data, "PartitionKey": name.rsplit("-", 1)[1]}))
    print(put.status_code, put.json()["SequenceNumber"] > "0")
