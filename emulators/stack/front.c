/* The server's part of the front door: who may hand it sockets, what it tells them, and the resolver. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/identities.h"
#include "core/json.h"
#include "core/tls.h"
#include "front/dns.h"
#include "front/door.h"
#include "stack/endpoints.h"
#include "stack/server.h"

struct front {
	struct server *s;
	struct resolver *inside, *outside;
	struct door *door;
};

static struct listener_door *take(void *arg, int fd, int port)
{
	struct front *f = arg;
	return server_adopt(f->s, fd, port);
}

static void put(void *arg, const char *name, const char *value)
{
	if (value)
		jw_text(arg, name, value);
}

static void put_own(struct front *f, struct buf *out)
{
	const char *key, *address;
	jw_list(out, "own");
	for (size_t i = 0; server_endpoint_at(f->s, i, &key, &address); i++) {
		const char *colon = strrchr(address, ':');
		jw_int(out, NULL, atoi(colon ? colon + 1 : "0"));
	}
	server_usual_ports(f->s, out);
	jw_list_end(out);
}

static void hello(void *arg, struct buf *out)
{
	struct front *f = arg;
	const struct env *env = server_env(f->s);
	struct error err;
	struct slice ca = sl(NULL);
	jw_obj(out, NULL);
	if (tls_ca(env->tls, &ca, &err))
		log_warn(env, "tls-failed", "error=\"%s\"", err.text);
	jw_key(out, S("ca"));
	buf_json_string(out, ca);
	jw_text(out, "names", conf_str(env->conf, "front", "names", ""));
	jw_bool(out, "auth", identities_on(env->conf));
	jw_obj(out, "env");
	endpoints_variables(f->s, put, out);
	jw_obj_end(out);
	put_own(f, out);
	jw_obj_end(out);
}

/* ---- a resolver for programs that are led here by hand ---- */

static int bound(int type, const char *bind_to, int port, int *fd, struct error *err)
{
	union {
		struct sockaddr a;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a = { 0 };
	bool six = inet_pton(AF_INET, bind_to, &a.in.sin_addr) != 1;
	if (six && inet_pton(AF_INET6, bind_to, &a.in6.sin6_addr) != 1)
		return err_set(err, ERR_INVALID, "not an address: %s", bind_to);
	a.a.sa_family = six ? AF_INET6 : AF_INET;
	a.in.sin_port = htons((uint16_t)port);
	*fd = socket(a.a.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd >= 0 && type == SOCK_STREAM)
		setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (*fd >= 0 && !bind(*fd, &a.a, six ? sizeof(a.in6) : sizeof(a.in)) && (type == SOCK_DGRAM || !listen(*fd, 64)))
		return 0;
	int rc = err_set(err, errno == EADDRINUSE ? ERR_CONFLICT : ERR_NETWORK, "--dns: port %d: %m", port);
	if (*fd >= 0)
		close(*fd);
	return rc;
}

static int open_outside(struct front *f, const struct server_opts *o, struct error *err)
{
	const char *at = o->bind ? o->bind : "127.0.0.1";
	int udp, tcp;
	int rc = resolver_open(server_env(f->s), true, &f->outside, err);
	if (rc || (rc = bound(SOCK_DGRAM, at, o->dns_port, &udp, err)))
		return rc;
	resolver_udp(f->outside, udp);
	if ((rc = bound(SOCK_STREAM, at, o->dns_port, &tcp, err)))
		return rc;
	resolver_tcp(f->outside, tcp);
	return 0;
}

int front_open(struct server *s, const struct server_opts *o, struct front **out, struct error *err)
{
	struct front *f = xcalloc(1, sizeof(*f));
	struct door_host host = { .tcp = take, .hello = hello, .arg = f };
	int rc = 0;
	*out = f; /* closed with the server, whatever comes */
	f->s = s;
	if (o->dns_port)
		rc = open_outside(f, o, err);
	if (rc || (rc = resolver_open(server_env(s), false, &f->inside, err)))
		return rc;
	host.resolver = f->inside;
	return door_serve(server_env(s), &host, o->data, &f->door, err);
}

const char *front_host_of(const struct front *f, const char *address)
{
	struct in_addr a;
	if (!f || !f->inside || inet_pton(AF_INET, address, &a) != 1)
		return NULL;
	return name_of_address(resolver_book(f->inside), ntohl(a.s_addr));
}

void front_channel(struct front *f, int channel)
{
	door_channel(f->door, channel);
}

void front_close(struct front *f)
{
	if (!f)
		return;
	door_close(f->door);
	resolver_close(f->inside); /* nobody asks for names any more: the server forgets us first */
	resolver_close(f->outside);
	free(f);
}
