/* The JSON of the worker's answers: maps in the order of a java.util.HashMap where the worker keeps one. */
#include <string.h>

#include "connect/answer.h"
#include "connect/json.h"

enum { HASH_TABLE = 16 }; /* new HashMap() */

static void add_string(struct buf *out, const char *s)
{
	cjson_write_string(out, sl(s));
}

static void add_pair(struct buf *out, const char *key, const char *value)
{
	add_string(out, key);
	buf_addc(out, ':');
	add_string(out, value);
}

void con_config_json(const struct con_config *c, struct buf *out)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < c->n; i++) {
		if (i)
			buf_addc(out, ',');
		add_pair(out, c->pairs[i].key, c->pairs[i].value);
	}
	buf_addc(out, '}');
}

void con_config_hashed(struct arena *a, const struct con_config *c, size_t table, struct con_config *out)
{
	struct slice *keys = arena_alloc(a, (c->n + 1) * sizeof(*keys));
	size_t *order = arena_alloc(a, (c->n + 1) * sizeof(*order)), *value = arena_alloc(a, (c->n + 1) * sizeof(*value));
	for (size_t i = 0; i < c->n; i++)
		keys[i] = sl(c->pairs[i].key);
	out->n = java_hash_order(a, keys, c->n, table, order, value);
	out->pairs = arena_alloc(a, (out->n + 1) * sizeof(*out->pairs));
	for (size_t i = 0; i < out->n; i++)
		out->pairs[i] = c->pairs[order[i]];
}

/* new HashMap(map): a table just large enough. */
size_t con_copy_table(size_t n)
{
	size_t table = 1;
	while (table * 3 < n * 4 + 3)
		table *= 2;
	return table;
}

static void add_stored_config(struct arena *a, const struct con_config *c, struct buf *out)
{
	struct con_config hashed;
	con_config_hashed(a, c, HASH_TABLE, &hashed);
	con_config_json(&hashed, out);
}

void con_answer_config(struct arena *a, const struct connector *c, struct buf *out)
{
	add_stored_config(a, &c->config, out);
}

void con_answer_info(struct arena *a, const char *name, const struct con_config *config, bool as_given, size_t task_n, struct buf *out)
{
	buf_adds(out, "{\"name\":");
	add_string(out, name);
	buf_adds(out, ",\"config\":");
	if (as_given)
		con_config_json(config, out);
	else
		add_stored_config(a, config, out);
	buf_adds(out, ",\"tasks\":[");
	for (size_t i = 0; i < task_n; i++) {
		buf_adds(out, i ? ",{\"connector\":" : "{\"connector\":");
		add_string(out, name);
		buf_addf(out, ",\"task\":%zu}", i);
	}
	buf_adds(out, "],\"type\":\"sink\"}");
}

void con_answer_task(const struct con_task *t, size_t i, const char *state, const char *worker, struct buf *out)
{
	buf_addf(out, "{\"id\":%zu,\"state\":\"%s\",\"worker_id\":", i, state ? state : con_state_name(t->state));
	add_string(out, worker);
	if (t->trace) {
		buf_adds(out, ",\"trace\":");
		add_string(out, t->trace);
	}
	buf_addc(out, '}');
}

static bool restarts(const struct con_restart *r, enum con_state state, bool task)
{
	return r && (!task || r->tasks) && (!r->only_failed || state == CON_FAILED);
}

void con_answer_status(const struct connector *c, const char *worker, const struct con_restart *r, struct buf *out)
{
	bool again = restarts(r, c->state, false);
	buf_adds(out, "{\"name\":");
	add_string(out, c->name);
	buf_addf(out, ",\"connector\":{\"state\":\"%s\",\"worker_id\":", con_state_name(again ? CON_RESTARTING : c->state));
	add_string(out, worker);
	if (c->trace) {
		buf_adds(out, ",\"trace\":");
		add_string(out, c->trace);
	}
	buf_adds(out, "},\"tasks\":[");
	for (size_t i = 0; i < c->task_n; i++) {
		if (i)
			buf_addc(out, ',');
		con_answer_task(&c->tasks[i], i, restarts(r, c->tasks[i].state, true) ? con_state_name(CON_RESTARTING) : NULL, worker, out);
	}
	buf_adds(out, "],\"type\":\"sink\"}");
}

void con_answer_tasks(struct arena *a, const struct connector *c, struct buf *out)
{
	struct con_config with = { 0 };
	con_copy(&with, &c->config);
	con_put(&with, S("task.class"), S("io.confluent.connect.s3.S3SinkTask"));
	buf_addc(out, '[');
	for (size_t i = 0; i < c->task_n; i++) {
		buf_adds(out, i ? ",{\"id\":{\"connector\":" : "{\"id\":{\"connector\":");
		add_string(out, c->name);
		buf_addf(out, ",\"task\":%zu},\"config\":", i);
		add_stored_config(a, &with, out);
		buf_addc(out, '}');
	}
	buf_addc(out, ']');
	con_config_free(&with);
}

/* ---- names in HashMap order ---- */

struct names {
	struct arena *a;
	struct slice *v;
	size_t n, cap;
};

static void add_name(void *arg, struct slice name)
{
	struct names *s = arg;
	ARENA_GROW(s->a, s->v, s->n, s->cap);
	s->v[s->n++] = arena_dup(s->a, name);
}

static void hash_names(struct names *s)
{
	size_t *order = arena_alloc(s->a, (s->n + 1) * sizeof(*order)), *value = arena_alloc(s->a, (s->n + 1) * sizeof(*value));
	struct slice *old = s->v, *v = arena_alloc(s->a, (s->n + 1) * sizeof(*v));
	s->n = java_hash_order(s->a, old, s->n, HASH_TABLE, order, value);
	for (size_t i = 0; i < s->n; i++)
		v[i] = old[order[i]];
	s->v = v;
}

static void write_names(const struct names *s, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < s->n; i++) {
		if (i)
			buf_addc(out, ',');
		cjson_write_string(out, s->v[i]);
	}
	buf_addc(out, ']');
}

void con_answer_topics(struct arena *a, struct connect *k, const char *name, struct buf *out)
{
	struct names s = { .a = a };
	con_store_topics(k->store, name, add_name, &s);
	hash_names(&s);
	buf_addc(out, '{');
	add_string(out, name);
	buf_adds(out, ":{\"topics\":");
	write_names(&s, out);
	buf_adds(out, "}}");
}

void con_answer_connectors(struct arena *a, struct connect *k, bool status, bool info, const char *worker, struct buf *out)
{
	struct names s = { .a = a };
	size_t shown = 0;
	for (struct connector *c = k->connectors; c; c = c->next)
		add_name(&s, sl(c->name));
	hash_names(&s);
	if (!status && !info) {
		write_names(&s, out);
		return;
	}
	buf_addc(out, '{');
	for (size_t i = 0; i < s.n; i++) {
		struct connector *c = con_find(k, s.v[i]);
		if (status && !c->started)
			continue;
		if (shown++)
			buf_addc(out, ',');
		add_string(out, c->name);
		buf_addc(out, ':');
		buf_addc(out, '{');
		if (status) {
			buf_adds(out, "\"status\":");
			con_answer_status(c, worker, NULL, out);
		}
		if (info) {
			buf_adds(out, status ? ",\"info\":" : "\"info\":");
			con_answer_info(a, c->name, &c->config, false, c->task_n, out);
		}
		buf_addc(out, '}');
	}
	buf_addc(out, '}');
}

/* ---- offsets ---- */

struct offset_row {
	struct offset_row *next;
	struct slice topic;
	int partition;
	int64_t offset;
	uint32_t hash; /* of its TopicPartition, as HashMap spreads it */
};
struct offset_rows {
	struct arena *a;
	struct offset_row *first, **last;
	size_t n;
};

static void add_offset(void *arg, struct slice topic, int partition, int64_t offset)
{
	struct offset_rows *rows = arg;
	if (offset < 0)
		return; /* reset */
	struct offset_row *r = arena_alloc(rows->a, sizeof(*r));
	uint32_t h = (31u + (uint32_t)partition) * 31u + java_string_hash(topic);
	*r = (struct offset_row){ NULL, arena_dup(rows->a, topic), partition, offset, h ^ h >> 16 };
	*rows->last = r;
	rows->last = &r->next;
	rows->n++;
}

void con_answer_offsets(struct arena *a, const struct connector *c, struct buf *out)
{
	struct offset_rows rows = { .a = a };
	size_t table = HASH_TABLE, shown = 0;
	rows.last = &rows.first;
	con_store_offsets(c->k->store, c->name, add_offset, &rows);
	while (rows.n > table / 4 * 3)
		table *= 2;
	buf_adds(out, "{\"offsets\":[");
	for (size_t slot = 0; slot < table; slot++) {
		for (const struct offset_row *r = rows.first; r; r = r->next) {
			if ((r->hash & (table - 1)) != slot)
				continue;
			buf_addf(out, "%s{\"partition\":{\"kafka_partition\":%d,\"kafka_topic\":", shown++ ? "," : "", r->partition);
			cjson_write_string(out, r->topic);
			buf_addf(out, "},\"offset\":{\"kafka_offset\":%lld}}", (long long)r->offset);
		}
	}
	buf_adds(out, "]}");
}

/* ---- plugins ---- */

static int order_in_group(const struct con_def *d)
{
	int order = 1;
	for (const struct con_def *o = con_defs; o < d; o++)
		order += !strcmp(o->group, d->group);
	return order;
}

/* DIFFERS: importance, width, texts and order are ours; a client reads names, types, defaults and errors. */
static void add_definition(const struct con_def *d, struct buf *out)
{
	static const char *const types[] = { "STRING", "INT", "LONG", "BOOLEAN", "CLASS", "LIST" };
	buf_adds(out, "{\"name\":");
	add_string(out, d->name);
	buf_addf(out, ",\"type\":\"%s\",\"required\":%s,\"default_value\":", types[d->type], d->required ? "true" : "false");
	if (d->dflt)
		add_string(out, d->dflt);
	else
		buf_adds(out, "null");
	buf_addf(out, ",\"importance\":\"%s\",\"documentation\":", d->required ? "HIGH" : "MEDIUM");
	add_string(out, d->doc);
	buf_adds(out, ",\"group\":");
	add_string(out, d->group);
	buf_adds(out, ",\"width\":\"MEDIUM\",\"display_name\":");
	add_string(out, d->name);
	buf_addf(out, ",\"dependents\":[],\"order\":%d}", order_in_group(d));
}

void con_answer_definitions(struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < con_def_n; i++) {
		if (i)
			buf_addc(out, ',');
		add_definition(&con_defs[i], out);
	}
	buf_addc(out, ']');
}

static void add_groups(struct buf *out)
{
	size_t shown = 0;
	buf_addc(out, '[');
	for (size_t i = 0; i < con_def_n; i++) {
		if (order_in_group(&con_defs[i]) > 1)
			continue;
		if (shown++)
			buf_addc(out, ',');
		add_string(out, con_defs[i].group);
	}
	buf_addc(out, ']');
}

void con_answer_validation(const struct con_config *c, const struct con_problem *p, size_t n, struct buf *out)
{
	buf_adds(out, "{\"name\":");
	add_string(out, con_get(c, "connector.class"));
	buf_addf(out, ",\"error_count\":%zu,\"groups\":", n);
	add_groups(out);
	buf_adds(out, ",\"configs\":[");
	for (size_t i = 0; i < con_def_n; i++) {
		const struct con_def *d = &con_defs[i];
		const char *value = con_get(c, d->name);
		bool any = false;
		buf_adds(out, i ? ",{\"definition\":" : "{\"definition\":");
		add_definition(d, out);
		buf_adds(out, ",\"value\":{\"name\":");
		add_string(out, d->name);
		buf_adds(out, ",\"value\":");
		value = value ? value : d->dflt;
		if (value)
			add_string(out, value);
		else
			buf_adds(out, "null");
		buf_adds(out, ",\"recommended_values\":[],\"errors\":[");
		for (size_t j = 0; j < n; j++) {
			if (p[j].def != d)
				continue;
			if (any)
				buf_addc(out, ',');
			any = true;
			cjson_write_string(out, p[j].text);
		}
		buf_adds(out, "],\"visible\":true}}");
	}
	buf_adds(out, "]}");
}
