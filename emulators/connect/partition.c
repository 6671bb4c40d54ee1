#include "connect/connect.h"

#define CONFIG "org.apache.kafka.common.config.ConfigException: "
#define PARTITION "io.confluent.connect.storage.errors.PartitionException: "

/* ---- configuration ---- */

static struct slice setting(const struct con_config *c, const char *key, const char *dflt)
{
	const char *v = con_get(c, key);
	return sl(v ? v : dflt);
}

static bool blank(struct slice s)
{
	return !sl_trim(s).n;
}

static int bad_value(struct slice value, const char *key, const char *why, struct error *err)
{
	return err_set(err, ERR_INVALID, CONFIG "Invalid value %.*s for configuration %s: %s", SL(value), key, why);
}

static int make_extractor(struct con_paths *p, struct slice x, struct error *err)
{
	static const char *const names[] = { "Wallclock", "Record", "RecordField" };
	static const char prefix[] = "io.confluent.connect.storage.partitioner.TimeBasedPartitioner$";
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char full[128];
		(void)snprintf(full, sizeof(full), "%s%sTimestampExtractor", prefix, names[i]);
		if (!sl_eqs(x, names[i]) && !sl_eqs(x, full))
			continue;
		p->extractor = (enum con_extractor)i;
		return 0;
	}
	return err_set(err, ERR_INVALID, CONFIG "Invalid timestamp extractor: %.*s\nCaused by: java.lang.ClassNotFoundException: %.*s", SL(x), SL(x));
}

/* TimeBasedPartitioner, and Daily and Hourly, which set its duration and path. */
static int open_times(struct con_paths *p, const struct con_config *c, struct slice class, struct error *err)
{
	struct slice locale = setting(c, "locale", ""), zone = setting(c, "timezone", ""), d = p->delim, duration = setting(c, "partition.duration.ms", "-1");
	bool daily = sl_ends(class, S("DailyPartitioner")), hourly = sl_ends(class, S("HourlyPartitioner"));
	struct error why;
	p->pattern = arena_dup(&p->arena, setting(c, "path.format", ""));
	if (daily || hourly)
		p->pattern = arena_printf(&p->arena, "'year'=YYYY%.*s'month'=MM%.*s'day'=dd", SL(d), SL(d));
	if (hourly)
		p->pattern = arena_printf(&p->arena, "%.*s%.*s'hour'=HH", SL(p->pattern), SL(d));
	p->duration_ms = daily ? 86400000 : 3600000;
	if (!daily && !hourly && (!sl_int(sl_trim(duration), INT64_MIN, INT64_MAX, &p->duration_ms) || p->duration_ms < 0))
		return bad_value(sl_trim(duration), "partition.duration.ms", "Partition duration needs to be a positive.", err);
	if (blank(p->pattern) || sl_eq(p->pattern, d))
		return bad_value(p->pattern, "path.format", "Path format cannot be empty.", err);
	if (!blank(d) && sl_ends(p->pattern, d))
		p->pattern.n -= d.n;
	if (blank(locale))
		return bad_value(locale, "locale", "Locale cannot be empty.", err);
	if (blank(zone))
		return bad_value(zone, "timezone", "Timezone cannot be empty.", err);
	p->names = joda_names_of(locale);
	if (joda_zone_make(&p->arena, zone, &p->zone, &why))
		return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: %s", why.text);
	if (joda_pattern_check(p->pattern, &why))
		return err_set(err, ERR_INVALID, CONFIG "Invalid value %.*s for configuration path.format: %s\nCaused by: java.lang.IllegalArgumentException: %s",
			       SL(p->pattern), why.text, why.text);
	p->time_field = arena_dup(&p->arena, setting(c, "timestamp.field", "timestamp"));
	return make_extractor(p, setting(c, "timestamp.extractor", "Wallclock"), err);
}

int con_paths_open(struct con_paths *p, const struct con_config *c, struct error *err)
{
	struct slice class = setting(c, "partitioner.class", "DefaultPartitioner");
	con_paths_close(p);
	p->delim = arena_dup(&p->arena, setting(c, "directory.delim", "/"));
	p->fields = arena_dup(&p->arena, setting(c, "partition.field.name", ""));
	p->kind = sl_ends(class, S("FieldPartitioner")) ? PARTITION_FIELD : sl_ends(class, S("DefaultPartitioner")) ? PARTITION_DEFAULT : PARTITION_TIME;
	return p->kind == PARTITION_TIME ? open_times(p, c, class, err) : 0;
}

void con_paths_close(struct con_paths *p)
{
	arena_free(&p->arena);
	buf_free(&p->last_text);
	*p = (struct con_paths){ .extractor = EXTRACT_WALLCLOCK };
}

/* ---- a record's time ---- */

/* DataUtils.getNestedFieldValue: dots go into maps and structs. NULL: there is none. *of: the schema of a struct's field. */
static const struct cv_value *nested(const struct cv_value *v, struct slice path, const struct cv_schema **of)
{
	struct slice name;
	*of = NULL;
	while (v && path.p) {
		sl_cut(path, '.', &name, &path);
		if (v->kind == CV_STRUCT) {
			ssize_t at = cv_field_at(v->u.st->schema, name);
			*of = at < 0 ? NULL : v->u.st->schema->fields[at].schema;
			v = at < 0 ? NULL : cv_struct_at(v->u.st, (size_t)at);
		} else {
			v = cv_map_get(v, name);
			v = v && v->kind != CV_NULL ? v : NULL;
		}
	}
	return v;
}

static bool all_digits(struct slice s)
{
	size_t sign = s.n && s.p[0] == '-';
	for (size_t i = sign; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > sign && s.n - sign <= 19;
}

static int text_time(struct slice s, int64_t *out, struct error *err)
{
	struct error why;
	if (all_digits(s)) {
		if (sl_int(s, INT64_MIN, INT64_MAX, out))
			return 0;
		return err_set(err, ERR_INVALID, "java.lang.NumberFormatException: For input string: \"%.*s\"", SL(s));
	}
	if (!joda_parse_iso(s, out, &why))
		return 0;
	return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: %s", why.text);
}

static int no_field(const struct con_paths *p, const struct cv_value *v, struct error *err)
{
	struct buf b = { .max = 1 << 20 };
	cv_print(&b, v);
	(void)err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: The field '%.*s' does not exist in %.*s.", SL(p->time_field), SL(buf_slice(&b)));
	buf_free(&b);
	return ERR_INVALID;
}

static int field_time(const struct con_paths *p, const struct sink_record *r, int64_t *out, struct error *err)
{
	const struct cv_schema *of;
	const struct cv_value *v = nested(&r->value.v, p->time_field, &of);
	bool whole;
	if (r->value.v.kind != CV_MAP && r->value.v.kind != CV_STRUCT)
		return err_set(err, ERR_INVALID, PARTITION "Error encoding partition.");
	if (!v)
		return no_field(p, &r->value.v, err);
	if (of && v->kind == CV_NULL)
		return err_set(err, ERR_INVALID, "java.lang.NullPointerException: Cannot invoke \"Object.getClass()\" because \"timestampValue\" is null");
	/* Of a Struct only INT32, INT64, STRING and the logical Timestamp; of a Map any number. */
	whole = of ? v->kind == CV_INT32 || v->kind == CV_INT64 : v->kind >= CV_INT8 && v->kind <= CV_INT64;
	if (whole || (v->kind == CV_DATE && (!of || cv_schema_is(of, CV_TIMESTAMP_NAME))))
		*out = v->u.i;
	else if (v->kind == CV_STRING)
		return text_time(v->u.s, out, err);
	else if (!of && (v->kind == CV_FLOAT32 || v->kind == CV_FLOAT64))
		*out = v->u.f >= 9.3e18 ? INT64_MAX : v->u.f <= -9.3e18 ? INT64_MIN : (int64_t)v->u.f;
	else
		return err_set(err, ERR_INVALID, PARTITION "Error extracting timestamp from record field: %.*s", SL(p->time_field));
	return 0;
}

/* FieldPartitioner: fields of a Struct, "f=v/g=w". */
static int encode_fields(const struct con_paths *p, const struct sink_record *r, struct buf *out, struct error *err)
{
	struct slice name, rest = p->fields;
	if (r->value.v.kind != CV_STRUCT)
		return err_set(err, ERR_INVALID, PARTITION "Error encoding partition.");
	for (bool first = true; rest.p; first = false) {
		const struct cv_struct *st = r->value.v.u.st;
		ssize_t at;
		sl_cut(rest, ',', &name, &rest);
		name = sl_trim(name);
		at = cv_field_at(st->schema, name);
		if (at < 0)
			return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.DataException: %.*s is not a valid field name", SL(name));
		const struct cv_value *v = cv_struct_at(st, (size_t)at);
		enum cv_kind type = st->schema->fields[at].schema->type;
		if (type != CV_STRING && type != CV_BOOLEAN && !(type >= CV_INT8 && type <= CV_INT64))
			return err_set(err, ERR_INVALID, PARTITION "Error encoding partition.");
		if (v->kind == CV_NULL && type != CV_STRING)
			return err_set(err, ERR_INVALID, "java.lang.NullPointerException");
		buf_addf(out, "%.*s%.*s=", first ? 0 : (int)p->delim.n, p->delim.p, SL(name));
		cv_print(out, v);
	}
	return 0;
}

static int encode_time(struct con_paths *p, int64_t ms, struct buf *out, struct error *err)
{
	int64_t at;
	if (!p->duration_ms)
		return err_set(err, ERR_INVALID, "java.lang.ArithmeticException: / by zero");
	at = joda_span(&p->zone, p->duration_ms, ms);
	if (!p->known || p->last_ms != at) {
		buf_reset(&p->last_text);
		joda_print(p->pattern, &p->zone, p->names, at, &p->last_text);
		p->last_ms = at;
		p->known = true;
	}
	buf_addsl(out, buf_slice(&p->last_text));
	return 0;
}

int con_encode_partition(struct con_paths *p, int partition, const struct sink_record *r, int64_t now_ms, struct buf *out, int64_t *time_ms, struct error *err)
{
	int rc = 0;
	switch (p->kind) {
	case PARTITION_DEFAULT:
		buf_addf(out, "partition=%d", partition);
		return 0;
	case PARTITION_FIELD:
		return encode_fields(p, r, out, err);
	case PARTITION_TIME:
		break;
	}
	*time_ms = p->extractor == EXTRACT_RECORD ? r->timestamp_ms : now_ms;
	if (p->extractor == EXTRACT_FIELD)
		rc = field_time(p, r, time_ms, err);
	return rc ? rc : encode_time(p, *time_ms, out, err);
}

void con_object_key(const struct sink_conf *s, const struct con_tp *tp, const struct sink_file *f, const char *extension, struct buf *out)
{
	if (*s->topics_dir)
		buf_addf(out, "%s%s", s->topics_dir, s->dir_delim);
	buf_addf(out, "%s%s%s%s%s%s%d%s%0*lld%s%s", tp->topic, s->dir_delim, f->partition, s->dir_delim, tp->topic, s->file_delim,
		 tp->partition, s->file_delim, s->pad < 0 ? 0 : s->pad > 64 ? 64 : s->pad, (long long)f->start, extension, s->gzip ? ".gz" : "");
}

int64_t con_next_schedule(const struct joda_zone *z, int64_t now_ms, int64_t interval_ms)
{
	enum { DAY = 86400000 };
	int64_t local = joda_to_local(z, now_ms), days = local / DAY - (local % DAY < 0);
	int64_t start = joda_to_utc(z, days * DAY), end = joda_to_utc(z, (days + 1) * DAY);
	int64_t next = start + ((now_ms - start) / interval_ms + 1) * interval_ms;
	return next < end ? next : end;
}
