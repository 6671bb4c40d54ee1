#!/usr/bin/python3
"""Kafka's own command line tools (kafka-clients, Java), franz-go and confluent-kafka, from their registries."""
import json
import os
import shutil
import subprocess

from tarn import TMP, Stack, ok, parts, registry, same, skip, done

RECORDS = 2000
s = Stack(only="kafka")
url = s.at["kafka"]


def java(main, *args, stdin=None):
    p = subprocess.run(["java", "-Xmx256m", "-cp", os.path.join(registry("java"), "*"), main, *args], input=stdin, capture_output=True, text=True,
                       timeout=120)
    return p.stdout + (p.stderr if p.returncode else "")


def topics(*args):
    return java("org.apache.kafka.tools.TopicCommand", "--bootstrap-server", url, *args)


def with_kafkas_tools():
    if not shutil.which("java"):
        skip("Kafka's own tools", "java is missing")
        return
    ok("Created topic j1." in topics("--create", "--topic", "j1", "--partitions", "3", "--config", "retention.ms=3600000"), "kafka-topics --create")
    said = topics("--describe", "--topic", "j1")
    ok("PartitionCount: 3" in said and said.count("Leader: 1") == 3, "kafka-topics --describe", said)
    said = topics("--create", "--topic", "j1")
    ok("already exists" in said, "a topic that is there is refused as the broker does", said)
    said = java("kafka.admin.ConfigCommand", "--bootstrap-server", url, "--describe", "--entity-type", "topics", "--entity-name", "j1")
    ok("retention.ms=3600000" in said, "kafka-configs --describe", said)
    said = java("org.apache.kafka.tools.ProducerPerformance", "--topic", "j1", "--num-records", str(RECORDS), "--record-size", "100",
                "--throughput", "-1", "--producer-props", f"bootstrap.servers={url}", "compression.type=lz4")
    ok(f"{RECORDS} records sent" in said, "kafka-producer-perf-test", said)
    said = java("org.apache.kafka.tools.GetOffsetShell", "--bootstrap-server", url, "--topic", "j1")
    same(sum(int(line.split(":")[2]) for line in said.split()), RECORDS, "kafka-get-offsets counts them")
    java("kafka.tools.ConsoleProducer", "--bootstrap-server", url, "--topic", "line", "--property", "parse.key=true", "--property", "key.separator=:",
         stdin="a:one\nb:two\na:three\n")
    said = java("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", url, "--topic", "line", "--partition", "0", "--offset", "earliest",
                "--max-messages", "3", "--property", "print.key=true", "--timeout-ms", "30000")
    same([line for line in said.splitlines() if "\t" in line], ["a\tone", "b\ttwo", "a\tthree"], "kafka-console-producer and -consumer")
    drop = os.path.join(TMP, "drop.json")
    with open(drop, "w", encoding="utf-8") as f:
        json.dump({"version": 1, "partitions": [{"topic": "line", "partition": 0, "offset": 2}]}, f)
    said = java("org.apache.kafka.tools.DeleteRecordsCommand", "--bootstrap-server", url, "--offset-json-file", drop)
    ok("low_watermark: 2" in said or "error" in said.lower(), "kafka-delete-records moves the beginning or says why not", said)
    topics("--delete", "--topic", "j1")
    ok("j1" not in topics("--list").split(), "kafka-topics --delete")


def with_groups():
    """kafka-console-consumer in groups of both protocols; kafka-consumer-groups."""
    if not shutil.which("java"):
        skip("Kafka's groups", "java is missing")
        return
    java("kafka.tools.ConsoleProducer", "--bootstrap-server", url, "--topic", "shared", stdin="".join(f"{i}\n" for i in range(10)))

    def groups(*args):
        return java("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "--bootstrap-server", url, *args)

    def lines(said):
        return [line.split() for line in said.splitlines() if line.strip()]
    for protocol in ("classic", "consumer"):
        said = java("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", url, "--topic", "shared", "--from-beginning", "--max-messages", "10",
                    "--group", protocol, "--consumer-property", f"group.protocol={protocol}", "--timeout-ms", "30000")
        ok([str(i) for i in range(10)] == [line for line in said.splitlines() if line.isdigit()], f"kafka-console-consumer, group.protocol={protocol}", said)
        row = [line for line in lines(groups("--describe", "--group", protocol)) if line[:2] == [protocol, "shared"]]
        same([line[2:6] for line in row], [["0", "10", "10", "0"]], f"kafka-consumer-groups --describe: no lag ({protocol})")
    said = groups("--list", "--type")
    ok(["classic", "Classic"] in lines(said) and ["consumer", "Consumer"] in lines(said), "kafka-consumer-groups --list --type", said)
    said = groups("--group", "classic", "--topic", "shared", "--reset-offsets", "--to-offset", "4", "--execute")
    ok("4" in said.split(), "kafka-consumer-groups --reset-offsets", said)
    row = [line for line in lines(groups("--describe", "--group", "classic")) if line[:2] == ["classic", "shared"]]
    same([line[2:6] for line in row], [["0", "4", "10", "6"]], "and its lag is told")
    said = groups("--delete", "--group", "classic", "--group", "consumer")
    ok("was successful" in said and "classic" not in groups("--list").split(), "kafka-consumer-groups --delete", said)


def with_admin_tools():
    """What else Kafka's tools ask a cluster."""
    if not shutil.which("java"):
        skip("Kafka's admin tools", "java is missing")
        return
    at = ("--bootstrap-server", url)
    config = ("kafka.admin.ConfigCommand", *at, "--entity-type")
    java(*config, "topics", "--entity-name", "line", "--alter", "--add-config", "cleanup.policy=[compact,delete]")
    said = java(*config, "topics", "--entity-name", "line", "--describe")
    ok("cleanup.policy=compact,delete" in said, "kafka-configs alters a topic", said)
    java(*config, "brokers", "--entity-default", "--alter", "--add-config", "log.retention.ms=99999")
    said = java(*config, "brokers", "--entity-default", "--describe")
    ok("log.retention.ms=99999" in said, "and the brokers", said)
    said = java("org.apache.kafka.tools.LogDirsCommand", *at, "--describe", "--topic-list", "line")
    ok('"partition":"line-0"' in said, "kafka-log-dirs", said)
    said = java("org.apache.kafka.tools.MetadataQuorumCommand", *at, "describe", "--status")
    ok("LeaderId:               1" in said, "kafka-metadata-quorum", said)
    said = java("org.apache.kafka.tools.FeatureCommand", *at, "describe")
    ok("transaction.version\tSupportedMinVersion: 0\tSupportedMaxVersion: 1\tFinalizedVersionLevel: 1" in said, "kafka-features", said)


def with_franz():
    p = subprocess.run([registry("go/franz"), url, "franz"], capture_output=True, text=True, timeout=60)
    out = p.stdout.splitlines() + p.stderr.splitlines()
    same(out[:3], ["created franz <nil>", f"consumed {sum(range(100))}", "offsets 100"], "franz-go makes a topic, produces, consumes, lists offsets")
    ok(len(out) > 3 and out[3].startswith("again TOPIC_ALREADY_EXISTS"), "and is told of a topic that is there", out)


def with_franz_groups():
    p = subprocess.run([registry("go/groups"), url], capture_output=True, text=True, timeout=60)
    same(p.stdout.splitlines(), ["two members 40 000 039", "one member 10", "group Stable cooperative-sticky 1", "lag 0", "transactions 20",
                                 "transaction franz CompleteCommit", "deleted <nil>", "then Dead true"], "franz-go: groups that rebalance, transactions of a group")
    if p.returncode:
        print("# " + p.stderr[-1000:])


def with_sarama():
    p = subprocess.run([registry("go/sarama"), url], capture_output=True, text=True, timeout=60)
    same(p.stdout.splitlines(), ["again kafka server: Topic with this name already exists - Topic 'sg' already exists.", "two members 60", "committed 60",
                                 "group Empty 0", "committed only t1", "deleted true"], "sarama: admin, a group of two, transactions")
    if p.returncode:
        print("# " + p.stderr[-1000:])


def with_kafkajs():
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kafkajs.cjs")
    p = subprocess.run(["node", script, url], capture_output=True, text=True, timeout=90, env={**os.environ, "NODE_PATH": registry("npm/node_modules"),
                                                                                               "KAFKAJS_NO_PARTITIONER_WARNING": "1"})
    same(p.stdout.splitlines(), ["created true", "consumed 50", "group Stable RoundRobinAssigner 1", "committed 50", "reset -2 -2", "transactions commit",
                                 "sent offsets 9", "deleted 0"], "kafkajs: admin, a group, transactions")
    if p.returncode:
        print("# " + p.stderr[-1000:])


CONFLUENT = """
import sys
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
url, failed = sys.argv[1], []
a = AdminClient({"bootstrap.servers": url})
a.create_topics([NewTopic("cf", 2)])["cf"].result(20)
print("topics", len(a.list_topics("cf", timeout=20).topics["cf"].partitions))
p = Producer({"bootstrap.servers": url, "enable.idempotence": True, "compression.type": "zstd"})
for i in range(500):
    p.produce("cf", key=str(i), value="v%d" % i, headers=[("n", str(i))], on_delivery=lambda e, m: failed.append(e) if e else None)
print("left", p.flush(20), "failed", len(failed))
c = Consumer({"bootstrap.servers": url, "group.id": "none", "enable.auto.commit": False})
c.assign([TopicPartition("cf", n, 0) for n in (0, 1)])
got = {}
while len(got) < 500:
    m = c.poll(20)
    assert m and not m.error(), m and m.error()
    got[m.key()] = (m.value(), dict(m.headers())["n"])
print("got", all(v == (b"v" + k, k) for k, v in got.items()))
print("marks", sum(c.get_watermark_offsets(TopicPartition("cf", n), timeout=20)[1] for n in (0, 1)))
"""


def with_confluent():
    p = subprocess.run([registry("py/bin/python"), "-c", CONFLUENT, url], capture_output=True, text=True, timeout=60)
    same(p.stdout.splitlines(), ["topics 2", "left 0 failed 0", "got True", "marks 500"], "confluent-kafka: admin, idempotent producer, consumer")
    if p.returncode:
        print("# " + p.stderr[-1000:].replace("\n", "\n# "))


# Its process ends in the middle, for good.
HANGING = """
import os, sys
from confluent_kafka import Producer
p = Producer({"bootstrap.servers": sys.argv[1], "transactional.id": "hanging"})
p.init_transactions(20)
p.begin_transaction()
p.produce("hang", "x", partition=0)
p.flush(20)
os._exit(0)
"""


def with_the_transactions_tool():
    def tool(*args):
        return java("org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", url, *args)
    subprocess.run([registry("py/bin/python"), "-c", HANGING, url], timeout=60, check=True)
    said = tool("describe", "--transactional-id", "hanging").split()
    ok(said[-1:] == ["hang-0"] and "Ongoing" in said, "kafka-transactions describe tells one that hangs", said)
    said = tool("abort", "--topic", "hang", "--partition", "0", "--start-offset", "0")
    same(tool("describe-producers", "--topic", "hang", "--partition", "0").split()[-1], "None", "abort ends one that hangs")
    ok("Error" not in said, "without a word", said)


registry("java")
parts(with_kafkas_tools, with_groups, with_the_transactions_tool, with_admin_tools, with_franz, with_franz_groups, with_sarama, with_kafkajs, with_confluent)
s.stop()
done()
