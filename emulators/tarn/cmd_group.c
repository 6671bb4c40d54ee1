/* tarn group: groups of consumers of the stack's Kafka, or of any: list, describe with lag, reset of offsets, delete. */
#include "core/clock.h"
#include "tarn/cmd_kafka.h"

enum { LIST_MOST = 5, DESCRIBE_MOST = 5, FETCH_MOST = 7, COMMIT_MOST = 8, DELETE_MOST = 2, MODERN_MOST = 1 };

struct group_options {
	struct cmd_kafka k;
	const char *topic, *to;
	bool dry;
};

/* A partition of a group: what it committed, who reads it. */
struct part {
	struct slice topic, member, host, client; /* member absent: nobody */
	int32_t index;
	int64_t committed, end; /* -1: none, unknown */
};
struct group {
	struct group_options *o;
	struct slice name, state, protocol, type;
	int32_t coordinator, member_n;
	struct part *parts; /* by topic and index, after sort; of the client's arena */
	size_t n, cap;
};

static struct part *part_of(struct group *g, struct slice topic, int32_t index)
{
	struct arena *a = kafka_client_arena(g->o->k.c);
	for (size_t i = 0; i < g->n; i++)
		if (g->parts[i].index == index && sl_eq(g->parts[i].topic, topic))
			return &g->parts[i];
	ARENA_GROW(a, g->parts, g->n, g->cap);
	g->parts[g->n] = (struct part){ .topic = topic, .index = index, .committed = -1, .end = -1 };
	return &g->parts[g->n++];
}

static int by_part(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int d = sl_cmp(x->topic, y->topic);
	return d ? d : x->index - y->index;
}

/* ---- ls ---- */

static int list(void *self, char **words, int n)
{
	struct group_options *o = self;
	struct kp_list_groups_req req = { 0 };
	const struct kp_metadata_resp *m;
	struct kp_list_groups_resp resp;
	struct error err;
	json_t *rows = json_array();
	int rc = cmd_kafka_open(&o->k);
	(void)words;
	(void)n;
	if (!rc && kafka_client_metadata(o->k.c, S(""), &m, &err))
		rc = cmd_kafka_lost(&err);
	for (int32_t b = 0; !rc && b < m->broker_n; b++) {
		if (kafka_client_ask(o->k.c, m->brokers[b].node_id, KP_LIST_GROUPS, LIST_MOST, &req, &resp, &err))
			rc = cmd_kafka_lost(&err);
		else if (resp.error_code)
			rc = cmd_kafka_refused("groups", resp.error_code, sl(NULL));
		for (int32_t i = 0; !rc && i < resp.group_n; i++)
			json_array_append_new(rows, json_pack("{s:o, s:o, s:o, s:i}", "group", cmd_kafka_text(resp.groups[i].group_id), "state",
							      cmd_kafka_text(resp.groups[i].group_state), "type",
							      cmd_kafka_text(resp.groups[i].group_type.n ? resp.groups[i].group_type : resp.groups[i].protocol_type),
							      "broker", (int)m->brokers[b].node_id));
	}
	if (!rc)
		return cmd_kafka_rows(rows, "group=group, state=state, type=type, broker=broker");
	json_decref(rows);
	return rc;
}

/* ---- what there is of a group ---- */

static void note_member(struct group *g, struct slice topic, int32_t index, struct slice member, struct slice client, struct slice host)
{
	struct part *p = part_of(g, topic, index);
	p->member = member;
	p->client = client;
	p->host = host;
}

/* A member's assignment, as the consumer protocol has it: version, topics with their partitions. */
static void read_assignment(struct group *g, const struct kp_describe_groups_resp_member *m)
{
	struct rd r = rd_of(m->member_assignment.p, m->member_assignment.n);
	(void)rd_u16be(&r);
	uint32_t topics = m->member_assignment.n ? rd_u32be(&r) : 0;
	for (uint32_t i = 0; i < topics && !r.bad; i++) {
		struct slice topic = rd_bytes(&r, rd_u16be(&r));
		uint32_t n = rd_u32be(&r);
		for (uint32_t j = 0; j < n && !r.bad; j++) {
			int32_t index = (int32_t)rd_u32be(&r);
			if (!r.bad)
				note_member(g, topic, index, m->member_id, m->client_id, m->client_host);
		}
	}
}

/* Groups of the newer protocol. *found: it is one. */
static int look_modern(struct group *g, bool *found)
{
	struct kp_consumer_group_describe_req req = { .group_ids = &g->name, .group_id_n = 1 };
	struct kp_consumer_group_describe_resp resp;
	struct error err;
	int rc = kafka_client_ask(g->o->k.c, g->coordinator, KP_CONSUMER_GROUP_DESCRIBE, MODERN_MOST, &req, &resp, &err);
	*found = !rc && resp.group_n && !resp.groups->error_code;
	if (rc && rc != ERR_UNSUPPORTED)
		return cmd_kafka_lost(&err);
	if (!*found)
		return EXIT_OK;
	g->state = resp.groups->group_state;
	g->protocol = resp.groups->assignor_name;
	g->type = S("consumer");
	g->member_n = resp.groups->member_n;
	for (int32_t i = 0; i < resp.groups->member_n; i++) {
		const struct kp_consumer_group_describe_resp_member *m = &resp.groups->members[i];
		for (int32_t t = 0; m->assignment && t < m->assignment->topic_partition_n; t++) {
			const struct kp_consumer_group_describe_resp_topic_partition *tp = &m->assignment->topic_partitions[t];
			for (int32_t p = 0; p < tp->partition_n; p++)
				note_member(g, tp->topic_name, tp->partitions[p], m->member_id, m->client_id, m->client_host);
		}
	}
	return EXIT_OK;
}

static int look_members(struct group *g)
{
	struct kp_describe_groups_req req = { .groups = &g->name, .group_n = 1 };
	struct kp_describe_groups_resp resp;
	struct error err;
	bool modern;
	if (kafka_client_ask(g->o->k.c, g->coordinator, KP_DESCRIBE_GROUPS, DESCRIBE_MOST, &req, &resp, &err))
		return cmd_kafka_lost(&err);
	if (resp.group_n != 1 || resp.groups->error_code)
		return cmd_kafka_refused("group", resp.group_n ? resp.groups->error_code : KE_UNKNOWN_SERVER_ERROR, sl(NULL));
	g->state = resp.groups->group_state;
	g->protocol = resp.groups->protocol_data;
	g->type = S("classic");
	g->member_n = resp.groups->member_n;
	if (sl_eqs(g->state, "Dead"))
		return look_modern(g, &modern);
	for (int32_t i = 0; i < resp.groups->member_n; i++)
		if (sl_eqs(resp.groups->protocol_type, "consumer"))
			read_assignment(g, &resp.groups->members[i]);
	return EXIT_OK;
}

static int look_offsets(struct group *g)
{
	struct kp_offset_fetch_req req = { .group_id = g->name, .topic_n = -1 };
	struct kp_offset_fetch_resp resp;
	struct error err;
	if (kafka_client_ask(g->o->k.c, g->coordinator, KP_OFFSET_FETCH, FETCH_MOST, &req, &resp, &err))
		return cmd_kafka_lost(&err);
	if (resp.error_code)
		return cmd_kafka_refused("offsets", resp.error_code, sl(NULL));
	for (int32_t t = 0; t < resp.topic_n; t++)
		for (int32_t p = 0; p < resp.topics[t].partition_n; p++)
			if (resp.topics[t].partitions[p].committed_offset >= 0)
				part_of(g, resp.topics[t].name, resp.topics[t].partitions[p].partition_index)->committed = resp.topics[t].partitions[p].committed_offset;
	return EXIT_OK;
}

/* Offsets of a topic's partitions at a time, into out by the group's parts; a topic that is gone has none. */
static int offsets_at(struct group *g, int64_t at, int64_t *out)
{
	struct error err;
	for (size_t i = 0, to; i < g->n; i = to) {
		const struct kp_metadata_resp *m;
		int64_t *of;
		for (to = i; to < g->n && sl_eq(g->parts[to].topic, g->parts[i].topic); to++)
			out[to] = -1;
		if (kafka_client_metadata(g->o->k.c, g->parts[i].topic, &m, &err))
			return cmd_kafka_lost(&err);
		if (m->topic_n != 1 || m->topics->error_code)
			continue;
		of = arena_alloc(kafka_client_arena(g->o->k.c), ((size_t)m->topics->partition_n + 1) * sizeof(*of));
		if (kafka_client_offsets(g->o->k.c, m->topics, at, of, &err))
			return cmd_kafka_lost(&err);
		for (size_t j = i; j < to; j++)
			if (g->parts[j].index < m->topics->partition_n)
				out[j] = of[g->parts[j].index];
	}
	return EXIT_OK;
}

static int look(struct group *g)
{
	struct error err;
	int rc = cmd_kafka_open(&g->o->k);
	if (!rc && kafka_client_coordinator(g->o->k.c, g->name, &g->coordinator, &err))
		rc = err.kind == ERR_INTERNAL ? cmd_fail(EXIT_FAILED, NULL, "%.*s: %s", SL(g->name), err.text) : cmd_kafka_lost(&err);
	if (!rc)
		rc = look_members(g);
	if (!rc)
		rc = look_offsets(g);
	return rc;
}

static int missing(const struct group *g)
{
	return cmd_error(EXIT_FAILED, "GROUP_ID_NOT_FOUND", "tarn group ls", "there is no group %.*s", SL(g->name));
}

/* ---- describe ---- */

static json_t *row_of(const struct part *p)
{
	json_t *row = json_pack("{s:o, s:i}", "topic", cmd_kafka_text(p->topic), "partition", (int)p->index);
	json_object_set_new(row, "committed", p->committed < 0 ? json_null() : json_integer(p->committed));
	json_object_set_new(row, "end", p->end < 0 ? json_null() : json_integer(p->end));
	json_object_set_new(row, "lag", p->committed < 0 || p->end < 0 ? json_null() : json_integer(p->end - p->committed));
	json_object_set_new(row, "member", cmd_kafka_text(p->member));
	json_object_set_new(row, "client", cmd_kafka_text(p->client));
	json_object_set_new(row, "host", cmd_kafka_text(p->host));
	return row;
}

static int describe(void *self, char **words, int n)
{
	struct group g = { .o = self, .name = sl(words[1]) };
	json_t *rows = json_array();
	int64_t *end;
	int rc = look(&g);
	(void)n;
	if (!rc && sl_eqs(g.state, "Dead") && !g.n)
		rc = missing(&g);
	if (!rc) {
		if (g.n)
			qsort(g.parts, g.n, sizeof(*g.parts), by_part);
		end = arena_alloc(kafka_client_arena(g.o->k.c), (g.n + 1) * sizeof(*end));
		rc = offsets_at(&g, -1, end);
		for (size_t i = 0; !rc && i < g.n; i++) {
			g.parts[i].end = end[i];
			json_array_append_new(rows, row_of(&g.parts[i]));
		}
	}
	if (!rc && cmd_is_json()) {
		json_t *all = json_pack("{s:o, s:o, s:o, s:o, s:i, s:i, s:O}", "group", cmd_kafka_text(g.name), "state", cmd_kafka_text(g.state), "type",
					cmd_kafka_text(g.type), "protocol", cmd_kafka_text(g.protocol), "members", (int)g.member_n, "broker", (int)g.coordinator,
					"partitions", rows);
		char *text = json_dumps(all, 0);
		cmd_json(sl(text));
		free(text);
		json_decref(all);
	} else if (!rc) {
		printf("%s: %.*s, %d member%s, broker %d%s%.*s\n", words[1], SL(g.state), g.member_n, g.member_n == 1 ? "" : "s", g.coordinator,
		       g.protocol.n ? ", " : "", SL(g.protocol));
		if (g.n)
			rc = cmd_kafka_rows(json_incref(rows), "topic=topic, partition=partition, committed=committed, end=end, lag=lag, member=member, client=client, host=host");
	}
	json_decref(rows);
	return rc;
}

/* ---- reset ---- */

/* --topic T[:P,P…]: its partitions are what is reset; without it those that have an offset. */
static int choose(struct group *g)
{
	struct slice name, list, one;
	const struct kp_metadata_resp_topic *t;
	struct part *had = g->parts;
	size_t had_n = g->n;
	int64_t index;
	int rc;
	if (!g->o->topic)
		return g->n ? EXIT_OK : cmd_fail(EXIT_USAGE, "tarn group reset GROUP --topic TOPIC --to earliest", "%.*s has no offsets", SL(g->name));
	sl_cut(sl(g->o->topic), ':', &name, &list);
	rc = cmd_kafka_topic(&g->o->k, arena_cstr(kafka_client_arena(g->o->k.c), name), &t);
	if (rc)
		return rc;
	g->parts = NULL;
	g->n = g->cap = 0;
	for (int32_t i = 0; !list.n && i < t->partition_n; i++)
		part_of(g, name, t->partitions[i].partition_index);
	while (list.p && list.n) {
		sl_cut(list, ',', &one, &list);
		if (!sl_int(sl_trim(one), 0, t->partition_n - 1, &index))
			return cmd_fail(EXIT_USAGE, "--topic orders:0,2", "%.*s has no partition %.*s", SL(name), SL(one));
		part_of(g, name, (int32_t)index);
	}
	for (size_t i = 0; i < had_n; i++)
		for (size_t j = 0; j < g->n; j++)
			if (!by_part(&had[i], &g->parts[j]))
				g->parts[j].committed = had[i].committed;
	return EXIT_OK;
}

/* Where each goes: into .end, within what the partition has. */
static int aim(struct group *g)
{
	struct arena *a = kafka_client_arena(g->o->k.c);
	int64_t *first = arena_alloc(a, (g->n + 1) * sizeof(*first)), *end = arena_alloc(a, (g->n + 1) * sizeof(*end)), *then = end, when = -1, by = 0;
	struct slice to = sl(g->o->to);
	bool shift = to.n > 1 && (to.p[0] == '+' || to.p[0] == '-') && sl_int(sl_from(to, 1), 0, INT64_MAX, &by), fixed = false;
	int rc;
	if (sl_eqs(to, "earliest"))
		when = -2;
	else if (!sl_eqs(to, "latest") && !shift && !(fixed = sl_int(to, 0, INT64_MAX, &by)) && !clock_parse_iso(to, &when))
		return cmd_fail(EXIT_USAGE, "--to earliest", "%s is no place: earliest, latest, an offset, +N, -N, a time", g->o->to);
	rc = offsets_at(g, -2, first);
	if (!rc)
		rc = offsets_at(g, -1, end);
	if (!rc && when != -1) {
		then = arena_alloc(a, (g->n + 1) * sizeof(*then));
		rc = offsets_at(g, when, then);
	}
	for (size_t i = 0; !rc && i < g->n; i++) {
		int64_t goal = fixed ? by : shift ? (g->parts[i].committed < 0 ? first[i] : g->parts[i].committed) + (to.p[0] == '-' ? -by : by) : then[i];
		if (goal < 0 && when >= 0)
			goal = end[i]; /* by time: nothing is so late */
		goal = goal > end[i] ? end[i] : goal;
		g->parts[i].end = goal < first[i] ? first[i] : goal;
	}
	return rc;
}

static int commit(struct group *g)
{
	struct arena *a = kafka_client_arena(g->o->k.c);
	struct kp_offset_commit_req req = { .group_id = g->name, .generation_id_or_member_epoch = -1, .member_id = S(""), .retention_time_ms = -1 };
	struct kp_offset_commit_resp resp;
	struct error err;
	req.topics = kp_elements(&kp_offset_commit_req_topic_table, a, g->n);
	for (size_t i = 0; i < g->n; i++) {
		struct kp_offset_commit_req_topic *t = req.topic_n ? &req.topics[req.topic_n - 1] : NULL;
		if (!t || !sl_eq(t->name, g->parts[i].topic)) {
			t = &req.topics[req.topic_n++];
			t->name = g->parts[i].topic;
			t->partitions = kp_elements(&kp_offset_commit_req_partition_table, a, g->n);
		}
		if (g->parts[i].end >= 0)
			t->partitions[t->partition_n++] = (struct kp_offset_commit_req_partition){ g->parts[i].index, g->parts[i].end, -1, -1, S("") };
	}
	if (kafka_client_ask(g->o->k.c, g->coordinator, KP_OFFSET_COMMIT, COMMIT_MOST, &req, &resp, &err))
		return cmd_kafka_lost(&err);
	for (int32_t t = 0; t < resp.topic_n; t++)
		for (int32_t p = 0; p < resp.topics[t].partition_n; p++)
			if (resp.topics[t].partitions[p].error_code)
				return cmd_kafka_refused("offsets", resp.topics[t].partitions[p].error_code, sl(NULL));
	return EXIT_OK;
}

static int reset(void *self, char **words, int n)
{
	struct group g = { .o = self, .name = sl(words[1]) };
	json_t *rows = json_array();
	int rc = g.o->to ? look(&g) : cmd_fail(EXIT_USAGE, "tarn group reset GROUP --to earliest", "where to?");
	(void)n;
	if (!rc && g.member_n)
		rc = cmd_error(EXIT_CONFLICT, "NON_EMPTY_GROUP", "end its consumers first", "%s has %d member%s", words[1], g.member_n, g.member_n == 1 ? "" : "s");
	if (!rc && sl_eqs(g.state, "Dead") && !g.n && !g.o->topic)
		rc = missing(&g);
	if (!rc)
		rc = choose(&g);
	if (!rc && g.n)
		qsort(g.parts, g.n, sizeof(*g.parts), by_part);
	if (!rc)
		rc = aim(&g);
	if (!rc && !g.o->dry)
		rc = commit(&g);
	for (size_t i = 0; !rc && i < g.n; i++)
		json_array_append_new(rows, json_pack("{s:o, s:i, s:I, s:I}", "topic", cmd_kafka_text(g.parts[i].topic), "partition", (int)g.parts[i].index, "was",
						      (json_int_t)g.parts[i].committed, "offset", (json_int_t)g.parts[i].end));
	if (!rc)
		return cmd_kafka_rows(rows, "topic=topic, partition=partition, was=was, offset=offset");
	json_decref(rows);
	return rc;
}

/* ---- delete ---- */

static int delete(void *self, char **words, int n)
{
	struct group_options *o = self;
	int rc = cmd_kafka_open(&o->k);
	for (int i = 1; !rc && i < n; i++) {
		struct slice name = sl(words[i]);
		struct kp_delete_groups_req req = { &name, 1 };
		struct kp_delete_groups_resp resp;
		struct error err;
		int32_t broker;
		if (kafka_client_coordinator(o->k.c, name, &broker, &err) || kafka_client_ask(o->k.c, broker, KP_DELETE_GROUPS, DELETE_MOST, &req, &resp, &err))
			rc = cmd_kafka_lost(&err);
		else if (resp.result_n != 1 || resp.results->error_code)
			rc = cmd_kafka_refused(words[i], resp.result_n ? resp.results->error_code : KE_UNKNOWN_SERVER_ERROR, sl(NULL));
		else if (!cmd_is_json())
			printf("%s is deleted\n", words[i]);
	}
	if (!rc && cmd_is_json())
		cmd_json(S("{}"));
	return rc;
}

/* ---- the command ---- */

static const struct flag flags[] = {
	{ "to", 0, FLAG_TEXT, offsetof(struct group_options, to), "WHERE", "reset: earliest, latest, an offset, +N, -N, a time (2026-01-05T09:00:00Z)" },
	{ "topic", 0, FLAG_TEXT, offsetof(struct group_options, topic), "TOPIC[:P,P]", "reset: partitions of that one; without it those that have an offset" },
	{ "dry-run", 0, FLAG_ON, offsetof(struct group_options, dry), NULL, "reset: only shows what would be" },
	{ NULL },
};

static const struct action actions[] = {
	{ "ls", "", "lists the groups", 0, 0, list },
	{ "describe", "NAME", "shows its partitions: what is committed, how far it is behind, who reads", 1, 1, describe },
	{ "reset", "NAME", "commits other offsets for a group without members", 1, 1, reset },
	{ "delete", "NAME...", "deletes groups without members, and their offsets", 1, 100, delete },
	{ NULL },
};

const struct command command_group = {
	"group", "ls | describe NAME | reset NAME --to WHERE | delete NAME...", "Shows and changes groups of Kafka's consumers.", sizeof(struct group_options), NULL,
	cmd_kafka_done, .flags = { data_flags, kafka_flags, flags }, .actions = actions, .example = "tarn group reset billing --to earliest",
	.more = "Another cluster is asked by plain text: --bootstrap HOST:PORT.",
};
