#include "listener.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "service.h"
#include "tls.h"

enum {
	ACCEPTED_MAX = 64,        /* of a turn: then others have theirs */
	REST_MS = 100, PEEK_MS = 10, SWEEP_MS = 500,
	GIVE_WAY = 8,             /* where descriptors are few, so many leave at once */
	LEFT_MANY = 256,          /* after so many have left their memory is given back */
	COMPLAIN_MS = 10000,      /* between two lines of the log that say the same */
	ASKING_BYTES = 16 << 10,  /* that must come of a body in the time of a request */
	TLS_HANDSHAKE = 0x16,     /* how a client of TLS begins; no request line, and no length of a Kafka message, does */
	UNREAD_MS = 5000,         /* an answer of which nothing was read for so long gives way to a newcomer where no room is left */
	JUST_MS = 1000,
	TRIES = 16,               /* to find one who can be cut */
};

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const struct setting listener_settings[] = {
	{ "http", "connections", "2000", "clients of a port at a time; for one more the longest silent is hung up on, once they are twice as many at all events", SETTING_INT, NULL, 1, 1000000 },
	{ "http", "idle_timeout", "60s", "a connection without a request is hung up on after it", SETTING_DURATION },
	{ "http", "request_timeout", "30s", "a request's headers must have come within it, and 16 KiB of its body each time it passes", SETTING_DURATION },
	{ NULL },
};

struct guest_watch {
	uv_poll_t uv;
	struct guest *g;
	struct loop_timer *again; /* it said too little */
};

struct guests {
	struct guest *first, *last;
};

/* A socket that listens: the listener's own, and those that were adopted. */
struct listener_door {
	struct listener *l;
	struct listener_door *next;
	int fd, port;             /* the one it stands for */
	bool adopted;
	struct loop_watch *watch; /* NULL: nobody is let in */
	struct loop_timer *rest;
};

struct listener {
	const struct env *env;
	struct listener_opts o;
	struct listener *next; /* of all in this process */
	struct listener_door *doors; /* NULL: nobody is let in any more */
	int port;
	struct loop_timer *sweep;
	struct guests guests[GUEST_KINDS];
	size_t n, max;         /* guests without those who leave */
	size_t left;           /* since memory was given back */
	int64_t complained_ms;
	rlim_t fd_max;
};

static struct listener *listeners; /* descriptors are the process's: for them a guest of any port gives way */

/* ---- guests ---- */

static int64_t now_ms(const struct listener *l)
{
	return (int64_t)uv_now(loop_uv(l->env->loop));
}

static void take_out(struct guest *g)
{
	struct guests *list = &g->l->guests[g->doing];
	*(g->prev ? &g->prev->next : &list->first) = g->next;
	*(g->next ? &g->next->prev : &list->last) = g->prev;
	g->l->n -= g->doing != GUEST_LEAVING;
}

static void put_in(struct guest *g, enum guest_doing doing)
{
	struct guests *list = &g->l->guests[doing];
	g->doing = doing;
	g->since_ms = now_ms(g->l);
	g->limit_ms = g->l->o.limit_ms[doing];
	g->got = 0;
	g->prev = list->last;
	g->next = NULL;
	*(list->last ? &list->last->next : &list->first) = g;
	list->last = g;
	g->l->n += doing != GUEST_LEAVING;
}

void guest_is(struct guest *g, enum guest_doing doing)
{
	if (g->doing == GUEST_LEAVING)
		return;
	take_out(g);
	put_in(g, doing);
}

void guest_got(struct guest *g, size_t n)
{
	g->got += n;
	if (g->doing == GUEST_ASKING && g->got >= ASKING_BYTES)
		guest_is(g, GUEST_ASKING);
}

static void watch_freed(uv_handle_t *h)
{
	free(h->data);
}

void guest_unwatch(struct guest *g)
{
	if (!g->watch)
		return;
	loop_cancel(g->watch->again);
	uv_poll_stop(&g->watch->uv); /* it forgets the descriptor now */
	uv_close((uv_handle_t *)&g->watch->uv, watch_freed);
	g->watch = NULL;
}

void guest_left(struct guest *g)
{
	guest_unwatch(g);
	take_out(g);
	g->l->left++;
	free(g);
}

/* One that nobody has taken. */
static void turn_away(struct guest *g)
{
	int fd = g->fd;
	guest_left(g);
	close(fd);
}

static bool cut(struct guest *g)
{
	struct listener *l = g->l;
	if (!g->taken) {
		turn_away(g);
		return true;
	}
	enum guest_doing was = g->doing;
	guest_is(g, GUEST_LEAVING);
	if (l->o.cut(l->o.arg, g))
		return true;
	take_out(g);
	put_in(g, was);
	return false;
}

void address_text(const union address *a, char ip[48], int *port)
{
	snprintf(ip, 48, "?");
	*port = 0;
	if (a->a.sa_family == AF_INET) {
		uv_ip4_name(&a->in, ip, 48);
		*port = ntohs(a->in.sin_port);
	} else if (a->a.sa_family == AF_INET6) {
		uv_ip6_name(&a->in6, ip, 48);
		*port = ntohs(a->in6.sin6_port);
	}
}

/* ---- limits ---- */

static void look_at(struct guest *g)
{
	struct listener *l = g->l;
	if (g->doing == GUEST_LEAVING) {
		(void)l->o.cut(l->o.arg, g);
		return;
	}
	if (g->hung) {
		l->o.hung(l->o.arg, g);
		return;
	}
	if (g->limit_ms && now_ms(l) - g->since_ms >= g->limit_ms)
		(void)cut(g);
}

static void sweep(void *arg)
{
	struct listener *l = arg;
	l->sweep = NULL;
	for (int doing = GUEST_KINDS; doing-- > 0;) { /* first those that leave: who is cut now may send its last words */
		struct guest *last = l->guests[doing].last, *next;
		for (struct guest *g = l->guests[doing].first; g; g = next) {
			next = g == last ? NULL : g->next;
			look_at(g);
		}
	}
	if (!l->n && l->left >= LEFT_MANY) {
		l->left = 0;
#ifdef __GLIBC__
		(void)malloc_trim(0);
#endif
	}
	if (l->n || l->guests[GUEST_LEAVING].first)
		l->sweep = loop_after(l->env->loop, SWEEP_MS, sweep, l);
}

static struct guest *older(struct guest *a, struct guest *b)
{
	return !a || (b && b->since_ms < a->since_ms) ? b : a;
}

/* The guest that gives way first: who has been silent longest, idle, with half a request, or not reading its answer (a slow reader is
 * given more time). Where it must be, who has just spoken does too, if nobody was served before that. */
static struct guest *first_to_go(struct listener *l, bool must)
{
	struct guest *longest = NULL;
	for (int doing = 0; doing < GUEST_LEAVING; doing++) {
		struct guest *g = l->guests[doing].first;
		while (g && g->keep)
			g = g->next;
		int64_t least = must ? 0 : doing == GUEST_SERVED ? UNREAD_MS : JUST_MS;
		if (g && now_ms(l) - g->since_ms >= least)
			longest = older(longest, g);
	}
	return longest;
}

/* In one port, or (NULL) anywhere. False: nobody gives way. */
static bool make_room(struct listener *only, bool must)
{
	for (int i = 0; i < TRIES; i++) {
		struct guest *oldest = only ? first_to_go(only, must) : NULL;
		for (struct listener *l = only ? NULL : listeners; l; l = l->next)
			oldest = older(oldest, first_to_go(l, must));
		if (!oldest)
			return false;
		if (cut(oldest)) /* else it isn't the oldest any more */
			return true;
	}
	return false;
}

static bool make_descriptors(void)
{
	bool made = make_room(NULL, true);
	for (int i = 1; i < GIVE_WAY && made; i++)
		(void)make_room(NULL, true);
	return made;
}

/* ---- what a guest speaks ---- */

static void on_readable(uv_poll_t *u, int status, int events);
static void on_hangup(uv_poll_t *u, int status, int events);

static void hand_over(struct guest *g, enum guest_said said)
{
	struct listener *l = g->l;
	g->taken = true;
	g->said = said;
	if (l->o.hung && said == SAID_OTHER)
		uv_poll_start(&g->watch->uv, UV_DISCONNECT, on_hangup);
	else
		guest_unwatch(g);
	l->o.take(l->o.arg, g, said);
}

static void on_hangup(uv_poll_t *u, int status, int events)
{
	struct guest_watch *w = u->data;
	struct guest *g = w->g;
	uv_poll_stop(u);
	g->hung = true;
	g->l->o.hung(g->l->o.arg, g);
}

static void peek_again(void *arg)
{
	struct guest_watch *w = arg;
	w->again = NULL;
	uv_poll_start(&w->uv, UV_READABLE, on_readable);
}

static bool has_ended(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };
	return poll(&p, 1, 0) > 0;
}

static bool watch(struct guest *g);

/* What it says from now on is read of the plain side. */
static bool begin_tls(struct guest *g)
{
	struct listener *l = g->l;
	struct error err;
	int plain;
	guest_unwatch(g);
	if (tls_wrap(l->env->tls, l->env->loop, g->fd, &g->local, l->o.http2 ? TLS_ALPN_HTTP2 : l->o.http1 ? TLS_ALPN_HTTP1 : TLS_ALPN_NONE,
		     sl(NULL), &plain, &err)) {
		log_warn(l->env, "tls-failed", "error=\"%s\"", err.text);
		return false;
	}
	g->fd = plain;
	g->secure = true;
	return watch(g);
}

/* False: it has gone. */
static bool tell_apart(struct guest *g)
{
	char got[sizeof(preface) - 1];
	ssize_t n = recv(g->fd, got, sizeof(got), MSG_PEEK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	if (got[0] == TLS_HANDSHAKE && !g->secure && g->l->env->tls)
		return begin_tls(g);
	if (!g->l->o.http2 || memcmp(got, preface, (size_t)n)) {
		hand_over(g, SAID_OTHER);
	} else if (n >= 3) { /* no method begins with PRI */
		hand_over(g, SAID_HTTP2);
	} else if (has_ended(g->fd)) {
		return false;
	} else { /* what it said stays readable: not at once again */
		uv_poll_stop(&g->watch->uv);
		g->watch->again = loop_after(g->l->env->loop, PEEK_MS, peek_again, g->watch);
	}
	return true;
}

static void on_readable(uv_poll_t *u, int status, int events)
{
	struct guest_watch *w = u->data;
	struct guest *g = w->g;
	if (status < 0 || !tell_apart(g))
		turn_away(g);
}

static bool watch(struct guest *g)
{
	struct guest_watch *w = xcalloc(1, sizeof(*w));
	w->g = g;
	w->uv.data = w;
	if (uv_poll_init(loop_uv(g->l->env->loop), &w->uv, g->fd)) {
		free(w);
		return false;
	}
	g->watch = w;
	uv_poll_start(&w->uv, UV_READABLE, on_readable);
	return true;
}

/* ---- the door ---- */

static void on_connection(void *arg);

static void open_door(struct listener_door *d)
{
	d->watch = loop_watch_fd(d->l->env->loop, d->fd, on_connection, d);
}

static void on_rested(void *arg)
{
	struct listener_door *d = arg;
	d->rest = NULL;
	open_door(d);
}

/* Nobody is let in for a moment; who waits at the door isn't refused. */
static void rest(struct listener_door *d)
{
	loop_unwatch(d->watch);
	d->watch = NULL;
	d->rest = loop_after(d->l->env->loop, REST_MS, on_rested, d);
}

static void complain(struct listener *l, const char *why)
{
	int64_t now = now_ms(l);
	if (l->complained_ms && now - l->complained_ms < COMPLAIN_MS)
		return;
	l->complained_ms = now;
	log_warn(l->env, "too-many-connections", "port=%d clients=%zu reason=%s", l->port, l->n, why);
}

/* Descriptors are taken lowest first: the number of a new one tells how many are in use, about. */
static bool few_left(const struct listener *l, int fd)
{
	return (rlim_t)fd >= l->fd_max;
}

/* The last ones are for files and children. */
static rlim_t fd_bound(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == RLIM_INFINITY)
		return RLIM_INFINITY;
	return r.rlim_cur - (r.rlim_cur / 8 < 64 ? r.rlim_cur / 8 : 64);
}

/* Makes room where there is none. False: nobody gives way. */
static bool room_for(struct listener *l, int fd)
{
	if (few_left(l, fd)) {
		complain(l, "descriptors");
		return make_descriptors();
	}
	if (l->n < l->max)
		return true;
	complain(l, "http.connections");
	return make_room(l, l->n >= 2 * l->max) || l->n < 2 * l->max;
}

/* A client of IPv4 at a socket of both. */
static void unmap(union address *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	if (a->a.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return;
	in.sin_port = a->in6.sin6_port;
	memcpy(&in.sin_addr, &a->in6.sin6_addr.s6_addr[12], 4);
	a->in = in;
}

static void let_in(struct listener_door *d, int fd, const union address *peer)
{
	struct listener *l = d->l;
	struct guest *g = xcalloc(1, sizeof(*g));
	socklen_t n = sizeof(g->local);
	g->l = l;
	g->fd = fd;
	g->peer = *peer;
	if (getsockname(fd, &g->local.a, &n))
		g->local.a.sa_family = AF_UNSPEC;
	unmap(&g->peer);
	unmap(&g->local);
	if (d->adopted && g->local.a.sa_family != AF_UNSPEC) /* a port has the same place in both kinds of address */
		g->local.in.sin_port = htons((uint16_t)d->port);
	put_in(g, GUEST_NEW);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (!l->sweep)
		l->sweep = loop_after(l->env->loop, SWEEP_MS, sweep, l);
	if (l->o.speaks_first)
		hand_over(g, SAID_NOTHING);
	else if (!watch(g) || !tell_apart(g)) /* it may have said something already */
		turn_away(g);
}

static void on_connection(void *arg)
{
	struct listener_door *d = arg;
	struct listener *l = d->l;
	for (int i = 0; i < ACCEPTED_MAX && d->watch; i++) {
		union address peer = { 0 };
		socklen_t n = sizeof(peer);
		int fd = accept4(d->fd, &peer.a, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
			complain(l, "descriptors");
			(void)make_descriptors();
			rest(d);
			return;
		}
		if (fd < 0)
			return;
		if (room_for(l, fd)) {
			let_in(d, fd, &peer);
		} else {
			close(fd);
			rest(d);
		}
	}
}

/* ---- opening, closing ---- */

static struct listener_door *add_door(struct listener *l, int fd, int port, bool adopted)
{
	struct listener_door *d = xcalloc(1, sizeof(*d));
	*d = (struct listener_door){ .l = l, .next = l->doors, .fd = fd, .port = port, .adopted = adopted };
	l->doors = d;
	open_door(d);
	return d;
}

static int bind_to(struct listener *l, int *fd, struct error *err)
{
	union address a = { 0 };
	socklen_t n = sizeof(a);
	if (uv_ip4_addr(l->o.bind, l->o.port, &a.in) && uv_ip6_addr(l->o.bind, l->o.port, &a.in6))
		return err_set(err, ERR_INVALID, "not an address: %s", l->o.bind);
	*fd = socket(a.a.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return err_set(err, ERR_INTERNAL, "socket: %m");
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (a.a.sa_family == AF_INET6) /* "::" is every address of this machine, as 0.0.0.0 is */
		setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ !IN6_IS_ADDR_UNSPECIFIED(&a.in6.sin6_addr) }, sizeof(int));
	if (bind(*fd, &a.a, a.a.sa_family == AF_INET6 ? sizeof(a.in6) : sizeof(a.in)) || listen(*fd, 1024) ||
	    getsockname(*fd, &a.a, &n)) {
		int rc = err_set(err, errno == EADDRINUSE ? ERR_CONFLICT : ERR_NETWORK, "port %d: %m", l->o.port);
		close(*fd);
		return rc;
	}
	l->port = ntohs(a.a.sa_family == AF_INET6 ? a.in6.sin6_port : a.in.sin_port);
	return 0;
}

int listener_open(const struct env *env, const struct listener_opts *o, struct listener **out, struct error *err)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	l->env = env;
	l->o = *o;
	l->max = (size_t)conf_int(env->conf, "http", "connections", 2000);
	l->fd_max = fd_bound();
	int fd = -1, rc = o->port < 0 ? 0 : bind_to(l, &fd, err);
	if (rc) {
		free(l);
		return rc;
	}
	if (fd >= 0)
		(void)add_door(l, fd, l->port, false);
	l->next = listeners;
	listeners = l;
	*out = l;
	return 0;
}

int listener_port(const struct listener *l)
{
	return l->port;
}

struct listener_door *listener_adopt(struct listener *l, int fd, int port)
{
	return add_door(l, fd, port, true);
}

void listener_disown(struct listener_door *d)
{
	struct listener_door **at = &d->l->doors;
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	loop_unwatch(d->watch);
	loop_cancel(d->rest);
	close(d->fd);
	free(d);
}

void listener_stop(struct listener *l)
{
	while (l && l->doors)
		listener_disown(l->doors);
}

void listener_close(struct listener *l)
{
	if (!l)
		return;
	listener_stop(l);
	for (int doing = 0; doing < GUEST_KINDS; doing++)
		while (l->guests[doing].first)
			turn_away(l->guests[doing].first);
	loop_cancel(l->sweep);
	for (struct listener **at = &listeners; *at; at = &(*at)->next) {
		if (*at == l) {
			*at = l->next;
			break;
		}
	}
	free(l);
}
