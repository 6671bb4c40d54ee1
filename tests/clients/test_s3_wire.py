#!/usr/bin/python3
"""S3's answers where clients look closely: presigned URLs, regions, metadata, conditions, multipart and its checksums, storage classes,
copies, framing, and the arguments that AWS refuses, each with its own words."""
import http.client
import re
import zlib
from html import unescape

from tarn import Stack, done, need, ok, parts, same

need("boto3", "botocore")
from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

P5 = b"a" * (5 << 20)
KEY, SECRET = "AKEXAMPLE", "secretexample"


class S3(Stack):
    def __init__(self, **more):
        super().__init__(only="s3", **more)
        self.net = "%s:%d" % self.address("aws")

    def ask(self, method, path, body=None, headers=None):
        """(status, headers in lower case, text)."""
        c = http.client.HTTPConnection(*self.address("aws"), timeout=60)
        h = dict(headers or {})
        if body is None and method in ("PUT", "POST"):
            body = b""
        c.request(method, path, body=body, headers=h)
        r = c.getresponse()
        raw = r.read()
        got = {}
        for k, v in r.getheaders():
            got[k.lower()] = v
        c.close()
        return r.status, got, raw.decode("utf-8", "replace")

    def signed(self, method, path, body=b"", headers=None, region="us-east-1", key="test", secret="test"):
        req = AWSRequest(method, f"http://{self.net}{path}", headers={"Host": self.net, **(headers or {})}, data=body)
        S3SigV4Auth(Credentials(key, secret), "s3", region).add_auth(req)
        return self.ask(method, path, body, dict(req.headers.items()))

    def raw(self, text):
        import socket
        s = socket.create_connection(self.address("aws"), timeout=20)
        s.sendall(text)
        out = b""
        while b"\r\n\r\n" not in out:
            more = s.recv(65536)
            if not more:
                break
            out += more
        s.close()
        return int(out.split()[1]) if out.startswith(b"HTTP/") else 0

    def upload(self, key, bucket="bkt", **headers):
        st, _, text = self.ask("POST", f"/{bucket}/{key}?uploads", headers={k.replace("_", "-"): v for k, v in headers.items()})
        return el(text, "UploadId")

    def part(self, key, up, n, body, bucket="bkt", **headers):
        st, h, text = self.ask("PUT", f"/{bucket}/{key}?partNumber={n}&uploadId={up}", body, {k.replace("_", "-"): v for k, v in headers.items()})
        return h.get("etag", text)

    def complete(self, key, up, etags, bucket="bkt", headers=None):
        xml = "<CompleteMultipartUpload>" + "".join(f"<Part><PartNumber>{n}</PartNumber>{e if e.startswith('<') else f'<ETag>{e}</ETag>'}</Part>"
                                                    for n, e in etags) + "</CompleteMultipartUpload>"
        return self.ask("POST", f"/{bucket}/{key}?uploadId={up}", xml.encode(), headers)


def el(text, name):
    m = re.search(f"<{name}>(.*?)</{name}>", text, re.S)
    return unescape(m.group(1)) if m else "" if f"<{name}/>" in text else None


def wrong(answer, status, code, what, **elements):
    """An error: its status, code, and elements of its body (message: its Message)."""
    st, _, text = answer
    got = {k: el(text, k) or el(text, k[0].upper() + k[1:]) for k in elements}
    return ok(st == status and (code is None or el(text, "Code") == code) and all(want is None and got[k] is None or want == got[k] for k, want in elements.items()),
              what, f"{st} {text[:700]} want {status} {code} {elements}")


def right(answer, what, status=200, text=None, **headers):
    st, h, body = answer
    bad = {k: h.get(k.replace("_", "-")) for k, v in headers.items() if h.get(k.replace("_", "-")) != v}
    return ok(st == status and (text is None or text == body) and not bad, what, f"{st} {bad} {body[:700]}")


def crc(b):
    return b64encode(zlib.crc32(b).to_bytes(4, "big")).decode()


def fill(s):
    s.ask("PUT", "/bkt")
    s.ask("PUT", "/bkt/k", b"0123456789")


# ---- one after another as a client meets them ----

def test_asked_for(s):
    wrong(s.ask("PUT", "/nb0", headers={"x-amz-object-ownership": "Nonsense"}), 400, "InvalidArgument", "an ownership nobody knows")
    wrong(s.ask("PUT", "/bkt/o", b"", {"x-amz-object-lock-retain-until-date": "2030-01-01T00:00:00Z"}), 400, "InvalidArgument",
          "a lock's end without its mode", argumentName="x-amz-object-lock-mode")
    wrong(s.ask("POST", "/bkt/k?select&select-type=2", b"<x/>"), 501, "NotImplemented", "what isn't served is named",
          message="SelectObjectContent is not served by this emulator.")
    wrong(s.ask("PUT", "/bkt/k?renameObject", b""), 501, "NotImplemented", "so is a rename", message="RenameObject is not served by this emulator.")
    wrong(s.ask("PUT", "/bkt/k", b"x", {"x-amz-write-offset-bytes": "10"}), 501, "NotImplemented", "and what would append", header="x-amz-write-offset-bytes")
    for m in ("PUT", "GET", "DELETE"):
        wrong(s.ask(m, "/newb?abac"), 501, "NotImplemented", f"{m} ?abac is not served")
    same(s.ask("HEAD", "/newb")[0], 404, "and made no bucket")


def test_copy_source(s):
    s.ask("PUT", "/bkt/test%20key.txt", b"x")
    s.ask("PUT", "/bkt/a%2Bb", b"plus")
    for src in ("bkt/test+key.txt", "bkt%2Ftest+key.txt", "/bkt/test%20key.txt"):
        right(s.ask("PUT", "/bkt/d", headers={"x-amz-copy-source": src}), f"copy source {src}")
    s.ask("PUT", "/bkt/d", headers={"x-amz-copy-source": "bkt/a%2Bb"})
    right(s.ask("GET", "/bkt/d"), "copy source a%2Bb", text="plus")
    wrong(s.ask("PUT", "/bkt/d", headers={"x-amz-copy-source": "wrongformat"}), 400, "InvalidArgument", "copy source without a key",
          argumentName="x-amz-copy-source", argumentValue="x-amz-copy-source")


def test_conditions(s):
    s.ask("PUT", "/bkt/cc1", b"x")
    up = s.upload("cc1")
    e = s.part("cc1", up, 1, b"abc")
    s.ask("DELETE", "/bkt/cc1")
    wrong(s.complete("cc1", up, [(1, e)], headers={"If-None-Match": "*"}), 409, "ConditionalRequestConflict", "deleted during the upload",
          condition="If-None-Match", key="cc1")
    s.ask("PUT", "/bkt/cc2", b"test")
    up = s.upload("cc2")
    e = s.part("cc2", up, 1, b"abc")
    tag = s.ask("PUT", "/bkt/cc2", b"test2")[1]["etag"]
    wrong(s.complete("cc2", up, [(1, e)], headers={"If-Match": tag}), 409, "ConditionalRequestConflict", "replaced during the upload", condition="If-Match")
    wrong(s.ask("PUT", "/bkt/k", b"", {"If-Match": '"x"', "If-None-Match": "*"}), 501, "NotImplemented", "both conditions of a write",
          header="If-Match,If-None-Match", additionalMessage="Multiple conditional request headers present in the request")
    wrong(s.ask("PUT", "/bkt/k", b"", {"If-None-Match": '"x"'}), 501, "NotImplemented", "If-None-Match of an ETag at a write", header="If-None-Match",
          additionalMessage="We don't accept the provided value of If-None-Match header for this API")


def test_checksums(s):
    up = s.upload("m", x_amz_checksum_algorithm="CRC32")
    e1, e2 = s.part("m", up, 1, P5, x_amz_checksum_crc32=crc(P5)), s.part("m", up, 2, b"tail", x_amz_checksum_crc32=crc(b"tail"))
    st, _, text = s.complete("m", up, [(1, f"<ETag>{e1}</ETag><ChecksumCRC32>{crc(P5)}</ChecksumCRC32>"),
                                       (2, f"<ETag>{e2}</ETag><ChecksumCRC32>{crc(b'tail')}</ChecksumCRC32>")])
    same((st, el(text, "ChecksumType")), (200, "COMPOSITE"), "upload of two parts with CRC32")
    _, _, text = s.ask("GET", "/bkt/m?attributes", headers={"x-amz-object-attributes": "ObjectParts,Checksum"})
    same([el(text, n) for n in ("PartsCount", "PartNumberMarker", "NextPartNumberMarker", "MaxParts", "IsTruncated")], ["2", "0", "2", "1000", "false"],
         "GetObjectAttributes: paging of parts")
    same(re.findall(r"<Part>(.*?)</Part>", text), [f"<PartNumber>{n}</PartNumber><ChecksumCRC32>{crc(b)}</ChecksumCRC32><Size>{len(b)}</Size>".replace(
        f"<PartNumber>{n}</PartNumber><ChecksumCRC32>{crc(b)}</ChecksumCRC32>", f"<ChecksumCRC32>{crc(b)}</ChecksumCRC32><PartNumber>{n}</PartNumber>")
        for n, b in ((1, P5), (2, b"tail"))], "and the parts")
    _, _, text = s.ask("GET", "/bkt/m?attributes", headers={"x-amz-object-attributes": "ObjectParts", "x-amz-max-parts": "1"})
    same([el(text, "IsTruncated"), el(text, "NextPartNumberMarker"), text.count("<Part>")], ["true", "1", 1], "a page of one part")
    _, _, text = s.ask("GET", "/bkt/m?attributes", headers={"x-amz-object-attributes": "ObjectParts", "x-amz-part-number-marker": "1"})
    same([el(text, "IsTruncated"), el(text, "PartNumber"), text.count("<Part>")], ["false", "2", 1], "and the page after it")
    _, _, text = s.ask("PUT", "/bkt/m2", headers={"x-amz-copy-source": "bkt/m"})
    same((el(text, "ChecksumCRC32"), el(text, "ChecksumType")), (crc(P5 + b"tail"), "FULL_OBJECT"), "a copy has the checksum of the whole, of the same kind")
    sha = lambda b: b64encode(sha256(b).digest()).decode()
    both = b64encode(sha256(sha256(P5).digest() + sha256(b"tail").digest()).digest()).decode()
    for tail in ("-2", ""):
        up = s.upload("h", x_amz_checksum_algorithm="SHA256")
        tags = [(n, f"<ETag>{s.part('h', up, n, b, x_amz_checksum_sha256=sha(b))}</ETag><ChecksumSHA256>{sha(b)}</ChecksumSHA256>")
                for n, b in ((1, P5), (2, b"tail"))]
        right(s.complete("h", up, tags, headers={"x-amz-checksum-sha256": both + tail}), f"complete with the composite value{tail}")
    up = s.upload("w", x_amz_checksum_algorithm="SHA256")
    tags = [(1, f"<ETag>{s.part('w', up, 1, b'x', x_amz_checksum_sha256=sha(b'x'))}</ETag><ChecksumSHA256>{sha(b'x')}</ChecksumSHA256>")]
    wrong(s.complete("w", up, tags, headers={"x-amz-checksum-sha256": sha(b"y") + "-1"}), 400, "BadDigest", "complete with another composite value",
          message="The sha256 you specified did not match the calculated checksum.")
    up = s.upload("c", x_amz_checksum_algorithm="CRC32")
    e = s.part("c", up, 1, b"abc", x_amz_checksum_crc32=crc(b"abc"))
    wrong(s.complete("c", up, [(1, f"<ETag>{e}</ETag><ChecksumSHA256>{sha(b'abc')}</ChecksumSHA256>")]), 400, "BadDigest", "a part named by another checksum",
          message="The sha256 you specified for part 1 did not match what we received.")
    wrong(s.complete("c", up, [(1, f"<ETag>{e}</ETag><ChecksumCRC32>{crc(b'abc')}</ChecksumCRC32>")], headers={"x-amz-checksum-type": "FULL_OBJECT"}), 400,
          "InvalidRequest", "complete with another type")
    up = s.upload("n")
    e = s.part("n", up, 1, b"abc", x_amz_checksum_crc32=crc(b"abc"))
    wrong(s.complete("n", up, [(1, f"<ETag>{e}</ETag><ChecksumCRC32>{crc(b'abc')}</ChecksumCRC32>")]), 400, "InvalidPart",
          "a part's checksum in an upload without")
    wrong(s.ask("PUT", "/bkt/o", b"abc", {"x-amz-checksum-sha256": "bad", "x-amz-checksum-crc32": crc(b"abc")}), 400, "InvalidRequest", "two checksums",
          message="Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
    wrong(s.ask("PUT", f"/bkt/n?partNumber=1&uploadId={up}", b"abc", {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}), 400, "BadDigest",
          "a part's MD5 comes back as it was sent", expectedDigest="1B2M2Y8AsgTpgAmY7PhCfg==")


def test_regions(s):
    def make(name, where, signed):
        xml = f"<CreateBucketConfiguration><LocationConstraint>{where}</LocationConstraint></CreateBucketConfiguration>".encode() if where else b""
        return s.signed("PUT", name, xml, region=signed)
    wrong(make("/r1-b", "mars-1", "us-east-1"), 400, "InvalidLocationConstraint", "a region that isn't", locationConstraint="mars-1")
    wrong(make("/r2-b", None, "aws-global"), 400, "AuthorizationHeaderMalformed", "signed for no region", region="us-east-1",
          message="The authorization header is malformed; the region 'aws-global' is wrong; expecting 'us-east-1'")
    wrong(make("/r2-b", None, "us-west-2"), 400, "IllegalLocationConstraintException", "no constraint, asked in another region",
          message="The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
    wrong(make("/r3-b", "us-west-2", "eu-central-1"), 400, "IllegalLocationConstraintException", "the constraint of another region than is asked",
          message="The us-west-2 location constraint is incompatible for the region specific endpoint this request was sent to.")
    right(make("/r4-b", "eu-central-1", "us-east-1"), "any region from us-east-1")
    right(make("/r5-b", "EU", "eu-west-1"), "EU")
    same(el(s.ask("GET", "/r5-b?location")[2], 'LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"') or re.search(r">(\w+)</Loc", s.ask("GET", "/r5-b?location")[2]).group(1),
         "EU", "EU stays EU")
    right(s.ask("HEAD", "/r5-b"), "and is eu-west-1", x_amz_bucket_region="eu-west-1")
    wrong(s.ask("GET", "/?bucket-region=mars-1"), 400, "InvalidArgument", "buckets of a region that isn't", argumentName="bucket-region",
          message="Argument value mars-1 is not a valid AWS Region")
    right(s.ask("GET", "/bkt?list-type=2"), "listings tell the region", x_amz_bucket_region="us-east-1")


def test_metadata(s):
    s.ask("PUT", "/bkt/md", b"x", {"x-amz-meta-empty": "", "x-amz-meta-name": "=?UTF-8?B?YWJj?=", "x-amz-meta-u": "=?UTF-8?Q?=C3=84_S3?=",
                                 "Content-Encoding": "deflate, gzip"})
    right(s.ask("HEAD", "/bkt/md"), "metadata: empty, encoded words", x_amz_meta_empty="", x_amz_meta_name="abc", x_amz_meta_u="=?UTF-8?Q?=C3=84_S3?=",
          content_encoding="deflate, gzip")
    c = http.client.HTTPConnection(*s.address("aws"), timeout=60)
    c.putrequest("PUT", "/bkt/md2")
    for k, v in (("Content-Length", "0"), ("x-amz-meta-d", "1"), ("x-amz-meta-d", "2")):
        c.putheader(k, v)
    c.endheaders()
    c.getresponse().read()
    right(s.ask("HEAD", "/bkt/md2"), "a name that comes twice", x_amz_meta_d="1,2")


def test_shapes(s):
    _, _, text = s.ask("GET", "/bkt?list-type=2&fetch-owner=true&max-keys=1")
    ok("<DisplayName>" not in text and "<Owner><ID>" in text, "owners by id alone", text[:500])
    right(s.ask("PUT", "/nb-arn"), "CreateBucket tells the ARN", x_amz_bucket_arn="arn:aws:s3:::nb-arn")
    right(s.ask("HEAD", "/nb-arn"), "so does HeadBucket", x_amz_bucket_arn="arn:aws:s3:::nb-arn")
    ok("<BucketArn>arn:aws:s3:::nb-arn</BucketArn>" in s.ask("GET", "/?max-buckets=100")[2], "and ListBuckets by pages")
    s.ask("PUT", "/nb-arn?versioning", b"<VersioningConfiguration/>")
    _, _, text = s.ask("GET", "/nb-arn?uploads")
    ok("<NextKeyMarker/>" in text and "<NextUploadIdMarker/>" in text, "markers of a list without uploads", text)
    for k in ("d/a", "d/b", "e"):
        s.upload(k, "nb-arn")
    _, _, text = s.ask("GET", "/nb-arn?uploads&delimiter=/")
    same((re.findall(r"<Prefix>(.*?)</Prefix>", text), re.findall(r"<Key>(.*?)</Key>", text), el(text, "Delimiter")), (["d/"], ["e"], "/"), "uploads by delimiter")
    _, _, text = s.ask("GET", "/nb-arn?uploads&delimiter=/&max-uploads=1")
    same((el(text, "IsTruncated"), el(text, "NextKeyMarker")), ("true", ""), "a page of them")
    _, _, text = s.ask("GET", "/nb-arn?uploads&delimiter=/&key-marker=d/")
    same((re.findall(r"<CommonPrefixes>", text), re.findall(r"<Key>(.*?)</Key>", text)), ([], ["e"]), "and the page after it")
    e = s.upload("e", "nb-arn")
    wrong(s.ask("GET", f"/nb-arn?uploads&key-marker=d/a&upload-id-marker={e}"), 400, "InvalidArgument", "a marker of another key's upload",
          argumentName="upload-id-marker", message="Invalid uploadId marker")
    up = s.upload("pc")
    right(s.ask("PUT", f"/bkt/pc?partNumber=1&uploadId={up}", headers={"x-amz-copy-source": "bkt/k"}), "UploadPartCopy tells the encryption",
          x_amz_server_side_encryption="AES256")
    for i in range(3):
        s.ask("PUT", f"/bkt/l/{i}", b"")
    _, _, text = s.ask("GET", "/bkt?list-type=2&prefix=l/&start-after=l/0&max-keys=1")
    token = el(text, "NextContinuationToken")
    _, _, more = s.ask("GET", f"/bkt?list-type=2&prefix=l/&start-after=l/0&max-keys=1&continuation-token={quote(token, safe='')}")
    same((el(text, "StartAfter"), el(more, "StartAfter"), el(more, "Key")), ("l/0", None, "l/2"), "StartAfter on the first page alone")


def test_arguments(s):
    wrong(s.ask("GET", "/bkt?encoding-type="), 400, "InvalidArgument", "encoding-type empty", message="Invalid Encoding Method specified in Request")
    wrong(s.ask("GET", "/bkt?uploads&encoding-type=foo"), 400, "InvalidArgument", "encoding-type of uploads", message="Invalid Encoding Method specified in Request")
    up = s.upload("pr")
    wrong(s.ask("PUT", f"/bkt/pr?partNumber=1&uploadId={up}", headers={"x-amz-copy-source": "bkt/k", "x-amz-copy-source-range": "bytes=100-200"}), 400,
          "InvalidRequest", "a copy's range beyond", message="The specified copy range is invalid for the source object size", argumentName=None)
    wrong(s.ask("PUT", f"/bkt/pr?partNumber=1&uploadId={up}", headers={"x-amz-copy-source": "bkt/k", "x-amz-copy-source-range": "bytes=0-99"}), 400,
          "InvalidArgument", "a copy's range that ends beyond")
    wrong(s.ask("POST", f"/bkt/pr?uploadId={up}", b""), 400, "InvalidRequest", "complete with nothing", message="You must specify at least one part")


def test_classes(s):
    right(s.ask("PUT", "/bkt/gl", b"cold", {"x-amz-storage-class": "GLACIER"}), "GLACIER")
    wrong(s.ask("GET", "/bkt/gl"), 403, "InvalidObjectState", "isn't read", storageClass="GLACIER",
          message="The operation is not valid for the object's storage class")
    right(s.ask("HEAD", "/bkt/gl"), "but told of", x_amz_storage_class="GLACIER")
    wrong(s.ask("PUT", "/bkt/gl2", headers={"x-amz-copy-source": "bkt/gl"}), 403, "InvalidObjectState", "and isn't copied",
          message="Operation is not valid for the source object's storage class")
    restore = b"<RestoreRequest><Days>2</Days><GlacierJobParameters><Tier>Expedited</Tier></GlacierJobParameters></RestoreRequest>"
    right(s.ask("POST", "/bkt/gl?restore", restore), "restore", status=202)
    wrong(s.ask("GET", "/bkt/k", headers={"x-amz-server-side-encryption": "AES256"}), 400, "InvalidArgument", "an encryption asked for of a read",
          message="x-amz-server-side-encryption header is not supported for this operation.", argumentName="x-amz-server-side-encryption")
    right(s.ask("PUT", "/bkt/anykey", b"x", {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "my-key"}),
          "without KMS any key is taken", x_amz_server_side_encryption="aws:kms", x_amz_server_side_encryption_aws_kms_key_id="my-key")
    right(s.ask("GET", "/bkt/anykey"), "and its object is read", text="x")
    ok(re.match(r'ongoing-request="(true"|false", expiry-date="\w{3}, )', s.ask("HEAD", "/bkt/gl")[1].get("x-amz-restore", "")), "the restore is told of")
    wrong(s.ask("POST", "/bkt/k?restore", restore), 403, "InvalidObjectState", "nothing to restore", message="Restore is not allowed for the object's current storage class")
    wrong(s.ask("PUT", "/bkt/x", b"", {"x-amz-storage-class": "NONE"}), 400, "InvalidStorageClass", "a class that isn't", storageClassRequested="NONE")
    s.ask("PUT", "/bkt/wr", b"w")
    wrong(s.ask("PUT", "/bkt/wr", headers={"x-amz-copy-source": "bkt/wr"}), 400, "InvalidRequest", "copy onto itself")
    right(s.ask("PUT", "/bkt/wr", headers={"x-amz-copy-source": "bkt/wr", "x-amz-website-redirect-location": "/test/direct"}), "onto itself with a redirect")
    right(s.ask("HEAD", "/bkt/wr"), "which is there", x_amz_website_redirect_location="/test/direct")
    right(s.ask("PUT", "/bkt/wr", headers={"x-amz-copy-source": "bkt/wr", "x-amz-server-side-encryption": "AES256"}), "onto itself with an encryption")


def test_framing(s):
    host = f"Host: {s.net}\r\n".encode()
    for a, b in (("3", "5"), ("5", "3")):
        same(s.raw(b"PUT /bkt/f HTTP/1.1\r\n" + host + f"Content-Length: {a}\r\nContent-Length: {b}\r\n\r\nabcde".encode()), 400, f"two lengths, {a} and {b}")
    same(s.raw(b"PUT /bkt/n HTTP/1.1\r\n" + host + b"\r\n"), 411, "a PUT without a length")
    same(s.raw(b"GET /bkt/k HTTP/1.1\r\n\r\n"), 400, "no Host")
    body = b"b\r\nhello world\r\n0\r\n\r\n"
    wrong(s.ask("PUT", "/bkt/tr", body, {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer": "x-amz-checksum-crc32"}), 400,
          "MalformedTrailerError", "the trailer that was promised")


def test_names(s):
    wrong(s.ask("PUT", "/bkt/%zz", b"x"), 400, "InvalidURI", "%zz in a key")
    wrong(s.ask("GET", "/bkt/%zz"), 400, "InvalidURI", "%zz read")
    for p in ("/bkt/../x/object", "/bkt/%2E%2E/x/object"):
        wrong(s.ask("PUT", p, b"x"), 400, "InvalidURI", f"{p} climbs out of the bucket")
    right(s.ask("PUT", "/bkt/p/../object", b"x"), "but not out of its folder")
    for name in ("abc-.def", "abc.-def", "xn--abc", "abc-s3alias", "sthree-abc", "abc--ol-s3", "ab", "Abc", "1.2.3.4"):
        wrong(s.ask("PUT", f"/{name}"), 400, "InvalidBucketName", f"bucket {name}")


def test_presigned():
    import botocore.session
    with S3(conf=f"[identities]\n{KEY} = {SECRET}\n") as s:
        s.signed("PUT", "/bkt", key=KEY, secret=SECRET)
        s.signed("PUT", "/bkt/k", b"0123456789", key=KEY, secret=SECRET)
        v2 = s.client("s3", KEY, SECRET, signature_version="s3")
        path = lambda url: "?".join(urlsplit(url)[2:4])
        url = path(v2.generate_presigned_url("get_object", Params={"Bucket": "bkt", "Key": "k"}))
        right(s.ask("GET", url), "presigned by version 2", text="0123456789")
        wrong(s.ask("GET", re.sub("Signature=[^&]*", "Signature=AAAA", url)), 403, "SignatureDoesNotMatch", "with another signature", aWSAccessKeyId=KEY,
              signatureProvided="AAAA")
        wrong(s.ask("GET", re.sub("Expires=[0-9]*", "Expires=1000000000", url)), 403, "AccessDenied", "that has expired", message="Request has expired")
        url = path(v2.generate_presigned_url("put_object", Params={"Bucket": "bkt", "Key": "t", "ContentType": "text/plain"}))
        wrong(s.ask("PUT", url, b"x", {"Content-Type": "text/html"}), 403, "SignatureDoesNotMatch", "version 2 signs the type")
        right(s.ask("PUT", url, b"x", {"Content-Type": "text/plain"}), "and takes the right one")
        ok(v2.put_object(Bucket="bkt", Key="v2", Body=b"x")["ETag"], "version 2 by header")
        def sign(method, p, **h):
            req = AWSRequest(method, f"http://{s.net}{p}", headers={"Host": s.net, **h})
            S3SigV4QueryAuth(Credentials(KEY, SECRET), "s3", "us-east-1", expires=60).add_auth(req)
            return path(req.url)
        url = sign("PUT", "/bkt/pc?If-None-Match=%2A")
        same([s.ask("PUT", url, b"x")[0], s.ask("PUT", url, b"x")[0]], [200, 412], "a condition in a presigned URL")
        url = sign("PUT", "/bkt/pu")
        wrong(s.ask("PUT", url, b"x", {"x-amz-meta-a": "b"}), 403, "AccessDenied", "a header that isn't signed", headersNotSigned="x-amz-meta-a",
              message="There were headers present in the request which were not signed")
        wrong(s.ask("PUT", re.sub("%2F", "%252F", url), b"x"), 400, "AuthorizationQueryParametersError", "a credential encoded twice",
              message='Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
        wrong(s.ask("PUT", re.sub("Expires=[0-9]*", "Expires=604801", url), b"x"), 400, "AuthorizationQueryParametersError", "more than a week",
              message="X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
        url = sign("PUT", "/bkt/pm?x-amz-meta-foo=caf%C3%A9")
        same(s.ask("PUT", url, b"x")[0], 200, "metadata in a presigned URL")
        right(s.signed("HEAD", "/bkt/pm", key=KEY, secret=SECRET), "leaves as an encoded word", x_amz_meta_foo="=?UTF-8?Q?caf=C3=A9?=")


def test_strict():
    with S3(conf="[s3]\nstrict_regions = on\n") as s:
        s.signed("PUT", "/far-b", b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>")
        wrong(s.signed("GET", "/far-b"), 301, "PermanentRedirect", "a bucket elsewhere", endpoint="s3.eu-west-1.amazonaws.com", bucket="far-b")
        right(s.signed("HEAD", "/far-b"), "its region is told", status=301, x_amz_bucket_region="eu-west-1")
        wrong(s.signed("PUT", "/far-b/k", b"x" * 100000), 301, "PermanentRedirect", "an object for it")
        right(s.signed("GET", "/far-b", region="eu-west-1"), "its own region")
        right(s.signed("GET", "/far-b?location"), "where it is, anybody is told")
        client = s.client("s3", signature_version="s3v4")
        ok(client.put_object(Bucket="far-b", Key="k", Body=b"x")["ETag"], "boto3 finds its way")


with S3() as srv:
    fill(srv)
    parts(test_asked_for, test_copy_source, test_conditions, test_checksums, test_regions, test_metadata, test_shapes, test_arguments, test_classes,
          test_framing, test_names, args=(srv,))
test_presigned()
parts(test_strict)
done()
