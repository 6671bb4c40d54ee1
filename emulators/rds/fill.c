/* The source's rows: filled in once, when the first client comes, so that starting costs nothing.
 * A stack with files under rows/ gives its own; else they are made from the seed ([stack] rows says how many). */
#include <stdlib.h>

#include "rds/rds.h"
#include "rds/seed.h"

static int is_filled(struct rds *r, bool *out, struct error *err)
{
	sqlite3_stmt *st;
	int rc = db_prepare(&r->db, "SELECT 1 FROM \"rds$filled\"", &st, err);
	if (rc)
		return rc;
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
	int rc;
	if (rds_has_table(r, t->name))
		return 0;
	rc = seed_create_sql(r->env->files, t, &sql, err);
	if (rc)
		return rc;
	rc = rds_load_table(r, sql, err);
	free(sql);
	return rc;
}

static int from_files(struct rds *r, size_t *n, struct error *err)
{
	const char *path;
	int rc = 0;
	for (*n = 0; !rc && (path = stack_list(r->env->files, "rows/", *n)); ++*n) {
		const struct seed_table *t = seed_file_table(path);
		char *text;
		size_t size;
		if (!t)
			return err_set(err, ERR_INVALID, "%s: not named after pinterest_data, geolocation_data or user_data", path);
		if ((rc = make_table(r, t, err)) || (rc = stack_read(r->env->files, path, &text, &size, err)))
			return rc;
		rc = seed_read(path, sl_of(text, size), t, put_row, r, err);
		free(text);
	}
	return rc;
}

static int from_seed(struct rds *r, struct error *err)
{
	const struct conf *conf = r->env->conf;
	int64_t count = conf_int(conf, "stack", "rows", SEED_ROWS);
	struct seed *g;
	int rc;
	if (count <= 0)
		return 0;
	rc = seed_open(r->env->files, (uint64_t)conf_int(conf, "stack", "seed", 0), count, &g, err);
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < SEED_TABLES; i++)
		if (!(rc = make_table(r, &seed_tables[i], err)))
			rc = seed_rows(g, &seed_tables[i], put_row, r, err);
	seed_close(g);
	return rc;
}

/* In one transaction: a process killed meanwhile starts over. */
static int fill(struct rds *r, struct error *err)
{
	size_t files = 0;
	int rc;
	if ((rc = db_begin(&r->db, err)) || (rc = from_files(r, &files, err)) || (!files && (rc = from_seed(r, err))))
		return rc;
	return db_exec(&r->db, "INSERT INTO \"rds$filled\" VALUES (1)", err);
}

static int take_back(struct rds *r)
{
	int rc = db_exec(&r->db, "ROLLBACK", NULL);
	r->db.in_tx = false;
	return rc ? rc : rds_catalogue_load(r, NULL);
}

int rds_fill(struct rds *r, struct error *err)
{
	int rc;
	if (r->filled)
		return 0;
	if ((rc = is_filled(r, &r->filled, err)) || r->filled)
		return rc;
	rc = fill(r, err);
	r->filled = !rc;
	if (rc && take_back(r))
		log_error(r->env, "rollback-failed", "error=\"%s\"", err->text);
	return rc;
}
