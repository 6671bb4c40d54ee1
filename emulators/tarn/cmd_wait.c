/* tarn wait: until a stack that another process starts is ready. */
#include <jansson.h>

#include "core/clock.h"
#include "core/json.h"
#include "tarn/cmd.h"

enum { EVERY_US = 50000 };
struct wait {
	const char *data;
	int64_t seconds;
};

/* Whether it answers, and its scripts of ready.d have ended. */
static bool is_ready(const char *data)
{
	struct buf out = { 0 };
	struct error err;
	int status;
	char *control = cmd_endpoint(data, "control");
	bool answers = control && !cmd_http(control, "GET", "/health", sl(NULL), NULL, &status, &out, &err);
	json_t *h = answers ? json_loadb(out.p, out.n, 0, NULL) : NULL;
	bool ready = jtrue(h, "ready");
	json_decref(h);
	buf_free(&out);
	free(control);
	return ready;
}

static int wait_run(void *self, char **words, int n)
{
	struct wait *w = self;
	int64_t until = clock_real_us() + w->seconds * 1000000;
	while (!is_ready(w->data)) {
		if (clock_real_us() >= until)
			return cmd_fail(EXIT_TIMEOUT, "tarn logs", "no stack on %s was ready within %lld s", cmd_data(w->data), (long long)w->seconds);
		clock_real_wait_us(EVERY_US);
	}
	return EXIT_OK;
}

static const struct flag wait_flags[] = {
	{ "seconds", 0, FLAG_INT, offsetof(struct wait, seconds), "N", "how long at most", "60", 0, 86400 },
	{ NULL },
};

const struct command command_wait = {
	"wait", "", "Waits until a stack is ready, its init scripts included.", sizeof(struct wait), wait_run,
	.flags = { data_flags, wait_flags }, .example = "tarn wait --seconds 30",
};
