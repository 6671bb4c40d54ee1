/* How a table's columns are read from a file: a tree of what is wanted, with the levels at which it is there. */
#ifndef TARN_COLUMNS_BIND_H
#define TARN_COLUMNS_BIND_H

#include "columns/columns.h"

/* How a leaf's value becomes one of Spark's. */
struct col_leaf {
	const struct pq_node *node;
	const struct sp_type *from, *to;
	bool same;      /* the memory of one is the other's */
	bool julian;    /* what lies before 1582-10-15 is of the Julian calendar */
};
struct col_node {
	enum { COL_ABSENT, COL_LEAF, COL_STRUCT, COL_LIST, COL_MAP } shape;
	const struct sp_type *type;
	int def;                 /* from this level on it isn't NULL */
	int item_def, item_rep;  /* of a list's or map's items */
	struct col_leaf leaf;
	struct col_node *kids;   /* fields; the element; key and value  */
	size_t kid_n;
	size_t slot, slot_n;     /* leaves below, in order of the plan's */
};
struct col_plan {
	struct col_node *columns; /* one a field of the table */
	size_t column_n;
	size_t *leaves;           /* of the file: slot -> leaf */
	size_t leaf_n, leaf_cap;
};

/* ---- types.c ---- */
/* The type as which Spark reads a node of a file's schema (and what is below it). at: its index among the nodes. */
int col_type(struct arena *a, const struct pq_schema *s, size_t at, const struct sp_type **out, struct error *err) WARN_UNUSED;
/* Index of the node behind a node and all that is below it. */
size_t col_after(const struct pq_schema *s, size_t at);
/* Shape of a group: the repeated node's index, and whether that is the element itself (older lists). 0: it isn't a list. */
size_t col_list(const struct pq_schema *s, size_t at, bool *element);
/* A map's repeated node; 0: it isn't a map. */
size_t col_map(const struct pq_schema *s, size_t at);

/* ---- bind.c ---- */
int col_bind(struct arena *a, const struct pq_file *f, const struct col_read *in, struct col_plan *out, struct error *err) WARN_UNUSED;

/* ---- leaf.c ---- */
int col_leaf_make(struct arena *a, const struct pq_node *node, const struct sp_type *from, const struct sp_type *to, struct col_leaf *out,
		  struct error *err) WARN_UNUSED;
/* Value i of a column; texts are borrowed. False: Spark's type can't hold it, and col_leaf_fail says so. */
bool col_leaf_value(struct arena *a, const struct col_leaf *l, const struct pq_column *c, size_t i, struct sp_value *out) WARN_UNUSED;
int col_leaf_fail(const struct col_leaf *l, struct error *err);
/* All entries of a column without repetition as a vector of n rows. */
int col_leaf_vector(struct arena *a, const struct col_leaf *l, const struct pq_column *c, size_t n, struct sp_vec *out, struct error *err) WARN_UNUSED;

/* ---- nested.c ---- */
/* A column of lists, maps or structs: n rows out of the leaves that the plan's slots were read into. */
int col_assemble(struct arena *a, const struct col_node *node, const struct pq_column *leaves, size_t n, struct sp_vec *out,
		 struct error *err) WARN_UNUSED;

#endif
