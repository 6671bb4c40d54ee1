/* Statements that write, and those of our own: jobs, but for rows of a few bytes that are added outside a transaction, which are
 * done on the loop and committed with the tick. */
#include "core/wal.h"
#include "rds/run.h"

struct tick_write {
	struct rds_session *s;
	size_t from, to; /* its answer in s->c->out */
	uint8_t seq;
};

void rds_grew(struct rds *r, struct rds_link *k)
{
	if (k->wal_pages && r->db.wal)
		wal_grew(r->db.wal, k->wal_pages);
	k->wal_pages = 0;
}

/* DIFFERS: a statement in a transaction that is killed, or runs out of disk, while it writes may take the whole transaction back, not
 * only what it did itself: SQLite rolls back so. The status of the answers that follow tells. */
static void write_done(void *arg)
{
	struct rds_run *u = arg;
	struct rds_session *s = u->s;
	struct error err;
	rds_grew(u->r, u->link);
	if (u->commit)
		rds_pages_after(u->r, &u->link->written, u->link->gaps);
	if (u->rc && u->failure.extended == SQLITE_BUSY_SNAPSHOT && u->of_tx && !s->why) {
		s->link->snapshot = u->r->commits - 1; /* somebody wrote after all: tx_link takes another link */
		rds_again(rds_run_leave(u));
		return;
	}
	if (u->rc) {
		rds_answered(s, rds_run_fails(u, &err), &err);
		return;
	}
	if (u->made_id)
		s->last_insert_id = (uint64_t)u->id;
	rds_ok(s, u->affected, (uint64_t)u->id);
	if (!rds_run_sleeps(u))
		rds_answered(rds_run_leave(u), 0, NULL);
}

static const struct job_kind write_kind = { rds_run_work, write_done, rds_run_stop, rds_run_drop, "a statement of MySQL" };

static void start_write(struct rds_run *u, const struct job_kind *kind)
{
	u->place = RUN_WORKS;
	if (u->commit)
		rds_pages_before(u->r);
	owed_keep(&u->job, loop_long_job(u->r->env->loop, kind, u));
}

/* On the loop's own connection, in the tick's transaction: durable before the answer leaves. */
static int write_here(struct rds_session *s, const char *sqlite_sql, struct slice sql, const struct tok *first, struct error *err)
{
	struct rds *r = s->r;
	size_t from = s->c->out.n;
	uint8_t seq = s->seq;
	int rc = db_begin(&r->db, err);
	if (rc)
		return rc;
	struct rds_run *u = rds_run_new(s, RUN_WRITE, sqlite_sql, sql, first);
	rds_run_on(u, r->main, false);
	rds_run_work(u);
	if (u->rc) {
		if (sqlite3_get_autocommit(r->db.h)) { /* SQLite took back the tick with it */
			r->db.broken = r->tick_write_n > 0;
			r->db.in_tx = r->tick_write_n > 0;
		}
		return rds_run_fails(u, err);
	}
	rds_pages_changed(r, &r->main->written, r->main->gaps);
	rds_names_free(&r->main->written);
	r->main->gaps = false;
	if (u->made_id)
		s->last_insert_id = (uint64_t)u->id;
	rds_ok(s, u->affected, (uint64_t)u->id);
	GROW(r->tick_writes, r->tick_write_n, r->tick_write_cap);
	r->tick_writes[r->tick_write_n++] = (struct tick_write){ s, from, s->c->out.n, seq };
	rds_run_leave(u);
	return 0;
}

/* On a full disk rows go but don't come: the reserve is for those that go. */
static int no_room(const struct rds_session *s, const struct tok *first, struct error *err)
{
	struct space *space = s->r->env->space;
	bool goes = tok_is(first, "DELETE") || tok_is(first, "DROP") || tok_is(first, "TRUNCATE");
	if (goes || !space_low(space)) {
		space_before_commit(space);
		return 0;
	}
	return err_fail(err, &rds_errors[RDS_E_DISK], "Disk full (rds.db); waiting for someone to free some space...");
}

int rds_write(struct rds_session *s, const char *sqlite_sql, bool here, struct slice sql, const struct tok *first, struct error *err)
{
	struct rds *r = s->r;
	int rc;
	if (s->read_only)
		return err_fail(err, &rds_errors[RDS_E_READ_ONLY], "Cannot execute statement in a READ ONLY transaction.");
	if ((rc = rds_lock(s, err)))
		return rc;
	if (rds_run_outdated(s))
		return rds_run_deadlock(s, err);
	if ((rc = no_room(s, first, err)))
		return rc;
	if (here && !s->in_tx && s->from == 0 && !s->more)
		return write_here(s, sqlite_sql, sql, first, err);
	rds_tick_commit(r);
	struct rds_run *u = rds_run_new(s, RUN_WRITE, sqlite_sql, sql, first);
	if (s->in_tx) {
		rds_run_on(u, rds_run_tx_link(s, u, true), true);
	} else {
		u->begin = xstrdup("BEGIN IMMEDIATE");
		u->commit = true;
		rds_run_on(u, rds_link_take(r), false);
	}
	u->link->gaps |= tok_is(first, "REPLACE");
	start_write(u, &write_kind);
	return RDS_LATER;
}

/* ---- the tick ---- */

bool rds_tick_dirty(const struct rds *r)
{
	return r->db.in_tx;
}

/* The rows aren't kept: who was told they are hears of it in the same place. */
static void tick_failed(struct rds *r, const struct error *why)
{
	struct error err;
	err_fail(&err, &rds_errors[RDS_E_DISK], "Disk full (%s); waiting for someone to free some space...", why->text);
	log_error(r->env, "commit-failed", "error=\"%s\"", why->text);
	for (size_t i = r->tick_write_n; i-- > 0;) { /* from the last: places before it stay */
		struct tick_write *w = &r->tick_writes[i];
		struct buf *out = &w->s->c->out, b = { 0 };
		uint8_t seq = w->seq;
		rds_put_err(&b, &seq, &err);
		buf_addsl(&b, sl_of(out->p + w->to, out->n - w->to));
		out->n = w->from;
		buf_addsl(out, buf_slice(&b));
		buf_free(&b);
	}
}

void rds_tick_commit(struct rds *r)
{
	struct error err;
	if (!r->db.in_tx)
		return;
	if (db_commit(&r->db, &err))
		tick_failed(r, &err);
	r->tick_write_n = 0;
}

void rds_tick_forget(struct rds_session *s)
{
	struct rds *r = s->r;
	size_t kept = 0;
	for (size_t i = 0; i < r->tick_write_n; i++)
		if (r->tick_writes[i].s != s)
			r->tick_writes[kept++] = r->tick_writes[i];
	r->tick_write_n = kept;
}

/* ---- our own ---- */

static void script_done(void *arg)
{
	struct rds_run *u = arg;
	struct rds_session *s = u->s;
	struct rds *r = u->r;
	struct error err;
	int rc = 0;
	bool again = u->again, ends_tx = u->ends_tx, ddl = u->ddl;
	rds_grew(u->r, u->link);
	if (u->commit || u->ends_tx)
		rds_pages_after(r, ddl ? NULL : &u->link->written, u->link->gaps);
	if (u->rc)
		rc = rds_run_fails(u, &err);
	else
		rds_run_leave(u);
	if (ddl && !rc)
		rc = rds_catalogue_load(r, &err);
	if (ends_tx)
		rds_tx_drop(s); /* also what a COMMIT that failed has left */
	if (!rc && again) {
		rds_again(s);
		return;
	}
	if (!rc)
		rds_ok(s, 0, 0);
	rds_answered(s, rc, &err);
}

static const struct job_kind script_kind = { rds_run_work, script_done, NULL, rds_run_drop, "a statement of MySQL" };

int rds_ddl(struct rds_session *s, const char *script, struct slice sql, const struct tok *first, struct error *err)
{
	int rc;
	if (s->in_tx && (rc = rds_end(s, true, true, err)))
		return rc;
	if ((rc = rds_lock(s, err)) || (rc = no_room(s, first, err)))
		return rc;
	rds_tick_commit(s->r);
	struct buf all = { 0 };
	rds_temporary_drops(&all, s->r);
	buf_adds(&all, script);
	struct rds_run *u = rds_run_new(s, RUN_SCRIPT, buf_cstr(&all), sql, first);
	buf_free(&all);
	u->ddl = u->commit = true;
	u->begin = xstrdup("BEGIN IMMEDIATE");
	rds_run_on(u, rds_link_take(s->r), false);
	u->link->gaps = true;
	start_write(u, &script_kind);
	return RDS_LATER;
}

int rds_script(struct rds_session *s, const char *script, bool over, bool again, struct error *err)
{
	struct rds_run *u = rds_run_new(s, RUN_SCRIPT, script, sl(script), s->t.at);
	/* A savepoint stands where it is written. */
	struct rds_link *k = over || s->old ? s->link : rds_run_tx_link(s, u, false);
	rds_tick_commit(s->r);
	u->ends_tx = over;
	u->again = again;
	rds_run_on(u, k, true);
	if (over)
		rds_pages_before(s->r);
	start_write(u, &script_kind);
	return RDS_LATER;
}

