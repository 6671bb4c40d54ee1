/* Kinds of content by the endings of files' names. */
#ifndef TARN_MEDIA_H
#define TARN_MEDIA_H

#include "mem.h"

/* "text/csv" of "rows.CSV"; NULL: none that we know. Static. */
const char *media_type(struct slice name);

#endif
