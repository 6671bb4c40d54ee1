/* tarn run: scenarios, reported as TAP 14 on stdout and, on request, as JUnit XML. */
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"
#include "core/near.h"
#include "tarn/runs.h"
#include "scenario/child.h"
#include "scenario/looks.h"

extern const struct command command_emit;

enum { LOOK_US = 2000000 };

struct report {
	struct buf junit, cases; /* suites so far; test cases of the one that runs */
	int64_t suite_us;
	int point, passed, failed, left_out;
	const char *until;
	int64_t seed; /* -1: the scenario's */
	bool keep, verbose, steps, github, update, json;
	const struct away *away; /* NULL: each has a stack of its own */
	struct buf all;  /* --json: the steps so far */
	struct edit *edits;
	size_t edit_n, edit_cap;
};
/* Of a scenario's file, by --update: lines [line, line + n) are another text. */
struct edit {
	int line, n;
	char *text;
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

/* The requests before it failed, newest last. */
static void journal_lines(struct runner *r, struct buf *out)
{
	enum { LINES = 6 };
	struct slice line, rest, kept[LINES];
	struct error err;
	size_t n = 0;
	int status;
	if (look_http(r, "control", "GET", "/_tarn/journal", sl(NULL), &status, &rest, &err))
		return;
	while (rest.p && rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n)
			kept[n++ % LINES] = line;
	}
	for (size_t i = n > LINES ? n - LINES : 0; i < n; i++) {
		JSON_AUTO o = json_loadb(kept[i % LINES].p, kept[i % LINES].n, 0, NULL);
		buf_addf(out, "%s.%s %lld %s\n", jstr(o, "service"), jstr(o, "op"), (long long)jint(o, "status"), jstr(o, "detail"));
	}
}

static const char *about_journal(struct runner *r)
{
	struct buf b = { 0 };
	int64_t deadline_us = r->deadline_us;
	r->deadline_us = clock_real_us() + LOOK_US; /* also where the time is up */
	if (r->server)
		journal_lines(r, &b);
	r->deadline_us = deadline_us;
	const char *text = b.n ? arena_cstr(&r->arena, sl_trim(buf_slice(&b))) : NULL;
	buf_free(&b);
	return text;
}

static void junit_failure(struct buf *b, struct runner *r, const struct error *err)
{
	const char *body = about_body(r), *program = about_program(r), *journal = about_journal(r);
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
	buf_xml_escape(b, journal ? arena_printf(&r->arena, "\njournal:\n%s", journal) : S(""));
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
static void junit_suite(struct report *rep, const struct scenario *sc, int passed, int failed, int left_out)
{
	struct buf *b = &rep->junit;
	buf_adds(b, "  <testsuite name=\"");
	buf_xml_escape(b, sl(sc->file));
	buf_addf(b, "\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.6f\">\n", passed + failed + left_out, failed, left_out, (double)rep->suite_us / 1e6);
	buf_addsl(b, buf_slice(&rep->cases));
	buf_adds(b, "  </testsuite>\n");
	buf_reset(&rep->cases);
	rep->suite_us = 0;
}

/* An annotation of GitHub's; %, line feeds are escaped as it wants them. */
static void annotate(struct runner *r, const struct step *step, const struct error *err)
{
	const char *text = r->want[0] ? arena_printf(&r->arena, "want %s, got %s", r->want, r->got).p : err->text;
	printf("::error file=%s,line=%d,col=%d,title=%s::", r->sc->file, r->at->line, r->at->column, step->title);
	for (; *text; text++)
		printf(*text == '\n' ? "%%0A" : *text == '%' ? "%%25" : *text == '\r' ? "%%0D" : "%c", *text);
	puts("");
}

static void json_step(struct report *rep, struct runner *r, const struct step *step, const struct error *err, int64_t us)
{
	struct buf *b = &rep->all;
	jw_obj(b, NULL);
	jw_text(b, "file", r->sc->file);
	jw_text(b, "step", step->title);
	jw_bool(b, "ok", !err);
	jw_real(b, "seconds", (double)us / 1e6);
	if (err) {
		jw_fmt(b, "at", "%s:%d:%d", r->sc->file, r->at->line, r->at->column);
		if (r->want[0]) {
			jw_text(b, "want", r->want);
			jw_text(b, "got", r->got);
		} else {
			jw_text(b, "error", err->text);
		}
		jw_text(b, "journal", about_journal(r));
	}
	jw_obj_end(b);
}

static void report_failure(struct runner *r, const struct step *step, const struct error *err)
{
	const char *body = about_body(r), *program = about_program(r), *journal = about_journal(r);
	char now[32];
	int64_t ms;
	struct error late;
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
	if (journal)
		yaml_text("journal", journal);
	if (r->server && !look_clock(r, &ms, &late)) {
		clock_iso_sec(ms, now);
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

/* --update: what was seen takes the place of what was expected, where that is rows or a digest. True: it was that. */
static bool update(struct report *rep, struct runner *r)
{
	const struct statement *st = r->at;
	bool rows = rep->update && r->want[0] && !strcmp(st->verb, "expect") && !strcmp(st->words[0].text, "rows") && st->here;
	bool digest = rep->update && r->want[0] && !strcmp(st->verb, "expect") && st->word_n > 2 && !strcmp(st->words[2].text, "sha256") && !strcmp(st->words[3].text, "==");
	if (!rows && !digest)
		return false;
	struct edit e = { .line = st->line };
	if (digest) {
		e.n = 1;
		e.text = xasprintf("%*sexpect s3 %s sha256 == %s", st->column - 1, "", st->words[1].text, r->got);
	} else {
		struct buf b = { 0 };
		struct slice line, rest = sl(r->got);
		for (const char *p = st->here; *p; p++)
			e.n += *p == '\n';
		e.line++;
		while (rest.p && rest.n) {
			sl_cut(rest, '\n', &line, &rest);
			buf_addf(&b, "%s%*s%.*s", b.n ? "\n" : "", st->column + 1, "", SL(line));
		}
		e.text = xstrdup(buf_cstr(&b));
		buf_free(&b);
	}
	GROW(rep->edits, rep->edit_n, rep->edit_cap);
	rep->edits[rep->edit_n++] = e;
	return true;
}

/* Writes the file anew with its edits, which are in the order of their lines. */
static int write_edits(struct report *rep, const char *file)
{
	struct buf old = { 0 }, new = { 0 };
	struct slice line, rest;
	int n = 0, rc = EXIT_OK;
	size_t at = 0;
	if (!rep->edit_n)
		return EXIT_OK;
	(void)read_all(file, &old);
	for (rest = buf_slice(&old); rest.p && rest.n;) {
		sl_cut(rest, '\n', &line, &rest);
		n++;
		const struct edit *e = at < rep->edit_n && rep->edits[at].line <= n ? &rep->edits[at] : NULL;
		if (e && n == e->line)
			buf_addf(&new, "%s\n", e->text);
		if (!e || n >= e->line + e->n)
			buf_addf(&new, "%.*s\n", SL(line));
		if (e && n >= e->line + e->n - 1)
			at++;
	}
	FILE *f = fopen(file, "w");
	if (!f || fwrite(new.p, 1, new.n, f) != new.n || fclose(f))
		rc = cmd_fail(EXIT_FAILED, NULL, "can't write %s", file);
	fprintf(stderr, "tarn: %s: %zu places are as they were seen now\n", file, rep->edit_n);
	while (rep->edit_n)
		free(rep->edits[--rep->edit_n].text);
	buf_free(&old);
	buf_free(&new);
	return rc;
}

/* A step that is after one that didn't go well: neither passed nor failed. */
static bool leave_out(struct report *rep, struct runner *r, const struct step *step)
{
	const char *after = r->sc->steps[step->after - 1].title;
	printf("ok %d - %s # SKIP after \"%s\", which failed\n", ++rep->point, step->title, after);
	snprintf(r->steps.steps[step - r->sc->steps].why, sizeof(r->steps.steps[0].why), "left out: after \"%s\"", after);
	buf_adds(&rep->cases, "    <testcase classname=\"");
	buf_xml_escape(&rep->cases, sl(r->sc->file));
	buf_adds(&rep->cases, "\" name=\"");
	buf_xml_escape(&rep->cases, sl(step->title));
	buf_adds(&rep->cases, "\" time=\"0\"><skipped/></testcase>\n");
	rep->left_out++;
	return true;
}

/* Runs one step; prints its point. */
static bool run_step(struct report *rep, struct runner *r, const struct step *step)
{
	struct error err = { 0 };
	struct step_shown *shown = &r->steps.steps[step - r->sc->steps];
	int64_t began = clock_real_us();
	int e = 0;
	if (step->after && r->steps.steps[step->after - 1].state != STEP_PASSED)
		return leave_out(rep, r, step);
	shown->state = STEP_RUNNING;
	for (size_t i = 0; !e && i < step->n; i++) {
		if (!r->server)
			e = err_set(&err, ERR_INTERNAL, "the stack is down");
		else
			e = runner_step(r, &r->sc->statements[step->first + i], &err);
		if (e && update(rep, r))
			e = 0;
		if (!e && rep->verbose)
			show_output(r, &r->sc->statements[step->first + i]);
	}
	shown->state = e ? STEP_FAILED : STEP_PASSED;
	shown->us = clock_real_us() - began;
	if (e)
		snprintf(shown->why, sizeof(shown->why), "%.500s", err.text);
	printf("%sok %d - %s\n", e ? "not " : "", ++rep->point, step->title);
	if (e)
		report_failure(r, step, &err);
	if (e && rep->github)
		annotate(r, step, &err);
	if (rep->json)
		json_step(rep, r, step, e ? &err : NULL, clock_real_us() - began);
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
	int code = EXIT_OK, passed = rep->passed, failed = rep->failed, left_out = rep->left_out;
	printf("# %s: %s\n", sc->file, sc->title ? sc->title : "");
	if (rep->away)
		printf("# against %s as it is: the scenario's own stack, seed and clock aren't made\n", rep->away->url);
	if (runner_open(&r, sc, rep->seed, rep->away, &err)) {
		printf("Bail out! the stack did not start: %s\n", err.text);
		runner_close(&r, rep->keep);
		return EXIT_START;
	}
	r.pauses = rep->steps;
	/* What stands before the first step (set) belongs to it. */
	size_t before = sc->steps[0].first;
	for (size_t i = 0; i < before; i++)
		if (runner_step(&r, &sc->statements[i], &err)) {
			printf("Bail out! %s:%d: %s\n", sc->file, sc->statements[i].line, err.text);
			code = EXIT_USAGE;
		}
	for (size_t i = 0; !code && i < sc->step_n; i++) {
		bool ok = run_step(rep, &r, &sc->steps[i]);
		if (r.pauses && r.server && i + 1 < sc->step_n)
			runner_pause(&r);
		if (rep->until && !strcmp(rep->until, sc->steps[i].title))
			break;
		if (!ok && clock_real_us() >= r.deadline_us)
			code = EXIT_TIMEOUT;
	}
	junit_suite(rep, sc, rep->passed - passed, rep->failed - failed, rep->left_out - left_out);
	if (rep->keep)
		fprintf(stderr, "tarn: state kept in %s\n", r.dir);
	runner_close(&r, rep->keep);
	return code ? code : write_edits(rep, sc->file);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* FILE or every *.tarn of DIR, in name order. */
int runs_collect(const char *path, char ***files, size_t *n)
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
		rep->passed + rep->failed + rep->left_out, rep->failed, SL(buf_slice(&rep->junit)));
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

int runs_parse(const char *file, struct scenario *sc, struct error *err)
{
	struct buf text = { 0 };
	int rc = read_all(file, &text) ? scenario_parse(sc, file, buf_slice(&text), err) : err_set(err, ERR_INVALID, "can't read %s", file);
	buf_free(&text);
	return rc ? rc : check_emits(sc, err);
}

static int run_all(struct report *rep, char **files, size_t n)
{
	struct scenario *all = xcalloc(n, sizeof(*all));
	struct error err;
	int code = EXIT_OK;
	size_t points = 0, parsed = 0;
	for (; parsed < n && !code; parsed++) {
		if (runs_parse(files[parsed], &all[parsed], &err))
			code = cmd_fail(EXIT_USAGE, "tarn help scenario", "%s", err.text);
		points += all[parsed].step_n;
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
	const char *junit, *against;
	int64_t jobs;
	bool tap;
};

/* Each in a process of its own, with what it has to know of this one's flags. */
static int run_many(struct run *o, char **files, size_t n)
{
	char seed[32];
	const char *more[8] = { NULL };
	size_t k = 0;
	struct runs r = { .files = files, .n = n, .jobs = o->jobs, .more = more, .junit = &o->rep.junit };
	struct scenario sc = { 0 };
	struct error err;
	size_t points = 0;
	for (size_t i = 0; i < n; i++) {
		int rc = runs_parse(files[i], &sc, &err);
		points += sc.step_n;
		scenario_free(&sc);
		if (rc)
			return cmd_fail(EXIT_USAGE, "tarn help scenario", "%s", err.text);
	}
	if (o->rep.seed >= 0) {
		snprintf(seed, sizeof(seed), "--seed=%lld", (long long)o->rep.seed);
		more[k++] = seed;
	}
	if (o->rep.verbose)
		more[k++] = "-v";
	if (o->rep.github)
		more[k++] = "--github";
	if (o->rep.update)
		more[k++] = "--update";
	printf("TAP version 14\n1..%zu\n", points);
	fflush(stdout);
	int rc = runs_many(&r);
	o->rep.passed = r.passed;
	o->rep.failed = r.failed;
	return rc;
}

static int run_run(void *self, char **words, int n)
{
	struct run *r = self;
	struct away away = { 0 };
	char **files = NULL;
	size_t file_n = 0;
	int rc = EXIT_OK;
	int out = -1;
	if (!n)
		return cmd_fail(EXIT_USAGE, "tarn run scenarios/", "no scenario given");
	if (r->rep.json) { /* the only thing on standard output */
		fflush(stdout);
		out = dup(STDOUT_FILENO);
		if (out < 0 || !freopen("/dev/null", "w", stdout))
			return cmd_fail(EXIT_FAILED, NULL, "standard output can't be put aside");
		buf_adds(&r->rep.all, "{\"steps\":[");
	}
	for (int i = 0; i < n && !rc; i++)
		rc = runs_collect(words[i], &files, &file_n);
	bool many = r->jobs > 1 && file_n > 1;
	if (!rc && many && (r->rep.json || r->rep.steps || r->rep.until || r->rep.keep))
		rc = cmd_fail(EXIT_USAGE, "tarn run -j 4 scenarios/", "-j doesn't go with --json, --step, --until or --keep");
	if (!rc && r->against && (many || r->rep.seed >= 0 || r->rep.keep))
		rc = cmd_fail(EXIT_USAGE, NULL, "--against takes the stack as it runs: no -j, --seed or --keep beside it");
	if (!rc && r->against && !(rc = runs_away(r->against, &away)))
		r->rep.away = &away;
	if (!rc)
		rc = many ? run_many(r, files, file_n) : run_all(&r->rep, files, file_n);
	runs_away_free(&away);
	if (!rc && r->junit)
		rc = write_junit(&r->rep, r->junit);
	for (size_t i = 0; i < file_n; i++)
		free(files[i]);
	free(files);
	if (out >= 0) {
		buf_addf(&r->rep.all, "],\"passed\":%d,\"failed\":%d}", r->rep.passed, r->rep.failed);
		fflush(stdout);
		(void)dup2(out, STDOUT_FILENO);
		close(out);
		cmd_json(buf_slice(&r->rep.all));
	}
	buf_free(&r->rep.all);
	buf_free(&r->rep.junit);
	buf_free(&r->rep.cases);
	return rc ? rc : r->rep.failed ? EXIT_FAILED : EXIT_OK;
}

static const struct flag run_flags[] = {
	{ "junit", 0, FLAG_TEXT, offsetof(struct run, junit), "FILE", "writes JUnit XML, too" },
	{ "against", 0, FLAG_TEXT, offsetof(struct run, against), "DIR|URL", "uses the stack that runs on this state folder, or at this control port" },
	{ "seed", 0, FLAG_INT, offsetof(struct run, rep.seed), "N", "another seed than the scenarios'", "-1", -1 },
	{ "until", 0, FLAG_TEXT, offsetof(struct run, rep.until), "TITLE", "ends each scenario after the step with this title" },
	{ "keep", 0, FLAG_ON, offsetof(struct run, rep.keep), NULL, "leaves the state folder" },
	{ "verbose", 'v', FLAG_ON, offsetof(struct run, rep.verbose), NULL, "prints what the scenarios' programs print" },
	{ "step", 0, FLAG_ON, offsetof(struct run, rep.steps), NULL, "waits after each step for Enter; the stack and its console run meanwhile" },
	{ "update", 0, FLAG_ON, offsetof(struct run, rep.update), NULL, "rows and digests that are expected become what is seen: the file is written anew" },
	{ "github", 0, FLAG_ON, offsetof(struct run, rep.github), NULL, "annotations of GitHub for what fails, too" },
	{ "jobs", 'j', FLAG_INT, offsetof(struct run, jobs), "N", "as many scenarios at a time", "1", 1, 64 },
	{ "json", 0, FLAG_ON, offsetof(struct run, rep.json), NULL, "the steps as JSON in place of TAP" },
	{ "tap", 0, FLAG_ON, offsetof(struct run, tap), NULL, "prints TAP 14, as without it" },
	{ NULL },
};

const struct command command_run = {
	"run", "FILE|DIR...", "Runs scenarios and prints TAP 14.", sizeof(struct run), run_run, .max = -1, .flags = { run_flags },
	.example = "tarn run scenarios/",
};
