/* tarn query: the analysis questions of the stack, one or all. */
#include "core/json.h"
#include "tarn/cmd_lake.h"

static char *path_of(const struct cmd_lake *l, const char *name)
{
	struct buf b = { 0 };
	buf_adds(&b, "/api/tarn/query/");
	buf_url_escape(&b, sl(name), false);
	buf_addf(&b, "?as=%s", cmd_lake_as(l));
	char *path = xstrdup(buf_cstr(&b));
	buf_free(&b);
	return path;
}

/* Asks one question; the raw answer goes to text, the table to stdout. */
static int ask(struct cmd_lake *l, const char *name, struct buf *text, bool titled, bool gap)
{
	json_t *answer = NULL;
	char *path = path_of(l, name);
	int rc = cmd_lake_call(l, "GET", path, sl(NULL), text, &answer);
	if (!rc) {
		const char *question = jstr(answer, "question");
		if (gap && !cmd_is_json())
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
	if (!rc && cmd_is_json())
		cmd_json(buf_slice(&text));
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
		rc = cmd_error(EXIT_FAILED, "NO_QUERIES", "put .sql files into the stack's folder queries/",
				  "the stack has no queries");
	json_array_foreach(queries, i, q) {
		const char *name = jstr(q, "name");
		buf_reset(&text);
		if (rc || !name || (rc = ask(l, name, &text, true, i > 0)))
			break;
		buf_adds(&all, i ? "," : "");
		buf_addsl(&all, sl_trim(buf_slice(&text)));
	}
	buf_adds(&all, "]}");
	if (!rc && cmd_is_json())
		cmd_json(buf_slice(&all));
	json_decref(list);
	buf_free(&text);
	buf_free(&all);
	return rc;
}

static int query_run(void *self, char **words, int n)
{
	struct cmd_lake *l = self;
	if (n != 1)
		return cmd_fail(EXIT_USAGE, "tarn query all", "query takes one name, or all");
	if (l->out && !strcmp(words[0], "all"))
		return cmd_fail(EXIT_USAGE, "tarn query NAME -o NAME.svg", "-o takes one question");
	return strcmp(words[0], "all") ? ask_one(l, words[0]) : ask_all(l);
}

const struct command command_query = {
	"query", "NAME|all", "Runs the analysis questions of the stack.",
	sizeof(struct cmd_lake), query_run, cmd_lake_done, -1, .flags = { data_flags, lake_flags, rows_flags }, .more = rows_help,
};
