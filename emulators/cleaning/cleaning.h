/* Cleaning: a topic's or a stream's records become typed rows, by the rules that the stack has for the table. Pure: no clock, no
 * store; a clean run of the lake and a streaming query call the same functions, on the pool.
 *
 *   dataset.c  the stack's datasets, see dataset.h; rules.c  their rules, and the choices users differ in
 *   record.c   JSON text (lines, each an object or an array of objects) -> raw records
 *   apply.c    raw record -> typed row, by the rules
 *   cast.c     texts as numbers and times, as Spark casts them
 *   shape.c    a typed row -> a row of the table's Delta table
 *   whose.c    which dataset a record of a shared stream belongs to
 *   seen.c     rows that came before, for the rules about repeated rows
 */
#ifndef TARN_CLEANING_H
#define TARN_CLEANING_H

#include "cleaning/dataset.h"
#include "delta/delta.h"

enum { CLEAN_LINE_MAX = 16 << 20 }; /* bytes of one line; a longer one is quarantined */

/* ---- rules ---- */
struct clean_value {
	int kind; /* enum clean_kind */
	struct slice text;
	int64_t i; /* of a boolean: 0, 1 */
	double d;
};

enum clean_action {
	CLEAN_NULL_IF,      /* text equal to arg -> null */
	CLEAN_NULL_IF_AT_START,
	CLEAN_REPLACE,      /* every arg in the text -> with */
	CLEAN_STRIP,        /* arg at the start of the text goes */
	CLEAN_KEEP_FROM,    /* what stands before the first arg goes */
	CLEAN_KEEP_DIGITS,
	CLEAN_DEFAULT,      /* null -> arg */
	CLEAN_TO_INT,       /* as Spark's cast: digits, a fraction is cut, anything else null */
	CLEAN_TO_REAL,
	CLEAN_TO_BOOL,      /* as Spark's cast: t, true, y, yes, 1; f, false, n, no, 0 */
	CLEAN_TO_TIMESTAMP, /* "YYYY-MM-DD HH:MM:SS[.ffffff]", UTC */
	CLEAN_TO_DATE,      /* "YYYY-MM-DD" */
	CLEAN_ARRAY,        /* [a, b], two columns, as JSON text */
	CLEAN_STRUCT,       /* {"a":a,"b":b} */
	CLEAN_JOIN,         /* a || arg || b; null if either is */
	CLEAN_JOIN_SKIP,    /* the same, a null is left out */
	CLEAN_YEAR,         /* year of the timestamp column a */
	CLEAN_NOT_NULL,     /* rows: none with a null */
	CLEAN_DISTINCT,     /* rows: equal ones are one, the first; left out by who stores them */
	CLEAN_DISTINCT_BY,  /* the same for column a */
};
enum { CLEAN_RULES_MAX = 64, CLEAN_CHOICES_MAX = 16, CLEAN_VARIANTS_MAX = 8, CLEAN_ALIASES_MAX = 4 };
enum { CLEAN_KEYS_SEEN = 16 }; /* members of a record whose columns are remembered */
enum { CLEAN_EVERY = -1, CLEAN_ROWS = -2 }; /* columns that a rule may name beside its table's */
struct clean_rule {
	int column; /* index, CLEAN_EVERY or CLEAN_ROWS */
	enum clean_action action;
	struct slice arg, with;
	int a, b;            /* columns */
	int choice, variant; /* the rule applies when that variant is chosen; choice -1: always */
};
/* What users did differently: named variants of some rules; the first is the usual one. */
struct clean_choice {
	struct slice name, words;
	struct clean_variant {
		struct slice name, words;
	} variants[CLEAN_VARIANTS_MAX];
	size_t variant_n;
};
/* The rules of one table. Copies share the texts, which belong to the arena they were parsed into; a copy may choose for
 * itself. */
struct clean_rules {
	const struct dataset *set;
	struct clean_rule rules[CLEAN_RULES_MAX];
	size_t rule_n;
	struct clean_choice choices[CLEAN_CHOICES_MAX];
	size_t choice_n;
	int chosen[CLEAN_CHOICES_MAX];
	struct slice alias[CLEAN_COLUMNS_MAX][CLEAN_ALIASES_MAX]; /* other keys of a column */
};
/* Reads the dataset's rules. Errors: INVALID, which names file and line. */
int clean_rules_parse(struct arena *a, const struct dataset *d, struct clean_rules *out, struct error *err) WARN_UNUSED;
/* What a stack cleans. */
struct cleaning {
	struct datasets sets;
	struct clean_rules *rules; /* of each */
};
/* Reads the stack's datasets and their rules, then takes what the section [lake] of conf chooses. All of it is in the arena. */
int cleaning_open(struct cleaning *c, struct arena *a, const struct stack_files *files, const struct conf *conf,
		  struct error *err) WARN_UNUSED;
/* The rules of all datasets, for whoever chooses otherwise. The caller frees them. */
struct clean_rules *clean_rules_copy(const struct cleaning *c);
/* For rules of all n datasets: "duplicates", or "posts.duplicates" for one alone. Errors: INVALID, which lists what there is. */
int clean_rules_choose(struct clean_rules *all, size_t n, struct slice choice, struct slice variant, struct error *err) WARN_UNUSED;
/* The column that this one is the year of, which the Delta table leaves out; -1: it is no such column. */
int clean_rules_year(const struct clean_rules *rules, int column);
bool clean_rule_on(const struct clean_rules *r, const struct clean_rule *rule);
/* What the rule does, in words: "'n/a' -> null". */
struct slice clean_rule_words(struct arena *a, const struct clean_rules *r, const struct clean_rule *rule);
/* A column's name; "*" for every column, "rows" for rules about whole rows. */
const char *clean_rule_column(const struct clean_rules *r, const struct clean_rule *rule);

/* Cleans records of one table: of an object in a bucket, or of a stream. records == rows + bad + dropped. */
struct clean_cleaner {
	const struct clean_rules *rules;
	int64_t records, rows, bad;
	int64_t dropped;              /* rows that "rows: without nulls" left out */
	int64_t hits[CLEAN_RULES_MAX]; /* per rule: values it changed, or rows it left out */
	size_t bad_at;                /* for quarantine: first byte of the line that is wrong; 0 when it's not one byte */
	struct arena arena;           /* emptied after each record */
	bool by_tree;                 /* every line by jansson: what the short way is compared with */
	struct clean_keys {            /* record.c's: which keys the columns have, and where they were in the record before */
		struct clean_key {
			struct slice name;
			uint8_t column, rank; /* rank: 0 the column's own name, then the aliases in turn; of several in a record the lowest counts */
		} k[CLEAN_COLUMNS_MAX * (1 + CLEAN_ALIASES_MAX)];
		size_t n;
		bool shared;          /* one key is two columns' */
		uint8_t seen[CLEAN_KEYS_SEEN];
	} keys;
	/* A cleaned row: out_n values of the table. Returns nonzero to stop. */
	int (*row)(void *arg, const struct clean_value *v);
	/* A record that can't be a row, and why. */
	int (*quarantine)(void *arg, size_t line, struct slice record, const char *reason);
	void *arg;
};
/* Returns 0, or what a callback returned. Free the arena afterwards. */
int clean_object(struct clean_cleaner *c, struct slice text) WARN_UNUSED;
/* Cleans one line, or one record of a stream: a JSON object, or an array of objects. Every one of them calls back once,
 * unless it was dropped. Returns 0, or what a callback returned. */
int clean_line(struct clean_cleaner *c, size_t line, struct slice text) WARN_UNUSED;
/* Applies the rules to the raw values, in place. */
void clean_apply(struct clean_cleaner *c, struct clean_value *v);
/* Whose a record is in a stream that several datasets share: the dataset that its partition key names, else the one that knows most of
 * its members. -1: nobody can tell. */
int clean_whose(const struct cleaning *c, struct slice key, struct slice data);
/* A value's text form as Spark would cast it; absent for null. */
struct slice clean_text(struct arena *a, const struct clean_value *v);
/* Shortest decimal that reads back as d, always with a point or exponent. */
struct slice clean_real_text(struct arena *a, double d);

/* ---- rows of the Delta table ---- */
struct clean_shape {
	struct delta_schema schema;
	size_t from[CLEAN_COLUMNS_MAX]; /* field -> column of the cleaned table */
};
/* The columns as the active rules type them: "to timestamp" timestamp, "to date" date, an array of numbers array<double>;
 * columns that only repeat a year stay out. */
void clean_shape_make(struct arena *a, const struct clean_rules *rules, struct clean_shape *out);
/* Adds a row of the cleaned table; returns about how many bytes it takes. */
size_t clean_shape_row(const struct clean_shape *s, struct delta_rows *rows, const struct clean_value *v);

/* ---- rows seen before ---- */
/* What "rows: distinct" and "distinct by COLUMN" compare: two rows are equal when the Delta table shows them equal, nulls
 * too. So a clean run, a stream, and a stream that starts again from its table agree on what a duplicate is. */
struct clean_seen;
/* NULL: no rule about repeated rows is on. */
struct clean_seen *clean_seen_new(const struct clean_rules *rules);
void clean_seen_free(struct clean_seen *s);
/* Index of the rule that leaves this row out: of equal rows the first stays. -1: none, also when s is NULL. To be asked once
 * a row. */
ssize_t clean_seen_row(struct clean_seen *s, const struct clean_value *v);
/* Rows that a table has already. */
void clean_seen_table(struct clean_seen *s, const struct delta_rows *rows);

#endif
