/* A sink connector's offsets as its REST calls see and change them: those of its group in the broker. */
#include "connect/group.h"
#include "connect/offsets.h"
#include "kproto/code.h"
#include "kproto/message.h"

struct asking {
	struct owed owed;
	struct connect *k;
	struct arena arena;
	struct slice group;
	const char *name; /* the connector's, in arena */
	struct consumer *consumer; /* NULL: no broker keeps groups */
	struct con_offset_row *rows;
	size_t n, cap, left; /* left: calls under way of a change */
	struct error trouble;
	con_offsets_cb cb;
	void *arg;
	struct owed *steps;
};

static void asking_drop(struct owed *o)
{
	struct asking *q = (struct asking *)o;
	struct consumers *port = &q->k->env->ports->consumers;
	owed_cancel_all(&q->steps);
	if (q->consumer)
		port->close(q->consumer);
	arena_free(&q->arena);
	free(q);
}

static struct asking *asking_new(struct connector *c, con_offsets_cb cb, void *arg)
{
	struct consumers *port = &c->k->env->ports->consumers;
	struct asking *q = xcalloc(1, sizeof(*q));
	owed_init(&q->owed, NULL, asking_drop);
	q->k = c->k;
	q->cb = cb;
	q->arg = arg;
	q->group = con_group_id(&q->arena, c);
	q->name = arena_printf(&q->arena, "%s", c->name).p;
	if (port->self) {
		struct consumer_conf conf = { .group = q->group, .client = S("connect-adminclient"), .reset = S("none"), .session_ms = 45000 };
		q->consumer = port->open(port->self, &conf);
	}
	return q;
}

static void answer(struct owed *o)
{
	struct asking *q = (struct asking *)o;
	q->cb(q->arg, q->rows, q->n, q->trouble.kind ? &q->trouble : NULL);
}

static void end(struct asking *q)
{
	owed_end(&q->owed);
	answer(&q->owed);
	asking_drop(&q->owed);
}

static void add_row(void *arg, struct slice topic, int partition, int64_t offset)
{
	struct asking *q = arg;
	if (offset < 0)
		return;
	ARENA_GROW(&q->arena, q->rows, q->n, q->cap);
	q->rows[q->n++] = (struct con_offset_row){ arena_dup(&q->arena, topic), partition, offset };
}

/* ---- what they are ---- */

static void add_own(void *arg, struct slice topic, int partition, int64_t offset)
{
	struct asking *q = arg;
	for (size_t i = 0; i < q->n; i++)
		if (q->rows[i].partition == partition && sl_eq(q->rows[i].topic, topic))
			return;
	add_row(q, topic, partition, offset);
}

static void on_all(void *arg, const void *response, const struct error *err)
{
	const struct kp_offset_fetch_resp *resp = response;
	struct asking *q = arg;
	if (err)
		q->trouble = *err;
	for (int32_t g = 0; resp && g < resp->group_n; g++)
		for (int32_t t = 0; t < resp->groups[g].topic_n; t++)
			for (int32_t p = 0; p < resp->groups[g].topics[t].partition_n; p++) {
				const struct kp_offset_fetch_resp_group_topic_partition *at = &resp->groups[g].topics[t].partitions[p];
				add_row(q, resp->groups[g].topics[t].name, at->partition_index, at->committed_offset);
			}
	con_store_offsets_own(&q->k->db, q->name, add_own, q);
	end(q);
}

static void on_places(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	struct asking *q = arg;
	q->n = 0;
	if (err)
		q->trouble = *err;
	for (size_t i = 0; i < n; i++)
		add_row(q, p[i].topic, p[i].partition, p[i].offset);
	end(q);
}

struct owed *con_offsets_get(struct connector *c, con_offsets_cb cb, void *arg)
{
	struct broker *b = &c->k->env->ports->broker;
	struct consumers *port = &c->k->env->ports->consumers;
	struct asking *q = asking_new(c, cb, arg);
	if (b->self) {
		struct kp_offset_fetch_req req;
		struct kp_offset_fetch_req_group *group = kp_elements(&kp_offset_fetch_req_group_table, &q->arena, 1);
		kp_init(&kp_offset_fetch_req_table, &req);
		group->group_id = q->group;
		group->topics = NULL;
		group->topic_n = -1;
		req.groups = group;
		req.group_n = 1;
		owed_keep(&q->steps, b->ask(b->self, KP_OFFSET_FETCH, &req, on_all, q));
		return &q->owed;
	}
	con_store_offsets(&c->k->db, c->name, add_row, q);
	if (!q->consumer || !q->n) {
		owed_soon(&q->owed, c->k->env->loop, answer);
		return &q->owed;
	}
	struct consumer_place *p = arena_alloc(&q->arena, q->n * sizeof(*p));
	for (size_t i = 0; i < q->n; i++)
		p[i] = (struct consumer_place){ .topic = q->rows[i].topic, .partition = q->rows[i].partition, .offset = -1 };
	owed_keep(&q->steps, port->committed(q->consumer, p, q->n, on_places, q));
	return &q->owed;
}

/* ---- what they are to be ---- */

static void step_ended(struct asking *q, int code, const struct error *err)
{
	if (err && !q->trouble.kind)
		q->trouble = *err;
	else if (code && !q->trouble.kind)
		(void)err_set(&q->trouble, ERR_INVALID, "%s", kp_code_text(code));
	if (!--q->left)
		end(q);
}

static void on_committed(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	int code = 0;
	for (size_t i = 0; i < n && !code; i++)
		code = p[i].error;
	step_ended(arg, code, err);
}

static void on_deleted(void *arg, const void *response, const struct error *err)
{
	const struct kp_offset_delete_resp *resp = response;
	int code = resp ? resp->error_code : 0;
	for (int32_t t = 0; resp && !code && t < resp->topic_n; t++)
		for (int32_t p = 0; !code && p < resp->topics[t].partition_n; p++)
			code = resp->topics[t].partitions[p].error_code;
	step_ended(arg, code == KE_GROUP_ID_NOT_FOUND || code == KE_UNKNOWN_TOPIC_OR_PARTITION ? 0 : code, err);
}

static void delete_one(struct asking *q, const struct con_offset_row *row)
{
	struct broker *b = &q->k->env->ports->broker;
	struct kp_offset_delete_req req;
	struct kp_offset_delete_req_topic *topic = kp_elements(&kp_offset_delete_req_topic_table, &q->arena, 1);
	kp_init(&kp_offset_delete_req_table, &req);
	topic->name = row->topic;
	topic->partitions = kp_elements(&kp_offset_delete_req_partition_table, &q->arena, 1);
	topic->partition_n = 1;
	topic->partitions->partition_index = row->partition;
	req.group_id = q->group;
	req.topics = topic;
	req.topic_n = 1;
	owed_keep(&q->steps, b->ask(b->self, KP_OFFSET_DELETE, &req, on_deleted, q));
}

struct owed *con_offsets_set(struct connector *c, const struct con_offset_row *rows, size_t n, con_offsets_cb cb, void *arg)
{
	struct consumers *port = &c->k->env->ports->consumers;
	struct broker *b = &c->k->env->ports->broker;
	struct asking *q = asking_new(c, cb, arg);
	struct consumer_place *p = arena_alloc(&q->arena, (n + 1) * sizeof(*p));
	size_t set = 0;
	int rc = 0;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].offset >= 0)
			p[set++] = (struct consumer_place){ .topic = rows[i].topic, .partition = rows[i].partition, .offset = rows[i].offset };
		if (!rc)
			rc = con_store_offset(&c->k->db, c->name, arena_cstr(&q->arena, rows[i].topic), rows[i].partition, rows[i].offset, q->consumer != NULL, &q->trouble);
	}
	if (!rc && q->consumer && set < n && !b->self)
		rc = err_set(&q->trouble, ERR_INVALID, "offsets in a broker elsewhere can be set, not reset");
	if (rc || !q->consumer) {
		owed_hold(&q->owed, c->k->env->loop, answer);
		return &q->owed;
	}
	q->left = (set > 0) + (n - set);
	if (set)
		owed_keep(&q->steps, port->commit(q->consumer, p, set, on_committed, q));
	for (size_t i = 0; i < n; i++)
		if (rows[i].offset < 0)
			delete_one(q, &rows[i]);
	return &q->owed;
}

static void on_group_deleted(void *arg, const void *response, const struct error *err)
{
	const struct kp_delete_groups_resp *resp = response;
	int code = resp && resp->result_n ? resp->results[0].error_code : 0;
	step_ended(arg, code == KE_GROUP_ID_NOT_FOUND ? 0 : code, err);
}

struct owed *con_offsets_reset(struct connector *c, con_offsets_cb cb, void *arg)
{
	struct broker *b = &c->k->env->ports->broker;
	struct asking *q = asking_new(c, cb, arg);
	int rc = con_store_offsets_reset(&c->k->db, c->name, &q->trouble);
	if (!rc && q->consumer && !b->self)
		rc = err_set(&q->trouble, ERR_INVALID, "a group in a broker elsewhere can't be deleted from here");
	if (rc || !q->consumer) {
		owed_hold(&q->owed, c->k->env->loop, answer);
		return &q->owed;
	}
	struct kp_delete_groups_req req;
	kp_init(&kp_delete_groups_req_table, &req);
	req.groups_names = &q->group;
	req.groups_name_n = 1;
	q->left = 1;
	owed_keep(&q->steps, b->ask(b->self, KP_DELETE_GROUPS, &req, on_group_deleted, q));
	return &q->owed;
}
