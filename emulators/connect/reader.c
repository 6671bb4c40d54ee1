#include "core/adopt.h"
#include "connect/file.h"
#include "connect/group.h"
#include "connect/report.h"
#include "connect/smt.h"
#include "kproto/batch.h"

enum { KAFKA_OFFSET_OUT_OF_RANGE = 1, KAFKA_UNKNOWN_TOPIC = 3 };

/* ---- which partitions, whose ---- */

bool con_wants_topic(struct connector *c, struct slice topic)
{
	struct slice word, rest = sl(c->sink.topics);
	bool yes = false;
	while (rest.p && !yes) {
		sl_cut(rest, ',', &word, &rest);
		yes = sl_eq(sl_trim(word), topic);
	}
	return yes || (c->regex.code && java_regex_find(&c->regex, topic, 0) == 1);
}

static struct con_tp *con_add_tp(struct connector *c, struct slice topic, int partition)
{
	struct con_tp **at = &c->tps;
	for (; *at; at = &(*at)->next)
		if (sl_eqs(topic, (*at)->topic) && (*at)->partition == partition)
			return *at;
	struct con_tp *tp = *at = xcalloc(1, sizeof(*tp));
	tp->c = c;
	tp->topic = xstrndup(topic.p, topic.n);
	tp->partition = partition;
	tp->task = -1;
	tp->stale = true;
	if (c->sink.schedule_ms > 0)
		tp->schedule_ms = con_next_schedule(&c->day_zone, clock_now_ms(c->k->env->clock), c->sink.schedule_ms);
	return tp;
}

void con_free_tp(struct con_tp *tp)
{
	for (struct sink_group *g = tp->groups, *next; g; g = next) {
		next = g->next;
		free(g);
	}
	free(tp->current_partition);
	con_schemas_free(tp->schemas);
	free(tp->topic);
	free(tp);
}

/* Unlinked already: what is on its way to the store may still get there, then it goes. */
static void bury(struct con_tp *tp)
{
	con_sink_drop(tp);
	owed_cancel_all(&tp->read);
	tp->dead = true;
	if (!tp->puts)
		con_free_tp(tp);
}

void con_drop_tps(struct connector *c)
{
	while (c->tps) {
		struct con_tp *tp = c->tps;
		c->tps = tp->next;
		bury(tp);
	}
}

/* RangeAssignor over the running tasks: partitions of a topic in runs, the first tasks get one more. */
static int owner(const struct connector *c, const struct con_tp *tp, int running)
{
	int partition_n = 0, at, per, more;
	if (!running)
		return -1;
	for (const struct con_tp *o = c->tps; o; o = o->next)
		partition_n += !strcmp(o->topic, tp->topic);
	per = partition_n / running;
	more = partition_n % running;
	at = tp->partition < more * (per + 1) ? tp->partition / (per + 1) : more + (per ? (tp->partition - more * (per + 1)) / per : 0);
	for (size_t i = 0; i < c->task_n; i++)
		if (c->tasks[i].state == CON_RUNNING && at-- == 0)
			return (int)i;
	return -1;
}

/* A partition that changes hands starts again from its committed offset. */
void con_assign(struct connector *c)
{
	int running = 0;
	for (size_t i = 0; i < c->task_n; i++)
		running += c->tasks[i].state == CON_RUNNING;
	for (struct con_tp **at = &c->tps; *at; at = &(*at)->next) {
		struct con_tp *tp = *at;
		int task = owner(c, tp, running);
		if (task == tp->task)
			continue;
		if (tp->task >= 0) {
			struct con_tp *next = tp->next, *fresh;
			*at = NULL;
			fresh = con_add_tp(c, sl(tp->topic), tp->partition);
			/* con_add_tp looked through the list's front only and put it here. */
			fresh->next = next;
			bury(tp);
			tp = fresh;
		}
		tp->task = task;
	}
}

/* ---- records ---- */

static int convert_headers(const struct sink_conf *s, struct arena *a, struct sink_record *o, struct error *err)
{
	struct slice headers = o->log.headers, name, value;
	int rc = 0;
	while (!rc && kp_header_next(&headers, &name, &value)) {
		struct cv_data d;
		if (!(rc = con_convert_header(a, &s->header, value, &d, err)))
			cv_headers_add(a, &o->headers, java_decode(a, name), d);
	}
	return rc;
}

/* The stages before the sink. Errors: what f says. */
static int convert_record(const struct con_tp *tp, struct arena *a, struct sink_record *o, bool *drop, struct con_failure *f, struct error *err)
{
	const struct sink_conf *s = &tp->c->sink;
	const struct smt_chain *chain = tp->c->chain;
	int rc;
	*f = (struct con_failure){ STAGE_KEY_CONVERTER, con_converter_classes[s->key.how], err->text };
	if ((rc = con_convert(a, &s->key, o->log.key, &o->key, err)))
		return rc;
	*f = (struct con_failure){ STAGE_VALUE_CONVERTER, con_converter_classes[s->value.how], err->text };
	if ((rc = con_convert(a, &s->value, o->log.value, &o->value, err)))
		return rc;
	*f = (struct con_failure){ STAGE_HEADER_CONVERTER, con_converter_classes[s->header.how], err->text };
	if ((rc = convert_headers(s, a, o, err)))
		return rc;
	*drop = false;
	for (size_t i = 0; chain && i < chain->n && !*drop; i++) {
		*f = (struct con_failure){ STAGE_TRANSFORMATION, chain->stages[i].class, err->text };
		if ((rc = smt_run(&chain->stages[i], a, o, drop, err)))
			return rc;
	}
	return 0;
}

static bool skip_null(struct con_tp *tp, const struct log_record *r, char **trace)
{
	const struct sink_conf *s = &tp->c->sink;
	struct con_failure f = { STAGE_TASK_PUT, "org.apache.kafka.connect.sink.SinkTask", "org.apache.kafka.connect.errors.DataException: Skipping null value record." };
	return !(s->log_errors || (s->dlq && *s->dlq)) || con_report(tp, r, &f, trace);
}

/* Converts one poll's records. Returns how many are left, or -1: the task has failed. */
static ssize_t convert(struct con_tp *tp, struct arena *a, const struct log_record *r, size_t n, struct sink_record *out, char **trace)
{
	const struct sink_conf *s = &tp->c->sink;
	struct con_failure f;
	struct error err;
	bool drop = false;
	ssize_t left = 0;
	for (size_t i = 0; i < n; i++) {
		struct sink_record *o = &out[left];
		*o = (struct sink_record){ .log = r[i], .topic = sl(tp->topic), .partition = tp->partition, .timestamp_ms = r[i].timestamp_ms };
		if (convert_record(tp, a, o, &drop, &f, &err)) {
			if (con_report(tp, &r[i], &f, trace))
				continue;
			return -1;
		}
		if (drop)
			continue;
		if (o->value.v.kind == CV_NULL && tp->c->kind == con_s3_sink && !tp->c->writes.nulls) {
			if (s->ignore_null && skip_null(tp, &r[i], trace))
				continue;
			if (s->ignore_null)
				return -1;
			*trace = con_trace_put("org.apache.kafka.connect.errors.ConnectException: Null valued records are not writeable with current behavior.on.null.values 'settings.");
			return -1;
		}
		left++;
	}
	return left;
}

/* The sink looks its writer up by the record's topic: those of other names have none. */
static int put_record(struct con_tp *tp, struct arena *a, struct sink_record *r, struct error *err)
{
	if (!sl_eqs(r->topic, tp->topic))
		return err_set(err, ERR_INVALID, "java.lang.NullPointerException: Cannot invoke \"io.confluent.connect.s3.TopicPartitionWriter.buffer(org.apache.kafka.connect.sink.SinkRecord)\" "
			       "because the return value of \"java.util.Map.get(Object)\" is null");
	return con_sink(tp, a, r, err);
}

/* What the sink itself reports: records that it can't write, where somebody is told of them. False: the task fails, by *trace if that is set. */
static bool skip_put(struct con_tp *tp, const struct sink_record *r, const struct error *err, char **trace)
{
	const struct sink_conf *s = &tp->c->sink;
	bool data = !strncmp(err->text, "org.apache.kafka.connect.errors.DataException", 45) || !strncmp(err->text, "org.apache.kafka.connect.errors.SchemaProjectorException", 56);
	struct con_failure f = { STAGE_TASK_PUT, "org.apache.kafka.connect.sink.SinkTask", err->text };
	if (!data || strstr(err->text, "The field '") || !(s->log_errors || (s->dlq && *s->dlq)))
		return false;
	return con_report(tp, &r->log, &f, trace);
}

/* One poll: all of it is converted before any of it is written. */
static bool take(struct con_tp *tp, const struct log_record *r, size_t n)
{
	struct arena a = { 0 };
	struct error err = { 0 };
	char *trace = NULL;
	struct connector *c = tp->c;
	struct sink_record *in = arena_alloc(&a, n * sizeof(*in));
	ssize_t left = convert(tp, &a, r, n, in, &trace);
	/* A topic is active once one of its records was read. */
	if (left > 0 && con_store_topic(&c->k->db, c->name, tp->topic, &err))
		log_error(c->k->env, "topic", "error=\"%s\"", err.text);
	for (ssize_t i = 0; i < left && !trace; i++)
		if (c->kind == con_file_sink)
			con_file_line(tp, &in[i]);
		else if (put_record(tp, &a, &in[i], &err) && !skip_put(tp, &in[i], &err, &trace) && !trace)
			trace = con_trace_put(err.text);
	if (left > 0 && !trace && c->kind == con_file_sink && con_file_flush(tp, &err))
		trace = con_trace_put(err.text);
	if (!trace)
		con_sink_time(tp);
	arena_free(&a);
	c->k->metrics[CON_M_RECORDS].value += (int64_t)n;
	if (trace)
		con_fail_task(c, (size_t)tp->task, trace);
	return !trace;
}

static void out_of_range(struct con_tp *tp)
{
	char *cause = xasprintf("org.apache.kafka.clients.consumer.OffsetOutOfRangeException: Fetch position FetchPosition{offset=%lld, offsetEpoch=Optional.empty} is out of "
				"range for partition %s-%d", (long long)tp->position, tp->topic, tp->partition);
	con_fail_task(tp->c, (size_t)tp->task, con_trace_put(cause));
	free(cause);
}

/* Nothing is in open files: what is before next is on its way, or a transform dropped it, or it was skipped. */
static void past_dropped(struct con_tp *tp, int64_t next)
{
	if (tp->last_group)
		tp->last_group->offset = next;
	else if (next > tp->committed)
		con_group_commit(tp, next);
}

static void on_read(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct con_tp *tp = arg;
	struct connect *k = tp->c->k;
	if (code == KAFKA_OFFSET_OUT_OF_RANGE && tp->position >= 0 && tp->c->reset == CON_RESET_NONE) {
		out_of_range(tp);
		return;
	}
	if (code == KAFKA_OFFSET_OUT_OF_RANGE && tp->position >= 0) {
		tp->position = tp->c->reset;
		tp->stale = true;
	} else if (code) {
		if (code != KAFKA_UNKNOWN_TOPIC)
			log_warn(k->env, "read-failed", "topic=%s partition=%d code=%d", tp->topic, tp->partition, code);
		return; /* the next watch asks again */
	}
	for (size_t i = 0, poll = tp->c->poll_records; i < n; i += poll)
		if (!take(tp, r + i, n - i < poll ? n - i : poll))
			return;
	tp->high = high;
	if (!code) {
		if (next < high && next > tp->position)
			tp->stale = true;
		tp->position = next;
		if (n && !tp->files)
			past_dropped(tp, next);
	}
	con_read(tp);
}

void con_read(struct con_tp *tp)
{
	struct connector *c = tp->c;
	struct record_log *log = &c->k->env->ports->log;
	struct owed *(*read)(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb, void *arg);
	if (tp->dead || tp->read || !tp->stale || !c->ready || c->state != CON_RUNNING || tp->task < 0 || tp->puts >= CON_PUTS_MAX || con_parts_wait(tp) || !log->self)
		return;
	if (!tp->begun && (con_held_back(tp) || c->commits))
		return;
	if (!tp->begun) {
		con_group_look(tp);
		return;
	}
	tp->stale = false;
	read = c->read_committed && log->read_committed ? log->read_committed : log->read;
	owed_keep(&tp->read, read(log->self, sl(tp->topic), tp->partition, tp->position, c->fetch_bytes, on_read, tp));
}

/* ---- topics ---- */

static void list_topics(struct connect *k);

static void match_topics(struct connector *c, const struct topic_info *t, size_t n)
{
	bool added = false;
	for (size_t i = 0; i < n; i++) {
		if (!con_wants_topic(c, t[i].name))
			continue;
		for (int p = 0; p < t[i].partition_n; p++)
			added |= con_add_tp(c, t[i].name, p)->task < 0;
	}
	/* Topics that went. */
	for (struct con_tp **at = &c->tps; *at;) {
		struct con_tp *tp = *at;
		bool there = false;
		for (size_t i = 0; i < n && !there; i++)
			there = sl_eqs(t[i].name, tp->topic);
		if (there) {
			at = &tp->next;
			continue;
		}
		*at = tp->next;
		bury(tp);
		added = true;
	}
	if (added)
		con_assign(c);
	for (struct con_tp *tp = c->tps, *next; tp; tp = next) {
		next = tp->next;
		con_read(tp);
	}
}

static void on_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct connect *k = arg;
	/* Another process's brokers, or those before adoption was on, have topics that nobody here has named. */
	for (size_t i = 0; i < n && !err; i++)
		adopt_user_of(k->env->adopt, "topics", t[i].name);
	for (struct connector *c = k->connectors; c && !err; c = c->next)
		if (c->ready && c->state == CON_RUNNING)
			match_topics(c, t, n);
	if (k->relist)
		list_topics(k);
}

static void list_topics(struct connect *k)
{
	struct record_log *log = &k->env->ports->log;
	bool wanted = false;
	for (struct connector *c = k->connectors; c; c = c->next)
		wanted |= c->ready && c->state == CON_RUNNING;
	if (!wanted || !log->self)
		return;
	k->relist = k->listing != NULL;
	k->listed = log->changes ? *log->changes : 0;
	if (!k->listing)
		owed_keep(&k->listing, log->topics(log->self, on_topics, k));
}

static void read_all(struct connect *k)
{
	for (struct connector *c = k->connectors; c; c = c->next) {
		for (struct con_tp *tp = c->tps, *next; tp; tp = next) {
			next = tp->next;
			tp->stale = true;
			con_read(tp);
		}
	}
}

void con_wake(void *arg)
{
	read_all(arg);
	list_topics(arg);
}

void con_watch(void *arg)
{
	struct connect *k = arg;
	const uint64_t *changes = k->env->ports->log.changes;
	read_all(k);
	if (!changes || *changes != k->listed)
		list_topics(k);
}
