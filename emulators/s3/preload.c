/* [s3] preload.NAME = DIR: a bucket that is there from the start with the files of a folder of this machine as its objects. It is made
 * and filled in one transaction when the state folder has no bucket of that name; one that is there stays as it is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "body.h"
#include "core/media.h"
#include "core/stack.h"

enum { READ_BYTES = 1 << 18, IN_MEMORY = 1 << 16, KEY_MAX = 1024, DEPTH_MAX = 64 };

struct filling {
	struct s3 *s;
	struct slice bucket;
	char *bytes; /* READ_BYTES */
	struct arena a;
};

static int fail_file(const char *path, const char *why, struct error *err)
{
	return err_set(err, ERR_INVALID, "[s3] preload: %s: %s", path, why);
}

/* All of an open file, as what s3_put takes. */
static int read_file(struct filling *f, int fd, const char *path, struct s3_work *w, struct error *err)
{
	ssize_t n;
	w->path = s3_file_temp(&f->s->store);
	w->sync = f->s->store.sync;
	while ((n = read(fd, f->bytes, READ_BYTES)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			s3_work_add(w, sl_of(f->bytes, (size_t)n));
	if (n < 0)
		return fail_file(path, strerror(errno), err);
	s3_work_end(w);
	if (!w->err.kind)
		return 0;
	*err = w->err;
	return err->kind;
}

static int put(struct filling *f, struct slice key, const char *path, struct s3_content *content, struct error *err)
{
	const char *type = media_type(key);
	struct s3_fail fail = { .arena = &f->a };
	struct s3_put in = { .bucket = f->bucket, .key = key, .class = S("STANDARD"), .content = content };
	struct s3_object o;
	in.cond = (struct s3_conditions){ .modified_since_ms = -1, .unmodified_since_ms = -1 };
	in.headers = arena_printf(&f->a, "content-type:%s\n", type ? type : "binary/octet-stream");
	return s3_put(f->s, &in, &o, &fail) ? fail_file(path, fail.err.text, err) : 0;
}

static int add_file(struct filling *f, struct slice key, const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct s3_content content = { 0 };
	struct s3_work w = { 0 };
	struct stat st;
	ssize_t n;
	if (fd < 0 || fstat(fd, &st))
		rc = fail_file(path, strerror(errno), err);
	else if (key.n > KEY_MAX)
		rc = fail_file(path, "a key has at most 1024 bytes", err);
	else if (!sl_is_utf8(key))
		rc = fail_file(path, "its name is no UTF-8", err);
	else if (st.st_size < IN_MEMORY && (n = read(fd, f->bytes, IN_MEMORY)) >= 0 && n < IN_MEMORY) {
		s3_content_of(sl_of(f->bytes, (size_t)n), S3_SUM_CRC64, S3_SUM_NONE, &content);
		rc = put(f, key, path, &content, err);
		s3_content_free(&content);
	} else if (lseek(fd, 0, SEEK_SET) == 0) {
		s3_work_begin(&w, S3_SUM_CRC64, S3_SUM_NONE);
		rc = read_file(f, fd, path, &w, err);
		rc = rc ? rc : put(f, key, path, &w.out, err);
		s3_work_free(&w);
	} else {
		rc = fail_file(path, strerror(errno), err);
	}
	if (fd >= 0)
		close(fd);
	arena_reset(&f->a);
	return rc;
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

/* below: of the folder, "" or "a/b/". Links to folders aren't followed. */
static int add_folder(struct filling *f, const char *folder, const char *below, int depth, struct error *err)
{
	char *dir = xasprintf("%s%s%s", folder, *below ? "/" : "", below);
	struct dirent **names = NULL;
	int n = depth < DEPTH_MAX ? scandir(dir, &names, not_dots, alphasort) : -1, rc = n < 0 ? fail_file(dir, strerror(errno), err) : 0;
	for (int i = 0; i < n; i++) {
		char *key = xasprintf("%s%s", below, names[i]->d_name), *path = xasprintf("%s/%s", folder, key), *in = xasprintf("%s/", key);
		struct stat at, of;
		if (rc == 0 && !lstat(path, &at) && S_ISDIR(at.st_mode))
			rc = add_folder(f, folder, in, depth + 1, err);
		else if (rc == 0 && !stat(path, &of) && S_ISREG(of.st_mode))
			rc = add_file(f, sl(key), path, err);
		free(key);
		free(path);
		free(in);
		free(names[i]);
	}
	free(names);
	free(dir);
	return rc;
}

/* A path that isn't absolute is the stack's, where it has such a folder, or else of where we were started. */
static char *folder_of(const struct env *env, const char *dir)
{
	const char *stack = env->files && *dir != '/' ? stack_name(env->files) : "";
	char *path = *stack == '/' ? xasprintf("%s/%s", stack, dir) : xstrdup(dir);
	struct stat st;
	if (*stack == '/' && (stat(path, &st) || !S_ISDIR(st.st_mode))) {
		free(path);
		path = xstrdup(dir);
	}
	return path;
}

static int fill(struct s3 *s, struct slice name, const char *dir, struct error *err)
{
	struct filling f = { .s = s, .bucket = name };
	struct s3_fail fail = { .arena = &f.a };
	struct s3_bucket b;
	int rc = s3_store_bucket(&s->store, &f.a, name, &b, err);
	char *bucket = arena_cstr(&f.a, name), *folder;
	const char *region = conf_get(s->env->conf, "buckets", bucket);
	if (rc != ERR_NOT_FOUND) {
		arena_free(&f.a);
		return rc;
	}
	folder = folder_of(s->env, dir);
	f.bytes = xmalloc(READ_BYTES);
	b = (struct s3_bucket){ .name = name, .region = sl(region && *region ? region : "us-east-1") };
	rc = s3_bucket_make(s, &b, &fail) ? err_set(err, ERR_INVALID, "[s3] preload.%s: %s", bucket, fail.err.text) : 0;
	rc = rc ? rc : add_folder(&f, folder, "", 0, err);
	rc = rc ? rc : s3_store_commit(&s->store, err);
	free(f.bytes);
	free(folder);
	arena_free(&f.a);
	return rc;
}

int s3_preload(struct s3 *s, struct error *err)
{
	const char *key, *dir;
	struct slice name;
	int rc = 0;
	for (size_t i = 0; rc == 0 && s->env->conf && conf_at(s->env->conf, "s3", i, &key, &dir); i++)
		if (sl_after(sl(key), S("preload."), &name))
			rc = fill(s, name, dir, err);
	return rc;
}
