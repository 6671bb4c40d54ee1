/* One render, between run.c (statements), ref.c (references), math.c (operators) and the method files. */
#ifndef TARN_VELOCITY_RUN_H
#define TARN_VELOCITY_RUN_H

#include "velocity/tree.h"

/* A macro call: its parameters stand for argument trees, evaluated where the call stands, at each use. */
struct vtl_frame {
	struct vtl_frame *parent;
	const struct vtl_macro *macro;
	struct vtl_node *const *args;
	size_t arg_n;
	struct vtl_map *locals;
};
struct vtl_block {
	const struct vtl_node *body;
	int depth;
};
struct vtl_run {
	const struct vtl_input *in;
	struct arena *arena;
	struct error *err;
	int status; /* first error's kind */
	size_t arena_start, arena_max, steps, steps_max;
	size_t string_max; /* bytes of a text that a method makes */
	const volatile bool *stop;
	int depth, macro_depth;
	struct vtl_value *slots; /* variables by their numbers */
	size_t slot_n;
	const struct vtl_map *known;
	size_t text_max; /* of an evaluated text */
	struct vtl_map *names;   /* numbers of those that #evaluate brought */
	struct vtl_frame *frame;
	const struct vtl_macro *macros;
	bool counts;          /* loops set $velocityCount and $velocityHasNext */
	const void *break_to; /* the loop that #break($foreach) names; NULL: the nearest */
	enum vtl_body { VTL_BODY_UNREAD, VTL_BODY_BAD, VTL_BODY_TOKENS, VTL_BODY_VALUE } body_state;
	struct vtl_doc *doc;   /* $input's JSON, read once; */
	struct vtl_value body; /* a value from when the template first gets a part of it that it could change */
	struct vtl_map *params, *stage, *context; /* made when first asked for */
};

/* How a statement ended. */
enum vtl_flow { VTL_GO, VTL_BREAK, VTL_STOP, VTL_ERROR };

enum vtl_flow vtl_exec(struct vtl_run *r, const struct vtl_node *n, struct buf *out);
/* False after an error, in r->status. Without a value *out is null. */
bool vtl_eval(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out);
bool vtl_eval_ref(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out);
bool vtl_eval_operator(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out);
bool vtl_assign(struct vtl_run *r, const struct vtl_node *ref, struct vtl_value v);
/* The truth of a condition: of a reference all but null and false; of any other operand only true (so not of "x" or 1).
 * Arithmetic is false, and isn't done. */
bool vtl_test(struct vtl_run *r, const struct vtl_node *n, bool *out);
/* The text of a value, blocks rendered. False after an error; *out absent for a block nested too deep. */
bool vtl_render_text(struct vtl_run *r, struct vtl_value v, struct slice *out);
bool vtl_var_get(struct vtl_run *r, struct slice name, uint32_t slot, struct vtl_value *out);
void vtl_var_put(struct vtl_run *r, struct slice name, uint32_t slot, struct vtl_value v);
/* Records the first error; returns false. */
bool vtl_run_fail(struct vtl_run *r, int kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
enum { VTL_RUN_DEPTH_MAX = 400 };
/* The error of a text over r->string_max; returns false. */
bool vtl_too_long(struct vtl_run *r);
/* The error of the limit that is passed. */
bool vtl_over_limit(struct vtl_run *r);
/* Counts a step and checks all limits. */
static inline bool vtl_step(struct vtl_run *r)
{
	if (++r->steps > r->steps_max || r->arena->used > r->arena_max || r->depth > VTL_RUN_DEPTH_MAX || !vtl_left || *r->stop)
		return vtl_over_limit(r);
	return r->status == 0;
}
/* Counts work on n bytes or elements. */
static inline void vtl_charge(struct vtl_run *r, size_t n)
{
	r->steps += n / 32;
}

/* ---- methods ---- */

struct vtl_call {
	struct vtl_run *r;
	struct vtl_value self;
	const struct vtl_value *args;
	size_t n;
	struct vtl_value out; /* null unless set */
	const struct jp_path *path; /* args[0] compiled; NULL: not yet */
};
enum vtl_called { VTL_CALLED, VTL_NO_METHOD, VTL_THREW };

/* One Java method. args has a letter for each parameter: s String, i int, l Collection, m Map, n any number,
 * b boolean, o Object. A null argument fits s, l, m and o; for all but o it is a NullPointerException. */
struct vtl_method {
	const char *name, *args;
	enum vtl_called (*fn)(struct vtl_call *c);
};
enum vtl_called vtl_dispatch(const struct vtl_method *table, size_t n, struct slice name, struct vtl_call *c);
/* By the class of c->self. */
enum vtl_called vtl_string_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_list_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_iter_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_map_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_entry_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_number_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_scope_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_input_method(struct slice name, struct vtl_call *c);
enum vtl_called vtl_util_method(struct slice name, struct vtl_call *c);
/* A method of $input or $util, which their number of arguments tells apart; NULL: none. */
const struct vtl_method *vtl_given_method(enum vtl_type owner, struct slice name, size_t args);
/* What reads a property of $foreach; NULL: none of its own. */
const struct vtl_method *vtl_scope_getter(struct slice name);
/* String.format(format, arguments). */
enum vtl_called vtl_format(struct vtl_call *c);
/* Records what a Java method would have thrown. */
enum vtl_called vtl_throw(struct vtl_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* compareTo(Object) casts to the own class. */
enum vtl_called vtl_bad_cast(struct vtl_call *c);
static inline enum vtl_called vtl_return(struct vtl_call *c, struct vtl_value v)
{
	c->out = v;
	return VTL_CALLED;
}

static inline enum vtl_called vtl_return_int(struct vtl_call *c, int64_t i)
{
	return vtl_return(c, vtl_int(i));
}
static inline enum vtl_called vtl_return_bool(struct vtl_call *c, bool b)
{
	return vtl_return(c, vtl_bool(b));
}
static inline enum vtl_called vtl_return_str(struct vtl_call *c, struct slice s)
{
	return vtl_return(c, vtl_str(s));
}
/* The text of b, which goes. */
enum vtl_called vtl_return_buf(struct vtl_call *c, struct buf *b);
#define METHOD(name) static enum vtl_called name(struct vtl_call *c)
/* One whose result is one expression. */
#define METHOD_IS(name, result) \
	METHOD(name) \
	{ \
		return result; \
	}

double vtl_to_double(struct vtl_value v);
/* op: VTL_N_ADD to VTL_N_MOD; null where it has no result. */
struct vtl_value vtl_arithmetic(struct arena *a, enum vtl_kind op, struct vtl_value l, struct vtl_value r);
int64_t vtl_to_long(struct vtl_value v);

#endif
