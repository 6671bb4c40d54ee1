/* Ways that lead a program's connects elsewhere: where to, by which places, and the proxy's words. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "env.h"
#include "front/lead.h"
#include "front/places.h"
#include "front/proxy.h"
#include "front/split.h"

static const struct door_places places = {
	.n = 4,
	.at = {
		{ FRONT_ADDRESS, 443, false, 30443 },
		{ FRONT_ADDRESS + 1, 9092, false, 30092 },
		{ FRONT_RESOLVER, 53, true, 30053 },
		{ INADDR_LOOPBACK, 4566, false, 34566 },
	},
};

static const struct {
	const char *label, *address;
	int port, type;
	enum lead_verdict offline, net;
	const char *to;
	int bound;
} leads[] = {
	{ "an API", "127.77.0.1", 443, SOCK_STREAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "127.77.0.1", 30443 },
	{ "type unknown", "127.77.0.1", 443, 0, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "127.77.0.1", 30443 },
	{ "a datagram to a stream's port", "127.77.0.1", 443, SOCK_DGRAM, LEAD_ON, LEAD_ON },
	{ "nothing there", "127.77.0.1", 81, SOCK_STREAM, LEAD_ON, LEAD_ON },
	{ "a broker", "127.77.0.2", 9092, SOCK_STREAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "127.77.0.2", 30092 },
	{ "mapped", "::ffff:127.77.0.2", 9092, SOCK_STREAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "::ffff:127.77.0.2", 30092 },
	{ "any resolver", "8.8.8.8", 53, SOCK_DGRAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "127.77.0.53", 30053 },
	{ "a resolver of IPv6", "2001:4860::8888", 53, SOCK_DGRAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "::ffff:127.77.0.53", 30053 },
	{ "the usual port", "127.0.0.1", 4566, SOCK_STREAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "127.0.0.1", 34566 },
	{ "by 0.0.0.0", "0.0.0.0", 4566, SOCK_STREAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "127.0.0.1", 34566 },
	{ "by ::1", "::1", 4566, SOCK_STREAM, LEAD_ELSEWHERE, LEAD_ELSEWHERE, "::ffff:127.0.0.1", 34566 },
	{ "one's own", "127.0.0.1", 5432, SOCK_STREAM, LEAD_ON, LEAD_ON },
	{ "outside", "93.184.216.34", 443, SOCK_STREAM, LEAD_REFUSED, LEAD_ON },
	{ "outside of IPv6", "2606:4700::1", 443, SOCK_STREAM, LEAD_REFUSED, LEAD_ON },
	{ "metadata", "169.254.169.254", 80, SOCK_STREAM, LEAD_REFUSED, LEAD_ON },
};

static size_t fill(union lead_address *a, const char *text, int port)
{
	memset(a, 0, sizeof(*a));
	if (strchr(text, ':')) {
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons((uint16_t)port);
		ck_assert_int_eq(inet_pton(AF_INET6, text, &a->in6.sin6_addr), 1);
		return sizeof(a->in6);
	}
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)port);
	ck_assert_int_eq(inet_pton(AF_INET, text, &a->in.sin_addr), 1);
	return sizeof(a->in);
}

START_TEST(connects_go_where_their_place_is)
{
	for (int net = 0; net < 2; net++) {
		struct lead l = { .places = &places, .net = net };
		union lead_address got, want;
		int error = 0;
		size_t n = fill(&got, leads[_i].address, leads[_i].port);
		enum lead_verdict v = lead(&l, leads[_i].type, &got, n, &error);
		ck_assert_msg(v == (net ? leads[_i].net : leads[_i].offline), "%s: %d", leads[_i].label, v);
		if (v == LEAD_REFUSED)
			ck_assert_int_eq(error, ENETUNREACH);
		fill(&want, v == LEAD_ELSEWHERE ? leads[_i].to : leads[_i].address, v == LEAD_ELSEWHERE ? leads[_i].bound : leads[_i].port);
		ck_assert_msg(!memcmp(&got, &want, sizeof(got)), "%s", leads[_i].label);
	}
}
END_TEST

START_TEST(families)
{
	struct lead l = { .places = &places };
	union lead_address a = { .un = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/resolve/io.systemd.Resolve" } };
	int error;
	ck_assert_int_eq(lead(&l, SOCK_STREAM, &a, sizeof(a.un), &error), LEAD_REFUSED);
	ck_assert_int_eq(error, ECONNREFUSED);
	a.un.sun_path[4] = 'x';
	ck_assert_int_eq(lead(&l, SOCK_STREAM, &a, sizeof(a.un), &error), LEAD_ON);
	a.a.sa_family = AF_PACKET;
	ck_assert_int_eq(lead(&l, SOCK_DGRAM, &a, 20, &error), LEAD_REFUSED);
	a.a.sa_family = AF_UNSPEC;
	ck_assert_int_eq(lead(&l, SOCK_DGRAM, &a, 16, &error), LEAD_ON);
	a.a.sa_family = AF_INET;
	ck_assert_int_eq(lead(&l, SOCK_STREAM, &a, 4, &error), LEAD_ON);
	ck_assert_int_eq(lead(&l, SOCK_STREAM, &a, 0, &error), LEAD_ON);
}
END_TEST

START_TEST(places_are_read_again)
{
	struct buf text = { 0 };
	static const char *const bad[] = { "", "1", "1 2", "1 2 tcp", "1 2 tcp 3", "x", "1 2 udp x\n", "-1 2 tcp 3\n", "1 2 tcp 3 \n" };
	struct door_places again;
	places_text(&places, &text);
	lead_read(text.p, text.n, &again);
	ck_assert_uint_eq(again.n, places.n);
	for (size_t i = 0; i < places.n; i++)
		ck_assert(again.at[i].address == places.at[i].address && again.at[i].port == places.at[i].port && again.at[i].udp == places.at[i].udp &&
			  again.at[i].bound == places.at[i].bound);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		lead_read(bad[i], strlen(bad[i]), &again);
		ck_assert_msg(!again.n, "%s", bad[i]);
	}
	buf_free(&text);
}
END_TEST

START_TEST(probes_say_why)
{
	static const struct way *const ways_here[] = { &way_notify, &way_preload };
	for (size_t i = 0; i < ARRAY_LEN(ways_here); i++) {
		struct buf why = { 0 };
		int e = ways_here[i]->probe(&why);
		ck_assert_msg(!e == !why.n, "%s: %d %s", ways_here[i]->name, e, buf_cstr(&why));
		buf_free(&why);
	}
}
END_TEST

/* ---- the proxy ---- */

static int dial(int port)
{
	union lead_address a;
	size_t n = fill(&a, "127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, &a.a, (socklen_t)n), 0);
	return fd;
}

/* Turns the proxy until the client has read `want`, or its end. */
static void turn_until(struct proxy *p, int client, const char *want, struct buf *got)
{
	for (int turns = 0; turns < 1000; turns++) {
		struct pollfd at[64];
		char text[1024];
		size_t n = proxy_wait(p, at, 0, 64);
		if (poll(at, n, 5) > 0)
			proxy_turn(p, at, n);
		ssize_t read_n = recv(client, text, sizeof(text), MSG_DONTWAIT);
		if (read_n > 0)
			buf_add(got, text, (size_t)read_n);
		if (read_n == 0 || (want && strstr(buf_cstr(got), want)))
			return;
	}
	ck_assert_msg(false, "got %s", buf_cstr(got));
}

static const struct {
	const char *ask, *want;
} refusals[] = {
	{ "CONNECT example.com:443 HTTP/1.0\r\n\r\n", "403 Forbidden" },
	{ "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\nProxy-Authorization: Basic eA==\r\n\r\n", "tarn: example.com:443 is refused: without --net" },
	{ "GET http://example.com/x HTTP/1.1\r\n\r\n", "example.com:80 is refused" },
	{ "CONNECT sts.amazonaws.com:22 HTTP/1.1\r\n\r\n", "sts.amazonaws.com:22 has nothing behind it" },
	{ "CONNECT x:99999 HTTP/1.1\r\n\r\n", "400 Bad Request" },
	{ "CONNECT\r\n\r\n", "400 Bad Request" },
	{ "GET / HTTP/1.1\r\n\r\n", "400 Bad Request" },
	{ "\r\n\r\n", "400 Bad Request" },
};

START_TEST(refused_with_words)
{
	struct proxy *p;
	struct error err;
	struct buf got = { 0 };
	ck_assert_int_eq(proxy_open(&places, "", false, &p, &err), 0);
	int fd = dial(proxy_port(p));
	ck_assert_int_eq(send(fd, refusals[_i].ask, strlen(refusals[_i].ask), 0), (ssize_t)strlen(refusals[_i].ask));
	turn_until(p, fd, NULL, &got);
	ck_assert_msg(strstr(buf_cstr(&got), refusals[_i].want) != NULL, "%s: %s", refusals[_i].ask, buf_cstr(&got));
	buf_free(&got);
	close(fd);
	proxy_close(p);
}
END_TEST

START_TEST(names_lead_through)
{
	static const char *const asks[] = { "CONNECT abc.execute-api.us-east-1.amazonaws.com:443 HTTP/1.1\r\n\r\nhello",
					    "GET http://abc.execute-api.us-east-1.amazonaws.com:443/hello HTTP/1.1\r\n\r\n" };
	union lead_address at;
	socklen_t n = (socklen_t)fill(&at, "127.77.0.1", 0);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert(!bind(listener, &at.a, n) && !listen(listener, 4) && !getsockname(listener, &at.a, &n));
	struct door_places here = { .n = 1, .at = { { FRONT_ADDRESS, 443, false, ntohs(at.in.sin_port) } } };
	struct proxy *p;
	struct error err;
	struct buf got = { 0 };
	char text[1024];
	ssize_t size = 0;
	ck_assert_int_eq(proxy_open(&here, "", false, &p, &err), 0);
	int fd = dial(proxy_port(p)), server = -1;
	send(fd, asks[_i], strlen(asks[_i]), 0);
	for (int turns = 0; turns < 1000 && size <= 0; turns++) {
		struct pollfd poll_at[16];
		size_t poll_n = proxy_wait(p, poll_at, 0, 16);
		if (poll(poll_at, poll_n, 5) > 0)
			proxy_turn(p, poll_at, poll_n);
		if (server < 0)
			server = accept(listener, NULL, NULL);
		if (server >= 0)
			size = recv(server, text, sizeof(text), MSG_DONTWAIT);
	}
	ck_assert_int_gt(size, 0);
	ck_assert_msg(sl_eqs(sl_of(text, (size_t)size), _i ? asks[1] : "hello"), "%.*s", (int)size, text);
	send(server, "back", 4, 0);
	shutdown(server, SHUT_WR);
	turn_until(p, fd, "back", &got);
	ck_assert(_i || sl_starts(buf_slice(&got), S("HTTP/1.1 200 Connection established\r\n\r\nback")));
	buf_free(&got);
	close(fd);
	close(server);
	close(listener);
	proxy_close(p);
}
END_TEST

/* ---- names of ours and of others ---- */

static const char *const ours[] = {
	"\0\7\1\0\0\1\0\0\0\0\0\0\3sts\11amazonaws\3com\0\0\1\0\1", /* the stack's */
	"\0\7\1\0\0\1\0\0\0\0\0\0\5other\7example\3com\0\0\1\0\1",  /* not among those that may be reached: it is the stack's to refuse */
	"\0\7\1\0\0\1\0\0\0\0\0\0\77cut",                              /* no name */
};
static const size_t ours_n[] = { 12 + 19 + 4, 12 + 19 + 4, 16 };

START_TEST(ours_are_asked_of_the_stack)
{
	static const char *const only[] = { "db.example.com:5432", NULL };
	union lead_address at;
	socklen_t n = (socklen_t)fill(&at, "127.77.0.53", 0);
	int stack = socket(AF_INET, SOCK_DGRAM, 0), client = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert(!bind(stack, &at.a, n) && !getsockname(stack, &at.a, &n));
	struct door_places here = { .n = 1, .at = { { FRONT_RESOLVER, 53, true, ntohs(at.in.sin_port) } } };
	struct split *s;
	struct error err;
	uint8_t got[512];
	ck_assert_int_eq(split_open(&here, "", only, &s, &err), 0);
	n = (socklen_t)fill(&at, "127.0.0.1", split_port(s));
	ck_assert(!connect(client, &at.a, n) && send(client, ours[_i], ours_n[_i], 0) > 0);
	ssize_t size = -1;
	for (int turns = 0; turns < 1000 && size < 0; turns++) {
		struct pollfd poll_at[SPLIT_FDS];
		union lead_address from;
		socklen_t from_n = sizeof(from);
		split_wait(s, poll_at);
		if (poll(poll_at, SPLIT_FDS, 5) > 0)
			split_turn(s, poll_at);
		ssize_t asked = recvfrom(stack, got, sizeof(got), MSG_DONTWAIT, &from.a, &from_n);
		if (asked > 0) {
			ck_assert_int_eq(asked, (ssize_t)ours_n[_i]);
			got[2] |= 0x80;
			sendto(stack, got, (size_t)asked, 0, &from.a, from_n);
		}
		size = recv(client, got, sizeof(got), MSG_DONTWAIT);
	}
	ck_assert_int_eq(size, (ssize_t)ours_n[_i]);
	ck_assert(got[0] == 0 && got[1] == 7 && got[2] == 0x81);
	split_close(s);
	close(client);
	close(stack);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ways");
	TCase *c = tcase_create("ways");
	signal(SIGPIPE, SIG_IGN);
	tcase_add_loop_test(c, connects_go_where_their_place_is, 0, ARRAY_LEN(leads));
	tcase_add_test(c, families);
	tcase_add_test(c, places_are_read_again);
	tcase_add_test(c, probes_say_why);
	tcase_add_loop_test(c, refused_with_words, 0, ARRAY_LEN(refusals));
	tcase_add_loop_test(c, names_lead_through, 0, 2);
	tcase_add_loop_test(c, ours_are_asked_of_the_stack, 0, ARRAY_LEN(ours));
	suite_add_tcase(s, c);
	return run_suite(s);
}
