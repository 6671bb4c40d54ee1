/* tarn hosts: lines for /etc/hosts, for who leads names here by hand. */
#include <ctype.h>
#include <sys/stat.h>

#include "front/names.h"
#include "stack/services.h"
#include "tarn/cmd.h"

enum { NAMES_MAX = 1000, FILE_MAX = 1 << 20 };
struct hosts {
	const char *address, *region;
	char *names[NAMES_MAX];
	size_t n;
};

static void add(struct hosts *h, struct slice name)
{
	for (size_t i = 0; i < h->n; i++)
		if (sl_eq_nocase(sl(h->names[i]), name))
			return;
	if (h->n < NAMES_MAX)
		h->names[h->n++] = xstrndup(name.p, name.n);
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.';
}

/* Every name of ours in a text: a script, a configuration. */
static size_t scan(struct hosts *h, struct slice text)
{
	struct name n;
	size_t found = 0;
	for (size_t at = 0; at < text.n; at++) {
		size_t end = at;
		while (end < text.n && in_name(text.p[end]))
			end++;
		struct slice word = sl_of(text.p + at, end - at);
		while (word.n && word.p[word.n - 1] == '.')
			word.n--;
		if (word.n > 4 && name_read(word, NULL, &n) != NAME_FOREIGN) {
			add(h, word);
			found++;
		}
		at = end;
	}
	return found;
}

static int take_file(struct hosts *h, const char *path)
{
	char *text = xmalloc(FILE_MAX);
	FILE *f = fopen(path, "r");
	if (!f) {
		free(text);
		return cmd_fail(EXIT_USAGE, NULL, "%s: %m", path);
	}
	size_t n = fread(text, 1, FILE_MAX, f);
	fclose(f);
	if (!scan(h, sl_of(text, n)))
		cmd_warn("%s names no host of AWS", path);
	free(text);
	return EXIT_OK;
}

static int take_word(struct hosts *h, const char *word)
{
	struct name n;
	struct stat st;
	if (!stat(word, &st) && S_ISREG(st.st_mode))
		return take_file(h, word);
	if (name_read(sl(word), NULL, &n) == NAME_FOREIGN)
		return cmd_fail(EXIT_USAGE, "tarn hosts abc123.execute-api.us-east-1.amazonaws.com", "%s is no name of AWS, and no file", word);
	add(h, sl(word));
	return EXIT_OK;
}

static void add_api(struct hosts *h, const char *prefix, struct slice api)
{
	char *name = xasprintf("%s%.*s.%s.amazonaws.com", prefix, SL(api), h->region);
	add(h, sl(name));
	free(name);
}

/* The APIs that are served, as they are called in a region. */
static void add_apis(struct hosts *h)
{
	struct slice one, rest;
	for (size_t i = 0; services[i]; i++) {
		rest = sl(services[i]->aws);
		while (rest.p) {
			sl_cut(rest, ' ', &one, &rest);
			if (one.n && !sl_eqs(one, "execute-api"))
				add_api(h, "", one);
			if (sl_eqs(one, "airflow")) { /* its names have something before them */
				add_api(h, "api.", one);
				add_api(h, "env.", one);
			}
		}
	}
	static const char *const more[] = { "s3.amazonaws.com", "sts.amazonaws.com", "iam.amazonaws.com" };
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		add(h, sl(more[i]));
}

static int hosts_run(void *self, char **words, int n)
{
	struct hosts *h = self;
	int rc = EXIT_OK;
	for (int i = 0; i < n && !rc; i++)
		rc = take_word(h, words[i]);
	if (!n)
		add_apis(h);
	for (size_t i = 0; i < h->n && !rc; i++)
		printf("%s %s\n", h->address, h->names[i]);
	return rc;
}

static void hosts_done(void *self)
{
	struct hosts *h = self;
	for (size_t i = 0; i < h->n; i++)
		free(h->names[i]);
}

static const struct flag flags[] = {
	{ "address", 0, FLAG_TEXT, offsetof(struct hosts, address), "ADDRESS", "where they lead", "127.0.0.1" },
	{ "region", 0, FLAG_TEXT, offsetof(struct hosts, region), "REGION", "of the APIs", "us-east-1" },
	{ NULL },
};

const struct command command_hosts = {
	"hosts", "[NAME|FILE...]", "Prints lines for /etc/hosts: names of AWS, those in a file, or without any those of the APIs that are served.",
	sizeof(struct hosts), hosts_run, .done = hosts_done, .max = -1, .flags = { flags }, .example = "tarn hosts script.py | sudo tee -a /etc/hosts",
	.more = "Only tarn exec and tarn up --dns know whole domains; a line of /etc/hosts is one name. The ports of AWS are listened on with\n"
		"[front] ports: tarn up --set front.ports=all\n",
};
