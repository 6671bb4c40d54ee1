#!/usr/bin/python3
"""Server-side encryption with KMS through Debian's boto3 and the AWS CLI: headers, defaults of a bucket, keys that can't be used."""
import base64
import hashlib

from tarn import AWS, Stack, done, need, ok, parts, same

boto3, botocore = need("boto3", "botocore")
from botocore.exceptions import ClientError


def refused(call, **args):
    try:
        return call(**args)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"].get("Message", "")


def shown(answer):
    return answer.get("ServerSideEncryption"), answer.get("SSEKMSKeyId"), answer.get("BucketKeyEnabled", False)


def objects(stack, s3, kms):
    managed = shown(s3.put_object(Bucket="bkt", Key="m", Body=b"x", ServerSideEncryption="aws:kms"))
    arn = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"]
    same(managed, ("aws:kms", arn, False), "PUT by the managed key")
    same([shown(s3.get_object(Bucket="bkt", Key="m")), shown(s3.head_object(Bucket="bkt", Key="m"))], [managed] * 2, "GET and HEAD say so")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/s3", TargetKeyId=key["KeyId"])
    context = base64.b64encode(b'{"a":"b"}').decode()
    put = s3.put_object(Bucket="bkt", Key="k", Body=b"secret", ServerSideEncryption="aws:kms", SSEKMSKeyId="alias/s3", BucketKeyEnabled=True,
                        SSEKMSEncryptionContext=context, Metadata={"m": "1"})
    same(shown(put) + (put["SSEKMSEncryptionContext"],), ("aws:kms", key["Arn"], True, context), "PUT by an alias, with a context")
    got = s3.get_object(Bucket="bkt", Key="k")
    same((got["Body"].read(), got["Metadata"], shown(got)), (b"secret", {"m": "1"}, ("aws:kms", key["Arn"], True)), "GET")
    ok(put["ETag"].strip('"') != hashlib.md5(b"secret").hexdigest() and len(put["ETag"]) == 34, "its ETag isn't the MD5", put["ETag"])
    same(shown(s3.copy_object(Bucket="bkt", Key="c", CopySource="bkt/k"))[0], "AES256", "how the source is encrypted isn't copied")
    copied = s3.copy_object(Bucket="bkt", Key="c2", CopySource="bkt/k", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["KeyId"])
    same((shown(copied)[1], shown(s3.head_object(Bucket="bkt", Key="c2"))[1]), (key["Arn"],) * 2, "a copy by a key")
    s3.copy_object(Bucket="bkt", Key="m", CopySource="bkt/m", ServerSideEncryption="AES256")
    same(shown(s3.head_object(Bucket="bkt", Key="m")), ("AES256", None, False), "a copy onto itself changes it")
    none = "12345678-1234-1234-1234-123456789012"
    same(refused(s3.put_object, Bucket="bkt", Key="x", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=none),
         ("KMS.NotFoundException", f"Key 'arn:aws:kms:us-east-1:000000000000:key/{none}' does not exist"), "no such key")
    same(refused(s3.put_object, Bucket="bkt", Key="x", Body=b"x", SSEKMSKeyId=none)[0], "InvalidArgument", "a key without aws:kms")
    same(refused(s3.put_object, Bucket="bkt", Key="x", Body=b"x", ServerSideEncryption="rot13")[0], "InvalidEncryptionAlgorithmError", "no such way")
    same(refused(s3.put_object, Bucket="bkt", Key="x", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSEncryptionContext="%%")[0], "InvalidArgument",
         "no context")
    kms.disable_key(KeyId=key["KeyId"])
    same(refused(s3.get_object, Bucket="bkt", Key="k"), ("KMS.DisabledException", key["Arn"] + " is disabled."), "a disabled key: no GET")
    same(refused(s3.copy_object, Bucket="bkt", Key="c3", CopySource="bkt/k")[0], "KMS.DisabledException", "nor a copy")
    same(refused(s3.put_object, Bucket="bkt", Key="x", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["KeyId"])[0], "KMS.DisabledException",
         "nor a PUT")
    same(shown(s3.head_object(Bucket="bkt", Key="k"))[0], "aws:kms", "HEAD needs no key")
    kms.enable_key(KeyId=key["KeyId"])
    same(s3.get_object(Bucket="bkt", Key="k")["Body"].read(), b"secret", "enabled again")


def uploads(stack, s3, kms):
    key = kms.create_key()["KeyMetadata"]
    up = s3.create_multipart_upload(Bucket="bkt", Key="parts", ServerSideEncryption="aws:kms", SSEKMSKeyId=key["KeyId"])
    part = s3.upload_part(Bucket="bkt", Key="parts", UploadId=up["UploadId"], PartNumber=1, Body=b"p")
    end = s3.complete_multipart_upload(Bucket="bkt", Key="parts", UploadId=up["UploadId"], MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    same([shown(a)[:2] for a in (up, part, end, s3.head_object(Bucket="bkt", Key="parts"))], [("aws:kms", key["Arn"])] * 4, "an upload in parts")


def defaults(stack, s3, kms):
    rule = lambda **by: {"Rules": [{"ApplyServerSideEncryptionByDefault": by, "BucketKeyEnabled": True}]}
    same(s3.get_bucket_encryption(Bucket="bkt")["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"],
         {"SSEAlgorithm": "AES256"}, "a fresh bucket")
    key = kms.create_key()["KeyMetadata"]
    want = rule(SSEAlgorithm="aws:kms", KMSMasterKeyID=key["KeyId"])
    s3.put_bucket_encryption(Bucket="bkt", ServerSideEncryptionConfiguration=want)
    same(s3.get_bucket_encryption(Bucket="bkt")["ServerSideEncryptionConfiguration"], want, "PutBucketEncryption")
    same(shown(s3.put_object(Bucket="bkt", Key="d", Body=b"x")), ("aws:kms", key["Arn"], True), "objects get it")
    same(shown(s3.put_object(Bucket="bkt", Key="e", Body=b"x", ServerSideEncryption="AES256")), ("AES256", None, False), "unless they ask for another")
    same(shown(s3.create_multipart_upload(Bucket="bkt", Key="f"))[1], key["Arn"], "uploads get it")
    it.stop()
    it.up()
    s3 = it.client("s3")
    same(s3.get_bucket_encryption(Bucket="bkt")["ServerSideEncryptionConfiguration"], want, "after a restart, too")
    same(s3.get_object(Bucket="bkt", Key="d")["Body"].read(), b"x", "and the object is there")
    s3.delete_bucket_encryption(Bucket="bkt")
    same(shown(s3.put_object(Bucket="bkt", Key="g", Body=b"x")), ("AES256", None, False), "DeleteBucketEncryption")


def command_line(stack, s3, kms):
    with open(stack.data + "/f", "w", encoding="utf-8") as f:
        f.write("hello")
    out = it.aws("s3", "cp", stack.data + "/f", "s3://bkt/cli", "--sse", "aws:kms")
    same(out.returncode, 0, "aws s3 cp --sse aws:kms")
    out = it.aws("s3", "cp", "s3://bkt/cli", "-")
    same(out.stdout, "hello", "and back")


def lake(stack, _s3, _kms):
    s3 = stack.s3  # it began anew
    s3.put_bucket_encryption(Bucket=stack.bucket, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]})
    rows = "".join(f'{{"a":{i},"t":"{"t" * 200}"}}\n' for i in range(4000)).encode()
    s3.put_object(Bucket=stack.bucket, Key="kms/one.json", Body=rows)
    same(stack.sql(f"SELECT count(*), sum(a) FROM json.`s3a://{stack.bucket}/kms/`"), [[4000, 7998000]], "the lake reads what lies encrypted")
    stack.sql(f"INSERT OVERWRITE DIRECTORY 's3a://{stack.bucket}/out' USING json SELECT * FROM json.`s3a://{stack.bucket}/kms/`")
    written = [k for k in stack.keys("out/") if k.endswith(".json")]
    same([shown(s3.head_object(Bucket=stack.bucket, Key=k))[0] for k in written], ["aws:kms"] * len(written), "what it writes is, too")
    same(b"".join(stack.get(k) for k in written), rows, "and comes back")


with Stack() as it:
    client = it.client("s3")
    client.create_bucket(Bucket="bkt")
    parts(objects, uploads, defaults, lake, args=(it, client, it.client("kms")))
    parts(*([command_line] if AWS else []), args=(it, it.client("s3"), None))
with Stack(only="s3") as it:
    it.client("s3").create_bucket(Bucket="bkt")
    shows = shown(it.client("s3").put_object(Bucket="bkt", Key="x", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="any-key"))
    same((shows, it.client("s3").get_object(Bucket="bkt", Key="x")["Body"].read()), (("aws:kms", "any-key", False), b"x"), "without KMS beside it any key is taken")
done()
