/* Values to documents, as JacksonGenerator writes them. */
#include "core/text.h"
#include "java/text.h"
#include "spark/decimal.h"
#include "spark/java_text.h"
#include "spark/json_value.h"
#include "spark/print.h"

struct sp_json_writer {
	struct sp_json_options o;
	struct sp_times times;
	struct sp_error *err;
};

struct sp_json_writer *sp_json_writer_new(struct arena *keep, const struct sp_json_options *o, struct sp_error *err)
{
	struct sp_json_writer *w = arena_alloc(keep, sizeof(*w));
	w->o = *o;
	w->o.timestamp_format = o->timestamp_format.p ? o->timestamp_format : S("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]");
	w->o.ntz_format = o->ntz_format.p ? o->ntz_format : S("yyyy-MM-dd'T'HH:mm:ss[.SSS]");
	return sp_times_make(&w->times, keep, &w->o, SP_PATTERN_FORMAT, err) ? NULL : w;
}

static void write_time(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v)
{
	struct sp_error err = { 0 };
	const struct sp_zone *zone = t->kind == SP_TIMESTAMP ? w->times.zone : NULL;
	buf_addc(b, '"');
	if (t->kind == SP_DATE && !w->times.date)
		sp_print_date(b, v->i);
	else if (sp_pattern_print(t->kind == SP_DATE ? w->times.date : t->kind == SP_TIMESTAMP ? w->times.timestamp : w->times.ntz, b,
				  t->kind == SP_DATE ? v->i * SP_DAY_US : v->i, zone, &err))
		sp_error_free(&err); /* of fields that there aren't, nothing is written */
	buf_addc(b, '"');
}

static void write_text(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	struct buf s = { 0 };
	sp_print(&s, t, v, zone);
	sp_json_string(b, buf_slice(&s), false);
	buf_free(&s);
}

static void write_real(struct buf *b, const struct sp_type *t, double d)
{
	char text[SP_REAL_TEXT_MAX];
	size_t n = t->kind == SP_FLOAT ? sp_float_text(d, text) : sp_double_text(d, text);
	bool odd = d - d != 0;
	if (odd)
		buf_addc(b, '"');
	buf_add(b, text, n);
	if (odd)
		buf_addc(b, '"');
}

static void line(const struct sp_json_writer *w, struct buf *b, int depth)
{
	if (!w->o.pretty)
		return;
	buf_addc(b, '\n');
	for (int i = 0; i < depth; i++)
		buf_adds(b, "  ");
}

static void write_value(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v, int depth);

static void write_colon(const struct sp_json_writer *w, struct buf *b)
{
	buf_adds(b, w->o.pretty ? " : " : ":");
}

static void write_struct(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v, int depth)
{
	bool any = false;
	buf_addc(b, '{');
	for (size_t i = 0; i < t->field_n; i++) {
		const struct sp_value *item = &v->list->items[i];
		if (item->null && !w->o.keep_nulls)
			continue;
		if (any)
			buf_addc(b, ',');
		any = true;
		line(w, b, depth + 1);
		sp_json_string(b, t->fields[i].name, false);
		write_colon(w, b);
		write_value(w, b, t->fields[i].type, item, depth + 1);
	}
	if (any)
		line(w, b, depth);
	buf_adds(b, any || !w->o.pretty ? "}" : " }");
}

static void write_map(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v, int depth)
{
	buf_addc(b, '{');
	for (size_t i = 0; i + 1 < v->list->n; i += 2) {
		struct buf key = { 0 };
		if (i)
			buf_addc(b, ',');
		line(w, b, depth + 1);
		sp_java_text(&key, t->key, &v->list->items[i]);
		sp_json_string(b, buf_slice(&key), false);
		buf_free(&key);
		write_colon(w, b);
		write_value(w, b, t->item, &v->list->items[i + 1], depth + 1);
	}
	if (v->list->n)
		line(w, b, depth);
	buf_adds(b, v->list->n || !w->o.pretty ? "}" : " }");
}

static void write_array(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v, int depth)
{
	buf_addc(b, '[');
	for (size_t i = 0; i < v->list->n; i++) {
		if (i)
			buf_addc(b, ',');
		if (w->o.pretty)
			buf_addc(b, ' ');
		write_value(w, b, t->item, &v->list->items[i], depth);
	}
	buf_adds(b, w->o.pretty ? " ]" : "]");
}

static void write_value(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v, int depth)
{
	char text[SP_DEC_TEXT_MAX];
	if (v->null || t->kind == SP_VOID) {
		buf_adds(b, "null");
		return;
	}
	switch (t->kind) {
	case SP_BOOLEAN:
		buf_adds(b, v->i ? "true" : "false");
		return;
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		buf_int(b, v->i);
		return;
	case SP_FLOAT:
	case SP_DOUBLE:
		write_real(b, t, v->d);
		return;
	case SP_DECIMAL:
		buf_add(b, text, sp_dec_text(sp_wide(v->x), t->scale, false, text));
		return;
	case SP_STRING:
		sp_json_string(b, v->s, false);
		return;
	case SP_BINARY:
		buf_addc(b, '"');
		buf_base64(b, v->s.p, v->s.n);
		buf_addc(b, '"');
		return;
	case SP_DATE:
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
		write_time(w, b, t, v);
		return;
	case SP_STRUCT:
		write_struct(w, b, t, v, depth);
		return;
	case SP_MAP:
		write_map(w, b, t, v, depth);
		return;
	case SP_ARRAY:
		write_array(w, b, t, v, depth);
		return;
	default:
		write_text(b, t, v, w->times.zone);
		return;
	}
}

void sp_json_write(struct sp_json_writer *w, struct buf *b, const struct sp_type *t, const struct sp_value *v)
{
	write_value(w, b, t, v, 0);
}
