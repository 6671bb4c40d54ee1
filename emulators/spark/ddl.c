#include "spark/ddl.h"

enum token { T_END, T_WORD, T_QUOTED, T_INTEGER, T_STRING, T_SIGN };

struct ddl {
	struct arena *a;
	struct slice text;
	size_t at, end, before; /* the token now; before: the end of the one before it */
	enum token kind;
	int depth;
	struct sp_error *err; /* of syntax, and of depth */
	struct sp_error late; /* what is well written but no type: told if nothing else is wrong, as Spark builds types after parsing all */
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t skip_comment(const struct ddl *d, size_t i)
{
	int depth = 0;
	const char *p = d->text.p;
	if (p[i] == '-') {
		while (i < d->text.n && p[i] != '\n')
			i++;
		return i;
	}
	for (; i + 1 < d->text.n; i++) {
		if (p[i] == '/' && p[i + 1] == '*') {
			depth++;
			i++;
		} else if (p[i] == '*' && p[i + 1] == '/') {
			i++;
			if (--depth == 0)
				return i + 1;
		}
	}
	return d->text.n;
}

static size_t skip_blanks(const struct ddl *d, size_t i)
{
	const char *p = d->text.p;
	while (i < d->text.n) {
		if (p[i] == ' ' || p[i] == '\n' || p[i] == '\t' || p[i] == '\r')
			i++;
		else if (i + 1 < d->text.n && ((p[i] == '-' && p[i + 1] == '-') || (p[i] == '/' && p[i + 1] == '*')))
			i = skip_comment(d, i);
		else
			break;
	}
	return i;
}

static enum token token_at(const struct ddl *d, size_t at, size_t *end)
{
	const char *p = d->text.p;
	size_t i = at;
	bool digits = true;
	if (at >= d->text.n) {
		*end = at;
		return T_END;
	}
	if (is_word(p[at])) {
		for (; i < d->text.n && is_word(p[i]); i++)
			digits &= p[i] >= '0' && p[i] <= '9';
		*end = i;
		return digits ? T_INTEGER : T_WORD;
	}
	*end = at + 1;
	if (p[at] == '`' || p[at] == '\'' || p[at] == '"') {
		for (i = at + 1; i < d->text.n; i++) {
			if (p[at] != '`' && p[i] == '\\') {
				i++;
			} else if (p[i] == p[at]) {
				if (p[at] == '`' && i + 1 < d->text.n && p[i + 1] == '`') {
					i++;
					continue;
				}
				*end = i + 1;
				return p[at] == '`' ? T_QUOTED : T_STRING;
			}
		}
	}
	return T_SIGN;
}

static void next(struct ddl *d)
{
	d->before = d->end;
	d->at = skip_blanks(d, d->end);
	d->kind = token_at(d, d->at, &d->end);
}

static struct slice token_text(const struct ddl *d)
{
	return (struct slice){ d->text.p + d->at, d->end - d->at };
}
static bool is_sign(const struct ddl *d, char c)
{
	return d->kind == T_SIGN && d->text.p[d->at] == c;
}
static bool is_kw(const struct ddl *d, const char *word)
{
	return d->kind == T_WORD && sl_eq_nocase(token_text(d), sl(word));
}
static bool take_kw(struct ddl *d, const char *word)
{
	bool is = is_kw(d, word);
	if (is)
		next(d);
	return is;
}

/* Syntax error at the token; hint: what stands behind it, with its ": ", or "". */
static int syntax(struct ddl *d, const char *hint)
{
	struct slice t = token_text(d);
	if (d->kind == T_END)
		sp_fail(d->err, SP_E_PARSE, "PARSE_SYNTAX_ERROR", "42601", "Syntax error at or near end of input%s.", hint);
	else
		sp_fail(d->err, SP_E_PARSE, "PARSE_SYNTAX_ERROR", "42601", "Syntax error at or near '%.*s'%s.", SL(t), hint);
	sp_fail_at(d->err, d->at, d->end);
	return 1;
}

/* Syntax error at a token that is one too many, if the one behind it is of the kind wanted. */
static int extra(struct ddl *d, enum token wanted)
{
	char hint[80];
	struct slice t = token_text(d);
	size_t at = skip_blanks(d, d->end), end;
	(void)snprintf(hint, sizeof(hint), ": extra input '%.*s'", (int)(t.n < 40 ? t.n : 40), t.p);
	return syntax(d, d->kind != T_END && token_at(d, at, &end) == wanted ? hint : "");
}

/* The sign c, which has to come. As ANTLR words it: one token too many, or this one missing. */
static int expect(struct ddl *d, char c)
{
	size_t end;
	char hint[80];
	struct slice t = token_text(d);
	if (is_sign(d, c)) {
		next(d);
		return 0;
	}
	end = skip_blanks(d, d->end);
	hint[0] = 0;
	if (end < d->text.n && d->text.p[end] == c && d->kind != T_END)
		(void)snprintf(hint, sizeof(hint), ": extra input '%.*s'", (int)(t.n < 40 ? t.n : 40), t.p);
	else if (d->kind == T_END || is_sign(d, ')'))
		(void)snprintf(hint, sizeof(hint), ": missing '%c'", c);
	return syntax(d, hint);
}

static struct slice name_of(struct ddl *d)
{
	struct slice t = token_text(d);
	char *out, *to;
	if (d->kind != T_QUOTED)
		return arena_dup(d->a, t);
	out = to = arena_alloc(d->a, t.n);
	for (size_t i = 1; i + 1 < t.n; i++) {
		*to++ = t.p[i];
		if (t.p[i] == '`')
			i++;
	}
	return (struct slice){ out, (size_t)(to - out) };
}

static struct slice string_of(struct ddl *d)
{
	struct slice t = token_text(d);
	char *out = arena_alloc(d->a, t.n), *to = out;
	for (size_t i = 1; i + 1 < t.n; i++) {
		if (t.p[i] == '\\' && i + 2 < t.n)
			i++;
		*to++ = t.p[i];
	}
	return (struct slice){ out, (size_t)(to - out) };
}

static const struct sp_type *type_of(struct ddl *d);

/* `name type`, in structs `name: type`, then [NOT NULL] [COMMENT '..']. */
static int field_of(struct ddl *d, bool colon, struct sp_field *f)
{
	*f = (struct sp_field){ .nullable = true, .comment = sl(NULL) };
	if (d->kind != T_WORD && d->kind != T_QUOTED)
		return syntax(d, "");
	f->name = name_of(d);
	next(d);
	if (colon && is_sign(d, ':'))
		next(d);
	f->type = type_of(d);
	if (!f->type)
		return 1;
	if (take_kw(d, "NOT")) {
		if (!take_kw(d, "NULL"))
			return syntax(d, "");
		f->nullable = false;
	}
	if (take_kw(d, "COMMENT")) {
		if (d->kind != T_STRING)
			return syntax(d, "");
		f->comment = string_of(d);
		next(d);
	}
	return 0;
}

static int fields_of(struct ddl *d, bool colon, struct sp_field **out, size_t *count)
{
	struct sp_field *v = NULL, f;
	size_t n = 0, cap = 0;
	for (;;) {
		if (field_of(d, colon, &f))
			return 1;
		ARENA_GROW(d->a, v, n, cap);
		v[n++] = f;
		if (!is_sign(d, ','))
			break;
		next(d);
	}
	*out = v;
	*count = n;
	return 0;
}

/* struct, array or map whose word has been taken; `from` is where it stands. */
static const struct sp_type *complex_of(struct ddl *d, struct slice word)
{
	const struct sp_type *item, *key = NULL;
	struct sp_field *fields = NULL;
	size_t n = 0;
	next(d); /* < */
	if (sl_eq_nocase(word, S("STRUCT"))) {
		if (!is_sign(d, '>') && fields_of(d, true, &fields, &n))
			return NULL;
		return expect(d, '>') ? NULL : sp_struct(d->a, fields, n);
	}
	if (sl_eq_nocase(word, S("MAP"))) {
		key = type_of(d);
		if (!key || expect(d, ','))
			return NULL;
	}
	item = type_of(d);
	if (!item || expect(d, '>'))
		return NULL;
	return key ? sp_map(d->a, key, item, true) : sp_array(d->a, item, true);
}

/* INTERVAL is taken. [YEAR|MONTH [TO MONTH]] or [DAY|HOUR|MINUTE|SECOND [TO ...]]. */
static const struct sp_type *interval_of(struct ddl *d)
{
	static const char *const names[2][4] = { { "YEAR", "MONTH" }, { "DAY", "HOUR", "MINUTE", "SECOND" } };
	struct sp_type *t;
	for (int ym = 0; ym < 2; ym++) {
		for (uint8_t i = 0; i < 4 && names[ym][i]; i++) {
			uint8_t last = i;
			if (!take_kw(d, names[ym][i]))
				continue;
			if (take_kw(d, "TO")) {
				for (last = (uint8_t)(i + 1); last < 4 && names[ym][last] && !is_kw(d, names[ym][last]); last++)
					;
				if (last >= 4 || !names[ym][last]) {
					syntax(d, "");
					return NULL;
				}
				next(d);
			}
			t = arena_alloc(d->a, sizeof(*t));
			*t = sp_types[ym == 0 ? SP_INTERVAL_YM : SP_INTERVAL_DT];
			t->precision = i;
			t->scale = last;
			return t;
		}
	}
	return &sp_types[SP_INTERVAL];
}

/* The numbers of `(10, 2)`, at most 8 are kept. */
static int numbers_of(struct ddl *d, int64_t *v, size_t *n)
{
	*n = 0;
	if (!is_sign(d, '('))
		return 0;
	do {
		next(d);
		if (d->kind != T_INTEGER)
			return extra(d, T_INTEGER);
		if (*n < 8 && !sl_int(token_text(d), 0, INT32_MAX, &v[*n]))
			v[*n] = INT32_MAX;
		++*n;
		next(d);
	} while (is_sign(d, ','));
	return expect(d, ')');
}

static const struct named {
	const char *word;
	enum sp_kind kind;
} named[] = {
	{ "BOOLEAN", SP_BOOLEAN }, { "TINYINT", SP_TINYINT }, { "BYTE", SP_TINYINT }, { "SMALLINT", SP_SMALLINT }, { "SHORT", SP_SMALLINT },
	{ "INT", SP_INT }, { "INTEGER", SP_INT }, { "BIGINT", SP_BIGINT }, { "LONG", SP_BIGINT }, { "FLOAT", SP_FLOAT }, { "REAL", SP_FLOAT },
	{ "DOUBLE", SP_DOUBLE }, { "DATE", SP_DATE }, { "TIMESTAMP", SP_TIMESTAMP }, { "TIMESTAMP_LTZ", SP_TIMESTAMP },
	{ "TIMESTAMP_NTZ", SP_TIMESTAMP_NTZ }, { "STRING", SP_STRING }, { "BINARY", SP_BINARY }, { "DECIMAL", SP_DECIMAL }, { "DEC", SP_DECIMAL },
	{ "NUMERIC", SP_DECIMAL }, { "VOID", SP_VOID },
};

/* The word, in [from, d->before) with its numbers, names no type. */
static const struct sp_type *no_type(struct ddl *d, size_t from, struct slice word, const int64_t *numbers, size_t n)
{
	char up[64];
	struct buf b = { 0 };
	size_t k = word.n < sizeof(up) - 1 ? word.n : sizeof(up) - 1;
	if (d->late.set)
		return &sp_types[SP_VOID];
	for (size_t i = 0; i < k; i++)
		up[i] = (char)(word.p[i] >= 'a' && word.p[i] <= 'z' ? word.p[i] - 32 : word.p[i]);
	up[k] = 0;
	if (n == 0 && (strcmp(up, "CHAR") == 0 || strcmp(up, "VARCHAR") == 0 || strcmp(up, "CHARACTER") == 0)) {
		sp_fail(&d->late, SP_E_PARSE, "DATATYPE_MISSING_SIZE", "42K01",
			"DataType \"%s\" requires a length parameter, for example \"%s\"(10). Please specify the length.", up, up);
	} else if (n == 0 && strcmp(up, "ARRAY") == 0) {
		sp_fail(&d->late, SP_E_PARSE, "INCOMPLETE_TYPE_DEFINITION.ARRAY", "42K01", "Incomplete complex type: The definition of \"ARRAY\" type is "
			"incomplete. You must provide an element type. For example: \"ARRAY<INT>\".");
	} else if (n == 0 && strcmp(up, "MAP") == 0) {
		sp_fail(&d->late, SP_E_PARSE, "INCOMPLETE_TYPE_DEFINITION.MAP", "42K01", "Incomplete complex type: The definition of \"MAP\" type is "
			"incomplete. You must provide a key type and a value type. For example: \"MAP<TIMESTAMP, INT>\".");
	} else if (n == 0 && strcmp(up, "STRUCT") == 0) {
		sp_fail(&d->late, SP_E_PARSE, "INCOMPLETE_TYPE_DEFINITION.STRUCT", "42K01", "Incomplete complex type: The definition of \"STRUCT\" type "
			"is incomplete. You must provide at least one field type. For example: \"STRUCT<name STRING, phone DECIMAL(10, 0)>\".");
	} else {
		for (size_t i = 0; i < n && i < 8; i++)
			buf_addf(&b, "%c%lld", i ? ',' : '(', (long long)numbers[i]);
		if (n)
			buf_addc(&b, ')');
		sp_fail(&d->late, SP_E_PARSE, "UNSUPPORTED_DATATYPE", "0A000", "Unsupported data type \"%s%s\".", up, buf_cstr(&b));
		buf_free(&b);
	}
	sp_fail_at(&d->late, from, d->before);
	return &sp_types[SP_VOID];
}

static const struct sp_type *decimal_of(struct ddl *d, const int64_t *v, size_t n)
{
	int64_t p = n > 0 ? v[0] : 10, s = n > 1 ? v[1] : 0;
	if (s > p) {
		sp_fail(&d->late, SP_E_PARSE, "_LEGACY_ERROR_TEMP_1228", "", "Decimal scale (%lld) cannot be greater than precision (%lld).", (long long)s, (long long)p);
		return &sp_types[SP_VOID];
	}
	if (p > SP_PRECISION_MAX) {
		sp_fail(&d->late, SP_E_RUN, "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "22003", "Decimal precision %lld exceeds max precision %d.",
			(long long)p, SP_PRECISION_MAX);
		return &sp_types[SP_VOID];
	}
	return sp_decimal(d->a, (int)p, (int)s);
}

static const struct sp_type *plain_of(struct ddl *d, size_t from, struct slice word, bool quoted)
{
	int64_t v[8];
	size_t n, i;
	if (numbers_of(d, v, &n))
		return NULL;
	for (i = 0; i < ARRAY_LEN(named) && !sl_eq_nocase(word, sl(named[i].word)); i++)
		;
	if (!quoted && i < ARRAY_LEN(named)) {
		if (named[i].kind == SP_DECIMAL && n <= 2)
			return decimal_of(d, v, n);
		if (n == 0)
			return &sp_types[named[i].kind];
	}
	if (!quoted && n == 1 && (sl_eq_nocase(word, S("CHAR")) || sl_eq_nocase(word, S("CHARACTER")) || sl_eq_nocase(word, S("VARCHAR"))))
		return &sp_types[SP_STRING];
	return no_type(d, from, word, v, n);
}

static const struct sp_type *type_of(struct ddl *d)
{
	struct slice word = token_text(d);
	size_t from = d->at;
	bool quoted = d->kind == T_QUOTED;
	const struct sp_type *t;
	if (d->kind != T_WORD && !quoted) {
		syntax(d, "");
		return NULL;
	}
	if (d->depth >= SP_TYPE_DEPTH_MAX) {
		sp_fail(d->err, SP_E_LIMIT, "", "", "Types may be nested %d levels deep, no more.", SP_TYPE_DEPTH_MAX);
		sp_fail_at(d->err, d->at, d->end);
		return NULL;
	}
	if (quoted)
		word = name_of(d);
	d->depth++;
	next(d);
	if (!quoted && is_sign(d, '<') && (sl_eq_nocase(word, S("ARRAY")) || sl_eq_nocase(word, S("MAP")) || sl_eq_nocase(word, S("STRUCT"))))
		t = complex_of(d, word);
	else if (!quoted && sl_eq_nocase(word, S("INTERVAL")))
		t = interval_of(d);
	else
		t = plain_of(d, from, word, quoted);
	d->depth--;
	return t;
}

static struct ddl start(struct arena *a, struct slice text, struct sp_error *err)
{
	struct ddl d = { .a = a, .text = text, .err = err };
	next(&d);
	return d;
}

/* The text has to end here; one token too many is told so. */
static int finish(struct ddl *d)
{
	char hint[80];
	struct slice t = token_text(d);
	if (d->kind == T_END)
		return 0;
	(void)snprintf(hint, sizeof(hint), ": extra input '%.*s'", (int)(t.n < 40 ? t.n : 40), t.p);
	return syntax(d, skip_blanks(d, d->end) >= d->text.n ? hint : "");
}

/* What sp_ddl_type and sp_ddl_fields give back: the syntax is fine, is the rest? */
static int end_of(struct ddl *d)
{
	if (!d->late.set)
		return 0;
	sp_error_free(d->err);
	*d->err = d->late;
	return 1;
}

int sp_ddl_type(struct arena *a, struct slice text, size_t *used, const struct sp_type **out, struct sp_error *err)
{
	struct ddl d = start(a, text, err);
	const struct sp_type *t = type_of(&d);
	if (!t || (!used && finish(&d))) {
		sp_error_free(&d.late);
		return 1;
	}
	if (used)
		*used = d.before;
	*out = t;
	return end_of(&d);
}

int sp_ddl_fields(struct arena *a, struct slice text, const struct sp_field **out, size_t *n, struct sp_error *err)
{
	struct ddl d = start(a, text, err);
	struct sp_field *fields;
	if (fields_of(&d, false, &fields, n) || finish(&d)) {
		sp_error_free(&d.late);
		return 1;
	}
	*out = fields;
	return end_of(&d);
}

int sp_ddl(struct arena *a, struct slice text, const struct sp_type **out, struct sp_error *err)
{
	struct sp_error other = { 0 };
	const struct sp_field *fields;
	size_t n;
	int rc = sp_ddl_type(a, text, NULL, out, err);
	if (rc && sp_ddl_fields(a, text, &fields, &n, &other) == 0) {
		*out = sp_struct(a, fields, n);
		sp_error_free(err);
		*err = (struct sp_error){ 0 };
		rc = 0;
	}
	sp_error_free(&other);
	return rc;
}
