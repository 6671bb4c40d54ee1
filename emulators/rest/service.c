/* The REST proxy as a service: HTTP in, a record log behind. Its operations are the rows of protocol.c. */
#include "rest/rest.h"

#include "core/identities.h"

static void after(struct rest *r, int64_t ms, void (*fn)(void *arg), void *arg)
{
	owed_keep(&r->waits, owed_after(r->env->loop, ms, fn, arg));
}

static int rest_open(void *self, const struct env *env, struct error *err)
{
	struct rest *r = self;
	r->env = env;
	r->after = after;
	return 0;
}

static int rest_start(void *self, struct error *err)
{
	struct rest *r = self;
	struct error missing;
	r->log = &r->env->ports->log;
	r->broker = &r->env->ports->broker;
	if (port_needed(r->env, PORT_LOG, &missing))
		log_warn(r->env, "start", "%s", missing.text);
	return 0;
}

static void answered(struct rest_call *c)
{
	struct http_call *call = c->arg;
	call->op = c->op;
	if (c->allow)
		http_set(call, "Allow", "%s", c->allow);
	if (c->location.p)
		http_setsl(call, "Location", c->location);
	if (c->unserved)
		log_warn(c->r->env, "unserved", "method=%.*s path=%.*s status=%d", SL(call->req.method), SL(call->req.path),
			 c->status);
	http_reply_buf(call, c->status, c->type, &c->body);
}

static void rest_http(void *self, struct http_call *call)
{
	if (rest_stream(self, call))
		return;
	struct rest_call *c = arena_alloc(call->req.arena, sizeof(*c));
	c->r = self;
	c->req = &call->req;
	c->done = answered;
	c->arg = call;
	rest_serve(c);
}

static bool rest_admit(const struct conf *conf, struct http_call *call)
{
	if (identity_of_call(conf, call) == IDENTITY_OK)
		return true;
	call->op = "Unauthorized";
	http_set(call, "WWW-Authenticate", "Basic realm=\"KafkaRest\"");
	http_reply(call, 401, "application/json", S("{\"error_code\":401,\"message\":\"Unauthorized\"}"));
	return false;
}

static bool rest_busy(const void *self)
{
	return ((const struct rest *)self)->asks != NULL || rest_streams_busy(self);
}

static void rest_close(void *self)
{
	struct rest *r = self;
	owed_cancel_all(&r->asks);
	owed_cancel_all(&r->waits);
	rest_streams_close(r);
	rest_consumers_close(r);
}

static const struct setting settings[] = {
	{ "rest.*", "port", "0", "[rest.NAME] is one more proxy, at this port; 0: any that is free, told as endpoint rest-NAME by tarn status and endpoints.json", SETTING_INT, NULL, 0, 65535 },
	{ "rest.*", "kafka", NULL, "HOST:PORT of the cluster that it is over; without it the stack's own" },
	{ "rest.*", "kafka.*", NULL, "a setting of librdkafka for it: kafka.security.protocol = SASL_SSL" },
	{ 0 },
};

static const struct fault_site faults[] = {
	{ "rest.", FAULT_ERRORS, "error=: an operation isn't done, and answers with the proxy's error code (50002, 40403) or a status (429)" },
	{ NULL },
};

const struct service rest_service = {
	.name = "rest",
	.faults = faults,
	.doc = "Confluent REST Proxy: produce, consume and administer over HTTP, APIs v2 and v3",
	.port = REST_PORT,
	.endpoint = "rest",
	.prefix = { "/v3/" },
	.more = "rest.",
	.size = sizeof(struct rest),
	.open = rest_open,
	.start = rest_start,
	.settings = settings,
	.routes = { &rest_routes, &rest_consumer_routes, &rest_v3_routes },
	.admit = rest_admit,
	.http = rest_http,
	.both_ways = rest_streams,
	.full = { 500, "application/vnd.kafka.v2+json",
		  "{\"error_code\":50002,\"message\":\"Kafka error: Disk error when trying to access log file on the disk.\"}" },
	.busy = rest_busy,
	.close = rest_close,
};
