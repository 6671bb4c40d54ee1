/* Delta tables: the log's lines by hand, replay, checkpoints; then whole tables in the S3 service on a frozen clock: writers
 * side by side, answers that get lost, time travel, OPTIMIZE, VACUUM.
 *
 * With arguments it is the writer of tests/clients/test_delta.py: see write_table at the end. */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "core/httpc.h"
#include "delta/delta.h"
#include "s3/s3.h"


#define NOW_MS (INT64_C(1767600000000)) /* 2026-01-05T08:00:00Z */
#define DAY_MS (INT64_C(86400000))

static struct env env;
static struct s3 s;
static struct object_store store, faulty;
static struct delta_table table;
static struct error err;

/* ---- a store whose calls fail on demand ---- */

static struct {
	int call, fail_at; /* 1-based count of writing calls; 0: never */
	bool done_first;   /* the write happens, its answer is lost */
} fault;
struct late {
	struct owed owed;
	put_cb cb;
	void *arg;
	struct owed *written;
};

static void late_free(struct owed *o)
{
	owed_cancel_all(&((struct late *)o)->written);
	free(o);
}

static void say_lost(struct owed *o)
{
	struct late *l = (struct late *)o;
	struct error e;
	(void)err_set(&e, ERR_NETWORK, "connection reset by peer");
	l->cb(l->arg, &e);
}

static void on_written(void *arg, const struct error *e)
{
	struct late *l = arg;
	(void)e;
	owed_end(&l->owed);
	say_lost(&l->owed);
	late_free(&l->owed);
}

static bool fails(void)
{
	return ++fault.call == fault.fail_at;
}

static struct late *late_new(put_cb cb, void *arg)
{
	struct late *l = xcalloc(1, sizeof(*l));
	owed_init(&l->owed, NULL, late_free);
	l->cb = cb;
	l->arg = arg;
	return l;
}

static struct owed *faulty_put_new(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace,
				   put_cb cb, void *arg)
{
	struct late *l;
	if (!fails())
		return store.put_new(self, bucket, key, type, body, trace, cb, arg);
	l = late_new(cb, arg);
	if (fault.done_first)
		owed_keep(&l->written, store.put_new(self, bucket, key, type, body, trace, on_written, l));
	else
		owed_soon(&l->owed, env.loop, say_lost);
	return &l->owed;
}

static struct owed *faulty_put(void *self, struct slice bucket, struct slice key, struct slice type, struct slice body, struct slice trace, put_cb cb,
			       void *arg)
{
	struct late *l;
	if (!fails())
		return store.put(self, bucket, key, type, body, trace, cb, arg);
	l = late_new(cb, arg);
	owed_soon(&l->owed, env.loop, say_lost);
	return &l->owed;
}

/* ---- fixture ---- */

static void on_commit(void *arg)
{
	struct error e;
	if (service_dirty(&s3_service, arg))
		ck_assert_int_eq(service_commit(&s3_service, arg, &e), 0);
}

static void setup(void)
{
	struct conf *conf = conf_new();
	struct ports ports = { 0 };
	conf_set(conf, "buckets", "lake", "");
	memset(&s, 0, sizeof(s));
	memset(&fault, 0, sizeof(fault));
	env = (struct env){ .loop = loop_new(), .conf = conf, .name = "s3", .durability = DURABILITY_OFF };
	env.clock = clock_new(env.loop);
	clock_freeze(env.clock, NOW_MS);
	env.faults = faults_new(1);
	env.log = log_new(2, LOG_WARN);
	env.metrics = metrics_new();
	env.journal = journal_new();
	ck_assert_int_eq(s3_service.open(&s, &env, &err), 0);
	loop_on_commit(env.loop, on_commit, &s);
	s3_service.provide(&s, &ports);
	store = faulty = ports.objects;
	faulty.put_new = faulty_put_new;
	faulty.put = faulty_put;
	table = (struct delta_table){ env.loop, &store, S("lake"), S("delta/geo") };
}

static void teardown(void)
{
	s3_service.close(&s);
	clock_free(env.clock);
	loop_free(env.loop);
	faults_free(env.faults);
	journal_free(env.journal);
	metrics_free(env.metrics);
	log_free(env.log);
	conf_free((struct conf *)env.conf);
}

struct answer {
	int calls;
	int64_t version;
	bool skipped;
	const struct error_def *def;
	char text[4200], code[64];
	struct delta_snapshot *s;
	struct delta_optimized optimized;
	struct buf body;
	int64_t rows;
	size_t n;
};

static void note(struct answer *a, const struct error *e)
{
	a->calls++;
	a->def = e ? e->def : NULL;
	snprintf(a->text, sizeof(a->text), "%s", e ? e->text : "");
	snprintf(a->code, sizeof(a->code), "%s", e && e->def ? e->def->code : "");
}

static void wait_for(struct answer *a)
{
	ck_assert_int_eq(a->calls, 0);
	for (int i = 0; i < 20000 && !a->calls; i++)
		loop_turn(env.loop, 5);
	ck_assert_int_eq(a->calls, 1);
}

static void on_version(void *arg, int64_t version, bool skipped, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->version = version;
	a->skipped = skipped;
}

static void on_snapshot(void *arg, struct delta_snapshot *snapshot, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->s = snapshot;
}

static struct answer load(int64_t version)
{
	struct answer a = { 0 };
	delta_load(&table, version, on_snapshot, &a);
	wait_for(&a);
	return a;
}

static bool on_rows(void *arg, const struct delta_rows *rows)
{
	struct answer *a = arg;
	struct delta_cell cells[16];
	struct delta_reader d;
	delta_reader_init(&d, rows);
	while (delta_reader_next(&d, cells)) {
		delta_row_json(&a->body, rows, cells);
		buf_addc(&a->body, '\n');
		a->rows++;
	}
	delta_reader_free(&d);
	return true;
}

static void on_done(void *arg, const struct error *e)
{
	note(arg, e);
}

/* All rows of a version as JSON lines in a.body. */
static struct answer scan(int64_t version)
{
	struct answer l = load(version), a = { 0 };
	buf_init(&a.body, 0);
	if (!l.s)
		return l;
	delta_scan(&table, l.s, on_rows, on_done, &a);
	wait_for(&a);
	a.version = l.s->version;
	delta_snapshot_free(l.s);
	return a;
}

static int64_t row_count(int64_t version)
{
	struct answer a = scan(version);
	ck_assert_str_eq(a.text, "");
	buf_free(&a.body);
	return a.rows;
}

static struct delta_field geo_fields[] = {
	{ .name = { "ind", 3 }, .type = DELTA_INTEGER },
	{ .name = { "country", 7 }, .type = DELTA_STRING },
	{ .name = { "coordinates", 11 }, .type = DELTA_DOUBLE, .array = true },
	{ .name = { "timestamp", 9 }, .type = DELTA_TIMESTAMP },
};
static const struct delta_schema geo = { geo_fields, ARRAY_LEN(geo_fields) };

static struct delta_rows *some_rows(int from, int n)
{
	struct delta_rows *r = delta_rows_new(&geo);
	for (int i = from; i < from + n; i++) {
		delta_int(r, 0, i);
		delta_text(r, 1, i % 5 == 4 ? sl(NULL) : i % 5 ? S("Chile \xf0\x9f\x87\xa8\xf0\x9f\x87\xb1") : S(""));
		if (i % 4 == 3) {
			delta_null(r, 2);
		} else {
			delta_array(r, 2, (size_t)(i % 4 == 2 ? 0 : 2));
			if (i % 4 != 2) {
				delta_item_real(r, 2, 0, i / 8.0);
				i % 4 ? delta_item_null(r, 2, 1) : delta_item_real(r, 2, 1, -(double)i);
			}
		}
		i % 6 == 5 ? delta_null(r, 3) : delta_int(r, 3, NOW_MS * 1000 + i * 1500);
		delta_row_end(r);
	}
	return r;
}

static const struct delta_write append = { .codec = PQ_ZSTD, .now_ms = NOW_MS };

static struct answer write_with(struct delta_write in, int from, int n)
{
	struct answer a = { 0 };
	in.rows = some_rows(from, n);
	in.now_ms = clock_now_ms(env.clock);
	delta_write(&table, &in, on_version, &a);
	wait_for(&a);
	return a;
}

static void on_body(void *arg, struct slice body, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	buf_addsl(&a->body, body.p ? body : S(""));
}

static struct answer get(const char *key)
{
	struct answer a = { 0 };
	buf_init(&a.body, 0);
	store.get(store.self, S("lake"), sl(key), on_body, &a);
	wait_for(&a);
	return a;
}

static void drop(const char *key)
{
	struct answer a = { 0 };
	store.del(store.self, S("lake"), sl(key), on_done, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "");
}

static void put(const char *key, const char *body)
{
	struct answer a = { 0 };
	store.put(store.self, S("lake"), sl(key), S(""), sl(body), sl(NULL), on_done, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "");
}

/* ---- schema ---- */

#define GEO_SCHEMA \
	"{\"type\":\"struct\",\"fields\":[{\"name\":\"ind\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}," \
	"{\"name\":\"country\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}," \
	"{\"name\":\"coordinates\",\"type\":{\"type\":\"array\",\"elementType\":\"double\",\"containsNull\":true},\"nullable\":true,\"metadata\":{}}," \
	"{\"name\":\"timestamp\",\"type\":\"timestamp\",\"nullable\":true,\"metadata\":{}}]}"

START_TEST(schema_text)
{
	struct arena a = { 0 };
	struct delta_schema back;
	struct buf b = { 0 };
	delta_schema_text(&b, &geo);
	ck_assert_str_eq(buf_cstr(&b), GEO_SCHEMA);
	ck_assert_int_eq(delta_schema_parse(&a, buf_slice(&b), &back, &err), 0);
	buf_reset(&b);
	delta_schema_text(&b, &back);
	ck_assert_str_eq(buf_cstr(&b), GEO_SCHEMA);
	buf_reset(&b);
	delta_schema_tree(&b, &back);
	ck_assert_str_eq(buf_cstr(&b), "root\n |-- ind: integer (nullable = true)\n |-- country: string (nullable = true)\n"
				       " |-- coordinates: array (nullable = true)\n |    |-- element: double (containsNull = true)\n"
				       " |-- timestamp: timestamp (nullable = true)\n");
	ck_assert_int_ne(delta_schema_parse(&a, S("{\"type\":\"struct\"}"), &back, &err), 0);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

static const struct fit_row {
	const char *label;
	struct delta_field field;
	bool merge;
	const char *says; /* NULL: fits */
	size_t fields;
} fit_rows[] = {
	{ "same", { .name = { "ind", 3 }, .type = DELTA_INTEGER }, false, NULL, 4 },
	{ "same in capitals", { .name = { "IND", 3 }, .type = DELTA_INTEGER }, false, NULL, 4 },
	{ "another type", { .name = { "ind", 3 }, .type = DELTA_STRING }, false,
	  "[DELTA_FAILED_TO_MERGE_FIELDS] Failed to merge fields 'ind' and 'ind'. Failed to merge incompatible data types IntegerType and StringType", 0 },
	{ "another type, merged", { .name = { "coordinates", 11 }, .type = DELTA_STRING, .array = true }, true,
	  "[DELTA_FAILED_TO_MERGE_FIELDS] Failed to merge fields 'coordinates' and 'coordinates'. Failed to merge incompatible data types "
	  "ArrayType(DoubleType,true) and ArrayType(StringType,true)", 0 },
	{ "a new column", { .name = { "user", 4 }, .type = DELTA_STRING }, false,
	  "A schema mismatch detected when writing to the Delta table (Table ID: t-1).\n"
	  "To enable schema migration using DataFrameWriter or DataStreamWriter, please set:\n"
	  "'.option(\"mergeSchema\", \"true\")'.\n"
	  "For other operations, set the session configuration\n"
	  "spark.databricks.delta.schema.autoMerge.enabled to \"true\". See the documentation\n"
	  "specific to the operation for details.\n\n"
	  "Table schema:\nroot\n-- ind: integer (nullable = true)\n-- country: string (nullable = true)\n-- coordinates: array (nullable = true)\n"
	  "    |-- element: double (containsNull = true)\n-- timestamp: timestamp (nullable = true)\n\n\n"
	  "Data schema:\nroot\n-- user: string (nullable = true)\n", 0 },
	{ "a new column, merged", { .name = { "user", 4 }, .type = DELTA_STRING }, true, NULL, 5 },
	{ "a bad name", { .name = { "a b", 3 }, .type = DELTA_STRING }, true,
	  "[DELTA_INVALID_CHARACTERS_IN_COLUMN_NAME] Attribute name \"a b\" contains invalid character(s) among \" ,;{}()\\n\\t=\". Please use alias to "
	  "rename it.", 0 },
};

START_TEST(schema_fits)
{
	struct delta_field field = fit_rows[_i].field;
	struct delta_schema data = { &field, 1 }, merged;
	struct arena a = { 0 };
	int rc = delta_schema_check(&a, &geo, &data, fit_rows[_i].merge, S("t-1"), &merged, &err);
	if (fit_rows[_i].says) {
		ck_assert_int_ne(rc, 0);
		ck_assert_str_eq(err.text, fit_rows[_i].says);
	} else {
		ck_assert_int_eq(rc, 0);
		ck_assert_uint_eq(merged.n, fit_rows[_i].fields);
	}
	arena_free(&a);
}
END_TEST

/* ---- lines and replay ---- */

START_TEST(lines)
{
	struct delta_file f = { .path = S("part-0.parquet"), .size = 12, .modified_ms = 34, .deleted_ms = 56, .data_change = true,
				.stats = S("{\"numRecords\":1}") };
	struct delta_pair config = { S("delta.appendOnly"), S("true") };
	struct delta_meta m = { .id = S("u-1"), .schema_text = S("{\"a\":\"b\"}"), .config = &config, .config_n = 1, .created_ms = 78 };
	struct delta_protocol p = { .reader = 1, .writer = 2 };
	struct delta_txn t = { S("q\"1"), 7, 90 };
	struct buf b = { 0 };
	char id[37];
	delta_put_protocol(&b, &p);
	delta_put_meta(&b, &m);
	delta_put_txn(&b, &t);
	delta_put_add(&b, &f);
	delta_put_remove(&b, &f);
	ck_assert_str_eq(buf_cstr(&b),
			 "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
			 "{\"metaData\":{\"id\":\"u-1\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":\"{\\\"a\\\":\\\"b\\\"}\","
			 "\"partitionColumns\":[],\"configuration\":{\"delta.appendOnly\":\"true\"},\"createdTime\":78}}\n"
			 "{\"txn\":{\"appId\":\"q\\\"1\",\"version\":7,\"lastUpdated\":90}}\n"
			 "{\"add\":{\"path\":\"part-0.parquet\",\"partitionValues\":{},\"size\":12,\"modificationTime\":34,\"dataChange\":true,"
			 "\"stats\":\"{\\\"numRecords\\\":1}\"}}\n"
			 "{\"remove\":{\"path\":\"part-0.parquet\",\"deletionTimestamp\":56,\"dataChange\":true,\"extendedFileMetadata\":true,"
			 "\"partitionValues\":{},\"size\":12}}\n");
	buf_free(&b);
	delta_uuid(S("x"), id);
	ck_assert_uint_eq(strlen(id), 36);
	ck_assert(id[14] == '5' && id[8] == '-' && id[13] == '-' && id[18] == '-' && id[23] == '-');
}
END_TEST

static const char first_lines[] =
	"{\"commitInfo\":{\"operation\":\"WRITE\"}}\n{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
	"{\"metaData\":{\"id\":\"i\",\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[]}\",\"partitionColumns\":[\"d\"],"
	"\"configuration\":{\"delta.deletedFileRetentionDuration\":\"interval 1 day\"}}}\n"
	"{\"txn\":{\"appId\":\"q\",\"version\":3}}\n{\"cdc\":{\"path\":\"x\"}}\n"
	"{\"add\":{\"path\":\"a%20b\",\"partitionValues\":{\"d\":null},\"size\":1,\"modificationTime\":2,\"dataChange\":true}}\r\n"
	"{\"add\":{\"path\":\"c\",\"partitionValues\":{\"d\":\"1\"},\"size\":5,\"modificationTime\":2,\"dataChange\":true,\"stats\":\"{}\"}}";

static struct delta_snapshot *replayed(void)
{
	struct delta_snapshot *d = delta_snapshot_new();
	ck_assert_int_eq(delta_replay(d, 0, sl(first_lines), &err), 0);
	ck_assert_int_eq(delta_replay(d, 1, S("{\"remove\":{\"path\":\"c\",\"deletionTimestamp\":9,\"dataChange\":true}}\n"
					      "{\"txn\":{\"appId\":\"q\",\"version\":4,\"lastUpdated\":8}}\n{\"txn\":{\"appId\":\"r\",\"version\":1}}\n"), &err), 0);
	ck_assert_int_eq(delta_snapshot_ready(d, &err), 0);
	return d;
}

static void check_replayed(const struct delta_snapshot *d)
{
	int64_t ms;
	ck_assert_int_eq((int)d->version, 1);
	ck_assert_uint_eq(d->file_n, 2);
	ck_assert_uint_eq(d->live_n, 1);
	ck_assert_int_eq((int)delta_snapshot_txn(d, S("q")), 4);
	ck_assert_int_eq((int)delta_snapshot_txn(d, S("r")), 1);
	ck_assert_int_eq((int)delta_snapshot_txn(d, S("s")), -1);
	ck_assert(sl_eqs(delta_snapshot_file(d, S("a%20b"))->partition, "{\"d\":null}"));
	ck_assert(!delta_snapshot_file(d, S("c"))->live);
	ck_assert_int_eq((int)delta_snapshot_file(d, S("c"))->size, 5);
	ck_assert_int_eq((int)delta_snapshot_file(d, S("c"))->deleted_ms, 9);
	ck_assert(delta_snapshot_file(d, S("b")) == NULL);
	ck_assert_uint_eq(d->meta.partition_n, 1);
	ck_assert(sl_eqs(d->meta.partition[0], "d"));
	ck_assert(delta_interval(delta_property(d, "delta.deletedFileRetentionDuration"), &ms) && ms == DAY_MS);
}

START_TEST(replay)
{
	struct delta_snapshot *d = replayed(), *again = delta_snapshot_new();
	struct buf file = { 0 };
	int64_t rows;
	check_replayed(d);
	ck_assert_int_eq(delta_checkpoint_make(d, 0, &file, &rows, &err), 0);
	ck_assert_int_eq((int)rows, 6); /* protocol, metaData, two txn, add, remove */
	ck_assert_msg(delta_checkpoint_read(again, 1, buf_slice(&file), &err) == 0, "%s", err.text);
	ck_assert_int_eq(delta_snapshot_ready(again, &err), 0);
	check_replayed(again);
	delta_snapshot_free(again);
	ck_assert_int_eq(delta_checkpoint_make(d, 9, &file, &rows, &err), 0);
	ck_assert_int_eq((int)rows, 5); /* the tombstone has expired */
	buf_free(&file);
	delta_snapshot_free(d);
}
END_TEST

static const struct bad_row {
	const char *text, *says;
} bad_rows[] = {
	{ "{\"add\":{}}", "[DELTA_LOG_DAMAGED] line 1: wrong or missing: modificationTime" },
	{ "\n{\"txn\":{\"appId\":1,\"version\":2}}", "[DELTA_LOG_DAMAGED] line 2: wrong or missing: appId" },
	{ "{\"remove\":{\"path\":\"x\"}}\n[]", "[DELTA_LOG_DAMAGED] line 2 isn't a JSON object: another value" },
	{ "{\"add\":{\"path\":\"x\",\"size\":1,\"modifi", "[DELTA_LOG_DAMAGED] line 1 isn't a JSON object: " },
	{ "{\"protocol\":null}", "[DELTA_LOG_DAMAGED] line 1: wrong or missing: " },
};

START_TEST(bad_lines)
{
	struct delta_snapshot *d = delta_snapshot_new();
	ck_assert_int_ne(delta_replay(d, 0, sl(bad_rows[_i].text), &err), 0);
	ck_assert_msg(strncmp(err.text, bad_rows[_i].says, strlen(bad_rows[_i].says)) == 0, "%s", err.text);
	delta_snapshot_free(d);
}
END_TEST

START_TEST(protocols)
{
	static const struct {
		const char *line;
		bool reads, writes;
	} rows[] = {
		{ "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}", true, true },
		{ "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":4}}", true, false },
		{ "{\"protocol\":{\"minReaderVersion\":2,\"minWriterVersion\":5}}", false, false },
		{ "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[],\"writerFeatures\":[\"appendOnly\"]}}", true, true },
		{ "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],\"writerFeatures\":"
		  "[\"deletionVectors\"]}}", false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct delta_snapshot *d = delta_snapshot_new();
		ck_assert_int_eq(delta_replay(d, 0, sl(rows[i].line), &err), 0);
		ck_assert_int_eq(!d->protocol.unknown_reader, rows[i].reads);
		ck_assert_int_eq(!d->protocol.unknown_writer, rows[i].writes);
		delta_snapshot_free(d);
	}
}
END_TEST

/* ---- tables ---- */

START_TEST(write_and_read)
{
	struct answer a = write_with(append, 0, 13), rows, log;
	ck_assert_str_eq(a.text, "");
	ck_assert_int_eq((int)a.version, 0);
	ck_assert_int_eq((int)write_with(append, 13, 2).version, 1);
	rows = scan(-1);
	ck_assert_int_eq((int)rows.rows, 15);
	ck_assert_msg(strncmp(buf_cstr(&rows.body),
			      "{\"ind\":0,\"country\":\"\",\"coordinates\":[0,-0],\"timestamp\":\"2026-01-05 08:00:00\"}\n"
			      "{\"ind\":1,\"country\":\"Chile \xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\",\"coordinates\":[0.125,null],\"timestamp\":\"2026-01-05 "
			      "08:00:00.001500\"}\n"
			      "{\"ind\":2,\"country\":\"Chile \xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\",\"coordinates\":[],\"timestamp\":\"2026-01-05 "
			      "08:00:00.003000\"}\n"
			      "{\"ind\":3,\"country\":\"Chile \xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\",\"timestamp\":\"2026-01-05 08:00:00.004500\"}\n"
			      "{\"ind\":4,\"coordinates\":[0.5,-4],\"timestamp\":\"2026-01-05 08:00:00.006000\"}\n"
			      "{\"ind\":5,\"country\":\"\",\"coordinates\":[0.625,null]}\n", 400) == 0, "%s", buf_cstr(&rows.body));
	buf_free(&rows.body);
	log = get("delta/geo/_delta_log/00000000000000000001.json");
	ck_assert_msg(strstr(buf_cstr(&log.body), "\"stats\":\"{\\\"numRecords\\\":2,\\\"minValues\\\":{\\\"ind\\\":13,\\\"country\\\":\\\"Chile "
						  "\xf0\x9f\x87\xa8\xf0\x9f\x87\xb1\\\",\\\"timestamp\\\":\\\"2026-01-05T08:00:00.019Z\\\"}") != NULL,
		      "%s", buf_cstr(&log.body));
	ck_assert(strstr(buf_cstr(&log.body), "\\\"nullCount\\\":{\\\"ind\\\":0,\\\"country\\\":1,\\\"timestamp\\\":0}") != NULL);
	buf_free(&log.body);
}
END_TEST

/* The same rows, clock and seed in a fresh store: the same names and bytes. */
START_TEST(same_bytes)
{
	struct answer log[2], data[2];
	for (int i = 0; i < 2; i++) {
		char key[200] = "delta/geo/", *path;
		if (i) {
			teardown();
			setup();
		}
		write_with(append, 0, 500);
		log[i] = get("delta/geo/_delta_log/00000000000000000000.json");
		path = strstr(buf_cstr(&log[i].body), "\"path\":\"") + 8;
		strncat(key, path, (size_t)(strchr(path, '"') - path));
		data[i] = get(key);
		ck_assert_str_eq(data[i].text, "");
	}
	ck_assert(sl_eq(buf_slice(&log[0].body), buf_slice(&log[1].body)));
	ck_assert(sl_eq(buf_slice(&data[0].body), buf_slice(&data[1].body)));
	for (int i = 0; i < 2; i++) {
		buf_free(&log[i].body);
		buf_free(&data[i].body);
	}
}
END_TEST

/* ---- writers side by side ---- */

static void start_write(struct delta_write in, int from, int n, struct answer *a)
{
	*a = (struct answer){ 0 };
	in.rows = some_rows(from, n);
	in.now_ms = clock_now_ms(env.clock);
	delta_write(&table, &in, on_version, a);
}

START_TEST(two_appends)
{
	struct answer a, b;
	/* The table doesn't exist yet, and both write the very same bytes. */
	start_write(append, 0, 10, &a);
	start_write(append, 0, 10, &b);
	while (!a.calls || !b.calls)
		loop_turn(env.loop, 5);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.text, "");
	ck_assert_int_eq((int)(a.version + b.version), 1);
	ck_assert_int_eq((int)row_count(-1), 20);
	start_write(append, 20, 10, &a);
	start_write(append, 30, 10, &b);
	while (!a.calls || !b.calls)
		loop_turn(env.loop, 5);
	ck_assert_int_eq((int)(a.version + b.version), 5);
	ck_assert_int_eq((int)row_count(-1), 40);
}
END_TEST

START_TEST(many_appends)
{
	enum { N = 25 };
	struct answer a[N];
	int64_t sum = 0;
	for (int i = 0; i < N; i++)
		start_write(append, i * 4, 4, &a[i]);
	for (int i = 0; i < N; i++) {
		while (!a[i].calls)
			loop_turn(env.loop, 5);
		ck_assert_str_eq(a[i].text, "");
		sum += a[i].version;
	}
	ck_assert_int_eq((int)sum, N * (N - 1) / 2);
	ck_assert_int_eq((int)row_count(-1), N * 4);
}
END_TEST

START_TEST(overwrite_loses)
{
	struct delta_write over = append;
	struct answer a, b;
	write_with(append, 0, 10);
	over.mode = DELTA_OVERWRITE;
	start_write(append, 10, 1, &a);
	start_write(over, 100, 1, &b);
	while (!a.calls || !b.calls)
		loop_turn(env.loop, 5);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.code, "DELTA_CONCURRENT_APPEND");
	ck_assert(strstr(b.text, "ConcurrentAppendException: Files were added to the root of the table by a concurrent update.") != NULL);
	ck_assert_int_eq((int)row_count(-1), 11);
	ck_assert_int_eq((int)write_with(over, 100, 3).version, 2);
	ck_assert_int_eq((int)row_count(-1), 3);
	ck_assert_int_eq((int)row_count(1), 11);
}
END_TEST

START_TEST(one_batch_once)
{
	struct delta_write in = append;
	struct answer a, b;
	in.app = S("query-1");
	in.streaming = true;
	start_write(in, 0, 5, &a);
	start_write(in, 0, 5, &b);
	while (!a.calls || !b.calls)
		loop_turn(env.loop, 5);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.text, "");
	ck_assert_int_eq(a.skipped + b.skipped, 1);
	ck_assert(write_with(in, 0, 5).skipped);
	in.app_version = 1;
	ck_assert(!write_with(in, 5, 5).skipped);
	in.app = S("query-2");
	in.app_version = 0;
	ck_assert(!write_with(in, 0, 5).skipped);
	ck_assert_int_eq((int)row_count(-1), 15);
}
END_TEST

/* Each writing call in turn fails, with and without having been done; the same batch again: in once, whatever happened. */
START_TEST(lost_answers)
{
	for (int done = 0; done < 2; done++) {
		int failed = 0;
		for (int at = 1; at <= 6; at++) {
			struct delta_write in = append;
			struct answer a;
			char app[32];
			snprintf(app, sizeof(app), "q-%d-%d", done, at);
			in.app = sl(app);
			table.store = &faulty;
			fault.call = 0;
			fault.fail_at = at;
			fault.done_first = done;
			a = write_with(in, 0, 3);
			failed += a.text[0] != 0;
			table.store = &store;
			a = write_with(in, 0, 3);
			ck_assert_str_eq(a.text, "");
		}
		ck_assert_int_gt(failed, 0);
		ck_assert_int_eq((int)row_count(-1), 18 * (done + 1));
	}
}
END_TEST

/* ---- log and checkpoint ---- */

static void grow_to(int version)
{
	for (int i = 0; i <= version; i++)
		ck_assert_int_eq((int)write_with(append, i * 10, 10).version, i);
}

START_TEST(checkpoint_and_log)
{
	struct answer hint, a;
	char key[100];
	grow_to(12);
	hint = get("delta/geo/_delta_log/_last_checkpoint");
	ck_assert_msg(strncmp(buf_cstr(&hint.body), "{\"version\":10,\"size\":13,", 24) == 0, "%s", buf_cstr(&hint.body));
	buf_free(&hint.body);
	for (int i = 0; i < 10; i++) {
		snprintf(key, sizeof(key), "delta/geo/_delta_log/%020d.json", i);
		drop(key);
	}
	ck_assert_int_eq((int)row_count(-1), 130);
	ck_assert_int_eq((int)row_count(10), 110);
	a = load(9);
	ck_assert_str_eq(a.text, "[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to version 9. Available versions: [10, 12].");
	put("delta/geo/_delta_log/_last_checkpoint", "{\"version\":11}"); /* a lie */
	ck_assert_int_eq((int)row_count(-1), 130);
	put("delta/geo/_delta_log/_last_checkpoint", "not JSON");
	ck_assert_int_eq((int)row_count(-1), 130);
	drop("delta/geo/_delta_log/_last_checkpoint");
	ck_assert_int_eq((int)row_count(-1), 130);
	drop("delta/geo/_delta_log/00000000000000000010.checkpoint.parquet");
	a = load(-1);
	ck_assert_str_eq(a.code, "DELTA_TRUNCATED_TRANSACTION_LOG");
}
END_TEST

START_TEST(missing_entry)
{
	struct answer a;
	grow_to(4);
	drop("delta/geo/_delta_log/00000000000000000002.json");
	a = load(-1);
	ck_assert_str_eq(a.code, "DELTA_VERSIONS_NOT_CONTIGUOUS");
	ck_assert(strstr(a.text, "s3://lake/delta/geo/_delta_log/00000000000000000002.json is missing") != NULL);
	put("delta/geo/_delta_log/00000000000000000002.json", "{\"add\":");
	a = load(-1);
	ck_assert_str_eq(a.code, "DELTA_LOG_DAMAGED");
	ck_assert_msg(strncmp(a.text, "s3://lake/delta/geo/_delta_log/00000000000000000002.json: ", 57) == 0, "%s", a.text);
	table.path = S("delta/none");
	a = load(-1);
	ck_assert_str_eq(a.text, "[DELTA_TABLE_NOT_FOUND] Delta table `s3://lake/delta/none` doesn't exist.");
}
END_TEST

START_TEST(time_travel)
{
	struct answer a = { 0 };
	for (int i = 0; i < 3; i++) {
		clock_freeze(env.clock, NOW_MS + i * DAY_MS);
		write_with(append, i * 10, 10);
	}
	ck_assert_int_eq((int)row_count(0), 10);
	ck_assert_int_eq((int)row_count(1), 20);
	ck_assert_str_eq(load(3).text, "[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to version 3. Available versions: [0, 2].");
	delta_load_at(&table, NOW_MS + DAY_MS + 5, on_snapshot, &a);
	wait_for(&a);
	ck_assert_int_eq((int)a.s->version, 1);
	delta_snapshot_free(a.s);
	a = (struct answer){ 0 };
	delta_load_at(&table, NOW_MS - 1, on_snapshot, &a);
	wait_for(&a);
	ck_assert_str_eq(a.code, "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION");
	a = (struct answer){ 0 };
	delta_load_at(&table, NOW_MS + 9 * DAY_MS, on_snapshot, &a);
	wait_for(&a);
	ck_assert_str_eq(a.code, "DELTA_TIMESTAMP_GREATER_THAN_COMMIT");
}
END_TEST

/* ---- schema of a table ---- */

static struct answer write_one(struct delta_field *fields, size_t n, struct delta_write in)
{
	struct delta_schema schema = { fields, n };
	struct answer a = { 0 };
	in.rows = delta_rows_new(&schema);
	for (size_t i = 0; i < n; i++)
		fields[i].type == DELTA_STRING ? delta_text(in.rows, i, S("x")) : delta_int(in.rows, i, 1);
	delta_row_end(in.rows);
	delta_write(&table, &in, on_version, &a);
	wait_for(&a);
	return a;
}

START_TEST(refused_schema)
{
	struct delta_field fewer[] = { { .name = { "IND", 3 }, .type = DELTA_INTEGER } };
	struct delta_field other[] = { { .name = { "ind", 3 }, .type = DELTA_STRING } };
	struct delta_field more[] = { { .name = { "note", 4 }, .type = DELTA_STRING }, { .name = { "ind", 3 }, .type = DELTA_INTEGER } };
	struct delta_write in = append;
	struct answer a;
	write_with(append, 0, 5);
	a = write_one(other, 1, in);
	ck_assert_str_eq(a.code, "DELTA_FAILED_TO_MERGE_FIELDS");
	a = write_one(more, 2, in);
	ck_assert(strncmp(a.text, "A schema mismatch detected when writing to the Delta table (Table ID: ", 70) == 0);
	ck_assert_int_eq((int)row_count(-1), 5);
	ck_assert_str_eq(write_one(fewer, 1, in).text, "");
	in.merge_schema = true;
	ck_assert_str_eq(write_one(more, 2, in).text, "");
	a = scan(-1);
	ck_assert_int_eq((int)a.rows, 7);
	ck_assert(strstr(buf_cstr(&a.body), "\n{\"ind\":1}\n{\"ind\":1,\"note\":\"x\"}\n") != NULL);
	buf_free(&a.body);
	in.merge_schema = false;
	in.mode = DELTA_OVERWRITE;
	ck_assert_str_eq(write_one(other, 1, in).code, "DELTA_FAILED_TO_MERGE_FIELDS");
	in.overwrite_schema = true;
	ck_assert_str_eq(write_one(other, 1, in).text, "");
	a = scan(-1);
	ck_assert_str_eq(buf_cstr(&a.body), "{\"ind\":\"x\"}\n");
	buf_free(&a.body);
	in.mode = DELTA_ERROR_IF_EXISTS;
	ck_assert_str_eq(write_one(other, 1, in).code, "DELTA_TABLE_ALREADY_EXISTS");
	in.mode = DELTA_IGNORE;
	ck_assert(write_one(other, 1, in).skipped);
}
END_TEST

START_TEST(no_rows)
{
	struct answer a = write_with(append, 0, 0), l;
	ck_assert_str_eq(a.text, "");
	ck_assert_int_eq((int)row_count(-1), 0);
	l = load(-1);
	ck_assert_uint_eq(l.s->schema.n, 4);
	ck_assert_uint_eq(l.s->file_n, 0);
	delta_snapshot_free(l.s);
	ck_assert_int_eq((int)write_with(append, 0, 3).version, 1);
	ck_assert_int_eq((int)row_count(-1), 3);
}
END_TEST

/* Whatever is wrong with a file: its name, what and where. */
START_TEST(damaged_file)
{
	struct delta_field ind = { .name = { "ind", 3 }, .type = DELTA_INTEGER };
	struct answer a, l;
	char key[200], want[300];
	ck_assert_str_eq(write_one(&ind, 1, append).text, "");
	l = load(-1);
	snprintf(key, sizeof(key), "delta/geo/%.*s", SL(l.s->files[0].path));
	delta_snapshot_free(l.s);
	put(key, "PAR1 and then something else");
	snprintf(want, sizeof(want), "s3://lake/%s: Parquet: 28 bytes that don't begin and end with PAR1", key);
	a = scan(-1);
	ck_assert_str_eq(a.text, want);
	buf_free(&a.body);
	put(key, "PAR1....\x01\x01\x01\x01PAR1");
	snprintf(want, sizeof(want), "s3://lake/%s: Parquet: a footer of 16843009 bytes in a file of 16, at byte 8", key);
	a = scan(-1);
	ck_assert_str_eq(a.text, want);
	buf_free(&a.body);
}
END_TEST

/* ---- OPTIMIZE, VACUUM, history ---- */

static void on_optimized(void *arg, const struct delta_optimized *r, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->optimized = *r;
}

static void on_vacuumed(void *arg, const struct slice *paths, size_t n, const struct error *e)
{
	struct answer *a = arg;
	(void)paths;
	note(a, e);
	a->n = n;
}

static struct answer vacuum(int64_t retention_ms, bool dry_run, bool force)
{
	struct delta_vacuum in = { retention_ms, dry_run, force, clock_now_ms(env.clock) };
	struct answer a = { 0 };
	delta_vacuum(&table, &in, on_vacuumed, &a);
	wait_for(&a);
	return a;
}

START_TEST(optimize_and_vacuum)
{
	struct answer before, after, a = { 0 };
	grow_to(7);
	before = scan(-1);
	delta_optimize(&table, 0, PQ_ZSTD, NOW_MS, on_optimized, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "");
	ck_assert_int_eq((int)a.optimized.version, 8);
	ck_assert_int_eq((int)a.optimized.removed_n, 8);
	ck_assert_int_eq((int)a.optimized.added_n, 1);
	after = scan(-1);
	ck_assert_int_eq((int)after.rows, 80);
	ck_assert(sl_eq(buf_slice(&before.body), buf_slice(&after.body)));
	buf_free(&after.body);
	a = (struct answer){ 0 };
	delta_optimize(&table, 0, PQ_ZSTD, NOW_MS, on_optimized, &a);
	wait_for(&a);
	ck_assert_int_eq((int)a.optimized.version, -1); /* nothing to do */

	put("delta/geo/part-orphan.parquet", "never committed");
	put("delta/geo/_checkpoints/q/offsets/0", "a stream's");
	ck_assert_uint_eq(vacuum(-1, false, false).n, 0); /* all too young */
	clock_freeze(env.clock, NOW_MS + 8 * DAY_MS);
	a = vacuum(DAY_MS, false, false);
	ck_assert_str_eq(a.code, "DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT");
	ck_assert(strstr(a.text, "please use a value not less than \"168 hours\".") != NULL);
	ck_assert_uint_eq(vacuum(-1, true, false).n, 9);
	ck_assert_int_eq((int)row_count(5), 60);
	ck_assert_uint_eq(vacuum(-1, false, false).n, 9);
	after = scan(-1);
	ck_assert(sl_eq(buf_slice(&before.body), buf_slice(&after.body)));
	buf_free(&before.body);
	buf_free(&after.body);
	after = scan(5);
	ck_assert_str_eq(after.code, "DELTA_FILE_NOT_FOUND_DETAILED");
	buf_free(&after.body);
	after = get("delta/geo/_checkpoints/q/offsets/0");
	ck_assert_str_eq(buf_cstr(&after.body), "a stream's");
	buf_free(&after.body);
}
END_TEST

START_TEST(optimize_beside_others)
{
	struct delta_write over = append;
	struct answer a = { 0 }, b;
	grow_to(3);
	start_write(append, 100, 10, &b);
	delta_optimize(&table, 0, PQ_SNAPPY, NOW_MS, on_optimized, &a);
	while (!a.calls || !b.calls)
		loop_turn(env.loop, 5);
	ck_assert_str_eq(a.text, "");
	ck_assert_str_eq(b.text, "");
	ck_assert_int_eq((int)row_count(-1), 50);
	over.mode = DELTA_OVERWRITE;
	a = (struct answer){ 0 };
	delta_optimize(&table, 0, PQ_SNAPPY, NOW_MS, on_optimized, &a);
	start_write(over, 0, 1, &b);
	while (!a.calls || !b.calls)
		loop_turn(env.loop, 5);
	/* Who is second loses or sees that nothing of the first matters; never both versions of the data. */
	ck_assert_str_eq(b.text, "");
	ck_assert(a.text[0] == 0 || strcmp(a.code, "DELTA_CONCURRENT_DELETE_READ") == 0);
	ck_assert_int_eq((int)row_count(-1), 1);
}
END_TEST

static void on_history(void *arg, const struct delta_event *e, size_t n, const struct error *er)
{
	struct answer *a = arg;
	note(a, er);
	buf_init(&a->body, 0);
	for (size_t i = 0; i < n; i++)
		buf_addf(&a->body, "%lld %lld %.*s %.*s\n", (long long)e[i].version, (long long)(e[i].timestamp_ms - NOW_MS), SL(e[i].operation),
			 SL(e[i].parameters));
}

START_TEST(history)
{
	struct delta_write in = append;
	struct answer a = { 0 };
	in.app = S("q");
	in.streaming = true;
	write_with(in, 0, 5);
	clock_freeze(env.clock, NOW_MS + 60000);
	in = append;
	in.mode = DELTA_OVERWRITE;
	write_with(in, 0, 5);
	delta_history(&table, 0, on_history, &a);
	wait_for(&a);
	ck_assert_str_eq(buf_cstr(&a.body), "1 60000 WRITE {\"mode\":\"Overwrite\",\"partitionBy\":\"[]\"}\n"
					    "0 0 STREAMING UPDATE {\"outputMode\":\"Append\",\"queryId\":\"q\",\"epochId\":\"0\"}\n");
	buf_free(&a.body);
	a = (struct answer){ 0 };
	delta_history(&table, 1, on_history, &a);
	wait_for(&a);
	ck_assert(strncmp(buf_cstr(&a.body), "1 60000", 7) == 0 && !strstr(buf_cstr(&a.body), "STREAMING"));
	buf_free(&a.body);
}
END_TEST

#include "delta/delta_writer.h"

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *t;

	if (argc > 1)
		return writer_main(argc, argv);
	suite = suite_create("delta");
	t = tcase_create("delta");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, schema_text);
	tcase_add_loop_test(t, schema_fits, 0, ARRAY_LEN(fit_rows));
	tcase_add_test(t, lines);
	tcase_add_test(t, replay);
	tcase_add_loop_test(t, bad_lines, 0, ARRAY_LEN(bad_rows));
	tcase_add_test(t, protocols);
	tcase_add_test(t, write_and_read);
	tcase_add_test(t, same_bytes);
	tcase_add_test(t, two_appends);
	tcase_add_test(t, many_appends);
	tcase_add_test(t, overwrite_loses);
	tcase_add_test(t, one_batch_once);
	tcase_add_test(t, lost_answers);
	tcase_add_test(t, checkpoint_and_log);
	tcase_add_test(t, missing_entry);
	tcase_add_test(t, time_travel);
	tcase_add_test(t, refused_schema);
	tcase_add_test(t, no_rows);
	tcase_add_test(t, damaged_file);
	tcase_add_test(t, optimize_and_vacuum);
	tcase_add_test(t, optimize_beside_others);
	tcase_add_test(t, history);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
