/* API v3: consumer groups, consumers, what is assigned to them, and how far behind they are. */
#include "rest/v3.h"

#include "java/text.h"

struct assigned {
	struct slice topic;
	int32_t partition;
	const struct kp_describe_groups_resp_member *who;
};

/* A group and what is known of it. */
struct group {
	struct kp_describe_groups_resp_group *d;
	int32_t coordinator;
};
struct groups {
	struct slice *names;
	size_t n;
	struct kp_find_coordinator_resp *found;
	struct group *list;
	size_t list_n;
	rest_then then;
	/* of one group's lags */
	struct kp_offset_fetch_resp *offsets;
};

#define GROUP_URL "/consumer-groups/%.*s"

/* ---- looking groups up ---- */

static int32_t coordinator_of(const struct kp_find_coordinator_resp *r, struct slice group)
{
	for (int i = 0; i < r->coordinator_n; i++)
		if (sl_eq(r->coordinators[i].key, group))
			return r->coordinators[i].node_id;
	return -1;
}

/* The Admin client makes a dead group without a protocol of one that isn't there. */
static bool is_there(const struct kp_describe_groups_resp_group *g)
{
	return g->error_code != KE_GROUP_ID_NOT_FOUND && !(sl_eqs(g->group_state, "Dead") && !g->protocol_type.n);
}

static void got_described(struct rest_call *c, const void *resp)
{
	struct groups *s = c->state;
	struct kp_describe_groups_resp *r = v3_keep(c, KP_DESCRIBE_GROUPS, resp);
	s->list = v3_new(c, ((size_t)r->group_n + 1) * sizeof(*s->list));
	for (int i = 0; i < r->group_n; i++) {
		struct kp_describe_groups_resp_group *g = &r->groups[i];
		if (!is_there(g))
			continue;
		if (g->error_code) {
			v3_fail_code(c, g->error_code, g->error_message);
			return;
		}
		if (g->protocol_type.n && !sl_eqs(g->protocol_type, "consumer")) { /* an IllegalArgumentException of the client */
			v3_fail(c, 500, 500, S("Internal Server Error"));
			return;
		}
		s->list[s->list_n++] = (struct group){ g, coordinator_of(s->found, g->group_id) };
	}
	s->then(c, NULL);
}

static void got_coordinators(struct rest_call *c, const void *resp)
{
	struct groups *s = c->state;
	struct kp_describe_groups_req *q = V3_NEW(c, kp_describe_groups_req);
	s->found = v3_keep(c, KP_FIND_COORDINATOR, resp);
	for (int i = 0; i < s->found->coordinator_n; i++) {
		if (s->found->coordinators[i].error_code) {
			v3_fail_code(c, s->found->coordinators[i].error_code, s->found->coordinators[i].error_message);
			return;
		}
	}
	kp_init(kp_api(KP_DESCRIBE_GROUPS)->request, q);
	q->groups = s->names;
	q->group_n = (int32_t)s->n;
	v3_ask(c, KP_DESCRIBE_GROUPS, q, got_described);
}

/* Looks s->names up, then goes on with s->list. */
static void look_up(struct rest_call *c)
{
	struct groups *s = c->state;
	struct kp_find_coordinator_req *q = V3_NEW(c, kp_find_coordinator_req);
	if (!s->n) {
		s->then(c, NULL);
		return;
	}
	kp_init(kp_api(KP_FIND_COORDINATOR)->request, q);
	q->coordinator_keys = s->names;
	q->coordinator_key_n = (int32_t)s->n;
	v3_ask(c, KP_FIND_COORDINATOR, q, got_coordinators);
}

static void look_up_own(struct rest_call *c, const void *resp)
{
	look_up(c);
}

/* Begins an operation on the group of the path. */
static void begin(struct rest_call *c, rest_then then)
{
	struct groups *s = V3_NEW(c, groups);
	s->names = &c->args[1];
	s->n = 1;
	s->then = then;
	c->state = s;
	v3_begin(c, V3_CLUSTER_OF_GROUPS, look_up_own);
}

/* The group of the path; NULL: a 404 is told, in those words (NULL: none). */
static const struct group *own(struct rest_call *c, const char *before, const char *behind)
{
	struct groups *s = c->state;
	if (s->list_n)
		return &s->list[0];
	v3_not_found(c, before ? arena_printf(c->req->arena, "%s%.*s%s", before, SL(c->args[1]), behind).p : NULL);
	return NULL;
}

/* ---- groups ---- */

static const char *state_name(struct slice state)
{
	static const char *const names[][2] = { { "Stable", "STABLE" }, { "Empty", "EMPTY" }, { "PreparingRebalance", "PREPARING_REBALANCE" },
						{ "CompletingRebalance", "COMPLETING_REBALANCE" }, { "Dead", "DEAD" } };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eqs(state, names[i][0]))
			return names[i][1];
	return "UNKNOWN";
}

static void put_group(struct rest_call *c, const struct group *g)
{
	struct buf *b = &c->body;
	struct slice id = g->d->group_id;
	v3_head(c, "KafkaConsumerGroup", v3_url(c, GROUP_URL, SL(id)), v3_crn(c, "/consumer-group=%.*s", SL(id)));
	jk_str(b, "consumer_group_id", id);
	jw_bool(b, "is_simple", g->d->protocol_type.n == 0);
	jk_str(b, "partition_assignor", g->d->protocol_data);
	jw_text(b, "state", state_name(g->d->group_state));
	v3_link(c, "coordinator", v3_url(c, "/brokers/%d", g->coordinator));
	v3_link(c, "consumers", v3_url(c, GROUP_URL "/consumers", SL(id)));
	v3_link(c, "lag_summary", v3_url(c, GROUP_URL "/lag-summary", SL(id)));
	jw_obj_end(b);
}

static void answer_groups(struct rest_call *c, const void *resp)
{
	struct groups *s = c->state;
	v3_list(c, "KafkaConsumerGroupList", v3_url(c, "/consumer-groups"));
	for (size_t i = 0; i < s->list_n; i++)
		put_group(c, &s->list[i]);
	v3_list_end(c);
}

static void got_groups(struct rest_call *c, const void *resp)
{
	struct groups *s = c->state;
	const struct kp_list_groups_resp *r = v3_keep(c, KP_LIST_GROUPS, resp);
	if (r->error_code) {
		v3_fail_code(c, r->error_code, sl(NULL));
		return;
	}
	s->names = v3_new(c, ((size_t)r->group_n + 1) * sizeof(*s->names));
	for (int i = 0; i < r->group_n; i++)
		if (!r->groups[i].protocol_type.n || sl_eqs(r->groups[i].protocol_type, "consumer"))
			s->names[s->n++] = r->groups[i].group_id;
	rest_java_order(c->req->arena, s->names, s->n);
	look_up(c);
}

static void ask_groups(struct rest_call *c, const void *resp)
{
	struct kp_list_groups_req *q = V3_NEW(c, kp_list_groups_req);
	kp_init(kp_api(KP_LIST_GROUPS)->request, q);
	v3_ask(c, KP_LIST_GROUPS, q, got_groups);
}

void v3_groups(struct rest_call *c)
{
	struct groups *s = V3_NEW(c, groups);
	s->then = answer_groups;
	c->state = s;
	v3_begin(c, V3_CLUSTER_OF_GROUPS, ask_groups);
}

static void answer_group(struct rest_call *c, const void *resp)
{
	const struct group *g = own(c, NULL, NULL);
	if (!g)
		return;
	put_group(c, g);
	v3_done(c);
}

void v3_group(struct rest_call *c)
{
	begin(c, answer_group);
}

/* ---- consumers ---- */

typedef struct kp_describe_groups_resp_member member;

static void put_name(struct buf *b, const char *name, struct slice value)
{
	if (value.p)
		jk_str(b, name, value);
	else
		jw_null(b, name);
}

static void put_consumer(struct rest_call *c, struct slice group, const member *m)
{
	struct buf *b = &c->body;
	v3_head(c, "KafkaConsumer", v3_url(c, GROUP_URL "/consumers/%.*s", SL(group), SL(m->member_id)),
		v3_crn(c, "/consumer-group=%.*s/consumer=%.*s", SL(group), SL(m->member_id)));
	jk_str(b, "consumer_group_id", group);
	jk_str(b, "consumer_id", m->member_id);
	put_name(b, "instance_id", m->group_instance_id);
	jk_str(b, "client_id", m->client_id);
	v3_link(c, "assignments", v3_url(c, GROUP_URL "/consumers/%.*s/assignments", SL(group), SL(m->member_id)));
	jw_obj_end(b);
}

static int by_member(const void *a, const void *b)
{
	return sl_cmp(((const member *)a)->member_id, ((const member *)b)->member_id);
}

static void answer_consumers(struct rest_call *c, const void *resp)
{
	const struct group *g = own(c, "Consumer Group ", " does not exist.");
	if (!g)
		return;
	qsort(g->d->members, (size_t)g->d->member_n, sizeof(*g->d->members), by_member);
	v3_list(c, "KafkaConsumerList", v3_url(c, GROUP_URL "/consumers", SL(c->args[1])));
	for (int i = 0; i < g->d->member_n; i++)
		put_consumer(c, g->d->group_id, &g->d->members[i]);
	v3_list_end(c);
}

void v3_consumers(struct rest_call *c)
{
	begin(c, answer_consumers);
}

/* The consumer of the path; NULL: a 404 is told. */
static const member *own_consumer(struct rest_call *c, bool named)
{
	const struct group *g = own(c, "Consumer Group ", " does not exist.");
	if (!g)
		return NULL;
	for (int i = 0; i < g->d->member_n; i++)
		if (sl_eq(g->d->members[i].member_id, c->args[2]))
			return &g->d->members[i];
	v3_not_found(c, named ? arena_printf(c->req->arena, "Consumer %.*s does not exist.", SL(c->args[2])).p : NULL);
	return NULL;
}

static void answer_consumer(struct rest_call *c, const void *resp)
{
	const member *m = own_consumer(c, false);
	if (!m)
		return;
	put_consumer(c, c->args[1], m);
	v3_done(c);
}

void v3_consumer(struct rest_call *c)
{
	begin(c, answer_consumer);
}

/* ---- assignments ---- */

/* What a member's assignment says (version, topics with partitions); what can't be read is nothing. */
static void add_assigned(struct arena *a, const member *m, struct assigned **list, size_t *n, size_t *cap)
{
	struct rd r = rd_of(m->member_assignment.p, m->member_assignment.n);
	(void)rd_u16be(&r);
	uint32_t topics = rd_u32be(&r);
	for (uint32_t i = 0; i < topics && !r.bad; i++) {
		struct slice topic = rd_bytes(&r, rd_u16be(&r));
		uint32_t partitions = rd_u32be(&r);
		for (uint32_t k = 0; k < partitions && !r.bad; k++) {
			int32_t p = (int32_t)rd_u32be(&r);
			if (r.bad)
				return;
			ARENA_GROW(a, *list, *n, *cap);
			(*list)[(*n)++] = (struct assigned){ topic, p, m };
		}
	}
}

static int by_place(const void *a, const void *b)
{
	const struct assigned *x = a, *y = b;
	int d = sl_cmp(x->topic, y->topic);
	return d ? d : (x->partition > y->partition) - (x->partition < y->partition);
}

static void put_assignment(struct rest_call *c, const struct assigned *at)
{
	struct buf *b = &c->body;
	struct slice group = c->args[1], id = at->who->member_id;
	v3_head(c, "KafkaConsumerAssignment",
		v3_url(c, GROUP_URL "/consumers/%.*s/assignments/%.*s/partitions/%d", SL(group), SL(id), SL(at->topic), at->partition),
		v3_crn(c, "/consumer-group=%.*s/consumer=%.*s/assignment=%.*s/partition=%d", SL(group), SL(id), SL(at->topic), at->partition));
	jk_str(b, "consumer_group_id", group);
	jk_str(b, "consumer_id", id);
	jk_str(b, "topic_name", at->topic);
	jw_int(b, "partition_id", at->partition);
	v3_link(c, "partition", v3_url(c, "/topics/%.*s/partitions/%d", SL(at->topic), at->partition));
	v3_link(c, "lag", v3_url(c, GROUP_URL "/lags/%.*s/partitions/%d", SL(group), SL(at->topic), at->partition));
	jw_obj_end(b);
}

static struct assigned *assigned_to(struct rest_call *c, const member *m, size_t *n)
{
	struct assigned *list = NULL;
	size_t cap = 0;
	*n = 0;
	add_assigned(c->req->arena, m, &list, n, &cap);
	if (*n)
		qsort(list, *n, sizeof(*list), by_place);
	return list;
}

static void answer_assignments(struct rest_call *c, const void *resp)
{
	const member *m = own_consumer(c, true);
	size_t n;
	if (!m)
		return;
	struct assigned *list = assigned_to(c, m, &n);
	v3_list(c, "KafkaConsumerAssignmentList", v3_url(c, GROUP_URL "/consumers/%.*s/assignments", SL(c->args[1]), SL(c->args[2])));
	for (size_t i = 0; i < n; i++)
		put_assignment(c, &list[i]);
	v3_list_end(c);
}

void v3_assignments(struct rest_call *c)
{
	begin(c, answer_assignments);
}

static void answer_assignment(struct rest_call *c, const void *resp)
{
	const member *m = own_consumer(c, true);
	size_t n;
	if (!m)
		return;
	struct assigned *list = assigned_to(c, m, &n);
	for (size_t i = 0; i < n; i++) {
		if (sl_eq(list[i].topic, c->args[3]) && list[i].partition == c->number) {
			put_assignment(c, &list[i]);
			v3_done(c);
			return;
		}
	}
	v3_not_found(c, NULL);
}

void v3_assignment(struct rest_call *c)
{
	begin(c, answer_assignment);
}

/* ---- lags ---- */

struct lag {
	struct slice topic;
	int32_t partition;
	int64_t current, end, lag;
	const member *who; /* NULL: it is assigned to nobody */
};

/* The end of a partition: the answer has it where it was asked for, or somewhere; -1: it hasn't. */
static int64_t end_of(const struct kp_list_offsets_resp *ends, int t, int p, struct slice topic, int32_t partition)
{
	if (t < ends->topic_n && p < ends->topics[t].partition_n && ends->topics[t].partitions[p].partition_index == partition &&
	    sl_eq(ends->topics[t].name, topic))
		return ends->topics[t].partitions[p].offset;
	for (t = 0; t < ends->topic_n; t++)
		for (p = 0; p < ends->topics[t].partition_n && sl_eq(ends->topics[t].name, topic); p++)
			if (ends->topics[t].partitions[p].partition_index == partition)
				return ends->topics[t].partitions[p].offset;
	return -1;
}

/* Lags with what both offsets are known of, in the order of the real proxy's map. */
static struct lag *lags_of(struct rest_call *c, const struct kp_list_offsets_resp *ends, size_t *n)
{
	struct groups *s = c->state;
	const struct kp_offset_fetch_resp_group *f = &s->offsets->groups[0];
	struct assigned *taken = NULL;
	size_t taken_n = 0, cap = 0, most = 0;
	for (int i = 0; i < s->list[0].d->member_n; i++)
		add_assigned(c->req->arena, &s->list[0].d->members[i], &taken, &taken_n, &cap);
	if (taken_n)
		qsort(taken, taken_n, sizeof(*taken), by_place);
	for (int i = 0; i < f->topic_n; i++)
		most += (size_t)f->topics[i].partition_n;
	struct lag *all = v3_new(c, (most + 1) * sizeof(*all)), *out = v3_new(c, (most + 1) * sizeof(*out));
	uint32_t *hash = v3_new(c, (most + 1) * sizeof(*hash));
	size_t k = 0;
	for (int i = 0; i < f->topic_n; i++) {
		for (int p = 0; p < f->topics[i].partition_n; p++, k++) {
			const struct kp_offset_fetch_resp_group_topic_partition *at = &f->topics[i].partitions[p];
			all[k] = (struct lag){ f->topics[i].name, at->partition_index, at->committed_offset, end_of(ends, i, p, f->topics[i].name, at->partition_index), 0,
					       NULL };
			hash[k] = 31 * (31 + (uint32_t)at->partition_index) + java_hash(f->topics[i].name);
		}
	}
	const size_t *order = java_order(c->req->arena, hash, k, JAVA_TABLE);
	*n = 0;
	for (size_t i = 0; i < k; i++) {
		struct lag l = all[order[i]];
		struct assigned key = { l.topic, l.partition, NULL };
		const struct assigned *by = taken_n ? bsearch(&key, taken, taken_n, sizeof(*taken), by_place) : NULL;
		l.who = by ? by->who : NULL;
		l.lag = l.end > l.current ? l.end - l.current : 0;
		if (l.current >= 0 && l.end >= 0)
			out[(*n)++] = l;
	}
	return out;
}

static void got_ends(struct rest_call *c, const void *resp)
{
	struct groups *s = c->state;
	const struct kp_list_offsets_resp *r = v3_keep(c, KP_LIST_OFFSETS, resp);
	for (int i = 0; i < r->topic_n; i++) {
		for (int p = 0; p < r->topics[i].partition_n; p++) {
			if (r->topics[i].partitions[p].error_code) {
				v3_fail_code(c, r->topics[i].partitions[p].error_code, sl(NULL));
				return;
			}
		}
	}
	s->then(c, r);
}

static void got_offsets(struct rest_call *c, const void *resp)
{
	struct groups *s = c->state;
	struct kp_list_offsets_req *q = V3_NEW(c, kp_list_offsets_req);
	s->offsets = v3_keep(c, KP_OFFSET_FETCH, resp);
	struct kp_offset_fetch_resp_group *f = s->offsets->group_n ? &s->offsets->groups[0] : NULL;
	if (f && f->error_code) {
		v3_fail_code(c, f->error_code, sl(NULL));
		return;
	}
	if (!f || !f->topic_n) {
		v3_not_found(c, "Consumer group offsets could not be found.");
		return;
	}
	kp_init(kp_api(KP_LIST_OFFSETS)->request, q);
	q->replica_id = -1;
	q->isolation_level = 1;
	q->topics = kp_elements(&kp_list_offsets_req_topic_table, c->req->arena, (size_t)f->topic_n);
	q->topic_n = f->topic_n;
	for (int i = 0; i < f->topic_n; i++) {
		q->topics[i].name = f->topics[i].name;
		q->topics[i].partition_n = f->topics[i].partition_n;
		q->topics[i].partitions = kp_elements(&kp_list_offsets_req_partition_table, c->req->arena, (size_t)f->topics[i].partition_n);
		for (int p = 0; p < f->topics[i].partition_n; p++) {
			q->topics[i].partitions[p].partition_index = f->topics[i].partitions[p].partition_index;
			q->topics[i].partitions[p].timestamp = -1;
		}
	}
	v3_ask(c, KP_LIST_OFFSETS, q, got_ends);
}

static void ask_offsets(struct rest_call *c, const void *resp)
{
	struct groups *s = c->state;
	struct kp_offset_fetch_req *q = V3_NEW(c, kp_offset_fetch_req);
	if (!own(c, "Consumer Group ", " could not be found."))
		return;
	s->then = c->topic_then;
	kp_init(kp_api(KP_OFFSET_FETCH)->request, q);
	q->groups = kp_elements(&kp_offset_fetch_req_group_table, c->req->arena, 1);
	q->group_n = 1;
	q->groups[0].group_id = c->args[1];
	q->groups[0].topic_n = -1;
	v3_ask(c, KP_OFFSET_FETCH, q, got_offsets);
}

/* then gets the answer of ListOffsets. */
static void begin_lags(struct rest_call *c, rest_then then)
{
	c->topic_then = then;
	begin(c, ask_offsets);
}

static void answer_lag_summary(struct rest_call *c, const void *resp)
{
	struct buf *b = &c->body;
	struct slice group = c->args[1], id, instance, client;
	size_t n;
	const struct lag *l = lags_of(c, resp, &n), *most = NULL;
	int64_t total = 0;
	for (size_t i = 0; i < n; i++) {
		total += l[i].lag;
		if (!most || l[i].lag > most->lag)
			most = &l[i];
	}
	if (!most) { /* the builder lacks what it needs */
		v3_fail(c, 500, 500, S("Internal Server Error"));
		return;
	}
	id = most->who ? most->who->member_id : S("");
	instance = most->who ? most->who->group_instance_id : sl(NULL);
	client = most->who ? most->who->client_id : S("");
	v3_head(c, "KafkaConsumerGroupLagSummary", v3_url(c, GROUP_URL "/lag-summary", SL(group)), v3_crn(c, "/consumer-group=%.*s/lag-summary", SL(group)));
	jk_str(b, "consumer_group_id", group);
	jw_int(b, "max_lag", most->lag);
	jw_int(b, "total_lag", total);
	jk_str(b, "max_lag_consumer_id", id);
	v3_link(c, "max_lag_consumer", v3_url(c, GROUP_URL "/consumers%s%.*s", SL(group), id.n ? "/" : "", SL(id)));
	jk_str(b, "max_lag_client_id", client);
	put_name(b, "max_lag_instance_id", instance);
	jk_str(b, "max_lag_topic_name", most->topic);
	jw_int(b, "max_lag_partition_id", most->partition);
	v3_link(c, "max_lag_partition", v3_url(c, "/topics/%.*s/partitions/%d", SL(most->topic), most->partition));
	jw_obj_end(b);
	v3_done(c);
}

void v3_lag_summary(struct rest_call *c)
{
	begin_lags(c, answer_lag_summary);
}

static void put_lag(struct rest_call *c, const struct lag *l)
{
	struct buf *b = &c->body;
	struct slice group = c->args[1];
	v3_head(c, "KafkaConsumerLag", v3_url(c, GROUP_URL "/lags/%.*s/partitions/%d", SL(group), SL(l->topic), l->partition),
		v3_crn(c, "/consumer-group=%.*s/lag=%.*s/partition=%d", SL(group), SL(l->topic), l->partition));
	jk_str(b, "consumer_group_id", group);
	jk_str(b, "topic_name", l->topic);
	jw_int(b, "partition_id", l->partition);
	jk_str(b, "consumer_id", l->who ? l->who->member_id : S(""));
	put_name(b, "instance_id", l->who ? l->who->group_instance_id : sl(NULL));
	jk_str(b, "client_id", l->who ? l->who->client_id : S(""));
	jw_int(b, "current_offset", l->current);
	jw_int(b, "log_end_offset", l->end);
	jw_int(b, "lag", l->lag);
	jw_obj_end(b);
}

static int by_lag(const void *a, const void *b)
{
	const struct lag *x = a, *y = b;
	int d = sl_cmp(x->topic, y->topic);
	if (x->lag != y->lag)
		return x->lag < y->lag ? 1 : -1;
	return d ? d : (x->partition > y->partition) - (x->partition < y->partition);
}

static void answer_lags(struct rest_call *c, const void *resp)
{
	size_t n;
	struct lag *l = lags_of(c, resp, &n);
	if (!n) {
		v3_not_found(c, "Consumer lags not found.");
		return;
	}
	qsort(l, n, sizeof(*l), by_lag);
	v3_list(c, "KafkaConsumerLagList", v3_url(c, GROUP_URL "/lags", SL(c->args[1])));
	for (size_t i = 0; i < n; i++)
		put_lag(c, &l[i]);
	v3_list_end(c);
}

void v3_lags(struct rest_call *c)
{
	begin_lags(c, answer_lags);
}

static void answer_lag(struct rest_call *c, const void *resp)
{
	size_t n;
	const struct lag *l = lags_of(c, resp, &n);
	for (size_t i = 0; i < n; i++) {
		if (sl_eq(l[i].topic, c->args[2]) && l[i].partition == c->number) {
			put_lag(c, &l[i]);
			v3_done(c);
			return;
		}
	}
	v3_not_found(c, NULL);
}

void v3_lag(struct rest_call *c)
{
	begin_lags(c, answer_lag);
}
