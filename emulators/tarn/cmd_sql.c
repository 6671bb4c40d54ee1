/* tarn sql: one SELECT over the cleaned tables and the topics. */
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
	int rc = cmd_lake_call(l, "POST", "/api/tarn/sql", sql, &text, &answer);
	char *title = xstrndup(sql.p, sql.n);
	if (!rc)
		rc = cmd_lake_rows(l, title, answer);
	free(title);
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
	"sql", "'SELECT ...'|-", "Runs a SELECT over the cleaned tables, Delta tables and the topics; DESCRIBE, OPTIMIZE, VACUUM.",
	sizeof(struct cmd_lake), sql_run, cmd_lake_done, -1, .flags = { data_flags, lake_flags, rows_flags }, .more = rows_help,
};
