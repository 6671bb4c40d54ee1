/* DescribeQuorum, UpdateFeatures, UnregisterBroker; delegation tokens. Every broker is a controller, too, and the one that clients are told
 * leads them. Sentences: Kafka 4.0's FeatureControlManager and ClusterControlManager. */
#include "kafka/config.h"
#include "kafka/node.h"
#include "kafka/sasl.h"

/* ---- features ---- */

/* As Kafka 4.0 has them, but transaction.version: at 1, so that producers keep the flow that needs no new epoch a transaction. */
static const struct kfk_feature features[] = {
	{ "group.version", 0, 1, 1 },
	{ "kraft.version", 0, 1, 0 },
	{ "metadata.version", 7, 25, 25 },
	{ "transaction.version", 0, 1, 1 },
	{ "eligible.leader.replicas.version", 0, 1, 0 },
};

const struct kfk_feature *kfk_features(size_t *n)
{
	*n = ARRAY_LEN(features);
	return features;
}

int16_t kfk_feature_level(const struct kafka *k, const struct kfk_feature *f)
{
	struct slice set = kfk_kept(k, KFK_OF_FEATURE, S(""), sl(f->name));
	int64_t n;
	return set.p && sl_int(set, 0, INT16_MAX, &n) ? (int16_t)n : f->level;
}

int64_t kfk_features_epoch(const struct kafka *k)
{
	struct slice set = kfk_kept(k, KFK_OF_FEATURE, S(""), S("epoch"));
	int64_t n;
	return set.p && sl_int(set, 0, INT64_MAX, &n) ? n : 1;
}

enum { UPGRADE = 1, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE };

static const struct kfk_feature *feature(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		if (sl_eqs(name, features[i].name))
			return &features[i];
	return NULL;
}

/* What is wrong with an update; absent: nothing. */
static struct slice update_wrong(const struct kafka *k, struct kfk_call *c, const struct kp_update_features_req_feature_update *in)
{
	const struct kfk_feature *f = feature(in->feature);
	int type = c->version > 0 ? in->upgrade_type : in->allow_downgrade ? SAFE_DOWNGRADE : UPGRADE;
	if (type < UPGRADE || type > UNSAFE_DOWNGRADE)
		return S("The controller does not support the given upgrade type.");
	if (!f)
		return arena_printf(c->arena, "Local controller %d does not support this feature.", kfk_controller(k));
	if (in->max_version_level < f->min || in->max_version_level > f->max)
		return arena_printf(c->arena, "Local controller %d only supports versions %d-%d", kfk_controller(k), f->min, f->max);
	if (in->max_version_level < kfk_feature_level(k, f) && type == UPGRADE)
		return S("Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.");
	if (in->max_version_level > kfk_feature_level(k, f) && type != UPGRADE)
		return S("Can't downgrade to a newer version.");
	return sl(NULL);
}

static int keep_level(struct kafka *k, struct kfk_call *c, const struct kp_update_features_req_feature_update *in)
{
	int code;
	if (in->max_version_level == kfk_feature_level(k, feature(in->feature)))
		return KE_NONE;
	code = kfk_keep(k, KFK_OF_FEATURE, S(""), in->feature, arena_printf(c->arena, "%d", in->max_version_level));
	return code ? code : kfk_keep(k, KFK_OF_FEATURE, S(""), S("epoch"), arena_printf(c->arena, "%lld", (long long)kfk_features_epoch(k) + 1));
}

enum kfk_done kfk_serve_update_features(struct kafka *k, struct kfk_call *c)
{
	const struct kp_update_features_req *req = c->req;
	struct kp_update_features_resp *out = c->resp;
	int code = kfk_may(k, c->conn, "AlterCluster", sl(NULL)) ? KE_NONE : KE_CLUSTER_AUTHORIZATION_FAILED;
	out->error_message = code ? sl(kp_code_text(code)) : sl(NULL);
	for (int32_t i = 0; !code && i < req->feature_update_n; i++) {
		const struct kp_update_features_req_feature_update *in = &req->feature_updates[i];
		struct slice wrong = update_wrong(k, c, in);
		if (!wrong.p)
			continue;
		code = KE_INVALID_UPDATE_VERSION;
		out->error_message = arena_printf(c->arena, "The update failed for all features since the following feature had an error: "
							    "Invalid update version %d for feature %.*s. %.*s",
						  in->max_version_level, SL(in->feature), SL(wrong));
	}
	out->results = kp_elements(&kp_update_features_resp_result_table, c->arena, (size_t)(req->feature_update_n > 0 ? req->feature_update_n : 0));
	for (int32_t i = 0; !code && i < req->feature_update_n; i++) {
		out->results[out->result_n].feature = req->feature_updates[i].feature;
		out->results[out->result_n++].error_message = S("NONE");
		if (!req->validate_only)
			code = keep_level(k, c, &req->feature_updates[i]);
	}
	out->error_code = (int16_t)code;
	return KFK_ANSWERED;
}

/* ---- UnregisterBroker ---- */

enum kfk_done kfk_serve_unregister_broker(struct kafka *k, struct kfk_call *c)
{
	const struct kp_unregister_broker_req *req = c->req;
	struct kp_unregister_broker_resp *out = c->resp;
	if (!kfk_may(k, c->conn, "AlterCluster", sl(NULL)))
		out->error_code = KE_CLUSTER_AUTHORIZATION_FAILED;
	else if (req->broker_id < 1 || req->broker_id > kfk_broker_n(k))
		return out->error_code = KE_BROKER_ID_NOT_REGISTERED, KFK_ANSWERED;
	else /* DIFFERS: a broker of ours can be away, but not be forgotten */
		out->error_code = KE_INVALID_REQUEST;
	out->error_message = out->error_code == KE_INVALID_REQUEST ?
				     arena_printf(c->arena, "broker %d is one of the %d that [kafka] brokers asks for", req->broker_id, kfk_broker_n(k)) :
				     sl(kp_code_text(out->error_code));
	return KFK_ANSWERED;
}

/* ---- DescribeQuorum ---- */

/* As much as the log of metadata would hold: a record for each topic and partition there is. */
static int64_t facts(const struct kafka *k)
{
	int64_t n = 1 + kfk_broker_n(k);
	for (size_t i = 0; i < k->topic_n; i++)
		n += 1 + k->topics[i]->part_n;
	return n;
}

static void put_quorum(struct kafka *k, struct kfk_call *c, struct kp_describe_quorum_resp_partition *out)
{
	int n = kfk_broker_n(k);
	int64_t now = clock_now_ms(k->env->clock);
	out->leader_id = kfk_controller(k);
	out->leader_epoch = 1;
	out->high_watermark = facts(k);
	out->current_voters = kp_elements(&kp_describe_quorum_resp_current_voter_table, c->arena, (size_t)n);
	for (int i = 1; i <= n; i++)
		out->current_voters[out->current_voter_n++] = (struct kp_describe_quorum_resp_current_voter){
			.replica_id = i, .log_end_offset = out->high_watermark, .last_fetch_timestamp = now, .last_caught_up_timestamp = now };
}

static void put_controllers(struct kafka *k, struct kfk_call *c, struct kp_describe_quorum_resp *out)
{
	struct kfk_broker *b;
	size_t n = kfk_brokers(k, c->conn, c->arena, &b);
	out->nodes = kp_elements(&kp_describe_quorum_resp_node_table, c->arena, n);
	for (size_t i = 0; i < n; i++) {
		struct kp_describe_quorum_resp_node *one = &out->nodes[out->node_n++];
		one->node_id = b[i].id;
		one->listeners = kp_elements(&kp_describe_quorum_resp_listener_table, c->arena, 1);
		one->listeners[0] = (struct kp_describe_quorum_resp_listener){ S("CONTROLLER"), b[i].host, (uint16_t)b[i].port };
		one->listener_n = 1;
	}
}

enum kfk_done kfk_serve_describe_quorum(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_quorum_req *req = c->req;
	struct kp_describe_quorum_resp *out = c->resp;
	bool known = false;
	if (!kfk_may(k, c->conn, "DescribeCluster", sl(NULL))) {
		out->error_code = KE_CLUSTER_AUTHORIZATION_FAILED;
		out->error_message = sl(kp_code_text(out->error_code));
		return KFK_ANSWERED;
	}
	out->topics = kp_elements(&kp_describe_quorum_resp_topic_table, c->arena, (size_t)(req->topic_n > 0 ? req->topic_n : 0));
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_describe_quorum_req_topic *in = &req->topics[i];
		struct kp_describe_quorum_resp_topic *topic = &out->topics[out->topic_n++];
		topic->topic_name = in->topic_name;
		topic->partitions = kp_elements(&kp_describe_quorum_resp_partition_table, c->arena, (size_t)(in->partition_n > 0 ? in->partition_n : 0));
		for (int32_t p = 0; p < in->partition_n; p++) {
			struct kp_describe_quorum_resp_partition *one = &topic->partitions[topic->partition_n++];
			one->partition_index = in->partitions[p].partition_index;
			if (sl_eqs(in->topic_name, "__cluster_metadata") && !one->partition_index)
				put_quorum(k, c, one);
			else
				*one = (struct kp_describe_quorum_resp_partition){ .partition_index = one->partition_index, .error_code = KE_UNKNOWN_TOPIC_OR_PARTITION,
										   .error_message = sl(kp_code_text(KE_UNKNOWN_TOPIC_OR_PARTITION)) };
			known |= !one->error_code;
		}
	}
	if (known)
		put_controllers(k, c, out);
	return KFK_ANSWERED;
}

/* ---- delegation tokens: they are off, as without delegation.token.secret.key ---- */

static int16_t no_tokens(const struct kfk_call *c)
{
	const struct kfk_session *s = c->conn->user;
	return s && s->known ? KE_DELEGATION_TOKEN_AUTH_DISABLED : KE_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED;
}

enum kfk_done kfk_serve_create_token(struct kafka *k, struct kfk_call *c)
{
	struct kp_create_delegation_token_resp *out = c->resp;
	(void)k;
	out->error_code = no_tokens(c);
	out->principal_type = S("User");
	out->principal_name = S("ANONYMOUS");
	out->token_requester_principal_type = out->principal_type;
	out->token_requester_principal_name = out->principal_name;
	out->issue_timestamp_ms = out->expiry_timestamp_ms = out->max_timestamp_ms = -1;
	return KFK_ANSWERED;
}

enum kfk_done kfk_serve_renew_token(struct kafka *k, struct kfk_call *c)
{
	struct kp_renew_delegation_token_resp *out = c->resp;
	(void)k;
	out->error_code = no_tokens(c);
	out->expiry_timestamp_ms = -1;
	return KFK_ANSWERED;
}

enum kfk_done kfk_serve_expire_token(struct kafka *k, struct kfk_call *c)
{
	struct kp_expire_delegation_token_resp *out = c->resp;
	(void)k;
	out->error_code = no_tokens(c);
	out->expiry_timestamp_ms = -1;
	return KFK_ANSWERED;
}

enum kfk_done kfk_serve_describe_tokens(struct kafka *k, struct kfk_call *c)
{
	struct kp_describe_delegation_token_resp *out = c->resp;
	(void)k;
	out->error_code = no_tokens(c);
	return KFK_ANSWERED;
}
