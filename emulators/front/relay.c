#include "front/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front/names.h"
#include "front/wire.h"

enum { PIECE = 64 << 10, NAMED = FRONT_ADDRESS + 0x100 /* 127.77.1.1 */ };

/* What comes over the channel, with a listening socket. */
struct message {
	struct sockaddr_storage target;
	socklen_t target_n;
};

int relay_read(const char *text, uint32_t i, struct relay *out, struct error *err)
{
	const char *colon = strrchr(text, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	struct in_addr literal;
	int64_t port;
	*out = (struct relay){ 0 };
	if (!colon || colon == text || (size_t)(colon - text) >= sizeof(out->host) || !sl_int(sl(colon + 1), 1, 65535, &port))
		return err_set(err, ERR_INVALID, "--net=%s: HOST:PORT", text);
	memcpy(out->host, text, (size_t)(colon - text));
	out->port = (int)port;
	int rc = getaddrinfo(out->host, colon + 1, &hints, &found);
	if (rc)
		return err_set(err, ERR_NOT_FOUND, "--net=%s: %s", text, gai_strerror(rc));
	memcpy(&out->target, found->ai_addr, found->ai_addrlen);
	out->target_n = found->ai_addrlen;
	freeaddrinfo(found);
	if (!strcmp(out->host, "localhost"))
		out->inside = INADDR_LOOPBACK;
	else if (inet_pton(AF_INET, out->host, &literal) == 1)
		out->inside = ntohl(literal.s_addr);
	else
		out->inside = NAMED + i;
	out->named = out->inside == NAMED + i;
	return 0;
}

/* ---- the process outside ---- */

/* Moves what is there. False: no more comes from there. */
static bool carry(int from, int to)
{
	static char piece[PIECE];
	ssize_t n = read(from, piece, sizeof(piece)), sent = 0;
	while (n > 0 && sent < n) {
		ssize_t done = send(to, piece + sent, (size_t)(n - sent), MSG_NOSIGNAL);
		if (done < 0)
			_exit(1);
		sent += done;
	}
	if (n <= 0)
		shutdown(to, SHUT_WR);
	return n > 0;
}

_Noreturn static void pump(int inside, int outside)
{
	struct pollfd p[2] = { { .fd = inside, .events = POLLIN }, { .fd = outside, .events = POLLIN } };
	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			_exit(1);
		if (p[0].fd >= 0 && p[0].revents && !carry(inside, outside))
			p[0].fd = -1;
		if (p[1].fd >= 0 && p[1].revents && !carry(outside, inside))
			p[1].fd = -1;
	}
	_exit(0);
}

static void serve_one(int listener, const struct message *m)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		int out = socket(m->target.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (out < 0 || connect(out, (const struct sockaddr *)&m->target, m->target_n)) {
			struct linger none = { 1, 0 }; /* refused there: cut here */
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
			_exit(1);
		}
		pump(fd, out);
	}
	close(fd);
}

_Noreturn static void serve(int channel)
{
	struct pollfd p[RELAYS_MAX + 1] = { { .fd = channel, .events = POLLIN } };
	struct message m[RELAYS_MAX + 1];
	nfds_t n = 1;
	(void)setsid();
	wire_close_others(&channel, 1);
	signal(SIGCHLD, SIG_IGN); /* none of ours is waited for */
	for (;;) {
		if (poll(p, n, -1) < 0 && errno != EINTR)
			_exit(1);
		for (nfds_t i = 1; i < n; i++)
			if (p[i].revents)
				serve_one(p[i].fd, &m[i]);
		if (!p[0].revents)
			continue;
		int fd;
		if (n > RELAYS_MAX || wire_receive(channel, &m[n], sizeof(m[n]), &fd, 0) != sizeof(m[n]) || fd < 0)
			_exit(0);
		p[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

int relay_start(int *channel, struct error *err)
{
	int ends[2], status;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return err_set(err, ERR_INTERNAL, "socketpair: %m");
	pid_t pid = fork();
	if (pid == 0) {
		if (fork())
			_exit(0);
		serve(ends[1]);
	}
	close(ends[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*channel = ends[0];
	return pid < 0 ? err_set(err, ERR_INTERNAL, "fork: %m") : 0;
}

int relay_open(int channel, const struct relay *r, struct error *err)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)r->port), .sin_addr.s_addr = htonl(r->inside) };
	struct message m = { r->target, r->target_n };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc = 0;
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 64) || wire_send(channel, &m, sizeof(m), fd) != sizeof(m))
		rc = err_set(err, ERR_NETWORK, "--net=%s:%d: %m", r->host, r->port);
	if (fd >= 0)
		close(fd);
	return rc;
}
