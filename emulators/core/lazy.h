/* Libraries that most runs never call (clients of remote systems) are loaded by the first who does: a process that serves
 * doesn't carry them, and one where they aren't installed works until it needs them.
 *
 * Each has a struct of its calls, made of a list: LAZY_CALLS(X) with X(prefix, name) -> calls.name is prefix_name. */
#ifndef TARN_LAZY_H
#define TARN_LAZY_H

#include "err.h"

#define LAZY_FIELD(prefix, name) typeof(prefix##_##name) *name;
#define LAZY_NAME(prefix, name) #prefix "_" #name,

/* Fills calls, n function pointers, from the first of the files (NULL ends them) that can be loaded, unless it was done
 * before. It stays loaded. Errors: NETWORK, with the library's name. */
int lazy_load(const char *const *files, const char *const *names, void *calls, size_t n, struct error *err) WARN_UNUSED;

#endif
