#include "sparksql/lex.h"

static const struct keyword {
	const char *word;
	uint8_t n;
} keywords[] = {
#define X(word) { #word, sizeof(#word) - 1 },
	SP_KEYWORDS(X)
#undef X
};
enum { KEYWORD_MAX = 20 };

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}
static inline bool is_name(char c)
{
	char u = upper(c);
	return (u >= 'A' && u <= 'Z') || is_digit(c) || c == '_';
}

static uint16_t keyword_of(const char *p, size_t n)
{
	char u[KEYWORD_MAX];
	size_t lo = 0, hi = ARRAY_LEN(keywords);
	if (n > KEYWORD_MAX)
		return SP_T_WORD;
	for (size_t i = 0; i < n; i++)
		u[i] = upper(p[i]);
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct keyword *k = &keywords[mid];
		int c = memcmp(u, k->word, n < k->n ? n : k->n);
		if (c == 0)
			c = (int)n - k->n;
		if (c == 0)
			return (uint16_t)(SP_T_KEYWORDS + 1 + mid);
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return SP_T_WORD;
}

struct lexer {
	const char *p, *end, *at; /* whole text from p; at: the next byte */
	bool unclosed;
};

static char ahead(const struct lexer *x, size_t k)
{
	return (size_t)(x->end - x->at) > k ? x->at[k] : 0;
}

/* Behind the comment that begins at `at`, nested ones in it. */
static void skip_bracketed(struct lexer *x)
{
	int depth = 1;
	x->at += 2;
	while (x->at < x->end && depth) {
		if (*x->at == '*' && ahead(x, 1) == '/') {
			depth--;
			x->at += 2;
		} else if (*x->at == '/' && ahead(x, 1) == '*' && ahead(x, 2) != '+') {
			depth++;
			x->at += 2;
		} else {
			x->at++;
		}
	}
	if (depth)
		x->unclosed = true;
}

static void skip_line(struct lexer *x)
{
	while (x->at < x->end && *x->at != '\n' && *x->at != '\r')
		x->at += *x->at == '\\' && ahead(x, 1) == '\n' ? 2 : 1;
}

static void skip_hidden(struct lexer *x)
{
	while (x->at < x->end) {
		char c = *x->at;
		if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
			x->at++;
		else if (c == '-' && ahead(x, 1) == '-')
			skip_line(x);
		else if (c == '/' && ahead(x, 1) == '*' && ahead(x, 2) != '+')
			skip_bracketed(x);
		else
			return;
	}
}

/* Behind the exponent at `at` + k, or k. */
static size_t exponent(const struct lexer *x, size_t k)
{
	size_t n = k + 1;
	if (upper(ahead(x, k)) != 'E')
		return k;
	if (ahead(x, n) == '+' || ahead(x, n) == '-')
		n++;
	if (!is_digit(ahead(x, n)))
		return k;
	while (is_digit(ahead(x, n)))
		n++;
	return n;
}

/* A number from `at` on, or a name that begins with digits; or a lone dot. */
static uint16_t lex_number(struct lexer *x)
{
	size_t digits = 0, n, name, e;
	bool dot = false;
	uint16_t kind = SP_T_INTEGER;
	while (is_digit(ahead(x, digits)))
		digits++;
	n = digits;
	if (ahead(x, n) == '.' && (digits || is_digit(ahead(x, n + 1)))) {
		dot = true;
		for (n++; is_digit(ahead(x, n)); n++)
			;
		kind = SP_T_DECIMAL;
	}
	e = exponent(x, n);
	if (e > n)
		kind = SP_T_EXPONENT;
	n = e;
	switch (upper(ahead(x, n))) {
	case 'L':
	case 'S':
	case 'Y':
		if (dot || kind != SP_T_INTEGER)
			break;
		kind = upper(ahead(x, n)) == 'L' ? SP_T_BIGINT : upper(ahead(x, n)) == 'S' ? SP_T_SMALLINT : SP_T_TINYINT;
		n++;
		break;
	case 'F':
		kind = SP_T_FLOAT;
		n++;
		break;
	case 'D':
		kind = SP_T_DOUBLE;
		n++;
		break;
	case 'B':
		if (upper(ahead(x, n + 1)) == 'D') {
			kind = SP_T_BIGDECIMAL;
			n += 2;
		}
		break;
	default:
		break;
	}
	for (name = 0; is_name(ahead(x, name)); name++)
		;
	if (dot && is_name(ahead(x, n))) { /* no number then: `2.5W` is 2, a dot, a name */
		if (digits == 0) {
			x->at++;
			return SP_T_DOT;
		}
		x->at += name;
		return name == digits ? SP_T_INTEGER : SP_T_WORD;
	}
	if (name > n) { /* the longest match is a name */
		x->at += name;
		return SP_T_WORD;
	}
	x->at += n;
	return kind;
}

/* Quoted text from `at` on, whose opening quote is `skip` bytes ahead. Unclosed: the quote alone. */
static uint16_t lex_string(struct lexer *x, size_t skip, bool raw, uint16_t kind)
{
	char quote = ahead(x, skip);
	const char *p = x->at + skip + 1;
	for (; p < x->end; p++) {
		if (*p == quote) {
			if (quote == '`' && p + 1 < x->end && p[1] == '`') {
				p++;
				continue;
			}
			x->at = p + 1;
			return kind;
		}
		if (*p == '\\' && !raw && quote != '`' && ++p == x->end)
			break;
	}
	return SP_T_END;
}

struct sign {
	char text[4];
	uint8_t n;
	uint16_t kind;
};
static const struct sign signs[] = { /* longer ones before their beginnings */
	{ "<=>", 3, SP_T_NSEQ }, { "/*+", 3, SP_T_HINT }, { "*/", 2, SP_T_HINT_END }, { "<=", 2, SP_T_LE }, { "<>", 2, SP_T_NE },
	{ ">=", 2, SP_T_GE }, { "!=", 2, SP_T_NE }, { "!>", 2, SP_T_LE }, { "!<", 2, SP_T_GE }, { "==", 2, SP_T_EQ }, { "=>", 2, SP_T_FAT_ARROW },
	{ "->", 2, SP_T_ARROW }, { "||", 2, SP_T_CONCAT }, { "=", 1, SP_T_EQ }, { "<", 1, SP_T_LT }, { ">", 1, SP_T_GT }, { "!", 1, SP_T_BANG },
	{ ";", 1, SP_T_SEMICOLON }, { "(", 1, SP_T_OPEN }, { ")", 1, SP_T_CLOSE }, { ",", 1, SP_T_COMMA }, { ".", 1, SP_T_DOT },
	{ "[", 1, SP_T_OPEN_BRACKET }, { "]", 1, SP_T_CLOSE_BRACKET }, { "+", 1, SP_T_PLUS }, { "-", 1, SP_T_MINUS }, { "*", 1, SP_T_STAR },
	{ "/", 1, SP_T_SLASH }, { "%", 1, SP_T_PERCENT }, { "~", 1, SP_T_TILDE }, { "&", 1, SP_T_AND }, { "|", 1, SP_T_PIPE }, { "^", 1, SP_T_HAT },
	{ ":", 1, SP_T_COLON }, { "?", 1, SP_T_QUESTION },
};

static uint16_t lex_sign(struct lexer *x)
{
	size_t n = 1;
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (*x->at == signs[i].text[0] && (size_t)(x->end - x->at) >= signs[i].n && memcmp(x->at, signs[i].text, signs[i].n) == 0) {
			x->at += signs[i].n;
			return signs[i].kind;
		}
	if ((unsigned char)*x->at >= 0xc0) /* a whole character, as an error shows it */
		while (n < 4 && (ahead(x, n) & 0xc0) == 0x80)
			n++;
	x->at += n;
	return SP_T_UNKNOWN;
}

static uint16_t lex_one(struct lexer *x)
{
	const char *p = x->at;
	char c = *p;
	uint16_t kind = SP_T_END;
	if (is_digit(c) || (c == '.' && is_digit(ahead(x, 1))))
		return lex_number(x);
	if ((c == 'r' || c == 'R') && (ahead(x, 1) == '\'' || ahead(x, 1) == '"')) {
		kind = lex_string(x, 1, true, SP_T_STRING);
		if (kind != SP_T_END)
			return kind;
	}
	if (is_name(c)) {
		while (x->at < x->end && is_name(*x->at))
			x->at++;
		return keyword_of(p, (size_t)(x->at - p));
	}
	if (c == '\'')
		kind = lex_string(x, 0, false, SP_T_STRING);
	else if (c == '"')
		kind = lex_string(x, 0, false, SP_T_DSTRING);
	else if (c == '`')
		kind = lex_string(x, 0, true, SP_T_BACKQUOTED);
	return kind != SP_T_END ? kind : lex_sign(x);
}

void sp_lex(struct arena *a, struct slice sql, struct sp_tokens *out)
{
	struct lexer x = { sql.p, sql.p + sql.n, sql.p, false };
	size_t n = 0, cap = sql.n / 4 + 8;
	uint32_t open = UINT32_MAX; /* the innermost '(', its match is the one around it meanwhile */
	struct sp_token *v = arena_alloc(a, cap * sizeof(*v)), *t;
	do {
		ARENA_GROW(a, v, n, cap);
		skip_hidden(&x);
		t = &v[n];
		t->at = (uint32_t)(x.at - x.p);
		t->kind = x.at < x.end ? lex_one(&x) : SP_T_END;
		t->end = (uint32_t)(x.at - x.p);
		if (t->kind == SP_T_OPEN) {
			t->match = open;
			open = (uint32_t)n;
		} else if (t->kind == SP_T_CLOSE && open != UINT32_MAX) {
			uint32_t around = v[open].match;
			v[open].match = (uint32_t)n;
			open = around;
		}
		n++;
	} while (t->kind != SP_T_END);
	while (open != UINT32_MAX) {
		uint32_t around = v[open].match;
		v[open].match = (uint32_t)n - 1;
		open = around;
	}
	*out = (struct sp_tokens){ v, (uint32_t)n, x.unclosed };
}

struct slice sp_split(struct slice text, size_t *at)
{
	struct lexer x = { text.p, text.p + text.n, text.p + (*at < text.n ? *at : text.n), false };
	size_t begin = *at;
	if (begin >= text.n)
		return sl(NULL);
	for (skip_hidden(&x); x.at < x.end; skip_hidden(&x)) {
		if (*x.at == ';') {
			*at = (size_t)(x.at - text.p) + 1;
			return (struct slice){ text.p + begin, *at - 1 - begin };
		}
		(void)lex_one(&x);
	}
	*at = text.n;
	return (struct slice){ text.p + begin, text.n - begin };
}

bool sp_is_blank(struct slice sql)
{
	struct lexer x = { sql.p, sql.p + sql.n, sql.p, false };
	skip_hidden(&x);
	return x.at == x.end && !x.unclosed;
}

static char *put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* n hexadecimal digits at p (end: behind the text), or -1. */
static int64_t hex_of(const char *p, const char *end, int n)
{
	int64_t v = 0;
	if (end - p < n)
		return -1;
	for (int i = 0; i < n; i++) {
		char u = upper(p[i]);
		if (is_digit(u))
			v = v * 16 + (u - '0');
		else if (u >= 'A' && u <= 'F')
			v = v * 16 + (u - 'A' + 10);
		else
			return -1;
	}
	return v;
}

/* \uXXXX, two of them where they're a pair of surrogates, or \UXXXXXXXX at p (the letter). Behind it, or NULL: no such escape. */
static const char *unescape_unicode(const char *p, const char *end, char **to)
{
	int digits = *p == 'u' ? 4 : 8;
	int64_t c = hex_of(p + 1, end, digits), low;
	if (c < 0 || c > 0x10ffff)
		return NULL;
	p += 1 + digits;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
		low = hex_of(p + 2, end, 4);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			p += 6;
		}
	}
	if (c >= 0xd800 && c < 0xe000)
		c = '?'; /* as Java writes half a pair in UTF-8 */
	*to = put_utf8(*to, (uint32_t)c);
	return p;
}

/* The escape behind a backslash at p. Gives what follows it. */
static const char *unescape(const char *p, const char *end, char **to)
{
	static const char from[] = "0bnrtZ", into[] = "\0\b\n\r\t\x1a";
	const char *found;
	if (*p == 'u' || *p == 'U') {
		const char *behind = unescape_unicode(p, end, to);
		if (behind)
			return behind;
	}
	if ((*p == '0' || *p == '1') && end - p >= 3 && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' && p[2] <= '7') {
		*to = put_utf8(*to, (uint32_t)((p[0] - '0') * 64 + (p[1] - '0') * 8 + (p[2] - '0')));
		return p + 3;
	}
	if (*p == '%' || *p == '_')
		*(*to)++ = '\\';
	found = memchr(from, *p, sizeof(from) - 1);
	*(*to)++ = found ? into[found - from] : *p;
	return p + 1;
}

struct slice sp_unquote(struct arena *a, struct slice token)
{
	const char *p = token.p, *end = token.p + token.n - 1;
	char quote = *p, *out, *to;
	if (quote == 'r' || quote == 'R')
		return (struct slice){ p + 2, token.n - 3 };
	p++;
	if (!memchr(p, quote == '`' ? '`' : '\\', (size_t)(end - p)))
		return (struct slice){ p, (size_t)(end - p) };
	out = to = arena_alloc(a, 2 * token.n); /* \% grows not: a \ there was; two bytes of UTF-8 come from four */
	while (p < end) {
		if (quote == '`') {
			*to++ = *p;
			p += *p == '`' ? 2 : 1;
		} else if (*p == '\\' && p + 1 < end) {
			p = unescape(p + 1, end, &to);
		} else {
			*to++ = *p++;
		}
	}
	return (struct slice){ out, (size_t)(to - out) };
}
