#!/usr/bin/env python3
"""tarn exec where no name space can be had: the kernel's notifications (seccomp), a preloaded library and a proxy. Names of AWS lead to the
stack, nothing else is reached, and nothing of the program's is bent. As a user without rights, too."""
import ctypes
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

from tarn import BUCKET, TARN, TMP, USER, becomes, done, ok, parts, same, skip, tarn, until

NOBODY = 65534
INVOKE = "https://abc123.execute-api.us-east-1.amazonaws.com"
RDS = "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com"
BROKER = "b-2.demo.ab12cd.c3.kafka.us-east-1.amazonaws.com"
EC2 = "ec2-54-1-2-3.compute-1.amazonaws.com"
ROOT = os.geteuid() == 0
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable  # one that the other user may run
os.chmod(TMP, 0o711)
OWN = shutil.copy(TARN, os.path.join(TMP, "tarn"))  # where the other user reaches it
SCRATCH = os.path.join(TMP, "scratch")
os.mkdir(SCRATCH)
os.chmod(SCRATCH, 0o1777)


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("TARN_", "AWS_", "LD_")) and not k.lower().endswith("_proxy")}
    return {**env, "HOME": SCRATCH, "TMPDIR": SCRATCH, **more}


def as_user():
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if ROOT else {}


def start(way, *program, flags=(), env=None, **more):
    return subprocess.Popen([OWN, "exec", "--way", way, *flags, "--", *program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, cwd=SCRATCH, env=environment(**(env or {})), **as_user(), **more)


def run(way, *program, stdin="", **more):
    with start(way, *program, **more) as p:
        out, err = p.communicate(stdin, timeout=120)
        return subprocess.CompletedProcess(program, p.returncode, out, err)


def python(way, code, *words, **more):
    r = run(way, PYTHON, "-c", code, *words, **more)
    try:
        return json.loads(r.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return r


LOOKS = f'''
import json, socket, ssl, os, threading, urllib.request, urllib.error
got = {{}}
def get(url):
    try:
        with urllib.request.urlopen(url, timeout=20) as r:
            return r.status, r.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except OSError as e:
        return None, str(e)
got["topics"] = get("{INVOKE}/prod/topics")[0]
got["bucket"] = get("https://{BUCKET}.s3.us-east-1.amazonaws.com/")[0]
got["rest"] = get("http://{EC2}:8082/topics")[0]
got["own port"] = get("http://localhost:4566/_localstack/health")[0]
def greet(host, port):
    with socket.create_connection((host, port), 20) as s:
        return s.recv(80)[5:8].decode()
got["mysql"] = greet("{RDS}", 3306)
with socket.create_connection(("{BROKER}", 9094), 20) as s, ssl.create_default_context().wrap_socket(s, server_hostname="{BROKER}") as t:
    got["broker"] = t.getpeercert()["subjectAltName"][0][1]
def says(f, *a):
    try:
        return str(f(*a))
    except OSError as e:
        return str(e)
got["foreign"] = says(socket.getaddrinfo, "example.com", 443)
got["by hostent"] = socket.gethostbyname("sts.amazonaws.com")
got["literal"] = says(socket.create_connection, ("93.184.216.34", 80), 5)
got["literal of IPv6"] = says(socket.create_connection, ("2606:2800:220:1::1", 80), 5)
got["metadata"] = says(socket.create_connection, ("169.254.169.254", 80), 5)
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
got["datagram"] = says(datagram.sendto, b"x", ("93.184.216.34", 9999))
got["message"] = says(datagram.sendmsg, [b"x"], [], 0, ("93.184.216.34", 9999))
own = socket.create_server(("127.0.0.1", 0))
got["server"] = socket.create_connection(own.getsockname(), 5).getpeername() == own.getsockname()
mapped = socket.socket(socket.AF_INET6)
mapped.connect(("::ffff:" + socket.gethostbyname("{RDS}"), 3306))
got["mapped"] = mapped.recv(80)[5:8].decode()
slow = socket.socket()
slow.setblocking(False)
import select
code = slow.connect_ex((socket.gethostbyname("{RDS}"), 3306))
got["nonblocking"] = [code in (0, 115), bool(select.select([], [slow], [], 10)[1]), slow.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]
counts = []
def many():
    for _ in range(10):
        counts.append(greet("{RDS}", 3306))
threads = [threading.Thread(target=many) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
got["threads"] = [len(counts), sorted(set(counts))]
got["ids"] = [os.getuid(), os.getgid(), os.getcwd()]
print(json.dumps(got))
'''


def looks(way, **more):
    got = python(way, LOOKS, **more)
    if not isinstance(got, dict):
        ok(False, f"{way}: looks", got)
        return
    for name, want in (("topics", 200), ("own port", 200), ("mysql", "8.0"), ("broker", BROKER), ("server", True), ("mapped", "8.0"),
                       ("nonblocking", [True, True, 0]), ("threads", [80, ["8.0"]])):
        same(got[name], want, f"{way}: {name}")
    ok(got["bucket"] in (200, 403) and got["rest"] == 200, f"{way}: a bucket and a machine by their hosts", got)
    ok(got["by hostent"].startswith("127.77."), f"{way}: gethostbyname", got["by hostent"])
    ok("not known" in got["foreign"], f"{way}: a foreign name isn't resolved", got["foreign"])
    for name in ("literal", "literal of IPv6", "metadata", "datagram", "message"):
        ok("unreachable" in got[name], f"{way}: {name} is refused", got[name])
    same(got["ids"], [NOBODY if ROOT else os.getuid(), NOBODY if ROOT else os.getgid(), os.path.realpath(SCRATCH)], f"{way}: user and folder")


def nothing_bent(way):
    same([run(way, "sh", "-c", f"exit {n}").returncode for n in (0, 7, 255)], [0, 7, 255], f"{way}: exit codes")
    same(run(way, "sh", "-c", "kill -TERM $$").returncode, -signal.SIGTERM, f"{way}: a death by a signal is that")
    same(run(way, "sh", "-c", "kill -KILL $$").returncode, -signal.SIGKILL, f"{way}: by SIGKILL, too")
    r = run(way, "no-such-program-here")
    ok(r.returncode == 127 and "no-such-program-here" in r.stderr, f"{way}: no such program: 127", r)
    same(run(way, "/etc/passwd").returncode, 126, f"{way}: not a program: 126")
    same(run(way, "cat", stdin="one\ntwo\n").stdout, "one\ntwo\n", f"{way}: standard input")
    same(run(way, "sh", "-c", 'printf "%s|" "$@"', "sh", "a b", "", "--how").stdout, "a b||--how|", f"{way}: words")
    fd = run(way, "ls", "-1", "/proc/self/fd").stdout.split()
    ok(len(fd) <= 4, f"{way}: no descriptor more", fd)
    becomes(lambda: [d for d in os.listdir(SCRATCH) if d.startswith("tarn-exec-")], [], f"{way}: no folder is left", 20)
    same(python(way, "import json, signal; print(json.dumps([str(signal.getsignal(s)) for s in (2, 13, 15)] + [len(signal.pthread_sigmask(0, []))]))")[2:],
         ["0", 0], f"{way}: signals are as they were")


# ---- signals ----

COUNTER = '''
import signal, time, sys
seen = []
for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT):
    signal.signal(s, lambda n, f: seen.append(signal.Signals(n).name))
print("up", flush=True)
end = time.time() + 30
while "SIGUSR2" not in seen and time.time() < end:
    signal.sigtimedwait([], 0.2)
time.sleep(0.2)
print("got", *seen, flush=True)
sys.exit(9)
'''


def signals(way):
    p = start(way, PYTHON, "-c", COUNTER)
    p.stdout.readline()
    sent = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGQUIT", "SIGUSR2")
    for name in sent:
        p.send_signal(getattr(signal, name))
        time.sleep(0.05)  # two that wait together may be taken in any order
    same(p.communicate(timeout=60)[0].split(), ["got", *sent], f"{way}: signals arrive once")
    same(p.returncode, 9, f"{way}: and the program ends as it likes")
    p = start(way, "sleep", "300")
    until(lambda: children(p.pid))
    p.send_signal(signal.SIGTERM)
    same(p.wait(30), -signal.SIGTERM, f"{way}: a program that dies of it")
    p = start(way, "sh", "-c", "echo $$; exec sleep 300")
    pid = int(p.stdout.readline())
    p.kill()
    p.wait(30)
    becomes(lambda: alive(pid), False, f"{way}: a kill is the program's end, too")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return f.read().split()


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


TERMINAL = '''
import os, signal, time, sys
n = stops = 0
def count(s, f):
    global n
    n += 1
signal.signal(signal.SIGINT, count)
signal.signal(signal.SIGCONT, lambda s, f: print("again", flush=True))
print("up", os.isatty(0), os.getpgid(0) == os.tcgetpgrp(0), flush=True)
end = time.time() + 30
while not n and time.time() < end:
    signal.sigtimedwait([], 0.2)
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


def terminal(way):
    """A session leader that stays, as a shell does, and the program in a group of its own in the foreground."""
    leader, fd = pty.fork()
    if leader == 0:
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.chdir(SCRATCH)
            if ROOT:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            os.execve(OWN, [OWN, "exec", "--way", way, "--", PYTHON, "-c", TERMINAL], environment())
        while True:
            _, status = os.waitpid(pid, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                os.write(1, b"stopped\n")
                os.tcsetpgrp(0, os.getpid())
                time.sleep(0.3)
                os.tcsetpgrp(0, pid)
                os.killpg(pid, signal.SIGCONT)
            else:
                os.write(1, f"ended {os.waitstatus_to_exitcode(status)}\n".encode())
                os._exit(0)
    ok("up True True" in read_until(fd, "\n"), f"{way}: it has the terminal, in the foreground")
    os.write(fd, b"\x1a")
    text = read_until(fd, "again")
    ok(re.search(r"(?s)stopped.*again", text), f"{way}: Ctrl-Z stops it, as its shell sees, and fg goes on", text)
    os.write(fd, b"\x03")
    text = read_until(fd, "ended")
    text += read_until(fd, "\n")
    ok("got 1" in text and "ended 0" in text, f"{way}: Ctrl-C arrives once", text)
    os.close(fd)
    os.waitpid(leader, 0)


# ---- the world outside ----

CANARY = '''
import socket, sys, json
host, tcp, udp = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
got = []
try:
    socket.create_connection((host, tcp), 5).sendall(b"hello")
    got.append("tcp")
except OSError:
    pass
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for send in (lambda: s.sendto(b"one", (host, udp)), lambda: s.sendmsg([b"two"], [], 0, (host, udp)), lambda: (s.connect((host, udp)), s.send(b"three"))):
    try:
        send()
        got.append("udp")
    except OSError:
        pass
print(json.dumps(got))
'''


def outside(way, **more):
    """Somebody listens at an address of this machine that isn't loopback: as good as the world."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        host = probe.getsockname()[0]
    except OSError:
        host = "127."
    if host.startswith("127."):
        skip(f"{way}: outside", "this machine has no address but loopback")
        return
    tcp, udp = socket.create_server((host, 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((host, 0))
    for s in (tcp, udp):
        s.setblocking(False)
    words = (host, str(tcp.getsockname()[1]), str(udp.getsockname()[1]))

    def arrived():
        return [bool(select.select([s], [], [], 0)[0]) for s in (tcp, udp)]
    same((python(way, CANARY, *words, **more), arrived()), ([], [False, False]), f"{way}: nothing leaves")
    same((python(way, CANARY, *words, flags=["--net"], **more), arrived()), (["tcp", "udp", "udp", "udp"], [True, True]), f"{way}: --net lets it")
    r = run(way, PYTHON, "-c", CANARY, *words, **more)
    if way == "notify":
        ok(f"{host} port" in r.stderr and "--net" in r.stderr, f"{way}: what is refused is said", r.stderr)


def grandchild(way):
    """A process that its parents have left is led still."""
    code = f"curl -sS -o /dev/null -w '%{{http_code}}' {INVOKE}/prod/topics"
    r = run(way, "sh", "-c", f"(setsid sh -c 'sleep 0.3; {code} > one' &) ; {code}; sleep 0.1; i=0; while [ ! -s one ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; cat one")
    same(r.stdout, "200200", f"{way}: a process that was left alone")


def own_resolver():
    """c-ares, in node: it compares sources; the library gives it those that it knows."""
    if not shutil.which("node"):
        skip("preload: c-ares", "no node")
        return
    r = run("preload", "node", "-e", "require('dns').resolve4('sts.us-east-1.amazonaws.com', (e, a) => console.log(e ? e.code : a[0]))")
    ok(r.stdout.startswith("127.77."), "preload: c-ares", r)


def proxy():
    """Programs that don't load the library."""
    bare = ("env", "-u", "LD_PRELOAD", "curl", "-sS")
    same(run("preload", *bare, "-o", "/dev/null", "-w", "%{http_code}", f"{INVOKE}/prod/topics").stdout, "200", "preload: the proxy leads names")
    same(run("preload", *bare, "-o", "/dev/null", "-w", "%{http_code}", f"http://{EC2}:8082/topics").stdout, "200", "preload: in plain text, too")
    r = run("preload", *bare, "https://example.com/")
    ok(r.returncode and "403" in r.stderr, "preload: others are refused", r)
    r = run("preload", *bare, "http://example.com/")
    ok("example.com:80 is refused" in r.stdout and "--net" in r.stdout, "preload: with words", r)
    r = run("preload", "sh", "-c", "echo $LD_PRELOAD", env={"LD_PRELOAD": "libc.so.6"})
    if "ASan runtime" in r.stderr:
        skip("preload: the user's own libraries stay", "this tarn itself takes none")
    else:
        ok(r.stdout.startswith("libc.so.6:/"), "preload: the user's own libraries stay", r)


def as_in_a_container():
    """Docker's default filter: no name spaces, no mounts, no descriptors of others. So addresses are rewritten where they stand."""
    if os.uname().machine != "x86_64":
        skip("a container", "the numbers of its calls aren't known here")
        return
    libc = ctypes.CDLL(None, use_errno=True)
    refused = (272, 308, 165, 438)  # unshare, setns, mount, pidfd_getfd
    code = [struct.pack("HBBI", 0x20, 0, 0, 0)]  # the call's number
    code += [struct.pack("HBBI", 0x15, len(refused) - i, 0, n) for i, n in enumerate(refused)]
    code += [struct.pack("HBBI", 6, 0, 0, 0x7fff0000), struct.pack("HBBI", 6, 0, 0, 0x50001)]  # allow; EPERM
    program = ctypes.create_string_buffer(b"".join(code))
    fprog = struct.pack("HxxxxxxP", len(code), ctypes.addressof(program))

    def confine():
        libc.prctl(38, 1, 0, 0, 0)  # no new privileges
        if libc.prctl(22, 2, fprog, 0, 0):
            os._exit(99)
    how = subprocess.run([OWN, "exec", "--how"], capture_output=True, text=True, env=environment(), cwd=SCRATCH, preexec_fn=confine, check=False).stdout
    ok(re.search(r"^namespace +no: .*not permitted", how, re.M) and re.search(r"^notify +taken", how, re.M), "a container: --how says why, and what is taken", how)
    looks("notify", preexec_fn=confine)
    outside("notify", preexec_fn=confine)


def in_itself():
    """A name space inside of a loaded library: that one leads to doors which the name space hasn't."""
    r = run("preload", OWN, "exec", "--way", "namespace", "--", "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "https://s3.amazonaws.com/")
    ok(r.returncode == 0 and r.stdout.isdigit(), "tarn exec by name spaces in one that preloads", r)


def each_way():
    how = tarn("exec", "--how").stdout
    for way in ("notify", "preload"):
        if not re.search(rf"^{way} +(taken|works)", how, re.M):
            skip(way, re.search(rf"^{way} .*", how, re.M)[0])
            continue
        parts(looks, nothing_bent, signals, terminal, outside, grandchild, args=(way,))
        if way == "preload":
            parts(own_resolver, proxy)
            if re.search(r"^namespace +(taken|works)", how, re.M):
                parts(in_itself)


each_way()
parts(as_in_a_container)
done()
