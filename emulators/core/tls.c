#include "tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "listener.h"
#include "loop.h"

enum { RECORD = 16 << 10 };

/* The client's side (outer) speaks TLS, the server's (inner) plain text. Each direction holds one record at most where its reader is
 * slow: `in` what was decrypted, GnuTLS itself what was encrypted (`sending`). */
struct tls_conn {
	struct tls *t;
	struct tls_conn *prev, *next;
	gnutls_session_t session;
	struct ca_leaf *leaf;
	union address local;
	struct end {
		struct tls_conn *c;
		uv_poll_t poll;
		int fd, events;
		bool ended; /* no more comes from there */
	} outer, inner;
	struct buf first, in;
	size_t first_at, in_at;
	bool shaken, sending, told_inner, dead;
	int open_handles;
};

struct tls {
	struct ca *ca;
	struct tls_conn *conns;
	gnutls_priority_t priorities;
	void (*distrusted)(void *arg, const char *name);
	void *distrusted_arg;
	char told[256];      /* the last name that was told of */
	char record[RECORD]; /* on its way */
};

/* ---- a connection's end ---- */

static void handle_closed(uv_handle_t *h)
{
	struct tls_conn *c = ((struct end *)h->data)->c;
	if (--c->open_handles)
		return;
	buf_free(&c->first);
	buf_free(&c->in);
	free(c);
}

static void end_close(struct end *e)
{
	uv_poll_stop(&e->poll); /* it forgets the descriptor now */
	close(e->fd);
	uv_close((uv_handle_t *)&e->poll, handle_closed);
}

static void conn_close(struct tls_conn *c)
{
	if (c->dead)
		return;
	c->dead = true;
	*(c->prev ? &c->prev->next : &c->t->conns) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	gnutls_deinit(c->session);
	ca_leaf_drop(c->leaf);
	end_close(&c->outer);
	end_close(&c->inner);
}

/* ---- what GnuTLS calls ---- */

static ssize_t pull(gnutls_transport_ptr_t p, void *to, size_t n)
{
	struct tls_conn *c = p;
	size_t left = c->first.n - c->first_at;
	if (!left)
		return recv(c->outer.fd, to, n, 0);
	if (n > left)
		n = left;
	memcpy(to, c->first.p + c->first_at, n);
	c->first_at += n;
	return (ssize_t)n;
}

static ssize_t push(gnutls_transport_ptr_t p, const void *from, size_t n)
{
	return send(((struct tls_conn *)p)->outer.fd, from, n, MSG_NOSIGNAL);
}

/* The hello is read: the certificate is the one for the name it asks for. */
static int on_hello(gnutls_session_t session)
{
	struct tls_conn *c = gnutls_session_get_ptr(session);
	char name[256];
	size_t n = sizeof(name);
	unsigned type;
	struct error err;
	if (c->leaf)
		return 0;
	if (gnutls_server_name_get(session, name, &n, &type, 0) || type != GNUTLS_NAME_DNS)
		n = 0;
	if (ca_leaf_for(c->t->ca, sl_of(name, n), &c->local, &c->leaf, &err))
		return GNUTLS_E_UNRECOGNIZED_NAME;
	return gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, ca_credentials(c->leaf));
}

/* ---- both directions ---- */

/* A client that breaks off because of our certificate: nobody else knows why it came to nothing. */
static void tell_distrust(struct tls_conn *c, int rc)
{
	char name[sizeof(c->t->told)] = "";
	size_t n = sizeof(name) - 1;
	unsigned type;
	gnutls_alert_description_t why = rc == GNUTLS_E_FATAL_ALERT_RECEIVED ? gnutls_alert_get(c->session) : GNUTLS_A_CLOSE_NOTIFY;
	/* OpenSSL says it in plain text where TLS 1.3 has keys already, which is nothing that can be decrypted; or the client is gone before
	 * its alert was read. */
	bool gone = c->leaf && (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR || rc == GNUTLS_E_PUSH_ERROR);
	if (!c->t->distrusted || (why != GNUTLS_A_UNKNOWN_CA && why != GNUTLS_A_BAD_CERTIFICATE && why != GNUTLS_A_CERTIFICATE_UNKNOWN &&
				  rc != GNUTLS_E_DECRYPTION_FAILED && !gone))
		return;
	if (gnutls_server_name_get(c->session, name, &n, &type, 0))
		snprintf(name, sizeof(name), "localhost");
	if (strcmp(name, c->t->told))
		c->t->distrusted(c->t->distrusted_arg, name);
	memcpy(c->t->told, name, sizeof(name));
}

/* False: the connection is of no more use. */
static bool shake(struct tls_conn *c)
{
	char byte;
	int rc;
	do
		rc = gnutls_handshake(c->session);
	while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
	if (rc < 0 && rc != GNUTLS_E_AGAIN) {
		tell_distrust(c, rc);
		(void)gnutls_alert_send_appropriate(c->session, rc);
		return false;
	}
	c->shaken = rc == 0;
	/* The server says nothing before it was spoken to; its hanging up is all that can come. MySQL's side waits likewise. */
	return c->shaken || recv(c->inner.fd, &byte, 1, MSG_PEEK) != 0;
}

/* What was decrypted goes to the server. False: it doesn't take all of it now. */
static bool hand_in(struct tls_conn *c, const char *p, size_t n)
{
	ssize_t sent = c->inner.ended ? (ssize_t)n : send(c->inner.fd, p, n, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		sent = (ssize_t)n; /* the server has hung up: nobody wants it */
	if (sent < 0)
		sent = 0;
	if ((size_t)sent == n)
		return true;
	if (p != c->in.p + c->in_at)
		buf_add(&c->in, p + sent, n - (size_t)sent);
	else
		c->in_at += (size_t)sent;
	return false;
}

static bool inwards(struct tls_conn *c)
{
	while (!c->outer.ended || c->in.n) {
		if (c->in.n) {
			if (!hand_in(c, c->in.p + c->in_at, c->in.n - c->in_at))
				return true;
			buf_reset(&c->in);
			c->in_at = 0;
			continue;
		}
		ssize_t n = gnutls_record_recv(c->session, c->t->record, sizeof(c->t->record));
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			return true;
		if (n == 0 || n == GNUTLS_E_PREMATURE_TERMINATION)
			c->outer.ended = true;
		else if (n < 0 && gnutls_error_is_fatal((int)n))
			return false;
		else if (n > 0)
			(void)hand_in(c, c->t->record, (size_t)n);
	}
	if (!c->told_inner)
		shutdown(c->inner.fd, SHUT_WR);
	c->told_inner = true;
	return true;
}

static bool outwards(struct tls_conn *c)
{
	while (c->sending || !c->inner.ended) {
		ssize_t n = 0;
		if (!c->sending) {
			n = recv(c->inner.fd, c->t->record, sizeof(c->t->record), 0);
			if (n < 0 && (errno == EAGAIN || errno == EINTR))
				return true;
			if (n <= 0) {
				c->inner.ended = true;
				break;
			}
		}
		ssize_t sent = c->sending ? gnutls_record_send(c->session, NULL, 0) : gnutls_record_send(c->session, c->t->record, (size_t)n);
		c->sending = sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED;
		if (c->sending)
			return true;
		if (sent < 0)
			return false;
	}
	(void)gnutls_bye(c->session, GNUTLS_SHUT_WR);
	return false;
}

static void on_ready(uv_poll_t *u, int status, int events);

static void watch(struct end *e, int events)
{
	if (e->events == events)
		return;
	e->events = events;
	if (events)
		uv_poll_start(&e->poll, events, on_ready);
	else
		uv_poll_stop(&e->poll);
}

static void pump(struct tls_conn *c)
{
	if ((!c->shaken && !shake(c)) || (c->shaken && (!inwards(c) || !outwards(c)))) {
		conn_close(c);
		return;
	}
	bool write = c->shaken ? c->sending : gnutls_record_get_direction(c->session) == 1;
	watch(&c->outer, (c->outer.ended || c->in.n ? 0 : UV_READABLE) | (write ? UV_WRITABLE : 0));
	watch(&c->inner, (c->inner.ended || c->sending ? 0 : UV_READABLE) | (c->in.n ? UV_WRITABLE : 0));
}

static void on_ready(uv_poll_t *u, int status, int events)
{
	struct tls_conn *c = ((struct end *)u->data)->c;
	if (status < 0)
		((struct end *)u->data)->events = 0; /* libuv has stopped it; what happened shows at the next read */
	pump(c);
}

/* ---- a connection's begin ---- */

static void set_alpn(gnutls_session_t s, enum tls_alpn alpn)
{
	static const gnutls_datum_t names[] = { { (unsigned char *)"h2", 2 }, { (unsigned char *)"http/1.1", 8 } };
	unsigned from = alpn == TLS_ALPN_HTTP2 ? 0 : 1;
	if (alpn != TLS_ALPN_NONE)
		(void)gnutls_alpn_set_protocols(s, names + from, 2 - from, GNUTLS_ALPN_SERVER_PRECEDENCE);
}

static int session_open(struct tls_conn *c, enum tls_alpn alpn, struct error *err)
{
	int rc = c->t->priorities ? 0 : gnutls_priority_init(&c->t->priorities, "NORMAL", NULL);
	if (rc || (rc = gnutls_init(&c->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL)))
		return err_set(err, ERR_INTERNAL, "TLS: %s", gnutls_strerror(rc));
	gnutls_priority_set(c->session, c->t->priorities);
	gnutls_session_set_ptr(c->session, c);
	gnutls_transport_set_ptr(c->session, c);
	gnutls_transport_set_pull_function(c->session, pull);
	gnutls_transport_set_push_function(c->session, push);
	gnutls_handshake_set_post_client_hello_function(c->session, on_hello);
	gnutls_certificate_server_set_request(c->session, GNUTLS_CERT_IGNORE);
	set_alpn(c->session, alpn);
	return 0;
}

static bool end_open(struct tls_conn *c, struct end *e, struct loop *loop, int fd)
{
	e->c = c;
	e->fd = fd;
	e->poll.data = e;
	bool ok = !uv_poll_init(loop_uv(loop), &e->poll, fd);
	c->open_handles += ok;
	return ok;
}

int tls_wrap(struct tls *t, struct loop *loop, int fd, const union address *local, enum tls_alpn alpn, struct slice first, int *plain,
	     struct error *err)
{
	int pair[2];
	struct slice pem;
	int rc = ca_pem(t->ca, &pem, err); /* so that a folder that can't be written is told of */
	if (rc)
		return rc;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
		return err_set(err, ERR_INTERNAL, "TLS: %m");
	struct tls_conn *c = xcalloc(1, sizeof(*c));
	c->t = t;
	c->local = *local;
	rc = session_open(c, alpn, err);
	if (!rc && !end_open(c, &c->outer, loop, fd))
		rc = err_set(err, ERR_INTERNAL, "TLS: a descriptor can't be watched");
	if (!rc && !end_open(c, &c->inner, loop, pair[0]))
		rc = err_set(err, ERR_INTERNAL, "TLS: a descriptor can't be watched");
	if (rc) {
		gnutls_deinit(c->session);
		close(pair[0]);
		close(pair[1]);
		if (c->open_handles)
			uv_close((uv_handle_t *)&c->outer.poll, handle_closed);
		else
			free(c);
		return rc;
	}
	buf_addsl(&c->first, first);
	c->next = t->conns;
	if (c->next)
		c->next->prev = c;
	t->conns = c;
	*plain = pair[1];
	watch(&c->outer, UV_READABLE | (first.n ? UV_WRITABLE : 0)); /* what came already shows nowhere else */
	watch(&c->inner, UV_READABLE);
	return 0;
}

/* ---- of a process ---- */

struct tls *tls_new(const char *dir)
{
	struct tls *t = xcalloc(1, sizeof(*t));
	t->ca = ca_new(dir);
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	for (struct tls_conn *c = t->conns, *next; c; c = next) {
		next = c->next;
		if (c->shaken)
			pump(c);
	}
	while (t->conns)
		conn_close(t->conns);
	if (t->priorities)
		gnutls_priority_deinit(t->priorities);
	ca_free(t->ca);
	free(t);
}

int tls_ca(struct tls *t, struct slice *pem, struct error *err)
{
	return ca_pem(t->ca, pem, err);
}

void tls_on_distrust(struct tls *t, void (*fn)(void *arg, const char *name), void *arg)
{
	t->distrusted = fn;
	t->distrusted_arg = arg;
}
