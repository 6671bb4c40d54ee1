/* tarn seed: the sources' tables, made or read, put into the running rds over MySQL or into files. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/stack.h"
#include "rds/seed.h"
#include "tarn/cmd.h"
#include "stack/mysql_client.h"

enum format { FORMAT_CSV, FORMAT_JSONL, FORMAT_SQL };
static const char *const formats[] = { "csv", "jsonl", "sql" };
enum { BATCH_BYTES = 1 << 20 };

/* Where rows go: a table of rds, or a file. */
struct seeder {
	const char *from, *out, *data;
	int64_t count, seed;
	enum format format;
	struct stack_files *folder; /* from */
	struct seed *made;
	struct mysql_client *db;
	FILE *file;
	struct buf batch;
	int64_t row_n;
};

/* ---- rows out ---- */

static int flush(struct seeder *s, struct error *err)
{
	int rc = 0;
	if (!s->batch.n)
		return 0;
	if (s->file && fwrite(s->batch.p, 1, s->batch.n, s->file) != s->batch.n)
		rc = err_set(err, ERR_STORE, "%s", strerror(errno));
	else if (!s->file)
		rc = mysql_client_query(s->db, buf_slice(&s->batch), NULL, err);
	buf_reset(&s->batch);
	return rc;
}

static int put_row(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err)
{
	struct seeder *s = arg;
	s->row_n++;
	if (s->file && s->format == FORMAT_CSV) {
		seed_put_csv(&s->batch, t, cells);
	} else if (s->file && s->format == FORMAT_JSONL) {
		seed_put_json(&s->batch, t, cells);
	} else if (s->file) {
		buf_addf(&s->batch, "INSERT INTO %s VALUES ", t->name);
		seed_put_values(&s->batch, t, cells);
		buf_adds(&s->batch, ";\n");
	} else {
		if (s->batch.n)
			buf_adds(&s->batch, ",\n");
		else
			buf_addf(&s->batch, "INSERT INTO %s VALUES ", t->name);
		seed_put_values(&s->batch, t, cells);
	}
	return s->batch.n >= BATCH_BYTES ? flush(s, err) : 0;
}

static int begin_table(struct seeder *s, const struct seed_table *t, struct error *err)
{
	char *create = seed_create_sql(t), *drop = xasprintf("DROP TABLE IF EXISTS %s", t->name);
	int rc = 0;
	if (!s->file) {
		rc = mysql_client_query(s->db, sl(drop), NULL, err);
		if (!rc)
			rc = mysql_client_query(s->db, sl(create), NULL, err);
	} else if (s->format == FORMAT_SQL) {
		buf_addf(&s->batch, "%s;\n%s;\n", drop, create);
	} else if (s->format == FORMAT_CSV) {
		seed_put_csv_header(&s->batch, t);
	}
	free(create);
	free(drop);
	return rc;
}

/* ---- rows in ---- */

/* Reads every file of the folder that is named after the table, or after any for NULL, in name order; returns how many
 * there were, or an error. */
static int read_folder(struct seeder *s, const struct seed_table *only, seed_row_fn fn, struct error *err)
{
	const char *path;
	int n = 0, rc = 0;
	for (size_t i = 0; !rc && (path = stack_list(s->folder, "", i)); i++) {
		const struct seed_table *t = strchr(path, '/') ? NULL : seed_file_table(s->made, path);
		char *text, *name;
		size_t size;
		if (!t || (only && t != only))
			continue;
		if ((rc = stack_read(s->folder, path, &text, &size, err)))
			break;
		name = xasprintf("%s/%s", s->from, path);
		rc = seed_read(name, sl_of(text, size), t, fn, s, err);
		free(name);
		free(text);
		n++;
	}
	return rc ? rc : n;
}

/* Tables are replaced in one transaction as far as MySQL has one: its CREATE and DROP commit by themselves, so all files are
 * read through before a table is touched. */
static int no_row(void *arg, const struct seed_table *t, const struct slice *cells, struct error *err)
{
	(void)arg, (void)t, (void)cells, (void)err;
	return 0;
}

static int check_folder(struct seeder *s, struct error *err)
{
	const struct seed_table *t;
	int n = stack_open(s->from, &s->folder, err);
	if (!n)
		n = read_folder(s, NULL, no_row, err);
	for (size_t i = 0; !n && (t = seed_table_at(s->made, i)); i++)
		err_set(err, ERR_NOT_FOUND, "%s: no file %s.csv or %s.jsonl, nor of another source", s->from, t->name, t->name);
	return n < 0 ? n : n ? 0 : ERR_NOT_FOUND;
}

static int put_folder(struct seeder *s, const struct seed_table *t, struct error *err)
{
	int n = read_folder(s, t, put_row, err);
	return n < 0 ? n : n ? 0 : err_set(err, ERR_NOT_FOUND, "%s: no file %s.csv or %s.jsonl", s->from, t->name, t->name);
}

/* ---- one table ---- */

static int seed_one(struct seeder *s, const struct seed_table *t, struct error *err)
{
	char *path = s->out ? xasprintf("%s/%s.%s", s->out, t->name, formats[s->format]) : NULL;
	int rc = 0;
	s->row_n = 0;
	if (path && !(s->file = fopen(path, "wb")))
		rc = err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
	if (!rc)
		rc = begin_table(s, t, err);
	if (!rc)
		rc = s->from ? put_folder(s, t, err) : seed_rows(s->made, t, put_row, s, err);
	if (!rc)
		rc = flush(s, err);
	if (s->file && fclose(s->file) && !rc)
		rc = err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
	s->file = NULL;
	if (!rc)
		fprintf(stderr, "%s: %lld rows%s%s\n", t->name, (long long)s->row_n, path ? " -> " : "", path ? path : "");
	free(path);
	return rc;
}

static int connect_rds(struct seeder *s)
{
	struct error err;
	char *address = cmd_endpoint(s->data, "rds");
	if (!address)
		return cmd_fail(EXIT_START, "tarn up -d --wait, or tarn seed --out FOLDER", "no stack with rds runs on %s",
				cmd_data(s->data));
	int rc = mysql_client_open(address, "pinterest_data", &s->db, &err);
	free(address);
	return rc ? cmd_fail(EXIT_START, "tarn up -d --wait", "rds: %s", err.text) : 0;
}

static int open_seed(struct seeder *s, struct error *err)
{
	struct conf *conf = conf_new();
	struct stack_files *files = NULL;
	int rc = stack_open(NULL, &files, err);
	if (!rc)
		rc = stack_conf(files, conf, err);
	if (!rc)
		rc = seed_open(files, conf, (uint64_t)s->seed, s->count, &s->made, err);
	stack_close(files);
	conf_free(conf);
	return rc;
}

static int seed_all(struct seeder *s)
{
	const struct seed_table *t;
	struct error err;
	int rc = open_seed(s, &err);
	if (!rc && s->from)
		rc = check_folder(s, &err);
	if (!rc && s->out && mkdir(s->out, 0777) && errno != EEXIST)
		rc = err_set(&err, ERR_STORE, "%s: %s", s->out, strerror(errno));
	for (size_t i = 0; !rc && (t = seed_table_at(s->made, i)); i++)
		rc = seed_one(s, t, &err);
	return rc ? cmd_fail(EXIT_FAILED, NULL, "%s", err.text) : EXIT_OK;
}

static int format_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (!strcmp(formats[i], name))
			return (int)i;
	return -1;
}

int cmd_seed(int argc, char **argv)
{
	static const struct option options[] = { { "count", required_argument, NULL, 'n' }, { "seed", required_argument, NULL, 's' },
						 { "from", required_argument, NULL, 'f' },  { "out", required_argument, NULL, 'o' },
						 { "format", required_argument, NULL, 'F' }, { "data", required_argument, NULL, 'D' },
						 { "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 } };
	struct seeder s = { .count = SEED_ROWS, .seed = 42 };
	int c;
	while ((c = getopt_long(argc, argv, "hn:o:", options, NULL)) != -1) {
		int format = c == 'F' ? format_of(optarg) : 0;
		if (c == '?')
			return EXIT_USAGE;
		if ((c == 'n' && !sl_int(sl(optarg), 1, 100000000, &s.count)) || (c == 's' && !sl_int(sl(optarg), 0, INT64_MAX, &s.seed)))
			return cmd_fail(EXIT_USAGE, "tarn help seed", "not a number: %s", optarg);
		if (format < 0)
			return cmd_fail(EXIT_USAGE, "tarn help seed", "not a format: %s (csv, jsonl, sql)", optarg);
		if (c == 'F')
			s.format = (enum format)format;
		else if (c == 'f')
			s.from = optarg;
		else if (c == 'o')
			s.out = optarg;
		else if (c == 'D')
			s.data = optarg;
		else if (c == 'h') {
			cmd_usage("seed");
			return EXIT_OK;
		}
	}
	if (optind < argc)
		return cmd_fail(EXIT_USAGE, "tarn help seed", "unexpected word: %s", argv[optind]);
	int rc = s.out ? 0 : connect_rds(&s);
	if (!rc)
		rc = seed_all(&s);
	mysql_client_close(s.db);
	seed_close(s.made);
	stack_close(s.folder);
	buf_free(&s.batch);
	return rc;
}
