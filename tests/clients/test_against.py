#!/usr/bin/python3
"""tarn run --against: scenarios on a stack that runs already, found by its state folder or by its control port's URL."""
import os
import subprocess

from tarn import TARN, Stack, done, ok, parts, same

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = os.path.join(HERE, "..", "..", "scenarios")


def run(against, *words, env=None):
    return subprocess.run([TARN, "run", "--against", against, *words], capture_output=True, text=True, timeout=120, env=env)


def scenario(name):
    return os.path.join(SCENARIOS, name + ".tarn")


def same_as_alone():
    """What passes on a stack of its own passes on one that runs."""
    s = Stack(clock="2026-01-05T09:00:00Z")
    for name in ("02-gateway-to-kinesis", "03-flush-size", "04-dirty-data", "06-restart", "07-throttled-stream"):
        ran = run(s.data, scenario(name))
        ok(ran.returncode == 0 and "not ok" not in ran.stdout, f"{name} passes against a stack", ran.stdout[-1500:] + ran.stderr)
        s.control("POST", "/_tarn/reset")
    ran = run(s.at["control"], scenario("03-flush-size"))
    ok(ran.returncode == 0, "by the URL of its control port, too", ran.stdout[-1500:] + ran.stderr)
    same(s.alive(), True, "the stack goes on")
    ok(s.keys(), "with what the scenario made")


def words():
    """Every verb and subject that asks the stack something, and what goes wrong is told as always."""
    s = Stack(clock="2026-01-05T09:00:00Z")
    file = os.path.join(s.data, "mine.tarn")
    with open(file, "w") as f:
        f.write("""scenario "Mine"
step "All"
  fault add http.rest status=503 on=1 name=f1
  send POST /topics/0affea73130b.pin to=rest type=application/vnd.kafka.json.v2+json <<END
{"records":[{"value":{"index":1}}]}
END
  expect status == 503
  expect fault f1 fired == 1
  fault clear f1
  snapshot save here
  put ${bucket}/notes/a.txt <<END
hello
END
  expect s3 ${bucket}/notes/a.txt size == 5
  clock advance 1h
  expect clock is 2026-01-05T10:00:00Z
  snapshot restore here
  expect s3 ${bucket}/notes/a.txt absent
  expect clock is 2026-01-05T09:00:00Z
  exec sh -c "echo $TARN_ENDPOINTS ${user}"
step "A fault that isn't armed"
  fault clear nobody
step "A wrong one"
  expect topic 0affea73130b.pin records == 7
""")
    ran = run(s.data, file)
    lines = [line for line in ran.stdout.splitlines() if line.startswith(("ok", "not ok"))]
    if not same(lines, ["ok 1 - All", "not ok 2 - A fault that isn't armed", "not ok 3 - A wrong one"], "what holds and what doesn't"):
        print(ran.stdout, ran.stderr)
    ok("no fault of that name" in ran.stdout and 'want: "== 7"' in ran.stdout and " 503 POST /topics" in ran.stdout, "each told with got and want, and the stack's requests", ran.stdout)


def refused():
    s = Stack()
    for flags in (("-j", "2", scenario("02-gateway-to-kinesis"), scenario("03-flush-size")), ("--seed", "1", scenario("03-flush-size"))):
        same(run(s.data, *flags).returncode, 2, f"{flags[0]} can't be beside it")
    ran = run(s.data + "-nobody", scenario("03-flush-size"))
    same((ran.returncode, "no stack runs on" in ran.stderr), (3, True), "no stack there")
    ran = run(s.at["rest"], scenario("03-flush-size"))
    ok(ran.returncode and "control port" in ran.stderr, "another port than the control port is told", ran.stderr)
    s = Stack(conf="[identities]\nAKEXAMPLE = secret\n") if False else s
    same(s.alive(), True, "the stack goes on")


parts(same_as_alone, words, refused)
done()
