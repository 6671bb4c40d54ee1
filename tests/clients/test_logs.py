#!/usr/bin/python3
"""tarn logs: what was asked for and not served, each once with how often, before the rest of the log; and the log as it grows."""
import os
import subprocess

from tarn import TARN, call, done, fresh, need, ok, same, tarn, until

boto3, exceptions = need("boto3", "botocore.exceptions")
data = fresh("data")
tarn("up", "-d", "--ports=auto", "--data", data)
ends = {}


def addresses():
    import json
    return json.loads(tarn("status", "--json", "--data", data).stdout)["data"]["endpoints"]


ends = addresses()


def refused(service, operation, times):
    client = boto3.client(service, endpoint_url=ends["aws"], region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    for _ in range(times):
        try:
            getattr(client, operation)()
        except exceptions.ClientError:
            pass


try:
    same(tarn("logs", "--data", data).stdout, "", "a stack whose calls are served says nothing")
    refused("sqs", "list_queues", 3)
    refused("lambda", "list_functions", 1)
    refused("apigateway", "get_domain_names", 2)
    call("GET", ends["lake"] + "/api/2.0/policies/clusters/list?x=1")
    call("GET", ends["airflow"] + "/api/v1/nope")
    call("GET", ends["aws"] + "/", headers={"Host": "evil.example"})
    lines = tarn("logs", "--data", data).stdout.splitlines()
    same(lines[:6], ["asked for, and not served (tarn help api lists what is):", "     3 x  sqs ListQueues", "     1 x  lambda /2015-03-31/functions/",
                     "     2 x  apigateway GET /domainnames", "     1 x  databricks GET /api/2.0/policies/clusters/list", "     1 x  airflow GET /api/v1/nope"], "calls that nobody served come first, each once")
    ok(lines[6] == "" and " refused " in lines[7] and len(lines) == 8, "then the others", "\n".join(lines))
    same([line for line in tarn("logs", "sqs", "--data", data).stdout.splitlines() if line.startswith(" ")], ["     3 x  sqs ListQueues"], "of one service")
    p = subprocess.Popen([TARN, "logs", "-f", "--data", data], stdout=subprocess.PIPE, text=True)
    while p.stdout.readline().find(" refused ") < 0:
        pass
    refused("sqs", "list_queues", 1)
    ok("service=sqs operation=ListQueues" in p.stdout.readline(), "followed, lines come as they are")
    p.terminate()
    p.wait(30)
finally:
    tarn("down", "--data", data)
done()
