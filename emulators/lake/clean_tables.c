/* A clean run's rows as Delta tables: rows become files while the run goes on, the files become a version at its end. */
#include <stdlib.h>
#include <string.h>

#include "lake/tables.h"

static const enum pq_codec codec = PQ_SNAPPY;

void lake_parts_init(struct lake_parts *p, struct lake *l, const struct clean_rules *rules, const bool on[LAKE_SET_N])
{
	*p = (struct lake_parts){ .l = l, .rules = rules, .now_ms = clock_now_ms(l->env->clock) };
	p->ready_end = &p->ready;
	for (int s = 0; s < LAKE_SET_N; s++) {
		struct lake_out *o = &p->out[s];
		struct slice path = arena_printf(&p->arena, LAKE_TABLES "%s", clean_tables[s].name);
		struct delta_table t = { l->env->loop, &l->env->ports->objects, sl(l->bucket), path };
		p->on[s] = on[s];
		o->version = -1;
		o->end = &o->first;
		delta_place_init(&o->place, &t);
		clean_shape_make(&p->arena, &rules[s], &o->shape);
		o->seen = clean_seen_new(&rules[s]);
	}
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
	for (int s = 0; s < LAKE_SET_N; s++) {
		struct lake_out *o = &p->out[s];
		parts_free(o->first);
		delta_rows_free(o->rows);
		arena_free(&o->place.arena);
		clean_seen_free(o->seen);
	}
	arena_free(&p->arena);
}

/* ---- on the pool ---- */

ssize_t lake_parts_repeated(struct lake_parts *p, enum lake_set set, const struct clean_value *v)
{
	return clean_seen_row(p->out[set].seen, v);
}

int lake_parts_row(struct lake_parts *p, enum lake_set set, const struct clean_value *v, struct error *err)
{
	struct lake_out *o = &p->out[set];
	if (!p->on[set])
		return 0;
	if (!o->rows)
		o->rows = delta_rows_new(&o->shape.schema);
	o->bytes += clean_shape_row(&o->shape, o->rows, v);
	return o->bytes < LAKE_PART_BYTES ? 0 : lake_parts_flush(p, set, err);
}

int lake_parts_flush(struct lake_parts *p, enum lake_set set, struct error *err)
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
	p->l->owed--;
	part->name = name;
	buf_free(&part->file);
	if (err && !p->err.kind)
		p->err = *err;
	if (!p->owed && p->done && !p->l->closing)
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
		p->l->owed++;
		delta_put_file(&o->place, buf_slice(&part->file), seed, codec, on_put, part);
	}
	p->ready_end = &p->ready;
}

/* Which tables have their new version when another hasn't: nothing takes it back. */
static void name_the_done(struct lake_parts *p, int failed, const struct error *why)
{
	struct buf b = { 0 };
	for (int s = 0; s < failed; s++)
		if (p->out[s].version >= 0)
			buf_addf(&b, "%s%s is at version %lld", b.n ? ", " : "", clean_tables[s].name, (long long)p->out[s].version);
	err_set(&p->err, why->kind, "Delta table %s: %s%s%s%s", clean_tables[failed].name, why->text, b.n ? " (" : "", buf_cstr(&b),
		b.n ? " already, the lake's own tables are as before)" : "");
	p->err.def = why->def;
	buf_free(&b);
}

static void on_commit(void *arg, int64_t version, bool skipped, const struct error *err)
{
	struct lake_parts *p = arg;
	(void)skipped;
	p->l->owed--;
	if (p->l->closing)
		return;
	if (err) {
		name_the_done(p, p->committing, err);
		over(p);
		return;
	}
	p->out[p->committing++].version = version;
	next_commit(p);
}

static void commit(struct lake_parts *p, enum lake_set set)
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
	p->l->owed++;
	delta_write(&o->place.table, &in, on_commit, p);
	free(files);
}

static void next_commit(struct lake_parts *p)
{
	while (p->committing < LAKE_SET_N && !p->on[p->committing])
		p->committing++;
	if (p->err.kind || p->committing >= LAKE_SET_N)
		over(p);
	else
		commit(p, (enum lake_set)p->committing);
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

void lake_parts_cancel(struct lake_parts *p, void (*done)(void *arg), void *arg)
{
	p->done = done;
	p->arg = arg;
	p->committing = LAKE_SET_N;
	if (!p->owed)
		over(p);
}

void lake_parts_report(struct buf *b, const struct lake_parts *p, enum lake_set set)
{
	const struct lake_out *o = &p->out[set];
	if (!p->on[set]) {
		buf_adds(b, "null");
		return;
	}
	buf_addf(b, "{\"location\":\"s3://%s/" LAKE_TABLES "%s\",\"version\":%lld,\"files\":%zu,\"bytes\":%lld}", p->l->bucket, clean_tables[set].name,
		 (long long)o->version, o->part_n, (long long)o->size);
}
