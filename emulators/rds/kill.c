/* KILL, and the list of sessions. */
#include "rds/link.h"

int rds_killed(enum rds_why why, struct error *err)
{
	if (why == WHY_TIME)
		return err_fail(err, &rds_errors[RDS_E_TIME], "Query execution was interrupted, maximum statement execution time exceeded");
	return err_fail(err, &rds_errors[RDS_E_KILLED], "Query execution was interrupted");
}

void rds_kill(struct rds_session *s, enum rds_why why)
{
	struct error err;
	if (!s->busy)
		return;
	s->why = why;
	rds_parse_kill(s->parse);
	if (s->run) {
		rds_run_kill(s->run);
	} else if (s->waiting) {
		rds_lock_leave(s);
		rds_answered(s, rds_killed(why, &err), &err);
	}
}

static void hang_up(struct rds_session *s)
{
	s->doomed = true;
	if (s->busy) {
		rds_kill(s, WHY_KILLED);
		return;
	}
	s->c->closing = true;
	tcp_send(s->c);
}

/* KILL [CONNECTION | QUERY] id. */
int rds_kill_statement(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	bool query = n > 1 && tok_is(&t[1], "QUERY");
	size_t i = query || (n > 1 && tok_is(&t[1], "CONNECTION")) ? 2 : 1;
	int64_t id;
	if (i >= n || i + 1 < n || t[i].kind != TOK_NUMBER)
		return rds_syntax(sql, &t[i < n ? i + (t[i].kind == TOK_NUMBER) : n], err);
	struct rds_session *x = s->r->sessions;
	if (!sl_int(t[i].text, 0, UINT32_MAX, &id))
		x = NULL;
	while (x && x->id != (uint32_t)id)
		x = x->next;
	if (!x)
		return err_fail(err, &rds_errors[RDS_E_NO_THREAD], "Unknown thread id: %.*s", SL(t[i].text));
	if (x == s) {
		s->doomed = !query;
		return rds_killed(WHY_KILLED, err);
	}
	if (query)
		rds_kill(x, WHY_KILLED);
	else
		hang_up(x);
	rds_ok(s, 0, 0);
	return 0;
}

static const char *state_of(const struct rds_session *x, const struct rds_session *asks)
{
	if (x == asks)
		return "starting";
	return x->waiting ? "updating" : x->parse && !x->run ? "starting" : x->run ? rds_run_state(x->run) : "";
}

void rds_processlist_sql(const struct rds_session *s, bool full, bool table, struct buf *out)
{
	static const char *const names[][2] = { { "Id", "ID" }, { "User", "USER" }, { "Host", "HOST" }, { "db", "DB" },
						{ "Command", "COMMAND" }, { "Time", "TIME" }, { "State", "STATE" }, { "Info", "INFO" } };
	int64_t now = clock_real_us();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		buf_addf(out, "%scolumn%zu AS \"%s\"", i ? ", " : "SELECT ", i + 1, names[i][table]);
	buf_adds(out, " FROM (VALUES ");
	for (struct rds_session *x = s->r->sessions; x; x = x->next) {
		struct slice info = sl_of(x->sql.p, full || x->sql.n < 100 ? x->sql.n : 100);
		buf_addf(out, "%s(%u, ", x == s->r->sessions ? "" : ", ", x->id);
		rds_quote(out, sl(x->phase == PHASE_READY ? x->user : "unauthenticated user"));
		buf_adds(out, ", ");
		rds_quote(out, sl(x->c->peer));
		buf_adds(out, ", ");
		if (x->db[0])
			rds_quote(out, sl(x->db));
		else
			buf_adds(out, "NULL");
		buf_addf(out, ", '%s', %lld, '%s', ", x->phase != PHASE_READY ? "Connect" : x->busy ? "Query" : "Sleep",
			 (long long)((now - x->began_us) / 1000000), x->busy ? state_of(x, s) : "");
		if (x->busy)
			rds_quote(out, info);
		else
			buf_adds(out, "NULL");
		buf_addc(out, ')');
	}
	buf_adds(out, ") ORDER BY 1");
}
