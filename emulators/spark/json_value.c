/* Documents to values of a type, as JacksonParser converts them. */
#include <errno.h>

#include "core/text.h"
#include "java/text.h"
#include "spark/decimal.h"
#include "spark/json_value.h"

enum { FINE, WRONG /* the value isn't of its type: it is taken, and NULL */, BROKEN /* no JSON, or err is set */ };

/* ---- options ---- */

void sp_json_defaults(struct sp_json_options *o, const struct sp_context *cx)
{
	struct slice name = cx && cx->conf ? cx->conf(cx->self, "spark.sql.columnNameOfCorruptRecord") : sl(NULL);
	*o = (struct sp_json_options){ .zone = cx ? cx->zone : NULL, .corrupt = name.p ? name : S("_corrupt_record"),
				       .policy = cx ? sp_time_policy_of(cx) : SP_POLICY_EXCEPTION, .now_us = cx ? cx->now_us : 0 };
	if (cx && cx->conf)
		o->keep_nulls = sl_eq_nocase(cx->conf(cx->self, "spark.sql.jsonGenerator.ignoreNullFields"), S("false"));
}

#define AT(member) offsetof(struct sp_json_options, member)
static const struct {
	const char *name;
	char kind;   /* 'b': boolean; 'n': boolean that is turned round; 's': text */
	size_t at;
} options[] = {
	{ "multiLine", 'b', AT(multi_line) },
	{ "wholeFile", 'b', AT(multi_line) },
	{ "primitivesAsString", 'b', AT(primitives_as_string) },
	{ "prefersDecimal", 'b', AT(prefers_decimal) },
	{ "dropFieldIfAllNull", 'b', AT(drop_all_null) },
	{ "inferTimestamp", 'b', AT(infer_timestamp) },
	{ "allowComments", 'b', AT(comments) },
	{ "allowUnquotedFieldNames", 'b', AT(unquoted_names) },
	{ "allowSingleQuotes", 'n', AT(no_single_quotes) },
	{ "allowNumericLeadingZeros", 'b', AT(leading_zeros) },
	{ "allowBackslashEscapingAnyCharacter", 'b', AT(backslash_any) },
	{ "allowNonNumericNumbers", 'n', AT(no_nan) },
	{ "allowUnquotedControlChars", 'b', AT(control_chars) },
	{ "ignoreNullFields", 'n', AT(keep_nulls) },
	{ "pretty", 'b', AT(pretty) },
	{ "columnNameOfCorruptRecord", 's', AT(corrupt) },
	{ "timestampFormat", 's', AT(timestamp_format) },
	{ "timestampNTZFormat", 's', AT(ntz_format) },
	{ "dateFormat", 's', AT(date_format) },
	{ "lineSep", 's', AT(line_sep) },
};

int sp_option_mode(struct slice value, enum sp_read_mode *mode)
{
	/* One that isn't known is PERMISSIVE. */
	*mode = sl_eq_nocase(value, S("DROPMALFORMED")) ? SP_DROP : sl_eq_nocase(value, S("FAILFAST")) ? SP_FAILFAST : SP_PERMISSIVE;
	return 0;
}

int sp_option_flag(struct slice name, struct slice value, bool turned, bool *flag, struct sp_error *err)
{
	if (!sl_eq_nocase(value, S("true")) && !sl_eq_nocase(value, S("false"))) {
		sp_fail(err, SP_E_RUN, "", "", "For input string: \"%.*s\"", SL(value));
		err->java = "java.lang.IllegalArgumentException";
		return 1;
	}
	*flag = sl_eq_nocase(value, S("true")) != turned;
	return 0;
}

int sp_json_option(struct sp_json_options *o, struct slice name, struct slice value, struct sp_error *err)
{
	if (sl_eq_nocase(name, S("mode")))
		return sp_option_mode(value, &o->mode);
	if (sl_eq_nocase(name, S("timeZone"))) {
		o->zone_name = value;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		void *at = (char *)o + options[i].at;
		if (!sl_eq_nocase(name, sl(options[i].name)))
			continue;
		if (options[i].kind != 's')
			return sp_option_flag(name, value, options[i].kind == 'n', at, err);
		*(struct slice *)at = value;
		return 0;
	}
	return 0;
}

/* ---- times ---- */

int sp_times_make(struct sp_times *t, struct arena *keep, const struct sp_json_options *o, enum sp_pattern_use use, struct sp_error *err)
{
	const struct { struct slice format; struct sp_pattern **to; } all[] = {
		{ o->timestamp_format, &t->timestamp }, { o->ntz_format, &t->ntz }, { o->date_format, &t->date }
	};
	t->zone = o->zone;
	t->now_us = o->now_us;
	t->policy = o->policy;
	if (o->zone_name.p) {
		t->zone = sp_zone_make(keep, o->zone_name);
		if (!t->zone) {
			sp_fail(err, SP_E_RUN, "", "", "Unknown time-zone ID: %.*s", SL(o->zone_name));
			err->java = "java.time.zone.ZoneRulesException";
			return 1;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		*all[i].to = all[i].format.p ? sp_pattern_make(keep, all[i].format, use, o->policy, err) : NULL;
		if (all[i].format.p && !*all[i].to)
			return 1;
	}
	return 0;
}

static int matched(int rc, const struct sp_times *t, struct slice s, struct sp_error *err)
{
	if (rc < 0 && t->policy == SP_POLICY_EXCEPTION) {
		(void)sp_pattern_upgrade(err, s);
		return -1;
	}
	return rc > 0;
}

/* Days as an old Spark wrote them. */
static bool old_days(struct slice s, int32_t *days)
{
	int64_t v;
	struct slice digits = s.n && (s.p[0] == '+') ? sl_from(s, 1) : s;
	if (!sl_int(digits, INT32_MIN, INT32_MAX, &v))
		return false;
	*days = (int32_t)v;
	return true;
}

int sp_times_read(const struct sp_times *t, enum sp_kind kind, struct slice s, struct sp_value *out, struct sp_error *err)
{
	int32_t days;
	int rc;
	if (kind == SP_DATE) {
		rc = t->date ? matched(sp_pattern_date(t->date, s, &days), t, s, err) : sp_text_date(s, &days) || old_days(s, &days);
		if (rc > 0)
			out->i = days;
		return rc;
	}
	if (kind == SP_TIMESTAMP)
		return t->timestamp ? matched(sp_pattern_timestamp(t->timestamp, s, t->zone, &out->i), t, s, err) :
				      sp_text_timestamp(s, t->zone, t->now_us, &out->i);
	return t->ntz ? matched(sp_pattern_ntz(t->ntz, s, false, &out->i), t, s, err) : sp_text_timestamp_ntz(s, false, &out->i);
}

/* ---- scalars ---- */

struct sp_json_parser {
	struct sp_jx x;
	struct sp_json_options o;
	struct sp_times times;
	const struct sp_type *type;
	ssize_t corrupt;     /* field of a struct that gets wrong texts; -1: none */
	size_t guess;
	struct buf room;
	struct arena *a;     /* of the current document's values */
	struct sp_error *err;
	bool wrong;          /* something in the document was */
	bool files;          /* an array at the top is records */
};

static const struct { int64_t least, most; } ranges[] = {
	[SP_TINYINT] = { -128, 255 }, [SP_SMALLINT] = { INT16_MIN, INT16_MAX }, [SP_INT] = { INT32_MIN, INT32_MAX },
	[SP_BIGINT] = { INT64_MIN, INT64_MAX },
};

double sp_json_double(struct slice s)
{
	static const double tens[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
				       1e20, 1e21, 1e22 };
	char z[64], *copy;
	uint64_t digits = 0;
	size_t n = 0, point = 0, i = 0;
	bool minus = s.n && s.p[0] == '-';
	double d;
	/* Up to 15 digits and a power of ten that a double holds: one division is right to the last bit. */
	for (i = minus; i < s.n; i++) {
		if (s.p[i] == '.' && !point)
			point = i + 1;
		else if (s.p[i] >= '0' && s.p[i] <= '9' && n++ < 16)
			digits = digits * 10 + (uint64_t)(s.p[i] - '0');
		else
			break;
	}
	if (i == s.n && n && n <= 15) {
		d = (double)digits / tens[point ? s.n - point : 0];
		return minus ? -d : d;
	}
	if (s.n < sizeof(z)) {
		memcpy(z, s.p, s.n);
		z[s.n] = '\0';
		return strtod(z, NULL);
	}
	copy = xstrndup(s.p, s.n);
	d = strtod(copy, NULL);
	free(copy);
	return d;
}

static int real_value(struct sp_json_parser *p, const struct sp_type *t, struct sp_jx_token k, struct sp_value *out)
{
	struct slice s = k.text;
	if (k.kind == SP_JX_STRING) {
		bool minus = sl_starts(s, S("-")), sign = minus || sl_starts(s, S("+"));
		struct slice rest = sl_from(s, sign);
		if (p->o.no_nan || !(sl_eqs(rest, "Infinity") || (sign && sl_eqs(rest, "INF")) || sl_eqs(s, "NaN")))
			return WRONG;
		out->d = s.p[0] == 'N' ? __builtin_nan("") : minus ? -__builtin_inf() : __builtin_inf();
		return FINE;
	}
	out->d = sl_eqs(s, "-0") ? 0 : sp_json_double(s);
	if (t->kind == SP_FLOAT)
		out->d = (double)(s.n < 60 ? strtof(arena_cstr(p->a, s), NULL) : (float)out->d);
	return FINE;
}

static int decimal_value(struct sp_json_parser *p, const struct sp_type *t, struct sp_jx_token k, struct sp_value *out)
{
	struct slice s = k.text;
	__int128 v;
	if (k.kind == SP_JX_STRING) { /* "1,234.5" */
		buf_reset(&p->room);
		for (size_t i = 0; i < s.n; i++)
			if (s.p[i] != ',')
				buf_addc(&p->room, s.p[i]);
		s = buf_slice(&p->room);
	}
	if (sp_dec_parse(s, t->precision, t->scale, &v, NULL) != SP_DEC_OK)
		return WRONG;
	out->x = sp_narrow(v);
	return FINE;
}

/* Jackson's base64: with its padding; between its groups of four may be blanks. */
static int binary_value(struct sp_json_parser *p, struct slice s, struct sp_value *out)
{
	char *to = arena_alloc(p->a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (n % 4 || (unsigned char)s.p[i] > ' ')
			to[n++] = s.p[i];
	out->s = S("");
	return !n || arena_base64(p->a, sl_of(to, n), &out->s) ? FINE : WRONG;
}

static int time_value(struct sp_json_parser *p, const struct sp_type *t, struct sp_jx_token k, struct sp_value *out)
{
	int rc;
	int64_t v;
	if (k.kind == SP_JX_INT && t->kind == SP_TIMESTAMP && sl_int(k.text, INT64_MIN, INT64_MAX, &v))
		return __builtin_mul_overflow(v, SP_US, &out->i) ? WRONG : FINE;
	if (k.kind != SP_JX_STRING)
		return WRONG;
	rc = sp_times_read(&p->times, t->kind, k.text, out, p->err);
	return rc < 0 ? BROKEN : rc ? FINE : WRONG;
}

static bool number_value(const struct sp_type *t, struct sp_jx_token k, struct sp_value *out)
{
	if (k.kind != SP_JX_INT || !sl_int(sl_eqs(k.text, "-0") ? S("0") : k.text, ranges[t->kind].least, ranges[t->kind].most, &out->i))
		return false;
	if (t->kind == SP_TINYINT)
		out->i = (int8_t)out->i;
	return true;
}

static int typed(struct sp_json_parser *p, const struct sp_type *t, struct sp_jx_token k, struct sp_value *out)
{
	struct slice why = sl(NULL);
	bool text = k.kind == SP_JX_STRING && k.text.n;
	if (k.kind == SP_JX_BAD)
		return BROKEN;
	if (k.kind == SP_JX_NULL) {
		out->null = true;
		return FINE;
	}
	switch (t->kind) {
	case SP_BOOLEAN:
		out->i = k.kind == SP_JX_TRUE;
		return k.kind == SP_JX_TRUE || k.kind == SP_JX_FALSE ? FINE : WRONG;
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		return number_value(t, k, out) ? FINE : WRONG;
	case SP_FLOAT:
	case SP_DOUBLE:
		return text || k.kind == SP_JX_INT || k.kind == SP_JX_FLOAT ? real_value(p, t, k, out) : WRONG;
	case SP_DECIMAL:
		return text || k.kind == SP_JX_INT || k.kind == SP_JX_FLOAT ? decimal_value(p, t, k, out) : WRONG;
	case SP_BINARY:
		return k.kind == SP_JX_STRING ? binary_value(p, k.text, out) : WRONG;
	case SP_DATE:
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
		return text || k.kind == SP_JX_INT ? time_value(p, t, k, out) : WRONG;
	case SP_INTERVAL:
	case SP_INTERVAL_YM:
	case SP_INTERVAL_DT:
		return text && sp_text_interval(t, k.text, out, p->a, &why) ? FINE : WRONG;
	default:
		return WRONG;
	}
}

static int scalar(struct sp_json_parser *p, const struct sp_type *t, struct sp_value *out)
{
	return typed(p, t, sp_jx_scalar(&p->x), out);
}

static bool is_number(const struct sp_type *t)
{
	return t->kind == SP_FLOAT || t->kind == SP_DOUBLE || t->kind == SP_DECIMAL || (t->kind >= SP_TINYINT && t->kind <= SP_BIGINT);
}

/* A map's key: names are texts, which keys of other types are written as ({"1": ...}); the text is read as the value that it would be. */
static int key_value(struct sp_json_parser *p, const struct sp_type *t, struct slice name, struct sp_value *out)
{
	struct sp_jx inner = p->x;
	struct sp_jx_token k = { SP_JX_STRING, name };
	enum sp_jx_kind kind;
	if (t->kind == SP_STRING) {
		out->s = name;
		return FINE;
	}
	if (sp_is_nested(t))
		return WRONG;
	if (!is_number(t) && t->kind != SP_BOOLEAN)
		return typed(p, t, k, out);
	inner.p = name.p;
	inner.end = name.p + name.n;
	kind = sp_jx_peek(&inner);
	if (kind != SP_JX_INT && kind != SP_JX_TRUE && kind != SP_JX_FALSE)
		return typed(p, t, k, out); /* NaN */
	k = sp_jx_scalar(&inner);
	return inner.bad || sp_jx_peek(&inner) != SP_JX_END ? WRONG : typed(p, t, k, out);
}

/* A column of texts takes any value: as JSON anew. */
static int text_value(struct sp_json_parser *p, enum sp_jx_kind kind, struct sp_value *out)
{
	if (kind == SP_JX_STRING || kind == SP_JX_NULL) {
		struct sp_jx_token k = sp_jx_scalar(&p->x);
		out->s = k.text;
		out->null = k.kind == SP_JX_NULL;
		return k.kind == SP_JX_BAD ? BROKEN : FINE;
	}
	buf_reset(&p->room);
	if (!sp_jx_copy(&p->x, &p->room, true))
		return BROKEN;
	out->s = arena_dup(p->a, buf_slice(&p->room));
	return FINE;
}

/* ---- nested ---- */

static int value(struct sp_json_parser *p, const struct sp_type *t, struct sp_value *out);

static ssize_t field_of(struct sp_json_parser *p, const struct sp_type *t, struct slice name)
{
	/* Documents are alike: the next one is usually the one behind the last. */
	for (size_t i = p->guess, k = 0; k < t->field_n; k++, i++) {
		i = i < t->field_n ? i : 0;
		if (sl_eq(t->fields[i].name, name)) {
			p->guess = i + 1;
			return (ssize_t)i;
		}
	}
	return -1;
}

static int object(struct sp_json_parser *p, const struct sp_type *t, bool root, struct sp_value *out)
{
	struct sp_list *list = sp_list_new(p->a, t->field_n);
	struct slice name;
	bool first = true;
	out->list = list;
	p->guess = 0;
	sp_jx_enter(&p->x);
	while (sp_jx_name(&p->x, &first, &name)) {
		ssize_t i = field_of(p, t, name);
		struct sp_value v = { 0 };
		int rc;
		size_t guess = p->guess;
		if (i < 0 || (root && i == p->corrupt) || !t->fields[i].type) {
			(void)sp_jx_skip(&p->x);
			continue;
		}
		rc = value(p, t->fields[i].type, &v);
		p->guess = guess;
		if (rc == BROKEN)
			return BROKEN;
		p->wrong |= rc == WRONG;
		if (rc != WRONG) /* of a name that comes twice, what was right stays */
			list->items[i] = v;
	}
	return p->x.bad ? BROKEN : FINE;
}

struct items {
	struct sp_value *v;
	size_t n, cap;
};

static struct sp_list *list_of(struct sp_json_parser *p, const struct items *items)
{
	struct sp_list *list = sp_list_new(p->a, items->n);
	if (items->n)
		memcpy(list->items, items->v, items->n * sizeof(*items->v));
	return list;
}

static int array(struct sp_json_parser *p, const struct sp_type *t, bool root, struct sp_value *out)
{
	struct items items = { 0 };
	bool first = true;
	int wrong = FINE;
	sp_jx_enter(&p->x);
	while (sp_jx_element(&p->x, &first)) {
		struct sp_value v = { 0 };
		int rc = value(p, t->item, &v);
		if (rc == BROKEN)
			return BROKEN;
		if (rc == WRONG)
			wrong = WRONG;
		if (wrong)
			continue;
		ARENA_GROW(p->a, items.v, items.n, items.cap);
		items.v[items.n++] = v;
	}
	out->list = list_of(p, &items);
	return p->x.bad ? BROKEN : wrong;
}

static int map(struct sp_json_parser *p, const struct sp_type *t, struct sp_value *out)
{
	struct items items = { 0 };
	struct slice name;
	bool first = true;
	int wrong = FINE;
	sp_jx_enter(&p->x);
	while (sp_jx_name(&p->x, &first, &name)) {
		struct sp_value v = { 0 }, key = { 0 };
		int rc = value(p, t->item, &v), key_rc = rc == BROKEN ? BROKEN : key_value(p, t->key, name, &key);
		if (rc == BROKEN || key_rc == BROKEN)
			return BROKEN;
		if (rc == WRONG || key_rc == WRONG || key.null)
			wrong = WRONG;
		if (wrong)
			continue;
		ARENA_GROW(p->a, items.v, items.n, items.cap);
		items.v[items.n++] = key;
		ARENA_GROW(p->a, items.v, items.n, items.cap);
		items.v[items.n++] = v;
	}
	out->list = list_of(p, &items);
	return p->x.bad ? BROKEN : wrong;
}

static int value(struct sp_json_parser *p, const struct sp_type *t, struct sp_value *out)
{
	enum sp_jx_kind kind = sp_jx_peek(&p->x);
	bool nested = kind == SP_JX_OBJECT || kind == SP_JX_ARRAY;
	if (t->kind == SP_STRING)
		return text_value(p, kind, out);
	if (!nested)
		return scalar(p, t, out);
	if (kind == SP_JX_OBJECT && t->kind == SP_STRUCT)
		return object(p, t, false, out);
	if (kind == SP_JX_OBJECT && t->kind == SP_MAP)
		return map(p, t, out);
	if (kind == SP_JX_ARRAY && t->kind == SP_ARRAY)
		return array(p, t, false, out);
	return sp_jx_skip(&p->x) ? WRONG : BROKEN;
}

/* ---- documents ---- */

struct sp_json_parser *sp_json_parser_new(struct arena *keep, const struct sp_type *type, const struct sp_json_options *o, struct sp_error *err)
{
	struct sp_json_parser *p = arena_alloc(keep, sizeof(*p));
	p->o = *o;
	p->type = type;
	p->corrupt = -1;
	for (size_t i = 0; type->kind == SP_STRUCT && i < type->field_n; i++)
		if (sl_eq(type->fields[i].name, o->corrupt))
			p->corrupt = (ssize_t)i;
	return sp_times_make(&p->times, keep, o, SP_PATTERN_PARSE, err) ? NULL : p;
}

void sp_json_parser_free(struct sp_json_parser *p)
{
	if (p)
		buf_free(&p->room);
}

/* What the document is as the type; FINE also if parts of it are wrong (p->wrong). */
static int document(struct sp_json_parser *p, struct sp_value *out)
{
	const struct sp_type *t = p->type;
	enum sp_jx_kind kind = sp_jx_peek(&p->x);
	struct sp_list *list;
	int rc;
	if (t->kind == SP_STRUCT && kind == SP_JX_OBJECT)
		return object(p, t, true, out);
	if (t->kind == SP_ARRAY && kind == SP_JX_OBJECT && t->item->kind == SP_STRUCT) {
		list = sp_list_new(p->a, 1);
		rc = object(p, t->item, false, &list->items[0]);
		list->items[0].null = false;
		out->list = list;
		return rc;
	}
	rc = value(p, t, out);
	return rc == FINE && out->null ? WRONG : rc;
}

int sp_json_bad_record(struct sp_error *err, struct slice text)
{
	return sp_fail(err, SP_E_RUN, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "22023",
		       "Malformed records are detected in record parsing: %.*s.\nParse Mode: FAILFAST. To process malformed records as null result, "
		       "try setting the option 'mode' as 'PERMISSIVE'. ",
		       SL(text));
}

/* "[1,null]": the row as FAILFAST's error shows it. */
static struct slice row_text(struct arena *a, const struct sp_type *t)
{
	struct buf b = { 0 };
	struct slice out;
	buf_addc(&b, '[');
	for (size_t i = 0; i < (t->kind == SP_STRUCT ? t->field_n : 1); i++)
		buf_adds(&b, i ? ",null" : "null");
	buf_addc(&b, ']');
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void null_row(struct sp_json_parser *p, struct sp_value *out)
{
	*out = SP_NULL_VALUE;
	if (p->type->kind == SP_STRUCT) {
		out->null = false;
		out->list = sp_list_new(p->a, p->type->field_n);
	}
}

int sp_json_parse(struct sp_json_parser *p, struct arena *a, struct slice text, struct sp_value *out, struct sp_error *err)
{
	int rc;
	p->a = a;
	p->err = err;
	p->wrong = false;
	text = sp_json_mended(a, text);
	sp_jx_init(&p->x, a, text, &p->o);
	*out = SP_NULL_VALUE;
	if (sp_jx_peek(&p->x) == SP_JX_END)
		return 0;
	out->null = false;
	rc = document(p, out);
	if (err->set)
		return 1;
	if (rc != FINE)
		null_row(p, out);
	if (rc == FINE && !p->wrong)
		return 0;
	if (p->o.mode == SP_FAILFAST)
		return sp_json_bad_record(err, row_text(a, p->type));
	if (p->corrupt >= 0)
		((struct sp_list *)out->list)->items[p->corrupt] = (struct sp_value){ .s = text };
	return 0;
}

int sp_json_record(struct sp_json_parser *p, struct arena *a, struct sp_jx *x, struct sp_value *out, bool *wrong, struct sp_error *err)
{
	int rc;
	p->a = a;
	p->err = err;
	p->wrong = false;
	p->x = *x;
	out->null = false;
	rc = sp_jx_peek(&p->x) == SP_JX_OBJECT ? object(p, p->type, true, out) : sp_jx_skip(&p->x) ? WRONG : BROKEN;
	*x = p->x;
	if (err->set)
		return 1;
	*wrong = rc != FINE || p->wrong;
	if (rc != FINE)
		null_row(p, out);
	return 0;
}
