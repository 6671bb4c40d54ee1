#include "tcp.h"

#include <netinet/in.h>
#include <uv.h>

#include "service.h"

enum { KEPT_MAX = 64 << 10, PAUSED_IN_MAX = 64 << 10 };

struct peer {
	struct conn c; /* first: services see only this */
	uv_tcp_t uv;
	struct tcp_listener *l;
	struct peer *prev, *next;
	struct buf in;
	struct loop_held held;
	struct loop_soon resumed;
	bool consuming, dead;
	bool full;   /* over TCP_HIGH was unsent, and it is not below TCP_LOW yet */
	bool reading;
};

struct tcp_listener {
	const struct env *env;
	struct tcp_opts o;
	uv_tcp_t uv;
	struct peer *peers;
	int port;
	bool shut, shut_done, ended; /* nobody is let in; libuv gave the handle back; tcp_close was called */
};

struct outgoing {
	uv_write_t uv;
	struct peer *p;
	char *bytes;
	bool last;
};

static void feed(struct peer *p);
static void on_resumed(void *arg);
static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *out);
static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b);

static void peer_freed(uv_handle_t *h)
{
	struct peer *p = h->data;
	buf_free(&p->in);
	buf_free(&p->c.out);
	free(p);
}

static void drop(struct peer *p)
{
	if (p->dead)
		return;
	p->dead = true;
	loop_unhold(p->l->env->loop, &p->held);
	loop_never(p->l->env->loop, &p->resumed);
	if (p->prev)
		p->prev->next = p->next;
	else
		p->l->peers = p->next;
	if (p->next)
		p->next->prev = p->prev;
	if (p->l->o.closed)
		p->l->o.closed(p->l->o.arg, &p->c);
	uv_close((uv_handle_t *)&p->uv, peer_freed);
}

size_t tcp_unsent(const struct conn *c)
{
	const struct peer *p = (const struct peer *)c;
	return c->out.n + uv_stream_get_write_queue_size((const uv_stream_t *)&p->uv);
}

/* A client with too much unread, or with a lot more to say while it is paused, is not read: what it sends stays in its socket. A
 * pause alone goes on reading, as that is how a hang-up is noticed. */
static void choose_reading(struct peer *p)
{
	bool want = !p->full && !(p->c.paused && p->in.n >= PAUSED_IN_MAX);
	if (p->dead || want == p->reading)
		return;
	p->reading = want;
	if (want)
		uv_read_start((uv_stream_t *)&p->uv, on_alloc, on_read);
	else
		uv_read_stop((uv_stream_t *)&p->uv);
}

/* Looks at how much is unsent, after that changed. */
static void weigh(struct peer *p)
{
	size_t n = tcp_unsent(&p->c);
	if (p->full && n < TCP_LOW) {
		p->full = false;
		if (p->l->o.drained)
			p->l->o.drained(p->l->o.arg, &p->c);
		if (!p->dead)
			loop_later(p->l->env->loop, &p->resumed, on_resumed, p);
	} else if (n > TCP_HIGH) {
		p->full = true;
	}
	choose_reading(p);
}

static void written(uv_write_t *w, int status)
{
	struct outgoing *o = w->data;
	struct peer *p = o->p;
	bool last = o->last;
	free(o->bytes);
	free(o);
	if (status < 0 || last)
		drop(p);
	if (!p->dead)
		weigh(p);
}

/* Empties a buffer; one that grew is not kept. */
static void give_back(struct buf *b)
{
	if (b->cap > KEPT_MAX)
		buf_free(b);
	else
		buf_reset(b);
}

/* After the commit: what is in out leaves. */
static void release(struct loop_held *h)
{
	struct peer *p = (struct peer *)((char *)h - offsetof(struct peer, held));
	if (p->dead)
		return;
	if (loop_tick_failed(p->l->env->loop)) { /* not durable: the client must not take it for done */
		drop(p);
		return;
	}
	if (p->c.out.bad) { /* the answer outgrew its ceiling; a half one would be a lie */
		log_error(p->l->env, "answer-too-large", "peer=%s", p->c.peer);
		drop(p);
		return;
	}
	size_t n = p->c.out.n, sent = 0;
	if (n) {
		uv_buf_t b = uv_buf_init(p->c.out.p, (unsigned)n);
		int rc = uv_try_write((uv_stream_t *)&p->uv, &b, 1);
		if (rc < 0 && rc != UV_EAGAIN) {
			drop(p);
			return;
		}
		sent = rc > 0 ? (size_t)rc : 0;
	}
	if (sent == n) {
		give_back(&p->c.out);
		if (p->c.closing)
			drop(p);
		else
			weigh(p);
		return;
	}
	struct outgoing *o = xcalloc(1, sizeof(*o));
	o->p = p;
	o->last = p->c.closing;
	o->bytes = p->c.out.p;
	o->uv.data = o;
	uv_buf_t b = uv_buf_init(o->bytes + sent, (unsigned)(n - sent));
	p->c.out = (struct buf){ .max = p->c.out.max };
	if (uv_write(&o->uv, (uv_stream_t *)&p->uv, &b, 1, written) < 0) {
		free(o->bytes);
		free(o);
		drop(p);
		return;
	}
	weigh(p);
}

void tcp_send(struct conn *c)
{
	struct peer *p = (struct peer *)c;
	if (!p->dead)
		loop_hold(p->l->env->loop, &p->held, release);
}

static void on_resumed(void *arg)
{
	struct peer *p = arg;
	if (!p->dead)
		feed(p);
}

void tcp_resume(struct conn *c)
{
	struct peer *p = (struct peer *)c;
	c->paused = false;
	if (p->dead)
		return;
	tcp_send(c);
	loop_later(p->l->env->loop, &p->resumed, on_resumed, p);
}

/* Hands the service whole messages until it wants more bytes or pauses. */
static void feed(struct peer *p)
{
	size_t eaten = 0;
	bool hang_up = false;
	if (p->consuming)
		return;
	p->consuming = true;
	p->c.now_ms = clock_now_ms(p->l->env->clock);
	while (!p->dead && !p->full && !p->c.paused && !p->c.closing && eaten < p->in.n) {
		ssize_t r = p->l->o.consume(p->l->o.arg, &p->c, (const uint8_t *)p->in.p + eaten, p->in.n - eaten);
		if (r == TCP_HANGUP)
			hang_up = true;
		if (r <= 0)
			break;
		eaten += (size_t)r;
		p->full = tcp_unsent(&p->c) > TCP_HIGH;
	}
	p->consuming = false;
	if (p->dead)
		return;
	if (eaten) {
		memmove(p->in.p, p->in.p + eaten, p->in.n - eaten);
		p->in.n -= eaten;
		if (!p->in.n)
			give_back(&p->in);
	}
	if (hang_up)
		p->c.closing = true;
	if (p->c.out.n || p->c.out.bad || p->c.closing)
		tcp_send(&p->c);
	choose_reading(p);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct peer *p = h->data;
	size_t want = p->in.n > suggested ? p->in.n : suggested;
	if (p->in.n == 0 && want > 16384)
		want = 16384;
	char *room = buf_room(&p->in, want);
	*out = room ? uv_buf_init(room, (unsigned)want) : uv_buf_init(NULL, 0);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct peer *p = s->data;
	if (n == 0 || p->dead)
		return;
	if (n < 0) { /* end, error, or an unfinished message over the ceiling (UV_ENOBUFS) */
		if (n == UV_ENOBUFS)
			log_warn(p->l->env, "message-too-large", "peer=%s limit=%zu", p->c.peer, p->l->o.in_max);
		drop(p);
		return;
	}
	p->in.n += (size_t)n;
	feed(p);
}

static void name_of(const struct sockaddr_storage *a, char ip[48], int *port)
{
	if (a->ss_family == AF_INET) {
		uv_ip4_name((const struct sockaddr_in *)a, ip, 48);
		*port = ntohs(((const struct sockaddr_in *)a)->sin_port);
	} else {
		uv_ip6_name((const struct sockaddr_in6 *)a, ip, 48);
		*port = ntohs(((const struct sockaddr_in6 *)a)->sin6_port);
	}
}

static void peer_name(struct peer *p)
{
	struct sockaddr_storage a;
	char ip[48] = "?";
	int n = sizeof(a), port = 0;
	if (uv_tcp_getpeername(&p->uv, (struct sockaddr *)&a, &n) == 0)
		name_of(&a, ip, &port);
	snprintf(p->c.peer, sizeof(p->c.peer), "%s:%d", ip, port);
	n = sizeof(a);
	if (uv_tcp_getsockname(&p->uv, (struct sockaddr *)&a, &n) == 0)
		name_of(&a, p->c.local, &p->c.local_port);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct tcp_listener *l = server->data;
	if (status < 0)
		return;
	struct peer *p = xcalloc(1, sizeof(*p));
	p->l = l;
	p->in.max = l->o.in_max + 65536;
	p->c.out.max = 1u << 30;
	uv_tcp_init(server->loop, &p->uv);
	p->uv.data = p;
	if (uv_accept(server, (uv_stream_t *)&p->uv)) {
		uv_close((uv_handle_t *)&p->uv, peer_freed);
		return;
	}
	uv_tcp_nodelay(&p->uv, 1);
	peer_name(p);
	p->next = l->peers;
	if (l->peers)
		l->peers->prev = p;
	l->peers = p;
	p->c.now_ms = clock_now_ms(l->env->clock);
	if (l->o.opened && l->o.opened(l->o.arg, &p->c))
		p->c.closing = true;
	if (p->c.out.n || p->c.closing)
		tcp_send(&p->c);
	choose_reading(p);
}

static void listener_freed(uv_handle_t *h)
{
	free(h->data);
}

int tcp_listen(const struct env *env, const struct tcp_opts *o, struct tcp_listener **out, struct error *err)
{
	struct sockaddr_storage a = { 0 };
	int n = sizeof(a), r;
	if (uv_ip4_addr(o->bind, o->port, (struct sockaddr_in *)&a) &&
	    uv_ip6_addr(o->bind, o->port, (struct sockaddr_in6 *)&a))
		return err_set(err, ERR_INVALID, "not an address: %s", o->bind);
	struct tcp_listener *l = xcalloc(1, sizeof(*l));
	l->env = env;
	l->o = *o;
	uv_tcp_init(loop_uv(env->loop), &l->uv);
	l->uv.data = l;
	if ((r = uv_tcp_bind(&l->uv, (struct sockaddr *)&a, 0)) || (r = uv_listen((uv_stream_t *)&l->uv, 512, on_connection)) ||
	    (r = uv_tcp_getsockname(&l->uv, (struct sockaddr *)&a, &n))) {
		uv_close((uv_handle_t *)&l->uv, listener_freed);
		return err_set(err, r == UV_EADDRINUSE ? ERR_CONFLICT : ERR_NETWORK, "port %d: %s", o->port, uv_strerror(r));
	}
	l->port = ntohs(((struct sockaddr_in *)&a)->sin_port);
	*out = l;
	return 0;
}

int tcp_port(const struct tcp_listener *l)
{
	return l->port;
}

static void listener_shut(uv_handle_t *h)
{
	struct tcp_listener *l = h->data;
	l->shut_done = true;
	if (l->ended)
		free(l);
}

void tcp_stop_accepting(struct tcp_listener *l)
{
	if (!l || l->shut)
		return;
	l->shut = true;
	uv_close((uv_handle_t *)&l->uv, listener_shut);
}

void tcp_close(struct tcp_listener *l)
{
	if (!l)
		return;
	while (l->peers)
		drop(l->peers);
	l->ended = true;
	if (l->shut_done)
		free(l);
	else
		tcp_stop_accepting(l);
}
