/* Sources without shards: rate and rate-micro-batch, which count; a Delta table's versions; new files below a path. What each has given is
 * one struct sq_mark. Rows from a mark on are the same whenever they are read: rates are made from the mark, versions and lists of files
 * stay. */
#include "streaming/sources.h"

enum { SQ_RATE_ROWS_MAX = 1000000 };

struct sq_reading *sq_reading(struct sq *q)
{
	if (!q->reading) {
		q->reading = xcalloc(1, sizeof(*q->reading));
		q->reading->q = q;
	}
	return q->reading;
}

void sq_source_clear(struct sq *q)
{
	struct sq_reading *r = q->reading;
	if (!r)
		return;
	delta_snapshot_free(r->s);
	free(r->paths);
	free(r->seen);
	free(r->files);
	arena_free(&r->arena);
	arena_free(&r->seen_arena);
	free(r);
	q->reading = NULL;
}

void sq_source_describe(struct buf *b, const struct sq *q)
{
	switch (q->o.source) {
	case SQ_KINESIS:
		buf_addf(b, "KinesisV2[%s]", q->o.stream);
		return;
	case SQ_RATE:
		buf_addf(b, "RateStreamV2[rowsPerSecond=%lld, rampUpTimeSeconds=0, numPartitions=default", (long long)q->o.rows);
		return;
	case SQ_RATE_BATCH:
		buf_addf(b, "RatePerMicroBatchStream[rowsPerBatch=%lld, numPartitions=1, startTimestamp=%lld, advanceMsPerBatch=%lld]", (long long)q->o.rows,
			 (long long)q->o.start_ms, (long long)q->o.advance_ms);
		return;
	case SQ_DELTA:
		buf_addf(b, "DeltaSource[s3://%s/%s]", q->o.bucket, q->o.path);
		return;
	case SQ_FILES:
		buf_addf(b, "FileStreamSource[s3://%s/%s]", q->o.bucket, q->o.path);
		return;
	}
	abort();
}

void sq_new_rows(struct sq *q, const struct sp_field *fields, size_t n)
{
	sp_table_free(q->rows);
	q->rows = sp_table_new();
	q->rows->fields = fields;
	q->rows->field_n = n;
}

/* ---- rates ---- */

static const struct sp_field rate_fields[] = {
	{ { "timestamp", 9 }, &sp_types[SP_TIMESTAMP], true, { NULL, 0 }, { NULL, 0 } },
	{ { "value", 5 }, &sp_types[SP_BIGINT], true, { NULL, 0 }, { NULL, 0 } },
};

/* n rows from value on: row i's time is from_ms + i * each_ms, rounded. */
static void count_rows(struct sq *q, int64_t value, int64_t n, int64_t from_ms, double each_ms)
{
	struct arena a = { 0 };
	struct sp_out out[2];
	struct sp_vec columns[2];
	struct sp_batch b = { .column_n = 2, .columns = columns };
	sq_new_rows(q, rate_fields, 2);
	for (int64_t done = 0; done < n; done += (int64_t)b.n) {
		b.n = (size_t)(n - done < SP_BATCH ? n - done : SP_BATCH);
		sp_out_make(&out[0], &a, &sp_types[SP_TIMESTAMP], b.n);
		sp_out_make(&out[1], &a, &sp_types[SP_BIGINT], b.n);
		for (size_t i = 0; i < b.n; i++) {
			out[0].i64[i] = (from_ms + (int64_t)((double)(done + (int64_t)i) * each_ms + 0.5)) * 1000;
			out[1].i64[i] = value + done + (int64_t)i;
		}
		columns[0] = out[0].v;
		columns[1] = out[1].v;
		sp_table_add(q->rows, &b);
		arena_reset(&a);
	}
	arena_free(&a);
}

static void read_rate(struct sq *q, bool again)
{
	const struct sq_mark *from = &q->start.mark;
	int64_t now = clock_now_ms(q->m->env->clock), seconds;
	if (!again)
		q->end.mark = (struct sq_mark){ .at = now > from->ms ? (now - from->ms) / 1000 : 0, .index = -1, .ms = from->ms };
	if (q->end.mark.at < from->at)
		q->end.mark.at = from->at;
	q->end.mark.ms = from->ms;
	seconds = q->end.mark.at - from->at;
	if (seconds > SQ_RATE_ROWS_MAX / q->o.rows + 1 && !again) { /* a clock that was advanced by days: a part now, the rest next */
		seconds = SQ_RATE_ROWS_MAX / q->o.rows + 1;
		q->end.mark.at = from->at + seconds;
	}
	q->any_new = seconds > 0 || !q->batch; /* its first batch has no rows */
	count_rows(q, from->at * q->o.rows, seconds * q->o.rows, from->ms + from->at * 1000, 1000.0 / (double)q->o.rows);
}

static void read_rate_batch(struct sq *q, bool again)
{
	const struct sq_mark *from = &q->start.mark;
	if (!again)
		q->end.mark = (struct sq_mark){ .at = from->at + q->o.rows, .index = -1, .ms = from->ms + q->o.advance_ms };
	q->any_new = true;
	count_rows(q, from->at, q->end.mark.at - from->at, from->ms, 0);
}

/* ---- what the query calls ---- */

void sq_source_first(struct sq *q, void (*after)(struct sq *q))
{
	struct sq_reading *r = sq_reading(q);
	r->after = after;
	switch (q->o.source) {
	case SQ_DELTA:
		sq_delta_first(q);
		return;
	case SQ_RATE:
		q->start.mark = (struct sq_mark){ .ms = q->started_ms, .index = -1 };
		break;
	case SQ_RATE_BATCH:
		q->start.mark = (struct sq_mark){ .ms = q->o.start_ms, .index = -1 };
		break;
	case SQ_FILES:
	case SQ_KINESIS:
		q->start.mark = (struct sq_mark){ .at = -1, .index = -1 };
		break;
	}
	after(q);
}

void sq_source_resume(struct sq *q, void (*after)(struct sq *q))
{
	struct sq_reading *r = sq_reading(q);
	r->after = after;
	if (q->o.source == SQ_FILES)
		sq_files_resume(q);
	else
		after(q);
}

void sq_source_read(struct sq *q, bool again, void (*after)(struct sq *q))
{
	struct sq_reading *r = sq_reading(q);
	r->after = after;
	r->again = again;
	q->any_new = q->full = false;
	switch (q->o.source) {
	case SQ_RATE:
		read_rate(q, again);
		break;
	case SQ_RATE_BATCH:
		read_rate_batch(q, again);
		break;
	case SQ_DELTA:
		sq_delta_read(q);
		return;
	case SQ_FILES:
		sq_files_read(q);
		return;
	case SQ_KINESIS:
		break;
	}
	after(q);
}

void sq_source_note(struct sq *q, void (*after)(struct sq *q))
{
	if (q->o.source == SQ_FILES && q->any_new) {
		sq_reading(q)->after = after;
		sq_files_note(q);
	} else {
		after(q);
	}
}
