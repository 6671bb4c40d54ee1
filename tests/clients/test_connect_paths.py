#!/usr/bin/python3
"""Where the sink puts records: partitioners over whole Joda patterns, languages, zones, extractors; which mistakes are refused when a
connector is made and which fail its tasks. The expected texts are TimeBasedPartitioner's and Joda-Time's."""
import base64

from tarn import Stack, becomes, done, need, ok, same

requests = need("requests")
KB = {"Content-Type": "application/vnd.kafka.binary.v2+json"}
PART = "io.confluent.connect.storage.partitioner."
BASE = {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector", "s3.region": "us-east-1", "flush.size": "1", "tasks.max": "1", "s3.bucket.name": "paths",
    "storage.class": "io.confluent.connect.s3.storage.S3Storage", "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "key.converter": "org.apache.kafka.connect.storage.StringConverter",
    "value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
    "partitioner.class": PART + "TimeBasedPartitioner", "partition.duration.ms": "3600000", "path.format": "YYYY-MM-dd/HH", "locale": "en",
    "timezone": "UTC", "timestamp.extractor": "RecordField", "timestamp.field": "ts"}
NOON = '{"n":1,"ts":1719830730123}'
# name, settings, record -> folder
FOLDERS = [
    ("names", {"path.format": "YYYY/MMM/EEE"}, NOON, "2024/Jul/Mon"),
    ("day of year", {"path.format": "DDD"}, NOON, "183"),
    ("half days", {"path.format": "hh a"}, NOON, "10 AM"),
    ("week years", {"path.format": "xxxx"}, '{"ts":"2024-12-30T00:00:00Z"}', "2025"),
    ("French", {"path.format": "MMM", "locale": "fr"}, NOON, "juil."),
    ("en", {"path.format": "MMMM-EEEE"}, NOON, "July-Monday"),
    ("en-US is no language", {"path.format": "MMMM-EEEE", "locale": "en-US"}, NOON, "Jul-Mon"),
    ("Paris", {"timezone": "Europe/Paris"}, NOON, "2024-07-01/12"),
    ("an offset", {"timezone": "-03:30", "path.format": "HH:mm ZZ"}, NOON, "07:00 -03:30"),
    ("Daily", {"partitioner.class": PART + "DailyPartitioner", "timezone": "Asia/Tokyo"}, '{"ts":1719846000000}', "year=2024/month=07/day=02"),
    ("Hourly", {"partitioner.class": PART + "HourlyPartitioner", "timezone": "Asia/Kolkata"}, NOON, "year=2024/month=07/day=01/hour=16"),
    ("a delimiter at the end", {"path.format": "YYYY/"}, NOON, "2024"),
    ("nested", {"timestamp.field": "a.b.ts", "path.format": "YYYY"}, '{"a":{"b":{"ts":1719830730123}}}', "2024"),
    ("digits", {"path.format": "YYYY"}, '{"ts":"1719830730123"}', "2024"),
    ("a fraction", {"path.format": "YYYY"}, '{"ts":1719830730123.9}', "2024"),
    ("ISO", {}, '{"ts":"2024-07-01T10:15:00+02:00"}', "2024-07-01/08"),
    ("ISO, a date", {}, '{"ts":"2024-07-01"}', "2024-07-01/00"),
    ("extractor's full name", {"timestamp.extractor": PART + "TimeBasedPartitioner$RecordFieldTimestampExtractor", "path.format": "YYYY"}, NOON, "2024"),
    ("Default", {"partitioner.class": PART + "DefaultPartitioner"}, NOON, "partition=0"),
]
ENVELOPE = '{"schema":{"type":"struct","fields":[%s]},"payload":%s}'
FIELD = {"partitioner.class": PART + "FieldPartitioner", "value.converter.schemas.enable": "true"}
CITY = ENVELOPE % ('{"field":"city","type":"string"},{"field":"n","type":"int32"},{"field":"b","type":"boolean"},{"field":"f","type":"double"}',
                   '{"city":"Lyon","n":7,"b":true,"f":1.5}')
FOLDERS += [
    ("one field", dict(FIELD, **{"partition.field.name": "city"}), CITY, "city=Lyon"),
    ("three fields", dict(FIELD, **{"partition.field.name": "city, n,b"}), CITY, "city=Lyon/n=7/b=true"),
    ("a Struct's INT64", {"value.converter.schemas.enable": "true"}, ENVELOPE % ('{"field":"ts","type":"int64"}', '{"ts":1719830730123}'), "2024-07-01/10"),
    ("a Struct's Timestamp", {"value.converter.schemas.enable": "true"},
     ENVELOPE % ('{"field":"ts","type":"int64","name":"org.apache.kafka.connect.data.Timestamp"}', '{"ts":1719830730123}'), "2024-07-01/10"),
]
# name, settings, record -> what the tasks fail with
FAILURES = [
    ("an unknown letter", {"path.format": "YYYY/b"}, None, "\nCaused by: java.lang.IllegalArgumentException: Illegal pattern component: b"),
    ("no locale", {"locale": ""}, None, "Invalid value  for configuration locale: Locale cannot be empty."),
    ("no zone", {"timezone": ""}, None, "Invalid value  for configuration timezone: Timezone cannot be empty."),
    ("no path", {"path.format": ""}, None, "Path format cannot be empty."),
    ("no duration", {"partition.duration.ms": None}, None, "Invalid value -1 for configuration partition.duration.ms: Partition duration needs to be a positive."),
    ("duration 0", {"partition.duration.ms": "0"}, NOON, "java.lang.ArithmeticException: / by zero"),
    ("an unknown extractor", {"timestamp.extractor": "my.Extractor"}, None, "Invalid timestamp extractor: my.Extractor"),
    ("its class", {"timestamp.extractor": "my.Extractor"}, None, "\nCaused by: java.lang.ClassNotFoundException: my.Extractor"),
    ("no such field", {}, '{"n":1}', "The field 'ts' does not exist in"),
    ("a blank in a time", {}, '{"ts":"2020-08-28 03:52:47"}', 'Invalid format: "2020-08-28 03:52:47" is malformed at " 03:52:47"'),
    ("a truth value", {}, '{"ts":true}', "Error extracting timestamp from record field: ts"),
    ("a field of a Map", {"partitioner.class": PART + "FieldPartitioner", "partition.field.name": "n"}, NOON, "PartitionException: Error encoding partition."),
    ("a double", dict(FIELD, **{"partition.field.name": "f"}), CITY, "PartitionException: Error encoding partition."),
    ("no such field of a Struct", dict(FIELD, **{"partition.field.name": "x"}), CITY, "DataException: x is not a valid field name"),
    ("no object", {}, "[1]", "Error encoding partition."),
]


def produce(stack, topic, value):
    record = {"value": base64.b64encode(value.encode()).decode(), "partition": 0}
    r = requests.post(f"{stack.at['rest']}/topics/{topic}", headers=KB, json={"records": [record]})
    assert r.status_code == 200, r.text


def create(stack, name, settings):
    config = {k: v for k, v in dict(BASE, topics=name, **settings).items() if v is not None}
    return requests.post(f"{stack.at['connect']}/connectors", json={"name": name, "config": config})


def trace(stack, name):
    r = requests.get(f"{stack.at['connect']}/connectors/{name}/status").json()
    return r["connector"]["state"] + " " + "".join(t.get("trace", "") for t in r["tasks"]) if "connector" in r else ""


def folders(stack):
    for i, (name, settings, value, want) in enumerate(FOLDERS):
        topic = f"f{i}"
        produce(stack, topic, value)
        same(create(stack, topic, settings).status_code, 201, f"{name}: made")
        becomes(lambda: stack.keys(bucket="paths", prefix=f"topics/{topic}/"), [f"topics/{topic}/{want}/{topic}+0+0000000000.json"], name)


def failures(stack):
    for i, (name, settings, value, want) in enumerate(FAILURES):
        topic = f"e{i}"
        produce(stack, topic, value or NOON)
        same(create(stack, topic, settings).status_code, 201, f"{name}: made")
        becomes(lambda: want in trace(stack, topic) and trace(stack, topic)[:8], "RUNNING ", f"{name}: the task fails")


def schedule(stack):
    """Midnight of the zone ends a day's last span."""
    same(create(stack, "plan", {"partitioner.class": PART + "DefaultPartitioner", "flush.size": "9", "rotate.schedule.interval.ms": "25200000",
                                "timezone": "Asia/Kolkata"}).status_code, 201, "a schedule of seven hours")
    becomes(lambda: "RUNNING " in trace(stack, "plan"), True, "it runs")
    produce(stack, "plan", NOON)
    becomes(lambda: requests.get(f"{stack.at['connect']}/connectors/plan/topics").json()["plan"]["topics"], ["plan"], "a record is read")
    stack.clock("advance 2h")  # 17:45Z is 23:15 in Kolkata
    same(stack.keys(bucket="paths", prefix="topics/plan/"), [], "none yet")
    stack.clock("advance 45m")
    becomes(lambda: stack.keys(bucket="paths", prefix="topics/plan/"), ["topics/plan/partition=0/plan+0+0000000000.json"], "written at midnight in Kolkata")


def main():
    with Stack(only="rest,kafka,connect,s3", clock="2024-07-01T15:45:00Z") as stack:
        stack.s3.create_bucket(Bucket="paths")
        folders(stack)
        failures(stack)
        schedule(stack)
        r = create(stack, "zone", {"timezone": "Nope/Zone"})
        ok("The datetime zone id 'Nope/Zone' is not recognised" in (r.text + trace(stack, "zone")), "an unknown zone is told")


if __name__ == "__main__":
    main()
    done()
