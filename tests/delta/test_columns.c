/* Delta tables as columns: partitions, deletion vectors, column mapping, checkpoints of others; files added and removed in one commit. */
#include "delta_table.h"

static struct arena arena;

static void setup(void)
{
	arena = (struct arena){ 0 };
	table_open();
}

static void teardown(void)
{
	env_close();
	arena_free(&arena);
}

/* ---- rows in and out: columns a (int), t (string), p (string) and so on as text, "1|x|y" a row ---- */

static void value_text(struct buf *b, const struct sp_type *t, const struct sp_value *v)
{
	if (v->null)
		buf_adds(b, "null");
	else if (t->kind == SP_STRING)
		buf_addsl(b, v->s);
	else if (t->kind == SP_DOUBLE)
		buf_addf(b, "%g", v->d);
	else
		buf_addf(b, "%lld", (long long)v->i);
}

static const char *table_text(const struct sp_table *t)
{
	struct buf b = { 0 };
	const char *text;
	for (size_t c = 0; c < t->chunk_n; c++)
		for (size_t r = 0; r < t->chunks[c].n; r++) {
			buf_adds(&b, b.n ? " " : "");
			for (size_t i = 0; i < t->field_n; i++) {
				struct sp_value v = sp_get(&t->chunks[c].columns[i], r);
				buf_adds(&b, i ? "|" : "");
				value_text(&b, t->fields[i].type, &v);
			}
		}
	text = arena_cstr(&arena, buf_slice(&b));
	buf_free(&b);
	return text;
}

struct read_answer {
	struct answer a;
	struct sp_table *rows;
};

static void on_table(void *arg, struct sp_table *rows, const struct error *e)
{
	struct read_answer *r = arg;
	note(&r->a, e);
	r->rows = rows;
}

/* All rows of the latest version, or the error. */
static const char *all(void)
{
	struct answer l = load(-1);
	struct read_answer r = { 0 };
	const char *text;
	if (!l.s)
		return arena_cstr(&arena, sl(l.text));
	delta_read_all(&table, l.s, NULL, on_table, &r);
	wait_for(&r.a);
	text = r.rows ? table_text(r.rows) : arena_cstr(&arena, sl(r.a.text));
	sp_table_free(r.rows);
	delta_snapshot_free(l.s);
	return text;
}

/* Rows of columns a int, p string: "1,x 2,null". */
static struct sp_table *rows_of(const char *text)
{
	struct sp_table *t = sp_table_new();
	struct sp_out a, p;
	struct sp_vec columns[2];
	struct sp_batch b = { .column_n = 2, .columns = columns };
	struct slice rest = sl(text), row, number;
	for (const char *c = text; *c; c++)
		b.n += *c == ',';
	sp_out_make(&a, &arena, &sp_types[SP_INT], b.n);
	sp_out_make(&p, &arena, &sp_types[SP_STRING], b.n);
	for (size_t i = 0; i < b.n; i++) {
		int64_t n = 0;
		(void)sl_cut(rest, ' ', &row, &rest);
		(void)sl_cut(row, ',', &number, &row);
		ck_assert(sl_int(number, -1000, 1000, &n));
		a.i32[i] = (int32_t)n;
		if (sl_eqs(row, "null"))
			sp_out_null(&p, i);
		else
			p.str[i] = row;
	}
	columns[0] = a.v;
	columns[1] = p.v;
	sp_table_add(t, &b);
	return t;
}

static struct sp_field two[] = {
	{ .name = { "a", 1 }, .type = &sp_types[SP_INT], .nullable = true },
	{ .name = { "p", 1 }, .type = &sp_types[SP_STRING], .nullable = true },
};
static const struct slice by_p[] = { { "p", 1 } };

struct files {
	struct answer a;
	struct delta_file files[10];
	size_t n;
};

static void on_files(void *arg, const struct delta_file *files, size_t n, int64_t rows, const struct error *e)
{
	struct files *f = arg;
	note(&f->a, e);
	f->a.rows = rows;
	for (f->n = 0; f->n < n && f->n < 10; f->n++) {
		f->files[f->n] = files[f->n];
		f->files[f->n].path = arena_dup(&arena, files[f->n].path);
		f->files[f->n].stats = arena_dup(&arena, files[f->n].stats);
		f->files[f->n].partition = arena_dup(&arena, files[f->n].partition);
	}
}

static struct files put_rows(const struct delta_target *to, const char *text)
{
	struct files f = { 0 };
	delta_put_rows(&table, to, rows_of(text), PQ_SNAPPY, NOW_MS, sl(NULL), on_files, &f);
	wait_for(&f.a);
	return f;
}

static struct answer change(struct delta_change c)
{
	struct answer a = { 0 };
	c.now_ms = NOW_MS;
	c.operation = c.operation ? c.operation : "WRITE";
	delta_change(&table, &c, on_version, &a);
	wait_for(&a);
	return a;
}

/* A table of a and p with these rows. */
static struct answer create(const char *text, bool partitioned, struct delta_pair config)
{
	struct delta_target to = { two, 2, by_p, partitioned, COL_BY_NAME };
	struct delta_meta meta = delta_meta_new(&arena, &table, two, 2, by_p, partitioned, NOW_MS, S("x"));
	struct files f = put_rows(&to, text);
	ck_assert_str_eq(f.a.text, "");
	if (config.key.p) {
		meta.config = &config;
		meta.config_n = 1;
	}
	return change((struct delta_change){ .meta = &meta, .adds = f.files, .add_n = f.n, .operation = "CREATE TABLE AS SELECT" });
}

/* ---- partitions ---- */

START_TEST(partitions)
{
	struct answer log;
	ck_assert_str_eq(create("1,x 2,null 3,a=b/c 4,x 5, 6,50%", true, (struct delta_pair){ 0 }).text, "");
	ck_assert_str_eq(all(), "1|x 4|x 2|null 5|null 3|a=b/c 6|50%");
	log = get("delta/geo/_delta_log/00000000000000000000.json");
	ck_assert(strstr(buf_cstr(&log.body), "\"path\":\"p=x/part-00000-"));
	ck_assert(strstr(buf_cstr(&log.body), "\"path\":\"p=__HIVE_DEFAULT_PARTITION__/part-00001-"));
	ck_assert(strstr(buf_cstr(&log.body), "\"path\":\"p=a%253Db%252Fc/part-00002-"));
	ck_assert(strstr(buf_cstr(&log.body), "\"partitionValues\":{\"p\":\"a=b/c\"}"));
	ck_assert(strstr(buf_cstr(&log.body), "\"partitionValues\":{\"p\":null}"));
	ck_assert(strstr(buf_cstr(&log.body), "\"partitionColumns\":[\"p\"]"));
	ck_assert(strstr(buf_cstr(&log.body), "\"stats\":\"{\\\"numRecords\\\":2,\\\"minValues\\\":{\\\"a\\\":1},"));
	buf_free(&log.body);
}
END_TEST

#define META(schema, partition, config)                                                                                                       \
	"{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":\"{\\\"type\\\":\\\"struct\\\","     \
	"\\\"fields\\\":[" schema "]}\",\"partitionColumns\":[" partition "],\"configuration\":{" config "},\"createdTime\":0}}\n"
#define COLUMN(name, type) "{\\\"name\\\":\\\"" name "\\\",\\\"type\\\":\\\"" type "\\\",\\\"nullable\\\":true,\\\"metadata\\\":{}}"
#define OLD "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
#define ADD(partition, more) "{\"add\":{\"path\":\"p0.parquet\",\"partitionValues\":{" partition "},\"size\":1,\"modificationTime\":0,\"dataChange\":true" more "}}\n"

/* A data file with the column name: integers 1..n. */
static void put_ints(const char *key, const char *name, int n)
{
	struct sp_field f = { .name = sl(name), .type = &sp_types[SP_INT], .nullable = true };
	struct col_write w = { .fields = &f, .field_n = 1, .codec = PQ_SNAPPY };
	struct answer a = { 0 };
	struct buf file = { 0 };
	struct sp_out o;
	struct sp_batch b = { .n = (size_t)n, .column_n = 1, .columns = &o.v };
	sp_out_make(&o, &arena, f.type, (size_t)n);
	for (int i = 0; i < n; i++)
		o.i32[i] = i + 1;
	ck_assert_int_eq(col_write(&w, &b, 1, &file, NULL, NULL, NULL), 0);
	store.put(store.self, S("lake"), sl(key), S(""), buf_slice(&file), sl(NULL), on_done, &a);
	wait_for(&a);
	buf_free(&file);
}

static const struct log_row {
	const char *label, *log, *want;
} log_rows[] = {
	{ "a partition of floats", OLD META(COLUMN("a", "integer") "," COLUMN("f", "double"), "\"f\"", "") ADD("\"f\":\"1.5\"", ""),
	  "1|1.5 2|1.5 3|1.5" },
	{ "one of times", OLD META(COLUMN("a", "integer") "," COLUMN("f", "timestamp"), "\"f\"", "") ADD("\"f\":\"1970-01-01T00:00:01Z\"", ""),
	  "1|1000000 2|1000000 3|1000000" },
	{ "one that isn't what it should be", OLD META(COLUMN("a", "integer") "," COLUMN("f", "integer"), "\"f\"", "") ADD("\"f\":\"x\"", ""),
	  "s3://lake/delta/geo/p0.parquet: [DELTA_LOG_DAMAGED] Failed to parse the partition value 'x' of column f" },
	{ "an inline deletion vector",
	  "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],\"writerFeatures\":[\"deletionVectors\"]}}\n"
	  META(COLUMN("a", "integer"), "", "") ADD("", ",\"deletionVector\":{\"storageType\":\"i\",\"pathOrInlineDv\":"
						      "\"^Bg9^0rr910000000000iXQKl0rr91000005c8Xg0rr91\",\"sizeInBytes\":34,\"cardinality\":1}"),
	  "1 3" },
	{ "one that isn't what it says",
	  "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"deletionVectors\"],\"writerFeatures\":[\"deletionVectors\"]}}\n"
	  META(COLUMN("a", "integer"), "", "") ADD("", ",\"deletionVector\":{\"storageType\":\"i\",\"pathOrInlineDv\":"
						      "\"^Bg9^0rr910000000000iXQKl0rr91000005c8Xg0rr91\",\"sizeInBytes\":34,\"cardinality\":2}"),
	  "s3://lake/delta/geo/p0.parquet: [DELTA_LOG_DAMAGED] a deletion vector that isn't a bitmap of 2 rows" },
	{ "mapped columns", "{\"protocol\":{\"minReaderVersion\":2,\"minWriterVersion\":5}}\n"
	  META("{\\\"name\\\":\\\"value\\\",\\\"type\\\":\\\"integer\\\",\\\"nullable\\\":true,\\\"metadata\\\":{\\\"delta.columnMapping.id\\\":1,"
	       "\\\"delta.columnMapping.physicalName\\\":\\\"a\\\"}}", "", "\"delta.columnMapping.mode\":\"name\"") ADD("", ""), "1 2 3" },
	{ "reader 2 without mapping", "{\"protocol\":{\"minReaderVersion\":2,\"minWriterVersion\":5}}\n" META(COLUMN("a", "integer"), "", "") ADD("", ""),
	  "1 2 3" },
	{ "columns read as what they became", OLD META(COLUMN("A", "long"), "", "") ADD("", ""), "1 2 3" },
	{ "a column that has come since", OLD META(COLUMN("a", "integer") "," COLUMN("b", "string"), "", "") ADD("", ""), "1|null 2|null 3|null" },
	{ "a feature that isn't known",
	  "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"variantType\"],\"writerFeatures\":[\"variantType\"]}}\n"
	  META(COLUMN("a", "integer"), "", "") ADD("", ""),
	  "[DELTA_UNSUPPORTED_FEATURES_FOR_READ] Unsupported Delta read feature: the table requires reader table feature(s) that are unsupported by "
	  "this version of tarn: variantType." },
	{ "a path of another store", OLD META(COLUMN("a", "integer"), "", "")
	  "{\"add\":{\"path\":\"abfss://x@y/z.parquet\",\"partitionValues\":{},\"size\":1,\"modificationTime\":0,\"dataChange\":true}}\n",
	  "the table's log names a file of another store: abfss://x@y/z.parquet" },
	{ "a path of this one", OLD META(COLUMN("a", "integer"), "", "")
	  "{\"add\":{\"path\":\"s3://lake/delta/geo/p%30.parquet\",\"partitionValues\":{},\"size\":1,\"modificationTime\":0,\"dataChange\":true}}\n",
	  "1 2 3" },
};

START_TEST(logs)
{
	put_ints("delta/geo/p0.parquet", "a", 3);
	put("delta/geo/_delta_log/00000000000000000000.json", log_rows[_i].log);
	ck_assert_str_eq(all(), log_rows[_i].want);
}
END_TEST

/* A checkpoint as JSON that names a sidecar, which is in Parquet; the commits before are gone. */
START_TEST(sidecars)
{
	static struct sp_field path = { .name = { "path", 4 }, .type = &sp_types[SP_STRING], .nullable = true };
	struct sp_field add = { .name = S("add"), .type = sp_struct(&arena, &path, 1), .nullable = true };
	struct col_write w = { .fields = &add, .field_n = 1, .codec = PQ_SNAPPY };
	struct sp_list *l = sp_list_new(&arena, 1);
	struct sp_value v = { .list = l };
	struct answer a = { 0 };
	struct buf file = { 0 };
	struct sp_out o;
	struct sp_batch b = { .n = 1, .column_n = 1, .columns = &o.v };
	l->items[0] = (struct sp_value){ .s = S("p0.parquet") };
	sp_out_make(&o, &arena, add.type, 1);
	sp_out_put(&o, 0, &v);
	ck_assert_int_eq(col_write(&w, &b, 1, &file, NULL, NULL, NULL), 0);
	store.put(store.self, S("lake"), S("delta/geo/_delta_log/_sidecars/s.parquet"), S(""), buf_slice(&file), sl(NULL), on_done, &a);
	wait_for(&a);
	buf_free(&file);
	put_ints("delta/geo/p0.parquet", "a", 2);
	put("delta/geo/_delta_log/_last_checkpoint", "not JSON");
	put("delta/geo/_delta_log/00000000000000000007.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
	    "{\"checkpointMetadata\":{\"version\":7}}\n"
	    "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"v2Checkpoint\"],\"writerFeatures\":[\"v2Checkpoint\"]}}\n"
	    META(COLUMN("a", "integer"), "", "") "{\"sidecar\":{\"path\":\"s.parquet\",\"sizeInBytes\":1,\"modificationTime\":0}}\n");
	put("delta/geo/_delta_log/00000000000000000008.checkpoint.0000000001.0000000002.parquet", "half of one");
	put("delta/geo/_delta_log/00000000000000000008.json", "{\"commitInfo\":{}}\n");
	ck_assert_str_eq(all(), "1 2");
}
END_TEST

/* ---- changes ---- */

static struct slice first_path(const struct delta_snapshot *of)
{
	for (size_t i = 0; i < of->file_n; i++)
		if (of->files[i].live)
			return arena_dup(&arena, of->files[i].path);
	return sl(NULL);
}

/* Files rewritten without a row, in a partitioned table; who comes second with the same file is refused, a blind append is not. */
START_TEST(rewrite)
{
	struct delta_target to;
	struct slice gone;
	struct answer base, late, a;
	struct files kept, more;
	ck_assert_str_eq(create("1,x 2,y 3,x", true, (struct delta_pair){ 0 }).text, "");
	base = load(-1);
	late = load(-1);
	to = delta_target_of(base.s);
	gone = first_path(base.s);
	more = put_rows(&to, "9,z");
	a = change((struct delta_change){ .base = base.s, .adds = more.files, .add_n = more.n });
	ck_assert_str_eq(a.text, "");
	kept = put_rows(&to, "3,x");
	a = change((struct delta_change){ .base = base.s, .removes = &gone, .remove_n = 1, .adds = kept.files, .add_n = kept.n, .reads_all = true,
					  .operation = "DELETE", .parameters = S("{\"predicate\":\"[\\\"a = 1\\\"]\"}") });
	ck_assert_str_eq(a.text, "");
	ck_assert_int_eq((int)a.version, 2);
	ck_assert_str_eq(all(), "2|y 9|z 3|x");
	a = change((struct delta_change){ .base = late.s, .removes = &gone, .remove_n = 1, .operation = "DELETE" });
	ck_assert_str_eq(a.code, "DELTA_CONCURRENT_DELETE_READ");
	a = change((struct delta_change){ .base = late.s, .adds = more.files, .add_n = 1, .reads_all = true, .operation = "UPDATE" });
	ck_assert_str_eq(a.code, "DELTA_CONCURRENT_APPEND");
	delta_snapshot_free(base.s);
	delta_snapshot_free(late.s);
}
END_TEST

static void on_vacuum(void *arg, const struct slice *paths, size_t n, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->n = n;
}

/* What goes is what no version needs: neither files of partitions nor deletion vectors of the latest. */
START_TEST(vacuum)
{
	struct delta_vacuum in = { .retention_ms = -1 };
	struct error bad;
	struct answer base, a = { 0 };
	struct slice gone;
	ck_assert_str_eq(create("1,x 2,y=/% 3,null", true, (struct delta_pair){ 0 }).text, "");
	base = load(-1);
	gone = first_path(base.s);
	ck_assert_str_eq(change((struct delta_change){ .base = base.s, .removes = &gone, .remove_n = 1, .operation = "DELETE" }).text, "");
	delta_snapshot_free(base.s);
	put("delta/geo/deletion_vector_61616161-6161-4161-a161-616161616161.bin", "");
	put("delta/geo/left-over.parquet", "");
	ck_assert_int_eq(env_advance(env.loop, env.clock, 8 * DAY_MS, &bad), 0);
	in.now_ms = clock_now_ms(env.clock);
	delta_vacuum(&table, &in, on_vacuum, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "");
	ck_assert_uint_eq(a.n, 3);
	ck_assert_str_eq(all(), "2|y=/% 3|null");
}
END_TEST

static const struct refused_row {
	const char *key, *value;
	bool removes, checked;
	const char *code;
} refused_rows[] = {
	{ "delta.appendOnly", "true", true, false, "DELTA_CANNOT_MODIFY_APPEND_ONLY" },
	{ "delta.appendOnly", "true", false, false, "" },
	{ "delta.enableChangeDataFeed", "true", true, false, "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE" },
	{ "delta.enableChangeDataFeed", "true", false, false, "" },
	{ "delta.constraints.c", "a > 0", false, false, "" }, /* a table of writer version 2 knows no constraints */
};

START_TEST(refused)
{
	const struct refused_row *row = &refused_rows[_i];
	struct answer base;
	struct error e = { 0 };
	int rc;
	ck_assert_str_eq(create("1,x", false, (struct delta_pair){ sl(row->key), sl(row->value) }).text, "");
	base = load(-1);
	rc = delta_change_check(base.s, row->removes, row->checked, &e);
	ck_assert_str_eq(rc ? e.def->code : "", row->code);
	delta_snapshot_free(base.s);
}
END_TEST

START_TEST(not_null)
{
	struct sp_field strict[] = { two[0], two[1] };
	struct delta_target to = { strict, 2, NULL, 0, COL_BY_NAME };
	struct files f;
	strict[1].nullable = false;
	f = put_rows(&to, "1,x 2,null");
	ck_assert_str_eq(f.a.text, "[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] NOT NULL constraint violated for column: p.");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("delta columns");
	TCase *t = tcase_create("delta columns");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, partitions);
	tcase_add_loop_test(t, logs, 0, ARRAY_LEN(log_rows));
	tcase_add_test(t, sidecars);
	tcase_add_test(t, rewrite);
	tcase_add_test(t, vacuum);
	tcase_add_loop_test(t, refused, 0, ARRAY_LEN(refused_rows));
	tcase_add_test(t, not_null);
	suite_add_tcase(suite, t);
	return run_suite(suite);
}
