import json
import time
import requests

API = "https://z1y2x3w4v5.execute-api.us-east-1.amazonaws.com/Development"
NAME = "streaming-0f5d1c0b4a3e-test"
H = {"Content-Type": "application/json"}
print(requests.post(f"{API}/streams/{NAME}", headers=H, data=json.dumps({"StreamName": NAME, "ShardCount": 1})).status_code)
for _ in range(50):
    state = requests.get(f"{API}/streams/{NAME}", headers=H).json()["StreamDescription"]["StreamStatus"]
    if state == "ACTIVE":
        break
    time.sleep(0.2)
print(state)
r = requests.put(f"{API}/streams/{NAME}/record", headers=H,
                 data=json.dumps({"StreamName": NAME, "Data": {"index": 1, "name": "Maya", "age": 25, "role": "engineer"}, "PartitionKey": "test"}))
print(r.status_code, r.json())
assert r.json()["ShardId"] == "shardId-000000000000"
