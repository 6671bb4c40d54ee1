#include "kproto/client.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kproto/code.h"

enum { KEYS_MAX = 128, FRAME_MAX = 256 << 20, ANY_VERSION = INT16_MAX };

/* A broker, and what it knows. */
struct node {
	int32_t id; /* -1: of the bootstrap list, not known by a number */
	char *host;
	int port;
	int fd;     /* -1: not connected */
	int16_t min[KEYS_MAX], max[KEYS_MAX]; /* max -1: not served */
};

struct kp_client {
	int timeout_ms;
	int32_t correlation, controller;
	struct node *nodes;
	size_t n, cap;
	bool known; /* the nodes are those of the cluster, after the bootstrap ones */
};

/* ---- bytes ---- */

static int ready(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int rc;
	do
		rc = poll(&p, 1, timeout_ms);
	while (rc < 0 && errno == EINTR);
	return rc;
}

static bool send_all(int fd, const char *p, size_t n, int timeout_ms)
{
	while (n) {
		ssize_t sent = ready(fd, POLLOUT, timeout_ms) > 0 ? send(fd, p, n, MSG_NOSIGNAL) : -1;
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool read_all(int fd, char *p, size_t n, int timeout_ms)
{
	while (n) {
		ssize_t got = ready(fd, POLLIN, timeout_ms) > 0 ? recv(fd, p, n, 0) : -1;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static int lost(struct node *t, struct error *err, const char *what)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	return err_set(err, ERR_NETWORK, "Kafka at %s:%d: %s", t->host, t->port, what);
}

/* One request and its answer in a given version. */
static int exchange(struct kp_client *c, struct node *t, struct arena *a, const struct kp_api *api, int16_t version, const void *req, void *resp,
		    struct error *err)
{
	struct buf out = { 0 };
	uint8_t size[4];
	int32_t correlation = ++c->correlation, got;
	kp_request_write(api, version, correlation, S("tarn"), req, &out);
	bool ok = send_all(t->fd, out.p, out.n, c->timeout_ms);
	buf_free(&out);
	if (!ok || !read_all(t->fd, (char *)size, sizeof(size), c->timeout_ms))
		return lost(t, err, "no answer");
	struct rd r = rd_of(size, sizeof(size));
	uint32_t n = rd_u32be(&r);
	if (n < 4 || n > FRAME_MAX)
		return lost(t, err, "not Kafka's protocol");
	char *frame = arena_raw(a, n);
	if (!read_all(t->fd, frame, n, c->timeout_ms))
		return lost(t, err, "no answer");
	if (!kp_response_read(api, version, sl_of(frame, n), a, &got, resp) || got != correlation)
		return lost(t, err, "an answer that can't be read");
	return 0;
}

/* ---- connections ---- */

static int connect_to(struct node *t, int timeout_ms)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char port[16];
	int fd = -1;
	snprintf(port, sizeof(port), "%d", t->port);
	if (getaddrinfo(t->host, port, &hints, &list))
		return -1;
	for (struct addrinfo *at = list; at && fd < 0; at = at->ai_next) {
		int why = 0;
		socklen_t n = sizeof(why);
		fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		if (connect(fd, at->ai_addr, at->ai_addrlen) == 0 ||
		    (errno == EINPROGRESS && ready(fd, POLLOUT, timeout_ms) > 0 && !getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) && !why))
			break;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	return fd;
}

static int connected(struct kp_client *c, struct node *t, struct error *err)
{
	struct arena a = { 0 };
	struct kp_api_versions_req req;
	struct kp_api_versions_resp resp;
	if (t->fd >= 0)
		return 0;
	t->fd = connect_to(t, c->timeout_ms);
	if (t->fd < 0)
		return lost(t, err, "can't be reached");
	kp_init(&kp_api_versions_req_table, &req);
	int rc = exchange(c, t, &a, kp_api(KP_API_VERSIONS), 0, &req, &resp, err);
	memset(t->max, 0xff, sizeof(t->max));
	for (int i = 0; !rc && i < resp.api_key_n; i++) {
		const struct kp_api_versions_resp_api_key *k = &resp.api_keys[i];
		if (k->api_key >= 0 && k->api_key < KEYS_MAX) {
			t->min[k->api_key] = k->min_version;
			t->max[k->api_key] = k->max_version;
		}
	}
	arena_free(&a);
	return rc;
}

/* The lowest version that says what a request of the highest says. */
static int16_t least(const struct kp_api *api)
{
	switch (api->key) {
	case KP_OFFSET_FETCH:
		return 8;
	case KP_FIND_COORDINATOR:
		return 4;
	case KP_DELETE_TOPICS:
		return 6;
	case KP_LEAVE_GROUP:
		return 3;
	case KP_METADATA:
	case KP_LIST_OFFSETS:
	case KP_CREATE_TOPICS:
		return 1;
	default:
		return 0;
	}
}

/* most: the highest version to ask in; ANY_VERSION: the highest there is. */
static int ask_up_to(struct kp_client *c, struct node *t, struct arena *a, int key, int16_t most, const void *req, void **resp, struct error *err)
{
	const struct kp_api *api = kp_api((int16_t)key);
	int16_t highest = most < api->max ? most : api->max;
	int rc = connected(c, t, err);
	if (rc)
		return rc;
	int16_t version = t->max[key] < highest ? t->max[key] : highest;
	if (version < api->min || version < t->min[key] || (most == ANY_VERSION && version < least(api)))
		return err_set(err, ERR_UNSUPPORTED, "Kafka at %s:%d doesn't serve %s%s", t->host, t->port, api->name,
			       t->max[key] < 0 ? "" : " in a version that will do");
	*resp = arena_alloc(a, api->response->size);
	kp_init(api->response, *resp);
	return exchange(c, t, a, api, version, req, *resp, err);
}

static int ask_at(struct kp_client *c, struct node *t, struct arena *a, int key, const void *req, void **resp, struct error *err)
{
	return ask_up_to(c, t, a, key, ANY_VERSION, req, resp, err);
}

/* ---- nodes ---- */

static struct node *add_node(struct kp_client *c, int32_t id, struct slice host, int port)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 8;
		c->nodes = xrealloc(c->nodes, c->cap * sizeof(*c->nodes));
	}
	c->nodes[c->n] = (struct node){ .id = id, .host = xstrndup(host.p, host.n), .port = port, .fd = -1 };
	return &c->nodes[c->n++];
}

static struct node *find_node(struct kp_client *c, int32_t id)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->nodes[i].id == id)
			return &c->nodes[i];
	return NULL;
}

/* A node that can be reached, the one asked last before others. */
static int any_node(struct kp_client *c, struct node **out, struct error *err)
{
	int rc = err_set(err, ERR_NETWORK, "no brokers");
	for (size_t i = 0; i < c->n; i++)
		if (c->nodes[i].fd >= 0) {
			*out = &c->nodes[i];
			return 0;
		}
	for (size_t i = 0; i < c->n; i++) {
		rc = connected(c, &c->nodes[i], err);
		if (!rc) {
			*out = &c->nodes[i];
			return 0;
		}
	}
	return rc;
}

/* Metadata of the topics in req, or of none: nodes and controller are learned from it. */
static int learn(struct kp_client *c, struct arena *a, const struct kp_metadata_req *req, struct kp_metadata_resp **out, struct error *err)
{
	struct kp_metadata_req none;
	struct node *t;
	void *resp;
	kp_init(&kp_metadata_req_table, &none);
	none.allow_auto_topic_creation = false;
	int rc = any_node(c, &t, err);
	if (!rc)
		rc = ask_at(c, t, a, KP_METADATA, req ? req : &none, &resp, err);
	if (rc)
		return rc;
	*out = resp;
	c->controller = (*out)->controller_id;
	for (int i = 0; i < (*out)->broker_n; i++) {
		const struct kp_metadata_resp_broker *b = &(*out)->brokers[i];
		struct node *was = find_node(c, b->node_id);
		if (!was)
			add_node(c, b->node_id, b->host, b->port);
	}
	c->known = true;
	return 0;
}

static int know(struct kp_client *c, struct arena *a, struct error *err)
{
	struct kp_metadata_resp *m;
	return c->known ? 0 : learn(c, a, NULL, &m, err);
}

int kp_client_ask_node(struct kp_client *c, struct arena *a, int32_t id, int key, const void *req, void **resp, struct error *err)
{
	struct node *t = NULL;
	int rc = id < 0 ? any_node(c, &t, err) : know(c, a, err);
	if (rc)
		return rc;
	if (id >= 0 && !(t = find_node(c, id)))
		return err_set(err, ERR_NETWORK, "broker %d isn't known", (int)id);
	return ask_at(c, t, a, key, req, resp, err);
}

int kp_client_ask_up_to(struct kp_client *c, struct arena *a, int32_t id, int key, int16_t most, const void *req, void **resp, struct error *err)
{
	struct kp_metadata_resp *m;
	struct node *t = NULL;
	int rc = id == KP_ANY_NODE ? any_node(c, &t, err) : know(c, a, err);
	id = id == KP_CONTROLLER ? c->controller : id;
	if (!rc && !t && !(t = find_node(c, id))) { /* it may be new */
		rc = learn(c, a, NULL, &m, err);
		t = rc ? NULL : find_node(c, id);
	}
	if (rc || !t)
		return rc ? rc : err_set(err, ERR_NETWORK, "broker %d isn't known", (int)id);
	return ask_up_to(c, t, a, key, most, req, resp, err);
}

/* ---- who is asked ---- */

static int coordinator(struct kp_client *c, struct arena *a, struct slice group, int32_t *node, int *code, struct error *err)
{
	struct kp_find_coordinator_req req;
	void *resp;
	kp_init(&kp_find_coordinator_req_table, &req);
	req.coordinator_keys = &group;
	req.coordinator_key_n = 1;
	int rc = kp_client_ask_node(c, a, -1, KP_FIND_COORDINATOR, &req, &resp, err);
	const struct kp_find_coordinator_resp *r = resp;
	if (rc)
		return rc;
	*code = r->coordinator_n ? r->coordinators[0].error_code : KE_COORDINATOR_NOT_AVAILABLE;
	*node = r->coordinator_n ? r->coordinators[0].node_id : -1;
	return 0;
}

static int describe_groups(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	const struct kp_describe_groups_req *req = request;
	struct kp_describe_groups_resp *out = arena_alloc(a, sizeof(*out));
	int rc = 0;
	out->groups = kp_elements(&kp_describe_groups_resp_group_table, a, (size_t)req->group_n);
	for (int i = 0; i < req->group_n && !rc; i++) {
		struct kp_describe_groups_req one = *req;
		struct kp_describe_groups_resp *part;
		int code = 0;
		int32_t node = -1;
		one.groups = &req->groups[i];
		one.group_n = 1;
		out->groups[i].group_id = req->groups[i];
		rc = coordinator(c, a, req->groups[i], &node, &code, err);
		if (rc || (out->groups[i].error_code = (int16_t)code))
			continue;
		rc = kp_client_ask_node(c, a, node, KP_DESCRIBE_GROUPS, &one, (void **)&part, err);
		if (!rc && part->group_n)
			out->groups[i] = part->groups[0];
	}
	out->group_n = req->group_n;
	*resp = out;
	return rc;
}

static int ask_coordinator(struct kp_client *c, struct arena *a, struct slice group, int key, const void *req, void **resp, struct error *err)
{
	int code = 0;
	int32_t node = -1;
	int rc = coordinator(c, a, group, &node, &code, err);
	if (!rc && code)
		return err_set(err, ERR_NETWORK, "group %.*s: %s", SL(group), kp_code_text(code) ? kp_code_text(code) : "no coordinator");
	return rc ? rc : kp_client_ask_node(c, a, node, key, req, resp, err);
}

static int offset_fetch(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	const struct kp_offset_fetch_req *req = request;
	return ask_coordinator(c, a, req->group_n ? req->groups[0].group_id : S(""), KP_OFFSET_FETCH, req, resp, err);
}

static int offset_commit(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	return ask_coordinator(c, a, ((const struct kp_offset_commit_req *)request)->group_id, KP_OFFSET_COMMIT, request, resp, err);
}

static int offset_delete(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	return ask_coordinator(c, a, ((const struct kp_offset_delete_req *)request)->group_id, KP_OFFSET_DELETE, request, resp, err);
}

static int delete_groups(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	const struct kp_delete_groups_req *req = request;
	return ask_coordinator(c, a, req->groups_name_n ? req->groups_names[0] : S(""), KP_DELETE_GROUPS, req, resp, err);
}

/* All brokers' groups. */
static int list_groups(struct kp_client *c, struct arena *a, const void *req, void **resp, struct error *err)
{
	struct kp_list_groups_resp *out = arena_alloc(a, sizeof(*out));
	size_t cap = 0, n = 0;
	int rc = know(c, a, err);
	for (size_t i = 0; i < c->n && !rc; i++) {
		struct kp_list_groups_resp *part;
		if (c->nodes[i].id < 0)
			continue;
		rc = kp_client_ask_node(c, a, c->nodes[i].id, KP_LIST_GROUPS, req, (void **)&part, err);
		if (!rc && part->error_code)
			out->error_code = part->error_code;
		for (int k = 0; !rc && k < part->group_n; k++) {
			ARENA_GROW(a, out->groups, n, cap);
			out->groups[n++] = part->groups[k];
		}
	}
	out->group_n = (int32_t)n;
	*resp = out;
	return rc;
}

static int32_t leader_of(const struct kp_metadata_resp *m, struct slice topic, int32_t partition)
{
	for (int i = 0; i < m->topic_n; i++)
		for (int k = 0; k < m->topics[i].partition_n && sl_eq(m->topics[i].name, topic); k++)
			if (m->topics[i].partitions[k].partition_index == partition)
				return m->topics[i].partitions[k].leader_id;
	return -1;
}

/* Of one partition. */
static int list_offset(struct kp_client *c, struct arena *a, const struct kp_list_offsets_req *req, int t, int p, int32_t leader,
		       struct kp_list_offsets_resp_partition *out, struct error *err)
{
	struct kp_list_offsets_req one = *req;
	struct kp_list_offsets_req_topic topic = req->topics[t];
	struct kp_list_offsets_resp *part;
	one.topics = &topic;
	one.topic_n = 1;
	topic.partitions = &req->topics[t].partitions[p];
	topic.partition_n = 1;
	int rc = kp_client_ask_node(c, a, leader, KP_LIST_OFFSETS, &one, (void **)&part, err);
	if (!rc && part->topic_n && part->topics[0].partition_n)
		*out = part->topics[0].partitions[0];
	return rc;
}

static int list_offsets(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	const struct kp_list_offsets_req *req = request;
	struct kp_list_offsets_resp *out = arena_alloc(a, sizeof(*out));
	struct kp_metadata_req q;
	struct kp_metadata_resp *m;
	kp_init(&kp_metadata_req_table, &q);
	q.allow_auto_topic_creation = false;
	q.topics = kp_elements(&kp_metadata_req_topic_table, a, (size_t)req->topic_n);
	q.topic_n = req->topic_n;
	for (int i = 0; i < req->topic_n; i++)
		q.topics[i].name = req->topics[i].name;
	int rc = learn(c, a, &q, &m, err);
	out->topics = kp_elements(&kp_list_offsets_resp_topic_table, a, (size_t)req->topic_n);
	out->topic_n = req->topic_n;
	for (int i = 0; i < req->topic_n && !rc; i++) {
		struct kp_list_offsets_resp_topic *t = &out->topics[i];
		t->name = req->topics[i].name;
		t->partition_n = req->topics[i].partition_n;
		t->partitions = kp_elements(&kp_list_offsets_resp_partition_table, a, (size_t)t->partition_n);
		for (int p = 0; p < t->partition_n && !rc; p++) {
			int32_t leader = leader_of(m, t->name, req->topics[i].partitions[p].partition_index);
			t->partitions[p].partition_index = req->topics[i].partitions[p].partition_index;
			t->partitions[p].error_code = KE_UNKNOWN_TOPIC_OR_PARTITION;
			if (leader >= 0)
				rc = list_offset(c, a, req, i, p, leader, &t->partitions[p], err);
		}
	}
	*resp = out;
	return rc;
}

/* A broker's own settings are asked of it. */
static int32_t broker_named(int8_t type, struct slice name)
{
	int64_t id;
	return type == 4 && sl_int(name, 0, INT32_MAX, &id) ? (int32_t)id : -1;
}

static int describe_configs(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	const struct kp_describe_configs_req *req = request;
	struct kp_describe_configs_resp *out = arena_alloc(a, sizeof(*out));
	int rc = 0;
	out->results = kp_elements(&kp_describe_configs_resp_result_table, a, (size_t)req->resource_n);
	for (int i = 0; i < req->resource_n && !rc; i++) {
		struct kp_describe_configs_req one = *req;
		struct kp_describe_configs_resp *part;
		one.resources = &req->resources[i];
		one.resource_n = 1;
		rc = kp_client_ask_node(c, a, broker_named(one.resources[0].resource_type, one.resources[0].resource_name), KP_DESCRIBE_CONFIGS, &one,
					(void **)&part, err);
		if (!rc && part->result_n)
			out->results[i] = part->results[0];
	}
	out->result_n = req->resource_n;
	*resp = out;
	return rc;
}

static int ask_controller(struct kp_client *c, struct arena *a, int key, const void *req, void **resp, struct error *err)
{
	int rc = know(c, a, err);
	return rc ? rc : kp_client_ask_node(c, a, find_node(c, c->controller) ? c->controller : -1, key, req, resp, err);
}

static int alter_configs(struct kp_client *c, struct arena *a, const void *request, void **resp, struct error *err)
{
	const struct kp_incremental_alter_configs_req *req = request;
	int32_t broker = req->resource_n ? broker_named(req->resources[0].resource_type, req->resources[0].resource_name) : -1;
	return broker >= 0 ? kp_client_ask_node(c, a, broker, KP_INCREMENTAL_ALTER_CONFIGS, req, resp, err)
			   : ask_controller(c, a, KP_INCREMENTAL_ALTER_CONFIGS, req, resp, err);
}

int kp_client_ask(struct kp_client *c, struct arena *a, int key, const void *req, void **resp, struct error *err)
{
	static const struct {
		int key;
		int (*ask)(struct kp_client *c, struct arena *a, const void *req, void **resp, struct error *err);
	} own[] = {
		{ KP_DESCRIBE_GROUPS, describe_groups }, { KP_OFFSET_FETCH, offset_fetch },         { KP_OFFSET_COMMIT, offset_commit },
		{ KP_OFFSET_DELETE, offset_delete },     { KP_DELETE_GROUPS, delete_groups },       { KP_LIST_GROUPS, list_groups },
		{ KP_LIST_OFFSETS, list_offsets },       { KP_DESCRIBE_CONFIGS, describe_configs }, { KP_INCREMENTAL_ALTER_CONFIGS, alter_configs },
	};
	static const int controllers[] = { KP_CREATE_TOPICS, KP_DELETE_TOPICS, KP_CREATE_PARTITIONS, KP_CREATE_ACLS, KP_DELETE_ACLS,
					   KP_ALTER_PARTITION_REASSIGNMENTS, KP_LIST_PARTITION_REASSIGNMENTS, KP_ELECT_LEADERS };
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (own[i].key == key)
			return own[i].ask(c, a, req, resp, err);
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (controllers[i] == key)
			return ask_controller(c, a, key, req, resp, err);
	return kp_client_ask_node(c, a, -1, key, req, resp, err);
}

/* ---- life ---- */

int kp_client_open(struct kp_client **out, const char *bootstrap, int timeout_ms, struct error *err)
{
	struct kp_client *c = xcalloc(1, sizeof(*c));
	struct slice rest = sl(bootstrap), one;
	struct node *t;
	int rc = 0;
	c->timeout_ms = timeout_ms;
	c->controller = -1;
	while (rest.p && !rc) {
		ssize_t colon = -1;
		int64_t port;
		(void)sl_cut(rest, ',', &one, &rest);
		one = sl_trim(one);
		for (size_t i = 0; i < one.n; i++)
			colon = one.p[i] == ':' ? (ssize_t)i : colon;
		if (colon <= 0 || !sl_int(sl_from(one, (size_t)colon + 1), 1, 65535, &port))
			rc = err_set(err, ERR_INVALID, "not HOST:PORT: %.*s", SL(one));
		else
			add_node(c, -1, sl_of(one.p, (size_t)colon), (int)port);
	}
	if (!rc)
		rc = any_node(c, &t, err);
	if (rc)
		kp_client_close(c);
	else
		*out = c;
	return rc;
}

void kp_client_close(struct kp_client *c)
{
	for (size_t i = 0; c && i < c->n; i++) {
		if (c->nodes[i].fd >= 0)
			close(c->nodes[i].fd);
		free(c->nodes[i].host);
	}
	if (c)
		free(c->nodes);
	free(c);
}
