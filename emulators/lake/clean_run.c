/* A clean run: each topic's objects are read and cleaned in jobs; at the end the Delta tables get a version and the new
 * tables become visible. */
#include <stdlib.h>
#include <string.h>

#include "lake/tables.h"

struct run {
	struct lake_task task;
	struct lake_reader reader;
	struct clean_rules rules[LAKE_SET_N];
	struct clean_cleaner cleaners[LAKE_SET_N];
	struct lake_parts parts; /* of the Delta tables */
	int64_t objects[LAKE_SET_N], skipped[LAKE_SET_N], bytes, kept_bad;
	bool on[LAKE_SET_N];               /* tables that are cleaned */
	int set;                           /* being read */
	struct slice bucket, base, source; /* objects are below base/TOPIC/; source: as the caller named it, may be absent */
	const struct lake_object *current; /* whose records are being cleaned */
	struct arena arena;
	struct error err; /* kind 0: none so far */
};

static void run_free(struct lake_task *t)
{
	struct run *r = (struct run *)t;
	for (int s = 0; s < LAKE_SET_N; s++)
		arena_free(&r->cleaners[s].arena);
	lake_reader_free(&r->reader);
	lake_parts_free(&r->parts);
	arena_free(&r->arena);
	free(r);
}

/* ---- the report ---- */

static void write_sets(struct buf *b, const struct run *r)
{
	bool first = true;
	for (int s = 0; s < LAKE_SET_N; s++) {
		const struct clean_cleaner *c = &r->cleaners[s];
		if (!r->on[s])
			continue;
		buf_addf(b,
			 "%s{\"dataset\":\"%s\",\"topic\":\"%s.%s\",\"objects\":%lld,\"skipped\":%lld,\"rows_in\":%lld,"
			 "\"rows_out\":%lld,\"quarantined\":%lld,\"dropped\":%lld,\"delta\":",
			 first ? "" : ",", clean_tables[s].name, r->task.l->user, clean_tables[s].topic,
			 (long long)r->objects[s], (long long)r->skipped[s], (long long)c->records, (long long)c->rows,
			 (long long)c->bad, (long long)c->dropped);
		lake_parts_report(b, &r->parts, (enum lake_set)s);
		buf_addc(b, '}');
		first = false;
	}
}

static void write_rules(struct buf *b, struct run *r)
{
	bool first = true;
	for (int s = 0; s < LAKE_SET_N; s++) {
		const struct clean_rules *rules = &r->rules[s];
		for (size_t i = 0; i < rules->rule_n; i++) {
			const struct clean_rule *rule = &rules->rules[i];
			if (!r->on[s] || !clean_rule_on(rules, rule))
				continue;
			buf_addf(b, "%s{\"dataset\":\"%s\",\"column\":\"%s\",\"rule\":", first ? "" : ",", clean_tables[s].name,
				 clean_rule_column(rules, rule));
			buf_json_string(b, clean_rule_words(&r->arena, rules, rule));
			buf_addf(b, ",\"hits\":%lld}", (long long)r->cleaners[s].hits[i]);
			first = false;
		}
	}
}

static void write_variants(struct buf *b, const struct clean_rules *all)
{
	bool first = true;
	for (int s = 0; s < LAKE_SET_N; s++)
		for (size_t i = 0; i < all[s].choice_n; i++) {
			const struct clean_choice *c = &all[s].choices[i];
			buf_addf(b, "%s\"%s.%.*s\":", first ? "" : ",", clean_tables[s].name, SL(c->name));
			buf_json_string(b, c->variants[all[s].chosen[i]].name);
			first = false;
		}
}

static void write_report(struct buf *b, struct run *r)
{
	buf_adds(b, "{\"bucket\":");
	buf_json_string(b, r->bucket);
	buf_adds(b, ",\"from\":");
	if (r->source.p)
		buf_json_string(b, r->source);
	else
		buf_adds(b, "null");
	buf_addf(b, ",\"bytes\":%lld,\"datasets\":[", (long long)r->bytes);
	write_sets(b, r);
	buf_addf(b, "],\"quarantine_kept\":%lld,\"variants\":{", (long long)r->kept_bad);
	write_variants(b, r->rules);
	buf_adds(b, "},\"rules\":[");
	write_rules(b, r);
	buf_adds(b, "]}\n");
}

static void run_answer(struct run *r)
{
	struct lake *l = r->task.l;
	if (r->err.kind) {
		problem_reply(r->task.call, &r->err);
	} else {
		struct buf b = { 0 };
		write_report(&b, r);
		http_reply(r->task.call, 200, "application/json", buf_slice(&b));
		buf_free(&b);
		l->metrics[0].value++;
		for (int s = 0; s < LAKE_SET_N; s++) {
			l->metrics[1].value += r->cleaners[s].rows;
			l->metrics[2].value += r->cleaners[s].bad;
		}
	}
	lake_next(l);
}

/* ---- the end ---- */

static void show_work(void *arg)
{
	struct run *r = arg;
	if (r->err.kind || lake_store_finish(&r->task.l->store, &r->err))
		lake_store_cancel(&r->task.l->store);
}

static void show_done(void *arg)
{
	struct run *r = arg;
	r->task.l->job = false;
	if (!r->task.l->closing)
		run_answer(r);
}

/* The Delta tables have their versions, or nothing is shown. */
static void written(void *arg)
{
	struct run *r = arg;
	if (!r->err.kind)
		r->err = r->parts.err;
	r->task.l->job = true;
	loop_job(r->task.l->env->loop, show_work, show_done, r);
}

static void run_finish(struct run *r)
{
	int64_t objects = 0;
	for (int s = 0; s < LAKE_SET_N; s++)
		objects += r->objects[s];
	if (!r->err.kind && r->source.p && !objects)
		err_set(&r->err, ERR_NOT_FOUND, "[PATH_NOT_FOUND] Path does not exist: %.*s. (no objects of the topics %s.* below it)",
			SL(r->source), r->task.l->user);
	if (r->err.kind)
		lake_parts_cancel(&r->parts, written, r);
	else
		lake_parts_commit(&r->parts, written, r);
}

/* ---- the objects ---- */

static int on_row(void *arg, const struct clean_value *v)
{
	struct run *r = arg;
	struct clean_cleaner *c = &r->cleaners[r->set];
	ssize_t rule = lake_parts_repeated(&r->parts, (enum lake_set)r->set, v);
	if (rule >= 0) {
		c->hits[rule]++;
		c->rows--;
		c->dropped++;
		return 0;
	}
	int rc = lake_store_row(&r->task.l->store, (enum lake_set)r->set, v, &r->err);
	return rc ? rc : lake_parts_row(&r->parts, (enum lake_set)r->set, v, &r->err);
}

static int on_quarantine(void *arg, size_t line, struct slice record, const char *reason)
{
	struct run *r = arg;
	if (r->kept_bad >= LAKE_QUARANTINE_MAX)
		return 0;
	r->kept_bad++;
	const struct lake_bad bad = {
		.set = (enum lake_set)r->set, .user = sl(r->task.l->user), .key = r->current->key, .line = line,
		.at = r->cleaners[r->set].bad_at, .reason = sl(reason), .record = record, .size = record.n,
	};
	return lake_store_bad(&r->task.l->store, &bad, &r->err);
}

/* An object that isn't read is one bad record: the bucket keeps it, the report tells of it. */
static int too_large(struct run *r, const struct lake_object *o)
{
	struct clean_cleaner *c = &r->cleaners[r->set];
	struct slice why = arena_printf(&r->arena, "an object of %zu bytes, over %d: not read", o->size, LAKE_OBJECT_MAX);
	c->records++;
	c->bad++;
	c->bad_at = 0;
	return on_quarantine(r, 1, S(""), arena_cstr(&r->arena, why));
}

static void clean_batch(void *arg, const struct lake_object *o, size_t n)
{
	struct run *r = arg;
	int rc = 0;
	for (size_t i = 0; !rc && i < n; i++) {
		r->current = &o[i];
		if (o[i].size > LAKE_OBJECT_MAX)
			rc = too_large(r, &o[i]);
		else if (!o[i].gone)
			rc = clean_object(&r->cleaners[r->set], buf_slice(&o[i].body));
	}
	r->reader.err = r->err;
}

static void send_parts(void *arg)
{
	lake_parts_send(&((struct run *)arg)->parts);
}

static void read_set(struct run *r)
{
	struct slice prefix = arena_printf(&r->arena, "%.*s%s%s.%s/", SL(r->base), r->base.n ? "/" : "", r->task.l->user,
					   clean_tables[r->set].topic);
	lake_reader_start(&r->reader, r->bucket, prefix);
}

static void next_set(struct run *r)
{
	while (r->set < LAKE_SET_N && !r->on[r->set])
		r->set++;
	if (r->err.kind || r->set == LAKE_SET_N)
		run_finish(r);
	else
		read_set(r);
}

static void flush_work(void *arg)
{
	struct run *r = arg;
	if (lake_parts_flush(&r->parts, (enum lake_set)r->set, &r->err))
		lake_store_cancel(&r->task.l->store);
}

static void flush_done(void *arg)
{
	struct run *r = arg;
	r->task.l->job = false;
	if (r->task.l->closing)
		return;
	send_parts(r);
	r->set++;
	next_set(r);
}

/* The table's last rows become a file before the next table's take their room. */
static void set_done(void *arg)
{
	struct run *r = arg;
	r->objects[r->set] = r->reader.objects;
	r->skipped[r->set] = r->reader.skipped;
	r->bytes += r->reader.bytes;
	r->err = r->reader.err;
	if (r->err.kind) {
		run_finish(r);
		return;
	}
	r->task.l->job = true;
	loop_job(r->task.l->env->loop, flush_work, flush_done, r);
}

/* ---- the start ---- */

static void begin_work(void *arg)
{
	struct run *r = arg;
	if (lake_store_begin_sets(&r->task.l->store, r->on, &r->err))
		lake_store_cancel(&r->task.l->store);
}

static void begin_done(void *arg)
{
	struct run *r = arg;
	r->task.l->job = false;
	if (r->task.l->closing)
		return;
	if (r->err.kind)
		run_answer(r);
	else
		next_set(r);
}

static void run_start(struct lake_task *t)
{
	t->l->job = true;
	loop_job(t->l->env->loop, begin_work, begin_done, t);
}

void lake_clean_start(struct lake *l, struct http_call *call, const struct lake_clean *what)
{
	struct run *r = xcalloc(1, sizeof(*r));
	bool delta[LAKE_SET_N];
	r->task.call = call;
	r->task.start = run_start;
	r->task.free = run_free;
	memcpy(r->rules, what->rules, sizeof(r->rules));
	r->bucket = arena_dup(&r->arena, what->bucket);
	r->base = arena_dup(&r->arena, what->base);
	r->source = arena_dup(&r->arena, what->source);
	r->reader = (struct lake_reader){ .l = l, .clean = clean_batch, .cleaned_some = send_parts, .done = set_done, .arg = r };
	for (int s = 0; s < LAKE_SET_N; s++)
		delta[s] = l->delta && what->on[s];
	memcpy(r->on, what->on, sizeof(r->on));
	lake_parts_init(&r->parts, l, r->rules, delta);
	for (int s = 0; s < LAKE_SET_N; s++)
		r->cleaners[s] = (struct clean_cleaner){
			.rules = &r->rules[s], .row = on_row, .quarantine = on_quarantine, .arg = r
		};
	lake_queue(l, &r->task);
}
