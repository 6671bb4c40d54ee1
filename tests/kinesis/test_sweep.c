/* Records of deleted streams and those past the retention period go piece by piece, also over a restart; a folder of each older
 * schema opens with its records. */
#include "env.h"
#include "kinesis/wire.h"

static struct kinesis k;

static void open_kinesis(void)
{
	struct error err = { 0 };
	memset(&k, 0, sizeof(k));
	ck_assert_msg(kinesis_service.open(&k, &env, &err) == 0, "%s", err.text);
}

static void commit(void *arg)
{
	struct error err = { 0 };
	ck_assert_msg(!k.db.h || db_commit(&k.db, &err) == 0, "%s", err.text);
}

static void begin(void)
{
	env_open("kinesis");
	env_folder();
	clock_freeze(env.clock, 1767603600000);
	loop_on_commit(env.loop, commit, NULL);
	open_kinesis();
}

static void end(void)
{
	kinesis_service.close(&k);
	env_close();
}

/* The answer's text, which lasts until the next call. */
static const char *ask(const char *action, const char *json)
{
	static struct buf out;
	buf_reset(&out);
	int status = kin_invoke(&k, sl(action), sl(json), S("us-east-1"), S("000000000000"), clock_now_ms(env.clock), &out);
	buf_addc(&out, '\0');
	ck_assert_msg(status == 200, "%s %s: %s", action, json, out.p);
	return out.p;
}

static void put(const char *stream, int n)
{
	struct buf b = { 0 };
	buf_addf(&b, "{\"StreamName\":\"%s\",\"Records\":[", stream);
	for (int i = 0; i < n; i++)
		buf_addf(&b, "%s{\"PartitionKey\":\"k%d\",\"Data\":\"QUJD\"}", i ? "," : "", i);
	buf_adds(&b, "]}");
	buf_addc(&b, '\0');
	(void)ask("PutRecords", b.p);
	buf_free(&b);
}

static int64_t number(const char *sql)
{
	sqlite3_stmt *st = NULL;
	ck_assert_int_eq(sqlite3_prepare_v2(k.db.h, sql, -1, &st, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
	int64_t n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

#define KEPT "SELECT count(*) FROM placed"

/* Records of a shard that a reader gets. */
static size_t readable(const char *stream, const char *shard)
{
	char json[512], it[400];
	size_t n = 0;
	snprintf(json, sizeof(json), "{\"StreamName\":\"%s\",\"ShardId\":\"%s\",\"ShardIteratorType\":\"TRIM_HORIZON\"}", stream, shard);
	ck_assert_int_eq(sscanf(ask("GetShardIterator", json), "{\"ShardIterator\":\"%399[^\"]", it), 1);
	snprintf(json, sizeof(json), "{\"ShardIterator\":\"%s\"}", it);
	for (const char *p = ask("GetRecords", json); (p = strstr(p, "\"SequenceNumber\"")); p++)
		n++;
	return n;
}

START_TEST(a_deleted_stream_goes_in_pieces)
{
	begin();
	(void)ask("CreateStream", "{\"StreamName\":\"a\",\"ShardCount\":2}");
	for (int i = 0; i < 6; i++)
		put("a", 500);
	(void)ask("DeleteStream", "{\"StreamName\":\"a\"}");
	ck_assert_ptr_null(strstr(ask("ListStreams", "{}"), "\"a\"")); /* out of sight at once */
	ck_assert_int_eq(number(KEPT), 3000);
	int64_t before = 3000, turns = 0;
	/* The name is free, and what is put under it stays. */
	(void)ask("CreateStream", "{\"StreamName\":\"a\",\"ShardCount\":1}");
	put("a", 10);
	for (; loop_pending(env.loop) && turns < 100; turns++) {
		loop_turn(env.loop, 0);
		int64_t now = number(KEPT);
		ck_assert_int_le(before - now, 256 + 10);
		before = now;
	}
	ck_assert_int_ge(turns, 3000 / 256);
	ck_assert_int_eq(number(KEPT), 10);
	ck_assert_int_eq(number("SELECT count(*) FROM gone"), 0);
	ck_assert_uint_eq(readable("a", "shardId-000000000000"), 10);
	end();
}
END_TEST

START_TEST(large_records_are_few_a_piece)
{
	struct buf b = { 0 };
	begin();
	(void)ask("CreateStream", "{\"StreamName\":\"a\",\"ShardCount\":1}");
	buf_adds(&b, "{\"StreamName\":\"a\",\"PartitionKey\":\"k\",\"Data\":\"");
	for (int i = 0; i < 300000; i++)
		buf_adds(&b, "QUJD");
	buf_adds(&b, "\"}");
	buf_addc(&b, '\0');
	for (int i = 0; i < 8; i++)
		(void)ask("PutRecord", b.p);
	buf_free(&b);
	(void)ask("DeleteStream", "{\"StreamName\":\"a\"}");
	loop_turn(env.loop, 0);
	ck_assert_int_ge(number(KEPT), 4);
	env_until(loop_pending(env.loop) == 0);
	ck_assert_int_eq(number(KEPT), 0);
	end();
}
END_TEST

START_TEST(the_rest_goes_after_a_restart)
{
	begin();
	(void)ask("CreateStream", "{\"StreamName\":\"kept\",\"ShardCount\":1}");
	put("kept", 7);
	(void)ask("CreateStream", "{\"StreamName\":\"a\",\"ShardCount\":2}");
	for (int i = 0; i < 4; i++)
		put("a", 500);
	(void)ask("DeleteStream", "{\"StreamName\":\"a\"}");
	loop_turn(env.loop, 0);
	loop_turn(env.loop, 0);
	kinesis_service.close(&k);
	open_kinesis();
	ck_assert_int_gt(number(KEPT), 1000);
	/* No new stream gets the place of one that is being removed. */
	(void)ask("CreateStream", "{\"StreamName\":\"b\",\"ShardCount\":1}");
	put("b", 5);
	env_until(loop_pending(env.loop) == 0);
	ck_assert_int_eq(number(KEPT), 12);
	ck_assert_uint_eq(readable("b", "shardId-000000000000"), 5);
	ck_assert_uint_eq(readable("kept", "shardId-000000000000"), 7);
	end();
}
END_TEST

START_TEST(what_is_too_old_goes)
{
	begin();
	(void)ask("CreateStream", "{\"StreamName\":\"a\",\"ShardCount\":1}");
	put("a", 500);
	put("a", 500);
	clock_freeze(env.clock, clock_now_ms(env.clock) + 25 * 3600 * 1000);
	ck_assert_uint_eq(readable("a", "shardId-000000000000"), 0);
	put("a", 3);
	ck_assert_uint_eq(readable("a", "shardId-000000000000"), 3);
	env_until(loop_pending(env.loop) == 0);
	ck_assert_int_eq(number(KEPT), 3);
	/* The newest stays, so that numbers go on after a restart. */
	clock_freeze(env.clock, clock_now_ms(env.clock) + 25 * 3600 * 1000);
	(void)ask("SplitShard", "{\"StreamName\":\"a\",\"ShardToSplit\":\"0\",\"NewStartingHashKey\":\"170141183460469231731687303715884105728\"}");
	put("a", 2);
	env_until(loop_pending(env.loop) == 0);
	ck_assert_int_eq(number("SELECT count(*) FROM placed WHERE place < ((1 << 48) | (1 << 32))"), 1);
	uint64_t next = k.streams->shards[0].next_index;
	kinesis_service.close(&k);
	open_kinesis();
	ck_assert_uint_eq(k.streams->shards[0].next_index, next);
	ck_assert_uint_eq(next, 1004);
	end();
}
END_TEST

/* ---- folders of older releases ---- */

#define OLD_STREAM(status) "{\"name\":\"old\",\"created\":1767600000000,\"retention\":24,\"status\":" status ",\"record_kib\":1024,\"shards\":[" \
	"{\"lo\":\"0\",\"hi\":\"170141183460469231731687303715884105727\",\"create\":1767600000,\"created\":1767600000000,\"parent\":-1,\"adjacent\":-1}," \
	"{\"lo\":\"170141183460469231731687303715884105728\",\"hi\":\"340282366920938463463374607431768211455\",\"create\":1767600000," \
	"\"created\":1767600000000,\"parent\":-1,\"adjacent\":-1}]}"
/* Two streams of two shards each, numbers stream-wide, as they were. */
#define RECORDS(insert, at) insert at(2, 0, 1) insert at(2, 1, 2) insert at(2, 1, 3) insert at(3, 0, 1) insert at(3, 0, 2)
#define BY_COLUMN(stream, shard, ix) "VALUES (" #stream ", " #shard ", " #ix ", 1767603000000, 'key', x'414243');"
#define BY_PLACE(stream, shard, ix) "VALUES ((" #stream " << 48) | (" #shard " << 32) | " #ix ", 1767603000000, 'key', x'414243');"
static const struct old {
	const char *schema, *rows;
} olds[] = {
	{ "CREATE TABLE stream (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;"
	  "CREATE TABLE record (stream INTEGER NOT NULL, shard INTEGER NOT NULL, ix INTEGER NOT NULL, at INTEGER NOT NULL,"
	  " key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	  "CREATE UNIQUE INDEX record_place ON record (stream, shard, ix); PRAGMA user_version = 1;",
	  "INSERT INTO stream VALUES (2, '" OLD_STREAM("2") "'); INSERT INTO stream VALUES (3, replace('" OLD_STREAM("2") "', '\"old\"', '\"two\"'));"
	  RECORDS("INSERT INTO record ", BY_COLUMN) },
	{ "CREATE TABLE stream (id INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;"
	  "CREATE TABLE placed (place INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	  "PRAGMA user_version = 2;",
	  "INSERT INTO stream VALUES (0, '{\"committed\":true,\"started\":5,\"ended\":0}'); INSERT INTO stream VALUES (2, '" OLD_STREAM("2") "');"
	  "INSERT INTO stream VALUES (3, replace('" OLD_STREAM("2") "', '\"old\"', '\"two\"'));"
	  RECORDS("INSERT INTO placed ", BY_PLACE) },
	{ "CREATE TABLE doc (kind TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, seq INTEGER PRIMARY KEY,"
	  " UNIQUE (kind, parent, id)) STRICT;"
	  "CREATE TABLE placed (place INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL) STRICT;"
	  "PRAGMA user_version = 3;",
	  "INSERT INTO doc (kind, parent, id, json) VALUES ('stream', '', '2', '" OLD_STREAM("2") "');"
	  "INSERT INTO doc (kind, parent, id, json) VALUES ('stream', '', '3', replace('" OLD_STREAM("2") "', '\"old\"', '\"two\"'));"
	  RECORDS("INSERT INTO placed ", BY_PLACE) },
};

START_TEST(older_folders_open)
{
	const struct old *old = &olds[_i];
	char path[128];
	sqlite3 *h;
	env_open("kinesis");
	env_folder();
	clock_freeze(env.clock, 1767603600000);
	snprintf(path, sizeof(path), "%s/kinesis.db", env.dir);
	ck_assert_int_eq(sqlite3_open(path, &h), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(h, old->schema, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(h, old->rows, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(h));
	sqlite3_close(h);
	open_kinesis();
	ck_assert_uint_eq(readable("old", "shardId-000000000000"), 1);
	ck_assert_uint_eq(readable("old", "shardId-000000000001"), 2);
	ck_assert_uint_eq(readable("two", "shardId-000000000000"), 2);
	put("two", 4);
	ck_assert_uint_eq(readable("two", "shardId-000000000000") + readable("two", "shardId-000000000001"), 6);
	ck_assert(k.commitment.on == (_i == 1));
	kinesis_service.close(&k);
	open_kinesis();
	ck_assert_uint_eq(readable("old", "shardId-000000000001"), 2);
	end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kinesis sweep");
	TCase *t = tcase_create("sweep");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_deleted_stream_goes_in_pieces);
	tcase_add_test(t, large_records_are_few_a_piece);
	tcase_add_test(t, the_rest_goes_after_a_restart);
	tcase_add_test(t, what_is_too_old_goes);
	tcase_add_loop_test(t, older_folders_open, 0, ARRAY_LEN(olds));
	suite_add_tcase(s, t);
	return run_suite(s);
}
