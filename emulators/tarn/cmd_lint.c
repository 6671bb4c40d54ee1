/* tarn lint: scenarios are read, not run. */
#include "core/json.h"
#include "core/stack.h"
#include "tarn/runs.h"

struct lint {
	bool json;
};

/* What set, capture and into= name, and what there always is. "row" names row.json and row.COLUMN. */
static bool is_defined(const struct scenario *sc, size_t before, struct slice name)
{
	for (const struct variable *v = variables; v->name; v++)
		if (v->kind == VAR_URL ? sl_starts(name, S("url.")) : sl_eqs(name, v->name))
			return true;
	for (size_t i = 0; i < before; i++) {
		const struct statement *st = &sc->statements[i];
		const char *into = statement_option(st, "into"), *made = NULL;
		if (!strcmp(st->verb, "set"))
			made = st->words[0].key ? st->words[0].key : st->words[0].text;
		else if (!strcmp(st->verb, "capture"))
			made = st->words[0].text;
		if ((made && sl_eqs(name, made)) || (into && (sl_eqs(name, into) || (sl_starts(name, sl(into)) && name.p[strlen(into)] == '.'))))
			return true;
	}
	return false;
}

static int check_text(const struct scenario *sc, size_t at, const char *text, int line, int column, struct error *err)
{
	const char *open, *close;
	for (; text && (open = strstr(text, "${")) && (close = strchr(open, '}')); text = close + 1) {
		struct slice name = sl_of(open + 2, (size_t)(close - open - 2));
		if (!is_defined(sc, at, name))
			return err_set(err, ERR_INVALID, "%s:%d:%d: nothing above gives ${%.*s} a value", sc->file, line, column, SL(name));
	}
	return 0;
}

static int check(const struct scenario *sc, struct error *err)
{
	struct stack_files *files;
	int rc = 0;
	if (sc->stack && stack_open(sc->stack, &files, err))
		return err_set(err, ERR_INVALID, "%s: stack %s: no such folder, and no built-in stack", sc->file, sc->stack);
	if (sc->stack)
		stack_close(files);
	for (size_t i = 0; !rc && i < sc->statement_n; i++) {
		const struct statement *st = &sc->statements[i];
		bool program = !strcmp(st->verb, "exec"); /* a shell's words may look like it */
		for (size_t k = 0; !rc && k < st->word_n; k++)
			rc = check_text(sc, i, st->words[k].text, st->line, st->words[k].column, err);
		if (!rc && st->here && !program)
			rc = check_text(sc, i, st->here, st->line, st->column, err);
	}
	return rc;
}

static int lint_one(const char *file, struct buf *json)
{
	struct scenario sc = { 0 };
	struct error err = { 0 };
	int rc = runs_parse(file, &sc, &err);
	if (!rc)
		rc = check(&sc, &err);
	if (json) {
		jw_obj(json, NULL);
		jw_text(json, "file", file);
		jw_bool(json, "ok", !rc);
		if (rc)
			jw_text(json, "error", err.text);
		jw_obj_end(json);
	} else if (rc) {
		fprintf(stderr, "%s\n", err.text);
	} else {
		printf("%s: %zu steps, %zu statements\n", file, sc.step_n, sc.statement_n);
	}
	scenario_free(&sc);
	return rc;
}

static int lint_run(void *self, char **words, int n)
{
	const struct lint *o = self;
	struct buf json = { 0 };
	char **files = NULL;
	size_t file_n = 0;
	int rc = n ? EXIT_OK : cmd_fail(EXIT_USAGE, "tarn lint scenarios/", "no scenario given"), bad = 0;
	for (int i = 0; i < n && !rc; i++)
		rc = runs_collect(words[i], &files, &file_n);
	buf_adds(&json, "{\"files\":[");
	for (size_t i = 0; i < file_n; i++) {
		bad += !rc && lint_one(files[i], o->json ? &json : NULL);
		free(files[i]);
	}
	free(files);
	buf_adds(&json, "]}");
	if (!rc && o->json)
		cmd_json(buf_slice(&json));
	buf_free(&json);
	return rc ? rc : bad ? EXIT_USAGE : EXIT_OK;
}

static const struct flag lint_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct lint, json), NULL, "what was found as JSON" },
	{ NULL },
};

const struct command command_lint = {
	"lint", "FILE|DIR...", "Reads scenarios without running them: words, options, faults, variables, stacks.", sizeof(struct lint), lint_run, .max = -1,
	.flags = { lint_flags }, .example = "tarn lint scenarios/",
};
