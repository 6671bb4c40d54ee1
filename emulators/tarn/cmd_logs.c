/* tarn logs: the structured log of a background stack. */
#include <sys/stat.h>

#include "core/clock.h"
#include "tarn/cmd.h"

enum { EVERY_US = 50000 };

/* A line: time, level, service, event, then name=value each. */
struct line {
	struct slice service, event, rest;
};

static struct line read_line(const char *text)
{
	struct line l = { 0 };
	struct slice word, rest = sl_trim(sl(text));
	struct slice *const parts[] = { &word, &word, &l.service, &l.event };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		rest = rest.p ? sl_trim(rest) : sl("");
		sl_cut(rest, ' ', parts[i], &rest);
	}
	l.rest = rest.p ? sl_trim(rest) : sl("");
	return l;
}

/* The value of name in "a=1 b=\"2 3\""; absent when it isn't there. */
static struct slice value_of(struct slice rest, const char *name)
{
	size_t n = strlen(name);
	struct slice value, after;
	for (size_t at = 0; at + n < rest.n; at++) {
		if ((at && rest.p[at - 1] != ' ') || memcmp(rest.p + at, name, n) != 0 || rest.p[at + n] != '=')
			continue;
		value = sl_from(rest, at + n + 1);
		if (sl_starts(value, S("\"")))
			sl_cut(sl_from(value, 1), '"', &value, &after);
		else
			sl_cut(value, ' ', &value, &after);
		return value;
	}
	return sl(NULL);
}

/* By the line's service, or the one that it is about. */
static bool chosen(const struct line *l, char **services, int n)
{
	struct slice about = value_of(l->rest, "service");
	for (int i = 0; i < n; i++)
		if (sl_eqs(l->service, services[i]) || sl_eqs(about, services[i]))
			return true;
	return n == 0;
}

/* ---- calls that nobody served ---- */

struct unserved {
	char *what;
	size_t times;
};
static struct {
	struct unserved *at;
	size_t n;
} unserved;

static bool is_unserved(const struct line *l)
{
	return sl_eqs(l->event, "unserved") || sl_eqs(l->event, "unsupported");
}

/* "sqs ListQueues", "rest GET /v3/nope", "kinesis Kinesis_20131202.X" */
static void add_what(struct buf *b, const struct line *l)
{
	static const char *const words[] = { "method", "operation", "command", "path", "target" };
	struct slice service = value_of(l->rest, "service"), path, query;
	buf_addf(b, "%.*s", SL(service.n ? service : l->service));
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct slice value = value_of(l->rest, words[i]);
		if (!value.n || (!strcmp(words[i], "target") && value_of(l->rest, "operation").n))
			continue;
		sl_cut(value, '?', &path, &query);
		buf_addf(b, " %.*s", SL(path));
	}
}

static void count(const struct line *l)
{
	struct buf b = { 0 };
	add_what(&b, l);
	for (size_t i = 0; i < unserved.n; i++) {
		if (strcmp(unserved.at[i].what, buf_cstr(&b)) != 0)
			continue;
		unserved.at[i].times++;
		buf_free(&b);
		return;
	}
	unserved.at = xrealloc(unserved.at, (unserved.n + 1) * sizeof(*unserved.at));
	unserved.at[unserved.n++] = (struct unserved){ xstrdup(buf_cstr(&b)), 1 };
	buf_free(&b);
}

static void print_unserved(void)
{
	if (unserved.n)
		puts("asked for, and not served (tarn help api lists what is):");
	for (size_t i = 0; i < unserved.n; i++) {
		printf("%6zu x  %s\n", unserved.at[i].times, unserved.at[i].what);
		free(unserved.at[i].what);
	}
	if (unserved.n)
		puts("");
	free(unserved.at);
	unserved.at = NULL;
	unserved.n = 0;
}

/* ---- lines ---- */

enum pick { PICK_ALL, PICK_UNSERVED, PICK_OTHERS };

static void print_new(FILE *f, char **services, int n, enum pick pick)
{
	char *text = NULL;
	size_t cap = 0;
	clearerr(f);
	while (getline(&text, &cap, f) > 0) {
		struct line l = read_line(text);
		if (!chosen(&l, services, n))
			continue;
		if (pick == PICK_UNSERVED && is_unserved(&l))
			count(&l);
		else if (pick == PICK_ALL || (pick == PICK_OTHERS && !is_unserved(&l)))
			fputs(text, stdout);
	}
	fflush(stdout);
	free(text);
}

/* Each call that nobody served once, then what is there of the rest; from here on lines as they come. */
static void print_old(FILE *f, char **services, int n)
{
	print_new(f, services, n, PICK_UNSERVED);
	print_unserved();
	rewind(f);
	print_new(f, services, n, PICK_OTHERS);
}

struct logs {
	const char *data;
	bool follow;
};

/* The file was moved away: goes on with the new one, once it is there. */
/* What has the path now; NULL: nothing, for a second. */
static FILE *next_file(FILE *f, const char *path)
{
	FILE *next = NULL;
	fclose(f);
	for (int i = 0; i < 100 && !(next = fopen(path, "r")); i++)
		clock_real_wait_us(10000);
	return next;
}

/* The file that is read isn't the one that has the path: it was rotated, or is gone. */
static bool moved(FILE *f, const char *path)
{
	struct stat now, read;
	return stat(path, &now) || fstat(fileno(f), &read) || now.st_ino != read.st_ino || now.st_dev != read.st_dev;
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
	print_old(f, words, n);
	while (l->follow && f) {
		clock_real_wait_us(EVERY_US);
		bool other = moved(f, path);
		print_new(f, words, n, PICK_ALL);
		if (other)
			f = next_file(f, path);
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
	"logs", "[SERVICE...]", "Shows what of a background stack was asked for and not served, then its log.", sizeof(struct logs), logs_run, .max = -1,
	.flags = { data_flags, logs_flags }, .example = "tarn logs apigateway -f",
};
