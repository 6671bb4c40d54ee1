/* Facts in lake.db: the table tarn_fact, and the SQL functions over them. See fact.h.
 *   fact_groups(k1, k2, measure)   k1, k2, n, most, middle     the last one or two may be left out
 *   fact_leaders(k1)               k1, follower_count, post    post: rowid of pin */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lake/fact.h"

enum { CHUNK = 1 << 16 }; /* rows in a value of tarn_fact */

struct fact_store {
	struct fact writing, reading;
	bool begun[LAKE_SET_N];
	bool loaded, whole; /* reading is what the table has; of all tables */
	sqlite3_stmt *insert;
};

static sqlite3 *reading(const struct lake_store *s)
{
	return s->read ? s->read : s->db.h;
}

void fact_store_close(struct lake_store *s)
{
	if (!s->facts)
		return;
	sqlite3_finalize(s->facts->insert);
	fact_free(&s->facts->writing);
	fact_free(&s->facts->reading);
	free(s->facts);
	s->facts = NULL;
}

/* ---- writing ---- */

static int add(struct lake_store *s, enum lake_set set, struct slice name, struct slice data, struct error *err)
{
	sqlite3_stmt *st = s->facts->insert;
	db_bind(st, 1, sl(lake_tables[set].name));
	db_bind(st, 2, name);
	sqlite3_bind_blob64(st, 3, data.n ? data.p : "", data.n, SQLITE_STATIC);
	return db_run(&s->db, st, err);
}

static int forget(struct lake_store *s, enum lake_set set, struct error *err)
{
	struct buf sql = { 0 };
	buf_addf(&sql, "DELETE FROM tarn_fact WHERE dataset = '%s'", lake_tables[set].name);
	int r = db_exec(&s->db, buf_cstr(&sql), err);
	buf_free(&sql);
	return r;
}

int fact_store_begin(struct lake_store *s, enum lake_set set, struct error *err)
{
	struct fact_store *f = s->facts;
	int r = db_exec(&s->db, "CREATE TABLE IF NOT EXISTS tarn_fact(dataset TEXT NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL) STRICT", err);
	if (!r && !f->insert)
		r = db_prepare(&s->db, "INSERT INTO tarn_fact VALUES(?,?,?)", &f->insert, err);
	if (!r)
		r = forget(s, set, err);
	fact_clear(&f->writing, set);
	fact_free(&f->reading);
	f->reading = (struct fact){ 0 };
	f->loaded = false;
	f->begun[set] = true;
	return r;
}

static int flush(struct lake_store *s, enum lake_set set, struct error *err)
{
	int r = 0;
	for (int c = 0; !r && c < FACT_N; c++) {
		struct fact_values *v = &s->facts->writing.columns[c];
		if (fact_sources[c].set != set || !v->n)
			continue;
		r = add(s, set, sl(fact_sources[c].name), sl_of(v->v, v->n * sizeof(*v->v)), err);
		v->n = 0;
	}
	return r;
}

int fact_store_row(struct lake_store *s, enum lake_set set, const struct lake_value *v, struct error *err)
{
	static const enum fact_column ind[] = { [LAKE_PIN] = FACT_PIN_IND, [LAKE_GEO] = FACT_GEO_IND, [LAKE_USERS] = FACT_USERS_IND };
	struct fact *f = &s->facts->writing;
	fact_add(f, set, v);
	return f->columns[ind[set]].n < CHUNK ? 0 : flush(s, set, err);
}

static int finish(struct lake_store *s, enum lake_set set, struct error *err)
{
	struct fact *f = &s->facts->writing;
	if (f->none[set])
		return forget(s, set, err);
	int r = flush(s, set, err);
	for (int c = 0; !r && c < FACT_N; c++)
		for (size_t i = 0; !r && fact_sources[c].set == set && i < f->words[c].n; i++) {
			char name[64];
			int n = snprintf(name, sizeof(name), "word:%s", fact_sources[c].name);
			r = add(s, set, sl_of(name, (size_t)n), f->words[c].v[i], err);
		}
	return r ? r : add(s, set, S("whole"), S(""), err);
}

int fact_store_finish(struct lake_store *s, struct error *err)
{
	int r = 0;
	for (int set = 0; !r && set < LAKE_SET_N; set++)
		if (s->facts->begun[set])
			r = finish(s, (enum lake_set)set, err);
	fact_store_cancel(s);
	return r;
}

void fact_store_cancel(struct lake_store *s)
{
	if (!s->facts)
		return;
	fact_free(&s->facts->writing);
	s->facts->writing = (struct fact){ 0 };
	memset(s->facts->begun, 0, sizeof(s->facts->begun));
}

/* ---- reading ---- */

static void take_column(struct fact_values *to, struct slice data)
{
	size_t n = data.n / sizeof(*to->v);
	if (to->n + n > to->cap) {
		to->cap = to->n + n + to->n / 2;
		to->v = xrealloc(to->v, to->cap * sizeof(*to->v));
	}
	if (n)
		memcpy(to->v + to->n, data.p, n * sizeof(*to->v));
	to->n += n;
}

/* False: not as it was written. */
static bool take(struct fact *f, struct slice name, struct slice data, size_t *whole)
{
	const struct slice word = S("word:");
	bool words = sl_starts(name, word);
	if (sl_eqs(name, "whole")) {
		++*whole;
		return true;
	}
	int c = fact_column(words ? sl_of(name.p + word.n, name.n - word.n) : name);
	if (c < 0 || c >= FACT_N || (words && !fact_sources[c].words))
		return false;
	if (words)
		return fact_word(f, (enum fact_column)c, data) != FACT_NULL;
	take_column(&f->columns[c], data);
	return true;
}

/* Columns of a table have the same length, and codes are of words that are there. */
static bool sound(const struct fact *f)
{
	static const enum fact_column ind[] = { [LAKE_PIN] = FACT_PIN_IND, [LAKE_GEO] = FACT_GEO_IND, [LAKE_USERS] = FACT_USERS_IND };
	for (int c = 0; c < FACT_N; c++) {
		const struct fact_values *v = &f->columns[c];
		if (v->n != f->columns[ind[fact_sources[c].set]].n)
			return false;
		for (size_t i = 0; fact_sources[c].words && i < v->n; i++)
			if (v->v[i] != FACT_NULL && (v->v[i] < 0 || (size_t)v->v[i] >= f->words[c].n))
				return false;
	}
	return true;
}

static void load(struct lake_store *s)
{
	struct fact_store *f = s->facts;
	sqlite3_stmt *st = NULL;
	size_t whole = 0;
	bool good = !sqlite3_prepare_v2(reading(s), "SELECT name, data FROM tarn_fact ORDER BY rowid", -1, &st, NULL);
	int r = SQLITE_DONE;
	while (good && (r = sqlite3_step(st)) == SQLITE_ROW)
		good = take(&f->reading, db_text(st, 0), db_blob(st, 1), &whole);
	sqlite3_finalize(st);
	f->loaded = true;
	f->whole = good && r == SQLITE_DONE && whole == LAKE_SET_N && sound(&f->reading);
	if (f->whole)
		return;
	fact_free(&f->reading);
	f->reading = (struct fact){ 0 };
}

bool fact_store_ready(struct lake_store *s)
{
	if (s->facts && !s->facts->loaded)
		load(s);
	return s->facts && s->facts->whole;
}

/* ---- the SQL functions: tables that SQLite asks for with their arguments as hidden columns ---- */

struct table {
	sqlite3_vtab base;
	struct lake_store *store;
	bool leaders;
};

struct cursor {
	sqlite3_vtab_cursor base;
	int k1, k2;
	struct fact_group *groups;
	struct fact_leader *leaders;
	size_t n, at;
};

enum { GROUPS_ARGS = 5, LEADERS_ARGS = 3 }; /* the first hidden column */

static int open_table(sqlite3 *h, struct lake_store *s, bool leaders, sqlite3_vtab **out)
{
	int r = sqlite3_declare_vtab(h, leaders ? "CREATE TABLE x(k1, follower_count, post, a HIDDEN)"
						: "CREATE TABLE x(k1, k2, n, most, middle, a HIDDEN, b HIDDEN, c HIDDEN)");
	if (r)
		return r;
	struct table *t = xcalloc(1, sizeof(*t));
	t->store = s;
	t->leaders = leaders;
	*out = &t->base;
	return SQLITE_OK;
}

static int connect_groups(sqlite3 *h, void *arg, int n, const char *const *v, sqlite3_vtab **out, char **err)
{
	(void)n, (void)v, (void)err;
	return open_table(h, arg, false, out);
}

static int connect_leaders(sqlite3 *h, void *arg, int n, const char *const *v, sqlite3_vtab **out, char **err)
{
	(void)n, (void)v, (void)err;
	return open_table(h, arg, true, out);
}

static int disconnect(sqlite3_vtab *t)
{
	free(t);
	return SQLITE_OK;
}

/* idxNum: which arguments are given; they come in that order. */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	int first = ((struct table *)base)->leaders ? LEADERS_ARGS : GROUPS_ARGS, at[3] = { -1, -1, -1 }, n = 0;
	for (int i = 0; i < info->nConstraint; i++) {
		int arg = info->aConstraint[i].iColumn - first;
		if (arg < 0 || arg > 2 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!info->aConstraint[i].usable)
			return SQLITE_CONSTRAINT;
		at[arg] = i;
	}
	for (int arg = 0; arg < 3; arg++)
		if (at[arg] >= 0) {
			info->aConstraintUsage[at[arg]].argvIndex = ++n;
			info->aConstraintUsage[at[arg]].omit = 1;
			info->idxNum |= 1 << arg;
		}
	info->estimatedCost = 1000;
	info->estimatedRows = 100;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	(void)t;
	*out = xcalloc(1, sizeof(struct cursor));
	return SQLITE_OK;
}

static void empty(struct cursor *c)
{
	free(c->groups);
	free(c->leaders);
	c->groups = NULL;
	c->leaders = NULL;
	c->n = c->at = 0;
}

static int close_cursor(sqlite3_vtab_cursor *c)
{
	empty((struct cursor *)c);
	free(c);
	return SQLITE_OK;
}

static int says(sqlite3_vtab *t, const char *what)
{
	sqlite3_free(t->zErrMsg);
	t->zErrMsg = sqlite3_mprintf("%s", what);
	return SQLITE_ERROR;
}

static int filter(sqlite3_vtab_cursor *base, int which, const char *name, int n, sqlite3_value **v)
{
	struct cursor *c = (struct cursor *)base;
	struct table *t = (struct table *)base->pVtab;
	int columns[3] = { -1, -1, -1 }, next = 0;
	(void)name;
	empty(c);
	for (int i = 0; i < 3; i++) {
		if (!(which & 1 << i) || next >= n)
			continue;
		const char *text = (const char *)sqlite3_value_text(v[next++]);
		if (!text || !*text)
			continue;
		columns[i] = fact_column(sl(text));
		if (columns[i] < 0)
			return says(base->pVtab, "fact_groups and fact_leaders know category, follower_count, country, post_year, age_group, age, join_year");
	}
	if (!fact_store_ready(t->store))
		return says(base->pVtab, "there are no facts of the tables");
	const struct fact *f = &t->store->facts->reading;
	c->k1 = columns[0];
	c->k2 = columns[1];
	bool done = columns[0] >= 0 && (t->leaders ? fact_leaders(f, c->k1, &c->leaders, &c->n)
						   : fact_groups(f, c->k1, c->k2, columns[2], &c->groups, &c->n));
	return done ? SQLITE_OK : says(base->pVtab, "the facts can't be counted this way");
}

static int next_row(sqlite3_vtab_cursor *base)
{
	((struct cursor *)base)->at++;
	return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->at >= ((struct cursor *)base)->n;
}

static void result(sqlite3_context *ctx, const struct fact *f, int column, int32_t v)
{
	static const char *const ages[] = { "18-24", "25-35", "36-50", "50+" };
	if (v == FACT_NULL || column < 0)
		return;
	if (column == FACT_AGE_GROUP)
		sqlite3_result_text(ctx, ages[v], -1, SQLITE_STATIC);
	else if (fact_sources[column].words)
		sqlite3_result_text64(ctx, f->words[column].v[v].p, f->words[column].v[v].n, SQLITE_TRANSIENT, SQLITE_UTF8);
	else
		sqlite3_result_int(ctx, v);
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *ctx, int at)
{
	const struct cursor *c = (const struct cursor *)base;
	const struct fact *f = &((struct table *)base->pVtab)->store->facts->reading;
	if (c->leaders) {
		const struct fact_leader *l = &c->leaders[c->at];
		if (at == 0)
			result(ctx, f, c->k1, l->k1);
		else if (at == 1)
			sqlite3_result_int(ctx, l->followers);
		else if (at == 2)
			sqlite3_result_int64(ctx, l->post);
		return SQLITE_OK;
	}
	const struct fact_group *g = &c->groups[c->at];
	if (at == 0)
		result(ctx, f, c->k1, g->k1);
	else if (at == 1)
		result(ctx, f, c->k2, g->k2);
	else if (at == 2)
		sqlite3_result_int64(ctx, g->n);
	else if (at == 3 || at == 4)
		result(ctx, f, FACT_FOLLOWERS, at == 3 ? g->most : g->middle);
	return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((struct cursor *)base)->at;
	return SQLITE_OK;
}

static const sqlite3_module groups = {
	.xConnect = connect_groups, .xBestIndex = best_index, .xDisconnect = disconnect, .xDestroy = disconnect, .xOpen = open_cursor,
	.xClose = close_cursor, .xFilter = filter, .xNext = next_row, .xEof = at_end, .xColumn = column, .xRowid = rowid,
};
static const sqlite3_module leaders = {
	.xConnect = connect_leaders, .xBestIndex = best_index, .xDisconnect = disconnect, .xDestroy = disconnect, .xOpen = open_cursor,
	.xClose = close_cursor, .xFilter = filter, .xNext = next_row, .xEof = at_end, .xColumn = column, .xRowid = rowid,
};

/* A table is made when a statement first names it, which the authorizer of users' statements would refuse. */
static int name_once(sqlite3 *h, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int r = sqlite3_prepare_v2(h, sql, -1, &st, NULL);
	sqlite3_finalize(st);
	return r;
}

int fact_functions_add(struct lake_store *s)
{
	sqlite3 *h = reading(s);
	s->facts = xcalloc(1, sizeof(*s->facts));
	int r = sqlite3_create_module(h, "fact_groups", &groups, s);
	if (!r)
		r = sqlite3_create_module(h, "fact_leaders", &leaders, s);
	if (!r)
		r = name_once(h, "SELECT 1 FROM fact_groups('')");
	return r ? r : name_once(h, "SELECT 1 FROM fact_leaders('')");
}
