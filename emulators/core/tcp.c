#include "tcp.h"

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include "listener.h"
#include "service.h"
#include "tls.h"

enum { KEPT_MAX = 1 << 10, SHARED_BYTES = 64 << 10, PAUSED_IN_MAX = 64 << 10, SILENT_MS = 60000 };

struct peer {
	struct conn c; /* first: services see only this */
	uv_tcp_t *uv;
	struct tcp_listener *l;
	struct guest *guest;
	struct peer *prev, *next;
	struct buf in;
	struct loop_held held;
	struct loop_soon resumed;
	bool consuming, dead;
	bool away;   /* between tcp_leave and tcp_return: its service knows nothing of it */
	bool full;   /* over TCP_HIGH was unsent, and it is not below TCP_LOW yet */
	bool reading;
	bool starts_tls;
	bool asked; /* tcp_fault was, for the message that is at the head of in */
	bool mute;  /* no answer leaves any more */
	struct loop_timer *late;
};

struct tcp_listener {
	const struct env *env;
	struct tcp_opts o;
	struct listener *door;
	struct peer *peers;
	char shared[SHARED_BYTES]; /* what is read into, for as long as that call of libuv's */
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
	free(p->c.host);
	free(p->uv);
	free(p);
}

static void wait_no_more(struct peer *p)
{
	loop_cancel(p->late);
	p->late = NULL;
	loop_pending_add(p->l->env->loop, -1);
}

static void drop(struct peer *p)
{
	if (p->dead)
		return;
	p->dead = true;
	loop_unhold(p->l->env->loop, &p->held);
	loop_never(p->l->env->loop, &p->resumed);
	if (p->late)
		wait_no_more(p);
	if (p->prev)
		p->prev->next = p->next;
	else
		p->l->peers = p->next;
	if (p->next)
		p->next->prev = p->prev;
	if (p->away)
		p->l->o.returns(p->l->o.arg, &p->c);
	if (p->l->o.closed)
		p->l->o.closed(p->l->o.arg, &p->c);
	guest_left(p->guest);
	uv_close((uv_handle_t *)p->uv, peer_freed);
}

size_t tcp_unsent(const struct conn *c)
{
	const struct peer *p = (const struct peer *)c;
	return c->out.n + uv_stream_get_write_queue_size((const uv_stream_t *)p->uv);
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
		uv_read_start((uv_stream_t *)p->uv, on_alloc, on_read);
	else
		uv_read_stop((uv_stream_t *)p->uv);
}

/* What the listener's limits go by. */
static void tell_doing(struct peer *p, bool spoke)
{
	struct guest *g = p->guest;
	bool served = p->c.paused || p->c.closing || tcp_unsent(&p->c);
	enum guest_doing doing = p->c.login_ms ? GUEST_ASKING : served ? GUEST_SERVED : GUEST_IDLE;
	if (doing != g->doing || (spoke && doing != GUEST_ASKING))
		guest_is(g, doing);
	if (g->doing == GUEST_ASKING)
		g->limit_ms = p->c.login_ms;
	else if (g->doing == GUEST_IDLE)
		g->limit_ms = p->c.idle_ms;
	g->keep = p->c.keep;
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
	if (p->dead)
		return;
	choose_reading(p);
	tell_doing(p, false);
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
	if (p->dead)
		return;
	weigh(p);
	if (!p->dead)
		tell_doing(p, true);
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
	if (n && p->mute) {
		drop(p);
		return;
	}
	if (n) {
		uv_buf_t b = uv_buf_init(p->c.out.p, (unsigned)n);
		int rc = uv_try_write((uv_stream_t *)p->uv, &b, 1);
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
	if (uv_write(&o->uv, (uv_stream_t *)p->uv, &b, 1, written) < 0) {
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
	if (p->dead)
		return;
	p->full |= tcp_unsent(c) > TCP_HIGH; /* who saw that and pauses hears of it when it has drained, however soon */
	loop_hold(p->l->env->loop, &p->held, release);
}

static void on_resumed(void *arg)
{
	struct peer *p = arg;
	if (!p->dead)
		feed(p);
}

void tcp_unread(struct conn *c, const void *bytes, size_t n)
{
	struct peer *p = (struct peer *)c;
	char *room = buf_room(&p->in, n);
	if (!room) { /* it had been there, but for what was said since */
		c->closing = true;
		return;
	}
	memmove(p->in.p + n, p->in.p, p->in.n);
	memcpy(p->in.p, bytes, n);
	p->in.n += n;
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

static void on_late(void *arg)
{
	struct peer *p = arg;
	p->late = NULL;
	loop_pending_add(p->l->env->loop, -1);
	tcp_resume(&p->c);
}

enum tcp_fault tcp_fault(struct conn *c, const char *service, const char *op)
{
	struct peer *p = (struct peer *)c;
	struct fault_hit f = { 0 };
	if (!p->asked && faults_any(p->l->env->faults))
		f = faults_ask(p->l->env->faults, service, op);
	p->asked = true;
	if (f.act == FAULT_RESET)
		return TCP_CUT;
	p->mute |= f.act == FAULT_DROP;
	if (f.act != FAULT_DELAY)
		return TCP_GOES_ON;
	c->paused = true;
	loop_pending_add(p->l->env->loop, 1);
	p->late = loop_after(p->l->env->loop, f.delay_ms, on_late, p);
	return TCP_WAITS;
}

static bool stream_open(struct peer *p, int fd)
{
	p->uv = xcalloc(1, sizeof(*p->uv));
	uv_tcp_init(loop_uv(p->l->env->loop), p->uv);
	p->uv->data = p;
	return uv_tcp_open(p->uv, fd) == 0;
}

bool tcp_has_tls(const struct conn *c)
{
	return ((const struct peer *)c)->l->env->tls && !c->secure;
}

void tcp_start_tls(struct conn *c)
{
	((struct peer *)c)->starts_tls = true;
}

static void stream_freed(uv_handle_t *h)
{
	free(h);
}

/* The stream becomes that of the plain side. */
static bool begin_tls(struct peer *p)
{
	const struct env *env = p->l->env;
	struct error err = { 0 };
	uv_os_fd_t fd;
	int plain;
	p->starts_tls = false;
	if (!tcp_has_tls(&p->c) || tcp_unsent(&p->c) || uv_fileno((uv_handle_t *)p->uv, &fd) || (fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		return false;
	if (tls_wrap(env->tls, env->loop, fd, &p->guest->local, TLS_ALPN_NONE, buf_slice(&p->in), &plain, &err)) {
		log_warn(env, "tls-failed", "peer=%s error=\"%s\"", p->c.peer, err.text);
		close(fd);
		return false;
	}
	buf_reset(&p->in);
	uv_close((uv_handle_t *)p->uv, stream_freed);
	p->reading = false;
	p->guest->fd = plain;
	p->c.secure = true;
	return stream_open(p, plain);
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
	while (!p->dead && !p->full && !p->starts_tls && !p->c.paused && !p->c.closing && eaten < p->in.n) {
		ssize_t r = p->l->o.consume(p->l->o.arg, &p->c, (const uint8_t *)p->in.p + eaten, p->in.n - eaten);
		if (r == TCP_HANGUP)
			hang_up = true;
		if (r <= 0)
			break;
		eaten += (size_t)r;
		p->asked = false;
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
	if (hang_up || (p->starts_tls && !begin_tls(p)))
		p->c.closing = true;
	if (p->c.out.n || p->c.out.bad || p->c.closing)
		tcp_send(&p->c);
	choose_reading(p);
	tell_doing(p, eaten > 0);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *out)
{
	struct peer *p = h->data;
	if (p->in.n < SHARED_BYTES) {
		*out = uv_buf_init(p->l->shared, SHARED_BYTES);
		return;
	}
	size_t want = p->in.n > suggested ? p->in.n : suggested, left = p->in.max - p->in.n;
	want = want < left ? want : left;
	char *room = buf_room(&p->in, want);
	*out = room ? uv_buf_init(room, (unsigned)want) : uv_buf_init(NULL, 0);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct peer *p = s->data;
	if (n == 0 || p->dead)
		return;
	/* A message of some bytes, of which there may be thousands unfinished, takes no more room than it has. */
	bool fits = true;
	if (n > 0 && b->base == p->l->shared) {
		buf_add(&p->in, b->base, (size_t)n);
		fits = !p->in.bad;
	} else if (n > 0) {
		p->in.n += (size_t)n;
	}
	if (n < 0 || !fits) { /* end, error, or an unfinished message over the ceiling (UV_ENOBUFS) */
		if (n == UV_ENOBUFS || !fits)
			log_warn(p->l->env, "message-too-large", "peer=%s limit=%zu", p->c.peer, p->l->o.in_max);
		drop(p);
		return;
	}
	feed(p);
}

static void peer_name(struct peer *p)
{
	char ip[48];
	int port;
	address_text(&p->guest->peer, ip, &port);
	snprintf(p->c.peer, sizeof(p->c.peer), "%s:%d", ip, port);
	address_text(&p->guest->local, p->c.local, &p->c.local_port);
	const char *host = p->l->o.host_of ? p->l->o.host_of(p->l->o.arg, p->c.local) : NULL;
	p->c.host = host ? xstrdup(host) : NULL;
}

static void on_take(void *arg, struct guest *g, enum guest_said said)
{
	struct tcp_listener *l = arg;
	struct peer *p = xcalloc(1, sizeof(*p));
	p->l = l;
	p->guest = g;
	p->in.max = l->o.in_max + 65536;
	p->c.out.max = 1u << 30;
	g->user = p;
	p->c.secure = g->secure;
	if (!stream_open(p, g->fd)) {
		close(g->fd);
		guest_left(g);
		uv_close((uv_handle_t *)p->uv, peer_freed);
		return;
	}
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
	tell_doing(p, true);
}

static bool on_cut(void *arg, struct guest *g)
{
	struct tcp_listener *l = arg;
	struct peer *p = g->user;
	if (p->c.paused)
		return false;
	if (tcp_unsent(&p->c) || p->c.closing || !l->o.expired) {
		drop(p);
		return true;
	}
	l->o.expired(l->o.arg, &p->c);
	p->c.closing = true;
	tcp_send(&p->c);
	return true;
}

int tcp_listen(const struct env *env, const struct tcp_opts *o, struct tcp_listener **out, struct error *err)
{
	struct tcp_listener *l = xcalloc(1, sizeof(*l));
	struct listener_opts door = { .bind = o->bind, .port = o->port, .speaks_first = o->speaks_first, .take = on_take, .cut = on_cut,
				      .arg = l, .limit_ms = { [GUEST_NEW] = SILENT_MS } };
	l->env = env;
	l->o = *o;
	int rc = listener_open(env, &door, &l->door, err);
	if (rc) {
		free(l);
		return rc;
	}
	*out = l;
	return 0;
}

int tcp_port(const struct tcp_listener *l)
{
	return listener_port(l->door);
}

struct listener_door *tcp_adopt(struct tcp_listener *l, int fd, int port)
{
	return listener_adopt(l->door, fd, port);
}

void tcp_stop_accepting(struct tcp_listener *l)
{
	if (l)
		listener_stop(l->door);
}

void tcp_leave(struct tcp_listener *l)
{
	for (struct peer *p = l ? l->peers : NULL, *next; p; p = next) {
		next = p->next;
		p->away = !p->c.closing && l->o.leaves && l->o.leaves(l->o.arg, &p->c);
		if (!p->away)
			drop(p);
	}
}

void tcp_return(struct tcp_listener *l)
{
	for (struct peer *p = l ? l->peers : NULL; p; p = p->next) {
		if (!p->away)
			continue;
		p->away = false;
		p->c.now_ms = clock_now_ms(l->env->clock);
		l->o.returns(l->o.arg, &p->c);
		tcp_send(&p->c);
		loop_later(l->env->loop, &p->resumed, on_resumed, p);
	}
}

void tcp_close(struct tcp_listener *l)
{
	if (!l)
		return;
	while (l->peers)
		drop(l->peers);
	listener_close(l->door);
	free(l);
}
