/* CloudWatch Logs: what is kept beside lines. Metric filters count; subscriptions, policies and saved queries are documents only. */
#include "cloudwatch/logs.h"

#include "cloudwatch/cloudwatch.h"

const struct aws_kind logs_metric_filters = { "logs.metric-filter" }, logs_subscriptions = { "logs.subscription" };
static const struct aws_kind policies = { "logs.policy" }, saved = { "logs.query" };

enum { SUBSCRIPTIONS_MAX = 2, METRIC_FILTERS_MAX = 100, POLICIES_MAX = 10 };

/* A metric filter, as lines meet it. */
struct logs_rule {
	struct log_filter *filter;
	char *account, *region, *group;
	json_t *doc;
};

/* ---- "GROUP:NAME": filters of a group ---- */

static const char *filter_key(struct aws_call *c, const char *group, const char *name)
{
	return arena_printf(c->arena, "%s:%s", group, name).p;
}

static size_t filters_of(struct aws_call *c, const struct aws_kind *kind, const char *group)
{
	const char *prefix = filter_key(c, group, "");
	size_t n = 0;
	struct aws_walk w = aws_walk(c->aws, c->at, kind);
	while (aws_next(&w))
		n += sl_starts(sl(w.key), sl(prefix));
	return n;
}

static int check_pattern(struct aws_call *c)
{
	struct log_filter *f;
	struct error err;
	if (log_filter_open(jslice(c->in, "filterPattern"), &f, &err))
		return aws_refuse(c, 400, "InvalidParameterException", "%s", err.text);
	log_filter_free(f);
	return 0;
}

static int put_filter(struct aws_call *c, const struct aws_kind *kind, size_t most)
{
	const char *group, *key;
	struct error err;
	if (!logs_group(c, &group) || check_pattern(c))
		return -1;
	key = filter_key(c, group, jstr(c->in, "filterName"));
	json_t *before = aws_find(c->aws, c->at, kind, key), *doc = json_deep_copy(c->in);
	if (!before && filters_of(c, kind, group) >= most) {
		json_decref(doc);
		return aws_refuse(c, 400, "LimitExceededException", "Resource limit exceeded.");
	}
	json_object_set_new(doc, "creationTime", json_integer(before ? jint(before, "creationTime") : c->now_ms));
	return aws_keep(c->aws, c->at, kind, key, doc, &err) ? aws_broken(c, &err) : 0;
}

static bool metric_is(const json_t *filter, const char *member, const char *wanted)
{
	const json_t *t = json_array_get(json_object_get(filter, "metricTransformations"), 0);
	return !wanted || (jstr(t, member) && !strcmp(jstr(t, member), wanted));
}

static int describe_filters(struct aws_call *c, const struct aws_kind *kind, const char *list)
{
	const char *group = NULL;
	struct slice prefix = jslice(c->in, "filterNamePrefix");
	json_t *found = json_array(), *doc;
	if (json_object_get(c->in, "logGroupName") && !logs_group(c, &group)) {
		json_decref(found);
		return -1;
	}
	for (struct aws_walk w = aws_walk(c->aws, c->at, kind); (doc = aws_next(&w));) {
		if ((group && strcmp(group, jstr(doc, "logGroupName"))) || (prefix.p && !sl_starts(jslice(doc, "filterName"), prefix)))
			continue;
		if (metric_is(doc, "metricName", jstr(c->in, "metricName")) && metric_is(doc, "metricNamespace", jstr(c->in, "metricNamespace")))
			json_array_append(found, doc);
	}
	if (aws_page(c, found, list, "limit", 50, "nextToken", "nextToken"))
		return aws_refuse(c, 400, "InvalidParameterException", "The specified nextToken is invalid.");
	return 0;
}

static int delete_filter(struct aws_call *c, const struct aws_kind *kind, const char *what)
{
	const char *group;
	struct error err;
	if (!logs_group(c, &group))
		return -1;
	const char *key = filter_key(c, group, jstr(c->in, "filterName"));
	if (!aws_find(c->aws, c->at, kind, key))
		return aws_refuse(c, 400, "ResourceNotFoundException", "The specified %s filter does not exist.", what);
	return aws_drop(c->aws, c->at, kind, key, &err) ? aws_broken(c, &err) : 0;
}

static int drop_all(struct logs *l, struct aws_place at, const struct aws_kind *kind, const char *group, struct error *err)
{
	char *prefix = xasprintf("%s:", group);
	int rc = 0;
	bool again = true;
	while (!rc && again) {
		struct aws_walk w = aws_walk(l->a, at, kind);
		again = false;
		while (!again && aws_next(&w))
			again = sl_starts(sl(w.key), sl(prefix));
		if (again)
			rc = aws_drop(l->a, at, kind, w.key, err);
	}
	free(prefix);
	return rc;
}

int logs_kept_drop(struct logs *l, struct aws_place at, const char *group, struct error *err)
{
	int rc = drop_all(l, at, &logs_metric_filters, group, err);
	logs_rules_forget(l);
	return rc ? rc : drop_all(l, at, &logs_subscriptions, group, err);
}

/* ---- metric filters ---- */

int logs_put_metric_filter(struct aws_call *c)
{
	logs_rules_forget(c->aws->logs);
	return put_filter(c, &logs_metric_filters, METRIC_FILTERS_MAX);
}

int logs_describe_metric_filters(struct aws_call *c)
{
	return describe_filters(c, &logs_metric_filters, "metricFilters");
}

int logs_delete_metric_filter(struct aws_call *c)
{
	logs_rules_forget(c->aws->logs);
	return delete_filter(c, &logs_metric_filters, "metric");
}

int logs_test_metric_filter(struct aws_call *c)
{
	const json_t *lines = json_object_get(c->in, "logEventMessages"), *line;
	json_t *matches = json_array();
	struct log_filter *f;
	struct error err;
	size_t i;
	if (log_filter_open(jslice(c->in, "filterPattern"), &f, &err)) {
		json_decref(matches);
		return aws_refuse(c, 400, "InvalidParameterException", "%s", err.text);
	}
	json_array_foreach (lines, i, line) {
		if (!log_filter_matches(f, json_slice(line)))
			continue;
		json_t *m = json_object();
		json_object_set_new(m, "eventNumber", json_integer((json_int_t)i + 1));
		json_object_set(m, "eventMessage", (json_t *)line);
		json_object_set_new(m, "extractedValues", log_filter_values(f, json_slice(line)));
		json_array_append_new(matches, m);
	}
	log_filter_free(f);
	json_object_set_new(c->out, "matches", matches);
	return 0;
}

/* ---- what they count ---- */

void logs_rules_forget(struct logs *l)
{
	for (size_t i = 0; i < l->rule_n; i++) {
		struct logs_rule *r = &l->rules[i];
		log_filter_free(r->filter);
		free(r->account);
		free(r->region);
		free(r->group);
		json_decref(r->doc);
	}
	free(l->rules);
	l->rules = NULL;
	l->rule_n = l->rule_cap = 0;
	l->rules_read = false;
}

static void read_rules(struct logs *l)
{
	json_t *doc;
	for (struct aws_walk w = aws_walk_all(l->a, &logs_metric_filters); (doc = aws_next(&w));) {
		struct log_filter *f;
		if (log_filter_open(jslice(doc, "filterPattern"), &f, NULL))
			continue;
		GROW(l->rules, l->rule_n, l->rule_cap);
		l->rules[l->rule_n++] = (struct logs_rule){ .filter = f, .account = xstrdup(w.at.account), .region = xstrdup(w.at.region),
							    .group = xstrdup(jstr(doc, "logGroupName")), .doc = json_incref(doc) };
	}
	l->rules_read = true;
}

/* [{Name, Value}] of the dimensions that a line fills: {"Host": "$.host"}. */
static json_t *dimensions_of(const struct logs_rule *r, const json_t *wanted, struct slice text)
{
	json_t *values = log_filter_values(r->filter, text), *list = json_array(), *from;
	const char *name;
	json_object_foreach ((json_t *)wanted, name, from) {
		json_t *v = json_object_get(values, json_string_value(from));
		if (v)
			json_array_append_new(list, json_pack("{s:s, s:O}", "Name", name, "Value", v));
	}
	json_decref(values);
	return list;
}

/* A line that the pattern doesn't take counts as the default, if there is one. */
static void count_line(struct logs *l, const struct logs_rule *r, struct aws_place at, int64_t at_ms, struct slice text)
{
	const json_t *t = json_array_get(json_object_get(r->doc, "metricTransformations"), 0);
	struct slice said = jslice(t, "metricValue");
	bool takes = log_filter_matches(r->filter, text);
	struct error err;
	double value = jnum(t, "defaultValue");
	if (!takes && !json_object_get(t, "defaultValue"))
		return;
	if (takes && (sl_starts(said, S("$")) ? !log_filter_number(r->filter, text, said, &value) : !log_filter_as_number(said, &value)))
		return;
	JSON_AUTO list = takes ? dimensions_of(r, json_object_get(t, "dimensions"), text) : json_array();
	char *dims = cw_dims(list), *place = xasprintf("%s %s", at.account, at.region);
	const char *unit = jstr(t, "unit");
	struct metric_key k = { place, jstr(t, "metricNamespace"), jstr(t, "metricName"), dims, unit ? unit : "None" };
	if (cw_put(l->a->watch, &k, at_ms, value, &err))
		log_error(l->a->env, "store-failed", "error=\"%s\"", err.text);
	free(dims);
	free(place);
}

void logs_count(struct logs *l, struct aws_place at, const char *group, int64_t at_ms, struct slice text)
{
	if (!l->rules_read)
		read_rules(l);
	for (size_t i = 0; i < l->rule_n; i++) {
		struct logs_rule *r = &l->rules[i];
		if (strcmp(group, r->group) || strcmp(at.region, r->region) || strcmp(at.account, r->account))
			continue;
		count_line(l, r, at, at_ms, text);
	}
}

/* ---- subscriptions ---- */

int logs_put_subscription(struct aws_call *c)
{
	const char *arn = jstr(c->in, "destinationArn");
	if (!sl_starts(sl(arn), S("arn:")))
		return aws_refuse(c, 400, "InvalidParameterException", "destinationArn is not a valid ARN: %s", arn);
	if (!json_object_get(c->in, "distribution"))
		json_object_set_new(c->in, "distribution", json_string("ByLogStream"));
	return put_filter(c, &logs_subscriptions, SUBSCRIPTIONS_MAX);
}

int logs_describe_subscriptions(struct aws_call *c)
{
	return describe_filters(c, &logs_subscriptions, "subscriptionFilters");
}

int logs_delete_subscription(struct aws_call *c)
{
	return delete_filter(c, &logs_subscriptions, "subscription");
}

/* ---- documents ---- */

static json_t *all_of(struct aws_call *c, const struct aws_kind *kind, const char *member, struct slice prefix)
{
	json_t *list = json_array(), *doc;
	for (struct aws_walk w = aws_walk(c->aws, c->at, kind); (doc = aws_next(&w));)
		if (!prefix.p || sl_starts(jslice(doc, member), prefix))
			json_array_append(list, doc);
	return list;
}

static int paged(struct aws_call *c, json_t *items, const char *list, const char *limit)
{
	if (aws_page(c, items, list, limit, 50, "nextToken", "nextToken"))
		return aws_refuse(c, 400, "InvalidParameterException", "The specified nextToken is invalid.");
	return 0;
}

int logs_put_policy(struct aws_call *c)
{
	const char *name = jstr(c->in, "policyName");
	struct error err;
	if (!aws_find(c->aws, c->at, &policies, name) && aws_count(c->aws, c->at, &policies) >= POLICIES_MAX)
		return aws_refuse(c, 400, "LimitExceededException", "Resource limit exceeded.");
	json_t *doc = json_deep_copy(c->in);
	json_object_set_new(doc, "lastUpdatedTime", json_integer(c->now_ms));
	json_object_set(c->out, "resourcePolicy", doc);
	return aws_keep(c->aws, c->at, &policies, name, doc, &err) ? aws_broken(c, &err) : 0;
}

int logs_describe_policies(struct aws_call *c)
{
	return paged(c, all_of(c, &policies, "policyName", sl(NULL)), "resourcePolicies", "limit");
}

int logs_delete_policy(struct aws_call *c)
{
	const char *name = jstr(c->in, "policyName");
	struct error err;
	if (!aws_find(c->aws, c->at, &policies, name))
		return aws_refuse(c, 400, "ResourceNotFoundException", "Policy with name [%s] does not exist", name);
	return aws_drop(c->aws, c->at, &policies, name, &err) ? aws_broken(c, &err) : 0;
}

int logs_put_query(struct aws_call *c)
{
	char id[37];
	const char *given = jstr(c->in, "queryDefinitionId");
	struct error err;
	if (given && !aws_find(c->aws, c->at, &saved, given))
		return aws_refuse(c, 400, "ResourceNotFoundException", "The specified query definition does not exist.");
	if (!given)
		aws_uuid(c->aws, id);
	json_t *doc = json_deep_copy(c->in);
	json_object_set_new(doc, "queryDefinitionId", json_string(given ? given : id));
	json_object_set_new(doc, "lastModified", json_integer(c->now_ms));
	json_object_del(doc, "clientToken");
	json_object_set(c->out, "queryDefinitionId", json_object_get(doc, "queryDefinitionId"));
	return aws_keep(c->aws, c->at, &saved, jstr(c->out, "queryDefinitionId"), doc, &err) ? aws_broken(c, &err) : 0;
}

int logs_describe_queries(struct aws_call *c)
{
	return paged(c, all_of(c, &saved, "name", jslice(c->in, "queryDefinitionNamePrefix")), "queryDefinitions", "maxResults");
}

int logs_delete_query(struct aws_call *c)
{
	const char *id = jstr(c->in, "queryDefinitionId");
	struct error err;
	if (!aws_find(c->aws, c->at, &saved, id))
		return aws_refuse(c, 400, "ResourceNotFoundException", "The specified query definition does not exist.");
	json_object_set_new(c->out, "success", json_true());
	return aws_drop(c->aws, c->at, &saved, id, &err) ? aws_broken(c, &err) : 0;
}
