/* Fetch. */
#include "kafka/node.h"
#include "kafka/producer.h"
#include "kafka/sasl.h"

enum { FETCHED_KEPT = 8 << 20 }; /* bytes of the largest answer whose memory is used again */

/* Adds up while the answer is made; records are in k->fetched. */
struct fetched {
	size_t bytes, budget;
	bool failed, any_asked, committed;
};

static size_t fetch_budget(const struct kafka *k, const struct kp_fetch_req *req)
{
	int64_t most = conf_int(k->env->conf, "kafka", "fetch.max.bytes", KFK_FETCH_MAX);
	if (most > KFK_ANSWER_MAX)
		most = KFK_ANSWER_MAX;
	return req->max_bytes < 0 ? 0 : req->max_bytes > most ? (size_t)most : (size_t)req->max_bytes;
}

static int fetch_records(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, const struct kp_fetch_req_partition *in, struct fetched *sum)
{
	int magic = c->version >= 4 ? 2 : c->version >= 2 ? 1 : 0;
	size_t at = k->fetched.n, max = in->partition_max_bytes > 0 ? (size_t)in->partition_max_bytes : 0;
	if (max > sum->budget)
		max = sum->budget;
	int code = in->partition < 0 || in->partition >= t->part_n ? KE_UNKNOWN_TOPIC_OR_PARTITION
		 : kfk_not_leader(k, c, t, in->partition, in->current_leader_epoch);
	if (!code && magic < 2 && !t->set.downconverts)
		code = KE_UNSUPPORTED_VERSION;
	if (!code && c->version < 10 && t->set.codec == KP_ZSTD)
		code = KE_UNSUPPORTED_COMPRESSION_TYPE;
	if (!code)
		code = kfk_fetch(k, t, in->partition, in->fetch_offset, max, sum->bytes == 0, magic, sum->committed, &k->fetched);
	size_t n = k->fetched.n - at;
	sum->bytes += n;
	sum->budget -= n > sum->budget ? sum->budget : n;
	return code;
}

/* The offset after the records, which are whole batches: base offset, length, … last offset's delta at 23. */
static int64_t end_of(struct slice records, int64_t from)
{
	while (records.n >= KP_BATCH_HEADER) {
		struct rd r = rd_of(records.p, records.n);
		int64_t base = (int64_t)rd_u64be(&r);
		size_t size = rd_u32be(&r) + (size_t)12;
		(void)rd_bytes(&r, 11);
		from = base + (int32_t)rd_u32be(&r) + 1;
		records = sl_from(records, size < records.n ? size : records.n);
	}
	return from;
}

static void put_aborted(struct kfk_call *c, const struct kfk_part *p, int64_t from, int64_t end, struct kp_fetch_resp_partition *out)
{
	size_t n;
	const struct kfk_aborted *all = kfk_aborted_in(p, from, end, c->arena, &n);
	out->aborted_transactions = kp_elements(&kp_fetch_resp_aborted_transaction_table, c->arena, n);
	out->aborted_transaction_n = (int32_t)n;
	for (size_t i = 0; i < n; i++)
		out->aborted_transactions[i] = (struct kp_fetch_resp_aborted_transaction){ all[i].pid, all[i].first };
}

/* Who leads instead, and from version 16 on where that is. */
static void put_leader(struct kafka *k, struct kfk_call *c, const struct kfk_part *p, struct kp_fetch_resp_partition *out)
{
	struct kp_fetch_resp *resp = c->resp;
	out->current_leader = kp_elements(&kp_fetch_resp_current_leader_table, c->arena, 1);
	out->current_leader->leader_id = kfk_leader(p);
	out->current_leader->leader_epoch = p->epoch;
	if (resp->node_endpoint_n || c->version < 16)
		return;
	struct kfk_broker *b;
	size_t n = kfk_brokers(k, c->conn, c->arena, &b);
	resp->node_endpoints = kp_elements(&kp_fetch_resp_node_endpoint_table, c->arena, n);
	resp->node_endpoint_n = (int32_t)n;
	for (size_t i = 0; i < n; i++)
		resp->node_endpoints[i] = (struct kp_fetch_resp_node_endpoint){ b[i].id, b[i].host, b[i].port, b[i].rack };
}

/* code: of the topic. The records' place isn't known before all are there: it is filled in by place_records. */
static void fetch_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, int code, const struct kp_fetch_req_partition *in,
		       struct kp_fetch_resp_partition *out, struct fetched *sum)
{
	size_t at = k->fetched.n;
	out->partition_index = in->partition;
	out->high_watermark = -1;
	out->aborted_transaction_n = -1;
	sum->any_asked = true;
	out->error_code = (int16_t)(code ? code : fetch_records(k, c, t, in, sum));
	if (out->error_code) {
		sum->failed = true;
		if (kfk_led_elsewhere(out->error_code))
			put_leader(k, c, &t->parts[in->partition], out);
		return;
	}
	const struct kfk_part *p = &t->parts[in->partition];
	struct slice records = sl_of(k->fetched.p + at, k->fetched.n - at);
	out->high_watermark = p->stable;
	out->last_stable_offset = kfk_last_stable(p);
	out->log_start_offset = p->start;
	out->records.n = records.n;
	kfk_measure_out(k, t, records.n);
	if (!sum->committed)
		return;
	out->aborted_transaction_n = 0;
	if (p->producers && p->producers->aborted_n)
		put_aborted(c, p, in->fetch_offset, end_of(records, in->fetch_offset), out);
}

static struct kfk_topic *asked_topic(struct kafka *k, struct kfk_call *c, const struct kp_fetch_req_topic *in, int *code)
{
	struct kfk_topic *t = c->version >= 13 ? kfk_topic_by_id(k, sl_of((const char *)in->topic_id.b, sizeof(in->topic_id.b))) : kfk_topic(k, in->topic);
	*code = KE_NONE;
	if (c->version >= 13 && !t)
		*code = KE_UNKNOWN_TOPIC_ID;
	else if (!kfk_may(k, c->conn, "ReadData", t ? sl(t->name) : in->topic))
		*code = KE_TOPIC_AUTHORIZATION_FAILED;
	else if (!t)
		*code = KE_UNKNOWN_TOPIC_OR_PARTITION;
	return t;
}

static void fetch_all(struct kafka *k, struct kfk_call *c, struct fetched *sum)
{
	const struct kp_fetch_req *req = c->req;
	struct kp_fetch_resp *resp = c->resp;
	resp->response_n = req->topic_n;
	resp->responses = kp_elements(&kp_fetch_resp_response_table, c->arena, (size_t)req->topic_n);
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_fetch_req_topic *in = &req->topics[i];
		struct kp_fetch_resp_response *out = &resp->responses[i];
		int code;
		struct kfk_topic *t = asked_topic(k, c, in, &code);
		out->topic = in->topic;
		out->topic_id = in->topic_id;
		out->partition_n = in->partition_n;
		out->partitions = kp_elements(&kp_fetch_resp_partition_table, c->arena, (size_t)in->partition_n);
		for (int32_t j = 0; j < in->partition_n; j++)
			fetch_part(k, c, t, code, &in->partitions[j], &out->partitions[j], sum);
	}
}

static void place_records(struct kafka *k, struct kp_fetch_resp *resp)
{
	const char *at = k->fetched.p;
	for (int32_t i = 0; i < resp->response_n; i++) {
		for (int32_t j = 0; j < resp->responses[i].partition_n; j++) {
			struct slice *records = &resp->responses[i].partitions[j].records;
			records->p = records->n ? at : "";
			at += records->n;
		}
	}
}

/* It waits for these topics, all of which are there. */
static enum kfk_done wait_for_more(struct kafka *k, struct kfk_call *c)
{
	const struct kp_fetch_req *req = c->req;
	int64_t *wants = arena_alloc(c->arena, ((size_t)req->topic_n + 1) * sizeof(*wants));
	int code;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kfk_topic *t = asked_topic(k, c, &req->topics[i], &code);
		if (t)
			wants[c->want_n++] = t->id;
	}
	c->wants = wants;
	c->wait_ms = req->max_wait_ms;
	return KFK_PARKED;
}

enum kfk_done kfk_serve_fetch(struct kafka *k, struct kfk_call *c)
{
	const struct kp_fetch_req *req = c->req;
	struct kp_fetch_resp *resp = c->resp;
	struct fetched sum = { .budget = fetch_budget(k, req), .committed = req->isolation_level == 1 };
	if (k->fetched.cap > FETCHED_KEPT)
		buf_free(&k->fetched);
	buf_reset(&k->fetched);
	/* DIFFERS: no fetch sessions, as of a broker whose cache is full: every answer is a whole one with session id 0, and who goes on with a session
	 * has one that we never gave. */
	if (req->session_epoch != 0 && req->session_epoch != -1) {
		resp->error_code = KE_FETCH_SESSION_ID_NOT_FOUND;
		return KFK_ANSWERED;
	}
	fetch_all(k, c, &sum);
	/* A budget used up is enough, however much the client would wait for. */
	bool enough = sum.failed || !sum.any_asked || (int64_t)sum.bytes >= req->min_bytes || req->max_wait_ms <= 0 || (sum.bytes && !sum.budget);
	if (enough || c->last) {
		place_records(k, resp);
		return KFK_ANSWERED;
	}
	return wait_for_more(k, c);
}
