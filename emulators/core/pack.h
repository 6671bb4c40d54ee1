/* A file of named parts, each compressed: what a snapshot is, in the state folder and on its way to another one.
 *
 *   "TARNSNAP", u32 format, u32 0 | part, part, … | manifest | u64 its place, u64 its packed and u64 its own bytes, u64 of the file, "TARNEND1"
 *
 * Numbers are little-endian. Parts and manifest are zstd frames with their checksums. The manifest is a JSON object; "parts" of it lists
 * {"name","at","packed","size"}, the rest is the writer's own. Who reads knows by the end whether the file is whole, by the format whether
 * it is of a later release, and takes no byte that its checksum doesn't vouch for. */
#ifndef TARN_PACK_H
#define TARN_PACK_H

#include <jansson.h>

#include "err.h"

enum { PACK_FORMAT = 1, PACK_NAME_MAX = 64, PACK_PARTS_MAX = 1 << 20, PACK_FAST = -3, PACK_SMALL = 6 };

/* ---- out ---- */

struct pack_out {
	int fd;         /* where it is written, borrowed; -1: mem */
	struct buf mem; /* owned by the caller once pack_end was called */
	uint64_t at;
	json_t *parts;  /* owned */
};
/* Compresses in memory; may be called on the pool. level as zstd's: 1 to 19, below 0 faster. Errors: LIMIT. */
int pack_squeeze(struct slice raw, int level, struct buf *out, struct error *err) WARN_UNUSED;
/* Errors of all: STORE. */
int pack_begin(struct pack_out *o, int fd, struct error *err) WARN_UNUSED;
/* What pack_squeeze made of size bytes. */
int pack_add(struct pack_out *o, const char *name, struct slice packed, uint64_t size, struct error *err) WARN_UNUSED;
/* All of a file, from its beginning, compressed in pieces. */
int pack_add_file(struct pack_out *o, const char *name, int fd, int level, struct error *err) WARN_UNUSED;
/* The manifest is completed with the parts, and written. */
int pack_end(struct pack_out *o, json_t *manifest, struct error *err) WARN_UNUSED;
void pack_out_free(struct pack_out *o);

/* ---- in ---- */

struct pack_part {
	const char *name; /* 1 to PACK_NAME_MAX of a-z, 0-9, '_', '.', '-' and '/', no ".." */
	uint64_t at, packed, size;
};
struct pack_in {
	int fd;           /* borrowed; -1: mem */
	struct slice mem; /* borrowed */
	json_t *manifest; /* owned */
	struct pack_part *parts;
	size_t part_n;
};
/* Reads the manifest. fd -1: of mem. Errors: INVALID, it is none, or torn, or of a later release, each in words that go on behind a name
 * ("is cut short"); STORE. Nothing to free then. */
int pack_open(struct pack_in *p, int fd, struct slice mem, struct error *err) WARN_UNUSED;
void pack_close(struct pack_in *p);
const struct pack_part *pack_find(const struct pack_in *p, const char *name); /* NULL: there is none */
/* The bytes of a part; these may be called on the pool. Errors: INVALID, they aren't what they were; STORE. */
int pack_read(const struct pack_in *p, const struct pack_part *part, struct buf *out, struct error *err) WARN_UNUSED;
/* The same, to a file. */
int pack_read_to(const struct pack_in *p, const struct pack_part *part, int fd, struct error *err) WARN_UNUSED;

#endif
