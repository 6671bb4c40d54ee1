/* A statement. A table that isn't there may be a Delta table or a topic: then that is read into one, and it's asked again. */
#include "lake/reader.h"
#include "lake/table.h"

struct select {
	struct lake_task task;
	struct lake_session *session;
	struct lake_turn turn;     /* to read in memory; to make an index */
	struct loop *loop;         /* there unless the lake has closed */
	struct lake_limits limits;
	struct lake_reader reader; /* of a topic's objects */
	struct lake_loader loader; /* of a Delta table */
	struct buf sql, out;
	size_t head_n; /* of out: what stands before the answer */
	struct slice tables[LAKE_RAW_MAX]; /* read so far; the last one is being read while there is one to read */
	size_t table_n;
	bool missing; /* the statement waits for the last of them */
	bool as_it_is;  /* without the indexes that it would like */
	uint32_t want;  /* tables that it would like an index of, a bit each */
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
	lake_turn_end(t->base, &q->turn);
	lake_session_free(q->session, t->base->closed ? NULL : q->loop);
	lake_reader_free(&q->reader);
	lake_loader_free(&q->loader);
	arena_free(&q->arena);
	buf_free(&q->sql);
	buf_free(&q->out);
	free(q);
}

static void select_stop(struct lake_task *t)
{
	lake_session_stop(((struct select *)t)->session);
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
	if (lake_store_owns(q->task.base->store, table))
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
	if (q->raw)
		q->rc = lake_store_raw_end(q->session, table_of(q), &q->err);
	q->missing = q->raw = false;
	q->out.n = q->head_n;
	if (!q->rc)
		q->rc = lake_store_sql(q->session, buf_slice(&q->sql), &q->limits, q->as_it_is ? NULL : &q->want, &q->out, &q->err);
	q->missing = q->rc == ERR_INVALID && wants_table(q);
}

static void answer(struct select *q)
{
	struct lake *l = q->task.l;
	if (q->rc) {
		problem_reply(q->task.call, &q->err);
	} else {
		buf_adds(&q->out, "}\n");
		http_reply_buf(q->task.call, 200, "application/json", &q->out);
		l->metrics[LAKE_M_STATEMENTS].value++;
	}
	lake_end(&q->task);
}

static void give_up(struct select *q, const struct error *err)
{
	q->err = *err;
	q->rc = err->kind;
	answer(q);
}

/* ---- indexes of large tables: made for the first statement that joins them, unless a clean run writes just now ---- */

static void index_work(void *arg)
{
	struct select *q = arg;
	struct error err;
	for (size_t set = 0; set < DATASETS_MAX; set++)
		if ((q->want >> set & 1) && lake_store_index(q->task.base->store, set, &err))
			return; /* without one it is slow, not wrong */
}

static void index_done(void *arg)
{
	struct select *q = arg;
	lake_turn_end(q->task.base, &q->turn);
	select_start(&q->task);
}

static void make_indexes(struct select *q)
{
	q->as_it_is = true;
	if (lake_turn_try(q->task.base, &q->turn, LAKE_KEY))
		lake_job(&q->task, index_work, index_done, q);
	else
		select_start(&q->task);
}

/* ---- a topic ---- */

/* The topic that a table's name means: "raw_NAME" is the dataset's, or <user>.NAME; a name with a point is a topic's own. */
static struct slice topic_of(struct select *q, struct slice table)
{
	const struct datasets *sets = &q->task.base->cleaning.sets;
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
		q->rc = lake_store_raw_add(q->session, o->key, buf_slice(&o->body), &q->reader.err);
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
	q->rc = lake_store_raw_begin(q->session, table_of(q), &q->err);
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
	else if (!q->rc && q->want && !q->as_it_is)
		make_indexes(q);
	else
		answer(q);
}

static void ask(void *arg)
{
	struct select *q = arg;
	lake_job(&q->task, select_work, select_done, q);
}

/* In memory a statement reads between clean runs, beside others that read. */
static void select_start(struct lake_task *t)
{
	struct select *q = (struct select *)t;
	if (lake_store_alone(t->base->store) && !q->turn.held)
		lake_turn_take(t->base, &q->turn, LAKE_KEY, true, ask, q);
	else
		ask(q);
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
	q->task.stop = select_stop;
	q->task.free = select_free;
	q->loop = l->env->loop;
	q->limits = l->limits;
	q->reader = (struct lake_reader){ .task = &q->task, .clean = read_object, .done = topic_done, .arg = q };
	q->out.max = l->limits.memory;
	if (lake_names_plain(sql, &q->sql, &err)) {
		problem_reply(call, &err);
		buf_free(&q->sql);
		free(q);
		return;
	}
	q->session = lake_session_new(l->base->store);
	q->loader = (struct lake_loader){ .task = &q->task, .session = q->session, .done = table_done, .arg = q };
	buf_addc(&q->out, '{');
	buf_addsl(&q->out, head);
	q->head_n = q->out.n;
	lake_begin(l, &q->task);
}
