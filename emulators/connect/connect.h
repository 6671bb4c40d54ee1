/* Kafka Connect worker (4.0) with Confluent's S3 sink and Kafka's file connectors.
 *
 *   protocol.c  REST paths and bodies <-> the calls below     service.c  the operation table, the stack's connector
 *   request.c, answer.c, explain.c  what the REST bodies say  loggers.c  levels of loggers
 *   config.c, judge.c, check.c, defs.c  what a configuration may say, and its errors      props.c  .properties files
 *   store.c     connect.db: connectors, offsets, topics       trace.c, report.c  what is said of failures
 *   kind.c, model.c  connectors, tasks, assignment, states    reader.c   topics -> records -> sink
 *   group.c, offsets.c, override.c  the sink's consumer group           file_source.c, file_sink.c  Kafka's file connectors
 *   sink.c      one topic partition: rotation, files, puts    objects.c, upload.c  what goes to S3, how
 *   record.c, writes.c, schema.c  what is in an object        partition.c, joda.c, joda_zone.c, locale_*.c  where it is
 *   value.h     values and schemas            convert.h  converters        smt.h  transforms
 *
 * A record goes: log port -> convert, transform -> open file of its encoded partition -> (flush.size or time) -> object port ->
 * offset committed in the sink's group. What was read but not stored is read again after a restart; an object's name is made from its first
 * offset, so a repeated put writes the same object.
 * Spec: kafka.apache.org/documentation/#connect_rest, docs.confluent.io/kafka-connectors/s3-sink. */
#ifndef TARN_CONNECT_H
#define TARN_CONNECT_H

#include "connect/convert.h"
#include "connect/kind.h"
#include "connect/loggers.h"
#include "connect/objects.h"
#include "connect/partition.h"
#include "connect/props.h"
#include "connect/writes.h"
#include "core/service.h"
#include "java/jackson.h"
#include "java/regex.h"
#include "java/text.h"

extern const struct service connect_service;

enum {
	CON_CONNECTORS_MAX = 256,
	CON_TASKS_MAX = 64,       /* tasks.max; the real worker has no limit */
	CON_CONFIG_KEYS_MAX = 512,
	CON_CONFIG_BYTES_MAX = 65536,
	CON_RESET_NONE = -3,      /* auto.offset.reset */
	CON_FETCH_BYTES = 256 << 10,
	CON_PUTS_MAX = 64,        /* objects on their way, per partition */
	CON_PARTS_MAX = 4,        /* parts of unfinished objects on their way, per partition: then reading waits */
	CON_PATH_MAX = 1024,      /* object key */
	CON_FILE_MAX = 256 << 20, /* bytes of an unfinished object where it doesn't go by parts: compressed ones */
};

/* ---- configuration ---- */
enum con_type { CON_STRING, CON_INT, CON_LONG, CON_SHORT, CON_DOUBLE, CON_BOOLEAN, CON_CLASS, CON_LIST, CON_PASSWORD };
enum con_importance { CON_MEDIUM, CON_HIGH, CON_LOW };
enum con_width { CON_NONE, CON_SHORT_WIDTH, CON_MEDIUM_WIDTH, CON_LONG_WIDTH };
/* Which S3 sink is installed: the settings and rules of one are not all the other's. */
enum con_plugin { CON_S3_10_0, CON_S3_10_5 };
struct con_checking;
struct con_def;
/* ConfigDef's validator: v is the value as it was parsed (trimmed), absent when it is null. Says what is wrong by con_wrong. */
typedef void (*con_check)(struct con_checking *k, const struct con_def *d, struct slice v);
struct con_def {
	const char *name;
	enum con_type type;
	const char *dflt; /* NULL: null */
	bool required;
	const char *one_of; /* what check looks at: comma-separated values, a range */
	const char *group, *doc;
	con_check check;
	enum con_importance importance;
	enum con_width width;
	const char *display;
	int order;  /* in its group; 0: behind the one before */
	int since, before; /* enum con_plugin; before 0: in all later ones */
};
/* Whether class is the sink's: its full name or an alias. */
bool con_is_sink(const char *class);

struct sink_conf {
	const char *bucket, *topics, *topics_regex, *topics_dir, *dir_delim, *file_delim, *extension, *separator, *dlq;
	const char *timezone;
	int flush_size, pad, tasks, gzip_level, retries;
	int64_t rotate_ms, schedule_ms, retry_ms;
	struct con_conv key, value, header;
	enum con_format format;
	bool dlq_headers, log_errors, log_records;
	bool gzip, ignore_null, tolerate, keys, headers;
};
/* From a validated configuration; strings borrow from it. */
void con_sink_conf(const struct con_config *c, struct sink_conf *out);

/* ---- state ---- */
enum con_state { CON_RUNNING, CON_PAUSED, CON_STOPPED, CON_FAILED, CON_RESTARTING };
const char *con_state_name(enum con_state s);

struct connect;
struct connector;
struct smt_chain;
struct con_task {
	enum con_state state;
	char *trace; /* FAILED only */
};
struct sink_file {
	struct sink_file *next;
	char *partition; /* encoded: "partition=0" */
	int64_t start, last; /* offsets */
	struct buf body, keys, headers;
	bool tombstone; /* no body */
	struct con_upload *upload; /* of what was body; NULL: all is there */
	size_t record_n;
	struct buf runs; /* where its records don't follow each other: written.h */
	char trace[24]; /* journal id of the first record */
};
/* Files that go out together; the offset is committed when all of them and all before them are stored. */
struct sink_group {
	struct sink_group *next;
	int64_t offset;
	size_t left;
};
struct con_tp {
	struct con_tp *next;
	struct connector *c;
	char *topic;
	int partition, task; /* task -1: nobody's */
	int64_t position;    /* next offset to read; -2: earliest */
	int64_t committed;   /* -1: none */
	int64_t high;        /* where the log ended when it was read last */
	bool begun;          /* position and committed are known */
	bool stale;          /* may have records past position */
	struct owed *read;   /* under way: its records, or where its group is */
	int look_code;       /* Kafka's, of the last look at the group; 0: none */
	size_t puts;         /* objects on their way */
	bool dead;           /* unlinked: only puts are waited for */
	struct sink_file *files;
	struct con_schemas *schemas; /* NULL: no record had one */
	struct sink_group *groups, *last_group;
	size_t record_n;     /* in files */
	int64_t next_offset; /* after the last record in files */
	int64_t base_ms, current_ms, schedule_ms;
	bool has_base, has_current;
	char *current_partition;
	struct clock_timer timer;
};
struct connector {
	struct connector *next;
	struct connect *k;
	char *name, *trace;
	const struct con_kind *kind;
	struct con_config config;
	struct sink_conf sink;
	struct con_writes writes;
	struct con_bucket *bucket;  /* NULL until the tasks start */
	struct con_paths paths;     /* the tasks' partitioner */
	struct smt_chain *chain;    /* their transforms; NULL: not started */
	struct joda_zone day_zone;  /* of rotate.schedule.interval.ms */
	struct arena zone_arena;
	enum con_state state;
	bool started;   /* the tasks have a status */
	struct owed *look; /* for the bucket, or the wait before the next one */
	int looks;         /* in vain */
	bool ready;     /* the tasks may read */
	struct con_task *tasks;
	size_t task_n;
	struct con_tp *tps;
	struct {
		bool open;
		int fd;
		struct buf out;
	} file;                  /* of FileStreamSink */
	struct con_lines *lines; /* of FileStreamSource, NULL: it doesn't read */
	struct java_regex regex; /* topics.regex */
	struct consumer *group;  /* where its offsets are committed; NULL: in connect.db */
	char *group_id;
	struct owed *commits;
	bool was_stopped;        /* since it ran last: then tools may have taken its offsets away */
	size_t poll_records, fetch_bytes; /* max.poll.records, max.partition.fetch.bytes */
	int64_t reset;           /* auto.offset.reset: -2 earliest, -1 latest, CON_RESET_NONE */
	bool read_committed;     /* isolation.level */
};
struct con_put; /* an object on its way, see sink.c */
enum { CON_M_RECORDS, CON_M_OBJECTS, CON_M_BYTES, CON_M_FAILURES, CON_M_SKIPPED, CON_M_N };
struct connect {
	const struct env *env;
	struct db db;
	enum con_plugin plugin;
	struct connector *connectors;
	struct con_put *puts;
	struct con_bucket *buckets;
	struct owed *listing; /* of topics */
	bool relist;          /* once more when it is there */
	uint64_t listed;      /* record_log.changes, of the last time */
	struct owed *dlq;     /* records for dead letter queues */
	struct owed *asks;    /* calls that are answered later */
	struct con_loggers loggers;
	struct metric metrics[CON_M_N];
};

void con_look(void *self, struct buf *out); /* measure.c: struct service's look */
void con_measure_open(struct connect *k); /* measure.c */
int con_open(void *self, const struct env *env, struct error *err) WARN_UNUSED;
/* Reads the stored connectors and starts them. */
int con_start(struct connect *k, struct error *err) WARN_UNUSED;
void con_close(void *self);
bool con_busy(const void *self);
/* By its topics or topics.regex. */
bool con_wants_topic(struct connector *c, struct slice topic);
/* A client made a connector: those that were adopted for the topics that it reads are no more, or objects would be written twice. */
void con_instead(struct connect *k, struct connector *made);
struct connector *con_find(struct connect *k, struct slice name);
/* Makes or changes a connector (con_judge found nothing wrong) and starts it. Errors: STORE, LIMIT. */
int con_apply(struct connect *k, struct slice name, const struct con_config *config, enum con_state state, struct error *err) WARN_UNUSED;
int con_delete(struct connect *k, struct connector *c, struct error *err) WARN_UNUSED;
/* Pause, resume, stop. */
int con_set_state(struct connector *c, enum con_state state, struct error *err) WARN_UNUSED;
/* task -1: all. */
void con_restart_tasks(struct connector *c, int task, bool only_failed);
void con_fail_task(struct connector *c, size_t task, char *trace);

/* ---- reader.c, sink.c ---- */
/* Called when records may have come: lists topics, reads. */
void con_wake(void *k);
/* The same, but topics are listed only after some came or went: who has just become ready asks con_wake. */
void con_watch(void *k);
void con_read(struct con_tp *tp);
void con_assign(struct connector *c);
void con_drop_tps(struct connector *c);

/* SinkRecord: what converters and transforms made of a record. Its memory lives as long as the poll. */
struct sink_record {
	struct log_record log; /* as it was read; its offset stays that of the record */
	struct slice topic;    /* transforms may have given it another */
	int partition;
	int64_t timestamp_ms;  /* of the record; as transforms left it */
	bool source;           /* a SourceRecord: partition may be -1, none */
	struct cv_data key, value;
	struct cv_headers headers;
};
/* Whether the record has all the parts that are to be stored. Errors: INVALID, text as con_convert. */
int con_check_parts(const struct con_tp *tp, const struct sink_record *r, struct error *err) WARN_UNUSED;
/* Appends a record in the connector's format. Errors: INVALID. */
int con_write_value(const struct connector *c, enum con_format format, const struct cv_data *d, struct buf *out, struct error *err) WARN_UNUSED;
void con_gzip(int level, struct slice in, struct buf *out);

void con_object_key(const struct sink_conf *s, const struct con_tp *tp, const struct sink_file *f, const char *extension, struct buf *out);

/* Takes one converted record. Errors: INVALID: the task has to fail. */
int con_sink(struct con_tp *tp, struct arena *a, struct sink_record *r, struct error *err) WARN_UNUSED;
/* Rotates what time alone makes due, and arms the timer for the next. */
void con_sink_time(void *tp);
void con_sink_drop(struct con_tp *tp);
/* Whether objects of the same partition, sent by who had it before, are still on their way: what they hold is either
 * committed or read again, and no older object may land over a newer one. */
bool con_held_back(const struct con_tp *tp);
/* An object of it that was refused and is sent again: which, how often, why; strings are the put's. */
struct con_stuck {
	const char *key, *why;
	int tries;
};
bool con_parts_wait(const struct con_tp *tp); /* whether reading waits for them */
bool con_stuck(const struct con_tp *tp, struct con_stuck *out);
const char *con_extension(const struct sink_conf *s); /* of its objects, without ".gz" */
/* The connector goes: its puts end without it. */
void con_puts_forget(struct connector *c);
/* None of them is waited for any longer. */
void con_puts_cancel(struct connect *k);
void con_free_tp(struct con_tp *tp);

/* ---- trace.c: heap strings ---- */
char *con_trace_put(const char *cause);
char *con_trace_s3(const struct error *err);
char *con_trace_bucket(const char *bucket);
char *con_trace_start(const char *cause);
char *con_trace_transforms(const char *cause);

/* ---- store.c ---- */
int con_store_open(struct db *db, const struct env *env, struct error *err) WARN_UNUSED;
int con_store_connector(struct db *db, const char *name, struct slice config, enum con_state state, struct error *err) WARN_UNUSED;
int con_store_delete(struct db *db, const char *name, struct error *err) WARN_UNUSED;
typedef int (*con_each_connector)(void *arg, struct slice name, struct slice config, enum con_state state, struct error *err);
int con_store_connectors(struct db *db, con_each_connector fn, void *arg, struct error *err) WARN_UNUSED;
/* kept: the group in the broker has it, too. */
int con_store_offset(struct db *db, const char *connector, const char *topic, int partition, int64_t offset, bool kept, struct error *err) WARN_UNUSED;
/* -1 when none. */
int64_t con_store_offset_get(struct db *db, const char *connector, const char *topic, int partition, bool *kept);
int con_store_offsets_reset(struct db *db, const char *connector, struct error *err) WARN_UNUSED;
/* Those that a group has. */
int con_store_offsets_forget(struct db *db, const char *connector, struct error *err) WARN_UNUSED;
typedef void (*con_each_offset)(void *arg, struct slice topic, int partition, int64_t offset);
void con_store_offsets(struct db *db, const char *connector, con_each_offset fn, void *arg);
/* Those that no group has: of an older tarn, until the connector runs. */
void con_store_offsets_own(struct db *db, const char *connector, con_each_offset fn, void *arg);
/* How far a source has read a file, bytes; -1: nothing is known. */
int con_store_source(struct db *db, const char *connector, const char *file, int64_t at, struct error *err) WARN_UNUSED;
int64_t con_store_source_get(struct db *db, const char *connector, const char *file);
/* Of each file; offset < 0 takes it away. */
typedef void (*con_each_file)(void *arg, struct slice file, int64_t at);
void con_store_sources(struct db *db, const char *connector, con_each_file fn, void *arg);
int con_store_sources_reset(struct db *db, const char *connector, struct error *err) WARN_UNUSED;
int con_store_topic(struct db *db, const char *connector, const char *topic, struct error *err) WARN_UNUSED;
int con_store_topics_reset(struct db *db, const char *connector, struct error *err) WARN_UNUSED;
typedef void (*con_each_topic)(void *arg, struct slice topic);
void con_store_topics(struct db *db, const char *connector, con_each_topic fn, void *arg);

/* ---- protocol.c ---- */
void con_http(void *self, struct http_call *call);
extern const struct routes con_routes;

#endif
