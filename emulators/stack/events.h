/* What happens, as it happens: GET /api/events, a stream of server-sent events for the console and whoever else listens.
 *
 *   hello    {"boot","token","version"}: first; boot is another one after each start, token what a page's POSTs say in X-Tarn
 *   state    clock, faults and counters: whenever something in it has changed, ten times a second at most
 *   journal  [entry, ...]: requests as in /_tarn/journal, with "skipped": N before the first where N were left out
 *   notice   one line of the log from WARN on: what was refused, isn't served, or failed
 *   beat     every 5 s, when there is nothing else; the clock's time
 *
 * id is BOOT.SEQ of the journal's last entry: who comes back with it (Last-Event-ID) gets what it has missed, and everybody else the
 * last EVENTS_FIRST entries. A client that doesn't read gets nothing new until it does, then the newest. */
#ifndef TARN_EVENTS_H
#define TARN_EVENTS_H

#include "stack/server.h"

struct events;
/* Makes the token of the console's pages, too, into conf. */
struct events *events_open(struct server *s, struct conf *conf);
/* Its clients are cut by their listeners: before those close. NULL is fine. */
void events_close(struct events *e);
/* Whether the call is one of the streams: a reset leaves them. */
bool events_has(const struct events *e, const struct http_call *call);
/* GET /api/events and GET /_tarn/notices; self is the server. */
void control_events(void *self, struct http_call *call);
void control_notices(void *self, struct http_call *call);
/* GET /_tarn/state: the state, once. */
void control_state(void *self, struct http_call *call);
struct events *server_events(struct server *s);

#endif
