/* What stands before the integration: API key, throttle, quota, request validation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"
#include "core/sigv4.h"

/* ---- API key and its usage plan ---- */

static bool configured_key(const struct gw_call *c, struct slice sent)
{
	const char *name, *value;
	for (size_t i = 0; conf_at(c->g->env->conf, "apigateway.keys", i, &name, &value); i++)
		if (sl_eq(sent, sl(value)))
			return true;
	return false;
}

static json_t *key_of(struct gateway *g, struct slice value)
{
	const char *id;
	json_t *v;
	json_object_foreach(gw_docs(g, K_KEY, ""), id, v)
		if (sl_eqs(value, jstr(v, "value")) && json_is_true(json_object_get(v, "enabled")))
			return v;
	return NULL;
}

/* The plan that holds the key and covers this stage; *stage gets the plan's entry for it. */
static json_t *plan_of(struct gw_call *c, const char *key, json_t **stage)
{
	const char *id;
	json_t *plan, *s;
	size_t i;
	json_object_foreach(gw_docs(c->g, K_PLAN, ""), id, plan) {
		if (!json_object_get(json_object_get(plan, "_keys"), key))
			continue;
		json_array_foreach(json_object_get(plan, "apiStages"), i, s)
			if (sl_eqs(c->api->id, jstr(s, "apiId")) && sl_eqs(c->stage, jstr(s, "stage"))) {
				*stage = s;
				return plan;
			}
	}
	return NULL;
}

/* Takes a token from a bucket that holds `burst` and gains `rate` a second. */
static bool take_token(struct gateway *g, const char *name, double rate, double burst, int64_t now_ms)
{
	json_t *b = json_object_get(g->buckets, name);
	double tokens = b ? json_real_value(json_array_get(b, 0)) : burst;
	int64_t at = b ? json_integer_value(json_array_get(b, 1)) : now_ms;
	if (now_ms > at)
		tokens += (double)(now_ms - at) * rate / 1000;
	if (tokens > burst)
		tokens = burst;
	bool ok = tokens >= 1;
	json_object_set_new(g->buckets, name, json_pack("[f,I]", ok ? tokens - 1 : tokens, (json_int_t)now_ms));
	return ok;
}

static bool throttle_ok(struct gw_call *c, const char *name, json_t *throttle)
{
	json_t *rate = json_object_get(throttle, "rateLimit"), *burst = json_object_get(throttle, "burstLimit");
	if (!json_is_number(rate) && !json_is_number(burst))
		return true;
	return take_token(c->g, name, json_number_value(rate), json_number_value(burst), c->call->req.now_ms);
}

static bool plan_throttle_ok(struct gw_call *c, json_t *plan, json_t *stage, const char *key)
{
	struct arena *a = c->call->req.arena;
	struct slice method = arena_printf(a, "%.*s/%.*s", SL(c->match.node->path), SL(c->call->req.method));
	json_t *own = json_object_get(json_object_get(stage, "throttle"), method.p);
	if (own && !throttle_ok(c, arena_printf(a, "plan %s %s %s", jstr(plan, "id"), key, method.p).p, own))
		return false;
	return throttle_ok(c, arena_printf(a, "plan %s %s", jstr(plan, "id"), key).p, json_object_get(plan, "throttle"));
}

int64_t gw_period(const json_t *plan, int64_t now_ms)
{
	const json_t *quota = json_object_get(plan, "quota");
	const char *period = jstr(quota, "period");
	int64_t day = now_ms / 86400000, offset = json_integer_value(json_object_get(quota, "offset"));
	int y, m, d;
	if (!period || !strcmp(period, "DAY"))
		return day;
	if (!strcmp(period, "WEEK")) /* 1970-01-04 was a Sunday */
		return (day + 7 - 3 - offset) / 7;
	clock_civil(day - offset, &y, &m, &d);
	return (int64_t)y * 12 + m;
}

/* Counts the call; false when the quota of the period is used up. */
static bool quota_ok(struct gw_call *c, json_t *plan, const char *key)
{
	const char *id = jstr(plan, "id");
	json_t *quota = json_object_get(plan, "quota"), *use = gw_doc(c->g, K_USAGE, id, key), *days;
	int64_t now = c->call->req.now_ms, period = gw_period(plan, now);
	json_int_t used = json_integer_value(json_object_get(use, "period")) == period ? json_integer_value(json_object_get(use, "used")) : 0;
	char day[24];
	struct error err;
	if (json_is_object(quota) && used >= json_integer_value(json_object_get(quota, "limit")))
		return false;
	use = use ? json_incref(use) : json_pack("{s:{}}", "days");
	days = json_object_get(use, "days");
	snprintf(day, sizeof(day), "%lld", (long long)(now / 86400000));
	json_object_set_new(days, day, json_integer(json_integer_value(json_object_get(days, day)) + 1));
	json_object_set_new(use, "used", json_integer(used + 1));
	json_object_set_new(use, "period", json_integer(period));
	if (gw_doc_put(c->g, K_USAGE, id, key, use, &err))
		log_error(c->g->env, "usage", "plan=%s key=%s error=\"%s\"", id, key, err.text);
	return true;
}

static bool check_key(struct gw_call *c)
{
	struct slice sent = http_get(&c->call->req, "x-api-key");
	json_t *key = sent.n ? key_of(c->g, sent) : NULL, *plan = NULL, *stage = NULL;
	if (key)
		plan = plan_of(c, jstr(key, "id"), &stage);
	if (plan)
		c->key = json_incref(key);
	if (!c->match.method->key_required)
		return true;
	if (!plan) {
		if (sent.n && configured_key(c, sent))
			return true;
		gw_fail(c, GW_E_BAD_KEY);
		return false;
	}
	if (!plan_throttle_ok(c, plan, stage, jstr(key, "id"))) {
		gw_fail(c, GW_E_THROTTLED);
		return false;
	}
	if (!quota_ok(c, plan, jstr(key, "id"))) {
		gw_fail(c, GW_E_QUOTA);
		return false;
	}
	return true;
}

/* The stage's method settings: the method's own, else those of all methods together. */
static bool check_stage_throttle(struct gw_call *c)
{
	struct arena *a = c->call->req.arena;
	json_t *all = json_object_get(c->st ? c->st->doc : NULL, "methodSettings"), *set;
	struct slice own = arena_printf(a, "%.*s/%.*s", (int)c->match.node->path.n - 1, c->match.node->path.p + 1, SL(c->call->req.method));
	const char *name = own.p;
	if (!json_object_size(all))
		return true;
	set = json_object_get(all, own.p);
	if (!set) {
		name = "*/*";
		set = json_object_get(all, name);
	}
	/* -1, which Terraform writes for "none", throttles nothing. */
	if (!json_is_number(json_object_get(set, "throttlingRateLimit")) || json_number_value(json_object_get(set, "throttlingRateLimit")) < 0 ||
	    json_number_value(json_object_get(set, "throttlingBurstLimit")) < 0)
		return true;
	if (take_token(c->g, arena_printf(a, "stage %.*s %.*s %s", SL(c->api->id), SL(c->stage), name).p,
		       json_number_value(json_object_get(set, "throttlingRateLimit")), json_number_value(json_object_get(set, "throttlingBurstLimit")),
		       c->call->req.now_ms))
		return true;
	gw_fail(c, GW_E_THROTTLED);
	return false;
}

/* ---- AWS_IAM ---- */

/* A signature for execute-api; with [identities] it must be right, and without any will do. DIFFERS: policies are not evaluated. */
static bool check_signature(struct gw_call *c)
{
	enum sigv4_verdict verdict = c->match.method->iam ? sigv4_check(c->g->env->conf, &c->call->req, false, NULL, NULL) : SIGV4_OK;
	if (verdict == SIGV4_OK)
		return true;
	gw_fail(c, verdict == SIGV4_UNREADABLE || verdict == SIGV4_ANONYMOUS ? GW_E_MISSING_TOKEN : GW_E_SIGNATURE);
	return false;
}

/* ---- request validation ---- */

static int by_place(const void *x, const void *y)
{
	static const int order[] = { [GW_HEADER] = 0, [GW_PATH] = 1, [GW_QUERY] = 2 };
	const struct gw_param *const *a = x, *const *b = y;
	return (*a)->place != (*b)->place ? order[(*a)->place] - order[(*b)->place] : sl_cmp((*a)->name, (*b)->name);
}

static bool present(const struct gw_call *c, const struct gw_param *p)
{
	static const enum gw_source sources[] = { [GW_HEADER] = GW_FROM_HEADER, [GW_QUERY] = GW_FROM_QUERY, [GW_PATH] = GW_FROM_PATH };
	struct gw_param probe = { .source = sources[p->place], .value = p->name };
	return gw_value(c, &probe).n > 0;
}

static bool check_params(struct gw_call *c)
{
	const struct gw_method *m = c->match.method;
	const struct gw_param **missing = arena_alloc(c->call->req.arena, (m->need_n + 1) * sizeof(*missing));
	struct buf b = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < m->need_n; i++)
		if (!present(c, &m->needs[i]))
			missing[n++] = &m->needs[i];
	if (!n)
		return true;
	qsort(missing, n, sizeof(*missing), by_place);
	buf_adds(&b, "Missing required request parameters: [");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SL(missing[i]->name));
	buf_addc(&b, ']');
	c->bad = arena_dup(c->call->req.arena, buf_slice(&b));
	buf_free(&b);
	gw_trace(c, "Request parameters validation failed: %.*s", SL(c->bad));
	gw_fail(c, GW_E_BAD_PARAMETERS);
	return false;
}

static const char *model_for(struct gw_call *c)
{
	struct slice type = http_get(&c->call->req, "Content-Type"), rest;
	const char *key;
	json_t *v;
	if (!type.n)
		type = S("application/json");
	(void)sl_cut(type, ';', &type, &rest);
	json_object_foreach(c->match.method->models, key, v)
		if (sl_eq_nocase(sl_trim(type), sl(key)))
			return json_string_value(v);
	return jstr(c->match.method->models, "$default");
}

static bool check_body(struct gw_call *c)
{
	const char *name = model_for(c), *text;
	json_t *models = json_object_get(c->api->doc, "models");
	struct slice body = c->call->req.body;
	if (!name)
		return true;
	text = jstr(json_object_get(models, name), "schema");
	JSON_AUTO schema = text ? json_loads(text, 0, NULL) : NULL;
	JSON_AUTO value = json_loadb(body.p ? body.p : "", body.n, JSON_DECODE_ANY, NULL);
	if (!schema || (value && gw_schema_ok(schema, value, models, 0)))
		return true;
	gw_trace(c, "Request body does not match model schema for content type application/json");
	gw_fail(c, GW_E_BAD_BODY);
	return false;
}

bool gw_check(struct gw_call *c)
{
	if (!c->test && (!check_signature(c) || !check_key(c) || !check_stage_throttle(c)))
		return false;
	if (c->match.method->check_params && !check_params(c))
		return false;
	return !c->match.method->check_body || check_body(c);
}
