/* SQL statements: PENDING until the lake has answered, then SUCCEEDED or FAILED; kept for later GETs. */
#include "core/json.h"
#include "core/text.h"
#include "databricks/databricks.h"

struct dbx_statement {
	struct dbx_statement *next;
	struct databricks *j;
	char id[40];
	const char *state; /* PENDING RUNNING SUCCEEDED FAILED CANCELED */
	char *error, *code;
	json_t *columns, *rows;
	bool truncated;
	struct owed *owed;      /* the lake's answer */
	struct http_call *call; /* waits for the answer; NULL: nobody */
	struct clock_timer wait;
};

static void statement_free(struct dbx_statement *s)
{
	owed_cancel_all(&s->owed);
	clock_cancel(s->j->env->clock, &s->wait);
	if (s->call)
		http_on_gone(s->call, NULL, NULL);
	json_decref(s->columns);
	json_decref(s->rows);
	free(s->error);
	free(s->code);
	free(s);
}

void dbx_statements_free(struct databricks *j)
{
	while (j->statements) {
		struct dbx_statement *s = j->statements;
		j->statements = s->next;
		statement_free(s);
	}
}

static const char *type_of(const struct dbx_statement *s, size_t column)
{
	const char *type = NULL;
	size_t i;
	const json_t *row;
	json_array_foreach(s->rows, i, row) {
		const json_t *v = json_array_get(row, column);
		if (json_is_integer(v))
			type = type && strcmp(type, "LONG") ? type : "LONG";
		else if (json_is_real(v))
			type = type && !strcmp(type, "STRING") ? type : "DOUBLE";
		else if (!json_is_null(v))
			return "STRING";
	}
	return type ? type : "STRING";
}

static json_t *cell_text(const json_t *v)
{
	char text[REAL_TEXT_MAX];
	if (json_is_integer(v)) {
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(v));
		return json_string(text);
	}
	if (json_is_real(v)) {
		(void)real_text(json_real_value(v), true, text);
		return json_string(text);
	}
	return json_is_string(v) ? json_copy((json_t *)(uintptr_t)v) : json_null();
}

static json_t *chunk_json(const struct dbx_statement *s)
{
	json_t *data = json_array();
	const json_t *row, *v;
	size_t i, k;
	json_array_foreach(s->rows, i, row) {
		json_t *out = json_array();
		json_array_foreach(row, k, v)
			json_array_append_new(out, cell_text(v));
		json_array_append_new(data, out);
	}
	return json_pack("{s:i, s:i, s:I, s:o}", "chunk_index", 0, "row_offset", 0, "row_count", (json_int_t)json_array_size(s->rows), "data_array",
			 data);
}

static json_t *manifest_json(const struct dbx_statement *s)
{
	json_t *columns = json_array();
	json_int_t rows = (json_int_t)json_array_size(s->rows);
	const json_t *name;
	size_t i;
	json_array_foreach(s->columns, i, name) {
		const char *type = type_of(s, i);
		json_array_append_new(columns, json_pack("{s:O, s:s, s:s, s:i}", "name", name, "type_text", !strcmp(type, "LONG") ? "BIGINT" : type,
							 "type_name", type, "position", (int)i));
	}
	return json_pack("{s:s, s:{s:i, s:o}, s:i, s:[{s:i, s:i, s:I}], s:I, s:b}", "format", "JSON_ARRAY", "schema", "column_count",
			 (int)json_array_size(s->columns), "columns", columns, "total_chunk_count", 1, "chunks", "chunk_index", 0, "row_offset", 0,
			 "row_count", rows, "total_row_count", rows, "truncated", (int)s->truncated);
}

static json_t *statement_json(const struct dbx_statement *s)
{
	json_t *status = json_pack("{s:s}", "state", s->state);
	json_t *out = json_pack("{s:s, s:o}", "statement_id", s->id, "status", status);
	if (s->error)
		json_object_set_new(status, "error", json_pack("{s:s, s:s}", "error_code", s->code, "message", s->error));
	if (!strcmp(s->state, "SUCCEEDED")) {
		json_object_set_new(out, "manifest", manifest_json(s));
		json_object_set_new(out, "result", chunk_json(s));
	}
	return out;
}

static void answer(struct dbx_statement *s)
{
	struct http_call *call = s->call;
	s->call = NULL;
	clock_cancel(s->j->env->clock, &s->wait);
	if (call)
		dbx_reply(call, 200, statement_json(s));
}

/* Nobody knows the id of a statement whose client went before its answer: it ends. */
static void on_gone(void *arg)
{
	struct dbx_statement *s = arg;
	owed_cancel_all(&s->owed);
	s->state = "CANCELED";
	answer(s);
}

static void on_waited(void *arg)
{
	answer(arg);
}

static void on_rows(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_statement *s = arg;
	if (wrong) {
		s->state = "FAILED";
		s->code = xstrdup("BAD_REQUEST");
		s->error = xstrdup(wrong);
	} else {
		s->state = "SUCCEEDED";
		s->columns = json_incref(json_object_get(body, "columns"));
		s->rows = json_incref(json_object_get(body, "rows"));
		s->truncated = jtrue(body, "truncated");
	}
	answer(s);
}

/* Named parameters ":name" become literals of their values, as the service binds them. Outside quotes only. */
static bool bind_named(struct buf *out, struct slice sql, const json_t *params)
{
	char quote = 0;
	for (size_t i = 0; i < sql.n; i++) {
		char c = sql.p[i];
		if (quote || c == '\'' || c == '"' || c == '`') {
			quote = quote == c ? 0 : quote ? quote : c;
			buf_addc(out, c);
			continue;
		}
		size_t n = 0;
		while (c == ':' && i + 1 + n < sql.n && (sql.p[i + 1 + n] == '_' || (sql.p[i + 1 + n] | 32) - 'a' + 0u < 26u ||
							 (n && sql.p[i + 1 + n] - '0' + 0u < 10u)))
			n++;
		if (!n) {
			buf_addc(out, c);
			continue;
		}
		const json_t *p, *v = NULL;
		size_t k;
		json_array_foreach(params, k, p)
			if (sl_eq(sl_of(sql.p + i + 1, n), sl(jstr(p, "name"))))
				v = p;
		if (!v)
			return false;
		const char *type = jstr(v, "type"), *value = jstr(v, "value");
		int64_t whole;
		if (!value) {
			buf_adds(out, "NULL");
		} else if (type && (!strcmp(type, "INT") || !strcmp(type, "BIGINT") || !strcmp(type, "LONG")) && sl_int(sl(value), INT64_MIN, INT64_MAX, &whole)) {
			buf_addf(out, "%lld", (long long)whole);
		} else {
			buf_addc(out, '\'');
			for (const char *q = value; *q; q++) {
				buf_addc(out, *q);
				if (*q == '\'')
					buf_addc(out, '\'');
			}
			buf_addc(out, '\'');
		}
		i += n;
	}
	return true;
}

static void forget_oldest(struct databricks *j)
{
	struct dbx_statement **at = &j->statements;
	if (++j->statement_n <= DBX_STATEMENTS_MAX)
		return;
	while ((*at)->next)
		at = &(*at)->next;
	struct dbx_statement *s = *at;
	*at = NULL;
	j->statement_n--;
	answer(s);
	statement_free(s);
}

static bool one_of(const char *text, const char *const *names)
{
	while (*names && strcmp(text, *names))
		names++;
	return *names != NULL;
}

/* How the answer is wanted. Only what is in the answer itself is served. False: refused. */
static bool shape_served(const struct dbx_in *in)
{
	static const char *const dispositions[] = { "INLINE", "EXTERNAL_LINKS", NULL }, *const formats[] = { "JSON_ARRAY", "ARROW_STREAM", "CSV", NULL };
	const char *disposition = jstr(in->body, "disposition"), *format = jstr(in->body, "format");
	disposition = disposition ? disposition : dispositions[0];
	format = format ? format : formats[0];
	if (!one_of(disposition, dispositions))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "disposition must be INLINE or EXTERNAL_LINKS, not %s", disposition);
	else if (!one_of(format, formats))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "format must be JSON_ARRAY, ARROW_STREAM or CSV, not %s", format);
	else if (!strcmp(disposition, "EXTERNAL_LINKS"))
		problem_send(in->call, 501, "NOT_IMPLEMENTED", "disposition EXTERNAL_LINKS isn't served here; INLINE with the format JSON_ARRAY is");
	else if (strcmp(format, "JSON_ARRAY") != 0)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "The format field must be JSON_ARRAY when the disposition field is INLINE.");
	else
		return true;
	return false;
}

void dbx_statement_post(const struct dbx_in *in)
{
	struct databricks *j = in->j;
	struct http_call *call = in->call;
	const json_t *text = json_object_get(in->body, "statement");
	const char *wait = jstr(in->body, "wait_timeout");
	struct buf sql = { 0 };
	int64_t wait_ms = 10000;
	if (!json_is_string(text) || !json_string_length(text)) {
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "statement is required");
		return;
	}
	if (wait && (!clock_parse_duration(sl(wait), &wait_ms) || (wait_ms && (wait_ms < 5000 || wait_ms > 50000)))) {
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "wait_timeout must be 0s or between 5s and 50s");
		return;
	}
	if (!shape_served(in))
		return;
	if (!bind_named(&sql, sl_of(json_string_value(text), json_string_length(text)), json_object_get(in->body, "parameters"))) {
		buf_free(&sql);
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "a named parameter of the statement has no value in parameters");
		return;
	}
	struct dbx_statement *s = xcalloc(1, sizeof(*s));
	s->j = j;
	s->next = j->statements;
	s->state = "RUNNING";
	snprintf(s->id, sizeof(s->id), "01ef0000-0000-1000-8000-%012llx", (unsigned long long)++j->last_statement);
	j->statements = s;
	j->dirty = true;
	forget_oldest(j);
	owed_keep(&s->owed, dbx_lake_call(j, "POST", "/api/tarn/sql", buf_slice(&sql), on_rows, s));
	buf_free(&sql);
	if (!wait_ms) {
		s->state = "PENDING";
		dbx_reply(call, 200, statement_json(s));
		s->state = "RUNNING";
		return;
	}
	s->call = call;
	http_on_gone(call, on_gone, s);
	clock_at(j->env->clock, &s->wait, clock_now_ms(j->env->clock) + wait_ms, on_waited, s);
}

/* NULL: refused already. */
static struct dbx_statement *statement_of(const struct dbx_in *in)
{
	struct dbx_statement *s = in->j->statements;
	while (s && !sl_eqs(in->call->arg[1], s->id))
		s = s->next;
	if (!s)
		problem_send(in->call, 404, "NOT_FOUND", "The statement %.*s was not found.", SL(in->call->arg[1]));
	return s;
}

void dbx_statement_get(const struct dbx_in *in)
{
	const struct dbx_statement *s = statement_of(in);
	if (s)
		dbx_reply(in->call, 200, statement_json(s));
}

void dbx_statement_chunk(const struct dbx_in *in)
{
	const struct dbx_statement *s = statement_of(in);
	if (s && sl_eqs(in->call->arg[2], "0") && !strcmp(s->state, "SUCCEEDED"))
		dbx_reply(in->call, 200, chunk_json(s));
	else if (s)
		problem_send(in->call, 404, "NOT_FOUND", "The statement %s has no result chunk at %.*s", s->id, SL(in->call->arg[2]));
}

void dbx_statement_cancel(const struct dbx_in *in)
{
	struct dbx_statement *s = statement_of(in);
	if (!s)
		return;
	if (!strcmp(s->state, "RUNNING")) {
		owed_cancel_all(&s->owed);
		s->state = "CANCELED";
	}
	answer(s);
	dbx_reply(in->call, 200, json_object());
}
