/* SimpleHeaderConverter: what a text may be by Values.parseString (connect-api 4.0): a number, a boolean, a time, a list, a map; and the
 * text of a value by Values.convertToString. */
#include <math.h>

#include "connect/smt.h"
#include "spark/pattern_parts.h"

/* ---- tokens ---- */

/* An unescaped : , { } [ ] or " is a token, and so is what stands between them. */
struct parser {
	struct arena *a;
	struct slice all;
	size_t at;
	struct slice next, previous; /* absent: none */
	const struct sp_zone *utc;
	int depth;
	bool deep; /* beyond DEPTH_MAX: Java's stack is over, and the header stays bytes */
};
enum { DEPTH_MAX = 1000 };
/* What parse found. */
enum found { FOUND, NOTHING /* null, or the end */, WRONG /* DataException: it is a string after all */ };

static struct slice consume(struct parser *p)
{
	size_t start = p->at;
	bool escaped = false;
	for (; p->at < p->all.n; p->at++) {
		char c = p->all.p[p->at];
		if (c == '\\') {
			escaped = !escaped;
		} else if (c && strchr(":,{}[]\"", c) && !escaped) {
			p->at += start == p->at;
			break;
		} else {
			escaped = false;
		}
	}
	return sl_of(p->all.p + start, p->at - start);
}

static bool has_next(const struct parser *p)
{
	return p->next.p || p->at < p->all.n;
}

static struct slice next(struct parser *p)
{
	p->previous = p->next.p ? p->next : consume(p);
	p->next = sl(NULL);
	return p->previous;
}

static size_t mark(const struct parser *p)
{
	return p->at - (p->next.p ? p->next.n : 0);
}

static void rewind_to(struct parser *p, size_t at)
{
	p->at = at;
	p->next = p->previous = sl(NULL);
}

static bool can_consume(struct parser *p, const char *expected)
{
	if (!p->next.p) {
		if (!has_next(p))
			return false;
		p->next = consume(p);
	}
	while (!sl_trim(p->next).n && p->at < p->all.n)
		p->next = consume(p);
	if (!sl_eqs(sl_trim(p->next), expected))
		return false;
	p->next = sl(NULL);
	return true;
}

static bool is_literal(struct parser *p, bool embedded, const char *literal)
{
	size_t at = mark(p);
	if (can_consume(p, literal) && (embedded || !has_next(p)))
		return true;
	rewind_to(p, at);
	return false;
}

/* ---- times and numbers ---- */

static struct cv_schema *logical(struct arena *a, enum cv_kind type, const char *name)
{
	struct cv_schema *s = cv_schema_new(a, type);
	s->name = sl(name);
	s->has_version = true;
	s->version = 1;
	return s;
}

static bool parse_time(struct parser *p, struct slice token, struct cv_data *out)
{
	static const struct {
		size_t length;
		const char *pattern, *name;
		enum cv_kind type;
	} kinds[] = {
		{ 13, "HH:mm:ss.SSS'Z'", CV_TIME_NAME, CV_INT32 },
		{ 24, "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", CV_TIMESTAMP_NAME, CV_INT64 },
		{ 10, "yyyy-MM-dd", CV_DATE_NAME, CV_INT32 },
	};
	char *text = arena_alloc(p->a, token.n + 1);
	size_t n = 0;
	int64_t us;
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] != '\\' || i + 1 >= token.n || token.p[i + 1] != ':')
			text[n++] = token.p[i];
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (java_length(sl_of(text, n)) != kinds[i].length || !sp_old_parse_lenient(sl(kinds[i].pattern), sl_of(text, n), p->utc, &us))
			continue;
		*out = (struct cv_data){ logical(p->a, kinds[i].type, kinds[i].name), cv_int(CV_DATE, us / 1000 - (us % 1000 < 0)) };
		return true;
	}
	return false;
}

/* The token with the four that follow it, which its colons made, or alone. */
static bool parse_times(struct parser *p, struct slice token, struct cv_data *out)
{
	size_t at = mark(p);
	bool whole = true;
	for (int i = 0; i < 4 && (whole = has_next(p)); i++)
		(void)next(p);
	if (whole && parse_time(p, arena_printf(p->a, "%.*s%.*s", SL(token), SL(sl_of(p->all.p + at, p->at - at))), out))
		return true;
	rewind_to(p, at);
	return parse_time(p, token, out);
}

static void parse_integer(int64_t n, struct cv_data *out)
{
	enum cv_kind kind = n == (int8_t)n ? CV_INT8 : n == (int16_t)n ? CV_INT16 : n == (int32_t)n ? CV_INT32 : CV_INT64;
	*out = (struct cv_data){ cv_schema_plain(kind, false), cv_int(kind, n) };
}

/* The digits of an integer that a decimal equals, if it fits a long. */
static bool whole_number(struct arena *a, const struct cv_decimal *d, int64_t *out)
{
	struct buf b = { 0 };
	struct slice text;
	ssize_t point;
	bool yes;
	if (d->scale < -30)
		return false;
	cv_decimal_print(&b, d, true);
	text = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	point = sl_chr(text, '.');
	for (size_t i = point < 0 ? text.n : (size_t)point + 1; i < text.n; i++)
		if (text.p[i] != '0')
			return false;
	text.n = point < 0 ? text.n : (size_t)point;
	if (sl_eqs(text, "-0"))
		text = S("0");
	yes = sl_int(text, INT64_MIN, INT64_MAX, out);
	return yes;
}

static bool parse_number(struct parser *p, struct slice token, struct cv_data *out)
{
	struct cv_decimal *d = arena_alloc(p->a, sizeof(*d));
	const char *text = arena_cstr(p->a, token);
	struct cv_schema *s;
	int64_t n;
	float f;
	double g;
	if (!cv_decimal_parse(p->a, token, d))
		return false;
	if (whole_number(p->a, d, &n)) {
		parse_integer(n, out);
		return true;
	}
	f = strtof(text, NULL);
	g = strtod(text, NULL);
	if (isfinite(f) && d->scale) {
		*out = (struct cv_data){ cv_schema_plain(CV_FLOAT32, false), cv_real(CV_FLOAT32, (double)f) };
	} else if (isfinite(g) && d->scale) {
		*out = (struct cv_data){ cv_schema_plain(CV_FLOAT64, false), cv_real(CV_FLOAT64, g) };
	} else {
		s = logical(p->a, CV_BYTES, CV_DECIMAL_NAME);
		cv_schema_param(p->a, s, S("scale"), arena_printf(p->a, "%d", d->scale));
		*out = (struct cv_data){ s, { CV_DECIMAL, { .decimal = d } } };
	}
	return true;
}

/* ---- one schema for all elements ---- */

struct merger {
	const struct cv_schema *common;
	bool apart; /* there is none */
};

/* mergeSchemas: of two kinds of numbers the wider one. */
static const struct cv_schema *merged(const struct cv_schema *a, const struct cv_schema *b)
{
	bool numbers = a->type <= CV_FLOAT64 && b->type <= CV_FLOAT64;
	if (a->type != b->type)
		return !numbers ? NULL : a->type > b->type ? a : b;
	return a->optional == b->optional ? (a->optional ? a : b) : cv_schema_equal(a, b) ? a : NULL;
}

static void merge(struct merger *m, enum found how, const struct cv_data *d)
{
	if (how != FOUND || !d->schema || m->apart)
		return;
	m->common = m->common ? merged(m->common, d->schema) : d->schema;
	m->apart = !m->common;
}

/* Values.convertTo a merged schema. False: it can't be. */
static bool align(const struct cv_schema *s, struct cv_value *v)
{
	if (v->kind == CV_NULL)
		return s->optional;
	if (v->kind >= CV_INT8 && v->kind <= CV_INT64 && s->type >= CV_INT8 && s->type <= CV_FLOAT64)
		*v = s->type <= CV_INT64 ? cv_int(s->type, v->u.i) : cv_real(s->type, s->type == CV_FLOAT32 ? (double)(float)v->u.i : (double)v->u.i);
	else if (v->kind == CV_FLOAT32 && s->type == CV_FLOAT64)
		v->kind = CV_FLOAT64;
	return true;
}

/* ---- values ---- */

static enum found parse(struct parser *p, bool embedded, struct cv_data *out);

static enum found parse_list(struct parser *p, struct cv_data *out)
{
	struct cv_value list = cv_list_new(p->a);
	struct cv_schema *s = cv_schema_new(p->a, CV_ARRAY);
	struct merger m = { 0 };
	while (has_next(p)) {
		struct cv_data one = { 0 };
		if (can_consume(p, "]")) {
			s->value = m.common;
			for (size_t i = 0; i < list.u.list->n && m.common; i++)
				if (!align(m.common, &list.u.list->v[i]))
					return WRONG;
			*out = (struct cv_data){ s, list };
			return FOUND;
		}
		if (can_consume(p, ","))
			return WRONG;
		enum found how = parse(p, true, &one);
		if (how == WRONG)
			return WRONG;
		merge(&m, how, &one);
		cv_list_add(p->a, &list, one.v);
		size_t at = mark(p);
		if (can_consume(p, "]"))
			rewind_to(p, at);
		else if (!can_consume(p, ","))
			return WRONG;
	}
	return WRONG;
}

static enum found end_map(const struct merger *keys, const struct merger *values, struct cv_schema *s, struct cv_value map, struct cv_data *out)
{
	s->key = keys->common;
	s->value = keys->common ? values->common : NULL;
	for (size_t i = 0; i < map.u.map->n && s->key; i++)
		if (!align(s->key, &map.u.map->e[i].key) || (s->value && !align(s->value, &map.u.map->e[i].value)))
			return WRONG;
	*out = (struct cv_data){ s, map };
	return FOUND;
}

static enum found parse_map(struct parser *p, struct cv_data *out)
{
	struct cv_value map = cv_linked_new(p->a);
	struct cv_schema *s = cv_schema_new(p->a, CV_MAP);
	struct merger keys = { 0 }, values = { 0 };
	while (has_next(p)) {
		struct cv_data key = { 0 }, value = { 0 };
		enum found how;
		if (can_consume(p, "}"))
			return end_map(&keys, &values, s, map, out);
		if (can_consume(p, ",") || parse(p, true, &key) != FOUND || key.v.kind == CV_NULL || !can_consume(p, ":"))
			return WRONG;
		if ((how = parse(p, true, &value)) == WRONG)
			return WRONG;
		cv_map_put(p->a, &map, key.v, value.v);
		(void)can_consume(p, ",");
		merge(&keys, FOUND, &key);
		merge(&values, how, &value);
	}
	return WRONG;
}

static enum found parse_quoted(struct parser *p, struct cv_data *out)
{
	struct buf b = { 0 };
	struct slice text;
	while (has_next(p) && !can_consume(p, "\""))
		buf_addsl(&b, next(p));
	text = arena_dup(p->a, buf_slice(&b));
	buf_free(&b);
	if (!parse_time(p, text, out))
		*out = (struct cv_data){ cv_schema_plain(CV_STRING, false), cv_str(text) };
	return FOUND;
}

static enum found parse_token(struct parser *p, bool embedded, struct slice token, struct cv_data *out)
{
	bool digit = token.p[0] >= '0' && token.p[0] <= '9';
	if (digit && parse_times(p, token, out))
		return FOUND;
	if ((digit || token.p[0] == '+' || token.p[0] == '-') && parse_number(p, token, out))
		return FOUND;
	if (embedded)
		return WRONG;
	*out = (struct cv_data){ cv_schema_plain(CV_STRING, false), cv_str(p->all) };
	return FOUND;
}

static enum found parse(struct parser *p, bool embedded, struct cv_data *out)
{
	enum found how = WRONG;
	struct slice token;
	if (!has_next(p))
		return NOTHING;
	if (embedded && can_consume(p, "\""))
		return parse_quoted(p, out);
	if (is_literal(p, embedded, "null"))
		return NOTHING;
	for (int yes = 1; yes >= 0; yes--) {
		if (is_literal(p, embedded, yes ? "true" : "false")) {
			*out = (struct cv_data){ cv_schema_plain(CV_BOOLEAN, false), cv_int(CV_BOOLEAN, yes) };
			return FOUND;
		}
	}
	size_t at = mark(p);
	if (++p->depth > DEPTH_MAX)
		p->deep = true;
	else if (can_consume(p, "["))
		how = parse_list(p, out);
	else if (can_consume(p, "{"))
		how = parse_map(p, out);
	p->depth--;
	if (how != WRONG)
		return how;
	rewind_to(p, at);
	token = next(p);
	if (sl_trim(token).n)
		return parse_token(p, embedded, sl_trim(token), out);
	*out = (struct cv_data){ cv_schema_plain(CV_STRING, false), cv_str(token) };
	return FOUND;
}

int con_parse_values(struct arena *a, struct slice in, struct cv_data *out, struct error *err)
{
	struct parser p = { .a = a, .utc = sp_zone_make(a, S("UTC")) };
	(void)err;
	*out = (struct cv_data){ 0 };
	if (!in.p)
		return 0;
	p.all = java_decode(a, in);
	if (!p.all.n)
		*out = (struct cv_data){ cv_schema_plain(CV_STRING, false), cv_str(S("")) };
	else
		(void)parse(&p, false, out);
	if (p.deep)
		*out = (struct cv_data){ cv_schema_plain(CV_BYTES, false), cv_bytes(in) };
	return 0;
}

int con_convert_header(struct arena *a, const struct con_conv *c, struct slice in, struct cv_data *out, struct error *err)
{
	return con_convert(a, c, in, out, err);
}

/* ---- texts ---- */

static void print_escaped(struct buf *out, struct slice s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++)
		buf_addf(out, "%s%c", s.p[i] == '"' || s.p[i] == '\\' ? "\\" : "", s.p[i]);
	buf_addc(out, '"');
}

static void print_pair(struct buf *out, bool more, struct slice name, const struct cv_value *v)
{
	buf_adds(out, more ? "," : "");
	print_escaped(out, name);
	buf_addc(out, ':');
	con_print_values(out, v, true);
}

static void print_bytes(struct buf *out, struct slice s, bool embedded)
{
	buf_adds(out, embedded ? "\"" : "");
	buf_base64(out, s.p, s.n);
	buf_adds(out, embedded ? "\"" : "");
}

void con_print_values(struct buf *out, const struct cv_value *v, bool embedded)
{
	struct arena a = { 0 };
	switch (v->kind) {
	case CV_STRING:
		if (embedded)
			print_escaped(out, v->u.s);
		else
			java_encode(out, v->u.s);
		break;
	case CV_BYTES:
		print_bytes(out, v->u.s, embedded);
		break;
	case CV_ARRAY:
		buf_addc(out, '[');
		for (size_t i = 0; i < v->u.list->n; i++) {
			buf_adds(out, i ? "," : "");
			con_print_values(out, &v->u.list->v[i], true);
		}
		buf_addc(out, ']');
		break;
	case CV_MAP:
		buf_addc(out, '{');
		for (size_t i = 0; i < v->u.map->n; i++) {
			buf_adds(out, i ? "," : "");
			con_print_values(out, &v->u.map->e[i].key, true);
			buf_addc(out, ':');
			con_print_values(out, &v->u.map->e[i].value, true);
		}
		buf_addc(out, '}');
		break;
	case CV_STRUCT:
		buf_addc(out, '{');
		for (size_t i = 0; i < v->u.st->schema->field_n; i++)
			print_pair(out, i > 0, v->u.st->schema->fields[i].name, cv_struct_at(v->u.st, i));
		buf_addc(out, '}');
		break;
	case CV_DATE:
		buf_addsl(out, smt_date_text(&a, v->u.i));
		break;
	case CV_NULL: case CV_INT8: case CV_INT16: case CV_INT32: case CV_INT64: case CV_FLOAT32: case CV_FLOAT64: case CV_BOOLEAN: case CV_DECIMAL: case CV_KINDS:
		cv_print(out, v);
		break;
	}
	arena_free(&a);
}
