/* Our side of the bench of Spark SQL: a table of posts, one of places, one of people, made here, and statements over them in memory.
 *   sparksql_run write ROWS DIR     DIR/pin.csv, geo.csv, users.csv of the same rows, for others
 *   sparksql_run run ROWS ROUNDS    stdin: lines NAME<tab>STATEMENT (\n for line ends); stdout: a JSON object a statement, then one of memory */
#include <sys/resource.h>
#include <time.h>

#include "engine/plan.h"
#include "spark/print.h"
#include "sparksql/analyze.h"
#include "sparksql/parse.h"

enum { CHUNK = 122880, COLUMNS = 8, TABLES = 3 };

static uint64_t chance_state;
static uint32_t chance(uint32_t below)
{
	chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((chance_state >> 33) % below);
}

/* Each column's value of a row comes from the row's number alone, so that tables can be made in any order. */
static const char *const words[] = { "blue", "garden", "wall", "ideas", "easy", "summer", "red", "kitchen", "for", "the", "home", "and", "with", "diy",
				     "paint", "small", "wedding", "dress", "recipe", "cake", "wood", "modern", "art", "travel" };
static const char *const categories[] = { "art", "beauty", "christmas", "diy-and-crafts", "education", "event-planning", "finance", "home-decor",
					  "mens-fashion", "quotes", "tattoos", "travel", "vehicles" };
static struct slice country_names[238];
struct column {
	const char *name;
	enum sp_kind kind;
	bool coded;
};
struct table {
	const char *name;
	struct column columns[COLUMNS];
};
static const struct table tables[TABLES] = {
	{ "pin", { { "ind", SP_INT }, { "unique_id", SP_STRING }, { "title", SP_STRING }, { "follower_count", SP_INT }, { "poster_name", SP_STRING },
		   { "save_location", SP_STRING, true }, { "category", SP_STRING, true } } },
	{ "geo", { { "ind", SP_INT }, { "country", SP_STRING, true }, { "latitude", SP_DOUBLE }, { "longitude", SP_DOUBLE }, { "timestamp", SP_TIMESTAMP },
		   { "post_year", SP_INT } } },
	{ "users", { { "ind", SP_INT }, { "user_name", SP_STRING }, { "age", SP_INT }, { "date_joined", SP_TIMESTAMP }, { "join_year", SP_INT } } },
};
static struct arena texts;

static size_t width(const struct table *t)
{
	size_t n = 0;
	while (n < COLUMNS && t->columns[n].name)
		n++;
	return n;
}

static struct sp_value time_of(int year)
{
	return (struct sp_value){ .i = ((int64_t)(year - 1970) * 31557600 + 86400 * 2 + chance(31000000)) * 1000000 };
}

static void make_row(const struct table *t, int64_t row, int64_t rows, struct sp_value *v)
{
	chance_state = (uint64_t)row * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)(t - tables);
	chance(1);
	memset(v, 0, COLUMNS * sizeof(*v));
	v[0].i = row;
	if (t == &tables[0]) {
		char title[256] = "";
		for (uint32_t i = 0, n = 3 + chance(6); i < n; i++) {
			strcat(title, i ? " " : "");
			strcat(title, words[chance(ARRAY_LEN(words))]);
		}
		v[1].s = arena_printf(&texts, "%08x-%04x-4%03x-%04x-%08x", chance(UINT32_MAX), chance(65536), chance(4096), chance(65536), chance(UINT32_MAX));
		v[2].s = arena_dup(&texts, sl(title));
		v[3].null = chance(20) == 0;
		v[3].i = chance(4) ? chance(1000) : chance(3000) * 1000;
		v[4].null = chance(50) == 0;
		v[4].s = arena_printf(&texts, "%c%s %u", 'A' + (int)chance(26), words[chance(ARRAY_LEN(words))], chance(200));
		v[5].s = arena_printf(&texts, "/data/%s", categories[chance(ARRAY_LEN(categories))]);
		v[6].null = chance(30) == 0;
		v[6].s = sl(categories[chance(ARRAY_LEN(categories))]);
	} else if (t == &tables[1]) {
		int year = 2017 + (int)chance(6);
		v[1].null = chance(100) == 0;
		v[1].s = country_names[chance(ARRAY_LEN(country_names))];
		v[2].d = (double)chance(1800000) / 10000 - 90;
		v[3].d = (double)chance(3600000) / 10000 - 180;
		v[4] = time_of(year);
		v[5].i = year;
	} else {
		int year = 2014 + (int)chance(8);
		/* People come in another order. */
		v[0].i = (int64_t)((unsigned __int128)(uint64_t)row * 611953 % (uint64_t)rows);
		v[1].s = arena_printf(&texts, "%s %s", words[chance(ARRAY_LEN(words))], words[chance(ARRAY_LEN(words))]);
		v[2].i = 15 + chance(50);
		v[3] = time_of(year);
		v[4].i = year;
	}
}

static void names(void)
{
	for (size_t i = 0; i < ARRAY_LEN(country_names); i++)
		country_names[i] = arena_printf(&texts, "Country of %s %zu", words[i % ARRAY_LEN(words)], i);
}

static int write_tables(int64_t rows, const char *dir)
{
	struct sp_value v[COLUMNS];
	for (size_t t = 0; t < TABLES; t++) {
		char path[1024];
		snprintf(path, sizeof(path), "%s/%s.csv", dir, tables[t].name);
		FILE *f = fopen(path, "w");
		if (!f)
			return 1;
		for (int64_t r = 0; r < rows; r++) {
			struct arena mine = texts;
			texts = (struct arena){ 0 };
			make_row(&tables[t], r, rows, v);
			for (size_t i = 0; i < width(&tables[t]); i++) {
				struct buf b = { 0 };
				if (!v[i].null)
					sp_print(&b, &sp_types[tables[t].columns[i].kind], &v[i], NULL);
				fprintf(f, "%s%.*s", i ? "," : "", SL(buf_slice(&b)));
				buf_free(&b);
			}
			fputc('\n', f);
			arena_free(&texts);
			texts = mine;
		}
		fclose(f);
	}
	return 0;
}

/* ---- tables ---- */

/* A text column's different texts and codes, as a Parquet file's dictionary has them. */
static struct sp_vec coded(struct arena *a, const struct sp_vec *v)
{
	uint32_t *code = arena_alloc(a, v->n * sizeof(*code));
	struct slice *dict = arena_alloc(a, 1024 * sizeof(*dict));
	uint8_t *null = arena_alloc(a, 1024);
	size_t n = 0;
	for (size_t r = 0; r < v->n; r++) {
		bool is_null = v->null && v->null[r];
		size_t i = 0;
		while (i < n && (null[i] != is_null || (!is_null && !sl_eq(dict[i], v->str[r]))))
			i++;
		if (i == n) {
			dict[n] = v->str[r];
			null[n++] = is_null;
		}
		code[r] = (uint32_t)i;
	}
	return (struct sp_vec){ .type = v->type, .n = v->n, .dict_n = n, .code = code, .str = dict, .null = null };
}

static struct sp_relation *load(struct arena *a, const struct table *t, int64_t rows)
{
	struct sp_relation *rel = arena_alloc(a, sizeof(*rel));
	struct sp_field *fields = arena_alloc(a, COLUMNS * sizeof(*fields));
	struct sp_table *out = sp_table_new();
	struct sp_value v[COLUMNS];
	const size_t n = width(t);
	for (size_t i = 0; i < n; i++)
		fields[i] = (struct sp_field){ .name = sl(t->columns[i].name), .type = &sp_types[t->columns[i].kind], .nullable = true };
	for (int64_t at = 0; at < rows; at += CHUNK) {
		struct arena scratch = { 0 };
		size_t m = (size_t)(rows - at < CHUNK ? rows - at : CHUNK);
		struct sp_out o[COLUMNS];
		struct sp_vec columns[COLUMNS];
		for (size_t i = 0; i < n; i++)
			sp_out_make(&o[i], &scratch, fields[i].type, m);
		for (size_t r = 0; r < m; r++) {
			make_row(t, at + (int64_t)r, rows, v);
			for (size_t i = 0; i < n; i++)
				sp_out_put(&o[i], r, &v[i]);
		}
		for (size_t i = 0; i < n; i++)
			columns[i] = t->columns[i].coded ? coded(&scratch, &o[i].v) : o[i].v;
		struct sp_batch b = { m, n, columns };
		sp_table_add(out, &b);
		arena_free(&scratch);
		arena_free(&texts);
		names();
	}
	*rel = (struct sp_relation){ .name = sl(t->name), .columns = fields, .column_n = n, .table = out, .row_n = rows };
	return rel;
}

static struct sp_relation *relations[TABLES];

static int find(void *self, const struct sp_table_name *name, struct sp_found *out, struct sp_error *err)
{
	*out = (struct sp_found){ .kind = SP_FOUND_NOTHING };
	for (size_t i = 0; i < TABLES; i++) {
		if (!sl_eq_nocase(name->parts[name->n - 1], sl(tables[i].name)))
			continue;
		relations[i]->needed = NULL; /* the statement's, whose memory goes with it */
		*out = (struct sp_found){ .kind = SP_FOUND_TABLE, .relation = relations[i], .shown_n = 1 };
		out->shown[0] = relations[i]->name;
	}
	return 0;
}

static const struct sp_udf *no_udf(void *self, struct slice name)
{
	return NULL;
}

static double cpu(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run_once(struct slice sql, struct buf *out, size_t *most)
{
	struct arena a = { 0 }, batch = { 0 }, keep = { 0 };
	struct sp_context cx = { 0 };
	struct sp_run run = { .cx = &cx, .batch = &batch, .keep = &keep };
	struct sp_catalog catalog = { NULL, find, no_udf };
	struct sp_analysis x = { .arena = &a, .cx = &cx, .catalog = &catalog, .err = &run.err };
	struct sp_stmt *st;
	struct sp_plan *plan;
	struct sp_batch b;
	bool first = true;
	int rc = sp_parse(&a, sql, &st, &run.err) || sp_analyze(&x, st->query, &plan) || sp_optimize(&a, &cx, &plan, &run.err);
	if (!rc) {
		if (getenv("EXPLAIN")) {
			struct buf text = { 0 };
			sp_plan_text(&text, plan);
			fprintf(stderr, "%s\n", buf_cstr(&text));
			buf_free(&text);
		}
		struct sp_rowset *rows = sp_open(&run, plan);
		while ((rc = sp_next(rows, &b)) > 0) {
			*most = run.held + keep.used > *most ? run.held + keep.used : *most;
			for (size_t r = 0; r < b.n; r++) {
				buf_adds(out, first ? "[" : ",[");
				first = false;
				for (size_t i = 0; i < b.column_n; i++) {
					struct sp_value v = sp_get(&b.columns[i], r);
					struct buf cell = { 0 };
					buf_adds(out, i ? "," : "");
					if (!v.null)
						sp_print(&cell, b.columns[i].type, &v, NULL);
					if (v.null)
						buf_adds(out, "null");
					else
						buf_json_string(out, buf_slice(&cell));
					buf_free(&cell);
				}
				buf_addc(out, ']');
			}
		}
		sp_close(rows);
	}
	if (run.err.set)
		fprintf(stderr, "%s: %s\n", run.err.class, run.err.text);
	sp_error_free(&run.err);
	arena_free(&a);
	arena_free(&batch);
	arena_free(&keep);
	return rc != 0;
}

static int run_all(int64_t rows, int rounds)
{
	struct arena a = { 0 };
	static char line[1 << 16];
	struct rusage use;
	for (size_t i = 0; i < TABLES; i++)
		relations[i] = load(&a, &tables[i], rows);
	getrusage(RUSAGE_SELF, &use);
	long before = use.ru_maxrss;
	while (fgets(line, sizeof(line), stdin)) {
		char *tab = strchr(line, '\t');
		double least = 1e9;
		size_t most = 0;
		struct buf out = { 0 };
		if (!tab)
			continue;
		*tab = '\0';
		for (char *p = tab + 1; *p; p++)
			if (p[0] == '\\' && p[1] == 'n')
				p[0] = p[1] = ' ';
		line[strlen(line) + 1 + strcspn(tab + 1, "\n")] = '\0';
		for (int i = 0; i < rounds; i++) {
			double t = cpu();
			buf_reset(&out);
			if (run_once(sl(tab + 1), &out, &most))
				break;
			t = cpu() - t;
			least = t < least ? t : least;
		}
		printf("{\"name\":\"%s\",\"cpu\":%.6f,\"held\":%zu,\"rows\":[%.*s]}\n", line, least, most, SL(buf_slice(&out)));
		buf_free(&out);
	}
	getrusage(RUSAGE_SELF, &use);
	printf("{\"loaded\":%ld,\"rss\":%ld}\n", before, use.ru_maxrss);
	for (size_t i = 0; i < TABLES; i++)
		sp_table_free((struct sp_table *)(uintptr_t)relations[i]->table);
	arena_free(&a);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	names();
	int rc = strcmp(argv[1], "write") == 0 ? write_tables(strtoll(argv[2], NULL, 10), argv[3]) : run_all(strtoll(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
	arena_free(&texts);
	return rc;
}
