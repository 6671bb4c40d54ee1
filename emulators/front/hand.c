/* The program's side of the door: it blocks, and knows no loop. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/json.h"
#include "front/door.h"
#include "front/wire.h"

int door_connect(const char *data, int *channel, struct error *err)
{
	struct wire_path at;
	int rc = wire_path(data, &at, err);
	if (rc)
		return rc;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at.address, sizeof(at.address)))
		rc = err_set(err, errno == EACCES ? ERR_DENIED : ERR_NOT_FOUND, "no stack runs with the state folder %s: %m", data);
	close(at.dir);
	if (rc && fd >= 0)
		close(fd);
	else if (!rc)
		*channel = fd;
	return rc;
}

/* ---- what the server says ---- */

static void read_env(const json_t *object, struct door_answer *out)
{
	const char *name;
	json_t *value;
	size_t n = 0;
	out->env = xcalloc(json_object_size(object) + 1, sizeof(*out->env));
	json_object_foreach((json_t *)object, name, value)
		out->env[n++] = xasprintf("%s=%s", name, json_string_value(value) ? json_string_value(value) : "");
}

static void read_own(const json_t *list, struct door_answer *out)
{
	for (size_t i = 0; i < json_array_size(list) && i + 1 < ARRAY_LEN(out->own); i++)
		out->own[i] = (int)json_integer_value(json_array_get(list, i));
}

int door_read(int channel, struct door_answer *out, struct error *err)
{
	char *text = xmalloc(DOOR_HELLO_MAX);
	ssize_t n;
	*out = (struct door_answer){ 0 };
	do
		n = recv(channel, text, DOOR_HELLO_MAX, 0);
	while (n < 0 && errno == EINTR);
	json_t *o = n > 0 ? json_loadb(text, (size_t)n, 0, NULL) : NULL;
	free(text);
	if (!o)
		return err_set(err, ERR_NETWORK, "the stack has ended");
	out->status = (int)jint(o, "status");
	out->auth = jtrue(o, "auth");
	out->ca = jdup(o, "ca");
	out->names = jdup(o, "names");
	read_env(json_object_get(o, "env"), out);
	read_own(json_object_get(o, "own"), out);
	json_decref(o);
	return 0;
}

void door_answer_free(struct door_answer *a)
{
	for (char **e = a->env; e && *e; e++)
		free(*e);
	free(a->env);
	free(a->ca);
	free(a->names);
	*a = (struct door_answer){ 0 };
}

int door_hand(int channel, int fd, int port, struct error *err)
{
	struct door_message m = { DOOR_MAGIC, (uint32_t)port };
	return wire_send(channel, &m, sizeof(m), fd) == sizeof(m) ? 0 : err_set(err, ERR_NETWORK, "handing over port %d: %m", port);
}

int door_adopt(int channel, struct error *err)
{
	struct door_message m = { DOOR_MAGIC, DOOR_ADOPT };
	return send(channel, &m, sizeof(m), MSG_NOSIGNAL) == sizeof(m) ? 0 : err_set(err, ERR_NETWORK, "the stack has gone: %m");
}

/* ---- opening ---- */

union socket_address {
	struct sockaddr a;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* Opens, binds, listens. Returns the descriptor, or -1 with errno. */
static int open_at(const union socket_address *a, int type)
{
	int fd = socket(a->a.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (a->a.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int));
	if (!bind(fd, &a->a, a->a.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in)) && (type == SOCK_DGRAM || !listen(fd, 1024)))
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static union socket_address at_ipv4(uint32_t address, int port)
{
	union socket_address a = { 0 };
	a.in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(address) };
	return a;
}

/* UDP and TCP of a resolver have one number each. */
static int open_and_hand(int channel, uint32_t address, int port, int type, bool as_is, struct door_places *out, struct error *err)
{
	union socket_address a = at_ipv4(address, as_is ? port : 0);
	socklen_t n = sizeof(a);
	int fd = open_at(&a, type);
	if (fd < 0)
		return err_set(err, ERR_NETWORK, "port %d of %u.%u.%u.%u: %m", port, address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
	int rc = door_hand(channel, fd, port, err);
	if (!rc && !getsockname(fd, &a.a, &n) && out->n < ARRAY_LEN(out->at))
		out->at[out->n++] = (struct door_place){ address, port, type == SOCK_DGRAM, ntohs(a.in.sin_port) };
	close(fd);
	return rc;
}

/* The stack's own ports on this machine's own address; one that is taken is somebody else's, and stays so. */
static int open_own(int channel, const int *own, struct error *err)
{
	for (; *own; own++) {
		union socket_address a[2] = { at_ipv4(INADDR_LOOPBACK, *own) };
		a[1].in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)*own), .sin6_addr = in6addr_loopback };
		for (size_t i = 0; i < ARRAY_LEN(a); i++) {
			int fd = open_at(&a[i], SOCK_STREAM);
			int rc = fd < 0 ? 0 : door_hand(channel, fd, *own, err);
			if (fd >= 0)
				close(fd);
			if (rc)
				return rc;
		}
	}
	return 0;
}

int door_open(int channel, bool as_they_are, const int *own, struct door_places *out, struct error *err)
{
	int rc = 0;
	out->n = 0;
	for (const struct front_port *p = front_ports; p->port && !rc; p++) {
		uint32_t more = p->service == FRONT_KAFKA ? FRONT_BROKERS : 0;
		for (uint32_t i = 0; i <= more && !rc; i++)
			rc = open_and_hand(channel, FRONT_ADDRESS + i, p->port, SOCK_STREAM, as_they_are, out, err);
	}
	/* Where every address is ours, so is every resolver that a program knows. */
	for (int udp = 0; udp < 2 && !rc; udp++)
		rc = open_and_hand(channel, as_they_are ? INADDR_ANY : FRONT_RESOLVER, 53, udp ? SOCK_DGRAM : SOCK_STREAM, as_they_are, out, err);
	return rc || !as_they_are ? rc : open_own(channel, own, err);
}

const struct door_place *door_find(const struct door_places *places, uint32_t address, int port, bool udp)
{
	for (size_t i = 0; i < places->n; i++)
		if (places->at[i].port == port && places->at[i].udp == udp && (port == 53 || places->at[i].address == address))
			return &places->at[i];
	return NULL;
}
