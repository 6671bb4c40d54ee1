#include "lake/data.h"

#include "core/json.h"
#include "spark/cast.h"

static const enum pq_codec codec = PQ_SNAPPY;

static void data_free(struct lake_query *q)
{
	struct lake_data *d = q->own;
	sp_table_free(d->changed);
	sp_table_free(d->fresh);
	sp_table_free(d->part);
	sp_table_free(d->rewritten);
	free(d->edits);
}

struct lake_data *lake_data(struct lake_query *q)
{
	struct lake_data *d = q->own;
	if (d)
		return d;
	d = q->own = arena_alloc(&q->arena, sizeof(*d));
	q->own_free = data_free;
	d->at = lake_ref_table(q->task.l, &q->target->ref);
	if (!q->target->missing) {
		d->base = (struct delta_snapshot *)(uintptr_t)lake_relation_snapshot(q->target);
		if (d->base) /* a table of files has none */
			d->to = delta_target_of(d->base);
	}
	return d;
}

/* ---- rows ---- */

/* A value that doesn't fit is told of at UPDATE as a whole, at INSERT up to its query. */
static size_t place_end(const struct lake_query *q)
{
	const struct sp_stmt *s = q->stmt;
	size_t end = s->kind == SP_STMT_INSERT && s->query ? s->query->at : s->end;
	while (end > 0 && (q->sql.p[end - 1] == ' ' || q->sql.p[end - 1] == '\n' || q->sql.p[end - 1] == '\t' || q->sql.p[end - 1] == '\r'))
		end--;
	return end;
}

int lake_data_cast(struct lake_query *q, size_t first, const struct sp_field *to, size_t n)
{
	struct arena *a = &q->arena;
	struct sp_plan *in = q->plan, *p = arena_alloc(a, sizeof(*p));
	struct buf from = { 0 }, into = { 0 };
	p->kind = SP_P_PROJECT;
	p->column_n = p->expr_n = first + n;
	p->columns = arena_alloc(a, (p->column_n + 1) * sizeof(*p->columns));
	p->exprs = arena_alloc(a, (p->column_n + 1) * sizeof(*p->exprs));
	p->in = arena_alloc(a, sizeof(*p->in));
	p->in[0] = in;
	p->in_n = 1;
	for (size_t i = 0; i < p->column_n; i++) {
		struct sp_expr *e = arena_alloc(a, sizeof(*e));
		const struct sp_field *f = i < first ? &in->columns[i] : &to[i - first];
		*e = (struct sp_expr){ .op = SP_COLUMN, .type = in->columns[i].type, .nullable = in->columns[i].nullable, .column = i, .shown = in->columns[i].name };
		p->columns[i] = (struct sp_field){ .name = f->name, .type = f->type, .nullable = in->columns[i].nullable };
		p->exprs[i] = e;
		if (sp_type_eq(e->type, f->type))
			continue;
		if (!sp_can_cast(e->type, f->type, true) && e->type->kind != SP_VOID) {
			sp_type_sql(&from, e->type);
			sp_type_sql(&into, f->type);
			sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_FAILED_TO_MERGE_FIELDS", "22005", "Failed to merge fields '%.*s' and '%.*s': %.*s can't become %.*s",
				SL(f->name), SL(in->columns[i].name), SL(buf_slice(&from)), SL(buf_slice(&into)));
			buf_free(&from);
			buf_free(&into);
			return 1;
		}
		p->exprs[i] = arena_alloc(a, sizeof(*e));
		*p->exprs[i] = (struct sp_expr){ .op = SP_CAST, .type = f->type, .nullable = true, .args = arena_alloc(a, sizeof(e)), .arg_n = 1,
						 .cast = SP_CAST_ANSI, .implicit = true, .shown = e->shown, .from = 0, .to = place_end(q) };
		p->exprs[i]->args[0] = e;
		p->columns[i].nullable = true;
	}
	q->plan = p;
	return 0;
}

size_t lake_data_add(struct lake_query *q, struct sp_table **to, const struct sp_batch *b, size_t first)
{
	struct lake_data *d = lake_data(q);
	const struct sp_batch part = { .n = b->n, .column_n = d->to.field_n, .columns = b->columns + first };
	size_t at;
	if (!*to) {
		*to = sp_table_new();
		(*to)->fields = d->to.fields;
		(*to)->field_n = d->to.field_n;
	}
	at = (size_t)(*to)->row_n;
	sp_table_add(*to, &part);
	return at;
}

void lake_data_edit(struct lake_query *q, int64_t file, int64_t row, ssize_t with)
{
	struct lake_data *d = lake_data(q);
	GROW(d->edits, d->edit_n, d->edit_cap);
	d->edits[d->edit_n++] = (struct lake_edit){ file, row, with };
	*(with >= 0 ? &d->updated : &d->deleted) += 1;
}

/* ---- files that lose rows are written anew without them ---- */

static void next_edit(struct lake_query *q);
static void put_fresh(struct lake_query *q);

static void refuse(struct lake_query *q, const struct error *err)
{
	struct lake_relation r = { .arena = &q->arena };
	q->rc = lake_relation_fail(&r, err);
	q->err = r.err;
	lake_query_end(q);
}

static struct sp_value value_of(const struct sp_table *t, size_t row, size_t column)
{
	size_t chunk = 0;
	while (row >= t->chunks[chunk].n)
		row -= t->chunks[chunk++].n;
	return sp_get(&t->chunks[chunk].columns[column], row);
}

/* The edit of a row, if it has one: they are in order. */
static const struct lake_edit *edit_of(const struct lake_data *d, size_t *at, int64_t file, int64_t row)
{
	if (*at < d->edit_n && d->edits[*at].file == file && d->edits[*at].row == row)
		return &d->edits[(*at)++];
	return NULL;
}

static void rewrite_chunk(struct lake_data *d, const struct sp_batch *in, int64_t file, int64_t *row)
{
	struct sp_table *out = d->rewritten;
	struct sp_out *columns = xcalloc(in->column_n + 1, sizeof(*columns));
	struct sp_batch *b;
	size_t n = 0;
	for (size_t i = 0; i < in->column_n; i++)
		sp_out_make(&columns[i], &out->arena, d->to.fields[i].type, in->n);
	for (size_t r = 0; r < in->n; r++) {
		const struct lake_edit *e = edit_of(d, &d->at_edit, file, (*row)++);
		if (e && e->with < 0)
			continue;
		for (size_t i = 0; i < in->column_n; i++) {
			struct sp_value v = e ? sp_value_dup(&out->arena, d->to.fields[i].type, value_of(d->changed, (size_t)e->with, i)) : sp_get(&in->columns[i], r);
			sp_out_put(&columns[i], n, &v);
		}
		n++;
		d->copied += !e;
	}
	GROW(out->chunks, out->chunk_n, out->chunk_cap);
	b = &out->chunks[out->chunk_n++];
	*b = (struct sp_batch){ .n = n, .column_n = in->column_n };
	b->columns = arena_alloc(&out->arena, (in->column_n + 1) * sizeof(*b->columns));
	for (size_t i = 0; i < in->column_n; i++) {
		b->columns[i] = columns[i].v;
		b->columns[i].n = n;
	}
	out->row_n += (int64_t)n;
	free(columns);
}

static void rewrite_work(void *arg)
{
	struct lake_query *q = arg;
	struct lake_data *d = q->own;
	int64_t file = d->edits[d->at_edit].file, row = 0;
	d->rewritten = sp_table_new();
	d->rewritten->fields = d->to.fields;
	d->rewritten->field_n = d->to.field_n;
	for (size_t c = 0; d->part && c < d->part->chunk_n; c++)
		rewrite_chunk(d, &d->part->chunks[c], file, &row);
	while (d->at_edit < d->edit_n && d->edits[d->at_edit].file == file)
		d->at_edit++;
	if (d->part)
		arena_take(&d->rewritten->arena, &d->part->arena); /* texts are there */
}

static void keep_files(struct lake_query *q, const struct delta_file *files, size_t n)
{
	struct lake_data *d = q->own;
	for (size_t i = 0; i < n; i++) {
		struct delta_file *f;
		ARENA_GROW(&q->arena, d->adds, d->add_n, d->add_cap);
		f = &d->adds[d->add_n++];
		*f = files[i];
		f->path = arena_dup(&q->arena, f->path);
		f->partition = arena_dup(&q->arena, f->partition);
		f->stats = f->stats.p ? arena_dup(&q->arena, f->stats) : f->stats;
		d->bytes += f->size;
	}
}

static void rewritten_put(void *arg, const struct delta_file *files, size_t n, int64_t rows, const struct error *err)
{
	struct lake_query *q = arg;
	if (err) {
		refuse(q, err);
		return;
	}
	keep_files(q, files, n);
	next_edit(q);
}

static struct slice seed_of(struct lake_query *q)
{
	const struct lake_data *d = q->own;
	return arena_printf(&q->arena, "sql|%lld|%lld|%zu", (long long)clock_now_ms(q->task.l->env->clock), d->base ? (long long)d->base->version : -1LL, d->add_n);
}

static void rewrite_done(void *arg)
{
	struct lake_query *q = arg;
	struct lake_data *d = q->own;
	struct sp_table *rows = d->rewritten;
	sp_table_free(d->part);
	d->part = d->rewritten = NULL;
	lake_await(&q->task, delta_put_rows(&d->at, &d->to, rows, codec, clock_now_ms(q->task.l->env->clock), seed_of(q), rewritten_put, q));
}

static bool on_part(void *arg, const struct delta_file *file, struct sp_table *part)
{
	struct lake_data *d = ((struct lake_query *)arg)->own;
	d->part = part;
	return true;
}

static void on_read(void *arg, const struct error *err)
{
	struct lake_query *q = arg;
	if (err)
		refuse(q, err);
	else
		lake_job(&q->task, rewrite_work, rewrite_done, q);
}

static void remove_file(struct lake_query *q, const struct delta_file *f)
{
	struct lake_data *d = q->own;
	ARENA_GROW(&q->arena, d->removes, d->remove_n, d->remove_cap);
	d->removes[d->remove_n++] = f->path;
}

static void next_edit(struct lake_query *q)
{
	struct lake_data *d = q->own;
	if (d->at_edit == d->edit_n) {
		put_fresh(q);
		return;
	}
	const struct delta_file *f = &d->base->files[d->edits[d->at_edit].file];
	remove_file(q, f);
	d->ask = (struct delta_read){ .only = f };
	lake_await(&q->task, delta_read(&d->at, d->base, &d->ask, on_part, on_read, q));
}

/* ---- new rows, the commit, the answer ---- */

static struct sp_field number_column(const char *name)
{
	return (struct sp_field){ .name = sl(name), .type = &sp_types[SP_BIGINT], .nullable = true };
}

static void answer(struct lake_query *q)
{
	const struct lake_data *d = q->own;
	const int kind = q->stmt->kind;
	const size_t counts[] = { d->inserted + d->updated + d->deleted, d->updated, d->deleted, d->inserted };
	const struct sp_field all[] = { number_column("num_affected_rows"), number_column("num_updated_rows"), number_column("num_deleted_rows"),
					number_column("num_inserted_rows") };
	const bool makes = kind == SP_STMT_CREATE_TABLE || kind == SP_STMT_REPLACE_TABLE; /* AS SELECT: Databricks has the columns, no row */
	const bool rows = makes ? q->stmt->query != NULL : kind == SP_STMT_INSERT || kind == SP_STMT_UPDATE || kind == SP_STMT_DELETE || kind == SP_STMT_MERGE;
	const bool shown[] = { rows, rows && kind == SP_STMT_MERGE, rows && kind == SP_STMT_MERGE,
			       rows && (kind == SP_STMT_MERGE || kind == SP_STMT_INSERT || makes) };
	struct sp_field columns[ARRAY_LEN(all)];
	struct sp_value v[ARRAY_LEN(all)];
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (shown[i]) {
			columns[n] = all[i];
			v[n++] = (struct sp_value){ .i = (int64_t)counts[i] };
		}
	lake_answer_head(q, columns, n);
	if (rows && !makes)
		lake_answer_row(q, columns, n, v);
	lake_answer_end(q);
	lake_query_end(q);
}

static void on_commit(void *arg, int64_t version, bool skipped, const struct error *err)
{
	if (err)
		refuse(arg, err);
	else
		answer(arg);
}

/* operationMetrics: those of the operation that DESCRIBE HISTORY shows, texts all. */
static struct slice metrics_of(struct lake_query *q)
{
	const struct lake_data *d = q->own;
	const struct {
		int kind;
		const char *name;
		int64_t n;
	} rows[] = {
		{ -1, "numAddedFiles", (int64_t)d->add_n }, { -1, "numRemovedFiles", (int64_t)d->remove_n }, { -1, "numCopiedRows", (int64_t)d->copied },
		{ SP_STMT_INSERT, "numFiles", (int64_t)d->add_n }, { SP_STMT_INSERT, "numOutputRows", (int64_t)d->inserted },
		{ SP_STMT_INSERT, "numOutputBytes", d->bytes }, { SP_STMT_DELETE, "numDeletedRows", (int64_t)d->deleted },
		{ SP_STMT_UPDATE, "numUpdatedRows", (int64_t)d->updated }, { SP_STMT_MERGE, "numTargetRowsInserted", (int64_t)d->inserted },
		{ SP_STMT_MERGE, "numTargetRowsUpdated", (int64_t)d->updated }, { SP_STMT_MERGE, "numTargetRowsDeleted", (int64_t)d->deleted },
	};
	struct buf b = { 0 };
	struct slice out;
	int kind = q->stmt->kind;
	bool writes = kind == SP_STMT_CREATE_TABLE || kind == SP_STMT_REPLACE_TABLE || kind == SP_STMT_SAVE_TABLE;
	jw_obj(&b, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == (writes ? SP_STMT_INSERT : kind) || (rows[i].kind < 0 && kind != SP_STMT_INSERT && !writes))
			jw_fmt(&b, rows[i].name, "%lld", (long long)rows[i].n);
	jw_obj_end(&b);
	out = arena_dup(&q->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* Whether new files are of the partition that an old one is of. */
static bool is_rewritten(const struct lake_data *d, const struct delta_file *old)
{
	json_t *of = json_loadb(old->partition.p, old->partition.n, 0, NULL);
	bool is = false;
	for (size_t i = 0; i < d->add_n && !is; i++) {
		json_t *new = json_loadb(d->adds[i].partition.p, d->adds[i].partition.n, 0, NULL);
		is = json_equal(of, new);
		json_decref(new);
	}
	json_decref(of);
	return is;
}

static void commit(struct lake_query *q)
{
	struct lake_data *d = q->own;
	for (size_t i = 0; d->overwrite && d->base && i < d->base->file_n; i++)
		if (d->base->files[i].live && (!d->dynamic || is_rewritten(d, &d->base->files[i])))
			remove_file(q, &d->base->files[i]);
	d->change.base = d->base;
	d->change.removes = d->removes;
	d->change.remove_n = d->remove_n;
	d->change.adds = d->adds;
	d->change.add_n = d->add_n;
	d->change.metrics = metrics_of(q);
	d->change.now_ms = clock_now_ms(q->task.l->env->clock);
	if (!d->add_n && !d->remove_n && !d->change.meta) {
		answer(q);
		return;
	}
	lake_await(&q->task, delta_change(&d->at, &d->change, on_commit, q));
}

static void fresh_put(void *arg, const struct delta_file *files, size_t n, int64_t rows, const struct error *err)
{
	struct lake_query *q = arg;
	if (err) {
		refuse(q, err);
		return;
	}
	keep_files(q, files, n);
	commit(q);
}

static void put_fresh(struct lake_query *q)
{
	struct lake_data *d = q->own;
	struct sp_table *rows = d->fresh;
	if (!rows || !rows->row_n) {
		commit(q);
		return;
	}
	d->fresh = NULL;
	lake_await(&q->task, delta_put_rows(&d->at, &d->to, rows, codec, clock_now_ms(q->task.l->env->clock), seed_of(q), fresh_put, q));
}

static int compare_edits(const void *x, const void *y)
{
	const struct lake_edit *a = x, *b = y;
	int c = (a->file > b->file) - (a->file < b->file);
	return c ? c : (a->row > b->row) - (a->row < b->row);
}

/* Two rows of a source may not change one row of the target; that it goes twice is fine. */
static int one_edit_a_row(struct lake_query *q)
{
	struct lake_data *d = q->own;
	size_t n = 0;
	if (d->edit_n)
		qsort(d->edits, d->edit_n, sizeof(*d->edits), compare_edits);
	for (size_t i = 0; i < d->edit_n; i++) {
		if (!n || compare_edits(&d->edits[n - 1], &d->edits[i])) {
			d->edits[n++] = d->edits[i];
			continue;
		}
		if (d->edits[n - 1].with >= 0 || d->edits[i].with >= 0) {
			sp_fail(&q->err, SP_E_RUN, "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE", "21506",
				       "Cannot perform Merge as multiple source rows matched and attempted to modify the same\n"
				       "target row in the Delta table in possibly conflicting ways. By SQL semantics of Merge,\n"
				       "when multiple source rows match on the same target row, the result may be ambiguous\n"
				       "as it is unclear which source row should be used to update or delete the matching\n"
				       "target row. You can preprocess the source table to eliminate the possibility of\nmultiple matches. Please refer to\nhttps://docs.delta.io/latest/delta-update.html#upsert-into-a-table-using-merge");
			q->err.java = "java.lang.UnsupportedOperationException";
			return 1;
		}
		d->deleted--;
	}
	d->edit_n = n;
	return 0;
}

void lake_data_commit(struct lake_query *q, const char *operation, struct slice parameters)
{
	struct lake_data *d = lake_data(q);
	struct error err;
	d->change.operation = operation;
	d->change.parameters = parameters;
	d->change.reads_all = (q->stmt->kind != SP_STMT_INSERT && q->stmt->kind != SP_STMT_SAVE_TABLE) || d->overwrite || q->stmt->where;
	if (one_edit_a_row(q)) {
		lake_query_end(q);
		return;
	}
	if (d->base && delta_change_check(d->base, d->edit_n || d->overwrite, false, &err))
		refuse(q, &err);
	else
		next_edit(q);
}
