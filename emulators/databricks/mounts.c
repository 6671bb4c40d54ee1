/* What dbutils.fs.mount does to paths, and the errors it is known for. A mount is kept as its bucket and folder: keys in a
 * source are read and forgotten, also in what is shown.
 *
 *   s3a://KEY:QUOTED_SECRET@bucket/folder (s3n, s3)   on /mnt/x
 *   /mnt/x/y, dbfs:/mnt/x/y, /dbfs/mnt/x/y            -> bucket, folder/y
 *
 * DIFFERS: keys aren't checked here; the object store in this process knows the caller. */
#include "lake/lake.h"

#include <stdlib.h>
#include <string.h>

static const char *const steps[] = {
	"CREATE TABLE mounts(point TEXT PRIMARY KEY, source TEXT NOT NULL) STRICT",
};

enum { MOUNTS_MAX = 1000, PATH_BYTES_MAX = 4096 };

/* ---- paths ---- */

/* As Java's RMI says it. */
static int remote_error(struct error *err, int kind, const char *what, struct slice about)
{
	return err_set(err, kind, "java.rmi.RemoteException: %s%.*s; nested exception is: \n\t%s%.*s", what, SL(about), what, SL(about));
}

static struct slice no_slashes_at_end(struct slice s)
{
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

/* "dbfs:/mnt/x/", "/dbfs/mnt/x" -> "/mnt/x"; absent: no path of DBFS. */
static struct slice dbfs_path(struct slice s)
{
	if (sl_starts(s, S("dbfs:")))
		s = sl_of(s.p + 5, s.n - 5);
	else if (sl_starts(s, S("/dbfs/")))
		s = sl_of(s.p + 5, s.n - 5);
	while (sl_starts(s, S("//")))
		s = sl_of(s.p + 1, s.n - 1);
	return sl_starts(s, S("/")) ? no_slashes_at_end(s) : sl(NULL);
}

static bool s3_scheme(struct slice s, struct slice *scheme, struct slice *rest)
{
	static const char *const schemes[] = { "s3a://", "s3n://", "s3://" };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		*scheme = sl(schemes[i]);
		if (!sl_starts_nocase(s, *scheme))
			continue;
		*rest = sl_of(s.p + scheme->n, s.n - scheme->n);
		return true;
	}
	return false;
}

static bool bucket_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '.' || s.p[i] == '-' ||
		      s.p[i] == '_' || (s.p[i] >= 'A' && s.p[i] <= 'Z')))
			return false;
	return s.n > 0;
}

/* s3a://KEY:SECRET@bucket/a/b -> bucket, "a/b". Errors: INVALID. */
static int parse_s3(struct slice s, struct slice *bucket, struct slice *key, struct error *err)
{
	struct slice scheme, rest, host, folder, user;
	if (!s3_scheme(s, &scheme, &rest))
		return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: not a path of S3 or DBFS: %.*s", SL(s));
	sl_cut(rest, '/', &host, &folder);
	user = S("");
	for (ssize_t at; (at = sl_chr(host, '@')) >= 0;) {
		user = sl_of(host.p, (size_t)at);
		host = sl_of(host.p + at + 1, host.n - (size_t)at - 1);
	}
	/* Hadoop's words for a secret that wasn't quoted: its slash ended the host. */
	if (!bucket_name(host) && (sl_chr(host, ':') >= 0 || sl_chr(folder.p ? folder : S(""), '@') >= 0))
		return err_set(err, ERR_INVALID,
			       "java.lang.NullPointerException: null uri host. This can be caused by unencoded / in the password string");
	if (!bucket_name(host))
		return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: no bucket in the path %.*s", SL(s));
	if (user.n && sl_chr(user, ':') <= 0)
		return err_set(err, ERR_INVALID,
			       "java.lang.IllegalArgumentException: AWS Access Key ID and Secret Access Key must be specified as the username "
			       "or password (respectively) of a %.*s URL",
			       (int)scheme.n - 3, scheme.p);
	*bucket = host;
	*key = no_slashes_at_end(folder.p ? folder : S(""));
	while (sl_starts(*key, S("/")))
		*key = sl_of(key->p + 1, key->n - 1);
	return 0;
}

/* ---- the list ---- */

static size_t find(const struct lake_mounts *m, struct slice point)
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

static void list_add(struct lake_mounts *m, struct slice point, struct slice source)
{
	m->rows = xrealloc(m->rows, (m->n + 1) * sizeof(*m->rows));
	size_t at = m->n++;
	for (; at > 0 && sl_cmp(sl(m->rows[at - 1].point), point) > 0; at--)
		m->rows[at] = m->rows[at - 1];
	m->rows[at] = (struct lake_mount){ xstrndup(point.p, point.n), xstrndup(source.p, source.n) };
}

static void list_remove(struct lake_mounts *m, size_t at)
{
	free(m->rows[at].point);
	free(m->rows[at].source);
	m->n--;
	memmove(&m->rows[at], &m->rows[at + 1], (m->n - at) * sizeof(*m->rows));
}

static int save(struct lake_mounts *m, const char *sql, struct slice point, struct slice source, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db_begin(&m->db, err);
	if (!rc)
		rc = db_prepare(&m->db, sql, &st, err);
	if (!rc) {
		db_bind(st, 1, point);
		if (source.p)
			db_bind(st, 2, source);
		rc = db_run(&m->db, st, err);
	}
	sqlite3_finalize(st);
	return rc ? rc : db_commit(&m->db, err);
}

static int check_point(const struct lake_mounts *m, struct slice point, struct error *err)
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

int lake_mounts_check(const struct lake_mounts *m, struct arena *a, struct slice source, struct slice point, struct lake_path *out,
		      struct error *err)
{
	struct slice scheme, rest;
	if (source.n > PATH_BYTES_MAX || point.n > PATH_BYTES_MAX || !sl_is_utf8(source) || !sl_is_utf8(point) ||
	    sl_chr(source, '\0') >= 0 || sl_chr(point, '\0') >= 0)
		return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: a path is UTF-8 text of up to %d bytes", PATH_BYTES_MAX);
	out->point = dbfs_path(point);
	int rc = check_point(m, out->point, err);
	if (!rc)
		rc = parse_s3(source, &out->bucket, &out->key, err);
	if (rc)
		return rc;
	(void)s3_scheme(source, &scheme, &rest);
	out->source = arena_printf(a, "%.*s%.*s%s%.*s", SL(scheme), SL(out->bucket), out->key.n ? "/" : "", SL(out->key));
	return 0;
}

int lake_mounts_add(struct lake_mounts *m, const struct lake_path *p, struct error *err)
{
	int rc = check_point(m, p->point, err); /* another may have come meanwhile */
	if (!rc)
		rc = save(m, "INSERT OR REPLACE INTO mounts VALUES(?,?)", p->point, p->source, err);
	if (!rc)
		list_add(m, p->point, p->source);
	return rc;
}

int lake_mounts_remove(struct lake_mounts *m, struct slice point, struct error *err)
{
	struct slice path = dbfs_path(point);
	size_t at = find(m, path.p ? path : S(""));
	if (at == m->n)
		return remote_error(err, ERR_NOT_FOUND, "java.lang.IllegalArgumentException: requirement failed: Directory not mounted: ",
				    path.p ? path : point);
	int rc = save(m, "DELETE FROM mounts WHERE point = ?", path, sl(NULL), err);
	if (!rc)
		list_remove(m, at);
	return rc;
}

int lake_mounts_resolve(const struct lake_mounts *m, struct arena *a, struct slice path, struct lake_path *out, struct error *err)
{
	struct slice full = dbfs_path(path), bucket, folder;
	struct error ignored;
	*out = (struct lake_path){ 0 };
	if (!full.p)
		return parse_s3(path, &out->bucket, &out->key, err);
	for (size_t i = 0; i < m->n; i++) {
		struct slice point = sl(m->rows[i].point), rest;
		if (!below(full, point) || parse_s3(sl(m->rows[i].source), &bucket, &folder, &ignored))
			continue;
		rest = sl_of(full.p + point.n, full.n - point.n);
		while (sl_starts(rest, S("/")))
			rest = sl_of(rest.p + 1, rest.n - 1);
		out->point = point;
		out->source = sl(m->rows[i].source);
		out->bucket = bucket;
		out->key = arena_printf(a, "%.*s%s%.*s", SL(folder), folder.n && rest.n ? "/" : "", SL(rest));
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "[PATH_NOT_FOUND] Path does not exist: dbfs:%.*s.", SL(full));
}

/* ---- open ---- */

static int read_saved(struct lake_mounts *m, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db_prepare(&m->db, "SELECT point, source FROM mounts", &st, err);
	while (!rc && sqlite3_step(st) == SQLITE_ROW)
		list_add(m, db_text(st, 0), db_text(st, 1));
	sqlite3_finalize(st);
	return rc;
}

/* [mounts] of stack.conf; one that was saved stays. */
static int read_conf(struct lake_mounts *m, const struct conf *conf, struct error *err)
{
	const char *point, *source;
	struct arena a = { 0 };
	struct error why;
	int rc = 0;
	for (size_t i = 0; !rc && conf_at(conf, "mounts", i, &point, &source); i++) {
		struct lake_path p;
		struct slice path = dbfs_path(sl(point));
		if (path.p && find(m, path) < m->n)
			continue;
		if (lake_mounts_check(m, &a, sl(source), sl(point), &p, &why))
			rc = err_set(err, ERR_INVALID, "[mounts] %s: %s", point, why.text);
		else
			list_add(m, p.point, p.source);
	}
	arena_free(&a);
	return rc;
}

int lake_mounts_open(struct lake_mounts *m, const struct env *env, struct error *err)
{
	*m = (struct lake_mounts){ 0 };
	int rc = db_open(&m->db, env, "lake_mounts", steps, ARRAY_LEN(steps), err);
	if (!rc)
		rc = read_saved(m, err);
	return rc ? rc : read_conf(m, env->conf, err);
}

void lake_mounts_close(struct lake_mounts *m)
{
	while (m->n)
		list_remove(m, m->n - 1);
	free(m->rows);
	db_close(&m->db);
	*m = (struct lake_mounts){ 0 };
}
