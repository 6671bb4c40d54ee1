/* Several brokers in one process: where partitions are, who may answer, brokers that go away and come back, epochs that only grow. */
#include "broker.h"
#include "kafka/node.h"

static struct arena arena;

static void setup(void)
{
	broker_setup();
	several("3");
	open_kafka();
}

static void teardown(void)
{
	kafka_service.close(&k);
	arena_free(&arena);
	env_close();
}

static struct kfk_topic *make(const char *name, int n)
{
	struct kfk_topic *t = NULL;
	ck_assert_int_eq(kfk_topic_create(&k, sl(name), n, &t), KE_NONE);
	return t;
}

/* "1:1,2,3/1,2,3@0": leader, replicas, those in sync, epoch. */
static const char *where(const struct kfk_topic *t, int partition)
{
	static char text[80];
	struct kfk_place at;
	size_t n = 0;
	kfk_place(&k, t, partition, &at);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%d:", at.leader);
	for (int i = 0; i < at.replica_n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d", i ? "," : "", at.replicas[i]);
	for (int i = 0; i < at.isr_n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d", i ? "," : "/", at.isr[i]);
	snprintf(text + n, sizeof(text) - n, "@%d", at.epoch);
	return text;
}

static void fault(const char *spec)
{
	struct error err = { 0 };
	if (spec)
		ck_assert_msg(faults_arm(env.faults, sl(spec), &err) == 0, "%s", err.text);
	else
		faults_clear(env.faults, sl(NULL));
	loop_turn(env.loop, 0);
	loop_turn(env.loop, 0);
}

/* A request that came in on a node. */
static struct kfk_call at(int node, struct conn *conn)
{
	size_t n;
	*conn = (struct conn){ .local = "127.0.0.1", .local_port = 19000 + node };
	return (struct kfk_call){ .conn = conn, .api = kfk_apis(&n) };
}

START_TEST(placed)
{
	struct kfk_topic *t = make("t", 4);
	struct slice why = sl(NULL);
	int32_t twice[] = { 2, 2 }, two[] = { 3, 1 };
	int first = kfk_leader(&t->parts[0]);
	for (int i = 0; i < 4; i++) { /* consecutive nodes, the next partition a node on */
		ck_assert_int_eq(kfk_leader(&t->parts[i]), (first - 1 + i) % 3 + 1);
		ck_assert_int_eq(kfk_replica_n(&t->parts[i]), 3);
	}
	ck_assert_int_eq(kfk_spread(&k, t, 0, 4, &arena, &why), KE_INVALID_REPLICATION_FACTOR);
	ck_assert_str_eq(arena_cstr(&arena, why), "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only "
						  "3 broker(s) are registered.");
	ck_assert_int_eq(kfk_spread(&k, t, 0, 0, &arena, &why), KE_INVALID_REPLICATION_FACTOR);
	ck_assert_int_eq(kfk_spread_part(&k, t, 1, twice, 2), KE_INVALID_REPLICA_ASSIGNMENT);
	ck_assert_int_eq(kfk_spread_part(&k, t, 1, two, 2), KE_NONE);
	ck_assert_str_eq(where(t, 1), "3:3,1/3,1@0");
	ck_assert_int_eq(kfk_topic_resize(&k, t, 5), KE_NONE);
	ck_assert_int_eq(kfk_replica_n(&t->parts[4]), 3);
}
END_TEST

START_TEST(answered)
{
	struct kfk_topic *t = make("t", 1);
	int32_t two[] = { 2, 3 };
	struct conn conn;
	ck_assert_int_eq(kfk_spread_part(&k, t, 0, two, 2), KE_NONE);
	for (int node = 1; node <= 3; node++) {
		struct kfk_call c = at(node, &conn);
		ck_assert_int_eq(kfk_node(&k, &conn), node);
		ck_assert_int_eq(kfk_not_leader(&k, &c, t, 0, -1), node == 2 ? KE_NONE : KE_NOT_LEADER_OR_FOLLOWER);
	}
	struct kfk_call c = at(2, &conn), own = { .conn = &k.inside, .api = c.api };
	ck_assert_int_eq(kfk_not_leader(&k, &c, t, 0, 1), KE_UNKNOWN_LEADER_EPOCH);
	ck_assert_int_eq(kfk_not_leader(&k, &own, t, 0, 0), KE_NONE);
	ck_assert_int_eq(kfk_move_leader(&k, t, 0, 0), KE_NONE);
	ck_assert_str_eq(where(t, 0), "3:2,3/2,3@1");
	ck_assert_int_eq(kfk_not_leader(&k, &c, t, 0, 0), KE_FENCED_LEADER_EPOCH);
	ck_assert_int_eq(kfk_move_leader(&k, t, 0, 1), KE_INVALID_REPLICA_ASSIGNMENT);
	conn.host = xstrdup("b-3-public.tarn.x1.c2.kafka.us-east-1.amazonaws.com"); /* MSK's names count before ports */
	ck_assert_int_eq(kfk_node(&k, &conn), 3);
	ck_assert_int_eq(kfk_not_leader(&k, &c, t, 0, 1), KE_NONE);
	struct slice host;
	int port;
	kfk_advertised(&k, &conn, 1, &arena, &host, &port);
	ck_assert_str_eq(arena_cstr(&arena, host), "b-1-public.tarn.x1.c2.kafka.us-east-1.amazonaws.com");
	ck_assert_int_eq(port, 19002);
	free(conn.host);
	conn.host = NULL;
	kfk_advertised(&k, &conn, 3, &arena, &host, &port);
	ck_assert_int_eq(port, 19003);
}
END_TEST

START_TEST(away)
{
	struct kfk_topic *t = make("t", 1);
	int32_t two[] = { 2, 3 };
	struct conn conn;
	ck_assert_int_eq(kfk_spread_part(&k, t, 0, two, 2), KE_NONE);
	t->set.min_isr = 2;
	fault("kafka.broker-2 name=2 drop");
	ck_assert_str_eq(where(t, 0), "3:2,3/3@1");
	ck_assert(kfk_isr_short(t, 0));
	ck_assert(!kfk_node_up(&k, 2));
	struct kfk_broker *b;
	(void)at(1, &conn);
	ck_assert_int_eq(kfk_brokers(&k, &conn, &arena, &b), 2);
	fault("kafka.broker-3 name=3 drop");
	ck_assert_str_eq(where(t, 0), "-1:2,3/3@2"); /* the last in sync stays it */
	faults_clear(env.faults, S("2"));
	loop_turn(env.loop, 0);
	ck_assert_str_eq(where(t, 0), "-1:2,3/3@2"); /* 2 isn't in sync */
	struct kfk_call own = { .conn = &k.inside, .api = at(1, &conn).api };
	ck_assert_int_eq(kfk_not_leader(&k, &own, t, 0, -1), KE_LEADER_NOT_AVAILABLE);
	fault(NULL);
	ck_assert_str_eq(where(t, 0), "3:2,3/2,3@3");
	ck_assert(!kfk_isr_short(t, 0));
	struct error err;
	ck_assert_int_eq(env_advance(env.loop, env.clock, 300000, &err), 0); /* preferred leaders come back */
	ck_assert_str_eq(where(t, 0), "2:2,3/2,3@4");
	ck_assert_int_eq(kfk_elect(&k, t, 0, false), KE_ELECTION_NOT_NEEDED);
}
END_TEST

START_TEST(away_for_some_requests)
{
	struct conn conn;
	(void)at(2, &conn);
	fault("kafka.broker-2 drop on=3..4"); /* 1: when it was armed */
	ck_assert(kfk_away_serves(&k, &conn));
	ck_assert(!kfk_away_serves(&k, &conn));
	ck_assert(!kfk_node_up(&k, 2));
	struct error err;
	ck_assert_int_eq(env_advance(env.loop, env.clock, 1000, &err), 0);
	ck_assert(!kfk_node_up(&k, 2));
	ck_assert_int_eq(env_advance(env.loop, env.clock, 1000, &err), 0);
	ck_assert(kfk_node_up(&k, 2));
}
END_TEST

START_TEST(restarted)
{
	struct error err;
	kfk_restart(&k, 3);
	ck_assert(!kfk_node_up(&k, 3));
	ck_assert_int_eq(env_advance(env.loop, env.clock, 9000, &err), 0);
	ck_assert(!kfk_node_up(&k, 3));
	ck_assert_int_eq(env_advance(env.loop, env.clock, 2000, &err), 0);
	ck_assert(kfk_node_up(&k, 3));
	kafka_service.close(&k);
	conf_set(env_conf, "kafka", "brokers", "1");
	open_kafka();
	kfk_restart(&k, 1); /* nobody would be left */
	ck_assert(kfk_node_up(&k, 1));
}
END_TEST

START_TEST(more_replicas_than_brokers)
{
	struct error err = { 0 };
	kafka_service.close(&k);
	conf_set(env_conf, "kafka", "default.replication.factor", "4");
	memset(&k, 0, sizeof(k));
	ck_assert_int_eq(kafka_service.open(&k, &env, &err), ERR_INVALID);
	conf_set(env_conf, "kafka", "default.replication.factor", "2");
	open_kafka();
	ck_assert_int_eq(kfk_replica_n(&make("t", 1)->parts[0]), 2);
}
END_TEST

START_TEST(kept)
{
	struct kfk_topic *t = make("t", 1);
	int32_t two[] = { 2, 3 }, found;
	int64_t end;
	ck_assert_int_eq(kfk_spread_part(&k, t, 0, two, 2), KE_NONE);
	t->parts[0].next = t->parts[0].stable = 5;
	ck_assert_int_eq(kfk_move_leader(&k, t, 0, 0), KE_NONE);
	ck_assert_int_eq(kfk_move_leader(&k, t, 0, 0), KE_NONE); /* epoch 1 had no records */
	t->parts[0].next = t->parts[0].stable = 9;
	static const struct {
		int32_t asked, found;
		int64_t end;
	} all[] = { { 0, 0, 5 }, { 1, 0, 5 }, { 2, 2, 9 }, { 3, -1, -1 }, { -1, -1, -1 } };
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		ck_assert_int_eq(kfk_epoch_end(&k, t, 0, all[i].asked, &found, &end), KE_NONE);
		ck_assert_int_eq(found, all[i].found);
		ck_assert_int_eq(end, all[i].end);
	}
	ck_assert_int_eq(kfk_epoch_of(&k, t, 0, 4), 0);
	ck_assert_int_eq(kfk_epoch_of(&k, t, 0, 5), 2);
	commit(NULL);
	ck_assert_int_eq(kfk_move_leader(&k, t, 0, 0), KE_NONE);
	ck_assert_str_eq(where(t, 0), "3:2,3/2,3@3");
	struct error err = { 0 }; /* what isn't committed never was */
	ck_assert_int_eq(faults_arm(env.faults, S("kafka.store io"), &err), 0);
	ck_assert_int_ne(kfk_commit(&k, &err), 0);
	faults_clear(env.faults, sl(NULL));
	ck_assert_str_eq(where(kfk_topic(&k, S("t")), 0), "2:2,3/2,3@2");
	kafka_service.close(&k);
	conf_set(env_conf, "kafka", "brokers", "2"); /* one less: what it had is the other's, its clients hear of it by the epoch */
	open_kafka();
	ck_assert_str_eq(where(kfk_topic(&k, S("t")), 0), "2:2/2@2");
	kafka_service.close(&k);
	conf_set(env_conf, "kafka", "brokers", "1");
	open_kafka();
	ck_assert_str_eq(where(kfk_topic(&k, S("t")), 0), "1:1/1@3");
}
END_TEST

START_TEST(coordinated)
{
	struct conn conn;
	/* Utils.abs(key.hashCode()) % 50 of Java 17 */
	ck_assert_int_eq(kfk_kept_in(S("g")), 3);
	ck_assert_int_eq(kfk_kept_in(S("console-consumer-12345")), 6);
	ck_assert_int_eq(kfk_kept_in(S("gr\xc3\xbc\xc3\x9f" "e-\xf0\x9f\x98\x80")), 27);
	struct kfk_topic *t = make("__consumer_offsets", 50);
	int node = kfk_leader(&t->parts[3]), other = node % 3 + 1;
	struct kfk_call c = at(node, &conn);
	ck_assert_int_eq(kfk_coordinator(&k, S("g"), 0), node);
	ck_assert_int_eq(kfk_not_coordinator(&k, &c, S("g"), 0), KE_NONE);
	c = at(other, &conn);
	ck_assert_int_eq(kfk_not_coordinator(&k, &c, S("g"), 0), KE_NOT_COORDINATOR);
	c.conn = &k.inside;
	ck_assert_int_eq(kfk_not_coordinator(&k, &c, S("g"), 0), KE_NONE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka nodes");
	TCase *t = tcase_create("nodes");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, placed);
	tcase_add_test(t, answered);
	tcase_add_test(t, away);
	tcase_add_test(t, away_for_some_requests);
	tcase_add_test(t, restarted);
	tcase_add_test(t, more_replicas_than_brokers);
	tcase_add_test(t, kept);
	tcase_add_test(t, coordinated);
	suite_add_tcase(s, t);
	return run_suite(s);
}
