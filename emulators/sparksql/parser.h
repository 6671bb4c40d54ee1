/* What the files of the parser share. A function that finds an error doesn't come back: it jumps to the entry (sp_syntax). */
#ifndef TARN_SPARKSQL_PARSER_H
#define TARN_SPARKSQL_PARSER_H

#include <setjmp.h>

#include "spark/ddl.h"
#include "sparksql/lex.h"
#include "sparksql/parse.h"

struct sp_parser {
	struct arena *a;
	struct slice sql;
	const struct sp_token *t;
	uint32_t i, n;       /* the token now; how many there are, the END too */
	int depth;           /* of nesting, up to SP_DEPTH_MAX */
	bool soft;           /* an alias may follow: an operator that is a word may be one */
	uint32_t blame;      /* the token an error is told at instead, UINT32_MAX: none. Where ANTLR reads ahead to choose between a construct
			      * and going on without it, an error inside of it says that it wasn't there */
	bool from_first;     /* in the FROM of FROM t SELECT .. */
	bool undecided;      /* inside of parentheses that ANTLR reads to their end before it knows what they are: no hints in errors */
	uint32_t n_params;
	struct sp_error *err;
	struct sp_error late; /* the first error of what is well written: told when the syntax of all is right */
	jmp_buf out;
};

/* tokens */
static inline enum sp_token_kind sp_kind_at(const struct sp_parser *p, uint32_t ahead)
{
	return p->t[p->i + ahead < p->n ? p->i + ahead : p->n - 1].kind;
}
static inline bool sp_is(const struct sp_parser *p, enum sp_token_kind k)
{
	return p->t[p->i].kind == k;
}
static inline bool sp_is2(const struct sp_parser *p, enum sp_token_kind k, enum sp_token_kind next)
{
	return sp_is(p, k) && sp_kind_at(p, 1) == next;
}
static inline bool sp_take(struct sp_parser *p, enum sp_token_kind k)
{
	bool is = sp_is(p, k);
	if (is)
		p->i++;
	return is;
}
bool sp_take2(struct sp_parser *p, enum sp_token_kind k, enum sp_token_kind next); /* both or none */
void sp_need(struct sp_parser *p, enum sp_token_kind k); /* or an error */
void sp_must(struct sp_parser *p, enum sp_token_kind k); /* the same, with the hint that it is missing */
static inline struct slice sp_text(const struct sp_parser *p, uint32_t token)
{
	return (struct slice){ p->sql.p + p->t[token].at, p->t[token].end - p->t[token].at };
}
/* The text from token first up to the one before now. */
struct slice sp_text_from(const struct sp_parser *p, uint32_t first);
static inline bool sp_is_word(enum sp_token_kind k) /* any word is a name */
{
	return k == SP_T_WORD || k == SP_T_BACKQUOTED || k > SP_T_KEYWORDS;
}
static inline bool sp_is_string(enum sp_token_kind k)
{
	return k == SP_T_STRING || k == SP_T_DSTRING;
}
static inline bool sp_is_number(enum sp_token_kind k)
{
	return k >= SP_T_INTEGER && k <= SP_T_BIGDECIMAL;
}

/* errors */
_Noreturn void sp_syntax(struct sp_parser *p);                  /* at the token now, no hint */
_Noreturn void sp_syntax_at(struct sp_parser *p, uint32_t token, const char *hint);
/* Blames a token if none is blamed yet; gives what to put back when the construct has been read. */
static inline uint32_t sp_blame(struct sp_parser *p, uint32_t token)
{
	uint32_t before = p->blame;
	if (before == UINT32_MAX)
		p->blame = token;
	return before;
}
_Noreturn void sp_give_up(struct sp_parser *p);                 /* p->err is set */
/* Something well written that Spark refuses; the first one counts. from, to: tokens, to not in it. */
void sp_late(struct sp_parser *p, uint32_t from, uint32_t to, const char *class, const char *state, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* "Operation not allowed: ...", of tokens from..now. */
void sp_not_allowed(struct sp_parser *p, uint32_t from, const char *fmt, ...) PRINTF_LIKE(3, 4);
void sp_enter(struct sp_parser *p); /* one level deeper; the caller takes it back by p->depth-- */

/* names */
struct slice sp_ident(struct sp_parser *p);       /* a word */
struct slice sp_ident_strict(struct sp_parser *p);/* no `a-b` behind it: INVALID_IDENTIFIER */
bool sp_is_strict(enum sp_token_kind k);          /* may not be a table's alias: JOIN, ON, ... */
void sp_name(struct sp_parser *p, struct sp_name *out);
/* A column by identity, `\x01UID\x01name`: its uid, and only the name is left; 0: it's none. Functions keep theirs, it tells them apart. */
uint64_t sp_cut_uid(struct sp_parser *p, struct slice *part);
/* IDENTIFIER('a.b'), at its word: the name of a text; anything else than a text is refused. */
void sp_identifier(struct sp_parser *p, struct sp_name *out);
void sp_names(struct sp_parser *p, struct sp_names *out);      /* by commas */
void sp_ident_list(struct sp_parser *p, struct sp_idents *out); /* `(a, b)` */
void sp_idents_of(struct sp_parser *p, struct sp_idents *out);  /* by commas */
struct slice sp_string(struct sp_parser *p);      /* one string literal */
int64_t sp_integer(struct sp_parser *p);          /* one INTEGER token, INT64_MAX when it's larger */
struct slice sp_options_value(struct sp_parser *p);
enum sp_values { SP_VALUES_ANY, SP_VALUES_MUST, SP_VALUES_NONE };
void sp_options(struct sp_parser *p, struct sp_options *out, enum sp_values values); /* `(k = v, k2 v2)` */
void sp_partition(struct sp_parser *p, struct sp_partition **out, uint32_t *n); /* PARTITION is taken */
const struct sp_type *sp_type_here(struct sp_parser *p, struct slice *text);
void sp_if_exists(struct sp_parser *p, bool *flag);
void sp_if_not_exists(struct sp_parser *p, bool *flag);

/* lookahead */
bool sp_clause_at(const struct sp_parser *p, uint32_t token);  /* a clause of a query begins there for sure */
bool sp_query_at(const struct sp_parser *p, uint32_t token);   /* a query begins there: behind a '(' */
bool sp_alias_here(const struct sp_parser *p);  /* a word that is an alias, not the next clause */

/* expressions */
struct sp_ex *sp_new_ex(struct sp_parser *p, enum sp_ex_kind kind, uint32_t first); /* from token first to the one before now */
void sp_close_ex(const struct sp_parser *p, struct sp_ex *e); /* ends at the token before now */
void sp_add_ex(struct sp_parser *p, struct sp_exs *l, struct sp_ex *e);
struct sp_ex *sp_expression(struct sp_parser *p);
struct sp_ex *sp_value(struct sp_parser *p);      /* without predicates and AND, OR, NOT */
struct sp_ex *sp_term(struct sp_parser *p);
struct sp_ex *sp_named(struct sp_parser *p);      /* with alias */
void sp_expressions(struct sp_parser *p, struct sp_exs *l);   /* by commas */
void sp_named_list(struct sp_parser *p, struct sp_exs *l);
void sp_sort_list(struct sp_parser *p, struct sp_sorts *l);
struct sp_ex *sp_string_ex(struct sp_parser *p, uint32_t first, struct slice text);
/* a literal, or NULL: none begins here */
struct sp_ex *sp_literal(struct sp_parser *p);
struct sp_ex *sp_call_of(struct sp_parser *p, uint32_t first, struct sp_name name); /* at the '(' behind a name */
struct sp_ex *sp_special(struct sp_parser *p);    /* a word with a grammar of its own; NULL: it's a name here, nothing is taken */
struct sp_ex *sp_interval(struct sp_parser *p);   /* INTERVAL ...; NULL: no interval */
struct sp_window *sp_window(struct sp_parser *p); /* behind OVER, or WINDOW w AS */
void sp_arguments(struct sp_parser *p, struct sp_exs *l, bool tables); /* `a, k => v` up to the ')', which isn't taken */

/* queries and relations */
struct sp_query *sp_query(struct sp_parser *p);
void sp_ctes(struct sp_parser *p, struct sp_cte **out, uint32_t *n); /* WITH is taken */
struct sp_query *sp_query_with(struct sp_parser *p, struct sp_cte *ctes, uint32_t n, uint32_t first); /* what stands behind WITH .. */
struct sp_query *sp_query_in_parens(struct sp_parser *p); /* '(' is taken; takes the ')' */
void sp_windows(struct sp_parser *p, struct sp_named_window **out, uint32_t *n); /* WINDOW is taken */
struct sp_rel *sp_from(struct sp_parser *p);     /* FROM is taken */
struct sp_rel *sp_relation(struct sp_parser *p); /* with its joins */
struct sp_rel *sp_lateral_views(struct sp_parser *p, struct sp_rel *of); /* over it, as many as there are */
struct sp_rel *sp_inline_table(struct sp_parser *p); /* VALUES ... */
struct sp_rel *sp_new_rel(struct sp_parser *p, enum sp_rel_kind kind, uint32_t first);
void sp_alias(struct sp_parser *p, struct sp_alias *out);
/* The table's name for statements: a name or IDENTIFIER(e). */
void sp_target(struct sp_parser *p, struct sp_stmt *s);

/* statements; each takes its words and says what it is */
void sp_statement(struct sp_parser *p, struct sp_stmt *s);
void sp_create(struct sp_parser *p, struct sp_stmt *s);
void sp_replace(struct sp_parser *p, struct sp_stmt *s);
void sp_alter(struct sp_parser *p, struct sp_stmt *s);
void sp_drop(struct sp_parser *p, struct sp_stmt *s);
void sp_insert(struct sp_parser *p, struct sp_stmt *s);
void sp_update(struct sp_parser *p, struct sp_stmt *s);
void sp_delete(struct sp_parser *p, struct sp_stmt *s);
void sp_merge(struct sp_parser *p, struct sp_stmt *s);
void sp_p_optimize(struct sp_parser *p, struct sp_stmt *s);
void sp_vacuum(struct sp_parser *p, struct sp_stmt *s);
void sp_restore(struct sp_parser *p, struct sp_stmt *s);
void sp_show(struct sp_parser *p, struct sp_stmt *s);
void sp_describe(struct sp_parser *p, struct sp_stmt *s);
void sp_set(struct sp_parser *p, struct sp_stmt *s);
void sp_column(struct sp_parser *p, struct sp_column_def *c, bool alter);
void sp_columns(struct sp_parser *p, struct sp_stmt *s, bool alter); /* by commas */
struct slice sp_provider(struct sp_parser *p); /* behind USING */
void sp_as_query(struct sp_parser *p, struct sp_stmt *s); /* query and query_text */
/* The same, and an error as Spark gives it: Hive's commands. */
void sp_hive(struct sp_parser *p, struct sp_stmt *s, uint32_t words);
void sp_refused(struct sp_parser *p, struct sp_stmt *s, uint32_t words); /* the rest, whatever it is; text: the first words */

#endif
