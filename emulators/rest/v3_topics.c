/* API v3: topics, partitions, replicas, reassignments. */
#include "rest/v3.h"

enum { NO_OPERATIONS = INT32_MIN };

/* ---- topics ---- */

/* Kafka's operations by the bit that stands for each in a set of them. */
static const char *const operations[] = { NULL, NULL, NULL, "READ", "WRITE", "CREATE", "DELETE", "ALTER", "DESCRIBE", "CLUSTER_ACTION",
					  "DESCRIBE_CONFIGS", "ALTER_CONFIGS", "IDEMPOTENT_WRITE" };

struct topic_view {
	struct slice name;
	bool internal;
	int replication, partition_n;
	int32_t operations;
};

static void put_topic(struct rest_call *c, const struct topic_view *t)
{
	struct buf *b = &c->body;
	v3_head(c, "KafkaTopic", v3_url(c, "/topics/%.*s", SL(t->name)), v3_crn(c, "/topic=%.*s", SL(t->name)));
	jk_str(b, "topic_name", t->name);
	jw_bool(b, "is_internal", t->internal);
	jw_int(b, "replication_factor", t->replication);
	jw_int(b, "partitions_count", t->partition_n);
	v3_link(c, "partitions", v3_url(c, "/topics/%.*s/partitions", SL(t->name)));
	v3_link(c, "configs", v3_url(c, "/topics/%.*s/configs", SL(t->name)));
	v3_link(c, "partition_reassignments", v3_url(c, "/topics/%.*s/partitions/-/reassignment", SL(t->name)));
	jw_list(b, "authorized_operations");
	for (size_t i = 0; t->operations != NO_OPERATIONS && i < ARRAY_LEN(operations); i++)
		if (operations[i] && t->operations & 1 << i)
			jw_text(b, NULL, operations[i]);
	jw_list_end(b);
	jw_obj_end(b);
}

static struct topic_view view_of(const struct kp_metadata_resp_topic *t)
{
	return (struct topic_view){ t->name, t->is_internal, t->partition_n ? t->partitions[0].replica_node_n : 0, t->partition_n,
				    t->topic_authorized_operations };
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp(((const struct kp_metadata_resp_topic *)a)->name, ((const struct kp_metadata_resp_topic *)b)->name);
}

static int by_number(const void *a, const void *b)
{
	int32_t x = ((const struct kp_metadata_resp_partition *)a)->partition_index, y = ((const struct kp_metadata_resp_partition *)b)->partition_index;
	return (x > y) - (x < y);
}

/* A copy, with topics and partitions in order. */
static struct kp_metadata_resp *keep_sorted(struct rest_call *c, const void *resp)
{
	struct kp_metadata_resp *m = v3_keep(c, KP_METADATA, resp);
	qsort(m->topics, (size_t)m->topic_n, sizeof(*m->topics), by_name);
	for (int i = 0; i < m->topic_n; i++)
		qsort(m->topics[i].partitions, (size_t)m->topics[i].partition_n, sizeof(*m->topics[i].partitions), by_number);
	return m;
}

static void answer_topics(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp *m = keep_sorted(c, resp);
	for (int i = 0; i < m->topic_n; i++) {
		if (m->topics[i].error_code && !m->topics[i].is_internal) {
			v3_fail_code(c, m->topics[i].error_code, sl(NULL));
			return;
		}
	}
	v3_list(c, "KafkaTopicList", v3_url(c, "/topics"));
	for (int i = 0; i < m->topic_n; i++) {
		struct topic_view t = view_of(&m->topics[i]);
		if (!t.internal)
			put_topic(c, &t);
	}
	v3_list_end(c);
}

/* A query parameter of type boolean: "true" in any case. */
static bool asked_for(struct rest_call *c, const char *name)
{
	return sl_eq_nocase(http_query(c->req, name), S("true"));
}

static struct kp_metadata_req *metadata_of(struct rest_call *c, const char *operations_by)
{
	struct kp_metadata_req *q = V3_NEW(c, kp_metadata_req);
	kp_init(kp_api(KP_METADATA)->request, q);
	q->allow_auto_topic_creation = false;
	q->include_topic_authorized_operations = operations_by && asked_for(c, operations_by);
	return q;
}

static void ask_topics(struct rest_call *c, const void *resp)
{
	struct kp_metadata_req *q = metadata_of(c, "includeAuthorizedOperations");
	q->topic_n = -1;
	v3_ask(c, KP_METADATA, q, answer_topics);
}

void v3_topics(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_topics);
}

static void got_topic(struct rest_call *c, const void *resp)
{
	struct kp_metadata_resp *m = keep_sorted(c, resp);
	const struct kp_metadata_resp_topic *t = m->topic_n ? &m->topics[0] : NULL;
	if (!t)
		v3_fail_code(c, KE_UNKNOWN_TOPIC_OR_PARTITION, sl(NULL));
	else if (t->error_code)
		v3_fail_code(c, t->error_code, sl(NULL));
	else
		c->topic_then(c, m);
}

void v3_topic_ask(struct rest_call *c, struct slice topic, rest_then then)
{
	struct kp_metadata_req *q = metadata_of(c, "include_authorized_operations");
	q->topics = kp_elements(&kp_metadata_req_topic_table, c->req->arena, 1);
	q->topics[0].name = topic;
	q->topic_n = 1;
	c->topic_then = then;
	v3_ask(c, KP_METADATA, q, got_topic);
}

static void answer_topic(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp *m = resp;
	struct topic_view t = view_of(&m->topics[0]);
	put_topic(c, &t);
	v3_done(c);
}

static void ask_topic(struct rest_call *c, const void *resp)
{
	v3_topic_ask(c, c->args[1], answer_topic);
}

void v3_topic(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_topic);
}

/* ---- made and deleted ---- */

#define ENTITIES "io.confluent.kafkarest.entities.v3."

struct config_entry {
	struct slice name, value;
};
static const struct bean_field config_fields[] = {
	{ "name", BEAN_TEXT, offsetof(struct config_entry, name), .needed = "Null name" },
	{ "value", BEAN_TEXT, offsetof(struct config_entry, value) },
};
static const struct bean_type config_type = { ENTITIES "CreateTopicRequest$ConfigEntry", config_fields, ARRAY_LEN(config_fields),
					      sizeof(struct config_entry), NULL };

struct create_request {
	struct slice topic;
	struct bean_int partitions, replication;
	struct bean_list assignments, configs;
};
static const struct bean_field create_fields[] = {
	{ "topic_name", BEAN_TEXT, offsetof(struct create_request, topic), .needed = "Null topicName" },
	{ "partitions_count", BEAN_INT, offsetof(struct create_request, partitions) },
	{ "replication_factor", BEAN_SHORT, offsetof(struct create_request, replication) },
	{ "replicas_assignments", BEAN_INTS, offsetof(struct create_request, assignments) },
	{ "configs", BEAN_LIST, offsetof(struct create_request, configs), .of = &config_type },
};
static const struct bean_type create_type = { ENTITIES "CreateTopicRequest", create_fields, ARRAY_LEN(create_fields), sizeof(struct create_request),
					      NULL };

static void answer_created(struct rest_call *c, const void *resp)
{
	const struct kp_create_topics_resp *r = resp;
	const struct create_request *in = c->state;
	const struct bean_ints *first = in->assignments.n ? in->assignments.items[0] : NULL;
	struct topic_view t = { in->topic, false, in->replication.set ? (int)in->replication.v : first ? (int)first->n : 0, 0, NO_OPERATIONS };
	if (r->topic_n && r->topics[0].error_code) {
		v3_fail_code(c, r->topics[0].error_code, r->topics[0].error_message);
		return;
	}
	put_topic(c, &t);
	v3_created(c, v3_url(c, "/topics/%.*s", SL(in->topic)));
}

/* A map's value replaces one of the same key: Java's collector refuses that. */
static bool named_twice(const struct bean_list *configs)
{
	for (size_t i = 0; i < configs->n; i++)
		for (size_t k = 0; k < i; k++)
			if (sl_eq(((const struct config_entry *)configs->items[i])->name, ((const struct config_entry *)configs->items[k])->name))
				return true;
	return false;
}

static void put_assignments(struct rest_call *c, const struct create_request *in, struct kp_create_topics_req_topic *t)
{
	t->assignments = kp_elements(&kp_create_topics_req_assignment_table, c->req->arena, in->assignments.n);
	t->assignment_n = (int32_t)in->assignments.n;
	t->num_partitions = t->replication_factor = -1;
	for (size_t i = 0; i < in->assignments.n; i++) {
		const struct bean_ints *a = in->assignments.items[i];
		t->assignments[i].partition_index = (int32_t)a->key;
		t->assignments[i].broker_ids = v3_new(c, (a->n + 1) * sizeof(int32_t));
		t->assignments[i].broker_id_n = (int32_t)a->n;
		for (size_t k = 0; k < a->n; k++)
			t->assignments[i].broker_ids[k] = (int32_t)a->v[k];
	}
}

static void ask_create(struct rest_call *c, const void *resp)
{
	const struct create_request *in = c->state;
	struct kp_create_topics_req *q = V3_NEW(c, kp_create_topics_req);
	struct kp_create_topics_req_topic *t;
	kp_init(kp_api(KP_CREATE_TOPICS)->request, q);
	q->topics = t = kp_elements(&kp_create_topics_req_topic_table, c->req->arena, 1);
	q->topic_n = 1;
	t->name = in->topic;
	t->num_partitions = in->partitions.set ? (int32_t)in->partitions.v : -1;
	t->replication_factor = in->replication.set ? (int16_t)in->replication.v : -1;
	if (in->assignments.n)
		put_assignments(c, in, t);
	t->configs = kp_elements(&kp_create_topics_req_config_table, c->req->arena, in->configs.n);
	t->config_n = (int32_t)in->configs.n;
	for (size_t i = 0; i < in->configs.n; i++) {
		const struct config_entry *e = in->configs.items[i];
		t->configs[i].name = e->name;
		t->configs[i].value = e->value;
	}
	v3_ask(c, KP_CREATE_TOPICS, q, answer_created);
}

void v3_topic_create(struct rest_call *c)
{
	struct create_request *in = v3_body(c, &create_type);
	if (!in)
		return;
	c->state = in;
	if (named_twice(&in->configs))
		v3_fail(c, 500, 500, S("Internal Server Error"));
	else if (sl_chr(in->topic, ' ') >= 0) /* URI.create */
		v3_fail(c, 500, 500, S("Internal Server Error"));
	else
		v3_begin(c, V3_CLUSTER, ask_create);
}

static void answer_deleted(struct rest_call *c, const void *resp)
{
	const struct kp_delete_topics_resp *r = resp;
	if (r->response_n && r->responses[0].error_code)
		v3_fail_code(c, r->responses[0].error_code, r->responses[0].error_message);
	else
		v3_done_empty(c);
}

static void ask_delete(struct rest_call *c, const void *resp)
{
	struct kp_delete_topics_req *q = V3_NEW(c, kp_delete_topics_req);
	kp_init(kp_api(KP_DELETE_TOPICS)->request, q);
	q->topics = kp_elements(&kp_delete_topics_req_topic_table, c->req->arena, 1);
	q->topic_n = 1;
	q->topics[0].name = c->args[1];
	q->timeout_ms = 60000;
	v3_ask(c, KP_DELETE_TOPICS, q, answer_deleted);
}

void v3_topic_delete(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_delete);
}

/* ---- partitions ---- */

static struct slice partition_url(struct rest_call *c, struct slice topic, int partition)
{
	return v3_url(c, "/topics/%.*s/partitions/%d", SL(topic), partition);
}

static void put_partition(struct rest_call *c, struct slice topic, const struct kp_metadata_resp_partition *p)
{
	struct buf *b = &c->body;
	struct slice self = partition_url(c, topic, p->partition_index);
	v3_head(c, "KafkaPartition", self, v3_crn(c, "/topic=%.*s/partition=%d", SL(topic), p->partition_index));
	jk_str(b, "topic_name", topic);
	jw_int(b, "partition_id", p->partition_index);
	if (p->leader_id >= 0)
		v3_link(c, "leader", arena_printf(c->req->arena, "%.*s/replicas/%d", SL(self), p->leader_id));
	else
		jw_null(b, "leader");
	v3_link(c, "replicas", arena_printf(c->req->arena, "%.*s/replicas", SL(self)));
	v3_link(c, "reassignment", arena_printf(c->req->arena, "%.*s/reassignment", SL(self)));
	jw_obj_end(b);
}

static void answer_partitions(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp_topic *t = &((const struct kp_metadata_resp *)resp)->topics[0];
	v3_list(c, "KafkaPartitionList", v3_url(c, "/topics/%.*s/partitions", SL(t->name)));
	for (int i = 0; i < t->partition_n; i++)
		put_partition(c, t->name, &t->partitions[i]);
	v3_list_end(c);
}

static void ask_partitions(struct rest_call *c, const void *resp)
{
	v3_topic_ask(c, c->args[1], answer_partitions);
}

void v3_partitions(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_partitions);
}

static const struct kp_metadata_resp_partition *find_partition(const struct kp_metadata_resp_topic *t, int number)
{
	for (int i = 0; i < t->partition_n; i++)
		if (t->partitions[i].partition_index == number)
			return &t->partitions[i];
	return NULL;
}

static void answer_partition(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp_topic *t = &((const struct kp_metadata_resp *)resp)->topics[0];
	const struct kp_metadata_resp_partition *p = find_partition(t, c->number);
	if (!p) {
		v3_not_found(c, NULL);
		return;
	}
	put_partition(c, t->name, p);
	v3_done(c);
}

static void ask_partition(struct rest_call *c, const void *resp)
{
	v3_topic_ask(c, c->args[1], answer_partition);
}

void v3_partition(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_partition);
}

/* ---- replicas ---- */

static bool has(const int32_t *list, int32_t n, int32_t v)
{
	for (int32_t i = 0; i < n; i++)
		if (list[i] == v)
			return true;
	return false;
}

static void put_replica(struct rest_call *c, struct slice topic, const struct kp_metadata_resp_partition *p, int broker)
{
	struct buf *b = &c->body;
	v3_head(c, "KafkaReplica", v3_url(c, "/topics/%.*s/partitions/%d/replicas/%d", SL(topic), p->partition_index, broker),
		v3_crn(c, "/topic=%.*s/partition=%d/replica=%d", SL(topic), p->partition_index, broker));
	jk_str(b, "topic_name", topic);
	jw_int(b, "partition_id", p->partition_index);
	jw_int(b, "broker_id", broker);
	jw_bool(b, "is_leader", broker == p->leader_id);
	jw_bool(b, "is_in_sync", has(p->isr_nodes, p->isr_node_n, broker));
	v3_link(c, "broker", v3_url(c, "/brokers/%d", broker));
	jw_obj_end(b);
}

static const struct kp_metadata_resp_partition *partition_of_replicas(struct rest_call *c, const struct kp_metadata_resp_topic *t)
{
	const struct kp_metadata_resp_partition *p = find_partition(t, c->number);
	if (!p)
		v3_not_found(c, arena_printf(c->req->arena, "Partition %d of topic %.*s could not be found on cluster %.*s.", c->number, SL(t->name),
					     SL(c->args[0])).p);
	return p;
}

static void answer_replicas(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp_topic *t = &((const struct kp_metadata_resp *)resp)->topics[0];
	const struct kp_metadata_resp_partition *p = partition_of_replicas(c, t);
	if (!p)
		return;
	v3_list(c, "KafkaReplicaList", v3_url(c, "/topics/%.*s/partitions/%d/replicas", SL(t->name), c->number));
	for (int i = 0; i < p->replica_node_n; i++)
		put_replica(c, t->name, p, p->replica_nodes[i]);
	v3_list_end(c);
}

static void ask_replicas(struct rest_call *c, const void *resp)
{
	v3_topic_ask(c, c->args[1], answer_replicas);
}

void v3_replicas(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_replicas);
}

static void answer_replica(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp_topic *t = &((const struct kp_metadata_resp *)resp)->topics[0];
	const struct kp_metadata_resp_partition *p = partition_of_replicas(c, t);
	if (!p)
		return;
	if (!has(p->replica_nodes, p->replica_node_n, c->number2)) {
		v3_not_found(c, NULL);
		return;
	}
	put_replica(c, t->name, p, c->number2);
	v3_done(c);
}

static void ask_replica(struct rest_call *c, const void *resp)
{
	v3_topic_ask(c, c->args[1], answer_replica);
}

void v3_replica(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_replica);
}

static void answer_broker_replicas(struct rest_call *c, const void *resp)
{
	const struct kp_metadata_resp *m = keep_sorted(c, resp);
	v3_list(c, "KafkaReplicaList", v3_url(c, "/brokers/%d/partition-replicas", c->number));
	for (int i = 0; i < m->topic_n; i++)
		for (int k = 0; k < m->topics[i].partition_n; k++)
			if (has(m->topics[i].partitions[k].replica_nodes, m->topics[i].partitions[k].replica_node_n, c->number))
				put_replica(c, m->topics[i].name, &m->topics[i].partitions[k], c->number);
	v3_list_end(c);
}

/* The real proxy reads the broker's log folders, then each partition; the same comes of the metadata of all topics. */
static void ask_broker_replicas(struct rest_call *c, const void *resp)
{
	struct kp_metadata_req *q = metadata_of(c, NULL);
	bool there = false;
	for (int i = 0; i < c->cluster->broker_n; i++)
		there = there || c->cluster->brokers[i].broker_id == c->number;
	q->topic_n = -1;
	if (there)
		v3_ask(c, KP_METADATA, q, answer_broker_replicas);
	else
		v3_not_found(c, arena_printf(c->req->arena, "Broker %d cannot be found.", c->number).p);
}

void v3_broker_replicas(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_broker_replicas);
}

/* ---- reassignments ---- */

static void put_ints(struct buf *b, const char *name, const int32_t *v, int32_t n)
{
	jw_list(b, name);
	for (int32_t i = 0; i < n; i++)
		jw_int(b, NULL, v[i]);
	jw_list_end(b);
}

/* word: "reassignment", in lists "reassignments". */
static void put_reassignment(struct rest_call *c, struct slice topic, const struct kp_list_partition_reassignments_resp_partition *p, const char *word)
{
	struct buf *b = &c->body;
	struct slice url = partition_url(c, topic, p->partition_index);
	v3_head(c, "KafkaReassignment", arena_printf(c->req->arena, "%.*s/%s", SL(url), word),
		v3_crn(c, "/topic=%.*s/partition=%d/%s", SL(topic), p->partition_index, word));
	jk_str(b, "topic_name", topic);
	jw_int(b, "partition_id", p->partition_index);
	put_ints(b, "adding_replicas", p->adding_replicas, p->adding_replica_n);
	put_ints(b, "removing_replicas", p->removing_replicas, p->removing_replica_n);
	v3_link(c, "replicas", arena_printf(c->req->arena, "%.*s/replicas", SL(url)));
	jw_obj_end(b);
}

static int by_topic(const void *a, const void *b)
{
	return sl_cmp(((const struct kp_list_partition_reassignments_resp_topic *)a)->name,
		      ((const struct kp_list_partition_reassignments_resp_topic *)b)->name);
}

static int by_partition(const void *a, const void *b)
{
	int32_t x = ((const struct kp_list_partition_reassignments_resp_partition *)a)->partition_index,
		y = ((const struct kp_list_partition_reassignments_resp_partition *)b)->partition_index;
	return (x > y) - (x < y);
}

static struct kp_list_partition_reassignments_resp *sorted_reassignments(struct rest_call *c, const void *resp)
{
	struct kp_list_partition_reassignments_resp *r = v3_keep(c, KP_LIST_PARTITION_REASSIGNMENTS, resp);
	if (r->error_code) {
		v3_fail_code(c, r->error_code, r->error_message);
		return NULL;
	}
	qsort(r->topics, (size_t)r->topic_n, sizeof(*r->topics), by_topic);
	for (int i = 0; i < r->topic_n; i++)
		qsort(r->topics[i].partitions, (size_t)r->topics[i].partition_n, sizeof(*r->topics[i].partitions), by_partition);
	return r;
}

static void answer_reassignments(struct rest_call *c, const void *resp)
{
	const struct kp_list_partition_reassignments_resp *r = sorted_reassignments(c, resp);
	struct slice topic = c->args[1];
	if (!r)
		return;
	v3_list(c, "KafkaReassignmentList",
		topic.p ? v3_url(c, "/topics/%.*s/partitions/-/reassignments", SL(topic)) : v3_url(c, "/topics/-/partitions/-/reassignments"));
	for (int i = 0; i < r->topic_n; i++)
		for (int k = 0; k < r->topics[i].partition_n; k++)
			if (!topic.p || sl_eq(topic, r->topics[i].name))
				put_reassignment(c, r->topics[i].name, &r->topics[i].partitions[k], "reassignments");
	v3_list_end(c);
}

static void answer_reassignment(struct rest_call *c, const void *resp)
{
	const struct kp_list_partition_reassignments_resp *r = sorted_reassignments(c, resp);
	if (!r)
		return;
	for (int i = 0; i < r->topic_n; i++) {
		for (int k = 0; k < r->topics[i].partition_n; k++) {
			if (sl_eq(c->args[1], r->topics[i].name) && r->topics[i].partitions[k].partition_index == c->number) {
				put_reassignment(c, r->topics[i].name, &r->topics[i].partitions[k], "reassignment");
				v3_done(c);
				return;
			}
		}
	}
	v3_not_found(c, NULL);
}

static void ask_reassignments(struct rest_call *c, rest_then then)
{
	struct kp_list_partition_reassignments_req *q = V3_NEW(c, kp_list_partition_reassignments_req);
	kp_init(kp_api(KP_LIST_PARTITION_REASSIGNMENTS)->request, q);
	q->topic_n = -1;
	v3_ask(c, KP_LIST_PARTITION_REASSIGNMENTS, q, then);
}

static void ask_all(struct rest_call *c, const void *resp)
{
	ask_reassignments(c, answer_reassignments);
}

static void ask_one(struct rest_call *c, const void *resp)
{
	ask_reassignments(c, answer_reassignment);
}

void v3_reassignments(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_all);
}

void v3_topic_reassignments(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_all);
}

void v3_reassignment(struct rest_call *c)
{
	v3_begin(c, V3_CLUSTER, ask_one);
}
