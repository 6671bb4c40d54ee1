/* Joins, groups, medians over the columns of facts. See fact.h. */
#include "lake/fact.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows of one table by ind ---- */

struct by_ind {
	int64_t low, span;
	uint32_t *first; /* 1 + row, by ind - low */
	uint32_t *next;  /* of equal ind; NULL: none repeats */
};

static void by_ind_free(struct by_ind *j)
{
	free(j->first);
	free(j->next);
}

/* False: they lie too far apart for a table of all between. */
static bool by_ind_make(const struct fact_values *ind, struct by_ind *j)
{
	int64_t low = INT32_MAX, high = INT32_MIN;
	for (size_t i = 0; i < ind->n; i++) {
		low = ind->v[i] < low ? ind->v[i] : low;
		high = ind->v[i] > high ? ind->v[i] : high;
	}
	*j = (struct by_ind){ .low = low, .span = ind->n ? high - low + 1 : 0 };
	if (j->span > (int64_t)ind->n * 8 + 65536 || ind->n >= UINT32_MAX)
		return false;
	j->first = xcalloc((size_t)j->span + 1, sizeof(*j->first));
	for (size_t i = ind->n; i--;) {
		uint32_t *slot = &j->first[ind->v[i] - low];
		if (*slot && !j->next)
			j->next = xcalloc(ind->n, sizeof(*j->next));
		if (j->next)
			j->next[i] = *slot;
		*slot = (uint32_t)i + 1;
	}
	return true;
}

/* 0: none. */
static inline uint32_t first_of(const struct by_ind *j, int32_t ind)
{
	int64_t at = (int64_t)ind - j->low;
	return at >= 0 && at < j->span ? j->first[at] : 0;
}

static inline uint32_t next_of(const struct by_ind *j, uint32_t row)
{
	return j->next ? j->next[row - 1] : 0;
}

/* ---- keys as small numbers ---- */

struct key {
	const struct fact_values *column; /* NULL: no key, all are 0 */
	bool groups;                      /* of age */
	int32_t low;
	int64_t span; /* values are 0 .. span - 1; -1: null */
	bool right;   /* of the joined table */
};

static int32_t age_group(int32_t age)
{
	return age < 18 ? -1 : age <= 24 ? 0 : age <= 35 ? 1 : age <= 50 ? 2 : 3;
}

static inline int64_t key_at(const struct key *k, size_t row)
{
	if (!k->column)
		return 0;
	int32_t v = k->column->v[row];
	if (v == FACT_NULL)
		return -1;
	return k->groups ? age_group(v) : (int64_t)v - k->low;
}

static int32_t key_value(const struct key *k, int64_t at)
{
	return k->column ? (int32_t)(at + k->low) : FACT_NULL;
}

static bool key_make(const struct fact *f, int column, struct key *k)
{
	*k = (struct key){ .span = 1 };
	if (column < 0)
		return true;
	k->groups = column == FACT_AGE_GROUP;
	column = k->groups ? FACT_AGE : column;
	k->column = &f->columns[column];
	k->right = fact_sources[column].set != LAKE_PIN;
	if (k->groups) {
		k->span = 4;
		return true;
	}
	int64_t low = INT32_MAX, high = INT32_MIN;
	for (size_t i = 0; i < k->column->n; i++) {
		int32_t v = k->column->v[i];
		low = v != FACT_NULL && v < low ? v : low;
		high = v > high ? v : high;
	}
	k->low = low <= high ? (int32_t)low : 0;
	k->span = low <= high && high != FACT_NULL ? high - low + 1 : 1;
	return k->span <= FACT_GROUPS_MAX;
}

/* ---- medians ---- */

static inline int32_t middle_of(int32_t a, int32_t b, int32_t c)
{
	return a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;
}

/* The value that would stand at `at` if v were sorted. Parts below, at and above a pivot, so equal values end it. */
static int32_t select_nth(int32_t *v, size_t n, size_t at)
{
	for (uint32_t turn = 1;; turn = turn * 1664525 + 1013904223) {
		int32_t pivot = middle_of(v[turn % n], v[n / 2], v[(turn >> 8) % n]);
		size_t below = 0, i = 0, above = n;
		while (i < above) {
			int32_t x = v[i];
			if (x < pivot) {
				v[i++] = v[below];
				v[below++] = x;
			} else if (x > pivot) {
				v[i] = v[--above];
				v[above] = x;
			} else {
				i++;
			}
		}
		if (at < below) {
			n = below;
		} else if (at < above) {
			return pivot;
		} else {
			v += above;
			n -= above;
			at -= above;
		}
	}
}

/* ---- groups ---- */

struct count {
	struct key k1, k2;
	const struct fact_values *measure; /* NULL: rows are counted */
	struct by_ind join;
	const struct fact_values *left; /* ind of the rows that are walked; NULL: of users alone */
	size_t rows;
	int64_t *n; /* of each group */
	size_t all;
	int32_t *values; /* second walk: of the measure, each group's in its place */
	size_t *at;      /* where each group's next one goes */
};

static inline void count_one(struct count *c, size_t left, size_t right)
{
	int64_t a = key_at(&c->k1, c->k1.right ? right : left), b = key_at(&c->k2, c->k2.right ? right : left);
	if (a < 0 || b < 0)
		return;
	int64_t g = a * c->k2.span + b;
	if (c->measure && c->measure->v[left] == FACT_NULL)
		return;
	if (c->values) {
		c->values[c->at[g]++] = c->measure->v[left];
		return;
	}
	c->n[g]++;
	c->all++;
}

/* False: too many pairs. */
static bool walk(struct count *c)
{
	size_t pairs = 0;
	for (size_t i = 0; i < c->rows; i++) {
		if (!c->left) {
			count_one(c, i, i);
			continue;
		}
		for (uint32_t r = first_of(&c->join, c->left->v[i]); r; r = next_of(&c->join, r)) {
			if (++pairs > FACT_PAIRS_MAX)
				return false;
			count_one(c, i, r - 1);
		}
	}
	return true;
}

/* Fills values by a second walk. */
static void sort_by_group(struct count *c, size_t group_n)
{
	size_t sum = 0;
	c->values = xmalloc((c->all + 1) * sizeof(*c->values));
	c->at = xmalloc((group_n + 1) * sizeof(*c->at));
	for (size_t g = 0; g < group_n; g++) {
		c->at[g] = sum;
		sum += (size_t)c->n[g];
	}
	(void)walk(c);
	free(c->at);
}

static void answer(struct count *c, struct fact_group **out, size_t *out_n)
{
	size_t group_n = (size_t)(c->k1.span * c->k2.span), used = 0;
	if (c->measure)
		sort_by_group(c, group_n);
	int32_t *v = c->values;
	for (size_t g = 0; g < group_n; g++)
		used += c->n[g] > 0;
	*out = xmalloc((used + 1) * sizeof(**out));
	*out_n = 0;
	for (size_t g = 0; g < group_n; g++) {
		size_t n = (size_t)c->n[g];
		if (!n)
			continue;
		struct fact_group *to = &(*out)[(*out_n)++];
		*to = (struct fact_group){ key_value(&c->k1, (int64_t)g / c->k2.span), key_value(&c->k2, (int64_t)g % c->k2.span),
					   (int64_t)n, FACT_NULL, FACT_NULL };
		if (!v)
			continue;
		to->most = v[0];
		for (size_t i = 1; i < n; i++)
			to->most = v[i] > to->most ? v[i] : to->most;
		to->middle = select_nth(v, n, (n - 1) / 2);
		v += n;
	}
	free(c->values);
}

/* Which table posts are joined with: one of the columns' that isn't pin's; LAKE_SET_N: none. False: two of them. */
static bool right_table(const int *columns, size_t n, enum lake_set *right)
{
	*right = LAKE_SET_N;
	for (size_t i = 0; i < n; i++) {
		if (columns[i] < 0)
			continue;
		enum lake_set set = columns[i] == FACT_AGE_GROUP ? LAKE_USERS : fact_sources[columns[i]].set;
		if (set == LAKE_PIN)
			continue;
		if (*right != LAKE_SET_N && *right != set)
			return false;
		*right = set;
	}
	return true;
}

static bool any_of_pin(const int *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (columns[i] >= 0 && columns[i] < FACT_N && fact_sources[columns[i]].set == LAKE_PIN)
			return true;
	return false;
}

bool fact_groups(const struct fact *f, int k1, int k2, int measure, struct fact_group **out, size_t *n)
{
	const int columns[] = { k1, k2, measure };
	struct count c = { 0 };
	enum lake_set right;
	*out = NULL;
	*n = 0;
	if (!right_table(columns, 3, &right) || right == LAKE_SET_N || !key_make(f, k1, &c.k1) || !key_make(f, k2, &c.k2) ||
	    c.k1.span * c.k2.span > FACT_GROUPS_MAX || (measure >= 0 && measure != FACT_FOLLOWERS))
		return false;
	const struct fact_values *ind = &f->columns[right == LAKE_GEO ? FACT_GEO_IND : FACT_USERS_IND];
	c.measure = measure >= 0 ? &f->columns[measure] : NULL;
	c.left = any_of_pin(columns, 3) ? &f->columns[FACT_PIN_IND] : NULL;
	c.rows = c.left ? c.left->n : ind->n;
	if (c.left && !by_ind_make(ind, &c.join))
		return false;
	c.n = xcalloc((size_t)(c.k1.span * c.k2.span), sizeof(*c.n));
	bool done = walk(&c);
	if (done)
		answer(&c, out, n);
	by_ind_free(&c.join);
	free(c.n);
	return done;
}

/* ---- leaders ---- */

struct lead {
	struct key key;
	struct by_ind join;
	const struct fact *f;
	int32_t *most; /* of each key */
	struct fact_leader *out;
	size_t n, cap;
};

static void add_leader(struct lead *l, int64_t at, size_t post)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->out = xrealloc(l->out, l->cap * sizeof(*l->out));
	}
	l->out[l->n++] = (struct fact_leader){ key_value(&l->key, at), l->most[at], (int64_t)post + 1 };
}

/* find: the largest values; else the posts that have them. */
static bool lead_walk(struct lead *l, bool find)
{
	const struct fact_values *ind = &l->f->columns[FACT_PIN_IND];
	const int32_t *followers = l->f->columns[FACT_FOLLOWERS].v, *named = l->f->columns[FACT_NAMED].v;
	size_t pairs = 0;
	for (size_t i = 0; i < ind->n; i++) {
		if (followers[i] == FACT_NULL || named[i] == FACT_NULL)
			continue;
		for (uint32_t r = first_of(&l->join, ind->v[i]); r; r = next_of(&l->join, r)) {
			int64_t at = key_at(&l->key, r - 1);
			if (++pairs > FACT_PAIRS_MAX)
				return false;
			if (at < 0)
				continue;
			if (find && followers[i] > l->most[at])
				l->most[at] = followers[i];
			if (!find && followers[i] == l->most[at])
				add_leader(l, at, i);
		}
	}
	return true;
}

bool fact_leaders(const struct fact *f, int k1, struct fact_leader **out, size_t *n)
{
	struct lead l = { .f = f };
	*out = NULL;
	*n = 0;
	if (k1 < 0 || k1 == FACT_AGE_GROUP || fact_sources[k1].set == LAKE_PIN || !key_make(f, k1, &l.key) ||
	    !by_ind_make(&f->columns[fact_sources[k1].set == LAKE_GEO ? FACT_GEO_IND : FACT_USERS_IND], &l.join))
		return false;
	l.most = xmalloc((size_t)l.key.span * sizeof(*l.most));
	for (int64_t i = 0; i < l.key.span; i++)
		l.most[i] = FACT_NULL;
	bool done = lead_walk(&l, true) && lead_walk(&l, false);
	by_ind_free(&l.join);
	free(l.most);
	if (done) {
		*out = l.out;
		*n = l.n;
	} else {
		free(l.out);
	}
	return done;
}
