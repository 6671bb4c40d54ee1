/* A client's side of a socket, while the server is on the test's own loop. */
#ifndef TARN_TEST_SOCKETS_H
#define TARN_TEST_SOCKETS_H

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Turns the loop until `until` shows up in what fd received, the peer closed, or some thousand turns passed. */
static inline size_t receive(int fd, char *to, size_t max, const char *until)
{
	size_t n = 0;
	for (int i = 0; i < 2000; i++) {
		loop_turn(env.loop, 1);
		ssize_t r = recv(fd, to + n, max - n - 1, MSG_DONTWAIT);
		if (r > 0)
			n += (size_t)r;
		to[n] = '\0';
		if (r == 0 || (until && strstr(to, until)))
			break;
	}
	return n;
}

#endif
