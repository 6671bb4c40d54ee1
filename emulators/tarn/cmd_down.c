/* tarn down: stops the stack that runs on a state folder. */
#include <sys/file.h>
#include <fcntl.h>
#include <unistd.h>

#include "tarn/cmd.h"

/* The server holds a lock on its folder until it is gone; taking it is how we know. */
static int wait_gone(const char *data)
{
	char *path = xasprintf("%s/lock", data);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return EXIT_OK;
	alarm(30); /* ends the process when the server hangs */
	int rc = flock(fd, LOCK_EX);
	alarm(0);
	close(fd);
	return rc ? EXIT_TIMEOUT : EXIT_OK;
}

struct down {
	const char *data;
};

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
	buf_free(&out);
	free(control);
	if (rc)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s (%s)", cmd_data(d->data), err.text);
	return wait_gone(cmd_data(d->data));
}

const struct command command_down = {
	"down", "", "Stops the stack that runs on a state folder.", sizeof(struct down), down_run, .flags = { data_flags },
};
