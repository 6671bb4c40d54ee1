/* Object text -> raw records. A line is one JSON text, an object or (some senders post lists) an array of objects. */
#include "cleaning/cleaning.h"

#include <jansson.h>

#include "core/scan.h"
#include "core/text.h"

static const json_t *field_of(const json_t *record, const struct clean_rules *r, size_t column)
{
	const json_t *v = json_object_get(record, r->set->columns[column].name);
	for (size_t i = 0; !v && i < CLEAN_ALIASES_MAX && r->alias[column][i].p; i++)
		v = json_object_getn(record, r->alias[column][i].p, r->alias[column][i].n);
	return v;
}

/* False for an object or array. */
static bool value_of(const json_t *v, struct clean_value *out)
{
	*out = (struct clean_value){ 0 };
	switch (v ? json_typeof(v) : JSON_NULL) {
	case JSON_NULL:
		return true;
	case JSON_TRUE:
	case JSON_FALSE:
		out->kind = CLEAN_TEXT;
		out->text = json_is_true(v) ? S("true") : S("false");
		return true;
	case JSON_STRING:
		out->kind = CLEAN_TEXT;
		out->text = sl_of(json_string_value(v), json_string_length(v));
		return true;
	case JSON_INTEGER:
		out->kind = CLEAN_INT;
		out->i = json_integer_value(v);
		return true;
	case JSON_REAL:
		out->kind = CLEAN_REAL;
		out->d = json_real_value(v);
		return true;
	case JSON_OBJECT:
	case JSON_ARRAY:
		return false;
	}
	return false;
}

static int quarantine(struct clean_cleaner *c, size_t line, struct slice text, const char *reason)
{
	c->bad++;
	return c->quarantine ? c->quarantine(c->arg, line, text, reason) : 0;
}

/* Whether the row stays: a rule may leave out those with a null. */
static bool row_stays(struct clean_cleaner *c, const struct clean_value *v)
{
	const struct clean_rules *rules = c->rules;
	for (size_t i = 0; i < rules->rule_n; i++) {
		if (rules->rules[i].action != CLEAN_NOT_NULL || !clean_rule_on(rules, &rules->rules[i]))
			continue;
		for (size_t k = 0; k < rules->set->out_n; k++)
			if (v[k].kind == CLEAN_NULL) {
				c->hits[i]++;
				c->dropped++;
				return false;
			}
	}
	return true;
}

/* found: columns beside the key that the record names. */
static int clean_values(struct clean_cleaner *c, size_t line, struct slice text, struct clean_value *v, size_t found)
{
	if (!found)
		return quarantine(c, line, text, "no column of this table");
	clean_apply(c, v);
	if (v[c->rules->set->key].kind != CLEAN_INT)
		return quarantine(c, line, text, "no integer index");
	if (!row_stays(c, v))
		return 0;
	c->rows++;
	return c->row ? c->row(c->arg, v) : 0;
}

static int clean_record(struct clean_cleaner *c, size_t line, struct slice text, const json_t *record)
{
	const struct dataset *t = c->rules->set;
	struct clean_value v[CLEAN_COLUMNS_MAX] = { 0 };
	size_t found = 0;
	c->records++;
	if (!json_is_object(record))
		return quarantine(c, line, text, "not an object");
	for (size_t i = 0; i < t->column_n; i++) {
		const json_t *field = t->columns[i].made ? NULL : field_of(record, c->rules, i);
		found += i != t->key && field;
		if (!value_of(field, &v[i])) {
			struct slice why = arena_printf(&c->arena, "%s is an object or array", t->columns[i].name);
			return quarantine(c, line, text, arena_cstr(&c->arena, why));
		}
	}
	return clean_values(c, line, text, v, found);
}

/* ---- the short way: a plain record without a tree. What isn't plain is left to the way above. ---- */

static void add_key(struct clean_keys *keys, struct slice name, size_t column, size_t rank)
{
	for (size_t i = 0; i < keys->n; i++)
		keys->shared |= sl_eq(keys->k[i].name, name);
	keys->k[keys->n++] = (struct clean_key){ name, (uint8_t)column, (uint8_t)rank };
}

static void find_keys(struct clean_keys *keys, const struct clean_rules *r)
{
	const struct dataset *t = r->set;
	for (size_t i = 0; i < t->column_n; i++) {
		if (t->columns[i].made)
			continue;
		add_key(keys, sl(t->columns[i].name), i, 0);
		for (size_t k = 0; k < CLEAN_ALIASES_MAX && r->alias[i][k].p; k++)
			add_key(keys, r->alias[i][k], i, k + 1);
	}
}

static bool is_key(struct slice name, const struct clean_key *k)
{
	return k->name.n == name.n && !memcmp(k->name.p, name.p, name.n);
}

/* nth: of the record's members. Records of one sender have their keys in one order. */
static const struct clean_key *find_key(struct clean_keys *keys, struct slice name, size_t nth)
{
	size_t hint = nth < CLEAN_KEYS_SEEN ? keys->seen[nth] : 0;
	if (is_key(name, &keys->k[hint]))
		return &keys->k[hint];
	for (size_t i = 0; i < keys->n; i++)
		if (is_key(name, &keys->k[i])) {
			if (nth < CLEAN_KEYS_SEEN)
				keys->seen[nth] = (uint8_t)i;
			return &keys->k[i];
		}
	return NULL;
}

static struct clean_value plain_value(const struct scan_value *v)
{
	switch (v->kind) {
	case SCAN_TRUE:
	case SCAN_FALSE:
		return (struct clean_value){ .kind = CLEAN_TEXT, .text = v->kind == SCAN_TRUE ? S("true") : S("false") };
	case SCAN_STRING:
		return (struct clean_value){ .kind = CLEAN_TEXT, .text = v->text };
	case SCAN_INT:
		return (struct clean_value){ .kind = CLEAN_INT, .i = v->i };
	case SCAN_REAL:
		return (struct clean_value){ .kind = CLEAN_REAL, .d = v->d };
	case SCAN_NULL:
	case SCAN_OBJECT:
	case SCAN_ARRAY:
		break;
	}
	return (struct clean_value){ .kind = CLEAN_NULL };
}

/* The record's raw values; false: not plain. */
static bool plain_record(struct clean_cleaner *c, struct slice text, struct clean_value *v, size_t *found)
{
	enum { NONE = 0xFF };
	struct clean_keys *keys = &c->keys;
	struct scan s = scan_of(text, &c->arena);
	struct scan_value value;
	struct slice name;
	uint8_t rank[CLEAN_COLUMNS_MAX];
	if (!keys->n)
		find_keys(keys, c->rules);
	if (keys->shared || !scan_value(&s, &value) || value.kind != SCAN_OBJECT)
		return false;
	memset(rank, NONE, sizeof(rank));
	for (size_t nth = 0; scan_member(&s, &name, &value); nth++) {
		const struct clean_key *k = find_key(keys, name, nth);
		if (!k) {
			(void)scan_skip(&s, &value);
			continue;
		}
		if (value.kind >= SCAN_OBJECT)
			return false;
		*found += k->column != c->rules->set->key && rank[k->column] == NONE;
		if (k->rank <= rank[k->column]) { /* of one key given twice, the last */
			rank[k->column] = k->rank;
			v[k->column] = plain_value(&value);
		}
	}
	return scan_end(&s);
}

/* A line that is no JSON. */
static int bad_line(struct clean_cleaner *c, size_t line, struct slice text, const json_error_t *why)
{
	c->records++;
	if (!sl_is_utf8(text)) {
		c->bad_at = utf8_bad_at(text) + 1;
		return quarantine(c, line, text, "not UTF-8");
	}
	c->bad_at = why->position > 0 ? (size_t)why->position : 0;
	return quarantine(c, line, text, "not JSON");
}

int clean_line(struct clean_cleaner *c, size_t line, struct slice text)
{
	json_error_t why;
	int rc = 0;
	c->bad_at = 0;
	if (text.n > CLEAN_LINE_MAX) {
		struct slice words = arena_printf(&c->arena, "a line of %zu bytes, over %d", text.n, CLEAN_LINE_MAX);
		c->records++;
		rc = quarantine(c, line, text, arena_cstr(&c->arena, words));
		arena_reset(&c->arena);
		return rc;
	}
	struct clean_value v[CLEAN_COLUMNS_MAX] = { 0 };
	size_t found = 0;
	if (!c->by_tree && plain_record(c, text, v, &found)) {
		c->records++;
		rc = clean_values(c, line, text, v, found);
		arena_reset(&c->arena);
		return rc;
	}
	json_t *root = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (!root) {
		rc = bad_line(c, line, text, &why);
	} else if (json_is_array(root)) {
		for (size_t i = 0; !rc && i < json_array_size(root); i++) {
			rc = clean_record(c, line, text, json_array_get(root, i));
			arena_reset(&c->arena);
		}
	} else {
		rc = clean_record(c, line, text, root);
	}
	arena_reset(&c->arena);
	json_decref(root);
	return rc;
}

int clean_object(struct clean_cleaner *c, struct slice text)
{
	struct slice rest = text, line;
	int rc = 0;
	for (size_t n = 1; rest.p && rest.n && !rc; n++) {
		sl_cut(rest, '\n', &line, &rest);
		if (sl_trim(line).n)
			rc = clean_line(c, n, line);
	}
	return rc;
}
