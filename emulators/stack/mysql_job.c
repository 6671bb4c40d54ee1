#include "stack/mysql_job.h"

#include "stack/mysql_client.h"

struct job {
	char *address, *database, *sql;
	struct table *out;
	struct error err;
	void (*done)(void *arg, const struct error *err);
	void *arg;
};

static void work(void *arg)
{
	struct job *j = arg;
	struct mysql_client *c;
	if (!mysql_client_open(j->address, j->database, &c, &j->err)) {
		if (mysql_client_query(c, sl(j->sql), j->out, &j->err))
			table_clear(j->out);
		mysql_client_close(c);
	}
	mysql_client_thread_end();
}

static void finished(void *arg)
{
	struct job *j = arg;
	j->done(j->arg, j->err.kind ? &j->err : NULL);
	free(j->address);
	free(j->database);
	free(j->sql);
	free(j);
}

void mysql_job(struct loop *l, const char *address, const char *database, const char *sql, struct table *out,
	       void (*done)(void *arg, const struct error *err), void *arg)
{
	struct job *j = xcalloc(1, sizeof(*j));
	j->address = xstrdup(address);
	j->database = xstrdup(database);
	j->sql = xstrdup(sql);
	j->out = out;
	j->done = done;
	j->arg = arg;
	loop_job(l, work, finished, j);
}
