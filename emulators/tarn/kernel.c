#include "tarn/kernel.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "databricks/python.h"

const struct flag kernel_flags[] = {
	{ "connect", 0, FLAG_TEXT, offsetof(struct kernel, connect), "URL", "the lake's address, of a stack elsewhere" },
	{ "python", 0, FLAG_TEXT, offsetof(struct kernel, python), "FILE", "the Python to run, 3.8 or newer", "python3" },
	{ NULL },
};

static char *folder;
static bool leads; /* the stack is one of this machine's, with a state folder of its own */

void kernel_word(struct kernel *k, const char *word)
{
	if (k->n < KERNEL_WORDS_MAX)
		k->words[k->n] = word;
	k->n++;
}

static int find_stack(struct kernel *k, bool needed)
{
	char *at = k->connect ? xstrdup(k->connect) : NULL;
	if (!at && !k->data && getenv("TARN_LAKE_URL"))
		return EXIT_OK; /* this runs in a notebook already, or its user knows better */
	if (!at) {
		at = cmd_endpoint(k->data, "lake");
		leads = at && (k->data || !getenv("TARN_ENDPOINTS"));
	}
	if (!at)
		return needed ? cmd_fail(EXIT_START, "tarn up -d --wait", "no stack runs with %s, or it has no lake", cmd_data(k->data)) : EXIT_OK;
	setenv("TARN_LAKE_URL", at, 1);
	if (cmd_token())
		setenv("TARN_TOKEN", cmd_token(), 1);
	free(at);
	return EXIT_OK;
}

int kernel_prepare(struct kernel *k, bool needed)
{
	struct error err;
	int rc = find_stack(k, needed);
	if (rc)
		return rc;
	if (dbx_python_unpack(&folder, &err))
		return cmd_fail(EXIT_START, NULL, "%s", err.text);
	char *path = dbx_python_path(folder, !k->spark, getenv("PYTHONPATH"));
	setenv("PYTHONPATH", path, 1);
	free(path);
	return EXIT_OK;
}

void kernel_begin(struct kernel *k, const char *what)
{
	kernel_word(k, xasprintf("%s/kernel/tarn_main.py", folder));
	kernel_word(k, what);
}

static int run(const char **argv)
{
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], (char *const *)argv);
	return cmd_fail(EXIT_START, NULL, "%s: %s", argv[0], strerror(errno));
}

static int exec_behind(struct kernel *k, const char *const *before)
{
	const char *argv[KERNEL_WORDS_MAX + 16];
	size_t n = 0;
	if (k->n > KERNEL_WORDS_MAX)
		return cmd_fail(EXIT_USAGE, NULL, "more than %d words", KERNEL_WORDS_MAX);
	while (*before)
		argv[n++] = *before++;
	argv[n++] = k->python;
	memcpy(argv + n, k->words, (k->n + 1) * sizeof(*argv));
	return run(argv);
}

int kernel_exec_plain(struct kernel *k)
{
	const char *const none[] = { NULL };
	return exec_behind(k, none);
}

int kernel_exec(struct kernel *k)
{
	const char *const door[] = { "/proc/self/exe", "exec", "--attach", "--data", cmd_data(k->data), k->net ? "--net" : "--", k->net ? "--" : NULL, NULL };
	return leads ? exec_behind(k, door) : kernel_exec_plain(k);
}
