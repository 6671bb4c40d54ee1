/* ApiVersions, Metadata, DescribeCluster, FindCoordinator, InitProducerId: who is there and who does what. */
#include "kafka/kafka.h"

enum { OPERATIONS_UNKNOWN = INT32_MIN }; /* authorized operations, not asked for */

/* ---- ApiVersions ---- */

/* What is served is what is advertised. */
enum kfk_done kfk_serve_versions(struct kafka *k, struct kfk_call *c)
{
	struct kp_api_versions_resp *out = c->resp;
	size_t n;
	const struct kfk_api *apis = kfk_apis(&n);
	(void)k;
	out->error_code = c->version > kp_api(c->key)->max ? KE_UNSUPPORTED_VERSION : KE_NONE; /* in the first version's form, which every client reads */
	out->api_keys = kp_elements(&kp_api_versions_resp_api_key_table, c->arena, n);
	out->api_key_n = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		out->api_keys[i].api_key = apis[i].key;
		out->api_keys[i].min_version = kp_api(apis[i].key)->min;
		out->api_keys[i].max_version = kfk_api_max(&apis[i]);
	}
	return KFK_ANSWERED;
}

/* ---- Metadata ---- */

static void put_broker(struct kafka *k, struct kfk_call *c, bool rack)
{
	struct slice host;
	int port;
	kfk_advertised(k, c->conn, &host, &port);
	kfk_put_i32(c, KFK_NODE_ID);
	kfk_put_str(c, host);
	kfk_put_i32(c, port);
	if (rack)
		kfk_put_str(c, sl(NULL));
	kfk_put_tags(c);
}

static struct slice cluster_id(const struct kafka *k)
{
	return sl(conf_str(k->env->conf, "kafka", "cluster_id", "tarn"));
}

static void put_partition(struct kfk_call *c, int index)
{
	kfk_put_i16(c, KE_NONE);
	kfk_put_i32(c, index);
	kfk_put_i32(c, KFK_NODE_ID);
	if (c->version >= 7)
		kfk_put_i32(c, 0); /* leader epoch */
	for (int i = 0; i < 2; i++) { /* replicas, those in sync */
		kfk_put_array(c, 1);
		kfk_put_i32(c, KFK_NODE_ID);
	}
	if (c->version >= 5)
		kfk_put_array(c, 0); /* offline replicas */
	kfk_put_tags(c);
}

static void put_uuid(struct kfk_call *c, const struct kfk_topic *t, struct slice asked)
{
	char id[16] = { 0 };
	if (t)
		kfk_topic_uuid(t, id);
	buf_addsl(c->out, t || asked.n != sizeof(id) ? sl_of(id, sizeof(id)) : asked);
}

static void put_topic(struct kfk_call *c, int code, struct slice name, struct slice id, const struct kfk_topic *t)
{
	int n = t ? t->part_n : 0;
	kfk_put_i16(c, code);
	kfk_put_str(c, name);
	if (c->version >= 10)
		put_uuid(c, t, id);
	if (c->version >= 1)
		kfk_put_i8(c, 0); /* internal */
	kfk_put_array(c, n);
	for (int i = 0; i < n; i++)
		put_partition(c, i);
	if (c->version >= 8)
		kfk_put_i32(c, OPERATIONS_UNKNOWN);
	kfk_put_tags(c);
}

struct asked {
	struct slice id, name;
};

static bool is_zero(struct slice id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i])
			return false;
	return true;
}

static void put_asked(struct kafka *k, struct kfk_call *c, const struct asked *a, bool create)
{
	struct kfk_topic *t = NULL;
	int code;
	if (!a->name.p && a->id.p && !is_zero(a->id)) {
		t = kfk_topic_by_id(k, a->id);
		put_topic(c, t ? KE_NONE : KE_UNKNOWN_TOPIC_ID, t ? sl(t->name) : c->version >= 12 ? sl(NULL) : S(""), a->id, t);
		return;
	}
	struct slice name = a->name.p ? a->name : S("");
	if (!kfk_may(k, c->conn, "DescribeTopic", name))
		code = KE_TOPIC_AUTHORIZATION_FAILED;
	else
		code = kfk_topic_auto(k, name, create && kfk_may(k, c->conn, "CreateTopic", name), &t);
	put_topic(c, code, a->name.p ? a->name : S(""), sl(NULL), t);
}

enum kfk_done kfk_serve_metadata(struct kafka *k, struct kfk_call *c)
{
	int32_t n = kfk_array(c);
	bool all = c->version == 0 ? n <= 0 : n < 0, create = true;
	struct asked *asked = arena_alloc(c->arena, ((size_t)(n > 0 ? n : 0) + 1) * sizeof(*asked));
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		if (c->version >= 10)
			asked[i].id = rd_bytes(&c->r, 16);
		asked[i].name = kfk_str(c);
		kfk_tags(c);
	}
	if (c->version >= 4)
		create = kfk_i8(c) != 0;
	if (c->version >= 8 && c->version <= 10)
		(void)kfk_i8(c); /* the cluster's authorized operations */
	if (c->version >= 8)
		(void)kfk_i8(c); /* the topics' */
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	if (c->version >= 3)
		kfk_put_i32(c, 0); /* throttle */
	kfk_put_array(c, 1);
	put_broker(k, c, c->version >= 1);
	if (c->version >= 2)
		kfk_put_str(c, cluster_id(k));
	if (c->version >= 1)
		kfk_put_i32(c, KFK_NODE_ID); /* controller */
	bool *seen = arena_alloc(c->arena, k->topic_n + 1);
	int32_t seen_n = 0;
	for (size_t i = 0; all && i < k->topic_n; i++)
		seen_n += seen[i] = kfk_may(k, c->conn, "DescribeTopic", sl(k->topics[i]->name));
	kfk_put_array(c, all ? seen_n : n > 0 ? n : 0);
	for (size_t i = 0; all && i < k->topic_n; i++)
		if (seen[i])
			put_topic(c, KE_NONE, sl(k->topics[i]->name), sl(NULL), k->topics[i]);
	for (int32_t i = 0; !all && i < n; i++)
		put_asked(k, c, &asked[i], create);
	if (c->version >= 8 && c->version <= 10)
		kfk_put_i32(c, OPERATIONS_UNKNOWN);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}

enum kfk_done kfk_serve_describe_cluster(struct kafka *k, struct kfk_call *c)
{
	(void)kfk_i8(c); /* authorized operations */
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_i16(c, KE_NONE);
	kfk_put_str(c, sl(NULL));
	kfk_put_str(c, cluster_id(k));
	kfk_put_i32(c, KFK_NODE_ID);
	kfk_put_array(c, 1);
	put_broker(k, c, true);
	kfk_put_i32(c, OPERATIONS_UNKNOWN);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}

/* ---- FindCoordinator: there are no groups or transactions here, so no one coordinates them ---- */

static void put_no_coordinator(struct kfk_call *c)
{
	static const char why[] = "tarn has no group or transaction coordinator";
	if (c->version >= 4) { /* key, then the node, then the error */
		kfk_put_i32(c, -1);
		kfk_put_str(c, S(""));
		kfk_put_i32(c, -1);
		kfk_put_i16(c, KE_COORDINATOR_NOT_AVAILABLE);
		kfk_put_str(c, sl(why));
		return;
	}
	kfk_put_i16(c, KE_COORDINATOR_NOT_AVAILABLE);
	if (c->version >= 1)
		kfk_put_str(c, sl(why));
	kfk_put_i32(c, -1);
	kfk_put_str(c, S(""));
	kfk_put_i32(c, -1);
}

/* Clients ask again for ever and say nothing: the log does, once. */
static void tell_groups(struct kafka *k, const struct kfk_call *c)
{
	if (!k->told_groups)
		log_warn(k->env, "unserved", "peer=%s operation=FindCoordinator hint=\"no groups, no transactions: consumers name their partitions\"", c->conn->peer);
	k->told_groups = true;
}

enum kfk_done kfk_serve_find_coordinator(struct kafka *k, struct kfk_call *c)
{
	tell_groups(k, c);
	if (c->version < 4)
		(void)kfk_str(c);
	if (c->version >= 1)
		(void)kfk_i8(c);
	if (c->version >= 1)
		kfk_put_i32(c, 0); /* throttle */
	if (c->version < 4) {
		put_no_coordinator(c);
	} else {
		int32_t n = kfk_array(c);
		kfk_put_array(c, n < 0 ? 0 : n);
		for (int32_t i = 0; i < n && !c->r.bad; i++) {
			struct slice key = kfk_str(c);
			kfk_put_str(c, key.p ? key : S(""));
			put_no_coordinator(c);
			kfk_put_tags(c);
		}
	}
	kfk_tags(c);
	kfk_put_tags(c);
	return c->r.bad ? KFK_MALFORMED : KFK_ANSWERED;
}

/* ---- InitProducerId ---- */

enum kfk_done kfk_serve_producer_id(struct kafka *k, struct kfk_call *c)
{
	struct slice txn = kfk_str(c);
	int64_t pid = -1;
	(void)kfk_i32(c); /* transaction timeout */
	if (c->version >= 3) {
		(void)kfk_i64(c); /* the id and epoch it had: it gets a new id */
		(void)kfk_i16(c);
	}
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	int code = txn.p ? KE_COORDINATOR_NOT_AVAILABLE : kfk_may(k, c->conn, "WriteDataIdempotently", sl(NULL)) ? kfk_producer_id(k, &pid) : KE_CLUSTER_AUTHORIZATION_FAILED;
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_i16(c, code);
	kfk_put_i64(c, pid);
	kfk_put_i16(c, code ? -1 : 0);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}
