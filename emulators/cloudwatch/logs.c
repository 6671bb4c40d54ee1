/* CloudWatch Logs: groups and streams, their tags and how long lines are kept. */
#include "cloudwatch/logs.h"

#include "aws/store.h"
#include "core/text.h"

const struct aws_kind logs_groups = { "logs.group" };

/* DIFFERS: CloudWatch Logs: no Insights (StartQuery), no exports, no deliveries to subscriptions' destinations: those are kept only. */

enum { STREAMS_MAX = 50, SWEEP_PIECE = 500 };

int logs_refuse(struct aws_call *c, const struct error *err)
{
	if (err->kind != ERR_INVALID)
		return aws_broken(c, err);
	return aws_refuse(c, 400, "InvalidParameterException", "%s", err->text);
}

/* ---- names ---- */

const char *logs_name_of(struct aws_call *c, const char *text)
{
	struct slice name;
	if (!text || !sl_starts(sl(text), S("arn:")))
		return text;
	ssize_t at = sl_find(sl(text), S(":log-group:"));
	if (at < 0)
		return text;
	struct slice rest;
	sl_cut(sl_from(sl(text), (size_t)at + 11), ':', &name, &rest);
	return arena_cstr(c->arena, name);
}

json_t *logs_group(struct aws_call *c, const char **name)
{
	const char *by_name = jstr(c->in, "logGroupName"), *by_id = jstr(c->in, "logGroupIdentifier"), *arn = jstr(c->in, "resourceArn");
	json_t *group;
	if (by_name && by_id) {
		aws_refuse(c, 400, "InvalidParameterException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
		return NULL;
	}
	*name = logs_name_of(c, by_name ? by_name : by_id ? by_id : arn);
	if (!*name) {
		aws_refuse(c, 400, "InvalidParameterException", "Either LogGroup name or LogGroup ARN must be specified.");
		return NULL;
	}
	if (!(group = aws_find(c->aws, c->at, &logs_groups, *name)))
		aws_refuse(c, 400, "ResourceNotFoundException", "The specified log group does not exist.");
	return group;
}

int64_t logs_cutoff(const json_t *group, int64_t now_ms)
{
	int64_t days = jint(group, "retentionInDays");
	return days ? now_ms - days * 86400000 : 0;
}

json_t *logs_group_make(struct logs *l, struct aws_place at, const char *name, struct error *err)
{
	json_t *group = json_object();
	json_object_set_new(group, "id", json_integer(++l->last_group));
	json_object_set_new(group, "creationTime", json_integer(clock_now_ms(l->a->env->clock)));
	json_object_set_new(group, "logGroupClass", json_string("STANDARD"));
	json_object_set_new(group, "tags", json_object());
	return aws_keep(l->a, at, &logs_groups, name, group, err) ? NULL : aws_find(l->a, at, &logs_groups, name);
}

/* The group changed: writes it. */
static int keep(struct aws_call *c, const char *name, json_t *group)
{
	struct error err;
	return aws_keep(c->aws, c->at, &logs_groups, name, group, &err) ? aws_broken(c, &err) : 0;
}

static int flush(struct aws_call *c)
{
	struct error err;
	return logs_sink_flush(c->aws->logs->sink, &err) ? aws_broken(c, &err) : 0;
}

/* ---- groups ---- */

static int create_group(struct aws_call *c)
{
	const char *name = jstr(c->in, "logGroupName");
	struct error err;
	if (aws_find(c->aws, c->at, &logs_groups, name))
		return aws_refuse(c, 400, "ResourceAlreadyExistsException", "The specified log group already exists");
	json_t *group = logs_group_make(c->aws->logs, c->at, name, &err);
	if (!group)
		return aws_broken(c, &err);
	jcopy(group, c->in, "kmsKeyId");
	jcopy(group, c->in, "tags");
	jcopy(group, c->in, "logGroupClass");
	jcopy(group, c->in, "deletionProtectionEnabled");
	return keep(c, name, group);
}

static int delete_group(struct aws_call *c)
{
	struct logs *l = c->aws->logs;
	struct error err;
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	if (jtrue(group, "deletionProtectionEnabled"))
		return aws_refuse(c, 400, "ValidationException", "The specified log group has deletion protection enabled.");
	if (flush(c))
		return -1;
	logs_sink_forget(l->sink);
	if (logs_group_drop(&l->store, jint(group, "id"), &err) || logs_kept_drop(l, c->at, name, &err) ||
	    aws_drop(c->aws, c->at, &logs_groups, name, &err))
		return aws_broken(c, &err);
	logs_sweep_soon(l);
	return 0;
}

static json_t *group_shown(struct aws_call *c, const char *name, const json_t *group)
{
	json_t *o = json_object();
	size_t filters = 0;
	const char *prefix = arena_printf(c->arena, "%s:", name).p;
	struct aws_walk w = aws_walk(c->aws, c->at, &logs_metric_filters);
	while (aws_next(&w))
		filters += sl_starts(sl(w.key), sl(prefix));
	json_object_set_new(o, "logGroupName", json_string(name));
	jcopy(o, group, "creationTime");
	jcopy(o, group, "retentionInDays");
	jcopy(o, group, "kmsKeyId");
	jcopy(o, group, "logGroupClass");
	jcopy(o, group, "deletionProtectionEnabled");
	json_object_set_new(o, "metricFilterCount", json_integer((json_int_t)filters));
	json_object_set_new(o, "arn", json_string(aws_arn(c, "logs", "log-group:%s:*", name)));
	json_object_set_new(o, "logGroupArn", json_string(aws_arn(c, "logs", "log-group:%s", name)));
	json_object_set_new(o, "storedBytes", json_integer(logs_group_bytes(&c->aws->logs->store, jint(group, "id"))));
	return o;
}

static bool has_nocase(struct slice text, struct slice part)
{
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (sl_eq_nocase(sl_of(text.p + i, part.n), part))
			return true;
	return false;
}

static bool is_listed(struct aws_call *c, const json_t *ids, const char *name)
{
	const json_t *id;
	size_t i;
	json_array_foreach (ids, i, id)
		if (!strcmp(logs_name_of(c, json_string_value(id)), name))
			return true;
	return !ids;
}

/* Those that the request asks for, as show has them. */
static json_t *groups_shown(struct aws_call *c, json_t *(*show)(struct aws_call *c, const char *name, const json_t *group))
{
	struct slice prefix = jslice(c->in, "logGroupNamePrefix"), pattern = jslice(c->in, "logGroupNamePattern");
	const char *class = jstr(c->in, "logGroupClass");
	json_t *list = json_array(), *group;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &logs_groups); (group = aws_next(&w));) {
		if (prefix.p && !sl_starts(sl(w.key), prefix))
			continue;
		if ((pattern.p && !has_nocase(sl(w.key), pattern)) || (class && strcmp(class, jstr(group, "logGroupClass"))))
			continue;
		if (is_listed(c, json_object_get(c->in, "logGroupIdentifiers"), w.key))
			json_array_append_new(list, show(c, w.key, group));
	}
	return list;
}

static int page(struct aws_call *c, json_t *items, const char *list)
{
	if (aws_page(c, items, list, "limit", STREAMS_MAX, "nextToken", "nextToken"))
		return aws_refuse(c, 400, "InvalidParameterException", "The specified nextToken is invalid.");
	return 0;
}

static int describe_groups(struct aws_call *c)
{
	if (json_object_get(c->in, "logGroupNamePrefix") && json_object_get(c->in, "logGroupNamePattern"))
		return aws_refuse(c, 400, "InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
	return flush(c) ? -1 : page(c, groups_shown(c, group_shown), "logGroups");
}

static json_t *group_listed(struct aws_call *c, const char *name, const json_t *group)
{
	json_t *o = json_object();
	json_object_set_new(o, "logGroupName", json_string(name));
	json_object_set_new(o, "logGroupArn", json_string(aws_arn(c, "logs", "log-group:%s", name)));
	jcopy(o, group, "logGroupClass");
	return o;
}

static int list_groups(struct aws_call *c)
{
	return page(c, groups_shown(c, group_listed), "logGroups");
}

/* ---- what a group has ---- */

static int put_retention(struct aws_call *c)
{
	static const int days[] = { 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 };
	int64_t wanted = jint(c->in, "retentionInDays");
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(days); i++)
		if (days[i] == wanted) {
			json_object_set_new(group, "retentionInDays", json_integer(wanted));
			return keep(c, name, group);
		}
	struct buf set = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(days); i++)
		buf_addf(&set, "%s%d", i ? ", " : "", days[i]);
	aws_refuse(c, 400, "InvalidParameterException", "1 validation error detected: Value '%lld' at 'retentionInDays' failed to satisfy constraint: "
		   "Member must satisfy enum value set: [%s]", (long long)wanted, buf_cstr(&set));
	buf_free(&set);
	return -1;
}

static int drop_member(struct aws_call *c, const char *member)
{
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	json_object_del(group, member);
	return keep(c, name, group);
}

static int delete_retention(struct aws_call *c)
{
	return drop_member(c, "retentionInDays");
}

static int associate_key(struct aws_call *c)
{
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	jcopy(group, c->in, "kmsKeyId");
	return keep(c, name, group);
}

static int disassociate_key(struct aws_call *c)
{
	return drop_member(c, "kmsKeyId");
}

static int protect_group(struct aws_call *c)
{
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	jcopy(group, c->in, "deletionProtectionEnabled");
	return keep(c, name, group);
}

static int tag_group(struct aws_call *c)
{
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	json_t *tags = json_deep_copy(jobj(group, "tags"));
	json_object_update(tags, json_object_get(c->in, "tags"));
	if (json_object_size(tags) > 50) {
		json_decref(tags);
		return aws_refuse(c, 400, "TooManyTagsException", "The log group can't have more than 50 tags.");
	}
	json_object_set_new(group, "tags", tags);
	return keep(c, name, group);
}

static int untag_group(struct aws_call *c)
{
	const char *name;
	const json_t *keys = json_object_get(c->in, "tagKeys"), *key;
	size_t i;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	if (!keys)
		keys = json_object_get(c->in, "tags");
	json_array_foreach (keys, i, key)
		json_object_del(jobj(group, "tags"), json_string_value(key));
	return keep(c, name, group);
}

static int list_tags(struct aws_call *c)
{
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	json_object_set(c->out, "tags", jobj(group, "tags"));
	return 0;
}

/* ---- streams ---- */

static int create_stream(struct aws_call *c)
{
	struct logs *l = c->aws->logs;
	struct slice stream = jslice(c->in, "logStreamName");
	struct log_stream found;
	struct error err;
	const char *name;
	int64_t id;
	json_t *group = logs_group(c, &name);
	if (!group)
		return -1;
	int rc = logs_stream_find(&l->store, jint(group, "id"), stream, &found, &err);
	if (rc > 0)
		return aws_refuse(c, 400, "ResourceAlreadyExistsException", "The specified log stream already exists");
	if (rc < 0 || logs_stream_new(&l->store, jint(group, "id"), stream, c->now_ms, &id, &err))
		return aws_broken(c, &err);
	return 0;
}

static int delete_stream(struct aws_call *c)
{
	struct logs *l = c->aws->logs;
	struct log_stream found;
	struct error err;
	const char *name;
	json_t *group = logs_group(c, &name);
	if (!group || flush(c))
		return -1;
	int rc = logs_stream_find(&l->store, jint(group, "id"), jslice(c->in, "logStreamName"), &found, &err);
	if (!rc)
		return aws_refuse(c, 400, "ResourceNotFoundException", "The specified log stream does not exist.");
	logs_sink_forget(l->sink);
	if (rc < 0 || logs_stream_drop(&l->store, found.id, &err))
		return aws_broken(c, &err);
	logs_sweep_soon(l);
	return 0;
}

struct listing {
	struct aws_call *c;
	const char *group;
	struct slice prefix;
	json_t *streams;
};

static bool add_stream(void *arg, const struct log_stream *st)
{
	struct listing *x = arg;
	if (x->prefix.p && !sl_starts(st->name, x->prefix))
		return false;
	json_t *o = json_object();
	json_object_set_new(o, "logStreamName", json_stringn(st->name.p, st->name.n));
	json_object_set_new(o, "creationTime", json_integer(st->created_ms));
	if (st->first_ms >= 0) {
		json_object_set_new(o, "firstEventTimestamp", json_integer(st->first_ms));
		json_object_set_new(o, "lastEventTimestamp", json_integer(st->last_ms));
		json_object_set_new(o, "lastIngestionTime", json_integer(st->ingested_ms));
		json_object_set_new(o, "uploadSequenceToken", json_sprintf("%056lld", (long long)st->bytes));
	}
	json_object_set_new(o, "arn", json_string(aws_arn(x->c, "logs", "log-group:%s:log-stream:%.*s", x->group, SL(st->name))));
	json_object_set_new(o, "storedBytes", json_integer(0)); /* of streams it is always 0 since 2019 */
	json_array_append_new(x->streams, o);
	return true;
}

static int by_time(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int64_t at = jint(x, "lastEventTimestamp"), then = jint(y, "lastEventTimestamp");
	return at != then ? (at < then ? -1 : 1) : strcmp(jstr(x, "logStreamName"), jstr(y, "logStreamName"));
}

static json_t *sorted(json_t *streams, bool by_last, bool descending)
{
	size_t n = json_array_size(streams);
	json_t **v = xcalloc(n + 1, sizeof(*v)), *out = json_array();
	for (size_t i = 0; i < n; i++)
		v[i] = json_array_get(streams, i);
	if (by_last)
		qsort(v, n, sizeof(*v), by_time);
	for (size_t i = 0; i < n; i++)
		json_array_append(out, v[descending ? n - 1 - i : i]);
	free(v);
	json_decref(streams);
	return out;
}

static int describe_streams(struct aws_call *c)
{
	struct listing x = { .c = c, .prefix = jslice(c->in, "logStreamNamePrefix") };
	const char *order = jstr(c->in, "orderBy");
	bool by_last = order && !strcmp(order, "LastEventTime");
	struct error err;
	json_t *group = logs_group(c, &x.group);
	if (!group)
		return -1;
	if (by_last && x.prefix.p)
		return aws_refuse(c, 400, "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.");
	if (flush(c))
		return -1;
	x.streams = json_array();
	if (logs_streams_each(&c->aws->logs->store, jint(group, "id"), x.prefix, add_stream, &x, &err)) {
		json_decref(x.streams);
		return aws_broken(c, &err);
	}
	return page(c, sorted(x.streams, by_last, jtrue(c->in, "descending")), "logStreams");
}

/* ---- what was dropped goes piece by piece, a piece a turn ---- */

static void sweep(void *arg)
{
	struct logs *l = arg;
	struct error err;
	int rc = logs_sweep(&l->store, SWEEP_PIECE, &err);
	if (rc > 0)
		loop_later(l->a->env->loop, &l->sweep, sweep, l);
	else if (rc < 0)
		log_warn(l->a->env, "logs-sweep", "error=\"%s\"", err.text);
}

void logs_sweep_soon(struct logs *l)
{
	loop_later(l->a->env->loop, &l->sweep, sweep, l);
}

static int on_open(struct aws *a, struct error *err)
{
	struct logs *l = a->logs = xcalloc(1, sizeof(*l));
	json_t *group;
	l->a = a;
	l->store = (struct logs_store){ &a->db, AWS_Q_LOGS };
	l->sink = logs_sink_new(l);
	int rc = logs_group_last(&l->store, &l->last_group, err);
	for (struct aws_walk w = aws_walk_all(a, &logs_groups); (group = aws_next(&w));)
		if (jint(group, "id") > l->last_group)
			l->last_group = jint(group, "id");
	logs_sweep_soon(l);
	return rc;
}

static void on_close(struct aws *a)
{
	struct logs *l = a->logs;
	if (!l)
		return;
	loop_never(a->env->loop, &l->sweep);
	logs_work_end(l);
	logs_rules_forget(l);
	logs_sink_free(l->sink);
	free(l);
	a->logs = NULL;
}

#define GROUP "logGroupName!:s1-512~[\\.\\-_/#A-Za-z0-9]+~"
#define GROUP_OR_ARN "logGroupName:s1-512~[\\.\\-_/#A-Za-z0-9]+~ logGroupIdentifier:s1-2048~[\\w#+=/:,.@-]*~"
#define STREAM "logStreamName!:s1-512~[^:*]*~"
#define FILTER "filterName!:s1-512~[^:*]*~"
#define PATTERN "filterPattern!:s0-1024"
#define PAGE "nextToken:s1- limit:i1-50"
#define CLASS "logGroupClass:STANDARD|INFREQUENT_ACCESS|DELIVERY|ESSENTIALS"
#define ARN "resourceArn!:s1-1011~[\\w+=/:,.@*-]*~"
#define EVENTS "logEvents!:[{timestamp!:i0- message!:s1-}]1-10000"
#define RANGE "startTime:i0- endTime:i0- nextToken:s1- limit:i1-10000"
#define TRANSFORMATION \
	"metricTransformations!:[{metricName!:s0-255~[^:*$]*~ metricNamespace!:s0-255~[^:*$]*~ metricValue!:s0-100 defaultValue:n" \
	" dimensions:<s0-255> unit:s}]1-1"

static const struct aws_op ops[] = {
	{ AWS_OP("logs", "CreateLogGroup", "a group of logs"), GROUP " kmsKeyId:s0-256 tags:<s0-256>1-50 " CLASS " deletionProtectionEnabled:b", NULL, create_group },
	{ AWS_OP("logs", "DeleteLogGroup", "a group with all its lines goes"), GROUP, NULL, delete_group },
	{ AWS_OP("logs", "DescribeLogGroups", "groups by prefix or pattern"),
	  "logGroupNamePrefix:s1-512 logGroupNamePattern:s0-512 logGroupIdentifiers:[s1-2048]1-50 includeLinkedAccounts:b " CLASS " " PAGE, "", describe_groups },
	{ AWS_OP("logs", "ListLogGroups", "names of groups"), "logGroupNamePattern:s3-129 includeLinkedAccounts:b nextToken:s1- limit:i1-1000 " CLASS, "", list_groups },
	{ AWS_OP("logs", "CreateLogStream", "a stream of a group"), GROUP " " STREAM, NULL, create_stream },
	{ AWS_OP("logs", "DeleteLogStream", "a stream with its lines goes"), GROUP " " STREAM, NULL, delete_stream },
	{ AWS_OP("logs", "DescribeLogStreams", "streams by name or by their last line"),
	  GROUP_OR_ARN " logStreamNamePrefix:s1-512~[^:*]*~ orderBy:LogStreamName|LastEventTime descending:b " PAGE, "", describe_streams },
	{ AWS_OP("logs", "PutLogEvents", "lines into a stream"), GROUP " " STREAM " sequenceToken:s1- entity:j " EVENTS, "", logs_put },
	{ AWS_OP("logs", "GetLogEvents", "a page of a stream's lines"), GROUP_OR_ARN " " STREAM " startFromHead:b unmask:b " RANGE, "", logs_get },
	{ AWS_OP("logs", "FilterLogEvents", "lines of a group that a pattern takes"),
	  GROUP_OR_ARN " logStreamNames:[s1-512~[^:*]*~]1-100 logStreamNamePrefix:s1-512~[^:*]*~ filterPattern:s0-1024 startFromHead:b"
		       " interleaved:b unmask:b " RANGE, "", logs_filter },
	{ AWS_OP("logs", "PutRetentionPolicy", "how many days lines stay"), GROUP " retentionInDays!:i", NULL, put_retention },
	{ AWS_OP("logs", "DeleteRetentionPolicy", "lines stay for ever"), GROUP, NULL, delete_retention },
	{ AWS_OP("logs", "AssociateKmsKey", "the group's key, kept only"), "logGroupName!:s1-512 kmsKeyId!:s0-256", NULL, associate_key },
	{ AWS_OP("logs", "DisassociateKmsKey", "no key"), "logGroupName!:s1-512", NULL, disassociate_key },
	{ AWS_OP("logs", "PutLogGroupDeletionProtection", "whether a group may be deleted"), "logGroupIdentifier!:s1-2048 deletionProtectionEnabled!:b", NULL, protect_group },
	{ AWS_OP("logs", "TagResource", "tags of a group"), ARN " tags!:<s0-256>1-50", NULL, tag_group },
	{ AWS_OP("logs", "UntagResource", "tags go"), ARN " tagKeys!:[s1-128]0-50", NULL, untag_group },
	{ AWS_OP("logs", "ListTagsForResource", "tags of a group"), ARN, "", list_tags },
	{ AWS_OP("logs", "TagLogGroup", "tags of a group"), GROUP " tags!:<s0-256>1-50", NULL, tag_group },
	{ AWS_OP("logs", "UntagLogGroup", "tags go"), GROUP " tags!:[s1-128]1-", NULL, untag_group },
	{ AWS_OP("logs", "ListTagsLogGroup", "tags of a group"), GROUP, "", list_tags },
	{ AWS_OP("logs", "PutMetricFilter", "a metric of a group's lines"), GROUP " " FILTER " " PATTERN " " TRANSFORMATION " applyOnTransformedLogs:b", NULL,
	  logs_put_metric_filter },
	{ AWS_OP("logs", "DescribeMetricFilters", "metric filters"), "logGroupName:s1-512 filterNamePrefix:s1-512 metricName:s0-255 metricNamespace:s0-255 " PAGE, "",
	  logs_describe_metric_filters },
	{ AWS_OP("logs", "DeleteMetricFilter", "a metric filter goes"), GROUP " " FILTER, NULL, logs_delete_metric_filter },
	{ AWS_OP("logs", "TestMetricFilter", "what a pattern takes of lines"), PATTERN " logEventMessages!:[s1-]1-50", "", logs_test_metric_filter },
	{ AWS_OP("logs", "PutSubscriptionFilter", "a subscription, kept only"),
	  GROUP " " FILTER " " PATTERN " destinationArn!:s1- roleArn:s1- distribution:Random|ByLogStream applyOnTransformedLogs:b", NULL, logs_put_subscription },
	{ AWS_OP("logs", "DescribeSubscriptionFilters", "subscriptions of a group"), GROUP " filterNamePrefix:s1-512 " PAGE, "", logs_describe_subscriptions },
	{ AWS_OP("logs", "DeleteSubscriptionFilter", "a subscription goes"), GROUP " " FILTER, NULL, logs_delete_subscription },
	{ AWS_OP("logs", "PutResourcePolicy", "a policy of logs, kept only"), "policyName!:s policyDocument!:s1-51200", "", logs_put_policy },
	{ AWS_OP("logs", "DescribeResourcePolicies", "policies of logs"), PAGE, "", logs_describe_policies },
	{ AWS_OP("logs", "DeleteResourcePolicy", "a policy of logs goes"), "policyName!:s", NULL, logs_delete_policy },
	{ AWS_OP("logs", "PutQueryDefinition", "a saved query, kept only"),
	  "queryLanguage:CWLI|SQL|PPL name!:s1-255 queryDefinitionId:s1-256 logGroupNames:[s1-512] queryString!:s1-10000 clientToken:s", "", logs_put_query },
	{ AWS_OP("logs", "DescribeQueryDefinitions", "saved queries"), "queryLanguage:CWLI|SQL|PPL queryDefinitionNamePrefix:s1-255 maxResults:i1-1000 nextToken:s1-", "",
	  logs_describe_queries },
	{ AWS_OP("logs", "DeleteQueryDefinition", "a saved query goes"), "queryDefinitionId!:s1-256", "", logs_delete_query },
};
const struct routes logs_ops = ROUTES(ops);
const struct aws_api logs_api = {
	.name = "logs",
	.scope = "logs",
	.protocol = AWS_JSON,
	.invalid = "InvalidParameterException",
	.ops = { &logs_ops },
	.open = on_open,
	.close = on_close,
};
