/* Transforms that give fields other values of their kind or another kind: Cast, MaskField. */
#include <math.h>

#include "connect/smt.h"

#define NUMBER_FORMAT "\nCaused by: java.lang.NumberFormatException: "
#define INPUTS "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]"
#define OUTPUTS "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]"

/* ---- numbers as Java narrows and reads them ---- */

static int64_t saturated(double f, int64_t lo, int64_t hi)
{
	if (isnan(f))
		return 0;
	return f <= (double)lo ? lo : f >= (double)hi ? hi : (int64_t)f;
}

static double decimal_real(const struct cv_decimal *d)
{
	struct buf b = { 0 };
	cv_decimal_print(&b, d, false);
	double f = strtod(buf_cstr(&b), NULL);
	buf_free(&b);
	return f;
}

/* Number.longValue; bytes and shorts go through an int. */
static int64_t narrow(const struct cv_value *v, enum cv_kind to)
{
	bool real = v->kind == CV_FLOAT32 || v->kind == CV_FLOAT64;
	bool small = to == CV_INT8 || to == CV_INT16 || to == CV_INT32;
	int64_t n = v->kind == CV_DECIMAL ? saturated(decimal_real(v->u.decimal), INT64_MIN, INT64_MAX)
		    : real		  ? saturated(v->u.f, small ? INT32_MIN : INT64_MIN, small ? INT32_MAX : INT64_MAX)
					  : v->u.i;
	return to == CV_INT8 ? (int8_t)n : to == CV_INT16 ? (int16_t)n : to == CV_INT32 ? (int32_t)n : n;
}

static bool parse_integer(struct slice s, enum cv_kind to, struct cv_value *out, struct arena *a, struct slice *why)
{
	static const int64_t least[] = { [CV_INT8] = INT8_MIN, [CV_INT16] = INT16_MIN, [CV_INT32] = INT32_MIN, [CV_INT64] = INT64_MIN };
	static const int64_t most[] = { [CV_INT8] = INT8_MAX, [CV_INT16] = INT16_MAX, [CV_INT32] = INT32_MAX, [CV_INT64] = INT64_MAX };
	struct slice digits = s.n > 1 && s.p[0] == '+' && s.p[1] != '-' ? sl_from(s, 1) : s;
	int64_t n;
	*why = arena_printf(a, "For input string: \"%.*s\"", SL(s));
	if (!sl_int(digits, to == CV_INT64 ? INT64_MIN : INT32_MIN, to == CV_INT64 ? INT64_MAX : INT32_MAX, &n))
		return false;
	*why = arena_printf(a, "Value out of range. Value:\"%.*s\" Radix:10", SL(s));
	*out = cv_int(to, n);
	return n >= least[to] && n <= most[to];
}

/* Double.parseDouble: blanks around it, a type letter behind it. */
static bool parse_real(struct slice s, enum cv_kind to, struct cv_value *out, struct arena *a, struct slice *why)
{
	struct slice t = sl_trim(s), sign, word;
	char *text, *end;
	*why = t.n ? arena_printf(a, "For input string: \"%.*s\"", SL(s)) : S("empty String");
	sign = t.n && (t.p[0] == '-' || t.p[0] == '+') ? sl_from(t, 1) : t;
	word = sign;
	bool named = sl_eq(word, S("NaN")) || sl_eq(word, S("Infinity"));
	bool hex = word.n > 1 && word.p[0] == '0' && (word.p[1] | 32) == 'x';
	if (!t.n || (!named && !(word.n && (word.p[0] == '.' || (word.p[0] >= '0' && word.p[0] <= '9')))) || (hex && sl_chr(word, 'p') < 0 && sl_chr(word, 'P') < 0))
		return false;
	text = arena_cstr(a, t);
	if (!named && t.n && strchr("fFdD", text[t.n - 1]))
		text[t.n - 1] = 0;
	*out = cv_real(to, to == CV_FLOAT32 ? (double)strtof(text, &end) : strtod(text, &end));
	return !*end && end != text;
}

/* ---- Cast ---- */

static const struct {
	const char *name;
	enum cv_kind type;
} types[] = {
	{ "INT8", CV_INT8 }, { "INT16", CV_INT16 }, { "INT32", CV_INT32 }, { "INT64", CV_INT64 }, { "FLOAT32", CV_FLOAT32 }, { "FLOAT64", CV_FLOAT64 },
	{ "BOOLEAN", CV_BOOLEAN }, { "STRING", CV_STRING }, { "BYTES", CV_BYTES }, { "ARRAY", CV_ARRAY }, { "MAP", CV_MAP }, { "STRUCT", CV_STRUCT },
};

static int cast_type(struct arena *a, struct slice name, enum cv_kind *out, struct error *err)
{
	char *upper = arena_cstr(a, name);
	for (char *p = upper; *p; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(upper, types[i].name) != 0)
			continue;
		*out = types[i].type;
		return *out <= CV_STRING ? 0 : err_set(err, ERR_INVALID, SMT_CONFIG "Cast transformation does not support casting to %s; supported types are " OUTPUTS, upper);
	}
	/* Kafka hands its exception over as a configuration's value, and the text as its name. */
	return err_set(err, ERR_INVALID, SMT_CONFIG "Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.%s "
		       "for configuration Invalid type found in casting spec: %.*s", upper, SL(name));
}

int smt_cast_parse(struct arena *a, const struct slice *list, size_t n, struct smt_cast_spec *out, struct error *err)
{
	bool whole = false;
	for (size_t i = 0; i < n; i++) {
		struct slice one = list[i], field, type;
		int rc;
		while (one.n && one.p[one.n - 1] == ':')
			one.n--;
		sl_cut(one, ':', &field, &type);
		if (type.p && sl_chr(type, ':') >= 0)
			return err_set(err, ERR_INVALID, SMT_CONFIG "Invalid value %.*s for configuration renames: Invalid rename mapping: %.*s", SL(smt_list_text(a, list, n)), SL(list[i]));
		out[i].field = type.p ? sl_trim(field) : sl(NULL);
		whole |= !type.p;
		if ((rc = cast_type(a, sl_trim(type.p ? type : field), &out[i].type, err)))
			return rc;
	}
	return whole && n > 1 ? err_set(err, ERR_INVALID, SMT_CONFIG "Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec") : 0;
}

struct cast {
	struct smt_cast_spec *v;
	size_t n;
	bool defaults;
};

int smt_make_cast(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct cast *x = arena_alloc(c->a, sizeof(*x));
	const struct slice *list = smt_list(c, "spec", &x->n);
	st->state = x;
	x->defaults = smt_truth(c, "replace.null.with.default");
	x->v = arena_alloc(c->a, (x->n + 1) * sizeof(*x->v));
	return smt_cast_parse(c->a, list, x->n, x->v, err);
}

struct slice smt_date_text(struct arena *a, int64_t ms)
{
	int64_t days = ms / 86400000 - (ms % 86400000 < 0), in_day = ms - days * 86400000;
	int year, month, day;
	struct slice date, time;
	clock_civil(days, &year, &month, &day);
	date = arena_printf(a, "%04d-%02d-%02d", year, month, day);
	time = arena_printf(a, "%02d:%02d:%02d.%03dZ", (int)(in_day / 3600000), (int)(in_day / 60000 % 60), (int)(in_day / 1000 % 60), (int)(in_day % 1000));
	return ms < 86400000 ? time : !in_day ? date : arena_printf(a, "%.*sT%.*s", SL(date), SL(time));
}

static struct cv_value cast_string(struct arena *a, const struct cv_value *v)
{
	struct buf b = { 0 };
	if (v->kind == CV_DATE)
		return cv_str(smt_date_text(a, v->u.i));
	if (v->kind != CV_BYTES)
		return cv_str(cv_text(a, v));
	buf_base64(&b, v->u.s.p, v->u.s.n);
	struct cv_value out = cv_str(arena_dup(a, buf_slice(&b)));
	buf_free(&b);
	return out;
}

/* Date.fromLogical and the like, for a target that is no string. */
static struct cv_value encoded(const struct cv_schema *s, const struct cv_value *v)
{
	if (v->kind != CV_DATE)
		return *v;
	if (cv_schema_is(s, CV_DATE_NAME))
		return cv_int(CV_INT32, v->u.i / 86400000);
	return cv_int(cv_schema_is(s, CV_TIME_NAME) ? CV_INT32 : CV_INT64, v->u.i);
}

static int cast_text(struct arena *a, const struct cv_value *v, enum cv_kind to, struct cv_value *out, struct error *err)
{
	struct slice why;
	bool good;
	if (to == CV_BOOLEAN) {
		*out = cv_int(CV_BOOLEAN, sl_eq_nocase(v->u.s, S("true")));
		return 0;
	}
	good = to == CV_FLOAT32 || to == CV_FLOAT64 ? parse_real(v->u.s, to, out, a, &why) : parse_integer(v->u.s, to, out, a, &why);
	return good ? 0 : err_set(err, ERR_INVALID, SMT_DATA "Value (%.*s) was out of range for requested data type" NUMBER_FORMAT "%.*s", SL(v->u.s), SL(why));
}

int smt_cast_value(struct arena *a, const struct cv_schema *schema, const struct cv_value *from, enum cv_kind to, struct cv_value *out, struct error *err)
{
	enum cv_kind type = schema ? schema->type : from->kind;
	struct cv_value v = *from;
	*out = cv_null();
	if (v.kind == CV_NULL)
		return 0;
	if (type == CV_DECIMAL || type == CV_DATE)
		return err_set(err, ERR_INVALID, SMT_DATA "Cast transformation was passed a value of type class %s which is not supported by Connect's data API", cv_class(&v));
	if (type > CV_BYTES)
		return err_set(err, ERR_INVALID, SMT_DATA "Cast transformation does not support casting from %s; supported types are " INPUTS, cv_type_name(type));
	if (schema && schema->name.p && to != CV_STRING)
		v = encoded(schema, &v);
	if (to == CV_STRING) {
		*out = cast_string(a, &v);
		return 0;
	}
	if (v.kind == CV_STRING)
		return cast_text(a, &v, to, out, err);
	if (v.kind == CV_BYTES || v.kind == CV_DATE)
		return err_set(err, ERR_INVALID, SMT_DATA "Unexpected type in Cast transformation: class %s", cv_class(&v));
	if (to == CV_BOOLEAN)
		*out = cv_int(CV_BOOLEAN, v.kind == CV_BOOLEAN ? v.u.i : narrow(&v, CV_INT64) != 0);
	else if (to != CV_FLOAT32 && to != CV_FLOAT64)
		*out = cv_int(to, narrow(&v, to));
	else if (v.kind == CV_FLOAT32 || v.kind == CV_FLOAT64)
		*out = cv_real(to, to == CV_FLOAT32 ? (double)(float)v.u.f : v.u.f);
	else if (v.kind == CV_DECIMAL)
		*out = cv_real(to, to == CV_FLOAT32 ? (double)(float)decimal_real(v.u.decimal) : decimal_real(v.u.decimal));
	else
		*out = cv_real(to, to == CV_FLOAT32 ? (double)(float)v.u.i : (double)v.u.i);
	return 0;
}

static const struct smt_cast_spec *cast_of(const struct cast *x, struct slice field)
{
	for (size_t i = x->n; i-- > 0;)
		if (x->v[i].field.p && sl_eq(x->v[i].field, field))
			return &x->v[i];
	return NULL;
}

static int cast_schema(struct arena *a, const struct cv_schema *from, enum cv_kind to, struct cv_schema **out, struct error *err)
{
	struct cv_value *dflt = arena_alloc(a, sizeof(*dflt));
	*out = smt_basics(a, from, to);
	(*out)->optional = from->optional;
	if (!from->dflt)
		return 0;
	(*out)->dflt = dflt;
	return smt_cast_value(a, from, from->dflt, to, dflt, err);
}

static int cast_field_schema(const struct cast *x, struct arena *a, const struct cv_schema *from, size_t i, struct cv_schema *s, struct error *err)
{
	const struct cv_field *f = &from->fields[i];
	const struct smt_cast_spec *spec = cast_of(x, f->name);
	struct cv_schema *to;
	int rc;
	if (!spec)
		return cv_schema_field(a, s, f->name, f->schema, err);
	/* A field's schema keeps whether it is optional and its default, and loses its name. */
	to = cv_schema_new(a, spec->type);
	to->optional = f->schema->optional;
	if (f->schema->dflt) {
		struct cv_value *dflt = arena_alloc(a, sizeof(*dflt));
		to->dflt = dflt;
		if ((rc = smt_cast_value(a, f->schema, f->schema->dflt, spec->type, dflt, err)))
			return rc;
	}
	return cv_schema_field(a, s, f->name, to, err);
}

static int cast_struct(const struct cast *x, struct arena *a, struct cv_data *d, struct error *err)
{
	const struct cv_schema *from = d->schema;
	struct cv_schema *s;
	struct cv_value to, v;
	int rc;
	if (from->type != CV_STRUCT)
		return err_set(err, ERR_INVALID, SMT_DATA "Cannot list fields on non-struct type");
	s = smt_basics(a, from, CV_STRUCT);
	s->optional = from->optional;
	rc = from->dflt ? smt_cast_value(a, from, from->dflt, CV_STRUCT, &v, err) : 0;
	for (size_t i = 0; i < from->field_n && !rc; i++)
		rc = cast_field_schema(x, a, from, i, s, err);
	if (rc || (rc = smt_need_struct(&d->v, "cast types", err)))
		return rc;
	to = cv_struct_new(a, s);
	for (size_t i = 0; i < from->field_n && !rc; i++) {
		const struct smt_cast_spec *spec = cast_of(x, from->fields[i].name);
		v = smt_value(d->v.u.st, i, x->defaults);
		if (spec)
			rc = smt_cast_value(a, from->fields[i].schema, &v, spec->type, &v, err);
		if (!rc)
			rc = cv_struct_put(&to, i, v, err);
	}
	*d = (struct cv_data){ s, to };
	return rc;
}

int smt_cast(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct cast *x = st->state;
	struct cv_data *d = smt_side(st, r);
	struct cv_value to;
	int rc;
	(void)drop;
	if (d->v.kind == CV_NULL)
		return 0;
	if (x->n && !x->v[0].field.p) {
		struct cv_schema *s = NULL;
		if (d->schema && (rc = cast_schema(a, d->schema, x->v[0].type, &s, err)))
			return rc;
		rc = smt_cast_value(a, d->schema, &d->v, x->v[0].type, &to, err);
		*d = (struct cv_data){ s, to };
		return rc;
	}
	if (d->schema)
		return cast_struct(x, a, d, err);
	if ((rc = smt_need_map(&d->v, "cast types", err)))
		return rc;
	to = cv_map_copy(a, &d->v);
	for (size_t i = 0; i < x->n && !rc; i++) {
		const struct cv_value *f = cv_map_get(&d->v, x->v[i].field);
		struct cv_value v = cv_null();
		if (cast_of(x, x->v[i].field) != &x->v[i])
			continue;
		rc = f ? smt_cast_value(a, NULL, f, x->v[i].type, &v, err) : 0;
		cv_map_put(a, &to, cv_str(x->v[i].field), v);
	}
	d->v = to;
	return rc;
}

/* ---- MaskField ---- */

struct mask {
	struct slice *fields, replacement;
	size_t n;
	bool defaults;
};

int smt_make_mask(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct mask *x = arena_alloc(c->a, sizeof(*x));
	(void)err;
	st->state = x;
	x->fields = smt_list(c, "fields", &x->n);
	x->replacement = smt_text(c, "replacement");
	x->defaults = smt_truth(c, "replace.null.with.default");
	return 0;
}

/* Values.convertToLong and the like of a text. */
static int replacement(struct arena *a, struct slice text, enum cv_kind kind, struct cv_value *out, struct error *err)
{
	struct cv_decimal *d = arena_alloc(a, sizeof(*d));
	struct cv_value v = { CV_DECIMAL, { .decimal = d } };
	*out = cv_str(text);
	if (kind == CV_STRING)
		return 0;
	if (!cv_decimal_parse(a, text, d))
		return err_set(err, ERR_INVALID, SMT_DATA "Unable to convert %.*s (class java.lang.String) to %s" NUMBER_FORMAT
			       "Character %.1s is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.", SL(text),
			       kind == CV_DECIMAL ? "number" : "a number", text.n ? text.p : "");
	if (kind == CV_DECIMAL) {
		*out = v;
	} else if (kind == CV_FLOAT32 || kind == CV_FLOAT64) {
		*out = cv_real(kind, kind == CV_FLOAT32 ? (double)(float)decimal_real(d) : decimal_real(d));
	} else {
		int64_t n;
		if (!sl_int(text, INT64_MIN, INT64_MAX, &n))
			n = saturated(decimal_real(d), INT64_MIN, INT64_MAX);
		*out = cv_int(kind, kind == CV_INT8 ? (int8_t)n : kind == CV_INT16 ? (int16_t)n : kind == CV_INT32 ? (int32_t)n : n);
	}
	return 0;
}

static int masked(const struct mask *x, struct arena *a, const struct cv_value *from, struct cv_value *out, struct error *err)
{
	static const char zero[1] = { 0 };
	const struct cv_value value = *from, *v = &value;
	struct cv_decimal *d;
	*out = cv_null();
	if (v->kind == CV_NULL)
		return 0;
	if (x->replacement.p) {
		if (v->kind == CV_BOOLEAN || v->kind == CV_DATE || (v->kind >= CV_BYTES && v->kind != CV_DECIMAL))
			return err_set(err, ERR_INVALID, SMT_DATA "Cannot mask value of type class %s with custom replacement.", cv_class(v));
		return replacement(a, x->replacement, v->kind, out, err);
	}
	switch (v->kind) {
	case CV_FLOAT32: case CV_FLOAT64:
		*out = cv_real(v->kind, 0);
		return 0;
	case CV_STRING:
		*out = cv_str(S(""));
		return 0;
	case CV_ARRAY:
		*out = cv_list_new(a);
		return 0;
	case CV_MAP:
		*out = cv_map_new(a);
		return 0;
	case CV_DECIMAL:
		d = arena_alloc(a, sizeof(*d));
		d->unscaled = sl_of(zero, 1);
		*out = (struct cv_value){ CV_DECIMAL, { .decimal = d } };
		return 0;
	case CV_BYTES: case CV_STRUCT:
		return err_set(err, ERR_INVALID, SMT_DATA "Cannot mask value of type: class %s", cv_class(v));
	default:
		*out = cv_int(v->kind, 0);
		return 0;
	}
}

static int mask_struct(const struct mask *x, struct arena *a, struct cv_data *d, struct error *err)
{
	const struct cv_struct *from = d->v.u.st;
	struct cv_value to = cv_struct_new(a, from->schema), v;
	int rc = 0;
	for (size_t i = 0; i < from->schema->field_n && !rc; i++) {
		v = smt_value(from, i, x->defaults);
		if (smt_in(x->fields, x->n, from->schema->fields[i].name))
			rc = masked(x, a, &v, &v, err);
		if (!rc)
			rc = cv_struct_put(&to, i, v, err);
	}
	d->v = to;
	return rc;
}

int smt_mask(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct mask *x = st->state;
	struct cv_data *d = smt_side(st, r);
	struct cv_value to;
	int rc = d->schema ? smt_need_struct(&d->v, "mask fields", err) : smt_need_map(&d->v, "mask fields", err);
	(void)drop;
	if (rc || d->schema)
		return rc ? rc : mask_struct(x, a, d, err);
	to = cv_map_copy(a, &d->v);
	for (size_t i = 0; i < x->n && !rc; i++) {
		const struct cv_value *f = cv_map_get(&d->v, x->fields[i]);
		struct cv_value v = cv_null();
		rc = f ? masked(x, a, f, &v, err) : 0;
		cv_map_put(a, &to, cv_str(x->fields[i]), v);
	}
	d->v = to;
	return rc;
}
