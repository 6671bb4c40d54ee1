#include "front/places.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

/* One of the stack's own ports; what the program calls 127.0.0.1:4566 is this stack, whoever else listens there. */
static int open_own(int channel, int port, struct door_places *out, struct error *err)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 || bind(fd, (struct sockaddr *)&at, n) || listen(fd, 1024) || getsockname(fd, (struct sockaddr *)&at, &n)
			 ? err_set(err, ERR_NETWORK, "a port for 127.0.0.1:%d: %m", port)
			 : door_hand(channel, fd, port, err);
	if (!rc && out->n < ARRAY_LEN(out->at))
		out->at[out->n++] = (struct door_place){ INADDR_LOOPBACK, port, false, ntohs(at.sin_port) };
	if (fd >= 0)
		close(fd);
	return rc;
}

int places_open(const struct exec_plan *plan, struct door_places *out, struct error *err)
{
	int rc = door_open(plan->channel, false, plan->answer.own, out, err);
	for (const int *own = plan->answer.own; !rc && *own; own++)
		rc = open_own(plan->channel, *own, out, err);
	return rc;
}

void places_text(const struct door_places *places, struct buf *out)
{
	for (size_t i = 0; i < places->n; i++) {
		const struct door_place *p = &places->at[i];
		buf_addf(out, "%u %d %s %d\n", p->address, p->port, p->udp ? "udp" : "tcp", p->bound);
	}
}
