#!/usr/bin/python3
"""A scenario that pauses (tarn run --step) shows its steps over HTTP, and goes on from there."""
import os
import re
import subprocess

from tarn import TARN, Stack, call, done, fresh, same

SCENARIO = '''scenario "Two steps and one that fails"

step "records are there"
  produce t1 <<END
    {"n": 1}
  END

step "nothing here"
  note nothing

step "what isn't so"
  expect topic t1 records == 5
'''


def steps(control):
    return call("GET", control + "/api/scenario").json()


def paused():
    line = ""
    for line in run.stderr:
        if line.startswith("paused:"):
            return re.search(r"http://[^/ ]+", line).group(0)
    return None


path = fresh("scenario") + ".tarn"
with open(path, "w", encoding="utf-8") as f:
    f.write(SCENARIO)
env = {k: v for k, v in os.environ.items() if not k.startswith(("TARN_", "AWS_"))}
run = subprocess.Popen([TARN, "run", "--step", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
control = paused()
s = steps(control)
same((s["title"], s["paused"], [x["state"] for x in s["steps"]]), ("Two steps and one that fails", True, ["passed", "waiting", "waiting"]), "the first step is over, the others wait")
same(call("POST", control + "/api/scenario").status, 403, "no web page goes on")
same(call("POST", control + "/api/scenario", "", {"X-Tarn": "1"}).status, 200, "it goes on")
paused()
same([x["state"] for x in steps(control)["steps"]], ["passed", "passed", "waiting"], "one step further")
run.stdin.write("\n")
run.stdin.flush()
out, _ = run.communicate(timeout=60)
same((run.returncode, [x.split(" - ")[0] for x in out.splitlines() if re.match(r"(not )?ok ", x)]), (1, ["ok 1", "ok 2", "not ok 3"]), "Enter goes on, too")
with Stack(only="s3") as plain:
    same((steps(plain.at["control"]), call("POST", plain.at["control"] + "/api/scenario", "", {"X-Tarn": "1"}).status), ({}, 409), "no scenario runs on a stack of one's own")
done()
