/* tarn query: the analysis questions of the stack, one or all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tarn/cmd_lake.h"

static char *path_of(const char *name)
{
	struct buf b = { 0 };
	buf_adds(&b, "/api/tarn/query/");
	buf_url_escape(&b, sl(name), false);
	char *path = xstrdup(buf_cstr(&b));
	buf_free(&b);
	return path;
}

/* Asks one question; the raw answer goes to text, the table to stdout. */
static int ask(struct cmd_lake *l, const char *name, struct buf *text, bool titled, bool gap)
{
	json_t *answer = NULL;
	char *path = path_of(name);
	int rc = cmd_lake_call(l, "GET", path, sl(NULL), text, &answer);
	if (!rc) {
		const char *question = json_string_value(json_object_get(answer, "question"));
		if (gap && l->format != FORMAT_JSON)
			putchar('\n');
		if (titled && l->format == FORMAT_MARKDOWN)
			printf("### %s: %s\n\n", name, question ? question : "");
		else if (titled && (l->format == FORMAT_TABLE || l->format == FORMAT_CHART))
			printf("%s: %s\n", name, question ? question : "");
		else if (titled && l->format == FORMAT_CSV)
			printf("# %s\n", name);
		rc = cmd_lake_rows(l, question && *question ? question : name, answer);
	}
	free(path);
	json_decref(answer);
	return rc;
}

static int ask_one(struct cmd_lake *l, const char *name)
{
	struct buf text = { 0 };
	int rc = ask(l, name, &text, false, false);
	if (!rc && l->format == FORMAT_JSON)
		cmd_lake_json(l, buf_slice(&text));
	buf_free(&text);
	return rc;
}

/* With --json one object: {"queries":[answer, ...]}. */
static int ask_all(struct cmd_lake *l)
{
	struct buf text = { 0 }, all = { 0 };
	json_t *list = NULL, *q;
	size_t i;
	int rc = cmd_lake_call(l, "GET", "/api/tarn/queries", sl(NULL), &text, &list);
	const json_t *queries = json_object_get(list, "queries");
	buf_adds(&all, "{\"queries\":[");
	if (!rc && !json_array_size(queries))
		rc = cmd_lake_fail(l, EXIT_FAILED, "NO_QUERIES", "put .sql files into the stack's folder queries/",
				  "the stack has no queries");
	json_array_foreach(queries, i, q)
	{
		const char *name = json_string_value(json_object_get(q, "name"));
		buf_reset(&text);
		if (rc || !name || (rc = ask(l, name, &text, true, i > 0)))
			break;
		buf_adds(&all, i ? "," : "");
		buf_addsl(&all, sl_trim(buf_slice(&text)));
	}
	buf_adds(&all, "]}");
	if (!rc && l->format == FORMAT_JSON)
		cmd_lake_json(l, buf_slice(&all));
	json_decref(list);
	buf_free(&text);
	buf_free(&all);
	return rc;
}

int cmd_query(int argc, char **argv)
{
	struct cmd_lake l;
	int first, rc = cmd_lake_open(&l, argc, argv, &first);
	if (!rc && first + 1 != argc)
		rc = cmd_lake_fail(&l, EXIT_USAGE, "USAGE", "tarn query all", "query takes one name, or all");
	else if (!rc && l.out && !strcmp(argv[first], "all"))
		rc = cmd_lake_fail(&l, EXIT_USAGE, "USAGE", "tarn query q1_top_category_by_country -o q1.svg", "-o takes one question");
	else if (!rc)
		rc = strcmp(argv[first], "all") ? ask_one(&l, argv[first]) : ask_all(&l);
	cmd_lake_free(&l);
	return rc < 0 ? EXIT_OK : rc;
}
