/* What clean, sql and query share: the call to the lake and printing its answer. */
#ifndef TARN_CMD_LAKE_H
#define TARN_CMD_LAKE_H

#include <jansson.h>

#include "tarn/cmd.h"

enum cmd_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_CHART };
struct cmd_lake {
	const char *word, *data, *connect;
	enum cmd_format format;
	const char *out;     /* -o: an SVG file; NULL: none */
	bool report, list;   /* clean: --report, --variants */
	struct buf query;    /* clean: --from and --variant as a query string */
	char *base;          /* address of the lake, owned; set by the first call */
	struct buf warnings; /* JSON strings with commas between, for the envelope */
};
/* Flags --data, --connect, --json, -h; for sql and query --csv, --md, --chart and -o; for clean --report, --variants,
 * --variant and --from. argv is permuted, *first is the first word after
 * them. Returns EXIT_OK to go on; -1 when help was printed; else the exit code (already said). Free with
 * cmd_lake_free in any case. */
int cmd_lake_open(struct cmd_lake *l, int argc, char **argv, int *first);
void cmd_lake_free(struct cmd_lake *l);
/* One call; *text (initialised by the caller) gets the answer, *out is the same parsed (caller decrefs). On failure says
 * so and returns the exit code. */
int cmd_lake_call(struct cmd_lake *l, const char *method, const char *path, struct slice body, struct buf *text,
		  json_t **out);
/* {"columns":[..],"rows":[[..]]} in the chosen form, and as a picture into l->out under that title; warns on stderr when it
 * was cut. With JSON nothing is printed, the warning is kept for the envelope. Returns the exit code. */
int cmd_lake_rows(struct cmd_lake *l, const char *title, const json_t *answer);
/* The same rows as an aligned table. */
void cmd_lake_table(const json_t *columns, const json_t *rows);
/* The envelope on one line around data, JSON text. */
void cmd_lake_json(const struct cmd_lake *l, struct slice data);
/* cmd_fail, or with --json the same in the envelope. error_code is the service's ("QUOTA_EXCEEDED"). Returns code. */
int cmd_lake_fail(const struct cmd_lake *l, int code, const char *error_code, const char *hint, const char *fmt, ...)
	PRINTF_LIKE(5, 6);

#endif
