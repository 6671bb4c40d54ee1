#include "scenario/looks.h"

#include <jansson.h>

#include "core/httpc.h"
#include "core/identities.h"
#include "core/json.h"

int look_http(struct runner *r, const char *endpoint, const char *method, const char *path, struct slice body, int *status, struct slice *out, struct error *err)
{
	const char *base = runner_endpoint(r, endpoint), *token = r->away ? NULL : identities_token(server_env(r->server)->conf);
	struct http_header quiet[] = { { S("X-Tarn-Trace"), S(JOURNAL_LOOKS) }, { S("Authorization"), arena_printf(&r->arena, "Bearer %s", token ? token : "") } };
	bool authorized = token && (!strcmp(endpoint, "control") || !strcmp(endpoint, "lake"));
	/* What the last send left stays. */
	struct buf kept = r->body;
	char **lines = r->header_lines;
	size_t line_n = r->header_n;
	int was = r->status;
	if (!base)
		return err_set(err, ERR_NOT_FOUND, "%s is not running", endpoint);
	r->body = (struct buf){ 0 };
	r->header_lines = NULL;
	r->header_n = 0;
	int rc = runner_http(r, method, arena_printf(&r->arena, "%s%s", base, path).p, !body.n ? NULL : body.p[0] == '{' ? "application/json" : "text/plain", quiet, ARRAY_LEN(quiet) - !authorized, body, err);
	*status = r->status;
	*out = arena_dup(&r->arena, buf_slice(&r->body));
	buf_free(&r->body);
	runner_forget_headers(r);
	r->body = kept;
	r->header_lines = lines;
	r->header_n = line_n;
	r->status = was;
	return rc;
}

int look_act(struct runner *r, const char *method, const char *path, struct slice body, struct error *err)
{
	struct slice said;
	int status, rc = look_http(r, "control", method, path, body, &status, &said, err);
	if (rc || status < 300)
		return rc;
	JSON_AUTO o = json_loadb(said.p, said.n, 0, NULL);
	const char *why = jstr(o, "error");
	return err_set(err, ERR_INVALID, "%.*s", SL(why ? sl(why) : said));
}

int look_clock(struct runner *r, int64_t *ms, struct error *err)
{
	json_t *o = NULL;
	int rc = look_json(r, "control", "/_tarn/clock", &o, err);
	if (!rc && !clock_parse_iso(jslice(o, "now"), ms))
		rc = err_set(err, ERR_INVALID, "the control port doesn't say what time it is");
	json_decref(o);
	return rc;
}

int look_json(struct runner *r, const char *endpoint, const char *path, json_t **out, struct error *err)
{
	struct slice text;
	int status, rc = look_http(r, endpoint, "GET", path, sl(NULL), &status, &text, err);
	*out = !rc && status == 200 ? json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL) : NULL;
	return rc;
}

static const char *number(struct runner *r, int64_t n)
{
	return arena_printf(&r->arena, "%lld", (long long)n).p;
}

static const char *kept(struct runner *r, const char *text)
{
	return text ? arena_cstr(&r->arena, sl(text)) : NULL;
}

/* ---- streams ---- */

struct stream_wait {
	bool done;
	int status;
	struct owed *asked;
	json_t *answer;
};

static void on_stream(void *arg, int status, struct slice body, const struct error *err)
{
	struct stream_wait *w = arg;
	w->done = true;
	w->status = err ? 0 : status;
	w->answer = err ? NULL : json_loadb(body.p, body.n, 0, NULL);
}

/* in is taken over; *out, the caller's, is NULL unless the answer is a 200. */
static int ask_stream(struct runner *r, const char *action, json_t *in, json_t **out, struct error *err)
{
	struct stream *s = &server_env(r->server)->ports->stream;
	struct stream_wait w = { 0 };
	char *text = json_dumps(in, JSON_COMPACT);
	json_decref(in);
	*out = NULL;
	if (!s->self) {
		free(text);
		return err_set(err, ERR_NOT_FOUND, "no streams here: kinesis is not running");
	}
	owed_keep(&w.asked, s->call(s->self, sl(NULL), sl(action), sl(text), STREAM_LOOKS, on_stream, &w));
	free(text);
	int rc = runner_wait(r, &w.done, &w.asked, err);
	if (!rc && w.status == 200)
		*out = w.answer;
	else
		json_decref(w.answer);
	return rc;
}

struct counting {
	int64_t records;
	const char *path; /* of distinct values; NULL: none are asked for */
	json_t *seen;
};

static void count_record(struct runner *r, struct counting *c, const json_t *record)
{
	struct slice data;
	c->records++;
	if (!c->path || !arena_base64(&r->arena, jslice(record, "Data"), &data))
		return;
	JSON_AUTO o = json_loadb(data.p, data.n, 0, NULL);
	const json_t *v = json_object_get(o, c->path + (strncmp(c->path, "$.", 2) ? 0 : 2));
	char *text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	if (text)
		json_object_set_new(c->seen, text, json_true());
	free(text);
}

static int read_shard(struct runner *r, const char *stream, const char *shard, struct counting *c, struct error *err)
{
	json_t *o, *one;
	size_t i;
	int rc = ask_stream(r, "GetShardIterator", json_pack("{s:s,s:s,s:s}", "StreamName", stream, "ShardId", shard, "ShardIteratorType", "TRIM_HORIZON"), &o, err);
	char *iterator = jdup(o, "ShardIterator");
	json_decref(o);
	while (!rc && iterator) {
		rc = ask_stream(r, "GetRecords", json_pack("{s:s,s:i}", "ShardIterator", iterator, "Limit", 10000), &o, err);
		free(iterator);
		const json_t *records = json_object_get(o, "Records");
		json_array_foreach(records, i, one)
			count_record(r, c, one);
		iterator = json_array_size(records) ? jdup(o, "NextShardIterator") : NULL;
		json_decref(o);
	}
	free(iterator);
	return rc;
}

/* stream NAME shards|records|distinct $.MEMBER */
int look_stream(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	bool distinct = !strcmp(args[1], "distinct");
	struct counting c = { .path = distinct && n > 2 ? args[2] : NULL };
	json_t *o, *shard;
	size_t i;
	if (distinct && n < 3)
		return err_set(err, ERR_INVALID, "stream NAME distinct $.MEMBER");
	int rc = ask_stream(r, "ListShards", json_pack("{s:s}", "StreamName", args[0]), &o, err);
	const json_t *shards = json_object_get(o, "Shards");
	if (rc || !o)
		return rc;
	c.seen = json_object();
	if (strcmp(args[1], "shards") != 0)
		json_array_foreach(shards, i, shard)
			if (!rc)
				rc = read_shard(r, args[0], jstr(shard, "ShardId"), &c, err);
	*got = number(r, !strcmp(args[1], "shards") ? (int64_t)json_array_size(shards) : distinct ? (int64_t)json_object_size(c.seen) : c.records);
	json_decref(c.seen);
	json_decref(o);
	return rc;
}

/* ---- tables ---- */

/* The first cell of a statement's answer; *got NULL: it was refused (for the reason in *why), or gave none. */
static int cell(struct runner *r, const char *sql, const char **got, const char **why, struct error *err)
{
	struct slice text;
	int status, rc = look_http(r, "lake", "POST", "/api/tarn/sql?as=json", sl(sql), &status, &text, err);
	JSON_AUTO o = rc ? NULL : json_loadb(text.p, text.n, 0, NULL);
	const json_t *v = json_array_get(json_array_get(json_object_get(o, "rows"), 0), 0);
	char *dump = v && !json_is_string(v) && !json_is_null(v) ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
	*got = kept(r, dump ? dump : json_string_value(v));
	if (why)
		*why = status == 200 ? NULL : kept(r, jstr(o, "message") ? jstr(o, "message") : "refused");
	free(dump);
	return rc;
}

/* table NAME rows|version|distinct COLUMN */
int look_table(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	if (!strcmp(args[1], "version"))
		return cell(r, arena_printf(&r->arena, "DESCRIBE HISTORY %s LIMIT 1", args[0]).p, got, NULL, err);
	if (!strcmp(args[1], "distinct") && n < 3)
		return err_set(err, ERR_INVALID, "table NAME distinct COLUMN");
	return cell(r, !strcmp(args[1], "rows") ? arena_printf(&r->arena, "SELECT COUNT(*) FROM %s", args[0]).p
						: arena_printf(&r->arena, "SELECT COUNT(DISTINCT `%s`) FROM %s", args[2], args[0]).p, got, NULL, err);
}

/* ---- quality ---- */

/* "between A and B" */
static bool bounds(const char *want, double *low, double *high)
{
	return sscanf(want, "between %lf and %lf", low, high) == 2;
}

int check_quality(const char *want, struct error *err)
{
	double low, high;
	if (!strcmp(want, "unique") || !strcmp(want, "complete") || !strcmp(want, "integer") || !strcmp(want, "number") || bounds(want, &low, &high))
		return 0;
	return err_set(err, ERR_INVALID, "quality is unique, complete, integer, number or \"between A and B\", not %s", want);
}

/* Counts rows that aren't as wanted; nulls are only missed by complete. */
static const char *offenders(struct runner *r, const char *table, const char *column, const char *want)
{
	double low, high;
	if (!strcmp(want, "unique"))
		return arena_printf(&r->arena, "SELECT COUNT(`%s`) - COUNT(DISTINCT `%s`) FROM %s", column, column, table).p;
	if (!strcmp(want, "complete"))
		return arena_printf(&r->arena, "SELECT COUNT(*) - COUNT(`%s`) FROM %s", column, table).p;
	if (bounds(want, &low, &high))
		return arena_printf(&r->arena, "SELECT COUNT(*) FROM %s WHERE `%s` IS NOT NULL AND NOT `%s` BETWEEN %.17g AND %.17g", table, column, column, low, high).p;
	return arena_printf(&r->arena, "SELECT COUNT(*) FROM %s WHERE `%s` IS NOT NULL AND NOT CAST(`%s` AS STRING) RLIKE '%s'", table, column, column,
			    !strcmp(want, "integer") ? "^-?[0-9]+$" : "^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$").p;
}

/* quality TABLE.COLUMN is WANT: what was wanted where it holds, else how many rows don't. */
int look_quality(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	struct slice table, column;
	const char *bad, *why;
	if (!sl_cut(sl(args[0]), '.', &table, &column) || !column.n)
		return err_set(err, ERR_INVALID, "quality TABLE.COLUMN is ...");
	if (check_quality(r->asked, err))
		return ERR_INVALID;
	int rc = cell(r, offenders(r, arena_cstr(&r->arena, table), arena_cstr(&r->arena, column), r->asked), &bad, &why, err);
	if (!rc && why)
		return err_set(err, ERR_INVALID, "%s", why);
	if (!rc)
		*got = bad && !strcmp(bad, "0") ? r->asked : arena_printf(&r->arena, "not %s: %s rows", r->asked, bad ? bad : "no").p;
	return rc;
}

/* ---- DAGs ---- */

/* dag ID runs|failed|last.state|paused */
int look_dag(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	bool paused = !strcmp(args[1], "paused");
	json_t *o = NULL, *run;
	size_t i, failed = 0;
	const char *path = arena_printf(&r->arena, "/api/v1/dags/%s%s", args[0], paused ? "" : "/dagRuns?limit=1000&order_by=execution_date").p;
	int rc = look_json(r, "airflow", path, &o, err);
	if (rc || !o)
		return rc;
	const json_t *runs = json_object_get(o, "dag_runs");
	const char *last = NULL;
	json_array_foreach(runs, i, run) {
		last = jstr(run, "state");
		failed += last && !strcmp(last, "failed");
	}
	if (paused)
		*got = jtrue(o, "is_paused") ? "true" : "false";
	else
		*got = !strcmp(args[1], "runs") ? number(r, jint(o, "total_entries")) : !strcmp(args[1], "failed") ? number(r, (int64_t)failed) : kept(r, last);
	json_decref(o);
	return 0;
}

/* ---- connectors, lag ---- */

/* connector NAME state|tasks|failed|waiting */
int look_connector(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	json_t *o = NULL, *one;
	size_t i, failed = 0;
	int rc = look_json(r, "connect", arena_printf(&r->arena, "/connectors/%s/status?explain", args[0]).p, &o, err);
	if (rc || !o)
		return rc;
	int64_t buffered = 0;
	json_array_foreach(json_object_get(o, "tasks"), i, one)
		failed += !strcmp(jstr(one, "state") ? jstr(one, "state") : "", "FAILED");
	if (!strcmp(args[1], "tasks"))
		*got = number(r, (int64_t)i);
	json_array_foreach(json_object_get(o, "partitions"), i, one)
		buffered += jint(one, "buffered_records");
	if (!strcmp(args[1], "state"))
		*got = kept(r, jstr(json_object_get(o, "connector"), "state"));
	else if (!strcmp(args[1], "failed"))
		*got = number(r, (int64_t)failed);
	else if (!strcmp(args[1], "waiting"))
		*got = number(r, buffered);
	json_decref(o);
	return 0;
}

/* lag CONNECTOR: records of its topics that no object has. */
int look_lag(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	json_t *o = NULL, *one;
	size_t i;
	int64_t lag = 0;
	int rc = look_json(r, "connect", arena_printf(&r->arena, "/connectors/%s/status?explain", args[0]).p, &o, err);
	json_array_foreach(json_object_get(o, "partitions"), i, one) {
		const char *records;
		char *of[] = { (char *)(uintptr_t)kept(r, jstr(one, "topic")), (char *)(uintptr_t) "end", (char *)(uintptr_t)number(r, jint(one, "partition")) };
		if (!rc)
			rc = look_topic(r, of, 3, &records, err);
		if (!rc && records && jint(one, "committed_offset") < strtoll(records, NULL, 10))
			lag += strtoll(records, NULL, 10) - (jint(one, "committed_offset") > 0 ? jint(one, "committed_offset") : 0);
	}
	if (!rc && o)
		*got = number(r, lag);
	json_decref(o);
	return rc;
}

/* ---- the log ---- */

/* What it warned of, a line each: "WARN connect put-failed key=...". */
int look_log(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	json_t *o = NULL, *one;
	struct buf b = { 0 };
	size_t i;
	int rc = look_json(r, "control", "/_tarn/notices", &o, err);
	json_array_foreach(json_object_get(o, "notices"), i, one) {
		const char *level = jstr(one, "level");
		buf_addf(&b, "%s %s %s %s\n", level && !strcmp(level, "error") ? "ERROR" : "WARN", jstr(one, "service"), jstr(one, "event"), jstr(one, "text"));
	}
	*got = arena_cstr(&r->arena, b.n ? buf_slice(&b) : S(""));
	buf_free(&b);
	json_decref(o);
	return rc;
}

/* ---- journeys ---- */

/* trace ID [path] | KIND [title|FACT]: a hop's state, its title, or one of its facts. */
int look_trace(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	json_t *hop, *found = NULL;
	struct buf path = { 0 };
	size_t i;
	buf_adds(&path, "/api/journey/");
	buf_url_escape(&path, sl(args[0]), false);
	int rc = look_json(r, "control", buf_cstr(&path), &found, err);
	JSON_AUTO o = found;
	buf_free(&path);
	if (rc || !json_is_true(json_object_get(o, "found")))
		return rc;
	if (n == 1 || !strcmp(args[1], "path")) {
		*got = kept(r, jstr(o, "path"));
		return 0;
	}
	json_array_foreach(json_object_get(o, "hops"), i, hop) {
		if (strcmp(jstr(hop, "kind"), args[1]))
			continue;
		const char *what = n > 2 ? args[2] : "state";
		json_t *v = json_object_get(hop, what) ? json_object_get(hop, what) : json_object_get(json_object_get(hop, "facts"), what);
		char *text = v && !json_is_string(v) ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
		*got = kept(r, text ? text : json_string_value(v));
		free(text);
	}
	return 0;
}
