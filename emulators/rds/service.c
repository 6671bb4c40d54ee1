/* Commands of the MySQL protocol; the struct service. */
#include "rds/rds.h"

enum { CONNECT_TIMEOUT_MS = 10000 }; /* MySQL's connect_timeout */
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
	return rds_store_open(r, err);
}

/* ---- connections ---- */

static int on_opened(void *self, struct conn *c)
{
	struct rds *r = self;
	struct rds_session *s = xcalloc(1, sizeof(*s));
	struct error err;
	if (rds_fill(r, &err)) {
		log_error(r->env, "rows-failed", "error=\"%s\"", err.text);
		free(s);
		return -1;
	}
	s->r = r;
	s->id = ++r->next_id;
	s->autocommit = true;
	/* Salt bytes in 1..127: old clients take a NUL as the end. */
	for (int i = 0; i < RDS_SALT; i++)
		s->salt[i] = (uint8_t)(faults_hash(s->id, S("rds.salt"), (uint64_t)i) % 94 + 33);
	c->user = s;
	c->login_ms = CONNECT_TIMEOUT_MS;
	r->metrics[METRIC_CONNECTIONS].value++;
	r->metrics[METRIC_ROWS].value++;
	rds_put_greeting(&c->out, &s->seq, r->version, s->id, s->salt);
	return 0;
}

static void on_closed(void *self, struct conn *c)
{
	struct rds *r = self;
	struct rds_session *s = c->user;
	struct error err;
	if (!s)
		return;
	if (rds_end(s, false, &err))
		log_error(r->env, "rollback-failed", "error=\"%s\"", err.text);
	if (r->current == s)
		r->current = NULL;
	r->metrics[METRIC_ROWS].value--;
	arena_free(&s->arena);
	free(s);
	c->user = NULL;
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
	if (!conf_at(conf, "rds.users", 0, &key, &value))
		return true; /* any credentials until some are configured */
	value = conf_get(conf, "rds.users", user);
	return value && rds_check_native(value, s->salt, token);
}

static void admit(struct rds_session *s, struct conn *c, struct slice token)
{
	struct error err;
	struct rds_ok ok = { .status = rds_status(s, false) };
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
	snprintf(s->user, sizeof(s->user), "%.*s", SL(in.user));
	snprintf(s->db, sizeof(s->db), "%.*s", SL(in.db));
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
	STATEMENT("DESCRIBE", "columns of a table"), STATEMENT("OTHER", "anything else"),
};
static const struct routes routes = ROUTES(statements);

static const char *operation(const struct tokens *t)
{
	size_t i = 0;
	while (i < ARRAY_LEN(statements) - 1 && !(t->n && tok_is(&t->at[0], statements[i].name)))
		i++;
	return statements[i].name;
}

static void query(struct rds_session *s, struct conn *c, struct slice sql)
{
	struct rds *r = s->r;
	struct tokens t = { 0 };
	struct error err;
	int64_t began = clock_real_us();
	char trace[24];
	int e = rds_lex(&s->arena, sql, &t, &err);
	size_t from = 0;
	r->metrics[METRIC_QUERIES].value++;
	while (!e) {
		size_t to = from;
		while (to < t.n && !tok_is(&t.at[to], ";"))
			to++;
		bool more = s->multi && to + 1 < t.n;
		if (!s->multi && to + 1 < t.n)
			e = rds_syntax(sql, &t.at[to + 1], &err);
		else
			e = rds_run(s, sql, t.at + from, to - from, more, &c->out, &err);
		if (e || !more)
			break;
		from = to + 1;
	}
	if (e)
		fail(s, c, &err);
	int64_t us = clock_real_us() - began;
	journal_trace(r->env->journal, trace);
	metrics_op(r->env->metrics, "rds", operation(&t), !e, us);
	journal_add(r->env->journal, c->now_ms, us, sl(trace), "rds", operation(&t),
		    e ? (err.def ? err.def->number : 1105) : 0, "%.*s", (int)(sql.n > 150 ? 150 : sql.n), sql.p);
}

static void field_list(struct rds_session *s, struct conn *c, struct slice arg)
{
	struct rd r = rd_of(arg.p, arg.n);
	struct slice name = rd_cstr(&r);
	const struct rds_table *t = rds_table_find(s->r, name);
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
	rds_put_eof(&c->out, &s->seq, s->caps, rds_status(s, false), true);
}

static void command(struct rds_session *s, struct conn *c, struct slice payload)
{
	struct rds_ok ok = { .status = rds_status(s, false) };
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
		query(s, c, arg);
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
		rds_put_eof(&c->out, &s->seq, s->caps, rds_status(s, false), true);
		return;
	case COM_RESET_CONNECTION:
		if (rds_end(s, false, &err)) {
			fail(s, c, &err);
			return;
		}
		s->autocommit = true;
		ok.status = rds_status(s, false);
		rds_put_ok(&c->out, &s->seq, &ok);
		return;
	}
	log_warn(s->r->env, "unsupported", "command=%u", (uint8_t)payload.p[0]);
	err_fail(&err, &rds_errors[RDS_E_COMMAND], "Unknown command");
	fail(s, c, &err);
}

static ssize_t on_consume(void *self, struct conn *c, const uint8_t *p, size_t n)
{
	struct rds_session *s = c->user;
	struct rds_packet in;
	struct error err;
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
	switch (s->phase) {
	case PHASE_GREETED:
		login(s, c, in.payload);
		break;
	case PHASE_SWITCHED:
		admit(s, c, in.payload);
		break;
	case PHASE_READY:
		command(s, c, in.payload);
		break;
	}
	arena_reset(&s->arena);
	return (ssize_t)in.eaten;
}

static bool rds_dirty(const void *self)
{
	const struct rds *r = self;
	/* An open client transaction is committed by its own COMMIT. */
	return r->db.in_tx && !r->owner;
}

static void rds_close(void *self)
{
	struct rds *r = self;
	sqlite3_finalize(r->load);
	rds_tables_free(r->tables);
	db_close(&r->db);
}

static const struct setting settings[] = {
	{ "rds", "database", "tarn", "the database that clients name" },
	{ "rds", "version", "8.0.35", "what the server says it is" },
	{ "rds", "external_port", "0", "a second port, for clients that know it by another address", SETTING_INT, NULL, 0, 65535 },
	{ "rds.users", "*", NULL, "NAME = PASSWORD; without any, everybody is let in" },
	{ NULL },
};

const struct service rds_service = {
	.name = "rds",
	.doc = "MySQL wire protocol; tables in SQLite",
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
	.dirty = rds_dirty,
	.db = offsetof(struct rds, db),
	.close = rds_close,
};
