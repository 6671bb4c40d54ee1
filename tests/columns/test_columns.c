/* Columns out of Parquet files: shapes of lists and maps, what is nested, types read as wider ones, rows that are gone. */
#include "check_main.h"
#include "columns/columns.h"

static struct arena arena;
static struct error err;

static void setup(void)
{
	arena = (struct arena){ 0 };
}

static void teardown(void)
{
	arena_free(&arena);
}

/* ---- values as text: [1,null], {k:v}, (a,b) ---- */

static void text_of(struct buf *b, const struct sp_type *t, const struct sp_value *v)
{
	size_t n = v->null || !sp_is_nested(t) ? 0 : v->list->n;
	if (v->null) {
		buf_adds(b, "null");
		return;
	}
	switch (t->kind) {
	case SP_STRING:
	case SP_BINARY:
		buf_addsl(b, v->s);
		break;
	case SP_FLOAT:
	case SP_DOUBLE:
		buf_addf(b, "%g", v->d);
		break;
	case SP_DECIMAL:
		buf_addf(b, "%lldd%d", (long long)sp_wide(v->x), t->scale);
		break;
	case SP_ARRAY:
	case SP_MAP:
	case SP_STRUCT:
		buf_addc(b, t->kind == SP_ARRAY ? '[' : t->kind == SP_MAP ? '{' : '(');
		for (size_t i = 0; i < n; i++) {
			const struct sp_type *item = t->kind == SP_STRUCT ? t->fields[i].type : t->kind == SP_MAP && i % 2 == 0 ? t->key : t->item;
			if (i)
				buf_addc(b, t->kind == SP_MAP && i % 2 ? ':' : ',');
			text_of(b, item, &v->list->items[i]);
		}
		buf_addc(b, t->kind == SP_ARRAY ? ']' : t->kind == SP_MAP ? '}' : ')');
		break;
	default:
		buf_addf(b, "%lld", (long long)v->i);
		break;
	}
}

/* A column's rows, a blank between. */
static const char *column_text(const struct sp_batch *chunks, size_t n, size_t column)
{
	struct buf b = { 0 };
	const char *out;
	for (size_t g = 0; g < n; g++)
		for (size_t r = 0; r < chunks[g].n; r++) {
			struct sp_value v = sp_get(&chunks[g].columns[column], r);
			buf_adds(&b, b.n ? " " : "");
			text_of(&b, chunks[g].columns[column].type, &v);
		}
	out = arena_cstr(&arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* ---- files by hand: nodes, and the entries of each leaf ---- */

struct entry {
	int rep, def;
	int64_t v; /* of max_def */
};
static struct slice file_of(const struct pq_node *nodes, size_t n, const struct entry *const *entries, size_t rows)
{
	struct pq_column *c = arena_alloc(&arena, n * sizeof(*c));
	struct pq_schema schema;
	struct pq_writer w;
	struct slice file;
	ck_assert_int_eq(pq_schema_make(&arena, nodes, n, &schema, &err), 0);
	for (size_t i = 0; i < schema.leaf_n; i++) {
		pq_column_init(&c[i], &schema.leaves[i], 0);
		for (const struct entry *e = entries[i]; e->rep >= 0; e++)
			if (e->def < c[i].max_def)
				pq_add_null(&c[i], e->rep, e->def);
			else if (c[i].type == PQ_INT64)
				pq_add_i64(&c[i], e->rep, e->v);
			else if (c[i].type == PQ_BYTES)
				pq_add_bytes(&c[i], e->rep, arena_printf(&arena, "t%lld", (long long)e->v));
			else
				pq_add_i32(&c[i], e->rep, (int32_t)e->v);
	}
	pq_writer_init(&w, &schema, PQ_SNAPPY);
	pq_write_group(&w, c, rows);
	ck_assert_int_eq(pq_writer_finish(&w, &err), 0);
	file = arena_dup(&arena, buf_slice(&w.out));
	for (size_t i = 0; i < schema.leaf_n; i++)
		pq_column_free(&c[i]);
	pq_writer_free(&w);
	return file;
}

#define END { -1, 0, 0 }
#define NAME(s) { s, sizeof(s) - 1 }
#define ROOT(n) { .name = NAME("schema"), .type = PQ_GROUP, .child_n = n }
#define INT(nm, rep) { .name = NAME(nm), .type = PQ_INT32, .repetition = rep }
#define GROUP(nm, rep, k, n) { .name = NAME(nm), .type = PQ_GROUP, .repetition = rep, .kind = k, .child_n = n }

static const struct shape_row {
	const char *label;
	struct pq_node nodes[8];
	size_t node_n;
	struct entry entries[2][10];
	size_t rows;
	const char *type, *want;
} shape_rows[] = {
	{ "a list of three levels", { ROOT(1), GROUP("a", PQ_OPTIONAL, PQ_LIST, 1), GROUP("list", PQ_REPEATED, PQ_RAW, 1), INT("element", PQ_OPTIONAL) },
	  4, { { { 0, 0, 0 }, { 0, 1, 0 }, { 0, 2, 0 }, { 1, 3, 7 }, { 0, 3, 8 }, END } }, 4, "array<int>", "null [] [null,7] [8]" },
	{ "a list of two levels, of numbers", { ROOT(1), GROUP("a", PQ_OPTIONAL, PQ_LIST, 1), INT("item", PQ_REPEATED) }, 3,
	  { { { 0, 0, 0 }, { 0, 1, 0 }, { 0, 2, 1 }, { 1, 2, 2 }, END } }, 3, "array<int>", "null [] [1,2]" },
	{ "a repeated group called array is the element", { ROOT(1), GROUP("a", PQ_OPTIONAL, PQ_LIST, 1), GROUP("array", PQ_REPEATED, PQ_RAW, 1),
	  INT("x", PQ_REQUIRED) }, 4, { { { 0, 1, 0 }, { 0, 2, 1 }, { 1, 2, 2 }, END } }, 2, "array<struct<x:int>>", "[] [(1),(2)]" },
	{ "so is one called by the list and _tuple", { ROOT(1), GROUP("a", PQ_OPTIONAL, PQ_LIST, 1), GROUP("a_tuple", PQ_REPEATED, PQ_RAW, 1),
	  INT("x", PQ_REQUIRED) }, 4, { { { 0, 2, 1 }, END } }, 1, "array<struct<x:int>>", "[(1)]" },
	{ "and one of two fields", { ROOT(1), GROUP("a", PQ_REQUIRED, PQ_LIST, 1), GROUP("bag", PQ_REPEATED, PQ_RAW, 2), INT("x", PQ_OPTIONAL),
	  INT("y", PQ_REQUIRED) }, 5, { { { 0, 0, 0 }, { 0, 1, 0 }, { 1, 2, 2 }, END }, { { 0, 0, 0 }, { 0, 1, 5 }, { 1, 1, 6 }, END } }, 2,
	  "array<struct<x:int,y:int>>", "[] [(null,5),(2,6)]" },
	{ "a repeated field without a list around it", { ROOT(1), INT("a", PQ_REPEATED) }, 2,
	  { { { 0, 0, 0 }, { 0, 1, 1 }, { 1, 1, 2 }, END } }, 2, "array<int>", "[] [1,2]" },
	{ "lists of lists", { ROOT(1), GROUP("a", PQ_OPTIONAL, PQ_LIST, 1), GROUP("list", PQ_REPEATED, PQ_RAW, 1),
	  GROUP("element", PQ_OPTIONAL, PQ_LIST, 1), GROUP("list", PQ_REPEATED, PQ_RAW, 1), INT("element", PQ_OPTIONAL) }, 6,
	  { { { 0, 0, 0 }, { 0, 2, 0 }, { 1, 3, 0 }, { 1, 5, 1 }, { 2, 5, 2 }, { 1, 4, 0 }, { 0, 1, 0 }, END } }, 3, "array<array<int>>",
	  "null [null,[],[1,2],[null]] []" },
	{ "a map", { ROOT(1), GROUP("a", PQ_OPTIONAL, PQ_MAP, 1), GROUP("key_value", PQ_REPEATED, PQ_RAW, 2), INT("key", PQ_REQUIRED),
	  INT("value", PQ_OPTIONAL) }, 5,
	  { { { 0, 0, 0 }, { 0, 1, 0 }, { 0, 2, 1 }, { 1, 2, 2 }, END }, { { 0, 0, 0 }, { 0, 1, 0 }, { 0, 3, 9 }, { 1, 2, 0 }, END } }, 3,
	  "map<int,int>", "null {} {1:9,2:null}" },
	{ "structs, absent and with absent fields", { ROOT(1), GROUP("a", PQ_OPTIONAL, PQ_RAW, 2), INT("x", PQ_OPTIONAL), INT("y", PQ_REQUIRED) }, 4,
	  { { { 0, 0, 0 }, { 0, 1, 0 }, { 0, 2, 3 }, END }, { { 0, 0, 0 }, { 0, 1, 4 }, { 0, 1, 5 }, END } }, 3, "struct<x:int,y:int>",
	  "null (null,4) (3,5)" },
};

static const char *simple(const struct sp_type *t)
{
	struct buf b = { 0 };
	const char *s;
	sp_type_simple(&b, t);
	s = arena_cstr(&arena, buf_slice(&b));
	buf_free(&b);
	return s;
}

START_TEST(shapes)
{
	const struct shape_row *row = &shape_rows[_i];
	const struct entry *entries[] = { row->entries[0], row->entries[1] };
	struct col_read in = { .file = file_of(row->nodes, row->node_n, entries, row->rows) };
	struct sp_field *fields;
	struct sp_batch *chunks;
	size_t n;
	ck_assert_int_eq(col_schema(&arena, in.file, &fields, &in.field_n, &err), 0);
	in.fields = fields;
	ck_assert_uint_eq(in.field_n, 1);
	ck_assert_str_eq(simple(fields[0].type), row->type);
	ck_assert_int_eq(col_read(&arena, &in, &chunks, &n, &err), 0);
	ck_assert_str_eq(column_text(chunks, n, 0), row->want);

	/* Written by us and read back it is the same. */
	struct col_write out = { .fields = fields, .field_n = 1, .codec = PQ_ZSTD };
	struct buf file = { 0 };
	int64_t rows;
	ck_assert_int_eq(col_write(&out, chunks, n, &file, NULL, &rows, &err), 0);
	ck_assert_int_eq((int)rows, (int)row->rows);
	in.file = buf_slice(&file);
	ck_assert_int_eq(col_read(&arena, &in, &chunks, &n, &err), 0);
	ck_assert_str_eq(column_text(chunks, n, 0), row->want);
	buf_free(&file);
}
END_TEST

/* Every atomic type, with NULLs and constants, and what the log says of them. */
START_TEST(atoms)
{
	const struct sp_type *types[] = {
		&sp_types[SP_BOOLEAN], &sp_types[SP_TINYINT], &sp_types[SP_SMALLINT], &sp_types[SP_INT], &sp_types[SP_BIGINT], &sp_types[SP_FLOAT],
		&sp_types[SP_DOUBLE], sp_decimal(&arena, 9, 2), sp_decimal(&arena, 18, 0), sp_decimal(&arena, 38, 3), &sp_types[SP_STRING],
		&sp_types[SP_BINARY], &sp_types[SP_DATE], &sp_types[SP_TIMESTAMP], &sp_types[SP_TIMESTAMP_NTZ],
	};
	enum { N = ARRAY_LEN(types) };
	struct sp_field *fields = arena_alloc(&arena, N * sizeof(*fields)), *back;
	struct sp_batch in = { .n = 3, .column_n = N, .columns = arena_alloc(&arena, N * sizeof(struct sp_vec)) }, *chunks;
	struct col_write write = { .fields = fields, .field_n = N, .codec = PQ_NONE };
	struct col_read read = { .fields = fields, .field_n = N };
	struct buf file = { 0 }, stats = { 0 };
	size_t n;
	for (size_t i = 0; i < N; i++) {
		struct sp_value v = { 0 };
		struct sp_out o;
		fields[i] = (struct sp_field){ .name = arena_printf(&arena, "c%zu", i), .type = types[i], .nullable = true };
		sp_out_make(&o, &arena, types[i], 3);
		for (int r = 0; r < 3; r += 2) { /* the second is NULL */
			if (types[i]->kind == SP_STRING || types[i]->kind == SP_BINARY)
				v.s = r ? S("zz") : S("a");
			else if (types[i]->kind == SP_FLOAT || types[i]->kind == SP_DOUBLE)
				v.d = r ? -1.5 : 0.25;
			else if (types[i]->kind == SP_DECIMAL)
				v.x = sp_narrow(r ? -7 : 12345);
			else
				v.i = r ? 1 : 0;
			sp_out_put(&o, (size_t)r, &v);
		}
		sp_out_null(&o, 1);
		in.columns[i] = o.v;
	}
	ck_assert_int_eq(col_write(&write, &in, 1, &file, &stats, NULL, &err), 0);
	ck_assert_str_eq(buf_cstr(&stats),
			 "{\"numRecords\":3,\"minValues\":{\"c1\":0,\"c2\":0,\"c3\":0,\"c4\":0,\"c5\":-1.5,\"c6\":-1.5,\"c7\":-0.07,\"c8\":-7,"
			 "\"c10\":\"a\",\"c12\":\"1970-01-01\",\"c13\":\"1970-01-01T00:00:00.000Z\",\"c14\":\"1970-01-01T00:00:00.000\"},"
			 "\"maxValues\":{\"c1\":1,\"c2\":1,\"c3\":1,\"c4\":1,\"c5\":0.25,\"c6\":0.25,\"c7\":123.45,\"c8\":12345,"
			 "\"c10\":\"zz\",\"c12\":\"1970-01-02\",\"c13\":\"1970-01-01T00:00:00.000Z\",\"c14\":\"1970-01-01T00:00:00.000\"},"
			 "\"nullCount\":{\"c0\":1,\"c1\":1,\"c2\":1,\"c3\":1,\"c4\":1,\"c5\":1,\"c6\":1,\"c7\":1,\"c8\":1,\"c9\":1,\"c10\":1,"
			 "\"c11\":1,\"c12\":1,\"c13\":1,\"c14\":1}}");
	ck_assert_int_eq(col_schema(&arena, buf_slice(&file), &back, &n, &err), 0);
	ck_assert_uint_eq(n, N);
	for (size_t i = 0; i < N; i++)
		ck_assert_str_eq(simple(back[i].type), simple(types[i]));
	read.file = buf_slice(&file);
	ck_assert_int_eq(col_read(&arena, &read, &chunks, &n, &err), 0);
	for (size_t i = 0; i < N; i++)
		ck_assert_str_eq(column_text(chunks, n, i), column_text(&in, 1, i));
	buf_free(&file);
	buf_free(&stats);
}
END_TEST

/* A file of integers read as columns of other types. */
static const struct as_row {
	enum sp_kind kind;
	int precision, scale;
	int64_t v;
	const char *want;
} as_rows[] = {
	{ SP_INT, 0, 0, -5, "-5 null" },
	{ SP_BIGINT, 0, 0, -5, "-5 null" },
	{ SP_DOUBLE, 0, 0, -5, "-5 null" },
	{ SP_DECIMAL, 12, 2, -5, "-500d2 null" },
	{ SP_DECIMAL, 11, 2, -5, NULL }, /* nine digits before the point hold not every int */
	{ SP_TINYINT, 0, 0, 127, "127 null" },
	{ SP_TINYINT, 0, 0, 128, NULL },
	{ SP_STRING, 0, 0, 1, NULL },
	{ SP_DATE, 0, 0, 1, NULL },
};

START_TEST(wider)
{
	static const struct pq_node nodes[] = { ROOT(1), INT("a", PQ_OPTIONAL) };
	const struct as_row *row = &as_rows[_i];
	const struct entry entries[] = { { 0, 1, row->v }, { 0, 0, 0 }, END }, *leaf = entries;
	const struct sp_type *type = row->kind == SP_DECIMAL ? sp_decimal(&arena, row->precision, row->scale) : &sp_types[row->kind];
	struct sp_field field = { .name = S("A"), .type = type, .nullable = true };
	struct col_read in = { .file = file_of(nodes, 2, &leaf, 2), .fields = &field, .field_n = 1 };
	struct sp_batch *chunks;
	size_t n;
	int rc = col_read(&arena, &in, &chunks, &n, &err);
	if (!row->want) {
		ck_assert_int_ne(rc, 0);
		return;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_str_eq(column_text(chunks, n, 0), row->want);
}
END_TEST

/* Columns found by name, physical name and id; one that the file hasn't; one not wanted; a constant; a row that is gone. */
START_TEST(table)
{
	static const struct pq_node nodes[] = {
		ROOT(4), INT("a", PQ_OPTIONAL), INT("col-1", PQ_OPTIONAL),
		{ .name = NAME("t"), .type = PQ_BYTES, .repetition = PQ_OPTIONAL, .kind = PQ_STRING },
		{ .name = NAME("big"), .type = PQ_INT64, .repetition = PQ_REQUIRED },
	};
	static const struct entry a[] = { { 0, 1, 1 }, { 0, 1, 2 }, { 0, 0, 0 }, END }, c[] = { { 0, 1, 10 }, { 0, 1, 20 }, { 0, 1, 30 }, END },
				  t[] = { { 0, 1, 1 }, { 0, 0, 0 }, { 0, 1, 1 }, END }, big[] = { { 0, 0, 7 }, { 0, 0, 8 }, { 0, 0, 9 }, END };
	static const struct entry *const entries[] = { a, c, t, big };
	struct sp_field fields[] = {
		{ .name = S("A"), .type = &sp_types[SP_INT], .nullable = true },
		{ .name = S("b"), .type = &sp_types[SP_INT], .nullable = true, .metadata = S("{\"delta.columnMapping.physicalName\":\"col-1\"}") },
		{ .name = S("T"), .type = &sp_types[SP_STRING], .nullable = true },
		{ .name = S("missing"), .type = &sp_types[SP_DATE], .nullable = true },
		{ .name = S("part"), .type = &sp_types[SP_STRING], .nullable = true },
		{ .name = S("big"), .type = &sp_types[SP_BIGINT], .nullable = true },
	};
	static const bool wanted[] = { true, true, true, true, true, false };
	static const struct sp_value part = { .s = { "p", 1 } };
	static const struct sp_value *const constant[] = { NULL, NULL, NULL, NULL, &part, NULL };
	static const uint64_t gone[] = { 1, 5 };
	struct col_read in = { .file = file_of(nodes, 5, entries, 3), .fields = fields, .field_n = 6, .match = COL_BY_PHYSICAL, .wanted = wanted,
			       .constant = constant, .gone = gone, .gone_n = 2 };
	struct sp_batch *chunks;
	size_t n;
	ck_assert_int_eq(col_read(&arena, &in, &chunks, &n, &err), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(column_text(chunks, n, 0), "1 null");
	ck_assert_str_eq(column_text(chunks, n, 1), "10 30");
	ck_assert_str_eq(column_text(chunks, n, 2), "t1 t1");
	ck_assert_str_eq(column_text(chunks, n, 3), "null null");
	ck_assert_str_eq(column_text(chunks, n, 4), "p p");
	ck_assert(!chunks[0].columns[5].type);
	ck_assert(chunks[0].columns[2].dict_n > 0);
}
END_TEST

/* A file of Spark 2.4, whose days before 1582-10-15 are the Julian calendar's: 1000-01-01, 1582-10-04 and 1970-01-01. */
START_TEST(julian)
{
	static const char base64[] = "UEFSMRUAFSQVJCwVBhUAFQYVBhwAAAACAAAABgEYmPr/jNf9/wAAAAAVABUsFSwsFQYVABUGFQYcAAAAAgAAAAMDBQAxbY5Ak/8AAAAAAAAAABUEGTw1ABgG"
		"c2NoZW1hFQQAFQIlAhgBZCUMTGwAAAAVBCUCGAF0JRRMjBEcLAAAAAAAFgYZHBksJgAcFQIZJQYAGRgBZBUAFgYWShZKJghJHBUAFQAVAgA8KQYZJgAGAAAA"
		"JgAcFQQZJQYAGRgBdBUAFgYWUhZSJlJJHBUAFQAVAgA8KQYZJgIEAAAAFpwBFgYmCBacAQAZHBgYb3JnLmFwYWNoZS5zcGFyay52ZXJzaW9uGAUyLjQuOAAY"
		"IHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGSwcAAAcAAAA5gAAAFBBUjE=";
	struct sp_field *fields;
	struct sp_batch *chunks;
	struct col_read in = { 0 };
	size_t n;
	ck_assert(arena_base64(&arena, sl(base64), &in.file));
	ck_assert_int_eq(col_schema(&arena, in.file, &fields, &in.field_n, &err), 0);
	in.fields = fields;
	ck_assert_int_eq(col_read(&arena, &in, &chunks, &n, &err), 0);
	ck_assert_str_eq(column_text(chunks, n, 0), "-354285 -141438 0");
	ck_assert_str_eq(column_text(chunks, n, 1), "-30610223999999995 0 null");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("columns");
	TCase *t = tcase_create("columns");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, shapes, 0, ARRAY_LEN(shape_rows));
	tcase_add_loop_test(t, wider, 0, ARRAY_LEN(as_rows));
	tcase_add_test(t, table);
	tcase_add_test(t, atoms);
	tcase_add_test(t, julian);
	suite_add_tcase(s, t);
	return run_suite(s);
}
