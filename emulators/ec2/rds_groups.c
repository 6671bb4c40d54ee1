/* RDS: subnet groups, parameter groups, engine versions. */
#include "ec2/rds_groups.h"

#include "ec2/ec2.h"

const struct aws_kind dbi_subnet_groups = { "rds.subnetgroup", false }, dbi_parameter_groups = { "rds.parametergroup", false };

int dbi_page(struct aws_call *c, json_t *items, const char *list)
{
	if (aws_page(c, items, list, "MaxRecords", 100, "Marker", "Marker"))
		return aws_refuse(c, 400, "InvalidParameterValue", "Invalid or expired pagination token");
	return 0;
}

/* ---- subnet groups ---- */

static int add_subnets(struct aws_call *c, json_t *doc, const json_t *ids)
{
	json_t *list = json_array(), *id, *subnet = NULL;
	size_t i, zones = 0;
	const char *zone = NULL;
	json_object_set_new(doc, "Subnets", list);
	json_array_foreach(ids, i, id) {
		subnet = aws_find(c->aws, c->at, &ec2_subnets.kind, json_string_value(id));
		if (!subnet)
			return aws_refuse(c, 400, "InvalidSubnet", "Some input subnets in :[%s] are invalid.", json_string_value(id));
		zones += !zone || strcmp(zone, jstr(subnet, "availabilityZone"));
		zone = jstr(subnet, "availabilityZone");
		json_array_append_new(list, json_pack("{s:O, s:{s:s}, s:{}, s:s}", "SubnetIdentifier", id, "SubnetAvailabilityZone", "Name", zone, "SubnetOutpost",
						      "SubnetStatus", "Active"));
	}
	if (zones < 2)
		return aws_refuse(c, 400, "DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ "
				  "coverage: %s. Add subnets to cover at least 2 AZs.", zone ? zone : "none");
	json_object_set(doc, "VpcId", json_object_get(subnet, "vpcId"));
	return 0;
}

static json_t *new_group(struct aws_call *c, const char *name, const char *text)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:[s]}", "DBSubnetGroupName", name, "DBSubnetGroupDescription", text, "VpcId", "", "SubnetGroupStatus", "Complete",
			 "DBSubnetGroupArn", json_sprintf("arn:aws:rds:%s:%s:subgrp:%s", c->at.region, c->at.account, name), "SupportedNetworkTypes", "IPV4");
}

int dbi_subnet_group(struct aws_call *c, const char *name, json_t **out)
{
	json_t *doc = aws_find(c->aws, c->at, &dbi_subnet_groups, name), *subnet;
	if (doc) {
		*out = json_deep_copy(doc);
		json_object_del(*out, "TagList");
		return 0;
	}
	if (strcmp(name, "default"))
		return aws_refuse(c, 404, "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", name);
	JSON_AUTO ids = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_subnets.kind); (subnet = aws_next(&w));)
		if (jtrue(subnet, "defaultForAz"))
			json_array_append(ids, json_object_get(subnet, "subnetId"));
	*out = new_group(c, "default", "default");
	int rc = add_subnets(c, *out, ids);
	if (rc)
		json_decref(*out);
	return rc;
}

static int keep_group(struct aws_call *c, json_t *doc)
{
	struct error err = { 0 };
	json_object_set(c->out, "DBSubnetGroup", doc);
	return aws_keep(c->aws, c->at, &dbi_subnet_groups, arena_cstr(c->arena, jslice(doc, "DBSubnetGroupName")), doc, &err) ? aws_broken(c, &err) : 0;
}

static const char *name_of(struct aws_call *c, const char *member)
{
	char *s = arena_cstr(c->arena, jslice(c->in, member));
	for (char *p = s; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? *p + 32 : *p;
	return s;
}

static int create_subnets(struct aws_call *c)
{
	const char *name = name_of(c, "DBSubnetGroupName");
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	if (aws_find(c->aws, c->at, &dbi_subnet_groups, name) || !strcmp(name, "default"))
		return aws_refuse(c, 400, "DBSubnetGroupAlreadyExists", "The DB subnet group '%s' already exists.", name);
	doc = new_group(c, name, jstr(c->in, "DBSubnetGroupDescription"));
	if ((rc = add_subnets(c, doc, json_object_get(c->in, "SubnetIds")))) {
		json_decref(doc);
		return rc;
	}
	json_object_set_new(doc, "TagList", json_array());
	aws_tags_set(json_object_get(doc, "TagList"), json_object_get(c->in, "Tags"), "Key", "Value");
	return keep_group(c, doc);
}

static int find_subnets(struct aws_call *c, json_t **doc)
{
	const char *name = name_of(c, "DBSubnetGroupName");
	int rc = ec2_begin(c);
	*doc = rc ? NULL : aws_find(c->aws, c->at, &dbi_subnet_groups, name);
	return rc || *doc ? rc : aws_refuse(c, 404, "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", name);
}

static int modify_subnets(struct aws_call *c)
{
	json_t *doc, *changed;
	int rc = find_subnets(c, &doc);
	if (rc)
		return rc;
	changed = json_deep_copy(doc);
	if ((rc = add_subnets(c, changed, json_object_get(c->in, "SubnetIds")))) {
		json_decref(changed);
		return rc;
	}
	jput(changed, "DBSubnetGroupDescription", jstr(c->in, "DBSubnetGroupDescription"));
	return keep_group(c, changed);
}

static int delete_subnets(struct aws_call *c)
{
	static const struct aws_kind instances = { "rds.instance", false };
	struct error err = { 0 };
	json_t *doc, *one;
	int rc = find_subnets(c, &doc);
	if (rc)
		return rc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &instances); (one = aws_next(&w));)
		if (ec2_is(json_object_get(one, "DBSubnetGroup"), "DBSubnetGroupName", jstr(doc, "DBSubnetGroupName")))
			return aws_refuse(c, 400, "InvalidDBSubnetGroupStateFault", "Cannot delete the subnet group '%s' because at least one database instance: %s is still "
					  "using it.", jstr(doc, "DBSubnetGroupName"), jstr(one, "DBInstanceIdentifier"));
	return aws_drop(c->aws, c->at, &dbi_subnet_groups, arena_cstr(c->arena, jslice(doc, "DBSubnetGroupName")), &err) ? aws_broken(c, &err) : 0;
}

static int describe_subnets(struct aws_call *c)
{
	json_t *items, *doc;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	items = json_array();
	if (jstr(c->in, "DBSubnetGroupName")) {
		if ((rc = dbi_subnet_group(c, name_of(c, "DBSubnetGroupName"), &doc))) {
			json_decref(items);
			return rc;
		}
		json_array_append_new(items, doc);
	} else {
		for (struct aws_walk w = aws_walk(c->aws, c->at, &dbi_subnet_groups); (doc = aws_next(&w));) {
			doc = json_copy(doc);
			json_object_del(doc, "TagList");
			json_array_append_new(items, doc);
		}
	}
	return dbi_page(c, items, "DBSubnetGroups");
}

/* ---- parameter groups: name, family, and what was set in them ---- */

static json_t *shown(const json_t *doc)
{
	static const char *const members[] = { "DBParameterGroupName", "DBParameterGroupFamily", "Description", "DBParameterGroupArn" };
	json_t *one = json_object();
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		jcopy(one, doc, members[i]);
	return one;
}

static json_t *new_parameters(struct aws_call *c, const char *name, const char *family, const char *text)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:[], s:[]}", "DBParameterGroupName", name, "DBParameterGroupFamily", family, "Description", text,
			 "DBParameterGroupArn", json_sprintf("arn:aws:rds:%s:%s:pg:%s", c->at.region, c->at.account, name), "Parameters", "TagList");
}

static int create_parameters(struct aws_call *c)
{
	const char *name = name_of(c, "DBParameterGroupName");
	struct error err = { 0 };
	json_t *doc;
	if (aws_find(c->aws, c->at, &dbi_parameter_groups, name) || !strncmp(name, "default", 7))
		return aws_refuse(c, 400, "DBParameterGroupAlreadyExists", "Parameter group %s already exists", name);
	doc = new_parameters(c, name, jstr(c->in, "DBParameterGroupFamily"), jstr(c->in, "Description"));
	aws_tags_set(json_object_get(doc, "TagList"), json_object_get(c->in, "Tags"), "Key", "Value");
	json_object_set_new(c->out, "DBParameterGroup", shown(doc));
	return aws_keep(c->aws, c->at, &dbi_parameter_groups, name, doc, &err) ? aws_broken(c, &err) : 0;
}

static int find_parameters(struct aws_call *c, json_t **doc)
{
	const char *name = name_of(c, "DBParameterGroupName");
	*doc = aws_find(c->aws, c->at, &dbi_parameter_groups, name);
	return *doc ? 0 : aws_refuse(c, 404, "DBParameterGroupNotFound", "DBParameterGroup not found: %s", name);
}

static int describe_parameter_groups(struct aws_call *c)
{
	static const char *const defaults[] = { "mysql8.0", "mysql8.4", "mariadb10.11", "postgres16" };
	const char *wanted = jstr(c->in, "DBParameterGroupName") ? name_of(c, "DBParameterGroupName") : NULL;
	json_t *items = json_array(), *doc;
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
		char name[40], text[80];
		snprintf(name, sizeof(name), "default.%s", defaults[i]);
		snprintf(text, sizeof(text), "Default parameter group for %s", defaults[i]);
		if (!wanted || !strcmp(wanted, name)) {
			doc = new_parameters(c, name, defaults[i], text);
			json_array_append_new(items, shown(doc));
			json_decref(doc);
		}
	}
	for (struct aws_walk w = aws_walk(c->aws, c->at, &dbi_parameter_groups); (doc = aws_next(&w));)
		if (!wanted || !strcmp(wanted, w.key))
			json_array_append_new(items, shown(doc));
	if (wanted && !json_array_size(items)) {
		json_decref(items);
		return aws_refuse(c, 404, "DBParameterGroupNotFound", "DBParameterGroup not found: %s", wanted);
	}
	return dbi_page(c, items, "DBParameterGroups");
}

static int describe_parameters(struct aws_call *c)
{
	json_t *doc, *items;
	int rc = strncmp(name_of(c, "DBParameterGroupName"), "default.", 8) ? find_parameters(c, &doc) : (doc = NULL, 0);
	if (rc)
		return rc;
	items = doc ? json_copy(json_object_get(doc, "Parameters")) : json_array();
	return dbi_page(c, items, "Parameters");
}

static int modify_parameters(struct aws_call *c)
{
	struct error err = { 0 };
	json_t *doc, *list, *p, *old;
	size_t i, j;
	int rc = find_parameters(c, &doc);
	if (rc)
		return rc;
	list = json_object_get(doc, "Parameters");
	json_array_foreach(json_object_get(c->in, "Parameters"), i, p) {
		json_t *one = json_copy(p);
		if (!jstr(p, "ParameterName") || !jstr(p, "ParameterValue")) {
			json_decref(one);
			return aws_refuse(c, 400, "InvalidParameterValue", "The parameters ParameterName and ParameterValue must be provided and must not be blank.");
		}
		jput(one, "Source", "user");
		json_array_foreach(list, j, old)
			if (ec2_is(old, "ParameterName", jstr(p, "ParameterName"))) {
				json_array_remove(list, j);
				break;
			}
		json_array_append_new(list, one);
	}
	jput(c->out, "DBParameterGroupName", jstr(doc, "DBParameterGroupName"));
	return aws_keep(c->aws, c->at, &dbi_parameter_groups, arena_cstr(c->arena, jslice(doc, "DBParameterGroupName")), doc, &err) ?
		       aws_broken(c, &err) : 0;
}

static int delete_parameters(struct aws_call *c)
{
	struct error err = { 0 };
	json_t *doc;
	int rc = find_parameters(c, &doc);
	if (rc)
		return rc;
	return aws_drop(c->aws, c->at, &dbi_parameter_groups, arena_cstr(c->arena, jslice(doc, "DBParameterGroupName")), &err) ? aws_broken(c, &err) : 0;
}

/* ---- engines ---- */

static int describe_versions(struct aws_call *c)
{
	static const char *const versions[][3] = { { "mysql", "8.0.35", "mysql8.0" }, { "mysql", "8.0.39", "mysql8.0" }, { "mysql", "8.4.3", "mysql8.4" },
						   { "mariadb", "10.11.9", "mariadb10.11" }, { "postgres", "16.4", "postgres16" } };
	const char *engine = jstr(c->in, "Engine"), *version = jstr(c->in, "EngineVersion"), *family = jstr(c->in, "DBParameterGroupFamily");
	json_t *items = json_array();
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		if ((engine && strcmp(engine, versions[i][0])) || (version && strncmp(version, versions[i][1], strlen(version))) ||
		    (family && strcmp(family, versions[i][2])))
			continue;
		json_array_append_new(items, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "Engine", versions[i][0], "EngineVersion", versions[i][1],
						       "DBParameterGroupFamily", versions[i][2], "DBEngineDescription", versions[i][0], "DBEngineVersionDescription",
						       versions[i][1], "Status", "available", "SupportsReadReplica", 1));
		if (jtrue(c->in, "DefaultOnly"))
			break;
	}
	return dbi_page(c, items, "DBEngineVersions");
}

#define OP(name, doc) AWS_OP("rds", name, "RDS: " doc)
#define PAGE " Filters:[{Name! Values!:[s]}] MaxRecords:i20-100 Marker"
#define SUBNETS "{Subnets:[Subnet={}]}"

static const struct aws_op ops[] = {
	{ OP("DescribeDBSubnetGroups", "subnet groups"), "DBSubnetGroupName" PAGE, "DBSubnetGroups:[DBSubnetGroup=" SUBNETS "]", describe_subnets },
	{ OP("CreateDBSubnetGroup", "keeps a subnet group"), "DBSubnetGroupName! DBSubnetGroupDescription! SubnetIds!:[s] Tags:[{Key Value}]", "DBSubnetGroup:" SUBNETS,
	  create_subnets },
	{ OP("ModifyDBSubnetGroup", "changes it"), "DBSubnetGroupName! DBSubnetGroupDescription SubnetIds!:[s]", "DBSubnetGroup:" SUBNETS, modify_subnets },
	{ OP("DeleteDBSubnetGroup", "takes it away"), "DBSubnetGroupName!", NULL, delete_subnets },
	{ OP("DescribeDBParameterGroups", "parameter groups"), "DBParameterGroupName" PAGE, "DBParameterGroups:[DBParameterGroup={}]", describe_parameter_groups },
	{ OP("CreateDBParameterGroup", "keeps a parameter group"), "DBParameterGroupName! DBParameterGroupFamily! Description! Tags:[{Key Value}]", "", create_parameters },
	{ OP("DescribeDBParameters", "what was set in it"), "DBParameterGroupName! Source" PAGE, "Parameters:[Parameter={}]", describe_parameters },
	{ OP("ModifyDBParameterGroup", "sets parameters, which nothing reads"),
	  "DBParameterGroupName! Parameters!:[{ParameterName ParameterValue Description Source ApplyType DataType AllowedValues IsModifiable:b MinimumEngineVersion "
	  "ApplyMethod:immediate|pending-reboot}]", "", modify_parameters },
	{ OP("DeleteDBParameterGroup", "takes it away"), "DBParameterGroupName!", NULL, delete_parameters },
	{ OP("DescribeDBEngineVersions", "a few versions"), "Engine EngineVersion DBParameterGroupFamily DefaultOnly:b ListSupportedCharacterSets:b "
	  "ListSupportedTimezones:b IncludeAll:b" PAGE, "DBEngineVersions:[DBEngineVersion={}]", describe_versions },
};
const struct routes rds_group_ops = ROUTES(ops);
