/* The groups, and what is kept of them. */
#include "core/text.h"
#include "kafka/append.h"
#include "kafka/config.h"
#include "kafka/modern.h"

enum { VALUE_VERSION = 3, KEY_GROUP = 2, RECORDS_MAX = 512 << 10 /* bytes of a batch of them */ };

struct kfk_groups {
	struct kfk_group_store *store;
	struct kfk_group **all; /* by id; owned */
	size_t n, cap;
	struct kp_builder records[KFK_OFFSETS_PARTS]; /* of this tick */
	bool recorded;
	struct clock_timer expiry;
};

struct kfk_group_store *kfk_group_store(const struct kafka *k)
{
	return k->groups->store;
}

/* ---- which there are ---- */

static int order(const void *in, size_t i, const void *id)
{
	const struct kfk_groups *gs = in;
	return sl_cmp(sl(gs->all[i]->id), *(const struct slice *)id);
}

static size_t place(const struct kfk_groups *gs, struct slice id, bool *found)
{
	return kfk_sorted(gs->n, order, gs, &id, found);
}

int kfk_group_may(struct kafka *k, const struct kfk_call *c, const char *action, struct slice id)
{
	return kfk_may(k, c->conn, action, id) ? kfk_not_coordinator(k, c, id, 0) : KE_GROUP_AUTHORIZATION_FAILED;
}

int kfk_group_may_join(struct kafka *k, const struct kfk_call *c, struct slice id)
{
	return sl_trim(id).n ? kfk_group_may(k, c, "AlterGroup", id) : KE_INVALID_GROUP_ID;
}

struct kfk_group *kfk_group(struct kafka *k, struct slice id)
{
	bool found;
	size_t at = place(k->groups, id, &found);
	return found ? k->groups->all[at] : NULL;
}

struct kfk_group *kfk_group_at(struct kafka *k, size_t i)
{
	return i < k->groups->n ? k->groups->all[i] : NULL;
}

struct kfk_group *kfk_group_make(struct kafka *k, struct slice id)
{
	struct kfk_groups *gs = k->groups;
	bool found;
	size_t at = place(gs, id, &found);
	if (found)
		return gs->all[at];
	struct kfk_group *g = xcalloc(1, sizeof(*g));
	g->k = k;
	g->id = xstrndup(id.p, id.n);
	g->type = xstrdup("");
	g->since_ms = clock_now_ms(k->env->clock);
	GROW(gs->all, gs->n, gs->cap);
	memmove(gs->all + at + 1, gs->all + at, (gs->n - at) * sizeof(gs->all[0]));
	gs->all[at] = g;
	gs->n++;
	return g;
}

static void group_free(struct kfk_group *g)
{
	while (g->member_n)
		kfk_member_drop(g->members[g->member_n - 1]);
	while (g->coming_n)
		kfk_coming_drop(g->coming[g->coming_n - 1]);
	kfk_modern_free(g);
	clock_cancel(g->k->env->clock, &g->round);
	clock_cancel(g->k->env->clock, &g->syncs);
	loop_never(g->k->env->loop, &g->turn);
	free(g->members);
	free(g->coming);
	free(g->topics);
	free(g->type);
	free(g->protocol);
	free(g->id);
	free(g);
}

void kfk_group_turns(struct kfk_group *g, enum kfk_group_state state)
{
	g->before = g->state;
	g->state = state;
	g->since_ms = clock_now_ms(g->k->env->clock);
}

const char *kfk_group_state_name(const struct kfk_group *g)
{
	static const char *const names[] = { "Empty", "PreparingRebalance", "CompletingRebalance", "Stable" };
	return g->modern ? kfk_modern_state(g) : names[g->state];
}

bool kfk_group_empty(const struct kfk_group *g)
{
	return g->modern ? !g->modern->n : g->state == KFK_GROUP_EMPTY;
}

int64_t kfk_group_setting(const struct kafka *k, struct slice group, const char *name, const char *broker, int64_t otherwise)
{
	struct slice own = kfk_kept(k, KFK_OF_GROUP, group, sl(name));
	int64_t value;
	return own.p && sl_int(own, 1, INT32_MAX, &value) ? value : conf_int(k->env->conf, "kafka", broker, otherwise);
}

/* ---- members ---- */

struct kfk_member *kfk_group_member(const struct kfk_group *g, struct slice id)
{
	for (size_t i = 0; i < g->member_n; i++)
		if (sl_eqs(id, g->members[i]->id))
			return g->members[i];
	return NULL;
}

struct kfk_member *kfk_group_static(const struct kfk_group *g, struct slice instance)
{
	for (size_t i = 0; instance.p && i < g->member_n; i++)
		if (g->members[i]->instance && sl_eqs(instance, g->members[i]->instance))
			return g->members[i];
	return NULL;
}

struct kfk_coming *kfk_group_coming(const struct kfk_group *g, struct slice id)
{
	for (size_t i = 0; i < g->coming_n; i++)
		if (sl_eqs(id, g->coming[i]->id))
			return g->coming[i];
	return NULL;
}

int kfk_group_find(const struct kfk_group *g, struct slice id, struct slice instance, struct kfk_member **out)
{
	struct kfk_member *m = kfk_group_static(g, instance);
	if (instance.p && !m)
		return KE_UNKNOWN_MEMBER_ID;
	if (m && !sl_eqs(id, m->id))
		return KE_FENCED_INSTANCE_ID;
	*out = kfk_group_member(g, id);
	return *out ? KE_NONE : KE_UNKNOWN_MEMBER_ID;
}

static char *dup_or_null(struct slice s)
{
	return s.p ? xstrndup(s.p, s.n) : NULL;
}

struct kfk_member *kfk_member_add(struct kfk_group *g, struct slice id, struct slice instance, struct slice client, struct slice host)
{
	struct kfk_member *m = xcalloc(1, sizeof(*m));
	m->group = g;
	m->id = xstrndup(id.p, id.n);
	m->instance = dup_or_null(instance);
	m->client = xstrndup(client.p ? client.p : "", client.n);
	m->host = xstrndup(host.p, host.n);
	GROW(g->members, g->member_n, g->member_cap);
	g->members[g->member_n++] = m;
	if (!g->leader)
		g->leader = m;
	return m;
}

/* Nobody who waits is told here. */
void kfk_member_drop(struct kfk_member *m)
{
	struct kfk_group *g = m->group;
	size_t i = 0;
	while (g->members[i] != m)
		i++;
	memmove(g->members + i, g->members + i + 1, (g->member_n - i - 1) * sizeof(g->members[0]));
	g->member_n--;
	if (g->leader == m)
		g->leader = g->member_n ? g->members[0] : NULL;
	clock_cancel(g->k->env->clock, &m->timer);
	free(m->id);
	free(m->instance);
	free(m->client);
	free(m->host);
	free(m->protocols);
	free(m->assignment);
	free(m);
}

void kfk_coming_add(struct kfk_group *g, struct slice id, int32_t session_ms, void (*late)(void *arg))
{
	struct kfk_coming *c = xcalloc(1, sizeof(*c));
	c->group = g;
	c->id = xstrndup(id.p, id.n);
	GROW(g->coming, g->coming_n, g->coming_cap);
	g->coming[g->coming_n++] = c;
	clock_at(g->k->env->clock, &c->timer, clock_now_ms(g->k->env->clock) + session_ms, late, c);
}

void kfk_coming_drop(struct kfk_coming *c)
{
	struct kfk_group *g = c->group;
	size_t i = 0;
	while (g->coming[i] != c)
		i++;
	g->coming[i] = g->coming[--g->coming_n];
	clock_cancel(g->k->env->clock, &c->timer);
	free(c->id);
	free(c);
}

void kfk_member_protocols(struct kfk_member *m, const struct kfk_protocol *p, size_t n)
{
	size_t bytes = n * sizeof(*p);
	for (size_t i = 0; i < n; i++)
		bytes += p[i].name.n + p[i].metadata.n;
	struct kfk_protocol *kept = xmalloc(bytes + 1);
	char *to = (char *)(kept + n);
	for (size_t i = 0; i < n; i++) {
		struct slice *const from[] = { &kept[i].name, &kept[i].metadata };
		kept[i] = p[i];
		for (size_t j = 0; j < ARRAY_LEN(from); j++) {
			if (from[j]->n)
				memcpy(to, from[j]->p, from[j]->n);
			*from[j] = sl_of(to, from[j]->n);
			to += from[j]->n;
		}
	}
	free(m->protocols);
	m->protocols = kept;
	m->protocol_n = n;
}

void kfk_member_assign(struct kfk_member *m, struct slice bytes)
{
	free(m->assignment);
	m->assignment = xstrndup(bytes.p ? bytes.p : "", bytes.n);
	m->assignment_n = bytes.n;
}

struct slice kfk_member_metadata(const struct kfk_member *m, const char *protocol)
{
	for (size_t i = 0; protocol && i < m->protocol_n; i++)
		if (sl_eqs(m->protocols[i].name, protocol))
			return m->protocols[i].metadata;
	return sl(NULL);
}

int kfk_member_id(struct kafka *k, struct slice name, struct arena *a, struct slice *out)
{
	uint64_t seed = (uint64_t)conf_int(k->env->conf, "stack", "seed", 0);
	struct error err;
	char uuid[37];
	int64_t n;
	if (kfk_store_next(&k->db, "member-id", &n, &err))
		return kfk_store_failed(k, "member-id", &err);
	n += (int64_t)k->env->lives << 32;
	uuid_text(faults_hash(seed, S("member"), (uint64_t)n), faults_hash(seed, S("client"), (uint64_t)n), 4, uuid);
	*out = arena_printf(a, "%.*s-%s", SL(name), uuid);
	return KE_NONE;
}

int kfk_uuid(struct kafka *k, struct arena *a, struct slice *out)
{
	struct buf text = { 0 };
	struct slice id;
	int code = kfk_member_id(k, S(""), a, &id);
	uint64_t bytes[] = { faults_hash(1, id, 0), faults_hash(2, id, 0) };
	buf_base64(&text, bytes, sizeof(bytes));
	for (size_t i = 0; i < text.n; i++)
		text.p[i] = text.p[i] == '+' ? '-' : text.p[i] == '/' ? '_' : text.p[i];
	*out = arena_dup(a, sl_of(text.p, text.n - 2)); /* without the padding */
	buf_free(&text);
	return code;
}

/* Java's InetAddress as text: a slash, IPv6 in eight groups. */
struct slice kfk_client_host(const struct conn *conn, struct arena *a)
{
	struct slice peer = sl(conn->peer);
	size_t end = peer.n;
	while (end && peer.p[end - 1] != ':')
		end--;
	struct slice host = end ? sl_of(peer.p, end - 1) : S("127.0.0.1");
	if (host.n && host.p[0] == '[')
		host = sl_of(host.p + 1, host.n - 2);
	if (sl_eqs(host, "::1"))
		host = S("0:0:0:0:0:0:0:1");
	return arena_printf(a, "/%.*s", SL(host));
}

/* ---- what is kept ---- */

static void put_key(const struct kfk_group *g, struct buf *out)
{
	buf_u16be(out, KEY_GROUP);
	kp_write(&kp_group_metadata_key_table, KEY_GROUP, false, &(struct kp_group_metadata_key){ sl(g->id) }, out);
}

static void put_value(const struct kfk_group *g, struct buf *out)
{
	struct kp_group_metadata_value v = { .protocol_type = sl(g->type), .generation = g->generation, .protocol = sl(g->protocol),
					     .leader = sl(g->leader ? g->leader->id : NULL), .current_state_timestamp = g->since_ms };
	v.members = xcalloc(g->member_n + 1, sizeof(v.members[0]));
	v.member_n = (int32_t)g->member_n;
	for (size_t i = 0; i < g->member_n; i++) {
		const struct kfk_member *m = g->members[i];
		struct slice subscription = kfk_member_metadata(m, g->protocol);
		v.members[i] = (struct kp_group_metadata_value_member){
			sl(m->id), sl(m->instance), sl(m->client), sl(m->host), m->rebalance_ms, m->session_ms, subscription,
			sl_of(m->assignment, m->assignment_n),
		};
	}
	buf_u16be(out, VALUE_VERSION);
	kp_write(&kp_group_metadata_value_table, VALUE_VERSION, false, &v, out);
	free(v.members);
}

int kfk_group_keep(struct kfk_group *g)
{
	struct buf key = { 0 }, value = { 0 };
	struct error err;
	/* Only offsets were committed, or its first round isn't over: there is no record of it, as there. */
	bool simple = !*g->type || g->modern || (g->state == KFK_GROUP_PREPARING && !g->protocol);
	if (!simple) {
		put_key(g, &key);
		put_value(g, &value);
	}
	int rc = kfk_group_store_put(g->k->groups->store, sl(g->id), simple ? sl(NULL) : buf_slice(&value), &err);
	if (!rc && !simple)
		kfk_group_record(g->k, sl(g->id), buf_slice(&key), buf_slice(&value));
	g->kept = !rc;
	buf_free(&key);
	buf_free(&value);
	return rc ? kfk_store_failed(g->k, "group", &err) : KE_NONE;
}

void kfk_group_tombstone(const struct kfk_group *g)
{
	struct buf key = { 0 };
	put_key(g, &key);
	kfk_group_record(g->k, sl(g->id), buf_slice(&key), sl(NULL));
	buf_free(&key);
}

static void tombstone(void *arg, struct slice group, const struct kfk_offset *o)
{
	struct buf key = { 0 };
	buf_u16be(&key, 1);
	kp_write(&kp_offset_commit_key_table, 1, false, &(struct kp_offset_commit_key){ group, o->topic, o->partition }, &key);
	kfk_group_record(arg, group, buf_slice(&key), sl(NULL));
	buf_free(&key);
}

int kfk_group_delete(struct kfk_group *g)
{
	struct kfk_groups *gs = g->k->groups;
	struct kafka *k = g->k;
	struct error err;
	bool found;
	int rc = g->kept ? kfk_offset_store_of(gs->store, sl(g->id), tombstone, k, &err) : 0;
	if (!rc && g->kept)
		rc = kfk_group_store_del(gs->store, sl(g->id), &err);
	if (rc)
		return kfk_store_failed(k, "group", &err);
	if (g->modern)
		(void)kfk_unkeep_modern(g);
	else if (g->kept && *g->type)
		kfk_group_tombstone(g);
	size_t at = place(gs, sl(g->id), &found);
	memmove(gs->all + at, gs->all + at + 1, (gs->n - at - 1) * sizeof(gs->all[0]));
	gs->n--;
	group_free(g);
	return KE_NONE;
}

/* ---- as records ---- */

void kfk_group_record(struct kafka *k, struct slice group, struct slice key, struct slice value)
{
	int p = kfk_kept_in(group);
	struct kp_builder *made = &k->groups->records[p];
	if (made->count && made->records.n + key.n + value.n > RECORDS_MAX)
		kfk_groups_flush_one(k, p);
	kp_builder_add(made, clock_now_ms(k->env->clock), key, value, sl(NULL));
	k->groups->recorded = true;
}

struct kfk_topic *kfk_offsets_topic(struct kafka *k)
{
	struct kfk_topic *t = kfk_topic(k, S(KFK_OFFSETS_TOPIC));
	if (t || kfk_topic_create(k, S(KFK_OFFSETS_TOPIC), KFK_OFFSETS_PARTS, &t))
		return t;
	(void)kfk_topic_set(k, t, S("cleanup.policy"), S("compact"));
	(void)kfk_topic_set(k, t, S("compression.type"), S("producer"));
	(void)kfk_topic_set(k, t, S("segment.bytes"), S("104857600"));
	return t;
}

void kfk_groups_flush_one(struct kafka *k, int partition)
{
	struct kp_builder *made = &k->groups->records[partition];
	struct buf bytes = { 0 };
	struct kp_batch b;
	int64_t base;
	if (!made->count)
		return;
	struct kfk_topic *t = kfk_offsets_topic(k);
	kp_builder_end(made, &bytes);
	int code = !t || partition >= t->part_n ? KE_UNKNOWN_TOPIC_OR_PARTITION : kp_batch_parse(buf_slice(&bytes), &b);
	if (!code)
		code = kfk_append(k, t, partition, &b, &base);
	if (code) /* the rows are the truth: who reads the topic misses it */
		log_error(k->env, "group-record", "partition=%d error=%s", partition, kp_code_name(code));
	buf_free(&bytes);
}

void kfk_groups_flush(struct kafka *k)
{
	if (!k->groups->recorded)
		return;
	k->groups->recorded = false;
	for (int p = 0; p < KFK_OFFSETS_PARTS; p++)
		kfk_groups_flush_one(k, p);
}

/* ---- whole state ---- */

static void load_member(struct kfk_group *g, const struct kp_group_metadata_value *v, const struct kp_group_metadata_value_member *from)
{
	struct kfk_member *m = kfk_member_add(g, from->member_id, from->group_instance_id, from->client_id, from->client_host);
	m->rebalance_ms = from->rebalance_timeout;
	m->session_ms = from->session_timeout;
	kfk_member_protocols(m, &(struct kfk_protocol){ v->protocol.p ? v->protocol : S(""), from->subscription }, 1);
	kfk_member_assign(m, from->assignment);
	if (sl_eq(v->leader, from->member_id))
		g->leader = m;
	kfk_member_beats(m);
}

static void load_group(void *arg, struct slice id, struct slice value)
{
	struct kafka *k = arg;
	struct kfk_group *g = kfk_group_make(k, id);
	struct kp_group_metadata_value v;
	struct arena arena = { 0 };
	struct rd r = rd_of(value.p, value.n);
	g->kept = true;
	if (value.n && rd_u16be(&r) == VALUE_VERSION && kp_read(&kp_group_metadata_value_table, VALUE_VERSION, false, &r, &arena, &v)) {
		free(g->type);
		g->type = xstrndup(v.protocol_type.p, v.protocol_type.n);
		g->protocol = dup_or_null(v.protocol);
		g->generation = v.generation;
		g->since_ms = v.current_state_timestamp;
		g->state = v.member_n ? KFK_GROUP_STABLE : KFK_GROUP_EMPTY;
		for (int32_t i = 0; i < v.member_n; i++)
			load_member(g, &v, &v.members[i]);
		kfk_group_subscribe(g);
	}
	arena_free(&arena);
}

static void forget(struct kafka *k)
{
	struct kfk_groups *gs = k->groups;
	for (size_t i = 0; i < gs->n; i++) {
		for (size_t j = 0; j < gs->all[i]->member_n; j++) {
			kfk_answer_join(gs->all[i]->members[j], KE_NOT_COORDINATOR);
			kfk_answer_sync(gs->all[i]->members[j], KE_NOT_COORDINATOR);
		}
		group_free(gs->all[i]);
	}
	gs->n = 0;
	for (int p = 0; p < KFK_OFFSETS_PARTS; p++) {
		kp_builder_free(&gs->records[p]);
		gs->records[p] = (struct kp_builder){ 0 };
	}
	gs->recorded = false;
}

int kfk_groups_load(struct kafka *k, struct error *err)
{
	if (!k->groups) /* not yet open */
		return 0;
	forget(k);
	int rc = kfk_group_store_each(k->groups->store, load_group, k, err);
	return rc ? rc : kfk_group_store_records(k->groups->store, kfk_modern_load, k, err);
}

static void expiry(void *arg)
{
	struct kafka *k = arg;
	int64_t every = conf_int(k->env->conf, "kafka", "offsets.retention.check.interval.ms", 600000);
	clock_at(k->env->clock, &k->groups->expiry, clock_now_ms(k->env->clock) + every, expiry, k);
	kfk_offsets_expire(k);
}

int kfk_groups_open(struct kafka *k, struct error *err)
{
	k->groups = xcalloc(1, sizeof(*k->groups));
	int rc = kfk_group_store_open(&k->db, &k->groups->store, err);
	if (!rc)
		rc = kfk_groups_load(k, err);
	if (rc) {
		kfk_groups_close(k);
		return rc;
	}
	int64_t every = conf_int(k->env->conf, "kafka", "offsets.retention.check.interval.ms", 600000);
	clock_at(k->env->clock, &k->groups->expiry, clock_now_ms(k->env->clock) + every, expiry, k);
	return 0;
}

void kfk_groups_close(struct kafka *k)
{
	if (!k->groups)
		return;
	forget(k);
	clock_cancel(k->env->clock, &k->groups->expiry);
	kfk_group_store_close(k->groups->store);
	free(k->groups->all);
	free(k->groups);
	k->groups = NULL;
}
