#include "httpc.h"

#include <assert.h>
#include <unistd.h>
#include <uv.h>

#include "exchange.h"
#include "lib_curl.h"
#include "owed.h"

enum { OWN_MAX = 16, HEADERS_IN_MAX = 128, TIMEOUT_DEFAULT_MS = 30000 };

struct httpc {
	struct loop *loop;
	CURLM *multi;
	uv_timer_t *timer;
	struct owed *all;
	struct watch *watches;
	struct http_listener *own[OWN_MAX];
	size_t own_n;
};

struct transfer {
	struct owed owed;
	struct loop_work work;
	char *what;
	struct httpc *h;
	CURL *easy;
	struct curl_slist *headers;
	struct arena arena;
	struct slice body;
	struct http_header got[HEADERS_IN_MAX];
	size_t got_n;
	struct buf in;
	httpc_cb cb;
	bool (*piece)(void *arg, const struct httpc_resp *so, struct slice bytes);
	void *arg;
	char error[CURL_ERROR_SIZE];
};

/* The def of an err: nothing was sent. Without one: the connection was there and failed. */
static const struct error_def httpc_errors[] = {
	{ ERR_NETWORK, "ConnectFailed" },
	{ ERR_NETWORK, "ResolveFailed" },
	{ ERR_NETWORK, "BadUrl" },
};

static const struct error_def *def_of(CURLcode r)
{
	if (r == CURLE_COULDNT_CONNECT)
		return &httpc_errors[0];
	if (r == CURLE_COULDNT_RESOLVE_HOST)
		return &httpc_errors[1];
	return r == CURLE_URL_MALFORMAT || r == CURLE_UNSUPPORTED_PROTOCOL ? &httpc_errors[2] : NULL;
}

/* One watched socket of libcurl's. It is watched as long as it is open: libcurl forgets a connection that waits for its
 * next request and asks anew for each, which would cost several system calls a request. */
struct watch {
	uv_poll_t uv;
	struct httpc *h;
	curl_socket_t fd;
	int events;
	bool wanted; /* by libcurl, now */
	bool told;   /* close_socket will hear of its end */
	struct watch *prev, *next;
};

static void transfer_free(struct owed *o)
{
	struct transfer *t = (struct transfer *)o;
	if (t->easy) {
		curl.multi_remove_handle(t->h->multi, t->easy);
		curl.easy_cleanup(t->easy);
		curl.slist_free_all(t->headers);
	}
	arena_free(&t->arena);
	buf_free(&t->in);
	if (t->work.at)
		loop_work_end(t->h->loop, &t->work);
	free(t->what);
	free(t);
}

static void finish(struct transfer *t, CURLcode r)
{
	struct httpc_resp resp = { 0 };
	struct error err, *failed = NULL;
	long status = 0;
	if (r == CURLE_OK) {
		curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		resp.status = (int)status;
		resp.headers = t->got;
		resp.header_n = t->got_n;
		resp.body = buf_slice(&t->in);
	} else {
		err_set(&err, r == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_NETWORK, "%s",
			t->error[0] ? t->error : curl.easy_strerror(r));
		err.def = def_of(r);
		if (t->in.bad)
			err_set(&err, ERR_LIMIT, "the answer is longer than the sender takes");
		failed = &err;
	}
	owed_end(&t->owed);
	t->cb(t->arg, &resp, failed);
	transfer_free(&t->owed);
}

static void reap(struct httpc *h)
{
	CURLMsg *m;
	int left;
	while ((m = curl.multi_info_read(h->multi, &left))) {
		struct transfer *t;
		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode r = m->data.result;
		curl.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		finish(t, r);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct httpc *h = timer->data;
	int running;
	curl.multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(h);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct httpc *h = arg;
	if (ms < 0)
		uv_timer_stop(h->timer);
	else
		uv_timer_start(h->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

static void watch_events(struct watch *w, int events);

static void on_socket(uv_poll_t *p, int status, int events)
{
	struct watch *w = p->data;
	struct httpc *h = w->h;
	int running, flags = 0;
	if (!w->wanted) { /* a kept connection was closed by its peer: libcurl sees it when it wants to use it */
		watch_events(w, 0);
		return;
	}
	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl.multi_socket_action(h->multi, w->fd, flags, &running);
	reap(h);
}

static void watch_events(struct watch *w, int events)
{
	if (w->events == events)
		return;
	w->events = events;
	if (events)
		uv_poll_start(&w->uv, events, on_socket);
	else
		uv_poll_stop(&w->uv);
}

static void watch_freed(uv_handle_t *u)
{
	free(u->data);
}

static struct watch *watch_of(struct httpc *h, curl_socket_t fd)
{
	struct watch *w = h->watches;
	while (w && w->fd != fd)
		w = w->next;
	return w;
}

static struct watch *watch_new(struct httpc *h, curl_socket_t fd)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	w->h = h;
	w->fd = fd;
	uv_poll_init(loop_uv(h->loop), &w->uv, fd);
	w->uv.data = w;
	w->next = h->watches;
	if (h->watches)
		h->watches->prev = w;
	h->watches = w;
	return w;
}

static void watch_drop(struct watch *w)
{
	struct httpc *h = w->h;
	if (w->prev)
		w->prev->next = w->next;
	else
		h->watches = w->next;
	if (w->next)
		w->next->prev = w->prev;
	watch_events(w, 0);
	uv_close((uv_handle_t *)&w->uv, watch_freed);
}

/* A connection's socket, of whose end close_socket hears. The resolver's own pair doesn't come here: libcurl closes it unseen. */
static int socket_made(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	struct httpc *h = arg;
	struct watch *w = watch_of(h, fd);
	if (!w)
		w = watch_new(h, fd);
	w->told = true;
	return CURL_SOCKOPT_OK;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock_arg)
{
	struct httpc *h = arg;
	struct watch *w = sock_arg ? sock_arg : watch_of(h, fd);
	if (what == CURL_POLL_REMOVE) {
		if (w && !w->told) /* the number may be another's at once */
			watch_drop(w);
		else if (w)
			w->wanted = false;
		return 0;
	}
	if (!w)
		w = watch_new(h, fd);
	if (!sock_arg)
		curl.multi_assign(h->multi, fd, w);
	w->wanted = true;
	watch_events(w, (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0));
	return 0;
}

static int close_socket(void *arg, curl_socket_t fd)
{
	struct httpc *h = arg;
	struct watch *w = watch_of(h, fd);
	if (w)
		watch_drop(w);
	return close(fd);
}

struct httpc *httpc_new(struct loop *l)
{
	struct httpc *h = xcalloc(1, sizeof(*h));
	h->loop = l;
	h->timer = xcalloc(1, sizeof(*h->timer));
	uv_timer_init(loop_uv(l), h->timer);
	h->timer->data = h;
	return h;
}

/* libcurl is there from the first request on. */
static int open_multi(struct httpc *h, struct error *err)
{
	int rc = h->multi ? 0 : lib_curl_load(err);
	if (rc || h->multi)
		return rc;
	h->multi = curl.multi_init();
	curl.multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl.multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl.multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl.multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl.multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 256L);
	return 0;
}

static void timer_freed(uv_handle_t *u)
{
	free(u);
}

void httpc_free(struct httpc *h)
{
	if (!h)
		return;
	owed_cancel_all(&h->all);
	if (h->multi)
		curl.multi_cleanup(h->multi);
	uv_close((uv_handle_t *)h->timer, timer_freed);
	free(h);
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	struct slice line = sl_of(p, size * n), name, value;
	if (sl_starts(line, S("HTTP/"))) { /* a new answer: what came before was a 1xx */
		t->got_n = 0;
	} else if (sl_cut(line, ':', &name, &value) && t->got_n < HEADERS_IN_MAX) {
		t->got[t->got_n].name = arena_dup(&t->arena, sl_trim(name));
		t->got[t->got_n++].value = arena_dup(&t->arena, sl_trim(value));
	}
	return size * n;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	if (t->piece) {
		struct httpc_resp so = { .headers = t->got, .header_n = t->got_n };
		long status = 0;
		curl.easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		so.status = (int)status;
		return t->piece(t->arg, &so, sl_of(p, size * n)) ? size * n : CURL_WRITEFUNC_PAUSE;
	}
	buf_add(&t->in, p, size * n);
	return t->in.bad ? 0 : size * n;
}

static void add_headers(struct transfer *t, const struct httpc_req *req)
{
	bool has_type = false;
	for (size_t i = 0; i < req->header_n; i++) {
		struct slice v = req->headers[i].value;
		has_type |= sl_eq_nocase(req->headers[i].name, S("Content-Type"));
		/* libcurl's own spelling of a header without a value. */
		struct slice line = v.n ? arena_printf(&t->arena, "%.*s: %.*s", SL(req->headers[i].name), SL(v))
					: arena_printf(&t->arena, "%.*s;", SL(req->headers[i].name));
		t->headers = curl.slist_append(t->headers, line.p);
	}
	t->headers = curl.slist_append(t->headers, "Expect:");
	if (!has_type)
		t->headers = curl.slist_append(t->headers, "Content-Type:");
}

static void set_auth(struct transfer *t, const struct httpc_req *req)
{
	if (!req->aws_service.p)
		return;
	curl.easy_setopt(t->easy, CURLOPT_AWS_SIGV4,
			 arena_printf(&t->arena, "aws:amz:%.*s:%.*s", SL(req->region), SL(req->aws_service)).p);
	curl.easy_setopt(t->easy, CURLOPT_USERNAME, arena_cstr(&t->arena, req->key));
	curl.easy_setopt(t->easy, CURLOPT_PASSWORD, arena_cstr(&t->arena, req->secret));
}

static void answer_without(struct owed *o)
{
	struct transfer *t = (struct transfer *)o;
	struct httpc_resp resp = { 0 };
	struct error err;
	err_set(&err, ERR_NETWORK, "%s", t->error);
	err.def = &httpc_errors[0];
	t->cb(t->arg, &resp, &err);
}

void httpc_own(struct httpc *h, struct http_listener *l)
{
	assert(h->own_n < OWN_MAX);
	h->own[h->own_n++] = l;
}

void httpc_disown(struct httpc *h, const struct http_listener *l)
{
	size_t kept = 0;
	for (size_t i = 0; i < h->own_n; i++)
		if (h->own[i] != l)
			h->own[kept++] = h->own[i];
	h->own_n = kept;
}

static bool reaches(const struct http_listener *l, struct slice name)
{
	static const char *const any[] = { "127.0.0.1", "0.0.0.0", "::1", "::" };
	bool loopback = sl_eqs(name, "127.0.0.1") || sl_eqs(name, "localhost");
	for (size_t i = 0; loopback && i < ARRAY_LEN(any); i++)
		if (!strcmp(l->o.bind, any[i]))
			return true;
	return sl_eqs(name, l->o.bind);
}

/* "http://127.0.0.1:4566/a?b" -> host "127.0.0.1:4566", target "/a?b", and whose address it is; NULL: it isn't ours, or an odd URL that
 * libcurl shall judge. */
static struct http_listener *own_listener(const struct httpc *h, struct slice url, struct slice *host, struct slice *target)
{
	struct slice rest, name, port;
	int64_t n;
	size_t at = 0;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~' || url.p[i] == '#' || url.p[i] == '@')
			return NULL;
	if (!sl_after(url, S("http://"), &rest))
		return NULL;
	while (at < rest.n && rest.p[at] != '/' && rest.p[at] != '?')
		at++;
	*host = sl_of(rest.p, at);
	*target = at < rest.n ? sl_of(rest.p + at, rest.n - at) : S("/");
	if (target->p[0] == '?' || !sl_cut(*host, ':', &name, &port) || !sl_int(port, 1, 65535, &n))
		return NULL;
	for (size_t i = 0; i < h->own_n; i++)
		if (http_port(h->own[i]) == n && reaches(h->own[i], name))
			return h->own[i];
	return NULL;
}

bool httpc_is_own(const struct httpc *h, struct slice url)
{
	struct slice host, target;
	return own_listener(h, url, &host, &target) != NULL;
}

static void say(const struct loop_work *w, struct buf *out)
{
	const struct transfer *t = (const struct transfer *)((const char *)w - offsetof(struct transfer, work));
	buf_adds(out, t->what);
}

void httpc_more(struct owed *sent)
{
	struct transfer *t = (struct transfer *)sent;
	curl.easy_pause(t->easy, CURLPAUSE_CONT);
}

struct owed *httpc_send(struct httpc *h, const struct httpc_req *req, httpc_cb cb, void *arg)
{
	struct slice host, target;
	struct http_listener *own = req->aws_service.p ? NULL : own_listener(h, req->url, &host, &target);
	struct error err;
	if (own)
		return message_send(own, &h->all, req, host, target, cb, arg);
	struct transfer *t = xcalloc(1, sizeof(*t));
	owed_init(&t->owed, &h->all, transfer_free);
	t->h = h;
	t->cb = cb;
	t->piece = req->piece;
	t->arg = arg;
	t->in.max = req->answer_max ? req->answer_max : HTTPC_ANSWER_DEFAULT;
	t->body = arena_dup(&t->arena, req->body);
	t->what = xasprintf("the answer to %.*s %.200s", SL(req->method), req->url.p ? arena_cstr(&t->arena, req->url) : "");
	if (!req->limited)
		loop_call_begin(h->loop, &t->work, say);
	if (open_multi(h, &err)) {
		snprintf(t->error, sizeof(t->error), "%.200s", err.text);
		owed_soon(&t->owed, h->loop, answer_without);
		return &t->owed;
	}
	t->easy = curl.easy_init();
	add_headers(t, req);
	CURL *e = t->easy;
	curl.easy_setopt(e, CURLOPT_PRIVATE, t);
	curl.easy_setopt(e, CURLOPT_ERRORBUFFER, t->error);
	curl.easy_setopt(e, CURLOPT_URL, arena_cstr(&t->arena, req->url));
	if (LIBCURL_VERSION_NUM < 0x080000 || !req->aws_service.p) /* later ones refuse it beside a signature */
		curl.easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl.easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl.easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, socket_made);
	curl.easy_setopt(e, CURLOPT_SOCKOPTDATA, h);
	curl.easy_setopt(e, CURLOPT_CLOSESOCKETDATA, h);
	curl.easy_setopt(e, CURLOPT_PROXY, "");
	curl.easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(req->timeout_ms ? req->timeout_ms : TIMEOUT_DEFAULT_MS));
	curl.easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	curl.easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl.easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl.easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl.easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl.easy_setopt(e, CURLOPT_WRITEDATA, t);
	if (req->body.p) {
		curl.easy_setopt(e, CURLOPT_POSTFIELDS, t->body.p);
		curl.easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n);
	}
	if (sl_eqs(req->method, "HEAD"))
		curl.easy_setopt(e, CURLOPT_NOBODY, 1L);
	else
		curl.easy_setopt(e, CURLOPT_CUSTOMREQUEST, arena_cstr(&t->arena, req->method));
	set_auth(t, req);
	curl.multi_add_handle(h->multi, e); /* it starts from the timer, so cb is never called before we return */
	return &t->owed;
}
