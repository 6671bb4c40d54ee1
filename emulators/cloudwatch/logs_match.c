/* Filter patterns: what they say of a line. */
#include "cloudwatch/logs_pattern.h"

#include <errno.h>
#include <math.h>

#include "core/json.h"
#include "core/text.h"

enum { FIELDS_MAX = 256 };

bool log_filter_as_number(struct slice s, double *out)
{
	char text[64], *end;
	if (!s.n || s.n >= sizeof(text) || !(strchr("+-.", s.p[0]) || (s.p[0] >= '0' && s.p[0] <= '9')))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*out = strtod(text, &end);
	return end == text + s.n && isfinite(*out) && !strpbrk(text, "xXnN");
}

/* "*" takes any bytes. */
static bool glob(struct slice pattern, struct slice s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;
	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.n && pattern.p[p] == s.p[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool is_text(const struct filter_value *v, struct slice s)
{
	return v->kind == FILTER_REGEX ? java_regex_find(v->regex, s, 0) > 0 : glob(v->text, s);
}

static bool compares(enum filter_op op, double a, double b)
{
	return op == OP_EQ ? a == b : op == OP_NE ? a != b : op == OP_GT ? a > b : op == OP_GE ? a >= b : op == OP_LT ? a < b : a <= b;
}

/* What a text says to a condition with a value. */
static bool text_is(const struct filter_node *n, struct slice s)
{
	double number;
	if (n->value.is_number && log_filter_as_number(s, &number))
		return compares(n->op, number, n->value.number);
	if (n->op != OP_EQ && n->op != OP_NE)
		return false;
	return is_text(&n->value, s) == (n->op == OP_EQ);
}

/* ---- JSON ---- */

static struct slice text_of(const json_t *v, char number[REAL_TEXT_MAX])
{
	if (json_is_string(v))
		return json_slice(v);
	if (json_is_integer(v))
		return sl_of(number, (size_t)snprintf(number, REAL_TEXT_MAX, "%lld", (long long)json_integer_value(v)));
	if (json_is_real(v))
		return sl_of(number, real_text(json_real_value(v), false, number));
	return json_is_true(v) ? S("true") : json_is_false(v) ? S("false") : sl(NULL);
}

static bool value_is(const struct filter_node *n, const json_t *v)
{
	char number[REAL_TEXT_MAX];
	switch (n->op) {
	case OP_NULL:
		return json_is_null(v);
	case OP_TRUE:
		return json_is_true(v);
	case OP_FALSE:
		return json_is_false(v);
	case OP_EXISTS:
		return v != NULL;
	case OP_ABSENT:
		return v == NULL;
	default:
		break;
	}
	struct slice s = text_of(v, number);
	return s.p && text_is(n, s);
}

static bool path_is(const struct filter_node *n, size_t at, json_t *v)
{
	if (at == n->step_n || !v)
		return value_is(n, v);
	const struct filter_step *s = &n->step[at];
	if (s->any) {
		const char *key;
		json_t *item;
		size_t i;
		json_array_foreach (v, i, item)
			if (path_is(n, at + 1, item))
				return true;
		json_object_foreach (v, key, item)
			if (path_is(n, at + 1, item))
				return true;
		return false;
	}
	return path_is(n, at + 1, s->name.p ? json_object_getn(v, s->name.p, s->name.n) : json_array_get(v, (size_t)s->index));
}

static bool node_is(const struct filter_node *n, json_t *v, struct slice field)
{
	if (n->op == OP_AND)
		return node_is(n->left, v, field) && node_is(n->right, v, field);
	if (n->op == OP_OR)
		return node_is(n->left, v, field) || node_is(n->right, v, field);
	return v ? path_is(n, 0, v) : n->op == OP_NONE || text_is(n, field);
}

/* ---- fields ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t split(struct slice line, struct slice field[FIELDS_MAX])
{
	size_t n = 0, i = 0;
	while (i < line.n && n < FIELDS_MAX) {
		if (is_blank(line.p[i])) {
			i++;
			continue;
		}
		char end = line.p[i] == '[' ? ']' : line.p[i] == '"' ? '"' : '\0';
		size_t from = i;
		ssize_t to = end ? sl_chr(sl_from(line, i + 1), end) : -1;
		if (to >= 0) {
			field[n++] = sl_of(line.p + i + 1, (size_t)to);
			i += (size_t)to + 2;
			continue;
		}
		while (i < line.n && !is_blank(line.p[i]))
			i++;
		field[n++] = sl_of(line.p + from, i - from);
	}
	return n;
}

/* The line's field for the pattern's i-th; false: there aren't as many as the pattern has. */
static bool field_at(const struct log_filter *f, const struct slice *field, size_t n, size_t i, struct slice *out)
{
	bool fits = f->rest_at < 0 ? n == f->field_n : n >= f->field_n;
	size_t at = f->rest_at >= 0 && i >= (size_t)f->rest_at ? n - f->field_n + i : i;
	if (fits)
		*out = field[at];
	return fits;
}

static bool fields_match(const struct log_filter *f, struct slice line)
{
	struct slice field[FIELDS_MAX], s;
	size_t n = split(line, field);
	if (f->rest_at < 0 ? n != f->field_n : n < f->field_n)
		return false;
	for (size_t i = 0; i < f->field_n; i++)
		if (f->field[i] && field_at(f, field, n, i, &s) && !node_is(f->field[i], NULL, s))
			return false;
	return true;
}

/* ---- terms ---- */

static bool has(const struct filter_value *v, struct slice line)
{
	return v->kind == FILTER_REGEX ? java_regex_find(v->regex, line, 0) > 0 : !v->text.n || sl_find(line, v->text) >= 0;
}

/* "?" terms count only where they are alone. */
static bool terms_match(const struct log_filter *f, struct slice line)
{
	bool any = f->must || !f->term_n;
	for (size_t i = 0; i < f->term_n; i++) {
		const struct filter_term *t = &f->term[i];
		if (t->kind == TERM_MAY)
			any = any || has(&t->value, line);
		else if (has(&t->value, line) != (t->kind == TERM_MUST))
			return false;
	}
	return any;
}

bool log_filter_matches(struct log_filter *f, struct slice line)
{
	if (f->kind == FILTER_TERMS)
		return terms_match(f, line);
	if (f->kind == FILTER_FIELDS)
		return fields_match(f, line);
	struct slice trimmed = sl_trim(line);
	if (!trimmed.n || trimmed.p[0] != '{')
		return false;
	JSON_AUTO v = json_loadb(trimmed.p, trimmed.n, 0, NULL);
	return v && node_is(f->root, v, sl(NULL));
}

/* ---- values ---- */

static json_t *at_path(const struct filter_node *n, json_t *v)
{
	for (size_t i = 0; v && i < n->step_n; i++) {
		const struct filter_step *s = &n->step[i];
		v = s->any ? json_array_get(v, 0) : s->name.p ? json_object_getn(v, s->name.p, s->name.n) : json_array_get(v, (size_t)s->index);
	}
	return v;
}

static const struct filter_node *first_name(const struct filter_node *n)
{
	while (n && n->left)
		n = n->left;
	return n;
}

static void put_value(json_t *to, struct slice path, struct slice value)
{
	if (value.p)
		json_object_setn_new(to, path.p, path.n, json_stringn(value.p, value.n));
}

json_t *log_filter_values(struct log_filter *f, struct slice line)
{
	json_t *out = json_object();
	char number[REAL_TEXT_MAX];
	if (f->kind == FILTER_JSON) {
		JSON_AUTO v = json_loadb(line.p, line.n, 0, NULL);
		for (const struct filter_node *n = f->conditions; v && n; n = n->next)
			put_value(out, n->path, text_of(at_path(n, v), number));
	} else if (f->kind == FILTER_FIELDS) {
		struct slice field[FIELDS_MAX], s;
		size_t n = split(line, field);
		for (size_t i = 0; i < f->field_n; i++)
			if (field_at(f, field, n, i, &s) && f->field[i])
				put_value(out, first_name(f->field[i])->path, s);
	}
	return out;
}

/* The plain path "$.a.b", which need not be one of the pattern's. */
static bool json_number_at(struct slice line, struct slice name, double *out)
{
	JSON_AUTO root = json_loadb(line.p, line.n, 0, NULL);
	json_t *v = root;
	struct slice word, rest;
	if (!sl_after(name, S("$."), &rest))
		return false;
	while (v && rest.p) {
		sl_cut(rest, '.', &word, &rest);
		v = json_object_getn(v, word.p, word.n);
	}
	if (json_is_number(v))
		*out = json_number_value(v);
	return json_is_number(v) || (json_is_string(v) && log_filter_as_number(json_slice(v), out));
}

bool log_filter_number(struct log_filter *f, struct slice line, struct slice name, double *out)
{
	if (f->kind == FILTER_JSON)
		return json_number_at(line, name, out);
	JSON_AUTO values = log_filter_values(f, line);
	return log_filter_as_number(json_slice(json_object_getn(values, name.p, name.n)), out);
}
