/* EC2: what every account has in a region from the first day (the default VPC), and the stack's machines, in its own region. Made at
 * the first call that looks; ids come of the seed, the account and the region, so they are the same in every run. */
#include "ec2/ec2.h"

#include "kms/keypair.h"
#include "core/text.h"

static const struct aws_kind homes = { "ec2.home", false };

static const char *fixed_id(struct aws_call *c, const char *prefix, const char *what)
{
	struct buf text = { 0 };
	uint8_t bytes[9];
	char digits[19];
	buf_addf(&text, "ec2/%s/%s/%s", c->at.account, c->at.region, what);
	struct crypt_seed from = { (uint64_t)conf_int(c->env->conf, "stack", "seed", 0), buf_slice(&text), 0 };
	crypt_derive(&from, bytes, sizeof(bytes));
	hex_text(bytes, sizeof(bytes), digits);
	buf_free(&text);
	return arena_printf(c->arena, "%s0%.16s", prefix, digits).p;
}

static json_t *make_network(struct aws_call *c)
{
	static const char *const nets[] = { "172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20" };
	json_t *vpc = ec2_make_vpc(c, fixed_id(c, "vpc-", "vpc"), "172.31.0.0/16", true, json_array()), *first = NULL, *table;
	const char *gateway = fixed_id(c, "igw-", "gateway");
	for (int i = 0; vpc && i < 3; i++) {
		char name[24];
		snprintf(name, sizeof(name), "subnet%d", i);
		json_t *subnet = ec2_make_subnet(c, fixed_id(c, "subnet-", name), vpc, nets[i], ec2_zone(c, i), true, json_array());
		if (!subnet)
			return NULL;
		first = first ? first : subnet;
	}
	if (!vpc || ec2_keep(c, &ec2_gateways, json_pack("{s:s, s:s, s:[{s:s, s:s}], s:[]}", "internetGatewayId", gateway, "ownerId", c->at.account, "attachmentSet",
							 "vpcId", jstr(vpc, "vpcId"), "state", "available", "tagSet")))
		return NULL;
	table = ec2_with(c, &ec2_tables, "vpcId", jstr(vpc, "vpcId"));
	json_array_append_new(json_object_get(table, "routeSet"), json_pack("{s:s, s:s, s:s, s:s}", "destinationCidrBlock", "0.0.0.0/0", "gatewayId", gateway, "state",
									   "active", "origin", "CreateRoute"));
	return ec2_keep(c, &ec2_tables, table) ? NULL : first;
}

/* "host=ec2-54-82-14-231.compute-1.amazonaws.com key=NAME type=t2.micro role=NAME": a word of it, in the arena. */
static const char *word(struct aws_call *c, const char *text, const char *name)
{
	struct slice one, rest = sl(text), value;
	char prefix[16];
	snprintf(prefix, sizeof(prefix), "%s=", name);
	while (rest.p) {
		sl_cut(rest, ' ', &one, &rest);
		if (sl_after(one, sl(prefix), &value))
			return arena_cstr(c->arena, value);
	}
	return NULL;
}

static const char *address_of(struct aws_call *c, const char *host)
{
	unsigned a, b, d, e;
	if (!host || sscanf(host, "ec2-%u-%u-%u-%u.", &a, &b, &d, &e) != 4 || a > 255 || b > 255 || d > 255 || e > 255)
		return NULL;
	return arena_printf(c->arena, "%u.%u.%u.%u", a, b, d, e).p;
}

static int make_machine(struct aws_call *c, const json_t *subnet, const char *name, const char *text)
{
	const char *role = word(c, text, "role"), *address = address_of(c, word(c, text, "host"));
	json_t *doc = ec2_make_instance(c, fixed_id(c, "i-", name), subnet, address ? address : "54.82.14.231",
					json_pack("[{s:s, s:s}]", "key", "Name", "value", name)), *group;
	if (!doc)
		return -1;
	jput(doc, "instanceType", word(c, text, "type") ? word(c, text, "type") : "t2.micro");
	jput(doc, "keyName", word(c, text, "key"));
	if (role)
		json_object_set_new(doc, "iamInstanceProfile", json_pack("{s:o, s:s}", "arn", json_sprintf("arn:aws:iam::%s:instance-profile/%s", c->at.account, role),
									 "id", "AIPAAAAAAAAAAAAAAAAAA"));
	group = ec2_with(c, &ec2_groups, "vpcId", jstr(subnet, "vpcId"));
	json_array_append_new(json_object_get(doc, "groupSet"), json_pack("{s:s, s:s}", "groupId", jstr(group, "groupId"), "groupName", jstr(group, "groupName")));
	return ec2_keep(c, &ec2_instances, doc);
}

/* The gateway to S3 that MSK Connect's workers go through. */
static int make_endpoint(struct aws_call *c, const json_t *subnet)
{
	json_t *table = ec2_with(c, &ec2_tables, "vpcId", jstr(subnet, "vpcId"));
	json_t *doc = ec2_make_endpoint(c, fixed_id(c, "vpce-", "s3"), jstr(subnet, "vpcId"), arena_printf(c->arena, "com.amazonaws.%s.s3", c->at.region).p, "Gateway",
					json_array());
	if (!doc)
		return -1;
	json_array_append(json_object_get(doc, "routeTableIdSet"), json_object_get(table, "routeTableId"));
	return ec2_keep(c, &ec2_endpoints, doc);
}

int ec2_begin(struct aws_call *c)
{
	const struct conf *conf = c->env->conf;
	struct error err = { 0 };
	const char *name, *text;
	json_t *subnet;
	bool home = !strcmp(c->at.account, identities_account(conf)) && !strcmp(c->at.region, identities_region(conf));
	if (!aws_find(c->aws, c->at, &homes, "made")) {
		if (aws_keep(c->aws, c->at, &homes, "made", json_object(), &err))
			return aws_broken(c, &err);
		if (!(subnet = make_network(c)))
			return -1;
		for (size_t i = 0; home && conf_at(conf, "ec2", i, &name, &text); i++)
			if (make_machine(c, subnet, name, text) || (i == 0 && make_endpoint(c, subnet)))
				return -1;
	}
	return jtrue(c->in, "DryRun") ? aws_refuse(c, 412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.") : 0;
}
