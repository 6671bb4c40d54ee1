/* Way C: a proxy for programs that read HTTPS_PROXY. CONNECT leads names of ours to their places; others are refused with words. */
#ifndef TARN_PROXY_H
#define TARN_PROXY_H

#include <poll.h>

#include "front/door.h"

struct proxy;
/* Listens on a free port of 127.0.0.1. names: [front] names, as in struct door_answer. net: other hosts are reached. Errors: NETWORK. */
int proxy_open(const struct door_places *places, const char *names, bool net, struct proxy **out, struct error *err) WARN_UNUSED;
void proxy_close(struct proxy *p); /* NULL is fine */
int proxy_port(const struct proxy *p);

/* A turn: what to wait for, added to the n that stand in at, of max; then, when poll has returned, what is ready. */
size_t proxy_wait(const struct proxy *p, struct pollfd *at, size_t n, size_t max);
void proxy_turn(struct proxy *p, const struct pollfd *at, size_t n);

#endif
