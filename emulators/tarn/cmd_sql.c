/* tarn sql: one SELECT over the cleaned tables and the topics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	if (!rc && l->format == FORMAT_JSON)
		cmd_lake_json(l, buf_slice(&text));
	json_decref(answer);
	buf_free(&text);
	return rc;
}

int cmd_sql(int argc, char **argv)
{
	struct cmd_lake l;
	struct buf sql = { 0 };
	int first, rc = cmd_lake_open(&l, argc, argv, &first);
	if (!rc && first + 1 != argc) {
		rc = cmd_lake_fail(&l, EXIT_USAGE, "USAGE",
				  "tarn sql 'SELECT category, COUNT(*) FROM pin GROUP BY category'",
				  first == argc ? "sql needs a statement, or - to read one from stdin"
						: "sql takes one statement: put it in quotes");
	} else if (!rc) {
		if (strcmp(argv[first], "-"))
			buf_adds(&sql, argv[first]);
		else
			read_stdin(&sql);
		rc = run(&l, buf_slice(&sql));
	}
	buf_free(&sql);
	cmd_lake_free(&l);
	return rc < 0 ? EXIT_OK : rc;
}
