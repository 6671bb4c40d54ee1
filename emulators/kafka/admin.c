/* CreateTopics, DeleteTopics, CreatePartitions, DescribeConfigs. */
#include "core/adopt.h"
#include "kafka/kafka.h"

enum { RESOURCE_TOPIC = 2, RESOURCE_BROKER = 4 };
enum { SOURCE_TOPIC = 1, SOURCE_STATIC_BROKER = 4, SOURCE_DEFAULT = 5 };

/* ---- CreateTopics ---- */

struct config_in {
	struct slice name, value;
};

struct create_in {
	struct slice name;
	int32_t partition_n, assigned_n, config_n;
	int16_t replication;
	bool bad_assignment, twice;
	struct config_in *configs;
};

static void read_assignments(struct kfk_call *c, struct create_in *in)
{
	in->assigned_n = kfk_array(c);
	for (int32_t i = 0; i < in->assigned_n && !c->r.bad; i++) {
		int32_t index = kfk_i32(c), n = kfk_array(c);
		in->bad_assignment |= index != i || n != 1;
		for (int32_t j = 0; j < n && !c->r.bad; j++)
			in->bad_assignment |= kfk_i32(c) != KFK_NODE_ID;
		kfk_tags(c);
	}
}

static void read_create(struct kfk_call *c, struct create_in *in)
{
	struct slice name = kfk_str(c);
	in->name = name.p ? name : S("");
	in->partition_n = kfk_i32(c);
	in->replication = kfk_i16(c);
	read_assignments(c, in);
	in->config_n = kfk_array(c);
	in->configs = arena_alloc(c->arena, ((size_t)(in->config_n > 0 ? in->config_n : 0) + 1) * sizeof(*in->configs));
	for (int32_t i = 0; i < in->config_n && !c->r.bad; i++) {
		in->configs[i].name = kfk_str(c);
		in->configs[i].value = kfk_str(c);
		kfk_tags(c);
	}
	kfk_tags(c);
}

static int check_create(struct kafka *k, const struct create_in *in, int *partition_n, const char **why)
{
	*partition_n = in->assigned_n > 0 ? in->assigned_n : in->partition_n == -1 ? kfk_default_partitions(k) : in->partition_n;
	*why = NULL;
	if (in->twice)
		return *why = "Duplicate topic name.", KE_INVALID_REQUEST;
	if (!kfk_name_ok(in->name))
		return *why = "Topic name is invalid: it must be 1 to 249 of a-z A-Z 0-9 . _ -", KE_INVALID_TOPIC_EXCEPTION;
	if (kfk_topic(k, in->name))
		return *why = "Topic already exists.", KE_TOPIC_ALREADY_EXISTS;
	if (in->assigned_n > 0 && (in->partition_n != -1 || in->replication != -1))
		return *why = "Both partitions or replication factor and an assignment were given.", KE_INVALID_REQUEST;
	if (in->bad_assignment)
		return *why = "The assignment names a broker or partition that is not there.", KE_INVALID_REPLICA_ASSIGNMENT;
	if (*partition_n < 1 || *partition_n > KFK_PARTITIONS_MAX)
		return *why = "Number of partitions must be 1 to 1000.", KE_INVALID_PARTITIONS;
	if (in->assigned_n <= 0 && in->replication != 1 && in->replication != -1)
		return *why = "Replication factor must be 1: there is one broker.", KE_INVALID_REPLICATION_FACTOR;
	for (int32_t i = 0; i < in->config_n; i++)
		if (!in->configs[i].value.p || !kfk_setting_ok(in->configs[i].name, in->configs[i].value))
			return *why = "Unknown topic config name or invalid value.", KE_INVALID_CONFIG;
	return KE_NONE;
}

static int create_one(struct kafka *k, struct kfk_call *c, const struct create_in *in, bool dry, int *partition_n, struct kfk_topic **t,
		      const char **why)
{
	int code = kfk_may(k, c->conn, "CreateTopic", in->name) ? check_create(k, in, partition_n, why) : KE_TOPIC_AUTHORIZATION_FAILED;
	if (code == KE_TOPIC_AUTHORIZATION_FAILED)
		*why = "Authorization failed.";
	if (!code && !dry)
		code = kfk_topic_create(k, in->name, *partition_n, t);
	for (int32_t i = 0; !code && !dry && i < in->config_n; i++)
		code = kfk_topic_set(k, *t, in->configs[i].name, in->configs[i].value);
	return code;
}

static void put_uuid(struct kfk_call *c, const struct kfk_topic *t)
{
	char id[16] = { 0 };
	if (t)
		kfk_topic_uuid(t, id);
	buf_add(c->out, id, sizeof(id));
}

struct put_config {
	struct kafka *k;
	struct kfk_call *c;
	struct slice *names, *values; /* what the topic sets itself */
	size_t n, max;
};

static void note_config(void *arg, struct slice name, struct slice value)
{
	struct put_config *p = arg;
	if (p->n == p->max)
		return;
	p->names[p->n] = arena_dup(p->c->arena, name);
	p->values[p->n++] = arena_dup(p->c->arena, value);
}

static struct put_config own_configs(struct kafka *k, struct kfk_call *c, const struct kfk_topic *t)
{
	struct put_config p = { .k = k, .c = c };
	struct error err;
	(void)kfk_settings(&p.max);
	p.names = arena_alloc(c->arena, p.max * sizeof(*p.names));
	p.values = arena_alloc(c->arena, p.max * sizeof(*p.values));
	if (t && kfk_store_configs(&k->db, t->id, note_config, &p, &err))
		log_error(k->env, "store", "what=configs error=\"%s\"", err.text);
	return p;
}

/* The value in force and where it comes from. */
static struct slice in_force(const struct put_config *p, const struct kfk_setting *s, int *source)
{
	for (size_t i = 0; i < p->n; i++) {
		if (sl_eqs(p->names[i], s->name)) {
			*source = SOURCE_TOPIC;
			return p->values[i];
		}
	}
	const char *set = sl_eqs(sl(s->name), "max.message.bytes") ? conf_get(p->k->env->conf, "kafka", s->name) : NULL;
	*source = set ? SOURCE_STATIC_BROKER : SOURCE_DEFAULT;
	return sl(set ? set : s->value);
}

static void put_created_configs(struct kafka *k, struct kfk_call *c, const struct kfk_topic *t)
{
	size_t n;
	const struct kfk_setting *s = kfk_settings(&n);
	struct put_config p = own_configs(k, c, t);
	kfk_put_array(c, (int32_t)n);
	for (size_t i = 0; i < n; i++) {
		int source;
		struct slice value = in_force(&p, &s[i], &source);
		kfk_put_str(c, sl(s[i].name));
		kfk_put_str(c, value);
		kfk_put_i8(c, 0); /* read only */
		kfk_put_i8(c, (int8_t)source);
		kfk_put_i8(c, 0); /* sensitive */
		kfk_put_tags(c);
	}
}

static void put_created(struct kafka *k, struct kfk_call *c, const struct create_in *in, bool dry)
{
	struct kfk_topic *t = NULL;
	const char *why;
	int partition_n, code = create_one(k, c, in, dry, &partition_n, &t, &why);
	if (t)
		adopt_user_of(k->env->adopt, "topics", in->name);
	kfk_put_str(c, in->name);
	if (c->version >= 7)
		put_uuid(c, t);
	kfk_put_i16(c, code);
	if (c->version >= 1)
		kfk_put_str(c, sl(why));
	if (c->version >= 5) {
		kfk_put_i32(c, code ? -1 : partition_n);
		kfk_put_i16(c, code ? -1 : 1);
		if (code)
			kfk_put_array(c, -1);
		else
			put_created_configs(k, c, t);
	}
	kfk_put_tags(c);
}

enum kfk_done kfk_serve_create_topics(struct kafka *k, struct kfk_call *c)
{
	int32_t n = kfk_array(c);
	struct create_in *in = arena_alloc(c->arena, ((size_t)(n > 0 ? n : 0) + 1) * sizeof(*in));
	for (int32_t i = 0; i < n && !c->r.bad; i++)
		read_create(c, &in[i]);
	(void)kfk_i32(c); /* timeout */
	bool dry = c->version >= 1 && kfk_i8(c) != 0;
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	for (int32_t i = 0; i < n && n <= KFK_PARTITIONS_MAX; i++)
		for (int32_t j = 0; j < n; j++)
			in[i].twice |= i != j && sl_eq(in[i].name, in[j].name);
	if (c->version >= 2)
		kfk_put_i32(c, 0); /* throttle */
	kfk_put_array(c, n < 0 ? 0 : n);
	for (int32_t i = 0; i < n; i++)
		put_created(k, c, &in[i], dry);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}

/* ---- DeleteTopics ---- */

static void delete_one(struct kafka *k, struct kfk_call *c)
{
	struct slice name = kfk_str(c), id = sl(NULL);
	struct kfk_topic *t;
	char uuid[16] = { 0 };
	if (c->version >= 6) {
		id = rd_bytes(&c->r, 16);
		kfk_tags(c);
	}
	if (c->r.bad)
		return;
	t = name.p ? kfk_topic(k, name) : kfk_topic_by_id(k, id);
	if (t)
		kfk_topic_uuid(t, uuid);
	struct slice shown = t ? arena_dup(c->arena, sl(t->name)) : name;
	bool may = kfk_may(k, c->conn, "DeleteTopic", shown.p ? shown : S(""));
	int code = !may ? KE_TOPIC_AUTHORIZATION_FAILED : t ? kfk_topic_delete(k, t) : name.p ? KE_UNKNOWN_TOPIC_OR_PARTITION : KE_UNKNOWN_TOPIC_ID;
	kfk_put_str(c, shown.p || c->version >= 6 ? shown : S(""));
	if (c->version >= 6)
		buf_addsl(c->out, t || id.n != 16 ? sl_of(uuid, sizeof(uuid)) : id);
	kfk_put_i16(c, code);
	if (c->version >= 5)
		kfk_put_str(c, sl(!code ? NULL : may ? "This server does not host this topic-partition." : "Topic authorization failed."));
	kfk_put_tags(c);
}

enum kfk_done kfk_serve_delete_topics(struct kafka *k, struct kfk_call *c)
{
	if (c->version >= 1)
		kfk_put_i32(c, 0); /* throttle */
	int32_t n = kfk_array(c);
	/* Read to the end before anything is deleted. */
	struct rd names = c->r;
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		(void)kfk_str(c);
		if (c->version >= 6) {
			(void)rd_bytes(&c->r, 16);
			kfk_tags(c);
		}
	}
	(void)kfk_i32(c); /* timeout */
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	c->r = names;
	kfk_put_array(c, n < 0 ? 0 : n);
	for (int32_t i = 0; i < n; i++)
		delete_one(k, c);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}

/* ---- CreatePartitions ---- */

struct grow_in {
	struct slice name;
	int32_t partition_n, assigned_n;
	bool bad_assignment;
};

static void read_grow(struct kfk_call *c, struct grow_in *in)
{
	in->name = kfk_str(c);
	in->partition_n = kfk_i32(c);
	in->assigned_n = kfk_array(c);
	for (int32_t i = 0; i < in->assigned_n && !c->r.bad; i++) {
		int32_t n = kfk_array(c);
		in->bad_assignment |= n != 1;
		for (int32_t j = 0; j < n && !c->r.bad; j++)
			in->bad_assignment |= kfk_i32(c) != KFK_NODE_ID;
		kfk_tags(c);
	}
	kfk_tags(c);
}

static int grow_one(struct kafka *k, const struct grow_in *in, bool dry)
{
	struct kfk_topic *t = kfk_topic(k, in->name);
	if (!t)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	if (in->partition_n <= t->part_n || in->partition_n > KFK_PARTITIONS_MAX)
		return KE_INVALID_PARTITIONS;
	if (in->bad_assignment || (in->assigned_n >= 0 && in->assigned_n != in->partition_n - t->part_n))
		return KE_INVALID_REPLICA_ASSIGNMENT;
	return dry ? KE_NONE : kfk_topic_resize(k, t, in->partition_n);
}

enum kfk_done kfk_serve_create_partitions(struct kafka *k, struct kfk_call *c)
{
	int32_t n = kfk_array(c);
	struct grow_in *in = arena_alloc(c->arena, ((size_t)(n > 0 ? n : 0) + 1) * sizeof(*in));
	for (int32_t i = 0; i < n && !c->r.bad; i++)
		read_grow(c, &in[i]);
	(void)kfk_i32(c); /* timeout */
	bool dry = kfk_i8(c) != 0;
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_array(c, n < 0 ? 0 : n);
	for (int32_t i = 0; i < n; i++) {
		kfk_put_str(c, in[i].name.p ? in[i].name : S(""));
		bool may = kfk_may(k, c->conn, "AlterTopic", in[i].name.p ? in[i].name : S(""));
		kfk_put_i16(c, may ? grow_one(k, &in[i], dry) : KE_TOPIC_AUTHORIZATION_FAILED);
		kfk_put_str(c, sl(NULL));
		kfk_put_tags(c);
	}
	kfk_put_tags(c);
	return KFK_ANSWERED;
}

/* ---- DescribeClientQuotas: there are none; who lists users asks for them as well ---- */

enum kfk_done kfk_serve_describe_quotas(struct kafka *k, struct kfk_call *c)
{
	int32_t n = kfk_array(c);
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		(void)kfk_str(c); /* kind of entity, how it is matched, by what */
		(void)kfk_i8(c);
		(void)kfk_str(c);
		kfk_tags(c);
	}
	(void)kfk_i8(c); /* strict */
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_i16(c, kfk_may(k, c->conn, "DescribeClusterDynamicConfiguration", sl(NULL)) ? KE_NONE : KE_CLUSTER_AUTHORIZATION_FAILED);
	kfk_put_str(c, sl(NULL));
	kfk_put_array(c, 0);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}

/* ---- DescribeConfigs ---- */

struct describe_in {
	int8_t type;
	struct slice name;
	struct slice *keys;
	int32_t key_n; /* -1: all */
};

/* ConfigType of the protocol: BOOLEAN 1, STRING 2, INT 3, LONG 5, DOUBLE 6, LIST 7. */
static int8_t config_type(char t)
{
	switch (t) {
	case 'b':
		return 1;
	case 'i':
		return 3;
	case 'l':
		return 5;
	case 'd':
		return 6;
	case 'L':
		return 7;
	default:
		return 2;
	}
}

static bool wanted(const struct describe_in *in, const char *name)
{
	for (int32_t i = 0; i < in->key_n; i++)
		if (sl_eqs(in->keys[i], name))
			return true;
	return in->key_n < 0;
}

static void put_described(struct kfk_call *c, const struct kfk_setting *s, struct slice value, int source)
{
	kfk_put_str(c, sl(s->name));
	kfk_put_str(c, value);
	kfk_put_i8(c, 0); /* read only */
	kfk_put_i8(c, c->version == 0 ? source != SOURCE_TOPIC : (int8_t)source);
	kfk_put_i8(c, 0); /* sensitive */
	if (c->version >= 1)
		kfk_put_array(c, 0); /* synonyms */
	if (c->version >= 3) {
		kfk_put_i8(c, config_type(s->type));
		kfk_put_str(c, sl(NULL));
	}
	kfk_put_tags(c);
}

static void describe_one(struct kafka *k, struct kfk_call *c, const struct describe_in *in)
{
	size_t n, shown = 0;
	const struct kfk_setting *s = kfk_settings(&n);
	struct kfk_topic *t = in->type == RESOURCE_TOPIC ? kfk_topic(k, in->name) : NULL;
	bool may = kfk_may(k, c->conn, in->type == RESOURCE_TOPIC ? "DescribeTopicDynamicConfiguration" : "DescribeClusterDynamicConfiguration",
			   in->type == RESOURCE_TOPIC ? in->name : sl(NULL));
	int code = !may ? in->type == RESOURCE_TOPIC ? KE_TOPIC_AUTHORIZATION_FAILED : KE_CLUSTER_AUTHORIZATION_FAILED : in->type == RESOURCE_TOPIC ? t ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION : in->type == RESOURCE_BROKER ? KE_NONE : KE_INVALID_REQUEST;
	struct put_config p = own_configs(k, c, t);
	kfk_put_i16(c, code);
	kfk_put_str(c, sl(NULL));
	kfk_put_i8(c, in->type);
	kfk_put_str(c, in->name.p ? in->name : S(""));
	t = may ? t : NULL;
	for (size_t i = 0; t && i < n; i++)
		shown += wanted(in, s[i].name);
	kfk_put_array(c, (int32_t)shown); /* DIFFERS: a broker shows no configs */
	for (size_t i = 0; t && i < n; i++) {
		int source;
		struct slice value = in_force(&p, &s[i], &source);
		if (wanted(in, s[i].name))
			put_described(c, &s[i], value, source);
	}
	kfk_put_tags(c);
}

static void read_describe(struct kfk_call *c, struct describe_in *in)
{
	in->type = kfk_i8(c);
	in->name = kfk_str(c);
	in->key_n = kfk_array(c);
	in->keys = arena_alloc(c->arena, ((size_t)(in->key_n > 0 ? in->key_n : 0) + 1) * sizeof(*in->keys));
	for (int32_t i = 0; i < in->key_n && !c->r.bad; i++)
		in->keys[i] = kfk_str(c);
	kfk_tags(c);
}

enum kfk_done kfk_serve_describe_configs(struct kafka *k, struct kfk_call *c)
{
	int32_t n = kfk_array(c);
	struct describe_in *in = arena_alloc(c->arena, ((size_t)(n > 0 ? n : 0) + 1) * sizeof(*in));
	for (int32_t i = 0; i < n && !c->r.bad; i++)
		read_describe(c, &in[i]);
	if (c->version >= 1)
		(void)kfk_i8(c); /* synonyms */
	if (c->version >= 3)
		(void)kfk_i8(c); /* documentation */
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_array(c, n < 0 ? 0 : n);
	for (int32_t i = 0; i < n; i++)
		describe_one(k, c, &in[i]);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}
