"""What the client tests share: TAP, a `tarn up` of their own, its control port, its command line, calls by HTTP, AWS clients.

A test imports what it needs, asks `need` for modules that may be missing, makes a Stack, checks with ok and same, and ends
with done(). Whatever still runs then, or when the test dies, is killed; its folder TMP goes."""
import atexit
import functools
import importlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARN = os.path.abspath(os.environ.get("TARN", os.path.join(ROOT, "build/tarn")))
SHARED = os.path.abspath(os.environ.get("TARN_SHARED", os.path.join(ROOT, "../shared")))
FIXTURES = os.path.join(ROOT, "fixtures")
NAME = os.path.basename(sys.argv[0]).removeprefix("test_").removesuffix(".py")
TMP = tempfile.mkdtemp(prefix=f"tarn-{NAME}-")
LOG = os.path.join(TMP, "log")
USER = "0affea73130b"
BUCKET = f"user-{USER}-bucket"
AWS = shutil.which("aws", path=os.path.dirname(sys.executable)) or shutil.which("aws", path="/usr/bin")
checks = failures = 0
stacks, numbers = [], itertools.count(1)


# ---- TAP ----

def ok(good, name, why=""):
    """One check; `why` is shown when it fails."""
    global checks, failures
    checks += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {checks} - {name}", flush=True)
    if not good and why != "":
        print("# " + str(why)[:4000].replace("\n", "\n# "), flush=True)
    return bool(good)


def same(got, want, name):
    if got == want:
        return ok(True, name)
    why = f"got  {str(got)[:1500]!r}\nwant {str(want)[:1500]!r}"
    if isinstance(got, list) and isinstance(want, list):
        first = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
        why += f"\n{len(got)} and {len(want)} items; from {first}: {got[first:first + 1]} {want[first:first + 1]}"
    return ok(False, name, why)


def skip(name, why):
    ok(True, f"{name} # SKIP {why}")


def skip_all(why):
    print(f"SKIP: {why}")
    sys.exit(77)


def bail(why):
    sys.exit(f"Bail out! {why}")


def need(*names):
    """The module of this name, or all of several; the whole test is skipped without them."""
    try:
        modules = [importlib.import_module(name) for name in names]
    except ImportError as e:
        skip_all(e)
    return modules if len(modules) > 1 else modules[0]


def registry(name):
    """A program or folder that `make clients` installs; the whole test is skipped without it."""
    path = os.path.join(os.path.abspath(os.environ.get("TARN_CLIENTS", "/nonexistent")), name)
    return path if os.path.exists(path) else skip_all(f"{name} is not here (make clients)")


def parts(*functions, args=()):
    """Runs each; one that breaks is a failed check, and the next one runs."""
    for part in functions:
        try:
            part(*args)
        except Exception:
            ok(False, part.__name__, traceback.format_exc())


def done():
    print(f"1..{checks}")
    sys.exit(failures > 0)


@atexit.register
def clean():
    for s in stacks:
        s.kill()
    if failures and os.path.exists(LOG):
        print("".join("# " + line for line in log().splitlines(True)[-20:]), file=sys.stderr)
    shutil.rmtree(TMP, ignore_errors=True)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


# ---- waiting, calls, programs ----

def until(look, good=bool, seconds=30):
    """What look() gives once it is good, or what it gave last when the time was up."""
    end = time.monotonic() + seconds
    while not good(value := look()) and time.monotonic() < end:
        time.sleep(0.005)
    return value


def becomes(look, want, name, seconds=30):
    """A check that look() comes to want in time."""
    return same(until(look, lambda value: value == want, seconds), want, name)


class Answer:
    def __init__(self, r, body):
        self.status, self.headers, self.body, self.text = r.status, r.headers, body, body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.text)


def call(method, url, body=None, headers=None):
    """Sends bytes and text as they are, anything else as JSON; never raises for a status."""
    headers = headers or {}
    if body is not None and not isinstance(body, (str, bytes)):
        headers = headers if any(h.lower() == "content-type" for h in headers) else {**headers, "Content-Type": "application/json"}
        body = json.dumps(body)
    try:
        raw = body.encode() if isinstance(body, str) else body
        with urllib.request.urlopen(urllib.request.Request(url, raw, headers, method=method), timeout=60) as r:
            return Answer(r, r.read())
    except urllib.error.HTTPError as e:
        return Answer(e, e.read())


def tarn(*args, stdin=None, cwd=None, **env):
    """The command line, without what the environment says to it."""
    clean_env = {k: v for k, v in os.environ.items() if not k.startswith(("TARN_", "AWS_"))}
    return subprocess.run([TARN, *args], capture_output=True, text=True, timeout=120, cwd=cwd, env={**clean_env, **env}, input=stdin or "")


def fresh(kind):
    """A path in TMP that nothing has yet."""
    return os.path.join(TMP, f"{kind}-{next(numbers)}")


@functools.cache
def aws_major():
    """Version 1 of the AWS CLI (PyPI's) exits with 255 for every error and takes blobs as they are; version 2 with 254, and Base64."""
    return int(subprocess.run([AWS, "--version"], capture_output=True, text=True).stdout.split("/")[1].split(".")[0])


def stack_folder(conf="", base=None, files=None):
    """A stack of one's own: stack.conf is conf before that of fixtures/BASE, if any; files: path -> text."""
    folder = fresh("stack")
    shutil.copytree(os.path.join(FIXTURES, base), folder) if base else os.mkdir(folder)
    if base:
        with open(os.path.join(folder, "stack.conf"), encoding="utf-8") as f:
            conf += "\n" + f.read()
    for path, text in {**(files or {}), "stack.conf": conf}.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w", encoding="utf-8") as f:
            f.write(text)
    return folder


def log():
    """What all stacks of this test wrote."""
    with open(LOG, encoding="utf-8", errors="replace") as f:
        return f.read()


# ---- a stack ----

class Stack:
    """`tarn up` on free ports. `at` has its addresses by name. data: a state folder to go on with; conf: the stack.conf of a
    stack that has nothing else; args: more flags of up. `bucket` is where its objects are, unless a call names another."""

    bucket = BUCKET

    def __init__(self, *args, only=None, stack=None, conf=None, data=None, clock=None, popen=None):
        self.data, self.file, self.proc, self.popen = data or fresh("data"), fresh("ends"), None, popen or {}
        if conf is not None:
            stack = stack_folder(conf)
        self.flags = [*([stack] if stack else []), *(["--only", only] if only else []), *(["--clock", clock] if clock else []), *args]
        stacks.append(self)
        self.up()

    def up(self):
        """Starts it, again too: on the same folder with the same flags."""
        if os.path.exists(self.file):
            os.unlink(self.file)
        self.__dict__.pop("s3", None)
        with open(LOG, "ab") as out:
            self.proc = subprocess.Popen([TARN, "up", "--ports=auto", "--endpoints-file", self.file, "--data", self.data, *self.flags],
                                         stdin=subprocess.DEVNULL, stdout=out, stderr=out, **self.popen)
        self.at = until(self.endpoints, lambda at: at or self.proc.poll() is not None)
        if not self.at:
            bail(f"tarn didn't come up\n{log()[-4000:]}")

    def endpoints(self):
        try:
            with open(self.file, encoding="utf-8") as f:
                return json.load(f)
        except (OSError, ValueError):
            return None

    def stop(self, sig=signal.SIGTERM):
        """Its exit code."""
        if self.proc and self.proc.poll() is None:
            self.proc.send_signal(sig)
        return self.proc and self.proc.wait(60)

    def kill(self):
        return self.stop(signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def alive(self):
        return self.proc.poll() is None

    def address(self, name):
        """(host, port) of one of its addresses."""
        host, port = self.at[name].split("//")[-1].split(":")
        return host, int(port)

    # the control port

    def control(self, method, path, body=None):
        r = call(method, self.at["control"] + path, body, {"X-Tarn": "1"})
        if r.status != 200:
            bail(f"{method} {path} {body}: {r.status} {r.text}")
        return r.json()

    def clock(self, words):
        """freeze [TIME], resume; "advance 7d" answers when what fell due has come to rest."""
        return self.control("POST", "/_tarn/clock", words)

    def fault(self, spec):
        return self.control("POST", "/_tarn/faults", spec)

    def faults_clear(self, name=None):
        return self.control("DELETE", "/_tarn/faults" + (f"?name={name}" if name else ""))

    def settle(self):
        """Until nothing is in flight: three looks in a row."""
        if not until(lambda: not any(self.control("GET", "/health")["busy"] for _ in range(3)), seconds=60):
            bail("the stack doesn't come to rest")

    # the command line

    def run(self, word, *args, **more):
        return tarn(word, "--data", self.data, *args, **more)

    def answer(self, *args):
        """The data of a command's --json."""
        r = self.run(*args, "--json")
        out = json.loads(r.stdout or '{"ok": false}')
        if r.returncode or not out["ok"]:
            bail(f"tarn {args}: {r.stdout} {r.stderr}")
        return out["data"]

    def sql(self, statement):
        return self.answer("sql", statement)["rows"]

    # AWS

    def client(self, service, key="test", secret="test", retries=0, session=None, style="path", **config):
        boto3, botocore, provider = need("boto3", "botocore.config", "botocore.configprovider")
        if "disable_host_prefix_injection" in provider.BOTOCORE_DEFAUT_SESSION_VARIABLES:
            os.environ["AWS_DISABLE_HOST_PREFIX_INJECTION"] = "true"  # as tarn env says
        else:
            config["inject_host_prefix"] = False  # Debian's knows no other way
        config = botocore.Config(retries={"max_attempts": retries}, s3={"addressing_style": style}, **config)
        return (session or boto3).client(service, endpoint_url=self.at["aws"], region_name="us-east-1", aws_access_key_id=key,
                                         aws_secret_access_key=secret, config=config)

    def aws(self, *args):
        """The AWS CLI in TMP."""
        env = {"PATH": os.path.dirname(AWS) + ":/usr/bin:/bin", "HOME": TMP, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
               "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": ""}
        return subprocess.run([AWS, "--endpoint-url", self.at["aws"], *args], cwd=TMP, env=env, capture_output=True, text=True, timeout=120)

    @functools.cached_property
    def s3(self):
        return self.client("s3")

    def put_rows(self, topic, number, rows, bucket=None, base="topics"):
        """One object as the S3 sink writes it: compact JSON, non-ASCII raw, a line a record; the key it has."""
        if not isinstance(rows, bytes):
            rows = "".join(json.dumps(r, separators=(",", ":"), ensure_ascii=False) + "\n" for r in rows).encode()
        key = f"{base}/{USER}.{topic}/partition=0/{USER}.{topic}+0+{number:010d}.json"
        self.s3.put_object(Bucket=bucket or self.bucket, Key=key, Body=rows)
        return key

    def fill(self, rows=1):
        """A few good posts in each topic's first object."""
        records = {"pin": {"index": 1, "unique_id": "a", "title": "t", "description": "d", "poster_name": "p", "follower_count": "10k",
                           "tag_list": "a,b", "is_image_or_video": "image", "image_src": "s", "downloaded": 1, "save_location": "Local save in /x",
                           "category": "art"},
                   "geo": {"ind": 1, "timestamp": "2020-01-01T00:00:00", "latitude": 1.5, "longitude": 2.5, "country": "Albania"},
                   "user": {"ind": 1, "first_name": "A", "last_name": "B", "age": 20, "date_joined": "2015-10-24T11:23:51"}}
        for topic, one in records.items():
            self.put_rows(topic, 0, [{**one, next(iter(one)): i} for i in range(rows)])

    def keys(self, prefix="", bucket=None):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket or self.bucket, Prefix=prefix)
        return [o["Key"] for page in pages for o in page.get("Contents", [])]

    def get(self, key, bucket=None):
        return self.s3.get_object(Bucket=bucket or self.bucket, Key=key)["Body"].read()

    def objects(self, prefix="", bucket=None):
        return {key: self.get(key, bucket) for key in self.keys(prefix, bucket)}
