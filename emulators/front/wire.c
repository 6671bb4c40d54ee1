#include "front/wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int wire_path(const char *data, struct wire_path *out, struct error *err)
{
	*out = (struct wire_path){ .address = { .sun_family = AF_UNIX } };
	out->dir = open(data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (out->dir < 0)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED, "state folder %s: %m", data);
	snprintf(out->address.sun_path, sizeof(out->address.sun_path), "/proc/self/fd/%d/door.sock", out->dir);
	return 0;
}

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

ssize_t wire_receive(int channel, void *to, size_t n, int *fd, int flags)
{
	union control c = { 0 };
	struct iovec v = { to, n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };
	*fd = -1;
	ssize_t got = recvmsg(channel, &m, flags | MSG_CMSG_CLOEXEC);
	struct cmsghdr *h = got > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS && h->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(h), sizeof(int));
	return got;
}

ssize_t wire_send(int channel, const void *p, size_t n, int fd)
{
	union control c = { 0 };
	struct iovec v = { (void *)p, n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	ssize_t sent;
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(int));
	do
		sent = sendmsg(channel, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent;
}

void wire_close_others(const int *keep, size_t n)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;
	while (d && (e = readdir(d))) {
		int fd = atoi(e->d_name);
		bool kept = fd < 3 || fd == dirfd(d);
		for (size_t i = 0; i < n; i++)
			kept |= fd == keep[i];
		if (!kept)
			close(fd);
	}
	if (d)
		closedir(d);
}
