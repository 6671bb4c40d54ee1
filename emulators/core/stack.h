/* Opens a stack's files; reading them is declared in conf.h, for services. */
#ifndef TARN_STACK_H
#define TARN_STACK_H

#include "conf.h"

/* root NULL: the stack embedded in the binary. */
int stack_open(const char *root, struct stack_files **out, struct error *err) WARN_UNUSED;
/* Adds what its stack.conf says. Errors: NOT_FOUND, INVALID. */
int stack_conf(const struct stack_files *f, struct conf *conf, struct error *err) WARN_UNUSED;
void stack_close(struct stack_files *f);

#endif
