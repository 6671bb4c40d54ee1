/* What analysis asks of whoever has the tables: the lake, or a test. */
#ifndef TARN_SPARKSQL_CATALOG_H
#define TARN_SPARKSQL_CATALOG_H

#include "engine/plan.h"
#include "sparksql/ast.h"

/* How a relation is named in a statement. */
struct sp_table_name {
	const struct slice *parts; /* catalog, database, table as far as written; for delta.`/p` : "delta", "/p" */
	size_t n;
	int64_t version;           /* VERSION AS OF, @v3; -1: none */
	struct slice timestamp;    /* TIMESTAMP AS OF: text as CAST AS TIMESTAMP takes it; absent: none */
	const struct sp_table_option { struct slice key, value; } *options; /* read_files(...), OPTIONS (...) */
	size_t option_n;
};
/* What is known of a column of a kept plan beside its field: who it is, whatever it is called, and of which table. */
struct sp_known {
	uint64_t uid;             /* 0: none */
	const struct slice *qual;
	size_t qual_n;
	uint8_t hidden;           /* not in *; analysis' own (enum sp_hidden) */
	size_t copy;              /* of which column before it it is a copy (SELECT a, a), from 1: their name isn't ambiguous; 0: of none */
};
enum sp_found_kind { SP_FOUND_NOTHING, SP_FOUND_TABLE, SP_FOUND_VIEW,
		     SP_FOUND_LATER };  /* it is being looked up: analysis ends with SP_E_AGAIN */
struct sp_found {
	enum sp_found_kind kind;
	struct sp_relation *relation; /* TABLE: one a mention is fine, the same for all too */
	const struct sp_plan *plan;   /* VIEW whose plan is kept (a temp view is a plan of its time); NULL: see text */
	const struct sp_known *known; /* of its columns; NULL: nothing is */
	struct slice text;            /* VIEW: its SELECT, analysed anew */
	const struct slice *aliases;  /* VIEW: names of its columns; NULL: the query's */
	struct slice shown[3];        /* its full name: catalog, database, name; absent parts aren't there */
	size_t shown_n;
};
struct sp_catalog {
	void *self;
	/* Nonzero: failed, err says so. */
	int (*find)(void *self, const struct sp_table_name *name, struct sp_found *out, struct sp_error *err);
	/* A function of the session; NULL: none of that name. */
	const struct sp_udf *(*udf)(void *self, struct slice name);
};

#endif
