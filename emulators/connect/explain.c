/* GET /connectors/NAME/status?explain: what each partition has read and not written, and which rule will write it, when. It is the
 * question of everybody who has set flush.size. Not in Kafka Connect's API. */
#include "connect/answer.h"
#include "core/json.h"

struct explain {
	const struct con_tp *tp;
	const struct sink_conf *s;
	int64_t now;
	struct buf *out;
	struct buf says; /* the sentence */
	size_t rules;    /* that will write it */
};

static void say(struct explain *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct explain *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_adds(&e->says, e->rules++ ? ", or " : "");
	buf_addv(&e->says, fmt, ap);
	va_end(ap);
}

static void add_time(struct explain *e, int64_t at)
{
	char text[32];
	clock_iso(at, text);
	jw_text(e->out, "at", text);
	jw_int(e->out, "in_ms", at > e->now ? at - e->now : 0);
}

static void by_size(struct explain *e)
{
	long long left = (long long)e->s->flush_size - (long long)e->tp->record_n;
	jw_obj(e->out, NULL);
	jw_text(e->out, "rule", "flush.size");
	jw_int(e->out, "value", e->s->flush_size);
	jw_int(e->out, "after_records", left < 0 ? 0 : left);
	jw_obj_end(e->out);
	say(e, "after %lld more record%s (flush.size=%d)", left, left == 1 ? "" : "s", e->s->flush_size);
}

static void by_schedule(struct explain *e)
{
	char at[32];
	clock_iso_sec(e->tp->schedule_ms, at);
	jw_obj(e->out, NULL);
	jw_text(e->out, "rule", "rotate.schedule.interval.ms");
	jw_int(e->out, "value", e->s->schedule_ms);
	add_time(e, e->tp->schedule_ms);
	jw_obj_end(e->out);
	say(e, "at %s (rotate.schedule.interval.ms=%lld)", at, (long long)e->s->schedule_ms);
}

static void by_interval(struct explain *e)
{
	const struct con_paths *p = &e->tp->c->paths;
	int64_t at = e->tp->base_ms + e->s->rotate_ms;
	char text[32];
	clock_iso(at, text);
	jw_obj(e->out, NULL);
	jw_text(e->out, "rule", "rotate.interval.ms");
	jw_int(e->out, "value", e->s->rotate_ms);
	if (p->kind != PARTITION_TIME) {
		jw_text(e->out, "ignored", "partitioner.class is no time based partitioner");
	} else if (p->extractor == EXTRACT_WALLCLOCK) {
		add_time(e, at);
		say(e, "at %s (rotate.interval.ms=%lld by the wall clock)", text, (long long)e->s->rotate_ms);
	} else {
		/* No clock does it: a record has to come. */
		jw_text(e->out, "record_time", text);
		jw_text(e->out, "other_folder_than", e->tp->current_partition);
		say(e, "when a record comes whose time is %s or later, or whose folder is not %s (rotate.interval.ms=%lld; without new records never)", text,
		    e->tp->current_partition, (long long)e->s->rotate_ms);
	}
	jw_obj_end(e->out);
}

static void add_rules(struct explain *e)
{
	buf_addf(&e->says, "%zu record%s buffered since offset %lld: written ", e->tp->record_n, e->tp->record_n == 1 ? "" : "s", (long long)e->tp->files->start);
	jw_list(e->out, "flushes");
	by_size(e);
	if (e->s->schedule_ms > 0)
		by_schedule(e);
	if (e->s->rotate_ms > 0)
		by_interval(e);
	jw_list_end(e->out);
}

static void add_objects(struct explain *e)
{
	jw_list(e->out, "objects");
	for (const struct sink_file *f = e->tp->files; f; f = f->next) {
		struct buf key = { 0 };
		con_object_key(e->s, e->tp, f, con_extension(e->s), &key);
		jw_obj(e->out, NULL);
		jk_str(e->out, "key", buf_slice(&key));
		jw_int(e->out, "start_offset", f->start);
		jw_int(e->out, "records", (int64_t)f->record_n);
		jw_int(e->out, "bytes", (int64_t)f->body.n + (f->upload ? con_upload_bytes(f->upload) : 0));
		jw_obj_end(e->out);
		buf_free(&key);
	}
	jw_list_end(e->out);
}

/* What a partition without buffered records waits for. */
static void idle(struct explain *e)
{
	const struct con_tp *tp = e->tp;
	const struct connector *c = tp->c;
	struct con_stuck stuck;
	if (c->state == CON_PAUSED)
		buf_addf(&e->says, "the connector is paused: PUT /connectors/%s/resume", c->name);
	else if (tp->task < 0)
		buf_addf(&e->says, "no task runs that could read it: POST /connectors/%s/restart?includeTasks=true&onlyFailed=true", c->name);
	else if (con_stuck(tp, &stuck))
		buf_addf(&e->says, "object %s has not been stored in %d attempts: %s", stuck.key, stuck.tries, stuck.why);
	else if (tp->puts)
		buf_addf(&e->says, "%zu object%s on the way to the store", tp->puts, tp->puts == 1 ? "" : "s");
	else if (!tp->begun)
		buf_adds(&e->says, "the broker hasn't said yet where its group is");
	else if (tp->high > tp->position && tp->position >= 0)
		buf_addf(&e->says, "records %lld to %lld are being read", (long long)tp->position, (long long)tp->high - 1);
	else
		buf_adds(&e->says, "all is written: it waits for new records");
}

static void add_partition(const struct con_tp *tp, struct buf *out)
{
	struct explain e = { .tp = tp, .s = &tp->c->sink, .now = clock_now_ms(tp->c->k->env->clock), .out = out };
	jw_obj(out, NULL);
	jw_text(out, "topic", tp->topic);
	jw_int(out, "partition", tp->partition);
	if (tp->task >= 0)
		jw_int(out, "task", tp->task);
	if (tp->committed >= 0)
		jw_int(out, "committed_offset", tp->committed);
	if (tp->position >= 0)
		jw_int(out, "position", tp->position);
	jw_int(out, "buffered_records", (int64_t)tp->record_n);
	add_objects(&e);
	jw_int(out, "objects_on_their_way", (int64_t)tp->puts);
	if (tp->record_n)
		add_rules(&e);
	if (!tp->record_n || tp->c->state == CON_PAUSED) {
		buf_reset(&e.says);
		idle(&e);
	}
	jk_str(out, "waiting_for", buf_slice(&e.says));
	jw_obj_end(out);
	buf_free(&e.says);
}

void con_explain(const struct connector *c, struct buf *out)
{
	jw_list(out, "partitions");
	for (const struct con_tp *tp = c->tps; tp; tp = tp->next)
		add_partition(tp, out);
	jw_list_end(out);
	if (c->tps)
		return;
	jw_text(out, "waiting_for",
		c->state == CON_STOPPED ? "the connector is stopped, PUT /connectors/{name}/resume starts it" :
		c->state == CON_FAILED ? "the connector has failed, its trace says why" :
		c->look ? "the object store hasn't said yet whether the bucket is there" :
		!c->ready || (c->kind->source && c->task_n && c->tasks[0].trace) ? "no task runs: their traces say why" :
		c->kind->source && c->state == CON_PAUSED ? "the connector is paused, PUT /connectors/{name}/resume lets it go on" :
		c->kind->source ? "new lines of its file: a source has no buffer, each line is in the topic once it is read" :
			    "there is no topic that its configuration names");
}
