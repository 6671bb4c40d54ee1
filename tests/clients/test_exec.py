#!/usr/bin/env python3
"""tarn exec: programs as they are, names of AWS in them, in a name space of their own; nothing of theirs is bent. As a user without
rights, as judged; as root, if this is root; and beside a stack that runs."""
import errno
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

from tarn import BUCKET, TARN, TMP, USER, Stack, bail, becomes, call, done, fresh, ok, parts, same, skip, skip_all, tarn, until

NOBODY = 65534
INVOKE = "https://abc123.execute-api.us-east-1.amazonaws.com"
RDS = "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com"
BROKER = "b-2.demo.ab12cd.c3.kafka.us-east-1.amazonaws.com"
EC2 = "ec2-54-1-2-3.compute-1.amazonaws.com"
os.chmod(TMP, 0o711)
OWN = shutil.copy(TARN, os.path.join(TMP, "tarn"))  # where the other user reaches it
SCRATCH = os.path.join(TMP, "scratch")
os.mkdir(SCRATCH)
os.chmod(SCRATCH, 0o1777)
ROOT = os.geteuid() == 0
WAY = ("--way", "namespace")
ADOPTS = "stack.adopt" in tarn("help", "settings").stdout


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TARN_", "AWS_")) and not k.lower().endswith("_proxy")}
    return {**env, "HOME": SCRATCH, "TMPDIR": SCRATCH, **more}


def as_user(nobody=ROOT):
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if nobody else {}


def run(*program, flags=(), stdin=None, nobody=ROOT, cwd=SCRATCH, **env):
    return subprocess.run([OWN, "exec", *WAY, *flags, "--", *program], capture_output=True, text=True, timeout=120, cwd=cwd, input=stdin or "",
                          env=environment(**env), **as_user(nobody))


def python(code, **more):
    r = run(sys.executable, "-c", code, **more)
    try:
        return json.loads(r.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        bail(f"{code}\n{r.returncode} {r.stdout}\n{r.stderr}")


LOOKS = f'''
import json, socket, ssl, urllib.request, urllib.error, os
got = {{}}
def get(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except OSError as e:
        return None, str(e)
got["topics"] = get("{INVOKE}/prod/topics")
got["plain"] = get("{INVOKE}/prod/topics".replace("https", "http"))
got["bucket"] = get("https://{BUCKET}.s3.us-east-1.amazonaws.com/")
got["old bucket"] = get("https://{BUCKET}.s3.amazonaws.com/?list-type=2")
got["rest"] = get("http://{EC2}:8082/topics")
got["connect"] = get("http://{EC2}:8083/connectors")
got["workspace"] = get("https://dbc-1.cloud.databricks.com/api/2.0/clusters/list")
got["mwaa"] = get("https://api.airflow.us-east-1.amazonaws.com/environments")
got["airflow"] = get("https://u-1.c2.us-east-1.airflow.amazonaws.com/api/v1/health")
got["unserved"] = get("https://lambda.us-east-1.amazonaws.com/")
got["own ports"] = get("http://localhost:8082/topics")
got["aws port"] = get("http://localhost:4566/_localstack/health")[0]
got["foreign"] = get("https://example.com/")
got["literal"] = get("http://93.184.216.34/")
got["metadata"] = get("http://169.254.169.254/latest/meta-data/")
def greet(host, port):
    with socket.create_connection((host, port), 20) as s:
        return s.getpeername()[0], s.recv(80)[5:8].decode()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.settimeout(20)
    s.connect(("8.8.8.8", 53))
    s.send(b"\\0\\x07\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\3sts\\x09amazonaws\\3com\\0\\0\\1\\0\\1")
    got["resolver"] = socket.inet_ntoa(s.recv(600)[-4:])
got["mysql"] = greet("{RDS}", 3306)
with socket.create_connection(("{BROKER}", 9094), 20) as s, ssl.create_default_context().wrap_socket(s, server_hostname="{BROKER}") as t:
    got["broker"] = s.family == socket.AF_INET and t.getpeercert()["subjectAltName"][0][1]
got["ids"] = [os.getuid(), os.getgid(), os.getcwd()]
got["self"] = bool(socket.gethostbyname(socket.gethostname()))
own = socket.create_server(("127.0.0.1", 443)) if os.getuid() == 0 else socket.create_server(("127.0.0.1", 5000))
got["server"] = socket.create_connection(own.getsockname(), 5).getpeername()[0]
print(json.dumps(got))
'''


def names(nobody):
    who = "nobody" if nobody else "this user"
    got = python(LOOKS, nobody=nobody)
    topics = [f"{USER}.{t}" for t in ("user", "geo", "pin")]
    for way in ("topics", "plain") if ADOPTS else ():
        status, body = got[way]
        same((status, json.loads(body)), (200, topics), f"{who}: an invoke URL of an id and stage of the program's own ({way})")
    for way in ("bucket", "old bucket"):
        ok(got[way][0] == 200 and f"<Name>{BUCKET}</Name>" in got[way][1], f"{who}: a bucket by its host ({way})", got[way])
    same((got["rest"][0], sorted(json.loads(got["rest"][1]))), (200, sorted(topics)), f"{who}: the REST proxy of a machine")
    same(got["connect"][0], 200, f"{who}: Connect of a machine")
    ok("clusters" in got["workspace"][1], f"{who}: a workspace of Databricks", got["workspace"])
    ok("Environments" in got["mwaa"][1], f"{who}: MWAA's API, unsigned", got["mwaa"])
    same(got["airflow"][0], 200, f"{who}: an environment's web server")
    ok("lambda" in got["unserved"][1] and got["unserved"][0] >= 400, f"{who}: an API that isn't served says its name", got["unserved"])
    same((got["own ports"][0], got["aws port"]), (200, 200), f"{who}: localhost has the stack's own ports")
    ok("not known" in got["foreign"][1], f"{who}: a foreign name isn't resolved", got["foreign"])
    for way in ("literal", "metadata"):
        ok("refused" in got[way][1], f"{who}: an address of the world refuses ({way})", got[way])
    same(got["resolver"], "127.77.0.1", f"{who}: a resolver that the program knows by its address is ours")
    same(got["mysql"][1], "8.0", f"{who}: a database of RDS greets")
    same(got["broker"], BROKER, f"{who}: a broker's TLS is trusted, and of its name")
    uid = NOBODY if nobody else os.getuid()
    same(got["ids"], [uid, NOBODY if nobody else os.getgid(), os.path.realpath(SCRATCH)], f"{who}: uid, gid and folder are the program's own")
    same((got["self"], got["server"]), (True, "127.0.0.1"), f"{who}: the machine's own name, and a server of the program's own")


def unprivileged():
    names(ROOT)


def privileged():
    if ROOT:
        names(False)
    else:
        skip("as root", "this isn't root")


def programs():
    if ADOPTS:
        r = run("curl", "-sS", f"{INVOKE}/first/topics")
        ok(r.returncode == 0 and f"{USER}.pin" in r.stdout, "curl trusts, whatever the stage", r)
    r = run("curl", "-sS", "https://example.com/")
    ok(r.returncode == 6 and "Could not resolve host: example.com" in r.stderr, "curl can't resolve a foreign name", r)
    ok("name=example.com" in r.stderr and "--net" in r.stderr, "and the log says why", r.stderr)
    script = os.path.join(SCRATCH, "post.sh")
    with open(script, "w", encoding="utf-8") as f:
        f.write(f'#!/bin/sh\nfor i in 1 2 3; do curl -s -X POST -H "Content-Type: application/vnd.kafka.json.v2+json" '
                f'--data \'{{"records":[{{"value":{{"index":\'$i\'}}}}]}}\' {INVOKE}/anystage/topics/{USER}.pin; echo; done\n')
    os.chmod(script, 0o755)
    r = run(script)
    if ADOPTS:
        same(re.findall(r'"offset":(\d+)', r.stdout), ["0", "1", "2"], "a shell script posts")
    code = f'''
import json, requests, pymysql, boto3
got = {{"requests": requests.get("{INVOKE}/prod/topics", timeout=20).status_code}}
db = pymysql.connect(host="{RDS}", user="project_user", password="x", database="pinterest_data", port=3306)
with db.cursor() as c:
    c.execute("SELECT COUNT(*) FROM pinterest_data")
    got["rows"] = c.fetchone()[0]
s3 = boto3.client("s3")
s3.put_object(Bucket="{BUCKET}", Key="a/b", Body=b"x")
got["s3"] = s3.get_object(Bucket="{BUCKET}", Key="a/b")["Body"].read().decode()
got["sts"] = boto3.client("sts").get_caller_identity()["Account"]
got["streams"] = boto3.client("kinesis").list_streams()["StreamNames"]
got["mwaa"] = len(boto3.client("mwaa").list_environments()["Environments"])
print(json.dumps(got))
'''
    try:
        import boto3, pymysql, requests  # noqa: F401 pylint: disable=unused-import,import-outside-toplevel
    except ImportError as e:
        skip("Python's clients", e)
        return
    got = python(code)
    same([got["requests"] == 200 or not ADOPTS, got["s3"], len(got["sts"]), got["mwaa"] > 0], [True, "x", 12, True], "requests and boto3 without an endpoint")
    ok(got["rows"] > 1000 and len(got["streams"]) == 3, "PyMySQL by the host of RDS; streams", got)


def nothing_bent():
    same([run("sh", "-c", f"exit {n}").returncode for n in (0, 7, 255)], [0, 7, 255], "exit codes")
    same(run("sh", "-c", "kill -TERM $$").returncode, -signal.SIGTERM, "a death by a signal is that")
    r = run("no-such-program-here")
    ok(r.returncode == 127 and "no-such-program-here" in r.stderr, "no such program: 127", r)
    same(run("/etc/passwd").returncode, 126, "not a program: 126")
    same(run("cat", stdin="one\ntwo\n").stdout, "one\ntwo\n", "standard input")
    same(run("sh", "-c", 'printf "%s|" "$@"', "sh", "a b", "", "--how").stdout, "a b||--how|", "words")
    same(run("sh", "-c", "sh -c 'sh -c \"exit 3\"'; echo $?").stdout, "3\n", "shells in shells")
    same(run("sh", "-c", "jobs; wait; echo done").stdout, "done\n", "no child that the program didn't start")
    same(run("env", HTTPS_PROXY="http://proxy:1", MYSQL_HOST=RDS).stdout.count(f"MYSQL_HOST={RDS}\n"), 1, "variables that the user has set stay")
    r = run(OWN, "exec", *WAY, "--", "getent", "hosts", "sts.amazonaws.com")
    ok(r.stdout.startswith("127.77.0.1 "), "tarn exec in tarn exec", r)
    r = subprocess.run([OWN, "exec", *WAY, "--", "true"], cwd=SCRATCH, env=environment(), capture_output=True, check=False,
                       preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
    same(r.returncode, 0, "started by one who waits for no child")
    fd = run("sh", "-c", "ls /proc/self/fd").stdout.split()
    ok(len(fd) <= 4, "no descriptor more", fd)
    same(run("sh", "-c", "umask; ulimit -n", cwd="/").stdout, subprocess.run(["sh", "-c", "umask; ulimit -n"], capture_output=True, text=True, check=True).stdout,
         "umask and limits")


COUNTER = '''
import os, signal, sys, time
n = 0
def count(s, f):
    global n
    n += 1
signal.signal(signal.SIGINT, count)
print("up", os.isatty(0), os.getpgid(0) == os.tcgetpgrp(0), flush=True)
end = time.time() + 20
while not n and time.time() < end:
    signal.sigtimedwait([], 1)
time.sleep(0.3)
print("got", n, flush=True)
'''


def read_until(fd, word, seconds=30):
    text, end = "", time.monotonic() + seconds
    while word not in text and time.monotonic() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                got = os.read(fd, 4096)
            except OSError:
                break
            if not got:
                break
            text += got.decode("utf-8", "replace")
    return text


def signals():
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(SCRATCH)
        if ROOT:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        os.execve(OWN, [OWN, "exec", *WAY, "--", sys.executable, "-c", COUNTER], environment())
    text = read_until(fd, "\n")
    ok("up True True" in text, "it has the terminal, in the foreground", text)
    os.write(fd, b"\x03")
    text = read_until(fd, "got ")
    text += read_until(fd, "\n")
    ok("got 1" in text, "Ctrl-C arrives once", text)
    same(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, "and the program ends as it likes")
    os.close(fd)


def runs_of():
    return [d for d in os.listdir(SCRATCH) if d.startswith("tarn-exec-")]


def servers():
    """Processes of our copy of tarn."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/exe") == OWN:
                found.append(pid)
        except OSError:
            pass
    return found


def nothing_left():
    becomes(lambda: (runs_of(), servers()), ([], []), "no folder and no process is left")
    p = subprocess.Popen([OWN, "exec", *WAY, "--", "sh", "-c", f"sleep 300 >/dev/null 2>&1 & echo $!; exec curl -s -o /dev/null {INVOKE}/prod/topics"],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=SCRATCH, env=environment(), **as_user())
    pid = int(p.stdout.readline())
    same(p.wait(60), 0, "a program that leaves another behind")
    ok(len(servers()) == 1 and len(runs_of()) == 1, "the stack stays for that one", (servers(), runs_of()))
    os.kill(pid, signal.SIGKILL)
    becomes(lambda: (runs_of(), servers()), ([], []), "and goes with it")
    ends = os.pipe()
    subprocess.run([OWN, "exec", *WAY, "--", "sh", "-c", "sleep 300 >/dev/null 2>&1 & echo $! >pid"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   cwd=SCRATCH, env=environment(), pass_fds=(ends[1],), check=False, **as_user())
    with open(os.path.join(SCRATCH, "pid"), encoding="utf-8") as f:
        pid = int(f.read())
    held = [os.readlink(f"/proc/{s}/fd/{fd}") for s in servers() for fd in os.listdir(f"/proc/{s}/fd")]
    ok(held and os.readlink(f"/proc/self/fd/{ends[1]}") not in held, "the stack holds no descriptor of who started it")
    os.kill(pid, signal.SIGKILL)
    becomes(lambda: (runs_of(), servers()), ([], []), "and is gone then")
    p = subprocess.Popen([OWN, "exec", *WAY, "--", "sleep", "300"], stderr=subprocess.DEVNULL, cwd=SCRATCH, env=environment(), **as_user())
    until(lambda: len(servers()) == 1 and runs_of() and os.path.exists(os.path.join(SCRATCH, *runs_of(), "net")))
    p.kill()
    p.wait()
    becomes(lambda: (runs_of(), servers()), ([], []), "a program that is killed leaves nothing")


def offline():
    if not shutil.which("strace"):
        skip("what leaves", "strace is not here")
        return
    trace = os.path.join(SCRATCH, "trace")
    r = run("strace", "-f", "-o", trace, "-e", "trace=connect,sendto,sendmsg,sendmmsg", "curl", "-sS", f"{INVOKE}/prod/topics", "https://example.com/")
    if not os.path.exists(trace) or "ptrace" in r.stderr:
        skip("what leaves", "strace can't trace here")
        return
    with open(trace, encoding="utf-8") as f:
        to = re.findall(r'sin6?_addr[^"]*"([^"]+)"', f.read())
    ok(to and all(a.startswith("127.") or a == "::1" for a in to), "everything goes to this machine", to)


def attached():
    with Stack() as s:
        def one(*program, **env):
            return subprocess.run([TARN, "exec", *WAY, "--attach", "--data", s.data, "--", *program], capture_output=True, text=True, timeout=120,
                                  cwd=SCRATCH, env=environment(**env))
        body = json.dumps({"records": [{"value": {"index": 7}}]})
        r = one("curl", "-sS", "-H", "Content-Type: application/vnd.kafka.json.v2+json", "--data", body, f"http://{EC2}:8082/topics/{USER}.pin")
        ok('"offset":0' in r.stdout, "--attach: a program posts to the stack that runs", r)
        r = one("curl", "-sS", f"{INVOKE}/prod/topics")
        ok(r.returncode in (0, 22) and r.stdout.startswith(("[", "{")), "its certificates are trusted", r)
        same(one("sh", "-c", "exit 4").returncode, 4, "exit codes")
        where = os.path.dirname(s.data)
        r = tarn("exec", *WAY, "--", "true", cwd=where, TARN_DATA=s.data)
        ok(r.returncode == 0 and "--attach" in r.stderr, "who has a stack that runs is told of --attach", r)
        becomes(runs_of, [], "no folder is left")
        ok(s.alive(), "and the stack goes on")
        if ROOT:
            r = subprocess.run([OWN, "exec", "--attach", "--data", s.data, "--", "true"], capture_output=True, text=True, timeout=60, cwd=SCRATCH,
                               env=environment(), **as_user())
            same(r.returncode, 3, "another user isn't let in")
    r = tarn("exec", "--attach", "--data", fresh("none"), "--", "true", TMPDIR=SCRATCH)
    ok(r.returncode == 3 and "no such" in r.stderr.lower() and not runs_of(), "--attach where nothing runs", r)


def words():
    r = tarn("exec", "--how")
    ok(r.returncode == 0 and re.search(r"^namespace +taken$", r.stdout, re.M), "--how tries, and names the way", r.stdout + r.stderr)
    same(tarn("exec", "--").returncode, 2, "no program: wrong use")
    same(tarn("exec", "--way", "teleport", "--", "true").returncode, 3, "there is no such way")
    same(tarn("exec", "--only", "s3", "--set", "kafka.partitons=1", "--", "true").returncode, 2, "a stack that can't start ends it, with its code")
    r = run("curl", "-sS", f"http://{EC2}:8082/topics", flags=("--only", "s3"))
    ok(r.returncode == 7, "a port whose service doesn't run refuses", r)
    r = run("getent", "hosts", "db.example.test", flags=("--set", "front.names=*.example.test"))
    ok(r.returncode == 0 and r.stdout.startswith("127.77.0.1 "), "[front] names takes more names", r)


def let_out():
    with socket.create_server(("127.0.0.1", 0)) as outside:
        def serve():
            while True:
                try:
                    s, _ = outside.accept()
                except OSError:
                    return
                with s:
                    s.sendall(s.recv(100).upper() * 1000)
        threading.Thread(target=serve, daemon=True).start()
        port = outside.getsockname()[1]
        code = """
import socket, sys
for host, port in (a.rsplit(":", 1) for a in sys.argv[1:]):
    try:
        with socket.create_connection((host, int(port)), 20) as s:
            s.sendall(b"abc")
            n = 0
            while got := s.recv(100000):
                n += len(got) if set(got) <= set(b"ABC") else 0
            print(n)
    except OSError as e:
        print(e.errno)
"""
        to = [f"localhost:{port}", f"127.0.0.1:{port}", f"{socket.gethostname()}:{port + 1 if port < 65535 else 1}"]
        r = run(sys.executable, "-c", code, *to, flags=(f"--net=localhost:{port}",))
        same(r.stdout.split(), ["3000", "3000", str(errno.ECONNREFUSED)], "--net=HOST:PORT lets that out, and nothing else")
        r = run(sys.executable, "-c", code, to[0])
        same(r.stdout.split(), [str(errno.ECONNREFUSED)], "without it the user's own server isn't reached")
    r = run("true", flags=("--net=no-such-host.invalid:80",))
    ok(r.returncode == 3 and "no-such-host.invalid" in r.stderr, "--net of a name that isn't there", r)
    same(run("true", flags=("--net=nonsense",)).returncode, 2, "--net of nonsense")
    becomes(lambda: (runs_of(), servers()), ([], []), "who carries ends with the program")


def asked(at, name, kind=1, tcp=False):
    """(rcode, addresses) of a resolver's answer."""
    q = struct.pack(">6H", 77, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0" + struct.pack(">2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as s:
        s.settimeout(20)
        s.connect(at)
        s.sendall(struct.pack(">H", len(q)) + q if tcp else q)
        back = s.recv(600)[2 if tcp else 0:]
    number, flags, _, answers = struct.unpack(">4H", back[:8])
    return number == 77 and flags & 15, [socket.inet_ntoa(back[-4:])] if answers else []


def by_hand():
    here = f"127.91.{os.getpid() >> 8 & 127}.{os.getpid() & 255}"
    with Stack("--bind", here, "--dns", "5353", "--set", "front.ports=9094,8083", "--set", "front.names=*.example.test=rest") as s:
        at = (here, 5353)
        for tcp in (False, True):
            same(asked(at, "abc.execute-api.us-east-1.amazonaws.com", tcp=tcp), (0, [here]), f"--dns: a name of AWS (tcp {tcp})")
        same(asked(at, "abc.execute-api.us-east-1.amazonaws.com", 28), (0, []), "no IPv6 address, but the name is there")
        same(asked(at, "example.com"), (3, []), "a foreign name isn't there")
        same(asked(at, "a.example.test"), (0, [here]), "[front] names")
        with socket.create_connection((here, 9094), 20) as raw:
            context = ssl.create_default_context(cadata=s.run("ca", "--pem").stdout)
            with context.wrap_socket(raw, server_hostname=BROKER) as t:
                ok(t.version().startswith("TLSv1."), "[front] ports: the port of brokers' TLS")
        same(call("GET", f"http://{here}:8083/connectors").status, 200, "[front] ports: Connect's")
    for ports, why in (("22", "no port that AWS has there"), ("x", "no port that AWS has there")):
        r = tarn("up", "--ports=auto", "--data", fresh("data"), "--set", f"front.ports={ports}")
        ok(r.returncode == 2 and why in r.stderr, f"[front] ports = {ports}", r)
    r = tarn("up", "--ports=auto", "--data", fresh("data"), "--set", "front.names=a.test=nothing")
    ok(r.returncode == 2 and "is called nothing" in r.stderr, "[front] names: a service that isn't there", r)
    r = tarn("hosts", INVOKE[8:], RDS)
    same(r.stdout, f"127.0.0.1 {INVOKE[8:]}\n127.0.0.1 {RDS}\n", "tarn hosts NAME")
    script = os.path.join(SCRATCH, "names.py")
    with open(script, "w", encoding="utf-8") as f:
        f.write(f"url = '{INVOKE}/prod'; host=\"{RDS}\"; other = 'https://example.com/amazonaws.com'\n")
    same(tarn("hosts", "--address", "10.0.0.1", script).stdout.split(), ["10.0.0.1", INVOKE[8:], "10.0.0.1", RDS, "10.0.0.1", "amazonaws.com"], "tarn hosts FILE")
    r = tarn("hosts", "example.com")
    ok(r.returncode == 2 and "no name of AWS" in r.stderr, "tarn hosts of a foreign name", r)
    ok("127.0.0.1 kinesis.eu-west-1.amazonaws.com\n" in tarn("hosts", "--region", "eu-west-1").stdout, "tarn hosts: the APIs of a region")


def possible():
    r = subprocess.run([OWN, "exec", *WAY, "--", "true"], capture_output=True, text=True, cwd=SCRATCH, env=environment(), check=False, **as_user())
    return r.returncode == 0 or r.stderr


if (why := possible()) is not True:
    skip_all(f"no name space can be had here: {why}")
parts(unprivileged, privileged, programs, nothing_bent, signals, nothing_left, offline, let_out, attached, by_hand, words)
done()
