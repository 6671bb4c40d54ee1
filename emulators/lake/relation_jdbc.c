/* Tables of MySQL, as spark.read.jdbc has them: the stack's databases by any name of RDS, and servers that [lake] jdbc_hosts allows. Read by
 * jobs: the schema by a query without rows, then the columns that are needed.
 *
 * Types: Spark 3.5's MySQLDialect over what MySQL Connector/J says of columns (TINYINT(1) is a BIT, YEAR a date, FLOAT a REAL). */
#include "core/conf.h"
#include "core/mysql_conn.h"
#include "lake/files.h"
#include "spark/cast.h"
#include "spark/ddl.h"
#include "spark/decimal.h"
#include "spark/time.h"

enum { JDBC_SECONDS = 30 };
enum my_type { /* the protocol's */
	MY_TINY = 1, MY_SHORT = 2, MY_LONG = 3, MY_FLOAT = 4, MY_DOUBLE = 5, MY_TIMESTAMP = 7, MY_LONGLONG = 8, MY_INT24 = 9, MY_DATE = 10, MY_TIME = 11,
	MY_DATETIME = 12, MY_YEAR = 13, MY_BIT = 16, MY_JSON = 245, MY_NEWDECIMAL = 246, MY_TINY_BLOB = 249, MY_BLOB = 252, MY_VAR_STRING = 253, MY_STRING = 254,
};
struct jdbc {
	char *host, *user, *password, *database;
	unsigned port;
	struct slice from;        /* what follows FROM */
	const enum my_type *types; /* of the columns */
	const struct sp_type *custom; /* customSchema; NULL: none */
	struct sp_run run;
	struct arena batch, keep;
};

static void jdbc_free(struct lake_relation *r)
{
	struct jdbc *j = r->own;
	sp_error_free(&j->run.err);
	arena_free(&j->batch);
	arena_free(&j->keep);
	free(j);
	r->own = NULL;
}

/* ---- what is asked for ---- */

static int refuse(struct lake_relation *r, const char *java, const char *class, const char *text)
{
	sp_fail(&r->err, SP_E_RUN, class, "", "%s", text);
	r->err.java = java;
	return 1;
}

static const char illegal[] = "java.lang.IllegalArgumentException";

static int read_source(struct lake_relation *r)
{
	struct jdbc *j = r->own;
	struct slice table = lake_files_option(r, "dbtable"), query = lake_files_option(r, "query");
	if (table.p && query.p)
		return refuse(r, illegal, "_LEGACY_ERROR_TEMP_2078", "Both 'dbtable' and 'query' can not be specified at the same time.");
	if (!table.p && !query.p)
		return refuse(r, illegal, "_LEGACY_ERROR_TEMP_2079", "Option 'dbtable' or 'query' is required.");
	if (!sl_trim(table.p ? table : query).n)
		return refuse(r, illegal, "_LEGACY_ERROR_TEMP_2080", table.p ? "Option `dbtable` can not be empty." : "Option `query` can not be empty.");
	if (query.p && lake_files_option(r, "partitionColumn").p)
		return refuse(r, illegal, "", "Options 'query' and 'partitionColumn' can not be specified together.\nPlease define the query using `dbtable` option instead "
			      "and make sure to qualify\nthe partition columns using the supplied subquery alias to resolve any ambiguity.");
	if (lake_files_option(r, "partitionColumn").p && !(lake_files_option(r, "lowerBound").p && lake_files_option(r, "upperBound").p && lake_files_option(r, "numPartitions").p))
		return refuse(r, illegal, "", "requirement failed: When reading JDBC data sources, users need to specify all or none for the following options: 'partitionColumn', "
			      "'lowerBound', 'upperBound', and 'numPartitions'");
	j->from = table.p ? table : arena_printf(r->arena, "(%.*s) SPARK_GEN_SUBQ_0", SL(query));
	return 0;
}

static struct slice parameter(struct slice rest, const char *key)
{
	struct slice one, name, value;
	while (rest.p && rest.n) {
		sl_cut(rest, '&', &one, &rest);
		sl_cut(one, '=', &name, &value);
		if (sl_eqs(name, key))
			return value;
	}
	return sl(NULL);
}

static char *text_of(struct lake_relation *r, const char *option, struct slice parameters)
{
	struct slice v = lake_files_option(r, option), in = v.p ? sl(NULL) : parameter(parameters, option);
	return arena_cstr(r->arena, v.p ? v : in.p ? arena_url_decode(r->arena, in, false) : S(""));
}

/* Whether a host is one of [lake] jdbc_hosts: names with blanks between. */
static bool is_allowed(const struct conf *conf, struct slice host)
{
	struct slice rest = sl(conf_str(conf, "lake", "jdbc_hosts", "")), one;
	while (rest.p && rest.n) {
		sl_cut(rest, ' ', &one, &rest);
		if (sl_eq_nocase(one, host))
			return true;
	}
	return false;
}

/* The stack's own databases have all names of RDS, and this machine's at their port. */
static int set_host(struct lake_relation *r, struct slice host, struct slice port)
{
	struct jdbc *j = r->own;
	const struct conf *conf = r->task->l->env->conf;
	unsigned own = (unsigned)conf_int(conf, "rds", "listen_port", 0);
	bool here = sl_eq_nocase(host, S("localhost")) || sl_eqs(host, "127.0.0.1") || !host.n;
	bool named = sl_ends(host, S(".rds.amazonaws.com")) || sl_eq_nocase(host, sl(conf_str(conf, "rds", "host", "")));
	j->port = port.n ? (unsigned)atoi(arena_cstr(r->arena, port)) : 3306;
	j->host = arena_cstr(r->arena, host);
	if (is_allowed(conf, host))
		return 0;
	if (own && (named || (here && (j->port == own || j->port == 3306)))) {
		j->host = arena_cstr(r->arena, S("127.0.0.1"));
		j->port = own;
		return 0;
	}
	if (named)
		return refuse(r, "com.mysql.cj.jdbc.exceptions.CommunicationsException", "", "Communications link failure: the stack has no rds (start rds, too)");
	return sp_fail(&r->err, SP_E_UNSERVED, "", "", "the database at %.*s isn't the stack's: names of RDS and this machine's rds are reached, others that [lake] "
		       "jdbc_hosts names", SL(host));
}

static int read_url(struct lake_relation *r)
{
	struct jdbc *j = r->own;
	struct slice url = lake_files_option(r, "url"), rest, parameters, host, port, path;
	if (!url.p)
		return refuse(r, illegal, "", "requirement failed: Option 'url' is required.");
	if (!sl_after_nocase(url, S("jdbc:mysql://"), &rest) && !sl_after_nocase(url, S("jdbc:mariadb://"), &rest)) {
		if (sl_starts_nocase(url, S("jdbc:")))
			return sp_fail(&r->err, SP_E_UNSERVED, "", "", "databases of %.*s aren't read here: MySQL's are", SL(url));
		return refuse(r, "java.sql.SQLException", "", "No suitable driver");
	}
	sl_cut(rest, '?', &rest, &parameters);
	sl_cut(rest, '/', &host, &path);
	if (sl_chr(host, '@') >= 0)
		host = sl_from(host, (size_t)sl_chr(host, '@') + 1);
	sl_cut(host, ':', &host, &port);
	j->user = text_of(r, "user", parameters);
	j->password = text_of(r, "password", parameters);
	j->database = arena_cstr(r->arena, path.p ? path : S(""));
	return set_host(r, host, port.p ? port : S(""));
}

/* ---- what goes wrong ---- */

static int server_said(struct lake_relation *r, const struct error *err)
{
	struct slice text = sl(err->text), number;
	int n;
	sl_cut(text, ':', &number, &text);
	n = atoi(err->text);
	if (err->kind == ERR_NETWORK)
		return refuse(r, "com.mysql.cj.jdbc.exceptions.CommunicationsException", "",
			      "Communications link failure\n\nThe last packet sent successfully to the server was 0 milliseconds ago. "
			      "The driver has not received any packets from the server.");
	sp_fail(&r->err, SP_E_RUN, "", "", "%.*s", SL(sl_trim(text.p ? text : number)));
	r->err.java = n == 1064 || n == 1146 || n == 1054 || n == 1049 || n == 1109 ? "java.sql.SQLSyntaxErrorException" : "java.sql.SQLException";
	return 1;
}

static int connect(struct lake_relation *r, struct mysql_conn **c)
{
	const struct jdbc *j = r->own;
	const struct mysql_to to = { .host = j->host, .user = j->user, .password = j->password, .database = j->database, .port = j->port, .seconds = JDBC_SECONDS };
	struct error err;
	return mysql_conn_open(&to, c, &err) ? server_said(r, &err) : 0;
}

static int ask(struct lake_relation *r, struct mysql_conn *c, struct slice sql)
{
	struct error err;
	return mysql_conn_run(c, sql, &err) ? server_said(r, &err) : 0;
}

/* ---- columns ---- */

static const struct sp_type *decimal_of(struct lake_relation *r, const struct mysql_column *c)
{
	long p = (long)c->length - (c->decimals > 0) - !c->is_unsigned, s = (long)c->decimals;
	if (p < 1)
		p = 10;
	return sp_decimal(r->arena, p > SP_PRECISION_MAX ? SP_PRECISION_MAX : (int)p, s > SP_PRECISION_MAX ? SP_PRECISION_MAX : (int)s);
}

static const struct sp_type *type_of(struct lake_relation *r, const struct mysql_column *c)
{
	switch (c->type) {
	case MY_TINY:
		return c->length == 1 ? &sp_types[SP_BOOLEAN] : c->is_unsigned ? &sp_types[SP_INT] : &sp_types[SP_TINYINT];
	case MY_BIT:
		return &sp_types[c->length == 1 ? SP_BOOLEAN : SP_BIGINT];
	case MY_SHORT:
	case MY_INT24:
		return &sp_types[SP_INT];
	case MY_LONG:
		return &sp_types[c->is_unsigned ? SP_BIGINT : SP_INT];
	case MY_LONGLONG:
		return c->is_unsigned ? sp_decimal(r->arena, 20, 0) : &sp_types[SP_BIGINT];
	case MY_FLOAT:
	case MY_DOUBLE:
		return &sp_types[SP_DOUBLE];
	case 0:
	case MY_NEWDECIMAL:
		return decimal_of(r, c);
	case MY_DATE:
	case MY_YEAR:
		return &sp_types[SP_DATE];
	case MY_TIME:
	case MY_DATETIME:
	case MY_TIMESTAMP:
		return &sp_types[SP_TIMESTAMP];
	case MY_TINY_BLOB:
	case MY_TINY_BLOB + 1:
	case MY_TINY_BLOB + 2:
	case MY_BLOB:
	case MY_VAR_STRING:
	case MY_STRING:
		return &sp_types[c->binary ? SP_BINARY : SP_STRING];
	default:
		return &sp_types[SP_STRING];
	}
}

static void set_columns(struct lake_relation *r, const struct mysql_column *columns, size_t n)
{
	struct jdbc *j = r->own;
	struct sp_field *fields = arena_alloc(r->arena, (n + 1) * sizeof(*fields));
	enum my_type *types = arena_alloc(r->arena, (n + 1) * sizeof(*types));
	for (size_t i = 0; i < n; i++) {
		ssize_t at;
		fields[i] = (struct sp_field){ .name = arena_dup(r->arena, sl(columns[i].name)), .type = type_of(r, &columns[i]), .nullable = true };
		types[i] = (enum my_type)columns[i].type;
		at = j->custom ? sp_field_find(j->custom->fields, j->custom->field_n, fields[i].name) : -1;
		if (at >= 0)
			fields[i].type = j->custom->fields[at].type;
	}
	j->types = types;
	r->rel.columns = fields;
	r->rel.column_n = n;
}

static void find_work(void *arg)
{
	struct lake_relation *r = arg;
	struct jdbc *j = r->own;
	struct slice custom = lake_files_option(r, "customSchema");
	struct mysql_conn *c;
	size_t n;
	j->run = (struct sp_run){ .cx = r->cx, .batch = &j->batch, .keep = &j->keep, .stop = &r->task->stopped };
	if (read_url(r) || read_source(r) || (custom.p && sp_ddl(r->arena, custom, &j->custom, &r->err)) || connect(r, &c))
		return;
	if (!ask(r, c, arena_printf(r->arena, "SELECT * FROM %.*s WHERE 1=0", SL(j->from)))) {
		const struct mysql_column *columns = mysql_conn_columns(c, &n);
		set_columns(r, columns, n);
	}
	mysql_conn_close(c);
	mysql_conn_thread_end();
}

static void done(void *arg)
{
	lake_relation_end(arg);
}

static void jdbc_find(struct lake_relation *r)
{
	r->own = xcalloc(1, sizeof(struct jdbc));
	lake_job(r->task, find_work, done, r);
}

/* ---- values ---- */

/* "12:34:56[.f]" of 1970-01-01, as java.sql.Time becomes a timestamp. */
static bool time_of_day(struct arena *a, struct slice s, int64_t *us)
{
	return sp_text_timestamp(arena_printf(a, "1970-01-01 %.*s", SL(s)), NULL, 0, us);
}

static int value(struct lake_relation *r, size_t i, struct slice s, struct sp_value *out)
{
	struct jdbc *j = r->own;
	const struct sp_type *t = r->rel.columns[i].type;
	struct sp_value in = { .s = s };
	*out = (struct sp_value){ 0 };
	if (j->types[i] == MY_BIT && (t->kind == SP_BOOLEAN || t->kind == SP_BIGINT)) {
		for (size_t k = 0; k < s.n; k++)
			out->i = out->i << 8 | (unsigned char)s.p[k];
		out->i = t->kind == SP_BOOLEAN ? out->i != 0 : out->i;
		return 0;
	}
	if (t->kind == SP_STRING || t->kind == SP_BINARY) {
		out->s = arena_dup(&r->table->arena, s);
		return 0;
	}
	if (j->types[i] == MY_TINY && t->kind == SP_BOOLEAN) {
		out->i = !sl_eqs(s, "0");
		return 0;
	}
	if (j->types[i] == MY_TIME && t->kind == SP_TIMESTAMP) {
		out->null = !time_of_day(&j->batch, s, &out->i);
		return 0;
	}
	if (sl_starts(s, S("0000-00-00")) && (t->kind == SP_DATE || t->kind == SP_TIMESTAMP))
		return refuse(r, "java.sql.SQLException", "", "Zero date value prohibited");
	if (t->kind == SP_TIMESTAMP) {
		out->null = !sp_text_timestamp(s, NULL, 0, &out->i);
		return 0;
	}
	if (j->types[i] == MY_YEAR && t->kind == SP_DATE)
		in.s = arena_printf(&j->batch, "%.*s-01-01", SL(s));
	if (!sp_cast_value(&j->run, NULL, &sp_types[SP_STRING], t, false, &in, out))
		return 0;
	r->err = j->run.err;
	j->run.err = (struct sp_error){ 0 };
	return 1;
}

struct filling {
	struct sp_out *out;
	size_t n;
};

static void flush(struct lake_relation *r, struct filling *f)
{
	struct sp_table *t = r->table;
	struct sp_batch *b;
	if (!f->n)
		return;
	GROW(t->chunks, t->chunk_n, t->chunk_cap);
	b = &t->chunks[t->chunk_n++];
	*b = (struct sp_batch){ .n = f->n, .column_n = r->rel.column_n };
	b->columns = arena_alloc(&t->arena, (r->rel.column_n + 1) * sizeof(*b->columns));
	for (size_t i = 0; i < r->rel.column_n; i++) {
		b->columns[i] = f->out[i].v;
		b->columns[i].n = f->n;
	}
	t->row_n += (int64_t)f->n;
	f->n = 0;
}

static bool wanted(const struct lake_relation *r, size_t i)
{
	return !r->rel.needed || r->rel.needed[i];
}

static int add_row(struct lake_relation *r, struct filling *f, char **cells, const unsigned long *lengths)
{
	size_t at = 0;
	if (!f->n) {
		f->out = arena_alloc(&r->table->arena, (r->rel.column_n + 1) * sizeof(*f->out));
		for (size_t i = 0; i < r->rel.column_n; i++)
			if (wanted(r, i))
				sp_out_make(&f->out[i], &r->table->arena, r->rel.columns[i].type, SP_BATCH);
	}
	for (size_t i = 0; i < r->rel.column_n; i++) {
		struct sp_value v = SP_NULL_VALUE;
		if (!wanted(r, i))
			continue;
		if (cells[at] && value(r, i, sl_of(cells[at], lengths[at]), &v))
			return 1;
		sp_out_put(&f->out[i], f->n, &v);
		at++;
	}
	if (++f->n == SP_BATCH)
		flush(r, f);
	arena_reset(&((struct jdbc *)r->own)->batch);
	return 0;
}

static struct slice select_text(struct lake_relation *r)
{
	const struct jdbc *j = r->own;
	struct buf b = { 0 };
	struct slice out;
	for (size_t i = 0; i < r->rel.column_n; i++)
		if (wanted(r, i))
			buf_addf(&b, "%s`%.*s`", b.n ? "," : "SELECT ", SL(r->rel.columns[i].name));
	buf_addf(&b, "%s FROM %.*s", b.n ? "" : "SELECT 1", SL(j->from));
	out = arena_dup(r->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void read_work(void *arg)
{
	struct lake_relation *r = arg;
	struct filling f = { 0 };
	struct mysql_conn *c;
	char **cells;
	const unsigned long *lengths;
	r->table = sp_table_new();
	r->table->fields = r->rel.columns;
	r->table->field_n = r->rel.column_n;
	if (connect(r, &c))
		return;
	if (!ask(r, c, select_text(r)))
		while (!r->err.set && !r->task->stopped && mysql_conn_next(c, &cells, &lengths))
			if (add_row(r, &f, cells, lengths))
				break;
	flush(r, &f);
	mysql_conn_close(c);
	mysql_conn_thread_end();
}

static void jdbc_read(struct lake_relation *r)
{
	lake_job(r->task, read_work, done, r);
}

const struct lake_format lake_jdbc = { "jdbc", jdbc_find, jdbc_read, jdbc_free };
