/* Where a sink connector's consumer group is: offsets are committed in the broker, in connect-NAME, where Kafka's tools see them. DIFFERS: the
 * group has no members, tasks read their partitions without joining it.
 * connect.db keeps which partitions they are of, and the offsets themselves where there is no broker to ask. */
#include "connect/group.h"
#include "connect/override.h"

enum { ASK_AGAIN_MS = 100 }; /* real */

static struct consumers *port(const struct connector *c)
{
	return &c->k->env->ports->consumers;
}

struct slice con_group_id(struct arena *a, const struct connector *c)
{
	const char *own = con_override(&c->config, "group.id", NULL);
	return own ? sl(own) : arena_printf(a, "connect-%s", c->name);
}

int con_group_conf(struct connector *c, struct error *err)
{
	const char *reset = con_override(&c->config, "auto.offset.reset", "earliest");
	int64_t records = 500, bytes = CON_FETCH_BYTES;
	int rc = con_overrides_check(&c->config, err);
	if (rc)
		return rc;
	(void)sl_int(sl_trim(sl(con_override(&c->config, "max.poll.records", "500"))), 1, INT32_MAX, &records);
	(void)sl_int(sl_trim(sl(con_override(&c->config, "max.partition.fetch.bytes", NULL))), 1, 16 << 20, &bytes);
	c->poll_records = (size_t)records;
	c->fetch_bytes = (size_t)bytes;
	c->reset = sl_eq_nocase(sl(reset), S("latest")) ? -1 : sl_eq_nocase(sl(reset), S("none")) ? CON_RESET_NONE : -2;
	c->read_committed = !strcmp(con_override(&c->config, "isolation.level", ""), "read_committed");
	return 0;
}

/* It outlives the tasks: what is on its way to the store when they end is committed all the same. */
void con_group_open(struct connector *c)
{
	struct arena a = { 0 };
	struct consumer_conf conf = { .group = con_group_id(&a, c), .reset = S("none"), .session_ms = 45000 };
	if (c->group && !sl_eqs(conf.group, c->group_id)) {
		struct error err;
		con_group_close(c);
		if (con_store_offsets_forget(&c->k->db, c->name, &err))
			log_error(c->k->env, "offset", "connector=%s error=\"%s\"", c->name, err.text);
	}
	if (port(c)->self && !c->group) {
		conf.client = sl(con_override(&c->config, "client.id", NULL));
		if (!conf.client.p)
			conf.client = arena_printf(&a, "connector-consumer-%s-0", c->name);
		c->group_id = xstrndup(conf.group.p, conf.group.n);
		c->group = port(c)->open(port(c)->self, &conf);
	}
	arena_free(&a);
}

void con_group_close(struct connector *c)
{
	owed_cancel_all(&c->commits);
	if (c->group)
		port(c)->close(c->group);
	c->group = NULL;
	free(c->group_id);
	c->group_id = NULL;
}

/* ---- where it begins ---- */

static void look(void *arg)
{
	con_group_look(arg);
}

static void begin_at(struct con_tp *tp, int64_t committed)
{
	tp->begun = true;
	tp->committed = committed;
	tp->position = committed >= 0 ? committed : tp->c->reset;
	if (tp->position == CON_RESET_NONE) {
		char *cause = xasprintf("org.apache.kafka.clients.consumer.NoOffsetForPartitionException: Undefined offset with no reset policy for partitions: [%s-%d]", tp->topic, tp->partition);
		con_fail_task(tp->c, (size_t)tp->task, con_trace_start(cause));
		free(cause);
		return;
	}
	con_read(tp);
}

static void on_look(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	struct con_tp *tp = arg;
	struct connector *c = tp->c;
	bool kept;
	if (err || !n || p[0].error) {
		tp->look_code = n ? p[0].error : 0;
		owed_keep(&tp->read, owed_after(c->k->env->loop, ASK_AGAIN_MS, look, tp));
		return;
	}
	/* A group without members loses its offsets after some days; a real one has members as long as its tasks run, and nobody can take
	 * offsets away. So what connect.db has counts, unless the connector was stopped. An earlier version of tarn had nothing else. */
	int64_t own = p[0].offset < 0 ? con_store_offset_get(&c->k->db, c->name, tp->topic, tp->partition, &kept) : -1;
	if (own >= 0 && kept && c->was_stopped) {
		struct error why;
		if (con_store_offset(&c->k->db, c->name, tp->topic, tp->partition, -1, true, &why))
			log_error(c->k->env, "offset", "connector=%s error=\"%s\"", c->name, why.text);
		own = -1;
	}
	if (own >= 0)
		con_group_commit(tp, own);
	begin_at(tp, own >= 0 ? own : p[0].offset);
}

void con_group_look(struct con_tp *tp)
{
	struct connector *c = tp->c;
	struct consumer_place p = { .topic = sl(tp->topic), .partition = tp->partition, .offset = -1 };
	bool kept;
	owed_cancel_all(&tp->read);
	if (!c->group)
		begin_at(tp, con_store_offset_get(&c->k->db, c->name, tp->topic, tp->partition, &kept));
	else
		owed_keep(&tp->read, port(c)->committed(c->group, &p, 1, on_look, tp));
}

/* ---- commits ---- */

static void on_commit(void *arg, const struct consumer_place *p, size_t n, const struct error *err)
{
	struct connector *c = arg;
	/* The next commit of the partition says it again; until then a restart reads again what is stored, and stores the same. */
	for (size_t i = 0; i < n || err; i++) {
		if (err || p[i].error)
			log_warn(c->k->env, "commit-failed", "connector=%s topic=%.*s code=%d error=\"%s\"", c->name, n ? (int)p[i].topic.n : 0, n ? p[i].topic.p : "",
				 n ? p[i].error : 0, err ? err->text : "");
		if (err)
			break;
	}
	/* Partitions that began anew wait for what is said of them. */
	for (struct con_tp *tp = c->commits ? NULL : c->tps, *next; tp; tp = next) {
		next = tp->next;
		con_read(tp);
	}
}

void con_group_commit(struct con_tp *tp, int64_t offset)
{
	struct connector *c = tp->c;
	struct consumer_place p = { .topic = sl(tp->topic), .partition = tp->partition, .offset = offset };
	struct error err = { 0 };
	if (con_store_offset(&c->k->db, c->name, tp->topic, tp->partition, offset, c->group != NULL, &err)) {
		log_error(c->k->env, "offset", "connector=%s topic=%s partition=%d error=\"%s\"", c->name, tp->topic, tp->partition, err.text);
		return;
	}
	if (c->group)
		owed_keep(&c->commits, port(c)->commit(c->group, &p, 1, on_commit, c));
	tp->committed = offset;
}
