#include "stack/reset.h"

#include "core/park.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOVING "reset-moving"
#define GONE "reset-gone"

#define FILES "files" /* in MOVING: names of databases, one a line; not there: all of the state */

/* Whose it is: databases with their logs, the objects of S3, what was adopted. The rest of the folder is the process's own (lock, log, addresses),
 * its authority, its clock. */
static bool is_state(const char *name)
{
	const char *db = strstr(name, ".db");
	return !strcmp(name, "s3") || !strcmp(name, "adopted") || (db && (!db[3] || db[3] == '-'));
}

/* "kafka.db-wal" is of kafka.db. */
static bool is_of(const char *file, const char *of)
{
	size_t n = strlen(of);
	return !strncmp(file, of, n) && (!file[n] || (file[n] == '-' && strstr(of, ".db")));
}

static bool is_open(const char *file)
{
	const char *name, *owner;
	bool open;
	for (size_t i = 0; (name = park_at(i, &owner, &open)); i++)
		if (open && is_of(file, name))
			return true;
	return false;
}

/* Of files ("kafka.db\ns3\n"); absent: any. */
static bool is_named(const char *file, struct slice files)
{
	struct slice line, rest = files;
	bool named = !files.p;
	while (!named && rest.p && rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		char *of = xstrndup(line.p, line.n);
		named = *of && is_of(file, of);
		free(of);
	}
	return named;
}

/* Where one that was interrupted had been there already, it goes beside what that one moved. */
static int move_one(const char *dir, const char *to, const char *name, struct error *err)
{
	char *from = xasprintf("%s/%s", dir, name), *there = xasprintf("%s/%s", to, name);
	struct stat st;
	bool was_empty = !rmdir(from); /* S3's folder, of small objects only */
	for (int n = 1; !was_empty && !lstat(there, &st) && n < 1000; n++) {
		free(there);
		there = xasprintf("%s/%s.%d", to, name, n);
	}
	int rc = !was_empty && rename(from, there) ? err_set(err, ERR_STORE, "%s: %s", from, strerror(errno)) : 0;
	free(from);
	free(there);
	return rc;
}

/* What is parked is open and empty, and stays. */
static int move_all(const char *dir, const char *to, struct slice files, struct error *err)
{
	DIR *d = opendir(dir);
	int rc = d ? 0 : err_set(err, ERR_STORE, "%s: %s", dir, strerror(errno));
	for (struct dirent *e; !rc && (e = readdir(d));)
		if (is_state(e->d_name) && is_named(e->d_name, files) && !is_open(e->d_name))
			rc = move_one(dir, to, e->d_name, err);
	if (d)
		closedir(d);
	return rc;
}

/* The databases of those services, and what S3 has beside its own. */
static void names_of(bool (*owned)(void *arg, const char *owner), void *arg, struct buf *out)
{
	const char *name, *owner;
	bool open;
	for (size_t i = 0; (name = park_at(i, &owner, &open)); i++)
		if (owned(arg, owner))
			buf_addf(out, "%s\n", name);
	if (owned(arg, "s3"))
		buf_adds(out, "s3\n");
}

/* MOVING comes to be with the names in it. */
static int mark(const char *dir, const char *moving, struct slice files, struct error *err)
{
	if (!files.p && !mkdir(moving, 0777))
		return 0;
	char *made = xasprintf("%s/reset-made", dir), *list = xasprintf("%s/" FILES, made);
	int rc = mkdir(made, 0777) && errno != EEXIST ? err_set(err, ERR_STORE, "%s: %s", made, strerror(errno)) : 0;
	FILE *f = rc || !files.p ? NULL : fopen(list, "we");
	if (!rc && files.p && (!f || fwrite(files.p, 1, files.n, f) != files.n))
		rc = err_set(err, ERR_STORE, "%s: %s", list, strerror(errno));
	if (f && fclose(f) && !rc)
		rc = err_set(err, ERR_STORE, "%s: %s", list, strerror(errno));
	if (!rc && !files.p)
		(void)unlink(list);
	if (!rc && rename(made, moving))
		rc = err_set(err, ERR_STORE, "%s: %s", moving, strerror(errno));
	free(list);
	free(made);
	return rc;
}

int reset_begin(const char *dir, bool (*owned)(void *arg, const char *owner), void *arg, struct error *err)
{
	struct buf files = { 0 };
	char *moving = xasprintf("%s/" MOVING, dir ? dir : "");
	int rc = 0;
	if (owned)
		names_of(owned, arg, &files);
	struct slice named = owned ? sl_of(files.p ? files.p : "", files.n) : sl(NULL);
	if (dir)
		rc = mark(dir, moving, named, err);
	if (!rc)
		park_empty(owned, arg);
	if (!rc && dir)
		rc = move_all(dir, moving, named, err);
	free(moving);
	buf_free(&files);
	return rc;
}

/* The last step: from here on they are gone, whatever comes. */
int reset_let_go(const char *dir, const char *moving, struct error *err)
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

int reset_end(const char *dir, bool *left, struct error *err)
{
	*left = false;
	if (!dir)
		return 0;
	char *moving = xasprintf("%s/" MOVING, dir);
	int rc = 0;
	if (rmdir(moving)) {
		rc = reset_let_go(dir, moving, err);
		*left = !rc;
	}
	free(moving);
	return rc;
}

/* False: there are none, all is meant. */
static bool read_names(const char *moving, struct buf *out)
{
	char piece[4096], *path = xasprintf("%s/" FILES, moving);
	FILE *f = fopen(path, "re");
	size_t n;
	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	if (f)
		fclose(f);
	free(path);
	return f != NULL;
}

/* No database is open: files of all that were to be emptied are moved, whether or not they had been. */
int reset_recover(const char *dir, struct error *err)
{
	struct stat st;
	struct buf files = { 0 };
	if (!dir)
		return 0;
	char *moving = xasprintf("%s/" MOVING, dir);
	int rc = 0;
	if (!stat(moving, &st)) {
		bool some = read_names(moving, &files);
		rc = move_all(dir, moving, some ? sl_of(files.p ? files.p : "", files.n) : sl(NULL), err);
		if (!rc)
			rc = reset_let_go(dir, moving, err);
	}
	buf_free(&files);
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

static const char name[] = "the deletion of what a reset left";

bool reset_sweeps(const struct loop_work *w)
{
	struct buf says = { 0 };
	w->say(w, &says);
	bool is = sl_eqs(buf_slice(&says), name);
	buf_free(&says);
	return is;
}

void reset_sweep(struct loop *loop, const char *dir)
{
	static const struct job_kind kind = { .work = work, .done = drop, .stop = stop, .drop = drop, .name = name };
	if (!dir)
		return;
	struct sweep *s = xcalloc(1, sizeof(*s));
	s->dir = xstrdup(dir);
	(void)loop_long_job(loop, &kind, s);
}
