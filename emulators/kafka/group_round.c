/* Rounds of the classic protocol. A round is over when all members have joined, or their rebalance timeout is; then one of them, the leader,
 * is told all, assigns, and its SyncGroup ends it. As Kafka's group coordinator (GroupMetadataManager, ClassicGroup). */
#include "java/text.h"
#include "kafka/modern.h"

enum {
	NEW_JOIN_MS = 300000, /* how long a join may wait whose member doesn't know its id yet */
	NOBODY_MS = 100,      /* a round in which nobody has joined goes on for that long at least, whatever its members' timeouts: 0 is one, too */
};

static int64_t now(const struct kfk_group *g)
{
	return clock_now_ms(g->k->env->clock);
}

/* ---- answers ---- */

/* Who was removed isn't told its id, others are. */
void kfk_answer_join(struct kfk_member *m, int code)
{
	struct kp_join_group_resp out;
	m->joined = false;
	if (!m->join)
		return;
	kp_init(&kp_join_group_resp_table, &out);
	out.error_code = (int16_t)code;
	out.protocol_name = sl(NULL);
	out.member_id = code == KE_UNKNOWN_MEMBER_ID ? S("") : sl(m->id);
	kfk_answer(m->join, &out);
}

void kfk_answer_sync(struct kfk_member *m, int code)
{
	const struct kfk_group *g = m->group;
	struct kp_sync_group_resp out;
	m->syncing = false;
	if (!m->sync)
		return;
	kp_init(&kp_sync_group_resp_table, &out);
	out.error_code = (int16_t)code;
	if (!code) {
		out.protocol_type = sl(g->type);
		out.protocol_name = sl(g->protocol);
		out.assignment = sl_of(m->assignment, m->assignment_n);
	}
	kfk_answer(m->sync, &out);
}

void kfk_round_told(const struct kfk_group *g, const struct kfk_member *m, struct arena *a, struct kp_join_group_resp *out)
{
	out->generation_id = g->generation;
	out->protocol_type = sl(g->type);
	out->protocol_name = sl(g->protocol);
	out->leader = sl(g->leader ? g->leader->id : "");
	out->member_id = sl(m->id);
	if (m != g->leader)
		return;
	out->members = kp_elements(&kp_join_group_resp_member_table, a, g->member_n);
	out->member_n = (int32_t)g->member_n;
	for (size_t i = 0; i < g->member_n; i++)
		out->members[i] = (struct kp_join_group_resp_member){ sl(g->members[i]->id), sl(g->members[i]->instance),
								      kfk_member_metadata(g->members[i], g->protocol) };
}

/* ---- sessions ---- */

static void member_late(void *arg)
{
	struct kfk_member *m = arg;
	/* Who waits for the round needn't say so again and again; a new one that waits for ever may be gone. */
	if (!m->fresh && (m->joined || m->syncing))
		return;
	kfk_round_leaves(m, "session");
}

void kfk_member_expires(struct kfk_member *m, int64_t ms)
{
	clock_at(m->group->k->env->clock, &m->timer, now(m->group) + ms, member_late, m);
}

void kfk_member_beats(struct kfk_member *m)
{
	kfk_member_expires(m, m->fresh ? NEW_JOIN_MS : m->session_ms);
}

void kfk_round_coming_late(void *coming)
{
	struct kfk_coming *c = coming;
	struct kfk_group *g = c->group;
	kfk_coming_drop(c);
	kfk_round_look(g);
}

void kfk_round_leaves(struct kfk_member *m, const char *why)
{
	struct kfk_group *g = m->group;
	log_info(g->k->env, "group-left", "group=\"%s\" member=\"%s\" why=%s", g->id, m->id, why);
	kfk_answer_join(m, KE_UNKNOWN_MEMBER_ID);
	kfk_answer_sync(m, KE_UNKNOWN_MEMBER_ID);
	kfk_member_drop(m);
	kfk_round_begin(g, why);
}

/* ---- what they have in common ---- */

bool kfk_group_all_share(const struct kfk_group *g, struct slice protocol)
{
	for (size_t i = 0; i < g->member_n; i++) {
		const struct kfk_member *m = g->members[i];
		size_t at = 0;
		while (at < m->protocol_n && !sl_eq(m->protocols[at].name, protocol))
			at++;
		if (at == m->protocol_n)
			return false;
	}
	return true;
}

/* Where a name stands in a java.util.HashMap of a few: of those with as many votes the first there is chosen. */
static uint32_t hash_place(struct slice name)
{
	uint32_t h = java_hash(name);
	return (h ^ h >> 16) & 15;
}

/* The first of a member's that all have: a number among those of the first member; SIZE_MAX: none. */
static size_t vote(const struct kfk_member *m, const struct kfk_member *first, const bool *shared)
{
	for (size_t i = 0; i < m->protocol_n; i++)
		for (size_t p = 0; p < first->protocol_n; p++)
			if (shared[p] && sl_eq(m->protocols[i].name, first->protocols[p].name))
				return p;
	return SIZE_MAX;
}

struct slice kfk_group_choose(const struct kfk_group *g)
{
	const struct kfk_member *first = g->members[0];
	struct slice best = sl(NULL);
	size_t most = 0, *votes = xcalloc(first->protocol_n + 1, sizeof(*votes));
	bool *shared = xcalloc(first->protocol_n + 1, sizeof(*shared));
	for (size_t p = 0; p < first->protocol_n; p++)
		shared[p] = kfk_group_all_share(g, first->protocols[p].name);
	for (size_t i = 0; i < g->member_n; i++) {
		size_t p = vote(g->members[i], first, shared);
		if (p != SIZE_MAX)
			votes[p]++;
	}
	for (size_t p = 0; p < first->protocol_n; p++) {
		if (votes[p] > most || (votes[p] && votes[p] == most && hash_place(first->protocols[p].name) < hash_place(best))) {
			most = votes[p];
			best = first->protocols[p].name;
		}
	}
	free(votes);
	free(shared);
	return best;
}

static size_t subscribed(const struct kfk_member *m, const char *protocol, struct arena *a, struct slice **topics)
{
	struct slice bytes = kfk_member_metadata(m, protocol);
	struct rd r = rd_of(bytes.p, bytes.n);
	struct kp_consumer_protocol_subscription s;
	(void)rd_u16be(&r);
	/* Its first version: later ones only add to its end. */
	if (r.bad || !kp_read(&kp_consumer_protocol_subscription_table, 0, false, &r, a, &s))
		return SIZE_MAX;
	*topics = s.topics;
	return (size_t)s.topic_n;
}

void kfk_group_subscribe(struct kfk_group *g)
{
	struct arena arena = { 0 };
	struct slice *all = NULL, *topics = NULL;
	size_t n = 0, cap = 0, bytes = 0;
	bool known = !strcmp(g->type, "consumer") && g->protocol;
	for (size_t i = 0; known && i < g->member_n; i++) {
		size_t count = subscribed(g->members[i], g->protocol, &arena, &topics);
		known = count != SIZE_MAX;
		for (size_t t = 0; known && t < count; t++) {
			size_t seen = 0;
			while (seen < n && !sl_eq(all[seen], topics[t]))
				seen++;
			if (seen < n)
				continue;
			ARENA_GROW(&arena, all, n, cap);
			all[n++] = topics[t];
			bytes += topics[t].n;
		}
	}
	free(g->topics);
	g->topics = NULL;
	g->topic_n = 0;
	if (known) {
		g->topics = xmalloc(n * sizeof(*all) + bytes + 1);
		char *to = (char *)(g->topics + n);
		for (g->topic_n = 0; g->topic_n < n; g->topic_n++) {
			memcpy(to, all[g->topic_n].p, all[g->topic_n].n);
			g->topics[g->topic_n] = sl_of(to, all[g->topic_n].n);
			to += all[g->topic_n].n;
		}
	}
	arena_free(&arena);
}

bool kfk_group_reads(const struct kfk_group *g, struct slice topic)
{
	if (g->modern)
		return kfk_modern_reads(g, topic);
	for (size_t i = 0; i < g->topic_n; i++)
		if (sl_eq(g->topics[i], topic))
			return true;
	return false;
}

/* ---- the round ---- */

static int32_t longest(const struct kfk_group *g)
{
	int32_t ms = 0;
	for (size_t i = 0; i < g->member_n; i++)
		ms = g->members[i]->rebalance_ms > ms ? g->members[i]->rebalance_ms : ms;
	return ms;
}

static bool all_joined(const struct kfk_group *g)
{
	for (size_t i = 0; i < g->member_n; i++)
		if (!g->members[i]->joined)
			return false;
	return !g->coming_n;
}

static void over(void *arg);

/* Those who didn't join are out; who has a name of its own (a static member) stays until its session ends. */
static void drop_absent(struct kfk_group *g)
{
	for (size_t i = g->member_n; i-- > 0;) {
		struct kfk_member *m = g->members[i];
		if (!m->joined && !m->instance) {
			log_info(g->k->env, "group-left", "group=\"%s\" member=\"%s\" why=rebalance-timeout", g->id, m->id);
			kfk_member_drop(m);
		}
	}
}

/* The leader is one that has joined. False: nobody has. */
static bool elect(struct kfk_group *g)
{
	if (g->leader && g->leader->joined)
		return true;
	for (size_t i = 0; i < g->member_n; i++) {
		if (g->members[i]->joined) {
			g->leader = g->members[i];
			return true;
		}
	}
	return false;
}

static void sync_late(void *arg)
{
	struct kfk_group *g = arg;
	for (size_t i = g->member_n; i-- > 0;) {
		struct kfk_member *m = g->members[i];
		if (m->unsynced) {
			log_info(g->k->env, "group-left", "group=\"%s\" member=\"%s\" why=never-synced", g->id, m->id);
			kfk_answer_join(m, KE_UNKNOWN_MEMBER_ID);
			kfk_member_drop(m);
		}
	}
	kfk_round_begin(g, "sync-timeout");
}

static void tell_all(struct kfk_group *g)
{
	struct arena arena = { 0 };
	for (size_t i = 0; i < g->member_n; i++) {
		struct kfk_member *m = g->members[i];
		struct kp_join_group_resp out;
		kp_init(&kp_join_group_resp_table, &out);
		kfk_round_told(g, m, &arena, &out);
		if (m->join)
			kfk_answer(m->join, &out);
		m->joined = m->fresh = false;
		m->unsynced = true;
		kfk_member_beats(m);
	}
	arena_free(&arena);
	clock_at(g->k->env->clock, &g->syncs, now(g) + longest(g), sync_late, g);
}

static void complete(struct kfk_group *g)
{
	clock_cancel(g->k->env->clock, &g->round);
	drop_absent(g);
	if (g->member_n && !elect(g)) { /* until their sessions end */
		clock_at(g->k->env->clock, &g->round, now(g) + (longest(g) > NOBODY_MS ? longest(g) : NOBODY_MS), over, g);
		return;
	}
	g->generation++;
	free(g->protocol);
	g->protocol = NULL;
	if (g->member_n) {
		struct slice chosen = kfk_group_choose(g);
		g->protocol = xstrndup(chosen.p, chosen.n);
	}
	kfk_group_subscribe(g);
	kfk_group_turns(g, g->member_n ? KFK_GROUP_COMPLETING : KFK_GROUP_EMPTY);
	log_info(g->k->env, "group-round", "group=\"%s\" generation=%d members=%zu protocol=%s", g->id, g->generation, g->member_n, g->protocol ? g->protocol : "-");
	if (g->member_n)
		tell_all(g);
	else
		(void)kfk_group_keep(g);
}

static void over(void *arg)
{
	complete(arg);
}

/* The first round waits for more who come, as long as some do. */
static void first_over(void *arg)
{
	struct kfk_group *g = arg;
	if (!g->newcomer || g->rest_ms <= 0) {
		complete(g);
		return;
	}
	int64_t delay = conf_int(g->k->env->conf, "kafka", "group.initial.rebalance.delay.ms", 0), was = g->delay_ms;
	g->newcomer = false;
	g->delay_ms = delay < g->rest_ms ? delay : g->rest_ms;
	g->rest_ms = g->rest_ms > was ? g->rest_ms - was : 0;
	clock_at(g->k->env->clock, &g->round, now(g) + g->delay_ms, first_over, g);
}

static bool first(const struct kfk_group *g)
{
	return g->before == KFK_GROUP_EMPTY;
}

/* At the end of this turn, so that all who come in it are of the same round, and no answer leaves within a request. */
static void look(void *arg)
{
	struct kfk_group *g = arg;
	if (g->state != KFK_GROUP_PREPARING)
		return;
	if (first(g)) {
		if (!g->round.slot)
			first_over(g);
	} else if (all_joined(g)) {
		complete(g);
	} else if (!g->round.slot) {
		clock_at(g->k->env->clock, &g->round, now(g) + longest(g), over, g);
		log_info(g->k->env, "group-waits", "group=\"%s\" members=%zu until_ms=%d%s", g->id, g->member_n, longest(g),
			 clock_is_virtual(g->k->env->clock) ? " hint=\"the clock is frozen: who is gone stays until it is moved\"" : "");
	}
}

void kfk_round_look(struct kfk_group *g)
{
	if (g->state == KFK_GROUP_PREPARING)
		loop_later(g->k->env->loop, &g->turn, look, g);
}

static void begin_first(struct kfk_group *g)
{
	int64_t delay = conf_int(g->k->env->conf, "kafka", "group.initial.rebalance.delay.ms", 0);
	g->newcomer = false;
	g->delay_ms = delay;
	g->rest_ms = longest(g) > delay ? longest(g) - delay : 0;
	kfk_group_turns(g, KFK_GROUP_PREPARING);
	if (!delay)
		return;
	clock_at(g->k->env->clock, &g->round, now(g) + delay, first_over, g);
	if (clock_is_virtual(g->k->env->clock))
		log_warn(g->k->env, "group-waits", "group=\"%s\" hint=\"group.initial.rebalance.delay.ms, and the clock is frozen\"", g->id);
}

void kfk_round_begin(struct kfk_group *g, const char *why)
{
	if (g->state != KFK_GROUP_PREPARING) {
		log_debug(g->k->env, "group-rebalance", "group=\"%s\" generation=%d why=%s", g->id, g->generation, why);
		clock_cancel(g->k->env->clock, &g->syncs);
		for (size_t i = 0; i < g->member_n; i++) {
			g->members[i]->unsynced = false;
			if (g->members[i]->syncing) {
				kfk_answer_sync(g->members[i], KE_REBALANCE_IN_PROGRESS);
				kfk_member_beats(g->members[i]);
			}
		}
		if (g->state == KFK_GROUP_EMPTY)
			begin_first(g);
		else
			kfk_group_turns(g, KFK_GROUP_PREPARING);
	}
	kfk_round_look(g);
}

void kfk_round_synced(struct kfk_member *m)
{
	struct kfk_group *g = m->group;
	m->unsynced = false;
	for (size_t i = 0; i < g->member_n; i++)
		if (g->members[i]->unsynced)
			return;
	clock_cancel(g->k->env->clock, &g->syncs);
}
