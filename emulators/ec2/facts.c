/* EC2: what is the same for everyone: regions, zones, the image, types; and what there is none of here. */
#include "ec2/ec2.h"

const char *ec2_zone(struct aws_call *c, int i)
{
	return arena_printf(c->arena, "%s%c", c->at.region, 'a' + i).p;
}

static int list(struct aws_call *c, const char *name, json_t *items, const struct ec2_filter *filters)
{
	json_t *left = json_array(), *one;
	size_t i;
	int rc = 0;
	json_array_foreach(items, i, one)
		if (rc >= 0 && (rc = ec2_fits(c, filters, one)) > 0)
			json_array_append(left, one);
	json_decref(items);
	json_object_set_new(c->out, name, left);
	return rc < 0 ? rc : 0;
}

static bool is_asked(struct aws_call *c, const char *param, const char *name)
{
	const json_t *names = json_object_get(c->in, param), *one;
	size_t i;
	json_array_foreach(names, i, one)
		if (!strcmp(json_string_value(one), name))
			return true;
	return !json_array_size(names);
}

int ec2_describe_zones(struct aws_call *c)
{
	static const struct ec2_filter filters[] = {
		{ "zone-name", "zoneName" }, { "zone-id", "zoneId" }, { "region-name", "regionName" }, { "state", "zoneState" }, { "zone-type", "zoneType" },
		{ "opt-in-status", "optInStatus" }, { "group-name", "groupName" }, { NULL },
	};
	json_t *items = json_array(), *name;
	size_t i, j;
	for (i = 0; i < 3; i++)
		if (is_asked(c, "ZoneName", ec2_zone(c, (int)i)))
			json_array_append_new(items, json_pack("{s:s, s:s, s:[], s:s, s:s, s:o, s:s, s:s, s:s}", "zoneName", ec2_zone(c, (int)i), "zoneState", "available",
							       "messageSet", "regionName", c->at.region, "optInStatus", "opt-in-not-required", "zoneId",
							       json_sprintf("use1-az%zu", i + 1), "groupName", c->at.region, "networkBorderGroup", c->at.region,
							       "zoneType", "availability-zone"));
	json_array_foreach(json_object_get(c->in, "ZoneName"), j, name) {
		for (i = 0; i < 3 && strcmp(json_string_value(name), ec2_zone(c, (int)i)); i++)
			;
		if (i == 3) {
			json_decref(items);
			return aws_refuse(c, 400, "InvalidParameterValue", "Invalid availability zone: [%s]", json_string_value(name));
		}
	}
	return list(c, "availabilityZoneInfo", items, filters);
}

int ec2_describe_regions(struct aws_call *c)
{
	static const struct ec2_filter filters[] = { { "region-name", "regionName" }, { "endpoint", "regionEndpoint" }, { "opt-in-status", "optInStatus" }, { NULL } };
	static const char *const names[] = { "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3",
					     "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "sa-east-1" };
	json_t *items = json_array();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (is_asked(c, "RegionName", names[i]))
			json_array_append_new(items, json_pack("{s:s, s:o, s:s}", "regionName", names[i], "regionEndpoint", json_sprintf("ec2.%s.amazonaws.com", names[i]),
							       "optInStatus", "opt-in-not-required"));
	return list(c, "regionInfo", items, filters);
}

int ec2_describe_account(struct aws_call *c)
{
	json_t *vpc, *items = json_array();
	const char *id = "none";
	int rc = ec2_begin(c);
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_vpcs.kind); (vpc = aws_next(&w));)
		if (jtrue(vpc, "isDefault"))
			id = jstr(vpc, "vpcId");
	const char *all[][2] = { { "supported-platforms", "VPC" }, { "default-vpc", id }, { "max-instances", "20" }, { "vpc-max-security-groups-per-interface", "5" },
				 { "max-elastic-ips", "5" }, { "vpc-max-elastic-ips", "5" } };
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (is_asked(c, "AttributeName", all[i][0]))
			json_array_append_new(items, json_pack("{s:s, s:[{s:s}]}", "attributeName", all[i][0], "attributeValueSet", "attributeValue", all[i][1]));
	json_object_set_new(c->out, "accountAttributeSet", items);
	return rc;
}

int ec2_describe_images(struct aws_call *c)
{
	static const struct ec2_filter filters[] = {
		{ "name", "name" }, { "image-id", "imageId" }, { "architecture", "architecture" }, { "virtualization-type", "virtualizationType" },
		{ "root-device-type", "rootDeviceType" }, { "state", "imageState" }, { "owner-alias", "imageOwnerAlias" }, { "owner-id", "imageOwnerId" },
		{ "is-public", "isPublic" }, { "platform", "platform" }, { "description", "description" }, { "hypervisor", "hypervisor" },
		{ "image-type", "imageType" }, { "ena-support", "enaSupport" }, { "block-device-mapping.volume-type", "blockDeviceMapping.ebs.volumeType" },
		{ "platform-details", "platformDetails" }, { NULL },
	};
	json_t *id;
	size_t i;
	json_array_foreach(json_object_get(c->in, "ImageId"), i, id)
		if (strcmp(json_string_value(id), EC2_IMAGE))
			return aws_refuse(c, 400, "InvalidAMIID.NotFound", "The image id '[%s]' does not exist", json_string_value(id));
	json_t *image = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:[{s:s, s:{s:i, s:s, s:b, s:b}}], s:[]}",
				  "imageId", EC2_IMAGE, "imageLocation", "amazon/al2023-ami-2023.6.20260105.0-kernel-6.1-x86_64", "imageState", "available",
				  "imageOwnerId", "137112412989", "creationDate", "2026-01-01T00:00:00.000Z", "isPublic", 1, "architecture", "x86_64", "imageType",
				  "machine", "imageOwnerAlias", "amazon", "name", "al2023-ami-2023.6.20260105.0-kernel-6.1-x86_64", "description",
				  "Amazon Linux 2023 AMI, kept as a document: nothing boots it", "rootDeviceType", "ebs", "rootDeviceName", "/dev/xvda",
				  "virtualizationType", "hvm", "enaSupport", 1, "hypervisor", "xen", "platformDetails", "Linux/UNIX", "blockDeviceMapping", "deviceName",
				  "/dev/xvda", "ebs", "volumeSize", 8, "volumeType", "gp3", "deleteOnTermination", 1, "encrypted", 0, "tagSet");
	json_t *items = json_array();
	if (is_asked(c, "Owner", "amazon") || is_asked(c, "Owner", "137112412989"))
		json_array_append(items, image);
	json_decref(image);
	return list(c, "imagesSet", items, filters);
}

int ec2_describe_types(struct aws_call *c)
{
	static const struct ec2_filter filters[] = { { "instance-type", "instanceType" }, { "current-generation", "currentGeneration" },
						     { "free-tier-eligible", "freeTierEligible" }, { NULL } };
	static const struct {
		const char *name;
		int cpus, mib;
	} types[] = { { "t2.micro", 1, 1024 }, { "t2.small", 1, 2048 }, { "t2.medium", 2, 4096 }, { "t3.micro", 2, 1024 }, { "t3.small", 2, 2048 },
		      { "t3.medium", 2, 4096 }, { "t3.large", 2, 8192 }, { "m5.large", 2, 8192 }, { "m5.xlarge", 4, 16384 } };
	json_t *items = json_array(), *name;
	size_t i, j;
	json_array_foreach(json_object_get(c->in, "InstanceType"), j, name) {
		for (i = 0; i < ARRAY_LEN(types) && strcmp(types[i].name, json_string_value(name)); i++)
			;
		if (i == ARRAY_LEN(types)) {
			json_decref(items);
			return aws_refuse(c, 400, "InvalidInstanceType", "The following supplied instance types do not exist: [%s]", json_string_value(name));
		}
	}
	for (i = 0; i < ARRAY_LEN(types); i++)
		if (is_asked(c, "InstanceType", types[i].name))
			json_array_append_new(items, json_pack("{s:s, s:b, s:b, s:b, s:[s], s:[s], s:{s:[s]}, s:{s:i}, s:{s:i}, s:b}", "instanceType", types[i].name,
							       "currentGeneration", 1, "freeTierEligible", !strcmp(types[i].name, "t2.micro"), "bareMetal", 0,
							       "supportedUsageClasses", "on-demand", "supportedVirtualizationTypes", "hvm", "processorInfo",
							       "supportedArchitectures", "x86_64", "vCpuInfo", "defaultVCpus", types[i].cpus, "memoryInfo",
							       "sizeInMiB", types[i].mib, "burstablePerformanceSupported", types[i].name[0] == 't'));
	return list(c, "instanceTypeSet", items, filters);
}

static int none(struct aws_call *c, const char *set)
{
	int rc = ec2_begin(c);
	json_object_set_new(c->out, set, json_array());
	return rc;
}

int ec2_describe_addresses(struct aws_call *c)
{
	return none(c, "addressesSet");
}

int ec2_describe_nat_gateways(struct aws_call *c)
{
	return none(c, "natGatewaySet");
}

int ec2_describe_interfaces(struct aws_call *c)
{
	return none(c, "networkInterfaceSet");
}
