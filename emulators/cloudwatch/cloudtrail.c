/* CloudTrail: management events looked up; trails as documents.
 *
 * DIFFERS: CloudTrail: trails are kept, but no log files are written to their buckets; no event data stores, no Insights. */
#include "cloudwatch/cloudtrail.h"

#include <ctype.h>

#include "aws/store.h"

static const struct aws_kind trails = { "cloudtrail.trail", true };
static const int64_t ninety_days_ms = 90LL * 86400000;

/* ---- events ---- */

int trail_flush(struct trail *t, struct error *err)
{
	int rc = 0;
	if (!t->waiting_n)
		return 0;
	for (size_t i = 0; i < t->waiting_n; i++) {
		struct trail_event *e = t->waiting[i];
		struct trail_row r = { ++t->last, e->at_ms, sl(e->place), sl(e->shown), sl(e->json) };
		if (!rc)
			rc = trail_put(&t->store, &r, err);
		trail_event_free(e);
	}
	t->waiting_n = 0;
	return rc ? rc : trail_trim(&t->store, t->last - TRAIL_KEPT, clock_now_ms(t->a->env->clock) - ninety_days_ms, err);
}

static void on_answered(void *arg, struct http_call *call)
{
	struct trail *t = arg;
	struct error err;
	struct trail_event *e = trail_event_of(t->a->env, call, t->last + (int64_t)t->waiting_n + 1);
	if (!e)
		return;
	t->waiting[t->waiting_n++] = e;
	if (t->waiting_n == TRAIL_WAITING && trail_flush(t, &err))
		log_error(t->a->env, "store-failed", "error=\"%s\"", err.text);
}

struct looking {
	const char *key, *value; /* NULL: all */
	json_t *events;
	size_t most;
	int64_t last;
	bool more;
};

static bool has_resource(const json_t *shown, const char *member, const char *value)
{
	const json_t *r;
	size_t i;
	json_array_foreach (json_object_get(shown, "Resources"), i, r)
		if (!strcmp(jstr(r, member), value))
			return true;
	return false;
}

static bool is_meant(const struct looking *l, const json_t *shown)
{
	const char *has;
	if (!l->key)
		return true;
	if (!strncmp(l->key, "Resource", 8))
		return has_resource(shown, l->key, l->value);
	return (has = jstr(shown, l->key)) && !strcmp(has, l->value);
}

static bool look(void *arg, const struct trail_row *r)
{
	struct looking *l = arg;
	json_t *shown = json_loadb(r->shown.p, r->shown.n, 0, NULL);
	if (!shown || !is_meant(l, shown)) {
		json_decref(shown);
		return true;
	}
	if (json_array_size(l->events) == l->most) {
		json_decref(shown);
		l->more = true;
		return false;
	}
	json_object_set_new(shown, "CloudTrailEvent", json_stringn(r->json.p, r->json.n));
	json_array_append_new(l->events, shown);
	l->last = r->id;
	return true;
}

static int lookup(struct aws_call *c)
{
	const json_t *attributes = json_object_get(c->in, "LookupAttributes"), *first = json_array_get(attributes, 0);
	struct looking l = { .key = jstr(first, "AttributeKey"), .value = jstr(first, "AttributeValue"), .most = 50 };
	int64_t from_ms = json_object_get(c->in, "StartTime") ? jint(c->in, "StartTime") : 0, before = INT64_MAX;
	int64_t to_ms = json_object_get(c->in, "EndTime") ? jint(c->in, "EndTime") : INT64_MAX;
	struct slice token = jslice(c->in, "NextToken");
	struct trail *t = c->aws->trail;
	struct error err;
	if (json_array_size(attributes) > 1)
		return aws_refuse(c, 400, "InvalidLookupAttributesException", "You can specify only one lookup attribute.");
	if (json_object_get(c->in, "MaxResults")) {
		if (jint(c->in, "MaxResults") < 1 || jint(c->in, "MaxResults") > 50)
			return aws_refuse(c, 400, "InvalidMaxResultsException", "A maximum results value of %lld is invalid. Specify a value between 1 and 50.",
					  (long long)jint(c->in, "MaxResults"));
		l.most = (size_t)jint(c->in, "MaxResults");
	}
	if (from_ms > to_ms)
		return aws_refuse(c, 400, "InvalidTimeRangeException", "A start time must be earlier than or equal to an end time.");
	if (token.p && !sl_int(token, 1, INT64_MAX, &before))
		return aws_refuse(c, 400, "InvalidNextTokenException", "The next token is invalid.");
	if (trail_flush(t, &err))
		return aws_broken(c, &err);
	if (from_ms < c->now_ms - ninety_days_ms)
		from_ms = c->now_ms - ninety_days_ms;
	l.events = json_array();
	char *place = xasprintf("%s %s", c->at.account, c->at.region);
	int rc = trail_each(&t->store, place, from_ms, to_ms, before, look, &l, &err);
	free(place);
	json_object_set_new(c->out, "Events", l.events);
	if (l.more)
		json_object_set_new(c->out, "NextToken", json_sprintf("%lld", (long long)l.last));
	return rc < 0 ? aws_broken(c, &err) : 0;
}

/* ---- trails ---- */

static struct aws_place home(struct aws_call *c)
{
	return (struct aws_place){ c->at.account, "" };
}

/* The trail of a name or an ARN; NULL: refused. */
static json_t *trail_of(struct aws_call *c, const char *member, const char **name)
{
	const char *said = jstr(c->in, member), *at = strstr(said, ":trail/");
	*name = at ? at + 7 : said;
	json_t *t = aws_find(c->aws, home(c), &trails, *name);
	if (!t && sl_starts(sl(said), S("arn:")) && !at)
		aws_refuse(c, 400, "CloudTrailARNInvalidException", "The trail ARN is not valid: %s", said);
	else if (!t)
		aws_refuse(c, 400, "TrailNotFoundException", "Unknown trail: %s for the user: %s", *name, c->at.account);
	return t;
}

static int keep(struct aws_call *c, const char *name, json_t *t)
{
	struct error err;
	return aws_keep(c->aws, home(c), &trails, name, t, &err) ? aws_broken(c, &err) : 0;
}

static int check_name(struct aws_call *c, const char *name)
{
	size_t n = strlen(name);
	if (n < 3 || n > 128)
		return aws_refuse(c, 400, "InvalidTrailNameException", n < 3 ? "Trail name too short. Minimum allowed length: 3 characters. Specified name length: %zu characters."
									     : "Trail name too long. Maximum allowed length: 128 characters. Specified name length: %zu characters.", n);
	if (!isalnum((unsigned char)name[0]))
		return aws_refuse(c, 400, "InvalidTrailNameException", "Trail name must starts with a letter or number.");
	if (!isalnum((unsigned char)name[n - 1]))
		return aws_refuse(c, 400, "InvalidTrailNameException", "Trail name must ends with a letter or number.");
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return aws_refuse(c, 400, "InvalidTrailNameException", "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), "
									       "hyphens (-), and underscores (_).");
	return 0;
}

static const char *const members[] = { "Name", "S3BucketName", "S3KeyPrefix", "SnsTopicName", "SnsTopicARN", "IncludeGlobalServiceEvents", "IsMultiRegionTrail", "TrailARN",
				       "LogFileValidationEnabled", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId", "IsOrganizationTrail", "HomeRegion",
				       "HasCustomEventSelectors", "HasInsightSelectors" };

static json_t *shown(const json_t *t)
{
	json_t *o = json_object();
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		jcopy(o, t, members[i]);
	return o;
}

/* As its answer to who made or changed it. */
static void answer_trail(struct aws_call *c, const json_t *t)
{
	static const char *const described[] = { "HomeRegion", "HasCustomEventSelectors", "HasInsightSelectors" };
	json_t *o = shown(t);
	for (size_t i = 0; i < ARRAY_LEN(described); i++)
		json_object_del(o, described[i]);
	json_decref(c->out);
	c->out = o;
}

static void change(json_t *t, const json_t *in)
{
	static const char *const settings[] = { "S3BucketName", "S3KeyPrefix", "SnsTopicName", "IncludeGlobalServiceEvents", "IsMultiRegionTrail", "CloudWatchLogsLogGroupArn",
						"CloudWatchLogsRoleArn", "KmsKeyId", "IsOrganizationTrail" };
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		jcopy(t, in, settings[i]);
	if (json_object_get(in, "EnableLogFileValidation"))
		json_object_set(t, "LogFileValidationEnabled", json_object_get(in, "EnableLogFileValidation"));
}

static int store_trail(struct aws_call *c)
{
	const char *name = jstr(c->in, "Name"), *at = strstr(name, ":trail/");
	name = at ? at + 7 : name;
	json_t *t = aws_find(c->aws, home(c), &trails, name);
	if (t) {
		change(t, c->in);
		answer_trail(c, t);
		return keep(c, name, t);
	}
	t = json_pack("{s:b, s:b, s:b, s:b, s:b, s:b}", "IncludeGlobalServiceEvents", 1, "IsMultiRegionTrail", 0, "LogFileValidationEnabled", 0, "IsOrganizationTrail", 0,
		      "HasCustomEventSelectors", 0, "HasInsightSelectors", 0);
	json_object_set_new(t, "Name", json_string(name));
	json_object_set_new(t, "HomeRegion", json_string(c->at.region));
	jput(t, "TrailARN", aws_arn(c, "cloudtrail", "trail/%s", name));
	json_object_set_new(t, ".tags", json_object_get(c->in, "TagsList") ? json_deep_copy(json_object_get(c->in, "TagsList")) : json_array());
	change(t, c->in);
	answer_trail(c, t);
	return keep(c, name, t);
}

/* The store's answer: whether the bucket is there. */
static void on_bucket(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct aws_call *c = arg;
	if (err)
		(void)aws_refuse(c, 400, "S3BucketDoesNotExistException", "S3 bucket %s does not exist!", jstr(c->in, "S3BucketName"));
	else
		(void)store_trail(c);
	aws_answer(c);
}

static int check_bucket(struct aws_call *c)
{
	const struct object_store *s = &c->env->ports->objects;
	if (!jstr(c->in, "S3BucketName") || !s->self)
		return store_trail(c);
	owed_keep(&c->owed, s->list(s->self, jslice(c->in, "S3BucketName"), S(""), sl(NULL), on_bucket, c));
	return AWS_LATER;
}

static int create_trail(struct aws_call *c)
{
	const char *name = jstr(c->in, "Name");
	if (check_name(c, name))
		return -1;
	if (aws_find(c->aws, home(c), &trails, name))
		return aws_refuse(c, 400, "TrailAlreadyExistsException", "Trail %s already exists for customer: %s", name, c->at.account);
	if (aws_count(c->aws, home(c), &trails) >= 5)
		return aws_refuse(c, 400, "MaximumNumberOfTrailsExceededException", "User: %s already has 5 trails in %s.", c->at.account, c->at.region);
	if (!json_object_get(c->in, "CloudWatchLogsLogGroupArn") != !json_object_get(c->in, "CloudWatchLogsRoleArn"))
		return aws_refuse(c, 400, "InvalidCloudWatchLogsLogGroupArnException", "Both CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn must be specified.");
	return check_bucket(c);
}

static int update_trail(struct aws_call *c)
{
	const char *name;
	return trail_of(c, "Name", &name) ? check_bucket(c) : -1;
}

/* Here, or of all regions. */
static bool is_seen(struct aws_call *c, const json_t *t, bool shadows)
{
	return !strcmp(jstr(t, "HomeRegion"), c->at.region) || (shadows && jtrue(t, "IsMultiRegionTrail"));
}

static bool is_listed(const json_t *names, const json_t *t)
{
	const json_t *n;
	size_t i;
	json_array_foreach (names, i, n)
		if (!strcmp(json_string_value(n), jstr(t, "Name")) || !strcmp(json_string_value(n), jstr(t, "TrailARN")))
			return true;
	return !json_array_size(names);
}

static int describe_trails(struct aws_call *c)
{
	bool shadows = !json_is_false(json_object_get(c->in, "includeShadowTrails"));
	json_t *list = json_array(), *t;
	for (struct aws_walk w = aws_walk(c->aws, home(c), &trails); (t = aws_next(&w));)
		if (is_seen(c, t, shadows) && is_listed(json_object_get(c->in, "trailNameList"), t))
			json_array_append_new(list, shown(t));
	json_object_set_new(c->out, "trailList", list);
	return 0;
}

static int list_trails(struct aws_call *c)
{
	json_t *list = json_array(), *t;
	for (struct aws_walk w = aws_walk(c->aws, home(c), &trails); (t = aws_next(&w));)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "TrailARN", jstr(t, "TrailARN"), "Name", jstr(t, "Name"), "HomeRegion", jstr(t, "HomeRegion")));
	json_object_set_new(c->out, "Trails", list);
	return 0;
}

static int get_trail(struct aws_call *c)
{
	const char *name;
	json_t *t = trail_of(c, "Name", &name);
	if (!t)
		return -1;
	json_object_set_new(c->out, "Trail", shown(t));
	return 0;
}

static int delete_trail(struct aws_call *c)
{
	const char *name;
	struct error err;
	if (!trail_of(c, "Name", &name))
		return -1;
	return aws_drop(c->aws, home(c), &trails, name, &err) ? aws_broken(c, &err) : 0;
}

static int set_logging(struct aws_call *c, bool on)
{
	const char *name;
	json_t *t = trail_of(c, "Name", &name);
	if (!t)
		return -1;
	json_object_set_new(t, ".logging", json_boolean(on));
	json_object_set_new(t, on ? ".started" : ".stopped", json_integer(c->now_ms));
	return keep(c, name, t);
}

static int start_logging(struct aws_call *c)
{
	return set_logging(c, true);
}

static int stop_logging(struct aws_call *c)
{
	return set_logging(c, false);
}

static void put_time(json_t *out, const json_t *t, const char *member, const char *as_time, const char *as_text)
{
	char when[32] = "";
	if (json_object_get(t, member)) {
		clock_iso_sec(jint(t, member), when);
		json_object_set(out, as_time, json_object_get(t, member));
	}
	json_object_set_new(out, as_text, json_string(when));
}

static int trail_status(struct aws_call *c)
{
	static const char *const nothing[] = { "LatestDeliveryAttemptTime", "LatestNotificationAttemptTime", "LatestNotificationAttemptSucceeded", "LatestDeliveryAttemptSucceeded" };
	const char *name;
	json_t *t = trail_of(c, "Name", &name);
	if (!t)
		return -1;
	json_object_set_new(c->out, "IsLogging", json_boolean(jtrue(t, ".logging")));
	for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
		json_object_set_new(c->out, nothing[i], json_string(""));
	put_time(c->out, t, ".started", "StartLoggingTime", "TimeLoggingStarted");
	put_time(c->out, t, ".stopped", "StopLoggingTime", "TimeLoggingStopped");
	return 0;
}

static void show_selectors(struct aws_call *c, json_t *t)
{
	jcopy(c->out, t, "TrailARN");
	json_t *kept = json_object_get(t, ".selectors"), *advanced = json_object_get(t, ".advanced");
	if (advanced)
		json_object_set(c->out, "AdvancedEventSelectors", advanced);
	else
		json_object_set_new(c->out, "EventSelectors", kept ? json_incref(kept) : json_pack("[{s:s, s:b, s:[], s:[]}]", "ReadWriteType", "All", "IncludeManagementEvents", 1,
												"DataResources", "ExcludeManagementEventSources"));
}

static int put_selectors(struct aws_call *c)
{
	const char *name;
	json_t *t = trail_of(c, "TrailName", &name), *plain = json_object_get(c->in, "EventSelectors"), *advanced = json_object_get(c->in, "AdvancedEventSelectors");
	if (!t)
		return -1;
	if (!plain == !advanced)
		return aws_refuse(c, 400, "InvalidEventSelectorsException", "You must specify either EventSelectors or AdvancedEventSelectors, but not both.");
	json_object_del(t, ".selectors");
	json_object_del(t, ".advanced");
	json_object_set(t, plain ? ".selectors" : ".advanced", plain ? plain : advanced);
	json_object_set_new(t, "HasCustomEventSelectors", json_true());
	show_selectors(c, t);
	return keep(c, name, t);
}

static int get_selectors(struct aws_call *c)
{
	const char *name;
	json_t *t = trail_of(c, "TrailName", &name);
	if (!t)
		return -1;
	show_selectors(c, t);
	return 0;
}

static json_t *tags_of(json_t *t)
{
	if (!json_object_get(t, ".tags"))
		json_object_set_new(t, ".tags", json_array());
	return json_object_get(t, ".tags");
}

static int add_tags(struct aws_call *c)
{
	const char *name;
	json_t *t = trail_of(c, "ResourceId", &name);
	if (!t)
		return -1;
	aws_tags_set(tags_of(t), json_object_get(c->in, "TagsList"), "Key", "Value");
	return keep(c, name, t);
}

static int remove_tags(struct aws_call *c)
{
	const char *name;
	json_t *t = trail_of(c, "ResourceId", &name), *keys = json_array(), *tag;
	size_t i;
	json_array_foreach (json_object_get(c->in, "TagsList"), i, tag)
		json_array_append(keys, json_object_get(tag, "Key"));
	if (t)
		aws_tags_drop(tags_of(t), keys, "Key");
	json_decref(keys);
	return t ? keep(c, name, t) : -1;
}

static int list_tags(struct aws_call *c)
{
	json_t *list = json_array(), *id;
	const char *name;
	size_t i;
	json_object_set_new(c->out, "ResourceTagList", list);
	json_array_foreach (json_object_get(c->in, "ResourceIdList"), i, id) {
		json_object_set(c->in, "ResourceId", id);
		json_t *t = trail_of(c, "ResourceId", &name), *o = json_object();
		json_object_set(o, "ResourceId", id);
		json_object_set_new(o, "TagsList", t ? json_deep_copy(tags_of(t)) : json_array());
		json_array_append_new(list, o);
		if (!t)
			return -1;
	}
	return 0;
}

static int on_open(struct aws *a, struct error *err)
{
	struct trail *t = a->trail = xcalloc(1, sizeof(*t));
	t->a = a;
	t->store = (struct trail_store){ &a->db, AWS_Q_TRAIL };
	journal_watch(a->env->journal, on_answered, t);
	return trail_last(&t->store, &t->last, err);
}

static void on_close(struct aws *a)
{
	struct error err;
	if (!a->trail)
		return;
	journal_watch(a->env->journal, NULL, a->trail);
	if (trail_flush(a->trail, &err) || db_commit(&a->db, &err))
		log_error(a->env, "store-failed", "error=\"%s\"", err.text);
	free(a->trail);
	a->trail = NULL;
}

#define TRAIL \
	" S3KeyPrefix:s SnsTopicName:s IncludeGlobalServiceEvents:b IsMultiRegionTrail:b EnableLogFileValidation:b CloudWatchLogsLogGroupArn:s" \
	" CloudWatchLogsRoleArn:s KmsKeyId:s IsOrganizationTrail:b"
#define TAGS "TagsList:[{Key!:s1-128 Value:s0-256}]0-200"

static const struct aws_op ops[] = {
	{ AWS_OP("cloudtrail", "LookupEvents", "management events, the newest first"),
	  "LookupAttributes:[{AttributeKey!:EventId|EventName|ReadOnly|Username|ResourceType|ResourceName|EventSource|AccessKeyId AttributeValue!:s1-2000}]"
	  " StartTime:t EndTime:t EventCategory:insight|Insight MaxResults:i NextToken:s", "Events:[{EventTime:t}]", lookup },
	{ AWS_OP("cloudtrail", "CreateTrail", "a trail, kept only"), "Name!:s S3BucketName!:s " TRAIL " " TAGS, "", create_trail },
	{ AWS_OP("cloudtrail", "UpdateTrail", "a trail changes"), "Name!:s S3BucketName:s " TRAIL, "", update_trail },
	{ AWS_OP("cloudtrail", "DescribeTrails", "trails"), "trailNameList:[s] includeShadowTrails:b", "", describe_trails },
	{ AWS_OP("cloudtrail", "ListTrails", "names of trails"), "NextToken:s", "", list_trails },
	{ AWS_OP("cloudtrail", "GetTrail", "a trail"), "Name!:s", "", get_trail },
	{ AWS_OP("cloudtrail", "DeleteTrail", "a trail goes"), "Name!:s", "", delete_trail },
	{ AWS_OP("cloudtrail", "StartLogging", "a trail is on"), "Name!:s", "", start_logging },
	{ AWS_OP("cloudtrail", "StopLogging", "a trail is off"), "Name!:s", "", stop_logging },
	{ AWS_OP("cloudtrail", "GetTrailStatus", "whether a trail is on"), "Name!:s", "StartLoggingTime:t StopLoggingTime:t", trail_status },
	{ AWS_OP("cloudtrail", "PutEventSelectors", "what a trail would tell of"),
	  "TrailName!:s EventSelectors:[{ReadWriteType:ReadOnly|WriteOnly|All IncludeManagementEvents:b DataResources:[{Type:s Values:[s]}] ExcludeManagementEventSources:[s]}]"
	  " AdvancedEventSelectors:j", "", put_selectors },
	{ AWS_OP("cloudtrail", "GetEventSelectors", "what a trail would tell of"), "TrailName!:s", "", get_selectors },
	{ AWS_OP("cloudtrail", "AddTags", "tags of a trail"), "ResourceId!:s " TAGS, "", add_tags },
	{ AWS_OP("cloudtrail", "RemoveTags", "tags go"), "ResourceId!:s " TAGS, "", remove_tags },
	{ AWS_OP("cloudtrail", "ListTags", "tags of trails"), "ResourceIdList!:[s] NextToken:s", "", list_tags },
};
const struct routes cloudtrail_ops = ROUTES(ops);
const struct aws_api cloudtrail_api = {
	.name = "cloudtrail",
	.scope = "cloudtrail",
	.protocol = AWS_JSON,
	.invalid = "InvalidParameterException",
	.ops = { &cloudtrail_ops },
	.open = on_open,
	.close = on_close,
};
