/* Faults: the only place that decides at random. A decision is a function of (seed, site, nth ask at that site). Who asks at a
 * site declares it: what nobody asks for can't be armed. */
#ifndef TARN_FAULT_H
#define TARN_FAULT_H

#include "err.h"

struct faults;
enum fault_act { FAULT_NONE, FAULT_DELAY, FAULT_DROP, FAULT_RESET, FAULT_STATUS, FAULT_ERROR, FAULT_IO };
struct fault_hit {
	enum fault_act act;
	int64_t delay_ms;
	int status;
	char error[64];
};
/* Acts that make a difference at a site. */
enum {
	FAULT_DELAYS = 1 << FAULT_DELAY,
	FAULT_DROPS = 1 << FAULT_DROP | 1 << FAULT_RESET,
	FAULT_STATUSES = 1 << FAULT_STATUS,
	FAULT_ERRORS = 1 << FAULT_ERROR,
	FAULT_IOS = 1 << FAULT_IO,
	FAULTS_OF_HTTP = FAULT_DELAYS | FAULT_DROPS, /* at SERVICE and SERVICE.Op of every service over HTTP */
};
struct fault_site {
	const char *name; /* "kafka.store"; "task.*": any name; "kinesis.": it, and each operation of the service that declares it */
	unsigned acts;    /* FAULT_DELAYS | ... */
	const char *doc;
};
/* Whether an act makes a difference at a site. Errors: INVALID, with what is near. */
typedef int fault_known(struct slice site, enum fault_act act, struct error *err);

struct faults *faults_new(uint64_t seed);
void faults_free(struct faults *f);
/* What a word without '=' stands for at a site, for those who don't know the real service's word for it. */
struct fault_preset {
	const char *name;
	const char *site;  /* where it means this: "kinesis.*", "s3" (exactly), "*" (anywhere else) */
	const char *at;    /* the site that is armed; NULL: the one that was named */
	const char *spec;  /* "error=ThrottlingException" */
	const char *doc;
};
extern const struct fault_preset fault_presets[]; /* ends with a NULL name; the first row that fits counts */
/* Arms one: "site key=val ...": site is SERVICE or SERVICE.Op; keys name=, on=A..B or on=N, p=0.1, delay=20ms, status=503,
 * error=Code, reset, drop, io, or a preset: throttle, slow, lost-ack, disk-full, outage. Errors: INVALID. */
int faults_arm(struct faults *f, struct slice spec, struct error *err) WARN_UNUSED;
/* From here on faults_arm refuses what isn't known. */
void faults_declare(struct faults *f, fault_known *known);
/* Whether faults_arm would take it. Errors: INVALID. */
int faults_check(struct slice spec, fault_known *known, struct error *err) WARN_UNUSED;
/* "delay= drop reset": what the acts are called in a spec. */
void faults_acts(unsigned acts, struct buf *out);
/* Whether any is armed. */
bool faults_any(const struct faults *f);
/* fn is called whenever one was armed or cleared; NULL: nobody watches any more. One at a time. */
void faults_watch(struct faults *f, void (*fn)(void *arg), void *arg);
/* name absent: all. */
void faults_clear(struct faults *f, struct slice name);
/* One ask at SERVICE.op; FAULT_NONE nearly always. */
struct fault_hit faults_ask(struct faults *f, const char *service, const char *op);
/* One ask at SERVICE.op before it is done: the code of the error to answer with (in out), or NULL. Errors have a count of their
 * own beside what faults_ask counts; a service that asks has a row "SERVICE." in .faults. */
const char *faults_ask_error(struct faults *f, const char *service, const char *op, char out[64]);
/* How often a named fault fired; -1 unknown name. */
int64_t faults_fired(const struct faults *f, struct slice name);
void faults_write(const struct faults *f, struct buf *json);
/* All of it as lines that faults_restore takes, one at a time, to give the same decisions: "fault FIRED SPEC", "asked N SITE".
 * error=kill is left out: it did what it was for, and would end the next start, too. */
void faults_text(const struct faults *f, struct buf *out);
int faults_restore(struct faults *f, struct slice line, struct error *err) WARN_UNUSED;
/* Another number whenever faults_text would say something else. */
uint64_t faults_version(const struct faults *f);
/* hash(seed, site, n) in 0..2^64-1: chance for everyone else (sampling, generated rows, ids). The stack's seed is
 * conf_int(conf, "stack", "seed", 0); ids take a counter. */
uint64_t faults_hash(uint64_t seed, struct slice site, uint64_t n);

#endif
