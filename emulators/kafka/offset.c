/* Committed offsets: OffsetCommit, OffsetFetch, OffsetDelete; those that transactions commit; when they go. */
#include "kafka/append.h"
#include "kafka/modern.h"
#include "kafka/producer.h"

/* ---- as records ---- */

static void record_key(struct slice group, const struct kfk_offset *o, struct buf *out)
{
	buf_u16be(out, 1);
	kp_write(&kp_offset_commit_key_table, 1, false, &(struct kp_offset_commit_key){ group, o->topic, o->partition }, out);
}

static void record_value(const struct kfk_offset *o, struct buf *out)
{
	struct kp_offset_commit_value v = { o->offset, o->epoch, o->metadata.p ? o->metadata : S(""), o->at_ms, o->expire_ms };
	int16_t version = o->expire_ms >= 0 ? 1 : 3;
	buf_u16be(out, (uint16_t)version);
	kp_write(&kp_offset_commit_value_table, version, false, &v, out);
}

static void record(struct kafka *k, struct slice group, const struct kfk_offset *o)
{
	struct buf key = { 0 }, value = { 0 };
	record_key(group, o, &key);
	record_value(o, &value);
	kfk_group_record(k, group, buf_slice(&key), buf_slice(&value));
	buf_free(&key);
	buf_free(&value);
}

static int drop(struct kafka *k, struct slice group, const struct kfk_offset *o)
{
	struct error err;
	struct buf key = { 0 };
	if (kfk_offset_store_del(kfk_group_store(k), group, o->topic, o->partition, &err))
		return kfk_store_failed(k, "offset-delete", &err);
	record_key(group, o, &key);
	kfk_group_record(k, group, buf_slice(&key), sl(NULL));
	buf_free(&key);
	return KE_NONE;
}

/* ---- OffsetCommit ---- */

/* Whether this partition's may be kept. */
static int offset_ok(struct kafka *k, const struct kfk_offset *o)
{
	const struct kfk_topic *t = kfk_topic(k, o->topic);
	if (!t || o->partition < 0 || o->partition >= t->part_n)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	return (int64_t)o->metadata.n > conf_int(k->env->conf, "kafka", "offset.metadata.max.bytes", 4096) ? KE_OFFSET_METADATA_TOO_LARGE : KE_NONE;
}

static int put(struct kafka *k, struct slice group, const struct kfk_offset *o)
{
	struct error err;
	if (kfk_offset_store_put(kfk_group_store(k), group, o, &err))
		return kfk_store_failed(k, "offset-commit", &err);
	record(k, group, o);
	return KE_NONE;
}

/* A group of the classic protocol: who may commit. generation -1, member "" and no instance: not a member. */
static int may_commit(struct kfk_group *g, int32_t generation, struct slice member, struct slice instance, bool staged)
{
	struct kfk_member *m = NULL;
	int code = KE_NONE;
	if (generation < 0 && g->state == KFK_GROUP_EMPTY)
		return KE_NONE;
	if (generation >= 0 || member.n || instance.p)
		code = kfk_group_find(g, member, instance, &m);
	else if (!staged)
		return KE_UNKNOWN_MEMBER_ID;
	if (!code && m && generation != g->generation)
		code = KE_ILLEGAL_GENERATION;
	if (!code && !staged && g->state == KFK_GROUP_COMPLETING)
		code = KE_REBALANCE_IN_PROGRESS;
	if (!code && m && !staged)
		kfk_member_beats(m);
	return code;
}

static int commit_allowed(struct kafka *k, struct kfk_call *c, const struct kp_offset_commit_req *req)
{
	struct kfk_group *g = kfk_group(k, req->group_id);
	if (g && g->modern)
		return kfk_modern_may_commit(g, req->generation_id_or_member_epoch, req->member_id, req->group_instance_id, c->version, false);
	if (g) {
		int code = may_commit(g, req->generation_id_or_member_epoch, req->member_id, req->group_instance_id, false);
		return code || g->kept ? code : kfk_group_keep(g);
	}
	if (req->generation_id_or_member_epoch >= 0)
		return c->version >= 9 ? KE_GROUP_ID_NOT_FOUND : KE_ILLEGAL_GENERATION;
	g = kfk_group_make(k, req->group_id);
	return kfk_group_keep(g);
}

/* Whether there is that partition for who asks. */
static int place_ok(struct kafka *k, const struct kfk_call *c, struct slice topic, int32_t partition)
{
	const struct kfk_topic *t = kfk_topic(k, topic);
	if (!kfk_may(k, c->conn, "ReadData", topic))
		return KE_TOPIC_AUTHORIZATION_FAILED;
	return t && partition >= 0 && partition < t->part_n ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION;
}

/* The group is asked only where there is something to commit. */
static bool any_place(struct kafka *k, const struct kfk_call *c, const struct kp_offset_commit_req *req)
{
	for (int32_t i = 0; i < req->topic_n; i++)
		for (int32_t p = 0; p < req->topics[i].partition_n; p++)
			if (!place_ok(k, c, req->topics[i].name, req->topics[i].partitions[p].partition_index))
				return true;
	return !req->topic_n;
}

enum kfk_done kfk_serve_offset_commit(struct kafka *k, struct kfk_call *c)
{
	const struct kp_offset_commit_req *req = c->req;
	struct kp_offset_commit_resp *out = c->resp;
	int64_t now = clock_now_ms(k->env->clock);
	int refused = kfk_group_may(k, c, "AlterGroup", req->group_id);
	int code = refused || !any_place(k, c, req) ? refused : commit_allowed(k, c, req);
	out->topics = kp_elements(&kp_offset_commit_resp_topic_table, c->arena, (size_t)req->topic_n);
	out->topic_n = req->topic_n;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_offset_commit_req_topic *t = &req->topics[i];
		struct kp_offset_commit_resp_topic *ot = &out->topics[i];
		ot->name = t->name;
		ot->partitions = kp_elements(&kp_offset_commit_resp_partition_table, c->arena, (size_t)t->partition_n);
		ot->partition_n = t->partition_n;
		for (int32_t p = 0; p < t->partition_n; p++) {
			const struct kp_offset_commit_req_partition *from = &t->partitions[p];
			struct kfk_offset o = { .topic = t->name, .partition = from->partition_index, .epoch = from->committed_leader_epoch,
						.offset = from->committed_offset, .metadata = from->committed_metadata,
						.at_ms = from->commit_timestamp >= 0 ? from->commit_timestamp : now,
						.expire_ms = req->retention_time_ms >= 0 ? now + req->retention_time_ms : -1 };
			int each = refused ? refused : place_ok(k, c, o.topic, o.partition);
			each = each ? each : code ? code : offset_ok(k, &o);
			ot->partitions[p] = (struct kp_offset_commit_resp_partition){ o.partition, (int16_t)(each ? each : put(k, req->group_id, &o)) };
		}
	}
	return KFK_ANSWERED;
}

/* ---- OffsetFetch ---- */

/* What is fetched of a group, in whichever form the version has it. */
struct fetching {
	struct kafka *k;
	struct kfk_call *c;
	struct slice group;
	struct kp_offset_fetch_resp_group *out; /* as version 8 has it */
	bool stable;
};
typedef struct kp_offset_fetch_resp_group_topic_partition fetched;

static void fetch_one(const struct fetching *f, struct slice topic, int32_t partition, fetched *to)
{
	struct kfk_group_store *s = kfk_group_store(f->k);
	struct kfk_offset o;
	struct error err = { 0 };
	bool pends = false;
	int rc = 0;
	*to = (fetched){ .partition_index = partition, .committed_offset = -1, .committed_leader_epoch = -1, .metadata = S("") };
	if (f->stable)
		rc = kfk_offset_store_pends(s, f->group, topic, partition, &pends, &err);
	if (pends)
		to->error_code = KE_UNSTABLE_OFFSET_COMMIT;
	else if (!rc)
		rc = kfk_offset_store_get(s, f->group, topic, partition, &o, &err);
	if (rc < 0)
		to->error_code = (int16_t)kfk_store_failed(f->k, "offset-fetch", &err);
	if (rc <= 0)
		return;
	to->committed_offset = o.offset;
	to->committed_leader_epoch = o.epoch;
	to->metadata = arena_dup(f->c->arena, o.metadata);
}

static void fetch_topic(const struct fetching *f, struct slice name, const int32_t *partitions, int32_t n,
			struct kp_offset_fetch_resp_group_topic *to)
{
	bool may = kfk_may(f->k, f->c->conn, "DescribeTopic", name);
	to->name = name;
	to->partitions = kp_elements(&kp_offset_fetch_resp_group_topic_partition_table, f->c->arena, (size_t)n);
	to->partition_n = n;
	for (int32_t i = 0; i < n; i++) {
		if (may)
			fetch_one(f, name, partitions[i], &to->partitions[i]);
		else
			to->partitions[i] = (fetched){ partitions[i], -1, -1, S(""), KE_TOPIC_AUTHORIZATION_FAILED };
	}
}

/* All that the group has: first which, then as if they had been asked for. */
struct all {
	const struct fetching *f;
	struct kp_offset_fetch_req_group_topic *topics;
	size_t n, cap, partition_cap;
};

static void collect(void *arg, struct slice group, const struct kfk_offset *o)
{
	struct all *a = arg;
	struct arena *arena = a->f->c->arena;
	(void)group;
	if (!a->n || !sl_eq(a->topics[a->n - 1].name, o->topic)) {
		ARENA_GROW(arena, a->topics, a->n, a->cap);
		a->topics[a->n++] = (struct kp_offset_fetch_req_group_topic){ .name = arena_dup(arena, o->topic) };
		a->partition_cap = 0;
	}
	struct kp_offset_fetch_req_group_topic *t = &a->topics[a->n - 1];
	ARENA_GROW(arena, t->partition_indexes, (size_t)t->partition_index_n, a->partition_cap);
	t->partition_indexes[t->partition_index_n++] = o->partition;
}

static void fetch_all(const struct fetching *f)
{
	struct all a = { .f = f };
	struct error err;
	if (kfk_offset_store_of(kfk_group_store(f->k), f->group, collect, &a, &err)) {
		f->out->error_code = (int16_t)kfk_store_failed(f->k, "offset-fetch", &err);
		return;
	}
	f->out->topics = kp_elements(&kp_offset_fetch_resp_group_topic_table, f->c->arena, a.n);
	for (size_t i = 0; i < a.n; i++)
		if (kfk_may_see(f->k, f->c->conn, "DescribeTopic", a.topics[i].name))
			fetch_topic(f, a.topics[i].name, a.topics[i].partition_indexes, a.topics[i].partition_index_n, &f->out->topics[f->out->topic_n++]);
}

static void fetch_group(const struct fetching *f, const struct kp_offset_fetch_req_group *in)
{
	f->out->group_id = f->group;
	f->out->error_code = (int16_t)kfk_group_may(f->k, f->c, "DescribeGroup", f->group);
	const struct kfk_group *g = kfk_group(f->k, f->group);
	if (!f->out->error_code && g && g->modern)
		f->out->error_code = (int16_t)kfk_modern_may_fetch(g, in->member_epoch, in->member_id);
	if (!f->out->error_code && in->topic_n < 0)
		fetch_all(f);
	if (f->out->error_code || in->topic_n < 0)
		return;
	f->out->topics = kp_elements(&kp_offset_fetch_resp_group_topic_table, f->c->arena, (size_t)in->topic_n);
	f->out->topic_n = in->topic_n;
	for (int32_t i = 0; i < in->topic_n; i++)
		fetch_topic(f, in->topics[i].name, in->topics[i].partition_indexes, in->topics[i].partition_index_n, &f->out->topics[i]);
}

/* Up to version 7 there is one group, in structs of other names. */
static void fetch_old(struct kafka *k, struct kfk_call *c, const struct kp_offset_fetch_req *req, struct kp_offset_fetch_resp *out)
{
	struct kp_offset_fetch_resp_group found = { 0 };
	struct kp_offset_fetch_req_group in = { .member_epoch = -1, .topic_n = req->topic_n };
	struct fetching f = { k, c, req->group_id, &found, req->require_stable };
	in.topics = req->topic_n > 0 ? arena_alloc(c->arena, (size_t)req->topic_n * sizeof(*in.topics)) : NULL;
	for (int32_t i = 0; i < req->topic_n; i++)
		in.topics[i] = (struct kp_offset_fetch_req_group_topic){ req->topics[i].name, req->topics[i].partition_indexes, req->topics[i].partition_index_n };
	fetch_group(&f, &in);
	out->error_code = found.error_code;
	out->topics = kp_elements(&kp_offset_fetch_resp_topic_table, c->arena, (size_t)found.topic_n);
	out->topic_n = found.topic_n;
	for (int32_t i = 0; i < found.topic_n; i++) {
		const struct kp_offset_fetch_resp_group_topic *t = &found.topics[i];
		struct kp_offset_fetch_resp_topic *to = &out->topics[i];
		to->name = t->name;
		to->partitions = kp_elements(&kp_offset_fetch_resp_partition_table, c->arena, (size_t)t->partition_n);
		to->partition_n = t->partition_n;
		for (int32_t p = 0; p < t->partition_n; p++)
			to->partitions[p] = (struct kp_offset_fetch_resp_partition){ t->partitions[p].partition_index, t->partitions[p].committed_offset,
										     t->partitions[p].committed_leader_epoch, t->partitions[p].metadata,
										     t->partitions[p].error_code };
	}
}

enum kfk_done kfk_serve_offset_fetch(struct kafka *k, struct kfk_call *c)
{
	const struct kp_offset_fetch_req *req = c->req;
	struct kp_offset_fetch_resp *out = c->resp;
	if (c->version < 8) {
		fetch_old(k, c, req, out);
		return KFK_ANSWERED;
	}
	out->groups = kp_elements(&kp_offset_fetch_resp_group_table, c->arena, (size_t)req->group_n);
	out->group_n = req->group_n;
	for (int32_t i = 0; i < req->group_n; i++) {
		struct fetching f = { k, c, req->groups[i].group_id, &out->groups[i], req->require_stable };
		fetch_group(&f, &req->groups[i]);
	}
	return KFK_ANSWERED;
}

/* ---- OffsetDelete ---- */

static int delete_allowed(struct kafka *k, struct kfk_call *c, const struct kfk_group *g, struct slice id)
{
	int code = id.n ? kfk_group_may(k, c, "DeleteGroup", id) : KE_INVALID_GROUP_ID;
	if (code)
		return code;
	if (!g)
		return KE_GROUP_ID_NOT_FOUND;
	return !kfk_group_empty(g) && strcmp(g->type, "consumer") != 0 ? KE_NON_EMPTY_GROUP : KE_NONE;
}

static int delete_one(struct kafka *k, const struct kfk_group *g, struct slice topic, int32_t partition)
{
	const struct kfk_topic *t = kfk_topic(k, topic);
	struct kfk_offset o = { .topic = topic, .partition = partition };
	struct error err;
	if (!t || partition < 0 || partition >= t->part_n)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (!kfk_group_empty(g) && ((!g->modern && !g->topics) || kfk_group_reads(g, topic)))
		return KE_GROUP_SUBSCRIBED_TO_TOPIC;
	int found = kfk_offset_store_get(kfk_group_store(k), sl(g->id), topic, partition, &o, &err);
	if (found < 0)
		return kfk_store_failed(k, "offset-delete", &err);
	o.topic = topic;
	return found ? drop(k, sl(g->id), &o) : KE_NONE;
}

enum kfk_done kfk_serve_offset_delete(struct kafka *k, struct kfk_call *c)
{
	const struct kp_offset_delete_req *req = c->req;
	struct kp_offset_delete_resp *out = c->resp;
	struct kfk_group *g = kfk_group(k, req->group_id);
	out->error_code = (int16_t)delete_allowed(k, c, g, req->group_id);
	if (out->error_code)
		return KFK_ANSWERED;
	out->topics = kp_elements(&kp_offset_delete_resp_topic_table, c->arena, (size_t)req->topic_n);
	out->topic_n = req->topic_n;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_offset_delete_req_topic *t = &req->topics[i];
		bool may = kfk_may(k, c->conn, "ReadData", t->name);
		out->topics[i].name = t->name;
		out->topics[i].partitions = kp_elements(&kp_offset_delete_resp_partition_table, c->arena, (size_t)t->partition_n);
		out->topics[i].partition_n = t->partition_n;
		for (int32_t p = 0; p < t->partition_n; p++) {
			int32_t index = t->partitions[p].partition_index;
			int code = may ? delete_one(k, g, t->name, index) : KE_TOPIC_AUTHORIZATION_FAILED;
			out->topics[i].partitions[p] = (struct kp_offset_delete_resp_partition){ index, (int16_t)code };
		}
	}
	return KFK_ANSWERED;
}

/* ---- those that go ---- */

/* Offsets that are to go, remembered while their rows are walked. */
struct going {
	struct kafka *k;
	const struct kfk_group *g;
	struct arena arena;
	struct gone {
		struct slice group;
		struct kfk_offset o;
	} *all;
	size_t n, cap, left; /* left: of those that were looked at */
	int64_t now, keep_ms;
};

static void goes(struct going *w, struct slice group, const struct kfk_offset *o)
{
	ARENA_GROW(&w->arena, w->all, w->n, w->cap);
	w->all[w->n] = (struct gone){ arena_dup(&w->arena, group), *o };
	w->all[w->n++].o.topic = arena_dup(&w->arena, o->topic);
}

static void drop_going(struct going *w)
{
	for (size_t i = 0; i < w->n; i++)
		(void)drop(w->k, w->all[i].group, &w->all[i].o);
	arena_free(&w->arena);
}

static void any_goes(void *arg, struct slice group, const struct kfk_offset *o)
{
	goes(arg, group, o);
}

void kfk_offsets_topic_gone(struct kafka *k, struct slice topic)
{
	struct going w = { .k = k };
	struct error err;
	if (!k->groups)
		return;
	if (kfk_offset_store_of_topic(kfk_group_store(k), topic, any_goes, &w, &err))
		(void)kfk_store_failed(k, "offsets-of-topic", &err);
	drop_going(&w);
}

/* When it goes: as it says itself, or a while after its commit, or after its group was left by all. */
static void old_goes(void *arg, struct slice group, const struct kfk_offset *o)
{
	struct going *w = arg;
	const struct kfk_group *g = w->g;
	bool simple = !*g->type, empty = !g->modern && g->state == KFK_GROUP_EMPTY, pends = false;
	bool unread = (g->modern || (g->state == KFK_GROUP_STABLE && g->topics)) && !kfk_group_reads(g, o->topic);
	int64_t since = simple || unread ? o->at_ms : g->since_ms > o->at_ms ? g->since_ms : o->at_ms;
	int64_t at = o->expire_ms >= 0 ? o->expire_ms : since + w->keep_ms;
	struct error err;
	bool may = simple || empty || unread;
	if (may && w->now >= at && !kfk_offset_store_pends(kfk_group_store(w->k), group, o->topic, o->partition, &pends, &err) && !pends)
		goes(w, group, o);
	else
		w->left++;
}

void kfk_offsets_expire(void *arg)
{
	struct kafka *k = arg;
	int64_t keep_ms = conf_int(k->env->conf, "kafka", "offsets.retention.minutes", 10080) * 60000;
	struct kfk_group *g;
	for (size_t i = 0; (g = kfk_group_at(k, i)) != NULL;) {
		struct going w = { .k = k, .g = g, .now = clock_now_ms(k->env->clock), .keep_ms = keep_ms };
		struct error err;
		bool pends = false;
		if (kfk_offset_store_of(kfk_group_store(k), sl(g->id), old_goes, &w, &err) ||
		    kfk_offset_store_pends(kfk_group_store(k), sl(g->id), sl(NULL), -1, &pends, &err) || pends)
			w.left++;
		if (w.n)
			log_info(k->env, "offsets-expired", "group=\"%s\" offsets=%zu left=%zu", g->id, w.n, w.left);
		drop_going(&w);
		if (!kfk_group_empty(g) || g->member_n || g->coming_n || w.left || kfk_group_delete(g))
			i++;
	}
}

/* ---- of transactions ---- */

int kfk_offsets_may_stage(struct kafka *k, struct slice group, int32_t generation, struct slice member, struct slice instance)
{
	struct kfk_group *g = kfk_group(k, group);
	if (g && g->modern)
		return kfk_modern_may_commit(g, generation, member, instance, 0, true);
	if (g)
		return may_commit(g, generation, member, instance, true);
	if (generation >= 0)
		return KE_ILLEGAL_GENERATION;
	(void)kfk_group_make(k, group); /* a simple one, as of a commit */
	return KE_NONE;
}

/* The transaction's batch in __consumer_offsets. */
static int append_staged(struct kafka *k, int partition, struct kp_builder *made)
{
	struct kfk_topic *t = kfk_offsets_topic(k);
	struct buf bytes = { 0 };
	struct kp_batch b;
	int64_t base;
	kfk_groups_flush_one(k, partition); /* committed before it */
	kp_builder_end(made, &bytes);
	int code = t && partition < t->part_n ? kp_batch_parse(buf_slice(&bytes), &b) : KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (!code)
		code = kfk_append_own(k, t, partition, &b, &base);
	if (!code)
		kfk_producer_note(k, t, partition, &b, base);
	buf_free(&bytes);
	return code;
}

void kfk_offsets_stage(struct kafka *k, int64_t pid, int16_t epoch, struct slice group, const struct kfk_offset *o, size_t n, int16_t *codes)
{
	struct kp_batch like = { .pid = pid, .epoch = epoch, .base_seq = -1, .attributes = KP_ATTR_TXN };
	struct kp_builder made = { .like = &like };
	int64_t now = clock_now_ms(k->env->clock);
	int slot = kfk_kept_in(group), code = KE_NONE;
	struct error err;
	for (size_t i = 0; i < n; i++) {
		struct kfk_offset kept = o[i];
		struct buf key = { 0 }, value = { 0 };
		kept.at_ms = now;
		kept.expire_ms = -1;
		codes[i] = (int16_t)offset_ok(k, &kept);
		if (!codes[i] && kfk_offset_store_stage(kfk_group_store(k), pid, slot, group, &kept, &err))
			codes[i] = (int16_t)kfk_store_failed(k, "offset-stage", &err);
		if (!codes[i]) {
			record_key(group, &kept, &key);
			record_value(&kept, &value);
			kp_builder_add(&made, now, buf_slice(&key), buf_slice(&value), sl(NULL));
		}
		buf_free(&key);
		buf_free(&value);
	}
	if (made.count)
		code = append_staged(k, slot, &made);
	for (size_t i = 0; code && i < n; i++)
		codes[i] = (int16_t)(codes[i] ? codes[i] : code);
	kp_builder_free(&made);
}

static void commit_staged(void *arg, struct slice group, const struct kfk_offset *o)
{
	goes(arg, group, o);
	struct going *w = arg;
	w->all[w->n - 1].o.metadata = arena_dup(&w->arena, o->metadata);
}

int kfk_offsets_ended(struct kafka *k, int64_t pid, int slot, bool commit)
{
	struct kfk_group_store *s = kfk_group_store(k);
	struct going w = { .k = k };
	struct error err;
	int code = KE_NONE;
	if (commit && kfk_offset_store_staged(s, pid, slot, commit_staged, &w, &err))
		code = kfk_store_failed(k, "offsets-staged", &err);
	for (size_t i = 0; !code && i < w.n; i++) {
		struct kfk_group *g = kfk_group(k, w.all[i].group);
		if (!g || !g->kept) /* it was made when they were staged */
			code = kfk_group_keep(g ? g : kfk_group_make(k, w.all[i].group));
		if (!code && kfk_offset_store_put(s, w.all[i].group, &w.all[i].o, &err))
			code = kfk_store_failed(k, "offset-commit", &err);
	}
	if (!code && kfk_offset_store_unstage(s, pid, slot, &err))
		code = kfk_store_failed(k, "offset-unstage", &err);
	arena_free(&w.arena);
	return code;
}
