#include "stack/mysql_client.h"

#include "core/mysql_conn.h"

struct mysql_client {
	struct mysql_conn *c;
};

int mysql_client_open(const char *address, const char *database, struct mysql_client **out, struct error *err)
{
	struct slice host, port;
	struct mysql_to to = { .user = "student", .password = "student", .database = database };
	struct mysql_conn *c;
	char *name;
	int rc;
	sl_cut(sl(address), ':', &host, &port);
	to.host = name = xstrndup(host.p, host.n);
	to.port = (unsigned)atoi(port.p ? port.p : "3306");
	rc = mysql_conn_open(&to, &c, err);
	free(name);
	if (rc) {
		err->kind = ERR_NETWORK;
		return ERR_NETWORK;
	}
	*out = xcalloc(1, sizeof(**out));
	(*out)->c = c;
	return 0;
}

/* The protocol's numbers of types. */
static char type_of(int type)
{
	static const char kinds[] = { [0] = 'f', [1] = 'i', [2] = 'i', [3] = 'i', [4] = 'f', [5] = 'f', [7] = 'd', [8] = 'i', [9] = 'i', [10] = 'd',
				      [12] = 'd', [13] = 'i' };
	if (type == 246) /* NEWDECIMAL */
		return 'f';
	return type >= 0 && type < (int)sizeof(kinds) && kinds[type] ? kinds[type] : 't';
}

static void fetch(struct table *t, struct mysql_conn *c)
{
	const struct mysql_column *columns = mysql_conn_columns(c, &t->column_n);
	const unsigned long *lengths;
	char **row;
	size_t at = 0;
	t->row_n = mysql_conn_rows(c);
	t->columns = xcalloc(t->column_n, sizeof(char *));
	t->types = xcalloc(t->column_n + 1, 1);
	t->cells = xcalloc(t->column_n * t->row_n, sizeof(char *));
	for (size_t i = 0; i < t->column_n; i++) {
		t->columns[i] = xstrdup(columns[i].name);
		t->types[i] = type_of(columns[i].type);
	}
	while (mysql_conn_next(c, &row, &lengths))
		for (size_t i = 0; i < t->column_n; i++)
			t->cells[at++] = row[i] ? xstrndup(row[i], lengths[i]) : NULL;
}

int mysql_client_query(struct mysql_client *c, struct slice sql, struct table *out, struct error *err)
{
	size_t n;
	int rc;
	if (out)
		table_clear(out);
	rc = mysql_conn_run(c->c, sql, err);
	if (!rc && out && mysql_conn_columns(c->c, &n))
		fetch(out, c->c);
	return rc;
}

void mysql_client_close(struct mysql_client *c)
{
	if (c)
		mysql_conn_close(c->c);
	free(c);
}

void mysql_client_thread_end(void)
{
	mysql_conn_thread_end();
}
