/* The places of a program whose connects are led elsewhere: opened at free ports, handed to the server, told to who leads. */
#ifndef TARN_PLACES_H
#define TARN_PLACES_H

#include "front/way.h"

/* All of front_ports, and the ports that the stack is known by on 127.0.0.1. Errors: NETWORK. */
int places_open(const struct exec_plan *plan, struct door_places *out, struct error *err) WARN_UNUSED;

/* The same as a text that the preloaded library reads (lead_read): "ADDRESS PORT tcp|udp BOUND", a line each. */
void places_text(const struct door_places *places, struct buf *out);

#endif
