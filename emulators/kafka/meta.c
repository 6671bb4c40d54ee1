/* ApiVersions, Metadata, DescribeCluster, DescribeTopicPartitions: who is there and what is served; FindCoordinator, InitProducerId. */
#include "kafka/cluster.h"

/* ---- ApiVersions ---- */

/* Clients before version 4 can't read a feature that starts at 0: Kafka leaves those out. */
static void put_features(const struct kafka *k, struct kfk_call *c, struct kp_api_versions_resp *out)
{
	size_t n;
	const struct kfk_feature *f = kfk_features(&n), *end = f + n;
	out->supported_features = kp_elements(&kp_api_versions_resp_supported_feature_table, c->arena, n);
	out->finalized_features = kp_elements(&kp_api_versions_resp_finalized_feature_table, c->arena, n);
	out->finalized_features_epoch = kfk_features_epoch(k);
	for (; f < end; f++) {
		int16_t level = kfk_feature_level(k, f);
		if (f->min > 0 || c->version >= 4)
			out->supported_features[out->supported_feature_n++] = (struct kp_api_versions_resp_supported_feature){ sl(f->name), f->min, f->max };
		if (level > 0)
			out->finalized_features[out->finalized_feature_n++] = (struct kp_api_versions_resp_finalized_feature){ sl(f->name), level, level };
	}
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A client's name or version: letters, digits, between them - and . too. */
static bool software_ok(struct slice s)
{
	if (!s.n || !is_alnum(s.p[0]) || !is_alnum(s.p[s.n - 1]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return true;
}

/* What is served is what is advertised. */
enum kfk_done kfk_serve_versions(struct kafka *k, struct kfk_call *c)
{
	const struct kp_api_versions_req *req = c->req;
	struct kp_api_versions_resp *out = c->resp;
	size_t n;
	const struct kfk_api *apis = kfk_apis(&n);
	bool newer = c->version > kp_api(c->key)->max;
	if (newer) /* answered in the first version's form, which every client reads: the versions of this API */
		out->error_code = KE_UNSUPPORTED_VERSION;
	else if (c->version >= 3 && (!software_ok(req->client_software_name) || !software_ok(req->client_software_version)))
		return out->error_code = KE_INVALID_REQUEST, KFK_ANSWERED;
	out->api_keys = kp_elements(&kp_api_versions_resp_api_key_table, c->arena, n);
	for (size_t i = 0; i < n; i++) {
		if (newer && apis[i].key != KP_API_VERSIONS)
			continue;
		out->api_keys[out->api_key_n++] =
			(struct kp_api_versions_resp_api_key){ apis[i].key, kp_api(apis[i].key)->min, kp_api(apis[i].key)->max };
	}
	if (!newer)
		put_features(k, c, out);
	return KFK_ANSWERED;
}

/* ---- Metadata ---- */

static void put_partition(struct kafka *k, const struct kfk_topic *t, int index, struct kp_metadata_resp_partition *out)
{
	struct kfk_place at;
	kfk_place(k, t, index, &at);
	*out = (struct kp_metadata_resp_partition){
		.error_code = at.leader < 0 ? KE_LEADER_NOT_AVAILABLE : KE_NONE, .partition_index = index, .leader_id = at.leader, .leader_epoch = at.epoch,
		.replica_nodes = at.replicas, .replica_node_n = at.replica_n, .isr_nodes = at.isr, .isr_node_n = at.isr_n,
		.offline_replicas = at.offline, .offline_replica_n = at.offline_n,
	};
}

static void put_topic(struct kafka *k, struct kfk_call *c, const struct kfk_topic *t, struct kp_metadata_resp_topic *out)
{
	const struct kp_metadata_req *req = c->req;
	out->name = sl(t->name);
	out->is_internal = kfk_internal(out->name);
	kfk_topic_uuid(t, (char *)out->topic_id.b);
	out->partitions = kp_elements(&kp_metadata_resp_partition_table, c->arena, (size_t)t->part_n);
	out->partition_n = t->part_n;
	for (int i = 0; i < t->part_n; i++)
		put_partition(k, t, i, &out->partitions[i]);
	if (req->include_topic_authorized_operations)
		out->topic_authorized_operations = kfk_topic_operations(k, c->conn, out->name);
}

static bool is_zero(const struct kp_uuid *id)
{
	static const struct kp_uuid none;
	return !memcmp(id, &none, sizeof(none));
}

static void put_by_id(struct kafka *k, struct kfk_call *c, const struct kp_metadata_req_topic *in, struct kp_metadata_resp_topic *out)
{
	const struct kfk_topic *t = kfk_topic_by_id(k, sl_of(in->topic_id.b, sizeof(in->topic_id.b)));
	out->name = sl(NULL);
	out->topic_id = in->topic_id;
	if (!t)
		out->error_code = KE_UNKNOWN_TOPIC_ID;
	else if (!kfk_may(k, c->conn, "DescribeTopic", sl(t->name)))
		out->error_code = KE_TOPIC_AUTHORIZATION_FAILED;
	else
		put_topic(k, c, t, out);
}

static void put_by_name(struct kafka *k, struct kfk_call *c, struct slice name, struct kp_metadata_resp_topic *out)
{
	const struct kp_metadata_req *req = c->req;
	struct kfk_topic *t = NULL;
	out->name = name.p ? name : S("");
	out->is_internal = kfk_internal(out->name);
	if (!kfk_may(k, c->conn, "DescribeTopic", out->name)) {
		out->error_code = KE_TOPIC_AUTHORIZATION_FAILED;
		return;
	}
	bool make = req->allow_auto_topic_creation && !kfk_topic(k, out->name) && conf_bool(k->env->conf, "kafka", "auto_create", true);
	if (make && !kfk_may(k, c->conn, "CreateTopic", out->name))
		out->error_code = KE_TOPIC_AUTHORIZATION_FAILED;
	else
		out->error_code = (int16_t)kfk_topic_auto(k, out->name, req->allow_auto_topic_creation, &t);
	if (t)
		put_topic(k, c, t, out);
	else if (req->include_topic_authorized_operations && out->error_code != KE_TOPIC_AUTHORIZATION_FAILED)
		out->topic_authorized_operations = kfk_topic_operations(k, c->conn, out->name);
}

static void put_all(struct kafka *k, struct kfk_call *c, struct kp_metadata_resp *out)
{
	out->topics = kp_elements(&kp_metadata_resp_topic_table, c->arena, k->topic_n);
	for (size_t i = 0; i < k->topic_n; i++)
		if (kfk_may_see(k, c->conn, "DescribeTopic", sl(k->topics[i]->name)))
			put_topic(k, c, k->topics[i], &out->topics[out->topic_n++]);
}

/* Ids can be asked by from version 12 on; before, their field was there already: nothing but the error is answered. */
static bool ids_too_early(struct kfk_call *c)
{
	const struct kp_metadata_req *req = c->req;
	struct kp_metadata_resp *out = c->resp;
	bool early = false;
	for (int32_t i = 0; i < req->topic_n; i++)
		early |= c->version < 12 && (!req->topics[i].name.p || !is_zero(&req->topics[i].topic_id));
	if (!early)
		return false;
	out->topics = kp_elements(&kp_metadata_resp_topic_table, c->arena, (size_t)req->topic_n);
	out->topic_n = req->topic_n;
	for (int32_t i = 0; i < req->topic_n; i++) {
		out->topics[i].error_code = KE_INVALID_REQUEST;
		out->topics[i].name = req->topics[i].name.p ? req->topics[i].name : S("");
		out->topics[i].topic_id = req->topics[i].topic_id;
	}
	return true;
}

static void put_asked(struct kafka *k, struct kfk_call *c, struct kp_metadata_resp *out)
{
	const struct kp_metadata_req *req = c->req;
	out->topic_n = req->topic_n > 0 ? req->topic_n : 0;
	out->topics = kp_elements(&kp_metadata_resp_topic_table, c->arena, (size_t)out->topic_n);
	for (int32_t i = 0; i < out->topic_n; i++) {
		const struct kp_metadata_req_topic *in = &req->topics[i];
		if (!in->name.p || !is_zero(&in->topic_id)) {
			put_by_id(k, c, in, &out->topics[i]);
		} else {
			put_by_name(k, c, in->name, &out->topics[i]);
		}
	}
}

enum kfk_done kfk_serve_metadata(struct kafka *k, struct kfk_call *c)
{
	const struct kp_metadata_req *req = c->req;
	struct kp_metadata_resp *out = c->resp;
	struct kfk_broker *b;
	size_t n;
	if (ids_too_early(c))
		return KFK_ANSWERED;
	n = kfk_brokers(k, c->conn, c->arena, &b);
	out->brokers = kp_elements(&kp_metadata_resp_broker_table, c->arena, n);
	out->broker_n = (int32_t)n;
	for (size_t i = 0; i < n; i++)
		out->brokers[i] = (struct kp_metadata_resp_broker){ b[i].id, b[i].host, b[i].port, b[i].rack };
	out->cluster_id = kfk_cluster_id(k);
	out->controller_id = kfk_controller(k);
	if (c->version == 0 ? req->topic_n <= 0 : req->topic_n < 0)
		put_all(k, c, out);
	else
		put_asked(k, c, out);
	if (req->include_cluster_authorized_operations)
		out->cluster_authorized_operations = kfk_cluster_operations(k, c->conn);
	return KFK_ANSWERED;
}

/* ---- DescribeCluster ---- */

enum { ENDPOINT_BROKER = 1, ENDPOINT_CONTROLLER = 2 };

enum kfk_done kfk_serve_describe_cluster(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_cluster_req *req = c->req;
	struct kp_describe_cluster_resp *out = c->resp;
	struct kfk_broker *b;
	size_t n = kfk_brokers(k, c->conn, c->arena, &b);
	if (req->endpoint_type != ENDPOINT_BROKER) {
		out->error_code = req->endpoint_type == ENDPOINT_CONTROLLER ? KE_MISMATCHED_ENDPOINT_TYPE : KE_UNSUPPORTED_ENDPOINT_TYPE;
		out->error_message = out->error_code == KE_MISMATCHED_ENDPOINT_TYPE ?
					     S("The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER") :
					     arena_printf(c->arena, "Unsupported endpoint type %d", req->endpoint_type);
		return KFK_ANSWERED;
	}
	out->cluster_id = kfk_cluster_id(k);
	out->controller_id = kfk_controller(k);
	out->brokers = kp_elements(&kp_describe_cluster_resp_broker_table, c->arena, n);
	out->broker_n = (int32_t)n;
	for (size_t i = 0; i < n; i++)
		out->brokers[i] = (struct kp_describe_cluster_resp_broker){ b[i].id, b[i].host, b[i].port, b[i].rack, false };
	if (req->include_cluster_authorized_operations)
		out->cluster_authorized_operations = kfk_cluster_operations(k, c->conn);
	return KFK_ANSWERED;
}

/* ---- DescribeTopicPartitions: a piece of what is asked, by name, and where the next one starts ---- */

enum { PARTITIONS_A_PIECE = 2000 }; /* max.request.partition.size.limit */

struct piece {
	struct kfk_call *c;
	int left; /* partitions that it may still have */
};

static void put_part(struct kafka *k, const struct kfk_topic *t, int index, struct kp_describe_topic_partitions_resp_partition *out)
{
	struct kfk_place at;
	kfk_place(k, t, index, &at);
	*out = (struct kp_describe_topic_partitions_resp_partition){
		.error_code = at.leader < 0 ? KE_LEADER_NOT_AVAILABLE : KE_NONE, .partition_index = index, .leader_id = at.leader, .leader_epoch = at.epoch,
		.replica_nodes = at.replicas, .replica_node_n = at.replica_n, .isr_nodes = at.isr, .isr_node_n = at.isr_n,
		.offline_replicas = at.offline, .offline_replica_n = at.offline_n,
	};
}

static void next_at(const struct piece *p, struct slice topic, int index)
{
	struct kp_describe_topic_partitions_resp *out = p->c->resp;
	out->next_cursor = kp_elements(&kp_describe_topic_partitions_resp_next_cursor_table, p->c->arena, 1);
	out->next_cursor->topic_name = topic;
	out->next_cursor->partition_index = index;
}

static void put_described(struct kafka *k, struct piece *p, struct slice name, int from, struct kp_describe_topic_partitions_resp_topic *out)
{
	struct kfk_topic *t = kfk_topic(k, name);
	out->name = name;
	out->is_internal = kfk_internal(name);
	if (!kfk_may(k, p->c->conn, "DescribeTopic", name)) {
		out->error_code = KE_TOPIC_AUTHORIZATION_FAILED;
		return;
	}
	out->topic_authorized_operations = kfk_topic_operations(k, p->c->conn, name);
	if (!t) {
		out->error_code = kp_topic_name_ok(name) ? KE_UNKNOWN_TOPIC_OR_PARTITION : KE_INVALID_TOPIC_EXCEPTION;
		return;
	}
	kfk_topic_uuid(t, (char *)out->topic_id.b);
	int n = from < t->part_n ? t->part_n - from : 0, shown = n < p->left ? n : p->left;
	out->partitions = kp_elements(&kp_describe_topic_partitions_resp_partition_table, p->c->arena, (size_t)shown);
	for (int i = 0; i < shown; i++)
		put_part(k, t, from + i, &out->partitions[out->partition_n++]);
	p->left -= shown;
	if (shown < n)
		next_at(p, name, from + shown);
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* The names asked for, in order, each once; none: all that there are and may be seen. */
static size_t names_asked(struct kafka *k, const struct kfk_call *c, struct slice **out)
{
	const struct kp_describe_topic_partitions_req *req = c->req;
	bool all = req->topic_n <= 0;
	size_t n = 0, kept = 0, most = all ? k->topic_n : (size_t)req->topic_n;
	struct slice *names = arena_alloc(c->arena, (most + 1) * sizeof(*names));
	for (size_t i = 0; i < most; i++) {
		struct slice name = all ? sl(k->topics[i]->name) : req->topics[i].name;
		if ((!req->cursor || sl_cmp(name, req->cursor->topic_name) >= 0) && (!all || kfk_may_see(k, c->conn, "DescribeTopic", name)))
			names[n++] = name;
	}
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		if (!i || !sl_eq(names[i], names[kept - 1]))
			names[kept++] = names[i];
	*out = names;
	return kept;
}

enum kfk_done kfk_serve_topic_partitions(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_topic_partitions_req *req = c->req;
	struct kp_describe_topic_partitions_resp *out = c->resp;
	struct piece p = { c, req->response_partition_limit < PARTITIONS_A_PIECE ? req->response_partition_limit : PARTITIONS_A_PIECE };
	struct slice *names;
	size_t n = names_asked(k, c, &names);
	p.left = p.left < 1 ? 1 : p.left;
	out->topics = kp_elements(&kp_describe_topic_partitions_resp_topic_table, c->arena, n);
	for (size_t i = 0; i < n && !out->next_cursor; i++) {
		bool resumed = req->cursor && sl_eq(names[i], req->cursor->topic_name);
		if (!p.left)
			next_at(&p, names[i], 0);
		else
			put_described(k, &p, names[i], resumed && req->cursor->partition_index > 0 ? req->cursor->partition_index : 0, &out->topics[out->topic_n++]);
	}
	return KFK_ANSWERED;
}
