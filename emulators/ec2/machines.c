/* EC2: instances. Their states are words that the calls set; what a call answers of a change is what AWS answers (pending, stopping),
 * what is described afterwards is its end, so that nobody waits for a clock that stands. */
#include "ec2/ec2.h"

#include <arpa/inet.h>

enum { PENDING = 0, RUNNING = 16, SHUTTING_DOWN = 32, TERMINATED = 48, STOPPING = 64, STOPPED = 80 };

static const char *state_name(int code)
{
	return code == PENDING ? "pending" : code == RUNNING ? "running" : code == SHUTTING_DOWN ? "shutting-down" : code == TERMINATED ? "terminated" :
	       code == STOPPING ? "stopping" : "stopped";
}

static json_t *state_of(int code)
{
	return json_pack("{s:i, s:s}", "code", code, "name", state_name(code));
}

static int code_of(const json_t *doc)
{
	return (int)jint(json_object_get(doc, "instanceState"), "code");
}

void ec2_set_state(json_t *instance, int code)
{
	json_object_set_new(instance, "instanceState", state_of(code));
}

/* ---- addresses ---- */

/* The n-th host of a subnet, as AWS counts: the first four are its own. */
static const char *private_address(struct aws_call *c, const json_t *subnet)
{
	char net[64], text[INET_ADDRSTRLEN];
	struct in_addr a;
	snprintf(net, sizeof(net), "%s", jstr(subnet, "cidrBlock"));
	net[strcspn(net, "/")] = '\0';
	if (inet_pton(AF_INET, net, &a) != 1)
		return "172.31.0.10";
	a.s_addr = htonl(ntohl(a.s_addr) + 10 + (uint32_t)(aws_chance(c->aws) % 200));
	inet_ntop(AF_INET, &a, text, sizeof(text));
	return arena_cstr(c->arena, sl(text));
}

/* "ec2-54-82-14-231.compute-1" of its address. */
static json_t *public_name(struct aws_call *c, const char *address)
{
	char dashed[32];
	snprintf(dashed, sizeof(dashed), "%s", address);
	for (char *p = dashed; *p; p++)
		*p = *p == '.' ? '-' : *p;
	return !strcmp(c->at.region, "us-east-1") ? json_sprintf("ec2-%s.compute-1.amazonaws.com", dashed) :
						    json_sprintf("ec2-%s.%s.compute.amazonaws.com", dashed, c->at.region);
}

/* What it has while it runs. */
static void set_public(struct aws_call *c, json_t *doc, const char *address)
{
	if (!address) {
		json_object_del(doc, "ipAddress");
		jput(doc, "dnsName", "");
		return;
	}
	jput(doc, "ipAddress", address);
	json_object_set_new(doc, "dnsName", public_name(c, address));
}

static void set_private(struct aws_call *c, json_t *doc, const char *address)
{
	char dashed[32];
	snprintf(dashed, sizeof(dashed), "%s", address);
	for (char *p = dashed; *p; p++)
		*p = *p == '.' ? '-' : *p;
	jput(doc, "privateIpAddress", address);
	json_object_set_new(doc, "privateDnsName", !strcmp(c->at.region, "us-east-1") ? json_sprintf("ip-%s.ec2.internal", dashed)
										    : json_sprintf("ip-%s.%s.compute.internal", dashed, c->at.region));
}

/* ---- making ---- */

static int make_volume(struct aws_call *c, json_t *doc, const char *zone)
{
	const char *id = ec2_id(c, "vol-"), *instance = jstr(doc, "instanceId");
	json_t *attached = json_pack("{s:s, s:s, s:s, s:s, s:I, s:b}", "volumeId", id, "instanceId", instance, "device", "/dev/xvda", "status", "attached",
				     "attachTime", (json_int_t)c->now_ms, "deleteOnTermination", 1);
	json_object_set_new(doc, "blockDeviceMapping", json_pack("[{s:s, s:{s:s, s:s, s:I, s:b}}]", "deviceName", "/dev/xvda", "ebs", "volumeId", id, "status",
								 "attached", "attachTime", (json_int_t)c->now_ms, "deleteOnTermination", 1));
	return ec2_keep(c, &ec2_volumes, json_pack("{s:s, s:i, s:s, s:s, s:I, s:s, s:b, s:i, s:i, s:[o], s:[]}", "volumeId", id, "size", 8, "availabilityZone", zone,
						   "status", "in-use", "createTime", (json_int_t)c->now_ms, "volumeType", "gp3", "encrypted", 0, "iops", 3000,
						   "throughput", 125, "attachmentSet", attached, "tagSet"));
}

json_t *ec2_make_instance(struct aws_call *c, const char *id, const json_t *subnet, const char *address, json_t *tags)
{
	const char *zone = jstr(subnet, "availabilityZone");
	json_t *doc = json_pack("{s:s, s:s, s:o, s:s, s:s, s:i, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:b, s:[], s:[], s:[], s:o}", "instanceId", id,
				"imageId", EC2_IMAGE, "instanceState", state_of(RUNNING), "reason", "", "instanceType", "t2.micro", "amiLaunchIndex", 0, "vpcId",
				jstr(subnet, "vpcId"), "subnetId", jstr(subnet, "subnetId"), "launchTime", (json_int_t)c->now_ms, "architecture", "x86_64",
				"rootDeviceType", "ebs", "rootDeviceName", "/dev/xvda", "virtualizationType", "hvm", "ebsOptimized", 0, "sourceDestCheck", 1,
				"hypervisor", "xen", "enaSupport", 1, "productCodes", "groupSet", "networkInterfaceSet", "tagSet", tags);
	json_object_set_new(doc, "placement", json_pack("{s:s, s:s, s:s}", "availabilityZone", zone, "tenancy", "default", "groupName", ""));
	json_object_set_new(doc, "monitoring", json_pack("{s:s}", "state", "disabled"));
	json_object_set_new(doc, "cpuOptions", json_pack("{s:i, s:i}", "coreCount", 1, "threadsPerCore", 1));
	json_object_set_new(doc, "metadataOptions", json_pack("{s:s, s:s, s:i, s:s}", "state", "applied", "httpTokens", "required", "httpPutResponseHopLimit", 2,
							      "httpEndpoint", "enabled"));
	jput(doc, "_owner", c->at.account);
	jput(doc, "_reservation", ec2_id(c, "r-"));
	set_private(c, doc, private_address(c, subnet));
	set_public(c, doc, address);
	jput(doc, "_address", address);
	if (make_volume(c, doc, zone) || ec2_keep(c, &ec2_instances, doc))
		return NULL;
	return doc;
}

static int add_group(struct aws_call *c, json_t *doc, const char *id)
{
	json_t *group;
	int rc = ec2_find(c, &ec2_groups, id, &group);
	if (!rc)
		json_array_append_new(json_object_get(doc, "groupSet"), json_pack("{s:s, s:s}", "groupId", id, "groupName", jstr(group, "groupName")));
	return rc;
}

static int add_groups(struct aws_call *c, json_t *doc, const json_t *subnet)
{
	json_t *one, *nic = json_array_get(json_object_get(c->in, "NetworkInterface"), 0), *ids = json_object_get(nic ? nic : c->in, "SecurityGroupId");
	size_t i;
	int rc;
	json_array_foreach(ids, i, one)
		if ((rc = add_group(c, doc, json_string_value(one))))
			return rc;
	json_array_foreach(json_object_get(c->in, "SecurityGroup"), i, one) {
		json_t *group = ec2_with(c, &ec2_groups, "groupName", json_string_value(one));
		if ((rc = group ? add_group(c, doc, jstr(group, "groupId")) : ec2_absent(c, &ec2_groups, json_string_value(one))))
			return rc;
	}
	if (json_array_size(json_object_get(doc, "groupSet")))
		return 0;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_groups.kind); (one = aws_next(&w));)
		if (ec2_is(one, "vpcId", jstr(subnet, "vpcId")) && ec2_is(one, "groupName", "default"))
			return add_group(c, doc, jstr(one, "groupId"));
	return 0;
}

/* ---- answers ---- */

/* One reservation an instance, but those that were run together. */
static json_t *reservation(struct aws_call *c, json_t *list, const json_t *doc)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
		if (ec2_is(one, "reservationId", jstr(doc, "_reservation")))
			return one;
	one = json_pack("{s:s, s:s, s:[], s:[]}", "reservationId", jstr(doc, "_reservation"), "ownerId", c->at.account, "groupSet", "instancesSet");
	json_array_append_new(list, one);
	return one;
}

static json_t *shown(const json_t *doc)
{
	json_t *one = json_object(), *v;
	const char *key;
	json_object_foreach((json_t *)doc, key, v)
		if (*key != '_')
			json_object_set(one, key, v);
	return one;
}

static int check_ids(struct aws_call *c)
{
	json_t *id;
	size_t i;
	json_array_foreach(json_object_get(c->in, "InstanceId"), i, id)
		if (!aws_find(c->aws, c->at, &ec2_instances.kind, json_string_value(id)))
			return ec2_absent(c, &ec2_instances, json_string_value(id));
	return 0;
}

static bool is_asked(struct aws_call *c, const char *id)
{
	const json_t *ids = json_object_get(c->in, "InstanceId"), *one;
	size_t i;
	json_array_foreach(ids, i, one)
		if (!strcmp(json_string_value(one), id))
			return true;
	return !json_array_size(ids);
}

int ec2_describe_instances(struct aws_call *c)
{
	json_t *list, *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = check_ids(c)))
		return rc;
	list = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_instances.kind); rc >= 0 && (doc = aws_next(&w));)
		if (is_asked(c, w.key) && (rc = ec2_fits(c, ec2_instances.filters, doc)) > 0)
			json_array_append_new(json_object_get(reservation(c, list, doc), "instancesSet"), shown(doc));
	if (rc < 0) {
		json_decref(list);
		return rc;
	}
	return aws_page(c, list, "reservationSet", "MaxResults", 1000, "NextToken", "nextToken") ?
		       aws_refuse(c, 400, "InvalidParameterValue", "Unable to parse pagination token") : 0;
}

int ec2_describe_status(struct aws_call *c)
{
	json_t *list, *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = check_ids(c)))
		return rc;
	list = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_instances.kind); rc >= 0 && (doc = aws_next(&w));) {
		bool runs = code_of(doc) == RUNNING;
		const char *status = runs ? "ok" : "not-applicable";
		if (!is_asked(c, w.key) || (!runs && !jtrue(c->in, "IncludeAllInstances")) || (rc = ec2_fits(c, ec2_instances.filters, doc)) <= 0)
			continue;
		json_array_append_new(list, json_pack("{s:s, s:s, s:O, s:{s:s, s:[{s:s, s:s}]}, s:{s:s, s:[{s:s, s:s}]}}", "instanceId", w.key, "availabilityZone",
						      jstr(json_object_get(doc, "placement"), "availabilityZone"), "instanceState",
						      json_object_get(doc, "instanceState"), "systemStatus", "status", status, "details", "name", "reachability",
						      "status", runs ? "passed" : "not-applicable", "instanceStatus", "status", status, "details", "name",
						      "reachability", "status", runs ? "passed" : "not-applicable"));
	}
	json_object_set_new(c->out, "instanceStatusSet", list);
	return rc < 0 ? rc : 0;
}

int ec2_describe_attribute(struct aws_call *c)
{
	static const struct {
		const char *name, *text; /* text: what it is where the document has no such member */
	} all[] = {
		{ "instanceType", "" }, { "userData", NULL }, { "disableApiTermination", "false" }, { "disableApiStop", "false" },
		{ "instanceInitiatedShutdownBehavior", "stop" }, { "rootDeviceName", "" }, { "sourceDestCheck", "true" }, { "ebsOptimized", "false" },
		{ "enaSupport", "true" }, { "sriovNetSupport", "simple" }, { "kernel", NULL }, { "ramdisk", NULL },
	};
	const char *name = jstr(c->in, "Attribute");
	json_t *doc, *v;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_instances, jstr(c->in, "InstanceId"), &doc)))
		return rc;
	jput(c->out, "instanceId", jstr(c->in, "InstanceId"));
	if (!strcmp(name, "groupSet") || !strcmp(name, "blockDeviceMapping") || !strcmp(name, "productCodes"))
		json_object_set(c->out, name, json_object_get(doc, name));
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		char own[64];
		if (strcmp(name, all[i].name))
			continue;
		snprintf(own, sizeof(own), "_%s", name);
		v = json_object_get(doc, own) ? json_object_get(doc, own) : json_object_get(doc, name);
		json_object_set_new(c->out, name, json_object());
		if (v)
			json_object_set(json_object_get(c->out, name), "value", v);
		else
			jput(json_object_get(c->out, name), "value", all[i].text);
	}
	return 0;
}

/* ---- running ---- */

static int subnet_for(struct aws_call *c, json_t **out)
{
	const json_t *nic = json_array_get(json_object_get(c->in, "NetworkInterface"), 0);
	const char *id = jstr(c->in, "SubnetId") ? jstr(c->in, "SubnetId") : jstr(nic, "SubnetId");
	const char *zone = jstr(json_object_get(c->in, "Placement"), "AvailabilityZone");
	json_t *doc;
	if (id)
		return ec2_find(c, &ec2_subnets, id, out);
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_subnets.kind); (doc = aws_next(&w));)
		if (jtrue(doc, "defaultForAz") && (!zone || ec2_is(doc, "availabilityZone", zone))) {
			*out = doc;
			return 0;
		}
	return aws_refuse(c, 400, "MissingInput", "No subnets found for the default VPC. Please specify a subnet.");
}

static int check_run(struct aws_call *c)
{
	const char *image = jstr(c->in, "ImageId"), *key = jstr(c->in, "KeyName");
	int64_t min = jint(c->in, "MinCount"), max = jint(c->in, "MaxCount");
	if (!image)
		return aws_refuse(c, 400, "MissingParameter", "The request must contain the parameter ImageId");
	if (strncmp(image, "ami-", 4))
		return aws_refuse(c, 400, "InvalidAMIID.Malformed", "Invalid id: \"%s\" (expecting \"ami-...\")", image);
	if (min < 1 || max < min || max > 20)
		return aws_refuse(c, 400, "InvalidParameterValue", "Value (%lld) for parameter maxCount is invalid. tarn keeps up to 20 instances a call.", (long long)max);
	if (key && !aws_find(c->aws, c->at, &(const struct aws_kind){ "ec2.keypair", false }, key))
		return aws_refuse(c, 400, "InvalidKeyPair.NotFound", "The key pair '%s' does not exist", key);
	return 0;
}

static void take_profile(struct aws_call *c, json_t *doc)
{
	const json_t *profile = json_object_get(c->in, "IamInstanceProfile");
	const char *arn = jstr(profile, "Arn"), *name = jstr(profile, "Name");
	if (!arn && !name)
		return;
	json_object_set_new(doc, "iamInstanceProfile", json_pack("{s:o, s:o}", "arn", arn ? json_string(arn) :
			    json_sprintf("arn:aws:iam::%s:instance-profile/%s", c->at.account, name), "id", json_string("AIPAAAAAAAAAAAAAAAAAA")));
}

static int run_one(struct aws_call *c, json_t *subnet, int index, const char *reservation_id)
{
	const json_t *nic = json_array_get(json_object_get(c->in, "NetworkInterface"), 0), *asked = json_object_get(nic, "AssociatePublicIpAddress");
	bool public = asked ? json_is_true(asked) : jtrue(subnet, "mapPublicIpOnLaunch");
	uint64_t chance = aws_chance(c->aws);
	const char *address = arena_printf(c->arena, "54.%d.%d.%d", (int)(chance % 200) + 20, (int)(chance >> 16 & 0xff), (int)(chance >> 24 & 0xff) % 250 + 2).p;
	json_t *doc = ec2_make_instance(c, ec2_id(c, "i-"), subnet, public ? address : NULL, ec2_tags_of(c, "instance")), *one;
	int rc = doc ? add_groups(c, doc, subnet) : -1;
	if (rc)
		return rc;
	jput(doc, "imageId", jstr(c->in, "ImageId"));
	jput(doc, "instanceType", jstr(c->in, "InstanceType") ? jstr(c->in, "InstanceType") : "m1.small");
	jput(doc, "keyName", jstr(c->in, "KeyName"));
	jput(doc, "clientToken", jstr(c->in, "ClientToken"));
	jput(doc, "_reservation", reservation_id);
	jput(doc, "_userData", jstr(c->in, "UserData"));
	jput(doc, "_instanceInitiatedShutdownBehavior", jstr(c->in, "InstanceInitiatedShutdownBehavior"));
	if (json_object_get(c->in, "DisableApiTermination"))
		json_object_set(doc, "_disableApiTermination", json_object_get(c->in, "DisableApiTermination"));
	json_object_set_new(doc, "amiLaunchIndex", json_integer(index));
	if (jstr(c->in, "PrivateIpAddress"))
		set_private(c, doc, jstr(c->in, "PrivateIpAddress"));
	take_profile(c, doc);
	if ((rc = ec2_keep(c, &ec2_instances, doc)))
		return rc;
	one = shown(doc);
	ec2_set_state(one, PENDING);
	jput(one, "dnsName", "");
	json_object_del(one, "ipAddress");
	json_array_append_new(json_object_get(c->out, "instancesSet"), one);
	return 0;
}

int ec2_run(struct aws_call *c)
{
	const char *reservation_id = ec2_id(c, "r-");
	json_t *subnet;
	int rc = ec2_begin(c);
	if (rc || (rc = check_run(c)) || (rc = subnet_for(c, &subnet)))
		return rc;
	jput(c->out, "reservationId", reservation_id);
	jput(c->out, "ownerId", c->at.account);
	json_object_set_new(c->out, "groupSet", json_array());
	json_object_set_new(c->out, "instancesSet", json_array());
	for (int i = 0; !rc && i < jint(c->in, "MaxCount"); i++)
		rc = run_one(c, subnet, i, reservation_id);
	return rc;
}

/* ---- changes of state ---- */

struct change {
	const char *verb;
	int from[3]; /* what they may be; else IncorrectInstanceState */
	int told, becomes;
};

static int change_states(struct aws_call *c, const struct change *to)
{
	json_t *set, *id, *doc;
	size_t i;
	int rc = ec2_begin(c);
	if (rc || (rc = check_ids(c)))
		return rc;
	json_array_foreach(json_object_get(c->in, "InstanceId"), i, id) {
		int code = code_of(doc = aws_find(c->aws, c->at, &ec2_instances.kind, json_string_value(id)));
		if (code != to->from[0] && code != to->from[1] && code != to->from[2])
			return aws_refuse(c, 400, "IncorrectInstanceState", "The instance '%s' is not in a state from which it can be %s.", json_string_value(id), to->verb);
		if (to->becomes == TERMINATED && jtrue(doc, "_disableApiTermination"))
			return aws_refuse(c, 400, "OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute "
					  "and try again.", json_string_value(id));
	}
	set = json_array();
	json_object_set_new(c->out, "instancesSet", set);
	json_array_foreach(json_object_get(c->in, "InstanceId"), i, id) {
		doc = aws_find(c->aws, c->at, &ec2_instances.kind, json_string_value(id));
		int was = code_of(doc);
		json_array_append_new(set, json_pack("{s:s, s:o, s:o}", "instanceId", json_string_value(id), "currentState",
						     state_of(was == to->becomes ? was : to->told), "previousState", state_of(was)));
		ec2_set_state(doc, to->becomes);
		set_public(c, doc, to->becomes == RUNNING ? jstr(doc, "_address") : NULL);
		if (to->becomes == RUNNING && was != RUNNING)
			json_object_set_new(doc, "launchTime", json_integer(c->now_ms));
		if ((rc = ec2_keep(c, &ec2_instances, doc)))
			return rc;
	}
	return 0;
}

int ec2_start(struct aws_call *c)
{
	static const struct change to = { "started", { STOPPED, RUNNING, RUNNING }, PENDING, RUNNING };
	return change_states(c, &to);
}

int ec2_stop(struct aws_call *c)
{
	static const struct change to = { "stopped", { RUNNING, STOPPED, STOPPED }, STOPPING, STOPPED };
	return change_states(c, &to);
}

int ec2_reboot(struct aws_call *c)
{
	static const struct change to = { "rebooted", { RUNNING, RUNNING, RUNNING }, RUNNING, RUNNING };
	int rc = change_states(c, &to);
	json_object_clear(c->out);
	return rc;
}

int ec2_terminate(struct aws_call *c)
{
	static const struct change to = { "terminated", { RUNNING, STOPPED, TERMINATED }, SHUTTING_DOWN, TERMINATED };
	json_t *id, *volume;
	size_t i;
	int rc = change_states(c, &to);
	json_array_foreach(json_object_get(c->in, "InstanceId"), i, id)
		for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_volumes.kind); !rc && (volume = aws_next(&w));)
			if (ec2_is(json_array_get(json_object_get(volume, "attachmentSet"), 0), "instanceId", json_string_value(id))) {
				rc = ec2_drop(c, &ec2_volumes, arena_cstr(c->arena, jslice(volume, "volumeId")));
				break;
			}
	return rc;
}

int ec2_modify_instance(struct aws_call *c)
{
	static const char *const members[][2] = {
		{ "DisableApiTermination", "_disableApiTermination" }, { "DisableApiStop", "_disableApiStop" }, { "InstanceType", "instanceType" },
		{ "SourceDestCheck", "sourceDestCheck" }, { "EbsOptimized", "ebsOptimized" }, { "UserData", "_userData" },
		{ "InstanceInitiatedShutdownBehavior", "_instanceInitiatedShutdownBehavior" },
	};
	json_t *doc, *v, *groups = json_object_get(c->in, "GroupId");
	size_t i;
	int rc = ec2_begin(c);
	if (rc || (rc = ec2_find(c, &ec2_instances, jstr(c->in, "InstanceId"), &doc)))
		return rc;
	if (jstr(c->in, "Attribute"))
		return aws_refuse(c, 400, "InvalidParameterCombination", "tarn takes attributes by their names: Attribute and Value are not served.");
	if (ec2_is(json_object_get(doc, "instanceState"), "name", "running") && json_object_get(c->in, "InstanceType"))
		return aws_refuse(c, 400, "IncorrectInstanceState", "The instance '%s' is not in the 'stopped' state.", jstr(c->in, "InstanceId"));
	for (i = 0; i < ARRAY_LEN(members); i++)
		if ((v = json_object_get(json_object_get(c->in, members[i][0]), "Value")))
			json_object_set(doc, members[i][1], v);
	if (json_array_size(groups))
		json_object_set_new(doc, "groupSet", json_array());
	json_array_foreach(groups, i, v)
		if ((rc = add_group(c, doc, json_string_value(v))))
			return rc;
	return ec2_keep(c, &ec2_instances, doc);
}

int ec2_describe_credits(struct aws_call *c)
{
	json_t *list, *doc;
	int rc = ec2_begin(c);
	if (rc || (rc = check_ids(c)))
		return rc;
	list = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &ec2_instances.kind); (doc = aws_next(&w));)
		if (is_asked(c, w.key) && *jstr(doc, "instanceType") == 't')
			json_array_append_new(list, json_pack("{s:s, s:s}", "instanceId", w.key, "cpuCredits",
							      strncmp(jstr(doc, "instanceType"), "t2.", 3) ? "unlimited" : "standard"));
	json_object_set_new(c->out, "instanceCreditSpecificationSet", list);
	return 0;
}

int ec2_get_uefi(struct aws_call *c)
{
	json_t *doc;
	int rc = ec2_begin(c);
	if (!rc)
		rc = ec2_find(c, &ec2_instances, jstr(c->in, "InstanceId"), &doc);
	return rc ? rc : aws_refuse(c, 400, "UnsupportedOperation", "The instance '%s' does not support UEFI data.", jstr(c->in, "InstanceId"));
}

int ec2_describe_volumes(struct aws_call *c)
{
	return ec2_describe(c, &ec2_volumes, NULL);
}
