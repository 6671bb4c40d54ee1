/* Jayway JsonPath 2.0 over template values.
 *
 *   $  .name  ['name']  ['a','b'] (last only)  [0]  [0,1]  [1:3]  [:2]  [2:]  [-2:]  [(@.length-1)]  [*]  .*  ..name
 *   [?(@.a == 'x' && @.n >= 2 || !@.b)]  with  == != < <= > >= =~ /regex/i  and bare paths for "is there"
 *
 * As in that version there are no functions ($.a.length() is a property of that odd name), [-1] leads nowhere, and
 * one missing leaf behind a filter or index list makes the whole path lead nowhere, while a wildcard skips it.
 *   path.c        path text -> tokens -> evaluation
 *   path_filter.c [?( )] */
#ifndef TARN_VELOCITY_PATH_H
#define TARN_VELOCITY_PATH_H

#include "velocity/value.h"

enum { JP_DEPTH_MAX = 64, JP_NODES_MAX = 1 << 20 };

/* Evaluates path on root; visited grows by the nodes seen. Returns 0; NOT_FOUND when the path leads nowhere; INVALID for a malformed path; LIMIT.
 * An indefinite path (wildcard, filter, slice, ..) gives a JSON list, empty when nothing matches. */
int jp_read(struct arena *a, struct vtl_value root, struct slice path, size_t *visited, struct vtl_value *out) WARN_UNUSED;

/* ---- between the two files, and for paths known beforehand ---- */

struct jp_filter;
enum jp_kind { JP_PROPERTY, JP_INDEX, JP_INDEXES, JP_SIZE, JP_FROM, JP_TO, JP_BETWEEN, JP_WILDCARD, JP_SCAN, JP_FILTER };
struct jp_token {
	struct jp_token *next, *prev;
	enum jp_kind kind;
	struct slice *names;  /* JP_PROPERTY */
	size_t name_n;
	int64_t *numbers;     /* the array ones */
	size_t number_n;
	struct jp_filter *filter;
};
struct jp_path {
	struct jp_token *first; /* NULL: the root itself */
	bool definite;
	bool plain;             /* names and indexes only, one a token */
	bool relative;          /* began with @ */
};
struct jp_run {
	struct arena *arena;
	struct vtl_value root;
	size_t visited;
	int depth;
};
int jp_compile(struct arena *a, struct slice path, int depth, struct jp_path *out) WARN_UNUSED;
/* jp_read() with a path compiled before. */
int jp_run(struct arena *a, struct vtl_value root, const struct jp_path *path, size_t *visited, struct vtl_value *out) WARN_UNUSED;
/* A plain path in a text's tokens; false: it leads nowhere. */
bool jp_find(struct arena *a, const struct vtl_doc *d, const struct jp_path *path, size_t *visited, size_t *at) WARN_UNUSED;
/* One value of a definite path. */
int jp_single(struct jp_run *r, const struct jp_path *path, struct vtl_value from, struct vtl_value *out) WARN_UNUSED;
int jp_filter_compile(struct arena *a, struct slice text, int depth, struct jp_filter **out) WARN_UNUSED;
/* 1 accepted, 0 not, negative: error. */
int jp_filter_accepts(struct jp_run *r, const struct jp_filter *f, struct vtl_value item);

#endif
