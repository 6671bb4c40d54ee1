/* What the units of Delta tables share: a table in the S3 service on a frozen clock, written, loaded and scanned to the end. */
#ifndef TARN_TEST_DELTA_TABLE_H
#define TARN_TEST_DELTA_TABLE_H

#include "delta/delta.h"
#include "env.h"
#include "s3/s3.h"

#define NOW_MS (INT64_C(1767600000000)) /* 2026-01-05T08:00:00Z */
#define DAY_MS (INT64_C(86400000))

static struct s3 s;
static struct object_store store;
static struct delta_table table;

static inline void table_open(void)
{
	env_open("s3");
	clock_freeze(env.clock, NOW_MS);
	conf_set(env_conf, "buckets", "lake", "");
	env_serve(&s3_service, &s);
	store = env_ports.objects;
	table = (struct delta_table){ env.loop, &store, S("lake"), S("delta/geo") };
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

static inline void note(struct answer *a, const struct error *e)
{
	a->calls++;
	a->def = e ? e->def : NULL;
	snprintf(a->text, sizeof(a->text), "%s", e ? e->text : "");
	snprintf(a->code, sizeof(a->code), "%s", e && e->def ? e->def->code : "");
}

static inline void wait_for(struct answer *a)
{
	ck_assert_int_eq(a->calls, 0);
	env_until(a->calls);
	ck_assert_int_eq(a->calls, 1);
}

static inline void on_version(void *arg, int64_t version, bool skipped, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->version = version;
	a->skipped = skipped;
}

static inline void on_snapshot(void *arg, struct delta_snapshot *snapshot, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->s = snapshot;
}

static inline struct answer load(int64_t version)
{
	struct answer a = { 0 };
	delta_load(&table, version, on_snapshot, &a);
	wait_for(&a);
	return a;
}

static inline bool on_rows(void *arg, const struct delta_rows *rows)
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

static inline void on_done(void *arg, const struct error *e)
{
	note(arg, e);
}

/* All rows of a version as JSON lines in a.body. */
static inline struct answer scan(int64_t version)
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

static inline int64_t row_count(int64_t version)
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

static inline struct delta_rows *some_rows(int from, int n)
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

static inline struct answer write_with(struct delta_write in, int from, int n)
{
	struct answer a = { 0 };
	in.rows = some_rows(from, n);
	in.now_ms = clock_now_ms(env.clock);
	delta_write(&table, &in, on_version, &a);
	wait_for(&a);
	return a;
}

static inline void on_body(void *arg, struct slice body, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	buf_addsl(&a->body, body.p ? body : S(""));
}

static inline struct answer get(const char *key)
{
	struct answer a = { 0 };
	buf_init(&a.body, 0);
	store.get(store.self, S("lake"), sl(key), on_body, &a);
	wait_for(&a);
	return a;
}

static inline void drop(const char *key)
{
	struct answer a = { 0 };
	store.del(store.self, S("lake"), sl(key), on_done, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "");
}

static inline void put(const char *key, const char *body)
{
	struct answer a = { 0 };
	store.put(store.self, S("lake"), sl(key), S(""), sl(body), sl(NULL), on_done, &a);
	wait_for(&a);
	ck_assert_str_eq(a.text, "");
}

static inline void start_write(struct delta_write in, int from, int n, struct answer *a)
{
	*a = (struct answer){ 0 };
	in.rows = some_rows(from, n);
	in.now_ms = clock_now_ms(env.clock);
	delta_write(&table, &in, on_version, a);
}

static inline void grow_to(int version)
{
	for (int i = 0; i <= version; i++)
		ck_assert_int_eq((int)write_with(append, i * 10, 10).version, i);
}

static inline struct answer write_one(struct delta_field *fields, size_t n, struct delta_write in)
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

static inline void on_optimized(void *arg, const struct delta_optimized *r, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->optimized = *r;
}

static inline void on_vacuumed(void *arg, const struct slice *paths, size_t n, const struct error *e)
{
	struct answer *a = arg;
	note(a, e);
	a->n = n;
}

#endif
