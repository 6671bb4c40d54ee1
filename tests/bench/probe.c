/* Asks for one small object, over one connection, every millisecond until its standard input ends. Prints: requests, p50, p99, most, all in
 * microseconds. probe PORT TARGET */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* A whole answer is its headers and a body of four bytes. */
static int answer(int fd)
{
	char got[4096];
	size_t n = 0;
	while (n < sizeof(got) - 1) {
		ssize_t r = recv(fd, got + n, sizeof(got) - 1 - n, 0);
		if (r <= 0)
			return -1;
		got[n += (size_t)r] = '\0';
		char *end = strstr(got, "\r\n\r\n");
		if (end && n >= (size_t)(end + 8 - got))
			return strncmp(got, "HTTP/1.1 200", 12) ? -1 : 0;
	}
	return -1;
}

static int dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		perror("connect");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	static int64_t took[1 << 20];
	char ask[512];
	size_t n = 0;
	if (argc != 3)
		return 2;
	int fd = dial(atoi(argv[1])), failed = 0;
	int len = snprintf(ask, sizeof(ask), "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[2]);
	struct pollfd in = { .fd = 0, .events = POLLIN };
	while (n < sizeof(took) / sizeof(took[0]) && poll(&in, 1, 1) == 0) {
		int64_t began = now_us();
		if (send(fd, ask, (size_t)len, MSG_NOSIGNAL) != len || answer(fd)) {
			failed++; /* a server may close a connection: dial again, the time counts */
			close(fd);
			fd = dial(atoi(argv[1]));
			if (send(fd, ask, (size_t)len, MSG_NOSIGNAL) != len || answer(fd))
				return 1;
		}
		took[n++] = now_us() - began;
	}
	qsort(took, n, sizeof(took[0]), by_size);
	if (n)
		printf("%zu %lld %lld %lld %d\n", n, (long long)took[n / 2], (long long)took[n * 99 / 100], (long long)took[n - 1], failed);
	return !n;
}
