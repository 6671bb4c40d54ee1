/* Who may write: SQLite has one writer at a time for the whole database, so the others wait, on the loop, in the order they came.
 * DIFFERS: InnoDB locks rows; here a transaction that wrote holds what all others write, also other rows and tables, until it ends. */
#include "rds/rds.h"

bool rds_lock_free(const struct rds *r)
{
	return !r->locked && !r->waiting;
}

void rds_lock_leave(struct rds_session *s)
{
	struct rds *r = s->r;
	loop_cancel(s->lock_timer);
	s->lock_timer = NULL;
	if (!s->waiting)
		return;
	s->waiting = false;
	for (struct rds_session **at = &r->waiting; *at; at = &(*at)->next_waiting) {
		if (*at != s)
			continue;
		*at = s->next_waiting;
		break;
	}
	r->waiting_end = &r->waiting;
	while (*r->waiting_end)
		r->waiting_end = &(*r->waiting_end)->next_waiting;
}

static void too_long(void *arg)
{
	struct rds_session *s = arg;
	struct error err;
	s->lock_timer = NULL;
	rds_lock_leave(s);
	rds_answered(s, err_fail(&err, &rds_errors[RDS_E_LOCKED], "Lock wait timeout exceeded; try restarting transaction"), &err);
}

int rds_lock(struct rds_session *s, struct error *err)
{
	struct rds *r = s->r;
	if (s->owns)
		return 0;
	if (rds_lock_free(r)) {
		r->locked = s->owns = true;
		return 0;
	}
	s->waiting = true;
	s->next_waiting = NULL;
	*r->waiting_end = s;
	r->waiting_end = &s->next_waiting;
	s->lock_timer = loop_after(r->env->loop, s->vars.lock_wait_s * 1000, too_long, s);
	return RDS_LATER;
}

static void grant(void *arg)
{
	struct rds *r = arg;
	struct rds_session *s = r->waiting;
	if (r->locked || !s)
		return;
	rds_lock_leave(s);
	r->locked = s->owns = true;
	rds_again(s);
}

void rds_unlock(struct rds *r, bool *owns)
{
	if (!*owns)
		return;
	*owns = r->locked = false;
	if (r->waiting)
		loop_later(r->env->loop, &r->grant, grant, r);
}

void rds_lock_close(struct rds *r)
{
	loop_never(r->env->loop, &r->grant);
}
