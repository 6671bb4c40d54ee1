/* Streaming queries: what readStream.format("kinesis") ... writeStream.format("delta").table(name) does.
 *
 *   options.c     Spark's words for a query -> struct sq_options
 *   checkpoint.c  the files of a checkpoint folder: metadata, offsets/N, commits/N, sources/0/0
 *   source.c      shards of a Kinesis stream, read up to their tip, or once more between two sequence numbers
 *   rows.c        records -> rows of the table, and of its quarantine (jobs)
 *   batch.c       one micro-batch, step by step
 *   recover.c     a checkpoint folder -> where to go on
 *   store.c       lake_streams.db: which queries were started, so that they run again after a restart
 *   status.c      what a query says about itself; query.c  start, stop, timers
 *   service.c     /api/tarn/streams
 *
 * A micro-batch, in Spark's order: the records' end is found by reading -> offsets/N is written where none is -> rows go to
 * TABLE_quarantine and then to TABLE, each with txn(query id, N) -> commits/N. Whatever dies between two steps: the next
 * start finds offsets/N without commits/N and runs the same sequence numbers again, and what was in already is skipped.
 *
 * One checkpoint folder belongs to one query. What happens to two queries that share one (the users' notebooks give all three
 * streams the same folder) is as in Spark 3: the folder's metadata gives both the same id, so starting the second stops the
 * first (spark.sql.streaming.stopActiveRunOnRestart), which says so in its status. The second then finds offsets that name
 * another stream and ends with that as its exception, having read and written nothing: on AWS the same numbers get
 * "... is invalid because it did not come from this stream" from GetShardIterator. DIFFERS: we say so before asking, because
 * numbers of two streams can look alike. The folder is untouched: the first query goes on from it when started again. */
#ifndef TARN_STREAMING_H
#define TARN_STREAMING_H

#include "cleaning/cleaning.h"
#include "core/service.h"
#include "delta/delta.h"

extern const struct service streaming_service;

enum {
	SQ_QUERIES_MAX = 64,
	SQ_SHARDS_MAX = 1000,
	SQ_ID_MAX = 128,              /* characters of a shard id or sequence number, as AWS */
	SQ_NAME_MAX = 128,            /* of a query, stream or table */
	SQ_OPTION_MAX = 1024,         /* of a path or variant */
	SQ_VARIANTS_MAX = 32,
	SQ_TRIGGER_MS = 500,          /* Databricks' default */
	SQ_RECORDS = 10000,           /* of a batch, when maxRecordsPerBatch doesn't say */
	SQ_RECORDS_MAX = 1000000,
	SQ_BATCH_BYTES = 64 << 20,    /* of a batch's data; one more answer may come on top */
	SQ_CALL_RECORDS = 2000,       /* of one GetRecords */
	SQ_JOB_BYTES = 64 << 10,      /* bodies from here on are parsed on the pool */
	SQ_FILE_MAX = 4 << 20,        /* of a checkpoint file */
	SQ_KEEP = 100,                /* batches whose files stay; spark.sql.streaming.minBatchesToRetain */
	SQ_TRIES = 10,                /* throttled or unanswered reads in a row, then the query fails */
	SQ_POLL_SAVED_MS = 600000,    /* how old the saved time of the last read may be */
};

/* ---- options ---- */
enum sq_initial { SQ_LATEST, SQ_TRIM_HORIZON, SQ_AT_TIMESTAMP };
enum sq_trigger { SQ_INTERVAL, SQ_ONCE, SQ_AVAILABLE_NOW };
struct sq_options {
	char name[SQ_NAME_MAX + 1], stream[SQ_NAME_MAX + 1], table[SQ_NAME_MAX + 1];
	const struct datasets *sets;    /* that there are */
	const struct dataset *set;      /* NULL: not said */
	char checkpoint[SQ_OPTION_MAX]; /* as given; empty: the default */
	char partition_key[260];        /* only records with this key; empty: all */
	enum sq_initial initial;
	int64_t initial_ms;             /* SQ_AT_TIMESTAMP */
	enum sq_trigger trigger;
	int64_t interval_ms, records_max;
	bool no_fail_on_data_loss;
	char variants[SQ_VARIANTS_MAX][SQ_NAME_MAX + 1]; /* "posts.title=prefix" */
	size_t variant_n;
	bool trigger_given;
};
void sq_options_init(struct sq_options *o, const struct datasets *sets, struct slice name);
/* One option by Spark's name, case ignored as Spark does. Errors: INVALID, which lists what there is. */
int sq_option(struct sq_options *o, struct slice key, struct slice value, struct error *err) WARN_UNUSED;
/* "streamName=x initialPosition=earliest ...", values with blanks in double quotes. */
int sq_options_parse(struct sq_options *o, struct slice line, struct error *err) WARN_UNUSED;
/* Fills what was left out: the table's name, the dataset from the stream's. Errors: INVALID. */
int sq_options_finish(struct sq_options *o, struct error *err) WARN_UNUSED;
/* The same as one line that sq_options_parse reads back. */
void sq_options_text(struct buf *b, const struct sq_options *o);
/* As members of a JSON object. */
void sq_options_json(struct buf *b, const struct sq_options *o);

/* ---- checkpoint files ---- */
struct sq_shard {
	char id[SQ_ID_MAX + 1];
	char first[SQ_ID_MAX + 2]; /* this batch's first record; "": none */
	char last[SQ_ID_MAX + 2];  /* last record read so far; "": none, then: */
	enum sq_initial from;      /* SQ_TRIM_HORIZON or SQ_AT_TIMESTAMP */
	int64_t at_ms;
	bool closed;               /* read to its end */
};
struct sq_offsets {
	char stream[SQ_NAME_MAX + 1];
	struct sq_shard *shards; /* by id */
	size_t n;
	int64_t batch_ms;        /* when the batch was begun */
	char *variants;          /* the rules' variants it is cleaned with: "title=exact,..."; NULL: not said */
};
void sq_offsets_free(struct sq_offsets *o);
void sq_offsets_copy(struct sq_offsets *to, const struct sq_offsets *from); /* to is freed first */
struct sq_shard *sq_offsets_find(const struct sq_offsets *o, const char *id);
struct sq_shard *sq_offsets_add(struct sq_offsets *o, const char *id); /* in its place; the found one if there */
/* Numbers of one shard in order of writing. */
int sq_sequence_cmp(const char *a, const char *b);
/* Each parse: errors INVALID, in Spark's words where it has some; name is for messages. *out is the caller's to free. */
int sq_metadata_parse(const char *name, struct slice text, char id[37], struct error *err) WARN_UNUSED;
void sq_metadata_text(struct buf *b, const char *id);
int sq_offsets_parse(const char *name, struct slice text, struct sq_offsets *out, struct error *err) WARN_UNUSED;
void sq_offsets_text(struct buf *b, const struct sq_offsets *o);
/* sources/0/0: where the query began; the same without the line about the batch. */
int sq_initial_parse(const char *name, struct slice text, struct sq_offsets *out, struct error *err) WARN_UNUSED;
void sq_initial_text(struct buf *b, const struct sq_offsets *o);
int sq_commit_parse(const char *name, struct slice text, struct error *err) WARN_UNUSED;
void sq_commit_text(struct buf *b);
/* Only the JSON array of shards. */
void sq_shards_json(struct buf *b, const struct sq_offsets *o);

/* ---- rows ---- */
struct sq_record {
	const char *shard;
	struct slice sequence, key, data;
	int64_t arrived_ms;
};
struct sq_cleaned {
	struct delta_rows *rows, *bad; /* the receiver's to take or free */
	int64_t records, out, quarantined, dropped, filtered;
	int64_t hits[CLEAN_RULES_MAX];
};
/* Rows as the batch's Delta tables have them. Pure: fit for a job. seen: rows that are in already, or NULL. */
void sq_clean(const struct clean_rules *rules, const char *partition_key, const struct sq_record *r, size_t n, struct clean_seen *seen,
	      struct sq_cleaned *out);

#endif
