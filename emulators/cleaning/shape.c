/* Rows of a cleaned table as rows of its Delta table: texts that rules made of times and arrays are times and arrays there,
 * and columns that only repeat a year stay out. */
#include <assert.h>
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/scan.h"
#include "core/sigv4.h"
#include "lake/tables.h"

/* ---- the schema ---- */

static bool touches(const struct clean_rule *r, int column)
{
	if (r->column == CLEAN_EVERY)
		return r->action != CLEAN_NULL_IF && r->action != CLEAN_NULL_IF_AT_START;
	return r->column == column;
}

/* The last rule before the end-th that has a say in the column; NULL: none. */
static const struct clean_rule *last_rule(const struct clean_rules *rules, size_t end, int column)
{
	while (end-- > 0)
		if (clean_rule_on(rules, &rules->rules[end]) && touches(&rules->rules[end], column))
			return &rules->rules[end];
	return NULL;
}

static bool makes_numbers(const struct clean_rules *rules, const struct clean_rule *array)
{
	size_t end = (size_t)(array - rules->rules);
	const struct clean_rule *a = last_rule(rules, end, array->a), *b = last_rule(rules, end, array->b);
	return a && b && a->action == CLEAN_TO_REAL && b->action == CLEAN_TO_REAL;
}

/* False: the column isn't one of the Delta table. */
static bool field_of(const struct clean_rules *rules, int column, struct delta_field *f)
{
	const struct clean_column *c = &clean_tables[rules->set].columns[column];
	const struct clean_rule *last = last_rule(rules, rules->rule_n, column);
	*f = (struct delta_field){ .name = sl(c->name), .type = c->type == CLEAN_INT ? DELTA_INTEGER : c->type == CLEAN_REAL ? DELTA_DOUBLE : DELTA_STRING };
	if (!last || (c->type != CLEAN_TEXT && last->action != CLEAN_YEAR))
		return true;
	if (last->action == CLEAN_TO_TIMESTAMP)
		f->type = DELTA_TIMESTAMP;
	else if (last->action == CLEAN_TO_DATE)
		f->type = DELTA_DATE;
	else if (last->action == CLEAN_ARRAY)
		f->type = makes_numbers(rules, last) ? DELTA_DOUBLE : DELTA_STRING;
	f->array = last->action == CLEAN_ARRAY;
	return last->action != CLEAN_YEAR;
}

void clean_shape_make(struct arena *a, const struct clean_rules *rules, struct clean_shape *out)
{
	const struct clean_table *t = &clean_tables[rules->set];
	struct delta_field *fields = arena_alloc(a, t->out_n * sizeof(*fields));
	*out = (struct clean_shape){ .schema.fields = fields };
	for (size_t i = 0; i < t->out_n; i++)
		if (field_of(rules, (int)i, &fields[out->schema.n]))
			out->from[out->schema.n++] = i;
}

/* ---- values ---- */

static int number(struct slice s, size_t at, size_t n)
{
	int v = 0;
	for (size_t i = at; i < at + n; i++) {
		assert(i < s.n && isdigit((unsigned char)s.p[i]));
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

/* "YYYY-MM-DD" -> days */
static int64_t days_of(struct slice s)
{
	return clock_days(number(s, 0, 4), number(s, 5, 2), number(s, 8, 2));
}

/* "YYYY-MM-DD HH:MM:SS[.f]" -> microseconds */
static int64_t micros_of(struct slice s)
{
	const size_t whole = strlen("YYYY-MM-DD HH:MM:SS");
	int64_t us = (days_of(s) * 86400 + number(s, 11, 2) * 3600 + number(s, 14, 2) * 60 + number(s, 17, 2)) * 1000000;
	int64_t unit = 100000;
	for (size_t i = whole + 1; i < s.n; i++, unit /= 10)
		us += number(s, i, 1) * unit;
	return us;
}

/* "[1.5,null]" */
static void put_reals(struct delta_rows *rows, size_t field, struct slice s)
{
	struct scan scan = scan_of(s, NULL);
	struct scan_value v;
	bool list = scan_value(&scan, &v) && v.kind == SCAN_ARRAY;
	delta_array(rows, field, 2);
	for (size_t i = 0; i < 2; i++) {
		list = list && scan_item(&scan, &v) && (v.kind == SCAN_NULL || v.kind == SCAN_REAL);
		assert(list);
		if (v.kind == SCAN_NULL)
			delta_item_null(rows, field, i);
		else
			delta_item_real(rows, field, i, v.d);
	}
}

static void put_texts(struct delta_rows *rows, size_t field, struct slice s)
{
	json_t *list = json_loadb(s.p, s.n, JSON_ALLOW_NUL, NULL), *item;
	size_t i;
	assert(json_is_array(list));
	delta_array(rows, field, json_array_size(list));
	json_array_foreach(list, i, item)
	{
		char *dump = json_is_string(item) || json_is_null(item) ? NULL : json_dumps(item, JSON_ENCODE_ANY | JSON_COMPACT);
		delta_item_text(rows, field, i,
				json_is_string(item) ? sl_of(json_string_value(item), json_string_length(item)) : sl(dump));
		free(dump);
	}
	json_decref(list);
}

static size_t put(struct delta_rows *rows, size_t i, const struct clean_value *v)
{
	const struct delta_field *f = &rows->schema.fields[i];
	if (v->kind == CLEAN_NULL) {
		delta_null(rows, i);
		return 1;
	}
	if (f->array) {
		(f->type == DELTA_DOUBLE ? put_reals : put_texts)(rows, i, v->text);
		return v->text.n;
	}
	if (v->kind == CLEAN_TEXT && f->type == DELTA_STRING) {
		delta_text(rows, i, v->text);
		return v->text.n + 5;
	}
	if (v->kind == CLEAN_REAL)
		delta_real(rows, i, v->d);
	else
		delta_int(rows, i, v->kind == CLEAN_INT ? v->i : f->type == DELTA_DATE ? days_of(v->text) : micros_of(v->text));
	return 9;
}

size_t clean_shape_row(const struct clean_shape *s, struct delta_rows *rows, const struct clean_value *v)
{
	size_t bytes = 0;
	for (size_t i = 0; i < s->schema.n; i++)
		bytes += put(rows, i, &v[s->from[i]]);
	delta_row_end(rows);
	return bytes;
}

/* ---- rows seen before ---- */

enum { SEEN_KEY = 16 };

static void key_of(const struct clean_value *v, size_t n, uint8_t out[SEEN_KEY])
{
	struct buf b = { 0 };
	uint8_t sum[32];
	for (size_t i = 0; i < n; i++) {
		buf_u8(&b, (uint8_t)v[i].kind);
		if (v[i].kind == CLEAN_TEXT) {
			buf_u64be(&b, v[i].text.n);
			buf_addsl(&b, v[i].text);
		} else if (v[i].kind == CLEAN_INT) {
			buf_u64be(&b, (uint64_t)v[i].i);
		} else if (v[i].kind == CLEAN_REAL) {
			buf_add(&b, &v[i].d, sizeof(v[i].d));
		}
	}
	hash_sha256(b.p, b.n, sum);
	memcpy(out, sum, SEEN_KEY);
	buf_free(&b);
}

static size_t slot_of(const struct clean_seen *s, const uint8_t *key)
{
	static const uint8_t empty[SEEN_KEY];
	size_t at;
	memcpy(&at, key, sizeof(at));
	for (at &= s->cap - 1; memcmp(s->keys + at * SEEN_KEY, empty, SEEN_KEY) && memcmp(s->keys + at * SEEN_KEY, key, SEEN_KEY);)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static void grow(struct clean_seen *s)
{
	struct clean_seen old = *s;
	static const uint8_t empty[SEEN_KEY];
	s->cap = old.cap ? old.cap * 2 : 1024;
	s->keys = xcalloc(s->cap, SEEN_KEY);
	for (size_t i = 0; i < old.cap; i++)
		if (memcmp(old.keys + i * SEEN_KEY, empty, SEEN_KEY))
			memcpy(s->keys + slot_of(s, old.keys + i * SEEN_KEY) * SEEN_KEY, old.keys + i * SEEN_KEY, SEEN_KEY);
	free(old.keys);
}

bool clean_seen_add(struct clean_seen *s, const struct clean_value *v, size_t n)
{
	uint8_t key[SEEN_KEY];
	if (s->n * 2 >= s->cap)
		grow(s);
	key_of(v, n, key);
	size_t at = slot_of(s, key);
	bool fresh = memcmp(s->keys + at * SEEN_KEY, key, SEEN_KEY) != 0;
	memcpy(s->keys + at * SEEN_KEY, key, SEEN_KEY);
	s->n += fresh;
	return fresh;
}

void clean_seen_free(struct clean_seen *s)
{
	free(s->keys);
	*s = (struct clean_seen){ 0 };
}
