/* tarn seed: the sources' tables, made or read, put into the running rds over MySQL or into files. */
#include <errno.h>
#include <sys/stat.h>

#include "core/json.h"
#include "core/stack.h"
#include "rds/seed.h"
#include "stack/mysql_client.h"
#include "stack/settings.h"
#include "tarn/cmd.h"

enum format { FORMAT_CSV, FORMAT_JSONL, FORMAT_SQL };
static const char *const formats[] = { "csv", "jsonl", "sql" };
enum { BATCH_BYTES = 1 << 20 };

/* Where rows go: a table of rds, or a file. */
struct seeder {
	const char *data, *from, *out, *stack;
	int64_t count, seed; /* count 0: as the stack says */
	int format;          /* enum format */
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

/* What runs on the state folder says which stack it is, and its database; NULL: nothing runs. */
static json_t *running_stack(const struct seeder *s)
{
	struct buf answer = { 0 };
	struct error err;
	int status;
	char *control = cmd_endpoint(s->data, "control");
	bool runs = control && !cmd_http(control, "GET", "/_tarn/stack", sl(NULL), NULL, &status, &answer, &err);
	json_t *stack = runs ? json_loadb(answer.p, answer.n, 0, NULL) : NULL;
	buf_free(&answer);
	free(control);
	return stack;
}

static int connect_rds(struct seeder *s, const json_t *stack)
{
	struct error err;
	char *address = cmd_endpoint(s->data, "rds");
	if (!address || !stack) {
		free(address);
		return cmd_fail(EXIT_START, "tarn up -d --wait, or tarn seed --out FOLDER", "no stack with rds runs on %s", cmd_data(s->data));
	}
	int rc = mysql_client_open(address, jstr(stack, "database"), &s->db, &err);
	free(address);
	return rc ? cmd_fail(EXIT_START, "tarn up -d --wait", "rds: %s", err.text) : 0;
}

static int open_seed(struct seeder *s, const char *stack, struct error *err)
{
	struct conf *conf = conf_new();
	struct stack_files *files = NULL;
	int rc = stack_open(stack, &files, err);
	if (!rc)
		rc = stack_conf(files, conf, err);
	if (!rc)
		rc = conf_check(conf, settings_all(), err);
	if (!rc)
		rc = seed_open(files, conf, (uint64_t)s->seed, s->count ? s->count : conf_int(conf, "stack", "rows", SEED_ROWS), &s->made, err);
	stack_close(files);
	conf_free(conf);
	return rc;
}

static int seed_all(struct seeder *s, const char *stack)
{
	const struct seed_table *t;
	struct error err;
	int rc = open_seed(s, stack, &err);
	if (!rc && s->from)
		rc = check_folder(s, &err);
	if (!rc && s->out && mkdir(s->out, 0777) && errno != EEXIST)
		rc = err_set(&err, ERR_STORE, "%s: %s", s->out, strerror(errno));
	for (size_t i = 0; !rc && (t = seed_table_at(s->made, i)); i++)
		rc = seed_one(s, t, &err);
	return rc ? cmd_fail(EXIT_FAILED, NULL, "%s", err.text) : EXIT_OK;
}

static int seed_run(void *self, char **words, int n)
{
	struct seeder *s = self;
	json_t *stack = s->out ? NULL : running_stack(s);
	int rc = s->out ? 0 : connect_rds(s, stack);
	if (!rc)
		rc = seed_all(s, s->stack ? s->stack : jstr(stack, "name"));
	json_decref(stack);
	return rc;
}

static void seed_done(void *self)
{
	struct seeder *s = self;
	mysql_client_close(s->db);
	seed_close(s->made);
	stack_close(s->folder);
	buf_free(&s->batch);
}

static const struct flag seed_flags[] = {
	{ "count", 'n', FLAG_INT, offsetof(struct seeder, count), "N", "rows of a table, instead of what the stack says", .min = 1, .max = 100000000 },
	{ "seed", 0, FLAG_INT, offsetof(struct seeder, seed), "S", "the same seed, the same rows", "42" },
	{ "from", 0, FLAG_TEXT, offsetof(struct seeder, from), "DIR", "reads TABLE.csv or TABLE.jsonl of this folder instead" },
	{ "out", 'o', FLAG_TEXT, offsetof(struct seeder, out), "DIR", "writes files there instead of the running rds" },
	{ "format", 0, FLAG_WORD, offsetof(struct seeder, format), "csv|jsonl|sql", "of these files", "csv" },
	{ "stack", 0, FLAG_TEXT, offsetof(struct seeder, stack), "STACK", "whose datasets; without it the running one's, or the default stack's" },
	{ NULL },
};

const struct command command_seed = {
	"seed", "", "Makes the tables of the stack's datasets from a seed, or reads CSV or JSON lines, into the running rds or into files.",
	sizeof(struct seeder), seed_run, seed_done, .flags = { data_flags, seed_flags }, .example = "tarn seed --from FOLDER",
};
