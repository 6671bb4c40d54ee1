/* tarn wait: until a stack that another process starts is ready, or services of it, or whatever else has an address. */
#include <jansson.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/near.h"
#include "stack/services.h"
#include "tarn/cmd.h"

enum { EVERY_US = 50000, LOOK_MS = 2000, SEEN_MAX = 64 << 10 };
struct wait {
	const char *data;
	int64_t seconds, until_us;
};

enum state { NOT_YET, READY, NEVER };

/* How long one look may take. */
static int64_t look_ms(const struct wait *w)
{
	int64_t left = (w->until_us - clock_real_us()) / 1000;
	return left < 1 ? 100 : left < LOOK_MS ? left : LOOK_MS;
}

/* ---- what is waited for ---- */

/* Whether it answers, and its scripts of ready.d have ended. */
static enum state look_at_stack(const struct wait *w, const char *word, struct error *why)
{
	struct buf out = { .max = SEEN_MAX };
	char *control = cmd_endpoint(w->data, "control"), *url = control ? xasprintf("%s/health", control) : NULL;
	enum state state = NOT_YET;
	int status;
	if (!control)
		err_set(why, ERR_NOT_FOUND, "nothing runs there");
	else if (cmd_reach(url, false, look_ms(w), &out, &status, why))
		;
	else {
		json_t *h = json_loadb(out.p, out.n, 0, NULL);
		state = jtrue(h, "ready") ? READY : NOT_YET;
		err_set(why, ERR_CONFLICT, "its init scripts go on");
		json_decref(h);
	}
	buf_free(&out);
	free(control);
	free(url);
	return state;
}

/* An address that takes connections: of HTTP it has to answer, with anything but an error. */
static enum state look_at_address(const struct wait *w, const char *word, struct error *why)
{
	struct slice address = sl(word), rest = address;
	bool connects = !sl_starts(address, S("http://")) && !sl_starts(address, S("https://"));
	struct buf out = { .max = SEEN_MAX };
	int status = 0;
	sl_after(address, S("tcp://"), &rest);
	char *url = xasprintf("%s%.*s", connects ? "http://" : "", SL(rest));
	int rc = cmd_reach(url, connects, look_ms(w), &out, &status, why);
	/* Enough of a long answer has come to tell. */
	bool there = (!rc || out.bad) && (connects || status < 400);
	if (!rc && !there)
		err_set(why, ERR_CONFLICT, "status %d", status);
	buf_free(&out);
	free(url);
	return there ? READY : NOT_YET;
}

/* A service of a stack that is ready. It runs in the process that the control port is of, or has an address that takes connections. */
static enum state look_at_service(const struct wait *w, const char *word, struct error *why)
{
	enum state state = look_at_stack(w, word, why);
	struct buf out = { 0 };
	char *address = cmd_endpoint(w->data, word), *control = cmd_endpoint(w->data, "control");
	int status;
	if (address && strcmp(address, control ? control : ""))
		state = look_at_address(w, address, why);
	else if (state == READY && control && !cmd_http(control, "GET", "/_tarn/state", sl(NULL), NULL, &status, &out, why)) {
		json_t *all = json_loadb(out.p, out.n, 0, NULL);
		if (!json_object_get(json_object_get(all, "services"), word)) {
			err_set(why, ERR_NOT_FOUND, "the stack on %s runs without %s", cmd_data(w->data), word);
			state = NEVER;
		}
		json_decref(all);
	}
	buf_free(&out);
	free(address);
	free(control);
	return state;
}

/* ---- the command ---- */

typedef enum state (*look_fn)(const struct wait *w, const char *word, struct error *why);

static look_fn look_for(const char *word)
{
	struct near near = near_to(sl(word));
	if (strchr(word, ':'))
		return look_at_address;
	for (size_t i = 0; services[i]; i++)
		if (near_is(&near, services[i]->name))
			return look_at_service;
	cmd_fail(EXIT_USAGE, "tarn help services", "neither a service nor an address (http://HOST:PORT/, HOST:PORT): %s%s", word, near_words(&near));
	return NULL;
}

static int wait_for(const struct wait *w, look_fn look, const char *word)
{
	struct error why = { 0 };
	enum state state;
	while ((state = look(w, word, &why)) == NOT_YET) {
		if (clock_real_us() >= w->until_us)
			return cmd_fail(EXIT_TIMEOUT, look == look_at_address ? NULL : "tarn logs", *word ? "%s wasn't ready within %lld s: %s" : "no stack on %s was ready within %lld s: %s",
					*word ? word : cmd_data(w->data), (long long)w->seconds, why.text);
		clock_real_wait_us(EVERY_US);
	}
	return state == READY ? EXIT_OK : cmd_fail(EXIT_FAILED, "tarn status", "%s", why.text);
}

static int wait_run(void *self, char **words, int n)
{
	struct wait *w = self;
	int rc = EXIT_OK;
	w->until_us = clock_real_us() + w->seconds * 1000000;
	for (int i = 0; i < n; i++)
		if (!look_for(words[i]))
			return EXIT_USAGE;
	if (!n)
		return wait_for(w, look_at_stack, "");
	for (int i = 0; i < n && !rc; i++)
		rc = wait_for(w, look_for(words[i]), words[i]);
	return rc;
}

static const struct flag wait_flags[] = {
	{ "seconds", 0, FLAG_INT, offsetof(struct wait, seconds), "N", "how long at most, for all of them", "60", 0, 86400 },
	{ NULL },
};

const struct command command_wait = {
	"wait", "[SERVICE|URL|HOST:PORT]...", "Waits until a stack is ready, its init scripts included, or these services of it, or addresses of anything.",
	sizeof(struct wait), wait_run, .max = -1, .flags = { data_flags, wait_flags }, .example = "tarn wait --seconds 30",
	.more = "A SERVICE: the stack is ready and it runs there. http:// and https:// answer with a status below 400, HOST:PORT takes\n"
		"connections: programs of a test that aren't tarn's, too. tarn wait kafka http://localhost:9000/health && pytest",
};
