#include "rds/rds.h"

#include <ctype.h>
#include <strings.h>

struct lexer {
	struct arena *a;
	struct slice sql;
	size_t at;
	struct tok *toks;
	size_t n, cap;
	struct error *err;
};

size_t tok_closes(const struct tok *t, size_t i, size_t n)
{
	int depth = 0;
	for (; i < n; i++) {
		depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		if (!depth)
			return i;
	}
	return n;
}

int rds_syntax(struct slice sql, const struct tok *t, struct error *err)
{
	const char *from = t && t->text.p ? t->text.p : sl_of(sql.p + sql.n, 0).p;
	size_t left = (size_t)(sql.p + sql.n - from);
	int line = 1;
	for (const char *p = sql.p; p < from; p++)
		line += *p == '\n';
	return err_fail(err, &rds_errors[RDS_E_SYNTAX],
			"You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version "
			"for the right syntax to use near '%.*s' at line %d",
			(int)(left > 80 ? 80 : left), from, line);
}

static char peek(const struct lexer *l, size_t ahead)
{
	return l->at + ahead < l->sql.n ? l->sql.p[l->at + ahead] : '\0';
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Skips blanks and comments. The text of a version comment (slash star bang) is read as SQL. */
static int skip_blank(struct lexer *l, bool *spaced)
{
	for (*spaced = false; l->at < l->sql.n; *spaced = true) {
		char c = peek(l, 0);
		if (isspace((unsigned char)c)) {
			l->at++;
		} else if (c == '#' || (c == '-' && peek(l, 1) == '-' && (isspace((unsigned char)peek(l, 2)) || !peek(l, 2)))) {
			while (l->at < l->sql.n && peek(l, 0) != '\n')
				l->at++;
		} else if (c == '/' && peek(l, 1) == '*' && peek(l, 2) == '!') {
			l->at += 3;
			while (isdigit((unsigned char)peek(l, 0)))
				l->at++;
		} else if (c == '*' && peek(l, 1) == '/') {
			l->at += 2; /* the end of a version comment */
		} else if (c == '/' && peek(l, 1) == '*') {
			ssize_t end = sl_find(sl_of(l->sql.p + l->at + 2, l->sql.n - l->at - 2), S("*/"));
			if (end < 0) {
				struct tok here = { .text = sl_of(l->sql.p + l->at, 1) };
				return rds_syntax(l->sql, &here, l->err);
			}
			l->at += (size_t)end + 4;
		} else {
			return 0;
		}
	}
	return 0;
}

static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'b':
		return '\b';
	case '0':
		return '\0';
	case 'Z':
		return 26;
	default:
		return c;
	}
}

/* Length of the quoted text from its opening quote to its closing one, both counted; 0: it isn't closed. */
static size_t quoted_length(struct slice s, char q)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\' && q != '`' && i + 1 < s.n)
			i++;
		else if (s.p[i] == q && i + 1 < s.n && s.p[i + 1] == q)
			i++;
		else if (s.p[i] == q)
			return i + 1;
	}
	return 0;
}

/* 'text', "text" or `name`: a doubled quote is one; backslashes escape in the first two. */
static int quoted(struct lexer *l, struct tok *t, char q)
{
	struct slice in = sl_of(l->sql.p + l->at, l->sql.n - l->at);
	const char *end = memchr(in.p + 1, q, in.n - 1);
	if (end && end + 1 < in.p + in.n && end[1] != q && (q == '`' || !memchr(in.p, '\\', (size_t)(end - in.p)))) { /* as it is written */
		t->kind = q == '`' ? TOK_QUOTED : TOK_STRING;
		t->value = sl_of(in.p + 1, (size_t)(end - in.p) - 1);
		t->text = sl_of(in.p, t->value.n + 2);
		l->at += t->text.n;
		return 0;
	}
	size_t length = quoted_length(in, q), n = 0;
	t->text = sl_of(in.p, length ? length : 1);
	if (!length)
		return rds_syntax(l->sql, t, l->err);
	char *to = arena_alloc(l->a, length);
	for (size_t i = 1; i + 1 < length; i++) {
		if (in.p[i] == '\\' && q != '`') {
			char e = in.p[++i];
			if (e == '%' || e == '_')
				to[n++] = '\\';
			to[n++] = unescape(e);
		} else {
			to[n++] = in.p[i];
			i += in.p[i] == q; /* the second of a doubled quote */
		}
	}
	t->kind = q == '`' ? TOK_QUOTED : TOK_STRING;
	t->value = sl_of(to, n);
	l->at += length;
	return 0;
}

static int digit_of(char c, int base)
{
	int d = isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : base;
	return d < base ? d : -1;
}

/* 0x4142, x'4142', 0b1, b'1': bytes, the first one filled up with zeros. */
static int bytes(struct lexer *l, struct tok *t, int base, bool apostrophes)
{
	size_t start = l->at, from = start + 2, n = 0, per = base == 16 ? 2 : 8;
	for (l->at = from; digit_of(peek(l, 0), base) >= 0; l->at++)
		n++;
	t->kind = TOK_HEX;
	t->text = sl_of(l->sql.p + start, l->at - start + apostrophes);
	if (apostrophes && (peek(l, 0) != '\'' || (base == 16 && n % 2)))
		return rds_syntax(l->sql, t, l->err);
	l->at += apostrophes;
	uint8_t *to = arena_alloc(l->a, n / per + 1);
	size_t size = (n + per - 1) / per;
	for (size_t i = 0; i < n; i++) {
		uint8_t *b = &to[(i + size * per - n) / per];
		*b = (uint8_t)(*b * base + digit_of(l->sql.p[from + i], base));
	}
	t->value = sl_of((char *)to, size);
	return 0;
}

/* What begins such a literal: the base, else 0. */
static int base_of(const struct lexer *l, bool *apostrophes)
{
	char a = peek(l, 0), b = peek(l, 1);
	*apostrophes = b == '\'';
	if (*apostrophes)
		return (a | 0x20) == 'x' ? 16 : (a | 0x20) == 'b' ? 2 : 0;
	int base = a != '0' ? 0 : b == 'x' ? 16 : b == 'b' ? 2 : 0;
	size_t i = 2;
	while (base && digit_of(peek(l, i), base) >= 0)
		i++;
	return i > 2 && !word_char(peek(l, i)) ? base : 0; /* 0xyz is a name */
}

static void number(struct lexer *l, struct tok *t)
{
	size_t start = l->at;
	t->kind = TOK_NUMBER;
	while (isdigit((unsigned char)peek(l, 0)) || peek(l, 0) == '.')
		l->at++;
	if ((peek(l, 0) | 0x20) == 'e' &&
	    (isdigit((unsigned char)peek(l, 1)) || ((peek(l, 1) == '-' || peek(l, 1) == '+') && isdigit((unsigned char)peek(l, 2))))) {
		l->at += 2;
		while (isdigit((unsigned char)peek(l, 0)))
			l->at++;
	}
	t->text = sl_of(l->sql.p + start, l->at - start);
}

static void op(struct lexer *l, struct tok *t)
{
	static const char *const ops[] = { "<=>", "<<", ">>", "<=", ">=", "<>", "!=", ":=", "&&", "||", "->>", "->" };
	t->kind = TOK_OP;
	for (size_t i = 0; i < ARRAY_LEN(ops) && strchr("<>!:&|-", peek(l, 0)); i++) {
		if (sl_starts(sl_of(l->sql.p + l->at, l->sql.n - l->at), sl(ops[i]))) {
			t->text = sl_of(l->sql.p + l->at, strlen(ops[i]));
			l->at += t->text.n;
			return;
		}
	}
	t->text = sl_of(l->sql.p + l->at++, 1);
}

static void word(struct lexer *l, struct tok *t, enum tok_kind kind, size_t prefix)
{
	size_t start = l->at;
	l->at += prefix;
	while (word_char(peek(l, 0)) || (kind == TOK_SYSVAR && peek(l, 0) == '.'))
		l->at++;
	t->kind = kind;
	t->text = sl_of(l->sql.p + start, l->at - start);
	t->value = sl_from(t->text, prefix);
}

static int next(struct lexer *l, struct tok *t)
{
	char c = peek(l, 0);
	bool apostrophes;
	int base = base_of(l, &apostrophes);
	if (base)
		return bytes(l, t, base, apostrophes);
	if ((c | 0x20) == 'n' && peek(l, 1) == '\'') { /* N'text' is text */
		l->at++;
		c = '\'';
	}
	if (c == '\'' || c == '"' || c == '`')
		return quoted(l, t, c);
	if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)peek(l, 1))))
		number(l, t);
	else if (c == '@' && peek(l, 1) == '@')
		word(l, t, TOK_SYSVAR, 2);
	else if (c == '@')
		word(l, t, TOK_USERVAR, 1);
	else if (word_char(c))
		word(l, t, TOK_WORD, 0);
	else
		op(l, t);
	return 0;
}

int rds_lex(struct arena *a, struct slice sql, struct tokens *out, struct error *err)
{
	static const volatile bool never;
	return rds_lex_until(a, sql, &never, out, err);
}

int rds_lex_until(struct arena *a, struct slice sql, const volatile bool *stop, struct tokens *out, struct error *err)
{
	struct lexer l = { .a = a, .sql = sql, .err = err };
	for (;;) {
		struct tok t = { 0 };
		if (*stop)
			return RDS_LATER;
		int rc = skip_blank(&l, &t.spaced);
		if (rc)
			return rc;
		ARENA_GROW(a, l.toks, l.n + 1, l.cap); /* the end comes behind */
		if (l.at >= sql.n)
			break;
		if ((rc = next(&l, &t)))
			return rc;
		l.toks[l.n++] = t;
	}
	l.toks[l.n] = (struct tok){ .kind = TOK_END, .text = sl_of(sql.p + sql.n, 0) };
	*out = (struct tokens){ l.toks, l.n };
	return 0;
}
