/* Brokers that go away and come back, leaders and coordinators that move: by faults.
 *
 * kafka.broker-N is asked when faults are armed or cleared, at each request that the broker gets, and once a second of the clock while it
 * is away. While it fires the broker is gone: its clients are hung up on, its name isn't in Metadata, other replicas lead; then it is back,
 * in sync at once, and gets its leaderships back some minutes later, as Kafka does it.
 * A restart (MSK's RebootBroker) is the same, for some seconds of the clock; one of several brokers only.
 * kafka.leader.API and kafka.coordinator.API fire at a request: leadership moves to the next replica in sync, and the request is refused as
 * one for somebody else. */
#include "kafka/nodes.h"

enum { ASK_MS = 1000, BALANCE_S = 300, RESTART_MS = 10000 };

static const char *const sites[KFK_NODES_MAX + 1] = {
	"", "broker-1", "broker-2", "broker-3", "broker-4", "broker-5", "broker-6", "broker-7", "broker-8", "broker-9", "broker-10", "broker-11", "broker-12",
	"broker-13", "broker-14", "broker-15",
};

bool kfk_fault(struct kafka *k, const struct kfk_call *c, const char *what)
{
	char op[64];
	if (!faults_any(k->env->faults))
		return false;
	snprintf(op, sizeof(op), "%s.%s", what, c->api->route.name);
	return faults_ask(k->env->faults, "kafka", op).act != FAULT_NONE;
}

static bool gone(const struct kafka *k, int node)
{
	if (clock_now_ms(k->env->clock) < k->nodes->restarts_ms[node])
		return true;
	return faults_any(k->env->faults) && faults_ask(k->env->faults, "kafka", sites[node]).act != FAULT_NONE;
}

/* ---- its clients ---- */

static void hang_up(struct kafka *k)
{
	for (struct conn *c = k->nodes->conns; c; c = c->next) {
		if (!k->nodes->away[kfk_node(k, c)] || c->closing)
			continue;
		c->closing = true;
		tcp_send(c);
	}
}

bool kfk_away_opened(struct kafka *k, struct conn *conn)
{
	struct kfk_nodes *all = k->nodes;
	conn->prev = NULL;
	conn->next = all->conns;
	if (all->conns)
		all->conns->prev = conn;
	all->conns = conn;
	return !all->away[kfk_node(k, conn)];
}

void kfk_away_closed(struct kafka *k, struct conn *conn)
{
	struct kfk_nodes *all = k->nodes;
	if (conn->prev)
		conn->prev->next = conn->next;
	else if (all->conns == conn)
		all->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	conn->prev = conn->next = NULL;
}

/* ---- coming and going ---- */

static void again(void *arg);

static void balance(void *arg)
{
	struct kafka *k = arg;
	int n = kfk_leaders_balance(k);
	if (n)
		log_info(k->env, "leaders-balanced", "partitions=%d", n);
}

static void balance_later(struct kafka *k)
{
	int64_t s = conf_int(k->env->conf, "kafka", "leader.imbalance.check.interval.seconds", BALANCE_S);
	if (conf_bool(k->env->conf, "kafka", "auto.leader.rebalance.enable", true) && !k->nodes->balancing.slot && !kfk_leaders_balanced(k))
		clock_at(k->env->clock, &k->nodes->balancing, clock_now_ms(k->env->clock) + s * 1000, balance, k);
}

static void settle(struct kafka *k)
{
	struct error err;
	bool any = false;
	if (kfk_leaders_settle(k, &err))
		log_error(k->env, "store", "what=leaders error=\"%s\"", err.text);
	hang_up(k);
	for (int i = 1; i <= k->nodes->n; i++)
		any |= k->nodes->away[i];
	if (any && !k->nodes->asking.slot)
		clock_at(k->env->clock, &k->nodes->asking, clock_now_ms(k->env->clock) + ASK_MS, again, k);
	balance_later(k);
}

static bool set(struct kafka *k, int node, bool away)
{
	if (k->nodes->away[node] == away)
		return false;
	k->nodes->away[node] = away;
	log_warn(k->env, away ? "broker-away" : "broker-back", "broker=%d", node);
	return true;
}

/* Asks for those that are away, or for all. */
static void look(struct kafka *k, bool all)
{
	bool changed = false;
	for (int i = 1; i <= k->nodes->n; i++)
		if (all || k->nodes->away[i])
			changed |= set(k, i, gone(k, i));
	if (changed)
		settle(k);
}

static void again(void *arg)
{
	struct kafka *k = arg;
	look(k, false);
	for (int i = 1; i <= k->nodes->n && !k->nodes->asking.slot; i++)
		if (k->nodes->away[i])
			clock_at(k->env->clock, &k->nodes->asking, clock_now_ms(k->env->clock) + ASK_MS, again, k);
}

static void look_at_all(void *arg)
{
	look(arg, true);
}

static void on_faults(void *arg)
{
	struct kafka *k = arg;
	loop_later(k->env->loop, &k->nodes->changed, look_at_all, k);
}

bool kfk_away_serves(struct kafka *k, struct conn *conn)
{
	int node = kfk_node(k, conn);
	if (!k->nodes->away[node] && !gone(k, node))
		return true;
	if (set(k, node, true))
		settle(k);
	return false;
}

void kfk_restart(void *self, int node)
{
	struct kafka *k = self;
	if (k->nodes->n == 1 || node < 1 || node > k->nodes->n)
		return;
	k->nodes->restarts_ms[node] = clock_now_ms(k->env->clock) + RESTART_MS;
	if (set(k, node, true))
		settle(k);
}

void kfk_away_open(struct kafka *k)
{
	faults_watch(k->env->faults, on_faults, k);
	on_faults(k); /* those of before the start */
}

void kfk_away_close(struct kafka *k)
{
	faults_watch(k->env->faults, NULL, NULL);
	loop_never(k->env->loop, &k->nodes->changed);
	clock_cancel(k->env->clock, &k->nodes->asking);
	clock_cancel(k->env->clock, &k->nodes->balancing);
}
