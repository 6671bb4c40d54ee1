/* What of a record goes into an object, beside its value: keys, headers, tombstones; and which schemas share one. */
#ifndef TARN_CONNECT_WRITES_H
#define TARN_CONNECT_WRITES_H

#include "connect/value.h"

enum con_format { FORMAT_JSON, FORMAT_BYTES };
enum con_compatibility { COMPATIBLE_NONE, COMPATIBLE_BACKWARD, COMPATIBLE_FORWARD, COMPATIBLE_FULL };
struct con_writes {
	enum con_format keys, headers;   /* of store.kafka.keys, store.kafka.headers */
	enum con_compatibility compatibility;
	bool nulls;                      /* behavior.on.null.values=write */
	bool numeric;                    /* json.decimal.format=NUMERIC */
	enum { AFFIX_NONE, AFFIX_PREFIX, AFFIX_SUFFIX } affix; /* s3.schema.partition.affix.type */
	const char *tombstone;           /* folder of null values; the connector's */
};
struct connector;
struct con_tp;
struct sink_record;
struct sink_conf;
/* Reads them. Errors: INVALID, class and message: the tasks fail. */
int con_writes_open(struct connector *c, struct error *err) WARN_UNUSED;
/* A record's headers as a line of JSON: {"headers":[{"key":"a","value":"1"}]}. */
void con_write_headers(struct buf *out, const struct cv_headers *h);

/* ---- schema.c: StorageSchemaCompatibility ---- */
struct con_schemas; /* which schema each folder of a topic partition has now */
void con_schemas_free(struct con_schemas *s); /* NULL is fine */
/* Whether a record's schema ends what is open; then it is the folder's. *r is projected to the folder's where that isn't its own, in a.
 * Errors: INVALID, class and message of the SchemaProjectorException. */
int con_schema_take(struct con_tp *tp, const char *folder, bool any, struct arena *a, struct sink_record *r, bool *change, struct error *err) WARN_UNUSED;

#endif
