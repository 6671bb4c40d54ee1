/* tarn run: scenarios, reported as TAP 14 on stdout and, on request, as JUnit XML. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/near.h"
#include "tarn/cmd.h"
#include "scenario/child.h"

extern const struct command command_emit;

struct report {
	struct buf junit, cases; /* suites so far; test cases of the one that runs */
	int64_t suite_us;
	int point, passed, failed;
	const char *until;
	int64_t seed; /* -1: the scenario's */
	bool keep, verbose;
};

static bool read_all(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char chunk[16384];
	if (!f)
		return false;
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
		buf_add(out, chunk, n);
	fclose(f);
	return true;
}

static void yaml_text(const char *key, const char *text)
{
	struct slice line, rest = sl(text);
	if (!strchr(text, '\n')) {
		struct buf b = { 0 };
		buf_json_string(&b, rest);
		printf("  %s: %.*s\n", key, SL(buf_slice(&b)));
		buf_free(&b);
		return;
	}
	printf("  %s: |\n", key);
	while (rest.p) {
		sl_cut(rest, '\n', &line, &rest);
		printf("    %.*s\n", SL(line));
	}
}

/* What is told of a failed step, beside where it is. */
static const char *about_program(struct runner *r)
{
	const struct statement *st = r->at;
	bool looks = !strcmp(st->verb, "expect") && st->word_n && (!strcmp(st->words[0].text, "exit") || !strcmp(st->words[0].text, "stdout"));
	struct slice tail = looks || !strcmp(st->verb, "exec") ? child_tail(r) : sl(NULL);
	return tail.n ? arena_cstr(&r->arena, tail) : NULL;
}

static const char *about_body(struct runner *r)
{
	bool tell = !strcmp(r->at->verb, "expect") && r->body.n && r->body.n < 2000;
	return tell ? arena_cstr(&r->arena, buf_slice(&r->body)) : NULL;
}

static void junit_failure(struct buf *b, struct runner *r, const struct error *err)
{
	const char *body = about_body(r), *program = about_program(r);
	struct slice place = arena_printf(&r->arena, "%s:%d:%d", r->sc->file, r->at->line, r->at->column), words;
	words = r->want[0] ? arena_printf(&r->arena, "want %s, got %s", r->want, r->got) : sl(err->text);
	buf_adds(b, "><failure type=\"");
	buf_adds(b, r->want[0] ? "expect" : "error");
	buf_adds(b, "\" message=\"");
	buf_xml_escape(b, words);
	buf_adds(b, "\">");
	buf_xml_escape(b, arena_printf(&r->arena, "%.*s\n%.*s\n%s%s%s%s", SL(place), SL(words), body ? "body: " : "", body ? body : "", body ? "\n" : "",
				       program ? "stderr: " : ""));
	buf_xml_escape(b, sl(program ? program : ""));
	buf_adds(b, "</failure></testcase>\n");
}

/* err NULL: the step went well. */
static void junit_case(struct report *rep, struct runner *r, const struct step *step, const struct error *err, int64_t us)
{
	struct buf *b = &rep->cases;
	buf_adds(b, "    <testcase classname=\"");
	buf_xml_escape(b, sl(r->sc->file));
	buf_adds(b, "\" name=\"");
	buf_xml_escape(b, sl(step->title));
	buf_addf(b, "\" time=\"%.6f\"", (double)us / 1e6);
	if (err)
		junit_failure(b, r, err);
	else
		buf_adds(b, "/>\n");
	rep->suite_us += us;
}

/* A suite a file. */
static void junit_suite(struct report *rep, const struct scenario *sc, int passed, int failed)
{
	struct buf *b = &rep->junit;
	buf_adds(b, "  <testsuite name=\"");
	buf_xml_escape(b, sl(sc->file));
	buf_addf(b, "\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"0\" time=\"%.6f\">\n", passed + failed, failed, (double)rep->suite_us / 1e6);
	buf_addsl(b, buf_slice(&rep->cases));
	buf_adds(b, "  </testsuite>\n");
	buf_reset(&rep->cases);
	rep->suite_us = 0;
}

static void report_failure(struct runner *r, const struct step *step, const struct error *err)
{
	const char *body = about_body(r), *program = about_program(r);
	char now[32];
	puts("  ---");
	printf("  at: %s:%d:%d\n", r->sc->file, r->at->line, r->at->column);
	if (r->want[0]) {
		yaml_text("want", r->want);
		yaml_text("got", r->got);
	} else {
		yaml_text("error", err->text);
	}
	if (body)
		yaml_text("body", body);
	if (program)
		yaml_text("stderr", program);
	if (r->server) {
		clock_iso_sec(clock_now_ms(server_env(r->server)->clock), now);
		printf("  time: %s\n", now);
	}
	if (r->server)
		printf("  reproduce: tarn run %s --seed %s --until \"%s\"\n", r->sc->file, runner_var(r, "seed"), step->title);
	puts("  ...");
}

/* What a program of the scenario printed, as comments. */
static void show_output(const struct runner *r, const struct statement *st)
{
	struct slice line, rest = buf_slice(&r->out);
	if (strcmp(st->verb, "exec"))
		return;
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		printf("# %.*s\n", SL(line));
	}
}

/* Runs one step; prints its point. */
static bool run_step(struct report *rep, struct runner *r, const struct step *step)
{
	struct error err = { 0 };
	int64_t began = clock_real_us();
	int e = 0;
	for (size_t i = 0; !e && i < step->n; i++) {
		if (!r->server)
			e = err_set(&err, ERR_INTERNAL, "the stack is down");
		else
			e = runner_step(r, &r->sc->statements[step->first + i], &err);
		if (!e && rep->verbose)
			show_output(r, &r->sc->statements[step->first + i]);
	}
	printf("%sok %d - %s\n", e ? "not " : "", ++rep->point, step->title);
	if (e)
		report_failure(r, step, &err);
	junit_case(rep, r, step, e ? &err : NULL, clock_real_us() - began);
	fflush(stdout);
	arena_reset(&r->arena);
	*(e ? &rep->failed : &rep->passed) += 1;
	return !e;
}

static int run_scenario(struct report *rep, const struct scenario *sc)
{
	struct runner r = { 0 };
	struct error err = { 0 };
	int code = EXIT_OK, passed = rep->passed, failed = rep->failed;
	printf("# %s: %s\n", sc->file, sc->title ? sc->title : "");
	if (runner_open(&r, sc, rep->seed, &err)) {
		printf("Bail out! the stack did not start: %s\n", err.text);
		runner_close(&r, rep->keep);
		return EXIT_START;
	}
	/* What stands before the first step (set) belongs to it. */
	size_t before = sc->steps[0].first;
	for (size_t i = 0; i < before; i++)
		if (runner_step(&r, &sc->statements[i], &err)) {
			printf("Bail out! %s:%d: %s\n", sc->file, sc->statements[i].line, err.text);
			code = EXIT_USAGE;
		}
	for (size_t i = 0; !code && i < sc->step_n; i++) {
		bool ok = run_step(rep, &r, &sc->steps[i]);
		if (rep->until && !strcmp(rep->until, sc->steps[i].title))
			break;
		if (!ok && clock_real_us() >= r.deadline_us)
			code = EXIT_TIMEOUT;
	}
	junit_suite(rep, sc, rep->passed - passed, rep->failed - failed);
	if (rep->keep)
		fprintf(stderr, "tarn: state kept in %s\n", r.dir);
	runner_close(&r, rep->keep);
	return code;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* FILE or every *.tarn of DIR, in name order. */
static int collect(const char *path, char ***files, size_t *n)
{
	struct stat st;
	if (stat(path, &st))
		return cmd_fail(EXIT_USAGE, NULL, "no such scenario: %s", path);
	if (!S_ISDIR(st.st_mode)) {
		*files = xrealloc(*files, (*n + 1) * sizeof(**files));
		(*files)[(*n)++] = xstrdup(path);
		return 0;
	}
	size_t first = *n;
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (!sl_ends(sl(e->d_name), S(".tarn")))
			continue;
		*files = xrealloc(*files, (*n + 1) * sizeof(**files));
		(*files)[(*n)++] = xasprintf("%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", e->d_name);
	}
	if (d)
		closedir(d);
	qsort(*files + first, *n - first, sizeof(**files), by_name);
	return *n > first ? 0 : cmd_fail(EXIT_USAGE, NULL, "no *.tarn in %s", path);
}

static int write_junit(const struct report *rep, const char *path)
{
	FILE *f = fopen(path, "w");
	if (!f)
		return cmd_fail(EXIT_START, NULL, "can't write %s", path);
	fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tarn\" tests=\"%d\" failures=\"%d\">\n%.*s</testsuites>\n",
		rep->passed + rep->failed, rep->failed, SL(buf_slice(&rep->junit)));
	return fclose(f) ? cmd_fail(EXIT_START, NULL, "can't write %s", path) : 0;
}

/* The keys of an emit are flags of the command. */
static int check_emits(const struct scenario *sc, struct error *err)
{
	const struct flag *f = NULL;
	for (size_t i = 0; i < sc->statement_n; i++) {
		const struct statement *st = &sc->statements[i];
		for (size_t k = 0; k < st->word_n && !strcmp(st->verb, "emit"); k++) {
			const struct word *w = &st->words[k];
			struct near near = near_to(sl(w->key));
			for (size_t n = 0; w->key && (f = flags_at(&command_emit, n)) && !near_is(&near, f->name); n++)
				;
			if (w->key && !f)
				return err_set(err, ERR_INVALID, "%s:%d:%d: emit has no %s=%s", sc->file, st->line, w->column, w->key, near_words(&near));
		}
	}
	return 0;
}

static int run_all(struct report *rep, char **files, size_t n)
{
	struct scenario *all = xcalloc(n, sizeof(*all));
	struct error err;
	int code = EXIT_OK;
	size_t points = 0, parsed = 0;
	for (; parsed < n && !code; parsed++) {
		struct buf text = { 0 };
		if (!read_all(files[parsed], &text))
			code = cmd_fail(EXIT_USAGE, NULL, "can't read %s", files[parsed]);
		else if (scenario_parse(&all[parsed], files[parsed], buf_slice(&text), &err) || check_emits(&all[parsed], &err))
			code = cmd_fail(EXIT_USAGE, "tarn help scenario", "%s", err.text);
		points += all[parsed].step_n;
		buf_free(&text);
	}
	if (!code)
		printf("TAP version 14\n1..%zu\n", points);
	for (size_t i = 0; i < n && !code; i++)
		code = run_scenario(rep, &all[i]);
	for (size_t i = 0; i < parsed; i++)
		scenario_free(&all[i]);
	free(all);
	return code;
}

struct run {
	struct report rep;
	const char *junit;
	bool tap;
};

static int run_run(void *self, char **words, int n)
{
	struct run *r = self;
	char **files = NULL;
	size_t file_n = 0;
	int rc = EXIT_OK;
	if (!n)
		return cmd_fail(EXIT_USAGE, "tarn run scenarios/", "no scenario given");
	for (int i = 0; i < n && !rc; i++)
		rc = collect(words[i], &files, &file_n);
	if (!rc)
		rc = run_all(&r->rep, files, file_n);
	if (!rc && r->junit)
		rc = write_junit(&r->rep, r->junit);
	for (size_t i = 0; i < file_n; i++)
		free(files[i]);
	free(files);
	buf_free(&r->rep.junit);
	buf_free(&r->rep.cases);
	return rc ? rc : r->rep.failed ? EXIT_FAILED : EXIT_OK;
}

static const struct flag run_flags[] = {
	{ "junit", 0, FLAG_TEXT, offsetof(struct run, junit), "FILE", "writes JUnit XML, too" },
	{ "seed", 0, FLAG_INT, offsetof(struct run, rep.seed), "N", "another seed than the scenarios'", "-1", -1 },
	{ "until", 0, FLAG_TEXT, offsetof(struct run, rep.until), "TITLE", "ends each scenario after the step with this title" },
	{ "keep", 0, FLAG_ON, offsetof(struct run, rep.keep), NULL, "leaves the state folder" },
	{ "verbose", 'v', FLAG_ON, offsetof(struct run, rep.verbose), NULL, "prints what the scenarios' programs print" },
	{ "tap", 0, FLAG_ON, offsetof(struct run, tap), NULL, "prints TAP 14, as without it" },
	{ NULL },
};

const struct command command_run = {
	"run", "FILE|DIR...", "Runs scenarios and prints TAP 14.", sizeof(struct run), run_run, .max = -1, .flags = { run_flags },
	.example = "tarn run scenarios/",
};
