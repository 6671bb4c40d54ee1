/* Fetch, asked in chosen versions: topics by name and by id, what is refused, old formats, sessions that aren't given, who waits. */
#include "env.h"
#include "kafka/append.h"
#include "kafka/producer.h"

static struct kafka k;
static struct kfk_topic *t;
static struct arena arena;      /* of answers */
static enum kfk_done last_done; /* of the last ask */

static void commit(void *arg)
{
	struct error err = { 0 };
	ck_assert_msg(!k.db.h || kfk_commit(&k, &err) == 0, "%s", err.text);
}

static void setup(void)
{
	struct error err = { 0 };
	env_open("kafka");
	loop_on_commit(env.loop, commit, NULL);
	memset(&k, 0, sizeof(k));
	ck_assert_msg(kafka_service.open(&k, &env, &err) == 0, "%s", err.text);
	ck_assert_int_eq(kfk_topic_create(&k, S("t"), 2, &t), KE_NONE);
	commit(NULL);
}

static void teardown(void)
{
	kafka_service.close(&k);
	arena_free(&arena);
	env_close();
}

static void append(void)
{
	struct kp_builder made = { 0 };
	struct buf bytes = { 0 };
	struct kp_batch b;
	int64_t base;
	kp_builder_add(&made, clock_now_ms(env.clock), S("k"), S("v"), sl(NULL));
	kp_builder_end(&made, &bytes);
	ck_assert_int_eq(kp_batch_parse(buf_slice(&bytes), &b), KE_NONE);
	ck_assert_int_eq(kfk_append_own(&k, t, 0, &b, &base), KE_NONE);
	commit(NULL);
	kp_builder_free(&made);
	buf_free(&bytes);
}

static struct kp_fetch_req_partition part;
static struct kp_fetch_req_topic topic;
static struct kp_fetch_req req;

/* Of a partition from an offset on, not waiting. */
static void asks_for(const char *name, int32_t partition, int64_t offset)
{
	part = (struct kp_fetch_req_partition){ .partition = partition, .current_leader_epoch = -1, .fetch_offset = offset, .partition_max_bytes = 1 << 20 };
	topic = (struct kp_fetch_req_topic){ .topic = sl(name), .partitions = &part, .partition_n = 1 };
	req = (struct kp_fetch_req){ .max_bytes = 1 << 20, .session_epoch = -1, .topics = &topic, .topic_n = 1 };
}

static struct kfk_call call;

static const struct kp_fetch_resp *ask(int version)
{
	call = (struct kfk_call){ .conn = &k.inside, .req = &req, .arena = &arena, .key = KP_FETCH, .version = (int16_t)version };
	call.resp = arena_alloc(&arena, kp_fetch_resp_table.size);
	kp_init(&kp_fetch_resp_table, call.resp);
	last_done = kfk_serve_fetch(&k, &call);
	return call.resp;
}

static const struct kp_fetch_resp_partition *fetched(int version)
{
	const struct kp_fetch_resp *r = ask(version);
	ck_assert_int_eq(last_done, KFK_ANSWERED);
	ck_assert_int_eq(r->error_code, 0);
	ck_assert_int_eq(r->session_id, 0);
	ck_assert_int_eq(r->response_n, 1);
	ck_assert_int_eq(r->responses[0].partition_n, 1);
	return &r->responses[0].partitions[0];
}

START_TEST(by_name_and_by_id)
{
	append();
	for (int version = 0; version <= 17; version++) {
		asks_for(version < 13 ? "t" : "", 0, 0);
		kfk_topic_uuid(t, (char *)topic.topic_id.b);
		const struct kp_fetch_resp_partition *p = fetched(version);
		ck_assert_int_eq(p->error_code, 0);
		ck_assert_int_eq(p->high_watermark, 1);
		ck_assert_int_eq(p->last_stable_offset, 1);
		ck_assert_int_eq(p->log_start_offset, 0);
		ck_assert_uint_gt(p->records.n, 0);
		ck_assert_int_eq(p->records.p[16], version < 2 ? 0 : version < 4 ? 1 : 2); /* magic */
	}
}
END_TEST

static const struct {
	const char *label, *name;
	int version, id, partition, offset, epoch, code;
} refused[] = {
	{ "no such topic", "nope", 12, 0, 0, 0, -1, KE_UNKNOWN_TOPIC_OR_PARTITION },
	{ "no such partition", "t", 12, 0, 2, 0, -1, KE_UNKNOWN_TOPIC_OR_PARTITION },
	{ "a negative one", "t", 4, 0, -1, 0, -1, KE_UNKNOWN_TOPIC_OR_PARTITION },
	{ "no such id", "", 13, 9, 0, 0, -1, KE_UNKNOWN_TOPIC_ID },
	{ "no id", "", 17, 0, 0, 0, -1, KE_UNKNOWN_TOPIC_ID },
	{ "past the end", "t", 12, 0, 0, 2, -1, KE_OFFSET_OUT_OF_RANGE },
	{ "before the start", "t", 12, 0, 0, -1, -1, KE_OFFSET_OUT_OF_RANGE },
	{ "an epoch to come", "t", 12, 0, 0, 0, 5, KE_UNKNOWN_LEADER_EPOCH },
};

START_TEST(what_is_refused)
{
	append();
	asks_for(refused[_i].name, refused[_i].partition, refused[_i].offset);
	part.current_leader_epoch = refused[_i].epoch;
	topic.topic_id.b[15] = (uint8_t)refused[_i].id;
	req.max_wait_ms = 1000; /* an error doesn't wait */
	req.min_bytes = 1;
	const struct kp_fetch_resp_partition *p = fetched(refused[_i].version);
	ck_assert_msg(p->error_code == refused[_i].code, "%s: %d", refused[_i].label, p->error_code);
	ck_assert_int_eq(p->high_watermark, -1);
	ck_assert_int_eq(p->last_stable_offset, -1);
	ck_assert_int_eq(p->log_start_offset, -1);
	ck_assert_uint_eq(p->records.n, 0);
}
END_TEST

START_TEST(old_formats_can_be_off)
{
	append();
	ck_assert_int_eq(kfk_topic_set(&k, t, S("message.downconversion.enable"), S("false")), KE_NONE);
	asks_for("t", 0, 0);
	ck_assert_int_eq(fetched(3)->error_code, KE_UNSUPPORTED_VERSION);
	ck_assert_int_eq(fetched(4)->error_code, 0);
}
END_TEST

START_TEST(sessions_are_not_given)
{
	static const struct {
		int id, epoch, code;
	} rows[] = { { 0, -1, 0 }, { 0, 0, 0 }, { 7, -1, 0 }, { 7, 0, 0 }, { 7, 1, KE_FETCH_SESSION_ID_NOT_FOUND }, { 0, 1, KE_FETCH_SESSION_ID_NOT_FOUND } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		asks_for("t", 0, 0);
		req.session_id = rows[i].id;
		req.session_epoch = rows[i].epoch;
		const struct kp_fetch_resp *r = ask(12);
		ck_assert_int_eq(r->error_code, rows[i].code);
		ck_assert_int_eq(r->session_id, 0);
		ck_assert_int_eq(r->response_n, rows[i].code ? 0 : 1);
	}
}
END_TEST

START_TEST(who_waits_for_what)
{
	asks_for("t", 0, 0);
	req.min_bytes = 1;
	req.max_wait_ms = 500;
	(void)ask(12);
	ck_assert_int_eq(last_done, KFK_PARKED);
	ck_assert_int_eq(call.wait_ms, 500);
	ck_assert_uint_eq(call.want_n, 1);
	ck_assert_int_eq(call.wants[0], t->id);
	append();
	ck_assert_uint_eq(t->changed, k.commits);
	(void)ask(12);
	ck_assert_int_eq(last_done, KFK_ANSWERED);
	req.min_bytes = 1000;
	(void)ask(12);
	ck_assert_int_eq(last_done, KFK_PARKED);
	req.topic_n = 0;
	(void)ask(12);
	ck_assert_int_eq(last_done, KFK_ANSWERED); /* nothing to wait for */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka fetch");
	TCase *c = tcase_create("fetch");
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, by_name_and_by_id);
	tcase_add_loop_test(c, what_is_refused, 0, ARRAY_LEN(refused));
	tcase_add_test(c, old_formats_can_be_off);
	tcase_add_test(c, sessions_are_not_given);
	tcase_add_test(c, who_waits_for_what);
	suite_add_tcase(s, c);
	return run_suite(s);
}
