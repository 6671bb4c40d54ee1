/* The parent of a program that isn't executed in place: signals, stops and the end look to the program, and to who started it, as if
 * the parent weren't there. */
#ifndef TARN_PARENT_H
#define TARN_PARENT_H

#include <signal.h>

#include "core/mem.h"

enum { PARENT_LOOK_MS = 500 };

struct parent {
	pid_t pid;       /* the program; to be set when it has been forked */
	int fd;          /* readable: call parent_turn; and every PARENT_LOOK_MS */
	sigset_t before; /* the mask as it was */
};

/* From here on signals are taken from fd. Before the fork. Returns an errno. */
int parent_begin(struct parent *p);
/* In the child, before exec: signals as they were, and an end with the parent's. */
void parent_child(const struct parent *p);
/* Takes what has come. true: the program has ended, *status as waitpid gives it. */
bool parent_turn(struct parent *p, int *status);
void parent_end(struct parent *p);
/* Turns until the program ends. */
int parent_wait(struct parent *p);

/* execvp of argv, or the words of why not and 127 or 126, as a shell does. */
_Noreturn void parent_exec(char *const *argv);

#endif
