#include "kafka/nodes.h"

enum { PORT = 9092, KEPT_PARTITIONS = 50 };

/* ---- which node ---- */

static int wanted(const struct conf *conf)
{
	int64_t n = conf_int(conf, "kafka", "brokers", conf_get(conf, "msk", "brokers") ? conf_int(conf, "msk", "brokers", 1) : 1);
	return n < 1 ? 1 : n > KFK_NODES_MAX ? KFK_NODES_MAX : (int)n;
}

int kfk_ports(const struct conf *conf)
{
	return wanted(conf);
}

int kfk_node_n(const struct kafka *k)
{
	return k->nodes->n;
}

bool kfk_node_up(const struct kafka *k, int node)
{
	return node >= 1 && node <= k->nodes->n && !k->nodes->away[node];
}

/* The number in "b-2.NAME…" or "b-2-public.NAME…", and what is behind it; 0: it is another name. */
static int64_t numbered(struct slice host, struct slice *tail)
{
	struct slice rest;
	int64_t n;
	size_t digits = 0;
	if (!sl_after(host, S("b-"), &rest))
		return 0;
	while (digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9')
		digits++;
	*tail = sl_from(rest, digits);
	return sl_int(sl_of(rest.p, digits), 1, 1000000, &n) ? n : 0;
}

static int64_t external(const struct kafka *k)
{
	return conf_int(k->env->conf, "kafka", "external_port", 0);
}

/* Its place on the second listener, from 1; 0: it came in by another. */
static int on_external(const struct kafka *k, const struct conn *conn)
{
	int64_t at = conn->local_port - external(k);
	return external(k) > 0 && at >= 0 && at < k->nodes->n ? (int)at + 1 : 0;
}

int kfk_node(const struct kafka *k, const struct conn *conn)
{
	const struct kfk_nodes *all = k->nodes;
	struct slice tail;
	int64_t n;
	if (conn == &k->inside)
		return 0;
	if (all->n == 1)
		return 1;
	if (conn->host && (n = numbered(sl(conn->host), &tail)) > 0)
		return (int)((n - 1) % all->n) + 1;
	for (int i = 1; i <= all->n; i++)
		if (all->port[i] == conn->local_port)
			return i;
	n = on_external(k, conn);
	return n ? (int)n : 1;
}

bool kfk_is_here(const struct kafka *k, const struct kfk_call *c, int node)
{
	return c->conn == &k->inside || kfk_node(k, c->conn) == node;
}

int32_t kfk_controller(const struct kafka *k)
{
	for (int i = 1; i <= k->nodes->n; i++)
		if (!k->nodes->away[i])
			return i;
	return 1;
}

/* ---- where it is ---- */

static bool host_port(struct slice whole, struct slice *host, int *port)
{
	int64_t n;
	for (size_t i = whole.n; i-- > 0;) {
		if (whole.p[i] != ':')
			continue;
		if (!i || !sl_int(sl_of(whole.p + i + 1, whole.n - i - 1), 1, 65535, &n))
			return false;
		*host = sl_of(whole.p, i);
		*port = (int)n;
		return true;
	}
	return false;
}

/* The node's own of a list HOST:PORT,HOST:PORT. */
static bool told(const char *list, int node, struct slice *host, int *port)
{
	struct slice one = sl(NULL), rest = sl(list);
	for (int i = 0; i < node && rest.p; i++)
		sl_cut(rest, ',', &one, &rest);
	return list && host_port(sl_trim(one), host, port);
}

static int advertised_n(const char *list)
{
	int n = 1;
	for (const char *p = list; *p; p++)
		n += *p == ',';
	return n;
}

void kfk_advertised(const struct kafka *k, const struct conn *c, int node, struct arena *a, struct slice *host, int *port)
{
	const struct conf *conf = k->env->conf;
	bool second = external(k) > 0 && (k->nodes->n == 1 ? c->local_port == external(k) : on_external(k, c) > 0);
	int here = kfk_node(k, c);
	struct slice tail;
	if (told(conf_get(conf, "kafka", second ? "external_advertised" : "advertised"), node, host, port))
		return;
	*host = sl(c->host ? c->host : c->local); /* certificates are for names */
	*port = c->local_port;
	if (node == here || k->nodes->n == 1)
		return;
	if (c->host) { /* MSK's nodes are told by their names; one that has no number leads to those that have */
		if (numbered(*host, &tail))
			*host = arena_printf(a, "b-%d%.*s", node, SL(tail));
		else
			*host = arena_printf(a, "b-%d.%s", node, c->host);
	} else if (second) {
		*port = (int)external(k) + node - 1;
	} else if (k->nodes->port[node]) {
		*port = k->nodes->port[node];
	}
}

/* ---- who may answer ---- */

int kfk_not_leader(struct kafka *k, const struct kfk_call *c, struct kfk_topic *t, int partition, int32_t epoch)
{
	const struct kfk_part *p = &t->parts[partition];
	if (kfk_fault(k, c, "leader")) {
		(void)kfk_move_leader(k, t, partition, 0);
		return KE_NOT_LEADER_OR_FOLLOWER;
	}
	if (epoch >= 0 && epoch != p->epoch)
		return epoch < p->epoch ? KE_FENCED_LEADER_EPOCH : KE_UNKNOWN_LEADER_EPOCH;
	if (!p->leader)
		return c->conn == &k->inside ? KE_LEADER_NOT_AVAILABLE : KE_NOT_LEADER_OR_FOLLOWER;
	return kfk_is_here(k, c, p->leader) ? KE_NONE : KE_NOT_LEADER_OR_FOLLOWER;
}

/* As Java's String.hashCode, of UTF-16. */
static uint32_t java_hash(struct slice s)
{
	uint32_t h = 0;
	for (size_t i = 0; i < s.n;) {
		uint8_t b = (uint8_t)s.p[i];
		int more = b < 0x80 ? 0 : b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
		uint32_t c = more ? b & (0x3fu >> more) : b;
		for (i++; more && i < s.n; more--, i++)
			c = c << 6 | ((uint8_t)s.p[i] & 0x3f);
		if (c >= 0x10000) {
			h = 31 * h + (0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		h = 31 * h + c;
	}
	return h;
}

int kfk_kept_in(struct slice key)
{
	return (int)((java_hash(key) & 0x7fffffff) % KEPT_PARTITIONS);
}

static struct kfk_topic *keeper(struct kafka *k, int type)
{
	return kfk_topic(k, type == 1 ? S("__transaction_state") : S("__consumer_offsets"));
}

int32_t kfk_coordinator(struct kafka *k, struct slice key, int type)
{
	const struct kfk_topic *t = k->nodes->n == 1 ? NULL : keeper(k, type);
	int partition = kfk_kept_in(key);
	if (!t || partition >= t->part_n)
		return kfk_node_up(k, kfk_controller(k)) ? kfk_controller(k) : -1;
	return kfk_leader(&t->parts[partition]);
}

int kfk_not_coordinator(struct kafka *k, const struct kfk_call *c, struct slice key, int type)
{
	struct kfk_topic *t;
	if (kfk_fault(k, c, "coordinator")) {
		if ((t = keeper(k, type)) && kfk_kept_in(key) < t->part_n)
			(void)kfk_move_leader(k, t, kfk_kept_in(key), 0);
		return KE_NOT_COORDINATOR;
	}
	int32_t node = k->nodes->n == 1 || c->conn == &k->inside ? 0 : kfk_coordinator(k, key, type);
	if (node < 0)
		return KE_COORDINATOR_NOT_AVAILABLE;
	return !node || kfk_is_here(k, c, node) ? KE_NONE : KE_NOT_COORDINATOR;
}

/* ---- life ---- */

int kfk_nodes_open(struct kafka *k, struct error *err)
{
	static const char *const lists[] = { "advertised", "external_advertised" };
	k->nodes = xcalloc(1, sizeof(*k->nodes));
	k->nodes->n = wanted(k->env->conf);
	if (kfk_default_factor(k) > k->nodes->n)
		return err_set(err, ERR_INVALID, "[kafka] default.replication.factor = %d: there can't be more replicas than brokers, and [kafka] brokers is %d",
			       kfk_default_factor(k), k->nodes->n);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const char *list = conf_get(k->env->conf, "kafka", lists[i]);
		if (list && *list && advertised_n(list) < k->nodes->n)
			return err_set(err, ERR_INVALID, "[kafka] %s: a HOST:PORT for each of the %d brokers, with commas between", lists[i], k->nodes->n);
	}
	kfk_away_open(k);
	return kfk_store_nodes_open(k, err);
}

void kfk_nodes_start(struct kafka *k)
{
	k->nodes->port[1] = (int)conf_int(k->env->conf, "kafka", "listen_port", PORT);
	for (int i = 2; i <= k->nodes->n; i++) {
		char section[16];
		snprintf(section, sizeof(section), "kafka-%d", i);
		k->nodes->port[i] = (int)conf_int(k->env->conf, section, "listen_port", 0);
	}
	k->inside.local_port = k->nodes->port[1];
}

void kfk_nodes_close(struct kafka *k)
{
	if (!k->nodes)
		return;
	kfk_away_close(k);
	kfk_store_nodes_close(k);
	free(k->nodes);
	k->nodes = NULL;
}
