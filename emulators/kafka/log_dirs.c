/* DescribeLogDirs, AlterReplicaLogDirs: each broker has one place for its logs, and they can't be moved to another. */
#include <sys/statvfs.h>

#include "kafka/config.h"
#include "kafka/node.h"
#include "kafka/segment.h"

/* Whether the broker that is asked has a replica of it; to services of this process all are told. */
static bool has_replica(struct kafka *k, const struct kfk_call *c, const struct kfk_topic *t, int partition)
{
	struct kfk_place at;
	int here = kfk_node(k, c->conn);
	if (!here || kfk_broker_n(k) == 1)
		return true;
	kfk_place(k, t, partition, &at);
	for (int32_t i = 0; i < at.replica_n; i++)
		if (at.replicas[i] == here)
			return true;
	return false;
}

static bool asked_for(const struct kp_describe_log_dirs_req_topic *in, int partition)
{
	for (int32_t i = 0; in && i < in->partition_n; i++)
		if (in->partitions[i] == partition)
			return true;
	return !in;
}

/* in NULL: all of the topic. */
static void put_topic(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, const struct kp_describe_log_dirs_req_topic *in,
		      struct kp_describe_log_dirs_resp_result *dir)
{
	struct kp_describe_log_dirs_resp_topic *out = &dir->topics[dir->topic_n];
	out->name = sl(t->name);
	out->partitions = kp_elements(&kp_describe_log_dirs_resp_partition_table, c->arena, (size_t)t->part_n);
	for (int i = 0; i < t->part_n; i++) {
		if (!asked_for(in, i) || !has_replica(k, c, t, i))
			continue;
		out->partitions[out->partition_n].partition_index = i;
		out->partitions[out->partition_n++].partition_size = t->parts[i].next > t->parts[i].start ? kfk_log_bytes(k, t, i) : 0;
	}
	dir->topic_n += out->partition_n > 0;
}

enum kfk_done kfk_serve_describe_log_dirs(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_log_dirs_req *req = c->req;
	struct kp_describe_log_dirs_resp *out = c->resp;
	bool all = req->topic_n < 0;
	struct kp_describe_log_dirs_resp_result *dir;
	struct statvfs disk;
	if (!kfk_may(k, c->conn, "DescribeCluster", sl(NULL)))
		return out->error_code = KE_CLUSTER_AUTHORIZATION_FAILED, KFK_ANSWERED;
	out->results = dir = kp_elements(&kp_describe_log_dirs_resp_result_table, c->arena, 1);
	out->result_n = 1;
	dir->log_dir = kfk_log_dir(k, c->arena);
	dir->topics = kp_elements(&kp_describe_log_dirs_resp_topic_table, c->arena, all ? k->topic_n : (size_t)req->topic_n);
	for (size_t i = 0; all && i < k->topic_n; i++)
		put_topic(k, c, k->topics[i], NULL, dir);
	for (int32_t i = 0; !all && i < req->topic_n; i++) {
		struct kfk_topic *t = kfk_topic(k, req->topics[i].topic);
		if (t)
			put_topic(k, c, t, &req->topics[i], dir);
	}
	if (k->env->dir && !statvfs(k->env->dir, &disk)) {
		dir->total_bytes = (int64_t)disk.f_blocks * (int64_t)disk.f_frsize;
		dir->usable_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	}
	return KFK_ANSWERED;
}

/* ---- AlterReplicaLogDirs ---- */

static int move(struct kafka *k, const struct kfk_call *c, bool here, struct slice topic, int32_t partition)
{
	const struct kfk_topic *t = kfk_topic(k, topic);
	if (!here)
		return KE_LOG_DIR_NOT_FOUND;
	return t && partition >= 0 && partition < t->part_n && has_replica(k, c, t, partition) ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION;
}

enum kfk_done kfk_serve_alter_log_dirs(struct kafka *k, struct kfk_call *c)
{
	const struct kp_alter_replica_log_dirs_req *req = c->req;
	struct kp_alter_replica_log_dirs_resp *out = c->resp;
	struct slice own = kfk_log_dir(k, c->arena);
	bool may = kfk_may(k, c->conn, "AlterCluster", sl(NULL));
	size_t n = 0;
	for (int32_t i = 0; i < req->dir_n; i++)
		n += (size_t)(req->dirs[i].topic_n > 0 ? req->dirs[i].topic_n : 0);
	out->results = kp_elements(&kp_alter_replica_log_dirs_resp_result_table, c->arena, n);
	for (int32_t i = 0; i < req->dir_n; i++) {
		for (int32_t j = 0; j < req->dirs[i].topic_n; j++) {
			const struct kp_alter_replica_log_dirs_req_topic *in = &req->dirs[i].topics[j];
			struct kp_alter_replica_log_dirs_resp_result *one = &out->results[out->result_n++];
			one->topic_name = in->name;
			one->partitions = kp_elements(&kp_alter_replica_log_dirs_resp_partition_table, c->arena, (size_t)(in->partition_n > 0 ? in->partition_n : 0));
			for (int32_t p = 0; p < in->partition_n; p++) {
				int code = may ? move(k, c, sl_eq(req->dirs[i].path, own), in->name, in->partitions[p]) : KE_CLUSTER_AUTHORIZATION_FAILED;
				one->partitions[one->partition_n++] = (struct kp_alter_replica_log_dirs_resp_partition){ in->partitions[p], (int16_t)code };
			}
		}
	}
	return KFK_ANSWERED;
}
