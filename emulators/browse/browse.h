/* What the console's pages look at that no service answers over HTTP by itself: records of topics and streams, objects of buckets, tables of
 * MySQL. All is read through the ports, piece by piece, as clients do.
 *
 * GET /api/streams
 *	{"topics":[{"name","partitions":[{"partition","start","end"}, …]}, …],"streams":[{"name","shards":[{"shard","open"}, …]}, …]}
 * GET /api/records?topic=NAME or ?stream=NAME
 *	&partition=N or &shard=ID    one of them; otherwise all
 *	&from=newest                 the last ones (so by default); oldest; OFFSET (a sequence number, in streams); a time, as ISO has it
 *	&limit=N                     50; 500 at most
 *	&filter=TEXT                 in key or value; or $.member.member == VALUE (also != < > <= >=)
 *	{"records":[{"partition","offset","time","key","value","bytes","trace","headers":{…},"id"}, …],"looked":N,"more":bool}
 *	In streams "shard" and "sequence" are in place of "partition" and "offset". value is text; "base64":true where it is bytes, "cut":true
 *	where it is more than 64 KiB. The newest come first, with from=newest; else the oldest. id is a journey's (journey/journey.h).
 * GET /api/objects
 *	{"buckets":[{"name","created"}, …]}
 * GET /api/objects/BUCKET?prefix=TEXT&after=KEY
 *	{"folders":[PREFIX, …],"objects":[{"key","size","modified","etag"}, …],"after":KEY or null}: up to 500 of both
 * GET /api/objects/BUCKET/KEY?max=BYTES
 *	the object's bytes, never as a page, up to 64 MiB; X-Tarn-Bytes is its size. ?download=1: to be kept as a file
 * POST /api/rds/sql?database=NAME, the statement
 *	{"columns":[NAME, …],"types":["integer"|"float"|"time"|"text", …],"rows":[[TEXT or null, …], …],"truncated":bool} */
#ifndef TARN_BROWSE_H
#define TARN_BROWSE_H

#include "core/owed.h"
#include "stack/server.h"

void browse_streams(void *self, struct http_call *call);
void browse_records(void *self, struct http_call *call);
void browse_buckets(void *self, struct http_call *call);
void browse_objects(void *self, struct http_call *call);
void browse_object(void *self, struct http_call *call);
void browse_sql(void *self, struct http_call *call);

/* Services are about to close: who still waits is told so. */
void browses_end(struct server *s);

/* ---- for the files of browse.h alone ---- */

/* A look under way. Its struct begins with this one. */
struct browse {
	struct browse *next, **at;
	struct server *s;
	const struct env *env;
	struct http_call *call;
	struct arena arena;
	struct owed *waits;
	struct buf out, more; /* what is being written; freed with it */
};
/* size: of the struct, zeroed. */
void *browse_begin(struct server *s, struct http_call *call, size_t size);
/* Answers and frees it; out is taken over. */
void browse_end(struct browse *v, int status, struct buf *out);
void browse_fail(struct browse *v, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
