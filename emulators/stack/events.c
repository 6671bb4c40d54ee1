#include "stack/events.h"

#include "console/console.h"
#include "core/json.h"
#include "core/sigv4.h"
#include "core/version.h"
#include "stack/control.h"
#include "stack/steps.h"

enum { EVERY_MS = 100, BEAT_MS = 5000, EVENTS_FIRST = 200, EVENTS_PIECE = 200, UNSENT_MAX = 256 << 10, NOTICES_KEPT = 200, LISTENERS_MOST = 64 };

struct listener_of {
	struct listener_of *next, **at;
	struct events *e;
	struct http_call *call;
	uint64_t seq, notice; /* of the last that was sent */
	uint64_t state;       /* events.version that it has */
	int64_t sent_us;
};

struct notice {
	uint64_t first, last; /* numbers of the first and the last like it */
	int64_t at_ms, times;
	enum log_level level;
	char service[16], event[24], text[300];
};

struct events {
	struct server *s;
	struct listener_of *listeners;
	size_t n;
	struct loop_timer *timer;
	struct buf state, before;
	uint64_t version; /* counts texts of the state */
	struct notice notices[NOTICES_KEPT];
	size_t notice_n;
	uint64_t notice_last;
	char boot[17];
};

/* ---- what the log warned of ---- */

/* The same line again counts up; a new one takes the place of the one that is longest ago. */
static void on_line(void *arg, enum log_level level, const char *service, const char *event, int64_t at_ms, struct slice text)
{
	struct events *e = arg;
	struct notice *n = NULL, fresh = { .level = level };
	snprintf(fresh.service, sizeof(fresh.service), "%s", service);
	snprintf(fresh.event, sizeof(fresh.event), "%s", event);
	snprintf(fresh.text, sizeof(fresh.text), "%.*s", SL(text));
	for (size_t i = 0; i < e->notice_n && !n; i++)
		if (!strcmp(e->notices[i].event, fresh.event) && !strcmp(e->notices[i].service, fresh.service) && !strcmp(e->notices[i].text, fresh.text))
			n = &e->notices[i];
	if (!n && e->notice_n < NOTICES_KEPT) {
		n = &e->notices[e->notice_n++];
		*n = fresh;
	} else if (!n) {
		n = e->notices;
		for (size_t i = 1; i < NOTICES_KEPT; i++)
			n = e->notices[i].last < n->last ? &e->notices[i] : n;
		*n = fresh;
	}
	n->last = ++e->notice_last;
	n->first = n->first ? n->first : n->last;
	n->at_ms = at_ms;
	n->times++;
}

static void add_notice(struct buf *b, const struct notice *n)
{
	static const char *const levels[] = { "debug", "info", "warn", "error" };
	char when[32];
	clock_iso(n->at_ms, when);
	jw_obj(b, NULL);
	jw_int(b, "id", (int64_t)n->first);
	jw_text(b, "time", when);
	jw_text(b, "level", levels[n->level]);
	jw_text(b, "service", n->service);
	jw_text(b, "event", n->event);
	jw_int(b, "times", n->times);
	jw_text(b, "text", n->text);
	jw_obj_end(b);
}

void control_notices(void *self, struct http_call *call)
{
	const struct events *e = server_events(self);
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_list(&b, "notices");
	for (size_t i = 0; i < e->notice_n; i++)
		add_notice(&b, &e->notices[i]);
	jw_list_end(&b);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

/* ---- the state ---- */

static void add_clock(struct buf *b, const struct env *env)
{
	char now[32];
	int64_t to_ms;
	clock_iso(clock_now_ms(env->clock), now);
	jw_text(b, "clock", now);
	jw_bool(b, "frozen", clock_is_virtual(env->clock));
	if (!clock_advancing(env->clock, &to_ms))
		return;
	clock_iso(to_ms, now);
	jw_text(b, "advancing", now);
}

static void add_state(struct server *s, bool with_clock, struct buf *b)
{
	const struct env *env = server_env(s);
	const struct service *svc;
	jw_obj(b, NULL);
	if (with_clock)
		add_clock(b, env);
	jw_bool(b, "busy", server_busy(s));
	jw_int(b, "seed", conf_int(env->conf, "stack", "seed", 0));
	jw_key(b, S("faults"));
	faults_write(env->faults, b);
	jw_obj(b, "services");
	for (size_t i = 0; (svc = server_service_at(s, i)); i++) {
		void *state = server_state(s, svc->name);
		jw_obj(b, svc->name);
		if (svc->look && state)
			svc->look(state, b);
		jw_obj_end(b);
	}
	jw_obj_end(b);
	steps_add(s, b);
	jw_key(b, S("counters"));
	metrics_json(env->metrics, b);
	jw_obj_end(b);
}

void control_state(void *self, struct http_call *call)
{
	struct buf b = { 0 };
	add_state(self, true, &b);
	control_reply(call, 200, &b);
}

/* Of one moment; real time isn't in it, which is always another: pages count on by themselves from what the event says. */
static void write_state(struct events *e)
{
	const struct env *env = server_env(e->s);
	struct buf *b = &e->before, was;
	buf_reset(b);
	add_state(e->s, clock_is_virtual(env->clock), b);
	if (b->n == e->state.n && !memcmp(b->p, e->state.p, b->n))
		return;
	was = e->state;
	e->state = e->before;
	e->before = was;
	e->version++;
}

/* ---- listeners ---- */

static void push(struct listener_of *l, const char *event, struct slice data)
{
	struct buf b = { 0 };
	buf_addf(&b, "event: %s\nid: %s.%llu\ndata: %.*s\n\n", event, l->e->boot, (unsigned long long)l->seq, SL(data));
	http_push(l->call, buf_slice(&b));
	buf_free(&b);
	l->sent_us = clock_real_us();
}

static void push_journal(struct listener_of *l)
{
	const struct journal *j = server_env(l->e->s)->journal;
	uint64_t last = journal_last(j), skipped = 0;
	struct buf b = { 0 };
	if (last < l->seq)
		l->seq = 0; /* the journal began anew */
	if (last == l->seq)
		return;
	if (last - l->seq > EVENTS_PIECE) {
		skipped = last - l->seq - EVENTS_PIECE;
		l->seq = last - EVENTS_PIECE;
	}
	buf_adds(&b, "[");
	if (skipped)
		buf_addf(&b, "{\"skipped\":%llu}", (unsigned long long)skipped);
	journal_write(j, sl(NULL), l->seq, &b);
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] == '\n')
			b.p[i] = ',';
	b.n -= b.p[b.n - 1] == ',';
	buf_addc(&b, ']');
	l->seq = last;
	push(l, "journal", buf_slice(&b));
	buf_free(&b);
}

static void push_notices(struct listener_of *l)
{
	const struct events *e = l->e;
	struct buf b = { 0 };
	for (size_t i = 0; i < e->notice_n; i++) {
		if (e->notices[i].last <= l->notice)
			continue;
		buf_reset(&b);
		add_notice(&b, &e->notices[i]);
		push(l, "notice", buf_slice(&b));
	}
	l->notice = e->notice_last;
	buf_free(&b);
}

/* The state with the clock as it is now, if that isn't in it. */
static void push_state(struct listener_of *l, const char *event)
{
	const struct env *env = server_env(l->e->s);
	struct buf b = { 0 };
	bool real = !clock_is_virtual(env->clock);
	jw_obj(&b, NULL);
	if (real || strcmp(event, "state") != 0)
		add_clock(&b, env);
	if (strcmp(event, "state") != 0) {
		jw_obj_end(&b);
	} else {
		buf_adds(&b, real ? "," : "");
		buf_add(&b, l->e->state.p + 1, l->e->state.n - 1);
		l->state = l->e->version;
	}
	push(l, event, buf_slice(&b));
	buf_free(&b);
}

static void serve(struct listener_of *l)
{
	if (http_unsent(l->call) > UNSENT_MAX)
		return;
	push_journal(l);
	push_notices(l);
	if (l->state != l->e->version)
		push_state(l, "state");
	else if (clock_real_us() - l->sent_us > BEAT_MS * 1000)
		push_state(l, "beat");
}

static void on_timer(void *arg)
{
	struct events *e = arg;
	struct listener_of *next;
	e->timer = NULL;
	write_state(e);
	for (struct listener_of *l = e->listeners; l; l = next) {
		next = l->next;
		serve(l);
	}
	if (e->listeners)
		e->timer = loop_after(server_loop(e->s), EVERY_MS, on_timer, e);
}

static void leave(struct listener_of *l)
{
	*l->at = l->next;
	if (l->next)
		l->next->at = l->at;
	l->e->n--;
	free(l);
}

static void on_gone(void *arg)
{
	leave(arg);
}

static void hello(struct listener_of *l)
{
	const struct env *env = server_env(l->e->s);
	struct slice site = http_get(&l->call->req, "Sec-Fetch-Site");
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_text(&b, "boot", l->e->boot);
	jw_text(&b, "version", tarn_version);
	/* For our own page alone: one of another port of ours may listen, but not act. */
	if (sl_eqs(site, "same-origin"))
		jw_text(&b, "token", conf_str(env->conf, "control", "listen_page_token", ""));
	jw_obj_end(&b);
	push(l, "hello", buf_slice(&b));
	buf_free(&b);
}

/* From where on: "BOOT.SEQ" of what it saw last, if that was of this start. */
static uint64_t from(const struct events *e, const struct http_call *call)
{
	struct slice id = http_get(&call->req, "Last-Event-ID"), boot, seq;
	uint64_t last = journal_last(server_env(e->s)->journal);
	int64_t n;
	if (!id.p)
		id = http_query(&call->req, "since");
	if (sl_cut(id, '.', &boot, &seq) && sl_eqs(boot, e->boot) && sl_int(seq, 0, (int64_t)last, &n))
		return (uint64_t)n;
	return last > EVENTS_FIRST ? last - EVENTS_FIRST : 0;
}

void control_events(void *self, struct http_call *call)
{
	struct events *e = server_events(self);
	if (e->n == LISTENERS_MOST) {
		control_error(call, 503, "64 listen already");
		return;
	}
	struct listener_of *l = xcalloc(1, sizeof(*l));
	*l = (struct listener_of){ .next = e->listeners, .at = &e->listeners, .e = e, .call = call, .seq = from(e, call) };
	if (l->next)
		l->next->at = &l->next;
	e->listeners = l;
	e->n++;
	call->unseen = true;
	call->resp.status = 200;
	http_set(call, "Content-Type", "text/event-stream");
	http_set(call, "Cache-Control", "no-store");
	http_set(call, "X-Accel-Buffering", "no");
	http_stream(call, on_gone, l);
	write_state(e);
	hello(l);
	serve(l);
	if (!e->timer)
		e->timer = loop_after(server_loop(e->s), EVERY_MS, on_timer, e);
}

bool events_has(const struct events *e, const struct http_call *call)
{
	const struct listener_of *l = e ? e->listeners : NULL;
	while (l && l->call != call)
		l = l->next;
	return l != NULL;
}

struct events *events_open(struct server *s, struct conf *conf)
{
	struct events *e = xcalloc(1, sizeof(*e));
	uint8_t chance[8];
	e->s = s;
	console_make_token(conf);
	hash_chance(chance, sizeof(chance));
	for (size_t i = 0; i < sizeof(chance); i++)
		snprintf(e->boot + 2 * i, 3, "%02x", chance[i]);
	log_watch(server_env(s)->log, on_line, e);
	return e;
}

void events_close(struct events *e)
{
	if (!e)
		return;
	log_watch(server_env(e->s)->log, NULL, NULL);
	loop_cancel(e->timer);
	while (e->listeners) {
		http_forget(e->listeners->call);
		leave(e->listeners);
	}
	buf_free(&e->state);
	buf_free(&e->before);
	free(e);
}
