/* The local side of record_log's change: topics looked at, made, changed, deleted without the wire. */
#include "kafka/node.h"

struct changing {
	struct owed owed;
	struct kafka *k;
	char *topic; /* owned */
	int code;
	change_cb cb;
	void *arg;
};

static void changing_free(struct owed *o)
{
	free(((struct changing *)o)->topic);
	free(o);
}

struct configs {
	struct kafka *k;
	struct topic_config *v;
	size_t n, cap;
};

static void add_config(void *arg, struct slice name, struct slice value)
{
	struct configs *c = arg;
	ARENA_GROW(&c->k->arena, c->v, c->n, c->cap);
	c->v[c->n++] = (struct topic_config){ arena_dup(&c->k->arena, name), arena_dup(&c->k->arena, value) };
}

const struct topic_place *kfk_port_places(struct kafka *k, const struct kfk_topic *t)
{
	struct topic_place *all;
	struct kfk_place at;
	if (kfk_node_n(k) == 1)
		return NULL;
	all = arena_alloc(&k->arena, ((size_t)t->part_n + 1) * sizeof(*all));
	for (int i = 0; i < t->part_n; i++) {
		kfk_place(k, t, i, &at);
		all[i] = (struct topic_place){ at.leader, at.replicas, at.isr, at.replica_n, at.isr_n };
	}
	return all;
}

static void answer(struct owed *o)
{
	struct changing *h = (struct changing *)o;
	struct kafka *k = h->k;
	struct kfk_topic *t = kfk_topic(k, sl(h->topic));
	struct configs c = { .k = k };
	struct error err;
	if (loop_tick_failed(o->loop)) {
		(void)err_set(&err, ERR_STORE, "the commit failed");
		h->cb(h->arg, 0, NULL, NULL, 0, &err);
		return;
	}
	if (!h->code && t && kfk_store_configs(&k->db, t->id, add_config, &c, &err)) {
		h->cb(h->arg, 0, NULL, NULL, 0, &err);
	} else {
		struct topic_info info = { sl(h->topic), t ? t->part_n : 0, t ? kfk_port_places(k, t) : NULL };
		h->cb(h->arg, h->code, h->code || !t ? NULL : &info, c.v, c.n, NULL);
	}
	arena_reset(&k->arena);
}

static int set_configs(struct kafka *k, struct kfk_topic *t, const struct topic_change *in)
{
	int code = KE_NONE;
	for (size_t i = 0; !code && i < in->config_n; i++)
		code = kfk_topic_set(k, t, in->configs[i].name, in->configs[i].value);
	return code;
}

static int create(struct kafka *k, const struct topic_change *in)
{
	struct kfk_topic *t;
	struct slice why;
	bool spread = in->factor && kfk_node_n(k) > 1;
	int code = spread ? kfk_factor_ok(k, in->factor, &k->arena, &why) : KE_NONE;
	if (!code)
		code = kfk_topic_create(k, in->topic, in->partition_n ? in->partition_n : kfk_default_partitions(k), &t);
	if (!code && spread)
		code = kfk_spread(k, t, 0, in->factor, &k->arena, &why);
	return code ? code : set_configs(k, t, in);
}

static int change(struct kafka *k, struct kfk_topic *t, const struct topic_change *in)
{
	if (in->partition_n && (in->partition_n < t->part_n || in->partition_n > KFK_PARTITIONS_MAX))
		return KE_INVALID_PARTITIONS;
	int code = in->partition_n > t->part_n ? kfk_topic_resize(k, t, in->partition_n) : KE_NONE;
	return code ? code : set_configs(k, t, in);
}

static int act(struct kafka *k, const struct topic_change *in)
{
	struct kfk_topic *t = kfk_topic(k, in->topic);
	for (size_t i = 0; i < in->config_n; i++)
		if (!kfk_setting_ok(in->configs[i].name, in->configs[i].value))
			return KE_INVALID_CONFIG;
	if (!t && in->act != TOPIC_CREATE)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	switch (in->act) {
	case TOPIC_LOOK:
		break;
	case TOPIC_CREATE:
		return create(k, in);
	case TOPIC_CHANGE:
		return change(k, t, in);
	case TOPIC_DELETE:
		return kfk_topic_delete(k, t);
	}
	return KE_NONE;
}

struct owed *kfk_port_change(void *self, const struct topic_change *in, change_cb cb, void *arg)
{
	struct kafka *k = self;
	struct changing *h = xcalloc(1, sizeof(*h));
	owed_init(&h->owed, &k->owed, changing_free);
	h->k = k;
	h->topic = xstrndup(in->topic.p ? in->topic.p : "", in->topic.n);
	h->cb = cb;
	h->arg = arg;
	h->code = act(k, in);
	owed_hold(&h->owed, k->env->loop, answer);
	return &h->owed;
}
