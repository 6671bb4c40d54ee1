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
	bool truncated, cancels; /* cancels: one that isn't over when wait_timeout is ends */
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

/* The name in the manifest of a type of the schema: "decimal(10,2)" is a DECIMAL. */
static const char *type_name(const char *type)
{
	static const struct {
		const char *type, *name;
	} rows[] = { { "boolean", "BOOLEAN" }, { "tinyint", "BYTE" }, { "smallint", "SHORT" }, { "int", "INT" }, { "bigint", "LONG" },
		     { "float", "FLOAT" }, { "double", "DOUBLE" }, { "decimal", "DECIMAL" }, { "string", "STRING" }, { "binary", "BINARY" },
		     { "date", "DATE" }, { "timestamp", "TIMESTAMP" }, { "timestamp_ntz", "TIMESTAMP_NTZ" }, { "array", "ARRAY" }, { "map", "MAP" },
		     { "struct", "STRUCT" }, { "interval", "INTERVAL" }, { "void", "NULL" } };
	size_t n = strcspn(type, "(< ");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strlen(rows[i].type) == n && !strncmp(rows[i].type, type, n))
			return rows[i].name;
	return "USER_DEFINED_TYPE";
}

static json_t *column_json(const json_t *column, size_t at)
{
	const char *type = jstr(column, "type"), *name = type_name(type ? type : "string");
	char *text = xstrdup(type ? type : "string");
	int precision, scale;
	for (char *c = text; *c; c++)
		*c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
	json_t *out = json_pack("{s:O, s:s, s:s, s:i}", "name", json_object_get(column, "name"), "type_text", text, "type_name", name, "position", (int)at);
	if (sscanf(text, "DECIMAL(%d,%d)", &precision, &scale) == 2) {
		json_object_set_new(out, "type_precision", json_integer(precision));
		json_object_set_new(out, "type_scale", json_integer(scale));
	}
	if (!strcmp(name, "INTERVAL") && strlen(text) > 9)
		json_object_set_new(out, "type_interval_type", json_string(text + 9));
	free(text);
	return out;
}

static json_t *chunk_json(const struct dbx_statement *s)
{
	return json_pack("{s:i, s:i, s:I, s:o}", "chunk_index", 0, "row_offset", 0, "row_count", (json_int_t)json_array_size(s->rows), "data_array",
			 json_incref(s->rows));
}

static json_t *manifest_json(const struct dbx_statement *s)
{
	json_t *columns = json_array();
	json_int_t rows = (json_int_t)json_array_size(s->rows);
	const json_t *column;
	size_t i;
	json_array_foreach(s->columns, i, column)
		json_array_append_new(columns, column_json(column, i));
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
	struct dbx_statement *s = arg;
	if (s->cancels) {
		owed_cancel_all(&s->owed);
		s->state = "CANCELED";
	}
	answer(s);
}

/* The lake's words with the SQLSTATE where the service has it: before the position. */
static char *words_of(const char *wrong, const char *state)
{
	const char *at = state && *state ? strstr(wrong, "; line ") : NULL;
	at = at || !state || !*state ? at : strstr(wrong, "(line ");
	if (!state || !*state)
		return xstrdup(wrong);
	return at ? xasprintf("%.*s%sSQLSTATE: %s%s%s", (int)(at - wrong), wrong, at > wrong && at[-1] == ' ' ? "" : " ", state, *at == '(' ? " " : "", at)
		  : xasprintf("%s SQLSTATE: %s", wrong, state);
}

static void on_rows(void *arg, int status, const json_t *body, const char *wrong)
{
	struct dbx_statement *s = arg;
	if (wrong) {
		s->state = "FAILED";
		s->code = xstrdup("BAD_REQUEST");
		s->error = words_of(wrong, jstr(body, "sql_state"));
	} else {
		s->state = "SUCCEEDED";
		s->columns = json_incref(json_object_get(body, "schema"));
		s->rows = json_incref(json_object_get(body, "rows"));
		s->truncated = jtrue(body, "truncated");
	}
	answer(s);
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
	const json_t *params = json_object_get(in->body, "parameters");
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
	const char *then = jstr(in->body, "on_wait_timeout");
	int64_t rows = json_object_get(in->body, "row_limit") ? jint(in->body, "row_limit") : 0;
	if ((then && strcmp(then, "CONTINUE") != 0 && strcmp(then, "CANCEL") != 0) || (then && !strcmp(then, "CANCEL") && !wait_ms)) {
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "on_wait_timeout must be CONTINUE, or CANCEL where wait_timeout isn't 0s");
		return;
	}
	if (json_object_get(in->body, "row_limit") && rows < 1) {
		problem_send(call, 400, "INVALID_PARAMETER_VALUE", "row_limit must be a whole number above 0");
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
	JSON_AUTO ask = json_pack("{s:O, s:O*, s:O*}", "statement", text, "parameters", params, "schema",
					 json_object_get(in->body, "schema"));
	char *sent = json_dumps(ask, JSON_COMPACT), *path = rows ? xasprintf("/api/tarn/sql?as=text&rows=%lld", (long long)rows) : xstrdup("/api/tarn/sql?as=text");
	s->cancels = then && !strcmp(then, "CANCEL");
	owed_keep(&s->owed, dbx_lake_call(j, "POST", path, sl(sent), on_rows, s));
	free(sent);
	free(path);
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
