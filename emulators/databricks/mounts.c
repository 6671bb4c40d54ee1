/* What dbutils.fs.mount does to paths, and the errors it is known for. A mount is kept as its bucket and folder: keys in a
 * source are read and forgotten, also in what is shown.
 *
 *   s3a://KEY:QUOTED_SECRET@bucket/folder (s3n, s3)   on /mnt/x
 *   /mnt/x/y, dbfs:/mnt/x/y, /dbfs/mnt/x/y            -> bucket, folder/y
 *   /mnt/z/topics/y, z not mounted, [stack] adopt     -> the lake's bucket, topics/y
 *   any other path of DBFS                            -> its root, dbfs.h
 *
 * DIFFERS: keys aren't checked here; the object store in this process knows the caller. */
#include "core/adopt.h"
#include "databricks/dbfs.h"

enum { MOUNTS_MAX = 1000, PATH_BYTES_MAX = 4096 };

/* As Java's RMI says it. */
static int remote_error(struct error *err, int kind, const char *what, struct slice about)
{
	return err_set(err, kind, "java.rmi.RemoteException: %s%.*s; nested exception is: \n\t%s%.*s", what, SL(about), what, SL(about));
}

/* ---- the list ---- */

static size_t find(const struct dbx_mounts *m, struct slice point)
{
	size_t i = 0;
	while (i < m->n && !sl_eqs(point, m->rows[i].point))
		i++;
	return i;
}

static bool below(struct slice path, struct slice point)
{
	return sl_starts(path, point) && (path.n == point.n || path.p[point.n] == '/');
}

void dbx_mounts_list(struct dbx_mounts *m, struct slice point, struct slice source)
{
	m->rows = xrealloc(m->rows, (m->n + 1) * sizeof(*m->rows));
	size_t at = m->n++;
	for (; at > 0 && sl_cmp(sl(m->rows[at - 1].point), point) > 0; at--)
		m->rows[at] = m->rows[at - 1];
	m->rows[at] = (struct dbx_mount){ xstrndup(point.p, point.n), xstrndup(source.p, source.n) };
}

static void list_remove(struct dbx_mounts *m, size_t at)
{
	free(m->rows[at].point);
	free(m->rows[at].source);
	m->n--;
	memmove(&m->rows[at], &m->rows[at + 1], (m->n - at) * sizeof(*m->rows));
}

static int check_point(const struct dbx_mounts *m, struct slice point, struct error *err)
{
	if (!point.p || !point.n)
		return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: requirement failed: a mount point is a path such as "
						 "/mnt/data");
	if (find(m, point) < m->n)
		return remote_error(err, ERR_CONFLICT, "java.lang.IllegalArgumentException: requirement failed: Directory already mounted: ",
				    point);
	for (size_t i = 0; i < m->n; i++)
		if (below(point, sl(m->rows[i].point)) || below(sl(m->rows[i].point), point))
			return remote_error(err, ERR_CONFLICT, "java.lang.IllegalArgumentException: requirement failed: nested mounts are not "
							       "supported: ",
					    point);
	return m->n < MOUNTS_MAX ? 0 : err_set(err, ERR_LIMIT, "more than %d mounts", MOUNTS_MAX);
}

int dbx_mounts_check(const struct dbx_mounts *m, struct arena *a, struct slice source, struct slice point, struct dbx_mounting *out,
		     struct error *err)
{
	struct slice scheme;
	if (source.n > PATH_BYTES_MAX || point.n > PATH_BYTES_MAX || !sl_is_utf8(source) || !sl_is_utf8(point) ||
	    sl_chr(source, '\0') >= 0 || sl_chr(point, '\0') >= 0)
		return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: a path is UTF-8 text of up to %d bytes", PATH_BYTES_MAX);
	out->point = path_dbfs(point);
	int rc = check_point(m, out->point, err);
	if (!rc)
		rc = path_s3(source, &scheme, &out->at, err);
	if (!rc)
		out->source = arena_printf(a, "%.*s%.*s%s%.*s", SL(scheme), SL(out->at.bucket), out->at.key.n ? "/" : "", SL(out->at.key));
	return rc;
}

int dbx_mounts_add(struct dbx_mounts *m, const struct dbx_mounting *new, struct error *err)
{
	int rc = check_point(m, new->point, err); /* another may have come meanwhile */
	if (!rc)
		rc = dbx_store_mount(m, new->point, new->source, err);
	if (!rc)
		dbx_mounts_list(m, new->point, new->source);
	return rc;
}

int dbx_mounts_remove(struct dbx_mounts *m, struct slice point, struct error *err)
{
	struct slice path = path_dbfs(point);
	size_t at = find(m, path.p ? path : S(""));
	if (at == m->n)
		return remote_error(err, ERR_NOT_FOUND, "java.lang.IllegalArgumentException: requirement failed: Directory not mounted: ",
				    path.p ? path : point);
	int rc = dbx_store_unmount(m, path, err);
	if (!rc)
		list_remove(m, at);
	return rc;
}

/* /mnt/NAME/topics/...: a notebook that mounts its bucket only once, in a cell that its user has put into comments. */
static bool adopted(const struct dbx_mounts *m, struct slice path, struct object_path *out)
{
	bool whole = sl_ends(path, S("/topics"));
	ssize_t at = whole ? (ssize_t)(path.n - strlen("/topics")) : sl_find(path, S("/topics/"));
	if (!adopt_on(m->adopt) || !sl_starts(path, S("/mnt/")) || at < 0)
		return false;
	*out = (struct object_path){ sl(m->bucket), sl_from(path, (size_t)at + 1) };
	return true;
}

/* Where a path leads that no mount has. */
static void root(const struct dbx_mounts *m, struct arena *a, struct slice path, struct object_path *out)
{
	struct slice rest = path_bare(path), folder = S(DBX_ROOT_FOLDER);
	if (adopted(m, path, out))
		return;
	if (below(path, S(DBX_WAREHOUSE))) {
		rest = path_bare(sl_from(path, strlen(DBX_WAREHOUSE)));
		folder = S("tables");
	}
	*out = (struct object_path){ sl(m->bucket), arena_printf(a, "%.*s%s%.*s", SL(folder), rest.n ? "/" : "", SL(rest)) };
}

bool dbx_mounts_find(void *self, struct arena *a, struct slice path, struct object_path *out)
{
	const struct dbx_mounts *m = self;
	struct object_path to;
	struct slice rest;
	struct error ignored;
	size_t i = 0;
	while (i < m->n && !(below(path, sl(m->rows[i].point)) && !path_s3(sl(m->rows[i].source), NULL, &to, &ignored)))
		i++;
	if (i == m->n) {
		root(m, a, path, out);
		return true;
	}
	rest = path_bare(sl_from(path, strlen(m->rows[i].point)));
	*out = (struct object_path){ to.bucket, arena_printf(a, "%.*s%s%.*s", SL(to.key), to.key.n && rest.n ? "/" : "", SL(rest)) };
	return true;
}

/* ---- open ---- */

/* [mounts] of stack.conf; one that was saved stays. */
static int read_conf(struct dbx_mounts *m, const struct conf *conf, struct error *err)
{
	const char *point, *source;
	struct arena a = { 0 };
	struct error why;
	int rc = 0;
	for (size_t i = 0; !rc && conf_at(conf, "mounts", i, &point, &source); i++) {
		struct dbx_mounting p;
		struct slice path = path_dbfs(sl(point));
		if (path.p && find(m, path) < m->n)
			continue;
		if (dbx_mounts_check(m, &a, sl(source), sl(point), &p, &why))
			rc = err_set(err, ERR_INVALID, "[mounts] %s: %s", point, why.text);
		else
			dbx_mounts_list(m, p.point, p.source);
	}
	arena_free(&a);
	return rc;
}

int dbx_mounts_open(struct dbx_mounts *m, const struct env *env, struct error *err)
{
	*m = (struct dbx_mounts){ .bucket = dataset_bucket(env->conf), .adopt = env->adopt };
	int rc = dbx_store_mounts(m, env, err);
	return rc ? rc : read_conf(m, env->conf, err);
}

void dbx_mounts_close(struct dbx_mounts *m)
{
	while (m->n)
		list_remove(m, m->n - 1);
	free(m->rows);
	free(m->bucket);
	db_close(&m->db);
	*m = (struct dbx_mounts){ 0 };
}
