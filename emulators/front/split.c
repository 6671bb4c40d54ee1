#include "front/split.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAM_MAX = 4096, HEAD = 12, ASKED_MAX = 512, OURS = 0, OTHERS = 1 };

union peer {
	struct sockaddr a;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};
/* A question under way; its number upstream is its place here. */
struct asked {
	union peer from;
	socklen_t from_n;
	uint8_t id[2];
};
struct split {
	struct conf *conf;
	const char *const *only;
	int fd, port, up[2];
	struct asked asked[ASKED_MAX];
	size_t next;
};

/* ---- who is asked ---- */

/* The machine's first resolver. */
static socklen_t machine(union peer *out)
{
	char line[512], address[256];
	FILE *f = fopen("/etc/resolv.conf", "re");
	socklen_t n = 0;
	*out = (union peer){ 0 };
	while (f && !n && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " nameserver %255s", address) != 1)
			continue;
		if (inet_pton(AF_INET, address, &out->in.sin_addr) == 1) {
			out->in.sin_family = AF_INET;
			out->in.sin_port = htons(53);
			n = sizeof(out->in);
		} else if (inet_pton(AF_INET6, address, &out->in6.sin6_addr) == 1) {
			out->in6.sin6_family = AF_INET6;
			out->in6.sin6_port = htons(53);
			n = sizeof(out->in6);
		}
	}
	if (f)
		fclose(f);
	return n;
}

static int socket_to(const union peer *to, socklen_t n)
{
	int fd = socket(to->a.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !connect(fd, &to->a, n))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The name of a question, dotted; false: it isn't one. */
static bool take_name(const uint8_t *q, size_t n, char name[256])
{
	size_t at = HEAD, size = 0;
	while (at < n && q[at]) {
		size_t label = q[at++];
		if (label > 63 || at + label > n || size + label + 2 > 255)
			return false;
		if (size)
			name[size++] = '.';
		memcpy(name + size, q + at, label);
		size += label;
		at += label;
	}
	name[size] = '\0';
	return at + 4 < n && size;
}

static bool is_named(const char *const *only, const char *name)
{
	for (; *only; only++) {
		const char *colon = strrchr(*only, ':');
		if (colon && sl_eq_nocase(sl_of(*only, (size_t)(colon - *only)), sl(name)))
			return true;
	}
	return false;
}

static int side_of(const struct split *s, const uint8_t *q, size_t n)
{
	char name[256];
	struct name_book none = { 0 };
	bool ours = !take_name(q, n, name) || name_address(&none, sl(name), s->conf);
	name_book_free(&none);
	return ours || (s->only && !is_named(s->only, name)) || s->up[OTHERS] < 0 ? OURS : OTHERS;
}

/* ---- to and fro ---- */

static void ask(struct split *s)
{
	uint8_t q[DATAGRAM_MAX];
	struct asked *a = &s->asked[s->next];
	a->from_n = sizeof(a->from);
	ssize_t n = recvfrom(s->fd, q, sizeof(q), 0, &a->from.a, &a->from_n);
	if (n < HEAD)
		return;
	memcpy(a->id, q, 2);
	q[0] = (uint8_t)(s->next >> 8);
	q[1] = (uint8_t)s->next;
	s->next = (s->next + 1) % ASKED_MAX;
	(void)send(s->up[side_of(s, q, (size_t)n)], q, (size_t)n, MSG_NOSIGNAL);
}

static void answer(struct split *s, int side)
{
	uint8_t a[DATAGRAM_MAX];
	ssize_t n = recv(s->up[side], a, sizeof(a), 0);
	size_t at = n < HEAD ? ASKED_MAX : (size_t)a[0] << 8 | a[1];
	if (at >= ASKED_MAX || !s->asked[at].from_n)
		return;
	memcpy(a, s->asked[at].id, 2);
	(void)sendto(s->fd, a, (size_t)n, MSG_NOSIGNAL, &s->asked[at].from.a, s->asked[at].from_n);
	s->asked[at].from_n = 0;
}

/* ---- public ---- */

int split_open(const struct door_places *places, const char *names, const char *const *only, struct split **out, struct error *err)
{
	union peer at = { .in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } }, ours = at, others;
	const struct door_place *place = door_find(places, FRONT_RESOLVER, 53, true);
	socklen_t n = sizeof(at.in);
	struct split *s = xcalloc(1, sizeof(*s));
	s->only = only;
	s->conf = conf_new();
	conf_set(s->conf, "front", "names", names ? names : "");
	ours.in.sin_addr.s_addr = htonl(place ? place->address : 0);
	ours.in.sin_port = htons((uint16_t)(place ? place->bound : 0));
	s->up[OURS] = place ? socket_to(&ours, sizeof(ours.in)) : -1;
	socklen_t others_n = machine(&others);
	s->up[OTHERS] = others_n ? socket_to(&others, others_n) : -1;
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->up[OURS] < 0 || s->fd < 0 || bind(s->fd, &at.a, n) || getsockname(s->fd, &at.a, &n)) {
		int rc = err_set(err, ERR_NETWORK, "a port for the resolver: %m");
		split_close(s);
		return rc;
	}
	s->port = ntohs(at.in.sin_port);
	*out = s;
	return 0;
}

void split_close(struct split *s)
{
	if (!s)
		return;
	const int fds[] = { s->fd, s->up[OURS], s->up[OTHERS] };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	conf_free(s->conf);
	free(s);
}

int split_port(const struct split *s)
{
	return s->port;
}

void split_wait(const struct split *s, struct pollfd at[SPLIT_FDS])
{
	at[0] = (struct pollfd){ .fd = s ? s->fd : -1, .events = POLLIN };
	at[1] = (struct pollfd){ .fd = s ? s->up[OURS] : -1, .events = POLLIN };
	at[2] = (struct pollfd){ .fd = s ? s->up[OTHERS] : -1, .events = POLLIN };
}

void split_turn(struct split *s, const struct pollfd at[SPLIT_FDS])
{
	if (at[0].revents)
		ask(s);
	if (at[1].revents)
		answer(s, OURS);
	if (at[2].revents)
		answer(s, OTHERS);
}
