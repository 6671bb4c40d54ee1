#!/usr/bin/python3
"""What is served is what is listed: GET /_tarn/operations, beside what journal and metrics call it."""
import json
import re

from tarn import Stack, call, done, ok, same

PORTS = {"lake": "control", "databricks": "control", "streaming": "control"}


def signed(row):
    """What isn't signed for API Gateway's management is a call of an API; control planes are told by their signature, too."""
    scope = row["name"].split(".")[0] if "." in row["name"] else row["service"]
    if row["service"] not in ("apigateway", "aws"):
        return {}
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential=a/20260105/us-east-1/{scope}/aws4_request, SignedHeaders=host, Signature={64 * '0'}"}


def run(stack):
    rows = stack.control("GET", "/_tarn/operations")["operations"]
    listed = {(r["service"], r["name"]) for r in rows}
    want = {"control", "rds", "kafka", "rest", "connect", "s3", "kinesis", "apigateway", "aws", "lake", "databricks", "streaming", "airflow"}
    same(want - {r["service"] for r in rows}, set(), "every service lists its operations")
    same([r for r in rows if not r.get("doc") or not re.fullmatch("([a-z0-9]+[.])?[A-Z][A-Za-z0-9]*", r["name"])], [], "each has a name and a line of doc")
    paths = [(r["service"], r["name"].split(".")[:-1], r["method"], r["path"]) for r in rows if "path" in r]
    same([p for p in paths if paths.count(p) > 1], [], "no path is listed twice")

    # A stream of events ends with its client.
    asked, wrong = [r for r in rows if r.get("method") == "GET" and "{" not in r.get("path", "{") and r["name"] != "Events"], []
    for r in asked:
        url = stack.at.get(PORTS.get(r["service"], r["service"]))
        if url is None or not url.startswith("http"):
            continue
        trace = f"ask-{len(wrong)}-{r['service']}"[:20] + str(asked.index(r))
        call("GET", url + r["path"], headers={"X-Tarn-Trace": trace, **signed(r)})
        seen = [json.loads(line) for line in call("GET", f"{stack.at['control']}/_tarn/journal?trace={trace}").text.splitlines()]
        if [(e["service"], e["op"]) for e in seen] != [(r["service"], r["name"])]:
            wrong.append((r["service"], r["name"], r["path"], seen))
    ok(len(asked) > 30, "many can be asked for by their path alone", len(asked))
    same(wrong, [], "each is journaled by the name in the list")

    call("GET", stack.at["rest"] + "/nothing")
    counted = set(re.findall(r'tarn_requests_total{service="(\w+)",op="([^"]*)"}', call("GET", stack.at["control"] + "/metrics").text))
    same(counted - listed, {("rest", "Unknown")}, "metrics know no other names")


with Stack() as it:
    run(it)
done()
