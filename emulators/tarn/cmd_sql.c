/* tarn sql: statements of Spark SQL. */
#include "tarn/cmd_lake.h"

static void read_stdin(struct buf *sql)
{
	char part[4096];
	size_t n;
	while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
		buf_add(sql, part, n);
}

static int run(struct cmd_lake *l, struct slice sql)
{
	struct buf text = { 0 };
	json_t *answer = NULL;
	char *path = xasprintf("/api/tarn/sql?as=%s", cmd_lake_as(l));
	int rc = cmd_lake_call(l, "POST", path, sql, &text, &answer);
	char *title = xstrndup(sql.p, sql.n);
	if (!rc)
		rc = cmd_lake_rows(l, title, answer);
	free(title);
	free(path);
	if (!rc && cmd_is_json())
		cmd_json(buf_slice(&text));
	json_decref(answer);
	buf_free(&text);
	return rc;
}

static int sql_run(void *self, char **words, int n)
{
	struct cmd_lake *l = self;
	struct buf sql = { 0 };
	int rc;
	if (n != 1)
		return cmd_fail(EXIT_USAGE, "tarn sql 'SELECT COUNT(*) FROM t', or tarn sql 'SHOW TABLES'",
				n ? "sql takes one statement: put it in quotes" : "sql needs a statement, or - to read one from stdin");
	if (strcmp(words[0], "-"))
		buf_adds(&sql, words[0]);
	else
		read_stdin(&sql);
	rc = run(l, buf_slice(&sql));
	buf_free(&sql);
	return rc;
}

const struct command command_sql = {
	"sql", "'SELECT ...'|-", "Runs statements of Spark SQL over the lake's tables, other Delta tables, files and topics.",
	sizeof(struct cmd_lake), sql_run, cmd_lake_done, -1, .flags = { data_flags, lake_flags, rows_flags }, .more = rows_help,
};
