/* Parquet: encodings against bytes computed by hand from the specification, a whole file likewise, and everything that is
 * written read back. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "parquet/parquet.h"
#include "parquet/thrift.h"

/* "15 02 'abc" -> bytes; ' starts letters up to the next space. */
static struct slice bytes_of(const char *text, char *out)
{
	size_t n = 0;
	unsigned byte;
	for (const char *p = text; *p;) {
		if (*p == ' ' || *p == '\n') {
			p++;
		} else if (*p == '\'') {
			for (p++; *p && *p != '\''; p++)
				out[n++] = *p;
			p += *p == '\'';
		} else {
			ck_assert_int_eq(sscanf(p, "%2x", &byte), 1);
			out[n++] = (char)byte;
			p += 2;
		}
	}
	return sl_of(out, n);
}

static void same_bytes(const struct buf *b, const char *want)
{
	char room[4096];
	struct slice w = bytes_of(want, room);
	struct buf a = { 0 }, e = { 0 };
	buf_hex(&a, b->p, b->n);
	buf_hex(&e, w.p, w.n);
	ck_assert_str_eq(buf_cstr(&a), buf_cstr(&e));
	buf_free(&a);
	buf_free(&e);
}

/* ---- runs ---- */

static const struct runs_row {
	const char *label;
	int width;
	size_t n;
	uint32_t v[24];
	const char *bytes;
} runs_rows[] = {
	{ "0..7 packed, as Encodings.md shows it", 3, 8, { 0, 1, 2, 3, 4, 5, 6, 7 }, "03 88 c6 fa" },
	{ "ten equal ones", 3, 10, { 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 }, "14 04" },
	{ "a run of a value of two bytes", 10, 9, { 700, 700, 700, 700, 700, 700, 700, 700, 700 }, "12 bc 02" },
	{ "a short tail of equal ones", 1, 3, { 1, 1, 1 }, "06 01" },
	{ "a group that isn't full", 1, 3, { 1, 0, 1 }, "03 05" },
	{ "packed, then a run", 1, 16, { 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1 }, "03 55 10 01" },
	{ "a run, then packed", 2, 11, { 3, 3, 3, 3, 3, 3, 3, 3, 3, 1, 2 }, "12 03 03 09 00" },
	{ "two groups in one header", 2, 16, { 0, 1, 2, 3, 0, 1, 2, 3, 3, 2, 1, 0, 3, 2, 1, 0 }, "05 e4 e4 1b 1b" },
	{ "nothing", 1, 0, { 0 }, "" },
};

START_TEST(runs)
{
	const struct runs_row *row = &runs_rows[_i];
	uint32_t back[24] = { 0 };
	struct buf b = { 0 };
	struct rd r;
	pq_runs_put(&b, row->v, row->n, row->width);
	same_bytes(&b, row->bytes);
	r = rd_of(b.p, b.n);
	ck_assert(pq_runs_get(&r, back, row->n, row->width));
	ck_assert_mem_eq(back, row->v, row->n * sizeof(*back));
	ck_assert_uint_eq(r.n, 0);
	buf_free(&b);
}
END_TEST

START_TEST(runs_refused)
{
	uint32_t v[16];
	uint8_t l[16];
	struct rd r = rd_of("\x00\x01", 2);
	ck_assert(!pq_runs_get(&r, v, 1, 1)); /* a run of none */
	r = rd_of("\x03", 1);
	ck_assert(!pq_runs_get(&r, v, 8, 3)); /* cut */
	r = rd_of("\x02\x04", 2);
	ck_assert(!pq_runs_get(&r, v, 1, 2)); /* a value over its width */
	r = rd_of("\x02\x03", 2);
	ck_assert(!pq_levels_get(&r, l, 1, 2)); /* a level over its maximum */
	r = rd_of("\x02\x01", 2);
	ck_assert(!pq_levels_get(&r, l, 2, 1)); /* too few */
}
END_TEST

/* All widths, runs of all lengths. */
START_TEST(runs_round_trip)
{
	enum { N = 5000 };
	static uint32_t v[N], back[N];
	uint32_t x = 1;
	for (int width = 1; width <= 32; width++) {
		struct buf b = { 0 };
		struct rd r;
		for (size_t i = 0; i < N;) {
			x = x * 1664525 + 1013904223;
			for (uint32_t run = x >> 27; run-- && i < N;)
				v[i++] = width == 32 ? x : x & ((1u << width) - 1);
		}
		pq_runs_put(&b, v, N, width);
		r = rd_of(b.p, b.n);
		ck_assert(pq_runs_get(&r, back, N, width));
		ck_assert_mem_eq(back, v, sizeof(v));
		ck_assert_uint_eq(r.n, 0);
		buf_free(&b);
	}
}
END_TEST

/* ---- encodings that only others write ---- */

START_TEST(delta_integers)
{
	static const int32_t want[] = { 7, 5, 3, 1, 2, 3, 4, 5 };
	struct pq_leaf leaf = { .type = PQ_INT32 };
	struct pq_column c;
	char room[256];
	/* blocks of 128 in 4 parts, 8 values, the first 7; least difference -2, two bits each: 0 0 0 3 3 3 3 */
	struct slice in = bytes_of("80 01 04 08 0e 03 02 00 00 00 c0 3f 00 00 00 00 00 00", room);
	bool good = false;
	struct rd r;
	pq_column_init(&c, &leaf, 0);
	r = rd_of(in.p, in.n);
	ck_assert(pq_delta_get(PQ_DELTA_BINARY, &r, &c, 8, &good) && good);
	ck_assert_mem_eq(c.i32, want, sizeof(want));
	ck_assert_uint_eq(r.n, 0);
	for (size_t cut = 0; cut < in.n; cut++) {
		pq_column_reset(&c);
		r = rd_of(in.p, cut);
		ck_assert(pq_delta_get(PQ_DELTA_BINARY, &r, &c, 8, &good) && !good);
	}
	r = rd_of(in.p, in.n);
	ck_assert(pq_delta_get(PQ_DELTA_BINARY, &r, &c, 9, &good) && !good); /* one more than there are */
	ck_assert(!pq_delta_get(PQ_DELTA_BYTES, &r, &c, 8, &good));
	pq_column_free(&c);
}
END_TEST

START_TEST(delta_texts)
{
	static const char *const want[] = { "axis", "axle", "babble", "babyhood" };
	struct pq_leaf leaf = { .type = PQ_BYTES };
	struct pq_column c;
	char room[256];
	/* shared beginnings 0 2 0 3, lengths of the rest 4 2 6 5, the rests */
	struct slice in = bytes_of("80 01 04 04 00 03 03 00 00 00 44 01 00 00 00 00 00 00 00 00 00 00"
				   "80 01 04 04 08 03 03 00 00 00 70 00 00 00 00 00 00 00 00 00 00 00 'axislebabbleyhood'", room);
	bool good = false;
	struct rd r;
	pq_column_init(&c, &leaf, 0);
	r = rd_of(in.p, in.n);
	ck_assert(pq_delta_get(PQ_DELTA_BYTES, &r, &c, 4, &good) && good);
	for (size_t i = 0; i < 4; i++)
		ck_assert(sl_eqs(pq_bytes(&c, i), want[i]));
	for (size_t cut = 0; cut < in.n; cut++) {
		pq_column_reset(&c);
		r = rd_of(in.p, cut);
		ck_assert(pq_delta_get(PQ_DELTA_BYTES, &r, &c, 4, &good) && !good);
	}
	pq_column_reset(&c);
	r = rd_of(in.p + 22, in.n - 22);
	ck_assert(pq_delta_get(PQ_DELTA_LENGTH, &r, &c, 4, &good) && good);
	ck_assert(sl_eqs(pq_bytes(&c, 1), "le") && sl_eqs(pq_bytes(&c, 3), "yhood"));
	pq_column_free(&c);
}
END_TEST

START_TEST(split_reals)
{
	struct pq_leaf leaf = { .type = PQ_DOUBLE };
	struct pq_column c;
	char room[64];
	struct slice in = bytes_of("0000 0000 0000 0000 0000 0000 f804 3f40", room);
	bool good = false;
	struct rd r = rd_of(in.p, in.n);
	pq_column_init(&c, &leaf, 0);
	ck_assert(pq_delta_get(PQ_BYTE_SPLIT, &r, &c, 2, &good) && good);
	ck_assert(c.f64[0] == 1.5 && c.f64[1] == 2.5);
	pq_column_free(&c);
}
END_TEST

/* ---- thrift ---- */

START_TEST(thrift_bytes)
{
	struct buf b = { 0 };
	struct th_writer w;
	w = th_writer(&b);
	th_i32(&w, 1, -1);
	th_bool(&w, 2, true);
	th_i64(&w, 20, 300);
	th_binary(&w, 21, S("hi"));
	th_struct(&w, 22);
	th_bool(&w, 1, false);
	th_end(&w);
	th_list(&w, 23, TH_I32, 16);
	for (int i = 0; i < 16; i++)
		th_item_i32(&w, i);
	th_end(&w);
	same_bytes(&b, "15 01 11 06 28 d8 04 18 02 'hi' 1c 12 00 19 f5 10 00 02 04 06 08 0a 0c 0e 10 12 14 16 18 1a 1c 1e 00");
	buf_free(&b);
}
END_TEST

START_TEST(thrift_skips)
{
	char room[256];
	/* byte, double, set of bools, map of i32 to text, list of structs; then an i32 of 7. */
	struct slice in = bytes_of("13 ff 17 0000000000000000 1a 21 01 02 1b 01 58 02 01 'x' 19 2c 15 02 00 00 15 0e 00", room);
	struct th_reader t = th_reader(in);
	struct th_field f;
	int64_t got = 0;
	th_enter(&t);
	while (th_field(&t, &f))
		if (f.id == 6)
			got = th_take_int(&t, f);
		else
			th_skip(&t, f);
	ck_assert(!t.r.bad);
	ck_assert_int_eq(got, 7);
	for (size_t cut = 0; cut < in.n; cut++) {
		t = th_reader(sl_of(in.p, cut));
		th_enter(&t);
		while (th_field(&t, &f))
			th_skip(&t, f);
		ck_assert(t.r.bad);
	}
}
END_TEST

/* ---- files ---- */

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

static struct pq_schema schema_of(const struct pq_node *nodes, size_t n)
{
	struct pq_schema s;
	ck_assert_int_eq(pq_schema_make(&arena, nodes, n, &s, &err), 0);
	return s;
}

START_TEST(small_file)
{
	static const struct pq_node nodes[] = {
		{ .name = { "schema", 6 }, .type = PQ_GROUP, .child_n = 1 },
		{ .name = { "a", 1 }, .type = PQ_INT32, .repetition = PQ_REQUIRED },
	};
	struct pq_schema schema = schema_of(nodes, ARRAY_LEN(nodes));
	struct pq_writer w;
	struct pq_column c;
	pq_column_init(&c, &schema.leaves[0], 0);
	pq_add_i32(&c, 0, 1);
	pq_add_i32(&c, 0, 2);
	pq_writer_init(&w, &schema, PQ_NONE);
	pq_write_group(&w, &c, 2);
	ck_assert_int_eq(pq_writer_finish(&w, &err), 0);
	same_bytes(&w.out,
		   "'PAR1'"
		   /* page: data, 8 bytes, 8 bytes packed, their CRC-32 0x0381177c, 2 values, PLAIN, RLE, RLE */
		   "15 00 15 10 15 10 15 f8 dd 88 38 1c 15 04 15 00 15 06 15 06 00 00"
		   "01 00 00 00 02 00 00 00"
		   /* version 1; schema: root with a child, then the leaf */
		   "15 02 19 2c 48 06 'schema' 15 02 00 15 02 25 00 18 01 'a' 00"
		   /* 2 rows; one group of one chunk: INT32, PLAIN and RLE, path a, no codec, 2 values, 30 bytes, at 4 */
		   "16 04 19 1c 19 1c 26 00 1c 15 02 19 25 00 06 19 18 01 'a' 15 00 16 04 16 3c 16 3c 26 08"
		   /* statistics: no nulls, 2 and 1, both exact */
		   "3c 36 00 28 04 02 00 00 00 18 04 01 00 00 00 11 11 00 00 00"
		   /* the group: 30 bytes, 2 rows, at 4, 30 bytes, the 0th */
		   "16 3c 16 04 26 08 16 3c 14 00 00"
		   "28 1c 'tarn version 1.0.0 (build 0)' 19 1c 1c 00 00 00"
		   "77 00 00 00 'PAR1'");
	pq_column_free(&c);
	pq_writer_free(&w);
}
END_TEST

static const struct pq_node list_nodes[] = {
	{ .name = { "spark_schema", 12 }, .type = PQ_GROUP, .child_n = 1 },
	{ .name = { "coordinates", 11 }, .type = PQ_GROUP, .repetition = PQ_OPTIONAL, .kind = PQ_LIST, .child_n = 1 },
	{ .name = { "list", 4 }, .type = PQ_GROUP, .repetition = PQ_REPEATED, .child_n = 1 },
	{ .name = { "element", 7 }, .type = PQ_DOUBLE, .repetition = PQ_OPTIONAL },
};

/* null, [], [null], [1.5, 2.5]: levels and the page's body by hand. */
START_TEST(list_page)
{
	struct pq_schema schema = schema_of(list_nodes, ARRAY_LEN(list_nodes));
	struct pq_page page;
	struct pq_writer w;
	struct pq_column c, back;
	struct pq_file f;
	size_t header;
	struct buf body = { 0 };
	ck_assert_int_eq(schema.leaves[0].max_def, 3);
	ck_assert_int_eq(schema.leaves[0].max_rep, 1);
	pq_column_init(&c, &schema.leaves[0], 0);
	pq_add_null(&c, 0, 0);
	pq_add_null(&c, 0, 1);
	pq_add_null(&c, 0, 2);
	pq_add_f64(&c, 0, 1.5);
	pq_add_f64(&c, 1, 2.5);
	pq_writer_init(&w, &schema, PQ_NONE);
	pq_write_group(&w, &c, 4);
	ck_assert_int_eq(pq_writer_finish(&w, &err), 0);
	ck_assert_int_eq(pq_page_read(sl_of(w.out.p + 4, w.out.n - 4), &page, &header, &err), 0);
	ck_assert_int_eq(page.value_n, 5);
	buf_add(&body, w.out.p + 4 + header, page.packed);
	/* rep 0 0 0 0 1 in one packed byte; def 0 1 2 3 3 in two bits each */
	same_bytes(&body, "02 00 00 00 03 10  03 00 00 00 03 e4 03  000000000000f83f 0000000000000440");
	buf_free(&body);

	ck_assert_int_eq(pq_open(&f, buf_slice(&w.out), &err), 0);
	ck_assert_int_eq((int)f.row_n, 4);
	pq_column_init(&back, &f.schema.leaves[0], 0);
	ck_assert_int_eq(pq_read_chunk(&f, 0, 0, &back, &err), 0);
	ck_assert_uint_eq(back.level_n, 5);
	ck_assert_mem_eq(back.def, c.def, 5);
	ck_assert_mem_eq(back.rep, c.rep, 5);
	ck_assert_uint_eq(back.n, 2);
	ck_assert(back.f64[1] == 2.5);
	pq_column_free(&back);
	pq_close(&f);
	pq_column_free(&c);
	pq_writer_free(&w);
}
END_TEST

/* Four texts, two of them different: dictionary page, then indices. */
START_TEST(dictionary_page)
{
	static const struct pq_node nodes[] = {
		{ .name = { "schema", 6 }, .type = PQ_GROUP, .child_n = 1 },
		{ .name = { "t", 1 }, .type = PQ_BYTES, .repetition = PQ_OPTIONAL, .kind = PQ_STRING },
	};
	struct pq_schema schema = schema_of(nodes, ARRAY_LEN(nodes));
	struct pq_page page;
	struct pq_writer w;
	struct pq_column c;
	size_t header, at = 4;
	struct buf body = { 0 };
	pq_column_init(&c, &schema.leaves[0], 0);
	pq_add_bytes(&c, 0, S("b"));
	pq_add_bytes(&c, 0, S("\xf0\x9f\x8f\x94"));
	pq_add_null(&c, 0, 0);
	pq_add_bytes(&c, 0, S("b"));
	pq_add_bytes(&c, 0, S("b"));
	pq_writer_init(&w, &schema, PQ_NONE);
	pq_write_group(&w, &c, 5);
	ck_assert_int_eq(pq_writer_finish(&w, &err), 0);
	ck_assert_int_eq(pq_page_read(sl_of(w.out.p + at, w.out.n - at), &page, &header, &err), 0);
	ck_assert_int_eq(page.type, 2);
	ck_assert_int_eq(page.value_n, 2);
	buf_add(&body, w.out.p + at + header, page.packed);
	same_bytes(&body, "01 00 00 00 'b' 04 00 00 00 f0 9f 8f 94");
	at += header + page.packed;
	buf_reset(&body);
	ck_assert_int_eq(pq_page_read(sl_of(w.out.p + at, w.out.n - at), &page, &header, &err), 0);
	ck_assert_int_eq(page.type, 0);
	ck_assert_int_eq(page.encoding, PQ_RLE_DICTIONARY);
	buf_add(&body, w.out.p + at + header, page.packed);
	/* definition 1 1 0 1 1; width 1, indices 0 1 0 0 */
	same_bytes(&body, "02 00 00 00 03 1b  01 03 02");
	buf_free(&body);
	pq_column_free(&c);
	pq_writer_free(&w);
}
END_TEST

/* ---- everything written comes back ---- */

static const struct pq_node wide_nodes[] = {
	{ .name = { "spark_schema", 12 }, .type = PQ_GROUP, .child_n = 7 },
	{ .name = { "flag", 4 }, .type = PQ_BOOLEAN, .repetition = PQ_OPTIONAL },
	{ .name = { "small", 5 }, .type = PQ_INT32, .repetition = PQ_OPTIONAL },
	{ .name = { "big", 3 }, .type = PQ_INT64, .repetition = PQ_REQUIRED },
	{ .name = { "real", 4 }, .type = PQ_DOUBLE, .repetition = PQ_OPTIONAL },
	{ .name = { "word", 4 }, .type = PQ_BYTES, .repetition = PQ_OPTIONAL, .kind = PQ_STRING },
	{ .name = { "story", 5 }, .type = PQ_BYTES, .repetition = PQ_OPTIONAL, .kind = PQ_STRING },
	{ .name = { "at", 2 }, .type = PQ_INT64, .repetition = PQ_OPTIONAL, .kind = PQ_MICROS },
};

static void fill(struct pq_column *c, size_t from, size_t n)
{
	char text[64];
	for (size_t i = from; i < from + n; i++) {
		bool none = i % 7 == 3;
		none ? pq_add_null(&c[0], 0, 0) : pq_add_bool(&c[0], 0, i % 3 == 0);
		none ? pq_add_null(&c[1], 0, 0) : pq_add_i32(&c[1], 0, (int32_t)(i % 50) - 25);
		pq_add_i64(&c[2], 0, (int64_t)i * 4000000007 - INT64_C(9000000000000));
		none ? pq_add_null(&c[3], 0, 0) : pq_add_f64(&c[3], 0, i % 11 ? (double)i / 3 : -0.0);
		none ? pq_add_null(&c[4], 0, 0) : pq_add_bytes(&c[4], 0, i % 5 ? S("caf\xc3\xa9") : S(""));
		snprintf(text, sizeof(text), "story \xf0\x9f\x8c\x8a %zu", i);
		none ? pq_add_null(&c[5], 0, 0) : pq_add_bytes(&c[5], 0, sl(text));
		i % 100 ? pq_add_null(&c[6], 0, 0) : pq_add_i64(&c[6], 0, (int64_t)i * 1000000);
	}
}

static void same_column(const struct pq_column *a, const struct pq_column *b)
{
	ck_assert_uint_eq(a->level_n, b->level_n);
	ck_assert_uint_eq(a->n, b->n);
	if (a->max_def && a->level_n)
		ck_assert_mem_eq(a->def, b->def, a->level_n);
	if (a->type == PQ_BYTES)
		for (size_t i = 0; i < a->n; i++)
			ck_assert(sl_eq(pq_bytes(a, i), pq_bytes(b, i)));
	else if (a->n)
		ck_assert_mem_eq(a->values, b->values, a->n * pq_value_size(a->type));
}

static const enum pq_codec codecs[] = { PQ_NONE, PQ_SNAPPY, PQ_ZSTD };

START_TEST(round_trip)
{
	enum { LEAVES = 7, GROUPS = 3, ROWS = 30000 };
	struct pq_schema schema = schema_of(wide_nodes, ARRAY_LEN(wide_nodes));
	struct pq_column c[GROUPS][LEAVES], back;
	struct pq_writer w, again;
	struct pq_file f;
	pq_writer_init(&w, &schema, codecs[_i]);
	pq_writer_init(&again, &schema, codecs[_i]);
	for (size_t g = 0; g < GROUPS; g++) {
		for (size_t i = 0; i < LEAVES; i++)
			pq_column_init(&c[g][i], &schema.leaves[i], 0);
		fill(c[g], g * ROWS, g == 2 ? 0 : ROWS);
		pq_write_group(&w, c[g], g == 2 ? 0 : ROWS);
		pq_write_group(&again, c[g], g == 2 ? 0 : ROWS);
	}
	ck_assert_int_eq(pq_writer_finish(&w, &err), 0);
	ck_assert_int_eq(pq_writer_finish(&again, &err), 0);
	ck_assert(sl_eq(buf_slice(&w.out), buf_slice(&again.out)));
	ck_assert_int_eq((int)w.stats[1].null_n, (2 * ROWS + 3) / 7);
	ck_assert_int_eq((int)w.stats[1].min.i, -25);
	ck_assert_int_eq((int)w.stats[1].max.i, 24);
	ck_assert(sl_eqs(w.stats[4].min.s, "") && sl_eqs(w.stats[4].max.s, "caf\xc3\xa9"));
	ck_assert_int_eq(pq_open(&f, buf_slice(&w.out), &err), 0);
	ck_assert_uint_eq(f.group_n, GROUPS);
	for (size_t g = 0; g < GROUPS; g++)
		for (size_t i = 0; i < LEAVES; i++) {
			pq_column_init(&back, &f.schema.leaves[i], 0);
			ck_assert_msg(pq_read_chunk(&f, g, i, &back, &err) == 0, "%s", err.text);
			same_column(&back, &c[g][i]);
			pq_column_free(&back);
			pq_column_free(&c[g][i]);
		}
	pq_close(&f);
	pq_writer_free(&w);
	pq_writer_free(&again);
}
END_TEST

/* Any byte of a file may be wrong: an error or other values, never more. */
START_TEST(damaged)
{
	struct pq_schema schema = schema_of(wide_nodes, ARRAY_LEN(wide_nodes));
	struct pq_column c[7], back;
	struct pq_writer w;
	char *copy;
	int refused = 0;
	pq_writer_init(&w, &schema, PQ_SNAPPY);
	for (size_t i = 0; i < 7; i++)
		pq_column_init(&c[i], &schema.leaves[i], 0);
	fill(c, 0, 40);
	pq_write_group(&w, c, 40);
	ck_assert_int_eq(pq_writer_finish(&w, &err), 0);
	copy = xmalloc(w.out.n);
	for (size_t at = 0; at < w.out.n; at++) {
		struct pq_file f;
		int rc;
		memcpy(copy, w.out.p, w.out.n);
		copy[at] = (char)(copy[at] ^ 0x15);
		rc = pq_open(&f, sl_of(copy, w.out.n), &err);
		for (size_t g = 0; rc == 0 && g < f.group_n; g++)
			for (size_t i = 0; rc == 0 && i < f.schema.leaf_n; i++) {
				pq_column_init(&back, &f.schema.leaves[i], 1 << 20);
				rc = pq_read_chunk(&f, g, i, &back, &err);
				pq_column_free(&back);
			}
		if (rc) {
			refused++;
			ck_assert_msg(strncmp(err.text, "Parquet", 7) == 0, "%s", err.text);
		}
		pq_close(&f);
	}
	ck_assert_int_gt(refused, 100);
	free(copy);
	for (size_t i = 0; i < 7; i++)
		pq_column_free(&c[i]);
	pq_writer_free(&w);
}
END_TEST

/* ---- statistics ---- */

START_TEST(text_bounds)
{
	ck_assert(sl_eqs(pq_stat_below(S("abcdef"), 3), "abc"));
	ck_assert(sl_eqs(pq_stat_below(S("ab\xc3\xa9"), 3), "ab"));
	ck_assert(sl_eqs(pq_stat_above(&arena, S("abc"), 3), "abc"));
	ck_assert(sl_eqs(pq_stat_above(&arena, S("abcdef"), 3), "abd"));
	ck_assert(sl_eqs(pq_stat_above(&arena, S("a\x7f\x7f"), 2), "a\xc2\x80"));
	ck_assert(sl_eqs(pq_stat_above(&arena, S("\xed\x9f\xbfx"), 3), "\xee\x80\x80"));
	ck_assert(sl_eqs(pq_stat_above(&arena, S("a\xf4\x8f\xbf\xbfx"), 5), "b"));
	ck_assert(pq_stat_above(&arena, S("\xf4\x8f\xbf\xbfx"), 4).p == NULL);
}
END_TEST

START_TEST(reals_without_order)
{
	static const struct pq_node nodes[] = {
		{ .name = { "schema", 6 }, .type = PQ_GROUP, .child_n = 1 },
		{ .name = { "d", 1 }, .type = PQ_DOUBLE, .repetition = PQ_OPTIONAL },
	};
	struct pq_schema schema = schema_of(nodes, ARRAY_LEN(nodes));
	struct pq_stats s = { 0 };
	struct pq_column c;
	pq_column_init(&c, &schema.leaves[0], 0);
	pq_add_f64(&c, 0, 3);
	pq_add_f64(&c, 0, -1);
	pq_add_null(&c, 0, 0);
	pq_stats_add(&arena, &s, &c, NULL);
	ck_assert(s.has && s.min.d == -1 && s.max.d == 3 && s.null_n == 1);
	pq_add_f64(&c, 0, (double)NAN);
	pq_stats_add(&arena, &s, &c, NULL);
	ck_assert(!s.has && s.null_n == 2);
	pq_column_free(&c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("parquet");
	TCase *t = tcase_create("parquet");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, runs, 0, ARRAY_LEN(runs_rows));
	tcase_add_test(t, runs_refused);
	tcase_add_test(t, runs_round_trip);
	tcase_add_test(t, delta_integers);
	tcase_add_test(t, delta_texts);
	tcase_add_test(t, split_reals);
	tcase_add_test(t, thrift_bytes);
	tcase_add_test(t, thrift_skips);
	tcase_add_test(t, small_file);
	tcase_add_test(t, list_page);
	tcase_add_test(t, dictionary_page);
	tcase_add_loop_test(t, round_trip, 0, ARRAY_LEN(codecs));
	tcase_add_test(t, damaged);
	tcase_add_test(t, text_bounds);
	tcase_add_test(t, reals_without_order);
	suite_add_tcase(s, t);
	return run_suite(s);
}
