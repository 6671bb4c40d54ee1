#include "stack/reset.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOVING "reset-moving"
#define GONE "reset-gone"

/* Whose it is: databases with their logs, the objects of S3, what was adopted. The rest of the folder is the process's own (lock, log, addresses),
 * its authority, its clock. */
static bool is_state(const char *name)
{
	const char *db = strstr(name, ".db");
	return !strcmp(name, "s3") || !strcmp(name, "adopted") || (db && (!db[3] || db[3] == '-'));
}

static int move_all(const char *dir, const char *to, struct error *err)
{
	DIR *d = opendir(dir);
	int rc = d ? 0 : err_set(err, ERR_STORE, "%s: %s", dir, strerror(errno));
	for (struct dirent *e; !rc && (e = readdir(d));) {
		if (!is_state(e->d_name))
			continue;
		char *from = xasprintf("%s/%s", dir, e->d_name), *there = xasprintf("%s/%s", to, e->d_name);
		if (rename(from, there))
			rc = err_set(err, ERR_STORE, "%s: %s", from, strerror(errno));
		free(from);
		free(there);
	}
	if (d)
		closedir(d);
	return rc;
}

/* The last step: from here on they are gone, whatever comes. */
static int let_go(const char *dir, const char *moving, struct error *err)
{
	for (int n = 0; n < 1000; n++) {
		char *gone = xasprintf("%s/" GONE ".%d", dir, n);
		struct stat st;
		bool is_free = stat(gone, &st) != 0, moved = is_free && !rename(moving, gone);
		free(gone);
		if (moved)
			return 0;
		if (is_free)
			break;
	}
	return err_set(err, ERR_STORE, "%s: %s", moving, strerror(errno));
}

int reset_stash(const char *dir, struct error *err)
{
	if (!dir)
		return 0;
	char *moving = xasprintf("%s/" MOVING, dir);
	int rc = mkdir(moving, 0777) && errno != EEXIST ? err_set(err, ERR_STORE, "%s: %s", moving, strerror(errno)) : move_all(dir, moving, err);
	if (!rc)
		rc = let_go(dir, moving, err);
	free(moving);
	return rc;
}

int reset_recover(const char *dir, struct error *err)
{
	struct stat st;
	if (!dir)
		return 0;
	char *moving = xasprintf("%s/" MOVING, dir);
	int rc = stat(moving, &st) ? 0 : reset_stash(dir, err);
	free(moving);
	return rc;
}

/* ---- away with it ---- */

struct sweep {
	char *dir;
	atomic_bool stop;
};

static void delete_tree(struct sweep *s, const char *path)
{
	DIR *d = opendir(path);
	for (struct dirent *e; d && !atomic_load(&s->stop) && (e = readdir(d));) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		char *below = xasprintf("%s/%s", path, e->d_name);
		if (unlink(below))
			delete_tree(s, below);
		free(below);
	}
	if (d)
		closedir(d);
	(void)rmdir(path);
}

static void work(void *arg)
{
	struct sweep *s = arg;
	DIR *d = opendir(s->dir);
	for (struct dirent *e; d && !atomic_load(&s->stop) && (e = readdir(d));) {
		if (strncmp(e->d_name, GONE, strlen(GONE)) != 0)
			continue;
		char *path = xasprintf("%s/%s", s->dir, e->d_name);
		delete_tree(s, path);
		free(path);
	}
	if (d)
		closedir(d);
}

static void drop(void *arg)
{
	struct sweep *s = arg;
	free(s->dir);
	free(s);
}

/* What is left then goes when the folder is opened again. */
static void stop(void *arg)
{
	atomic_store(&((struct sweep *)arg)->stop, true);
}

void reset_sweep(struct loop *loop, const char *dir)
{
	static const struct job_kind kind = { .work = work, .done = drop, .stop = stop, .drop = drop, .name = "the deletion of what a reset left" };
	if (!dir)
		return;
	struct sweep *s = xcalloc(1, sizeof(*s));
	s->dir = xstrdup(dir);
	(void)loop_long_job(loop, &kind, s);
}
