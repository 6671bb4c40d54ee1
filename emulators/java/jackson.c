/* Tokens, places and error texts as Jackson's; see jackson.h. A name's value is read up to its first token together
 * with the name, and strings are read to their end only when asked for: the order of errors depends on both. */
#include "java/jackson.h"

#include "core/text.h"

#define NO_DIGIT "expected digit (0-9) to follow minus sign, for valid numeric value"
#define VALUES "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
enum { TOKEN_SHOWN_MAX = 256 };

static const char *token_name(enum jk_token t)
{
	static const char *const names[] = {
		[JK_NONE] = "null", [JK_START_OBJECT] = "START_OBJECT", [JK_END_OBJECT] = "END_OBJECT",
		[JK_START_ARRAY] = "START_ARRAY", [JK_END_ARRAY] = "END_ARRAY", [JK_FIELD_NAME] = "FIELD_NAME",
		[JK_STRING] = "VALUE_STRING", [JK_INT] = "VALUE_NUMBER_INT", [JK_FLOAT] = "VALUE_NUMBER_FLOAT",
		[JK_TRUE] = "VALUE_TRUE", [JK_FALSE] = "VALUE_FALSE", [JK_NULL] = "VALUE_NULL",
	};
	return names[t];
}

void jk_init(struct jackson *j, const struct jk_words *words, struct arena *a, struct slice input)
{
	*j = (struct jackson){ .words = words, .arena = a, .p = (const uint8_t *)input.p, .n = input.n, .line = 1 };
	j->scope = arena_alloc(a, sizeof(*j->scope));
	j->scope->entries = -1;
	j->scope->line = 1;
	if (j->n >= 3 && memcmp(j->p, "\xef\xbb\xbf", 3) == 0)
		j->at = 3;
}

static void fail_at(struct jackson *j, enum jk_error kind, int line, size_t column, const char *fmt, va_list ap)
{
	struct buf b = { 0 };
	if (j->failed)
		return;
	buf_addv(&b, fmt, ap);
	j->failed = true;
	j->token = j->ahead = JK_NONE;
	j->error = kind;
	j->message = arena_dup(j->arena, buf_slice(&b));
	j->error_line = line;
	j->error_column = column;
	buf_free(&b);
}

/* Gives JK_NONE, which is false too. */
static enum jk_token fail(struct jackson *j, enum jk_error kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
static enum jk_token fail(struct jackson *j, enum jk_error kind, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail_at(j, kind, j->line, j->at - j->row + 1, fmt, ap);
	va_end(ap);
	return JK_NONE;
}

void jk_fail_here(struct jackson *j, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail_at(j, JK_PARSE, j->line, j->at - j->row + 1, fmt, ap);
	va_end(ap);
}

void jk_fail_token(struct jackson *j, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail_at(j, JK_PARSE, j->token_line, j->token_column, fmt, ap);
	va_end(ap);
}

void jk_wrap(struct jackson *j, const char *class, const char *property, size_t index)
{
	struct slice here = property ? arena_printf(j->arena, "%s[\"%s\"]", class, property) : arena_printf(j->arena, "%s[%zu]", class, index);
	j->chain = j->chain.n ? arena_printf(j->arena, "%.*s->%.*s", SL(here), SL(j->chain)) : here;
}

static struct slice place(struct jackson *j, int line, size_t column)
{
	return arena_printf(j->arena, "[Source: %s; line: %d, column: %zu]", j->words->source, line, column);
}

struct slice jk_message(struct jackson *j)
{
	struct slice at = place(j, j->error_line, j->error_column);
	if (j->error == JK_LIMIT)
		return j->message;
	if (j->chain.n)
		return arena_printf(j->arena, "%.*s\n at %.*s (through reference chain: %.*s)", SL(j->message), SL(at), SL(j->chain));
	return arena_printf(j->arena, "%.*s\n at %.*s", SL(j->message), SL(at));
}

static enum jk_token fail_eof(struct jackson *j, const char *what)
{
	return fail(j, JK_EOF, "Unexpected end-of-input%s", what);
}

/* At the end of input in the middle of what began as the current token. */
static enum jk_token fail_eof_token(struct jackson *j)
{
	return fail(j, JK_EOF, "Unexpected end-of-input in %s", token_name(j->token));
}

static const char *scope_name(const struct jk_scope *s)
{
	return s->kind == '{' ? "Object" : s->kind == '[' ? "Array" : "root";
}

/* "'b' (code 98)" */
static struct slice char_text(struct jackson *j, uint32_t c)
{
	struct buf b = { 0 };
	struct slice s;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return arena_printf(j->arena, "(CTRL-CHAR, code %u)", c);
	buf_addc(&b, '\'');
	buf_utf8(&b, c);
	if (c > 255)
		buf_addf(&b, "' (code %u / 0x%x)", c, c);
	else
		buf_addf(&b, "' (code %u)", c);
	s = arena_dup(j->arena, buf_slice(&b));
	buf_free(&b);
	return s;
}

/* The whole character whose first byte is c and already read; errors as in Jackson. */
static bool decode(struct jackson *j, uint8_t c, uint32_t *out)
{
	int more = c < 0x80 ? 0 : (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : -1;
	uint32_t v = more == 0 ? c : more == 1 ? c & 0x1f : more == 2 ? c & 0x0f : c & 0x07;
	if (more < 0)
		return fail(j, JK_PARSE, "Invalid UTF-8 start byte 0x%x", c);
	for (; more > 0; more--) {
		if (j->at >= j->n)
			return fail_eof_token(j);
		c = j->p[j->at++];
		if ((c & 0xc0) != 0x80)
			return fail(j, JK_PARSE, "Invalid UTF-8 middle byte 0x%x", c);
		v = v << 6 | (c & 0x3f);
	}
	*out = v;
	return true;
}

/* c: a byte shown as Latin-1 in most places, as Jackson does, or a character. */
static enum jk_token fail_char(struct jackson *j, uint32_t c, const char *comment)
{
	return fail(j, JK_PARSE, "Unexpected character (%.*s): %s", SL(char_text(j, c)), comment);
}

static enum jk_token fail_number_char(struct jackson *j, uint8_t c, const char *comment)
{
	return fail(j, JK_PARSE, "Unexpected character (%.*s) in numeric value: %s", SL(char_text(j, c)), comment);
}

/* Java's isJavaIdentifierPart, near enough: every letter is one, wherever it lives in Unicode. */
static bool is_identifier(uint32_t c, bool start)
{
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
		       (!start && ((c >= '0' && c <= '9') || c <= 8 || (c >= 0x0e && c <= 0x1b) || c == 0x7f));
	return c == 0xaa || c == 0xb5 || c == 0xba ||
	       (c >= 0xc0 && c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c < 0x2c00 && c != 0x20ac) && c < 0xd800);
}

static enum jk_token fail_word(struct jackson *j, struct slice seen)
{
	struct buf b = { 0 };
	buf_addsl(&b, seen);
	while (j->at < j->n) {
		uint32_t c;
		if (!decode(j, j->p[j->at++], &c))
			break;
		if (!is_identifier(c, false))
			break;
		buf_utf8(&b, c);
		if (b.n >= TOKEN_SHOWN_MAX) {
			buf_adds(&b, "...");
			break;
		}
	}
	fail(j, JK_PARSE, "Unrecognized token '%.*s': was expecting " VALUES, SL(buf_slice(&b)));
	buf_free(&b);
	return JK_NONE;
}

/* Skips white space; the next byte, consumed, or -1 at the end of input or on error. */
static int skip_space(struct jackson *j)
{
	while (j->at < j->n) {
		uint8_t c = j->p[j->at++];
		if (c > ' ') {
			if (c != '/')
				return c;
			fail_char(j, c, "maybe a (non-standard) comment? (not recognized as one since Feature "
					"'ALLOW_COMMENTS' not enabled for parser)");
			return -1;
		}
		if (c == '\n' || c == '\r') {
			if (c == '\r' && j->at < j->n && j->p[j->at] == '\n')
				j->at++;
			j->line++;
			j->row = j->at;
		} else if (c != ' ' && c != '\t') {
			fail(j, JK_PARSE, "Illegal character (%.*s): only regular white space (\\r, \\n, \\t) is allowed between tokens",
			     SL(char_text(j, c)));
			return -1;
		}
	}
	return -1;
}

/* The same where the input may not end. */
static int skip_space_inside(struct jackson *j, enum jk_error end)
{
	int c = skip_space(j);
	if (c < 0 && !j->failed)
		fail(j, end, "Unexpected end-of-input within/between %s entries", scope_name(j->scope));
	return c;
}

static void mark_token(struct jackson *j)
{
	j->token_line = j->line;
	j->token_column = j->at - j->row;
}

/* A half of a pair that was written as an escape; behind its high half the low one makes the character. */
static void add_unit(struct buf *b, uint32_t c, uint32_t *high)
{
	bool pair = utf16_is_low(c) && *high;
	if (pair)
		b->n -= 3;
	buf_utf8(b, pair ? utf16_join(*high, c) : c);
	*high = utf16_is_high(c) ? c : 0;
}

/* After a backslash. *high: the high half that stands at the end of b, 0: none. */
static bool read_escape(struct jackson *j, struct buf *b, uint32_t *high)
{
	static const char plain[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *hit;
	uint32_t v = 0, c;
	if (j->at >= j->n)
		return fail_eof(j, " in character escape sequence");
	c = j->p[j->at++];
	hit = c ? strchr(plain, (int)c) : NULL;
	if (hit) {
		buf_addc(b, means[hit - plain]);
		*high = 0;
		return true;
	}
	if (c != 'u') {
		if (decode(j, (uint8_t)c, &v))
			fail(j, JK_PARSE, "Unrecognized character escape %.*s", SL(char_text(j, v)));
		return false;
	}
	for (int i = 0; i < 4; i++) {
		if (j->at >= j->n)
			return fail_eof(j, " in character escape sequence");
		c = j->p[j->at++];
		if (hex_digit((char)c) < 0)
			return fail_char(j, (uint8_t)c, "expected a hex-digit for character escape sequence");
		v = v << 4 | (uint32_t)hex_digit((char)c);
	}
	add_unit(b, v, high);
	return true;
}

/* From behind the opening quote to behind the closing one; borrows the input when nothing is escaped. */
static bool read_string(struct jackson *j, bool name, struct slice *out)
{
	size_t start = j->at;
	struct buf b = { 0 };
	bool copied = false, ok = false;
	uint32_t high = 0;
	if (name && j->at >= j->n)
		return fail_eof(j, ": was expecting closing '\"' for name");
	while (j->at < j->n) {
		uint8_t c = j->p[j->at++];
		uint32_t v;
		if (c == '"') {
			*out = copied ? arena_dup(j->arena, buf_slice(&b))
				      : sl_of((const char *)j->p + start, j->at - 1 - start);
			ok = true;
			break;
		}
		if (c == '\\') {
			if (!copied)
				buf_add(&b, j->p + start, j->at - 1 - start);
			copied = true;
			if (!read_escape(j, &b, &high))
				break;
			continue;
		}
		if (c < 0x20) {
			fail(j, JK_PARSE, "Illegal unquoted character (%.*s): has to be escaped using backslash to be included in %s",
			     SL(char_text(j, c)), name ? "name" : "string value");
			break;
		}
		high = 0;
		if (c >= 0x80 && !decode(j, c, &v))
			break;
		if (copied && c < 0x80)
			buf_addc(&b, (char)c);
		else if (copied)
			buf_utf8(&b, v);
	}
	buf_free(&b);
	if (ok || j->failed)
		return ok;
	return name ? fail_eof(j, " in field name") : fail_eof_token(j);
}

struct slice jk_text(struct jackson *j)
{
	if (j->lazy) {
		j->lazy = false;
		if (!read_string(j, false, &j->text))
			j->text = S("");
	}
	return j->text;
}

/* The first i bytes of the word are read. */
static enum jk_token read_word(struct jackson *j, const char *word, size_t i, enum jk_token t)
{
	size_t n = strlen(word);
	uint32_t c;
	size_t at;
	for (; i < n; i++, j->at++) {
		if (j->at >= j->n || j->p[j->at] != (uint8_t)word[i])
			return fail_word(j, sl_of(word, i));
	}
	if (j->at >= j->n || j->p[j->at] < '0' || j->p[j->at] == ']' || j->p[j->at] == '}')
		return t;
	at = j->at++;
	if (!decode(j, j->p[at], &c))
		return JK_NONE;
	if (is_identifier(c, false)) {
		/* Jackson has looked at the character's later bytes already; of ASCII there are none. */
		if (c < 0x80)
			j->at = at;
		return fail_word(j, sl_of(word, n));
	}
	j->at = at;
	return t;
}

static bool is_digit_at(const struct jackson *j)
{
	return j->at < j->n && j->p[j->at] >= '0' && j->p[j->at] <= '9';
}

/* Digits, which must not be none. */
static bool read_digits(struct jackson *j, const char *none)
{
	uint8_t c = j->p[j->at - 1];
	if (is_digit_at(j)) {
		while (is_digit_at(j))
			j->at++;
		return true;
	}
	if (j->at < j->n)
		c = j->p[j->at++];
	return fail_number_char(j, c, none);
}

/* NaN and its kin, of which the first bytes are read: understood, and refused. */
static enum jk_token odd_number(struct jackson *j, const char *word, size_t from)
{
	if (read_word(j, word, from, JK_FLOAT) == JK_NONE)
		return JK_NONE;
	return fail(j, JK_PARSE, "Non-standard token '%s': enable %s to allow", word, j->words->odd_allow);
}

/* What is no digit behind a sign. */
static enum jk_token odd_signed(struct jackson *j, bool minus, uint8_t c)
{
	if (c == 'I') {
		if (j->at >= j->n)
			return fail_eof(j, " in a Number value");
		c = j->p[j->at++];
		if (c == 'N' || c == 'n')
			return odd_number(j, c == 'N' ? minus ? "-INF" : "+INF" : minus ? "-Infinity" : "+Infinity", 3);
	}
	if (!minus && j->words->plus)
		return fail_number_char(j, '+', j->words->plus);
	return fail_number_char(j, c, NO_DIGIT);
}

/* c, the first character, is read. */
static enum jk_token read_number(struct jackson *j, uint8_t c)
{
	size_t start = j->at - 1;
	enum jk_token t = JK_INT;
	bool minus = c == '-', zeros = false;
	if (c == '-') {
		if (j->at >= j->n)
			return fail_eof_token(j);
		c = j->p[j->at++];
		if (c < '0' || c > '9')
			return odd_signed(j, true, c);
	}
	if (c == '0' && is_digit_at(j)) {
		if (!j->words->zeros)
			return fail(j, JK_PARSE, "Invalid numeric value: Leading zeroes not allowed");
		zeros = true;
		while (is_digit_at(j) && j->p[j->at - 1] == '0')
			j->at++;
		start = j->at - 1;
	}
	while (is_digit_at(j))
		j->at++;
	if (j->at < j->n && j->p[j->at] == '.') {
		t = JK_FLOAT;
		j->at++;
		if (!read_digits(j, "Decimal point not followed by a digit"))
			return JK_NONE;
	}
	if (j->at < j->n && (j->p[j->at] == 'e' || j->p[j->at] == 'E')) {
		t = JK_FLOAT;
		j->at++;
		if (j->at < j->n && (j->p[j->at] == '+' || j->p[j->at] == '-'))
			j->at++;
		if (j->at >= j->n)
			return fail_eof_token(j);
		if (!read_digits(j, "Exponent indicator not followed by a digit"))
			return JK_NONE;
	}
	j->text = sl_of((const char *)j->p + start, j->at - start);
	if (zeros && minus)
		j->text = arena_printf(j->arena, "-%.*s", SL(j->text));
	if (j->scope->kind == 0 && j->at < j->n && j->p[j->at] > ' ') {
		j->at++;
		return fail_char(j, j->p[j->at - 1], "Expected space separating root-level values");
	}
	if (j->words->number_max && j->text.n > j->words->number_max)
		return fail(j, JK_LIMIT, "Number value length (%zu) exceeds the maximum allowed (%zu, from `StreamReadConstraints.getMaxNumberLength()`)",
			    j->text.n, j->words->number_max);
	return t;
}

static enum jk_token odd_value(struct jackson *j, uint8_t c)
{
	char text[4];
	if (c == '}' || c == ',' || (c == ']' && j->scope->kind == '['))
		return fail_char(j, c, "expected a value");
	if (c == 'N')
		return odd_number(j, "NaN", 1);
	if (c == 'I')
		return odd_number(j, "Infinity", 1);
	if (c == '+' && j->at >= j->n)
		return fail_eof(j, " in a Number value");
	if (c == '+')
		return odd_signed(j, false, j->p[j->at++]);
	if (is_identifier(c, true))
		return fail_word(j, sl_of(text, utf8_put(text, c)));
	return fail_char(j, c, "expected a valid value " VALUES);
}

/* First token of a value whose first byte is read. */
static enum jk_token read_value(struct jackson *j, uint8_t c)
{
	switch (c) {
	case '"':
		return JK_STRING;
	case '{':
		return JK_START_OBJECT;
	case '[':
		return JK_START_ARRAY;
	case 't':
		return read_word(j, "true", 1, JK_TRUE);
	case 'f':
		return read_word(j, "false", 1, JK_FALSE);
	case 'n':
		return read_word(j, "null", 1, JK_NULL);
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return read_number(j, c);
		return odd_value(j, c);
	}
}

/* A value's token becomes current; arrays and objects open a scope. */
static enum jk_token enter(struct jackson *j, enum jk_token t)
{
	if (t == JK_START_OBJECT || t == JK_START_ARRAY) {
		struct jk_scope *s = arena_alloc(j->arena, sizeof(*s));
		s->up = j->scope;
		s->kind = t == JK_START_OBJECT ? '{' : '[';
		s->entries = -1;
		s->line = j->token_line;
		s->column = j->token_column;
		j->scope = s;
		if (++j->depth > j->words->depth_max)
			return fail(j, JK_LIMIT, "Document nesting depth (%d) exceeds the maximum allowed (%d, from `StreamReadConstraints.getMaxNestingDepth()`)",
				    j->depth, j->words->depth_max);
	}
	if (!j->failed) {
		j->token = t;
		j->lazy = t == JK_STRING;
	}
	return t;
}

static enum jk_token leave(struct jackson *j, uint8_t c)
{
	char want = c == ']' ? '[' : '{';
	struct jk_scope *s = j->scope;
	mark_token(j);
	if (s->kind != want)
		return fail(j, JK_PARSE, "Unexpected close marker '%c': expected '%c' (for %s starting at %.*s)", c, c == ']' ? '}' : ']',
			    scope_name(s), SL(place(j, s->line, s->column)));
	j->scope = s->up;
	j->depth--;
	return j->token = c == ']' ? JK_END_ARRAY : JK_END_OBJECT;
}

static enum jk_token read_name(struct jackson *j, uint8_t c)
{
	struct slice name;
	uint32_t odd;
	int i;
	enum jk_token ahead;
	if (c != '"') {
		if (decode(j, c, &odd))
			fail_char(j, odd & 0xffff, "was expecting double-quote to start field name");
		return JK_NONE;
	}
	if (!read_string(j, true, &name))
		return JK_NONE;
	j->token = JK_FIELD_NAME;
	i = skip_space_inside(j, JK_EOF);
	if (i >= 0 && i != ':')
		return fail_char(j, (uint8_t)i, "was expecting a colon to separate field name and value");
	if (i >= 0)
		i = skip_space_inside(j, JK_EOF);
	if (i < 0)
		return JK_NONE;
	mark_token(j);
	ahead = read_value(j, (uint8_t)i);
	if (j->failed)
		return JK_NONE;
	j->ahead = ahead;
	j->ahead_text = j->text;
	j->text = name;
	return JK_FIELD_NAME;
}

enum jk_token jk_next(struct jackson *j)
{
	int c;
	if (j->failed)
		return JK_NONE;
	if (j->token == JK_FIELD_NAME) {
		enum jk_token t = j->ahead;
		j->ahead = JK_NONE;
		j->text = j->ahead_text;
		return enter(j, t);
	}
	if (j->lazy)
		(void)jk_text(j);
	c = j->failed ? -1 : skip_space(j);
	if (j->failed)
		return JK_NONE;
	if (c < 0) {
		if (j->scope->kind == 0)
			return j->token = JK_NONE;
		return fail(j, JK_EOF, "Unexpected end-of-input: expected close marker for %s (start marker at %.*s)", scope_name(j->scope),
			    SL(place(j, j->scope->line, j->scope->column)));
	}
	if (c == ']' || c == '}')
		return leave(j, (uint8_t)c);
	if (++j->scope->entries > 0 && j->scope->kind) {
		if (c != ',')
			return fail_char(j, (uint8_t)c, j->scope->kind == '{'
							? "was expecting comma to separate Object entries"
							: "was expecting comma to separate Array entries");
		c = skip_space_inside(j, JK_PARSE);
		if (c < 0)
			return JK_NONE;
	}
	mark_token(j);
	if (j->scope->kind == '{')
		return read_name(j, (uint8_t)c);
	return enter(j, read_value(j, (uint8_t)c));
}
