/* A clean run's rows as Delta tables: rows become files while the run goes on, the files become a version at its end. */
#include "core/json.h"
#include "lake/clean_tables.h"
#include "lake/relation.h"

static const enum pq_codec codec = PQ_SNAPPY;

static const struct datasets *sets_of(const struct lake_parts *p)
{
	return p->sets;
}

void lake_parts_init(struct lake_parts *p, struct lake_task *task, const struct clean_rules *rules, uint32_t on)
{
	const struct lake *l = task->l;
	*p = (struct lake_parts){ .task = task, .sets = &l->base->cleaning.sets, .rules = rules, .on = on, .now_ms = clock_now_ms(l->env->clock) };
	p->ready_end = &p->ready;
	p->out = xcalloc(sets_of(p)->n + 1, sizeof(*p->out));
	for (size_t s = 0; s < sets_of(p)->n; s++) {
		struct lake_out *o = &p->out[s];
		struct slice path = arena_printf(&p->arena, LAKE_TABLES "%s", sets_of(p)->at[s].table);
		struct delta_table t = { l->env->loop, &l->env->ports->objects, sl(l->bucket), path };
		o->version = -1;
		o->end = &o->first;
		delta_place_init(&o->place, &t);
		clean_shape_make(&p->arena, &rules[s], &o->shape);
		o->seen = clean_seen_new(&rules[s]);
	}
}

struct slice lake_parts_key(struct lake_parts *p, size_t set)
{
	return lake_table_key(&p->arena, p->out[set].place.bucket, p->out[set].place.path);
}

static void part_free(struct lake_part *part)
{
	buf_free(&part->file);
	buf_free(&part->stats);
	free(part);
}

static void parts_free(struct lake_part *part)
{
	while (part) {
		struct lake_part *next = part->next;
		part_free(part);
		part = next;
	}
}

void lake_parts_free(struct lake_parts *p)
{
	parts_free(p->ready);
	for (size_t s = 0; p->out && s < sets_of(p)->n; s++) {
		struct lake_out *o = &p->out[s];
		parts_free(o->first);
		delta_rows_free(o->rows);
		arena_free(&o->place.arena);
		clean_seen_free(o->seen);
	}
	free(p->out);
	arena_free(&p->arena);
}

/* ---- on the pool ---- */

ssize_t lake_parts_repeated(struct lake_parts *p, size_t set, const struct clean_value *v)
{
	return clean_seen_row(p->out[set].seen, v);
}

int lake_parts_row(struct lake_parts *p, size_t set, const struct clean_value *v, struct error *err)
{
	struct lake_out *o = &p->out[set];
	if (!(p->on >> set & 1))
		return 0;
	if (!o->rows)
		o->rows = delta_rows_new(&o->shape.schema);
	o->bytes += clean_shape_row(&o->shape, o->rows, v);
	return o->bytes < LAKE_PART_BYTES ? 0 : lake_parts_flush(p, set, err);
}

int lake_parts_flush(struct lake_parts *p, size_t set, struct error *err)
{
	struct lake_out *o = &p->out[set];
	if (!o->rows)
		return 0;
	struct lake_part *part = xcalloc(1, sizeof(*part));
	part->parts = p;
	part->set = set;
	part->row_n = o->rows->row_n;
	int rc = delta_encode(o->rows, &o->shape.schema, codec, &part->file, &part->stats, err);
	delta_rows_free(o->rows);
	o->rows = NULL;
	o->bytes = 0;
	if (rc) {
		part_free(part);
		return rc;
	}
	part->size = part->file.n;
	*p->ready_end = part;
	p->ready_end = &part->next;
	return 0;
}

/* ---- on the loop ---- */

static void next_commit(struct lake_parts *p);

static void over(struct lake_parts *p)
{
	void (*done)(void *arg) = p->done;
	p->done = NULL;
	done(p->arg);
}

static void on_put(void *arg, struct slice name, const struct error *err)
{
	struct lake_part *part = arg;
	struct lake_parts *p = part->parts;
	p->owed--;
	part->name = name;
	if (err && !p->err.kind)
		p->err = *err;
	if (!p->owed && p->done)
		next_commit(p);
}

void lake_parts_send(struct lake_parts *p)
{
	while (p->ready) {
		struct lake_part *part = p->ready;
		struct lake_out *o = &p->out[part->set];
		struct slice seed = arena_printf(&p->arena, "clean|%lld|%zu", (long long)p->now_ms, p->made++);
		p->ready = part->next;
		part->next = NULL;
		*o->end = part;
		o->end = &part->next;
		o->part_n++;
		p->owed++;
		lake_await(p->task, delta_put_file(&o->place, &part->file, seed, codec, on_put, part));
	}
	p->ready_end = &p->ready;
}

/* Which tables have their new version when another hasn't: nothing takes it back. */
static void name_the_done(struct lake_parts *p, size_t failed, const struct error *why)
{
	struct buf b = { 0 };
	for (size_t s = 0; s < failed; s++)
		if (p->out[s].version >= 0)
			buf_addf(&b, "%s%s is at version %lld", b.n ? ", " : "", sets_of(p)->at[s].table, (long long)p->out[s].version);
	err_set(&p->err, why->kind, "Delta table %s: %s%s%s%s", sets_of(p)->at[failed].table, why->text, b.n ? " (" : "", buf_cstr(&b),
		b.n ? " already, the lake's own tables are as before)" : "");
	p->err.def = why->def;
	buf_free(&b);
}

static void on_commit(void *arg, int64_t version, bool skipped, const struct error *err)
{
	struct lake_parts *p = arg;
	if (err) {
		name_the_done(p, p->committing, err);
		over(p);
		return;
	}
	p->out[p->committing++].version = version;
	next_commit(p);
}

static void commit(struct lake_parts *p, size_t set)
{
	struct lake_out *o = &p->out[set];
	struct delta_file *files = xcalloc(o->part_n + 1, sizeof(*files));
	struct delta_write in = { .rows = delta_rows_new(&o->shape.schema), .mode = DELTA_OVERWRITE, .overwrite_schema = true, .codec = codec,
				  .now_ms = p->now_ms, .seed = S("clean"), .files = files };
	for (struct lake_part *part = o->first; part; part = part->next) {
		files[in.file_n++] = (struct delta_file){ .path = part->name, .size = (int64_t)part->size, .modified_ms = p->now_ms,
							  .data_change = true, .stats = buf_slice(&part->stats) };
		in.file_rows += part->row_n;
		o->size += (int64_t)part->size;
	}
	o->row_n = in.file_rows;
	lake_await(p->task, delta_write(&o->place.table, &in, on_commit, p));
	free(files);
}

static void next_commit(struct lake_parts *p)
{
	while (p->committing < sets_of(p)->n && !(p->on >> p->committing & 1))
		p->committing++;
	if (p->err.kind || p->committing >= sets_of(p)->n)
		over(p);
	else
		commit(p, p->committing);
}

void lake_parts_commit(struct lake_parts *p, void (*done)(void *arg), void *arg)
{
	p->done = done;
	p->arg = arg;
	p->committing = 0;
	lake_parts_send(p);
	if (!p->owed)
		next_commit(p);
}

void lake_parts_report(struct buf *b, const struct lake_parts *p, size_t set)
{
	const struct lake_out *o = &p->out[set];
	if (!(p->on >> set & 1)) {
		jw_null(b, "delta");
		return;
	}
	jw_obj(b, "delta");
	jw_fmt(b, "location", "s3://%s/" LAKE_TABLES "%s", p->task->l->bucket, sets_of(p)->at[set].table);
	jw_int(b, "version", o->version);
	jw_int(b, "files", (int64_t)o->part_n);
	jw_int(b, "bytes", o->size);
	jw_obj_end(b);
}
