/* The start of a query: what its checkpoint folder says, and where to go on.
 *
 *   metadata             the query's id, made once; another active query that has it is stopped first
 *   offsets/N, commits/N the last ones: N in both, go on with N+1; N without a commit, run N again; else the folder is broken
 *   sources/0/0          no offsets yet: where the first start began, so that "latest" is one moment for ever
 *   shards               the stream's, against the offsets'; the last record of each, whether it is still there
 *
 * A record that fell out of the stream's retention before it was read is data loss, which fails the query unless
 * failOnDataLoss=false. A last record that is gone itself is none as long as the stream was read within its retention. */
#include "core/json.h"
#include "core/path.h"
#include "streaming/query.h"

static void got_metadata(struct sq *q);
static void list_offsets(struct sq *q);

struct slice sq_key(struct sq *q, struct arena *a, const char *fmt, ...)
{
	char name[200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	return arena_printf(a, "%.*s%s%s", SL(q->cp_key), q->cp_key.n ? "/" : "", name);
}

/* "s3://bucket/key" of a key, for messages. */
static const char *sq_key_name(struct sq *q, struct arena *a, struct slice key)
{
	return arena_printf(a, "s3://%.*s/%.*s", SL(q->cp_bucket), SL(key)).p;
}

static const struct object_store *store(struct sq *q)
{
	return &q->m->env->ports->objects;
}

static void get(struct sq *q, struct slice key, get_cb cb)
{
	sq_owe(q, store(q)->get(store(q)->self, q->cp_bucket, key, cb, q));
}

static void put_new(struct sq *q, struct slice key, struct slice body, put_cb cb)
{
	sq_owe(q, store(q)->put_new(store(q)->self, q->cp_bucket, key, S("application/json"), body, sl(NULL), cb, q));
}

static void store_fail(struct sq *q, struct slice key, const struct error *err)
{
	struct arena a = { 0 };
	sq_fail(q, "%s: %s", sq_key_name(q, &a, key), err->text);
	arena_free(&a);
}

/* ---- metadata ---- */

static void ask_metadata(struct sq *q);

static void on_metadata_put(void *arg, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err && err->kind == ERR_CONFLICT)
		ask_metadata(q); /* somebody else's: theirs counts */
	else if (err)
		store_fail(q, sq_key(q, &q->arena, "metadata"), err);
	else
		got_metadata(q);
}

/* Ids come from a count of starts, not from chance: the same run gives the same ones. */
static void make_id(struct sq *q, const char *what, char out[37])
{
	struct buf b = { 0 };
	buf_addf(&b, "%s|%.*s|%.*s|%s|%lld|%lld", what, SL(q->cp_bucket), SL(q->cp_key), q->o.name, (long long)q->starts, (long long)q->started_ms);
	delta_uuid(buf_slice(&b), out);
	buf_free(&b);
}

static void on_metadata(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct slice key;
	struct error bad;
	struct buf b = { 0 };
	if (!sq_back(q))
		return;
	key = sq_key(q, &q->arena, "metadata");
	if (!err) {
		if (sq_metadata_parse(sq_key_name(q, &q->arena, key), body, q->id, &bad))
			sq_end(q, &bad);
		else
			got_metadata(q);
		return;
	}
	if (err->kind != ERR_NOT_FOUND) {
		store_fail(q, key, err);
		return;
	}
	make_id(q, "query", q->id);
	sq_metadata_text(&b, q->id);
	put_new(q, key, buf_slice(&b), on_metadata_put);
	buf_free(&b);
}

static void ask_metadata(struct sq *q)
{
	get(q, sq_key(q, &q->arena, "metadata"), on_metadata);
}

/* As Spark 3 with stopActiveRunOnRestart: the one that ran is stopped, the new one goes on. */
static void got_metadata(struct sq *q)
{
	struct streaming *m = q->m;
	struct arena a = { 0 };
	for (size_t i = 0; i < m->n; i++) {
		struct sq *other = m->queries[i];
		if (other == q || strcmp(other->id, q->id) || (other->state != SQ_ACTIVE && other->state != SQ_STARTING) || other->blocked_on == q)
			continue;
		struct slice why = arena_printf(&a,
						"Stopping existing streaming query [id=%s, runId=%s], as a new run is being started: query %s "
						"was given the same checkpointLocation s3://%.*s/%.*s. Each query must have a different one.",
						other->id, other->run_id, q->o.name, SL(q->cp_bucket), SL(q->cp_key));
		q->blocked_on = other;
		log_warn(m->env, "stream-stopped", "query=%s by=%s checkpoint=s3://%.*s/%.*s", other->o.name, q->o.name, SL(q->cp_bucket),
			 SL(q->cp_key));
		sq_stop(other, why.p);
		arena_free(&a);
		return; /* sq_recover_unblocked goes on, perhaps at once */
	}
	arena_free(&a);
	list_offsets(q);
}

void sq_recover_unblocked(struct sq *q)
{
	q->blocked_on = NULL;
	got_metadata(q);
}

/* ---- the last files ---- */

/* Largest number that names a file below a folder. */
static void take_number(int64_t *last, struct slice key)
{
	struct slice name = key;
	int64_t number;
	for (ssize_t at; (at = sl_chr(name, '/')) >= 0;)
		name = sl_from(name, (size_t)at + 1);
	if (sl_int(name, 0, INT64_MAX, &number) && number > *last)
		*last = number;
}

static bool on_offset(void *arg, const struct object_entry *e)
{
	take_number(&((struct sq *)arg)->offsets_last, e->key);
	return true;
}

static bool on_commit(void *arg, const struct object_entry *e)
{
	take_number(&((struct sq *)arg)->commits_last, e->key);
	return true;
}

static void list(struct sq *q, const char *folder, objects_fn each, put_cb done)
{
	sq_owe(q, objects_each(store(q), q->cp_bucket, sq_key(q, &q->arena, "%s/", folder), sl(NULL), each, done, q));
}

static void read_last(struct sq *q);

static void on_commits(void *arg, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err)
		store_fail(q, sq_key(q, &q->arena, "commits/"), err);
	else
		read_last(q);
}

static void on_offsets(void *arg, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err)
		store_fail(q, sq_key(q, &q->arena, "offsets/"), err);
	else
		list(q, "commits", on_commit, on_commits);
}

static void list_offsets(struct sq *q)
{
	q->offsets_last = q->commits_last = -1;
	list(q, "offsets", on_offset, on_offsets);
}

/* ---- offsets ---- */

static bool has_shards(const struct sq *q)
{
	return q->o.source == SQ_KINESIS;
}

static int parse_offsets(const struct sq *q, const char *name, struct slice text, struct sq_offsets *out, struct error *err)
{
	return has_shards(q) ? sq_offsets_parse(name, text, out, err) : sq_mark_parse(name, text, q->o.source, out, err);
}

/* A source without shards: where it began is needed, too. */
static void on_began(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct slice key;
	struct sq_mark began;
	struct error bad;
	if (!sq_back(q))
		return;
	key = sq_key(q, &q->arena, "sources/0/0");
	if (err) {
		store_fail(q, key, err);
		return;
	}
	if (sq_mark_initial_parse(sq_key_name(q, &q->arena, key), body, q->o.source, &began, &bad)) {
		sq_end(q, &bad);
		return;
	}
	if (q->replay && !q->batch)
		q->start.mark = began;
	else if (q->o.source == SQ_RATE)
		q->start.mark.ms = began.ms;
	sq_source_resume(q, sq_active);
}

static void ready_from_offsets(struct sq *q)
{
	if (has_shards(q)) {
		sq_live_set(q, &q->end);
		sq_recover_shards(q);
	} else if (q->o.source == SQ_FILES) { /* sources/0/0 is the first batch's files */
		if (q->replay && !q->batch)
			q->start.mark = (struct sq_mark){ .at = -1 };
		sq_source_resume(q, sq_active);
	} else {
		get(q, sq_key(q, &q->arena, "sources/0/0"), on_began);
	}
}

/* The watermark that the last batch left. */
static void on_last_commit(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct slice line, rest;
	json_t *v;
	if (!sq_back(q))
		return;
	sl_cut(body, '\n', &line, &rest);
	v = err ? NULL : json_loadb(rest.p ? rest.p : "", rest.n, 0, NULL);
	q->watermark_ms = q->next_watermark_ms = jint(v, "nextBatchWatermarkMs");
	json_decref(v);
	ready_from_offsets(q);
}

static void on_before(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct error bad;
	if (!sq_back(q))
		return;
	sq_offsets_free(&q->start); /* only for the progress: a batch's own entry says what it read */
	if (!err && parse_offsets(q, "offsets", body, &q->start, &bad))
		sq_offsets_free(&q->start);
	q->before_ms = q->start.watermark_ms;
	ready_from_offsets(q);
}

static void on_last(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct slice key;
	struct error bad;
	if (!sq_back(q))
		return;
	key = sq_key(q, &q->arena, "offsets/%lld", (long long)q->offsets_last);
	sq_offsets_free(&q->end);
	if (err) {
		store_fail(q, key, err);
		return;
	}
	if (parse_offsets(q, sq_key_name(q, &q->arena, key), body, &q->end, &bad)) {
		sq_end(q, &bad);
		return;
	}
	if (has_shards(q) && !sq_same_stream(q, &q->end, key))
		return;
	q->watermark_ms = q->next_watermark_ms = q->end.watermark_ms;
	q->before_ms = q->watermark_ms;
	q->replay = q->commits_last < q->offsets_last;
	q->batch = q->offsets_last + (q->replay ? 0 : 1);
	if (!q->polled_ms || q->polled_ms < q->end.batch_ms)
		q->polled_ms = q->end.batch_ms;
	if (q->replay && q->batch > 0) {
		get(q, sq_key(q, &q->arena, "offsets/%lld", (long long)q->batch - 1), on_before);
		return;
	}
	if (q->replay) {
		ready_from_offsets(q);
		return;
	}
	sq_offsets_copy(&q->start, &q->end);
	get(q, sq_key(q, &q->arena, "commits/%lld", (long long)q->commits_last), on_last_commit);
}

/* ---- the first start ---- */

static void ask_initial(struct sq *q);

static void on_initial_put(void *arg, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err && err->kind == ERR_CONFLICT) {
		sq_live_clear(q);
		ask_initial(q);
	} else if (err) {
		store_fail(q, sq_key(q, &q->arena, "sources/0/0"), err);
	} else {
		q->polled_ms = q->started_ms;
		sq_live_offsets(q, &q->start);
		sq_active(q);
	}
}

static void put_initial(struct sq *q)
{
	struct sq_offsets o = { 0 };
	struct buf b = { 0 };
	if (q->anew) { /* the other query's stays */
		q->polled_ms = q->started_ms;
		sq_live_offsets(q, &q->start);
		sq_active(q);
		return;
	}
	sq_live_offsets(q, &o);
	sq_initial_text(&b, &o);
	put_new(q, sq_key(q, &q->arena, "sources/0/0"), buf_slice(&b), on_initial_put);
	buf_free(&b);
	sq_offsets_free(&o);
}

/* "latest" is everything put from now on: the records of this very millisecond that are there already are passed. */
void sq_recover_first(struct sq *q)
{
	if (!q->n) {
		sq_fail(q, "stream %s has no shards", q->o.stream);
		return;
	}
	for (size_t i = 0; i < q->n; i++) {
		q->shards[i].pos.from = q->o.initial == SQ_TRIM_HORIZON ? SQ_TRIM_HORIZON : SQ_AT_TIMESTAMP;
		q->shards[i].pos.at_ms = q->o.initial == SQ_LATEST ? q->started_ms : q->o.initial_ms;
	}
	if (q->o.initial == SQ_LATEST)
		sq_read(q, SQ_READ_PAST, put_initial);
	else
		put_initial(q);
}

static void on_initial(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct slice key;
	struct error bad;
	if (!sq_back(q))
		return;
	key = sq_key(q, &q->arena, "sources/0/0");
	if (err && err->kind == ERR_NOT_FOUND) {
		sq_list_shards(q, sq_recover_first);
		return;
	}
	if (err) {
		store_fail(q, key, err);
		return;
	}
	sq_offsets_free(&q->start);
	if (sq_initial_parse(sq_key_name(q, &q->arena, key), body, &q->start, &bad)) {
		sq_end(q, &bad);
		return;
	}
	if (!sq_same_stream(q, &q->start, key))
		return;
	sq_live_set(q, &q->start);
	sq_recover_shards(q);
}

/* It began before, and died before its first batch. */
static void on_began_before(void *arg, struct slice body, const struct error *err)
{
	struct sq *q = arg;
	struct error bad;
	if (!sq_back(q))
		return;
	if (err)
		store_fail(q, sq_key(q, &q->arena, "sources/0/0"), err);
	else if (sq_mark_initial_parse("sources/0/0", body, q->o.source, &q->start.mark, &bad))
		sq_end(q, &bad);
	else
		sq_active(q);
}

/* A source without shards begins. */
static void on_began_put(void *arg, const struct error *err)
{
	struct sq *q = arg;
	if (!sq_back(q))
		return;
	if (err && err->kind == ERR_CONFLICT) {
		get(q, sq_key(q, &q->arena, "sources/0/0"), on_began_before);
	} else if (err) {
		store_fail(q, sq_key(q, &q->arena, "sources/0/0"), err);
	} else {
		sq_active(q);
	}
}

static void put_began(struct sq *q)
{
	struct buf b = { 0 };
	if (q->o.source == SQ_FILES) {
		sq_active(q);
		return;
	}
	sq_mark_initial_text(&b, q->o.source, &q->start.mark);
	put_new(q, sq_key(q, &q->arena, "sources/0/0"), buf_slice(&b), on_began_put);
	buf_free(&b);
}

static void ask_initial(struct sq *q)
{
	if (!has_shards(q)) {
		sq_source_first(q, put_began);
		return;
	}
	get(q, sq_key(q, &q->arena, "sources/0/0"), on_initial);
}

static void read_last(struct sq *q)
{
	q->replay = false;
	q->batch = 0;
	if (q->offsets_last < 0 && q->commits_last < 0) {
		ask_initial(q);
	} else if (q->commits_last > q->offsets_last || q->commits_last < q->offsets_last - 1) {
		sq_fail(q, "checkpoint s3://%.*s/%.*s: the last entry of offsets is %lld, of commits %lld: files are missing, so it isn't known "
			   "what was read",
			SL(q->cp_bucket), SL(q->cp_key), (long long)q->offsets_last, (long long)q->commits_last);
	} else {
		get(q, sq_key(q, &q->arena, "offsets/%lld", (long long)q->offsets_last), on_last);
	}
}

/* ---- is everything still there ---- */

void sq_lost(struct sq *q, const struct sq_live *s)
{
	sq_fail(q,
		"Could not read after sequence number %s of shard %s in stream %s: the record has been aged out, and records after it may have "
		"been, too. The query fails due to potential data loss; failOnDataLoss=false goes on without them.",
		s->pos.last[0] ? s->pos.last : "(none)", s->pos.id, q->o.stream);
}

/* What arrived after all was read, and is gone now, is older than the stream's retention: that can't be as long as the last
 * reading isn't. Else read on without what is gone, or fail. */
static void judge_losses(struct sq *q)
{
	bool doubtful = clock_now_ms(q->m->env->clock) - q->retention_ms > q->polled_ms;
	for (size_t i = 0; i < q->n; i++) {
		struct sq_live *s = &q->shards[i];
		if (!s->lost)
			continue;
		if (doubtful && !q->o.no_fail_on_data_loss) {
			sq_lost(q, s);
			return;
		}
		if (doubtful)
			log_warn(q->m->env, "stream-data-loss", "query=%s stream=%s shard=%s after=%s", q->o.name, q->o.stream, s->pos.id, s->pos.last);
		s->pos.closed |= !s->listed;
		s->lost = false;
	}
	sq_active(q);
}

static void checked(struct sq *q)
{
	for (size_t i = 0; i < q->n; i++) {
		if (!q->shards[i].lost)
			continue;
		sq_ask_retention(q, judge_losses);
		return;
	}
	sq_active(q);
}

void sq_recover_check(struct sq *q)
{
	sq_read(q, SQ_READ_CHECK, checked);
}

static void check(struct sq *q)
{
	if (q->replay)
		sq_active(q); /* running the batch again finds out */
	else
		sq_recover_check(q);
}

void sq_recover_shards(struct sq *q)
{
	sq_list_shards(q, check);
}

/* ---- addresses ---- */

static int find_checkpoint(struct sq *q, struct error *err)
{
	struct object_path p;
	struct slice given = sl(q->o.checkpoint);
	if (!q->o.checkpoint[0]) {
		q->cp_bucket = arena_dup(&q->arena, sl(q->m->bucket));
		q->cp_key = q->o.temporary ? arena_printf(&q->arena, "checkpoints/temporary-%s-%lld", q->o.name, (long long)clock_real_us())
					   : arena_printf(&q->arena, "checkpoints/%s", q->o.name);
		return 0;
	}
	if (given.n && given.p[0] != '/' && sl_find(given, S(":/")) < 0) /* a workspace's working folder is DBFS's root */
		given = arena_printf(&q->arena, "/%.*s", SL(given));
	int rc = path_resolve(q->m->env->ports, &q->arena, given, &p, err);
	if (rc == ERR_NOT_FOUND) { /* a path of DBFS that isn't mounted: the workspace's own root, kept in the lake's bucket */
		(void)sl_after(given, S("dbfs:"), &given);
		given = path_bare(given);
		p = (struct object_path){ sl(q->m->bucket), arena_printf(&q->arena, "dbfs/%.*s", SL(given)) };
		rc = given.n ? 0 : rc;
	}
	if (rc)
		return rc;
	q->cp_bucket = arena_dup(&q->arena, p.bucket);
	q->cp_key = arena_dup(&q->arena, p.key);
	return 0;
}

static bool is_shared(const struct sq *q)
{
	if (q->o.shared != SQ_SHARED_UNSAID)
		return q->o.shared == SQ_SHARED;
	return !q->o.partition_key[0] && conf_get(q->m->env->conf, "adopt.streams", q->o.stream);
}

int sq_choose_rules(struct sq *q, struct error *err)
{
	const struct cleaning *c = &q->m->cleaning;
	struct clean_rules *all = clean_rules_copy(c);
	struct slice choice, variant;
	int rc = 0;
	for (size_t i = 0; !rc && i < q->o.variant_n; i++) {
		sl_cut(sl(q->o.variants[i]), '=', &choice, &variant);
		rc = clean_rules_choose(all, c->sets.n, choice, variant, err);
	}
	if (!q->rules)
		q->rules = xmalloc(sizeof(*q->rules));
	*q->rules = all[q->o.set - c->sets.at];
	free(all);
	q->shared = is_shared(q) ? c : NULL;
	return rc;
}

void sq_recover(struct sq *q)
{
	const struct ports *ports = q->m->env->ports;
	struct error err = { 0 };
	int rc = 0;
	arena_reset(&q->arena);
	if (!ports->stream.self && has_shards(q))
		rc = err_set(&err, ERR_NOT_FOUND, "kinesis isn't running here, and [remote] kinesis names none");
	else if (!ports->objects.self)
		rc = err_set(&err, ERR_NOT_FOUND, "s3 isn't running here, and [remote] s3 names none");
	if (!rc && !q->o.plan)
		rc = sq_choose_rules(q, &err);
	if (!rc)
		rc = find_checkpoint(q, &err);
	if (rc) {
		sq_end(q, &err);
		return;
	}
	q->bucket = arena_dup(&q->arena, sl(q->m->bucket));
	q->table = arena_printf(&q->arena, "tables/%s", q->o.table);
	q->bad_table = arena_printf(&q->arena, "tables/%s_quarantine", q->o.table);
	make_id(q, "run", q->run_id);
	ask_metadata(q);
}
