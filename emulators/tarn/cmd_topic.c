/* tarn topic: topics of the stack's Kafka, or of any: list, create, describe, produce, delete; tail is in cmd_topic_tail.c. */
#include <errno.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"
#include "kafka/kafka.h"
#include "kproto/batch.h"
#include "tarn/cmd_topic.h"

enum { PRODUCE_MOST = 9, CREATE_MOST = 7, DELETE_MOST = 5, CONFIGS_MOST = 4, BATCH_BYTES = 512 << 10, TIMEOUT_MS = 30000, TRIES = 30, TRY_US = 100000 };
enum { BY_TOPIC = 1 /* a topic's own setting, DescribeConfigs */, OF_TOPICS = 2 /* resources */ };

/* ---- ls ---- */

static int64_t records_of(struct topic_options *o, const struct kp_metadata_resp_topic *t, struct error *err)
{
	struct arena *a = kafka_client_arena(o->k.c);
	int64_t *first = arena_alloc(a, ((size_t)t->partition_n + 1) * sizeof(*first)), *end = arena_alloc(a, ((size_t)t->partition_n + 1) * sizeof(*end)), n = 0;
	if (kafka_client_offsets(o->k.c, t, -2, first, err) || kafka_client_offsets(o->k.c, t, -1, end, err))
		return -1;
	for (int32_t i = 0; i < t->partition_n; i++)
		n += end[i] >= 0 && first[i] >= 0 ? end[i] - first[i] : 0;
	return n;
}

static int by_name(const void *a, const void *b)
{
	return sl_cmp(((const struct kp_metadata_resp_topic *)a)->name, ((const struct kp_metadata_resp_topic *)b)->name);
}

static int list(void *self, char **words, int n)
{
	struct topic_options *o = self;
	const struct kp_metadata_resp *m;
	struct error err;
	json_t *rows;
	int rc = cmd_kafka_open(&o->k);
	(void)words;
	(void)n;
	if (rc)
		return rc;
	if (kafka_client_metadata(o->k.c, sl(NULL), &m, &err))
		return cmd_kafka_lost(&err);
	qsort(m->topics, (size_t)m->topic_n, sizeof(*m->topics), by_name);
	rows = json_array();
	for (int32_t i = 0; i < m->topic_n; i++) {
		const struct kp_metadata_resp_topic *t = &m->topics[i];
		int64_t records = t->is_internal && !o->all ? 0 : records_of(o, t, &err);
		if (records < 0) {
			json_decref(rows);
			return cmd_kafka_lost(&err);
		}
		if (!t->is_internal || o->all)
			json_array_append_new(rows, json_pack("{s:o, s:i, s:i, s:I}", "topic", cmd_kafka_text(t->name), "partitions", (int)t->partition_n,
							      "replicas", t->partition_n ? (int)t->partitions->replica_node_n : 0, "records", (json_int_t)records));
	}
	return cmd_kafka_rows(rows, "topic=topic, partitions=partitions, replicas=replicas, records=records");
}

/* ---- create, delete ---- */

static int create(void *self, char **words, int n)
{
	struct topic_options *o = self;
	struct kp_create_topics_req_topic t = { .name = sl(words[1]), .num_partitions = (int32_t)o->partitions, .replication_factor = (int16_t)o->replication };
	struct kp_create_topics_req req = { .topics = &t, .topic_n = 1, .timeout_ms = TIMEOUT_MS, .validate_only = o->dry };
	struct kp_create_topics_resp resp;
	struct error err;
	int rc = cmd_kafka_open(&o->k);
	(void)n;
	if (rc)
		return rc;
	t.configs = kp_elements(&kp_create_topics_req_config_table, kafka_client_arena(o->k.c), o->config_n);
	for (size_t i = 0; i < o->config_n; i++) {
		struct kp_create_topics_req_config *one = &t.configs[t.config_n++];
		sl_cut(sl(o->configs[i]), '=', &one->name, &one->value);
	}
	if (kafka_client_ask(o->k.c, KAFKA_CONTROLLER, KP_CREATE_TOPICS, CREATE_MOST, &req, &resp, &err))
		return cmd_kafka_lost(&err);
	if (resp.topic_n != 1 || resp.topics->error_code)
		return cmd_kafka_refused(words[1], resp.topic_n ? resp.topics->error_code : KE_UNKNOWN_SERVER_ERROR, resp.topic_n ? resp.topics->error_message : sl(NULL));
	if (cmd_is_json())
		cmd_json(S("{}"));
	else
		printf("%s %s\n", words[1], o->dry ? "can be made" : "is there");
	return EXIT_OK;
}

static int delete(void *self, char **words, int n)
{
	struct topic_options *o = self;
	struct kp_delete_topics_req req = { .timeout_ms = TIMEOUT_MS };
	struct kp_delete_topics_resp resp;
	struct error err;
	int rc = cmd_kafka_open(&o->k);
	if (rc)
		return rc;
	req.topic_names = arena_alloc(kafka_client_arena(o->k.c), (size_t)n * sizeof(*req.topic_names));
	for (int i = 1; i < n; i++)
		req.topic_names[req.topic_name_n++] = sl(words[i]);
	if (kafka_client_ask(o->k.c, KAFKA_CONTROLLER, KP_DELETE_TOPICS, DELETE_MOST, &req, &resp, &err))
		return cmd_kafka_lost(&err);
	for (int32_t i = 0; i < resp.response_n; i++) {
		char *name = xstrndup(resp.responses[i].name.p ? resp.responses[i].name.p : "", resp.responses[i].name.n);
		if (resp.responses[i].error_code && !rc)
			rc = cmd_kafka_refused(name, resp.responses[i].error_code, resp.responses[i].error_message);
		else if (!resp.responses[i].error_code && !cmd_is_json())
			printf("%s is deleted\n", name);
		free(name);
	}
	if (!rc && cmd_is_json())
		cmd_json(S("{}"));
	return rc;
}

/* ---- describe ---- */

static json_t *ids(const int32_t *v, int32_t n)
{
	json_t *list = json_array();
	for (int32_t i = 0; i < n; i++)
		json_array_append_new(list, json_integer(v[i]));
	return list;
}

static int by_index(const void *a, const void *b)
{
	return ((const struct kp_metadata_resp_partition *)a)->partition_index - ((const struct kp_metadata_resp_partition *)b)->partition_index;
}

static int partitions(struct topic_options *o, const struct kp_metadata_resp_topic *t, json_t **out, struct error *err)
{
	struct arena *a = kafka_client_arena(o->k.c);
	int64_t *first = arena_alloc(a, ((size_t)t->partition_n + 1) * sizeof(*first)), *end = arena_alloc(a, ((size_t)t->partition_n + 1) * sizeof(*end));
	int rc = kafka_client_offsets(o->k.c, t, -2, first, err);
	if (!rc)
		rc = kafka_client_offsets(o->k.c, t, -1, end, err);
	if (rc)
		return rc;
	qsort(t->partitions, (size_t)t->partition_n, sizeof(*t->partitions), by_index);
	*out = json_array();
	for (int32_t i = 0; i < t->partition_n; i++) {
		const struct kp_metadata_resp_partition *p = &t->partitions[i];
		json_array_append_new(*out, json_pack("{s:i, s:i, s:i, s:o, s:o, s:I, s:I}", "partition", (int)p->partition_index, "leader", (int)p->leader_id, "epoch",
						      (int)p->leader_epoch, "replicas", ids(p->replica_nodes, p->replica_node_n), "in_sync",
						      ids(p->isr_nodes, p->isr_node_n), "first", (json_int_t)first[i], "end", (json_int_t)end[i]));
	}
	return 0;
}

/* What the topic sets itself. */
static int settings(struct topic_options *o, const char *name, json_t **out, struct error *err)
{
	struct kp_describe_configs_req_resource r = { .resource_type = OF_TOPICS, .resource_name = sl(name), .configuration_key_n = -1 };
	struct kp_describe_configs_req req = { .resources = &r, .resource_n = 1 };
	struct kp_describe_configs_resp resp;
	int rc = kafka_client_ask(o->k.c, KAFKA_ANY, KP_DESCRIBE_CONFIGS, CONFIGS_MOST, &req, &resp, err);
	if (rc)
		return rc;
	*out = json_object();
	for (int32_t i = 0; resp.result_n && i < resp.results->config_n; i++) {
		const struct kp_describe_configs_resp_config *c = &resp.results->configs[i];
		if (c->config_source == BY_TOPIC)
			json_object_set_new(*out, arena_cstr(kafka_client_arena(o->k.c), c->name), cmd_kafka_text(c->value));
	}
	return 0;
}

static int describe(void *self, char **words, int n)
{
	struct topic_options *o = self;
	const struct kp_metadata_resp_topic *t;
	json_t *parts = NULL, *set = NULL;
	const json_t *v;
	const char *key;
	struct error err;
	int rc = cmd_kafka_open(&o->k);
	(void)n;
	if (!rc)
		rc = cmd_kafka_topic(&o->k, words[1], &t);
	if (!rc && (partitions(o, t, &parts, &err) || settings(o, words[1], &set, &err)))
		rc = cmd_kafka_lost(&err);
	if (!rc && cmd_is_json()) {
		json_t *all = json_pack("{s:s, s:O, s:O}", "topic", words[1], "settings", set, "partitions", parts);
		char *text = json_dumps(all, 0);
		cmd_json(sl(text));
		free(text);
		json_decref(all);
	} else if (!rc) {
		json_object_foreach(set, key, v)
			printf("%s=%s\n", key, json_string_value(v) ? json_string_value(v) : "");
		rc = cmd_kafka_rows(json_incref(parts), "partition=partition, leader=leader, epoch=epoch, replicas=replicas, in sync=in_sync, first=first, end=end");
	}
	json_decref(parts);
	json_decref(set);
	return rc;
}

/* ---- produce ---- */

struct producing {
	struct topic_options *o;
	const struct kp_metadata_resp_topic *t;
	struct kp_builder *batches; /* by partition; owned */
	struct buf headers;
	int32_t header_n, next, part_n;
	size_t waiting; /* bytes */
	int64_t frozen_ms, ahead_ms; /* the stack's clock: where it stands, -1: it runs; how far it is from the real one */
	int64_t sent;
};

/* One partition's batch. A leader that has just moved is asked for again. */
static int send_batch(struct producing *p, int32_t partition)
{
	struct buf bytes = { 0 };
	struct kp_produce_resp resp;
	const struct kp_produce_resp_partition_response *r = NULL;
	struct error err;
	int rc = EXIT_OK, code = KE_NONE;
	kp_builder_end(&p->batches[partition], &bytes);
	for (int i = 0; i < TRIES && !rc; i++) {
		struct kp_produce_req_partition_data data = { partition, buf_slice(&bytes) };
		struct kp_produce_req_topic_data topic = { p->t->name, &data, 1 };
		struct kp_produce_req req = { .acks = -1, .timeout_ms = TIMEOUT_MS, .topic_data = &topic, .topic_data_n = 1 };
		if (kafka_client_ask(p->o->k.c, p->t->partitions[partition].leader_id, KP_PRODUCE, PRODUCE_MOST, &req, &resp, &err)) {
			rc = cmd_kafka_lost(&err);
			break;
		}
		r = resp.response_n && resp.responses->partition_response_n ? resp.responses->partition_responses : NULL;
		code = r ? r->error_code : KE_UNKNOWN_SERVER_ERROR;
		if (code != KE_NOT_LEADER_OR_FOLLOWER && code != KE_LEADER_NOT_AVAILABLE && code != KE_UNKNOWN_TOPIC_OR_PARTITION)
			break;
		clock_real_wait_us(TRY_US);
		rc = cmd_kafka_topic(&p->o->k, arena_cstr(kafka_client_arena(p->o->k.c), p->t->name), &p->t);
		if (!rc)
			qsort(p->t->partitions, (size_t)p->t->partition_n, sizeof(*p->t->partitions), by_index);
	}
	buf_free(&bytes);
	return rc || !code ? rc : cmd_kafka_refused("not taken", code, r ? r->error_message : sl(NULL));
}

static int flush(struct producing *p)
{
	int rc = EXIT_OK;
	for (int32_t i = 0; !rc && i < p->part_n; i++) {
		p->sent += p->batches[i].count;
		if (p->batches[i].count)
			rc = send_batch(p, i);
	}
	p->waiting = 0;
	return rc;
}

static int take_line(struct producing *p, struct slice line)
{
	struct kp_record rec = { .ts = p->frozen_ms >= 0 ? p->frozen_ms : clock_real_ms() + p->ahead_ms, .value = line, .headers = buf_slice(&p->headers), .header_n = p->header_n };
	const char *sep = p->o->separator;
	int32_t partition;
	ssize_t at = sep ? sl_find(line, sl(sep)) : -1;
	if (at >= 0) {
		rec.key = sl_of(line.p, (size_t)at);
		rec.value = sl_from(line, (size_t)at + strlen(sep));
	}
	if (p->o->partition >= 0)
		partition = (int32_t)p->o->partition;
	else
		partition = rec.key.p ? kfk_key_partition(rec.key, p->part_n) : p->next++ % p->part_n;
	if (partition >= p->part_n)
		return cmd_fail(EXIT_USAGE, "tarn topic describe NAME", "there are %d partitions", p->part_n);
	if (!p->batches[partition].count)
		p->batches[partition].base_ts = rec.ts;
	kp_builder_put(&p->batches[partition], &rec);
	p->waiting += line.n;
	return p->waiting > BATCH_BYTES || isatty(STDIN_FILENO) ? flush(p) : EXIT_OK;
}

/* Records have the time of the stack that gets them. */
static void read_clock(struct producing *p)
{
	char *control = p->o->k.bootstrap ? NULL : cmd_endpoint(p->o->k.data, "control");
	struct buf out = { 0 };
	struct error err;
	int64_t now;
	int status = 0;
	json_t *c;
	p->frozen_ms = -1;
	if (control && !cmd_http(control, "GET", "/_tarn/clock", S(""), NULL, &status, &out, &err) && (c = json_loadb(buf_slice(&out).p, out.n, 0, NULL))) {
		if (jstr(c, "now") && clock_parse_iso(sl(jstr(c, "now")), &now)) {
			p->frozen_ms = jtrue(c, "frozen") ? now : -1;
			p->ahead_ms = now - clock_real_ms();
		}
		json_decref(c);
	}
	buf_free(&out);
	free(control);
}

/* A topic that isn't there is made by brokers that do so. */
static int topic_to_fill(struct topic_options *o, const char *name, const struct kp_metadata_resp_topic **t)
{
	struct kp_metadata_req_topic one = { .name = sl(name) };
	struct kp_metadata_req req = { .topics = &one, .topic_n = 1, .allow_auto_topic_creation = true };
	struct kp_metadata_resp resp;
	struct error err;
	for (int i = 0; i < TRIES; i++) {
		if (kafka_client_ask(o->k.c, KAFKA_ANY, KP_METADATA, 9, &req, &resp, &err))
			return cmd_kafka_lost(&err);
		if (resp.topic_n && !resp.topics->error_code)
			break;
		if (!resp.topic_n || (resp.topics->error_code != KE_LEADER_NOT_AVAILABLE && (i || resp.topics->error_code != KE_UNKNOWN_TOPIC_OR_PARTITION)))
			break;
		clock_real_wait_us(TRY_US);
	}
	return cmd_kafka_topic(&o->k, name, t);
}

static int produce(void *self, char **words, int n)
{
	struct topic_options *o = self;
	struct producing p = { .o = o };
	FILE *in = n > 2 ? fopen(words[2], "re") : stdin;
	char *line = NULL;
	size_t cap = 0;
	ssize_t got;
	int rc = in ? cmd_kafka_open(&o->k) : cmd_fail(EXIT_USAGE, NULL, "%s: %s", words[2], strerror(errno));
	if (!rc)
		rc = topic_to_fill(o, words[1], &p.t);
	if (!rc) {
		qsort(p.t->partitions, (size_t)p.t->partition_n, sizeof(*p.t->partitions), by_index);
		p.part_n = p.t->partition_n;
		p.batches = xcalloc((size_t)p.part_n, sizeof(*p.batches));
		read_clock(&p);
	}
	for (size_t i = 0; i < o->header_n; i++) {
		struct slice name, value;
		sl_cut(sl(o->headers[i]), '=', &name, &value);
		kp_header_put(&p.headers, name, value);
		p.header_n++;
	}
	while (!rc && (got = getline(&line, &cap, in)) >= 0)
		rc = take_line(&p, sl_of(line, (size_t)got - (got && line[got - 1] == '\n')));
	if (!rc)
		rc = flush(&p);
	if (!rc && cmd_is_json())
		cmd_json(sl(arena_cstr(kafka_client_arena(o->k.c), arena_printf(kafka_client_arena(o->k.c), "{\"records\":%lld}", (long long)p.sent))));
	for (int32_t i = 0; p.batches && i < p.part_n; i++)
		kp_builder_free(&p.batches[i]);
	free(p.batches);
	buf_free(&p.headers);
	free(line);
	if (in && in != stdin)
		(void)fclose(in);
	return rc;
}

/* ---- the command ---- */

static bool keep(const char **list, size_t *n, const char *value)
{
	if (*n == TOPIC_WORDS || !strchr(value, '=') || *value == '=')
		return false;
	list[(*n)++] = value;
	return true;
}

static bool take_config(void *self, const char *value)
{
	struct topic_options *o = self;
	return keep(o->configs, &o->config_n, value);
}

static bool take_header(void *self, const char *value)
{
	struct topic_options *o = self;
	return keep(o->headers, &o->header_n, value);
}

static const struct flag flags[] = {
	{ "all", 'a', FLAG_ON, offsetof(struct topic_options, all), NULL, "ls: the broker's own topics, too" },
	{ "partitions", 0, FLAG_INT, offsetof(struct topic_options, partitions), "N", "create: how many; without it the broker's number", "-1", -1, 100000 },
	{ "replication", 0, FLAG_INT, offsetof(struct topic_options, replication), "N", "create: brokers that keep each; without it the broker's number", "-1", -1, 100 },
	{ "config", 'c', FLAG_OWN, 0, "NAME=VALUE", "create: a setting of the topic (again for more)", .take = take_config },
	{ "dry-run", 0, FLAG_ON, offsetof(struct topic_options, dry), NULL, "create: only whether it can be made" },
	{ "partition", 'p', FLAG_INT, offsetof(struct topic_options, partition), "N", "tail, produce: only that one", "-1", -1, 100000 },
	{ "key-separator", 'K', FLAG_TEXT, offsetof(struct topic_options, separator), "TEXT", "produce: what is before it in a line is the record's key" },
	{ "header", 'H', FLAG_OWN, 0, "NAME=VALUE", "produce: a header of each record (again for more)", .take = take_header },
	{ "lines", 'n', FLAG_INT, offsetof(struct topic_options, lines), "N", "tail: the newest N records", "10", 1, 1000000 },
	{ "from", 0, FLAG_TEXT, offsetof(struct topic_options, from), "WHERE", "tail: all from there: earliest, an offset, a time (2026-01-05T09:00:00Z)" },
	{ "follow", 'f', FLAG_ON, offsetof(struct topic_options, follow), NULL, "tail: goes on with what comes" },
	{ "values", 0, FLAG_ON, offsetof(struct topic_options, values), NULL, "tail: only the values, a line each" },
	{ NULL },
};

static const struct action actions[] = {
	{ "ls", "", "lists the topics, with how many records they hold", 0, 0, list },
	{ "create", "NAME", "makes one", 1, 1, create },
	{ "describe", "NAME", "shows its partitions and what it sets itself", 1, 1, describe },
	{ "tail", "NAME", "shows its newest records: partition:offset, time, key, value", 1, 1, topic_tail },
	{ "produce", "NAME [FILE]", "sends the lines of stdin, or of a file", 1, 2, produce },
	{ "delete", "NAME...", "deletes topics, and what is in them", 1, 100, delete },
	{ NULL },
};

const struct command command_topic = {
	"topic", "ls | create NAME | describe NAME | tail NAME | produce NAME [FILE] | delete NAME...", "Shows and changes topics of Kafka.",
	sizeof(struct topic_options), NULL, cmd_kafka_done, .flags = { data_flags, kafka_flags, flags }, .actions = actions,
	.example = "tarn topic tail orders -f",
	.more = "tail shows what transactions have aborted, too. Another cluster is asked by plain text: --bootstrap HOST:PORT.",
};
