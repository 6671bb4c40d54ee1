/* A Delta table: its snapshot, then the columns that a statement needs of its live files, from the cache where they are there. */
#include "lake/cache.h"
#include "lake/relation.h"
#include "spark/time.h"

struct table {
	struct delta_table at;
	struct delta_snapshot *s;
	int years[CLEAN_COLUMNS_MAX]; /* hidden column -> the one it is the year of */
	size_t year_n;
	bool *wanted;                 /* of the table's own columns */
	const struct delta_file **live;
	struct lake_file **files;     /* held, one a live file */
	size_t file_n, next;
	struct slice key, etag;       /* of the file that is looked for: */
	bool there;
	bool *missing;                /* columns of the one being read that the cache hasn't */
	struct delta_read ask;
};

static struct table *table_of(struct lake_relation *r)
{
	return r->own;
}

static void give_files(struct lake_relation *r)
{
	struct table *t = r->own;
	for (size_t i = 0; i < t->file_n; i++)
		if (t->files[i])
			lake_cache_give(&r->task->base->cache, t->files[i]);
	free(t->files);
	t->files = NULL;
	t->file_n = t->next = 0;
}

static void free_table(struct lake_relation *r)
{
	struct table *t = r->own;
	give_files(r);
	delta_snapshot_free(t->s);
	free(t);
	r->own = NULL;
}

/* ---- finding ---- */

/* Years that the dataset's rules count by, which the table leaves out: found by name, not in *. */
static void add_years(struct lake_relation *r)
{
	struct table *t = table_of(r);
	const struct cleaning *c = &r->task->base->cleaning;
	const struct sp_field *own = t->s->fields;
	size_t n = t->s->field_n;
	struct sp_field *columns = arena_alloc(r->arena, (n + CLEAN_COLUMNS_MAX + 2) * sizeof(*columns));
	for (size_t i = 0; i < n; i++) /* a frame has them for longer than the snapshot lives */
		columns[i] = (struct sp_field){ arena_dup(r->arena, own[i].name), sp_type_dup(r->arena, own[i].type), own[i].nullable,
						own[i].comment.p ? arena_dup(r->arena, own[i].comment) : sl(NULL),
						own[i].metadata.p ? arena_dup(r->arena, own[i].metadata) : sl(NULL) };
	r->rel.columns = columns;
	r->rel.column_n = n;
	for (size_t s = 0; !r->ref.by_path && s < c->sets.n; s++) {
		const struct dataset *d = &c->sets.at[s];
		for (size_t i = 0; sl_eqs(r->ref.name, d->table) && i < d->out_n; i++) {
			int of = clean_rules_year(&c->rules[s], (int)i);
			ssize_t at = of < 0 ? -1 : sp_field_find(own, n, sl(d->columns[of].name));
			if (at < 0 || sp_field_find(own, n, sl(d->columns[i].name)) != -1)
				continue;
			columns[r->rel.column_n++] = (struct sp_field){ .name = sl(d->columns[i].name), .type = &sp_types[SP_INT], .nullable = true };
			t->years[t->year_n++] = (int)at;
			r->rel.hidden_n++;
		}
	}
	if (!r->positions)
		return;
	columns[r->rel.column_n++] = (struct sp_field){ .name = S(LAKE_FILE), .type = &sp_types[SP_BIGINT] };
	columns[r->rel.column_n++] = (struct sp_field){ .name = S(LAKE_ROW), .type = &sp_types[SP_BIGINT] };
	r->rel.hidden_n += 2;
}

static void find_table(struct lake_relation *r);

/* Where no table has the name, the end of a dataset's topic means the dataset's: notebooks call the users' table `user`. */
static bool another_name(struct lake_relation *r)
{
	const struct datasets *sets = &r->task->base->cleaning.sets;
	struct slice plain = arena_printf(r->arena, LAKE_TABLES "%.*s", SL(r->ref.name));
	for (size_t s = 0; s < sets->n && sl_eq(r->ref.path, plain) && !r->positions; s++)
		if (sets->at[s].topic && sl_eq_nocase(r->ref.name, sl(sets->at[s].tail)) && !sl_eqs(r->ref.name, sets->at[s].table)) {
			r->ref.name = sl(sets->at[s].table);
			r->ref.path = arena_printf(r->arena, LAKE_TABLES "%s", sets->at[s].table);
			return true;
		}
	return false;
}

/* Nothing is placed elsewhere under the name either. */
static void not_placed(struct lake_relation *r)
{
	if (another_name(r)) {
		find_table(r);
		return;
	}
	if (r->topic.p) {
		r->format = &lake_topic;
		r->format->find(r);
		return;
	}
	r->missing = true;
	lake_relation_end(r);
}

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct lake_relation *r = arg;
	struct table *t = table_of(r);
	bool no_bucket = err && err->def && !strcmp(err->def->code, "NoSuchBucket");
	t->s = s;
	if (err && (no_bucket || err->def == &delta_errors[DELTA_E_NO_TABLE]) && !r->ref.by_path) {
		free_table(r);
		lake_place_find(r, not_placed);
		return;
	}
	if (err) {
		lake_relation_fail(r, err);
	} else {
		add_years(r);
	}
	lake_relation_end(r);
}

static void find_table(struct lake_relation *r)
{
	struct table *t = r->own = xcalloc(1, sizeof(*t));
	t->at = lake_ref_table(r->task->l, &r->ref);
	lake_await(r->task, r->ref.at_ms >= 0 ? delta_load_at(&t->at, r->ref.at_ms, on_loaded, r) : delta_load(&t->at, r->ref.version, on_loaded, r));
}

/* ---- reading ---- */

static void next_file(struct lake_relation *r);

static bool on_part(void *arg, const struct delta_file *file, struct sp_table *part)
{
	struct lake_relation *r = arg;
	struct table *t = table_of(r);
	lake_cache_add(&r->task->base->cache, t->files[t->next], part);
	return true;
}

static void on_read(void *arg, const struct error *err)
{
	struct lake_relation *r = arg;
	if (err) {
		lake_relation_fail(r, err);
		lake_relation_end(r);
		return;
	}
	table_of(r)->next++;
	next_file(r);
}

/* Which of the wanted columns the cache hasn't; no chunk at all means none were read. */
static bool find_missing(struct table *t, const struct lake_file *f)
{
	bool any = false;
	for (size_t i = 0; i < t->s->field_n; i++) {
		t->missing[i] = t->wanted[i] && f->parts && lake_file_chunks(f) && !lake_file_column(f, 0, i);
		t->missing[i] |= t->wanted[i] && !f->parts;
		any |= t->missing[i];
	}
	return any || !f->parts;
}

static int32_t year_of(const struct sp_vec *v, size_t at, const struct sp_zone *zone)
{
	int64_t days = v->type->kind == SP_DATE ? v->i32[at] : sp_day_of(v->type->kind == SP_TIMESTAMP ? zone : NULL, v->i64[at]), year;
	int month, day;
	sp_civil(days, &year, &month, &day);
	return (int32_t)year;
}

static struct sp_vec years(struct arena *a, const struct sp_vec *v, const struct sp_zone *zone)
{
	struct sp_out out;
	sp_out_make(&out, a, &sp_types[SP_INT], v->n);
	for (size_t r = 0; r < v->n; r++) {
		if (sp_null_at(v, r))
			sp_out_null(&out, r);
		else
			out.i32[r] = year_of(v, sp_at(v, r), zone);
	}
	return out.v;
}

/* Where each row of a chunk is. */
static void add_positions(struct lake_relation *r, struct sp_batch *b, int64_t file, int64_t first)
{
	struct arena *a = &r->table->arena;
	const struct sp_value v = { .i = file };
	struct sp_out row;
	sp_out_make(&row, a, &sp_types[SP_BIGINT], b->n);
	for (size_t i = 0; i < b->n; i++)
		row.i64[i] = first + (int64_t)i;
	b->columns[b->column_n - 2] = sp_vec_one(a, &sp_types[SP_BIGINT], &v, b->n);
	b->columns[b->column_n - 1] = row.v;
}

static void add_chunk(struct lake_relation *r, const struct lake_file *f, size_t chunk, int64_t file, int64_t *row)
{
	struct table *t = table_of(r);
	struct sp_table *out = r->table;
	struct sp_batch *b;
	GROW(out->chunks, out->chunk_n, out->chunk_cap);
	b = &out->chunks[out->chunk_n++];
	*b = (struct sp_batch){ .n = f->parts->rows->chunks[chunk].n, .column_n = r->rel.column_n };
	b->columns = arena_alloc(&out->arena, (b->column_n + 1) * sizeof(*b->columns));
	for (size_t i = 0; i < t->s->field_n; i++) {
		const struct sp_vec *v = t->wanted[i] ? lake_file_column(f, chunk, i) : NULL;
		if (!v)
			continue;
		b->columns[i] = *v;
		b->columns[i].type = t->s->fields[i].type; /* equal to that of the snapshot it was read by, which may be gone */
	}
	for (size_t i = 0; i < t->year_n; i++)
		if (!r->rel.needed || r->rel.needed[t->s->field_n + i])
			b->columns[t->s->field_n + i] = years(&out->arena, &b->columns[t->years[i]], r->cx->zone);
	if (r->positions)
		add_positions(r, b, file, *row);
	*row += (int64_t)b->n;
	out->row_n += (int64_t)b->n;
}

static void put_together(void *arg)
{
	struct lake_relation *r = arg;
	struct table *t = table_of(r);
	r->table = sp_table_new();
	r->table->fields = r->rel.columns;
	r->table->field_n = r->rel.column_n;
	for (size_t i = 0; i < t->file_n; i++) {
		int64_t row = 0;
		for (size_t c = 0; c < lake_file_chunks(t->files[i]); c++)
			add_chunk(r, t->files[i], c, t->live[i] - t->s->files, &row);
	}
}

static void together(void *arg)
{
	lake_relation_end(arg);
}

/* What a file's columns are: of these bytes, by this schema, without the rows of this deletion vector. */
static struct slice file_key(const struct lake_relation *r, const struct delta_file *f, struct slice etag)
{
	const struct delta_snapshot *s = ((const struct table *)r->own)->s;
	return arena_printf(r->arena, "%.*s/%.*s %.*s %.*s %lld %c%.*s@%lld %08x", SL(r->ref.bucket), SL(r->ref.path), SL(f->path), SL(etag),
			    (long long)f->size, f->vector.storage ? f->vector.storage : '-', SL(f->vector.where), (long long)f->vector.offset,
			    hset_hash(s->meta.schema_text));
}

static void read_file(struct lake_relation *r)
{
	struct table *t = table_of(r);
	const struct delta_file *f = t->live[t->next];
	t->files[t->next] = lake_cache_take(&r->task->base->cache, file_key(r, f, t->etag));
	if (!find_missing(t, t->files[t->next])) {
		t->next++;
		next_file(r);
		return;
	}
	t->ask = (struct delta_read){ .wanted = t->missing, .only = f };
	lake_await(r->task, delta_read(&t->at, t->s, &t->ask, on_part, on_read, r));
}

/* Columns in the cache don't hide that somebody has deleted or changed their file: so its entity tag is asked for first. */
static bool on_there(void *arg, const struct object_entry *e)
{
	struct lake_relation *r = arg;
	struct table *t = table_of(r);
	t->there = sl_eq(e->key, t->key);
	t->etag = arena_dup(r->arena, e->etag);
	return false;
}

static void on_looked(void *arg, const struct error *err)
{
	struct lake_relation *r = arg;
	struct table *t = table_of(r);
	struct error gone;
	if (!err && t->there) {
		read_file(r);
		return;
	}
	if (!err)
		(void)delta_fail(&gone, DELTA_E_FILE_GONE,
				 "File s3://%.*s/%.*s referenced in the transaction log cannot be found. This occurs when data has been manually "
				 "deleted from the file system rather than using the table `DELETE` statement.", SL(r->ref.bucket), SL(t->key));
	lake_relation_fail(r, err ? err : &gone);
	lake_relation_end(r);
}

static void next_file(struct lake_relation *r)
{
	struct table *t = table_of(r);
	struct slice path;
	if (t->next == t->file_n) {
		lake_job(r->task, put_together, together, r);
		return;
	}
	path = arena_url_decode(r->arena, t->live[t->next]->path, false);
	t->there = false;
	t->etag = S("");
	if (sl_find(path, S(":/")) >= 0) { /* of another table */
		read_file(r);
		return;
	}
	t->key = arena_printf(r->arena, "%.*s%s%.*s", SL(r->ref.path), r->ref.path.n ? "/" : "", SL(path));
	lake_await(r->task, objects_each(t->at.store, r->ref.bucket, t->key, sl(NULL), on_there, on_looked, r));
}

static void read_table(struct lake_relation *r)
{
	struct table *t = table_of(r);
	give_files(r); /* of a reading before */
	t->wanted = arena_alloc(r->arena, t->s->field_n + 1);
	t->missing = arena_alloc(r->arena, t->s->field_n + 1);
	for (size_t i = 0; i < t->s->field_n; i++)
		t->wanted[i] = !r->rel.needed || r->rel.needed[i];
	for (size_t i = 0; i < t->year_n; i++)
		if (!r->rel.needed || r->rel.needed[t->s->field_n + i])
			t->wanted[t->years[i]] = true;
	t->live = arena_alloc(r->arena, (t->s->live_n + 1) * sizeof(*t->live));
	for (size_t i = 0; i < t->s->file_n; i++)
		if (t->s->files[i].live)
			t->live[t->file_n++] = &t->s->files[i];
	t->files = xcalloc(t->file_n + 1, sizeof(*t->files));
	next_file(r);
}

const struct delta_snapshot *lake_relation_snapshot(const struct lake_relation *r)
{
	return r->format == &lake_delta && r->own ? ((const struct table *)r->own)->s : NULL;
}

const struct lake_format lake_delta = { "delta", find_table, read_table, free_table };
