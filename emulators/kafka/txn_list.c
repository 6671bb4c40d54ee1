/* What tools ask: which producers and transactions there are; and an end to those that hang. */
#include "kafka/group.h"
#include "kafka/node.h"
#include "kafka/producer.h"
#include "kafka/txn.h"

/* ---- DescribeProducers ---- */

static void describe_part(struct kafka *k, struct kfk_call *c, struct slice topic, int code, struct kp_describe_producers_resp_partition *out)
{
	struct kfk_topic *t = kfk_topic(k, topic);
	size_t n;
	if (!code && (!t || out->partition_index < 0 || out->partition_index >= t->part_n))
		code = KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (!code)
		code = kfk_not_leader(k, c, t, out->partition_index, -1);
	out->error_code = (int16_t)code;
	if (code) {
		out->error_message = t ? sl(NULL) : sl(kp_code_text(code));
		return;
	}
	const struct kfk_part *part = &t->parts[out->partition_index];
	const struct kfk_producer *all = kfk_producer_all(part, &n);
	out->active_producers = kp_elements(&kp_describe_producers_resp_active_producer_table, c->arena, n);
	for (size_t i = 0; i < n; i++) {
		const struct kfk_producer *p = &all[i];
		if (kfk_producer(k, part, p->pid))
			out->active_producers[out->active_producer_n++] = (struct kp_describe_producers_resp_active_producer){
				p->pid, p->epoch, p->seen_n ? p->seen[p->seen_n - 1].last_seq : -1, p->last_ms, p->coordinator_epoch, p->txn_first,
			};
	}
}

enum kfk_done kfk_serve_describe_producers(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_producers_req *req = c->req;
	struct kp_describe_producers_resp *resp = c->resp;
	resp->topic_n = req->topic_n;
	resp->topics = kp_elements(&kp_describe_producers_resp_topic_table, c->arena, (size_t)req->topic_n);
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_describe_producers_req_topic *in = &req->topics[i];
		struct kp_describe_producers_resp_topic *out = &resp->topics[i];
		int code = kfk_may(k, c->conn, "ReadData", in->name) ? KE_NONE : KE_TOPIC_AUTHORIZATION_FAILED;
		out->name = in->name;
		out->partition_n = in->partition_index_n;
		out->partitions = kp_elements(&kp_describe_producers_resp_partition_table, c->arena, (size_t)in->partition_index_n);
		for (int32_t j = 0; j < in->partition_index_n; j++) {
			out->partitions[j].partition_index = in->partition_indexes[j];
			describe_part(k, c, in->name, code, &out->partitions[j]);
		}
	}
	return KFK_ANSWERED;
}

/* ---- DescribeTransactions ---- */

static void describe_txn(struct kafka *k, struct kfk_call *c, struct slice id, struct kp_describe_transactions_resp_transaction_state *out)
{
	const struct kfk_txn *x = kfk_txn(k, id);
	out->transactional_id = id;
	if (!kfk_may(k, c->conn, "DescribeTransactionalId", id))
		out->error_code = KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
	else if (!id.n)
		out->error_code = KE_INVALID_REQUEST;
	else if (!(out->error_code = (int16_t)kfk_not_coordinator(k, c, id, 1)) && !x)
		out->error_code = KE_TRANSACTIONAL_ID_NOT_FOUND;
	if (out->error_code)
		return;
	out->transaction_state = sl(kfk_txn_state_name(x->state));
	out->transaction_timeout_ms = x->timeout_ms;
	out->transaction_start_time_ms = x->started_ms;
	out->producer_id = x->pid;
	out->producer_epoch = x->epoch;
	out->topics = kp_elements(&kp_describe_transactions_resp_topic_table, c->arena, x->part_n);
	int32_t *partitions = arena_alloc(c->arena, (x->part_n + 1) * sizeof(*partitions));
	for (size_t i = 0; i < x->part_n; i++) {
		if (!kfk_may(k, c->conn, "DescribeTopic", sl(x->parts[i].topic)))
			continue;
		if (!out->topic_n || !sl_eqs(out->topics[out->topic_n - 1].topic, x->parts[i].topic))
			out->topics[out->topic_n++] = (struct kp_describe_transactions_resp_topic){ sl(x->parts[i].topic), partitions + i, 0 };
		partitions[i] = x->parts[i].partition;
		out->topics[out->topic_n - 1].partition_n++;
	}
}

enum kfk_done kfk_serve_describe_transactions(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_transactions_req *req = c->req;
	struct kp_describe_transactions_resp *resp = c->resp;
	resp->transaction_state_n = req->transactional_id_n;
	resp->transaction_states = kp_elements(&kp_describe_transactions_resp_transaction_state_table, c->arena, (size_t)req->transactional_id_n);
	for (int32_t i = 0; i < req->transactional_id_n; i++)
		describe_txn(k, c, req->transactional_ids[i], &resp->transaction_states[i]);
	return KFK_ANSWERED;
}

/* ---- ListTransactions ---- */

static bool state_known(struct slice name)
{
	for (int i = 0; i < KFK_TXN_STATES; i++)
		if (sl_eqs(name, kfk_txn_state_name((enum kfk_txn_state)i)))
			return true;
	return sl_eqs(name, "Dead") || sl_eqs(name, "PrepareEpochFence"); /* nobody is */
}

static bool listed(struct kafka *k, struct kfk_call *c, const struct kfk_txn *x)
{
	const struct kp_list_transactions_req *req = c->req;
	bool by_state = !req->state_filter_n, by_pid = !req->producer_id_filter_n;
	int64_t lasts = clock_now_ms(k->env->clock) - x->started_ms;
	for (int32_t i = 0; i < req->state_filter_n; i++)
		by_state |= sl_eqs(req->state_filters[i], kfk_txn_state_name(x->state));
	for (int32_t i = 0; i < req->producer_id_filter_n; i++)
		by_pid |= req->producer_id_filters[i] == x->pid;
	if (!by_state || !by_pid || (req->duration_filter >= 0 && lasts <= req->duration_filter))
		return false;
	return kfk_is_here(k, c, kfk_coordinator(k, sl(x->id), 1)) && kfk_may(k, c->conn, "DescribeTransactionalId", sl(x->id));
}

enum kfk_done kfk_serve_list_transactions(struct kafka *k, struct kfk_call *c)
{
	const struct kp_list_transactions_req *req = c->req;
	struct kp_list_transactions_resp *resp = c->resp;
	const struct kfk_txn *x;
	size_t n = 0;
	resp->unknown_state_filters = arena_alloc(c->arena, ((size_t)req->state_filter_n + 1) * sizeof(struct slice));
	for (int32_t i = 0; i < req->state_filter_n; i++)
		if (!state_known(req->state_filters[i]))
			resp->unknown_state_filters[resp->unknown_state_filter_n++] = req->state_filters[i];
	while (kfk_txn_at(k, n))
		n++;
	resp->transaction_states = kp_elements(&kp_list_transactions_resp_transaction_state_table, c->arena, n);
	for (size_t i = 0; (x = kfk_txn_at(k, i)); i++)
		if (listed(k, c, x))
			resp->transaction_states[resp->transaction_state_n++] =
				(struct kp_list_transactions_resp_transaction_state){ sl(x->id), x->pid, sl(kfk_txn_state_name(x->state)) };
	return KFK_ANSWERED;
}

/* ---- WriteTxnMarkers ---- */

static int mark(struct kafka *k, struct kfk_call *c, const struct kp_write_txn_markers_req_marker *m, struct slice topic, int32_t partition)
{
	struct kfk_topic *t = kfk_topic(k, topic);
	if (!kfk_may(k, c->conn, "AlterCluster", sl(NULL)))
		return KE_CLUSTER_AUTHORIZATION_FAILED;
	if (!t || partition < 0 || partition >= t->part_n)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	int code = kfk_not_leader(k, c, t, partition, -1);
	if (!code)
		code = kfk_producer_end(k, t, partition, m->producer_id, m->producer_epoch, m->transaction_result, m->coordinator_epoch);
	if (!code && sl_eqs(topic, KFK_OFFSETS_TOPIC))
		code = kfk_offsets_ended(k, m->producer_id, partition, m->transaction_result);
	return code;
}

enum kfk_done kfk_serve_write_txn_markers(struct kafka *k, struct kfk_call *c)
{
	const struct kp_write_txn_markers_req *req = c->req;
	struct kp_write_txn_markers_resp *resp = c->resp;
	resp->marker_n = req->marker_n;
	resp->markers = kp_elements(&kp_write_txn_markers_resp_marker_table, c->arena, (size_t)req->marker_n);
	for (int32_t i = 0; i < req->marker_n; i++) {
		const struct kp_write_txn_markers_req_marker *in = &req->markers[i];
		struct kp_write_txn_markers_resp_marker *out = &resp->markers[i];
		out->producer_id = in->producer_id;
		out->topic_n = in->topic_n;
		out->topics = kp_elements(&kp_write_txn_markers_resp_topic_table, c->arena, (size_t)in->topic_n);
		for (int32_t j = 0; j < in->topic_n; j++) {
			const struct kp_write_txn_markers_req_topic *t = &in->topics[j];
			out->topics[j].name = t->name;
			out->topics[j].partition_n = t->partition_index_n;
			out->topics[j].partitions = kp_elements(&kp_write_txn_markers_resp_partition_table, c->arena, (size_t)t->partition_index_n);
			for (int32_t p = 0; p < t->partition_index_n; p++)
				out->topics[j].partitions[p] = (struct kp_write_txn_markers_resp_partition){
					t->partition_indexes[p], (int16_t)mark(k, c, in, t->name, t->partition_indexes[p]),
				};
		}
	}
	return KFK_ANSWERED;
}
