/* A query's options, by Spark's and Databricks' names. */
#ifndef TARN_STREAMING_OPTIONS_H
#define TARN_STREAMING_OPTIONS_H

#include "cleaning/dataset.h"

enum {
	SQ_NAME_MAX = 128,            /* of a query, stream or table */
	SQ_OPTION_MAX = 1024,         /* of a path or variant */
	SQ_VARIANTS_MAX = 32,
	SQ_TRIGGER_MS = 500,          /* Databricks' default */
	SQ_RECORDS = 10000,           /* of a batch, when maxRecordsPerBatch doesn't say */
	SQ_RECORDS_MAX = 1000000,
};
enum sq_initial { SQ_LATEST, SQ_TRIM_HORIZON, SQ_AT_TIMESTAMP };
enum sq_shared { SQ_SHARED_UNSAID, SQ_SHARED, SQ_NOT_SHARED }; /* unsaid: [adopt.streams] knows */
enum sq_source { SQ_KINESIS, SQ_RATE, SQ_RATE_BATCH, SQ_DELTA, SQ_FILES };
enum sq_trigger { SQ_INTERVAL, SQ_ONCE, SQ_AVAILABLE_NOW };
struct sq_options {
	char name[SQ_NAME_MAX + 1], stream[SQ_NAME_MAX + 1], table[SQ_NAME_MAX + 1];
	const struct datasets *sets;    /* that there are */
	const struct dataset *set;      /* NULL: not said */
	char checkpoint[SQ_OPTION_MAX]; /* as given; empty: the default */
	char partition_key[260];        /* only records with this key; empty: all */
	enum sq_shared shared;          /* whether other datasets' records are in the stream, too: only this one's are taken */
	enum sq_initial initial;
	int64_t initial_ms;             /* SQ_AT_TIMESTAMP */
	enum sq_trigger trigger;
	int64_t interval_ms, records_max;
	bool no_fail_on_data_loss;
	char variants[SQ_VARIANTS_MAX][SQ_NAME_MAX + 1]; /* "posts.title=prefix" */
	size_t variant_n;
	/* of queries whose batches a client runs (plan.c) */
	bool plan;
	enum sq_source source;
	char title[SQ_NAME_MAX + 1];    /* queryName; empty: none */
	char sink[SQ_OPTION_MAX];       /* as its progress calls it */
	char bucket[SQ_OPTION_MAX], path[SQ_OPTION_MAX]; /* of a table or files; path may have a glob */
	bool stateful;                  /* rows of the batches before are wanted, too */
	bool temporary;                 /* the checkpoint is nobody's: it goes with the query */
	int64_t rows;                   /* rate: a second; rate-micro-batch: a batch */
	int64_t start_ms, advance_ms;   /* rate-micro-batch */
	int64_t files_max;              /* of a batch; 0: all */
	int64_t from_version;           /* delta: startingVersion; -1: the table as it is; -2: what comes from now on */
	bool ignore_changes, ignore_deletes, skip_changes; /* delta */
	bool latest_first;              /* files */
};
void sq_options_init(struct sq_options *o, const struct datasets *sets, struct slice name);
/* One option by Spark's name, case ignored as Spark does. Errors: INVALID, which lists what there is. */
int sq_option(struct sq_options *o, struct slice key, struct slice value, struct error *err) WARN_UNUSED;
/* "streamName=x initialPosition=earliest ...", values with blanks in double quotes. */
int sq_options_parse(struct sq_options *o, struct slice line, struct error *err) WARN_UNUSED;
/* Fills what was left out: the table's name, the dataset from the stream's. Errors: INVALID. */
int sq_options_finish(struct sq_options *o, struct error *err) WARN_UNUSED;
/* One line that sq_options_parse reads back to the same options. */
void sq_options_text(struct buf *b, const struct sq_options *o);
/* A query of a client's: {"source":{...},"trigger":...}. Errors: INVALID, UNSUPPORTED. plan.c */
int sq_plan_options(struct sq_options *o, struct slice body, struct error *err) WARN_UNUSED;
/* As members of a JSON object. */
void sq_options_json(struct buf *b, const struct sq_options *o);

#endif
