/* What call.c and form.c share: the arguments of a call under way. */
#ifndef TARN_SPARKSQL_CALL_H
#define TARN_SPARKSQL_CALL_H

#include "sparksql/analysis.h"

/* Arguments of a call while it's made. */
struct sp_args {
	struct sp_expr **v;
	const struct sp_ex **ex; /* as written; NULL: of a star */
	struct slice *names;     /* of aliases and stars */
	size_t n;
};
/* Resolves all arguments but lambdas, which are refused where a function has no use for them. */
int sp_an_arguments(struct sp_env *env, const struct sp_ex *call, bool lambdas, struct sp_args *out);
/* "name(a, b)", of arguments as they were given. */
struct slice sp_an_call_text(struct sp_env *env, const char *name, const struct sp_args *a);
/* What needs no row in a table of functions; NULL without error: it is none of these. */
struct sp_expr *sp_an_form(struct sp_env *env, struct slice name, const struct sp_ex *ex, struct sp_args *a);

#endif
