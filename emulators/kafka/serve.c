/* One request: read by its table, served, answered by its table; and those whose answer comes later. */
#include "kafka/quota.h"
#include "kafka/sasl.h"

enum { WAIT_MAX_MS = 300000, WAKE_MAX = 64 };

static const struct kfk_api *served(int16_t key)
{
	size_t n;
	const struct kfk_api *all = kfk_apis(&n);
	for (size_t i = 0; i < n; i++)
		if (all[i].key == key)
			return &all[i];
	return NULL;
}

const char *kfk_api_name(struct slice frame)
{
	struct rd r = rd_of(frame.p, frame.n);
	const struct kfk_api *api = served((int16_t)rd_u16be(&r));
	return api ? api->route.name : "Unknown";
}

/* ---- a request of a client ---- */

struct kfk_waiter {
	struct kafka *k;
	struct conn *conn;
	char *frame; /* owned */
	size_t n;
	struct loop_timer *timer; /* NULL: fired */
	bool woken;  /* something came, and it hasn't looked yet */
	int64_t *wants; /* owned; topics by number; NULL: all */
	size_t want_n;
	struct kfk_waiter *next;
};

static void waited(void *arg);

/* The connection rests until something came, or the wait is over. */
static void park(struct kafka *k, const struct kfk_call *c)
{
	if (c->conn->paused)
		return;
	struct kfk_waiter *w = xcalloc(1, sizeof(*w));
	w->k = k;
	w->conn = c->conn;
	w->frame = xstrndup(c->frame.p, c->frame.n);
	w->n = c->frame.n;
	w->timer = loop_after(k->env->loop, c->wait_ms < WAIT_MAX_MS ? c->wait_ms : WAIT_MAX_MS, waited, w);
	if (c->wants) {
		w->wants = xmalloc((c->want_n + 1) * sizeof(*w->wants));
		memcpy(w->wants, c->wants, c->want_n * sizeof(*w->wants));
		w->want_n = c->want_n;
	}
	w->next = k->waiters;
	k->waiters = w;
	c->conn->paused = true;
}

/* The header, and whether it is something that is served. */
static bool begin(struct kafka *k, struct kfk_call *c)
{
	struct kp_header h = { 0 };
	c->r = rd_of(c->frame.p, c->frame.n);
	bool read = kp_header_read(&c->r, &h);
	c->key = h.key;
	c->version = h.version;
	c->correlation = h.correlation;
	c->client = h.client;
	c->flex = h.flex;
	c->api = served(h.key);
	if (read && c->api && c->version >= kp_api(c->key)->min && (c->version <= kp_api(c->key)->max || c->key == KP_API_VERSIONS))
		return true;
	log_warn(k->env, "refused", "peer=%s api=%d version=%d", c->conn->peer, c->key, c->version);
	return false;
}

/* Served by a table: the request read, the answer empty. ApiVersions of a version to come can't be read, and needn't. */
static bool read_request(struct kfk_call *c)
{
	const struct kp_api *api = kp_api(c->key);
	void *req = arena_alloc(c->arena, api->request->size);
	c->resp = arena_alloc(c->arena, api->response->size);
	c->req = req;
	kp_init(api->response, c->resp);
	if (c->version > api->max) {
		kp_init(api->request, req);
		return true;
	}
	return kp_read(api->request, c->version, c->flex, &c->r, c->arena, req);
}

static enum kfk_done serve(struct kafka *k, struct kfk_call *c)
{
	enum kfk_done done = read_request(c) ? c->api->serve(k, c) : KFK_MALFORMED;
	if (done == KFK_ANSWERED || done == KFK_SILENT)
		kfk_throttle(k, c);
	if (done == KFK_ANSWERED)
		kp_response_write(kp_api(c->key), c->version > kp_api(c->key)->max ? 0 : c->version, c->correlation, c->resp, &c->conn->out);
	return done;
}

enum kfk_done kfk_serve(struct kafka *k, struct conn *conn, struct slice frame, bool last)
{
	struct kfk_call c = { .conn = conn, .frame = frame, .arena = &k->arena, .last = last };
	int64_t started = clock_real_us();
	size_t before = conn->out.n;
	if (!begin(k, &c) || !kfk_may_ask(k, &c))
		return KFK_MALFORMED;
	enum kfk_done done = serve(k, &c);
	if (done != KFK_ANSWERED)
		conn->out.n = before;
	if (done == KFK_MALFORMED)
		log_warn(k->env, "malformed", "peer=%s op=%s version=%d", conn->peer, c.api->route.name, c.version);
	if (done == KFK_PARKED)
		park(k, &c);
	else if (done == KFK_LATER)
		tcp_resume(conn);
	else if (done != KFK_RESTS)
		metrics_op(k->env->metrics, "kafka", c.api->route.name, done != KFK_MALFORMED, clock_real_us() - started);
	arena_reset(&k->arena);
	return done;
}

/* ---- answers that come later ---- */

struct kfk_held {
	struct kafka *k;
	struct conn *conn;
	struct kfk_asking *asking;
	const struct kp_api *api;
	int16_t version;
	int32_t correlation;
	char *frame; /* owned; NULL: not of a client */
	size_t n;
	struct kfk_held **slot, *next, **at; /* at: what points to it */
};

static void asking_answer(struct kfk_asking *a, const void *resp);

void kfk_hold(struct kafka *k, struct kfk_call *c, struct kfk_held **slot)
{
	struct kfk_held *h = xcalloc(1, sizeof(*h));
	*h = (struct kfk_held){ k, c->conn, c->asking, kp_api(c->key), c->version, c->correlation, NULL, c->frame.n, slot, k->held, &k->held };
	if (!c->asking)
		h->frame = xstrndup(c->frame.p, c->frame.n);
	if (h->next)
		h->next->at = &h->next;
	k->held = h;
	*slot = h;
	if (!c->asking)
		c->conn->paused = true;
}

static void let_go(struct kfk_held *h)
{
	*h->at = h->next;
	if (h->next)
		h->next->at = h->at;
	*h->slot = NULL;
	free(h->frame);
	free(h);
}

void kfk_answer(struct kfk_held *h, const void *resp)
{
	if (h->asking) {
		asking_answer(h->asking, resp);
	} else {
		kp_response_write(h->api, h->version, h->correlation, resp, &h->conn->out);
		tcp_resume(h->conn);
	}
	let_go(h);
}

/* ---- requests of the services of this process ---- */

struct kfk_asking {
	struct owed owed;
	struct kafka *k;
	const struct kp_api *api;
	int16_t version;
	int code; /* not 0: it wasn't served */
	struct buf answer;
	broker_cb cb;
	void *arg;
};

static void asking_free(struct owed *o)
{
	struct kfk_asking *a = (struct kfk_asking *)o;
	for (struct kfk_held *h = a->k->held, *next; h; h = next) {
		next = h->next;
		if (h->asking == a)
			let_go(h);
	}
	buf_free(&a->answer);
	free(a);
}

static void tell_asker(struct owed *o)
{
	struct kfk_asking *a = (struct kfk_asking *)o;
	struct arena arena = { 0 };
	struct error err;
	void *resp = arena_alloc(&arena, a->api->response->size);
	struct rd r = rd_of(a->answer.p, a->answer.n);
	if (loop_tick_failed(o->loop)) {
		(void)err_set(&err, ERR_STORE, "the commit failed");
		a->cb(a->arg, NULL, &err);
	} else if (a->code || !kp_read(a->api->response, a->version, a->version >= a->api->flex, &r, &arena, resp)) {
		(void)err_set(&err, ERR_UNSUPPORTED, "%s isn't served", a->api->name);
		a->cb(a->arg, NULL, &err);
	} else {
		a->cb(a->arg, resp, NULL);
	}
	arena_free(&arena);
}

/* As bytes, for what the answer borrows from doesn't stay. */
static void asking_answer(struct kfk_asking *a, const void *resp)
{
	kp_write(a->api->response, a->version, a->version >= a->api->flex, resp, &a->answer);
	owed_hold(&a->owed, a->k->env->loop, tell_asker);
}

struct owed *kfk_ask(void *self, int key, const void *request, broker_cb cb, void *arg)
{
	struct kafka *k = self;
	struct kfk_asking *a = xcalloc(1, sizeof(*a));
	struct arena arena = { 0 };
	struct kfk_call c = { .conn = &k->inside, .api = served((int16_t)key), .req = request, .arena = &arena, .key = (int16_t)key, .client = S("tarn"),
			      .last = true, .whole = true, .asking = a };
	owed_init(&a->owed, &k->owed, asking_free);
	*a = (struct kfk_asking){ .owed = a->owed, .k = k, .api = kp_api((int16_t)key), .version = kp_api((int16_t)key)->max, .cb = cb, .arg = arg };
	c.version = a->version;
	k->inside.now_ms = clock_now_ms(k->env->clock);
	a->code = !c.api;
	if (a->code) {
		owed_hold(&a->owed, k->env->loop, tell_asker);
	} else {
		c.resp = arena_alloc(&arena, a->api->response->size);
		kp_init(a->api->response, c.resp);
		if (c.api->serve(k, &c) != KFK_HELD)
			asking_answer(a, c.resp);
	}
	arena_free(&arena);
	return &a->owed;
}

/* ---- fetches that wait ---- */

static void unlink_waiter(struct kafka *k, struct kfk_waiter *w)
{
	for (struct kfk_waiter **at = &k->waiters; *at; at = &(*at)->next) {
		if (*at == w) {
			*at = w->next;
			break;
		}
	}
	loop_cancel(w->timer);
	free(w->frame);
	free(w->wants);
	free(w);
}

/* The handler parks again by itself where nothing has come: it finds conn paused already. */
static void try_again(struct kafka *k, struct kfk_waiter *w, bool last)
{
	struct conn *conn = w->conn;
	enum kfk_done done = kfk_serve(k, conn, sl_of(w->frame, w->n), last);
	if (done == KFK_PARKED)
		return;
	if (done == KFK_MALFORMED)
		conn->closing = true;
	unlink_waiter(k, w);
	if (kfk_rests(conn))
		tcp_send(conn);
	else
		tcp_resume(conn);
}

static void waited(void *arg)
{
	struct kfk_waiter *w = arg;
	w->timer = NULL;
	try_again(w->k, w, true);
}

/* Tries parked fetches again, some a turn. */
static void wake_some(void *arg)
{
	struct kafka *k = arg;
	size_t left = WAKE_MAX;
	for (struct kfk_waiter *w = k->waiters, *next; w && left; w = next) {
		next = w->next;
		if (!w->woken)
			continue;
		w->woken = false;
		left--;
		try_again(k, w, false);
	}
	if (!left)
		loop_later(k->env->loop, &k->waking, wake_some, k);
}

/* Whether the last commit changed what it waits for; a topic that is gone must be told, too. */
static bool concerns(const struct kafka *k, const struct kfk_waiter *w)
{
	bool yes = !w->wants || k->moved;
	for (size_t i = 0; !yes && i < w->want_n; i++) {
		const struct kfk_topic *t = kfk_topic_by_number(k, w->wants[i]);
		yes = !t || t->changed == k->commits;
	}
	return yes;
}

void kfk_wake(struct kafka *k)
{
	for (struct kfk_waiter *w = k->waiters; w; w = w->next)
		w->woken |= concerns(k, w);
	k->moved = false;
	wake_some(k);
}

static void ask_again(struct conn *conn, const char *frame, size_t n)
{
	struct buf whole = { 0 };
	buf_u32be(&whole, (uint32_t)n);
	buf_add(&whole, frame, n);
	tcp_unread(conn, whole.p, whole.n);
	buf_free(&whole);
}

bool kfk_serve_leaves(struct kafka *k, struct conn *conn, bool emptied)
{
	struct kfk_session *s = conn->user;
	if (s && s->half && !emptied)
		return false;
	for (const struct kfk_waiter *w = k->waiters; w; w = w->next)
		if (w->conn == conn)
			ask_again(conn, w->frame, w->n);
	for (const struct kfk_held *h = k->held; h; h = h->next)
		if (h->conn == conn && !h->asking)
			ask_again(conn, h->frame, h->n);
	conn->user = NULL;
	kfk_serve_closed(k, conn);
	conn->user = s;
	kfk_session_idle(s);
	conn->paused = false;
	return true;
}

void kfk_serve_closed(void *self, struct conn *conn)
{
	struct kafka *k = self;
	kfk_session_free(conn->user);
	conn->user = NULL;
	for (struct kfk_waiter *w = k->waiters, *next; w; w = next) {
		next = w->next;
		if (w->conn == conn)
			unlink_waiter(k, w);
	}
	for (struct kfk_held *h = k->held, *next; h; h = next) {
		next = h->next;
		if (h->conn == conn && !h->asking)
			let_go(h);
	}
}

void kfk_serve_stop(struct kafka *k)
{
	while (k->waiters)
		unlink_waiter(k, k->waiters);
	while (k->held)
		let_go(k->held);
	loop_never(k->env->loop, &k->waking);
	buf_free(&k->inside.out);
}
