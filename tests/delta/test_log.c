/* The Delta log by hand: schemas as text, the log's lines, replay, checkpoints, protocols. */
#include "delta_table.h"

static struct error err;

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
		{ "{\"protocol\":{\"minReaderVersion\":2,\"minWriterVersion\":5}}", true, false },
		{ "{\"protocol\":{\"minReaderVersion\":4,\"minWriterVersion\":7}}", false, true },
		{ "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[],\"writerFeatures\":[\"appendOnly\"]}}", true, true },
		{ "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],\"writerFeatures\":"
		  "[\"deletionVectors\"]}}", true, false },
		{ "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"variantType\"],\"writerFeatures\":"
		  "[\"variantType\"]}}", false, false },
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

int main(void)
{
	Suite *suite = suite_create("delta log");
	TCase *t = tcase_create("delta log");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, schema_text);
	tcase_add_loop_test(t, schema_fits, 0, ARRAY_LEN(fit_rows));
	tcase_add_test(t, lines);
	tcase_add_test(t, replay);
	tcase_add_loop_test(t, bad_lines, 0, ARRAY_LEN(bad_rows));
	tcase_add_test(t, protocols);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
