#!/usr/bin/python3
"""The end of tarn: under mixed load over all services SIGTERM ends it with 0, soon, and without a report of a sanitizer; a second one,
and tarn down, say what they cut. STOPS: how often (3)."""
import os
import random
import re
import signal
import subprocess
import time

import load
from tarn import LOG, done, log, ok, same, until

STOPS = int(os.environ.get("STOPS", "3"))
SECONDS = 5
LONG = f"300.{os.getpid()}" # told from those of others


def ended(srv, began):
    try:
        code = srv.proc.wait(60)
    except subprocess.TimeoutExpired:
        srv.proc.send_signal(signal.SIGABRT)
        return "hangs", 60
    return code, time.monotonic() - began


def under_load():
    chance = random.Random(int(os.environ.get("SEED", "5")))
    worst, counts = 0, []
    for n in range(STOPS):
        open(LOG, "w", encoding="utf-8").close()
        srv = load.up(LONG)
        running = load.Load(srv, load.WRITES + load.IN_FLIGHT + [load.gateway] * 3)
        until(lambda: running.count() > chance.randrange(20, 400))
        time.sleep(chance.uniform(0, 0.6))
        began = time.monotonic()
        srv.proc.send_signal(signal.SIGTERM)
        code, took = ended(srv, began)
        running.end()
        worst = max(worst, took)
        counts.append(running.count())
        report = re.search(r"(AddressSanitizer|LeakSanitizer|runtime error)[^\n]*", log())
        if not same((code, report and report.group()), (0, None), f"stop {n + 1} after {running.count()} writes ({took:.2f} s)"):
            print("# " + log()[-12000:].replace("\n", "\n# "))
    print(f"# the longest of {STOPS} stops took {worst:.2f} s; writes before them: {min(counts)} to {max(counts)}", flush=True)
    ok(worst < SECONDS, f"each within {SECONDS} s", f"{worst:.2f} s")


def runs(srv, what):
    return until(lambda: what in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout)


def in_the_middle_of_a_task(how):
    srv = load.up(LONG)
    ok(runs(srv, f"sleep {LONG}"), "a task runs")
    running = load.Load(srv, [load.lake, load.statement])
    time.sleep(0.5)
    began = time.monotonic()
    if how == "down":
        r = srv.run("down")
        same(r.returncode, 0, "tarn down")
        ok("load_long.nap" in r.stderr, "tarn down says whose program is cut", r.stdout + r.stderr)
        ok("a statement of MySQL" in r.stderr and "of the lake" in r.stderr, "and that statements are", r.stdout + r.stderr)
    else:
        srv.proc.send_signal(signal.SIGTERM)
        if how == "twice":
            srv.proc.send_signal(signal.SIGTERM)
    code, took = ended(srv, began)
    running.end()
    ok(code in ((0, 130) if how == "twice" else (0,)), f"{how}: its exit code is {code}")
    ok(took < SECONDS, f"{how}: it ends within {SECONDS} s", f"{took:.2f} s")
    ok("load_long.nap" in log(), f"{how}: a word on what was cut", log()[-2000:])
    ok(until(lambda: not os.path.exists(f"/proc/{srv.proc.pid}/")), "it is gone")


under_load()
in_the_middle_of_a_task("down")
in_the_middle_of_a_task("once")
in_the_middle_of_a_task("twice")
done()
