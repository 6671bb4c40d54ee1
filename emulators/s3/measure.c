/* What CloudWatch shows of buckets (AWS/S3): how large they are, once a day. */
#include "core/json.h"
#include "core/measure.h"
#include "s3/s3.h"

#define OF_BUCKET { "BucketName", "StorageType" }
static const struct measure size = { "AWS/S3", "BucketSizeBytes", "Bytes", OF_BUCKET, MEASURE_GAUGE };
static const struct measure objects = { "AWS/S3", "NumberOfObjects", "Count", OF_BUCKET, MEASURE_GAUGE };

/* Of a day that has begun since the last look; the first look is one, too. */
static void on_look(void *arg)
{
	struct s3 *s = arg;
	int64_t day = clock_now_ms(s->env->clock) / 86400000 + 1;
	struct arena a = { 0 };
	struct slice after = S("");
	struct s3_bucket b;
	struct error err;
	if (s->measured_day == day)
		return;
	s->measured_day = day;
	while (s3_store_bucket_after(&s->store, &a, after, &b, &err) == 0) {
		int64_t n, bytes;
		struct slice dims[] = { b.name, S("StandardStorage") };
		if (s3_store_totals(&s->store, b.name, &n, &bytes, &err))
			break;
		measure_add(s->env, &size, b.region, dims, (double)bytes);
		dims[1] = S("AllStorageTypes");
		measure_add(s->env, &objects, b.region, dims, (double)n);
		after = b.name;
	}
	arena_free(&a);
}

void s3_measure_open(struct s3 *s)
{
	measures_on_look(s->env->measures, on_look, s);
}

/* Counted when something has changed, and up to a number: it is read from the index. */
void s3_look(void *self, struct buf *out)
{
	struct s3 *s = self;
	struct error err;
	if (s->looked != s->store.changes + 1 && !s3_store_count(&s->store, &s->objects, &s->bytes, &err))
		s->looked = s->store.changes + 1;
	jw_int(out, "objects", s->objects);
	jw_int(out, "bytes", s->bytes);
	jw_bool(out, "more", s->objects >= S3_COUNTED_MAX);
}
