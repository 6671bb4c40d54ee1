#include "shrink.h"

#include "db.h"
#include "owed.h"
#include "wal.h"

enum { LOOK_MS = 300, NEXT_MS = 10, PIECE_BYTES = 256 << 10, FREE_LEAST = 1 << 20, OLD_LEAST = 16 << 20, PARTS = 4 };

struct shrink {
	sqlite3 *h;
	struct loop *loop;
	struct wal *wal;
	struct owed *timer; /* NULL: nothing was committed since the last look */
	bool moved;
};

void shrink_old(sqlite3 *h)
{
	int64_t unused = db_number(h, "PRAGMA freelist_count"), pages = db_number(h, "PRAGMA page_count"), page = db_number(h, "PRAGMA page_size");
	if (db_number(h, "PRAGMA auto_vacuum") == 0 && unused * 2 > pages && unused * page >= OLD_LEAST)
		(void)sqlite3_exec(h, "PRAGMA auto_vacuum=INCREMENTAL; VACUUM", NULL, NULL, NULL); /* it stays as it is else */
}

struct shrink *shrink_watch(sqlite3 *h, struct loop *l, struct wal *w)
{
	struct shrink *s = xcalloc(1, sizeof(*s));
	s->h = h;
	s->loop = l;
	s->wal = w;
	return s;
}

/* One piece; false: there is nothing more to give back. A transaction under way, here or of another connection, goes first. */
static bool give_back(struct shrink *s)
{
	int64_t unused = db_number(s->h, "PRAGMA freelist_count"), pages = db_number(s->h, "PRAGMA page_count"), page = db_number(s->h, "PRAGMA page_size");
	char sql[64];
	if (unused * page < FREE_LEAST || unused * PARTS < pages)
		return false;
	if (!sqlite3_get_autocommit(s->h))
		return true;
	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%lld)", (long long)(PIECE_BYTES / page));
	(void)sqlite3_busy_timeout(s->h, 0);
	int rc = sqlite3_exec(s->h, sql, NULL, NULL, NULL);
	(void)sqlite3_busy_timeout(s->h, 5000);
	s->moved |= rc == SQLITE_OK;
	/* An older file gives nothing back. */
	return rc == SQLITE_BUSY || (rc == SQLITE_OK && db_number(s->h, "PRAGMA freelist_count") < unused);
}

static void on_time(void *arg)
{
	struct shrink *s = arg;
	s->timer = NULL;
	if (give_back(s))
		owed_keep(&s->timer, owed_after(s->loop, NEXT_MS, on_time, s));
	else if (s->moved)
		wal_copy(s->wal); /* the file is as long as its last copy says */
	if (!s->timer)
		s->moved = false;
}

void shrink_look(struct shrink *s)
{
	if (s && !s->timer)
		owed_keep(&s->timer, owed_after(s->loop, LOOK_MS, on_time, s));
}

void shrink_free(struct shrink *s)
{
	if (!s)
		return;
	owed_cancel(s->timer);
	free(s);
}
