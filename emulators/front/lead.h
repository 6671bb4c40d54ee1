/* Where a connect of the program goes. Needs libc alone: the preloaded library has it, too. */
#ifndef TARN_LEAD_H
#define TARN_LEAD_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "front/door.h"

union lead_address {
	struct sockaddr a;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
	char room[128];
};
/* An address and port outside that may be reached. */
struct lead_allowed {
	uint32_t address;
	int port;
};
struct lead {
	const struct door_places *places;
	bool net;                       /* what isn't ours may be reached */
	const struct lead_allowed *allowed; /* without net: these */
	size_t allowed_n;
};
enum lead_verdict {
	LEAD_ON,        /* as it is */
	LEAD_ELSEWHERE, /* the address was changed, in its own family and length */
	LEAD_REFUSED,   /* with *error */
};
/* to: n bytes of an address that a program named, in the whole union. type: SOCK_STREAM, SOCK_DGRAM; 0: not known. */
enum lead_verdict lead(const struct lead *l, int type, union lead_address *to, size_t n, int *error);
/* The place of the resolver's datagrams; NULL: there is none. */
const struct door_place *lead_resolver(const struct lead *l);

/* Takes places from a text of places_text; a line that isn't one ends it. No memory is taken. */
void lead_read(const char *text, size_t n, struct door_places *out);

#endif
