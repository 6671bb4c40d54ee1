/* A text as JSON and as CSV: its schema is found, and it is read by it; as a document it is written anew, and asked for by a path. */
#include "spark/csv.h"
#include "spark/json_path.h"

static void read_json(struct sp_run *run, struct slice text)
{
	struct arena a = { 0 };
	struct sp_json_options o;
	struct sp_json_infer *x;
	const struct sp_type *t;
	struct sp_json_reader *r;
	struct sp_batch b;
	sp_json_defaults(&o, run->cx);
	o.multi_line = text.n % 2;
	x = sp_json_infer_new(&a, &o);
	t = sp_json_infer_add(x, text, &run->err) ? NULL : sp_json_infer_end(x, &run->err);
	r = t ? sp_json_open(run, &o, t->fields, t->field_n, NULL, text) : NULL;
	while (r && sp_json_next(r, &a, &b) > 0)
		;
	sp_json_close(r);
	arena_free(&a);
}

static void read_csv(struct sp_run *run, struct slice text)
{
	struct arena a = { 0 };
	struct sp_csv_options o;
	struct sp_csv_infer *x;
	const struct sp_type *t;
	struct sp_csv_reader *r;
	struct sp_batch b;
	sp_csv_defaults(&o, run->cx);
	o.multi_line = text.n % 2;
	o.header = text.n % 3 == 0;
	o.infer_schema = true;
	x = sp_csv_infer_new(&a, &o, &run->err);
	t = !x || sp_csv_infer_add(x, text, &run->err) ? NULL : sp_csv_infer_end(x, &run->err);
	r = t ? sp_csv_open(run, &o, t->fields, t->field_n, NULL, text) : NULL;
	while (r && sp_csv_next(r, &a, &b) > 0)
		;
	sp_csv_close(r);
	arena_free(&a);
}

static void ask(struct slice text)
{
	struct arena a = { 0 };
	struct sp_json_path path;
	struct buf out = { 0 };
	struct slice json, wanted;
	(void)sl_cut(text, '\n', &wanted, &json);
	if (json.p && sp_json_path_make(&path, &a, wanted))
		(void)sp_json_path_get(&path, &a, json, &out);
	buf_free(&out);
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena keep = { 0 }, batch = { 0 };
	struct sp_context cx = { 0 };
	struct sp_run run = { .cx = &cx, .keep = &keep, .batch = &batch };
	read_json(&run, sl_of(data, n));
	sp_error_free(&run.err);
	run.err = (struct sp_error){ 0 };
	read_csv(&run, sl_of(data, n));
	sp_error_free(&run.err);
	ask(sl_of(data, n));
	arena_free(&keep);
	arena_free(&batch);
	return 0;
}
