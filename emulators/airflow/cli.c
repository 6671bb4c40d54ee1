/* Airflow's command line, the commands that MWAA takes: `dags trigger X`, `dags list`, ... printed as Airflow prints. */
#include "airflow/rest.h"
#include "core/json.h"

enum { WORDS_MAX = 32, COLUMNS_MAX = 14 };

struct cli {
	struct airflow *a;
	struct arena arena;
	char *words[WORDS_MAX];
	size_t n;
	struct buf *out, *err;
	const char *format;            /* table, plain, json, yaml */
	const char *plain[WORDS_MAX]; /* words that are no flags */
	size_t plain_n;
};

/* Words as a shell splits them. False: an open quote, or too many. */
static bool split(struct cli *c, struct slice line)
{
	for (size_t i = 0; i < line.n;) {
		char quote = 0, *w, *at;
		while (i < line.n && strchr(" \t\r\n", line.p[i]))
			i++;
		if (i == line.n)
			break;
		if (c->n == WORDS_MAX)
			return false;
		w = at = arena_alloc(&c->arena, line.n - i + 1);
		for (; i < line.n && (quote || !strchr(" \t\r\n", line.p[i])); i++) {
			char ch = line.p[i];
			if (ch == '\\' && quote != '\'' && i + 1 < line.n)
				*at++ = line.p[++i];
			else if (quote ? ch == quote : ch == '\'' || ch == '"')
				quote = quote ? 0 : ch;
			else
				*at++ = ch;
		}
		if (quote)
			return false;
		c->words[c->n++] = w;
	}
	return true;
}

/* Value of a flag by its two names ("-c", "--conf"); NULL: not given. */
static const char *flag(const struct cli *c, const char *brief, const char *full)
{
	size_t len = strlen(full);
	for (size_t i = 0; i < c->n; i++) {
		if ((!strcmp(c->words[i], brief) || !strcmp(c->words[i], full)) && i + 1 < c->n)
			return c->words[i + 1];
		if (!strncmp(c->words[i], full, len) && c->words[i][len] == '=')
			return c->words[i] + len + 1;
	}
	return NULL;
}

static bool takes_value(const char *w)
{
	static const char *const names[] = { "-c", "--conf", "-r", "--run-id", "-e", "--exec-date", "-o", "--output", "-d", "--dag-id", "-s",
					     "--start-date", "--end-date", "-S", "--subdir", "--state", "-t", "--task-regex", "--conn-type",
					     "--conn-host", "--conn-login", "--conn-password", "--conn-schema", "--conn-port", "--conn-extra",
					     "--conn-uri", "--conn-description" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(w, names[i]))
			return true;
	return false;
}

static void sort_words(struct cli *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->words[i][0] != '-')
			c->plain[c->plain_n++] = c->words[i];
		else if (takes_value(c->words[i]))
			i++;
	}
	c->format = flag(c, "-o", "--output");
	c->format = c->format ? c->format : "table";
}

/* ---- tables ---- */

static char *cell_text(const json_t *v)
{
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	if (json_is_boolean(v))
		return xstrdup(json_is_true(v) ? "True" : "False");
	if (!v || json_is_null(v))
		return xstrdup("");
	char *text = json_dumps(v, JSON_ENCODE_ANY);
	return text ? text : xstrdup("");
}

static size_t width_of(const char *s)
{
	size_t n = 0;
	for (; *s; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

static void pad(struct buf *b, char c, size_t n)
{
	while (n--)
		buf_addc(b, c);
}

static void write_table(struct cli *c, const json_t *rows, const char *const *columns, size_t n, bool ruled)
{
	size_t width[COLUMNS_MAX], i, k;
	const json_t *row;
	for (k = 0; k < n; k++) {
		width[k] = strlen(columns[k]);
		json_array_foreach(rows, i, row) {
			char *text = cell_text(json_object_get(row, columns[k]));
			width[k] = width_of(text) > width[k] ? width_of(text) : width[k];
			free(text);
		}
	}
	const char *between = ruled ? " | " : " ";
	for (k = 0; k < n; k++) {
		buf_addf(c->out, "%s%s", k ? between : "", columns[k]);
		pad(c->out, ' ', width[k] - strlen(columns[k]));
	}
	buf_addc(c->out, '\n');
	for (k = 0; ruled && k < n; k++) {
		buf_adds(c->out, k ? "=+=" : "");
		pad(c->out, '=', width[k]);
	}
	if (ruled)
		buf_addc(c->out, '\n');
	json_array_foreach(rows, i, row) {
		for (k = 0; k < n; k++) {
			char *text = cell_text(json_object_get(row, columns[k]));
			buf_addf(c->out, "%s%s", k ? between : "", text);
			pad(c->out, ' ', width[k] - width_of(text));
			free(text);
		}
		buf_addc(c->out, '\n');
	}
}

/* Rows as -o says; takes them. Columns in order; with JSON and YAML all are text, as Airflow has them. */
static int show(struct cli *c, json_t *rows, const char *const *columns)
{
	size_t n = 0, i, k;
	const json_t *row;
	while (columns[n])
		n++;
	if (!strcmp(c->format, "json")) {
		json_t *all = json_array();
		json_array_foreach(rows, i, row) {
			json_t *o = json_object();
			for (k = 0; k < n; k++) {
				char *text = cell_text(json_object_get(row, columns[k]));
				json_object_set_new(o, columns[k], json_string(text));
				free(text);
			}
			json_array_append_new(all, o);
		}
		char *text = json_dumps(all, 0);
		buf_addf(c->out, "%s\n", text);
		free(text);
		json_decref(all);
	} else if (!strcmp(c->format, "yaml")) {
		json_array_foreach(rows, i, row)
			for (k = 0; k < n; k++) {
				char *text = cell_text(json_object_get(row, columns[k]));
				buf_addf(c->out, "%s%s: %s\n", k ? "  " : "- ", columns[k], text);
				free(text);
			}
	} else if (!json_array_size(rows)) {
		buf_adds(c->out, "No data found\n");
	} else {
		write_table(c, rows, columns, n, strcmp(c->format, "plain") != 0);
	}
	json_decref(rows);
	return 0;
}

/* ---- what is named ---- */

static struct af_dag *dag_at(struct cli *c, size_t at)
{
	const char *id = at < c->plain_n ? c->plain[at] : NULL;
	struct af_dag *d = id ? af_dag(c->a, sl(id)) : NULL;
	if (!id)
		buf_adds(c->err, "airflow command error: the following arguments are required: dag_id, see help above.\n");
	else if (!d || !d->raw)
		buf_addf(c->err, "airflow.exceptions.DagNotFound: Dag id %s not found in DagModel\n", id);
	return d && d->raw ? d : NULL;
}

static struct af_run *run_named(struct cli *c, struct af_dag *d, const char *id)
{
	int64_t at;
	struct af_run *r = id ? af_run(d, sl(id)) : NULL;
	if (!r && id && af_parse_time(sl(id), &at))
		for (r = d->runs; r && r->logical_ms != at;)
			r = r->next;
	if (!r)
		buf_addf(c->err, "airflow.exceptions.DagRunNotFound: DagRun for %s with run_id or execution_date of '%s' not found\n", d->id, id ? id : "");
	return r;
}

/* ---- dags ---- */

static const char *path_of(struct cli *c, const struct af_dag *d)
{
	return arena_cstr(&c->arena, arena_printf(&c->arena, "/usr/local/airflow/dags/%s", d->file));
}

static int dags_list(struct cli *c)
{
	static const char *const columns[] = { "dag_id", "fileloc", "owners", "is_paused", NULL };
	json_t *rows = json_array();
	for (const struct af_dag *d = c->a->dags; d; d = d->next) {
		if (!d->raw || !d->active)
			continue;
		struct buf owners = { 0 };
		const json_t *o;
		size_t i;
		json_array_foreach(d->owners, i, o)
			buf_addf(&owners, "%s%s", i ? "," : "", json_string_value(o) ? json_string_value(o) : "");
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:b}", "dag_id", d->id, "fileloc", path_of(c, d), "owners", buf_cstr(&owners),
						      "is_paused", (int)d->paused));
		buf_free(&owners);
	}
	return show(c, rows, columns);
}

static int dags_trigger(struct cli *c)
{
	static const char *const columns[] = { "conf", "dag_id", "dag_run_id", "data_interval_start", "data_interval_end", "end_date",
					       "external_trigger", "last_scheduling_decision", "logical_date", "run_type", "start_date", "state", NULL };
	const char *id = flag(c, "-r", "--run-id"), *when = flag(c, "-e", "--exec-date"), *text = flag(c, "-c", "--conf");
	struct af_dag *d = dag_at(c, 2);
	json_t *conf = text ? json_loads(text, 0, NULL) : NULL;
	int64_t at = -1;
	struct af_run *r;
	struct error err;
	int rc = 1;
	if (!d)
		;
	else if (text && !json_is_object(conf))
		buf_addf(c->err, "json.decoder.JSONDecodeError: conf is no JSON object: %s\n", text);
	else if (when && !af_parse_time(sl(when), &at))
		buf_addf(c->err, "airflow command error: argument -e/--exec-date: invalid parsedate value: '%s', see help above.\n", when);
	else if (af_trigger(d, "manual", sl(id), at, conf, NULL, &r, &err))
		buf_addf(c->err, "airflow.exceptions.DagRunAlreadyExists: %s\n", err.text);
	else
		rc = show(c, json_pack("[o]", af_run_json(r)), columns);
	json_decref(conf);
	af_pass(c->a);
	return rc;
}

static int set_paused(struct cli *c, bool paused)
{
	static const char *const columns[] = { "dag_id", "is_paused", NULL };
	struct af_dag *d = dag_at(c, 2);
	if (!d)
		return 1;
	af_pause(d, paused);
	return show(c, json_pack("[{s:s, s:b}]", "dag_id", d->id, "is_paused", (int)paused), columns);
}

static int dags_pause(struct cli *c)
{
	return set_paused(c, true);
}

static int dags_unpause(struct cli *c)
{
	return set_paused(c, false);
}

static int dags_runs(struct cli *c)
{
	static const char *const columns[] = { "dag_id", "run_id", "state", "execution_date", "start_date", "end_date", NULL };
	const char *id = flag(c, "-d", "--dag-id"), *state = flag(c, "--state", "--state");
	struct af_dag *d = id ? af_dag(c->a, sl(id)) : NULL;
	if (!id || !d) {
		buf_addf(c->err, "airflow.exceptions.DagNotFound: Dag id %s not found in DagModel\n", id ? id : "");
		return 1;
	}
	json_t *rows = json_array();
	for (const struct af_run *r = d->runs; r; r = r->next) {
		if (state && strcmp(state, af_run_state_name(r->state)))
			continue;
		json_t *o = af_run_json(r);
		json_object_set_new(o, "run_id", json_string(r->id));
		json_array_insert_new(rows, 0, o); /* latest first */
	}
	return show(c, rows, columns);
}

static int dags_state(struct cli *c)
{
	struct af_dag *d = dag_at(c, 2);
	struct af_run *r = d ? run_named(c, d, c->plain_n > 3 ? c->plain[3] : NULL) : NULL;
	if (!r)
		return 1;
	buf_addf(c->out, "%s\n", af_run_state_name(r->state));
	return 0;
}

static int dags_next(struct cli *c)
{
	struct af_dag *d = dag_at(c, 2);
	struct af_interval i;
	char iso[40];
	if (!d)
		return 1;
	if (d->paused)
		buf_adds(c->err, "[INFO] Please be reminded this DAG is PAUSED now.\n");
	if (!af_next_run(d, &i)) {
		buf_adds(c->err, "[WARN] No following schedule can be found.\n");
		buf_adds(c->out, "None\n");
		return 0;
	}
	af_iso(i.start_ms, iso);
	buf_addf(c->out, "%s\n", iso);
	return 0;
}

static int dags_errors(struct cli *c)
{
	static const char *const columns[] = { "filepath", "error", NULL };
	json_t *rows = json_array();
	const json_t *e;
	size_t i;
	json_array_foreach(c->a->errors, i, e)
		json_array_append_new(rows, json_pack("{s:O, s:O}", "filepath", json_object_get(e, "filename"), "error", json_object_get(e, "stack_trace")));
	return show(c, rows, columns);
}

static int dags_details(struct cli *c)
{
	struct af_dag *d = dag_at(c, 2);
	const char *key;
	json_t *v;
	if (!d)
		return 1;
	json_t *o = af_dag_json(d, true), *rows = json_array();
	static const char *const columns[] = { "property_name", "property_value", NULL };
	json_object_foreach(o, key, v)
		json_array_append_new(rows, json_pack("{s:s, s:O}", "property_name", key, "property_value", v));
	json_decref(o);
	return show(c, rows, columns);
}

/* ---- tasks ---- */

static int tasks_list(struct cli *c)
{
	struct af_dag *d = dag_at(c, 2);
	if (!d)
		return 1;
	for (size_t i = 0; i < d->task_n; i++)
		buf_addf(c->out, "%s\n", d->tasks[i].id);
	return 0;
}

static int tasks_states(struct cli *c)
{
	static const char *const columns[] = { "dag_id", "execution_date", "task_id", "state", "start_date", "end_date", NULL };
	struct af_dag *d = dag_at(c, 2);
	struct af_run *r = d ? run_named(c, d, c->plain_n > 3 ? c->plain[3] : NULL) : NULL;
	if (!r)
		return 1;
	json_t *rows = json_array();
	for (size_t i = 0; i < r->ti_n; i++)
		json_array_append_new(rows, af_ti_json(&r->tis[i]));
	return show(c, rows, columns);
}

static int tasks_state(struct cli *c)
{
	struct af_dag *d = dag_at(c, 2);
	struct af_run *r = d ? run_named(c, d, c->plain_n > 4 ? c->plain[4] : NULL) : NULL;
	struct af_ti *t = r ? af_run_ti(r, c->plain[3]) : NULL;
	if (!t)
		return 1;
	buf_addf(c->out, "%s\n", af_ti_state_name(t->state) ? af_ti_state_name(t->state) : "None");
	return 0;
}

static int tasks_clear(struct cli *c)
{
	const char *from = flag(c, "-s", "--start-date"), *to = flag(c, "--end-date", "--end-date"), *only = flag(c, "-t", "--task-regex");
	struct af_dag *d = dag_at(c, 2);
	int64_t lo = INT64_MIN, hi = INT64_MAX;
	if (!d)
		return 1;
	if ((from && !af_parse_time(sl(from), &lo)) || (to && !af_parse_time(sl(to), &hi))) {
		buf_adds(c->err, "airflow command error: a date is no date, see help above.\n");
		return 2;
	}
	for (struct af_run *r = d->runs; r; r = r->next)
		if (r->logical_ms >= lo && r->logical_ms <= hi)
			af_clear(r, only);
	af_pass(c->a);
	return 0;
}

/* ---- variables, pools, connections, the rest ---- */

static int missing(struct cli *c, const char *what)
{
	buf_addf(c->err, "airflow command error: the following arguments are required: %s, see help above.\n", what);
	return 2;
}

static int variables_list(struct cli *c)
{
	static const char *const columns[] = { "key", NULL };
	json_t *rows = json_array(), *v;
	const char *key;
	json_object_foreach(c->a->kept[AF_VARIABLE], key, v)
		json_array_append_new(rows, json_pack("{s:s}", "key", key));
	return show(c, rows, columns);
}

static int variables_get(struct cli *c)
{
	const json_t *v = c->plain_n > 2 ? json_object_get(c->a->kept[AF_VARIABLE], c->plain[2]) : NULL;
	if (c->plain_n < 3)
		return missing(c, "VAR");
	if (!v) {
		buf_addf(c->err, "Variable %s does not exist\n", c->plain[2]);
		return 1;
	}
	buf_addf(c->out, "%s\n", jstr(v, "value"));
	return 0;
}

static int variables_set(struct cli *c)
{
	if (c->plain_n < 4)
		return missing(c, "VAR, VALUE");
	json_t *v = json_pack("{s:s, s:n}", "value", c->plain[3], "description");
	af_keep(c->a, AF_VARIABLE, c->plain[2], v);
	json_decref(v);
	buf_addf(c->out, "Variable %s created\n", c->plain[2]);
	return 0;
}

static int variables_delete(struct cli *c)
{
	if (c->plain_n < 3)
		return missing(c, "VAR");
	(void)af_unkeep(c->a, AF_VARIABLE, c->plain[2]);
	buf_addf(c->out, "Variable %s deleted\n", c->plain[2]);
	return 0;
}

static int pools_list(struct cli *c)
{
	static const char *const columns[] = { "pool", "slots", "description", NULL };
	json_t *rows = json_array(), *p;
	const char *name;
	json_object_foreach(c->a->kept[AF_POOL], name, p)
		json_array_append_new(rows, json_pack("{s:s, s:O, s:O?}", "pool", name, "slots", json_object_get(p, "slots"), "description",
						      json_object_get(p, "description")));
	return show(c, rows, columns);
}

static int connections_list(struct cli *c)
{
	static const char *const columns[] = { "connection_id", "conn_type", "description", "host", "schema", "login", "port", NULL };
	json_t *rows = json_array(), *v;
	const char *id;
	json_object_foreach(c->a->kept[AF_CONNECTION], id, v)
		json_array_append_new(rows, af_connection_json(c->a, id, v));
	return show(c, rows, columns);
}

static int connections_add(struct cli *c)
{
	static const char *const flags[][2] = { { "--conn-type", "conn_type" }, { "--conn-host", "host" }, { "--conn-login", "login" },
						{ "--conn-password", "password" }, { "--conn-schema", "schema" }, { "--conn-extra", "extra" },
						{ "--conn-description", "description" } };
	const char *port = flag(c, "--conn-port", "--conn-port");
	int64_t number;
	if (c->plain_n < 3 || !flag(c, "--conn-type", "--conn-type"))
		return missing(c, "conn_id, --conn-type");
	if (json_object_get(c->a->kept[AF_CONNECTION], c->plain[2])) {
		buf_addf(c->err, "A connection with `conn_id`=%s already exists.\n", c->plain[2]);
		return 1;
	}
	json_t *o = json_object();
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (flag(c, flags[i][0], flags[i][0]))
			json_object_set_new(o, flags[i][1], json_string(flag(c, flags[i][0], flags[i][0])));
	if (port && sl_int(sl(port), 1, 65535, &number))
		json_object_set_new(o, "port", json_integer(number));
	af_keep(c->a, AF_CONNECTION, c->plain[2], o);
	json_decref(o);
	buf_addf(c->out, "Successfully added `conn_id`=%s\n", c->plain[2]);
	return 0;
}

static int connections_delete(struct cli *c)
{
	if (c->plain_n < 3)
		return missing(c, "conn_id");
	if (!af_unkeep(c->a, AF_CONNECTION, c->plain[2])) {
		buf_addf(c->err, "Did not find a connection with `conn_id`=%s\n", c->plain[2]);
		return 1;
	}
	buf_addf(c->out, "Successfully deleted connection with `conn_id`=%s\n", c->plain[2]);
	return 0;
}

static int version(struct cli *c)
{
	buf_adds(c->out, AF_VERSION "\n");
	return 0;
}

static const struct {
	const char *group, *word;
	int (*fn)(struct cli *c);
} commands[] = {
	{ "dags", "list", dags_list },          { "dags", "trigger", dags_trigger },     { "dags", "pause", dags_pause },
	{ "dags", "unpause", dags_unpause },    { "dags", "list-runs", dags_runs },      { "dags", "state", dags_state },
	{ "dags", "next-execution", dags_next }, { "dags", "list-import-errors", dags_errors }, { "dags", "details", dags_details },
	{ "tasks", "list", tasks_list },        { "tasks", "states-for-dag-run", tasks_states }, { "tasks", "state", tasks_state },
	{ "tasks", "clear", tasks_clear },      { "variables", "list", variables_list }, { "variables", "get", variables_get },
	{ "variables", "set", variables_set },  { "variables", "delete", variables_delete }, { "pools", "list", pools_list },
	{ "connections", "list", connections_list }, { "connections", "add", connections_add }, { "connections", "delete", connections_delete },
	{ "version", NULL, version },
};

int af_cli_run(struct airflow *a, struct slice line, struct buf *out, struct buf *err)
{
	struct cli c = { .a = a, .out = out, .err = err };
	int rc = -1;
	if (!sl_is_utf8(line) || !split(&c, line)) {
		buf_adds(err, "airflow command error: the command line has an open quote or too many words.\n");
	} else {
		sort_words(&c);
		for (size_t i = 0; i < ARRAY_LEN(commands) && rc < 0; i++)
			if (c.plain_n && !strcmp(c.plain[0], commands[i].group) &&
			    (!commands[i].word || (c.plain_n > 1 && !strcmp(c.plain[1], commands[i].word))))
				rc = commands[i].fn(&c);
		if (rc < 0)
			buf_addf(err, "airflow command error: argument GROUP_OR_COMMAND: %s %s is not supported here, see help above.\n",
				 c.plain_n ? c.plain[0] : "", c.plain_n > 1 ? c.plain[1] : "");
	}
	arena_free(&c.arena);
	return rc;
}
