/* One record's values through the rules of its table. */
#include <ctype.h>

#include "cleaning/cast.h"

/* Every what becomes with; the same slice when there is none. Byte by byte: a text may hold NUL. */
static struct slice replace_all(struct arena *a, struct slice s, struct slice what, struct slice with)
{
	struct slice rest = s;
	size_t n = 0, done = 0;
	for (ssize_t at; (at = sl_find(rest, what)) >= 0; n++)
		rest = sl_of(rest.p + at + what.n, rest.n - (size_t)at - what.n);
	if (!n)
		return s;
	char *out = arena_alloc(a, s.n + n * with.n + 1);
	for (size_t i = 0; i < s.n;) {
		bool hit = sl_starts(sl_from(s, i), what);
		struct slice part = hit ? with : sl_of(s.p + i, 1);
		memcpy(out + done, part.p, part.n);
		done += part.n;
		i += hit ? what.n : 1;
	}
	return sl_of(out, done);
}

static struct slice json_of(struct arena *a, const struct clean_value *v)
{
	struct slice s = clean_text(a, v);
	struct buf b = { 0 };
	if (!s.p || v->kind != CLEAN_TEXT)
		return s.p ? s : S("null");
	buf_json_string(&b, s);
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

/* Byte by byte: a text may hold NUL. */
static struct clean_value glue(struct arena *a, const struct slice *parts, size_t part_n)
{
	size_t n = 0, at = 0;
	for (size_t i = 0; i < part_n; i++)
		n += parts[i].n;
	char *out = arena_alloc(a, n + 1);
	for (size_t i = 0; i < part_n; i++) {
		if (parts[i].n)
			memcpy(out + at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return text_value(sl_of(out, n));
}

static struct clean_value array_of(struct arena *a, const struct clean_value *x, const struct clean_value *y)
{
	const struct slice parts[] = { S("["), json_of(a, x), S(","), json_of(a, y), S("]") };
	return glue(a, parts, ARRAY_LEN(parts));
}

static struct clean_value struct_of(struct arena *a, const struct dataset *t, const struct clean_rule *rule,
				   const struct clean_value *row)
{
	const struct slice parts[] = { S("{\""), sl(t->columns[rule->a].name), S("\":"), json_of(a, &row[rule->a]),
				       S(",\""), sl(t->columns[rule->b].name), S("\":"), json_of(a, &row[rule->b]), S("}") };
	return glue(a, parts, ARRAY_LEN(parts));
}

static struct clean_value join(struct arena *a, const struct clean_rule *rule, const struct clean_value *row)
{
	const struct slice parts[] = { clean_text(a, &row[rule->a]), rule->arg, clean_text(a, &row[rule->b]) };
	if (parts[0].p && parts[2].p)
		return glue(a, parts, ARRAY_LEN(parts));
	if (rule->action == CLEAN_JOIN)
		return null_value;
	return text_value(parts[0].p ? parts[0] : parts[2].p ? parts[2] : S(""));
}

static struct slice digits_of(struct arena *a, struct slice s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (isdigit((unsigned char)s.p[i]))
			out[n++] = s.p[i];
	return n == s.n ? s : sl_of(out, n);
}

/* A rule that rewrites a text; the same slice when it says nothing about it. */
static struct slice rewritten(struct arena *a, const struct clean_rule *r, struct slice s)
{
	ssize_t at;
	if (r->action == CLEAN_REPLACE)
		return replace_all(a, s, r->arg, r->with);
	if (r->action == CLEAN_KEEP_DIGITS)
		return digits_of(a, s);
	at = r->action == CLEAN_STRIP ? (sl_starts(s, r->arg) ? (ssize_t)r->arg.n : 0) : sl_find(s, r->arg);
	return at > 0 ? sl_of(s.p + at, s.n - (size_t)at) : s;
}

/* Most rules are of this kind, and most values are none of theirs. */
static inline bool null_if(const struct clean_rule *r, struct clean_value *v)
{
	if (v->kind != CLEAN_TEXT || v->text.n != r->arg.n || (r->arg.n && memcmp(v->text.p, r->arg.p, r->arg.n)))
		return false;
	*v = null_value;
	return true;
}

/* One rule on one value. Returns whether it counts as a hit: it changed what the record said (a cast that works and a
 * column that is built don't). */
static bool apply_one(struct arena *a, const struct dataset *t, const struct clean_rule *r, const struct clean_value *row,
		      struct clean_value *v)
{
	const struct clean_value old = *v;
	switch (r->action) {
	case CLEAN_NULL_IF:
		return null_if(r, v);
	case CLEAN_NULL_IF_AT_START:
		if (v->kind == CLEAN_TEXT && sl_starts(v->text, r->arg))
			*v = null_value;
		return v->kind != old.kind;
	case CLEAN_REPLACE:
	case CLEAN_STRIP:
	case CLEAN_KEEP_FROM:
	case CLEAN_KEEP_DIGITS:
		if (v->kind == CLEAN_TEXT)
			v->text = rewritten(a, r, v->text);
		return v->text.p != old.text.p;
	case CLEAN_DEFAULT:
		if (v->kind == CLEAN_NULL)
			*v = text_value(r->arg);
		return v->kind != old.kind;
	case CLEAN_TO_INT:
		*v = v->kind == CLEAN_NULL ? null_value : cast_int(v);
		return v->kind == CLEAN_NULL && old.kind != CLEAN_NULL;
	case CLEAN_TO_REAL:
		*v = v->kind == CLEAN_NULL ? null_value : cast_real(v);
		return v->kind == CLEAN_NULL && old.kind != CLEAN_NULL;
	case CLEAN_TO_BOOL:
		*v = v->kind == CLEAN_NULL ? null_value : cast_bool(v);
		return v->kind == CLEAN_NULL && old.kind != CLEAN_NULL;
	case CLEAN_TO_DATE:
	case CLEAN_TO_TIMESTAMP:
		*v = cast_timestamp(a, v);
		if (r->action == CLEAN_TO_DATE)
			*v = cast_date(v);
		return v->kind == CLEAN_NULL && old.kind != CLEAN_NULL;
	case CLEAN_ARRAY:
		*v = array_of(a, &row[r->a], &row[r->b]);
		return false;
	case CLEAN_STRUCT:
		*v = struct_of(a, t, r, row);
		return false;
	case CLEAN_JOIN:
	case CLEAN_JOIN_SKIP:
		*v = join(a, r, row);
		return false;
	case CLEAN_YEAR:
		*v = cast_year(&row[r->a]);
		return false;
	case CLEAN_NOT_NULL:
	case CLEAN_DISTINCT:
	case CLEAN_DISTINCT_BY:
		return false;
	}
	abort();
}

/* What no rule has typed gets the column's type: a number where the column is text becomes text, as in Spark's inferred
 * schema. */
static void type_value(struct arena *a, int type, struct clean_value *v)
{
	if (v->kind == CLEAN_NULL || (v->kind == type && type != CLEAN_INT))
		return;
	if (type == CLEAN_TEXT && v->kind != CLEAN_TEXT)
		*v = text_value(clean_text(a, v));
	else if (type == CLEAN_INT)
		*v = cast_int(v);
	else if (type == CLEAN_REAL)
		*v = cast_real(v);
	else if (type == CLEAN_BOOL)
		*v = cast_bool(v);
}

void clean_apply(struct clean_cleaner *c, struct clean_value *v)
{
	const struct clean_rules *rules = c->rules;
	const struct dataset *t = rules->set;
	for (size_t i = 0; i < rules->rule_n; i++) {
		const struct clean_rule *r = &rules->rules[i];
		if (r->column == CLEAN_ROWS || !clean_rule_on(rules, r))
			continue;
		if (r->column != CLEAN_EVERY) {
			c->hits[i] += r->action == CLEAN_NULL_IF ? null_if(r, &v[r->column]) : apply_one(&c->arena, t, r, v, &v[r->column]);
			continue;
		}
		for (size_t k = 0; k < t->column_n; k++)
			c->hits[i] += r->action == CLEAN_NULL_IF ? null_if(r, &v[k]) : apply_one(&c->arena, t, r, v, &v[k]);
	}
	for (size_t k = 0; k < t->column_n; k++)
		type_value(&c->arena, t->columns[k].type, &v[k]);
}
