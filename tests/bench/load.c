/* Load for the ports wrk doesn't speak, with wrk's closed loop: load mysql|kafka HOST:PORT SECONDS CONNECTIONS [FILE]
 *
 *   mysql  each connection reads one row after another by SELECT * FROM pinterest_data LIMIT n, 1
 *   kafka  each connection (a librdkafka producer, acks=all) sends FILE as a message and waits for the broker's word
 *
 * Prints "RESULT requests microseconds p50 p99 errors", latencies in microseconds. */
#include <librdkafka/rdkafka.h>
#include <mysql.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONNECTIONS_MAX = 64, SAMPLES_MAX = 1 << 20, ROWS = 11154 };

static char host[128], body[65536];
static int port;
static size_t body_n;
static int64_t until;

struct worker {
	pthread_t thread;
	unsigned id;
	uint32_t *took;
	size_t n, errors;
};

static int64_t now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void note(struct worker *w, int64_t began, int good)
{
	if (w->n < SAMPLES_MAX)
		w->took[w->n++] = (uint32_t)(now_us() - began);
	if (!good)
		w->errors++;
}

static int read_row(MYSQL *m, unsigned row)
{
	char sql[64];
	MYSQL_RES *r;
	int good;

	snprintf(sql, sizeof(sql), "SELECT * FROM pinterest_data LIMIT %u, 1", row);
	if (mysql_query(m, sql) || !(r = mysql_store_result(m)))
		return 0;
	good = mysql_num_rows(r) == 1;
	mysql_free_result(r);
	return good;
}

static void *run_mysql(void *arg)
{
	struct worker *w = arg;
	MYSQL *m = mysql_init(NULL);
	unsigned row = w->id;

	if (!mysql_real_connect(m, host, "project_user", "bench", "pinterest_data", (unsigned)port, NULL, 0)) {
		fprintf(stderr, "load: %s\n", mysql_error(m));
		w->errors++;
	}
	while (!w->errors && now_us() < until) {
		int64_t began = now_us();
		row = (row + 7919) % ROWS;
		note(w, began, read_row(m, row));
	}
	mysql_close(m);
	return NULL;
}

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
	*(int *)m->_private = m->err ? -1 : 1;
}

static int send_message(rd_kafka_t *rk)
{
	int done = 0;
	if (rd_kafka_producev(rk, RD_KAFKA_V_TOPIC("0affea73130b.pin"), RD_KAFKA_V_VALUE(body, body_n), RD_KAFKA_V_OPAQUE(&done),
			      RD_KAFKA_V_END))
		return 0;
	while (!done)
		rd_kafka_poll(rk, 100);
	return done > 0;
}

static void *run_kafka(void *arg)
{
	struct worker *w = arg;
	char brokers[160], err[512];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;
	snprintf(brokers, sizeof(brokers), "%s:%d", host, port);
	rd_kafka_conf_set(conf, "bootstrap.servers", brokers, err, sizeof(err));
	rd_kafka_conf_set(conf, "linger.ms", "0", err, sizeof(err));
	rd_kafka_conf_set(conf, "acks", "all", err, sizeof(err));
	rd_kafka_conf_set_dr_msg_cb(conf, on_report);
	rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof(err));
	if (!rk || !send_message(rk)) /* the first finds the broker and isn't counted */
		w->errors++;
	while (!w->errors && now_us() < until) {
		int64_t began = now_us();
		note(w, began, send_message(rk));
	}
	if (rk)
		rd_kafka_destroy(rk);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static struct worker w[CONNECTIONS_MAX];
	int mysql = argc > 1 && !strcmp(argv[1], "mysql");
	size_t workers = argc > 4 ? (size_t)atoi(argv[4]) : 0, n = 0, errors = 0;
	uint32_t *all;
	int64_t began;
	FILE *f;
	if (argc < 5 || sscanf(argv[2], "%127[^:]:%d", host, &port) != 2 || !workers || workers > CONNECTIONS_MAX) {
		fprintf(stderr, "usage: load mysql|kafka HOST:PORT SECONDS CONNECTIONS [FILE]\n");
		return 2;
	}
	if (argc > 5 && (f = fopen(argv[5], "rb"))) {
		body_n = fread(body, 1, sizeof(body), f);
		fclose(f);
	}
	mysql_library_init(0, NULL, NULL);
	began = now_us();
	until = began + atoi(argv[3]) * 1000000LL;
	for (size_t i = 0; i < workers; i++) {
		w[i].id = (unsigned)i;
		w[i].took = malloc(SAMPLES_MAX * sizeof(*w[i].took));
		pthread_create(&w[i].thread, NULL, mysql ? run_mysql : run_kafka, &w[i]);
	}
	all = malloc(workers * SAMPLES_MAX * sizeof(*all));
	for (size_t i = 0; i < workers; i++) {
		pthread_join(w[i].thread, NULL);
		memcpy(all + n, w[i].took, w[i].n * sizeof(*all));
		n += w[i].n;
		errors += w[i].errors;
	}
	began = now_us() - began;
	qsort(all, n, sizeof(*all), by_value);
	printf("RESULT %zu %lld %u %u %zu\n", n, (long long)began, n ? all[n / 2] : 0, n ? all[n - 1 - n / 100] : 0, errors);
	return 0;
}
