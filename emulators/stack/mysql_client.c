#include "stack/mysql_client.h"

#include <mysql.h>

#include "core/lazy.h"

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

struct mysql_client {
	MYSQL m;
};

int mysql_client_open(const char *address, const char *database, struct mysql_client **out, struct error *err)
{
	struct slice host, port;
	if (my_load(err))
		return ERR_NETWORK;
	struct mysql_client *c = xcalloc(1, sizeof(*c));
	sl_cut(sl(address), ':', &host, &port);
	char *name = xstrndup(host.p, host.n);
	my.init(&c->m);
	my.options(&c->m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	bool ok = my.real_connect(&c->m, name, "student", "student", database, (unsigned)atoi(port.p ? port.p : "3306"), NULL, 0);
	free(name);
	if (!ok) {
		int rc = err_set(err, ERR_NETWORK, "%u: %s", my.errno(&c->m), my.error(&c->m));
		mysql_client_close(c);
		return rc;
	}
	*out = c;
	return 0;
}

static char type_of(const MYSQL_FIELD *f)
{
	switch (f->type) {
	case MYSQL_TYPE_TINY:
	case MYSQL_TYPE_SHORT:
	case MYSQL_TYPE_LONG:
	case MYSQL_TYPE_INT24:
	case MYSQL_TYPE_LONGLONG:
	case MYSQL_TYPE_YEAR:
		return 'i';
	case MYSQL_TYPE_FLOAT:
	case MYSQL_TYPE_DOUBLE:
	case MYSQL_TYPE_DECIMAL:
	case MYSQL_TYPE_NEWDECIMAL:
		return 'f';
	case MYSQL_TYPE_DATE:
	case MYSQL_TYPE_DATETIME:
	case MYSQL_TYPE_TIMESTAMP:
		return 'd';
	default:
		return 't';
	}
}

static void fetch(struct table *t, MYSQL_RES *res)
{
	MYSQL_FIELD *f = my.fetch_fields(res);
	t->column_n = my.num_fields(res);
	t->row_n = my.num_rows(res);
	t->columns = xcalloc(t->column_n, sizeof(char *));
	t->types = xcalloc(t->column_n + 1, 1);
	t->cells = xcalloc(t->column_n * t->row_n, sizeof(char *));
	for (size_t i = 0; i < t->column_n; i++) {
		t->columns[i] = xstrdup(f[i].name);
		t->types[i] = type_of(&f[i]);
	}
	size_t at = 0;
	for (MYSQL_ROW row; (row = my.fetch_row(res));) {
		unsigned long *n = my.fetch_lengths(res);
		for (size_t i = 0; i < t->column_n; i++)
			t->cells[at++] = row[i] ? xstrndup(row[i], n[i]) : NULL;
	}
}

int mysql_client_query(struct mysql_client *c, struct slice sql, struct table *out, struct error *err)
{
	if (out)
		table_clear(out);
	if (my.real_query(&c->m, sql.p, (unsigned long)sql.n))
		return err_set(err, ERR_INVALID, "%u: %s", my.errno(&c->m), my.error(&c->m));
	MYSQL_RES *res = my.store_result(&c->m);
	if (res && out)
		fetch(out, res);
	my.free_result(res);
	return 0;
}

void mysql_client_close(struct mysql_client *c)
{
	if (c)
		my.close(&c->m);
	free(c);
}

void mysql_client_thread_end(void)
{
	if (my.thread_end)
		my.thread_end();
}
