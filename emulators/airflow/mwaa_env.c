/* MWAA's environments: documents, each with a bucket whose DAG folder is read beside the others'.
 * DIFFERS: every environment is this one Airflow. Requirements, plugins and start-up scripts are kept and not installed, and options
 * of the configuration don't change it; the log says so. Versions other than this Airflow's are refused. CREATING and UPDATING last
 * until they have been seen once. */
#include "airflow/mwaa.h"
#include "core/identities.h"

enum { TAGS_MAX = 50, PAGE_MAX = 25, CREATE = 1, UPDATE = 2, BOTH = CREATE | UPDATE };

/* ---- what may be given ---- */

enum kind { TEXT, INTEGER, OBJECT, WORD };
static const struct field {
	const char *name;
	enum kind kind;
	int min, max;      /* letters, or values */
	const char *rule;  /* TEXT: what it begins with; WORD: the words; NULL: any */
	int on;            /* CREATE, UPDATE */
	bool required;     /* by CREATE */
	bool inert;        /* kept, and of no effect here */
} fields[] = {
	{ "ExecutionRoleArn", TEXT, 1, 1224, "arn:aws", BOTH, true },
	{ "SourceBucketArn", TEXT, 1, 1224, "arn:aws:s3:::", BOTH, true },
	{ "DagS3Path", TEXT, 0, 1024, NULL, BOTH, true },
	{ "NetworkConfiguration", OBJECT, 0, 0, NULL, BOTH, true },
	{ "PluginsS3Path", TEXT, 0, 1024, NULL, BOTH, false, true },
	{ "PluginsS3ObjectVersion", TEXT, 0, 1024, NULL, BOTH },
	{ "RequirementsS3Path", TEXT, 0, 1024, NULL, BOTH, false, true },
	{ "RequirementsS3ObjectVersion", TEXT, 0, 1024, NULL, BOTH },
	{ "StartupScriptS3Path", TEXT, 0, 1024, NULL, BOTH, false, true },
	{ "StartupScriptS3ObjectVersion", TEXT, 0, 1024, NULL, BOTH },
	{ "AirflowConfigurationOptions", OBJECT, 0, 0, NULL, BOTH, false, true },
	{ "EnvironmentClass", WORD, 0, 0, "mw1.micro|mw1.small|mw1.medium|mw1.large|mw1.xlarge|mw1.2xlarge", BOTH },
	{ "MaxWorkers", INTEGER, 1, INT32_MAX, NULL, BOTH },
	{ "MinWorkers", INTEGER, 1, INT32_MAX, NULL, BOTH },
	{ "MaxWebservers", INTEGER, 1, INT32_MAX, NULL, BOTH },
	{ "MinWebservers", INTEGER, 1, INT32_MAX, NULL, BOTH },
	{ "Schedulers", INTEGER, 1, 5, NULL, BOTH },
	{ "KmsKey", TEXT, 1, 1224, NULL, CREATE },
	{ "AirflowVersion", TEXT, 1, 32, NULL, BOTH },
	{ "LoggingConfiguration", OBJECT, 0, 0, NULL, BOTH },
	{ "WeeklyMaintenanceWindowStart", TEXT, 1, 9, NULL, BOTH },
	{ "WebserverAccessMode", WORD, 0, 0, "PRIVATE_ONLY|PUBLIC_ONLY|PUBLIC_AND_PRIVATE", BOTH },
	{ "EndpointManagement", WORD, 0, 0, "CUSTOMER|SERVICE", CREATE },
	{ "Tags", OBJECT, 0, 0, NULL, CREATE },
	{ "WorkerReplacementStrategy", WORD, 0, 0, "FORCED|GRACEFUL", UPDATE },
};

static bool is_word(const char *words, struct slice value)
{
	struct slice word, rest = sl(words);
	while (rest.p) {
		sl_cut(rest, '|', &word, &rest);
		if (sl_eq(word, value))
			return true;
	}
	return false;
}

/* AWS's sentence about one value. False, for who refuses. */
static bool wrong(struct af_aws *in, const char *name, struct slice value, const char *fmt, ...) PRINTF_LIKE(4, 5);
static bool wrong(struct af_aws *in, const char *name, struct slice value, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	char first = name[0] >= 'A' && name[0] <= 'Z' ? (char)(name[0] + 32) : name[0];
	mwaa_refuse(in->call, 400, "ValidationException", "1 validation error detected: Value %s%.*s%s at '%c%s' failed to satisfy constraint: Member must %s",
		    value.p ? "'" : "", SL(value.p ? value : S("null")), value.p ? "'" : "", first, name + 1, buf_cstr(&b));
	buf_free(&b);
	return false;
}

static bool fits_text(struct af_aws *in, const struct field *f, struct slice v)
{
	if (v.n > (size_t)f->max)
		return wrong(in, f->name, v, "have length less than or equal to %d", f->max);
	if (v.n < (size_t)f->min)
		return wrong(in, f->name, v, "have length greater than or equal to %d", f->min);
	if (f->rule && !sl_starts(v, sl(f->rule)))
		return wrong(in, f->name, v, "satisfy regular expression pattern: %s.+", f->rule);
	return true;
}

static bool fits_word(struct af_aws *in, const struct field *f, struct slice v)
{
	struct buf b = { 0 };
	bool good = is_word(f->rule, v);
	struct slice word, rest = sl(f->rule);
	while (!good && rest.p) {
		sl_cut(rest, '|', &word, &rest);
		buf_addf(&b, "%s%.*s", b.n ? ", " : "", SL(word));
	}
	if (!good)
		(void)wrong(in, f->name, v, "satisfy enum value set: [%s]", buf_cstr(&b));
	buf_free(&b);
	return good;
}

static bool fits(struct af_aws *in, const struct field *f, const json_t *v)
{
	static const int types[] = { [TEXT] = JSON_STRING, [INTEGER] = JSON_INTEGER, [OBJECT] = JSON_OBJECT, [WORD] = JSON_STRING };
	char number[24];
	if ((int)json_typeof(v) != types[f->kind]) {
		mwaa_refuse(in->call, 400, "SerializationException", "%s has the wrong type", f->name);
		return false;
	}
	if (f->kind == OBJECT)
		return true;
	if (f->kind != INTEGER) {
		struct slice s = sl_of(json_string_value(v), json_string_length(v));
		return f->kind == WORD ? fits_word(in, f, s) : fits_text(in, f, s);
	}
	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
	if (json_integer_value(v) < f->min)
		return wrong(in, f->name, sl(number), "have value greater than or equal to %d", f->min);
	return json_integer_value(v) <= f->max || wrong(in, f->name, sl(number), "have value less than or equal to %d", f->max);
}

static bool fits_count(struct af_aws *in, const char *name, const json_t *list, size_t min, size_t max)
{
	size_t n = json_array_size(list);
	if (n > max)
		return wrong(in, name, S("[...]"), "have length less than or equal to %zu", max);
	return n >= min || wrong(in, name, n ? S("[...]") : sl(NULL), "have length greater than or equal to %zu", min);
}

static bool fits_network(struct af_aws *in, const json_t *net, int on)
{
	const json_t *subnets = json_object_get(net, "SubnetIds"), *groups = json_object_get(net, "SecurityGroupIds");
	if (!net)
		return true;
	if (on == UPDATE && subnets) {
		mwaa_refuse(in->call, 400, "ValidationException", "SubnetIds of an environment can't be changed");
		return false;
	}
	return (on == UPDATE || fits_count(in, "networkConfiguration.subnetIds", subnets, 2, 2)) &&
	       fits_count(in, "networkConfiguration.securityGroupIds", groups, 1, 5);
}

/* "SUN:03:30" */
static bool fits_window(struct af_aws *in, const char *w)
{
	bool good = !w || (strlen(w) == 9 && is_word("MON|TUE|WED|THU|FRI|SAT|SUN", sl_of(w, 3)) && w[3] == ':' && w[6] == ':' &&
			   (!strcmp(w + 7, "00") || !strcmp(w + 7, "30")) && w[4] >= '0' && w[4] <= '2' && w[5] >= '0' && w[5] <= (w[4] == '2' ? '3' : '9'));
	return good || wrong(in, "WeeklyMaintenanceWindowStart", sl(w), "satisfy regular expression pattern: .*(MON|TUE|WED|THU|FRI|SAT|SUN):([01]\\d|2[0-3]):(00|30).*");
}

/* Of what is there and what is given: the second, or else the first. */
static int64_t merged(const json_t *given, const json_t *there, const char *name, int64_t otherwise)
{
	return json_object_get(given, name) ? jint(given, name) : there && json_object_get(there, name) ? jint(there, name) : otherwise;
}

static bool fits_together(struct af_aws *in, const json_t *there)
{
	const char *version = jstr(in->body, "AirflowVersion");
	if (version && strcmp(version, AF_VERSION)) {
		mwaa_refuse(in->call, 400, "ValidationException", "AirflowVersion %s isn't here: this Airflow is " AF_VERSION, version);
		return false;
	}
	if (merged(in->body, there, "MinWorkers", 1) > merged(in->body, there, "MaxWorkers", 10)) {
		mwaa_refuse(in->call, 400, "ValidationException", "MinWorkers must be less than or equal to MaxWorkers");
		return false;
	}
	return true;
}

static bool fits_tags(struct af_aws *in, const json_t *tags, size_t there)
{
	const char *k;
	json_t *v;
	if (tags && !json_object_size(tags))
		return wrong(in, "Tags", S("{}"), "have length greater than or equal to 1");
	if (json_object_size(tags) + there > TAGS_MAX)
		return wrong(in, "Tags", S("{...}"), "have length less than or equal to %d", TAGS_MAX);
	json_object_foreach((json_t *)(uintptr_t)tags, k, v)
		if (!*k || strlen(k) > 128 || !json_is_string(v) || json_string_length(v) > 256 || !strncmp(k, "aws:", 4)) {
			mwaa_refuse(in->call, 400, "ValidationException", "Tag key %s: keys have 1 to 128 letters and don't begin with aws:, values up to 256", k);
			return false;
		}
	return true;
}

/* The members of a request that fit; there: the environment as it is, NULL: CREATE. Fresh, NULL: refused. */
static json_t *take(struct af_aws *in, int on, const json_t *there)
{
	json_t *given = json_object();
	bool good = true;
	for (size_t i = 0; good && i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i];
		json_t *v = f->on & on ? json_object_get(in->body, f->name) : NULL;
		if (v && !json_is_null(v)) {
			good = fits(in, f, v);
			json_object_set(given, f->name, v);
			if (f->inert)
				log_warn(in->a->env, "mwaa-inert", "environment=%.*s given=%s here it has no effect", SL(in->name), f->name);
		} else if (on == CREATE && f->required) {
			good = wrong(in, f->name, sl(NULL), "not be null");
		}
	}
	good = good && fits_network(in, json_object_get(given, "NetworkConfiguration"), on) && fits_window(in, jstr(given, "WeeklyMaintenanceWindowStart")) &&
	       fits_tags(in, json_object_get(given, "Tags"), 0) && fits_together(in, there);
	if (good)
		return given;
	json_decref(given);
	return NULL;
}

/* ---- documents ---- */

/* Where a module's log would go, as MWAA names it. */
static void name_logs(const struct conf *conf, const char *environment, json_t *logging)
{
	static const char *const modules[][2] = { { "DagProcessingLogs", "DAGProcessing" }, { "SchedulerLogs", "Scheduler" }, { "TaskLogs", "Task" },
						  { "WebserverLogs", "WebServer" }, { "WorkerLogs", "Worker" } };
	for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
		json_t *m = json_object_get(logging, modules[i][0]);
		if (!json_is_object(m))
			continue;
		char *arn = xasprintf("arn:aws:logs:%s:%s:log-group:airflow-%s-%s", identities_region(conf), identities_account(conf), environment, modules[i][1]);
		json_object_set_new(m, "CloudWatchLogGroupArn", json_string(arn));
		free(arn);
	}
}

static json_t *make_environment(struct airflow *a, const char *name, const char *status, json_t *given)
{
	const struct conf *conf = a->env->conf;
	char *url = mwaa_web_address(a);
	char *arn = xasprintf("arn:aws:airflow:%s:%s:environment/%s", identities_region(conf), identities_account(conf), name);
	char *role = xasprintf("arn:aws:iam::%s:role/aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA", identities_account(conf));
	json_t *e = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:I, s:s, s:s, s:s, s:{}}", "Name", name, "Arn", arn, "Status", status,
			      "AirflowVersion", AF_VERSION, "EnvironmentClass", "mw1.small", "MaxWorkers", 10, "MinWorkers", 1, "Schedulers", 2,
			      "WebserverAccessMode", "PUBLIC_ONLY", "WebserverUrl", url, "CreatedAt", (json_int_t)(af_now(a) / 1000), "ServiceRoleArn", role,
			      "WeeklyMaintenanceWindowStart", "SUN:00:00", "EndpointManagement", "SERVICE", "Tags");
	json_object_update(e, given);
	name_logs(conf, name, json_object_get(e, "LoggingConfiguration"));
	free(url);
	free(arn);
	free(role);
	return e;
}

void af_mwaa_open(struct airflow *a)
{
	const char *name = conf_str(a->env->conf, "airflow", "environment", "Databricks-Airflow-env");
	const char *bucket = conf_str(a->env->conf, "airflow", "bucket", "mwaa-dags-bucket");
	if (json_object_size(a->kept[AF_ENVIRONMENT]))
		return;
	char *arn = xasprintf("arn:aws:s3:::%s", bucket);
	char *role = xasprintf("arn:aws:iam::%s:role/service-role/AmazonMWAA", identities_account(a->env->conf));
	json_t *given = json_pack("{s:s, s:s, s:s, s:{s:[s], s:[s, s]}}", "SourceBucketArn", arn, "DagS3Path", "dags", "ExecutionRoleArn",
				  role, "NetworkConfiguration", "SecurityGroupIds", "sg-00000000",
				  "SubnetIds", "subnet-00000000", "subnet-00000001");
	json_object_set_new(given, "LoggingConfiguration", json_pack("{s:{s:b, s:s}}", "TaskLogs", "Enabled", 1, "LogLevel", "INFO"));
	json_object_set_new(a->kept[AF_ENVIRONMENT], name, make_environment(a, name, "AVAILABLE", given));
	json_decref(given);
	free(arn);
	free(role);
}

json_t *mwaa_environment(struct af_aws *in)
{
	json_t *e = json_object_get(in->a->kept[AF_ENVIRONMENT], arena_cstr(in->call->req.arena, in->name));
	if (!e)
		mwaa_refuse(in->call, 404, "ResourceNotFoundException", "Environment not found: %.*s", SL(in->name));
	return e;
}

/* ---- operations ---- */

static bool page_size(struct af_aws *in, int64_t *n)
{
	struct slice max = in->call->req.query.p ? http_query(&in->call->req, "MaxResults") : sl(NULL);
	*n = PAGE_MAX;
	return !max.p || sl_int(max, 1, PAGE_MAX, n) || wrong(in, "MaxResults", max, "have value between 1 and %d", PAGE_MAX);
}

static void op_list(struct af_aws *in)
{
	struct slice after = in->call->req.query.p ? http_query(&in->call->req, "NextToken") : sl(NULL);
	json_t *names = json_array(), *out = json_pack("{s:o}", "Environments", names), *e;
	const char *name, *last = NULL;
	int64_t max;
	bool skip = after.n > 0;
	if (!page_size(in, &max)) {
		json_decref(out);
		return;
	}
	json_object_foreach(in->a->kept[AF_ENVIRONMENT], name, e) {
		if (skip) {
			skip = !sl_eqs(after, name);
			continue;
		}
		if (json_array_size(names) == (size_t)max) {
			json_object_set_new(out, "NextToken", json_string(last));
			break;
		}
		json_array_append_new(names, json_string(name));
		last = name;
	}
	if (skip) {
		json_decref(out);
		mwaa_refuse(in->call, 400, "ValidationException", "Invalid NextToken");
		return;
	}
	mwaa_reply(in->call, 200, out);
}

/* What takes half an hour there has been done here once it was seen. */
static void settle(struct airflow *a, json_t *e)
{
	const char *status = jstr(e, "Status");
	if (!status || !strcmp(status, "AVAILABLE"))
		return;
	if (!strcmp(status, "UPDATING"))
		json_object_set_new(json_object_get(e, "LastUpdate"), "Status", json_string("SUCCESS"));
	json_object_set_new(e, "Status", json_string("AVAILABLE"));
	af_keep(a, AF_ENVIRONMENT, jstr(e, "Name"), e);
}

static void op_get(struct af_aws *in)
{
	json_t *e = mwaa_environment(in);
	if (!e)
		return;
	char *url = mwaa_web_address(in->a);
	json_t *copy = json_deep_copy(e);
	json_object_set_new(copy, "WebserverUrl", json_string(url)); /* of this process */
	free(url);
	settle(in->a, e);
	mwaa_reply(in->call, 200, json_pack("{s:o}", "Environment", copy));
}

/* [a-zA-Z][0-9a-zA-Z-_]* */
static bool fits_name(struct af_aws *in)
{
	bool good = in->name.n > 0;
	for (size_t i = 0; i < in->name.n; i++) {
		char c = in->name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		good = good && (letter || (i && ((c >= '0' && c <= '9') || c == '-' || c == '_')));
	}
	if (in->name.n > 80)
		return wrong(in, "Name", in->name, "have length less than or equal to 80");
	return good || wrong(in, "Name", in->name, "satisfy regular expression pattern: [a-zA-Z][0-9a-zA-Z-_]*");
}

static void op_create(struct af_aws *in)
{
	char *name = arena_cstr(in->call->req.arena, in->name);
	json_t *given = fits_name(in) ? take(in, CREATE, NULL) : NULL;
	if (!given)
		return;
	if (json_object_get(in->a->kept[AF_ENVIRONMENT], name)) {
		json_decref(given);
		mwaa_refuse(in->call, 400, "ValidationException", "Environment %s already exists", name);
		return;
	}
	json_t *e = make_environment(in->a, name, "CREATING", given);
	af_keep(in->a, AF_ENVIRONMENT, name, e);
	mwaa_reply(in->call, 200, json_pack("{s:O}", "Arn", json_object_get(e, "Arn")));
	json_decref(given);
	json_decref(e);
}

static void op_update(struct af_aws *in)
{
	json_t *e = mwaa_environment(in);
	json_t *given = e ? take(in, UPDATE, e) : NULL, *net = json_object_get(given, "NetworkConfiguration");
	if (!given)
		return;
	if (net)
		json_object_update_missing(net, json_object_get(e, "NetworkConfiguration"));
	json_t *last = json_pack("{s:s, s:I, s:s, s:O*}", "Status", "PENDING", "CreatedAt", (json_int_t)(af_now(in->a) / 1000), "Source", "UpdateEnvironment",
				 "WorkerReplacementStrategy", json_object_get(given, "WorkerReplacementStrategy"));
	json_object_del(given, "WorkerReplacementStrategy");
	json_object_update(e, given);
	name_logs(in->a->env->conf, jstr(e, "Name"), json_object_get(e, "LoggingConfiguration"));
	json_object_set_new(e, "LastUpdate", last);
	json_object_set_new(e, "Status", json_string("UPDATING"));
	af_keep(in->a, AF_ENVIRONMENT, jstr(e, "Name"), e);
	mwaa_reply(in->call, 200, json_pack("{s:O}", "Arn", json_object_get(e, "Arn")));
	json_decref(given);
}

static void op_delete(struct af_aws *in)
{
	if (mwaa_environment(in)) {
		(void)af_unkeep(in->a, AF_ENVIRONMENT, arena_cstr(in->call->req.arena, in->name));
		mwaa_reply(in->call, 200, json_object());
	}
}

/* Workers of MWAA write their own metrics by it; none of ours does. */
static void op_metrics(struct af_aws *in)
{
	if (!json_is_array(json_object_get(in->body, "MetricData")))
		(void)wrong(in, "MetricData", sl(NULL), "not be null");
	else if (mwaa_environment(in))
		mwaa_refuse(in->call, 400, "ValidationException", "PublishMetrics is for MWAA's own workers, of which there are none here: metrics of yours go to "
								  "CloudWatch's PutMetricData");
}

/* ---- tags ---- */

/* "arn:aws:airflow:REGION:ACCOUNT:environment/NAME" */
static json_t *tagged(struct af_aws *in)
{
	const struct conf *conf = in->a->env->conf;
	char *start = xasprintf("arn:aws:airflow:%s:%s:environment/", identities_region(conf), identities_account(conf));
	struct slice arn = in->name;
	json_t *e = NULL;
	if (sl_after(arn, sl(start), &in->name))
		e = mwaa_environment(in);
	else if (!sl_starts(arn, S("arn:aws")) || sl_find(arn, S(":airflow:")) < 0 || sl_find(arn, S(":environment/")) < 0)
		(void)wrong(in, "ResourceArn", arn, "satisfy regular expression pattern: arn:aws(-[a-z]+)?:airflow:[a-z0-9\\-]+:\\d{12}:environment/\\w+.*");
	else
		mwaa_refuse(in->call, 404, "ResourceNotFoundException", "Environment not found: %.*s", SL(arn));
	free(start);
	return e;
}

static void op_tags(struct af_aws *in)
{
	const json_t *e = tagged(in);
	if (e)
		mwaa_reply(in->call, 200, json_pack("{s:O}", "Tags", json_object_get(e, "Tags")));
}

static void op_tag(struct af_aws *in)
{
	json_t *e = tagged(in), *tags = json_object_get(in->body, "Tags"), *there = json_object_get(e, "Tags"), *v;
	const char *k;
	size_t others = 0;
	if (!e)
		return;
	json_object_foreach(there, k, v)
		others += !json_object_get(tags, k);
	if (!json_is_object(tags)) {
		(void)wrong(in, "Tags", sl(NULL), "not be null");
		return;
	}
	if (!fits_tags(in, tags, others))
		return;
	json_object_update(there, tags);
	af_keep(in->a, AF_ENVIRONMENT, jstr(e, "Name"), e);
	mwaa_reply(in->call, 200, json_object());
}

static void op_untag(struct af_aws *in)
{
	json_t *e = tagged(in);
	struct slice name, value;
	size_t pos = 0;
	if (!e)
		return;
	while (in->call->req.query.p && http_query_next(&in->call->req, &pos, &name, &value))
		if (sl_eqs(name, "tagKeys"))
			json_object_del(json_object_get(e, "Tags"), arena_cstr(in->call->req.arena, arena_url_decode(in->call->req.arena, value, true)));
	af_keep(in->a, AF_ENVIRONMENT, jstr(e, "Name"), e);
	mwaa_reply(in->call, 200, json_object());
}

static const struct af_op ops[] = {
	{ { "GET", "/environments", "ListEnvironments", "names of the environments" }, .aws = op_list },
	{ { "GET", "/environments/{}", "GetEnvironment", "an environment" }, .aws = op_get },
	{ { "PUT", "/environments/{}", "CreateEnvironment", "another name of this Airflow, with a bucket of its own" }, .aws = op_create },
	{ { "PATCH", "/environments/{}", "UpdateEnvironment", "change an environment" }, .aws = op_update },
	{ { "DELETE", "/environments/{}", "DeleteEnvironment", "forget an environment" }, .aws = op_delete },
	{ { "POST", "/metrics/environments/{}", "PublishMetrics", "refused: it is for MWAA's own workers" }, .aws = op_metrics },
	{ { "GET", "/tags/{+}", "ListTagsForResource", "tags of an environment" }, .aws = op_tags },
	{ { "POST", "/tags/{+}", "TagResource", "set tags" }, .aws = op_tag },
	{ { "DELETE", "/tags/{+}", "UntagResource", "remove tags" }, .aws = op_untag },
};
const struct routes af_environment_routes = ROUTES(ops);
