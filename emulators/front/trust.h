/* What makes a program trust the stack's authority: files beside each other (the system's authorities and ours in PEM, the same as a
 * Java key store, an option file of libmariadb), the variables that name them, and the files of this machine that they may be
 * mounted over. */
#ifndef TARN_TRUST_H
#define TARN_TRUST_H

#include "core/err.h"

/* Paths of what trust_write wrote. */
struct trust {
	char *bundle; /* PEM: ours, the system's, and what the variables named before */
	char *ours;   /* PEM: ours alone, for programs that add it to what they have */
	char *java;   /* JKS: as bundle; no password is asked for */
	char *mysql;  /* a folder with a my.cnf */
};

/* Writes them into dir, which must be there. pem: our authority's certificate. To be called before the variables are set. trust_free
 * when done, after a failure too; the files stay. Errors: STORE. */
int trust_write(const char *dir, struct slice pem, struct trust *t, struct error *err) WARN_UNUSED;
void trust_free(struct trust *t);

/* Calls fn(arg, name, value) for each variable. covered: the files below are mounted, so Java needs no variable. */
void trust_variables(const struct trust *t, bool covered, void (*fn)(void *arg, const char *name, const char *value), void *arg);

/* Calls fn(arg, path, by) for each file that is here and stands for trust: path is to be covered by the file `by`. The system's
 * bundles, Java's stores, certifi's and pip's of Pythons that a program may use, files of AWS's authorities in the working folder, and
 * over[0..n): what the user named. A path may come twice. */
void trust_covers(const struct trust *t, const char *const *over, size_t n, void (*fn)(void *arg, const char *path, const char *by), void *arg);

/* The key store of the certificates of a PEM text, as Java reads it. */
void trust_jks(struct slice pem, struct buf *out);

#endif
