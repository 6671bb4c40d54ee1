/* The emulated clock on the control port. An advance is answered when it is over; meanwhile GET shows how far it is and what it waits
 * for, and DELETE, freeze and resume end it. */
#include "core/json.h"
#include "stack/control.h"

enum { NAMES_MAX = 64 };

static void add_advance(struct buf *b, struct server *s, int64_t to_ms)
{
	const struct loop_work *w;
	struct buf what = { 0 };
	char to[32];
	clock_iso(to_ms, to);
	jw_obj(b, "advancing");
	jw_text(b, "to", to);
	jw_list(b, "waiting");
	for (size_t i = 0; i < NAMES_MAX && (w = loop_work_at(server_loop(s), i)); i++) {
		buf_reset(&what);
		w->say(w, &what);
		jw_obj(b, NULL);
		jw_str(b, "for", buf_slice(&what));
		jw_int(b, "real_ms", (clock_real_us() - w->began_us) / 1000);
		jw_obj_end(b);
	}
	jw_list_end(b);
	jw_int(b, "in_flight", (int64_t)loop_pending(server_loop(s)));
	jw_obj_end(b);
	buf_free(&what);
}

void control_clock(void *self, struct http_call *call)
{
	struct server *s = self;
	struct clock *c = server_env(s)->clock;
	struct buf b = { 0 };
	int64_t to_ms;
	char now[32];
	clock_iso(clock_now_ms(c), now);
	jw_obj(&b, NULL);
	jw_text(&b, "now", now);
	jw_bool(&b, "frozen", clock_is_virtual(c));
	if (clock_advancing(c, &to_ms))
		add_advance(&b, s, to_ms);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

static void on_advanced(void *arg, const struct error *err)
{
	struct http_call *call = arg;
	if (err)
		control_error(call, 409, err->text);
	else
		control_clock(call->user, call);
}

static void advance(struct server *s, struct http_call *call, int64_t ms)
{
	struct error err;
	call->user = s;
	int rc = clock_advance(server_env(s)->clock, ms, on_advanced, call, &err);
	if (rc)
		control_error(call, rc == ERR_LIMIT ? 400 : 409, err.text);
}

/* Body: "freeze", "freeze TIME", "resume", "advance DURATION". */
void control_clock_set(void *self, struct http_call *call)
{
	struct server *s = self;
	struct clock *c = server_env(s)->clock;
	struct slice word, rest;
	int64_t ms = clock_now_ms(c);
	sl_cut(sl_trim(call->req.body), ' ', &word, &rest);
	rest = rest.p ? sl_trim(rest) : rest;
	if (sl_eqs(word, "freeze") && (!rest.p || clock_parse_iso(rest, &ms))) {
		clock_freeze(c, ms);
	} else if (sl_eqs(word, "resume") && !rest.p) {
		clock_resume(c);
	} else if (sl_eqs(word, "advance") && rest.p && clock_parse_duration(rest, &ms)) {
		advance(s, call, ms);
		return;
	} else {
		control_error(call, 400, "want: freeze [TIME] | resume | advance DURATION");
		return;
	}
	control_clock(s, call);
}

void control_clock_stop(void *self, struct http_call *call)
{
	struct server *s = self;
	clock_stop(server_env(s)->clock, "it was asked to end");
	control_clock(s, call);
}
