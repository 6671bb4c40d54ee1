/* tarn kit, tarn pytest: what tests in other languages need to have a stack of their own; files that are in the binary. */
#include "core/unpack.h"
#include "tarn/cmd.h"
#include "tarn/kits.h"

static const struct kit {
	const char *name, *file, *doc;
} kits[] = {
	{ "pytest", "pytest/tarn_pytest.py", "pytest: fixtures tarn (reset before each test) and tarn_stack" },
	{ "node", "node/tarn.mjs", "Node's test runner: useTarn()" },
	{ "junit", "junit/TarnStack.java", "JUnit 5: an extension; Testcontainers in its comment" },
};

struct kit_opts {
	bool path;
};

static int print_path(const struct kit *k)
{
	struct error err;
	char *dir;
	if (unpack(kits_files_embedded, "kits", &dir, &err))
		return cmd_fail(EXIT_FAILED, NULL, "%s", err.text);
	printf("%s/%.*s\n", dir, (int)(strchr(k->file, '/') - k->file), k->file);
	free(dir);
	return EXIT_OK;
}

static int print_file(const struct kit *k)
{
	for (const struct embedded *f = kits_files_embedded; f->path; f++)
		if (!strcmp(f->path, k->file))
			print_embedded(f);
	return EXIT_OK;
}

static int kit_run(void *self, char **words, int n)
{
	const struct kit_opts *o = self;
	for (size_t i = 0; n && i < ARRAY_LEN(kits); i++)
		if (!strcmp(words[0], kits[i].name))
			return o->path ? print_path(&kits[i]) : print_file(&kits[i]);
	if (n)
		return cmd_fail(EXIT_USAGE, "tarn kit", "there is no kit %s", words[0]);
	for (size_t i = 0; i < ARRAY_LEN(kits); i++)
		printf("  %-8s %s\n", kits[i].name, kits[i].doc);
	puts("tarn kit NAME prints its file, tarn kit NAME --path the folder that has it. For workflows: tarn init --github, --gitlab.");
	return EXIT_OK;
}

static int pytest_run(void *self, char **words, int n)
{
	char *kit[] = { "pytest" };
	return kit_run(self, kit, 1);
}

static const struct flag kit_flags[] = {
	{ "path", 0, FLAG_ON, offsetof(struct kit_opts, path), NULL, "prints the folder that has the file, in the user's cache" },
	{ NULL },
};

const struct command command_kit = {
	"kit", "[NAME]", "Prints what tests in Python, JavaScript and Java need to have a stack of their own.", sizeof(struct kit_opts), kit_run, .max = 1,
	.flags = { kit_flags }, .example = "tarn kit node > test/tarn.mjs",
};

const struct command command_pytest = {
	"pytest", "", "Prints pytest's plugin: a stack for the run, reset before each test.", sizeof(struct kit_opts), pytest_run, .max = 0,
	.flags = { kit_flags }, .example = "PYTHONPATH=$(tarn pytest --path) python3 -m pytest -p tarn_pytest",
	.more = "  PYTHONPATH=$(tarn pytest --path) python3 -m pytest -p tarn_pytest tests/\n"
		"  def test_posts(tarn): requests.post(tarn.at(\"apigateway\") + \"/prod/topics/…\"); tarn.settle(); assert tarn.trace(\"index=1\")[\"found\"]\n"
		"Or in conftest.py: pytest_plugins = [\"tarn_pytest\"], and in pytest.ini tarn_stack, tarn_clock = 2026-01-05T09:00:00Z, tarn_only, tarn_args.\n"
		"A stack that runs is used where --tarn-data or TARN_DATA names its folder; under tarn exec -- pytest names of AWS lead to it, too.\n",
};
