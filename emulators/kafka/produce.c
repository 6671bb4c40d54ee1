/* Produce. */
#include "kafka/node.h"
#include "kafka/sasl.h"
#include "kafka/txn.h"

/* A request of which the first n partitions are appended, kept with its connection until the rest is. */
struct kfk_half {
	size_t n;
	struct produced {
		int code;
		int64_t base, start;
		const char *why; /* text of the error, where Kafka has one of its own; NULL: it hasn't */
	} at[];
};

static void note_produced(struct kafka *k, struct kfk_call *c, const char *topic, const struct kp_produce_req_partition_data *p,
			  const struct produced *out, int64_t started_us)
{
	struct slice trace = sl(NULL);
	struct kp_batch b;
	struct kp_cursor cur;
	struct kp_record rec;
	if (!out->code && !kp_batch_parse(p->records, &b) && !(b.attributes & KP_ATTR_CODEC) &&
	    !kp_cursor_open(&cur, &b, &k->plain) && kp_cursor_next(&cur, &rec))
		trace = rec.trace;
	journal_add(k->env->journal, c->conn->now_ms, clock_real_us() - started_us, trace, "kafka", "Produce", out->code,
		    "topic=%s partition=%d offset=%lld bytes=%zu", topic, p->index, (long long)out->base, p->records.n);
}

/* Whether records are of a transaction, and of which producer's; of what isn't a batch nothing is said. */
static bool in_txn(struct slice records, int64_t *pid, int16_t *epoch)
{
	struct rd r = rd_of(records.p, records.n);
	(void)rd_bytes(&r, 16);
	bool batch = rd_u8(&r) == 2;
	(void)rd_bytes(&r, 4);
	uint16_t attributes = rd_u16be(&r);
	(void)rd_bytes(&r, 20);
	*pid = (int64_t)rd_u64be(&r);
	*epoch = (int16_t)rd_u16be(&r);
	return !r.bad && batch && attributes & KP_ATTR_TXN;
}

/* What goes for the request as a whole. Returns a kfk_code. */
static int check_request(struct kafka *k, struct kfk_call *c)
{
	const struct kp_produce_req *req = c->req;
	int64_t pid;
	int16_t epoch;
	bool txn = false;
	for (int32_t i = 0; i < req->topic_data_n && !txn; i++)
		for (int32_t j = 0; j < req->topic_data[i].partition_data_n && !txn; j++)
			txn = in_txn(req->topic_data[i].partition_data[j].records, &pid, &epoch);
	if (txn && (!req->transactional_id.p || !kfk_may(k, c->conn, "AlterTransactionalId", req->transactional_id)))
		return KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
	return req->acks < -1 || req->acks > 1 ? KE_INVALID_REQUIRED_ACKS : KE_NONE;
}

/* Whether the partition is in the transaction that the records are of, if they are. */
static int check_txn(struct kafka *k, struct kfk_call *c, const struct kfk_topic *t, const struct kp_produce_req_partition_data *p, const char **why)
{
	const struct kp_produce_req *req = c->req;
	int64_t pid;
	int16_t epoch;
	if (!in_txn(p->records, &pid, &epoch) || pid < 0)
		return KE_NONE;
	int code = kfk_txn_covers(k, req->transactional_id, pid, epoch, t, p->index);
	if (code == KE_INVALID_TXN_STATE)
		*why = "Partition was not added to the transaction";
	return code;
}

static void produce_one(struct kafka *k, struct kfk_call *c, int code, struct slice topic, const struct kp_produce_req_partition_data *p,
			struct produced *out)
{
	int64_t started = clock_real_us();
	struct kfk_topic *t = kfk_topic(k, topic);
	*out = (struct produced){ .code = code, .base = -1, .start = -1 };
	if (!out->code && !kfk_may(k, c->conn, "WriteData", topic))
		out->code = KE_TOPIC_AUTHORIZATION_FAILED;
	if (!out->code && (!t || p->index < 0 || p->index >= t->part_n))
		out->code = KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (!out->code)
		out->code = kfk_not_leader(k, c, t, p->index, -1);
	if (!out->code && ((const struct kp_produce_req *)c->req)->acks == -1 && kfk_isr_short(t, p->index))
		out->code = KE_NOT_ENOUGH_REPLICAS;
	if (!out->code)
		out->code = check_txn(k, c, t, p, &out->why);
	if (!out->code)
		out->code = kfk_produce(k, t, p->index, c->version, p->records, &out->base);
	if (!out->code)
		out->start = t->parts[p->index].start;
	note_produced(k, c, t ? t->name : "?", p, out, started);
}

/* Appends a piece of the request, from partition `from` on; how many are appended then. */
static size_t produce_piece(struct kafka *k, struct kfk_call *c, size_t from, struct produced *at)
{
	const struct kp_produce_req *req = c->req;
	int code = check_request(k, c);
	size_t i = 0, bytes = 0;
	for (int32_t n = 0; n < req->topic_data_n; n++) {
		const struct kp_produce_req_topic_data *topic = &req->topic_data[n];
		for (int32_t m = 0; m < topic->partition_data_n; m++, i++) {
			if (i < from)
				continue;
			if (bytes >= KFK_PRODUCE_PIECE && !c->whole)
				return i;
			bytes += topic->partition_data[m].records.n;
			produce_one(k, c, code, topic->name, &topic->partition_data[m], &at[i]);
		}
	}
	return i;
}

/* Who leads instead, and where that is. */
static void put_leader(struct kafka *k, struct kfk_call *c, const struct kfk_part *p, struct kp_produce_resp_partition_response *out)
{
	struct kp_produce_resp *resp = c->resp;
	out->current_leader = kp_elements(&kp_produce_resp_current_leader_table, c->arena, 1);
	out->current_leader->leader_id = kfk_leader(p);
	out->current_leader->leader_epoch = p->epoch;
	if (resp->node_endpoint_n || c->version < 10)
		return;
	struct kfk_broker *b;
	size_t n = kfk_brokers(k, c->conn, c->arena, &b);
	resp->node_endpoints = kp_elements(&kp_produce_resp_node_endpoint_table, c->arena, n);
	resp->node_endpoint_n = (int32_t)n;
	for (size_t i = 0; i < n; i++)
		resp->node_endpoints[i] = (struct kp_produce_resp_node_endpoint){ b[i].id, b[i].host, b[i].port, b[i].rack };
}

static void put_produced(struct kp_produce_resp_partition_response *out, const struct kp_produce_req_partition_data *p, const struct produced *at)
{
	out->index = p->index;
	out->error_code = (int16_t)at->code;
	out->base_offset = at->base;
	out->log_start_offset = at->start;
	out->error_message = sl(at->why);
}

static void put_all_produced(struct kafka *k, struct kfk_call *c, const struct produced *at)
{
	const struct kp_produce_req *req = c->req;
	struct kp_produce_resp *resp = c->resp;
	resp->response_n = req->topic_data_n;
	resp->responses = kp_elements(&kp_produce_resp_response_table, c->arena, (size_t)resp->response_n);
	for (int32_t n = 0; n < resp->response_n; n++) {
		const struct kp_produce_req_topic_data *in = &req->topic_data[n];
		struct kp_produce_resp_response *out = &resp->responses[n];
		const struct kfk_topic *t;
		out->name = in->name;
		out->partition_response_n = in->partition_data_n;
		out->partition_responses = kp_elements(&kp_produce_resp_partition_response_table, c->arena, (size_t)in->partition_data_n);
		for (int32_t m = 0; m < in->partition_data_n; m++, at++) {
			put_produced(&out->partition_responses[m], &in->partition_data[m], at);
			if (kfk_led_elsewhere(at->code) && (t = kfk_topic(k, in->name)))
				put_leader(k, c, &t->parts[in->partition_data[m].index], &out->partition_responses[m]);
		}
	}
}

static size_t partitions(const struct kp_produce_req *req)
{
	size_t n = 0;
	for (int32_t i = 0; i < req->topic_data_n; i++)
		n += (size_t)req->topic_data[i].partition_data_n;
	return n;
}

enum kfk_done kfk_serve_produce(struct kafka *k, struct kfk_call *c)
{
	const struct kp_produce_req *req = c->req;
	struct kfk_session *own = c->conn->user;
	struct kfk_half *half = own ? own->half : NULL;
	size_t n = partitions(req), from = half ? half->n : 0;
	bool failed = false;
	struct produced *at = arena_alloc(c->arena, (n + 1) * sizeof(*at));
	if (from)
		memcpy(at, half->at, from * sizeof(*at));
	size_t done = produce_piece(k, c, from, at);
	free(half);
	if (own)
		own->half = NULL;
	if (done < n) {
		half = xmalloc(sizeof(*half) + done * sizeof(*at));
		half->n = done;
		memcpy(half->at, at, done * sizeof(*at));
		kfk_session(c->conn)->half = half;
		return KFK_LATER;
	}
	for (size_t i = 0; i < n; i++)
		failed |= at[i].code != 0;
	if (req->acks == 0)
		return failed ? KFK_MALFORMED : KFK_SILENT; /* the only way to say no is to hang up */
	put_all_produced(k, c, at);
	return KFK_ANSWERED;
}
