/* tarn record: what clients send to a running stack, as a scenario. */
#include <signal.h>
#include <unistd.h>

#include "tarn/cmd.h"

struct record {
	const char *data, *out;
};

static void on_signal(int n)
{
}

static int call(const struct record *o, const char *control, const char *method, struct buf *out)
{
	struct error err;
	int status;
	buf_reset(out);
	if (cmd_http(control, method, "/_tarn/record", sl(strcmp(method, "POST") ? NULL : ""), NULL, &status, out, &err))
		return cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(o->data), err.text);
	return status == 200 ? EXIT_OK : cmd_fail(EXIT_FAILED, NULL, "%.*s", SL(sl_trim(buf_slice(out))));
}

static int write_out(const struct record *o, struct slice text)
{
	FILE *f = o->out ? fopen(o->out, "w") : stdout;
	if (!f || fwrite(text.p, 1, text.n, f) != text.n || (o->out ? fclose(f) : fflush(f)))
		return cmd_fail(EXIT_FAILED, NULL, "can't write %s", o->out ? o->out : "standard output");
	if (o->out)
		fprintf(stderr, "written: %s - tarn lint %s && tarn run %s\n", o->out, o->out, o->out);
	return EXIT_OK;
}

static int record_run(void *self, char **words, int n)
{
	const struct record *o = self;
	char *control = cmd_endpoint(o->data, "control"), line[256];
	struct sigaction ends = { .sa_handler = on_signal };
	struct buf out = { 0 };
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(o->data));
	int rc = call(o, control, "POST", &out);
	if (!rc) {
		fprintf(stderr, "recording what clients send - Enter or Ctrl-C ends it\n");
		(void)sigaction(SIGINT, &ends, NULL);
		(void)sigaction(SIGTERM, &ends, NULL);
		ssize_t typed = read(STDIN_FILENO, line, sizeof(line)); /* its end and a signal are ends, too */
		(void)typed;
		rc = call(o, control, "DELETE", &out);
	}
	if (!rc)
		rc = call(o, control, "GET", &out);
	if (!rc)
		rc = write_out(o, buf_slice(&out));
	buf_free(&out);
	free(control);
	return rc;
}

static const struct flag record_flags[] = {
	{ "output", 'o', FLAG_TEXT, offsetof(struct record, out), "FILE", "where the scenario goes; without it standard output" },
	{ NULL },
};

const struct command command_record = {
	"record", "", "Records what clients send to a running stack as a scenario.", sizeof(struct record), record_run, .max = 0,
	.flags = { data_flags, record_flags }, .example = "tarn record -o mine.tarn",
	.more = "Calls of the gateway, the REST proxy, Connect, Airflow and the workspace become steps: send, and expect status. Of AWS's signed APIs a\n"
		"remark says what was called. The stack's user id stands as ${user}. The same: POST, DELETE and GET /_tarn/record.\n",
};
