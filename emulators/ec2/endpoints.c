/* EC2: VPC endpoints. */
#include "ec2/ec2.h"

json_t *ec2_make_endpoint(struct aws_call *c, const char *id, const char *vpc, const char *service, const char *type, json_t *tags)
{
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:[], s:[], s:[], s:[], s:[], s:s, s:I, s:o, s:s}", "vpcEndpointId", id,
				"vpcEndpointType", type, "vpcId", vpc, "serviceName", service, "state", "available", "ipAddressType", "ipv4",
				"privateDnsEnabled", strcmp(type, "Gateway") != 0, "requesterManaged", 0, "routeTableIdSet", "subnetIdSet", "groupSet",
				"networkInterfaceIdSet", "dnsEntrySet", "ownerId", c->at.account, "creationTimestamp", (json_int_t)c->now_ms, "tagSet", tags,
				"policyDocument", "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}");
	return ec2_keep(c, &ec2_endpoints, doc) ? NULL : doc;
}

static void show(struct aws_call *c, json_t *doc)
{
	if (ec2_is(doc, "vpcEndpointType", "Gateway"))
		json_object_del(doc, "ipAddressType");
}

int ec2_describe_endpoints(struct aws_call *c)
{
	return ec2_describe(c, &ec2_endpoints, show);
}

/* Adds ids of a kind to a set, or takes them away; each must be there. */
static int change(struct aws_call *c, const char *param, const struct ec2_kind *kind, json_t *set, bool add)
{
	json_t *id, *doc, *one;
	size_t i, j;
	json_array_foreach(json_object_get(c->in, param), i, id) {
		int rc = ec2_find(c, kind, json_string_value(id), &doc);
		if (rc)
			return rc;
		json_array_foreach(set, j, one)
			if (!strcmp(json_is_string(one) ? json_string_value(one) : jstr(one, "groupId"), json_string_value(id))) {
				json_array_remove(set, j);
				break;
			}
		if (add && kind == &ec2_groups)
			json_array_append_new(set, json_pack("{s:s, s:s}", "groupId", json_string_value(id), "groupName", jstr(doc, "groupName")));
		else if (add)
			json_array_append(set, id);
	}
	return 0;
}

static int change_sets(struct aws_call *c, json_t *doc, const char *const params[3], bool add)
{
	int rc = change(c, params[0], &ec2_tables, json_object_get(doc, "routeTableIdSet"), add);
	if (!rc)
		rc = change(c, params[1], &ec2_subnets, json_object_get(doc, "subnetIdSet"), add);
	return rc ? rc : change(c, params[2], &ec2_groups, json_object_get(doc, "groupSet"), add);
}

static void add_names(struct aws_call *c, json_t *doc)
{
	const char *service = strrchr(jstr(doc, "serviceName"), '.');
	json_t *names = json_object_get(doc, "dnsEntrySet");
	if (ec2_is(doc, "vpcEndpointType", "Gateway") || json_array_size(names) || !service)
		return;
	json_array_append_new(names, json_pack("{s:o, s:s}", "dnsName", json_sprintf("%s.%s.%s.vpce.amazonaws.com", jstr(doc, "vpcEndpointId"), service + 1,
										     c->at.region), "hostedZoneId", "Z7HUB22UULQXV"));
}

int ec2_create_endpoint(struct aws_call *c)
{
	static const char *const sets[3] = { "RouteTableId", "SubnetId", "SecurityGroupId" };
	const char *service = jstr(c->in, "ServiceName"), *type = jstr(c->in, "VpcEndpointType") ? jstr(c->in, "VpcEndpointType") : "Gateway";
	json_t *vpc, *doc, *other;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_vpcs, jstr(c->in, "VpcId"), &vpc)))
		return rc;
	if (!service || strncmp(service, "com.amazonaws.", 14) || (!strcmp(type, "Gateway") && !strstr(service, ".s3") && !strstr(service, ".dynamodb")))
		return aws_refuse(c, 400, "InvalidServiceName", "The Vpc Endpoint Service '%s' does not exist", service ? service : "null");
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_endpoints.kind); (other = aws_next(&w));)
		if (!strcmp(type, "Gateway") && ec2_is(other, "vpcId", jstr(c->in, "VpcId")) && ec2_is(other, "serviceName", service)) {
			json_t *id;
			size_t i, j;
			json_t *mine;
			json_array_foreach(json_object_get(c->in, "RouteTableId"), i, id)
				json_array_foreach(json_object_get(other, "routeTableIdSet"), j, mine)
					if (json_equal(id, mine))
						return aws_refuse(c, 400, "RouteAlreadyExists", "route table %s already has a route with destination-prefix-list-id pl-63a5400a",
								  json_string_value(id));
		}
	doc = ec2_make_endpoint(c, ec2_id(c, "vpce-"), jstr(c->in, "VpcId"), service, type, ec2_tags_of(c, "vpc-endpoint"));
	if (!doc)
		return -1;
	if ((rc = change_sets(c, doc, sets, true))) {
		(void)!ec2_drop(c, &ec2_endpoints, arena_cstr(c->arena, jslice(doc, "vpcEndpointId")));
		return rc;
	}
	if (jstr(c->in, "PolicyDocument"))
		jput(doc, "policyDocument", jstr(c->in, "PolicyDocument"));
	if (json_object_get(c->in, "PrivateDnsEnabled"))
		json_object_set(doc, "privateDnsEnabled", json_object_get(c->in, "PrivateDnsEnabled"));
	add_names(c, doc);
	json_object_set(c->out, "vpcEndpoint", doc);
	return ec2_keep(c, &ec2_endpoints, doc);
}

int ec2_modify_endpoint(struct aws_call *c)
{
	static const char *const add[3] = { "AddRouteTableId", "AddSubnetId", "AddSecurityGroupId" };
	static const char *const drop[3] = { "RemoveRouteTableId", "RemoveSubnetId", "RemoveSecurityGroupId" };
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_endpoints, jstr(c->in, "VpcEndpointId"), &doc)) || (rc = change_sets(c, doc, add, true)) ||
	    (rc = change_sets(c, doc, drop, false)))
		return rc;
	if (jstr(c->in, "PolicyDocument"))
		jput(doc, "policyDocument", jstr(c->in, "PolicyDocument"));
	if (json_object_get(c->in, "PrivateDnsEnabled"))
		json_object_set(doc, "privateDnsEnabled", json_object_get(c->in, "PrivateDnsEnabled"));
	ec2_done(c);
	return ec2_keep(c, &ec2_endpoints, doc);
}

int ec2_delete_endpoints(struct aws_call *c)
{
	json_t *id, *failed;
	size_t i;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	failed = json_array();
	json_object_set_new(c->out, "unsuccessful", failed);
	json_array_foreach(json_object_get(c->in, "VpcEndpointId"), i, id) {
		const char *name = json_string_value(id);
		if (!aws_find(c->aws, c->at, &ec2_endpoints.kind, name))
			json_array_append_new(failed, json_pack("{s:s, s:{s:s, s:o}}", "resourceId", name, "error", "code", "InvalidVpcEndpoint.NotFound", "message",
								json_sprintf("The Vpc Endpoint Id '%s' does not exist", name)));
		else if ((rc = ec2_drop(c, &ec2_endpoints, name)))
			return rc;
	}
	return 0;
}

int ec2_describe_endpoint_services(struct aws_call *c)
{
	static const char *const names[] = { "s3", "dynamodb", "kinesis-streams", "ssm", "ec2", "kms", "logs", "monitoring", "sts", "execute-api", "rds",
					     "airflow.api", "airflow.env" };
	json_t *all = json_array(), *details = json_array();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		json_t *name = json_sprintf("com.amazonaws.%s.%s", c->at.region, names[i]), *wanted = json_object_get(c->in, "ServiceName"), *one;
		bool named = !json_array_size(wanted);
		size_t j;
		json_array_foreach(wanted, j, one)
			named |= json_equal(one, name);
		if (named) {
			json_array_append(all, name);
			json_array_append_new(details, json_pack("{s:O, s:[{s:s}], s:s, s:b}", "serviceName", name, "serviceType", "serviceType",
								 i < 2 ? "Gateway" : "Interface", "owner", "amazon", "acceptanceRequired", 0));
		}
		json_decref(name);
	}
	json_object_set_new(c->out, "serviceNameSet", all);
	json_object_set_new(c->out, "serviceDetailSet", details);
	return 0;
}

int ec2_describe_prefix_lists(struct aws_call *c)
{
	static const struct ec2_filter filters[] = { { "prefix-list-id", "prefixListId" }, { "prefix-list-name", "prefixListName" }, { NULL } };
	static const char *const lists[][3] = { { "pl-63a5400a", "s3", "54.231.0.0/16" }, { "pl-02cd2c6b", "dynamodb", "52.94.0.0/22" } };
	json_t *items = json_array();
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(lists); i++) {
		json_t *one = json_pack("{s:s, s:o, s:[s]}", "prefixListId", lists[i][0], "prefixListName",
					json_sprintf("com.amazonaws.%s.%s", c->at.region, lists[i][1]), "cidrSet", lists[i][2]);
		if ((rc = ec2_fits(c, filters, one)) > 0)
			json_array_append(items, one);
		json_decref(one);
	}
	json_object_set_new(c->out, "prefixListSet", items);
	return rc < 0 ? rc : 0;
}
