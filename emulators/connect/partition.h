/* Where a record's object goes: the partitioner of a sink's task, made once of the configuration. */
#ifndef TARN_CONNECT_PARTITION_H
#define TARN_CONNECT_PARTITION_H

#include "connect/joda.h"

enum con_partitioner { PARTITION_DEFAULT, PARTITION_FIELD, PARTITION_TIME };
enum con_extractor { EXTRACT_WALLCLOCK, EXTRACT_RECORD, EXTRACT_FIELD };
struct con_config;
struct con_paths {
	struct arena arena;      /* of the zone and the texts */
	enum con_partitioner kind;
	enum con_extractor extractor;
	struct slice fields;     /* partition.field.name */
	struct slice time_field; /* timestamp.field */
	struct slice delim, pattern;
	int64_t duration_ms;
	struct joda_zone zone;
	const struct joda_names *names;
	bool known;              /* last_text is that of the span that begins at last_ms */
	int64_t last_ms;
	struct buf last_text;
};
/* Partitioner.configure. Errors: INVALID, text = the exception's class and message: the tasks fail. */
int con_paths_open(struct con_paths *p, const struct con_config *c, struct error *err) WARN_UNUSED;
void con_paths_close(struct con_paths *p);
struct sink_record;
/* Directory part of a record's object, and its time (extractor). Errors: INVALID, text as con_convert. */
int con_encode_partition(struct con_paths *p, int partition, const struct sink_record *r, int64_t now_ms, struct buf *out, int64_t *time_ms, struct error *err) WARN_UNUSED;
/* Next multiple of interval after now, counted from the day's start in the zone, the next day's start at most. */
int64_t con_next_schedule(const struct joda_zone *z, int64_t now_ms, int64_t interval_ms);

#endif
