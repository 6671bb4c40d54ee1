#!/usr/bin/python3
"""Kafka's own connectors, FileStreamSource and FileStreamSink, and what the worker says beside connectors: plugins, loggers, restarts."""
import json
import os

from tarn import TMP, Stack, becomes, done, need, ok, same

requests = need("requests")
KJ = {"Content-Type": "application/vnd.kafka.json.v2+json"}
STRING = "org.apache.kafka.connect.storage.StringConverter"


class Worker(Stack):
    def __exit__(self, *_):
        self.kill()

    def call(self, method, path, body=None):
        return requests.request(method, self.at["connect"] + path, json=body)

    def make(self, name, **config):
        config = {k.replace("_", "."): v for k, v in config.items()}
        return self.call("PUT", f"/connectors/{name}/config", config)

    def post(self, topic, values):
        assert requests.post(f"{self.at['rest']}/topics/{topic}", headers=KJ, json={"records": [{"value": v} for v in values]}).status_code == 200


def text(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        return f.read()


def add(path, more):
    with open(path, "a", encoding="utf-8", newline="") as f:
        f.write(more)


def round_trip(stack):
    """A file's lines through a topic into another file."""
    here, there = os.path.join(TMP, "in.txt"), os.path.join(TMP, "out.txt")
    r = stack.make("in", connector_class="FileStreamSource", file=here, topic="lines", value_converter=STRING, key_converter=STRING)
    same((r.status_code, r.json()["type"]), (201, "source"), "a source is made before its file is there")
    same(stack.make("out", connector_class="FileStreamSink", file=there, topics="lines", value_converter=STRING, key_converter=STRING).status_code, 201, "a sink")
    add(here, "one\ntwo\r\nthree\rh\u00e9llo\nhalf")
    becomes(lambda: text(there), "one\ntwo\nthree\nh\u00e9llo\n", "whole lines, however they end")
    want = {"offsets": [{"partition": {"filename": here}, "offset": {"position": 22}}]}
    becomes(lambda: stack.call("GET", "/connectors/in/offsets").json(), want, "the source's offset is its place in the file")
    becomes(lambda: stack.call("GET", "/connectors/out/offsets").json()["offsets"][0]["offset"], {"kafka_offset": 4}, "the sink's is its group's")
    told = stack.call("GET", "/connectors/in/status?explain").json()["waiting_for"]
    same(told.split(":")[0], "new lines of its file", "what a source waits for")
    same(stack.call("GET", "/connectors/in/topics").json(), {"in": {"topics": ["lines"]}}, "the source's topic is told")
    stack.kill()
    stack.up()
    add(here, " done\nlast\n")
    becomes(lambda: text(there), "one\ntwo\nthree\nh\u00e9llo\nhalf done\nlast\n", "killed and started: it goes on where it was")

    stack.call("PUT", "/connectors/in/pause")
    add(here, "paused\n")
    stack.call("PUT", "/connectors/in/resume")
    becomes(lambda: text(there)[-7:], "paused\n", "pause and resume")
    r = stack.call("PATCH", "/connectors/in/offsets", {"offsets": [{"partition": {"filename": here}, "offset": {"position": 4}}]})
    same(r.status_code, 400, "offsets of a running connector stay")
    stack.call("PUT", "/connectors/in/stop")
    for offset, partition, why in [({"at": 1}, {"filename": here}, "Offset objects should either be null or contain the key 'position'"),
                                   ({"position": "x"}, {"filename": here}, "The value for the 'position' key in the offset is expected to be a Long value"),
                                   ({"position": -1}, {"filename": here}, "The value for the 'position' key in the offset should be a non-negative value"),
                                   ({"position": 1}, {}, "Partition objects should contain the key 'filename'")]:
        r = stack.call("PATCH", "/connectors/in/offsets", {"offsets": [{"partition": partition, "offset": offset}]})
        same((r.status_code, r.json()["message"]), (500, why), f"refused: {offset} {list(partition)}")
    r = stack.call("PATCH", "/connectors/in/offsets", {"offsets": [{"partition": {"filename": here}, "offset": {"position": 32}}]})
    same(r.json()["message"], "The offsets for this connector have been altered successfully", "altered")
    stack.call("PUT", "/connectors/in/resume")
    becomes(lambda: text(there)[-24:], "last\npaused\nlast\npaused\n", "it reads again from there")


def schemas(stack):
    """Without converters of its own a source writes JSON with schemas, and a sink prints what it reads as Java does."""
    here, there = os.path.join(TMP, "s.txt"), os.path.join(TMP, "m.txt")
    stack.make("json", connector_class="org.apache.kafka.connect.file.FileStreamSourceConnector", file=here, topic="json")
    stack.make("copy", connector_class="FileStreamSinkConnector", file=os.path.join(TMP, "c.txt"), topics="json", value_converter=STRING, key_converter=STRING)
    add(here, "a \"line\"\n")
    becomes(lambda: json.loads(text(os.path.join(TMP, "c.txt")) or "{}"), {"schema": {"type": "string", "optional": False}, "payload": "a \"line\""}, "an envelope")
    stack.post("maps", [{"b": 1, "a": [1.5, None, {"x": True}]}])
    stack.make("maps", connector_class="FileStreamSink", file=there, topics="maps", value_converter="org.apache.kafka.connect.json.JsonConverter",
               **{"value.converter.schemas.enable": "false"})
    becomes(lambda: text(there), "{a=[1.5, null, {x=true}], b=1}\n", "a map as Java prints it")


def failures(stack):
    r = stack.make("none", connector_class="FileStreamSource", file="/x")
    same((r.status_code, "Missing required configuration \"topic\" which has no default value." in r.json()["message"]), (400, True), "a source without a topic is refused")
    stack.make("nowhere", connector_class="FileStreamSink", file="/no/such/folder/f", topics="lines", value_converter=STRING)
    state = {}

    def look():
        state.update(stack.call("GET", "/connectors/nowhere/status").json())
        return [t["state"] for t in state.get("tasks", [])]
    becomes(look, ["FAILED"], "a file that can't be made fails the task")
    ok("Couldn't find or create file '/no/such/folder/f' for FileStreamSinkTask" in state["tasks"][0]["trace"], "it says why")
    r = stack.call("POST", "/connectors/nowhere/restart?includeTasks=true&onlyFailed=true").json()
    same((r["connector"]["state"], r["tasks"][0]["state"]), ("RUNNING", "RESTARTING"), "only what has failed restarts")


def loggers(stack):
    name = "/admin/loggers/org.apache.kafka.connect.runtime"
    same(stack.call("GET", "/admin/loggers/root").json(), {"level": "INFO", "last_modified": None}, "root's level")
    r = stack.call("PUT", name, {"level": "debug"})
    ok(r.status_code == 200 and "org.apache.kafka.connect.runtime.WorkerSinkTask" in r.json() and "root" not in r.json(), "a level is that of those below, too")
    got = stack.call("GET", name + ".Worker").json()
    same((got["level"], got["last_modified"] is None), ("DEBUG", False), "as they tell")
    same(stack.call("PUT", name + "?scope=cluster", {"level": "INFO"}).status_code, 204, "of the whole cluster")
    same(stack.call("PUT", name, {}).json()["message"], "Desired 'level' parameter was not specified in request.", "no level")
    types = [p["type"] for p in stack.call("GET", "/connector-plugins?connectorsOnly=false").json()]
    same(sorted(set(types)), ["converter", "header_converter", "predicate", "sink", "source", "transformation"], "all kinds of plugins")
    plugins = [p["class"].split(".")[-1] for p in stack.call("GET", "/connector-plugins").json()]
    same(plugins, ["S3SinkConnector", "FileStreamSinkConnector", "FileStreamSourceConnector"], "the plugins")


with Worker(only="rest,kafka,connect,s3") as one:
    round_trip(one)
    schemas(one)
    failures(one)
    loggers(one)
done()
