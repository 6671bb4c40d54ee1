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
	const char *data, *save;
	bool over;
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

/* Before it ends: when that fails, it goes on. */
static int save_first(const struct down *d, const char *control)
{
	struct buf path = { 0 }, out = { 0 };
	struct error err;
	int status = 0, rc = EXIT_OK;
	if (!d->save)
		return EXIT_OK;
	buf_adds(&path, "/_tarn/snapshots/");
	buf_url_escape(&path, sl(d->save), false);
	buf_adds(&path, d->over ? "?over=1" : "");
	if (cmd_http(control, "POST", buf_cstr(&path), sl(""), NULL, &status, &out, &err)) {
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(d->data), err.text);
	} else if (status != 200) {
		json_t *why = json_loadb(buf_slice(&out).p, out.n, 0, NULL);
		rc = cmd_fail(status == 409 ? EXIT_CONFLICT : status == 400 ? EXIT_USAGE : EXIT_FAILED, status == 409 ? "tarn down --save NAME --over" : NULL,
			      "%s; the stack goes on", jstr(why, "error") ? jstr(why, "error") : "it can't be saved");
		json_decref(why);
	} else {
		printf("saved %s - tarn up --load %s\n", d->save, d->save);
	}
	buf_free(&path);
	buf_free(&out);
	return rc;
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
	int rc = save_first(d, control);
	if (rc) {
		free(control);
		return rc;
	}
	rc = cmd_http(control, "POST", "/_tarn/stop", S(""), NULL, &status, &out, &err);
	free(control);
	if (rc)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s (%s)", cmd_data(d->data), err.text);
	say_cut(buf_slice(&out));
	buf_free(&out);
	return wait_gone(cmd_data(d->data));
}

static const struct flag down_flags[] = {
	{ "save", 0, FLAG_TEXT, offsetof(struct down, save), "NAME", "first saves everything as a snapshot: tarn help snapshots" },
	{ "over", 0, FLAG_ON, offsetof(struct down, over), NULL, "in place of the snapshot that has the name" },
	{ NULL },
};

const struct command command_down = {
	"down", "", "Stops the stack that runs on a state folder; says what it cuts.", sizeof(struct down), down_run, .flags = { data_flags, down_flags },
};
