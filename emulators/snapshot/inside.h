/* What the files of snapshots share. Nobody else includes this. */
#ifndef TARN_SNAPSHOT_IN_H
#define TARN_SNAPSHOT_IN_H

#include "core/dbimage.h"
#include "core/owed.h"
#include "core/pack.h"
#include "stack/inside.h"
#include "snapshot/snapshot.h"

enum { SNAPSHOT_NAME_MAX = 64, SNAPSHOT_DBS_MAX = 48, SNAPSHOT_NOTE_MAX = 200 };
#define SNAPSHOT_END ".snap"
#define SNAPSHOT_PIECES ".pieces"

struct snapshot_op;
/* A database of an image: on its way into it or out of it. */
struct snapshot_db {
	struct snapshot_op *op;
	char name[40];
	struct dbimage *image; /* saving; NULL when it is packed */
	struct buf packed;     /* saving; empty: it is large, and packed by who writes */
	struct buf bytes;      /* restoring in memory, comparing: the bytes of its file */
	uint64_t size;
	int64_t steps, records, objects;
	struct owed *job;
	struct error err;
	int rc;
};
enum snapshot_kind { SNAPSHOT_SAVES, SNAPSHOT_RESTORES, SNAPSHOT_COMPARES, SNAPSHOT_DIGESTS, SNAPSHOT_EXPORTS, SNAPSHOT_IMPORTS };
/* One that was asked for. */
struct snapshot_op {
	struct snapshot_op *next;
	struct snapshots *all;
	enum snapshot_kind kind;
	char name[SNAPSHOT_NAME_MAX + 1], with[SNAPSHOT_NAME_MAX + 1];
	char *note;
	bool over, passing; /* passing: saved to be compared only */
	snapshot_done done;
	void *arg;
	/* an image as it is made: */
	struct snapshot_db dbs[SNAPSHOT_DBS_MAX];
	size_t db_n, left;
	struct buf clock, faults, adopted;
	json_t *about; /* its manifest; of a comparison: what is answered */
	char *pieces;  /* the folder that they are linked into, its last part */
	struct buf mem; /* the image, where there is no folder */
	/* an image as it is read: */
	int fd;
	struct buf held;
	struct pack_in in, in_with; /* in_with: what it is compared with */
	int fd_with;
	char *path; /* of a file that came, or goes */
	struct server_swap place;
	struct buf faults_before;
	char clock_before[32];
	bool was_frozen;
	struct owed *job;
	bool moment, freezes; /* it has begun; S3's files stay */
	int tries;
	int64_t began_us;
	int rc;
	struct error err;
};
struct snapshot_kept { /* in memory */
	struct snapshot_kept *next;
	char name[SNAPSHOT_NAME_MAX + 1];
	struct buf bytes;
};
struct snapshots {
	struct server *s;
	struct snapshot_op *first;
	struct snapshot_kept *kept;
	uint64_t file_n;
	struct loop_soon turn;
	struct snapshot_op *loading; /* at start */
};

/* ---- snapshot.c ---- */
struct snapshots *snapshots_of(const struct server *s);
/* The first is done: tells, frees it, and begins the next. */
void snapshot_op_end(struct snapshot_op *op, int rc);
struct snapshot_op *snapshot_op_new(struct server *s, enum snapshot_kind kind, struct slice name, snapshot_done done, void *arg, struct error *err);
void snapshot_op_queue(struct snapshot_op *op);
void snapshot_op_free(struct snapshot_op *op);
/* op->mem is the snapshot of its name, in memory. */
void snapshot_keep(struct snapshot_op *op);
/* A step on the pool, then one on the loop. */
void snapshot_op_job(struct snapshot_op *op, const struct job_kind *kind);

/* ---- store.c ---- */
bool snapshot_on_disk(const struct snapshots *all); /* databases are files of the folder */
int snapshot_name(struct slice name, char out[SNAPSHOT_NAME_MAX + 1], struct error *err) WARN_UNUSED;
char *snapshot_path(const struct snapshots *all, const char *name); /* DIR/snapshots/NAME.snap */
char *snapshot_folder(const struct snapshots *all);
/* A name of a file beside them that nobody has yet; makes the folder. */
char *snapshot_temp(struct snapshots *all, const char *what);
bool snapshot_there(const struct snapshots *all, const char *name);
/* Opens it for reading: op->in, op->fd. Errors begin with its name. */
int snapshot_open(struct snapshot_op *op, const char *name, struct error *err) WARN_UNUSED;
/* The same of any file; name: what errors call it. */
int snapshot_open_file(struct snapshot_op *op, const char *path, const char *name, struct error *err) WARN_UNUSED;
/* The other one of a comparison, op->with. */
int snapshot_open_with(struct snapshot_op *op, struct error *err) WARN_UNUSED;
void snapshot_close(struct snapshot_op *op);
int snapshot_missing(const char *name, struct error *err);
/* A file that is complete gets its name. On the pool. */
int snapshot_publish(struct snapshot_op *op, const char *temp, struct error *err) WARN_UNUSED;
/* On the pool: writes op's image, in place of one of that name. */
int snapshot_write(struct snapshot_op *op, struct error *err) WARN_UNUSED;
/* On the pool: S3's files, by links into a folder of its own. */
int snapshot_link_pieces(struct snapshot_op *op, struct error *err) WARN_UNUSED;
/* Whether what op->in says of its databases is known here. thorough: their pages are looked at. */
int snapshot_fits(struct snapshot_op *op, bool thorough, struct error *err) WARN_UNUSED;
/* Pieces that no snapshot has any more, and files of what was cut short. */
void snapshot_sweep(struct snapshots *all);
void snapshot_drop_tree(const char *path);
json_t *snapshot_about(const struct pack_in *in, const char *name);

/* ---- restore.c ---- */
void snapshot_restore_begin(struct snapshot_op *op);

/* ---- file.c ---- */
void snapshot_export_begin(struct snapshot_op *op);
void snapshot_import_begin(struct snapshot_op *op);

/* ---- diff.c ---- */
void snapshot_compare_begin(struct snapshot_op *op);

#endif
