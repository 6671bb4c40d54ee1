/* Which tarn this is: said by the command line, health and info, and by packages. Its one place is git's tag
 * (packages/version.sh). */
#ifndef TARN_VERSION_H
#define TARN_VERSION_H

#include <stdint.h>

/* "0.2.0", or "0.2.0+12.gc0ffee1" twelve commits later. Made by make (build/version.c), so that a commit compiles one line. */
extern const char tarn_version[];
/* When that was, in seconds since 1970; 0: not known. Manual pages are dated by it. */
extern const int64_t tarn_version_time;

#endif
