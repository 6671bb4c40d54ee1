#!/usr/bin/python3
"""kinesis_fill.py URL BODY N SECONDS: the same PutRecords N times over one connection, or as often as the seconds allow; all
must be taken. Prints how often."""
import http.client
import os
import sys
import time
import urllib.parse

url, body, n, seconds = sys.argv[1:]
day = os.environ["AMZ_DATE"]
headers = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "Kinesis_20131202.PutRecords",
    "X-Amz-Date": day,
    "Authorization": f"AWS4-HMAC-SHA256 Credential=test/{day[:8]}/us-east-1/kinesis/aws4_request, "
                     f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
}
with open(body, "rb") as f:
    data = f.read()
peer = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)
end = time.monotonic() + float(seconds)
sent = 0
while sent < int(n) and time.monotonic() < end:
    peer.request("POST", "/", data, headers)
    answer = peer.getresponse()
    text = answer.read()
    if answer.status != 200:
        sys.exit(f"PutRecords {sent}: {answer.status} {text[:200]}")
    sent += 1
print(sent)
