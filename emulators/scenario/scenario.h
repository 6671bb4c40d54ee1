/* Scenarios: a line script is parsed into steps of statements (scenario.c), run against a stack in this process
 * (run.c, expect.c) and reported as TAP and JUnit (cmd_run.c). Spec: one statement a line: verb, words, key=value,
 * "quoted text"; # comments; a line ending in <<WORD takes the lines up to WORD; ${name} is replaced when run. */
#ifndef TARN_SCENARIO_H
#define TARN_SCENARIO_H

#include "stack/server.h"
#include "stack/table.h"

enum { WORDS_MAX = 64 };

struct word {
	const char *text;  /* quotes and key= taken off */
	const char *key;   /* NULL for a plain word */
	bool quoted;
	int column; /* 1-based */
};

struct statement {
	const char *verb;
	struct word words[WORDS_MAX]; /* without the verb */
	size_t word_n;
	const char *here; /* here-document, NULL without one */
	int line, column;
};

struct step {
	const char *title;
	int line;
	size_t first, n; /* statements */
};

struct scenario {
	struct arena arena;
	const char *file, *title, *about, *stack;
	uint64_t seed;
	bool clock_set;
	int64_t clock_ms;
	int64_t timeout_ms; /* real time */
	struct statement *statements;
	size_t statement_n, statement_cap;
	struct step *steps;
	size_t step_n, step_cap;
};
/* Parses text; the scenario owns copies of all it keeps. Errors: INVALID, "file:line:column: ...". */
int scenario_parse(struct scenario *sc, const char *file, struct slice text, struct error *err) WARN_UNUSED;
void scenario_free(struct scenario *sc);

/* ---- run.c ---- */
struct var {
	char *name, *value;
};
struct runner {
	const struct scenario *sc;
	struct server *server;
	char *dir;                /* state folder of this run, removed at the end */
	char *endpoints_file;
	char *ports[16];          /* "ports.x=N" for a restart */
	size_t port_n;
	uint64_t seed;
	int64_t deadline_us;
	struct arena arena;       /* texts of the current step */
	struct var *vars;
	size_t var_n;
	/* what the last action left for expect */
	int status, exit_code;
	char **header_lines;
	size_t header_n;
	struct buf body, out, err_out;
	struct table table;
	/* filled when an expect fails */
	const struct statement *at;
	char got[1024], want[1024];
};
/* seed -1: the scenario's. */
int runner_open(struct runner *r, const struct scenario *sc, int64_t seed, struct error *err) WARN_UNUSED;
void runner_close(struct runner *r, bool keep);
/* Runs one statement. Errors: whatever went wrong; for a failed expect r->got and r->want are set. */
int runner_step(struct runner *r, const struct statement *st, struct error *err) WARN_UNUSED;

/* For run.c and expect.c. */
const char *runner_expand(struct runner *r, const char *text, struct error *err); /* NULL: unknown variable */
void runner_set(struct runner *r, const char *name, const char *value);
const char *runner_var(struct runner *r, const char *name);
const char *statement_option(const struct statement *st, const char *key);
/* Turns the loop until *done or the scenario's time is up. */
int runner_wait(struct runner *r, const bool *done, struct error *err) WARN_UNUSED;
int run_expect(struct runner *r, const struct statement *st, struct error *err) WARN_UNUSED;

#endif
