/* What clean, sql and query share: the call to the lake and printing its answer. */
#ifndef TARN_CMD_LAKE_H
#define TARN_CMD_LAKE_H

#include <jansson.h>

#include "tarn/cmd.h"

enum cmd_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON };
struct cmd_lake {
	const char *word, *data, *connect;
	enum cmd_format format;
	char *base;          /* address of the lake, owned; set by the first call */
	struct buf warnings; /* JSON strings with commas between, for the envelope */
};
/* Flags --data, --connect, --json, -h and (unless word is clean) --csv; argv is permuted, *first is the first word after
 * them. Returns EXIT_OK to go on; -1 when help was printed; else the exit code (already said). Free with
 * cmd_lake_free in any case. */
int cmd_lake_open(struct cmd_lake *l, int argc, char **argv, int *first);
void cmd_lake_free(struct cmd_lake *l);
/* One call; *text (initialised by the caller) gets the answer, *out is the same parsed (caller decrefs). On failure says
 * so and returns the exit code. */
int cmd_lake_call(struct cmd_lake *l, const char *method, const char *path, struct slice body, struct buf *text,
		  json_t **out);
/* {"columns":[..],"rows":[[..]]} as an aligned table or CSV; warns on stderr when it was cut. With JSON nothing is printed,
 * the warning is kept for the envelope. */
void cmd_lake_rows(struct cmd_lake *l, const json_t *answer);
/* The envelope on one line around data, JSON text. */
void cmd_lake_json(const struct cmd_lake *l, struct slice data);
/* cmd_fail, or with --json the same in the envelope. error_code is the service's ("QUOTA_EXCEEDED"). Returns code. */
int cmd_lake_fail(const struct cmd_lake *l, int code, const char *error_code, const char *hint, const char *fmt, ...)
	PRINTF_LIKE(5, 6);

#endif
