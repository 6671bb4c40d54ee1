#!/usr/bin/python3
"""IAM, STS and auth = enforce: users, roles and policies made through the API; temporary credentials against S3 and Kinesis; refusals in
each service's own words; malformed documents, wrong signatures, expired sessions."""
import json

from tarn import Stack, call, done, need, ok, parts, same

boto3 = need("boto3")
ClientError, UNSIGNED = need("botocore.exceptions").ClientError, need("botocore").UNSIGNED
SigV4Auth, AWSRequest = need("botocore.auth").SigV4Auth, need("botocore.awsrequest").AWSRequest
Credentials = need("botocore.credentials").Credentials

ACCOUNT = "000000000000"
CONF = """[stack]
auth = enforce
source_ip = 203.0.113.7
[identities]
AKIAADMIN = adm1n
[identity.root]
key = AKIAROOT
secret = r00t
[identity.alice]
key = AKIAALICE
secret = al1ce
policies = AmazonS3ReadOnlyAccess, AWSLambdaBasicExecutionRole
[roles]
reader = trust=000000000000,kafkaconnect.amazonaws.com policies=AmazonS3ReadOnlyAccess instance_profile=yes
[buckets]
here =
[streams]
flow = 1
"""


def error(f, **words):
    """Code, status and text of a refusal; the answer when it is none."""
    try:
        return f(**words)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"], e.response["Error"].get("Message", "")


def refused(f, code, status, says, name, **words):
    got = error(f, **words)
    same(got[:2] if isinstance(got, tuple) else got, (code, status), f"{name}: {code}")
    if isinstance(got, tuple):
        ok(says in got[2], f"{name}: its words", got[2])


def policy(action, resource="*", effect="Allow", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]})


def trust(principal, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}]})


def admin(s, service):
    return s.client(service, "AKIAADMIN", "adm1n")


def alice(s, service):
    return s.client(service, "AKIAALICE", "al1ce")


class Session:
    """What Stack.client makes a client of, with a session token."""

    def __init__(self, token):
        self.token = token

    def client(self, service, **words):
        return boto3.client(service, aws_session_token=self.token, **words)


def by(s, credentials, service):
    return s.client(service, credentials["AccessKeyId"], credentials["SecretAccessKey"], session=Session(credentials.get("SessionToken")))


def identities(s):
    whose = lambda client: client("sts").get_caller_identity()
    same(whose(lambda x: admin(s, x))["Arn"], f"arn:aws:iam::{ACCOUNT}:user/AKIAADMIN", "an identity of the settings is a user")
    root = whose(lambda x: s.client(x, "AKIAROOT", "r00t"))
    same((root["Arn"], root["UserId"]), (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT), "root is the account")
    iam = admin(s, "iam")
    same([u["UserName"] for u in iam.list_users()["Users"]], ["AKIAADMIN", "alice"], "users of the settings")
    same([p["PolicyName"] for p in iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]],
         ["AmazonS3ReadOnlyAccess", "AWSLambdaBasicExecutionRole"], "their policies")
    same([k["AccessKeyId"] for k in iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]], ["AKIAALICE"], "their keys")
    role = iam.get_role(RoleName="reader")["Role"]
    same(role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"], {"AWS": [ACCOUNT], "Service": ["kafkaconnect.amazonaws.com"]}, "a role of the settings")
    same([r["RoleName"] for r in iam.get_instance_profile(InstanceProfileName="reader")["InstanceProfile"]["Roles"]], ["reader"], "its instance profile")
    same(error(alice(s, "iam").get_user)[0], "AccessDenied", "alice may not look at herself")


def users(s):
    iam = admin(s, "iam")
    user = iam.create_user(UserName="bob", Path="/team/", Tags=[{"Key": "team", "Value": "blue"}])["User"]
    same((user["Arn"], user["UserId"][:4], len(user["UserId"])), (f"arn:aws:iam::{ACCOUNT}:user/team/bob", "AIDA", 21), "a user")
    iam.get_waiter("user_exists").wait(UserName="bob")
    refused(iam.create_user, "EntityAlreadyExists", 409, "User with name bob already exists.", "again", UserName="bob")
    refused(iam.get_user, "NoSuchEntity", 404, "The user with name none cannot be found.", "absent", UserName="none")
    refused(iam.create_user, "ValidationError", 400, "Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern",
            "a bad name", UserName="a b")
    refused(iam.tag_user, "InvalidInput", 400, "Duplicate tag keys found.", "tags twice", UserName="bob",
            Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    refused(iam.tag_user, "ValidationError", 400, "length less than or equal to 50", "too many tags", UserName="bob",
            Tags=[{"Key": str(i), "Value": "x" * 256} for i in range(4000)])
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    same((key["AccessKeyId"][:4], len(key["AccessKeyId"]), len(key["SecretAccessKey"])), ("AKIA", 20, 40), "an access key")
    bob = lambda service: by(s, key, service)
    same(bob("sts").get_caller_identity()["Arn"], user["Arn"], "it signs as the user")
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    same((used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]), ("bob", "sts"), "its last use")
    same(admin(s, "sts").get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"], ACCOUNT, "it tells its account")
    iam.create_access_key(UserName="bob")
    refused(iam.create_access_key, "LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2", "a third key", UserName="bob")
    iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    refused(bob("sts").get_caller_identity, "InvalidClientTokenId", 403, "is invalid", "an inactive key")
    iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Active")
    refused(bob("s3").list_buckets, "AccessDenied", 403, f"User: {user['Arn']} is not authorized to perform: s3:ListAllMyBuckets", "no policy")
    iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=policy("s3:*", "arn:aws:s3:::here/${aws:PrincipalTag/team}/*"))
    same(iam.get_user_policy(UserName="bob", PolicyName="p")["PolicyDocument"]["Statement"][0]["Action"], "s3:*", "an inline policy")
    bob("s3").put_object(Bucket="here", Key="blue/x", Body=b"x")
    refused(bob("s3").put_object, "AccessDenied", 403, "because no identity-based policy allows the s3:PutObject action", "another key", Bucket="here",
            Key="red/x", Body=b"x")
    refused(bob("s3").get_object, "AccessDenied", 403, 'on resource: "arn:aws:s3:::here/red/none"', "what isn't there", Bucket="here", Key="red/none")
    refused(iam.delete_user, "DeleteConflict", 409, "Cannot delete entity, must delete policies first.", "deleting", UserName="bob")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="bob")
    iam.attach_group_policy(GroupName="g", PolicyArn="arn:aws:iam::aws:policy/AmazonKinesisReadOnlyAccess")
    same(bob("kinesis").list_streams()["StreamNames"], ["flow"], "the group's policy counts")
    refused(bob("kinesis").put_record, "AccessDeniedException", 400,
            f"User: {user['Arn']} is not authorized to perform: kinesis:PutRecord on resource: arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/flow because no "
            "identity-based policy allows the kinesis:PutRecord action", "kinesis", StreamName="flow", Data=b"x", PartitionKey="k")
    same([g["GroupName"] for g in iam.list_groups_for_user(UserName="bob")["Groups"]], ["g"], "its groups")
    iam.update_user(UserName="bob", NewUserName="rob")
    same(bob("sts").get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/team/rob", "renamed, its key goes with it")


DOCUMENTS = [
    ("x", "MalformedPolicyDocument", "Syntax errors in policy."),
    (policy("s3:*").replace("2012-10-17", "2008-10-17"), "MalformedPolicyDocument", "Policy document must be version 2012-10-17 or greater."),
    (policy("ListBucket"), "MalformedPolicyDocument", "must be prefaced by a vendor"),
    (policy("s3:*", "bucket"), "MalformedPolicyDocument", 'must be in ARN format or "*".'),
    (policy("s3:*", Principal="*"), "MalformedPolicyDocument", "should not specify a principal"),
    (policy("s3:*", Condition={"StringIs": {"a": "b"}}), "MalformedPolicyDocument", "Syntax errors in policy."),
    (policy(["s3:Get%05d" % i for i in range(600)]), "LimitExceeded", "Cannot exceed quota for PolicySize: 6144"),
]


def policies(s):
    iam = admin(s, "iam")
    for document, code, says in DOCUMENTS:
        refused(iam.create_policy, code, 409 if code == "LimitExceeded" else 400, says, says[:40], PolicyName="bad", PolicyDocument=document)
    refused(iam.create_role, "MalformedPolicyDocument", 400, "This policy contains invalid Json", "trust", RoleName="x", AssumeRolePolicyDocument="{")
    refused(iam.create_role, "MalformedPolicyDocument", 400, "Has prohibited field Resource", "trust with a resource", RoleName="x",
            AssumeRolePolicyDocument=trust({"AWS": "*"}, Resource="*"))
    refused(iam.create_role, "MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/none"', "trust in nobody",
            RoleName="x", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"}))
    made = iam.create_policy(PolicyName="mine", PolicyDocument=policy("kinesis:*"), Description="d", Tags=[{"Key": "a", "Value": "b"}])["Policy"]
    same((made["Arn"], made["DefaultVersionId"], made["AttachmentCount"]), (f"arn:aws:iam::{ACCOUNT}:policy/mine", "v1", 0), "a managed policy")
    iam.get_waiter("policy_exists").wait(PolicyArn=made["Arn"])
    refused(iam.create_policy, "EntityAlreadyExists", 409, "A policy called mine already exists.", "again", PolicyName="mine", PolicyDocument=policy("s3:*"))
    for n in range(4):
        iam.create_policy_version(PolicyArn=made["Arn"], PolicyDocument=policy("kinesis:*"), SetAsDefault=n == 3)
    refused(iam.create_policy_version, "LimitExceeded", 409, "up to 5 versions", "a sixth version", PolicyArn=made["Arn"], PolicyDocument=policy("s3:*"))
    same([(v["VersionId"], v["IsDefaultVersion"]) for v in iam.list_policy_versions(PolicyArn=made["Arn"])["Versions"]],
         [("v5", True), ("v4", False), ("v3", False), ("v2", False), ("v1", False)], "versions")
    refused(iam.delete_policy_version, "DeleteConflict", 409, "Cannot delete the default version of a policy.", "the default version", PolicyArn=made["Arn"],
            VersionId="v5")
    refused(iam.get_policy_version, "NoSuchEntity", 404, f"Policy {made['Arn']} version v9 does not exist or is not attachable.", "no version",
            PolicyArn=made["Arn"], VersionId="v9")
    refused(iam.attach_user_policy, "NoSuchEntity", 404, "does not exist or is not attachable.", "attaching nothing", UserName="alice",
            PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/nothing")
    iam.attach_user_policy(UserName="alice", PolicyArn=made["Arn"])
    refused(iam.delete_policy, "DeleteConflict", 409, "Cannot delete a policy attached to entities.", "attached", PolicyArn=made["Arn"])
    alice(s, "kinesis").put_record(StreamName="flow", Data=b"x", PartitionKey="k")
    iam.put_user_policy(UserName="alice", PolicyName="deny", PolicyDocument=policy("kinesis:Put*", effect="Deny"))
    refused(alice(s, "kinesis").put_record, "AccessDeniedException", 400, "with an explicit deny in an identity-based policy", "a deny", StreamName="flow",
            Data=b"x", PartitionKey="k")
    iam.delete_user_policy(UserName="alice", PolicyName="deny")
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    refused(alice(s, "kinesis").put_record, "AccessDeniedException", 400, "because no permissions boundary allows", "a boundary", StreamName="flow", Data=b"x",
            PartitionKey="k")
    iam.delete_user_permissions_boundary(UserName="alice")
    iam.detach_user_policy(UserName="alice", PolicyArn=made["Arn"])
    aws = iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")["Policy"]
    same((aws["PolicyName"], aws["DefaultVersionId"], aws["IsAttachable"]), ("AmazonS3FullAccess", "v2", True), "AWS's own")
    pages = [p for page in iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 7}) for p in page["Policies"]]
    ok(len(pages) > 20 and len({p["Arn"] for p in pages}) == len(pages), "pages of them", len(pages))
    results = iam.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/alice", ActionNames=["s3:GetObject", "s3:PutObject", "iam:ListUsers"],
                                            PolicyInputList=[policy("s3:PutObject", effect="Deny")])["EvaluationResults"]
    same([r["EvalDecision"] for r in results], ["allowed", "explicitDeny", "implicitDeny"], "simulated")
    same([m["SourcePolicyId"] for m in results[0]["MatchedStatements"]], ["AmazonS3ReadOnlyAccess"], "the statement that matched")
    same(iam.get_context_keys_for_custom_policy(PolicyInputList=[policy("s3:*", "arn:aws:s3:::${aws:username}", Condition={"Bool": {"aws:SecureTransport": "true"}})])
         ["ContextKeyNames"], ["aws:username", "aws:SecureTransport"], "condition keys")


def roles(s):
    iam = admin(s, "iam")
    arn = f"arn:aws:iam::{ACCOUNT}:role/reader"
    refused(alice(s, "sts").assume_role, "AccessDenied", 403, f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: sts:AssumeRole on resource: {arn}",
            "trusted with her account, but without a policy", RoleArn=arn, RoleSessionName="one")
    refused(admin(s, "sts").assume_role, "AccessDenied", 403, "sts:AssumeRole on resource: " + arn + "x", "a role that isn't there", RoleArn=arn + "x",
            RoleSessionName="one")
    refused(admin(s, "sts").assume_role, "ValidationError", 400, "Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: [\\w+=,.@-]*", "a bad name", RoleArn=arn, RoleSessionName="a:b")
    refused(admin(s, "sts").assume_role, "ValidationError", 400, "nothing-valid-in-here is invalid", "no ARN", RoleArn="nothing-valid-in-here",
            RoleSessionName="one")
    refused(admin(s, "sts").assume_role, "ValidationError", 400, "exceeds the MaxSessionDuration", "too long", RoleArn=arn, RoleSessionName="one",
            DurationSeconds=7200)
    refused(admin(s, "sts").assume_role, "MalformedPolicyDocument", 400, "Syntax errors in policy.", "a bad session policy", RoleArn=arn, RoleSessionName="one",
            Policy="{}")
    refused(s.client("sts", "AKIAROOT", "r00t").assume_role, "AccessDenied", 403, "Roles may not be assumed by root accounts.", "root", RoleArn=arn,
            RoleSessionName="one")
    got = admin(s, "sts").assume_role(RoleArn=arn, RoleSessionName="one")
    same(got["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/one", "an assumed role")
    same((got["Credentials"]["AccessKeyId"][:4], "PackedPolicySize" in got), ("ASIA", False), "its credentials")
    reader = lambda service: by(s, got["Credentials"], service)
    who = reader("sts").get_caller_identity()
    same((who["Arn"], who["UserId"]), (got["AssumedRoleUser"]["Arn"], got["AssumedRoleUser"]["AssumedRoleId"]), "it signs as the session")
    same([b["Name"] for b in reader("s3").list_buckets()["Buckets"]], ["here"], "it may what its role may")
    refused(reader("s3").create_bucket, "AccessDenied", 403, f"User: {who['Arn']} is not authorized to perform: s3:CreateBucket", "and no more", Bucket="new-one")
    refused(reader("iam").list_users, "AccessDenied", 403, "iam:ListUsers on resource: * because", "IAM")
    refused(reader("apigateway").get_rest_apis, "AccessDeniedException", 403, "apigateway:GET on resource: arn:aws:apigateway:us-east-1::/restapis", "API Gateway")
    refused(reader("mwaa").list_environments, "AccessDeniedException", 403, "airflow:ListEnvironments on resource: *", "MWAA")
    refused(reader("sts").get_session_token, "AccessDenied", 403, "Cannot call GetSessionToken with session credentials", "no session of a session")
    less = admin(s, "sts").assume_role(RoleArn=arn, RoleSessionName="two", Policy=policy("s3:GetObject"))
    ok(0 < less["PackedPolicySize"] < 100, "the size of a session policy", less["PackedPolicySize"])
    refused(by(s, less["Credentials"], "s3").list_buckets, "AccessDenied", 403, "because no session policy allows the s3:ListAllMyBuckets action", "a session policy")
    refused(admin(s, "sts").assume_role, "AccessDenied", 403, "sts:TagSession", "tags that the trust doesn't let", RoleArn=arn, RoleSessionName="two",
            Tags=[{"Key": "k", "Value": "v"}])
    iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"},
                                                                      Condition={"StringEquals": {"sts:ExternalId": "secret"}}), MaxSessionDuration=7200)
    guarded = f"arn:aws:iam::{ACCOUNT}:role/guarded"
    same(error(alice(s, "sts").assume_role, RoleArn=guarded, RoleSessionName="x1")[0], "AccessDenied", "without the external id")
    same(alice(s, "sts").assume_role(RoleArn=guarded, RoleSessionName="x1", ExternalId="secret", DurationSeconds=7200)["AssumedRoleUser"]["Arn"],
         f"arn:aws:sts::{ACCOUNT}:assumed-role/guarded/x1", "named by the trust, with the external id")
    s3 = reader("s3")
    url = s3.generate_presigned_url("list_buckets")
    same(call("GET", url).status, 200, "a presigned URL of a session")
    iam.create_user(UserName="passing")
    iam.create_role(RoleName="of-passing", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/passing"}))
    gone = iam.get_user(UserName="passing")["User"]["UserId"]
    iam.delete_user(UserName="passing")
    same(iam.get_role(RoleName="of-passing")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"], {"AWS": gone}, "who is gone is an id in trusts")
    bad = dict(got["Credentials"], SessionToken="x" + got["Credentials"]["SessionToken"][1:])
    refused(by(s, bad, "sts").get_caller_identity, "InvalidClientTokenId", 403, "is invalid", "another token")
    refused(by(s, dict(got["Credentials"], SecretAccessKey="x"), "sts").get_caller_identity, "SignatureDoesNotMatch", 403, "does not match", "a wrong secret")
    token = admin(s, "sts").get_session_token()["Credentials"]
    same(by(s, token, "sts").get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/AKIAADMIN", "a session token is the user's")
    fed = admin(s, "sts").get_federation_token(Name="guest", Policy=policy("s3:ListAllMyBuckets"))
    same(by(s, fed["Credentials"], "sts").get_caller_identity()["Arn"], f"arn:aws:sts::{ACCOUNT}:federated-user/guest", "a federated user")
    same([b["Name"] for b in by(s, fed["Credentials"], "s3").list_buckets()["Buckets"]], ["here"], "may what both policies allow")
    same(error(by(s, fed["Credentials"], "iam").list_users)[0], "AccessDenied", "and no more")


def expiry(s):
    got = admin(s, "sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/reader", RoleSessionName="short", DurationSeconds=900)["Credentials"]
    by(s, got, "s3").list_buckets()
    r = call("POST", s.at["control"] + "/_tarn/clock", "advance 20m", {"X-Tarn": "1", "Authorization": "Bearer adm1n"})
    same(r.status, 200, "twenty minutes later")
    for service, word, code, status in (("sts", "get_caller_identity", "ExpiredToken", 403), ("iam", "list_users", "ExpiredToken", 403),
                                        ("s3", "list_buckets", "ExpiredToken", 400), ("kinesis", "list_streams", "ExpiredTokenException", 400),
                                        ("apigateway", "get_rest_apis", "ExpiredTokenException", 403), ("mwaa", "list_environments", "ExpiredTokenException", 403)):
        refused(getattr(by(s, got, service), word), code, status, "expired", f"{service}: an expired session")


def buckets(s):
    s3, mine = admin(s, "s3"), alice(s, "s3")
    s3.put_object(Bucket="here", Key="a", Body=b"a")
    same(mine.get_object(Bucket="here", Key="a")["Body"].read(), b"a", "read")
    refused(mine.delete_object, "AccessDenied", 403, "s3:DeleteObject", "delete", Bucket="here", Key="a")
    same(mine.delete_objects(Bucket="here", Delete={"Objects": [{"Key": "a"}]})["Errors"][0]["Code"], "AccessDenied", "delete many")
    same(error(s3.get_bucket_policy, Bucket="here")[0], "NoSuchBucketPolicy", "no policy")
    refused(s3.put_bucket_policy, "MalformedPolicy", 400, "Policy has invalid resource", "another's resource", Bucket="here",
            Policy=policy("s3:*", "arn:aws:s3:::there/*", Principal="*"))
    refused(s3.put_bucket_policy, "MalformedPolicy", 400, "first byte must be '{'", "no JSON", Bucket="here", Policy="x")
    refused(s3.put_bucket_policy, "MalformedPolicy", 400, "Missing required field Principal", "for nobody", Bucket="here", Policy=policy("s3:*", "arn:aws:s3:::here"))
    document = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::here/*"},
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::here/public/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::here/never/*"}]}
    same(error(s3.put_bucket_policy, Bucket="here", Policy=json.dumps(document))[0], "AccessDenied", "the public access block refuses what lets everyone in")
    s3.delete_public_access_block(Bucket="here")
    s3.put_bucket_policy(Bucket="here", Policy=json.dumps(document))
    same(json.loads(s3.get_bucket_policy(Bucket="here")["Policy"]), document, "the policy comes back")
    same(s3.get_bucket_policy_status(Bucket="here")["PolicyStatus"]["IsPublic"], True, "it is public")
    mine.delete_object(Bucket="here", Key="a")
    s3.put_object(Bucket="here", Key="public/x", Body=b"x")
    anonymous = s.client("s3", signature_version=UNSIGNED)
    same(anonymous.get_object(Bucket="here", Key="public/x")["Body"].read(), b"x", "anyone reads what is public")
    refused(anonymous.get_object, "AccessDenied", 403, "Access Denied", "and nothing else", Bucket="here", Key="x")
    refused(s3.put_object, "AccessDenied", 403, "with an explicit deny in a resource-based policy", "a deny is for all", Bucket="here", Key="never/x", Body=b"")
    s3.delete_bucket_policy(Bucket="here")
    same(error(anonymous.get_object, Bucket="here", Key="public/x")[0], "AccessDenied", "the policy is gone")
    iam = admin(s, "iam")
    iam.create_user(UserName="carl")
    carl = by(s, iam.create_access_key(UserName="carl")["AccessKey"], "s3")
    iam.put_user_policy(UserName="carl", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::here", "Condition": {"StringLike": {"s3:prefix": "${aws:username}/*"}}},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::here/carl/*", "Condition": {
            "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "DateLessThan": {"aws:CurrentTime": "2026-01-06T00:00:00Z"},
            "StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}))
    carl.list_objects_v2(Bucket="here", Prefix="carl/x")
    same(error(carl.list_objects_v2, Bucket="here", Prefix="dora/")[0], "AccessDenied", "s3:prefix")
    same(error(carl.list_objects_v2, Bucket="here")[0], "AccessDenied", "no prefix at all")
    carl.put_object(Bucket="here", Key="carl/x", Body=b"x", ServerSideEncryption="AES256")
    same(error(carl.put_object, Bucket="here", Key="carl/x", Body=b"x")[0], "AccessDenied", "without the header that a condition asks for")
    refused(mine.copy_object, "AccessDenied", 403, "s3:PutObject", "copy", Bucket="here", Key="b", CopySource="here/public/x")


def streams(s):
    kinesis = admin(s, "kinesis")
    arn = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/flow"
    same(error(alice(s, "kinesis").put_record, StreamName="flow", Data=b"x", PartitionKey="k")[0], "AccessDeniedException", "not allowed")
    try:
        kinesis.put_resource_policy(ResourceARN=arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, "Action": "kinesis:PutRecord", "Resource": arn}]}))
    except AttributeError:
        return  # an older botocore
    alice(s, "kinesis").put_record(StreamName="flow", Data=b"x", PartitionKey="k")
    ok(True, "a stream's policy lets her")


def signed(s, url, method="GET", key="AKIAADMIN", secret="adm1n"):
    request = AWSRequest(method=method, url=url, data="")
    SigV4Auth(Credentials(key, secret), "execute-api", "us-east-1").add_auth(request)
    return call(method, url, headers=dict(request.headers))


def methods(s):
    api = admin(s, "apigateway")
    rest = api.create_rest_api(name="guarded")["id"]
    root = api.get_resources(restApiId=rest)["items"][0]["id"]
    api.put_method(restApiId=rest, resourceId=root, httpMethod="GET", authorizationType="AWS_IAM")
    api.put_integration(restApiId=rest, resourceId=root, httpMethod="GET", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    api.put_method_response(restApiId=rest, resourceId=root, httpMethod="GET", statusCode="200")
    api.put_integration_response(restApiId=rest, resourceId=root, httpMethod="GET", statusCode="200", responseTemplates={"application/json": "ok"})
    api.create_deployment(restApiId=rest, stageName="v1")
    url = f"{s.at['aws']}/restapis/{rest}/v1/_user_request_/"
    r = call("GET", url)
    same((r.status, r.headers["x-amzn-ErrorType"], r.json()), (403, "MissingAuthenticationTokenException", {"message": "Missing Authentication Token"}), "unsigned")
    same(signed(s, url).status, 200, "an administrator comes in")
    r = signed(s, url, key="AKIAALICE", secret="al1ce")
    same((r.status, r.headers["x-amzn-ErrorType"]), (403, "AccessDeniedException"), "alice does not")
    same(r.json(), {"Message": f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: execute-api:Invoke on resource: "
                               f"arn:aws:execute-api:us-east-1:********0000:{rest}/v1/GET/"}, "its words")
    r = signed(s, url, key="AKIANONE")
    same((r.status, r.headers["x-amzn-ErrorType"]), (403, "UnrecognizedClientException"), "an unknown key")
    same(signed(s, url, secret="wrong").headers["x-amzn-ErrorType"], "InvalidSignatureException", "a wrong secret")
    admin(s, "iam").put_user_policy(UserName="alice", PolicyName="invoke", PolicyDocument=policy("execute-api:Invoke", f"arn:aws:execute-api:*:*:{rest}/v1/GET/*"))
    same(signed(s, url, key="AKIAALICE", secret="al1ce").status, 200, "with a policy she does")


def planes(s):
    """Resources of the control planes by what names them; keys by their own policies."""
    iam, arn = admin(s, "iam"), f"arn:aws:%s:us-east-1:{ACCOUNT}:%s"
    iam.put_user_policy(UserName="alice", PolicyName="planes", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ssm:*Parameter*", "Resource": arn % ("ssm", "parameter/mine/*")},
        {"Effect": "Allow", "Action": "logs:*", "Resource": arn % ("logs", "log-group:mine:*")},
        {"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}]}))
    ssm, logs, kms = alice(s, "ssm"), alice(s, "logs"), alice(s, "kms")
    ssm.put_parameter(Name="/mine/a", Value="x", Type="String")
    same(ssm.get_parameter(Name="/mine/a")["Parameter"]["Value"], "x", "a parameter below the path")
    refused(ssm.put_parameter, "AccessDeniedException", 400, "ssm:PutParameter on resource: " + arn % ("ssm", "parameter/other"), "another parameter", Name="other",
            Value="x", Type="String")
    logs.create_log_group(logGroupName="mine")
    logs.create_log_stream(logGroupName="mine", logStreamName="s")
    refused(logs.delete_log_group, "AccessDeniedException", 400, arn % ("logs", "log-group:other:log-stream:"), "another group", logGroupName="other")
    key = kms.create_key()["KeyMetadata"]
    refused(kms.encrypt, "AccessDeniedException", 400, f"kms:Encrypt on resource: {key['Arn']} because no identity-based policy allows", "the key policy leaves it to IAM",
            KeyId=key["KeyId"], Plaintext=b"x")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, "Action": "kms:*", "Resource": "*"}]}
    admin(s, "kms").put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps(document))
    ok(kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"], "named by the key policy")
    refused(admin(s, "kms").describe_key, "AccessDeniedException", 400, "because no resource-based policy allows the kms:DescribeKey action",
            "an administrator whom the key policy doesn't name", KeyId=key["KeyId"])


def passing(s):
    """iam:PassRole of who hands a role to a service."""
    iam, connect = admin(s, "iam"), alice(s, "kafkaconnect")
    role = f"arn:aws:iam::{ACCOUNT}:role/reader"
    iam.put_user_policy(UserName="alice", PolicyName="connect", PolicyDocument=policy("kafkaconnect:*"))
    words = dict(connectorName="c", connectorConfiguration={"connector.class": "io.confluent.connect.s3.S3SinkConnector", "tasks.max": "1"},
                 capacity={"provisionedCapacity": {"mcuCount": 1, "workerCount": 1}}, kafkaConnectVersion="2.7.1", serviceExecutionRoleArn=role,
                 kafkaCluster={"apacheKafkaCluster": {"bootstrapServers": "b:9092", "vpc": {"securityGroups": ["sg-1"], "subnets": ["subnet-1"]}}},
                 kafkaClusterClientAuthentication={"authenticationType": "NONE"}, kafkaClusterEncryptionInTransit={"encryptionType": "PLAINTEXT"},
                 plugins=[{"customPlugin": {"customPluginArn": f"arn:aws:kafkaconnect:us-east-1:{ACCOUNT}:custom-plugin/p/x-1", "revision": 1}}])
    got = error(connect.create_connector, **words)
    ok(got[0] == "AccessDeniedException" and f"iam:PassRole on resource: {role}" in got[2], "a role that may not be passed", got)
    iam.put_user_policy(UserName="alice", PolicyName="pass", PolicyDocument=policy("iam:PassRole", role, Condition={
        "StringEquals": {"iam:PassedToService": "kafkaconnect.amazonaws.com"}}))
    got = error(connect.create_connector, **words)
    ok("iam:PassRole" not in got[2], "one that may", got)


def machines(s):
    """EC2's words, with a message that may be decoded; tags of the request and of a stream as conditions."""
    iam, sts = admin(s, "iam"), admin(s, "sts")
    refused(alice(s, "ec2").describe_vpcs, "UnauthorizedOperation", 403, "You are not authorized to perform this operation. User: ", "EC2")
    text = error(alice(s, "ec2").create_key_pair, KeyName="k")[2]
    ok("Encoded authorization failure message: " in text, "a message", text)
    said = json.loads(sts.decode_authorization_message(EncodedMessage=text.split("message: ")[1])["DecodedMessage"])
    same((said["explicitDeny"], said["context"]["action"]), (False, "ec2:CreateKeyPair"), "what it holds")
    refused(sts.decode_authorization_message, "InvalidAuthorizationMessageException", 400, "", "no message", EncodedMessage="x")
    iam.put_user_policy(UserName="alice", PolicyName="tags", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "ec2:CreateKeyPair", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/team": "blue"},
                                                                                         "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
        {"Effect": "Allow", "Action": "kinesis:PutRecord", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}]}))
    tags = lambda *t: [{"ResourceType": "key-pair", "Tags": [{"Key": k, "Value": v} for k, v in t]}]
    same(error(alice(s, "ec2").create_key_pair, KeyName="k", TagSpecifications=tags(("team", "red")))[0], "UnauthorizedOperation", "another tag")
    same(error(alice(s, "ec2").create_key_pair, KeyName="k", TagSpecifications=tags(("team", "blue"), ("x", "y")))[0], "UnauthorizedOperation", "a tag too many")
    same(alice(s, "ec2").create_key_pair(KeyName="k", TagSpecifications=tags(("team", "blue")))["KeyName"], "k", "the tag that is asked for")
    admin(s, "kinesis").create_stream(StreamName="tagged", ShardCount=1)
    admin(s, "kinesis").get_waiter("stream_exists").wait(StreamName="tagged", WaiterConfig={"Delay": 0})
    same(error(alice(s, "kinesis").put_record, StreamName="tagged", Data=b"x", PartitionKey="k")[0], "AccessDeniedException", "a stream without the tag")
    admin(s, "kinesis").add_tags_to_stream(StreamName="tagged", Tags={"team": "blue"})
    alice(s, "kinesis").put_record(StreamName="tagged", Data=b"x", PartitionKey="k")


def account(s):
    iam = admin(s, "iam")
    iam.create_account_alias(AccountAlias="tarn")
    same(iam.list_account_aliases()["AccountAliases"], ["tarn"], "an alias")
    same(iam.get_account_summary()["SummaryMap"]["AccessKeysPerUserQuota"], 2, "the summary")
    details = iam.get_account_authorization_details(Filter=["Role"])
    ok("reader" in [r["RoleName"] for r in details["RoleDetailList"]], "everything at once")
    arn = iam.create_open_id_connect_provider(Url="https://issuer.example.com/x", ClientIDList=["aud"], ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
    same(arn, f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example.com/x", "an identity provider")
    same(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"], ["aud"], "its audience")
    role = iam.create_service_linked_role(AWSServiceName="kafka.amazonaws.com")["Role"]
    same(role["Path"], "/aws-service-role/kafka.amazonaws.com/", "a service's role")
    refused(iam.delete_role, "UnmodifiableEntity", 400, "protected role", "it isn't dropped so", RoleName=role["RoleName"])
    task = iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    same(iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"], "SUCCEEDED", "but so")


def jwt(**claims):
    import base64
    part = lambda o: base64.urlsafe_b64encode(json.dumps(o).encode()).decode().rstrip("=")
    return f"{part({'alg': 'RS256'})}.{part(claims)}.{part('signature')}"


def anyone(s):
    """auth = off: any key is taken at its word, a session is who it was made for; a web identity's claims are looked at."""
    sts, iam = s.client("sts"), s.client("iam")
    same(sts.get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:root", "any key is the account's")
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringEquals": {"token.example.com:aud": "sts.amazonaws.com"}, "StringLike": {"token.example.com:sub": "repo:me/*"}}}]}))
    iam.create_open_id_connect_provider(Url="https://token.example.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["b" * 40])
    role = f"arn:aws:iam::{ACCOUNT}:role/ci"
    same(by(s, sts.assume_role(RoleArn=role, RoleSessionName="s1")["Credentials"], "sts").get_caller_identity()["Arn"],
         f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/s1", "a session is its role")
    web = s.client("sts", signature_version=UNSIGNED).assume_role_with_web_identity
    word = dict(RoleArn=role, RoleSessionName="run")
    got = web(WebIdentityToken=jwt(iss="https://token.example.com", aud="sts.amazonaws.com", sub="repo:me/x"), **word)
    same((got["SubjectFromWebIdentityToken"], got["Audience"]), ("repo:me/x", "sts.amazonaws.com"), "a web identity")
    same(by(s, got["Credentials"], "sts").get_caller_identity()["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run", "is its role")
    refused(web, "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity", "another subject",
            WebIdentityToken=jwt(iss="https://token.example.com", aud="sts.amazonaws.com", sub="repo:you/x"), **word)
    refused(web, "InvalidIdentityToken", 400, "Incorrect token audience", "another audience",
            WebIdentityToken=jwt(iss="https://token.example.com", aud="x", sub="repo:me/x"), **word)
    refused(web, "InvalidIdentityToken", 400, "No OpenIDConnect provider found", "another issuer",
            WebIdentityToken=jwt(iss="https://other.example.com", aud="sts.amazonaws.com", sub="repo:me/x"), **word)
    refused(web, "InvalidIdentityToken", 400, "not a valid JWT", "no token", WebIdentityToken="nothing", **word)


with Stack(conf=CONF, only="s3,kinesis,apigateway,airflow,aws", clock="2026-01-05T09:00:00Z") as stack:
    parts(identities, users, policies, roles, buckets, streams, methods, planes, passing, machines, account, expiry, args=(stack,))
with Stack(only="aws") as stack:
    parts(anyone, args=(stack,))
done()
