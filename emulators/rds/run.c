/* A statement on its way, on the loop when that takes a moment, else as jobs: what they do, how it begins and ends. */
#include "rds/run.h"

enum {
	BATCH_US = 50000,       /* rows that are there don't wait longer for more */
};

/* ---- in a job, or here ---- */

void rds_run_reset(struct rds_run *u)
{
	if (u->kept)
		sqlite3_reset(u->st);
	else
		sqlite3_finalize(u->st);
	u->st = NULL;
}

static int prepare(struct rds_run *u)
{
	struct rds_link *k = u->link;
	int rc;
	if (u->kept) {
		rc = rds_link_kept(k, u->sql, &u->st);
		for (size_t i = 0; !rc && i < ARRAY_LEN(u->bind); i++)
			rc = sqlite3_bind_int64(u->st, (int)i + 1, u->bind[i]);
		return rc;
	}
	k->guarded = !u->plain;
	rc = sqlite3_prepare_v2(k->h, u->sql, -1, &u->st, NULL);
	if (rc == SQLITE_ERROR && strstr(u->sql, "information_schema.") && strstr(sqlite3_errmsg(k->h), "information_schema.") &&
	    !rds_link_exec(k, rds_store_views))
		rc = sqlite3_prepare_v2(k->h, u->sql, -1, &u->st, NULL);
	if (!rc && k->elsewhere)
		rc = RUN_ELSEWHERE;
	return rc;
}

static void columns(struct rds_run *u, bool row)
{
	u->columns = rds_result_columns(&u->arena, u->cat, u->database, u->st, row, &u->column_n);
	rds_put_columns(&u->out, &u->seq, u->caps, u->status, u->columns, u->column_n);
}

static int read_batch(struct rds_run *u)
{
	int rc;
	int64_t began = clock_real_us();
	u->batch_us = 0;
	if (!u->st && (rc = prepare(u)))
		return rc;
	if (!sqlite3_column_count(u->st))
		return SQLITE_MISUSE;
	while ((rc = sqlite3_step(u->st)) == SQLITE_ROW) {
		if (!u->columns)
			columns(u, true);
		rds_result_row(&u->out, &u->seq, u->st, u->columns, u->column_n);
		if (u->out.n >= u->batch || u->link->sleep_s > 0 || (!u->link->here && clock_real_us() - began > BATCH_US))
			break;
	}
	u->batch_us = clock_real_us() - began;
	if (rc == SQLITE_DONE) {
		if (!u->columns)
			columns(u, false);
		rds_put_eof(&u->out, &u->seq, u->caps, u->status, true);
	}
	return rc;
}

static int write_all(struct rds_run *u)
{
	sqlite3 *h = u->link->h;
	int rc = prepare(u);
	if (rc)
		return rc;
	int64_t before = sqlite3_total_changes64(h);
	memset(&u->link->ids, 0, sizeof(u->link->ids));
	while ((rc = sqlite3_step(u->st)) == SQLITE_ROW)
		;
	u->affected = (uint64_t)(sqlite3_total_changes64(h) - before);
	u->id = u->link->ids.first ? u->link->ids.first : u->link->ids.given;
	u->made_id = u->link->ids.first;
	return rc;
}

/* The failure is read before anything else is done on the link. */
static void failed(struct rds_run *u)
{
	rds_failure_take(&u->failure, u->link);
	rds_run_reset(u);
	if (u->commit && u->link->h && !sqlite3_get_autocommit(u->link->h))
		(void)rds_link_exec(u->link, "ROLLBACK");
}

void rds_run_work(void *arg)
{
	struct rds_run *u = arg;
	struct rds_link *k = u->link;
	int rc = rds_link_open(k);
	if (!rc && !k->here)
		rds_link_large(k, true);
	if (!rc && u->begin && sqlite3_get_autocommit(k->h))
		rc = rds_link_exec(k, u->begin);
	if (!rc)
		rc = u->kind == RUN_READ ? read_batch(u) : u->kind == RUN_WRITE ? write_all(u) : rds_link_exec(k, u->sql);
	k->guarded = false;
	if (rc == SQLITE_DONE) {
		rds_run_reset(u);
		rc = SQLITE_OK;
	}
	if (!rc && u->commit)
		rc = rds_link_exec(k, "COMMIT");
	if (rc && rc != SQLITE_ROW)
		failed(u);
	if (rc != SQLITE_ROW)
		rds_link_large(k, false);
	u->rc = rc;
	k->open = k->h && !sqlite3_get_autocommit(k->h);
}

/* ---- begin and end ---- */

static void tell_caller(struct rds_link *k, const struct rds_session *s)
{
	struct rds_caller *c = &k->caller;
	c->id = s->id;
	snprintf(c->user, sizeof(c->user), "%s", s->user);
	c->has_db = s->db[0];
	c->last_insert_id = s->last_insert_id;
	c->now_ms = s->now_ms;
	c->seed = (uint64_t)conf_int(s->r->env->conf, "stack", "seed", 42);
	c->random = s->random;
	c->recursion_max = s->vars.recursion_max;
	c->database = s->r->database;
	c->version = s->r->version;
}

struct rds_run *rds_run_new(struct rds_session *s, enum run_kind kind, const char *sql, struct slice text, const struct tok *first)
{
	struct rds *r = s->r;
	struct rds_run *u = xcalloc(1, sizeof(*u));
	u->r = r;
	u->s = s;
	u->kind = kind;
	u->sql = rds_parse_text(s, sql);
	if (!u->sql)
		u->sql = xstrdup(sql);
	u->text = text;
	u->first = first;
	u->cat = rds_catalogue_use(r->cat);
	u->database = r->database;
	u->seq = s->seq;
	u->caps = s->caps;
	u->status = rds_status(s);
	u->batch = RUN_BATCH;
	u->next = r->runs;
	if (r->runs)
		r->runs->prev = u;
	r->runs = u;
	s->run = u;
	return u;
}

void rds_run_on(struct rds_run *u, struct rds_link *k, bool used)
{
	u->link = k;
	u->of_tx = used;
	u->was_open = k->open;
	rds_link_clear(k);
	tell_caller(k, u->s);
	if (!k->open)
		k->snapshot = u->r->commits;
}

void rds_run_give_back(struct rds_run *u)
{
	rds_run_reset(u);
	if (u->link && !u->of_tx && u->r && u->link != u->r->main)
		rds_link_give(u->r, u->link);
	u->link = NULL;
}

void rds_run_free(struct rds_run *u)
{
	if (u->r) {
		if (u->prev)
			u->prev->next = u->next;
		else
			u->r->runs = u->next;
		if (u->next)
			u->next->prev = u->prev;
		rds_unlock(u->r, &u->owns);
	}
	rds_catalogue_free(u->cat);
	loop_cancel(u->timer);
	arena_free(&u->arena);
	buf_free(&u->out);
	rds_failure_free(&u->failure);
	free(u->sql);
	free(u->begin);
	free(u);
}

struct rds_session *rds_run_leave(struct rds_run *u)
{
	struct rds_session *s = u->s;
	s->random = u->link ? u->link->caller.random : s->random;
	rds_run_give_back(u);
	s->run = NULL;
	rds_run_free(u);
	return s;
}

int rds_run_fails(struct rds_run *u, struct error *err)
{
	struct rds_session *s = u->s;
	bool lost = u->of_tx && u->was_open && !u->link->open;
	int rc = s->why ? rds_killed(s->why, err) : rds_sql_error(u->database, &u->failure, u->text, u->first, err);
	rds_run_leave(u);
	if (lost)
		rds_tx_drop(s);
	return rc;
}

struct rds_link *rds_run_tx_link(struct rds_session *s, struct rds_run *u, bool write)
{
	struct buf b = { 0 };
	if (write && s->link && s->link->open && s->link->snapshot != s->r->commits) {
		s->old = s->link;
		s->link = NULL;
	}
	if (!write && s->old)
		return s->old;
	if (!s->link)
		s->link = rds_link_take(s->r);
	buf_adds(&b, write ? "BEGIN IMMEDIATE" : "BEGIN");
	if (s->old)
		rds_savepoints_sql(s, &b);
	u->begin = xstrdup(buf_cstr(&b));
	buf_free(&b);
	return s->link;
}

int rds_run_deadlock(struct rds_session *s, struct error *err)
{
	rds_tx_drop(s);
	return err_fail(err, &rds_errors[RDS_E_DEADLOCK], "Deadlock found when trying to get lock; try restarting transaction");
}

bool rds_run_outdated(const struct rds_session *s)
{
	return s->vars.isolation == SERIALIZABLE && s->link && s->link->open && s->link->snapshot != s->r->commits;
}

/* ---- asleep, killed, gone, closed ---- */

static void slept(void *arg)
{
	struct rds_run *u = arg;
	u->timer = NULL;
	u->link->sleep_s = 0;
	if (u->kind == RUN_READ)
		rds_read_goes_on(u);
	else
		rds_answered(rds_run_leave(u), 0, NULL);
}

bool rds_run_sleeps(struct rds_run *u)
{
	double s = u->link->sleep_s;
	if (s <= 0)
		return false;
	u->place = RUN_SLEEPS;
	u->timer = loop_after(u->r->env->loop, (int64_t)(s < 1e9 ? s * 1000 : 1e12), slept, u);
	return true;
}

void rds_run_stop(void *arg)
{
	struct rds_run *u = arg;
	u->link->stop = true;
}

/* Nobody waits for it any more. */
void rds_run_drop(void *arg)
{
	struct rds_run *u = arg;
	if (u->r && u->kind == RUN_READ) {
		u->r->lanes[u->lane].working--;
		rds_reads_start(u->r);
	} else if (u->r && (u->commit || u->ends_tx)) {
		rds_pages_after(u->r, NULL, true);
	}
	rds_run_reset(u);
	rds_link_free(u->link);
	rds_run_free(u);
}

void rds_run_kill(struct rds_run *u)
{
	if (u->place == RUN_WORKS) {
		u->link->stop = true;
		return;
	}
	if (u->place == RUN_WAITS)
		rds_run_unqueue(u);
	loop_cancel(u->timer);
	u->timer = NULL;
	if (u->kind == RUN_READ)
		rds_read_goes_on(u);
	else /* it had been done before it slept */
		rds_answered(rds_run_leave(u), 0, NULL);
}

void rds_run_orphan(struct rds_run *u)
{
	struct rds_session *s = u->s;
	s->run = NULL;
	u->s = NULL;
	if (u->place != RUN_WORKS) {
		if (u->place == RUN_WAITS)
			rds_run_unqueue(u);
		rds_run_give_back(u);
		rds_run_free(u);
		return;
	}
	if (u->of_tx) { /* the link goes with the run, and what it wrote is rolled back */
		if (s->link == u->link)
			s->link = NULL;
		else
			s->old = NULL;
	}
	u->owns = s->owns;
	s->owns = false;
	owed_cancel(u->job);
}

void rds_runs_close(struct rds *r)
{
	while (r->runs) {
		struct rds_run *u = r->runs;
		r->runs = u->next;
		u->r = NULL;
	}
}

bool rds_run_reads(const struct rds_run *u)
{
	return u->kind == RUN_READ;
}

const char *rds_run_state(const struct rds_run *u)
{
	static const char *const states[] = { [RUN_HERE] = "executing", [RUN_WAITS] = "starting", [RUN_WORKS] = "executing",
					      [RUN_STALLED] = "Sending to client", [RUN_SLEEPS] = "User sleep" };
	return states[u->place];
}
