/* --net=HOST:PORT: one address outside that a program in a network name space of its own may reach. A process outside accepts on
 * sockets that were opened inside, and carries bytes to and fro. */
#ifndef TARN_RELAY_H
#define TARN_RELAY_H

#include <sys/socket.h>

#include "core/err.h"

enum { RELAYS_MAX = 16 };
struct relay {
	char host[256];
	uint32_t inside; /* the address that host has inside, host byte order: its own, or one of 127.77.1.x */
	int port;
	bool named;      /* host is a name, which /etc/hosts must know inside */
	struct sockaddr_storage target;
	socklen_t target_n;
};

/* Reads and resolves HOST:PORT, outside. i: its number, below RELAYS_MAX. Errors: INVALID, NOT_FOUND. */
int relay_read(const char *text, uint32_t i, struct relay *out, struct error *err) WARN_UNUSED;
/* Starts the process. It ends when nobody has the channel open any more, and is nobody's child. Errors: INTERNAL. */
int relay_start(int *channel, struct error *err) WARN_UNUSED;
/* Listens, inside, and hands the socket over. Errors: NETWORK. */
int relay_open(int channel, const struct relay *r, struct error *err) WARN_UNUSED;

#endif
