/* The environment variables by which clients of every kind find a stack: one table for `tarn env`, `exec` and the steps of scenarios. */
#ifndef TARN_ENVIRONMENT_H
#define TARN_ENVIRONMENT_H

#include "core/text.h"

/* What the variables are made of. Strings are borrowed; those that may be NULL leave their variables out. */
struct environment {
	const char *(*endpoint)(const void *of, const char *key); /* an address by its key of the endpoints file; NULL: not served */
	const void *of;
	const char *database, *stage, *region; /* rds's, apigateway's first, AWS's */
	const char *key, *secret, *session;    /* whom clients of AWS sign as */
	const char *token;                     /* what tarn's own commands send, where auth is on */
};
/* Calls fn for each variable. value NULL: it is to be unset, since it would lead clients elsewhere (a profile, a token of other
 * credentials, an endpoint of one service); told only of those that this process's environment has. */
void environment_each(const struct environment *e, void (*fn)(void *arg, const char *name, const char *value), void *arg);
/* Calls fn for each variable that a stack may have set, to take it back: value NULL, or what is left of a list that it was added to. */
void environment_back(void (*fn)(void *arg, const char *name, const char *value), void *arg);

#endif
