#include "front/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 16 << 10, ROOM = 64 << 10, CALLS_MAX = 256 };

struct side {
	int fd;
	struct buf in;   /* read here, not yet written on the other side */
	bool ended, shut; /* nothing more is read; the other side's end was passed on */
};
struct call {
	struct side client, server; /* server.fd -1: the head isn't whole yet */
	bool connecting, last;      /* last: the client gets what is in server.in, and that was it */
};
struct proxy {
	const struct door_places *places;
	struct conf *conf;
	struct name_book book;
	bool net;
	int fd, port;
	struct call *calls[CALLS_MAX];
	size_t n;
};

/* ---- one call ---- */

static void call_free(struct call *c)
{
	close(c->client.fd);
	if (c->server.fd >= 0)
		close(c->server.fd);
	buf_free(&c->client.in);
	buf_free(&c->server.in);
	free(c);
}

static void refuse(struct call *c, int status, const char *reason, const char *fmt, ...) PRINTF_LIKE(4, 5);
static void refuse(struct call *c, int status, const char *reason, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	buf_reset(&c->server.in);
	buf_addf(&c->server.in, "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, reason, text.n);
	buf_addsl(&c->server.in, buf_slice(&text));
	buf_free(&text);
	c->last = true;
}

static int dial(const struct sockaddr *a, socklen_t n)
{
	int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (!connect(fd, a, n) || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/* --net: where the name says. */
static int dial_outside(struct slice host, int port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	char *name = xstrndup(host.p, host.n), service[16];
	int fd = -1;
	snprintf(service, sizeof(service), "%d", port);
	if (!getaddrinfo(name, service, &hints, &found))
		for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next)
			fd = dial(a->ai_addr, a->ai_addrlen);
	if (found)
		freeaddrinfo(found);
	free(name);
	return fd;
}

static int dial_place(struct proxy *p, struct slice host, int port)
{
	uint32_t address = name_address(&p->book, host, p->conf);
	const struct door_place *place = address ? door_find(p->places, address, port, false) : NULL;
	struct sockaddr_in at = { .sin_family = AF_INET };
	if (!place)
		return -1;
	at.sin_addr.s_addr = htonl(place->address);
	at.sin_port = htons((uint16_t)place->bound);
	return dial((struct sockaddr *)&at, sizeof(at));
}

static bool is_ours(struct proxy *p, struct slice host)
{
	return name_address(&p->book, host, p->conf) != 0;
}

/* host[:port] of a request's target. */
static bool take_target(struct slice target, int otherwise, struct slice *host, int *port)
{
	struct slice rest;
	int64_t n = otherwise;
	sl_cut(target, ':', host, &rest);
	if (rest.p && !sl_int(rest, 1, 65535, &n))
		return false;
	*port = (int)n;
	return host->n && host->n < 254;
}

/* The head is whole: where to? */
static void begin(struct proxy *p, struct call *c, size_t head)
{
	struct slice text = sl_of(c->client.in.p, head), line, method, target, host, at, rest_of;
	int port;
	sl_cut(text, '\r', &line, &rest_of);
	sl_cut(line, ' ', &method, &target);
	sl_cut(target, ' ', &target, &rest_of);
	bool connects = sl_eqs(method, "CONNECT"), absolute = sl_after_nocase(target, S("http://"), &at);
	if (absolute)
		sl_cut(at, '/', &target, &rest_of);
	if ((!connects && !absolute) || !take_target(target, absolute ? 80 : 443, &host, &port)) {
		refuse(c, 400, "Bad Request", "tarn: a proxy takes CONNECT HOST:PORT, or http://HOST/...\n");
		return;
	}
	if (is_ours(p, host))
		c->server.fd = dial_place(p, host, port);
	else if (p->net)
		c->server.fd = dial_outside(host, port);
	if (c->server.fd < 0) {
		refuse(c, 403, "Forbidden", "tarn: %.*s:%d %s\n", SL(host), port,
		       is_ours(p, host) ? "has nothing behind it here" : p->net ? "isn't reached" : "is refused: without --net nothing leaves this machine");
		return;
	}
	c->connecting = true;
	if (!connects)
		return; /* the server reads the absolute form */
	buf_adds(&c->server.in, "HTTP/1.1 200 Connection established\r\n\r\n");
	size_t rest = c->client.in.n - head;
	memmove(c->client.in.p, c->client.in.p + head, rest);
	c->client.in.n = rest;
}

/* Reads what there is; false: the connection broke. */
static bool fill(struct side *s)
{
	char *to = s->in.n < ROOM && !s->ended ? buf_room(&s->in, ROOM - s->in.n) : NULL;
	ssize_t n = to ? read(s->fd, to, ROOM - s->in.n) : -1;
	if (!to || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	if (n > 0)
		s->in.n += (size_t)n;
	s->ended |= n == 0;
	return n >= 0;
}

/* Writes what came from one side to the other, and its end. */
static bool drain(struct side *from, struct side *to)
{
	ssize_t n = from->in.n ? send(to->fd, from->in.p, from->in.n, MSG_NOSIGNAL) : 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n > 0) {
		from->in.n -= (size_t)n;
		memmove(from->in.p, from->in.p + n, from->in.n);
	}
	if (from->ended && !from->in.n && !to->shut) {
		shutdown(to->fd, SHUT_WR);
		to->shut = true;
	}
	return true;
}

/* false: it is over. */
static bool turn(struct proxy *p, struct call *c, short client, short server)
{
	int error = 0;
	socklen_t n = sizeof(error);
	if (c->server.fd < 0 && !c->last) {
		if (client && !fill(&c->client))
			return false;
		ssize_t head = sl_find(buf_slice(&c->client.in), S("\r\n\r\n"));
		if (head >= 0)
			begin(p, c, (size_t)head + 4);
		else if (c->client.in.n >= HEAD_MAX)
			refuse(c, 431, "Request Header Fields Too Large", "tarn: too long\n");
		else
			return !c->client.ended;
	}
	if (c->last)
		return send(c->client.fd, c->server.in.p, c->server.in.n, MSG_NOSIGNAL) < 0 && errno == EAGAIN;
	if (c->connecting && server) {
		if (getsockopt(c->server.fd, SOL_SOCKET, SO_ERROR, &error, &n) || error) {
			refuse(c, 502, "Bad Gateway", "tarn: %s\n", strerror(error));
			return true;
		}
		c->connecting = false;
	}
	if (c->connecting)
		return true;
	if ((client & ~POLLOUT && !fill(&c->client)) || (server & ~POLLOUT && !fill(&c->server)))
		return false;
	return drain(&c->client, &c->server) && drain(&c->server, &c->client) && !(c->client.shut && c->server.shut);
}

/* ---- public ---- */

int proxy_open(const struct door_places *places, const char *names, bool net, struct proxy **out, struct error *err)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	struct proxy *p = xcalloc(1, sizeof(*p));
	p->places = places;
	p->net = net;
	p->conf = conf_new();
	conf_set(p->conf, "front", "names", names ? names : "");
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&at, n) || listen(p->fd, 256) || getsockname(p->fd, (struct sockaddr *)&at, &n)) {
		int rc = err_set(err, ERR_NETWORK, "a port for the proxy: %m");
		proxy_close(p);
		return rc;
	}
	p->port = ntohs(at.sin_port);
	*out = p;
	return 0;
}

void proxy_close(struct proxy *p)
{
	if (!p)
		return;
	while (p->n)
		call_free(p->calls[--p->n]);
	if (p->fd >= 0)
		close(p->fd);
	name_book_free(&p->book);
	conf_free(p->conf);
	free(p);
}

int proxy_port(const struct proxy *p)
{
	return p->port;
}

size_t proxy_wait(const struct proxy *p, struct pollfd *at, size_t n, size_t max)
{
	at[n++] = (struct pollfd){ .fd = p->n < CALLS_MAX ? p->fd : -1, .events = POLLIN };
	for (size_t i = 0; i < p->n && n + 2 <= max; i++) {
		const struct call *c = p->calls[i];
		short client = 0, server = c->connecting ? POLLOUT : 0;
		if (c->client.in.n < ROOM && !c->client.ended)
			client |= POLLIN;
		if (!c->connecting && (c->server.in.n || c->last))
			client |= POLLOUT;
		if (!c->connecting && c->server.in.n < ROOM && !c->server.ended)
			server |= POLLIN;
		if (!c->connecting && c->client.in.n)
			server |= POLLOUT;
		at[n++] = (struct pollfd){ .fd = client ? c->client.fd : -1, .events = client };
		at[n++] = (struct pollfd){ .fd = server ? c->server.fd : -1, .events = server };
	}
	return n;
}

void proxy_turn(struct proxy *p, const struct pollfd *at, size_t n)
{
	size_t calls = (n - 1) / 2 < p->n ? (n - 1) / 2 : p->n;
	for (size_t i = calls; i-- > 0;) {
		short client = at[1 + 2 * i].revents, server = at[2 + 2 * i].revents;
		if ((client || server) && !turn(p, p->calls[i], client, server)) {
			call_free(p->calls[i]);
			p->calls[i] = p->calls[--p->n];
		}
	}
	int fd = at[0].revents ? accept4(p->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;
	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	struct call *c = xcalloc(1, sizeof(*c));
	c->client.fd = fd;
	c->server.fd = -1;
	p->calls[p->n++] = c;
}
