/* The source's rows: filled in once, when the first client comes, so that starting costs nothing.
 * A stack with files under rows/ gives its own; else they are made from the seed ([stack] rows says how many). */
#include <stdlib.h>

#include "rds/rds.h"
#include "rds/seed.h"

static int is_filled(struct rds *r, bool *out, struct error *err)
{
	sqlite3_stmt *st;
	int e = db_prepare(&r->db, "SELECT 1 FROM \"rds$filled\"", &st, err);
	if (e)
		return e;
	*out = sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return 0;
}

static int put_row(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err)
{
	return rds_load_row(arg, t->name, cells, t->column_n, err);
}

static int make_table(struct rds *r, const struct seed_table *t, struct error *err)
{
	char *sql;
	int e;
	if (rds_has_table(r, t->name))
		return 0;
	e = seed_create_sql(r->env->files, t, &sql, err);
	if (e)
		return e;
	e = rds_load_table(r, sql, err);
	free(sql);
	return e;
}

static int from_files(struct rds *r, size_t *n, struct error *err)
{
	const char *path;
	int e = 0;
	for (*n = 0; !e && (path = stack_list(r->env->files, "rows/", *n)); ++*n) {
		const struct seed_table *t = seed_file_table(path);
		char *text;
		size_t size;
		if (!t)
			return err_set(err, ERR_INVALID, "%s: not named after pinterest_data, geolocation_data or user_data", path);
		if ((e = make_table(r, t, err)) || (e = stack_read(r->env->files, path, &text, &size, err)))
			return e;
		e = seed_read(path, sl_of(text, size), t, put_row, r, err);
		free(text);
	}
	return e;
}

static int from_seed(struct rds *r, struct error *err)
{
	const struct conf *conf = r->env->conf;
	int64_t count = conf_int(conf, "stack", "rows", SEED_ROWS);
	struct seed *g;
	int e;
	if (count <= 0)
		return 0;
	e = seed_open(r->env->files, (uint64_t)conf_int(conf, "stack", "seed", 0), count, &g, err);
	if (e)
		return e;
	for (size_t i = 0; !e && i < SEED_TABLES; i++)
		if (!(e = make_table(r, &seed_tables[i], err)))
			e = seed_rows(g, &seed_tables[i], put_row, r, err);
	seed_close(g);
	return e;
}

/* In one transaction: a process killed meanwhile starts over. */
static int fill(struct rds *r, struct error *err)
{
	size_t files = 0;
	int e;
	if ((e = db_begin(&r->db, err)) || (e = from_files(r, &files, err)) || (!files && (e = from_seed(r, err))))
		return e;
	return db_exec(&r->db, "INSERT INTO \"rds$filled\" VALUES (1)", err);
}

static int take_back(struct rds *r)
{
	int e = db_exec(&r->db, "ROLLBACK", NULL);
	r->db.in_tx = false;
	return e ? e : rds_catalogue_load(r, NULL);
}

int rds_fill(struct rds *r, struct error *err)
{
	int e;
	if (r->filled)
		return 0;
	if ((e = is_filled(r, &r->filled, err)) || r->filled)
		return e;
	e = fill(r, err);
	r->filled = !e;
	if (e && take_back(r))
		log_error(r->env, "rollback-failed", "error=\"%s\"", err->text);
	return e;
}
