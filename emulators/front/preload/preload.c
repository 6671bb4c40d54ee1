/* Way P: a library that a program loads before its own (LD_PRELOAD). Names are asked of the stack's resolver, connects go where
 * lead.c says. It needs libc alone, takes no memory in a connect, and has nothing to say where TARN_DOOR isn't set. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <resolv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "front/lead.h"

#define PUBLIC __attribute__((visibility("default")))

enum { TEXT_MAX = 16 << 10, MESSAGE_MAX = 512, MEMO_MAX = 1024, ANSWER_MS = 5000 };

static struct door_places places;
static struct lead way = { .places = &places };
static int loaded; /* 1: places are there; -1: there are none */

/* ---- what is led ---- */

__attribute__((constructor)) static void load(void)
{
	static char text[TEXT_MAX];
	const char *path = getenv("TARN_DOOR"), *net = getenv("TARN_DOOR_NET");
	if (__atomic_load_n(&loaded, __ATOMIC_ACQUIRE))
		return;
	int e = errno, fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	if (n > 0)
		lead_read(text, (size_t)n, &places);
	way.net = net && *net == '1';
	__atomic_store_n(&loaded, places.n ? 1 : -1, __ATOMIC_RELEASE);
	errno = e;
}

static bool leads(void)
{
	load();
	return __atomic_load_n(&loaded, __ATOMIC_ACQUIRE) > 0;
}

/* libc's own. */
static void *next(const char *name)
{
	int e = errno;
	void *fn = dlsym(RTLD_NEXT, name);
	errno = e;
	return fn;
}

#define NEXT(name, result, ...) \
	static result (*fn)(__VA_ARGS__); \
	if (!fn) \
		fn = (result (*)(__VA_ARGS__))next(#name)

/* What a socket that asks the resolver believes to have asked: c-ares drops an answer of another source. */
static struct memo {
	socklen_t n;
	struct sockaddr_in6 address; /* the longer of both families */
} memos[MEMO_MAX];

static void remember(int fd, const struct sockaddr *a, socklen_t n)
{
	if (fd < 0 || fd >= MEMO_MAX || n > sizeof(memos[0].address))
		return;
	memcpy(&memos[fd].address, a, n);
	memos[fd].n = n;
}

/* Where `a` leads: itself, or *to. NULL, with errno: it is refused. */
static const struct sockaddr *lead_socket(int fd, const struct sockaddr *a, socklen_t n, union lead_address *to)
{
	int type = 0, error = 0, e = errno;
	socklen_t size = sizeof(type);
	if (!a || !n || n > sizeof(*to) || !leads())
		return a;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size))
		type = 0;
	errno = e;
	memset(to, 0, sizeof(*to));
	memcpy(to, a, n);
	enum lead_verdict v = lead(&way, type, to, n, &error);
	if (v == LEAD_REFUSED)
		errno = error;
	if (v == LEAD_ELSEWHERE && type == SOCK_DGRAM)
		remember(fd, a, n);
	return v == LEAD_REFUSED ? NULL : v == LEAD_ELSEWHERE ? &to->a : a;
}

PUBLIC int connect(int fd, const struct sockaddr *a, socklen_t n)
{
	NEXT(connect, int, int, const struct sockaddr *, socklen_t);
	union lead_address to;
	const struct sockaddr *at = lead_socket(fd, a, n, &to);
	return a && !at ? -1 : fn(fd, at, n);
}

PUBLIC ssize_t sendto(int fd, const void *p, size_t size, int flags, const struct sockaddr *a, socklen_t n)
{
	NEXT(sendto, ssize_t, int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	union lead_address to;
	const struct sockaddr *at = lead_socket(fd, a, n, &to);
	return a && !at ? -1 : fn(fd, p, size, flags, at, n);
}

PUBLIC ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	NEXT(sendmsg, ssize_t, int, const struct msghdr *, int);
	union lead_address to;
	struct msghdr copy;
	if (!m || !m->msg_name)
		return fn(fd, m, flags);
	copy = *m;
	copy.msg_name = (void *)lead_socket(fd, m->msg_name, m->msg_namelen, &to);
	return copy.msg_name ? fn(fd, &copy, flags) : -1;
}

PUBLIC int sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	NEXT(sendmmsg, int, int, struct mmsghdr *, unsigned, int);
	unsigned done = 0;
	while (done < n && !m[done].msg_hdr.msg_name)
		done++;
	if (done == n)
		return fn(fd, m, n, flags);
	for (done = 0; done < n; done++) {
		ssize_t sent = sendmsg(fd, &m[done].msg_hdr, flags);
		if (sent < 0)
			return done ? (int)done : -1;
		m[done].msg_len = (unsigned)sent;
	}
	return (int)done;
}

/* Whether a is the resolver's, as the kernel tells it. */
static bool is_resolver(const struct sockaddr *a)
{
	const struct door_place *p = lead_resolver(&way);
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)a;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)a;
	uint32_t ip = 0;
	int port = 0;
	if (a->sa_family == AF_INET) {
		ip = in->sin_addr.s_addr;
		port = in->sin_port;
	} else if (a->sa_family == AF_INET6) {
		memcpy(&ip, &in6->sin6_addr.s6_addr[12], sizeof(ip));
		port = in6->sin6_port;
	}
	return p && ntohl(ip) == p->address && ntohs((uint16_t)port) == p->bound;
}

PUBLIC ssize_t recvfrom(int fd, void *p, size_t size, int flags, struct sockaddr *a, socklen_t *n)
{
	NEXT(recvfrom, ssize_t, int, void *, size_t, int, struct sockaddr *, socklen_t *);
	socklen_t room = a && n ? *n : 0;
	ssize_t got = fn(fd, p, size, flags, a, n);
	if (got >= 0 && room && fd >= 0 && fd < MEMO_MAX && memos[fd].n && memos[fd].n <= room && leads() && is_resolver(a)) {
		memcpy(a, &memos[fd].address, memos[fd].n);
		*n = memos[fd].n;
	}
	return got;
}

/* ---- names ---- */

/* Sends a question to the resolver; the size of its answer, or -1. */
static ssize_t ask(const uint8_t *q, size_t n, uint8_t *answer, size_t max)
{
	NEXT(connect, int, int, const struct sockaddr *, socklen_t);
	const struct door_place *p = lead_resolver(&way);
	struct sockaddr_in to = { .sin_family = AF_INET };
	int e = errno, fd = p ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	ssize_t got = -1;
	if (fd < 0)
		return -1;
	to.sin_addr.s_addr = htonl(p->address);
	to.sin_port = htons((uint16_t)p->bound);
	struct pollfd at = { .fd = fd, .events = POLLIN };
	if (!fn(fd, (struct sockaddr *)&to, sizeof(to)) && send(fd, q, n, MSG_NOSIGNAL) == (ssize_t)n && poll(&at, 1, ANSWER_MS) > 0)
		got = recv(fd, answer, max, 0);
	close(fd);
	errno = e;
	return got;
}

/* A question; 0: the name doesn't fit one. */
static size_t question(const char *name, int type, uint8_t out[MESSAGE_MAX])
{
	static const uint8_t head[12] = { 0x54, 0x4e, 1, 0, 0, 1 };
	size_t n = sizeof(head);
	memcpy(out, head, n);
	for (const char *p = name; *p;) {
		size_t label = strcspn(p, ".");
		if (!label || label > 63 || n + label > 255)
			return 0;
		out[n++] = (uint8_t)label;
		memcpy(out + n, p, label);
		n += label;
		p += label + (p[label] == '.');
	}
	out[n++] = 0;
	out[n++] = 0;
	out[n++] = (uint8_t)type;
	out[n++] = 0;
	out[n++] = 1;
	return n;
}

enum found { FOUND, NONE, UNKNOWN /* the resolver doesn't answer */ };

/* The address of a name of ours as a text. */
static enum found find(const char *name, char text[INET_ADDRSTRLEN])
{
	uint8_t q[MESSAGE_MAX], a[MESSAGE_MAX];
	size_t n = question(name, 1 /* A */, q);
	ssize_t got = n ? ask(q, n, a, sizeof(a)) : -1;
	if (!n)
		return NONE;
	if (got < (ssize_t)n)
		return UNKNOWN;
	/* One answer, whose name is a pointer to the question's: ours answers so. */
	if ((a[3] & 15) || !(a[6] | a[7]) || (size_t)got < n + 16)
		return NONE;
	return inet_ntop(AF_INET, a + n + 12, text, INET_ADDRSTRLEN) ? FOUND : NONE;
}

/* Names of this machine: they are asked of libc, which finds them in its files. */
static bool is_local(const char *name)
{
	char line[1024], host[256];
	size_t n = strlen(name);
	bool found = !strcasecmp(name, "localhost") || (n > 10 && !strcasecmp(name + n - 10, ".localhost")) ||
		     (!gethostname(host, sizeof(host)) && !strcasecmp(name, host));
	FILE *f = found ? NULL : fopen("/etc/hosts", "re");
	while (f && !found && fgets(line, sizeof(line), f)) {
		char *save = NULL, *word;
		line[strcspn(line, "#\n")] = '\0';
		strtok_r(line, " \t", &save);
		while (!found && (word = strtok_r(NULL, " \t", &save)))
			found = !strcasecmp(word, name);
	}
	if (f)
		fclose(f);
	return found;
}

static bool is_number(const char *name)
{
	uint8_t room[16];
	return strchr(name, '%') || inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

/* What libc is to look up in name's place: the name itself, or its address here; NULL: nothing, it is refused. */
static const char *lookup(const char *name, char text[INET_ADDRSTRLEN])
{
	if (!name || !*name || !leads() || is_number(name))
		return name;
	switch (find(name, text)) {
	case FOUND:
		return text;
	case UNKNOWN:
		return name;
	default:
		return way.net || is_local(name) ? name : NULL;
	}
}

PUBLIC int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	NEXT(getaddrinfo, int, const char *, const char *, const struct addrinfo *, struct addrinfo **);
	char text[INET_ADDRSTRLEN];
	struct addrinfo mine = { .ai_flags = AI_V4MAPPED | AI_ADDRCONFIG };
	const char *name = hints && hints->ai_flags & AI_NUMERICHOST ? node : lookup(node, text);
	if (node && !name)
		return EAI_NONAME;
	if (name != text)
		return fn(node, service, hints, out);
	if (hints)
		mine = *hints;
	mine.ai_flags = (mine.ai_flags & ~(AI_ADDRCONFIG)) | AI_NUMERICHOST;
	int rc = fn(text, service, &mine, out);
	if (!rc && (*out)->ai_canonname) {
		char *canon = strdup(node);
		if (canon) {
			free((*out)->ai_canonname);
			(*out)->ai_canonname = canon;
		}
	}
	return rc;
}

static struct hostent *no_host(void)
{
	h_errno = HOST_NOT_FOUND;
	return NULL;
}

PUBLIC struct hostent *gethostbyname(const char *node)
{
	NEXT(gethostbyname, struct hostent *, const char *);
	char text[INET_ADDRSTRLEN];
	const char *name = lookup(node, text);
	return name ? fn(name) : no_host();
}

PUBLIC struct hostent *gethostbyname2(const char *node, int family)
{
	NEXT(gethostbyname2, struct hostent *, const char *, int);
	char text[INET_ADDRSTRLEN];
	const char *name = lookup(node, text);
	return name && (name != text || family == AF_INET) ? fn(name, family) : no_host();
}

PUBLIC int gethostbyname_r(const char *node, struct hostent *h, char *room, size_t n, struct hostent **out, int *error)
{
	NEXT(gethostbyname_r, int, const char *, struct hostent *, char *, size_t, struct hostent **, int *);
	char text[INET_ADDRSTRLEN];
	const char *name = lookup(node, text);
	if (name)
		return fn(name, h, room, n, out, error);
	*out = NULL;
	*error = HOST_NOT_FOUND;
	return 0;
}

PUBLIC int gethostbyname2_r(const char *node, int family, struct hostent *h, char *room, size_t n, struct hostent **out, int *error)
{
	NEXT(gethostbyname2_r, int, const char *, int, struct hostent *, char *, size_t, struct hostent **, int *);
	char text[INET_ADDRSTRLEN];
	const char *name = lookup(node, text);
	if (name && (name != text || family == AF_INET))
		return fn(name, family, h, room, n, out, error);
	*out = NULL;
	*error = HOST_NOT_FOUND;
	return 0;
}

/* ---- the resolver's own functions ---- */

static int query(const char *name, int type, unsigned char *answer, int max)
{
	uint8_t q[MESSAGE_MAX];
	size_t n = question(name, type, q);
	ssize_t got = n && type < 256 && max > 0 ? ask(q, n, answer, (size_t)max) : -1;
	if (got >= 12 && !(answer[3] & 15) && (answer[6] | answer[7]))
		return (int)got;
	h_errno = got < 12 ? TRY_AGAIN : (answer[3] & 15) == 3 ? HOST_NOT_FOUND : NO_DATA;
	return -1;
}

/* resolv.h calls them by other names. */
#undef res_query
#undef res_search
#undef res_nquery
#undef res_nsearch
int res_query(const char *, int, int, unsigned char *, int);
int res_search(const char *, int, int, unsigned char *, int);
int res_nquery(res_state, const char *, int, int, unsigned char *, int);
int res_nsearch(res_state, const char *, int, int, unsigned char *, int);

PUBLIC int res_query(const char *name, int class, int type, unsigned char *answer, int max)
{
	NEXT(res_query, int, const char *, int, int, unsigned char *, int);
	return leads() && !way.net ? query(name, type, answer, max) : fn(name, class, type, answer, max);
}

PUBLIC int res_search(const char *name, int class, int type, unsigned char *answer, int max)
{
	NEXT(res_search, int, const char *, int, int, unsigned char *, int);
	return leads() && !way.net ? query(name, type, answer, max) : fn(name, class, type, answer, max);
}

PUBLIC int res_nquery(res_state state, const char *name, int class, int type, unsigned char *answer, int max)
{
	NEXT(res_nquery, int, res_state, const char *, int, int, unsigned char *, int);
	return leads() && !way.net ? query(name, type, answer, max) : fn(state, name, class, type, answer, max);
}

PUBLIC int res_nsearch(res_state state, const char *name, int class, int type, unsigned char *answer, int max)
{
	NEXT(res_nsearch, int, res_state, const char *, int, int, unsigned char *, int);
	return leads() && !way.net ? query(name, type, answer, max) : fn(state, name, class, type, answer, max);
}

/* Programs made for a glibc before 2.34 say so. */
#ifdef __clang__ /* which has no attribute copy, and doesn't ask for it */
#define TWIN(name) __typeof__(name) __##name __attribute__((alias(#name), visibility("default")))
#else
#define TWIN(name) __typeof__(name) __##name __attribute__((copy(name), alias(#name), visibility("default")))
#endif
TWIN(res_query);
TWIN(res_search);
TWIN(res_nquery);
TWIN(res_nsearch);
