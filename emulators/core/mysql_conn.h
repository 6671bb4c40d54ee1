/* A blocking connection to a MySQL server, for commands and jobs; libmariadb is named in core/mysql_conn.c alone. */
#ifndef TARN_MYSQL_CONN_H
#define TARN_MYSQL_CONN_H

#include "err.h"

struct mysql_to {
	const char *host, *user, *password, *database; /* database NULL or "": none */
	unsigned port, seconds;                        /* seconds: to connect, and to wait for an answer; 0: as libmariadb does */
};
struct mysql_column {
	const char *name;
	int type;                 /* the protocol's number */
	bool is_unsigned, binary; /* binary: no text's character set */
	unsigned long length;
	unsigned decimals;
};
struct mysql_conn;
/* Errors: NETWORK (not reached), DENIED (it said no), in the server's words after its number: "1045: Access denied ...". */
int mysql_conn_open(const struct mysql_to *to, struct mysql_conn **out, struct error *err) WARN_UNUSED;
/* One statement; its rows, if it has any, are read from the connection until the next. Errors: INVALID, as above. */
int mysql_conn_run(struct mysql_conn *c, struct slice sql, struct error *err) WARN_UNUSED;
size_t mysql_conn_rows(const struct mysql_conn *c);
const struct mysql_column *mysql_conn_columns(const struct mysql_conn *c, size_t *n);
/* The next row: a cell NULL is NULL. False: none is left. */
bool mysql_conn_next(struct mysql_conn *c, char ***cells, const unsigned long **lengths);
void mysql_conn_close(struct mysql_conn *c); /* NULL is fine */
/* Frees what libmariadb keeps for a thread of the pool. */
void mysql_conn_thread_end(void);

#endif
