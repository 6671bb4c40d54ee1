/* Scenarios: a line script is parsed into steps of statements (scenario.c), run against a stack in this process (run.c,
 * expect.c) and reported as TAP and JUnit (tarn/cmd_run.c). verbs.c is the table of statements: what isn't in it, or in the
 * tables of what can be expected, is refused when the script is read. Spec: one statement a line: verb, words, key=value,
 * "quoted text"; # comments; a line ending in <<WORD takes the lines up to WORD; ${name} is replaced when run. */
#ifndef TARN_SCENARIO_H
#define TARN_SCENARIO_H

#include "scenario/away.h"
#include "stack/server.h"
#include "stack/steps.h"
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
	size_t after;    /* the number, from 1, of the step that has to have gone well; 0: none */
};

struct scenario {
	struct arena arena;
	const char *file, *title, *about, *lesson, *stack;
	int64_t seed; /* -1: the stack's */
	bool clock_set, adopt;
	int64_t clock_ms;
	int64_t timeout_ms; /* real time */
	struct statement *statements;
	size_t statement_n, statement_cap;
	struct step *steps;
	size_t step_n, step_cap;
};
/* ---- verbs.c ---- */
struct runner;
struct verb {
	const char *name, *words, *doc;
	enum { VERB_HEAD, VERB_STEP, VERB_BOTH } where; /* before the first step, in one, or either */
	int min, max;        /* words that are not key=value; max -1: any */
	const char *options; /* its keys, with blanks between; NULL: any */
	enum { HEAD_NONE, HEAD_TEXT, HEAD_NUMBER, HEAD_DURATION, HEAD_TIME, HEAD_SWITCH } head; /* before the first step: what its value is */
	size_t at;           /* and which member of the scenario it fills */
	/* In a step, when it is read: what its words can't be. NULL: nothing more to look at. */
	int (*check)(const struct statement *st, const struct word **at, struct error *err);
	int (*run)(struct runner *r, const struct statement *st, struct error *err);
	bool looks; /* it changes nothing of the stack */
};
extern const struct verb verbs[]; /* ends with a NULL name */
/* The row of that name; NULL: none, and err says which is near. */
const struct verb *verb_find(const char *name, struct error *err);
/* Before the first step: puts a value where it belongs; false: it isn't one. */
bool verb_head(const struct verb *v, struct scenario *sc, const char *value);
/* Whether a statement of a step is what its row says. *at: the word at fault; NULL: the verb. Errors: INVALID. */
int verb_check(const struct verb *v, const struct statement *st, const struct word **at, struct error *err) WARN_UNUSED;

/* ---- scenario.c ---- */
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
	const struct away *away;  /* the stack that runs already and is used; NULL: the scenario's own, which is server */
	char *dir;                /* state folder of this run, removed at the end */
	char *endpoints_file;
	int leads;                /* 1: programs are run so that names of AWS lead here, -1: no way works, 0: nobody has tried */
	char *ports[16];          /* "ports.x=N" for a restart */
	size_t port_n;
	int64_t seed;
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
	struct steps steps;       /* how far it is, shown by the server */
	bool pauses;              /* tarn run --step: somebody is there to go on */
	const char *asked;        /* the value that expect compares with */
	/* filled when an expect fails */
	const struct statement *at;
	char got[1024], want[1024];
};
/* seed -1: the scenario's. away: the stack to run against, which outlives the runner; NULL: one of its own. */
int runner_open(struct runner *r, const struct scenario *sc, int64_t seed, const struct away *away, struct error *err) WARN_UNUSED;
void runner_close(struct runner *r, bool keep);
/* Runs one statement. Errors: whatever went wrong; for a failed expect r->got and r->want are set. */
int runner_step(struct runner *r, const struct statement *st, struct error *err) WARN_UNUSED;
/* Whether a statement only looks at the stack, as it is when acted says whether what it would look at, the last answer or program, is of one
 * that didn't run; *acted is kept up. For running expectations alone. */
bool runner_looks(const struct statement *st, bool *acted);
/* What ${NAME} can be beside what set and into= name; ends with a NULL name. */
struct variable {
	const char *name, *doc;
	enum { VAR_URL, VAR_SETTING, VAR_DATA, VAR_PROGRAM } kind;
	const char *section; /* of the setting with its name */
};
extern const struct variable variables[];

/* For verbs.c, run.c, child.c and expect.c. */
/* Address by key of the endpoints file; NULL: not served. */
const char *runner_endpoint(const struct runner *r, const char *key);
/* Whether there is time left. Errors: TIMEOUT, with what is in flight. */
int runner_in_time(struct runner *r, struct error *err) WARN_UNUSED;
/* The path of this program, kept in r->arena. Errors: INTERNAL. */
int runner_self(struct runner *r, const char **out, struct error *err) WARN_UNUSED;
void runner_set(struct runner *r, const char *name, const char *value); /* gives ${NAME} a value */
int run_send(struct runner *r, const struct statement *st, struct error *err);
int run_query(struct runner *r, const struct statement *st, struct error *err);
int run_emit(struct runner *r, const struct statement *st, struct error *err);
int run_exec(struct runner *r, const struct statement *st, struct error *err);
int run_clock(struct runner *r, const struct statement *st, struct error *err);
int run_clean(struct runner *r, const struct statement *st, struct error *err);
int run_settle(struct runner *r, const struct statement *st, struct error *err);
int run_restart(struct runner *r, const struct statement *st, struct error *err);
int run_fault(struct runner *r, const struct statement *st, struct error *err);
struct http_header;
/* A request; the answer is in r->status, body, header_lines. Errors: NETWORK, TIMEOUT. */
int runner_http(struct runner *r, const char *method, const char *url, const char *type, struct http_header *extra, size_t extra_n, struct slice body,
		struct error *err) WARN_UNUSED;
void runner_forget_headers(struct runner *r);
/* acts.c */
int run_put(struct runner *r, const struct statement *st, struct error *err);
int run_produce(struct runner *r, const struct statement *st, struct error *err);
int run_consume(struct runner *r, const struct statement *st, struct error *err);
int run_reset(struct runner *r, const struct statement *st, struct error *err);
int run_snapshot(struct runner *r, const struct statement *st, struct error *err);
int run_connector(struct runner *r, const struct statement *st, struct error *err);
int run_capture(struct runner *r, const struct statement *st, struct error *err);
int run_note(struct runner *r, const struct statement *st, struct error *err);
void runner_pause(struct runner *r); /* waits for Enter on standard input; the stack runs meanwhile */
int run_set(struct runner *r, const struct statement *st, struct error *err);
/* fault add SITE key=value...: what faults_arm takes. */
void fault_spec(const struct statement *st, struct buf *out);
/* clock advance DURATION, advance to=TIME (*until), or freeze (*ms -1). Errors: INVALID. */
int clock_words(const struct statement *st, int64_t *ms, bool *until, struct error *err) WARN_UNUSED;
const char *runner_expand(struct runner *r, const char *text, struct error *err); /* NULL: unknown variable */
const char *runner_var(struct runner *r, const char *name);
const char *statement_option(const struct statement *st, const char *key);
/* Turns the loop until *done or the scenario's time is up; what was asked for (NULL: it can't be) is cancelled then. */
int runner_wait(struct runner *r, const bool *done, struct owed **asked, struct error *err) WARN_UNUSED;

/* ---- expect.c ---- */
struct subject {
	const char *name, *words, *doc;
	int min, max;        /* words after it */
	const char *aspects; /* what the second word can be, with blanks between; NULL: anything */
	int (*get)(struct runner *r, char **args, size_t n, const char **got, struct error *err); /* *got: NULL, it is absent */
	enum { GET_CALL, GET_INT, GET_TEXT, GET_LINES, GET_ROWS } how; /* by get, or the runner's member at */
	size_t at;
};
extern const struct subject subjects[]; /* ends with a NULL name */
struct operator {
	const char *name, *doc;
	enum { OP_COMPARE, OP_MATCHES, OP_CONTAINS, OP_EXISTS } kind;
	unsigned holds; /* OP_COMPARE: bits of LESS, SAME, MORE; else the result that is wanted: 0 or 1 */
};
extern const struct operator operators[]; /* ends with a NULL name */
/* capture NAME SUBJECT WORDS: whether there is such a subject. Errors: INVALID. */
int check_capture(const struct statement *st, const struct word **at, struct error *err);
int check_expect(const struct statement *st, const struct word **at, struct error *err);
int run_expect(struct runner *r, const struct statement *st, struct error *err);

#endif
