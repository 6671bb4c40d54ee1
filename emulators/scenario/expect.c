/* expect SUBJECT ARGS OP VALUE: reads one thing, compares it, and says both when they differ. */
#include <ctype.h>
#include <jansson.h>
#include <regex.h>

#include "core/json.h"
#include "core/near.h"
#include "core/sigv4.h"
#include "scenario/looks.h"
#include "scenario/scenario.h"

/* ---- values ---- */

static bool number(const char *s, double *out)
{
	char *end;
	if (!*s || isspace((unsigned char)*s))
		return false;
	*out = strtod(s, &end);
	return !*end;
}

static int compare(const char *a, const char *b)
{
	double x, y;
	if (number(a, &x) && number(b, &y))
		return x < y ? -1 : x > y;
	return strcmp(a, b);
}

static int matches(const char *text, const char *pattern, bool *out, struct error *err)
{
	regex_t re;
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		return err_set(err, ERR_INVALID, "not a regular expression: %s", pattern);
	*out = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return 0;
}

enum { LESS = 1, SAME = 2, MORE = 4 };

const struct operator operators[] = {
	{ "==", "the same, numbers as numbers", OP_COMPARE, SAME },
	{ "is", "the same", OP_COMPARE, SAME },
	{ "!=", "another one, but not an absent one", OP_COMPARE, LESS | MORE },
	{ "<", "less", OP_COMPARE, LESS },
	{ "<=", "at most", OP_COMPARE, LESS | SAME },
	{ ">", "more", OP_COMPARE, MORE },
	{ ">=", "at least", OP_COMPARE, MORE | SAME },
	{ "~", "matches the regular expression (POSIX, extended)", OP_MATCHES, 1 },
	{ "!~", "does not", OP_MATCHES, 0 },
	{ "contains", "has the text in it", OP_CONTAINS, 1 },
	{ "exists", "is there; no value", OP_EXISTS, 1 },
	{ "absent", "is not", OP_EXISTS, 0 },
	{ NULL },
};

/* got NULL: the thing is absent. */
static int judge(struct runner *r, const char *got, const struct operator *op, const char *want, struct error *err)
{
	bool held = false;
	int rc = 0, order;
	snprintf(r->got, sizeof(r->got), "%s", got ? got : "(absent)");
	snprintf(r->want, sizeof(r->want), "%s%s%s", op->name, want ? " " : "", want ? want : "");
	switch (op->kind) {
	case OP_EXISTS:
		held = (got != NULL) == (op->holds != 0);
		break;
	case OP_COMPARE:
		order = got ? compare(got, want) : 0;
		held = got && op->holds & (order < 0 ? LESS : order ? MORE : SAME);
		break;
	case OP_CONTAINS:
		held = got && strstr(got, want);
		break;
	case OP_MATCHES:
		rc = got ? matches(got, want, &held, err) : 0;
		held = got && held == (op->holds != 0);
		break;
	}
	if (rc)
		return rc;
	return held ? 0 : err_set(err, ERR_CONFLICT, "not as expected");
}

/* $.a.b[0]["c"]: the value as text; NULL when absent. */
static const char *json_at(struct runner *r, struct slice text, const char *path, struct error *err)
{
	json_error_t je;
	json_t *root = json_loadb(text.p, text.n, JSON_DECODE_ANY, &je), *v = root;
	const char *out = NULL;
	if (!root) {
		err_set(err, ERR_INVALID, "not JSON: %s", je.text);
		return NULL;
	}
	const char *p = path + (*path == '$');
	while (v && *p) {
		if (*p == '.') {
			size_t n = strcspn(p + 1, ".[");
			v = json_object_get(v, arena_cstr(&r->arena, sl_of(p + 1, n)));
			p += n + 1;
		} else if (*p == '[' && p[1] == '"') {
			const char *end = strstr(p + 2, "\"]");
			v = end ? json_object_get(v, arena_cstr(&r->arena, sl_of(p + 2, (size_t)(end - p - 2)))) : NULL;
			p = end ? end + 2 : p + strlen(p);
		} else if (*p == '[') {
			v = json_array_get(v, (size_t)atol(p + 1));
			p += strcspn(p, "]");
			p += *p == ']';
		} else {
			v = NULL;
		}
	}
	if (json_is_string(v)) {
		out = arena_cstr(&r->arena, sl(json_string_value(v)));
	} else if (v) {
		char *dump = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
		out = arena_cstr(&r->arena, sl(dump));
		free(dump);
	}
	json_decref(root);
	return out;
}

static const char *text_of(struct runner *r, long long n)
{
	return arena_printf(&r->arena, "%lld", n).p;
}

/* ---- topics ---- */

struct topic_wait {
	struct owed *asked;
	bool done;
	int partitions;
	struct slice name;
	int64_t low, high;
	int error;
};

static void on_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct topic_wait *w = arg;
	w->done = true;
	w->partitions = -1;
	for (size_t i = 0; !err && i < n; i++)
		if (sl_eq(t[i].name, w->name))
			w->partitions = t[i].partition_n;
}

static void on_read(void *arg, int code, const struct log_record *rec, size_t n, int64_t next, int64_t high)
{
	struct topic_wait *w = arg;
	w->done = true;
	w->error = code;
	w->high = high;
	w->low = n ? rec[0].offset : high;
}

/* topic NAME records|partitions */
int look_topic(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	struct record_log *log = &server_env(r->server)->ports->log;
	int rc;
	if (!log->self)
		return err_set(err, ERR_NOT_FOUND, "no topics here: kafka is not running");
	struct topic_wait w = { .name = sl(args[0]) };
	owed_keep(&w.asked, log->topics(log->self, on_topics, &w));
	if ((rc = runner_wait(r, &w.done, &w.asked, err)))
		return rc;
	*got = w.partitions < 0 ? NULL : text_of(r, w.partitions);
	if (w.partitions < 0 || !strcmp(args[1], "partitions"))
		return 0;
	bool end = !strcmp(args[1], "end");
	int64_t one = -1;
	if (end && (n < 3 || !sl_int(sl(args[2]), 0, w.partitions - 1, &one)))
		return err_set(err, ERR_INVALID, "topic NAME end PARTITION");
	int64_t records = 0;
	for (int p = 0; p < w.partitions; p++) {
		w.done = false;
		owed_keep(&w.asked, log->read(log->self, w.name, p, -2, 1, on_read, &w));
		if ((rc = runner_wait(r, &w.done, &w.asked, err)))
			return rc;
		if (w.error)
			return err_set(err, ERR_INVALID, "topic %s: error %d", args[0], w.error);
		records += end ? p == one ? w.high : 0 : w.high - w.low;
	}
	*got = text_of(r, records);
	return 0;
}

/* ---- objects ---- */

struct object_wait {
	struct runner *r;
	struct owed *asked;
	bool done, absent;
	size_t n, cap;
	struct slice *keys;
	struct buf body;
	struct error err;
};

static bool on_object(void *arg, const struct object_entry *e)
{
	struct object_wait *w = arg;
	GROW(w->keys, w->n, w->cap);
	w->keys[w->n++] = arena_dup(&w->r->arena, e->key);
	return true;
}

static void on_listed(void *arg, const struct error *err)
{
	struct object_wait *w = arg;
	w->done = true;
	if (err)
		w->err = *err;
}

static void on_get(void *arg, struct slice body, const struct error *err)
{
	struct object_wait *w = arg;
	w->done = true;
	if (err && err->kind == ERR_NOT_FOUND)
		w->absent = true;
	else if (err)
		w->err = *err;
	else
		buf_addsl(&w->body, body);
}

static int came(struct object_wait *w, struct error *err)
{
	int rc = runner_wait(w->r, &w->done, &w->asked, err);
	return !rc && w->err.kind ? err_set(err, w->err.kind, "%s", w->err.text) : rc;
}

static int list_all(struct object_wait *w, struct slice bucket, struct slice prefix, struct error *err)
{
	struct object_store *o = &server_env(w->r->server)->ports->objects;
	owed_keep(&w->asked, objects_each(o, bucket, prefix, sl(NULL), on_object, on_listed, w));
	return came(w, err);
}

static int get_one(struct object_wait *w, struct slice bucket, struct slice key, struct error *err)
{
	struct object_store *o = &server_env(w->r->server)->ports->objects;
	w->done = false;
	owed_keep(&w->asked, o->get(o->self, bucket, key, on_get, w));
	return came(w, err);
}

/* SHA-256 over every key, length and body below a prefix, in key order. */
static int digest(struct object_wait *w, struct slice bucket, const char **got, struct error *err)
{
	struct buf all = { 0 }, hex = { 0 };
	uint8_t sum[32];
	int rc = 0;
	for (size_t i = 0; !rc && i < w->n; i++) {
		buf_reset(&w->body);
		rc = get_one(w, bucket, w->keys[i], err);
		hash_sha256(w->body.p ? w->body.p : "", w->body.n, sum);
		buf_addf(&all, "%.*s %zu ", SL(w->keys[i]), w->body.n);
		buf_hex(&all, sum, sizeof(sum));
		buf_addc(&all, '\n');
	}
	hash_sha256(all.p ? all.p : "", all.n, sum);
	buf_hex(&hex, sum, sizeof(sum));
	*got = arena_cstr(&w->r->arena, buf_slice(&hex));
	buf_free(&all);
	buf_free(&hex);
	return rc;
}

/* s3 BUCKET/KEY [exists...] | body | size | json PATH; s3 BUCKET/PREFIX objects | sha256 */
static int get_s3(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	struct object_wait w = { .r = r };
	struct slice bucket, key;
	int rc;
	if (!sl_cut(sl(args[0]), '/', &bucket, &key))
		return err_set(err, ERR_INVALID, "expect s3 BUCKET/KEY ...");
	if (!server_env(r->server)->ports->objects.self)
		return err_set(err, ERR_NOT_FOUND, "no objects here: s3 is not running");
	const char *what = n > 1 ? args[1] : "";
	if (!strcmp(what, "objects") || !strcmp(what, "sha256")) {
		rc = list_all(&w, bucket, key, err);
		if (!rc && !strcmp(what, "objects"))
			*got = text_of(r, (long long)w.n);
		else if (!rc)
			rc = digest(&w, bucket, got, err);
	} else {
		rc = get_one(&w, bucket, key, err);
		if (!rc && !w.absent)
			*got = !strcmp(what, "size") ? text_of(r, (long long)w.body.n)
						     : arena_cstr(&r->arena, buf_slice(&w.body));
		if (!rc && !w.absent && !strcmp(what, "json"))
			*got = json_at(r, buf_slice(&w.body), n > 2 ? args[2] : "$", err);
	}
	free(w.keys);
	buf_free(&w.body);
	return rc;
}

/* ---- rows ---- */

static void print_rows(const struct table *t, struct buf *out)
{
	for (size_t i = 0; i < t->column_n; i++)
		buf_addf(out, "%s%s", i ? " | " : "", t->columns[i]);
	for (size_t i = 0; i < t->column_n * t->row_n; i++)
		buf_addf(out, "%s%s", i % t->column_n ? " | " : "\n", t->cells[i] ? t->cells[i] : "NULL");
}

/* Blanks around | and at line ends don't count. */
static void normalise(struct slice text, struct buf *out)
{
	struct slice line, rest = text, cell, cells;
	bool first = true;
	while (rest.p) {
		sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (!line.n)
			continue;
		if (!first)
			buf_addc(out, '\n');
		first = false;
		cells = line;
		for (bool head = true; cells.p; head = false) {
			sl_cut(cells, '|', &cell, &cells);
			if (!head)
				buf_adds(out, " | ");
			buf_addsl(out, sl_trim(cell));
		}
	}
}

static int expect_table(struct runner *r, const struct statement *st, struct error *err)
{
	struct buf got = { 0 }, want = { 0 };
	const char *text = runner_expand(r, st->here, err);
	if (!text)
		return ERR_INVALID;
	print_rows(&r->table, &got);
	struct buf clean = { 0 };
	normalise(buf_slice(&got), &clean);
	normalise(sl(text), &want);
	bool same = sl_eq(buf_slice(&clean), buf_slice(&want));
	snprintf(r->got, sizeof(r->got), "%.*s", SL(buf_slice(&clean)));
	snprintf(r->want, sizeof(r->want), "%.*s", SL(buf_slice(&want)));
	buf_free(&got);
	buf_free(&clean);
	buf_free(&want);
	return same ? 0 : err_set(err, ERR_CONFLICT, "other rows");
}

static int get_row(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	const struct table *t = &r->table;
	int64_t at;
	if (!sl_int(sl(args[0]), 1, (int64_t)t->row_n, &at))
		return err_set(err, ERR_INVALID, "expect row N COLUMN OP VALUE, N in 1..%zu", t->row_n);
	for (size_t i = 0; i < t->column_n; i++)
		if (!strcmp(t->columns[i], args[1]))
			*got = t->cells[(size_t)(at - 1) * t->column_n + i];
	return 0;
}

/* ---- the rest ---- */

static int get_header(struct runner *r, char **args, size_t count, const char **got, struct error *err)
{
	for (size_t i = 0; i < r->header_n; i++) {
		struct slice n, v;
		if (sl_cut(sl(r->header_lines[i]), ':', &n, &v) && sl_eq_nocase(n, sl(args[0])))
			*got = arena_cstr(&r->arena, sl_trim(v));
	}
	return 0;
}

static int get_metric(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	struct slice line, rest, name = sl(args[0]);
	int status, rc = look_http(r, "control", "GET", "/metrics", sl(NULL), &status, &rest, err);
	while (!rc && rest.p && !*got) {
		sl_cut(rest, '\n', &line, &rest);
		if (sl_starts(line, name) && line.n > name.n && line.p[name.n] == ' ')
			*got = arena_cstr(&r->arena, sl_of(line.p + name.n + 1, line.n - name.n - 1));
	}
	return rc;
}

static int get_var(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	*got = runner_var(r, args[0]);
	return 0;
}

static int get_fault(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	json_t *all = NULL, *one;
	size_t i;
	int rc = look_json(r, "control", "/_tarn/faults", &all, err);
	json_array_foreach(all, i, one)
		if (sl_eqs(jslice(one, "name"), args[0]))
			*got = !strcmp(args[1], "state") ? "armed" : text_of(r, jint(one, "fired"));
	json_decref(all);
	return rc;
}

static int get_clock(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	char now[32];
	int64_t ms;
	int rc = look_clock(r, &ms, err);
	if (rc)
		return rc;
	clock_iso_sec(ms, now);
	*got = arena_cstr(&r->arena, sl(now));
	return 0;
}

static int get_json(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	struct error why = { 0 };
	*got = json_at(r, buf_slice(&r->body), args[0], &why);
	return why.kind ? err_set(err, why.kind, "the body is %s", why.text) : 0;
}

const struct subject subjects[] = {
	{ "status", "", "the HTTP status of the last send", .how = GET_INT, .at = offsetof(struct runner, status) },
	{ "header", "NAME", "a header of its answer", 1, 1, NULL, get_header },
	{ "body", "", "its body", .how = GET_TEXT, .at = offsetof(struct runner, body) },
	{ "json", "$.PATH[0].NAME", "a value in its body, or in what the last exec printed", 1, 1, NULL, get_json },
	{ "exit", "", "the exit code of the last exec", .how = GET_INT, .at = offsetof(struct runner, exit_code) },
	{ "stdout", "", "what it printed", .how = GET_LINES, .at = offsetof(struct runner, out) },
	{ "stderr", "", "what it printed as errors", .how = GET_LINES, .at = offsetof(struct runner, err_out) },
	{ "rows", "", "how many rows the last query gave; rows <<ROWS: the rows themselves", .how = GET_ROWS },
	{ "row", "N COLUMN", "a cell of them, N from 1", 2, 2, NULL, get_row },
	{ "topic", "NAME records|partitions|end PARTITION", "how many it has; the next offset of a partition", 2, 3, "records partitions end", look_topic },
	{ "stream", "NAME records|shards|distinct $.MEMBER", "how many it has; how many values of a member", 2, 3, "records shards distinct", look_stream },
	{ "table", "NAME rows|version|distinct COLUMN", "of the lake: how many, its newest version, how many values", 2, 3, "rows version distinct", look_table },
	{ "quality", "TABLE.COLUMN", "is unique, complete, integer, number or \"between A and B\": nulls count for complete alone", 1, 1, NULL, look_quality },
	{ "dag", "ID runs|failed|last.state|paused", "runs of a DAG", 2, 2, "runs failed last.state paused", look_dag },
	{ "connector", "NAME state|tasks|failed|waiting", "of Kafka Connect; waiting: records that it has read and not written", 2, 2, "state tasks failed waiting", look_connector },
	{ "lag", "CONNECTOR", "records of its topics that it hasn't written", 1, 1, NULL, look_lag },
	{ "log", "", "what the log warned of, a line each: WARN connect put-failed ...", 0, 0, NULL, look_log },
	{ "trace", "ID [path] | ID KIND [title|FACT]", "a record's journey (tarn help trace): its path, or a hop's state, title or fact", 1, 3, NULL, look_trace },
	{ "s3", "BUCKET/KEY [body|size|json $.PATH] or BUCKET/PREFIX objects|sha256", "an object; all below a prefix", 1, 3, "body size json objects sha256",
	  get_s3 },
	{ "fault", "NAME fired|state", "how often it fired; armed, or absent", 2, 2, "fired state", get_fault },
	{ "metric", "NAME", "a line of /_tarn/metrics", 1, 1, NULL, get_metric },
	{ "clock", "", "emulated time", 0, 0, NULL, get_clock },
	{ "var", "NAME", "what ${NAME} is", 1, 1, NULL, get_var },
	{ NULL },
};

static int get(struct runner *r, const struct subject *s, char **args, size_t n, const char **got, struct error *err)
{
	const void *at = (const char *)r + s->at;
	switch (s->how) {
	case GET_CALL:
		return s->get(r, args, n, got, err);
	case GET_INT:
		*got = text_of(r, *(const int *)at);
		break;
	case GET_TEXT:
		*got = arena_cstr(&r->arena, buf_slice(at));
		break;
	case GET_LINES: /* without blanks around them */
		*got = arena_cstr(&r->arena, sl_trim(buf_slice(at)));
		break;
	case GET_ROWS:
		*got = text_of(r, (long long)r->table.row_n);
		break;
	}
	return 0;
}

static const struct subject *find_subject(const char *name, struct error *err)
{
	struct near near = near_to(sl(name));
	for (const struct subject *s = subjects; s->name; s++)
		if (near_is(&near, s->name))
			return s;
	err_set(err, ERR_INVALID, "nothing to expect is called %s%s", name, near_words(&near));
	return NULL;
}

static const struct operator *find_operator(const struct word *w, struct near *near)
{
	*near = near_to(sl(w->text));
	for (const struct operator *o = operators; !w->quoted && !w->key && o->name; o++)
		if (near_is(near, o->name))
			return o;
	return NULL;
}

/* The operator; *at: its place among the words. NULL: there is none, and err says which is near. */
static const struct operator *split(const struct statement *st, size_t *at, struct error *err)
{
	const struct operator *op;
	struct near near, best = { 0 };
	for (*at = 1; *at < st->word_n; ++*at) {
		if ((op = find_operator(&st->words[*at], &near)))
			return op;
		if (near.best.p)
			best = near;
	}
	struct buf all = { 0 };
	for (const struct operator *o = operators; o->name; o++)
		buf_addf(&all, " %s", o->name);
	err_set(err, ERR_INVALID, "an operator is wanted:%s%s", buf_cstr(&all), near_words(&best));
	buf_free(&all);
	return NULL;
}

int check_expect(const struct statement *st, const struct word **at, struct error *err)
{
	const struct subject *s = find_subject(st->words[0].text, err);
	const struct operator *op;
	struct near near;
	size_t n, values;
	*at = &st->words[0];
	if (!s)
		return ERR_INVALID;
	if (s->how == GET_ROWS && st->word_n == 1 && st->here)
		return 0;
	if (!(op = split(st, &n, err)))
		return ERR_INVALID;
	if ((int)n - 1 < s->min || (int)n - 1 > s->max)
		return err_set(err, ERR_INVALID, "expect %s %s OPERATOR VALUE", s->name, s->words);
	near = near_to(sl(st->words[2].text));
	*at = &st->words[2];
	if (s->aspects && n > 2 && near_place(&near, s->aspects, ' ') < 0)
		return err_set(err, ERR_INVALID, "%s has no %s%s", s->name, st->words[2].text, near_words(&near));
	*at = &st->words[n];
	values = st->word_n - n - 1 + (st->here != NULL);
	if (values != (op->kind != OP_EXISTS))
		return err_set(err, ERR_INVALID, op->kind == OP_EXISTS ? "no value is wanted after %s" : "one value is wanted after %s (quote blanks)", op->name);
	return 0;
}

int check_capture(const struct statement *st, const struct word **at, struct error *err)
{
	*at = &st->words[1];
	if (st->words[0].key || st->words[1].key)
		return err_set(err, ERR_INVALID, "capture NAME SUBJECT WORDS");
	const struct subject *s = find_subject(st->words[1].text, err);
	if (!s)
		return ERR_INVALID;
	if ((int)st->word_n - 2 < s->min || (int)st->word_n - 2 > s->max)
		return err_set(err, ERR_INVALID, "capture NAME %s %s", s->name, s->words);
	return 0;
}

/* A word as it was written, its variables replaced. */
static const char *whole(struct runner *r, const struct word *w, struct error *err)
{
	const char *text = runner_expand(r, w->text, err);
	return text && w->key ? arena_printf(&r->arena, "%s=%s", w->key, text).p : text;
}

int look_subject(struct runner *r, const struct statement *st, size_t from, size_t to, const char **got, struct error *err)
{
	char *args[WORDS_MAX];
	const struct subject *s = find_subject(st->words[from].text, err);
	if (!s)
		return ERR_INVALID;
	for (size_t i = from + 1; i < to; i++)
		if (!(args[i - from - 1] = (char *)(uintptr_t)whole(r, &st->words[i], err)))
			return ERR_INVALID;
	return get(r, s, args, to - from - 1, got, err);
}

int run_expect(struct runner *r, const struct statement *st, struct error *err)
{
	char *args[WORDS_MAX];
	const struct subject *s = find_subject(st->words[0].text, err);
	const struct operator *op;
	const char *want = NULL, *got = NULL;
	size_t n;
	if (s->how == GET_ROWS && st->word_n == 1)
		return expect_table(r, st, err);
	if (!(op = split(st, &n, err)))
		return ERR_INVALID;
	for (size_t i = 1; i < n; i++)
		if (!(args[i - 1] = (char *)whole(r, &st->words[i], err)))
			return ERR_INVALID;
	if (op->kind != OP_EXISTS && !(want = st->here ? runner_expand(r, st->here, err) : whole(r, &st->words[n + 1], err)))
		return ERR_INVALID;
	r->asked = want;
	int rc = get(r, s, args, n - 1, &got, err);
	return rc ? rc : judge(r, got, op, want, err);
}
