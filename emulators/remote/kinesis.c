/* The remote side of the stream port: the Kinesis API over HTTP, signed by libcurl.
 * [remote] kinesis = http://host:port, kinesis_region, kinesis_key, kinesis_secret. */
#include "remote/remote.h"

#include "core/httpc.h"
#include "core/service.h"

struct remote {
	const struct env *env;
	char *endpoint;
	struct slice key, secret, region; /* of the configuration */
	struct owed *asks;
};

struct ask {
	struct owed owed;
	stream_cb cb;
	void *arg;
	struct owed *sent;
};

static void ask_free(struct owed *o)
{
	struct ask *a = (struct ask *)o;
	owed_cancel_all(&a->sent);
	free(a);
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct ask *a = arg;
	owed_end(&a->owed);
	if (err)
		a->cb(a->arg, 0, S(""), err);
	else
		a->cb(a->arg, resp->status, resp->body.p ? resp->body : S(""), NULL);
	ask_free(&a->owed);
}

static struct owed *remote_call(void *self, struct slice region, struct slice action, struct slice json, struct slice trace, stream_cb cb, void *arg)
{
	struct remote *m = self;
	struct ask *a = xcalloc(1, sizeof(*a));
	struct arena memory = { 0 };
	struct http_header headers[3] = { { S("Content-Type"), S("application/x-amz-json-1.1") },
					  { S("X-Amz-Target"), arena_printf(&memory, "Kinesis_20131202.%.*s", SL(action)) },
					  { S("X-Tarn-Trace"), trace } };
	struct httpc_req req = { .method = S("POST"), .url = sl(m->endpoint), .headers = headers, .header_n = trace.n ? 3 : 2, .body = json,
				 .aws_service = S("kinesis"), .key = m->key, .secret = m->secret, .region = region.p ? region : m->region };
	owed_init(&a->owed, &m->asks, ask_free);
	a->cb = cb;
	a->arg = arg;
	owed_keep(&a->sent, httpc_send(m->env->httpc, &req, on_answer, a));
	arena_free(&memory);
	return &a->owed;
}

int remote_kinesis_open(const struct env *env, const char *endpoint, struct stream *out, struct error *err)
{
	if (!sl_starts(sl(endpoint), S("http://")) && !sl_starts(sl(endpoint), S("https://")))
		return err_set(err, ERR_INVALID, "[remote] kinesis: not an http:// or https:// address: %s", endpoint);
	struct remote *m = xcalloc(1, sizeof(*m));
	m->env = env;
	m->endpoint = xasprintf("%s/", endpoint);
	m->key = sl(conf_str(env->conf, "remote", "kinesis_key", "test"));
	m->secret = sl(conf_str(env->conf, "remote", "kinesis_secret", "test"));
	m->region = sl(conf_str(env->conf, "remote", "kinesis_region", "us-east-1"));
	*out = (struct stream){ .self = m, .call = remote_call };
	return 0;
}

void remote_kinesis_close(struct stream *stream)
{
	struct remote *m = stream->self;
	if (!m)
		return;
	owed_cancel_all(&m->asks);
	free(m->endpoint);
	free(m);
	*stream = (struct stream){ 0 };
}
