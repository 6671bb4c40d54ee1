/* Statements that put things into the stack, take them out, and change what state it is in. */
#include <jansson.h>

#include "core/json.h"
#include "scenario/looks.h"
#include "snapshot/snapshot.h"

/* The words that have no key, with their variables replaced. False: err says why. */
static bool words_of(struct runner *r, const struct statement *st, const char **out, size_t *n, struct error *err)
{
	*n = 0;
	for (size_t i = 0; i < st->word_n; i++)
		if (!st->words[i].key && !(out[(*n)++] = runner_expand(r, st->words[i].text, err)))
			return false;
	return true;
}

/* An option's value with its variables; NULL where it isn't given. False: err says why. */
static bool option(struct runner *r, const struct statement *st, const char *key, const char **out, struct error *err)
{
	const char *text = statement_option(st, key);
	*out = text ? runner_expand(r, text, err) : NULL;
	return !text || *out;
}

/* A here-document's text without its last line feed. */
static bool document(struct runner *r, const struct statement *st, struct slice *out, struct error *err)
{
	const char *text = st->here ? runner_expand(r, st->here, err) : "";
	*out = sl(text);
	if (text && out->n && out->p[out->n - 1] == '\n')
		out->n--;
	return text != NULL;
}

struct wait {
	bool done;
	struct error err;
	struct owed *asked;
};

static int came(struct runner *r, struct wait *w, struct error *err)
{
	int rc = runner_wait(r, &w->done, &w->asked, err);
	return !rc && w->err.kind ? err_set(err, w->err.kind, "%s", w->err.text) : rc;
}

/* ---- put ---- */

static void on_put(void *arg, const struct error *err)
{
	struct wait *w = arg;
	w->done = true;
	if (err)
		w->err = *err;
}

/* put BUCKET/KEY [type=T] <<BODY */
int run_put(struct runner *r, const struct statement *st, struct error *err)
{
	struct object_store *o = &server_env(r->server)->ports->objects;
	const char *words[WORDS_MAX], *type;
	struct slice body, bucket, key;
	struct wait w = { 0 };
	size_t n;
	if (!words_of(r, st, words, &n, err) || !option(r, st, "type", &type, err) || !document(r, st, &body, err))
		return ERR_INVALID;
	if (!sl_cut(sl(words[0]), '/', &bucket, &key) || !key.n)
		return err_set(err, ERR_INVALID, "put BUCKET/KEY <<BODY");
	if (!o->self)
		return err_set(err, ERR_NOT_FOUND, "no objects here: s3 is not running");
	owed_keep(&w.asked, o->put(o->self, bucket, key, sl(type ? type : "application/octet-stream"), body, sl(NULL), on_put, &w));
	return came(r, &w, err);
}

/* ---- produce, consume ---- */

static void on_append(void *arg, const struct append_result *a, size_t n, const struct error *err)
{
	struct wait *w = arg;
	w->done = true;
	if (err)
		w->err = *err;
	for (size_t i = 0; !err && i < n && !w->err.kind; i++)
		if (a[i].error)
			err_set(&w->err, ERR_INVALID, "the broker answers with error %d", a[i].error);
}

static int append(struct runner *r, const struct log_append *in, size_t n, struct error *err)
{
	struct record_log *log = &server_env(r->server)->ports->log;
	struct wait w = { 0 };
	if (!log->self)
		return err_set(err, ERR_NOT_FOUND, "no topics here: kafka is not running");
	owed_keep(&w.asked, log->append(log->self, in, n, on_append, &w));
	return came(r, &w, err);
}

/* produce TOPIC [key=K] [partition=N] <<RECORDS: one a line, or, with whole=on, all of it as one. */
int run_produce(struct runner *r, const struct statement *st, struct error *err)
{
	enum { RECORDS_MAX = 1000 };
	const char *words[WORDS_MAX], *key, *partition, *whole = statement_option(st, "whole");
	struct log_append *in = arena_alloc(&r->arena, RECORDS_MAX * sizeof(*in));
	struct slice text, line, rest;
	int64_t p = -1;
	size_t n, count = 0;
	if (!words_of(r, st, words, &n, err) || !option(r, st, "key", &key, err) || !option(r, st, "partition", &partition, err) || !document(r, st, &text, err))
		return ERR_INVALID;
	if (partition && !sl_int(sl(partition), 0, INT32_MAX, &p))
		return err_set(err, ERR_INVALID, "partition is a number");
	for (rest = text; rest.p && count < RECORDS_MAX;) {
		if (whole && !strcmp(whole, "on")) {
			line = rest;
			rest = sl(NULL);
		} else {
			sl_cut(rest, '\n', &line, &rest);
			line = sl_trim(line);
		}
		if (!line.n)
			continue;
		in[count++] = (struct log_append){ .topic = sl(words[0]), .partition = (int)p,
						   .record = { .key = sl(key), .value = line, .timestamp_ms = -1, .trace = sl(NULL), .headers = sl(NULL) } };
	}
	if (rest.p && rest.n)
		return err_set(err, ERR_LIMIT, "at most %d records at a time", RECORDS_MAX);
	return append(r, in, count, err);
}

struct reading {
	struct wait w;
	struct runner *r;
	int partition;
	int64_t most, next, high;
	size_t n, cap;
	char **cells;
};

static char *text_of(struct slice s)
{
	return s.p ? xstrndup(s.p, s.n) : NULL;
}

static void on_read(void *arg, int code, const struct log_record *rec, size_t n, int64_t next, int64_t high)
{
	struct reading *g = arg;
	enum { COLUMNS = 4 };
	g->w.done = true;
	if (code)
		err_set(&g->w.err, ERR_INVALID, "the broker answers with error %d", code);
	for (size_t i = 0; !code && i < n && (int64_t)(g->n / COLUMNS) < g->most; i++) {
		g->cells = xrealloc(g->cells, (g->n + COLUMNS) * sizeof(char *));
		g->cells[g->n++] = xasprintf("%d", g->partition);
		g->cells[g->n++] = xasprintf("%lld", (long long)rec[i].offset);
		g->cells[g->n++] = text_of(rec[i].key);
		g->cells[g->n++] = text_of(rec[i].value);
	}
	g->next = n ? next : high;
	g->high = high;
}

static int read_partition(struct runner *r, struct reading *g, struct slice topic, int64_t from, struct error *err)
{
	struct record_log *log = &server_env(r->server)->ports->log;
	int rc = 0;
	g->next = from;
	do {
		g->w.done = false;
		owed_keep(&g->w.asked, log->read(log->self, topic, g->partition, g->next, 1 << 20, on_read, g));
		rc = came(r, &g->w, err);
	} while (!rc && g->next < g->high && (int64_t)(g->n / 4) < g->most);
	return rc;
}

/* consume TOPIC [partition=N] [from=OFFSET] [count=N]: its records are the rows, with the columns partition, offset, key, value. */
int run_consume(struct runner *r, const struct statement *st, struct error *err)
{
	static const char *const names[] = { "partition", "offset", "key", "value" };
	const char *words[WORDS_MAX], *partition, *from, *count, *partitions;
	struct reading g = { .r = r };
	int64_t first = 0, last = 0, start = -2;
	size_t n;
	int rc = 0;
	if (!words_of(r, st, words, &n, err) || !option(r, st, "partition", &partition, err) || !option(r, st, "from", &from, err) || !option(r, st, "count", &count, err))
		return ERR_INVALID;
	if ((partition && !sl_int(sl(partition), 0, INT32_MAX, &first)) || (from && !sl_int(sl(from), 0, INT64_MAX, &start)) ||
	    !sl_int(sl(count ? count : "1000"), 1, 100000, &g.most))
		return err_set(err, ERR_INVALID, "partition, from and count are numbers");
	char *args[] = { (char *)(uintptr_t)words[0], (char *)(uintptr_t) "partitions" };
	if ((rc = look_topic(r, args, 2, &partitions, err)))
		return rc;
	if (!partitions)
		return err_set(err, ERR_NOT_FOUND, "there is no topic %s", words[0]);
	last = partition ? first : strtoll(partitions, NULL, 10) - 1;
	for (g.partition = (int)first; !rc && g.partition <= last; g.partition++)
		rc = read_partition(r, &g, sl(words[0]), start, err);
	table_clear(&r->table);
	r->table.column_n = ARRAY_LEN(names);
	r->table.row_n = g.n / ARRAY_LEN(names);
	r->table.columns = xcalloc(ARRAY_LEN(names), sizeof(char *));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		r->table.columns[i] = xstrdup(names[i]);
	r->table.types = xstrdup("iitt");
	r->table.cells = g.cells;
	return rc;
}

/* ---- the stack's state ---- */

/* reset [SERVICE...] */
int run_reset(struct runner *r, const struct statement *st, struct error *err)
{
	struct buf path = { 0 };
	buf_adds(&path, "/_tarn/reset");
	for (size_t i = 0; i < st->word_n; i++)
		buf_addf(&path, "%s%s", i ? "," : "?services=", st->words[i].text);
	int rc = look_act(r, "POST", buf_cstr(&path), sl(NULL), err);
	buf_free(&path);
	return rc ? rc : run_settle(r, st, err);
}

/* snapshot save|restore NAME */
int run_snapshot(struct runner *r, const struct statement *st, struct error *err)
{
	const char *words[WORDS_MAX];
	size_t n;
	if (!words_of(r, st, words, &n, err))
		return ERR_INVALID;
	bool save = !strcmp(words[0], "save");
	if (!save && strcmp(words[0], "restore"))
		return err_set(err, ERR_INVALID, "snapshot save NAME, or snapshot restore NAME");
	int rc = look_act(r, "POST", arena_printf(&r->arena, "/_tarn/snapshots/%s%s", words[1], save ? "?over=1" : "/restore").p, sl(NULL), err);
	return rc ? rc : run_settle(r, st, err);
}

/* connector NAME pause|resume|stop|restart|delete, or connector NAME <<JSON: makes or changes it. */
int run_connector(struct runner *r, const struct statement *st, struct error *err)
{
	static const struct {
		const char *word, *method, *path;
	} acts[] = { { "pause", "PUT", "/pause" }, { "resume", "PUT", "/resume" }, { "stop", "PUT", "/stop" }, { "restart", "POST", "/restart?includeTasks=true" }, { "delete", "DELETE", "" } };
	const char *words[WORDS_MAX], *method = "PUT", *path = "/config";
	struct slice body, said;
	size_t n, i = 0;
	int status;
	if (!words_of(r, st, words, &n, err) || !document(r, st, &body, err))
		return ERR_INVALID;
	while (n == 2 && i < ARRAY_LEN(acts) && strcmp(acts[i].word, words[1]))
		i++;
	if ((n == 2 && i == ARRAY_LEN(acts)) || (n == 1 && !st->here))
		return err_set(err, ERR_INVALID, "connector NAME pause|resume|stop|restart|delete, or connector NAME <<JSON");
	if (n == 2) {
		method = acts[i].method;
		path = acts[i].path;
	}
	int rc = look_http(r, "connect", method, arena_printf(&r->arena, "/connectors/%s%s", words[0], path).p, n == 2 ? sl(NULL) : body, &status, &said, err);
	return rc || status < 300 ? rc : err_set(err, ERR_INVALID, "connect says %d: %.*s", status, (int)(said.n > 400 ? 400 : said.n), said.p);
}

/* capture NAME SUBJECT WORDS: ${NAME} is what expect would see. */
int run_capture(struct runner *r, const struct statement *st, struct error *err)
{
	const char *got = NULL;
	int rc = look_subject(r, st, 1, st->word_n, &got, err);
	if (rc)
		return rc;
	if (!got)
		return err_set(err, ERR_NOT_FOUND, "%s is absent", st->words[1].text);
	runner_set(r, st->words[0].text, got);
	return 0;
}

/* note TEXT: a comment of the report. pause [TEXT]: where tarn run --step waits. */
int run_note(struct runner *r, const struct statement *st, struct error *err)
{
	printf("#");
	for (size_t i = 0; i < st->word_n; i++)
		printf(" %s", st->words[i].text);
	puts("");
	if (!strcmp(st->verb, "pause") && r->pauses)
		runner_pause(r);
	return 0;
}

/* Who looks on goes on by Enter; the stack runs meanwhile. */
void runner_pause(struct runner *r)
{
	const char *control = runner_endpoint(r, "control");
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[256];
	fprintf(stderr, "paused: %s/ - Enter goes on\n", control ? control : "");
	fflush(stdout);
	r->steps.paused = true;
	r->steps.goes_on = false;
	while (poll(&in, 1, 0) == 0 && !r->steps.goes_on)
		loop_turn(server_loop(r->server), 50);
	r->steps.paused = false;
	if (!r->steps.goes_on && read(STDIN_FILENO, line, sizeof(line)) <= 0)
		r->pauses = false; /* nobody is there */
}
