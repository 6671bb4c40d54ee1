/* A broker on a state folder of its own, its clock frozen, that commits at the end of each turn. */
#ifndef TESTS_KAFKA_BROKER_H
#define TESTS_KAFKA_BROKER_H

#include "env.h"
#include "kafka/kafka.h"

static struct kafka k;
static const int64_t began_ms = 1767603600000;

/* Opens it, also again on the same folder. */
static inline void open_kafka(void)
{
	struct error err = { 0 };
	memset(&k, 0, sizeof(k));
	ck_assert_msg(kafka_service.open(&k, &env, &err) == 0, "%s", err.text);
	ck_assert_msg(kafka_service.start(&k, &err) == 0, "%s", err.text);
}

static inline void commit(void *arg)
{
	struct error err = { 0 };
	(void)arg;
	ck_assert_msg(!k.db.h || kfk_commit(&k, &err) == 0, "%s", err.text);
}

/* What a broker stands on; settings may follow, then open_kafka. */
static inline void broker_setup(void)
{
	env_open("kafka");
	env_folder();
	clock_freeze(env.clock, began_ms);
	loop_on_commit(env.loop, commit, NULL);
}

/* Several brokers, ports 19001 and on. */
static inline void several(const char *n)
{
	conf_set(env_conf, "kafka", "brokers", n);
	conf_set(env_conf, "kafka", "listen_port", "19001");
	conf_set(env_conf, "kafka-2", "listen_port", "19002");
	conf_set(env_conf, "kafka-3", "listen_port", "19003");
}

#endif
