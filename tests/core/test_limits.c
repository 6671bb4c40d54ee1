/* What a client may make a server hold: unread answers, places, time. */
#include "env.h"

#include "core/sockets.h"

enum { ANSWER = 300 << 10, MESSAGES = 100, STREAMS = 100, LONG = 1 << 20 };

static size_t eaten, drained, most;

/* Each byte is a message, and each answer is long. */
static ssize_t eat(void *arg, struct conn *c, const uint8_t *p, size_t n)
{
	char *to = buf_room(&c->out, ANSWER);
	memset(to, 'a', ANSWER);
	c->out.n += ANSWER;
	eaten++;
	most = tcp_unsent(c) > most ? tcp_unsent(c) : most;
	return 1;
}

static void on_drained(void *arg, struct conn *c)
{
	ck_assert_uint_lt(tcp_unsent(c), TCP_LOW);
	drained++;
}

static struct tcp_listener *tcp_on(void)
{
	struct tcp_listener *l;
	struct error err;
	struct tcp_opts o = { .bind = "127.0.0.1", .in_max = 1000, .consume = eat, .drained = on_drained };
	eaten = drained = most = 0;
	ck_assert_msg(tcp_listen(&env, &o, &l, &err) == 0, "%s", err.text);
	return l;
}

START_TEST(tcp_unread_answers_are_bounded)
{
	char ask[MESSAGES], got[65536];
	size_t n = 0;
	env_open("test");
	struct tcp_listener *l = tcp_on();
	int fd = dial(tcp_port(l));
	memset(ask, 'q', sizeof(ask));
	ck_assert_int_eq(send(fd, ask, sizeof(ask), 0), (ssize_t)sizeof(ask));
	for (size_t before = SIZE_MAX; before != eaten;) { /* until nothing moves */
		before = eaten;
		for (int i = 0; i < 50; i++)
			loop_turn(env.loop, 1);
	}
	ck_assert_uint_lt(eaten, MESSAGES);
	ck_assert_uint_lt(most, TCP_HIGH + 2 * ANSWER);
	while (n < (size_t)MESSAGES * ANSWER) {
		ssize_t r = recv(fd, got, sizeof(got), MSG_DONTWAIT);
		ck_assert_int_ne(r, 0);
		if (r > 0)
			n += (size_t)r;
		else
			loop_turn(env.loop, 1);
	}
	ck_assert_uint_eq(eaten, MESSAGES);
	ck_assert_uint_gt(drained, 0);
	ck_assert_uint_lt(most, TCP_HIGH + 2 * ANSWER);
	close(fd);
	tcp_close(l);
	env_close();
}
END_TEST

static void answer(void *arg, struct http_call *call)
{
	http_reply(call, 200, "text/plain", S("there"));
}

static bool refused(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), rc = connect(fd, (struct sockaddr *)&a, sizeof(a));
	close(fd);
	return rc != 0;
}

/* Who is in goes on after a stop of accepting; who comes is refused. */
START_TEST(stop_of_accepting)
{
	const char *ask = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
	char got[4096];
	struct error err;
	env_open("test");
	for (int http2 = 0; http2 < 2; http2++) {
		struct http_listener *l;
		struct http_opts o = { .bind = "127.0.0.1", .http2 = http2, .on_call = answer };
		ck_assert_msg(http_listen(&env, &o, &l, &err) == 0, "%s", err.text);
		int fd = dial(http_port(l));
		for (int i = 0; i < 2; i++) {
			send(fd, ask, strlen(ask), 0);
			receive(fd, got, sizeof(got), "there");
			ck_assert_msg(strstr(got, " 200 ") != NULL, "%s", got);
			http_stop_accepting(l);
		}
		ck_assert(refused(http_port(l)));
		close(fd);
		http_close(l);
	}
	struct tcp_listener *t = tcp_on();
	int fd = dial(tcp_port(t));
	for (int i = 0; i < 5; i++)
		loop_turn(env.loop, 1);
	tcp_stop_accepting(t);
	tcp_stop_accepting(t);
	for (int i = 0; i < 5; i++)
		loop_turn(env.loop, 1);
	ck_assert(refused(tcp_port(t)));
	send(fd, "q", 1, 0);
	ck_assert_uint_gt(receive(fd, got, sizeof(got), "aaa"), 0);
	close(fd);
	tcp_close(t);
	env_close();
}
END_TEST

static void answer_long(void *arg, struct http_call *call)
{
	struct buf b = { 0 };
	char *to = buf_room(&b, LONG);
	memset(to, 'a', LONG);
	b.n = LONG;
	eaten++;
	http_reply_buf(call, 200, "text/plain", &b);
}

/* The same for streams of HTTP/2: a client whose windows are as wide as they get, and who reads nothing. */
START_TEST(http2_unread_answers_are_bounded)
{
	static const char begin[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
				    "\0\0\6\4\0\0\0\0\0\0\4\x7f\xff\xff\xff" /* SETTINGS_INITIAL_WINDOW_SIZE */
				    "\0\0\4\x8\0\0\0\0\0\x7f\0\0\0";         /* WINDOW_UPDATE */
	char get[] = "\0\0\6\1\5\0\0\0\0\x82\x86\x84\x41\1h", got[65536];
	struct http_listener *l;
	struct error err;
	struct http_opts o = { .bind = "127.0.0.1", .http2 = true, .on_call = answer_long };
	size_t n = 0;
	env_open("test");
	eaten = 0;
	ck_assert_msg(http_listen(&env, &o, &l, &err) == 0, "%s", err.text);
	int fd = dial(http_port(l));
	send(fd, begin, sizeof(begin) - 1, 0);
	for (int i = 0; i < STREAMS; i++) {
		get[8] = (char)(2 * i + 1);
		send(fd, get, sizeof(get) - 1, 0);
	}
	for (size_t before = SIZE_MAX; before != eaten;) {
		before = eaten;
		for (int i = 0; i < 50; i++)
			loop_turn(env.loop, 1);
	}
	ck_assert_uint_gt(eaten, 5);
	ck_assert_uint_lt(eaten, 20);
	while (n < (size_t)STREAMS * LONG) {
		ssize_t r = recv(fd, got, sizeof(got), MSG_DONTWAIT);
		ck_assert_int_ne(r, 0);
		if (r > 0)
			n += (size_t)r;
		else
			loop_turn(env.loop, 1);
	}
	ck_assert_uint_eq(eaten, STREAMS);
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

/* ---- limits in time ---- */

static int open_now, said_bye;

static int greet(void *arg, struct conn *c)
{
	buf_adds(&c->out, "hello");
	c->login_ms = 50;
	open_now++;
	return 0;
}

/* "l" and "k" log in, "k" is kept, "p" has to wait. */
static ssize_t listens(void *arg, struct conn *c, const uint8_t *p, size_t n)
{
	if (*p != 'p')
		c->login_ms = 0;
	if (*p == 'l')
		c->idle_ms = 50;
	if (*p == 'k')
		c->keep = true;
	if (*p == 'p')
		c->paused = true;
	buf_adds(&c->out, "ok");
	return 1;
}

static void says_bye(void *arg, struct conn *c)
{
	buf_adds(&c->out, "bye");
	said_bye++;
}

static void has_gone(void *arg, struct conn *c)
{
	open_now--;
}

START_TEST(tcp_limits_in_time)
{
	struct tcp_listener *l;
	struct error err;
	char got[256];
	struct tcp_opts o = { .bind = "127.0.0.1", .in_max = 1000, .speaks_first = true, .opened = greet, .consume = listens,
			      .expired = says_bye, .closed = has_gone };
	env_open("test");
	open_now = said_bye = 0;
	ck_assert_msg(tcp_listen(&env, &o, &l, &err) == 0, "%s", err.text);
	int silent = dial(tcp_port(l)), idle = dial(tcp_port(l)), waits = dial(tcp_port(l));
	send(idle, "l", 1, 0);
	send(waits, "lp", 2, 0);
	env_until(open_now == 3);
	env_until(open_now == 1);
	ck_assert_int_eq(said_bye, 2);
	receive(silent, got, sizeof(got), NULL);
	ck_assert_str_eq(got, "hellobye"); /* it didn't log in */
	receive(idle, got, sizeof(got), NULL);
	ck_assert_str_eq(got, "hellookbye");
	for (int i = 0; i < 700; i++) /* it is ours that the last one waits for */
		loop_turn(env.loop, 1);
	ck_assert_int_eq(open_now, 1);
	close(silent);
	close(idle);
	close(waits);
	tcp_close(l);
	env_close();
}
END_TEST

/* A port that takes two takes the third in place of who has been silent longest and isn't kept. */
START_TEST(tcp_room_for_one_more)
{
	struct tcp_listener *l;
	struct error err;
	char got[256];
	struct tcp_opts o = { .bind = "127.0.0.1", .in_max = 1000, .speaks_first = true, .opened = greet, .consume = listens, .closed = has_gone };
	env_open("test");
	conf_set(env_conf, "http", "connections", "1");
	open_now = 0;
	ck_assert_msg(tcp_listen(&env, &o, &l, &err) == 0, "%s", err.text);
	int kept = dial(tcp_port(l));
	receive(kept, got, sizeof(got), "hello");
	send(kept, "k", 1, 0);
	receive(kept, got, sizeof(got), "ok");
	int second = dial(tcp_port(l));
	receive(second, got, sizeof(got), "hello");
	int third = dial(tcp_port(l));
	receive(third, got, sizeof(got), "hello");
	ck_assert_str_eq(got, "hello");
	receive(second, got, sizeof(got), NULL);
	ck_assert_str_eq(got, "");
	send(kept, "k", 1, 0);
	receive(kept, got, sizeof(got), "ok");
	ck_assert_str_eq(got, "ok");
	close(kept);
	close(second);
	close(third);
	tcp_close(l);
	env_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("limits");
	TCase *t = tcase_create("limits");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, tcp_unread_answers_are_bounded);
	tcase_add_test(t, http2_unread_answers_are_bounded);
	tcase_add_test(t, stop_of_accepting);
	tcase_add_test(t, tcp_limits_in_time);
	tcase_add_test(t, tcp_room_for_one_more);
	suite_add_tcase(s, t);
	return run_suite(s);
}
