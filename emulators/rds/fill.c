/* The source's rows: filled in once, when the first client comes, so that starting costs nothing. A job does it, on a link of its own;
 * who comes meanwhile is greeted when it is done. A stack with files under rows/ gives its own; else they are made from the seed
 * ([stack] rows says how many). */
#include "rds/link.h"
#include "rds/seed.h"

struct fill {
	struct rds *r; /* of the loop only */
	const struct env *env;
	struct rds_link *link;
	struct rds_catalogue *cat;
	struct rds_table *made; /* tables of this fill */
	sqlite3_stmt *load;     /* kept for the table it was made for */
	const struct seed_table *load_table;
	struct owed *job;
	int rc;
	struct error err;
};

static int sqlite_failed(struct fill *f, struct error *err)
{
	return err_set(err, ERR_STORE, "%s", f->link->h ? sqlite3_errmsg(f->link->h) : "no memory");
}

static int exec(struct fill *f, const char *sql, struct error *err)
{
	return rds_link_exec(f->link, sql) ? sqlite_failed(f, err) : 0;
}

static int prepare_load(struct fill *f, const struct seed_table *t, struct error *err)
{
	struct buf b = { 0 };
	sqlite3_finalize(f->load);
	f->load = NULL;
	buf_addf(&b, "INSERT INTO \"%s\" VALUES (", t->name);
	for (size_t i = 0; i < t->column_n; i++)
		buf_adds(&b, i ? ", ?" : "?");
	buf_addc(&b, ')');
	int rc = sqlite3_prepare_v2(f->link->h, buf_cstr(&b), -1, &f->load, NULL) ? sqlite_failed(f, err) : 0;
	buf_free(&b);
	f->load_table = rc ? NULL : t;
	return rc;
}

/* Text cells in column order, absent = NULL; the columns' affinity makes numbers of them. */
static int put_row(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err)
{
	struct fill *f = arg;
	int rc = f->link->stop ? err_set(err, ERR_TIMEOUT, "stopped") : 0;
	if (!rc && f->load_table != t)
		rc = prepare_load(f, t, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < t->column_n; i++)
		db_bind(f->load, (int)i + 1, cells[i]);
	if (sqlite3_step(f->load) != SQLITE_DONE)
		rc = sqlite_failed(f, err);
	sqlite3_reset(f->load);
	return rc;
}

static bool has_table(const struct fill *f, const char *name)
{
	for (const struct rds_table *t = f->made; t; t = t->next)
		if (!strcmp(t->name, name))
			return true;
	return rds_catalogue_find(f->cat, sl(name)) != NULL;
}

static int make_table(struct fill *f, const struct seed_table *t, struct error *err)
{
	struct arena a = { 0 };
	struct tokens toks;
	struct rds_table *made = NULL;
	struct buf ddl = { 0 }, script = { 0 };
	if (has_table(f, t->name))
		return 0;
	char *sql = seed_create_sql(t);
	int rc = rds_lex(&a, sl(sql), &toks, err);
	while (!rc && toks.n && tok_is(&toks.at[toks.n - 1], ";"))
		toks.n--;
	size_t i = 0;
	while (!rc && i < toks.n && !tok_is(&toks.at[i], "("))
		i++;
	if (!rc && i < toks.n)
		rc = rds_create_parse(&a, sl(sql), toks.at + i + 1, toks.n - i - 1, t->name, &made, &ddl, err);
	if (!rc && made) {
		rds_store_create(&script, made, buf_cstr(&ddl));
		rc = exec(f, buf_cstr(&script), err);
		made->next = f->made;
		f->made = made;
	}
	buf_free(&script);
	buf_free(&ddl);
	arena_free(&a);
	free(sql);
	return rc;
}

static int from_files(struct fill *f, struct seed *g, size_t *n, struct error *err)
{
	const char *path;
	int rc = 0;
	for (*n = 0; !rc && (path = stack_list(f->env->files, "rows/", *n)); ++*n) {
		const struct seed_table *t = seed_file_table(g, path);
		char *text;
		size_t size;
		if (!t)
			return err_set(err, ERR_INVALID, "%s: not named after the source of a dataset", path);
		if ((rc = make_table(f, t, err)) || (rc = stack_read(f->env->files, path, &text, &size, err)))
			return rc;
		rc = seed_read(path, sl_of(text, size), t, put_row, f, err);
		free(text);
	}
	return rc;
}

static int fill_all(struct fill *f, struct error *err)
{
	const struct conf *conf = f->env->conf;
	int64_t count = conf_int(conf, "stack", "rows", SEED_ROWS);
	const struct seed_table *t;
	struct seed *g;
	size_t files = 0;
	int rc = seed_open(f->env->files, conf, (uint64_t)conf_int(conf, "stack", "seed", 0), count, &g, err);
	if (rc)
		return rc;
	rc = from_files(f, g, &files, err);
	for (size_t i = 0; !rc && !files && count > 0 && (t = seed_table_at(g, i)); i++)
		if (!(rc = make_table(f, t, err)))
			rc = seed_rows(g, t, put_row, f, err);
	sqlite3_finalize(f->load);
	f->load = NULL;
	seed_close(g);
	return rc;
}

/* In one transaction: a process killed meanwhile starts over. */
static void work(void *arg)
{
	struct fill *f = arg;
	struct error *err = &f->err;
	f->rc = rds_link_open(f->link) ? sqlite_failed(f, err) : 0;
	/* Many rows at once: more of the cache than a session's statement has. */
	if (!f->rc && !(f->rc = exec(f, "PRAGMA cache_size=-2000; BEGIN IMMEDIATE", err)) && !(f->rc = fill_all(f, err)) &&
	    !(f->rc = exec(f, rds_store_set_filled, err)))
		f->rc = exec(f, "COMMIT", err);
}

static void fill_free(struct fill *f)
{
	rds_link_free(f->link); /* and with it goes what isn't committed */
	rds_catalogue_free(f->cat);
	rds_tables_free(f->made);
	free(f);
}

static void done(void *arg)
{
	struct fill *f = arg;
	struct rds *r = f->r;
	r->fill = NULL;
	if (!f->rc)
		f->rc = rds_catalogue_load(r, &f->err);
	r->filled = !f->rc;
	rds_grew(r, f->link);
	if (r->filled)
		rds_store_as_first(r);
	rds_filled(r, f->rc ? &f->err : NULL);
	fill_free(f);
}

int rds_fill(struct rds *r, struct error *err)
{
	int rc = 0;
	if (r->fill)
		return RDS_LATER;
	if (!r->filled)
		rc = rds_store_filled(r, &r->filled, err);
	if (rc || r->filled)
		return rc;
	struct fill *f = xcalloc(1, sizeof(*f));
	f->r = r;
	f->env = r->env;
	f->link = rds_link_new(r->path, r->pragmas);
	f->cat = rds_catalogue_use(r->cat);
	r->fill = f;
	owed_keep(&f->job, loop_job(r->env->loop, work, done, f));
	return RDS_LATER;
}

void rds_fill_close(struct rds *r)
{
	if (!r->fill)
		return;
	r->fill->link->stop = true;
	owed_cancel(r->fill->job);
	fill_free(r->fill);
	r->fill = NULL;
}
