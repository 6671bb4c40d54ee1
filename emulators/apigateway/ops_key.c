/* API keys, usage plans, their keys, usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apigateway/manage.h"

static json_int_t now_s(struct gateway *g)
{
	return clock_now_ms(g->env->clock) / 1000;
}

/* ---- API keys ---- */

static int find_key(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_KEY, "", o->arg[0]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid API Key identifier specified");
}

static json_t *without_value(json_t *key)
{
	json_t *out = gw_shown(key);
	json_object_del(out, "value");
	json_object_del(out, "tags");
	return out;
}

static int import_keys(struct gw_manage *o, struct error *err);

static int check_value(struct gw_manage *o, const char *value, struct error *err)
{
	const char *id;
	json_t *v;
	if (strlen(value) < 20)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "API Key value should be at least 20 characters");
	if (strlen(value) > 128)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "API Key value exceeds maximum size of 128 characters");
	json_object_foreach(gw_docs(o->g, K_KEY, ""), id, v)
		if (jstr(v, "value") && !strcmp(jstr(v, "value"), value))
			return gw_manage_fail(err, GW_M_CONFLICT, "API Key already exists");
	return 0;
}

static int make_key(struct gw_manage *o, json_t *doc, const char *value, const char **id, struct error *err)
{
	int rc = value && *value ? check_value(o, value, err) : gw_doc_id(o->g, o->a, "apikeyvalue", 40, true, &value, err);
	if (!rc)
		rc = gw_doc_id(o->g, o->a, K_KEY, 10, false, id, err);
	if (rc) {
		json_decref(doc);
		return rc;
	}
	jput(doc, "id", *id);
	jput(doc, "value", value);
	json_object_set_new(doc, "createdDate", json_integer(now_s(o->g)));
	json_object_set_new(doc, "lastUpdatedDate", json_integer(now_s(o->g)));
	if (!json_object_get(doc, "stageKeys"))
		json_object_set_new(doc, "stageKeys", json_array());
	return gw_doc_put(o->g, K_KEY, "", *id, doc, err);
}

static int op_key_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "name", "description", "customerId", "tags" };
	const char *id, *mode = gw_query(o, "mode");
	json_t *doc, *stages = json_object_get(o->in, "stageKeys"), *s;
	size_t i;
	int rc;
	if (mode && !strcmp(mode, "import"))
		return import_keys(o, err);
	json_array_foreach(stages, i, s)
		if (!jstr(s, "restApiId") || !jstr(s, "stageName") || !gw_doc(o->g, K_STAGE, jstr(s, "restApiId"), jstr(s, "stageName")))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid stage identifier specified");
	doc = json_object();
	gw_copy(o, doc, names, ARRAY_LEN(names));
	json_object_set_new(doc, "enabled", json_boolean(json_is_true(json_object_get(o->in, "enabled"))));
	if (stages) {
		json_t *list = json_array();
		json_array_foreach(stages, i, s)
			json_array_append_new(list, json_string(arena_printf(o->a, "%s/%s", jstr(s, "restApiId"), jstr(s, "stageName")).p));
		json_object_set_new(doc, "stageKeys", list);
	}
	rc = make_key(o, doc, gw_str(o, "value"), &id, err);
	if (!rc)
		o->out = gw_shown(gw_doc(o->g, K_KEY, "", id));
	return rc;
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
			if (sl_eq_nocase(head[i], S("name")) || sl_eq_nocase(head[i], S("description")))
				jput(doc, sl_eq_nocase(head[i], S("name")) ? "name" : "description", v);
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

static int op_keys(struct gw_manage *o, struct error *err)
{
	const char *name = gw_query(o, "name"), *values = gw_query(o, "includeValues"), *id;
	json_t *docs = gw_docs(o->g, K_KEY, ""), *v, *list = json_array();
	(void)err;
	json_object_foreach(docs, id, v) {
		if (name && !sl_starts(sl(jstr(v, "name") ? jstr(v, "name") : ""), sl(name)))
			continue;
		json_array_insert_new(list, 0, values && !strcmp(values, "true") ? gw_shown(v) : without_value(v));
	}
	o->out = gw_list_of(o, list);
	return 0;
}

static int op_key(struct gw_manage *o, struct error *err)
{
	const char *value = gw_query(o, "includeValue");
	json_t *doc;
	int rc = find_key(o, &doc, err);
	if (rc)
		return rc;
	o->out = value && !strcmp(value, "true") ? gw_shown(doc) : without_value(doc);
	json_object_set_new(o->out, "tags", json_object_get(doc, "tags") ? json_deep_copy(json_object_get(doc, "tags")) : json_object());
	return 0;
}

static int op_key_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/name", 's', "r" }, { "/description", 's', "ar-" }, { "/enabled", 'b', "r" }, { "/customerId", 's', "ar-" }, { "/stageKeys/?", 'l', "a-" },
	};
	json_t *doc;
	int rc = find_key(o, &doc, err);
	if (!rc)
		rc = patch_apply(o, doc, rules, ARRAY_LEN(rules), NULL, err);
	if (rc)
		return rc;
	json_object_set_new(doc, "lastUpdatedDate", json_integer(now_s(o->g)));
	o->out = without_value(doc);
	json_object_set_new(o->out, "tags", json_object_get(doc, "tags") ? json_deep_copy(json_object_get(doc, "tags")) : json_object());
	return gw_doc_save(o->g, K_KEY, "", o->arg[0], err);
}

static int op_key_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc, *plan;
	const char *id;
	int rc = find_key(o, &doc, err);
	if (rc)
		return rc;
	json_object_foreach(gw_docs(o->g, K_PLAN, ""), id, plan) {
		if (json_object_get(json_object_get(plan, "_keys"), o->arg[0])) {
			json_object_del(json_object_get(plan, "_keys"), o->arg[0]);
			rc = gw_doc_save(o->g, K_PLAN, "", id, err);
		}
		if (rc)
			return rc;
	}
	return gw_doc_drop(o->g, K_KEY, "", o->arg[0], err);
}

/* ---- usage plans ---- */

static int find_plan(struct gw_manage *o, json_t **out, struct error *err)
{
	*out = gw_doc(o->g, K_PLAN, "", o->arg[0]);
	return *out ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Usage Plan ID specified");
}

static int check_plan(json_t *quota, json_t *throttle, struct error *err)
{
	const char *period = jstr(quota, "period");
	json_int_t offset = json_integer_value(json_object_get(quota, "offset"));
	bool day = period && !strcmp(period, "DAY"), week = period && !strcmp(period, "WEEK"), month = period && !strcmp(period, "MONTH");
	if (json_is_object(quota) && !day && !week && !month)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan quota period must be one of [DAY, WEEK, MONTH]");
	if (offset && day)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan quota offset must be zero in the DAY period");
	if (week && (offset < 0 || offset > 6))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan quota offset must be between zero and six inclusive in the WEEK period");
	if (month && (offset < 0 || offset > 27))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan quota offset must be between zero and 27 inclusive in the MONTH period");
	if (json_is_object(quota) && json_integer_value(json_object_get(quota, "limit")) < 0)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan quota limit must be greater than zero");
	if (json_is_object(throttle) && (json_number_value(json_object_get(throttle, "rateLimit")) < 0 || json_integer_value(json_object_get(throttle, "burstLimit")) < 0))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan throttle limits must not be negative");
	return 0;
}

static json_t *throttle_of(json_t *in)
{
	return json_pack("{s:I,s:f}", "burstLimit", (json_int_t)json_integer_value(json_object_get(in, "burstLimit")), "rateLimit",
			 json_number_value(json_object_get(in, "rateLimit")));
}

static json_t *quota_of(json_t *in)
{
	return json_pack("{s:I,s:I,s:s}", "limit", (json_int_t)json_integer_value(json_object_get(in, "limit")), "offset",
			 (json_int_t)json_integer_value(json_object_get(in, "offset")), "period", jstr(in, "period"));
}

static int op_plan_create(struct gw_manage *o, struct error *err)
{
	static const char *const names[] = { "name", "description", "apiStages", "tags" };
	json_t *doc, *quota = json_object_get(o->in, "quota"), *throttle = json_object_get(o->in, "throttle"), *s;
	const char *id, *name = gw_str(o, "name");
	size_t i;
	int rc = check_plan(quota, throttle, err);
	if (rc)
		return rc;
	if (!name || !*name)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan name must be non-empty");
	json_array_foreach(json_object_get(o->in, "apiStages"), i, s) {
		if (!jstr(s, "apiId") || !jstr(s, "stage"))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid API Stage specified");
		if (!gw_doc(o->g, K_STAGE, jstr(s, "apiId"), jstr(s, "stage")))
			return gw_manage_fail(err, GW_M_NOT_FOUND, "API Stage not found: %s:%s", jstr(s, "apiId"), jstr(s, "stage"));
	}
	rc = gw_doc_id(o->g, o->a, K_PLAN, 6, false, &id, err);
	if (rc)
		return rc;
	doc = json_pack("{s:s}", "id", id);
	gw_copy(o, doc, names, ARRAY_LEN(names));
	if (!json_object_get(doc, "apiStages"))
		json_object_set_new(doc, "apiStages", json_array());
	if (json_is_object(throttle))
		json_object_set_new(doc, "throttle", throttle_of(throttle));
	if (json_is_object(quota))
		json_object_set_new(doc, "quota", quota_of(quota));
	json_object_set_new(doc, "_keys", json_object());
	o->out = gw_shown(doc);
	return gw_doc_put(o->g, K_PLAN, "", id, doc, err);
}

static int op_plans(struct gw_manage *o, struct error *err)
{
	const char *key = gw_query(o, "keyId"), *id;
	json_t *list = json_array(), *v, *c;
	(void)err;
	json_object_foreach(gw_docs(o->g, K_PLAN, ""), id, v) {
		if (key && !json_object_get(json_object_get(v, "_keys"), key))
			continue;
		c = gw_shown(v);
		json_object_del(c, "tags");
		json_array_append_new(list, c);
	}
	o->out = gw_list_of(o, list);
	return 0;
}

static void show_plan(struct gw_manage *o, json_t *doc)
{
	o->out = gw_shown(doc);
	if (!json_object_get(o->out, "tags"))
		json_object_set_new(o->out, "tags", json_object());
}

static int op_plan(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = find_plan(o, &doc, err);
	if (!rc)
		show_plan(o, doc);
	return rc;
}

/* "/apiStages" with a value "api:stage". */
static int patch_stages(struct gw_manage *o, json_t *plan, const char *op, const char *value, struct error *err)
{
	struct slice api, stage;
	json_t *list = json_object_get(plan, "apiStages"), *s;
	const char *a, *b;
	size_t i;
	if (!value || !sl_cut(sl(value), ':', &api, &stage) || !api.n || !stage.n)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid API Stage specified");
	a = arena_cstr(o->a, api);
	b = arena_cstr(o->a, stage);
	if (!gw_doc(o->g, K_STAGE, a, b))
		return gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", a, b, o->arg[0]);
	json_array_foreach(list, i, s) {
		if (strcmp(jstr(s, "apiId"), a) || strcmp(jstr(s, "stage"), b))
			continue;
		if (!strcmp(op, "remove"))
			json_array_remove(list, i);
		return 0;
	}
	if (strcmp(op, "remove"))
		json_array_append_new(list, json_pack("{s:s,s:s}", "apiId", a, "stage", b));
	return 0;
}

/* "/throttle/{path}/{method}/rateLimit" as a patch path: what is between is one name. Terraform sends its slashes bare,
 * "/throttle//pets/GET/rateLimit"; the gateway takes them. */
static const char *throttle_path(struct arena *a, struct slice path)
{
	static const struct slice ends[] = { S("/rateLimit"), S("/burstLimit") };
	const struct slice head = S("/throttle/");
	struct slice end = { path.p + path.n, 0 };
	struct buf b = { 0 };
	const char *out;
	if (!sl_starts(path, head))
		return path.p;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (sl_ends(path, ends[i]) && path.n > head.n + ends[i].n)
			end = ends[i];
	buf_addsl(&b, head);
	for (size_t i = head.n; i < path.n - end.n; i++) {
		if (path.p[i] == '/')
			buf_adds(&b, "~1");
		else
			buf_addc(&b, path.p[i]);
	}
	buf_addsl(&b, end);
	out = arena_cstr(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* "/apiStages/{api}:{stage}/throttle/{path}~1{method}/rateLimit" */
static int patch_stage_throttle(struct gw_manage *o, json_t *plan, const char *op, const char *path, const char *value, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/throttle/?/rateLimit", 'f', "ar" }, { "/throttle/?/burstLimit", 'i', "ar" }, { "/throttle/?", 'o', "-" }, { "/throttle", 'o', "-" },
	};
	struct slice api, stage;
	const char *seg[6];
	json_t *s;
	size_t i, n = patch_split(o->a, path, seg, ARRAY_LEN(seg));
	if (n < 3 || !sl_cut(sl(seg[1]), ':', &api, &stage))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid API Stage specified");
	json_array_foreach(json_object_get(plan, "apiStages"), i, s)
		if (sl_eqs(api, jstr(s, "apiId")) && sl_eqs(stage, jstr(s, "stage")))
			return patch_one(s, op, throttle_path(o->a, sl(strchr(path + 11, '/'))), value, rules, ARRAY_LEN(rules), NULL, err);
	return gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid API Stage {api: %.*s, stage: %.*s} specified for usageplan %s", SL(api), SL(stage), o->arg[0]);
}

static int op_plan_update(struct gw_manage *o, struct error *err)
{
	static const struct patch_rule rules[] = {
		{ "/name", 'S', "r" }, { "/description", 's', "ar-" }, { "/productCode", 's', "ar-" }, { "/throttle", 'o', "-" }, { "/quota", 'o', "-" },
		{ "/throttle/rateLimit", 'f', "ar-" }, { "/throttle/burstLimit", 'i', "ar-" }, { "/quota/limit", 'i', "ar" }, { "/quota/offset", 'i', "ar" },
		{ "/quota/period", 'S', "ar" },
	};
	json_t *doc, *ops, *op;
	size_t i;
	int rc = find_plan(o, &doc, err);
	if (!rc)
		rc = patch_check(o, &ops, err);
	if (rc)
		return rc;
	JSON_AUTO copy = json_deep_copy(doc);
	json_array_foreach(ops, i, op) {
		const char *name = jstr(op, "op"), *path = jstr(op, "path") ? jstr(op, "path") : "", *value = jstr(op, "value");
		if (!strcmp(path, "/apiStages"))
			rc = patch_stages(o, copy, name, value, err);
		else if (sl_starts(sl(path), S("/apiStages/")))
			rc = patch_stage_throttle(o, copy, name, path, value, err);
		else
			rc = patch_one(copy, name, path, value, rules, ARRAY_LEN(rules), NULL, err);
		if (rc)
			return rc;
	}
	if (json_object_get(copy, "quota") && !jstr(json_object_get(copy, "quota"), "period"))
		jput(json_object_get(copy, "quota"), "period", "MONTH");
	if (json_object_get(copy, "quota"))
		json_object_set_new(copy, "quota", quota_of(json_object_get(copy, "quota")));
	if (json_object_get(copy, "throttle"))
		json_object_set_new(copy, "throttle", throttle_of(json_object_get(copy, "throttle")));
	rc = check_plan(json_object_get(copy, "quota"), json_object_get(copy, "throttle"), err);
	if (rc)
		return rc;
	show_plan(o, copy);
	return gw_doc_put(o->g, K_PLAN, "", o->arg[0], json_incref(copy), err);
}

static int op_plan_delete(struct gw_manage *o, struct error *err)
{
	json_t *doc;
	int rc = find_plan(o, &doc, err);
	if (rc)
		return rc;
	if (json_array_size(json_object_get(doc, "apiStages")))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Cannot delete Usage Plan. It has associated API stages");
	rc = gw_doc_drop_all(o->g, K_USAGE, o->arg[0], err);
	return rc ? rc : gw_doc_drop(o->g, K_PLAN, "", o->arg[0], err);
}

/* ---- keys of a plan ---- */

static json_t *plan_key(json_t *key, bool value)
{
	json_t *out = json_pack("{s:s,s:s}", "id", jstr(key, "id"), "type", "API_KEY");
	if (jstr(key, "name"))
		jput(out, "name", jstr(key, "name"));
	if (value)
		jput(out, "value", jstr(key, "value"));
	return out;
}

static int op_plan_key_create(struct gw_manage *o, struct error *err)
{
	const char *id = gw_str(o, "keyId"), *type = gw_str(o, "keyType"), *other;
	json_t *doc, *key, *plan, *s, *t;
	size_t i, k;
	int rc = find_plan(o, &doc, err);
	if (rc)
		return rc;
	if (!type || strcmp(type, "API_KEY"))
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Usage Plan key type must be API_KEY");
	key = id ? gw_doc(o->g, K_KEY, "", id) : NULL;
	if (!key)
		return gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid API Key identifier specified");
	if (json_object_get(json_object_get(doc, "_keys"), id))
		return gw_manage_fail(err, GW_M_CONFLICT, "Usage Plan Key already exists");
	json_object_foreach(gw_docs(o->g, K_PLAN, ""), other, plan) {
		if (plan == doc || !json_object_get(json_object_get(plan, "_keys"), id))
			continue;
		json_array_foreach(json_object_get(plan, "apiStages"), i, s)
			json_array_foreach(json_object_get(doc, "apiStages"), k, t)
				if (!strcmp(jstr(s, "apiId"), jstr(t, "apiId")) && !strcmp(jstr(s, "stage"), jstr(t, "stage")))
					return gw_manage_fail(err, GW_M_CONFLICT, "Usage Plan key %s cannot be added because API Stage %s:%s is already associated "
									   "with another usage plan %s", id, jstr(s, "apiId"), jstr(s, "stage"), other);
	}
	json_object_set_new(json_object_get(doc, "_keys"), id, json_true());
	o->out = plan_key(key, true);
	return gw_doc_save(o->g, K_PLAN, "", o->arg[0], err);
}

static int op_plan_keys(struct gw_manage *o, struct error *err)
{
	const char *name = gw_query(o, "name"), *id;
	json_t *doc, *v, *list, *key;
	int rc = find_plan(o, &doc, err);
	if (rc)
		return rc;
	list = json_array();
	json_object_foreach(json_object_get(doc, "_keys"), id, v) {
		key = gw_doc(o->g, K_KEY, "", id);
		if (key && (!name || sl_starts(sl(jstr(key, "name") ? jstr(key, "name") : ""), sl(name))))
			json_array_append_new(list, plan_key(key, true));
	}
	o->out = gw_list_of(o, list);
	return 0;
}

static int find_plan_key(struct gw_manage *o, json_t **plan, json_t **key, struct error *err)
{
	int rc = find_plan(o, plan, err);
	if (rc)
		return rc;
	*key = json_object_get(json_object_get(*plan, "_keys"), o->arg[1]) ? gw_doc(o->g, K_KEY, "", o->arg[1]) : NULL;
	return *key ? 0 : gw_manage_fail(err, GW_M_NOT_FOUND, "Invalid Usage Plan Key identifier specified");
}

static int op_plan_key(struct gw_manage *o, struct error *err)
{
	json_t *plan, *key;
	int rc = find_plan_key(o, &plan, &key, err);
	if (!rc)
		o->out = plan_key(key, true);
	return rc;
}

static int op_plan_key_delete(struct gw_manage *o, struct error *err)
{
	json_t *plan, *key;
	int rc = find_plan_key(o, &plan, &key, err);
	if (rc)
		return rc;
	json_object_del(json_object_get(plan, "_keys"), o->arg[1]);
	return gw_doc_save(o->g, K_PLAN, "", o->arg[0], err);
}

/* ---- usage: {"values": {key: [[used, left] of each day]}} ---- */

static bool day_of(const char *text, int64_t *day)
{
	int64_t ms;
	char full[40];
	if (!text || strlen(text) != 10)
		return false;
	snprintf(full, sizeof(full), "%sT00:00:00Z", text);
	if (!clock_parse_iso(sl(full), &ms))
		return false;
	*day = ms / 86400000;
	return true;
}

static int op_usage(struct gw_manage *o, struct error *err)
{
	const char *from = gw_query(o, "startDate"), *to = gw_query(o, "endDate"), *only = gw_query(o, "keyId"), *id;
	int64_t first, last;
	json_t *plan, *v, *values;
	int rc = find_plan(o, &plan, err);
	if (rc)
		return rc;
	if (!day_of(from, &first) || !day_of(to, &last) || last < first || last - first > 90)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid date range specified: startDate and endDate must be of the form YYYY-MM-DD, at most 90 days apart");
	values = json_object();
	json_object_foreach(json_object_get(plan, "_keys"), id, v) {
		json_t *days = json_array(), *used = gw_doc(o->g, K_USAGE, o->arg[0], id);
		json_int_t limit = json_integer_value(json_object_get(json_object_get(plan, "quota"), "limit")), sum = 0;
		if (only && strcmp(only, id)) {
			json_decref(days);
			continue;
		}
		for (int64_t d = first; d <= last; d++) {
			json_int_t n = json_integer_value(json_object_get(json_object_get(used, "days"), arena_printf(o->a, "%lld", (long long)d).p));
			sum += n;
			json_array_append_new(days, json_pack("[I,I]", n, limit > sum ? limit - sum : (json_int_t)0));
		}
		json_object_set_new(values, id, days);
	}
	o->out = json_pack("{s:s,s:s,s:s,s:o}", "usagePlanId", o->arg[0], "startDate", from, "endDate", to, "values", values);
	return 0;
}

/* UpdateUsage: replace /remaining gives the key that many requests in this period. */
static int op_usage_update(struct gw_manage *o, struct error *err)
{
	json_t *plan, *key, *ops, *op, *used;
	size_t i;
	int64_t left;
	int rc = find_plan_key(o, &plan, &key, err);
	if (!rc)
		rc = patch_check(o, &ops, err);
	if (rc)
		return rc;
	json_array_foreach(ops, i, op) {
		if (!jstr(op, "path") || strcmp(jstr(op, "path"), "/remaining") || strcmp(jstr(op, "op"), "replace") ||
		    !sl_int(sl(jstr(op, "value")), 0, INT32_MAX, &left))
			return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path %s", jstr(op, "path") ? jstr(op, "path") : "");
		used = gw_doc(o->g, K_USAGE, o->arg[0], o->arg[1]);
		used = used ? json_incref(used) : json_pack("{s:{}}", "days");
		json_object_set_new(used, "used", json_integer(json_integer_value(json_object_get(json_object_get(plan, "quota"), "limit")) - left));
		json_object_set_new(used, "period", json_integer(gw_period(plan, clock_now_ms(o->g->env->clock))));
		rc = gw_doc_put(o->g, K_USAGE, o->arg[0], o->arg[1], used, err);
		if (rc)
			return rc;
		o->out = json_pack("{s:s,s:{s:[[I,I]]}}", "usagePlanId", o->arg[0], "values", o->arg[1],
				   json_integer_value(json_object_get(used, "used")), (json_int_t)left);
	}
	return 0;
}

const struct gw_row gw_key_rows[] = {
	{ "POST", "/apikeys", "CreateApiKey", op_key_create, 201 },
	{ "GET", "/apikeys", "GetApiKeys", op_keys, 200 },
	{ "GET", "/apikeys/{}", "GetApiKey", op_key, 200 },
	{ "PATCH", "/apikeys/{}", "UpdateApiKey", op_key_update, 200 },
	{ "DELETE", "/apikeys/{}", "DeleteApiKey", op_key_delete, 202 },
	{ "POST", "/usageplans", "CreateUsagePlan", op_plan_create, 201 },
	{ "GET", "/usageplans", "GetUsagePlans", op_plans, 200 },
	{ "GET", "/usageplans/{}", "GetUsagePlan", op_plan, 200 },
	{ "PATCH", "/usageplans/{}", "UpdateUsagePlan", op_plan_update, 200 },
	{ "DELETE", "/usageplans/{}", "DeleteUsagePlan", op_plan_delete, 202 },
	{ "POST", "/usageplans/{}/keys", "CreateUsagePlanKey", op_plan_key_create, 201 },
	{ "GET", "/usageplans/{}/keys", "GetUsagePlanKeys", op_plan_keys, 200 },
	{ "GET", "/usageplans/{}/keys/{}", "GetUsagePlanKey", op_plan_key, 200 },
	{ "DELETE", "/usageplans/{}/keys/{}", "DeleteUsagePlanKey", op_plan_key_delete, 202 },
	{ "GET", "/usageplans/{}/usage", "GetUsage", op_usage, 200 },
	{ "PATCH", "/usageplans/{}/keys/{}/usage", "UpdateUsage", op_usage_update, 200 },
	{ NULL, NULL, NULL, NULL, 0 },
};
