/* What a program's environment says, whichever way leads it here. */
#ifndef TARN_ENVIRON_H
#define TARN_ENVIRON_H

#include "front/trust.h"

/* Sets this process's variables for a program that names lead here: trust (files are written into dir; pem: our authority), no proxy
 * of the user's network, no endpoint but AWS's own names, no metadata service, and test keys where none are found. covered: the files
 * of trust_covers are mounted. Errors: STORE. */
int environ_front(const char *dir, const char *pem, bool covered, struct trust *t, struct error *err) WARN_UNUSED;
/* Whether AWS's SDKs would find credentials of the user's: variables, files, a profile. */
bool environ_has_credentials(void);

/* Where files can't be covered: says of each of over (NULL at the end; NULL: none) that it stays as it is, and what to append to it. */
void environ_uncovered(const struct trust *t, const char *const *over);

#endif
