/* The quarantine as a relation: what clean runs could not read. It is read between clean runs. */
#include "lake/relation.h"

static const struct sp_field columns[LAKE_QUARANTINE_COLUMNS] = {
#define COLUMN(name, kind) { { name, sizeof(name) - 1 }, &sp_types[kind], true, { NULL, 0 }, { NULL, 0 } }
	COLUMN("dataset", SP_STRING), COLUMN("topic", SP_STRING), COLUMN("object_key", SP_STRING), COLUMN("line", SP_BIGINT),
	COLUMN("at", SP_BIGINT), COLUMN("reason", SP_STRING), COLUMN("size", SP_BIGINT), COLUMN("bytes", SP_BINARY), COLUMN("record", SP_STRING),
#undef COLUMN
};

static struct lake_turn *turn_of(struct lake_relation *r)
{
	return r->own;
}

static void quarantine_free(struct lake_relation *r)
{
	lake_turn_end(r->task->base, turn_of(r));
	r->own = NULL;
}

static void done(void *arg)
{
	struct lake_relation *r = arg;
	lake_turn_end(r->task->base, turn_of(r));
	lake_relation_end(r);
}

static void find_work(void *arg)
{
	struct lake_relation *r = arg;
	struct error err;
	bool there = false;
	if (lake_store_quarantined(r->task->base->store, &there, &err))
		lake_relation_fail(r, &err);
	r->missing = !there;
	r->rel.columns = columns;
	r->rel.column_n = ARRAY_LEN(columns);
}

static void find_now(void *arg)
{
	struct lake_relation *r = arg;
	lake_job(r->task, find_work, done, r);
}

static void quarantine_find(struct lake_relation *r)
{
	r->own = arena_alloc(r->arena, sizeof(struct lake_turn));
	lake_turn_take(r->task->base, turn_of(r), LAKE_KEY, false, find_now, r);
}

static void read_work(void *arg)
{
	struct lake_relation *r = arg;
	struct error err;
	r->table = sp_table_new();
	r->table->fields = columns;
	r->table->field_n = ARRAY_LEN(columns);
	if (lake_store_quarantine(r->task->base->store, r->rel.needed, r->table, &err))
		lake_relation_fail(r, &err);
}

static void read_now(void *arg)
{
	struct lake_relation *r = arg;
	lake_job(r->task, read_work, done, r);
}

static void quarantine_read(struct lake_relation *r)
{
	lake_turn_take(r->task->base, turn_of(r), LAKE_KEY, false, read_now, r);
}

const struct lake_format lake_quarantine = { "quarantine", quarantine_find, quarantine_read, quarantine_free };
