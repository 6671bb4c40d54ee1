/* Snapshots: one consistent image of everything a stack keeps, by name.
 *
 * Saving takes a moment between two ticks, when everything is committed: of each database by a connection of its own, of S3's files by
 * letting none go. What the moment holds is packed in jobs while the stack goes on. Restoring unpacks in jobs, too; then, between two ticks,
 * services close, the files change places, and services open again; listeners stay.
 *
 *   DIR/snapshots/NAME.snap        databases, clock, faults, what was adopted: core/pack.h
 *   DIR/snapshots/ID.pieces/       S3's files, linked and not copied; an exported snapshot has them as parts
 *   DIR/restore-new/               what is being unpacked
 *   DIR/restore-before/            what was, until what is restored has opened; restore-going/: what isn't in its place yet
 *
 * A stack in memory keeps its snapshots there.
 *
 *   snapshot.c  what is asked for, one at a time; the moment
 *   store.c     names and files
 *   restore.c   unpacking, the change of places, and its way back
 *   diff.c      what changed, in words
 *   control.c   all of that over HTTP */
#ifndef TARN_SNAPSHOT_H
#define TARN_SNAPSHOT_H

#include <jansson.h>

#include "stack/server.h"

struct snapshots;
struct snapshots *snapshots_new(struct server *s);
/* What is under way is given up; nobody is told. NULL is fine. */
void snapshots_free(struct snapshots *all);
/* The end of a tick, when services have committed. */
void snapshots_tick(struct snapshots *all);
/* Whether one with that arg is under way; whether one holds S3's files, so that services can't close. */
bool snapshots_has(const struct snapshots *all, const void *arg);
bool snapshots_freeze(const struct snapshots *all);
/* Whether services haven't opened yet on what was loaded. */
bool snapshots_loading(const struct snapshots *all);

/* Called once on the loop, later. err NULL: it is done, and about says what of (valid during the call): of a snapshot its description
 * (snapshot_describe), of a difference what snapshot_diff says. */
typedef void (*snapshot_done)(void *arg, const struct error *err, const json_t *about);

/* A name has 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-', and doesn't begin with '.'. over: in place of one of that name. note: a line that is
 * kept with it, absent: none. Errors at once: INVALID; later: CONFLICT, STORE. */
int snapshot_save(struct server *s, struct slice name, struct slice note, bool over, snapshot_done done, void *arg, struct error *err) WARN_UNUSED;
/* Errors at once: NOT_FOUND, INVALID; later: INVALID (of a newer tarn, damaged), STORE: then all is as it was. */
int snapshot_restore(struct server *s, struct slice name, snapshot_done done, void *arg, struct error *err) WARN_UNUSED;
/* What is different in `with`, or, absent, now. Gives {"from","to","same","services":[{"service","changes":[{"what","name","text"}]}]}. */
int snapshot_diff(struct server *s, struct slice name, struct slice with, snapshot_done done, void *arg, struct error *err) WARN_UNUSED;
/* A digest of everything it keeps, by service: {"digest","services":{"kafka":"…"}}; equal for equal contents, whatever the files' bytes. */
int snapshot_digest(struct server *s, struct slice name, snapshot_done done, void *arg, struct error *err) WARN_UNUSED;
/* Errors: NOT_FOUND, STORE. */
int snapshot_remove(struct server *s, struct slice name, struct error *err) WARN_UNUSED;
/* [{"name","saved","clock","frozen","records","objects","bytes","tarn","user","note"}, …] by name; the caller owns it. What can't be read has "error". */
json_t *snapshot_list(struct server *s);
/* One of it; NULL, and why not: NOT_FOUND, INVALID. */
json_t *snapshot_describe(struct server *s, struct slice name, struct error *err);
/* All of one in a file: about is {"path","bytes"}, to be opened and removed in the call; without a folder {"name"}, see snapshot_bytes. */
int snapshot_export(struct server *s, struct slice name, snapshot_done done, void *arg, struct error *err) WARN_UNUSED;
/* The bytes of one that is in memory; absent: there is none. */
struct slice snapshot_bytes(const struct server *s, struct slice name);
/* Takes a file, which is moved away, or bytes, which are taken over, as a snapshot of that name, when it is whole and of a release that this
 * one knows. path NULL: bytes. */
int snapshot_import(struct server *s, struct slice name, bool over, const char *path, struct buf *bytes, snapshot_done done, void *arg, struct error *err) WARN_UNUSED;

/* Before services open: goes on with, or back from, a restore that was cut short. dir NULL is fine. */
int snapshot_recover(const char *dir, struct error *err) WARN_UNUSED;
/* At start, in this order. Before the clock is read: what a file, or the folder's snapshot of that name, has becomes the state, which
 * snapshot_recover takes back unless services open. Errors: NOT_FOUND, INVALID, STORE. */
int snapshot_load(struct server *s, const char *name_or_file, struct error *err) WARN_UNUSED;
/* Clock (if so) and faults of a stack in memory; what it had adopted; the end: services have opened. Nothing was loaded: nothing happens. */
void snapshot_load_core(struct server *s, bool clock);
void snapshot_load_adopted(struct server *s);
void snapshot_loaded(struct server *s);

#endif
