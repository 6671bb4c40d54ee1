/* JoinGroup, SyncGroup, Heartbeat, LeaveGroup: the classic protocol. */
#include "core/hset.h"
#include "kafka/modern.h"

/* ---- JoinGroup ---- */

struct joining {
	struct kafka *k;
	struct kfk_call *c;
	const struct kp_join_group_req *req;
	struct kp_join_group_resp *out;
	struct kfk_group *g;
	struct kfk_protocol *protocols; /* as req's, of the arena */
};

static enum kfk_done refuse(struct joining *j, int code, struct slice member)
{
	j->out->error_code = (int16_t)code;
	j->out->protocol_name = sl(NULL);
	j->out->member_id = member;
	return KFK_ANSWERED;
}

static int32_t rebalance_ms(const struct joining *j)
{
	return j->c->version ? j->req->rebalance_timeout_ms : j->req->session_timeout_ms;
}

/* Its answer is owed: when the round is over. */
static enum kfk_done waits(struct joining *j, struct kfk_member *m, const char *why)
{
	if (m->join) /* it asked before, on a connection that it gave up */
		kfk_answer_join(m, KE_REBALANCE_IN_PROGRESS);
	m->joined = true;
	kfk_hold(j->k, j->c, &m->join);
	kfk_member_beats(m);
	kfk_round_begin(j->g, why);
	return KFK_HELD;
}

static void tell_protocols(struct joining *j, struct kfk_member *m)
{
	m->session_ms = j->req->session_timeout_ms;
	m->rebalance_ms = rebalance_ms(j);
	kfk_member_protocols(m, j->protocols, (size_t)j->req->protocol_n);
}

static enum kfk_done add(struct joining *j, struct slice id)
{
	struct kfk_group *g = j->g;
	if (!g->member_n && !sl_eqs(j->req->protocol_type, g->type)) {
		free(g->type);
		g->type = xstrndup(j->req->protocol_type.p, j->req->protocol_type.n);
	}
	struct kfk_member *m = kfk_member_add(g, id, j->req->group_instance_id, j->c->client, kfk_client_host(j->c->conn, j->c->arena));
	tell_protocols(j, m);
	m->fresh = true;
	if (g->state == KFK_GROUP_PREPARING && g->before == KFK_GROUP_EMPTY)
		g->newcomer = true;
	log_info(j->k->env, "group-join", "group=\"%s\" member=\"%s\" peer=%s", g->id, m->id, j->c->conn->peer);
	return waits(j, m, "new-member");
}

/* A static member that comes anew: it takes its place over, without a round where nothing else changes. */
static enum kfk_done replace(struct joining *j, struct kfk_member *m, struct slice id)
{
	struct kfk_group *g = j->g;
	struct slice leader = arena_dup(j->c->arena, sl(g->leader->id));
	kfk_answer_join(m, KE_FENCED_INSTANCE_ID);
	kfk_answer_sync(m, KE_FENCED_INSTANCE_ID);
	free(m->id);
	m->id = xstrndup(id.p, id.n);
	tell_protocols(j, m);
	if (g->state != KFK_GROUP_STABLE || !g->protocol || !sl_eqs(kfk_group_choose(g), g->protocol))
		return waits(j, m, "static-member");
	kfk_member_beats(m);
	int code = kfk_group_keep(g);
	if (code)
		return refuse(j, code, id);
	kfk_round_told(g, m, j->c->arena, j->out);
	if (j->c->version < 9) { /* so that it doesn't assign */
		j->out->leader = leader;
		j->out->member_n = 0;
	}
	j->out->skip_assignment = j->c->version >= 9 && m == g->leader;
	return KFK_ANSWERED;
}

static enum kfk_done join_new(struct joining *j)
{
	struct slice instance = j->req->group_instance_id, id;
	struct kfk_member *m = kfk_group_static(j->g, instance);
	int code = kfk_member_id(j->k, instance.p ? instance : j->c->client.p ? j->c->client : S(""), j->c->arena, &id);
	if (code)
		return refuse(j, code, S(""));
	if (m)
		return replace(j, m, id);
	if (instance.p || j->c->version < 4)
		return add(j, id);
	kfk_coming_add(j->g, id, j->req->session_timeout_ms, kfk_round_coming_late);
	return refuse(j, KE_MEMBER_ID_REQUIRED, id);
}

static bool same_protocols(const struct joining *j, const struct kfk_member *m)
{
	if (m->protocol_n != (size_t)j->req->protocol_n)
		return false;
	for (size_t i = 0; i < m->protocol_n; i++)
		if (!sl_eq(m->protocols[i].name, j->protocols[i].name) || !sl_eq(m->protocols[i].metadata, j->protocols[i].metadata))
			return false;
	return true;
}

static enum kfk_done join_known(struct joining *j)
{
	struct kfk_coming *c = kfk_group_coming(j->g, j->req->member_id);
	struct kfk_member *m;
	if (c && j->req->group_instance_id.p) /* there it is an exception: ids are given out to dynamic members alone */
		return refuse(j, KE_UNKNOWN_SERVER_ERROR, S(""));
	if (c) {
		kfk_coming_drop(c);
		return add(j, j->req->member_id);
	}
	int code = kfk_group_find(j->g, j->req->member_id, j->req->group_instance_id, &m);
	if (code)
		return refuse(j, code, j->req->member_id);
	bool changed = !same_protocols(j, m), leads = j->g->leader == m;
	if (j->g->state == KFK_GROUP_PREPARING || changed || (j->g->state == KFK_GROUP_STABLE && leads)) {
		tell_protocols(j, m);
		return waits(j, m, changed ? "changed-protocols" : "leader-rejoined");
	}
	/* It missed the round's answer, or the leader's was enough. */
	kfk_round_told(j->g, m, j->c->arena, j->out);
	if (j->g->state == KFK_GROUP_STABLE)
		j->out->member_n = 0;
	kfk_member_beats(m);
	return KFK_ANSWERED;
}

static size_t joined_n(const struct kfk_group *g)
{
	size_t n = 0;
	for (size_t i = 0; i < g->member_n; i++)
		n += g->members[i]->joined;
	return n;
}

static bool has_room(const struct joining *j)
{
	int64_t max = conf_int(j->k->env->conf, "kafka", "group.max.size", INT32_MAX);
	const struct kfk_member *m = kfk_group_member(j->g, j->req->member_id);
	if (j->g->state == KFK_GROUP_EMPTY)
		return true;
	if (j->g->state == KFK_GROUP_PREPARING)
		return (m && m->joined) || (int64_t)joined_n(j->g) < max;
	return m || (int64_t)j->g->member_n < max;
}

static bool fits(const struct joining *j)
{
	if (!j->req->protocol_n || !j->req->protocol_type.n)
		return false;
	if (j->g->state == KFK_GROUP_EMPTY)
		return true;
	for (int32_t i = 0; sl_eqs(j->req->protocol_type, j->g->type) && i < j->req->protocol_n; i++)
		if (kfk_group_all_share(j->g, j->protocols[i].name))
			return true;
	return false;
}

static int join_allowed(const struct joining *j)
{
	const struct conf *conf = j->k->env->conf;
	int code = kfk_group_may_join(j->k, j->c, j->req->group_id);
	if (code)
		return code;
	if (j->req->session_timeout_ms < conf_int(conf, "kafka", "group.min.session.timeout.ms", 6000) ||
	    j->req->session_timeout_ms > conf_int(conf, "kafka", "group.max.session.timeout.ms", 1800000))
		return KE_INVALID_SESSION_TIMEOUT;
	return KE_NONE;
}

enum kfk_done kfk_serve_join_group(struct kafka *k, struct kfk_call *c)
{
	struct joining j = { .k = k, .c = c, .req = c->req, .out = c->resp };
	int code = join_allowed(&j);
	if (code)
		return refuse(&j, code, j.req->member_id);
	j.g = kfk_group(k, j.req->group_id);
	if (!j.g && j.req->member_id.n)
		return refuse(&j, KE_UNKNOWN_MEMBER_ID, j.req->member_id);
	if (j.g && j.g->modern && j.g->modern->n)
		return refuse(&j, KE_INCONSISTENT_GROUP_PROTOCOL, j.req->member_id);
	if (j.g && j.g->modern && kfk_modern_leave(j.g)) /* nobody is in it: it goes over */
		return refuse(&j, KE_KAFKA_STORAGE_ERROR, j.req->member_id);
	bool made = !j.g;
	if (made)
		j.g = kfk_group_make(k, j.req->group_id);
	j.protocols = arena_alloc(c->arena, ((size_t)j.req->protocol_n + 1) * sizeof(*j.protocols));
	for (int32_t i = 0; i < j.req->protocol_n; i++)
		j.protocols[i] = (struct kfk_protocol){ j.req->protocols[i].name, j.req->protocols[i].metadata };
	enum kfk_done done;
	if (!has_room(&j))
		done = refuse(&j, KE_GROUP_MAX_SIZE_REACHED, S(""));
	else if (!fits(&j))
		done = refuse(&j, KE_INCONSISTENT_GROUP_PROTOCOL, j.req->member_id);
	else
		done = j.req->member_id.n ? join_known(&j) : join_new(&j);
	if (made && (j.g->member_n || j.g->coming_n))
		(void)kfk_group_keep(j.g);
	else if (made)
		(void)kfk_group_delete(j.g);
	return done;
}

/* ---- SyncGroup ---- */

/* What it names must be the group's. */
static bool other(struct slice named, const char *own)
{
	return named.p && own && !sl_eqs(named, own);
}

static void assign(struct kfk_group *g, const struct kp_sync_group_req *req)
{
	struct hset by_id = { 0 };
	uint32_t at;
	for (size_t i = 0; i < g->member_n; i++) {
		kfk_member_assign(g->members[i], sl(NULL));
		hset_add(&by_id, hset_hash(sl(g->members[i]->id)), (uint32_t)i);
	}
	for (int32_t i = 0; i < req->assignment_n; i++) {
		struct slice id = req->assignments[i].member_id;
		for (struct hset_walk w = hset_walk(&by_id, hset_hash(id)); hset_next(&w, &at);)
			if (sl_eqs(id, g->members[at]->id))
				kfk_member_assign(g->members[at], req->assignments[i].assignment);
	}
	hset_free(&by_id);
	kfk_group_turns(g, KFK_GROUP_STABLE);
}

static int sync_allowed(struct kafka *k, struct kfk_call *c, const struct kp_sync_group_req *req, struct kfk_member **m)
{
	struct kfk_group *g = kfk_group(k, req->group_id);
	int code = kfk_group_may_join(k, c, req->group_id);
	if (!code)
		code = g ? kfk_group_find(g, req->member_id, req->group_instance_id, m) : KE_UNKNOWN_MEMBER_ID;
	if (code)
		return code;
	if (req->generation_id != g->generation)
		return KE_ILLEGAL_GENERATION;
	if (other(req->protocol_type, g->type) || other(req->protocol_name, g->protocol))
		return KE_INCONSISTENT_GROUP_PROTOCOL;
	return g->state == KFK_GROUP_PREPARING ? KE_REBALANCE_IN_PROGRESS : KE_NONE;
}

enum kfk_done kfk_serve_sync_group(struct kafka *k, struct kfk_call *c)
{
	const struct kp_sync_group_req *req = c->req;
	struct kp_sync_group_resp *out = c->resp;
	struct kfk_member *m;
	bool unnamed = c->version >= 5 && (!req->protocol_type.p || !req->protocol_name.p);
	out->error_code = (int16_t)(unnamed ? KE_INCONSISTENT_GROUP_PROTOCOL : sync_allowed(k, c, req, &m));
	if (out->error_code)
		return KFK_ANSWERED;
	struct kfk_group *g = m->group;
	if (m->sync)
		kfk_answer_sync(m, KE_REBALANCE_IN_PROGRESS);
	kfk_round_synced(m);
	if (g->state == KFK_GROUP_COMPLETING && m != g->leader) {
		m->syncing = true;
		kfk_hold(k, c, &m->sync);
		return KFK_HELD;
	}
	if (g->state == KFK_GROUP_COMPLETING) {
		assign(g, req);
		out->error_code = (int16_t)kfk_group_keep(g);
		log_info(k->env, "group-stable", "group=\"%s\" generation=%d members=%zu", g->id, g->generation, g->member_n);
		for (size_t i = 0; i < g->member_n; i++) {
			kfk_answer_sync(g->members[i], out->error_code);
			kfk_member_beats(g->members[i]);
		}
		if (out->error_code)
			return KFK_ANSWERED;
	}
	kfk_member_beats(m);
	out->protocol_type = sl(g->type);
	out->protocol_name = sl(g->protocol);
	out->assignment = sl_of(m->assignment, m->assignment_n);
	return KFK_ANSWERED;
}

/* ---- Heartbeat ---- */

enum kfk_done kfk_serve_heartbeat(struct kafka *k, struct kfk_call *c)
{
	const struct kp_heartbeat_req *req = c->req;
	struct kp_heartbeat_resp *out = c->resp;
	struct kfk_group *g = kfk_group(k, req->group_id);
	struct kfk_member *m;
	int code = kfk_group_may_join(k, c, req->group_id);
	if (!code)
		code = g ? kfk_group_find(g, req->member_id, req->group_instance_id, &m) : KE_UNKNOWN_MEMBER_ID;
	if (!code && req->generation_id != g->generation)
		code = KE_ILLEGAL_GENERATION;
	if (!code) {
		kfk_member_beats(m);
		code = g->state == KFK_GROUP_PREPARING ? KE_REBALANCE_IN_PROGRESS : KE_NONE;
	}
	out->error_code = (int16_t)code;
	return KFK_ANSWERED;
}

/* ---- LeaveGroup ---- */

static int leave(struct kfk_group *g, struct slice id, struct slice instance, struct slice reason)
{
	struct kfk_coming *c = id.n ? kfk_group_coming(g, id) : NULL;
	struct kfk_member *m = id.n ? NULL : kfk_group_static(g, instance);
	int code = KE_NONE;
	if (g->modern && !id.n && instance.p)
		return kfk_modern_remove(g, instance) ? KE_NONE : KE_UNKNOWN_MEMBER_ID;
	if (c) {
		kfk_coming_drop(c);
		if (g->state != KFK_GROUP_EMPTY) /* as if a member had left */
			kfk_round_begin(g, "leave");
	}
	if (!c && (id.n || !m))
		code = id.n ? kfk_group_find(g, id, instance, &m) : KE_UNKNOWN_MEMBER_ID;
	if (m && !code) {
		if (reason.n)
			log_debug(g->k->env, "group-leaves", "group=\"%s\" member=\"%s\" reason=\"%.*s\"", g->id, m->id, SL(reason));
		kfk_round_leaves(m, "leave");
	}
	return code;
}

enum kfk_done kfk_serve_leave_group(struct kafka *k, struct kfk_call *c)
{
	const struct kp_leave_group_req *req = c->req;
	struct kp_leave_group_resp *out = c->resp;
	struct kfk_group *g = kfk_group(k, req->group_id);
	out->error_code = (int16_t)kfk_group_may_join(k, c, req->group_id);
	if (!out->error_code && c->version < 3)
		out->error_code = (int16_t)(g ? leave(g, req->member_id, sl(NULL), sl(NULL)) : KE_UNKNOWN_MEMBER_ID);
	if (out->error_code || c->version < 3)
		return KFK_ANSWERED;
	out->members = kp_elements(&kp_leave_group_resp_member_table, c->arena, (size_t)req->member_n);
	out->member_n = req->member_n;
	for (int32_t i = 0; i < req->member_n; i++) {
		const struct kp_leave_group_req_member *m = &req->members[i];
		int code = g ? leave(g, m->member_id, m->group_instance_id, m->reason) : KE_UNKNOWN_MEMBER_ID;
		out->members[i] = (struct kp_leave_group_resp_member){ m->member_id, m->group_instance_id, (int16_t)code };
	}
	return KFK_ANSWERED;
}
