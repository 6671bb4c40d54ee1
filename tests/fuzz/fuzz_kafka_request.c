/* What a connection sends, size fields and all, to a broker on a database in memory with one topic, "t". */
#include "kafka/kafka.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct env env = { .loop = loop_new(), .conf = conf_new(), .name = "kafka", .durability = DURABILITY_OFF };
	struct conn conn = { .peer = "fuzz" };
	struct kafka k = { 0 };
	struct error err;
	ssize_t eaten = 1;
	env.clock = clock_new(env.loop);
	env.faults = faults_new(1);
	env.log = log_new(2, LOG_ERROR);
	env.metrics = metrics_new();
	env.journal = journal_new();
	conf_set((struct conf *)env.conf, "topics", "t", "2");
	if (kafka_service.open(&k, &env, &err) || kafka_service.start(&k, &err))
		abort();
	while (n && eaten > 0 && !conn.paused) {
		if (service_dirty(&kafka_service, &k) && service_commit(&kafka_service, &k, &err))
			abort();
		eaten = kafka_service.tcp_consume(&k, &conn, p, n);
		if (eaten > (ssize_t)n)
			abort();
		p += eaten > 0 ? eaten : 0;
		n -= eaten > 0 ? (size_t)eaten : 0;
	}
	kafka_service.tcp_closed(&k, &conn);
	kafka_service.close(&k);
	buf_free(&conn.out);
	journal_free(env.journal);
	metrics_free(env.metrics);
	log_free(env.log);
	faults_free(env.faults);
	clock_free(env.clock);
	conf_free((struct conf *)env.conf);
	loop_free(env.loop);
	return 0;
}
