#!/usr/bin/python3
"""What a connector's settings do on the way of a record: transforms with predicates, converters with schemas, headers, dead letters; and what
the worker says of settings that are wrong. Texts and results are Kafka Connect 4.0's and the S3 sink's 10.0.3 and 10.5.13."""
import base64
import json
import os

from tarn import TMP, Stack, becomes, done, need, ok, same

requests = need("requests")
KB = {"Content-Type": "application/vnd.kafka.binary.v2+json"}
T = "org.apache.kafka.connect.transforms."
C = "org.apache.kafka.connect.converters."
BASE = {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector", "s3.region": "us-east-1", "flush.size": "1", "tasks.max": "1", "s3.bucket.name": "smt",
    "storage.class": "io.confluent.connect.s3.storage.S3Storage", "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false"}
RECORD = '{"n":1,"ts":"2024-07-01T10:15:00Z","u":{"a":1}}'
ENVELOPE = '{"schema":{"type":"struct","fields":[{"field":"a","type":"int32"}]},"payload":{"a":1}}'


def x(kind, **settings):
    return dict({"transforms": "x", "transforms.x.type": T + kind}, **{f"transforms.x.{k.replace('_', '.')}": v for k, v in settings.items()})


# name, settings, record -> the object's text
RESULTS = [
    ("InsertField", x("InsertField$Value", static_field="s", static_value="v"), RECORD, '{"s":"v","u":{"a":1},"n":1,"ts":"2024-07-01T10:15:00Z"}\n'),
    ("ExtractField", x("ExtractField$Value", field="n"), RECORD, "1\n"),
    ("TimestampConverter", x("TimestampConverter$Value", field="ts", format="yyyy-MM-dd'T'HH:mm:ss'Z'", target_type="unix"), RECORD, '{"u":{"a":1},"n":1,"ts":1719828900000}\n'),
    ("a chain", {"transforms": "a, b", "transforms.a.type": T + "Flatten$Value", "transforms.b.type": T + "ReplaceField$Value", "transforms.b.renames": "u.a:ua",
                 "transforms.b.exclude": "ts"}, RECORD, '{"ua":1,"n":1}\n'),
    ("Cast and Mask", {"transforms": "a,b", "transforms.a.type": T + "Cast$Value", "transforms.a.spec": "n:string", "transforms.b.type": T + "MaskField$Value",
                       "transforms.b.fields": "ts"}, RECORD, '{"u":{"a":1},"n":"1","ts":""}\n'),
    ("a predicate that isn't met", dict(x("InsertField$Value", static_field="s", static_value="v", predicate="p"),
                                        **{"predicates": "p", "predicates.p.type": T + "predicates.RecordIsTombstone"}), '{"n":1}', '{"n":1}\n'),
    ("negate", dict(x("InsertField$Value", static_field="s", static_value="v", predicate="p", negate="true"),
                    **{"predicates": "p", "predicates.p.type": T + "predicates.RecordIsTombstone"}), '{"n":1}', '{"n":1,"s":"v"}\n'),
    ("RegexRouter that doesn't match", x("RegexRouter", regex="nope", replacement="y"), '{"n":1}', '{"n":1}\n'),
    ("ValueToKey stays beside the value", x("ValueToKey", fields="n"), '{"n":1}', '{"n":1}\n'),
    ("a Struct", {"value.converter.schemas.enable": "true"}, ENVELOPE, '{"a":1}\n'),
    ("a Struct, transformed", dict(x("InsertField$Value", topic_field="t!"), **{"value.converter.schemas.enable": "true"}), ENVELOPE, '{"a":1,"t":"r10"}\n'),
    ("longs", {"value.converter": C + "LongConverter"}, bytes(7) + b"\x05", "5\n"),
    ("integers", {"value.converter": C + "IntegerConverter"}, b"\xff\xff\xff\xfe", "-2\n"),
    ("shorts", {"value.converter": C + "ShortConverter"}, b"\x01\x00", "256\n"),
    ("doubles", {"value.converter": C + "DoubleConverter"}, b"\x3f\xf8" + bytes(6), "1.5\n"),
    ("floats", {"value.converter": C + "FloatConverter"}, b"\x3f\xc0\x00\x00", "1.5\n"),
    ("booleans", {"value.converter": C + "BooleanConverter"}, b"\x01", "true\n"),
    ("a character set", {"value.converter": "String", "value.converter.converter.encoding": "ISO-8859-1"}, b"caf\xe9", '"caf\u00e9"\n'),
]
# name, settings, record -> what the task fails with
FAILURES = [
    ("TimestampRouter", x("TimestampRouter"), "{}", "java.lang.NullPointerException"),
    ("RegexRouter", x("RegexRouter", regex="(.*)", replacement="y$1"), "{}", "at io.confluent.connect.s3.S3SinkTask.put"),
    ("no map", x("InsertField$Value", static_field="s", static_value="v"), "1",
     "Caused by: org.apache.kafka.connect.errors.DataException: Only Map objects supported in absence of schema for [field insertion], found: java.lang.Long\n"),
    ("its frames", x("Cast$Value", spec="int8"), '"300"', "at org.apache.kafka.connect.runtime.TransformationChain.apply(TransformationChain.java:57)"),
    ("its cause", x("Cast$Value", spec="int8"), '"300"', 'Caused by: java.lang.NumberFormatException: Value out of range. Value:"300" Radix:10'),
    ("nothing to insert", x("InsertField$Value"), None, "org.apache.kafka.common.config.ConfigException: No field insertion configured"),
    ("a predicate that isn't there", x("Filter", predicate="p"), None, "ConfigException: Unknown configuration 'predicates.p.type'"),
    ("four bytes", {"value.converter": C + "IntegerConverter"}, "abc", "Size of data received by IntegerDeserializer is not 4"),
    ("an unknown type", {"value.converter.schemas.enable": "true"}, '{"schema":{"type":"foo"},"payload":1}', "DataException: Unknown schema type: foo"),
    ("no int", {"value.converter.schemas.enable": "true"}, '{"schema":{"type":"int32"},"payload":null}', "DataException: Invalid null value for required INT32 field"),
]
BAD = "Invalid value %s for configuration %s: %s"
# settings -> the error
REFUSALS = [
    (x("x", type="no.Such"), BAD % ("no.Such", "transforms.x.type", "Class no.Such could not be found.")),
    (x("InsertField"), "This class is abstract and cannot be created. Did you mean %sInsertField$Key, %sInsertField$Value?" % (T + "", T + "")),
    (x("MaskField$Value", fields=""), BAD % ("[]", "fields", "Empty list")),
    (x("Filter", negate="true"), "Config 'transforms.x.negate' was provided but there is no config 'transforms.x.predicate' defining a predicate to be negated."),
    ({"transforms": "x,x", "transforms.x.type": T + "Filter"}, BAD % ("[x, x]", "transforms", "Duplicate alias provided.")),
    ({"predicates": "p", "predicates.p.type": "no.Such"}, BAD % ("no.Such", "predicates.p.type", "Class no.Such could not be found.")),
    ({"header.converter": "no.Such"}, BAD % ("no.Such", "header.converter", "Class no.Such could not be found.")),
    ({"value.converter.schemas.enable": "zz"}, BAD % ("zz", "schemas.enable", "Expected value to be either true or false")),
    ({"s3.part.size": "1"}, BAD % ("1", "s3.part.size", "Part size must be at least: 5242880 bytes (5MB)")),
    ({"s3.part.size": "x"}, BAD % ("x", "s3.part.size", "Not a number of type INT") + "\n" + BAD % ("null", "s3.part.size", "Part size must be non-null")),
    ({"s3.acl.canned": "nope"}, BAD % ("nope", "s3.acl.canned", "Value must be one of: private, public-read, public-read-write, authenticated-read, log-delivery-write, "
                                       "bucket-owner-read, bucket-owner-full-control, aws-exec-read")),
    ({"s3.ssea.name": "zzz"}, BAD % ("zzz", "s3.ssea.name", "String must be one of: , AES256, aws:kms")),
    ({"s3.wan.mode": "zz"}, BAD % ("zz", "s3.wan.mode", "Expected value to be either true or false")),
    ({"enhanced.avro.schema.support": "zz"}, BAD % ("zz", "enhanced.avro.schema.support", "Expected value to be either true or false")),
    ({"errors.log.enable": "zz"}, BAD % ("zz", "errors.log.enable", "Expected value to be either true or false")),
    ({"errors.retry.timeout": "x"}, BAD % ("x", "errors.retry.timeout", "Not a number of type LONG")),
    ({"config.action.reload": "zz"}, BAD % ("zz", "config.action.reload", "String must be one of: none, restart")),
    ({"errors.tolerance": "ALL"}, BAD % ("ALL", "errors.tolerance", "String must be one of: none, all")),
    ({"timezone": "Nope/Zone"}, BAD % ("Nope/Zone", "timezone", "The datetime zone id 'Nope/Zone' is not recognised")),
    ({"s3.compression.level": "10"}, BAD % ("10", "s3.compression.level", "Value must be no more than 9")),
    ({"avro.codec": "zz"}, BAD % ("zz", "avro.codec", "String must be one of: null, deflate, snappy, bzip2")),
    ({"behavior.on.null.values": "write"}, BAD % ("write", "behavior.on.null.values", "String must be one of: ignore, fail")),
    ({"s3.credentials.provider.class": "java.lang.String"}, BAD % ("class java.lang.String", "s3.credentials.provider.class",
                                                                 "Class must extend: interface com.amazonaws.auth.AWSCredentialsProvider")),
    ({"errors.deadletterqueue.topic.name": "bad25"}, "The DLQ topic 'bad25' may not be included in the list of topics ('topics=[bad25]') consumed by the connector"),
]


def produce(stack, topic, value, key=None):
    value = value.encode() if isinstance(value, str) else value
    record = {"value": base64.b64encode(value).decode(), "partition": 0}
    if key:
        record["key"] = base64.b64encode(key.encode()).decode()
    r = requests.post(f"{stack.at['rest']}/topics/{topic}", headers=KB, json={"records": [record]})
    assert r.status_code == 200, r.text


def create(stack, name, settings):
    config = {k: v for k, v in dict(BASE, topics=name, **settings).items() if v is not None}
    return requests.post(f"{stack.at['connect']}/connectors", json={"name": name, "config": config})


def trace(stack, name):
    r = requests.get(f"{stack.at['connect']}/connectors/{name}/status").json()
    return "".join(t.get("trace", "") for t in r.get("tasks", []))


def objects(stack, topic):
    keys = stack.keys(bucket="smt", prefix=f"topics/{topic}/")
    return "".join(stack.s3.get_object(Bucket="smt", Key=k)["Body"].read().decode() for k in keys)


def results(stack):
    for i, (name, settings, value, want) in enumerate(RESULTS):
        produce(stack, f"r{i}", value)
        same(create(stack, f"r{i}", settings).status_code, 201, f"{name}: made")
        becomes(lambda: objects(stack, f"r{i}"), want, name)


def failures(stack):
    for i, (name, settings, value, want) in enumerate(FAILURES):
        produce(stack, f"e{i}", value or "{}")
        same(create(stack, f"e{i}", settings).status_code, 201, f"{name}: made")
        becomes(lambda: want in trace(stack, f"e{i}"), True, f"{name}: the task fails")


def refusals(stack):
    for i, (settings, want) in enumerate(REFUSALS):
        r = create(stack, f"bad{i}" if "errors.deadletterqueue.topic.name" not in settings else "bad25", settings)
        same((r.status_code, r.json()["message"].split("\n")[1:-1]), (400, want.split("\n")), f"refused: {settings}")
    for region in ("eu-west-2", "ap-southeast-3"):
        same(create(stack, f"region-{region}", {"s3.region": region}).status_code, 201, f"{region} is a region")
    r = requests.put(f"{stack.at['connect']}/connector-plugins/S3SinkConnector/config/validate",
                     json=dict(BASE, name="v", topics="t", **x("Cast$Value", spec="a:foo"))).json()
    row = [c for c in r["configs"] if c["value"]["name"] == "transforms.x.spec"][0]
    same((r["error_count"], row["definition"]["group"], len(row["value"]["errors"])), (1, "Transforms: x", 1), "validate shows the transform's settings")
    same(r["groups"], ["Common", "Transforms", "Predicates", "Error Handling", "Transforms: x", "Connector", "Schema", "S3", "Keys and Headers", "Storage",
                       "Partitioner", "Schemas", "Serialization"], "and groups")


def filtered(stack):
    """Nothing is written of what a Filter drops, and the offset goes on."""
    produce(stack, "gone", "{}")
    same(create(stack, "gone", x("Filter", predicate="p") | {"predicates": "p", "predicates.p.type": T + "predicates.TopicNameMatches", "predicates.p.pattern": "go.*"}).status_code,
         201, "Filter")
    produce(stack, "gone", "{}")
    becomes(lambda: [o["offset"] for o in requests.get(f"{stack.at['connect']}/connectors/gone/offsets").json()["offsets"]], [{"kafka_offset": 2}], "the offset goes on")
    same(objects(stack, "gone"), "", "nothing is written")


def letters(stack):
    """Records that fail go to the dead letter queue as they were, with what was wrong in ten headers."""
    want = {"errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dead", "errors.deadletterqueue.topic.replication.factor": "1",
            "errors.deadletterqueue.context.headers.enable": "true"}
    produce(stack, "ill", "not json", "k1")
    produce(stack, "ill", '{"n":1}')
    produce(stack, "ill", "5")
    create(stack, "ill", dict(x("HoistField$Key", field="id"), **want))
    becomes(lambda: objects(stack, "ill"), '{"n":1}\n5\n', "the good ones are written")
    rows = stack.records("dead")
    same([(r.key, r.value) for r in rows], [(b"k1", b"not json")], "the bad one is in the queue")
    headers = {k: v.decode() for k, v in rows[0].headers if k != "tarn-trace"}
    first = "org.apache.kafka.connect.errors.DataException: Converting byte[] to Kafka Connect data failed due to serialization error: \n"
    ok(headers.pop("__connect.errors.exception.stacktrace").startswith(first), "its trace")
    same(headers, {"__connect.errors." + k: v for k, v in {
        "topic": "ill", "partition": "0", "offset": "0", "connector.name": "ill", "task.id": "0", "stage": "VALUE_CONVERTER",
        "class.name": "org.apache.kafka.connect.json.JsonConverter", "exception.class.name": "org.apache.kafka.connect.errors.DataException",
        "exception.message": "Converting byte[] to Kafka Connect data failed due to serialization error: "}.items()}, "and the other nine")
    produce(stack, "sick", "5")
    create(stack, "sick", dict(x("Flatten$Value"), **dict(want, **{"errors.deadletterqueue.topic.name": "dead2"})))
    becomes(lambda: len(stack.records("dead2")), 1, "a transform's, too")
    headers = {k: v.decode() for k, v in stack.records("dead2")[0].headers}
    same((headers["__connect.errors.stage"], headers["__connect.errors.class.name"]), ("TRANSFORMATION", T + "Flatten$Value"), "with its class")


def lines(stack):
    """Transforms of a source: a file's lines."""
    path = os.path.join(TMP, "lines.txt")
    with open(path, "w", encoding="utf-8") as f:
        f.write("one\nskip\n")
    config = dict(x("HoistField$Value", field="line"), **{"connector.class": "FileStreamSource", "file": path, "topic": "raw", "value.converter": BASE["value.converter"],
                  "value.converter.schemas.enable": "false", "transforms": "x,h,r", "transforms.h.type": T + "InsertHeader", "transforms.h.header": "from",
                  "transforms.h.value.literal": "[1,2]", "transforms.r.type": T + "RegexRouter", "transforms.r.regex": "raw", "transforms.r.replacement": "cooked"})
    same(requests.post(f"{stack.at['connect']}/connectors", json={"name": "lines", "config": config}).status_code, 201, "a source with transforms")
    becomes(lambda: [(r.value, r.headers) for r in stack.records("cooked")],
            [(json.dumps({"line": w}, separators=(",", ":")).encode(), [("from", b"[1,2]")]) for w in ("one", "skip")], "its records come to another topic, with a header")


class Worker(Stack):
    def records(self, topic):
        kafka = need("kafka")
        consumer = kafka.KafkaConsumer(bootstrap_servers=self.at["kafka"], auto_offset_reset="earliest", consumer_timeout_ms=300)
        part = kafka.TopicPartition(topic, 0)
        try:
            if topic not in consumer.topics():
                return []
            consumer.assign([part])
            end = consumer.end_offsets([part])[part]
            rows = []
            while len(rows) < end:
                for batch in consumer.poll(timeout_ms=2000).values():
                    rows += batch
            return rows
        finally:
            consumer.close()


def main():
    with Worker(only="rest,kafka,connect,s3") as stack:
        stack.s3.create_bucket(Bucket="smt")
        results(stack)
        failures(stack)
        refusals(stack)
        filtered(stack)
        letters(stack)
        lines(stack)
    with Worker(only="rest,kafka,connect,s3", conf="[connect]\ns3.sink = 10.5.13\n[kafka]\nauto_create = off\n") as stack:
        same([p["version"] for p in requests.get(f"{stack.at['connect']}/connector-plugins").json() if "s3" in p["class"]], ["10.5.13"], "the other plugin")
        r = create(stack, "tomb", {"behavior.on.null.values": "write"}).json()["message"]
        same(r.split("\n")[1:-1], ["Writing Kafka record keys to storage is mandatory when tombstone writing is enabled."] * 2, "has its own rules")
        same(create(stack, "none", {"errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dead3"}).status_code, 201, "no topics are made on demand")
        rest = stack.at["rest"] + "/v3/clusters/"
        cluster = requests.get(rest).json()["data"][0]["cluster_id"]
        becomes(lambda: requests.get(f"{rest}{cluster}/topics/dead3").json().get("partitions_count"), 1, "but a dead letter queue is")


if __name__ == "__main__":
    main()
    done()
