/* Inside of the row maker. */
#ifndef TARN_RDS_SEED_MAKE_H
#define TARN_RDS_SEED_MAKE_H

#include "rds/seed.h"

/* ---- words: seed_words.c ---- */
enum { SEED_FIELDS_MAX = 4, SEED_LISTS_MAX = 64, SEED_PIECES_MAX = 15 };
/* "[category|weight|thing|quality]" of a file below seed/, or a file without such a line, named after it. A word may have a
 * weight, lists of its own (its fields), and {holes} that other words fill. */
struct seed_list {
	struct slice name, fields[SEED_FIELDS_MAX];
	size_t field_n, n, cap;
	struct seed_word {
		struct slice text;
		uint64_t upto;             /* weights up to and with this one's */
		struct seed_list *parts;   /* a list a field */
		struct seed_piece *pieces; /* the text in pieces, for a text with holes */
		size_t piece_n;
	} *at;
};
struct seed_piece {
	enum { PIECE_TEXT, PIECE_NUMBER, PIECE_WORD, PIECE_FIELD } kind;
	struct slice text;
	const struct seed_list *list;
	size_t field;
	int64_t lo, hi;
	bool capitals;
};
/* Reads the stack's files below seed/, or the default stack's. Errors: INVALID, with file and line. */
int seed_words_read(struct seed *g, const struct stack_files *files, struct error *err) WARN_UNUSED;
struct seed_list *seed_list_named(struct seed *g, struct slice name); /* NULL: none, or it is empty */
/* Cuts the list's words at their holes. NULL, or a word with a hole that nothing fills. */
const struct seed_word *seed_list_cut(struct seed *g, struct seed_list *l);
/* "A..B" */
bool seed_range(struct slice s, struct slice *lo, struct slice *hi);

/* ---- how a value is made ---- */
/* Who comes back from row to row: what is drawn for an entity is the same in each of its rows. */
struct seed_entity {
	struct slice name;
	int64_t lean; /* as a term's */
	bool each;    /* one after another instead of by chance */
	uint64_t site;
	const struct seed_source *rows_of; /* NULL: as many as rows are made */
};
/* A number u in 0..2^32-1 is drawn at a site, for a row or an entity, with a salt. */
struct seed_site {
	uint64_t site;
	const struct seed_entity *of; /* NULL: the row */
};
struct seed_term {
	enum seed_kind {
		MAKE_TEXT, MAKE_NULL, MAKE_COLUMN, MAKE_ROW, MAKE_UUID, MAKE_HASH, MAKE_WORD, MAKE_SHARE, MAKE_NUMBER, MAKE_TIME
	} kind;
	struct seed_site at;
	struct slice text;         /* of MAKE_TEXT; of words: between two */
	size_t column;
	int64_t lo, hi;            /* numbers: times 10^digits; times: seconds */
	int64_t lean;              /* tenths of the power that u in 0..1 is raised to, in halves: 10 as it is, 25 for 2.5 */
	int64_t times, fill, cut;  /* words: how many; or until there are so many bytes; cut before so many */
	int digits;
	struct seed_list *list;
};
struct seed_atom {
	enum { IF_SHARE, IF_ROW, IF_CASE } kind;
	struct seed_site at;
	uint64_t from, below;      /* of u */
	int64_t n;                 /* row, or case */
};
/* A value is the terms one after another; when: any of the atoms, or none. */
struct seed_way {
	struct seed_atom *when;
	struct seed_term *terms;
	size_t when_n, term_n, when_cap, term_cap;
};
struct seed_source {
	struct seed_table table;   /* the first member */
	struct seed_ways {
		struct slice name;
		struct seed_way *at;   /* the first comes last: it has no condition */
		size_t n, cap;
		bool refers;           /* to another column */
		uint64_t shared;       /* of 2^32: what the shares took so far */
	} ways[SEED_COLUMNS_MAX], cases[SEED_COLUMNS_MAX];
	size_t case_n;
};
struct dataset;
/* Reads a dataset's source: columns, cases and ways. Errors: INVALID, with the file. */
int seed_source_read(struct seed *g, const struct dataset *d, struct seed_source *s, struct error *err) WARN_UNUSED;

struct seed {
	uint64_t seed;
	int64_t count;
	struct arena kept, arena; /* arena: of the row being made */
	struct seed_list lists[SEED_LISTS_MAX];
	size_t list_n;
	struct seed_entity *entities;
	size_t entity_n, entity_cap;
	struct seed_source *sources;
	size_t source_n;
};

#endif
