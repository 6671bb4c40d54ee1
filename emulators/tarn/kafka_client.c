#include "tarn/kafka_client.h"

#include "core/clock.h"
#include "kproto/client.h"

enum { TIMEOUT_MS = 30000, METADATA_MOST = 9, RETRIES = 20, RETRY_US = 100000 };

struct kafka_client {
	struct kp_client *c;
	struct arena arena;
};

int kafka_client_ask(struct kafka_client *c, int32_t broker, int key, int16_t most, const void *req, void *resp, struct error *err)
{
	void *got;
	int rc = kp_client_ask_up_to(c->c, &c->arena, broker, key, most, req, &got, err);
	if (!rc)
		memcpy(resp, got, kp_api((int16_t)key)->response->size);
	return rc;
}

int kafka_client_metadata(struct kafka_client *c, struct slice name, const struct kp_metadata_resp **out, struct error *err)
{
	struct kp_metadata_req_topic t = { .name = name };
	struct kp_metadata_req req = { .topics = name.p ? &t : NULL, .topic_n = name.p ? 1 : -1 };
	struct kp_metadata_resp *resp = arena_alloc(&c->arena, sizeof(*resp));
	int rc = kafka_client_ask(c, KAFKA_ANY, KP_METADATA, METADATA_MOST, &req, resp, err);
	*out = resp;
	return rc;
}

/* A broker that makes the groups' topic first says 15 meanwhile. */
int kafka_client_coordinator(struct kafka_client *c, struct slice group, int32_t *broker, struct error *err)
{
	struct kp_find_coordinator_req req = { .key = group };
	struct kp_find_coordinator_resp resp;
	for (int i = 0;; i++) {
		int rc = kafka_client_ask(c, KAFKA_ANY, KP_FIND_COORDINATOR, 3, &req, &resp, err);
		if (rc)
			return rc;
		if (!resp.error_code)
			break;
		if (i == RETRIES || (resp.error_code != KE_COORDINATOR_NOT_AVAILABLE && resp.error_code != KE_COORDINATOR_LOAD_IN_PROGRESS))
			return err_set(err, ERR_INTERNAL, "%s", kp_code_text(resp.error_code));
		clock_real_wait_us(RETRY_US);
	}
	*broker = resp.node_id;
	return 0;
}

/* Partitions of one leader in a request. */
static int offsets_of(struct kafka_client *c, const struct kp_metadata_resp_topic *t, int32_t leader, int64_t at, int64_t *out, struct error *err)
{
	struct kp_list_offsets_req_topic topic = { .name = t->name };
	struct kp_list_offsets_req req = { .replica_id = -1, .topics = &topic, .topic_n = 1 };
	struct kp_list_offsets_resp resp;
	topic.partitions = kp_elements(&kp_list_offsets_req_partition_table, &c->arena, (size_t)t->partition_n);
	for (int32_t i = 0; i < t->partition_n; i++) {
		if (t->partitions[i].leader_id != leader)
			continue;
		topic.partitions[topic.partition_n].partition_index = t->partitions[i].partition_index;
		topic.partitions[topic.partition_n].current_leader_epoch = -1;
		topic.partitions[topic.partition_n++].timestamp = at;
	}
	int rc = kafka_client_ask(c, leader, KP_LIST_OFFSETS, 7, &req, &resp, err);
	for (int32_t i = 0; !rc && resp.topic_n && i < resp.topics->partition_n; i++) {
		const struct kp_list_offsets_resp_partition *p = &resp.topics->partitions[i];
		if (p->partition_index < 0 || p->partition_index >= t->partition_n)
			continue;
		out[p->partition_index] = p->error_code ? -1 : p->offset;
	}
	return rc;
}

int kafka_client_offsets(struct kafka_client *c, const struct kp_metadata_resp_topic *t, int64_t at, int64_t *out, struct error *err)
{
	for (int32_t i = 0; i < t->partition_n; i++)
		out[i] = -1;
	for (int32_t i = 0; i < t->partition_n; i++) {
		int32_t before = 0, leader = t->partitions[i].leader_id;
		while (before < i && t->partitions[before].leader_id != leader)
			before++;
		int rc = before == i && leader >= 0 ? offsets_of(c, t, leader, at, out, err) : 0;
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- life ---- */

struct arena *kafka_client_arena(struct kafka_client *c)
{
	return &c->arena;
}

void kafka_client_forget(struct kafka_client *c)
{
	arena_reset(&c->arena);
}

int kafka_client_open(const char *bootstrap, struct kafka_client **out, struct error *err)
{
	struct kafka_client *c = xcalloc(1, sizeof(*c));
	int rc = kp_client_open(&c->c, bootstrap, TIMEOUT_MS, err);
	if (rc) {
		free(c);
		return rc;
	}
	*out = c;
	return 0;
}

void kafka_client_close(struct kafka_client *c)
{
	if (!c)
		return;
	kp_client_close(c->c);
	arena_free(&c->arena);
	free(c);
}
