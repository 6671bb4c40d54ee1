/* expect SUBJECT ARGS OP VALUE: reads one thing, compares it, and says both when they differ. */
#include <ctype.h>
#include <jansson.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sigv4.h"
#include "scenario/scenario.h"

static const char *const operators[] = { "==", "!=", "<=", ">=", "<", ">", "~", "!~", "contains", "exists", "absent", "is" };

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

/* got NULL: the thing is absent. */
static int judge(struct runner *r, const char *got, const char *op, const char *want, struct error *err)
{
	bool ok = false;
	int rc = 0;
	snprintf(r->got, sizeof(r->got), "%s", got ? got : "(absent)");
	snprintf(r->want, sizeof(r->want), "%s%s%s", op, want ? " " : "", want ? want : "");
	if (!strcmp(op, "exists"))
		ok = got != NULL;
	else if (!strcmp(op, "absent"))
		ok = got == NULL;
	else if (!want)
		return err_set(err, ERR_INVALID, "a value is wanted after %s", op);
	else if (!got)
		ok = false;
	else if (!strcmp(op, "==") || !strcmp(op, "is"))
		ok = compare(got, want) == 0;
	else if (!strcmp(op, "!="))
		ok = compare(got, want) != 0;
	else if (!strcmp(op, "<"))
		ok = compare(got, want) < 0;
	else if (!strcmp(op, "<="))
		ok = compare(got, want) <= 0;
	else if (!strcmp(op, ">"))
		ok = compare(got, want) > 0;
	else if (!strcmp(op, ">="))
		ok = compare(got, want) >= 0;
	else if (!strcmp(op, "contains"))
		ok = strstr(got, want) != NULL;
	else if (!strcmp(op, "~"))
		rc = matches(got, want, &ok, err);
	else if (!strcmp(op, "!~")) {
		rc = matches(got, want, &ok, err);
		ok = !ok;
	}
	if (rc)
		return rc;
	return ok ? 0 : err_set(err, ERR_CONFLICT, "not as expected");
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
	(void)next;
	w->done = true;
	w->error = code;
	w->high = high;
	w->low = n ? rec[0].offset : high;
}

/* topic NAME records|partitions */
static int get_topic(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	struct record_log *log = &server_env(r->server)->ports->log;
	int rc;
	if (n != 2)
		return err_set(err, ERR_INVALID, "expect topic NAME records OP N");
	if (!log->self)
		return err_set(err, ERR_NOT_FOUND, "no topics here: kafka is not running");
	struct topic_wait w = { .name = sl(args[0]) };
	log->topics(log->self, on_topics, &w);
	if ((rc = runner_wait(r, &w.done, err)))
		return rc;
	*got = w.partitions < 0 ? NULL : text_of(r, w.partitions);
	if (w.partitions < 0 || !strcmp(args[1], "partitions"))
		return 0;
	int64_t records = 0;
	for (int p = 0; p < w.partitions; p++) {
		w.done = false;
		log->read(log->self, w.name, p, -2, 1, on_read, &w);
		if ((rc = runner_wait(r, &w.done, err)))
			return rc;
		if (w.error)
			return err_set(err, ERR_INVALID, "topic %s: error %d", args[0], w.error);
		records += w.high - w.low;
	}
	*got = text_of(r, records);
	return 0;
}

/* ---- objects ---- */

struct object_wait {
	struct runner *r;
	bool done, more, absent;
	struct slice after;
	size_t n;
	struct slice *keys;
	struct buf body;
	struct error err;
};

static void on_list(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct object_wait *w = arg;
	w->done = true;
	w->more = more && n;
	if (err) {
		w->err = *err;
		return;
	}
	w->keys = xrealloc(w->keys, (w->n + n) * sizeof(*w->keys));
	for (size_t i = 0; i < n; i++)
		w->keys[w->n++] = arena_dup(&w->r->arena, e[i].key);
	if (n)
		w->after = w->keys[w->n - 1];
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

static int list_all(struct object_wait *w, struct slice bucket, struct slice prefix, struct error *err)
{
	struct object_store *o = &server_env(w->r->server)->ports->objects;
	do {
		w->done = false;
		o->list(o->self, bucket, prefix, w->after, on_list, w);
		int rc = runner_wait(w->r, &w->done, err);
		if (rc)
			return rc;
		if (w->err.kind)
			return err_set(err, w->err.kind, "%s", w->err.text);
	} while (w->more);
	return 0;
}

static int get_one(struct object_wait *w, struct slice bucket, struct slice key, struct error *err)
{
	struct object_store *o = &server_env(w->r->server)->ports->objects;
	w->done = false;
	o->get(o->self, bucket, key, on_get, w);
	int rc = runner_wait(w->r, &w->done, err);
	if (!rc && w->err.kind)
		rc = err_set(err, w->err.kind, "%s", w->err.text);
	return rc;
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
	if (!n || !sl_cut(sl(args[0]), '/', &bucket, &key))
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

/* rows OP N, or row N COLUMN OP VALUE (N from 1) */
static int get_rows(struct runner *r, char **args, size_t n, const char **got, struct error *err)
{
	const struct table *t = &r->table;
	int64_t at;
	if (n == 0) {
		*got = text_of(r, (long long)t->row_n);
		return 0;
	}
	if (n != 2 || !sl_int(sl(args[0]), 1, (int64_t)t->row_n, &at))
		return err_set(err, ERR_INVALID, "expect row N COLUMN OP VALUE, N in 1..%zu", t->row_n);
	for (size_t i = 0; i < t->column_n; i++)
		if (!strcmp(t->columns[i], args[1]))
			*got = t->cells[(size_t)(at - 1) * t->column_n + i];
	return 0;
}

/* ---- the rest ---- */

static const char *header_value(struct runner *r, const char *name)
{
	for (size_t i = 0; i < r->header_n; i++) {
		struct slice n, v;
		if (sl_cut(sl(r->header_lines[i]), ':', &n, &v) && sl_eq_nocase(n, sl(name)))
			return arena_cstr(&r->arena, sl_trim(v));
	}
	return NULL;
}

static const char *metric_value(struct runner *r, const char *name)
{
	struct buf b = { 0 };
	const char *out = NULL;
	struct slice line, rest;
	metrics_write(server_env(r->server)->metrics, &b);
	rest = buf_slice(&b);
	while (rest.p && !out) {
		sl_cut(rest, '\n', &line, &rest);
		if (sl_starts(line, sl(name)) && line.n > strlen(name) && line.p[strlen(name)] == ' ')
			out = arena_cstr(&r->arena, sl_of(line.p + strlen(name) + 1, line.n - strlen(name) - 1));
	}
	buf_free(&b);
	return out;
}

static int get(struct runner *r, const char *subject, char **args, size_t n, const char **got, struct error *err)
{
	struct error ignored = { 0 };
	char now[32];
	*got = NULL;
	if (!strcmp(subject, "status"))
		*got = text_of(r, r->status);
	else if (!strcmp(subject, "exit"))
		*got = text_of(r, r->exit_code);
	else if (!strcmp(subject, "body"))
		*got = arena_cstr(&r->arena, buf_slice(&r->body));
	else if (!strcmp(subject, "stdout"))
		*got = arena_cstr(&r->arena, sl_trim(buf_slice(&r->out)));
	else if (!strcmp(subject, "stderr"))
		*got = arena_cstr(&r->arena, sl_trim(buf_slice(&r->err_out)));
	else if (!strcmp(subject, "header") && n == 1)
		*got = header_value(r, args[0]);
	else if (!strcmp(subject, "json") && n == 1) {
		*got = json_at(r, buf_slice(&r->body), args[0], &ignored);
		if (ignored.kind)
			return err_set(err, ignored.kind, "the body is %s", ignored.text);
	} else if (!strcmp(subject, "var") && n == 1)
		*got = runner_var(r, args[0]);
	else if (!strcmp(subject, "metric") && n == 1)
		*got = metric_value(r, args[0]);
	else if (!strcmp(subject, "fault") && n == 2 && !strcmp(args[1], "fired")) {
		int64_t fired = faults_fired(server_env(r->server)->faults, sl(args[0]));
		*got = fired < 0 ? NULL : text_of(r, fired);
	} else if (!strcmp(subject, "clock")) {
		clock_iso_sec(clock_now_ms(server_env(r->server)->clock), now);
		*got = arena_cstr(&r->arena, sl(now));
	} else if (!strcmp(subject, "rows") || !strcmp(subject, "row"))
		return get_rows(r, args, n, got, err);
	else if (!strcmp(subject, "topic"))
		return get_topic(r, args, n, got, err);
	else if (!strcmp(subject, "s3"))
		return get_s3(r, args, n, got, err);
	else
		return err_set(err, ERR_INVALID, "can't expect anything of: %s%s%s", subject, n ? " " : "", n ? args[0] : "");
	return 0;
}

static const char *find_operator(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (!strcmp(operators[i], text))
			return operators[i];
	return NULL;
}

int run_expect(struct runner *r, const struct statement *st, struct error *err)
{
	char *args[WORDS_MAX];
	const char *subject = st->word_n ? st->words[0].text : "", *op = NULL, *want = NULL, *got;
	size_t n = 0;
	if (!strcmp(subject, "rows") && st->here)
		return expect_table(r, st, err);
	for (size_t i = 1; i < st->word_n; i++) {
		const struct word *w = &st->words[i];
		const char *text = runner_expand(r, w->text, err);
		if (!text)
			return ERR_INVALID;
		if (w->key)
			text = arena_printf(&r->arena, "%s=%s", w->key, text).p;
		if (!op && !w->quoted && (op = find_operator(text)))
			continue;
		if (!op)
			args[n++] = (char *)text;
		else if (!want)
			want = text;
		else
			return err_set(err, ERR_INVALID, "one value is wanted after %s (quote blanks)", op);
	}
	if (st->here)
		want = runner_expand(r, st->here, err);
	if (!op)
		return err_set(err, ERR_INVALID, "an operator is wanted: == != < <= > >= ~ !~ contains exists absent is");
	int rc = get(r, subject, args, n, &got, err);
	return rc ? rc : judge(r, got, op, want, err);
}
