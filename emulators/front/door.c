/* The server's side of the door. */
#include "front/door.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/listener.h"
#include "core/service.h"
#include "front/dns.h"
#include "front/wire.h"

enum { CLIENTS_MAX = 64, BACKLOG = 8 };

/* A socket that came by a channel. */
struct given {
	struct listener_door *tcp;
	void *udp; /* of the resolver */
};

struct channel {
	struct door *d;
	struct channel *next;
	int fd;
	struct loop_watch *watch;
	struct given *given;
	size_t given_n, given_cap;
	bool adopts;
};

struct door {
	const struct env *env;
	struct door_host host;
	char *data;
	int fd; /* of door.sock, -1: none */
	struct loop_watch *watch;
	struct channel *channels;
	size_t n;
};

static void end_channel(struct channel *c)
{
	struct channel **at = &c->d->channels;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->d->n--;
	for (size_t i = 0; i < c->given_n; i++) {
		if (c->given[i].tcp)
			listener_disown(c->given[i].tcp);
		if (c->given[i].udp)
			resolver_drop(c->given[i].udp);
	}
	if (c->adopts)
		c->d->host.adopt(c->d->host.arg, -1);
	loop_unwatch(c->watch);
	close(c->fd);
	free(c->given);
	free(c);
}

static bool is_datagram(int fd)
{
	int type = 0;
	socklen_t n = sizeof(type);
	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) && type == SOCK_DGRAM;
}

static void take(struct channel *c, int fd, int port)
{
	struct door *d = c->d;
	struct given g = { 0 };
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (port != 53)
		g.tcp = d->host.tcp(d->host.arg, fd, port);
	else if (d->host.resolver && is_datagram(fd))
		g.udp = resolver_udp(d->host.resolver, fd);
	else if (d->host.resolver)
		g.tcp = resolver_tcp(d->host.resolver, fd);
	if (!g.tcp && !g.udp) { /* nobody listens there: who dials it is refused */
		close(fd);
		return;
	}
	GROW(c->given, c->given_n, c->given_cap);
	c->given[c->given_n++] = g;
}

static void on_message(void *arg)
{
	struct channel *c = arg;
	for (;;) {
		struct door_message m;
		int fd;
		ssize_t n = wire_receive(c->fd, &m, sizeof(m), &fd, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n == sizeof(m) && m.magic == DOOR_MAGIC && m.port == DOOR_ADOPT && fd < 0) {
			if (!c->adopts)
				c->d->host.adopt(c->d->host.arg, 1);
			c->adopts = true;
			continue;
		}
		if (n == sizeof(m) && fd < 0)
			log_error(c->d->env, "door-failed", "port=%u error=\"no descriptor came: ulimit -n is too low\"", m.port);
		if (n != sizeof(m) || m.magic != DOOR_MAGIC || fd < 0) {
			if (fd >= 0)
				close(fd);
			end_channel(c);
			return;
		}
		take(c, fd, (int)m.port);
	}
}

void door_channel(struct door *d, int fd)
{
	struct channel *c = xcalloc(1, sizeof(*c));
	struct buf b = { 0 };
	*c = (struct channel){ .d = d, .next = d->channels, .fd = fd };
	d->channels = c;
	d->n++;
	d->host.hello(d->host.arg, &b);
	if (send(fd, b.p, b.n, MSG_NOSIGNAL) != (ssize_t)b.n)
		log_warn(d->env, "door-failed", "error=\"%m\"");
	buf_free(&b);
	c->watch = loop_watch_fd(d->env->loop, fd, on_message, c);
}

/* Whoever else runs on this machine has no business here. */
static bool is_ours(int fd)
{
	struct ucred who;
	socklen_t n = sizeof(who);
	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) && (who.uid == geteuid() || who.uid == 0);
}

static void on_visitor(void *arg)
{
	struct door *d = arg;
	int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return;
	if (d->n < CLIENTS_MAX && is_ours(fd))
		door_channel(d, fd);
	else
		close(fd);
}

static int listen_in(struct door *d, const char *data, struct error *err)
{
	struct wire_path at;
	int rc = wire_path(data, &at, err);
	if (rc)
		return rc;
	d->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)unlink(at.address.sun_path); /* of one that was killed: the folder is locked by us */
	if (d->fd < 0 || bind(d->fd, (struct sockaddr *)&at.address, sizeof(at.address)) || chmod(at.address.sun_path, 0600) || listen(d->fd, BACKLOG))
		rc = err_set(err, ERR_NETWORK, "door.sock in %s: %m", data);
	else
		d->data = xstrdup(data);
	close(at.dir);
	return rc;
}

int door_serve(const struct env *env, const struct door_host *host, const char *data, struct door **out, struct error *err)
{
	struct door *d = xcalloc(1, sizeof(*d));
	*d = (struct door){ .env = env, .host = *host, .fd = -1 };
	int rc = data ? listen_in(d, data, err) : 0;
	if (rc) {
		door_close(d);
		return rc;
	}
	if (d->fd >= 0)
		d->watch = loop_watch_fd(env->loop, d->fd, on_visitor, d);
	*out = d;
	return 0;
}

void door_close(struct door *d)
{
	struct wire_path at;
	struct error err;
	if (!d)
		return;
	while (d->channels)
		end_channel(d->channels);
	loop_unwatch(d->watch);
	if (d->fd >= 0)
		close(d->fd);
	if (d->data && !wire_path(d->data, &at, &err)) {
		(void)unlink(at.address.sun_path);
		close(at.dir);
	}
	free(d->data);
	free(d);
}
