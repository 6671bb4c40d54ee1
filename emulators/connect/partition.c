#include "connect/connect.h"

/* A field of maps and structs, by its path. */
static const struct cv_value *nested(const struct cv_value *v, struct slice path)
{
	struct slice name;
	while (v && path.p) {
		sl_cut(path, '.', &name, &path);
		v = v->kind == CV_STRUCT ? cv_struct_get(v->u.st, name) : cv_map_get(v, name);
	}
	return v;
}

static int field_time(const struct sink_conf *s, const struct sink_record *r, int64_t *out, struct error *err)
{
	const struct cv_value *v = nested(&r->value.v, sl(s->timestamp_field));
	if (r->value.v.kind != CV_MAP && r->value.v.kind != CV_STRUCT)
		return err_set(err, ERR_INVALID, "io.confluent.connect.storage.errors.PartitionException: Error encoding partition.");
	if (v && ((v->kind >= CV_INT8 && v->kind <= CV_INT64) || v->kind == CV_DATE))
		*out = v->u.i;
	else if (v && (v->kind == CV_FLOAT32 || v->kind == CV_FLOAT64))
		*out = v->u.f >= -9e18 && v->u.f <= 9e18 ? (int64_t)v->u.f : 0;
	else if (!v || v->kind != CV_STRING || !clock_parse_iso(v->u.s, out))
		return err_set(err, ERR_INVALID, "io.confluent.connect.storage.errors.PartitionException: Error extracting timestamp from record field: %s", s->timestamp_field);
	return 0;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* A Joda-Time pattern: letters are fields, 'text' is text. */
static void format_time(const char *p, int64_t ms, struct buf *out)
{
	int year, month, day;
	int64_t days = floor_div(ms, 86400000), in_day = ms - days * 86400000;
	clock_civil(days, &year, &month, &day);
	while (*p) {
		if (*p == '\'') {
			if (*++p == '\'') {
				buf_addc(out, *p++);
				continue;
			}
			for (; *p && (*p != '\'' || p[1] == '\''); p++) {
				buf_addc(out, *p);
				p += *p == '\'';
			}
			p += *p == '\'';
			continue;
		}
		char c = *p;
		int width = 0;
		int64_t v = -1;
		while (p[width] == c)
			width++;
		switch (c) {
		case 'Y': case 'y': case 'x': v = year; break;
		case 'M': v = month; break;
		case 'd': v = day; break;
		case 'H': v = in_day / 3600000; break;
		case 'm': v = in_day / 60000 % 60; break;
		case 's': v = in_day / 1000 % 60; break;
		case 'S': v = in_day % 1000; break;
		}
		if (v < 0)
			buf_addc(out, c);
		else if ((c == 'Y' || c == 'y') && width == 2)
			buf_addf(out, "%02d", (int)(v % 100));
		else
			buf_addf(out, "%0*lld", width > 9 ? 9 : width, (long long)v);
		p += v < 0 ? 1 : width;
	}
}

int con_encode_partition(const struct sink_conf *s, int partition, const struct sink_record *r, int64_t now_ms, struct buf *out, int64_t *time_ms, struct error *err)
{
	int rc = 0;
	switch (s->partitioner) {
	case PARTITION_DEFAULT:
		buf_addf(out, "partition=%d", partition);
		return 0;
	case PARTITION_FIELD:
		/* Fields are those of a Struct, which a record without a schema never is. */
		return err_set(err, ERR_INVALID, "io.confluent.connect.storage.errors.PartitionException: Error encoding partition.");
	case PARTITION_TIME:
		break;
	}
	*time_ms = s->extractor == EXTRACT_RECORD ? r->timestamp_ms : now_ms;
	if (s->extractor == EXTRACT_FIELD)
		rc = field_time(s, r, time_ms, err);
	if (!rc)
		format_time(s->path_format, s->duration_ms > 0 ? floor_div(*time_ms, s->duration_ms) * s->duration_ms : *time_ms, out);
	return rc;
}

void con_object_key(const struct sink_conf *s, const struct con_tp *tp, const struct sink_file *f, const char *extension, struct buf *out)
{
	if (*s->topics_dir)
		buf_addf(out, "%s%s", s->topics_dir, s->dir_delim);
	buf_addf(out, "%s%s%s%s%s%s%d%s%0*lld%s%s", tp->topic, s->dir_delim, f->partition, s->dir_delim, tp->topic, s->file_delim,
		 tp->partition, s->file_delim, s->pad < 0 ? 0 : s->pad > 64 ? 64 : s->pad, (long long)f->start, extension, s->gzip ? ".gz" : "");
}

/* DIFFERS: days begin at midnight UTC, whatever timezone says. */
int64_t con_next_schedule(int64_t now_ms, int64_t interval_ms)
{
	int64_t day = floor_div(now_ms, 86400000) * 86400000;
	return day + ((now_ms - day) / interval_ms + 1) * interval_ms;
}
