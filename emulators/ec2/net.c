/* EC2: VPCs, subnets, route tables, internet gateways, network ACLs. */
#include "ec2/ec2.h"

#include <arpa/inet.h>

/* ---- addresses ---- */

/* "10.0.0.0/16", lo..hi bits long, with zeros behind them. */
static bool cidr_of(const char *text, int lo, int hi, uint32_t *net, int *bits)
{
	char copy[64], *slash;
	struct in_addr a;
	int64_t n;
	snprintf(copy, sizeof(copy), "%s", text ? text : "");
	if (!(slash = strchr(copy, '/')))
		return false;
	*slash = 0;
	if (inet_pton(AF_INET, copy, &a) != 1 || !sl_int(sl(slash + 1), lo, hi, &n))
		return false;
	*net = ntohl(a.s_addr);
	*bits = (int)n;
	return n == 32 || !(*net & (0xffffffffu >> n));
}

static uint32_t mask_of(int bits)
{
	return bits ? 0xffffffffu << (32 - bits) : 0;
}

/* ---- VPCs ---- */

static json_t *make_table(struct aws_call *c, const char *vpc, const char *cidr, bool main, json_t *tags)
{
	const char *id = ec2_id(c, "rtb-");
	json_t *doc = json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:s}], s:[], s:[], s:o}", "routeTableId", id, "vpcId", vpc, "ownerId", c->at.account,
				"routeSet", "destinationCidrBlock", cidr, "gatewayId", "local", "state", "active", "origin", "CreateRouteTable",
				"associationSet", "propagatingVgwSet", "tagSet", tags);
	if (main)
		json_array_append_new(json_object_get(doc, "associationSet"),
				      json_pack("{s:s, s:s, s:b, s:{s:s}}", "routeTableAssociationId", ec2_id(c, "rtbassoc-"), "routeTableId", id, "main", 1,
						"associationState", "state", "associated"));
	return ec2_keep(c, &ec2_tables, doc) ? NULL : doc;
}

static int make_acl(struct aws_call *c, const char *vpc)
{
	json_t *entries = json_array();
	for (int i = 0; i < 4; i++)
		json_array_append_new(entries, json_pack("{s:i, s:s, s:s, s:b, s:s}", "ruleNumber", i & 1 ? 32767 : 100, "protocol", "-1", "ruleAction",
							 i & 1 ? "deny" : "allow", "egress", i < 2, "cidrBlock", "0.0.0.0/0"));
	return ec2_keep(c, &ec2_acls, json_pack("{s:s, s:s, s:s, s:b, s:o, s:[], s:[]}", "networkAclId", ec2_id(c, "acl-"), "vpcId", vpc, "ownerId",
						c->at.account, "default", 1, "entrySet", entries, "associationSet", "tagSet"));
}

json_t *ec2_make_vpc(struct aws_call *c, const char *id, const char *cidr, bool is_default, json_t *tags)
{
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:[{s:s, s:s, s:{s:s}}], s:o, s:b, s:b}", "vpcId", id, "ownerId", c->at.account, "state",
				"available", "cidrBlock", cidr, "dhcpOptionsId", "dopt-0123456789abcdef0", "instanceTenancy", "default", "isDefault", is_default,
				"cidrBlockAssociationSet", "associationId", ec2_id(c, "vpc-cidr-assoc-"), "cidrBlock", cidr, "cidrBlockState", "state",
				"associated", "tagSet", tags, "_enableDnsSupport", 1, "_enableDnsHostnames", is_default);
	if (ec2_keep(c, &ec2_vpcs, doc) || !make_table(c, id, cidr, true, json_array()) || make_acl(c, id) ||
	    !ec2_make_group(c, ec2_id(c, "sg-"), id, "default", "default VPC security group", json_array()))
		return NULL;
	return doc;
}

int ec2_describe_vpcs(struct aws_call *c)
{
	return ec2_describe(c, &ec2_vpcs, NULL);
}

int ec2_create_vpc(struct aws_call *c)
{
	const char *cidr = jstr(c->in, "CidrBlock");
	uint32_t net;
	int bits, rc = ec2_begin(c);
	if (rc)
		return rc;
	if (!cidr_of(cidr, 0, 32, &net, &bits))
		return aws_refuse(c, 400, "InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
				  cidr ? cidr : "null");
	if (bits < 16 || bits > 28)
		return aws_refuse(c, 400, "InvalidVpc.Range", "The CIDR '%s' is invalid.", cidr);
	json_t *doc = ec2_make_vpc(c, ec2_id(c, "vpc-"), cidr, false, ec2_tags_of(c, "vpc"));
	if (doc)
		json_object_set(c->out, "vpc", doc);
	return doc ? 0 : -1;
}

/* What depends on a VPC beside what goes with it. */
static bool is_used(struct aws_call *c, const char *vpc)
{
	json_t *doc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_groups.kind); (doc = aws_next(&w));)
		if (ec2_is(doc, "vpcId", vpc) && !ec2_is(doc, "groupName", "default"))
			return true;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_tables.kind); (doc = aws_next(&w));)
		if (ec2_is(doc, "vpcId", vpc) && !jtrue(json_array_get(json_object_get(doc, "associationSet"), 0), "main"))
			return true;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_gateways.kind); (doc = aws_next(&w));)
		if (ec2_is(json_array_get(json_object_get(doc, "attachmentSet"), 0), "vpcId", vpc))
			return true;
	return ec2_with(c, &ec2_subnets, "vpcId", vpc) || ec2_with(c, &ec2_endpoints, "vpcId", vpc);
}

int ec2_delete_vpc(struct aws_call *c)
{
	static const struct ec2_kind *const parts[] = { &ec2_tables, &ec2_acls, &ec2_groups };
	const char *id = jstr(c->in, "VpcId");
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_vpcs, id, &doc)))
		return rc;
	if (is_used(c, id))
		return aws_refuse(c, 400, "DependencyViolation", "The vpc '%s' has dependencies and cannot be deleted.", id);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		while ((doc = ec2_with(c, parts[i], "vpcId", id)))
			if ((rc = ec2_drop(c, parts[i], arena_cstr(c->arena, jslice(doc, parts[i]->member)))))
				return rc;
	return ec2_drop(c, &ec2_vpcs, id);
}

int ec2_describe_vpc_attribute(struct aws_call *c)
{
	const char *name = jstr(c->in, "Attribute");
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_vpcs, jstr(c->in, "VpcId"), &doc)))
		return rc;
	char *own = xasprintf("_%s", name);
	jput(c->out, "vpcId", jstr(c->in, "VpcId"));
	json_object_set_new(c->out, name, json_pack("{s:b}", "value", jtrue(doc, own)));
	free(own);
	return 0;
}

static void set_flag(struct aws_call *c, json_t *doc, const char *param, const char *member)
{
	const json_t *v = json_object_get(json_object_get(c->in, param), "Value");
	if (v)
		json_object_set_new(doc, member, json_boolean(json_is_true(v)));
}

int ec2_modify_vpc_attribute(struct aws_call *c)
{
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_vpcs, jstr(c->in, "VpcId"), &doc)))
		return rc;
	set_flag(c, doc, "EnableDnsSupport", "_enableDnsSupport");
	set_flag(c, doc, "EnableDnsHostnames", "_enableDnsHostnames");
	set_flag(c, doc, "EnableNetworkAddressUsageMetrics", "_enableNetworkAddressUsageMetrics");
	return ec2_keep(c, &ec2_vpcs, doc);
}

/* ---- subnets ---- */

json_t *ec2_make_subnet(struct aws_call *c, const char *id, const json_t *vpc, const char *cidr, const char *zone, bool is_default, json_t *tags)
{
	uint32_t net = 0;
	int bits = 24;
	(void)cidr_of(cidr, 0, 32, &net, &bits);
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:b, s:b, s:o}", "subnetId", id, "vpcId", jstr(vpc, "vpcId"), "ownerId", c->at.account,
				"state", "available", "cidrBlock", cidr, "availabilityZone", zone, "availableIpAddressCount", (1 << (32 - bits)) - 5,
				"defaultForAz", is_default, "mapPublicIpOnLaunch", is_default, "assignIpv6AddressOnCreation", 0, "tagSet", tags);
	json_object_set_new(doc, "availabilityZoneId", json_sprintf("use1-az%d", zone[strlen(zone) - 1] - 'a' + 1));
	json_object_set_new(doc, "subnetArn", json_sprintf("arn:aws:ec2:%s:%s:subnet/%s", c->at.region, c->at.account, id));
	json_object_set_new(doc, "privateDnsNameOptionsOnLaunch", json_pack("{s:s, s:b, s:b}", "hostnameType", "ip-name", "enableResourceNameDnsARecord", 0,
									   "enableResourceNameDnsAAAARecord", 0));
	return ec2_keep(c, &ec2_subnets, doc) ? NULL : doc;
}

int ec2_describe_subnets(struct aws_call *c)
{
	return ec2_describe(c, &ec2_subnets, NULL);
}

static int check_subnet(struct aws_call *c, const json_t *vpc, const char *cidr)
{
	uint32_t net, outer, other;
	int bits, outer_bits, other_bits;
	json_t *doc;
	if (!cidr_of(cidr, 0, 32, &net, &bits))
		return aws_refuse(c, 400, "InvalidParameterValue", "Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.",
				  cidr ? cidr : "null");
	if (!cidr_of(jstr(vpc, "cidrBlock"), 0, 32, &outer, &outer_bits) || bits < outer_bits || bits > 28 || (net & mask_of(outer_bits)) != outer)
		return aws_refuse(c, 400, "InvalidSubnet.Range", "The CIDR '%s' is invalid.", cidr);
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_subnets.kind); (doc = aws_next(&w));) {
		if (!ec2_is(doc, "vpcId", jstr(vpc, "vpcId")) || !cidr_of(jstr(doc, "cidrBlock"), 0, 32, &other, &other_bits))
			continue;
		uint32_t both = mask_of(bits < other_bits ? bits : other_bits);
		if ((net & both) == (other & both))
			return aws_refuse(c, 400, "InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", cidr);
	}
	return 0;
}

int ec2_create_subnet(struct aws_call *c)
{
	const char *zone = jstr(c->in, "AvailabilityZone") ? jstr(c->in, "AvailabilityZone") : ec2_zone(c, 0);
	json_t *vpc, *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_vpcs, jstr(c->in, "VpcId"), &vpc)) || (rc = check_subnet(c, vpc, jstr(c->in, "CidrBlock"))))
		return rc;
	if (strncmp(zone, c->at.region, strlen(c->at.region)) || strlen(zone) != strlen(c->at.region) + 1)
		return aws_refuse(c, 400, "InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in "
				  "the following availability zones: %s, %s, %s.", zone, ec2_zone(c, 0), ec2_zone(c, 1), ec2_zone(c, 2));
	doc = ec2_make_subnet(c, ec2_id(c, "subnet-"), vpc, jstr(c->in, "CidrBlock"), zone, false, ec2_tags_of(c, "subnet"));
	if (doc)
		json_object_set(c->out, "subnet", doc);
	return doc ? 0 : -1;
}

int ec2_delete_subnet(struct aws_call *c)
{
	const char *id = jstr(c->in, "SubnetId");
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_subnets, id, &doc)))
		return rc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_instances.kind); (doc = aws_next(&w));)
		if (ec2_is(doc, "subnetId", id) && !ec2_is(json_object_get(doc, "instanceState"), "name", "terminated"))
			return aws_refuse(c, 400, "DependencyViolation", "The subnet '%s' has dependencies and cannot be deleted.", id);
	return ec2_drop(c, &ec2_subnets, id);
}

int ec2_modify_subnet_attribute(struct aws_call *c)
{
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_subnets, jstr(c->in, "SubnetId"), &doc)))
		return rc;
	set_flag(c, doc, "MapPublicIpOnLaunch", "mapPublicIpOnLaunch");
	set_flag(c, doc, "AssignIpv6AddressOnCreation", "assignIpv6AddressOnCreation");
	return ec2_keep(c, &ec2_subnets, doc);
}

/* ---- route tables ---- */

int ec2_describe_tables(struct aws_call *c)
{
	return ec2_describe(c, &ec2_tables, NULL);
}

int ec2_create_table(struct aws_call *c)
{
	json_t *vpc, *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_vpcs, jstr(c->in, "VpcId"), &vpc)))
		return rc;
	doc = make_table(c, jstr(vpc, "vpcId"), jstr(vpc, "cidrBlock"), false, ec2_tags_of(c, "route-table"));
	if (doc)
		json_object_set(c->out, "routeTable", doc);
	return doc ? 0 : -1;
}

int ec2_delete_table(struct aws_call *c)
{
	const char *id = jstr(c->in, "RouteTableId");
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_tables, id, &doc)))
		return rc;
	if (json_array_size(json_object_get(doc, "associationSet")))
		return aws_refuse(c, 400, "DependencyViolation", "The routeTable '%s' has dependencies and cannot be deleted.", id);
	return ec2_drop(c, &ec2_tables, id);
}

static ssize_t place_of(const json_t *table, const char *to)
{
	json_t *route;
	size_t i;
	json_array_foreach(json_object_get(table, "routeSet"), i, route)
		if (ec2_is(route, "destinationCidrBlock", to) || ec2_is(route, "destinationIpv6CidrBlock", to) || ec2_is(route, "destinationPrefixListId", to))
			return (ssize_t)i;
	return -1;
}

static const char *destination(struct aws_call *c)
{
	const char *v4 = jstr(c->in, "DestinationCidrBlock"), *v6 = jstr(c->in, "DestinationIpv6CidrBlock");
	return v4 ? v4 : v6 ? v6 : jstr(c->in, "DestinationPrefixListId") ? jstr(c->in, "DestinationPrefixListId") : "";
}

int ec2_create_route(struct aws_call *c)
{
	static const char *const members[][2] = {
		{ "DestinationCidrBlock", "destinationCidrBlock" }, { "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock" },
		{ "DestinationPrefixListId", "destinationPrefixListId" }, { "GatewayId", "gatewayId" }, { "NatGatewayId", "natGatewayId" },
		{ "NetworkInterfaceId", "networkInterfaceId" }, { "InstanceId", "instanceId" }, { "VpcPeeringConnectionId", "vpcPeeringConnectionId" },
		{ "TransitGatewayId", "transitGatewayId" }, { "VpcEndpointId", "gatewayId" },
		{ "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId" },
	};
	json_t *table, *route;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_tables, jstr(c->in, "RouteTableId"), &table)))
		return rc;
	if (place_of(table, destination(c)) >= 0)
		return aws_refuse(c, 400, "RouteAlreadyExists", "The route identified by %s already exists.", destination(c));
	route = json_object();
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		jput(route, members[i][1], jstr(c->in, members[i][0]));
	jput(route, "state", "active");
	jput(route, "origin", "CreateRoute");
	json_array_append_new(json_object_get(table, "routeSet"), route);
	ec2_done(c);
	return ec2_keep(c, &ec2_tables, table);
}

int ec2_delete_route(struct aws_call *c)
{
	json_t *table;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_tables, jstr(c->in, "RouteTableId"), &table)))
		return rc;
	ssize_t at = place_of(table, destination(c));
	if (at < 0)
		return aws_refuse(c, 400, "InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", destination(c), jstr(c->in, "RouteTableId"));
	json_array_remove(json_object_get(table, "routeSet"), (size_t)at);
	return ec2_keep(c, &ec2_tables, table);
}

int ec2_associate_table(struct aws_call *c)
{
	const char *id = ec2_id(c, "rtbassoc-");
	json_t *table, *subnet, *one;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_tables, jstr(c->in, "RouteTableId"), &table)) ||
	    (!jstr(c->in, "GatewayId") && (rc = ec2_find(c, &ec2_subnets, jstr(c->in, "SubnetId"), &subnet))))
		return rc;
	one = json_pack("{s:s, s:s, s:b, s:{s:s}}", "routeTableAssociationId", id, "routeTableId", jstr(c->in, "RouteTableId"), "main", 0, "associationState",
			"state", "associated");
	jput(one, "subnetId", jstr(c->in, "SubnetId"));
	jput(one, "gatewayId", jstr(c->in, "GatewayId"));
	json_array_append_new(json_object_get(table, "associationSet"), one);
	jput(c->out, "associationId", id);
	json_object_set_new(c->out, "associationState", json_pack("{s:s}", "state", "associated"));
	return ec2_keep(c, &ec2_tables, table);
}

int ec2_disassociate_table(struct aws_call *c)
{
	const char *id = jstr(c->in, "AssociationId");
	json_t *table, *one;
	size_t i;
	int rc = ec2_begin(c);
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_tables.kind); !rc && (table = aws_next(&w));)
		json_array_foreach(json_object_get(table, "associationSet"), i, one)
			if (ec2_is(one, "routeTableAssociationId", id)) {
				json_array_remove(json_object_get(table, "associationSet"), i);
				return ec2_keep(c, &ec2_tables, table);
			}
	return rc ? rc : aws_refuse(c, 400, "InvalidAssociationID.NotFound", "The association ID '%s' does not exist", id);
}

/* ---- internet gateways ---- */

int ec2_describe_gateways(struct aws_call *c)
{
	return ec2_describe(c, &ec2_gateways, NULL);
}

int ec2_create_gateway(struct aws_call *c)
{
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	doc = json_pack("{s:s, s:s, s:[], s:o}", "internetGatewayId", ec2_id(c, "igw-"), "ownerId", c->at.account, "attachmentSet", "tagSet",
			ec2_tags_of(c, "internet-gateway"));
	json_object_set(c->out, "internetGateway", doc);
	return ec2_keep(c, &ec2_gateways, doc);
}

int ec2_attach_gateway(struct aws_call *c)
{
	json_t *doc, *vpc, *attached;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_gateways, jstr(c->in, "InternetGatewayId"), &doc)) || (rc = ec2_find(c, &ec2_vpcs, jstr(c->in, "VpcId"), &vpc)))
		return rc;
	attached = json_object_get(doc, "attachmentSet");
	if (json_array_size(attached))
		return aws_refuse(c, 400, "Resource.AlreadyAssociated", "resource %s is already attached to network %s", jstr(c->in, "InternetGatewayId"),
				  jstr(json_array_get(attached, 0), "vpcId"));
	json_array_append_new(attached, json_pack("{s:s, s:s}", "vpcId", jstr(c->in, "VpcId"), "state", "available"));
	return ec2_keep(c, &ec2_gateways, doc);
}

int ec2_detach_gateway(struct aws_call *c)
{
	json_t *doc, *attached;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_gateways, jstr(c->in, "InternetGatewayId"), &doc)))
		return rc;
	attached = json_object_get(doc, "attachmentSet");
	if (!ec2_is(json_array_get(attached, 0), "vpcId", jstr(c->in, "VpcId")))
		return aws_refuse(c, 400, "Gateway.NotAttached", "resource %s is not attached to network %s", jstr(c->in, "InternetGatewayId"), jstr(c->in, "VpcId"));
	json_array_clear(attached);
	return ec2_keep(c, &ec2_gateways, doc);
}

int ec2_delete_gateway(struct aws_call *c)
{
	const char *id = jstr(c->in, "InternetGatewayId");
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_gateways, id, &doc)))
		return rc;
	if (json_array_size(json_object_get(doc, "attachmentSet")))
		return aws_refuse(c, 400, "DependencyViolation", "The internetGateway '%s' has dependencies and cannot be deleted.", id);
	return ec2_drop(c, &ec2_gateways, id);
}

int ec2_describe_acls(struct aws_call *c)
{
	return ec2_describe(c, &ec2_acls, NULL);
}
