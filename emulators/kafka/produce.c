/* Produce. */
#include "kafka/append.h"
#include "kafka/cluster.h"
#include "kafka/node.h"
#include "kafka/sasl.h"
#include "kafka/txn.h"

/* A request of which the first n partitions are appended, kept with its connection until the rest is. */
struct kfk_half {
	size_t n;
	struct arena kept; /* of what is told of them */
	struct kfk_appended at[];
};

void kfk_half_free(struct kfk_half *h)
{
	if (h)
		arena_free(&h->kept);
	free(h);
}

/* A request under way. */
struct producing {
	struct kfk_call *c;
	const struct kp_produce_req *req;
	int code;                /* of the request as a whole */
	struct kfk_look *look;   /* what was found out in a job; NULL: nothing was */
	struct arena kept;
	struct kfk_appended *at; /* by partition, in the request's order */
	size_t from, i;          /* the first that isn't appended yet; the one at hand */
	size_t bytes;            /* that were appended in this turn */
};

static void note_produced(struct kafka *k, struct kfk_call *c, const char *topic, const struct kp_produce_req_partition_data *p,
			  const struct kfk_appended *out, int64_t started_us)
{
	journal_add(k->env->journal, c->conn->now_ms, clock_real_us() - started_us, out->trace, "kafka", "Produce", out->code,
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
static int check_txn(struct kafka *k, struct kfk_call *c, const struct kfk_topic *t, const struct kp_produce_req_partition_data *p, struct slice *why)
{
	const struct kp_produce_req *req = c->req;
	int64_t pid;
	int16_t epoch;
	if (!in_txn(p->records, &pid, &epoch) || pid < 0)
		return KE_NONE;
	int code = kfk_txn_covers(k, req->transactional_id, pid, epoch, t, p->index);
	if (code == KE_INVALID_TXN_STATE && c->version >= 12) /* transaction.version 2: not added by itself */
		return kfk_txn_add(k, kfk_txn(k, req->transactional_id), &(struct kfk_txn_part){ t->name, p->index }, 1);
	if (code == KE_INVALID_TXN_STATE)
		*why = S("Partition was not added to the transaction");
	return code;
}

/* Why it may not be asked to append. Returns a kfk_code. */
static int check_part(struct kafka *k, struct producing *g, struct slice topic, struct kfk_topic *t, const struct kp_produce_req_partition_data *p,
		      struct slice *why)
{
	int32_t index = p->index;
	if (g->code)
		return g->code;
	if (!kfk_may(k, g->c->conn, "WriteData", topic))
		return KE_TOPIC_AUTHORIZATION_FAILED;
	if (!t || index < 0 || index >= t->part_n)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (kfk_internal(topic) && !sl_eqs(g->c->client, "__admin_client")) {
		*why = arena_printf(&g->kept, "Cannot append to internal topic %.*s", SL(topic));
		return KE_INVALID_TOPIC_EXCEPTION;
	}
	int code = kfk_not_leader(k, g->c, t, index, -1);
	if (!code && g->req->acks == -1 && kfk_isr_short(t, index))
		code = KE_NOT_ENOUGH_REPLICAS;
	return code ? code : check_txn(k, g->c, t, p, why);
}

/* False: its records must be looked at in a job first. */
static bool produce_one(struct kafka *k, struct producing *g, struct slice topic, const struct kp_produce_req_partition_data *p)
{
	int64_t started = clock_real_us();
	struct kfk_topic *t = kfk_topic(k, topic);
	struct kfk_appended *out = &g->at[g->i];
	struct kfk_checked *known = kfk_look_at(g->look, g->i);
	struct slice why = sl(NULL);
	int code = check_part(k, g, topic, t, p, &why);
	if (code)
		*out = (struct kfk_appended){ .code = code, .base = -1, .time_ms = -1, .start = -1, .trace = sl(NULL), .why = why };
	else if (!kfk_produce(k, t, p->index, g->c->version, p->records, known, g->c->whole, &g->kept, out))
		return false;
	g->bytes += p->records.n;
	note_produced(k, g->c, t ? t->name : "?", p, out, started);
	return true;
}

/* Calls fn for the partitions of the request from `from` on until it returns false. */
static void each_part(struct kafka *k, struct producing *g, size_t from,
		      bool (*fn)(struct kafka *k, struct producing *g, struct slice topic, const struct kp_produce_req_partition_data *p))
{
	g->i = 0;
	for (int32_t n = 0; n < g->req->topic_data_n; n++) {
		const struct kp_produce_req_topic_data *topic = &g->req->topic_data[n];
		for (int32_t m = 0; m < topic->partition_data_n; m++, g->i++)
			if (g->i >= from && !fn(k, g, topic->name, &topic->partition_data[m]))
				return;
	}
}

/* A piece a turn. */
static bool produce_some(struct kafka *k, struct producing *g, struct slice topic, const struct kp_produce_req_partition_data *p)
{
	return (g->bytes < KFK_PRODUCE_PIECE || g->c->whole) && produce_one(k, g, topic, p);
}

/* What the next turn appends, as far as it must be looked at first. */
static bool look_at(struct kafka *k, struct producing *g, struct slice topic, const struct kp_produce_req_partition_data *p)
{
	struct kfk_topic *t = kfk_topic(k, topic);
	struct slice why;
	return check_part(k, g, topic, t, p, &why) || kfk_look_add(g->look, g->i, t, p->index, p->records);
}

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

static void put_produced(struct kfk_call *c, struct kp_produce_resp_partition_response *out, const struct kp_produce_req_partition_data *p,
			 const struct kfk_appended *at)
{
	out->index = p->index;
	out->error_code = (int16_t)at->code;
	out->base_offset = at->base;
	out->log_append_time_ms = at->time_ms;
	out->log_start_offset = at->start;
	out->error_message = at->why;
	out->record_error_n = (int32_t)at->error_n;
	out->record_errors = kp_elements(&kp_produce_resp_record_error_table, c->arena, at->error_n);
	for (size_t i = 0; i < at->error_n; i++) {
		out->record_errors[i].batch_index = at->errors[i].index;
		out->record_errors[i].batch_index_error_message = at->errors[i].why;
	}
}

static void put_all_produced(struct kafka *k, struct kfk_call *c, const struct kfk_appended *at)
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
			put_produced(c, &out->partition_responses[m], &in->partition_data[m], at);
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

/* What is appended is kept until the rest is; that is looked at in a job first where it must be, and else is appended on the next turn. */
static enum kfk_done go_on(struct kafka *k, struct producing *g, size_t done)
{
	struct kfk_half *half = xcalloc(1, sizeof(*half) + done * sizeof(half->at[0]));
	struct kfk_session *own = kfk_session(g->c->conn);
	half->n = done;
	half->kept = g->kept;
	memcpy(half->at, g->at, done * sizeof(half->at[0]));
	own->half = half;
	if (g->bytes >= KFK_PRODUCE_PIECE)
		return KFK_LATER;
	own->look = g->look = kfk_look_new(k, g->c->conn, g->c->version);
	each_part(k, g, done, look_at);
	kfk_look_start(own->look);
	if (g->bytes) /* if this tick's commit fails, it is hung up on as one that is answered: the rest's answer would tell of these, too */
		tcp_send(g->c->conn);
	return KFK_RESTS;
}

enum kfk_done kfk_serve_produce(struct kafka *k, struct kfk_call *c)
{
	struct kfk_session *own = c->conn->user;
	struct kfk_half *half = own ? own->half : NULL;
	struct producing g = { .c = c, .req = c->req, .code = check_request(k, c), .look = own ? own->look : NULL };
	size_t n = partitions(g.req);
	bool failed = false;
	g.at = arena_alloc(c->arena, (n + 1) * sizeof(*g.at));
	if (half) {
		memcpy(g.at, half->at, half->n * sizeof(*g.at));
		g.kept = half->kept;
		g.from = half->n;
		free(half);
		own->half = NULL;
	}
	each_part(k, &g, g.from, produce_some);
	if (own) {
		kfk_look_free(own->look);
		own->look = NULL;
	}
	if (g.i < n)
		return go_on(k, &g, g.i);
	arena_take(c->arena, &g.kept);
	for (size_t i = 0; i < n; i++)
		failed |= g.at[i].code != 0;
	if (g.req->acks == 0)
		return failed ? KFK_MALFORMED : KFK_SILENT; /* the only way to say no is to hang up */
	put_all_produced(k, c, g.at);
	return KFK_ANSWERED;
}
