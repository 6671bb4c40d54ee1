/* A request of statements: one after another through parse, analysis (again when what is named has been found), reading, running. */
#include "lake/batch.h"
#include "lake/frame.h"

#include "core/adopt.h"
#include "core/json.h"
#include "core/question.h"
#include "core/text.h"
#include "sparksql/analyze.h"
#include "sparksql/lex.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

static void next_statement(struct lake_query *q);
static void analyse(struct lake_query *q);

/* ---- what a statement holds ---- */

static void forget(struct lake_query *q)
{
	struct lake_relation *r = q->relations;
	lake_batch_forget(q->task.batch);
	if (q->own_free)
		q->own_free(q);
	q->own = NULL;
	q->own_free = NULL;
	while (r) {
		struct lake_relation *next = r->next;
		lake_relation_free(r);
		r = next;
	}
	lake_turn_end(q->task.base, &q->writing);
	q->relations = q->reading = q->target = NULL;
	q->phase = 0;
	q->reads_itself = false;
	q->place = sl(NULL);
	q->used = NULL;
	q->used_n = q->used_cap = 0;
	q->borrows = false;
	q->stmt = NULL;
	q->plan = NULL;
	q->doing = NULL;
	q->writer = NULL;
	arena_reset(&q->arena);
}

static void query_free(struct lake_task *t)
{
	struct lake_query *q = (struct lake_query *)t;
	forget(q);
	lake_turn_end(t->base, &q->turn);
	lake_udf_free(q);
	lake_spark_free(q->spark);
	lake_batch_free(t->batch);
	sp_error_free(&q->err);
	json_decref(q->params);
	arena_free(&q->arena);
	buf_free(&q->text);
	buf_free(&q->out);
	free(q);
}

/* A job that waits for the client's functions waits no longer; what runs looks at stopped. */
static void query_stop(struct lake_task *t)
{
	struct lake_query *q = (struct lake_query *)t;
	if (q->question)
		question_cancel(q->question);
}

/* ---- the answer ---- */

/* Whether the statement names a table that a clean run would make. */
static bool wants_clean(const struct lake_query *q)
{
	const struct datasets *sets = &q->task.base->cleaning.sets;
	for (const struct lake_relation *r = q->relations; r; r = r->next)
		for (size_t s = 0; r->missing && s < sets->n; s++)
			if (sl_eqs(r->ref.name, sets->at[s].table))
				return true;
	return false;
}

/* A bucket of another user's than the stack's: how to have his. */
static void hint_user(const struct lake_query *q, struct buf *b)
{
	for (const struct lake_relation *r = q->relations; r; r = r->next) {
		struct slice user = r->ref.bucket.n ? adopt_whose(q->task.l->env->adopt, "buckets", r->ref.bucket) : sl(NULL);
		if (user.n) {
			jw_fmt(b, "hint", "tarn up --user %.*s, or tarn up --adopt: the bucket %.*s isn't the stack's user's", SL(user), SL(r->ref.bucket));
			return;
		}
	}
}

/* DIFFERS: a statement that Spark has and we don't is refused with 501 and in words of our own. */
static void refuse(struct lake_query *q)
{
	static const struct {
		int status;
		const char *code;
	} rows[] = {
		[SP_E_PARSE] = { 400, "INVALID_PARAMETER_VALUE" },
		[SP_E_ANALYSIS] = { 400, "INVALID_PARAMETER_VALUE" },
		[SP_E_RUN] = { 400, "INVALID_PARAMETER_VALUE" },
		[SP_E_LIMIT] = { 400, "QUOTA_EXCEEDED" },
		[SP_E_TIME] = { 408, "DEADLINE_EXCEEDED" },
		[SP_E_STOPPED] = { 499, "CANCELLED" },
		[SP_E_UNSERVED] = { 501, "NOT_IMPLEMENTED" },
		[SP_E_AGAIN] = { 500, "INTERNAL_ERROR" },
		[SP_E_STORE] = { 503, "TEMPORARILY_UNAVAILABLE" },
	};
	struct buf b = { 0 }, text = { 0 }, good = { 0 };
	sp_error_message(&text, &q->err, q->sql);
	buf_utf8_mend(&good, buf_slice(&text), "?");
	jw_obj(&b, NULL);
	jw_text(&b, "error_code", rows[q->err.kind].code);
	jw_str(&b, "message", buf_slice(&good));
	jw_text(&b, "error_class", q->err.class);
	jw_text(&b, "sql_state", q->err.state);
	jw_text(&b, "exception", q->err.java ? q->err.java : q->err.kind == SP_E_PARSE ? "ParseException" : q->err.kind == SP_E_ANALYSIS ? "AnalysisException" : "SparkException");
	if (wants_clean(q))
		jw_text(&b, "hint", "nothing is cleaned yet: tarn clean");
	else
		hint_user(q, &b);
	jw_obj_end(&b);
	buf_addc(&b, '\n');
	if (q->err.kind == SP_E_UNSERVED)
		log_warn(q->task.l->env, "unserved", "statement=%.60s", q->err.text);
	if (q->task.call) /* else its client never came back */
		http_reply(q->task.call, rows[q->err.kind].status, "application/json", buf_slice(&b));
	buf_free(&b);
	buf_free(&text);
	buf_free(&good);
	lake_end(&q->task);
}

static void answer(struct lake_query *q)
{
	struct lake *l = q->task.l;
	if (q->out.n == q->head_n) { /* a statement without rows */
		lake_answer_head(q, NULL, 0);
		lake_answer_end(q);
	}
	buf_adds(&q->out, "}\n");
	if (q->task.call)
		http_reply_buf(q->task.call, 200, "application/json", &q->out);
	l->metrics[LAKE_M_STATEMENTS].value++;
	lake_end(&q->task);
}

void lake_query_end(struct lake_query *q)
{
	if (!q->rc && !q->err.set && q->out.bad)
		q->rc = sp_fail(&q->err, SP_E_LIMIT, "", "", "the answer is larger than %zu MiB ([lake] statement_mib)", q->limits.memory >> 20);
	if (q->rc || q->err.set)
		refuse(q);
	else
		next_statement(q);
}

/* ---- running ---- */

struct rows {
	struct lake_query *q;
	int (*take)(struct lake_query *q, const struct sp_batch *b);
	void (*done)(struct lake_query *q);
};

enum { LARGE_BYTES = 8 << 20, LARGE_ROWS = 200000 };

static bool is_large(const struct lake_query *q)
{
	for (const struct lake_relation *r = q->relations; r; r = r->next)
		if (r->table && r->table->row_n > LARGE_ROWS)
			return true;
	return false;
}

static void run_plan(struct lake_query *q, const struct rows *x)
{
	struct arena batch = { 0 }, keep = { 0 };
	struct sp_run run = { .cx = &q->cx, .batch = &batch, .keep = &keep, .stop = &q->task.stopped,
			      .end_us = clock_real_us() + q->limits.time_ms * 1000, .held_max = q->limits.memory };
	struct sp_rowset *set = sp_open(&run, q->plan);
	struct sp_batch b;
	int more = set ? 1 : -1;
	while (more > 0 && (more = sp_next(set, &b)) > 0)
		if (x->take(q, &b))
			break;
	sp_close(set);
	if (more < 0 && !q->err.set)
		q->err = run.err;
	else
		sp_error_free(&run.err);
	q->rc = q->err.set;
	bool large = keep.used > LARGE_BYTES || is_large(q);
	arena_free(&batch);
	arena_free(&keep);
#ifdef __GLIBC__
	if (large)
		(void)malloc_trim(0); /* what it held goes back */
#endif
}

static void rows_work(void *arg)
{
	struct rows *x = arg;
	run_plan(x->q, x);
}

static void rows_done(void *arg)
{
	struct rows *x = arg;
	x->done(x->q);
}

void lake_query_rows(struct lake_query *q, int (*take)(struct lake_query *q, const struct sp_batch *b), void (*done)(struct lake_query *q))
{
	struct rows *x = arena_alloc(&q->arena, sizeof(*x));
	*x = (struct rows){ q, take, done };
	lake_job(&q->task, rows_work, rows_done, x);
}

/* Rows as the answer. */
static int answer_batch(struct lake_query *q, const struct sp_batch *b)
{
	return lake_answer_batch(q, q->plan->columns, q->plan->column_n, b);
}

static void answered(struct lake_query *q)
{
	lake_answer_end(q);
	lake_query_end(q);
}

static void work(void *arg)
{
	struct lake_query *q = arg;
	q->rc = q->doing->work(q);
}

static void worked(void *arg)
{
	lake_query_end(arg);
}

/* ---- reading what the plan needs ---- */

static void read_next(struct lake_query *q);

static void was_read(void *arg)
{
	struct lake_query *q = arg;
	struct lake_relation *r = q->reading;
	r->read = true;
	if (r->err.set) {
		q->err = r->err;
		r->err = (struct sp_error){ 0 };
		lake_query_end(q);
		return;
	}
	r->rel.table = r->table;
	q->reading = r->next;
	read_next(q);
}

static void begin(struct lake_query *q)
{
	if (q->doing->start) {
		q->doing->start(q);
	} else if (q->task.batch) {
		lake_batch_begin(q);
	} else if (q->doing->runs) {
		lake_answer_head(q, q->plan->columns, q->plan->column_n);
		lake_query_rows(q, answer_batch, answered);
	} else {
		lake_job(&q->task, work, worked, q);
	}
}

static void read_next(struct lake_query *q)
{
	while (q->reading && (q->reading->missing || q->reading->read))
		q->reading = q->reading->next;
	if (!q->reading) {
		begin(q);
		return;
	}
	q->reading->done = was_read;
	q->reading->arg = q;
	q->reading->format->read(q->reading);
}

/* ---- analysis ---- */

static void find_next(struct lake_query *q);

static void was_found(void *arg)
{
	struct lake_query *q = arg;
	q->reading->found = true;
	find_next(q);
}

static void find_next(struct lake_query *q)
{
	q->reading = q->relations;
	while (q->reading && q->reading->found)
		q->reading = q->reading->next;
	if (!q->reading) {
		analyse(q);
		return;
	}
	q->reading->done = was_found;
	q->reading->arg = q;
	lake_relation_find(q->reading);
}

const struct sp_query *lake_query_named(struct lake_query *q)
{
	struct sp_rel *table = arena_alloc(&q->arena, sizeof(*table));
	struct sp_ex *star = arena_alloc(&q->arena, sizeof(*star)), **items = arena_alloc(&q->arena, sizeof(*items));
	struct sp_select *select = arena_alloc(&q->arena, sizeof(*select));
	struct sp_query *query = arena_alloc(&q->arena, sizeof(*query));
	*table = (struct sp_rel){ .kind = SP_REL_TABLE, .at = q->stmt->name.at, .end = q->stmt->name.end, .table.name = q->stmt->name };
	*star = (struct sp_ex){ .kind = SP_EX_STAR, .at = table->at, .end = table->end };
	items[0] = star;
	*select = (struct sp_select){ .items = { items, 1 }, .from = table };
	*query = (struct sp_query){ .kind = SP_QUERY_SELECT, .at = table->at, .end = table->end, .select = select };
	return query;
}

/* Whether the statement is to become a frame: others run at once. */
static bool is_frame(const struct lake_query *q)
{
	return q->asks == LAKE_ASKS_FRAME && q->stmt && q->stmt->kind == SP_STMT_QUERY;
}

static int analyse_query(struct lake_query *q)
{
	const struct sp_analysis x = { .arena = &q->arena, .cx = &q->cx, .catalog = &q->catalog, .parameters = q->parameters,
				       .parameter_n = q->parameter_n, .err = &q->err };
	const struct sp_query *query = q->stmt->query ? q->stmt->query : q->stmt->inner ? q->stmt->inner->query : NULL;
	int rc;
	if (q->doing->names)
		query = lake_query_named(q);
	else if (q->doing->query)
		query = q->doing->query(q);
	if (!query)
		return q->err.set;
	if (is_frame(q))
		return sp_analyze_known(&x, query, &q->plan, &q->made);
	rc = sp_analyze(&x, query, &q->plan);
	if (!rc && q->stmt->kind != SP_STMT_CREATE_VIEW) /* a view is its text */
		rc = lake_frames_bind(q);
	if (!rc && q->doing->shape)
		rc = q->doing->shape(q);
	if (!rc && q->task.batch)
		rc = lake_batch_shape(q);
	if (rc || !q->doing->runs)
		return rc;
	return sp_optimize(&q->arena, &q->cx, &q->plan, &q->err);
}

static void analyse_work(void *arg)
{
	struct lake_query *q = arg;
	sp_error_free(&q->err);
	q->rc = analyse_query(q);
}

static void analysed(void *arg)
{
	struct lake_query *q = arg;
	if (q->rc && q->err.kind == SP_E_AGAIN) {
		sp_error_free(&q->err);
		q->rc = 0;
		find_next(q);
	} else if (q->rc) {
		lake_query_end(q);
	} else if (is_frame(q)) {
		lake_frame_keep(q);
	} else {
		q->reading = q->relations;
		if (q->doing->runs && !(q->task.batch && q->task.batch->check))
			read_next(q);
		else
			begin(q);
	}
}

static void analyse(struct lake_query *q)
{
	lake_job(&q->task, analyse_work, analysed, q);
}

/* ---- the next statement ---- */

static const struct lake_doing *doing_of(int kind)
{
	static const struct lake_doing *const tables[] = { lake_doings_query, lake_doings_session, lake_doings_show, lake_doings_look, lake_doings_table,
							   lake_doings_data, lake_doings_merge, lake_doings_ddl, lake_doings_save,
							   lake_doings_save_table, lake_doings_restore };
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (const struct lake_doing *d = tables[t]; d->kind >= 0; d++)
			if (d->kind == kind)
				return d;
	return NULL;
}

static int parse_next(struct lake_query *q)
{
	if (lake_spark_context(q->spark, &q->arena, q->now_us, &q->cx, &q->err) || lake_query_parameters(q))
		return 1;
	if (q->asks == LAKE_ASKS_FRAME)
		q->sql = arena_dup(&q->arena, q->sql); /* names point into it */
	if (sp_substitute(&q->arena, &q->sql, &q->cx, &q->err) || sp_parse(&q->arena, q->sql, &q->stmt, &q->err))
		return 1;
	q->doing = doing_of(q->stmt->kind);
	if (q->doing)
		return 0;
	return sp_fail(&q->err, SP_E_UNSERVED, "", "", "the statement %.*s isn't served here", SL(q->stmt->text.p ? q->stmt->text : S("")));
}

static void parse_work(void *arg)
{
	struct lake_query *q = arg;
	q->rc = parse_next(q);
}

static void go_on(struct lake_query *q)
{
	if (q->doing->analyses)
		analyse(q);
	else
		begin(q);
}

void lake_query_again(struct lake_query *q)
{
	for (struct lake_relation *r = q->relations; r; r = r->next) {
		r->read = r->format == &lake_quarantine && r->read;
		if (!r->read) {
			sp_table_free(r->table);
			r->table = NULL;
		}
	}
	analyse(q);
}

/* ---- the table that a statement writes: nobody else does until it is over ---- */

static void target_found(void *arg)
{
	struct lake_query *q = arg;
	q->target->found = true;
	if (q->target->placed.p && (q->stmt->kind == SP_STMT_DROP_TABLE || q->stmt->kind == SP_STMT_CREATE_TABLE))
		sp_error_free(&q->target->err); /* the name is there, whatever has become of the files */
	if ((q->stmt->kind == SP_STMT_CREATE_TABLE || q->stmt->kind == SP_STMT_SAVE_TABLE) && q->target->err.set && strcmp(q->target->err.class, "DELTA_TABLE_NOT_FOUND") == 0) {
		sp_error_free(&q->target->err); /* delta.`a path` where nothing is yet */
		q->target->missing = true;
	}
	if (q->target->err.set) {
		q->err = q->target->err;
		q->target->err = (struct sp_error){ 0 };
		lake_query_end(q);
		return;
	}
	if (!lake_place_target(q))
		go_on(q);
}

void lake_query_go_on(struct lake_query *q)
{
	go_on(q);
}

static void on_writing(void *arg)
{
	struct lake_query *q = arg;
	q->target->done = target_found;
	q->target->arg = q;
	lake_relation_find(q->target);
}

/* What is to be written is a temporary view: dropped, or refused. false: the statement is about a table all the same. */
static bool target_is_view(struct lake_query *q)
{
	const struct sp_name *n = &q->stmt->name;
	struct slice name = n->parts[n->n - 1];
	if (n->n != 1 || !lake_view_find(q->spark->views, name))
		return false;
	if (q->stmt->kind == SP_STMT_DROP_TABLE) {
		q->doing = doing_of(SP_STMT_DROP_VIEW);
		q->doing->start(q);
		return true;
	}
	if (q->stmt->kind == SP_STMT_TRUNCATE)
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1013", "", "%.*s is a temp view. 'TRUNCATE TABLE' expects a table..", SL(name));
	else if (q->stmt->kind == SP_STMT_INSERT)
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1010", "", "Inserting into a view is not allowed. View: `%.*s`.", SL(name));
	else if (q->stmt->kind == SP_STMT_UPDATE || q->stmt->kind == SP_STMT_MERGE || q->stmt->kind == SP_STMT_DELETE)
		sp_fail(&q->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_2096", "", "%s is not supported temporarily.",
			q->stmt->kind == SP_STMT_UPDATE ? "UPDATE TABLE" : q->stmt->kind == SP_STMT_MERGE ? "MERGE INTO TABLE" : "DELETE FROM TABLE");
	else
		return false;
	if (q->stmt->kind == SP_STMT_TRUNCATE || q->stmt->kind == SP_STMT_INSERT)
		sp_fail_at(&q->err, n->at, n->end);
	q->rc = 1;
	lake_query_end(q);
	return true;
}

static void take_turn(struct lake_query *q)
{
	const struct lake_ref *ref = &q->target->ref;
	lake_turn_take(q->task.base, &q->writing, lake_table_key(&q->arena, ref->bucket, ref->path), false, on_writing, q);
}

static void take_target(struct lake_query *q)
{
	bool makes = q->stmt->kind == SP_STMT_CREATE_TABLE || q->stmt->kind == SP_STMT_REPLACE_TABLE || q->stmt->kind == SP_STMT_SAVE_TABLE;
	const struct sp_name *name = &q->stmt->name;
	const struct sp_table_name n = { .parts = name->parts, .n = name->n, .version = -1 };
	struct lake_relation *r;
	if (target_is_view(q))
		return;
	r = lake_relation_new(&q->task, &q->arena, &q->cx, &n, &q->err);
	if (r && r->missing && q->stmt->kind == SP_STMT_DROP_TABLE && q->stmt->if_exists) {
		lake_query_end(q);
		return;
	}
	if (r && (r->format != &lake_delta || r->missing)) {
		sp_fail(&q->err, SP_E_ANALYSIS, "TABLE_OR_VIEW_NOT_FOUND", "42P01", "The table or view %.*s cannot be found.",
			SL(sl_of(q->sql.p + name->at, name->end - name->at)));
		r = NULL;
	}
	if (!r) {
		lake_query_end(q);
		return;
	}
	r->key = lake_relation_key(&q->arena, &q->cx, &n);
	r->topic = sl(NULL);
	r->positions = true;
	q->target = q->relations = r;
	if (makes && name->n > 1 && !r->ref.by_path) /* a table is made in a database that is there */
		lake_query_database(q, name->parts[name->n - 2], take_turn);
	else
		take_turn(q);
}

static void parsed(void *arg)
{
	struct lake_query *q = arg;
	if (q->rc)
		lake_query_end(q);
	else if (q->doing->writes)
		take_target(q);
	else
		go_on(q);
}

static void next_statement(struct lake_query *q)
{
	size_t at = 0;
	struct slice one = sl(NULL);
	while (q->rest.n) {
		one = q->rest;
		if (q->asks == LAKE_ASKS_FRAME)
			at = one.n; /* it takes one statement */
		else
			one = sp_split(q->rest, &at);
		q->rest = sl_from(q->rest, at);
		at = 0;
		if (one.p && !sp_is_blank(one))
			break;
		one = sl(NULL);
	}
	if (!one.p && q->stmt) {
		answer(q);
		return;
	}
	forget(q);
	q->sql = one.p ? sl_trim(one) : S("");
	q->rc = 0;
	q->out.n = q->head_n;
	q->now_us = clock_now_ms(q->task.l->env->clock) * 1000; /* the clock is the loop's */
	lake_job(&q->task, parse_work, parsed, q);
}

/* ---- the start ---- */

static void on_turn(void *arg)
{
	struct lake_query *q = arg;
	lake_udf_begin(q);
	if (json_object_get(q->params, "columns"))
		lake_frame_rows(q);
	else
		next_statement(q);
}

static void query_start(struct lake_task *t)
{
	struct lake_query *q = (struct lake_query *)t;
	q->globals = t->l->global_views;
	lake_query_catalog(q);
	if (!q->spark->id[0]) {
		on_turn(q);
		return;
	}
	q->turn_key = arena_printf(&q->spark->arena, "spark %s", q->spark->id);
	lake_turn_take(t->base, &q->turn, q->turn_key, false, on_turn, q);
}

void lake_sql_start(struct lake *l, struct http_call *call, struct slice head, struct slice sql)
{
	lake_query_start(l, call, LAKE_ASKS_ROWS, head, sql);
}

void lake_query_start(struct lake *l, struct http_call *call, enum lake_asks asks, struct slice head, struct slice sql)
{
	struct lake_query *q = xcalloc(1, sizeof(*q));
	struct error err;
	int rc;
	q->asks = asks;
	q->limits = l->limits;
	rc = lake_query_read(q, l, call, &sql, &err);
	if (rc) {
		problem_reply(call, &err);
		lake_batch_free(q->task.batch);
		json_decref(q->params);
		lake_spark_free(q->spark);
		free(q);
		return;
	}
	q->task.call = call;
	q->task.start = query_start;
	q->task.stop = query_stop;
	q->task.free = query_free;
	q->loop = l->env->loop;
	if (!q->spark)
		q->spark = lake_spark_new();
	if (q->database.n)
		q->spark->database = arena_dup(&q->spark->arena, q->database);
	buf_addsl(&q->text, sql);
	buf_addc(&q->text, '\0');
	q->rest = sl_of(q->text.p, q->text.n - 1);
	q->out.max = l->limits.memory;
	buf_addc(&q->out, '{');
	buf_addsl(&q->out, head);
	q->head_n = q->out.n;
	lake_begin(l, &q->task);
}
