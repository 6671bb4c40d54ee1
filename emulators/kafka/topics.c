/* CreateTopics, CreatePartitions. Sentences: Kafka 4.0's ReplicationControlManager, ControllerApis and Topic. */
#include "core/adopt.h"
#include "kafka/config.h"
#include "kafka/node.h"

/* ---- names ---- */

struct kfk_names kfk_names(struct arena *a, int64_t most)
{
	return (struct kfk_names){ .v = arena_alloc(a, ((size_t)(most > 0 ? most : 0) + 1) * sizeof(struct slice)) };
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

struct kfk_names kfk_names_twice(struct kfk_names *all)
{
	struct kfk_names twice = { .v = all->v };
	struct slice last = sl(NULL);
	qsort(all->v, all->n, sizeof(*all->v), by_name);
	for (size_t i = 0; i < all->n; i++) {
		struct slice one = all->v[i];
		if (i && sl_eq(one, last) && (!twice.n || !sl_eq(twice.v[twice.n - 1], one)))
			twice.v[twice.n++] = one;
		last = one;
	}
	return twice;
}

bool kfk_among(const struct kfk_names *names, struct slice name)
{
	return names->n && bsearch(&name, names->v, names->n, sizeof(*names->v), by_name);
}

int kfk_name_why(struct slice name, struct arena *a, struct slice *why)
{
	if (kp_topic_name_ok(name))
		return KE_NONE;
	if (!name.n)
		*why = S("Topic name is invalid: the empty string is not allowed");
	else if (sl_eqs(name, ".") || sl_eqs(name, ".."))
		*why = arena_printf(a, "Topic name is invalid: '%.*s' is not allowed", SL(name));
	else if (name.n > KP_NAME_MAX)
		*why = arena_printf(a, "Topic name is invalid: the length of '%.*s' is longer than the max allowed length %d", SL(name), KP_NAME_MAX);
	else
		*why = arena_printf(a, "Topic name is invalid: '%.*s' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", SL(name));
	return KE_INVALID_TOPIC_EXCEPTION;
}

const char *kfk_collides(const struct kafka *k, struct slice name)
{
	for (size_t i = 0; i < k->topic_n; i++) {
		const char *other = k->topics[i]->name;
		size_t at = 0;
		if (strlen(other) != name.n || sl_eqs(name, other))
			continue;
		while (at < name.n && (name.p[at] == other[at] || ((name.p[at] == '.' || name.p[at] == '_') && (other[at] == '.' || other[at] == '_'))))
			at++;
		if (at == name.n)
			return other;
	}
	return NULL;
}

static bool may_collide(struct slice name)
{
	return memchr(name.p, '.', name.n) || memchr(name.p, '_', name.n);
}

/* ---- who keeps a partition ---- */

int kfk_assignment_ok(const struct kafka *k, const int32_t *ids, int32_t n, int32_t factor, struct arena *a, struct slice *why)
{
	if (n <= 0)
		return *why = S("The manual partition assignment includes an empty replica list."), KE_INVALID_REPLICA_ASSIGNMENT;
	for (int32_t i = 0; i < n; i++) {
		for (int32_t j = 0; j < i; j++) {
			if (ids[i] != ids[j])
				continue;
			*why = arena_printf(a, "The manual partition assignment includes the broker %d more than once.", ids[i]);
			return KE_INVALID_REPLICA_ASSIGNMENT;
		}
	}
	for (int32_t i = 0; i < n; i++) {
		if (ids[i] >= 1 && ids[i] <= kfk_broker_n(k))
			continue;
		*why = arena_printf(a, "The manual partition assignment includes broker %d, but no such broker is registered.", ids[i]);
		return KE_INVALID_REPLICA_ASSIGNMENT;
	}
	if (factor >= 0 && factor != n) {
		*why = arena_printf(a, "The manual partition assignment includes a partition with %d replica(s), but this is not consistent with previous partitions,"
				       " which have %d replica(s).",
				    n, factor);
		return KE_INVALID_REPLICA_ASSIGNMENT;
	}
	return KE_NONE;
}

/* ---- CreateTopics ---- */

/* A topic that is to be. */
struct create {
	struct kfk_call *c;
	const struct kp_create_topics_req_topic *in;
	const struct kp_create_topics_req_assignment **by_partition; /* NULL: the broker chooses */
	struct kfk_config *configs;
	int partition_n, factor;
	const struct kfk_names *twice;
	struct slice why;
};

static int check_assignments(const struct kafka *k, struct create *q)
{
	const struct kp_create_topics_req_topic *in = q->in;
	int code = KE_NONE;
	if (in->replication_factor != -1)
		return q->why = S("A manual partition assignment was specified, but replication factor was not set to -1."), KE_INVALID_REQUEST;
	if (in->num_partitions != -1)
		return q->why = S("A manual partition assignment was specified, but numPartitions was not set to -1."), KE_INVALID_REQUEST;
	q->by_partition = arena_alloc(q->c->arena, (size_t)in->assignment_n * sizeof(*q->by_partition));
	q->factor = -1;
	for (int32_t i = 0; !code && i < in->assignment_n; i++) {
		const struct kp_create_topics_req_assignment *one = &in->assignments[i];
		bool in_range = one->partition_index >= 0 && one->partition_index < in->assignment_n;
		if (in_range && q->by_partition[one->partition_index]) {
			q->why = arena_printf(q->c->arena, "Found multiple manual partition assignments for partition %d", one->partition_index);
			return KE_INVALID_REPLICA_ASSIGNMENT;
		}
		code = kfk_assignment_ok(k, one->broker_ids, one->broker_id_n, q->factor, q->c->arena, &q->why);
		if (!code && !in_range)
			return q->why = S("partitions should be a consecutive 0-based integer sequence"), KE_INVALID_REPLICA_ASSIGNMENT;
		if (!code)
			q->by_partition[one->partition_index] = one;
		q->factor = one->broker_id_n;
	}
	q->partition_n = in->assignment_n;
	return code;
}

static int check_counts(const struct kafka *k, struct create *q)
{
	const struct kp_create_topics_req_topic *in = q->in;
	if (in->assignment_n > 0)
		return check_assignments(k, q);
	if (in->replication_factor < -1 || in->replication_factor == 0)
		return q->why = S("Replication factor must be larger than 0, or -1 to use the default value."), KE_INVALID_REPLICATION_FACTOR;
	if (in->num_partitions < -1 || in->num_partitions == 0)
		return q->why = S("Number of partitions was set to an invalid non-positive value."), KE_INVALID_PARTITIONS;
	q->partition_n = in->num_partitions == -1 ? kfk_default_partitions(k) : in->num_partitions;
	q->factor = in->replication_factor == -1 ? kfk_default_factor(k) : in->replication_factor;
	return kfk_factor_ok(k, q->factor, q->c->arena, &q->why);
}

static int check_configs(struct create *q)
{
	const struct kp_create_topics_req_topic *in = q->in;
	struct buf why = { 0 }, null = { 0 };
	int code = KE_NONE;
	q->configs = arena_alloc(q->c->arena, ((size_t)(in->config_n > 0 ? in->config_n : 0) + 1) * sizeof(*q->configs));
	for (int32_t i = 0; i < in->config_n; i++) {
		q->configs[i] = (struct kfk_config){ in->configs[i].name, in->configs[i].value };
		if (!in->configs[i].value.p)
			buf_addf(&null, "%s%.*s", null.n ? "," : "", SL(in->configs[i].name));
	}
	if (null.n)
		q->why = arena_printf(q->c->arena, "Null value not supported for topic configs: %.*s", (int)null.n, null.p);
	else if (!kfk_configs_valid(q->configs, (size_t)(in->config_n > 0 ? in->config_n : 0), &why))
		q->why = arena_dup(q->c->arena, buf_slice(&why));
	if (q->why.p)
		code = KE_INVALID_CONFIG;
	buf_free(&null);
	buf_free(&why);
	return code;
}


static int check_create(struct kafka *k, struct create *q)
{
	struct slice name = q->in->name;
	const char *other;
	int code;
	if (kfk_among(q->twice, name))
		return q->why = S("Duplicate topic name."), KE_INVALID_REQUEST;
	if (sl_eqs(name, "__cluster_metadata"))
		return q->why = S("Creation of internal topic __cluster_metadata is prohibited."), KE_INVALID_REQUEST;
	if (!kfk_may(k, q->c->conn, "CreateTopic", name))
		return q->why = S("Authorization failed."), KE_TOPIC_AUTHORIZATION_FAILED;
	code = kfk_name_why(name, q->c->arena, &q->why);
	if (code)
		return code;
	if (kfk_topic(k, name))
		return q->why = arena_printf(q->c->arena, "Topic '%.*s' already exists.", SL(name)), KE_TOPIC_ALREADY_EXISTS;
	other = may_collide(name) ? kfk_collides(k, name) : NULL;
	if (other)
		return q->why = arena_printf(q->c->arena, "Topic '%.*s' collides with existing topic: %s", SL(name), other), KE_INVALID_TOPIC_EXCEPTION;
	code = check_configs(q);
	return code ? code : check_counts(k, q);
}

static int make(struct kafka *k, const struct create *q, struct kfk_topic **t)
{
	struct slice why;
	int code = kfk_topic_create(k, q->in->name, q->partition_n, t);
	if (!code && !q->by_partition && q->factor != kfk_default_factor(k))
		code = kfk_spread(k, *t, 0, q->factor, q->c->arena, &why);
	for (int i = 0; !code && q->by_partition && i < q->partition_n; i++)
		code = kfk_spread_part(k, *t, i, q->by_partition[i]->broker_ids, q->by_partition[i]->broker_id_n);
	for (int32_t i = 0; !code && i < q->in->config_n; i++)
		code = kfk_topic_set(k, *t, q->configs[i].name, q->configs[i].value);
	if (!code)
		adopt_user_of(k->env->adopt, "topics", q->in->name);
	return code;
}

/* What it has become, to who may see that. */
static void tell_created(struct kafka *k, const struct create *q, struct kp_create_topics_resp_topic *out)
{
	size_t n;
	const struct kfk_setting *s = kfk_settings(&n);
	if (!kfk_may(k, q->c->conn, "DescribeTopicDynamicConfiguration", q->in->name)) {
		out->topic_config_error_code = KE_TOPIC_AUTHORIZATION_FAILED;
		return;
	}
	out->num_partitions = q->partition_n;
	out->replication_factor = (int16_t)q->factor;
	out->configs = kp_elements(&kp_create_topics_resp_config_table, q->c->arena, n);
	for (size_t i = 0; i < n; i++) {
		enum kfk_source source;
		struct slice value = kfk_in_force(k, q->configs, (size_t)(q->in->config_n > 0 ? q->in->config_n : 0), &s[i], &source);
		out->configs[out->config_n++] = (struct kp_create_topics_resp_config){ sl(s[i].name), value, false, (int8_t)source, false };
	}
}

static void create_one(struct kafka *k, struct kfk_call *c, const struct kp_create_topics_req_topic *in, const struct kfk_names *twice,
		       struct kp_create_topics_resp_topic *out)
{
	const struct kp_create_topics_req *req = c->req;
	struct create q = { .c = c, .in = in, .twice = twice };
	struct kfk_topic *t = NULL;
	int code = check_create(k, &q);
	if (!code && !req->validate_only)
		code = make(k, &q, &t);
	out->name = in->name;
	out->error_code = (int16_t)code;
	out->error_message = !code || q.why.p ? q.why : sl(kp_code_text(code));
	if (!code)
		tell_created(k, &q, out);
	if (!code) /* one that would be made has an id, too */
		kfk_topic_uuid(t ? t : &(struct kfk_topic){ 0 }, (char *)out->topic_id.b);
}

/* How many partitions are asked for; a topic that lists them has as many. */
static int64_t partitions_asked(const struct kafka *k, const struct kp_create_topics_req *req)
{
	int64_t n = 0;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_create_topics_req_topic *t = &req->topics[i];
		n += t->assignment_n > 0 ? t->assignment_n : t->num_partitions == -1 ? kfk_default_partitions(k) : t->num_partitions > 0 ? t->num_partitions : 0;
	}
	return n;
}

/* What is named twice is answered once. */
static bool told(const struct kp_create_topics_resp *out, struct slice name)
{
	for (int32_t i = 0; i + 1 < out->topic_n; i++)
		if (sl_eq(out->topics[i].name, name))
			return true;
	return false;
}

enum kfk_done kfk_serve_create_topics(struct kafka *k, struct kfk_call *c)
{
	const struct kp_create_topics_req *req = c->req;
	struct kp_create_topics_resp *out = c->resp;
	bool too_many = partitions_asked(k, req) > KFK_PARTITIONS_A_REQUEST;
	struct kfk_names names = kfk_names(c->arena, req->topic_n), twice;
	for (int32_t i = 0; i < req->topic_n; i++)
		names.v[names.n++] = req->topics[i].name;
	twice = kfk_names_twice(&names);
	out->topics = kp_elements(&kp_create_topics_resp_topic_table, c->arena, (size_t)(req->topic_n > 0 ? req->topic_n : 0));
	for (int32_t i = 0; i < req->topic_n; i++) {
		struct kp_create_topics_resp_topic *one = &out->topics[out->topic_n++];
		if (!too_many && kfk_among(&twice, req->topics[i].name) && told(out, req->topics[i].name)) {
			out->topic_n--;
			continue;
		}
		if (!too_many) {
			create_one(k, c, &req->topics[i], &twice, one);
			continue;
		}
		one->name = req->topics[i].name;
		one->error_code = KE_POLICY_VIOLATION;
		one->error_message = S("Excessively large number of partitions per request.");
	}
	return KFK_ANSWERED;
}

/* ---- CreatePartitions ---- */

static int check_grow(struct kafka *k, struct kfk_call *c, const struct kp_create_partitions_req_topic *in, const struct kfk_topic *t, struct slice *why)
{
	struct kfk_place first;
	int code = KE_NONE, more = in->count - t->part_n;
	if (more == 0)
		return *why = arena_printf(c->arena, "Topic already has %d partition(s).", t->part_n), KE_INVALID_PARTITIONS;
	if (more < 0) {
		*why = arena_printf(c->arena, "The topic %s currently has %d partition(s); %d would not be an increase.", t->name, t->part_n, in->count);
		return KE_INVALID_PARTITIONS;
	}
	if (more > KFK_PARTITIONS_A_REQUEST)
		return *why = S("Excessively large number of partitions per request."), KE_POLICY_VIOLATION;
	if (in->assignment_n >= 0 && in->assignment_n != more) {
		*why = arena_printf(c->arena, "Attempted to add %d additional partition(s), but only %d assignment(s) were specified.", more, in->assignment_n);
		return KE_INVALID_REPLICA_ASSIGNMENT;
	}
	kfk_place(k, t, 0, &first);
	for (int32_t i = 0; !code && i < in->assignment_n; i++)
		code = kfk_assignment_ok(k, in->assignments[i].broker_ids, in->assignments[i].broker_id_n, first.replica_n, c->arena, why);
	return code;
}

static int grow_one(struct kafka *k, struct kfk_call *c, const struct kp_create_partitions_req_topic *in, const struct kfk_names *twice, struct slice *why)
{
	const struct kp_create_partitions_req *req = c->req;
	struct kfk_topic *t = kfk_topic(k, in->name);
	int code;
	if (kfk_among(twice, in->name))
		return *why = S("Duplicate topic name."), KE_INVALID_REQUEST;
	if (!kfk_may(k, c->conn, "AlterTopic", in->name))
		return KE_TOPIC_AUTHORIZATION_FAILED;
	if (!t)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	code = check_grow(k, c, in, t, why);
	if (code || req->validate_only)
		return code;
	int before = t->part_n;
	code = kfk_topic_resize(k, t, in->count);
	for (int32_t i = 0; !code && i < in->assignment_n; i++)
		code = kfk_spread_part(k, t, before + i, in->assignments[i].broker_ids, in->assignments[i].broker_id_n);
	return code;
}

enum kfk_done kfk_serve_create_partitions(struct kafka *k, struct kfk_call *c)
{
	const struct kp_create_partitions_req *req = c->req;
	struct kp_create_partitions_resp *out = c->resp;
	struct kfk_names names = kfk_names(c->arena, req->topic_n), twice;
	for (int32_t i = 0; i < req->topic_n; i++)
		names.v[names.n++] = req->topics[i].name;
	twice = kfk_names_twice(&names);
	out->results = kp_elements(&kp_create_partitions_resp_result_table, c->arena, (size_t)(req->topic_n > 0 ? req->topic_n : 0));
	for (int32_t i = 0; i < req->topic_n; i++) {
		struct kp_create_partitions_resp_result *one = &out->results[out->result_n++];
		struct slice why = sl(NULL);
		int code = grow_one(k, c, &req->topics[i], &twice, &why);
		one->name = req->topics[i].name;
		one->error_code = (int16_t)code;
		one->error_message = why;
	}
	return KFK_ANSWERED;
}
