/* What was in requests, for who asks later which way a record came: texts by trace id, the newest HOPS_BYTES of them. Memory alone: it ends
 * with the process. */
#ifndef TARN_HOPS_H
#define TARN_HOPS_H

#include "err.h"

enum { HOPS_KEPT = 4096, HOPS_BYTES = 8 << 20, HOPS_TEXT_MAX = 16 << 10 };
struct hops;
struct hop {
	char trace[24];
	const char *service, *kind; /* static: "apigateway", "template" */
	int64_t at_ms, us;
	int status;
	struct slice title, input, output; /* cut after HOPS_TEXT_MAX bytes each; absent: none */
};
struct hops *hops_new(void);
void hops_free(struct hops *h);
/* Copies all but the static texts. h NULL: nothing is kept. */
void hops_note(struct hops *h, const struct hop *hop);
/* The i-th of a trace, oldest first; NULL past the end. Valid until the next note. */
const struct hop *hops_at(const struct hops *h, struct slice trace, size_t i);
void hops_forget(struct hops *h);

#endif
