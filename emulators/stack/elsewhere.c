#include "stack/elsewhere.h"

#include "core/httpc.h"
#include "core/json.h"
#include "core/owed.h"

/* LASTS_MS: a subscriber of Kinesis is served five minutes. More unread than UNSENT_MAX isn't asked for. */
enum { LASTS_MS = 330000, UNSENT_MAX = 1 << 20, AGAIN_MS = 20 };
static const char handed_on[] = "X-Tarn-Handed-On";

/* S3 isn't among them: its bodies may be larger than what lies here whole. Its process is the one that others' addresses are given to. */
static const char *const names[] = { "kinesis", "apigateway", "airflow" };

const struct setting elsewhere_settings[] = {
	{ "remote", "apigateway", NULL, "http://HOST:PORT of the AWS port where API Gateway runs, when it isn't in this process: the AWS port here hands on" },
	{ "remote", "airflow", NULL, "the same for Airflow (MWAA)" },
	{ NULL },
};

const char *elsewhere_at(const struct conf *conf, const struct service *svc)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(svc->name, names[i]))
			return conf_get(conf, "remote", names[i]);
	return NULL;
}

int elsewhere_check(const struct conf *conf, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct slice at = sl(conf_get(conf, "remote", names[i]));
		if (at.p && !sl_starts(at, S("http://")) && !sl_starts(at, S("https://")))
			return err_set(err, ERR_INVALID, "[remote] %s: not an http:// or https:// address: %.*s", names[i], SL(at));
	}
	return 0;
}

/* Lies in the call's arena. */
struct handed {
	const struct env *env;
	struct http_call *call;
	const struct service *svc;
	struct owed *sent, *again; /* the request; a look whether the client has read */
	struct buf body;           /* of an answer whose length was said */
	struct owed owed;          /* in the list of what is under way */
	bool streams;
};

static void let_go(struct handed *h)
{
	owed_cancel(h->again);
	owed_cancel(h->sent);
	buf_free(&h->body);
}

/* In its place: who has it in the list closes. */
static void dropped(struct owed *o)
{
	struct handed *h = (struct handed *)((char *)o - offsetof(struct handed, owed));
	if (h->streams)
		http_forget(h->call);
	else
		http_on_gone(h->call, NULL, NULL);
	let_go(h);
}

/* What belongs to one connection, not to the message (RFC 9110, 7.6.1), and what each side writes of its own. */
static bool of_the_way(struct slice name)
{
	static const char *const rows[] = { "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Content-Length", "Expect", "Date",
					    "Proxy-Connection", "HTTP2-Settings", "X-Tarn-Trace" };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sl_eq_nocase(name, sl(rows[i])))
			return true;
	return name.n && name.p[0] == ':';
}

static bool said_length(const struct httpc_resp *so)
{
	for (size_t i = 0; i < so->header_n; i++)
		if (sl_eq_nocase(so->headers[i].name, S("Content-Length")))
			return true;
	return false;
}

static void put_head(struct http_call *call, const struct httpc_resp *so)
{
	call->resp.status = so->status;
	for (size_t i = 0; i < so->header_n && call->resp.header_n < HTTP_HEADERS_OUT_MAX; i++)
		if (!of_the_way(so->headers[i].name))
			http_add(call, arena_cstr(call->req.arena, so->headers[i].name), so->headers[i].value);
}

static void gone_streaming(void *arg)
{
	struct handed *h = arg;
	owed_end(&h->owed);
	let_go(h);
}

static void gone_waiting(void *arg)
{
	struct handed *h = arg;
	owed_end(&h->owed);
	let_go(h);
	http_reply(h->call, 499, NULL, S("")); /* nobody reads it */
}

static void look_again(void *arg)
{
	struct handed *h = arg;
	h->again = NULL;
	if (http_unsent(h->call) > UNSENT_MAX)
		owed_keep(&h->again, owed_after(h->env->loop, AGAIN_MS, look_again, h));
	else
		httpc_more(h->sent);
}

/* What says no length goes on as it comes: events of a subscription, for minutes. */
static bool on_piece(void *arg, const struct httpc_resp *so, struct slice bytes)
{
	struct handed *h = arg;
	if (!h->streams && said_length(so)) {
		buf_addsl(&h->body, bytes);
		return true;
	}
	if (!h->streams) {
		h->streams = true;
		put_head(h->call, so);
		http_on_gone(h->call, NULL, NULL);
		http_stream(h->call, gone_streaming, h);
	} else if (http_unsent(h->call) > UNSENT_MAX) {
		if (!h->again)
			owed_keep(&h->again, owed_after(h->env->loop, AGAIN_MS, look_again, h));
		return false;
	}
	http_push(h->call, bytes);
	return true;
}

static void answer_failed(struct handed *h, int status, const char *code, const char *why)
{
	struct buf b = { 0 };
	char *text = xasprintf("%s: %s", h->svc->name, why);
	jw_obj(&b, NULL);
	jw_text(&b, "__type", code);
	jw_text(&b, "message", text);
	jw_obj_end(&b);
	http_set(h->call, "X-Amzn-ErrorType", "%s", code);
	http_reply_buf(h->call, status, "application/x-amz-json-1.1", &b);
	log_warn(h->env, "remote", "service=%s handed_on=failed hint=\"%s\"", h->svc->name, why);
	free(text);
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct handed *h = arg;
	h->sent = NULL;
	if (h->streams) { /* it ends with what came: gone_streaming lets go */
		if (err)
			log_warn(h->env, "remote", "service=%s cut=\"%s\"", h->svc->name, err->text);
		http_push_end(h->call);
		return;
	}
	owed_end(&h->owed);
	http_on_gone(h->call, NULL, NULL);
	if (err)
		answer_failed(h, 503, "ServiceUnavailableException", err->text);
	else {
		put_head(h->call, resp);
		buf_addsl(&h->body, resp->body);
		buf_addsl(&h->call->resp.body, buf_slice(&h->body));
		http_done(h->call);
	}
	buf_free(&h->body);
}

void elsewhere_call(const struct env *env, const struct service *svc, struct owed **under_way, struct http_call *call)
{
	struct http_req *req = &call->req;
	struct arena *a = req->arena;
	struct handed *h = arena_alloc(a, sizeof(*h));
	struct http_header *headers = arena_alloc(a, (req->header_n + 2) * sizeof(*headers));
	struct slice at = sl(elsewhere_at(env->conf, svc));
	size_t n = 0;
	*h = (struct handed){ .env = env, .call = call, .svc = svc };
	call->service = svc->name;
	call->op = "HandedOn";
	if (http_get(req, handed_on).p) {
		answer_failed(h, 508, "ServiceUnavailableException", "the address in [remote] leads to a process that would hand on as well");
		return;
	}
	for (size_t i = 0; i < req->header_n; i++)
		if (!of_the_way(req->headers[i].name))
			headers[n++] = req->headers[i];
	headers[n++] = (struct http_header){ sl(handed_on), S("aws") };
	headers[n++] = (struct http_header){ S("X-Tarn-Trace"), sl(req->trace) };
	while (at.n && at.p[at.n - 1] == '/')
		at.n--;
	struct httpc_req out = { .method = req->method, .url = arena_printf(a, "%.*s%.*s", SL(at), SL(req->target)), .headers = headers, .header_n = n,
				 .body = req->body, .timeout_ms = LASTS_MS, .hops = call->hops + 1, .limited = true, .piece = on_piece };
	owed_init(&h->owed, under_way, dropped);
	http_on_gone(call, gone_waiting, h);
	owed_keep(&h->sent, httpc_send(env->httpc, &out, on_answer, h));
}
