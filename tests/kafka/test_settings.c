/* Topic settings: what is valid, and Kafka's sentences. Values: LogConfig of Kafka 3.9.1, run. */
#include "kafka/settings.h"
#include "check_main.h"

#include <check.h>

static void says(const char *name, const char *value, const char *expected)
{
	struct buf why = { 0 };
	struct kfk_config one = { sl(name), sl(value) };
	bool ok = kfk_configs_valid(&one, 1, &why);
	ck_assert_msg(ok == !expected, "%s=%s: %s", name, value, buf_cstr(&why));
	if (expected)
		ck_assert_str_eq(buf_cstr(&why), expected);
	buf_free(&why);
}

START_TEST(test_valid)
{
	says("retention.ms", " 5 ", NULL);
	says("retention.ms", "+5", NULL);
	says("retention.bytes", "-2", NULL);
	says("cleanup.policy", "", NULL);
	says("cleanup.policy", "compact , delete", NULL);
	says("preallocate", "TRUE", NULL);
	says("message.timestamp.type", "LogAppendTime", NULL);
	says("message.format.version", "2.8-IV1", NULL);
	says("leader.replication.throttled.replicas", "*", NULL);
	says("leader.replication.throttled.replicas", "1:2,0:1", NULL);
	says("min.cleanable.dirty.ratio", "1e-1", NULL);
}
END_TEST

START_TEST(test_invalid)
{
	says("no.such", "1", "Unknown topic config name: no.such");
	says("retention.ms", "abc", "Invalid value abc for configuration retention.ms: Not a number of type LONG");
	says("retention.ms", "", "Invalid value  for configuration retention.ms: Not a number of type LONG");
	says("retention.ms", "-2", "Invalid value -2 for configuration retention.ms: Value must be at least -1");
	says("segment.bytes", "99999999999", "Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT");
	says("segment.bytes", "1", "Invalid value 1 for configuration segment.bytes: Value must be at least 14");
	says("cleanup.policy", "compact,x", "Invalid value x for configuration cleanup.policy: String must be one of: compact, delete");
	says("compression.type", "foo",
	     "Invalid value foo for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer");
	says("min.cleanable.dirty.ratio", "1.5", "Invalid value 1.5 for configuration min.cleanable.dirty.ratio: Value must be no more than 1");
	says("min.cleanable.dirty.ratio", "x", "Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE");
	says("preallocate", "zz", "Invalid value zz for configuration preallocate: Expected value to be either true or false");
	says("compression.gzip.level", "0", "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1");
	says("compression.zstd.level", "99999", "Invalid value 99999 for configuration compression.zstd.level: Value must be no more than 22");
	says("message.format.version", "zz", "Invalid value zz for configuration message.format.version: Version zz is not a valid version");
	says("leader.replication.throttled.replicas", "a",
	     "Invalid value [a] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the "
	     "literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...");
}
END_TEST

START_TEST(test_together)
{
	struct buf why = { 0 };
	struct kfk_config two[] = { { S("min.compaction.lag.ms"), S("10") }, { S("max.compaction.lag.ms"), S("5") } };
	ck_assert(!kfk_configs_valid(two, 2, &why));
	ck_assert_str_eq(buf_cstr(&why), "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)");
	buf_free(&why);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kafka_settings");
	TCase *t = tcase_create("settings");
	suite_add_tcase(s, t);
	tcase_add_test(t, test_valid);
	tcase_add_test(t, test_invalid);
	tcase_add_test(t, test_together);
	return run_suite(s);
}
