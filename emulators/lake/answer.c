/* Rows -> the members of an answer: "columns":[names],"schema":[{"name","type","nullable"}],"rows":[[...]],"truncated":bool. */
#include <math.h>

#include "core/json.h"
#include "core/text.h"
#include "lake/query.h"
#include "spark/json.h"
#include "spark/print.h"

void lake_answer_head(struct lake_query *q, const struct sp_field *columns, size_t n)
{
	struct buf type = { 0 }, *b = &q->out;
	b->n = q->head_n;
	q->answered = 0;
	q->truncated = false;
	jw_list(b, "columns");
	for (size_t i = 0; i < n; i++)
		jw_str(b, NULL, columns[i].name);
	jw_list_end(b);
	jw_list(b, "schema");
	for (size_t i = 0; i < n; i++) {
		buf_reset(&type);
		sp_type_simple(&type, columns[i].type);
		jw_obj(b, NULL);
		jw_str(b, "name", columns[i].name);
		jw_str(b, "type", buf_slice(&type));
		jw_key(b, S("json"));
		sp_type_json(b, columns[i].type);
		jw_bool(b, "nullable", columns[i].nullable);
		if (q->known)
			jw_int(b, "id", (int64_t)q->known[i].uid);
		jw_obj_end(b);
	}
	jw_list_end(b);
	jw_list(b, "rows");
	buf_free(&type);
}

static void add_real(struct buf *b, const struct sp_type *t, double d)
{
	char text[SP_REAL_TEXT_MAX];
	if (isfinite(d))
		buf_add(b, text, t->kind == SP_FLOAT ? sp_float_text(d, text) : sp_double_text(d, text));
	else
		buf_adds(b, isnan(d) ? "\"NaN\"" : d > 0 ? "\"Infinity\"" : "\"-Infinity\"");
}

static void add_text(struct lake_query *q, const struct sp_type *t, const struct sp_value *v)
{
	struct buf text = { 0 };
	(q->as == LAKE_AS_SHOW ? sp_print_cell : q->as == LAKE_AS_HIVE ? sp_print_hive : sp_print)(&text, t, v, q->cx.zone);
	buf_json_string(&q->out, buf_slice(&text));
	buf_free(&text);
}

/* A text that may be no UTF-8: a string made from bytes. */
static void add_string(struct buf *b, struct slice s)
{
	struct buf good = { 0 };
	if (sl_is_utf8(s)) {
		buf_json_string(b, s);
		return;
	}
	buf_utf8_mend(&good, s, "\xef\xbf\xbd");
	buf_json_string(b, buf_slice(&good));
	buf_free(&good);
}

void lake_exact_times(struct sp_json_options *o)
{
	o->timestamp_format = S("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");
	o->ntz_format = S("yyyy-MM-dd'T'HH:mm:ss.SSSSSS");
}

static void add_nested(struct lake_query *q, const struct sp_type *t, const struct sp_value *v)
{
	struct buf text = { 0 };
	struct sp_json_options options;
	if (!q->writer) {
		sp_json_defaults(&options, &q->cx);
		options.keep_nulls = true;
		lake_exact_times(&options);
		q->writer = sp_json_writer_new(&q->arena, &options, &q->err);
	}
	if (!q->writer)
		return;
	sp_json_write(q->writer, &text, t, v);
	if (q->as == LAKE_AS_TEXT)
		buf_json_string(&q->out, buf_slice(&text));
	else
		buf_addsl(&q->out, buf_slice(&text));
	buf_free(&text);
}

static void add_binary(struct buf *b, struct slice s)
{
	buf_addc(b, '"');
	buf_base64(b, s.p, s.n);
	buf_addc(b, '"');
}

static void add_cell(struct lake_query *q, const struct sp_type *t, const struct sp_value *v)
{
	struct buf *b = &q->out;
	if (v->null)
		buf_adds(b, "null");
	else if (t->kind == SP_STRING)
		add_string(b, v->s);
	else if (q->as == LAKE_AS_SHOW || q->as == LAKE_AS_HIVE)
		add_text(q, t, v);
	else if (sp_is_nested(t))
		add_nested(q, t, v);
	else if (t->kind == SP_BINARY)
		add_binary(b, v->s);
	else if (q->as == LAKE_AS_TEXT)
		add_text(q, t, v);
	else if (t->kind == SP_BOOLEAN)
		buf_adds(b, v->i ? "true" : "false");
	else if (sp_is_integral(t))
		buf_int(b, v->i);
	else if (sp_is_fractional(t))
		add_real(b, t, v->d);
	else if (t->kind == SP_DECIMAL)
		sp_print_ansi(b, t, v, NULL);
	else
		add_text(q, t, v);
}

static void begin_row(struct lake_query *q)
{
	buf_adds(&q->out, q->answered++ ? ",[" : "[");
}

int lake_answer_batch(struct lake_query *q, const struct sp_field *columns, size_t n, const struct sp_batch *batch)
{
	for (size_t r = 0; r < batch->n && !q->out.bad; r++) {
		if (q->answered == q->limits.rows_max) {
			q->truncated = true;
			return 1;
		}
		begin_row(q);
		for (size_t i = 0; i < n; i++) {
			struct sp_value v = sp_get(&batch->columns[i], r);
			buf_adds(&q->out, i ? "," : "");
			add_cell(q, columns[i].type, &v);
		}
		buf_addc(&q->out, ']');
	}
	return q->out.bad || q->err.set;
}

void lake_answer_row(struct lake_query *q, const struct sp_field *columns, size_t n, const struct sp_value *v)
{
	begin_row(q);
	for (size_t i = 0; i < n; i++) {
		buf_adds(&q->out, i ? "," : "");
		add_cell(q, columns[i].type, &v[i]);
	}
	buf_addc(&q->out, ']');
}

void lake_answer_end(struct lake_query *q)
{
	buf_addf(&q->out, "],\"truncated\":%s", q->truncated ? "true" : "false");
}
