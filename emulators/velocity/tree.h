/* The parsed template, between parse.c and run.c. Nodes and their text live in one arena and never change. */
#ifndef TARN_VELOCITY_TREE_H
#define TARN_VELOCITY_TREE_H

#include "velocity/value.h"

enum vtl_kind {
	/* statements */
	VTL_N_BLOCK,    /* kids one after the other */
	VTL_N_TEXT,     /* text */
	VTL_N_REF,      /* text: name of the variable; kids: PROPERTY, METHOD, INDEX */
	VTL_N_SET,      /* kids: REF, expression */
	VTL_N_IF,       /* kids: condition, block, condition, block, ..., [block of else] */
	VTL_N_FOREACH,  /* kids: REF, list, block */
	VTL_N_DEFINE,   /* text: name; kids: block */
	VTL_N_CALL,     /* text: macro; kids: arguments, then the block when has_body */
	VTL_N_STOP,     /* kids: [message] */
	VTL_N_BREAK,    /* kids: [scope] */
	VTL_N_EVALUATE, /* kids: STRING or REF */
	VTL_N_INCLUDE,  /* #include and #parse: an error when reached */
	/* parts of a reference */
	VTL_N_PROPERTY, /* text: name */
	VTL_N_METHOD,   /* text: name; kids: arguments */
	VTL_N_INDEX,    /* kids: argument */
	/* expressions */
	VTL_N_CONST,    /* value */
	VTL_N_STRING,   /* kids: block, in which the last byte doesn't count when cut */
	VTL_N_LIST,
	VTL_N_MAP,      /* kids: key, value, key, value, ... */
	VTL_N_RANGE,
	VTL_N_WORD,     /* a bare word as argument: only for unknown macros */
	VTL_N_OR,
	VTL_N_AND,
	VTL_N_NOT,
	VTL_N_EQ,
	VTL_N_NE,
	VTL_N_LT,
	VTL_N_LE,
	VTL_N_GT,
	VTL_N_GE,
	VTL_N_ADD,
	VTL_N_SUB,
	VTL_N_MUL,
	VTL_N_DIV,
	VTL_N_MOD,
};

struct vtl_method;
struct jp_path;

/* Variables are numbered as the parser meets them, these before all. */
enum vtl_slot {
	VTL_SLOT_FOREACH,
	VTL_SLOT_COUNT, /* $velocityCount */
	VTL_SLOT_MORE,  /* $velocityHasNext */
	VTL_SLOT_INPUT,
	VTL_SLOT_UTIL,
	VTL_SLOT_CONTEXT,
	VTL_SLOT_STAGE,
	VTL_SLOT_FIRST, /* of the template's own */
};

struct vtl_node {
	enum vtl_kind kind;
	bool escaped;         /* REF: an odd number of \ before it: prints its own source */
	bool cut;             /* STRING: drop the byte that was added for the parser */
	bool has_body;        /* CALL: #@name */
	bool constant;        /* argument that a macro takes by value */
	uint32_t slot;        /* REF, DEFINE: the variable */
	size_t n;
	struct vtl_node **kids;
	struct slice text;
	struct slice prefix;  /* REF: printed before the value */
	struct slice source;  /* the template's text of this node */
	struct vtl_value value;
	/* What the source alone tells of a part, so that a render needn't look: */
	enum vtl_type owner;             /* the class that method is of; VTL_NULL: not known */
	const struct vtl_method *method; /* PROPERTY, METHOD */
	const struct jp_path *path;      /* METHOD: its argument as a path */
};

struct vtl_macro {
	struct vtl_macro *next;
	struct slice name;
	struct slice *params;
	size_t param_n;
	const struct vtl_node *body;
};

struct vtl_tree {
	const struct vtl_node *root;
	const struct vtl_macro *macros;
	const struct vtl_map *names; /* slots of the variables */
	size_t max;                  /* bytes of a text that #evaluate reads */
	bool uses_context;           /* $context may be looked at */
	bool counts; /* the old $velocityCount and $velocityHasNext may be used */
};

/* The parser's state, shared by parse.c (text), directive.c, and expr.c (references and expressions). */
struct vtl_parser {
	struct arena *arena;
	struct slice text;
	size_t pos;
	int depth;
	bool after_ref;           /* the lexer is still in a reference: see text_after_reference() */
	bool after_property;      /* its last part was a property */
	bool after_set;           /* and was, when a #set began */
	struct vtl_macro *macros; /* newest first */
	size_t macro_n;           /* of them */
	const struct vtl_map *known; /* an #evaluate's: slots of the text around */
	struct vtl_map *names;
	struct error *err;
	int status;               /* first error's kind */
};

/* A growing array of kids. */
struct vtl_kids {
	struct vtl_node **v;
	size_t n, cap;
};
void vtl_kids_add(struct vtl_parser *p, struct vtl_kids *k, struct vtl_node *n);
struct vtl_node *vtl_node_new(struct vtl_parser *p, enum vtl_kind kind, size_t start);
/* The node, which reaches to p->pos; k: its kids, or NULL. */
struct vtl_node *vtl_node_end(struct vtl_parser *p, struct vtl_node *n, const struct vtl_kids *k);
/* Records the first error, at p->pos; returns NULL, which is false too. */
void *vtl_parse_fail(struct vtl_parser *p, const char *what);
bool vtl_parse_enter(struct vtl_parser *p);

static inline char vtl_peek(const struct vtl_parser *p, size_t ahead)
{
	return p->pos + ahead < p->text.n ? p->text.p[p->pos + ahead] : '\0';
}
/* Steps over c, if that comes next. */
static inline bool vtl_take(struct vtl_parser *p, char c)
{
	bool there = vtl_peek(p, 0) == c;
	p->pos += there;
	return there;
}
static inline bool vtl_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool vtl_is_digit(char c)
{
	return c >= '0' && c <= '9';
}
void vtl_skip_space(struct vtl_parser *p);
/* The slot of a variable, which may be new. */
uint32_t vtl_slot_of(struct vtl_parser *p, struct slice name);
/* As vtl_parse(), for a text inside another's run: new variables go to names, numbered behind known. */
int vtl_parse_inside(struct arena *a, struct slice text, size_t max, const struct vtl_map *known, struct vtl_map *names,
		     struct vtl_tree **out, struct error *err) WARN_UNUSED;
/* At "$": a whole reference, or NULL with p->status for an error, without for plain text. */
struct vtl_node *vtl_parse_ref(struct vtl_parser *p);
/* The rest of a reference whose "$" or "$!" is behind p->pos. */
struct vtl_node *vtl_parse_ref_body(struct vtl_parser *p, size_t dollar);
struct vtl_node *vtl_parse_expr(struct vtl_parser *p);
/* A literal or reference; no operators (arguments of methods and directives, list items). */
struct vtl_node *vtl_parse_operand(struct vtl_parser *p);
/* A word: letters, digits, _ and @, not starting with a digit. Absent when there is none. */
struct slice vtl_parse_word(struct vtl_parser *p);
/* What ended a block of statements. */
enum vtl_end { VTL_END_TEXT, VTL_END_END, VTL_END_ELSE, VTL_END_ELSEIF };
struct vtl_node *vtl_parse_block(struct vtl_parser *p, enum vtl_end *end);
/* At "#set (", which is length bytes. */
struct vtl_node *vtl_parse_set(struct vtl_parser *p, size_t length);
/* Behind "#if"; start is its "#". */
struct vtl_node *vtl_parse_if(struct vtl_parser *p, size_t start);
/* Any other directive or a macro call, its name read. */
struct vtl_node *vtl_parse_directive(struct vtl_parser *p, size_t start, struct slice name);
/* The word behind "#", bare or in braces; absent when there is none. p->pos moves behind it. */
struct slice vtl_directive_name(struct vtl_parser *p);
bool vtl_is_directive(struct slice name);
struct vtl_macro *vtl_find_macro(struct vtl_parser *p, struct slice name);
/* Spaces, tabs and a line end, when there is one; else nothing. */
void vtl_eat_line_end(struct vtl_parser *p);
/* A nested text with the parser's macros: strings and #evaluate. */
struct vtl_node *vtl_parse_nested(struct vtl_parser *p, struct slice text);

#endif
