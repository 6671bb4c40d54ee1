"""Users' own programs, not one byte of them changed, under tarn exec by one of its ways: scripts/ holds them. They name the hosts of AWS, stages,
ids and streams of users that the stack has never heard of. What they send must have arrived. test_exec_scripts*.py run them, a way each."""
import concurrent.futures
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from tarn import AWS, ROOT, TARN, TMP, Stack, becomes, fresh, log, need, ok, same, skip, tarn, until

boto3, pymysql, sqlalchemy, requests, kafka = need("boto3", "pymysql", "sqlalchemy", "requests", "kafka")
SCRIPTS = os.path.join(ROOT, "tests/clients/scripts")
CLIENTS = os.path.abspath(os.environ.get("TARN_CLIENTS", "/nonexistent"))
FIRST = "namespace"
PYTHON = sys.executable
PAR = 4
# By the ways but the first, without `make clients`: one of each kind of client.
KINDS = {"posting_nullpool.py", "posting_processes.py", "streaming_record.py", "kafka_tls.py", "boto_s3.py", "boto_session.py", "curl_topics.sh",
         "awscli.sh", "kcat.sh", "mariadb.sh", "pipeline.sh", "node_fetch.mjs", "Post.java", "post.go"}


def topics(user, pin=0, geo=0, users=0):
    return {f"{user}.{name}": n for name, n in (("pin", pin), ("geo", geo), ("user", users)) if n}


# What each leaves behind: records by topic, records by stream, objects by bucket; what it prints; what must be here for it.
ROWS = [
    ("posting_nullpool.py", {"topics": topics("0a6a638f5991", 3, 3, 3)}, r"^(200\n){9}$"),
    ("posting_isoformat.py", {"topics": topics("12471ce1b695", 4, 4, 4)}, r"user 200 3\n$"),
    ("posting_url_create.py", {"topics": topics("0a4e65e909bd", 3, 3, 3)}, "sent 9"),
    ("posting_json_keyword.py", {"topics": topics("0afff54d4f49", 3, 3, 3)}, r"(?s)topics: \[.*(sent \w+ True\n){9}$"),
    ("posting_threads.py", {"topics": topics("0e172e8c4bc3", 5, 5, 5)}, r"\[200\] 15"),
    ("posting_processes.py", {"topics": topics("0e95b18877fd", 3, 3, 3)}, r"(?s)^(.*200){9}"),
    ("posting_yaml.py", {"topics": topics("0eb84f80c29b", 3, 3, 3)}, "11154 rows"),
    ("posting_urllib.py", {"topics": topics("0edd1f5a9e2c", 0, 3)}, r"^200 \{.*\n200 \{.*\n200\n$"),
    ("asyncio_posts.py", {"topics": topics("0d1e2f3a4b5c", 0, 0, 20)}, r"^\[200\]\n$"),
    ("streaming_record.py", {"streams": {f"streaming-0e03d1c30c91-{n}": 3 for n in ("pin", "geo", "user")}}, r"^(200 shardId-\d+\n){9}$"),
    ("streaming_prod_stream.py", {"streams": {"Kinesis-Prod-Stream": 12}}, "done"),
    ("streaming_lists.py", {"streams": {"streaming-0a2bc878981f-user": 3}}, "SequenceNumber"),
    ("streaming_records.py", {"streams": {"streaming-0a40ea42f8c9-geo": 5}}, "^200 "),
    ("streaming_pick.py", {"streams": {f"streaming-0affea73130b-{n}": 1 for n in ("pin", "geo", "user")}}, r"(ACTIVE\n200 True\n){3}$"),
    ("streaming_manage.py", {"streams": {"streaming-0f5d1c0b4a3e-test": 1}}, "ACTIVE"),
    ("kafka_producer.py", {"topics": topics("0a60b9a8a831", 10)}, "offsets"),
    ("kafka_tls.py", {"topics": topics("0c7ca7b7a6a9", 0, 0, 5)}, r"4\n$"),
    ("boto_kinesis.py", {"streams": {"streaming-0affea73130b-user": 6}}, "seen"),
    ("boto_s3.py", {"objects": {"user-0a5d1f2b3c4e-bucket": 4}}, r"https://user-0a5d1f2b3c4e-bucket\.s3\.amazonaws\.com/"),
    ("boto_session.py", {}, r"ACTIVE\n\d{12}\nuser-0affea73130b-bucket"),
    ("curl_topics.sh", {"topics": topics("0b8f7a6e5d4c", 3)}, '"offset"', "curl"),
    ("awscli.sh", {"objects": {"user-0affea73130b-bucket": 1}}, r"(?s)ACTIVE.*streaming-0affea73130b", "aws"),
    ("kcat.sh", {"topics": topics("0b1c2d3e4f5a", 0, 5)}, r'\{"ind": 4\}\n\{"ind": 5\}\n$', "kcat"),
    ("mariadb.sh", {}, r"(?s)^11154\n.*country:", "mariadb"),
    ("pipeline.sh", {"streams": {"streaming-0a40ea42f8c9-geo": 5}, "topics": topics("0edd1f5a9e2c", 0, 3)}, r"^4\n$"),
    ("node_fetch.mjs", {"topics": topics("0c1d2e3f4a5b", 3)}, r"^4\n\d\n\d\n\d\n200\n$", "node"),
    ("node_sdk.mjs", {"objects": {"user-0affea73130b-bucket": 1}, "streams": {"streaming-0affea73130b-geo": 3}}, r'(?s)\{"ind":1\}.*ACTIVE', "npm"),
    ("node_mysql_kafka.mjs", {"topics": topics("0a9b8c7d6e5f", 2)}, r"^2 0a9b8c7d6e5f.pin 0\n$", "npm"),
    ("Post.java", {"topics": topics("0f0e0d0c0b0a", 0, 0, 3)}, r"^(200 HTTP_\w+\n){3}true\n$", "java"),
    ("post.go", {"topics": topics("0a0b0c0d0e0f", 0, 3)}, r'(protocol 10|"offset":2,.*)\n$', "go"),
]


# ---- what arrived ----

def arrived(stack, what):
    """The same as a row's: topic -> records, stream -> records, bucket -> objects; 0 where there is none."""
    out = {}
    if what.get("topics"):
        consumer = kafka.KafkaConsumer(bootstrap_servers=stack.at["kafka"])
        there = consumer.topics()
        for topic in what["topics"]:
            ends = consumer.end_offsets([kafka.TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]) if topic in there else {}
            out[topic] = sum(ends.values())
        consumer.close()
    kinesis = stack.client("kinesis")
    for stream in what.get("streams", {}):
        out[stream] = 0
        try:
            shards = kinesis.list_shards(StreamName=stream)["Shards"]
        except kinesis.exceptions.ResourceNotFoundException:
            continue
        for shard in shards:
            at = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            out[stream] += len(kinesis.get_records(ShardIterator=at)["Records"])
    for bucket in what.get("objects", {}):
        try:
            out[bucket] = len(stack.keys(bucket=bucket))
        except stack.s3.exceptions.NoSuchBucket:
            out[bucket] = 0
    return out


def wanted(what):
    return {name: n for kind in what.values() for name, n in kind.items()}


# ---- running them ----

def go_program():
    """The Go program as one static file."""
    out = os.path.join(TMP, "post-go")
    if not os.path.exists(out):
        env = {**os.environ, "CGO_ENABLED": "0", "GOCACHE": os.path.join(TMP, "go-cache"), "GOFLAGS": "-mod=mod", "GO111MODULE": "off"}
        r = subprocess.run(["go", "build", "-o", out, os.path.join(SCRIPTS, "post.go")], env=env, capture_output=True, text=True, timeout=600)
        if r.returncode:
            return None
    return out


def lacks(needs):
    if needs == "npm":
        return None if os.path.isdir(os.path.join(CLIENTS, "npm/node_modules/@aws-sdk/client-s3")) else "make clients"
    if needs == "aws":
        return None if AWS else "no AWS CLI"
    if needs == "go":
        return None if shutil.which("go") and go_program() else "no Go"
    return None if not needs or shutil.which(needs) else f"no {needs}"


def command(script, way):
    path = os.path.join(SCRIPTS, script)
    if script.endswith(".py"):
        return [PYTHON, path]
    if script.endswith(".mjs"):
        return ["node", path]
    if script.endswith(".java"):
        return ["java", path]
    if script.endswith(".go"):
        return [go_program(), *(["http"] if way == "preload" else [])]  # a static program's connects aren't led, its proxy is
    return [path]


def environment():
    """A user's: a home of their own, tests' python first, no word about us or AWS."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TARN", "AWS_"))}
    path = ":".join(dict.fromkeys([os.path.dirname(PYTHON), *([os.path.dirname(AWS)] if AWS else []), *env.get("PATH", "").split(":")]))
    home = os.path.join(TMP, "home")
    os.makedirs(home, exist_ok=True)
    return {**env, "PATH": path, "HOME": home, "NODE_PATH": os.path.join(CLIENTS, "npm/node_modules"), "PYTHONDONTWRITEBYTECODE": "1"}


def run(args, cmd, seconds=90):
    """Output and exit code; one that doesn't end is killed with all that it started."""
    p = subprocess.Popen([TARN, "exec", *args, "--", *cmd], env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, cwd=TMP, start_new_session=True)
    try:
        out, err = p.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)
        out, err = p.communicate()
        err += f"\nstill running after {seconds} s"
    return subprocess.CompletedProcess(cmd, p.returncode, out, err)


def one(row, stack, way):
    """Its end and how long it took; None: what it needs isn't here."""
    if lacks((*row, None)[3]):
        return None, 0
    start = time.monotonic()
    r = run(["--attach", "--data", stack.data, "--way", way], command(row[0], way))
    return r, time.monotonic() - start


def judge(way, row, r, took, got):
    script, what, prints, needs = (*row, None)[:4]
    if r is None:
        return skip(f"{way}: {script}", lacks(needs))
    good = r.returncode == 0 and got == wanted(what) and re.search(prints, r.stdout)
    return ok(good, f"{way}: {script}", f"exit {r.returncode} after {took:.1f} s\narrived {got}\nwanted  {wanted(what)}\nto print {prints}\n"
              f"{r.stdout[-1500:]}\n{r.stderr[-2000:]}")


def works(way):
    r = tarn("exec", "--how")
    return re.search(rf"^{way} +(taken|works)", r.stdout, re.M)


def scripts(way):
    if not works(way):
        skip(f"{way}", "it doesn't work here: tarn exec --how")
        return
    shared = {"streaming_records.py", "posting_urllib.py", "boto_kinesis.py", "streaming_pick.py", "awscli.sh", "node_sdk.mjs"}  # a stream or a bucket
    rows = [row for row in ROWS if way == FIRST or row[0] in KINDS or os.path.isdir(CLIENTS)]
    apart = [row for row in rows if row[0] not in shared]
    with Stack("--set", "stack.adopt=on") as stack:
        with concurrent.futures.ThreadPoolExecutor(PAR) as pool:
            ran = list(pool.map(lambda row: one(row, stack, way), apart))
        for row, (r, took) in zip(apart, ran):
            judge(way, row, r, took, arrived(stack, row[1]))
        for row in rows:
            if row[0] in shared:
                before = arrived(stack, row[1])
                r, took = one(row, stack, way)
                after = arrived(stack, row[1])
                judge(way, row, r, took, {name: n - before[name] for name, n in after.items()})


def forever(way):
    """As users start it and end it: a stack of its own, and Ctrl-C."""
    if not works(way):
        return
    data = fresh("data")
    p = subprocess.Popen([TARN, "exec", "--way", way, "--data", data, "--", PYTHON, os.path.join(SCRIPTS, "posting_forever.py")], env=environment(),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=TMP)
    lines = [p.stdout.readline() for _ in range(3)]
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=60)
    same((lines, p.returncode), (["Working\n"] + 2 * ["posted 200\n"], 0), f"{way}: posting_forever.py posts")
    ok(out.endswith("Stopped by user\n") and out.count("Stopped") == 1, f"{way}: until Ctrl-C", out + err)
    until(lambda: not os.path.exists(os.path.join(data, "pid")))
    with Stack(data=data) as stack:
        ok(arrived(stack, {"topics": topics("0ec858bf1407", 2)})["0ec858bf1407.pin"] >= 2, f"{way}: what it sent is in the state folder")


def authorities():
    """Files of authorities that programs name themselves are covered by the first way; by the others the log says what to do."""
    script = os.path.join(SCRIPTS, "rds_bundle.py")
    for name in ("global-bundle.pem", "mine.pem"):
        with open(os.path.join(TMP, name), "w", encoding="utf-8") as f:
            f.write(tarn("ca", "--pem", "--data", fresh("other")).stdout)
    if works("namespace"):
        same(run(["--way", "namespace"], [PYTHON, script, "global-bundle.pem"]).stdout, "11154\n", "a file with one of AWS's names")
        with Stack() as stack:
            r = run(["--way", "namespace", "--attach", "--data", stack.data], [PYTHON, script, "mine.pem"])
            ok(r.returncode, "another is the program's own", r)
            becomes(lambda: re.findall(r"distrusted name=(\w+)\..*--ca-over", log()), ["pinterestdbreadonly"], "and the log says what to do")
        same(run(["--way", "namespace", "--ca-over", "mine.pem"], [PYTHON, script, "mine.pem"]).stdout, "11154\n", "--ca-over")
        with open(os.path.join(TMP, "mine.pem"), encoding="utf-8") as f:
            same(f.read().count("BEGIN CERT"), 1, "outside, it is as it was")
        same(run(["--way", "namespace"], [PYTHON, os.path.join(SCRIPTS, "certifi_where.py")]).stdout, "200\n", "certifi's own")
    if works("notify"):
        r = run(["--way", "notify", "--ca-over", "mine.pem"], [PYTHON, script, "mine.pem"])
        ok("mine.pem can't be covered" in r.stderr and "tarn ca --pem" in r.stderr, "notify: a file that can't be covered", r.stderr)


def silent():
    """No script knows of us."""
    for path in sorted(glob.glob(os.path.join(SCRIPTS, "*"))):
        with open(path, encoding="utf-8") as f:
            text = f.read().lower()
        if "tarn" in text or "localhost" in text or "endpoint_url=http:" in text or "127.0.0.1" in text:
            ok(False, f"{os.path.basename(path)} names what no user's script does")
    ok(len(ROWS) >= 24, "24 scripts and more")
