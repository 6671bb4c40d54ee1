/* ElectLeaders, AlterPartitionReassignments, ListPartitionReassignments. All replicas are in one store, so a reassignment is over once it is
 * asked for. Sentences: Kafka 4.0's ReplicationControlManager. */
#include "kafka/node.h"
#include "kafka/topics.h"

enum { PREFERRED, UNCLEAN };

static int elect(struct kafka *k, struct kfk_call *c, struct slice topic, int32_t partition, struct slice *why)
{
	const struct kp_elect_leaders_req *req = c->req;
	struct kfk_topic *t = kfk_topic(k, topic);
	int code;
	if (!t)
		return *why = arena_printf(c->arena, "No such topic as %.*s", SL(topic)), KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (partition < 0 || partition >= t->part_n)
		return *why = arena_printf(c->arena, "No such partition as %.*s-%d", SL(topic), partition), KE_UNKNOWN_TOPIC_OR_PARTITION;
	code = kfk_elect(k, t, partition, req->election_type == UNCLEAN);
	*why = code ? sl(kp_code_text(code)) : sl(NULL);
	return code;
}

static void put_elected(struct kp_elect_leaders_resp_replica_election_result *out, int32_t partition, int code, struct slice why)
{
	out->partition_result[out->partition_result_n++] = (struct kp_elect_leaders_resp_partition_result){ partition, (int16_t)code, why };
}

/* Of all topics' partitions those are told that had something to elect. */
static void elect_all(struct kafka *k, struct kfk_call *c)
{
	struct kp_elect_leaders_resp *out = c->resp;
	out->replica_election_results = kp_elements(&kp_elect_leaders_resp_replica_election_result_table, c->arena, k->topic_n);
	for (size_t i = 0; i < k->topic_n; i++) {
		struct kfk_topic *t = k->topics[i];
		struct kp_elect_leaders_resp_replica_election_result *one = &out->replica_election_results[out->replica_election_result_n++];
		one->topic = sl(t->name);
		one->partition_result = kp_elements(&kp_elect_leaders_resp_partition_result_table, c->arena, (size_t)t->part_n);
		for (int32_t p = 0; p < t->part_n; p++) {
			struct slice why = sl(NULL);
			int code = elect(k, c, one->topic, p, &why);
			if (code != KE_ELECTION_NOT_NEEDED)
				put_elected(one, p, code, why);
		}
	}
}

enum kfk_done kfk_serve_elect_leaders(struct kafka *k, struct kfk_call *c)
{
	const struct kp_elect_leaders_req *req = c->req;
	struct kp_elect_leaders_resp *out = c->resp;
	if (!kfk_may(k, c->conn, "AlterCluster", sl(NULL)))
		return out->error_code = KE_CLUSTER_AUTHORIZATION_FAILED, KFK_ANSWERED;
	if (req->election_type != PREFERRED && req->election_type != UNCLEAN)
		return out->error_code = KE_INVALID_REQUEST, KFK_ANSWERED;
	if (req->topic_partition_n < 0)
		return elect_all(k, c), KFK_ANSWERED;
	out->replica_election_results = kp_elements(&kp_elect_leaders_resp_replica_election_result_table, c->arena, (size_t)req->topic_partition_n);
	for (int32_t i = 0; i < req->topic_partition_n; i++) {
		const struct kp_elect_leaders_req_topic_partition *in = &req->topic_partitions[i];
		struct kp_elect_leaders_resp_replica_election_result *one = &out->replica_election_results[out->replica_election_result_n++];
		one->topic = in->topic;
		one->partition_result = kp_elements(&kp_elect_leaders_resp_partition_result_table, c->arena, (size_t)(in->partition_n > 0 ? in->partition_n : 0));
		for (int32_t p = 0; p < in->partition_n; p++) {
			struct slice why = sl(NULL);
			int code = elect(k, c, in->topic, in->partitions[p], &why);
			put_elected(one, in->partitions[p], code, why);
		}
	}
	return KFK_ANSWERED;
}

/* ---- reassignments ---- */

static int reassign(struct kafka *k, struct kfk_call *c, struct slice topic, const struct kp_alter_partition_reassignments_req_partition *in, struct slice *why)
{
	struct kfk_topic *t = kfk_topic(k, topic);
	struct kfk_place at;
	int code;
	if (!t)
		return *why = arena_printf(c->arena, "Unable to find a topic named %.*s.", SL(topic)), KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (in->partition_index < 0 || in->partition_index >= t->part_n)
		return *why = arena_printf(c->arena, "Unable to find partition %.*s:%d.", SL(topic), in->partition_index), KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (in->replica_n < 0) /* a cancellation: each is over already */
		return KE_NO_REASSIGNMENT_IN_PROGRESS;
	code = kfk_assignment_ok(k, in->replicas, in->replica_n, -1, c->arena, why);
	if (code)
		return code;
	kfk_place(k, t, in->partition_index, &at);
	if (at.replica_n == in->replica_n && !memcmp(at.replicas, in->replicas, (size_t)at.replica_n * sizeof(*at.replicas)))
		return KE_NONE;
	code = kfk_reassign(k, t, in->partition_index, in->replicas, in->replica_n);
	*why = code ? sl(kp_code_text(code)) : sl(NULL);
	return code;
}

enum kfk_done kfk_serve_alter_reassignments(struct kafka *k, struct kfk_call *c)
{
	const struct kp_alter_partition_reassignments_req *req = c->req;
	struct kp_alter_partition_reassignments_resp *out = c->resp;
	if (!kfk_may(k, c->conn, "AlterCluster", sl(NULL))) {
		out->error_code = KE_CLUSTER_AUTHORIZATION_FAILED;
		out->error_message = sl(kp_code_text(KE_CLUSTER_AUTHORIZATION_FAILED));
		return KFK_ANSWERED;
	}
	out->error_message = sl(NULL);
	out->responses = kp_elements(&kp_alter_partition_reassignments_resp_response_table, c->arena, (size_t)(req->topic_n > 0 ? req->topic_n : 0));
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_alter_partition_reassignments_req_topic *in = &req->topics[i];
		struct kp_alter_partition_reassignments_resp_response *one = &out->responses[out->response_n++];
		one->name = in->name;
		one->partitions = kp_elements(&kp_alter_partition_reassignments_resp_partition_table, c->arena, (size_t)(in->partition_n > 0 ? in->partition_n : 0));
		for (int32_t p = 0; p < in->partition_n; p++) {
			struct slice why = sl(NULL);
			int code = reassign(k, c, in->name, &in->partitions[p], &why);
			one->partitions[one->partition_n++] =
				(struct kp_alter_partition_reassignments_resp_partition){ in->partitions[p].partition_index, (int16_t)code, why };
		}
	}
	return KFK_ANSWERED;
}

enum kfk_done kfk_serve_list_reassignments(struct kafka *k, struct kfk_call *c)
{
	struct kp_list_partition_reassignments_resp *out = c->resp;
	out->error_message = sl(NULL);
	if (kfk_may(k, c->conn, "DescribeCluster", sl(NULL)))
		return KFK_ANSWERED; /* none goes on */
	out->error_code = KE_CLUSTER_AUTHORIZATION_FAILED;
	out->error_message = sl(kp_code_text(KE_CLUSTER_AUTHORIZATION_FAILED));
	return KFK_ANSWERED;
}
