#!/usr/bin/python3
"""EC2's documents through Debian's boto3 and the AWS CLI: the stack's machine, networks, groups, endpoints, key pairs, made machines."""
import shutil
import subprocess

from tarn import AWS, TMP, USER, Stack, done, need, ok, parts, same, skip

boto3, botocore = need("boto3", "botocore")
from botocore.exceptions import ClientError


def refused(call, **args):
    try:
        return call(**args)
    except ClientError as e:
        return e.response["Error"]["Code"], e.response["Error"].get("Message", "")


def code(call, **args):
    return refused(call, **args)[0]


def by(**filters):
    return [{"Name": k.replace("_", "-"), "Values": v if isinstance(v, list) else [v]} for k, v in filters.items()]


def machine(stack, ec2):
    found = ec2.describe_instances()["Reservations"]
    one = found[0]["Instances"][0]
    same((len(found), one["State"], one["PublicDnsName"], one["PublicIpAddress"], one["KeyName"], one["Tags"]),
         (1, {"Code": 16, "Name": "running"}, "ec2-54-82-14-231.compute-1.amazonaws.com", "54.82.14.231", f"{USER}-key-pair", [{"Key": "Name", "Value": USER}]),
         "the client machine")
    ok(one["InstanceId"].startswith("i-0") and one["LaunchTime"].year > 2000 and one["Placement"]["AvailabilityZone"] == "us-east-1a", "its id, time, zone", one)
    same(one["IamInstanceProfile"]["Arn"], f"arn:aws:iam::000000000000:instance-profile/{USER}-ec2-access-role", "its role")
    find = lambda **f: sum(len(r["Instances"]) for r in ec2.describe_instances(Filters=by(**f))["Reservations"])
    same([find(instance_state_name="running"), find(instance_state_name="stopped"), find(dns_name="ec2-54-*"), find(key_name="?" + USER[1:] + "*"),
          find(**{"tag:Name": [USER, "x"]}), find(**{"tag-key": "No"})], [1, 0, 1, 1, 1, 0], "filters")
    same(code(ec2.describe_instances, Filters=by(nope="x")), "InvalidParameterValue", "no such filter")
    same(refused(ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"]), ("InvalidInstanceID.NotFound", "The instance ID 'i-0123456789abcdef0' does not exist"),
         "no such machine")
    same(code(ec2.describe_instances, InstanceIds=["x"]), "InvalidInstanceID.Malformed", "no id")
    pair = ec2.describe_key_pairs(KeyNames=[f"{USER}-key-pair"])["KeyPairs"][0]
    same((pair["KeyType"], len(pair["KeyFingerprint"])), ("rsa", 59), "its key pair")
    pem = stack.client("ssm").get_parameter(Name=f"/ec2/keypair/{pair['KeyPairId']}", WithDecryption=True)["Parameter"]["Value"]
    ok(pem.startswith("-----BEGIN RSA PRIVATE KEY-----"), "the private half is in Parameter Store")
    same(ec2.describe_instance_status()["InstanceStatuses"][0]["InstanceStatus"]["Status"], "ok", "its status")
    endpoint = ec2.describe_vpc_endpoints()["VpcEndpoints"][0]
    same((endpoint["ServiceName"], endpoint["VpcEndpointType"], endpoint["State"]), ("com.amazonaws.us-east-1.s3", "Gateway", "available"), "the endpoint to S3")


def defaults(stack, ec2):
    vpc = ec2.describe_vpcs(Filters=by(**{"is-default": "true"}))["Vpcs"][0]
    same((vpc["CidrBlock"], vpc["IsDefault"], vpc["State"]), ("172.31.0.0/16", True, "available"), "the default VPC")
    nets = ec2.describe_subnets(Filters=by(vpc_id=vpc["VpcId"]))["Subnets"]
    same(sorted(n["AvailabilityZone"] for n in nets), ["us-east-1a", "us-east-1b", "us-east-1c"], "its subnets")
    group = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]
    same((group["VpcId"], group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"], group["IpPermissionsEgress"][0]["IpRanges"]),
         (vpc["VpcId"], group["GroupId"], [{"CidrIp": "0.0.0.0/0"}]), "its group")
    same(len(ec2.describe_route_tables(Filters=by(**{"association.main": "true"}))["RouteTables"][0]["Routes"]), 2, "its main route table")
    same(ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute="enableDnsSupport")["EnableDnsSupport"]["Value"], True, "its attributes")
    same([z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]], ["us-east-1a", "us-east-1b", "us-east-1c"], "zones")
    ok("eu-west-1" in [r["RegionName"] for r in ec2.describe_regions()["Regions"]], "regions")
    same({a["AttributeName"]: a["AttributeValues"][0]["AttributeValue"] for a in ec2.describe_account_attributes()["AccountAttributes"]}["default-vpc"],
         vpc["VpcId"], "account attributes")
    same(len(ec2.describe_images(Owners=["amazon"], Filters=by(name="al2023-ami-*"))["Images"]), 1, "an image")
    west = boto3.client("ec2", endpoint_url=stack.at["aws"], region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    same((len(west.describe_vpcs()["Vpcs"]), west.describe_instances()["Reservations"]), (1, []), "another region has a default VPC and no machine")
    ok(west.describe_vpcs()["Vpcs"][0]["VpcId"] != vpc["VpcId"], "of its own")


def networks(stack, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "mine"}]}])["Vpc"]["VpcId"]
    same(code(ec2.create_vpc, CidrBlock="10.0.0.0/8"), "InvalidVpc.Range", "too large a VPC")
    same(code(ec2.create_vpc, CidrBlock="nonsense"), "InvalidParameterValue", "no block")
    net = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]
    same((net["AvailableIpAddressCount"], net["AvailabilityZone"]), (251, "us-east-1b"), "a subnet")
    same(code(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.1.128/25"), "InvalidSubnet.Conflict", "twice the same addresses")
    same(code(ec2.create_subnet, VpcId=vpc, CidrBlock="10.1.0.0/24"), "InvalidSubnet.Range", "outside of the VPC")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    same(code(ec2.attach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc), "Resource.AlreadyAssociated", "attached twice")
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    same(code(ec2.create_route, RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway), "RouteAlreadyExists", "a route twice")
    link = ec2.associate_route_table(RouteTableId=table, SubnetId=net["SubnetId"])["AssociationId"]
    same(ec2.describe_route_tables(Filters=by(**{"association.subnet-id": net["SubnetId"]}))["RouteTables"][0]["RouteTableId"], table, "found by its subnet")
    end = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table])["VpcEndpoint"]
    same((end["RouteTableIds"], end["State"]), ([table], "available"), "an endpoint")
    ec2.modify_vpc_endpoint(VpcEndpointId=end["VpcEndpointId"], RemoveRouteTableIds=[table])
    same(ec2.describe_vpc_endpoints(VpcEndpointIds=[end["VpcEndpointId"]])["VpcEndpoints"][0]["RouteTableIds"], [], "without the table")
    same(code(ec2.create_vpc_endpoint, VpcId=vpc, ServiceName="nope"), "InvalidServiceName", "no such service")
    group = ec2.create_security_group(GroupName="web", Description="d", VpcId=vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 9092, "ToPort": 9098, "IpRanges": [{"CidrIp": "10.0.0.0/16", "Description": "kafka"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    shown = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"][0]
    same({k: shown[k] for k in rule}, rule, "a rule")
    same(code(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule]), "InvalidPermission.Duplicate", "a rule twice")
    same(code(ec2.revoke_security_group_ingress, GroupId=group, IpProtocol="udp", FromPort=1, ToPort=1, CidrIp="0.0.0.0/0"), "InvalidPermission.NotFound", "no such rule")
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])
    same(ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"], [], "taken away")
    same(code(ec2.delete_vpc, VpcId=vpc), "DependencyViolation", "a VPC with something in it stays")
    ec2.create_tags(Resources=[vpc, group], Tags=[{"Key": "team", "Value": "data"}])
    same(sorted(t["ResourceType"] for t in ec2.describe_tags(Filters=by(key="team"))["Tags"]), ["security-group", "vpc"], "tags")
    ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "team"}])
    same([t["Key"] for t in ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"]], ["Name"], "taken away")
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[end["VpcEndpointId"]])
    ec2.disassociate_route_table(AssociationId=link)
    ec2.delete_route_table(RouteTableId=table)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_subnet(SubnetId=net["SubnetId"])
    ec2.delete_vpc(VpcId=vpc)
    same(code(ec2.describe_vpcs, VpcIds=[vpc]), "InvalidVpcID.NotFound", "all gone")
    same(ec2.describe_network_acls(Filters=by(vpc_id=vpc))["NetworkAcls"], [], "and its ACL")


def machines(stack, ec2):
    made = ec2.run_instances(ImageId="ami-0c02fb55956c7d316", InstanceType="t3.micro", MinCount=2, MaxCount=2, KeyName=f"{USER}-key-pair",
                             TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "worker"}]}])
    ids = [i["InstanceId"] for i in made["Instances"]]
    same([i["State"]["Name"] for i in made["Instances"]], ["pending"] * 2, "RunInstances")
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    same(len(ec2.describe_instances(InstanceIds=ids)["Reservations"]), 1, "of one reservation")
    same(ec2.stop_instances(InstanceIds=ids[:1])["StoppingInstances"][0]["CurrentState"]["Name"], "stopping", "StopInstances")
    one = ec2.describe_instances(InstanceIds=ids[:1])["Reservations"][0]["Instances"][0]
    same((one["State"]["Name"], one.get("PublicIpAddress")), ("stopped", None), "is stopped, without an address")
    same(code(ec2.reboot_instances, InstanceIds=ids[:1]), "IncorrectInstanceState", "what is stopped can't be rebooted")
    ec2.start_instances(InstanceIds=ids[:1])
    ok("PublicIpAddress" in ec2.describe_instances(InstanceIds=ids[:1])["Reservations"][0]["Instances"][0], "started again")
    ec2.modify_instance_attribute(InstanceId=ids[0], DisableApiTermination={"Value": True})
    same(code(ec2.terminate_instances, InstanceIds=ids), "OperationNotPermitted", "protected")
    ec2.modify_instance_attribute(InstanceId=ids[0], DisableApiTermination={"Value": False})
    same(ec2.terminate_instances(InstanceIds=ids)["TerminatingInstances"][0]["CurrentState"]["Name"], "shutting-down", "TerminateInstances")
    same(code(ec2.start_instances, InstanceIds=ids[:1]), "IncorrectInstanceState", "and no more")
    same(code(ec2.run_instances, ImageId="ami-1", MinCount=1, MaxCount=1, KeyName="none"), "InvalidKeyPair.NotFound", "no such key pair")
    same(code(ec2.run_instances, ImageId="ami-1", MinCount=1, MaxCount=1, DryRun=True), "DryRunOperation", "DryRun")


def pairs(stack, ec2):
    for kind in ("rsa", "ed25519"):
        made = ec2.create_key_pair(KeyName="k-" + kind, KeyType=kind)
        path = f"{TMP}/{kind}.pem"
        with open(path, "w", encoding="utf-8", opener=lambda p, f: __import__("os").open(p, f, 0o600)) as f:
            f.write(made["KeyMaterial"])
        if not shutil.which("ssh-keygen"):
            skip(f"{kind}: ssh takes it", "ssh-keygen is not here")
            continue
        public = subprocess.run(["ssh-keygen", "-y", "-f", path], capture_output=True, text=True, check=False)
        ok(public.returncode == 0, f"{kind}: ssh takes it", public.stderr)
        got = ec2.import_key_pair(KeyName="i-" + kind, PublicKeyMaterial=public.stdout.encode())
        look = subprocess.run(["ssh-keygen", "-l", "-E", "md5" if kind == "rsa" else "sha256", "-f", path], capture_output=True, text=True, check=False)
        ok(kind == "rsa" or got["KeyFingerprint"].rstrip("=") in look.stdout, f"{kind}: imported, with its fingerprint", (got, look.stdout))
    same(code(ec2.create_key_pair, KeyName="k-rsa"), "InvalidKeyPair.Duplicate", "a pair twice")
    same(code(ec2.import_key_pair, KeyName="x", PublicKeyMaterial=b"nonsense"), "InvalidKey.Format", "no key")
    ec2.delete_key_pair(KeyName="k-rsa")
    same(code(ec2.describe_key_pairs, KeyNames=["k-rsa"]), "InvalidKeyPair.NotFound", "deleted")


def command_line(stack, ec2):
    out = stack.aws("ec2", "describe-instances", "--query", "Reservations[].Instances[].PublicDnsName", "--output", "text")
    same(out.stdout.strip(), "ec2-54-82-14-231.compute-1.amazonaws.com", "aws ec2 describe-instances")
    out = stack.aws("ec2", "describe-vpcs", "--filters", "Name=isDefault,Values=true", "--query", "Vpcs[0].CidrBlock", "--output", "text")
    same(out.stdout.strip(), "172.31.0.0/16", "aws ec2 describe-vpcs")
    out = stack.aws("ec2", "describe-vpcs", "--vpc-ids", "vpc-1")
    ok("InvalidVpcID.NotFound" in out.stderr, "aws ec2: no such VPC", out.stderr)


with Stack() as it:
    client = it.client("ec2")
    parts(machine, defaults, networks, machines, pairs, *([command_line] if AWS else []), args=(it, client))
    before = [client.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"], client.describe_vpcs()["Vpcs"]]
    it.stop()
    it.up()
    client = it.client("ec2")
    same([client.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"], client.describe_vpcs()["Vpcs"]], before, "the same after a restart")
done()
