/* Patch operations: [{"op": "replace", "path": "/variables/x", "value": "y"}], values always texts. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apigateway/manage.h"

enum { PATCH_DEPTH = 8 };

size_t patch_split(struct arena *a, const char *path, const char **out, size_t max)
{
	struct slice rest = sl(path), seg;
	size_t n = 0;
	if (rest.n && rest.p[0] == '/')
		rest = sl_of(rest.p + 1, rest.n - 1);
	while (rest.p && n < max) {
		char *s, *w;
		(void)sl_cut(rest, '/', &seg, &rest);
		s = w = arena_cstr(a, seg);
		for (const char *r = s; *r; r++) {
			if (r[0] == '~' && (r[1] == '0' || r[1] == '1'))
				*w++ = *++r == '0' ? '~' : '/';
			else
				*w++ = *r;
		}
		*w = 0;
		out[n++] = s;
	}
	return n;
}

int patch_check(struct gw_manage *o, json_t **ops, struct error *err)
{
	static const char *const known[] = { "add", "remove", "move", "test", "replace", "copy" };
	json_t *list = json_object_get(o->in, "patchOperations"), *op;
	struct buf b = { 0 };
	size_t i, bad = 0;
	int rc = 0;
	json_array_foreach(list, i, op) {
		const char *name = jstr(op, "op");
		bool found = false;
		for (size_t k = 0; name && k < ARRAY_LEN(known); k++)
			found |= !strcmp(name, known[k]);
		if (found)
			continue;
		if (bad++)
			buf_adds(&b, "; ");
		buf_addf(&b, "Value '%s' at '%c%sInput.patchOperations.%zu.member.op' failed to satisfy constraint: Member must "
			     "satisfy enum value set: [add, remove, move, test, replace, copy]",
			 name ? name : "null", o->row->name[0] | 32, o->row->name + 1, i + 1);
	}
	if (bad)
		rc = gw_manage_fail(err, GW_M_VALIDATION, "%zu validation error%s detected: %.*s", bad, bad > 1 ? "s" : "", SL(buf_slice(&b)));
	buf_free(&b);
	*ops = list;
	return rc;
}

static bool fits(const char *rule, const char **seg, size_t n, struct arena *a)
{
	const char *want[PATCH_DEPTH];
	if (patch_split(a, rule, want, PATCH_DEPTH) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(want[i], "?") && strcmp(want[i], seg[i]))
			return false;
	return true;
}

static int refuse_path(const char *op, const char *path, const struct patch_rule *rules, size_t n, const struct patch_words *w,
		       struct error *err)
{
	struct buf b = { 0 };
	int rc;
	if (!w->quoted)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path %s", path);
	for (size_t i = 0; i < n; i++)
		if (strchr(rules[i].ops, op[0] == 'r' && op[2] == 'm' ? '-' : op[0]))
			buf_addf(&b, "%s%s", b.n ? ", " : "", rules[i].path);
	if (b.n)
		rc = gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path  '%s' specified for op '%s'. Must be one of: [%.*s]", path, op, SL(buf_slice(&b)));
	else
		rc = gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", path, op);
	buf_free(&b);
	return rc;
}

static int refuse_op(const char *op, const char *path, const struct patch_rule *rule, const struct patch_words *w, struct error *err)
{
	if (w->quoted)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", path, op);
	return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid patch operation specified. Must be one of: [%s%s%s]",
			strchr(rule->ops, 'a') ? "add, " : "", strchr(rule->ops, '-') ? "remove, " : "", strchr(rule->ops, 'r') ? "replace" : "");
}

static void list_drop(json_t *list, const char *value)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)) ? json_string_value(json_array_get(list, i)) : "", value)) {
			json_array_remove(list, i);
			return;
		}
}

/* The object holding the last segment; made when missing. */
static json_t *holder(json_t *doc, const char **seg, size_t n, bool make)
{
	for (size_t i = 0; doc && i + 1 < n; i++) {
		json_t *next = json_object_get(doc, seg[i]);
		if (!next && make) {
			next = json_object();
			json_object_set_new(doc, seg[i], next);
		}
		doc = next;
	}
	return doc;
}

static json_t *typed(char type, const char *value)
{
	char *end;
	switch (type) {
	case 'b':
	case 'M':
		return json_boolean(!strcasecmp(value, "true"));
	case 'i': {
		long long v = strtoll(value, &end, 10);
		return *value && !*end ? json_integer(v) : NULL;
	}
	case 'f': {
		double v = strtod(value, &end);
		return *value && !*end ? json_real(v) : NULL;
	}
	default:
		return json_string(value);
	}
}

static int drop_one(json_t *doc, const char **seg, size_t n, const struct patch_rule *rule, const struct patch_words *w, struct error *err)
{
	json_t *at = holder(doc, seg, n, false);
	const char *last = seg[n - 1];
	if (rule->type == 'l') {
		list_drop(json_object_get(holder(doc, seg, n - 1, false), seg[n - 2]), last);
		return 0;
	}
	if (!json_object_get(at, last)) {
		if (rule->type == 'M' && w->no_param)
			return gw_manage_fail(err, GW_M_NOT_FOUND, "%s", w->no_param);
		if (rule->type == 'm' && w->no_type)
			return gw_manage_fail(err, GW_M_NOT_FOUND, "%s", w->no_type);
		return 0;
	}
	json_object_del(at, last);
	if (n == 2 && rule->type != 'm' && rule->type != 'M' && !json_object_size(at))
		json_object_del(doc, seg[0]);
	return 0;
}

static int set_one(json_t *doc, const char *op, const char **seg, size_t n, const char *value, const struct patch_rule *rule, struct error *err)
{
	json_t *at, *v;
	if (rule->type == 'l') {
		json_t *up = holder(doc, seg, n - 1, true), *list = json_object_get(up, seg[n - 2]);
		const char *add = !strcmp(op, "replace") ? value : seg[n - 1];
		if (!list) {
			list = json_array();
			json_object_set_new(up, seg[n - 2], list);
		}
		list_drop(list, seg[n - 1]);
		list_drop(list, add);
		json_array_append_new(list, json_string(add));
		return 0;
	}
	v = typed(rule->type, value);
	if (!v)
		return gw_manage_fail(err, GW_M_BAD_REQUEST, "Invalid value '%s' specified for %s", value, seg[n - 1]);
	at = holder(doc, seg, n, true);
	if (rule->type == 's' && !*value)
		json_decref(v), json_object_del(at, seg[n - 1]);
	else
		json_object_set_new(at, seg[n - 1], v);
	return 0;
}

int patch_one(json_t *doc, const char *op, const char *path, const char *value, const struct patch_rule *rules, size_t n,
	      const struct patch_words *words, struct error *err)
{
	static const struct patch_words plain;
	struct arena a = { 0 };
	const char *seg[PATCH_DEPTH];
	size_t depth = patch_split(&a, path, seg, PATCH_DEPTH);
	const struct patch_rule *rule = NULL;
	char letter = !strcmp(op, "remove") ? '-' : !strcmp(op, "replace") ? 'r' : !strcmp(op, "add") ? 'a' : 0;
	int rc;
	if (!words)
		words = &plain;
	for (size_t i = 0; i < n && !rule; i++)
		if (fits(rules[i].path, seg, depth, &a))
			rule = &rules[i];
	if (!rule)
		rc = refuse_path(op, path, rules, n, words, err);
	else if (!letter || !strchr(rule->ops, letter))
		rc = refuse_op(op, path, rule, words, err);
	else if (letter == '-')
		rc = drop_one(doc, seg, depth, rule, words, err);
	else
		rc = set_one(doc, op, seg, depth, value ? value : rule->type == 'l' ? seg[depth - 1] : "", rule, err);
	arena_free(&a);
	return rc;
}

int patch_apply(struct gw_manage *o, json_t *doc, const struct patch_rule *rules, size_t n, const struct patch_words *words, struct error *err)
{
	json_t *ops, *op;
	JSON_AUTO copy = json_deep_copy(doc);
	size_t i;
	int rc = patch_check(o, &ops, err);
	if (rc)
		return rc;
	json_array_foreach(ops, i, op) {
		const char *path = jstr(op, "path");
		rc = patch_one(copy, jstr(op, "op"), path ? path : "", jstr(op, "value"), rules, n, words, err);
		if (rc)
			return rc;
	}
	json_object_clear(doc);
	json_object_update(doc, copy);
	return 0;
}
