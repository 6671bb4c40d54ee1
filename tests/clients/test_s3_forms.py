#!/usr/bin/python3
"""POST object: browsers' forms with policies, signed as V4 and V2 have it; tags of objects and buckets."""
import base64
import hashlib
import hmac
import http.client
import json
import xml.etree.ElementTree as ET

from tarn import Stack, call, done, need, parts, same

boto3, botocore = need("boto3", "botocore")
from botocore.exceptions import ClientError

CONF = """[identities]
AKIDFORMS = formssecret
"""
NEVER = "2099-01-01T00:00:00Z"


def form(fields, file=b"abc", name="a.txt", more=()):
    out = b""
    for k, v in fields.items():
        out += f'--XX\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
    if file is not None:
        out += b'--XX\r\nContent-Disposition: form-data; name="file"' + (f'; filename="{name}"'.encode() if name else b"") + b"\r\n\r\n" + file + b"\r\n"
    for k, v in more:
        out += f'--XX\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
    return out + b"--XX--\r\n"


def post(stack, fields, bucket="bkt", type="multipart/form-data; boundary=XX", **more):
    return call("POST", f"{stack.at['aws']}/{bucket}", form(fields, **more), {"Content-Type": type})


def said(answer):
    if not answer.body:
        return answer.status
    root = ET.fromstring(answer.body)
    return answer.status, root.findtext("Code"), root.findtext("Message")


def v2(conditions, fields, expiration=NEVER, secret="formssecret", **extra):
    policy = base64.b64encode(json.dumps({"expiration": expiration, "conditions": conditions, **extra}).encode()).decode()
    signature = base64.b64encode(hmac.new(secret.encode(), policy.encode(), hashlib.sha1).digest()).decode()
    return {**fields, "AWSAccessKeyId": "AKIDFORMS", "signature": signature, "policy": policy}


def forms(stack, s3):
    basic = [{"bucket": "bkt"}, ["starts-with", "$key", "foo"], {"acl": "private"}, ["starts-with", "$Content-Type", "text/"],
             ["content-length-range", 0, 10]]
    fields = {"key": "foo.txt", "acl": "private", "Content-Type": "text/plain"}
    answer = post(stack, v2(basic, fields))
    same((answer.status, answer.headers["ETag"], answer.headers["Location"]),
         (204, '"900150983cd24fb0d6963f7d28e17f72"', stack.at["aws"] + "/bkt/foo.txt"), "a form puts an object")
    got = s3.get_object(Bucket="bkt", Key="foo.txt")
    same((got["Body"].read(), got["ContentType"]), (b"abc", "text/plain"), "as the form says")
    made = s3.generate_presigned_post("bkt", "up/${filename}", Fields={"success_action_status": "201", "x-amz-meta-Name": "Zoë"},
                                      Conditions=[{"success_action_status": "201"}, {"x-amz-meta-name": "Zoë"}])
    answer = post(stack, made["fields"], name="C:\\dir\\b c.txt", more=[("after", "ignored")])
    root = ET.fromstring(answer.body)
    same((answer.status, [(e.tag, e.text) for e in root]),
         (201, [("Location", stack.at["aws"] + "/bkt/up%2Fb%20c.txt"), ("Bucket", "bkt"), ("Key", "up/b c.txt"),
                ("ETag", '"900150983cd24fb0d6963f7d28e17f72"')]), "V4, the file's own name, 201")
    same(s3.head_object(Bucket="bkt", Key="up/b c.txt")["Metadata"], {"name": "=?UTF-8?Q?Zo=C3=AB?="}, "metadata beyond ASCII")
    to = stack.at["aws"] + "/bkt/foo.txt?x=1"
    conn = http.client.HTTPConnection(stack.at["aws"].split("//")[1])
    conn.request("POST", "/bkt", form(v2(basic + [["eq", "$success_action_redirect", to]], {**fields, "success_action_redirect": to})),
                 {"Content-Type": "multipart/form-data; boundary=XX"})
    answer = conn.getresponse()
    same((answer.status, answer.headers["Location"]), (303, to + "&bucket=bkt&key=foo.txt&etag=%22900150983cd24fb0d6963f7d28e17f72%22"), "it goes where the form says")
    same(post(stack, v2(basic, {**fields, "x-ignore-this": "1"}), name=None).status, 204, "x-ignore- fields; a file without a name")
    tagged = v2(basic + [["starts-with", "$tagging", ""]], {**fields, "tagging": "<Tagging><TagSet><Tag><Key>a</Key><Value>b c</Value></Tag></TagSet></Tagging>"})
    same((post(stack, tagged).status, s3.get_object_tagging(Bucket="bkt", Key="foo.txt")["TagSet"]), (204, [{"Key": "a", "Value": "b c"}]), "tags")


def refusals(stack, s3):
    basic = [{"bucket": "bkt"}, ["starts-with", "$key", "foo"]]
    fields = {"key": "foo.txt"}
    right = v2(basic, fields)
    denied = "AccessDenied"
    policy = "Invalid according to Policy: "
    rows = [
        ("nobody's", fields, (403, denied, "Access Denied")),
        ("a policy without a signature", {k: right[k] for k in ("key", "policy")}, (403, denied, "Access Denied")),
        ("an altered policy", {**right, "policy": right["policy"][:-4]}, (403, "SignatureDoesNotMatch")),
        ("another's key", {**right, "AWSAccessKeyId": "NOBODY"}, (403, "InvalidAccessKeyId")),
        ("no key", {k: v for k, v in right.items() if k != "key"}, (400, "InvalidArgument")),
        ("a field of no condition", {**right, "acl": "private"}, (403, denied, policy + "Extra input fields: acl")),
        ("a wrong key", v2(basic, {"key": "bar"}), (403, denied, policy + 'Policy Condition failed: ["starts-with", "$key", "foo"]')),
        ("another bucket's", v2([{"bucket": "other"}, basic[1]], fields), (403, denied, policy + 'Policy Condition failed: ["eq", "$bucket", "other"]')),
        ("an old policy", v2(basic, fields, "2020-01-01T00:00:00Z"), (403, denied, policy + "Policy expired.")),
        ("a date of another kind", v2(basic, fields, "2099-01-01 00:00:00"), (400, "InvalidPolicyDocument")),
        ("no conditions", v2({}, fields), (400, "InvalidPolicyDocument", "Invalid Policy: Policy missing conditions.")),
        ("an empty condition", v2(basic + [{}], fields), (400, "InvalidPolicyDocument")),
        ("a word of its own", v2(basic, fields, Expires="x"), (400, "InvalidPolicyDocument", "Invalid Policy: Unexpected: 'Expires'.")),
        ("a range of two words", v2(basic + [["content-length-range", 0]], fields), (400, "InvalidPolicyDocument")),
        ("too large", v2(basic + [["content-length-range", 0, 2]], fields), (400, "EntityTooLarge")),
        ("too small", v2(basic + [["content-length-range", 4, 9]], fields), (400, "EntityTooSmall")),
        ("tags that are no XML", v2(basic + [["starts-with", "$tagging", ""]], {**fields, "tagging": "x"}), (400, "MalformedXML")),
    ]
    for name, form_fields, want in rows:
        same(said(post(stack, form_fields))[:len(want)], want, f"refused: {name}")
    same(said(post(stack, right, type="text/plain")), (412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"), "no form")
    same(said(post(stack, right, file=None))[:2], (400, "InvalidArgument"), "no file")
    same(said(call("POST", f"{stack.at['aws']}/bkt", b"--XX\r\nrubbish", {"Content-Type": "multipart/form-data; boundary=XX"}))[:2],
         (400, "MalformedPOSTRequest"), "rubbish")
    same([o["Key"] for o in s3.list_objects_v2(Bucket="bkt", Prefix="bar").get("Contents", [])], [], "none of them put anything")


def tags(stack, s3):
    def refused(f, **args):
        try:
            return f(Bucket="bkt", **args)
        except ClientError as e:
            return e.response["Error"]["Code"], e.response["Error"]["Message"]

    def put(*pairs):
        return refused(s3.put_object_tagging, Key="t", Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in pairs]})
    s3.put_object(Bucket="bkt", Key="t", Body=b"x", Tagging="a=1&b=x%20y")
    same(s3.get_object_tagging(Bucket="bkt", Key="t")["TagSet"], [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x y"}], "tags at the time of a put")
    same(s3.head_object(Bucket="bkt", Key="t")["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"], "2", "counted")
    s3.copy_object(Bucket="bkt", Key="t2", CopySource="bkt/t", MetadataDirective="REPLACE", Metadata={"m": "1"})
    s3.copy_object(Bucket="bkt", Key="t3", CopySource="bkt/t", TaggingDirective="REPLACE", Tagging="c=3")
    same([[t["Key"] for t in s3.get_object_tagging(Bucket="bkt", Key=k)["TagSet"]] for k in ("t2", "t3")], [["a", "b"], ["c"]], "copies keep them, or get others")
    same([put(("a", "1"), ("a", "2")), put(("a,b", "1")), put(("k", "v,w")), put(("aws:x", "1")), put(("k" * 129, "")),
          put(*[(str(i), "") for i in range(11)])],
         [("InvalidTag", "Cannot provide multiple Tags with the same key"), ("InvalidTag", "The TagKey you have provided is invalid"),
          ("InvalidTag", "The TagValue you have provided is invalid"), ("InvalidTag", "Your TagKey cannot be prefixed with aws:"),
          ("InvalidTag", "The TagKey you have provided is invalid"), ("BadRequest", "Object tags cannot be greater than 10")], "what is no tag")
    same(refused(s3.put_object, Key="x", Body=b"", Tagging="a=1&a=2")[0], "InvalidArgument", "twice the same in the header")


with Stack(only="s3", conf=CONF) as stack:
    client = stack.client("s3", key="AKIDFORMS", secret="formssecret")
    client.create_bucket(Bucket="bkt")
    parts(forms, refusals, tags, args=(stack, client))
done()
