#include "stack/inside.h"
#include "remote/remote.h"
#include "stack/more.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/adopt.h"
#include "core/httpc.h"
#include "core/json.h"
#include "core/stack.h"
#include "core/identities.h"
#include "core/origin.h"
#include "core/tls.h"
#include "front/names.h"
#include "stack/events.h"
#include "stack/control.h"
#include "stack/exposure.h"
#include "browse/browse.h"
#include "journey/journey.h"
#include "stack/keep.h"
#include "stack/record.h"
#include "stack/reset.h"
#include "stack/services.h"
#include "stack/settings.h"
#include "stack/sites.h"
#include "snapshot/snapshot.h"

enum { LOG_BYTES = 8 << 20, LOG_KEEP = 1, GRACE_MS = 300, LOCK_WAIT_MS = 1000, CUT_MAX = 20, AWS_PORT = 4566, CONTROL_PORT = 4580, SEED = 42 };

/* ---- requests ---- */

static bool refused_by_fault(struct server *s, struct http_call *call)
{
	struct fault_hit f = faults_ask(s->env.faults, "http", call->service);
	if (f.act != FAULT_STATUS)
		return false;
	http_reply(call, f.status, "text/plain", S("fault injected\n"));
	return true;
}

static bool answers_full(const struct slot *slot)
{
	return slot->svc->http_full || slot->svc->full.text;
}

static void answer_full(struct slot *slot, struct http_call *call)
{
	const struct service *svc = slot->svc;
	if (svc->http_full)
		svc->http_full(slot->self, call);
	else
		http_reply(call, svc->full.status, svc->full.type, sl(svc->full.text));
}

/* What makes the state grow is refused while the disk is full; who takes a body in pieces looks himself. */
static bool has_no_room(struct server *s, const struct slot *slot, const struct http_call *call)
{
	return slot->svc->http_grows && !http_taken(call) && slot->svc->http_grows(&call->req) && space_low(s->env.space);
}

static void to_slot(struct server *s, struct slot *slot, struct http_call *call)
{
	call->service = slot->svc->name;
	if (refused_by_fault(s, call) || (slot->svc->admit && !slot->svc->admit(s->conf, call)))
		return;
	if (has_no_room(s, slot, call))
		answer_full(slot, call);
	else
		slot->svc->http(slot->self, call);
}

/* Whether the AWS port's rules hold for it. */
static bool is_aws(const struct listener *l, const struct http_call *call)
{
	return l->aws && !router_at_control(l->s->conf, &call->req);
}

static struct slot *slot_for(struct listener *l, const struct http_call *call)
{
	bool aws = is_aws(l, call);
	return l->slot ? l->slot : router_find(l->s->slots, l->s->slot_n + (aws ? l->s->elsewhere_n : 0), l->s->conf, aws, &call->req);
}

static bool is_elsewhere(const struct server *s, const struct slot *slot)
{
	return slot >= s->slots + s->slot_n;
}

static void on_call(void *arg, struct http_call *call)
{
	struct listener *l = arg;
	struct slot *slot = slot_for(l, call);
	if (slot && !l->s->closed && is_elsewhere(l->s, slot))
		elsewhere_call(&l->s->env, slot->svc, &l->s->elsewhere, call);
	else if (l->s->closed || (slot && !slot->self))
		http_reply(call, 503, "text/plain", S("tarn is stopping\n"));
	else if (slot)
		to_slot(l->s, slot, call);
	else
		router_none(l->s, is_aws(l, call), call);
}

/* The port takes the largest body of its services: each has its own limit. */
static bool on_head(void *arg, struct http_call *call)
{
	struct listener *l = arg;
	bool aws = is_aws(l, call);
	if (!l->slot && !aws)
		router_unfold(call);
	struct slot *slot = slot_for(l, call);
	if (l->aws && !aws && origin_answered(&l->s->env, true, NULL, NULL, call)) /* as on the port that it is for */
		return true;
	if (router_refused(l->s, aws, slot, call))
		return true;
	if (!slot && !aws)
		return control_snapshot_head(l->s, call);
	if (slot && slot->svc->body_max)
		call->body_max = slot->svc->body_max;
	if (!slot || !slot->self)
		return false;
	call->service = slot->svc->name;
	if (http_get(&call->req, "Expect").p && has_no_room(l->s, slot, call)) { /* its client waits to hear it before the body */
		answer_full(slot, call);
		return true;
	}
	return slot->svc->http_head && slot->svc->http_head(slot->self, call);
}

static bool judges_page(void *arg, struct http_call *call)
{
	struct listener *l = arg;
	struct slot *slot = is_aws(l, call) ? slot_for(l, call) : NULL;
	return slot && slot->self && !is_elsewhere(l->s, slot) && slot->svc->http_page && slot->svc->http_page(slot->self, call);
}

static bool on_both_ways(void *arg, struct slice method, struct slice target)
{
	const struct listener *l = arg;
	return l->slot && l->slot->svc->both_ways && l->slot->svc->both_ways(method, target);
}

static void on_too_large(void *arg, struct http_call *call)
{
	struct slot *slot = slot_for(arg, call);
	if (slot && slot->self && slot->svc->http_too_large)
		slot->svc->http_too_large(slot->self, call);
	else
		http_reply(call, 413, "text/plain", S("body too large\n"));
}

/* What was only read, and not of what failed, is true. */
static enum http_fate on_failed(void *arg, struct http_call *call)
{
	struct slot *slot = slot_for(arg, call);
	bool reads = sl_eqs(call->req.method, "GET") || sl_eqs(call->req.method, "HEAD");
	if (reads && (!slot || !slot->failed))
		return HTTP_LEAVES;
	if (!slot || !slot->self || !answers_full(slot) || !http_empty(call))
		return HTTP_CUT;
	answer_full(slot, call);
	return HTTP_ANOTHER;
}

/* ---- end of tick ---- */

void server_commit(struct server *s)
{
	bool any = false;
	for (size_t i = 0; i < s->slot_n; i++) {
		struct slot *t = &s->slots[i];
		struct error err = { 0 };
		t->failed = false;
		if (!t->self || !service_dirty(t->svc, t->self))
			continue;
		if (!any)
			space_before_commit(s->env.space);
		any = true;
		if (service_commit(t->svc, t->self, &err)) {
			log_error(&t->env, "commit-failed", "error=\"%s\"", err.text);
			t->failed = true;
			loop_fail_tick(s->env.loop);
		}
	}
	if (!any)
		space_tick_over(s->env.space);
}

static void commit_all(void *arg)
{
	struct server *s = arg;
	keep_write(s->keep);
	adopt_write(s->env.adopt);
	server_commit(s);
	snapshots_tick(s->snapshots);
	if ((s->resets || s->empties || s->swaps) && !snapshots_freeze(s->snapshots))
		server_reopen(s);
}

/* ---- opening ---- */

static bool wanted(const char *only, const char *name)
{
	struct slice word, rest = sl(only);
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		if (sl_eqs(sl_trim(word), name))
			return true;
	}
	return !only;
}

static bool is_wanted(const void *only, const char *name)
{
	return wanted(only, name);
}

static int check_only(const char *only, struct error *err)
{
	struct slice word, rest = sl(only);
	while (rest.p) {
		bool known = false;
		sl_cut(rest, ',', &word, &rest);
		word = sl_trim(word);
		for (size_t i = 0; services[i]; i++)
			known |= sl_eqs(word, services[i]->name);
		if (!known)
			return err_set(err, ERR_INVALID, "no service is called %.*s (see: tarn help services)", SL(word));
	}
	return 0;
}

/* A child of one that was just killed may hold the lock until it is a program of its own. */
static bool take_lock(int fd)
{
	enum { EVERY_MS = 10 };
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB); waited += EVERY_MS) {
		if (waited >= LOCK_WAIT_MS)
			return false;
		clock_real_wait_us(EVERY_MS * 1000);
	}
	return true;
}

static int open_dir(struct server *s, const char *data, struct error *err)
{
	s->lock_fd = -1;
	if (!data)
		return 0;
	if (mkdir(data, 0777) && errno != EEXIST)
		return err_set(err, ERR_STORE, "state folder %s: %s", data, strerror(errno));
	s->dir = xstrdup(data);
	char *path = xasprintf("%s/lock", data);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	free(path);
	if (s->lock_fd < 0)
		return err_set(err, ERR_STORE, "state folder %s: %s", data, strerror(errno));
	if (!take_lock(s->lock_fd))
		return err_set(err, ERR_CONFLICT, "state folder %s is in use by another tarn", data);
	return 0;
}

static int read_conf(struct server *s, const struct server_opts *o, struct error *err)
{
	int rc;
	s->conf = conf_new();
	if ((rc = stack_open(o->stack, &s->files, err)))
		return rc;
	rc = stack_conf(s->files, s->conf, err);
	for (size_t i = 0; !rc && i < o->set_n; i++)
		rc = conf_assign(s->conf, settings_all(), o->set[i], err);
	if (!rc)
		rc = stack_move(s->files, s->conf, err);
	if (o->adopt && !conf_get(s->conf, "stack", "adopt"))
		conf_set(s->conf, "stack", "adopt", "on");
	if (!rc)
		rc = conf_check(s->conf, settings_all(), err);
	if (!rc)
		rc = identities_check(s->conf, err);
	if (!rc)
		rc = exposure_check(s->bind, o->open, s->conf, is_wanted, o->only, err);
	if (!rc)
		identities_make_token(s->conf);
	return rc;
}

int server_open_slot(struct server *s, struct slot *t, struct error *err)
{
	t->self = xcalloc(1, t->svc->size ? t->svc->size : 1);
	int rc = t->svc->open(t->self, &t->env, err);
	if (rc) {
		free(t->self);
		t->self = NULL;
	} else if (t->svc->provide) {
		t->svc->provide(t->self, &s->ports);
	}
	return rc;
}

static int open_services(struct server *s, const char *only, struct error *err)
{
	for (size_t i = 0; services[i]; i++) {
		if (!wanted(only, services[i]->name))
			continue;
		struct slot *t = &s->slots[s->slot_n];
		t->svc = services[i];
		t->env = s->env;
		t->env.name = t->svc->name;
		int rc = server_open_slot(s, t, err);
		if (rc)
			return rc;
		t->started = true;
		s->slot_n++;
		if ((rc = more_slots(s, services[i], err)))
			return rc;
	}
	if (identities_enforced(s->conf) && !s->ports.authority.self)
		return err_set(err, ERR_INVALID, "[stack] auth = enforce: the service aws knows the policies, start it, too");
	return 0;
}

/* What the AWS port hands on. */
static int add_elsewhere(struct server *s, struct error *err)
{
	int rc = elsewhere_check(s->conf, err);
	for (size_t i = 0; !rc && services[i]; i++)
		if (!server_state(s, services[i]->name) && elsewhere_at(s->conf, services[i]))
			s->slots[s->slot_n + s->elsewhere_n++] = (struct slot){ .svc = services[i] };
	return rc;
}

/* Boxes that are not in this process are reached at the addresses of [remote]. */
static int open_remotes(struct server *s, struct error *err)
{
	const char *kafka = conf_get(s->conf, "remote", "kafka"), *s3 = conf_get(s->conf, "remote", "s3");
	const char *kinesis = conf_get(s->conf, "remote", "kinesis");
	int rc = add_elsewhere(s, err);
	remote_stores_provide(&s->env, &s->ports.stores);
	if (!rc && kafka && !s->ports.log.self && !(rc = remote_kafka_open(&s->env, kafka, &s->ports.log, err)))
		s->remote_log = true;
	if (!rc && s->remote_log && !s->ports.consumers.self)
		rc = remote_consumers_open(&s->env, kafka, &s->ports.consumers, err);
	if (!rc && s->remote_log && !s->ports.broker.self)
		remote_broker_open(&s->env, kafka, &s->ports.broker);
	if (!rc && s3 && !s->ports.objects.self && !(rc = remote_s3_open(&s->env, s3, &s->ports.objects, err)))
		s->remote_objects = true;
	if (!rc && kinesis && !s->ports.stream.self && !(rc = remote_kinesis_open(&s->env, kinesis, &s->ports.stream, err)))
		s->remote_stream = true;
	for (size_t i = 0; i < s->slot_n && !rc; i++)
		if (s->slots[i].more)
			rc = more_open(s->slots[i].more, &s->slots[i].env, &s->ports, err);
	return rc;
}

static int port_of(const struct server *s, const char *name, int otherwise)
{
	int64_t p = conf_int(s->conf, "ports", name, s->auto_ports ? 0 : otherwise);
	return p >= 0 && p <= 65535 ? (int)p : otherwise;
}

static void add_endpoint(struct server *s, const char *key, bool url, int port)
{
	const char *name = strcmp(s->bind, "0.0.0.0") && strcmp(s->bind, "::") ? s->bind : "127.0.0.1";
	char number[16], host[64];
	snprintf(host, sizeof(host), strchr(name, ':') ? "[%s]" : "%s", name);
	s->endpoints[s->endpoint_n].key = key;
	s->endpoints[s->endpoint_n++].address = xasprintf(url ? "http://%s:%d" : "%s:%d", host, port);
	snprintf(number, sizeof(number), "%d", port);
	conf_set(s->conf, key, "listen_host", host);
	conf_set(s->conf, key, "listen_port", number);
}

static int listen_http(struct server *s, struct slot *slot, bool aws, const char *key, int port, size_t body_max,
		       struct error *err)
{
	struct listener *l = &s->listeners[s->listener_n];
	*l = (struct listener){ .s = s, .slot = slot, .aws = aws };
	struct http_opts o = { .bind = s->bind, .port = port, .http2 = aws, .acts = !slot && !aws, .body_max = body_max, .on_call = on_call, .on_head = on_head,
			       .judges_page = judges_page, .both_ways = on_both_ways,
			       .on_too_large = on_too_large, .on_failed = on_failed, .arg = l };
	int rc = http_listen(&s->env, &o, &l->http, err);
	if (rc)
		return rc;
	s->listener_n++;
	add_endpoint(s, key, true, http_port(l->http));
	return 0;
}

static int listen_tcp(struct server *s, struct slot *slot, int port, const char *endpoint, struct error *err)
{
	struct listener *l = &s->listeners[s->listener_n];
	*l = (struct listener){ .s = s, .slot = slot };
	struct tcp_opts o = { .bind = s->bind, .port = port };
	clients_opts(l, &o);
	int rc = tcp_listen(&s->env, &o, &l->tcp, err);
	if (rc)
		return rc;
	s->listener_n++;
	if (endpoint) {
		snprintf(l->key, sizeof(l->key), "%s", endpoint);
		add_endpoint(s, l->key, false, tcp_port(l->tcp));
	}
	return 0;
}

/* Of the n-th of its ports: [ports] NAME-N, else a step more than the one before, else any that is free. */
static int nth_port(const struct server *s, const struct service *svc, int n)
{
	enum { STEP = 10000 };
	int64_t first = port_of(s, svc->name, svc->port), usual = first + (int64_t)STEP * (n - 1);
	char name[16];
	snprintf(name, sizeof(name), "%s-%d", svc->name, n);
	return n == 1 ? (int)first : port_of(s, name, first && usual <= 65535 ? (int)usual : 0);
}

/* Its ports, and from [service] external_port on as many for clients who know the service by another address. */
static int listen_tcp_all(struct server *s, struct slot *slot, struct error *err)
{
	const struct service *svc = slot->svc;
	int64_t external = conf_int(s->conf, svc->name, "external_port", 0);
	int n = svc->tcp_ports ? svc->tcp_ports(s->conf) : 1, rc = 0;
	for (int i = 1; i <= n && i <= TCP_PORTS_MAX && !rc; i++) {
		char own[16];
		snprintf(own, sizeof(own), "%s-%d", svc->name, i);
		rc = listen_tcp(s, slot, nth_port(s, svc, i), !svc->endpoint ? NULL : i > 1 ? own : svc->endpoint, err);
	}
	for (int i = 0; i < n && !rc && external > 0 && external + i <= 65535; i++)
		rc = listen_tcp(s, slot, (int)external + i, NULL, err);
	return rc;
}

static int listen_all(struct server *s, struct error *err)
{
	size_t aws_max = 0, control_max = 0;
	bool aws = false;
	int rc = 0;
	for (size_t i = 0; i < s->slot_n && !rc; i++) {
		struct slot *t = &s->slots[i];
		size_t max = t->svc->body_max ? t->svc->body_max : 16u << 20;
		if (t->svc->aws) {
			aws = true;
			aws_max = max > aws_max ? max : aws_max;
		}
		if (t->svc->prefix[0])
			control_max = max > control_max ? max : control_max;
		if (t->svc->tcp_consume)
			rc = listen_tcp_all(s, t, err);
		else if (t->more)
			rc = listen_http(s, t, false, t->more->key, s->auto_ports ? 0 : more_port(s->conf, t->more), max, err);
		else if (t->svc->port)
			rc = listen_http(s, t, false, t->svc->endpoint, port_of(s, t->svc->name, t->svc->port), max, err);
	}
	if (!rc && aws)
		rc = listen_http(s, NULL, true, "aws", port_of(s, "aws", AWS_PORT), aws_max, err);
	if (!rc)
		rc = listen_http(s, NULL, false, "control", port_of(s, "control", CONTROL_PORT), control_max, err);
	for (size_t i = 0; i < s->slot_n && !rc; i++)
		if (s->slots[i].svc->prefix[0] && s->slots[i].svc->endpoint && !server_endpoint(s, s->slots[i].svc->endpoint))
			add_endpoint(s, s->slots[i].svc->endpoint, true, (int)conf_int(s->conf, "control", "listen_port", 0));
	return rc;
}

static int port_of_listener(const struct listener *l)
{
	return l->http ? http_port(l->http) : tcp_port(l->tcp);
}

/* The port that a listener has where nobody says otherwise. */
static int usual_port(const struct listener *l)
{
	if (l->tcp && l->key[0] && strcmp(l->key, l->slot->svc->endpoint) != 0)
		return tcp_port(l->tcp); /* not the first of its service: only where it is */
	return l->slot ? l->slot->svc->port : l->aws ? AWS_PORT : CONTROL_PORT;
}

static const char *served_by(const struct listener *l)
{
	return l->slot ? l->slot->svc->name : l->aws ? "aws" : "control";
}

static struct listener *listener_for(struct server *s, int port)
{
	const char *name = front_service_name(front_service_of(port));
	for (size_t i = 0; i < s->listener_n; i++)
		if (port_of_listener(&s->listeners[i]) == port)
			return &s->listeners[i];
	for (size_t i = 0; i < s->listener_n; i++)
		if (usual_port(&s->listeners[i]) == port || (name && !strcmp(served_by(&s->listeners[i]), name)))
			return &s->listeners[i];
	return NULL;
}

struct listener_door *server_adopt(struct server *s, int fd, int port)
{
	struct listener *l = listener_for(s, port);
	if (!l)
		return NULL;
	return l->http ? http_adopt(l->http, fd, port) : tcp_adopt(l->tcp, fd, port);
}

void server_usual_ports(const struct server *s, struct buf *out)
{
	for (size_t i = 0; i < s->listener_n; i++)
		if (usual_port(&s->listeners[i]) != port_of_listener(&s->listeners[i]))
			jw_int(out, NULL, usual_port(&s->listeners[i]));
}

int server_start_services(struct server *s, struct error *err)
{
	for (size_t i = 0; i < s->slot_n; i++) {
		struct slot *t = &s->slots[i];
		int rc = t->svc->start ? t->svc->start(t->self, err) : 0;
		if (rc)
			return rc;
	}
	return 0;
}

static void distrusted(void *env, const char *name)
{
	log_warn((const struct env *)env, "distrusted", "name=%s hint=\"the client trusts another authority: tarn ca says how it trusts ours; under tarn exec, "
		 "if it names a file of its own, --ca-over FILE, or append to it what tarn ca --pem prints\"", name);
}

int server_open(const struct server_opts *o, struct server **out, struct error *err)
{
	struct server *s = xcalloc(1, sizeof(*s));
	char number[32];
	int64_t seed;
	int rc;
	s->notes = json_object();
	s->began_us = clock_real_us();
	s->bind = xstrdup(o->bind ? o->bind : "127.0.0.1");
	s->auto_ports = o->auto_ports;
	s->brief = o->brief;
	s->lock_fd = -1;
	s->env.loop = loop_new();
	s->env.clock = clock_new(s->env.loop);
	s->env.log = log_new(o->log_fd, (enum log_level)o->log_level);
	s->env.metrics = metrics_new();
	s->env.measures = measures_new();
	s->env.journal = journal_new();
	s->env.hops = hops_new();
	s->env.httpc = httpc_new(s->env.loop);
	s->env.durability = o->durability;
	s->env.ports = &s->ports;
	s->env.name = "tarn";
	if (o->frozen)
		clock_freeze(s->env.clock, o->clock_ms);
	const char *only = o->bare ? "" : o->only;
	if ((!o->bare && (rc = check_only(only, err))) || (rc = read_conf(s, o, err)) || (rc = open_dir(s, o->data, err))) {
		server_close(s);
		return rc;
	}
	s->env.tls = tls_new(s->dir);
	tls_on_distrust(s->env.tls, distrusted, &s->env);
	if (o->log_file)
		log_rotate(s->env.log, o->log_file, conf_int(s->conf, "log", "max_bytes", LOG_BYTES), (int)conf_int(s->conf, "log", "keep", LOG_KEEP));
	s->env.conf = s->conf;
	s->env.files = s->files;
	s->env.dir = s->dir;
	seed = o->seed >= 0 ? o->seed : conf_int(s->conf, "stack", "seed", SEED);
	snprintf(number, sizeof(number), "%lld", (long long)seed);
	conf_set(s->conf, "stack", "seed", number);
	s->env.faults = faults_new((uint64_t)seed);
	faults_declare(s->env.faults, sites_known);
	if (s->dir && o->durability != DURABILITY_OFF)
		s->env.space = space_open(s->dir);
	space_faults(s->env.space, s->env.faults);
	s->events = events_open(s, s->conf);
	s->snapshots = snapshots_new(s);
	if ((rc = snapshot_recover(s->dir, err)) || (rc = reset_recover(s->dir, err)) || (o->load && (rc = snapshot_load(s, o->load, err)))) {
		server_close(s);
		return rc;
	}
	s->keep = keep_open(&s->env, !o->frozen && !o->real);
	snapshot_load_core(s, !o->frozen && !o->real);
	loop_on_commit(s->env.loop, commit_all, s);
	if ((rc = adopt_open(&s->env, &s->env.adopt, err)) || (snapshot_load_adopted(s), rc = open_services(s, only, err)) ||
	    (rc = open_remotes(s, err)) || (rc = listen_all(s, err)) || (rc = server_start_services(s, err)) || (rc = front_open(s, o, &s->front, err))) {
		server_close(s);
		return rc;
	}
	adopt_again(s->env.adopt);
	reset_sweep(s->env.loop, s->dir);
	loop_turn(s->env.loop, 0); /* what start wrote is durable before anyone is told */
	snapshot_loaded(s);
	*out = s;
	return 0;
}

/* ---- closing ---- */

static void stop_accepting(struct server *s)
{
	for (size_t i = 0; i < s->listener_n; i++) {
		http_stop_accepting(s->listeners[i].http);
		tcp_stop_accepting(s->listeners[i].tcp);
	}
}

static bool answering(const struct server *s)
{
	for (size_t i = 0; i < s->listener_n; i++)
		if (http_answering(s->listeners[i].http))
			return true;
	return false;
}

/* Requests that are under way are answered, if that takes no longer than this. */
static void answer_what_is_there(struct server *s)
{
	int64_t until = clock_real_us() + GRACE_MS * 1000;
	loop_turn(s->env.loop, 0);
	while (answering(s) && loop_pending(s->env.loop) && clock_real_us() < until)
		loop_turn(s->env.loop, 10);
}

static void say_what_is_cut(struct server *s)
{
	const struct loop_work *w;
	for (size_t i = 0; i < CUT_MAX && (w = loop_work_at(s->env.loop, i)); i++) {
		struct buf what = { 0 };
		w->say(w, &what);
		log_warn(&s->env, "cut", "what=\"%s\" after_ms=%lld", buf_cstr(&what), (long long)((clock_real_us() - w->began_us) / 1000));
		buf_free(&what);
	}
}

void server_close_slots(struct server *s)
{
	for (size_t i = s->slot_n; i-- > 0;) {
		if (s->slots[i].self)
			s->slots[i].svc->close(s->slots[i].self);
		free(s->slots[i].self);
		s->slots[i].self = NULL;
	}
}

/* Nobody may be called that is gone, so: nobody is let in; who can be answered is; then services give up what is under way, the users
 * of a service before it, and owe no answer; then those go by whom answers would have come. */
static void close_services(struct server *s)
{
	struct front *front = s->front;
	s->front = NULL;
	front_close(front);
	stop_accepting(s);
	clock_stop(s->env.clock, "tarn stops");
	answer_what_is_there(s);
	if (!s->brief)
		say_what_is_cut(s);
	s->closed = true;
	journeys_end(s);
	browses_end(s);
	control_runs_end(s);
	owed_cancel_all(&s->elsewhere);
	commit_all(s);
	s->takes_back = snapshots_loading(s->snapshots);
	snapshots_free(s->snapshots);
	s->snapshots = NULL;
	for (size_t i = 0; i < s->listener_n; i++)
		tcp_close(s->listeners[i].tcp);
	server_close_slots(s);
}

void server_close(struct server *s)
{
	if (!s)
		return;
	if (s->conf)
		close_services(s);
	events_close(s->events);
	httpc_free(s->env.httpc);
	s->env.httpc = NULL;
	for (size_t i = 0; i < s->listener_n; i++)
		http_close(s->listeners[i].http);
	for (size_t i = 0; i < s->slot_n; i++)
		more_free(s->slots[i].more);
	if (s->remote_log) {
		remote_broker_close(&s->ports.broker);
		remote_consumers_close(&s->ports.consumers);
		remote_kafka_close(&s->ports.log);
	}
	if (s->remote_stream)
		remote_kinesis_close(&s->ports.stream);
	if (s->remote_objects)
		remote_s3_close(&s->ports.objects);
	keep_close(s->keep);
	struct error err;
	if (s->takes_back && snapshot_recover(s->dir, &err))
		log_error(&s->env, "restore-left", "error=\"%s\"", err.text);
	adopt_close(s->env.adopt);
	tls_free(s->env.tls);
	space_close(s->env.space);
	clock_free(s->env.clock);
	loop_free(s->env.loop);
	faults_free(s->env.faults);
	journal_free(s->env.journal);
	recording_free(s->recording);
	hops_free(s->env.hops);
	metrics_free(s->env.metrics);
	measures_free(s->env.measures);
	log_free(s->env.log);
	conf_free(s->conf);
	stack_close(s->files);
	for (size_t i = 0; i < s->endpoint_n; i++)
		free(s->endpoints[i].address);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->dir);
	free(s->bind);
	json_decref(s->notes);
	buf_free(&s->parts);
	free(s);
}

void server_channel(struct server *s, int channel)
{
	front_channel(s->front, channel);
}
