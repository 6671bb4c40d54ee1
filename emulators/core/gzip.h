/* gzip and zlib texts, unpacked. */
#ifndef TARN_GZIP_H
#define TARN_GZIP_H

#include "err.h"

/* Appends what in holds, all of its members; out->max is the limit. Errors: INVALID, LIMIT. */
int gzip_unpack(struct slice in, struct buf *out, struct error *err) WARN_UNUSED;

#endif
