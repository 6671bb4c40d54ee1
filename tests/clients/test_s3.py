#!/usr/bin/python3
"""S3 with real clients: boto3, the AWS CLI, rclone, s3cmd; then bad input with the server alive after each."""
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request

from tarn import AWS, Stack, TMP, done, need, ok, skip

ClientError = need("botocore.exceptions").ClientError


class S3(Stack):
    def __init__(self, **more):
        super().__init__(only="s3", **more)
        self.url, (self.host, self.port) = self.at["aws"], self.address("aws")

    def s3_as(self, key, secret):
        return self.client("s3", key, secret, signature_version="s3v4")


def code(fn, *a, **kw):
    try:
        fn(*a, **kw)
        return None
    except ClientError as e:
        return e.response["Error"]["Code"]


def raw(srv, data, shut=False):
    s = socket.create_connection((srv.host, srv.port), timeout=10)
    s.sendall(data)
    if shut:
        s.shutdown(socket.SHUT_WR)
    out = b""
    try:
        while True:
            part = s.recv(65536)
            if not part:
                break
            out += part
            if b"</Error>" in out:
                break
    except (socket.timeout, ConnectionResetError):
        pass
    s.close()
    return out


def test_boto(srv):
    s3 = srv.s3
    s3.create_bucket(Bucket="one-bucket")
    s3.create_bucket(Bucket="one-bucket")
    ok("one-bucket" in [b["Name"] for b in s3.list_buckets()["Buckets"]], "boto3: create (twice) and list buckets")
    ok(s3.get_bucket_location(Bucket="one-bucket")["LocationConstraint"] is None, "boto3: location of a us-east-1 bucket")
    body = b"hello world"
    put = s3.put_object(Bucket="one-bucket", Key="dir/a b+c%.txt", Body=body, ContentType="text/plain", Metadata={"who": "me"}, CacheControl="no-cache")
    ok(put["ETag"] == '"%s"' % hashlib.md5(body).hexdigest(), "boto3: put answers the MD5 as ETag")
    got = s3.get_object(Bucket="one-bucket", Key="dir/a b+c%.txt")
    ok(got["Body"].read() == body and got["Metadata"] == {"who": "me"} and got["ContentType"] == "text/plain" and got["CacheControl"] == "no-cache",
       "boto3: get returns body, metadata, headers")
    head = s3.head_object(Bucket="one-bucket", Key="dir/a b+c%.txt")
    ok(head["ContentLength"] == 11 and head["ETag"] == put["ETag"], "boto3: head has the length")
    part = s3.get_object(Bucket="one-bucket", Key="dir/a b+c%.txt", Range="bytes=6-")
    ok(part["Body"].read() == b"world" and part["ContentRange"] == "bytes 6-10/11", "boto3: range to the end")
    ok(s3.get_object(Bucket="one-bucket", Key="dir/a b+c%.txt", Range="bytes=-3")["Body"].read() == b"rld", "boto3: last bytes")
    ok(code(s3.get_object, Bucket="one-bucket", Key="dir/a b+c%.txt", Range="bytes=11-") == "InvalidRange", "boto3: range past the end")
    ok(code(s3.get_object, Bucket="one-bucket", Key="nope") == "NoSuchKey", "boto3: no such key")
    ok(code(s3.get_object, Bucket="no-such-bucket", Key="nope") == "NoSuchBucket", "boto3: no such bucket")
    ok(code(s3.head_object, Bucket="one-bucket", Key="nope") == "404", "boto3: head of nothing")
    ok(code(s3.get_object, Bucket="one-bucket", Key="dir/a b+c%.txt", IfNoneMatch=put["ETag"]) == "304", "boto3: not modified")
    ok(code(s3.get_object, Bucket="one-bucket", Key="dir/a b+c%.txt", IfMatch='"0"') == "PreconditionFailed", "boto3: precondition")
    over = s3.get_object(Bucket="one-bucket", Key="dir/a b+c%.txt", ResponseContentType="x/y", ResponseContentDisposition="attachment")
    ok(over["ContentType"] == "x/y" and over["ContentDisposition"] == "attachment", "boto3: response-* overrides")
    ok(code(s3.create_bucket, Bucket="Bad_Name") == "InvalidBucketName", "boto3: odd bucket name")
    ok(code(s3.delete_bucket, Bucket="one-bucket") == "BucketNotEmpty", "boto3: bucket not empty")
    for alg, text in (("CRC32", None), ("SHA1", None), ("SHA256", None)):
        r = s3.put_object(Bucket="one-bucket", Key="sum", Body=body, ChecksumAlgorithm=alg)
        h = s3.head_object(Bucket="one-bucket", Key="sum", ChecksumMode="ENABLED")
        ok(r.get("Checksum" + alg) and r["Checksum" + alg] == h["Checksum" + alg], f"boto3: {alg} is verified and returned")
    ok(code(s3.put_object, Bucket="one-bucket", Key="sum", Body=body, ChecksumSHA256="AAAA" * 10 + "AAA=") == "BadDigest", "boto3: wrong checksum")
    ok(code(s3.put_object, Bucket="one-bucket", Key="sum", Body=body, ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==") == "BadDigest", "boto3: wrong Content-MD5")
    s3.copy_object(Bucket="one-bucket", Key="copy", CopySource={"Bucket": "one-bucket", "Key": "dir/a b+c%.txt"})
    ok(s3.head_object(Bucket="one-bucket", Key="copy")["Metadata"] == {"who": "me"}, "boto3: copy keeps metadata")
    ok(code(s3.copy_object, Bucket="one-bucket", Key="copy", CopySource="one-bucket/copy") == "InvalidRequest", "boto3: copy onto itself")
    keys = [f"l/{d}/{n:02d}" for d in "abc" for n in range(4)] + ["l/top", "l/zzz é & <>"]
    for k in keys:
        s3.put_object(Bucket="one-bucket", Key=k, Body=b"x")
    for op in ("list_objects_v2", "list_objects"):
        seen, prefixes = [], []
        for page in s3.get_paginator(op).paginate(Bucket="one-bucket", Prefix="l/", PaginationConfig={"PageSize": 3}):
            seen += [c["Key"] for c in page.get("Contents", [])]
        ok(seen == sorted(keys, key=lambda k: k.encode()), f"boto3: {op} in pages of three")
        seen = []
        for page in s3.get_paginator(op).paginate(Bucket="one-bucket", Prefix="l/", Delimiter="/", PaginationConfig={"PageSize": 2}):
            seen += [c["Key"] for c in page.get("Contents", [])]
            prefixes += [c["Prefix"] for c in page.get("CommonPrefixes", [])]
        ok(seen == ["l/top", "l/zzz é & <>"] and prefixes == ["l/a/", "l/b/", "l/c/"], f"boto3: {op} with delimiter in pages of two")
    ok([v["Key"] for v in s3.list_object_versions(Bucket="one-bucket", Prefix="l/a")["Versions"]] == keys[:4], "boto3: list versions")
    gone = s3.delete_objects(Bucket="one-bucket", Delete={"Objects": [{"Key": k} for k in keys] + [{"Key": "never"}]})
    ok(len(gone["Deleted"]) == len(keys) + 1 and "Errors" not in gone, "boto3: delete many")
    ok(s3.list_objects_v2(Bucket="one-bucket", Prefix="l/")["KeyCount"] == 0, "boto3: all gone")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "one-bucket", "Key": "signed"}, ExpiresIn=60)
    urllib.request.urlopen(urllib.request.Request(url, data=b"by url", method="PUT")).read()
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "one-bucket", "Key": "signed"}, ExpiresIn=60)
    ok(urllib.request.urlopen(url).read() == b"by url", "boto3: presigned PUT and GET")
    ok(code(s3.get_bucket_policy, Bucket="one-bucket") == "NoSuchBucketPolicy" and code(s3.get_bucket_tagging, Bucket="one-bucket") == "NoSuchTagSet" and
       "Status" not in s3.get_bucket_versioning(Bucket="one-bucket") and s3.get_bucket_acl(Bucket="one-bucket")["Grants"], "boto3: a fresh bucket's configuration")


def test_multipart(srv):
    s3 = srv.s3
    s3.create_bucket(Bucket="parts")
    five = b"a" * (5 << 20)
    up = s3.create_multipart_upload(Bucket="parts", Key="big", ChecksumAlgorithm="CRC32")["UploadId"]
    tags = [s3.upload_part(Bucket="parts", Key="big", UploadId=up, PartNumber=n, Body=b, ChecksumAlgorithm="CRC32") for n, b in ((1, five), (3, b"end"))]
    ok([p["PartNumber"] for p in s3.list_parts(Bucket="parts", Key="big", UploadId=up)["Parts"]] == [1, 3], "multipart: list parts")
    ok([u["Key"] for u in s3.list_multipart_uploads(Bucket="parts")["Uploads"]] == ["big"], "multipart: list uploads")
    bad = {"Parts": [{"PartNumber": 2, "ETag": tags[0]["ETag"]}]}
    ok(code(s3.complete_multipart_upload, Bucket="parts", Key="big", UploadId=up, MultipartUpload=bad) == "InvalidPart", "multipart: unknown part")
    done = {"Parts": [{"PartNumber": n, "ETag": t["ETag"], "ChecksumCRC32": t["ChecksumCRC32"]} for n, t in ((1, tags[0]), (3, tags[1]))]}
    back = {"Parts": done["Parts"][::-1]}
    ok(code(s3.complete_multipart_upload, Bucket="parts", Key="big", UploadId=up, MultipartUpload=back) == "InvalidPartOrder", "multipart: wrong order")
    first = s3.complete_multipart_upload(Bucket="parts", Key="big", UploadId=up, MultipartUpload=done)
    again = s3.complete_multipart_upload(Bucket="parts", Key="big", UploadId=up, MultipartUpload=done)
    md5s = b"".join(hashlib.md5(b).digest() for b in (five, b"end"))
    ok(first["ETag"] == again["ETag"] == '"%s-2"' % hashlib.md5(md5s).hexdigest(), "multipart: complete, and once more")
    ok(s3.get_object(Bucket="parts", Key="big")["Body"].read() == five + b"end", "multipart: body")
    ok(s3.get_object(Bucket="parts", Key="big", Range="bytes=%d-%d" % (len(five) - 1, len(five)))["Body"].read() == b"ae", "multipart: range over a boundary")
    ok(s3.get_object(Bucket="parts", Key="big", PartNumber=3)["Body"].read() == b"end", "multipart: by part number")
    up = s3.create_multipart_upload(Bucket="parts", Key="small")["UploadId"]
    two = [s3.upload_part(Bucket="parts", Key="small", UploadId=up, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]
    small = {"Parts": [{"PartNumber": i + 1, "ETag": t} for i, t in enumerate(two)]}
    ok(code(s3.complete_multipart_upload, Bucket="parts", Key="small", UploadId=up, MultipartUpload=small) == "EntityTooSmall", "multipart: too small")
    s3.abort_multipart_upload(Bucket="parts", Key="small", UploadId=up)
    ok(code(s3.abort_multipart_upload, Bucket="parts", Key="small", UploadId=up) == "NoSuchUpload", "multipart: aborted twice")


def run(args, env=None, **kw):
    r = subprocess.run(args, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kw)
    if r.returncode:
        print("# " + " ".join(args) + "\n# " + (r.stderr + r.stdout).decode(errors="replace").replace("\n", "\n# "), file=sys.stderr)
    return r


def test_cli(srv):
    if not AWS:
        return skip("aws", "no /usr/bin/aws")

    def aws(*args):
        r = srv.aws(*args)
        if r.returncode:
            print("# " + " ".join(args) + "\n# " + (r.stderr + r.stdout).replace("\n", "\n# "), file=sys.stderr)
        return r
    big = os.urandom(20 << 20)
    os.makedirs(os.path.join(TMP, "tree/sub"), exist_ok=True)
    open(os.path.join(TMP, "big"), "wb").write(big)
    open(os.path.join(TMP, "tree/a.txt"), "w").write("a")
    open(os.path.join(TMP, "tree/sub/b ü.txt"), "w").write("b")
    ok(aws("s3", "mb", "s3://cli-bucket").returncode == 0, "aws s3 mb")
    ok(aws("s3", "cp", "big", "s3://cli-bucket/big").returncode == 0, "aws s3 cp of 20 MB up")
    ok(aws("s3", "cp", "s3://cli-bucket/big", "back").returncode == 0 and open(os.path.join(TMP, "back"), "rb").read() == big, "aws s3 cp down, same bytes")
    ok(aws("s3", "cp", "s3://cli-bucket/big", "s3://cli-bucket/big2").returncode == 0, "aws s3 cp within the bucket (part copies)")
    ok(aws("s3", "sync", "tree", "s3://cli-bucket/tree").returncode == 0, "aws s3 sync up")
    ls = aws("s3", "ls", "s3://cli-bucket/", "--recursive").stdout
    ok("tree/a.txt" in ls and "tree/sub/b ü.txt" in ls and "20971520 big2" in ls, "aws s3 ls --recursive")
    ok(aws("s3", "sync", "s3://cli-bucket/tree", "tree2").returncode == 0 and os.path.exists(os.path.join(TMP, "tree2/sub/b ü.txt")), "aws s3 sync down")
    ok(aws("s3api", "head-object", "--bucket", "cli-bucket", "--key", "big").returncode == 0, "aws s3api head-object")
    ok(aws("s3", "rm", "s3://cli-bucket", "--recursive").returncode == 0 and aws("s3", "rb", "s3://cli-bucket").returncode == 0, "aws s3 rm, rb")


def test_rclone(srv):
    if not shutil.which("rclone"):
        return skip("rclone", "not installed")
    env = {"PATH": "/usr/bin:/bin", "HOME": TMP, "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_T_TYPE": "s3", "RCLONE_CONFIG_T_PROVIDER": "Other",
           "RCLONE_CONFIG_T_ACCESS_KEY_ID": "test", "RCLONE_CONFIG_T_SECRET_ACCESS_KEY": "test", "RCLONE_CONFIG_T_ENDPOINT": srv.url}
    rc = lambda *a: run(["rclone", "--retries", "1", "--low-level-retries", "1", *a], env=env, cwd=TMP)
    ok(rc("mkdir", "t:rc-bucket").returncode == 0 and rc("copy", "tree", "t:rc-bucket/tree").returncode == 0, "rclone mkdir, copy")
    ok(rc("cat", "t:rc-bucket/tree/a.txt").stdout == b"a", "rclone cat")
    ok(sorted(rc("lsf", "-R", "t:rc-bucket").stdout.decode().split("\n")[:-1]) == ["tree/", "tree/a.txt", "tree/sub/", "tree/sub/b ü.txt"], "rclone lsf -R")
    ok(rc("copy", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", "big", "t:rc-bucket/").returncode == 0, "rclone copy in parts")
    ok(rc("check", "tree", "t:rc-bucket/tree").returncode == 0, "rclone check")
    ok(rc("sync", "t:rc-bucket/tree", "t:rc-bucket/tree3").returncode == 0, "rclone sync within the bucket")
    ok(rc("purge", "t:rc-bucket").returncode == 0, "rclone purge")


def test_s3cmd(srv):
    if not shutil.which("s3cmd"):
        return skip("s3cmd", "not installed")
    cfg = os.path.join(TMP, "s3cfg")
    open(cfg, "w").write(f"[default]\naccess_key = test\nsecret_key = test\nhost_base = {srv.host}:{srv.port}\nhost_bucket = {srv.host}:{srv.port}\nuse_https = False\n")
    s3 = lambda *a: run(["s3cmd", "-c", cfg, *a], cwd=TMP)
    ok(s3("mb", "s3://cmd-bucket").returncode == 0 and s3("put", "tree/a.txt", "s3://cmd-bucket/x/a.txt").returncode == 0, "s3cmd mb, put")
    ok(s3("put", "--multipart-chunk-size-mb=5", "big", "s3://cmd-bucket/big").returncode == 0, "s3cmd put in parts")
    ok(b"DIR" in s3("ls", "s3://cmd-bucket/").stdout and s3("info", "s3://cmd-bucket/big").returncode == 0, "s3cmd ls, info")
    ok(s3("get", "--force", "s3://cmd-bucket/x/a.txt", "a.back").returncode == 0 and open(os.path.join(TMP, "a.back")).read() == "a", "s3cmd get")
    ok(s3("rm", "--recursive", "--force", "s3://cmd-bucket").returncode == 0 and s3("rb", "s3://cmd-bucket").returncode == 0, "s3cmd rm, rb")


def test_bad_input(srv):
    s3 = srv.s3
    host = f"Host: {srv.host}\r\n".encode()
    out = raw(srv, b"POST /one-bucket?delete HTTP/1.1\r\n" + host + b"Content-Length: 5\r\n\r\n<a><b")
    ok(b"400 Bad Request" in out and b"<Code>MalformedXML</Code>" in out, "bad XML: MalformedXML")
    out = raw(srv, b"GET /one-bucket/%00 HTTP/1.1\r\n" + host + b"\r\n")
    ok(b"<Code>InvalidURI</Code>" in out, "NUL in the key: InvalidURI")
    out = raw(srv, b"GET /one-bucket/" + b"k" * 1025 + b" HTTP/1.1\r\n" + host + b"\r\n")
    ok(b"<Code>KeyTooLongError</Code>" in out, "long key: KeyTooLongError")
    out = raw(srv, b"PUT /one-bucket/cut HTTP/1.1\r\n" + host + b"Content-Length: 100\r\n\r\nonly this", shut=True)
    ok(code(s3.head_object, Bucket="one-bucket", Key="cut") == "404", "cut body: nothing stored")
    out = raw(srv, b"PUT /one-bucket/huge HTTP/1.1\r\n" + host + b"Content-Length: 5368709121\r\n\r\n")
    ok(b"<Code>EntityTooLarge</Code>" in out, "over 5 GiB: EntityTooLarge")
    out = raw(srv, b"PUT /one-bucket/ch HTTP/1.1\r\n" + host + b"x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nContent-Length: 9\r\n\r\nzz\r\nhello\r\n")
    ok(b"<Code>InvalidRequest</Code>" in out or b"<Code>IncompleteBody</Code>" in out, "malformed chunks refused")
    chunked = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    head = b"x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nContent-Encoding: aws-chunked\r\nx-amz-decoded-content-length: 5\r\n"
    raw(srv, b"PUT /one-bucket/ch HTTP/1.1\r\n" + host + head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(chunked) + chunked)
    got = s3.get_object(Bucket="one-bucket", Key="ch")
    ok(got["Body"].read() == b"hello" and "ContentEncoding" not in got, "aws-chunked with trailer is decoded")
    wrong = chunked.replace(b"NhCmhg", b"NhCmhA")
    out = raw(srv, b"PUT /one-bucket/ch HTTP/1.1\r\n" + host + head + b"Content-Length: %d\r\n\r\n" % len(wrong) + wrong)
    ok(b"<Code>BadDigest</Code>" in out, "wrong trailer checksum: BadDigest")
    out = raw(srv, b"GET / HTTP/1.1\r\n" + host + b"X-Junk: " + b"j" * 100000 + b"\r\n\r\n")
    ok(srv.alive(), "100 kB header: still alive")
    out = raw(srv, b"GET /one-bucket/ch?torrent HTTP/1.1\r\n" + host + b"\r\n")
    ok(b"501 Not Implemented" in out and b"<Code>NotImplemented</Code>" in out, "unserved operation: 501")
    host2 = b"Host: one-bucket.localhost\r\n"
    ok(b"hello" in raw(srv, b"GET /ch HTTP/1.1\r\n" + host2 + b"Connection: close\r\n\r\n"), "virtual host style")
    ok(srv.alive() and s3.list_buckets()["Buckets"], "alive after all of it")


def test_identities():
    with S3(conf="[identities]\nAKIATARN = s3cr3t/key\n\n[buckets]\ndeclared = eu-west-1\n") as srv:
        s3 = srv.s3_as("AKIATARN", "s3cr3t/key")
        ok([b["Name"] for b in s3.list_buckets()["Buckets"]] == ["declared"], "identities: right secret, declared bucket there")
        ok(s3.get_bucket_location(Bucket="declared")["LocationConstraint"] == "eu-west-1", "declared region")
        for key in ("plain", "a b/ü+&=?#%/..//x"):
            s3.put_object(Bucket="declared", Key=key, Body=b"v")
            ok(s3.get_object(Bucket="declared", Key=key)["Body"].read() == b"v", f"signed put and get of {key}")
        ok(s3.list_objects_v2(Bucket="declared", Prefix="a b/ü+&")["KeyCount"] == 1, "signed list with odd prefix")
        ok(code(srv.s3_as("AKIATARN", "wrong").list_buckets) == "SignatureDoesNotMatch", "wrong secret: SignatureDoesNotMatch")
        ok(code(srv.s3_as("AKIAOTHER", "wrong").list_buckets) == "InvalidAccessKeyId", "unknown key: InvalidAccessKeyId")
        ok(code(srv.s3_as("AKIATARN", "wrong").put_object, Bucket="declared", Key="no", Body=b"1" * 100000) == "SignatureDoesNotMatch", "wrong secret on PUT")
        out = raw(srv, f"GET /declared HTTP/1.1\r\nHost: {srv.host}\r\n\r\n".encode())
        ok(b"403 Forbidden" in out and b"<Code>AccessDenied</Code>" in out, "anonymous: AccessDenied")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "declared", "Key": "plain"}, ExpiresIn=60)
        ok(urllib.request.urlopen(url).read() == b"v", "presigned GET")
        try:
            urllib.request.urlopen(url.replace("plain", "plaid"))
            ok(False, "changed presigned URL")
        except urllib.error.HTTPError as e:
            ok(e.code == 403 and b"SignatureDoesNotMatch" in e.read(), "changed presigned URL: 403")
        ok(srv.alive(), "alive")


def test_restart():
    srv = S3()
    s3 = srv.s3
    s3.create_bucket(Bucket="kept")
    large = os.urandom(300000)
    s3.put_object(Bucket="kept", Key="small", Body=b"small")
    s3.put_object(Bucket="kept", Key="large", Body=large)
    s3.put_object(Bucket="kept", Key="large", Body=large)
    srv.kill()
    data = srv.data
    open(os.path.join(data, "s3", "00000000000003ff"), "w").write("stray")
    srv.up()
    s3 = srv.s3
    ok(s3.get_object(Bucket="kept", Key="small")["Body"].read() == b"small" and s3.get_object(Bucket="kept", Key="large")["Body"].read() == large,
       "kill -9: acknowledged objects are there")
    ok(len(os.listdir(os.path.join(data, "s3"))) == 1, "strays are gone")
    s3.delete_object(Bucket="kept", Key="large")
    ok(os.listdir(os.path.join(data, "s3")) == [], "a deleted object's file is gone")
    srv.stop()


with S3() as srv:
    test_boto(srv)
    test_multipart(srv)
    test_cli(srv)
    test_rclone(srv)
    test_s3cmd(srv)
    test_bad_input(srv)
test_identities()
test_restart()
done()
