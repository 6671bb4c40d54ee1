/* EC2: what all kinds of documents share. */
#include "ec2/ec2.h"

#include <ctype.h>

static const struct ec2_filter vpc_filters[] = {
	{ "vpc-id", "vpcId" }, { "cidr", "cidrBlock" }, { "cidr-block", "cidrBlock" }, { "is-default", "isDefault" }, { "isDefault", "isDefault" },
	{ "state", "state" }, { "owner-id", "ownerId" }, { "dhcp-options-id", "dhcpOptionsId" }, { "cidr-block-association.cidr-block",
	"cidrBlockAssociationSet.cidrBlock" }, { NULL },
};
static const struct ec2_filter subnet_filters[] = {
	{ "subnet-id", "subnetId" }, { "vpc-id", "vpcId" }, { "availability-zone", "availabilityZone" }, { "availabilityZone", "availabilityZone" },
	{ "availability-zone-id", "availabilityZoneId" }, { "cidr", "cidrBlock" }, { "cidr-block", "cidrBlock" }, { "default-for-az", "defaultForAz" },
	{ "defaultForAz", "defaultForAz" }, { "state", "state" }, { "owner-id", "ownerId" }, { "map-public-ip-on-launch", "mapPublicIpOnLaunch" },
	{ NULL },
};
static const struct ec2_filter table_filters[] = {
	{ "route-table-id", "routeTableId" }, { "vpc-id", "vpcId" }, { "owner-id", "ownerId" }, { "association.main", "associationSet.main" },
	{ "association.subnet-id", "associationSet.subnetId" }, { "association.route-table-id", "associationSet.routeTableId" },
	{ "association.route-table-association-id", "associationSet.routeTableAssociationId" }, { "association.gateway-id", "associationSet.gatewayId" },
	{ "route.gateway-id", "routeSet.gatewayId" }, { "route.destination-cidr-block", "routeSet.destinationCidrBlock" }, { NULL },
};
static const struct ec2_filter gateway_filters[] = {
	{ "internet-gateway-id", "internetGatewayId" }, { "owner-id", "ownerId" }, { "attachment.vpc-id", "attachmentSet.vpcId" },
	{ "attachment.state", "attachmentSet.state" }, { NULL },
};
static const struct ec2_filter acl_filters[] = {
	{ "network-acl-id", "networkAclId" }, { "vpc-id", "vpcId" }, { "default", "default" }, { "owner-id", "ownerId" },
	{ "association.subnet-id", "associationSet.subnetId" }, { NULL },
};
static const struct ec2_filter endpoint_filters[] = {
	{ "vpc-endpoint-id", "vpcEndpointId" }, { "vpc-id", "vpcId" }, { "service-name", "serviceName" }, { "vpc-endpoint-type", "vpcEndpointType" },
	{ "vpc-endpoint-state", "state" }, { "ip-address-type", "ipAddressType" }, { NULL },
};
static const struct ec2_filter group_filters[] = {
	{ "group-id", "groupId" }, { "group-name", "groupName" }, { "vpc-id", "vpcId" }, { "description", "groupDescription" }, { "owner-id", "ownerId" },
	{ "ip-permission.cidr", "ipPermissions.ipRanges.cidrIp" }, { "ip-permission.from-port", "ipPermissions.fromPort" },
	{ "ip-permission.to-port", "ipPermissions.toPort" }, { "ip-permission.protocol", "ipPermissions.ipProtocol" },
	{ "ip-permission.group-id", "ipPermissions.groups.groupId" }, { NULL },
};
static const struct ec2_filter instance_filters[] = {
	{ "instance-id", "instanceId" }, { "instance-state-name", "instanceState.name" }, { "instance-state-code", "instanceState.code" },
	{ "instance-type", "instanceType" }, { "image-id", "imageId" }, { "key-name", "keyName" }, { "vpc-id", "vpcId" }, { "subnet-id", "subnetId" },
	{ "availability-zone", "placement.availabilityZone" }, { "dns-name", "dnsName" }, { "ip-address", "ipAddress" },
	{ "private-dns-name", "privateDnsName" }, { "private-ip-address", "privateIpAddress" }, { "instance.group-id", "groupSet.groupId" },
	{ "instance.group-name", "groupSet.groupName" }, { "group-id", "groupSet.groupId" }, { "group-name", "groupSet.groupName" },
	{ "iam-instance-profile.arn", "iamInstanceProfile.arn" }, { "reservation-id", "_reservation" }, { "owner-id", "_owner" },
	{ "architecture", "architecture" }, { "tenancy", "placement.tenancy" }, { "root-device-type", "rootDeviceType" }, { "client-token", "clientToken" },
	{ NULL },
};
static const struct ec2_filter volume_filters[] = {
	{ "volume-id", "volumeId" }, { "attachment.instance-id", "attachmentSet.instanceId" }, { "attachment.device", "attachmentSet.device" },
	{ "availability-zone", "availabilityZone" }, { "status", "status" }, { "size", "size" }, { "volume-type", "volumeType" }, { NULL },
};

const struct ec2_kind ec2_vpcs = { { "ec2.vpc", false }, "vpc-", "VpcId", "vpcId", "vpcSet", "InvalidVpcID", "vpc ID", "vpc", vpc_filters };
const struct ec2_kind ec2_subnets = { { "ec2.subnet", false }, "subnet-", "SubnetId", "subnetId", "subnetSet", "InvalidSubnetID", "subnet ID", "subnet",
				      subnet_filters };
const struct ec2_kind ec2_tables = { { "ec2.routetable", false }, "rtb-", "RouteTableId", "routeTableId", "routeTableSet", "InvalidRouteTableID",
				     "routeTable ID", "route-table", table_filters };
const struct ec2_kind ec2_gateways = { { "ec2.gateway", false }, "igw-", "InternetGatewayId", "internetGatewayId", "internetGatewaySet",
				       "InvalidInternetGatewayID", "internetGateway ID", "internet-gateway", gateway_filters };
const struct ec2_kind ec2_acls = { { "ec2.acl", false }, "acl-", "NetworkAclId", "networkAclId", "networkAclSet", "InvalidNetworkAclID", "networkAcl ID",
				   "network-acl", acl_filters };
const struct ec2_kind ec2_endpoints = { { "ec2.endpoint", false }, "vpce-", "VpcEndpointId", "vpcEndpointId", "vpcEndpointSet", "InvalidVpcEndpointId",
					"Vpc Endpoint Id", "vpc-endpoint", endpoint_filters };
const struct ec2_kind ec2_groups = { { "ec2.group", false }, "sg-", "GroupId", "groupId", "securityGroupInfo", "InvalidGroup", "security group",
				     "security-group", group_filters };
const struct ec2_kind ec2_instances = { { "ec2.instance", false }, "i-", "InstanceId", "instanceId", "instancesSet", "InvalidInstanceID", "instance ID",
					"instance", instance_filters };
const struct ec2_kind ec2_volumes = { { "ec2.volume", false }, "vol-", "VolumeId", "volumeId", "volumeSet", "InvalidVolume", "volume", "volume",
				      volume_filters };
const struct ec2_kind *const ec2_kinds[] = { &ec2_vpcs, &ec2_subnets, &ec2_tables, &ec2_gateways, &ec2_acls, &ec2_endpoints, &ec2_groups, &ec2_instances,
					     &ec2_volumes, NULL };

/* ---- documents ---- */

static bool is_id(const struct ec2_kind *kind, const char *id)
{
	size_t n = strlen(kind->prefix);
	if (strncmp(id, kind->prefix, n) || !id[n])
		return false;
	for (id += n; *id; id++)
		if (!isxdigit((unsigned char)*id))
			return false;
	return true;
}

int ec2_absent(struct aws_call *c, const struct ec2_kind *kind, const char *id)
{
	char code[64];
	bool good = is_id(kind, id);
	snprintf(code, sizeof(code), "%s.%s", kind->code, good || kind == &ec2_groups ? "NotFound" : "Malformed");
	if (!good && kind != &ec2_groups)
		return aws_refuse(c, 400, code, "Invalid id: \"%s\"", id);
	return aws_refuse(c, 400, code, "The %s '%s' does not exist", kind->noun, id);
}

int ec2_find(struct aws_call *c, const struct ec2_kind *kind, const char *id, json_t **out)
{
	*out = id ? aws_find(c->aws, c->at, &kind->kind, id) : NULL;
	return *out ? 0 : id ? ec2_absent(c, kind, id) : aws_refuse(c, 400, "MissingParameter", "The request must contain the parameter %s", kind->param);
}

int ec2_keep(struct aws_call *c, const struct ec2_kind *kind, json_t *doc)
{
	struct error err = { 0 };
	return aws_keep(c->aws, c->at, &kind->kind, arena_cstr(c->arena, jslice(doc, kind->member)), doc, &err) ? aws_broken(c, &err) : 0;
}

int ec2_drop(struct aws_call *c, const struct ec2_kind *kind, const char *id)
{
	struct error err = { 0 };
	return aws_drop(c->aws, c->at, &kind->kind, id, &err) ? aws_broken(c, &err) : 0;
}

const char *ec2_id(struct aws_call *c, const char *prefix)
{
	char digits[18];
	aws_hex(c->aws, 17, digits);
	return arena_printf(c->arena, "%s%s", prefix, digits).p;
}

bool ec2_is(const json_t *doc, const char *member, const char *value)
{
	return jstr(doc, member) && !strcmp(jstr(doc, member), value);
}

json_t *ec2_with(struct aws_call *c, const struct ec2_kind *kind, const char *member, const char *value)
{
	json_t *doc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &kind->kind); (doc = aws_next(&w));)
		if (ec2_is(doc, member, value))
			return doc;
	return NULL;
}

void ec2_done(struct aws_call *c)
{
	json_object_set_new(c->out, "return", json_true());
}

/* ---- filters ---- */

/* '*' any text, '?' one character. */
static bool wild(const char *pattern, const char *s)
{
	const char *star = NULL, *back = NULL;
	while (*s) {
		if (*pattern == '*') {
			star = pattern++;
			back = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star + 1;
			s = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool value_fits(const json_t *v, const json_t *wanted)
{
	char number[32];
	const char *text = json_string_value(v);
	json_t *one;
	size_t i;
	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		text = number;
	} else if (json_is_boolean(v)) {
		text = json_is_true(v) ? "true" : "false";
	}
	json_array_foreach(wanted, i, one)
		if (text && wild(json_string_value(one), text))
			return true;
	return false;
}

/* Whether a value that path leads to, through lists too, is one of those. */
static bool path_fits(const json_t *v, const char *path, const json_t *wanted)
{
	const char *dot = strchr(path, '.');
	json_t *one;
	size_t i;
	if (json_is_array(v)) {
		json_array_foreach(v, i, one)
			if (path_fits(one, path, wanted))
				return true;
		return false;
	}
	one = json_object_getn(v, path, dot ? (size_t)(dot - path) : strlen(path));
	return dot ? path_fits(one, dot + 1, wanted) : value_fits(one, wanted);
}

static bool tag_fits(const json_t *doc, const char *key, const json_t *wanted)
{
	json_t *tag;
	size_t i;
	json_array_foreach(json_object_get(doc, "tagSet"), i, tag)
		if (key ? ec2_is(tag, "key", key) && value_fits(json_object_get(tag, "value"), wanted) : value_fits(json_object_get(tag, "key"), wanted))
			return true;
	return false;
}

int ec2_fits(struct aws_call *c, const struct ec2_filter *filters, const json_t *doc)
{
	json_t *filter;
	size_t i;
	json_array_foreach(json_object_get(c->in, "Filter"), i, filter) {
		const char *name = jstr(filter, "Name") ? jstr(filter, "Name") : "";
		const json_t *wanted = json_object_get(filter, "Value");
		const struct ec2_filter *f = filters;
		bool fits;
		while (f->name && strcmp(f->name, name))
			f++;
		if (!strncmp(name, "tag:", 4) || !strcmp(name, "tag-key"))
			fits = tag_fits(doc, name[3] == ':' ? name + 4 : NULL, wanted);
		else if (f->name)
			fits = path_fits(doc, f->path, wanted);
		else
			return aws_refuse(c, 400, "InvalidParameterValue", "The filter '%s' is invalid", name);
		if (!fits)
			return 0;
	}
	return 1;
}

/* ---- Describe ---- */

static bool is_named(const json_t *ids, const char *id)
{
	json_t *one;
	size_t i;
	json_array_foreach(ids, i, one)
		if (!strcmp(json_string_value(one), id))
			return true;
	return false;
}

/* Without what is our own. */
static json_t *shown(json_t *doc)
{
	json_t *one = json_object(), *v;
	const char *key;
	json_object_foreach(doc, key, v)
		if (*key != '_')
			json_object_set(one, key, v);
	return one;
}

int ec2_describe(struct aws_call *c, const struct ec2_kind *kind, void (*show)(struct aws_call *c, json_t *doc))
{
	json_t *items, *doc, *ids = json_object_get(c->in, kind->param), *id;
	size_t i;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	json_array_foreach(ids, i, id)
		if (!aws_find(c->aws, c->at, &kind->kind, json_string_value(id)))
			return ec2_absent(c, kind, json_string_value(id));
	items = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &kind->kind); rc >= 0 && (doc = aws_next(&w));) {
		if ((json_array_size(ids) && !is_named(ids, w.key)) || (rc = ec2_fits(c, kind->filters, doc)) <= 0)
			continue;
		doc = shown(doc);
		if (show)
			show(c, doc);
		json_array_append_new(items, doc);
	}
	if (rc < 0) {
		json_decref(items);
		return rc;
	}
	if (aws_page(c, items, kind->set, "MaxResults", 1000, "NextToken", "nextToken"))
		return aws_refuse(c, 400, "InvalidParameterValue", "Unable to parse pagination token");
	return 0;
}

/* ---- tags ---- */

json_t *ec2_tag_set(const json_t *tags)
{
	json_t *set = json_array(), *tag;
	size_t i;
	json_array_foreach(tags, i, tag)
		json_array_append_new(set, json_pack("{s:s, s:s}", "key", jstr(tag, "Key") ? jstr(tag, "Key") : "", "value",
						     jstr(tag, "Value") ? jstr(tag, "Value") : ""));
	return set;
}

json_t *ec2_tags_of(struct aws_call *c, const char *type)
{
	json_t *spec;
	size_t i;
	json_array_foreach(json_object_get(c->in, "TagSpecification"), i, spec)
		if (ec2_is(spec, "ResourceType", type))
			return ec2_tag_set(json_object_get(spec, "Tag"));
	return json_array();
}

static const struct ec2_kind *kind_of(const char *id)
{
	for (size_t i = 0; ec2_kinds[i]; i++)
		if (!strncmp(id, ec2_kinds[i]->prefix, strlen(ec2_kinds[i]->prefix)))
			return ec2_kinds[i];
	return NULL;
}

static int find_tagged(struct aws_call *c, const char *id, const struct ec2_kind **kind, json_t **doc)
{
	*kind = kind_of(id);
	if (!*kind)
		return aws_refuse(c, 400, "InvalidID", "The ID '%s' is not valid", id);
	return ec2_find(c, *kind, id, doc);
}

static void set_tag(json_t *set, const json_t *tag)
{
	json_t *old;
	size_t i;
	json_array_foreach(set, i, old)
		if (ec2_is(old, "key", jstr(tag, "Key") ? jstr(tag, "Key") : "")) {
			jput(old, "value", jstr(tag, "Value") ? jstr(tag, "Value") : "");
			return;
		}
	json_array_append_new(set, json_pack("{s:s, s:s}", "key", jstr(tag, "Key") ? jstr(tag, "Key") : "", "value",
					     jstr(tag, "Value") ? jstr(tag, "Value") : ""));
}

static void drop_tag(json_t *set, const json_t *tag)
{
	for (size_t i = 0; i < json_array_size(set);) {
		const json_t *old = json_array_get(set, i);
		if (ec2_is(old, "key", jstr(tag, "Key") ? jstr(tag, "Key") : "") && (!jstr(tag, "Value") || ec2_is(old, "value", jstr(tag, "Value"))))
			json_array_remove(set, i);
		else
			i++;
	}
}

static int change_tags(struct aws_call *c, void (*change)(json_t *set, const json_t *tag), bool all)
{
	json_t *id, *tag, *doc;
	const struct ec2_kind *kind;
	size_t i, j;
	int rc = ec2_begin(c);
	json_array_foreach(json_object_get(c->in, "ResourceId"), i, id)
		if (rc || (rc = find_tagged(c, json_string_value(id), &kind, &doc)))
			return rc;
	json_array_foreach(json_object_get(c->in, "ResourceId"), i, id) {
		if ((rc = find_tagged(c, json_string_value(id), &kind, &doc)))
			return rc;
		if (all)
			json_array_clear(json_object_get(doc, "tagSet"));
		json_array_foreach(json_object_get(c->in, "Tag"), j, tag)
			change(json_object_get(doc, "tagSet"), tag);
		if (json_array_size(json_object_get(doc, "tagSet")) > 50)
			return aws_refuse(c, 400, "TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
		if ((rc = ec2_keep(c, kind, doc)))
			return rc;
	}
	return rc;
}

int ec2_create_tags(struct aws_call *c)
{
	return change_tags(c, set_tag, false);
}

int ec2_delete_tags(struct aws_call *c)
{
	return change_tags(c, drop_tag, !json_array_size(json_object_get(c->in, "Tag")));
}

int ec2_describe_tags(struct aws_call *c)
{
	static const struct ec2_filter filters[] = { { "resource-id", "resourceId" }, { "resource-type", "resourceType" }, { "key", "key" }, { "value", "value" },
						     { NULL } };
	json_t *items = json_array(), *doc, *tag;
	int rc = ec2_begin(c);
	for (size_t k = 0; ec2_kinds[k]; k++)
		for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_kinds[k]->kind); (doc = aws_next(&w));) {
			size_t i;
			json_array_foreach(json_object_get(doc, "tagSet"), i, tag) {
				json_t *one = json_pack("{s:s, s:s, s:s, s:s}", "resourceId", w.key, "resourceType", ec2_kinds[k]->tagged, "key",
							jstr(tag, "key"), "value", jstr(tag, "value"));
				int fits = ec2_fits(c, filters, one);
				if (fits > 0)
					json_array_append(items, one);
				json_decref(one);
				rc = fits < 0 ? fits : rc;
			}
		}
	if (rc) {
		json_decref(items);
		return rc;
	}
	return aws_page(c, items, "tagSet", "MaxResults", 1000, "NextToken", "nextToken") ?
		       aws_refuse(c, 400, "InvalidParameterValue", "Unable to parse pagination token") : 0;
}
