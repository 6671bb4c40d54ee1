/* tarn down: stops the stack that runs on a state folder. */
#include <fcntl.h>
#include <jansson.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "tarn/cmd.h"

enum { EVERY_MS = 20, SAY_MS = 2000, PATIENCE_MS = 30000 };

/* The server holds a lock on its folder until it is gone; taking it is how we know. It ends itself within some seconds. */
static int wait_gone(const char *data)
{
	char *path = xasprintf("%s/lock", data);
	int fd = open(path, O_RDWR | O_CLOEXEC), waited = 0;
	free(path);
	if (fd < 0)
		return EXIT_OK;
	for (; flock(fd, LOCK_EX | LOCK_NB) && waited < PATIENCE_MS; waited += EVERY_MS) {
		clock_real_wait_us(EVERY_MS * 1000);
		if (waited % SAY_MS == SAY_MS - EVERY_MS)
			cmd_warn("waits for the stack on %s, which was asked to end %d s ago", data, (waited + EVERY_MS) / 1000);
	}
	close(fd);
	return waited < PATIENCE_MS ? EXIT_OK : cmd_fail(EXIT_TIMEOUT, NULL, "the stack on %s has not ended after %d s", data, PATIENCE_MS / 1000);
}

struct down {
	const char *data;
};

/* What was in flight and doesn't get to its end. */
static void say_cut(struct slice answer)
{
	json_t *a = json_loadb(answer.p ? answer.p : "", answer.n, 0, NULL);
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(a, "cut"), i, one)
		cmd_warn("cut: %s", json_string_value(one));
	json_decref(a);
}

static int down_run(void *self, char **words, int n)
{
	struct down *d = self;
	struct buf out = { 0 };
	struct error err;
	int status;
	char *control = cmd_endpoint(cmd_data(d->data), "control");
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(d->data));
	int rc = cmd_http(control, "POST", "/_tarn/stop", S(""), NULL, &status, &out, &err);
	free(control);
	if (rc)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s (%s)", cmd_data(d->data), err.text);
	say_cut(buf_slice(&out));
	buf_free(&out);
	return wait_gone(cmd_data(d->data));
}

const struct command command_down = {
	"down", "", "Stops the stack that runs on a state folder; says what it cuts.", sizeof(struct down), down_run, .flags = { data_flags },
};
