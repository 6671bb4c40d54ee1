/* S3 emulator: buckets of objects, each a list of pieces (one, or the parts of a multipart upload).
 *   request.c    a request's bucket, key and operation inputs      answer.c     XML out: lists, errors
 *   meta.c       the headers that are kept with an object          regions.c    which there are, where a bucket may be made
 *   attributes.c an object's parts                                 restore.c    what lies in an archive
 *   chunked.c    aws-chunked bodies                                checksum.c   CRC-32, CRC-32C, CRC-64/NVME, SHA-1, SHA-256
 *   auth.c       whose request it is                               config.h     configurations of buckets
 *   config.h     configurations of buckets: CORS, lifecycle …
 *   form.h       POST object               tags.c       tags of buckets and objects
 *   model.c      put, get, delete          list.c  listings        multipart.c  uploads in parts
 *   versions.h   versions of a key: versions.c, lock.c (locks on them), store_versions.c; ops_delete.c
 *   body.h       what streams: take.c, content.c, reader.c, copy.c
 *   owner.h      owners: owner.c                                   acl.h        ACLs: acl.c
 *   access.h     ownership, public access block: access.c          rights.c     who may do what
 *   store.c      s3.db (store.h, store_config.c)                   store_files.c  s3/: a file for each large piece
 *   errors.c     the wire errors           sse.h   encryption by keys: sse.c, sse_c.c; encrypt.h the bytes
 *   service.c    the operation table                               port.c       the local side of the object_store port
 * Spec: docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html (names and limits as there).
 * DIFFERS: what isn't served (directory buckets, metadata tables, SelectObjectContent) gets 501. */
#ifndef TARN_S3_H
#define TARN_S3_H

#include "core/service.h"
#include "core/sigv4.h"
#include "core/xml.h"

extern const struct service s3_service;

enum {
	S3_KEY_MAX = 1024,
	S3_WHOLE_MAX = 16 << 20, /* of a body that isn't an object's, or lies in memory with the store */
	S3_META_MAX = 2048,      /* user metadata: names and values together */
	S3_LIST_MAX = 1000,
	S3_DELETE_MAX = 1000,
	S3_XML_MAX = 4 << 20,
	S3_PART_MAX = 10000,
	S3_PART_MIN = 5 << 20,   /* bytes; every part but the last */
	S3_INLINE_MAX = 64 << 10, /* larger pieces are files */
};
#define S3_OWN_LINE "tarn-" /* begins the names of lines among an object's headers that never leave as headers */
#define S3_TAGS "tarn-tags" /* an object's, among its headers; answered by GetObjectTagging only */
#define S3_BODY_MAX (5ll << 30) /* of a PUT, a part, a copy */

/* ---- errors ---- */

enum s3_err {
	S3_E_ACCESS_DENIED, S3_E_ACCESS_FORBIDDEN, S3_E_ACL, S3_E_AUTH_HEADER, S3_E_AUTH_QUERY, S3_E_BAD_DIGEST, S3_E_BAD_REQUEST, S3_E_BUCKET_ACL, S3_E_BUCKET_EXISTS, S3_E_BUCKET_NOT_EMPTY,
	S3_E_BUCKET_OWNED, S3_E_BUCKET_OWNER_ID, S3_E_CONFLICT, S3_E_ENTITY_TOO_LARGE, S3_E_ENTITY_TOO_SMALL, S3_E_EXPIRED_TOKEN, S3_E_INCOMPLETE_BODY, S3_E_INTERNAL, S3_E_INVALID_ACCESS_KEY,
	S3_E_INVALID_ARGUMENT, S3_E_INVALID_BUCKET_NAME, S3_E_INVALID_DIGEST, S3_E_INVALID_LOCATION, S3_E_ILLEGAL_LOCATION, S3_E_OBJECT_STATE, S3_E_INVALID_PART,
	S3_E_INVALID_POLICY_DOCUMENT, S3_E_INVALID_PART_NUMBER, S3_E_INVALID_PART_ORDER, S3_E_INVALID_RANGE, S3_E_INVALID_REQUEST, S3_E_INVALID_STORAGE_CLASS, S3_E_INVALID_TAG, S3_E_INVALID_TOKEN, S3_E_MISSING_LENGTH,
	S3_E_INVALID_URI, S3_E_KEY_TOO_LONG, S3_E_MALFORMED_POLICY, S3_E_MALFORMED_POST, S3_E_MALFORMED_XML, S3_E_METADATA_TOO_LARGE, S3_E_METHOD, S3_E_NOT_IMPLEMENTED,
	S3_E_NO_BUCKET, S3_E_NO_KEY, S3_E_NO_UPLOAD, S3_E_NO_VERSION, S3_E_NOT_MODIFIED, S3_E_PRECONDITION, S3_E_REDIRECT, S3_E_SHA256_MISMATCH,
	S3_E_SIGNATURE, S3_E_SKEW, S3_E_SLOW_DOWN, S3_E_TRAILER,
	/* what a fresh bucket or object lacks */
	S3_E_NO_CORS, S3_E_NO_LIFECYCLE, S3_E_NO_LOCK, S3_E_NO_OBJECT_LOCK, S3_E_NO_POLICY, S3_E_NO_REPLICATION, S3_E_NO_TAGS,
	S3_E_NO_WEBSITE, S3_E_NO_CONFIGURATION,
	S3_E_CROSS_LOGGING, S3_E_ID_MISMATCH, S3_E_INVALID_DESTINATION, S3_E_INVALID_TARGET,
	S3_E_BUCKET_STATE, S3_E_ILLEGAL_VERSIONING, S3_E_RETENTION_PERIOD, S3_E_NO_LOCK_OF_OBJECT,
	/* access */
	S3_E_GRANT_EMAIL, S3_E_MALFORMED_ACL, S3_E_MISSING_HEADER, S3_E_UNEXPECTED_CONTENT, S3_E_NO_OWNERSHIP, S3_E_NO_PUBLIC_BLOCK, S3_E_BUCKET_ACL_BLOCKED,
	S3_E_INVALID_ENCRYPTION, S3_E_KMS_NOT_FOUND, S3_E_KMS_DISABLED, S3_E_KMS_STATE, S3_E_KMS_USAGE,
	S3_E_COUNT
};
extern const struct error_def s3_errors[S3_E_COUNT];

enum { S3_EXTRA_MAX = 10 };
/* An error with the elements that stand in its body beside Code and Message. */
struct s3_fail {
	struct arena *arena;
	struct error err;
	struct http_header extra[S3_EXTRA_MAX];
	size_t extra_n;
	struct error cause; /* of an InternalError: the client gets AWS's words, the log ours */
};
/* Sets the error with AWS's usual message for it; returns its kind. */
int s3_fail(struct s3_fail *f, enum s3_err e);
int s3_failf(struct s3_fail *f, enum s3_err e, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* One more element: name is a literal, the value is copied. */
void s3_extra(struct s3_fail *f, const char *name, struct slice value);

/* ---- checksums ---- */

enum s3_alg { S3_SUM_NONE, S3_SUM_CRC32, S3_SUM_CRC32C, S3_SUM_CRC64, S3_SUM_SHA1, S3_SUM_SHA256, S3_SUM_COUNT };
struct s3_sum {
	enum s3_alg alg;
	bool composite; /* of the parts' checksums */
	uint8_t p[32];  /* big-endian */
	size_t n;
};
struct s3_alg_info {
	const char *name, *header; /* "CRC32C", "x-amz-checksum-crc32c" */
	const char *element;       /* "ChecksumCRC32C" */
	size_t n;                  /* bytes */
};
extern const struct s3_alg_info s3_algs[S3_SUM_COUNT];
/* By name, in any case; S3_SUM_NONE when unknown. */
enum s3_alg s3_alg_of(struct slice name);
void s3_sum_of(enum s3_alg alg, struct slice body, struct s3_sum *out);
/* CRC of a || b from theirs and the length of b. */
void s3_sum_join(struct s3_sum *a, const struct s3_sum *b, int64_t b_n);
bool s3_sum_eq(const struct s3_sum *a, const struct s3_sum *b);
const char *s3_sum_type(bool composite); /* "COMPOSITE", "FULL_OBJECT" */
const char *s3_alg_word(enum s3_alg alg); /* as headers and messages have it: "crc32c"; "null" for NONE */
/* base64; for a composite of part_n parts with "-N". */
void s3_sum_text(const struct s3_sum *s, int part_n, struct buf *out);

/* ---- what is stored ---- */

enum s3_versioning { S3_UNVERSIONED, S3_VERSIONED, S3_SUSPENDED };
struct s3_bucket {
	struct slice name, region;
	int64_t created_ms;
	struct slice ownership; /* "BucketOwnerEnforced"; "": no controls, as ObjectWriter */
	struct slice tags;      /* XML: <Tag>s */
	struct slice account;   /* whose it is; "": the stack's */
	struct slice policy;     /* JSON; "": none */
	struct slice encryption; /* what its objects get, as lines of theirs; "": nothing was set */
	enum s3_versioning versioning;
	struct slice lock; /* the document of its object-lock configuration; "": locks aren't on */
};
/* One version of a key: the current one, a noncurrent one, or a delete marker. */
/* With what key bytes lie encrypted (encrypt.h). */
struct s3_seal {
	bool on;
	uint8_t key[32];
};
/* A key that came with a request: SSE-C. */
struct s3_customer {
	bool given;
	uint8_t key[32];
	struct slice md5; /* base64, as it was sent */
};
#define S3_SEAL "tarn-seal" /* a line of an object whose bytes are encrypted: its key, by a key of ours, or what a customer's key must give */
struct s3_object {
	int64_t id; /* owner of its pieces */
	struct slice key;
	int64_t size, modified_ms;
	struct slice etag;    /* hex, "-N" for multipart; without quotes */
	struct slice headers; /* "name:value\n" of each stored header, x-amz-meta-* among them */
	struct slice class;   /* storage class */
	struct s3_sum sum;
	int part_n; /* 0: not multipart */
	int64_t version; /* its number (s3_version_text); 0: the null version */
	int64_t seq;     /* its place among those of the table version, the larger the newer; 0: it is current, of the table object */
	bool marker;     /* a delete marker: no bytes, no pieces */
	struct slice version_id; /* as answers tell it, by who finds or puts an object; absent: its bucket has no versions */
	const struct s3_customer *customer; /* the key to read it with; NULL: none was given */
};
struct s3_piece {
	int64_t id;
	int n; /* part number, 1 for a plain object */
	int64_t size, modified_ms;
	bool file; /* its bytes are one; else they are in the row */
	struct slice etag;
	struct s3_sum sum;
};
/* The bytes of an object or part to be, with their digests. */
struct s3_content {
	struct slice body; /* in memory; absent: */
	char *path;        /* a file of the store's folder, which the store takes; owned; NULL: */
	const struct s3_piece *pieces; /* those of another object, to be linked */
	size_t piece_n;
	int64_t size;
	uint8_t md5[16];
	struct s3_sum sums[2]; /* those that were computed */
	struct slice sse;      /* the lines about encryption it was made with; absent: nothing is decided */
	struct s3_seal seal;   /* so it lies in its file, and will in the store */
};
void s3_content_of(struct slice body, enum s3_alg a, enum s3_alg b, struct s3_content *out);
/* NULL: wasn't computed. */
const struct s3_sum *s3_content_sum(const struct s3_content *c, enum s3_alg alg);
/* The file, if the store didn't take it, goes. */
void s3_content_free(struct s3_content *c);
struct s3_upload {
	int64_t id; /* becomes the object's */
	struct slice bucket, key, headers, class;
	int64_t started_ms;
	enum s3_alg alg; /* S3_SUM_NONE: not asked for */
	bool composite;
	bool touched; /* its key's object was put or deleted since */
};

/* Keeps an object's files while it is read. */
struct s3_hold {
	struct s3_hold *next;
	int64_t owner;
};
struct s3_gone {
	int64_t id, owner, size;
};
/* Statements are prepared once; see the table in store.c. */
struct s3_store {
	struct db db;
	struct loop *loop;
	char *dir;            /* of the piece files; NULL: all in the database */
	bool sync;            /* fsync files before they count */
	uint64_t temp_n;      /* names of files that aren't pieces yet */
	struct s3_gone *gone; /* pieces whose file goes after the commit, */
	size_t gone_n, gone_cap;
	struct s3_gone *later; /* and those that are read still */
	size_t later_n, later_cap;
	int64_t *fresh;       /* files of this tick: they go if its commit fails */
	size_t fresh_n, fresh_cap;
	struct s3_hold *holds;
	bool frozen;           /* no file goes: a snapshot takes them */
	struct owed *removals;
	size_t upload_n;       /* there may be fewer uploads */
	uint64_t changes;      /* counts those of objects and buckets, from the time on at which it was opened */
};
int s3_store_open(struct s3_store *s, const struct env *env, struct error *err) WARN_UNUSED;
void s3_store_close(struct s3_store *s);
int s3_store_commit(struct s3_store *s, struct error *err) WARN_UNUSED;
/* All of these: NOT_FOUND where a single row is asked for and isn't there, STORE for our own trouble. */
int s3_store_next_id(struct s3_store *s, int64_t *out, struct error *err) WARN_UNUSED;
int s3_store_bucket(struct s3_store *s, struct arena *a, struct slice name, struct s3_bucket *out, struct error *err) WARN_UNUSED;
/* The first bucket whose name comes after `after`. */
int s3_store_bucket_after(struct s3_store *s, struct arena *a, struct slice after, struct s3_bucket *out, struct error *err) WARN_UNUSED;
/* Whether there are buckets of other accounts than the stack's. */
int s3_store_others(struct s3_store *s, bool *any, struct error *err) WARN_UNUSED;
enum { S3_COUNTED_MAX = 10000 };
/* How many objects all buckets have, and how many bytes, of S3_COUNTED_MAX objects at most. */
int s3_store_count(struct s3_store *s, int64_t *n, int64_t *bytes, struct error *err) WARN_UNUSED;
/* How many objects a bucket has, and how many bytes; reads its whole index. */
int s3_store_totals(struct s3_store *s, struct slice bucket, int64_t *n, int64_t *bytes, struct error *err) WARN_UNUSED;
int s3_store_bucket_add(struct s3_store *s, const struct s3_bucket *b, struct error *err) WARN_UNUSED;
int s3_store_bucket_ownership(struct s3_store *s, const struct s3_bucket *b, struct error *err) WARN_UNUSED; /* sets its ownership */
int s3_store_bucket_tag(struct s3_store *s, const struct s3_bucket *b, struct error *err) WARN_UNUSED; /* sets its tags */
int s3_store_bucket_policy(struct s3_store *s, const struct s3_bucket *b, struct error *err) WARN_UNUSED; /* sets its policy */
int s3_store_bucket_encryption(struct s3_store *s, const struct s3_bucket *b, struct error *err) WARN_UNUSED; /* sets its encryption */
int s3_store_bucket_del(struct s3_store *s, struct slice name, struct error *err) WARN_UNUSED;
/* A bucket's configurations: documents by kind (the query word: "cors") and, where there may be several, id (else ""). What is put
 * stands in place of an older one; dropping what isn't there is no error; a bucket's go with it. */
int s3_store_config(struct s3_store *s, struct arena *a, struct slice bucket, const char *kind, struct slice id, struct slice *doc,
		    struct error *err) WARN_UNUSED;
/* The first by id after *id. 1 and both, 0 at the end, or an error. */
int s3_store_config_after(struct s3_store *s, struct arena *a, struct slice bucket, const char *kind, struct slice *id, struct slice *doc,
			  struct error *err) WARN_UNUSED;
int s3_store_config_put(struct s3_store *s, struct slice bucket, const char *kind, struct slice id, struct slice doc, struct error *err) WARN_UNUSED;
int s3_store_config_del(struct s3_store *s, struct slice bucket, const char *kind, struct slice id, struct error *err) WARN_UNUSED;
int s3_store_object(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, struct s3_object *out,
		    struct error *err) WARN_UNUSED;
/* Puts the row in place of an older one, whose pieces are dropped. */
int s3_store_object_put(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err) WARN_UNUSED;
int s3_store_object_del(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err) WARN_UNUSED;
/* Noncurrent versions and delete markers (store_versions.c). The current version, if it isn't a delete marker, is in the table object
 * alone and newer than all of these. By its number; the null one; the newest. */
int s3_store_version(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, int64_t seq, struct s3_object *out,
		     struct error *err) WARN_UNUSED;
int s3_store_version_null(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, struct s3_object *out,
			  struct error *err) WARN_UNUSED;
int s3_store_version_top(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, struct s3_object *out,
			 struct error *err) WARN_UNUSED;
/* Puts the row of o->seq. */
int s3_store_version_put(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err) WARN_UNUSED;
/* The row, and its pieces. */
int s3_store_version_del(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err) WARN_UNUSED;
/* What is current becomes noncurrent with that seq; what isn't, current (seq 0 then). */
int s3_store_demote(struct s3_store *s, struct slice bucket, const struct s3_object *o, int64_t seq, struct error *err) WARN_UNUSED;
int s3_store_promote(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err) WARN_UNUSED;
/* Writes the headers and class of a version that is there, wherever it is: how tags, ACLs, locks of one are set. */
int s3_store_object_update(struct s3_store *s, struct slice bucket, const struct s3_object *o, struct error *err) WARN_UNUSED;
/* Those after (key, seq) in the order of keys, of a key the newest first; seq INT64_MAX: with all of the key's. One scan at a time. */
void s3_store_versions(struct s3_store *s, struct slice bucket, struct slice key, int64_t seq);
/* 1 and *out (valid until the next call), 0 at the end, or an error. */
int s3_store_versions_next(struct s3_store *s, struct s3_object *out, struct error *err) WARN_UNUSED;
void s3_store_versions_end(struct s3_store *s);
/* Objects in byte order from a key on. One scan at a time; end it before writing. */
int s3_store_scan(struct s3_store *s, struct slice bucket, struct slice from, struct error *err) WARN_UNUSED;
/* 1 and *out (valid until the next call), 0 at the end, or an error. */
int s3_store_scan_next(struct s3_store *s, struct s3_object *out, struct error *err) WARN_UNUSED;
void s3_store_scan_end(struct s3_store *s);
/* With the content's bytes, a file of which the store takes; in place of an older piece of that number. */
int s3_store_piece_put(struct s3_store *s, int64_t owner, const struct s3_piece *p, struct s3_content *c, struct error *err) WARN_UNUSED;
/* A piece whose bytes are those of another one. */
int s3_store_piece_link(struct s3_store *s, int64_t owner, const struct s3_piece *p, const struct s3_piece *from, struct error *err) WARN_UNUSED;
/* The pieces of an owner with number > after, in order, at most max. */
int s3_store_pieces(struct s3_store *s, struct arena *a, int64_t owner, int after, size_t max, struct s3_piece **out, size_t *n,
		    struct error *err) WARN_UNUSED;
int s3_store_piece_drop(struct s3_store *s, int64_t id, struct error *err) WARN_UNUSED;
/* Appends `n` bytes of a piece from `at` on. */
int s3_store_piece_read(struct s3_store *s, int64_t id, int64_t at, int64_t n, struct buf *out, struct error *err) WARN_UNUSED;
int s3_store_upload(struct s3_store *s, struct arena *a, int64_t id, struct s3_upload *out, struct error *err) WARN_UNUSED;
int s3_store_upload_add(struct s3_store *s, const struct s3_upload *u, struct error *err) WARN_UNUSED;
/* The first upload of the bucket after (key, id) in that order. */
int s3_store_upload_after(struct s3_store *s, struct arena *a, struct slice bucket, struct slice key, int64_t id, struct s3_upload *out,
			  struct error *err) WARN_UNUSED;
/* The row alone. */
int s3_store_upload_del(struct s3_store *s, int64_t id, struct error *err) WARN_UNUSED;
int s3_store_pieces_drop(struct s3_store *s, int64_t owner, struct error *err) WARN_UNUSED;

/* ---- the model ---- */

/* Where the going through of lifecycle rules is: lifecycle_run.c. */
struct s3_lifecycle {
	bool any, working; /* some bucket has rules, or had; it is under way */
	struct clock_timer timer;
	struct loop_soon soon;
	struct loop_work work;
	char bucket[64], after[S3_KEY_MAX + 1];
	size_t after_n;
	int phase, rank;
	int64_t after_seq, newer_ms;
};
struct s3_event;
struct s3 {
	struct s3_event *events; /* notifications on their way */
	struct owed *asked;      /* whoever is asked to take them */
	uint64_t sequencer;
	char remote[64];         /* the address of who asked last; "": nobody yet */
	bool notifies, notifies_known; /* a bucket has a configuration of them, or had */
	const struct env *env;
	struct s3_lifecycle lifecycle;
	struct s3_store store;
	uint64_t made;     /* lines of [objects] that have come to be */
	bool any_identity; /* no identities are configured */
	bool strict_regions;
	int64_t measured_day; /* since 1970, and one: when CloudWatch was last told of sizes */
	bool others;       /* a bucket of another account than the stack's may be there */
	uint64_t looked;   /* store.changes and one, when these were counted; 0: never */
	int64_t objects, bytes;
	uint64_t request_n;
	int64_t now_ms;    /* of the request being served */
	struct owed *replies; /* calls of the port */
	struct s3_take *takes;     /* bodies under way */
	struct s3_reader *readers; /* answers under way */
	struct s3_later *laters;   /* copies under way */
};

/* Conditions of one request; absent: not asked. */
struct s3_conditions {
	struct slice match, none_match;
	int64_t modified_since_ms, unmodified_since_ms; /* -1: not asked */
	bool touched; /* the object changed while what is to replace it came */
};
struct s3_put {
	struct slice bucket, key, headers, class;
	struct s3_content *content; /* with the checksum that is claimed, or CRC64NVME */
	struct slice md5;   /* Content-MD5, 16 bytes; absent: not given */
	struct s3_sum sum;  /* as claimed; alg NONE: none */
	struct s3_conditions cond;
	const struct s3_customer *customer; /* NULL: no key of a customer's */
	const char *event; /* what notifications call it; NULL: "ObjectCreated:Put" */
};
struct s3_range {
	enum { S3_RANGE_NONE, S3_RANGE_FROM_TO, S3_RANGE_LAST } kind;
	int64_t first, last; /* last -1: to the end; for LAST: first = how many */
	struct slice text;
};
struct s3_got {
	struct s3_object object;
	bool partial;
	int64_t at, n; /* which bytes */
	bool has_part_sum;
	struct s3_sum part_sum; /* with partNumber */
};

/* What is to be deleted; version: by its id; etag: If-Match. Absent: not said. */
struct s3_delete {
	struct slice key, version, etag;
	const char *by; /* what notifications call it: "LifecycleExpiration"; NULL: "ObjectRemoved" */
};

/* Whether a bucket may be called so. */
bool s3_bucket_name_ok(struct slice name);
int s3_bucket_get(struct s3 *s, struct slice name, struct s3_bucket *out, struct s3_fail *f) WARN_UNUSED;
/* The same for who asks whether it is there, and makes it if not: it isn't adopted. */
int s3_bucket_there(struct s3 *s, struct slice name, struct s3_bucket *out, struct s3_fail *f) WARN_UNUSED;
/* The next bucket by name after out->name whose name begins as like's, of its region (empty: any) and its account. 1 and *out, 0 at the end, or an error. */
int s3_bucket_next(struct s3 *s, const struct s3_bucket *like, struct s3_bucket *out, struct s3_fail *f) WARN_UNUSED;
/* Makes it. An own bucket again: nothing happens in us-east-1 (as AWS), else BUCKET_OWNED; another account's: BUCKET_EXISTS. */
int s3_bucket_make(struct s3 *s, const struct s3_bucket *in, struct s3_fail *f) WARN_UNUSED;
int s3_bucket_drop(struct s3 *s, struct slice name, struct s3_fail *f) WARN_UNUSED;

int s3_object_find(struct s3 *s, struct slice bucket, struct slice key, struct s3_object *out, struct s3_fail *f) WARN_UNUSED;
/* Stores an object; out is what is now there. */
int s3_put(struct s3 *s, const struct s3_put *in, struct s3_object *out, struct s3_fail *f) WARN_UNUSED;
/* Conditions, range or part (0: none) against an object (version absent: what is current): which bytes are meant. NOT_MODIFIED is an error with status 304. */
int s3_get(struct s3 *s, struct slice bucket, struct slice key, struct slice version, const struct s3_conditions *c, const struct s3_range *r, int part,
	   struct s3_got *out, struct s3_fail *f) WARN_UNUSED;
/* Bytes [at, at + n) of an object. */
int s3_read(struct s3 *s, const struct s3_object *o, int64_t at, int64_t n, struct buf *out, struct s3_fail *f) WARN_UNUSED;
/* Deletes; nothing there is no error. match: If-Match. */
int s3_del(struct s3 *s, struct slice bucket, struct slice key, struct slice match, struct s3_fail *f) WARN_UNUSED;
/* Digests against what was claimed; fills *sum (CRC64NVME when nothing was) and etag (33 bytes). */
int s3_check_content(const struct s3_content *c, struct slice md5, struct s3_sum *sum, char etag[33], struct s3_fail *f) WARN_UNUSED;
/* Of a PUT or Complete, against what is there now. */
int s3_check_write(struct s3 *s, struct slice bucket, struct slice key, const struct s3_conditions *c, struct s3_fail *f) WARN_UNUSED;
/* Of a read; copy: as x-amz-copy-source-if-*, where every failure is 412. */
int s3_check_read(const struct s3_object *o, const struct s3_conditions *c, bool copy, int64_t now_ms, struct s3_fail *f) WARN_UNUSED;
/* Our own trouble, as InternalError. */
int s3_store_fail(struct s3_fail *f, const struct error *err);

/* One page of keys. */
struct s3_list {
	struct slice bucket, prefix, delimiter, after; /* after: keys and rolled-up prefixes above it */
	int max;
	bool versions;     /* noncurrent versions and delete markers, too; of `after` itself those older than: */
	int64_t after_seq; /* 0: none of it */
};
struct s3_entry {
	bool is_prefix; /* object.key is a common prefix */
	bool latest;    /* of its key */
	struct s3_object object;
};
struct s3_page {
	struct s3_entry *entries;
	size_t n;
	bool more;
};
/* The smallest string above every string that starts with s; absent: there is none. */
struct slice s3_key_above(struct arena *a, struct slice s);
/* The part of key up to and with the first delimiter after the prefix; absent: none. */
struct slice s3_key_rolled(struct slice key, const struct s3_list *in);
int s3_list(struct s3 *s, struct arena *a, const struct s3_list *in, struct s3_page *out, struct s3_fail *f) WARN_UNUSED;

/* Multipart. Upload ids on the wire are text: s3_upload_text, s3_upload_find. */
struct s3_part_ref {
	int n;
	struct slice etag;
	struct s3_sum sum; /* alg NONE: not given */
};
struct slice s3_upload_text(struct arena *a, int64_t id);
int64_t s3_upload_number(struct arena *a, struct slice text); /* 0: not one of ours */
int s3_upload_find(struct s3 *s, struct slice bucket, struct slice key, struct slice id, struct s3_upload *out, struct s3_fail *f) WARN_UNUSED;
int s3_upload_make(struct s3 *s, struct s3_upload *in_out, struct s3_fail *f) WARN_UNUSED;
/* What Complete will need of each part. */
enum s3_alg s3_upload_alg(const struct s3_upload *u);
/* content has the checksum that is claimed in *sum, if one is, and s3_upload_alg's. */
int s3_upload_part(struct s3 *s, const struct s3_upload *u, int n, struct s3_content *content, struct slice md5, struct s3_sum *sum,
		   struct s3_piece *out, struct s3_fail *f) WARN_UNUSED;
struct s3_complete {
	struct s3_part_ref *parts;
	size_t n;
	struct s3_conditions cond;
	struct s3_sum sum;
	struct slice size; /* of the object, as the client says; absent: it doesn't */
	struct slice type; /* of the checksum, so */
};
int s3_upload_complete(struct s3 *s, const struct s3_upload *u, const struct s3_complete *in, struct s3_object *out, struct s3_fail *f) WARN_UNUSED;
/* Whether what s3_upload_find didn't find (f says so) has become the object that is there. */
bool s3_upload_was(struct s3 *s, struct slice bucket, struct slice key, struct slice id, struct s3_object *out, struct s3_fail *f) WARN_UNUSED;
/* Parts with number > after, in order; more: than max. */
int s3_upload_parts(struct s3 *s, const struct s3_upload *u, int after, size_t max, struct s3_piece **out, size_t *n, bool *more,
		    struct s3_fail *f) WARN_UNUSED;
/* The next upload of the bucket after (out->key, out->id) with this key prefix. 1 and *out, 0 at the end, or an error. */
int s3_upload_next(struct s3 *s, struct slice bucket, struct slice prefix, struct s3_upload *out, struct s3_fail *f) WARN_UNUSED;
int s3_upload_abort(struct s3 *s, const struct s3_upload *u, struct s3_fail *f) WARN_UNUSED;

/* ---- the wire ---- */

enum s3_chunk_result { S3_CHUNK_OK, S3_CHUNK_CUT, S3_CHUNK_BAD, S3_CHUNK_SIGNATURE };
struct s3_req {
	struct http_call *call;
	const struct http_req *http;
	struct arena *a;
	struct slice bucket, key; /* decoded; absent: none in the request */
	bool virtual_host;
	struct sigv4_auth auth;
	struct slice body;        /* the object's: aws-chunked framing taken off */
	struct s3_content *content; /* what took it as it came; NULL: body has it */
	struct s3_customer customer, source; /* keys: of the object, of what is copied */
	struct s3_sum trailer;    /* checksum from the aws-chunked trailer; alg NONE: none */
	struct slice request_id;
	struct s3_form *form;     /* it came as a browser's form; see form.h */
	struct slice lines;       /* of the headers of what it makes: its owner, its ACL (acl.h) */
	struct s3_fail fail;
};
/* KeyTooLong, or bytes that no key has. */
int s3_request_check_key(struct s3_req *r) WARN_UNUSED;
/* Fills bucket and key from Host and path. */
int s3_request_address(struct s3_req *r, const char *host_base) WARN_UNUSED;
int s3_request_auth(struct s3 *s, struct s3_req *r, bool with_body) WARN_UNUSED;
/* x-amz-expected-bucket-owner of the request's bucket, or what another header expects of another bucket. */
int s3_request_owner(struct s3 *s, struct s3_req *r, const char *header, struct slice bucket) WARN_UNUSED;
/* The account of who asks; "": the stack's. */
struct slice s3_request_account(const struct s3 *s, struct s3_req *r);
/* Whether it is a PUT of bytes over HTTP/1 that doesn't say how many. */
int s3_request_length(struct s3_req *r) WARN_UNUSED;
/* XAmzContentSHA256Mismatch. */
int s3_auth_fail_body(struct s3_req *r, const uint8_t sum[32]);
/* Takes the aws-chunked framing off where there is one. secret absent: signatures aren't checked. */
int s3_request_body(struct s3_req *r, struct slice secret) WARN_UNUSED;
/* The same in steps: whether and how (1: there is framing, 0: none), what it gave, the length that was announced, the trailer's checksum. */
int s3_request_framing(struct s3_req *r, bool *is_signed, bool *has_trailer) WARN_UNUSED;
int s3_request_unframed(struct s3_req *r, enum s3_chunk_result rc, int64_t size, struct slice trailer) WARN_UNUSED;
/* InvalidArgument with the argument's name and value (absent: without it). */
/* All values of a header, with commas; absent: it isn't there. */
struct slice s3_request_all(const struct s3_req *r, const char *name);
/* A header, or what a presigned request has in its place. */
struct slice s3_request_header(const struct s3_req *r, const char *name);
int s3_bad_argument(struct s3_req *r, const char *name, struct slice value, const char *text);
/* partNumber; 0 when missing, unless it is required. */
int s3_request_part(struct s3_req *r, bool required, int *out) WARN_UNUSED;
/* Whether names in the answer are asked for as in URLs. */
int s3_request_encoding(struct s3_req *r, bool *url) WARN_UNUSED;
/* A query parameter as an integer; otherwise when missing. */
int s3_request_int(struct s3_req *r, const char *name, int64_t otherwise, int64_t *out) WARN_UNUSED;
/* Headers worth keeping, as stored; refuses what isn't served (tags, keys, ACLs). */
int s3_request_headers(struct s3_req *r, struct slice *headers, struct slice *class) WARN_UNUSED;
/* Whether there is such a storage class. */
int s3_request_class(struct s3_req *r, struct slice class) WARN_UNUSED;
/* What a header asks for that isn't done. */
int s3_request_refused(struct s3_req *r) WARN_UNUSED;
/* A value of metadata as it leaves: what isn't ASCII as an encoded word (RFC 2047). */
struct slice s3_meta_out(struct arena *a, struct slice value);
int s3_request_put(struct s3_req *r, struct slice *md5, struct s3_sum *sum) WARN_UNUSED;
/* The checksum that is claimed of a whole upload; composite when it was sent with "-N". */
int s3_request_whole_sum(struct s3_req *r, struct s3_sum *sum) WARN_UNUSED;
struct s3_conditions s3_request_conditions(const struct s3_req *r, bool write);
void s3_request_copy_conditions(struct s3_req *r, struct s3_conditions *out);
/* "bucket/key", percent-encoded, with an optional leading slash and versionId (absent: none). */
int s3_request_copy_source(struct s3_req *r, struct slice *bucket, struct slice *key, struct slice *version) WARN_UNUSED;
struct s3_range s3_parse_range(struct slice text);
/* "bytes=a-b", both there, within size. */
int s3_request_copy_range(struct s3_req *r, int64_t size, int64_t *at, int64_t *n) WARN_UNUSED;
int s3_request_xml(struct s3_req *r, const char *root, const struct xml_node **out) WARN_UNUSED;
int s3_parse_complete(struct s3_req *r, struct s3_part_ref **parts, size_t *n) WARN_UNUSED;
int s3_parse_delete(struct s3_req *r, struct s3_delete **out, size_t *n, bool *quiet) WARN_UNUSED;

struct s3_chunked {
	struct slice body, trailer; /* in the arena; "name:value\n" of each */
};
/* Takes aws-chunked framing off. chain NULL: chunk signatures, if any, aren't checked. signed_trailer: the trailer must
 * carry one. */
enum s3_chunk_result s3_chunked_decode(struct arena *a, struct slice in, struct sigv4_chain *chain, bool signed_trailer, struct s3_chunked *out);

void s3_answer_error(struct s3_req *r);
/* Of the request's id: the other one AWS gives. */
struct slice s3_host_id(struct s3_req *r);
/* Closes the root; 200 (or what is set) with this XML, which the answer takes over. Returns 0. */
int s3_answer_xml(struct s3_req *r, struct buf *xml, const char *root);
/* The same of a document that has its end. */
int s3_answer_whole(struct s3_req *r, struct buf *xml);
/* The header of a checksum, if there is one. */
void s3_answer_sum(struct s3_req *r, const struct s3_sum *sum, int part_n);
void s3_xml_start(struct buf *b, const char *root);
void s3_xml_tag(struct buf *b, const char *begin, const char *name); /* begin: "<" or "</" */
void s3_xml_el(struct buf *b, const char *name, struct slice value);
void s3_xml_time(struct buf *b, const char *name, int64_t ms);
void s3_xml_etag(struct buf *b, struct slice etag);
void s3_xml_sum(struct buf *b, const struct s3_sum *sum, int part_n);
void s3_xml_alg(struct buf *b, enum s3_alg alg, bool composite); /* algorithm and type; nothing for NONE */
/* Value of a stored header, or absent. */
struct slice s3_header_of(const struct s3_object *o, const char *name);
/* Stored headers with one in place of those of its name; value absent: without. */
struct slice s3_header_with(struct arena *a, struct slice headers, const char *name, struct slice value);

/* ---- regions.c ---- */
bool s3_region_known(struct slice region);
/* The region of a bucket's location: "EU" is eu-west-1. */
struct slice s3_region_of(struct slice location);
/* With [s3] strict_regions: whether it is the bucket's region that the request was signed for. */
int s3_region_judge(struct s3 *s, struct s3_req *r) WARN_UNUSED;
/* Whether a bucket may be made there by who signed for a region; asked absent: its document names none. */
int s3_region_check(struct s3_req *r, struct slice asked) WARN_UNUSED;

/* ---- unserved.c ---- */
/* The name of an operation that isn't served; NULL: AWS has none such. */
const char *s3_unserved(const struct s3_req *r);

/* ---- attributes.c ---- */
/* GetObjectAttributes' ObjectParts of an object that came in parts. */
int s3_xml_object_parts(struct s3 *s, struct s3_req *r, const struct s3_object *o, struct buf *b) WARN_UNUSED;

/* ---- restore.c: what lies in an archive ---- */
int s3_op_restore(struct s3 *s, struct s3_req *r) WARN_UNUSED;
/* Whether its bytes can be read now; copy: as the source of one. */
int s3_check_archive(struct s3 *s, const struct s3_object *o, bool copy, struct s3_fail *f) WARN_UNUSED;
/* x-amz-restore, if it was. */
void s3_answer_restore(struct s3 *s, struct s3_req *r, const struct s3_object *o);

/* ---- sse.c: encryption by keys ---- */
/* The lines for an object's headers that a request asks for; "": none, the bucket's default counts. */
int s3_sse_of(struct s3 *s, struct s3_req *r, struct slice *out) WARN_UNUSED;
/* Adds those of the bucket's default, unless headers have some. */
int s3_sse_default(struct s3 *s, const struct s3_bucket *b, struct slice *headers, struct s3_fail *f) WARN_UNUSED;
/* The key by which bytes of an object with those headers lie encrypted; customer NULL: none was given. */
int s3_seal_of(struct s3 *s, struct slice headers, const struct s3_customer *customer, struct s3_seal *out, struct s3_fail *f) WARN_UNUSED;
/* Both at once, for bytes that are to come: the lines of the bucket's default where the request asks for none, and the key. */
int s3_sse_plan(struct s3 *s, struct s3_req *r, const struct s3_bucket *b, struct slice *lines, struct s3_seal *seal) WARN_UNUSED;
/* That of a part: a customer's key comes with each. */
int s3_sse_part(struct s3 *s, struct s3_req *r, const struct s3_upload *u, struct s3_seal *seal) WARN_UNUSED;
/* Whether the request gives the key to read an object by, if one is wanted; it is the object's then. copy: as the source of one. */
int s3_sse_key(struct s3 *s, struct s3_req *r, struct s3_object *o, bool copy) WARN_UNUSED;
/* Whether its bytes lie encrypted: its ETag isn't its MD5 then. */
bool s3_sse_sealed(struct slice headers);
/* By a customer's key. */
bool s3_sse_customer(struct slice headers);
/* Headers without such lines. */
struct slice s3_sse_without(struct arena *a, struct slice headers);
bool s3_sse_kms(struct slice headers);
/* The headers of an answer about an object or upload with those. */
void s3_sse_answer(struct s3_req *r, struct slice headers);
/* Whether its key, if it has one, may be used now. */
int s3_sse_may_read(struct s3 *s, struct slice bucket, const struct s3_object *o, struct s3_fail *f) WARN_UNUSED;
/* ---- tags.c ---- */
enum s3_tags_of { S3_TAGS_OBJECT, S3_TAGS_BUCKET, S3_TAGS_NEW_BUCKET };
/* The <Tag>s of a set (NULL: none), as they are stored. */
int s3_tags_parse(struct s3_req *r, enum s3_tags_of of, const struct xml_node *set, struct slice *out) WARN_UNUSED;
/* Those of x-amz-tagging; absent: there are none. */
int s3_tags_of_header(struct s3_req *r, struct slice *out) WARN_UNUSED;
/* Stored headers with these tags in place of any others. */
struct slice s3_tags_with(struct arena *a, struct slice headers, struct slice tags);
/* Whether a copy gets the tags of the request, not the source's. */
int s3_tags_directive(struct s3_req *r, bool *replace) WARN_UNUSED;
/* ETag, Last-Modified, stored headers and the like of an object. */
void s3_answer_object(struct s3_req *r, const struct s3_object *o);


/* Operations: 0 when the answer is filled in, else r->fail says why. */
/* policy.c */
int s3_op_get_policy(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_policy(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_policy(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_policy_status(struct s3 *s, struct s3_req *r) WARN_UNUSED;
/* Whether policies and ACLs let the caller do an operation (rights.c); an action ("DeleteObject") on a key of a bucket. The first fills
 * r->lines of what makes an object. */
int s3_authorize(struct s3 *s, struct s3_req *r, const char *op) WARN_UNUSED;
int s3_authorize_as(struct s3 *s, struct s3_req *r, const char *action, struct slice bucket, struct slice key, struct s3_fail *f) WARN_UNUSED;
/* Whether the caller would be told that a key isn't there. */
bool s3_may_list(struct s3 *s, struct s3_req *r);
int s3_op_get_encryption(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_encryption(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_encryption(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_get_tagging(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_tagging(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_tagging(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_get_object_tagging(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put_object_tagging(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_object_tagging(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_create_bucket(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_head_bucket(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_bucket(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_location(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_put(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_get(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_delete_many(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_copy(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_attributes(struct s3 *s, struct s3_req *r) WARN_UNUSED;

int s3_op_list_buckets(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_list_v1(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_list_v2(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_list_versions(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_upload_create(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_upload_part(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_upload_part_copy(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_upload_complete(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_upload_abort(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_list_parts(struct s3 *s, struct s3_req *r) WARN_UNUSED;
int s3_op_list_uploads(struct s3 *s, struct s3_req *r) WARN_UNUSED;

enum s3_where { S3_ACCOUNT, S3_BUCKET, S3_OBJECT };
struct s3_op {
	struct route route;
	enum s3_where where;
	const char *query, *header; /* must be there; NULL: none asked for */
	int (*run)(struct s3 *s, struct s3_req *r);
};
/* A request's way: begin, address, find, auth, run, finish. */
void s3_begin(struct s3 *s, struct s3_req *r, struct http_call *call);
const struct s3_op *s3_find_op(const struct s3_req *r);
/* Runs it, unless an armed fault says how it fails. */
int s3_run_op(struct s3 *s, struct s3_req *r, const struct s3_op *op) WARN_UNUSED;
/* The secret that chunk signatures are checked with; absent: they aren't. */
struct slice s3_secret_of(struct s3 *s, const struct s3_req *r);
/* Fills the answer of an operation that gave rc. */
void s3_finish(struct s3 *s, struct s3_req *r, int rc);

/* preload.c: makes the buckets of [s3] preload.* that aren't there, and fills them. Blocks: at the start. Errors: INVALID, STORE. */
int s3_preload(struct s3 *s, struct error *err) WARN_UNUSED;
/* The local side of the object_store port. */
void s3_provide(void *self, struct ports *ports);
/* Of the port: what [objects] has at the key, below it or in a folder around it comes to be, where no object is there yet. */
void s3_objects_wanted(void *self, struct slice bucket, struct slice key);

/* ---- measure.c ---- */
void s3_measure_open(struct s3 *s);

/* measure.c: struct service's look. */
void s3_look(void *self, struct buf *out);

#endif
