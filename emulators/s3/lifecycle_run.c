/* Lifecycle as time goes by: at each midnight of the emulated clock, and when the store opens, all buckets with rules are gone through, some
 * objects a turn: what is current, then what isn't any more, then uploads. */
#include "lifecycle.h"
#include "notify.h"
#include "versions.h"

enum { STEP = 100 }; /* rows that are looked at in a turn */
enum { CURRENT, OLDER, UPLOADS, PHASES };

static void next_step(void *arg);

static struct slice after_of(const struct s3 *s)
{
	return sl_of(s->lifecycle.after, s->lifecycle.after_n);
}

static void set_after(struct s3 *s, struct slice key)
{
	s->lifecycle.after_n = key.n < sizeof(s->lifecycle.after) ? key.n : 0;
	memcpy(s->lifecycle.after, key.p, s->lifecycle.after_n);
}

static struct s3_object copy_of(struct arena *a, const struct s3_object *o)
{
	struct s3_object c = *o;
	c.key = arena_dup(a, o->key);
	c.etag = arena_dup(a, o->etag);
	c.headers = arena_dup(a, o->headers);
	c.class = arena_dup(a, o->class);
	return c;
}

static void delete(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct s3_object *o, bool version)
{
	struct s3_fail f = { .arena = a };
	struct s3_delete d = { .key = o->key, .version = version ? s3_version_text(a, o->version) : sl(NULL), .by = "LifecycleExpiration" };
	struct s3_deleted done;
	/* What is locked stays, and is looked at again. */
	if (s3_version_delete(s, b, &d, false, &done, &f) && f.err.def == &s3_errors[S3_E_INTERNAL])
		log_error(s->env, "lifecycle", "bucket=%.*s cause=\"%s\"", SL(b->name), f.cause.text);
}

/* To the class of the transition that fell due last. */
static void move(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct xml_node *rule, struct s3_object *o, const char *kind, int64_t from_ms, int rank)
{
	int64_t latest = 0;
	struct slice class = sl(NULL);
	struct error err;
	for (const struct xml_node *c = rule->first; c; c = c->next) {
		int64_t days = s3_lifecycle_number(c, "NoncurrentDays"), at;
		if (!sl_eqs(c->name, kind) || rank <= s3_lifecycle_number(c, "NewerNoncurrentVersions"))
			continue;
		at = days >= 0 ? s3_lifecycle_days(from_ms, days) : s3_lifecycle_when(c, from_ms);
		if (at > s->now_ms || at < latest)
			continue;
		latest = at;
		class = xml_text(c, "StorageClass");
	}
	if (!class.n || o->marker || !s3_lifecycle_moves(s, a, b->name, rule, o, class))
		return;
	o->class = class;
	if (s3_store_object_update(&s->store, b->name, o, &err))
		log_error(s->env, "lifecycle", "bucket=%.*s cause=\"%s\"", SL(b->name), err.text);
	else
		s3_notify(s, b, &(struct s3_happened){ "LifecycleTransition", o->key, sl(NULL), o });
}

static void act_current(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct xml_node *root, struct s3_object *o)
{
	for (const struct xml_node *rule = root->first; rule; rule = rule->next) {
		if (!s3_lifecycle_is_about(rule, o->key, o))
			continue;
		if (s3_lifecycle_when(xml_child(rule, "Expiration"), o->modified_ms) <= s->now_ms) {
			delete(s, a, b, o, false);
			return;
		}
		move(s, a, b, rule, o, "Transition", o->modified_ms, INT32_MAX);
	}
}

/* Whether a delete marker is all there is of its key. */
static bool is_alone(struct s3 *s, const struct s3_bucket *b, const struct s3_object *o)
{
	struct s3_object next;
	struct error err;
	bool alone;
	s3_store_versions(&s->store, b->name, o->key, o->seq);
	alone = s3_store_versions_next(&s->store, &next, &err) <= 0 || !sl_eq(next.key, o->key);
	s3_store_versions_end(&s->store);
	return alone;
}

/* rank: 0, it is a delete marker that is current; else its place among those that aren't. */
static void act_older(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct xml_node *root, struct s3_object *o, int rank, int64_t since_ms)
{
	for (const struct xml_node *rule = root->first; rule; rule = rule->next) {
		const struct xml_node *older = xml_child(rule, "NoncurrentVersionExpiration"), *expiration = xml_child(rule, "Expiration");
		int64_t days = s3_lifecycle_number(older, "NoncurrentDays");
		if (!s3_lifecycle_is_about(rule, o->key, o))
			continue;
		if (!rank && expiration && (sl_eq_nocase(xml_text(expiration, "ExpiredObjectDeleteMarker"), S("true")) ||
					    s3_lifecycle_when(expiration, o->modified_ms) <= s->now_ms)) {
			if (is_alone(s, b, o))
				delete(s, a, b, o, true);
			return;
		}
		if (rank && days >= 0 && s3_lifecycle_days(since_ms, days) <= s->now_ms && rank > s3_lifecycle_number(older, "NewerNoncurrentVersions")) {
			delete(s, a, b, o, true);
			return;
		}
		if (rank)
			move(s, a, b, rule, o, "NoncurrentVersionTransition", since_ms, rank);
	}
}

/* ---- some rows; whether there are more ---- */

static bool step_current(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct xml_node *root)
{
	struct s3_object *list = arena_alloc(a, STEP * sizeof(*list)), o;
	struct error err;
	struct buf from = { 0 };
	size_t n = 0;
	int rc;
	/* The key after a key: itself and a NUL. */
	buf_addsl(&from, after_of(s));
	if (from.n)
		buf_addc(&from, '\0');
	rc = s3_store_scan(&s->store, b->name, from.n ? buf_slice(&from) : S(""), &err);
	while (rc == 0 && n < STEP && s3_store_scan_next(&s->store, &o, &err) > 0)
		list[n++] = copy_of(a, &o);
	s3_store_scan_end(&s->store);
	buf_free(&from);
	for (size_t i = 0; i < n; i++)
		act_current(s, a, b, root, &list[i]);
	if (n)
		set_after(s, list[n - 1].key);
	return n == STEP;
}

static bool step_older(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct xml_node *root)
{
	struct s3_lifecycle *l = &s->lifecycle;
	struct s3_object *list = arena_alloc(a, STEP * sizeof(*list)), o, current;
	struct error err;
	size_t n = 0;
	s3_store_versions(&s->store, b->name, after_of(s), l->after_seq);
	while (n < STEP && s3_store_versions_next(&s->store, &o, &err) > 0)
		list[n++] = copy_of(a, &o);
	s3_store_versions_end(&s->store);
	for (size_t i = 0; i < n; i++) {
		bool same = sl_eq(list[i].key, after_of(s)) && l->after_seq != INT64_MAX;
		int64_t modified_ms = list[i].modified_ms;
		if (!same && s3_store_object(&s->store, a, b->name, list[i].key, &current, &err) == 0) {
			l->rank = 0;
			l->newer_ms = current.modified_ms;
			same = true;
		}
		l->rank = same ? l->rank + 1 : 0;
		act_older(s, a, b, root, &list[i], l->rank, l->newer_ms);
		l->newer_ms = modified_ms;
		set_after(s, list[i].key);
		l->after_seq = list[i].seq;
	}
	return n == STEP;
}

static bool step_uploads(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct xml_node *root)
{
	struct s3_fail f = { .arena = a };
	struct s3_upload u = { .key = after_of(s), .id = s->lifecycle.after_seq };
	size_t n = 0;
	while (n++ < STEP && s3_upload_next(s, b->name, S(""), &u, &f) > 0) {
		for (const struct xml_node *rule = root->first; rule; rule = rule->next) {
			int64_t days = s3_lifecycle_number(xml_child(rule, "AbortIncompleteMultipartUpload"), "DaysAfterInitiation");
			if (days < 0 || !s3_lifecycle_is_about(rule, u.key, NULL) || s3_lifecycle_days(u.started_ms, days) > s->now_ms)
				continue;
			if (s3_upload_abort(s, &u, &f))
				log_error(s->env, "lifecycle", "bucket=%.*s cause=\"%s\"", SL(b->name), f.err.text);
			break;
		}
		set_after(s, u.key);
		s->lifecycle.after_seq = u.id;
	}
	return n > STEP;
}

/* ---- the way through ---- */

static void say(const struct loop_work *w, struct buf *out)
{
	buf_adds(out, "the lifecycle rules of S3's buckets");
}

static void on_midnight(void *arg);

static void arm(struct s3 *s)
{
	clock_at(s->env->clock, &s->lifecycle.timer, (clock_now_ms(s->env->clock) / S3_DAY_MS + 1) * S3_DAY_MS, on_midnight, s);
}

static void begin_phase(struct s3 *s, int phase)
{
	s->lifecycle.phase = phase;
	s->lifecycle.after_n = 0;
	s->lifecycle.after_seq = phase == OLDER ? INT64_MAX : 0;
	s->lifecycle.rank = 0;
}

static void next_step(void *arg)
{
	static bool (*const steps[])(struct s3 *s, struct arena *a, const struct s3_bucket *b, const struct xml_node *root) = { step_current, step_older,
																step_uploads };
	struct s3 *s = arg;
	struct s3_lifecycle *l = &s->lifecycle;
	struct arena a = { 0 };
	struct s3_bucket b;
	struct error err;
	const struct xml_node *root = NULL;
	s->now_ms = clock_now_ms(s->env->clock);
	if (l->bucket[0] && s3_store_bucket(&s->store, &a, sl(l->bucket), &b, &err) == 0)
		root = s3_xml_stored(&a, s3_config(s, &a, b.name, "lifecycle"));
	if (root && steps[l->phase](s, &a, &b, root)) {
		loop_later(s->env->loop, &l->soon, next_step, s);
	} else if (root && l->phase + 1 < PHASES) {
		begin_phase(s, l->phase + 1);
		loop_later(s->env->loop, &l->soon, next_step, s);
	} else if (s3_store_bucket_after(&s->store, &a, sl(l->bucket), &b, &err) == 0 && b.name.n < sizeof(l->bucket)) {
		snprintf(l->bucket, sizeof(l->bucket), "%.*s", SL(b.name));
		begin_phase(s, CURRENT);
		loop_later(s->env->loop, &l->soon, next_step, s);
	} else {
		l->bucket[0] = '\0';
		l->working = false;
		loop_work_end(s->env->loop, &l->work);
	}
	arena_free(&a);
}

static void on_midnight(void *arg)
{
	struct s3 *s = arg;
	arm(s);
	if (!s->lifecycle.any || s->lifecycle.working)
		return;
	s->lifecycle.working = true;
	loop_work_begin(s->env->loop, &s->lifecycle.work, say);
	loop_later(s->env->loop, &s->lifecycle.soon, next_step, s);
}

void s3_lifecycle_open(struct s3 *s)
{
	struct arena a = { 0 };
	struct slice after = S("");
	struct s3_bucket b;
	struct error err;
	while (!s->lifecycle.any && s3_store_bucket_after(&s->store, &a, after, &b, &err) == 0) {
		s->lifecycle.any = s3_config(s, &a, b.name, "lifecycle").n > 0;
		after = b.name;
	}
	arena_free(&a);
	on_midnight(s); /* what fell due while nobody was here */
}

void s3_lifecycle_close(struct s3 *s)
{
	clock_cancel(s->env->clock, &s->lifecycle.timer);
	loop_never(s->env->loop, &s->lifecycle.soon);
	if (s->lifecycle.working)
		loop_work_end(s->env->loop, &s->lifecycle.work);
}
