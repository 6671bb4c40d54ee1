/* The source's rows: filled in once, when the first client comes, so that starting costs nothing.
 * A stack with files under rows/ gives its own; else they are made from the seed ([stack] rows says how many). */
#include "rds/rds.h"
#include "rds/seed.h"

static int put_row(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err)
{
	return rds_load_row(arg, t->name, cells, t->column_n, err);
}

static int make_table(struct rds *r, const struct seed_table *t, struct error *err)
{
	if (rds_has_table(r, t->name))
		return 0;
	char *sql = seed_create_sql(t);
	int rc = rds_load_table(r, sql, err);
	free(sql);
	return rc;
}

static int from_files(struct rds *r, struct seed *g, size_t *n, struct error *err)
{
	const char *path;
	int rc = 0;
	for (*n = 0; !rc && (path = stack_list(r->env->files, "rows/", *n)); ++*n) {
		const struct seed_table *t = seed_file_table(g, path);
		char *text;
		size_t size;
		if (!t)
			return err_set(err, ERR_INVALID, "%s: not named after the source of a dataset", path);
		if ((rc = make_table(r, t, err)) || (rc = stack_read(r->env->files, path, &text, &size, err)))
			return rc;
		rc = seed_read(path, sl_of(text, size), t, put_row, r, err);
		free(text);
	}
	return rc;
}

/* In one transaction: a process killed meanwhile starts over. */
static int fill(struct rds *r, struct error *err)
{
	const struct conf *conf = r->env->conf;
	int64_t count = conf_int(conf, "stack", "rows", SEED_ROWS);
	const struct seed_table *t;
	struct seed *g;
	size_t files = 0;
	int rc = seed_open(r->env->files, conf, (uint64_t)conf_int(conf, "stack", "seed", 0), count, &g, err);
	if (rc)
		return rc;
	if (!(rc = db_begin(&r->db, err)))
		rc = from_files(r, g, &files, err);
	for (size_t i = 0; !rc && !files && count > 0 && (t = seed_table_at(g, i)); i++)
		if (!(rc = make_table(r, t, err)))
			rc = seed_rows(g, t, put_row, r, err);
	seed_close(g);
	return rc ? rc : rds_store_set_filled(r, err);
}

static int take_back(struct rds *r)
{
	int rc = db_rollback(&r->db, NULL);
	return rc ? rc : rds_catalogue_load(r, NULL);
}

int rds_fill(struct rds *r, struct error *err)
{
	int rc;
	if (r->filled)
		return 0;
	if ((rc = rds_store_filled(r, &r->filled, err)) || r->filled)
		return rc;
	rc = fill(r, err);
	r->filled = !rc;
	if (rc && take_back(r))
		log_error(r->env, "rollback-failed", "error=\"%s\"", err->text);
	return rc;
}
