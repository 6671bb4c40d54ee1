/* Streaming queries: options, the files of a checkpoint folder, and every call of the object store and of the stream failing
 * once, before or after it was done. */
#include "env.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleaning/pinterest.h"
#include "streaming/query.h"
#include "stack/server.h"

#define SHARD(id, first, last) "{\"shard\":{\"stream\":\"s\",\"shardId\":\"" id "\"},\"firstSeqNum\":" first ",\"lastSeqNum\":" last ",\"closed\":false}"
#define BATCH "{\"batchWatermarkMs\":0,\"batchTimestampMs\":1767603600500,\"conf\":{\"tarn.lake.variants\":\"a=b\"}}\n"

/* ---- files ---- */

START_TEST(offsets_go_there_and_back)
{
	const char *text = "v1\n" BATCH "[" SHARD("shardId-000000000000", "\"49\"", "\"490\"") "," SHARD("shardId-000000000001", "null", "null") "]";
	struct sq_offsets o = { 0 }, copy = { 0 };
	struct buf b = { 0 };
	struct error err;
	ck_assert_int_eq(sq_offsets_parse("offsets/0", sl(text), &o, &err), 0);
	ck_assert_str_eq(o.stream, "s");
	ck_assert_uint_eq(o.n, 2);
	ck_assert_str_eq(o.shards[0].last, "490");
	ck_assert_str_eq(o.shards[1].last, "");
	ck_assert_int_eq(o.batch_ms, 1767603600500);
	ck_assert_str_eq(o.variants, "a=b");
	sq_offsets_copy(&copy, &o);
	sq_offsets_text(&b, &copy);
	ck_assert_str_eq(buf_cstr(&b), text);
	buf_reset(&b);
	o.shards[1].from = SQ_AT_TIMESTAMP;
	o.shards[1].at_ms = 1767603600123;
	sq_initial_text(&b, &o);
	sq_offsets_free(&copy);
	ck_assert_int_eq(sq_initial_parse("sources/0/0", buf_slice(&b), &copy, &err), 0);
	ck_assert_int_eq(copy.shards[1].at_ms, 1767603600123);
	ck_assert_int_eq(copy.shards[1].from, SQ_AT_TIMESTAMP);
	sq_offsets_free(&o);
	sq_offsets_free(&copy);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *text, *words;
} bad_offsets[] = {
	{ "", "Incomplete log file" },
	{ "v1", "Incomplete log file" },
	{ "v1\n" BATCH, "no list of shards" },
	{ "v2\n" BATCH "[]", "UnsupportedLogVersion: maximum supported log version is v1, but encountered v2" },
	{ "version 1\n" BATCH "[]", "failed to read correct log version from version 1." },
	{ "v1\n{}\n[]", "no batch metadata" },
	{ "v1\n" BATCH "[]", "no shards" },
	{ "v1\n" BATCH "{\"topic\":{\"0\":5}}", "another kind of source" },
	{ "v1\n" BATCH "[{\"shard\":{\"shardId\":\"x\"}}]", "an offset of the Kinesis source is" },
	{ "v1\n" BATCH "[" SHARD("x", "\"1a\"", "null") "]", "a sequence number is digits" },
	{ "v1\n" BATCH "[" SHARD("x", "\"12\"", "\"2\"") "]", "firstSeqNum comes after lastSeqNum" },
	{ "v1\n" BATCH "[" SHARD("x", "null", "\"2\"") "," SHARD("x", "null", "\"2\"") "]", "a shard stands twice" },
	{ "v1\n" BATCH "[" SHARD("x", "null", "\"2\"") "]\n{}", "the file says more" },
	{ "v1\n" BATCH "[" SHARD("x", "null", "\"2\""), "no list of shards" },
};

START_TEST(offsets_that_are_refused)
{
	struct sq_offsets o = { 0 };
	struct error err = { 0 };
	ck_assert_int_eq(sq_offsets_parse("offsets/7", sl(bad_offsets[_i].text), &o, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, bad_offsets[_i].words) != NULL, "%s", err.text);
	ck_assert_msg(strstr(err.text, "offsets/7") != NULL, "the file isn't named: %s", err.text);
	ck_assert_ptr_null(o.shards);
}
END_TEST

START_TEST(small_files)
{
	struct error err = { 0 };
	struct buf b = { 0 };
	char id[37];
	ck_assert_int_eq(sq_metadata_parse("metadata", S("{\"id\":\"ceabec78-9a71-5464-884e-c631c40b19df\"}"), id, &err), 0);
	sq_metadata_text(&b, id);
	ck_assert_str_eq(buf_cstr(&b), "{\"id\":\"ceabec78-9a71-5464-884e-c631c40b19df\"}");
	ck_assert_int_eq(sq_metadata_parse("metadata", S("{\"id\":\"ceabec78\"}"), id, &err), ERR_INVALID);
	ck_assert_int_eq(sq_commit_parse("commits/0", S("v1\n{\"nextBatchWatermarkMs\":0}"), &err), 0);
	ck_assert_int_eq(sq_commit_parse("commits/0", S("v1\n"), &err), ERR_INVALID);
	ck_assert_int_lt(sq_sequence_cmp("99", "100"), 0);
	ck_assert_int_gt(sq_sequence_cmp("101", "100"), 0);
	ck_assert_int_eq(sq_sequence_cmp("100", "100"), 0);
	buf_free(&b);
}
END_TEST

#define MARKED "v1\n{\"batchWatermarkMs\":90,\"batchTimestampMs\":1767603600500,\"conf\":{}}\n"

static const struct {
	enum sq_source source;
	const char *line;
	struct sq_mark mark;
} marks[] = {
	{ SQ_RATE, "5", { 5, -1, 0, false } },
	{ SQ_RATE_BATCH, "{\"offset\":30,\"timestamp\":2000}", { 30, -1, 2000, false } },
	{ SQ_DELTA, "{\"sourceVersion\":1,\"reservoirVersion\":7,\"index\":3,\"isStartingVersion\":true}", { 7, 3, 0, true } },
	{ SQ_FILES, "{\"logOffset\":2}", { 2, -1, 0, false } },
};

START_TEST(marks_go_there_and_back)
{
	struct sq_offsets o = { 0 };
	struct sq_mark m = { 0 };
	struct buf text = { 0 }, out = { 0 };
	struct error err;
	buf_addf(&text, MARKED "%s", marks[_i].line);
	ck_assert_int_eq(sq_mark_parse("offsets/3", buf_slice(&text), marks[_i].source, &o, &err), 0);
	ck_assert(o.mark.at == marks[_i].mark.at && o.mark.index == marks[_i].mark.index && o.mark.ms == marks[_i].mark.ms);
	ck_assert(o.mark.initial == marks[_i].mark.initial && o.watermark_ms == 90);
	sq_mark_text(&out, marks[_i].source, &o);
	ck_assert_str_eq(buf_cstr(&out), buf_cstr(&text));
	ck_assert_int_eq(sq_mark_parse("offsets/3", S(MARKED "[]"), marks[_i].source, &o, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, "another kind of source") != NULL, "%s", err.text);
	ck_assert_int_eq(sq_mark_initial_parse("sources/0/0", S("v1\n1767603600500"), SQ_RATE, &m, &err), 0);
	ck_assert_int_eq(m.ms, 1767603600500);
	buf_free(&text);
	buf_free(&out);
}
END_TEST

static int count_paths(void *arg, struct slice path)
{
	++*(int *)arg;
	return 0;
}

START_TEST(lists_of_files)
{
	struct error err;
	int n = 0;
	ck_assert_int_eq(sq_files_parse("sources/0/1", S("v1\n{\"path\":\"s3://b/k\",\"timestamp\":1,\"batchId\":1}\n{\"path\":\"s3://b/l\"}"), count_paths, &n, &err), 0);
	ck_assert_int_eq(n, 2);
	ck_assert_int_eq(sq_files_parse("sources/0/1", S("v1\n{}"), count_paths, &n, &err), ERR_INVALID);
}
END_TEST

static const struct datasets *the_sets(void);

static const struct {
	const char *body, *words;
} bad_plans[] = {
	{ "", "a stream of the format  isn't served here" },
	{ "{\"source\":{\"options\":{\"format\":\"kinesis\"}}}", "option streamName is missing" },
	{ "{\"source\":{\"options\":{\"format\":\"rate\",\"rowsPerSecond\":\"0\"}}}", "Invalid value '0' for option 'rowsPerSecond'" },
	{ "{\"source\":{\"options\":{\"format\":\"rate\",\"rampUpTime\":\"5s\"}}}", "rampUpTime" },
	{ "{\"source\":{\"options\":{\"format\":\"json\"}}}", "the source's place is missing" },
	{ "{\"source\":{\"place\":\"s3://b/k\",\"options\":{\"format\":\"delta\",\"readChangeFeed\":\"true\"}}}", "readChangeFeed" },
	{ "{\"source\":{\"options\":{\"format\":\"rate\"}},\"trigger\":\"soon\"}", "trigger is an interval" },
};

START_TEST(plans_that_are_refused)
{
	struct sq_options o;
	struct error err = { 0 };
	sq_options_init(&o, the_sets(), S("q"));
	ck_assert_int_ne(sq_plan_options(&o, sl(bad_plans[_i].body), &err), 0);
	ck_assert_msg(strstr(err.text, bad_plans[_i].words) != NULL, "%s", err.text);
}
END_TEST

/* ---- options ---- */

static const struct datasets *the_sets(void)
{
	static struct cleaning c;
	static struct arena a;
	if (!c.sets.n)
		pinterest_open(&c, &a);
	return &c.sets;
}

START_TEST(options_go_there_and_back)
{
	struct sq_options o, again;
	struct error err = { 0 };
	struct buf b = { 0 }, c = { 0 };
	sq_options_init(&o, the_sets(), S("q"));
	ck_assert_int_eq(sq_options_parse(&o, S(" STREAMNAME=a-geo  initialPosition=at_timestamp:2026-01-05T09:00:00Z table=t checkpointLocation=\"/mnt/a b/c\" "
						"trigger=\"5 seconds\" maxRecordsPerBatch=7 failOnDataLoss=false partitionKey=k variant=geo.timestamp=date,nulls=drop"),
					  &err), 0);
	ck_assert_int_eq(sq_options_finish(&o, &err), 0);
	ck_assert_ptr_eq(o.set, &the_sets()->at[GEO]);
	ck_assert_int_eq(o.interval_ms, 5000);
	ck_assert_uint_eq(o.variant_n, 2);
	sq_options_text(&b, &o);
	sq_options_init(&again, the_sets(), S("q"));
	ck_assert_int_eq(sq_options_parse(&again, buf_slice(&b), &err), 0);
	ck_assert_int_eq(sq_options_finish(&again, &err), 0);
	sq_options_text(&c, &again);
	ck_assert_str_eq(buf_cstr(&b), buf_cstr(&c));
	ck_assert_str_eq(again.checkpoint, "/mnt/a b/c");
	buf_free(&b);
	buf_free(&c);
}
END_TEST

static const struct {
	const char *line, *words;
} bad_options[] = {
	{ "", "streamName is missing" },
	{ "streamName=x", "dataset is missing" },
	{ "streamName=a/b", "streamName" },
	{ "streamName=x-pin table=../x", "table" },
	{ "streamName=x-pin initialPosition=sometime", "initialPosition is latest" },
	{ "streamName=x-pin initialPosition=at_timestamp", "initialTimestamp" },
	{ "streamName=x-pin trigger=1ms", "trigger is an interval" },
	{ "streamName=x-pin maxRecordsPerBatch=0", "maxRecordsPerBatch" },
	{ "streamName=x-pin nonsense=1", "no option nonsense" },
	{ "streamName", "an option is NAME=VALUE" },
	{ "streamName=x-pin checkpointLocation=\"x", "closing quote" },
	{ "streamName=x-pin variant=a", "NAME=VARIANT" },
};

START_TEST(options_that_are_refused)
{
	struct sq_options o;
	struct error err = { 0 };
	sq_options_init(&o, the_sets(), S("q"));
	if (!sq_options_parse(&o, sl(bad_options[_i].line), &err))
		ck_assert_int_eq(sq_options_finish(&o, &err), ERR_INVALID);
	ck_assert_msg(strstr(err.text, bad_options[_i].words) != NULL, "%s", err.text);
}
END_TEST

/* ---- a stack whose ports fail once ---- */

enum { STEPS_MAX = 64 };
static struct {
	struct server *server;
	struct object_store objects; /* the real ones */
	struct stream stream;
	int calls, fail_at;          /* 0: never */
	struct loop_timer *beat;
	bool after;                  /* the failing call is done, its answer is lost */
	struct late {
		struct owed owed;
		struct owed *real;
		put_cb put;
		get_cb get;
		list_cb list;
		stream_cb call;
		void *arg;
		bool used;
	} late[STEPS_MAX];
} rig;

static struct streaming *streaming(void)
{
	return server_state(rig.server, "streaming");
}

static struct loop *the_loop(void)
{
	return server_loop(rig.server);
}

static void late_drop(struct owed *o)
{
	struct late *l = (struct late *)o;
	owed_cancel_all(&l->real);
	l->used = false;
}

static void answer_late(struct owed *o)
{
	struct late *l = (struct late *)o;
	struct error err;
	err_set(&err, ERR_NETWORK, "connection reset");
	if (l->put)
		l->put(l->arg, &err);
	else if (l->get)
		l->get(l->arg, sl(NULL), &err);
	else if (l->list)
		l->list(l->arg, NULL, 0, false, &err);
	else
		l->call(l->arg, 0, S(""), &err);
}

static struct late *fails(void *arg)
{
	if (++rig.calls != rig.fail_at)
		return NULL;
	for (size_t i = 0; i < STEPS_MAX; i++)
		if (!rig.late[i].used) {
			rig.late[i] = (struct late){ .used = true, .arg = arg };
			owed_init(&rig.late[i].owed, NULL, late_drop);
			return &rig.late[i];
		}
	abort();
}

static struct owed *soon(struct late *l)
{
	owed_soon(&l->owed, the_loop(), answer_late);
	return &l->owed;
}

static void lose_put(void *arg, const struct error *err)
{
	struct late *l = arg;
	owed_end(&l->owed);
	answer_late(&l->owed);
	late_drop(&l->owed);
}

typedef struct owed *put_fn(void *, struct slice, struct slice, struct slice, struct slice, struct slice, put_cb, void *);
static struct owed *put_or_fail(put_fn *real, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace, put_cb cb,
				void *arg)
{
	struct late *l = fails(arg);
	if (!l)
		return real(rig.objects.self, bucket, key, type, body, trace, cb, arg);
	l->put = cb;
	if (!rig.after)
		return soon(l);
	owed_keep(&l->real, real(rig.objects.self, bucket, key, type, body, trace, lose_put, l));
	return &l->owed;
}

static struct owed *my_put(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace, put_cb cb, void *arg)
{
	return put_or_fail(rig.objects.put, bucket, key, type, body, trace, cb, arg);
}

static struct owed *my_put_new(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace, put_cb cb,
			       void *arg)
{
	return put_or_fail(rig.objects.put_new, bucket, key, type, body, trace, cb, arg);
}

static struct owed *my_get(void *self, struct slice bucket, struct slice key, get_cb cb, void *arg)
{
	struct late *l = fails(arg);
	if (!l)
		return rig.objects.get(rig.objects.self, bucket, key, cb, arg);
	l->get = cb;
	return soon(l);
}

static struct owed *my_list(void *self, struct slice bucket, struct slice prefix, struct slice after, list_cb cb, void *arg)
{
	struct late *l = fails(arg);
	if (!l)
		return rig.objects.list(rig.objects.self, bucket, prefix, after, cb, arg);
	l->list = cb;
	return soon(l);
}

static struct owed *my_del(void *self, struct slice bucket, struct slice key, put_cb cb, void *arg)
{
	return rig.objects.del(rig.objects.self, bucket, key, cb, arg);
}

static struct owed *my_call(void *self, struct slice region, struct slice action, struct slice json, struct slice trace, stream_cb cb, void *arg)
{
	struct late *l = sl_starts(action, S("Put")) ? NULL : fails(arg);
	if (!l)
		return rig.stream.call(rig.stream.self, region, action, json, trace, cb, arg);
	l->call = cb;
	return soon(l);
}

/* A loop that has nothing else may sleep for ever in a turn whose own timer was due when it began. */
static void beat(void *arg)
{
	rig.beat = loop_after(the_loop(), 5, beat, NULL);
}

static void rig_close(void)
{
	loop_cancel(rig.beat);
	server_close(rig.server);
}

static void rig_open(int fail_at, bool after)
{
	static const char *const set[] = { "lake.bucket=bbb", "buckets.bbb=", "streams.s-geo=2",
					   "queries.geo=streamName=s-geo initialPosition=earliest table=t trigger=100ms" };
	struct server_opts o = { .stack = NULL, .only = "s3,kinesis,streaming", .auto_ports = true, .frozen = true, .clock_ms = 1767603600000,
				 .durability = DURABILITY_OFF, .log_fd = STDERR_FILENO, .log_level = LOG_ERROR + 1, .set = set, .set_n = ARRAY_LEN(set) };
	struct error err = { 0 };
	memset(&rig, 0, sizeof(rig));
	ck_assert_msg(server_open(&o, &rig.server, &err) == 0, "%s", err.text);
	struct ports *p = server_env(rig.server)->ports;
	beat(NULL);
	rig.objects = p->objects;
	rig.stream = p->stream;
	rig.fail_at = fail_at;
	rig.after = after;
	p->objects = (struct object_store){ &rig, my_put, my_get, my_put_new, my_list, my_del };
	p->stream = (struct stream){ &rig, my_call };
}

static void advance(int64_t ms)
{
	struct error err = { 0 };
	ck_assert_msg(env_advance(the_loop(), server_env(rig.server)->clock, ms, &err) == 0, "%s", err.text);
}

static void on_done(void *arg, int status, struct slice body, const struct error *err)
{
	ck_assert_msg(!err && status == 200, "%d %.*s", status, SL(body));
	*(bool *)arg = true;
}

static void put_records(int first, int n)
{
	for (int i = first; i < first + n; i++) {
		struct buf b = { 0 }, data = { 0 };
		bool done = false;
		if (i % 4 == 3)
			buf_addf(&data, "torn %d", i);
		else
			buf_addf(&data, "{\"ind\":%d,\"country\":\"c\",\"timestamp\":\"2020-01-01\",\"latitude\":1,\"longitude\":2}", i);
		buf_addf(&b, "{\"StreamName\":\"s-geo\",\"PartitionKey\":\"k%d\",\"Data\":\"", i);
		buf_base64(&b, data.p, data.n);
		buf_adds(&b, "\"}");
		rig.stream.call(rig.stream.self, sl(NULL), S("PutRecord"), buf_slice(&b), sl(NULL), on_done, &done);
		while (!done)
			loop_turn(the_loop(), 0);
		buf_free(&b);
		buf_free(&data);
	}
}

/* Reads a table through the real store. */
struct counted {
	bool done;
	int64_t rows, sum;
	struct delta_snapshot *s;
};

static bool count_rows(void *arg, const struct delta_rows *rows)
{
	struct counted *c = arg;
	struct delta_cell cells[16];
	struct delta_reader d;
	struct pq_entry e;
	c->rows += rows->row_n;
	delta_reader_init(&d, rows);
	while (delta_reader_next(&d, cells))
		if (rows->schema.fields[0].type == DELTA_INTEGER && pq_next(&cells[0].at, &e))
			c->sum += cells[0].at.c->i32[e.value];
	delta_reader_free(&d);
	return true;
}

static void counted_done(void *arg, const struct error *err)
{
	struct counted *c = arg;
	ck_assert_msg(!err, "%s", err ? err->text : "");
	c->done = true;
}

static void counted_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct counted *c = arg;
	const struct delta_table t = { the_loop(), &rig.objects, S("bbb"), S("tables/t") };
	c->s = s;
	if (err && err->def == &delta_errors[DELTA_E_NO_TABLE])
		c->done = true;
	else if (err)
		ck_abort_msg("%s", err->text);
	else
		delta_scan(&t, s, count_rows, counted_done, c);
}

static struct counted count_table(struct slice path)
{
	const struct delta_table t = { the_loop(), &rig.objects, S("bbb"), path };
	struct counted c = { 0 };
	/* counted_loaded scans by the snapshot's paths, which are below the table it was loaded from */
	if (sl_eqs(path, "tables/t"))
		delta_load(&t, -1, counted_loaded, &c);
	while (sl_eqs(path, "tables/t") && !c.done)
		loop_turn(the_loop(), 0);
	delta_snapshot_free(c.s);
	return c;
}

/* numRecords of all live files. */
static void quarantine_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct counted *c = arg;
	c->done = true;
	if (err)
		return;
	for (size_t i = 0; i < s->file_n; i++) {
		json_t *j = json_loadb(s->files[i].stats.p, s->files[i].stats.n, 0, NULL);
		c->rows += s->files[i].live ? json_integer_value(json_object_get(j, "numRecords")) : 0;
		json_decref(j);
	}
	delta_snapshot_free(s);
}

static int64_t count_quarantine(void)
{
	const struct delta_table t = { the_loop(), &rig.objects, S("bbb"), S("tables/t_quarantine") };
	struct counted c = { 0 };
	delta_load(&t, -1, quarantine_loaded, &c);
	while (!c.done)
		loop_turn(the_loop(), 0);
	return c.rows;
}

static struct sq *start(void)
{
	struct streaming *m = streaming();
	struct error err = { 0 };
	ck_assert_msg(sq_load(m, &err) == 0, "%s", err.text);
	struct sq *q = sq_find(m, S("geo"));
	ck_assert_ptr_nonnull(q);
	if (q->state != SQ_STARTING && q->state != SQ_ACTIVE)
		sq_begin(q);
	advance(100);
	return q;
}

/* Two batches; whatever failed, another start brings all in. Returns the calls that were made. */
static int run(int fail_at, bool after)
{
	int64_t rows = 0, sum = 0;
	rig_open(fail_at, after);
	put_records(0, 20);
	(void)start();
	advance(300);
	put_records(20, 20);
	(void)start();
	advance(300);
	struct sq *q = start();
	advance(300);
	ck_assert_msg(q->state == SQ_ACTIVE, "call %d %s: %s", fail_at, after ? "after" : "before", q->exception ? q->exception : "stopped");
	for (int i = 0; i < 40; i++)
		if (i % 4 != 3) {
			rows++;
			sum += i;
		}
	struct counted c = count_table(S("tables/t"));
	ck_assert_msg(c.rows == rows && c.sum == sum, "call %d %s: %lld rows of sum %lld", fail_at, after ? "after" : "before", (long long)c.rows,
		      (long long)c.sum);
	ck_assert_msg(count_quarantine() == 10, "call %d %s: %lld in quarantine", fail_at, after ? "after" : "before", (long long)count_quarantine());
	int calls = rig.calls;
	rig_close();
	return calls;
}

START_TEST(each_call_fails_once)
{
	int calls = run(0, false);
	ck_assert_int_gt(calls, 30);
	for (int at = 1; at <= calls; at++)
		(void)run(at, false);
	for (int at = 1; at <= calls; at++)
		(void)run(at, true);
}
END_TEST

/* On a frozen clock an idle query leaves out triggers. */
START_TEST(an_idle_week_is_short)
{
	rig_open(0, false);
	put_records(0, 4);
	(void)start();
	advance(INT64_C(7) * 24 * 3600 * 1000);
	ck_assert_int_lt(rig.calls, 1500);
	rig_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("streamq");
	TCase *t = tcase_create("files");
	tcase_add_test(t, offsets_go_there_and_back);
	tcase_add_loop_test(t, offsets_that_are_refused, 0, (int)ARRAY_LEN(bad_offsets));
	tcase_add_test(t, small_files);
	tcase_add_loop_test(t, marks_go_there_and_back, 0, (int)ARRAY_LEN(marks));
	tcase_add_test(t, lists_of_files);
	tcase_add_loop_test(t, plans_that_are_refused, 0, (int)ARRAY_LEN(bad_plans));
	tcase_add_test(t, options_go_there_and_back);
	tcase_add_loop_test(t, options_that_are_refused, 0, (int)ARRAY_LEN(bad_options));
	suite_add_tcase(s, t);
	t = tcase_create("runs");
	tcase_set_timeout(t, 120);
	tcase_add_test(t, each_call_fails_once);
	tcase_add_test(t, an_idle_week_is_short);
	suite_add_tcase(s, t);
	return run_suite(s);
}
