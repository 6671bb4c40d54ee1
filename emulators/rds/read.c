/* Statements that read. One is first tried on the loop, for some ten thousand of SQLite's instructions; what it made counts only if it
 * is over by then. Else it begins anew in a job, and goes on from job to job: a batch of rows, then the next one when the client has
 * taken enough of it. So a slow client holds no thread, and long answers little memory. */
#include "rds/run.h"

enum {
	HERE_SPAN_US = 10000,   /* of so long, statements on the loop together have HERE_STEPS_MAX thousand of SQLite's instructions */
	HERE_STEPS_MAX = 120,
	HERE_BYTES = 128 << 10, /* of an answer made on the loop */
	HERE_STEPS = 40,        /* of those, for one statement */
	SHORT_STEPS = 4000,     /* for one in the lane of short ones: about a tenth of a second */
	SLOW_BATCH_US = 100000, /* whose batch takes longer leaves that lane */
	SHORT_MAX = 3,          /* jobs of each lane at a time: what writes always finds a thread */
	UNLIMITED_MAX = 3,
};

static const struct job_kind read_kind;

void rds_reads_start(struct rds *r)
{
	static const int most[] = { SHORT_MAX, UNLIMITED_MAX };
	for (size_t i = 0; i < ARRAY_LEN(r->lanes); i++) {
		struct rds_lane *l = &r->lanes[i];
		while (l->first && l->working < most[i]) {
			struct rds_run *u = l->first;
			l->first = u->next_read;
			if (!l->first)
				l->end = &l->first;
			l->working++;
			u->place = RUN_WORKS;
			u->link->steps = 0;
			u->link->steps_max = i == 0 && !u->columns ? SHORT_STEPS : 0; /* rows that were sent can't be made anew */
			owed_keep(&u->job, loop_long_job(r->env->loop, &read_kind, u));
		}
	}
}

void rds_read_next(struct rds_run *u)
{
	struct rds_lane *l = &u->r->lanes[u->lane];
	u->place = RUN_WAITS;
	u->next_read = NULL;
	*l->end = u;
	l->end = &u->next_read;
	rds_reads_start(u->r);
}

void rds_run_unqueue(struct rds_run *u)
{
	struct rds_lane *l = &u->r->lanes[u->lane];
	for (struct rds_run **at = &l->first; *at; at = &(*at)->next_read) {
		if (*at != u)
			continue;
		*at = u->next_read;
		if (!*at)
			l->end = at;
		return;
	}
}

static void append(struct rds_run *u)
{
	struct rds_session *s = u->s;
	buf_addsl(&s->c->out, buf_slice(&u->out));
	s->seq = u->seq;
	buf_reset(&u->out);
}

/* SELECT SLEEP(n) that was ended gives 1, where any other statement fails: the row is there, and says 0. */
static bool slept_only(struct rds_run *u)
{
	bool alone = u->place == RUN_SLEEPS && u->column_n == 1 && tok_is(u->first, "SELECT") && tok_is(u->first + 1, "SLEEP") &&
		     sl_ends(buf_slice(&u->out), S("\x01" "0"));
	for (const struct tok *t = u->first; alone && t < u->s->t.at + u->s->to; t++)
		alone = !tok_is(t, "FROM");
	return alone;
}

void rds_read_goes_on(struct rds_run *u)
{
	struct rds_session *s = u->s;
	struct error err;
	if (s->why && slept_only(u)) {
		u->out.p[u->out.n - 1] = '1';
		rds_put_eof(&u->out, &u->seq, u->caps, u->status, true);
		u->rc = SQLITE_DONE;
	} else if (s->why) {
		rds_answered(s, rds_run_fails(u, &err), &err);
		return;
	}
	append(u);
	u->lane = u->batch_us > SLOW_BATCH_US;
	if (u->rc != SQLITE_ROW) {
		rds_answered(rds_run_leave(u), 0, NULL);
		return;
	}
	tcp_send(s->c);
	u->place = RUN_STALLED;
	if (tcp_unsent(s->c) <= TCP_HIGH)
		rds_read_next(u);
}

void rds_run_drained(struct rds_run *u)
{
	if (u && u->place == RUN_STALLED)
		rds_read_next(u);
}

/* Nothing of it has been sent. */
static void begin_anew(struct rds_run *u)
{
	rds_run_reset(u);
	u->columns = NULL;
	u->seq = u->s->seq;
	buf_reset(&u->out);
	arena_reset(&u->arena);
	rds_failure_free(&u->failure);
}

static void read_done(void *arg)
{
	struct rds_run *u = arg;
	struct rds_session *s = u->s;
	struct error err;
	u->r->lanes[u->lane].working--;
	rds_reads_start(u->r);
	if (u->rc && u->rc != SQLITE_ROW && u->link->over && !s->why) { /* not that short: once more, beside its like */
		struct rds_link *k = u->link;
		begin_anew(u);
		u->lane = 1;
		const struct rds_names *avoid = k->avoid;
		rds_run_on(u, k, u->of_tx);
		k->avoid = avoid;
		rds_read_next(u);
	} else if (u->rc == RUN_ELSEWHERE) { /* it reads what its transaction wrote */
		rds_run_give_back(u);
		rds_failure_free(&u->failure);
		rds_run_on(u, u->s->link, true);
		rds_read_next(u);
	} else if (u->rc && u->rc != SQLITE_ROW) {
		rds_answered(s, rds_run_fails(u, &err), &err);
	} else if (s->why || !rds_run_sleeps(u)) {
		rds_read_goes_on(u);
	}
}

static const struct job_kind read_kind = { rds_run_work, read_done, rds_run_stop, rds_run_drop, "a statement of MySQL" };

/* Whether the loop has time for another one. */
static bool time_here(struct rds *r)
{
	int64_t now = clock_real_us();
	if (now - r->here_from_us > HERE_SPAN_US) {
		r->here_from_us = now;
		r->here_steps = 0;
	}
	return r->here_steps < HERE_STEPS_MAX;
}

/* Tries it on the loop. RDS_LATER: it is too long for that, and nothing has happened. */
static int try_here(struct rds_run *u, struct rds_link *k, bool of_tx, struct error *err)
{
	struct rds_session *s = u->s;
	struct rds *r = u->r;
	uint64_t random = s->random;
	k->here = true;
	rds_run_on(u, k, of_tx);
	k->avoid = of_tx && s->old == k ? &s->link->written : NULL;
	k->steps_max = HERE_STEPS;
	u->batch = HERE_BYTES;
	rds_run_work(u);
	r->here_steps += k->steps;
	k->here = false;
	k->steps_max = 0;
	bool lost = k->over || u->rc == SQLITE_ROW || u->rc == SQLITE_BUSY || u->rc == SQLITE_TOOBIG || u->rc == RUN_ELSEWHERE;
	if (!lost && u->rc)
		return rds_run_fails(u, err);
	if (!lost) {
		append(u);
		rds_run_leave(u);
		return 0;
	}
	begin_anew(u);
	s->random = random;
	u->batch = RUN_BATCH;
	return RDS_LATER;
}

int rds_select(struct rds_session *s, const struct rds_read *in, struct slice sql, const struct tok *first, struct error *err)
{
	struct rds *r = s->r;
	bool tx = s->in_tx && (s->vars.isolation >= REPEATABLE_READ || in->lock || (s->link && s->link->open));
	struct rds_link *k = r->main;
	int rc;
	if (in->lock && (rc = rds_lock(s, err)))
		return rc;
	if (in->lock && rds_run_outdated(s))
		return rds_run_deadlock(s, err);
	struct rds_run *u = rds_run_new(s, RUN_READ, in->sql, sql, first);
	u->plain = in->plain;
	u->kept = in->kept;
	memcpy(u->bind, in->bind, sizeof(u->bind));
	if (tx) {
		rds_tick_commit(r);
		k = rds_run_tx_link(s, u, in->lock);
	}
	if (!in->heavy && time_here(r)) {
		rc = try_here(u, k, tx, err);
		if (rc == RDS_LATER && u->rc == RUN_ELSEWHERE)
			rc = try_here(u, k = s->link, true, err);
		if (rc != RDS_LATER)
			return rc;
	}
	if (!tx) {
		rds_tick_commit(r);
		k = rds_link_take(r);
	}
	rds_run_on(u, k, tx);
	k->avoid = tx && s->old == k ? &s->link->written : NULL;
	rds_read_next(u);
	return RDS_LATER;
}

