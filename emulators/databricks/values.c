/* Parameters of jobs and tasks, and what {{...}} in them stands for. */
#include "core/json.h"
#include "databricks/task.h"

/* ---- parameters ---- */

json_t *dbx_job_parameters(const struct dbx_run *r)
{
	const json_t *declared = json_object_get(r->settings, "parameters"), *given = json_object_get(r->params, "job_parameters"), *p;
	json_t *out = json_object();
	size_t i;
	json_array_foreach(declared, i, p) {
		const char *name = jstr(p, "name");
		json_t *value = json_object_get(p, "default");
		if (name && value)
			json_object_set(out, name, value);
	}
	if (json_is_object(given))
		json_object_update(out, (json_t *)(uintptr_t)given);
	return out;
}

/* A value as the text that a widget gives. */
static json_t *as_text(const json_t *v)
{
	if (json_is_string(v))
		return json_incref((json_t *)(uintptr_t)v);
	char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	json_t *out = json_string(text ? text : "");
	free(text);
	return out;
}

static void add_texts(json_t *to, const json_t *from)
{
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)from, name, v)
		json_object_set_new(to, name, as_text(v));
}

json_t *dbx_parameters(struct dbx_task *t, const json_t *base, const char *kind)
{
	json_t *out = json_object(), *job = dbx_job_parameters(t->run);
	struct error err;
	JSON_AUTO own = dbx_resolve(t, json_object_get(t->run->params, kind), &err);
	add_texts(out, base);
	add_texts(out, own);
	add_texts(out, job);
	json_decref(job);
	return out;
}

/* ---- references ---- */

static struct dbx_task *task_named(const struct dbx_run *r, struct slice key)
{
	for (size_t i = 0; i < r->task_n; i++)
		if (sl_eqs(key, r->tasks[i].key))
			return &r->tasks[i];
	return NULL;
}

/* A member by its name, or by a path of names: "first_row.n". */
static const json_t *member(const json_t *o, struct slice path)
{
	const json_t *v = json_object_getn(o, path.p, path.n);
	struct slice name, rest;
	if (v || !sl_cut(path, '.', &name, &rest))
		return v;
	return member(json_object_getn(o, name.p, name.n), rest);
}

static void add_value(struct buf *b, const json_t *v)
{
	json_t *text = as_text(v);
	buf_addsl(b, json_slice(text));
	json_decref(text);
}

/* "start_time.iso_date" and its like. */
static bool add_time(struct buf *b, struct slice what, int64_t at_ms)
{
	static const char *const days[] = { "1", "2", "3", "4", "5", "6", "7" };
	char iso[32];
	int64_t day = at_ms / 86400000;
	size_t weekday = (size_t)((day + 3) % 7); /* 1970-01-01 was a Thursday; Monday is 1 */
	clock_iso(at_ms, iso);
	static const struct {
		const char *name;
		size_t from, n;
	} parts[] = { { "iso_date", 0, 10 }, { "year", 0, 4 }, { "month", 5, 2 }, { "day", 8, 2 }, { "hour", 11, 2 }, { "minute", 14, 2 }, { "second", 17, 2 } };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!sl_eqs(what, parts[i].name))
			continue;
		struct slice text = sl_of(iso + parts[i].from, parts[i].n);
		buf_addsl(b, i && text.n == 2 && text.p[0] == '0' ? sl_from(text, 1) : text);
		return true;
	}
	if (sl_eqs(what, "iso_datetime"))
		buf_addf(b, "%.19s", iso);
	else if (sl_eqs(what, "iso_weekday"))
		buf_adds(b, days[weekday]);
	else if (sl_eqs(what, "is_weekday"))
		buf_adds(b, weekday < 5 ? "true" : "false");
	else if (sl_eqs(what, "timestamp_ms"))
		buf_addf(b, "%lld", (long long)at_ms);
	else
		return false;
	return true;
}

static bool of_job(const struct dbx_task *t, struct slice name, struct buf *b)
{
	const struct dbx_run *r = t->run;
	struct slice rest;
	if (sl_after(name, S("parameters."), &rest)) {
		JSON_AUTO all = dbx_job_parameters(r);
		const json_t *v = json_object_getn(all, rest.p, rest.n);
		if (v)
			add_value(b, v);
		return v != NULL;
	}
	if (sl_after(name, S("start_time."), &rest))
		return add_time(b, rest, r->start_ms);
	if (sl_eqs(name, "id"))
		buf_addf(b, "%lld", (long long)r->job_id);
	else if (sl_eqs(name, "name"))
		buf_adds(b, r->name);
	else if (sl_eqs(name, "run_id"))
		buf_addf(b, "%lld", (long long)r->run_id);
	else if (sl_eqs(name, "repair_count"))
		buf_addf(b, "%zu", json_array_size(r->repairs));
	else if (sl_eqs(name, "trigger.type"))
		buf_adds(b, "one_time");
	else
		return false;
	return true;
}

static bool of_task(const struct dbx_task *t, struct slice name, struct buf *b)
{
	const char *path = jstr(json_object_get(t->spec, "notebook_task"), "notebook_path");
	if (sl_eqs(name, "name"))
		buf_adds(b, t->key);
	else if (sl_eqs(name, "run_id"))
		buf_addf(b, "%lld", (long long)t->run_id);
	else if (sl_eqs(name, "execution_count"))
		buf_addf(b, "%d", t->attempt + 1);
	else if (sl_eqs(name, "notebook_path") && path)
		buf_adds(b, path);
	else
		return false;
	return true;
}

static const char *error_code(const struct dbx_task *t)
{
	return t->result == DBX_FAILED ? "RunExecutionError" : t->result == DBX_TIMEDOUT ? "TimedOut" : t->result == DBX_CANCELED ? "Canceled" : "";
}

/* "KEY.values.NAME" and its like, of another task of the run. */
static bool of_other(const struct dbx_task *t, struct slice name, struct buf *b)
{
	struct slice key, what, value;
	sl_cut(name, '.', &key, &what);
	const struct dbx_task *o = task_named(t->run, key);
	const json_t *v = NULL;
	char low[40];
	if (!o || !what.p)
		return false;
	if (sl_after(what, S("values."), &value)) {
		v = member(o->values, value);
	} else if (sl_after(what, S("output."), &value)) {
		v = member(o->result_doc, value);
	} else if (sl_eqs(what, "result_state") && o->life >= DBX_TERMINATED) {
		snprintf(low, sizeof(low), "%s", dbx_result_name(o->result));
		for (char *c = low; *c; c++)
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
		buf_adds(b, low);
		return true;
	} else if (sl_eqs(what, "error_code") && o->life >= DBX_TERMINATED) {
		buf_adds(b, error_code(o));
		return true;
	} else {
		return of_task(o, what, b);
	}
	if (v)
		add_value(b, v);
	return v != NULL;
}

/* {{input}}, {{input.NAME}} of an iteration. */
static bool of_input(const struct dbx_task *t, struct slice name, struct buf *b)
{
	const json_t *v = name.n ? member(t->input, name) : t->input;
	if (v)
		add_value(b, v);
	return v != NULL;
}

/* The names that were there before {{job.id}} and its like. */
static bool of_old(const struct dbx_task *t, struct slice name, struct buf *b)
{
	if (sl_eqs(name, "job_id"))
		return of_job(t, S("id"), b);
	if (sl_eqs(name, "run_id") || sl_eqs(name, "task_run_id"))
		return of_task(t, S("run_id"), b);
	if (sl_eqs(name, "parent_run_id"))
		return of_job(t, S("run_id"), b);
	if (sl_eqs(name, "task_key"))
		return of_task(t, S("name"), b);
	if (sl_eqs(name, "start_date"))
		return of_job(t, S("start_time.iso_date"), b);
	if (sl_eqs(name, "start_time"))
		return of_job(t, S("start_time.timestamp_ms"), b);
	if (!sl_eqs(name, "task_retry_count"))
		return false;
	buf_addf(b, "%d", t->attempt);
	return true;
}

static bool add_reference(const struct dbx_task *t, struct slice name, struct buf *b)
{
	static const struct {
		struct slice prefix;
		bool (*of)(const struct dbx_task *t, struct slice name, struct buf *b);
	} rows[] = { { S("job."), of_job }, { S("task."), of_task }, { S("tasks."), of_other }, { S("input."), of_input } };
	struct slice rest;
	if (sl_eqs(name, "input"))
		return of_input(t, S(""), b);
	if (sl_eqs(name, "workspace.id")) {
		buf_adds(b, "0");
		return true;
	}
	if (sl_eqs(name, "workspace.url")) {
		const struct conf *c = t->run->j->env->conf;
		buf_addf(b, "%s:%s", conf_str(c, "control", "listen_host", "127.0.0.1"), conf_str(c, "control", "listen_port", "0"));
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sl_after(name, rows[i].prefix, &rest))
			return rows[i].of(t, rest, b);
	return of_old(t, name, b);
}

static json_t *resolve_text(const struct dbx_task *t, struct slice text, struct error *err)
{
	struct buf b = { 0 };
	ssize_t at, end;
	while ((at = sl_find(text, S("{{"))) >= 0 && (end = sl_find(sl_from(text, (size_t)at), S("}}"))) >= 0) {
		struct slice name = sl_trim(sl_of(text.p + at + 2, (size_t)end - 2));
		buf_addsl(&b, sl_of(text.p, (size_t)at));
		if (!add_reference(t, name, &b)) {
			err_set(err, ERR_INVALID, "{{%.*s}} has no value", SL(name));
			buf_free(&b);
			return NULL;
		}
		text = sl_from(text, (size_t)at + (size_t)end + 2);
	}
	buf_addsl(&b, text);
	json_t *out = json_stringn(b.p ? b.p : "", b.n);
	buf_free(&b);
	return out;
}

json_t *dbx_resolve(struct dbx_task *t, const json_t *v, struct error *err)
{
	json_t *out, *one, *item;
	const char *name;
	size_t i;
	if (json_is_string(v))
		return resolve_text(t, json_slice(v), err);
	if (!json_is_object(v) && !json_is_array(v))
		return v ? json_incref((json_t *)(uintptr_t)v) : json_object();
	out = json_is_object(v) ? json_object() : json_array();
	json_object_foreach((json_t *)(uintptr_t)v, name, one) {
		/* What is inside a for_each_task is resolved for each iteration. */
		item = strcmp(name, "task") ? dbx_resolve(t, one, err) : json_incref(one);
		if (!item || json_object_set_new(out, name, item)) {
			json_decref(out);
			return NULL;
		}
	}
	json_array_foreach(v, i, one) {
		item = dbx_resolve(t, one, err);
		if (!item || json_array_append_new(out, item)) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}
