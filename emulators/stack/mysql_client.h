/* A blocking MySQL client for commands and jobs, as the student of the stack: core/mysql_conn.h with rows in a table. */
#ifndef TARN_MYSQL_CLIENT_H
#define TARN_MYSQL_CLIENT_H

#include "core/err.h"
#include "stack/table.h"

struct mysql_client;
/* address "host:port". Errors: NETWORK, with the server's number and words. */
int mysql_client_open(const char *address, const char *database, struct mysql_client **out, struct error *err) WARN_UNUSED;
/* One statement; out (may be NULL) is cleared and gets its rows. Errors: INVALID, with the server's number and words. */
int mysql_client_query(struct mysql_client *c, struct slice sql, struct table *out, struct error *err) WARN_UNUSED;
void mysql_client_close(struct mysql_client *c);
/* Frees what libmariadb keeps for a thread of the pool. */
void mysql_client_thread_end(void);

#endif
