/* Transactions as producers ask for them, in chosen versions: epochs and fencing, partitions and offsets in them, their ends, timeouts and
 * expiry on the emulated clock, a commit that fails and a restart in between. What is right was seen of Kafka 3.9.1 and 4.0 asked the same. */
#include "env.h"
#include "kafka/group.h"
#include "kafka/producer.h"
#include "kafka/txn.h"

static struct kafka k;
static struct arena arena; /* of answers */

enum { T0 = 1000000000, HOUR_MS = 3600000, DAY_MS = 86400000 };

static void commit(void)
{
	struct error err = { 0 };
	kfk_groups_flush(&k);
	kfk_txns_flush(&k);
	ck_assert_msg(kfk_commit(&k, &err) == 0, "%s", err.text);
}

static void on_commit(void *arg)
{
	if (k.db.h)
		commit();
}

static void open_kafka(void)
{
	struct error err = { 0 };
	memset(&k, 0, sizeof(k));
	ck_assert_msg(kafka_service.open(&k, &env, &err) == 0, "%s", err.text);
}

static void setup(void)
{
	struct kfk_topic *t;
	env_open("kafka");
	env_folder();
	clock_freeze(env.clock, T0);
	loop_on_commit(env.loop, on_commit, NULL);
	open_kafka();
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 3, &t), KE_NONE);
	ck_assert_int_eq(kfk_topic_create(&k, S("u"), 1, &t), KE_NONE);
	commit();
}

static void teardown(void)
{
	kafka_service.close(&k);
	arena_free(&arena);
	env_close();
}

static void reopen(void)
{
	kafka_service.close(&k);
	open_kafka();
}

static void passes(int64_t ms)
{
	struct error err;
	ck_assert_int_eq(env_advance(env.loop, env.clock, ms, &err), 0);
}

/* Asks in that version, as a client would whose tick ends then. */
static const void *ask(int key, int version, const void *req)
{
	size_t n;
	const struct kfk_api *all = kfk_apis(&n), *api = all;
	while (api->key != key)
		api++;
	struct kfk_call c = { .conn = &k.inside, .api = api, .req = req, .arena = &arena, .key = (int16_t)key, .version = (int16_t)version, .last = true, .whole = true };
	c.resp = arena_alloc(&arena, kp_api((int16_t)key)->response->size);
	kp_init(kp_api((int16_t)key)->response, c.resp);
	ck_assert_int_eq(api->serve(&k, &c), KFK_ANSWERED);
	commit();
	return c.resp;
}

/* ---- what producers ask ---- */

struct who {
	const char *id;
	int64_t pid;
	int16_t epoch;
	int32_t seq; /* of its next batch in partition 0 of t */
};

static int init_with(struct who *w, int version, int64_t pid, int16_t epoch, int32_t timeout_ms)
{
	struct kp_init_producer_id_req req = { sl(w->id), timeout_ms, pid, epoch };
	const struct kp_init_producer_id_resp *r = ask(KP_INIT_PRODUCER_ID, version, &req);
	if (r->error_code) {
		ck_assert_int_eq(r->producer_id, -1);
		ck_assert_int_eq(r->producer_epoch, -1);
		return r->error_code;
	}
	if (r->producer_epoch != w->epoch || r->producer_id != w->pid)
		w->seq = 0;
	w->pid = r->producer_id;
	w->epoch = r->producer_epoch;
	return 0;
}

static int init(struct who *w)
{
	return init_with(w, 1, -1, -1, 60000);
}

static int add(const struct who *w, int version, const char *topic, int32_t partition)
{
	struct kp_add_partitions_to_txn_req_v3_and_below_topic t = { sl(topic), &partition, 1 };
	struct kp_add_partitions_to_txn_req req = { .v3_and_below_transactional_id = sl(w->id), .v3_and_below_producer_id = w->pid,
						    .v3_and_below_producer_epoch = w->epoch, .v3_and_below_topics = &t, .v3_and_below_topic_n = 1 };
	const struct kp_add_partitions_to_txn_resp *r = ask(KP_ADD_PARTITIONS_TO_TXN, version, &req);
	ck_assert_int_eq(r->results_by_topic_v3_and_below_n, 1);
	ck_assert_int_eq(r->results_by_topic_v3_and_below[0].results_by_partition[0].partition_index, partition);
	return r->results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code;
}

static int end(const struct who *w, int version, bool committed)
{
	struct kp_end_txn_req req = { sl(w->id), w->pid, w->epoch, committed };
	return ((const struct kp_end_txn_resp *)ask(KP_END_TXN, version, &req))->error_code;
}

static int64_t produced_ms; /* as the last answer said it */

static int produce_version = 8;

/* A batch of two records to a partition of t. */
static int produce_to(struct who *w, int32_t partition, bool in_txn)
{
	struct kp_batch like = { .attributes = in_txn ? KP_ATTR_TXN : 0, .pid = w->pid, .epoch = w->epoch, .base_seq = w->seq };
	struct kp_builder made = { .like = &like };
	struct buf bytes = { 0 };
	kp_builder_add(&made, T0, S("k"), S("v"), sl(NULL));
	kp_builder_add(&made, T0, S("k"), S("v"), sl(NULL));
	kp_builder_end(&made, &bytes);
	struct kp_produce_req_partition_data p = { partition, buf_slice(&bytes) };
	struct kp_produce_req_topic_data t = { S("t"), &p, 1 };
	struct kp_produce_req req = { sl(w->id), -1, 1000, &t, 1 };
	const struct kp_produce_resp *r = ask(KP_PRODUCE, produce_version, &req);
	int code = r->responses[0].partition_responses[0].error_code;
	produced_ms = r->responses[0].partition_responses[0].log_append_time_ms;
	if (!code)
		w->seq += 2;
	kp_builder_free(&made);
	buf_free(&bytes);
	return code;
}

static int produce(struct who *w)
{
	return produce_to(w, 0, true);
}

static const struct kp_fetch_resp_partition *fetch(int isolation, int64_t offset)
{
	struct kp_fetch_req_partition p = { .partition = 0, .current_leader_epoch = -1, .fetch_offset = offset, .partition_max_bytes = 1 << 20 };
	struct kp_fetch_req_topic t = { .topic = S("t"), .partitions = &p, .partition_n = 1 };
	struct kp_fetch_req req = { .max_bytes = 1 << 20, .isolation_level = (int8_t)isolation, .session_epoch = -1, .topics = &t, .topic_n = 1 };
	const struct kp_fetch_resp *r = ask(KP_FETCH, 11, &req);
	ck_assert_int_eq(r->responses[0].partitions[0].error_code, 0);
	return &r->responses[0].partitions[0];
}

static const struct kp_describe_transactions_resp_transaction_state *describe(const char *id)
{
	struct slice ids[] = { sl(id) };
	struct kp_describe_transactions_req req = { ids, 1 };
	return ((const struct kp_describe_transactions_resp *)ask(KP_DESCRIBE_TRANSACTIONS, 0, &req))->transaction_states;
}

#define STATE(id, expected) ck_assert_msg(sl_eqs(describe(id)->transaction_state, expected), "%.*s", SL(describe(id)->transaction_state))

static struct who begun(const char *id)
{
	struct who w = { .id = id };
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(add(&w, 0, "t", 0), 0);
	ck_assert_int_eq(produce(&w), 0);
	return w;
}

/* ---- ids and epochs ---- */

START_TEST(an_id_has_epochs)
{
	struct who w = { .id = "x" }, other = { .id = "y" }, none = { .id = NULL };
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(w.epoch, 0);
	ck_assert_int_eq(init(&other), 0);
	ck_assert_int_ne(w.pid, other.pid);
	ck_assert_int_eq(init(&w), 0); /* another one comes by it */
	ck_assert_int_eq(w.epoch, 1);
	ck_assert_int_eq(init_with(&w, 4, w.pid, 1, 60000), 0); /* the same one, for a new epoch */
	ck_assert_int_eq(w.epoch, 2);
	ck_assert_int_eq(init_with(&w, 4, w.pid, 1, 60000), 0); /* again, as the answer was lost */
	ck_assert_int_eq(w.epoch, 2);
	ck_assert_int_eq(init_with(&w, 4, w.pid, 0, 60000), KE_PRODUCER_FENCED);
	ck_assert_int_eq(init_with(&w, 3, w.pid, 9, 60000), KE_INVALID_PRODUCER_EPOCH);
	ck_assert_int_eq(init_with(&w, 4, w.pid + 50, 2, 60000), KE_PRODUCER_FENCED);
	reopen();
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(w.epoch, 3);
	ck_assert_int_eq(init(&none), 0); /* without an id: always a new producer */
	ck_assert_int_gt(none.pid, other.pid);
	ck_assert_int_eq(none.epoch, 0);
}
END_TEST

START_TEST(what_is_refused_at_once)
{
	struct who w = { .id = "x" }, empty = { .id = "" };
	ck_assert_int_eq(init(&empty), KE_INVALID_REQUEST);
	ck_assert_int_eq(init_with(&w, 1, -1, -1, 0), KE_INVALID_TRANSACTION_TIMEOUT);
	ck_assert_int_eq(init_with(&w, 1, -1, -1, 900001), KE_INVALID_TRANSACTION_TIMEOUT);
	ck_assert_int_eq(init_with(&w, 4, 5, -1, 60000), KE_INVALID_REQUEST);
	ck_assert_int_eq(init_with(&w, 4, -1, 5, 60000), KE_INVALID_REQUEST);
	ck_assert_ptr_null(kfk_txn(&k, S("x")));
}
END_TEST

START_TEST(epochs_run_out)
{
	struct who w = { .id = "x" };
	ck_assert_int_eq(init(&w), 0);
	int64_t pid = w.pid;
	kfk_txn(&k, S("x"))->epoch = INT16_MAX - 2;
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(w.pid, pid);
	ck_assert_int_eq(w.epoch, INT16_MAX - 1);
	ck_assert_int_eq(init_with(&w, 4, pid, w.epoch, 60000), 0); /* another producer id */
	ck_assert_int_ne(w.pid, pid);
	ck_assert_int_eq(w.epoch, 0);
}
END_TEST

START_TEST(the_one_before_is_fenced)
{
	struct who old = begun("x"), w = { .id = "x" };
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(w.epoch, 2); /* 1 was for the marker of what it left */
	const struct kp_fetch_resp_partition *p = fetch(1, 0);
	ck_assert_int_eq(p->last_stable_offset, 3);
	ck_assert_int_eq(p->aborted_transaction_n, 1);
	ck_assert_int_eq(p->aborted_transactions[0].producer_id, old.pid);
	ck_assert_int_eq(p->aborted_transactions[0].first_offset, 0);
	ck_assert_int_eq(produce(&old), KE_INVALID_PRODUCER_EPOCH);
	ck_assert_int_eq(add(&old, 0, "t", 1), KE_INVALID_PRODUCER_EPOCH); /* as old versions call it */
	ck_assert_int_eq(add(&old, 2, "t", 1), KE_PRODUCER_FENCED);
	ck_assert_int_eq(end(&old, 0, true), KE_INVALID_PRODUCER_EPOCH);
	ck_assert_int_eq(end(&old, 2, true), KE_PRODUCER_FENCED);
	STATE("x", "Empty");
}
END_TEST

/* ---- in a transaction ---- */

START_TEST(partitions_are_added_first)
{
	struct who w = { .id = "x" }, other = { .id = "nope" };
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(produce(&w), KE_INVALID_TXN_STATE);
	ck_assert_int_eq(add(&other, 0, "t", 0), KE_INVALID_PRODUCER_ID_MAPPING);
	ck_assert_int_eq(add(&w, 0, "t", 7), KE_UNKNOWN_TOPIC_OR_PARTITION);
	ck_assert_int_eq(add(&w, 0, "__consumer_offsets", 0), KE_TOPIC_AUTHORIZATION_FAILED);
	STATE("x", "Empty");
	ck_assert_int_eq(add(&w, 0, "t", 0), 0);
	ck_assert_int_eq(add(&w, 3, "t", 0), 0);
	STATE("x", "Ongoing");
	ck_assert_int_eq(describe("x")->transaction_start_time_ms, T0);
	ck_assert_int_eq(describe("x")->topic_n, 1);
	ck_assert_int_eq(produce(&w), 0);
	ck_assert_int_eq(produced_ms, -1);
	w.seq = 0;
	ck_assert_int_eq(produce(&w), 0); /* again: it is answered with the time of what is there */
	ck_assert_int_eq(produced_ms, T0);
	ck_assert_int_eq(produce_to(&w, 1, true), KE_INVALID_TXN_STATE);
	ck_assert_int_eq(produce_to(&w, 0, false), KE_INVALID_TXN_STATE);
	w.id = NULL;
	ck_assert_int_eq(produce(&w), KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
}
END_TEST

START_TEST(one_that_is_wrong_stops_the_others)
{
	struct who w = { .id = "x" };
	int32_t partitions[] = { 0, 9 };
	struct kp_add_partitions_to_txn_req_v3_and_below_topic t = { S("t"), partitions, 2 };
	ck_assert_int_eq(init(&w), 0);
	struct kp_add_partitions_to_txn_req req = { .v3_and_below_transactional_id = S("x"), .v3_and_below_producer_id = w.pid, .v3_and_below_topics = &t,
						    .v3_and_below_topic_n = 1 };
	const struct kp_add_partitions_to_txn_resp *r = ask(KP_ADD_PARTITIONS_TO_TXN, 3, &req);
	ck_assert_int_eq(r->results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code, KE_OPERATION_NOT_ATTEMPTED);
	ck_assert_int_eq(r->results_by_topic_v3_and_below[0].results_by_partition[1].partition_error_code, KE_UNKNOWN_TOPIC_OR_PARTITION);
}
END_TEST

START_TEST(brokers_ask_whether_it_has_them)
{
	struct who w = begun("x");
	int32_t partitions[] = { 0, 1 };
	struct kp_add_partitions_to_txn_req_topic t = { S("t"), partitions, 2 };
	struct kp_add_partitions_to_txn_req_transaction x = { S("x"), w.pid, w.epoch, true, &t, 1 };
	struct kp_add_partitions_to_txn_req req = { .transactions = &x, .transaction_n = 1 };
	const struct kp_add_partitions_to_txn_resp *r = ask(KP_ADD_PARTITIONS_TO_TXN, 5, &req);
	ck_assert_int_eq(r->results_by_transaction[0].topic_results[0].results_by_partition[0].partition_error_code, 0);
	ck_assert_int_eq(r->results_by_transaction[0].topic_results[0].results_by_partition[1].partition_error_code, KE_TRANSACTION_ABORTABLE);
}
END_TEST

START_TEST(readers_of_what_is_committed)
{
	struct who w = begun("x"), other = { .id = "y" };
	ck_assert_int_eq(init(&other), 0);
	ck_assert_int_eq(fetch(1, 0)->records.n, 0);
	ck_assert_int_eq(fetch(1, 0)->last_stable_offset, 0);
	ck_assert_int_eq(fetch(1, 0)->aborted_transaction_n, 0);
	ck_assert_int_ne(fetch(0, 0)->records.n, 0);
	ck_assert_int_eq(fetch(0, 0)->aborted_transaction_n, -1);
	ck_assert_int_eq(end(&w, 0, true), 0); /* marker at 2 */
	ck_assert_int_eq(add(&other, 0, "t", 0), 0);
	ck_assert_int_eq(produce(&other), 0); /* 3, 4 */
	ck_assert_int_eq(fetch(1, 0)->last_stable_offset, 3);
	ck_assert_int_eq(fetch(1, 0)->high_watermark, 5);
	ck_assert_int_ne(fetch(1, 0)->records.n, 0);
	ck_assert_int_eq(fetch(1, 3)->records.n, 0);
	ck_assert_int_eq(end(&other, 0, false), 0); /* marker at 5 */
	ck_assert_int_eq(fetch(1, 0)->aborted_transaction_n, 1);
	ck_assert_int_eq(fetch(1, 3)->aborted_transactions[0].first_offset, 3);
	ck_assert_int_eq(fetch(1, 6)->aborted_transaction_n, 0);
}
END_TEST

START_TEST(ends_can_be_asked_again)
{
	struct who w = begun("x");
	ck_assert_int_eq(end(&w, 0, true), 0);
	ck_assert_int_eq(end(&w, 0, true), 0);
	ck_assert_int_eq(end(&w, 0, false), KE_INVALID_TXN_STATE);
	STATE("x", "CompleteCommit");
	ck_assert_int_eq(add(&w, 0, "t", 0), 0);
	ck_assert_int_eq(end(&w, 0, false), 0);
	ck_assert_int_eq(end(&w, 0, false), 0);
	ck_assert_int_eq(end(&w, 0, true), KE_INVALID_TXN_STATE);
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(end(&w, 0, false), KE_INVALID_TXN_STATE);
}
END_TEST

START_TEST(from_version_12_partitions_are_added_by_producing)
{
	struct who w = { .id = "x" }, old = { .id = "x" };
	ck_assert_int_eq(init(&old), 0);
	ck_assert_int_eq(init(&w), 0);
	produce_version = 12;
	ck_assert_int_eq(produce(&w), 0);
	ck_assert_int_eq(produce(&old), KE_INVALID_PRODUCER_EPOCH);
	produce_version = 8;
	STATE("x", "Ongoing");
	ck_assert_int_eq(describe("x")->topic_n, 1);
}
END_TEST

START_TEST(from_version_5_the_epoch_goes_up)
{
	struct who w = begun("x");
	struct kp_end_txn_req req = { S("x"), w.pid, 0, true };
	for (int again = 0; again < 2; again++) {
		const struct kp_end_txn_resp *r = ask(KP_END_TXN, 5, &req);
		ck_assert_int_eq(r->error_code, 0);
		ck_assert_int_eq(r->producer_id, w.pid);
		ck_assert_int_eq(r->producer_epoch, 1);
	}
	req.committed = false;
	ck_assert_int_eq(((const struct kp_end_txn_resp *)ask(KP_END_TXN, 5, &req))->error_code, KE_INVALID_TXN_STATE);
	ck_assert_int_eq(kfk_producer(&k, &kfk_topic(&k, S("t"))->parts[0], w.pid)->epoch, 1); /* the marker has the new one */
}
END_TEST

/* ---- offsets ---- */

static int add_group(const struct who *w)
{
	struct kp_add_offsets_to_txn_req req = { sl(w->id), w->pid, w->epoch, S("g") };
	return ((const struct kp_add_offsets_to_txn_resp *)ask(KP_ADD_OFFSETS_TO_TXN, 0, &req))->error_code;
}

static int commit_offset(const struct who *w, int version, const char *topic, int64_t offset, int32_t generation)
{
	struct kp_txn_offset_commit_req_partition p = { 0, offset, -1, S("m") };
	struct kp_txn_offset_commit_req_topic t = { sl(topic), &p, 1 };
	struct kp_txn_offset_commit_req req = { sl(w->id), S("g"), w->pid, w->epoch, generation, generation < 0 ? S("") : S("member"), sl(NULL), &t, 1 };
	return ((const struct kp_txn_offset_commit_resp *)ask(KP_TXN_OFFSET_COMMIT, version, &req))->topics[0].partitions[0].error_code;
}

/* The group's committed offset; its code where that isn't 0. */
static int64_t committed(bool stable)
{
	int32_t partition = 0;
	struct kp_offset_fetch_req_topic t = { S("t"), &partition, 1 };
	struct kp_offset_fetch_req req = { .group_id = S("g"), .topics = &t, .topic_n = 1, .require_stable = stable };
	const struct kp_offset_fetch_resp *r = ask(KP_OFFSET_FETCH, 7, &req);
	return r->topics[0].partitions[0].error_code ? r->topics[0].partitions[0].error_code : r->topics[0].partitions[0].committed_offset;
}

START_TEST(offsets_are_committed_with_it)
{
	struct who w = { .id = "x" };
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(commit_offset(&w, 2, "t", 7, -1), KE_INVALID_TXN_STATE); /* the group wasn't added */
	for (int again = 0; again < 2; again++) { /* the first is aborted */
		ck_assert_int_eq(add_group(&w), 0);
		ck_assert_int_eq(commit_offset(&w, 2, "t", 7, -1), 0);
		ck_assert_int_eq(commit_offset(&w, 2, "nope", 7, -1), KE_UNKNOWN_TOPIC_OR_PARTITION);
		ck_assert_int_eq(commit_offset(&w, 3, "t", 8, 5), KE_UNKNOWN_MEMBER_ID);
		ck_assert_int_eq(committed(true), KE_UNSTABLE_OFFSET_COMMIT);
		ck_assert_int_eq(committed(false), -1);
		reopen();
		ck_assert(sl_eqs(describe("x")->topics[0].topic, "__consumer_offsets"));
		ck_assert_int_eq(end(&w, 0, again), 0);
		ck_assert_int_eq(committed(true), again ? 7 : -1);
	}
	struct who old = w;
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(commit_offset(&old, 2, "t", 9, -1), KE_INVALID_PRODUCER_EPOCH);
}
END_TEST

/* ---- time ---- */

START_TEST(what_lasts_too_long_is_aborted)
{
	struct who w = begun("x");
	passes(59999);
	ck_assert_int_eq(produce(&w), 0);
	STATE("x", "Ongoing");
	passes(1);
	STATE("x", "CompleteAbort");
	ck_assert_int_eq(fetch(1, 0)->aborted_transaction_n, 1);
	ck_assert_int_eq(end(&w, 0, true), KE_INVALID_PRODUCER_EPOCH);
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(w.epoch, 2);
}
END_TEST

START_TEST(it_is_late_over_a_restart_too)
{
	struct who w = begun("x");
	passes(30000);
	reopen();
	STATE("x", "Ongoing");
	passes(30000);
	STATE("x", "CompleteAbort");
	ck_assert_int_eq(w.epoch + 1, describe("x")->producer_epoch);
}
END_TEST

START_TEST(ids_that_nobody_uses_are_forgotten)
{
	struct who w = { .id = "x" };
	ck_assert_int_eq(init(&w), 0);
	passes(6 * (int64_t)DAY_MS);
	STATE("x", "Empty");
	passes(DAY_MS + HOUR_MS);
	ck_assert_int_eq(describe("x")->error_code, KE_TRANSACTIONAL_ID_NOT_FOUND);
	reopen();
	ck_assert_int_eq(describe("x")->error_code, KE_TRANSACTIONAL_ID_NOT_FOUND);
	ck_assert_int_eq(add(&w, 0, "t", 0), KE_INVALID_PRODUCER_ID_MAPPING);
}
END_TEST

/* ---- kept ---- */

/* What can't be forgotten is tried again later, not at once for ever. */
START_TEST(ids_that_the_store_keeps)
{
	struct who w = { .id = "x" };
	struct error err;
	ck_assert_int_eq(init(&w), 0);
	ck_assert_int_eq(db_exec(&k.db, "ALTER TABLE txns RENAME TO away", &err), 0);
	passes(8 * (int64_t)DAY_MS);
	ck_assert_ptr_nonnull(kfk_txn(&k, S("x")));
	ck_assert_int_eq(db_exec(&k.db, "ALTER TABLE away RENAME TO txns", &err), 0);
	passes(HOUR_MS);
	ck_assert_ptr_null(kfk_txn(&k, S("x")));
}
END_TEST

START_TEST(a_commit_that_fails_takes_it_back)
{
	struct who w = begun("x");
	struct error err;
	struct kfk_txn *x = kfk_txn(&k, S("x"));
	ck_assert_int_eq(faults_arm(env.faults, S("kafka.store io on=1"), &err), 0);
	ck_assert_int_eq(kfk_txn_end(&k, x, true, false), KE_NONE);
	kfk_txns_flush(&k);
	ck_assert(kfk_commit(&k, &err) != 0);
	STATE("x", "Ongoing");
	ck_assert_int_eq(fetch(1, 0)->last_stable_offset, 0);
	ck_assert_int_eq(end(&w, 0, true), 0);
	ck_assert_int_eq(fetch(1, 0)->last_stable_offset, 3);
}
END_TEST

/* What its records say: their states, from the first on. */
START_TEST(records_tell_it)
{
	static const int8_t expected[] = { KFK_TXN_EMPTY, KFK_TXN_ONGOING, KFK_TXN_PREPARE_COMMIT, KFK_TXN_COMPLETE_COMMIT };
	struct who w = begun("x");
	struct buf out = { 0 }, plain = { 0 };
	size_t n = 0;
	ck_assert_int_eq(end(&w, 0, true), 0);
	struct kfk_topic *t = kfk_topic(&k, S("__transaction_state"));
	ck_assert_int_eq(t->part_n, 50);
	ck_assert_int_eq(kfk_fetch(&k, t, 'x' % 50, 0, 1 << 20, true, 2, false, &out), KE_NONE); /* by Java's hash of the id */
	for (struct slice left = buf_slice(&out); left.n;) {
		struct kp_batch b;
		struct kp_cursor cur;
		struct kp_record rec;
		ck_assert_int_eq(kp_batch_parse(left, &b), KE_NONE);
		ck_assert_int_eq(kp_cursor_open(&cur, &b, &plain), 0);
		left = sl_from(left, b.bytes.n);
		while (kp_cursor_next(&cur, &rec)) {
			struct kp_transaction_log_value v;
			struct rd r = rd_of(rec.value.p, rec.value.n);
			ck_assert(sl_eq(rec.key, sl_of("\0\0\0\1x", 5)));
			ck_assert_uint_eq(rd_u16be(&r), 0);
			ck_assert(kp_read(&kp_transaction_log_value_table, 0, false, &r, &arena, &v));
			ck_assert_int_eq(v.transaction_status, expected[n]);
			ck_assert_int_eq(v.partition_n, n ? n < 3 : -1);
			ck_assert_uint_lt(n++, 4);
		}
	}
	ck_assert_uint_eq(n, 4);
	buf_free(&out);
	buf_free(&plain);
}
END_TEST

/* ---- tools ---- */

START_TEST(tools_see_and_end_them)
{
	struct who w = begun("x"), idle = { .id = "y" };
	struct slice states[] = { S("Ongoing"), S("Nope"), S("Dead") };
	struct kp_list_transactions_req all = { .duration_filter = -1 }, some = { states, 3, NULL, 0, -1 }, old = { NULL, 0, NULL, 0, 1000 };
	ck_assert_int_eq(init(&idle), 0);
	ck_assert_int_eq(((const struct kp_list_transactions_resp *)ask(KP_LIST_TRANSACTIONS, 0, &all))->transaction_state_n, 2);
	const struct kp_list_transactions_resp *r = ask(KP_LIST_TRANSACTIONS, 0, &some);
	ck_assert_int_eq(r->transaction_state_n, 1);
	ck_assert(sl_eqs(r->transaction_states[0].transactional_id, "x"));
	ck_assert_int_eq(r->unknown_state_filter_n, 1);
	ck_assert(sl_eqs(r->unknown_state_filters[0], "Nope"));
	r = ask(KP_LIST_TRANSACTIONS, 1, &old); /* one that never began counts as old, there too */
	ck_assert_int_eq(r->transaction_state_n, 1);
	ck_assert(sl_eqs(r->transaction_states[0].transactional_id, "y"));
	int32_t partition = 0;
	struct kp_describe_producers_req_topic pt = { S("t"), &partition, 1 };
	struct kp_describe_producers_req producers = { &pt, 1 };
	const struct kp_describe_producers_resp_partition *p = ((const struct kp_describe_producers_resp *)ask(KP_DESCRIBE_PRODUCERS, 0, &producers))->topics[0].partitions;
	ck_assert_int_eq(p->active_producer_n, 1);
	ck_assert_int_eq(p->active_producers[0].last_sequence, 1);
	ck_assert_int_eq(p->active_producers[0].coordinator_epoch, -1);
	ck_assert_int_eq(p->active_producers[0].current_txn_start_offset, 0);
	struct kp_write_txn_markers_req_topic mt = { S("t"), &partition, 1 };
	struct kp_write_txn_markers_req_marker m = { w.pid, w.epoch, false, &mt, 1, 3 };
	struct kp_write_txn_markers_req markers = { &m, 1 };
	ck_assert_int_eq(((const struct kp_write_txn_markers_resp *)ask(KP_WRITE_TXN_MARKERS, 1, &markers))->markers[0].topics[0].partitions[0].error_code, 0);
	ck_assert_int_eq(fetch(1, 0)->last_stable_offset, 3);
	m.coordinator_epoch = 2;
	ck_assert_int_eq(((const struct kp_write_txn_markers_resp *)ask(KP_WRITE_TXN_MARKERS, 1, &markers))->markers[0].topics[0].partitions[0].error_code,
			 KE_TRANSACTION_COORDINATOR_FENCED);
	STATE("x", "Ongoing"); /* its coordinator knows nothing of it */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka transactions");
	TCase *c = tcase_create("transactions");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, an_id_has_epochs);
	tcase_add_test(c, what_is_refused_at_once);
	tcase_add_test(c, epochs_run_out);
	tcase_add_test(c, the_one_before_is_fenced);
	tcase_add_test(c, partitions_are_added_first);
	tcase_add_test(c, one_that_is_wrong_stops_the_others);
	tcase_add_test(c, brokers_ask_whether_it_has_them);
	tcase_add_test(c, readers_of_what_is_committed);
	tcase_add_test(c, ends_can_be_asked_again);
	tcase_add_test(c, from_version_12_partitions_are_added_by_producing);
	tcase_add_test(c, from_version_5_the_epoch_goes_up);
	tcase_add_test(c, offsets_are_committed_with_it);
	tcase_add_test(c, what_lasts_too_long_is_aborted);
	tcase_add_test(c, it_is_late_over_a_restart_too);
	tcase_add_test(c, ids_that_nobody_uses_are_forgotten);
	tcase_add_test(c, ids_that_the_store_keeps);
	tcase_add_test(c, a_commit_that_fails_takes_it_back);
	tcase_add_test(c, records_tell_it);
	tcase_add_test(c, tools_see_and_end_them);
	suite_add_tcase(s, c);
	return run_suite(s);
}
