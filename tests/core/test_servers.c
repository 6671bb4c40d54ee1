/* HTTP and TCP servers and the HTTP client over real sockets, all on one loop. */
#include "env.h"

#include "core/sockets.h"

static struct http_call *kept; /* answered by the test */
static int commits;

static void count_commit(void *arg)
{
	commits++;
}

static void open_env(void)
{
	env_open("test");
	kept = NULL;
	commits = 0;
	loop_on_commit(env.loop, count_commit, NULL);
}

static void echo(void *arg, struct http_call *call)
{
	if (sl_eqs(call->req.path, "/later")) {
		kept = call;
		return;
	}
	http_set(call, "X-Query", "%.*s", SL(http_query(&call->req, "q")));
	http_set(call, "X-Path", "%.*s", SL(call->req.path));
	http_reply(call, 200, "text/plain", call->req.body.n ? call->req.body : S("empty"));
}

static struct http_listener *listen_on(size_t body_max)
{
	struct http_listener *l;
	struct error err;
	struct http_opts o = { .bind = "127.0.0.1", .body_max = body_max, .on_call = echo };
	ck_assert_msg(http_listen(&env, &o, &l, &err) == 0, "%s", err.text);
	return l;
}

START_TEST(http_keeps_connections_and_raw_paths)
{
	char got[4096];
	open_env();
	struct http_listener *l = listen_on(0);
	int fd = dial(http_port(l));
	static const char *const before[] = { "", "http://h", "HTTP://h:80" }; /* as a proxy's clients send it */
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		char req[200];
		snprintf(req, sizeof(req), "POST %s/a%%2Fb//c?q=x%%20y+z HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", before[i]);
		ck_assert_int_eq(send(fd, req, strlen(req), 0), (ssize_t)strlen(req));
		receive(fd, got, sizeof(got), "hello");
		ck_assert_msg(strstr(got, "200 OK") && strstr(got, "X-Query: x y z") && strstr(got, "X-Path: /a%2Fb//c"), "%s", got);
	}
	ck_assert_int_ge(commits, 3);
	ck_assert_uint_eq(journal_last(env.journal), 3);
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

START_TEST(http_answers_later_after_a_commit)
{
	char got[4096];
	open_env();
	struct http_listener *l = listen_on(0);
	int fd = dial(http_port(l));
	send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n", 33, 0);
	env_until(kept);
	int before = commits;
	http_reply(kept, 201, NULL, S("late"));
	ck_assert_int_eq(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1);
	receive(fd, got, sizeof(got), "late");
	ck_assert_msg(strstr(got, " 201 ") != NULL, "%s", got);
	ck_assert_int_gt(commits, before);
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

START_TEST(http_limits)
{
	char got[8192];
	open_env();
	struct http_listener *l = listen_on(10);
	int fd = dial(http_port(l));
	send(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n", 49, 0);
	receive(fd, got, sizeof(got), "\r\n\r\n");
	ck_assert_msg(strstr(got, " 413 ") != NULL, "%s", got);
	close(fd);
	/* Chunked, no length said beforehand. */
	fd = dial(http_port(l));
	const char *chunks = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n";
	send(fd, chunks, strlen(chunks), 0);
	receive(fd, got, sizeof(got), "\r\n\r\n");
	ck_assert_msg(strstr(got, " 413 ") != NULL, "%s", got);
	close(fd);
	/* A header without end. */
	fd = dial(http_port(l));
	send(fd, "GET / HTTP/1.1\r\nX: ", 19, 0);
	char junk[4096];
	memset(junk, 'a', sizeof(junk));
	for (int i = 0; i < 64; i++) {
		if (send(fd, junk, sizeof(junk), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
		loop_turn(env.loop, 0);
	}
	size_t n = receive(fd, got, sizeof(got), "\r\n\r\n");
	ck_assert_msg(n == 0 || strstr(got, " 431 ") || strstr(got, " 413 "), "%s", got);
	close(fd);
	/* Still there. */
	fd = dial(http_port(l));
	send(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 27, 0);
	receive(fd, got, sizeof(got), "empty");
	ck_assert(strstr(got, "200 OK") != NULL);
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

START_TEST(http_client_gone_while_suspended)
{
	open_env();
	struct http_listener *l = listen_on(0);
	int fd = dial(http_port(l));
	send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n", 33, 0);
	env_until(kept);
	close(fd);
	loop_turn(env.loop, 1);
	http_reply(kept, 200, NULL, S("nobody listens"));
	for (int i = 0; i < 5; i++)
		loop_turn(env.loop, 1);
	/* And one that is never answered: the listener closes all the same. */
	kept = NULL;
	fd = dial(http_port(l));
	send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n", 33, 0);
	env_until(kept);
	http_close(l);
	close(fd);
	env_close();
}
END_TEST

static int gone_n;

static void on_gone(void *arg)
{
	gone_n++;
}

/* Who waits for an answer that is dear to make hears at once that nobody wants it any more; once, and never after the answer. */
START_TEST(http_tells_that_the_client_hung_up)
{
	open_env();
	struct http_listener *l = listen_on(0);
	int fd = dial(http_port(l));
	gone_n = 0;
	kept = NULL;
	send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n", 33, 0);
	env_until(kept);
	http_on_gone(kept, on_gone, NULL);
	loop_turn(env.loop, 1);
	ck_assert_int_eq(gone_n, 0);
	close(fd);
	env_until(gone_n);
	ck_assert(kept->gone);
	http_reply(kept, 200, NULL, S("nobody listens"));
	for (int i = 0; i < 5; i++)
		loop_turn(env.loop, 1);
	ck_assert_int_eq(gone_n, 1);
	/* Answered, then hung up. */
	kept = NULL;
	fd = dial(http_port(l));
	send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n", 33, 0);
	env_until(kept);
	http_on_gone(kept, on_gone, NULL);
	http_reply(kept, 200, NULL, S("in time"));
	close(fd);
	for (int i = 0; i < 5; i++)
		loop_turn(env.loop, 1);
	ck_assert_int_eq(gone_n, 1);
	/* The listener closes while one is watched. */
	kept = NULL;
	fd = dial(http_port(l));
	send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n", 33, 0);
	env_until(kept);
	http_on_gone(kept, on_gone, NULL);
	http_close(l);
	close(fd);
	env_close();
}
END_TEST

static int stream_begin(struct http_listener *l)
{
	int fd = dial(http_port(l));
	kept = NULL;
	send(fd, "GET /later HTTP/1.1\r\nHost: h\r\n\r\n", 33, 0);
	env_until(kept);
	kept->resp.status = 200;
	http_set(kept, "Content-Type", "text/event-stream");
	http_stream(kept, on_gone, NULL);
	return fd;
}

START_TEST(http_answers_in_pieces)
{
	char got[4096];
	open_env();
	struct http_listener *l = listen_on(0);
	gone_n = 0;
	int fd = stream_begin(l);
	http_push(kept, S("one")); /* before the headers left */
	receive(fd, got, sizeof(got), "one\r\n");
	ck_assert_msg(strstr(got, "200 OK") && strstr(got, "chunked") && strstr(got, "3\r\none\r\n"), "%s", got);
	int before = commits;
	http_push(kept, S("second"));
	ck_assert_int_eq(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1);
	receive(fd, got, sizeof(got), "second");
	ck_assert_msg(strstr(got, "6\r\nsecond\r\n") != NULL, "%s", got);
	ck_assert_int_gt(commits, before);
	ck_assert_int_eq(gone_n, 0);
	http_push(kept, S("end"));
	http_push_end(kept);
	receive(fd, got, sizeof(got), "0\r\n\r\n");
	ck_assert_msg(strstr(got, "3\r\nend\r\n0\r\n\r\n") != NULL, "%s", got);
	ck_assert_int_eq(gone_n, 1);
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

START_TEST(http_pieces_for_nobody)
{
	char got[4096];
	open_env();
	struct http_listener *l = listen_on(0);
	gone_n = 0;
	int fd = stream_begin(l);
	receive(fd, got, sizeof(got), "\r\n\r\n");
	close(fd);
	for (int i = 0; i < 1000 && !gone_n; i++) {
		http_push(kept, S("anyone?"));
		loop_turn(env.loop, 1);
	}
	ck_assert_int_eq(gone_n, 1);
	/* And one that never ends: the listener closes all the same. */
	fd = stream_begin(l);
	receive(fd, got, sizeof(got), "\r\n\r\n");
	http_push(kept, S("half"));
	http_close(l);
	ck_assert_int_eq(gone_n, 2);
	close(fd);
	env_close();
}
END_TEST

struct answer {
	bool done;
	int status, kind;
	char body[64], length[8], query[8];
};

static void copy_header(const struct httpc_resp *r, const char *name, char *to, size_t max)
{
	for (size_t i = 0; i < r->header_n; i++)
		if (sl_eq_nocase(r->headers[i].name, sl(name)))
			snprintf(to, max, "%.*s", SL(r->headers[i].value));
}

static void on_answer(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct answer *a = arg;
	a->done = true;
	a->status = resp->status;
	a->kind = err ? err->kind : 0;
	snprintf(a->body, sizeof(a->body), "%.*s", (int)resp->body.n, resp->body.p ? resp->body.p : "");
	copy_header(resp, "Content-Length", a->length, sizeof(a->length));
	copy_header(resp, "X-Query", a->query, sizeof(a->query));
}

static void wait_for(struct answer *a)
{
	env_until(a->done);
	ck_assert(a->done);
}

/* host: "127.1" goes through a socket; "127.0.0.1" and "localhost" are handed over as messages. Both look the same. */
static void talk(const char *host)
{
	char url[64], later[64];
	open_env();
	struct http_listener *l = listen_on(0);
	snprintf(url, sizeof(url), "http://%s:%d/x?q=1", host, http_port(l));
	struct http_header h[] = { { S("X-Mine"), S("a b") } };
	struct httpc_req req = { .method = S("PUT"), .url = sl(url), .headers = h, .header_n = 1, .body = S("payload") };
	struct answer a = { 0 }, refused = { 0 }, slow = { 0 }, head = { 0 };
	httpc_send(env.httpc, &req, on_answer, &a);
	ck_assert(!a.done); /* never before the call returns */
	wait_for(&a);
	ck_assert_int_eq(a.status, 200);
	ck_assert_str_eq(a.body, "payload");
	ck_assert_str_eq(a.length, "7");
	ck_assert_str_eq(a.query, "1");
	struct httpc_req ask = { .method = S("HEAD"), .url = sl(url) };
	httpc_send(env.httpc, &ask, on_answer, &head);
	wait_for(&head);
	ck_assert_int_eq(head.status, 200);
	ck_assert_str_eq(head.body, "");
	ck_assert_str_eq(head.length, "5");
	struct httpc_req late = { .method = S("GET"), .timeout_ms = 50 };
	snprintf(later, sizeof(later), "http://%s:%d/later", host, http_port(l));
	late.url = sl(later);
	httpc_send(env.httpc, &late, on_answer, &slow);
	wait_for(&slow);
	ck_assert_int_eq(slow.kind, ERR_TIMEOUT);
	ck_assert_ptr_nonnull(kept);
	http_reply(kept, 200, NULL, S("nobody waits any more"));
	loop_turn(env.loop, 5);
	http_close(l);
	httpc_send(env.httpc, &req, on_answer, &refused);
	wait_for(&refused);
	ck_assert_int_eq(refused.kind, ERR_NETWORK);
	ck_assert_uint_eq(loop_pending(env.loop), 0);
	env_close();
}

START_TEST(client_talks_to_server_on_the_same_loop)
{
	static const char *const hosts[] = { "127.1", "127.0.0.1", "localhost" };
	talk(hosts[_i]);
}
END_TEST

static void fail_commit(void *arg)
{
	loop_fail_tick(env.loop);
}

static void in_pieces_later(void *arg, struct http_call *call)
{
	kept = call;
	call->resp.status = 200;
	http_stream(call, on_gone, NULL);
	http_push(call, S("one "));
}

/* Messages: cancelled before they arrive, while they are served, while their answer comes in pieces; too large; cut by a fault. */
START_TEST(messages_end_in_every_way)
{
	char url[64];
	struct owed *sent = NULL;
	struct answer a = { 0 }, pieces = { 0 }, large = { 0 }, cut = { 0 };
	open_env();
	gone_n = 0;
	struct http_listener *l = listen_on(10), *s;
	struct error err;
	struct http_opts o = { .bind = "127.0.0.1", .on_call = in_pieces_later };
	ck_assert_int_eq(http_listen(&env, &o, &s, &err), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/later", http_port(l));
	struct httpc_req req = { .method = S("POST"), .url = sl(url), .body = S("x") };
	owed_keep(&sent, httpc_send(env.httpc, &req, on_answer, &a));
	owed_cancel_all(&sent);
	loop_turn(env.loop, 1);
	ck_assert_ptr_null(kept);
	owed_keep(&sent, httpc_send(env.httpc, &req, on_answer, &a));
	while (!kept)
		loop_turn(env.loop, 1);
	owed_cancel_all(&sent);
	ck_assert(kept->gone);
	http_reply(kept, 200, NULL, S("to nobody"));
	loop_turn(env.loop, 1);
	req.body = S("more than ten bytes");
	httpc_send(env.httpc, &req, on_answer, &large);
	wait_for(&large);
	ck_assert_int_eq(large.status, 413);
	kept = NULL;
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/pieces", http_port(s));
	req.url = sl(url);
	httpc_send(env.httpc, &req, on_answer, &pieces);
	while (!kept)
		loop_turn(env.loop, 1);
	loop_turn(env.loop, 1);
	ck_assert(!pieces.done);
	http_push(kept, S("two"));
	http_push_end(kept);
	wait_for(&pieces);
	ck_assert_str_eq(pieces.body, "one two");
	ck_assert_int_eq(gone_n, 1);
	kept = NULL;
	owed_keep(&sent, httpc_send(env.httpc, &req, on_answer, &a));
	while (!kept)
		loop_turn(env.loop, 1);
	loop_turn(env.loop, 1);
	owed_cancel_all(&sent);
	ck_assert_int_eq(gone_n, 2);
	loop_on_commit(env.loop, fail_commit, NULL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/cut", http_port(l));
	req.body = S("x");
	req.url = sl(url);
	httpc_send(env.httpc, &req, on_answer, &cut);
	wait_for(&cut);
	ck_assert_int_eq(cut.kind, ERR_NETWORK);
	ck_assert(!a.done);
	ck_assert_uint_eq(loop_pending(env.loop), 0);
	http_close(s);
	http_close(l);
	env_close();
}
END_TEST

static struct conn *paused;

/* Messages are one length byte and that many bytes; 0 hangs up, 1 pauses. */
static ssize_t consume(void *arg, struct conn *c, const uint8_t *p, size_t n)
{
	if (p[0] == 0)
		return TCP_HANGUP;
	if (n < 1u + p[0])
		return 0;
	if (p[0] == 1) {
		c->paused = true;
		paused = c;
	} else {
		buf_add(&c->out, p + 1, p[0]);
	}
	return 1 + p[0];
}

static void gone(void *arg, struct conn *c)
{
	if (paused == c)
		paused = NULL;
}

START_TEST(tcp_messages_pauses_and_limits)
{
	char got[256];
	struct tcp_listener *l;
	struct error err;
	struct tcp_opts o = { .bind = "127.0.0.1", .in_max = 1000, .consume = consume, .closed = gone };
	open_env();
	ck_assert_int_eq(tcp_listen(&env, &o, &l, &err), 0);
	int fd = dial(tcp_port(l));
	send(fd, "\3ab", 3, 0);
	for (int i = 0; i < 5; i++)
		loop_turn(env.loop, 1);
	ck_assert_int_eq(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1);
	send(fd, "c\2de", 4, 0);
	receive(fd, got, sizeof(got), "abcde");
	ck_assert_str_eq(got, "abcde");
	send(fd, "\1x\2fg", 5, 0);
	env_until(paused);
	ck_assert_int_eq(recv(fd, got, sizeof(got), MSG_DONTWAIT), -1);
	buf_adds(&paused->out, "late:");
	tcp_resume(paused);
	receive(fd, got, sizeof(got), "fg");
	ck_assert_str_eq(got, "late:fg");
	send(fd, "\0", 1, 0);
	ck_assert_uint_eq(receive(fd, got, sizeof(got), NULL), 0);
	close(fd);
	/* The client goes while paused: closed is called, a resume in the same turn is harmless. */
	fd = dial(tcp_port(l));
	send(fd, "\1x", 2, 0);
	env_until(paused);
	close(fd);
	tcp_resume(paused);
	for (int i = 0; i < 1000 && paused; i++)
		loop_turn(env.loop, 1);
	ck_assert_ptr_null(paused);
	tcp_close(l);
	env_close();
}
END_TEST

START_TEST(failed_commit_cuts_the_answer)
{
	char got[256];
	open_env();
	struct http_listener *l = listen_on(0);
	loop_on_commit(env.loop, fail_commit, NULL);
	int fd = dial(http_port(l));
	send(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 27, 0);
	ck_assert_uint_eq(receive(fd, got, sizeof(got), NULL), 0);
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("servers");
	TCase *t = tcase_create("servers");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, http_keeps_connections_and_raw_paths);
	tcase_add_test(t, http_answers_later_after_a_commit);
	tcase_add_test(t, http_limits);
	tcase_add_test(t, http_client_gone_while_suspended);
	tcase_add_test(t, http_tells_that_the_client_hung_up);
	tcase_add_test(t, http_answers_in_pieces);
	tcase_add_test(t, http_pieces_for_nobody);
	tcase_add_loop_test(t, client_talks_to_server_on_the_same_loop, 0, 3);
	tcase_add_test(t, messages_end_in_every_way);
	tcase_add_test(t, tcp_messages_pauses_and_limits);
	tcase_add_test(t, failed_commit_cuts_the_answer);
	suite_add_tcase(s, t);
	return run_suite(s);
}
