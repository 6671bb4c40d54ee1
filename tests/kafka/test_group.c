/* Groups of the classic protocol, asked as a service of this process asks: rounds, sessions and timeouts on the emulated clock, static
 * members, who may commit, when offsets go, what is there after a restart and after a commit that failed. What is right is Kafka's
 * (GroupMetadataManager, ClassicGroup, OffsetMetadataManager of 4.0). */
#include "env.h"
#include "kafka/group.h"
#include "kafka/producer.h"

static struct kafka k;

enum { T0 = 1000000000 };

static void open_at(const char *key, const char *value)
{
	struct kfk_topic *t;
	env_open("kafka");
	if (key)
		conf_set(env_conf, "kafka", key, value);
	clock_freeze(env.clock, T0);
	env_serve(&kafka_service, &k);
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 3, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_create(&k, S("u"), 1, &t), KE_NONE);
}

static void setup(void)
{
	open_at(NULL, NULL);
}

static void passes(int64_t ms)
{
	struct error err;
	ck_assert_int_eq(env_advance(env.loop, env.clock, ms, &err), 0);
}

static void turns(void)
{
	for (int i = 0; i < 4; i++)
		loop_turn(env.loop, 0);
}

/* ---- a member ---- */

struct member {
	char id[128], leader[128], protocol[32], assignment[64];
	int code, generation, member_n;
	bool skip, told; /* told: what was asked last is answered */
	const char *instance;
	int32_t session_ms, rebalance_ms;
};
#define MEMBER { .session_ms = 10000, .rebalance_ms = 60000 }

static void keep(char *to, size_t max, struct slice s)
{
	snprintf(to, max, "%.*s", SL(s));
}

static void joined(void *arg, const void *response, const struct error *err)
{
	const struct kp_join_group_resp *r = response;
	struct member *m = arg;
	ck_assert_ptr_null(err);
	m->told = true;
	m->code = r->error_code;
	m->generation = r->generation_id;
	m->member_n = r->member_n;
	m->skip = r->skip_assignment;
	keep(m->id, sizeof(m->id), r->member_id);
	keep(m->leader, sizeof(m->leader), r->leader);
	keep(m->protocol, sizeof(m->protocol), r->protocol_name);
}

/* protocols: "range:abc sticky:x" */
static void join(struct member *m, const char *protocols)
{
	struct kp_join_group_req_protocol list[4];
	struct kp_join_group_req req;
	struct slice rest = sl(protocols), one, name;
	kp_init(&kp_join_group_req_table, &req);
	req.group_id = S("g");
	req.session_timeout_ms = m->session_ms;
	req.rebalance_timeout_ms = m->rebalance_ms;
	req.member_id = sl(m->id);
	req.group_instance_id = sl(m->instance);
	req.protocol_type = S("consumer");
	req.protocols = list;
	while (rest.p) {
		sl_cut(rest, ' ', &one, &rest);
		sl_cut(one, ':', &name, &one);
		list[req.protocol_n++] = (struct kp_join_group_req_protocol){ name, one };
	}
	m->told = false;
	env_ports.broker.ask(env_ports.broker.self, KP_JOIN_GROUP, &req, joined, m);
	turns();
}

/* A dynamic member: its id first. */
static void comes(struct member *m, const char *protocols)
{
	join(m, protocols);
	ck_assert(m->told);
	ck_assert_int_eq(m->code, KE_MEMBER_ID_REQUIRED);
	join(m, protocols);
}

static void synced(void *arg, const void *response, const struct error *err)
{
	const struct kp_sync_group_resp *r = response;
	struct member *m = arg;
	ck_assert_ptr_null(err);
	m->told = true;
	m->code = r->error_code;
	keep(m->assignment, sizeof(m->assignment), r->assignment);
}

/* As the leader, for those in all (up to a NULL): each is given "for ITSID". */
static void sync_group(struct member *m, struct member *const *all)
{
	struct kp_sync_group_req_assignment list[8];
	struct kp_sync_group_req req;
	char texts[8][140];
	kp_init(&kp_sync_group_req_table, &req);
	req.group_id = S("g");
	req.generation_id = m->generation;
	req.member_id = sl(m->id);
	req.group_instance_id = sl(m->instance);
	req.protocol_type = S("consumer");
	req.protocol_name = sl(m->protocol);
	req.assignments = list;
	for (; all && all[req.assignment_n]; req.assignment_n++) {
		snprintf(texts[req.assignment_n], sizeof(texts[0]), "for %s", all[req.assignment_n]->id);
		list[req.assignment_n] = (struct kp_sync_group_req_assignment){ sl(all[req.assignment_n]->id), sl(texts[req.assignment_n]) };
	}
	m->told = false;
	env_ports.broker.ask(env_ports.broker.self, KP_SYNC_GROUP, &req, synced, m);
	turns();
}

static void code_of_heartbeat(void *arg, const void *response, const struct error *err)
{
	const struct kp_heartbeat_resp *r = response;
	ck_assert_ptr_null(err);
	*(int *)arg = r->error_code;
}

static int heartbeat(const struct member *m)
{
	struct kp_heartbeat_req req = { S("g"), m->generation, sl(m->id), sl(m->instance) };
	int code = -100;
	env_ports.broker.ask(env_ports.broker.self, KP_HEARTBEAT, &req, code_of_heartbeat, &code);
	turns();
	ck_assert_int_ne(code, -100);
	return code;
}

static void code_of_leave(void *arg, const void *response, const struct error *err)
{
	const struct kp_leave_group_resp *r = response;
	ck_assert_ptr_null(err);
	*(int *)arg = r->error_code ? r->error_code : r->members[0].error_code;
}

static int leave(const char *id, const char *instance)
{
	struct kp_leave_group_req_member who = { sl(id), sl(instance), S("bored") };
	struct kp_leave_group_req req = { .group_id = S("g"), .members = &who, .member_n = 1 };
	int code = -100;
	env_ports.broker.ask(env_ports.broker.self, KP_LEAVE_GROUP, &req, code_of_leave, &code);
	turns();
	return code;
}

/* The whole round: all have joined already. */
static void stable(struct member *const *all)
{
	for (size_t i = 0; all[i]; i++) {
		ck_assert(all[i]->told);
		ck_assert_int_eq(all[i]->code, KE_NONE);
		sync_group(all[i], strcmp(all[i]->id, all[i]->leader) == 0 ? all : NULL);
	}
	for (size_t i = 0; all[i]; i++) {
		ck_assert(all[i]->told);
		ck_assert_int_eq(all[i]->code, KE_NONE);
	}
}
#define ALL(...) ((struct member *const[]){ __VA_ARGS__, NULL })

static const char *state(void)
{
	const struct kfk_group *g = kfk_group(&k, S("g"));
	return g ? kfk_group_state_name(g) : "Dead";
}

/* ---- rounds ---- */

START_TEST(two_members_share_and_one_leaves)
{
	struct member a = MEMBER, b = MEMBER;
	comes(&a, "range:A sticky:A");
	ck_assert_int_eq(a.generation, 1);
	ck_assert_str_eq(a.protocol, "range");
	ck_assert_str_eq(a.leader, a.id);
	ck_assert_int_eq(a.member_n, 1);
	ck_assert_str_eq(state(), "CompletingRebalance");
	stable(ALL(&a));
	ck_assert_str_eq(state(), "Stable");
	ck_assert_int_eq(heartbeat(&a), KE_NONE);

	comes(&b, "sticky:B range:B");
	ck_assert(!b.told);
	ck_assert_str_eq(state(), "PreparingRebalance");
	ck_assert_int_eq(heartbeat(&a), KE_REBALANCE_IN_PROGRESS);
	join(&a, "sticky:A range:A");
	ck_assert(b.told && a.told);
	ck_assert_int_eq(a.generation, 2);
	ck_assert_str_eq(a.protocol, "sticky");
	ck_assert_str_eq(b.leader, a.id);
	ck_assert_int_eq(a.member_n, 2);
	ck_assert_int_eq(b.member_n, 0);
	sync_group(&b, NULL);
	ck_assert(!b.told);
	sync_group(&a, ALL(&a));
	ck_assert(a.told && b.told);
	ck_assert_str_eq(b.assignment, "");
	ck_assert_int_eq(strncmp(a.assignment, "for rdkafka", 4), 0);

	ck_assert_int_eq(leave(a.id, NULL), KE_NONE);
	ck_assert_int_eq(leave(a.id, NULL), KE_UNKNOWN_MEMBER_ID);
	ck_assert_int_eq(heartbeat(&b), KE_REBALANCE_IN_PROGRESS);
	join(&b, "range:B");
	ck_assert_int_eq(b.generation, 3);
	ck_assert_str_eq(b.leader, b.id);
	stable(ALL(&b));
	ck_assert_int_eq(leave(b.id, NULL), KE_NONE);
	ck_assert_str_eq(state(), "Empty");
	ck_assert_int_eq(kfk_group(&k, S("g"))->generation, 4);
}
END_TEST

START_TEST(what_a_member_is_refused)
{
	struct member a = MEMBER, b = MEMBER;
	snprintf(b.id, sizeof(b.id), "nope");
	ck_assert_int_eq(heartbeat(&b), KE_UNKNOWN_MEMBER_ID);
	join(&b, "range:B");
	ck_assert_int_eq(b.code, KE_UNKNOWN_MEMBER_ID);
	ck_assert_str_eq(state(), "Dead");
	a.session_ms = 5999;
	join(&a, "range:A");
	ck_assert_int_eq(a.code, KE_INVALID_SESSION_TIMEOUT);
	ck_assert_int_eq(a.generation, -1);
	a.session_ms = 6000;
	a.id[0] = '\0';
	comes(&a, "range:A");
	b.id[0] = '\0';
	join(&b, "other:B");
	ck_assert_int_eq(b.code, KE_INCONSISTENT_GROUP_PROTOCOL);
	a.generation = 7;
	sync_group(&a, NULL);
	ck_assert_int_eq(a.code, KE_ILLEGAL_GENERATION);
	ck_assert_int_eq(heartbeat(&a), KE_ILLEGAL_GENERATION);
}
END_TEST

/* The leader's rejoin is a new round, another's only where its protocols changed. */
START_TEST(who_makes_a_new_round)
{
	struct member a = MEMBER, b = MEMBER;
	comes(&a, "range:A");
	comes(&b, "range:B");
	ck_assert(!b.told);
	join(&a, "range:A");
	stable(ALL(&a, &b));
	join(&b, "range:B");
	ck_assert(b.told);
	ck_assert_int_eq(b.generation, 2);
	ck_assert_str_eq(state(), "Stable");
	join(&b, "range:B2");
	ck_assert(!b.told);
	join(&a, "range:A");
	ck_assert_int_eq(b.generation, 3);
	/* Who waits to sync is sent back. */
	sync_group(&b, NULL);
	join(&a, "range:A3");
	ck_assert(b.told);
	ck_assert_int_eq(b.code, KE_REBALANCE_IN_PROGRESS);
	join(&b, "range:B2");
	stable(ALL(&a, &b));
	ck_assert_int_eq(a.generation, 4);
	join(&a, "range:A3");
	ck_assert_str_eq(state(), "PreparingRebalance");
}
END_TEST

START_TEST(sessions_end_by_the_clock)
{
	struct member a = MEMBER, b = MEMBER;
	b.session_ms = 30000;
	comes(&a, "range:A");
	comes(&b, "range:B");
	join(&a, "range:A");
	stable(ALL(&a, &b));
	passes(9000);
	ck_assert_int_eq(heartbeat(&a), KE_NONE);
	passes(9000);
	ck_assert_int_eq(heartbeat(&a), KE_NONE);
	passes(10001);
	ck_assert_int_eq(heartbeat(&a), KE_UNKNOWN_MEMBER_ID);
	ck_assert_int_eq(heartbeat(&b), KE_REBALANCE_IN_PROGRESS);
	/* Who waits for the round needs no heartbeats. */
	join(&b, "range:B");
	ck_assert_int_eq(b.generation, 3);
	passes(100000);
	ck_assert_str_eq(state(), "Empty"); /* never synced */
}
END_TEST

/* Who doesn't come within the rebalance timeout is out. */
START_TEST(rounds_end_by_the_clock)
{
	struct member a = MEMBER, b = MEMBER;
	a.session_ms = b.session_ms = 1800000;
	comes(&a, "range:A");
	comes(&b, "range:B");
	join(&a, "range:A");
	stable(ALL(&a, &b));
	join(&a, "range:A");
	ck_assert(!a.told);
	passes(59000);
	ck_assert(!a.told);
	passes(1001);
	ck_assert(a.told);
	ck_assert_int_eq(a.generation, 3);
	ck_assert_int_eq(a.member_n, 1);
	ck_assert_int_eq(heartbeat(&b), KE_UNKNOWN_MEMBER_ID);
	stable(ALL(&a));
	/* A member id that was given out and never used holds a round up as long as its session. */
	b.id[0] = '\0';
	b.session_ms = 6000;
	join(&b, "range:B");
	ck_assert_int_eq(b.code, KE_MEMBER_ID_REQUIRED);
	join(&a, "range:A");
	ck_assert(!a.told);
	passes(6001);
	ck_assert(a.told);
	ck_assert_int_eq(a.generation, 4);
}
END_TEST

START_TEST(who_never_syncs_is_out)
{
	struct member a = MEMBER, b = MEMBER;
	a.session_ms = b.session_ms = 1800000;
	comes(&a, "range:A");
	comes(&b, "range:B");
	join(&a, "range:A");
	sync_group(&a, ALL(&a, &b));
	ck_assert_str_eq(state(), "Stable");
	passes(60001);
	ck_assert_int_eq(heartbeat(&b), KE_UNKNOWN_MEMBER_ID);
	ck_assert_int_eq(heartbeat(&a), KE_REBALANCE_IN_PROGRESS);
}
END_TEST

START_TEST(the_first_round_waits_for_more)
{
	struct member a = MEMBER, b = MEMBER;
	env_close();
	open_at("group.initial.rebalance.delay.ms", "3000");
	comes(&a, "range:A");
	passes(2000);
	ck_assert(!a.told);
	comes(&b, "range:B");
	passes(1500);
	ck_assert(!a.told); /* somebody came: the same again */
	passes(3000);
	ck_assert(a.told && b.told);
	ck_assert_int_eq(a.generation, 1);
	ck_assert_int_eq(a.member_n, 2);
}
END_TEST

START_TEST(the_group_has_a_size)
{
	struct member a = MEMBER, b = MEMBER;
	env_close();
	open_at("group.max.size", "1");
	comes(&a, "range:A");
	stable(ALL(&a));
	join(&b, "range:B");
	ck_assert_int_eq(b.code, KE_GROUP_MAX_SIZE_REACHED);
	ck_assert_str_eq(b.id, "");
	ck_assert_int_eq(heartbeat(&a), KE_NONE);
}
END_TEST

/* ---- static members ---- */

START_TEST(static_members_take_their_place_over)
{
	struct member a = MEMBER, b = MEMBER, again = MEMBER;
	a.instance = again.instance = "one";
	b.instance = "two";
	join(&a, "range:A");
	ck_assert_int_eq(a.code, KE_NONE);
	ck_assert_int_eq(strncmp(a.id, "one-", 4), 0);
	join(&b, "range:B");
	join(&a, "range:A");
	stable(ALL(&a, &b));
	join(&again, "range:A");
	ck_assert(again.told);
	ck_assert_int_eq(again.generation, 2);
	ck_assert(again.skip);
	ck_assert_str_eq(again.leader, again.id);
	ck_assert_int_eq(again.member_n, 2);
	ck_assert_str_eq(state(), "Stable");
	ck_assert_int_eq(heartbeat(&a), KE_FENCED_INSTANCE_ID);
	sync_group(&again, NULL);
	ck_assert_int_eq(strncmp(again.assignment, "for one-", 8), 0);
	/* Other protocols: a round. */
	again.id[0] = '\0';
	join(&again, "sticky:A");
	ck_assert_int_eq(again.code, KE_INCONSISTENT_GROUP_PROTOCOL);
	ck_assert_int_eq(leave("", "two"), KE_NONE);
	ck_assert_int_eq(leave("", "two"), KE_UNKNOWN_MEMBER_ID);
	ck_assert_int_eq(heartbeat(&b), KE_UNKNOWN_MEMBER_ID);
	ck_assert_str_eq(state(), "PreparingRebalance");
}
END_TEST

/* Static members stay though they don't join, whatever their rebalance timeout: 0 mustn't make rounds without end. */
START_TEST(static_members_that_wait_for_nobody)
{
	struct member a = MEMBER, b = MEMBER;
	a.instance = "i-a";
	b.instance = "i-b";
	join(&a, "range:A");
	join(&b, "range:B");
	join(&a, "range:A");
	stable(ALL(&a, &b));
	a.id[0] = b.id[0] = '\0'; /* both come anew, with another timeout and without a round */
	a.rebalance_ms = 0;
	b.rebalance_ms = -1;
	join(&a, "range:A");
	join(&b, "range:B");
	ck_assert(a.told && b.told);
	ck_assert_str_eq(state(), "Stable");
	ck_assert_int_eq(leave(NULL, "i-b"), KE_NONE);
	passes(5000);
	ck_assert_str_eq(state(), "PreparingRebalance");
	ck_assert_int_eq(heartbeat(&a), KE_REBALANCE_IN_PROGRESS);
	passes(10001);
	ck_assert_str_eq(state(), "Empty");
}
END_TEST

/* ---- offsets ---- */

static void code_of_commit(void *arg, const void *response, const struct error *err)
{
	const struct kp_offset_commit_resp *r = response;
	ck_assert_ptr_null(err);
	*(int *)arg = r->topics[0].partitions[0].error_code;
}

static int commit(const struct member *m, const char *topic, int partition, int64_t offset, const char *metadata)
{
	struct kp_offset_commit_req_partition p = { .partition_index = partition, .committed_offset = offset, .committed_leader_epoch = 5, .commit_timestamp = -1,
						    .committed_metadata = sl(metadata) };
	struct kp_offset_commit_req_topic t = { sl(topic), &p, 1 };
	struct kp_offset_commit_req req = { .group_id = S("g"), .generation_id_or_member_epoch = m ? m->generation : -1, .member_id = sl(m ? m->id : ""),
					    .group_instance_id = sl(m ? m->instance : NULL), .retention_time_ms = -1, .topics = &t, .topic_n = 1 };
	int code = -100;
	env_ports.broker.ask(env_ports.broker.self, KP_OFFSET_COMMIT, &req, code_of_commit, &code);
	turns();
	return code;
}

static char found[200];

static void tell_fetched(void *arg, const void *response, const struct error *err)
{
	const struct kp_offset_fetch_resp *r = response;
	size_t n = 0;
	(void)arg;
	ck_assert_ptr_null(err);
	for (int t = 0; t < r->groups[0].topic_n; t++) {
		const struct kp_offset_fetch_resp_group_topic *topic = &r->groups[0].topics[t];
		for (int i = 0; i < topic->partition_n; i++)
			n += (size_t)snprintf(found + n, sizeof(found) - n, "%.*s%d=%lld/%d/%.*s/%d ", SL(topic->name), topic->partitions[i].partition_index,
					      (long long)topic->partitions[i].committed_offset, topic->partitions[i].committed_leader_epoch,
					      SL(topic->partitions[i].metadata), topic->partitions[i].error_code);
	}
	found[n ? n - 1 : 0] = '\0';
}

/* All, or partition 0 and 1 of t. */
static const char *fetched(bool all, bool only_stable)
{
	int32_t two[] = { 0, 1 };
	struct kp_offset_fetch_req_group_topic t = { S("t"), two, 2 };
	struct kp_offset_fetch_req_group g = { .group_id = S("g"), .member_epoch = -1, .topics = &t, .topic_n = all ? -1 : 1 };
	struct kp_offset_fetch_req req = { .groups = &g, .group_n = 1, .require_stable = only_stable };
	env_ports.broker.ask(env_ports.broker.self, KP_OFFSET_FETCH, &req, tell_fetched, NULL);
	turns();
	return found;
}

START_TEST(who_may_commit)
{
	struct member a = MEMBER, none = MEMBER;
	ck_assert_str_eq(fetched(false, false), "t0=-1/-1//0 t1=-1/-1//0");
	none.generation = 3;
	ck_assert_int_eq(commit(&none, "t", 0, 1, NULL), KE_GROUP_ID_NOT_FOUND);
	ck_assert_int_eq(commit(NULL, "t", 0, 5, "note"), KE_NONE);
	ck_assert_int_eq(commit(NULL, "t", 3, 5, NULL), KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(commit(NULL, "nope", 0, 5, NULL), KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_str_eq(fetched(false, false), "t0=5/5/note/0 t1=-1/-1//0");
	char large[4200];
	memset(large, 'x', sizeof(large));
	large[4097] = '\0';
	ck_assert_int_eq(commit(NULL, "t", 0, 6, large), KE_OFFSET_METADATA_TOO_LARGE);
	comes(&a, "range:A");
	ck_assert_int_eq(commit(&a, "t", 0, 6, NULL), KE_REBALANCE_IN_PROGRESS);
	stable(ALL(&a));
	ck_assert_int_eq(commit(NULL, "t", 0, 7, NULL), KE_UNKNOWN_MEMBER_ID);
	ck_assert_int_eq(commit(&a, "t", 1, 8, ""), KE_NONE);
	ck_assert_int_eq(commit(&a, "u", 0, 9, ""), KE_NONE);
	none.generation = a.generation + 1;
	snprintf(none.id, sizeof(none.id), "%s", a.id);
	ck_assert_int_eq(commit(&none, "t", 0, 1, NULL), KE_ILLEGAL_GENERATION);
	ck_assert_str_eq(fetched(true, false), "t0=5/5/note/0 t1=8/5//0 u0=9/5//0");
	/* A deleted topic takes its offsets with it. */
	ck_assert_int_eq(kfk_topic_delete(&k, kfk_topic(&k, S("t"))), KE_NONE);
	ck_assert_str_eq(fetched(true, false), "u0=9/5//0");
}
END_TEST

START_TEST(offsets_expire)
{
	struct member a = MEMBER;
	ck_assert_int_eq(commit(NULL, "t", 0, 5, NULL), KE_NONE);
	ck_assert_int_eq(commit(&(struct member){ .generation = 3 }, "nope", 0, 5, NULL), KE_UNKNOWN_TOPIC_OR_PARTITION);
	passes(7 * 86400000LL - 600000);
	ck_assert_str_eq(fetched(true, false), "t0=5/5//0");
	passes(1200000);
	ck_assert_str_eq(fetched(true, false), "");
	ck_assert_str_eq(state(), "Dead");
	/* Of a group that had members: a week after they left. */
	comes(&a, "range:A");
	stable(ALL(&a));
	ck_assert_int_eq(commit(&a, "t", 0, 6, NULL), KE_NONE);
	for (int day = 0; day < 8; day++) {
		passes(86400000);
		a.id[0] = '\0';
		comes(&a, "range:A");
		stable(ALL(&a));
	}
	ck_assert_str_eq(fetched(true, false), "t0=6/5//0");
	ck_assert_int_eq(leave(a.id, NULL), KE_NONE);
	passes(6 * 86400000LL);
	ck_assert_str_eq(fetched(true, false), "t0=6/5//0");
	passes(86400000 + 600001);
	ck_assert_str_eq(fetched(true, false), "");
	ck_assert_str_eq(state(), "Dead");
}
END_TEST

START_TEST(transactions_keep_offsets_pending)
{
	struct kfk_offset o[] = { { .topic = S("t"), .partition = 0, .epoch = -1, .offset = 42, .metadata = S("m") }, { .topic = S("t"), .partition = 9 } };
	struct kfk_topic *kept;
	struct error err;
	int16_t codes[2];
	int slot = kfk_kept_in(S("g"));
	ck_assert_int_eq(kfk_offsets_may_stage(&k, S("g"), 3, S("x"), sl(NULL)), KE_ILLEGAL_GENERATION);
	ck_assert_int_eq(kfk_offsets_may_stage(&k, S("g"), -1, S(""), sl(NULL)), KE_NONE);
	kfk_offsets_stage(&k, 7, 0, S("g"), o, 2, codes);
	ck_assert_int_eq(codes[0], KE_NONE);
	ck_assert_int_eq(codes[1], KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_str_eq(fetched(false, false), "t0=-1/-1//0 t1=-1/-1//0");
	ck_assert_str_eq(fetched(false, true), "t0=-1/-1//88 t1=-1/-1//0");
	ck_assert_int_eq(kfk_offsets_ended(&k, 7, -1, false), KE_NONE);
	ck_assert_str_eq(fetched(false, true), "t0=-1/-1//0 t1=-1/-1//0");
	kfk_offsets_stage(&k, 7, 0, S("g"), o, 1, codes);
	kept = kfk_offsets_topic(&k);
	ck_assert_int_eq(kept->parts[slot].next, 2); /* a batch each, which a marker is to end */
	ck_assert_int_eq(kfk_last_stable(&kept->parts[slot]), 0);
	ck_assert_int_eq(kfk_offsets_ended(&k, 7, (slot + 1) % 50, true), KE_NONE);
	ck_assert_str_eq(fetched(false, true), "t0=-1/-1//88 t1=-1/-1//0");
	ck_assert_int_eq(kfk_offsets_ended(&k, 7, slot, true), KE_NONE);
	ck_assert_str_eq(fetched(false, true), "t0=42/-1/m/0 t1=-1/-1//0");
	ck_assert_str_eq(state(), "Empty");
	/* The group stays as any other, and goes with its offsets. */
	ck_assert_int_eq(kfk_commit(&k, &err), 0);
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	ck_assert_str_eq(state(), "Empty");
	ck_assert_int_eq(kfk_group_delete(kfk_group(&k, S("g"))), KE_NONE);
	ck_assert_str_eq(fetched(false, true), "t0=-1/-1//0 t1=-1/-1//0");
	/* It isn't looked through for old offsets while a transaction has some for it. */
	ck_assert_int_eq(kfk_offsets_may_stage(&k, S("g"), -1, S(""), sl(NULL)), KE_NONE);
	ck_assert_int_eq(kfk_group_keep(kfk_group(&k, S("g"))), KE_NONE);
	kfk_offsets_stage(&k, 8, 0, S("g"), o, 1, codes);
	kfk_offsets_expire(&k);
	ck_assert_int_eq(kfk_offsets_ended(&k, 8, slot, true), KE_NONE);
	ck_assert_str_eq(fetched(false, true), "t0=42/-1/m/0 t1=-1/-1//0");
	ck_assert_int_eq(kfk_group_delete(kfk_group(&k, S("g"))), KE_NONE);
	ck_assert_str_eq(fetched(false, true), "t0=-1/-1//0 t1=-1/-1//0");
	/* The same where nothing came of what was staged, and another commits. */
	struct member nobody = { .generation = -1 };
	ck_assert_int_eq(kfk_offsets_may_stage(&k, S("g"), -1, S(""), sl(NULL)), KE_NONE);
	ck_assert_int_eq(commit(&nobody, "t", 0, 5, NULL), KE_NONE);
	ck_assert_int_eq(kfk_commit(&k, &err), 0);
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	ck_assert_str_eq(state(), "Empty");
}
END_TEST

/* ---- what stays ---- */

START_TEST(a_failed_commit_and_a_restart)
{
	struct member a = MEMBER, b = MEMBER;
	struct error err;
	comes(&a, "range:A");
	stable(ALL(&a));
	ck_assert_int_eq(commit(&a, "t", 0, 5, NULL), KE_NONE);
	/* A round under way isn't kept: its members come again. The group is as its last round left it. */
	comes(&b, "range:B");
	ck_assert(!b.told);
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	turns();
	ck_assert(b.told);
	ck_assert_int_eq(b.code, KE_NOT_COORDINATOR);
	ck_assert_str_eq(state(), "Stable");
	ck_assert_int_eq(heartbeat(&a), KE_NONE);
	ck_assert_int_eq(heartbeat(&b), KE_UNKNOWN_MEMBER_ID);
	join(&a, "range:A");
	ck_assert_int_eq(a.generation, 2);
	ck_assert_str_eq(fetched(true, false), "t0=5/5//0");
	passes(60001);
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	ck_assert_str_eq(state(), "Empty");
	ck_assert_int_eq(kfk_group(&k, S("g"))->generation, 3);
	ck_assert_str_eq(kfk_group(&k, S("g"))->type, "consumer");
}
END_TEST

/* ---- as records ---- */

static char said[600];

static void tell_records(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	size_t at = 0;
	(void)arg, (void)next, (void)high;
	ck_assert_int_eq(code, 0);
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(said + at, sizeof(said) - at, "%d:%d ", r[i].key.p[1], r[i].value.p ? r[i].value.p[1] : -1);
	said[at ? at - 1 : 0] = '\0';
}

START_TEST(offsets_topic)
{
	struct member a = MEMBER;
	comes(&a, "range:A");
	stable(ALL(&a));
	ck_assert_int_eq(commit(&a, "t", 0, 5, NULL), KE_NONE);
	ck_assert_int_eq(leave(a.id, NULL), KE_NONE);
	ck_assert_int_eq(kfk_group_delete(kfk_group(&k, S("g"))), KE_NONE);
	turns();
	env_ports.log.read(env_ports.log.self, S("__consumer_offsets"), kfk_kept_in(S("g")), 0, 1 << 20, tell_records, NULL);
	turns();
	ck_assert_str_eq(said, "2:3 1:3 2:3 1:-1 2:-1"); /* stable, offset, empty, and both are gone */
	ck_assert_int_eq(kfk_topic(&k, S("__consumer_offsets"))->part_n, 50);
}
END_TEST

static void teardown(void)
{
	env_close();
}

int main(void)
{
	Suite *s = suite_create("kafka groups");
	TCase *tc = tcase_create("classic");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, two_members_share_and_one_leaves);
	tcase_add_test(tc, what_a_member_is_refused);
	tcase_add_test(tc, who_makes_a_new_round);
	tcase_add_test(tc, sessions_end_by_the_clock);
	tcase_add_test(tc, rounds_end_by_the_clock);
	tcase_add_test(tc, who_never_syncs_is_out);
	tcase_add_test(tc, the_first_round_waits_for_more);
	tcase_add_test(tc, the_group_has_a_size);
	tcase_add_test(tc, static_members_take_their_place_over);
	tcase_add_test(tc, static_members_that_wait_for_nobody);
	tcase_add_test(tc, who_may_commit);
	tcase_add_test(tc, offsets_expire);
	tcase_add_test(tc, transactions_keep_offsets_pending);
	tcase_add_test(tc, a_failed_commit_and_a_restart);
	tcase_add_test(tc, offsets_topic);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
