/* A filter of system calls: those that name an address wait for who listens (seccomp_unotify(2)). */
#ifndef TARN_FILTER_H
#define TARN_FILTER_H

#include "core/mem.h"

enum filter_call { FILTER_CONNECT, FILTER_SENDTO, FILTER_SENDMSG, FILTER_SENDMMSG };

/* Starts run(arg) in a child that has the filter, as everything it executes will. Before that, begin(arg) is called in the child. Gives
 * its process id and the listener; or -1, with errno and the step that failed. run doesn't return. */
pid_t filter_start(void (*begin)(void *arg), void (*run)(void *arg), void *arg, int *listener, const char **step);

/* A call that waits. */
struct filter_ask {
	uint64_t id;
	pid_t thread;
	enum filter_call call;
	bool narrow;     /* of a 32-bit program: pointers and sizes in memory have 4 bytes */
	uint64_t arg[6];
};
/* Takes the next; false: there is none (it was interrupted), or *gone: nobody has the filter any more. */
bool filter_take(int listener, struct filter_ask *out, bool *gone);
/* Whether it waits still: what was read of the thread's memory is its own only then. */
bool filter_waits(int listener, uint64_t id);
void filter_go_on(int listener, uint64_t id);
/* The call is done: what it returns, or below zero an errno. */
void filter_answer(int listener, uint64_t id, int64_t result);

/* The caller's memory. false: it can't be reached. */
bool filter_read(const struct filter_ask *ask, uint64_t from, void *to, size_t n);
bool filter_write(const struct filter_ask *ask, uint64_t to, const void *from, size_t n);
/* The caller's descriptor as one of ours; below zero: an errno. */
int filter_descriptor(const struct filter_ask *ask, int fd);

#endif
