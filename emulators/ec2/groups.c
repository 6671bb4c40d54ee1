/* EC2: security groups. Their rules are kept one by one ("_rules", as DescribeSecurityGroupRules shows them); permissions are made of
 * them for DescribeSecurityGroups. */
#include "ec2/ec2.h"

static json_t *rule_of(struct aws_call *c, const json_t *group, bool egress, const char *protocol, const json_t *from, const json_t *to)
{
	json_t *rule = json_pack("{s:s, s:s, s:s, s:b, s:s, s:[]}", "securityGroupRuleId", ec2_id(c, "sgr-"), "groupId", jstr(group, "groupId"), "groupOwnerId",
				 c->at.account, "isEgress", egress, "ipProtocol", protocol, "tagSet");
	bool all = !strcmp(protocol, "-1");
	json_object_set_new(rule, "fromPort", all || !from ? json_integer(-1) : json_incref((json_t *)from));
	json_object_set_new(rule, "toPort", all || !to ? json_integer(-1) : json_incref((json_t *)to));
	return rule;
}

json_t *ec2_make_group(struct aws_call *c, const char *id, const char *vpc, const char *name, const char *text, json_t *tags)
{
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:[], s:o}", "groupId", id, "vpcId", vpc, "ownerId", c->at.account, "groupName", name,
				"groupDescription", text, "tagSet", tags, "_rules", "securityGroupArn",
				json_sprintf("arn:aws:ec2:%s:%s:security-group/%s", c->at.region, c->at.account, id));
	json_t *out = rule_of(c, doc, true, "-1", NULL, NULL), *in;
	jput(out, "cidrIpv4", "0.0.0.0/0");
	json_array_append_new(json_object_get(doc, "_rules"), out);
	if (!strcmp(name, "default")) {
		in = rule_of(c, doc, false, "-1", NULL, NULL);
		json_object_set_new(in, "referencedGroupInfo", json_pack("{s:s, s:s}", "groupId", id, "userId", c->at.account));
		json_array_append_new(json_object_get(doc, "_rules"), in);
	}
	return ec2_keep(c, &ec2_groups, doc) ? NULL : doc;
}

/* ---- permissions ---- */

/* The permission of that protocol and ports, made when there is none. */
static json_t *permission(json_t *list, const json_t *rule)
{
	static const char *const sets[] = { "groups", "ipRanges", "ipv6Ranges", "prefixListIds" };
	bool all = ec2_is(rule, "ipProtocol", "-1");
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
		if (ec2_is(one, "ipProtocol", jstr(rule, "ipProtocol")) &&
		    (all || (jint(one, "fromPort") == jint(rule, "fromPort") && jint(one, "toPort") == jint(rule, "toPort"))))
			return one;
	one = json_object();
	jput(one, "ipProtocol", jstr(rule, "ipProtocol"));
	if (!all) {
		jcopy(one, rule, "fromPort");
		jcopy(one, rule, "toPort");
	}
	for (i = 0; i < ARRAY_LEN(sets); i++)
		json_object_set_new(one, sets[i], json_array());
	json_array_append_new(list, one);
	return one;
}

static void add_permission(json_t *list, const json_t *rule)
{
	json_t *one = permission(list, rule), *peer = json_object(), *other = json_object_get(rule, "referencedGroupInfo");
	const char *set = other ? "groups" : jstr(rule, "cidrIpv4") ? "ipRanges" : jstr(rule, "cidrIpv6") ? "ipv6Ranges" : "prefixListIds";
	if (other)
		json_object_update(peer, other);
	jput(peer, "cidrIp", jstr(rule, "cidrIpv4"));
	jput(peer, "cidrIpv6", jstr(rule, "cidrIpv6"));
	jput(peer, "prefixListId", jstr(rule, "prefixListId"));
	jput(peer, "description", jstr(rule, "description"));
	json_array_append_new(json_object_get(one, set), peer);
}

static void with_permissions(const json_t *rules, json_t *doc)
{
	json_t *in = json_array(), *out = json_array(), *rule;
	size_t i;
	json_array_foreach(rules, i, rule)
		add_permission(jtrue(rule, "isEgress") ? out : in, rule);
	json_object_set_new(doc, "ipPermissions", in);
	json_object_set_new(doc, "ipPermissionsEgress", out);
}

static void show(struct aws_call *c, json_t *doc)
{
	with_permissions(json_object_get(aws_find(c->aws, c->at, &ec2_groups.kind, jstr(doc, "groupId")), "_rules"), doc);
}

/* GroupName names one of the default VPC. */
static int named(struct aws_call *c, json_t *ids)
{
	json_t *name, *doc;
	size_t i;
	json_array_foreach(json_object_get(c->in, "GroupName"), i, name) {
		doc = ec2_with(c, &ec2_groups, "groupName", json_string_value(name));
		if (!doc)
			return aws_refuse(c, 400, "InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC", json_string_value(name));
		json_array_append(ids, json_object_get(doc, "groupId"));
	}
	return 0;
}

int ec2_describe_groups(struct aws_call *c)
{
	json_t *doc;
	int rc = ec2_begin(c);
	if (!rc && json_is_array(json_object_get(c->in, "GroupName")))
		rc = named(c, json_is_array(json_object_get(c->in, "GroupId")) ? json_object_get(c->in, "GroupId") :
			      (json_object_set_new(c->in, "GroupId", json_array()), json_object_get(c->in, "GroupId")));
	if (rc)
		return rc;
	/* Filters look at permissions, too. */
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_groups.kind); (doc = aws_next(&w));)
		with_permissions(json_object_get(doc, "_rules"), doc);
	return ec2_describe(c, &ec2_groups, show);
}

int ec2_create_group(struct aws_call *c)
{
	const char *vpc = jstr(c->in, "VpcId"), *name = jstr(c->in, "GroupName");
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc)
		return rc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_vpcs.kind); !vpc && (doc = aws_next(&w));)
		vpc = jtrue(doc, "isDefault") ? w.key : NULL;
	if ((rc = ec2_find(c, &ec2_vpcs, vpc, &doc)))
		return rc;
	if (!strncmp(name, "sg-", 3) || !strcmp(name, "default"))
		return aws_refuse(c, 400, "InvalidParameterValue", "Invalid value '%s' for groupName. Group names may not be in the format sg-*, or default.", name);
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_groups.kind); (doc = aws_next(&w));)
		if (ec2_is(doc, "vpcId", vpc) && ec2_is(doc, "groupName", name))
			return aws_refuse(c, 400, "InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, vpc);
	doc = ec2_make_group(c, ec2_id(c, "sg-"), vpc, name, jstr(c->in, "GroupDescription"), ec2_tags_of(c, "security-group"));
	if (!doc)
		return -1;
	ec2_done(c);
	jcopy(c->out, doc, "groupId");
	jcopy(c->out, doc, "tagSet");
	jcopy(c->out, doc, "securityGroupArn");
	return 0;
}

static int find_group(struct aws_call *c, json_t **doc)
{
	const char *id = jstr(c->in, "GroupId"), *name = jstr(c->in, "GroupName");
	int rc = ec2_begin(c);
	if (rc || id)
		return rc ? rc : ec2_find(c, &ec2_groups, id, doc);
	*doc = name ? ec2_with(c, &ec2_groups, "groupName", name) : NULL;
	return *doc ? 0 : name ? ec2_absent(c, &ec2_groups, name) :
				 aws_refuse(c, 400, "MissingParameter", "The request must contain the parameter groupName or groupId");
}

int ec2_delete_group(struct aws_call *c)
{
	json_t *doc, *other;
	int rc = find_group(c, &doc);
	if (rc)
		return rc;
	if (ec2_is(doc, "groupName", "default"))
		return aws_refuse(c, 400, "CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", jstr(doc, "groupId"));
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_instances.kind); (other = aws_next(&w));) {
		json_t *group;
		size_t i;
		json_array_foreach(json_object_get(other, "groupSet"), i, group)
			if (ec2_is(group, "groupId", jstr(doc, "groupId")) && !ec2_is(json_object_get(other, "instanceState"), "name", "terminated"))
				return aws_refuse(c, 400, "DependencyViolation", "resource %s has a dependent object", jstr(doc, "groupId"));
	}
	ec2_done(c);
	jput(c->out, "groupId", jstr(doc, "groupId"));
	return ec2_drop(c, &ec2_groups, jstr(c->out, "groupId"));
}

/* ---- rules ---- */

/* What makes two rules the same. */
static bool same_rule(const json_t *a, const json_t *b)
{
	static const char *const parts[] = { "isEgress", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const json_t *x = json_object_get(a, parts[i]), *y = json_object_get(b, parts[i]);
		if (x && y ? !json_equal(x, y) : x != y)
			return false;
	}
	const char *x = jstr(json_object_get(a, "referencedGroupInfo"), "groupId"), *y = jstr(json_object_get(b, "referencedGroupInfo"), "groupId");
	return x && y ? !strcmp(x, y) : x == y;
}

static ssize_t rule_at(const json_t *rules, const json_t *like)
{
	json_t *one;
	size_t i;
	json_array_foreach(rules, i, one)
		if (same_rule(one, like))
			return (ssize_t)i;
	return -1;
}

static const char *protocol_of(const json_t *permission)
{
	const char *p = jstr(permission, "IpProtocol");
	return !p ? "-1" : !strcmp(p, "6") ? "tcp" : !strcmp(p, "17") ? "udp" : !strcmp(p, "1") ? "icmp" : p;
}

/* A rule a peer of each permission, in the arena of nobody: the caller's array. */
static json_t *asked_rules(struct aws_call *c, const json_t *group, bool egress)
{
	static const char *const sets[][3] = { { "IpRanges", "CidrIp", "cidrIpv4" }, { "Ipv6Ranges", "CidrIpv6", "cidrIpv6" },
					       { "PrefixListIds", "PrefixListId", "prefixListId" } };
	json_t *rules = json_array(), *p, *peer;
	size_t i, j;
	json_array_foreach(json_object_get(c->in, "IpPermissions"), i, p) {
		const json_t *from = json_object_get(p, "FromPort"), *to = json_object_get(p, "ToPort");
		for (size_t k = 0; k < ARRAY_LEN(sets); k++)
			json_array_foreach(json_object_get(p, sets[k][0]), j, peer) {
				json_t *rule = rule_of(c, group, egress, protocol_of(p), from, to);
				jput(rule, sets[k][2], jstr(peer, sets[k][1]));
				jput(rule, "description", jstr(peer, "Description"));
				json_array_append_new(rules, rule);
			}
		json_array_foreach(json_object_get(p, "Groups"), j, peer) {
			json_t *rule = rule_of(c, group, egress, protocol_of(p), from, to);
			const json_t *named_group = jstr(peer, "GroupName") ? ec2_with(c, &ec2_groups, "groupName", jstr(peer, "GroupName")) : NULL;
			const char *id = jstr(peer, "GroupId") ? jstr(peer, "GroupId") : jstr(named_group, "groupId");
			json_object_set_new(rule, "referencedGroupInfo", json_pack("{s:s, s:s}", "groupId", id ? id : "", "userId", c->at.account));
			jput(rule, "description", jstr(peer, "Description"));
			json_array_append_new(rules, rule);
		}
	}
	if (jstr(c->in, "CidrIp") || jstr(c->in, "SourceSecurityGroupName")) {
		json_t *rule = rule_of(c, group, egress, protocol_of(c->in), json_object_get(c->in, "FromPort"), json_object_get(c->in, "ToPort"));
		jput(rule, "cidrIpv4", jstr(c->in, "CidrIp"));
		if (!jstr(c->in, "CidrIp")) {
			const json_t *other = ec2_with(c, &ec2_groups, "groupName", jstr(c->in, "SourceSecurityGroupName"));
			json_object_set_new(rule, "referencedGroupInfo", json_pack("{s:s, s:s}", "groupId", other ? jstr(other, "groupId") : "", "userId",
										   c->at.account));
		}
		json_array_append_new(rules, rule);
	}
	return rules;
}

static int authorize(struct aws_call *c, bool egress)
{
	json_t *group, *rules, *rule;
	size_t i;
	int rc = find_group(c, &group);
	if (rc)
		return rc;
	rules = asked_rules(c, group, egress);
	if (!json_array_size(rules))
		rc = aws_refuse(c, 400, "MissingParameter", "The request must contain the parameter ipPermissions");
	json_array_foreach(rules, i, rule) {
		const char *peer = jstr(json_object_get(rule, "referencedGroupInfo"), "groupId");
		if (!rc && peer && !aws_find(c->aws, c->at, &ec2_groups.kind, peer))
			rc = ec2_absent(c, &ec2_groups, peer);
		if (!rc && rule_at(json_object_get(group, "_rules"), rule) >= 0)
			rc = aws_refuse(c, 400, "InvalidPermission.Duplicate", "the specified rule \"peer: %s, %s, from port: %lld, to port: %lld, ALLOW\" already exists",
					jstr(rule, "cidrIpv4") ? jstr(rule, "cidrIpv4") : peer ? peer : "", jstr(rule, "ipProtocol"),
					(long long)jint(rule, "fromPort"), (long long)jint(rule, "toPort"));
	}
	if (rc) {
		json_decref(rules);
		return rc;
	}
	json_array_extend(json_object_get(group, "_rules"), rules);
	ec2_done(c);
	json_object_set_new(c->out, "securityGroupRuleSet", rules);
	return ec2_keep(c, &ec2_groups, group);
}

int ec2_authorize_in(struct aws_call *c)
{
	return authorize(c, false);
}

int ec2_authorize_out(struct aws_call *c)
{
	return authorize(c, true);
}

static int revoke(struct aws_call *c, bool egress)
{
	json_t *group, *rules, *rule, *id, *have;
	size_t i, j;
	int rc = find_group(c, &group);
	if (rc)
		return rc;
	have = json_object_get(group, "_rules");
	rules = asked_rules(c, group, egress);
	json_array_foreach(json_object_get(c->in, "SecurityGroupRuleId"), i, id) {
		bool there = false;
		json_array_foreach(have, j, rule)
			if (ec2_is(rule, "securityGroupRuleId", json_string_value(id)) && jtrue(rule, "isEgress") == egress) {
				json_array_append(rules, rule);
				there = true;
			}
		if (!there)
			rc = aws_refuse(c, 400, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist", json_string_value(id));
	}
	json_array_foreach(rules, i, rule)
		if (!rc && rule_at(have, rule) < 0)
			rc = aws_refuse(c, 400, "InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
	if (!rc)
		json_array_foreach(rules, i, rule)
			json_array_remove(have, (size_t)rule_at(have, rule));
	json_decref(rules);
	ec2_done(c);
	return rc ? rc : ec2_keep(c, &ec2_groups, group);
}

int ec2_revoke_in(struct aws_call *c)
{
	return revoke(c, false);
}

int ec2_revoke_out(struct aws_call *c)
{
	return revoke(c, true);
}

int ec2_describe_rules(struct aws_call *c)
{
	static const struct ec2_filter filters[] = { { "group-id", "groupId" }, { "security-group-rule-id", "securityGroupRuleId" }, { NULL } };
	json_t *items = json_array(), *group, *rule, *wanted = json_object_get(c->in, "SecurityGroupRuleId"), *id;
	size_t i, j;
	int rc = ec2_begin(c);
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_groups.kind); rc >= 0 && (group = aws_next(&w));)
		json_array_foreach(json_object_get(group, "_rules"), i, rule) {
			bool named_rule = !json_array_size(wanted);
			json_array_foreach(wanted, j, id)
				named_rule |= ec2_is(rule, "securityGroupRuleId", json_string_value(id));
			if (rc >= 0 && named_rule && (rc = ec2_fits(c, filters, rule)) > 0)
				json_array_append(items, rule);
		}
	if (rc < 0) {
		json_decref(items);
		return rc;
	}
	return aws_page(c, items, "securityGroupRuleSet", "MaxResults", 1000, "NextToken", "nextToken") ?
		       aws_refuse(c, 400, "InvalidParameterValue", "Unable to parse pagination token") : 0;
}
