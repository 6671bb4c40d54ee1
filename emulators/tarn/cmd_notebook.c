/* tarn notebook: notebooks as they are, on the stack. The work is Python's: databricks/python/kernel. */
#include "tarn/kernel.h"

struct notebook {
	struct kernel k; /* first */
	bool json, sh;
};

/* A flag of ours goes to the program as it is. */
static bool pass(struct notebook *o, const char *flag, const char *value)
{
	kernel_word(&o->k, flag);
	kernel_word(&o->k, value);
	return true;
}

static bool take_param(void *self, const char *value)
{
	const char *equals = strchr(value, '=');
	return equals && equals != value && pass(self, "--param", value);
}

static bool take_out(void *self, const char *value)
{
	struct slice s = sl(value);
	return (sl_ends(s, S(".ipynb")) || sl_ends(s, S(".html"))) && pass(self, "--out", value);
}

static bool take_number(void *self, const char *flag, const char *value)
{
	int64_t n;
	return sl_int(sl(value), 1, INT32_MAX, &n) && pass(self, flag, value);
}

static bool take_cell(void *self, const char *value)
{
	return take_number(self, "--cell", value);
}

static bool take_timeout(void *self, const char *value)
{
	return take_number(self, "--timeout", value);
}

static bool take_memory(void *self, const char *value)
{
	return take_number(self, "--memory", value);
}

static bool take_report(void *self, const char *value)
{
	return pass(self, "--report", value);
}

static bool take_job(void *self, const char *value)
{
	return pass(self, "--job", value);
}

static bool take_engine(void *self, const char *value)
{
	struct notebook *o = self;
	o->k.spark = strcmp(value, "lake") != 0;
	return (!strcmp(value, "lake") || !strcmp(value, "spark") || !strncmp(value, "sc://", 5)) && pass(self, "--engine", value);
}

static int notebook_do(struct notebook *o, const char *what, char **words, bool needs_stack)
{
	struct kernel all = o->k;
	all.n = 0;
	int rc = kernel_prepare(&all, needs_stack);
	if (rc)
		return rc;
	kernel_begin(&all, what);
	for (size_t i = 0; i < o->k.n && i < KERNEL_WORDS_MAX; i++)
		kernel_word(&all, o->k.words[i]);
	if (o->json)
		kernel_word(&all, "--json");
	if (o->k.net)
		kernel_word(&all, "--net");
	if (o->sh)
		kernel_word(&all, "--allow-sh");
	kernel_word(&all, "--");
	kernel_word(&all, words[1]);
	return needs_stack ? kernel_exec(&all) : kernel_exec_plain(&all);
}

static int act_run(void *self, char **words, int n)
{
	return notebook_do(self, "run", words, true);
}

static int act_check(void *self, char **words, int n)
{
	return notebook_do(self, "check", words, false);
}

static const struct action actions[] = {
	{ "run", "FILE|DIR", "runs its cells from first to last, or those of all notebooks below a folder", 1, 1, act_run },
	{ "check", "FILE|DIR", "lists what it uses that isn't here, without running it", 1, 1, act_check },
	{ NULL },
};

static const struct flag flags[] = {
	{ "param", 'p', FLAG_OWN, 0, "NAME=VALUE", "what dbutils.widgets.get gives; more than once", .take = take_param },
	{ "out", 'o', FLAG_OWN, 0, "FILE", "writes the notebook with its outputs: a name that ends in .ipynb or .html", .take = take_out },
	{ "cell", 0, FLAG_OWN, 0, "N", "runs that cell only, counted from 1; more than once", .take = take_cell },
	{ "timeout", 0, FLAG_OWN, 0, "SECONDS", "ends the run after that, as failed", .take = take_timeout },
	{ "memory", 0, FLAG_OWN, 0, "MIB", "what its Python may use (4096)", .take = take_memory },
	{ "allow-sh", 0, FLAG_ON, offsetof(struct notebook, sh), NULL, "runs %sh, ! and %pip cells, which are skipped otherwise" },
	{ "net", 0, FLAG_ON, offsetof(struct notebook, k.net), NULL, "everything may be reached, not the stack only" },
	{ "engine", 0, FLAG_OWN, 0, "lake|spark|sc://HOST:PORT", "what runs the statements: the stack's lake, the PySpark that Python has, or a Spark Connect server", .take = take_engine },
	{ "report", 0, FLAG_OWN, 0, "FILE", "writes what each cell did, as JSON; -: to stdout, and nothing else there", .take = take_report },
	{ "job", 0, FLAG_OWN, 0, "FILE", "the run of a job that it is part of, as JSON; -: from stdin", .take = take_job },
	{ "json", 0, FLAG_ON, offsetof(struct notebook, json), NULL, "answers in JSON: the report" },
	{ NULL },
};

const struct command command_notebook = {
	"notebook", "run | check", "Runs Databricks notebooks as they are (.ipynb, .py, .sql, .dbc, .html), on the stack.", sizeof(struct notebook), NULL, .max = 1,
	.flags = { data_flags, kernel_flags, flags }, .actions = actions, .example = "tarn notebook run cleaning.ipynb",
};
