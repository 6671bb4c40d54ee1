#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sigv4.h"

/* Eight bytes of the hash of all names and contents, in hex. */
static void name_of(const struct embedded *files, char out[17])
{
	struct buf all = { 0 };
	uint8_t sum[32];
	for (const struct embedded *f = files; f->path; f++) {
		buf_addf(&all, "%s %zu\n", f->path, f->n);
		buf_add(&all, f->data, f->n);
	}
	hash_sha256(all.p, all.n, sum);
	for (size_t i = 0; i < 8; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
	buf_free(&all);
}

/* Makes the folders above a path. What can't be made is found when the file is written. */
static void make_above(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
}

/* Whole or not at all: it is renamed into its place, where another process may have put the same meanwhile. */
static int write_file(const char *path, const struct embedded *f, struct error *err)
{
	struct buf text = { 0 };
	embedded_add(f, &text);
	char *part = xasprintf("%s.%d", path, (int)getpid());
	make_above(part);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), rc = fd < 0;
	for (size_t at = 0; !rc && at < text.n;) {
		ssize_t n = write(fd, text.p + at, text.n - at);
		if (n > 0)
			at += (size_t)n;
		else if (n == 0 || errno != EINTR)
			rc = 1;
	}
	if (fd >= 0 && close(fd))
		rc = 1;
	if (rc || rename(part, path)) {
		rc = err_set(err, ERR_STORE, "%s: %m", path);
		(void)unlink(part);
	}
	free(part);
	buf_free(&text);
	return rc;
}

static int write_all(const struct embedded *files, const char *dir, struct error *err)
{
	struct stat st;
	int rc = 0;
	for (const struct embedded *f = files; !rc && f->path; f++) {
		char *path = xasprintf("%s/%s", dir, f->path);
		if (stat(path, &st) || (size_t)st.st_size != embedded_size(f))
			rc = write_file(path, f, err);
		free(path);
	}
	return rc;
}

/* A folder that others may write isn't trusted with programs. */
static bool is_own(const char *dir)
{
	struct stat st;
	return !lstat(dir, &st) && S_ISDIR(st.st_mode) && st.st_uid == getuid() && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static char *cache_folder(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	if (cache && *cache == '/')
		return xasprintf("%s/tarn", cache);
	return home && *home == '/' ? xasprintf("%s/.cache/tarn", home) : NULL;
}

int unpack(const struct embedded *files, const char *kind, char **path, struct error *err)
{
	const char *tmp = getenv("TMPDIR");
	char *folders[] = { cache_folder(), xasprintf("%s/tarn-%s-%d", tmp && *tmp ? tmp : "/tmp", kind, (int)getuid()) };
	char name[17];
	int rc = 1;
	name_of(files, name);
	err_set(err, ERR_STORE, "no folder to unpack files into");
	*path = NULL;
	for (size_t i = 0; rc && i < ARRAY_LEN(folders); i++) {
		char *dir = folders[i] ? xasprintf("%s/%s-%s/", folders[i], kind, name) : NULL;
		if (!dir)
			continue;
		make_above(dir);
		dir[strlen(dir) - 1] = '\0';
		if (!is_own(folders[i]) || !is_own(dir))
			rc = err_set(err, ERR_STORE, "%s: not a folder that only its user may write", dir);
		else
			rc = write_all(files, dir, err);
		*path = rc ? NULL : dir;
		if (rc)
			free(dir);
	}
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		free(folders[i]);
	return rc;
}
