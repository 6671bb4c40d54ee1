/* Members of groups of the consumer protocol: their sessions, their partitions, what the other requests ask of them. */
#include "kafka/modern.h"

static int64_t now(const struct kfk_group *g)
{
	return clock_now_ms(g->k->env->clock);
}

/* ---- members ---- */

struct kfk_reader *kfk_reader(const struct kfk_group *g, struct slice id)
{
	for (size_t i = 0; i < g->modern->n; i++)
		if (sl_eqs(id, g->modern->readers[i]->id))
			return g->modern->readers[i];
	return NULL;
}

struct kfk_reader *kfk_reader_static(const struct kfk_group *g, struct slice instance)
{
	for (size_t i = 0; i < g->modern->n; i++)
		if (g->modern->readers[i]->instance && sl_eqs(instance, g->modern->readers[i]->instance))
			return g->modern->readers[i];
	return NULL;
}

struct kfk_reader *kfk_reader_add(struct kfk_group *g, struct slice id)
{
	struct kfk_modern *m = g->modern;
	struct kfk_reader *r = xcalloc(1, sizeof(*r));
	r->group = g;
	r->id = xstrndup(id.p, id.n);
	r->client = xstrdup("");
	r->host = xstrdup("");
	GROW(m->readers, m->n, m->cap);
	m->readers[m->n++] = r;
	return r;
}

void kfk_reader_names_free(struct kfk_reader *r)
{
	for (size_t i = 0; i < r->name_n; i++)
		free(r->names[i]);
	free(r->names);
	r->names = NULL;
	r->name_n = 0;
}

static void drop(struct kfk_reader *r)
{
	struct kfk_modern *m = r->group->modern;
	size_t i = 0;
	while (m->readers[i] != r)
		i++;
	memmove(m->readers + i, m->readers + i + 1, (m->n - i - 1) * sizeof(m->readers[0]));
	m->n--;
	clock_cancel(r->group->k->env->clock, &r->session);
	clock_cancel(r->group->k->env->clock, &r->revokes);
	kfk_reader_names_free(r);
	char *const owned[] = { r->id, r->instance, r->rack, r->client, r->host, r->regex, r->assignor };
	for (i = 0; i < ARRAY_LEN(owned); i++)
		free(owned[i]);
	free(r->topics);
	free(r->assigned.p);
	free(r->revoking.p);
	free(r->target.p);
	free(r);
}

void kfk_modern_make(struct kfk_group *g)
{
	g->modern = xcalloc(1, sizeof(*g->modern));
	free(g->type);
	g->type = xstrdup("consumer");
}

void kfk_modern_free(struct kfk_group *g)
{
	if (!g->modern)
		return;
	while (g->modern->n)
		drop(g->modern->readers[g->modern->n - 1]);
	free(g->modern->readers);
	free(g->modern);
	g->modern = NULL;
}

int kfk_modern_leave(struct kfk_group *g)
{
	int code = kfk_unkeep_modern(g);
	if (code)
		return code;
	kfk_modern_free(g);
	free(g->type);
	g->type = xstrdup("");
	kfk_group_turns(g, KFK_GROUP_EMPTY);
	return kfk_group_keep(g);
}

/* It is out; the others' assignment is made anew by the next who is heard of. */
int kfk_reader_fence(struct kfk_reader *r, const char *why)
{
	struct kfk_group *g = r->group;
	log_info(g->k->env, "group-left", "group=\"%s\" member=\"%s\" why=%s", g->id, r->id, why);
	int code = kfk_unkeep_reader(r);
	drop(r);
	g->modern->topics_hash = kfk_modern_hash(g);
	g->modern->epoch++;
	g->since_ms = now(g);
	return code ? code : kfk_keep_epoch(g, false);
}

static void session_over(void *arg)
{
	(void)kfk_reader_fence(arg, "session");
}

static void revoked_late(void *arg)
{
	(void)kfk_reader_fence(arg, "rebalance-timeout");
}

void kfk_reader_beats(struct kfk_reader *r)
{
	const struct kfk_group *g = r->group;
	int64_t ms = kfk_group_setting(g->k, sl(g->id), "consumer.session.timeout.ms", "group.consumer.session.timeout.ms", 45000);
	clock_at(g->k->env->clock, &r->session, now(g) + ms, session_over, r);
}

void kfk_reader_revokes(struct kfk_reader *r)
{
	if (r->state == KFK_READER_REVOKES)
		clock_at(r->group->k->env->clock, &r->revokes, now(r->group) + r->rebalance_ms, revoked_late, r);
	else
		clock_cancel(r->group->k->env->clock, &r->revokes);
}

const char *kfk_modern_state(const struct kfk_group *g)
{
	const struct kfk_modern *m = g->modern;
	if (!m->n)
		return "Empty";
	if (m->epoch > m->target_epoch)
		return "Assigning";
	for (size_t i = 0; i < m->n; i++)
		if (m->readers[i]->state != KFK_READER_STABLE || m->readers[i]->epoch != m->target_epoch)
			return "Reconciling";
	return "Stable";
}

/* ---- sets of partitions ---- */

static size_t place(const struct kfk_places *s, int64_t topic, int32_t partition, bool *found)
{
	size_t lo = 0, hi = s->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct kfk_spot *p = &s->p[mid];
		if (p->topic < topic || (p->topic == topic && p->partition < partition))
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = lo < s->n && s->p[lo].topic == topic && s->p[lo].partition == partition;
	return lo;
}

void kfk_places_add(struct kfk_places *s, int64_t topic, int32_t partition)
{
	bool found;
	size_t at = place(s, topic, partition, &found);
	if (found)
		return;
	GROW(s->p, s->n, s->cap);
	memmove(s->p + at + 1, s->p + at, (s->n - at) * sizeof(s->p[0]));
	s->p[at] = (struct kfk_spot){ topic, partition };
	s->n++;
}

bool kfk_places_has(const struct kfk_places *s, int64_t topic, int32_t partition)
{
	bool found;
	(void)place(s, topic, partition, &found);
	return found;
}

bool kfk_places_equal(const struct kfk_places *a, const struct kfk_places *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->p[i].topic != b->p[i].topic || a->p[i].partition != b->p[i].partition)
			return false;
	return true;
}

void kfk_places_clear(struct kfk_places *s)
{
	free(s->p);
	*s = (struct kfk_places){ 0 };
}

struct kp_consumer_places *kfk_places_told(const struct kfk_places *s, struct arena *a, int32_t *n)
{
	struct kp_consumer_places *all = kp_elements(&kp_consumer_places_table, a, s->n);
	*n = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (!i || s->p[i].topic != s->p[i - 1].topic) {
			struct kfk_topic named = { .id = s->p[i].topic };
			struct kp_consumer_places *one = &all[(*n)++];
			kfk_topic_uuid(&named, (char *)one->topic_id.b);
			one->partitions = arena_alloc(a, (s->n - i) * sizeof(*one->partitions));
		}
		struct kp_consumer_places *last = &all[*n - 1];
		last->partitions[last->partition_n++] = s->p[i].partition;
	}
	return all;
}

/* ---- what others ask of such groups ---- */

int kfk_modern_may_commit(const struct kfk_group *g, int32_t epoch, struct slice member, struct slice instance, int16_t version, bool staged)
{
	const struct kfk_reader *r;
	if (epoch < 0 && !g->modern->n)
		return KE_NONE;
	if (staged && epoch == -1 && !member.n && !instance.p)
		return KE_NONE;
	r = kfk_reader(g, member);
	if (!r)
		return KE_UNKNOWN_MEMBER_ID;
	if (!staged && version < 9)
		return KE_UNSUPPORTED_VERSION;
	if (epoch == r->epoch)
		return KE_NONE;
	return staged ? KE_ILLEGAL_GENERATION : KE_STALE_MEMBER_EPOCH;
}

int kfk_modern_may_fetch(const struct kfk_group *g, int32_t epoch, struct slice member)
{
	const struct kfk_reader *r;
	if (!member.p && epoch < 0)
		return KE_NONE;
	r = kfk_reader(g, member);
	if (!r)
		return KE_UNKNOWN_MEMBER_ID;
	return epoch == r->epoch ? KE_NONE : KE_STALE_MEMBER_EPOCH;
}

bool kfk_modern_remove(struct kfk_group *g, struct slice instance)
{
	struct kfk_reader *r = kfk_reader_static(g, instance);
	return r && !kfk_reader_fence(r, "removed");
}

bool kfk_modern_reads(const struct kfk_group *g, struct slice topic)
{
	for (size_t i = 0; i < g->modern->n; i++) {
		const struct kfk_reader *r = g->modern->readers[i];
		for (size_t t = 0; t < r->name_n; t++)
			if (sl_eqs(topic, r->names[t]))
				return true;
		for (size_t t = 0; t < r->topic_n; t++) {
			const struct kfk_topic *found = kfk_topic_by_number(g->k, r->topics[t]);
			if (found && sl_eqs(topic, found->name))
				return true;
		}
	}
	return false;
}
