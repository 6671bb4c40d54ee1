/* Which values of settings are in force, and where they come from. */
#include "kafka/config.h"
#include "kafka/node.h"

/* ---- topics' own ---- */

struct noting {
	struct arena *a;
	struct kfk_config *v;
	size_t n, cap;
};

static void note(void *arg, struct slice name, struct slice value)
{
	struct noting *o = arg;
	ARENA_GROW(o->a, o->v, o->n, o->cap);
	o->v[o->n++] = (struct kfk_config){ arena_dup(o->a, name), arena_dup(o->a, value) };
}

size_t kfk_topic_own(struct kafka *k, struct arena *a, const struct kfk_topic *t, struct kfk_config **out)
{
	struct noting o = { .a = a };
	struct error err;
	if (kfk_store_configs(&k->db, t->id, note, &o, &err))
		log_error(k->env, "store", "what=configs error=\"%s\"", err.text);
	*out = o.v;
	return o.n;
}

/* ---- what the stack's settings say of a broker ---- */

/* Kafka's name of what [kafka] calls otherwise. */
static const struct {
	const char *name, *here;
} aliases[] = {
	{ "auto.create.topics.enable", "auto_create" },
	{ "message.max.bytes", "max.message.bytes" },
	{ "num.partitions", "partitions" },
};

static struct slice boolean(const char *text)
{
	struct slice s = sl(text);
	if (sl_eqs(s, "on") || sl_eqs(s, "yes") || sl_eqs(s, "1"))
		return S("true");
	return sl_eqs(s, "off") || sl_eqs(s, "no") || sl_eqs(s, "0") ? S("false") : s;
}

static struct slice address(struct kafka *k, struct arena *a, int node, const struct conn *conn)
{
	struct slice host;
	int port;
	kfk_advertised(k, conn, node, a, &host, &port);
	return arena_printf(a, "%s://%.*s:%d", conn->secure ? "SASL_SSL" : "PLAINTEXT", SL(host), port);
}

struct slice kfk_log_dir(const struct kafka *k, struct arena *a)
{
	return k->env->dir ? arena_printf(a, "%s/kafka.db", k->env->dir) : S("/memory/kafka.db");
}

/* What each broker has of its own. */
static struct slice its_own(struct kafka *k, struct arena *a, int node, const struct conn *conn, const char *name)
{
	struct slice s = sl(name);
	if (sl_eqs(s, "node.id") || sl_eqs(s, "broker.id"))
		return arena_printf(a, "%d", node);
	if (sl_eqs(s, "listeners") || sl_eqs(s, "advertised.listeners"))
		return conn ? address(k, a, node, conn) : sl(NULL);
	if (sl_eqs(s, "log.dirs"))
		return kfk_log_dir(k, a);
	if (sl_eqs(s, "default.replication.factor"))
		return arena_printf(a, "%d", kfk_default_factor(k));
	if (sl_eqs(s, "sasl.enabled.mechanisms") && !sl_eqs(sl(conf_str(k->env->conf, "kafka", "sasl", "optional")), "off"))
		return S("PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,AWS_MSK_IAM,OAUTHBEARER");
	return sl(NULL);
}

static struct slice said(struct kafka *k, struct arena *a, int node, const struct conn *conn, const char *name)
{
	const struct kfk_broker_setting *s = kfk_broker_setting(sl(name));
	const char *set = conf_get(k->env->conf, "kafka", name);
	for (size_t i = 0; !set && i < ARRAY_LEN(aliases); i++)
		if (sl_eqs(sl(name), aliases[i].name))
			set = conf_get(k->env->conf, "kafka", aliases[i].here);
	if (set)
		return s && s->type == 'b' ? boolean(set) : sl(set);
	return its_own(k, a, node, conn, name);
}

/* Kafka has levels beside those of our log: TRACE is its DEBUG, FATAL its ERROR. */
static const struct {
	const char *name;
	enum log_level level;
} levels[] = {
	{ "DEBUG", LOG_DEBUG }, { "INFO", LOG_INFO }, { "WARN", LOG_WARN }, { "ERROR", LOG_ERROR }, { "TRACE", LOG_DEBUG }, { "FATAL", LOG_ERROR },
};

struct slice kfk_log_level(const struct kafka *k)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (k->env->log && levels[i].level == log_least(k->env->log))
			return sl(levels[i].name);
	return S("INFO");
}

void kfk_set_log_level(struct kafka *k, struct slice level)
{
	for (size_t i = 0; k->env->log && i < ARRAY_LEN(levels); i++)
		if (sl_eqs(level, levels[i].name))
			log_set_least(k->env->log, levels[i].level);
}

/* ---- brokers ---- */

/* Settings of the broker that stand for the same, the strongest first. */
static const char *const families[] = {
	"log.retention.ms log.retention.minutes log.retention.hours",
	"log.roll.ms log.roll.hours",
	"log.roll.jitter.ms log.roll.jitter.hours",
	"log.flush.interval.ms log.flush.scheduler.interval.ms",
};

const char *kfk_broker_names(const char *name)
{
	struct slice rest, word;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		for (rest = sl(families[i]); rest.p;) {
			sl_cut(rest, ' ', &word, &rest);
			if (sl_eqs(word, name))
				return families[i];
		}
	}
	return name;
}

/* The setting's value at one of its places. */
static struct slice at_place(struct kafka *k, struct arena *a, int node, const struct conn *conn, struct slice name, enum kfk_source source)
{
	const struct kfk_broker_setting *s = kfk_broker_setting(name);
	char id[16];
	snprintf(id, sizeof(id), "%d", node);
	switch (source) {
	case KFK_BY_DYNAMIC:
		return kfk_kept(k, KFK_OF_BROKER, sl(id), name);
	case KFK_BY_DYNAMIC_DEFAULT:
		return kfk_kept(k, KFK_OF_BROKER, S(""), name);
	case KFK_BY_STATIC:
		return said(k, a, node, conn, arena_cstr(a, name));
	default:
		return sl(s ? s->value : NULL);
	}
}

size_t kfk_broker_synonyms(struct kafka *k, struct arena *a, int node, const struct conn *conn, const char *names, struct kfk_synonym **out)
{
	struct kfk_synonym *v = NULL;
	size_t n = 0, cap = 0, from = 0;
	struct slice first, rest, name;
	for (int source = KFK_BY_DYNAMIC; source <= KFK_BY_DEFAULT; source++) {
		for (rest = sl(names); rest.p;) {
			sl_cut(rest, ' ', &name, &rest);
			struct slice value = at_place(k, a, node, conn, name, (enum kfk_source)source);
			if (!value.p)
				continue;
			ARENA_GROW(a, v, n, cap);
			v[n++] = (struct kfk_synonym){ arena_cstr(a, name), value, (enum kfk_source)source };
		}
	}
	sl_cut(sl(names), ' ', &first, &rest);
	while (from < n && !sl_eqs(first, v[from].name)) /* as Kafka: what is before the setting's own name isn't told */
		from++;
	*out = v + from;
	return n - from;
}

/* The strongest of a name's places. */
static struct slice strongest(struct kafka *k, struct arena *a, int node, const struct conn *conn, struct slice name, enum kfk_source *source)
{
	for (int i = KFK_BY_DYNAMIC; i <= KFK_BY_DEFAULT; i++) {
		struct slice value = at_place(k, a, node, conn, name, (enum kfk_source)i);
		*source = (enum kfk_source)i;
		if (value.p)
			return value;
	}
	return sl(NULL);
}

struct slice kfk_broker_value(struct kafka *k, struct arena *a, int node, const struct conn *conn, const struct kfk_broker_setting *s, enum kfk_source *source)
{
	return strongest(k, a, node, conn, sl(s->name), source);
}

/* ---- topics ---- */

static int64_t unit_ms(struct slice name)
{
	return sl_ends(name, S(".hours")) ? 3600000 : sl_ends(name, S(".minutes")) ? 60000 : 1;
}

static struct slice brokers_say(struct kafka *k, struct arena *a, const struct kfk_setting *s, enum kfk_source *source)
{
	struct slice rest = sl(s->broker), name;
	while (rest.p) {
		sl_cut(rest, ' ', &name, &rest);
		struct slice value = strongest(k, a, KFK_NODE_ID, NULL, name, source);
		int64_t n, unit = unit_ms(name);
		if (!value.p || *source == KFK_BY_DEFAULT)
			continue; /* the table of topics has the defaults */
		if (unit == 1 || !sl_int(value, INT64_MIN, INT64_MAX / unit, &n))
			return value;
		return arena_printf(a, "%lld", (long long)(n < 0 ? -1 : n * unit));
	}
	*source = KFK_BY_DEFAULT;
	return sl(s->value);
}

struct slice kfk_default(struct kafka *k, const struct kfk_setting *s, enum kfk_source *source)
{
	size_t n;
	struct kfk_known *known = kfk_known(k, (size_t)(s - kfk_settings(&n)));
	if (!known->value) {
		struct arena a = { 0 };
		struct slice value = brokers_say(k, &a, s, &known->source);
		known->value = xstrndup(value.p, value.n);
		arena_free(&a);
	}
	*source = known->source;
	return sl(known->value);
}

struct slice kfk_in_force(struct kafka *k, const struct kfk_config *own, size_t own_n, const struct kfk_setting *s, enum kfk_source *source)
{
	for (size_t i = 0; i < own_n; i++) {
		if (sl_eqs(own[i].name, s->name)) {
			*source = KFK_BY_TOPIC;
			return own[i].value;
		}
	}
	return kfk_default(k, s, source);
}
