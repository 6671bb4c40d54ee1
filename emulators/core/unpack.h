/* Files that are in the binary as files on the disk, for programs that read them there. */
#ifndef TARN_UNPACK_H
#define TARN_UNPACK_H

#include "stack.h"

/* Writes what isn't there yet into the user's cache folder, below KIND- and a name made of the content, so that programs of several versions
 * and several at once share it or stay apart. *path: the folder, heap. Blocks for some milliseconds the first time. Errors: STORE. */
int unpack(const struct embedded *files, const char *kind, char **path, struct error *err) WARN_UNUSED;

#endif
