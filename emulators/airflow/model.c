/* Runs and task instances: when they start, and what becomes of them. Everything that happens, happens at an instant of
 * the emulated clock: a run is made the moment its interval ends, a task starts the moment it may. */
#include "airflow/airflow.h"
#include "core/json.h"

int64_t af_now(const struct airflow *a)
{
	return clock_now_ms(a->env->clock);
}

void af_touch(struct af_run *r)
{
	struct airflow *a = r->dag->a;
	a->dirty = true;
	if (r->dirty)
		return;
	r->dirty = true;
	r->next_dirty = a->dirty_runs;
	a->dirty_runs = r;
}

struct af_dag *af_dag(const struct airflow *a, struct slice id)
{
	struct af_dag *d = a->dags;
	while (d && !sl_eqs(id, d->id))
		d = d->next;
	return d;
}

struct af_run *af_run(const struct af_dag *d, struct slice id)
{
	struct af_run *r = d->runs;
	while (r && !sl_eqs(id, r->id))
		r = r->next;
	return r;
}

struct af_ti *af_run_ti(const struct af_run *r, const char *task_id)
{
	for (size_t i = 0; i < r->ti_n; i++)
		if (!strcmp(r->tis[i].task_id, task_id))
			return &r->tis[i];
	return NULL;
}

static bool run_ended(const struct af_run *r)
{
	return r->state == RUN_SUCCESS || r->state == RUN_FAILED;
}

/* ---- logs ---- */

static const char *now_text(const struct airflow *a, char out[40])
{
	char iso[32];
	clock_iso(af_now(a), iso);
	snprintf(out, 40, "%.23s+0000", iso);
	return out;
}

void af_ti_log(struct af_ti *t, const char *source, const char *level, const char *fmt, ...)
{
	size_t at = t->try_number > 0 ? (size_t)t->try_number - 1 : 0;
	char when[40];
	va_list ap;
	while (t->log_n <= at) {
		t->logs = xrealloc(t->logs, (t->log_n + 1) * sizeof(*t->logs));
		buf_init(&t->logs[t->log_n++], AF_LOG_MAX);
	}
	struct buf *b = &t->logs[at];
	size_t from = b->n;
	buf_addf(b, "[%s] {%s} %s - ", now_text(t->run->dag->a, when), source, level);
	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
	if (b->n > from)
		af_watched_line(t, sl_of(b->p + from, b->n - from));
	buf_addc(b, '\n');
	af_touch(t->run);
}

/* ---- runs made and freed ---- */

static void af_run_add_tis(struct af_run *r)
{
	const struct af_dag *d = r->dag;
	r->ti_n = d->task_n;
	r->tis = xcalloc(r->ti_n, sizeof(*r->tis));
	for (size_t i = 0; i < r->ti_n; i++)
		r->tis[i] = (struct af_ti){ .run = r, .task_id = xstrdup(d->tasks[i].id), .operator = xstrdup(d->tasks[i].operator),
					 .max_tries = d->tasks[i].retries, .queued_ms = -1, .start_ms = -1, .end_ms = -1, .due_ms = -1 };
}

void af_run_free(struct af_run *r)
{
	struct clock *c = r->dag->a->env->clock;
	clock_cancel(c, &r->timer);
	for (size_t i = 0; i < r->ti_n; i++) {
		struct af_ti *t = &r->tis[i];
		if (t->exec)
			af_exec_kill(t->exec);
		clock_cancel(c, &t->timer);
		for (size_t k = 0; k < t->log_n; k++)
			buf_free(&t->logs[k]);
		free(t->logs);
		json_decref(t->xcoms);
		free(t->task_id);
		free(t->operator);
		free(t->note);
	}
	json_decref(r->conf);
	free(r->tis);
	free(r->id);
	free(r->type);
	free(r->note);
	free(r);
}

static void drop_run(struct af_run *r)
{
	struct airflow *a = r->dag->a;
	struct af_run **at = &a->dirty_runs;
	char key[32];
	while (*at && *at != r)
		at = &(*at)->next_dirty;
	if (*at)
		*at = r->next_dirty;
	snprintf(key, sizeof(key), "%lld", (long long)r->number);
	af_store_del(a, "run", key);
	a->run_n--;
	af_run_free(r);
}

void af_delete_run(struct af_run *r)
{
	struct af_dag *d = r->dag;
	struct af_run **at = &d->runs, *before = NULL;
	while (*at != r) {
		before = *at;
		at = &(*at)->next;
	}
	*at = r->next;
	if (d->last_run == r)
		d->last_run = before;
	if (d->first_open == r)
		d->first_open = r->next;
	d->run_n--;
	d->active_n -= !run_ended(r);
	drop_run(r);
	af_plan(d);
	af_pass(d->a);
}

void af_delete_dag(struct af_dag *d)
{
	struct airflow *a = d->a;
	struct af_dag **at = &a->dags;
	while (d->runs) {
		struct af_run *r = d->runs;
		d->runs = r->next;
		drop_run(r);
	}
	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	clock_cancel(a->env->clock, &d->timer);
	af_store_del(a, "dag", d->id);
	af_dag_free(d);
}

void af_forget(struct airflow *a)
{
	for (struct af_dag *d = a->dags; d && a->run_n > AF_RUNS_MAX; d = d->next) {
		while (a->run_n > AF_RUNS_MAX && d->runs && run_ended(d->runs) && d->runs != d->last_run) {
			struct af_run *r = d->runs;
			d->runs = r->next;
			d->run_n--;
			if (d->first_open == r)
				d->first_open = r->next;
			drop_run(r);
		}
	}
}

static struct af_run *make_run(struct af_dag *d, const char *type, const char *id, int64_t logical_ms, struct af_interval i)
{
	struct airflow *a = d->a;
	struct af_run *r = xcalloc(1, sizeof(*r));
	*r = (struct af_run){ .dag = d, .id = xstrdup(id), .type = xstrdup(type), .number = ++a->run_counter, .logical_ms = logical_ms,
			   .interval_start_ms = i.start_ms, .interval_end_ms = i.end_ms, .queued_ms = af_now(a), .start_ms = -1, .end_ms = -1,
			   .decided_ms = -1, .external = !strcmp(type, "manual"), .conf = json_object() };
	af_run_add_tis(r);
	if (d->last_run)
		d->last_run->next = r;
	else
		d->runs = r;
	d->last_run = r;
	if (!d->first_open)
		d->first_open = r;
	d->run_n++;
	d->active_n++;
	a->run_n++;
	a->metrics[0].value++;
	af_touch(r);
	return r;
}

static struct af_run *run_at(const struct af_dag *d, int64_t logical_ms)
{
	struct af_run *r = d->runs;
	while (r && r->logical_ms != logical_ms)
		r = r->next;
	return r;
}

int af_trigger(struct af_dag *d, const char *type, struct slice id, int64_t logical_ms, json_t *conf, const char *note, struct af_run **out,
		struct error *err)
{
	char iso[40], name[300];
	bool given = logical_ms >= 0;
	if (!given)
		for (logical_ms = af_now(d->a); run_at(d, logical_ms);)
			logical_ms++; /* a frozen clock gives every caller the same now */
	af_iso(logical_ms, iso);
	if (id.p)
		snprintf(name, sizeof(name), "%.*s", SL(id));
	else
		snprintf(name, sizeof(name), "%s__%s", type, iso);
	if (run_at(d, logical_ms)) {
		iso[10] = ' ';
		return err_set(err, ERR_CONFLICT, "DAGRun with DAG ID: '%s' and DAGRun logical date: '%s' already exists", d->id, iso);
	}
	if (af_run(d, sl(name)))
		return err_set(err, ERR_CONFLICT, "DAGRun with DAG ID: '%s' and DAGRun ID: '%s' already exists", d->id, name);
	struct af_run *r = make_run(d, type, name, logical_ms, af_sched_manual(&d->schedule, logical_ms));
	json_object_update(r->conf, conf);
	r->note = note ? xstrdup(note) : NULL;
	*out = r;
	return 0;
}

static void on_retry(void *arg);

/* ---- the plan of a DAG ---- */

bool af_next_run(const struct af_dag *d, struct af_interval *out)
{
	return d->active && af_sched_interval(&d->schedule, d->last_end_ms, d->start_ms, d->end_ms, d->catchup, af_now(d->a), out);
}

static void on_tick(void *arg)
{
	struct af_dag *d = arg;
	af_plan(d);
	af_pass(d->a);
}

void af_plan(struct af_dag *d)
{
	struct airflow *a = d->a;
	struct af_interval i;
	clock_cancel(a->env->clock, &d->timer);
	for (int n = 0; n < AF_CATCHUP_MAX; n++) {
		if (d->paused || !d->active || (int64_t)d->active_n >= d->max_active_runs || !af_next_run(d, &i))
			return;
		if (i.after_ms > af_now(a)) {
			clock_at(a->env->clock, &d->timer, i.after_ms, on_tick, d);
			return;
		}
		char iso[40], name[64];
		af_iso(i.start_ms, iso);
		snprintf(name, sizeof(name), "scheduled__%s", iso);
		d->last_end_ms = i.end_ms;
		if (!run_at(d, i.start_ms))
			make_run(d, "scheduled", name, i.start_ms, i);
		af_store_dag(d);
	}
	clock_at(a->env->clock, &d->timer, af_now(a), on_tick, d); /* the rest of a long catch-up after the others */
}

void af_pause(struct af_dag *d, bool paused)
{
	d->paused = paused;
	af_store_dag(d);
	af_plan(d);
	af_pass(d->a);
}

/* A file was read again: the definition is new, what is kept of the DAG stays. */
static void replace(struct af_dag *old, struct af_dag *d)
{
	struct af_dag was = *old;
	*old = *d;
	*d = was;
	old->next = was.next;
	old->paused = was.paused;
	old->last_end_ms = was.last_end_ms;
	old->once_done = was.once_done;
	old->runs = was.runs;
	old->last_run = was.last_run;
	old->first_open = was.first_open;
	old->run_n = was.run_n;
	old->active_n = was.active_n;
	old->timer = was.timer;
	for (struct af_run *r = old->first_open; r; r = r->next)
		for (size_t i = 0; !run_ended(r) && i < r->ti_n; i++)
			if (!af_ti_finished(r->tis[i].state) && r->tis[i].state != TI_RUNNING && !af_dag_task(old, r->tis[i].task_id)) {
				r->tis[i].state = TI_REMOVED;
				af_touch(r);
			}
	af_dag_free(d);
}

/* After a restart: a task that was running is gone with its process, one that waited for its next try goes on waiting. */
static void pick_up(struct af_dag *d)
{
	for (struct af_run *r = d->first_open; r; r = r->next) {
		for (size_t i = 0; !run_ended(r) && i < r->ti_n; i++) {
			struct af_ti *t = &r->tis[i];
			if (t->state == TI_RETRY && !t->timer.slot) {
				clock_at(d->a->env->clock, &t->timer, t->due_ms, on_retry, t);
			} else if (t->state == TI_RUNNING && !t->exec) {
				af_ti_log(t, "scheduler_job_runner.py:1741", "ERROR", "Detected zombie job: the process ended while the task ran");
				af_ti_done(t, TI_FAILED, false);
			}
		}
	}
}

void af_take_dag(struct airflow *a, struct af_dag *d)
{
	struct af_dag **at = &a->dags, *old = af_dag(a, sl(d->id));
	d->parsed_ms = af_now(a);
	if (old) {
		if (!old->raw) /* known from the store only */
			d->paused_given = false;
		clock_cancel(a->env->clock, &old->timer);
		replace(old, d);
		d = old;
	} else {
		d->paused = d->paused_given ? d->paused_upon_creation : conf_bool(a->env->conf, "airflow", "paused", true);
		while (*at && strcmp((*at)->id, d->id) < 0)
			at = &(*at)->next;
		d->next = *at;
		*at = d;
	}
	af_store_dag(d);
	pick_up(d);
	af_plan(d);
}

/* ---- task instances ---- */

static void count_above(const struct af_run *r, const struct af_task *task, size_t count[TI_REMOVED + 1])
{
	for (size_t i = 0; i < task->up_n; i++) {
		const struct af_ti *up = af_run_ti(r, r->dag->tasks[task->up[i]].id);
		count[up ? up->state : TI_REMOVED]++;
	}
}

/* The run before by logical date; a catch-up DAG looks at scheduled ones only. */
static const struct af_run *previous(const struct af_run *r)
{
	const struct af_run *best = NULL;
	for (const struct af_run *p = r->dag->runs; p; p = p->next) {
		if (p->logical_ms >= r->logical_ms || (r->dag->catchup && !strcmp(r->type, "scheduled") && strcmp(p->type, "scheduled")))
			continue;
		if (!best || p->logical_ms > best->logical_ms)
			best = p;
	}
	return best;
}

static bool good(const struct af_ti *t)
{
	return t && (t->state == TI_SUCCESS || t->state == TI_SKIPPED);
}

static bool past_allows(const struct af_ti *t, const struct af_task *task)
{
	if (!task->depends_on_past && !task->wait_for_downstream)
		return true;
	const struct af_run *p = previous(t->run);
	const struct af_ti *before = p ? af_run_ti(p, t->task_id) : NULL;
	if (!p || !before)
		return true;
	if (!good(before))
		return false;
	for (size_t i = 0; task->wait_for_downstream && i < task->down_n; i++) {
		const struct af_ti *down = af_run_ti(p, t->run->dag->tasks[task->down[i]].id);
		if (down && !good(down))
			return false;
	}
	return true;
}

static int64_t pool_size(const struct airflow *a, const char *pool)
{
	const json_t *p = json_object_get(a->kept[AF_POOL], pool);
	return p ? jint(p, "slots") : -1;
}

/* Whether a pool and the DAG's limit leave room for one more. */
static bool has_room(const struct af_dag *d, const struct af_task *task)
{
	int64_t used = 0, running = 0, size = pool_size(d->a, task->pool);
	for (const struct af_dag *o = d->a->dags; o; o = o->next) {
		for (const struct af_run *r = o->first_open; r && o->active_n; r = r->next) {
			for (size_t i = 0; r->state == RUN_RUNNING && i < r->ti_n; i++) {
				const struct af_task *other = r->tis[i].state == TI_RUNNING ? af_dag_task(o, r->tis[i].task_id) : NULL;
				if (!other)
					continue;
				running += o == d;
				used += strcmp(other->pool, task->pool) ? 0 : other->pool_slots;
			}
		}
	}
	return running < d->max_active_tasks && (size < 0 ? false : used + task->pool_slots <= size);
}

static void ti_end(struct af_ti *t, enum af_ti_state state)
{
	int64_t now = af_now(t->run->dag->a);
	t->state = state;
	if (t->start_ms < 0)
		t->start_ms = now;
	t->end_ms = now;
	af_touch(t->run);
}

static void ti_start(struct af_ti *t, const struct af_task *task)
{
	struct airflow *a = t->run->dag->a;
	t->try_number++;
	t->queued_ms = t->start_ms = af_now(a);
	t->end_ms = -1;
	t->state = TI_RUNNING;
	json_decref(t->xcoms);
	t->xcoms = NULL;
	a->metrics[1].value++;
	if (task->kind != TASK_EMPTY)
		af_ti_log(t, "taskinstance.py:2306", "INFO", "Starting attempt %lld of %lld", (long long)t->try_number, (long long)t->max_tries + 1);
	af_touch(t->run);
	af_exec_start(t, task);
}

/* Moves one task instance as far as it goes; true when something changed. */
static bool ti_look(struct af_ti *t)
{
	const struct af_task *task = af_dag_task(t->run->dag, t->task_id);
	if (!task || (t->state != TI_NONE && t->state != TI_SCHEDULED))
		return false;
	if (t->state == TI_NONE) {
		size_t count[TI_REMOVED + 1] = { 0 };
		if (task->start_ms >= 0 && t->run->logical_ms < task->start_ms)
			return false;
		count_above(t->run, task, count);
		enum af_ti_state verdict = af_rule_judge(task->rule, task->up_n, count);
		if (verdict == TI_NONE)
			return false;
		if (verdict != TI_SCHEDULED) {
			ti_end(t, verdict);
			return true;
		}
		if (!past_allows(t, task))
			return false;
		t->state = TI_SCHEDULED;
		af_touch(t->run);
	}
	if (!has_room(t->run->dag, task))
		return false;
	ti_start(t, task);
	return true;
}

static void on_retry(void *arg)
{
	struct af_ti *t = arg;
	t->state = TI_SCHEDULED;
	t->due_ms = -1;
	af_touch(t->run);
	af_pass(t->run->dag->a);
}

static int64_t retry_delay(const struct af_ti *t, const struct af_task *task)
{
	int64_t delay = task->retry_delay_ms, most = task->max_retry_delay_ms ? task->max_retry_delay_ms : 24 * 3600000;
	if (!task->exponential)
		return delay;
	for (int64_t i = 1; i < t->try_number && delay < most; i++)
		delay *= 2;
	return delay < most ? delay : most;
}

void af_ti_done(struct af_ti *t, enum af_ti_state state, bool no_retry)
{
	struct airflow *a = t->run->dag->a;
	const struct af_task *task = af_dag_task(t->run->dag, t->task_id);
	bool again = state == TI_FAILED && task && !no_retry && t->try_number <= t->max_tries;
	t->exec = NULL;
	ti_end(t, again ? TI_RETRY : state);
	af_watched_done(t, af_ti_state_name(again ? TI_RETRY : state));
	if (state == TI_FAILED) {
		char day[40];
		clock_amz(t->run->logical_ms, day);
		a->metrics[2].value++;
		af_ti_log(t, "taskinstance.py:1206", "INFO", "Marking task as %s. dag_id=%s, task_id=%s, run_id=%s, execution_date=%s",
		       again ? "UP_FOR_RETRY" : "FAILED", t->run->dag->id, t->task_id, t->run->id, day);
	}
	if (again) {
		t->due_ms = t->end_ms + retry_delay(t, task);
		clock_at(a->env->clock, &t->timer, t->due_ms, on_retry, t);
	}
	af_pass(a);
}

static bool named(const json_t *follow, const struct af_task *t)
{
	const json_t *f;
	size_t i;
	json_array_foreach(follow, i, f) {
		const char *name = json_string_value(f);
		if (name && (!strcmp(name, t->id) || (t->group && !strcmp(name, t->group))))
			return true;
	}
	return false;
}

static void skip(struct af_ti *t)
{
	if (t && t->state == TI_NONE)
		ti_end(t, TI_SKIPPED);
}

void af_ti_skip_below(struct af_ti *t, const json_t *follow)
{
	const struct af_dag *d = t->run->dag;
	const struct af_task *task = af_dag_task(d, t->task_id);
	bool *kept = xcalloc(d->task_n + 1, sizeof(*kept));
	if (task && !follow)
		af_dag_reach(d, task, true, kept);
	for (size_t i = 0; !follow && i < d->task_n; i++)
		if (kept[i])
			skip(af_run_ti(t->run, d->tasks[i].id));
	for (size_t i = 0; task && follow && i < task->down_n; i++) {
		const struct af_task *down = &d->tasks[task->down[i]];
		if (!named(follow, down))
			continue;
		kept[task->down[i]] = true; /* and a join that a followed branch leads to */
		af_dag_reach(d, down, true, kept);
	}
	for (size_t i = 0; task && follow && i < task->down_n; i++)
		if (!kept[task->down[i]])
			skip(af_run_ti(t->run, d->tasks[task->down[i]].id));
	free(kept);
}

/* ---- runs ---- */

static void run_end(struct af_run *r, enum af_run_state state)
{
	struct airflow *a = r->dag->a;
	r->state = state;
	r->end_ms = af_now(a);
	r->dag->active_n--;
	clock_cancel(a->env->clock, &r->timer);
	log_info(a->env, "run-ended", "dag=%s run=%s state=%s", r->dag->id, r->id, af_run_state_name(state));
	af_touch(r);
	af_plan(r->dag);
}

static void on_run_timeout(void *arg)
{
	struct af_run *r = arg;
	if (run_ended(r))
		return;
	for (size_t i = 0; i < r->ti_n; i++) {
		struct af_ti *t = &r->tis[i];
		if (af_ti_finished(t->state))
			continue;
		if (t->exec)
			af_exec_kill(t->exec);
		t->exec = NULL;
		clock_cancel(r->dag->a->env->clock, &t->timer);
		ti_end(t, TI_SKIPPED);
	}
	run_end(r, RUN_FAILED);
	af_pass(r->dag->a);
}

static void run_begin(struct af_run *r)
{
	struct af_dag *d = r->dag;
	r->state = RUN_RUNNING;
	r->start_ms = af_now(d->a);
	if (d->timeout_ms)
		clock_at(d->a->env->clock, &r->timer, r->start_ms + d->timeout_ms, on_run_timeout, r);
	af_touch(r);
}

/* What the leaves say, once all tasks have ended. */
static bool run_judge(struct af_run *r)
{
	bool failed = false;
	for (size_t i = 0; i < r->ti_n; i++) {
		const struct af_ti *t = &r->tis[i];
		const struct af_task *task = af_dag_task(r->dag, t->task_id);
		if (!af_ti_finished(t->state))
			return false;
		if (task && !task->down_n && (t->state == TI_FAILED || t->state == TI_UPSTREAM_FAILED))
			failed = true;
	}
	run_end(r, failed ? RUN_FAILED : RUN_SUCCESS);
	return true;
}

static bool run_look(struct af_run *r)
{
	bool changed = false;
	r->decided_ms = af_now(r->dag->a);
	for (size_t i = 0; i < r->ti_n && r->state == RUN_RUNNING; i++)
		changed |= ti_look(&r->tis[i]);
	return changed || (r->state == RUN_RUNNING && run_judge(r));
}

static bool dag_look(struct af_dag *d)
{
	bool changed = false;
	int64_t running = 0;
	while (d->first_open && run_ended(d->first_open))
		d->first_open = d->first_open->next;
	for (struct af_run *r = d->first_open; r; r = r->next)
		running += r->state == RUN_RUNNING;
	for (struct af_run *r = d->first_open; r; r = r->next) {
		if (r->state == RUN_QUEUED && running < d->max_active_runs) {
			run_begin(r);
			running++;
			changed = true;
		}
		if (r->state == RUN_RUNNING)
			changed |= run_look(r);
	}
	return changed;
}

void af_pass(struct airflow *a)
{
	a->pass_again = true;
	if (a->passing)
		return;
	a->passing = true;
	while (a->pass_again) {
		a->pass_again = false;
		for (struct af_dag *d = a->dags; d; d = d->next)
			if (d->active_n && !d->paused && d->active)
				a->pass_again |= dag_look(d);
	}
	a->passing = false;
}

/* ---- by hand ---- */

static void stop_ti(struct af_ti *t)
{
	if (t->exec)
		af_exec_kill(t->exec);
	t->exec = NULL;
	t->due_ms = -1;
	clock_cancel(t->run->dag->a->env->clock, &t->timer);
}

static void reopen(struct af_run *r)
{
	if (run_ended(r))
		r->dag->active_n++;
	r->state = RUN_QUEUED;
	r->start_ms = r->end_ms = -1;
	r->queued_ms = af_now(r->dag->a);
	r->dag->first_open = r->dag->runs;
	af_touch(r);
}

void af_set_run(struct af_run *r, enum af_run_state state)
{
	struct airflow *a = r->dag->a;
	if (state == RUN_QUEUED) {
		reopen(r);
		af_pass(a);
		return;
	}
	for (size_t i = 0; i < r->ti_n; i++) {
		struct af_ti *t = &r->tis[i];
		bool was_running = t->state == TI_RUNNING || t->state == TI_QUEUED || t->state == TI_RETRY;
		stop_ti(t);
		if (state == RUN_SUCCESS && t->state != TI_SUCCESS)
			ti_end(t, TI_SUCCESS);
		else if (state == RUN_FAILED && !af_ti_finished(t->state))
			ti_end(t, was_running ? TI_FAILED : TI_SKIPPED);
	}
	if (run_ended(r))
		r->dag->active_n++;
	run_end(r, state);
	af_pass(a);
}

static void clear_ti(struct af_ti *t)
{
	const struct af_task *task = af_dag_task(t->run->dag, t->task_id);
	stop_ti(t);
	t->state = TI_NONE;
	t->max_tries = t->try_number + (task ? task->retries : 0);
	t->queued_ms = t->start_ms = t->end_ms = -1;
	af_touch(t->run);
}

void af_clear(struct af_run *r, const char *task_id)
{
	for (size_t i = 0; i < r->ti_n; i++)
		if (!task_id || !strcmp(r->tis[i].task_id, task_id))
			clear_ti(&r->tis[i]);
	reopen(r);
}

void af_set_ti(struct af_ti *t, enum af_ti_state state)
{
	stop_ti(t);
	ti_end(t, state);
	if (run_ended(t->run))
		reopen(t->run);
	af_pass(t->run->dag->a);
}
