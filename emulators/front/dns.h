/* The resolver: answers for names of ours with the address they have here, and at once that any other doesn't exist, so that a
 * program says "could not resolve" instead of waiting. */
#ifndef TARN_DNS_H
#define TARN_DNS_H

#include "front/names.h"

struct env;
struct resolver;
struct listener_door;

enum { DNS_MAX = 512 };
/* The answer to one message; 0: there is none to give. at: the address for every name of ours, host byte order; 0: each its own of
 * book. *foreign: the name, where an address of it was refused, else empty; room for 256. */
size_t dns_answer(struct name_book *book, const struct conf *conf, uint32_t at, const uint8_t *q, size_t n, uint8_t out[DNS_MAX], char foreign[256]);

/* fixed: names have the address that the question came to (a resolver for programs outside), not one each. */
int resolver_open(const struct env *env, bool fixed, struct resolver **out, struct error *err) WARN_UNUSED;
void resolver_close(struct resolver *r); /* NULL is fine */
/* Takes over a bound UDP socket; resolver_drop ends it. */
void *resolver_udp(struct resolver *r, int fd);
void resolver_drop(void *udp);
/* And a listening TCP one. */
struct listener_door *resolver_tcp(struct resolver *r, int fd);
/* The names given out. */
const struct name_book *resolver_book(const struct resolver *r);

#endif
