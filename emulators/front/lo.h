/* The only interface of a fresh network name space. */
#ifndef TARN_LO_H
#define TARN_LO_H

#include "core/err.h"

/* Takes lo up, gives it FRONT_ADDRESS, and makes every other IPv4 address of the world lead to it: what nobody listens on there refuses at
 * once, an address of a metadata service, too. *step: the step, where it failed. Returns 0 or -1 with errno. */
int lo_open(const char **step) WARN_UNUSED;

#endif
