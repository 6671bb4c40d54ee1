/* The remote side of the port broker: Kafka's requests to another cluster, by our own client in jobs. A cluster that wants TLS or a login has
 * none: librdkafka, which the record log goes by, doesn't send requests as they are. */
#include "kproto/client.h"
#include "remote/remote.h"

#include "core/service.h"

enum { TIMEOUT_MS = 10000 };

struct remote_broker {
	const struct env *env;
	char *bootstrap;
	struct owed *owed;
};

/* A question. work has its own memory: the asker may be gone by then. */
struct work {
	struct arena arena;
	char *bootstrap;
	int key, rc;
	void *req, *resp;
	struct error err;
	struct asked *who; /* NULL: nobody waits */
};
struct asked {
	struct owed owed;
	struct owed *job;
	broker_cb cb;
	void *arg;
};

static void work_free(void *arg)
{
	struct work *w = arg;
	free(w->bootstrap);
	arena_free(&w->arena);
	free(w);
}

static void work_do(void *arg)
{
	struct work *w = arg;
	struct kp_client *c = NULL;
	w->rc = kp_client_open(&c, w->bootstrap, TIMEOUT_MS, &w->err);
	if (!w->rc)
		w->rc = kp_client_ask(c, &w->arena, w->key, w->req, &w->resp, &w->err);
	kp_client_close(c);
}

static void asked_drop(struct owed *o)
{
	struct asked *a = (struct asked *)o;
	owed_cancel_all(&a->job);
	free(a);
}

static void work_done(void *arg)
{
	struct work *w = arg;
	struct asked *a = w->who;
	owed_end(&a->owed);
	a->cb(a->arg, w->rc ? NULL : w->resp, w->rc ? &w->err : NULL);
	asked_drop(&a->owed);
	work_free(w);
}

static struct owed *ask(void *self, int key, const void *request, broker_cb cb, void *arg)
{
	static const struct job_kind kind = { .work = work_do, .done = work_done, .drop = work_free, .name = "a request to another Kafka" };
	struct remote_broker *b = self;
	const struct kp_api *api = kp_api((int16_t)key);
	struct asked *a = xcalloc(1, sizeof(*a));
	struct work *w = xcalloc(1, sizeof(*w));
	struct buf bytes = { 0 };
	struct slice copy;
	owed_init(&a->owed, &b->owed, asked_drop);
	a->cb = cb;
	a->arg = arg;
	w->who = a;
	w->key = key;
	w->bootstrap = xstrdup(b->bootstrap);
	w->req = arena_alloc(&w->arena, api->request->size);
	kp_write(api->request, api->max, api->max >= api->flex, request, &bytes);
	copy = arena_dup(&w->arena, buf_slice(&bytes));
	buf_free(&bytes);
	struct rd r = rd_of(copy.p, copy.n);
	if (!kp_read(api->request, api->max, api->max >= api->flex, &r, &w->arena, w->req))
		kp_init(api->request, w->req);
	owed_keep(&a->job, loop_long_job(b->env->loop, &kind, w));
	return &a->owed;
}

/* Whether the settings for that cluster name a protocol that ours isn't. */
static bool is_plain(const struct conf *conf)
{
	const char *protocol = conf ? conf_get(conf, "remote", "kafka.security.protocol") : NULL;
	return !protocol || sl_eq_nocase(sl(protocol), S("plaintext"));
}

void remote_broker_open(const struct env *env, const char *bootstrap, struct broker *out)
{
	struct remote_broker *b;
	if (!is_plain(env->conf)) {
		log_warn(env, "remote", "kafka=%s: administration (API v3 of the REST proxy) knows no TLS and no login: it isn't there", bootstrap);
		return;
	}
	b = xcalloc(1, sizeof(*b));
	b->env = env;
	b->bootstrap = xstrdup(bootstrap);
	*out = (struct broker){ .self = b, .ask = ask };
}

void remote_broker_close(struct broker *port)
{
	struct remote_broker *b = port->self;
	if (!b)
		return;
	owed_cancel_all(&b->owed);
	free(b->bootstrap);
	free(b);
	*port = (struct broker){ 0 };
}
