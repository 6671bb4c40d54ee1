/* The bodies of PutObject and UploadPart as they come: a buffer is filled while the one before is hashed and written on the pool.
 * Nothing is there until all is and was judged; what breaks off leaves nothing. */
#include "body.h"

#include "core/sigv4.h"

enum { PIECE = 256 << 10 }; /* bytes a job takes, and bytes that wait for one */

struct s3_take {
	struct s3_take *next, **at_list;
	struct s3 *s;
	struct http_call *call;
	struct s3_req r;
	const struct s3_op *op;
	int rc; /* what was wrong when the headers were in: the body is passed over */
	struct buf fill, busy; /* what comes; what the job has */
	struct s3_work work;
	struct sigv4_chain chain;
	struct owed *job; /* owed list: one at most */
	bool begun, ended, held, closing; /* a job has had bytes; the body is in; the client is held back; the last job runs */
};

static void take_free(struct s3_take *t)
{
	owed_cancel_all(&t->job);
	*t->at_list = t->next;
	if (t->next)
		t->next->at_list = t->at_list;
	s3_work_free(&t->work);
	buf_free(&t->fill);
	buf_free(&t->busy);
	free(t);
}

/* ---- the end ---- */

static int judge(struct s3_take *t)
{
	struct s3_req *r = &t->r;
	struct s3_work *w = &t->work;
	struct slice claimed = http_get(r->http, "x-amz-content-sha256");
	struct buf hex = { 0 };
	bool same = true;
	int rc;
	if (w->err.kind == ERR_LIMIT) {
		s3_extra(&r->fail, "MaxSizeAllowed", arena_printf(r->a, "%lld", S3_BODY_MAX));
		return s3_fail(&r->fail, S3_E_ENTITY_TOO_LARGE);
	}
	if (w->err.kind)
		return s3_store_fail(&r->fail, &w->err);
	if (claimed.n == 64 && !w->chunked) {
		buf_hex(&hex, w->body_sha256, 32);
		same = sl_eq_nocase(sl_trim(claimed), buf_slice(&hex));
		buf_free(&hex);
	}
	if (!same && r->auth.present)
		return s3_auth_fail_body(r, w->body_sha256);
	if (w->chunked && (rc = s3_request_unframed(r, w->chunk_rc, w->size, arena_dup(r->a, buf_slice(&w->chunked->trailer)))) != 0)
		return rc;
	r->body = S("");
	r->content = &w->out;
	return s3_run_op(t->s, r, t->op);
}

static void answer(struct s3_take *t, int rc)
{
	struct http_call *call = t->call;
	struct fault_hit f = faults_ask(t->s->env->faults, "http", "s3");
	s3_finish(t->s, &t->r, rc);
	take_free(t);
	if (f.act == FAULT_STATUS)
		http_reply(call, f.status, "text/plain", S("fault injected\n"));
	else
		http_done(call);
}

static void go_on(struct s3_take *t);

static void piece_work(void *arg)
{
	struct s3_take *t = arg;
	s3_work_add(&t->work, buf_slice(&t->busy));
}

static void piece_done(void *arg)
{
	struct s3_take *t = arg;
	buf_reset(&t->busy);
	go_on(t);
}

static void end_work(void *arg)
{
	s3_work_end(&((struct s3_take *)arg)->work);
}

static void end_done(void *arg)
{
	struct s3_take *t = arg;
	t->s->now_ms = clock_now_ms(t->s->env->clock);
	answer(t, judge(t));
}

/* The next job, if there is one to do and none under way. */
static void go_on(struct s3_take *t)
{
	struct buf had = t->busy;
	if (t->job)
		return;
	if (t->fill.n >= PIECE || (t->ended && t->fill.n)) {
		t->busy = t->fill;
		t->fill = had;
		t->begun = true;
		owed_keep(&t->job, loop_job(t->s->env->loop, piece_work, piece_done, t));
	} else if (t->ended && !t->closing) {
		t->closing = true;
		owed_keep(&t->job, loop_job(t->s->env->loop, end_work, end_done, t));
	}
	if (t->held && t->fill.n < PIECE) {
		t->held = false;
		http_more(t->call);
	}
}

/* ---- as it comes ---- */

static bool on_piece(void *arg, struct slice bytes)
{
	struct s3_take *t = arg;
	if (t->rc)
		return true;
	buf_addsl(&t->fill, bytes);
	go_on(t);
	t->held = t->fill.n >= PIECE;
	return !t->held;
}

static void on_end(void *arg)
{
	struct s3_take *t = arg;
	struct http_call *call = t->call;
	struct s3 *s = t->s;
	t->ended = true;
	if (t->rc) {
		answer(t, t->rc);
	} else if (!t->begun && t->fill.n <= S3_INLINE_MAX) { /* small after all */
		call->req.body = arena_dup(call->req.arena, buf_slice(&t->fill));
		take_free(t);
		s3_service.http(s, call);
	} else {
		go_on(t);
	}
}

static void on_gone(void *arg)
{
	take_free(arg);
}

static const struct http_sink sink = { on_piece, on_end, on_gone };

/* ---- the beginning ---- */

/* The checksum that is claimed: in a header, or announced for the trailer. */
static int claimed_alg(struct s3_req *r, enum s3_alg *out)
{
	struct slice name = http_get(r->http, "x-amz-trailer"), md5;
	struct s3_sum sum = { 0 };
	int rc = s3_request_put(r, &md5, &sum);
	*out = sum.alg;
	if (!sum.alg && sl_after_nocase(sl_trim(name), S("x-amz-checksum-"), &name))
		*out = s3_alg_of(name);
	return rc;
}

static int prepare(struct s3_take *t)
{
	struct s3_req *r = &t->r;
	struct s3 *s = t->s;
	struct s3_bucket b;
	struct s3_upload u;
	enum s3_alg alg, keep = S3_SUM_CRC64;
	bool is_signed, has_trailer;
	struct s3_seal seal = { 0 };
	struct slice sse = S("");
	int rc, framed = 0;
	if (space_low(s->env->space))
		return s3_fail(&r->fail, S3_E_INTERNAL);
	if (!s->any_identity && sl_starts(http_get(r->http, "authorization"), S("AWS4-")) && !http_get(r->http, "x-amz-content-sha256").p)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Missing required header for this request: x-amz-content-sha256");
	if ((rc = s3_request_length(r)) != 0 || (rc = s3_request_auth(s, r, false)) != 0 ||
	    (rc = s3_request_owner(s, r, "x-amz-expected-bucket-owner", r->bucket)) != 0 || (rc = s3_authorize(s, r, t->op->route.name)) != 0 ||
	    (rc = s3_bucket_get(s, r->bucket, &b, &r->fail)) != 0 || (rc = claimed_alg(r, &alg)) != 0)
		return rc;
	if (t->op->run == s3_op_upload_part) {
		struct slice id = http_query(r->http, "uploadId");
		if ((rc = s3_upload_find(s, r->bucket, r->key, id.p ? id : S(""), &u, &r->fail)) != 0)
			return rc;
		keep = s3_upload_alg(&u);
		rc = s3_sse_part(s, r, &u, &seal);
	} else {
		keep = alg ? alg : keep;
		rc = s3_sse_plan(s, r, &b, &sse, &seal);
	}
	if (rc)
		return rc;
	if ((framed = s3_request_framing(r, &is_signed, &has_trailer)) < 0)
		return framed;
	s3_work_begin(&t->work, keep, alg);
	if (framed) {
		struct slice secret = s3_secret_of(s, r);
		t->work.chunked = xcalloc(1, sizeof(*t->work.chunked));
		t->work.chunked->signed_trailer = has_trailer;
		if (is_signed && secret.p) {
			sigv4_chain_init(&t->chain, &r->auth, secret);
			t->work.chunked->chain = &t->chain;
		}
	} else if (http_get(r->http, "x-amz-content-sha256").n == 64) {
		t->work.sha256 = hash_new(HASH_SHA256);
	}
	t->work.path = s3_file_temp(&s->store);
	t->work.out.sse = sse;
	s3_work_seal(&t->work, &seal);
	t->work.sync = s->store.sync;
	t->work.size_max = S3_BODY_MAX;
	return 0;
}

/* How long it says the object is: -1 if it doesn't. */
static int64_t said_length(const struct http_req *http, const char *header)
{
	struct slice text = http_get(http, header);
	int64_t n;
	return text.p && sl_int(sl_trim(text), 0, INT64_MAX, &n) ? n : -1;
}

static bool refused_size(struct s3 *s, struct s3_req *r, int64_t n)
{
	if (n <= S3_BODY_MAX)
		return false;
	s3_extra(&r->fail, "ProposedSize", arena_printf(r->a, "%lld", (long long)n));
	s3_extra(&r->fail, "MaxSizeAllowed", arena_printf(r->a, "%lld", S3_BODY_MAX));
	s3_finish(s, r, s3_fail(&r->fail, S3_E_ENTITY_TOO_LARGE));
	return true;
}

bool s3_take(struct s3 *s, struct http_call *call)
{
	int64_t length = said_length(&call->req, "content-length"), decoded = said_length(&call->req, "x-amz-decoded-content-length");
	const struct s3_op *op;
	struct s3_take *t;
	struct s3_req r;
	if (!s->store.dir || !sl_eqs(call->req.method, "PUT") || (length >= 0 && length <= S3_INLINE_MAX))
		return false;
	s3_begin(s, &r, call);
	if (s3_request_address(&r, conf_get(s->env->conf, "s3", "host")) || !(op = s3_find_op(&r)) ||
	    (op->run != s3_op_put && op->run != s3_op_upload_part))
		return false; /* it gets its answer when the body is in */
	call->op = op->route.name;
	if (refused_size(s, &r, decoded >= 0 ? decoded : length))
		return true;
	t = xcalloc(1, sizeof(*t));
	t->s = s;
	t->call = call;
	t->op = op;
	t->r = r;
	t->work.fd = -1;
	t->next = s->takes;
	t->at_list = &s->takes;
	if (t->next)
		t->next->at_list = &t->next;
	s->takes = t;
	t->rc = prepare(t);
	http_take(call, &sink, t);
	return false;
}

void s3_take_close(struct s3 *s)
{
	while (s->takes) {
		struct http_call *call = s->takes->call;
		take_free(s->takes);
		http_leave(call);
	}
}
