#include "mysql_conn.h"

#include <mysql.h>

#include "lazy.h"

/* libmariadb, loaded by the first connection: my.init() is mysql_init(). */
#define MY_CALLS(X) \
	X(mysql, close) X(mysql, errno) X(mysql, error) X(mysql, fetch_fields) X(mysql, fetch_lengths) \
	X(mysql, fetch_row) X(mysql, free_result) X(mysql, init) X(mysql, num_fields) X(mysql, num_rows) \
	X(mysql, options) X(mysql, real_connect) X(mysql, real_query) X(mysql, store_result) X(mysql, thread_end)
static struct {
	MY_CALLS(LAZY_FIELD)
} my;

static int my_load(struct error *err)
{
	static const char *const files[] = { "libmariadb.so.3", NULL };
	static const char *const names[] = { MY_CALLS(LAZY_NAME) };
	return lazy_load(files, names, &my, ARRAY_LEN(names), err);
}

struct mysql_conn {
	MYSQL m;
	MYSQL_RES *res;
	struct mysql_column *columns;
	size_t n;
};

int mysql_conn_open(const struct mysql_to *to, struct mysql_conn **out, struct error *err)
{
	struct mysql_conn *c;
	if (my_load(err))
		return ERR_NETWORK;
	c = xcalloc(1, sizeof(*c));
	my.init(&c->m);
	my.options(&c->m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (to->seconds) {
		my.options(&c->m, MYSQL_OPT_CONNECT_TIMEOUT, &to->seconds);
		my.options(&c->m, MYSQL_OPT_READ_TIMEOUT, &to->seconds);
	}
	if (!my.real_connect(&c->m, to->host, to->user, to->password, to->database, to->port, NULL, 0)) {
		int rc = err_set(err, my.errno(&c->m) < 2000 ? ERR_DENIED : ERR_NETWORK, "%u: %s", my.errno(&c->m), my.error(&c->m));
		mysql_conn_close(c);
		return rc;
	}
	*out = c;
	return 0;
}

static void drop_result(struct mysql_conn *c)
{
	if (c->res)
		my.free_result(c->res);
	free(c->columns);
	c->res = NULL;
	c->columns = NULL;
	c->n = 0;
}

int mysql_conn_run(struct mysql_conn *c, struct slice sql, struct error *err)
{
	const MYSQL_FIELD *f;
	drop_result(c);
	if (my.real_query(&c->m, sql.p, (unsigned long)sql.n))
		return err_set(err, ERR_INVALID, "%u: %s", my.errno(&c->m), my.error(&c->m));
	c->res = my.store_result(&c->m);
	if (!c->res)
		return my.errno(&c->m) ? err_set(err, ERR_INVALID, "%u: %s", my.errno(&c->m), my.error(&c->m)) : 0;
	c->n = my.num_fields(c->res);
	c->columns = xcalloc(c->n + 1, sizeof(*c->columns));
	f = my.fetch_fields(c->res);
	for (size_t i = 0; i < c->n; i++)
		c->columns[i] = (struct mysql_column){ f[i].name, (int)f[i].type, f[i].flags & UNSIGNED_FLAG, f[i].charsetnr == 63, f[i].length, f[i].decimals };
	return 0;
}

size_t mysql_conn_rows(const struct mysql_conn *c)
{
	return c->res ? my.num_rows(c->res) : 0;
}

const struct mysql_column *mysql_conn_columns(const struct mysql_conn *c, size_t *n)
{
	*n = c->n;
	return c->columns;
}

bool mysql_conn_next(struct mysql_conn *c, char ***cells, const unsigned long **lengths)
{
	*cells = c->res ? my.fetch_row(c->res) : NULL;
	*lengths = *cells ? my.fetch_lengths(c->res) : NULL;
	return *cells;
}

void mysql_conn_close(struct mysql_conn *c)
{
	if (!c)
		return;
	drop_result(c);
	my.close(&c->m);
	free(c);
}

void mysql_conn_thread_end(void)
{
	if (my.thread_end)
		my.thread_end();
}
