#include "stack/record.h"

#include "core/stack.h"
#include "core/text.h"
#include "stack/control.h"
#include "stack/inside.h"
#include "stack/services.h"

enum { STEPS_MAX = 2000, BYTES_MAX = 4 << 20, BODY_MAX = 64 << 10 };

struct recording {
	struct server *s;
	bool on;
	struct buf text;
	size_t steps, left_out;
};

/* Whose calls can be sent again, and the endpoint's key that send's to= names. NULL: nobody's. */
static const char *endpoint_of(const char *service)
{
	static const char *const rows[][2] = { { "apigateway", "apigateway" }, { "rest", "rest" }, { "connect", "connect" }, { "airflow", "airflow" },
					       { "lake", "control" }, { "databricks", "control" }, { "streaming", "control" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i][0], service))
			return rows[i][1];
	return NULL;
}

static bool is_signed(const char *service)
{
	for (size_t i = 0; services[i]; i++)
		if (services[i]->aws && !strcmp(services[i]->name, service))
			return true;
	return false;
}

static void add_name(const struct recording *r, struct slice text, struct buf *out)
{
	(void)buf_renamed(out, text, sl(conf_str(server_env(r->s)->conf, "stack", "user", "")), S("${user}"));
}

/* A here-document's end that isn't a line of the text. */
static const char *mark_for(struct slice text)
{
	static const char *const marks[] = { "BODY", "END_OF_BODY", "END_OF_THIS_BODY" };
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(marks) && sl_find(text, sl(marks[i])) >= 0)
		i++;
	return marks[i];
}

static void add_step(struct recording *r, const struct http_call *call, const char *to)
{
	struct slice type = http_get(&call->req, "Content-Type"), body = call->req.body;
	bool text = sl_is_utf8(body) && sl_find(body, S("${")) < 0 && body.n <= BODY_MAX && sl_chr(body, '\0') < 0;
	buf_addf(&r->text, "\nstep \"%zu: %.*s ", ++r->steps, SL(call->req.method));
	add_name(r, call->req.path, &r->text);
	buf_adds(&r->text, "\"\n");
	if (!text)
		buf_addf(&r->text, "  note the body, %zu bytes, is no text of a scenario\n", body.n);
	buf_addf(&r->text, "  send %.*s ", SL(call->req.method));
	add_name(r, call->req.target, &r->text);
	if (strcmp(to, "apigateway") != 0)
		buf_addf(&r->text, " to=%s", to);
	if (type.n)
		buf_addf(&r->text, " type=\"%.*s\"", SL(type));
	if (body.n && text) {
		buf_addf(&r->text, " <<%s\n", mark_for(body));
		add_name(r, body, &r->text);
		buf_addf(&r->text, "\n%s", mark_for(body));
	}
	buf_addf(&r->text, "\n  expect status == %d\n", call->resp.status);
}

static void on_answer(void *arg, struct http_call *call)
{
	struct recording *r = arg;
	const char *service = call->service ? call->service : "", *to = endpoint_of(service);
	bool quotes = sl_chr(call->req.target, '"') >= 0 || sl_chr(call->req.target, ' ') >= 0;
	if (!r->on || call->own || call->unseen || (!to && !is_signed(service)))
		return;
	if (r->steps >= STEPS_MAX || r->text.n > BYTES_MAX || quotes) {
		r->left_out++;
	} else if (to) {
		add_step(r, call, to);
	} else {
		buf_addf(&r->text, "\n# signed, not sent again: %s %s ", service, call->op ? call->op : "");
		add_name(r, call->req.target, &r->text);
		buf_addc(&r->text, '\n');
	}
}

void recording_free(struct recording *r)
{
	if (r)
		buf_free(&r->text);
	free(r);
}

void control_record_begin(void *self, struct http_call *call)
{
	struct server *s = self;
	struct recording *r = s->recording ? s->recording : xcalloc(1, sizeof(*r));
	buf_reset(&r->text);
	r->steps = r->left_out = 0;
	r->s = s;
	r->on = true;
	if (!s->recording)
		journal_watch(server_env(s)->journal, on_answer, r);
	s->recording = r;
	http_reply(call, 200, "application/json", S("{\"recording\":true}\n"));
}

void control_record_end(void *self, struct http_call *call)
{
	struct server *s = self;
	if (s->recording)
		s->recording->on = false;
	http_reply(call, 200, "application/json", S("{\"recording\":false}\n"));
}

void control_record(void *self, struct http_call *call)
{
	struct server *s = self;
	const struct recording *r = s->recording;
	const struct env *env = server_env(s);
	struct buf b = { 0 };
	char now[32];
	if (!r) {
		control_error(call, 404, "nothing is recorded: POST /_tarn/record begins");
		return;
	}
	clock_iso_sec(clock_now_ms(env->clock), now);
	buf_addf(&b, "# Recorded by tarn record.\nscenario \"What clients sent\"\nseed     %lld\nclock    %s\nstack    %s\n", (long long)conf_int(env->conf, "stack", "seed", 0), now,
		 stack_name(env->files));
	buf_addsl(&b, buf_slice(&r->text));
	if (r->left_out)
		buf_addf(&b, "\n# %zu more were left out: too many, or with blanks in their paths.\n", r->left_out);
	if (!r->steps)
		buf_adds(&b, "\nstep \"Nothing was sent\"\n  settle\n");
	http_reply_buf(call, 200, "text/plain; charset=utf-8", &b);
}
