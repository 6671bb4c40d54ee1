/* What CloudWatch shows of streams (AWS/Kinesis, by StreamName). */
#include "core/json.h"
#include "core/measure.h"
#include "kinesis/wire.h"

#define ROW(name, unit) { "AWS/Kinesis", name, unit, { "StreamName" } }
enum { IN_BYTES, IN_RECORDS, WRITE_EXCEEDED, READ_EXCEEDED, PUT_BYTES, PUT_LATENCY, PUT_SUCCESS, PUTS_BYTES, PUTS_RECORDS, PUTS_TOTAL, PUTS_GOOD, PUTS_FAILED,
       PUTS_THROTTLED, PUTS_LATENCY, PUTS_SUCCESS, GET_BYTES, GET_RECORDS, GET_AGE, GET_LATENCY, GET_SUCCESS };
static const struct measure rows[] = {
	[IN_BYTES] = ROW("IncomingBytes", "Bytes"),
	[IN_RECORDS] = ROW("IncomingRecords", "Count"),
	[WRITE_EXCEEDED] = ROW("WriteProvisionedThroughputExceeded", "Count"),
	[READ_EXCEEDED] = ROW("ReadProvisionedThroughputExceeded", "Count"),
	[PUT_BYTES] = ROW("PutRecord.Bytes", "Bytes"),
	[PUT_LATENCY] = ROW("PutRecord.Latency", "Milliseconds"),
	[PUT_SUCCESS] = ROW("PutRecord.Success", "Count"),
	[PUTS_BYTES] = ROW("PutRecords.Bytes", "Bytes"),
	[PUTS_RECORDS] = ROW("PutRecords.Records", "Count"),
	[PUTS_TOTAL] = ROW("PutRecords.TotalRecords", "Count"),
	[PUTS_GOOD] = ROW("PutRecords.SuccessfulRecords", "Count"),
	[PUTS_FAILED] = ROW("PutRecords.FailedRecords", "Count"),
	[PUTS_THROTTLED] = ROW("PutRecords.ThrottledRecords", "Count"),
	[PUTS_LATENCY] = ROW("PutRecords.Latency", "Milliseconds"),
	[PUTS_SUCCESS] = ROW("PutRecords.Success", "Count"),
	[GET_BYTES] = ROW("GetRecords.Bytes", "Bytes"),
	[GET_RECORDS] = ROW("GetRecords.Records", "Count"),
	[GET_AGE] = ROW("GetRecords.IteratorAgeMilliseconds", "Milliseconds"),
	[GET_LATENCY] = ROW("GetRecords.Latency", "Milliseconds"),
	[GET_SUCCESS] = ROW("GetRecords.Success", "Count"),
};

static void add(const struct kinesis *k, const struct kin_stream *s, int row, double value)
{
	struct slice name = sl(s->name);
	measure_add(k->env, &rows[row], sl(s->region), &name, value);
}

static void measure_put(const struct kinesis *k, const struct kin_in *in, bool ok, bool throttled, double ms)
{
	double bytes = (double)(in->one.data.n + in->one.key.n);
	add(k, in->s, PUT_SUCCESS, ok);
	add(k, in->s, PUT_LATENCY, ms);
	add(k, in->s, WRITE_EXCEEDED, throttled);
	if (!ok)
		return;
	add(k, in->s, IN_RECORDS, 1);
	add(k, in->s, IN_BYTES, bytes);
	add(k, in->s, PUT_BYTES, bytes);
}

static void measure_puts(const struct kinesis *k, const struct kin_in *in, const struct kin_out *out, bool ok, double ms)
{
	double bytes = 0, good = 0;
	for (size_t i = 0; ok && i < out->n; i++) {
		if (out->placed[i].refused)
			continue;
		double n = (double)(in->entries.at[i].data.n + in->entries.at[i].key.n);
		bytes += n;
		good++;
	}
	add(k, in->s, IN_RECORDS, good);
	add(k, in->s, IN_BYTES, bytes);
	add(k, in->s, PUTS_SUCCESS, good > 0);
	add(k, in->s, PUTS_LATENCY, ms);
	add(k, in->s, PUTS_BYTES, bytes);
	add(k, in->s, PUTS_RECORDS, good);
	add(k, in->s, PUTS_TOTAL, (double)in->entries.n);
	add(k, in->s, PUTS_GOOD, good);
	add(k, in->s, PUTS_FAILED, 0);
	add(k, in->s, PUTS_THROTTLED, (double)in->entries.n - good);
	add(k, in->s, WRITE_EXCEEDED, (double)out->failed);
}

void kin_measure(const struct kinesis *k, const struct kin_op *op, const struct kin_in *in, const struct kin_out *out, int rc, int64_t us)
{
	double ms = (double)(us / 1000);
	if (!in->s || op->then != KIN_RECORDS || !k->env->measures)
		return;
	if (op->rule == kin_put)
		measure_put(k, in, !rc, rc == ERR_THROTTLED, ms);
	else
		measure_puts(k, in, out, !rc, ms);
}

void kin_measure_read(const struct kinesis *k, const struct kin_read *r, int64_t us)
{
	if (!k->env->measures)
		return;
	add(k, r->s, GET_SUCCESS, 1);
	add(k, r->s, GET_LATENCY, (double)(us / 1000));
	add(k, r->s, GET_BYTES, (double)r->bytes);
	add(k, r->s, GET_RECORDS, (double)r->n);
	add(k, r->s, GET_AGE, (double)(r->behind_ms > 0 ? r->behind_ms : 0));
	add(k, r->s, READ_EXCEEDED, 0);
}

void kin_look(void *self, struct buf *out)
{
	const struct kinesis *k = self;
	int64_t streams = 0, shards = 0, records = 0;
	for (const struct kin_stream *s = k->streams; s; s = s->next) {
		streams++;
		shards += (int64_t)s->shard_n;
		for (size_t i = 0; i < s->shard_n; i++)
			records += (int64_t)s->shards[i].next_index - 1;
	}
	jw_int(out, "streams", streams);
	jw_int(out, "shards", shards);
	jw_int(out, "records", records);
}
