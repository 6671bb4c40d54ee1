/* A configuration judged as AbstractHerder.validateConnectorConfig does: the worker's settings with those of transforms and predicates, the
 * connector's, its own rules, and the converters'. */
#include "connect/check.h"
#include "connect/smt.h"

struct con_checking {
	struct arena *a;
	const struct con_config *c;
	struct con_judgement *out;
	struct con_setting *now; /* the one that is looked at */
};

struct arena *con_checking_arena(struct con_checking *k)
{
	return k->a;
}

static void say(struct con_checking *k, struct con_setting *s, struct slice text)
{
	ARENA_GROW(k->a, s->errors, s->n, s->cap);
	s->errors[s->n++] = text;
}

void con_wrong_text(struct con_checking *k, const struct con_def *d, struct slice text)
{
	(void)d;
	say(k, k->now, arena_dup(k->a, text));
}

static void wrong(struct con_checking *k, const char *name, struct slice v, struct slice text)
{
	v = v.p ? v : S("null");
	say(k, k->now, arena_printf(k->a, "Invalid value %.*s for configuration %s: %.*s", SL(v), name, SL(text)));
}

void con_wrong(struct con_checking *k, const struct con_def *d, struct slice v, const char *fmt, ...)
{
	struct buf b = { .max = 8192 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	wrong(k, d->name, v, buf_slice(&b));
	buf_free(&b);
}

/* ---- one setting ---- */

/* String.trim: all that is no more than a space. */
static struct slice trim(struct slice s)
{
	while (s.n && (uint8_t)s.p[0] <= ' ')
		s = sl_from(s, 1);
	while (s.n && (uint8_t)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

static struct con_setting *find(struct con_judgement *j, const char *name)
{
	for (size_t i = 0; i < j->n; i++)
		if (!strcmp(j->v[i].def.name, name))
			return &j->v[i];
	return NULL;
}

/* ConfigDef.parseType. False: it can't be read, which is said. */
static bool parse(struct con_checking *k, const struct con_def *d, const char *name, const char *text)
{
	static const int64_t lows[] = { [CON_INT] = INT32_MIN, [CON_LONG] = INT64_MIN, [CON_SHORT] = INT16_MIN };
	static const int64_t highs[] = { [CON_INT] = INT32_MAX, [CON_LONG] = INT64_MAX, [CON_SHORT] = INT16_MAX };
	static const char *const names[] = { [CON_INT] = "INT", [CON_LONG] = "LONG", [CON_SHORT] = "SHORT" };
	struct slice v = sl_trim(sl(text));
	int64_t n;
	switch (d->type) {
	case CON_INT: case CON_LONG: case CON_SHORT:
		if (v.n > 1 && v.p[0] == '+' && v.p[1] != '-')
			v = sl_from(v, 1);
		if (sl_int(v, lows[d->type], highs[d->type], &n))
			return true;
		wrong(k, name, sl(text), arena_printf(k->a, "Not a number of type %s", names[d->type]));
		return false;
	case CON_BOOLEAN:
		if (sl_eq_nocase(v, S("true")) || sl_eq_nocase(v, S("false")))
			return true;
		wrong(k, name, sl(text), S("Expected value to be either true or false"));
		return false;
	case CON_CLASS:
		if (con_class_known(v))
			return true;
		wrong(k, name, sl(text), arena_printf(k->a, "Class %s could not be found.", text));
		return false;
	case CON_STRING: case CON_DOUBLE: case CON_LIST: case CON_PASSWORD:
		break;
	}
	return true;
}

static void add_group(struct con_checking *k, const char *group)
{
	struct con_judgement *j = k->out;
	for (size_t i = 0; i < j->group_n; i++)
		if (!strcmp(j->groups[i], group))
			return;
	ARENA_GROW(k->a, j->groups, j->group_n, j->group_cap);
	j->groups[j->group_n++] = group;
}

/* Looks at a setting by its definition; prefix: what stands before its name. */
static struct con_setting *look(struct con_checking *k, const struct con_def *d, const char *prefix, const char *group, int order)
{
	struct con_judgement *j = k->out;
	const char *name = *prefix ? arena_cstr(k->a, arena_printf(k->a, "%s%s", prefix, d->name)) : d->name, *given = con_get(k->c, name);
	struct slice v = sl(NULL);
	ARENA_GROW(k->a, j->v, j->n, j->cap);
	k->now = &j->v[j->n++];
	*k->now = (struct con_setting){ .def = *d, .value = given ? given : d->dflt };
	k->now->def.name = name;
	k->now->def.group = group;
	k->now->def.order = order;
	if (group)
		add_group(k, group);
	if (!given && d->required)
		say(k, k->now, arena_printf(k->a, "Missing required configuration \"%s\" which has no default value.", name));
	else if (!given)
		v = sl(d->dflt);
	else if (parse(k, d, name, given))
		v = trim(sl(given));
	if (d->check)
		d->check(k, d, v);
	if (given && !v.p)
		k->now->value = NULL;
	return k->now;
}

static void look_all(struct con_checking *k, const struct con_def *d, size_t n, enum con_plugin plugin)
{
	int order = 0;
	for (size_t i = 0; i < n; i++) {
		if (d[i].since > (int)plugin || (d[i].before && (int)plugin >= d[i].before))
			continue;
		order = i && d[i].group && d[i - 1].group && !strcmp(d[i].group, d[i - 1].group) ? order + 1 : 1;
		look(k, &d[i], "", d[i].group, d[i].order ? d[i].order : d[i].group ? order : -1);
	}
}

/* ---- transforms and predicates ---- */

static const struct con_def implicit[] = {
	{ "predicate", CON_STRING, .doc = "Predicate that says whether the transform is applied." },
	{ "negate", CON_BOOLEAN, "false", .doc = "Whether the predicate must be false." },
};

static void look_plugin(struct con_checking *k, bool transform, struct slice alias)
{
	const char *prefix = arena_cstr(k->a, arena_printf(k->a, "%s.%.*s.", transform ? "transforms" : "predicates", SL(alias)));
	const char *group = arena_cstr(k->a, arena_printf(k->a, "%s: %.*s", transform ? "Transforms" : "Predicates", SL(alias)));
	const char *type = con_get(k->c, arena_cstr(k->a, arena_printf(k->a, "%stype", prefix)));
	const char *what = transform ? "Transformation" : "Predicate";
	struct con_def d = { "type", CON_CLASS, NULL, true, .doc = transform ? "Class of the transform." : "Class of the predicate.", .importance = CON_HIGH, .width = CON_LONG_WIDTH,
			     .check = transform ? con_check_transform : con_check_predicate };
	const struct con_def *defs = NULL;
	size_t n = 0;
	bool key;
	int order = 0;
	d.display = arena_cstr(k->a, arena_printf(k->a, "%s type for %.*s", what, SL(alias)));
	const struct smt_kind *t = type && transform ? smt_kind_of(arena_cstr(k->a, sl_trim(sl(type))), &key) : NULL;
	const struct smt_predicate_kind *p = type && !transform ? smt_predicate_of(arena_cstr(k->a, sl_trim(sl(type)))) : NULL;
	struct con_setting *s = look(k, &d, prefix, group, order++);
	const char *negate = arena_cstr(k->a, arena_printf(k->a, "%snegate", prefix)), *predicate = arena_cstr(k->a, arena_printf(k->a, "%spredicate", prefix));
	if (transform && con_get(k->c, negate) && !con_get(k->c, predicate))
		say(k, s, arena_printf(k->a, "Config '%s' was provided but there is no config '%s' defining a predicate to be negated.", negate, predicate));
	if (!t && !p)
		return;
	for (size_t i = 0; i < ARRAY_LEN(implicit) && transform; i++)
		look(k, &implicit[i], prefix, group, order++);
	defs = t ? t->defs : p->defs;
	n = t ? t->def_n : p->def_n;
	for (size_t i = 0; i < n; i++)
		look(k, &defs[i], prefix, group, order++);
}

static void look_plugins(struct con_checking *k, bool transform)
{
	struct slice rest = sl_trim(sl(con_get(k->c, transform ? "transforms" : "predicates"))), word, *seen = NULL;
	size_t n = 0, cap = 0;
	if (!rest.n)
		return;
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		word = sl_trim(word);
		if (smt_in(seen, n, word))
			continue;
		ARENA_GROW(k->a, seen, n, cap);
		seen[n++] = word;
		look_plugin(k, transform, word);
	}
}

/* ---- rules over several settings ---- */

static bool given(const struct con_checking *k, const char *name)
{
	return sl_trim(sl(con_get(k->c, name))).n > 0;
}

static void say_of(struct con_checking *k, const char *name, struct slice text)
{
	struct con_setting *s = find(k->out, name);
	if (s)
		say(k, s, text);
}

/* SinkConnectorConfig.validate. */
static void topic_rules(struct con_checking *k)
{
	bool topics = given(k, "topics"), regex = given(k, "topics.regex");
	struct slice both = S("topics and topics.regex are mutually exclusive options, but both are set."), none = S("Must configure one of topics or topics.regex");
	struct slice dlq = sl_trim(sl(con_get(k->c, "errors.deadletterqueue.topic.name"))), rest = sl(con_get(k->c, "topics")), word, *list = NULL;
	size_t n = 0, cap = 0;
	if (topics == regex) {
		say_of(k, "topics", topics ? both : none);
		say_of(k, "topics.regex", topics ? both : none);
	}
	if (!dlq.n)
		return;
	while (topics && rest.p) {
		sl_cut(rest, ',', &word, &rest);
		word = sl_trim(word);
		if (!word.n || smt_in(list, n, word))
			continue;
		ARENA_GROW(k->a, list, n, cap);
		list[n++] = word;
	}
	if (smt_in(list, n, dlq))
		say_of(k, "topics", arena_printf(k->a, "The DLQ topic '%.*s' may not be included in the list of topics ('topics=%.*s') consumed by the connector", SL(dlq),
						 SL(smt_list_text(k->a, list, n))));
	if (regex && java_matches(dlq, sl(con_get(k->c, "topics.regex")), false) == 1)
		say_of(k, "topics.regex", arena_printf(k->a, "The DLQ topic '%.*s' may not be matched by the regex for the topics ('topics.regex=%s') consumed by the connector", SL(dlq),
						       con_get(k->c, "topics.regex")));
}

static bool truth(const struct con_checking *k, const char *name)
{
	const struct con_setting *s = find(k->out, name);
	return s && sl_eq_nocase(sl_trim(sl(s->value)), S("true"));
}

static void no_gzip(struct con_checking *k, const char *what, const char *format, const char *store)
{
	const struct con_setting *s = find(k->out, format);
	struct slice class = sl(s ? s->value : NULL);
	if (sl_ends(class, S(".JsonFormat")) || sl_ends(class, S(".ByteArrayFormat")))
		return;
	struct slice text = arena_printf(k->a, "Compression Type gzip not valid for %s format class: ( %.*s ).", what, SL(class));
	if (store)
		say_of(k, store, text);
	say_of(k, format, text);
	say_of(k, "s3.compression.type", text);
}

/* S3SinkConnectorValidator, which came with 10.1; from: where the sink's settings begin. It keeps quiet when one of them is wrong. */
static void s3_rules(struct con_checking *k, size_t from)
{
	static const char *const wan[] = { "s3.wan.mode", "s3.path.style.access.enabled" }, *const tombstone[] = { "store.kafka.keys", "behavior.on.null.values" };
	const struct con_setting *type = find(k->out, "s3.compression.type"), *null = find(k->out, "behavior.on.null.values"), *schedule = find(k->out, "rotate.schedule.interval.ms");
	int64_t ms = 0;
	for (size_t i = from; i < k->out->n; i++)
		if (k->out->v[i].n)
			return;
	if (sl_int(sl_trim(sl(schedule->value)), 1, INT64_MAX, &ms) && !given(k, "timezone"))
		return;
	if (sl_eq(sl_trim(sl(type->value)), S("gzip"))) {
		no_gzip(k, "data", "format.class", NULL);
		if (truth(k, "store.kafka.keys"))
			no_gzip(k, "keys", "keys.format.class", "store.kafka.keys");
		if (truth(k, "store.kafka.headers"))
			no_gzip(k, "headers", "headers.format.class", "store.kafka.headers");
	}
	for (size_t i = 0; i < 2 && sl_eq_nocase(sl_trim(sl(null->value)), S("write")) && !truth(k, "store.kafka.keys"); i++)
		say_of(k, tombstone[i], S("Writing Kafka record keys to storage is mandatory when tombstone writing is enabled."));
	for (size_t i = 0; i < 2 && truth(k, wan[0]) && truth(k, wan[1]); i++)
		say_of(k, wan[i], S("Both accelerate mode and path style access are being enabled. These options are mutually exclusive and cannot be enabled together. Please disable one of them"));
}

/* ---- the whole ---- */

/* A converter's settings are judged without their prefix, with the type that Connect adds, and only when the connector names it. */
static void look_converter(struct con_checking *k, const char *of, const char *type)
{
	struct con_setting *s = find(k->out, of);
	const char *class = con_get(k->c, of);
	const struct con_config *whole = k->c;
	struct con_config own = { 0 };
	struct slice name = class ? con_converter_name(sl_trim(sl(class))) : sl(NULL), key;
	size_t from = k->out->n, n;
	if (!name.p || s->n || sl_eqs(name, con_converter_classes[CONVERT_SIMPLE_HEADER]))
		return;
	const struct con_def *defs = sl_eqs(name, con_converter_classes[CONVERT_JSON]) ? con_json_defs : sl_eqs(name, con_converter_classes[CONVERT_STRING]) ? con_string_defs : con_plain_defs;
	n = defs == con_json_defs ? con_json_def_n : defs == con_string_defs ? con_string_def_n : con_plain_def_n;
	con_put(&own, S("converter.type"), sl(type));
	for (size_t i = 0; i < whole->n; i++)
		if (sl_after(sl(whole->pairs[i].key), arena_printf(k->a, "%s.", of), &key))
			con_put(&own, key, sl(whole->pairs[i].value));
	k->c = &own;
	for (size_t i = 0; i < n; i++)
		look(k, &defs[i], "", defs[i].group, defs[i].group ? (int)i : -1);
	k->c = whole;
	for (size_t i = from; i < k->out->n; i++) {
		struct con_setting *x = &k->out->v[i];
		x->value = x->value ? arena_cstr(k->a, sl(x->value)) : NULL;
		x->def.name = arena_cstr(k->a, arena_printf(k->a, "%s.%s", of, x->def.name));
	}
	con_config_free(&own);
}

enum kind { KIND_S3, KIND_FILE_SINK, KIND_FILE_SOURCE };

static enum kind kind_of(const char *class)
{
	return strstr(class ? class : "", "FileStreamSource") ? KIND_FILE_SOURCE : strstr(class ? class : "", "FileStreamSink") ? KIND_FILE_SINK : KIND_S3;
}

static void look_connector(struct con_checking *k, enum kind kind, enum con_plugin plugin)
{
	size_t from = k->out->n;
	if (kind == KIND_FILE_SINK) {
		look_all(k, con_file_sink_defs, con_file_sink_def_n, plugin);
		return;
	}
	if (kind == KIND_FILE_SOURCE) {
		look_all(k, con_file_source_defs, con_file_source_def_n, plugin);
		return;
	}
	look_all(k, con_s3_defs, con_s3_def_n, plugin);
	if (plugin == CON_S3_10_5)
		s3_rules(k, from);
}

static void look_worker(struct con_checking *k, enum kind kind, enum con_plugin plugin)
{
	look_all(k, con_worker_defs, con_worker_def_n, plugin);
	if (kind == KIND_FILE_SOURCE)
		look_all(k, con_source_defs, con_source_def_n, plugin);
	else
		look_all(k, con_sink_defs, con_sink_def_n, plugin);
}

void con_judge(struct arena *a, const struct con_config *c, enum con_plugin plugin, struct con_judgement *out)
{
	struct con_checking k = { a, c, out, NULL };
	enum kind kind = kind_of(con_get(c, "connector.class"));
	int64_t tasks;
	*out = (struct con_judgement){ 0 };
	look_worker(&k, kind, plugin);
	look_plugins(&k, true);
	look_plugins(&k, false);
	if (kind != KIND_FILE_SOURCE)
		topic_rules(&k);
	look_connector(&k, kind, plugin);
	/* DIFFERS: a connector has no more tasks than CON_TASKS_MAX. */
	if (sl_int(sl_trim(sl(con_get(c, "tasks.max"))), CON_TASKS_MAX + 1, INT32_MAX, &tasks))
		say_of(&k, "tasks.max", arena_printf(a, "Invalid value %lld for configuration tasks.max: Value must be no more than %d", (long long)tasks, CON_TASKS_MAX));
	look_converter(&k, "header.converter", "header");
	look_converter(&k, "key.converter", "key");
	look_converter(&k, "value.converter", "value");
	for (size_t i = 0; i < out->n; i++)
		out->error_n += out->v[i].n;
}

void con_definitions(struct arena *a, const char *class, enum con_plugin plugin, struct con_judgement *out)
{
	struct con_config none = { 0 };
	struct con_checking k = { a, &none, out, NULL };
	*out = (struct con_judgement){ 0 };
	look_connector(&k, kind_of(class), plugin);
	look_worker(&k, kind_of(class), plugin);
}

size_t con_unknown(struct arena *a, const struct con_config *c, enum con_plugin plugin, struct slice **out)
{
	static const char *const others[] = { "consumer.override.", "producer.override.", "admin.override.", "s3.credentials.provider." };
	struct con_judgement j;
	size_t n = 0;
	con_judge(a, c, plugin, &j);
	*out = arena_alloc(a, (c->n + 1) * sizeof(**out));
	for (size_t i = 0; i < c->n; i++) {
		bool known = find(&j, c->pairs[i].key) != NULL;
		for (size_t o = 0; o < ARRAY_LEN(others); o++)
			known |= sl_starts(sl(c->pairs[i].key), sl(others[o]));
		if (!known)
			(*out)[n++] = sl(c->pairs[i].key);
	}
	return n;
}

struct slice con_first_error(const struct con_judgement *j)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->v[i].n)
			return j->v[i].errors[0];
	return S("");
}

const char *con_plugin_version(enum con_plugin p)
{
	return p == CON_S3_10_5 ? "10.5.13" : "10.0.3";
}
