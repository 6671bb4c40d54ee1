/* Patch operations: [{"op": "replace", "path": "/variables/x", "value": "y"}], values always texts. */
#include <strings.h>

#include "apigateway/manage.h"

enum { PATCH_DEPTH = 8 };

int gw_changes(struct gw_manage *o, struct gw_change **out, size_t *n, struct error *err)
{
	static const char *const known[] = { "add", "remove", "move", "test", "replace", "copy" };
	json_t *list = json_object_get(o->in, "patchOperations"), *op;
	const char *name = o->row->route.name, *path;
	struct buf b = { 0 };
	size_t i, k, bad = 0;
	int rc = 0;
	*n = json_array_size(list);
	*out = arena_alloc(o->a, (*n + 1) * sizeof(**out));
	json_array_foreach(list, i, op) {
		struct gw_change *c = &(*out)[i];
		path = jstr(op, "path");
		*c = (struct gw_change){ jstr(op, "op"), path ? path : "", jstr(op, "value"), jstr(op, "from") };
		for (k = 0; k < ARRAY_LEN(known) && (!c->op || strcmp(c->op, known[k])); k++)
			;
		if (k == ARRAY_LEN(known))
			buf_addf(&b, "%sValue '%s' at '%c%sInput.patchOperations.%zu.member.op' failed to satisfy constraint: Member must "
				     "satisfy enum value set: [add, remove, move, test, replace, copy]",
				 bad++ ? "; " : "", c->op ? c->op : "null", name[0] | 32, name + 1, i + 1);
	}
	if (bad)
		rc = gw_manage_fail(err, GW_M_VALIDATION, "%zu validation error%s detected: %.*s", bad, bad > 1 ? "s" : "", SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}

int gw_bad_path(const struct gw_change *c, struct error *err)
{
	return gw_bad(err, "Invalid patch path %s", c->path);
}

static bool fits(const char *rule, const char **seg, size_t n, struct arena *a)
{
	const char *want[PATCH_DEPTH];
	if (gw_pointer(a, rule, want, PATCH_DEPTH) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(want[i], "?") && strcmp(want[i], seg[i]))
			return false;
	return true;
}

static int refuse_quoted(const struct gw_change *c, const char *instead, struct error *err)
{
	return gw_bad(err, "Invalid patch path  '%s' specified for op '%s'. %s", c->path, c->op, instead);
}

static int refuse_path(const struct gw_change *c, char letter, const struct gw_patch *p, struct error *err)
{
	struct buf b = { 0 };
	int rc;
	if (p->choices)
		return gw_bad(err, "Invalid method setting path: %s. Must be one of: [%s]", c->path, p->choices);
	if (!p->quoted)
		return gw_bad_path(c, err);
	for (size_t i = 0; i < p->n; i++)
		if (strchr(p->rules[i].ops, letter))
			buf_addf(&b, "%s%s", b.n ? ", " : "Must be one of: [", p->rules[i].path);
	buf_addc(&b, ']');
	rc = refuse_quoted(c, b.n > 1 ? buf_cstr(&b) : "Please choose supported operations", err);
	buf_free(&b);
	return rc;
}

static int refuse_op(const struct gw_change *c, const struct gw_patch_rule *rule, const struct gw_patch *p, struct error *err)
{
	if (p->quoted)
		return refuse_quoted(c, "Please choose supported operations", err);
	return gw_bad(err, "Invalid patch operation specified. Must be one of: [%s%s%s]", strchr(rule->ops, 'a') ? "add, " : "",
		      strchr(rule->ops, '-') ? "remove, " : "", strchr(rule->ops, 'r') ? "replace" : "");
}

static void list_drop(json_t *list, const char *value)
{
	const char *v;
	for (size_t i = 0; i < json_array_size(list); i++) {
		v = json_string_value(json_array_get(list, i));
		if (!strcmp(v ? v : "", value)) {
			json_array_remove(list, i);
			return;
		}
	}
}

/* The object holding the last segment; made when missing. */
static json_t *holder(json_t *doc, const char **seg, size_t n, bool make)
{
	for (size_t i = 0; doc && i + 1 < n; i++)
		doc = make ? jobj(doc, seg[i]) : json_object_get(doc, seg[i]);
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

/* What is said of a map entry that isn't there; NULL: nothing. */
static const char *missing_words(const struct gw_patch_rule *rule, const struct gw_patch *p)
{
	return rule->type == 'M' ? p->no_param : rule->type == 'm' ? p->no_type : NULL;
}

static int drop_one(json_t *doc, const char **seg, size_t n, const struct gw_patch_rule *rule, const struct gw_patch *p, struct error *err)
{
	json_t *at = holder(doc, seg, n, false);
	const char *last = seg[n - 1], *words = missing_words(rule, p);
	if (rule->type == 'l') {
		list_drop(json_object_get(holder(doc, seg, n - 1, false), seg[n - 2]), last);
		return 0;
	}
	if (!json_object_get(at, last))
		return words ? gw_missing(err, "%s", words) : 0;
	json_object_del(at, last);
	if (n == 2 && (p->no_empty || (rule->type != 'm' && rule->type != 'M')) && !json_object_size(at))
		json_object_del(doc, seg[0]);
	return 0;
}

static int set_one(json_t *doc, const struct gw_change *c, const char **seg, size_t n, const struct gw_patch_rule *rule, const struct gw_patch *p,
		   struct error *err)
{
	const char *last = seg[n - 1], *words = missing_words(rule, p), *value = c->value ? c->value : rule->type == 'l' ? last : "";
	json_t *at, *v;
	if (rule->type == 'l') {
		json_t *up = holder(doc, seg, n - 1, true), *list = json_object_get(up, seg[n - 2]);
		const char *add = !strcmp(c->op, "replace") ? value : last;
		if (!list)
			json_object_set_new(up, seg[n - 2], list = json_array());
		list_drop(list, last);
		list_drop(list, add);
		json_array_append_new(list, json_string(add));
		return 0;
	}
	if (words && p->no_param && !strcmp(c->op, "replace") && !json_object_get(holder(doc, seg, n, false), last))
		return gw_missing(err, "%s", words);
	v = typed(rule->type, value);
	if (!v)
		return gw_bad(err, "Invalid value '%s' specified for %s", value, last);
	at = holder(doc, seg, n, true);
	if (rule->type == 's' && !*value)
		json_decref(v), json_object_del(at, last);
	else
		json_object_set_new(at, last, v);
	return 0;
}

int gw_change(json_t *doc, const struct gw_change *c, const struct gw_patch *p, struct error *err)
{
	struct arena a = { 0 };
	const char *seg[PATCH_DEPTH];
	size_t depth = gw_pointer(&a, c->path, seg, PATCH_DEPTH), i = 0;
	char letter = !strcmp(c->op, "remove") ? '-' : !strcmp(c->op, "replace") ? 'r' : !strcmp(c->op, "add") ? 'a' : 0;
	const struct gw_patch_rule *rule;
	int rc;
	while (i < p->n && !fits(p->rules[i].path, seg, depth, &a))
		i++;
	rule = &p->rules[i];
	if (i == p->n)
		rc = refuse_path(c, letter ? letter : c->op[0], p, err);
	else if (!letter || !strchr(rule->ops, letter))
		rc = refuse_op(c, rule, p, err);
	else if (letter == '-')
		rc = drop_one(doc, seg, depth, rule, p, err);
	else
		rc = set_one(doc, c, seg, depth, rule, p, err);
	arena_free(&a);
	return rc;
}
