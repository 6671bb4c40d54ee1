#include "front/dns.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/listener.h"
#include "core/service.h"

enum {
	HEADER = 12, TYPE_A = 1, TYPE_AAAA = 28, TYPE_ANY = 255, CLASS_IN = 1, CLASS_ANY = 255,
	FLAG_QR = 0x8000, FLAG_AA = 0x0400, FLAG_RD = 0x0100, FLAG_RA = 0x0080, OPCODE = 0x7800,
	FORMERR = 1, NXDOMAIN = 3, NOTIMP = 4, TTL = 60, SAID_MAX = 20, TCP_IN_MAX = 4096, ROUND = 64,
};

struct resolver {
	const struct env *env;
	bool fixed;
	struct name_book book;
	struct tcp_listener *tcp;
	struct udp *udp;
	char *said[SAID_MAX]; /* names that were refused, each told once */
	size_t said_n;
};

struct udp {
	struct resolver *r;
	struct udp *next;
	int fd;
	struct loop_watch *watch;
};

/* ---- messages ---- */

/* Reads a question's name as text; questions have no pointers. */
static bool read_name(struct rd *r, char to[256])
{
	size_t n = 0;
	for (;;) {
		uint8_t length = rd_u8(r);
		if (r->bad || length > 63)
			return false;
		if (!length)
			break;
		struct slice label = rd_bytes(r, length);
		if (!label.p || n + length + 1 > 255)
			return false;
		for (size_t i = 0; i < label.n; i++) {
			if (!isgraph((unsigned char)label.p[i]) || label.p[i] == '.')
				return false;
			to[n++] = label.p[i];
		}
		to[n++] = '.';
	}
	to[n ? n - 1 : 0] = '\0';
	return true;
}

/* What every machine knows of itself. */
static uint32_t local_name(const char *name)
{
	struct slice s = sl(name);
	return sl_eq_nocase(s, S("localhost")) || (s.n > 10 && sl_eq_nocase(sl_from(s, s.n - 10), S(".localhost"))) ? INADDR_LOOPBACK : 0;
}

static void put_head(struct buf *b, uint16_t id, uint16_t flags, int questions, int answers)
{
	buf_u16be(b, id);
	buf_u16be(b, flags);
	buf_u16be(b, (uint16_t)questions);
	buf_u16be(b, (uint16_t)answers);
	buf_u32be(b, 0);
}

size_t dns_answer(struct name_book *book, const struct conf *conf, uint32_t at, const uint8_t *q, size_t n, uint8_t out[DNS_MAX], char foreign[256])
{
	struct rd r = rd_of(q, n);
	struct buf b = { 0 };
	char name[256] = "";
	uint16_t id = rd_u16be(&r), flags = rd_u16be(&r), questions = rd_u16be(&r);
	uint16_t back = FLAG_QR | FLAG_RA | FLAG_AA | (flags & (OPCODE | FLAG_RD));
	(void)rd_bytes(&r, HEADER - 6);
	*foreign = '\0';
	if (r.bad || flags & FLAG_QR)
		return 0;
	bool good = questions == 1 && read_name(&r, name);
	uint16_t type = rd_u16be(&r), class = rd_u16be(&r);
	size_t question = n - r.n - HEADER;
	if (flags & OPCODE || !good || r.bad) {
		put_head(&b, id, (uint16_t)(back | (flags & OPCODE ? NOTIMP : FORMERR)), 0, 0);
	} else {
		uint32_t address = class == CLASS_IN || class == CLASS_ANY ? name_address(book, sl(name), conf) : 0;
		if (address && at)
			address = at;
		if (!address)
			address = local_name(name);
		bool gives = address && (type == TYPE_A || type == TYPE_ANY);
		if (!address && (type == TYPE_A || type == TYPE_AAAA))
			snprintf(foreign, 256, "%s", name);
		put_head(&b, id, address ? back : (uint16_t)(back | NXDOMAIN), 1, gives);
		buf_add(&b, q + HEADER, question);
		if (gives) {
			buf_u16be(&b, 0xc000 | HEADER);
			buf_u16be(&b, TYPE_A);
			buf_u16be(&b, CLASS_IN);
			buf_u32be(&b, TTL);
			buf_u16be(&b, 4);
			buf_u32be(&b, address);
		}
	}
	size_t len = b.n <= DNS_MAX ? b.n : 0;
	memcpy(out, b.p, len);
	buf_free(&b);
	return len;
}

/* ---- on the loop ---- */

/* Once a name, and not without end: a program that looks for its home would fill the log. */
static void say_refused(struct resolver *r, const char *name)
{
	for (size_t i = 0; i < r->said_n; i++)
		if (!strcasecmp(r->said[i], name))
			return;
	if (!*name || r->said_n == SAID_MAX)
		return;
	r->said[r->said_n++] = xstrdup(name);
	log_warn(r->env, "refused", "name=%s hint=\"not a name of AWS: tarn exec is offline, --net lets it out, [front] names takes more names\"", name);
}

static size_t answer(struct resolver *r, uint32_t local, const uint8_t *q, size_t n, uint8_t out[DNS_MAX])
{
	char foreign[256];
	size_t len = dns_answer(&r->book, r->env->conf, r->fixed ? local : 0, q, n, out, foreign);
	if (*foreign && !r->fixed)
		say_refused(r, foreign);
	return len;
}

/* The answer comes from the address that was asked: some clients look. */
static bool serve_one(struct udp *u)
{
	uint8_t q[DNS_MAX], out[DNS_MAX];
	struct sockaddr_in6 peer;
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} c = { 0 };
	struct iovec v = { q, sizeof(q) };
	struct msghdr m = { &peer, sizeof(peer), &v, 1, &c, sizeof(c), 0 };
	struct in_pktinfo info = { 0 };
	ssize_t n = recvmsg(u->fd, &m, MSG_DONTWAIT);
	if (n < 0)
		return false;
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	if (h && h->cmsg_level == IPPROTO_IP && h->cmsg_type == IP_PKTINFO)
		memcpy(&info, CMSG_DATA(h), sizeof(info));
	size_t len = answer(u->r, ntohl(info.ipi_addr.s_addr), q, (size_t)n, out);
	if (!len)
		return true;
	v = (struct iovec){ out, len };
	if (h) {
		info.ipi_spec_dst = info.ipi_addr;
		info.ipi_ifindex = 0;
		memcpy(CMSG_DATA(h), &info, sizeof(info));
	}
	(void)sendmsg(u->fd, &m, MSG_DONTWAIT);
	return true;
}

static void on_datagram(void *arg)
{
	for (int i = 0; i < ROUND && serve_one(arg); i++)
		;
}

static ssize_t on_stream(void *arg, struct conn *c, const uint8_t *p, size_t n)
{
	struct resolver *r = arg;
	uint8_t out[DNS_MAX];
	struct in_addr local = { 0 };
	if (n < 2)
		return 0;
	size_t len = (size_t)p[0] << 8 | p[1];
	if (len < HEADER || len > TCP_IN_MAX)
		return TCP_HANGUP;
	if (n < 2 + len)
		return 0;
	(void)inet_pton(AF_INET, c->local, &local);
	size_t back = answer(r, ntohl(local.s_addr), p + 2, len, out);
	buf_u16be(&c->out, (uint16_t)back);
	buf_add(&c->out, out, back);
	return (ssize_t)(2 + len);
}

int resolver_open(const struct env *env, bool fixed, struct resolver **out, struct error *err)
{
	struct resolver *r = xcalloc(1, sizeof(*r));
	struct tcp_opts o = { .port = -1, .in_max = TCP_IN_MAX + 2, .consume = on_stream, .arg = r };
	r->env = env;
	r->fixed = fixed;
	int rc = tcp_listen(env, &o, &r->tcp, err);
	if (rc)
		free(r);
	else
		*out = r;
	return rc;
}

void *resolver_udp(struct resolver *r, int fd)
{
	struct udp *u = xcalloc(1, sizeof(*u));
	*u = (struct udp){ .r = r, .next = r->udp, .fd = fd };
	r->udp = u;
	setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &(int){ 1 }, sizeof(int));
	u->watch = loop_watch_fd(r->env->loop, fd, on_datagram, u);
	return u;
}

void resolver_drop(void *udp)
{
	struct udp *u = udp, **at = &u->r->udp;
	while (*at != u)
		at = &(*at)->next;
	*at = u->next;
	loop_unwatch(u->watch);
	close(u->fd);
	free(u);
}

struct listener_door *resolver_tcp(struct resolver *r, int fd)
{
	return tcp_adopt(r->tcp, fd, 53);
}

const struct name_book *resolver_book(const struct resolver *r)
{
	return &r->book;
}

void resolver_close(struct resolver *r)
{
	if (!r)
		return;
	while (r->udp)
		resolver_drop(r->udp);
	tcp_close(r->tcp);
	name_book_free(&r->book);
	for (size_t i = 0; i < r->said_n; i++)
		free(r->said[i]);
	free(r);
}
