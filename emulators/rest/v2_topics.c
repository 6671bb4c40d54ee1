/* API v2: topics, partitions and brokers as the broker tells of them. */
#include "java/text.h"
#include "rest/v3.h"

#define V2 "application/vnd.kafka.v2+json"

bool rest_has_broker(const struct rest_call *c)
{
	return c->r->broker && c->r->broker->self;
}

static void put_partition(struct buf *b, const struct kp_metadata_resp_partition *p)
{
	jw_obj(b, NULL);
	jw_int(b, "partition", p->partition_index);
	jw_int(b, "leader", p->leader_id);
	jw_list(b, "replicas");
	for (int i = 0; i < p->replica_node_n; i++) {
		bool in_sync = false;
		for (int k = 0; k < p->isr_node_n; k++)
			in_sync = in_sync || p->isr_nodes[k] == p->replica_nodes[i];
		jw_obj(b, NULL);
		jw_int(b, "broker", p->replica_nodes[i]);
		jw_bool(b, "leader", p->replica_nodes[i] == p->leader_id);
		jw_bool(b, "in_sync", in_sync);
		jw_obj_end(b);
	}
	jw_list_end(b);
	jw_obj_end(b);
}

static void put_partitions(struct buf *b, const char *name, const struct kp_metadata_resp_topic *t)
{
	jw_list(b, name);
	for (int i = 0; i < t->partition_n; i++)
		put_partition(b, &t->partitions[i]);
	jw_list_end(b);
}

/* ---- a topic ---- */

static int by_name_backwards(const void *a, const void *b)
{
	return sl_cmp(((const struct kp_describe_configs_resp_config *)b)->name, ((const struct kp_describe_configs_resp_config *)a)->name);
}

/* The settings come in the order of a HashMap; those that share a place in it, as recorded. */
static void put_configs(struct rest_call *c, const struct kp_describe_configs_resp_result *r)
{
	uint32_t *hash = arena_alloc(c->req->arena, ((size_t)r->config_n + 1) * sizeof(*hash));
	const size_t *order;
	qsort(r->configs, (size_t)r->config_n, sizeof(*r->configs), by_name_backwards);
	for (int i = 0; i < r->config_n; i++)
		hash[i] = java_hash(r->configs[i].name);
	order = java_order(c->req->arena, hash, (size_t)r->config_n, JAVA_TABLE);
	jw_obj(&c->body, "configs");
	for (int i = 0; i < r->config_n; i++) {
		const struct kp_describe_configs_resp_config *e = &r->configs[order[i]];
		jw_key(&c->body, e->name);
		if (e->value.p)
			jk_str(&c->body, NULL, e->value);
		else
			jw_null(&c->body, NULL);
	}
	jw_obj_end(&c->body);
}

static void answer_topic(struct rest_call *c, const void *resp)
{
	const struct kp_describe_configs_resp *r = v3_keep(c, KP_DESCRIBE_CONFIGS, resp);
	const struct kp_metadata_resp *m = c->state;
	if (!r->result_n || r->results[0].error_code) {
		v3_fail_code(c, r->result_n ? r->results[0].error_code : KE_UNKNOWN_SERVER_ERROR, r->result_n ? r->results[0].error_message : sl(NULL));
		return;
	}
	jw_obj(&c->body, NULL);
	jk_str(&c->body, "name", m->topics[0].name);
	put_configs(c, &r->results[0]);
	put_partitions(&c->body, "partitions", &m->topics[0]);
	jw_obj_end(&c->body);
	rest_answer(c, 200, V2);
}

static void got_topic(struct rest_call *c, const void *resp)
{
	struct kp_describe_configs_req *q = V3_NEW(c, kp_describe_configs_req);
	c->state = (void *)resp;
	kp_init(kp_api(KP_DESCRIBE_CONFIGS)->request, q);
	q->resources = kp_elements(&kp_describe_configs_req_resource_table, c->req->arena, 1);
	q->resource_n = 1;
	q->resources[0].resource_type = 2;
	q->resources[0].resource_name = c->topic;
	q->resources[0].configuration_key_n = -1;
	v3_ask(c, KP_DESCRIBE_CONFIGS, q, answer_topic);
}

void v2_topic(struct rest_call *c)
{
	v3_topic_ask(c, c->topic, got_topic);
}

/* ---- partitions ---- */

static const struct kp_metadata_resp_partition *find(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp_topic *t = &((const struct kp_metadata_resp *)resp)->topics[0];
	for (int i = 0; i < t->partition_n; i++)
		if (t->partitions[i].partition_index == c->partition)
			return &t->partitions[i];
	v3_fail(c, 404, REST_E_NO_PARTITION, S("Partition not found."));
	return NULL;
}

static void answer_partitions(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp_partition *p = c->has_partition ? find(c, resp) : NULL;
	if (p)
		put_partition(&c->body, p);
	else if (!c->has_partition)
		put_partitions(&c->body, NULL, &((const struct kp_metadata_resp *)resp)->topics[0]);
	if (p || !c->has_partition)
		rest_answer(c, 200, V2);
}

void v2_partitions(struct rest_call *c)
{
	v3_topic_ask(c, c->topic, answer_partitions);
}

/* ---- offsets ---- */

static void ask_offset(struct rest_call *c, int64_t time, rest_then then)
{
	struct kp_list_offsets_req *q = V3_NEW(c, kp_list_offsets_req);
	kp_init(kp_api(KP_LIST_OFFSETS)->request, q);
	q->replica_id = -1;
	q->topics = kp_elements(&kp_list_offsets_req_topic_table, c->req->arena, 1);
	q->topic_n = 1;
	q->topics[0].name = c->topic;
	q->topics[0].partitions = kp_elements(&kp_list_offsets_req_partition_table, c->req->arena, 1);
	q->topics[0].partition_n = 1;
	q->topics[0].partitions[0].partition_index = c->partition;
	q->topics[0].partitions[0].timestamp = time;
	v3_ask(c, KP_LIST_OFFSETS, q, then);
}

/* The one offset of an answer; false: an error is told. */
static bool offset_of(struct rest_call *c, const void *resp, int64_t *out)
{
	const struct kp_list_offsets_resp *r = resp;
	const struct kp_list_offsets_resp_partition *p = r->topic_n && r->topics[0].partition_n ? &r->topics[0].partitions[0] : NULL;
	if (p && !p->error_code) {
		*out = p->offset;
		return true;
	}
	v3_fail_code(c, p ? p->error_code : KE_UNKNOWN_SERVER_ERROR, sl(NULL));
	return false;
}

static void answer_range(struct rest_call *c, const void *resp)
{
	int64_t end;
	if (offset_of(c, resp, &end))
		rest_answer_range(c, *(int64_t *)c->state, end);
}

static void got_first(struct rest_call *c, const void *resp)
{
	c->state = v3_new(c, sizeof(int64_t));
	if (offset_of(c, resp, c->state))
		ask_offset(c, -1, answer_range);
}

static void got_partition(struct rest_call *c, const void *resp)
{
	if (find(c, resp))
		ask_offset(c, -2, got_first);
}

void v2_offsets(struct rest_call *c)
{
	v3_topic_ask(c, c->topic, got_partition);
}

/* ---- brokers ---- */

static void answer_brokers(struct rest_call *c, const void *resp)
{
	jw_obj(&c->body, NULL);
	jw_list(&c->body, "brokers");
	for (int i = 0; i < c->cluster->broker_n; i++)
		jw_int(&c->body, NULL, c->cluster->brokers[i].broker_id);
	jw_list_end(&c->body);
	jw_obj_end(&c->body);
	rest_answer(c, 200, V2);
}

void v2_brokers(struct rest_call *c)
{
	v3_begin(c, NULL, answer_brokers);
}
