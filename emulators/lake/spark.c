#include "lake/batch.h"

#include "core/json.h"
#include "spark/time.h"

/* ---- settings ---- */

/* Spark's defaults of what users and drivers ask for. Those with check are read by us; of others only the value is kept, as Spark
 * keeps keys that nothing reads. */
static int check_bool(struct slice key, struct slice value, struct sp_error *err)
{
	if (sl_eq_nocase(value, S("true")) || sl_eq_nocase(value, S("false")))
		return 0;
	return sp_fail(err, SP_E_RUN, "", "", "%.*s should be boolean, but was %.*s", SL(key), SL(value));
}

static int check_zone(struct slice key, struct slice value, struct sp_error *err)
{
	struct arena a = { 0 };
	bool good = sp_zone_make(&a, value) != NULL;
	arena_free(&a);
	return good ? 0
		    : sp_fail(err, SP_E_RUN, "INVALID_CONF_VALUE.TIME_ZONE", "22022",
			      "The value '%.*s' in the config \"%.*s\" is invalid. Cannot resolve the given timezone.", SL(value), SL(key));
}

static int check_policy(struct slice key, struct slice value, struct sp_error *err)
{
	if (sl_eq_nocase(value, S("EXCEPTION")) || sl_eq_nocase(value, S("LEGACY")) || sl_eq_nocase(value, S("CORRECTED")))
		return 0;
	return sp_fail(err, SP_E_RUN, "", "", "The value of %.*s should be one of EXCEPTION, LEGACY, CORRECTED, but was %.*s", SL(key), SL(value));
}

static int check_default(struct slice key, struct slice value, struct sp_error *err);

static const struct known {
	const char *key, *value, *doc;
	int (*check)(struct slice key, struct slice value, struct sp_error *err);
} known[] = {
	{ "spark.app.name", "Databricks Shell", "", NULL },
	{ "spark.databricks.clusterUsageTags.clusterId", "0000-000000-tarn0000", "", NULL },
	{ "spark.databricks.clusterUsageTags.clusterName", "tarn", "", NULL },
	{ "spark.databricks.delta.formatCheck.enabled", "true", "whether a path's format is checked", NULL },
	{ "spark.databricks.delta.retentionDurationCheck.enabled", "true", "whether VACUUM refuses to keep less than the table says", check_bool },
	{ "spark.databricks.delta.schema.autoMerge.enabled", "false", "whether INSERT and saves add columns that a table lacks", check_bool },
	{ "spark.master", "local[*]", "", NULL },
	{ "spark.sql.adaptive.enabled", "true", "", NULL },
	{ "spark.sql.ansi.doubleQuotedIdentifiers", "false", "whether \"a\" is a name", check_default },
	{ "spark.sql.ansi.enabled", "false", "whether overflow, bad casts and the like are errors", check_bool },
	{ "spark.sql.ansi.enforceReservedKeywords", "false", "whether keywords are no names", check_default },
	{ "spark.sql.autoBroadcastJoinThreshold", "10485760b", "", NULL },
	{ "spark.sql.caseSensitive", "false", "whether names differ by case", check_default },
	{ "spark.sql.catalogImplementation", "hive", "", NULL },
	{ "spark.sql.decimalOperations.allowPrecisionLoss", "true", "whether decimals of more than 38 digits are rounded", check_default },
	{ "spark.sql.groupByAliases", "true", "whether GROUP BY knows what SELECT calls things", check_default },
	{ "spark.sql.groupByOrdinal", "true", "whether GROUP BY 1 is the first of SELECT", check_default },
	{ "spark.sql.legacy.ctePrecedencePolicy", "EXCEPTION", "which WITH a name of two means", check_default },
	{ "spark.sql.legacy.setopsPrecedence.enabled", "false", "whether INTERSECT binds no closer than UNION", check_default },
	{ "spark.sql.legacy.timeParserPolicy", "EXCEPTION", "what reads dates by a pattern", check_policy },
	{ "spark.sql.mapKeyDedupPolicy", "EXCEPTION", "what happens to keys that a map has twice", NULL },
	{ "spark.sql.orderByOrdinal", "true", "whether ORDER BY 1 is the first of SELECT", check_default },
	{ "spark.sql.parser.escapedStringLiterals", "false", "whether texts have no escapes", check_default },
	{ "spark.sql.parser.quotedRegexColumnNames", "false", "whether `a.*` is a pattern of names", check_default },
	{ "spark.sql.session.timeZone", "UTC", "the zone of times without one", check_zone },
	{ "spark.sql.shuffle.partitions", "200", "", NULL },
	{ "spark.sql.sources.default", "delta", "the format of tables that name none", check_default },
	{ "spark.sql.storeAssignmentPolicy", "ANSI", "which values a column takes", check_default },
	{ "spark.sql.variable.substitute", "true", "whether ${key} is replaced", check_default },
	{ "spark.sql.warehouse.dir", "dbfs:/user/hive/warehouse", "", NULL },
};

static const struct known *known_of(struct slice key)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (sl_eqs(key, known[i].key))
			return &known[i];
	return NULL;
}

/* What would change what statements mean, and is served as it is by default only. */
static int check_default(struct slice key, struct slice value, struct sp_error *err)
{
	const struct known *k = known_of(key);
	if (sl_eq_nocase(value, sl(k->value)))
		return 0;
	return sp_fail(err, SP_E_UNSERVED, "", "", "%s is %s here; %.*s isn't served", k->key, k->value, SL(value));
}

static struct lake_setting *own(const struct lake_spark *s, struct slice key)
{
	struct lake_setting *c = s->settings;
	while (c && !sl_eq(c->key, key))
		c = c->next;
	return c;
}

struct slice lake_spark_setting(const struct lake_spark *s, struct slice key)
{
	const struct lake_setting *c = own(s, key);
	const struct known *k = c ? NULL : known_of(key);
	return c ? c->value : k ? sl(k->value) : sl(NULL);
}

int lake_spark_set(struct lake_spark *s, struct slice key, struct slice value, struct sp_error *err)
{
	const struct known *k = known_of(key);
	struct lake_setting *c = own(s, key), **at = &s->settings;
	if (k && k->check && k->check(key, value, err))
		return 1;
	if (!c) {
		c = arena_alloc(&s->arena, sizeof(*c));
		c->key = arena_dup(&s->arena, key);
		while (*at && sl_cmp((*at)->key, key) < 0)
			at = &(*at)->next;
		c->next = *at;
		*at = c;
	}
	c->value = arena_dup(&s->arena, value);
	return 0;
}

void lake_spark_unset(struct lake_spark *s, struct slice key)
{
	struct lake_setting **at = &s->settings;
	if (!key.p) {
		s->settings = NULL;
		return;
	}
	while (*at && !sl_eq((*at)->key, key))
		at = &(*at)->next;
	if (*at)
		*at = (*at)->next;
}

void lake_spark_settings(const struct lake_spark *s, void (*each)(void *arg, struct slice key, struct slice value, struct slice doc), void *arg)
{
	const struct lake_setting *c = s->settings;
	for (size_t i = 0; i < ARRAY_LEN(known) || c;) {
		int order = !c ? -1 : i == ARRAY_LEN(known) ? 1 : sl_cmp(sl(known[i].key), c->key);
		if (order < 0) {
			each(arg, sl(known[i].key), sl(known[i].value), sl(known[i].doc));
		} else {
			each(arg, c->key, c->value, order ? S("") : sl(known[i].doc));
			c = c->next;
		}
		i += order <= 0;
	}
}

/* ---- sessions ---- */

struct lake_spark *lake_spark_new(void)
{
	struct lake_spark *s = xcalloc(1, sizeof(*s));
	s->refs = 1;
	s->database = S("default");
	return s;
}

void lake_spark_free(struct lake_spark *s)
{
	if (!s || --s->refs)
		return;
	lake_frames_free(s);
	arena_free(&s->arena);
	free(s);
}

const struct lake_view *lake_view_find(const struct lake_view *views, struct slice name)
{
	while (views && !sl_eq_nocase(views->name, name))
		views = views->next;
	return views && views->gone ? NULL : views;
}

static struct slice setting_of(void *self, const char *key)
{
	return lake_spark_setting(self, sl(key));
}

int lake_spark_context(struct lake_spark *s, struct arena *a, int64_t now_us, struct sp_context *out, struct sp_error *err)
{
	struct slice zone = lake_spark_setting(s, S("spark.sql.session.timeZone"));
	*out = (struct sp_context){
		.ansi = sl_eq_nocase(lake_spark_setting(s, S("spark.sql.ansi.enabled")), S("true")),
		.now_us = now_us,
		.seed = (uint64_t)now_us,
		.user = S("tarn"),
		.catalog = S("spark_catalog"),
		.database = s->database,
		.conf = setting_of,
		.self = s,
	};
	if (sl_eqs(zone, "UTC"))
		return 0;
	out->zone = sp_zone_make(a, zone);
	return out->zone ? 0 : check_zone(S("spark.sql.session.timeZone"), zone, err);
}

/* ---- named ones ---- */

struct lake_spark *lake_spark_find(struct lake *l, struct slice id)
{
	struct lake_spark *s = l->sparks;
	while (s && !sl_eqs(id, s->id))
		s = s->next;
	if (s)
		s->used_ms = clock_now_ms(l->env->clock);
	return s;
}

/* The one unused for longest goes when there are too many. */
static void make_room(struct lake *l)
{
	struct lake_spark **at, **oldest = NULL, *s;
	size_t n = 0;
	for (at = &l->sparks; *at; at = &(*at)->next, n++)
		if ((*at)->refs == 1 && (!oldest || (*at)->used_ms <= (*oldest)->used_ms))
			oldest = at;
	if (n < LAKE_SPARKS_MAX || !oldest)
		return;
	s = *oldest;
	*oldest = s->next;
	lake_spark_free(s);
}

void lake_spark_post(void *self, struct http_call *call)
{
	struct lake *l = self;
	struct lake_spark *s = lake_spark_new();
	struct buf b = { 0 };
	make_room(l);
	snprintf(s->id, sizeof(s->id), "01ef0000-0000-1000-8001-%012llx", (unsigned long long)++l->spark_n);
	s->used_ms = clock_now_ms(l->env->clock);
	s->next = l->sparks;
	l->sparks = s;
	jw_obj(&b, NULL);
	jw_text(&b, "session_id", s->id);
	jw_obj_end(&b);
	buf_addc(&b, '\n');
	http_reply(call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

void lake_spark_delete(void *self, struct http_call *call)
{
	struct lake *l = self;
	struct lake_spark **at = &l->sparks, *s;
	while (*at && !sl_eqs(call->arg[0], (*at)->id))
		at = &(*at)->next;
	s = *at;
	if (!s) {
		problem_send(call, 404, "RESOURCE_DOES_NOT_EXIST", "No session has the id %.*s", SL(call->arg[0]));
		return;
	}
	*at = s->next;
	lake_outputs_free(l, s->id);
	lake_udf_forget(s);
	lake_spark_free(s);
	http_reply(call, 200, "application/json", S("{}\n"));
}
