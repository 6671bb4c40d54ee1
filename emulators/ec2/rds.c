/* DIFFERS: RDS's instances beside the stack's own are documents: all names of databases lead to the one MySQL server. What a call
 * changes is told as AWS tells it (creating, modifying), and is over when it is looked at. */
#include "ec2/ec2.h"
#include "ec2/rds_groups.h"

static const struct aws_kind instances = { "rds.instance", false };
#define RESOURCE_ID "db-7K3QIGTUFXWPHZ2E4M5NAVB6YC"

/* ---- making ---- */

static int64_t said(const json_t *in, const char *member, int64_t otherwise)
{
	return json_object_get(in, member) ? jint(in, member) : otherwise;
}

static const char *text_of(const json_t *in, const char *member, const char *otherwise)
{
	return jstr(in, member) ? jstr(in, member) : otherwise;
}

static json_t *endpoint(struct aws_call *c, const char *id, int64_t port)
{
	const char *host = conf_get(c->env->conf, "rds", "host");
	bool own = !strcmp(id, conf_str(c->env->conf, "rds", "instance", "tarn")) && host && *host;
	struct buf what = { 0 };
	uint8_t bytes[6];
	char name[13];
	buf_addf(&what, "rds/%s/%s", c->at.account, c->at.region);
	struct crypt_seed from = { (uint64_t)conf_int(c->env->conf, "stack", "seed", 0), buf_slice(&what), 0 };
	crypt_derive(&from, bytes, sizeof(bytes));
	buf_free(&what);
	snprintf(name, sizeof(name), "c%02x%02x%02x%02x%02x%x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5] & 15);
	return json_pack("{s:o, s:I, s:s}", "Address", own ? json_string(host) : json_sprintf("%s.%s.%s.rds.amazonaws.com", id, name, c->at.region), "Port",
			 (json_int_t)port, "HostedZoneId", "Z2R2ITUGPM61AM");
}

static json_t *groups_of(struct aws_call *c, const json_t *ids)
{
	json_t *list = json_array(), *id, *doc;
	size_t i;
	json_array_foreach(ids, i, id)
		json_array_append_new(list, json_pack("{s:O, s:s}", "VpcSecurityGroupId", id, "Status", "active"));
	if (!json_array_size(list) && (doc = ec2_with(c, &ec2_groups, "groupName", "default")))
		json_array_append_new(list, json_pack("{s:O, s:s}", "VpcSecurityGroupId", json_object_get(doc, "groupId"), "Status", "active"));
	return list;
}

static const char *default_group(const char *engine, const char *version)
{
	if (!strncmp(engine, "postgres", 8))
		return "default.postgres16";
	return !strncmp(engine, "mariadb", 7) ? "default.mariadb10.11" : !strncmp(version, "8.4", 3) ? "default.mysql8.4" : "default.mysql8.0";
}

static int make(struct aws_call *c, const json_t *in, json_t **out)
{
	const char *id = jstr(in, "DBInstanceIdentifier"), *engine = text_of(in, "Engine", "mysql"), *version = text_of(in, "EngineVersion", "8.0.35");
	json_t *doc, *subnets;
	char resource[33];
	int rc = dbi_subnet_group(c, text_of(in, "DBSubnetGroupName", "default"), &subnets);
	if (rc)
		return rc;
	aws_letters(c->aws, 26, resource);
	doc = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:I, s:s, s:s, s:b, s:b, s:s, s:s, s:b, s:I, s:b, s:b, s:b, s:s}", "DBInstanceIdentifier", id,
			"DBInstanceClass", text_of(in, "DBInstanceClass", "db.t3.micro"), "Engine", engine, "DBInstanceStatus", "available", "MasterUsername",
			text_of(in, "MasterUsername", "admin"), "EngineVersion", version, "AllocatedStorage", (json_int_t)said(in, "AllocatedStorage", 20),
			"InstanceCreateTime", (json_int_t)c->now_ms, "PreferredBackupWindow", text_of(in, "PreferredBackupWindow", "03:00-03:30"),
			"BackupRetentionPeriod", (json_int_t)said(in, "BackupRetentionPeriod", 1), "AvailabilityZone",
			text_of(in, "AvailabilityZone", ec2_zone(c, 0)), "PreferredMaintenanceWindow",
			text_of(in, "PreferredMaintenanceWindow", "sun:04:00-sun:04:30"), "MultiAZ", jtrue(in, "MultiAZ"), "AutoMinorVersionUpgrade",
			!json_is_false(json_object_get(in, "AutoMinorVersionUpgrade")), "LicenseModel", text_of(in, "LicenseModel", "general-public-license"),
			"StorageType", text_of(in, "StorageType", "gp2"), "StorageEncrypted", jtrue(in, "StorageEncrypted"), "MonitoringInterval",
			(json_int_t)said(in, "MonitoringInterval", 0), "DeletionProtection", jtrue(in, "DeletionProtection"), "PubliclyAccessible",
			!json_is_false(json_object_get(in, "PubliclyAccessible")), "IAMDatabaseAuthenticationEnabled", jtrue(in, "EnableIAMDatabaseAuthentication"),
			"CACertificateIdentifier", "rds-ca-rsa2048-g1");
	jput(doc, "DBName", jstr(in, "DBName"));
	jput(doc, "KmsKeyId", jstr(in, "KmsKeyId"));
	json_object_set_new(doc, "Endpoint", endpoint(c, id, said(in, "Port", strncmp(engine, "postgres", 8) ? 3306 : 5432)));
	json_object_set_new(doc, "DbiResourceId", json_sprintf("db-%s", resource));
	json_object_set_new(doc, "DBInstanceArn", json_sprintf("arn:aws:rds:%s:%s:db:%s", c->at.region, c->at.account, id));
	json_object_set_new(doc, "VpcSecurityGroups", groups_of(c, json_object_get(in, "VpcSecurityGroupIds")));
	json_object_set_new(doc, "DBParameterGroups", json_pack("[{s:s, s:s}]", "DBParameterGroupName",
								text_of(in, "DBParameterGroupName", default_group(engine, version)), "ParameterApplyStatus", "in-sync"));
	json_object_set_new(doc, "OptionGroupMemberships", json_pack("[{s:s, s:s}]", "OptionGroupName", text_of(in, "OptionGroupName", "default:mysql-8-0"), "Status",
								     "in-sync"));
	json_object_set_new(doc, "DBSubnetGroup", subnets);
	json_object_set_new(doc, "PendingModifiedValues", json_object());
	json_object_set_new(doc, "CopyTagsToSnapshot", json_boolean(jtrue(in, "CopyTagsToSnapshot")));
	json_object_set_new(doc, "PerformanceInsightsEnabled", json_false());
	jcopy(doc, in, "MaxAllocatedStorage");
	json_object_set_new(doc, "TagList", json_array());
	aws_tags_set(json_object_get(doc, "TagList"), json_object_get(in, "Tags"), "Key", "Value");
	*out = doc;
	return 0;
}

/* The stack's own is there from the first look on, in its region. */
static int begin(struct aws_call *c)
{
	static const struct aws_kind homes = { "rds.home", false };
	const struct conf *conf = c->env->conf;
	const char *id = conf_str(conf, "rds", "instance", "tarn"), *user = "admin", *value;
	struct error err = { 0 };
	json_t *doc;
	int rc = ec2_begin(c);
	if (rc || aws_find(c->aws, c->at, &homes, "made"))
		return rc;
	if (aws_keep(c->aws, c->at, &homes, "made", json_object(), &err))
		return aws_broken(c, &err);
	if (!*id || strcmp(c->at.account, identities_account(conf)) || strcmp(c->at.region, identities_region(conf)))
		return 0;
	(void)conf_at(conf, "rds.users", 0, &user, &value);
	JSON_AUTO in = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "DBInstanceIdentifier", id, "Engine", "mysql", "EngineVersion",
				 conf_str(conf, "rds", "version", "8.0.35"), "MasterUsername", user, "DBName", conf_str(conf, "rds", "database", "tarn"),
				 "EnableIAMDatabaseAuthentication", 1);
	if ((rc = make(c, in, &doc)))
		return rc;
	jput(doc, "DbiResourceId", conf_str(conf, "rds", "resource", RESOURCE_ID));
	return aws_keep(c->aws, c->at, &instances, id, doc, &err) ? aws_broken(c, &err) : 0;
}

/* ---- operations ---- */

static const char *lower(struct aws_call *c, const char *member)
{
	char *s = arena_cstr(c->arena, jslice(c->in, member));
	for (char *p = s; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? *p + 32 : *p;
	return s;
}

static int find(struct aws_call *c, json_t **doc)
{
	const char *id = lower(c, "DBInstanceIdentifier");
	int rc = begin(c);
	if (rc)
		return rc;
	if (!strncmp(id, "arn:", 4) && strrchr(id, ':'))
		id = strrchr(id, ':') + 1;
	*doc = aws_find(c->aws, c->at, &instances, id);
	return *doc ? 0 : aws_refuse(c, 404, "DBInstanceNotFound", "DBInstance %s not found.", id);
}

static int keep(struct aws_call *c, json_t *doc)
{
	struct error err = { 0 };
	return aws_keep(c->aws, c->at, &instances, arena_cstr(c->arena, jslice(doc, "DBInstanceIdentifier")), doc, &err) ? aws_broken(c, &err) : 0;
}

/* What is answered of a change: the state on the way. */
static void tell(struct aws_call *c, const json_t *doc, const char *state)
{
	json_t *one = json_copy((json_t *)doc);
	jput(one, "DBInstanceStatus", state);
	json_object_set_new(c->out, "DBInstance", one);
}

static bool filtered(struct aws_call *c, const json_t *doc)
{
	static const char *const names[][2] = { { "db-instance-id", "DBInstanceIdentifier" }, { "engine", "Engine" }, { "dbi-resource-id", "DbiResourceId" } };
	json_t *filter, *value;
	size_t i, j;
	json_array_foreach(json_object_get(c->in, "Filters"), i, filter) {
		bool fits = false;
		json_array_foreach(json_object_get(filter, "Values"), j, value)
			for (size_t k = 0; k < ARRAY_LEN(names); k++)
				fits |= !strcmp(jstr(filter, "Name"), names[k][0]) &&
					(ec2_is(doc, names[k][1], json_string_value(value)) || ec2_is(doc, "DBInstanceArn", json_string_value(value)));
		if (!fits)
			return false;
	}
	return true;
}

static int describe(struct aws_call *c)
{
	json_t *items, *doc;
	int rc = jstr(c->in, "DBInstanceIdentifier") ? find(c, &doc) : begin(c);
	if (rc)
		return rc;
	items = json_array();
	if (jstr(c->in, "DBInstanceIdentifier"))
		json_array_append(items, doc);
	else
		for (struct aws_walk w = aws_walk(c->aws, c->at, &instances); (doc = aws_next(&w));)
			if (filtered(c, doc))
				json_array_append(items, doc);
	return dbi_page(c, items, "DBInstances");
}

static bool name_ok(const char *s)
{
	size_t n = strlen(s);
	if (!n || n > 63 || !((*s >= 'a' && *s <= 'z')) || s[n - 1] == '-' || strstr(s, "--"))
		return false;
	for (; *s; s++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *s))
			return false;
	return true;
}

/* Which logs go to CloudWatch Logs. */
static int set_logs(struct aws_call *c, json_t *doc, const json_t *types, bool on)
{
	static const char *const known[] = { "error", "general" };
	json_t *before = json_object_get(doc, "EnabledCloudwatchLogsExports"), *after = json_array(), *type;
	size_t i;
	json_array_foreach(types, i, type)
		if (strcmp(json_string_value(type), known[0]) && strcmp(json_string_value(type), known[1])) {
			json_decref(after);
			return aws_refuse(c, 400, "InvalidParameterCombination", "You cannot use the log types '%s' with engine version %s %s. For supported log types, see the "
					  "documentation. (tarn has error and general)", json_string_value(type), jstr(doc, "Engine"), jstr(doc, "EngineVersion"));
		}
	for (size_t k = 0; k < ARRAY_LEN(known); k++) {
		bool was = false, meant = false;
		json_array_foreach(before, i, type)
			was |= !strcmp(json_string_value(type), known[k]);
		json_array_foreach(types, i, type)
			meant |= !strcmp(json_string_value(type), known[k]);
		if (meant ? on : was)
			json_array_append_new(after, json_string(known[k]));
	}
	if (json_array_size(after))
		json_object_set(doc, "EnabledCloudwatchLogsExports", after);
	else
		json_object_del(doc, "EnabledCloudwatchLogsExports");
	json_decref(after);
	return 0;
}

static int create(struct aws_call *c)
{
	static const char *const engines[] = { "mysql", "mariadb", "postgres" };
	const char *id = lower(c, "DBInstanceIdentifier"), *engine = jstr(c->in, "Engine");
	bool known = false;
	json_t *doc;
	int rc = begin(c);
	if (rc)
		return rc;
	for (size_t i = 0; i < ARRAY_LEN(engines); i++)
		known |= !strcmp(engine, engines[i]);
	if (!known)
		return aws_refuse(c, 400, "InvalidParameterValue", "Invalid DB engine: %s (tarn keeps mysql, mariadb, postgres)", engine);
	if (!name_ok(id))
		return aws_refuse(c, 400, "InvalidParameterValue", "The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must "
				  "contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.");
	if (aws_find(c->aws, c->at, &instances, id))
		return aws_refuse(c, 400, "DBInstanceAlreadyExists", "DB instance already exists");
	if (!jstr(c->in, "MasterUsername") || (!jstr(c->in, "MasterUserPassword") && !jtrue(c->in, "ManageMasterUserPassword")))
		return aws_refuse(c, 400, "InvalidParameterValue", "The parameter %s must be provided and must not be blank.",
				  jstr(c->in, "MasterUsername") ? "MasterUserPassword" : "MasterUsername");
	jput(c->in, "DBInstanceIdentifier", id);
	if ((rc = make(c, c->in, &doc)))
		return rc;
	if (set_logs(c, doc, json_object_get(c->in, "EnableCloudwatchLogsExports"), true)) {
		json_decref(doc);
		return -1;
	}
	tell(c, doc, "creating");
	json_object_del(json_object_get(c->out, "DBInstance"), "Endpoint");
	return keep(c, doc);
}

static int modify(struct aws_call *c)
{
	static const char *const members[] = { "AllocatedStorage", "DBInstanceClass", "BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow",
					       "MultiAZ", "EngineVersion", "AutoMinorVersionUpgrade", "StorageType", "CopyTagsToSnapshot", "MonitoringInterval",
					       "PubliclyAccessible", "DeletionProtection", "MaxAllocatedStorage", "CACertificateIdentifier", "LicenseModel" };
	json_t *doc;
	int rc = find(c, &doc);
	if (rc)
		return rc;
	if (jstr(c->in, "NewDBInstanceIdentifier"))
		return aws_refuse(c, 400, "InvalidParameterCombination", "tarn doesn't rename instances: NewDBInstanceIdentifier is not served.");
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		jcopy(doc, c->in, members[i]);
	if (json_object_get(c->in, "EnableIAMDatabaseAuthentication"))
		json_object_set(doc, "IAMDatabaseAuthenticationEnabled", json_object_get(c->in, "EnableIAMDatabaseAuthentication"));
	if (json_object_get(c->in, "VpcSecurityGroupIds"))
		json_object_set_new(doc, "VpcSecurityGroups", groups_of(c, json_object_get(c->in, "VpcSecurityGroupIds")));
	if (jstr(c->in, "DBParameterGroupName"))
		json_object_set_new(doc, "DBParameterGroups", json_pack("[{s:s, s:s}]", "DBParameterGroupName", jstr(c->in, "DBParameterGroupName"),
									"ParameterApplyStatus", "in-sync"));
	if (set_logs(c, doc, json_object_get(json_object_get(c->in, "CloudwatchLogsExportConfiguration"), "EnableLogTypes"), true) ||
	    set_logs(c, doc, json_object_get(json_object_get(c->in, "CloudwatchLogsExportConfiguration"), "DisableLogTypes"), false))
		return -1;
	tell(c, doc, "modifying");
	return keep(c, doc);
}

static int delete(struct aws_call *c)
{
	struct error err = { 0 };
	json_t *doc;
	int rc = find(c, &doc);
	if (rc)
		return rc;
	if (jtrue(doc, "DeletionProtection"))
		return aws_refuse(c, 400, "InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion protection and try again.");
	if (!jtrue(c->in, "SkipFinalSnapshot") && !jstr(c->in, "FinalDBSnapshotIdentifier"))
		return aws_refuse(c, 400, "InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.");
	if (!jtrue(c->in, "SkipFinalSnapshot"))
		return aws_refuse(c, 400, "InvalidParameterCombination", "tarn keeps no snapshots of databases: say SkipFinalSnapshot.");
	tell(c, doc, "deleting");
	return aws_drop(c->aws, c->at, &instances, arena_cstr(c->arena, jslice(doc, "DBInstanceIdentifier")), &err) ? aws_broken(c, &err) : 0;
}

static int change(struct aws_call *c, const char *from, const char *told, const char *to)
{
	json_t *doc;
	int rc = find(c, &doc);
	if (rc)
		return rc;
	if (!ec2_is(doc, "DBInstanceStatus", from))
		return aws_refuse(c, 400, "InvalidDBInstanceState", "Instance %s is not in %s state.", jstr(doc, "DBInstanceIdentifier"), from);
	tell(c, doc, told);
	jput(doc, "DBInstanceStatus", to);
	return keep(c, doc);
}

static int start(struct aws_call *c)
{
	return change(c, "stopped", "starting", "available");
}

static int stop(struct aws_call *c)
{
	return change(c, "available", "stopping", "stopped");
}

static int reboot(struct aws_call *c)
{
	return change(c, "available", "rebooting", "available");
}

static int none(struct aws_call *c)
{
	const char *cluster = jstr(c->in, "DBClusterIdentifier"), *snapshot = jstr(c->in, "DBSnapshotIdentifier");
	if (cluster)
		return aws_refuse(c, 404, "DBClusterNotFoundFault", "DBCluster %s not found.", cluster);
	if (snapshot)
		return aws_refuse(c, 404, "DBSnapshotNotFound", "DBSnapshot %s not found.", snapshot);
	json_object_set_new(c->out, strstr(c->op->route.name, "Clusters") ? "DBClusters" : "DBSnapshots", json_array());
	return 0;
}

/* ---- tags ---- */

static int tagged(struct aws_call *c, json_t **doc, const struct aws_kind **kind, const char **id)
{
	const char *arn = jstr(c->in, "ResourceName"), *type = arn;
	int rc = begin(c);
	for (int i = 0; !rc && i < 5; i++) {
		type = strchr(type, ':');
		if (!type++)
			return aws_refuse(c, 400, "InvalidParameterValue", "Invalid resource name: %s", arn);
	}
	*id = strchr(type, ':') ? strchr(type, ':') + 1 : "";
	*kind = !strncmp(type, "db:", 3) ? &instances : !strncmp(type, "subgrp:", 7) ? &dbi_subnet_groups : !strncmp(type, "pg:", 3) ? &dbi_parameter_groups : NULL;
	*doc = *kind ? aws_find(c->aws, c->at, *kind, *id) : NULL;
	if (rc || *doc)
		return rc;
	return *kind == &instances ? aws_refuse(c, 404, "DBInstanceNotFound", "DBInstance %s not found.", *id) :
				     aws_refuse(c, 404, "InvalidParameterValue", "%s not found.", arn);
}

static json_t *tags_in(json_t *doc)
{
	if (!json_object_get(doc, "TagList"))
		json_object_set_new(doc, "TagList", json_array());
	return json_object_get(doc, "TagList");
}

static int change_tags(struct aws_call *c, bool add)
{
	const struct aws_kind *kind;
	struct error err = { 0 };
	const char *id;
	json_t *doc;
	int rc = tagged(c, &doc, &kind, &id);
	if (rc)
		return rc;
	if (add)
		aws_tags_set(tags_in(doc), json_object_get(c->in, "Tags"), "Key", "Value");
	else
		aws_tags_drop(tags_in(doc), json_object_get(c->in, "TagKeys"), "Key");
	return aws_keep(c->aws, c->at, kind, id, doc, &err) ? aws_broken(c, &err) : 0;
}

static int tag(struct aws_call *c)
{
	return change_tags(c, true);
}

static int untag(struct aws_call *c)
{
	return change_tags(c, false);
}

static int list_tags(struct aws_call *c)
{
	const struct aws_kind *kind;
	const char *id;
	json_t *doc;
	int rc = tagged(c, &doc, &kind, &id);
	if (!rc)
		json_object_set(c->out, "TagList", tags_in(doc));
	return rc;
}

/* ---- the table ---- */

static void resource(struct aws_call *c, struct buf *arn)
{
	buf_addf(arn, "arn:aws:rds:%s:%s:db:%s", c->at.region, c->at.account, jstr(c->in, "DBInstanceIdentifier") ? jstr(c->in, "DBInstanceIdentifier") : "*");
}

#define OP(name, doc) AWS_OP("rds", name, "RDS: " doc)
#define INSTANCE "{InstanceCreateTime:t DBSecurityGroups:[DBSecurityGroup={}] VpcSecurityGroups:[VpcSecurityGroupMembership={}] " \
	"DBParameterGroups:[DBParameterGroup={}] DBSubnetGroup:{Subnets:[Subnet={}]} OptionGroupMemberships:[OptionGroupMembership={}] TagList:[Tag={}]}"
#define ONE "DBInstance:" INSTANCE
#define PAGE " Filters:[{Name! Values!:[s]}] MaxRecords:i20-100 Marker"
#define TAGS " Tags:[{Key Value}]"

static const struct aws_op ops[] = {
	{ OP("DescribeDBInstances", "the stack's database and those that were made"), "DBInstanceIdentifier" PAGE, "DBInstances:[DBInstance=" INSTANCE "]", describe,
	  resource },
	{ OP("CreateDBInstance", "keeps an instance; its name leads to the one MySQL server"),
	  "DBName DBInstanceIdentifier! AllocatedStorage:i DBInstanceClass! Engine! MasterUsername MasterUserPassword DBSecurityGroups:[s] VpcSecurityGroupIds:[s] "
	  "AvailabilityZone DBSubnetGroupName PreferredMaintenanceWindow DBParameterGroupName BackupRetentionPeriod:i PreferredBackupWindow Port:i MultiAZ:b "
	  "EngineVersion AutoMinorVersionUpgrade:b LicenseModel OptionGroupName PubliclyAccessible:b StorageType StorageEncrypted:b KmsKeyId "
	  "CopyTagsToSnapshot:b MonitoringInterval:i EnableIAMDatabaseAuthentication:b DeletionProtection:b MaxAllocatedStorage:i ManageMasterUserPassword:b "
	  "CACertificateIdentifier EnableCloudwatchLogsExports:[s]" TAGS, ONE, create, resource },
	{ OP("ModifyDBInstance", "changes it, at once"),
	  "DBInstanceIdentifier! AllocatedStorage:i DBInstanceClass VpcSecurityGroupIds:[s] ApplyImmediately:b MasterUserPassword DBParameterGroupName "
	  "BackupRetentionPeriod:i PreferredBackupWindow PreferredMaintenanceWindow MultiAZ:b EngineVersion AutoMinorVersionUpgrade:b LicenseModel "
	  "NewDBInstanceIdentifier StorageType CACertificateIdentifier CopyTagsToSnapshot:b MonitoringInterval:i PubliclyAccessible:b "
	  "EnableIAMDatabaseAuthentication:b DeletionProtection:b MaxAllocatedStorage:i "
	  "CloudwatchLogsExportConfiguration:{EnableLogTypes:[s] DisableLogTypes:[s]}", ONE, modify, resource },
	{ OP("DeleteDBInstance", "takes it away"), "DBInstanceIdentifier! SkipFinalSnapshot:b FinalDBSnapshotIdentifier DeleteAutomatedBackups:b", ONE, delete,
	  resource },
	{ OP("StartDBInstance", "is available again"), "DBInstanceIdentifier!", ONE, start, resource },
	{ OP("StopDBInstance", "is stopped, as its document says"), "DBInstanceIdentifier! DBSnapshotIdentifier", ONE, stop, resource },
	{ OP("RebootDBInstance", "nothing changes"), "DBInstanceIdentifier! ForceFailover:b", ONE, reboot, resource },
	{ OP("DescribeDBClusters", "none"), "DBClusterIdentifier" PAGE, "DBClusters:[DBCluster={}]", none },
	{ OP("DescribeDBSnapshots", "none"), "DBInstanceIdentifier DBSnapshotIdentifier SnapshotType IncludeShared:b IncludePublic:b" PAGE,
	  "DBSnapshots:[DBSnapshot={}]", none },
	{ OP("AddTagsToResource", "sets tags"), "ResourceName! Tags!:[{Key Value}]", NULL, tag },
	{ OP("RemoveTagsFromResource", "takes tags away"), "ResourceName! TagKeys!:[s]", NULL, untag },
	{ OP("ListTagsForResource", "its tags"), "ResourceName! Filters:[{Name! Values!:[s]}]", "TagList:[Tag={}]", list_tags },
};
const struct routes rds_instance_ops = ROUTES(ops);
const struct aws_api rds_api = { .name = "rds", .scope = "rds", .protocol = AWS_QUERY, .ops = { &rds_instance_ops, &rds_group_ops } };
