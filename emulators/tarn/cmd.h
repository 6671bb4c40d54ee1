/* The command line: one file a command, cmd_<word>.c; what several commands need is in cmd.c. */
#ifndef TARN_CMD_H
#define TARN_CMD_H

#include "core/err.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,   /* the check failed */
	EXIT_USAGE = 2,    /* wrong use */
	EXIT_START = 3,    /* cannot reach or start */
	EXIT_TIMEOUT = 4,
	EXIT_CONFLICT = 5, /* port taken, already running */
};

struct command {
	const char *word, *args, *doc;
	int (*fn)(int argc, char **argv); /* argv[0] is the word */
};
extern const struct command commands[]; /* NULL word at the end */

/* One line on stderr: "tarn: what happened", and "  try: hint" when hint isn't NULL. Returns code. */
int cmd_fail(int code, const char *hint, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Prints the usage line and doc of a command (for -h). */
void cmd_usage(const char *word);
/* The state folder: flag value, else TARN_DATA, else ".tarn". */
const char *cmd_data(const char *flag);
/* Address of a running stack by endpoint key, from TARN_ENDPOINTS (a file) or DATA/endpoints.json; data NULL: the
 * default folder. Heap string, NULL when nothing runs there. */
char *cmd_endpoint(const char *data, const char *key);
/* Blocking HTTP call of a command-line tool. *status is the answer's; out (initialised by the caller) gets the body. */
int cmd_http(const char *base_url, const char *method, const char *path, struct slice body, const char *type, int *status,
	     struct buf *out, struct error *err) WARN_UNUSED;

int cmd_up(int argc, char **argv);
int cmd_down(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_env(int argc, char **argv);
int cmd_exec(int argc, char **argv);
int cmd_logs(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_emit(int argc, char **argv);
int cmd_seed(int argc, char **argv);
int cmd_clean(int argc, char **argv);
int cmd_sql(int argc, char **argv);
int cmd_query(int argc, char **argv);
int cmd_lake(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_dag(int argc, char **argv);
int cmd_stream(int argc, char **argv);

#endif
