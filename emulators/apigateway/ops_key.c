/* API keys, usage plans, the keys of a plan, usage; VPC links, which are kept and never used: there is no VPC here. */
#include "apigateway/manage.h"

/* ---- API keys ---- */

static json_t *without_value(const json_t *key)
{
	json_t *out = gw_shown(key);
	json_object_del(out, "value");
	json_object_del(out, "tags");
	return out;
}

static json_t *show_key(struct gw_manage *o, const json_t *key)
{
	json_t *out = gw_query_is(o, "includeValue", "true") ? gw_shown(key) : without_value(key);
	jcopy(out, key, "tags");
	return out;
}

static int check_value(struct gw_manage *o, const char *value, struct error *err)
{
	const char *id;
	json_t *v;
	if (strlen(value) < 20)
		return gw_bad(err, "API Key value should be at least 20 characters");
	if (strlen(value) > 128)
		return gw_bad(err, "API Key value exceeds maximum size of 128 characters");
	json_object_foreach(gw_docs(o->g, GW_DOC_KEY, ""), id, v)
		if (sl_eqs(jslice(v, "value"), value))
			return gw_conflict(err, "API Key already exists");
	return 0;
}

/* doc: what is said of it (the reference is taken). */
static int make_key(struct gw_manage *o, json_t *doc, const char *value, const char **id, struct error *err)
{
	JSON_AUTO own = doc;
	int rc = value && *value ? check_value(o, value, err) : gw_doc_id(o->g, o->a, "apikeyvalue", 40, true, &value, err);
	if (!rc)
		rc = gw_doc_id(o->g, o->a, GW_DOC_KEY, 10, false, id, err);
	if (rc)
		return rc;
	gw_mark(o, doc);
	jput(doc, "id", *id);
	jput(doc, "value", value);
	json_object_set_new(doc, "createdDate", json_integer(gw_now_s(o->g)));
	json_object_set_new(doc, "lastUpdatedDate", json_integer(gw_now_s(o->g)));
	if (!json_object_get(doc, "stageKeys"))
		json_object_set_new(doc, "stageKeys", json_array());
	return gw_doc_put(o->g, GW_DOC_KEY, "", *id, json_incref(doc), err);
}

/* CSV with a header line: Name,key,description,Enabled,UsageplanIds */
static int import_keys(struct gw_manage *o, struct error *err)
{
	struct slice rest = o->call->req.body, line, cell, head[8];
	size_t columns = 0;
	json_t *ids = json_array();
	o->out = json_pack("{s:o,s:[]}", "ids", ids, "warnings");
	(void)sl_cut(rest, '\n', &line, &rest);
	while (line.p && columns < ARRAY_LEN(head)) {
		(void)sl_cut(line, ',', &cell, &line);
		head[columns++] = sl_trim(cell);
	}
	while (rest.p) {
		json_t *doc;
		const char *value = NULL, *id;
		int rc;
		(void)sl_cut(rest, '\n', &line, &rest);
		if (!sl_trim(line).n)
			continue;
		doc = json_pack("{s:b}", "enabled", 1);
		for (size_t i = 0; line.p && i < columns; i++) {
			const char *v;
			(void)sl_cut(line, ',', &cell, &line);
			v = arena_cstr(o->a, sl_trim(cell));
			if (sl_eq_nocase(head[i], S("name")))
				jput(doc, "name", v);
			else if (sl_eq_nocase(head[i], S("description")))
				jput(doc, "description", v);
			else if (sl_eq_nocase(head[i], S("key")))
				value = v;
			else if (sl_eq_nocase(head[i], S("enabled")))
				json_object_set_new(doc, "enabled", json_boolean(sl_eq_nocase(sl(v), S("true"))));
		}
		rc = make_key(o, doc, value, &id, err);
		if (rc)
			return rc;
		json_array_append_new(ids, json_string(id));
	}
	return 0;
}

enum { KEY_NAME_MAX = 1024 };

static int op_key_create(struct gw_manage *o, struct error *err)
{
	json_t *doc, *list, *stages = json_object_get(o->in, "stageKeys"), *s;
	const char *id;
	size_t i;
	int rc;
	if (gw_query_is(o, "mode", "import"))
		return import_keys(o, err);
	json_array_foreach(stages, i, s)
		if (!jstr(s, "restApiId") || !jstr(s, "stageName") || !gw_doc(o->g, GW_DOC_STAGE, jstr(s, "restApiId"), jstr(s, "stageName")))
			return gw_bad(err, "Invalid stage identifier specified");
	if (gw_str(o, "name") && strlen(gw_str(o, "name")) > KEY_NAME_MAX)
		return gw_bad(err, "Invalid API Key name, can be at most 1024 characters.");
	doc = json_object();
	gw_members(o, doc, o->row->kind->members);
	if (gw_str(o, "name") && !*gw_str(o, "name"))
		json_object_del(doc, "name");
	json_object_set_new(doc, "enabled", json_boolean(jtrue(o->in, "enabled")));
	if (stages) {
		list = json_array();
		json_array_foreach(stages, i, s)
			json_array_append_new(list, json_string(arena_printf(o->a, "%s/%s", jstr(s, "restApiId"), jstr(s, "stageName")).p));
		json_object_set_new(doc, "stageKeys", list);
	}
	rc = make_key(o, doc, gw_str(o, "value"), &id, err);
	if (!rc)
		o->out = gw_shown(gw_doc(o->g, GW_DOC_KEY, "", id));
	return rc;
}

/* Whether it is to be listed: ?name is the beginning of its name, or isn't there. */
static bool named(struct gw_manage *o, const json_t *key)
{
	struct slice want = http_query(&o->call->req, "name");
	return gw_here(o, key) && (!want.n || sl_starts(jslice(key, "name"), want));
}

/* The latest first. */
static int op_keys(struct gw_manage *o, struct error *err)
{
	json_t *v, *list = json_array();
	const char *id;
	json_object_foreach(gw_docs(o->g, GW_DOC_KEY, ""), id, v)
		if (named(o, v))
			json_array_insert_new(list, 0, gw_query_is(o, "includeValues", "true") ? gw_shown(v) : without_value(v));
	o->out = gw_page(o, list);
	return 0;
}

static int check_key(struct gw_manage *o, json_t *doc, struct error *err)
{
	json_object_set_new(doc, "lastUpdatedDate", json_integer(gw_now_s(o->g)));
	return 0;
}

/* Plans let go of it. */
static int drop_key(struct gw_manage *o, json_t *doc, struct error *err)
{
	json_t *plan;
	const char *id;
	int rc = 0;
	json_object_foreach(gw_docs(o->g, GW_DOC_PLAN, ""), id, plan)
		if (!rc && !json_object_del(json_object_get(plan, "_keys"), o->arg[0]))
			rc = gw_doc_save(o->g, GW_DOC_PLAN, "", id, err);
	return rc;
}

#define NO_KEY "Invalid API Key identifier specified"
static const struct gw_patch_rule key_rules[] = {
	{ "/name", 's', "r" }, { "/description", 's', "ar-" }, { "/enabled", 'b', "r" }, { "/customerId", 's', "ar-" }, { "/stageKeys/?", 'l', "a-" },
};
static const char *const key_members[] = { "name", "description", "customerId", "tags", NULL };
static const struct gw_kind key = {
	.docs = GW_DOC_KEY, .account = true, .missing = NO_KEY, .members = key_members, .patch = { GW_PATCH(key_rules) }, .tagged = true, .show = show_key,
	.check = check_key, .drop = drop_key,
};

/* ---- usage plans ---- */

static int check_limits(json_t *quota, json_t *throttle, struct error *err)
{
	const char *period = jstr(quota, "period");
	int64_t offset = jint(quota, "offset");
	bool day = period && !strcmp(period, "DAY"), week = period && !strcmp(period, "WEEK"), month = period && !strcmp(period, "MONTH");
	if (json_is_object(quota) && !day && !week && !month)
		return gw_bad(err, "Usage Plan quota period must be one of [DAY, WEEK, MONTH]");
	if (offset && day)
		return gw_bad(err, "Usage Plan quota offset must be zero in the DAY period");
	if (week && (offset < 0 || offset > 6))
		return gw_bad(err, "Usage Plan quota offset must be between zero and six inclusive in the WEEK period");
	if (month && (offset < 0 || offset > 27))
		return gw_bad(err, "Usage Plan quota offset must be between zero and 27 inclusive in the MONTH period");
	if (json_is_object(quota) && jint(quota, "limit") < 0)
		return gw_bad(err, "Usage Plan quota limit must be greater than zero");
	if (json_is_object(throttle) && (jnum(throttle, "rateLimit") < 0 || jint(throttle, "burstLimit") < 0))
		return gw_bad(err, "Usage Plan throttle limits must not be negative");
	return 0;
}

/* Whole limits: what isn't said is 0. */
static void put_limits(json_t *doc, json_t *quota, json_t *throttle)
{
	if (json_is_object(throttle))
		json_object_set_new(doc, "throttle", json_pack("{s:I,s:f}", "burstLimit", (json_int_t)jint(throttle, "burstLimit"), "rateLimit",
							       jnum(throttle, "rateLimit")));
	if (json_is_object(quota))
		json_object_set_new(doc, "quota", json_pack("{s:I,s:I,s:s}", "limit", (json_int_t)jint(quota, "limit"), "offset",
							    (json_int_t)jint(quota, "offset"), "period", jstr(quota, "period")));
}

static int op_plan_create(struct gw_manage *o, struct error *err)
{
	json_t *doc, *quota = json_object_get(o->in, "quota"), *throttle = json_object_get(o->in, "throttle"), *s;
	const char *name = gw_str(o, "name"), *api, *stage;
	size_t i;
	int rc = check_limits(quota, throttle, err);
	if (rc)
		return rc;
	if (!name || !*name)
		return gw_bad(err, "Usage Plan name must be non-empty");
	json_array_foreach(json_object_get(o->in, "apiStages"), i, s) {
		api = jstr(s, "apiId");
		stage = jstr(s, "stage");
		if (!api || !stage)
			return gw_bad(err, "Invalid API Stage specified");
		if (!gw_doc(o->g, GW_DOC_STAGE, api, stage))
			return gw_missing(err, "API Stage not found: %s:%s", api, stage);
	}
	rc = gw_new(o, 6, &doc, err);
	if (rc)
		return rc;
	if (!json_object_get(doc, "apiStages"))
		json_object_set_new(doc, "apiStages", json_array());
	put_limits(doc, quota, throttle);
	json_object_set_new(doc, "_keys", json_object());
	return gw_add(o, jstr(doc, "id"), doc, err);
}

static int op_plans(struct gw_manage *o, struct error *err)
{
	const char *of = gw_query(o, "keyId"), *id;
	json_t *list = json_array(), *v, *shown;
	json_object_foreach(gw_docs(o->g, GW_DOC_PLAN, ""), id, v) {
		if (!gw_here(o, v) || (of && !json_object_get(json_object_get(v, "_keys"), of)))
			continue;
		shown = gw_shown(v);
		json_object_del(shown, "tags");
		json_array_append_new(list, shown);
	}
	o->out = gw_page(o, list);
	return 0;
}

/* "/apiStages" with a value "api:stage". */
static int change_stages(struct gw_manage *o, json_t *plan, const struct gw_change *c, struct error *err)
{
	json_t *list = json_object_get(plan, "apiStages"), *s;
	bool removes = !strcmp(c->op, "remove");
	struct slice api, stage;
	const char *a, *b;
	size_t i;
	if (!c->value || !sl_cut(sl(c->value), ':', &api, &stage) || !api.n || !stage.n)
		return gw_bad(err, "Invalid API Stage specified");
	a = arena_cstr(o->a, api);
	b = arena_cstr(o->a, stage);
	if (!gw_doc(o->g, GW_DOC_STAGE, a, b))
		return gw_missing(err, "Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", a, b, o->arg[0]);
	json_array_foreach(list, i, s) {
		if (strcmp(jstr(s, "apiId"), a) || strcmp(jstr(s, "stage"), b))
			continue;
		if (removes)
			json_array_remove(list, i);
		return 0;
	}
	if (!removes)
		json_array_append_new(list, json_pack("{s:s,s:s}", "apiId", a, "stage", b));
	return 0;
}

/* "/throttle/{path}/{method}/rateLimit" as a patch path: what is between is one name. Terraform sends its slashes bare,
 * "/throttle//pets/GET/rateLimit"; the gateway takes them. */
static const char *throttle_path(struct arena *a, struct slice path)
{
	static const struct slice ends[] = { S("/rateLimit"), S("/burstLimit") };
	struct slice name, end = S("");
	struct buf b = { 0 };
	const char *out;
	if (!sl_after(path, S("/throttle/"), &name))
		return path.p;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (sl_ends(name, ends[i]) && name.n > ends[i].n)
			end = ends[i];
	buf_adds(&b, "/throttle/");
	for (size_t i = 0; i < name.n - end.n; i++) {
		if (name.p[i] == '/')
			buf_adds(&b, "~1");
		else
			buf_addc(&b, name.p[i]);
	}
	buf_addsl(&b, end);
	out = arena_cstr(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* "/apiStages/{api}:{stage}/throttle/{path}~1{method}/rateLimit" */
static int change_stage_throttle(struct gw_manage *o, json_t *plan, const struct gw_change *c, struct slice rest, struct error *err)
{
	static const struct gw_patch_rule rules[] = {
		{ "/throttle/?/rateLimit", 'f', "ar" }, { "/throttle/?/burstLimit", 'i', "ar" }, { "/throttle/?", 'o', "-" }, { "/throttle", 'o', "-" },
	};
	static const struct gw_patch patch = { GW_PATCH(rules) };
	struct gw_change inner = *c;
	struct slice api, stage;
	const char *seg[6];
	json_t *s;
	size_t i, n = gw_pointer(o->a, c->path, seg, ARRAY_LEN(seg));
	if (n < 3 || !sl_cut(sl(seg[1]), ':', &api, &stage))
		return gw_bad(err, "Invalid API Stage specified");
	inner.path = throttle_path(o->a, sl(strchr(rest.p, '/')));
	json_array_foreach(json_object_get(plan, "apiStages"), i, s)
		if (sl_eqs(api, jstr(s, "apiId")) && sl_eqs(stage, jstr(s, "stage")))
			return gw_change(s, &inner, &patch, err);
	return gw_missing(err, "Invalid API Stage {api: %.*s, stage: %.*s} specified for usageplan %s", SL(api), SL(stage), o->arg[0]);
}

static int change_plan(struct gw_manage *o, json_t *plan, const struct gw_change *c, bool *mine, struct error *err)
{
	struct slice rest;
	*mine = true;
	if (!strcmp(c->path, "/apiStages"))
		return change_stages(o, plan, c, err);
	if (sl_after(sl(c->path), S("/apiStages/"), &rest))
		return change_stage_throttle(o, plan, c, rest, err);
	*mine = false;
	return 0;
}

static int check_plan(struct gw_manage *o, json_t *plan, struct error *err)
{
	json_t *quota = json_object_get(plan, "quota");
	if (quota && !jstr(quota, "period"))
		jput(quota, "period", "MONTH");
	put_limits(plan, quota, json_object_get(plan, "throttle"));
	return check_limits(json_object_get(plan, "quota"), json_object_get(plan, "throttle"), err);
}

static int drop_plan(struct gw_manage *o, json_t *plan, struct error *err)
{
	if (json_array_size(json_object_get(plan, "apiStages")))
		return gw_bad(err, "Cannot delete Usage Plan. It has associated API stages");
	return gw_doc_drop_all(o->g, GW_DOC_USAGE, o->arg[0], err);
}

static const struct gw_patch_rule plan_rules[] = {
	{ "/name", 'S', "r" }, { "/description", 's', "ar-" }, { "/productCode", 's', "ar-" }, { "/throttle", 'o', "-" }, { "/quota", 'o', "-" },
	{ "/throttle/rateLimit", 'f', "ar-" }, { "/throttle/burstLimit", 'i', "ar-" }, { "/quota/limit", 'i', "ar" }, { "/quota/offset", 'i', "ar" },
	{ "/quota/period", 'S', "ar" },
};
static const char *const plan_members[] = { "name", "description", "apiStages", "tags", NULL };
static const struct gw_kind plan = {
	.docs = GW_DOC_PLAN, .account = true, .missing = "Invalid Usage Plan ID specified", .members = plan_members, .patch = { GW_PATCH(plan_rules) },
	.tagged = true, .change = change_plan, .check = check_plan, .drop = drop_plan,
};

/* ---- keys of a plan: ids in its "_keys" ---- */

static json_t *show_plan_key(const json_t *of)
{
	json_t *out = json_pack("{s:s,s:s}", "id", jstr(of, "id"), "type", "API_KEY");
	jput(out, "name", jstr(of, "name"));
	jput(out, "value", jstr(of, "value"));
	return out;
}

/* Whether a stage is in both plans. */
static json_t *shared_stage(json_t *one, json_t *other)
{
	json_t *s, *t;
	size_t i, k;
	json_array_foreach(json_object_get(one, "apiStages"), i, s)
		json_array_foreach(json_object_get(other, "apiStages"), k, t)
			if (!strcmp(jstr(s, "apiId"), jstr(t, "apiId")) && !strcmp(jstr(s, "stage"), jstr(t, "stage")))
				return s;
	return NULL;
}

static int op_plan_key_create(struct gw_manage *o, struct error *err)
{
	const char *id = gw_str(o, "keyId"), *type = gw_str(o, "keyType"), *name;
	JSON_AUTO doc = NULL;
	json_t *of, *other, *s;
	int rc = gw_find(o, &doc, err);
	if (rc)
		return rc;
	if (!type || strcmp(type, "API_KEY"))
		return gw_bad(err, "Usage Plan key type must be API_KEY");
	of = id ? gw_doc(o->g, GW_DOC_KEY, "", id) : NULL;
	if (!of)
		return gw_missing(err, NO_KEY);
	if (json_object_get(json_object_get(doc, "_keys"), id))
		return gw_conflict(err, "Usage Plan Key already exists");
	json_object_foreach(gw_docs(o->g, GW_DOC_PLAN, ""), name, other) {
		s = other != doc && json_object_get(json_object_get(other, "_keys"), id) ? shared_stage(other, doc) : NULL;
		if (s)
			return gw_conflict(err, "Usage Plan key %s cannot be added because API Stage %s:%s is already associated with another usage plan %s",
					   id, jstr(s, "apiId"), jstr(s, "stage"), name);
	}
	json_object_set_new(json_object_get(doc, "_keys"), id, json_true());
	o->out = show_plan_key(of);
	return gw_doc_save(o->g, GW_DOC_PLAN, "", o->arg[0], err);
}

static int op_plan_keys(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	json_t *v, *list, *of;
	const char *id;
	int rc = gw_find(o, &doc, err);
	if (rc)
		return rc;
	list = json_array();
	json_object_foreach(json_object_get(doc, "_keys"), id, v) {
		of = gw_doc(o->g, GW_DOC_KEY, "", id);
		if (of && named(o, of))
			json_array_append_new(list, show_plan_key(of));
	}
	o->out = gw_page(o, list);
	return 0;
}

static int find_plan_key(struct gw_manage *o, json_t **doc, json_t **of, struct error *err)
{
	int rc = gw_find(o, doc, err);
	if (rc)
		return rc;
	*of = json_object_get(json_object_get(*doc, "_keys"), o->arg[1]) ? gw_doc(o->g, GW_DOC_KEY, "", o->arg[1]) : NULL;
	return *of ? 0 : gw_missing(err, "Invalid Usage Plan Key identifier specified");
}

static int op_plan_key(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	json_t *of;
	int rc = find_plan_key(o, &doc, &of, err);
	if (!rc)
		o->out = show_plan_key(of);
	return rc;
}

static int op_plan_key_delete(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	json_t *of;
	int rc = find_plan_key(o, &doc, &of, err);
	if (rc)
		return rc;
	json_object_del(json_object_get(doc, "_keys"), o->arg[1]);
	return gw_doc_save(o->g, GW_DOC_PLAN, "", o->arg[0], err);
}

/* ---- usage: {"values": {key: [[used, left] of each day]}} ---- */

static bool day_of(struct gw_manage *o, const char *name, int64_t *day)
{
	struct slice text = http_query(&o->call->req, name);
	int64_t ms;
	if (text.n != strlen("YYYY-MM-DD") || !clock_parse_iso(arena_printf(o->a, "%.*sT00:00:00Z", SL(text)), &ms))
		return false;
	*day = ms / 86400000;
	return true;
}

/* [used, left of the quota] of each day. */
static json_t *days_of(struct gw_manage *o, const json_t *doc, const char *id, int64_t first, int64_t last)
{
	json_t *days = json_array(), *used = json_object_get(gw_doc(o->g, GW_DOC_USAGE, o->arg[0], id), "days");
	json_int_t limit = jint(json_object_get(doc, "quota"), "limit"), sum = 0, n;
	for (int64_t d = first; d <= last; d++) {
		n = jint(used, arena_printf(o->a, "%lld", (long long)d).p);
		sum += n;
		json_array_append_new(days, json_pack("[I,I]", n, limit > sum ? limit - sum : (json_int_t)0));
	}
	return days;
}

static int op_usage(struct gw_manage *o, struct error *err)
{
	const char *only = gw_query(o, "keyId"), *id;
	int64_t first, last;
	JSON_AUTO doc = NULL;
	json_t *v, *values;
	int rc = gw_find(o, &doc, err);
	if (rc)
		return rc;
	if (!day_of(o, "startDate", &first) || !day_of(o, "endDate", &last) || last < first || last - first > 90)
		return gw_bad(err, "Invalid date range specified: startDate and endDate must be of the form YYYY-MM-DD, at most 90 days apart");
	values = json_object();
	json_object_foreach(json_object_get(doc, "_keys"), id, v)
		if (!only || !strcmp(only, id))
			json_object_set_new(values, id, days_of(o, doc, id, first, last));
	o->out = json_pack("{s:s,s:s,s:s,s:o}", "usagePlanId", o->arg[0], "startDate", gw_query(o, "startDate"), "endDate", gw_query(o, "endDate"), "values",
			   values);
	return 0;
}

/* UpdateUsage: replace /remaining gives the key that many requests in this period. */
static int op_usage_update(struct gw_manage *o, struct error *err)
{
	JSON_AUTO doc = NULL;
	struct gw_change *c;
	json_t *of, *used;
	int64_t left;
	size_t n;
	int rc = find_plan_key(o, &doc, &of, err);
	if (!rc)
		rc = gw_changes(o, &c, &n, err);
	for (size_t i = 0; !rc && i < n; i++, c++) {
		if (strcmp(c->path, "/remaining") || strcmp(c->op, "replace") || !sl_int(sl(c->value), 0, INT32_MAX, &left))
			return gw_bad_path(c, err);
		used = jobj(gw_docs(o->g, GW_DOC_USAGE, o->arg[0]), o->arg[1]);
		(void)jobj(used, "days");
		json_object_set_new(used, "used", json_integer(jint(json_object_get(doc, "quota"), "limit") - left));
		json_object_set_new(used, "period", json_integer(gw_period(doc, clock_now_ms(o->g->env->clock))));
		json_decref(o->out);
		o->out = json_pack("{s:s,s:{s:[[I,I]]}}", "usagePlanId", o->arg[0], "values", o->arg[1], (json_int_t)jint(used, "used"), (json_int_t)left);
		rc = gw_doc_save(o->g, GW_DOC_USAGE, o->arg[0], o->arg[1], err);
	}
	return rc;
}

/* ---- VPC links ---- */

static int op_link_create(struct gw_manage *o, struct error *err)
{
	const char *name = gw_str(o, "name"), *text, *id;
	json_t *doc, *arn;
	size_t i;
	int rc;
	if (!name || !*name)
		return gw_bad(err, "Name cannot be empty");
	json_array_foreach(json_object_get(o->in, "targetArns"), i, arn) {
		text = json_string_value(arn);
		if (!sl_starts(sl(text), S("arn:")))
			return gw_bad(err, "Invalid ARN. ARN is not well formed %s", text ? text : "null");
	}
	rc = gw_doc_id(o->g, o->a, GW_DOC_LINK, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_pack("{s:s,s:s}", "id", id, "status", "AVAILABLE");
	gw_members(o, doc, o->row->kind->members);
	return gw_add(o, id, doc, err);
}

static const struct gw_patch_rule link_rules[] = { { "/name", 'S', "r" }, { "/description", 's', "ar-" } };
static const char *const link_members[] = { "name", "description", "targetArns", "tags", NULL };
static const struct gw_kind vpc_link = {
	.docs = GW_DOC_LINK, .account = true, .missing = "Invalid Vpc Link identifier specified", .members = link_members, .patch = { GW_PATCH(link_rules) },
};

static const struct gw_row rows[] = {
	{ { "POST", "/apikeys", "CreateApiKey", "a new API key, or several from CSV", .flags = GW_RAW_IMPORT }, op_key_create, 201, &key },
	GW_SET("/apikeys", "ApiKey", "ApiKeys", "API keys", key, op_keys),
	{ { "POST", "/usageplans", "CreateUsagePlan", "a new usage plan" }, op_plan_create, 201, &plan },
	GW_SET("/usageplans", "UsagePlan", "UsagePlans", "usage plans", plan, op_plans),
	{ { "POST", "/vpclinks", "CreateVpcLink", "a new VPC link" }, op_link_create, 202, &vpc_link },
	GW_SET("/vpclinks", "VpcLink", "VpcLinks", "VPC links", vpc_link, gw_op_list),
	{ { "POST", "/usageplans/{}/keys", "CreateUsagePlanKey", "give a plan a key" }, op_plan_key_create, 201, &plan },
	{ { "GET", "/usageplans/{}/keys", "GetUsagePlanKeys", "keys of a plan" }, op_plan_keys, 200, &plan },
	{ { "GET", "/usageplans/{}/keys/{}", "GetUsagePlanKey", "one key of a plan" }, op_plan_key, 200, &plan },
	{ { "DELETE", "/usageplans/{}/keys/{}", "DeleteUsagePlanKey", "take a key from a plan" }, op_plan_key_delete, 202, &plan },
	{ { "GET", "/usageplans/{}/usage", "GetUsage", "calls of a plan's keys by day" }, op_usage, 200, &plan },
	{ { "PATCH", "/usageplans/{}/keys/{}/usage", "UpdateUsage", "say what is left of a key's quota" }, op_usage_update, 200, &plan },
};
const struct routes gw_key_routes = ROUTES(rows);
