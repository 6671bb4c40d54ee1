/* A statement. A table that isn't there may be a Delta table or a topic: then that is read into one, and it's asked again. */
#include "lake/reader.h"
#include "lake/table.h"

struct select {
	struct lake_task task;
	struct lake_reader reader; /* of a topic's objects */
	struct lake_loader loader; /* of a Delta table */
	struct buf sql, out;
	size_t head_n; /* of out: what stands before the answer */
	struct slice tables[LAKE_RAW_MAX]; /* read so far; the last one is being read while there is one to read */
	size_t table_n;
	bool missing; /* the statement waits for the last of them */
	bool raw;     /* which is a topic, all of whose objects are in */
	struct slice topic;
	struct arena arena;
	struct error err;
	int rc;
};

static void select_start(struct lake_task *t);

static void select_free(struct lake_task *t)
{
	struct select *q = (struct select *)t;
	lake_reader_free(&q->reader);
	lake_loader_free(&q->loader);
	arena_free(&q->arena);
	buf_free(&q->sql);
	buf_free(&q->out);
	free(q);
}

static struct slice table_of(const struct select *q)
{
	return q->tables[q->table_n - 1];
}

/* ---- asking ---- */

/* Whether the statement failed for want of a table that was not read yet. */
static bool wants_table(struct select *q)
{
	struct slice table = lake_missing_table(&q->arena, &q->err);
	if (!table.n || q->table_n == LAKE_RAW_MAX)
		return false;
	/* Cleaned tables are made by a clean run, and by nothing else. */
	if (lake_store_owns(q->task.l->store, table))
		return false;
	for (size_t i = 0; i < q->table_n; i++)
		if (sl_eq_nocase(q->tables[i], table))
			return false;
	q->tables[q->table_n++] = table;
	return true;
}

static void select_work(void *arg)
{
	struct select *q = arg;
	struct lake_store *s = q->task.l->store;
	if (q->raw)
		q->rc = lake_store_raw_end(s, table_of(q), &q->err);
	q->missing = q->raw = false;
	q->out.n = q->head_n;
	if (!q->rc)
		q->rc = lake_store_sql(s, buf_slice(&q->sql), &q->task.l->limits, &q->out, &q->err);
	q->missing = q->rc == ERR_INVALID && wants_table(q);
	if (!q->missing)
		lake_store_raw_drop(s);
}

static void select_answer(struct select *q)
{
	struct lake *l = q->task.l;
	if (q->rc) {
		problem_reply(q->task.call, &q->err);
	} else {
		buf_adds(&q->out, "}\n");
		http_reply(q->task.call, 200, "application/json", buf_slice(&q->out));
		l->metrics[LAKE_M_STATEMENTS].value++;
	}
	lake_next(l);
}

static void drop_work(void *arg)
{
	lake_store_raw_drop(((struct select *)arg)->task.l->store);
}

static void drop_done(void *arg)
{
	select_answer(arg);
}

/* What was read for the statement goes; then err is the answer. */
static void give_up(struct select *q, const struct error *err)
{
	q->err = *err;
	q->rc = err->kind;
	lake_job(&q->task, drop_work, drop_done, q);
}

/* ---- a topic ---- */

/* The topic that a table's name means: "raw_NAME" is the dataset's, or <user>.NAME; a name with a point is a topic's own. */
static struct slice topic_of(struct select *q, struct slice table)
{
	const struct datasets *sets = &q->task.l->cleaning.sets;
	struct slice name;
	if (!sl_after_nocase(table, S("raw_"), &name))
		return sl_chr(table, '.') >= 0 && sl_chr(table, '/') < 0 ? table : sl(NULL);
	for (size_t s = 0; s < sets->n; s++)
		if (sets->at[s].topic && (sl_eq_nocase(name, sl(sets->at[s].table)) || sl_eq_nocase(name, sl(sets->at[s].tail))))
			return sl(sets->at[s].topic);
	return arena_printf(&q->arena, "%s.%.*s", dataset_user(q->task.l->env->conf), SL(name));
}

static void read_object(void *arg, const struct lake_object *o)
{
	struct select *q = arg;
	if (o->size > LAKE_OBJECT_MAX)
		q->rc = err_set(&q->reader.err, ERR_LIMIT, "object %.*s has %zu bytes, over %d", SL(o->key), o->size, LAKE_OBJECT_MAX);
	else
		q->rc = lake_store_raw_add(q->task.l->store, o->key, buf_slice(&o->body), &q->reader.err);
}

static void topic_done(void *arg)
{
	struct select *q = arg;
	if (!q->reader.err.kind && !q->reader.objects)
		err_set(&q->reader.err, ERR_INVALID, "no such table: %.*s; the bucket %s has no objects of the topic %.*s", SL(table_of(q)),
			q->task.l->bucket, SL(q->topic));
	if (q->reader.err.kind) {
		give_up(q, &q->reader.err);
		return;
	}
	q->raw = true;
	q->rc = 0;
	select_start(&q->task);
}

static void topic_work(void *arg)
{
	struct select *q = arg;
	q->rc = lake_store_raw_begin(q->task.l->store, table_of(q), &q->err);
}

static void topic_begun(void *arg)
{
	struct select *q = arg;
	if (q->rc) {
		const struct error err = q->err;
		give_up(q, &err);
		return;
	}
	struct slice prefix = arena_printf(&q->arena, "topics/%.*s/", SL(q->topic));
	lake_reader_start(&q->reader, sl(q->task.l->bucket), prefix);
}

static void read_topic(struct select *q)
{
	lake_job(&q->task, topic_work, topic_begun, q);
}

/* ---- a Delta table ---- */

static void table_done(void *arg)
{
	struct select *q = arg;
	struct error err = q->loader.err;
	q->loader.err = (struct error){ 0 };
	if (!err.kind) {
		q->rc = 0;
		select_start(&q->task);
		return;
	}
	if (q->loader.no_table && !q->loader.ref.by_path) {
		if (q->topic.p) {
			read_topic(q);
			return;
		}
		lake_ref_missing(&err, table_of(q), "");
	}
	give_up(q, &err);
}

static void look_up(struct select *q)
{
	struct lake *l = q->task.l;
	struct lake_ref ref;
	struct error err;
	struct slice name = table_of(q);
	q->topic = topic_of(q, name);
	int rc = lake_ref_parse(l, &q->arena, name, &ref, &err);
	if (rc == ERR_CONFLICT) {
		lake_ref_missing(&err, name, "");
	} else if (!rc && !l->env->ports->objects.self) {
		if (q->topic.p) { /* the reader says so */
			read_topic(q);
			return;
		}
		rc = lake_ref_missing(&err, name, "no object store to look for Delta tables in: start s3 too, or name one as [remote] s3");
	}
	if (rc) {
		give_up(q, &err);
		return;
	}
	q->loader.name = name;
	lake_loader_start(&q->loader, &ref);
}

static void select_done(void *arg)
{
	struct select *q = arg;
	if (q->missing)
		look_up(q);
	else
		select_answer(q);
}

static void select_start(struct lake_task *t)
{
	lake_job(t, select_work, select_done, t);
}

void lake_sql_start(struct lake *l, struct http_call *call, struct slice head, struct slice sql)
{
	struct select *q;
	struct error err;
	if (lake_command_run(l, call, head, sql))
		return;
	q = xcalloc(1, sizeof(*q));
	q->task.call = call;
	q->task.start = select_start;
	q->task.free = select_free;
	q->reader = (struct lake_reader){ .task = &q->task, .clean = read_object, .done = topic_done, .arg = q };
	q->loader = (struct lake_loader){ .task = &q->task, .done = table_done, .arg = q };
	q->out.max = LAKE_ANSWER_MAX;
	if (lake_names_plain(sql, &q->sql, &err)) {
		select_free(&q->task);
		problem_reply(call, &err);
		return;
	}
	buf_addc(&q->out, '{');
	buf_addsl(&q->out, head);
	q->head_n = q->out.n;
	lake_queue(l, &q->task);
}
