/* What commands about scenarios share: cmd_run.c, cmd_run_many.c, cmd_lint.c. */
#ifndef TARN_RUNS_H
#define TARN_RUNS_H

#include "scenario/scenario.h"
#include "tarn/cmd.h"

/* FILE, or every *.tarn of DIR in name order, added to files (heap, as its strings are). 0 or an exit code; says why. */
int runs_collect(const char *path, char ***files, size_t *n);
/* Reads and parses one. Errors: INVALID, "file:line:column: ...". */
int runs_parse(const char *file, struct scenario *sc, struct error *err) WARN_UNUSED;

/* The stack that runs on a state folder, or whose control port has that URL. 0 or an exit code; says why. runs_away_free in any case. */
int runs_away(const char *against, struct away *out);
void runs_away_free(struct away *a);

/* Runs files as processes of their own, jobs at a time; prints their points in the files' order, as of one run. more: flags that each is
 * given too, NULL at the end. junit: takes their suites. Returns the worst exit code. */
struct runs {
	char **files;
	size_t n;
	int64_t jobs;
	const char *const *more;
	struct buf *junit;
	int passed, failed;
};
int runs_many(struct runs *r);

#endif
