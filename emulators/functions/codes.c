/* Texts and bytes in other codings: base64, charsets, URLs; texts to maps. */
#include "functions/text.h"
#include "java/regex.h"
#include "java/text.h"

#define STRING (&sp_types[SP_STRING])
#define BINARY (&sp_types[SP_BINARY])

/* Fails as a plain exception of Java's. */
static int throw(struct sp_call *c, const char *java, const char *text)
{
	sp_fail(&c->run->err, SP_E_RUN, "", "", "%s", text);
	c->run->err.java = java;
	return 1;
}

/* ---- base64, in lines of 76 as MIME has it ---- */

static int base64(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < a[0].s.n; i += 57) {
		if (i)
			buf_adds(&b, "\r\n");
		buf_base64(&b, a[0].s.p + i, a[0].s.n - i < 57 ? a[0].s.n - i : 57);
	}
	return sp_text_done(c, &b, out);
}

static int six_bits(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* java.util.Base64's decoder for MIME: what is no letter of it is passed. NULL, or what it throws. */
static const char *decode_mime(struct slice s, struct buf *b, size_t *at)
{
	uint32_t bits = 0;
	int n = 0;
	size_t i = 0;
	while (i < s.n) {
		char ch = s.p[i++];
		int v = six_bits(ch);
		if (ch == '=') {
			if (n == 0 || (n == 2 && (i == s.n || s.p[i++] != '=')))
				return "Input byte array has wrong 4-byte ending unit";
			break;
		}
		if (v < 0)
			continue;
		bits = bits << 6 | (uint32_t)v;
		if (++n == 4) {
			buf_u24le(b, (bits & 0xff) << 16 | (bits & 0xff00) | bits >> 16);
			bits = 0;
			n = 0;
		}
	}
	if (n == 1)
		return "Last unit does not have enough valid bits";
	if (n > 1)
		buf_u8(b, (uint8_t)(n == 2 ? bits >> 4 : bits >> 10));
	if (n == 3)
		buf_u8(b, (uint8_t)(bits >> 2));
	while (i < s.n)
		if (six_bits(s.p[i++]) >= 0) {
			*at = i;
			return "Input byte array has incorrect ending byte at ";
		}
	return NULL;
}

static int unbase64(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct buf b = { 0 };
	char text[80];
	size_t at = 0;
	const char *wrong = decode_mime(a[0].s, &b, &at);
	if (!wrong)
		return sp_text_done(c, &b, out);
	buf_free(&b);
	snprintf(text, sizeof(text), at ? "%s%zu" : "%s", wrong, at);
	return throw(c, "java.lang.IllegalArgumentException", text);
}

/* ---- to_binary ---- */

static bool is_base64(struct slice s)
{
	size_t letters = 0, pads = 0;
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];
		if (six_bits(ch) >= 0 && !pads)
			letters++;
		else if (ch == '=' && pads < 2)
			pads++;
		else if (ch != ' ' && (ch < '\t' || ch > '\r'))
			return false;
	}
	return pads ? (letters + pads) % 4 == 0 : letters % 4 != 1;
}

static bool from_hex(struct slice s, struct buf *b)
{
	size_t i = 0;
	if (s.n % 2) {
		int d = hex_digit(s.p[i++]);
		if (d < 0)
			return false;
		buf_u8(b, (uint8_t)d);
	}
	for (; i + 1 < s.n; i += 2) {
		int high = hex_digit(s.p[i]), low = hex_digit(s.p[i + 1]);
		if (high < 0 || low < 0)
			return false;
		buf_u8(b, (uint8_t)(high << 4 | low));
	}
	return true;
}

static int to_binary(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice how = c->e->arg_n > 1 ? a[1].s : S("hex");
	bool hex = sl_eq_nocase(how, S("hex"));
	struct buf b = { 0 };
	size_t at;
	if (!hex && !sl_eq_nocase(how, S("base64"))) {
		out->s = a[0].s;
		return 0;
	}
	if (hex ? from_hex(a[0].s, &b) : is_base64(a[0].s) && !decode_mime(a[0].s, &b, &at))
		return sp_text_done(c, &b, out);
	buf_free(&b);
	out->null = true;
	if (c->e->fn->name[1] == 'r') /* try_ */
		return 0;
	return sp_fail(&c->run->err, SP_E_RUN, "CONVERSION_INVALID_INPUT", "22018",
		       "The value '%.*s' ('%s') cannot be converted to \"BINARY\" because it is malformed. Correct the value as per the syntax, "
		       "or change its format. Use `try_to_binary` to tolerate malformed input and return NULL instead.",
		       SL(a[0].s), hex ? "HEX" : "BASE64");
}

static const struct sp_type *to_binary_type(struct sp_resolve *x)
{
	struct sp_value v;
	if (sp_resolve_cast(x, 0, STRING) || (x->e->arg_n > 1 && (sp_resolve_cast(x, 1, STRING) || sp_resolve_const(x, 1, &v))))
		return NULL;
	if (x->e->arg_n < 2 || v.null || sl_eq_nocase(v.s, S("hex")) || sl_eq_nocase(v.s, S("utf-8")) || sl_eq_nocase(v.s, S("utf8")) ||
	    sl_eq_nocase(v.s, S("base64")))
		return BINARY;
	(void)sp_resolve_mismatch(x, "INVALID_ARG_VALUE",
				  "The fmt value must to be a case-insensitive \"STRING\" literal of 'hex', 'utf-8', 'utf8', or 'base64', but got '%.*s'.", SL(v.s));
	return NULL;
}

/* ---- charsets ---- */

enum charset { CS_NONE, CS_ASCII, CS_LATIN1, CS_UTF8, CS_UTF16, CS_UTF16BE, CS_UTF16LE };
static const struct {
	const char *name;
	enum charset is;
} charsets[] = {
	{ "US-ASCII", CS_ASCII }, { "ASCII", CS_ASCII }, { "ISO-8859-1", CS_LATIN1 }, { "ISO8859_1", CS_LATIN1 }, { "latin1", CS_LATIN1 },
	{ "UTF-8", CS_UTF8 }, { "UTF8", CS_UTF8 }, { "UTF-16", CS_UTF16 }, { "UTF16", CS_UTF16 }, { "UTF-16BE", CS_UTF16BE },
	{ "UTF-16LE", CS_UTF16LE },
};
/* Others that Java has. */
static const char *const unserved[] = { "windows-", "cp", "ibm", "iso-8859", "koi8", "utf-32", "utf_32", "shift", "sjis", "euc", "gb", "big5", "x-", "iso-2022", "tis", "ms" };

static int charset_of(struct sp_call *c, struct slice name, enum charset *out)
{
	for (size_t i = 0; i < ARRAY_LEN(charsets); i++)
		if (sl_eq_nocase(name, sl(charsets[i].name))) {
			*out = charsets[i].is;
			return 0;
		}
	for (size_t i = 0; i < ARRAY_LEN(unserved); i++)
		if (sl_starts_nocase(name, sl(unserved[i])))
			return sp_fail(&c->run->err, SP_E_UNSERVED, "", "", "The charset %.*s of `%s` isn't served.", SL(name), c->e->fn->name);
	sp_fail(&c->run->err, SP_E_RUN, "", "", "%.*s", SL(name));
	c->run->err.java = "java.io.UnsupportedEncodingException";
	return 1;
}

static void put_unit(struct buf *b, bool little, uint32_t u)
{
	if (little)
		buf_u16le(b, (uint16_t)u);
	else
		buf_u16be(b, (uint16_t)u);
}

static int encode(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	enum charset to;
	struct buf b = { 0 };
	if (charset_of(c, a[1].s, &to))
		return 1;
	out->s = a[0].s;
	if (to == CS_UTF8)
		return 0;
	if (to == CS_UTF16 && a[0].s.n)
		buf_u16be(&b, 0xfeff);
	for (size_t i = 0; i < a[0].s.n;) {
		uint32_t ch = java_next(a[0].s, &i);
		if (to <= CS_LATIN1) {
			buf_u8(&b, ch < (to == CS_ASCII ? 0x80 : 0x100) ? (uint8_t)ch : '?');
		} else if (ch >= 0x10000) {
			put_unit(&b, to == CS_UTF16LE, utf16_high(ch));
			put_unit(&b, to == CS_UTF16LE, utf16_low(ch));
		} else {
			put_unit(&b, to == CS_UTF16LE, ch);
		}
	}
	return sp_text_done(c, &b, out);
}

static void from_utf16(struct buf *b, struct slice s, enum charset from)
{
	bool little = from == CS_UTF16LE;
	size_t i = 0;
	uint32_t high = 0;
	if (from == CS_UTF16 && s.n >= 2 && ((unsigned char)s.p[0] ^ (unsigned char)s.p[1]) == 1 && ((unsigned char)s.p[0] | 1) == 0xff) {
		little = (unsigned char)s.p[0] == 0xff;
		i = 2;
	}
	for (; i + 1 < s.n; i += 2) {
		uint32_t u = (uint32_t)(unsigned char)s.p[i + little] << 8 | (unsigned char)s.p[i + !little];
		if (high && utf16_is_low(u)) {
			buf_utf8(b, utf16_join(high, u));
			high = 0;
			continue;
		}
		if (high)
			buf_utf8(b, 0xfffd);
		high = utf16_is_high(u) ? u : 0;
		if (!high)
			buf_utf8(b, utf16_is_low(u) ? 0xfffd : u);
	}
	if (high || i < s.n)
		buf_utf8(b, 0xfffd);
}

static int decode_bytes(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	enum charset from;
	struct buf b = { 0 };
	out->null = a[0].null || a[1].null;
	if (out->null)
		return 0;
	if (charset_of(c, a[1].s, &from))
		return 1;
	if (from == CS_UTF8) {
		out->s = java_decode(c->run->batch, a[0].s);
		return 0;
	}
	if (from > CS_UTF8)
		from_utf16(&b, a[0].s, from);
	for (size_t i = 0; from <= CS_LATIN1 && i < a[0].s.n; i++) {
		unsigned char ch = (unsigned char)a[0].s.p[i];
		buf_utf8(&b, from == CS_ASCII && ch >= 0x80 ? 0xfffd : ch);
	}
	return sp_text_done(c, &b, out);
}

/* decode(binary, charset), or Oracle's decode(x, a, result, b, result ..., default). */
static int decode(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	size_t n = c->e->arg_n;
	const struct sp_type *t = c->e->args[0]->type;
	if (n == 2)
		return decode_bytes(c, a, out);
	for (size_t i = 1; i + 1 < n; i += 2)
		if (a[0].null ? a[i].null : !a[i].null && sp_compare(t, &a[0], &a[i]) == 0) {
			*out = a[i + 1];
			return 0;
		}
	*out = n % 2 ? SP_NULL_VALUE : a[n - 1];
	return 0;
}

/* A copy of the call with the arguments that i, i + by ... stand for, whose common type is found and to which they are cast. */
static const struct sp_type *common_of(struct sp_resolve *x, const size_t *which, size_t n)
{
	struct sp_expr few = *x->e, *whole = x->e;
	const struct sp_type *t;
	few.args = arena_alloc(x->arena, (n + 1) * sizeof(*few.args));
	few.arg_n = n;
	for (size_t i = 0; i < n; i++)
		few.args[i] = whole->args[which[i]];
	x->e = &few;
	t = sp_resolve_common(x, 0, n);
	x->e = whole;
	for (size_t i = 0; t && i < n; i++)
		whole->args[which[i]] = few.args[i];
	return t;
}

static const struct sp_type *decode_type(struct sp_resolve *x)
{
	size_t n = x->e->arg_n, *keys, *results, key_n = 0, result_n = 0;
	if (n < 2) {
		sp_fail(x->err, SP_E_ANALYSIS, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605",
			"The `decode` requires 2 parameters but the actual number is %zu. Please, refer to "
			"'https://spark.apache.org/docs/latest/sql-ref-functions.html' for a fix.",
			n);
		sp_fail_at(x->err, x->e->from, x->e->to);
		return NULL;
	}
	if (n == 2)
		return sp_resolve_cast(x, 0, BINARY) || sp_resolve_cast(x, 1, STRING) ? NULL : STRING;
	keys = arena_alloc(x->arena, n * sizeof(*keys));
	results = arena_alloc(x->arena, n * sizeof(*results));
	keys[key_n++] = 0;
	for (size_t i = 1; i < n; i++) {
		if (i % 2 && i + 1 < n)
			keys[key_n++] = i;
		else
			results[result_n++] = i;
	}
	x->e->nullable = n % 2; /* nothing otherwise */
	for (size_t i = 0; i < result_n; i++)
		x->e->nullable |= x->e->args[results[i]]->nullable;
	return common_of(x, keys, key_n) ? common_of(x, results, result_n) : NULL;
}

/* ---- URLs ---- */

static int url_encode(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < a[0].s.n; i++) {
		char ch = a[0].s.p[i];
		bool plain = (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z' && !(ch & 0x80)) || (ch && strchr("-_.*", ch));
		if (plain || ch == ' ')
			buf_addc(&b, ch == ' ' ? '+' : ch);
		else
			buf_addf(&b, "%%%02X", (unsigned char)ch);
	}
	return sp_text_done(c, &b, out);
}

static int url_decode(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s;
	struct buf b = { 0 };
	for (size_t i = 0; i < s.n; i++) {
		int high, low;
		if (s.p[i] != '%') {
			buf_addc(&b, s.p[i] == '+' ? ' ' : s.p[i]);
			continue;
		}
		high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
		if (high < 0 || low < 0) {
			buf_free(&b);
			return sp_fail(&c->run->err, SP_E_RUN, "CANNOT_DECODE_URL", "22546",
				       "The provided URL cannot be decoded: %.*s. Please ensure that the URL is properly formatted and try again.", SL(s));
		}
		buf_u8(&b, (uint8_t)(high << 4 | low));
		i += 2;
	}
	if (sp_text_done(c, &b, out))
		return 1;
	out->s = java_decode(c->run->batch, out->s);
	return 0;
}

/* ---- str_to_map ---- */

struct splitter {
	struct java_regex pair, key;
	struct arena arena;
	struct buf pair_text, key_text;
	bool open;
};

static void splitter_close(struct splitter *p)
{
	if (p->open) {
		java_regex_free(&p->pair);
		java_regex_free(&p->key);
	}
	arena_reset(&p->arena);
	p->open = false;
}

static void splitter_free(void *state)
{
	struct splitter *p = state;
	splitter_close(p);
	arena_free(&p->arena);
	buf_free(&p->pair_text);
	buf_free(&p->key_text);
}

static int splitter_open(struct sp_call *c, struct splitter *p, struct slice pair, struct slice key)
{
	struct error err;
	if (p->open && sl_eq(buf_slice(&p->pair_text), pair) && sl_eq(buf_slice(&p->key_text), key))
		return 0;
	splitter_close(p);
	buf_reset(&p->pair_text);
	buf_addsl(&p->pair_text, pair);
	buf_reset(&p->key_text);
	buf_addsl(&p->key_text, key);
	if (java_regex_open(&p->pair, &p->arena, pair, JAVA_REGEX_EXACT, &err)) {
		java_regex_free(&p->pair);
		return throw(c, "java.util.regex.PatternSyntaxException", err.text);
	}
	p->open = true;
	return java_regex_open(&p->key, &p->arena, key, JAVA_REGEX_EXACT, &err) ? throw(c, "java.util.regex.PatternSyntaxException", err.text) : 0;
}

/* The next part of *rest up to a match; *rest is absent behind the last. false: the pattern takes too long. */
static bool cut(struct java_regex *x, bool empty, struct slice *rest, struct slice *part)
{
	struct slice s = *rest;
	int rc = 0;
	if (empty && s.n) { /* an empty pattern parts all characters */
		size_t n = sp_char_len(s.p[0]);
		n = n < s.n ? n : s.n;
		*part = sl_of(s.p, n);
		*rest = n < s.n ? sl_from(s, n) : sl(NULL);
		return true;
	}
	for (size_t from = 0; from <= s.n && (rc = java_regex_find(x, s, from)) > 0 && !x->found[1]; from = java_regex_behind(x, s))
		;
	rc = rc > 0 && !x->found[1] ? 0 : rc;
	*part = rc > 0 ? sl_of(s.p, x->found[0]) : s;
	*rest = rc > 0 ? sl_from(s, x->found[1]) : sl(NULL);
	return rc >= 0;
}

static int str_to_map(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct splitter *p = c->state;
	struct slice rest = a[0].s, pair, key;
	struct sp_value *items = NULL;
	struct sp_list *list;
	size_t n = 0, cap = 0;
	bool last_wins = c->run->cx->conf && sl_eq_nocase(c->run->cx->conf(c->run->cx->self, "spark.sql.mapKeyDedupPolicy"), S("LAST_WIN"));
	if (splitter_open(c, p, a[1].s, a[2].s))
		return 1;
	rest.p = rest.p ? rest.p : "";
	while (rest.p) {
		size_t at;
		if (!cut(&p->pair, !a[1].s.n, &rest, &pair) || !cut(&p->key, !a[2].s.n, &pair, &key))
			return sp_fail(&c->run->err, SP_E_LIMIT, "", "", "A pattern of str_to_map tries too much on one text.");
		if (pair.p && !a[2].s.n) /* and of what is left only the next one is the value */
			pair = sl_of(pair.p, sp_char_len(pair.p[0]) < pair.n ? sp_char_len(pair.p[0]) : pair.n);
		if (n > 1000 && sp_run_check(c->run, n / 32))
			return 1;
		for (at = 0; at < n && !sl_eq(items[at].s, key); at += 2)
			;
		if (at < n && !last_wins)
			return sp_fail(&c->run->err, SP_E_RUN, "DUPLICATED_MAP_KEY", "23505",
				       "Duplicate map key %.*s was found, please check the input data. If you want to remove the duplicated keys, you can "
				       "set \"spark.sql.mapKeyDedupPolicy\" to \"LAST_WIN\" so that the key inserted at last takes precedence.",
				       SL(key));
		if (at == n)
			for (int i = 0; i < 2; i++) {
				ARENA_GROW(c->run->batch, items, n, cap);
				items[n++] = (struct sp_value){ .s = key };
			}
		items[at + 1] = pair.p ? (struct sp_value){ .s = pair } : SP_NULL_VALUE;
	}
	list = sp_list_new(c->run->batch, n);
	memcpy(list->items, items, n * sizeof(*items));
	out->list = list;
	return 0;
}

#define G "string_funcs"
const struct sp_function sp_codes[] = {
	{ "base64", "binary", "string", .row = base64, .group = G, .doc = "base64(binary): as text in base64" },
	{ "unbase64", "string", "binary", .row = unbase64, .group = G, .doc = "unbase64(text): what the base64 stands for" },
	{ "to_binary", "string string?", .row = to_binary, .resolve = to_binary_type, .flags = SP_F_MAYBE, .group = G,
	  .doc = "to_binary(text[, format]): bytes of hex, base64 or utf-8" },
	{ "try_to_binary", "string string?", .row = to_binary, .resolve = to_binary_type, .flags = SP_F_MAYBE, .group = G,
	  .doc = "try_to_binary(text[, format]): bytes of hex, base64 or utf-8, NULL for what isn't" },
	{ "encode", "string string", "binary", .row = encode, .group = G, .doc = "encode(text, charset): its bytes" },
	{ "decode", "any*", .row = decode, .resolve = decode_type, .flags = SP_F_NULLS | SP_F_MAYBE, .group = G,
	  .doc = "decode(binary, charset): its text; decode(x, a, result, b, result ...[, other]): the result beside the value that x is" },
	{ "url_encode", "string", "string", .row = url_encode, .group = "url_funcs", .doc = "url_encode(text): as in a form's query" },
	{ "url_decode", "string", "string", .row = url_decode, .group = "url_funcs", .doc = "url_decode(text): back from a form's query" },
	{ "str_to_map", "any any? any?", "map<string,string>", .row = str_to_map, .resolve = sp_strict_texts, .defaults = "',',':'", .state_size = sizeof(struct splitter),
	  .state_free = splitter_free, .group = "map_funcs", .doc = "str_to_map(text[, pairs by[, key by]]): a map of its pairs" },
	{ NULL },
};
