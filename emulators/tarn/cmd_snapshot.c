/* tarn snapshot: everything a running stack keeps, by name. */
#include <errno.h>
#include <jansson.h>
#include <unistd.h>

#include "core/json.h"
#include "tarn/cmd.h"

struct snapshot_options {
	const char *data, *note;
	bool json, over, yes;
};

enum { FILE_PIECE = 64 << 10 };

static void add_bytes(struct buf *b, int64_t n)
{
	if (n < 1000)
		buf_addf(b, "%lld B", (long long)n);
	else if (n < 1000000)
		buf_addf(b, "%.1f kB", (double)n / 1e3);
	else
		buf_addf(b, "%.1f MB", (double)n / 1e6);
}

/* "1.2 MB, 3,412 records, 12 objects, 2026-03-08T00:00:00.000Z" */
static void add_about(struct buf *b, const json_t *o)
{
	int64_t pieces = jint(json_object_get(o, "pieces"), "bytes");
	add_bytes(b, jint(o, "bytes"));
	if (pieces) {
		buf_adds(b, " and ");
		add_bytes(b, pieces);
		buf_adds(b, " of pieces");
	}
	buf_addf(b, ", %lld records, %lld objects, %s%s", (long long)jint(o, "records"), (long long)jint(o, "objects"), jstr(o, "clock"), jtrue(o, "frozen") ? " (frozen)" : "");
}

static int exit_of(int status)
{
	return status == 409 ? EXIT_CONFLICT : status == 400 ? EXIT_USAGE : EXIT_FAILED;
}

/* *answer: the JSON of a 200, to be released. */
static int call(const struct snapshot_options *o, const char *method, const char *path, struct slice body, struct buf *out, json_t **answer)
{
	struct error err;
	int status = 0, rc = EXIT_OK;
	char *control = cmd_endpoint(o->data, "control");
	*answer = NULL;
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(o->data));
	if (cmd_http(control, method, path, body, body.p ? "application/octet-stream" : NULL, &status, out, &err))
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(o->data), err.text);
	else if (status == 200)
		*answer = json_loadb(out->p ? out->p : "", out->n, 0, NULL);
	else {
		json_t *why = json_loadb(out->p ? out->p : "", out->n, 0, NULL);
		rc = cmd_fail(exit_of(status), status == 404 ? "tarn snapshot ls" : NULL, "%s", jstr(why, "error") ? jstr(why, "error") : "no such answer");
		json_decref(why);
	}
	free(control);
	return rc;
}

static void path_of(struct buf *b, const char *name, const char *what)
{
	buf_adds(b, "/_tarn/snapshots/");
	buf_url_escape(b, sl(name), false);
	buf_adds(b, what);
}

/* One request, and its answer as JSON, or what say prints of it. */
static int ask(const struct snapshot_options *o, const char *method, struct buf *path, void (*say)(const json_t *answer))
{
	struct buf out = { 0 };
	json_t *answer;
	int rc = call(o, method, buf_cstr(path), !strcmp(method, "GET") || !strcmp(method, "DELETE") ? sl(NULL) : sl(""), &out, &answer);
	if (!rc && cmd_is_json())
		cmd_json(sl_trim(buf_slice(&out)));
	else if (!rc)
		say(answer);
	json_decref(answer);
	buf_free(&out);
	buf_free(path);
	return rc;
}

static void say_saved(const json_t *a)
{
	struct buf b = { 0 };
	add_about(&b, a);
	printf("saved %s (%s) - tarn snapshot restore %s\n", jstr(a, "name"), buf_cstr(&b), jstr(a, "name"));
	buf_free(&b);
}

static int save(void *self, char **words, int n)
{
	struct snapshot_options *o = self;
	struct buf path = { 0 };
	path_of(&path, words[1], o->over ? "?over=1&note=" : "?note=");
	buf_url_escape(&path, sl(o->note ? o->note : ""), false);
	return ask(o, "POST", &path, say_saved);
}

static void say_restored(const json_t *a)
{
	printf("restored %s - tarn status\n", jstr(a, "name"));
}

static int restore(void *self, char **words, int n)
{
	struct buf path = { 0 };
	path_of(&path, words[1], "/restore");
	return ask(self, "POST", &path, say_restored);
}

static void say_list(const json_t *a)
{
	const json_t *list = json_object_get(a, "snapshots"), *one;
	size_t i;
	if (!json_array_size(list))
		puts("no snapshots - tarn snapshot save NAME");
	json_array_foreach(list, i, one) {
		struct buf b = { 0 };
		const char *note = jstr(one, "note"), *error = jstr(one, "error");
		if (!error)
			add_about(&b, one);
		printf("%-20s %s%s%s%s\n", jstr(one, "name"), error ? error : jstr(one, "saved"), error ? "" : "  ", error ? "" : buf_cstr(&b), "");
		if (note)
			printf("%-20s %s\n", "", note);
		buf_free(&b);
	}
}

static int list(void *self, char **words, int n)
{
	struct buf path = { 0 };
	buf_adds(&path, "/_tarn/snapshots");
	return ask(self, "GET", &path, say_list);
}

static void say_removed(const json_t *a)
{
	printf("removed %s\n", jstr(a, "removed"));
}

static int confirmed(const struct snapshot_options *o, const char *name)
{
	char answer[8] = "";
	if (o->yes)
		return EXIT_OK;
	if (!isatty(STDIN_FILENO))
		return cmd_fail(EXIT_USAGE, "tarn snapshot rm NAME --yes", "to remove a snapshot without a terminal takes --yes");
	printf("Remove the snapshot %s? [y/N] ", name);
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y'))
		return EXIT_OK;
	return cmd_fail(EXIT_FAILED, NULL, "%s stays", name);
}

static int rm(void *self, char **words, int n)
{
	struct buf path = { 0 };
	int rc = confirmed(self, words[1]);
	if (rc)
		return rc;
	path_of(&path, words[1], "");
	return ask(self, "DELETE", &path, say_removed);
}

static void say_diff(const json_t *a)
{
	const json_t *s, *c;
	size_t i, k;
	if (jtrue(a, "same"))
		printf("%s and %s are the same\n", jstr(a, "from"), jstr(a, "to"));
	else
		printf("%s -> %s\n", jstr(a, "from"), jstr(a, "to"));
	json_array_foreach(json_object_get(a, "services"), i, s) {
		puts(jstr(s, "service"));
		json_array_foreach(json_object_get(s, "changes"), k, c)
			printf("  %s: %s\n", jstr(c, "name"), jstr(c, "text"));
	}
}

static int diff(void *self, char **words, int n)
{
	struct buf path = { 0 };
	path_of(&path, words[1], n > 2 ? "/diff?with=" : "/diff");
	if (n > 2)
		buf_url_escape(&path, sl(words[2]), false);
	return ask(self, "GET", &path, say_diff);
}

/* ---- files ---- */

static int write_file(const char *path, bool over, struct slice s)
{
	FILE *f = fopen(path, over ? "we" : "wxe");
	bool ok = f && fwrite(s.p, 1, s.n, f) == s.n;
	int why = errno;
	if (f && fclose(f) && ok) {
		ok = false;
		why = errno;
	}
	if (ok)
		return EXIT_OK;
	if (f)
		(void)unlink(path);
	return cmd_fail(why == EEXIST ? EXIT_CONFLICT : EXIT_FAILED, why == EEXIST ? "--over" : NULL, "%s: %s", path, strerror(why));
}

static int export(void *self, char **words, int n)
{
	struct snapshot_options *o = self;
	struct buf path = { 0 }, out;
	struct error err;
	int status = 0, rc;
	char *control = cmd_endpoint(o->data, "control"), *to = n > 2 ? xstrdup(words[2]) : xasprintf("%s.tarn-snapshot", words[1]);
	buf_init(&out, SIZE_MAX);
	path_of(&path, words[1], "/file");
	if (!control)
		rc = cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(o->data));
	else if (cmd_http(control, "GET", buf_cstr(&path), sl(NULL), NULL, &status, &out, &err))
		rc = cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(o->data), err.text);
	else if (status != 200)
		rc = cmd_fail(exit_of(status), "tarn snapshot ls", "%.*s", SL(sl_trim(buf_slice(&out))));
	else
		rc = write_file(to, o->over, buf_slice(&out));
	struct buf line = { 0 };
	add_bytes(&line, (int64_t)out.n);
	if (!rc && cmd_is_json()) {
		struct buf json = { 0 };
		jw_obj(&json, NULL);
		jw_text(&json, "file", to);
		jw_int(&json, "bytes", (int64_t)out.n);
		jw_obj_end(&json);
		cmd_json(buf_slice(&json));
		buf_free(&json);
	} else if (!rc) {
		printf("exported %s to %s (%s) - tarn snapshot import NAME %s\n", words[1], to, buf_cstr(&line), to);
	}
	buf_free(&line);
	buf_free(&out);
	buf_free(&path);
	free(control);
	free(to);
	return rc;
}

static int read_file(const char *path, struct buf *out)
{
	char piece[FILE_PIECE];
	FILE *f = fopen(path, "re");
	size_t n;
	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	int bad = !f || ferror(f), why = errno;
	if (f)
		fclose(f);
	return bad ? cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, strerror(why)) : EXIT_OK;
}

static void say_imported(const json_t *a)
{
	printf("imported %s (%lld records, %lld objects, of tarn %s) - tarn snapshot restore %s\n", jstr(a, "name"), (long long)jint(a, "records"),
	       (long long)jint(a, "objects"), jstr(a, "tarn"), jstr(a, "name"));
}

static int import(void *self, char **words, int n)
{
	struct snapshot_options *o = self;
	struct buf bytes, path = { 0 }, out = { 0 };
	json_t *answer = NULL;
	buf_init(&bytes, SIZE_MAX);
	int rc = read_file(words[2], &bytes);
	path_of(&path, words[1], o->over ? "/file?over=1" : "/file");
	if (!rc)
		rc = call(o, "PUT", buf_cstr(&path), buf_slice(&bytes), &out, &answer);
	if (!rc && cmd_is_json())
		cmd_json(sl_trim(buf_slice(&out)));
	else if (!rc)
		say_imported(answer);
	json_decref(answer);
	buf_free(&bytes);
	buf_free(&path);
	buf_free(&out);
	return rc;
}

static const struct flag snapshot_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct snapshot_options, json), NULL, "the answer as JSON" },
	{ "note", 0, FLAG_TEXT, offsetof(struct snapshot_options, note), "TEXT", "save: a line that ls shows with it" },
	{ "over", 0, FLAG_ON, offsetof(struct snapshot_options, over), NULL, "save, import, export: in place of what has the name" },
	{ "yes", 0, FLAG_ON, offsetof(struct snapshot_options, yes), NULL, "rm: without asking" },
	{ NULL },
};

static const struct action snapshot_actions[] = {
	{ "save", "NAME", "saves everything as it is between two requests", 1, 1, save },
	{ "restore", "NAME", "everything is as it was; addresses and connections stay", 1, 1, restore },
	{ "ls", "", "what was saved", 0, 0, list },
	{ "rm", "NAME", "removes one", 1, 1, rm },
	{ "diff", "NAME [OTHER]", "what is different in OTHER, or now, by service", 1, 2, diff },
	{ "export", "NAME [FILE]", "all of it in one file, NAME.tarn-snapshot", 1, 2, export },
	{ "import", "NAME FILE", "takes such a file, of this release or an older one", 2, 2, import },
	{ NULL },
};

const struct command command_snapshot = {
	"snapshot", "save NAME | restore NAME | ls | rm NAME | diff NAME [OTHER] | export NAME [FILE] | import NAME FILE",
	"Everything a running stack keeps, by name: saved, restored, compared, taken elsewhere.", sizeof(struct snapshot_options),
	.flags = { data_flags, snapshot_flags }, .actions = snapshot_actions, .example = "tarn snapshot save monday",
	.more = "Rows, topics, offsets, groups, objects, streams, connectors, APIs, runs, the clock, chance and armed faults. See: tarn help snapshots.\n",
};
