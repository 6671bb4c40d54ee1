/* Rows a second and core of the Delta tables' files: rows cleaned beforehand become columns, pages, a file, in parts as a clean
 * run makes them.
 *   lake_delta ROWS_FOLDER     of lake_rows: pin/, geo/, user/ */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lake/clean_tables.h"

struct kept {
	struct arena a; /* texts */
	struct clean_value *rows;
	size_t n, cap, width;
};

static int keep(void *arg, const struct clean_value *v)
{
	struct kept *k = arg;
	if (k->n == k->cap) {
		k->cap = k->cap ? k->cap * 2 : 4096;
		k->rows = xrealloc(k->rows, k->cap * k->width * sizeof(*v));
	}
	struct clean_value *to = k->rows + k->n++ * k->width;
	memcpy(to, v, k->width * sizeof(*v));
	for (size_t i = 0; i < k->width; i++)
		if (to[i].kind == CLEAN_TEXT)
			to[i].text = arena_dup(&k->a, to[i].text);
	return 0;
}

static struct buf load(const char *path)
{
	struct buf b = { 0 };
	char chunk[65536];
	FILE *f = fopen(path, "rb");
	for (size_t n; f && (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
		buf_add(&b, chunk, n);
	if (f)
		fclose(f);
	return b;
}

static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One round of the kept rows; *size: of the files. */
static double encode(const struct kept *k, const struct clean_shape *shape, enum pq_codec codec, size_t *size)
{
	double start = cpu();
	*size = 0;
	for (size_t i = 0; i < k->n;) {
		struct delta_rows *rows = delta_rows_new(&shape->schema);
		struct buf file = { 0 }, stats = { 0 };
		struct error err;
		for (size_t bytes = 0; i < k->n && bytes < LAKE_PART_BYTES; i++)
			bytes += clean_shape_row(shape, rows, k->rows + i * k->width);
		if (delta_encode(rows, &shape->schema, codec, &file, &stats, &err)) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
		*size += file.n;
		delta_rows_free(rows);
		buf_free(&file);
		buf_free(&stats);
	}
	return cpu() - start;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		enum pq_codec codec;
	} codecs[] = { { "snappy", PQ_SNAPPY }, { "zstd", PQ_ZSTD } };
	struct arena text = { 0 };
	struct conf *conf = conf_new();
	struct cleaning c;
	struct error err;
	double sum[ARRAY_LEN(codecs)] = { 0 };
	size_t all = 0;
	conf_set(conf, "stack", "datasets", "pin, geo, users");
	if (argc != 2 || cleaning_open(&c, &text, NULL, conf, &err))
		return 2;
	for (size_t set = 0; set < c.sets.n; set++) {
		struct kept k = { .width = c.sets.at[set].out_n };
		struct clean_cleaner cleaner = { .rules = &c.rules[set], .row = keep, .arg = &k };
		struct clean_shape shape;
		struct dirent **names;
		char dir[1024], path[2048];
		snprintf(dir, sizeof(dir), "%s/%s", argv[1], c.sets.at[set].tail);
		int n = scandir(dir, &names, NULL, alphasort);
		for (int i = 0; i < n && k.n < 300000; i++) {
			snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
			struct buf b = names[i]->d_name[0] == '.' ? (struct buf){ 0 } : load(path);
			if (clean_object(&cleaner, buf_slice(&b)))
				return 1;
			buf_free(&b);
		}
		clean_shape_make(&text, &c.rules[set], &shape);
		for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
			double best = 1e9;
			size_t size = 0;
			for (int round = 0; round < 3; round++) {
				double t = encode(&k, &shape, codecs[i].codec, &size);
				best = t < best ? t : best;
			}
			sum[i] += best;
			printf("  Delta write, %-5s %-6s %9.0f rows/s  %5.1f bytes a row\n", c.sets.at[set].table, codecs[i].name,
			       (double)k.n / best, (double)size / (double)k.n);
		}
		all += k.n;
		free(k.rows);
		arena_free(&k.a);
		arena_free(&cleaner.arena);
	}
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++)
		printf("RESULT %s %.0f\n", codecs[i].name, (double)all / sum[i]);
	arena_free(&text);
	return 0;
}
