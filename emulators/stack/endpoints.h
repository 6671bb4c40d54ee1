/* How clients find a running stack: the files endpoints.json, pid and token of its state folder, and environment variables. */
#ifndef TARN_ENDPOINTS_H
#define TARN_ENDPOINTS_H

#include "stack/server.h"

/* Writes the addresses as JSON into DATA/endpoints.json, beside DATA/pid and, where auth is on, DATA/token, and into file, each whole or not at all. Either
 * may be NULL. Errors: STORE. */
int endpoints_write(struct server *s, const char *data, const char *file, struct error *err) WARN_UNUSED;
/* Removes them of the state folder. To be called while the server holds its lock on the folder: whoever gets the lock
 * then finds no addresses, and a stack that starts there keeps its own. */
void endpoints_remove(const char *data);
/* Calls fn for each variable for clients (environment.h), with the first identity where auth is on. */
void endpoints_variables(struct server *s, void (*fn)(void *arg, const char *name, const char *value), void *arg);
/* The same into this process's environment; TARN_ENDPOINTS is file. */
void endpoints_export(struct server *s, const char *file);
/* The same as a list of "NAME=value" that ends with NULL, for a child. endpoints_list_free when done. */
char **endpoints_list(struct server *s);
void endpoints_list_free(char **list);
/* The stage of invoke URLs that are shown: the first of the stack's. Heap. */
char *endpoints_stage(const struct conf *conf);

#endif
