/* Options of CSV, cells to values, single lines, values to lines. */
#include <math.h>

#include "java/text.h"
#include "spark/csv_scan.h"
#include "spark/decimal.h"
#include "spark/java_text.h"
#include "spark/print.h"

/* ---- options ---- */

void sp_csv_defaults(struct sp_csv_options *o, const struct sp_context *cx)
{
	struct slice name = cx && cx->conf ? cx->conf(cx->self, "spark.sql.columnNameOfCorruptRecord") : sl(NULL);
	*o = (struct sp_csv_options){ .zone = cx ? cx->zone : NULL, .policy = cx ? sp_time_policy_of(cx) : SP_POLICY_EXCEPTION,
				      .now_us = cx ? cx->now_us : 0, .sep = S(","), .quote = '"', .escape = '\\', .escape_escape = '\\',
				      .nan = S("NaN"), .inf = S("Inf"), .minus_inf = S("-Inf"), .null_value = S(""),
				      .corrupt = name.p ? name : S("_corrupt_record"), .columns_max = 20480 };
}

#define AT(member) offsetof(struct sp_csv_options, member)
static const struct {
	const char *name;
	char kind; /* 'b': boolean; 'n': turned round; 's': text; 'c': character */
	size_t at;
} options[] = {
	{ "sep", 's', AT(sep) },
	{ "delimiter", 's', AT(sep) },
	{ "quote", 'c', AT(quote) },
	{ "escape", 'c', AT(escape) },
	{ "comment", 'c', AT(comment) },
	{ "header", 'b', AT(header) },
	{ "inferSchema", 'b', AT(infer_schema) },
	{ "multiLine", 'b', AT(multi_line) },
	{ "wholeFile", 'b', AT(multi_line) },
	{ "preferDate", 'n', AT(no_prefer_date) },
	{ "quoteAll", 'b', AT(quote_all) },
	{ "escapeQuotes", 'n', AT(escape_quotes_off) },
	{ "nullValue", 's', AT(null_value) },
	{ "nanValue", 's', AT(nan) },
	{ "positiveInf", 's', AT(inf) },
	{ "negativeInf", 's', AT(minus_inf) },
	{ "emptyValue", 's', AT(empty_value) },
	{ "columnNameOfCorruptRecord", 's', AT(corrupt) },
	{ "timestampFormat", 's', AT(timestamp_format) },
	{ "timestampNTZFormat", 's', AT(ntz_format) },
	{ "dateFormat", 's', AT(date_format) },
	{ "lineSep", 's', AT(line_sep) },
};

/* "\t" and the like as they are written in options; "\\" is a backslash. */
static struct slice unescaped(struct slice v)
{
	static const char letters[] = "tbfrn\"'\\", *const meanings[] = { "\t", "\b", "\f", "\r", "\n", "\"", "'", "\\" };
	const char *at = v.n == 2 && v.p[0] == '\\' && v.p[1] ? strchr(letters, v.p[1]) : NULL;
	return at ? sl(meanings[at - letters]) : v;
}

static int bad_option(struct sp_error *err, const char *fmt, struct slice name)
{
	sp_fail(err, SP_E_RUN, "", "", fmt, SL(name));
	err->java = "java.lang.IllegalArgumentException";
	return 1;
}

static int set_option(struct sp_csv_options *o, size_t i, struct slice name, struct slice value, struct sp_error *err)
{
	void *at = (char *)o + options[i].at;
	switch (options[i].kind) {
	case 's':
		*(struct slice *)at = options[i].at == AT(sep) ? unescaped(value) : value;
		if (options[i].at == AT(sep) && !value.n)
			return bad_option(err, "requirement failed: Delimiter cannot be empty string%.*s", sl_of("", 0));
		return 0;
	case 'c':
		value = unescaped(value);
		if (value.n > 1)
			return bad_option(err, "%.*s cannot be more than one character.", name);
		*(char *)at = value.n ? value.p[0] : 0;
		if (options[i].at == AT(escape))
			o->escape_escape = o->escape;
		return 0;
	default:
		return sp_option_flag(name, value, options[i].kind == 'n', at, err);
	}
}

int sp_csv_option(struct sp_csv_options *o, struct slice name, struct slice value, struct sp_error *err)
{
	bool lead = sl_eq_nocase(name, S("ignoreLeadingWhiteSpace")), trail = sl_eq_nocase(name, S("ignoreTrailingWhiteSpace")), flag;
	int64_t v;
	if (sl_eq_nocase(name, S("mode")))
		return sp_option_mode(value, &o->mode);
	if (sl_eq_nocase(name, S("timeZone"))) {
		o->zone_name = value;
		return 0;
	}
	if (lead || trail) {
		if (sp_option_flag(name, value, false, &flag, err))
			return 1;
		*(lead ? &o->trim_start : &o->trim_end) = flag;
		*(lead ? &o->keep_start : &o->keep_end) = !flag;
		return 0;
	}
	if (sl_eq_nocase(name, S("maxColumns")) || sl_eq_nocase(name, S("maxCharsPerColumn"))) {
		if (!sl_int(value, -1, INT32_MAX, &v))
			return bad_option(err, "%.*s should be an integer. Found something else.", name);
		if (sl_eq_nocase(name, S("maxColumns")))
			o->columns_max = (size_t)v;
		return 0;
	}
	if (sl_eq_nocase(name, S("charToEscapeQuoteEscaping"))) {
		o->escape_escape = value.n ? value.p[0] : 0;
		return 0;
	}
	if (sl_eq_nocase(name, S("unescapedQuoteHandling")) && !sl_eq_nocase(value, S("STOP_AT_DELIMITER")))
		return sp_fail(err, SP_E_UNSERVED, "", "", "The option unescapedQuoteHandling is served as STOP_AT_DELIMITER only.");
	if ((sl_eq_nocase(name, S("encoding")) || sl_eq_nocase(name, S("charset"))) && !sl_eq_nocase(value, S("UTF-8")) && !sl_eq_nocase(value, S("utf8")))
		return sp_fail(err, SP_E_UNSERVED, "", "", "The option encoding is served as UTF-8 only.");
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (sl_eq_nocase(name, sl(options[i].name)))
			return set_option(o, i, name, value, err);
	return 0;
}

struct sp_json_options sp_csv_times(const struct sp_csv_options *o)
{
	return (struct sp_json_options){ .zone = o->zone, .zone_name = o->zone_name, .now_us = o->now_us, .policy = o->policy,
					 .timestamp_format = o->timestamp_format, .ntz_format = o->ntz_format, .date_format = o->date_format };
}

/* ---- cells ---- */

bool sp_csv_double(struct slice s, double *out)
{
	char z[128], *end;
	size_t i = 0;
	while (s.n && (unsigned char)s.p[0] <= ' ')
		s = sl_from(s, 1);
	while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	if (!s.n || s.n >= sizeof(z))
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	i = z[0] == '-' || z[0] == '+';
	if (z[i] == 'N' || z[i] == 'I') {
		if (strcmp(z + i, "NaN") && strcmp(z + i, "Infinity"))
			return false;
		*out = z[i] == 'N' ? NAN : z[0] == '-' ? -INFINITY : INFINITY;
		return true;
	}
	if (!((z[i] >= '0' && z[i] <= '9') || z[i] == '.'))
		return false;
	bool hex = z[i] == '0' && (z[i + 1] | 32) == 'x';
	if (hex && !strpbrk(z, "pP"))
		return false;
	*out = strtod(z, &end);
	if (end == z)
		return false;
	if (*end && strchr("dDfF", *end))
		end++;
	return !*end;
}

static bool decimal_cell(struct slice s, const struct sp_type *t, struct sp_value *out)
{
	char plain[128];
	size_t n = 0;
	__int128 v;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ',')
			continue;
		if (n == sizeof(plain))
			return false;
		plain[n++] = s.p[i];
	}
	if (sp_dec_parse(sl_of(plain, n), t->precision, t->scale, &v, NULL) != SP_DEC_OK)
		return false;
	out->x = sp_narrow(v);
	return true;
}

static int whole_cell(struct slice s, const struct sp_type *t, struct sp_value *out)
{
	static const int64_t least[] = { [SP_TINYINT] = INT8_MIN, [SP_SMALLINT] = INT16_MIN, [SP_INT] = INT32_MIN, [SP_BIGINT] = INT64_MIN };
	if (s.n > 1 && s.p[0] == '+' && s.p[1] >= '0' && s.p[1] <= '9')
		s = sl_from(s, 1);
	return sl_int(s, least[t->kind], -(least[t->kind] + 1), &out->i);
}

int sp_csv_value(const struct sp_csv_options *o, const struct sp_times *times, struct arena *a, const struct sp_type *t, struct slice s,
		 struct sp_value *out, struct sp_error *err)
{
	struct slice why;
	*out = (struct sp_value){ 0 };
	out->null = !s.p || sl_eq(s, o->null_value);
	if (out->null)
		return 1;
	switch (t->kind) {
	case SP_STRING:
	case SP_BINARY:
		out->s = t->kind == SP_STRING ? java_decode(a, s) : s;
		return 1;
	case SP_BOOLEAN:
		out->i = sl_eq_nocase(s, S("true"));
		return out->i || sl_eq_nocase(s, S("false"));
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		return whole_cell(s, t, out);
	case SP_FLOAT:
	case SP_DOUBLE:
		if (sl_eq(s, o->nan))
			out->d = NAN;
		else if (sl_eq(s, o->inf) || sl_eq(s, o->minus_inf))
			out->d = sl_eq(s, o->inf) ? INFINITY : -INFINITY;
		else if (!sp_csv_double(s, &out->d))
			return 0;
		out->d = t->kind == SP_FLOAT ? (double)(float)out->d : out->d;
		return 1;
	case SP_DECIMAL:
		return decimal_cell(s, t, out);
	case SP_DATE:
		if (!times->date) { /* a number isn't days here, as it is in JSON */
			int32_t days;
			if (!sp_text_date(s, &days))
				return 0;
			out->i = days;
			return 1;
		}
		/* fallthrough */
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
		return sp_times_read(times, t->kind, s, out, err);
	case SP_INTERVAL:
	case SP_INTERVAL_YM:
	case SP_INTERVAL_DT:
		return sp_text_interval(t, s, out, a, &why);
	default:
		return 0;
	}
}

/* ---- single lines ---- */

struct sp_csv_parser {
	struct sp_csv_options o;
	struct sp_times times;
	const struct sp_type *type;
	struct sp_csv_scan scan;
	ssize_t corrupt;
};

struct sp_csv_parser *sp_csv_parser_new(struct arena *keep, const struct sp_type *type, const struct sp_csv_options *o, struct sp_error *err)
{
	struct sp_csv_parser *p = arena_alloc(keep, sizeof(*p));
	struct sp_json_options times = sp_csv_times(o);
	p->o = *o;
	p->type = type;
	p->corrupt = -1;
	for (size_t i = 0; i < type->field_n; i++)
		if (sl_eq(type->fields[i].name, o->corrupt))
			p->corrupt = (ssize_t)i;
	return sp_times_make(&p->times, keep, &times, SP_PATTERN_PARSE, err) ? NULL : p;
}

void sp_csv_parser_free(struct sp_csv_parser *p)
{
	if (p)
		sp_csv_scan_free(&p->scan);
}

int sp_csv_parse(struct sp_csv_parser *p, struct arena *a, struct slice text, struct sp_value *out, struct sp_error *err)
{
	struct sp_list *list = sp_list_new(a, p->type->field_n);
	bool many, wrong;
	size_t at = 0, want = p->type->field_n - (p->corrupt >= 0);
	sp_csv_scan_init(&p->scan, &p->o, text, false);
	wrong = !sp_csv_record(&p->scan, a, &many) || p->scan.n != want;
	for (size_t i = 0; i < p->type->field_n; i++) {
		struct sp_value v = SP_NULL_VALUE;
		int rc = 1;
		if ((ssize_t)i == p->corrupt)
			continue;
		if (at < p->scan.n)
			rc = sp_csv_value(&p->o, &p->times, a, p->type->fields[i].type, p->scan.cells[at].text, &v, err);
		if (rc < 0)
			return 1;
		at++;
		wrong |= !rc;
		list->items[i] = rc ? v : SP_NULL_VALUE;
	}
	*out = (struct sp_value){ .list = list };
	if (wrong && p->o.mode == SP_FAILFAST) {
		struct buf b = { 0 };
		for (size_t i = 0; i < p->type->field_n; i++)
			buf_adds(&b, i ? ",null" : "[null");
		buf_addc(&b, ']');
		(void)sp_json_bad_record(err, buf_slice(&b));
		buf_free(&b);
		return 1;
	}
	if (wrong && p->corrupt >= 0)
		list->items[p->corrupt] = (struct sp_value){ .s = text };
	return 0;
}

/* ---- values to lines ---- */

struct sp_csv_writer {
	struct sp_csv_options o;
	struct sp_times times;
	struct buf cell;
	struct arena *keep;
};

struct sp_csv_writer *sp_csv_writer_new(struct arena *keep, const struct sp_csv_options *o, struct sp_error *err)
{
	struct sp_csv_writer *w = arena_alloc(keep, sizeof(*w));
	struct sp_json_options times = sp_csv_times(o);
	w->o = *o;
	times.timestamp_format = o->timestamp_format.p ? o->timestamp_format : S("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]");
	times.ntz_format = o->ntz_format.p ? o->ntz_format : S("yyyy-MM-dd'T'HH:mm:ss[.SSS]");
	w->keep = keep;
	return sp_times_make(&w->times, keep, &times, SP_PATTERN_FORMAT, err) ? NULL : w;
}

static void cell_text(struct sp_csv_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v)
{
	struct sp_error err = { 0 };
	bool day = t->kind == SP_DATE, instant = t->kind == SP_TIMESTAMP;
	if (sp_is_nested(t))
		sp_java_text(b, t, v);
	else if (!day && !instant && t->kind != SP_TIMESTAMP_NTZ)
		sp_print(b, t, v, w->times.zone);
	else if (day && !w->times.date)
		sp_print_date(b, v->i);
	else if (sp_pattern_print(day ? w->times.date : instant ? w->times.timestamp : w->times.ntz, b, day ? v->i * SP_DAY_US : v->i,
				  instant ? w->times.zone : NULL, &err))
		sp_error_free(&err);
}

/* first: of its line, where alone a comment could begin. Line ends that are cut off ask for quotes all the same. */
static void put_cell(struct sp_csv_writer *w, struct buf *b, struct slice s, bool first)
{
	char quote = w->o.quote, escape = w->o.escape;
	bool quotes, lines = sl_chr(s, '\n') >= 0 || sl_chr(s, '\r') >= 0;
	while (!w->o.keep_start && s.n && (unsigned char)s.p[0] <= ' ')
		s = sl_from(s, 1);
	while (!w->o.keep_end && s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	if (!s.n) {
		buf_addsl(b, w->o.empty_value.p ? w->o.empty_value : S("\"\""));
		return;
	}
	quotes = w->o.quote_all || sl_find(s, w->o.sep) >= 0 || lines || (quote && (w->o.escape_quotes_off ? s.p[0] == quote : sl_chr(s, quote) >= 0)) ||
		 (first && w->o.comment && s.p[0] == w->o.comment);
	if (!quotes) {
		buf_addsl(b, s);
		return;
	}
	buf_addc(b, quote);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == quote || (s.p[i] == escape && w->o.escape_escape == escape && escape && escape != quote))
			buf_addc(b, escape ? escape : quote);
		buf_addc(b, s.p[i]);
	}
	buf_addc(b, quote);
}

void sp_csv_write(struct sp_csv_writer *w, struct buf *b, const struct sp_field *fields, size_t n, const struct sp_value *values)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addsl(b, w->o.sep);
		if (values[i].null) {
			if (w->o.quote_all)
				buf_addc(b, w->o.quote);
			buf_addsl(b, w->o.null_value);
			if (w->o.quote_all)
				buf_addc(b, w->o.quote);
			continue;
		}
		w->cell = (struct buf){ 0 };
		cell_text(w, &w->cell, fields[i].type, &values[i]);
		put_cell(w, b, buf_slice(&w->cell), !i);
		buf_free(&w->cell);
	}
}

void sp_csv_write_header(struct sp_csv_writer *w, struct buf *b, const struct sp_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addsl(b, w->o.sep);
		put_cell(w, b, fields[i].name, !i);
	}
}
