#include "tarn/mysql_job.h"

#include <mysql.h>
#include <stdlib.h>
#include <string.h>

struct job {
	char *host, *database, *sql;
	unsigned port;
	struct table *out;
	struct error err;
	void (*done)(void *arg, const struct error *err);
	void *arg;
};

static void fetch(struct job *j, MYSQL_RES *res)
{
	struct table *t = j->out;
	MYSQL_FIELD *f = mysql_fetch_fields(res);
	t->column_n = mysql_num_fields(res);
	t->row_n = mysql_num_rows(res);
	t->columns = xcalloc(t->column_n, sizeof(char *));
	t->cells = xcalloc(t->column_n * t->row_n, sizeof(char *));
	for (size_t i = 0; i < t->column_n; i++)
		t->columns[i] = xstrdup(f[i].name);
	size_t at = 0;
	for (MYSQL_ROW row; (row = mysql_fetch_row(res));) {
		unsigned long *n = mysql_fetch_lengths(res);
		for (size_t i = 0; i < t->column_n; i++)
			t->cells[at++] = row[i] ? xstrndup(row[i], n[i]) : NULL;
	}
}

static void work(void *arg)
{
	struct job *j = arg;
	MYSQL *m = mysql_init(NULL);
	mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(m, j->host, "student", "student", j->database, j->port, NULL, 0) ||
	    mysql_real_query(m, j->sql, (unsigned long)strlen(j->sql))) {
		err_set(&j->err, ERR_INVALID, "%u: %s", mysql_errno(m), mysql_error(m));
	} else {
		MYSQL_RES *res = mysql_store_result(m);
		if (res)
			fetch(j, res);
		mysql_free_result(res);
	}
	mysql_close(m);
	mysql_thread_end();
}

static void finished(void *arg)
{
	struct job *j = arg;
	j->done(j->arg, j->err.kind ? &j->err : NULL);
	free(j->host);
	free(j->database);
	free(j->sql);
	free(j);
}

void mysql_job(struct loop *l, const char *address, const char *database, const char *sql, struct table *out,
	       void (*done)(void *arg, const struct error *err), void *arg)
{
	struct job *j = xcalloc(1, sizeof(*j));
	struct slice host, port;
	sl_cut(sl(address), ':', &host, &port);
	j->host = xstrndup(host.p, host.n);
	j->port = (unsigned)atoi(port.p ? port.p : "3306");
	j->database = xstrdup(database);
	j->sql = xstrdup(sql);
	j->out = out;
	j->done = done;
	j->arg = arg;
	loop_job(l, work, finished, j);
}
