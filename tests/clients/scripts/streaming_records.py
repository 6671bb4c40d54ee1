import json
import requests

URL = "https://h3k4j5l6m7.execute-api.us-east-1.amazonaws.com/test-stage/streams/streaming-0a40ea42f8c9-geo/records"
rows = [{"ind": i, "timestamp": "2020-08-28T03:52:47", "latitude": 1.5 * i, "longitude": -2.25, "country": "Albania"} for i in range(5)]
payload = json.dumps({"StreamName": "streaming-0a40ea42f8c9-geo", "records": [{"data": row, "partition-key": str(row["ind"])} for row in rows]})
response = requests.put(URL, headers={"Content-Type": "application/json"}, data=payload)
print(response.status_code, response.text)
assert response.json()["FailedRecordCount"] == 0 and len(response.json()["Records"]) == 5
