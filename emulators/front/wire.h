/* What goes over a channel of the door, for both of its sides. */
#ifndef TARN_WIRE_H
#define TARN_WIRE_H

#include <sys/socket.h>
#include <sys/un.h>

#include "core/err.h"

enum { DOOR_MAGIC = 0x6e726174, DOOR_HELLO_MAX = 64 << 10 };
/* From the client, with one descriptor. */
struct door_message {
	uint32_t magic, port; /* port: what the socket beside it stands for, or DOOR_ADOPT, without one */
};
enum { DOOR_ADOPT = 0 };

/* A name of any length for a socket's address: through a descriptor of its folder, which is the caller's to close. */
struct wire_path {
	int dir;
	struct sockaddr_un address;
};
int wire_path(const char *data, struct wire_path *out, struct error *err) WARN_UNUSED;

/* As recv and send, with one descriptor (-1: none). What comes closes at exec. */
ssize_t wire_receive(int channel, void *to, size_t n, int *fd, int flags);
ssize_t wire_send(int channel, const void *p, size_t n, int fd);

/* Closes every descriptor from 3 on but these, which a process beside a program would hold open for whoever started it. */
void wire_close_others(const int *keep, size_t n);

#endif
