/* A streaming query at work: what the files of this folder share.
 *
 *   start: metadata -> who else has this id -> offsets, commits -> shards -> are all records still there -> ACTIVE
 *   batch: read -> offsets/N -> rows (job) -> quarantine -> table -> commits/N -> the next trigger
 *
 * Steps are chained by callbacks of the stream, the object store and jobs; at most one of them is under way. A step that
 * fails ends the query with its exception, as in Spark; what was written stays and the next start goes on from it. */
#ifndef TARN_STREAMING_QUERY_H
#define TARN_STREAMING_QUERY_H

#include "core/service.h"
#include "core/ports.h"
#include "spark/vec.h"
#include "streaming/checkpoint.h"
#include "streaming/rows.h"

enum {
	SQ_QUERIES_MAX = 1000,
	SQ_ENDED_MAX = 32,            /* of clients, that are still told of */
	SQ_BATCH_BYTES = 64 << 20,    /* of a batch's data; one more answer may come on top */
	SQ_CALL_RECORDS = 2000,       /* of one GetRecords */
	SQ_JOB_BYTES = 64 << 10,      /* bodies from here on are parsed on the pool */
	SQ_KEEP = 100,                /* batches whose files stay; spark.sql.streaming.minBatchesToRetain */
	SQ_TRIES = 10,                /* throttled or unanswered reads in a row, then the query fails */
	SQ_CLIENT_MS = 60000,         /* real time after which a client that asks for nothing is gone */
	SQ_SOON_MS = 100,             /* between triggers that find nothing, of a query without an interval */
	SQ_POLL_SAVED_MS = 600000,    /* how old the saved time of the last read may be */
};

enum sq_state { SQ_STOPPED, SQ_STARTING, SQ_ACTIVE, SQ_FAILED };
enum sq_read { SQ_READ_TIP, SQ_READ_AGAIN, SQ_READ_CHECK, SQ_READ_PAST };

struct sq_live { /* a shard of the running query */
	struct sq_shard pos;
	char *iterator;                          /* NULL: to be asked for */
	char parents[2][SQ_ID_MAX + 1];
	char began[SQ_ID_MAX + 2];               /* its first possible sequence number */
	bool listed, at_tip, lost, cut;          /* cut: its share was used up */
	int64_t behind_ms, taken, taken_bytes;   /* taken: of this batch */
};

enum sq_wait_kind { SQ_WAIT_START = 1, SQ_WAIT_STOP = 2, SQ_WAIT_NEXT = 4, SQ_WAIT_DONE = 8, SQ_WAIT_ALL = 16, SQ_WAIT_ANY = 31 };
struct sq_wait {
	struct sq_wait *next;
	struct sq *q;
	struct http_call *call;
	enum sq_wait_kind kind;
	int64_t reads; /* ALL: of the query so far */
};

struct sq {
	struct streaming *m;
	struct sq_options o;
	bool declared;           /* by the stack */
	enum sq_state state;
	char *message, *exception; /* exception: why it failed, or NULL */
	bool restarted;            /* by a start of tarn, not by the user */
	int64_t starts;            /* how often it was started */
	/* the run */
	char id[37], run_id[37];
	struct arena arena;        /* addresses */
	struct slice cp_bucket, cp_key, bucket, table, bad_table; /* keys without slashes around */
	struct clean_rules *rules;
	const struct cleaning *shared; /* of whose datasets one tells which records are this query's; NULL: all are */
	int64_t started_ms, polled_ms, saved_ms;
	struct clock_timer timer;
	int64_t idle_ms;           /* how long an idle query leaves out triggers; 0: the last one found records */
	void (*later)(struct sq *q); /* the step that the timer starts */
	struct loop_soon soon;
	bool stopping, superseded, working;
	struct loop_work work;
	struct sq *blocked_on;
	struct owed *owed;         /* calls and jobs under way; its end takes them back */
	struct sq_wait *waits;
	/* the source */
	struct sq_live *shards;
	size_t n;
	enum sq_read mode;
	size_t at;                 /* shard being read */
	int tries, empties;
	bool relist;
	int64_t share, share_bytes;
	char token[1024];          /* of ListShards' next page */
	int64_t retention_ms;      /* 0: not asked yet */
	void (*after)(struct sq *q), (*after_read)(struct sq *q);
	/* the answer being parsed, and the records it adds */
	struct buf body;
	struct {
		bool bad, ended;
		size_t got, bytes;
		char *next, first[SQ_ID_MAX + 2], last[SQ_ID_MAX + 2];
		int64_t behind_ms;
	} answer;
	struct arena records_arena;
	struct sq_record *records;
	size_t record_n, record_cap;
	/* the batch */
	int64_t batch, offsets_last, commits_last;
	bool replay, in_batch, full, committing, skipped;
	struct sq_offsets start, end; /* of this batch; start: of the next one between batches */
	struct buf text;              /* of the file being written */
	struct sq_cleaned cleaned;
	struct clean_seen *seen;
	struct delta_snapshot *snapshot; /* being scanned for it */
	int64_t began_ms;
	/* of queries whose batches a client runs */
	struct feed *feed;            /* of the batch that is handed out, or the last one */
	struct sp_table *rows;        /* read for the next one, or: */
	struct slice files;           /* JSON list of paths, owned */
	char *warning;                /* to be told, or NULL */
	bool anew;                    /* in a checkpoint of another stream's */
	int64_t earlier;              /* entry of offsets that is looked at then */
	bool handed, any_new;         /* any_new: sources without shards found something */
	bool again;                   /* a batch without data is wanted: the watermark has moved */
	int64_t reads, input_n;       /* reads: how often the source was asked for what is new */
	int64_t watermark_ms, next_watermark_ms, before_ms; /* of this batch, of the next, of the one before */
	int64_t handed_ms;            /* when the batch was handed out */
	int64_t asked_us;             /* real time of the client's last call */
	struct loop_timer *patience;  /* of those who wait for a batch */
	struct sq_reading *reading;   /* of a Delta table or files (sources.c) */
	/* what it tells */
	struct buf progress;       /* JSON of the last batch; empty: none */
	int64_t hits[CLEAN_RULES_MAX]; /* of the run, by rule of q->rules, which stay until the next run */
	int64_t batches, input_rows, output_rows, quarantined, dropped, filtered;
};

/* A temporary checkpoint that goes. */
struct sq_gone {
	struct sq_gone *next;
	struct streaming *m;
	char *bucket, *prefix;
};
enum { SQ_M_BATCHES, SQ_M_RECORDS, SQ_M_ROWS, SQ_M_QUARANTINED, SQ_METRIC_N };
struct streaming {
	const struct env *env;
	char *bucket;              /* of tables and checkpoints */
	struct cleaning cleaning;  /* as the stack chooses; a query may choose otherwise */
	struct arena arena;        /* of it */
	struct db db;              /* made by the first start of a query; h NULL: not yet */
	struct sq *queries[SQ_QUERIES_MAX];
	size_t n;
	bool loaded;               /* what the stack declares and what was started before */
	struct loop_soon resume;
	struct sq_gone *gone;
	struct owed *going;        /* their listings and deletions */
	struct metric metrics[SQ_METRIC_N];
	bool counted;              /* metrics and hook were added */
	uint64_t own_calls, other_calls; /* in the journal */
};

/* ---- query.c ---- */
struct sq *sq_find(struct streaming *m, struct slice name);
/* Its run begins; waits answer when it is active, or when it ended. */
void sq_begin(struct sq *q);
/* It ends as soon as its batch is done; message: why, or NULL. */
void sq_stop(struct sq *q, const char *message);
/* It has ended: NULL, or with an exception. */
void sq_end(struct sq *q, const struct error *err);
void sq_fail(struct sq *q, const char *fmt, ...) PRINTF_LIKE(2, 3);
void sq_active(struct sq *q);
/* The next batch: now, or at the next trigger. */
void sq_next(struct sq *q, bool now);
void sq_message(struct sq *q, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Frees it; what it waits for never comes, and who waits for it is not answered. */
void sq_free(struct sq *q);
/* Saves what a restart must know; says in the log why it couldn't. */
void sq_save(struct sq *q);
/* A step has begun. */
void sq_owe(struct sq *q, struct owed *step);
/* For callbacks of steps: whether the query goes on; else it was told to stop and has ended. */
bool sq_back(struct sq *q);
/* Whether the last trigger found nothing. */
void sq_idle(struct sq *q, bool idle);
/* All shards were read to their tips at this time. */
void sq_polled(struct sq *q, int64_t now_ms);
/* Tries a step again at the next trigger's time. */
void sq_again(struct sq *q, void (*fn)(struct sq *q));
/* Whether a fault of this site fired: the query has failed then. */
bool sq_fault(struct sq *q, const char *site);

void sq_wait_for(struct sq *q, struct http_call *call, enum sq_wait_kind kind);
/* Answers those who wait, of these kinds. */
void sq_answer(struct sq *q, unsigned kinds);
/* The batch is the client's now; it is ours again. */
void sq_waiting(struct sq *q);
void sq_busy(struct sq *q);
/* The next trigger is now. */
void sq_hurry(struct sq *q);

/* ---- plan.c ---- */
void sq_hand_out(struct sq *q);
void sq_feed_drop(struct sq *q);
void sq_provide(void *self, struct ports *ports);
void sq_show(const struct sq *q, struct http_call *call);
void sq_op_next(void *self, struct http_call *call);
void sq_op_done(void *self, struct http_call *call);
void sq_op_all(void *self, struct http_call *call);

/* ---- checkpoint_gone.c ---- */
/* Deletes a temporary checkpoint, whose query has ended. */
void sq_checkpoint_drop(struct sq *q);
void sq_checkpoints_free(struct streaming *m);

/* ---- sources.c: those without shards ---- */
/* Where a new query begins: q->start.mark. Then after. */
void sq_source_first(struct sq *q, void (*after)(struct sq *q));
/* What it must know of the batches so far, once q->start.mark is known. Then after. */
void sq_source_resume(struct sq *q, void (*after)(struct sq *q));
/* Rows from q->start.mark on: what is new, then q->end.mark is their end; again: up to q->end.mark. Then after. */
void sq_source_read(struct sq *q, bool again, void (*after)(struct sq *q));
/* Before offsets/N is written: what the source notes of the batch (files: sources/0/N). Then after. */
void sq_source_note(struct sq *q, void (*after)(struct sq *q));
void sq_source_clear(struct sq *q);
void sq_source_describe(struct buf *b, const struct sq *q);

/* ---- recover.c ---- */
void sq_recover(struct sq *q);
void sq_recover_unblocked(struct sq *q);
/* Are the records after each shard's position still there? Then the query is active; also after a batch that ran again. */
void sq_recover_check(struct sq *q);
/* Fails the query: records after the shard's position may be gone. */
void sq_lost(struct sq *q, const struct sq_live *s);
int sq_choose_rules(struct sq *q, struct error *err) WARN_UNUSED;
/* Its shards are listed: they begin where the options say; they are where they were found. */
void sq_recover_first(struct sq *q);
void sq_recover_shards(struct sq *q);
/* recover_shared.c: false: the offsets are of another stream, and the query has failed, or goes its own way. */
bool sq_same_stream(struct sq *q, struct sq_offsets *o, struct slice key);
struct slice sq_key(struct sq *q, struct arena *a, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- source.c: each ends in q->after, or in sq_fail ---- */
void sq_list_shards(struct sq *q, void (*after)(struct sq *q));
/* TIP: new records, up to the batch's limits; AGAIN: those of q->end; CHECK: whether each shard's last record is still
 * there, see lost; PAST: nothing is kept, positions move to the tip. */
void sq_read(struct sq *q, enum sq_read mode, void (*after)(struct sq *q));
void sq_ask_retention(struct sq *q, void (*after)(struct sq *q));
struct sq_live *sq_live_find(struct sq *q, const char *id);
void sq_live_clear(struct sq *q);
/* Positions of all shards. */
void sq_live_offsets(struct sq *q, struct sq_offsets *out);
void sq_live_set(struct sq *q, const struct sq_offsets *o);
void sq_records_clear(struct sq *q);
/* GetRecords' answer: appends to q->records, sets q->answer. For jobs and tests. */
void sq_parse_records(struct sq *q);

/* ---- batch.c ---- */
void sq_trigger(struct sq *q);
void sq_write_commit(struct sq *q);
/* Rows of the source in the batch. */
int64_t sq_input(const struct sq *q);

/* ---- store.c ---- */
int sq_store_load(struct streaming *m, struct error *err) WARN_UNUSED;
bool sq_store_exists(const struct streaming *m);
/* Saves options, state, exception, starts and polled_ms, with the tick's other writes. */
int sq_store_save(struct streaming *m, const struct sq *q, struct error *err) WARN_UNUSED;
struct sq *sq_add(struct streaming *m, const struct sq_options *o);

/* ---- status.c ---- */
void sq_status(struct buf *b, const struct sq *q);
void sq_progress(struct sq *q);

/* ---- service.c ---- */
/* What the stack declares and what was started before, on first use. */
int sq_load(struct streaming *m, struct error *err) WARN_UNUSED;

#endif
