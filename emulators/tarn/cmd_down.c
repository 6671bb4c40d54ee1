/* tarn down: stops the stack that runs on a state folder. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int cmd_down(int argc, char **argv)
{
	static const struct option options[] = { { "data", required_argument, NULL, 'D' },
						 { "help", no_argument, NULL, 'h' },
						 { NULL, 0, NULL, 0 } };
	const char *data = NULL;
	int c, status;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			cmd_usage("down");
			return EXIT_OK;
		}
		if (c != 'D')
			return EXIT_USAGE;
		data = optarg;
	}
	char *control = cmd_endpoint(cmd_data(data), "control");
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(data));
	struct buf out = { 0 };
	struct error err;
	int rc = cmd_http(control, "POST", "/_tarn/stop", S(""), NULL, &status, &out, &err);
	buf_free(&out);
	free(control);
	if (rc)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s (%s)", cmd_data(data), err.text);
	return wait_gone(cmd_data(data));
}
