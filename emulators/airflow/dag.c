/* A DAG from JSON: as the reader prints it, or as written by hand where there is no Python:
 *   {"dag_id":"x", "start_date":"2024-08-18", "schedule":"@daily", "catchup":false, "max_active_runs":1,
 *    "default_args":{"owner":"me", "retries":1, "retry_delay_s":120},
 *    "tasks":[{"id":"clean", "notebook_path":"/Users/me/clean", "cluster":"...", "upstream":["load"]}, ...]} */
#include "airflow/airflow.h"
#include "core/json.h"

enum { TASKS_MAX = 1000 };

static const char *const kinds[] = { "other", "empty", "python", "bash", "branch", "short_circuit", "latest_only", "trigger_dag",
				     "submit_run", "run_now" };
static const struct {
	const char *name, *cron;
} presets[] = {
	{ "@hourly", "0 * * * *" }, { "@daily", "0 0 * * *" },  { "@midnight", "0 0 * * *" },    { "@weekly", "0 0 * * 0" },
	{ "@monthly", "0 0 1 * *" }, { "@yearly", "0 0 1 1 *" }, { "@quarterly", "0 0 1 */3 *" }, { "@annually", "0 0 1 1 *" },
};

static char *text_of(const json_t *o, const char *key, const char *otherwise)
{
	const char *s = jstr(o, key);
	s = s ? s : otherwise;
	return s ? xstrdup(s) : NULL;
}

/* A member of the task, else of default_args. */
static const json_t *either(const json_t *task, const json_t *defaults, const char *key)
{
	const json_t *v = json_object_get(task, key);
	return v && !json_is_null(v) ? v : json_object_get(defaults, key);
}

static int64_t whole(const json_t *v, int64_t otherwise)
{
	return json_is_integer(v) ? json_integer_value(v) : json_is_real(v) ? (int64_t)json_real_value(v) : otherwise;
}

static int64_t within(int64_t v, int64_t lo, int64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static bool is_key(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", *p) && (unsigned char)*p < 0x80)
			return false;
	return *s && strlen(s) <= 250;
}

/* ---- schedule ---- */

static int cron_schedule(struct af_schedule *s, const char *value, const char *expression, struct error *err)
{
	const char *why;
	for (size_t i = 0; i < ARRAY_LEN(presets); i++)
		if (!strcmp(expression, presets[i].name))
			expression = presets[i].cron;
	s->kind = SCHED_CRON;
	s->value = xstrdup(value);
	if (!af_cron_parse(sl(expression), &s->cron, &why))
		return err_set(err, ERR_INVALID, "AirflowTimetableInvalid: [%.100s] is not acceptable, %s", value, why);
	if (af_cron_next(&s->cron, 0) < 0)
		return err_set(err, ERR_INVALID, "AirflowTimetableInvalid: [%.100s] never comes", value);
	return 0;
}

static int named_schedule(struct af_schedule *s, const char *value, struct error *err)
{
	if (strcmp(value, "@once") && strcmp(value, "@continuous"))
		return cron_schedule(s, value, value, err);
	s->kind = value[1] == 'o' ? SCHED_ONCE : SCHED_CONTINUOUS;
	s->value = xstrdup(value);
	return 0;
}

static int read_schedule(struct af_schedule *s, const json_t *v, struct error *err)
{
	const char *type = jstr(v, "type");
	if (!v || json_is_null(v))
		return 0;
	if (json_is_string(v))
		return named_schedule(s, json_string_value(v), err);
	if (!type)
		return err_set(err, ERR_INVALID, "schedule is a text, or null");
	const char *value = jstr(v, "value");
	if (!strcmp(type, "cron")) {
		const char *cron = jstr(v, "cron");
		s->trigger = jtrue(v, "trigger");
		return cron_schedule(s, value ? value : "", cron ? cron : value ? value : "", err);
	}
	if (!strcmp(type, "delta")) {
		s->kind = SCHED_DELTA;
		s->delta_ms = whole(json_object_get(v, "ms"), 0);
		if (s->delta_ms < 1000)
			return err_set(err, ERR_INVALID, "AirflowTimetableInvalid: schedule interval must be positive");
		s->value = json_dumps(json_object_get(v, "value"), JSON_COMPACT | JSON_ENCODE_ANY);
		return 0;
	}
	return !strcmp(type, "none") ? 0 : named_schedule(s, value ? value : type, err);
}

static void read_zone(struct af_schedule *s, const json_t *zone)
{
	const json_t *steps = json_object_get(zone, "transitions"), *one;
	size_t i;
	s->zone_name = text_of(zone, "name", "UTC");
	s->zone_n = json_array_size(steps);
	s->zone = xcalloc(s->zone_n, sizeof(*s->zone));
	json_array_foreach(steps, i, one)
		s->zone[i] = (struct af_zone_step){ whole(json_array_get(one, 0), 0),
						 within(whole(json_array_get(one, 1), 0), -86400, 86400) * 1000 };
}

/* ---- tasks ---- */

static enum af_task_kind kind_of(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i], name))
			return (enum af_task_kind)i;
	return TASK_OTHER;
}

/* What a task written by hand means: a notebook, a saved job, or nothing to do. */
static void by_hand(struct af_task *t, const json_t *o)
{
	const char *notebook = jstr(o, "notebook_path");
	const char *cluster = jstr(o, "cluster");
	const json_t *job = json_object_get(o, "job_id"), *params = json_object_get(o, "notebook_params");
	json_t *body;
	if (notebook) {
		t->kind = TASK_SUBMIT;
		free(t->operator);
		t->operator = xstrdup("DatabricksSubmitRunOperator");
		body = json_pack("{s:s, s:{s:s}}", "run_name", t->id, "notebook_task", "notebook_path", notebook);
		if (body && cluster)
			json_object_set_new(body, "existing_cluster_id", json_string(cluster));
		if (json_is_object(params))
			json_object_set(json_object_get(body, "notebook_task"), "base_parameters", (json_t *)(uintptr_t)params);
	} else if (job) {
		t->kind = TASK_RUN_NOW;
		free(t->operator);
		t->operator = xstrdup("DatabricksRunNowOperator");
		body = json_pack("{s:O}", "job_id", job);
		if (json_is_object(params))
			json_object_set(body, "notebook_params", (json_t *)(uintptr_t)params);
	} else {
		t->kind = TASK_EMPTY;
		return;
	}
	json_decref(t->spec);
	t->spec = json_pack("{s:o, s:s, s:I, s:i, s:i, s:b}", "json", body, "conn_id", "databricks_default", "polling_ms",
			    (json_int_t)(whole(json_object_get(o, "polling_s"), 30) * 1000), "retry_limit", 3, "retry_delay_ms", 1000, "wait", 1);
}

static int read_task(struct af_task *t, json_t *o, const json_t *defaults, struct error *err)
{
	const json_t *kind = json_object_get(o, "kind"), *delay = either(o, defaults, "retry_delay_ms");
	const char *id = jstr(o, "id"), *rule = json_string_value(either(o, defaults, "trigger_rule"));
	const char *owner = json_string_value(either(o, defaults, "owner")), *pool = json_string_value(either(o, defaults, "pool"));
	bool known;
	if (!id || !is_key(id))
		return err_set(err, ERR_INVALID, "AirflowException: a task needs an id of letters, digits, dashes, dots and underscores");
	t->id = xstrdup(id);
	t->operator = text_of(o, "operator", "EmptyOperator");
	t->owner = xstrdup(owner ? owner : "airflow");
	t->pool = xstrdup(pool ? pool : "default_pool");
	t->group = text_of(o, "group", NULL);
	t->raw = json_incref(o);
	t->spec = json_incref(json_object_get(o, "spec"));
	t->kind = kind_of(json_string_value(kind));
	if (!kind)
		by_hand(t, o);
	t->rule = af_rule_of(rule ? rule : "all_success", &known);
	if (!known)
		return err_set(err, ERR_INVALID, "AirflowException: task %s: trigger_rule %.60s is not known", id, rule);
	t->retries = within(whole(either(o, defaults, "retries"), 0), 0, 1000);
	t->retry_delay_ms = delay ? whole(delay, 300000) : whole(either(o, defaults, "retry_delay_s"), 300) * 1000;
	t->retry_delay_ms = within(t->retry_delay_ms, 0, 365 * 86400000LL);
	t->max_retry_delay_ms = within(whole(either(o, defaults, "max_retry_delay_ms"), 0), 0, 365 * 86400000LL);
	t->timeout_ms = within(whole(either(o, defaults, "execution_timeout_ms"), 0), 0, 365 * 86400000LL);
	t->exponential = json_is_true(either(o, defaults, "exponential"));
	t->depends_on_past = json_is_true(either(o, defaults, "depends_on_past"));
	t->wait_for_downstream = json_is_true(either(o, defaults, "wait_for_downstream"));
	t->push = !json_is_false(json_object_get(o, "do_xcom_push"));
	t->pool_slots = within(whole(json_object_get(o, "pool_slots"), 1), 1, 1000000);
	t->priority = whole(json_object_get(o, "priority"), 1);
	t->start_ms = whole(json_object_get(o, "start_ms"), -1);
	return 0;
}

static ssize_t place_of(const struct af_dag *d, const char *id)
{
	for (size_t i = 0; id && i < d->task_n; i++)
		if (!strcmp(d->tasks[i].id, id))
			return (ssize_t)i;
	return -1;
}

static void add_place(size_t **list, size_t *n, size_t value)
{
	for (size_t i = 0; i < *n; i++)
		if ((*list)[i] == value)
			return;
	*list = xrealloc(*list, (*n + 1) * sizeof(**list));
	(*list)[(*n)++] = value;
}

static int link_tasks(struct af_dag *d, const json_t *tasks, struct error *err)
{
	const json_t *o, *up;
	size_t i, k;
	json_array_foreach(tasks, i, o) {
		json_array_foreach(json_object_get(o, "upstream"), k, up) {
			ssize_t at = place_of(d, json_string_value(up));
			if (at < 0)
				return err_set(err, ERR_INVALID, "AirflowException: task %s: upstream %.100s is no task of this DAG", d->tasks[i].id,
					       json_is_string(up) ? json_string_value(up) : "?");
			add_place(&d->tasks[i].up, &d->tasks[i].up_n, (size_t)at);
			add_place(&d->tasks[at].down, &d->tasks[at].down_n, i);
		}
	}
	return 0;
}

static int check_cycle(const struct af_dag *d, struct error *err)
{
	size_t *open = xcalloc(d->task_n, sizeof(*open)), *queue = xcalloc(d->task_n, sizeof(*queue)), head = 0, n = 0;
	for (size_t i = 0; i < d->task_n; i++)
		if (!(open[i] = d->tasks[i].up_n))
			queue[n++] = i;
	while (head < n) {
		const struct af_task *t = &d->tasks[queue[head++]];
		for (size_t k = 0; k < t->down_n; k++)
			if (!--open[t->down[k]])
				queue[n++] = t->down[k];
	}
	free(open);
	free(queue);
	return n == d->task_n ? 0 : err_set(err, ERR_INVALID, "AirflowDagCycleException: Cycle detected in DAG: %s.", d->id);
}

static int read_tasks(struct af_dag *d, const json_t *o, struct error *err)
{
	const json_t *tasks = json_object_get(o, "tasks"), *defaults = json_object_get(o, "default_args");
	json_t *one;
	size_t i;
	int rc;
	if (!json_is_array(tasks) || json_array_size(tasks) > TASKS_MAX)
		return err_set(err, ERR_INVALID, "AirflowException: tasks is a list of at most %d tasks", TASKS_MAX);
	d->tasks = xcalloc(json_array_size(tasks), sizeof(*d->tasks));
	json_array_foreach(tasks, i, one) {
		struct af_task *t = &d->tasks[d->task_n++];
		if ((rc = read_task(t, one, defaults, err)))
			return rc;
		if (place_of(d, t->id) != (ssize_t)i)
			return err_set(err, ERR_INVALID, "DuplicateTaskIdFound: Task id '%s' has already been added to the DAG", t->id);
	}
	rc = link_tasks(d, tasks, err);
	return rc ? rc : check_cycle(d, err);
}

/* ---- the DAG ---- */

static int64_t date_of(const json_t *o, const char *ms_key, const char *text_key, struct error *err)
{
	const json_t *ms = json_object_get(o, ms_key);
	const char *text = jstr(o, text_key);
	int64_t at;
	if (json_is_integer(ms))
		return json_integer_value(ms) >= 0 ? json_integer_value(ms) : 0;
	if (!text)
		return -1;
	if (af_parse_time(sl(text), &at) && at >= 0)
		return at;
	return err_set(err, ERR_INVALID, "ValueError: %s is no date: %.60s", text_key, text) - 1;
}

static json_t *list_or(json_t *v, const char *one)
{
	return json_is_array(v) ? json_incref(v) : one ? json_pack("[s]", one) : json_array();
}

static int fill(struct af_dag *d, json_t *o, struct error *err)
{
	const json_t *defaults = json_object_get(o, "default_args"), *paused = json_object_get(o, "paused_upon_creation");
	const char *id = jstr(o, "dag_id");
	int rc;
	if (!id || !is_key(id))
		return err_set(err, ERR_INVALID, "AirflowException: dag_id is made of letters, digits, dashes, dots and underscores");
	d->id = xstrdup(id);
	d->raw = json_incref(o);
	d->description = text_of(o, "description", NULL);
	read_zone(&d->schedule, json_object_get(o, "timezone"));
	if ((rc = read_schedule(&d->schedule, json_object_get(o, "schedule") ? json_object_get(o, "schedule")
									    : json_object_get(o, "schedule_interval"), err)))
		return rc;
	d->start_ms = date_of(o, "start_ms", "start_date", err);
	d->end_ms = date_of(o, "end_ms", "end_date", err);
	if (d->start_ms < -1 || d->end_ms < -1)
		return ERR_INVALID;
	const json_t *catchup = json_object_get(o, "catchup");
	const struct conf *conf = d->a && d->a->env ? d->a->env->conf : NULL;
	d->catchup = json_is_boolean(catchup) ? json_is_true(catchup) : conf_bool(conf, "airflow", "catchup_by_default", true);
	if (d->schedule.kind == SCHED_CRON && !conf_bool(conf, "airflow", "create_cron_data_intervals", true))
		d->schedule.trigger = true; /* Airflow 3's way */
	d->paused_given = json_is_boolean(paused);
	d->paused_upon_creation = json_is_true(paused);
	d->max_active_runs = within(whole(json_object_get(o, "max_active_runs"), 16), 1, 10000);
	d->max_active_tasks = within(whole(json_object_get(o, "max_active_tasks"), 16), 1, 10000);
	d->timeout_ms = within(whole(json_object_get(o, "dagrun_timeout_ms"), 0), 0, 3650 * 86400000LL);
	if (d->schedule.kind == SCHED_CONTINUOUS)
		d->max_active_runs = 1;
	d->owners = list_or(json_object_get(o, "owners"), jstr(defaults, "owner") ?
								   jstr(defaults, "owner") : "airflow");
	d->tags = list_or(json_object_get(o, "tags"), NULL);
	d->notes = list_or(json_object_get(o, "notes"), NULL);
	d->params = json_is_object(json_object_get(o, "params")) ? json_incref(json_object_get(o, "params")) : json_object();
	if ((rc = read_tasks(d, o, err)))
		return rc;
	if (d->start_ms < 0 && d->schedule.kind != SCHED_NONE && d->task_n)
		return err_set(err, ERR_INVALID, "AirflowException: DAG is missing the start_date parameter");
	return 0;
}

int af_dag_read(struct airflow *a, json_t *o, const char *file, struct af_dag **out, struct error *err)
{
	struct af_dag *d = xcalloc(1, sizeof(*d));
	d->a = a;
	d->file = xstrdup(file);
	d->last_end_ms = -1;
	d->active = true;
	int rc = fill(d, o, err);
	if (rc)
		af_dag_free(d);
	else
		*out = d;
	return rc;
}

static void task_free(struct af_task *t)
{
	free(t->id);
	free(t->operator);
	free(t->owner);
	free(t->pool);
	free(t->group);
	free(t->up);
	free(t->down);
	json_decref(t->spec);
	json_decref(t->raw);
}

void af_dag_free(struct af_dag *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->task_n; i++)
		task_free(&d->tasks[i]);
	free(d->tasks);
	free(d->id);
	free(d->file);
	free(d->description);
	free(d->schedule.value);
	free(d->schedule.zone_name);
	free(d->schedule.zone);
	json_decref(d->owners);
	json_decref(d->tags);
	json_decref(d->params);
	json_decref(d->notes);
	json_decref(d->raw);
	free(d);
}

const struct af_task *af_dag_task(const struct af_dag *d, const char *id)
{
	ssize_t at = place_of(d, id);
	return at < 0 ? NULL : &d->tasks[at];
}

void af_dag_reach(const struct af_dag *d, const struct af_task *from, bool down, bool *seen)
{
	size_t *open = xcalloc(d->task_n + 1, sizeof(*open)), n = 0;
	open[n++] = (size_t)(from - d->tasks);
	while (n) {
		const struct af_task *t = &d->tasks[open[--n]];
		for (size_t i = 0; i < (down ? t->down_n : t->up_n); i++) {
			size_t next = down ? t->down[i] : t->up[i];
			if (seen[next])
				continue;
			seen[next] = true;
			open[n++] = next;
		}
	}
	free(open);
}
