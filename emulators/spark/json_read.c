/* Files of JSON to columns. */
#include "spark/json_value.h"

bool sp_json_line(struct slice *rest, struct slice sep, struct slice *line)
{
	const char *at;
	size_t n = 1;
	if (!rest->p || !rest->n)
		return false;
	if (sep.n) {
		ssize_t found = sl_find(*rest, sep);
		at = found < 0 ? NULL : rest->p + found;
		n = sep.n;
	} else {
		const char *cr;
		at = memchr(rest->p, '\n', rest->n);
		cr = memchr(rest->p, '\r', at ? (size_t)(at - rest->p) : rest->n);
		if (cr) {
			n = cr + 1 == at ? 2 : 1;
			at = cr;
		}
	}
	*line = at ? sl_of(rest->p, (size_t)(at - rest->p)) : *rest;
	*rest = at ? sl_from(*rest, line->n + n) : sl_from(*rest, rest->n);
	return true;
}

struct sp_json_reader {
	struct sp_run *run;
	struct arena keep;
	struct sp_json_options o;
	const struct sp_type *type;   /* columns that aren't needed have no type */
	struct sp_json_parser *parser;
	struct slice rest;
	struct sp_jx in_array;        /* within an array at the top: its elements are rows */
	bool array, array_first;
	ssize_t corrupt;
	struct slice doc;             /* of the array */
};

struct sp_json_reader *sp_json_open(struct sp_run *run, const struct sp_json_options *o, const struct sp_field *fields, size_t n,
				    const bool *needed, struct slice text)
{
	struct sp_json_reader *r = xcalloc(1, sizeof(*r));
	struct sp_field *wanted;
	r->run = run;
	r->o = *o;
	r->rest = text;
	if (sl_starts(text, S("\xef\xbb\xbf")))
		r->rest = sl_from(text, 3);
	wanted = arena_alloc(&r->keep, (n + 1) * sizeof(*wanted));
	for (size_t i = 0; i < n; i++) {
		wanted[i] = fields[i];
		if (needed && !needed[i])
			wanted[i].type = NULL;
	}
	r->type = sp_struct(&r->keep, wanted, n);
	r->parser = sp_json_parser_new(&r->keep, r->type, o, &run->err);
	r->corrupt = -1;
	for (size_t i = 0; i < n; i++)
		if (sl_eq(fields[i].name, o->corrupt))
			r->corrupt = (ssize_t)i;
	if (r->parser)
		return r;
	sp_json_close(r);
	return NULL;
}

void sp_json_close(struct sp_json_reader *r)
{
	if (!r)
		return;
	sp_json_parser_free(r->parser);
	arena_free(&r->keep);
	free(r);
}

/* Whether the array at x is one of objects. */
static bool all_objects(struct sp_jx x)
{
	bool first = true;
	sp_jx_enter(&x);
	while (sp_jx_element(&x, &first))
		if (sp_jx_peek(&x) != SP_JX_OBJECT || !sp_jx_skip(&x))
			return false;
	return !x.bad;
}

/* The next document, or the next element of the array that one was: *x is at it. false: none is left. */
static bool next_document(struct sp_json_reader *r, struct arena *a, struct sp_jx *x)
{
	struct slice doc;
	for (;;) {
		if (r->array) {
			bool more = sp_jx_element(&r->in_array, &r->array_first);
			r->array = more;
			*x = r->in_array;
			x->a = a;
			if (more || r->in_array.bad)
				return true;
			continue;
		}
		if (r->o.multi_line) {
			doc = r->rest;
			r->rest = sl(NULL);
			if (!doc.p)
				return false;
		} else if (!sp_json_line(&r->rest, r->o.line_sep, &doc)) {
			return false;
		}
		doc = sp_json_mended(a, doc);
		sp_jx_init(x, a, doc, &r->o);
		r->doc = doc;
		if (sp_jx_peek(x) == SP_JX_ARRAY) {
			if (!all_objects(*x))
				return true; /* one row, of nothing */
			r->in_array = *x;
			sp_jx_enter(&r->in_array);
			r->array = r->array_first = true;
			continue;
		}
		if (sp_jx_peek(x) != SP_JX_END)
			return true;
	}
}

static int row(struct sp_json_reader *r, struct arena *a, struct sp_value *out, bool *skip)
{
	struct sp_jx x;
	bool wrong;
	*skip = true;
	if (!next_document(r, a, &x))
		return 0;
	if (sp_json_record(r->parser, a, &x, out, &wrong, &r->run->err))
		return -1;
	if (r->array)
		r->in_array = x;
	*skip = wrong && r->o.mode == SP_DROP;
	if (wrong && r->o.mode == SP_FAILFAST) {
		struct buf b = { 0 };
		for (size_t i = 0; i < r->type->field_n; i++)
			buf_adds(&b, i ? ",null" : "[null");
		buf_addc(&b, ']');
		(void)sp_json_bad_record(&r->run->err, buf_slice(&b));
		buf_free(&b);
		return -1;
	}
	if (wrong && r->corrupt >= 0)
		((struct sp_list *)out->list)->items[r->corrupt] = (struct sp_value){ .s = r->doc };
	return 1;
}

size_t sp_rows_room(struct slice text, struct slice sep, char also)
{
	char end = sep.n ? sep.p[sep.n - 1] : '\n';
	size_t n = 1;
	for (const char *at = text.p, *stop = text.p + text.n; at < stop && n < SP_BATCH; at++)
		n += *at == end || *at == '\r' || *at == also;
	return n;
}

/* Rows that the batch needs room for, of a small file not as many as of a large one: each has a line or begins with a brace. */
static size_t room(const struct sp_json_reader *r)
{
	size_t n = r->array ? sp_rows_room(sl_of(r->in_array.p, (size_t)(r->in_array.end - r->in_array.p)), sl(NULL), '{') : 0;
	if (n < SP_BATCH && r->rest.n)
		n += sp_rows_room(r->rest, r->o.line_sep, '{');
	return n + 1 < SP_BATCH ? n + 1 : SP_BATCH;
}

int sp_json_next(struct sp_json_reader *r, struct arena *a, struct sp_batch *out)
{
	size_t n = 0, k = r->type->field_n, most = room(r);
	struct sp_out *columns = arena_alloc(a, (k + 1) * sizeof(*columns));
	int rc = 1;
	for (size_t i = 0; i < k; i++)
		if (r->type->fields[i].type)
			sp_out_make(&columns[i], a, r->type->fields[i].type, most);
	while (n < most) {
		struct sp_value v = { 0 };
		bool skip;
		rc = row(r, a, &v, &skip);
		if (rc <= 0)
			break;
		for (size_t i = 0; i < k && !skip; i++) {
			if (!r->type->fields[i].type)
				continue;
			if (v.list->items[i].null)
				sp_out_null(&columns[i], n);
			else
				sp_out_put(&columns[i], n, &v.list->items[i]);
		}
		n += !skip;
	}
	if (rc < 0 || sp_run_check(r->run, n))
		return -1;
	out->n = n;
	out->column_n = k;
	out->columns = arena_alloc(a, (k + 1) * sizeof(*out->columns));
	for (size_t i = 0; i < k; i++) {
		out->columns[i] = columns[i].v;
		out->columns[i].n = n;
	}
	return n > 0;
}
