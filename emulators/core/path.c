#include "path.h"

static struct slice no_slashes_at_end(struct slice s)
{
	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return s;
}

struct slice path_bare(struct slice s)
{
	while (sl_starts(s, S("/")))
		s = sl_from(s, 1);
	return no_slashes_at_end(s);
}

struct slice path_dbfs(struct slice s)
{
	if (sl_starts(s, S("dbfs:")) || sl_starts(s, S("/dbfs/")))
		s = sl_from(s, strlen("dbfs:"));
	while (sl_starts(s, S("//")))
		s = sl_from(s, 1);
	return sl_starts(s, S("/")) ? no_slashes_at_end(s) : sl(NULL);
}

static bool after_scheme(struct slice s, struct slice *scheme, struct slice *rest)
{
	static const char *const schemes[] = { "s3a://", "s3n://", "s3://" };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		*scheme = sl(schemes[i]);
		if (!sl_starts_nocase(s, *scheme))
			continue;
		*rest = sl_from(s, scheme->n);
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

int path_s3(struct slice s, struct slice *scheme, struct object_path *out, struct error *err)
{
	struct slice kind, rest, host, folder, user = S("");
	if (!after_scheme(s, &kind, &rest))
		return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: not a path of S3 or DBFS: %.*s", SL(s));
	sl_cut(rest, '/', &host, &folder);
	for (ssize_t at; (at = sl_chr(host, '@')) >= 0;) {
		user = sl_of(host.p, (size_t)at);
		host = sl_from(host, (size_t)at + 1);
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
			       (int)kind.n - 3, kind.p);
	*out = (struct object_path){ host, path_bare(folder.p ? folder : S("")) };
	if (scheme)
		*scheme = kind;
	return 0;
}

int path_resolve(const struct ports *ports, struct arena *a, struct slice path, struct object_path *out, struct error *err)
{
	const struct paths *mounts = &ports->paths;
	struct slice full = path_dbfs(path);
	if (!full.p)
		return path_s3(path, NULL, out, err);
	if (mounts->self && mounts->find(mounts->self, a, full, out))
		return 0;
	return err_set(err, ERR_NOT_FOUND, "[PATH_NOT_FOUND] Path does not exist: dbfs:%.*s.%s", SL(full),
		       mounts->self ? "" : " (databricks, which keeps the mounts, doesn't run here)");
}
