#include "tarn/mysql_client.h"

#include <mysql.h>
#include <stdlib.h>

struct mysql_client {
	MYSQL m;
};

int mysql_client_open(const char *address, const char *database, struct mysql_client **out, struct error *err)
{
	struct mysql_client *c = xcalloc(1, sizeof(*c));
	struct slice host, port;
	sl_cut(sl(address), ':', &host, &port);
	char *name = xstrndup(host.p, host.n);
	mysql_init(&c->m);
	mysql_options(&c->m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	bool ok = mysql_real_connect(&c->m, name, "student", "student", database, (unsigned)atoi(port.p ? port.p : "3306"), NULL, 0);
	free(name);
	if (!ok) {
		int r = err_set(err, ERR_NETWORK, "%u: %s", mysql_errno(&c->m), mysql_error(&c->m));
		mysql_client_close(c);
		return r;
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
	MYSQL_FIELD *f = mysql_fetch_fields(res);
	t->column_n = mysql_num_fields(res);
	t->row_n = mysql_num_rows(res);
	t->columns = xcalloc(t->column_n, sizeof(char *));
	t->types = xcalloc(t->column_n + 1, 1);
	t->cells = xcalloc(t->column_n * t->row_n, sizeof(char *));
	for (size_t i = 0; i < t->column_n; i++) {
		t->columns[i] = xstrdup(f[i].name);
		t->types[i] = type_of(&f[i]);
	}
	size_t at = 0;
	for (MYSQL_ROW row; (row = mysql_fetch_row(res));) {
		unsigned long *n = mysql_fetch_lengths(res);
		for (size_t i = 0; i < t->column_n; i++)
			t->cells[at++] = row[i] ? xstrndup(row[i], n[i]) : NULL;
	}
}

int mysql_client_query(struct mysql_client *c, struct slice sql, struct table *out, struct error *err)
{
	if (out)
		table_clear(out);
	if (mysql_real_query(&c->m, sql.p, (unsigned long)sql.n))
		return err_set(err, ERR_INVALID, "%u: %s", mysql_errno(&c->m), mysql_error(&c->m));
	MYSQL_RES *res = mysql_store_result(&c->m);
	if (res && out)
		fetch(out, res);
	mysql_free_result(res);
	return 0;
}

void mysql_client_close(struct mysql_client *c)
{
	if (c)
		mysql_close(&c->m);
	free(c);
}

void mysql_client_thread_end(void)
{
	mysql_thread_end();
}
