/* What the files of analysis share: an analysis under way, scopes of names, plans whose columns still go by ids.
 *
 * While a plan is made each column of any operator has an id of its own (SP_COLUMN's .column is that id), so expressions may move
 * between operators; bind.c makes indexes of them at the end. */
#ifndef TARN_SPARKSQL_ANALYSIS_H
#define TARN_SPARKSQL_ANALYSIS_H

#include "sparksql/analyze.h"

enum { SP_AN_DEPTH_MAX = 4000, SP_AN_CHAIN_MAX = 20000 };

struct sp_cte_def;
struct sp_an {
	struct arena *a;
	const struct sp_context *cx;
	const struct sp_catalog *catalog;
	const struct sp_analysis *x;
	struct sp_error *err;
	size_t next_id, shared_n, params_n, depth;
	const struct sp_query *widen; /* its SELECT keeps the columns that its list leaves out, hidden; NULL: none does */
	bool below;                   /* names may be SP_BELOW */
	const struct sp_view_stack *views; /* those whose text is being analysed */
};
struct sp_view_stack {
	const struct sp_view_stack *up;
	const struct sp_found *view;
};
enum sp_hidden { SP_SHOWN, SP_QUALIFIED /* of a USING join: found by its table's name only */, SP_META, /* found if nothing else is */
		 SP_BELOW /* of what a frame was selected from: WHERE and ORDER BY find it if nothing else is (ResolveMissingReferences) */ };
struct sp_attr {
	size_t id;
	uint64_t uid;             /* of a column of a kept plan (struct sp_known); 0: none */
	size_t origin;            /* of which column it's a copy under the same name, by id: two copies aren't ambiguous; 0: of none */
	struct slice name;
	const struct sp_type *type;
	bool nullable;
	uint8_t hidden;           /* enum sp_hidden: not in * */
	const struct slice *qual; /* catalog, database, table as far as there are */
	size_t qual_n;
};
struct sp_attrs {
	struct sp_attr *v;
	size_t n, cap;
};
/* A plan under way: p.columns[i] has id ids[i]. */
struct sp_node {
	struct sp_plan p;
	size_t *ids;
	bool bound;
};
/* A relation as names see it. node has columns of all attrs, maybe more, in any order. */
struct sp_source {
	struct sp_node *node;
	struct sp_attr *attrs;
	size_t n;
};

/* A subquery inside of an expression, until it is put into the plan below (analyze_subquery.c). It is an SP_SUBQUERY whose args are the
 * outer columns it reads (and, of IN, first the value asked for). */
enum sp_sub_kind { SP_SUB_SCALAR, SP_SUB_EXISTS, SP_SUB_IN };
struct sp_sub {
	enum sp_sub_kind kind;
	bool negated;
	struct sp_source inner;
	size_t *outer;     /* ids under which inner reads args[values + i] */
	size_t outer_n, outer_cap;
	size_t values;     /* how many of the args are IN's left side */
};
/* Calls of aggregates, window functions and generators: what there is beside arguments. */
struct sp_over {
	struct sp_expr **partition;
	size_t partition_n;
	struct sp_order *order;
	size_t order_n;
	struct sp_frame frame;
	bool shown_frame;
};
struct sp_special {
	struct sp_expr e;      /* an SP_CALL */
	bool distinct, ignore_nulls, generator_outer;
	bool star;             /* count(*) */
	const struct sp_type *columns; /* of a generator: its type until it is put into the plan is that of its only column */
	struct sp_expr *filter;
	struct sp_order *order; /* WITHIN GROUP */
	size_t order_n;
	bool within;
	struct sp_over *over;  /* NULL: an aggregate */
};
static inline bool sp_is_special(const struct sp_expr *e)
{
	return e->op == SP_CALL && e->fn && (e->fn->aggregate || e->fn->window || e->fn->generate);
}
static inline struct sp_special *sp_special_of(const struct sp_expr *e)
{
	return (struct sp_special *)e;
}
static inline bool sp_is_window(const struct sp_expr *e)
{
	return sp_is_special(e) && sp_special_of(e)->over;
}
static inline bool sp_is_aggregate(const struct sp_expr *e)
{
	return sp_is_special(e) && e->fn->aggregate && !sp_special_of(e)->over;
}
static inline bool sp_is_generator(const struct sp_expr *e)
{
	return sp_is_special(e) && e->fn->generate;
}

/* Aliases of the items before in the same SELECT, which later items may name. */
struct sp_lateral {
	const struct sp_attr *attrs; /* type NULL: not known yet, or no such item */
	size_t n;
	bool used;
};
/* Parameters of lambdas around an expression, innermost first. */
struct sp_vars {
	const struct sp_vars *up;
	struct slice name;
	size_t id;
	const struct sp_type *type;
	bool nullable;
};
struct sp_ctes {
	const struct sp_ctes *up;
	struct slice name;
	struct sp_cte_def *def;
};
/* Where an expression stands: what its names mean, and what may be in it. */
enum sp_clause { SP_IN_SELECT, SP_IN_WHERE, SP_IN_GROUP, SP_IN_HAVING, SP_IN_ORDER, SP_IN_JOIN, SP_IN_VALUES, SP_IN_GENERATOR, SP_IN_LIMIT,
		 SP_IN_DML };
struct sp_env {
	struct sp_an *an;
	const struct sp_attr *attrs;
	size_t n;
	const struct sp_attr *first; /* looked in before attrs (HAVING: what is grouped by) */
	size_t first_n;
	const struct sp_attr *more; /* looked in when attrs have no such name (ORDER BY: the input of the SELECT) */
	size_t more_n;
	const struct sp_env *outer; /* of the query around a subquery */
	struct sp_sub *sub;         /* the subquery this query is, NULL: none; gathers outer references */
	struct sp_expr *sub_expr;
	struct sp_lateral *lateral;
	const struct sp_vars *vars;
	const struct sp_ctes *ctes;
	const struct sp_named_window *windows;
	size_t window_n;
	enum sp_clause clause;
	size_t at; /* where its query begins */
	bool in_aggregate, in_window;
	bool any_aggregate, any_window, any_generator, any_sub; /* what was met */
};

/* ---- small ones: analysis.c ---- */
#define SP_NEW(an, type) ((type *)arena_alloc((an)->a, sizeof(type)))
#define SP_NEWS(an, type, n) ((type *)arena_alloc((an)->a, (n) * sizeof(type)))
int sp_an_fail(struct sp_an *an, const struct sp_expr *at, const char *class, const char *state, const char *fmt, ...) PRINTF_LIKE(5, 6);
int sp_an_fail_at(struct sp_an *an, size_t from, size_t to, const char *class, const char *state, const char *fmt, ...) PRINTF_LIKE(6, 7);
struct sp_expr *sp_an_expr_new(struct sp_an *an, enum sp_op op, const struct sp_type *t, bool nullable, size_t args);
struct sp_expr *sp_an_column(struct sp_an *an, const struct sp_attr *attr);
struct sp_expr *sp_an_const(struct sp_an *an, const struct sp_type *t, struct sp_value v);
struct sp_expr *sp_an_int(struct sp_an *an, int64_t v);
struct sp_expr *sp_an_string(struct sp_an *an, struct slice s);
struct sp_expr *sp_an_bool(struct sp_an *an, bool v);
struct sp_expr *sp_an_null(struct sp_an *an, const struct sp_type *t);
/* A call of a function by name with types as they are: no coercion. */
struct sp_expr *sp_an_call(struct sp_an *an, const char *name, const struct sp_type *t, bool nullable, size_t n, struct sp_expr **args);
/* a AND b, either may be NULL. */
struct sp_expr *sp_an_and(struct sp_an *an, struct sp_expr *a, struct sp_expr *b);
/* Gathers the operands of nested ANDs. */
void sp_an_conjuncts(struct sp_an *an, struct sp_expr *e, struct sp_expr ***v, size_t *n, size_t *cap);
/* Calls f for each expression right below e, also those in FILTER, WITHIN GROUP and OVER. f may put another in its place; nonzero ends. */
int sp_an_each(struct sp_expr *e, int (*f)(void *self, struct sp_expr **slot), void *self);
/* The same expression but for places, casts' marks and nullability. */
bool sp_an_same(const struct sp_expr *a, const struct sp_expr *b);
uint64_t sp_an_hash(const struct sp_expr *e);
/* Places of the tree kept in expressions. */
static inline uint32_t sp_an_from(const struct sp_ex *ex)
{
	return ex->word ? ex->word : ex->at;
}
static inline struct sp_expr *sp_an_placed(struct sp_expr *e, const struct sp_ex *ex)
{
	if (e && !e->to)
		e->from = sp_an_from(ex), e->to = ex->end;
	return e;
}
/* `a`.`b` */
void sp_an_quoted(struct buf *b, const struct slice *parts, size_t n);
struct slice sp_an_text(struct sp_an *an, struct buf *b); /* into the arena; b is freed */
struct slice sp_an_type(struct sp_an *an, const struct sp_type *t); /* "INT" with quotes, as errors have it */
int sp_an_deeper(struct sp_an *an);

/* ---- nodes: analysis.c ---- */
struct sp_node *sp_an_node(struct sp_an *an, enum sp_plan_kind kind, size_t columns, size_t inputs);
/* A node whose output is its input's. */
struct sp_node *sp_an_over(struct sp_an *an, enum sp_plan_kind kind, struct sp_node *in);
void sp_an_set_column(struct sp_node *node, size_t i, size_t id, struct slice name, const struct sp_type *t, bool nullable);
struct sp_node *sp_an_filter(struct sp_an *an, struct sp_node *in, struct sp_expr *condition);
/* in's columns and n more: exprs[i] named attrs[i]. */
struct sp_node *sp_an_extend(struct sp_an *an, struct sp_node *in, struct sp_expr **exprs, const struct sp_attr *attrs, size_t n);
/* exprs[i] named attrs[i]. */
struct sp_node *sp_an_project(struct sp_an *an, struct sp_node *in, struct sp_expr **exprs, const struct sp_attr *attrs, size_t n);
struct sp_node *sp_an_join(struct sp_an *an, enum sp_join join, struct sp_node *l, struct sp_node *r, struct sp_expr *condition);
bool sp_an_has(const struct sp_node *node, size_t id);
static inline struct sp_node *sp_an_in(const struct sp_node *n, size_t i)
{
	return (struct sp_node *)n->p.in[i];
}

/* ---- types: coerce.c ---- */
const struct sp_type *sp_an_tightest(struct sp_an *an, const struct sp_type *x, const struct sp_type *y);
/* Common type of CASE, UNION, ...; strings: text beside an atomic type makes text (ANSI: the other). NULL: none. */
const struct sp_type *sp_an_wider(struct sp_an *an, const struct sp_type *x, const struct sp_type *y, bool strings);
const struct sp_type *sp_an_wider_n(struct sp_an *an, const struct sp_type *const *types, size_t n, bool strings);
/* The implicit cast of a function's argument of type x where `to` is wanted: may it be? */
bool sp_an_implicit(struct sp_an *an, const struct sp_type *from, const struct sp_type *to);
/* An implicit cast, unless e has the type already. */
struct sp_expr *sp_an_cast(struct sp_an *an, struct sp_expr *e, const struct sp_type *to);
struct sp_expr *sp_an_cast_explicit(struct sp_an *an, struct sp_expr *e, const struct sp_type *to, enum sp_cast_mode mode);
/* All to their common type; NULL: none. */
const struct sp_type *sp_an_common(struct sp_an *an, struct sp_expr **v, size_t n, size_t step, bool strings);

/* ---- operators: operator.c ---- */
struct sp_expr *sp_an_binary(struct sp_an *an, const char *op, struct sp_expr *a, struct sp_expr *b, size_t from, size_t to);
struct sp_expr *sp_an_unary(struct sp_an *an, const char *op, struct sp_expr *a, size_t from, size_t to);
/* What a decimal beside another number makes of both, under any binary operator. */
void sp_an_level(struct sp_an *an, struct sp_expr **a, struct sp_expr **b);
/* a = b with Spark's coercion. NULL: failed. */
struct sp_expr *sp_an_equal(struct sp_an *an, struct sp_expr *a, struct sp_expr *b);
/* Casts an operand of AND, OR, NOT, a condition: to BOOLEAN if it's NULL; else it has to be one. */
struct sp_expr *sp_an_in_list(struct sp_an *an, struct sp_expr *value, struct sp_expr **list, size_t n, size_t from, size_t to);

/* ---- names: resolve.c ---- */
/* The expression a dotted name is. NULL: none, or ambiguous; err says so. */
struct sp_expr *sp_an_name(struct sp_env *env, const struct sp_name *name);
/* The same over given attributes; *found false and no error: no such name. */
struct sp_expr *sp_an_lookup(struct sp_an *an, const struct sp_attr *attrs, size_t n, const struct sp_name *name, bool *found);
struct sp_expr *sp_an_field(struct sp_an *an, struct sp_expr *base, struct slice name, size_t from, size_t to);
struct sp_expr *sp_an_subscript(struct sp_an *an, struct sp_expr *base, struct sp_expr *key, size_t from, size_t to);
int sp_an_unresolved(struct sp_an *an, const struct sp_name *name, const struct sp_attr *attrs, size_t n);
/* Attributes that a star stands for. Nonzero: failed. */
int sp_an_star(struct sp_env *env, const struct sp_ex *star, struct sp_expr ***exprs, struct slice **names, size_t *n);

/* ---- expressions: analyze_expr.c, call.c, literal.c, signature.c ---- */
struct sp_expr *sp_an_expr(struct sp_env *env, const struct sp_ex *ex);
/* The same for a condition: a BOOLEAN. clause: "filter" and so on, for errors. */
struct sp_expr *sp_an_condition(struct sp_env *env, const struct sp_ex *ex, const char *clause);
struct sp_expr *sp_an_literal(struct sp_an *an, const struct sp_ex *ex);
struct sp_expr *sp_an_function(struct sp_env *env, const struct sp_ex *ex);
/* A call of fn with arguments that are expressions already: coerces them and gives the type. */
/* The name grouping__id, which Hive has for grouping_id(); NULL: not where groups are. */
struct sp_expr *sp_an_grouping_id(struct sp_env *env, const struct sp_name *name);
struct sp_expr *sp_an_apply(struct sp_env *env, const struct sp_function *fn, struct sp_expr **args, size_t n, const struct sp_ex *ex);
int sp_an_signature(struct sp_env *env, struct sp_expr *e, const struct sp_ex *ex, const struct sp_ex *const *lambdas);
struct sp_expr *sp_an_window(struct sp_env *env, const struct sp_ex *ex, struct sp_special *call);
/* Wrong number of arguments. */
int sp_an_arity(struct sp_an *an, const char *name, const char *wanted, size_t n, size_t from, size_t to);
/* Orders of ORDER BY, SORT BY, WITHIN GROUP. */
int sp_an_orders(struct sp_env *env, const struct sp_sorts *sorts, struct sp_order **out, size_t *n);

/* ---- relations, queries ---- */
struct sp_scope_in {  /* what is around a query */
	const struct sp_env *outer;
	struct sp_sub *sub;
	struct sp_expr *sub_expr;
	const struct sp_ctes *ctes;
	bool derived;         /* a query in FROM: its CTEs may be called as those around are */
};
int sp_an_ctes(struct sp_an *an, const struct sp_query *q, struct sp_scope_in *in); /* WITH: in->ctes grows */
int sp_an_query(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *out);
int sp_an_select(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *out);
int sp_an_rel(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out);
int sp_an_join_rel(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out);
int sp_an_pivot(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out);
int sp_an_unpivot(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out);
int sp_an_table_function(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out);
int sp_an_lateral_view(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out);
/* The columns that a generator makes, named as names say or by themselves: fresh ids. */
int sp_an_generator_attrs(struct sp_an *an, const struct sp_special *call, const struct slice *names, size_t name_n, struct sp_attr **attrs, size_t *n);
struct sp_node *sp_an_generate(struct sp_an *an, struct sp_node *in, struct sp_special *call, const struct sp_attr *attrs, size_t n, bool outer);
/* ---- time_window.c ---- */
/* If a SELECT names window(time, ...), a column with the windows of each row is added to what it reads. */
int sp_an_time_window(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *src) WARN_UNUSED;
/* That column where ex is such a call; NULL: it's none, or there is none. */
struct sp_expr *sp_an_time_window_column(struct sp_env *env, const struct sp_ex *ex);
/* Names the attributes of a relation as an alias says. */
int sp_an_alias(struct sp_an *an, const struct sp_alias *alias, struct sp_source *s, size_t from, size_t to);
/* A copy of a relation with the same plan and fresh attribute array. */
struct sp_source sp_an_requalified(struct sp_an *an, const struct sp_source *s, const struct slice *qual, size_t qual_n);
/* LIMIT and OFFSET, ORDER BY over a finished query. */
int sp_an_limit(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *s);
int sp_an_set_operation(struct sp_an *an, const struct sp_query *q, const struct sp_scope_in *in, struct sp_source *out);

/* ---- grouping, windows, subqueries ---- */
struct sp_grouped; /* analyze_group.c */
/* Puts the windows of exprs into the plan: they become columns. */
int sp_an_windows(struct sp_an *an, struct sp_node **node, struct sp_expr **exprs, size_t n);
/* Puts the subqueries of exprs into the plan: they become columns. */
int sp_an_subqueries(struct sp_an *an, struct sp_node **node, struct sp_expr **exprs, size_t n);
/* FILTER by a condition that may have subqueries. */
int sp_an_where(struct sp_an *an, struct sp_node **node, struct sp_expr *condition);
/* left JOIN LATERAL right, which reads sub's outer columns. */
int sp_an_lateral_join(struct sp_an *an, struct sp_node **left, enum sp_join join, struct sp_sub *sub, struct sp_expr *sub_expr,
		       struct sp_expr *condition);
struct sp_expr *sp_an_subquery(struct sp_env *env, const struct sp_ex *ex);

/* ---- names of columns: shown.c ---- */
void sp_an_show(struct buf *b, const struct sp_expr *e);
struct slice sp_an_shown(struct sp_an *an, const struct sp_expr *e);
/* Name of the column that an item of a select list without alias makes. */
struct slice sp_an_item_name(struct sp_an *an, const struct sp_ex *ex, const struct sp_expr *e);

/* ---- bind.c ---- */
int sp_an_bind(struct sp_an *an, const struct sp_source *s, struct sp_plan **plan);
int sp_an_bind_expr(struct sp_an *an, struct sp_expr **e, const size_t *ids, size_t n);

#endif
