/* A recording: HTTP calls of clients become a scenario that sends them again and expects the same statuses.
 *
 * POST /_tarn/record begins one (anew), DELETE ends it, GET gives the scenario so far. Recorded are calls of the gateway, the REST proxy,
 * Connect, Airflow and the workspace; of AWS's signed APIs, whose signatures can't be sent again, a remark says what was called. The name of
 * [stack] user stands as ${user}. */
#ifndef TARN_RECORD_H
#define TARN_RECORD_H

#include "stack/server.h"

struct recording;
void recording_free(struct recording *r); /* NULL is fine */
/* Operations; self is the server. */
void control_record(void *self, struct http_call *call);
void control_record_begin(void *self, struct http_call *call);
void control_record_end(void *self, struct http_call *call);

#endif
