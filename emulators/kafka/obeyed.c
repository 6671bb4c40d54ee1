#include "kafka/compact.h"
#include "kafka/config.h"
#include "kafka/obeyed.h"

enum kind { INT, DOUBLE, BOOL, CODEC, POLICY, TIME };
/* What obeying a setting is: the member it sets. Nothing can be told from those that aren't here, but that they are set. */
static const struct rule {
	const char *name;
	enum kind kind;
	size_t at;
} rules[] = {
#define AT(member) offsetof(struct kfk_obeyed, member)
	{ "cleanup.policy", POLICY, 0 },
	{ "compression.type", CODEC, AT(codec) },
	{ "delete.retention.ms", INT, AT(tombstone_ms) },
	{ "max.compaction.lag.ms", INT, AT(lag_max_ms) },
	{ "max.message.bytes", INT, AT(message_max) },
	{ "message.downconversion.enable", BOOL, AT(downconverts) },
	{ "message.timestamp.after.max.ms", INT, AT(after_ms) },
	{ "message.timestamp.before.max.ms", INT, AT(before_ms) },
	{ "message.timestamp.type", TIME, AT(append_time) },
	{ "min.cleanable.dirty.ratio", DOUBLE, AT(dirty) },
	{ "min.compaction.lag.ms", INT, AT(lag_min_ms) },
	{ "retention.bytes", INT, AT(retention_max) },
	{ "retention.ms", INT, AT(retention_ms) },
	{ "segment.bytes", INT, AT(segment_max) },
	{ "segment.jitter.ms", INT, AT(jitter_ms) },
	{ "segment.ms", INT, AT(segment_ms) },
	{ "unclean.leader.election.enable", BOOL, AT(unclean) },
#undef AT
};

static const char *const codecs[] = { [KP_NONE] = "uncompressed", [KP_GZIP] = "gzip", [KP_SNAPPY] = "snappy", [KP_LZ4] = "lz4", [KP_ZSTD] = "zstd" };
static const char *const levels[] = { [KP_GZIP] = "compression.gzip.level", [KP_LZ4] = "compression.lz4.level", [KP_ZSTD] = "compression.zstd.level" };

struct own {
	struct kafka *k;
	struct kfk_config *v;
	size_t n, cap;
};

static void add_own(void *arg, struct slice name, struct slice value)
{
	struct own *own = arg;
	GROW(own->v, own->n, own->cap);
	own->v[own->n++] = (struct kfk_config){ sl(xstrndup(name.p, name.n)), sl(xstrndup(value.p, value.n)) };
}

static void own_free(struct own *own)
{
	for (size_t i = 0; i < own->n; i++) {
		free((char *)(uintptr_t)own->v[i].name.p);
		free((char *)(uintptr_t)own->v[i].value.p);
	}
	free(own->v);
}

static struct slice setting_of(const struct own *own, const struct kfk_setting *s)
{
	enum kfk_source source;
	for (size_t i = 0; i < own->n; i++)
		if (sl_eqs(own->v[i].name, s->name))
			return own->v[i].value;
	return kfk_default(own->k, s, &source);
}

static struct slice value_of(const struct own *own, const char *name)
{
	return setting_of(own, kfk_setting(sl(name)));
}

static void apply(const struct own *own, const struct rule *r, struct kfk_obeyed *o)
{
	struct slice value = value_of(own, r->name);
	char *at = (char *)o + r->at, text[64];
	switch (r->kind) {
	case INT:
		*(int64_t *)(void *)at = kfk_setting_int(value);
		break;
	case DOUBLE:
		snprintf(text, sizeof(text), "%.*s", SL(value));
		*(double *)(void *)at = strtod(text, NULL);
		break;
	case BOOL:
		*(bool *)at = kfk_setting_bool(value);
		break;
	case TIME:
		*(bool *)at = sl_eqs(sl_trim(value), "LogAppendTime");
		break;
	case POLICY:
		o->deletes = sl_find(value, S("delete")) >= 0;
		o->compacts = sl_find(value, S("compact")) >= 0;
		break;
	case CODEC:
		o->codec = o->level = -1;
		for (int i = 0; i <= KP_ZSTD; i++)
			if (sl_eqs(sl_trim(value), codecs[i]))
				o->codec = i;
		if (o->codec > 0 && levels[o->codec])
			o->level = (int)kfk_setting_int(value_of(own, levels[o->codec]));
		break;
	}
}

enum { AFTER_DEFAULT = 3600000 }; /* message.timestamp.after.max.ms */

/* Before 3.6 one setting was both; it counts where the new ones are as by default. */
static void apply_difference(const struct own *own, struct kfk_obeyed *o)
{
	int64_t both = kfk_setting_int(value_of(own, "message.timestamp.difference.max.ms"));
	if (o->before_ms == INT64_MAX)
		o->before_ms = both;
	if (o->after_ms == AFTER_DEFAULT && both != INT64_MAX)
		o->after_ms = both;
}

static void obey(const struct own *own, struct kfk_obeyed *o)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		apply(own, &rules[i], o);
	apply_difference(own, o);
	o->min_isr = (int)kfk_setting_int(value_of(own, "min.insync.replicas"));
}

int kfk_obey(struct kafka *k, struct kfk_topic *t)
{
	struct own own = { .k = k };
	struct error err;
	int rc = kfk_store_configs(&k->db, t->id, add_own, &own, &err);
	t->set = k->defaults;
	if (own.n)
		obey(&own, &t->set);
	own_free(&own);
	if (t->set.compacts)
		kfk_compact_soon(k);
	return rc ? kfk_store_failed(k, "configs", &err) : KE_NONE;
}

void kfk_topics_retake(struct kafka *k)
{
	obey(&(struct own){ .k = k }, &k->defaults);
	for (size_t i = 0; i < k->topic_n; i++)
		(void)kfk_obey(k, k->topics[i]);
}
