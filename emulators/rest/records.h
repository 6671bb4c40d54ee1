/* The records of API v3 as a stream: bytes of the body in, lines of the answer out, both in pieces. */
#ifndef TARN_REST_RECORDS_H
#define TARN_REST_RECORDS_H

#include "rest/v3.h"

struct line;
struct rest_records {
	/* Set by who begins it: a line of the answer; there are no more; the body isn't JSON from its first token on (text), or there is none
	 * (422), and nothing else is told. taken (NULL: nobody waits): some of the records under way are answered. */
	void (*line)(void *arg, struct slice text);
	void (*end)(void *arg);
	void (*fail)(void *arg, int status, struct slice text);
	void (*taken)(void *arg);
	void *arg;
	size_t under_way; /* records with the log */
	/* v3_records.c's own */
	struct rest_call *c;
	struct line *first, *last; /* not told */
	struct buf in;             /* not read */
	bool begun, stopped, ended, told; /* there was a first token; nothing more is read; no more lines come; and that is told */
	struct slice refused;
	/* the value at the start of in: how far it is looked through */
	size_t seen;
	int depth;
	bool in_string, escaped;
	/* where the value is in the body: its line, from 1; bytes before that line, and before it */
	int line_n;
	size_t row, at;
};
/* c: args are cluster and topic; it must live until end or fail. */
void rest_records_begin(struct rest_records *rs, struct rest_call *c);
void rest_records_feed(struct rest_records *rs, struct slice bytes);
void rest_records_end(struct rest_records *rs);
/* The answer of fail. */
void rest_records_refuse(struct rest_call *c, int status, struct slice text);

#endif
