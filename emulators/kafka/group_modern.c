/* ConsumerGroupHeartbeat: who is in a group of the consumer protocol, its epochs, each member's way to its target. As Kafka 4.0
 * (GroupMetadataManager, CurrentAssignmentBuilder). */
#include "core/text.h"
#include "java/regex.h"
#include "kafka/modern.h"

enum { LEAVES = -1, LEAVES_FOR_A_WHILE = -2 };

/* ---- a heartbeat ---- */

struct beat {
	struct kafka *k;
	struct kfk_call *c;
	const struct kp_consumer_group_heartbeat_req *req;
	struct kp_consumer_group_heartbeat_resp *out;
	struct kfk_group *g;
	struct kfk_reader *r;
	struct kfk_places owned; /* what the member says it has */
	bool tells;              /* it says so */
	bool anew;               /* it takes a static member's place over */
};

static int says(struct beat *b, int code, struct slice text)
{
	b->out->error_code = (int16_t)code;
	b->out->error_message = text;
	return code;
}

static bool empty(struct slice s)
{
	return s.p && !s.n;
}

/* Kafka's checks of the fields, in its order. */
static int check(struct beat *b)
{
	const struct kp_consumer_group_heartbeat_req *req = b->req;
	bool joins = !req->member_epoch;
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ (b->c->version >= 1 || req->member_epoch > 0 || req->member_epoch == LEAVES) && empty(req->member_id), "MemberId can't be empty." },
		{ empty(req->group_id), "GroupId can't be empty." },
		{ empty(req->instance_id), "InstanceId can't be empty." },
		{ empty(req->rack_id), "RackId can't be empty." },
		{ joins && req->rebalance_timeout_ms == -1, "RebalanceTimeoutMs must be provided in first request." },
		{ joins && req->topic_partition_n, "TopicPartitions must be empty when (re-)joining." },
		{ joins && req->subscribed_topic_name_n < 0 && !req->subscribed_topic_regex.p,
		  "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining." },
		{ req->member_epoch == LEAVES_FOR_A_WHILE && !req->instance_id.p, "InstanceId can't be null." },
		{ req->member_epoch < LEAVES_FOR_A_WHILE, "MemberEpoch is invalid." },
	};
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].wrong)
			return says(b, KE_INVALID_REQUEST, sl(rules[i].text));
	if (req->server_assignor.p && !kfk_assignor_known(req->server_assignor))
		return says(b, KE_UNSUPPORTED_ASSIGNOR, arena_printf(b->c->arena, "ServerAssignor %.*s is not supported. Supported assignors: uniform, range.",
								     SL(req->server_assignor)));
	return KE_NONE;
}

/* What is wrong with it is PCRE2's sentence: RE2/J has its own. */
static int check_regex(struct beat *b)
{
	struct slice regex = b->req->subscribed_topic_regex, text;
	struct java_regex x;
	struct error err;
	if (!regex.n)
		return KE_NONE;
	if (!java_regex_open(&x, NULL, regex, JAVA_REGEX_WHOLE, &err)) {
		java_regex_free(&x);
		return KE_NONE;
	}
	text = sl(err.text);
	ssize_t at = sl_find(text, S(": "));
	text = sl_from(text, at < 0 ? 0 : (size_t)at + 2);
	return says(b, KE_INVALID_REGULAR_EXPRESSION,
		    arena_printf(b->c->arena, "SubscribedTopicRegex `%.*s` is not a valid regular expression: %.*s%s", SL(regex), SL(text), sl_ends(text, S(".")) ? "" : "."));
}

/* The group, made by who joins; one of the classic protocol goes over when nobody is in it. DIFFERS: members of both protocols in one group are
 * refused, as with group.consumer.migration.policy=disabled; 4.0's own default is bidirectional. */
static int find_group(struct beat *b)
{
	struct slice id = b->req->group_id;
	bool joins = !b->req->member_epoch;
	struct arena *a = b->c->arena;
	b->g = kfk_group(b->k, id);
	if (!b->g && !joins)
		return says(b, KE_GROUP_ID_NOT_FOUND, arena_printf(a, b->req->member_epoch > 0 ? "Consumer group %.*s not found." : "Group %.*s not found.", SL(id)));
	if (b->g && !b->g->modern && !joins)
		return says(b, KE_GROUP_ID_NOT_FOUND, arena_printf(a, "Group %.*s is not a consumer group.", SL(id)));
	if (b->g && !b->g->modern && (b->g->member_n || b->g->coming_n || b->g->state != KFK_GROUP_EMPTY))
		return says(b, KE_GROUP_ID_NOT_FOUND, arena_printf(a, "Cannot upgrade classic group %.*s to consumer group because online upgrade is disabled.", SL(id)));
	if (!b->g)
		b->g = kfk_group_make(b->k, id);
	else if (!b->g->modern && *b->g->type)
		kfk_group_tombstone(b->g);
	if (!b->g->modern) {
		kfk_modern_make(b->g);
		int code = kfk_group_keep(b->g);
		if (code)
			return says(b, code, sl(kp_code_text(code)));
	}
	int64_t max = conf_int(b->k->env->conf, "kafka", "group.consumer.max.size", INT32_MAX);
	if (joins && (int64_t)b->g->modern->n >= max && !kfk_reader(b->g, b->req->member_id))
		return says(b, KE_GROUP_MAX_SIZE_REACHED, arena_printf(a, "The consumer group has reached its maximum capacity of %d members.", (int)max));
	return KE_NONE;
}

/* Fenced, unless it only missed the answer to its last heartbeat. */
static int check_epoch(struct beat *b, const struct kfk_reader *r)
{
	int32_t said = b->req->member_epoch;
	bool missed = said == r->previous && b->tells;
	if (said == r->epoch)
		return KE_NONE;
	for (size_t i = 0; missed && i < b->owned.n; i++)
		missed = kfk_places_has(&r->assigned, b->owned.p[i].topic, b->owned.p[i].partition);
	if (said < r->epoch && missed)
		return KE_NONE;
	return says(b, KE_FENCED_MEMBER_EPOCH,
		    arena_printf(b->c->arena, "The consumer group member has a %s member epoch (%d) than the one known by the group coordinator (%d). "
					      "The member must abandon all its partitions and rejoin.", said > r->epoch ? "greater" : "smaller", said, r->epoch));
}

static int find_static(struct beat *b, struct slice id)
{
	struct slice instance = b->req->instance_id;
	struct kfk_reader *r = kfk_reader_static(b->g, instance);
	struct arena *a = b->c->arena;
	if (b->req->member_epoch) {
		if (!r)
			return says(b, KE_UNKNOWN_MEMBER_ID, arena_printf(a, "Instance id %.*s is unknown.", SL(instance)));
		if (!sl_eqs(id, r->id))
			return says(b, KE_FENCED_INSTANCE_ID, arena_printf(a, "Static member %.*s with instance id %.*s was fenced by member %s.", SL(id), SL(instance), r->id));
		b->r = r;
		return b->req->member_epoch > 0 ? check_epoch(b, r) : KE_NONE;
	}
	if (r && r->epoch != LEAVES_FOR_A_WHILE)
		return says(b, KE_UNRELEASED_INSTANCE_ID,
			    arena_printf(a, "Static member %.*s with instance id %.*s cannot join the group because the instance id is owned by %s member.", SL(id), SL(instance), r->id));
	if (r) { /* what it had and is to have is the new one's */
		int code = kfk_unkeep_reader(r);
		if (code)
			return says(b, code, sl(kp_code_text(code)));
		free(r->id);
		r->id = xstrndup(id.p, id.n);
		r->epoch = r->previous = 0;
		b->anew = true;
		code = kfk_keep_target(r);
		if (code)
			return says(b, code, sl(kp_code_text(code)));
	}
	b->r = r ? r : kfk_reader_add(b->g, id);
	return KE_NONE;
}

static int find_member(struct beat *b)
{
	struct slice id = b->req->member_id;
	if (!id.n) {
		int code = kfk_uuid(b->k, b->c->arena, &id);
		if (code)
			return says(b, code, sl(kp_code_text(code)));
	}
	if (b->req->instance_id.p)
		return find_static(b, id);
	b->r = kfk_reader(b->g, id);
	if (b->r)
		return b->req->member_epoch < 0 ? KE_NONE : check_epoch(b, b->r);
	if (b->req->member_epoch)
		return says(b, KE_UNKNOWN_MEMBER_ID, arena_printf(b->c->arena, "Member %.*s is not a member of group %s.", SL(id), b->g->id));
	b->r = kfk_reader_add(b->g, id);
	return KE_NONE;
}

/* ---- what it subscribes to ---- */

static bool replace(char **own, struct slice with)
{
	if (!with.p || (*own && sl_eqs(with, *own)))
		return false;
	free(*own);
	*own = xstrndup(with.p, with.n);
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool new_names(struct kfk_reader *r, const struct slice *names, int32_t n)
{
	struct kfk_reader had = { .names = r->names, .name_n = r->name_n };
	char **list;
	size_t kept = 0;
	if (n < 0)
		return false;
	list = xcalloc((size_t)n + 1, sizeof(*list));
	for (int32_t i = 0; i < n; i++)
		list[i] = xstrndup(names[i].p, names[i].n);
	qsort(list, (size_t)n, sizeof(*list), by_text);
	for (int32_t i = 0; i < n; i++) {
		if (kept && !strcmp(list[kept - 1], list[i]))
			free(list[i]);
		else
			list[kept++] = list[i];
	}
	r->names = list;
	r->name_n = kept;
	bool changed = had.name_n != kept;
	for (size_t i = 0; !changed && i < kept; i++)
		changed = strcmp(had.names[i], list[i]) != 0;
	kfk_reader_names_free(&had);
	return changed;
}

/* *subscribes: to other topics than before, maybe. */
static int update(struct beat *b, bool *subscribes)
{
	const struct kp_consumer_group_heartbeat_req *req = b->req;
	struct kfk_reader *r = b->r;
	bool names = new_names(r, req->subscribed_topic_names, req->subscribed_topic_name_n);
	bool regex = replace(&r->regex, req->subscribed_topic_regex);
	bool other = b->anew;
	other |= replace(&r->instance, req->instance_id);
	other |= replace(&r->rack, req->rack_id);
	other |= replace(&r->assignor, req->server_assignor);
	other |= replace(&r->client, b->c->client.p ? b->c->client : S(""));
	other |= replace(&r->host, kfk_client_host(b->c->conn, b->c->arena));
	if (req->rebalance_timeout_ms != -1 && req->rebalance_timeout_ms != r->rebalance_ms) {
		r->rebalance_ms = req->rebalance_timeout_ms;
		other = true;
	}
	*subscribes = names || regex;
	int code = *subscribes || other ? kfk_keep_reader(r) : KE_NONE;
	return code ? says(b, code, sl(kp_code_text(code))) : KE_NONE;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* DIFFERS: patterns are Java's and matched at once; there they are RE2/J's, and topics found a heartbeat later. */
void kfk_reader_look_up(struct kafka *k, const struct conn *conn, struct kfk_reader *r)
{
	struct java_regex x = { 0 };
	struct error err;
	bool matches = r->regex && *r->regex && !java_regex_open(&x, NULL, sl(r->regex), JAVA_REGEX_WHOLE, &err);
	size_t n = 0, kept = 0;
	int64_t *found = xcalloc(r->name_n + (matches ? k->topic_n : 0) + 1, sizeof(*found));
	for (size_t i = 0; i < r->name_n; i++) {
		const struct kfk_topic *t = kfk_topic(k, sl(r->names[i]));
		if (t)
			found[n++] = t->id;
	}
	for (size_t i = 0; matches && i < k->topic_n; i++)
		if (java_regex_find(&x, sl(k->topics[i]->name), 0) > 0 && (!conn || kfk_may_see(k, conn, "DescribeTopic", sl(k->topics[i]->name))))
			found[n++] = k->topics[i]->id;
	if (matches)
		java_regex_free(&x);
	qsort(found, n, sizeof(*found), by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || found[kept - 1] != found[i])
			found[kept++] = found[i];
	free(r->topics);
	r->topics = found;
	r->topic_n = kept;
}

uint64_t kfk_modern_hash(const struct kfk_group *g)
{
	const struct kfk_modern *m = g->modern;
	uint64_t all = 0;
	for (size_t i = 0; i < m->n; i++) {
		for (size_t t = 0; t < m->readers[i]->topic_n; t++) {
			int64_t id = m->readers[i]->topics[t];
			const struct kfk_topic *topic = kfk_topic_by_number(g->k, id);
			size_t before = 0;
			while (before < i && !kfk_reader_has(m->readers[before], id))
				before++;
			if (before == i) /* each once */
				all += faults_hash((uint64_t)id, S("topic"), topic ? (uint64_t)topic->part_n : 0);
		}
	}
	return all;
}

bool kfk_reader_has(const struct kfk_reader *r, int64_t topic)
{
	return r->topic_n && bsearch(&topic, r->topics, r->topic_n, sizeof(topic), by_number);
}

/* Whether the target has all there is to read, and nothing else. */
static bool covers(const struct kfk_group *g)
{
	const struct kfk_modern *m = g->modern;
	size_t wanted = 0, given = 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct kfk_reader *r = m->readers[i];
		for (size_t t = 0; t < r->topic_n; t++) {
			const struct kfk_topic *topic = kfk_topic_by_number(g->k, r->topics[t]);
			size_t before = 0;
			while (before < i && !kfk_reader_has(m->readers[before], r->topics[t]))
				before++;
			wanted += topic && before == i ? (size_t)topic->part_n : 0;
		}
		for (size_t p = 0; p < r->target.n; p++, given++) {
			const struct kfk_topic *topic = kfk_topic_by_number(g->k, r->target.p[p].topic);
			if (!topic || r->target.p[p].partition >= topic->part_n || !kfk_reader_has(r, r->target.p[p].topic))
				return false;
		}
	}
	return wanted == given;
}

/* Whether the topics of the group's members, or their partitions, are others than before; of one read back from the rows, than its target's. */
static bool look_up_all(struct beat *b)
{
	struct kfk_modern *m = b->g->modern;
	uint64_t before;
	if (m->topics_seen == b->k->topics_changed)
		return false;
	before = m->topics_hash;
	for (size_t i = 0; i < m->n; i++)
		kfk_reader_look_up(b->k, b->c->conn, m->readers[i]);
	bool first = !m->topics_seen;
	m->topics_seen = b->k->topics_changed;
	m->topics_hash = kfk_modern_hash(b->g);
	return first ? m->epoch && !covers(b->g) : m->topics_hash != before;
}

/* ---- on its way to the target ---- */

static bool held(const struct kfk_modern *m, int64_t topic, int32_t partition)
{
	for (size_t i = 0; i < m->n; i++)
		if (kfk_places_has(&m->readers[i]->assigned, topic, partition) || kfk_places_has(&m->readers[i]->revoking, topic, partition))
			return true;
	return false;
}

/* Whether the member still has one of those; one that doesn't say is taken to. */
static bool still_owns(const struct beat *b, const struct kfk_places *s)
{
	for (size_t i = 0; b->tells && i < b->owned.n; i++)
		if (kfk_places_has(s, b->owned.p[i].topic, b->owned.p[i].partition))
			return true;
	return !b->tells;
}

/* Partitions from its target that are free, beside those that it keeps. False: all it is to have is there. */
static bool take_free(const struct kfk_modern *m, const struct kfk_reader *r, struct kfk_places *keep, bool *took)
{
	bool waits = false;
	struct kfk_places got = { 0 };
	for (size_t i = 0; i < r->target.n; i++) {
		const struct kfk_spot *p = &r->target.p[i];
		if (kfk_places_has(keep, p->topic, p->partition))
			continue;
		if (held(m, p->topic, p->partition))
			waits = true;
		else
			kfk_places_add(&got, p->topic, p->partition);
	}
	for (size_t i = 0; i < got.n; i++)
		kfk_places_add(keep, got.p[i].topic, got.p[i].partition);
	*took = got.n > 0;
	kfk_places_clear(&got);
	return waits;
}

static void epoch_is(struct kfk_reader *r, int32_t epoch)
{
	r->previous = r->epoch;
	r->epoch = epoch;
}

static void next_assignment(const struct beat *b, int32_t epoch)
{
	const struct kfk_modern *m = b->g->modern;
	struct kfk_reader *r = b->r;
	struct kfk_places keep = { 0 }, revoke = { 0 };
	bool took;
	for (size_t i = 0; i < r->assigned.n; i++) {
		const struct kfk_spot *p = &r->assigned.p[i];
		kfk_places_add(kfk_places_has(&r->target, p->topic, p->partition) ? &keep : &revoke, p->topic, p->partition);
	}
	if (revoke.n && still_owns(b, &revoke)) {
		kfk_places_clear(&r->assigned);
		kfk_places_clear(&r->revoking);
		r->assigned = keep;
		r->revoking = revoke;
		r->state = KFK_READER_REVOKES;
		epoch_is(r, epoch);
		return;
	}
	bool waits = take_free(m, r, &keep, &took);
	kfk_places_clear(&revoke);
	kfk_places_clear(&r->assigned);
	kfk_places_clear(&r->revoking);
	r->assigned = keep;
	r->state = waits ? KFK_READER_WAITS : KFK_READER_STABLE;
	epoch_is(r, m->target_epoch);
}

/* Returns whether its assignment is another now. */
static bool reconcile(const struct beat *b)
{
	struct kfk_modern *m = b->g->modern;
	struct kfk_reader *r = b->r;
	struct kfk_places had = { 0 };
	if (r->state == KFK_READER_STABLE && r->epoch == m->target_epoch)
		return false;
	if (r->state == KFK_READER_REVOKES && still_owns(b, &r->revoking))
		return false;
	for (size_t i = 0; i < r->assigned.n; i++)
		kfk_places_add(&had, r->assigned.p[i].topic, r->assigned.p[i].partition);
	next_assignment(b, r->state == KFK_READER_REVOKES ? r->epoch + 1 : r->epoch);
	kfk_reader_revokes(r);
	(void)kfk_keep_current(r);
	bool changed = !kfk_places_equal(&had, &r->assigned);
	kfk_places_clear(&had);
	return changed;
}

/* ---- the request ---- */

static void read_owned(struct beat *b)
{
	b->tells = b->req->topic_partition_n >= 0;
	for (int32_t i = 0; i < b->req->topic_partition_n; i++) {
		const struct kp_consumer_group_heartbeat_req_topic_partition *t = &b->req->topic_partitions[i];
		for (int32_t p = 0; p < t->partition_n; p++)
			kfk_places_add(&b->owned, kfk_topic_number(t->topic_id), t->partitions[p]);
	}
}

static void tell_assignment(struct beat *b)
{
	struct kp_consumer_group_heartbeat_resp_assignment *out = arena_alloc(b->c->arena, sizeof(*out));
	int32_t n;
	const struct kp_consumer_places *all = kfk_places_told(&b->r->assigned, b->c->arena, &n);
	out->topic_partitions = kp_elements(&kp_consumer_group_heartbeat_resp_topic_partition_table, b->c->arena, (size_t)n);
	out->topic_partition_n = n;
	for (int32_t i = 0; i < n; i++)
		out->topic_partitions[i] = (struct kp_consumer_group_heartbeat_resp_topic_partition){ all[i].topic_id, all[i].partitions, all[i].partition_n };
	b->out->assignment = out;
}

static void stays(struct beat *b)
{
	const struct kp_consumer_group_heartbeat_req *req = b->req;
	struct kfk_modern *m = b->g->modern;
	bool bump = !m->epoch, subscribes;
	if (update(b, &subscribes))
		return;
	bump |= look_up_all(b);
	if (subscribes) {
		kfk_reader_look_up(b->k, b->c->conn, b->r);
		m->topics_hash = kfk_modern_hash(b->g);
		bump = true;
	}
	if (bump) {
		m->epoch++;
		b->g->since_ms = clock_now_ms(b->k->env->clock);
		(void)kfk_keep_epoch(b->g, false);
		log_info(b->k->env, "group-epoch", "group=\"%s\" epoch=%d members=%zu member=\"%s\"", b->g->id, m->epoch, m->n, b->r->id);
	}
	if (m->epoch > m->target_epoch)
		kfk_assign(b->k, b->g);
	bool changed = reconcile(b);
	kfk_reader_beats(b->r);
	b->out->member_id = sl(b->r->id);
	b->out->member_epoch = b->r->epoch;
	b->out->heartbeat_interval_ms =
		(int32_t)kfk_group_setting(b->k, sl(b->g->id), "consumer.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms", 5000);
	bool full = req->rebalance_timeout_ms != -1 && (req->subscribed_topic_name_n >= 0 || req->subscribed_topic_regex.p) && b->tells;
	if (!req->member_epoch || full || changed)
		tell_assignment(b);
}

static void leaves(struct beat *b)
{
	struct kfk_reader *r = b->r;
	int code;
	b->out->member_id = b->req->member_id;
	b->out->member_epoch = b->req->member_epoch;
	if (b->req->member_epoch == LEAVES_FOR_A_WHILE) {
		r->epoch = LEAVES_FOR_A_WHILE;
		kfk_places_clear(&r->revoking);
		clock_cancel(b->k->env->clock, &r->revokes);
		code = kfk_keep_current(r);
	} else {
		code = kfk_reader_fence(r, "leave");
	}
	if (code)
		(void)says(b, code, sl(kp_code_text(code)));
}

enum kfk_done kfk_serve_consumer_heartbeat(struct kafka *k, struct kfk_call *c)
{
	struct beat b = { .k = k, .c = c, .req = c->req, .out = c->resp };
	int code = kfk_group_may(k, c, "AlterGroup", b.req->group_id);
	if (code) {
		(void)says(&b, code, sl(kp_code_text(code)));
		return KFK_ANSWERED;
	}
	read_owned(&b);
	if (!check(&b) && !check_regex(&b) && !find_group(&b) && !find_member(&b)) {
		if (b.req->member_epoch < 0)
			leaves(&b);
		else
			stays(&b);
	}
	/* A group that nobody got into isn't one. */
	if (b.g && b.g->modern && !b.g->modern->n && !b.g->modern->epoch)
		(void)kfk_modern_leave(b.g);
	kfk_places_clear(&b.owned);
	return KFK_ANSWERED;
}
