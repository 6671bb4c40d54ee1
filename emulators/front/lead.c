#include "front/lead.h"

#include <errno.h>
#include <string.h>

enum { SOMEWHERE = 0xc0000201 /* 192.0.2.1: an address outside */ };

/* Whether it is a socket of the host's name services: what they say comes from its network. */
static bool is_name_service(const union lead_address *to, size_t n)
{
	static const char *const paths[] = { "/run/systemd/resolve/", "/run/nscd/", "/var/run/nscd/" };
	size_t head = offsetof(struct sockaddr_un, sun_path);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		size_t size = strlen(paths[i]);
		if (n >= head + size && !memcmp(to->un.sun_path, paths[i], size))
			return true;
	}
	return false;
}

static const struct door_place *find(const struct lead *l, uint32_t ip, int port, bool udp)
{
	for (size_t i = 0; i < l->places->n; i++) {
		const struct door_place *at = &l->places->at[i];
		if (at->port == port && at->udp == udp && (port == 53 || at->address == ip))
			return at;
	}
	return NULL;
}

const struct door_place *lead_resolver(const struct lead *l)
{
	return find(l, 0, 53, true);
}

static enum lead_verdict lead_ip(const struct lead *l, int type, uint32_t ip, int port, struct door_place *to)
{
	bool here = ip >> 24 == 127 || !ip, udp = type ? type == SOCK_DGRAM : port == 53;
	const struct door_place *place = here || port == 53 ? find(l, ip ? ip : INADDR_LOOPBACK, port, udp) : NULL;
	for (size_t i = 0; !place && i < l->allowed_n; i++)
		here |= l->allowed[i].address == ip && l->allowed[i].port == port;
	if (!place)
		return here || l->net ? LEAD_ON : LEAD_REFUSED;
	*to = *place;
	return LEAD_ELSEWHERE;
}

static enum lead_verdict lead_v4(const struct lead *l, int type, struct sockaddr_in *to, size_t n)
{
	struct door_place place;
	if (n < sizeof(*to))
		return LEAD_ON; /* EINVAL is the kernel's to say */
	enum lead_verdict v = lead_ip(l, type, ntohl(to->sin_addr.s_addr), ntohs(to->sin_port), &place);
	if (v != LEAD_ELSEWHERE)
		return v;
	to->sin_addr.s_addr = htonl(place.address);
	to->sin_port = htons((uint16_t)place.bound);
	return v;
}

static enum lead_verdict lead_v6(const struct lead *l, int type, struct sockaddr_in6 *to, size_t n)
{
	struct door_place place;
	uint32_t ip = htonl(SOMEWHERE);
	if (n < offsetof(struct sockaddr_in6, sin6_scope_id))
		return LEAD_ON;
	if (IN6_IS_ADDR_V4MAPPED(&to->sin6_addr))
		memcpy(&ip, &to->sin6_addr.s6_addr[12], sizeof(ip));
	else if (IN6_IS_ADDR_LOOPBACK(&to->sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&to->sin6_addr))
		ip = htonl(INADDR_LOOPBACK);
	enum lead_verdict v = lead_ip(l, type, ntohl(ip), ntohs(to->sin6_port), &place);
	if (v != LEAD_ELSEWHERE)
		return v;
	ip = htonl(place.address);
	memset(&to->sin6_addr, 0, sizeof(to->sin6_addr));
	memset(&to->sin6_addr.s6_addr[10], 0xff, 2);
	memcpy(&to->sin6_addr.s6_addr[12], &ip, sizeof(ip));
	to->sin6_port = htons((uint16_t)place.bound);
	return v;
}

enum lead_verdict lead(const struct lead *l, int type, union lead_address *to, size_t n, int *error)
{
	*error = ENETUNREACH;
	switch (n < sizeof(sa_family_t) ? AF_UNSPEC : to->a.sa_family) {
	case AF_INET:
		return lead_v4(l, type, &to->in, n);
	case AF_INET6:
		return lead_v6(l, type, &to->in6, n);
	case AF_UNIX:
		*error = ECONNREFUSED;
		return is_name_service(to, n) ? LEAD_REFUSED : LEAD_ON;
	case AF_UNSPEC:
	case AF_NETLINK:
	case AF_ALG:
		return LEAD_ON;
	default:
		return l->net ? LEAD_ON : LEAD_REFUSED;
	}
}

/* Digits and what ends them. */
static bool take_number(const char **at, const char *end, char until, uint32_t *out)
{
	const char *p = *at;
	for (*out = 0; p < end && *p >= '0' && *p <= '9'; p++)
		*out = *out * 10 + (uint32_t)(*p - '0');
	if (p == *at || p == end || *p != until)
		return false;
	*at = p + 1;
	return true;
}

void lead_read(const char *text, size_t n, struct door_places *out)
{
	const char *at = text, *end = text + n;
	uint32_t address, port, bound;
	out->n = 0;
	while (out->n < ARRAY_LEN(out->at) && take_number(&at, end, ' ', &address) && take_number(&at, end, ' ', &port) && end - at > 4) {
		bool udp = *at == 'u';
		at += 4;
		if (!take_number(&at, end, '\n', &bound))
			return;
		out->at[out->n++] = (struct door_place){ address, (int)port, udp, (int)bound };
	}
}
