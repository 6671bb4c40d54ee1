/* Shapes: reading their text, and the constraints. Requests: shape_decode.c; answers: shape_out.c. */
#include "aws/shape_in.h"

#include <ctype.h>

#include "core/json.h"
#include "java/regex.h"
#include "java/text.h"

enum { SHAPES_MAX = 4096, PROBLEMS_MAX = 10 };

/* ---- reading the text ---- */

struct reader {
	const char *whole, *p;
};

static _Noreturn void wrong(const struct reader *r, const char *what)
{
	fprintf(stderr, "tarn: shape \"%s\": %s at \"%s\"\n", r->whole, what, r->p);
	abort();
}

static void expect(struct reader *r, char c)
{
	if (*r->p != c)
		wrong(r, "unexpected character");
	r->p++;
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == ':' || c == '/' || c == '*' || c == '#';
}

static void read_members(struct reader *r, struct shape *s);

static int64_t read_number(struct reader *r)
{
	char *end;
	int64_t n = strtoll(r->p, &end, 10);
	if (end == r->p)
		wrong(r, "no number");
	r->p = end;
	return n;
}

static void read_range(struct reader *r, struct shape *s)
{
	if (!isdigit((unsigned char)*r->p))
		return;
	s->ranged = true;
	s->min = read_number(r);
	expect(r, '-');
	s->max = isdigit((unsigned char)*r->p) ? read_number(r) : INT64_MAX;
}

static void read_pattern(struct reader *r, struct shape *s)
{
	if (*r->p != '~')
		return;
	const char *end = strchr(r->p + 1, '~');
	if (!end)
		wrong(r, "no end of the pattern");
	s->pattern = sl_of(r->p + 1, (size_t)(end - r->p - 1));
	r->p = end + 1;
}

static void read_words(struct reader *r, struct shape *s)
{
	const char *from = r->p;
	s->type = SHAPE_TEXT;
	while (is_name(*r->p) || *r->p == '|')
		r->p++;
	if (r->p == from)
		wrong(r, "no type");
	s->words = sl_of(from, (size_t)(r->p - from));
}

static struct shape *read_type(struct reader *r);

static struct shape *new_shape(enum shape_type type)
{
	struct shape *s = xcalloc(1, sizeof(*s));
	s->type = type;
	return s;
}

/* "[Item=T]": the name goes with the list. */
static void read_list(struct reader *r, struct shape *s)
{
	const char *q = r->p;
	while (isalnum((unsigned char)*q) || *q == '_')
		q++;
	if (q > r->p && *q == '=') {
		s->item = sl_of(r->p, (size_t)(q - r->p));
		r->p = q + 1;
	}
	s->of = read_type(r);
	expect(r, ']');
}

static bool is_base(const char *p)
{
	return strchr("sinbtxj", *p) && *p && !isalpha((unsigned char)p[1]) && p[1] != '_' && p[1] != '|' && p[1] != '-' && p[1] != '.';
}

static struct shape *read_type(struct reader *r)
{
	static const enum shape_type bases[] = { ['s'] = SHAPE_TEXT, ['i'] = SHAPE_INTEGER, ['n'] = SHAPE_NUMBER, ['b'] = SHAPE_BOOLEAN,
						 ['t'] = SHAPE_TIME, ['x'] = SHAPE_BLOB, ['j'] = SHAPE_ANY };
	struct shape *s = new_shape(SHAPE_TEXT);
	if (*r->p == '[') {
		r->p++;
		s->type = SHAPE_LIST;
		read_list(r, s);
	} else if (*r->p == '{') {
		r->p++;
		s->type = SHAPE_STRUCT;
		read_members(r, s);
		expect(r, '}');
	} else if (*r->p == '<') {
		r->p++;
		s->type = SHAPE_MAP;
		s->of = read_type(r);
		expect(r, '>');
	} else if (is_base(r->p)) {
		s->type = bases[(unsigned char)*r->p++];
	} else {
		read_words(r, s);
	}
	read_range(r, s);
	read_pattern(r, s);
	return s;
}

static void read_member(struct reader *r, struct shape *s)
{
	struct shape_member m = { .where = SHAPE_IN_BODY };
	if (*r->p == '@' || *r->p == '?')
		m.where = *r->p++ == '@' ? SHAPE_IN_PATH : SHAPE_IN_QUERY;
	const char *from = r->p;
	while (is_name(*r->p) && *r->p != ':')
		r->p++;
	if (r->p == from)
		wrong(r, "no name");
	m.name = xasprintf("%.*s", (int)(r->p - from), from);
	if (*r->p == '!') {
		m.required = true;
		r->p++;
	}
	if (*r->p == ':') {
		r->p++;
		m.shape = read_type(r);
	} else {
		m.shape = new_shape(SHAPE_TEXT);
	}
	s->members = xrealloc(s->members, (s->member_n + 1) * sizeof(m));
	s->members[s->member_n++] = m;
}

static void read_members(struct reader *r, struct shape *s)
{
	for (;;) {
		while (*r->p == ' ')
			r->p++;
		if (!*r->p || *r->p == '}')
			return;
		read_member(r, s);
		if (*r->p && *r->p != ' ' && *r->p != '}')
			wrong(r, "unexpected character");
	}
}

const struct shape *shape_of(const char *text)
{
	static struct {
		const char *text;
		struct shape *shape;
	} kept[SHAPES_MAX];
	size_t at = ((uintptr_t)text >> 3) % SHAPES_MAX;
	while (kept[at].text && kept[at].text != text)
		at = (at + 1) % SHAPES_MAX;
	if (!kept[at].text) {
		struct reader r = { text, text };
		struct shape *s = new_shape(SHAPE_STRUCT);
		read_members(&r, s);
		if (*r.p)
			wrong(&r, "unexpected character");
		kept[at].text = text;
		kept[at].shape = s;
	}
	return kept[at].shape;
}

const struct shape_member *shape_member(const struct shape *s, const char *name)
{
	for (size_t i = 0; s && i < s->member_n; i++)
		if (!strcmp(s->members[i].name, name))
			return &s->members[i];
	return NULL;
}

/* ---- constraints ---- */

struct checks {
	struct buf *out;
	int n;
	bool values;
};

static void problem(struct checks *k, const char *path, const json_t *v, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void problem(struct checks *k, const char *path, const json_t *v, const char *fmt, ...)
{
	va_list ap;
	if (k->n++ >= PROBLEMS_MAX)
		return;
	if (k->n > 1)
		buf_adds(k->out, "; ");
	buf_adds(k->out, k->values ? "Value " : "Value");
	if (!k->values) {
		;
	} else if (json_is_string(v)) {
		buf_addc(k->out, '\'');
		buf_addsl(k->out, json_string_length(v) > 1024 ? sl_of(json_string_value(v), 1024) : json_slice(v));
		buf_addc(k->out, '\'');
	} else if (json_is_number(v)) {
		struct buf number = { 0 };
		shape_json(NULL, v, SHAPE_SECONDS, &number);
		buf_addf(k->out, "'%s'", buf_cstr(&number));
		buf_free(&number);
	} else if (v) {
		char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
		buf_addf(k->out, "'%.1024s'", text ? text : "");
		free(text);
	} else {
		buf_adds(k->out, "null");
	}
	buf_addf(k->out, " at '%s' failed to satisfy constraint: Member must ", path);
	va_start(ap, fmt);
	buf_addv(k->out, fmt, ap);
	va_end(ap);
}

static bool is_word(struct slice words, struct slice s)
{
	struct slice one, rest = words;
	while (rest.p) {
		if (!sl_cut(rest, '|', &one, &rest))
			rest = sl(NULL);
		if (sl_eq(one, s))
			return true;
	}
	return false;
}

static void add_words(struct buf *b, struct slice words)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < words.n; i++)
		buf_adds(b, words.p[i] == '|' ? ", " : (char[]){ words.p[i], 0 });
	buf_addc(b, ']');
}

static void check_text(struct checks *k, const struct shape *s, const json_t *v, const char *path)
{
	struct slice text = json_slice(v);
	int64_t n = s->ranged ? (int64_t)java_length(text) : 0;
	if (s->words.p && !is_word(s->words, text)) {
		struct buf words = { 0 };
		add_words(&words, s->words);
		problem(k, path, v, "satisfy enum value set: %s", buf_cstr(&words));
		buf_free(&words);
	}
	if (s->ranged && n > s->max)
		problem(k, path, v, "have length less than or equal to %lld", (long long)s->max);
	if (s->ranged && n < s->min)
		problem(k, path, v, "have length greater than or equal to %lld", (long long)s->min);
	if (s->pattern.p && java_matches(text, s->pattern, false) <= 0)
		problem(k, path, v, "satisfy regular expression pattern: %.*s", SL(s->pattern));
}

static void check_number(struct checks *k, const struct shape *s, const json_t *v, const char *path)
{
	if (s->ranged && json_number_value(v) > (double)s->max)
		problem(k, path, v, "have value less than or equal to %lld", (long long)s->max);
	if (s->ranged && json_number_value(v) < (double)s->min)
		problem(k, path, v, "have value greater than or equal to %lld", (long long)s->min);
}

static void check(struct checks *k, const struct shape *s, const json_t *v, const char *path);

static void check_members(struct checks *k, const struct shape *s, const json_t *v, const char *path)
{
	for (size_t i = 0; i < s->member_n; i++) {
		const struct shape_member *m = &s->members[i];
		const json_t *one = json_object_get(v, m->name);
		char *at = xasprintf("%s%s%c%s", path, *path ? "." : "", tolower((unsigned char)m->name[0]), m->name + 1);
		if (one)
			check(k, m->shape, one, at);
		else if (m->required)
			problem(k, at, NULL, "not be null");
		free(at);
	}
}

static void check_count(struct checks *k, const struct shape *s, const json_t *v, size_t n, const char *path)
{
	if (s->ranged && (int64_t)n > s->max)
		problem(k, path, v, "have length less than or equal to %lld", (long long)s->max);
	if (s->ranged && (int64_t)n < s->min)
		problem(k, path, v, "have length greater than or equal to %lld", (long long)s->min);
}

static void check(struct checks *k, const struct shape *s, const json_t *v, const char *path)
{
	size_t i;
	const char *key;
	json_t *one;
	switch (s->type) {
	case SHAPE_TEXT:
		check_text(k, s, v, path);
		return;
	case SHAPE_INTEGER:
	case SHAPE_NUMBER:
		check_number(k, s, v, path);
		return;
	case SHAPE_BLOB: {
		size_t n = json_string_length(v);
		while (n && json_string_value(v)[n - 1] == '=')
			n--;
		check_count(k, s, NULL, n * 3 / 4, path);
		return;
	}
	case SHAPE_STRUCT:
		check_members(k, s, v, path);
		return;
	case SHAPE_LIST:
		check_count(k, s, v, json_array_size(v), path);
		json_array_foreach(v, i, one) {
			char *at = xasprintf("%s.%zu.member", path, i + 1);
			check(k, s->of, one, at);
			free(at);
		}
		return;
	case SHAPE_MAP:
		check_count(k, s, v, json_object_size(v), path);
		json_object_foreach((json_t *)v, key, one) {
			char *at = xasprintf("%s.%.128s.member", path, key);
			check(k, s->of, one, at);
			free(at);
		}
		return;
	case SHAPE_BOOLEAN:
	case SHAPE_TIME:
	case SHAPE_ANY:
		return;
	}
}

int shape_check(const struct shape *s, const json_t *v, bool values, struct buf *text)
{
	struct checks k = { text, 0, values };
	check_members(&k, s, v, "");
	return k.n;
}
