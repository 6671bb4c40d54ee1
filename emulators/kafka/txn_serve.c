/* What producers ask: an id, a transaction's partitions and offsets, its end. */
#include "kafka/group.h"
#include "kafka/node.h"
#include "kafka/producer.h"
#include "kafka/txn.h"

/* Fenced, to who doesn't know that word yet. */
static int16_t told(int code, bool old)
{
	return (int16_t)(old && code == KE_PRODUCER_FENCED ? KE_INVALID_PRODUCER_EPOCH : code);
}

/* Whether who asks may use the id, here. */
static int may_use(struct kafka *k, struct kfk_call *c, struct slice id)
{
	if (!kfk_may(k, c->conn, "AlterTransactionalId", id))
		return KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
	if (!id.n)
		return KE_INVALID_REQUEST;
	return kfk_not_coordinator(k, c, id, 1);
}

/* ---- InitProducerId ---- */

static int init(struct kafka *k, struct kfk_call *c, const struct kp_init_producer_id_req *req, int64_t *pid, int16_t *epoch)
{
	struct slice id = req->transactional_id;
	int code;
	if (!id.p && !kfk_may(k, c->conn, "WriteDataIdempotently", sl(NULL)))
		return KE_CLUSTER_AUTHORIZATION_FAILED;
	if (id.p && !kfk_may(k, c->conn, "AlterTransactionalId", id))
		return KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
	if ((*pid < 0) != (*epoch < 0))
		return KE_INVALID_REQUEST;
	if (!id.p) {
		*epoch = 0;
		return kfk_producer_id(k, pid);
	}
	if ((code = may_use(k, c, id)))
		return code;
	if (req->transaction_timeout_ms <= 0 || req->transaction_timeout_ms > conf_int(k->env->conf, "kafka", "transaction.max.timeout.ms", 900000))
		return KE_INVALID_TRANSACTION_TIMEOUT;
	return kfk_txn_init(k, id, req->transaction_timeout_ms, pid, epoch);
}

enum kfk_done kfk_serve_init_producer_id(struct kafka *k, struct kfk_call *c)
{
	const struct kp_init_producer_id_req *req = c->req;
	struct kp_init_producer_id_resp *resp = c->resp;
	int64_t pid = req->producer_id;
	int16_t epoch = req->producer_epoch;
	int code = init(k, c, req, &pid, &epoch);
	resp->error_code = told(code, c->version < 4);
	resp->producer_id = code ? -1 : pid;
	resp->producer_epoch = code ? -1 : epoch;
	return KFK_ANSWERED;
}

/* ---- AddPartitionsToTxn ---- */

/* One transaction's part of a request, in either form of it. */
struct adding {
	struct slice id;
	int64_t pid;
	int16_t epoch;
	bool verify, clients; /* clients: of a version that they use */
	const struct kp_add_partitions_to_txn_req_topic *topics;
	int32_t topic_n;
};

/* What speaks against a partition itself. */
static int part_code(struct kafka *k, struct kfk_call *c, const struct adding *in, struct slice topic, int32_t partition)
{
	bool internal = sl_eqs(topic, KFK_OFFSETS_TOPIC) || sl_eqs(topic, KFK_TXN_TOPIC);
	const struct kfk_topic *t = kfk_topic(k, topic);
	if (in->clients && (internal || !kfk_may(k, c->conn, "WriteData", topic)))
		return KE_TOPIC_AUTHORIZATION_FAILED;
	return t && partition >= 0 && partition < t->part_n ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION;
}

/* Adds them all, or none: codes, one a partition, says why. */
static void add_parts(struct kafka *k, struct kfk_call *c, const struct adding *in, int16_t *codes)
{
	struct kfk_txn *x;
	size_t n = 0;
	bool wrong = false;
	int code = may_use(k, c, in->id);
	for (int32_t i = 0; !code && i < in->topic_n; i++) {
		for (int32_t j = 0; j < in->topics[i].partition_n; j++, n++) {
			codes[n] = (int16_t)part_code(k, c, in, in->topics[i].name, in->topics[i].partitions[j]);
			wrong |= codes[n] != 0;
		}
	}
	struct kfk_txn_part *parts = arena_alloc(c->arena, (n + 1) * sizeof(*parts));
	if (!code && wrong)
		code = KE_OPERATION_NOT_ATTEMPTED;
	if (!code)
		code = kfk_txn_check(k, in->id, in->pid, in->epoch, &x);
	n = 0;
	for (int32_t i = 0; i < in->topic_n; i++) {
		for (int32_t j = 0; j < in->topics[i].partition_n; j++, n++) {
			parts[n] = (struct kfk_txn_part){ arena_cstr(c->arena, in->topics[i].name), in->topics[i].partitions[j] };
			if (code && !(wrong && codes[n]))
				codes[n] = told(code, in->clients && c->version < 2);
			else if (!code && in->verify && !kfk_txn_has(x, in->topics[i].name, parts[n].partition))
				codes[n] = KE_TRANSACTION_ABORTABLE;
		}
	}
	if (code || in->verify || !(code = kfk_txn_add(k, x, parts, n)))
		return;
	for (size_t i = 0; i < n; i++)
		codes[i] = (int16_t)code;
}

static size_t count(const struct adding *in)
{
	size_t n = 0;
	for (int32_t i = 0; i < in->topic_n; i++)
		n += (size_t)in->topics[i].partition_n;
	return n;
}

static void add_one(struct kafka *k, struct kfk_call *c, const struct kp_add_partitions_to_txn_req_transaction *x,
		    struct kp_add_partitions_to_txn_resp_results_by_transaction *out)
{
	struct adding in = { x->transactional_id, x->producer_id, x->producer_epoch, x->verify_only, false, x->topics, x->topic_n };
	int16_t *codes = arena_alloc(c->arena, (count(&in) + 1) * sizeof(*codes));
	add_parts(k, c, &in, codes);
	out->transactional_id = x->transactional_id;
	out->topic_result_n = x->topic_n;
	out->topic_results = kp_elements(&kp_add_partitions_to_txn_resp_topic_result_table, c->arena, (size_t)x->topic_n);
	for (int32_t i = 0; i < x->topic_n; i++) {
		struct kp_add_partitions_to_txn_resp_topic_result *t = &out->topic_results[i];
		t->name = x->topics[i].name;
		t->results_by_partition_n = x->topics[i].partition_n;
		t->results_by_partition = kp_elements(&kp_add_partitions_to_txn_resp_results_by_partition_table, c->arena, (size_t)x->topics[i].partition_n);
		for (int32_t j = 0; j < x->topics[i].partition_n; j++)
			t->results_by_partition[j] = (struct kp_add_partitions_to_txn_resp_results_by_partition){ x->topics[i].partitions[j], *codes++ };
	}
}

/* Up to version 3 there is one, of a client, in structs of other names. */
static void add_old(struct kafka *k, struct kfk_call *c)
{
	const struct kp_add_partitions_to_txn_req *req = c->req;
	struct kp_add_partitions_to_txn_resp *resp = c->resp;
	int32_t n = req->v3_and_below_topic_n;
	struct kp_add_partitions_to_txn_req_topic *topics = arena_alloc(c->arena, ((size_t)n + 1) * sizeof(*topics));
	for (int32_t i = 0; i < n; i++)
		topics[i] = (struct kp_add_partitions_to_txn_req_topic){ req->v3_and_below_topics[i].name, req->v3_and_below_topics[i].partitions,
									 req->v3_and_below_topics[i].partition_n };
	struct adding in = { req->v3_and_below_transactional_id, req->v3_and_below_producer_id, req->v3_and_below_producer_epoch, false, true, topics, n };
	int16_t *codes = arena_alloc(c->arena, (count(&in) + 1) * sizeof(*codes));
	add_parts(k, c, &in, codes);
	resp->results_by_topic_v3_and_below_n = n;
	resp->results_by_topic_v3_and_below = kp_elements(&kp_add_partitions_to_txn_resp_results_by_topic_v3_and_below_table, c->arena, (size_t)n);
	for (int32_t i = 0; i < n; i++) {
		struct kp_add_partitions_to_txn_resp_results_by_topic_v3_and_below *t = &resp->results_by_topic_v3_and_below[i];
		t->name = topics[i].name;
		t->results_by_partition_n = topics[i].partition_n;
		t->results_by_partition = kp_elements(&kp_add_partitions_to_txn_resp_results_by_topic_v3_and_below_results_by_partition_table, c->arena,
						      (size_t)topics[i].partition_n);
		for (int32_t j = 0; j < topics[i].partition_n; j++) {
			t->results_by_partition[j].partition_index = topics[i].partitions[j];
			t->results_by_partition[j].partition_error_code = *codes++;
		}
	}
}

enum kfk_done kfk_serve_add_partitions_to_txn(struct kafka *k, struct kfk_call *c)
{
	const struct kp_add_partitions_to_txn_req *req = c->req;
	struct kp_add_partitions_to_txn_resp *resp = c->resp;
	if (c->version < 4) {
		add_old(k, c);
		return KFK_ANSWERED;
	}
	if (!kfk_may(k, c->conn, "AlterCluster", sl(NULL))) { /* brokers ask so */
		resp->error_code = KE_CLUSTER_AUTHORIZATION_FAILED;
		return KFK_ANSWERED;
	}
	resp->results_by_transaction_n = req->transaction_n;
	resp->results_by_transaction = kp_elements(&kp_add_partitions_to_txn_resp_results_by_transaction_table, c->arena, (size_t)req->transaction_n);
	for (int32_t i = 0; i < req->transaction_n; i++)
		add_one(k, c, &req->transactions[i], &resp->results_by_transaction[i]);
	return KFK_ANSWERED;
}

/* ---- AddOffsetsToTxn, TxnOffsetCommit ---- */

enum kfk_done kfk_serve_add_offsets_to_txn(struct kafka *k, struct kfk_call *c)
{
	const struct kp_add_offsets_to_txn_req *req = c->req;
	struct kp_add_offsets_to_txn_resp *resp = c->resp;
	char topic[] = KFK_OFFSETS_TOPIC;
	struct kfk_txn *x;
	int code = may_use(k, c, req->transactional_id);
	if (!code && !kfk_may(k, c->conn, "AlterGroup", req->group_id))
		code = KE_GROUP_AUTHORIZATION_FAILED;
	if (!code)
		code = kfk_txn_check(k, req->transactional_id, req->producer_id, req->producer_epoch, &x);
	if (!code && !kfk_offsets_topic(k))
		code = KE_COORDINATOR_NOT_AVAILABLE;
	if (!code)
		code = kfk_txn_add(k, x, &(struct kfk_txn_part){ topic, kfk_kept_in(req->group_id) }, 1);
	resp->error_code = told(code, c->version < 2);
	return KFK_ANSWERED;
}

/* Whether offsets of the group may be in the transaction. */
static int may_stage(struct kafka *k, struct kfk_call *c, const struct kp_txn_offset_commit_req *req)
{
	struct kfk_txn *x;
	char topic[] = KFK_OFFSETS_TOPIC;
	int slot = kfk_kept_in(req->group_id), code;
	if (!kfk_may(k, c->conn, "AlterTransactionalId", req->transactional_id))
		return KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
	if (!kfk_may(k, c->conn, "AlterGroup", req->group_id))
		return KE_GROUP_AUTHORIZATION_FAILED;
	if (!req->group_id.n)
		return KE_INVALID_GROUP_ID;
	if ((code = kfk_not_coordinator(k, c, req->group_id, 0)))
		return code;
	struct kfk_topic *t = kfk_offsets_topic(k);
	if (!t || slot >= t->part_n)
		return KE_COORDINATOR_NOT_AVAILABLE;
	const struct kfk_producer *known = kfk_producer(k, &t->parts[slot], req->producer_id);
	code = kfk_txn_covers(k, req->transactional_id, req->producer_id, req->producer_epoch, t, slot);
	if (code == KE_INVALID_TXN_STATE && c->version >= 5 && (x = kfk_txn(k, req->transactional_id))) /* transaction.version 2: not added by itself */
		code = kfk_txn_add(k, x, &(struct kfk_txn_part){ topic, slot }, 1);
	if (!code && known && known->epoch > req->producer_epoch)
		code = KE_INVALID_PRODUCER_EPOCH;
	return code ? code : kfk_offsets_may_stage(k, req->group_id, req->generation_id, req->member_id, req->group_instance_id);
}

/* All offsets of the request, those that topics forbid with their code. */
static size_t offsets_of(struct kafka *k, struct kfk_call *c, struct kfk_offset **all, int16_t **codes)
{
	const struct kp_txn_offset_commit_req *req = c->req;
	size_t n = 0;
	for (int32_t i = 0; i < req->topic_n; i++)
		n += (size_t)req->topics[i].partition_n;
	*all = arena_alloc(c->arena, (n + 1) * sizeof(**all));
	*codes = arena_alloc(c->arena, (n + 1) * sizeof(**codes));
	n = 0;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_txn_offset_commit_req_topic *t = &req->topics[i];
		bool may = kfk_may(k, c->conn, "ReadData", t->name);
		for (int32_t j = 0; j < t->partition_n; j++, n++) {
			const struct kp_txn_offset_commit_req_partition *p = &t->partitions[j];
			(*codes)[n] = may ? KE_NONE : KE_TOPIC_AUTHORIZATION_FAILED;
			(*all)[n] = (struct kfk_offset){ .topic = t->name, .partition = p->partition_index, .epoch = p->committed_leader_epoch, .offset = p->committed_offset,
							 .metadata = p->committed_metadata.p ? p->committed_metadata : S(""), .expire_ms = -1 };
		}
	}
	return n;
}

/* Stages those that may be. */
static void stage(struct kafka *k, struct kfk_call *c, const struct kfk_offset *all, int16_t *codes, size_t n)
{
	const struct kp_txn_offset_commit_req *req = c->req;
	struct kfk_offset *good = arena_alloc(c->arena, (n + 1) * sizeof(*good));
	int16_t *told_codes = arena_alloc(c->arena, (n + 1) * sizeof(*told_codes));
	size_t good_n = 0;
	for (size_t i = 0; i < n; i++)
		if (!codes[i])
			good[good_n++] = all[i];
	kfk_offsets_stage(k, req->producer_id, req->producer_epoch, req->group_id, good, good_n, told_codes);
	for (size_t i = n; i-- > 0;)
		if (!codes[i])
			codes[i] = told_codes[--good_n];
}

enum kfk_done kfk_serve_txn_offset_commit(struct kafka *k, struct kfk_call *c)
{
	const struct kp_txn_offset_commit_req *req = c->req;
	struct kp_txn_offset_commit_resp *resp = c->resp;
	struct kfk_offset *all;
	int16_t *codes;
	size_t n = offsets_of(k, c, &all, &codes);
	int code = may_stage(k, c, req);
	for (size_t i = 0; code && i < n; i++)
		codes[i] = (int16_t)code;
	if (!code)
		stage(k, c, all, codes, n);
	resp->topic_n = req->topic_n;
	resp->topics = kp_elements(&kp_txn_offset_commit_resp_topic_table, c->arena, (size_t)req->topic_n);
	for (int32_t i = 0; i < req->topic_n; i++) {
		struct kp_txn_offset_commit_resp_topic *out = &resp->topics[i];
		out->name = req->topics[i].name;
		out->partition_n = req->topics[i].partition_n;
		out->partitions = kp_elements(&kp_txn_offset_commit_resp_partition_table, c->arena, (size_t)out->partition_n);
		for (int32_t j = 0; j < out->partition_n; j++)
			out->partitions[j] = (struct kp_txn_offset_commit_resp_partition){ req->topics[i].partitions[j].partition_index, *codes++ };
	}
	return KFK_ANSWERED;
}

/* ---- EndTxn ---- */

/* From version 5 on the epoch goes up with the end, so that who asks again has the one before. */
static int end_bumped(struct kafka *k, const struct kp_end_txn_req *req, struct kfk_txn *x)
{
	bool again = x->epoch > 0 && req->producer_epoch == x->epoch - 1, same = req->producer_epoch == x->epoch;
	bool ended = x->state == KFK_TXN_COMPLETE_COMMIT || x->state == KFK_TXN_COMPLETE_ABORT;
	if (!same && !(ended && again))
		return KE_PRODUCER_FENCED;
	if (x->state == KFK_TXN_ONGOING)
		return kfk_txn_end(k, x, req->committed, true);
	if (again && req->committed == (x->state == KFK_TXN_COMPLETE_COMMIT))
		return KE_NONE;
	return !again && !req->committed ? kfk_txn_end(k, x, false, true) : KE_INVALID_TXN_STATE;
}

static int end(struct kafka *k, struct kfk_call *c, const struct kp_end_txn_req *req, struct kfk_txn **x)
{
	int code = may_use(k, c, req->transactional_id);
	if (code)
		return code;
	code = kfk_txn_check(k, req->transactional_id, req->producer_id, req->producer_epoch, x);
	if (c->version >= 5 && (!code || code == KE_PRODUCER_FENCED))
		return end_bumped(k, req, *x);
	if (code)
		return code;
	switch ((*x)->state) {
	case KFK_TXN_ONGOING:
		return kfk_txn_end(k, *x, req->committed, false);
	case KFK_TXN_COMPLETE_COMMIT:
		return req->committed ? KE_NONE : KE_INVALID_TXN_STATE;
	case KFK_TXN_COMPLETE_ABORT:
		return req->committed ? KE_INVALID_TXN_STATE : KE_NONE;
	default:
		return KE_INVALID_TXN_STATE;
	}
}

enum kfk_done kfk_serve_end_txn(struct kafka *k, struct kfk_call *c)
{
	const struct kp_end_txn_req *req = c->req;
	struct kp_end_txn_resp *resp = c->resp;
	struct kfk_txn *x = NULL;
	int code = end(k, c, req, &x);
	resp->error_code = told(code, c->version < 2);
	if (!code) {
		resp->producer_id = x->pid;
		resp->producer_epoch = x->epoch;
	}
	return KFK_ANSWERED;
}
