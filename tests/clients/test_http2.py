#!/usr/bin/python3
"""HTTP/2 with prior knowledge on the AWS port, beside HTTP/1: curl, and connections that behave badly, by hand."""
import os
import resource
import socket
import struct
import subprocess
import time

from tarn import Stack, TMP, done, ok, same

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\x04\0\0\0\0\0"


class Server(Stack):
    def __init__(self, files=0):
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))) if files else None
        super().__init__(only="kinesis,s3", popen={"preexec_fn": limit})
        self.url = self.at["aws"]

    def cpu(self):
        with open(f"/proc/{self.proc.pid}/stat") as f:
            return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def curl(self, *args, **more):
        return subprocess.run(["curl", "-s", "--max-time", "30", "--http2-prior-knowledge", *args], capture_output=True, **more)

    def serves(self, name):
        same(self.curl("-o", "/dev/null", "-w", "%{http_code} %{http_version}", self.url + "/_localstack/health").stdout, b"200 2", name)


def frame(kind, flags, stream, body=b""):
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


def literal(name, value):
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def headers(s, stream, path, method=b"GET", end=True):
    block = literal(b":method", method) + literal(b":path", path) + literal(b":scheme", b"http") + literal(b":authority", b"x")
    return frame(1, 4 | (1 if end else 0), stream, block)


def dial(s, *parts):
    c = socket.create_connection(s.address("aws"), timeout=20)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for p in parts:
        c.sendall(p)
    return c


def frames(c):
    """(kind, flags, stream, body) until the connection ends."""
    data = b""
    while True:
        while len(data) >= 9 and len(data) >= 9 + int.from_bytes(data[:3], "big"):
            n = int.from_bytes(data[:3], "big")
            yield data[3], data[4], int.from_bytes(data[5:9], "big"), data[9:9 + n]
            data = data[9 + n:]
        try:
            more = c.recv(65536)
        except ConnectionResetError:
            return
        if not more:
            return
        data += more


def until(c, want):
    for f in frames(c):
        if want(f):
            return f
    return None


def curl(s):
    r = s.curl("-i", s.url + "/_localstack/health")
    ok(r.stdout.startswith(b"HTTP/2 200") and b"content-length: " in r.stdout and b'"kinesis":"running"' in r.stdout, "GET", r.stdout)
    one = subprocess.run(["curl", "-s", "-i", "--http2", s.url + "/_localstack/health"], capture_output=True).stdout
    ok(one.startswith(b"HTTP/1.1 200"), "who asks to upgrade stays with HTTP/1.1", one)
    s.curl("-X", "PUT", s.url + "/bkt")
    big = os.path.join(TMP, "big")
    with open(big, "wb") as f:
        f.write(os.urandom(5 << 20))
    same(s.curl("-T", big, s.url + "/bkt/big", "-w", "%{http_code} %{http_version}").stdout, b"200 2", "PUT of 5 MiB")
    with open(big, "rb") as f:
        same(s.curl(s.url + "/bkt/big").stdout, f.read(), "and back")
    r = s.curl("-I", s.url + "/bkt/big").stdout.split(b"\r\n")
    ok(r[0].startswith(b"HTTP/2 200") and b"content-length: 5242880" in r, "HEAD tells the length", r)
    same(s.curl("-o", "/dev/null", "-w", "%{http_code}", s.url + "/bkt/none").stdout, b"404", "an error")
    same(s.curl("-o", "/dev/null", "-w", "%{http_code}", "-X", "DELETE", s.url + "/bkt/big").stdout, b"204", "an answer without a body")
    header = [x for n in range(120) for x in ("-H", f"X-{n}: y")]
    same(s.curl(*header, "-o", "/dev/null", "-w", "%{http_code}", s.url + "/_localstack/health").stdout, b"431", "too many headers")
    same(s.curl("-H", "X: " + "y" * 70000, "-o", "/dev/null", "-w", "%{http_code}", s.url + "/_localstack/health").returncode != 0, True,
         "too large headers end the stream")
    s.serves("and it goes on")


def by_hand(s):
    c = dial(s, *[PREFACE[i:i + 1] for i in range(len(PREFACE))], SETTINGS, headers(s, 1, b"/_localstack/health"))
    f = until(c, lambda f: f[0] == 0 and f[2] == 1)
    ok(f and b'"kinesis"' in f[3], "a preface byte by byte", f)
    more_room = b"\0\0\4\x08\0" + struct.pack(">II", 0, 1 << 20)  # all these answers are more than a connection's first window
    c.sendall(more_room + b"".join(headers(s, n, b"/_localstack/health") for n in range(3, 403, 2)))
    left = set(range(3, 403, 2))
    for kind, flags, stream, _ in frames(c):
        if kind == 0 and flags & 1:
            left.discard(stream)
        if not left or kind == 3:
            break
    same(left, set(), "200 requests at once on one connection")
    c.sendall(frame(6, 0, 0, b"12345678"))
    same((until(c, lambda f: f[0] == 6) or [None] * 4)[3], b"12345678", "a ping is answered")
    c.close()
    c = dial(s, b"P", b"O", b"ST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    ok(c.recv(4096).startswith(b"HTTP/1.1 "), "a request line that begins as the preface does is HTTP/1")
    c.close()
    c = dial(s, b"G", b"ET /_localstack/health HTTP/1.1\r\nHost: x\r\n\r\n")
    ok(c.recv(4096).startswith(b"HTTP/1.1 200"), "a request line in two parts")
    c.close()
    dial(s).close()
    dial(s, b"P").close()
    dial(s, PREFACE[:10]).close()
    c = dial(s, PREFACE[:16] + b"garbage that is no preface")
    same(until(c, lambda f: False), None, "a broken preface ends the connection")
    c = dial(s, PREFACE, SETTINGS, frame(1, 5, 1, b"\xff\xff\xff\xff"))
    f = until(c, lambda f: f[0] == 7)
    ok(f and int.from_bytes(f[3][4:8], "big") == 9, "headers that can't be decoded: GOAWAY, COMPRESSION_ERROR", f)
    c = dial(s, PREFACE, SETTINGS, headers(s, 2, b"/"))
    ok(until(c, lambda f: f[0] == 7), "an even stream number: GOAWAY")
    c = dial(s, PREFACE, SETTINGS, frame(1, 5, 1, literal(b":method", b"GET")))
    f = until(c, lambda f: f[0] == 3)
    ok(f and f[3] == b"\0\0\0\1", "no path: the stream is reset", f)
    c.close()
    c = dial(s, PREFACE, SETTINGS, headers(s, 1, b"/bkt/x", b"PUT", False), frame(0, 0, 1, b"abc"))
    c.close()
    c = dial(s, PREFACE, SETTINGS, headers(s, 1, b"/bkt/x", b"PUT", False), frame(0, 0, 1, b"abc"), frame(3, 0, 1, b"\0\0\0\x08"),
             headers(s, 3, b"/_localstack/health"))
    ok(until(c, lambda f: f[0] == 0 and f[2] == 3), "a request that is given up, then another")
    c.close()
    s.serves("none of it harmed anybody")


def crowded():
    """More connections than the process has descriptors: they wait, nobody spins, and all is well when some leave."""
    s = Server(60)
    many = [socket.create_connection(s.address("aws"), timeout=20) for _ in range(100)]
    before = s.cpu()
    time.sleep(0.5) # what is measured is a time
    ok(s.cpu() - before < 0.2, "no descriptors left: it doesn't spin", s.cpu() - before)
    for c in many:
        c.close()
    s.serves("they are back when connections end")
    same(s.stop(), 0, "stops cleanly")


def late(s):
    """Clients that go while their answer waits; streams and connections alike."""
    s.fault("s3 delay=300ms on=1..3")
    c = dial(s, PREFACE, SETTINGS, headers(s, 1, b"/bkt/none"))
    until(c, lambda f: f[0] == 4)
    c.close()
    c = dial(s, PREFACE, SETTINGS, headers(s, 1, b"/bkt/none"), frame(3, 0, 1, b"\0\0\0\x08"), headers(s, 3, b"/bkt/none"))
    f = until(c, lambda f: f[2] == 3)
    ok(f and f[0] == 1, "the other stream of the connection is answered", f)
    c.close()
    s.fault("s3 name=cut drop p=1")
    c = dial(s, PREFACE, SETTINGS, headers(s, 1, b"/bkt/none"))
    f = until(c, lambda f: f[2] == 1)
    ok(f and f[0] == 3, "a dropped answer resets its stream", f)
    c.close()
    s.serves("the rest goes on")
    c = dial(s, PREFACE, SETTINGS, headers(s, 1, b"/bkt/none"))
    same(s.stop(), 0, "stops cleanly with connections open")
    c.close()


with Server() as s:
    curl(s)
    by_hand(s)
    late(s)
crowded()
done()
