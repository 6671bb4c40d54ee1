/* Host names and ports: whose they are, and the address they get. */
#include "check_main.h"
#include "front/names.h"

static const struct {
	const char *host;
	enum name_kind kind;
	const char *service, *id, *region;
} rows[] = {
	{ "sts.amazonaws.com", NAME_AWS, "sts", "", "" },
	{ "STS.us-east-1.amazonaws.com:443", NAME_AWS, "STS", "", "us-east-1" },
	{ "sts.us-east-1.api.aws.", NAME_AWS, "sts", "", "us-east-1" },
	{ "sts-fips.us-gov-west-1.amazonaws.com", NAME_AWS, "sts", "", "us-gov-west-1" },
	{ "iam.global.api.aws", NAME_AWS, "iam", "", "" },
	{ "kinesis.cn-north-1.amazonaws.com.cn", NAME_AWS, "kinesis", "", "cn-north-1" },
	{ "123456789012.data-kinesis.us-east-1.amazonaws.com", NAME_AWS, "data-kinesis", "", "us-east-1" },
	{ "vpce-0a1.kinesis.us-east-1.vpce.amazonaws.com", NAME_AWS, "kinesis", "", "us-east-1" },
	{ "api.airflow.us-east-1.amazonaws.com", NAME_AWS, "airflow", "", "us-east-1" },
	{ "kafka.us-east-1.amazonaws.com", NAME_AWS, "kafka", "", "us-east-1" },
	{ "rds.eu-west-1.amazonaws.com", NAME_AWS, "rds", "", "eu-west-1" },
	{ "abc123.execute-api.us-east-1.amazonaws.com", NAME_INVOKE, "execute-api", "abc123", "us-east-1" },
	{ "abc123.execute-api.localhost.localstack.cloud:4566", NAME_INVOKE, "execute-api", "abc123", "" },
	{ "localhost.localstack.cloud", NAME_AWS, "", "", "" },
	{ "s3.amazonaws.com", NAME_AWS, "s3", "", "" },
	{ "s3.dualstack.us-east-1.amazonaws.com", NAME_AWS, "s3", "", "us-east-1" },
	{ "a-bucket.s3.us-east-1.amazonaws.com", NAME_BUCKET, "s3", "a-bucket", "us-east-1" },
	{ "with.points.s3.amazonaws.com", NAME_BUCKET, "s3", "with.points", "" },
	{ "s3.s3.amazonaws.com", NAME_BUCKET, "s3", "s3", "" },
	{ "b.s3-eu-west-1.amazonaws.com", NAME_BUCKET, "s3", "b", "" },
	{ "db.cq2e8zno855e.eu-west-1.rds.amazonaws.com", NAME_DATABASE, "", "", "eu-west-1" },
	{ "db.cq2e8zno855e.rds.cn-north-1.amazonaws.com.cn", NAME_DATABASE, "", "", "cn-north-1" },
	{ "b-2.demo.ab12.c3.kafka.us-east-1.amazonaws.com:9098", NAME_BROKER, "", "b-2", "us-east-1" },
	{ "boot-x1.c1.kafka-serverless.us-east-1.amazonaws.com", NAME_BROKER, "", "boot-x1", "us-east-1" },
	{ "ec2-1-2-3-4.compute-1.amazonaws.com:8082", NAME_MACHINE, "", "ec2-1-2-3-4", "" },
	{ "ec2-1-2-3-4.eu-west-1.compute.amazonaws.com", NAME_MACHINE, "", "ec2-1-2-3-4", "" },
	{ "ip-10-0-0-1.ec2.internal", NAME_MACHINE, "", "", "" },
	{ "u-1-vpce.c2.us-east-1.airflow.amazonaws.com", NAME_AIRFLOW, "", "", "us-east-1" },
	{ "u-1.c2.airflow.us-east-1.on.aws", NAME_AIRFLOW, "", "", "us-east-1" },
	{ "dbc-1.cloud.databricks.com", NAME_DATABRICKS, "", "", "" },
	{ "adb-12.3.azuredatabricks.net", NAME_DATABRICKS, "", "", "" },
	{ "my.own.example", NAME_OWN, "apigateway", "", "" },
	{ "x.below.example", NAME_OWN, "", "", "" },
	{ "below.example", NAME_FOREIGN, "", "", "" },
	{ "example.com", NAME_FOREIGN, "", "", "" },
	{ "amazonaws.com.example.com", NAME_FOREIGN, "", "", "" },
	{ "notamazonaws.com", NAME_FOREIGN, "", "", "" },
	{ "a..amazonaws.com", NAME_FOREIGN, "", "", "" },
	{ "", NAME_FOREIGN, "", "", "" },
	{ ".", NAME_FOREIGN, "", "", "" },
	{ "localhost", NAME_FOREIGN, "", "", "" },
};

START_TEST(names)
{
	struct conf *conf = conf_new();
	conf_set(conf, "front", "names", "my.own.example=apigateway, *.below.example");
	struct name n;
	enum name_kind kind = name_read(sl(rows[_i].host), conf, &n);
	ck_assert_msg(kind == rows[_i].kind, "%s: %s", rows[_i].host, name_kind_doc(kind));
	if (*rows[_i].service)
		ck_assert_msg(sl_eqs(n.service, rows[_i].service), "%s: service %.*s", rows[_i].host, SL(n.service));
	if (*rows[_i].id)
		ck_assert_msg(sl_eqs(n.id, rows[_i].id), "%s: id %.*s", rows[_i].host, SL(n.id));
	ck_assert_msg(sl_eq(n.region, sl(rows[_i].region)), "%s: region %.*s", rows[_i].host, SL(n.region));
	conf_free(conf);
}
END_TEST

START_TEST(prefixes)
{
	struct name n;
	(void)name_read(S("123456789012.control-kinesis.us-east-1.amazonaws.com"), NULL, &n);
	ck_assert(sl_eqs(n.prefix, "123456789012"));
	(void)name_read(S("env.airflow.us-east-1.amazonaws.com"), NULL, &n);
	ck_assert(sl_eqs(n.prefix, "env"));
	(void)name_read(S("ssm.us-east-1.amazonaws.com"), NULL, &n);
	ck_assert_ptr_null(n.prefix.p);
}
END_TEST

START_TEST(ports)
{
	ck_assert_int_eq(front_lookup(S("abc.execute-api.us-east-1.amazonaws.com"), 443, NULL), FRONT_HTTP);
	ck_assert_int_eq(front_lookup(S("db.x.eu-west-1.rds.amazonaws.com"), 3306, NULL), FRONT_RDS);
	ck_assert_int_eq(front_lookup(S("b-1.c.x.c3.kafka.us-east-1.amazonaws.com"), 9198, NULL), FRONT_KAFKA);
	ck_assert_int_eq(front_lookup(S("ec2-1-2-3-4.compute-1.amazonaws.com"), 8082, NULL), FRONT_REST);
	ck_assert_int_eq(front_lookup(S("ec2-1-2-3-4.compute-1.amazonaws.com"), 22, NULL), FRONT_NONE);
	ck_assert_int_eq(front_lookup(S("example.com"), 443, NULL), FRONT_NONE);
}
END_TEST

/* Brokers have an address each, which tells their name again; all others share one. */
START_TEST(addresses)
{
	struct name_book book = { 0 };
	char host[64];
	ck_assert_uint_eq(name_address(&book, S("sts.amazonaws.com"), NULL), FRONT_ADDRESS);
	ck_assert_uint_eq(name_address(&book, S("example.com"), NULL), 0);
	ck_assert_uint_eq(name_address(&book, S("B-2.c.x.c3.kafka.us-east-1.amazonaws.com."), NULL), FRONT_ADDRESS + 1);
	ck_assert_uint_eq(name_address(&book, S("b-1.c.x.c3.kafka.us-east-1.amazonaws.com"), NULL), FRONT_ADDRESS + 2);
	ck_assert_uint_eq(name_address(&book, S("b-2.c.x.c3.kafka.us-east-1.amazonaws.com"), NULL), FRONT_ADDRESS + 1);
	ck_assert_str_eq(name_of_address(&book, FRONT_ADDRESS + 1), "b-2.c.x.c3.kafka.us-east-1.amazonaws.com");
	ck_assert_ptr_null(name_of_address(&book, FRONT_ADDRESS));
	ck_assert_ptr_null(name_of_address(&book, FRONT_ADDRESS + 5));
	for (int i = 0; i < 2 * FRONT_BROKERS; i++) {
		snprintf(host, sizeof(host), "b-1.c%d.x.c3.kafka.us-east-1.amazonaws.com", i);
		uint32_t a = name_address(&book, sl(host), NULL);
		ck_assert(a > FRONT_ADDRESS && a <= FRONT_ADDRESS + FRONT_BROKERS);
	}
	name_book_free(&book);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("names");
	TCase *t = tcase_create("all");
	tcase_add_loop_test(t, names, 0, ARRAY_LEN(rows));
	tcase_add_test(t, prefixes);
	tcase_add_test(t, ports);
	tcase_add_test(t, addresses);
	suite_add_tcase(s, t);
	return run_suite(s);
}
