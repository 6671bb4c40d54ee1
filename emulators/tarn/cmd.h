/* The command line: one file a command, cmd_<word>.c, which ends with its row. From the rows of its flags and actions come
 * parsing, errors, help and completion (flags.c); what several commands need is in cmd.c. */
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
	EXIT_INTERRUPTED = 130,
};

enum flag_kind {
	FLAG_ON,   /* bool */
	FLAG_TEXT, /* const char * */
	FLAG_INT,  /* int64_t of min..max */
	FLAG_WORD, /* int: which of the words that value lists */
	FLAG_QUERY, /* struct buf: "?name=value" or "&name=value" is added, escaped */
	FLAG_IS,   /* int: min; flags of one member exclude each other */
	FLAG_OWN,  /* what take does with it */
	FLAG_MAY,  /* the same, but its value may be absent (NULL) and is given as --name=value only; help shows value as it stands: "[=X]" */
};
struct flag {
	const char *name;
	char letter; /* 0: none */
	enum flag_kind kind;
	size_t at;             /* offset in the command's options of the member it fills */
	const char *value;     /* what help calls its value: "N", "DIR", "FILE"; FLAG_WORD: "sh|fish|json" */
	const char *doc;
	const char *otherwise; /* the value without the flag, "-1" where no number is one; NULL: the member stays zero */
	int64_t min, max;      /* max 0: any */
	bool (*take)(void *self, const char *value); /* false: not a value for it */
};
/* First words of a command that has several: tarn dag list. */
struct action {
	const char *word, *words, *doc;
	int min, max; /* words after it */
	int (*fn)(void *self, char **words, int n);
};
struct command {
	const char *word, *words, *doc;
	size_t size; /* of its options: zeroed, filled by the flags, freed when it has run */
	int (*fn)(void *self, char **words, int n); /* NULL: actions. Returns an exit code */
	void (*done)(void *self);                   /* frees what the options own; NULL: nothing */
	int max;                                    /* words it takes; -1: any */
	bool program;                               /* "--" stays among the words: what follows is a program's */
	const struct flag *flags[4];                /* tables that end with a NULL name */
	const struct action *actions;               /* ends with a NULL word; what is none of them goes to fn, if any */
	const char *example;                        /* the hint of wrong use */
	const char *more;                           /* below the flags in its help */
};
extern const struct command *const commands[]; /* NULL at the end */
extern const struct command command_help; /* its actions are the topics */
/* --data DIR, for options that begin with a const char *data; see cmd_data. */
extern const struct flag data_flags[];

/* ---- flags.c ---- */
/* Runs a command; argv[0] is its word. Returns its exit code. */
int flags_run(const struct command *c, int argc, char **argv);
/* Its help: usage, actions, flags. */
void flags_help(const struct command *c);
/* The i-th flag of a command, the one that all have included; NULL past the end. */
const struct flag *flags_at(const struct command *c, size_t i);

/* ---- cmd.c ---- */
/* One line on stderr: "tarn: what happened", and "  try: hint" when hint isn't NULL; with --json the same in the envelope on
 * stdout. Returns code. */
int cmd_fail(int code, const char *hint, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with a service's word for it ("QUOTA_EXCEEDED") as the envelope's code. */
int cmd_error(int code, const char *error_code, const char *hint, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* One line on stderr, or kept for the envelope. */
void cmd_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The command that runs, and whether answers and errors are in its envelope (--json). */
const char *cmd_word(void);
bool cmd_is_json(void);
void cmd_begin(const char *word, bool json);
/* The envelope on one line around data, JSON text. */
void cmd_json(struct slice data);
/* The state folder: flag value, else TARN_DATA, else ".tarn". */
const char *cmd_data(const char *flag);
/* Writes a file of the binary to stdout. */
struct embedded;
void print_embedded(const struct embedded *f);
/* Address of a running stack by endpoint key, from TARN_ENDPOINTS (a file) or DATA/endpoints.json; data NULL: the
 * default folder. Heap string, NULL when nothing runs there. */
char *cmd_endpoint(const char *data, const char *key);
/* Blocking HTTP call of a command-line tool. *status is the answer's; out (initialised by the caller) gets the body. */
int cmd_http(const char *base_url, const char *method, const char *path, struct slice body, const char *type, int *status,
	     struct buf *out, struct error *err) WARN_UNUSED;
/* GET of a whole URL by nobody in particular, or only a connection to it, within ms; *status 0 for a connection. */
int cmd_reach(const char *url, bool connects, int64_t ms, struct buf *out, int *status, struct error *err) WARN_UNUSED;
/* GET /health of the running stack, added to out; prints why not. 0 or an exit code. */
int cmd_health(const char *data, struct buf *out);
/* What tarn's own commands send where auth is on, once an endpoint has been asked for; NULL: nothing. */
const char *cmd_token(void);

#endif
