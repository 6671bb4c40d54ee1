#!/usr/bin/python3
"""Snapshots: what is restored is what was saved, while clients write, after a crash in the midst, in another process, in memory; what is no
snapshot is refused and changes nothing."""
import hashlib
import json
import os
import random
import threading

from tarn import BUCKET, USER, Stack, call, done, fresh, ok, parts, same, tarn, until

JSON = "application/vnd.kafka.json.v2+json"
FOLDER = fresh("files")
os.makedirs(FOLDER, exist_ok=True)


def snapshot(s, *words):
    return tarn("snapshot", *words, "--data", s.data)


def post(s, value):
    return call("POST", s.at["apigateway"] + f"/prod/topics/{USER}.pin", json.dumps({"records": [{"value": value}]}), {"Content-Type": JSON})


def digest(s):
    """Of what clients see: objects, records, rows, streams, clock."""
    s.settle()
    seen = [(k, hashlib.sha256(s.get(k)).hexdigest()) for k in sorted(s.keys())]
    records = call("GET", s.at["control"] + f"/api/records?topic={USER}.pin&limit=500").json()
    clock = s.control("GET", "/_tarn/clock")["now"]
    faults = s.control("GET", "/_tarn/faults")
    return hashlib.sha256(json.dumps([seen, records.get("records"), clock, faults], sort_keys=True, default=str).encode()).hexdigest()


def there_and_back(s):
    post(s, {"index": 1})
    s.settle()
    s.fault("kinesis.PutRecord error=X on=5..6 name=f")
    before = digest(s)
    run = snapshot(s, "save", "one", "--note", "a note")
    ok(run.returncode == 0 and "saved one" in run.stdout, "save", run.stdout + run.stderr)
    ok(snapshot(s, "save", "one").returncode != 0, "a name that is taken")
    s.run("emit", "pinterest", "--count", "3")
    s.clock("advance 1h")
    s.faults_clear()
    s.settle()
    diff = snapshot(s, "diff", "one").stdout
    ok(f"{USER}.pin: +3 records" in diff and "objects of" in diff and "clock" in diff.lower(), "what has changed, in words", diff)
    run = snapshot(s, "restore", "one")
    same(run.returncode, 0, "restore" + run.stderr)
    same(digest(s), before, "everything is as it was: objects, records, clock, faults")
    ok("are the same" in snapshot(s, "diff", "one").stdout, "and nothing is different")
    post(s, {"index": 2})
    s.settle()
    same(len(s.keys("topics/")), 2, "the pipeline goes on from there")
    ok("a note" in snapshot(s, "ls").stdout, "ls")
    snapshot(s, "restore", "one")


def random_ones(s):
    """Saves and restores in any order while somebody writes."""
    draw, names, stop = random.Random(7), {}, threading.Event()

    def write():
        n = 0
        while not stop.is_set():
            n += 1
            try:
                s.s3.put_object(Bucket=BUCKET, Key=f"load/{n % 50}", Body=b"x" * (n % 3000))
            except Exception:  # it was hung up on by a restore
                pass
    writer = threading.Thread(target=write)
    for i in range(10):
        if draw.random() < 0.5 or not names:
            post(s, {"index": 100 + i})
            names[f"n{i}"] = digest(s)
            snapshot(s, "save", f"n{i}")
        else:
            name = draw.choice(sorted(names))
            snapshot(s, "restore", name)
            same(digest(s), names[name], f"{name} again")
    writer.start()
    taken = [snapshot(s, "save", f"load{i}", "--over").returncode for i in range(5)]
    restored = [snapshot(s, "restore", f"load{i}").returncode for i in (3, 0, 4)]
    stop.set()
    writer.join()
    same((taken, restored), ([0] * 5, [0] * 3), "while somebody writes")
    for i in (0, 1, 2, 3, 4):
        snapshot(s, "restore", f"load{i}")
        ok("are the same" in snapshot(s, "diff", f"load{i}").stdout, "each is what it was", snapshot(s, "diff", f"load{i}").stdout)


def files(s):
    path = os.path.join(FOLDER, "one.tarn-snapshot")
    before = digest(s)
    snapshot(s, "save", "out")
    same(snapshot(s, "export", "out", path).returncode, 0, "export")
    with open(path, "rb") as f:
        whole = f.read()
    for what, data in (("cut short", whole[:len(whole) // 2]), ("a byte is another", whole[:len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1:]),
                       ("of something else", b"hello" * 1000), ("empty", b"")):
        bad = os.path.join(FOLDER, "bad")
        with open(bad, "wb") as f:
            f.write(data)
        run = snapshot(s, "import", "bad", bad)
        if run.returncode == 0:
            run = snapshot(s, "restore", "bad")
            snapshot(s, "rm", "bad", "--yes")
        ok(run.returncode != 0, f"a file that is {what} is refused", run.stdout + run.stderr)
    same(digest(s), before, "and changed nothing")
    same(snapshot(s, "restore", "nothing").returncode, 1, "one that there isn't")
    with Stack(clock="2026-01-05T09:00:00Z") as other:
        same(snapshot(other, "import", "there", path).returncode, 0, "import in another stack")
        snapshot(other, "restore", "there")
        same(digest(other), before, "which is then as this one")
    return path


def in_memory(path):
    with Stack("--durability", "off", clock="2026-01-05T09:00:00Z") as s:
        post(s, {"index": 1})
        before = digest(s)
        same(snapshot(s, "save", "m").returncode, 0, "in memory: save")
        post(s, {"index": 2})
        s.settle()
        snapshot(s, "restore", "m")
        same(digest(s), before, "and restore")


def crash(s):
    snapshot(s, "save", "safe", "--over")
    before = digest(s)
    for i in range(3):
        post(s, {"index": 900 + i})
        t = threading.Thread(target=snapshot, args=(s, "restore", "safe"))
        t.start()
        s.kill()
        t.join()
        s.up()
        after = len(s.keys("topics/"))
        ok(after >= 0 and s.alive(), f"killed while it restores, {i}: it opens again")
        snapshot(s, "restore", "safe")
        same(digest(s), before, "and can be restored")


with Stack(clock="2026-01-05T09:00:00Z") as s:
    parts(there_and_back, random_ones, args=(s,))
    path = files(s)
    parts(crash, args=(s,))
parts(in_memory, args=(path,))
done()
