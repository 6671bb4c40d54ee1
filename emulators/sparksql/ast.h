/* Spark SQL as it is written: the tree of a statement, before any name or type is known.
 *   lex.h lex.c          bytes -> tokens, the splitter of several statements
 *   parse.h parse*.c     tokens -> this tree, and Spark's parse errors
 * The language is Spark 3.5's (SqlBaseParser.g4) and what Databricks adds: QUALIFY, * EXCEPT, `::`, OPTIMIZE, VACUUM, RESTORE, ...
 *
 * All nodes and arrays lie in the arena of the parse, texts too (or in the statement's text, which has to live as long).
 * `at` and `end` are offsets of bytes in the text that was parsed: [at, end) is the node as it's written, which an ANSI error
 * shows as the fragment; sp_line_of (parse.h) makes line and position of them. Names keep the case they're written in.
 * What isn't there is NULL, an absent slice (p == NULL) or a count of 0.
 *
 * Depth: the parser refuses more than SP_DEPTH_MAX levels of nesting. But a chain `a + b + c + ...` or `q UNION q UNION ...` is no
 * nesting and is a tree as deep on its LEFT side as it has terms, 10,000 are usual in generated texts: walk left sides by a loop.
 * AND and OR are balanced, as Spark does it (and prints them). */
#ifndef TARN_SPARKSQL_AST_H
#define TARN_SPARKSQL_AST_H

#include "core/mem.h"

enum { SP_DEPTH_MAX = 1000 };

struct sp_type; /* spark/type.h */
struct sp_ex;
struct sp_rel;
struct sp_query;

/* A dotted name, `a.b.c`: backquotes taken off. IDENTIFIER('a.b') is one, too, but in select lists, where it's a call as it's written. */
struct sp_name {
	struct slice *parts; /* NULL: no name */
	uint32_t n;
	uint32_t at, end;
	uint32_t quoted; /* bit i: part i was in backquotes */
	uint64_t uid;    /* of a column by identity, `\x01UID\x01name`: parts[0] is its name; 0: by name (catalog.h) */
};

struct sp_names {
	struct sp_name *v;
	uint32_t n;
};

/* Identifiers in a list, `(a, b)`. */
struct sp_idents {
	struct slice *v;
	uint32_t n;
};

struct sp_exs {
	struct sp_ex **v;
	uint32_t n;
};

/* ---------------------------------------------------------------- expressions */

enum sp_ex_kind {
	SP_EX_LITERAL,     /* lit */
	SP_EX_NAME,        /* name: a column, maybe with table or fields: `t.a.f`; see sp_ex_kind's end for words that are names, too */
	SP_EX_STAR,        /* star: `*`, `t.*`, `* EXCEPT (a, b)` */
	SP_EX_ALIAS,       /* alias: in select lists, struct(a AS x), pivot values */
	SP_EX_CALL,        /* call: functions and all the forms that are calls (enum sp_form) */
	SP_EX_NAMED_ARG,   /* named: `f(key => value)`, among a call's arguments only */
	SP_EX_TABLE_ARG,   /* table: `f(TABLE t)`, `f(TABLE (query))`, of table functions only */
	SP_EX_LAMBDA,      /* lambda: `x -> e`, `(x, y) -> e` */
	SP_EX_UNARY,       /* op (NEG PLUS BITNOT NOT), a */
	SP_EX_BINARY,      /* op (arithmetic, comparison, AND, OR), a, b. `!=` and `<>` are NE, `==` EQ */
	SP_EX_CASE,        /* cases: `CASE [a] WHEN .. THEN .. ELSE .. END` */
	SP_EX_CAST,        /* cast: CAST, TRY_CAST, `a::type` */
	SP_EX_IS,          /* is, negated: a IS [NOT] NULL|TRUE|FALSE|UNKNOWN */
	SP_EX_DISTINCT,    /* a, b, negated: a IS [NOT] DISTINCT FROM b; not negated is NOT (a <=> b) */
	SP_EX_BETWEEN,     /* a, b, c, negated: a [NOT] BETWEEN b AND c */
	SP_EX_IN,          /* in, negated: in.a [NOT] IN (list) or (query); in.a may be a SP_EX_ROW */
	SP_EX_LIKE,        /* like, negated: LIKE ILIKE RLIKE (= REGEXP) [ESCAPE], also LIKE ANY|SOME|ALL (list) */
	SP_EX_EXISTS,      /* query */
	SP_EX_SUBQUERY,    /* query: scalar */
	SP_EX_ROW,         /* list: `(a, b)` of two and more, elements may be SP_EX_ALIAS: a struct, col1.. where unnamed */
	SP_EX_SUBSCRIPT,   /* a[b] */
	SP_EX_FIELD,       /* field: `f(x).name`, where the base is no name (names take dots as parts) */
	SP_EX_PARAM,       /* param: `:name`, `?` */
	SP_EX_COLLATE,     /* field: `a COLLATE name` (Spark 4) */
	SP_EX_JSON_PATH,   /* field: `a:b.c[0]` (Databricks): what is behind the colon as it's written */
	/* GROUP BY ALL is a name `ALL`, and current_date, current_timestamp, current_user, user, session_user without parentheses are
	 * names: a column of that name goes first. */
};

enum sp_operator {
	SP_OP_NONE,
	SP_OP_NEG, SP_OP_PLUS, SP_OP_BITNOT, SP_OP_NOT, /* unary */
	SP_OP_MUL, SP_OP_DIVIDE, SP_OP_MOD, SP_OP_IDIV, /* * / % div */
	SP_OP_ADD, SP_OP_SUB, SP_OP_CONCAT,             /* + - || */
	SP_OP_BITAND, SP_OP_BITXOR, SP_OP_BITOR,
	SP_OP_SHL, SP_OP_SHR, SP_OP_USHR,               /* << >> >>> (Spark 4) */
	SP_OP_EQ, SP_OP_NE, SP_OP_LT, SP_OP_LE, SP_OP_GT, SP_OP_GE, SP_OP_NSEQ, /* NSEQ is <=> */
	SP_OP_AND, SP_OP_OR,
};
/* As Spark writes it: "+", "div", "<=>", "AND". */
const char *sp_op_text(enum sp_operator op);

enum sp_lit {
	SP_LIT_NULL,
	SP_LIT_BOOLEAN, /* flag */
	SP_LIT_TINYINT, /* number, and so for the next three: 1Y 1S 1 1L; an int too big for 32 bits is a BIGINT already */
	SP_LIT_SMALLINT,
	SP_LIT_INT,
	SP_LIT_BIGINT,
	SP_LIT_DECIMAL, /* text: [-]digits[.digits][E[+-]digits], no suffix; at most 38 digits, checked. 1.5, 1BD, ints past 64 bits */
	SP_LIT_FLOAT,   /* text as above, finite: 1.5F */
	SP_LIT_DOUBLE,  /* 1e3, 1D */
	SP_LIT_STRING,  /* text: escapes are done, neighbours joined */
	SP_LIT_BINARY,  /* text: the bytes of X'1F' */
	SP_LIT_DATE,    /* text: what stands in the quotes of DATE '2020-01-01'; whether it's a date is asked by who makes the value: */
	SP_LIT_TIMESTAMP, /* INVALID_TYPED_LITERAL by sp_parse_fail (parse.h) */
	SP_LIT_TIMESTAMP_NTZ,
	SP_LIT_TIMESTAMP_LTZ,
	SP_LIT_YEAR_MONTH, /* interval.months, first, last */
	SP_LIT_DAY_TIME,   /* interval.micros (days are 24 hours), first, last */
	SP_LIT_CALENDAR,   /* interval: months, days and micros; the old kind, by spark.sql.legacy.interval.enabled only */
};

/* Fields of intervals, in the order of Spark's ranges: INTERVAL DAY TO SECOND is first DAY, last SECOND. */
enum sp_unit { SP_UNIT_YEAR, SP_UNIT_MONTH, SP_UNIT_DAY, SP_UNIT_HOUR, SP_UNIT_MINUTE, SP_UNIT_SECOND };

struct sp_interval_lit {
	int32_t months, days;
	int64_t micros;
	uint8_t first, last; /* enum sp_unit */
};

/* What a call was written as. Arguments stand in the order of the plain function of the name in `name`, which is given, too:
 * an analysis that knows the functions may ignore the form but for the name of the column. */
enum sp_form {
	SP_FORM_PLAIN,         /* f(a, b) */
	SP_FORM_EXTRACT,       /* EXTRACT(YEAR FROM x): extract('YEAR', x); the first is a string literal as it was written */
	SP_FORM_SUBSTRING,     /* SUBSTRING|SUBSTR(x FROM|, a [FOR|, n]) */
	SP_FORM_TRIM_BOTH,     /* TRIM([BOTH] [y] FROM x): args x[, y]; name trim, btrim's meaning */
	SP_FORM_TRIM_LEADING,  /* name ltrim: args x[, y], NOT the order of ltrim(y, x) */
	SP_FORM_TRIM_TRAILING, /* name rtrim, the same */
	SP_FORM_POSITION,      /* POSITION(a IN b): position(a, b) */
	SP_FORM_OVERLAY,       /* OVERLAY(a PLACING b FROM n [FOR m]): overlay(a, b, n[, m]) */
	SP_FORM_TIMESTAMPADD,  /* TIMESTAMPADD|DATEADD|DATE_ADD(unit, n, x): name as written, the first a string literal */
	SP_FORM_TIMESTAMPDIFF, /* TIMESTAMPDIFF|DATEDIFF|DATE_DIFF(unit, a, b) */
	SP_FORM_FIRST_LAST,    /* FIRST|LAST|ANY_VALUE(x [IGNORE NULLS]) written inside the parentheses: nulls of struct sp_ex_call */
};

enum sp_nulls { SP_NULLS_DEFAULT, SP_NULLS_FIRST, SP_NULLS_LAST };       /* of an order */
enum sp_nulls_option { SP_NULLS_UNSAID, SP_NULLS_IGNORE, SP_NULLS_RESPECT }; /* of a call */

struct sp_sort {
	struct sp_ex *ex;
	bool descending;
	uint8_t nulls; /* enum sp_nulls; DEFAULT: first ascending, last descending */
	uint32_t at, end;
};

struct sp_sorts {
	struct sp_sort *v;
	uint32_t n;
};

enum sp_bound { SP_BOUND_UNBOUNDED_PRECEDING, SP_BOUND_PRECEDING, SP_BOUND_CURRENT_ROW, SP_BOUND_FOLLOWING, SP_BOUND_UNBOUNDED_FOLLOWING };

struct sp_frame_bound {
	uint8_t kind;     /* enum sp_bound */
	struct sp_ex *ex; /* of PRECEDING, FOLLOWING */
};

/* OVER (...), OVER name, or a name of the WINDOW clause. */
struct sp_window {
	struct slice ref; /* OVER w, OVER (w): nothing else is there then */
	struct sp_exs partition;
	struct sp_sorts order;
	bool has_frame, rows; /* rows: ROWS, else RANGE */
	struct sp_frame_bound start, stop; /* stop is CURRENT ROW where it wasn't written */
	uint32_t at, end;
};

struct sp_ex_call {
	struct sp_name name; /* parts as written: `f`, `db.f`; of the forms: the plain function */
	struct sp_exs args;  /* count(*) has an SP_EX_STAR */
	uint8_t form;        /* enum sp_form */
	bool distinct;
	uint8_t nulls;       /* enum sp_nulls_option */
	bool within;         /* WITHIN GROUP was there */
	struct sp_sorts within_order; /* WITHIN GROUP (ORDER BY ...) */
	struct sp_ex *filter;    /* FILTER (WHERE ...) */
	struct sp_window *over;  /* NULL: no window function */
};

struct sp_when {
	struct sp_ex *when, *then;
};

enum sp_is { SP_IS_NULL, SP_IS_TRUE, SP_IS_FALSE, SP_IS_UNKNOWN };
enum sp_like { SP_LIKE, SP_ILIKE, SP_RLIKE };
enum sp_like_of { SP_LIKE_ONE, SP_LIKE_ANY, SP_LIKE_ALL }; /* SOME is ANY */

struct sp_ex {
	uint8_t kind; /* enum sp_ex_kind */
	uint8_t op;   /* enum sp_operator of UNARY and BINARY */
	bool negated; /* NOT inside of a predicate: a NOT IN (..), IS NOT NULL */
	bool parens;  /* stood in parentheses of its own */
	uint32_t at, end;
	uint32_t word; /* of a predicate: where NOT, IN, LIKE, BETWEEN or IS begins, which Spark's errors mean; else 0 */
	union {
		struct {
			uint8_t kind; /* enum sp_lit */
			bool flag;
			int64_t number;
			struct slice text;
			struct sp_interval_lit interval;
		} lit;
		struct sp_name name;
		struct {
			struct sp_name of;      /* `t` of t.*, n == 0 for * */
			struct sp_names except;
		} star;
		struct {
			struct sp_ex *a;
			struct slice name;       /* absent when it has names */
			struct sp_idents names;  /* `AS (a, b)`, of generators */
		} alias;
		struct sp_ex_call *call;
		struct {
			struct slice key;
			struct sp_ex *a;
		} named;
		struct {
			struct sp_rel *rel;
		} table;
		struct {
			struct sp_idents params;
			struct sp_ex *body;
		} lambda;
		struct {
			struct sp_ex *a, *b, *c; /* UNARY, BINARY, DISTINCT, BETWEEN, SUBSCRIPT */
		};
		struct {
			struct sp_ex *a; /* NULL: searched CASE */
			struct sp_when *whens;
			uint32_t n;
			struct sp_ex *other; /* ELSE, or NULL */
		} cases;
		struct {
			struct sp_ex *a;
			const struct sp_type *type;
			struct slice type_text; /* as it's written */
			bool try_;  /* TRY_CAST */
			bool colon; /* a::type */
		} cast;
		struct {
			struct sp_ex *a;
			uint8_t what; /* enum sp_is */
		} is;
		struct {
			struct sp_ex *a;
			struct sp_exs list;     /* or */
			struct sp_query *query; /* not NULL: IN (SELECT ...) */
		} in;
		struct {
			struct sp_ex *a;
			uint8_t op;         /* enum sp_like */
			uint8_t of;         /* enum sp_like_of */
			struct sp_ex *pattern;
			struct slice escape; /* absent: '\'; one character, checked */
			struct sp_exs list;  /* of ANY and ALL, one at least */
		} like;
		struct sp_query *query;
		struct sp_exs list;
		struct {
			struct sp_ex *a;
			struct slice name;
		} field;
		struct {
			struct slice name; /* absent: `?` */
			uint32_t nth;      /* of `?`: which, from 0 */
		} param;
	};
};

/* ---------------------------------------------------------------- relations */

enum sp_rel_kind {
	SP_REL_TABLE,        /* table */
	SP_REL_QUERY,        /* query: `(SELECT ...) [alias]` */
	SP_REL_VALUES,       /* rows: `VALUES (1, 'a'), (2, 'b')`; a row that isn't SP_EX_ROW is one column; col1, col2 without alias */
	SP_REL_FUNCTION,     /* function: range(5), explode(array(1)), read_files('..', format => 'csv') */
	SP_REL_JOIN,         /* join */
	SP_REL_LATERAL_VIEW, /* view: stands over its child */
	SP_REL_PIVOT,        /* pivot */
	SP_REL_UNPIVOT,      /* unpivot */
	SP_REL_PARENS,       /* inner: `(a JOIN b ON ..) [alias]` */
};

enum sp_join_kind { SP_JOIN_INNER, SP_JOIN_CROSS, SP_JOIN_LEFT, SP_JOIN_RIGHT, SP_JOIN_FULL, SP_JOIN_LEFT_SEMI, SP_JOIN_LEFT_ANTI };

enum sp_sample_kind { SP_SAMPLE_NONE, SP_SAMPLE_PERCENT, SP_SAMPLE_ROWS, SP_SAMPLE_BUCKET };

struct sp_sample {
	uint8_t kind;      /* enum sp_sample_kind */
	double percent;    /* 0..100, checked */
	struct sp_ex *rows;
	int64_t bucket, of; /* BUCKET bucket OUT OF of */
	bool has_seed;
	int64_t seed; /* REPEATABLE (seed) */
};

struct sp_option { /* one of OPTIONS (...), TBLPROPERTIES (...) */
	struct slice key;   /* parts joined by dots */
	struct slice value; /* absent: none given. Numbers and booleans as they're written, booleans in small letters */
	uint32_t at;
};

struct sp_options {
	struct sp_option *v;
	uint32_t n;
};

struct sp_alias {
	struct slice name;        /* absent: none */
	struct sp_idents columns; /* t(a, b) */
};

struct sp_pivot_value {
	struct sp_ex *ex;
	struct slice name; /* AS name, or absent */
};

/* A set of columns of UNPIVOT ((a, b) AS x, (c, d)). */
struct sp_unpivot_set {
	struct sp_names columns; /* one of a single-value UNPIVOT */
	struct slice name;
};

struct sp_rel {
	uint32_t word; /* of a JOIN: where LEFT, JOIN or the comma stands, which Spark's errors mean */
	uint8_t kind; /* enum sp_rel_kind */
	bool lateral; /* LATERAL (query), LATERAL f(x) */
	uint32_t at, end;
	struct sp_alias alias;
	struct sp_sample *sample; /* is taken before the alias; NULL: none */
	union {
		struct {
			struct sp_name name;
			struct slice version;     /* VERSION AS OF 3, '3', `t@v3`: digits as a rule; absent: none */
			struct sp_ex *timestamp;  /* TIMESTAMP AS OF e, `t@20200101000000000` as a string literal */
			struct sp_options options; /* WITH (k = v), Spark 4 */
		} table;
		struct sp_query *query;
		struct sp_exs rows;
		struct {
			struct sp_name name;
			struct sp_exs args; /* also SP_EX_NAMED_ARG, SP_EX_TABLE_ARG */
		} function;
		struct {
			uint8_t kind; /* enum sp_join_kind */
			bool natural;
			bool comma;  /* FROM a, b */
			struct sp_rel *left, *right; /* right->lateral: it may use columns of left */
			struct sp_ex *on;
			struct sp_idents using;
		} join;
		struct {
			struct sp_rel *of;
			bool outer;
			struct sp_name name; /* of the generator */
			struct sp_exs args;
			/* alias.name and alias.columns of the relation itself are the view's */
		} view;
		struct {
			struct sp_rel *of;
			struct sp_exs aggregates;   /* may be SP_EX_ALIAS */
			struct sp_idents columns;   /* FOR a, FOR (a, b) */
			struct sp_pivot_value *values;
			uint32_t n;
		} pivot;
		struct {
			struct sp_rel *of;
			bool include_nulls;
			struct sp_idents values;    /* names of the value columns; more than one: multi-value */
			struct slice name;          /* FOR name */
			struct sp_unpivot_set *sets;
			uint32_t n;
			bool multi;
		} unpivot;
		struct sp_rel *inner;
	};
};

/* ---------------------------------------------------------------- queries */

enum sp_query_kind {
	SP_QUERY_SELECT, /* select */
	SP_QUERY_SET,    /* set: UNION, INTERSECT, EXCEPT */
	SP_QUERY_REL,    /* rel: VALUES ..., TABLE t */
	SP_QUERY_NESTED, /* nested: `(query)` with clauses of its own around it */
};

enum sp_set_op { SP_SET_UNION, SP_SET_INTERSECT, SP_SET_EXCEPT }; /* MINUS is EXCEPT */

struct sp_cte {
	struct slice name;
	struct sp_idents columns;
	struct sp_query *query;
	uint32_t at, end;
};

/* A hint, BROADCAST(a) behind SELECT: known ones are kept for EXPLAIN, others are ignored by Spark with a warning. */
struct sp_hint {
	struct slice name;
	struct sp_exs args;
};

enum sp_grouping_kind { SP_GROUPING_EX, SP_GROUPING_ROLLUP, SP_GROUPING_CUBE, SP_GROUPING_SETS, SP_GROUPING_SET };

/* An element of GROUP BY. EX: one expression. SET: `(a, b)`, inside the others only. ROLLUP, CUBE: inner are SETs. SETS: inner are
 * SETs, ROLLUPs, CUBEs, SETSs. A set of one expression without parentheses is a SET of one. */
struct sp_grouping {
	uint8_t kind; /* enum sp_grouping_kind */
	struct sp_ex *ex;
	struct sp_exs set;
	struct sp_grouping *inner;
	uint32_t n;
	uint32_t at, end;
};

struct sp_named_window {
	struct slice name;
	struct sp_window *window;
};

struct sp_select {
	struct sp_hint *hints;
	uint32_t n_hints;
	bool distinct;
	struct sp_exs items;
	struct sp_rel *from; /* NULL: one row without columns */
	struct sp_ex *where;
	struct sp_grouping *group; /* n_group == 0: no GROUP BY. GROUP BY (): one SET of none is not written so in Spark 3.5 */
	uint32_t n_group;
	uint8_t group_with; /* GROUP BY a, b WITH ROLLUP|CUBE or GROUPING SETS (..) after it: enum sp_grouping_kind, or 0 */
	struct sp_grouping *group_sets; /* the SETs of that GROUPING SETS */
	uint32_t n_group_sets;
	struct sp_ex *having;
	struct sp_ex *qualify;
	struct sp_named_window *windows;
	uint32_t n_windows;
};

struct sp_query {
	uint8_t kind; /* enum sp_query_kind */
	uint32_t at, end;
	struct sp_cte *ctes;
	uint32_t n_ctes;
	bool recursive; /* WITH RECURSIVE: not in 3.5; the parser refuses it */
	union {
		struct sp_select *select;
		struct {
			uint8_t op; /* enum sp_set_op */
			bool all;
			bool by_name; /* UNION BY NAME (Databricks) */
			struct sp_query *left, *right; /* deep on the left */
		} set;
		struct sp_rel *rel;
		struct sp_query *nested;
	};
	/* Clauses that come behind the whole. Spark takes ORDER BY with others of the row below as an error; checked. */
	struct sp_sorts order;
	struct sp_sorts sort;
	struct sp_exs cluster, distribute;
	struct sp_named_window *windows; /* behind a set operation; of a SELECT they're in struct sp_select */
	uint32_t n_windows;
	struct sp_ex *limit; /* LIMIT ALL: NULL */
	struct sp_ex *offset;
};

/* ---------------------------------------------------------------- statements */

enum sp_stmt_kind {
	SP_STMT_QUERY, /* query */
	/* making */
	SP_STMT_CREATE_VIEW,      /* name, columns (name and comment), query, query_text; or_replace, temporary, global, if_not_exists */
	SP_STMT_CREATE_VIEW_USING,/* temporary view: name, columns, format, options */
	SP_STMT_CREATE_TABLE,     /* name, columns, format, table clauses, query (CTAS); or_replace, if_not_exists, external, temporary */
	SP_STMT_REPLACE_TABLE,    /* the same: REPLACE TABLE. CREATE OR REPLACE TABLE is CREATE_TABLE with or_replace */
	SP_STMT_CREATE_TABLE_LIKE,/* name, source, format, location, properties */
	SP_STMT_CREATE_DATABASE,  /* name, if_not_exists, comment, location, properties */
	SP_STMT_CREATE_FUNCTION,  /* name, text (class); SQL functions of Databricks: columns, type, body or query */
	/* dropping */
	SP_STMT_DROP_TABLE,       /* name, if_exists, purge */
	SP_STMT_DROP_VIEW,
	SP_STMT_DROP_DATABASE,    /* cascade */
	SP_STMT_DROP_FUNCTION,    /* temporary */
	SP_STMT_TRUNCATE,         /* name, partition */
	/* ALTER TABLE|VIEW name ...: `view` tells which */
	SP_STMT_ALTER_ADD_COLUMNS,    /* columns */
	SP_STMT_ALTER_DROP_COLUMNS,   /* names, if_exists */
	SP_STMT_ALTER_RENAME_COLUMN,  /* column, text (the new name) */
	SP_STMT_ALTER_COLUMN,         /* column, alter */
	SP_STMT_ALTER_REPLACE_COLUMNS,/* columns */
	SP_STMT_ALTER_RENAME,         /* target */
	SP_STMT_ALTER_SET_PROPERTIES, /* properties */
	SP_STMT_ALTER_UNSET_PROPERTIES, /* properties (keys), if_exists */
	SP_STMT_ALTER_ADD_CONSTRAINT, /* text (its name), body, body_text: ADD CONSTRAINT c CHECK (e) */
	SP_STMT_ALTER_DROP_CONSTRAINT,/* text, if_exists */
	SP_STMT_ALTER_SET_LOCATION,   /* location */
	SP_STMT_ALTER_VIEW_AS,        /* query, query_text */
	SP_STMT_ALTER_CLUSTER_BY,     /* names; none: CLUSTER BY NONE */
	SP_STMT_ALTER_OTHER,          /* partitions and the like: text is what it is; refused */
	SP_STMT_ALTER_DATABASE,       /* properties or location */
	/* data */
	SP_STMT_INSERT,           /* name, partition, column_list, by_name, query; overwrite; where (REPLACE WHERE) */
	SP_STMT_SAVE,             /* INSERT OVERWRITE DIRECTORY: location, format, options, query */
	SP_STMT_SAVE_TABLE,       /* the same to a Delta table or (option table) one by name: name */
	SP_STMT_UPDATE,           /* name, alias, sets, where */
	SP_STMT_DELETE,           /* name, alias, where */
	SP_STMT_MERGE,            /* name, alias, merge_source, where (ON), whens */
	SP_STMT_COPY_INTO,        /* refused by name: text is "COPY INTO" */
	/* sessions */
	SP_STMT_USE,              /* name; database: USE SCHEMA x; catalog: USE CATALOG x */
	SP_STMT_SET,              /* key, value, show_all (SET -v); key absent: SET alone; value absent: SET k */
	SP_STMT_SET_TIME_ZONE,    /* text; local: SET TIME ZONE LOCAL (text absent). INTERVAL forms: body, an interval literal */
	SP_STMT_RESET,            /* key, or absent */
	SP_STMT_CACHE,            /* name, lazy, options, query, query_text */
	SP_STMT_UNCACHE,          /* name, if_exists */
	SP_STMT_CLEAR_CACHE,
	SP_STMT_REFRESH,          /* name of a table, or text: a path */
	/* looking */
	SP_STMT_SHOW_DATABASES,   /* name (of the catalog), pattern */
	SP_STMT_SHOW_TABLES,      /* name, pattern */
	SP_STMT_SHOW_TABLE_EXTENDED, /* name, pattern, partition */
	SP_STMT_SHOW_VIEWS,
	SP_STMT_SHOW_COLUMNS,     /* name, source (the schema behind FROM t FROM s) */
	SP_STMT_SHOW_FUNCTIONS,   /* text (USER, SYSTEM, ALL), name, pattern */
	SP_STMT_SHOW_PROPERTIES,  /* name, key; view: SHOW VIEW PROPERTIES isn't there */
	SP_STMT_SHOW_CREATE_TABLE,
	SP_STMT_SHOW_PARTITIONS,  /* name, partition */
	SP_STMT_SHOW_CATALOGS,    /* pattern */
	SP_STMT_SHOW_CURRENT,     /* SHOW CURRENT DATABASE */
	SP_STMT_DESCRIBE_TABLE,   /* name, column, extended, partition */
	SP_STMT_DESCRIBE_DATABASE,/* name, extended */
	SP_STMT_DESCRIBE_FUNCTION,/* name or text, extended */
	SP_STMT_DESCRIBE_QUERY,   /* query */
	SP_STMT_DESCRIBE_DETAIL,  /* name (Delta), or text: a path */
	SP_STMT_DESCRIBE_HISTORY, /* name, limit */
	SP_STMT_EXPLAIN,          /* inner, explain */
	/* upkeep */
	SP_STMT_OPTIMIZE,         /* name or text, where, where_text, names (ZORDER BY) */
	SP_STMT_VACUUM,           /* name or text, hours (an expression) or NULL, dry_run */
	SP_STMT_RESTORE,          /* name or text, version or timestamp */
	SP_STMT_CONVERT,          /* CONVERT TO DELTA name [PARTITIONED BY (columns)] */
	SP_STMT_ANALYZE,          /* name, and no more: nothing to be done */
	SP_STMT_MSCK,             /* name */
	SP_STMT_COMMENT,          /* name, comment (absent: NULL); database: ON DATABASE */
	SP_STMT_REFUSED,          /* known, not carried out here or in Spark: text is what it is, e.g. "LOAD DATA", "GRANT" */
};

enum sp_position { SP_POSITION_NONE, SP_POSITION_FIRST, SP_POSITION_AFTER };

struct sp_column_def {
	struct sp_name name; /* one part but in ALTER */
	const struct sp_type *type;
	struct slice type_text;
	bool not_null;
	struct sp_ex *value;     /* DEFAULT e */
	struct slice value_text;
	struct sp_ex *generated; /* GENERATED ALWAYS AS (e) */
	struct slice generated_text;
	bool identity;           /* GENERATED ALWAYS|BY DEFAULT AS IDENTITY (Databricks) */
	struct slice comment;
	uint8_t position;        /* enum sp_position; ALTER only */
	struct slice after;
	uint32_t at, end;
};

enum sp_alter { SP_ALTER_TYPE, SP_ALTER_COMMENT, SP_ALTER_POSITION, SP_ALTER_SET_NOT_NULL, SP_ALTER_DROP_NOT_NULL, SP_ALTER_SET_DEFAULT, SP_ALTER_DROP_DEFAULT };

/* PARTITION (a = 1, b) */
struct sp_partition {
	struct slice name;
	struct sp_ex *value; /* NULL: dynamic */
};

struct sp_assign {
	struct sp_name name;
	struct sp_ex *value; /* an SP_EX_NAME `DEFAULT` may stand here */
};

enum sp_merge_match { SP_MERGE_MATCHED, SP_MERGE_NOT_MATCHED, SP_MERGE_NOT_MATCHED_BY_SOURCE };
enum sp_merge_action { SP_MERGE_UPDATE, SP_MERGE_UPDATE_STAR, SP_MERGE_DELETE, SP_MERGE_INSERT, SP_MERGE_INSERT_STAR };

struct sp_merge_when {
	uint8_t match, action;
	struct sp_ex *condition;
	struct sp_assign *sets; /* of UPDATE and INSERT */
	uint32_t n;
	uint32_t at, end;
};

/* PARTITIONED BY: a column by name, a column with a type (Hive's way), or a transform such as bucket(4, a). */
struct sp_partitioning {
	struct sp_name name;        /* of the column, or of the transform */
	const struct sp_type *type; /* or NULL */
	bool transform;
	struct sp_exs args;
};

enum sp_explain { SP_EXPLAIN_SIMPLE, SP_EXPLAIN_EXTENDED, SP_EXPLAIN_FORMATTED, SP_EXPLAIN_CODEGEN, SP_EXPLAIN_COST, SP_EXPLAIN_LOGICAL };

/* Which members a statement uses is said at its kind. */
struct sp_stmt {
	uint8_t kind; /* enum sp_stmt_kind */
	uint32_t at, end;
	struct slice sql;      /* the whole text that was parsed: what positions are offsets of */
	uint32_t n_params;     /* how many `?` there are */

	struct sp_name name;
	struct sp_alias alias;
	struct sp_query *query;
	struct slice query_text;
	struct sp_ex *where, *body;
	struct slice where_text, body_text;
	struct slice text, pattern, key, value, comment, location;

	struct sp_column_def *columns;
	uint32_t n_columns;
	struct slice format; /* USING delta; parts joined by dots */
	struct sp_options options, properties;
	struct sp_partitioning *partitioning;
	uint32_t n_partitioning;
	struct sp_names cluster;  /* CLUSTER BY (Databricks), CLUSTERED BY: columns */
	int64_t buckets;          /* CLUSTERED BY .. INTO n BUCKETS */

	struct sp_partition *partition;
	uint32_t n_partition;
	struct sp_idents column_list;
	struct sp_names names;
	struct sp_name source, target, column;
	uint8_t alter;   /* enum sp_alter */
	uint8_t explain; /* enum sp_explain */

	struct sp_assign *sets;
	uint32_t n_sets;
	struct sp_rel *merge_source;
	struct sp_merge_when *whens;
	uint32_t n_whens;

	struct sp_ex *limit, *hours, *timestamp;
	struct slice version;
	struct sp_stmt *inner;

	bool or_replace, temporary, global, external, if_exists, if_not_exists, purge, cascade, view, database, catalog;
	bool overwrite, by_name, lazy, extended, formatted, show_all, dry_run, local;
};

#endif
