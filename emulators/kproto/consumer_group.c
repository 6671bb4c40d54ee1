/* A consumer's place in its group: join, assign (by the range assignor) when it leads, sync, heartbeats, leave; and the offsets of the group
 * from which it begins. What fails for now is tried again after a while, as kafka-clients do. */
#include "kproto/code.h"
#include "kproto/consumer.h"
#include "kproto/message.h"

enum { METADATA_MS = 300000 }; /* metadata.max.age.ms */

static void join(struct consumer *c);

static struct broker *broker(const struct consumer *c)
{
	return &c->all->env->ports->broker;
}

static void retried(void *arg)
{
	kp_poll_turn(arg);
}

static void again(struct consumer *c)
{
	if (!c->again)
		owed_keep(&c->again, owed_after(c->all->env->loop, KP_BACKOFF_MS, retried, c));
}

static void forget_member(struct consumer *c)
{
	free(c->member);
	c->member = NULL;
	c->generation = -1;
}

/* Codes after which it joins once more; others are said by the poll. */
static void failed(struct consumer *c, int code)
{
	c->state = KP_NO_MEMBER;
	if (code == KE_UNKNOWN_MEMBER_ID || code == KE_ILLEGAL_GENERATION || code == KE_FENCED_INSTANCE_ID)
		forget_member(c);
	if (code == KE_UNKNOWN_MEMBER_ID || code == KE_ILLEGAL_GENERATION || code == KE_REBALANCE_IN_PROGRESS || code == KE_COORDINATOR_NOT_AVAILABLE ||
	    code == KE_COORDINATOR_LOAD_IN_PROGRESS || code == KE_NOT_COORDINATOR || code == KE_KAFKA_STORAGE_ERROR)
		again(c);
	else
		kp_consumer_wrong(c, code, NULL);
}

/* ---- where the group is ---- */

static void on_places(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	struct consumer *c = arg;
	struct kp_place *at = c->places;
	c->looking_up = false;
	for (size_t i = 0; !err && i < n; i++) {
		while (at && (at->position != -3 || at->partition != p[i].partition || !sl_eqs(p[i].topic, at->topic)))
			at = at->next;
		if (!at)
			break;
		if (p[i].error)
			again(c);
		else if (p[i].offset >= 0)
			at->position = p[i].offset;
		else if (!strcmp(c->reset, "none"))
			kp_consumer_wrong(c, KE_OFFSET_OUT_OF_RANGE, "Undefined offset with no reset policy for partitions");
		else
			at->position = !strcmp(c->reset, "earliest") ? -2 : -1;
	}
	if (err)
		again(c);
	kp_poll_turn(c);
}

static void look_up(struct consumer *c)
{
	const struct consumers *port = &c->all->env->ports->consumers;
	struct arena arena = { 0 };
	size_t n = 0;
	for (struct kp_place *p = c->places; p; p = p->next)
		n += p->position == -3;
	if (!n || c->looking_up)
		return;
	struct consumer_place *ask = arena_alloc(&arena, n * sizeof(*ask));
	n = 0;
	for (struct kp_place *p = c->places; p; p = p->next)
		if (p->position == -3)
			ask[n++] = (struct consumer_place){ .topic = sl(p->topic), .partition = p->partition };
	c->looking_up = true;
	owed_keep(&c->steps, port->committed(c, ask, n, on_places, c));
	arena_free(&arena);
}

/* ---- heartbeats ---- */

static void beat_later(struct consumer *c);

static void on_beat(void *arg, const void *answer, const struct error *err)
{
	const struct kp_heartbeat_resp *resp = answer;
	struct consumer *c = arg;
	int code = err ? KE_COORDINATOR_NOT_AVAILABLE : resp->error_code;
	if (code == KE_REBALANCE_IN_PROGRESS) {
		c->rejoin = true;
		kp_poll_turn(c);
	} else if (code && c->state == KP_MEMBER) {
		kp_places_drop(c);
		failed(c, code);
	}
}

static void beat(void *arg)
{
	struct consumer *c = arg;
	struct kp_heartbeat_req req;
	if (c->state != KP_MEMBER)
		return;
	if (clock_now_ms(c->all->env->clock) - c->polled_ms > KP_POLL_INTERVAL_MS) { /* as kafka-clients: who doesn't poll leaves */
		kp_group_end(c, true);
		kp_places_drop(c);
		return;
	}
	kp_init(&kp_heartbeat_req_table, &req);
	req.group_id = sl(c->group);
	req.generation_id = c->generation;
	req.member_id = sl(c->member);
	req.group_instance_id = sl(c->instance);
	owed_keep(&c->beating, broker(c)->ask(broker(c)->self, KP_HEARTBEAT, &req, on_beat, c));
	beat_later(c);
}

static void beat_later(struct consumer *c)
{
	struct clock *clock = c->all->env->clock;
	clock_at(clock, &c->beat, clock_now_ms(clock) + KP_HEARTBEAT_MS, beat, c);
}

/* ---- sync ---- */

/* Partitions that it keeps go on where they are. */
static void take_assignment(struct consumer *c, struct slice bytes)
{
	struct kp_consumer_protocol_assignment got;
	struct rd r = rd_of(bytes.p, bytes.n);
	int16_t version = (int16_t)rd_u16be(&r);
	kp_places_drop(c);
	if (!bytes.n || r.bad || !kp_read(&kp_consumer_protocol_assignment_table, version < 0 ? 0 : version > 3 ? 3 : version, false, &r, &c->round, &got))
		return;
	for (int32_t i = 0; i < got.assigned_partition_n; i++)
		for (int32_t j = 0; j < got.assigned_partitions[i].partition_n; j++)
			(void)kp_place_add(c, got.assigned_partitions[i].topic, got.assigned_partitions[i].partitions[j], -3);
}

static void on_sync(void *arg, const void *answer, const struct error *err)
{
	const struct kp_sync_group_resp *resp = answer;
	struct consumer *c = arg;
	int code = err ? KE_COORDINATOR_NOT_AVAILABLE : resp->error_code;
	if (code) {
		failed(c, code);
	} else {
		c->state = KP_MEMBER;
		take_assignment(c, resp->assignment);
		beat_later(c);
	}
	arena_reset(&c->round);
	kp_poll_turn(c);
}

static void sync_group(struct consumer *c)
{
	struct kp_sync_group_req req;
	kp_init(&kp_sync_group_req_table, &req);
	req.group_id = sl(c->group);
	req.generation_id = c->generation;
	req.member_id = sl(c->member);
	req.group_instance_id = sl(c->instance);
	req.protocol_type = S("consumer");
	req.protocol_name = S("range");
	req.assignments = kp_elements(&kp_sync_group_req_assignment_table, &c->round, c->round_n);
	req.assignment_n = (int32_t)c->round_n;
	for (size_t i = 0; i < c->round_n; i++) {
		req.assignments[i].member_id = c->round_members[i].member;
		req.assignments[i].assignment = buf_slice(&c->round_members[i].places);
	}
	owed_keep(&c->steps, broker(c)->ask(broker(c)->self, KP_SYNC_GROUP, &req, on_sync, c));
	for (size_t i = 0; i < c->round_n; i++)
		buf_free(&c->round_members[i].places);
	c->round_n = 0;
}

/* ---- assigning ---- */

static int by_member(const void *a, const void *b)
{
	const struct kp_assigned *x = a, *y = b;
	if (x->instance.p && y->instance.p)
		return sl_cmp(x->instance, y->instance);
	if (x->instance.p || y->instance.p)
		return x->instance.p ? -1 : 1;
	return sl_cmp(x->member, y->member);
}

static bool subscribes(const struct kp_assigned *m, struct slice topic)
{
	for (size_t i = 0; i < m->topic_n; i++)
		if (sl_eq(m->topics[i], topic))
			return true;
	return false;
}

/* RangeAssignor: of each topic contiguous blocks, in the members' order, the first ones larger by one. */
static size_t share(const struct consumer *c, struct slice topic, int partition_n, size_t member, int *first)
{
	size_t members = 0, rank = 0;
	for (size_t i = 0; i < c->round_n; i++) {
		if (!subscribes(&c->round_members[i], topic))
			continue;
		rank += i < member;
		members++;
	}
	if (!subscribes(&c->round_members[member], topic))
		return 0;
	size_t each = (size_t)partition_n / members, more = (size_t)partition_n % members;
	*first = (int)(each * rank + (rank < more ? rank : more));
	return each + (rank < more);
}

static void assign_member(struct consumer *c, size_t member, const struct topic_info *t, size_t n)
{
	struct kp_consumer_protocol_assignment out;
	kp_init(&kp_consumer_protocol_assignment_table, &out);
	out.user_data = sl(NULL);
	out.assigned_partitions = kp_elements(&kp_consumer_protocol_assignment_assigned_partition_table, &c->round, n);
	for (size_t i = 0; i < n; i++) {
		struct kp_consumer_protocol_assignment_assigned_partition *p = &out.assigned_partitions[out.assigned_partition_n];
		int first = 0;
		size_t count = share(c, t[i].name, t[i].partition_n, member, &first);
		if (!count)
			continue;
		p->topic = t[i].name;
		p->partitions = arena_alloc(&c->round, count * sizeof(*p->partitions));
		p->partition_n = (int32_t)count;
		for (size_t j = 0; j < count; j++)
			p->partitions[j] = first + (int)j;
		out.assigned_partition_n++;
	}
	buf_u16be(&c->round_members[member].places, 1);
	kp_write(&kp_consumer_protocol_assignment_table, 1, false, &out, &c->round_members[member].places);
}

static void on_topics_to_assign(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct consumer *c = arg;
	if (err) {
		failed(c, KE_COORDINATOR_NOT_AVAILABLE);
		return;
	}
	qsort(c->round_members, c->round_n, sizeof(*c->round_members), by_member);
	for (size_t i = 0; i < c->round_n; i++)
		assign_member(c, i, t, n);
	sync_group(c);
}

static void read_members(struct consumer *c, const struct kp_join_group_resp *resp)
{
	c->round_members = arena_alloc(&c->round, ((size_t)resp->member_n + 1) * sizeof(*c->round_members));
	for (int32_t i = 0; i < resp->member_n; i++) {
		struct kp_consumer_protocol_subscription s;
		struct slice bytes = arena_dup(&c->round, resp->members[i].metadata);
		struct rd r = rd_of(bytes.p, bytes.n);
		int16_t version = (int16_t)rd_u16be(&r);
		struct kp_assigned *m = &c->round_members[c->round_n++];
		*m = (struct kp_assigned){ .member = arena_dup(&c->round, resp->members[i].member_id) };
		if (resp->members[i].group_instance_id.p)
			m->instance = arena_dup(&c->round, resp->members[i].group_instance_id);
		if (r.bad || !kp_read(&kp_consumer_protocol_subscription_table, version < 0 ? 0 : version > 3 ? 3 : version, false, &r, &c->round, &s))
			continue;
		m->topics = s.topics;
		m->topic_n = (size_t)s.topic_n;
	}
}

/* ---- join ---- */

static void on_join(void *arg, const void *answer, const struct error *err)
{
	const struct kp_join_group_resp *resp = answer;
	struct consumer *c = arg;
	const struct record_log *log = &c->all->env->ports->log;
	int code = err ? KE_COORDINATOR_NOT_AVAILABLE : resp->error_code;
	if (code == KE_MEMBER_ID_REQUIRED) {
		forget_member(c);
		c->member = xstrndup(resp->member_id.p, resp->member_id.n);
		join(c);
		return;
	}
	if (code) {
		failed(c, code);
		return;
	}
	forget_member(c);
	c->member = xstrndup(resp->member_id.p, resp->member_id.n);
	c->generation = resp->generation_id;
	c->leads = sl_eq(resp->leader, resp->member_id) && !resp->skip_assignment;
	c->state = KP_SYNCING;
	c->rejoin = false;
	c->round_n = 0;
	if (!c->leads) {
		sync_group(c);
		return;
	}
	read_members(c, resp);
	owed_keep(&c->steps, log->topics(log->self, on_topics_to_assign, c));
}

/* The topics of the last look, without the numbers of their partitions. */
static size_t subscription(struct consumer *c, struct arena *a, struct slice **out)
{
	struct slice rest = sl(c->asked_for), line, name, number;
	size_t n = 0;
	*out = arena_alloc(a, (c->topic_n + rest.n + 1) * sizeof(**out));
	if (!c->pattern)
		for (size_t i = 0; i < c->topic_n; i++)
			(*out)[n++] = sl(c->topics[i]);
	while (c->pattern && rest.n) {
		(void)sl_cut(rest, '\n', &line, &rest);
		(void)sl_cut(line, ' ', &name, &number);
		(*out)[n++] = name;
	}
	return n;
}

static void join(struct consumer *c)
{
	struct kp_consumer_protocol_subscription sub;
	struct kp_join_group_req req;
	struct arena arena = { 0 };
	struct buf bytes = { 0 };
	kp_init(&kp_consumer_protocol_subscription_table, &sub);
	sub.topic_n = (int32_t)subscription(c, &arena, &sub.topics);
	sub.user_data = sl(NULL);
	buf_u16be(&bytes, 0);
	kp_write(&kp_consumer_protocol_subscription_table, 0, false, &sub, &bytes);
	kp_init(&kp_join_group_req_table, &req);
	req.group_id = sl(c->group);
	req.session_timeout_ms = (int32_t)c->session_ms;
	req.rebalance_timeout_ms = KP_POLL_INTERVAL_MS;
	req.member_id = c->member ? sl(c->member) : S("");
	req.group_instance_id = sl(c->instance);
	req.protocol_type = S("consumer");
	req.protocols = kp_elements(&kp_join_group_req_protocol_table, &arena, 1);
	req.protocol_n = 1;
	req.protocols->name = S("range");
	req.protocols->metadata = buf_slice(&bytes);
	c->state = KP_JOINING;
	arena_reset(&c->round);
	owed_keep(&c->steps, broker(c)->ask(broker(c)->self, KP_JOIN_GROUP, &req, on_join, c));
	buf_free(&bytes);
	arena_free(&arena);
}

/* ---- topics ---- */

static bool wants(struct consumer *c, struct slice name)
{
	for (size_t i = 0; i < c->topic_n; i++)
		if (sl_eqs(name, c->topics[i]))
			return true;
	return c->regex_ok && java_regex_find(&c->regex, name, 0) > 0;
}

static void on_topics(void *arg, const struct topic_info *t, size_t n, const struct error *err)
{
	struct consumer *c = arg;
	struct buf found = { 0 };
	c->looked_ms = clock_now_ms(c->all->env->clock);
	if (err) {
		again(c);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (wants(c, t[i].name))
			buf_addf(&found, "%.*s %d\n", SL(t[i].name), t[i].partition_n);
	bool same = c->asked_for && sl_eqs(buf_slice(&found), c->asked_for);
	if (!same) {
		free(c->asked_for);
		c->asked_for = xstrndup(found.p ? found.p : "", found.n);
	}
	buf_free(&found);
	if (c->state == KP_NO_MEMBER || (c->state == KP_MEMBER && (c->rejoin || (!same && (c->leads || c->pattern))))) {
		kp_commit_all(c, &c->saving);
		clock_cancel(c->all->env->clock, &c->beat);
		kp_places_drop(c);
		join(c);
	}
}

/* Whether one of the topics that it names isn't there, as far as it knows. */
static bool misses(const struct consumer *c)
{
	size_t lines = 0;
	for (const char *p = c->asked_for; p && *p; p++)
		lines += *p == '\n';
	return c->pattern || lines < c->topic_n;
}

void kp_group_go_on(struct consumer *c)
{
	const struct record_log *log = &c->all->env->ports->log;
	bool old = clock_now_ms(c->all->env->clock) - c->looked_ms > METADATA_MS;
	if (c->again)
		return;
	if (c->subscribed && !c->looking && (c->state == KP_NO_MEMBER || (c->state == KP_MEMBER && (c->rejoin || old || misses(c)))))
		owed_keep(&c->looking, log->topics(log->self, on_topics, c));
	look_up(c);
}

/* ---- leaving ---- */

void kp_group_end(struct consumer *c, bool leave)
{
	struct kp_leave_group_req_member one;
	struct kp_leave_group_req req;
	owed_cancel_all(&c->steps);
	owed_cancel_all(&c->beating);
	owed_cancel_all(&c->looking);
	owed_cancel(c->again);
	clock_cancel(c->all->env->clock, &c->beat);
	for (size_t i = 0; i < c->round_n; i++)
		buf_free(&c->round_members[i].places);
	c->round_n = 0;
	arena_free(&c->round);
	c->looking_up = c->rejoin = c->leads = false;
	free(c->asked_for);
	c->asked_for = NULL;
	if (leave && c->member && !c->instance) { /* who has an instance id is waited for */
		kp_init(&kp_leave_group_req_table, &req);
		kp_init(&kp_leave_group_req_member_table, &one);
		req.group_id = sl(c->group);
		req.members = &one;
		req.member_n = 1;
		one.member_id = sl(c->member);
		one.reason = S("the consumer is being closed");
		owed_keep(&c->all->leaving, broker(c)->ask(broker(c)->self, KP_LEAVE_GROUP, &req, kp_told_no_one, NULL));
	}
	c->state = KP_NO_MEMBER;
	forget_member(c);
}
