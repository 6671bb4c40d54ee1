#include "stack/steps.h"

#include "core/json.h"
#include "stack/control.h"
#include "stack/inside.h"

void server_shows(struct server *s, struct steps *steps)
{
	s->steps = steps;
}

static void write_steps(const struct steps *t, struct buf *b)
{
	static const char *const states[] = { "waiting", "running", "passed", "failed" };
	jw_text(b, "file", t->file);
	jw_text(b, "title", t->title ? t->title : t->file);
	jw_bool(b, "paused", t->paused);
	jw_list(b, "steps");
	for (const struct step_shown *p = t->steps; p < t->steps + t->n; p++) {
		jw_obj(b, NULL);
		jw_text(b, "title", p->title);
		jw_int(b, "line", p->line);
		jw_text(b, "state", states[p->state]);
		jw_int(b, "us", p->us);
		if (p->why[0])
			jw_text(b, "why", p->why);
		jw_obj_end(b);
	}
	jw_list_end(b);
}

void steps_add(const struct server *s, struct buf *b)
{
	if (!s->steps)
		return;
	jw_obj(b, "scenario");
	write_steps(s->steps, b);
	jw_obj_end(b);
}

void control_steps(void *self, struct http_call *call)
{
	const struct server *s = self;
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	if (s->steps)
		write_steps(s->steps, &b);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

void control_steps_go(void *self, struct http_call *call)
{
	struct server *s = self;
	if (!s->steps || !s->steps->paused) {
		control_error(call, 409, "no scenario pauses here: tarn run --step does");
		return;
	}
	s->steps->goes_on = true;
	control_steps(self, call);
}
