#!/usr/bin/python3
"""What other people's tests take over: pytest's plugin and Node's helper as their users have them, each test on a stack as in an empty
folder; workflows that tarn init writes."""
import os
import shutil
import subprocess
import sys

from tarn import TARN, TMP, Stack, done, fresh, need, ok, parts, same, skip, tarn

need("pytest")
PATH = os.path.dirname(TARN) + os.pathsep + os.environ["PATH"]

TESTS = '''
import json, os, urllib.request
import pytest

def post(tarn, value):
    r = urllib.request.Request(tarn.at("apigateway") + "/prod/topics/0affea73130b.pin", json.dumps({"records": [{"value": value}]}).encode(),
                               {"Content-Type": "application/vnd.kafka.json.v2+json"})
    return json.loads(urllib.request.urlopen(r).read())["offsets"][0]["offset"]

@pytest.mark.parametrize("i", range(8))
def test_each_begins_anew(tarn, i):
    assert post(tarn, {"index": i}) == 0
    tarn.settle()
    assert tarn.trace(f"index={i}")["path"].endswith("s3")
    assert os.environ["AWS_ENDPOINT_URL"] == tarn.at("aws")

def test_faults_and_time(tarn):
    tarn.fault("s3.PutObject drop name=away")
    assert "away" in json.dumps(tarn.faults())
    assert tarn.clock("advance 1h")["now"].startswith("2026-01-05T1")
    assert any(e["op"] == "ClockSet" for e in tarn.journal())

def test_refusals(tarn):
    assert "away" not in json.dumps(tarn.faults())
    with pytest.raises(Exception, match="no service that runs here"):
        tarn.reset("nothing")
    assert not tarn.trace("index=123456")["found"]

def test_the_run_s_stack(tarn_stack):
    assert post(tarn_stack, {"index": 1}) >= 0
'''


def suite(folder, *more):
    env = {**os.environ, "PATH": PATH, "PYTHONPATH": tarn("pytest", "--path").stdout.strip(), "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("TARN_DATA", None)
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "tarn_pytest", "-p", "no:cacheprovider", *more, folder], capture_output=True, text=True, env=env, cwd=folder)


def pytest_plugin():
    folder = fresh("suite")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "test_posts.py"), "w") as f:
        f.write(TESTS)
    run = suite(folder, "--tarn-clock", "2026-01-05T09:00:00Z")
    ok(run.returncode == 0 and "11 passed" in run.stdout, "a suite on a stack of its own", run.stdout + run.stderr)
    with Stack(clock="2026-01-05T09:00:00Z") as s:
        run = suite(folder, "--tarn-data", s.data)
        ok(run.returncode == 0 and "11 passed" in run.stdout, "on one that runs", run.stdout + run.stderr)
        ok(s.alive(), "which goes on")
    run = suite(folder, "--tarn-data", os.path.join(TMP, "none"))
    ok(run.returncode == 3 and "no stack runs on" in run.stdout + run.stderr, "on one that doesn't run: it says so", run.stdout + run.stderr)
    run = suite(folder, "--tarn-only", "nothing")
    ok(run.returncode == 3 and "no service is called nothing" in run.stdout + run.stderr, "one that can't start: what tarn up says", run.stdout + run.stderr)


NODE = '''
import test from "node:test";
import assert from "node:assert";
import { useTarn } from "./tarn.mjs";
const tarn = useTarn({ only: "s3,aws" });
for (let i = 0; i < 3; i++)
  test(`begins anew ${i}`, async () => {
    assert.equal((await fetch(tarn.at("aws") + "/mine")).status, 404);
    assert.equal((await fetch(tarn.at("aws") + "/mine", { method: "PUT" })).status, 200);
    assert.equal(process.env.AWS_ENDPOINT_URL, tarn.at("aws"));
    await tarn.settle();
  });
'''


def node_helper():
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else "v0"
    if int(version[1:].split(".")[0]) < 18:
        return skip("Node's helper", "no node from 18 on")
    folder = fresh("node")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tarn.mjs"), "w") as f:
        f.write(tarn("kit", "node").stdout)
    with open(os.path.join(folder, "a.test.mjs"), "w") as f:
        f.write(NODE)
    env = {**os.environ, "TARN": TARN}
    env.pop("TARN_DATA", None)
    run = subprocess.run([node, "--test", folder + "/a.test.mjs"], capture_output=True, text=True, env=env)
    ok(run.returncode == 0 and "# fail 0" in run.stdout, "Node's tests on a stack of their own", run.stdout[-1500:])


def workflows():
    folder = fresh("repository")
    run = tarn("init", "--github", "--gitlab", folder)
    files = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, fs in os.walk(folder) for f in fs)
    same((run.returncode, files), (0, [".github/actions/tarn/action.yml", ".github/workflows/tarn.yml", ".gitlab-ci.tarn.yml"]), "workflows are written")
    run = tarn("init", "--gitlab", folder)
    ok(run.returncode == 5 and "is there already" in run.stderr, "and not overwritten", run.stderr)
    same(tarn("kit", "nothing").returncode, 2, "a kit that there isn't")
    ok("class TarnStack" in tarn("kit", "junit").stdout, "JUnit's extension")


parts(pytest_plugin, node_helper, workflows)
done()
