/* tarn pyspark: a prompt of Python with spark, dbutils and display; or what plain scripts need to have them. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tarn/kernel.h"

struct pyspark {
	struct kernel k; /* first */
	bool path;
};

static void add_python_text(struct buf *b, const char *text)
{
	buf_addc(b, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(b, '\\');
		buf_addc(b, *text);
	}
	buf_addc(b, '"');
}

/* A module in the state folder that tells tarn_client.py which stack is meant, wherever the script runs. */
static int write_module(const char *dir)
{
	char *file = xasprintf("%s/tarn_stack.py", dir), *part = xasprintf("%s.%d", file, (int)getpid());
	struct buf text = { 0 };
	FILE *f;
	int rc = mkdir(dir, 0755) && errno != EEXIST;
	char *end = strrchr(dir, '/');
	buf_adds(&text, "ENDPOINTS = ");
	char *endpoints = xasprintf("%.*s/endpoints.json", (int)(end - dir), dir);
	add_python_text(&text, endpoints);
	buf_addc(&text, '\n');
	f = rc ? NULL : fopen(part, "w");
	rc = !f || fwrite(text.p, 1, text.n, f) != text.n;
	if (f && fclose(f))
		rc = 1;
	if (!rc && rename(part, file))
		rc = 1;
	if (rc)
		rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", file, strerror(errno));
	buf_free(&text);
	free(endpoints);
	free(file);
	free(part);
	return rc;
}

static int print_path(struct pyspark *o)
{
	char full[PATH_MAX];
	const char *data = cmd_data(o->k.data);
	unsetenv("PYTHONPATH");
	int rc = kernel_prepare(&o->k, false);
	if (rc)
		return rc;
	if (!realpath(data, full)) {
		puts(getenv("PYTHONPATH"));
		return EXIT_OK;
	}
	char *dir = xasprintf("%s/python", full);
	rc = write_module(dir);
	if (!rc)
		printf("%s:%s\n", getenv("PYTHONPATH"), dir);
	free(dir);
	return rc;
}

static int pyspark_run(void *self, char **words, int n)
{
	struct pyspark *o = self;
	if (o->path)
		return print_path(o);
	int rc = kernel_prepare(&o->k, true);
	if (rc)
		return rc;
	kernel_begin(&o->k, "prompt");
	if (o->k.net)
		kernel_word(&o->k, "--net");
	return kernel_exec(&o->k);
}

static const struct flag flags[] = {
	{ "path", 0, FLAG_ON, offsetof(struct pyspark, path), NULL, "prints what PYTHONPATH needs for scripts and pytest: PYTHONPATH=$(tarn pyspark --path) python3 script.py" },
	{ "net", 0, FLAG_ON, offsetof(struct pyspark, k.net), NULL, "everything may be reached, not the stack only" },
	{ NULL },
};

const struct command command_pyspark = {
	"pyspark", "", "A prompt of Python with spark, dbutils and display on the stack.", sizeof(struct pyspark), pyspark_run, .max = 0,
	.flags = { data_flags, kernel_flags, flags }, .example = "tarn pyspark",
};
