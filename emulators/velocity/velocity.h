/* API Gateway mapping templates: Apache Velocity 1.7 as the gateway runs it, with $input, $util, $context and
 * $stageVariables.
 *
 *   parse.c   template text -> tree: text, escapes, comments, white space
 *   directive.c, expr.c   the grammar of directives; of references and expressions
 *   run.c     tree -> output: directives, macros, limits
 *   ref.c     references: properties, indexes, methods, #set of each
 *   math.c    Java's number classes: arithmetic, comparison; operator.c  operators of expressions
 *   call.c    what the methods below stand on: errors, limits, finding them by name
 *   string.c, list.c, map.c, number.c   the Java methods of each class
 *   format.c  String.format
 *   input.c   $input and $util
 *   value.c   values, maps, their text in Java's form
 *   doc.c     json-smart's reader (Jayway's default): a text's tokens, values of those that are asked for
 *   json.c    its numbers and its writer
 *   path.c    Jayway JsonPath
 *
 * Two differences of the gateway from stock Velocity: a reference without a value prints nothing, and a missing
 * value equals the empty string.
 *
 * Work is bounded, not time: each step, and what steps don't show (nodes compared or printed, bytes searched), is counted.
 *
 * Use: vtl_parse once per template (the tree may be kept and shared), vtl_render per call. A render takes all its
 * memory from input->arena, and touches nothing else: it may run on a thread of the pool.
 * Spec: velocity.apache.org/engine/1.7/vtl-reference.html,
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html */
#ifndef TARN_VELOCITY_H
#define TARN_VELOCITY_H

#include "core/err.h"

enum {
	VTL_STRING_MAX = 10 << 20,     /* bytes of a string that a template makes */
	VTL_MEMORY_MAX = 128 << 20,    /* of the arena, per render */
	VTL_STEPS_MAX = 5 << 20,       /* tree nodes visited, per render */
	VTL_DEPTH_MAX = 96,            /* nested directives, expressions or calls in a template */
	VTL_MACROS_MAX = 1000,         /* of a template */
	VTL_MACRO_DEPTH_MAX = 20,      /* Velocity's velocimacro.max.depth */
	VTL_JSON_DEPTH_MAX = 512,
	VTL_TOKENS_MAX = 2 << 20,      /* values and keys of a JSON text; more is over the limit of steps */
};

struct vtl_tree;
struct vtl_map;

struct vtl_pair {
	struct slice name, value;
};

/* What a template sees. */
struct vtl_input {
	struct arena *arena;          /* for everything a render makes; the maps below come from it too */
	struct slice body;            /* $input.body; empty or absent reads as {} */
	const struct vtl_pair *path, *query, *header;
	size_t path_n, query_n, header_n;
	const struct vtl_pair *stage; /* $stageVariables */
	size_t stage_n;
	struct vtl_map *context;      /* $context; templates may write to it; NULL: empty */
	size_t loops_max;             /* iterations of one #foreach; 0: no limit (AWS: 1,000) */
	size_t steps_max, memory_max; /* less than VTL_STEPS_MAX, VTL_MEMORY_MAX; 0: those */
	const volatile bool *stop;    /* another thread sets it to end the render, with LIMIT; NULL: none does */
};

/* Reads a template of at most max bytes, which #evaluate may read, too; the tree and its copy of the text live in the arena.
 * Errors: INVALID (syntax, with line and column), LIMIT. */
int vtl_parse(struct arena *a, struct slice text, size_t max, struct vtl_tree **out, struct error *err) WARN_UNUSED;
/* Whether a render may look at $context. */
bool vtl_uses_context(const struct vtl_tree *tree);
/* Appends the output to out, up to its ceiling; nothing on failure. Errors: INVALID (a method threw), LIMIT (steps, memory,
 * output, depth). */
int vtl_render(const struct vtl_tree *tree, const struct vtl_input *in, struct buf *out, struct error *err) WARN_UNUSED;

/* Building and reading $context. A path's names are separated by dots; maps on the way are made. */
struct vtl_map *vtl_map_new(struct arena *a);
void vtl_map_set(struct vtl_map *m, const char *path, struct slice value);
/* Makes an empty map at path, when there is none, and returns it. */
struct vtl_map *vtl_map_at(struct vtl_map *m, const char *path);
/* The text of what is at path: absent slice when there is nothing or null. */
struct slice vtl_map_text(const struct vtl_map *m, const char *path);
/* Walks a map in order: *i starts at 0; false at the end. value is the text form. */
bool vtl_map_next(const struct vtl_map *m, size_t *i, struct slice *name, struct slice *value);

#endif
