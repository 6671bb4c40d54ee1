/* Commands of the MySQL protocol; the struct service. */
#include "rds/link.h"

enum { METRIC_CONNECTIONS, METRIC_QUERIES, METRIC_ERRORS, METRIC_ROWS };

static const struct metric metric_rows[] = {
	[METRIC_CONNECTIONS] = { "tarn_rds_connections_total", "MySQL connections accepted.", false, 0 },
	[METRIC_QUERIES] = { "tarn_rds_queries_total", "Statements received by COM_QUERY.", false, 0 },
	[METRIC_ERRORS] = { "tarn_rds_errors_total", "Statements and commands answered with ERR.", false, 0 },
	[METRIC_ROWS] = { "tarn_rds_open_connections", "MySQL connections open now.", true, 0 },
};

static int rds_open(void *self, const struct env *env, struct error *err)
{
	struct rds *r = self;
	r->env = env;
	r->database = conf_str(env->conf, "rds", "database", "tarn");
	r->version = conf_str(env->conf, "rds", "version", "8.0.35");
	memcpy(r->metrics, metric_rows, sizeof(metric_rows));
	metrics_add(env->metrics, r->metrics, ARRAY_LEN(r->metrics));
	rds_measure_open(r);
	rds_vars_init(r);
	r->waiting_end = &r->waiting;
	for (size_t i = 0; i < ARRAY_LEN(r->lanes); i++)
		r->lanes[i].end = &r->lanes[i].first;
	return rds_store_open(r, err);
}

/* ---- connections ---- */

static void greet(struct rds_session *s)
{
	s->phase = PHASE_GREETED;
	s->c->login_ms = s->r->vars.connect_s * 1000 + (clock_real_us() - s->began_us) / 1000;
	rds_put_greeting(&s->c->out, &s->seq, s->r->version, s->id, s->salt);
}

static void enter(struct rds *r, struct rds_session *s)
{
	s->r = r;
	s->prev = NULL;
	s->next = r->sessions;
	if (r->sessions)
		r->sessions->prev = s;
	r->sessions = s;
	r->metrics[METRIC_ROWS].value++;
}

static int on_opened(void *self, struct conn *c)
{
	struct rds *r = self;
	struct error err;
	int rc = rds_fill(r, &err);
	if (rc < 0) {
		log_error(r->env, "rows-failed", "error=\"%s\"", err.text);
		return -1;
	}
	struct rds_session *s = xcalloc(1, sizeof(*s));
	s->c = c;
	s->id = ++r->next_id;
	s->autocommit = true;
	s->vars = r->vars;
	s->began_us = clock_real_us();
	/* Salt bytes in 1..127: old clients take a NUL as the end. */
	for (int i = 0; i < RDS_SALT; i++)
		s->salt[i] = (uint8_t)(faults_hash(s->id, S("rds.salt"), (uint64_t)i) % 94 + 33);
	c->user = s;
	r->metrics[METRIC_CONNECTIONS].value++;
	enter(r, s);
	if (rc == RDS_LATER)
		c->paused = true;
	else
		greet(s);
	return 0;
}

void rds_filled(struct rds *r, const struct error *err)
{
	if (err)
		log_error(r->env, "rows-failed", "error=\"%s\"", err->text);
	for (struct rds_session *s = r->sessions; s; s = s->next) {
		if (s->phase != PHASE_WAITS && !s->waits_for_rows)
			continue;
		if (err)
			s->c->closing = true;
		else if (s->phase == PHASE_WAITS)
			greet(s);
		s->waits_for_rows = false;
		tcp_resume(s->c);
	}
}

/* What it had under way ends, and it is nobody's. */
static void leave(struct rds *r, struct rds_session *s)
{
	if (s->run)
		rds_run_orphan(s->run);
	rds_lock_leave(s);
	rds_tick_forget(s);
	rds_parse_free(s);
	rds_tx_drop(s);
	loop_cancel(s->deadline);
	s->deadline = NULL;
	if (s->prev)
		s->prev->next = s->next;
	else
		r->sessions = s->next;
	if (s->next)
		s->next->prev = s->prev;
	r->metrics[METRIC_ROWS].value--;
}

static void on_closed(void *self, struct conn *c)
{
	struct rds *r = self;
	struct rds_session *s = c->user;
	if (!s)
		return;
	leave(r, s);
	arena_free(&s->arena);
	free(s);
	c->user = NULL;
}

static void on_drained(void *self, struct conn *c)
{
	struct rds_session *s = c->user;
	if (s && s->run)
		rds_run_drained(s->run);
}

static void on_expired(void *self, struct conn *c)
{
	struct rds_session *s = c->user;
	struct error err;
	if (!s || s->phase != PHASE_READY)
		return;
	s->seq = 0;
	err_fail(&err, &rds_errors[RDS_E_IDLE], "The client was disconnected by the server because of inactivity. See wait_timeout and "
						"interactive_timeout for configuring this behavior.");
	rds_put_err(&c->out, &s->seq, &err);
}

static void fail(struct rds_session *s, struct conn *c, const struct error *err)
{
	s->r->metrics[METRIC_ERRORS].value++;
	rds_put_err(&c->out, &s->seq, err);
}

/* ---- login ---- */

static bool password_ok(struct rds_session *s, const char *user, struct slice token)
{
	const char *key, *value;
	const struct conf *conf = s->r->env->conf;
	if (rds_is_token_user(conf, user)) {
		token.n -= token.n && !token.p[token.n - 1];
		return s->phase == PHASE_TOKEN && rds_check_token(s->r->env, &s->arena, user, token);
	}
	if (!conf_at(conf, "rds.users", 0, &key, &value))
		return true; /* any credentials until some are configured */
	value = conf_get(conf, "rds.users", user);
	return value && rds_check_native(value, s->salt, token);
}

static void admit(struct rds_session *s, struct conn *c, struct slice token)
{
	struct error err;
	struct rds_ok ok = { .status = rds_status(s) };
	if (!password_ok(s, s->user, token)) {
		err_fail(&err, &rds_errors[RDS_E_ACCESS], "Access denied for user '%s'@'%.*s' (using password: %s)", s->user,
			 (int)strcspn(c->peer, ":"), c->peer, token.n ? "YES" : "NO");
		fail(s, c, &err);
		c->closing = true;
		return;
	}
	if (s->db[0]) {
		char db[sizeof(s->db)];
		memcpy(db, s->db, sizeof(db));
		s->db[0] = '\0';
		if (rds_use(s, sl(db), &err)) {
			fail(s, c, &err);
			c->closing = true;
			return;
		}
	}
	s->phase = PHASE_READY;
	c->login_ms = 0;
	c->idle_ms = s->vars.wait_s * 1000;
	c->keep = true; /* it may hold a transaction */
	rds_put_ok(&c->out, &s->seq, &ok);
}

static void login(struct rds_session *s, struct conn *c, struct slice payload)
{
	struct rds_login in;
	struct error err;
	if (rds_read_login(payload, &in, &err)) {
		fail(s, c, &err);
		c->closing = true;
		return;
	}
	if (in.wants_tls) {
		tcp_start_tls(c);
		return;
	}
	s->caps = in.caps;
	s->multi = in.caps & CAP_MULTI_STATEMENTS;
	if (in.interactive)
		s->vars.wait_s = s->vars.interactive_s;
	snprintf(s->user, sizeof(s->user), "%.*s", SL(in.user));
	snprintf(s->db, sizeof(s->db), "%.*s", SL(in.db));
	if (rds_is_token_user(s->r->env->conf, s->user) && c->secure) { /* in clear, so over TLS alone */
		s->phase = PHASE_TOKEN;
		rds_put_auth_switch(&c->out, &s->seq, NULL);
		return;
	}
	if (in.plugin.n && !sl_eqs(in.plugin, "mysql_native_password")) {
		s->phase = PHASE_SWITCHED;
		rds_put_auth_switch(&c->out, &s->seq, s->salt);
		return;
	}
	admit(s, c, in.auth);
}

/* ---- commands ---- */

#define STATEMENT(word, doc) { NULL, NULL, word, doc }
static const struct route statements[] = {
	STATEMENT("SELECT", "read rows"), STATEMENT("INSERT", "add rows"), STATEMENT("UPDATE", "change rows"),
	STATEMENT("DELETE", "take rows away"), STATEMENT("SET", "set variables"), STATEMENT("SHOW", "databases, tables, columns, variables"),
	STATEMENT("CREATE", "make tables and indexes"), STATEMENT("DROP", "drop tables and indexes"), STATEMENT("BEGIN", "begin a transaction"),
	STATEMENT("COMMIT", "keep what it did"), STATEMENT("ROLLBACK", "undo what it did"), STATEMENT("USE", "choose a database"),
	STATEMENT("DESCRIBE", "columns of a table"), STATEMENT("SAVEPOINT", "a point to roll back to"), STATEMENT("KILL", "end a session's statement"),
	STATEMENT("OTHER", "anything else"),
};
static const struct routes routes = ROUTES(statements);

static const char *operation(const struct tokens *t)
{
	size_t i = 0;
	while (i < ARRAY_LEN(statements) - 1 && !(t->n && tok_is(&t->at[0], statements[i].name)))
		i++;
	return statements[i].name;
}

/* What the hint MAX_EXECUTION_TIME(n) behind SELECT asks for, else the variable; 0: no limit, as for what doesn't only read. */
static int64_t time_limit(const struct rds_session *s, const struct tok *t, size_t n)
{
	struct slice hint, rest, number;
	int64_t ms;
	if (n < 2 || !tok_is(t, "SELECT"))
		return 0;
	const char *end = t->text.p + t->text.n;
	hint = sl_of(end, (size_t)(t[1].text.p - end));
	ssize_t at = sl_find(hint, S("/*+"));
	if (at < 0)
		return s->vars.execution_ms;
	for (rest = sl_from(hint, (size_t)at); rest.n; rest = sl_from(rest, 1)) {
		if (!sl_after_nocase(rest, S("MAX_EXECUTION_TIME("), &number))
			continue;
		sl_cut(number, ')', &number, &rest);
		return sl_int(sl_trim(number), 0, UINT32_MAX, &ms) ? ms : s->vars.execution_ms;
	}
	return s->vars.execution_ms;
}

static void out_of_time(void *arg)
{
	struct rds_session *s = arg;
	s->deadline = NULL;
	rds_kill(s, WHY_TIME);
}

/* The statement at s->from. */
static int one(struct rds_session *s, struct error *err)
{
	const struct tokens *t = &s->t;
	s->to = s->parse ? rds_parse_end(s->parse, s->from) : s->from;
	while (!s->parse && s->to < t->n && !tok_is(&t->at[s->to], ";"))
		s->to++;
	s->more = s->multi && s->to + 1 < t->n;
	if (!s->multi && s->to + 1 < t->n)
		return rds_syntax(s->sql, &t->at[s->to + 1], err);
	int rc = rds_run(s, s->sql, t->at + s->from, s->to - s->from, err);
	int64_t ms = rc == RDS_LATER && !s->deadline ? time_limit(s, t->at + s->from, s->to - s->from) : 0;
	if (ms)
		s->deadline = loop_after(s->r->env->loop, ms, out_of_time, s);
	return rc;
}

static void statement_over(struct rds_session *s)
{
	loop_cancel(s->deadline);
	s->deadline = NULL;
	s->why = WHY_NONE;
	if (!s->in_tx)
		rds_unlock(s->r, &s->owns);
}

static void command_over(struct rds_session *s, int rc, const struct error *err)
{
	struct rds *r = s->r;
	const struct env *env = r->env;
	int64_t us = clock_real_us() - s->began_us;
	char trace[24];
	if (rc)
		fail(s, s->c, err);
	if (!sl_starts(s->sql, S(RDS_LOOKS))) {
		journal_trace(env->journal, trace);
		metrics_op(env->metrics, "rds", operation(&s->t), !rc, us);
		journal_add(env->journal, s->c->now_ms, us, sl(trace), "rds", operation(&s->t), rc ? (err->def ? err->def->number : 1105) : 0, "%.*s",
			    (int)(s->sql.n > 150 ? 150 : s->sql.n), s->sql.p);
	}
	rds_log_command(s, s->sql, rc ? err->text : NULL);
	s->busy = s->more = false;
	s->began_us += us;
	s->sql = sl(NULL);
	s->t = (struct tokens){ 0 };
	rds_parse_free(s);
	s->c->closing |= s->doomed;
	s->c->idle_ms = s->vars.wait_s * 1000;
}

/* A statement of the query is answered: the next one follows, until one has to be waited for. True: the query is over. */
static bool go_on(struct rds_session *s, int rc, struct error *err)
{
	while (!rc && s->more) {
		statement_over(s);
		s->from = s->to + 1;
		rc = one(s, err);
	}
	if (rc == RDS_LATER) {
		s->c->paused = true;
		return false;
	}
	statement_over(s);
	command_over(s, rc, err);
	return true;
}

void rds_answered(struct rds_session *s, int rc, struct error *err)
{
	struct error own;
	if (!go_on(s, rc, err ? err : &own)) {
		tcp_send(s->c); /* what earlier statements answered */
		return;
	}
	arena_reset(&s->arena);
	tcp_resume(s->c);
}

void rds_again(struct rds_session *s)
{
	struct error err;
	int rc = one(s, &err);
	if (rc != RDS_LATER)
		rds_answered(s, rc, &err);
}

static void query(struct rds_session *s, struct slice sql)
{
	struct error err;
	s->busy = true;
	s->c->idle_ms = 0;
	s->more = false;
	s->from = s->to = 0;
	s->began_us = clock_real_us();
	s->r->metrics[METRIC_QUERIES].value++;
	if (sql.n > RDS_LONG) {
		rds_parse_begin(s, sql, sql.n + 1 >= RDS_PACKET_MAX); /* frames were joined in the arena */
		s->c->paused = true;
		return;
	}
	s->sql = arena_dup(&s->arena, sql); /* it may outlast the packet */
	int rc = rds_lex(&s->arena, s->sql, &s->t, &err);
	(void)go_on(s, rc ? rc : one(s, &err), &err);
}

static void field_list(struct rds_session *s, struct conn *c, struct slice arg)
{
	struct rd r = rd_of(arg.p, arg.n);
	struct slice name = rd_cstr(&r);
	const struct rds_table *t = rds_session_table(s, name);
	struct error err;
	if (!t) {
		err_fail(&err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", s->r->database, SL(name));
		fail(s, c, &err);
		return;
	}
	for (size_t i = 0; i < t->field_n; i++) {
		struct rds_column col = { .name = sl(t->fields[i].name), .org_name = sl(t->fields[i].name),
					  .table = sl(t->name), .db = sl(s->r->database) };
		rds_column_typed(&col, t->fields[i].type);
		rds_put_column(&c->out, &s->seq, &col, true);
	}
	rds_put_eof(&c->out, &s->seq, s->caps, rds_status(s), true);
}

static void command(struct rds_session *s, struct conn *c, struct slice payload)
{
	struct rds_ok ok = { .status = rds_status(s) };
	struct slice arg = sl_from(payload, 1);
	struct error err;
	char text[128];
	switch ((uint8_t)payload.p[0]) {
	case COM_QUIT:
		c->closing = true;
		return;
	case COM_PING:
		rds_put_ok(&c->out, &s->seq, &ok);
		return;
	case COM_QUERY:
		query(s, arg);
		return;
	case COM_INIT_DB:
		if (rds_use(s, arg, &err))
			fail(s, c, &err);
		else
			rds_put_ok(&c->out, &s->seq, &ok);
		return;
	case COM_FIELD_LIST:
		field_list(s, c, arg);
		return;
	case COM_STATISTICS:
		snprintf(text, sizeof(text), "Uptime: 1  Threads: %lld  Questions: %lld  Slow queries: 0",
			 (long long)s->r->metrics[METRIC_ROWS].value, (long long)s->r->metrics[METRIC_QUERIES].value);
		rds_packet_put(&c->out, &s->seq, sl(text));
		return;
	case COM_SET_OPTION:
		s->multi = arg.n >= 2 && arg.p[0] == 0;
		rds_put_eof(&c->out, &s->seq, s->caps, rds_status(s), true);
		return;
	case COM_RESET_CONNECTION:
		rds_tx_drop(s);
		s->autocommit = true;
		s->vars = s->r->vars;
		s->has_temporary = false;
		s->last_insert_id = 0;
		ok.status = rds_status(s);
		rds_put_ok(&c->out, &s->seq, &ok);
		return;
	}
	log_warn(s->r->env, "unsupported", "command=%u", (uint8_t)payload.p[0]);
	err_fail(&err, &rds_errors[RDS_E_COMMAND], "Unknown command");
	fail(s, c, &err);
}

/* ---- a reset ---- */

/* A statement under way is told to have been interrupted, at whatever point of its answer. A transaction is gone, as are temporary tables:
 * whoever would go on with one whose other side is kept is hung up on, as by a server that restarts. */
static bool on_leaves(void *self, struct conn *c, bool emptied)
{
	struct rds_session *s = c->user;
	struct error err;
	if (!s || s->doomed || (!emptied && (s->owns || s->has_temporary || (s->run && !rds_run_reads(s->run)))))
		return false;
	leave(self, s);
	if (s->busy) {
		rds_killed(WHY_KILLED, &err);
		statement_over(s);
		command_over(s, RDS_E_KILLED, &err);
	}
	arena_reset(&s->arena);
	s->has_temporary = s->waits_for_rows = false;
	s->last_insert_id = 0;
	c->paused = false;
	s->r = NULL;
	return true;
}

static void on_returns(void *self, struct conn *c)
{
	struct rds *r = self;
	struct rds_session *s = c->user;
	struct error err;
	if (!r) {
		arena_free(&s->arena);
		free(s);
		c->user = NULL;
		return;
	}
	enter(r, s);
	if (r->next_id < s->id)
		r->next_id = s->id;
	if (s->phase != PHASE_WAITS)
		return;
	int rc = rds_fill(r, &err);
	if (rc == RDS_LATER)
		c->paused = true;
	else if (rc)
		c->closing = true;
	else
		greet(s);
}

/* Of a session from before a reset. False: not yet, or it is hung up on. */
static bool rows_are_there(struct rds_session *s)
{
	struct error err;
	int rc = s->r->filled ? 0 : rds_fill(s->r, &err);
	if (rc == RDS_LATER)
		s->waits_for_rows = s->c->paused = true;
	else if (rc)
		log_error(s->r->env, "rows-failed", "error=\"%s\"", err.text);
	s->c->closing |= rc && rc != RDS_LATER;
	return !rc;
}

static const struct fault_site faults[] = {
	{ "rds.connect", FAULT_ERRORS | FAULTS_OF_HTTP, "who logs in is refused (error=1040: too many connections), kept waiting or cut off" },
	{ "rds.statement", FAULT_ERRORS | FAULTS_OF_HTTP, "a statement isn't done and answers with a number of MySQL's (error=1205: a lock was waited for too long), comes late or is cut off" },
	{ NULL },
};

static void fail_by_fault(struct rds_session *s, const char *number)
{
	static const struct error_def unknown = { ERR_INTERNAL, "HY000", 0, 1105 };
	struct error_def other = unknown;
	struct error err;
	int64_t n;
	other.number = sl_int(sl(number), 1, 65535, &n) ? (int)n : unknown.number;
	const struct error_def *def = rds_error_numbered(other.number);
	err_fail(&err, def ? def : &other, "An armed fault.");
	fail(s, s->c, &err);
}

/* True: the message is dealt with, and consume returns *eaten. */
static bool injected(struct rds_session *s, const struct rds_packet *in, ssize_t *eaten)
{
	bool statement = s->phase == PHASE_READY && in->payload.p[0] == COM_QUERY;
	const char *op = s->phase == PHASE_GREETED ? "connect" : statement ? "statement" : NULL;
	char code[64];
	if (!op || !faults_any(s->r->env->faults))
		return false;
	switch (tcp_fault(s->c, "rds", op)) {
	case TCP_WAITS:
		*eaten = 0;
		return true;
	case TCP_CUT:
		*eaten = TCP_HANGUP;
		return true;
	case TCP_GOES_ON:
		break;
	}
	if (!faults_ask_error(s->r->env->faults, "rds", op, code))
		return false;
	fail_by_fault(s, code);
	s->c->closing |= !statement;
	*eaten = (ssize_t)in->eaten;
	return true;
}

static ssize_t on_consume(void *self, struct conn *c, const uint8_t *p, size_t n)
{
	struct rds_session *s = c->user;
	struct rds_packet in;
	struct error err;
	if (!rows_are_there(s))
		return 0;
	int rc = rds_packet_take(&s->arena, p, n, &in, &err);
	if (rc == 0)
		return 0;
	if (rc < 0) {
		s->seq = (uint8_t)(in.seq + 1);
		fail(s, c, &err);
		return TCP_HANGUP;
	}
	s->seq = (uint8_t)(in.seq + 1);
	s->now_ms = c->now_ms;
	if (!in.payload.n) {
		err_fail(&err, &rds_errors[RDS_E_COMMAND], "Unknown command");
		fail(s, c, &err);
		return TCP_HANGUP;
	}
	ssize_t eaten;
	if (injected(s, &in, &eaten))
		return eaten;
	switch (s->phase) {
	case PHASE_WAITS: /* paused: nothing is read */
		break;
	case PHASE_GREETED:
		login(s, c, in.payload);
		break;
	case PHASE_SWITCHED:
	case PHASE_TOKEN:
		admit(s, c, in.payload);
		break;
	case PHASE_READY:
		command(s, c, in.payload);
		break;
	}
	if (!s->busy)
		arena_reset(&s->arena);
	return (ssize_t)in.eaten;
}

static bool rds_dirty(const void *self)
{
	return rds_tick_dirty(self);
}

static int rds_commit(void *self, struct error *err)
{
	rds_tick_commit(self); /* whose rows aren't kept is told so */
	return 0;
}

/* The connections are gone; what they began may work on for a moment, and knows the service no more. */
static void rds_close(void *self)
{
	struct rds *r = self;
	rds_fill_close(r);
	rds_lock_close(r);
	rds_pages_close(r);
	rds_runs_close(r);
	free(r->tick_writes);
	rds_store_close(r);
}

static const struct setting settings[] = {
	{ "rds", "database", "tarn", "the database that clients name" },
	{ "rds", "version", "8.0.35", "what the server says it is" },
	{ "rds", "external_port", "0", "a second port, for clients that know it by another address", SETTING_INT, NULL, 0, 65535 },
	{ "rds.users", "*", NULL, "NAME = PASSWORD; without any, everybody is let in" },
	{ "rds", "iam_users", NULL, "NAME, NAME...: they log in by tokens of aws rds generate-db-auth-token, over TLS alone" },
	{ "rds", "resource", RDS_RESOURCE, "the DbiResourceId that policies for rds-db:connect name" },
	{ NULL },
};

const struct service rds_service = {
	.name = "rds",
	.doc = "MySQL wire protocol; tables in SQLite",
	.faults = faults,
	.settings = settings,
	.port = 3306,
	.endpoint = "rds",
	.size = sizeof(struct rds),
	.in_max = RDS_ALLOWED_PACKET + 65536,
	.open = rds_open,
	.routes = { &routes },
	.tcp_speaks_first = true,
	.tcp_opened = on_opened,
	.tcp_consume = on_consume,
	.tcp_closed = on_closed,
	.tcp_leaves = on_leaves,
	.tcp_returns = on_returns,
	.tcp_drained = on_drained,
	.tcp_expired = on_expired,
	.dirty = rds_dirty,
	.db = offsetof(struct rds, db),
	.commit = rds_commit,
	.close = rds_close,
};
