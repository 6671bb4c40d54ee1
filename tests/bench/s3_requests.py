#!/usr/bin/python3
"""s3_requests.py URL METHOD PATH NUMBER [BODY-FILE]: requests signed with SigV4 as WHO (test), who is his own secret, for s3.lua; {} in PATH counts 0..NUMBER-1. They
are good for 15 minutes. The body's hash is signed, as by AWS's SDKs."""
import datetime
import hashlib
import hmac
import os
import sys
import urllib.parse

url, method, path, number = sys.argv[1:5]
with open(sys.argv[5], "rb") if len(sys.argv) > 5 else open("/dev/null", "rb") as f:
    body = hashlib.sha256(f.read()).hexdigest()
who = os.environ.get("WHO", "test").encode()
host = url.split("//")[1].rstrip("/")
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
day = now[:8]


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


key = mac(mac(mac(mac(b"AWS4" + who, day), "us-east-1"), "s3"), "aws4_request")
for i in range(int(number)):
    target = path.replace("{}", str(i))
    where, _, query = target.partition("?")
    query = "&".join(sorted(p if "=" in p else p + "=" for p in query.split("&"))) if query else ""
    headers = f"host:{host}\nx-amz-content-sha256:{body}\nx-amz-date:{now}\n"
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = f"{method}\n{urllib.parse.quote(where)}\n{query}\n{headers}\n{names}\n{body}"
    text = f"AWS4-HMAC-SHA256\n{now}\n{day}/us-east-1/s3/aws4_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    sign = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    print(f"{method} {target}\nHost: {host}\nx-amz-content-sha256: {body}\nx-amz-date: {now}\n"
          f"Authorization: AWS4-HMAC-SHA256 Credential={who.decode()}/{day}/us-east-1/s3/aws4_request, SignedHeaders={names}, Signature={sign}\n")
