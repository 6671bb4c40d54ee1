#!/usr/bin/python3
"""S3's bodies stream: objects over 1 GiB whole, by parts and by copy, in flat memory, while others are served; what breaks off leaves
nothing."""
import base64
import hashlib
import http.client
import os
import re
import socket
import statistics
import subprocess
import threading
import time
import zlib

from tarn import AWS, Stack, TMP, becomes, done, need, ok, parts, same, skip, until

MIB = 1 << 20
BLOCK = bytes(range(256)) * 4096  # 1 MiB
MEMORY = 100  # MiB
need("boto3")


class Server(Stack):
    def __init__(self, *args):
        super().__init__(*args, only="s3")
        self.s3.create_bucket(Bucket="bkt")

    def conn(self):
        return http.client.HTTPConnection(*self.address("aws"), timeout=120)

    def send(self, method, path, length=None, headers=None, block=BLOCK, body=None):
        """Sends `length` bytes of the block, without having them; (status, headers, body)."""
        c = self.conn()
        c.putrequest(method, path)
        for k, v in {**({"Content-Length": length} if length is not None else {}), **(headers or {})}.items():
            c.putheader(k, str(v))
        c.endheaders()
        for at in range(0, length or 0, len(block)):
            c.send(block[:min(len(block), length - at)])
        r = c.getresponse()
        got = r.status, r.headers, r.read()
        c.close()
        return got

    def digest(self, path, headers=None):
        """Status, size and MD5 of what a GET gives."""
        c, h, n = self.conn(), hashlib.md5(), 0
        c.request("GET", path, headers=headers or {})
        r = c.getresponse()
        while data := r.read(MIB):
            h.update(data)
            n += len(data)
        c.close()
        return r.status, n, h.hexdigest()

    def memory(self, field="VmRSS"):
        with open(f"/proc/{self.proc.pid}/status", encoding="ascii") as f:
            return int(re.search(field + r":\s+(\d+)", f.read())[1]) // 1024

    def keeps_flat(self):
        with open(f"/proc/{self.proc.pid}/maps", encoding="ascii") as f:
            if "libasan" in f.read():
                return skip("memory stays under 100 MiB", "AddressSanitizer's own")
        return ok(self.memory("VmHWM") < MEMORY, "memory stays under 100 MiB", self.memory("VmHWM"))

    def files(self):
        return sorted(os.listdir(os.path.join(self.data, "s3")))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.proc.pid}/fd"))

    def parts(self):
        return [name for name in self.files() if name.endswith(".part")]


class Beside(threading.Thread):
    """GETs of a small object on a connection of its own while something else goes on; how long each took."""

    def __init__(self, s):
        super().__init__()
        self.s, self.times, self.ended = s, [], threading.Event()

    def run(self):
        c = self.s.conn()
        while not self.ended.is_set():
            began = time.perf_counter()
            c.request("GET", "/bkt/small")
            c.getresponse().read()
            self.times.append(time.perf_counter() - began)
            time.sleep(0.001)
        c.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        self.times.sort()
        self.p99 = self.times[int(len(self.times) * 0.99)] * 1000


def md5_of(n):
    h = hashlib.md5()
    for at in range(0, n, MIB):
        h.update(BLOCK[:min(MIB, n - at)])
    return h.hexdigest()


def test_over_1_gib(s):
    """The cases' object of eleven parts: read, copied, copied as a part; nothing lies in memory."""
    size, key = 100 * MIB, "/bkt/big"
    s.s3.put_object(Bucket="bkt", Key="small", Body=b"0123")
    upload = s.s3.create_multipart_upload(Bucket="bkt", Key="big")["UploadId"]
    done_parts = []
    with Beside(s) as puts:
        for n in range(1, 12):
            status, headers, _ = s.send("PUT", f"{key}?partNumber={n}&uploadId={upload}", size)
            done_parts.append({"PartNumber": n, "ETag": headers["ETag"]})
        s.s3.complete_multipart_upload(Bucket="bkt", Key="big", UploadId=upload, MultipartUpload={"Parts": done_parts})
    whole = md5_of(11 * size)
    with Beside(s) as gets:
        same(s.digest(key), (200, 1153433600, whole), "GET of 1.1 GiB: all its bytes")
    same(s.digest(key, {"Range": "bytes=104857590-104857609"}), (206, 20, hashlib.md5(BLOCK[-10:] + BLOCK[:10]).hexdigest()), "a range over two parts")
    same(s.digest(key, {"Range": "bytes=100-314572899"})[:2], (206, 314572800), "a range over four parts")
    same(s.digest(key + "?partNumber=3"), (206, size, md5_of(size)), "a part of it")
    with Beside(s) as copies:
        status, _, body = s.send("PUT", "/bkt/big2", 0, {"x-amz-copy-source": "bkt/big"})
        same((status, re.search(rb"<ETag>&quot;(\w+)&quot;", body)[1].decode()), (200, whole), "its copy: the ETag is the MD5 of the whole")
        status, _, _ = s.send("PUT", "/bkt/big3", 0, {"x-amz-copy-source": "bkt/big2"})
        same(status, 200, "a copy of the copy")
        upload = s.s3.create_multipart_upload(Bucket="bkt", Key="x")["UploadId"]
        status, _, body = s.send("PUT", f"/bkt/x?partNumber=1&uploadId={upload}", 0, {"x-amz-copy-source": "bkt/big"})
        same((status, whole.encode() in body), (200, True), "its copy as a part")
    s.s3.delete_object(Bucket="bkt", Key="big")
    same(s.digest("/bkt/big3"), (200, 1153433600, whole), "the copies outlive it")
    same(s.digest("/bkt/big3?partNumber=1")[:2], (206, 1153433600), "and have one part")
    same(code(s, "/bkt/big3?partNumber=2"), 416, "no other")
    for name, b in ("parts of 1.1 GiB", puts), ("a GET", gets), ("copies", copies):
        print(f"# GET of 4 bytes beside {name}: p99 {b.p99:.1f} ms, median {statistics.median(b.times) * 1000:.1f} ms of {len(b.times)}", flush=True)
        ok(b.p99 < 100, f"beside {name} a small GET is quick", b.p99)
    s.keeps_flat()
    s.s3.abort_multipart_upload(Bucket="bkt", Key="x", UploadId=upload)
    for key in "big2", "big3":
        s.s3.delete_object(Bucket="bkt", Key=key)
    becomes(s.files, [], "deleted, all files are gone")


def code(s, path):
    c = s.conn()
    c.request("GET", path)
    r = c.getresponse()
    r.read()
    return r.status


def test_put(s):
    """One body over the old limit, with each digest that a client may claim."""
    n = 268435457
    md5 = md5_of(n)
    status, headers, _ = s.send("PUT", "/bkt/y", n)
    same((status, headers["ETag"]), (200, f'"{md5}"'), "a PUT of 268435457 bytes")
    same(s.digest("/bkt/y"), (200, n, md5), "is read back")
    n = 8 * MIB + 5
    md5, crc, sha = md5_of(n), 0, hashlib.sha256()
    for at in range(0, n, MIB):
        crc = zlib.crc32(BLOCK[:min(MIB, n - at)], crc)
        sha.update(BLOCK[:min(MIB, n - at)])
    good = {"Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode(), "x-amz-checksum-crc32": base64.b64encode(crc.to_bytes(4, "big")).decode()}
    same(s.send("PUT", "/bkt/sums", n, good)[0], 200, "MD5 and CRC32 claimed")
    same(s.s3.head_object(Bucket="bkt", Key="sums", ChecksumMode="ENABLED").get("ChecksumCRC32"), good["x-amz-checksum-crc32"], "the checksum is kept")
    for name, bad, word in (("MD5", {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, b"BadDigest"), ("CRC32", {"x-amz-checksum-crc32": "AAAAAA=="}, b"BadDigest"),
                            ("SHA-256", {"x-amz-checksum-sha256": base64.b64encode(b"a" * 32).decode()}, b"BadDigest")):
        status, _, body = s.send("PUT", "/bkt/bad", n, bad)
        same((status, word in body), (400, True), f"a wrong {name}: 400")
    auth = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + "0" * 64
    status, _, body = s.send("PUT", "/bkt/bad", n, {"Authorization": auth, "x-amz-content-sha256": "0" * 64, "x-amz-date": "20260101T000000Z"})
    same((status, b"XAmzContentSHA256Mismatch" in body), (400, True), "another payload hash than was signed: 400")
    status, _, body = s.send("PUT", "/nowhere/bad", n)
    same((status, b"NoSuchBucket" in body), (404, True), "no such bucket: told when the body was read")
    status, _, body = s.send("PUT", "/bkt/bad?partNumber=1&uploadId=x", n)
    same((status, b"NoSuchUpload" in body), (404, True), "no such upload")
    status, _, body = s.send("PUT", "/bkt/sums", n, {"If-None-Match": "*"})
    same(status, 412, "a condition that doesn't hold")
    same(code(s, "/bkt/bad"), 404, "none of them left an object")
    same(s.parts(), [], "nor a file")
    n = 5368709121
    c = s.conn()
    c.putrequest("PUT", "/bkt/huge")
    c.putheader("Content-Length", str(n))
    c.endheaders()
    body = c.getresponse().read()
    ok(b"<Code>EntityTooLarge</Code>" in body and b"<MaxSizeAllowed>5368709120</MaxSizeAllowed>" in body, "5 GiB and a byte: EntityTooLarge", body)
    s.keeps_flat()


def test_chunked(s):
    """aws-chunked, with a trailer, and HTTP's own chunks without a length; in pieces that split lines."""
    data = BLOCK * 3 + b"tail"
    crc = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    framed = b"".join(b"%x\r\n" % len(data[at:at + 65536]) + data[at:at + 65536] + b"\r\n" for at in range(0, len(data), 65536))
    for name, trailer, want in (("right", crc, 200), ("wrong", "AAAAAA==", 400), ("missing", None, 400)):
        body = framed + b"0\r\n" + (b"x-amz-checksum-crc32:" + trailer.encode() + b"\r\n" if trailer else b"") + b"\r\n"
        head = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer": "x-amz-checksum-crc32", "Content-Encoding": "aws-chunked",
                "x-amz-decoded-content-length": len(data)}
        status, _, answer = s.send("PUT", f"/bkt/chunks-{name}", len(body), head, block=body)
        same(status, want, f"aws-chunked, trailer {name}")
        ok(trailer or b"MalformedTrailerError" in answer, f"its error ({name})", answer)
    same(s.digest("/bkt/chunks-right")[1:], (len(data), hashlib.md5(data).hexdigest()), "what was stored is what was framed")
    for size in 10, 3 * MIB + 1:
        c = s.conn()
        body = (BLOCK * 4)[:size]
        c.request("PUT", "/bkt/te", body=iter([body[:size // 2], body[size // 2:]]), headers={"Transfer-Encoding": "chunked"}, encode_chunked=True)
        same(c.getresponse().status, 200, f"{size} bytes without a length")
        same(s.digest("/bkt/te")[1:], (size, hashlib.md5(body).hexdigest()), "are there")


def test_signed_chunks(s):
    """boto3 over plain HTTP signs each chunk where identities are set."""
    with Stack("--set", "identities.AKEXAMPLE=secretexample", only="s3") as p:
        s3 = p.client("s3", key="AKEXAMPLE", secret="secretexample")
        s3.create_bucket(Bucket="bkt")
        body = BLOCK * 5
        s3.put_object(Bucket="bkt", Key="k", Body=body)
        same(hashlib.md5(s3.get_object(Bucket="bkt", Key="k")["Body"].read()).hexdigest(), md5_of(5 * MIB), "a signed body of 5 MiB")
        bad = p.client("s3", key="AKEXAMPLE", secret="wrong")
        try:
            bad.put_object(Bucket="bkt", Key="k2", Body=body)
            ok(False, "a wrong secret")
        except bad.exceptions.ClientError as e:
            same(e.response["Error"]["Code"], "SignatureDoesNotMatch", "a wrong secret")


def test_hang_ups(s):
    """Bodies that break off, readers that go or read nothing."""
    before = s.descriptors()
    for cut in 100000, 700000:
        for _ in range(10):
            c = socket.create_connection(s.address("aws"))
            c.sendall(b"PUT /bkt/cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n" + BLOCK[:cut])
            time.sleep(0.03)
            c.close()
    becomes(s.parts, [], "bodies that broke off left no file")
    becomes(s.descriptors, before, "and no descriptor")
    same(code(s, "/bkt/cut"), 404, "nor an object")
    s.send("PUT", "/bkt/m100", 100 * MIB)
    memory = s.memory()
    readers = []
    for _ in range(4):
        c = socket.create_connection(s.address("aws"))
        c.sendall(b"GET /bkt/m100 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        readers.append(c)
    until(lambda: s.descriptors() >= before + 8, seconds=5)
    ok(s.memory() - memory < 8, "four that read nothing of 100 MiB cost a buffer each", (memory, s.memory()))
    s.s3.delete_object(Bucket="bkt", Key="m100")
    data = b""
    readers[0].settimeout(20)
    while len(data) < 100 * MIB:
        data += readers[0].recv(MIB)
    same(len(data) > 100 * MIB, True, "deleted meanwhile, it is read to its end")
    for c in readers:
        c.close()
    becomes(s.descriptors, before, "gone, they left no descriptor")
    same(s.send("PUT", "/bkt/other", 50 * MIB)[0], 200, "others go on")


def test_copy_cancelled(s):
    """A copy whose client goes is given up; what it wrote goes."""
    s.send("PUT", "/bkt/src", 300 * MIB)
    files = s.files()
    upload = s.s3.create_multipart_upload(Bucket="bkt", Key="x")["UploadId"]
    c = socket.create_connection(s.address("aws"))
    c.sendall(f"PUT /bkt/x?partNumber=1&uploadId={upload} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nx-amz-copy-source: bkt/src\r\n\r\n".encode())
    until(s.parts, seconds=10)
    c.close()
    becomes(s.files, files, "a part's copy that was given up left no file")
    same(s.s3.list_parts(Bucket="bkt", Key="x", UploadId=upload).get("Parts"), None, "nor a part")


def test_killed(s):
    """What a kill -9 left unfinished goes at the start."""
    s.send("PUT", "/bkt/kept", 2 * MIB)
    c = socket.create_connection(s.address("aws"))
    c.sendall(b"PUT /bkt/cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n" + BLOCK)
    until(s.parts, seconds=10)
    ok(s.parts(), "an upload under way has a file")
    s.kill()
    s.up()
    same(s.parts(), [], "after the start it hasn't")
    same(s.digest("/bkt/kept"), (200, 2 * MIB, md5_of(2 * MIB)), "what was acknowledged is there")
    c = socket.create_connection(s.address("aws"))
    c.sendall(b"PUT /bkt/cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n" + BLOCK)
    until(s.parts, seconds=10)
    same(s.stop(), 0, "a stop in the middle of an upload")
    s.up()
    same(s.parts(), [], "leaves no file either")


def test_clients(s):
    """curl over HTTP/2, curl that waits for 100, the AWS CLI."""
    path = os.path.join(TMP, "file")
    with open(path, "wb") as f:
        for _ in range(40):
            f.write(BLOCK)
        f.write(b"end")
    md5 = hashlib.md5(BLOCK * 40 + b"end").hexdigest()
    url = s.at["aws"] + "/bkt/curl"
    for name, flags in ("HTTP/2", ["--http2-prior-knowledge"]), ("100-continue", ["-H", "Expect: 100-continue"]):
        up = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *flags, "-T", path, url], capture_output=True, timeout=120)
        same(up.stdout, b"200", f"{name}: 40 MiB up")
        down = subprocess.run(["curl", "-s", *flags, url], capture_output=True, timeout=120)
        same(hashlib.md5(down.stdout).hexdigest(), md5, f"{name}: and down")
    out = subprocess.run(["curl", "-s", "-T", path, "-H", "Expect: 100-continue", s.at["aws"] + "/nowhere/curl", "-w", "%{size_upload}"], capture_output=True, timeout=60)
    ok(b"NoSuchBucket" in out.stdout and out.stdout.endswith(b"0"), "100-continue: refused before the body is sent", out.stdout)
    if not AWS:
        skip("aws s3 cp", "no AWS CLI")
        return
    same(s.aws("s3", "cp", path, "s3://bkt/cli").returncode, 0, "aws s3 cp up (in parts)")
    same(s.aws("s3", "cp", "s3://bkt/cli", "s3://bkt/cli2").returncode, 0, "aws s3 cp from key to key")
    same(s.aws("s3", "cp", "s3://bkt/cli2", path + ".2").returncode, 0, "and down")
    with open(path + ".2", "rb") as f:
        same(hashlib.md5(f.read()).hexdigest(), md5, "the same bytes")


with Server() as server:
    parts(test_over_1_gib, test_put, test_chunked, test_signed_chunks, test_hang_ups, test_copy_cancelled, test_killed, test_clients, args=(server,))
done()
