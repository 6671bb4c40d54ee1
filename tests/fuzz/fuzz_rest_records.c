/* Bodies of API v3's records. However a body is cut into pieces, there are as many lines, each of them JSON, and the end is told once. */
#include <stdlib.h>

#include <jansson.h>

#include "core/service.h"
#include "rest/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

enum { RECORDS_MAX = 600 };

/* A log that answers when it is asked to. */
struct step {
	struct owed owed;
	append_cb cb;
	void *arg;
	size_t n;
	struct step *next;
};
static struct step *steps;

static void drop(struct owed *o)
{
	((struct step *)o)->cb = NULL;
}

static struct owed *append(void *self, const struct log_append *in, size_t n, append_cb cb, void *arg)
{
	struct step *s = xcalloc(1, sizeof(*s)), **at = &steps;
	owed_init(&s->owed, NULL, drop);
	s->cb = cb;
	s->arg = arg;
	s->n = n;
	while (*at)
		at = &(*at)->next;
	*at = s;
	return &s->owed;
}

static void answer_all(void)
{
	static struct append_result results[RECORDS_MAX];
	while (steps) {
		struct step *s = steps;
		steps = s->next;
		owed_end(&s->owed);
		if (s->n > RECORDS_MAX)
			abort();
		if (s->cb)
			s->cb(s->arg, results, s->n, NULL);
		free(s);
	}
}

struct told {
	size_t lines;
	int ends, status;
};

static void line(void *arg, struct slice text)
{
	json_t *v = json_loadb(text.p, text.n, 0, NULL);
	if (!json_object_get(v, "error_code") && !json_object_get(v, "offset") && sl_is_utf8(text))
		abort();
	json_decref(v);
	((struct told *)arg)->lines++;
}

static void end(void *arg)
{
	((struct told *)arg)->ends++;
}

static void refused(void *arg, int status, struct slice text)
{
	((struct told *)arg)->ends++;
	((struct told *)arg)->status = status;
}

static struct told run(struct rest *r, struct slice body, size_t cut)
{
	struct arena a = { 0 };
	struct http_req req = { .arena = &a };
	struct rest_call c = { .r = r, .req = &req, .args = { S("c"), S("t") } };
	struct told out = { 0 };
	struct rest_records rs = { .line = line, .end = end, .fail = refused, .arg = &out };
	rest_records_begin(&rs, &c);
	for (size_t at = 0; at < body.n; at += cut)
		rest_records_feed(&rs, sl_of(body.p + at, body.n - at < cut ? body.n - at : cut));
	rest_records_end(&rs);
	answer_all();
	if (out.ends != 1)
		abort();
	arena_free(&a);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct env env;
	static struct record_log log = { .self = &log, .append = append };
	static struct rest r = { .env = &env, .log = &log };
	struct told whole, cut;
	if (!env.loop) {
		env.loop = loop_new();
		env.clock = clock_new(env.loop);
	}
	whole = run(&r, sl_of(p, n), n + 1);
	cut = run(&r, sl_of(p, n), n % 7 + 1);
	if (whole.lines != cut.lines || whole.status != cut.status)
		abort();
	return 0;
}
