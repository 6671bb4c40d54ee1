/* RESTORE: a version of before is the table's again. */
#include "lake/query.h"
#include "lake/table.h"
#include "spark/time.h"

#define BIGINT(name) { { name, sizeof(name) - 1 }, &sp_types[SP_BIGINT], true, { NULL, 0 }, { NULL, 0 } }
static const struct sp_field columns[] = { BIGINT("table_size_after_restore"), BIGINT("num_of_files_after_restore"), BIGINT("num_removed_files"),
					   BIGINT("num_restored_files"), BIGINT("removed_files_size"), BIGINT("restored_files_size") };

struct restoring {
	struct lake_ref ref;
	struct lake_turn turn; /* of the table */
	struct delta_restore in;
};

static void restoring_free(struct lake_query *q)
{
	lake_turn_end(q->task.base, &((struct restoring *)q->own)->turn);
}

static void on_restored(void *arg, const struct delta_restored *r, const struct error *err)
{
	struct lake_query *q = arg;
	struct restoring *t = q->own;
	if (err) {
		struct lake_relation failed = { .arena = &q->arena };
		q->rc = err->def == &delta_errors[DELTA_E_NO_TABLE] && !t->ref.by_path ? lake_query_no_table(q) : lake_relation_fail(&failed, err);
		if (!q->err.set)
			q->err = failed.err;
	} else {
		const struct sp_value v[] = { { .i = r->left_bytes }, { .i = r->left_n }, { .i = r->removed_n }, { .i = r->restored_n }, { .i = r->removed_bytes },
					      { .i = r->restored_bytes } };
		lake_answer_head(q, columns, ARRAY_LEN(columns));
		lake_answer_row(q, columns, ARRAY_LEN(columns), v);
		lake_answer_end(q);
	}
	lake_query_end(q);
}

static void begin(void *arg)
{
	struct lake_query *q = arg;
	struct restoring *t = q->own;
	struct delta_table at = lake_ref_table(q->task.l, &t->ref);
	lake_await(&q->task, delta_restore(&at, &t->in, on_restored, q));
}

/* The version or time that is asked for. */
static int read_version(struct lake_query *q, struct delta_restore *in)
{
	const struct sp_stmt *s = q->stmt;
	int64_t us;
	in->version = -1;
	if (s->version.p)
		return !sl_int(s->version, 0, INT64_MAX, &in->version) &&
		       sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_INVALID_VERSION", "", "%.*s isn't a version of a table", SL(s->version));
	if (s->timestamp->kind != SP_EX_LITERAL || s->timestamp->lit.kind != SP_LIT_STRING)
		return sp_fail(&q->err, SP_E_UNSERVED, "", "", "RESTORE ... TO TIMESTAMP AS OF of other than a text isn't served here");
	in->timestamp = s->timestamp->lit.text;
	if (!sp_text_timestamp(in->timestamp, q->cx.zone, q->cx.now_us, &us))
		return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_TIMESTAMP_INVALID", "42816", "The provided timestamp (%.*s) cannot be converted to a valid timestamp.",
			       SL(in->timestamp));
	in->at_ms = sp_floor_div(us, 1000);
	return 0;
}

static void restore(struct lake_query *q)
{
	struct restoring *t = arena_alloc(&q->arena, sizeof(*t));
	const struct sp_stmt *s = q->stmt;
	q->own = t;
	q->own_free = restoring_free;
	t->in.now_ms = clock_now_ms(q->task.l->env->clock);
	q->rc = lake_query_ref(q, &s->name, s->name.n ? sl(NULL) : s->text, &t->ref) || read_version(q, &t->in);
	if (q->rc)
		lake_query_end(q);
	else
		lake_turn_take(q->task.base, &t->turn, lake_table_key(&q->arena, t->ref.bucket, t->ref.path), false, begin, q);
}

const struct lake_doing lake_doings_restore[] = {
	{ SP_STMT_RESTORE, .start = restore },
	{ -1 },
};
