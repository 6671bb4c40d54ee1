/* RDS-like row source: the MySQL client/server protocol over SQLite.
 *   protocol.c   packets <-> the structs below (handshake v10, text result sets, OK/ERR/EOF)
 *   lex.c        MySQL tokens            dialect.c   MySQL statement text -> SQLite statement text
 *   create.c     CREATE TABLE -> catalogue rows and SQLite DDL
 *   model.c      what a statement does   show.c      SHOW, DESCRIBE
 *   store.c      rds.db: the users' tables and the catalogue of their MySQL types
 *   functions.c  MySQL functions and the default collation, registered with SQLite
 *   seed.c, seed_pin.c, seed_read.c  rows made from a seed or read from files; fill.c puts them in
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
	RDS_E_NO_DEFAULT, RDS_E_UNSUPPORTED, RDS_E_AMBIGUOUS, RDS_E_DISK, RDS_E_ORDER, RDS_E_FOREIGN_KEY,
};
extern const struct error_def rds_errors[];

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
	CAP_SSL = 1 << 11,
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
	TYPE_LONGLONG = 8, TYPE_INT24 = 9, TYPE_DATE = 10, TYPE_TIME = 11, TYPE_DATETIME = 12, TYPE_YEAR = 13,
	TYPE_JSON = 0xf5, TYPE_DECIMAL = 0xf6, TYPE_BLOB = 0xfc, TYPE_VAR_STRING = 0xfd, TYPE_STRING = 0xfe,
};
struct rds_column { /* of a result */
	struct slice name, org_name, table, db;
	uint8_t type;
	uint32_t length;
	uint16_t charset, flags; /* charset 63: binary */
	uint8_t decimals;
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
	bool wants_tls;
};
void rds_put_greeting(struct buf *out, uint8_t *seq, const char *version, uint32_t id, const uint8_t salt[RDS_SALT]);
int rds_read_login(struct slice payload, struct rds_login *out, struct error *err) WARN_UNUSED;
void rds_put_auth_switch(struct buf *out, uint8_t *seq, const uint8_t salt[RDS_SALT]);
/* Whether token proves the password (mysql_native_password). */
bool rds_check_native(const char *password, const uint8_t salt[RDS_SALT], struct slice token);
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
bool tok_is(const struct tok *t, const char *word); /* keyword or operator, case-insensitive */
/* "You have an error in your SQL syntax ..." near the token. */
int rds_syntax(struct slice sql, const struct tok *t, struct error *err);

/* ---- dialect.c ---- */
/* System variable by name (without @@, session., global.); absent when unknown. */
struct rds_session;
struct slice rds_variable(struct arena *a, struct slice name, const struct rds_session *s);
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
	uint64_t dense_seq;   /* rds.writes at which dense was found */
	bool dense;           /* rowids have no gap */
	int64_t min_rowid;
	struct rds_table *next;
};

struct rds_session {
	struct rds *r;
	uint32_t id, caps;
	uint8_t seq, salt[RDS_SALT];
	enum { PHASE_GREETED, PHASE_SWITCHED, PHASE_READY } phase;
	bool autocommit, in_tx;
	bool multi; /* several statements in one query are allowed */
	uint64_t last_insert_id;
	int64_t now_ms;
	char user[64], db[64];
	struct arena arena;
};

struct rds {
	const struct env *env;
	struct db db;
	struct rds_table *tables;
	struct rds_session *owner; /* whose transaction holds the write lock; the tick doesn't commit meanwhile */
	struct rds_session *current; /* whose statement runs: for the SQL functions */
	uint64_t writes;
	bool filled; /* the source's rows are in: see rds_fill */
	sqlite3_stmt *load; /* rds_load_row: kept for the table it was made for */
	struct rds_table *load_table;
	uint64_t next_random; /* RAND() without a seed */
	uint32_t next_id;
	const char *database, *version;
	struct metric metrics[4];
};

/* ---- store.c ---- */
int rds_store_open(struct rds *r, struct error *err) WARN_UNUSED;
/* Whether the stack's rows were filled in. */
int rds_store_filled(struct rds *r, bool *out, struct error *err) WARN_UNUSED;
int rds_store_set_filled(struct rds *r, struct error *err) WARN_UNUSED;
struct rds_table *rds_table_find(struct rds *r, struct slice name);
const struct rds_field *rds_field_find(const struct rds_table *t, const char *name);
/* Reads the catalogue anew (after DDL or a rollback). */
int rds_catalogue_load(struct rds *r, struct error *err) WARN_UNUSED;
/* Runs DDL and writes (or with drop removes) the catalogue rows of a table. */
int rds_table_create(struct rds *r, const struct rds_table *t, const char *ddl, struct error *err) WARN_UNUSED;
int rds_table_drop(struct rds *r, const struct rds_table *t, struct error *err) WARN_UNUSED;
void rds_tables_free(struct rds_table *t);
/* SQLite's failure as MySQL's. */
int rds_sql_error(struct rds *r, struct slice sql, const struct tok *first, struct error *err);
/* functions.c */
int rds_functions_open(struct rds *r, struct error *err) WARN_UNUSED;
/* Type of a result column by its declared MySQL type ("varchar(20)"). */
void rds_column_typed(struct rds_column *c, const char *type);

/* ---- create.c ---- */
/* Parses CREATE TABLE from the token after the name's '('. Fills t (caller frees with rds_tables_free) and ddl. */
int rds_create_parse(struct arena *a, struct slice sql, const struct tok *t, size_t n, const char *name, struct rds_table **out,
		     struct buf *ddl, struct error *err) WARN_UNUSED;

/* ---- model.c, show.c ---- */
/* Runs one statement (tokens t[0..n)) and appends its answer to out. more: another statement follows. */
int rds_run(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, bool more, struct buf *out, struct error *err)
	WARN_UNUSED;
/* Runs SQLite text that gives rows and appends the result set. */
int rds_select(struct rds_session *s, const char *sqlite_sql, struct slice sql, const struct tok *first, bool more, struct buf *out,
	       struct error *err) WARN_UNUSED;
int rds_show(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, bool more, struct buf *out, struct error *err)
	WARN_UNUSED;
int rds_describe(struct rds_session *s, struct slice table, bool full, bool more, struct buf *out, struct error *err) WARN_UNUSED;
uint16_t rds_status(const struct rds_session *s, bool more);
int rds_use(struct rds_session *s, struct slice db, struct error *err) WARN_UNUSED;
/* Ends the session's transaction. */
int rds_end(struct rds_session *s, bool commit, struct error *err) WARN_UNUSED;

/* ---- fill.c ---- */
/* Puts the source's rows in, once in the life of the state folder. Errors: the stack's files are wrong; nothing is kept. */
int rds_fill(struct rds *r, struct error *err) WARN_UNUSED;

/* ---- for the seeder: whole tables without the wire ---- */
int rds_load_table(void *self, const char *create_sql, struct error *err) WARN_UNUSED;
/* Text cells in column order, absent = NULL. */
int rds_load_row(void *self, const char *table, const struct slice *cells, size_t n, struct error *err) WARN_UNUSED;
bool rds_has_table(void *self, const char *table);

#endif
