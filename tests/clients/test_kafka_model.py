#!/usr/bin/python3
"""A model of what Kafka promises, held against random producers, transactions, groups that come and go, brokers that go away, and kill -9
of the stack: every acknowledged record is there once, in order per producer and partition; who reads what is committed sees no aborted
record, and all committed ones; no group's offset runs ahead of what it read; what is read, changed and written in transactions comes out
once. SEED, STEPS (40), KILLS (2)."""
import collections
import logging
import os
import random
import socket
import threading
import time

from tarn import Stack, done, need, ok, same

ck = need("confluent_kafka")
SEED, STEPS, KILLS = (int(os.environ.get(name, dflt)) for name, dflt in (("SEED", "7"), ("STEPS", "40"), ("KILLS", "2")))
TOPICS = {"plain": 3, "txn": 2, "in": 2, "out": 2}
QUIET = {"log_level": 0, "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 50, "logger": logging.getLogger("kafka")}
chance = random.Random(SEED)
logging.getLogger("kafka").addHandler(logging.NullHandler())
logging.getLogger("kafka").propagate = False


def free_ports(n):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class World:
    """The stack, and what it must hold: (topic, partition, offset) of each acknowledged value; values by how their transaction ended."""

    def __init__(self):
        ports = free_ports(3)
        conf = "[kafka]\nbrokers = 3\n[topics]\n" + "".join(f"{t} = {n}\n" for t, n in TOPICS.items())
        sets = [f"ports.kafka{'' if not i else f'-{i + 1}'}={p}" for i, p in enumerate(ports)]
        self.stack = Stack(*(x for s in sets for x in ("--set", s)), only="kafka", conf=conf)
        self.at = ",".join(f"127.0.0.1:{p}" for p in ports)
        self.acked, self.committed, self.aborted, self.unknown = {}, set(), set(), set()
        self.read = collections.defaultdict(int)  # (group, topic, partition) -> the furthest position polled
        self.numbers = collections.Counter()
        self.inputs = 0

    def restart(self):
        self.stack.kill()
        self.stack.up()
        self.stack.faults_clear()  # they are kept, too

    def conf(self, **more):
        return {"bootstrap.servers": self.at, **QUIET, **{k.replace("_", "."): v for k, v in more.items()}}

    def delivered(self, err, msg):
        value = msg.value().decode()
        if err is None:
            self.acked[value] = (msg.topic(), msg.partition(), msg.offset())


class Producer:
    """An idempotent producer that goes on over everything."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.p = ck.Producer(world.conf(enable_idempotence=True, message_timeout_ms=60000, linger_ms=1, compression_type=chance.choice(("none", "lz4", "gzip", "zstd"))))

    def step(self):
        w = self.world
        for _ in range(chance.randint(1, 30)):
            part = chance.randrange(TOPICS["plain"])
            w.numbers[self.name, part] += 1
            self.p.produce("plain", f"{self.name}:{part}:{w.numbers[self.name, part]}", partition=part, on_delivery=w.delivered)
        if chance.random() < 0.5:
            self.p.poll(0)
        else:
            self.p.flush(20)

    def end(self):
        same(self.p.flush(60), 0, f"all of producer {self.name} is acknowledged")


class Transactions:
    """A transactional producer; now and then another one with its id takes over in the midst."""

    def __init__(self, world, name):
        self.world, self.name, self.n = world, name, 0
        self.p = self.new()

    def new(self):
        p = ck.Producer(self.world.conf(transactional_id=self.name, message_timeout_ms=30000, transaction_timeout_ms=60000))
        retried(lambda: p.init_transactions(30))
        return p

    def step(self):
        w, values = self.world, []
        try:
            self.p.begin_transaction()
            for _ in range(chance.randint(1, 10)):
                self.n += 1
                values.append(f"{self.name}:{self.n}")
                self.p.produce("txn", values[-1], partition=chance.randrange(TOPICS["txn"]), on_delivery=w.delivered)
            end = chance.choice(("commit", "commit", "abort", "takeover"))
            if end == "takeover":
                self.p.flush(20)
                w.aborted.update(values)  # whoever takes the id over ends what is open
                old, self.p = self.p, self.new()
                try:
                    old.commit_transaction(5)
                    ok(False, "a producer whose id was taken over commits")
                except ck.KafkaException:
                    pass
            elif end == "commit":
                w.unknown.update(values)
                retried(lambda: self.p.commit_transaction(30))
                w.committed.update(values)
                w.unknown.difference_update(values)
            else:
                w.aborted.update(values)
                retried(lambda: self.p.abort_transaction(30))
        except ck.KafkaException as e:
            if e.args[0].txn_requires_abort():
                w.unknown.difference_update(values)
                w.aborted.update(values)
                retried(lambda: self.p.abort_transaction(30))
            else:
                self.p = self.new()

    def end(self):
        pass


class Member(threading.Thread):
    """Polls and commits what it has polled, until it is told to leave."""

    def __init__(self, world, group, strategy):
        super().__init__(daemon=True)
        self.world, self.group, self.leaving = world, group, threading.Event()
        self.c = ck.Consumer(world.conf(group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, session_timeout_ms=6000,
                                        heartbeat_interval_ms=300, partition_assignment_strategy=strategy))
        self.c.subscribe(["plain"])
        self.start()

    def run(self):
        read = self.world.read
        while not self.leaving.is_set():
            for msg in self.c.consume(200, 0.05):
                if msg.error() is None:
                    key = self.group, msg.topic(), msg.partition()
                    read[key] = max(read[key], msg.offset() + 1)
            try:
                self.c.commit(asynchronous=False)
            except ck.KafkaException:
                pass  # it has lost its partitions, or has nothing to commit
        self.c.close()


class Group:
    """Members of one group that come and go."""

    def __init__(self, world, name):
        self.world, self.name, self.members, self.left = world, name, [], []

    def step(self):
        if len(self.members) < 3 and chance.random() < 0.6:
            new = self.name == "coop" and ck.libversion()[1] >= 0x02030000  # before, librdkafka may abort when it closes one
            self.members.append(Member(self.world, self.name, "cooperative-sticky" if new else "range,roundrobin"))
        elif self.members:
            self.left.append(self.members.pop(chance.randrange(len(self.members))))
            self.left[-1].leaving.set()

    def end(self):
        for member in self.members:
            member.leaving.set()
        for member in self.members + self.left:
            member.join(60)
            ok(not member.is_alive(), f"a member of {self.name} has left")


class Etl:
    """Reads `in`, writes `out`, and commits where it is, in one transaction."""

    def __init__(self, world):
        self.world, self.p, self.c = world, None, None
        self.feed = ck.Producer(world.conf(enable_idempotence=True, message_timeout_ms=60000))
        self.renew()

    def renew(self):
        w = self.world
        if self.c:
            self.c.close()
        self.p = ck.Producer(w.conf(transactional_id="etl", message_timeout_ms=30000))
        retried(lambda: self.p.init_transactions(30))
        self.c = ck.Consumer(w.conf(group_id="etl", auto_offset_reset="earliest", enable_auto_commit=False, isolation_level="read_committed"))
        self.c.subscribe(["in"])

    def step(self, some=True):
        w = self.world
        for _ in range(chance.randint(1, 10) if some else 0):
            w.inputs += 1
            self.feed.produce("in", f"{w.inputs}", partition=chance.randrange(TOPICS["in"]))
        self.feed.flush(30)
        messages = [m for m in self.c.consume(50, 0.3) if m.error() is None]
        if not messages:
            return
        try:
            self.p.begin_transaction()
            for m in messages:
                self.p.produce("out", m.value(), partition=m.partition())
            positions = self.c.position(self.c.assignment())
            self.p.send_offsets_to_transaction([p for p in positions if p.offset >= 0], self.c.consumer_group_metadata(), 30)
            if some and chance.random() < 0.2:
                raise ck.KafkaException(ck.KafkaError(ck.KafkaError._STATE))
            retried(lambda: self.p.commit_transaction(30))
        except ck.KafkaException:
            self.renew()  # a new one fences the old, and begins where the group is

    def end(self):
        for _ in range(60):
            self.step(False)
            if len(values(self.world, "out", "read_committed")) >= self.world.inputs:
                break
        self.c.close()


def retried(call):
    """As librdkafka wants it: what says that it may be tried again is."""
    for _ in range(40):
        try:
            return call()
        except ck.KafkaException as e:
            if not e.args[0].retriable():
                raise
            time.sleep(0.05)
    return call()


def values(world, topic, isolation):
    """All (partition, offset, value) there are, in order."""
    c = ck.Consumer(world.conf(group_id="check", enable_auto_commit=False, isolation_level=isolation, auto_offset_reset="earliest", enable_partition_eof=True))
    c.assign([ck.TopicPartition(topic, p, ck.OFFSET_BEGINNING) for p in range(TOPICS[topic])])
    found, ends, until = [], set(), time.monotonic() + 30
    while len(ends) < TOPICS[topic] and time.monotonic() < until:
        for m in c.consume(1000, 1):
            if m.error() is None:
                found.append((m.partition(), m.offset(), m.value().decode()))
            elif m.error().code() == ck.KafkaError._PARTITION_EOF:
                ends.add(m.partition())
    c.close()
    return found


def away(world):
    """A broker goes, and comes back a little later."""
    world.stack.fault(f"kafka.broker-{chance.randint(1, 3)} drop")
    yield
    world.stack.faults_clear()


def check_plain(world):
    found = values(world, "plain", "read_uncommitted")
    times = collections.Counter(v for _, _, v in found)
    same([v for v, n in times.items() if n > 1], [], "no record of an idempotent producer is there twice")
    where = {v: ("plain", p, o) for p, o, v in found}
    lost = [v for v, at in world.acked.items() if at[0] == "plain" and where.get(v) != at and at[2] >= 0]
    same(lost[:5], [], f"every acknowledged record is where it was said to be ({len(where)})")
    last, bad = collections.Counter(), []
    for part, _, v in found:
        name, in_part, n = v.split(":")
        if int(in_part) != part or int(n) <= last[name, part]:
            bad.append(v)
        last[name, part] = int(n)
    same(bad, [], "in each partition in its producer's order")


def check_txn(world):
    seen = collections.Counter(v for _, _, v in values(world, "txn", "read_committed"))
    same([v for v in seen if v in world.aborted], [], f"no aborted record is seen by who reads what is committed ({len(world.aborted)})")
    same([v for v in world.committed if seen[v] != 1][:5], [], f"every committed one is, once ({len(world.committed)})")


def check_groups(world):
    for name in ("classic", "coop"):
        c = ck.Consumer(world.conf(group_id=name))
        at = c.committed([ck.TopicPartition("plain", p) for p in range(TOPICS["plain"])], 20)
        ahead = [(p.partition, p.offset, world.read[name, "plain", p.partition]) for p in at if p.offset > world.read[name, "plain", p.partition]]
        same(ahead, [], f"group {name} isn't ahead of what it read")
        c.close()


def check_etl(world):
    got = collections.Counter(v for _, _, v in values(world, "out", "read_committed"))
    want = collections.Counter(str(n + 1) for n in range(world.inputs))
    same((sorted((want - got).elements())[:5], sorted((got - want).elements())[:5]), ([], []), f"read, changed and written in transactions: once each ({world.inputs})")


def main():
    world = World()
    actors = [Producer(world, "a"), Producer(world, "b"), Transactions(world, "x"), Transactions(world, "y"), Group(world, "classic"), Group(world, "coop"),
              Etl(world)]
    kills = set(chance.sample(range(5, STEPS), min(KILLS, STEPS - 5)))
    gone = None
    for step in range(STEPS):
        actor, began = chance.choice(actors), time.monotonic()
        actor.step()
        if os.environ.get("SLOW") and time.monotonic() - began > 1:
            print(f"# step {step}: {type(actor).__name__} {getattr(actor, 'name', '')} {time.monotonic() - began:.1f} s", flush=True)
        if step in kills:
            gone = None
            world.restart()
        elif gone:
            next(gone, None)
            gone = None
        elif chance.random() < 0.1:
            gone = away(world)
            next(gone)
    world.stack.faults_clear()
    for actor in actors:
        actor.end()
    check_plain(world)
    check_txn(world)
    check_groups(world)
    check_etl(world)
    world.stack.stop()
    done()


main()
