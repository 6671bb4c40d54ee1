#!/usr/bin/python3
"""How long a reset takes: of a stack that nobody used, after some and after many records, of one service; and ten tests of a suite that
begin with one each; how long snapshots take. The times are tarn's own, as it answers them. A budget that is missed makes the exit code 1.
TARN (build/tarn), ROUNDS (30)."""
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../clients"))
from tarn import Stack, call  # noqa: E402

ROUNDS, BUDGET_MS, SNAPSHOT_MS, SUITE_S = int(os.environ.get("ROUNDS", "30")), 5, 50, 1
missed = False


def reset(s, query=""):
    return call("POST", s.at["control"] + "/_tarn/reset" + query, headers={"X-Tarn": "1"}).json()["ms"]


def row(what, values, unit="ms", budget=None):
    global missed
    value = statistics.median(values)
    verdict = "" if budget is None else f"budget <= {budget}: {'ok' if value <= budget else 'MISSED'}"
    missed |= budget is not None and value > budget
    print(f"{what:44} {value:9.1f} {unit:8} {f'({min(values):.1f} .. {max(values):.1f})':18} {verdict}".rstrip(), flush=True)


def after(s, records):
    times = []
    for _ in range(5 if records > 1000 else 10):
        s.run("emit", "pinterest", "--count", str(records // 3))
        s.settle()
        times.append(reset(s))
    return times


def snapshots(s, records):
    """The whole request, as its client sees it."""
    s.run("emit", "pinterest", "--count", str(records // 3))
    s.settle()
    took = {"save": [], "restore": []}
    for i in range(10):
        for act, path in (("save", f"/_tarn/snapshots/s{i}"), ("restore", f"/_tarn/snapshots/s{i}/restore")):
            began = time.monotonic()
            r = call("POST", s.at["control"] + path, headers={"X-Tarn": "1"})
            took[act].append((time.monotonic() - began) * 1000 if r.status == 200 else float("inf"))
            s.settle()
    return took["save"], took["restore"]


def test_of_a_suite(s):
    """A reset, rows sent down the batch way, an object looked for, a bucket made."""
    reset(s)
    s.s3.create_bucket(Bucket="mine")
    s.fill(10)
    return bool(s.keys()) and s.sql("SELECT 1")


with Stack() as stack:
    stack.settle()
    reset(stack)
    stack.settle()
    row("reset: idle", [reset(stack) for _ in range(ROUNDS)], budget=BUDGET_MS)
    row("reset: kafka alone, idle", [reset(stack, "?services=kafka") for _ in range(ROUNDS)], budget=BUDGET_MS)
    row("reset: after 30 records down the way", after(stack, 30), budget=BUDGET_MS)
    row("reset: after 300 records", after(stack, 300))
    saves, restores = snapshots(stack, 10000)
    row("snapshot of 10,000 records: save", saves, budget=SNAPSHOT_MS)
    row("snapshot of 10,000 records: restore", restores, budget=SNAPSHOT_MS)
    row("reset: after 10,000 records", after(stack, 10000))
    began = time.monotonic()
    fine = [test_of_a_suite(stack) for _ in range(10)]
    row(f"ten tests with a reset each{'' if all(fine) else ', FAILED'}", [time.monotonic() - began], "s", SUITE_S)
sys.exit(missed)
