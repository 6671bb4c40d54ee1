#!/usr/bin/python3
"""The sink's settings of S3: encryption, ACL, tags, parts, another store, another identity; each is asked of S3 as a client asks it."""
import json

from tarn import Stack, becomes, done, need, ok, same

requests, kafka = need("requests", "kafka")
KJ = {"Content-Type": "application/vnd.kafka.json.v2+json"}
BASE = {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector", "s3.region": "us-east-1", "flush.size": "1", "tasks.max": "1", "s3.bucket.name": "objects",
    "storage.class": "io.confluent.connect.s3.storage.S3Storage", "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false"}


JSON = "io.confluent.connect.s3.format.json.JsonFormat"
BOTH = {"store.kafka.keys": "true", "keys.format.class": JSON, "store.kafka.headers": "true", "headers.format.class": JSON}


class Worker(Stack):
    def __exit__(self, *_):
        self.kill()

    def post(self, topic, values):
        assert requests.post(f"{self.at['rest']}/topics/{topic}", headers=KJ, json={"records": [{"value": v} for v in values]}).status_code == 200

    def make(self, name, **settings):
        config = dict(BASE, topics=name)
        config.update({k.replace("_", "."): v for k, v in settings.items()})
        return requests.put(f"{self.at['connect']}/connectors/{name}/config", json=config)

    def trace(self, name):
        r = requests.get(f"{self.at['connect']}/connectors/{name}/status").json()
        return "".join(t.get("trace", "") for t in r.get("tasks", []))

    def keys_of(self, name, bucket="objects"):
        return self.keys(bucket=bucket, prefix=f"topics/{name}/")


def key_of(name, offset=0):
    return f"topics/{name}/partition=0/{name}+0+{offset:010d}.json"


def head(stack, name):
    becomes(lambda: stack.keys_of(name), [key_of(name)], f"{name}: written")
    return stack.s3.head_object(Bucket="objects", Key=key_of(name))


def settings(stack):
    stack.post("kms", [{"n": 1}])
    stack.make("kms", **{"s3.ssea.name": "aws:kms"})
    same(head(stack, "kms")["ServerSideEncryption"], "aws:kms", "s3.ssea.name")
    stack.post("private", [{"n": 1}])
    stack.make("private", **{"s3.acl.canned": "bucket-owner-full-control"})
    same(head(stack, "private")["ContentLength"], 8, "s3.acl.canned that the bucket lets be")
    stack.post("public", [{"n": 1}])
    stack.make("public", **{"s3.acl.canned": "public-read"})
    becomes(lambda: "AccessControlListNotSupported" in stack.trace("public"), True, "one that it doesn't: the task fails")
    stack.post("tagged", [{"n": 1}])
    stack.make("tagged", **{"s3.object.tagging": "true"})
    head(stack, "tagged")
    becomes(lambda: {t["Key"]: t["Value"] for t in stack.s3.get_object_tagging(Bucket="objects", Key=key_of("tagged"))["TagSet"]},
            {"startOffset": "0", "endOffset": "0", "recordCount": "1"}, "s3.object.tagging")


def parts(stack):
    """More than a part: it goes while records come, and is one object at the end."""
    rows = [{"n": i, "pad": "x" * 1000} for i in range(12000)]
    for at in range(0, len(rows), 1000):
        stack.post("large", rows[at:at + 1000])
    stack.make("large", **{"s3.part.size": "5242880", "flush.size": str(len(rows))})
    etag = head(stack, "large")["ETag"]
    ok(etag.endswith('-3"'), f"s3.part.size: three parts ({etag})")
    body = stack.s3.get_object(Bucket="objects", Key=key_of("large"))["Body"].read()
    same([json.loads(line)["n"] for line in body.splitlines()], [r["n"] for r in rows], "with every record once, in order")
    stack.make("large2", **{"topics": "large", "topics.dir": "part", "s3.part.size": "5242880", "flush.size": "100000"})
    becomes(lambda: len(stack.s3.list_multipart_uploads(Bucket="objects").get("Uploads", [])), 1, "an unfinished object is an upload")
    requests.delete(f"{stack.at['connect']}/connectors/large2")
    becomes(lambda: len(stack.s3.list_multipart_uploads(Bucket="objects").get("Uploads", [])), 0, "it is given up with its connector")


def lossy(stack):
    """Answers of S3 get lost while flush.size changes: what may be there is known before records are written with other bounds."""
    stack.fault("s3.PutObject drop p=0.2 name=lossy")
    for at in range(0, 100, 10):
        stack.post("lossy", [{"n": i} for i in range(at, at + 10)])
        stack.make("lossy", **{"s3.ssea.name": "AES256", "flush.size": str(3 + at % 7), "s3.part.retries": "9"})
    stack.make("lossy", **{"s3.ssea.name": "AES256", "s3.part.retries": "9"})
    becomes(lambda: [o["offset"]["kafka_offset"] for o in requests.get(f"{stack.at['connect']}/connectors/lossy/offsets").json()["offsets"]], [100], "all is committed")
    stack.faults_clear("lossy")
    got = [json.loads(line)["n"] for _, v in sorted(objects_of(stack, "lossy").items()) for line in v.splitlines()]
    same(got, list(range(100)), "each record is in exactly one object, in order")


def elsewhere(stack, store):
    store.s3.create_bucket(Bucket="other")
    stack.post("moved", [{"n": 1}])
    stack.make("moved", **{"store.url": store.at["aws"], "s3.bucket.name": "other", "aws.access.key.id": "test", "aws.secret.access.key": "test"})
    becomes(lambda: store.keys(bucket="other", prefix="topics/"), [key_of("moved")], "store.url")
    stack.make("lost", **{"store.url": "http://127.0.0.1:1"})
    becomes(lambda: "Unable to execute HTTP request: " in stack.trace("lost"), True, "a store that isn't there: the task fails after its repeats")
    stack.make("bad", **{"store.url": "nowhere"})
    becomes(lambda: "not an http:// or https:// address" in stack.trace("bad"), True, "no address: the task fails")


def objects_of(stack, name):
    return {k.rsplit("/", 1)[1]: v for k, v in stack.objects(bucket="objects", prefix=f"topics/{name}/").items()}


def beside(stack):
    """Keys, headers, null values."""
    p = kafka.KafkaProducer(bootstrap_servers=stack.at["kafka"])
    p.send("beside", b'{"n":1}', key=b"k1", headers=[("a", b"1"), ("b", b"x y")])
    p.send("beside", None, key=b"k2", headers=[("t", b"true")])
    p.flush()
    p.close()
    stack.make("beside", **dict(BOTH, **{"behavior.on.null.values": "write"}))
    want = {"beside+0+0000000000.json": b'{"n":1}\n', "beside+0+0000000000.keys.json": b'"k1"\n',
            "beside+0+0000000000.headers.json": b'{"headers":[{"key":"a","value":"1"},{"key":"b","value":"x y"}]}\n',
            "beside+0+0000000001.keys.json": b'"k2"\n', "beside+0+0000000001.headers.json": b'{"headers":[{"key":"t","value":"true"}]}\n'}
    becomes(lambda: objects_of(stack, "beside"), want, "a value, its key and headers; of a null value key and headers only")
    ok(any("/tombstone/" in k for k in stack.keys_of("beside")), "in the folder of tombstones")
    stack.make("avro", **{"store.kafka.keys": "true"})
    becomes(lambda: "AvroFormat is not supported by tarn" in stack.trace("avro"), True, "keys in Avro: the task fails, it says so")


def envelope(version, fields, **payload):
    schema = {"type": "struct", "name": "row", "fields": fields}
    if version:
        schema["version"] = version
    return {"schema": schema, "payload": payload}


def schemas(stack):
    """schema.compatibility: which schemas share an object."""
    a, b = {"field": "a", "type": "int32"}, {"field": "b", "type": "string", "optional": True}
    first, second = [envelope(1, [a], a=i) for i in range(2)], [envelope(2, [a, b], a=2, b="x")]
    for how, objects in [("NONE", ['{"a":0}\n{"a":1}\n', '{"a":2,"b":"x"}\n{"a":3,"b":null}\n', '{"a":4}\n']),
                         ("BACKWARD", ['{"a":0}\n{"a":1}\n', '{"a":2,"b":"x"}\n{"a":3,"b":null}\n{"a":4,"b":null}\n'])]:
        name = how.lower()
        stack.post(name, first + second + [envelope(2, [a, b], a=3)] + [envelope(1, [a], a=4)])
        stack.make(name, **{"schema.compatibility": how, "flush.size": "100", "value.converter.schemas.enable": "true", "rotate.schedule.interval.ms": "1000", "timezone": "UTC"})
        becomes(lambda: [v.decode() for _, v in sorted(objects_of(stack, name).items())], objects, how)
    stack.post("versions", [envelope(0, [a], a=1), envelope(0, [a, b], a=2)])
    stack.make("versions", **{"schema.compatibility": "FULL", "flush.size": "9", "value.converter.schemas.enable": "true"})
    becomes(lambda: "Schema version required for FULL compatibility" in stack.trace("versions"), True, "schemas without versions")
    stack.post("affix", [envelope(1, [a], a=1)])
    stack.make("affix", **{"s3.schema.partition.affix.type": "SUFFIX", "value.converter.schemas.enable": "true"})
    becomes(lambda: stack.keys_of("affix"), ["topics/affix/partition=0/schema_name=row/affix+0+0000000000.json"], "s3.schema.partition.affix.type")


with Worker("--set", "connect.s3.sink=10.5.13", only="rest,kafka,connect,s3,aws") as one:
    one.s3.create_bucket(Bucket="objects")
    settings(one)
    beside(one)
    schemas(one)
    lossy(one)
    parts(one)
    with Worker(only="s3") as other:
        elsewhere(one, other)
done()
