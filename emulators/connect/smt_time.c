/* TimestampConverter and TimestampRouter: times by java.text.SimpleDateFormat. */
#include "connect/smt.h"
#include "spark/pattern_parts.h"

#define PURPOSE "converting timestamp formats"
#define CONNECT "org.apache.kafka.connect.errors.ConnectException: "

enum time_type { TIME_STRING, TIME_UNIX, TIME_DATE, TIME_TIME, TIME_TIMESTAMP, TIME_TYPES };
static const char *const type_names[TIME_TYPES] = { "string", "unix", "Date", "Time", "Timestamp" };

struct convert {
	struct slice field, format; /* format absent: none */
	enum time_type type;
	int64_t per_ms, ms_per; /* unix.precision: one of them is 1 */
	const struct sp_zone *utc;
	bool defaults;
};

static int check_format(struct slice format, const char *what, struct error *err)
{
	struct sp_error inner = { 0 };
	bool good = sp_old_pattern_ok(format, &inner);
	if (!good)
		(void)err_set(err, ERR_INVALID, "%sjava.lang.IllegalArgumentException: %s", what, inner.text);
	sp_error_free(&inner);
	return good ? 0 : ERR_INVALID;
}

int smt_make_convert(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct convert *x = arena_alloc(c->a, sizeof(*x));
	struct slice type = smt_text(c, "target.type"), precision = smt_text(c, "unix.precision"), format = smt_text(c, "format");
	st->state = x;
	x->field = smt_text(c, "field");
	x->defaults = smt_truth(c, "replace.null.with.default");
	x->utc = sp_zone_make(c->a, S("UTC"));
	x->format = format.n ? format : sl(NULL);
	for (int i = 0; i < TIME_TYPES; i++)
		if (sl_eqs(type, type_names[i]))
			x->type = (enum time_type)i;
	x->ms_per = sl_eqs(precision, "seconds") ? 1000 : 1;
	x->per_ms = sl_eqs(precision, "microseconds") ? 1000 : sl_eqs(precision, "nanoseconds") ? 1000000 : 1;
	if (x->type == TIME_STRING && !x->format.p)
		return err_set(err, ERR_INVALID, SMT_CONFIG "TimestampConverter requires format option to be specified when using string timestamps");
	if (x->format.p && check_format(x->format, "", err)) {
		/* The exception is handed over as a configuration's value. */
		char *why = arena_cstr(c->a, sl(err->text));
		return err_set(err, ERR_INVALID, SMT_CONFIG "Invalid value %s for configuration TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: %.*s",
			       why, SL(x->format));
	}
	return 0;
}

/* TimeUnit's conversions saturate. */
static int64_t times(int64_t v, int64_t by)
{
	int64_t out;
	return __builtin_mul_overflow(v, by, &out) ? (v < 0 ? INT64_MIN : INT64_MAX) : out;
}

static const struct cv_schema *type_schema(enum time_type type, bool optional)
{
#define LOGICAL(kind, text) { .type = (kind), .has_version = true, .version = 1, .name = { text, sizeof(text) - 1 } }
#define LOGICAL_OR_NULL(kind, text) { .type = (kind), .optional = true, .has_version = true, .version = 1, .name = { text, sizeof(text) - 1 } }
	static const struct cv_schema logical[TIME_TYPES][2] = {
		[TIME_DATE] = { LOGICAL(CV_INT32, CV_DATE_NAME), LOGICAL_OR_NULL(CV_INT32, CV_DATE_NAME) },
		[TIME_TIME] = { LOGICAL(CV_INT32, CV_TIME_NAME), LOGICAL_OR_NULL(CV_INT32, CV_TIME_NAME) },
		[TIME_TIMESTAMP] = { LOGICAL(CV_INT64, CV_TIMESTAMP_NAME), LOGICAL_OR_NULL(CV_INT64, CV_TIMESTAMP_NAME) },
	};
	return type == TIME_STRING ? cv_schema_plain(CV_STRING, optional) : type == TIME_UNIX ? cv_schema_plain(CV_INT64, optional) : &logical[type][optional];
}

/* toRaw: ms since 1970. */
static int raw_time(const struct convert *x, enum time_type type, const struct cv_value *v, int64_t *ms, struct error *err)
{
	static const char *const expected[TIME_TYPES] = { "string timestamp to be a String", "Unix timestamp to be a Long", "Date to be a java.util.Date",
							  "Time to be a java.util.Date", "Timestamp to be a java.util.Date" };
	int64_t us;
	if (v->kind != (type == TIME_STRING ? CV_STRING : type == TIME_UNIX ? CV_INT64 : CV_DATE))
		return err_set(err, ERR_INVALID, SMT_DATA "Expected %s, but found class %s", expected[type], cv_class(v));
	*ms = v->u.i;
	if (type == TIME_UNIX)
		*ms = x->ms_per > 1 ? times(v->u.i, x->ms_per) : v->u.i / x->per_ms;
	if (type != TIME_STRING)
		return 0;
	if (!x->format.p)
		return err_set(err, ERR_INVALID, "java.lang.NullPointerException: Cannot invoke \"java.text.SimpleDateFormat.parse(String)\" because \"config.format\" is null");
	if (!sp_old_parse_lenient(x->format, v->u.s, x->utc, &us))
		return err_set(err, ERR_INVALID, SMT_DATA "Could not parse timestamp: value (%.*s) does not match pattern (%.*s)\nCaused by: java.text.ParseException: Unparseable date: \"%.*s\"",
			       SL(v->u.s), SL(x->format), SL(v->u.s));
	*ms = us / 1000 - (us % 1000 < 0);
	return 0;
}

static struct cv_value typed_time(const struct convert *x, struct arena *a, int64_t ms)
{
	int64_t day = (ms / 86400000 - (ms % 86400000 < 0)) * 86400000;
	struct buf b = { 0 };
	struct cv_value out;
	switch (x->type) {
	case TIME_STRING:
		sp_old_print(x->format, &b, times(ms, 1000), x->utc);
		out = cv_str(arena_dup(a, buf_slice(&b)));
		buf_free(&b);
		return out;
	case TIME_UNIX:
		return cv_int(CV_INT64, x->ms_per > 1 ? ms / x->ms_per : times(ms, x->per_ms));
	case TIME_DATE:
		return cv_int(CV_DATE, day);
	case TIME_TIME:
		return cv_int(CV_DATE, ms - day);
	case TIME_TIMESTAMP: case TIME_TYPES:
		break;
	}
	return cv_int(CV_DATE, ms);
}

static int convert_value(const struct convert *x, struct arena *a, enum time_type from, struct cv_value *v, struct error *err)
{
	int64_t ms = 0;
	int rc;
	if (v->kind == CV_NULL)
		return 0;
	if (from == TIME_TYPES) { /* schemaless */
		from = v->kind == CV_DATE ? TIME_TIMESTAMP : v->kind == CV_INT64 ? TIME_UNIX : v->kind == CV_STRING ? TIME_STRING : TIME_TYPES;
		if (from == TIME_TYPES)
			return err_set(err, ERR_INVALID, SMT_DATA "TimestampConverter does not support class %s objects as timestamps", cv_class(v));
	}
	if ((rc = raw_time(x, from, v, &ms, err)))
		return rc;
	*v = typed_time(x, a, ms);
	return 0;
}

static int schema_time(struct arena *a, const struct cv_schema *s, enum time_type *out, struct error *err)
{
	*out = cv_schema_is(s, CV_TIMESTAMP_NAME) ? TIME_TIMESTAMP : cv_schema_is(s, CV_DATE_NAME) ? TIME_DATE : cv_schema_is(s, CV_TIME_NAME) ? TIME_TIME
	       : s->type == CV_STRING ? TIME_STRING : s->type == CV_INT64 ? TIME_UNIX : TIME_TYPES;
	return *out != TIME_TYPES ? 0 : err_set(err, ERR_INVALID, CONNECT "Schema %.*s does not correspond to a known timestamp type format", SL(cv_schema_text(a, s)));
}

static int convert_struct(const struct convert *x, struct arena *a, const struct cv_schema *s, const struct cv_struct *from, struct cv_value *to, struct error *err)
{
	int rc = 0;
	*to = cv_struct_new(a, s);
	for (size_t i = 0; i < from->schema->field_n && !rc; i++) {
		const struct cv_field *f = &from->schema->fields[i];
		struct cv_value v = smt_value(from, i, x->defaults);
		enum time_type type;
		if (sl_eq(f->name, x->field) && !(rc = schema_time(a, f->schema, &type, err)))
			rc = convert_value(x, a, type, &v, err);
		if (!rc)
			rc = cv_struct_put(to, i, v, err);
	}
	return rc;
}

static int convert_field(const struct convert *x, struct arena *a, struct cv_data *d, struct error *err)
{
	const struct cv_schema *from = d->schema;
	struct cv_schema *s;
	struct cv_value v = cv_null(), *dflt;
	int rc = d->v.kind == CV_NULL ? 0 : smt_need_struct(&d->v, PURPOSE, err);
	if (rc)
		return rc;
	if (from->type != CV_STRUCT)
		return err_set(err, ERR_INVALID, SMT_DATA "Cannot list fields on non-struct type");
	s = smt_basics(a, from, CV_STRUCT);
	for (size_t i = 0; i < from->field_n && !rc; i++) {
		const struct cv_field *f = &from->fields[i];
		rc = cv_schema_field(a, s, f->name, sl_eq(f->name, x->field) ? type_schema(x->type, f->schema->optional) : f->schema, err);
	}
	s->optional = from->optional;
	if (!rc && from->dflt) {
		dflt = arena_alloc(a, sizeof(*dflt));
		rc = convert_struct(x, a, s, from->dflt->u.st, dflt, err);
		s->dflt = dflt;
	}
	if (!rc && d->v.kind != CV_NULL)
		rc = convert_struct(x, a, s, d->v.u.st, &v, err);
	*d = (struct cv_data){ s, v };
	return rc;
}

int smt_convert(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct convert *x = st->state;
	struct cv_data *d = smt_side(st, r);
	enum time_type type = TIME_TYPES;
	const struct cv_value *f;
	struct cv_value v, to;
	int rc;
	(void)drop;
	if (d->schema && x->field.n)
		return convert_field(x, a, d, err);
	if (d->schema) {
		bool optional = d->schema->optional;
		if ((rc = schema_time(a, d->schema, &type, err)))
			return rc;
		d->schema = type_schema(x->type, optional);
	}
	if (d->schema || d->v.kind == CV_NULL || !x->field.n)
		return convert_value(x, a, type, &d->v, err);
	if ((rc = smt_need_map(&d->v, PURPOSE, err)))
		return rc;
	to = cv_map_copy(a, &d->v);
	f = cv_map_get(&d->v, x->field);
	v = f ? *f : cv_null();
	rc = convert_value(x, a, TIME_TYPES, &v, err);
	cv_map_put(a, &to, cv_str(x->field), v);
	d->v = to;
	return rc;
}

/* ---- TimestampRouter ---- */

struct router {
	struct slice topic, time;
	const struct sp_zone *utc;
};

int smt_make_time_router(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct router *x = arena_alloc(c->a, sizeof(*x));
	(void)err;
	st->state = x;
	*x = (struct router){ smt_text(c, "topic.format"), smt_text(c, "timestamp.format"), sp_zone_make(c->a, S("UTC")) };
	return 0;
}

static void replace_all(struct buf *out, struct slice text, struct slice what, struct slice with)
{
	ssize_t at;
	while ((at = sl_find(text, what)) >= 0) {
		buf_add(out, text.p, (size_t)at);
		buf_addsl(out, with);
		text = sl_from(text, (size_t)at + what.n);
	}
	buf_addsl(out, text);
}

int smt_time_router(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct router *x = st->state;
	struct buf time = { 0 }, one = { 0 }, two = { 0 };
	int rc;
	(void)drop;
	if (r->timestamp_ms < 0)
		return err_set(err, ERR_INVALID, SMT_DATA "Timestamp missing on record: SinkRecord");
	if ((rc = check_format(x->time, "", err)))
		return rc;
	sp_old_print(x->time, &time, times(r->timestamp_ms, 1000), x->utc);
	replace_all(&one, x->topic, S("${topic}"), r->topic);
	replace_all(&two, buf_slice(&one), S("${timestamp}"), buf_slice(&time));
	r->topic = arena_dup(a, buf_slice(&two));
	buf_free(&time);
	buf_free(&one);
	buf_free(&two);
	return 0;
}
