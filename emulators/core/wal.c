#include "wal.h"

#include "owed.h"

struct wal {
	sqlite3 *h;
	struct loop *loop;
	char *path, *pragma;
	int often, most;   /* in pages */
	int pages, copied; /* of the WAL as it is now */
	bool again;        /* the job is a long WAL's second one */
	bool finish;       /* the next commit copies the rest */
	struct owed *job;
	int rc, job_copied; /* of the job */
};

/* What a reader still needs is left for the next time, and is no failure. */
static void copy_work(void *arg)
{
	struct wal *w = arg;
	sqlite3 *h = NULL;
	int all;
	w->rc = sqlite3_open_v2(w->path, &h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (!w->rc)
		w->rc = sqlite3_exec(h, w->pragma, NULL, NULL, NULL);
	if (!w->rc)
		w->rc = sqlite3_wal_checkpoint_v2(h, NULL, SQLITE_CHECKPOINT_PASSIVE, &all, &w->job_copied);
	sqlite3_close_v2(h);
}

static void copy_done(void *arg);

static void copy(struct wal *w)
{
	owed_keep(&w->job, loop_job(w->loop, copy_work, copy_done, w));
}

/* After a failure (a full disk) it is tried again when as much has come again. Of a long WAL the second job copies what came
 * during the first, so that little is left to the commit. */
static void copy_done(void *arg)
{
	struct wal *w = arg;
	bool is_long = !w->rc && w->pages >= w->most;
	w->job = NULL;
	w->copied = w->rc ? w->pages : w->job_copied;
	w->finish = is_long && w->again;
	w->again = is_long && !w->again;
	if (w->again)
		copy(w);
}

void wal_grew(struct wal *w, int pages)
{
	if (pages < w->pages)
		w->copied = 0;
	w->pages = pages;
	if (!w->job && pages - w->copied >= w->often)
		copy(w);
}

void wal_copy(struct wal *w)
{
	if (!w->job)
		copy(w);
}

static int on_commit(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct wal *w = arg;
	if (w->finish) {
		(void)sqlite3_wal_checkpoint_v2(h, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &w->copied);
		w->finish = false;
	}
	wal_grew(w, pages);
	return SQLITE_OK;
}

struct wal *wal_watch(sqlite3 *h, struct loop *l, const char *path, int page, const char *pragma)
{
	struct wal *w = xcalloc(1, sizeof(*w));
	w->h = h;
	w->loop = l;
	w->path = xstrdup(path);
	w->pragma = xstrdup(pragma);
	w->often = WAL_BYTES / page;
	w->most = WAL_MOST / page;
	sqlite3_wal_hook(h, on_commit, w);
	return w;
}

void wal_free(struct wal *w)
{
	if (!w)
		return;
	owed_cancel(w->job);
	sqlite3_wal_hook(w->h, NULL, NULL);
	free(w->path);
	free(w->pragma);
	free(w);
}
