/* tarn emit NAME: sends the rows of datasets as an emitter of the stack says, section [emit.NAME] of stack.conf. A turn takes
 * a row number, reads that row of each dataset's source over the MySQL port and sends it through the gateway's invoke URL:
 *
 *   datasets = A, B            in this order, one row number for all
 *   rows = 0..11000            of these rows; without it of all
 *   random = python 100        drawn as a Python script does after random.seed(100); without it one after another, each once
 *   pause = 0..1s              a Python script's randrange of seconds before each turn: drawn always, waited for without --count
 *   WAY = METHOD PATH TYPE BODY          any other key is a way (--via), the first is the usual one; ${topic}, ${stream},
 *                                        ${row} as json.dumps gives it, ${row.COLUMN}, ${user} are filled in */
#include <signal.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/lib_curl.h"
#include "core/stack.h"
#include "stack/mysql_client.h"
#include "stack/table.h"
#include "tarn/cmd.h"
#include "tarn/python_random.h"

enum { DATASETS = 32 };

struct emit {
	const char *data, *stage, *name, *via;
	int64_t count, seed, first; /* -1: not given */
	double rate; /* turns a second; 0: no pause, or the emitter's own without a count */
	char *rds, *gateway;
	json_t *stack, *of[DATASETS]; /* what GET /_tarn/stack says, and of it the datasets in their order */
	size_t n;
	struct slice method, path, body; /* of the way */
	bool python;
	int64_t random_seed;
	uint32_t low, rows, pause_low, pause_n; /* rows: how many, from low; pause_n 0: none */
	int64_t sent;
	struct mysql_client *db;
	CURL *curl;
	struct curl_slist *headers;
	struct buf url, request, answer;
	struct table table;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int n)
{
	interrupted = 1;
}

static size_t on_bytes(char *p, size_t size, size_t n, void *arg)
{
	buf_add(arg, p, size * n);
	return size * n;
}

/* ---- what the emitter says ---- */

static int no_emitter(const struct emit *e, const json_t *all)
{
	struct buf names = { 0 };
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)all, name, v)
		buf_addf(&names, "%s%s", names.n ? ", " : "", name);
	int rc = cmd_fail(EXIT_USAGE, "tarn help emit", "the stack has no emitter %s; there is %s", e->name, names.n ? buf_cstr(&names) : "none");
	buf_free(&names);
	return rc;
}

/* Without a stack that runs: a name that the default stack hasn't, either, is wrong use. */
static int no_stack(const struct emit *e)
{
	struct conf *conf = conf_new();
	struct stack_files *files = NULL;
	struct error err;
	char *section = xasprintf("emit.%s", e->name);
	bool known = !stack_open(NULL, &files, &err) && !stack_conf(files, conf, &err) && conf_section(conf, section, 0);
	stack_close(files);
	conf_free(conf);
	free(section);
	return cmd_fail(known ? EXIT_START : EXIT_USAGE, "tarn up -d --wait", "no stack with rds and apigateway runs on %s%s%s", cmd_data(e->data),
			known ? "" : ", and the default stack has no emitter ", known ? "" : e->name);
}

static int find_stack(struct emit *e)
{
	struct buf answer = { 0 };
	struct error err;
	int status = 0, rc = 0;
	char *control = cmd_endpoint(e->data, "control");
	e->rds = cmd_endpoint(e->data, "rds");
	e->gateway = cmd_endpoint(e->data, "apigateway");
	if (e->rds && e->gateway && control && !cmd_http(control, "GET", "/_tarn/stack", sl(NULL), NULL, &status, &answer, &err))
		e->stack = json_loadb(answer.p, answer.n, 0, NULL);
	if (!e->stack)
		rc = no_stack(e);
	buf_free(&answer);
	free(control);
	return rc;
}

static int wrong(const struct emit *e, const char *key, const char *wanted)
{
	return cmd_fail(EXIT_FAILED, "tarn help emit", "stack.conf [emit.%s] %s: %s is wanted", e->name, key, wanted);
}

static int take_datasets(struct emit *e, const char *key, struct slice list)
{
	json_t *all = json_object_get(e->stack, "datasets"), *d;
	struct slice one;
	size_t i;
	while (list.p) {
		sl_cut(list, ',', &one, &list);
		json_array_foreach(all, i, d)
			if (sl_eqs(sl_trim(one), jstr(d, "name")) && jstr(d, "source") && e->n < DATASETS)
				e->of[e->n++] = d;
		if (!e->n || !sl_eqs(sl_trim(one), jstr(e->of[e->n - 1], "name")))
			return wrong(e, key, "a dataset with a source");
	}
	return 0;
}

/* "0..11000" */
static bool range_of(struct slice s, uint32_t *low, uint32_t *n)
{
	ssize_t at = sl_find(s, S(".."));
	int64_t lo, hi;
	if (at < 0 || !sl_int(sl_of(s.p, (size_t)at), 0, INT32_MAX, &lo) ||
	    !sl_int(sl_of(s.p + at + 2, s.n - (size_t)at - 2), lo, INT32_MAX, &hi))
		return false;
	*low = (uint32_t)lo;
	*n = (uint32_t)(hi - lo) + 1;
	return true;
}

static int take_rows(struct emit *e, const char *key, struct slice value)
{
	return range_of(value, &e->low, &e->rows) ? 0 : wrong(e, key, "A..B");
}

static int take_pause(struct emit *e, const char *key, struct slice value)
{
	bool good = sl_ends(value, S("s")) && range_of(sl_of(value.p, value.n - 1), &e->pause_low, &e->pause_n);
	return good ? 0 : wrong(e, key, "A..Bs");
}

static int take_random(struct emit *e, const char *key, struct slice value)
{
	struct slice word, number;
	int64_t seed;
	e->python = sl_cut(value, ' ', &word, &number) && sl_eqs(word, "python") && sl_int(number, 0, INT64_MAX, &seed);
	if (!e->python)
		return wrong(e, key, "python SEED");
	e->random_seed = e->seed >= 0 ? e->seed : seed;
	return 0;
}

/* "POST /topics/${topic} application/json {...}" */
static int take_way(struct emit *e, const char *key, struct slice value)
{
	struct slice type, rest;
	if (!sl_cut(value, ' ', &e->method, &rest) || !sl_cut(rest, ' ', &e->path, &rest) || !sl_cut(rest, ' ', &type, &e->body) ||
	    !sl_starts(e->path, S("/")))
		return wrong(e, key, "METHOD PATH TYPE BODY");
	char *header = xasprintf("Content-Type: %.*s", SL(type));
	e->headers = curl.slist_append(curl.slist_append(NULL, header), "Expect:");
	free(header);
	return 0;
}

static int read_emitter(struct emit *e)
{
	static const struct {
		const char *key;
		int (*take)(struct emit *e, const char *key, struct slice value);
	} keys[] = { { "datasets", take_datasets }, { "rows", take_rows }, { "random", take_random }, { "pause", take_pause } };
	json_t *all = json_object_get(e->stack, "emit"), *emitter = json_object_get(all, e->name), *v;
	struct buf ways = { 0 };
	const char *key;
	int rc = emitter ? 0 : no_emitter(e, all);
	json_object_foreach(emitter, key, v) {
		size_t i = 0;
		while (i < ARRAY_LEN(keys) && strcmp(keys[i].key, key))
			i++;
		bool way = i == ARRAY_LEN(keys);
		if (way)
			buf_addf(&ways, "%s%s", ways.n ? ", " : "", key);
		if (!rc && !way)
			rc = keys[i].take(e, key, sl(json_string_value(v)));
		else if (!rc && !e->method.p && (!e->via || !strcmp(e->via, key)))
			rc = take_way(e, key, sl(json_string_value(v)));
	}
	if (!rc && !e->method.p)
		rc = cmd_fail(EXIT_USAGE, "tarn help emit", "not a way: %s (%s)", e->via ? e->via : "none", buf_cstr(&ways));
	if (!rc && !e->n)
		rc = wrong(e, "datasets", "a dataset");
	if (!rc && e->python && e->first >= 0)
		rc = cmd_fail(EXIT_USAGE, NULL, "--first is for rows one after another; %s draws them: --seed", e->name);
	if (!rc && !e->python && e->seed >= 0)
		rc = cmd_fail(EXIT_USAGE, NULL, "--seed is for rows that are drawn; %s takes one after another: --first", e->name);
	buf_free(&ways);
	return rc;
}

/* ---- rows ---- */

static int ask(struct emit *e, const char *sql)
{
	struct error err;
	return mysql_client_query(e->db, sl(sql), &e->table, &err) ? cmd_fail(EXIT_FAILED, NULL, "%s: %s", sql, err.text) : 0;
}

/* The rows that there are in all sources. */
static int connect_rows(struct emit *e)
{
	struct error err;
	char sql[128];
	int rc = 0;
	if (mysql_client_open(e->rds, jstr(e->stack, "database"), &e->db, &err))
		return cmd_fail(EXIT_START, NULL, "rds at %s: %s", e->rds, err.text);
	for (size_t i = 0; !rc && i < e->n; i++) {
		const char *source = jstr(e->of[i], "source");
		snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", source);
		if ((rc = ask(e, sql)))
			break;
		int64_t n = strtoll(e->table.cells[0], NULL, 10) - e->low;
		if (n <= 0)
			rc = cmd_fail(EXIT_FAILED, "tarn seed", "%s has no rows", source);
		else if (!e->rows || n < e->rows)
			e->rows = (uint32_t)n;
	}
	return rc;
}

static int read_row(struct emit *e, const char *source, uint32_t row)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "SELECT * FROM %s LIMIT %u, 1", source, row);
	int rc = ask(e, sql);
	return rc || e->table.row_n ? rc : cmd_fail(EXIT_FAILED, "tarn seed", "%s: no such row", sql);
}

/* ---- sending ---- */

static const char *cell(const struct emit *e, struct slice column)
{
	for (size_t i = 0; i < e->table.column_n; i++)
		if (sl_eqs(column, e->table.columns[i]))
			return e->table.cells[i] ? e->table.cells[i] : "";
	return NULL;
}

/* What ${name} stands for; false: for nothing. */
static bool add_named(const struct emit *e, const json_t *dataset, struct slice name, struct buf *out)
{
	const struct slice column = S("row.");
	if (sl_eqs(name, "row")) {
		table_row_json(&e->table, 0, out);
		return true;
	}
	const char *text = sl_eqs(name, "user") ? jstr(e->stack, "user") :
			   sl_eqs(name, "topic") ? jstr(dataset, "topic") :
			   sl_eqs(name, "stream") ? jstr(dataset, "stream") :
			   sl_starts(name, column) ? cell(e, sl_of(name.p + column.n, name.n - column.n)) : NULL;
	if (text)
		buf_json_escape(out, sl(text));
	return text != NULL;
}

static int fill_in(const struct emit *e, const json_t *dataset, struct slice text, struct buf *out)
{
	struct slice name, rest = text;
	for (ssize_t at; (at = sl_find(rest, S("${"))) >= 0;) {
		buf_addsl(out, sl_of(rest.p, (size_t)at));
		sl_cut(sl_of(rest.p + at + 2, rest.n - (size_t)at - 2), '}', &name, &rest);
		if (!add_named(e, dataset, name, out))
			return cmd_fail(EXIT_FAILED, "tarn help emit", "stack.conf [emit.%s]: ${%.*s} is nothing of the dataset %s", e->name, SL(name),
					jstr(dataset, "name"));
	}
	buf_addsl(out, rest);
	return 0;
}

static int send_row(struct emit *e, const json_t *dataset)
{
	long status = 0;
	buf_reset(&e->url);
	buf_reset(&e->request);
	buf_reset(&e->answer);
	buf_addf(&e->url, "%s/%s", e->gateway, e->stage ? e->stage : jstr(e->stack, "stage"));
	if (fill_in(e, dataset, e->path, &e->url) || fill_in(e, dataset, e->body, &e->request))
		return EXIT_FAILED;
	curl.easy_setopt(e->curl, CURLOPT_URL, buf_cstr(&e->url));
	curl.easy_setopt(e->curl, CURLOPT_POSTFIELDS, e->request.p);
	curl.easy_setopt(e->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)e->request.n);
	CURLcode c = curl.easy_perform(e->curl);
	curl.easy_getinfo(e->curl, CURLINFO_RESPONSE_CODE, &status);
	if (c != CURLE_OK)
		return cmd_fail(EXIT_FAILED, NULL, "%.*s %s: %s", SL(e->method), buf_cstr(&e->url), curl.easy_strerror(c));
	if (status != 200)
		return cmd_fail(EXIT_FAILED, NULL, "%.*s %s: %ld %.*s", SL(e->method), buf_cstr(&e->url), status, (int)e->answer.n, e->answer.p);
	e->sent++;
	return 0;
}

static void open_gateway(struct emit *e)
{
	char *method = xstrndup(e->method.p, e->method.n);
	e->curl = curl.easy_init();
	curl.easy_setopt(e->curl, CURLOPT_CUSTOMREQUEST, method);
	curl.easy_setopt(e->curl, CURLOPT_HTTPHEADER, e->headers);
	curl.easy_setopt(e->curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl.easy_setopt(e->curl, CURLOPT_WRITEDATA, &e->answer);
	curl.easy_setopt(e->curl, CURLOPT_PROXY, "");
	curl.easy_setopt(e->curl, CURLOPT_TIMEOUT, 60L);
	curl.easy_setopt(e->curl, CURLOPT_NOSIGNAL, 1L);
	free(method);
}

/* Keeps the pace by the wall clock; late turns aren't skipped. */
static void pace(const struct emit *e, int64_t began_us, int64_t turn)
{
	int64_t wait = began_us + (int64_t)((double)turn * 1e6 / e->rate) - clock_real_us();
	if (wait > 0)
		clock_real_wait_us(wait);
}

static int turns(struct emit *e)
{
	struct python_random random;
	int64_t began = clock_real_us(), from = e->first < 0 ? 0 : e->first;
	int rc = 0;
	if (e->python)
		python_seed(&random, (uint64_t)e->random_seed);
	for (int64_t turn = 0; !rc && !interrupted && (e->count < 0 || turn < e->count); turn++) {
		if (e->rate > 0)
			pace(e, began, turn);
		if (!e->python && from + turn >= e->rows)
			return e->count < 0 ? 0 : cmd_fail(EXIT_FAILED, NULL, "there are %u rows, no row %lld", e->rows, (long long)(from + turn));
		uint32_t pause = e->python && e->pause_n ? python_randrange(&random, e->pause_n) + e->pause_low : 0;
		if (e->count < 0 && e->rate <= 0)
			clock_real_wait_us(pause * 1000000);
		uint32_t row = e->low + (e->python ? python_randrange(&random, e->rows) : (uint32_t)(from + turn));
		for (size_t i = 0; !rc && i < e->n; i++)
			if (!(rc = read_row(e, jstr(e->of[i], "source"), row)))
				rc = send_row(e, e->of[i]);
	}
	return rc;
}

/* ---- the command ---- */

static int emit_run(void *self, char **words, int n)
{
	struct emit *e = self;
	struct sigaction sa = { .sa_handler = on_interrupt };
	struct error err;
	if (n != 1)
		return cmd_fail(EXIT_USAGE, "tarn help emit", "say what to emit: a NAME of stack.conf's [emit.NAME]");
	e->name = words[0];
	if (lib_curl_load(&err))
		return cmd_fail(EXIT_FAILED, NULL, "%s", err.text);
	sigaction(SIGINT, &sa, NULL);
	int rc = find_stack(e);
	if (!rc)
		rc = read_emitter(e);
	if (!rc)
		rc = connect_rows(e);
	if (rc)
		return rc;
	open_gateway(e);
	rc = turns(e);
	fprintf(stderr, "sent %lld posts through %s/%s\n", (long long)e->sent, e->gateway, e->stage ? e->stage : jstr(e->stack, "stage"));
	return rc ? rc : interrupted ? EXIT_INTERRUPTED : EXIT_OK;
}

static void emit_done(void *self)
{
	struct emit *e = self;
	mysql_client_close(e->db);
	if (e->curl)
		curl.easy_cleanup(e->curl);
	if (e->headers)
		curl.slist_free_all(e->headers);
	table_clear(&e->table);
	buf_free(&e->url);
	buf_free(&e->request);
	buf_free(&e->answer);
	json_decref(e->stack);
	free(e->rds);
	free(e->gateway);
}

static bool take_rate(void *self, const char *text)
{
	double *out = &((struct emit *)self)->rate;
	char *end;
	*out = strtod(text, &end);
	if (!strcmp(end, "/min"))
		*out /= 60;
	else if (!strcmp(end, "/hour"))
		*out /= 3600;
	else if (*end && strcmp(end, "/s"))
		return false;
	return *out > 0;
}

static const struct flag emit_flags[] = {
	{ "via", 0, FLAG_TEXT, offsetof(struct emit, via), "WAY", "another way than the emitter's first: rest, kinesis" },
	{ "count", 'n', FLAG_INT, offsetof(struct emit, count), "N", "so many turns, as fast as they go; without it for ever, or to the last row", "-1", -1 },
	{ "rate", 0, FLAG_OWN, 0, "R", "turns a second: 5, 20/min, 100/hour", .take = take_rate },
	{ "seed", 0, FLAG_INT, offsetof(struct emit, seed), "S", "of an emitter that draws its rows, instead of its own", "-1", -1 },
	{ "first", 0, FLAG_INT, offsetof(struct emit, first), "N", "of an emitter that takes one row after another: begins with the Nth, from 0", "-1", -1 },
	{ "stage", 0, FLAG_TEXT, offsetof(struct emit, stage), "NAME", "of the gateway; without it the stack's first" },
	{ NULL },
};

const struct command command_emit = {
	"emit", "NAME", "Sends rows as the stack's emitter NAME says: read from MySQL, sent through the gateway.", sizeof(struct emit), emit_run,
	emit_done, 1, .flags = { data_flags, emit_flags }, .example = "tarn emit NAME --count 100",
	.more = "Emitters are sections of stack.conf: [emit.NAME] with datasets, rows, random, pause and its ways.\n",
};
