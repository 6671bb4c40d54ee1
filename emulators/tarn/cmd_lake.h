/* What the commands that ask the lake share: the call and printing its answer. */
#ifndef TARN_CMD_LAKE_H
#define TARN_CMD_LAKE_H

#include <jansson.h>

#include "tarn/cmd.h"

enum cmd_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_CHART };
/* The first member of these commands' options. */
struct cmd_lake {
	const char *data, *connect;
	int format;      /* enum cmd_format */
	const char *out; /* -o: an SVG file; NULL: none */
	struct buf query; /* flags that are the call's parameters: "?from=..." */
	char *base;      /* address of the lake, owned; set by the first call */
};
extern const struct flag lake_flags[]; /* --connect, --json */
extern const struct flag rows_flags[]; /* --csv, --md, --chart, -o */
extern const char rows_help[];
void cmd_lake_done(void *self);        /* their .done */
/* One call; *text (initialised by the caller) gets the answer, *out is the same parsed (caller decrefs). On failure says
 * so and returns the exit code. */
int cmd_lake_call(struct cmd_lake *l, const char *method, const char *path, struct slice body, struct buf *text,
		  json_t **out);
/* How cells are to come for the chosen form (?as=): "json", or texts as show() prints them, "show". */
const char *cmd_lake_as(const struct cmd_lake *l);
/* {"columns":[..],"rows":[[..]]} in the chosen form, and as a picture into l->out under that title; warns when it was cut.
 * With --json nothing is printed. Returns the exit code. */
int cmd_lake_rows(struct cmd_lake *l, const char *title, const json_t *answer);
/* Objects as such a table, a row each, of the columns "HEAD=MEMBER, HEAD=MEMBER.MEMBER". */
void cmd_lake_members(const json_t *items, const char *columns);
/* Those of the objects in which a member is something, and no 0. The caller decrefs. */
json_t *cmd_lake_with(const json_t *items, const char *member);

#endif
