/* DAGs, runs, tasks as the REST API shows them. */
#include "airflow/airflow.h"

static json_t *delta_json(int64_t ms)
{
	return json_pack("{s:s, s:I, s:I, s:I}", "__type", "TimeDelta", "days", (json_int_t)(ms / 86400000), "seconds",
			 (json_int_t)(ms % 86400000 / 1000), "microseconds", (json_int_t)(ms % 1000 * 1000));
}

static json_t *text_json(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *schedule_json(const struct af_dag *d)
{
	if (d->schedule.kind == SCHED_NONE || !d->schedule.value)
		return json_null();
	if (d->schedule.kind == SCHED_DELTA)
		return delta_json(d->schedule.delta_ms);
	return json_pack("{s:s, s:s}", "__type", "CronExpression", "value", d->schedule.value);
}

static const char *description_of(const struct af_schedule *s)
{
	switch (s->kind) {
	case SCHED_NONE:
		return "Never, external triggers only";
	case SCHED_ONCE:
		return "Once, as soon as possible";
	case SCHED_CONTINUOUS:
		return "As frequently as possible, but only one run at a time.";
	case SCHED_DELTA:
	case SCHED_CRON:
		break;
	}
	return s->kind == SCHED_DELTA ? "" : s->value && (!strcmp(s->value, "@daily") || !strcmp(s->value, "0 0 * * *")) ? "At 00:00"
					 : s->value && (!strcmp(s->value, "@hourly") || !strcmp(s->value, "0 * * * *"))  ? "Every hour"
													   : "";
}

static json_t *tags_json(const struct af_dag *d)
{
	json_t *out = json_array(), *t;
	size_t i;
	json_array_foreach(d->tags, i, t)
		json_array_append_new(out, json_pack("{s:O}", "name", t));
	return out;
}

static bool has_errors(const struct af_dag *d)
{
	const json_t *e;
	size_t i;
	json_array_foreach(d->a->errors, i, e)
		if (!strcmp(jstr(e, "filename") + strlen("/usr/local/airflow/dags/"), d->file))
			return true;
	return false;
}

static void set_next(json_t *o, const struct af_dag *d)
{
	struct af_interval i = { -1, -1, -1 };
	bool any = af_next_run(d, &i);
	bool full = (int64_t)d->active_n >= d->max_active_runs;
	json_object_set_new(o, "next_dagrun", af_time_json(any ? i.start_ms : -1));
	json_object_set_new(o, "next_dagrun_data_interval_start", af_time_json(any ? i.start_ms : -1));
	json_object_set_new(o, "next_dagrun_data_interval_end", af_time_json(any ? i.end_ms : -1));
	json_object_set_new(o, "next_dagrun_create_after", af_time_json(any && !full ? i.after_ms : -1));
}

json_t *af_dag_json(const struct af_dag *d, bool details)
{
	json_t *o = json_object();
	char *fileloc = xasprintf("/usr/local/airflow/dags/%s", d->file);
	struct buf token = { 0 };
	buf_base64(&token, fileloc, strlen(fileloc));
	json_object_set_new(o, "dag_id", json_string(d->id));
	json_object_set_new(o, "dag_display_name", json_string(d->id));
	json_object_set_new(o, "root_dag_id", json_null());
	json_object_set_new(o, "is_paused", json_boolean(d->paused));
	json_object_set_new(o, "is_active", json_boolean(d->active));
	json_object_set_new(o, "is_subdag", json_false());
	json_object_set_new(o, "fileloc", json_string(fileloc));
	json_object_set_new(o, "file_token", json_string(buf_cstr(&token)));
	json_object_set_new(o, "owners", json_incref(d->owners));
	json_object_set_new(o, "description", text_json(d->description));
	json_object_set_new(o, "schedule_interval", schedule_json(d));
	json_object_set_new(o, "timetable_description", json_string(description_of(&d->schedule)));
	json_object_set_new(o, "tags", tags_json(d));
	json_object_set_new(o, "max_active_tasks", json_integer(d->max_active_tasks));
	json_object_set_new(o, "max_active_runs", json_integer(d->max_active_runs));
	json_object_set_new(o, "max_consecutive_failed_dag_runs", json_integer(0));
	json_object_set_new(o, "has_task_concurrency_limits", json_false());
	json_object_set_new(o, "has_import_errors", json_boolean(has_errors(d)));
	json_object_set_new(o, "last_parsed_time", af_time_json(d->parsed_ms));
	json_object_set_new(o, "last_pickled", json_null());
	json_object_set_new(o, "last_expired", json_null());
	json_object_set_new(o, "default_view", json_string("grid"));
	json_object_set_new(o, "scheduler_lock", json_null());
	json_object_set_new(o, "pickle_id", json_null());
	set_next(o, d);
	if (details) {
		json_t *params = json_object(), *v;
		const char *k;
		json_object_foreach(d->params, k, v)
			json_object_set_new(params, k, json_pack("{s:s, s:O, s:{}, s:n}", "__class", "airflow.models.param.Param", "value", v, "schema",
								 "description"));
		json_object_set_new(o, "timezone", json_string(d->schedule.zone_name ? d->schedule.zone_name : "UTC"));
		json_object_set_new(o, "catchup", json_boolean(d->catchup));
		json_object_set_new(o, "concurrency", json_integer(d->max_active_tasks));
		json_object_set_new(o, "start_date", af_time_json(d->start_ms));
		json_object_set_new(o, "end_date", af_time_json(d->end_ms));
		json_object_set_new(o, "dag_run_timeout", d->timeout_ms ? delta_json(d->timeout_ms) : json_null());
		json_t *doc = json_object_get(d->raw, "doc_md");
		json_object_set_new(o, "doc_md", doc ? json_incref(doc) : json_null());
		json_object_set_new(o, "params", params);
		json_object_set_new(o, "orientation", json_string("LR"));
		json_object_set_new(o, "render_template_as_native_obj", json_false());
		json_object_set_new(o, "is_paused_upon_creation", d->paused_given ? json_boolean(d->paused_upon_creation) : json_null());
		json_object_set_new(o, "last_parsed", af_time_json(d->parsed_ms));
		json_object_set_new(o, "template_search_path", json_null());
	}
	free(fileloc);
	buf_free(&token);
	return o;
}

json_t *af_task_json(const struct af_dag *d, const struct af_task *t)
{
	json_t *down = json_array(), *o = json_object();
	const json_t *fields = json_object_get(t->raw, "template_fields");
	for (size_t i = 0; i < t->down_n; i++)
		json_array_append_new(down, json_string(d->tasks[t->down[i]].id));
	json_object_set_new(o, "class_ref", json_pack("{s:s, s:s}", "class_name", t->operator, "module_path",
						      t->kind == TASK_SUBMIT || t->kind == TASK_RUN_NOW ? "airflow.providers.databricks.operators.databricks"
														: "airflow.operators"));
	json_object_set_new(o, "task_id", json_string(t->id));
	json_object_set_new(o, "task_display_name", json_string(t->id));
	json_object_set_new(o, "operator_name", json_string(t->operator));
	json_object_set_new(o, "owner", json_string(t->owner));
	json_object_set_new(o, "start_date", af_time_json(t->start_ms >= 0 ? t->start_ms : d->start_ms));
	json_object_set_new(o, "end_date", af_time_json(d->end_ms));
	json_object_set_new(o, "trigger_rule", json_string(af_rule_name(t->rule)));
	json_object_set_new(o, "extra_links", json_array());
	json_object_set_new(o, "depends_on_past", json_boolean(t->depends_on_past));
	json_object_set_new(o, "wait_for_downstream", json_boolean(t->wait_for_downstream));
	json_object_set_new(o, "is_mapped", json_false());
	json_object_set_new(o, "retries", json_integer(t->retries));
	json_object_set_new(o, "queue", json_string("default"));
	json_object_set_new(o, "pool", json_string(t->pool));
	json_object_set_new(o, "pool_slots", json_integer(t->pool_slots));
	json_object_set_new(o, "execution_timeout", t->timeout_ms ? delta_json(t->timeout_ms) : json_null());
	json_object_set_new(o, "retry_delay", delta_json(t->retry_delay_ms));
	json_object_set_new(o, "retry_exponential_backoff", json_boolean(t->exponential));
	json_object_set_new(o, "priority_weight", json_integer(t->priority));
	json_object_set_new(o, "weight_rule", json_string("downstream"));
	json_object_set_new(o, "ui_color", json_string("#fff"));
	json_object_set_new(o, "ui_fgcolor", json_string("#000"));
	json_object_set_new(o, "template_fields", json_is_array(fields) ? json_incref((json_t *)(uintptr_t)fields) : json_array());
	json_object_set_new(o, "sub_dag", json_null());
	json_object_set_new(o, "downstream_task_ids", down);
	json_object_set_new(o, "params", json_object());
	json_object_set_new(o, "doc_md", json_null());
	return o;
}

json_t *af_run_json(const struct af_run *r)
{
	json_t *o = json_object();
	json_object_set_new(o, "dag_run_id", json_string(r->id));
	json_object_set_new(o, "dag_id", json_string(r->dag->id));
	json_object_set_new(o, "logical_date", af_time_json(r->logical_ms));
	json_object_set_new(o, "execution_date", af_time_json(r->logical_ms));
	json_object_set_new(o, "start_date", af_time_json(r->start_ms));
	json_object_set_new(o, "end_date", af_time_json(r->end_ms));
	json_object_set_new(o, "data_interval_start", af_time_json(r->interval_start_ms));
	json_object_set_new(o, "data_interval_end", af_time_json(r->interval_end_ms));
	json_object_set_new(o, "last_scheduling_decision", af_time_json(r->decided_ms));
	json_object_set_new(o, "run_type", json_string(r->type));
	json_object_set_new(o, "state", json_string(af_run_state_name(r->state)));
	json_object_set_new(o, "external_trigger", json_boolean(r->external));
	json_object_set_new(o, "conf", json_incref(r->conf));
	json_object_set_new(o, "note", text_json(r->note));
	return o;
}

json_t *af_ti_json(const struct af_ti *t)
{
	const struct af_task *task = af_dag_task(t->run->dag, t->task_id);
	const char *state = af_ti_state_name(t->state);
	json_t *o = json_object();
	json_object_set_new(o, "task_id", json_string(t->task_id));
	json_object_set_new(o, "task_display_name", json_string(t->task_id));
	json_object_set_new(o, "dag_id", json_string(t->run->dag->id));
	json_object_set_new(o, "dag_run_id", json_string(t->run->id));
	json_object_set_new(o, "execution_date", af_time_json(t->run->logical_ms));
	json_object_set_new(o, "start_date", af_time_json(t->start_ms));
	json_object_set_new(o, "end_date", af_time_json(t->end_ms));
	json_object_set_new(o, "duration", t->start_ms >= 0 && t->end_ms >= 0 ? json_real((double)(t->end_ms - t->start_ms) / 1000) : json_null());
	json_object_set_new(o, "state", text_json(state));
	json_object_set_new(o, "try_number", json_integer(t->try_number));
	json_object_set_new(o, "map_index", json_integer(-1));
	json_object_set_new(o, "max_tries", json_integer(t->max_tries));
	json_object_set_new(o, "hostname", json_string(t->try_number ? "tarn" : ""));
	json_object_set_new(o, "unixname", json_string("airflow"));
	json_object_set_new(o, "pool", json_string(task ? task->pool : "default_pool"));
	json_object_set_new(o, "pool_slots", json_integer(task ? task->pool_slots : 1));
	json_object_set_new(o, "queue", json_string("default"));
	json_object_set_new(o, "priority_weight", json_integer(task ? task->priority : 1));
	json_object_set_new(o, "operator", json_string(t->operator));
	json_object_set_new(o, "queued_when", af_time_json(t->queued_ms));
	json_object_set_new(o, "pid", json_null());
	json_object_set_new(o, "executor", json_null());
	json_object_set_new(o, "executor_config", json_string("{}"));
	json_object_set_new(o, "sla_miss", json_null());
	json_object_set_new(o, "rendered_fields", json_object());
	json_object_set_new(o, "rendered_map_index", json_null());
	json_object_set_new(o, "trigger", json_null());
	json_object_set_new(o, "triggerer_job", json_null());
	json_object_set_new(o, "note", text_json(t->note));
	return o;
}

json_t *af_connection_json(const struct airflow *a, const char *id, const json_t *c)
{
	static const char *const keys[] = { "conn_type", "description", "host", "login", "schema", "port", "extra" };
	json_t *o = json_pack("{s:s}", "connection_id", id);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *v = json_object_get(c, keys[i]);
		json_object_set_new(o, keys[i], v ? json_incref(v) : json_null());
	}
	return o;
}

json_t *af_pool_json(const struct airflow *a, const char *name, const json_t *p)
{
	int64_t slots = jint(p, "slots"), running = 0, waiting = 0;
	for (const struct af_dag *d = a->dags; d; d = d->next) {
		for (const struct af_run *r = d->first_open; r && d->active_n; r = r->next) {
			for (size_t i = 0; r->state == RUN_RUNNING && i < r->ti_n; i++) {
				const struct af_task *t = af_dag_task(d, r->tis[i].task_id);
				if (!t || strcmp(t->pool, name))
					continue;
				running += r->tis[i].state == TI_RUNNING ? t->pool_slots : 0;
				waiting += r->tis[i].state == TI_SCHEDULED ? t->pool_slots : 0;
			}
		}
	}
	json_t *about = json_object_get(p, "description");
	return json_pack("{s:s, s:I, s:I, s:I, s:i, s:I, s:I, s:i, s:O?, s:b}", "name", name, "slots", (json_int_t)slots, "occupied_slots",
			 (json_int_t)running, "running_slots", (json_int_t)running, "queued_slots", 0, "scheduled_slots", (json_int_t)waiting,
			 "open_slots", (json_int_t)(slots - running), "deferred_slots", 0, "description", about, "include_deferred", 0);
}
