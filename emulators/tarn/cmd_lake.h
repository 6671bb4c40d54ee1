/* What clean, sql and query share: the call to the lake and printing its answer. */
#ifndef TARN_CMD_LAKE_H
#define TARN_CMD_LAKE_H

#include <jansson.h>

#include "tarn/cmd.h"

enum cmd_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON };
struct cmd_lake {
	const char *word, *data, *connect;
	enum cmd_format format;
	char *base; /* address of the lake */
};
/* Flags --data, --connect, --csv, --json, -h; argv is permuted, *first is the first word after them. Returns EXIT_OK to
 * go on, with l->base set; -1 when help was printed; else the exit code (already said). Free with cmd_lake_free. */
int cmd_lake_open(struct cmd_lake *l, int argc, char **argv, int *first);
void cmd_lake_free(struct cmd_lake *l);
/* One call; *out is the answer's JSON (caller decrefs). On failure says so and returns the exit code. */
int cmd_lake_call(struct cmd_lake *l, const char *method, const char *path, struct slice body, json_t **out);
/* {"columns":[..],"rows":[[..]]} as an aligned table or CSV; warns on stderr when it was cut. */
void cmd_lake_rows(const struct cmd_lake *l, const json_t *answer);
/* The envelope around data on one line (steals data). */
void cmd_lake_json(const struct cmd_lake *l, json_t *data);

#endif
