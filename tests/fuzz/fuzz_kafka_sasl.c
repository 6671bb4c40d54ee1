/* What a client says to authenticate: the first byte chooses the mechanism, each token is led by its length in two bytes. */
#include "kafka/sasl.h"

#include <stdlib.h>

static const char *const names[] = { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM" };

static void speak(struct kafka *k, const uint8_t *p, size_t n)
{
	struct conn conn = { .peer = "fuzz" };
	struct buf frame = { 0 };
	const char *name = names[p[0] % ARRAY_LEN(names)];
	struct rd r = rd_of(p + 1, n - 1);
	buf_u32be(&frame, (uint32_t)(12 + strlen(name)));
	buf_u16be(&frame, 17);
	buf_u16be(&frame, 0);
	buf_u32be(&frame, 1);
	buf_u16be(&frame, 0xffff);
	buf_u16be(&frame, (uint16_t)strlen(name));
	buf_adds(&frame, name);
	if (kafka_service.tcp_consume(k, &conn, (const uint8_t *)frame.p, frame.n) != (ssize_t)frame.n || !kfk_sasl_raw(&conn))
		abort();
	while (r.n > 2 && kfk_sasl_raw(&conn)) {
		size_t most = rd_u16be(&r);
		struct slice token = rd_bytes(&r, most < r.n ? most : r.n);
		buf_reset(&frame);
		buf_u32be(&frame, (uint32_t)token.n);
		buf_addsl(&frame, token);
		if (kafka_service.tcp_consume(k, &conn, (const uint8_t *)frame.p, frame.n) < 0)
			break;
	}
	kafka_service.tcp_closed(k, &conn);
	buf_free(&frame);
	buf_free(&conn.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct env env = { .loop = loop_new(), .conf = conf_new(), .name = "kafka", .durability = DURABILITY_OFF };
	struct kafka k = { 0 };
	struct error err;
	env.clock = clock_new(env.loop);
	env.faults = faults_new(1);
	env.log = log_new(2, LOG_ERROR);
	env.metrics = metrics_new();
	env.journal = journal_new();
	conf_set((struct conf *)env.conf, "kafka.users", "u", "p");
	conf_set((struct conf *)env.conf, "kafka", "oauth", "unverified");
	if (kafka_service.open(&k, &env, &err) || kafka_service.start(&k, &err))
		abort();
	if (n)
		speak(&k, p, n);
	kafka_service.close(&k);
	journal_free(env.journal);
	metrics_free(env.metrics);
	log_free(env.log);
	faults_free(env.faults);
	clock_free(env.clock);
	conf_free((struct conf *)env.conf);
	loop_free(env.loop);
	return 0;
}
