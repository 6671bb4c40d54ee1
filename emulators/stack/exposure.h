/* What a stack that other machines can reach would let their users do. */
#ifndef TARN_EXPOSURE_H
#define TARN_EXPOSURE_H

#include "core/conf.h"

/* Lines for the terminal that say what anyone can do who reaches the address, of those that run and ask nobody who they are; none when
 * bind is an address of this machine alone. runs tells whether a service does; arg is its own. */
void exposure_text(const char *bind, const struct conf *conf, bool (*runs)(const void *arg, const char *service), const void *arg, struct buf *out);
/* Refuses to let strangers run code here unless that was said (--open). Errors: INVALID. */
int exposure_check(const char *bind, bool open, const struct conf *conf, bool (*runs)(const void *arg, const char *service), const void *arg,
		   struct error *err) WARN_UNUSED;

#endif
