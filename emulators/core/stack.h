/* Opens a stack's files; reading them is declared in conf.h, for services. */
#ifndef TARN_STACK_H
#define TARN_STACK_H

#include "conf.h"

/* A file in the binary, of a table that tests/embed.sh makes; path NULL: the end. data may be packed. */
struct embedded {
	const char *path;
	const unsigned char *data;
	size_t n;
};
/* Appends what the file says, and how many bytes that is. */
void embedded_add(const struct embedded *f, struct buf *out);
size_t embedded_size(const struct embedded *f);

/* root: a built-in stack's name, else a folder; NULL: the first built-in stack, the default one. Errors: NOT_FOUND. */
int stack_open(const char *root, struct stack_files **out, struct error *err) WARN_UNUSED;
void stack_close(struct stack_files *f);
/* A built-in stack's name, or the folder's full path. */
const char *stack_name(const struct stack_files *f);
/* Adds what its stack.conf says. A folder without datasets has the default stack's, and with them what its stack.conf says
 * of [stack] user and datasets, [rds] database, [entities] and [emit.*], where it says nothing itself. Errors: NOT_FOUND, INVALID. */
int stack_conf(struct stack_files *f, struct conf *conf, struct error *err) WARN_UNUSED;
/* Makes the stack be of the user that [stack] user names now: where the name that topics, streams and buckets have in its files is
 * another, that gives way to it, in conf and in every file and path that is read from here on. Errors: INVALID, it is no name. */
int stack_move(struct stack_files *f, struct conf *conf, struct error *err) WARN_UNUSED;

#endif
