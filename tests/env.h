/* What the units share that need a service's surroundings: an env with all its parts, a service in it with its commits and its
 * port, a folder of the test's own, turning the loop. One at a time:
 *   env_open("s3");  conf_set(env_conf, "buckets", "b", "");  env_serve(&s3_service, &s);  ...  env_close();
 * or, without a service, env_open and env_close alone. */
#ifndef TARN_TEST_ENV_H
#define TARN_TEST_ENV_H

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_main.h"
#include "core/httpc.h"
#include "core/service.h"

static struct env env;         /* on its own loop, in memory, with log lines of warnings on stderr */
static struct conf *env_conf;  /* the same as env.conf, to be filled */
static struct ports env_ports; /* what the served service provides, and what the test puts there */
static struct {
	const struct service *svc;
	void *self;
	struct http_listener *http;
	struct tcp_listener *tcp;
	char folder[64], url[64];
} env_on;

/* Turns the loop until it holds, some seconds at most; it must. */
#define env_until(holds) \
	do { \
		for (int turn_ = 0; turn_ < 5000 && !(holds); turn_++) \
			loop_turn(env.loop, 5); \
		ck_assert(holds); \
	} while (0)

static inline void env_advanced(void *arg, const struct error *err)
{
	*(int *)arg = err ? err->kind : 0;
}

/* An advance of the clock, turning the loop until it is over. Returns 0 or what refused or ended it. */
static inline int env_advance(struct loop *l, struct clock *c, int64_t ms, struct error *err)
{
	int over = 1;
	int rc = clock_advance(c, ms, env_advanced, &over, err);
	while (!rc && over > 0)
		loop_turn(l, 100);
	return rc ? rc : over;
}

static inline void env_open(const char *name)
{
	env_on.svc = NULL;
	env_on.http = NULL;
	env_on.tcp = NULL;
	env_on.folder[0] = '\0';
	signal(SIGPIPE, SIG_IGN); /* as main does */
	env_conf = conf_new();
	env_ports = (struct ports){ 0 };
	env = (struct env){ .loop = loop_new(), .conf = env_conf, .ports = &env_ports, .name = name, .durability = DURABILITY_OFF };
	env.clock = clock_new(env.loop);
	env.faults = faults_new(1);
	env.log = log_new(STDERR_FILENO, LOG_WARN);
	env.metrics = metrics_new();
	env.journal = journal_new();
	env.httpc = httpc_new(env.loop);
}

/* A state folder on disk, in place of memory; env_close removes it. */
static inline void env_folder(void)
{
	snprintf(env_on.folder, sizeof(env_on.folder), "/tmp/tarn_%s_XXXXXX", env.name);
	ck_assert_ptr_nonnull(mkdtemp(env_on.folder));
	env.dir = env_on.folder;
	env.durability = DURABILITY_NORMAL;
}

static inline void env_call(void *self, struct http_call *call)
{
	env_on.svc->http(self, call);
}

static inline ssize_t env_consume(void *self, struct conn *c, const uint8_t *p, size_t n)
{
	return env_on.svc->tcp_consume(self, c, p, n);
}

static inline void env_gone(void *self, struct conn *c)
{
	env_on.svc->tcp_closed(self, c);
}

static inline void env_commit(void *self)
{
	struct error err = { 0 };
	if (service_dirty(env_on.svc, self))
		ck_assert_msg(service_commit(env_on.svc, self, &err) == 0, "%s", err.text);
}

/* Opens the service in self (zeroed here), commits what it writes at the end of each turn, and listens for it on a free port:
 * env_port, env_on.url. */
static inline void env_serve(const struct service *svc, void *self)
{
	struct http_opts http = { .bind = "127.0.0.1", .body_max = svc->body_max, .on_call = env_call, .arg = self };
	struct tcp_opts tcp = { .bind = "127.0.0.1", .in_max = svc->in_max, .consume = env_consume, .closed = env_gone,
				.speaks_first = svc->tcp_speaks_first, .arg = self };
	struct error err = { 0 };
	memset(self, 0, svc->size);
	env_on.svc = svc;
	env_on.self = self;
	ck_assert_msg(svc->open(self, &env, &err) == 0, "%s", err.text);
	loop_on_commit(env.loop, env_commit, self);
	if (svc->tcp_consume)
		ck_assert_msg(tcp_listen(&env, &tcp, &env_on.tcp, &err) == 0, "%s", err.text);
	else
		ck_assert_msg(http_listen(&env, &http, &env_on.http, &err) == 0, "%s", err.text);
	snprintf(env_on.url, sizeof(env_on.url), "http://127.0.0.1:%d", env_on.tcp ? tcp_port(env_on.tcp) : http_port(env_on.http));
	if (svc->provide)
		svc->provide(self, &env_ports);
}

static inline int env_port(void)
{
	return env_on.tcp ? tcp_port(env_on.tcp) : http_port(env_on.http);
}

static inline int env_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	return remove(path);
}

/* As the server does it: the service goes, which knows of calls that it owes answers, then they do, then what all stand on. */
static inline void env_close(void)
{
	httpc_free(env.httpc);
	env.httpc = NULL; /* listeners that close after it look */
	if (env_on.tcp)
		tcp_close(env_on.tcp);
	if (env_on.svc)
		env_on.svc->close(env_on.self);
	if (env_on.http)
		http_close(env_on.http);
	clock_free(env.clock);
	loop_free(env.loop);
	faults_free(env.faults);
	journal_free(env.journal);
	metrics_free(env.metrics);
	log_free(env.log);
	conf_free(env_conf);
	if (env_on.folder[0])
		ck_assert_int_eq(nftw(env_on.folder, env_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
