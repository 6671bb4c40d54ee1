/* What objects are made of on their way in: bytes in memory when they are few; else a file of the store's folder, which work on the
 * pool writes and hashes, or the pieces of another object.
 *   take.c      the bodies of PUT and UploadPart as they come        reader.c  an object's bytes, piece after piece
 *   content.c   digests, and the file they are taken of              copy.c    copies: by link where the digests are known
 *   chunked.c   aws-chunked framing                                  store_files.c  the files */
#ifndef TARN_S3_BODY_H
#define TARN_S3_BODY_H

#include "core/hash.h"
#include "s3.h"

/* ---- who asks ---- */

int s3_auth_fail_time(struct s3_req *r, const char *name, struct slice asked, enum s3_err e);
/* canonical NULL: there is none. */
/* A key or, with one, a token that nobody has. */
int s3_auth_fail_key(struct s3_req *r);
int s3_auth_fail_mismatch(struct s3_req *r, const struct buf *to_sign, const struct buf *canonical);
bool s3_is_v2(const struct http_req *req);
int s3_auth_v2(struct s3 *s, struct s3_req *r) WARN_UNUSED;
/* "Mon, 05 Jan 2026 09:00:00 GMT", or ISO. */
bool s3_parse_http_date(struct slice s, int64_t *out_ms);

/* ---- digests ---- */

/* A checksum of what comes in pieces. */
struct s3_hasher {
	enum s3_alg alg;
	uint64_t crc;
	struct hash *hash;
};
void s3_hasher_begin(struct s3_hasher *h, enum s3_alg alg);
void s3_hasher_add(struct s3_hasher *h, const void *p, size_t n);
/* out NULL: h is only freed. */
void s3_hasher_end(struct s3_hasher *h, struct s3_sum *out);

/* ---- aws-chunked ---- */

/* Takes the framing off piece by piece. */
struct s3_dechunk {
	struct sigv4_chain *chain; /* NULL: chunk signatures, if any, aren't checked */
	bool signed_trailer;       /* the trailer must carry one */
	enum { S3_CHUNK_SIZE, S3_CHUNK_DATA, S3_CHUNK_AFTER, S3_CHUNK_TRAILER } at;
	size_t left;        /* of the chunk's data */
	struct hash *sum;   /* of it */
	char signature[65]; /* it came with */
	struct buf line;    /* unfinished */
	struct buf trailer; /* "name:value\n" of each */
};
/* Takes from *in, and gives in *data what is the object's of it: until both are empty. */
enum s3_chunk_result s3_dechunk(struct s3_dechunk *d, struct slice *in, struct slice *data);
/* Nothing more comes. */
enum s3_chunk_result s3_dechunk_end(struct s3_dechunk *d);
void s3_dechunk_free(struct s3_dechunk *d);

/* ---- work of the pool ---- */

/* Bytes that are hashed, and written to a file when path is set; everything here is the job's while one runs. */
struct s3_work {
	struct hash *md5, *sha256; /* sha256 NULL: not wanted */
	struct s3_hasher hashers[2];
	struct s3_dechunk *chunked; /* NULL: bytes come as they are */
	struct s3_sealer *sealer;   /* NULL: they are written as they are */
	int fd;                     /* -1: not opened yet */
	char *path;                 /* NULL: bytes are only hashed */
	bool sync;
	int64_t size, size_max;
	struct s3_content out;  /* by s3_work_end */
	uint8_t body_sha256[32];
	enum s3_chunk_result chunk_rc;
	struct error err; /* kind 0: none */
};
/* a, b: checksums wanted; NONE, or the same: fewer. */
void s3_work_begin(struct s3_work *w, enum s3_alg a, enum s3_alg b);
/* What is written will be encrypted so, if it is on. */
void s3_work_seal(struct s3_work *w, const struct s3_seal *seal);
/* On the pool. After a failure (err, chunk_rc) bytes are passed over. */
void s3_work_add(struct s3_work *w, struct slice bytes);
/* On the pool: digests into out, the file complete and, with sync, on disk. */
void s3_work_end(struct s3_work *w);
/* Frees all; the file goes unless out.path was taken. */
void s3_work_free(struct s3_work *w);

/* ---- files ---- */

/* Paths are the caller's to free. */
char *s3_file_path(const struct s3_store *s, int64_t id);
/* Of a file to be made: nobody has it. */
char *s3_file_temp(struct s3_store *s);
int s3_file_write(struct s3_store *s, struct slice body, char **path, struct error *err) WARN_UNUSED;
/* Makes the file at *path, which is freed and NULL then, a piece's; or another piece's, a second name of it. They go if the tick fails. */
int s3_file_take(struct s3_store *s, int64_t id, char **path, struct error *err) WARN_UNUSED;
int s3_file_link(struct s3_store *s, int64_t id, int64_t from, struct error *err) WARN_UNUSED;
int s3_file_read(struct s3_store *s, int64_t id, int64_t at, int64_t n, struct buf *out, struct error *err) WARN_UNUSED;
/* It goes with this tick's commit, unless its owner is held: when it no longer is. */
void s3_file_goes(struct s3_store *s, int64_t id, int64_t owner, int64_t size);
void s3_files_committed(struct s3_store *s, bool ok);
void s3_hold(struct s3_store *s, struct s3_hold *p, int64_t owner);
void s3_unhold(struct s3_store *s, struct s3_hold *p);
/* Whether files stay that no row names any more. */
void s3_files_freeze(struct s3_store *s, bool on);
void s3_files_close(struct s3_store *s);

/* ---- reading ---- */

/* An object's bytes from `at` on. While it is open the files of the object's pieces stay, whoever deletes or replaces it. */
struct s3_reader;
/* NULL and f's error. */
struct s3_reader *s3_reader_open(struct s3 *s, const struct s3_object *o, int64_t at, struct s3_fail *f);
/* Up to max bytes from the pos-th on, which only goes forward; -1 and err. One thread at a time. */
ssize_t s3_reader_read(struct s3_reader *r, int64_t pos, char *to, size_t max, struct error *err);
const struct s3_piece *s3_reader_pieces(const struct s3_reader *r, size_t *n);
/* Lets the files go, on the loop. What is being read on the pool fails then. */
void s3_reader_detach(struct s3_reader *r);
/* On any thread once it is detached; NULL is fine. */
void s3_reader_free(struct s3_reader *r);
void s3_readers_close(struct s3 *s);

/* ---- operations of more than a tick ---- */

enum { S3_LATER = 1 }; /* of an operation: it answers by itself */

/* When the headers are in: an object's body that isn't small is taken as it comes, and the call is answered at its end. True: it is
 * answered already. */
bool s3_take(struct s3 *s, struct http_call *call);
void s3_take_close(struct s3 *s);
void s3_copy_close(struct s3 *s);
/* The answer's body is bytes [at, at + n) of an object. */
int s3_send(struct s3 *s, struct s3_req *r, const struct s3_object *o, int64_t at, int64_t n) WARN_UNUSED;

#endif
