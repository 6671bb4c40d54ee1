#!/usr/bin/python3
"""The Connect worker and its S3 sink: the recorded cases of the real ones, then the users' way: requests posts to the
REST proxy, boto3 sees the objects; pause, resume, a new configuration, delete, and kill -9 in mid flow."""
import ast
import base64
import gzip
import json
import os
import re

from tarn import BUCKET, SHARED, TMP, Stack, becomes, done, need, ok, same, skip, until

requests, admin = need("requests", "kafka.admin")
KJ = {"Content-Type": "application/vnd.kafka.json.v2+json"}
KB = {"Content-Type": "application/vnd.kafka.binary.v2+json"}


class Worker(Stack):
    def __init__(self, *flags, only="rest,kafka,connect,s3,apigateway", clock=None):
        super().__init__(*flags, only=only, clock=clock)

    def __exit__(self, *_):
        self.kill()

    def call(self, method, path, body=None):
        return requests.request(method, self.at["connect"] + path, json=body)

    def post(self, topic, values):
        r = requests.post(f"{self.at['rest']}/topics/{topic}", headers=KJ, json={"records": [{"value": v} for v in values]})
        return [o["offset"] for o in r.json()["offsets"]]

    def states(self, name):
        r = self.call("GET", f"/connectors/{name}/status").json()
        return [t["state"] for t in r.get("tasks", [])] if "connector" in r else None


# ---- the recorded sink ----

def sink_cases(text):
    cases = {}
    for part in text.split("\n=== ")[1:]:
        head, *lines = part.split("\n")
        case = {"name": head.split()[0], "topic": re.search(r"topic=(\S+)", head)[1], "objects": {}}
        for line in lines:
            if line.startswith("  create "):
                case["code"], case["error"] = line.split(" ", 4)[3:5]
            elif line.startswith("  status "):
                case["status"] = ast.literal_eval(line[9:])
            elif line.startswith("  offsets "):
                case["offsets"] = line[10:]
            elif line.startswith("    b-"):
                path, _, body = line.strip().split(" ", 2)
                case["objects"][path] = ast.literal_eval(body)
        cases[case["name"]] = case
    return cases


def produce(stack, topic, batch):
    def raw(v):
        return None if v is None else base64.b64encode(bytes.fromhex(v["bytes_hex"]) if isinstance(v, dict) else v.encode()).decode()
    # The recording's producer left records without a value out (nullfail).
    records = [{"key": raw(k), "value": raw(v), "partition": 0} for k, v in batch if v is not None]
    r = requests.post(f"{stack.at['rest']}/topics/{topic}", headers=KB, json={"records": records})
    assert r.status_code == 200, r.text


def unzipped(objects):
    return {k: b"[gz] " + gzip.decompress(v) if k.endswith(".gz") else v for k, v in objects.items()}


def check_case(stack, want, given, base):
    name, topic, bucket = want["name"], want["topic"], "b-68ba5e-" + want["name"].replace("_", "-")
    topics = [topic] if name != "seed" else ["68ba5eu.pin", "68ba5eu.geo", "68ba5eu.user"]
    stack.s3.create_bucket(Bucket=bucket)
    config = dict(base, **{"s3.bucket.name": bucket, "topics": topic})
    for k, v in given["overrides"].items():
        config[k] = v
        if v is None:
            del config[k]
    if name == "seed":
        config["topics.regex"] = "68ba5eu.*"
    for t in topics:
        for batch in given["batches"]:
            produce(stack, t, batch)
    r = stack.call("POST", "/connectors", {"name": "c-" + name, "config": config})
    same((str(r.status_code), r.text if r.status_code != 201 else ""), (want["code"], want["error"]), f"{name}: created or refused")
    if r.status_code != 201:
        return
    for t in topics:
        for batch in given.get("then", []):
            produce(stack, t, batch)
    if name == "rotsched":
        until(lambda: stack.call("GET", "/connectors/c-rotsched/topics").json()["c-rotsched"]["topics"] == [topic])
        stack.clock("advance 4s")
    objects = {k.split("/", 1)[1]: v for k, v in want["objects"].items()}
    becomes(lambda: unzipped(stack.objects(bucket=bucket)), objects, f"{name}: objects, byte for byte")
    states = [s for _, s, _ in want["status"]]
    becomes(lambda: stack.states("c-" + name), states, f"{name}: task states")
    tasks = stack.call("GET", f"/connectors/c-{name}/status").json()["tasks"]
    same([t for (_, _, t), g in zip(want["status"], tasks) if t not in g.get("trace", "")], [], f"{name}: traces")
    becomes(lambda: stack.call("GET", f"/connectors/c-{name}/offsets").text, want["offsets"], f"{name}: offsets")
    stack.call("DELETE", f"/connectors/c-{name}")


def recorded_sink():
    vectors = os.path.join(SHARED, "vectors")
    if not os.path.isdir(vectors):
        return skip("the recorded sink", f"no recordings at {vectors}")
    with open(os.path.join(vectors, "confluent-s3-sink.txt")) as f:
        wants = sink_cases(f.read())
    with open(os.path.join(vectors, "confluent-s3-sink-inputs.json")) as f:
        inputs = json.load(f)
    with Worker(clock="2026-11-21T08:00:01Z") as stack:
        for name, given in inputs["cases"].items():
            check_case(stack, wants[name], given, inputs["base"])


# ---- the recorded worker ----

# Not the same here, and why.
UNLIKE = {
    "GET /admin/loggers ": "other loggers",
    "PUT /admin/loggers/org.apache.kafka.connect ": "other loggers",
    "GET /connector-plugins ": "without MirrorMaker's",
    "/connector-plugins/FileStreamSink/config ": "other plugin's settings",
    "onlyFailed=true": "what the restart before it has come to",
}


def ordered(text):
    """Pairs in their order."""
    try:
        return json.loads(text, object_pairs_hook=list)
    except ValueError:
        return text


def rest_exchange(stack, part):
    head, *rest = part.split("\n")
    body = "\n".join(rest)
    answer, tail = body.rsplit("\n--> ", 1)
    status, kind = re.match(r"(\d+) (\S*) ?location=", tail).groups()
    here = stack.at["connect"].split("//")[1]
    m = re.match(r"(?:-X (\w+) )?(?:-H (\S+): (\S+) )?http://127\.0\.0\.1:18083(\S*)(?: -d (.*))?", head)
    method, _, kind_in, path, data = m.groups()
    swap = [("127.0.0.1:18083", here), ("MkU3OEVBNTcwNTJENDM2Qg", "tarn"), ("/srv/data", TMP), ("/srv/x", TMP + "/x")]
    for a, b in swap:
        answer, path, data = answer.replace(a, b), path.replace(a, b), data and data.replace(a, b)
    label = f"{method or 'GET'} {path} {(data or '')[:60]}"
    return label, method or "GET", path, data, kind_in, int(status), kind, answer


def recorded_worker():
    vectors = os.path.join(SHARED, "vectors", "kafka-connect-rest.txt")
    if not os.path.exists(vectors):
        return skip("the recorded worker", f"no recording at {vectors}")
    with open(vectors) as f:
        parts = f.read().rstrip("\n").split("\n### ")[1:]
    with Worker() as stack:
        stack.call("DELETE", "/connectors/s3-sink")
        client = admin.KafkaAdminClient(bootstrap_servers=stack.at["kafka"])
        client.create_topics([admin.NewTopic("t1", 2, 1)])
        client.close()
        for p, v in (0, "v1"), (1, "v3"):
            requests.post(f"{stack.at['rest']}/topics/t1/partitions/{p}", headers=KB,
                          json={"records": [{"value": base64.b64encode(v.encode()).decode()}]})
        for i, part in enumerate(parts):
            label, method, path, data, kind_in, status, kind, answer = rest_exchange(stack, part)
            why = next((w for k, w in UNLIKE.items() if k in label), None)
            early = i == 4  # the status asked for at once: it may be there already

            def ask():
                return requests.request(method, stack.at["connect"] + path, data=data, headers={"Content-Type": kind_in or (
                    "application/x-www-form-urlencoded" if data else None)})

            def look():
                r = ask()
                return r.status_code, r.headers.get("Content-Type", ""), ordered(r.text)
            if why or early:
                ask()
                print(f"# not compared: {label}: {why or 'too early'}", flush=True)
                continue
            cut = len(answer) > 300 and not answer.endswith(("}", "]"))
            if cut or "available connectors" in answer or "/config/validate {" in label and status == 200:
                r = ask()
                first = r"^(.*?version='10.0.3')|^(.*?\"groups\":)"
                a, b = re.match(first, r.text, re.S), re.match(first, answer, re.S)
                same((r.status_code, a and a[0]), (status, b and b[0]), f"worker: {label} (its beginning)")
                continue
            (becomes if method == "GET" else lambda f, *rest: same(f(), *rest))(look, (status, kind, ordered(answer)), f"worker: {label}")


# ---- the users' way ----

def part_of(topic, first, values):
    return f"topics/{topic}/partition=0/{topic}+0+{first:010d}.json", "".join(json.dumps(v, separators=(",", ":")) + "\n" for v in values).encode()


def users_way(stack):
    pin, own = "0affea73130b.pin", "s3-sink"
    same(stack.call("GET", "/connectors").json(), [own], "the stack's connector is there")
    topics = requests.get(stack.at["rest"] + "/topics").json()
    config = stack.call("GET", f"/connectors/{own}/config").json()
    same(config["topics.regex"], "0affea73130b.*", "from the properties file")
    stack.post(pin, [{"ind": 7528, "t": "\u2026"}])
    want = {f"topics/{pin}/partition=0/{pin}+0+0000000000.json": '{"t":"\u2026","ind":7528}\n'.encode()}
    becomes(stack.objects, want, "flush.size=1: one post, one object, keys in a Java map's order")

    r = stack.call("PUT", f"/connectors/{own}/config", dict(config, **{"flush.size": "3"}))
    same((r.status_code, r.json()["config"]["flush.size"]), (200, "3"), "PUT a new configuration")
    rows = [{"n": i} for i in range(8)]
    stack.post(pin, rows[:2])
    stack.post("0affea73130b.geo", rows[:3])
    geo = dict([part_of("0affea73130b.geo", 0, rows[:3])])
    becomes(lambda: stack.objects(prefix="topics/0affea73130b.geo"), geo, "three records: an object")
    same(sorted(stack.keys(prefix=f"topics/{pin}")), sorted(want), "two records: none yet")
    stack.post(pin, rows[2:7])
    want.update([part_of(pin, 1, rows[0:3]), part_of(pin, 4, rows[3:6])])
    becomes(lambda: stack.objects(prefix=f"topics/{pin}"), want, "exact keys and bytes at the boundaries")
    same(requests.get(stack.at["rest"] + "/topics").json(), topics, "the worker made no topic")

    same(stack.call("PUT", f"/connectors/{own}/pause").status_code, 202, "pause")
    becomes(lambda: stack.states(own), ["PAUSED"] * 3, "the tasks are paused")
    stack.post(pin, [{"n": i} for i in range(7, 10)])
    stack.call("GET", f"/connectors/{own}/status")
    same(stack.objects(prefix=f"topics/{pin}"), want, "nothing is written meanwhile")
    stack.call("PUT", f"/connectors/{own}/resume")
    want.update([part_of(pin, 7, [{"n": i} for i in range(6, 9)])])
    becomes(lambda: stack.objects(prefix=f"topics/{pin}"), want, "resumed: no record lost, none twice")
    stack.call("POST", f"/connectors/{own}/restart?includeTasks=true")
    stack.post(pin, [{"n": i} for i in range(10, 12)])
    want.update([part_of(pin, 10, [{"n": i} for i in range(9, 12)])])
    becomes(lambda: stack.objects(prefix=f"topics/{pin}"), want, "a restart reads the unfinished object's records again")
    at = [("0affea73130b.geo", 3), (pin, 13)]
    becomes(lambda: sorted((o["partition"]["kafka_topic"], o["offset"]["kafka_offset"]) for o in
                    stack.call("GET", f"/connectors/{own}/offsets").json()["offsets"]), at, "offsets stand behind the last stored object")
    metrics = requests.get(stack.at["control"] + "/metrics").text
    ok(re.search(r"^tarn_connect_objects_total 6$", metrics, re.M), "/metrics counts the objects")

    same(stack.call("DELETE", f"/connectors/{own}").status_code, 204, "delete")
    same(stack.call("GET", f"/connectors/{own}/status").status_code, 404, "it is gone")
    stack.post(pin, rows[:6])
    same(stack.objects(prefix=f"topics/{pin}"), want, "and writes no more")
    stack.call("POST", "/connectors", {"name": own, "config": dict(config, **{"flush.size": "6"})})
    want.update([part_of(pin, 13, rows[:6])])
    becomes(lambda: stack.objects(prefix=f"topics/{pin}"), want, "made again, it goes on where it was")


def killed(stack):
    topic, posted, count = "0affea73130b.user", {}, 0
    config = stack.call("GET", "/connectors/s3-sink/config").json()
    stack.call("PUT", "/connectors/s3-sink/config", dict(config, **{"flush.size": "5"}))
    for rounds in range(6):
        for _ in range(7 + 5 * rounds):
            values = [{"id": count + i} for i in range(3)]
            count += 3
            for offset, v in zip(stack.post(topic, values), values):
                posted[offset] = v["id"]
        stack.kill()
        stack.up()
    rest = -len(posted) % 5
    for offset, v in zip(stack.post(topic, [{"id": count + i} for i in range(rest)]) if rest else [], range(count, count + rest)):
        posted[offset] = v
    same(sorted(posted), list(range(len(posted))), "killed six times: every acknowledged record has its offset")
    keys = [part_of(topic, first, [])[0] for first in range(0, len(posted), 5)]
    becomes(lambda: stack.keys(prefix=f"topics/{topic}/"), keys, "the objects begin at every fifth offset")
    got = [json.loads(line)["id"] for k, body in sorted(stack.objects(prefix=f"topics/{topic}/").items()) for line in body.splitlines()]
    same(got, [posted[o] for o in sorted(posted)], "each record is in exactly one object, in order")
    stack.kill()
    stack.up()
    becomes(lambda: stack.states("s3-sink"), ["RUNNING"] * 3, "started once more")
    same(stack.call("GET", "/connectors/s3-sink/config").json()["flush.size"], "5", "with the configuration it was given")


def reconfigured(stack):
    """flush.size changes again and again while records come in: the object's bounds move, no record is lost or doubled."""
    topic, total = "0affea73130b.pin", 0
    config = stack.call("GET", "/connectors/s3-sink/config").json()
    for size in (7, 2, 5, 3, 1, 4, 6, 2, 3, 1):
        for _ in range(4):
            stack.post(topic, [{"id": total + i} for i in range(10)])
            total += 10
        stack.call("PUT", "/connectors/s3-sink/config", dict(config, **{"flush.size": str(size)}))
    stack.call("PUT", "/connectors/s3-sink/config", dict(config, **{"flush.size": "1"}))

    def ids():
        return [json.loads(line)["id"] for k, body in sorted(stack.objects(prefix=f"topics/{topic}/").items()) for line in body.splitlines()]
    want = [{"kafka_offset": total}]
    becomes(lambda: [o["offset"] for o in stack.call("GET", "/connectors/s3-sink/offsets").json()["offsets"]], want, "reconfigured in mid flow: all is committed")
    same(ids(), list(range(total)), "each record is in exactly one object, in order")


def explained(stack):
    """What is it waiting for? Each rule that will write a partition's records, and when."""
    topic, config = "0affea73130b.pin", stack.call("GET", "/connectors/s3-sink/config").json()
    stack.call("PUT", "/connectors/s3-sink/config", dict(config, **{"flush.size": "5", "rotate.schedule.interval.ms": "3600000", "timezone": "UTC"}))

    def look():
        r = stack.call("GET", "/connectors/s3-sink/status?explain").json()
        return next(({k: p[k] for k in ("buffered_records", "position", "waiting_for")} for p in r.get("partitions", []) if p["topic"] == topic), None)
    stack.post(topic, [{"n": i} for i in range(3)])
    plan = "3 records buffered since offset 0: written after 2 more records (flush.size=5), or at 2026-11-21T09:00:00Z (rotate.schedule.interval.ms=3600000)"
    becomes(look, {"buffered_records": 3, "position": 3, "waiting_for": plan}, "explain: how many more records, or until when")
    r = stack.call("GET", "/connectors/s3-sink/status?explain").json()
    same(["partitions" in r, "partitions" in stack.call("GET", "/connectors/s3-sink/status").json()], [True, False], "only when it is asked for")
    pin = [p for p in r["partitions"] if p["topic"] == topic][0]
    same([o["key"] for o in pin["objects"]], [part_of(topic, 0, [])[0]], "explain: the object to be")
    same([f["rule"] for f in pin["flushes"]], ["flush.size", "rotate.schedule.interval.ms"], "explain: the rules")
    stack.post(topic, [{"n": 3}, {"n": 4}])
    becomes(lambda: look()["waiting_for"], "all is written: it waits for new records", "explain: written")
    out = stack.run("connector", "status", "s3-sink").stdout
    ok("0affea73130b.pin-0: all is written: it waits for new records" in out, "tarn connector status says it")
    same(stack.run("connector", "ls").stdout.splitlines()[2].split()[:3], ["s3-sink", "sink", "S3SinkConnector"], "tarn connector ls")
    same(stack.run("connector", "pause", "s3-sink").stdout, "s3-sink is paused\n", "tarn connector pause")
    becomes(lambda: look()["waiting_for"], "the connector is paused: PUT /connectors/s3-sink/resume", "explain: paused")
    same(stack.run("connector", "status", "nope").returncode, 2, "an unknown one is wrong use")


def grouped(stack):
    """The sink's offsets are those of its group in the broker: Kafka's tools see them and move them, consumer.override.* is obeyed."""
    topic, base = "0affea73130b.pin", stack.call("GET", "/connectors/s3-sink/config").json()
    tool = admin.KafkaAdminClient(bootstrap_servers=stack.at["kafka"])
    stack.call("PUT", "/connectors/s3-sink/config", dict(base, **{"flush.size": "2"}))
    stack.post(topic, [{"n": i} for i in range(5)])

    def seen(group="connect-s3-sink"):
        return {(p.topic, p.partition): o.offset for p, o in tool.list_consumer_group_offsets(group).items()}

    def told(name="s3-sink"):
        r = stack.call("GET", f"/connectors/{name}/offsets").json()["offsets"]
        return {(o["partition"]["kafka_topic"], o["partition"]["kafka_partition"]): o["offset"]["kafka_offset"] for o in r}
    becomes(seen, {(topic, 0): 4}, "group connect-s3-sink stands behind the last stored object")
    same(told(), {(topic, 0): 4}, "the worker tells the same")
    stack.call("PUT", "/connectors/s3-sink/stop")
    change = {"offsets": [{"partition": {"kafka_topic": topic, "kafka_partition": 0}, "offset": {"kafka_offset": 1}}]}
    same(stack.call("PATCH", "/connectors/s3-sink/offsets", change).status_code, 200, "altered while it is stopped")
    same(seen(), {(topic, 0): 1}, "tools see it")
    change["offsets"][0]["offset"] = None
    same((stack.call("PATCH", "/connectors/s3-sink/offsets", change).status_code, seen()), (200, {}), "taken away")
    same((stack.call("DELETE", "/connectors/s3-sink/offsets").status_code, told()), (200, {}), "reset")
    stack.call("PUT", "/connectors/s3-sink/resume")
    becomes(seen, {(topic, 0): 4}, "it reads from the beginning again")

    stack.call("POST", "/connectors", {"name": "late", "config": dict(base, **{
        "name": "late", "flush.size": "1", "topics.dir": "late", "consumer.override.auto.offset.reset": "latest", "consumer.override.group.id": "mine"})})
    becomes(lambda: next((p["position"] for p in stack.call("GET", "/connectors/late/status?explain").json().get("partitions", []) if p["topic"] == topic and "position" in p), None),
            5, "latest: it begins at the end")
    stack.post(topic, [{"n": 5}])
    becomes(lambda: stack.objects(prefix="late/"), {f"late/{topic}/partition=0/{topic}+0+0000000005.json": b'{"n":5}\n'}, "and writes what comes then")
    becomes(lambda: seen("mine"), {(topic, 0): 6}, "in the group of its name")
    for name, override, why in [("none", {"auto.offset.reset": "none"}, "Undefined offset with no reset policy for partitions: [0affea73130b."),
                                ("bad", {"auto.offset.reset": "sometimes"}, "Invalid value sometimes for configuration auto.offset.reset"),
                                ("word", {"fetch.min.bytes": "many"}, "Invalid value many for configuration fetch.min.bytes: Not a number of type INT"),
                                ("truth", {"check.crcs": "2"}, "Invalid value 2 for configuration check.crcs: Expected value to be either true or false"),
                                ("less", {"max.poll.records": "0"}, "Invalid value 0 for configuration max.poll.records: Value must be at least 1")]:
        config = dict(base, name=name, **{"tasks.max": "1", **{"consumer.override." + k: v for k, v in override.items()}})
        stack.call("POST", "/connectors", {"name": name, "config": config})
        becomes(lambda: why in stack.call("GET", f"/connectors/{name}/status").text, True, f"{override}: the task fails")
    tool.close()


def kept(stack):
    """A group without members loses its offsets after a week; the sink's stay, as those of a group whose members run."""
    topic, base = "0affea73130b.pin", stack.call("GET", "/connectors/s3-sink/config").json()
    stack.call("PUT", "/connectors/s3-sink/config", dict(base, **{"flush.size": "2"}))
    stack.post(topic, [{"n": i} for i in range(4)])
    at = [{"kafka_offset": 4}]

    def told():
        return [o["offset"] for o in stack.call("GET", "/connectors/s3-sink/offsets").json()["offsets"]]
    becomes(told, at, "four records are stored")
    stack.clock("advance 20d")
    stack.kill()
    stack.up()
    stack.call("PUT", "/connectors/s3-sink/config", dict(base, **{"flush.size": "1"}))
    becomes(lambda: (stack.states("s3-sink"), told()), (["RUNNING"] * 3, at), "weeks later, and started anew, it stands where it was")
    same(stack.keys(prefix=f"topics/{topic}/"), [part_of(topic, i, [])[0] for i in (0, 2)], "nothing was written again")
    stack.call("PUT", "/connectors/s3-sink/stop")
    tool = admin.KafkaAdminClient(bootstrap_servers=stack.at["kafka"])
    becomes(lambda: [e[1].__name__ for e in tool.delete_consumer_groups(["connect-s3-sink"])], ["NoError"], "a tool deletes the group of a stopped connector")
    tool.close()
    stack.call("PUT", "/connectors/s3-sink/resume")

    def look():
        r = stack.call("GET", "/connectors/s3-sink/status?explain").json().get("partitions", [])
        return [(p.get("position"), p.get("committed_offset")) for p in r if p["topic"] == topic]
    becomes(look, [(4, None)], "then it begins where the topic begins by now")


def away(store, worker):
    """The store dies and comes back at its port: what was posted meanwhile arrives."""
    topic = "0affea73130b.geo"
    config = worker.call("GET", "/connectors/s3-sink/config").json()
    worker.call("PUT", "/connectors/s3-sink/config", dict(config, **{"flush.size": "1", "retry.backoff.ms": "100", "s3.part.retries": "1"}))
    worker.post(topic, [{"id": 0}])
    first = dict([part_of(topic, 0, [{"id": 0}])])
    becomes(lambda: store.objects(prefix=f"topics/{topic}/"), first, "an object while the store is up")
    store.kill()
    store.flags += ("--set", f"ports.aws={store.address('aws')[1]}")
    worker.post(topic, [{"id": i} for i in range(1, 6)])
    failures = lambda: int(re.search(r"^tarn_connect_put_failures_total (\d+)$", requests.get(worker.at["control"] + "/metrics").text, re.M)[1]) > 10
    ok(until(failures), "puts fail while it is away")
    store.up()
    want = dict(part_of(topic, i, [{"id": i}]) for i in range(6))
    becomes(lambda: store.objects(prefix=f"topics/{topic}/"), want, "all of it arrives when it is back")
    same(worker.states("s3-sink"), ["RUNNING"] * 3, "and no task has failed")


def remote(name, boxes_only, worker_only):
    """The worker in another process than the store (and the broker), which it reaches by their protocols."""
    topic = "0affea73130b.pin"
    with Worker(only=boxes_only) as boxes:
        kafka = boxes.at.get("kafka")
        flags = ["--set", f"remote.s3={boxes.at['aws']}"] + (["--set", f"remote.kafka={kafka}"] if kafka else [])
        with Worker(*flags, only=worker_only) as worker:
            log = boxes if kafka else worker
            log.post(topic, [{"n": 0}, {"n": 1}])
            want = dict(part_of(topic, i, [{"n": i}]) for i in range(2))
            becomes(boxes.objects, want, f"{name}: the same objects")
            config = worker.call("GET", "/connectors/s3-sink/config").json()
            worker.call("PUT", "/connectors/s3-sink/config", dict(config, **{"flush.size": "4"}))
            log.post(topic, [{"n": i} for i in range(2, 5)])
            worker.kill()
            if not kafka:
                worker.up()
            log.post(topic, [{"n": i} for i in range(5, 12)])
            if kafka:
                worker.up()
            want.update(part_of(topic, i, [{"n": j} for j in range(i, i + 4)]) for i in (2, 6))
            becomes(boxes.objects, want, f"{name}: killed and started, it goes on at the committed offset")
            same(worker.states("s3-sink"), ["RUNNING"] * 3, f"{name}: its tasks run")
    if not kafka:
        with Worker(only="s3") as store:
            with Worker("--set", f"remote.s3={store.at['aws']}", only="kafka,rest,connect") as worker:
                worker.s3 = store.s3
                reconfigured(worker)
                away(store, worker)


recorded_sink()
recorded_worker()
for part in (users_way, killed, reconfigured, grouped):
    with Worker() as stack:
        part(stack)
with Worker(clock="2026-11-21T08:00:01Z") as one:
    explained(one)
with Worker(clock="2026-11-21T08:00:01Z") as one:
    kept(one)
remote("remote S3", "s3", "kafka,rest,connect")
remote("remote S3 and Kafka", "kafka,rest,s3", "connect")
done()
