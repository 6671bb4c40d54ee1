/* The facts of the analysis questions: of each table the few columns that they group and count by, as integers, row by row.
 * Written beside the tables by a clean run, read by the functions fact_groups and fact_leaders, which the texts below
 * queries/fast use: one pass over arrays where SQL sorts wide rows.
 *
 *   fact.c        the columns and their words
 *   fact_count.c  joins by ind, counts, largest values, medians
 *   store_fact.c  the table tarn_fact, and the SQL functions
 *   fast.c        which statement has a fast text
 *
 * Not everything can be a fact (too many different words, indexes that lie far apart): then there is none, and the questions'
 * own text runs. */
#ifndef TARN_LAKE_FACT_H
#define TARN_LAKE_FACT_H

#include "lake.h"

enum { FACT_NULL = INT32_MIN, FACT_WORDS_MAX = 1 << 16, FACT_GROUPS_MAX = 1 << 20, FACT_PAIRS_MAX = 1 << 26 };
enum fact_column {
	FACT_PIN_IND,
	FACT_CATEGORY,  /* word */
	FACT_FOLLOWERS,
	FACT_NAMED,     /* poster_name: 0, or null */
	FACT_GEO_IND,
	FACT_COUNTRY,   /* word */
	FACT_POST_YEAR,
	FACT_USERS_IND,
	FACT_AGE,
	FACT_JOIN_YEAR,
	FACT_N
};
extern const struct fact_source {
	enum lake_set set;
	const char *name; /* as the SQL functions take it */
	int column;       /* of the table */
	bool words, flag; /* flag: whether it is null is all that counts */
} fact_sources[FACT_N];

struct fact {
	struct fact_values {
		int32_t *v;
		size_t n, cap;
	} columns[FACT_N];
	struct fact_words {
		struct slice *v; /* in the arena */
		size_t n, cap;
		uint32_t *slots; /* 1 + code, by hash */
		size_t slot_n;
	} words[FACT_N];
	struct arena arena;
	bool none[LAKE_SET_N]; /* a row was seen that can't be one */
};
void fact_free(struct fact *f);
/* Forgets one table's. */
void fact_clear(struct fact *f, enum lake_set set);
void fact_add(struct fact *f, enum lake_set set, const struct lake_value *v);
void fact_push(struct fact_values *c, int32_t v);
/* The word's code, new or known; FACT_NULL: too many. */
int32_t fact_word(struct fact *f, enum fact_column c, struct slice text);
/* By name ("country", "age_group"); -1: none. */
int fact_column(struct slice name);
enum { FACT_AGE_GROUP = FACT_N }; /* not kept: 0-3 for 18-24, 25-35, 36-50, 50+ of age */

/* Groups of the posts joined with places or users by ind, or (k1, k2 and measure of users alone) of users: rows without a null in
 * keys and measure. k2 and measure may be -1. */
struct fact_group {
	int32_t k1, k2;       /* code, or value */
	int64_t n;
	int32_t most, middle; /* of the measure; middle: the lower median */
};
/* False: these can't be counted here (see the limits). Free *out. */
bool fact_groups(const struct fact *f, int k1, int k2, int measure, struct fact_group **out, size_t *n) WARN_UNUSED;
/* Of each k1 the posts with a poster_name that have the most followers. */
struct fact_leader {
	int32_t k1, followers;
	int64_t post; /* row of pin, from 1 on */
};
bool fact_leaders(const struct fact *f, int k1, struct fact_leader **out, size_t *n) WARN_UNUSED;

/* ---- store_fact.c: in a store ---- */
int fact_store_begin(struct lake_store *s, enum lake_set set, struct error *err) WARN_UNUSED;
int fact_store_row(struct lake_store *s, enum lake_set set, const struct lake_value *v, struct error *err) WARN_UNUSED;
int fact_store_finish(struct lake_store *s, struct error *err) WARN_UNUSED;
void fact_store_cancel(struct lake_store *s);
void fact_store_close(struct lake_store *s);
/* The SQL functions on the reading connection. */
int fact_functions_add(struct lake_store *s);
/* Whether the tables have facts; reads them when they aren't in memory. */
bool fact_store_ready(struct lake_store *s);

/* ---- fast.c ---- */
/* The text that answers the statement faster, in the arena; absent: none. Blanks around the statement don't count. */
struct slice fast_text(struct arena *a, struct slice sql);

#endif
