#!/usr/bin/python3
"""S3 answers as AWS was seen to: presigned URLs of signature version 2, what isn't done isn't said to be, copy sources, expected owners,
conditional writes, framing."""
import hashlib
import hmac
import http.client
import re
import socket
import time
import urllib.parse

from tarn import AWS, Stack, done, need, ok, parts, same, skip

boto3, Config = need("boto3", "botocore.config")
Config = Config.Config
BODY = b"0123456789"


def ask(s, method, path, body=None, **headers):
    """(status, code or text, headers, whole body); _ in header names stands for -."""
    c = http.client.HTTPConnection(*s.address("aws"), timeout=30)
    c.putrequest(method, path)
    for name, value in headers.items():
        c.putheader(name.replace("_", "-"), value)
    if body is not None or method == "PUT":
        c.putheader("Content-Length", str(len(body or b"")))
    c.endheaders(body)
    r = c.getresponse()
    got = r.read()
    c.close()
    code = re.search(rb"<Code>(\w+)</Code>", got)
    return r.status, code[1].decode() if code else got.decode("utf-8", "replace"), r.headers, got


def outcome(*args, **headers):
    return ask(*args, **headers)[:2]


def element(body, name):
    found = re.search(f"<{name}>(.*?)</{name}>", body.decode())
    return found and found[1]


def raw(s, data):
    c = socket.create_connection(s.address("aws"), timeout=20)
    c.sendall(data)
    r = http.client.HTTPResponse(c)
    r.begin()
    got = b"HTTP/1.1 %d " % r.status + r.read()
    c.close()
    return got


def path_of(url):
    u = urllib.parse.urlsplit(url)
    return u.path + "?" + u.query


def presigned(s, what, seconds=300, key="AKEXAMPLE", **params):
    client = boto3.client("s3", endpoint_url=s.at["aws"], region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="secretexample",
                          config=Config(signature_version="s3", s3={"addressing_style": "path"}))
    return path_of(client.generate_presigned_url(what, Params={"Bucket": "bkt", **params}, ExpiresIn=seconds))


def test_v2(open_s, s):
    """3: what boto3 and the CLI presign with by default."""
    url = presigned(s, "get_object", Key="k")
    ok("AWSAccessKeyId=" in url and "Expires=" in url, "boto3 signs with version 2", url)
    same(outcome(s, "GET", url), (200, "0123456789"), "its URL is served")
    if AWS:
        got = s.aws("configure", "list")  # the CLI is there
        env = s.aws("s3", "presign", "s3://bkt/k")
        same(outcome(open_s, "GET", path_of(env.stdout.strip()))[0] if got else 0, 200, "aws s3 presign, where nobody asks who signs")
    else:
        skip("aws s3 presign", "no AWS CLI")
    bad = re.sub("Signature=[^&]*", "Signature=AAAA", url)
    status, code, _, body = ask(s, "GET", bad)
    same((status, code), (403, "SignatureDoesNotMatch"), "a wrong signature")
    same([bool(element(body, e)) for e in ("AWSAccessKeyId", "SignatureProvided", "StringToSign", "StringToSignBytes")] if b"\n" not in body[60:] else
         [f"<{e}>".encode() in body for e in ("AWSAccessKeyId", "SignatureProvided", "StringToSign", "StringToSignBytes")], [True] * 4, "says what was to be signed")
    late = re.sub("Expires=[^&]*", "Expires=1000000000", url)
    for name, one in ("verified", s), ("open", open_s):
        status, code, _, body = ask(one, "GET", late)
        same((status, code, element(body, "Message"), element(body, "Expires")), (403, "AccessDenied", "Request has expired", "2001-09-09T01:46:40Z"),
             f"expired ({name})")
        ok(element(body, "ServerTime"), "with the server's time")
    same(outcome(s, "GET", presigned(s, "get_object", key="AKNOBODY", Key="k")), (403, "InvalidAccessKeyId"), "a key nobody has")
    put = presigned(s, "put_object", Key="typed", ContentType="text/plain")
    same(outcome(s, "PUT", put, b"x", Content_Type="text/html"), (403, "SignatureDoesNotMatch"), "made for text/plain, sent with text/html")
    same(outcome(s, "PUT", put, b"x", Content_Type="text/plain")[0], 200, "sent with text/plain")
    meta = presigned(s, "put_object", Key="meta", Metadata={"a": "b c"})
    same(outcome(s, "PUT", meta, b"x")[0], 200, "metadata in the URL")
    same(s.owner.head_object(Bucket="bkt", Key="meta")["Metadata"], {"a": "b c"}, "is kept")
    url = presigned(open_s, "get_object", Key="k", ResponseContentDisposition="attachment")
    status, _, headers, _ = ask(open_s, "GET", url)
    same((status, headers["Content-Disposition"]), (200, "attachment"), "an answer's header in the URL, where nobody asks who signs")
    same(outcome(s, "GET", presigned(s, "get_object", Key="k", ResponseContentDisposition="attachment"))[0], 200, "and where it is asked")
    v2 = boto3.client("s3", endpoint_url=s.at["aws"], region_name="us-east-1", aws_access_key_id="AKEXAMPLE", aws_secret_access_key="secretexample",
                      config=Config(signature_version="s3", s3={"addressing_style": "path"}))
    v2.put_object(Bucket="bkt", Key="v2 key+&", Body=b"v2", Metadata={"z": "1", "a": "2"}, ContentType="text/x")
    same(v2.get_object(Bucket="bkt", Key="v2 key+&")["Body"].read(), b"v2", "headers of version 2")
    same([o["Key"] for o in v2.list_objects(Bucket="bkt", Prefix="v2")["Contents"]], ["v2 key+&"], "a listing")
    part = presigned(s, "upload_part", Key="v2m", PartNumber=1, UploadId=s.owner.create_multipart_upload(Bucket="bkt", Key="v2m")["UploadId"])
    for size in 5, 100000:
        same(outcome(s, "PUT", part, b"a" * size)[0], 200, f"a part of {size} bytes by its URL")
    same(outcome(s, "GET", "/bkt/k", Authorization="AWS AKEXAMPLE:AAAA", Date=http_date()), (403, "SignatureDoesNotMatch"), "a wrong signature in the header")
    same(outcome(s, "GET", "/bkt/k", Authorization="AWS AKEXAMPLE:AAAA", Date="Mon, 05 Jan 2015 09:00:00 GMT"), (403, "RequestTimeTooSkewed"), "an old date")
    same(outcome(s, "GET", "/bkt/k", Authorization="AWS AKEXAMPLE", Date=http_date()), (400, "InvalidArgument"), "no signature")
    same(outcome(s, "GET", "/bkt/k?AWSAccessKeyId=AKEXAMPLE"), (403, "AccessDenied"), "a URL without signature")


def http_date():
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())


def test_not_done(s, _):
    """4: what isn't done isn't answered with success."""
    same(outcome(s, "PUT", "/nb1", x_amz_acl="public-read"), (400, "InvalidBucketAclWithObjectOwnership"), "a bucket's ACL")
    same(outcome(s, "PUT", "/nb1", x_amz_grant_read='uri="http://acs.amazonaws.com/groups/global/AllUsers"'), (400, "InvalidBucketAclWithObjectOwnership"), "its grants")
    status, code, _, body = ask(s, "PUT", "/nb1", x_amz_object_ownership="Nonsense")
    same((status, code, element(body, "ArgumentName")), (400, "InvalidArgument", "x-amz-object-ownership"), "an ownership nobody knows")
    same(outcome(s, "HEAD", "/nb1")[0], 404, "none of them made it")
    same(outcome(s, "PUT", "/nb2", x_amz_object_ownership="ObjectWriter")[0], 200, "ObjectWriter")
    same(element(ask(s, "GET", "/nb2?ownershipControls")[3], "ObjectOwnership"), "ObjectWriter", "is read back")
    same(element(ask(s, "GET", "/bkt?ownershipControls")[3], "ObjectOwnership"), "BucketOwnerEnforced", "others are enforced")
    same(outcome(s, "PUT", "/nb3", x_amz_bucket_object_lock_enabled="true")[0], 200, "a bucket with object lock")
    same(element(ask(s, "GET", "/nb3?object-lock")[3], "ObjectLockEnabled"), "Enabled", "has it")
    tags = b"<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>"
    same(outcome(s, "PUT", "/nb4", tags)[0], 200, "tags of a new bucket")
    same(s.s3.get_bucket_tagging(Bucket="nb4")["TagSet"], [{"Key": "a", "Value": "b"}], "are read back")
    same(outcome(s, "GET", "/bkt?tagging"), (404, "NoSuchTagSet"), "a bucket without tags")
    s.s3.put_bucket_tagging(Bucket="bkt", Tagging={"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]})
    s.s3.put_bucket_tagging(Bucket="bkt", Tagging={"TagSet": [{"Key": "c", "Value": "3"}]})
    same(s.s3.get_bucket_tagging(Bucket="bkt")["TagSet"], [{"Key": "c", "Value": "3"}], "PutBucketTagging replaces them all")
    pair = b"<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2</Value></Tag></TagSet></Tagging>"
    same(outcome(s, "PUT", "/bkt?tagging", pair), (400, "InvalidTag"), "a key twice")
    s.s3.delete_bucket_tagging(Bucket="bkt")
    same(outcome(s, "GET", "/bkt?tagging"), (404, "NoSuchTagSet"), "DeleteBucketTagging")
    same(outcome(s, "PUT", "/no-such-bkt?tagging", pair.replace(b"<Key>a</Key><Value>2", b"<Key>b</Key><Value>2")), (404, "NoSuchBucket"), "of a bucket that isn't there")
    twice = tags.replace(b"</Tags>", b"<Tag><Key>a</Key><Value>c</Value></Tag></Tags>")
    same(outcome(s, "PUT", "/nb5", twice), (400, "InvalidTag"), "a tag twice")
    same(outcome(s, "PUT", "/bkt/o", b"x", x_amz_grant_read='uri="http://acs.amazonaws.com/groups/global/AllUsers"'), (400, "AccessControlListNotSupported"),
         "an object's grants")
    status, code, _, body = ask(s, "PUT", "/bkt/o", b"x", x_amz_object_lock_retain_until_date="2030-01-01T00:00:00Z")
    same((status, code, element(body, "ArgumentName")), (400, "InvalidArgument", "x-amz-object-lock-mode"), "an end of retention without a mode")
    upload = s.s3.create_multipart_upload(Bucket="bkt", Key="m")["UploadId"]
    for size in 5, 100000:
        same(outcome(s, "PUT", f"/bkt/m?partNumber=1&uploadId={upload}", b"x" * size, x_amz_server_side_encryption_customer_algorithm="AES256"),
             (400, "InvalidRequest"), f"a part of {size} bytes with a key for an upload without")
    same(outcome(s, "PUT", "/newb?abac"), (501, "NotImplemented"), "PutBucketAbac")
    same(outcome(s, "HEAD", "/newb")[0], 404, "made no bucket")
    same(outcome(s, "GET", "/bkt?abac"), (501, "NotImplemented"), "GetBucketAbac")
    same(outcome(s, "DELETE", "/nb2?abac"), (501, "NotImplemented"), "DELETE ?abac")
    same(outcome(s, "HEAD", "/nb2")[0], 200, "deleted no bucket")
    same(outcome(s, "GET", "/bkt?foo")[0], 200, "a word AWS doesn't know is ignored")


def test_copy_source(s, _):
    """5: Go writes a blank as a plus."""
    s.s3.put_object(Bucket="bkt", Key="test key.txt", Body=b"blank")
    s.s3.put_object(Bucket="bkt", Key="a+b", Body=b"plus")
    for source, want in ("bkt/test+key.txt", b"blank"), ("bkt%2Ftest+key.txt", b"blank"), ("bkt/test%20key.txt", b"blank"), ("bkt/a%2Bb", b"plus"):
        same(outcome(s, "PUT", "/bkt/d", x_amz_copy_source=source)[0], 200, f"copy of {source}")
        same(ask(s, "GET", "/bkt/d")[3], want, "its bytes")


def test_owner(s, _):
    """6: a stranger's bucket isn't written into."""
    other = "999999999999"
    same(outcome(s, "HEAD", "/bkt", x_amz_expected_bucket_owner=other)[0], 403, "HeadBucket of somebody else's")
    for size in 1, 100000:
        same(outcome(s, "PUT", "/bkt/k3", b"x" * size, x_amz_expected_bucket_owner=other), (403, "AccessDenied"), f"PUT of {size} bytes")
    same(outcome(s, "GET", "/bkt/k3")[0], 404, "stored nothing")
    status, code, _, body = ask(s, "GET", "/bkt/k", x_amz_expected_bucket_owner="invalid")
    same((status, code, element(body, "Message")), (400, "InvalidBucketOwnerAWSAccountID",
         "The value of the expected bucket owner parameter must be an AWS Account ID... [invalid]"), "no account id")
    same(outcome(s, "PUT", "/bkt/d", x_amz_copy_source="bkt/k", x_amz_source_expected_bucket_owner=other), (403, "AccessDenied"), "a copy's source")
    same(outcome(s, "GET", "/bkt/k", x_amz_expected_bucket_owner="000000000000")[0], 200, "the owner's account")


def test_conditions(s, signed):
    """7: conflicts while an upload goes on, conditions in a URL."""
    def upload(key):
        up = s.s3.create_multipart_upload(Bucket="bkt", Key=key)["UploadId"]
        tag = s.s3.upload_part(Bucket="bkt", Key=key, UploadId=up, PartNumber=1, Body=b"part")["ETag"]
        return f"/bkt/{key}?uploadId={up}", f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part></CompleteMultipartUpload>".encode()

    s.s3.put_object(Bucket="bkt", Key="cc1", Body=b"test")
    path, body = upload("cc1")
    s.s3.delete_object(Bucket="bkt", Key="cc1")
    status, code, _, got = ask(s, "POST", path, body, If_None_Match="*")
    same((status, code, element(got, "Condition"), element(got, "Key")), (409, "ConditionalRequestConflict", "If-None-Match", "cc1"), "deleted meanwhile")
    s.s3.put_object(Bucket="bkt", Key="cc2", Body=b"test")
    path, body = upload("cc2")
    tag = s.s3.put_object(Bucket="bkt", Key="cc2", Body=b"test2")["ETag"]
    status, code, _, got = ask(s, "POST", path, body, If_Match=tag)
    same((status, code, element(got, "Condition")), (409, "ConditionalRequestConflict", "If-Match"), "put meanwhile")
    same(outcome(s, "POST", path, body)[0], 200, "without a condition it is completed")
    path, body = upload("cc3")
    same(outcome(s, "POST", path, body, If_None_Match="*")[0], 200, "nothing happened meanwhile")
    path, body = upload("cc3")
    same(outcome(s, "POST", path, body, If_None_Match="*"), (412, "PreconditionFailed"), "an object that is there")
    url = v4_url(signed, "PUT", "/bkt/pc", {"If-None-Match": "*"})
    same([outcome(signed, "PUT", url, b"x")[0] for _ in range(2)], [200, 412], "If-None-Match in a signed URL")
    status, code, _, got = ask(s, "PUT", "/bkt/cc2", b"x", If_Match='"E"', If_None_Match="*")
    same((status, element(got, "Header"), element(got, "additionalMessage")),
         (501, "If-Match,If-None-Match", "Multiple conditional request headers present in the request"), "two conditions")
    status, code, _, got = ask(s, "PUT", "/bkt/cc2", b"x", If_None_Match='"E"')
    same((status, element(got, "Header"), element(got, "additionalMessage")),
         (501, "If-None-Match", "We don't accept the provided value of If-None-Match header for this API"), "If-None-Match with a tag")


def v4_url(s, method, path, query):
    """A URL signed with version 4, any parameters in it: boto3 drops those it doesn't know."""
    host = "%s:%d" % s.address("aws")
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
    q = {**query, "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"AKEXAMPLE/{scope}", "X-Amz-Date": stamp, "X-Amz-Expires": "300",
         "X-Amz-SignedHeaders": "host"}
    text = "&".join(f"{urllib.parse.quote(k, safe='')}={urllib.parse.quote(v, safe='')}" for k, v in sorted(q.items()))
    canonical = f"{method}\n{path}\n{text}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    key = b"AWS4secretexample"
    for part in stamp[:8], "us-east-1", "s3", "aws4_request":
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return f"{path}?{text}&X-Amz-Signature={hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()}"


def test_framing(s, _):
    """14"""
    host = b"Host: localhost\r\n"
    for lengths in (3, 5), (5, 3):
        two = b"".join(b"Content-Length: %d\r\n" % n for n in lengths)
        got = raw(s, b"PUT /bkt/two HTTP/1.1\r\n" + host + two + b"\r\nabcde")
        same(got[:12], b"HTTP/1.1 400", f"two lengths, {lengths}")
    same(outcome(s, "GET", "/bkt/two")[0], 404, "stored nothing")
    got = raw(s, b"PUT /bkt/same HTTP/1.1\r\n" + host + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab")
    same(got[:12], b"HTTP/1.1 200", "the same length twice is one")
    got = raw(s, b"PUT /bkt/none HTTP/1.1\r\n" + host + b"\r\n")
    ok(got.startswith(b"HTTP/1.1 411") and b"<Code>MissingContentLength</Code>" in got, "no length", got)
    same(outcome(s, "GET", "/bkt/none")[0], 404, "stored nothing")
    same(raw(s, b"GET /bkt/k HTTP/1.1\r\n\r\n")[:12], b"HTTP/1.1 400", "no Host")
    body = b"b\r\nhello world\r\n0\r\n\r\n"
    same(outcome(s, "PUT", "/bkt/t", body, x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER", x_amz_trailer="x-amz-checksum-crc32"),
         (400, "MalformedTrailerError"), "a trailer that was announced and isn't there")


with Stack(only="s3") as anyone, Stack("--set", "identities.AKEXAMPLE=secretexample", only="s3") as verified:
    verified.owner = verified.client("s3", key="AKEXAMPLE", secret="secretexample")
    for client in anyone.s3, verified.owner:
        client.create_bucket(Bucket="bkt")
        client.put_object(Bucket="bkt", Key="k", Body=BODY)
    parts(test_v2, test_not_done, test_copy_source, test_owner, test_conditions, test_framing, args=(anyone, verified))
done()
