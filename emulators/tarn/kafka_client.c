#include "tarn/kafka_client.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/clock.h"

enum { TIMEOUT_S = 30, BROKERS = 64, FRAME_MAX = 256 << 20, KEYS = 128, RETRIES = 20, RETRY_US = 100000 };

struct peer {
	int fd; /* -1: not connected */
	int32_t id;
	char *host; /* owned */
	int port;
	bool known; /* which versions it has */
	int16_t min[KEYS], max[KEYS]; /* by key; max -1: it has it not */
};
struct kafka_client {
	struct arena arena;
	struct peer peers[BROKERS]; /* the first: who was dialled */
	size_t n;
	int32_t controller, correlation;
	struct buf out;
};

/* ---- bytes ---- */

static int dial(struct peer *p, struct error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all = NULL;
	struct timeval wait = { .tv_sec = TIMEOUT_S };
	char port[16];
	snprintf(port, sizeof(port), "%d", p->port);
	int rc = getaddrinfo(p->host, port, &hints, &all), on = 1;
	if (rc)
		return err_set(err, ERR_NETWORK, "%s: %s", p->host, gai_strerror(rc));
	for (const struct addrinfo *a = all; a && p->fd < 0; a = a->ai_next) {
		int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			continue;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		(void)setsockopt(fd, 6 /* TCP */, 1 /* NODELAY */, &on, sizeof(on));
		if (!connect(fd, a->ai_addr, a->ai_addrlen))
			p->fd = fd;
		else
			close(fd);
	}
	freeaddrinfo(all);
	return p->fd < 0 ? err_set(err, ERR_NETWORK, "%s:%d: %s", p->host, p->port, strerror(errno)) : 0;
}

static int lost(struct peer *p, struct error *err, const char *what)
{
	close(p->fd);
	p->fd = -1;
	return err_set(err, ERR_NETWORK, "%s:%d: %s", p->host, p->port, what);
}

static int take(struct peer *p, char *to, size_t n, struct error *err)
{
	while (n) {
		ssize_t got = recv(p->fd, to, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return lost(p, err, got ? "it doesn't answer" : "it hung up: a broker that wants TLS, or a login, isn't for this command");
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

/* Sends what is in c->out, reads a frame into the arena. */
static int exchange(struct kafka_client *c, struct peer *p, struct slice *frame, struct error *err)
{
	char head[4];
	size_t sent = 0;
	int rc = p->fd < 0 ? dial(p, err) : 0;
	while (!rc && sent < c->out.n) {
		ssize_t n = send(p->fd, c->out.p + sent, c->out.n - sent, MSG_NOSIGNAL);
		if (n <= 0 && errno != EINTR)
			return lost(p, err, strerror(errno));
		sent += n > 0 ? (size_t)n : 0;
	}
	if (!rc)
		rc = take(p, head, sizeof(head), err);
	if (rc)
		return rc;
	struct rd r = rd_of(head, sizeof(head));
	uint32_t n = rd_u32be(&r);
	if (n < 4 || n > FRAME_MAX)
		return lost(p, err, "it doesn't speak Kafka's protocol");
	char *body = arena_raw(&c->arena, n);
	*frame = sl_of(body, n);
	return take(p, body, n, err);
}

static int call(struct kafka_client *c, struct peer *p, const struct kp_api *api, int16_t version, const void *req, void *resp, struct error *err)
{
	struct slice frame;
	int32_t correlation;
	buf_reset(&c->out);
	kp_request_write(api, version, ++c->correlation, S("tarn"), req, &c->out);
	int rc = exchange(c, p, &frame, err);
	if (rc)
		return rc;
	if (!kp_response_read(api, version, frame, &c->arena, &correlation, resp) || correlation != c->correlation)
		return lost(p, err, "its answer can't be read");
	return 0;
}

/* ---- versions, brokers ---- */

static int learn(struct kafka_client *c, struct peer *p, struct error *err)
{
	const struct kp_api *api = kp_api(KP_API_VERSIONS);
	struct kp_api_versions_req req = { S("tarn"), S("1") };
	struct kp_api_versions_resp resp;
	int rc = call(c, p, api, 0, &req, &resp, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < KEYS; i++)
		p->max[i] = -1;
	for (int32_t i = 0; i < resp.api_key_n; i++) {
		if (resp.api_keys[i].api_key < 0 || resp.api_keys[i].api_key >= KEYS)
			continue;
		p->min[resp.api_keys[i].api_key] = resp.api_keys[i].min_version;
		p->max[resp.api_keys[i].api_key] = resp.api_keys[i].max_version;
	}
	p->known = true;
	return 0;
}

static struct peer *peer_of(struct kafka_client *c, int32_t broker)
{
	if (broker == KAFKA_CONTROLLER)
		broker = c->controller;
	for (size_t i = 1; broker >= 0 && i < c->n; i++)
		if (c->peers[i].id == broker)
			return &c->peers[i];
	return &c->peers[0];
}

int kafka_client_ask(struct kafka_client *c, int32_t broker, int key, int16_t most, const void *req, void *resp, struct error *err)
{
	const struct kp_api *api = kp_api((int16_t)key);
	struct peer *p = peer_of(c, broker);
	int16_t version = api->max < most ? api->max : most;
	int rc = p->known ? 0 : learn(c, p, err);
	if (rc)
		return rc;
	version = p->max[key] < version ? p->max[key] : version;
	if (version < api->min || version < p->min[key])
		return err_set(err, ERR_UNSUPPORTED, "%s:%d has no %s that tarn knows", p->host, p->port, api->name);
	return call(c, p, api, version, req, resp, err);
}

static void peer_add(struct kafka_client *c, int32_t id, struct slice host, int port)
{
	size_t i = 1;
	while (i < c->n && c->peers[i].id != id)
		i++;
	struct peer *p = &c->peers[i];
	if (i == BROKERS)
		return;
	if (i == c->n) {
		*p = (struct peer){ .fd = -1, .id = id };
		c->n++;
	} else if (sl_eqs(host, p->host) && port == p->port) {
		return;
	}
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->known = false;
	free(p->host);
	p->host = xstrndup(host.p, host.n);
	p->port = port;
}

int kafka_client_metadata(struct kafka_client *c, struct slice name, const struct kp_metadata_resp **out, struct error *err)
{
	struct kp_metadata_req_topic t = { .name = name };
	struct kp_metadata_req req = { .topics = name.p ? &t : NULL, .topic_n = name.p ? 1 : -1 };
	struct kp_metadata_resp *resp = arena_alloc(&c->arena, sizeof(*resp));
	int rc = kafka_client_ask(c, KAFKA_ANY, KP_METADATA, 9, &req, resp, err);
	if (rc)
		return rc;
	for (int32_t i = 0; i < resp->broker_n; i++)
		peer_add(c, resp->brokers[i].node_id, resp->brokers[i].host, resp->brokers[i].port);
	c->controller = resp->controller_id;
	*out = resp;
	return 0;
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
	peer_add(c, resp.node_id, resp.host, resp.port);
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

static bool address(struct slice text, struct peer *p)
{
	ssize_t at = (ssize_t)text.n - 1;
	int64_t port;
	while (at >= 0 && text.p[at] != ':')
		at--;
	if (at <= 0 || !sl_int(sl_from(text, (size_t)at + 1), 1, 65535, &port))
		return false;
	*p = (struct peer){ .fd = -1, .id = -1, .host = xstrndup(text.p, (size_t)at), .port = (int)port };
	return true;
}

int kafka_client_open(const char *bootstrap, struct kafka_client **out, struct error *err)
{
	struct kafka_client *c = xcalloc(1, sizeof(*c));
	struct slice one, rest = sl(bootstrap);
	int rc = err_set(err, ERR_INVALID, "%s is no HOST:PORT", bootstrap);
	c->controller = -1;
	c->n = 1;
	c->peers[0].fd = -1;
	while (rc && rest.p) {
		sl_cut(rest, ',', &one, &rest);
		free(c->peers[0].host);
		c->peers[0].host = NULL;
		if (address(sl_trim(one), &c->peers[0]))
			rc = learn(c, &c->peers[0], err);
	}
	if (rc)
		kafka_client_close(c);
	else
		*out = c;
	return rc;
}

void kafka_client_close(struct kafka_client *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		if (c->peers[i].fd >= 0)
			close(c->peers[i].fd);
		free(c->peers[i].host);
	}
	buf_free(&c->out);
	arena_free(&c->arena);
	free(c);
}
