/* The JSON of the worker's answers: maps in the order of a java.util.HashMap where the worker keeps one. */
#include "connect/answer.h"
#include "connect/check.h"
#include "core/json.h"

static void text(struct buf *out, const char *name, const char *s) /* NULL: null */
{
	jk_str(out, name, sl(s));
}

static void add_config(const struct con_config *c, const char *name, struct buf *out)
{
	jw_obj(out, name);
	for (size_t i = 0; i < c->n; i++) {
		jk_str(out, NULL, sl(c->pairs[i].key));
		buf_addc(out, ':');
		text(out, NULL, c->pairs[i].value);
	}
	jw_obj_end(out);
}

void con_config_json(const struct con_config *c, struct buf *out)
{
	add_config(c, NULL, out);
}

void con_config_hashed(struct arena *a, const struct con_config *c, size_t table, struct con_config *out)
{
	uint32_t *hash = arena_alloc(a, (c->n + 1) * sizeof(*hash));
	size_t *order;
	for (size_t i = 0; i < c->n; i++)
		hash[i] = java_hash(sl(c->pairs[i].key));
	order = java_order(a, hash, c->n, table);
	out->n = c->n;
	out->pairs = arena_alloc(a, (out->n + 1) * sizeof(*out->pairs));
	for (size_t i = 0; i < out->n; i++)
		out->pairs[i] = c->pairs[order[i]];
}

/* Under a name, or NULL. */
static void add_stored_config(struct arena *a, const struct con_config *c, const char *name, struct buf *out)
{
	struct con_config hashed;
	con_config_hashed(a, c, JAVA_TABLE, &hashed);
	add_config(&hashed, name, out);
}

void con_answer_config(struct arena *a, const struct connector *c, struct buf *out)
{
	add_stored_config(a, &c->config, NULL, out);
}

static void add_task_id(struct buf *out, const char *name, const char *connector, size_t i)
{
	jw_obj(out, name);
	text(out, "connector", connector);
	jw_int(out, "task", (int64_t)i);
	jw_obj_end(out);
}

static const char *type_of(const struct con_config *config)
{
	const struct con_kind *kind = con_kind_of(con_get(config, "connector.class"));
	return kind && kind->source ? "source" : "sink";
}

void con_answer_info(struct arena *a, const char *name, const struct con_config *config, bool as_given, size_t task_n, struct buf *out)
{
	jw_obj(out, NULL);
	text(out, "name", name);
	if (as_given)
		add_config(config, "config", out);
	else
		add_stored_config(a, config, "config", out);
	jw_list(out, "tasks");
	for (size_t i = 0; i < task_n; i++)
		add_task_id(out, NULL, name, i);
	jw_list_end(out);
	text(out, "type", type_of(config));
	jw_obj_end(out);
}

static void add_state(struct buf *out, const char *state, const char *worker, const char *trace)
{
	text(out, "state", state);
	text(out, "worker_id", worker);
	if (trace)
		text(out, "trace", trace);
}

void con_answer_task(const struct con_task *t, size_t i, const char *state, const char *worker, struct buf *out)
{
	jw_obj(out, NULL);
	jw_int(out, "id", (int64_t)i);
	add_state(out, state ? state : con_state_name(t->state), worker, t->trace);
	jw_obj_end(out);
}

static bool restarts(const struct con_restart *r, enum con_state state, bool task)
{
	return r && (!task || r->tasks) && (!r->only_failed || state == CON_FAILED);
}

void con_answer_status(const struct connector *c, const char *worker, const struct con_restart *r, bool explain, struct buf *out)
{
	bool again = restarts(r, c->state, false);
	jw_obj(out, NULL);
	text(out, "name", c->name);
	jw_obj(out, "connector");
	add_state(out, con_state_name(again ? CON_RESTARTING : c->state), worker, c->trace);
	jw_obj_end(out);
	jw_list(out, "tasks");
	for (size_t i = 0; i < c->task_n; i++)
		con_answer_task(&c->tasks[i], i, restarts(r, c->tasks[i].state, true) ? con_state_name(CON_RESTARTING) : NULL, worker, out);
	jw_list_end(out);
	text(out, "type", c->kind->source ? "source" : "sink");
	if (explain)
		con_explain(c, out);
	jw_obj_end(out);
}

void con_answer_tasks(struct arena *a, const struct connector *c, struct buf *out)
{
	struct con_config with = { 0 };
	con_copy(&with, &c->config);
	con_put(&with, S("task.class"), sl(c->kind->task_class));
	jw_list(out, NULL);
	for (size_t i = 0; i < c->task_n; i++) {
		jw_obj(out, NULL);
		add_task_id(out, "id", c->name, i);
		add_stored_config(a, &with, "config", out);
		jw_obj_end(out);
	}
	jw_list_end(out);
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

static void write_names(const struct names *s, const char *name, struct buf *out)
{
	jw_list(out, name);
	for (size_t i = 0; i < s->n; i++)
		jk_str(out, NULL, s->v[i]);
	jw_list_end(out);
}

/* A connector's name, in front of its value. */
static void add_key(struct buf *out, const char *name)
{
	text(out, NULL, name);
	buf_addc(out, ':');
}

void con_answer_topics(struct arena *a, struct connect *k, const char *name, struct buf *out)
{
	struct names s = { .a = a };
	con_store_topics(&k->db, name, add_name, &s);
	java_order_names(a, s.v, s.n, JAVA_TABLE);
	jw_obj(out, NULL);
	add_key(out, name);
	jw_obj(out, NULL);
	write_names(&s, "topics", out);
	jw_obj_end(out);
	jw_obj_end(out);
}

void con_answer_connectors(struct arena *a, struct connect *k, bool status, bool info, const char *worker, struct buf *out)
{
	struct names s = { .a = a };
	for (struct connector *c = k->connectors; c; c = c->next)
		add_name(&s, sl(c->name));
	java_order_names(a, s.v, s.n, JAVA_TABLE);
	if (!status && !info) {
		write_names(&s, NULL, out);
		return;
	}
	jw_obj(out, NULL);
	for (size_t i = 0; i < s.n; i++) {
		struct connector *c = con_find(k, s.v[i]);
		if (status && !c->started)
			continue;
		add_key(out, c->name);
		jw_obj(out, NULL);
		if (status) {
			jw_name(out, "status");
			con_answer_status(c, worker, NULL, false, out);
		}
		if (info) {
			jw_name(out, "info");
			con_answer_info(a, c->name, &c->config, false, c->task_n, out);
		}
		jw_obj_end(out);
	}
	jw_obj_end(out);
}

/* ---- offsets ---- */

void con_answer_offsets(struct arena *a, const struct con_offset_row *rows, size_t n, struct buf *out)
{
	uint32_t *hash = arena_alloc(a, (n + 1) * sizeof(*hash)); /* of its TopicPartition */
	size_t *order;
	for (size_t i = 0; i < n; i++)
		hash[i] = (31u + (uint32_t)rows[i].partition) * 31u + java_hash(rows[i].topic);
	order = java_order(a, hash, n, JAVA_TABLE);
	jw_obj(out, NULL);
	jw_list(out, "offsets");
	for (size_t i = 0; i < n; i++) {
		const struct con_offset_row *r = &rows[order[i]];
		jw_obj(out, NULL);
		jw_obj(out, "partition");
		jw_int(out, "kafka_partition", r->partition);
		jk_str(out, "kafka_topic", r->topic);
		jw_obj_end(out);
		jw_obj(out, "offset");
		jw_int(out, "kafka_offset", r->offset);
		jw_obj_end(out);
		jw_obj_end(out);
	}
	jw_list_end(out);
	jw_obj_end(out);
}

static void add_source(void *arg, struct slice file, int64_t at)
{
	struct buf *out = arg;
	jw_obj(out, NULL);
	jw_obj(out, "partition");
	jk_str(out, "filename", file);
	jw_obj_end(out);
	jw_obj(out, "offset");
	jw_int(out, "position", at);
	jw_obj_end(out);
	jw_obj_end(out);
}

void con_answer_sources(struct connect *k, const char *name, struct buf *out)
{
	jw_obj(out, NULL);
	jw_list(out, "offsets");
	con_store_sources(&k->db, name, add_source, out);
	jw_list_end(out);
	jw_obj_end(out);
}

/* ---- plugins ---- */

static void add_definition(const struct con_def *d, const char *name, struct buf *out)
{
	static const char *const types[] = { "STRING", "INT", "LONG", "SHORT", "DOUBLE", "BOOLEAN", "CLASS", "LIST", "PASSWORD" };
	static const char *const importances[] = { "MEDIUM", "HIGH", "LOW" }, *const widths[] = { "NONE", "SHORT", "MEDIUM", "LONG" };
	jw_obj(out, name);
	text(out, "name", d->name);
	text(out, "type", types[d->type]);
	jw_bool(out, "required", d->required);
	text(out, "default_value", d->dflt);
	text(out, "importance", importances[d->importance]);
	text(out, "documentation", d->doc);
	text(out, "group", d->group);
	text(out, "width", widths[d->width]);
	text(out, "display_name", d->display ? d->display : d->name);
	jw_raw(out, "dependents", S("[]"));
	jw_int(out, "order", d->order);
	jw_obj_end(out);
}

void con_answer_definitions(const struct con_judgement *j, struct buf *out)
{
	jw_list(out, NULL);
	for (size_t i = 0; i < j->n; i++)
		add_definition(&j->v[i].def, NULL, out);
	jw_list_end(out);
}

static void add_setting(const struct con_setting *s, struct buf *out)
{
	bool hidden = s->def.type == CON_PASSWORD && s->value;
	jw_obj(out, NULL);
	add_definition(&s->def, "definition", out);
	jw_obj(out, "value");
	text(out, "name", s->def.name);
	text(out, "value", hidden ? "[hidden]" : s->value);
	jw_raw(out, "recommended_values", S("[]"));
	jw_list(out, "errors");
	for (size_t i = 0; i < s->n; i++)
		jk_str(out, NULL, s->errors[i]);
	jw_list_end(out);
	jw_bool(out, "visible", true);
	jw_obj_end(out);
	jw_obj_end(out);
}

void con_answer_validation(const struct con_config *c, const struct con_judgement *j, struct buf *out)
{
	jw_obj(out, NULL);
	text(out, "name", con_get(c, "connector.class"));
	jw_int(out, "error_count", (int64_t)j->error_n);
	jw_list(out, "groups");
	for (size_t i = 0; i < j->group_n; i++)
		text(out, NULL, j->groups[i]);
	jw_list_end(out);
	jw_list(out, "configs");
	for (size_t i = 0; i < j->n; i++)
		add_setting(&j->v[i], out);
	jw_list_end(out);
	jw_obj_end(out);
}
