/* Rows of a cleaned table as rows of its Delta table: texts that rules made of times and arrays are times and arrays there,
 * and columns that only repeat a year stay out. */
#include <assert.h>
#include <ctype.h>
#include <jansson.h>

#include "cleaning/shape.h"
#include "core/clock.h"
#include "core/scan.h"

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

int clean_rules_year(const struct clean_rules *rules, int column)
{
	const struct clean_rule *last = last_rule(rules, rules->rule_n, column);
	return last && last->action == CLEAN_YEAR ? last->a : -1;
}

static void field_of(const struct clean_rules *rules, int column, struct delta_field *f)
{
	static const enum delta_type types[] = { [CLEAN_TEXT] = DELTA_STRING, [CLEAN_INT] = DELTA_INTEGER, [CLEAN_REAL] = DELTA_DOUBLE, [CLEAN_BOOL] = DELTA_BOOLEAN };
	const struct clean_column *c = &rules->set->columns[column];
	const struct clean_rule *last = last_rule(rules, rules->rule_n, column);
	*f = (struct delta_field){ .name = sl(c->name), .type = types[c->type] };
	if (!last || c->type != CLEAN_TEXT)
		return;
	if (last->action == CLEAN_TO_TIMESTAMP)
		f->type = DELTA_TIMESTAMP;
	else if (last->action == CLEAN_TO_DATE)
		f->type = DELTA_DATE;
	else if (last->action == CLEAN_ARRAY)
		f->type = makes_numbers(rules, last) ? DELTA_DOUBLE : DELTA_STRING;
	f->array = last->action == CLEAN_ARRAY;
}

void clean_shape_make(struct arena *a, const struct clean_rules *rules, struct clean_shape *out)
{
	const struct dataset *t = rules->set;
	struct delta_field *fields = arena_alloc(a, t->out_n * sizeof(*fields));
	*out = (struct clean_shape){ .schema.fields = fields };
	for (size_t i = 0; i < t->out_n; i++) {
		if (clean_rules_year(rules, (int)i) >= 0)
			continue;
		field_of(rules, (int)i, &fields[out->schema.n]);
		out->from[out->schema.n++] = i;
	}
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
static void reals_of(struct slice s, struct clean_value out[2])
{
	struct scan scan = scan_of(s, NULL);
	struct scan_value v;
	bool list = scan_value(&scan, &v) && v.kind == SCAN_ARRAY;
	for (size_t i = 0; i < 2; i++) {
		list = list && scan_item(&scan, &v) && (v.kind == SCAN_NULL || v.kind == SCAN_REAL);
		assert(list);
		out[i] = (struct clean_value){ .kind = v.kind == SCAN_NULL ? CLEAN_NULL : CLEAN_REAL, .d = v.d };
	}
}

static void texts_of(struct arena *a, struct slice s, struct clean_value out[2])
{
	json_t *list = json_loadb(s.p, s.n, JSON_ALLOW_NUL, NULL);
	assert(json_array_size(list) == 2);
	for (size_t i = 0; i < 2; i++) {
		const json_t *item = json_array_get(list, i);
		char *dump = json_is_string(item) || json_is_null(item) ? NULL : json_dumps(item, JSON_ENCODE_ANY | JSON_COMPACT);
		struct slice text = json_is_string(item) ? sl_of(json_string_value(item), json_string_length(item)) : sl(dump);
		out[i] = (struct clean_value){ .kind = text.p ? CLEAN_TEXT : CLEAN_NULL, .text = arena_dup(a, text) };
		free(dump);
	}
	json_decref(list);
}

/* Whether the value is the table's as it is. */
static inline bool stays(const struct delta_field *f, const struct clean_value *v)
{
	return v->kind != CLEAN_TEXT || (f->type == DELTA_STRING && !f->array);
}

size_t clean_cell(struct arena *a, const struct delta_field *f, const struct clean_value *v, struct clean_value out[2])
{
	out[0] = *v;
	if (stays(f, v))
		return 1;
	if (f->array && f->type == DELTA_DOUBLE)
		reals_of(v->text, out);
	else if (f->array)
		texts_of(a, v->text, out);
	else
		out[0] = (struct clean_value){ .kind = CLEAN_INT, .i = f->type == DELTA_DATE ? days_of(v->text) : micros_of(v->text) };
	return f->array ? 2 : 1;
}

static size_t put(struct delta_rows *rows, size_t i, const struct clean_value *v)
{
	switch ((enum clean_kind)v->kind) {
	case CLEAN_NULL:
		delta_null(rows, i);
		return 1;
	case CLEAN_TEXT:
		delta_text(rows, i, v->text);
		return v->text.n + 5;
	case CLEAN_INT:
		delta_int(rows, i, v->i);
		return 9;
	case CLEAN_REAL:
		delta_real(rows, i, v->d);
		return 9;
	case CLEAN_BOOL:
		delta_bool(rows, i, v->i);
		return 1;
	}
	abort();
}

static void put_item(struct delta_rows *rows, size_t i, size_t at, const struct clean_value *v)
{
	if (v->kind == CLEAN_REAL)
		delta_item_real(rows, i, at, v->d);
	else
		delta_item_text(rows, i, at, v->kind == CLEAN_TEXT ? v->text : sl(NULL));
}

size_t clean_shape_row(const struct clean_shape *s, struct delta_rows *rows, const struct clean_value *v)
{
	struct arena a = { 0 };
	size_t bytes = 0;
	for (size_t i = 0; i < s->schema.n; i++) {
		const struct clean_value *from = &v[s->from[i]];
		struct clean_value cell[2];
		if (stays(&s->schema.fields[i], from)) { /* most do */
			bytes += put(rows, i, from);
			continue;
		}
		if (clean_cell(&a, &s->schema.fields[i], from, cell) == 1) {
			bytes += put(rows, i, &cell[0]);
			continue;
		}
		delta_array(rows, i, 2);
		put_item(rows, i, 0, &cell[0]);
		put_item(rows, i, 1, &cell[1]);
		bytes += from->text.n;
	}
	delta_row_end(rows);
	arena_free(&a);
	return bytes;
}
