/* A statement. A table that isn't there may be a topic: then its objects are read into one, and it's asked again. */
#include "lake.h"

#include <stdlib.h>
#include <string.h>

struct select {
	struct lake_task task;
	struct lake_reader reader;
	struct buf sql, out;
	size_t head_n; /* of out: what stands before the answer */
	struct slice topics[LAKE_RAW_MAX], table; /* read so far; table: the last one's name */
	size_t topic_n;
	bool missing; /* the last of them isn't read yet */
	struct arena arena;
	struct error err;
	int rc;
};

static void select_start(struct lake_task *t);

static void select_free(struct lake_task *t)
{
	struct select *q = (struct select *)t;
	lake_reader_free(&q->reader);
	arena_free(&q->arena);
	buf_free(&q->sql);
	buf_free(&q->out);
	free(q);
}

/* The topic that a table's name means: "raw_pin" is <user>.pin, a name with a point is a topic's own. */
static struct slice topic_of(struct select *q, struct slice table)
{
	struct slice raw = S("raw_"), set = sl_of(table.p + raw.n, table.n - raw.n);
	if (!sl_starts_nocase(table, raw))
		return sl_chr(table, '.') >= 0 && sl_chr(table, '/') < 0 ? table : sl(NULL);
	for (int s = 0; s < LAKE_SET_N; s++)
		if (sl_eq_nocase(set, sl(lake_tables[s].name)))
			set = sl(lake_tables[s].topic);
	return arena_printf(&q->arena, "%s.%.*s", q->task.l->user, SL(set));
}

/* Whether the statement failed for want of a topic that was not read yet. */
static bool wants_topic(struct select *q)
{
	struct slice table = lake_missing_table(&q->arena, &q->err), topic;
	if (!table.p || table.n < 5 || q->topic_n == LAKE_RAW_MAX || !(topic = topic_of(q, table)).p)
		return false;
	for (size_t i = 0; i < q->topic_n; i++)
		if (sl_eq(q->topics[i], topic) && sl_eq(q->table, table))
			return false;
	q->topics[q->topic_n++] = topic;
	q->table = table;
	return true;
}

static void select_work(void *arg)
{
	struct select *q = arg;
	struct lake_store *s = &q->task.l->store;
	if (q->missing) /* read by now */
		q->rc = lake_store_raw_end(s, q->table, &q->err);
	q->missing = false;
	q->out.n = q->head_n;
	if (!q->rc)
		q->rc = lake_store_sql(s, buf_slice(&q->sql), &q->task.l->limits, &q->out, &q->err);
	if (q->rc == ERR_INVALID && wants_topic(q)) {
		q->missing = true;
		q->rc = lake_store_raw_begin(s, q->table, &q->err);
	}
	if (!q->missing || q->rc)
		lake_store_raw_drop(s);
}

static void select_answer(struct select *q)
{
	struct lake *l = q->task.l;
	if (q->rc) {
		lake_fail(q->task.call, &q->err);
	} else {
		buf_adds(&q->out, "}\n");
		http_reply(q->task.call, 200, "application/json", buf_slice(&q->out));
		l->metrics[3].value++;
	}
	lake_next(l);
}

static void read_batch(void *arg, const struct lake_object *o, size_t n)
{
	struct select *q = arg;
	q->rc = lake_store_raw_add(&q->task.l->store, o, n, &q->reader.err);
}

static void drop_work(void *arg)
{
	lake_store_raw_drop(&((struct select *)arg)->task.l->store);
}

static void drop_done(void *arg)
{
	struct select *q = arg;
	q->task.l->job = false;
	if (!q->task.l->closing)
		select_answer(q);
}

static void topic_done(void *arg)
{
	struct select *q = arg;
	struct slice topic = q->topics[q->topic_n - 1];
	if (!q->reader.err.kind && !q->reader.objects)
		err_set(&q->reader.err, ERR_INVALID, "no such table: %.*s; the bucket %s has no objects of the topic %.*s", SL(q->table),
			q->task.l->bucket, SL(topic));
	if (!q->reader.err.kind) {
		select_start(&q->task);
		return;
	}
	q->err = q->reader.err;
	q->rc = q->err.kind;
	q->task.l->job = true;
	loop_job(q->task.l->env->loop, drop_work, drop_done, q);
}

static void select_done(void *arg)
{
	struct select *q = arg;
	q->task.l->job = false;
	if (q->task.l->closing)
		return;
	if (!q->missing || q->rc) {
		select_answer(q);
		return;
	}
	struct slice prefix = arena_printf(&q->arena, "topics/%.*s/", SL(q->topics[q->topic_n - 1]));
	lake_reader_start(&q->reader, sl(q->task.l->bucket), prefix);
}

static void select_start(struct lake_task *t)
{
	t->l->job = true;
	loop_job(t->l->env->loop, select_work, select_done, t);
}

void lake_sql_start(struct lake *l, struct http_call *call, struct slice head, struct slice sql)
{
	struct select *q = xcalloc(1, sizeof(*q));
	q->task.call = call;
	q->task.start = select_start;
	q->task.free = select_free;
	q->reader = (struct lake_reader){ .l = l, .clean = read_batch, .done = topic_done, .arg = q };
	q->out.max = LAKE_ANSWER_MAX;
	buf_addsl(&q->sql, sql);
	buf_addc(&q->out, '{');
	buf_addsl(&q->out, head);
	q->head_n = q->out.n;
	lake_queue(l, &q->task);
}
