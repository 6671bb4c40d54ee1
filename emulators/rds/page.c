/* SELECT * FROM t LIMIT n, 1 costs the same for every n: every so many rows the rowid is known, so SQLite begins near.
 *
 * A job looks through the table for them. What it finds holds for every snapshot that isn't older than the last change which was
 * more than rows added at the end: rds.commits counts the changes. */
#include "rds/link.h"

enum { STRIDE = 64, MARKS_MAX = 16384 };

struct marks {
	int64_t *at; /* rowids of rows 0, stride, 2 * stride ... */
	size_t n, cap;
	int64_t stride;
};
struct rds_pages { /* of a table */
	struct rds_pages *next;
	char *name;
	struct marks marks;
	uint64_t gap_at;    /* the commit of that last change */
	uint64_t looked_at; /* when marks was made */
	bool known, looking;
};

/* ---- looking ---- */

struct look {
	struct rds *r; /* of done only */
	struct rds_pages *p;
	struct rds_link *link;
	char *sql;
	struct marks marks;
	uint64_t commits;
	int rc;
};

static void mark(struct marks *m, int64_t row, int64_t rowid)
{
	if (row % m->stride)
		return;
	if (m->n == MARKS_MAX) { /* half as many, twice as far apart */
		m->n /= 2;
		m->stride *= 2;
		for (size_t i = 1; i < m->n; i++)
			m->at[i] = m->at[2 * i];
		if (row % m->stride)
			return;
	}
	GROW(m->at, m->n, m->cap);
	m->at[m->n++] = rowid;
}

static void look_work(void *arg)
{
	struct look *l = arg;
	sqlite3_stmt *st = NULL;
	l->rc = rds_link_open(l->link);
	if (!l->rc)
		l->rc = sqlite3_prepare_v2(l->link->h, l->sql, -1, &st, NULL);
	for (int64_t row = 0; !l->rc && (l->rc = sqlite3_step(st)) == SQLITE_ROW; row++) {
		mark(&l->marks, row, sqlite3_column_int64(st, 0));
		l->rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
}

static void look_drop(void *arg)
{
	struct look *l = arg;
	rds_link_free(l->link);
	free(l->marks.at);
	free(l->sql);
	free(l);
}

static void look_done(void *arg)
{
	struct look *l = arg;
	struct rds_pages *p = l->p;
	p->looking = false;
	if (l->rc == SQLITE_DONE && p->gap_at <= l->commits && l->marks.n) {
		free(p->marks.at);
		p->marks = l->marks;
		p->known = true;
		p->looked_at = l->commits;
		l->marks = (struct marks){ 0 };
	}
	rds_link_give(l->r, l->link);
	l->link = NULL;
	look_drop(l);
}

static void look_stop(void *arg)
{
	struct look *l = arg;
	l->link->stop = true;
}

static void look(struct rds *r, struct rds_pages *p)
{
	static const struct job_kind kind = { look_work, look_done, look_stop, look_drop };
	struct look *l = xcalloc(1, sizeof(*l));
	rds_tick_commit(r);
	l->r = r;
	l->p = p;
	l->link = rds_link_take(r);
	rds_link_clear(l->link);
	l->sql = xasprintf("SELECT rowid FROM \"%s\" NOT INDEXED", p->name);
	l->commits = r->commits;
	l->marks.stride = STRIDE;
	p->looking = true;
	owed_keep(&r->looks, loop_long_job(r->env->loop, &kind, l));
}

/* ---- the tables ---- */

static struct rds_pages *pages_of(struct rds *r, const char *name)
{
	struct rds_pages *p = r->pages;
	while (p && strcmp(p->name, name))
		p = p->next;
	if (p)
		return p;
	p = xcalloc(1, sizeof(*p));
	p->name = xstrdup(name);
	p->gap_at = r->commits;
	p->next = r->pages;
	r->pages = p;
	return p;
}

/* Its keys are the user's to choose: a new row may come anywhere. */
static bool has_own_keys(const struct rds *r, const char *name)
{
	const struct rds_table *t = rds_table_find(r, sl(name));
	for (size_t i = 0; t && i < t->field_n; i++)
		if (t->fields[i].primary)
			return true;
	return false;
}

void rds_pages_changed(struct rds *r, const struct rds_names *tables, bool gaps)
{
	r->commits++;
	for (struct rds_pages *p = r->pages; p; p = p->next) {
		if ((tables && !rds_names_has(tables, p->name)) || (tables && !gaps && !has_own_keys(r, p->name)))
			continue;
		p->gap_at = r->commits;
		p->known = false;
	}
}

void rds_pages_before(struct rds *r)
{
	r->writing++;
}

void rds_pages_after(struct rds *r, const struct rds_names *tables, bool gaps)
{
	r->writing--;
	rds_pages_changed(r, tables, gaps);
}

void rds_pages_close(struct rds *r)
{
	owed_cancel_all(&r->looks);
	while (r->pages) {
		struct rds_pages *p = r->pages;
		r->pages = p->next;
		free(p->name);
		free(p->marks.at);
		free(p);
	}
}

/* ---- the statement ---- */

struct page {
	const struct rds_table *table;
	int64_t skip, count;
};

static bool is_page(const struct rds_session *s, const struct tok *t, size_t n, struct page *p)
{
	size_t at = 4;
	int64_t a, b = 0;
	if (n < 6 || n > 10 || !tok_is(&t[0], "SELECT") || !tok_is(&t[1], "*") || !tok_is(&t[2], "FROM"))
		return false;
	if (n > at + 1 && tok_is(&t[at], ".")) {
		if (!sl_eqs(t[3].value, s->r->database))
			return false;
		at += 2;
	}
	const struct tok *name = &t[at - 1];
	if ((name->kind != TOK_WORD && name->kind != TOK_QUOTED) || !(p->table = rds_session_table(s, name->value)))
		return false;
	if (at + 1 >= n || !tok_is(&t[at], "LIMIT") || !sl_int(t[at + 1].text, 0, INT32_MAX, &a))
		return false;
	if (at + 2 == n) {
		p->skip = 0;
		p->count = a;
		return true;
	}
	if (at + 4 != n || !sl_int(t[at + 3].text, 0, INT32_MAX, &b))
		return false;
	bool comma = tok_is(&t[at + 2], ",");
	if (!comma && !tok_is(&t[at + 2], "OFFSET"))
		return false;
	p->skip = comma ? a : b;
	p->count = comma ? b : a;
	return true;
}

bool rds_page(struct rds_session *s, const struct tok *t, size_t n, struct buf *out, struct rds_read *read)
{
	struct rds *r = s->r;
	struct page page;
	const struct rds_link *k = s->old ? s->old : s->link;
	if (!is_page(s, t, n, &page))
		return false;
	struct rds_pages *p = pages_of(r, page.table->name);
	int64_t from = INT64_MIN, rest = page.skip;
	bool wrote = s->link && rds_names_has(&s->link->written, p->name);
	uint64_t snapshot = k && k->open ? k->snapshot : r->commits;
	if (rest >= STRIDE && !p->known && !p->looking && !r->writing)
		look(r, p);
	if (rest >= STRIDE && p->known && !r->writing && !wrote && p->gap_at <= snapshot) {
		size_t i = (size_t)(rest / p->marks.stride);
		i = i < p->marks.n ? i : p->marks.n - 1;
		from = p->marks.at[i];
		rest -= (int64_t)i * p->marks.stride;
		if (rest > 16 * p->marks.stride && p->looked_at != r->commits && !p->looking)
			look(r, p); /* many came at the end */
	}
	buf_addf(out, "SELECT * FROM \"%s\" WHERE rowid >= ?1 LIMIT ?2 OFFSET ?3", p->name);
	*read = (struct rds_read){ .plain = true, .kept = true, .bind = { from, page.count, rest } };
	return true;
}
