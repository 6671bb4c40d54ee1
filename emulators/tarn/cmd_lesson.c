/* tarn lesson: the scenarios that are lessons, a step at a time, on the stack that runs: begin makes everything new, show does a step, check
 * only looks whether what it expects has come true. What a step gives a name (into=, capture) is kept for the next one, in the state folder. */
#include <jansson.h>

#include "core/json.h"
#include "core/stack.h"
#include "scenario/child.h"
#include "tarn/runs.h"

extern const struct embedded lessons_files_embedded[];

struct lesson {
	const char *data, *against, *vars;
	bool json;
};

/* ---- the lessons ---- */

/* One of them: sc, and what it is written as. */
static int parse(const struct embedded *f, struct scenario *sc, struct buf *text)
{
	struct error err;
	buf_reset(text);
	embedded_add(f, text);
	return scenario_parse(sc, f->path, buf_slice(text), &err) ? cmd_fail(EXIT_FAILED, NULL, "%s", err.text) : 0;
}

/* By number ("3", "03"), or its file's name. False: none. */
static bool find(const char *word, struct scenario *sc, struct buf *text)
{
	for (const struct embedded *f = lessons_files_embedded; f->path; f++) {
		if (parse(f, sc, text))
			return false;
		if (!strcmp(word, f->path) || !strcmp(word, sc->lesson) || (strtol(word, NULL, 10) && strtol(word, NULL, 10) == strtol(sc->lesson, NULL, 10)))
			return true;
		scenario_free(sc);
		*sc = (struct scenario){ 0 };
	}
	return false;
}

/* The lines [from, to) of a text, from 1, without empty ones around. */
static struct slice lines_of(struct slice text, int from, int to)
{
	struct slice line, rest = text;
	const char *begin = NULL, *end = NULL;
	for (int n = 1; rest.p && n < to; n++) {
		sl_cut(rest, '\n', &line, &rest);
		if (n < from || !sl_trim(line).n)
			continue;
		begin = begin ? begin : line.p;
		end = line.p + line.n;
	}
	return begin ? sl_of(begin, (size_t)(end - begin)) : S("");
}

static struct slice step_text(struct slice text, const struct scenario *sc, size_t i)
{
	int to = i + 1 < sc->step_n ? sc->steps[i + 1].line : INT32_MAX;
	return lines_of(text, sc->steps[i].line + 1, to);
}

static void add_lesson(struct buf *b, const struct scenario *sc)
{
	jw_text(b, "lesson", sc->lesson);
	jw_text(b, "title", sc->title);
	jw_text(b, "about", sc->about);
	jw_text(b, "stack", sc->stack ? sc->stack : "");
	jw_int(b, "steps", (int64_t)sc->step_n);
}

static int list_all(bool json)
{
	struct buf b = { 0 }, text = { 0 };
	int rc = 0;
	jw_obj(&b, NULL);
	jw_list(&b, "lessons");
	for (const struct embedded *f = lessons_files_embedded; f->path && !rc; f++) {
		struct scenario sc = { 0 };
		if ((rc = parse(f, &sc, &text)))
			break;
		jw_obj(&b, NULL);
		add_lesson(&b, &sc);
		jw_obj_end(&b);
		if (!json)
			printf("%s  %-64s %2zu steps\n", sc.lesson, sc.title, sc.step_n);
		scenario_free(&sc);
	}
	jw_list_end(&b);
	jw_obj_end(&b);
	if (json && !rc)
		cmd_json(buf_slice(&b));
	buf_free(&text);
	buf_free(&b);
	return rc;
}

static int show_one(struct slice text, const struct scenario *sc, bool json)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	add_lesson(&b, sc);
	jw_list(&b, "list");
	for (size_t i = 0; i < sc->step_n; i++) {
		jw_obj(&b, NULL);
		jw_text(&b, "title", sc->steps[i].title);
		jw_str(&b, "text", step_text(text, sc, i));
		jw_obj_end(&b);
		if (!json)
			printf("%s%s%zu. %s\n%.*s\n\n", i ? "" : sc->title, i ? "" : "\n\n", i + 1, sc->steps[i].title, SL(step_text(text, sc, i)));
	}
	jw_list_end(&b);
	jw_obj_end(&b);
	if (json)
		cmd_json(buf_slice(&b));
	buf_free(&b);
	return 0;
}

/* ---- a step ---- */

static void read_vars(struct runner *r, const char *path)
{
	JSON_AUTO all = path ? json_load_file(path, 0, NULL) : NULL;
	const char *name;
	json_t *value;
	json_object_foreach(all, name, value)
		if (json_is_string(value))
			runner_set(r, name, json_string_value(value));
}

static int write_vars(const struct runner *r, const char *path)
{
	JSON_AUTO all = json_object();
	for (size_t i = 0; i < r->var_n; i++)
		json_object_set_new(all, r->vars[i].name, json_string(r->vars[i].value));
	return path && json_dump_file(all, path, JSON_COMPACT) ? cmd_fail(EXIT_FAILED, NULL, "can't write %s", path) : 0;
}

struct outcome {
	size_t ran, left_out;
	int rc;
	struct error err;
};

static void run_step(struct runner *r, const struct scenario *sc, const struct step *step, bool check, struct outcome *out)
{
	bool acted = false;
	for (size_t i = 0; i < sc->steps[0].first && !out->rc; i++) /* set, before the first step */
		out->rc = runner_step(r, &sc->statements[i], &out->err);
	for (size_t i = 0; i < step->n && !out->rc; i++) {
		const struct statement *st = &sc->statements[step->first + i];
		if (check && !runner_looks(st, &acted)) {
			out->left_out++;
			continue;
		}
		out->ran += !check || !strcmp(st->verb, "expect");
		out->rc = runner_step(r, st, &out->err);
	}
}

/* What a program of it printed is shown, too. */
static void tell(const struct lesson *o, struct runner *r, struct slice text, const struct scenario *sc, size_t i, bool check, const struct outcome *out)
{
	struct buf b = { 0 };
	struct slice line = out->rc ? sl_trim(lines_of(text, r->at->line, r->at->line + 1)) : S("");
	const char *why = r->want[0] ? arena_printf(&r->arena, "want %s, got %s", r->want, r->got).p : out->err.text;
	struct slice printed = check ? S("") : out->rc ? child_tail(r) : sl_trim(buf_slice(&r->out));
	jw_obj(&b, NULL);
	jw_text(&b, "lesson", sc->lesson);
	jw_int(&b, "step", (int64_t)i + 1);
	jw_bool(&b, "ok", !out->rc);
	jw_int(&b, "looked", (int64_t)out->ran);
	jw_int(&b, "left_out", (int64_t)out->left_out);
	if (out->rc) {
		jw_str(&b, "line", line);
		jw_text(&b, "why", why);
	}
	if (printed.n)
		jw_str(&b, "output", printed);
	jw_obj_end(&b);
	if (o->json)
		cmd_json(buf_slice(&b));
	else if (out->rc)
		printf("not yet: %.*s\n  %s\n", SL(line), why);
	else if (check && !out->ran)
		printf("nothing of it can be looked at afterwards: tarn lesson %s show %zu does it\n", sc->lesson, i + 1);
	else
		printf("ok: %s\n", sc->steps[i].title);
	if (!o->json && printed.n)
		printf("%.*s\n", SL(printed));
	buf_free(&b);
}

/* All of it as in an empty folder, at the lesson's time. */
static int begin(const struct away *away, const struct scenario *sc, const char *vars, struct error *err)
{
	char now[32], act[64];
	struct buf said = { 0 };
	int status = 0, rc = cmd_http(away->url, "POST", "/_tarn/reset", S(""), NULL, &status, &said, err);
	if (!rc && status < 300 && sc->clock_set) {
		clock_iso(sc->clock_ms, now);
		snprintf(act, sizeof(act), "freeze %s", now);
		rc = cmd_http(away->url, "POST", "/_tarn/clock", sl(act), "text/plain", &status, &said, err);
	}
	if (!rc && status >= 300)
		rc = err_set(err, ERR_INVALID, "%.*s", SL(buf_slice(&said)));
	if (!rc && vars)
		(void)remove(vars);
	buf_free(&said);
	return rc;
}

static int act_begin(const struct lesson *o, const struct scenario *sc, const struct away *away, const char *vars)
{
	struct error err;
	if (begin(away, sc, vars, &err))
		return cmd_fail(EXIT_FAILED, NULL, "%s", err.text);
	if (o->json)
		cmd_json(S("{\"ok\":true}"));
	else
		printf("everything is new: tarn lesson %s check 1\n", sc->lesson);
	return EXIT_OK;
}

/* i: SIZE_MAX to begin. */
static int act(const struct lesson *o, struct slice text, const struct scenario *sc, bool check, size_t i)
{
	struct runner r = { 0 };
	struct away away = { 0 };
	struct outcome out = { 0 };
	char *vars = o->vars ? xstrdup(o->vars) : o->against ? NULL : xasprintf("%s/lesson-%s.json", cmd_data(o->data), sc->lesson);
	int rc = runs_away(o->against ? o->against : cmd_data(o->data), &away);
	if (!rc && i == SIZE_MAX)
		rc = act_begin(o, sc, &away, vars);
	else if (!rc && runner_open(&r, sc, -1, &away, &out.err))
		rc = cmd_fail(EXIT_START, NULL, "%s", out.err.text);
	if (!rc && r.server) {
		read_vars(&r, vars);
		run_step(&r, sc, &sc->steps[i], check, &out);
		tell(o, &r, text, sc, i, check, &out);
		rc = write_vars(&r, vars);
		rc = rc ? rc : out.rc ? EXIT_FAILED : EXIT_OK;
	}
	runner_close(&r, false);
	runs_away_free(&away);
	free(vars);
	return rc;
}

static int lesson_run(void *self, char **words, int n)
{
	struct lesson *o = self;
	struct scenario sc = { 0 };
	struct buf text = { 0 };
	int rc;
	if (!n)
		return list_all(o->json);
	if (!find(words[0], &sc, &text))
		return cmd_fail(EXIT_USAGE, "tarn lesson", "there is no lesson %s", words[0]);
	bool check = n > 1 && !strcmp(words[1], "check"), show = n > 1 && !strcmp(words[1], "show");
	int64_t step = 0;
	if (n == 1)
		rc = show_one(buf_slice(&text), &sc, o->json);
	else if (n == 2 && !strcmp(words[1], "begin"))
		rc = act(o, buf_slice(&text), &sc, false, SIZE_MAX);
	else if (n != 3 || !(check || show) || !sl_int(sl(words[2]), 1, (int64_t)sc.step_n, &step))
		rc = cmd_fail(EXIT_USAGE, NULL, "tarn lesson %s begin, or check|show STEP, a number from 1 to %zu", words[0], sc.step_n);
	else
		rc = act(o, buf_slice(&text), &sc, check, (size_t)step - 1);
	scenario_free(&sc);
	buf_free(&text);
	return rc;
}

static const struct flag lesson_flags[] = {
	{ "data", 0, FLAG_TEXT, offsetof(struct lesson, data), "DIR", "the state folder of the stack that runs" },
	{ "against", 0, FLAG_TEXT, offsetof(struct lesson, against), "URL", "the control port of the stack, in place of its state folder" },
	{ "vars", 0, FLAG_TEXT, offsetof(struct lesson, vars), "FILE", "keeps what steps give names in this file" },
	{ "json", 0, FLAG_ON, offsetof(struct lesson, json), NULL, "all of it as JSON" },
	{ NULL },
};

const struct command command_lesson = {
	"lesson", "[N [begin | check|show STEP]]", "The lessons, a step at a time, on the stack that runs: show does a step, check looks whether it is done, begin makes all new.",
	sizeof(struct lesson), lesson_run, .max = 3, .flags = { lesson_flags }, .example = "tarn lesson 1 check 2",
};
