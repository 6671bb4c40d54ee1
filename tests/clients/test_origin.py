#!/usr/bin/python3
"""Whom the HTTP ports serve: no web page of another origin, and no name that a stranger's DNS leads here. The cases are attacks
that ran a stranger's Python on the developer's machine: four requests by a page, and one by a rebound name."""
import json
import os

from tarn import TMP, Stack, call, done, fresh, ok, same, stack_folder, until

EVIL = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
KEY = "X-Amz-Credential=a/20260101/us-east-1/apigateway/aws4_request"
BUCKET = "mwaa-dags-bucket"


def refused(answer, setting, name):
    ok(answer.status == 403 and f"[http] {setting}" in answer.text and f"--set http.{setting}=" in answer.text, name, f"{answer.status} {answer.text}")


def dag(marker):
    return f"open({marker!r}, 'w').close()\nfrom airflow import DAG\n"


def document(url):
    method = {"responses": {"200": {"description": ""}},
              "x-amazon-apigateway-integration": {"type": "http", "httpMethod": "PUT", "uri": url, "responses": {"default": {"statusCode": "200"}}}}
    return json.dumps({"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/": {"post": method}}})


def four_requests(s, headers, way):
    """What the page sends: an API whose integration writes into the DAG folder, a stage, a call, a look at the DAGs."""
    aws, marker = s.at["aws"], os.path.join(TMP, way)
    answers = [call("POST", f"{aws}/restapis?mode=import&{KEY}", document(f"{aws}/{BUCKET}/dags/{way}.py"), headers)]
    for path, body in ((f"/restapis/r1slzbxrxc/deployments?{KEY}", '{"stageName":"s"}'), ("/restapis/r1slzbxrxc/s/_user_request_/", dag(marker))):
        answers.append(call("POST", aws + path, body, headers))
    answers.append(call("GET", s.at["airflow"] + "/api/v1/dags", headers={k: v for k, v in headers.items() if k == "Origin"}))
    return answers, marker


def attack(s):
    answers, marker = four_requests(s, EVIL, "evil")
    for i, a in enumerate(answers):
        refused(a, "origins", f"a page's attack: request {i + 1}")
    same(s.keys("dags/evil", BUCKET), [], "no DAG file came of it")
    ok(not os.path.exists(marker), "no code ran")
    answers, _ = four_requests(s, {"Content-Type": "text/plain"}, "silent")
    same([a.status for a in answers[:2]], [403, 403], "no API of it from a browser that says nothing of the page")
    same(s.keys("dags/", BUCKET), [], "and no DAG file")


def rebinding(s):
    for name, host, status in (("evil", "evil.example", 403), ("evil", "evil.example:4566", 403), ("ip", "127.0.0.1.evil.example", 403),
                               ("ok", "127.0.0.1:4566", 200), ("ok", "tarn:4566", 200), ("ok", "[::1]:4566", 200), ("ok", "localhost", 200),
                               ("ok", "s3.us-east-1.amazonaws.com", 200), ("ok", "s3.localhost.localstack.cloud:4566", 200)):
        a = call("PUT", f"{s.at['aws']}/{BUCKET}/{name}.txt", "x", {"Host": host})
        same(a.status, status, f"PUT of an object for Host {host}")
        if status == 403:
            refused(a, "hosts", f"Host {host}: the line names the setting")
    same(s.keys("", BUCKET), ["ok.txt"], "what a rebound name sent isn't there")
    for host in ("s3-accelerate.amazonaws.com", "s3-us-west-2.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn"):
        got = call("GET", s.at["aws"] + "/?list-type=2", headers={"Host": f"{BUCKET}.{host}"}).text
        ok("<ListBucketResult" in got, f"a bucket's name under {host}", got)
    a = call("PUT", s.at["aws"] + "/virtual.txt", "x", {"Host": f"{BUCKET}.s3.us-east-1.amazonaws.com"})
    same((a.status, s.get("virtual.txt", BUCKET)), (200, b"x"), "a bucket's virtual host goes on")
    for port in ("control", "lake", "airflow", "rest", "connect", "apigateway"):
        refused(call("GET", s.at[port] + "/", headers={"Host": "evil.example"}), "hosts", f"the {port} port looks at Host")
        refused(call("GET", s.at[port] + "/", headers={"Origin": "null"}), "origins", f"the {port} port looks at Origin")
        refused(call("GET", s.at[port] + "/", headers={"Sec-Fetch-Site": "cross-site"}), "origins", f"the {port} port looks at Sec-Fetch-Site")


def acting(s):
    posts = [("control", "/_tarn/faults", "s3 drop"), ("control", "/_tarn/clock", "freeze"), ("control", "/_tarn/stop", ""),
             ("lake", "/api/tarn/sql", "SELECT 1"), ("lake", "/api/2.1/jobs/runs/submit", '{"tasks":[]}')]
    for port, path, body in posts:
        refused(call("POST", s.at[port] + path, body, EVIL), "origins", f"POST {path} of a page")
        a = call("POST", s.at[port] + path, body, {"Content-Type": "text/plain"})
        ok(a.status == 403 and "X-Tarn" in a.text, f"POST {path} needs more than a simple request", a.text)
    ok(s.alive() and not s.control("GET", "/health")["frozen"], "nothing was done")
    same(call("POST", s.at["lake"] + "/api/tarn/sql", "SELECT 1", {"X-Tarn": "1"}).status, 200, "X-Tarn is more")
    same(call("POST", s.at["control"] + "/_tarn/faults", "", {"Content-Type": "application/json"}).status, 400, "JSON is more")
    own = {"Origin": s.at["control"], "X-Tarn": "1"}
    a = call("POST", s.at["lake"] + "/api/tarn/sql", "SELECT 1", own)
    ok(a.status == 403 and "token" in a.text, "a page of ours says the token: it may be an object of a bucket", a.text)
    page = call("GET", s.at["control"] + "/", headers={"Accept": "text/html"})
    token = page.text.split('tarn-token" content="')[1].split('"')[0]
    a = call("POST", s.at["lake"] + "/api/tarn/sql", "SELECT 1", {**own, "X-Tarn": token})
    same(a.status, 200, "a page of the control port is ours")
    fetched = call("GET", s.at["control"] + "/", headers={"Accept": "text/html", "Sec-Fetch-Dest": "empty"}).text
    ok(token not in fetched and "frame-ancestors 'none'" in page.headers["Content-Security-Policy"], "a script that fetches the page isn't given it")
    ok(token not in call("GET", s.at["control"] + "/_tarn/stack").text, "nor does anything else say it")
    a = call("POST", s.at["aws"] + "/", "{}", {"Origin": s.at["control"], "X-Amz-Target": "Kinesis_20131202.ListStreams",
                                               "Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": "20260101T000000Z", "Authorization":
             "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=" + 64 * "0"})
    same((a.status, a.headers["Access-Control-Allow-Origin"]), (200, "*"), "Kinesis answers our own pages as it does")
    for port, path in (("connect", "/connectors"), ("rest", "/topics/x"), ("airflow", "/api/v1/dags/x/dagRuns")):
        same(call("POST", s.at[port] + path, "{}", {"Content-Type": "text/plain"}).status, 415, f"{port}: text/plain is 415 as before")


def listed():
    with Stack("--set", "http.origins=http://front.example:3000", "--set", "http.hosts=tarn.example.com", only="s3,lake,apigateway") as s:
        front, path = {"Origin": "http://front.example:3000"}, s.at["lake"] + "/api/tarn/sql"
        a = call("OPTIONS", path, headers={**front, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-tarn"})
        same((a.status, a.headers["Access-Control-Allow-Origin"], a.headers["Access-Control-Allow-Headers"]), (204, front["Origin"], "x-tarn"),
             "[http] origins: a preflight")
        a = call("POST", path, "SELECT 1", {**front, "X-Tarn": "1"})
        same((a.status, a.headers["Access-Control-Allow-Origin"], a.headers["Vary"]), (200, front["Origin"], "Origin"), "[http] origins: the answer")
        refused(call("OPTIONS", path, headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}), "origins", "no other's preflight")
        same(call("GET", s.at["control"] + "/health", headers={"Host": "tarn.example.com:4580"}).status, 200, "[http] hosts")
    with Stack("--set", "http.origins=*", only="s3") as s:
        same(call("GET", s.at["control"] + "/health", headers=EVIL).status, 200, "[http] origins = *: every page, since it was said")


with Stack(stack_folder(f"[buckets]\n{BUCKET} =\n[airflow]\nbucket = {BUCKET}\n")) as stack:
    attack(stack)
    rebinding(stack)
    acting(stack)
listed()
done()
