/* Quotas obeyed: rates over eleven seconds, as Kafka's sensors measure them. */
#include "kafka/quota.h"
#include "kafka/sasl.h"

enum { SAMPLES = 11, SAMPLE_MS = 1000, RATES_MAX = 1000 };

struct kfk_rate {
	char *key; /* owned: whose, and of what */
	struct {
		int64_t from_ms;
		double sum;
	} at[SAMPLES];
	int now;
};

void kfk_rates_free(struct kfk_quotas *q)
{
	for (size_t i = 0; i < q->rate_n; i++)
		free(q->rates[i].key);
	free(q->rates);
}

static struct kfk_rate *rate_of(struct kfk_quotas *q, const char *key)
{
	struct kfk_rate *r = NULL;
	for (size_t i = 0; i < q->rate_n; i++)
		if (!strcmp(q->rates[i].key, key))
			return &q->rates[i];
	if (q->rate_n < RATES_MAX) {
		GROW(q->rates, q->rate_n, q->rate_cap);
		r = &q->rates[q->rate_n++];
	} else { /* the one that took nothing for longest */
		r = &q->rates[0];
		for (size_t i = 1; i < q->rate_n; i++)
			if (q->rates[i].at[q->rates[i].now].from_ms < r->at[r->now].from_ms)
				r = &q->rates[i];
		free(r->key);
	}
	*r = (struct kfk_rate){ .key = xstrndup(key, strlen(key)) };
	return r;
}

/* Notes that n were taken now; how long to wait for the rate to be what is allowed. */
static int64_t take(struct kfk_rate *r, double n, double allowed, int64_t now_ms)
{
	int64_t oldest = now_ms;
	double sum = 0;
	if (now_ms - r->at[r->now].from_ms >= SAMPLE_MS) {
		r->now = (r->now + 1) % SAMPLES;
		r->at[r->now].from_ms = now_ms;
		r->at[r->now].sum = 0;
	}
	r->at[r->now].sum += n;
	for (int i = 0; i < SAMPLES; i++) {
		if (!r->at[i].from_ms || now_ms - r->at[i].from_ms >= SAMPLES * SAMPLE_MS)
			continue;
		sum += r->at[i].sum;
		if (r->at[i].from_ms < oldest)
			oldest = r->at[i].from_ms;
	}
	int64_t window = now_ms - oldest < (SAMPLES - 1) * SAMPLE_MS ? (SAMPLES - 1) * SAMPLE_MS : now_ms - oldest;
	double rate = sum * 1000 / (double)window;
	return rate <= allowed ? 0 : (int64_t)((rate - allowed) / allowed * (double)window + 0.5);
}

/* The quota that counts for a user and a client id, by Kafka's precedence. 0 of each: said by name, 1: the default, 2: not said. */
static const struct kfk_quota *quota_for(const struct kafka *k, struct slice user, struct slice client, enum kfk_quota_key key)
{
	static const uint8_t order[][2] = { { 0, 0 }, { 0, 1 }, { 0, 2 }, { 1, 0 }, { 1, 1 }, { 1, 2 }, { 2, 0 }, { 2, 1 } };
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct kfk_entity e = { 0 };
		e.said[KFK_OF_USER] = order[i][0] != 2;
		e.said[KFK_OF_CLIENT] = order[i][1] != 2;
		e.name[KFK_OF_USER] = order[i][0] == 0 ? user : sl(NULL);
		e.name[KFK_OF_CLIENT] = order[i][1] == 0 ? client : sl(NULL);
		const struct kfk_quota *q = kfk_quota(k, &e);
		if (q && q->set[key])
			return q;
	}
	return NULL;
}

static int64_t over(struct kafka *k, const struct kfk_call *c, enum kfk_quota_key key, double n)
{
	const struct kfk_session *s = c->conn->user;
	struct slice user = s && s->known ? sl_from(sl(s->principal), sizeof("User:") - 1) : S("ANONYMOUS"), client = c->client.p ? c->client : S("");
	const struct kfk_quota *q = quota_for(k, user, client, key);
	if (!q)
		return 0;
	bool of_user = q->entity.said[KFK_OF_USER], of_client = q->entity.said[KFK_OF_CLIENT];
	struct slice whose = arena_printf(c->arena, "%d:%.*s:%.*s", key, SL(of_user ? user : S("")), SL(of_client ? client : S("")));
	return take(rate_of(k->quotas, arena_cstr(c->arena, whose)), n, q->value[key], clock_now_ms(k->env->clock));
}

static void rested(void *arg)
{
	struct kfk_session *s = arg;
	s->rests = false;
	tcp_resume(s->resting_conn);
}

static void rest(struct kafka *k, struct conn *conn, int64_t ms)
{
	struct kfk_session *s = kfk_session(conn);
	s->rests = true;
	s->resting_conn = conn;
	conn->paused = true;
	clock_at(k->env->clock, &s->resting, clock_now_ms(k->env->clock) + ms, rested, s);
}

void kfk_throttle(struct kafka *k, struct kfk_call *c)
{
	int32_t *told = NULL;
	int64_t ms = 0;
	if (!k->quotas->n || c->asking || (c->key != KP_PRODUCE && c->key != KP_FETCH) || strcmp(conf_str(k->env->conf, "kafka", "quotas", "told"), "enforced") != 0)
		return;
	if (c->key == KP_PRODUCE) {
		told = &((struct kp_produce_resp *)c->resp)->throttle_time_ms;
		ms = over(k, c, KFK_PRODUCER_RATE, (double)c->frame.n);
	} else {
		told = &((struct kp_fetch_resp *)c->resp)->throttle_time_ms;
		ms = over(k, c, KFK_CONSUMER_RATE, (double)k->fetched.n);
	}
	*told = ms > INT32_MAX ? INT32_MAX : (int32_t)ms;
	if (ms > 0)
		rest(k, c->conn, ms);
}

bool kfk_rests(const struct conn *conn)
{
	const struct kfk_session *s = conn->user;
	return s && s->rests;
}

void kfk_throttle_closed(struct kafka *k, struct conn *conn)
{
	struct kfk_session *s = conn->user;
	if (s && s->rests)
		clock_cancel(k->env->clock, &s->resting);
	if (s)
		s->rests = false;
}
