#!/usr/bin/python3
"""RDS's control plane through Debian's boto3 and the AWS CLI; logins by tokens of IAM through PyMySQL."""
import datetime
import hashlib
import hmac
import shutil
import ssl
import subprocess

from tarn import AWS, Stack, done, need, ok, parts, same, skip

boto3, botocore, pymysql = need("boto3", "botocore", "pymysql")
from botocore.exceptions import ClientError

HOST = "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com"


def refused(call, **args):
    try:
        return call(**args)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"].get("Message", "")


def code(call, **args):
    return refused(call, **args)[0]


def instances(stack, rds):
    own = rds.describe_db_instances()["DBInstances"]
    same([(i["DBInstanceIdentifier"], i["DBInstanceStatus"], i["Engine"], i["Endpoint"]["Address"], i["Endpoint"]["Port"], i["DBName"]) for i in own],
         [("pinterestdbreadonly", "available", "mysql", HOST, 3306, "pinterest_data")], "the stack's database")
    ok(own[0]["DBSubnetGroup"]["VpcId"].startswith("vpc-") and own[0]["VpcSecurityGroups"][0]["Status"] == "active" and len(own[0]["DBSubnetGroup"]["Subnets"]) == 3,
       "in the default VPC", own[0])
    same(refused(rds.describe_db_instances, DBInstanceIdentifier="none"), ("DBInstanceNotFound", "DBInstance none not found."), "no such instance")
    made = rds.create_db_instance(DBInstanceIdentifier="Mine", DBInstanceClass="db.t3.micro", Engine="mysql", MasterUsername="me", MasterUserPassword="secret12",
                                  AllocatedStorage=30, Tags=[{"Key": "a", "Value": "b"}])["DBInstance"]
    same((made["DBInstanceIdentifier"], made["DBInstanceStatus"], made.get("Endpoint")), ("mine", "creating", None), "CreateDBInstance")
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="mine", WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    got = rds.describe_db_instances(DBInstanceIdentifier="mine")["DBInstances"][0]
    ok(got["Endpoint"]["Address"].startswith("mine.c") and got["Endpoint"]["Address"].endswith(".us-east-1.rds.amazonaws.com"), "its name", got["Endpoint"])
    same((got["AllocatedStorage"], got["TagList"]), (30, [{"Key": "a", "Value": "b"}]), "its storage and tags")
    same(code(rds.create_db_instance, DBInstanceIdentifier="mine", DBInstanceClass="c", Engine="mysql", MasterUsername="me", MasterUserPassword="secret12"),
         "DBInstanceAlreadyExists", "twice")
    same(code(rds.create_db_instance, DBInstanceIdentifier="x", DBInstanceClass="c", Engine="oracle"), "InvalidParameterValue", "an engine that isn't kept")
    same(rds.modify_db_instance(DBInstanceIdentifier="mine", AllocatedStorage=40, DeletionProtection=True)["DBInstance"]["DBInstanceStatus"], "modifying", "ModifyDBInstance")
    same(rds.stop_db_instance(DBInstanceIdentifier="mine")["DBInstance"]["DBInstanceStatus"], "stopping", "StopDBInstance")
    same(code(rds.reboot_db_instance, DBInstanceIdentifier="mine"), "InvalidDBInstanceState", "what is stopped can't be rebooted")
    rds.start_db_instance(DBInstanceIdentifier="mine")
    same(code(rds.delete_db_instance, DBInstanceIdentifier="mine", SkipFinalSnapshot=True), "InvalidParameterCombination", "protected")
    rds.modify_db_instance(DBInstanceIdentifier="mine", DeletionProtection=False)
    same(rds.delete_db_instance(DBInstanceIdentifier="mine", SkipFinalSnapshot=True)["DBInstance"]["DBInstanceStatus"], "deleting", "DeleteDBInstance")
    same(code(rds.describe_db_instances, DBInstanceIdentifier="mine"), "DBInstanceNotFound", "gone")
    arn = own[0]["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "k", "Value": "v"}])
    same(rds.list_tags_for_resource(ResourceName=arn)["TagList"], [{"Key": "k", "Value": "v"}], "tags")
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["k"])
    same(rds.list_tags_for_resource(ResourceName=arn)["TagList"], [], "taken away")


def groups(stack, rds):
    ec2 = stack.client("ec2")
    nets = [n["SubnetId"] for n in ec2.describe_subnets()["Subnets"]]
    made = rds.create_db_subnet_group(DBSubnetGroupName="G", DBSubnetGroupDescription="d", SubnetIds=nets[:2])["DBSubnetGroup"]
    same((made["DBSubnetGroupName"], len(made["Subnets"])), ("g", 2), "a subnet group")
    same(code(rds.create_db_subnet_group, DBSubnetGroupName="h", DBSubnetGroupDescription="d", SubnetIds=nets[:1]), "DBSubnetGroupDoesNotCoverEnoughAZs", "one zone")
    same(code(rds.create_db_subnet_group, DBSubnetGroupName="h", DBSubnetGroupDescription="d", SubnetIds=["subnet-1"]), "InvalidSubnet", "no subnet")
    rds.delete_db_subnet_group(DBSubnetGroupName="g")
    same(code(rds.describe_db_subnet_groups, DBSubnetGroupName="g"), "DBSubnetGroupNotFoundFault", "gone")
    rds.create_db_parameter_group(DBParameterGroupName="p", DBParameterGroupFamily="mysql8.0", Description="d")
    rds.modify_db_parameter_group(DBParameterGroupName="p", Parameters=[{"ParameterName": "max_connections", "ParameterValue": "10", "ApplyMethod": "immediate"}])
    same([(p["ParameterName"], p["ParameterValue"]) for p in rds.describe_db_parameters(DBParameterGroupName="p")["Parameters"]], [("max_connections", "10")],
         "a parameter group")
    rds.delete_db_parameter_group(DBParameterGroupName="p")
    same(code(rds.describe_db_parameter_groups, DBParameterGroupName="p"), "DBParameterGroupNotFound", "gone")
    ok("8.0.35" in [v["EngineVersion"] for v in rds.describe_db_engine_versions(Engine="mysql")["DBEngineVersions"]], "engine versions")


def command_line(stack, rds):
    out = stack.aws("rds", "describe-db-instances", "--query", "DBInstances[].Endpoint.Address", "--output", "text")
    same(out.stdout.strip(), HOST, "aws rds describe-db-instances")
    out = stack.aws("rds", "describe-db-instances", "--db-instance-identifier", "none")
    ok("DBInstanceNotFound" in out.stderr, "aws rds: no such instance", out.stderr)


def signed(host, port, minutes):
    """A token that was made some minutes ago."""
    at = (datetime.datetime.utcnow() - datetime.timedelta(minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{at[:8]}/us-east-1/rds-db/aws4_request"
    query = (f"Action=connect&DBUser=db_user&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAGOOD%2F{scope.replace('/', '%2F')}&X-Amz-Date={at}"
             "&X-Amz-Expires=900&X-Amz-SignedHeaders=host")
    request = f"GET\n/\n{query}\nhost:{host}:{port}\n\nhost\n{hashlib.sha256().hexdigest()}"
    key = b"AWS4secret"
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    return f"{host}:{port}/?{query}&X-Amz-Signature={hmac.digest(key, text.encode(), 'sha256').hex()}"


def tokens(stack):
    host, port = stack.address("rds")
    rds = boto3.client("rds", endpoint_url=stack.at["aws"], region_name="us-east-1", aws_access_key_id="AKIAGOOD", aws_secret_access_key="secret")
    wrong = boto3.client("rds", endpoint_url=stack.at["aws"], region_name="us-east-1", aws_access_key_id="AKIAGOOD", aws_secret_access_key="other")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def login(password, user="db_user", tls=True):
        try:
            with pymysql.connect(host=host, port=port, user=user, password=password, ssl=context if tls else None, ssl_disabled=not tls) as c, c.cursor() as at:
                at.execute("SELECT CURRENT_USER()")
                return at.fetchall()[0][0].split("@")[0]
        except pymysql.err.OperationalError as e:
            return e.args[0]

    token = rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername="db_user")
    same(login(token), "db_user", "a token over TLS")
    same(login(token, tls=False), 1045, "in clear it is refused")
    same(login(token[:-1] + ("0" if token[-1] != "0" else "1")), 1045, "another signature")
    same(login(wrong.generate_db_auth_token(DBHostname=host, Port=port, DBUsername="db_user")), 1045, "another secret")
    same(login(rds.generate_db_auth_token(DBHostname=host, Port=port, DBUsername="somebody")), 1045, "another user's")
    same([login("x"), login(""), login("a/?Action=connect")], [1045] * 3, "no tokens")
    same(login("pw", user="plain", tls=False), "plain", "a password")
    same(login("no", user="plain", tls=False), 1045, "a wrong one")

    same(login(signed(host, port, minutes=1)), "db_user", "a token of a minute ago")
    same(login(signed(host, port, minutes=16)), 1045, "a token of 16 minutes ago")
    if not (mysql := shutil.which("mariadb") or shutil.which("mysql")):
        skip("the mariadb client", "it is not here")
        return
    out = subprocess.run([mysql, f"--host={host}", f"--port={port}", "--user=db_user", f"--password={token}", "--ssl", "--ssl-verify-server-cert=off", "-Ne", "SELECT 7"],
                         capture_output=True, text=True, timeout=60, check=False)
    same((out.stdout.strip(), out.returncode), ("7", 0), "the mariadb client" if not out.returncode else f"the mariadb client: {out.stderr}")


with Stack() as it:
    parts(instances, groups, *([command_line] if AWS else []), args=(it, it.client("rds")))
CONF = """[stack]
auth = verify
[identities]
AKIAGOOD = secret
[rds]
iam_users = somebody, db_user
[rds.users]
plain = pw
"""
with Stack(only="rds,aws", conf=CONF) as it:
    parts(tokens, args=(it,))
done()
