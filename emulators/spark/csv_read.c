/* Files of CSV to columns, and the schemas they have. */
#include "spark/csv_scan.h"
#include "spark/decimal.h"

struct sp_csv_reader {
	struct sp_run *run;
	struct arena keep;
	struct sp_csv_options o;
	struct sp_times times;
	struct sp_csv_scan scan;
	struct sp_field *fields;   /* those that aren't needed have no type */
	size_t field_n;
	ssize_t corrupt;
	struct slice rest;
	bool begun;
};

struct sp_csv_reader *sp_csv_open(struct sp_run *run, const struct sp_csv_options *o, const struct sp_field *fields, size_t n,
				  const bool *needed, struct slice text)
{
	struct sp_csv_reader *r = xcalloc(1, sizeof(*r));
	struct sp_json_options times = sp_csv_times(o);
	r->run = run;
	r->o = *o;
	r->scan.o = &r->o;
	r->rest = sl_starts(text, S("\xef\xbb\xbf")) ? sl_from(text, 3) : text;
	r->fields = arena_alloc(&r->keep, (n + 1) * sizeof(*r->fields));
	r->field_n = n;
	r->corrupt = -1;
	for (size_t i = 0; i < n; i++) {
		r->fields[i] = fields[i];
		if (needed && !needed[i])
			r->fields[i].type = NULL;
		if (sl_eq(fields[i].name, o->corrupt))
			r->corrupt = (ssize_t)i;
	}
	if (!sp_times_make(&r->times, &r->keep, &times, SP_PATTERN_PARSE, &run->err))
		return r;
	sp_csv_close(r);
	return NULL;
}

void sp_csv_close(struct sp_csv_reader *r)
{
	if (!r)
		return;
	sp_csv_scan_free(&r->scan);
	arena_free(&r->keep);
	free(r);
}

static int too_many(struct sp_error *err, const struct sp_csv_options *o)
{
	sp_fail(err, SP_E_RUN, "", "", "java.lang.ArrayIndexOutOfBoundsException - A record has more than %zu columns (maxColumns).", o->columns_max);
	err->java = "com.univocity.parsers.common.TextParsingException";
	return -1;
}

/* The cells of the record that was scanned, to row n of the columns. 1: a row; 0: dropped; -1: err. */
static int row(struct sp_csv_reader *r, struct arena *a, struct sp_out *columns, size_t n, struct slice text)
{
	size_t at = 0;
	bool wrong = r->scan.n != r->field_n - (r->corrupt >= 0);
	for (size_t i = 0; i < r->field_n; i++) {
		struct sp_value v = SP_NULL_VALUE;
		int rc = 1;
		if ((ssize_t)i == r->corrupt)
			continue;
		if (r->fields[i].type) {
			if (at < r->scan.n)
				rc = sp_csv_value(&r->o, &r->times, a, r->fields[i].type, r->scan.cells[at].text, &v, &r->run->err);
			if (rc < 0)
				return -1;
			wrong |= !rc;
			if (v.null || !rc)
				sp_out_null(&columns[i], n);
			else
				sp_out_put(&columns[i], n, &v);
		}
		at++;
	}
	if (wrong && r->o.mode == SP_FAILFAST) {
		struct buf b = { 0 };
		for (size_t i = 0; i < r->field_n; i++)
			buf_adds(&b, i ? ",null" : "[null");
		buf_addc(&b, ']');
		(void)sp_json_bad_record(&r->run->err, buf_slice(&b));
		buf_free(&b);
		return -1;
	}
	if (r->corrupt >= 0 && r->fields[r->corrupt].type) {
		if (wrong)
			columns[r->corrupt].str[n] = text;
		else
			sp_out_null(&columns[r->corrupt], n);
	}
	return !(wrong && r->o.mode == SP_DROP);
}

int sp_csv_next(struct sp_csv_reader *r, struct arena *a, struct sp_batch *out)
{
	struct sp_out *columns = arena_alloc(a, (r->field_n + 1) * sizeof(*columns));
	struct slice text;
	size_t n = 0, most = sp_rows_room(r->rest, r->o.line_sep, '\n');
	bool many = false;
	for (size_t i = 0; i < r->field_n; i++)
		if (r->fields[i].type)
			sp_out_make(&columns[i], a, r->fields[i].type, most);
	if (!r->begun && r->o.header)
		(void)sp_csv_next_record(&r->scan, a, &r->rest, &text, &many);
	r->begun = true;
	while (n < most && sp_csv_next_record(&r->scan, a, &r->rest, &text, &many)) {
		int rc;
		/* What a dropped row left. */
		for (size_t i = 0; i < r->field_n; i++)
			if (r->fields[i].type && columns[i].null)
				columns[i].null[n] = 0;
		rc = row(r, a, columns, n, text);
		if (rc < 0)
			return -1;
		n += (size_t)rc;
	}
	if (many)
		return too_many(&r->run->err, &r->o);
	if (sp_run_check(r->run, n))
		return -1;
	out->n = n;
	out->column_n = r->field_n;
	out->columns = arena_alloc(a, (r->field_n + 1) * sizeof(*out->columns));
	for (size_t i = 0; i < r->field_n; i++) {
		out->columns[i] = columns[i].v;
		out->columns[i].n = n;
	}
	return n > 0;
}

/* ---- inference ---- */

struct guess {
	enum sp_kind kind; /* SP_VOID: nothing seen */
	int precision;     /* DECIMAL(p, 0) */
};
struct sp_csv_infer {
	struct arena *arena, scratch;
	struct sp_csv_options o;
	struct sp_times times;
	struct sp_csv_scan scan;
	struct slice first;   /* the line with the names */
	struct slice *names;
	struct guess *guesses;
	size_t n;
	bool begun;
};

struct sp_csv_infer *sp_csv_infer_new(struct arena *a, const struct sp_csv_options *o, struct sp_error *err)
{
	struct sp_csv_infer *x = arena_alloc(a, sizeof(*x));
	struct sp_json_options times = sp_csv_times(o);
	x->arena = a;
	x->o = *o;
	x->scan.o = &x->o;
	return sp_times_make(&x->times, a, &times, SP_PATTERN_PARSE, err) ? NULL : x;
}

static bool is_whole(struct slice s, int64_t least, int64_t most)
{
	int64_t v;
	if (s.n > 1 && s.p[0] == '+' && s.p[1] >= '0' && s.p[1] <= '9')
		s = sl_from(s, 1);
	return sl_int(s, least, most, &v);
}

/* Digits alone, with a sign, at most 38 of them; else 0. */
static int whole_digits(struct slice s)
{
	int n = 0;
	bool lead = true, any = false;
	for (size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+'); i < s.n; i++) {
		if (s.p[i] == '.' && i + 1 == s.n && any)
			break;
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		any = true;
		lead &= s.p[i] == '0';
		n += !lead;
		if (n > SP_PRECISION_MAX)
			return 0;
	}
	return n ? n : any ? 1 : 0;
}

/* yyyy-MM-dd to the letter. */
static bool is_plain_date(struct slice s)
{
	int32_t days;
	return s.n == 10 && s.p[4] == '-' && s.p[7] == '-' && sp_text_date(s, &days);
}

static bool is_time(struct sp_csv_infer *x, enum sp_kind kind, struct slice s)
{
	struct sp_error err = { 0 };
	struct sp_value v;
	bool is;
	if (kind == SP_DATE && !x->times.date)
		return is_plain_date(s);
	is = sp_times_read(&x->times, kind, s, &v, &err) > 0;
	sp_error_free(&err);
	return is;
}

/* What a value is, tried from a kind on. */
static struct guess guess_of(struct sp_csv_infer *x, enum sp_kind from, struct slice s)
{
	double d;
	int digits;
	switch (from) {
	case SP_VOID:
	case SP_INT:
		if (is_whole(s, INT32_MIN, INT32_MAX))
			return (struct guess){ SP_INT };
		/* fallthrough */
	case SP_BIGINT:
		if (is_whole(s, INT64_MIN, INT64_MAX))
			return (struct guess){ SP_BIGINT };
		/* fallthrough */
	case SP_DECIMAL:
		digits = whole_digits(s);
		if (digits)
			return (struct guess){ SP_DECIMAL, digits };
		/* fallthrough */
	case SP_DOUBLE:
		if (sp_csv_double(s, &d) || sl_eq(s, x->o.nan) || sl_eq(s, x->o.inf) || sl_eq(s, x->o.minus_inf))
			return (struct guess){ SP_DOUBLE };
		/* fallthrough */
	case SP_DATE:
		if (!x->o.no_prefer_date && is_time(x, SP_DATE, s))
			return (struct guess){ SP_DATE };
		/* fallthrough */
	case SP_TIMESTAMP:
		if (is_time(x, SP_TIMESTAMP, s))
			return (struct guess){ SP_TIMESTAMP };
		/* fallthrough */
	case SP_BOOLEAN:
		if (sl_eq_nocase(s, S("true")) || sl_eq_nocase(s, S("false")))
			return (struct guess){ SP_BOOLEAN };
		/* fallthrough */
	default:
		return (struct guess){ SP_STRING };
	}
}

static bool is_number(enum sp_kind k)
{
	return k == SP_INT || k == SP_BIGINT || k == SP_DECIMAL || k == SP_DOUBLE;
}

static struct guess joined(const struct sp_csv_infer *x, struct guess a, struct guess b)
{
	static const int widths[] = { [SP_INT] = 10, [SP_BIGINT] = 20 };
	if (a.kind == SP_VOID || (a.kind == b.kind && a.kind != SP_DECIMAL))
		return a.kind == SP_VOID ? b : a;
	if (is_number(a.kind) && is_number(b.kind)) {
		if (a.kind == SP_DOUBLE || b.kind == SP_DOUBLE)
			return (struct guess){ SP_DOUBLE };
		if (a.kind != SP_DECIMAL && b.kind != SP_DECIMAL)
			return (struct guess){ SP_BIGINT };
		a.precision = a.kind == SP_DECIMAL ? a.precision : widths[a.kind];
		b.precision = b.kind == SP_DECIMAL ? b.precision : widths[b.kind];
		return (struct guess){ SP_DECIMAL, a.precision > b.precision ? a.precision : b.precision };
	}
	if ((a.kind == SP_DATE && b.kind == SP_TIMESTAMP) || (a.kind == SP_TIMESTAMP && b.kind == SP_DATE))
		return (struct guess){ x->o.timestamp_format.p || x->o.date_format.p ? SP_STRING : SP_TIMESTAMP };
	return (struct guess){ SP_STRING };
}

static bool is_empty(const struct sp_csv_options *o, struct slice s)
{
	return !s.n || sl_eq(s, o->null_value);
}

/* Names of the first record. */
static void name_columns(struct sp_csv_infer *x)
{
	size_t n = x->n = x->scan.n;
	x->names = arena_alloc(x->arena, (n + 1) * sizeof(*x->names));
	x->guesses = arena_alloc(x->arena, (n + 1) * sizeof(*x->guesses));
	for (size_t i = 0; i < n; i++) {
		struct slice name = x->scan.cells[i].text;
		bool twice = false;
		for (size_t k = 0; k < n && x->o.header; k++)
			twice |= k != i && sl_eq_nocase(x->scan.cells[k].text, name);
		if (!x->o.header || is_empty(&x->o, name))
			x->names[i] = arena_printf(x->arena, "_c%zu", i);
		else if (twice)
			x->names[i] = arena_printf(x->arena, "%.*s%zu", SL(name), i);
		else
			x->names[i] = arena_dup(x->arena, name);
	}
}

int sp_csv_infer_add(struct sp_csv_infer *x, struct slice file, struct sp_error *err)
{
	struct slice text, rest = sl_starts(file, S("\xef\xbb\xbf")) ? sl_from(file, 3) : file;
	bool many = false, first = true;
	while (sp_csv_next_record(&x->scan, &x->scratch, &rest, &text, &many)) {
		bool header = x->o.header && (x->o.multi_line ? first : !x->begun || sl_eq(text, x->first));
		first = false;
		if (!x->begun) {
			name_columns(x);
			x->first = arena_dup(x->arena, text);
			x->begun = true;
		}
		if (!x->o.infer_schema)
			break;
		for (size_t i = 0; i < x->n && i < x->scan.n && !header; i++) {
			struct slice cell = x->scan.cells[i].text;
			if (x->guesses[i].kind != SP_STRING && !is_empty(&x->o, cell))
				x->guesses[i] = joined(x, x->guesses[i], guess_of(x, x->guesses[i].kind, cell));
		}
		arena_reset(&x->scratch);
	}
	arena_free(&x->scratch);
	sp_csv_scan_free(&x->scan);
	return many ? too_many(err, &x->o) : 0;
}

const struct sp_type *sp_csv_infer_end(struct sp_csv_infer *x, struct sp_error *err)
{
	struct sp_field *fields = arena_alloc(x->arena, (x->n + 1) * sizeof(*fields));
	const struct sp_type *t;
	for (size_t i = 0; i < x->n; i++) {
		struct guess g = x->guesses[i];
		bool string = !x->o.infer_schema || g.kind == SP_VOID;
		t = string ? &sp_types[SP_STRING] : g.kind == SP_DECIMAL ? sp_decimal(x->arena, g.precision, 0) : &sp_types[g.kind];
		fields[i] = (struct sp_field){ .name = x->names[i], .type = t, .nullable = true };
	}
	t = sp_struct(x->arena, fields, x->n);
	return sp_schema_check_names(t, err) ? NULL : t;
}

const struct sp_type *sp_csv_type(struct arena *a, struct slice text, const struct sp_csv_options *o, struct sp_error *err)
{
	struct sp_csv_options all = *o;
	struct sp_csv_infer *x;
	all.infer_schema = true;
	all.header = false;
	x = sp_csv_infer_new(a, &all, err);
	return !x || sp_csv_infer_add(x, text, err) ? NULL : sp_csv_infer_end(x, err);
}
