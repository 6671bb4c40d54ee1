#!/usr/bin/python3
"""Habits of people who come from LocalStack: paths of the AWS port, the line and the scripts of a start, variables, awslocal and the
AWS CLI with nothing but the environment, what Testcontainers' modules wait for."""
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import threading

from tarn import TARN, TMP, Stack, call, done, fresh, ok, parts, same, skip, tarn, until


# Where `make clients` has awslocal and tflocal.
CLIENTS = os.path.join(os.environ["TARN_CLIENTS"], "py/bin") if "TARN_CLIENTS" in os.environ else os.path.dirname(sys.executable)


def scripts(**texts):
    """A folder of init scripts: ready_d__10_a_sh="..." is ready.d/10_a.sh, executable."""
    folder = fresh("init")
    for name, text in texts.items():
        stage, _, rest = name.partition("__")
        path = os.path.join(folder, stage.replace("_d", ".d"), rest.replace("__", "/"))
        path = path[:-3] + "." + path[-2:]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o755)
    return folder


def get(s, path, method="GET", body=None, **headers):
    return call(method, s.at["aws"] + path, body, headers)


def paths(s):
    health = get(s, "/_localstack/health")
    services = health.json()["services"]
    same((health.status, [services.get(n) for n in ("s3", "kinesis", "apigateway", "sts", "mwaa")], sorted(health.json())),
         (200, ["running"] * 5, ["edition", "services", "version"]), "health names every service")
    r = subprocess.run(["curl", "-sI", s.at["aws"] + "/_localstack/health"], capture_output=True, text=True, timeout=30)
    ok(r.stdout.startswith("HTTP/1.1 200"), "HEAD of it", r.stdout)
    get(s, "/_localstack/health", "PUT", {"features:initScripts": "initialized", "mine": 1})
    health = get(s, "/_localstack/health").json()
    same((health["features"], health["mine"]), ({"initScripts": "initialized"}, 1), "what is put there is shown")
    same([get(s, "/_localstack/health", "POST", b).status for b in ({}, {"action": "dance"}, {"action": "restart"})], [400, 400, 200], "POST wants an action")
    info = get(s, "/_localstack/info").json()
    same((info["version"], info["is_license_activated"], info["system"], re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", info["server_time_utc"]) is not None,
          isinstance(info["uptime"], int), len(info["session_id"]), "is_docker" in info),
         (tarn("version").stdout.split()[1], False, "linux", True, True, 36, True), "info")
    same(get(s, "/_localstack/init").json(), {"completed": {"BOOT": True, "START": True, "READY": True, "SHUTDOWN": False}, "scripts": []}, "init")
    same([(r.status, r.json()) for r in (get(s, "/_localstack/init/ready"), get(s, "/_localstack/init/SHUTDOWN"))],
         [(200, {"completed": True, "scripts": []}), (200, {"completed": False, "scripts": []})], "a stage of it, in any case")
    same([get(s, path).status for path in ("/_localstack/init/nope", "/_localstack/nope", "/_localstack/plugins", "/_localstack/diagnose", "/_moto-api/nope")],
         [404, 404, 200, 200, 404], "others")
    same(get(s, "/_localstack/info", "DELETE").status, 405, "a method that isn't there")


def keys_that_look_so(s):
    """Objects may be called like these paths."""
    s.s3.create_bucket(Bucket="looks")
    s.s3.put_object(Bucket="looks", Key="_localstack/health", Body=b"mine")
    same(s.s3.get_object(Bucket="looks", Key="_localstack/health")["Body"].read(), b"mine", "an object called so is S3's by path")
    host = f"looks.s3.localhost.localstack.cloud:{s.address('aws')[1]}"
    same(get(s, "/_localstack/health", Host=host).text, "mine", "and by its bucket's host")


def page(s):
    r = get(s, "/", Accept="text/html,application/xhtml+xml")
    ok(r.status == 200 and r.headers["Content-Type"].startswith("text/html") and "tarn" in r.text and len(r.text) < 1024, "a browser sees a page of 1 kB", r.text)
    ok("<ListAllMyBucketsResult" in get(s, "/").text, "everybody else the buckets")


def resets(s):
    for path in ("/_localstack/state/reset", "/_moto-api/reset", "/_tarn/reset"):
        s.s3.create_bucket(Bucket="gone")
        same((get(s, path, "POST").status, "gone" in [b["Name"] for b in s.s3.list_buckets()["Buckets"]]), (200, False), f"POST {path}")


def programs(s):
    """With the environment of tarn env, and nothing else."""
    env = {k: v for k, v in json.loads(s.run("env", "--format", "json").stdout).items() if v is not None}
    env.update(PATH=f"{CLIENTS}:/usr/bin:/bin", HOME=TMP)
    awslocal = shutil.which("awslocal", path=CLIENTS)
    if not awslocal:
        skip("awslocal", "it isn't here (make clients)")
        return
    for words in (["s3", "mb", "s3://by-awslocal"], ["s3", "ls"], ["kinesis", "list-streams"], ["mwaa", "list-environments"], ["sts", "get-caller-identity"]):
        r = subprocess.run([awslocal, *words], env=env, capture_output=True, text=True, timeout=60)
        ok(r.returncode == 0, "awslocal " + " ".join(words), r.stdout + r.stderr)
    host = {k: v for k, v in env.items() if not k.startswith("AWS_") or "REGION" in k or "PREFIX" in k}
    r = subprocess.run([awslocal, "s3", "ls"], env={**host, "AWS_ENDPOINT_URL": s.at["aws"]}, capture_output=True, text=True, timeout=60)
    ok("by-awslocal" in r.stdout, "and without keys", r.stdout + r.stderr)


FAKE = """#!/bin/sh
[ "$1" = version ] && echo '{"terraform_version": "1.9.0"}' || cat ./*override.tf
"""


def terraform(s):
    """tflocal's provider leads here, with terraform's part played by a script that shows it."""
    tflocal = shutil.which("tflocal", path=CLIENTS)
    if not tflocal:
        skip("tflocal", "it isn't here (make clients)")
        return
    folder, bin_folder = fresh("terraform"), fresh("bin")
    os.mkdir(folder)
    os.mkdir(bin_folder)
    with open(folder + "/main.tf", "w", encoding="utf-8") as f:
        f.write('resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n')
    with open(bin_folder + "/terraform", "w", encoding="utf-8") as f:
        f.write(FAKE)
    os.chmod(bin_folder + "/terraform", 0o755)
    env = {k: v for k, v in json.loads(s.run("env", "--format", "json").stdout).items() if v is not None}
    r = subprocess.run([tflocal, "plan"], cwd=folder, capture_output=True, text=True, timeout=60,
                       env={**env, "PATH": f"{bin_folder}:{CLIENTS}:/usr/bin:/bin", "HOME": TMP})
    found = dict(re.findall(r'(\w+) += "?([^"\n]*)"?', r.stdout))
    same([found.get(k) for k in ("s3", "kinesis", "sts", "apigateway", "kafka", "s3_use_path_style", "region")],
         [s.at["aws"]] * 5 + ["true", "us-east-1"], "tflocal: every endpoint, buckets in the path")


READY = {
    "boot_d__first_sh": "#!/bin/sh\necho booting ${AWS_ENDPOINT_URL-alone}\n",
    "start_d__s_py": "import urllib.request, os\nprint('starting', urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/_localstack/init/boot').read().decode())\n",
    "ready_d__20_b_sh": "#!/bin/bash\ncurl -s $AWS_ENDPOINT_URL/_localstack/init/ready\necho\necho second\n",
    "ready_d__10_a_sh": "#!/bin/sh\ncurl -sf -X PUT $AWS_ENDPOINT_URL/made-by-a-script\necho first $AWS_DEFAULT_REGION\nexit 3\n",
    "ready_d__sub__deep_py": "print('third')\n",
    "shutdown_d__end_sh": "#!/bin/sh\ncurl -s $AWS_ENDPOINT_URL/ >$0.out\n",
}


def start():
    folder = scripts(**READY)
    with open(folder + "/ready.d/readme.txt", "w", encoding="utf-8") as f:
        f.write("not a script")
    file, data = fresh("ends"), fresh("data")
    p = subprocess.Popen([TARN, "up", "--ports=auto", "--endpoints-file", file, "--data", data, "--only", "s3", "--init", folder], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    lines = []
    while (line := p.stdout.readline()) and line != "Ready.\n":
        lines.append(line.rstrip())
    said = [line for line in lines if line.split(" ")[0] in ("booting", "starting", "first", "second", "third")]
    same((line, said), ("Ready.\n", ["booting alone", 'starting {"completed":true,"scripts":[{"stage":"BOOT","name":"first.sh","state":"SUCCESSFUL"}]}',
                                     "first us-east-1", "second", "third"]), "scripts run in order, then Ready. is said")
    ok(any('"name":"20_b.sh","state":"RUNNING"' in line and '"name":"10_a.sh","state":"ERROR"' in line and '"state":"UNKNOWN"' in line for line in lines),
       "while they run init says so", lines)
    with open(file, encoding="utf-8") as f:
        aws = json.load(f)["aws"]
    r = call("GET", aws + "/_localstack/init").json()
    same((r["completed"], [(x["stage"], x["name"], x["state"]) for x in r["scripts"]]),
         ({"BOOT": True, "START": True, "READY": True, "SHUTDOWN": False},
          [("BOOT", "first.sh", "SUCCESSFUL"), ("START", "s.py", "SUCCESSFUL"), ("READY", "10_a.sh", "ERROR"), ("READY", "20_b.sh", "SUCCESSFUL"),
           ("READY", "deep.py", "SUCCESSFUL"), ("SHUTDOWN", "end.sh", "UNKNOWN")]), "and afterwards how it went")
    ok("made-by-a-script" in call("GET", aws + "/").text, "what a script made is there")
    p.send_signal(signal.SIGTERM)
    out, err = p.communicate(timeout=60)
    ok(p.returncode == 0 and "init-script-failed stage=READY" in err and "code=3" in err, "a failing script is in the log", err)
    with open(folder + "/shutdown.d/end.sh.out", encoding="utf-8") as f:
        ok("ListAllMyBucketsResult" in f.read(), "scripts of the shutdown still reach it")


def interrupted_start():
    p = subprocess.Popen([TARN, "up", "--ports=auto", "--data", fresh("data"), "--only", "s3", "--init", scripts(ready_d__long_sh="#!/bin/sh\nexec sleep 600\n")],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    while p.stdout.readline().split(" ")[0] != "try":
        pass
    p.send_signal(signal.SIGINT)
    same((p.communicate(timeout=60)[0], p.returncode), ("", 0), "a signal ends a start whose scripts go on; it isn't Ready")


def waiting():
    """tarn wait, of another process."""
    folder, data = scripts(ready_d__slow_sh="#!/bin/sh\nwhile [ ! -e go ]; do :; done\n"), fresh("data")
    where = fresh("cwd")
    os.mkdir(where)
    p = subprocess.Popen([TARN, "up", "--ports=auto", "--data", data, "--only", "s3", "--init", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         cwd=where)
    until(lambda: os.path.exists(data + "/endpoints.json"))
    r = tarn("wait", "--seconds", "0", "--data", data)
    same((r.returncode, "was ready within 0 s" in r.stderr), (4, True), "tarn wait: not while scripts run")
    w = subprocess.Popen([TARN, "wait", "--data", data])
    with open(where + "/go", "w", encoding="utf-8"):
        pass
    same((w.wait(60), p.poll()), (0, None), "and then it ends")
    with open(data + "/endpoints.json", encoding="utf-8") as f:
        aws = json.load(f)["aws"]
    waits = lambda *words: (lambda r: (r.returncode, r.stderr.splitlines()[:1]))(tarn("wait", "--data", data, "--seconds", "20", *words))
    same(waits("s3", aws + "/_localstack/health", aws.split("//")[1]), (0, []), "for a service, an URL and an address")
    same(waits("kafka"), (1, [f"tarn: the stack on {data} runs without kafka"]), "a service that the stack doesn't run is no wait for the time limit")
    same(waits("kafkaa"), (2, ["tarn: neither a service nor an address (http://HOST:PORT/, HOST:PORT): kafkaa (did you mean kafka?)"]), "nor is a wrong word")
    same(waits("--seconds", "0", aws + "/none/none"), (4, [f"tarn: {aws}/none/none wasn't ready within 0 s: status 404"]), "an error isn't ready")
    p.terminate()
    p.wait(60)


def background():
    data = fresh("data")
    r = tarn("up", "-d", "--ports=auto", "--data", data, "--only", "s3")
    same((r.returncode, r.stdout.endswith("\nReady.\n")), (0, True), "Ready. is what up -d says last, too")
    with open(data + "/endpoints.json", encoding="utf-8") as f:
        aws = json.load(f)["aws"]
    same(call("POST", aws + "/_localstack/health", {"action": "kill"}).text, "ok", "action kill")
    ok(until(lambda: not os.path.exists(data + "/endpoints.json")), "ends it")


def variables():
    def up(*args, **env):
        data = fresh("data")
        r = tarn("up", "-d", "--localstack", "--ports=auto", "--data", data, *args, **env)
        ends = json.loads(tarn("status", "--json", "--data", data).stdout)["data"]["endpoints"] if not r.returncode else {}
        health = call("GET", ends["aws"] + "/_localstack/health").json()["services"] if "aws" in ends else {}
        kept = os.path.exists(data + "/s3.db")
        tarn("down", "--data", data)
        return r, sorted(ends), sorted(k for k, v in health.items() if v == "running"), kept

    r, ends, running, kept = up(SERVICES="s3,kinesis", LOCALSTACK_DEBUG="0")
    same((r.returncode, ends, running, kept), (0, ["aws", "control"], ["kinesis", "s3"], True), "SERVICES")
    r, ends, running, _ = up(LOCALSTACK_SERVICES="s3, dynamodb,lambda")
    same((r.returncode, running, "tarn serves no dynamodb, lambda" in r.stderr), (0, ["s3"], True), "LOCALSTACK_SERVICES; what isn't served is named")
    r, ends, running, _ = up(SERVICES="mwaa")
    same((r.returncode, "mwaa" in running, "airflow" in ends), (0, True, True), "mwaa brings Airflow and what it needs")
    same(up(SERVICES="lambda")[0].returncode, 2, "nothing that is served: it doesn't start")
    same(up(SERVICES="s3", PERSISTENCE="0")[3], False, "PERSISTENCE=0 keeps nothing")
    same([up(SERVICES="s3", GATEWAY_LISTEN=v)[0].returncode for v in ("127.0.0.1", "0.0.0.0:1,1.2.3.4:2", "127.0.0.1:x", "nowhere:1")], [0, 2, 2, 2],
         "GATEWAY_LISTEN: one address")
    port = free_port()
    r, ends, _, _ = up(SERVICES="s3", GATEWAY_LISTEN=f"127.0.0.1:{port}")
    ok(f"127.0.0.1:{port}\n" in r.stdout, "and its port", r.stdout + r.stderr)
    same(up(SERVICES="s3", LS_LOG="loud")[0].returncode, 2, "LS_LOG that is no level")
    same(up()[1], sorted(["rds", "kafka", "rest", "connect", "apigateway", "airflow", "aws", "control", "lake"]), "without any, everything runs")
    same(tarn("up", "-d", "--ports=auto", "--data", fresh("other"), SERVICES="nonsense", DEBUG="1").returncode, 0, "and without --localstack nobody reads them")
    tarn("down", "--data", os.path.join(TMP, max((f for f in os.listdir(TMP) if f.startswith("other")), key=lambda f: int(f.split("-")[1]))))


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def testcontainers():
    """What its modules do, without a container: the line by their pattern, health until it answers 200."""
    p = subprocess.Popen([TARN, "up", "--localstack", "--ports=auto", "--data", fresh("data")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         env={**os.environ, "SERVICES": "s3,sts", "AWS_ACCESS_KEY_ID": "testcontainers-localstack", "AWS_DEFAULT_REGION": "us-west-1"})
    seen = ""
    while not re.search(r".*Ready\.\n", seen) and (line := p.stdout.readline()):
        seen += line
    aws = re.search(r"aws +(http\S+)", seen).group(1)
    same(call("GET", aws + "/_localstack/health").status, 200, "Ready. is seen by the pattern of the Java module, health by Go's")
    p.terminate()
    p.communicate(timeout=60)


def help_text():
    r = tarn("help", "localstack")
    ok(r.returncode == 0 and all(w in r.stdout for w in ("SERVICES", "GATEWAY_LISTEN", "/_localstack/init", "ready.d", "awslocal")), "tarn help localstack", r.stdout)


with Stack() as stack:
    parts(paths, keys_that_look_so, page, resets, programs, terraform, args=(stack,))
parts(start, interrupted_start, waiting, background, variables, testcontainers, help_text)
done()
