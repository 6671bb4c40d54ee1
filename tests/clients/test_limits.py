#!/usr/bin/env python3
"""What clients can make a server hold: hang-ups with data in flight, more of them than descriptors or places, slow and idle ones."""
import os
import resource
import socket
import time

from tarn import Stack, TARN, becomes, call, done, ok, parts, same, skip, until

HOST = b"Host: x\r\n"
MANY = 4500
IN_USE_S = 0.8  # a little less than what tarn counts as in use
KEEPS = "asan" in TARN  # what was freed


def port_of(address):
    return int(address.rsplit(":", 1)[1])


def dial(address, say=b""):
    s = socket.create_connection(("127.0.0.1", port_of(address)), timeout=30)
    if say:
        s.sendall(say)
    return s


def shut(sockets):
    for s in sockets:
        s.close()


def closed(s):
    """Whether the other side hung up."""
    s.settimeout(0)
    try:
        return s.recv(65536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def sockets_of(stack, address):
    """How many connections the server has on that port."""
    port, inodes = f":{port_of(address):04X}", set()
    with open("/proc/net/tcp") as f:
        for line in list(f)[1:]:
            at = line.split()
            if at[1].endswith(port) and at[3] != "0A":
                inodes.add(at[9])
    fds, n = f"/proc/{stack.proc.pid}/fd", 0
    for fd in os.listdir(fds):
        try:
            n += os.readlink(f"{fds}/{fd}")[8:-1] in inodes
        except FileNotFoundError:
            pass  # closed since it was listed
    return n


def rss_mib(stack):
    with open(f"/proc/{stack.proc.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024


def speaks(stack, key):
    """A whole exchange in the protocol of that port."""
    try:
        if key == "rds":
            with dial(stack.at[key]) as s:
                return b"mysql_native_password" in s.recv(200)
        if key == "kafka":
            with dial(stack.at[key], b"\0\0\0\x0a\0\x12\0\0\0\0\0\x01\0\0") as s:
                return len(s.recv(200)) > 8
        return call("GET", stack.at[key] + "/").status < 600
    except OSError:
        return False


def hang_ups():
    """A FIN that comes together with unread data ends a request, and gives back what it held."""
    stack = Stack(only="s3")
    aws, control = stack.at["aws"], stack.at["control"]
    call("PUT", aws + "/bucket")
    call("PUT", aws + "/bucket/k", "0123456789")
    body = b"Content-Length: 100\r\n\r\nabc"
    for name, address, say in (("a body cut short", aws, b"PUT /bucket/z HTTP/1.1\r\n" + HOST + body),
                               ("headers cut short", aws, b"GET /bucket/k HTTP/1.1\r\n" + HOST),
                               ("a body cut short, control port", control, b"POST /_tarn/clock HTTP/1.1\r\n" + HOST + body),
                               ("half a preface of HTTP/2", aws, b"PR"),
                               ("a request and a bit of the next", aws, b"GET /bucket/k HTTP/1.1\r\n" + HOST + b"\r\nGET /b")):
        for _ in range(20):
            dial(address, say).close()
        becomes(lambda: sockets_of(stack, address), 0, f"hung up: {name}", seconds=10)
    sizes = []
    for _ in range(6):
        for _ in range(5):
            dial(aws, b"PUT /bucket/z HTTP/1.1\r\n" + HOST + b"Content-Length: 10000000\r\n\r\n" + b"a" * 2000000).close()
        until(lambda: sockets_of(stack, aws), lambda n: n == 0, 10)
        sizes.append(rss_mib(stack))
    ok(KEEPS or sizes[-1] < sizes[1] + 8, "their memory is given back", sizes)
    with dial(aws, b"GET /bucket/k HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n") as s:
        s.shutdown(socket.SHUT_WR)
        got = b""
        while more := s.recv(65536):
            got += more
    ok(got.endswith(b"0123456789"), "who only ends its own side gets its answer", got)


def few_descriptors():
    """Out of descriptors: others give way, and every port comes back."""
    limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    stack = Stack(only="s3,rest,rds,kafka", popen={"preexec_fn": limit})
    for key in ("control", "rest", "rds", "kafka", "aws"):
        held = [dial(stack.at[key]) for _ in range(150)]
        ok(until(lambda: speaks(stack, key), seconds=15), f"150 connections to {key}, 64 descriptors: it answers meanwhile")
        shut(held)
        for other in ("control", "rest", "rds", "kafka", "aws"):
            ok(until(lambda: speaks(stack, other), seconds=15), f"and {other} afterwards")
    shut(held)


def many():
    """More connections than a port takes, silent or slow: nobody else is locked out."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    n, settings = MANY, ()
    if files < MANY + 200:
        n, settings = 150, ("--set", "http.connections=100")
    else:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    stack = Stack(*settings, only="s3,rest,rds,kafka", popen={"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))})
    aws = stack.at["aws"]
    call("PUT", aws + "/bucket")
    call("PUT", aws + "/bucket/k", "0123")
    call("PUT", aws + "/bucket/long", b"a" * 5000000)
    slow = b"PUT /bucket/z HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\nab"
    for key, name, say in (("aws", "silent", b""), ("aws", "with half a header", b"GET /bucket/k HTTP/1.1\r\nHo"), ("aws", "with a bit of a body", slow),
                           ("aws", "that read no answer", b"GET /bucket/long HTTP/1.1\r\n" + HOST + b"\r\n"), ("rest", "silent", b""), ("rds", "not logging in", b""), ("kafka", "silent", b""),
                           ("kafka", "with half a message", b"\0\0\1\0\0\x12")):
        active, held, answers, spoke = dial(aws), [], 0, time.monotonic()
        for i in range(n):
            held.append(dial(stack.at[key], say))
            if i % 50 == 0:
                if time.monotonic() - spoke > IN_USE_S: # this machine is too slow for it: it may have given way
                    active.close()
                    active = dial(aws)
                active.sendall(b"GET /bucket/k HTTP/1.1\r\n" + HOST + b"\r\n")
                answers += active.recv(65536).endswith(b"0123")
                spoke = time.monotonic()
        same(call("GET", aws + "/bucket/k").text, "0123", f"{n} connections to {key} {name}: S3 answers")
        same(answers, n // 50, "a connection in use is none of those that give way")
        ok(speaks(stack, key), "and the port itself")
        shut(held)
    ok(KEEPS or rss_mib(stack) < 100, "memory stays under 100 MiB", rss_mib(stack))


def timeouts():
    """Connections end that are idle, or whose request doesn't come."""
    stack = Stack("--set", "http.idle_timeout=400ms", "--set", "http.request_timeout=400ms", "--set", "kafka.connections.max.idle.ms=400",
                  only="s3,kafka")
    aws = stack.at["aws"]
    call("PUT", aws + "/bucket")
    for name, say in (("silent", b""), ("with half a header", b"GET /bucket HTTP/1.1\r\nHo"), ("kept alive", b"HEAD /bucket HTTP/1.1\r\n" + HOST + b"\r\n"),
                      ("with half a body", b"PUT /bucket/z HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\nab"),
                      ("HTTP/2 without streams", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")):
        s = dial(aws, say)
        ok(until(lambda: closed(s) or (say and closed(s))), f"a connection ends that is {name}")
        s.close()
    s = dial(aws, b"GET /bucket HTTP/1.1\r\n" + HOST)
    ok(until(lambda: closed(s) or (trickle(s) and False)), "headers that trickle in end, too")
    s = dial(stack.at["kafka"], b"\0\0\0\x0a\0\x12\0\0\0\0\0\x01\0\0")
    ok(until(lambda: closed(s)), "a Kafka client that says nothing more")
    # A body that comes slowly, but comes.
    n = 20
    s = dial(aws, b"PUT /bucket/slow HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % (n * 20000))
    for _ in range(n):
        s.sendall(b"a" * 20000)
        time.sleep(0.1)
    s.settimeout(30)
    ok(s.recv(65536).startswith(b"HTTP/1.1 200"), "an upload that goes on may take longer")


def addresses():
    """Other addresses than 127.0.0.1."""
    if not os.path.exists("/proc/net/if_inet6"):
        return skip("IPv6", "not here")
    stack = Stack("--bind", "::1", only="s3")
    ok(stack.at["control"].startswith("http://[::1]:"), "an address of IPv6 stands in brackets", stack.at["control"])
    same(call("GET", stack.at["control"] + "/health").status, 200, "and is served")
    stack = Stack("--bind", "::", only="s3")
    same(call("GET", stack.at["control"] + "/health").status, 200, "every address of IPv6 is every one of IPv4, too")
    same(call("GET", f"http://[::1]:{port_of(stack.at['control'])}/health").status, 200, "as itself")


def trickle(s):
    try:
        s.sendall(b"a")
    except OSError:
        pass
    time.sleep(0.05)
    return True


parts(hang_ups, few_descriptors, many, timeouts, addresses)
done()
