/* What each statement of a scenario does. */
#include <ctype.h>
#include <ftw.h>
#include <jansson.h>
#include <unistd.h>

#include "core/httpc.h"
#include "core/json.h"
#include "scenario/child.h"
#include "scenario/looks.h"
#include "stack/mysql_job.h"
#include "stack/endpoints.h"
#include "stack/settings.h"

/* ---- variables ---- */

int runner_self(struct runner *r, const char **out, struct error *err)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (n < 0)
		return err_set(err, ERR_INTERNAL, "can't find my own binary");
	*out = arena_cstr(&r->arena, sl_of(path, (size_t)n));
	return 0;
}

const struct variable variables[] = {
	{ "url.SERVICE", "its address, as in endpoints.json", VAR_URL },
	{ "user", "[stack] user", VAR_SETTING, "stack" },
	{ "bucket", "[lake] bucket", VAR_SETTING, "lake" },
	{ "seed", "[stack] seed, here the scenario's", VAR_SETTING, "stack" },
	{ "data", "the state folder", VAR_DATA },
	{ "tarn", "this program", VAR_PROGRAM },
	{ NULL },
};

const char *runner_endpoint(const struct runner *r, const char *key)
{
	return r->away ? jstr(r->away->endpoints, key) : server_endpoint(r->server, key);
}

/* As the stack's health says it, where it isn't ours. */
static const char *setting_of(struct runner *r, const char *section, const char *name)
{
	json_t *v = r->away ? json_object_get(json_object_get(r->away->health, "stack"), name) : NULL;
	if (json_is_integer(v))
		return arena_printf(&r->arena, "%lld", (long long)json_integer_value(v)).p;
	return r->away ? json_string_value(v) : conf_get(server_env(r->server)->conf, section, name);
}

static const char *variable_get(struct runner *r, const struct variable *v, const char *name)
{
	const char *self = NULL;
	struct error err;
	switch (v->kind) {
	case VAR_URL:
		return runner_endpoint(r, name + strlen("url."));
	case VAR_SETTING:
		return setting_of(r, v->section, name);
	case VAR_DATA:
		return r->away ? r->away->data : r->dir;
	case VAR_PROGRAM:
		return runner_self(r, &self, &err) ? NULL : self;
	}
	return NULL;
}

const char *runner_var(struct runner *r, const char *name)
{
	for (size_t i = 0; i < r->var_n; i++)
		if (!strcmp(r->vars[i].name, name))
			return r->vars[i].value;
	for (const struct variable *v = variables; v->name; v++)
		if (v->kind == VAR_URL ? sl_starts(sl(name), S("url.")) : !strcmp(name, v->name))
			return variable_get(r, v, name);
	return NULL;
}

void runner_set(struct runner *r, const char *name, const char *value)
{
	for (size_t i = 0; i < r->var_n; i++) {
		if (!strcmp(r->vars[i].name, name)) {
			char *fresh = xstrdup(value);
			free(r->vars[i].value);
			r->vars[i].value = fresh;
			return;
		}
	}
	r->vars = xrealloc(r->vars, (r->var_n + 1) * sizeof(*r->vars));
	r->vars[r->var_n++] = (struct var){ xstrdup(name), xstrdup(value) };
}

const char *runner_expand(struct runner *r, const char *text, struct error *err)
{
	struct buf b = { 0 };
	const char *at = text, *open;
	while ((open = strstr(at, "${"))) {
		const char *close = strchr(open, '}');
		if (!close)
			break;
		buf_add(&b, at, (size_t)(open - at));
		char *name = arena_cstr(&r->arena, sl_of(open + 2, (size_t)(close - open - 2)));
		const char *value = runner_var(r, name);
		if (!value) {
			buf_free(&b);
			err_set(err, ERR_INVALID, "no variable ${%s}", name);
			return NULL;
		}
		buf_adds(&b, value);
		at = close + 1;
	}
	buf_adds(&b, at);
	const char *out = arena_cstr(&r->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* ---- waiting ---- */

int runner_in_time(struct runner *r, struct error *err)
{
	if (clock_real_us() < r->deadline_us)
		return 0;
	struct buf b = { 0 };
	const struct loop_work *w;
	for (size_t i = 0; i < 8 && (w = loop_work_at(server_loop(r->server), i)); i++) {
		buf_adds(&b, i ? ", " : "; in flight: ");
		w->say(w, &b);
	}
	int rc = err_set(err, ERR_TIMEOUT, "the scenario's time is up (%lld ms)%s", (long long)r->sc->timeout_ms, buf_cstr(&b));
	buf_free(&b);
	return rc;
}

int runner_wait(struct runner *r, const bool *done, struct owed **asked, struct error *err)
{
	int rc = 0;
	while (!*done && !(rc = runner_in_time(r, err)))
		loop_turn(server_loop(r->server), 100);
	if (rc && asked)
		owed_cancel_all(asked);
	return rc;
}

/* Until nothing is in flight for several turns on end: an answer that leaves may set the next box off. */
int run_settle(struct runner *r, const struct statement *st, struct error *err)
{
	enum { QUIET_TURNS = 8 };
	if (r->away)
		return away_settle(r, err);
	for (int quiet = 0; quiet < QUIET_TURNS;) {
		int rc = runner_in_time(r, err);
		if (rc)
			return rc;
		bool busy = server_busy(r->server);
		loop_turn(server_loop(r->server), busy ? 1 : 0);
		quiet = busy || server_busy(r->server) ? 0 : quiet + 1;
	}
	return 0;
}

/* ---- HTTP ---- */

struct answer {
	struct runner *r;
	bool done;
	struct error err;
};

void runner_forget_headers(struct runner *r)
{
	for (size_t i = 0; i < r->header_n; i++)
		free(r->header_lines[i]);
	free(r->header_lines);
	r->header_lines = NULL;
	r->header_n = 0;
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct answer *a = arg;
	struct runner *r = a->r;
	a->done = true;
	if (err) {
		a->err = *err;
		return;
	}
	r->status = resp->status;
	buf_reset(&r->body);
	buf_addsl(&r->body, resp->body);
	(void)buf_room(&r->body, 1);
	runner_forget_headers(r);
	r->header_lines = xcalloc(resp->header_n, sizeof(char *));
	for (size_t i = 0; i < resp->header_n; i++)
		r->header_lines[r->header_n++] =
			xasprintf("%.*s: %.*s", SL(resp->headers[i].name), SL(resp->headers[i].value));
}

int runner_http(struct runner *r, const char *method, const char *url, const char *type, struct http_header *extra,
		size_t extra_n, struct slice body, struct error *err)
{
	struct http_header h[WORDS_MAX];
	struct answer a = { .r = r };
	size_t n = 0;
	if (type)
		h[n++] = (struct http_header){ S("Content-Type"), sl(type) };
	for (size_t i = 0; i < extra_n && n < ARRAY_LEN(h); i++)
		h[n++] = extra[i];
	n += away_headers(r, url, h + n, ARRAY_LEN(h) - n);
	struct httpc_req req = { .method = sl(method), .url = sl(url), .headers = h, .header_n = n, .body = body };
	struct owed *sent = NULL;
	owed_keep(&sent, httpc_send(server_env(r->server)->httpc, &req, on_answer, &a));
	int rc = runner_wait(r, &a.done, &sent, err);
	if (rc)
		return rc;
	if (a.err.kind)
		return err_set(err, a.err.kind, "%s %s: %s", method, url, a.err.text);
	return 0;
}

static int no_endpoint(const struct runner *r, const char *to, struct error *err)
{
	struct buf b = { 0 };
	const char *key, *address;
	json_t *v;
	for (size_t i = 0; !r->away && server_endpoint_at(r->server, i, &key, &address); i++)
		if (sl_starts(sl(address), S("http")))
			buf_addf(&b, "%s%s", b.n ? ", " : "", key);
	json_object_foreach((json_t *)(r->away ? r->away->endpoints : NULL), key, v)
		if (sl_starts(jslice(r->away->endpoints, key), S("http")))
			buf_addf(&b, "%s%s", b.n ? ", " : "", key);
	err_set(err, ERR_NOT_FOUND, "no endpoint %s; there are %s", to, buf_cstr(&b));
	buf_free(&b);
	return ERR_NOT_FOUND;
}

/* send METHOD PATH [to=SERVICE] [type=...] [header="Name: value"]... [<<BODY] */
int run_send(struct runner *r, const struct statement *st, struct error *err)
{
	struct http_header extra[WORDS_MAX];
	size_t extra_n = 0;
	const char *words[2] = { NULL, NULL }, *to = statement_option(st, "to"), *type = statement_option(st, "type");
	size_t n = 0;
	for (size_t i = 0; i < st->word_n; i++) {
		const char *text = runner_expand(r, st->words[i].text, err);
		if (!text)
			return ERR_INVALID;
		if (!st->words[i].key && n < 2) {
			words[n++] = text;
		} else if (st->words[i].key && !strcmp(st->words[i].key, "header")) {
			struct slice name, value;
			if (!sl_cut(sl(text), ':', &name, &value))
				return err_set(err, ERR_INVALID, "header=\"Name: value\" is wanted");
			extra[extra_n++] = (struct http_header){ name, sl_trim(value) };
		}
	}
	const char *body = st->here ? runner_expand(r, st->here, err) : NULL;
	if (n < 2 || (st->here && !body))
		return n < 2 ? err_set(err, ERR_INVALID, "send METHOD PATH") : ERR_INVALID;
	const char *base = runner_endpoint(r, to ? to : "apigateway");
	if (!base)
		return no_endpoint(r, to ? to : "apigateway", err);
	const char *url = strstr(words[1], "://") ? words[1] : arena_printf(&r->arena, "%s%s", base, words[1]).p;
	struct slice payload = body ? sl(body) : sl(NULL);
	if (payload.n && payload.p[payload.n - 1] == '\n')
		payload.n--;
	return runner_http(r, words[0], url, type, extra, extra_n, payload, err);
}

/* ---- query ---- */

static char *json_text(const json_t *v)
{
	if (json_is_null(v))
		return NULL;
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	return json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
}

/* {"columns":[...],"rows":[[...],...]} */
static int table_from_json(struct table *t, struct slice body, struct error *err)
{
	json_t *j = json_loadb(body.p, body.n, 0, NULL);
	json_t *columns = json_object_get(j, "columns"), *rows = json_object_get(j, "rows"), *row, *v;
	size_t i, k, at = 0;
	table_clear(t);
	if (!json_is_array(columns) || !json_is_array(rows)) {
		json_decref(j);
		return err_set(err, ERR_INVALID, "not a table: %.*s", (int)(body.n > 300 ? 300 : body.n), body.p);
	}
	t->column_n = json_array_size(columns);
	t->row_n = json_array_size(rows);
	t->columns = xcalloc(t->column_n, sizeof(char *));
	t->cells = xcalloc(t->column_n * t->row_n, sizeof(char *));
	t->types = xcalloc(t->column_n + 1, 1);
	json_array_foreach(columns, i, v) {
		const char *name = json_is_object(v) ? jstr(v, "name") : json_string_value(v);
		t->columns[i] = xstrdup(name ? name : "?");
		json_t *cell = json_array_get(json_array_get(rows, 0), i);
		t->types[i] = json_is_integer(cell) ? 'i' : json_is_real(cell) ? 'f' : 't';
	}
	json_array_foreach(rows, i, row)
		for (k = 0; k < t->column_n; k++)
			t->cells[at++] = json_text(json_array_get(row, k));
	json_decref(j);
	return 0;
}

/* NAME.json = first row as an object, NAME.column = its cells. */
static void keep_row(struct runner *r, const char *name)
{
	struct buf b = { 0 };
	if (!r->table.row_n)
		return;
	for (size_t i = 0; i < r->table.column_n; i++) {
		const char *v = r->table.cells[i];
		runner_set(r, arena_printf(&r->arena, "%s.%s", name, r->table.columns[i]).p, v ? v : "NULL");
	}
	table_row_json(&r->table, 0, &b);
	runner_set(r, arena_printf(&r->arena, "%s.json", name).p, arena_cstr(&r->arena, buf_slice(&b)));
	buf_free(&b);
}

static void on_rows(void *arg, const struct error *err)
{
	struct answer *a = arg;
	a->done = true;
	if (err)
		a->err = *err;
}

/* error=1146: the statement has to be refused with that number. */
static int refusal(struct runner *r, const struct statement *st, const char *number, const struct error *got, struct error *err)
{
	struct slice code, rest;
	sl_cut(sl(got->text), ':', &code, &rest);
	if (got->kind && sl_eqs(code, number))
		return 0;
	r->at = st;
	snprintf(r->want, sizeof(r->want), "error %s", number);
	snprintf(r->got, sizeof(r->got), "%.*s", (int)sizeof(r->got) - 1, got->kind ? got->text : "no error");
	return err_set(err, ERR_CONFLICT, "not as expected");
}

static int ask_rds(struct runner *r, const struct statement *st, const char *sql, struct error *err)
{
	struct answer a = { .r = r };
	const char *address = runner_endpoint(r, "rds"), *refused = statement_option(st, "error");
	const char *db = setting_of(r, "rds", "database");
	int rc;
	if (!address)
		return err_set(err, ERR_NOT_FOUND, "rds is not running");
	mysql_job(server_loop(r->server), address, db, sql, &r->table, on_rows, &a);
	if ((rc = runner_wait(r, &a.done, NULL, err)))
		return rc;
	if (refused)
		return refusal(r, st, refused, &a.err, err);
	return a.err.kind ? err_set(err, a.err.kind, "%s", a.err.text) : 0;
}

/* The answer is in r->body. */
static int ask_lake(struct runner *r, const char *method, const char *path, struct slice body, struct error *err)
{
	const char *address = runner_endpoint(r, "lake");
	int rc;
	if (!address)
		return err_set(err, ERR_NOT_FOUND, "lake is not running");
	rc = runner_http(r, method, arena_printf(&r->arena, "%s%s", address, path).p, body.n ? "text/plain" : NULL, NULL, 0, body, err);
	if (!rc && r->status != 200)
		rc = err_set(err, ERR_INVALID, "the lake says %d: %.*s", r->status, (int)(r->body.n > 400 ? 400 : r->body.n), r->body.p);
	return rc;
}

/* query [on=rds|lake] [into=NAME] [error=NUMBER, rds only] NAME | <<SQL */
int run_query(struct runner *r, const struct statement *st, struct error *err)
{
	const char *on = statement_option(st, "on"), *into = statement_option(st, "into"), *name = NULL;
	int rc;
	for (size_t i = 0; i < st->word_n; i++)
		if (!st->words[i].key)
			name = runner_expand(r, st->words[i].text, err);
	const char *sql = st->here ? runner_expand(r, st->here, err) : NULL;
	if ((st->here && !sql) || (!st->here && !name))
		return ERR_INVALID;
	table_clear(&r->table);
	if (on && !strcmp(on, "rds")) {
		rc = ask_rds(r, st, sql ? sql : name, err);
	} else {
		const char *path = sql ? "/api/tarn/sql" : arena_printf(&r->arena, "/api/tarn/query/%s", name).p;
		rc = ask_lake(r, sql ? "POST" : "GET", path, sl(sql), err);
		if (!rc)
			rc = table_from_json(&r->table, buf_slice(&r->body), err);
	}
	if (rc)
		return rc;
	if (into)
		keep_row(r, into);
	return 0;
}

/* ---- the others ---- */

int clock_words(const struct statement *st, int64_t *ms, bool *until, struct error *err)
{
	const char *what = st->words[0].text;
	const struct word *w = st->word_n == 2 ? &st->words[1] : NULL;
	*until = w && w->key;
	*ms = -1;
	if (!strcmp(what, "freeze") && !w)
		return 0;
	if (strcmp(what, "advance") || !w)
		return err_set(err, ERR_INVALID, "clock advance DURATION, clock advance to=TIME, or clock freeze");
	if (*until ? !clock_parse_iso(sl(w->text), ms) : !clock_parse_duration(sl(w->text), ms))
		return err_set(err, ERR_INVALID, "not a %s: %s", *until ? "time" : "duration", w->text);
	return 0;
}

struct advanced {
	bool done;
	int rc;
	struct error *err;
};

static void on_advanced(void *arg, const struct error *err)
{
	struct advanced *a = arg;
	a->done = true;
	if (err) {
		a->rc = err->kind;
		*a->err = *err;
	}
}

static int clock_away(struct runner *r, int64_t ms, bool until, struct error *err)
{
	const char *act = "freeze";
	int64_t now;
	int rc = 0;
	if (ms >= 0 && until && !(rc = look_clock(r, &now, err)))
		ms = ms > now ? ms - now : 0;
	if (ms >= 0)
		act = arena_printf(&r->arena, "advance %lldms", (long long)ms).p;
	if (!rc)
		rc = look_act(r, "POST", "/_tarn/clock", sl(act), err);
	return rc || ms < 0 ? rc : away_settle(r, err);
}

int run_clock(struct runner *r, const struct statement *st, struct error *err)
{
	struct clock *c = server_env(r->server)->clock;
	int64_t ms;
	bool until;
	int rc = clock_words(st, &ms, &until, err);
	if (rc)
		return rc;
	if (r->away)
		return clock_away(r, ms, until, err);
	if (ms < 0) {
		clock_freeze(c, clock_now_ms(c));
		return 0;
	}
	struct advanced a = { .err = err };
	struct error late;
	if ((rc = clock_advance(c, until ? ms - clock_now_ms(c) : ms, on_advanced, &a, err)))
		return rc;
	if ((rc = runner_wait(r, &a.done, NULL, &late))) {
		clock_stop(c, "the step is over");
		*err = late;
		return rc;
	}
	return a.rc ? a.rc : run_settle(r, st, err);
}

int run_clean(struct runner *r, const struct statement *st, struct error *err)
{
	return ask_lake(r, "POST", "/api/tarn/clean", S(""), err);
}

static int open_server(struct runner *r, bool again, struct error *err);

int run_restart(struct runner *r, const struct statement *st, struct error *err)
{
	struct slice said;
	int status, rc;
	if (r->away) {
		rc = look_http(r, "aws", "POST", "/_localstack/health", S("{\"action\": \"restart\"}"), &status, &said, err);
		return rc || status < 300 ? rc : err_set(err, ERR_INVALID, "the stack doesn't restart: %.*s", SL(said));
	}
	server_close(r->server);
	r->server = NULL;
	return open_server(r, true, err);
}

void fault_spec(const struct statement *st, struct buf *out)
{
	for (size_t i = 1; i < st->word_n; i++)
		buf_addf(out, "%s%s%s%s", i > 1 ? " " : "", st->words[i].key ? st->words[i].key : "", st->words[i].key ? "=" : "", st->words[i].text);
}

/* One that was never armed is a mistake of the scenario's: it would go on with the faults it means to be rid of. */
static int clear_fault(struct runner *r, const char *text, struct error *err)
{
	const char *name = runner_expand(r, text, err);
	struct buf path = { 0 };
	buf_adds(&path, "/_tarn/faults?name=");
	buf_url_escape(&path, sl(name), false);
	int rc = name ? look_act(r, "DELETE", buf_cstr(&path), sl(NULL), err) : ERR_INVALID;
	buf_free(&path);
	return rc;
}

int run_fault(struct runner *r, const struct statement *st, struct error *err)
{
	struct buf b = { 0 };
	int rc = 0;
	if (strcmp(st->words[0].text, "add")) {
		if (st->word_n == 1)
			return look_act(r, "DELETE", "/_tarn/faults", sl(NULL), err);
		for (size_t i = 1; !rc && i < st->word_n; i++)
			rc = clear_fault(r, st->words[i].text, err);
		return rc;
	}
	fault_spec(st, &b);
	rc = look_act(r, "POST", "/_tarn/faults", buf_slice(&b), err);
	buf_free(&b);
	return rc;
}

int run_set(struct runner *r, const struct statement *st, struct error *err)
{
	/* set name = value, or set name=value */
	const char *name = st->words[0].key ? st->words[0].key : st->words[0].text;
	const char *value = st->words[st->word_n - 1].text;
	value = runner_expand(r, value, err);
	if (!value)
		return ERR_INVALID;
	runner_set(r, name, value);
	return 0;
}

int runner_step(struct runner *r, const struct statement *st, struct error *err)
{
	const struct verb *v = verb_find(st->verb, err);
	r->at = st;
	r->got[0] = r->want[0] = '\0';
	return v && v->run ? v->run(r, st, err) : 0;
}

/* ---- a runner's life ---- */

static void keep_ports(struct runner *r)
{
	const char *key, *address;
	for (size_t i = 0; server_endpoint_at(r->server, i, &key, &address) && r->port_n < ARRAY_LEN(r->ports); i++) {
		const char *colon = strrchr(address, ':');
		if (setting_find(settings_all(), "ports", key))
			r->ports[r->port_n++] = xasprintf("ports.%s=%s", key, colon + 1);
	}
}

static int open_server(struct runner *r, bool again, struct error *err)
{
	struct server_opts o = { .stack = r->sc->stack,
				 .data = r->dir, .auto_ports = true, .adopt = r->sc->adopt, .seed = r->seed, .frozen = r->sc->clock_set && !again,
				 .clock_ms = r->sc->clock_ms, .log_level = LOG_ERROR, .log_fd = STDERR_FILENO };
	if (again) {
		o.set = (const char *const *)r->ports;
		o.set_n = r->port_n;
	}
	if (r->away)
		away_server(r, &o);
	int rc = server_open(&o, &r->server, err);
	if (rc)
		return rc;
	if (r->away)
		return away_endpoints(r->away, r->endpoints_file, err);
	server_shows(r->server, &r->steps);
	if (!again)
		keep_ports(r);
	return endpoints_write(r->server, r->dir, r->endpoints_file, err);
}

int runner_open(struct runner *r, const struct scenario *sc, int64_t seed, const struct away *away, struct error *err)
{
	const char *tmp = getenv("TMPDIR");
	*r = (struct runner){ .sc = sc, .away = away, .seed = seed < 0 ? sc->seed : seed };
	r->dir = xasprintf("%s/tarn-run-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(r->dir)) {
		free(r->dir);
		r->dir = NULL;
		return err_set(err, ERR_STORE, "can't make a folder in %s", tmp ? tmp : "/tmp");
	}
	r->endpoints_file = xasprintf("%s/endpoints.json", r->dir);
	r->deadline_us = clock_real_us() + sc->timeout_ms * 1000;
	r->steps = (struct steps){ .file = sc->file, .title = sc->title, .n = sc->step_n, .steps = xcalloc(sc->step_n + 1, sizeof(*r->steps.steps)) };
	for (size_t i = 0; i < sc->step_n; i++)
		r->steps.steps[i] = (struct step_shown){ .title = sc->steps[i].title, .line = sc->steps[i].line };
	return open_server(r, false, err);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

void runner_close(struct runner *r, bool keep)
{
	server_close(r->server);
	if (r->dir && !keep)
		(void)nftw(r->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	runner_forget_headers(r);
	table_clear(&r->table);
	for (size_t i = 0; i < r->var_n; i++) {
		free(r->vars[i].name);
		free(r->vars[i].value);
	}
	free(r->vars);
	for (size_t i = 0; i < r->port_n; i++)
		free(r->ports[i]);
	buf_free(&r->body);
	buf_free(&r->out);
	buf_free(&r->err_out);
	arena_free(&r->arena);
	free(r->steps.steps);
	free(r->endpoints_file);
	free(r->dir);
	*r = (struct runner){ 0 };
}
