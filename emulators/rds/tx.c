/* Transactions. One has a link from its first statement on; what it reads is what stood there then, until it ends.
 *
 * A transaction that has read and then writes goes on from what it read if nobody wrote since. If somebody did, InnoDB writes to the
 * newest rows all the same, and so do we: on a second link, which it reads from then on where it has written; elsewhere it goes on
 * reading the old one. Only SERIALIZABLE can't go on: 1213, as its reads would have locked what the other wrote. */
#include "rds/link.h"

struct savepoint {
	struct savepoint *next; /* older */
	char *name;
	unsigned id; /* SQLite's is "sp<id>": a name used again hides the older one there, in MySQL it takes it away */
};

uint16_t rds_status(const struct rds_session *s)
{
	return (uint16_t)((s->autocommit ? STATUS_AUTOCOMMIT : 0) | (s->in_tx ? STATUS_IN_TRANS : 0) | (s->more ? STATUS_MORE : 0));
}

static void forget_from(struct rds_session *s, struct savepoint **at)
{
	struct savepoint *last = *at;
	while (s->savepoints != last) {
		struct savepoint *p = s->savepoints;
		s->savepoints = p->next;
		free(p->name);
		free(p);
	}
}

static void forget_savepoints(struct rds_session *s)
{
	struct savepoint *none = NULL;
	forget_from(s, &none);
	s->savepoint_n = 0;
}

void rds_savepoints_sql(const struct rds_session *s, struct buf *out)
{
	unsigned from = 0;
	for (;;) {
		const struct savepoint *next = NULL;
		for (const struct savepoint *p = s->savepoints; p && p->id > from; p = p->next)
			next = p;
		if (!next)
			return;
		buf_addf(out, "; SAVEPOINT sp%u", next->id);
		from = next->id;
	}
}

/* It is over, whichever way: its links are free, the next may write. */
static void ended(struct rds_session *s)
{
	s->in_tx = s->read_only = false;
	forget_savepoints(s);
	if (s->old && s->old->h)
		(void)rds_link_exec(s->old, "COMMIT"); /* of a snapshot that was only read */
	rds_link_give(s->r, s->old);
	rds_link_give(s->r, s->link);
	s->link = s->old = NULL;
	rds_unlock(s->r, &s->owns);
}

int rds_end(struct rds_session *s, bool commit, bool again, struct error *err)
{
	if (!s->link || !s->link->open || !s->owns) { /* nothing was written */
		if (s->link && s->link->open)
			(void)rds_link_exec(s->link, "COMMIT");
		ended(s);
		return 0;
	}
	return rds_script(s, commit ? "COMMIT" : "ROLLBACK", true, again, err);
}

void rds_tx_drop(struct rds_session *s)
{
	if (s->link && s->link->open && s->link->h)
		(void)rds_link_exec(s->link, "ROLLBACK");
	ended(s);
}

int rds_begin(struct rds_session *s, const struct tok *t, size_t n, struct slice sql, struct error *err)
{
	size_t i = tok_is(t, "BEGIN") ? 1 : 2;
	bool snapshot = false, read_only = false;
	int rc;
	if (i == 1 && i < n && tok_is(&t[i], "WORK"))
		i++;
	while (i < n && tok_is(t, "START")) {
		if (i + 2 < n && tok_is(&t[i], "WITH") && tok_is(&t[i + 1], "CONSISTENT") && tok_is(&t[i + 2], "SNAPSHOT")) {
			snapshot = true;
			i += 3;
		} else if (i + 1 < n && tok_is(&t[i], "READ") && (tok_is(&t[i + 1], "ONLY") || tok_is(&t[i + 1], "WRITE"))) {
			read_only = tok_is(&t[i + 1], "ONLY");
			i += 2;
		} else {
			break;
		}
		if (i < n && !tok_is(&t[i], ","))
			break;
		i += i < n;
	}
	if (i < n)
		return rds_syntax(sql, &t[i], err);
	if (s->in_tx && (rc = rds_end(s, true, true, err))) /* what was begun is committed first; then we come here again */
		return rc;
	ended(s);
	s->in_tx = true;
	s->read_only = read_only;
	if (snapshot && s->vars.isolation >= REPEATABLE_READ)
		return rds_script(s, "SELECT 1 FROM sqlite_schema", false, false, err);
	rds_ok(s, 0, 0);
	return 0;
}

static int no_savepoint(struct slice name, struct error *err)
{
	return err_fail(err, &rds_errors[RDS_E_FUNCTION], "SAVEPOINT %.*s does not exist", SL(name));
}

static struct savepoint **find(struct rds_session *s, struct slice name)
{
	for (struct savepoint **at = &s->savepoints; *at; at = &(*at)->next)
		if (sl_eq_nocase(name, sl((*at)->name)))
			return at;
	return NULL;
}

static int savepoint(struct rds_session *s, struct slice name, struct error *err)
{
	char text[64];
	struct savepoint **same = find(s, name);
	if (!s->in_tx && s->autocommit) {
		rds_ok(s, 0, 0); /* a transaction of its own, which is over */
		return 0;
	}
	if (same) {
		struct savepoint *gone = *same;
		*same = gone->next;
		free(gone->name);
		free(gone);
	}
	struct savepoint *p = xcalloc(1, sizeof(*p));
	p->name = xstrndup(name.p, name.n);
	p->id = ++s->savepoint_n;
	p->next = s->savepoints;
	s->savepoints = p;
	s->in_tx = true;
	snprintf(text, sizeof(text), "SAVEPOINT sp%u", p->id);
	return rds_script(s, text, false, false, err);
}

static int back_to(struct rds_session *s, struct slice name, bool release, struct error *err)
{
	char text[64];
	struct savepoint **at = find(s, name);
	if (!at)
		return no_savepoint(name, err);
	snprintf(text, sizeof(text), "%s sp%u", release ? "RELEASE" : "ROLLBACK TO", (*at)->id);
	forget_from(s, release ? &(*at)->next : at);
	return rds_script(s, text, false, false, err);
}

int rds_tx_statement(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	size_t i = 1;
	int rc;
	if (tok_is(t, "SAVEPOINT"))
		return n == 2 && tok_is_name(&t[1]) ? savepoint(s, t[1].value, err) : rds_syntax(sql, &t[n > 2 ? 2 : n], err);
	if (tok_is(t, "RELEASE"))
		return n == 3 && tok_is(&t[1], "SAVEPOINT") && tok_is_name(&t[2]) ? back_to(s, t[2].value, true, err)
									      : rds_syntax(sql, &t[n > 1 ? 1 : n], err);
	if (i < n && tok_is(&t[i], "WORK"))
		i++;
	if (tok_is(t, "ROLLBACK") && i < n && tok_is(&t[i], "TO")) {
		i++;
		if (i < n && tok_is(&t[i], "SAVEPOINT"))
			i++;
		return i + 1 == n && tok_is_name(&t[i]) ? back_to(s, t[i].value, false, err) : rds_syntax(sql, &t[i < n ? i : n], err);
	}
	while (i < n && (tok_is(&t[i], "AND") || tok_is(&t[i], "NO") || tok_is(&t[i], "CHAIN") || tok_is(&t[i], "RELEASE"))) {
		if (!tok_is(&t[i - 1], "NO") && (tok_is(&t[i], "CHAIN") || tok_is(&t[i], "RELEASE")))
			return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED], "This version of MySQL doesn't yet support '%.*s %.*s'",
					SL(t[0].text), SL(t[i].text));
		i++;
	}
	if (i < n)
		return rds_syntax(sql, &t[i], err);
	if ((rc = rds_end(s, tok_is(t, "COMMIT"), false, err)))
		return rc;
	rds_ok(s, 0, 0);
	return 0;
}
