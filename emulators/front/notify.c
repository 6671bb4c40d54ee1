/* Way S: the kernel asks us about each connect of the program and of all it starts. Works without a name space, for static programs
 * as well; what it can't lead are resolvers that compare an answer's source with the address they asked. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front/environ.h"
#include "front/filter.h"
#include "front/lead.h"
#include "front/parent.h"
#include "front/places.h"
#include "front/relay.h"
#include "front/split.h"

enum { OPEN_MAX_PENDING = 256, DATAGRAM_MAX = 65536, MESSAGES_MAX = 1024, TOLD_MAX = 8 };

/* A connect of a blocking socket that is under way: its caller waits for us. */
struct pending {
	uint64_t id;
	int fd, flags; /* ours of it; what O_NONBLOCK was */
};
struct mind {
	struct lead lead;
	struct lead_allowed allowed[RELAYS_MAX];
	struct door_places places;
	struct split *split; /* --net; NULL: the stack's resolver is the only one */
	int listener;
	bool by_memory;  /* descriptors can't be had: the caller's address is rewritten */
	struct pending pending[OPEN_MAX_PENDING];
	size_t pending_n;
	uint32_t told[TOLD_MAX]; /* addresses that have been said to be refused */
	size_t told_n;
};

/* Says once an address that it is refused: a name is told by the resolver, a number by nobody else. */
static void tell(struct mind *m, const union lead_address *to)
{
	char text[INET_ADDRSTRLEN];
	if (to->a.sa_family != AF_INET || m->told_n == TOLD_MAX || ntohl(to->in.sin_addr.s_addr) >> 16 == 0xa9fe /* 169.254: metadata */)
		return;
	for (size_t i = 0; i < m->told_n; i++)
		if (m->told[i] == to->in.sin_addr.s_addr)
			return;
	m->told[m->told_n++] = to->in.sin_addr.s_addr;
	inet_ntop(AF_INET, &to->in.sin_addr, text, sizeof(text));
	fprintf(stderr, "tarn: %s port %d is refused: without --net nothing leaves this machine\n", text, ntohs(to->in.sin_port));
}

/* ---- doing it in the caller's stead ---- */

static void settle(struct mind *m, size_t i, int error)
{
	struct pending p = m->pending[i];
	m->pending[i] = m->pending[--m->pending_n];
	(void)fcntl(p.fd, F_SETFL, p.flags);
	close(p.fd);
	filter_answer(m->listener, p.id, -error);
}

/* Callers that were interrupted ask again: their sockets are as they were before. */
static void forget_gone(struct mind *m)
{
	for (size_t i = m->pending_n; i-- > 0;)
		if (!filter_waits(m->listener, m->pending[i].id))
			settle(m, i, EINTR);
}

/* The caller blocks, we mustn't: where the connect isn't done at once, it is finished when the socket says so. */
static int dial(struct mind *m, const struct filter_ask *ask, int fd, const union lead_address *to, size_t n, bool *later)
{
	forget_gone(m);
	int flags = fcntl(fd, F_GETFL);
	bool blocks = flags >= 0 && !(flags & O_NONBLOCK);
	if (blocks && m->pending_n < OPEN_MAX_PENDING)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	int error = connect(fd, &to->a, (socklen_t)n) ? errno : 0;
	if (!blocks)
		return error;
	if ((error == EINPROGRESS || error == EALREADY) && m->pending_n < OPEN_MAX_PENDING) {
		m->pending[m->pending_n++] = (struct pending){ ask->id, fd, flags };
		*later = true;
		return 0;
	}
	(void)fcntl(fd, F_SETFL, flags);
	return error;
}

static int64_t send_for(const struct filter_ask *ask, int fd, const union lead_address *to, size_t n)
{
	size_t size = ask->arg[2] < DATAGRAM_MAX ? (size_t)ask->arg[2] : DATAGRAM_MAX;
	char *data = xmalloc(size + 1);
	ssize_t sent = filter_read(ask, ask->arg[1], data, size) ? sendto(fd, data, size, (int)ask->arg[3] | MSG_NOSIGNAL | MSG_DONTWAIT, &to->a, (socklen_t)n) : -1;
	int e = errno;
	free(data);
	return sent < 0 ? -e : sent;
}

/* A datagram to a stream's port, or the other way round, goes where it would. */
static enum lead_verdict by_type(const struct mind *m, int fd, union lead_address *to, size_t n)
{
	int type = 0, error;
	socklen_t size = sizeof(type);
	return fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) ? lead(&m->lead, type, to, n, &error) : lead(&m->lead, 0, to, n, &error);
}

/* By the caller's own descriptor, or by its memory where that isn't given. at: where the address stands there; to: what it says. */
static void lead_there(struct mind *m, const struct filter_ask *ask, uint64_t at, union lead_address *to, size_t n)
{
	bool later = false;
	int fd = m->by_memory ? -EPERM : filter_descriptor(ask, (int)ask->arg[0]);
	int64_t result = fd;
	bool led = by_type(m, fd, to, n) == LEAD_ELSEWHERE, waits = filter_waits(m->listener, ask->id);
	if (!waits || !led) {
		if (fd >= 0)
			close(fd);
		if (waits)
			filter_go_on(m->listener, ask->id);
		return;
	}
	if (fd == -EPERM || fd == -ENOSYS) {
		m->by_memory = true;
		if (filter_write(ask, at, to, n))
			filter_go_on(m->listener, ask->id);
		else
			filter_answer(m->listener, ask->id, -EFAULT);
		return;
	}
	if (fd >= 0) {
		result = ask->call == FILTER_CONNECT ? -dial(m, ask, fd, to, n, &later) : send_for(ask, fd, to, n);
		if (!later)
			close(fd);
	}
	if (!later)
		filter_answer(m->listener, ask->id, result);
}

/* ---- a call ---- */

/* An address of n bytes in the caller's memory; *n is what was read of it. false: it can't be. */
static bool look(const struct filter_ask *ask, uint64_t at, size_t *n, union lead_address *to)
{
	*n = !at ? 0 : *n < sizeof(*to) ? *n : sizeof(*to);
	memset(to, 0, sizeof(*to));
	return filter_read(ask, at, to, *n);
}

/* struct msghdr's address and its length, as the caller's words are wide. */
static bool message_name(const struct filter_ask *ask, uint64_t message, uint64_t *at, size_t *n)
{
	struct { uint64_t name; uint32_t n; } wide = { 0 };
	struct { uint32_t name, n; } narrow = { 0 };
	if (ask->narrow ? !filter_read(ask, message, &narrow, sizeof(narrow)) : !filter_read(ask, message, &wide, 12))
		return false;
	*at = ask->narrow ? narrow.name : wide.name;
	*n = ask->narrow ? narrow.n : wide.n;
	return true;
}

/* Datagrams: what goes to the resolver has its address rewritten; they go as soon as none is refused. */
static void messages(struct mind *m, const struct filter_ask *ask, size_t count)
{
	size_t size = ask->narrow ? 32 : 64;
	union lead_address to;
	int error = 0;
	for (size_t i = 0; i < count && i < MESSAGES_MAX && !error; i++) {
		uint64_t at = 0;
		size_t n = 0;
		int refusal = 0;
		bool there = message_name(ask, ask->arg[1] + i * size, &at, &n) && look(ask, at, &n, &to);
		enum lead_verdict v = there ? lead(&m->lead, 0, &to, n, &refusal) : LEAD_ON;
		if (!there || (v == LEAD_ELSEWHERE && !filter_write(ask, at, &to, n)))
			error = EFAULT;
		else if (v == LEAD_REFUSED)
			error = refusal;
	}
	if (error)
		filter_answer(m->listener, ask->id, -error);
	else
		filter_go_on(m->listener, ask->id);
}

static void answer(struct mind *m, const struct filter_ask *ask)
{
	uint64_t at = ask->call == FILTER_CONNECT ? ask->arg[1] : ask->arg[4];
	size_t n = (size_t)(uint32_t)(ask->call == FILTER_CONNECT ? ask->arg[2] : ask->arg[5]);
	union lead_address to, first;
	int error = EFAULT;
	if (ask->call >= FILTER_SENDMSG) {
		messages(m, ask, ask->call == FILTER_SENDMSG ? 1 : (size_t)(uint32_t)ask->arg[2]);
		return;
	}
	bool there = look(ask, at, &n, &first);
	to = first;
	enum lead_verdict v = there ? lead(&m->lead, 0, &to, n, &error) : LEAD_REFUSED;
	if (!filter_waits(m->listener, ask->id))
		return;
	if (v == LEAD_ON) {
		filter_go_on(m->listener, ask->id);
	} else if (v == LEAD_ELSEWHERE) {
		lead_there(m, ask, at, &first, n);
	} else {
		if (there)
			tell(m, &to);
		filter_answer(m->listener, ask->id, -error);
	}
}

/* ---- the run ---- */

static void turn_pending(struct mind *m, const struct pollfd *at)
{
	for (size_t i = m->pending_n; i-- > 0;) {
		int error = 0;
		socklen_t n = sizeof(error);
		if (!at[i].revents)
			continue;
		if (getsockopt(m->pending[i].fd, SOL_SOCKET, SO_ERROR, &error, &n))
			error = errno;
		settle(m, i, error);
	}
}

/* Until the program ends. */
static int supervise(struct mind *m, struct parent *p)
{
	enum { PENDING = 2 + SPLIT_FDS };
	struct pollfd at[PENDING + OPEN_MAX_PENDING];
	struct filter_ask ask;
	bool gone = false, ended = false;
	int status = 0;
	while (!ended) {
		at[0] = (struct pollfd){ .fd = p->fd, .events = POLLIN };
		at[1] = (struct pollfd){ .fd = gone ? -1 : m->listener, .events = POLLIN };
		split_wait(m->split, at + 2);
		size_t n = m->pending_n;
		for (size_t i = 0; i < n; i++)
			at[PENDING + i] = (struct pollfd){ .fd = m->pending[i].fd, .events = POLLOUT };
		if (poll(at, PENDING + n, PARENT_LOOK_MS) < 0)
			continue;
		turn_pending(m, at + PENDING);
		split_turn(m->split, at + 2);
		if (at[1].revents & POLLIN) {
			if (filter_take(m->listener, &ask, &gone))
				answer(m, &ask);
		} else if (at[1].revents) {
			gone = true;
		}
		ended = parent_turn(p, &status);
	}
	while (m->pending_n)
		settle(m, 0, ECONNABORTED);
	close(m->listener);
	return status;
}

struct start {
	const struct parent *parent;
	char *const *argv; /* NULL: a probe */
};

static void begin(void *arg)
{
	parent_child(((const struct start *)arg)->parent);
}

static void program(void *arg)
{
	parent_exec(((const struct start *)arg)->argv);
}

/* --net: others than ours are asked of the machine's own resolver, through us. Those of --net=HOST:PORT only, where it names some. */
static int open_net(struct mind *m, const struct exec_plan *plan, struct error *err)
{
	struct relay r;
	int rc = 0;
	for (uint32_t i = 0; plan->relay && plan->relay[i] && !rc && i < ARRAY_LEN(m->allowed); i++) {
		if ((rc = relay_read(plan->relay[i], i, &r, err)))
			continue;
		const struct sockaddr_in *in = (const struct sockaddr_in *)&r.target;
		if (in->sin_family == AF_INET)
			m->allowed[m->lead.allowed_n++] = (struct lead_allowed){ ntohl(in->sin_addr.s_addr), r.port };
	}
	if (rc || (!plan->net && !plan->relay) || (rc = split_open(&m->places, plan->answer.names, plan->net ? NULL : plan->relay, &m->split, err)))
		return rc;
	size_t kept = 0;
	for (size_t i = 0; i < m->places.n; i++) {
		struct door_place at = m->places.at[i];
		if (at.port == 53 && !at.udp)
			continue; /* answers that are too long for a datagram are no names' of ours */
		if (at.port == 53)
			at = (struct door_place){ INADDR_LOOPBACK, 53, true, split_port(m->split) };
		m->places.at[kept++] = at;
	}
	m->places.n = kept;
	return 0;
}

static int run(struct exec_plan *plan, int *status)
{
	struct mind *m = xcalloc(1, sizeof(*m));
	struct parent p = { 0 };
	struct trust t = { 0 };
	struct error err = { 0 };
	const char *step = NULL;
	m->lead = (struct lead){ .places = &m->places, .net = plan->net, .allowed = m->allowed };
	int rc = environ_front(plan->dir, plan->answer.ca, false, &t, &err);
	if (!rc && !(rc = places_open(plan, &m->places, &err)) && !(rc = open_net(m, plan, &err)) && (rc = parent_begin(&p)))
		err_set(&err, ERR_INTERNAL, "signalfd: %s", strerror(rc));
	if (!rc) {
		environ_uncovered(&t, plan->ca_over);
		struct start s = { &p, plan->argv };
		p.pid = filter_start(begin, program, &s, &m->listener, &step);
		if (p.pid > 0)
			*status = supervise(m, &p);
		else
			rc = err_set(&err, ERR_INTERNAL, "%s: %m", step);
		parent_end(&p);
	}
	if (rc)
		fprintf(stderr, "tarn: %s\n", err.text);
	split_close(m->split);
	trust_free(&t);
	free(m);
	return rc ? 3 : 0;
}

/* ---- the probe: a connect of a child's arrives at a listener of ours ---- */

static void probe_program(void *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(443), .sin_addr.s_addr = htonl(FRONT_ADDRESS) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	_exit(fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)) ? 0 : 1);
}

static int probe(struct buf *why)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(FRONT_ADDRESS) };
	socklen_t n = sizeof(at);
	struct mind *m = xcalloc(1, sizeof(*m));
	struct parent p = { 0 };
	struct start s = { &p, NULL };
	const char *step = "a listener on 127.77.0.1";
	int status = 0, e = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || listen(fd, 1) || getsockname(fd, (struct sockaddr *)&at, &n) || (errno = parent_begin(&p))) {
		e = errno;
	} else {
		m->lead.places = &m->places;
		m->places = (struct door_places){ .n = 1, .at[0] = { FRONT_ADDRESS, 443, false, ntohs(at.sin_port) } };
		p.pid = filter_start(begin, probe_program, &s, &m->listener, &step);
		e = p.pid < 0 ? errno : 0;
		if (!e && (status = supervise(m, &p))) {
			step = "a connect that was led elsewhere";
			e = ECONNREFUSED;
		}
		parent_end(&p);
	}
	if (fd >= 0)
		close(fd);
	if (e)
		buf_addf(why, "%s: %s", step, strerror(e));
	free(m);
	return e;
}

const struct way way_notify = {
	"notify", "the kernel asks about each connect (seccomp user notification)",
	"resolvers that compare an answer's source with the address they asked (c-ares: Node's dns.resolve, gRPC; musl's), setuid programs, "
	"containers started over a docker socket, processes that outlive the program",
	true, probe, run,
};
