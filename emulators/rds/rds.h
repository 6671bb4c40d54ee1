/* RDS-like row source: the MySQL client/server protocol over SQLite.
 *   protocol.c   packets <-> the structs below (handshake v10, text result sets, OK/ERR/EOF)
 *   lex.c        MySQL tokens            dialect.c   MySQL statement text -> SQLite statement text
 *   create.c     CREATE TABLE -> catalogue rows and SQLite DDL
 *   temporary.c  temporary tables
 *   parse.c      long statements: tokens and translation as jobs
 *   ids.c        values of AUTO_INCREMENT columns
 *   recursion.c  depth of recursive CTEs
 *   model.c      what a statement does   show.c      SHOW, DESCRIBE      vars.c  variables, SET
 *   link.c       connections to SQLite   run.c       a statement on one, on the loop or as jobs
 *   result.c     columns and rows        page.c      SELECT * ... LIMIT n, 1
 *   tx.c         transactions, savepoints            lock.c  who may write   kill.c  KILL, PROCESSLIST
 *   store.c      rds.db: the users' tables and the catalogue of their MySQL types
 *   functions.c  MySQL functions and the default collation, registered with SQLite
 *   seed.c, seed_make.c, seed_read.c  rows made from a seed or read from files; fill.c puts them in
 *   service.c    commands of the protocol, the struct service
 * Spec: dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html, shared spec rds.md. */
#ifndef TARN_RDS_H
#define TARN_RDS_H

#include "core/service.h"

extern const struct service rds_service;

/* ---- errors: MySQL's number, SQLSTATE in code ---- */
enum rds_e {
	RDS_E_DB_EXISTS, RDS_E_NO_DB_TO_DROP, RDS_E_ACCESS, RDS_E_NO_DB, RDS_E_COMMAND, RDS_E_NULL, RDS_E_BAD_DB,
	RDS_E_TABLE_EXISTS, RDS_E_BAD_TABLE, RDS_E_BAD_FIELD, RDS_E_DUP_COLUMN, RDS_E_DUP_ENTRY, RDS_E_SYNTAX, RDS_E_EMPTY,
	RDS_E_UNKNOWN, RDS_E_VALUE_COUNT, RDS_E_NO_TABLE, RDS_E_TOO_BIG, RDS_E_VARIABLE, RDS_E_LOCKED, RDS_E_FUNCTION,
	RDS_E_NO_DEFAULT, RDS_E_UNSUPPORTED, RDS_E_AMBIGUOUS, RDS_E_DISK, RDS_E_ORDER, RDS_E_FOREIGN_KEY, RDS_E_NO_THREAD,
	RDS_E_DEADLOCK, RDS_E_KILLED, RDS_E_TIME, RDS_E_RECURSION, RDS_E_ARGUMENTS, RDS_E_VALUE_TYPE, RDS_E_VALUE, RDS_E_READ_ONLY,
	RDS_E_REGEXP, RDS_E_REGEXP_TIME, RDS_E_REGEXP_TOO_BIG, RDS_E_LONG_RESULT, RDS_E_MEMORY, RDS_E_SHUTDOWN, RDS_E_GLOBAL, RDS_E_IDLE,
};
extern const struct error_def rds_errors[];
const struct error_def *rds_error_numbered(int number); /* NULL: none of ours */

/* ---- protocol.c ---- */
enum {
	RDS_PACKET_MAX = 0xffffff,
	RDS_ALLOWED_PACKET = 64 << 20, /* max_allowed_packet */
	RDS_SALT = 20,
};
enum rds_cap {
	CAP_LONG_PASSWORD = 1, CAP_FOUND_ROWS = 2, CAP_LONG_FLAG = 4, CAP_CONNECT_WITH_DB = 8, CAP_PROTOCOL_41 = 1 << 9,
	CAP_TRANSACTIONS = 1 << 13, CAP_SECURE = 1 << 15, CAP_MULTI_STATEMENTS = 1 << 16, CAP_MULTI_RESULTS = 1 << 17,
	CAP_PLUGIN_AUTH = 1 << 19, CAP_CONNECT_ATTRS = 1 << 20, CAP_LENENC_AUTH = 1 << 21, CAP_DEPRECATE_EOF = 1 << 24,
	CAP_SSL = 1 << 11, CAP_INTERACTIVE = 1 << 10,
	RDS_CAPS = CAP_LONG_PASSWORD | CAP_FOUND_ROWS | CAP_LONG_FLAG | CAP_CONNECT_WITH_DB | CAP_PROTOCOL_41 |
		   CAP_TRANSACTIONS | CAP_SECURE | CAP_MULTI_STATEMENTS | CAP_MULTI_RESULTS | CAP_PLUGIN_AUTH |
		   CAP_CONNECT_ATTRS | CAP_LENENC_AUTH | CAP_DEPRECATE_EOF | CAP_SSL,
};
enum rds_status { STATUS_IN_TRANS = 1, STATUS_AUTOCOMMIT = 2, STATUS_MORE = 8 };
enum rds_command {
	COM_QUIT = 1, COM_INIT_DB = 2, COM_QUERY = 3, COM_FIELD_LIST = 4, COM_STATISTICS = 9, COM_PING = 14,
	COM_SET_OPTION = 27, COM_RESET_CONNECTION = 31,
};
enum rds_type {
	TYPE_TINY = 1, TYPE_SHORT = 2, TYPE_LONG = 3, TYPE_FLOAT = 4, TYPE_DOUBLE = 5, TYPE_NULL = 6, TYPE_TIMESTAMP = 7,
	TYPE_LONGLONG = 8, TYPE_INT24 = 9, TYPE_DATE = 10, TYPE_TIME = 11, TYPE_DATETIME = 12, TYPE_YEAR = 13, TYPE_BIT = 16,
	TYPE_JSON = 0xf5, TYPE_DECIMAL = 0xf6, TYPE_BLOB = 0xfc, TYPE_VAR_STRING = 0xfd, TYPE_STRING = 0xfe,
};
struct rds_column { /* of a result */
	struct slice name, org_name, table, db;
	uint8_t type;
	uint32_t length;
	uint16_t charset, flags; /* charset 63: binary */
	uint8_t decimals;
	int at; /* SQLite's number of it */
};
/* One frame (joined when longer than RDS_PACKET_MAX). */
struct rds_packet {
	uint8_t seq; /* of the last frame */
	struct slice payload;
	size_t eaten;
};
/* 1: a whole packet; 0: more bytes needed; negative: too large (err filled). Joined payloads live in arena. */
int rds_packet_take(struct arena *a, const uint8_t *p, size_t n, struct rds_packet *out, struct error *err);
/* Writes one payload as frames. */
void rds_packet_put(struct buf *out, uint8_t *seq, struct slice payload);

struct rds_login {
	uint32_t caps; /* client AND server */
	uint8_t charset;
	struct slice user, auth, db, plugin;
	bool wants_tls, interactive;
};
void rds_put_greeting(struct buf *out, uint8_t *seq, const char *version, uint32_t id, const uint8_t salt[RDS_SALT]);
int rds_read_login(struct slice payload, struct rds_login *out, struct error *err) WARN_UNUSED;
/* To mysql_native_password; salt NULL: to mysql_clear_password. */
void rds_put_auth_switch(struct buf *out, uint8_t *seq, const uint8_t salt[RDS_SALT]);
/* Whether token proves the password (mysql_native_password). */
bool rds_check_native(const char *password, const uint8_t salt[RDS_SALT], struct slice token);

/* ---- token.c ---- */
#define RDS_RESOURCE "db-7K3QIGTUFXWPHZ2E4M5NAVB6YC"
/* Whether a user logs in by tokens of IAM: [rds] iam_users. */
bool rds_is_token_user(const struct conf *conf, const char *user);
/* Whether token is one that may connect as user now. */
bool rds_check_token(const struct env *env, struct arena *a, const char *user, struct slice token);

struct rds_ok {
	uint64_t affected, insert_id;
	uint16_t status, warnings;
	struct slice info;
};
void rds_put_ok(struct buf *out, uint8_t *seq, const struct rds_ok *ok);
void rds_put_err(struct buf *out, uint8_t *seq, const struct error *err);
/* End of rows or of column definitions: EOF, or nothing / an OK with header 0xfe under DEPRECATE_EOF. */
void rds_put_eof(struct buf *out, uint8_t *seq, uint32_t caps, uint16_t status, bool rows);
void rds_put_columns(struct buf *out, uint8_t *seq, uint32_t caps, uint16_t status, const struct rds_column *c, size_t n);
void rds_put_column(struct buf *out, uint8_t *seq, const struct rds_column *c, bool with_default);
void buf_lenenc(struct buf *b, uint64_t v);
void buf_lenenc_string(struct buf *b, struct slice s);

/* ---- lex.c ---- */
enum tok_kind { TOK_END, TOK_WORD, TOK_QUOTED, TOK_STRING, TOK_NUMBER, TOK_SYSVAR, TOK_USERVAR, TOK_OP, TOK_HEX };
struct tok {
	enum tok_kind kind;
	struct slice text;  /* as written, with quotes */
	struct slice value; /* word, unquoted name, string bytes; absent for others */
	bool spaced;        /* white space or a comment before it */
};
struct tokens {
	struct tok *at;
	size_t n; /* without the TOK_END that follows */
};
/* Tokens of one or several statements. Errors: SYNTAX for an unclosed string, name or comment. */
int rds_lex(struct arena *a, struct slice sql, struct tokens *out, struct error *err) WARN_UNUSED;
/* RDS_LATER: the loop has set stop meanwhile. */
int rds_lex_until(struct arena *a, struct slice sql, const volatile bool *stop, struct tokens *out, struct error *err) WARN_UNUSED;
/* Keyword or operator, case-insensitive. Nearly all are told apart by their first character. */
static inline bool tok_is(const struct tok *t, const char *word)
{
	return (t->kind == TOK_WORD || t->kind == TOK_OP) && ((t->text.p[0] ^ word[0]) & ~0x20) == 0 && sl_eq_nocase(t->text, sl(word));
}
static inline bool tok_is_name(const struct tok *t)
{
	return t->kind == TOK_WORD || t->kind == TOK_QUOTED;
}
/* Where the bracket at i closes; n: it doesn't. */
size_t tok_closes(const struct tok *t, size_t i, size_t n);
/* "You have an error in your SQL syntax ..." near the token. */
int rds_syntax(struct slice sql, const struct tok *t, struct error *err);

/* ---- dialect.c ---- */
/* System variable by name (without @@, session., global.); absent when unknown. */
struct rds_session;
struct rds;
struct slice rds_variable(struct arena *a, struct slice name, const struct rds_session *s);
/* What a translation sees of its session. */
struct rds_catalogue;
struct rds_scope {
	const struct rds_catalogue *cat;
	const char *database;
	uint32_t id;
	bool has_temporary;
	const struct rds_session *s; /* NULL: a job, which knows no session */
	const volatile bool *stop;   /* of a job: it is to end */
};
struct rds_scope rds_scope_of(const struct rds_session *s);
/* The same for a scope. RDS_LATER: it needs what only the loop knows (system variables, the list of sessions). */
int rds_translate_in(struct arena *a, const struct rds_scope *scope, struct slice sql, const struct tok *t, size_t n, struct buf *out,
		     struct error *err) WARN_UNUSED;
/* SQLite text of a MySQL SELECT, INSERT, UPDATE, DELETE. */
int rds_translate(struct arena *a, const struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct buf *out,
		  struct error *err) WARN_UNUSED;

/* ---- catalogue ---- */
struct rds_field {
	char *name, *type; /* type as MySQL prints it: "bigint", "varchar(20)", "datetime" */
	bool not_null, primary, unique, indexed, auto_increment;
	char *dflt; /* default as text; NULL: none */
};
struct rds_table {
	char *name;
	struct rds_field *fields;
	size_t field_n;
	struct rds_table *next;
};
/* The tables as they are now. A statement keeps the one that it began with: jobs read it, the loop counts who has it. */
struct rds_catalogue {
	struct rds_table *tables;
	int users;
};

/* Variables that do something; rds.vars has the global ones. */
struct rds_vars {
	int64_t lock_wait_s, execution_ms, recursion_max, wait_s, interactive_s, connect_s;
	enum rds_isolation { READ_UNCOMMITTED, READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE } isolation;
};

struct rds_link;
struct rds_run;
struct rds_parse;
enum rds_why { WHY_NONE, WHY_KILLED, WHY_TIME };

struct rds_session {
	struct rds *r;
	bool has_temporary;               /* it made a temporary table */
	bool waits_for_rows;              /* it is from before a reset, and asks the first thing since */
	struct conn *c;
	struct rds_session *prev, *next; /* in rds.sessions, the newest first */
	uint32_t id, caps;
	uint8_t seq, salt[RDS_SALT];
	enum { PHASE_WAITS, PHASE_GREETED, PHASE_SWITCHED, PHASE_TOKEN, PHASE_READY } phase; /* WAITS: for the rows */
	bool multi; /* several statements in one query are allowed */
	bool interactive;
	uint64_t last_insert_id, random;
	int64_t now_ms;
	char user[64], db[64];
	struct arena arena;
	struct rds_vars vars;
	/* its transaction: tx.c */
	bool autocommit, in_tx, read_only;
	struct rds_link *link; /* what it writes on, and reads on unless there is an old one; NULL: none needed yet */
	struct rds_link *old;  /* reads on: the snapshot that others have written past since */
	struct savepoint *savepoints; /* the newest first */
	unsigned savepoint_n;
	/* the command under way: service.c */
	struct slice sql;
	struct rds_parse *parse; /* of a long one, whose text and tokens it holds */
	struct tokens t;
	size_t from, to; /* of the statement under way */
	bool more;       /* another one follows it */
	bool busy, doomed; /* doomed: the connection ends with the statement */
	int64_t began_us;
	struct rds_run *run;
	enum rds_why why; /* the statement has to end */
	struct loop_timer *deadline;
	/* its turn to write: lock.c */
	bool owns, timed_out;
	struct rds_session *next_waiting;
	bool waiting;
	struct loop_timer *lock_timer;
};

struct rds;
void rds_measure_open(struct rds *r); /* measure.c */
struct rds_session;
/* measure.c: a command is over: a line of the general log, and of the error log, where the instance sends them. why NULL: it went well. */
void rds_log_command(const struct rds_session *s, struct slice sql, const char *why);
struct rds {
	const struct env *env;
	struct db db;             /* the loop's own connection: autocommitted rows of a tick, short reads, the catalogue */
	struct rds_link *main;    /* the same, as a link */
	char *path, *pragmas, *folder; /* of further links; folder: made for a database that is to be forgotten */
	struct rds_link *idle;
	int idle_n;
	struct rds_catalogue *cat;
	struct rds_session *sessions;
	struct rds_run *runs;     /* those under way, also without a session */
	struct rds_lane {
		struct rds_run *first, **end; /* statements that wait for a job */
		int working;
	} lanes[2];               /* for those that may be short; for the others */
	int64_t here_from_us;     /* since then statements took of the loop */
	int here_steps;
	bool locked;              /* somebody may write: one at a time */
	struct rds_session *waiting, **waiting_end;
	struct loop_soon grant;
	uint64_t commits;         /* counts what changed the tables */
	struct rds_pages *pages;
	int writing;              /* jobs that commit: which rows stand where isn't known meanwhile */
	struct owed *looks;       /* jobs of page.c */
	struct tick_write *tick_writes; /* answers to those whose rows the tick's commit holds */
	size_t tick_write_n, tick_write_cap;
	struct fill *fill;        /* under way */
	bool filled;              /* the source's rows are in: see rds_fill */
	bool is_first;            /* nobody had written when it opened, but the rows */
	struct rds_vars vars;
	uint32_t next_id;
	const char *database, *version;
	struct metric metrics[4];
};

/* What a call that can't answer at once returns: rds_answered or rds_again goes on. */
enum { RDS_LATER = 1 };

/* ---- store.c ---- */
int rds_store_open(struct rds *r, struct error *err) WARN_UNUSED;
void rds_store_close(struct rds *r);
/* The stack's rows are in: if nobody else has written, that is what a reset makes of it, which costs nothing then. */
void rds_store_as_first(struct rds *r);
/* Whether the stack's rows were filled in. */
int rds_store_filled(struct rds *r, bool *out, struct error *err) WARN_UNUSED;
extern const char rds_store_set_filled[]; /* SQL */
const struct rds_table *rds_catalogue_find(const struct rds_catalogue *cat, struct slice name);
const struct rds_table *rds_table_find(const struct rds *r, struct slice name);
const struct rds_field *rds_field_find(const struct rds_table *t, const char *name);
/* Reads the catalogue anew (after DDL). */
int rds_catalogue_load(struct rds *r, struct error *err) WARN_UNUSED;
struct rds_catalogue *rds_catalogue_use(struct rds_catalogue *cat);
void rds_catalogue_free(struct rds_catalogue *cat); /* one user less */
/* SQL that makes a table (by its ddl) or takes it away, with its rows of the catalogue. */
void rds_store_create(struct buf *out, const struct rds_table *t, const char *ddl);
void rds_store_drop(struct buf *out, const char *table);
void rds_tables_free(struct rds_table *t);
void rds_quote(struct buf *out, struct slice s); /* as SQLite's string */
/* Views of information_schema, for a link that is asked for them. */
extern const char rds_store_views[];
/* Type of a result column by its declared MySQL type ("varchar(20)"). */
void rds_column_typed(struct rds_column *c, const char *type);

/* ---- create.c ---- */
/* Parses CREATE TABLE from the token after the name's '('. Fills t (caller frees with rds_tables_free) and ddl. */
int rds_create_parse(struct arena *a, struct slice sql, const struct tok *t, size_t n, const char *name, struct rds_table **out,
		     struct buf *ddl, struct error *err) WARN_UNUSED;

/* ---- temporary.c ---- */
/* A temporary table is a table with a name that nobody else's session has: rds$tID$NAME. It goes with its session: from then on nobody
 * can name it, and the next DDL, or the next start, takes it away.
 * DIFFERS: making or dropping one commits the transaction that is open. */
#define RDS_TEMPORARY "rds$t"
struct slice rds_temporary_name(struct arena *a, const struct rds_session *s, struct slice name);
/* The session's own table of the name, else everybody's; NULL: there is none. */
const struct rds_table *rds_session_table(const struct rds_session *s, struct slice name);
const struct rds_table *rds_scope_table(const struct rds_scope *scope, struct slice name);
/* As its client calls it. */
struct slice rds_plain_name(struct slice name);
/* SQL that drops those of the sessions that have gone. */
void rds_temporary_drops(struct buf *out, const struct rds *r);

/* ---- ids.c ---- */
#define RDS_AUTO "rds$auto"
/* The tokens of an INSERT or REPLACE with what asks for the ids of its AUTO_INCREMENT column. */
void rds_ids(struct arena *a, const struct rds_scope *scope, const struct tok **t, size_t *n);

/* ---- recursion.c ---- */
/* The tokens with a column more in each recursive CTE, which counts how deep it is. Errors: 1146 where WITH lacks RECURSIVE. */
int rds_recursion(struct arena *a, const struct rds_scope *scope, const struct tok **t, size_t *n, struct error *err) WARN_UNUSED;
/* That column, which no client sees. */
#define RDS_DEPTH "rds$depth"

/* ---- service.c ---- */
/* The statement under way has its answer in s->c->out, or failed. On the loop, from its top. */
void rds_answered(struct rds_session *s, int rc, struct error *err);
/* Runs the statement under way (once more, now that nothing is in its way). */
void rds_again(struct rds_session *s);

/* ---- parse.c ---- */
enum { RDS_LONG = 32 << 10 }; /* bytes of a command that aren't read on the loop */
struct rds_ends {
	size_t *at, n, cap; /* tokens ; */
};
struct rds_translation {
	int rc; /* RDS_LATER: only the loop can make it */
	struct error err;
	struct buf sql;
	const struct tok *writes; /* INSERT, UPDATE ...; NULL: it reads */
	bool tables, locks, needs_db;
};
/* Begins to read a long command: s->t and rds_again come, or rds_answered. kept: sql is in the session's arena. */
void rds_parse_begin(struct rds_session *s, struct slice sql, bool kept);
/* It is to be killed: soon it ends. NULL is fine. */
void rds_parse_kill(struct rds_parse *p);
/* The command is over, or its session. */
void rds_parse_free(struct rds_session *s);
/* The ; at or behind token from, or the end. For from that grows. */
size_t rds_parse_end(struct rds_parse *p, size_t from);
/* The statement under way, when it is long; *out NULL: it isn't, and is to be translated here. RDS_LATER: rds_again comes. */
int rds_parse_translate(struct rds_session *s, const struct tok *t, size_t n, struct rds_translation **out) WARN_UNUSED;
/* The SQLite text of the translation, if sql is that, which is the caller's to free from then on; else NULL. */
char *rds_parse_text(struct rds_session *s, const char *sql);

/* ---- model.c, show.c ---- */
/* What is to be known of a long statement, without a session. */
void rds_translate_long(struct arena *a, const struct rds_scope *scope, struct slice sql, const struct tok *t, size_t n,
			struct rds_translation *out);
/* Runs one statement (tokens t[0..n)) and appends its answer to s->c->out, or RDS_LATER. */
int rds_run(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err) WARN_UNUSED;
int rds_show(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err) WARN_UNUSED;
int rds_describe(struct rds_session *s, struct slice table, bool full, struct error *err) WARN_UNUSED;
int rds_use(struct rds_session *s, struct slice db, struct error *err) WARN_UNUSED;
void rds_ok(struct rds_session *s, uint64_t affected, uint64_t id);

/* ---- run.c ---- */
/* Runs SQLite text that gives rows. lock: it is to see what nobody changes meanwhile (FOR UPDATE). heavy: not worth a try on the loop. */
struct rds_read {
	const char *sql;
	bool lock, heavy, plain; /* plain: our own text, which the authorizer doesn't look at */
	bool kept;               /* it stays prepared; bind is bound to it */
	int64_t bind[3];
};
int rds_select(struct rds_session *s, const struct rds_read *in, struct slice sql, const struct tok *first, struct error *err) WARN_UNUSED;
/* One that writes. here: it is short, and may be done on the loop and committed with the tick. */
int rds_write(struct rds_session *s, const char *sqlite_sql, bool here, struct slice sql, const struct tok *first, struct error *err) WARN_UNUSED;
/* SQL of our own that changes the tables themselves, as a transaction. */
int rds_ddl(struct rds_session *s, const char *script, struct slice sql, const struct tok *first, struct error *err) WARN_UNUSED;
/* Statements of our own on the link of the session's transaction. over: it ends with them; again: not the answer follows, but
 * rds_again. */
int rds_script(struct rds_session *s, const char *script, bool over, bool again, struct error *err) WARN_UNUSED;
/* It is to end: at once where it waits, soon where it works; rds_answered comes. */
void rds_run_kill(struct rds_run *u);
/* Its session is gone. */
void rds_run_orphan(struct rds_run *u);
/* The client has taken what was sent. */
void rds_run_drained(struct rds_run *u);
const char *rds_run_state(const struct rds_run *u);
bool rds_run_reads(const struct rds_run *u); /* it changes nothing */
/* The service goes: what still works knows it no more. */
void rds_runs_close(struct rds *r);
/* The link has committed: the WAL is longer. */
void rds_grew(struct rds *r, struct rds_link *k);
/* Commits what the tick has so far, so that other links see it. */
void rds_tick_commit(struct rds *r);
void rds_tick_forget(struct rds_session *s);
bool rds_tick_dirty(const struct rds *r);

/* ---- page.c ---- */
/* SELECT * FROM t LIMIT a, b: SQLite text (in out) that begins near its first row, when that is known; false: it isn't such a
 * statement. */
bool rds_page(struct rds_session *s, const struct tok *t, size_t n, struct buf *out, struct rds_read *read);
/* Before a job commits, and after it did (or failed): these tables (NULL: all) have other rows; gaps: not only more at the end. */
struct rds_names;
void rds_pages_before(struct rds *r);
void rds_pages_after(struct rds *r, const struct rds_names *tables, bool gaps);
/* The same for what the loop itself wrote. */
void rds_pages_changed(struct rds *r, const struct rds_names *tables, bool gaps);
void rds_pages_close(struct rds *r);

/* ---- lock.c ---- */
/* 0: the session may write, until rds_unlock. RDS_LATER: rds_again comes when it may, rds_answered with 1205 when it took too long. */
int rds_lock(struct rds_session *s, struct error *err) WARN_UNUSED;
bool rds_lock_free(const struct rds *r);
void rds_unlock(struct rds *r, bool *owns);
void rds_lock_leave(struct rds_session *s); /* the queue */
void rds_lock_close(struct rds *r);

/* ---- tx.c ---- */
uint16_t rds_status(const struct rds_session *s);
int rds_begin(struct rds_session *s, const struct tok *t, size_t n, struct slice sql, struct error *err) WARN_UNUSED;
/* Ends the session's transaction, if any. RDS_LATER: then comes rds_again (again), or the answer OK. */
int rds_end(struct rds_session *s, bool commit, bool again, struct error *err) WARN_UNUSED;
/* Whatever it was: on the loop, at once. For a session that goes. */
void rds_tx_drop(struct rds_session *s);
/* COMMIT, ROLLBACK, SAVEPOINT, RELEASE. */
int rds_tx_statement(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err) WARN_UNUSED;
/* The savepoints as SQL, the oldest first. */
void rds_savepoints_sql(const struct rds_session *s, struct buf *out);

/* ---- vars.c ---- */
void rds_vars_init(struct rds *r);
/* SET. */
int rds_set(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err) WARN_UNUSED;
int rds_isolation(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err) WARN_UNUSED;
/* Names of SHOW VARIABLES; NULL at the end. */
const char *rds_variable_at(size_t i);

/* ---- kill.c ---- */
int rds_kill_statement(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err) WARN_UNUSED;
/* The session's statement is to end. */
void rds_kill(struct rds_session *s, enum rds_why why);
int rds_killed(enum rds_why why, struct error *err);
/* SQL of its rows: SHOW's, or information_schema's (table). */
void rds_processlist_sql(const struct rds_session *s, bool full, bool table, struct buf *out);

/* ---- fill.c ---- */
/* Puts the source's rows in, once in the life of the state folder. 0: they are; RDS_LATER: fill_done comes. Errors: the stack's
 * files are wrong; nothing is kept. */
int rds_fill(struct rds *r, struct error *err) WARN_UNUSED;
void rds_fill_close(struct rds *r);
/* The rows are in (service.c), or not. */
void rds_filled(struct rds *r, const struct error *err);

#endif
