/* Bodies in pieces, over real sockets: taken as they come, with the client held back; read as they leave, as fast as they are read. */
#include "env.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static struct {
	struct http_call *call;
	size_t taken, pieces;
	bool slow, ended;
	int gone, closed;
	int64_t read_to; /* how far the answer was read */
	bool wait;
} t;

static int dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static size_t receive(int fd, char *to, size_t max, size_t least)
{
	size_t n = 0;
	for (int i = 0; i < 4000 && n < least; i++) {
		loop_turn(env.loop, 1);
		ssize_t r = recv(fd, to + n, max - n - 1, MSG_DONTWAIT);
		if (r > 0)
			n += (size_t)r;
		if (r == 0)
			break;
	}
	to[n] = '\0';
	return n;
}

static void say(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static bool take(void *arg, struct slice bytes)
{
	t.taken += bytes.n;
	t.pieces++;
	return !t.slow;
}

static void taken(void *arg)
{
	t.ended = true;
	http_reply(t.call, 200, "text/plain", S("taken"));
}

static void went(void *arg)
{
	t.gone++;
	t.call = NULL;
}

static ssize_t read_more(void *arg, int64_t at, char *to, size_t max)
{
	if (t.wait)
		return HTTP_WAIT;
	memset(to, 'a' + (int)(at % 7), max);
	t.read_to = at + (int64_t)max;
	return (ssize_t)max;
}

static void closed(void *arg)
{
	t.closed++;
}

static const struct http_sink sink = { take, taken, went };
static const struct http_source source = { read_more, closed };

static bool on_head(void *arg, struct http_call *call)
{
	if (!sl_eqs(call->req.path, "/take"))
		return false;
	t.call = call;
	http_take(call, &sink, &t);
	return false;
}

static void on_call(void *arg, struct http_call *call)
{
	FILE *f;
	t.call = call;
	call->resp.status = 200;
	if (sl_eqs(call->req.path, "/file")) {
		f = tmpfile();
		for (int i = 0; i < 100000; i++)
			fputc('a' + i % 26, f);
		fflush(f);
		http_send_file(call, dup(fileno(f)), 26, 52000);
		fclose(f);
	} else {
		http_send(call, 50 << 20, &source, &t);
	}
	http_done(call);
}

static struct http_listener *listen_on(void)
{
	struct http_listener *l;
	struct error err;
	struct http_opts o = { .bind = "127.0.0.1", .body_max = 10, .on_call = on_call, .on_head = on_head };
	memset(&t, 0, sizeof(t));
	env_open("test");
	ck_assert_msg(http_listen(&env, &o, &l, &err) == 0, "%s", err.text);
	return l;
}

static void turn(int n)
{
	for (int i = 0; i < n; i++)
		loop_turn(env.loop, 1);
}

/* A taker that has enough holds the client back, whatever it sends. */
START_TEST(slow_taker)
{
	static char much[8 << 20];
	char got[1024];
	size_t sent = 0, held;
	struct http_listener *l = listen_on();
	int fd = dial(http_port(l));
	t.slow = true;
	say(fd, "PUT /take HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n");
	for (int i = 0; i < 200; i++) {
		ssize_t n = send(fd, much + sent, sizeof(much) - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		loop_turn(env.loop, 1);
	}
	ck_assert_uint_eq(t.pieces, 1);
	ck_assert_uint_lt(sent, sizeof(much));
	held = t.taken;
	http_more(t.call);
	env_until(t.pieces == 2);
	ck_assert_uint_gt(t.taken, held);
	t.slow = false;
	http_more(t.call);
	for (int i = 0; i < 20000 && !t.ended; i++) {
		ssize_t n = sent < sizeof(much) ? send(fd, much + sent, sizeof(much) - sent, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
		sent += n > 0 ? (size_t)n : 0;
		loop_turn(env.loop, 1);
	}
	ck_assert_uint_eq(t.taken, sizeof(much));
	receive(fd, got, sizeof(got), 60);
	ck_assert_msg(strstr(got, "200 OK") && strstr(got, "taken"), "%s", got);
	ck_assert_int_eq(t.gone, 0);
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

START_TEST(body_that_breaks_off)
{
	struct http_listener *l = listen_on();
	for (int slow = 0; slow < 2; slow++) {
		int fd = dial(http_port(l));
		t.taken = t.pieces = 0;
		t.slow = slow;
		say(fd, "PUT /take HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
		turn(5);
		say(fd, "abc");
		env_until(t.taken == 3);
		close(fd);
		if (slow)
			http_more(t.call);
		env_until(t.gone == slow + 1);
	}
	ck_assert(!t.ended);
	http_close(l);
	env_close();
}
END_TEST

/* The taker's service closes first, then the listener: nobody is called. */
START_TEST(taker_leaves)
{
	struct http_listener *l = listen_on();
	int fd = dial(http_port(l));
	t.slow = true;
	say(fd, "PUT /take HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc");
	env_until(t.taken == 3);
	http_leave(t.call);
	http_close(l);
	ck_assert_int_eq(t.gone, 0);
	ck_assert(!t.ended);
	close(fd);
	env_close();
}
END_TEST

START_TEST(paused_as_the_server_stops)
{
	struct http_listener *l = listen_on();
	int fd = dial(http_port(l));
	t.slow = true;
	say(fd, "PUT /take HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nabc");
	env_until(t.taken == 3);
	http_close(l);
	close(fd);
	env_close();
}
END_TEST

START_TEST(reader_that_reads_nothing)
{
	struct http_listener *l = listen_on();
	int fd = dial(http_port(l)), again = 0;
	int64_t at;
	say(fd, "GET /read HTTP/1.1\r\nHost: h\r\n\r\n");
	env_until(t.read_to > 0);
	do {
		at = t.read_to;
		turn(50);
	} while (t.read_to != at && again++ < 100);
	ck_assert_int_lt(t.read_to, 16 << 20); /* what the two sockets hold */
	close(fd);
	env_until(t.closed == 1);
	http_close(l);
	env_close();
}
END_TEST

START_TEST(source_that_waits)
{
	static char got[1 << 20];
	struct http_listener *l = listen_on();
	int fd = dial(http_port(l));
	t.wait = true;
	say(fd, "GET /read HTTP/1.1\r\nHost: h\r\n\r\n");
	turn(50);
	ck_assert_int_eq(t.read_to, 0);
	t.wait = false;
	http_ready(t.call);
	ck_assert_uint_gt(receive(fd, got, sizeof(got), 500000), 499999);
	ck_assert_ptr_nonnull(strstr(got, "Content-Length: 52428800\r\n"));
	t.wait = true;
	turn(20);
	http_close(l);
	ck_assert_int_eq(t.closed, 1);
	close(fd);
	env_close();
}
END_TEST

START_TEST(part_of_a_file)
{
	static char got[100000];
	struct http_listener *l = listen_on();
	int fd = dial(http_port(l));
	for (int i = 0; i < 3; i++) {
		say(fd, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n");
		size_t n = receive(fd, got, sizeof(got), 52080);
		const char *body = strstr(got, "\r\n\r\n");
		ck_assert_ptr_nonnull(body);
		ck_assert_ptr_nonnull(strstr(got, "Content-Length: 52000\r\n"));
		ck_assert_uint_eq(n - (size_t)(body + 4 - got), 52000);
		for (int k = 0; k < 52000; k++)
			ck_assert_int_eq(body[4 + k], 'a' + k % 26);
	}
	close(fd);
	http_close(l);
	env_close();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_body");
	TCase *c = tcase_create("http_body");
	tcase_set_timeout(c, 60);
	tcase_add_test(c, slow_taker);
	tcase_add_test(c, body_that_breaks_off);
	tcase_add_test(c, taker_leaves);
	tcase_add_test(c, paused_as_the_server_stops);
	tcase_add_test(c, reader_that_reads_nothing);
	tcase_add_test(c, source_that_waits);
	tcase_add_test(c, part_of_a_file);
	suite_add_tcase(s, c);
	return run_suite(s);
}
