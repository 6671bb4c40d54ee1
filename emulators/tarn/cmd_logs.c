/* tarn logs: the structured log of a background stack. */
#include <sys/inotify.h>
#include <unistd.h>

#include "core/clock.h"
#include "tarn/cmd.h"

/* The third word of a line is the service. */
static bool chosen(const char *line, char **services, int n)
{
	struct slice word, rest = sl(line);
	for (int i = 0; i < 3; i++) {
		rest = rest.p ? sl_trim(rest) : sl("");
		sl_cut(rest, ' ', &word, &rest);
	}
	for (int i = 0; i < n; i++)
		if (sl_eqs(word, services[i]))
			return true;
	return n == 0;
}

static void print_new(FILE *f, char **services, int n)
{
	char *line = NULL;
	size_t cap = 0;
	clearerr(f);
	while (getline(&line, &cap, f) > 0)
		if (chosen(line, services, n))
			fputs(line, stdout);
	fflush(stdout);
	free(line);
}

struct logs {
	const char *data;
	bool follow;
};

/* The file was moved away: goes on with the new one, once it is there. */
static FILE *next_file(FILE *f, const char *path, int watch)
{
	FILE *next = NULL;
	fclose(f);
	for (int i = 0; i < 100 && !(next = fopen(path, "r")); i++)
		clock_real_wait_us(10000);
	if (next && inotify_add_watch(watch, path, IN_MODIFY | IN_MOVE_SELF | IN_DELETE_SELF) < 0) {
		fclose(next);
		next = NULL;
	}
	return next;
}

static bool moved(const char *events, size_t n)
{
	for (size_t at = 0; at < n;) {
		struct inotify_event e;
		memcpy(&e, events + at, sizeof(e));
		if (e.mask & (IN_MOVE_SELF | IN_DELETE_SELF))
			return true;
		at += sizeof(e) + e.len;
	}
	return false;
}

static int logs_run(void *self, char **words, int n)
{
	struct logs *l = self;
	char *path = xasprintf("%s/tarn.log", cmd_data(l->data));
	FILE *f = fopen(path, "r");
	if (!f) {
		int rc = cmd_fail(EXIT_START, "tarn up -d", "no log at %s", path);
		free(path);
		return rc;
	}
	print_new(f, words, n);
	int watch = l->follow ? inotify_init1(IN_CLOEXEC) : -1;
	if (watch >= 0 && inotify_add_watch(watch, path, IN_MODIFY | IN_MOVE_SELF | IN_DELETE_SELF) >= 0) {
		char events[4096];
		ssize_t got;
		while (f && (got = read(watch, events, sizeof(events))) > 0) {
			print_new(f, words, n);
			if (moved(events, (size_t)got) && (f = next_file(f, path, watch)))
				print_new(f, words, n);
		}
	}
	if (f)
		fclose(f);
	free(path);
	return EXIT_OK;
}

static const struct flag logs_flags[] = {
	{ "follow", 'f', FLAG_ON, offsetof(struct logs, follow), NULL, "goes on with what is logged from now on" },
	{ NULL },
};

const struct command command_logs = {
	"logs", "[SERVICE...]", "Shows the structured log of a background stack.", sizeof(struct logs), logs_run, .max = -1,
	.flags = { data_flags, logs_flags }, .example = "tarn logs apigateway -f",
};
