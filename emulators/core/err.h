/* Errors: a function that can fail returns 0 or a negative enum err_kind; the words go to the caller's
 * struct error, written on failure only. */
#ifndef TARN_ERR_H
#define TARN_ERR_H

#include "mem.h"

enum err_kind {
	ERR_NONE = 0,
	ERR_INVALID = -1,     /* the caller's input is wrong */
	ERR_NOT_FOUND = -2,
	ERR_CONFLICT = -3,    /* exists already, or changed meanwhile */
	ERR_THROTTLED = -4,
	ERR_LIMIT = -5,       /* over a stated limit */
	ERR_DENIED = -6,      /* not signed, wrong signature, no right */
	ERR_UNSUPPORTED = -7, /* known, but not served here */
	ERR_STORE = -8,       /* our own disk or database */
	ERR_NETWORK = -9,     /* a peer can't be reached or answered nonsense */
	ERR_TIMEOUT = -10,
	ERR_INTERNAL = -11,
};

/* One row per wire error of a service. */
struct error_def {
	int kind;         /* enum err_kind */
	const char *code; /* the wire's own name, e.g. "NoSuchKey" */
	int http;         /* status; 0 for protocols without */
	int number;       /* MySQL errno, Kafka or REST Proxy error code; 0 for none */
};

struct error {
	int kind;
	const struct error_def *def; /* NULL when not a wire error yet */
	char text[4096]; /* a schema mismatch shows two whole schemas */
};

/* Fills err (may be NULL) and returns def->kind. */
int err_fail(struct error *err, const struct error_def *def, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same without a wire error. */
int err_set(struct error *err, int kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
