/* The server's part of the front door: who may hand it sockets, what it tells them, and the resolver. */
#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/adopt.h"
#include "core/identities.h"
#include "core/json.h"
#include "core/listener.h"
#include "core/tls.h"
#include "front/dns.h"
#include "front/door.h"
#include "stack/endpoints.h"
#include "stack/server.h"
#include "stack/services.h"

struct front {
	struct server *s;
	struct resolver *inside, *outside;
	struct door *door;
	struct listener_door **doors; /* of [front] ports */
	size_t door_n, door_cap;
};

static struct listener_door *take(void *arg, int fd, int port)
{
	struct front *f = arg;
	return server_adopt(f->s, fd, port);
}

static void adopt(void *arg, int by)
{
	struct front *f = arg;
	adopt_hold(server_env(f->s)->adopt, by);
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
	int rc = err_set(err, errno == EADDRINUSE ? ERR_CONFLICT : ERR_NETWORK, "port %d: %m", port);
	if (*fd >= 0)
		close(*fd);
	return rc;
}

static int one_port(struct front *f, const char *at, int port, bool must, struct error *err)
{
	int fd;
	int rc = bound(SOCK_STREAM, at, port, &fd, err);
	if (rc && !must) {
		log_warn(server_env(f->s), "front-port", "error=\"%s\"", err->text);
		return 0;
	}
	if (rc)
		return rc;
	struct listener_door *d = server_adopt(f->s, fd, port);
	if (!d) { /* its service doesn't run */
		close(fd);
		return must ? err_set(err, ERR_INVALID, "[front] ports: nothing that runs here is behind port %d", port) : 0;
	}
	GROW(f->doors, f->door_n, f->door_cap);
	f->doors[f->door_n++] = d;
	return 0;
}

/* The ports that the stack has already aren't listened on twice. */
static bool is_own(struct front *f, int port)
{
	const char *key, *address, *colon;
	for (size_t i = 0; server_endpoint_at(f->s, i, &key, &address); i++)
		if ((colon = strrchr(address, ':')) && atoi(colon + 1) == port)
			return true;
	return false;
}

static int open_ports(struct front *f, const char *at, const char *list, struct error *err)
{
	struct slice one, rest = sl(list);
	bool all = !strcmp(list, "all");
	int64_t port;
	int rc = 0;
	for (const struct front_port *p = front_ports; all && p->port; p++)
		if (!is_own(f, p->port))
			(void)one_port(f, at, p->port, false, err);
	while (!all && rest.p && !rc) {
		sl_cut(rest, ',', &one, &rest);
		if (!sl_int(sl_trim(one), 1, 65535, &port) || front_service_of((int)port) < FRONT_HTTP || port == 53)
			rc = err_set(err, ERR_INVALID, "[front] ports: %.*s is no port that AWS has there: tarn help exec lists them", SL(sl_trim(one)));
		else if (!is_own(f, (int)port))
			rc = one_port(f, at, (int)port, true, err);
	}
	return rc;
}

static int open_outside(struct front *f, const struct server_opts *o, struct error *err)
{
	const char *at = o->bind ? o->bind : "127.0.0.1";
	int udp, tcp;
	int rc = resolver_open(server_env(f->s), true, &f->outside, err);
	if (rc || (rc = bound(SOCK_DGRAM, at, (int)o->dns_port, &udp, err)))
		return rc;
	resolver_udp(f->outside, udp);
	if ((rc = bound(SOCK_STREAM, at, (int)o->dns_port, &tcp, err)))
		return rc;
	resolver_tcp(f->outside, tcp);
	return 0;
}

/* A name for a service that there is none of would lead to the AWS port in silence. */
static int check_names(const struct conf *conf, struct error *err)
{
	struct slice one, pattern, service, rest = sl(conf_get(conf, "front", "names"));
	while (rest.p) {
		bool known = false;
		sl_cut(rest, ',', &one, &rest);
		sl_cut(sl_trim(one), '=', &pattern, &service);
		for (size_t i = 0; service.p && services[i]; i++)
			known |= services[i]->http && sl_eqs(sl_trim(service), services[i]->name);
		if (service.p && !known)
			return err_set(err, ERR_INVALID, "[front] names: no service that speaks HTTP is called %.*s (see: tarn help services)", SL(sl_trim(service)));
	}
	return 0;
}

int front_open(struct server *s, const struct server_opts *o, struct front **out, struct error *err)
{
	struct front *f = xcalloc(1, sizeof(*f));
	struct door_host host = { .tcp = take, .hello = hello, .adopt = adopt, .arg = f };
	const char *ports = conf_get(server_env(s)->conf, "front", "ports");
	int rc = check_names(server_env(s)->conf, err);
	*out = f; /* closed with the server, whatever comes */
	f->s = s;
	if (!rc && ports && *ports && !o->brief)
		rc = open_ports(f, o->bind ? o->bind : "127.0.0.1", ports, err);
	if (!rc && o->dns_port)
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
	for (size_t i = 0; i < f->door_n; i++)
		listener_disown(f->doors[i]);
	free(f->doors);
	resolver_close(f->inside); /* nobody asks for names any more: the server forgets us first */
	resolver_close(f->outside);
	free(f);
}
