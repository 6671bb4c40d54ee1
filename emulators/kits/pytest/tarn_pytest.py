"""pytest and tarn: a stack for the run, put back to what an empty folder is before each test that asks for it.

    PYTHONPATH=$(tarn pytest --path) python3 -m pytest -p tarn_pytest tests/

    def test_posts(tarn):                       # reset before this test
        requests.post(tarn.at("apigateway") + "/prod/topics/0affea73130b.pin", json={...})
        tarn.settle()
        assert boto3.client("s3").list_objects_v2(Bucket="user-0affea73130b-bucket")["KeyCount"] == 1

The environment of the run has AWS_ENDPOINT_URL, DATABASE_URL and what else `tarn env` prints, so boto3 and others find the stack. A stack
that runs already is used where TARN_DATA, or --tarn-data, names its folder (it is never stopped then). Standard library and pytest alone."""
import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest


def pytest_addoption(parser):
    group = parser.getgroup("tarn", "a stack of tarn")
    for name, words in (("stack", "the stack: a built-in one's name or a folder; without it the default one"), ("data", "folder of a stack that runs: it is used, and not stopped"),
                        ("clock", "ISO time at which the emulated clock stands, 2026-01-05T09:00:00Z"), ("seed", "seed of chance and rows"),
                        ("only", "services, with commas between"), ("bin", "the program; without it tarn of PATH")):
        group.addoption("--tarn-" + name, default=None, help=words)
        parser.addini("tarn_" + name, words, default="")
    parser.addini("tarn_args", "more words for tarn up", type="args", default=[])


class TarnError(Exception):
    """What the stack said to a request that it refused."""


class Answer:
    """Of a call on the control port: status, text, json()."""

    def __init__(self, status, text):
        self.status, self.text = status, text

    def json(self):
        return json.loads(self.text)


class Tarn:
    """A stack that runs. Names of endpoints: rds, kafka, rest, connect, aws, apigateway, airflow, lake, control."""

    def __init__(self, program, data):
        self.program, self.data = program, data
        with open(os.path.join(data, "endpoints.json"), encoding="utf-8") as f:
            self.endpoints = json.load(f)

    def at(self, name):
        """The address of a service: http://127.0.0.1:PORT, or HOST:PORT of rds and kafka."""
        return self.endpoints[name]

    def run(self, *words, check=True):
        """A command of tarn on this stack: tarn.run("clean"). Its standard output."""
        done = subprocess.run([self.program, words[0], "--data", self.data, *map(str, words[1:])], capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise TarnError(done.stderr.strip() or done.stdout.strip() or f"tarn {words[0]} ended with {done.returncode}")
        return done.stdout

    def env(self):
        """What tarn env says, as a dict."""
        return json.loads(self.run("env", "--shell", "json"))

    def call(self, method, path, body=None):
        """A request to the control port. TarnError when it is refused."""
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else b"" if method == "POST" else None
        r = urllib.request.Request(self.at("control") + path, data, {"X-Tarn": "1"}, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(r) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as e:
            text = e.read().decode(errors="replace")
            try:
                said = json.loads(text)
                text = said.get("error") or said.get("why") or said.get("message") or text
            except ValueError:
                pass
            raise TarnError(f"{method} {path}: {e.code} {text.strip()}") from None

    def reset(self, *services):
        """Everything (or these services) as in an empty folder; clients' connections stay."""
        self.call("POST", "/_tarn/reset" + ("?services=" + ",".join(services) if services else ""))

    def settle(self):
        """Waits until nothing is in flight: what was posted is where it ends up. TarnError after a minute."""
        end, quiet = time.monotonic() + 60, 0
        while quiet < 3:
            quiet = 0 if self.call("GET", "/health").json()["busy"] else quiet + 1
            if time.monotonic() > end:
                raise TarnError("the stack doesn't come to rest")
            time.sleep(0.002)

    def clock(self, words):
        """freeze [TIME], resume, advance 7d."""
        return self.call("POST", "/_tarn/clock", words).json()

    def fault(self, spec):
        """Arms one: "kinesis.PutRecords error=ProvisionedThroughputExceededException on=3..5 name=throttle"."""
        return self.call("POST", "/_tarn/faults", spec).json()

    def faults(self):
        return self.call("GET", "/_tarn/faults").json()

    def snapshot(self, name):
        """Saves everything under a name; restore(name) brings it back."""
        return self.run("snapshot", "save", name)

    def restore(self, name):
        return self.run("snapshot", "restore", name)

    def trace(self, id):
        """A record's journey: "index=5730", "TOPIC/PARTITION/OFFSET", a trace id …"""
        return self.call("GET", "/api/journey/" + urllib.parse.quote(id, safe="/:=")).json()

    def sql(self, statement):
        """Rows of the lake's answer to a statement."""
        return self.call("POST", "/api/tarn/sql?as=json", statement).json()["rows"]

    def journal(self):
        """Requests so far, oldest first."""
        return [json.loads(line) for line in self.call("GET", "/_tarn/journal").text.splitlines()]


def _option(config, name):
    return config.getoption("--tarn-" + name) or config.getini("tarn_" + name) or None


def _start(config, program):
    """A stack of the run's own, in the background; it ends with the run. Returns its folder."""
    folder = tempfile.mkdtemp(prefix="tarn-pytest-")
    words = [program, "up", *([_option(config, "stack")] if _option(config, "stack") else []), "-d", "--wait", "--ports", "auto", "--data", os.path.join(folder, "data")]
    for name in ("seed", "clock", "only"):
        if _option(config, name):
            words += ["--" + name, _option(config, name)]
    started = subprocess.run(words + config.getini("tarn_args"), capture_output=True, text=True, check=False)
    if started.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.exit(f"tarn up: {started.stderr.strip()}", returncode=3)
    return folder


def _stop(program, folder):
    owner = os.path.join(folder, "data", "pid")
    subprocess.run([program, "down", "--data", os.path.join(folder, "data")], capture_output=True, check=False)
    try:  # it didn't
        with open(owner, encoding="utf-8") as f:
            os.kill(int(f.read()), signal.SIGKILL)
    except (OSError, ValueError):
        pass
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def tarn_stack(request):
    """The stack, for a whole run: nothing is reset. Sets the environment that clients read."""
    config = request.config
    program = _option(config, "bin") or shutil.which("tarn") or pytest.exit("tarn isn't in PATH: --tarn-bin says where it is", returncode=3)
    data, folder = _option(config, "data") or os.environ.get("TARN_DATA"), None
    if not data or not os.path.exists(os.path.join(data, "endpoints.json")):
        if _option(config, "data"):
            pytest.exit(f"no stack runs on {data}: tarn up -d --data {data}", returncode=3)
        folder = _start(config, program)
        data = os.path.join(folder, "data")
        atexit.register(_stop, program, folder)
    stack = Tarn(program, data)
    before = dict(os.environ)
    os.environ.update({k: str(v) for k, v in stack.env().items()})
    yield stack
    os.environ.clear()
    os.environ.update(before)
    if folder:
        atexit.unregister(_stop)
        _stop(program, folder)


@pytest.fixture
def tarn(tarn_stack):
    """The stack as in an empty folder: reset before each test that asks for it, faults disarmed."""
    tarn_stack.reset()
    return tarn_stack
