/* FindCoordinator; DescribeGroups, ListGroups, DeleteGroups. */
#include "kafka/modern.h"
#include "kafka/txn.h"

/* ---- FindCoordinator ---- */

static const struct {
	const char *may;
	int16_t denied;
} key_types[] = { { "DescribeGroup", KE_GROUP_AUTHORIZATION_FAILED }, { "DescribeTransactionalId", KE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED } };

static void find(struct kafka *k, struct kfk_call *c, int type, struct slice key, struct kp_find_coordinator_resp_coordinator *out)
{
	int port;
	*out = (struct kp_find_coordinator_resp_coordinator){ .key = key, .node_id = -1, .host = S(""), .port = -1 };
	if (type < 0 || type >= (int)ARRAY_LEN(key_types))
		out->error_code = KE_INVALID_REQUEST;
	else if (!kfk_may(k, c->conn, key_types[type].may, key))
		out->error_code = key_types[type].denied;
	if (out->error_code) {
		out->error_message = sl(kp_code_text(out->error_code));
		return;
	}
	(void)(type ? kfk_txn_topic(k) : kfk_offsets_topic(k));
	out->node_id = kfk_coordinator(k, key, type);
	if (out->node_id < 0) {
		out->error_code = KE_COORDINATOR_NOT_AVAILABLE;
		out->error_message = sl(kp_code_text(out->error_code));
		return;
	}
	kfk_advertised(k, c->conn, out->node_id, c->arena, &out->host, &port);
	out->port = port;
}

enum kfk_done kfk_serve_find_coordinator(struct kafka *k, struct kfk_call *c)
{
	const struct kp_find_coordinator_req *req = c->req;
	struct kp_find_coordinator_resp *out = c->resp;
	struct kp_find_coordinator_resp_coordinator one;
	if (c->version < 4) {
		find(k, c, req->key_type, req->key, &one);
		out->error_code = one.error_code;
		out->error_message = one.error_message;
		out->node_id = one.node_id;
		out->host = one.host;
		out->port = one.port;
		return KFK_ANSWERED;
	}
	out->coordinators = kp_elements(&kp_find_coordinator_resp_coordinator_table, c->arena, (size_t)req->coordinator_key_n);
	out->coordinator_n = req->coordinator_key_n;
	for (int32_t i = 0; i < req->coordinator_key_n; i++)
		find(k, c, req->key_type, req->coordinator_keys[i], &out->coordinators[i]);
	return KFK_ANSWERED;
}

/* ---- DescribeGroups ---- */

static void describe(const struct kfk_group *g, struct kfk_call *c, struct kp_describe_groups_resp_group *out)
{
	bool stable = g->state == KFK_GROUP_STABLE;
	out->group_state = sl(kfk_group_state_name(g));
	out->protocol_type = sl(g->type);
	out->protocol_data = stable && g->protocol ? sl(g->protocol) : S("");
	out->members = kp_elements(&kp_describe_groups_resp_member_table, c->arena, g->member_n);
	out->member_n = (int32_t)g->member_n;
	for (size_t i = 0; i < g->member_n; i++) {
		const struct kfk_member *m = g->members[i];
		out->members[i] = (struct kp_describe_groups_resp_member){
			sl(m->id), sl(m->instance), sl(m->client), sl(m->host), stable ? kfk_member_metadata(m, g->protocol) : S(""),
			sl_of(m->assignment, m->assignment_n),
		};
	}
}

enum kfk_done kfk_serve_describe_groups(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_groups_req *req = c->req;
	struct kp_describe_groups_resp *out = c->resp;
	out->groups = kp_elements(&kp_describe_groups_resp_group_table, c->arena, (size_t)req->group_n);
	out->group_n = req->group_n;
	for (int32_t i = 0; i < req->group_n; i++) {
		struct kp_describe_groups_resp_group *to = &out->groups[i];
		const struct kfk_group *g = kfk_group(k, req->groups[i]);
		to->group_id = req->groups[i];
		to->error_code = (int16_t)kfk_group_may(k, c, "DescribeGroup", req->groups[i]);
		if (to->error_code)
			continue;
		if (g && !g->modern) {
			describe(g, c, to);
		} else {
			to->group_state = S("Dead");
			if (c->version >= 6) {
				to->error_code = KE_GROUP_ID_NOT_FOUND;
				to->error_message = arena_printf(c->arena, g ? "Group %.*s is not a classic group." : "Group %.*s not found.", SL(req->groups[i]));
			}
		}
		if (req->include_authorized_operations && !to->error_code)
			to->authorized_operations = KFK_GROUP_OPERATIONS;
	}
	return KFK_ANSWERED;
}

/* ---- ListGroups ---- */

static bool wanted(const struct slice *filter, int32_t n, const char *what)
{
	for (int32_t i = 0; i < n; i++)
		if (sl_eq_nocase(filter[i], sl(what)))
			return true;
	return n <= 0;
}

enum kfk_done kfk_serve_list_groups(struct kafka *k, struct kfk_call *c)
{
	const struct kp_list_groups_req *req = c->req;
	struct kp_list_groups_resp *out = c->resp;
	bool all = kfk_may_see(k, c->conn, "DescribeCluster", sl(NULL));
	size_t n = 0;
	while (kfk_group_at(k, n))
		n++;
	out->groups = kp_elements(&kp_list_groups_resp_group_table, c->arena, n);
	for (size_t i = 0; i < n; i++) {
		const struct kfk_group *g = kfk_group_at(k, i);
		if (!wanted(req->states_filter, req->states_filter_n, kfk_group_state_name(g)) || !wanted(req->types_filter, req->types_filter_n, g->modern ? "consumer" : "classic"))
			continue;
		if (!kfk_is_here(k, c, kfk_coordinator(k, sl(g->id), 0)) || (!all && !kfk_may_see(k, c->conn, "DescribeGroup", sl(g->id))))
			continue;
		out->groups[out->group_n++] = (struct kp_list_groups_resp_group){ sl(g->id), sl(g->type), sl(kfk_group_state_name(g)),
										       g->modern ? S("consumer") : S("classic") };
	}
	return KFK_ANSWERED;
}

/* ---- DeleteGroups ---- */

enum kfk_done kfk_serve_delete_groups(struct kafka *k, struct kfk_call *c)
{
	const struct kp_delete_groups_req *req = c->req;
	struct kp_delete_groups_resp *out = c->resp;
	out->results = kp_elements(&kp_delete_groups_resp_result_table, c->arena, (size_t)req->groups_name_n);
	out->result_n = req->groups_name_n;
	for (int32_t i = 0; i < req->groups_name_n; i++) {
		struct slice id = req->groups_names[i];
		struct kfk_group *g = kfk_group(k, id);
		int code = kfk_group_may(k, c, "DeleteGroup", id);
		if (!code && !g)
			code = KE_GROUP_ID_NOT_FOUND;
		if (!code)
			code = kfk_group_empty(g) ? kfk_group_delete(g) : KE_NON_EMPTY_GROUP;
		out->results[i] = (struct kp_delete_groups_resp_result){ id, (int16_t)code };
	}
	return KFK_ANSWERED;
}
