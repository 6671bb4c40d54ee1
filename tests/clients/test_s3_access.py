#!/usr/bin/python3
"""Who may do what in S3: owners, ACLs, ownership controls, the public access block, bucket policies with their conditions, who doesn't sign,
expected owners, who pays; without identities, with them, and with auth = enforce."""
import itertools
import json

from tarn import Stack, call, done, need, parts, same, stack_folder

boto3, botocore = need("boto3", "botocore")
from botocore import UNSIGNED
from botocore.exceptions import ClientError

MAIN, ALT, THIRD = "a" * 64, "b" * 64, "111111111111"
CONF = f"""[identity.main]
key = AKIDMAIN
secret = mainsecret
canonical_id = {MAIN}
display_name = M. Main
email = main@example.com
[identity.alt]
key = AKIDALT
secret = altsecret
canonical_id = {ALT}
display_name = alt
email = Alt@example.com
[identities]
{THIRD} = thirdsecret
[stack]
source_ip = 203.0.113.9
"""
GROUPS = "http://acs.amazonaws.com/groups/"
OWN = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
names = (f"bucket-{i}" for i in itertools.count())


def said(f, **args):
    """The answer, or an error's status and code."""
    try:
        return f(**args)
    except ClientError as e:
        code = e.response["Error"]["Code"]
        return e.response["ResponseMetadata"]["HTTPStatusCode"] if code.isdigit() else code


def error(f, **args):
    """Code, message and further elements."""
    try:
        f(**args)
    except ClientError as e:
        return tuple(v for k, v in sorted(e.response["Error"].items()))
    return None


def put(client, bucket, key="k", **args):
    answer = said(client.put_object, Bucket=bucket, Key=key, Body=b"x", **args)
    return answer if isinstance(answer, (str, int)) else "ok"


def get(client, bucket, key="k", **args):
    answer = said(client.get_object, Bucket=bucket, Key=key, **args)
    return answer if isinstance(answer, (str, int)) else "ok"


def done_by(f, **args):
    answer = said(f, **args)
    return answer if isinstance(answer, (str, int)) else "ok"


def grants(answer):
    return sorted((g["Permission"], g["Grantee"].get("ID") or g["Grantee"]["URI"].rpartition("/")[2]) for g in answer["Grants"])


def policy(client, bucket, *statements):
    """Each: effect, principal, action, resource behind the bucket's name, conditions."""
    return done_by(client.put_bucket_policy, Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": e, "Principal": p, "Action": a, "Resource": f"arn:aws:s3:::{bucket}{r}", **({"Condition": c} if c else {})} for e, p, a, r, c in statements]}))


def open_bucket(client, ownership="ObjectWriter", **args):
    bucket = next(names)
    client.create_bucket(Bucket=bucket, ObjectOwnership=ownership, **args)
    client.delete_public_access_block(Bucket=bucket)
    return bucket


def owners(main, alt, nobody):
    bucket = open_bucket(main, "BucketOwnerPreferred")
    owner = {"ID": MAIN, "DisplayName": "M. Main"}
    same(main.list_buckets()["Owner"], owner, "whose buckets they are")
    same(alt.list_buckets()["Buckets"], [], "of others' nobody is told")
    main.put_bucket_acl(Bucket=bucket, ACL="public-read-write")
    same([put(c, bucket, k, **a) for c, k, a in ((main, "m", {}), (alt, "a", {}), (alt, "given", {"ACL": "bucket-owner-full-control"}), (nobody, "n", {}))], ["ok"] * 4, "all put")
    listed = {o["Key"]: o["Owner"] for o in main.list_objects(Bucket=bucket)["Contents"]}
    same(listed, {"m": owner, "a": {"ID": ALT, "DisplayName": "alt"}, "given": owner, "n": {"ID": "65a011a29cdf8ec533ec3d1ccaae921c"}}, "whose the objects are")
    same({v["Key"]: v["Owner"]["ID"] for v in main.list_object_versions(Bucket=bucket)["Versions"]}["a"], ALT, "as versions, too")
    same([get(main, bucket, k) for k in ("m", "a", "given", "n")], ["ok", "AccessDenied", "ok", "AccessDenied"], "what the bucket's owner reads")
    same([get(alt, bucket, k) for k in ("m", "a", "given")], ["AccessDenied", "ok", "AccessDenied"], "what who put them reads")
    up = alt.create_multipart_upload(Bucket=bucket, Key="u")["UploadId"]
    same(alt.list_parts(Bucket=bucket, Key="u", UploadId=up)["Owner"]["ID"], ALT, "an upload's")
    alt.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a"})
    same(alt.get_object_acl(Bucket=bucket, Key="copy")["Owner"]["ID"], ALT, "a copy's")
    main.put_bucket_acl(Bucket=bucket, ACL="private")
    main.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=OWN)
    same([get(main, bucket, "a"), get(alt, bucket, "a")], ["ok", "AccessDenied"], "BucketOwnerEnforced: all is the bucket owner's")
    same(main.get_object_acl(Bucket=bucket, Key="a")["Owner"], owner, "and its ACL says so")


# What each may do, by the ACL of the bucket and of the object: list, put, get, read and write of the object's ACL.
MATRIX = {
    ("private", "private"): {"alt": "-----", "nobody": "-----"},
    ("public-read", "private"): {"alt": "L----", "nobody": "L----"},
    ("public-read-write", "public-read"): {"alt": "LPG--", "nobody": "LPG--"},
    ("authenticated-read", "authenticated-read"): {"alt": "L-G--", "nobody": "-----"},
    ("private", "public-read-write"): {"alt": "--G--", "nobody": "--G--"},
    ("private", "bucket-owner-read"): {"alt": "-----", "nobody": "-----"},
}


def may(client, bucket):
    acl = {"Bucket": bucket, "Key": "k"}
    return "".join(letter if done_by(f, **args) == "ok" else "-" for letter, f, args in (
        ("L", client.list_objects_v2, {"Bucket": bucket}), ("P", client.put_object, {"Bucket": bucket, "Key": "new"}), ("G", client.get_object, acl),
        ("r", client.get_object_acl, acl), ("w", client.put_object_acl, {**acl, "ACL": "private"})))


def acls(main, alt, nobody):
    for (of_bucket, of_object), want in MATRIX.items():
        bucket = open_bucket(main)
        main.put_bucket_acl(Bucket=bucket, ACL=of_bucket)
        put(main, bucket, ACL=of_object)
        same({"nobody": may(nobody, bucket), "alt": may(alt, bucket), "main": may(main, bucket)}, {**want, "main": "LPGrw"}, f"bucket {of_bucket}, object {of_object}")
    bucket = open_bucket(main)
    for perm, want in (("FULL_CONTROL", "LP---"), ("READ", "L----"), ("WRITE", "-P---"), ("READ_ACP", "-----"), ("WRITE_ACP", "-----")):
        main.put_object(Bucket=bucket, Key="k", ACL="private")
        main.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Owner": {"ID": MAIN}, "Grants": [
            {"Grantee": {"Type": "AmazonCustomerByEmail", "EmailAddress": "alt@EXAMPLE.com"}, "Permission": perm}]})
        same((may(alt, bucket), done_by(alt.get_bucket_acl, Bucket=bucket) == "ok"), (want, perm in ("FULL_CONTROL", "READ_ACP")), f"{perm} of a bucket by e-mail")
        same(grants(main.get_bucket_acl(Bucket=bucket)), [(perm, ALT)], "is kept by id")
    for header, want in (("GrantRead", "--G--"), ("GrantReadACP", "---r-"), ("GrantWriteACP", "----w"), ("GrantFullControl", "--Grw")):
        main.put_bucket_acl(Bucket=bucket, ACL="private")
        main.put_object(Bucket=bucket, Key="k", **{header: f'id={ALT}, id="{MAIN}"'})
        same(may(alt, bucket), want, f"{header} of an object")
    main.put_object(Bucket=bucket, Key="k", ACL="public-read")
    same((get(main, bucket, "nokey"), get(alt, bucket, "nokey"), get(nobody, bucket, "nokey")), ("NoSuchKey", "AccessDenied", "AccessDenied"), "who may not list isn't told what isn't there")
    main.put_bucket_acl(Bucket=bucket, ACL="public-read")
    same((get(alt, bucket, "nokey"), get(nobody, bucket, "nokey")), ("NoSuchKey", "NoSuchKey"), "who may is")
    same((get(nobody, "nobucket"), put(nobody, "nobucket"), done_by(nobody.create_bucket, Bucket="nobucket")), ("NoSuchBucket", "NoSuchBucket", "AccessDenied"), "no bucket")
    main.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Owner": {"ID": MAIN}, "Grants": []})
    same((main.get_bucket_acl(Bucket=bucket)["Grants"], may(main, bucket)), ([], "LPGrw"), "an ACL of nothing; its owner's account may all the same")


def acl_words(main, alt, nobody):
    b = open_bucket(main)
    fake = GROUPS + "s3/FakeGroup"
    xml = "The XML you provided was not well-formed or did not validate against our published schema"
    grant = lambda **to: {"Owner": {"ID": MAIN}, "Grants": [{"Grantee": to, "Permission": "READ"}]}
    for f, args, want, name in (
            (main.put_bucket_acl, {"ACL": "fake-acl"}, ("InvalidArgument", "", "x-amz-acl", "fake-acl"), "a canned one nobody knows"),
            (main.put_bucket_acl, {"GrantWrite": f'uri="{fake}"'}, ("InvalidArgument", "Invalid group uri", "uri", fake), "a group"),
            (main.put_bucket_acl, {"GrantWrite": 'fakekey="1234"'}, ("InvalidArgument", "Argument format not recognized", "x-amz-grant-write", 'fakekey="1234"'), "a kind"),
            (main.put_bucket_acl, {"GrantWrite": 'id="wrong-id"'}, ("InvalidArgument", "Invalid id", "id", "wrong-id"), "an id"),
            (main.put_bucket_acl, {"ACL": "private", "GrantWrite": f"id={ALT}"}, ("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed"), "both kinds"),
            (main.put_bucket_acl, {"AccessControlPolicy": grant(Type="CanonicalUser", ID="wrong-id")}, ("InvalidArgument", "Invalid id", "CanonicalUser/ID", "wrong-id"), "an id in XML"),
            (main.put_bucket_acl, {"AccessControlPolicy": grant(Type="Group", URI=fake)}, ("InvalidArgument", "Invalid group uri", "Group/URI", fake), "a group in XML"),
            (main.put_bucket_acl, {"AccessControlPolicy": grant(Type="BadType", ID=ALT)}, ("MalformedACLError", xml), "a type"),
            (main.put_bucket_acl, {"AccessControlPolicy": {"Grants": []}}, ("MalformedACLError", xml), "no owner"),
            (main.put_bucket_acl, {"AccessControlPolicy": {}}, ("MalformedACLError", xml), "nothing in it"),
            (main.put_bucket_acl, {"AccessControlPolicy": {**grant(Type="CanonicalUser", ID=ALT), "Owner": {"ID": ALT}}}, ("AccessDenied", "Access Denied"), "another's"),
            (main.put_bucket_acl, {}, ("MissingSecurityHeader", "Your request was missing a required header", "x-amz-acl"), "nothing at all"),
            (main.put_bucket_acl, {"ACL": "private", "AccessControlPolicy": grant(Type="CanonicalUser", ID=ALT)}, ("UnexpectedContent", "This request does not support content"), "header and body")):
        got = error(f, Bucket=b, **args)
        same(sorted(v or "" for v in got or ()), sorted(want), f"{name} is refused")
    same(done_by(main.put_bucket_acl, Bucket=b, GrantRead="emailAddress=no@example.com"), "UnresolvableGrantByEmailAddress", "an address nobody has")
    main.put_bucket_acl(Bucket=b, GrantRead=f'uri="{GROUPS}s3/LogDelivery"')
    same(grants(main.get_bucket_acl(Bucket=b)), [("READ", "LogDelivery")], "grants by header are all there is")
    put(main, b)
    before = main.head_object(Bucket=b, Key="k")["LastModified"]
    main.put_object_acl(Bucket=b, Key="k", ACL="public-read")
    same(main.get_object_acl(Bucket=b, Key="k")["Grants"][0], {"Grantee": {"ID": MAIN, "DisplayName": "M. Main", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}, "the owner's grant is first")
    same(main.head_object(Bucket=b, Key="k")["LastModified"], before, "an ACL is no change of the object")
    main.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    put(main, b)
    same((get(nobody, b), get(nobody, b, VersionId="null")), ("AccessDenied", "ok"), "each version has its own")
    main.put_object_acl(Bucket=b, Key="k", VersionId="null", ACL="private")
    same(get(nobody, b, VersionId="null"), "AccessDenied", "and it can be set")


def controls(main, alt, nobody):
    b = next(names)
    main.create_bucket(Bucket=b)
    same(main.get_bucket_ownership_controls(Bucket=b)["OwnershipControls"], OWN, "as it is made")
    same(done_by(main.put_bucket_acl, Bucket=b, ACL="private"), "AccessControlListNotSupported", "no ACLs")
    same((put(main, b, ACL="public-read"), put(main, b, ACL="bucket-owner-full-control"), put(main, b, ACL="private")), ("AccessControlListNotSupported", "ok", "ok"), "nor at a put")
    main.delete_bucket_ownership_controls(Bucket=b)
    same(done_by(main.get_bucket_ownership_controls, Bucket=b), "OwnershipControlsNotFoundError", "taken away")
    main.delete_bucket_ownership_controls(Bucket=b)
    same((put(main, b, ACL="public-read"), done_by(main.put_bucket_acl, Bucket=b, ACL="public-read")), ("AccessDenied",) * 2, "public ACLs are blocked")
    main.delete_public_access_block(Bucket=b)
    same(done_by(main.get_public_access_block, Bucket=b), "NoSuchPublicAccessBlockConfiguration", "no block")
    same(done_by(main.put_bucket_acl, Bucket=b, ACL="public-read"), "ok", "then they aren't")
    same(done_by(main.put_bucket_ownership_controls, Bucket=b, OwnershipControls=OWN), "InvalidBucketAclWithObjectOwnership", "what is granted isn't forgotten silently")
    same(done_by(main.put_bucket_ownership_controls, Bucket=b, OwnershipControls={"Rules": [{"ObjectOwnership": "Other"}]}), "MalformedXML", "another word")
    put(main, b, ACL="public-read")
    same((get(nobody, b), done_by(nobody.list_objects_v2, Bucket=b)), ("ok", "ok"), "everyone reads")
    main.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    same((get(nobody, b), get(alt, b)), ("AccessDenied",) * 2, "IgnorePublicAcls")
    main.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    everyone = ("Allow", "*", "s3:GetObject", "/*", None)
    same((policy(main, b, everyone), policy(main, b, (*everyone[:4], {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))), ("AccessDenied", "ok"), "BlockPublicPolicy")
    same(main.get_bucket_policy_status(Bucket=b)["PolicyStatus"]["IsPublic"], True, "its ACL still lets everyone in")
    main.put_bucket_acl(Bucket=b, ACL="private")
    same(main.get_bucket_policy_status(Bucket=b)["PolicyStatus"]["IsPublic"], False, "addresses of a few aren't everyone")
    main.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration={})
    policy(main, b, ("Allow", "*", "s3:ListBucket", "", None))
    same(done_by(alt.list_objects_v2, Bucket=b), "ok", "a policy for everyone")
    main.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    same((done_by(alt.list_objects_v2, Bucket=b), done_by(main.list_objects_v2, Bucket=b)), ("AccessDenied", "ok"), "RestrictPublicBuckets")
    same(done_by(main.create_bucket, Bucket=next(names), ACL="public-read"), "InvalidBucketAclWithObjectOwnership", "a bucket with an ACL that can't count")
    same(done_by(main.create_bucket, Bucket=next(names), ACL="public-read", ObjectOwnership="ObjectWriter"), "InvalidBucketAclWithBlockPublicAccessError", "or that is blocked")


def policies(main, alt, nobody):
    b = open_bucket(main, "BucketOwnerEnforced")
    who = {"CanonicalUser": ALT}
    sse = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}
    main.put_object(Bucket=b, Key="open/k", Body=b"x", Tagging="security=public")
    main.put_object(Bucket=b, Key="shut/k", Body=b"x", Tagging="security=private")
    same(policy(main, b,
                ("Allow", who, "s3:ListBucket", "", {"StringLike": {"s3:prefix": "open/*"}, "NumericLessThanEquals": {"s3:max-keys": "10"}}),
                ("Allow", who, "s3:GetObject", "/*", {"StringEquals": {"s3:ExistingObjectTag/security": "public"}}),
                ("Allow", who, ["s3:PutObject", "s3:PutObjectTagging"], "/in/*", {"StringEquals": {"s3:RequestObjectTag/a": "b"}}),
                ("Deny", "*", "s3:PutObject", "/in/*", sse),
                ("Allow", who, "s3:PutObject", "/http/*", {"Bool": {"aws:SecureTransport": "true"}}),
                ("Allow", who, "s3:PutObject", "/here/*", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                ("Allow", who, "s3:PutObject", "/there/*", {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}),
                ("Allow", who, "s3:PutObject", "/copy/*", {"StringLike": {"s3:x-amz-copy-source": f"{b}/open/*"}})), "ok", "a policy")
    same([done_by(alt.list_objects_v2, Bucket=b, **a) for a in ({}, {"Prefix": "open/x", "MaxKeys": 5}, {"Prefix": "open/x"}, {"Prefix": "shut/", "MaxKeys": 5})],
         ["AccessDenied", "ok", "AccessDenied", "AccessDenied"], "s3:prefix, s3:max-keys")
    same((get(alt, b, "open/k"), get(alt, b, "shut/k")), ("ok", "AccessDenied"), "s3:ExistingObjectTag")
    sse = {"ServerSideEncryption": "AES256"}
    same((put(alt, b, "in/k", Tagging="a=b", **sse), put(alt, b, "in/k", Tagging="a=c", **sse), put(alt, b, "in/k", Tagging="a=b"), put(main, b, "in/k"), put(main, b, "in/k", **sse)),
         ("ok", "AccessDenied", "AccessDenied", "AccessDenied", "ok"), "s3:RequestObjectTag, the encryption's header; a deny is for the owner, too")
    same((put(alt, b, "http/k"), put(alt, b, "here/k"), put(alt, b, "there/k")), ("AccessDenied", "ok", "AccessDenied"), "aws:SecureTransport, aws:SourceIp")
    same([done_by(alt.copy_object, Bucket=b, Key="copy/k", CopySource={"Bucket": b, "Key": k}) for k in ("open/k", "shut/k")], ["ok", "AccessDenied"], "s3:x-amz-copy-source")
    same((done_by(alt.get_bucket_policy, Bucket=b), done_by(alt.put_bucket_policy, Bucket=b, Policy="{}")), ("AccessDenied",) * 2, "the policy is its owner's")
    same([d["Code"] for d in alt.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "open/k"}]})["Errors"]], ["AccessDenied"], "each delete is asked for")
    same(policy(main, b, ("Allow", "*", "s3:GetObject", "/public/*", None)), "ok", "everyone")
    put(main, b, "public/k")
    same((get(nobody, b, "public/k"), get(nobody, b, "open/k"), get(alt, b, "public/k")), ("ok", "AccessDenied", "ok"), "reads what is public")
    same(error(nobody.get_object, Bucket=b, Key="public/k", ResponseContentType="a/b")[0], "InvalidRequest", "as it is")
    url = main.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "open/k"})
    same((call("GET", url).status, call("GET", alt.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "open/k"})).status), (200, 403), "a link lets what who made it may")
    main.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration={})
    same(done_by(main.put_bucket_policy, Bucket=b, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/*"}]})),
         "ok", "a resource with wildcards that is the bucket's")
    same([error(main.put_bucket_policy, Bucket=b, Policy=p)[:2] for p in ("", "x", "{}")],
         [("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")] * 2 + [("MalformedPolicy", "Missing required field Statement")], "what is no policy")


def expected(main, alt, nobody):
    b = open_bucket(main, "BucketOwnerEnforced")
    put(main, b)
    same((get(main, b, ExpectedBucketOwner="000000000000"), get(main, b, ExpectedBucketOwner="999999999999"), get(main, b, ExpectedBucketOwner="x")),
         ("ok", "AccessDenied", "InvalidBucketOwnerAWSAccountID"), "who the owner is expected to be")
    policy(main, b, ("Allow", "*", "s3:*", "/*", None))
    main.put_bucket_request_payment(Bucket=b, RequestPaymentConfiguration={"Payer": "Requester"})
    same((get(main, b), get(alt, b), get(alt, b, RequestPayer="requester"), get(nobody, b)), ("ok", "AccessDenied", "ok", "AccessDenied"), "who asks pays, and says so")
    same(alt.get_object(Bucket=b, Key="k", RequestPayer="requester")["RequestCharged"], "requester", "it is told")
    same((done_by(alt.create_bucket, Bucket=b), done_by(main.create_bucket, Bucket=b)), ("BucketAlreadyExists", "ok"), "names are everybody's")


with Stack(only="s3", conf=CONF) as s:
    args = s.client("s3", "AKIDMAIN", "mainsecret"), s.client("s3", "AKIDALT", "altsecret"), s.client("s3", signature_version=UNSIGNED)
    parts(owners, acls, acl_words, controls, policies, expected, args=args)
ENFORCED = f"""[stack]
auth = enforce
[identity.main]
key = AKIDMAIN
secret = mainsecret
policies = AdministratorAccess
[identity.user]
key = AKIDUSER
secret = usersecret
policy = user.json
[identity.far]
key = AKIDFAR
secret = farsecret
account = {THIRD}
policy = user.json
"""
with Stack(only="s3,aws", stack=stack_folder(ENFORCED, files={"user.json": json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}]})})) as s:
    main, user, far = s.client("s3", "AKIDMAIN", "mainsecret"), s.client("s3", "AKIDUSER", "usersecret"), s.client("s3", "AKIDFAR", "farsecret")
    b = open_bucket(main)
    same((put(user, b), put(user, b, ACL="public-read"), put(user, b, Tagging="a=b"), get(user, b), done_by(user.get_object_acl, Bucket=b, Key="k")),
         ("ok", "AccessDenied", "AccessDenied", "ok", "AccessDenied"), "enforce: what a user's policy lets, and no more")
    same((put(far, b), get(far, b)), ("AccessDenied",) * 2, "another account's user: the bucket has to let, too")
    for word, action, args in (("put_bucket_cors", "PutBucketCORS", {"CORSConfiguration": {"CORSRules": []}}), ("delete_bucket_cors", "PutBucketCORS", {}),
                               ("put_bucket_accelerate_configuration", "PutAccelerateConfiguration", {"AccelerateConfiguration": {"Status": "Enabled"}}),
                               ("get_bucket_lifecycle_configuration", "GetLifecycleConfiguration", {}), ("delete_bucket_replication", "PutReplicationConfiguration", {}),
                               ("list_bucket_metrics_configurations", "GetMetricsConfiguration", {}), ("delete_public_access_block", "PutBucketPublicAccessBlock", {}),
                               ("get_object_lock_configuration", "GetBucketObjectLockConfiguration", {}), ("delete_bucket_ownership_controls", "PutBucketOwnershipControls", {}),
                               ("list_objects_v2", "ListBucket", {}), ("head_object", "GetObjectVersion", {"Key": "k", "VersionId": "null"}),
                               ("get_bucket_encryption", "GetEncryptionConfiguration", {}), ("list_multipart_uploads", "ListBucketMultipartUploads", {})):
        got = error(getattr(user, word), Bucket=b, **args) or ("",)
        same(f"perform: s3:{action} on" in got[-1] or got[-1] == "Forbidden", True, f"{word} asks for s3:{action}")
    policy(main, b, ("Allow", {"AWS": THIRD}, ["s3:GetObject", "s3:DeleteObject"], "/*", None))
    same((get(far, b), done_by(far.delete_object, Bucket=b, Key="k")), ("ok", "AccessDenied"), "both have to")
with Stack(only="s3", conf="[s3]\nacls = on\n") as s:
    one, other, nobody = s.client("s3"), s.client("s3", THIRD), s.client("s3", signature_version=UNSIGNED)
    one.create_bucket(Bucket="old", ACL="public-read")
    same((done_by(one.get_bucket_ownership_controls, Bucket="old"), done_by(one.get_public_access_block, Bucket="old")),
         ("OwnershipControlsNotFoundError", "NoSuchPublicAccessBlockConfiguration"), "acls = on: as buckets were made before")
    put(one, "old")
    same((done_by(other.list_objects_v2, Bucket="old"), get(other, "old"), get(nobody, "old")), ("ok", "AccessDenied", "ok"), "without identities accounts are apart; who doesn't sign is the stack's")
    same("DisplayName" in one.list_buckets()["Owner"], False, "no display name unless one is set")
done()
