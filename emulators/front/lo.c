#include "front/lo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "front/names.h"

static int lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int rc = ioctl(fd, SIOCSIFFLAGS, &r);
	int why = errno;
	close(fd);
	errno = why;
	return rc;
}

/* A request of rtnetlink, with room for its attributes. */
struct request {
	struct nlmsghdr h;
	union {
		struct rtmsg route;
		struct ifaddrmsg address;
	} u;
	char attributes[64];
};

static void add(struct request *r, unsigned short type, uint32_t value)
{
	struct rtattr *a = (struct rtattr *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));
	a->rta_type = type;
	a->rta_len = RTA_LENGTH(sizeof(value));
	memcpy(RTA_DATA(a), &value, sizeof(value));
	r->h.nlmsg_len = NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
}

/* Sends it, waits for the kernel's word. */
static int ask(int fd, struct request *r)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[256];
	} back = { 0 };
	r->h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
	if (send(fd, r, r->h.nlmsg_len, 0) < 0)
		return -1;
	if (recv(fd, &back, sizeof(back), 0) < (ssize_t)sizeof(back.h) || back.h.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return -1;
	}
	errno = -back.e.error;
	return back.e.error ? -1 : 0;
}

/* Programs that ask only for the kinds of address that a machine has don't count 127.0.0.1. */
static int add_address(int fd, uint32_t lo)
{
	struct request r = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(r.u.address)), .nlmsg_type = RTM_NEWADDR } };
	r.u.address = (struct ifaddrmsg){ .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_scope = RT_SCOPE_HOST, .ifa_index = lo };
	add(&r, IFA_LOCAL, htonl(FRONT_ADDRESS));
	add(&r, IFA_ADDRESS, htonl(FRONT_ADDRESS));
	return ask(fd, &r);
}

static int add_route(int fd, uint32_t lo)
{
	struct request r = { .h = { .nlmsg_len = NLMSG_LENGTH(sizeof(r.u.route)), .nlmsg_type = RTM_NEWROUTE } };
	r.u.route = (struct rtmsg){ .rtm_family = AF_INET, .rtm_table = RT_TABLE_LOCAL, .rtm_protocol = RTPROT_BOOT, .rtm_scope = RT_SCOPE_HOST,
				    .rtm_type = RTN_LOCAL };
	add(&r, RTA_OIF, lo);
	return ask(fd, &r);
}

int lo_open(const char **step)
{
	uint32_t lo = 1;
	int rc;
	*step = "taking lo up";
	if (lo_up())
		return -1;
	*step = "netlink";
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -1;
	lo = if_nametoindex("lo");
	*step = "an address for lo";
	rc = add_address(fd, lo);
	if (!rc) {
		*step = "a route of every address";
		rc = add_route(fd, lo);
	}
	int why = errno;
	close(fd);
	errno = why;
	return rc;
}
