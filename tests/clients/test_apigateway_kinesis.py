#!/usr/bin/python3
"""The users' streaming path: their six calls with requests, through their own templates, read back with boto3."""
import base64
import http.client
import json

from tarn import Answer, Stack, USER, call, done, need, ok, parts, same

requests = need("requests")
stack = Stack(only="kinesis,apigateway,kafka,rest,s3")
e, s3 = stack.at, stack.s3
kinesis, gateway = stack.client("kinesis"), stack.client("apigateway")
INVOKE = e["apigateway"] + "/prod"


def records(stream):
    out = []
    for shard in kinesis.describe_stream(StreamName=stream)["StreamDescription"]["Shards"]:
        it = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        out += [(r["PartitionKey"], r["Data"]) for r in kinesis.get_records(ShardIterator=it)["Records"]]
    return out


def users():
    pin = {"index": 7528, "unique_id": "fbe53c66-3442-4773-b19e-d3ec6f54dddf", "title": "No Title Data Available", "description": "it's \"fun\" é 😀",
           "image_src": "https://i.pinimg.com/originals/65/bb/ea.jpg", "downloaded": 0, "lat": -77.015}
    stream = f"streaming-{USER}-pin"
    names = requests.get(f"{INVOKE}/streams").json()["StreamNames"]
    ok(stream in names, "GET /streams lists the declared streams", names)
    d = requests.get(f"{INVOKE}/streams/{stream}").json()["StreamDescription"]
    ok(d["StreamName"] == stream and d["StreamStatus"] == "ACTIVE", "GET /streams/{stream-name} describes one", d)
    # The users' script: json.dumps, PUT, Content-Type: application/json.
    payload = json.dumps({"StreamName": "YourStreamName", "Data": pin, "PartitionKey": "partition-1"})
    r = requests.request("PUT", f"{INVOKE}/streams/{stream}/record", headers={"Content-Type": "application/json"}, data=payload)
    ok(r.status_code == 200 and set(r.json()) == {"SequenceNumber", "ShardId"} and r.json()["ShardId"] == "shardId-000000000000", "PUT record answers as Kinesis", r.text)
    ok(records(stream) == [("partition-1", json.dumps(pin, separators=(",", ":"), ensure_ascii=False).encode())], "the record is the row's compact JSON", records(stream))
    stream = f"streaming-{USER}-geo"
    for data, key in ((json.dumps({"a": 1}), "text"), (base64.b64encode(b"x").decode(), "base64"), ([{"ind": 1}], "array"), (12, "number"), (None, "null")):
        requests.put(f"{INVOKE}/streams/{stream}/record", json={"StreamName": stream, "Data": data, "PartitionKey": key})
    requests.put(f"{INVOKE}/streams/{stream}/record", json={"PartitionKey": "missing"})
    got = dict(records(stream))
    want = {"text": b'"{\\"a\\": 1}"', "base64": b'"eA=="', "array": b'[{"ind":1}]', "number": b"12", "missing": b'""'}
    ok(all(got.get(k) == v for k, v in want.items()), "Data of every kind the users send", got)
    stream = f"streaming-{USER}-user"
    r = requests.put(f"{INVOKE}/streams/{stream}/records", json={"StreamName": stream, "records": [{"data": "one", "partition-key": "a"}, {"data": {"ind": 1, "c": "x"}, "partition-key": "b"}]})
    ok(r.status_code == 200 and r.json()["FailedRecordCount"] == 0 and len(r.json()["Records"]) == 2, "PUT records", r.text)
    ok(dict(records(stream)) == {"a": b"one", "b": b"{ind=1, c=x}"}, "objects of PUT records arrive as Java prints maps", records(stream))
    r = requests.post(f"{INVOKE}/streams/made")
    ok(r.status_code == 200 and len(kinesis.list_shards(StreamName="made")["Shards"]) == 5, "POST makes a stream of 5 shards", r.text)
    requests.post(f"{INVOKE}/streams/made2", json={"ShardCount": 2})
    ok(len(kinesis.list_shards(StreamName="made2")["Shards"]) == 2, "POST with a ShardCount")
    r = requests.delete(f"{INVOKE}/streams/made")
    ok(r.status_code == 200 and "made" not in kinesis.list_streams()["StreamNames"], "DELETE drops it", r.text)
    r = requests.get(f"{INVOKE}/streams/none")
    ok(r.json()["__type"] == "ResourceNotFoundException", "an error of Kinesis comes through", r.text)
    r = requests.post(f"{INVOKE}/topics/{USER}.pin", headers={"Content-Type": "application/vnd.kafka.json.v2+json"}, data=json.dumps({"records": [{"value": pin}]}))
    ok(r.status_code == 200 and r.json()["offsets"][0]["offset"] == 0, "the batch API under the same stage", r.text)
    r = requests.get(f"{e['apigateway']}/test/streams")
    ok(r.status_code == 200, "the other stage")


def by_hand():
    """The same, as the console's steps make it: an API by boto3, errors told apart by selectionPattern, and a test invocation."""
    api = gateway.create_rest_api(name="k")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    at = gateway.create_resource(restApiId=api, parentId=root, pathPart="{stream}")["id"]
    base = dict(restApiId=api, resourceId=at, httpMethod="PUT")
    gateway.put_method(authorizationType="NONE", requestParameters={"method.request.path.stream": True}, **base)
    gateway.put_integration(type="AWS", integrationHttpMethod="POST", uri="arn:aws:apigateway:us-east-1:kinesis:action/PutRecord", credentials="arn:aws:iam::000000000000:role/r",
                            requestParameters={"integration.request.header.Content-Type": "'x-amz-json-1.1'"}, passthroughBehavior="NEVER",
                            requestTemplates={"application/json": '{"StreamName": "$input.params(\'stream\')", "Data": "$util.base64Encode($input.body)", "PartitionKey": "$context.requestId"}'}, **base)
    for status, pattern, template in (("200", "", '{"seq": $input.json(\'$.SequenceNumber\')}'), ("404", "4\\d{2}", '{"error": "$input.path(\'$.__type\')"}')):
        gateway.put_method_response(statusCode=status, **base)
        gateway.put_integration_response(statusCode=status, selectionPattern=pattern, responseTemplates={"application/json": template}, **base)
    gateway.create_deployment(restApiId=api, stageName="dev")
    url = f"{e['aws']}/restapis/{api}/dev/_user_request_"
    r = requests.put(url + "/made2", json={"x": 1})
    ok(r.status_code == 200 and r.json()["seq"].isdigit(), "an API made step by step", r.text)
    ok([d for _, d in records("made2")] == [b'{"x": 1}'], "its record", records("made2"))
    r = requests.put(url + "/none", json={})
    ok(r.status_code == 404 and r.json() == {"error": "ResourceNotFoundException"}, "4xx of Kinesis by selectionPattern", r.text)
    t = gateway.test_invoke_method(pathWithQueryString="/made2", body='{"y": 2}', headers={"Content-Type": "application/json"}, **base)
    ok(t["status"] == 200 and "Endpoint request body after transformations: {\"StreamName\": \"made2\"" in t["log"] and "Received response. Status: 200" in t["log"], "test-invoke shows the call", t["log"])


def unmapped():
    """An API whose integration maps no Content-Type, as most have it: recorded on AWS, the record is stored. Kinesis itself, asked
    directly with application/json, knows no such operation."""
    def invoke(method, action, template, body=None, headers=None, send=call):
        api = gateway.create_rest_api(name=action)["id"]
        base = dict(restApiId=api, resourceId=gateway.get_resources(restApiId=api)["items"][0]["id"], httpMethod=method)
        gateway.put_method(authorizationType="NONE", **base)
        gateway.put_integration(type="AWS", integrationHttpMethod="POST", uri=f"arn:aws:apigateway:us-east-1:kinesis:action/{action}",
                                credentials="arn:aws:iam::000000000000:role/r", requestTemplates={"application/json": template}, **base)
        gateway.put_method_response(statusCode="200", **base)
        gateway.put_integration_response(statusCode="200", **base)
        gateway.create_deployment(restApiId=api, stageName="dev")
        return send(method, f"{e['aws']}/restapis/{api}/dev/_user_request_/", body, headers)

    kinesis.create_stream(StreamName="k1", ShardCount=1)
    put = '{"StreamName":"k1","Data":"$util.base64Encode($input.body)","PartitionKey":"p"}'
    r = invoke("POST", "PutRecord", put, b'{"a":1}', {"Content-Type": "application/json"})
    ok(r.status == 200 and set(r.json()) == {"ShardId", "SequenceNumber"}, "PutRecord without a mapped Content-Type", r.text)
    same(records("k1"), [("p", b'{"a":1}')], "its record is stored")
    r = invoke("POST", "PutRecords", '{"StreamName":"k1","Records":[{"Data":"eA==","PartitionKey":"p"}]}', b"{}", {"Content-Type": "application/json"})
    ok(r.status == 200 and r.json()["FailedRecordCount"] == 0 and len(r.json()["Records"]) == 1, "PutRecords", r.text)

    def without_type(method, url, body, headers):
        bare = http.client.HTTPConnection(*stack.address("aws"))
        bare.request(method, url.removeprefix(e["aws"]), body, {"Content-Length": str(len(body))})
        answer = bare.getresponse()
        return Answer(answer, answer.read())
    r = invoke("POST", "PutRecord", put, b'{"b":2}', send=without_type)
    ok(r.status == 200 and set(r.json()) == {"ShardId", "SequenceNumber"}, "a request without a Content-Type", r.text)
    same([d for _, d in records("k1")], [b'{"a":1}', b"x", b'{"b":2}'], "all three are stored")
    r = invoke("GET", "DescribeStream", '{"StreamName":"k1"}')
    ok(r.status == 200 and r.json().get("StreamDescription", {}).get("StreamName") == "k1", "DescribeStream of a GET", r.text)


def objects():
    """Integrations with S3 objects: put, get, delete, and S3's own error by selectionPattern."""
    s3.create_bucket(Bucket="kept")
    api = gateway.create_rest_api(name="s3")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    at = gateway.create_resource(restApiId=api, parentId=root, pathPart="{key}")["id"]
    for verb in ("GET", "PUT", "DELETE"):
        base = dict(restApiId=api, resourceId=at, httpMethod=verb)
        gateway.put_method(authorizationType="NONE", requestParameters={"method.request.path.key": True}, **base)
        gateway.put_integration(type="AWS", integrationHttpMethod=verb, uri="arn:aws:apigateway:us-east-1:s3:path/kept/{k}", credentials="arn:aws:iam::000000000000:role/r",
                                requestParameters={"integration.request.path.k": "method.request.path.key"}, **base)
        for status, pattern in (("200", ""), ("404", "404")):
            gateway.put_method_response(statusCode=status, **base)
            gateway.put_integration_response(statusCode=status, selectionPattern=pattern, **base)
    gateway.create_deployment(restApiId=api, stageName="dev")
    url = f"{e['aws']}/restapis/{api}/dev/_user_request_/a.json"
    r = requests.put(url, json={"message": "great success!"})
    ok(r.status_code == 200 and s3.get_object(Bucket="kept", Key="a.json")["Body"].read() == b'{"message": "great success!"}', "S3: put an object", r.text)
    r = requests.get(url)
    ok(r.json() == {"message": "great success!"}, "S3: get it", r.text)
    ok(requests.delete(url).status_code == 200, "S3: delete it")
    r = requests.get(url)
    ok(r.status_code == 404 and "<Code>NoSuchKey</Code>" in r.text, "S3: it's gone", r.text)


parts(users, by_hand, unmapped, objects)
ok(stack.alive(), "the server is alive")
done()
