/* What stands before an integration: signature, API key with its plan's throttle and quota, the stage's throttle, request
 * validation. */
#include "apigateway/run.h"
#include "core/sigv4.h"
#include "java/regex.h"

/* Of a schema: bytes of its text, and values that are looked at. */
enum { QUICK_SCHEMA = 64 << 10, QUICK_VALUES = 20000, VALUES_MAX = 10 << 20 };

/* ---- throttle ---- */

/* Takes a token from a bucket that holds `burst` and gains `rate` a second. */
static bool take_token(struct gw_call *c, const char *name, double rate, double burst)
{
	json_t *buckets = c->g->usage.buckets, *b = json_object_get(buckets, name);
	int64_t now = c->call->req.now_ms, at = b ? json_integer_value(json_array_get(b, 1)) : now;
	double tokens = b ? json_real_value(json_array_get(b, 0)) : burst;
	if (now > at)
		tokens += (double)(now - at) * rate / 1000;
	if (tokens > burst)
		tokens = burst;
	json_object_set_new(buckets, name, json_pack("[f,I]", tokens >= 1 ? tokens - 1 : tokens, (json_int_t)now));
	return tokens >= 1;
}

static bool throttle_ok(struct gw_call *c, const char *name, const json_t *throttle)
{
	json_t *rate = json_object_get(throttle, "rateLimit"), *burst = json_object_get(throttle, "burstLimit");
	if (!json_is_number(rate) && !json_is_number(burst))
		return true;
	return take_token(c, name, json_number_value(rate), json_number_value(burst));
}

/* The stage's method settings: the method's own, else those of all methods together. */
static enum gw_error check_stage_throttle(struct gw_call *c)
{
	struct arena *a = c->call->req.arena;
	json_t *all = json_object_get(c->st->doc, "methodSettings"), *set;
	const char *name = arena_printf(a, "%.*s/%.*s", SL(sl_from(c->match.node->path, 1)), SL(c->call->req.method)).p;
	set = json_object_get(all, name);
	if (!set) {
		name = "*/*";
		set = json_object_get(all, name);
	}
	/* -1, which Terraform writes for "none", throttles nothing. */
	if (!json_is_number(json_object_get(set, "throttlingRateLimit")) || jnum(set, "throttlingRateLimit") < 0 || jnum(set, "throttlingBurstLimit") < 0)
		return GW_OK;
	name = arena_printf(a, "stage %.*s %.*s %s", SL(c->api->id), SL(c->stage), name).p;
	return take_token(c, name, jnum(set, "throttlingRateLimit"), jnum(set, "throttlingBurstLimit")) ? GW_OK : GW_E_THROTTLED;
}

/* ---- API key and its usage plan ---- */

static bool configured_key(const struct gw_call *c, struct slice sent)
{
	const char *name, *value;
	for (size_t i = 0; conf_at(c->g->env->conf, "apigateway.keys", i, &name, &value); i++)
		if (sl_eq(sent, sl(value)))
			return true;
	return false;
}

static json_t *key_of(const struct gw_usage *u, struct slice value)
{
	const char *id;
	json_t *v;
	json_object_foreach(u->keys, id, v)
		if (sl_eqs(value, jstr(v, "value")) && jtrue(v, "enabled"))
			return v;
	return NULL;
}

/* The plan that holds the key and covers this stage; *stage gets the plan's entry for it. */
static json_t *plan_of(struct gw_call *c, const char *key, json_t **stage)
{
	const char *id;
	json_t *plan, *s;
	size_t i;
	json_object_foreach(c->g->usage.plans, id, plan) {
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
	int64_t day = now_ms / 86400000, offset = jint(quota, "offset");
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
	const struct gw_usage *u = &c->g->usage;
	const char *id = jstr(plan, "id");
	json_t *quota = json_object_get(plan, "quota"), *use = json_object_get(json_object_get(u->used, id), key), *days;
	int64_t now = c->call->req.now_ms, period = gw_period(plan, now), used = jint(use, "period") == period ? jint(use, "used") : 0;
	char day[24];
	struct error err;
	if (json_is_object(quota) && used >= jint(quota, "limit"))
		return false;
	use = jobj(jobj(u->used, id), key);
	days = jobj(use, "days");
	snprintf(day, sizeof(day), "%lld", (long long)(now / 86400000));
	json_object_set_new(days, day, json_integer(jint(days, day) + 1));
	json_object_set_new(use, "used", json_integer(used + 1));
	json_object_set_new(use, "period", json_integer(period));
	if (u->keep(c->g, id, key, &err))
		log_error(c->g->env, "usage", "plan=%s key=%s error=\"%s\"", id, key, err.text);
	return true;
}

static enum gw_error check_key(struct gw_call *c)
{
	struct slice sent = http_get(&c->call->req, "x-api-key");
	json_t *key = sent.n ? key_of(&c->g->usage, sent) : NULL, *plan = NULL, *stage = NULL;
	if (key)
		plan = plan_of(c, jstr(key, "id"), &stage);
	if (plan)
		c->key = json_incref(key);
	if (!c->match.method->key_required)
		return GW_OK;
	if (!plan)
		return sent.n && configured_key(c, sent) ? GW_OK : GW_E_BAD_KEY;
	if (!plan_throttle_ok(c, plan, stage, jstr(key, "id")))
		return GW_E_THROTTLED;
	return quota_ok(c, plan, jstr(key, "id")) ? GW_OK : GW_E_QUOTA;
}

/* ---- authorizers ---- */

/* Whether the request has what its authorizer would be asked with: else that isn't asked. */
static bool identified(struct gw_call *c)
{
	const json_t *authorizer = c->match.method->authorizer;
	struct slice rest = jslice(authorizer, "identitySource"), one, value = { 0 };
	const char *pattern = jstr(authorizer, "identityValidationExpression");
	struct gw_param p;
	if (!rest.n && sl_eqs(jslice(authorizer, "type"), "REQUEST"))
		return true;
	if (!rest.n)
		rest = S("method.request.header.Authorization");
	while (rest.p) {
		(void)sl_cut(rest, ',', &one, &rest);
		if (!gw_source_read(sl_trim(one), &p))
			continue;
		value = gw_value(c, &p);
		if (!value.n)
			return false;
	}
	return !pattern || !*pattern || java_matches(value, sl(pattern), false) != 0;
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

static enum gw_error check_params(struct gw_call *c)
{
	const struct gw_method *m = c->match.method;
	const struct gw_param **missing = arena_alloc(c->call->req.arena, (m->need_n + 1) * sizeof(*missing));
	struct buf b = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < m->need_n; i++)
		if (!present(c, &m->needs[i]))
			missing[n++] = &m->needs[i];
	if (!n)
		return GW_OK;
	qsort(missing, n, sizeof(*missing), by_place);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SL(missing[i]->name));
	(void)gw_because(c, GW_E_BAD_PARAMETERS, "Missing required request parameters: [%.*s]", SL(buf_slice(&b)));
	buf_free(&b);
	gw_trace(c, "Request parameters validation failed: %.*s", SL(c->why));
	return GW_E_BAD_PARAMETERS;
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

static enum gw_error check_body(struct gw_call *c)
{
	const char *name = model_for(c), *text;
	json_t *models = json_object_get(c->api->doc, "models");
	struct slice body = c->call->req.body;
	if (!name)
		return GW_OK;
	text = jstr(json_object_get(models, name), "schema");
	if (c->quick && text && strlen(text) > QUICK_SCHEMA)
		return GW_E_LONG;
	JSON_AUTO schema = text ? gw_json(sl(text), GW_DOCUMENT, NULL) : NULL;
	JSON_AUTO value = gw_json(body, GW_BODY, NULL);
	JSON_AUTO read = json_object();
	struct gw_schema s = { models, read, c->quick ? QUICK_VALUES : VALUES_MAX, &c->stop };
	bool ok = !schema || (value && gw_schema_ok(&s, schema, value, 0));
	if (!s.left)
		return c->quick ? GW_E_LONG : gw_because(c, GW_E_CONFIGURATION, "the model %s takes too long", name);
	if (ok)
		return GW_OK;
	gw_trace(c, "Request body does not match model schema for content type application/json");
	return GW_E_BAD_BODY;
}

enum gw_error gw_check(struct gw_call *c)
{
	const struct gw_method *m = c->match.method;
	enum gw_error e = GW_OK;
	if (!m->integrated)
		return gw_because(c, GW_E_CONFIGURATION, "No integration defined for method");
	/* DIFFERS: authorizers are not served; their methods fail as with a broken authorizer. */
	if (m->authorized && !m->iam && !c->test)
		return !identified(c) ? GW_E_UNAUTHORIZED : gw_because(c, GW_E_CONFIGURATION, "the method wants an authorizer, which is not served");
	if (!c->test)
		e = gw_check_iam(c);
	if (!e && !c->test)
		e = check_key(c);
	if (!e && !c->test)
		e = check_stage_throttle(c);
	return e;
}

enum gw_error gw_validate(struct gw_call *c)
{
	const struct gw_method *m = c->match.method;
	enum gw_error e = m->check_params ? check_params(c) : GW_OK;
	return !e && m->check_body ? check_body(c) : e;
}
