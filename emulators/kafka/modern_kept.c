/* What is kept of groups of the consumer protocol: Kafka's own records, a row each; and ConsumerGroupDescribe. */
#include "kafka/modern.h"

enum { KEY_GROUP = 3, KEY_MEMBER = 5, KEY_TARGET_EPOCH = 6, KEY_TARGET = 7, KEY_CURRENT = 8 };

static void put_key(int16_t kind, const char *group, const char *member, struct buf *out)
{
	buf_u16be(out, (uint16_t)kind);
	if (member)
		kp_write(&kp_consumer_member_key_table, 0, false, &(struct kp_consumer_member_key){ sl(group), sl(member) }, out);
	else
		kp_write(&kp_consumer_group_key_table, 0, false, &(struct kp_consumer_group_key){ sl(group) }, out);
}

/* value NULL: the record is no more. */
static int keep(const struct kfk_group *g, int16_t kind, const char *member, const struct kp_table *table, const void *value)
{
	struct buf key = { 0 }, bytes = { 0 };
	struct error err;
	put_key(kind, g->id, member, &key);
	if (value) {
		buf_u16be(&bytes, 0);
		kp_write(table, 0, true, value, &bytes);
	}
	struct slice said = value ? buf_slice(&bytes) : sl(NULL);
	int rc = kfk_group_store_record(kfk_group_store(g->k), sl(g->id), buf_slice(&key), said, &err);
	if (!rc)
		kfk_group_record(g->k, sl(g->id), buf_slice(&key), said);
	buf_free(&key);
	buf_free(&bytes);
	return rc ? kfk_store_failed(g->k, "group", &err) : KE_NONE;
}

int kfk_keep_epoch(const struct kfk_group *g, bool target)
{
	struct kp_consumer_epoch_value v = { target ? g->modern->target_epoch : g->modern->epoch };
	return keep(g, target ? KEY_TARGET_EPOCH : KEY_GROUP, NULL, &kp_consumer_epoch_value_table, &v);
}

int kfk_keep_reader(const struct kfk_reader *r)
{
	struct arena arena = { 0 };
	struct slice *names = arena_alloc(&arena, (r->name_n + 1) * sizeof(*names));
	for (size_t i = 0; i < r->name_n; i++)
		names[i] = sl(r->names[i]);
	struct kp_consumer_member_value v = { .instance_id = sl(r->instance), .rack_id = sl(r->rack), .client_id = sl(r->client), .client_host = sl(r->host),
					      .topic_names = names, .topic_name_n = (int32_t)r->name_n, .topic_regex = sl(r->regex),
					      .rebalance_timeout_ms = r->rebalance_ms, .server_assignor = sl(r->assignor) };
	int code = keep(r->group, KEY_MEMBER, r->id, &kp_consumer_member_value_table, &v);
	arena_free(&arena);
	return code;
}

int kfk_keep_target(const struct kfk_reader *r)
{
	struct arena arena = { 0 };
	struct kp_consumer_target_value v = { 0 };
	v.topics = kfk_places_told(&r->target, &arena, &v.topic_n);
	int code = keep(r->group, KEY_TARGET, r->id, &kp_consumer_target_value_table, &v);
	arena_free(&arena);
	return code;
}

int kfk_keep_current(const struct kfk_reader *r)
{
	struct arena arena = { 0 };
	struct kp_consumer_current_value v = { .epoch = r->epoch, .previous_epoch = r->previous, .state = (int8_t)r->state };
	v.assigned = kfk_places_told(&r->assigned, &arena, &v.assigned_n);
	v.revoking = kfk_places_told(&r->revoking, &arena, &v.revoking_n);
	int code = keep(r->group, KEY_CURRENT, r->id, &kp_consumer_current_value_table, &v);
	arena_free(&arena);
	return code;
}

int kfk_unkeep_reader(const struct kfk_reader *r)
{
	static const int16_t kinds[] = { KEY_CURRENT, KEY_TARGET, KEY_MEMBER };
	int code = KE_NONE;
	for (size_t i = 0; !code && i < ARRAY_LEN(kinds); i++)
		code = keep(r->group, kinds[i], r->id, NULL, NULL);
	return code;
}

int kfk_unkeep_modern(const struct kfk_group *g)
{
	int code = KE_NONE;
	for (size_t i = 0; !code && i < g->modern->n; i++)
		code = kfk_unkeep_reader(g->modern->readers[i]);
	if (!code && g->modern->epoch)
		code = keep(g, KEY_TARGET_EPOCH, NULL, NULL, NULL);
	if (!code && g->modern->epoch)
		code = keep(g, KEY_GROUP, NULL, NULL, NULL);
	return code;
}

/* ---- read back ---- */

int64_t kfk_topic_number(struct kp_uuid id)
{
	uint64_t v = 0;
	for (int i = 9; i < 16; i++)
		v = v << 8 | id.b[i];
	return (int64_t)v;
}

static void take_places(struct kfk_places *to, const struct kp_consumer_places *from, int32_t n)
{
	kfk_places_clear(to);
	for (int32_t i = 0; i < n; i++)
		for (int32_t p = 0; p < from[i].partition_n; p++)
			kfk_places_add(to, kfk_topic_number(from[i].topic_id), from[i].partitions[p]);
}

static char *own(char *was, struct slice with)
{
	free(was);
	return with.p ? xstrndup(with.p, with.n) : NULL;
}

static void load_member(struct kfk_reader *r, struct rd *in, struct arena *a)
{
	struct kp_consumer_member_value v;
	if (!kp_read(&kp_consumer_member_value_table, 0, true, in, a, &v))
		return;
	r->instance = own(r->instance, v.instance_id);
	r->rack = own(r->rack, v.rack_id);
	r->client = own(r->client, v.client_id);
	r->host = own(r->host, v.client_host);
	r->regex = own(r->regex, v.topic_regex);
	r->assignor = own(r->assignor, v.server_assignor);
	r->rebalance_ms = v.rebalance_timeout_ms;
	r->names = xcalloc((size_t)v.topic_name_n + 1, sizeof(*r->names));
	for (int32_t i = 0; i < v.topic_name_n; i++)
		r->names[r->name_n++] = xstrndup(v.topic_names[i].p, v.topic_names[i].n);
	kfk_reader_look_up(r->group->k, NULL, r);
	kfk_reader_beats(r);
}

static void load_places(struct kfk_reader *r, int16_t kind, struct rd *in, struct arena *a)
{
	struct kp_consumer_target_value target;
	struct kp_consumer_current_value current;
	if (kind == KEY_TARGET && kp_read(&kp_consumer_target_value_table, 0, true, in, a, &target))
		take_places(&r->target, target.topics, target.topic_n);
	if (kind != KEY_CURRENT || !kp_read(&kp_consumer_current_value_table, 0, true, in, a, &current))
		return;
	r->epoch = current.epoch;
	r->previous = current.previous_epoch;
	r->state = (enum kfk_reader_state)current.state;
	take_places(&r->assigned, current.assigned, current.assigned_n);
	take_places(&r->revoking, current.revoking, current.revoking_n);
	kfk_reader_revokes(r);
}

void kfk_modern_load(void *arg, struct slice group, struct slice key, struct slice value)
{
	struct kafka *k = arg;
	struct kfk_group *g = kfk_group(k, group);
	struct arena arena = { 0 };
	struct rd in = rd_of(value.p, value.n), at = rd_of(key.p, key.n);
	struct kp_consumer_member_key member;
	struct kp_consumer_epoch_value epoch;
	int16_t kind = (int16_t)rd_u16be(&at);
	(void)rd_u16be(&in);
	if (!g)
		return;
	if (!g->modern)
		kfk_modern_make(g);
	if (kind == KEY_GROUP || kind == KEY_TARGET_EPOCH) {
		if (kp_read(&kp_consumer_epoch_value_table, 0, true, &in, &arena, &epoch))
			*(kind == KEY_GROUP ? &g->modern->epoch : &g->modern->target_epoch) = epoch.epoch;
	} else if (kp_read(&kp_consumer_member_key_table, 0, false, &at, &arena, &member)) {
		struct kfk_reader *r = kfk_reader(g, member.member);
		if (kind == KEY_MEMBER)
			load_member(r ? r : kfk_reader_add(g, member.member), &in, &arena);
		else if (r)
			load_places(r, kind, &in, &arena);
	}
	arena_free(&arena);
}

/* ---- ConsumerGroupDescribe ---- */

static void tell_places(struct kafka *k, const struct kfk_places *s, struct arena *a, struct kp_consumer_group_describe_resp_topic_partition **to, int32_t *n)
{
	int32_t told_n;
	const struct kp_consumer_places *told = kfk_places_told(s, a, &told_n);
	*to = kp_elements(&kp_consumer_group_describe_resp_topic_partition_table, a, (size_t)told_n);
	*n = 0;
	for (int32_t i = 0; i < told_n; i++) {
		const struct kfk_topic *t = kfk_topic_by_number(k, kfk_topic_number(told[i].topic_id));
		if (t)
			(*to)[(*n)++] = (struct kp_consumer_group_describe_resp_topic_partition){ told[i].topic_id, sl(t->name), told[i].partitions, told[i].partition_n };
	}
}

static void tell_member(const struct kfk_reader *r, struct arena *a, struct kp_consumer_group_describe_resp_member *to)
{
	struct kp_consumer_group_describe_resp_assignment *has = arena_alloc(a, sizeof(*has));
	struct kp_consumer_group_describe_resp_target_assignment *target = arena_alloc(a, sizeof(*target));
	struct kp_consumer_group_describe_resp_topic_partition *wants;
	to->member_id = sl(r->id);
	to->instance_id = sl(r->instance);
	to->rack_id = sl(r->rack);
	to->member_epoch = r->epoch;
	to->client_id = sl(r->client);
	to->client_host = sl(r->host);
	to->subscribed_topic_names = arena_alloc(a, (r->name_n + 1) * sizeof(*to->subscribed_topic_names));
	to->subscribed_topic_name_n = (int32_t)r->name_n;
	for (size_t i = 0; i < r->name_n; i++)
		to->subscribed_topic_names[i] = sl(r->names[i]);
	to->subscribed_topic_regex = r->regex ? sl(r->regex) : S("");
	to->member_type = 1;
	tell_places(r->group->k, &r->assigned, a, &has->topic_partitions, &has->topic_partition_n);
	tell_places(r->group->k, &r->target, a, &wants, &target->topic_partition_n);
	target->topic_partitions = kp_elements(&kp_consumer_group_describe_resp_target_assignment_topic_partition_table, a, (size_t)target->topic_partition_n);
	for (int32_t i = 0; i < target->topic_partition_n; i++)
		target->topic_partitions[i] = (struct kp_consumer_group_describe_resp_target_assignment_topic_partition){ wants[i].topic_id, wants[i].topic_name,
															  wants[i].partitions, wants[i].partition_n };
	to->assignment = has;
	to->target_assignment = target;
}

static void tell_group(const struct kfk_group *g, struct kfk_call *c, struct kp_consumer_group_describe_resp_group *to)
{
	to->group_state = sl(kfk_modern_state(g));
	to->group_epoch = g->modern->epoch;
	to->assignment_epoch = g->modern->target_epoch;
	to->assignor_name = sl(kfk_assignor(g));
	to->members = kp_elements(&kp_consumer_group_describe_resp_member_table, c->arena, g->modern->n);
	to->member_n = (int32_t)g->modern->n;
	for (size_t i = 0; i < g->modern->n; i++)
		tell_member(g->modern->readers[i], c->arena, &to->members[i]);
}

enum kfk_done kfk_serve_consumer_describe(struct kafka *k, struct kfk_call *c)
{
	const struct kp_consumer_group_describe_req *req = c->req;
	struct kp_consumer_group_describe_resp *out = c->resp;
	out->groups = kp_elements(&kp_consumer_group_describe_resp_group_table, c->arena, (size_t)req->group_id_n);
	out->group_n = req->group_id_n;
	for (int32_t i = 0; i < req->group_id_n; i++) {
		struct slice id = req->group_ids[i];
		struct kp_consumer_group_describe_resp_group *to = &out->groups[i];
		const struct kfk_group *g = kfk_group(k, id);
		to->group_id = id;
		to->error_code = (int16_t)(id.n ? kfk_group_may(k, c, "DescribeGroup", id) : KE_INVALID_GROUP_ID);
		if (to->error_code)
			continue;
		if (!g || !g->modern) {
			to->error_code = KE_GROUP_ID_NOT_FOUND;
			to->error_message = arena_printf(c->arena, g ? "Group %.*s is not a consumer group." : "Group %.*s not found.", SL(id));
			continue;
		}
		if (req->include_authorized_operations)
			to->authorized_operations = KFK_GROUP_OPERATIONS;
		tell_group(g, c, to);
	}
	return KFK_ANSWERED;
}
