/* test_delta as a program, for tests/clients/readers.py:
 *   test_delta file ROWS OUT CODEC                          rows (JSON lines) as one Parquet file
 *   test_delta URL BUCKET TABLE append ROWS APP VERSION     ("-": no txn); prints "version N" or "skipped N"
 *   test_delta URL BUCKET TABLE overwrite ROWS
 *   test_delta URL BUCKET TABLE batches ROWS APP N          N batches, each given twice
 *   test_delta URL BUCKET TABLE optimize | vacuum-now
 *   test_delta URL BUCKET TABLE dump VERSION                (-1: latest) rows as JSON lines */
#include "remote/remote.h"

#include <jansson.h>
#include <stdlib.h>

static struct delta_field wide_fields[] = {
	{ .name = { "ind", 3 }, .type = DELTA_INTEGER },       { .name = { "country", 7 }, .type = DELTA_STRING },
	{ .name = { "story", 5 }, .type = DELTA_STRING },      { .name = { "coordinates", 11 }, .type = DELTA_DOUBLE, .array = true },
	{ .name = { "tags", 4 }, .type = DELTA_STRING, .array = true },
	{ .name = { "timestamp", 9 }, .type = DELTA_TIMESTAMP }, { .name = { "big", 3 }, .type = DELTA_LONG },
	{ .name = { "score", 5 }, .type = DELTA_DOUBLE },      { .name = { "flag", 4 }, .type = DELTA_BOOLEAN },
	{ .name = { "day", 3 }, .type = DELTA_DATE },
};
static const struct delta_schema wide = { wide_fields, ARRAY_LEN(wide_fields) };

static void put_items(struct delta_rows *r, size_t i, json_t *v)
{
	delta_array(r, i, json_array_size(v));
	for (size_t k = 0; k < json_array_size(v); k++) {
		json_t *e = json_array_get(v, k);

		if (json_is_null(e))
			delta_item_null(r, i, k);
		else if (json_is_string(e))
			delta_item_text(r, i, k, sl(json_string_value(e)));
		else
			delta_item_real(r, i, k, json_number_value(e));
	}
}

static void put_cell(struct delta_rows *r, size_t i, json_t *v)
{
	if (!v || json_is_null(v))
		delta_null(r, i);
	else if (json_is_array(v))
		put_items(r, i, v);
	else if (json_is_string(v))
		delta_text(r, i, sl(json_string_value(v)));
	else if (json_is_boolean(v))
		delta_bool(r, i, json_is_true(v));
	else if (wide_fields[i].type == DELTA_DOUBLE)
		delta_real(r, i, json_number_value(v));
	else
		delta_int(r, i, json_integer_value(v));
}

static struct delta_rows *rows_of_file(const char *path)
{
	struct delta_rows *r = delta_rows_new(&wide);
	FILE *f = fopen(path, "rb");
	char *line = NULL;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0) {
		json_t *j = json_loads(line, 0, NULL);
		char name[32];

		for (size_t i = 0; i < wide.n; i++) {
			snprintf(name, sizeof(name), "%.*s", SL(wide_fields[i].name));
			put_cell(r, i, json_object_get(j, name));
		}
		delta_row_end(r);
		json_decref(j);
	}
	free(line);
	if (f)
		fclose(f);
	return r;
}

static enum pq_codec codec_of(const char *name)
{
	return strcmp(name, "zstd") == 0 ? PQ_ZSTD : strcmp(name, "snappy") == 0 ? PQ_SNAPPY : PQ_NONE;
}

static int write_file(const char *rows, const char *out, const char *codec)
{
	struct delta_rows *r = rows_of_file(rows);
	struct buf file = { 0 }, stats;
	FILE *f = fopen(out, "wb");
	struct error err;
	int rc;
	buf_init(&stats, 0);
	rc = delta_encode(r, &wide, codec_of(codec), &file, &stats, &err);
	if (rc == 0 && f)
		fwrite(file.p, 1, file.n, f);
	if (f)
		fclose(f);
	printf("%lld rows, %zu bytes, %s\n", (long long)r->row_n, file.n, buf_cstr(&stats));
	buf_free(&file);
	buf_free(&stats);
	delta_rows_free(r);
	return rc || !f;
}

/* ---- over HTTP ---- */

static void remote_open(char **argv)
{
	struct error err;
	env_open("writer");
	if (remote_s3_open(&env, argv[1], &store, &err) != 0)
		exit(2);
	table = (struct delta_table){ env.loop, &store, sl(argv[2]), sl(argv[3]) };
}

static int say(const struct answer *a)
{
	while (!a->calls)
		loop_turn(env.loop, 50);
	if (a->text[0])
		printf("error %s\n", a->text);
	else
		printf("%s %lld\n", a->skipped ? "skipped" : "version", (long long)a->version);
	return a->text[0] != 0;
}

static int remote_write(const char *path, enum delta_mode mode, const char *app, int64_t version)
{
	struct delta_write in = { .rows = rows_of_file(path), .mode = mode, .codec = PQ_ZSTD, .now_ms = clock_now_ms(env.clock),
				  .app_version = version };
	struct answer a = { 0 };

	if (app && strcmp(app, "-") != 0)
		in.app = sl(app);
	delta_write(&table, &in, on_version, &a);
	return say(&a);
}

static bool print_rows(void *arg, const struct delta_rows *rows)
{
	struct answer *a = arg;

	buf_reset(&a->body);
	on_rows(a, rows);
	fwrite(a->body.p, 1, a->body.n, stdout);
	return true;
}

static int dump(int64_t version)
{
	struct answer l = { 0 }, a = { 0 };

	buf_init(&a.body, 0);
	delta_load(&table, version, on_snapshot, &l);
	while (!l.calls)
		loop_turn(env.loop, 50);
	if (!l.s) {
		printf("error %s\n", l.text);
		return 1;
	}
	delta_scan(&table, l.s, print_rows, on_done, &a);
	while (!a.calls)
		loop_turn(env.loop, 50);
	if (a.text[0])
		printf("error %s\n", a.text);
	buf_free(&a.body);
	delta_snapshot_free(l.s);
	return a.text[0] != 0;
}

static int writer_main(int argc, char **argv)
{
	const char *op = argc > 4 ? argv[4] : "";
	struct answer a = { 0 };
	int rc = 0;

	if (argc == 5 && strcmp(argv[1], "file") == 0)
		return write_file(argv[2], argv[3], argv[4]);
	if (argc < 5)
		return 2;
	remote_open(argv);
	if (strcmp(op, "append") == 0 && argc == 8)
		return remote_write(argv[5], DELTA_APPEND, argv[6], atoi(argv[7]));
	if (strcmp(op, "overwrite") == 0 && argc == 6)
		return remote_write(argv[5], DELTA_OVERWRITE, NULL, 0);
	if (strcmp(op, "batches") == 0 && argc == 8) {
		for (int i = 0; i < 2 * atoi(argv[7]); i++)
			rc |= remote_write(argv[5], DELTA_APPEND, argv[6], i / 2);
		return rc;
	}
	if (strcmp(op, "dump") == 0 && argc == 6)
		return dump(atoi(argv[5]));
	if (strcmp(op, "optimize") == 0) {
		delta_optimize(&table, 0, PQ_ZSTD, clock_now_ms(env.clock), on_optimized, &a);
		while (!a.calls)
			loop_turn(env.loop, 50);
		a.version = a.optimized.version;
		return say(&a);
	}
	if (strcmp(op, "vacuum-now") == 0) {
		struct delta_vacuum in = { .retention_ms = 0, .force = true, .now_ms = clock_now_ms(env.clock) + 60000 };

		delta_vacuum(&table, &in, on_vacuumed, &a);
		while (!a.calls)
			loop_turn(env.loop, 50);
		a.version = (int64_t)a.n;
		return say(&a);
	}
	return 2;
}
