#!/usr/bin/python3
"""Encryption by customers' keys and by KMS: the bytes lie encrypted, every range and part comes back, copies get keys of their own; without
the right key nothing is told."""
import hashlib
import os
import random
import sqlite3
from base64 import b64encode

from tarn import Stack, done, need, ok, parts, same

need("boto3")
from botocore.exceptions import ClientError

MARK = b"this would be read on the disk. "
KEYS = [hashlib.sha256(b"%d" % i).digest() for i in range(3)]
TEXTS = {
    "none": "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
    "wrong": "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
    "part": "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
}


def sse(i, source=False):
    p = "CopySource" if source else ""
    return {p + "SSECustomerAlgorithm": "AES256", p + "SSECustomerKey": KEYS[i]}


def named(i):
    """For operations for which this botocore doesn't encode the key."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b64encode(KEYS[i]).decode(), "SSECustomerKeyMD5": b64encode(hashlib.md5(KEYS[i]).digest()).decode()}


def body(n):
    return (MARK * (n // len(MARK) + 1))[:n]


def fails(what, code, message, fn, **args):
    try:
        fn(**args)
        ok(False, what, "it went well")
    except ClientError as e:
        err = e.response["Error"]
        ok(err["Code"] == code and (message is None or err["Message"] == message), what, err)


def found(data):
    """Whether what nobody should read lies in a file or row below the folder."""
    for folder, _, names in os.walk(os.path.join(data)):
        for name in filter(lambda n: os.path.isfile(os.path.join(folder, n)), names):
            with open(os.path.join(folder, name), "rb") as f:
                if MARK in f.read():
                    return os.path.join(folder, name)
    return None


def test_customer(srv):
    s3 = srv.s3
    for n in (0, 1, 1000, 65536, 65537, 300000, 5 << 20):
        key = f"c{n}"
        put = s3.put_object(Bucket="b-sse", Key=key, Body=body(n), **sse(0))
        got = s3.get_object(Bucket="b-sse", Key=key, **sse(0))
        ok(got["Body"].read() == body(n) and got["ContentLength"] == n and got["SSECustomerAlgorithm"] == "AES256" and "ServerSideEncryption" not in got
           and got["SSECustomerKeyMD5"] == b64encode(hashlib.md5(KEYS[0]).digest()).decode(), f"{n} bytes come back", got)
        ok(put["ETag"] == got["ETag"] != '"%s"' % hashlib.md5(body(n)).hexdigest(), f"{n} bytes: an ETag that isn't their MD5")
    rnd = random.Random(4)
    bad = [r for r in ((a, rnd.randint(a, 300000)) for a in (rnd.randint(0, 299999) for _ in range(30)))
           if s3.get_object(Bucket="b-sse", Key="c300000", Range="bytes=%d-%d" % r, **sse(0))["Body"].read() != body(300000)[r[0]:r[1] + 1]]
    same(bad, [], "thirty ranges")
    ok(s3.head_object(Bucket="b-sse", Key="c1000", **sse(0))["ContentLength"] == 1000, "HEAD with the key")
    fails("HEAD without", "400", None, s3.head_object, Bucket="b-sse", Key="c1000")
    fails("GET without", "InvalidRequest", TEXTS["none"], s3.get_object, Bucket="b-sse", Key="c1000")
    fails("GET with another", "AccessDenied", TEXTS["wrong"], s3.get_object, Bucket="b-sse", Key="c1000", **sse(1))
    s3.put_object(Bucket="b-sse", Key="plain", Body=b"plain")
    fails("a key for what has none", "InvalidRequest", None, s3.get_object, Bucket="b-sse", Key="plain", **sse(0))
    fails("with SSE-S3 at once", "InvalidArgument", "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
          s3.put_object, Bucket="b-sse", Key="x", Body=b"", ServerSideEncryption="AES256", **sse(0))
    ok(s3.get_object_attributes(Bucket="b-sse", Key="c1000", ObjectAttributes=["ObjectSize"], **named(0))["ObjectSize"] == 1000, "attributes with the key")
    fails("attributes without", "InvalidRequest", TEXTS["none"], s3.get_object_attributes, Bucket="b-sse", Key="c1000", ObjectAttributes=["ObjectSize"])


def test_parts(srv):
    s3 = srv.s3
    pieces = [body(5 << 20), os.urandom(5 << 20), b"tail"]
    up = s3.create_multipart_upload(Bucket="b-sse", Key="m", **sse(0))["UploadId"]
    at = dict(Bucket="b-sse", Key="m", UploadId=up)
    fails("a part without the key", "InvalidRequest", TEXTS["part"], s3.upload_part, PartNumber=1, Body=b"x", **at)
    fails("a part with another", "InvalidRequest", "The provided encryption parameters did not match the ones used originally.",
          s3.upload_part, PartNumber=1, Body=b"x", **at, **sse(1))
    tags = [{"PartNumber": i + 1, "ETag": s3.upload_part(PartNumber=i + 1, Body=p, **at, **sse(0))["ETag"]} for i, p in enumerate(pieces)]
    s3.complete_multipart_upload(MultipartUpload={"Parts": tags}, **at)
    whole = b"".join(pieces)
    ok(s3.get_object(Bucket="b-sse", Key="m", **sse(0))["Body"].read() == whole, "an upload of three parts")
    ok(s3.get_object(Bucket="b-sse", Key="m", Range="bytes=5242870-10485763", **sse(0))["Body"].read() == whole[5242870:10485764], "a range over all of them")
    ok(s3.get_object(Bucket="b-sse", Key="m", PartNumber=2, **sse(0))["Body"].read() == pieces[1], "the second one")
    fails("the whole without", "InvalidRequest", TEXTS["none"], s3.get_object, Bucket="b-sse", Key="m")
    up = s3.create_multipart_upload(Bucket="b-sse", Key="no")["UploadId"]
    fails("a key that the upload has not", "InvalidRequest", TEXTS["part"], s3.upload_part, Bucket="b-sse", Key="no", UploadId=up, PartNumber=1, Body=b"x", **sse(0))
    up = s3.create_multipart_upload(Bucket="b-sse", Key="pc", **sse(2))["UploadId"]
    part = s3.upload_part_copy(Bucket="b-sse", Key="pc", UploadId=up, PartNumber=1, CopySource="b-sse/m", CopySourceRange="bytes=100-6000000", **sse(0, True), **sse(2))
    s3.complete_multipart_upload(Bucket="b-sse", Key="pc", UploadId=up, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]})
    ok(s3.get_object(Bucket="b-sse", Key="pc", **sse(2))["Body"].read() == whole[100:6000001], "a part copied from one key to another")


def test_copies(srv):
    s3 = srv.s3
    for n in (1000, 300000):
        src = {"CopySource": f"b-sse/c{n}", "Bucket": "b-sse"}
        fails(f"{n} bytes copied without their key", "InvalidRequest", TEXTS["none"], s3.copy_object, Key="d", **src)
        s3.copy_object(Key="d1", **src, **sse(0, True), **sse(1))
        ok(s3.get_object(Bucket="b-sse", Key="d1", **sse(1))["Body"].read() == body(n), f"{n} bytes: to another key")
        r = s3.copy_object(Key="d2", **src, **sse(0, True), ServerSideEncryption="aws:kms")
        ok(r["ServerSideEncryption"] == "aws:kms" and s3.get_object(Bucket="b-sse", Key="d2")["Body"].read() == body(n), f"{n} bytes: to KMS", r)
        s3.copy_object(Key="d3", Bucket="b-sse", CopySource="b-sse/d2", **sse(2))
        ok(s3.get_object(Bucket="b-sse", Key="d3", **sse(2))["Body"].read() == body(n), f"{n} bytes: from KMS")
        s3.copy_object(Key="d2", Bucket="b-sse", CopySource="b-sse/d2", ServerSideEncryption="aws:kms")
        ok(s3.get_object(Bucket="b-sse", Key="d2")["Body"].read() == body(n), f"{n} bytes: onto itself, by a new key")


def test_kms(srv):
    s3 = srv.s3
    s3.put_bucket_encryption(Bucket="b-kms", ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]})
    for n in (0, 1000, 70000, 300000):
        s3.put_object(Bucket="b-kms", Key=f"k{n}", Body=body(n))
        got = s3.get_object(Bucket="b-kms", Key=f"k{n}")
        ok(got["Body"].read() == body(n) and got["ServerSideEncryption"] == "aws:kms", f"KMS by the bucket's default: {n} bytes")
    up = s3.create_multipart_upload(Bucket="b-kms", Key="m")["UploadId"]
    tags = [{"PartNumber": i + 1, "ETag": s3.upload_part(Bucket="b-kms", Key="m", UploadId=up, PartNumber=i + 1, Body=p)["ETag"]}
            for i, p in enumerate((body(5 << 20), b"tail"))]
    s3.complete_multipart_upload(Bucket="b-kms", Key="m", UploadId=up, MultipartUpload={"Parts": tags})
    ok(s3.get_object(Bucket="b-kms", Key="m")["Body"].read() == body(5 << 20) + b"tail", "an upload in parts")


def test_disk(srv):
    same(found(srv.data), None, "nothing of them is read on the disk")
    srv.kill()
    srv.up()
    s3 = srv.s3
    ok(s3.get_object(Bucket="b-kms", Key="k300000")["Body"].read() == body(300000), "after a kill -9 they are there")
    ok(s3.get_object(Bucket="b-sse", Key="c300000", **sse(0))["Body"].read() == body(300000), "customers' too")
    srv.stop()
    db = sqlite3.connect(os.path.join(srv.data, "s3.db"))
    heads = b"".join(row[0] for row in db.execute("SELECT headers FROM object"))
    db.close()
    ok(not any(k in heads or b64encode(k) in heads or b64encode(hashlib.md5(k).digest()) in heads for k in KEYS), "no customer's key is kept")
    store = os.path.join(srv.data, "s3")
    large = max((os.path.join(store, n) for n in os.listdir(store)), key=os.path.getsize)
    for name in os.listdir(store):
        with open(os.path.join(store, name), "r+b") as f:
            f.seek(40)
            f.write(b"!")
    ok(os.path.getsize(large) > 5 << 20, "a file has its salt and tags")
    srv.up()
    try:
        srv.s3.get_object(Bucket="b-kms", Key="k300000")["Body"].read()
        ok(False, "bytes that were changed aren't handed out")
    except Exception:
        ok(True, "bytes that were changed aren't handed out")


with Stack(only="s3,aws") as server:
    server.s3.create_bucket(Bucket="b-sse")
    server.s3.create_bucket(Bucket="b-kms")
    parts(test_customer, test_parts, test_copies, test_kms, test_disk, args=(server,))
done()
