/* Groups of the consumer protocol (KIP-848), asked as a service of this process asks: epochs, who gives up what first, timeouts on the
 * emulated clock, static members, assignors, what is refused and how, what is there after a restart. What is right is Kafka 4.0's
 * (GroupMetadataManager, CurrentAssignmentBuilder and their tests). */
#include "env.h"
#include "kafka/modern.h"

static struct kafka k;
static struct kfk_topic *t, *u;

enum { T0 = 1000000000 };

static void setup(void)
{
	env_open("kafka");
	clock_freeze(env.clock, T0);
	env_serve(&kafka_service, &k);
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 6, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_create(&k, S("u1"), 2, &u), KE_NONE);
}

static void teardown(void)
{
	env_close();
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
	const char *id, *names[4], *regex, *assignor, *instance;
	int epoch, code, interval;
	bool told;          /* its assignment */
	char has[100], why[300];
};

static int by_place(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "t:0 t:1", in order. */
static void tell_places(struct member *m, const struct kp_consumer_group_heartbeat_resp_assignment *as)
{
	char texts[20][12], *all[20];
	size_t n = 0, at = 0;
	for (int32_t i = 0; i < as->topic_partition_n; i++) {
		const struct kfk_topic *topic = kfk_topic_by_number(&k, kfk_topic_number(as->topic_partitions[i].topic_id));
		for (int32_t p = 0; p < as->topic_partitions[i].partition_n; p++, n++) {
			snprintf(texts[n], sizeof(texts[n]), "%s:%d", topic ? topic->name : "?", as->topic_partitions[i].partitions[p]);
			all[n] = texts[n];
		}
	}
	qsort(all, n, sizeof(all[0]), by_place);
	m->has[0] = '\0';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(m->has + at, sizeof(m->has) - at, "%s%s", i ? " " : "", all[i]);
}

static void told(void *arg, const void *response, const struct error *err)
{
	const struct kp_consumer_group_heartbeat_resp *r = response;
	struct member *m = arg;
	ck_assert_ptr_null(err);
	m->code = r->error_code;
	m->told = r->assignment != NULL;
	m->interval = r->heartbeat_interval_ms;
	snprintf(m->why, sizeof(m->why), "%.*s", SL(r->error_message));
	if (!r->error_code)
		m->epoch = r->member_epoch;
	if (r->assignment)
		tell_places(m, r->assignment);
}

/* owned: "t:0 t:1" as it says it, NULL: nothing said. */
static void beat(struct member *m, int epoch, const char *owned)
{
	struct kp_consumer_group_heartbeat_req_topic_partition places[8];
	int32_t numbers[8];
	struct slice names[4], rest = sl(owned && *owned ? owned : NULL), one, topic;
	struct kp_consumer_group_heartbeat_req req;
	int64_t number;
	kp_init(&kp_consumer_group_heartbeat_req_table, &req);
	req.group_id = S("g");
	req.member_id = sl(m->id);
	req.member_epoch = epoch;
	req.instance_id = sl(m->instance);
	req.topic_partition_n = owned ? 0 : -1;
	req.topic_partitions = places;
	if (!epoch) {
		req.rebalance_timeout_ms = 60000;
		req.server_assignor = sl(m->assignor);
		req.subscribed_topic_regex = sl(m->regex);
		req.subscribed_topic_names = names;
		req.subscribed_topic_name_n = 0;
		for (; req.subscribed_topic_name_n < 4 && m->names[req.subscribed_topic_name_n]; req.subscribed_topic_name_n++)
			names[req.subscribed_topic_name_n] = sl(m->names[req.subscribed_topic_name_n]);
	}
	while (rest.p) {
		struct kp_consumer_group_heartbeat_req_topic_partition *to = &places[req.topic_partition_n];
		sl_cut(rest, ' ', &one, &rest);
		sl_cut(one, ':', &topic, &one);
		ck_assert(sl_int(one, 0, 100, &number));
		numbers[req.topic_partition_n] = (int32_t)number;
		kfk_topic_uuid(kfk_topic(&k, topic), (char *)to->topic_id.b);
		to->partitions = &numbers[req.topic_partition_n++];
		to->partition_n = 1;
	}
	m->code = -100;
	env_ports.broker.ask(env_ports.broker.self, KP_CONSUMER_GROUP_HEARTBEAT, &req, told, m);
	turns();
	ck_assert_int_ne(m->code, -100);
}

static const char *state(void)
{
	return kfk_group_state_name(kfk_group(&k, S("g")));
}

/* ---- on the way to the target ---- */

START_TEST(who_has_gives_up_first)
{
	struct member a = { .id = "a", .names = { "t" } }, b = { .id = "b", .names = { "t" } };
	beat(&a, 0, "");
	ck_assert_int_eq(a.code, KE_NONE);
	ck_assert_int_eq(a.epoch, 1);
	ck_assert_int_eq(a.interval, 5000);
	ck_assert_str_eq(a.has, "t:0 t:1 t:2 t:3 t:4 t:5");
	beat(&a, 1, NULL);
	ck_assert(!a.told); /* nothing new */
	ck_assert_str_eq(state(), "Stable");

	beat(&b, 0, "");
	ck_assert_int_eq(b.epoch, 2);
	ck_assert_str_eq(b.has, "");
	ck_assert_str_eq(state(), "Reconciling");
	beat(&a, 1, NULL);
	ck_assert_int_eq(a.epoch, 1);
	ck_assert(a.told);
	ck_assert_str_eq(a.has, "t:0 t:1 t:2");
	beat(&b, 2, NULL);
	ck_assert(!b.told);
	beat(&a, 1, "t:0 t:1 t:2 t:3");
	ck_assert_int_eq(a.epoch, 1); /* it still has one of those */
	beat(&a, 1, "t:0 t:1 t:2");
	ck_assert_int_eq(a.epoch, 2);
	ck_assert(!a.told);
	beat(&b, 2, NULL);
	ck_assert_str_eq(b.has, "t:3 t:4 t:5");
	ck_assert_str_eq(state(), "Stable");

	beat(&a, -1, NULL);
	ck_assert_int_eq(a.code, KE_NONE);
	ck_assert_int_eq(a.epoch, -1);
	ck_assert_str_eq(state(), "Assigning");
	beat(&b, 2, NULL);
	ck_assert_int_eq(b.epoch, 3);
	ck_assert_str_eq(b.has, "t:0 t:1 t:2 t:3 t:4 t:5");
}
END_TEST

START_TEST(sessions_and_revocations_end_by_the_clock)
{
	struct member a = { .id = "a", .names = { "t" } }, b = { .id = "b", .names = { "t" } };
	beat(&a, 0, "");
	passes(44000);
	beat(&b, 0, "");
	beat(&a, 1, NULL);
	/* a never says that it gave them up: its rebalance timeout is 60 s, its heartbeats come. */
	passes(40000);
	beat(&a, 1, NULL);
	beat(&b, 2, NULL);
	passes(20001);
	beat(&a, 1, NULL);
	ck_assert_int_eq(a.code, KE_UNKNOWN_MEMBER_ID);
	ck_assert_str_eq(a.why, "Member a is not a member of group g.");
	beat(&b, 2, NULL);
	ck_assert_int_eq(b.epoch, 3);
	ck_assert_str_eq(b.has, "t:0 t:1 t:2 t:3 t:4 t:5");
	passes(45001);
	beat(&b, 3, NULL);
	ck_assert_int_eq(b.code, KE_UNKNOWN_MEMBER_ID);
	ck_assert_str_eq(state(), "Empty");
}
END_TEST

START_TEST(what_is_refused)
{
	struct member a = { .id = "a", .names = { "t" } }, bad = { .id = "", .names = { "t" } };
	beat(&a, 3, NULL);
	ck_assert_int_eq(a.code, KE_GROUP_ID_NOT_FOUND);
	ck_assert_str_eq(a.why, "Consumer group g not found.");
	beat(&bad, 0, "");
	ck_assert_int_eq(bad.code, KE_INVALID_REQUEST);
	ck_assert_str_eq(bad.why, "MemberId can't be empty.");
	beat(&a, 0, "t:0");
	ck_assert_str_eq(a.why, "TopicPartitions must be empty when (re-)joining.");
	beat(&a, -3, NULL);
	ck_assert_str_eq(a.why, "MemberEpoch is invalid.");
	beat(&a, -2, NULL);
	ck_assert_str_eq(a.why, "InstanceId can't be null.");
	a.assignor = "nope";
	beat(&a, 0, "");
	ck_assert_int_eq(a.code, KE_UNSUPPORTED_ASSIGNOR);
	ck_assert_str_eq(a.why, "ServerAssignor nope is not supported. Supported assignors: uniform, range.");
	a.assignor = NULL;
	a.regex = "t[";
	beat(&a, 0, "");
	ck_assert_int_eq(a.code, KE_INVALID_REGULAR_EXPRESSION);
	ck_assert_ptr_null(kfk_group(&k, S("g")));
	a.regex = NULL;
	beat(&a, 0, "");
	beat(&a, 5, NULL);
	ck_assert_int_eq(a.code, KE_FENCED_MEMBER_EPOCH);
	ck_assert_str_eq(a.why, "The consumer group member has a greater member epoch (5) than the one known by the group coordinator (1). "
				"The member must abandon all its partitions and rejoin.");
	/* The answer to the first heartbeat was lost. */
	beat(&a, 0, "");
	ck_assert_int_eq(a.code, KE_NONE);
	ck_assert_str_eq(a.has, "t:0 t:1 t:2 t:3 t:4 t:5");
}
END_TEST

START_TEST(static_members_come_back)
{
	struct member a = { .id = "a", .names = { "t" }, .instance = "one" }, b = { .id = "b", .names = { "t" } };
	struct member again = { .id = "a2", .names = { "t" }, .instance = "one" };
	beat(&a, 0, "");
	beat(&b, 0, "");
	beat(&a, 1, "t:0 t:1 t:2");
	beat(&a, 1, "t:0 t:1 t:2");
	beat(&b, 2, NULL);
	ck_assert_str_eq(b.has, "t:3 t:4 t:5");
	beat(&again, 0, "");
	ck_assert_int_eq(again.code, KE_UNRELEASED_INSTANCE_ID);
	ck_assert_str_eq(again.why, "Static member a2 with instance id one cannot join the group because the instance id is owned by a member.");
	beat(&a, -2, NULL);
	ck_assert_int_eq(a.epoch, -2);
	beat(&b, 2, NULL);
	ck_assert(!b.told);
	beat(&again, 0, "");
	ck_assert_int_eq(again.code, KE_NONE);
	ck_assert_int_eq(again.epoch, 2);
	ck_assert_str_eq(again.has, "t:0 t:1 t:2");
	beat(&a, 2, NULL);
	ck_assert_int_eq(a.code, KE_FENCED_INSTANCE_ID);
	ck_assert_str_eq(a.why, "Static member a with instance id one was fenced by member a2.");
	beat(&again, -2, NULL);
	passes(40000);
	beat(&b, 2, NULL);
	passes(5001);
	beat(&b, 2, NULL);
	ck_assert_str_eq(b.has, "t:0 t:1 t:2 t:3 t:4 t:5");
}
END_TEST

START_TEST(topics_come_and_grow)
{
	struct member a = { .id = "a", .names = { "t", "later" } }, r = { .id = "r", .regex = "u[0-9]" };
	struct kfk_topic *made;
	beat(&a, 0, "");
	ck_assert_int_eq(a.epoch, 1);
	ck_assert_int_eq(kfk_topic_create(&k, S("later"), 1, &made), KE_NONE);
	beat(&a, 1, NULL);
	ck_assert_int_eq(a.epoch, 2);
	ck_assert_str_eq(a.has, "later:0 t:0 t:1 t:2 t:3 t:4 t:5");
	ck_assert_int_eq(kfk_topic_resize(&k, made, 2), KE_NONE);
	beat(&a, 2, NULL);
	ck_assert_int_eq(a.epoch, 3);
	ck_assert_str_eq(a.has, "later:0 later:1 t:0 t:1 t:2 t:3 t:4 t:5");
	ck_assert_int_eq(kfk_topic_create(&k, S("other"), 1, &made), KE_NONE);
	beat(&a, 3, NULL);
	ck_assert_int_eq(a.epoch, 3);
	/* Who subscribes to other topics gets those. */
	beat(&r, 0, "");
	ck_assert_str_eq(r.has, "u1:0 u1:1");
	ck_assert_int_eq(kfk_topic_create(&k, S("u2"), 1, &made), KE_NONE);
	beat(&r, r.epoch, NULL);
	ck_assert_str_eq(r.has, "u1:0 u1:1 u2:0");
}
END_TEST

START_TEST(range_gives_blocks)
{
	struct member b = { .id = "b", .names = { "t", "u1" }, .assignor = "range" }, a = { .id = "a", .names = { "t", "u1" }, .assignor = "range" };
	struct member c = { .id = "c", .names = { "t" }, .assignor = "range" };
	beat(&a, 0, "");
	beat(&b, 0, "");
	beat(&c, 0, "");
	beat(&a, 1, "");
	ck_assert_str_eq(a.has, "t:0 t:1 u1:0");
	beat(&b, b.epoch, NULL);
	ck_assert_str_eq(b.has, "t:2 t:3 u1:1");
	beat(&c, c.epoch, NULL);
	ck_assert_str_eq(c.has, "t:4 t:5");
}
END_TEST

/* ---- beside the classic protocol ---- */

static void code_of_join(void *arg, const void *response, const struct error *err)
{
	const struct kp_join_group_resp *r = response;
	ck_assert_ptr_null(err);
	*(int *)arg = r->error_code;
}

static int join_classic(void)
{
	struct kp_join_group_req_protocol range = { S("range"), S("") };
	struct kp_join_group_req req = { .group_id = S("g"), .session_timeout_ms = 10000, .rebalance_timeout_ms = 10000, .protocol_type = S("consumer"),
					 .protocols = &range, .protocol_n = 1 };
	int code = -100;
	env_ports.broker.ask(env_ports.broker.self, KP_JOIN_GROUP, &req, code_of_join, &code);
	turns();
	return code;
}

START_TEST(one_protocol_at_a_time)
{
	struct member a = { .id = "a", .names = { "t" } };
	ck_assert_int_eq(join_classic(), KE_MEMBER_ID_REQUIRED);
	beat(&a, 0, "");
	ck_assert_int_eq(a.code, KE_GROUP_ID_NOT_FOUND);
	ck_assert_str_eq(a.why, "Cannot upgrade classic group g to consumer group because online upgrade is disabled.");
	passes(10001);
	beat(&a, 0, "");
	ck_assert_int_eq(a.code, KE_NONE);
	ck_assert_int_eq(join_classic(), KE_INCONSISTENT_GROUP_PROTOCOL);
	beat(&a, -1, NULL);
	ck_assert_int_eq(join_classic(), KE_MEMBER_ID_REQUIRED);
	ck_assert_ptr_null(kfk_group(&k, S("g"))->modern);
}
END_TEST

START_TEST(members_commit_with_their_epoch)
{
	struct member a = { .id = "a", .names = { "t" } };
	beat(&a, 0, "");
	const struct kfk_group *g = kfk_group(&k, S("g"));
	ck_assert_int_eq(kfk_modern_may_commit(g, 1, S("a"), sl(NULL), 9, false), KE_NONE);
	ck_assert_int_eq(kfk_modern_may_commit(g, 1, S("a"), sl(NULL), 8, false), KE_UNSUPPORTED_VERSION);
	ck_assert_int_eq(kfk_modern_may_commit(g, 0, S("a"), sl(NULL), 9, false), KE_STALE_MEMBER_EPOCH);
	ck_assert_int_eq(kfk_modern_may_commit(g, 0, S("a"), sl(NULL), 9, true), KE_ILLEGAL_GENERATION);
	ck_assert_int_eq(kfk_modern_may_commit(g, -1, S(""), sl(NULL), 9, false), KE_UNKNOWN_MEMBER_ID);
	ck_assert_int_eq(kfk_modern_may_commit(g, -1, S(""), sl(NULL), 9, true), KE_NONE);
	ck_assert_int_eq(kfk_modern_may_fetch(g, -1, sl(NULL)), KE_NONE);
	ck_assert_int_eq(kfk_modern_may_fetch(g, 2, S("a")), KE_STALE_MEMBER_EPOCH);
	beat(&a, -1, NULL);
	ck_assert_int_eq(kfk_modern_may_commit(g, -1, S(""), sl(NULL), 9, false), KE_NONE);
}
END_TEST

START_TEST(it_is_there_after_a_restart)
{
	struct member a = { .id = "a", .names = { "t" } }, b = { .id = "b", .regex = "t", .instance = "two" };
	struct error err;
	beat(&a, 0, "");
	beat(&b, 0, "");
	beat(&a, 1, NULL);
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	ck_assert_str_eq(state(), "Reconciling");
	beat(&a, 1, "t:0 t:1 t:2");
	ck_assert_int_eq(a.epoch, 2);
	beat(&b, 2, NULL);
	ck_assert_int_eq(b.epoch, 2);
	ck_assert_str_eq(b.has, "t:3 t:4 t:5");
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	ck_assert_str_eq(state(), "Stable");
	passes(45001);
	beat(&b, 2, NULL);
	ck_assert_int_eq(b.code, KE_UNKNOWN_MEMBER_ID);
	ck_assert_int_eq(kfk_group_delete(kfk_group(&k, S("g"))), KE_NONE);
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	ck_assert_ptr_null(kfk_group(&k, S("g")));
}
END_TEST

/* Topics that changed before the restart, or after it, when no member was heard of. */
START_TEST(topics_that_changed_around_a_restart)
{
	struct member a = { .id = "a", .names = { "u1", "later" } };
	struct error err;
	beat(&a, 0, "");
	ck_assert_str_eq(a.has, "u1:0 u1:1");
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	beat(&a, 1, NULL); /* nothing did */
	ck_assert_int_eq(a.epoch, 1);
	ck_assert_int_eq(kfk_topic_resize(&k, kfk_topic(&k, S("u1")), 3), KE_NONE);
	ck_assert_int_eq(kfk_commit(&k, &err), 0);
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	beat(&a, 1, NULL);
	ck_assert_int_eq(a.epoch, 2);
	ck_assert_str_eq(a.has, "u1:0 u1:1 u1:2");
	ck_assert_int_eq(kfk_load(&k, &err), 0);
	ck_assert_int_eq(kfk_topic_create(&k, S("later"), 1, NULL), KE_NONE);
	beat(&a, 2, NULL);
	ck_assert_int_eq(a.epoch, 3);
	ck_assert_str_eq(a.has, "later:0 u1:0 u1:1 u1:2");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka groups of the consumer protocol");
	TCase *tc = tcase_create("modern");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, who_has_gives_up_first);
	tcase_add_test(tc, sessions_and_revocations_end_by_the_clock);
	tcase_add_test(tc, what_is_refused);
	tcase_add_test(tc, static_members_come_back);
	tcase_add_test(tc, topics_come_and_grow);
	tcase_add_test(tc, range_gives_blocks);
	tcase_add_test(tc, one_protocol_at_a_time);
	tcase_add_test(tc, members_commit_with_their_epoch);
	tcase_add_test(tc, it_is_there_after_a_restart);
	tcase_add_test(tc, topics_that_changed_around_a_restart);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
