/* A clean run: each topic's objects are read and cleaned in jobs; at the end the Delta tables get a version and the new
 * tables become visible. */
#include "core/adopt.h"
#include "core/json.h"
#include "lake/clean_tables.h"
#include "lake/elsewhere.h"
#include "lake/reader.h"

struct run {
	struct lake_task task;
	struct lake_reader reader;
	struct lake_turn turns[1 + DATASETS_MAX]; /* of lake.db, and of each dataset's Delta table */
	size_t turn;                              /* waited for */
	bool writing;                             /* lake.db: from its begin until it's shown */
	const struct datasets *sets;
	struct clean_rules *rules; /* of each dataset */
	struct lake_parts parts;   /* of the Delta tables */
	struct count {
		struct clean_cleaner cleaner;
		int64_t objects, skipped;
	} *counts;                         /* of each dataset */
	int64_t bytes, kept_bad;
	uint32_t on;                       /* datasets that are cleaned, a bit each */
	size_t set;                        /* being read, */
	size_t user;                       /* of this user: 0: the stack's, then those that were adopted */
	struct lake_elsewhere elsewhere;   /* when there were no objects */
	struct slice bucket, base, source; /* objects are below base/TOPIC/; source: as the caller named it, may be absent */
	const struct lake_object *current; /* whose records are being cleaned */
	struct arena arena;
	struct error err; /* kind 0: none so far */
	int rc;           /* of the job just done */
};

static void run_free(struct lake_task *t)
{
	struct run *r = (struct run *)t;
	if (r->writing)
		lake_store_cancel(t->base->store);
	for (size_t i = 0; i < ARRAY_LEN(r->turns); i++)
		lake_turn_end(t->base, &r->turns[i]);
	for (size_t s = 0; s < r->sets->n; s++)
		arena_free(&r->counts[s].cleaner.arena);
	lake_reader_free(&r->reader);
	lake_elsewhere_free(&r->elsewhere);
	lake_parts_free(&r->parts);
	free(r->rules);
	free(r->counts);
	arena_free(&r->arena);
	free(r);
}

/* ---- the report ---- */

static bool is_on(const struct run *r, size_t set)
{
	return r->on >> set & 1;
}

static void write_set(struct buf *b, const struct run *r, size_t set)
{
	const struct clean_cleaner *c = &r->counts[set].cleaner;
	jw_obj(b, NULL);
	jw_text(b, "dataset", r->sets->at[set].name);
	jw_text(b, "topic", r->sets->at[set].topic);
	jw_int(b, "objects", r->counts[set].objects);
	jw_int(b, "skipped", r->counts[set].skipped);
	jw_int(b, "rows_in", c->records);
	jw_int(b, "rows_out", c->rows);
	jw_int(b, "quarantined", c->bad);
	jw_int(b, "dropped", c->dropped);
	lake_parts_report(b, &r->parts, set);
	jw_obj_end(b);
}

static void write_rules(struct buf *b, struct run *r, size_t set)
{
	const struct clean_rules *rules = &r->rules[set];
	for (size_t i = 0; i < rules->rule_n; i++) {
		const struct clean_rule *rule = &rules->rules[i];
		if (!clean_rule_on(rules, rule))
			continue;
		jw_obj(b, NULL);
		jw_text(b, "dataset", rules->set->name);
		jw_text(b, "column", clean_rule_column(rules, rule));
		jw_str(b, "rule", clean_rule_words(&r->arena, rules, rule));
		jw_int(b, "hits", r->counts[set].cleaner.hits[i]);
		jw_obj_end(b);
	}
}

static void write_variants(struct buf *b, struct arena *a, const struct clean_rules *r)
{
	for (size_t i = 0; i < r->choice_n; i++) {
		const struct clean_choice *c = &r->choices[i];
		jw_key(b, arena_printf(a, "%s.%.*s", r->set->name, SL(c->name)));
		jw_str(b, NULL, c->variants[r->chosen[i]].name);
	}
}

/* Topics with objects that the run, which found none, didn't look for. */
static void write_elsewhere(struct buf *b, const struct run *r)
{
	jw_list(b, "elsewhere");
	for (size_t i = 0; i < r->elsewhere.n; i++) {
		jw_obj(b, NULL);
		jw_str(b, "bucket", r->elsewhere.found[i].bucket);
		jw_str(b, "topic", r->elsewhere.found[i].topic);
		jw_obj_end(b);
	}
	jw_list_end(b);
}

static void write_users(struct buf *b, const struct run *r)
{
	const char *user;
	jw_list(b, "adopted_users");
	for (size_t i = 0; (user = adopt_user(r->task.l->env->adopt, i)); i++)
		jw_text(b, NULL, user);
	jw_list_end(b);
}

static void write_report(struct buf *b, struct run *r)
{
	jw_obj(b, NULL);
	jw_str(b, "bucket", r->bucket);
	jw_str(b, "from", r->source);
	jw_str(b, "below", r->base);
	write_users(b, r);
	write_elsewhere(b, r);
	jw_int(b, "bytes", r->bytes);
	jw_list(b, "datasets");
	for (size_t s = 0; s < r->sets->n; s++)
		if (is_on(r, s))
			write_set(b, r, s);
	jw_list_end(b);
	jw_int(b, "quarantine_kept", r->kept_bad);
	jw_obj(b, "variants");
	for (size_t s = 0; s < r->sets->n; s++)
		write_variants(b, &r->arena, &r->rules[s]);
	jw_obj_end(b);
	jw_list(b, "rules");
	for (size_t s = 0; s < r->sets->n; s++)
		if (is_on(r, s))
			write_rules(b, r, s);
	jw_list_end(b);
	jw_obj_end(b);
	buf_addc(b, '\n');
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
		l->metrics[LAKE_M_CLEANS].value++;
		for (size_t s = 0; s < r->sets->n; s++) {
			l->metrics[LAKE_M_ROWS].value += r->counts[s].cleaner.rows;
			l->metrics[LAKE_M_QUARANTINED].value += r->counts[s].cleaner.bad;
		}
	}
	lake_end(&r->task);
}

/* ---- the end ---- */

static void show_work(void *arg)
{
	struct run *r = arg;
	if (r->err.kind || lake_store_finish(r->task.base->store, &r->err))
		lake_store_cancel(r->task.base->store);
	r->writing = false;
}

static void show_done(void *arg)
{
	run_answer(arg);
}

/* The Delta tables have their versions, or nothing is shown. */
static void written(void *arg)
{
	struct run *r = arg;
	if (!r->err.kind)
		r->err = r->parts.err;
	lake_job(&r->task, show_work, show_done, r);
}

/* Topics that were looked for, for messages. */
static const char *topics(struct run *r)
{
	struct slice names = S("");
	for (size_t s = 0; s < r->sets->n; s++)
		if (is_on(r, s))
			names = arena_printf(&r->arena, "%.*s%s%s", SL(names), names.n ? ", " : "", r->sets->at[s].topic);
	return arena_cstr(&r->arena, names);
}

static void ready_work(void *arg)
{
	struct run *r = arg;
	r->rc = lake_store_ready(r->task.base->store, &r->err);
}

/* From the first table's new version on the run goes to its end, whoever still listens. */
static void ready_done(void *arg)
{
	struct run *r = arg;
	if (r->rc) {
		written(r);
		return;
	}
	http_on_gone(r->task.call, NULL, NULL);
	lake_parts_commit(&r->parts, written, r);
}

static void end_reading(void *arg)
{
	struct run *r = arg;
	if (r->err.kind)
		written(r); /* files that were put stay, for VACUUM */
	else
		lake_job(&r->task, ready_work, ready_done, r);
}

static void run_finish(struct run *r)
{
	int64_t objects = 0;
	for (size_t s = 0; s < r->sets->n; s++)
		objects += r->counts[s].objects;
	if (!r->err.kind && r->source.p && !objects)
		err_set(&r->err, ERR_NOT_FOUND, "[PATH_NOT_FOUND] Path does not exist: %.*s. (no objects of the topics %s below it)",
			SL(r->source), topics(r));
	r->elsewhere = (struct lake_elsewhere){ .task = &r->task, .base = r->base, .done = end_reading, .arg = r };
	if (r->err.kind || objects)
		end_reading(r);
	else
		lake_elsewhere_begin(&r->elsewhere);
}

/* ---- the objects ---- */

static int on_row(void *arg, const struct clean_value *v)
{
	struct run *r = arg;
	struct clean_cleaner *c = &r->counts[r->set].cleaner;
	if (r->task.stopped)
		return err_set(&r->err, ERR_STORE, "the run was cancelled");
	ssize_t rule = lake_parts_repeated(&r->parts, r->set, v);
	if (rule >= 0) {
		c->hits[rule]++;
		c->rows--;
		c->dropped++;
		return 0;
	}
	return lake_parts_row(&r->parts, r->set, v, &r->err);
}

static int on_quarantine(void *arg, size_t line, struct slice record, const char *reason)
{
	struct run *r = arg;
	if (r->kept_bad >= LAKE_QUARANTINE_MAX)
		return 0;
	r->kept_bad++;
	const struct lake_bad bad = {
		.set = r->set, .key = r->current->key, .line = line,
		.at = r->counts[r->set].cleaner.bad_at, .reason = sl(reason), .record = record, .size = record.n,
	};
	return lake_store_bad(r->task.base->store, &bad, &r->err);
}

/* An object that isn't read is one bad record: the bucket keeps it, the report tells of it. */
static int too_large(struct run *r, const struct lake_object *o)
{
	struct clean_cleaner *c = &r->counts[r->set].cleaner;
	struct slice why = arena_printf(&r->arena, "an object of %zu bytes, over %d: not read", o->size, LAKE_OBJECT_MAX);
	c->records++;
	c->bad++;
	c->bad_at = 0;
	return on_quarantine(r, 1, S(""), arena_cstr(&r->arena, why));
}

static void clean_one(void *arg, const struct lake_object *o)
{
	struct run *r = arg;
	r->current = o;
	if (o->size > LAKE_OBJECT_MAX ? too_large(r, o) : !o->gone && clean_object(&r->counts[r->set].cleaner, buf_slice(&o->body)))
		r->reader.err = r->err;
}

static void send_parts(void *arg)
{
	lake_parts_send(&((struct run *)arg)->parts);
}

/* A user's objects are in his bucket, or, where a path was given, there. */
static void read_set(struct run *r)
{
	const struct adopt *adopt = r->task.l->env->adopt;
	struct slice topic = sl(r->sets->at[r->set].topic), bucket = r->bucket;
	if (r->user) {
		struct slice user = sl(adopt_user(adopt, r->user - 1));
		topic = adopt_text(&r->arena, adopt, topic, user);
		bucket = r->source.p ? bucket : adopt_text(&r->arena, adopt, bucket, user);
	}
	lake_reader_start(&r->reader, bucket, arena_printf(&r->arena, "%.*s%s%.*s/", SL(r->base), r->base.n ? "/" : "", SL(topic)));
}

static void next_set(struct run *r)
{
	while (r->set < r->sets->n && !is_on(r, r->set))
		r->set++;
	if (r->err.kind || r->set == r->sets->n)
		run_finish(r);
	else
		read_set(r);
}

static void flush_work(void *arg)
{
	struct run *r = arg;
	r->rc = lake_parts_flush(&r->parts, r->set, &r->err);
}

static void flush_done(void *arg)
{
	struct run *r = arg;
	send_parts(r);
	r->set++;
	next_set(r);
}

/* The table's last rows become a file before the next table's take their room. */
static void set_done(void *arg)
{
	struct run *r = arg;
	r->counts[r->set].objects += r->reader.objects;
	r->counts[r->set].skipped += r->reader.skipped;
	r->bytes += r->reader.bytes;
	if (r->user && r->reader.err.kind == ERR_NOT_FOUND) /* he has no bucket (any more) */
		r->reader.err = (struct error){ 0 };
	r->err = r->reader.err;
	if (r->err.kind) {
		run_finish(r);
		return;
	}
	r->user++;
	if (adopt_user(r->task.l->env->adopt, r->user - 1)) {
		read_set(r);
		return;
	}
	r->user = 0;
	lake_job(&r->task, flush_work, flush_done, r);
}

/* ---- the start ---- */

static void begin_work(void *arg)
{
	struct run *r = arg;
	r->writing = true;
	r->rc = lake_store_begin(r->task.base->store, r->on, &r->err);
}

static void begin_done(void *arg)
{
	struct run *r = arg;
	if (r->rc)
		run_answer(r);
	else
		next_set(r);
}

static void next_turn(struct run *r);

static void on_turn(void *arg)
{
	struct run *r = arg;
	r->turn++;
	next_turn(r);
}

/* Nobody else writes what the run does. */
static void next_turn(struct run *r)
{
	while (r->turn && r->turn <= r->sets->n && !(r->parts.on >> (r->turn - 1) & 1))
		r->turn++;
	if (r->turn > r->sets->n)
		lake_job(&r->task, begin_work, begin_done, r);
	else
		lake_turn_take(r->task.base, &r->turns[r->turn], r->turn ? lake_parts_key(&r->parts, r->turn - 1) : LAKE_KEY, false, on_turn, r);
}

static void run_start(struct lake_task *t)
{
	next_turn((struct run *)t);
}

void lake_clean_start(struct lake *l, struct http_call *call, const struct lake_clean *what)
{
	struct run *r = xcalloc(1, sizeof(*r));
	r->task.l = l;
	r->task.call = call;
	r->task.start = run_start;
	r->task.free = run_free;
	r->sets = &l->base->cleaning.sets;
	r->rules = what->rules;
	r->on = what->on;
	r->counts = xcalloc(r->sets->n + 1, sizeof(*r->counts));
	r->bucket = arena_dup(&r->arena, what->bucket);
	r->base = arena_dup(&r->arena, what->base);
	r->source = arena_dup(&r->arena, what->source);
	r->reader = (struct lake_reader){ .task = &r->task, .clean = clean_one, .cleaned_some = send_parts, .done = set_done, .arg = r };
	lake_parts_init(&r->parts, &r->task, r->rules, r->on);
	for (size_t s = 0; s < r->sets->n; s++)
		r->counts[s].cleaner = (struct clean_cleaner){ .rules = &r->rules[s], .row = on_row, .quarantine = on_quarantine, .arg = r };
	lake_begin(l, &r->task);
}
