/* Sessions: a connection for each statement that runs, which sees the tables as they are when the statement begins. What a
 * statement reads beside, sorts or groups lies in temporary files beyond a few megabytes. */
#include "lake/store_file.h"

struct lake_session *lake_session_new(struct lake_store *s)
{
	struct lake_session *x = s->idle;
	if (!x) {
		x = xcalloc(1, sizeof(*x));
		x->store = s;
		return x;
	}
	s->idle = x->next;
	s->idle_n--;
	return x;
}

int lake_session_failed(const struct lake_session *x, struct error *err)
{
	return err_set(err, ERR_STORE, "%s", x->h ? sqlite3_errmsg(x->h) : "no memory");
}

int lake_session_open(struct lake_session *x, struct error *err)
{
	static const char settings[] = "PRAGMA temp_store=FILE; PRAGMA cache_size=-4000; PRAGMA temp.cache_size=-4000";
	int rc;
	if (x->h)
		return 0;
	rc = sqlite3_open_v2(x->store->name, &x->h, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
	if (!rc)
		rc = sqlite3_busy_timeout(x->h, 5000);
	if (!rc)
		rc = sqlite3_exec(x->h, settings, NULL, NULL, NULL);
	if (!rc)
		rc = lake_functions_add(x);
	if (!rc)
		return 0;
	lake_session_failed(x, err);
	sqlite3_close(x->h);
	x->h = NULL;
	return err->kind;
}

void lake_session_stop(struct lake_session *x)
{
	x->stop = true; /* the progress handler looks: an interrupt would miss a statement that is only being prepared */
}

/* Temporary tables may be large: they go with the connection. */
static void close_work(void *arg)
{
	struct lake_session *x = arg;
	sqlite3_finalize(x->raw);
	sqlite3_close(x->h);
	free(x);
}

static void closed(void *arg)
{
}

void lake_session_free(struct lake_session *x, struct loop *loop)
{
	struct lake_store *s;
	if (!x)
		return;
	s = x->store;
	if (loop && x->h && !x->raw_n && s->idle_n < LAKE_SESSIONS_KEPT) {
		sqlite3_db_release_memory(x->h);
		x->stop = false;
		x->held = 0;
		x->next = s->idle;
		s->idle = x;
		s->idle_n++;
	} else if (loop && x->h) {
		(void)loop_job(loop, close_work, closed, x);
	} else {
		close_work(x);
	}
}
