#include "space.h"

#include "fault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { RESERVE_MOST = 4 << 20, DISK_PARTS = 8, LEAST_PARTS = 4 };

struct space {
	struct faults *faults; /* NULL: none are asked for */
	char *dir;
	int fd;
	int64_t reserve; /* bytes it takes or took */
	bool held, asked, low;
};

static int64_t free_bytes(const struct space *s)
{
	struct statvfs v;
	return statvfs(s->dir, &v) ? INT64_MAX : (int64_t)v.f_bavail * (int64_t)v.f_frsize;
}

/* What has to be free while the reserve isn't held includes it. */
static void ask(struct space *s)
{
	int64_t least = s->reserve / LEAST_PARTS, want = s->held ? least : s->reserve + least;
	s->low = free_bytes(s) < want;
	s->asked = true;
}

static void take(struct space *s)
{
	s->held = posix_fallocate(s->fd, 0, s->reserve) == 0;
	if (!s->held && ftruncate(s->fd, 0))
		s->low = true;
}

static void give_up(struct space *s)
{
	if (s->held && ftruncate(s->fd, 0) == 0)
		s->held = false;
}

struct space *space_open(const char *dir)
{
	struct space *s;
	struct statvfs v;
	struct stat st;
	if (!dir || statvfs(dir, &v))
		return NULL;
	s = xcalloc(1, sizeof(*s));
	char *path = xasprintf("%s/reserve", dir);
	s->dir = xstrdup(dir);
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	free(path);
	s->reserve = (int64_t)v.f_blocks * (int64_t)v.f_frsize / DISK_PARTS;
	if (s->reserve > RESERVE_MOST)
		s->reserve = RESERVE_MOST;
	s->held = s->fd >= 0 && fstat(s->fd, &st) == 0 && st.st_size > 0 && st.st_size == s->reserve;
	ask(s);
	if (s->low)
		give_up(s); /* opening the services' files takes some */
	else if (!s->held && s->fd >= 0)
		take(s);
	s->asked = false;
	return s;
}

void space_close(struct space *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->dir);
	free(s);
}

void space_faults(struct space *s, struct faults *f)
{
	if (s)
		s->faults = f;
}

bool space_low(struct space *s)
{
	if (!s)
		return false;
	if (!s->asked)
		ask(s);
	return s->low || (s->faults && faults_ask(s->faults, "disk", "full").act == FAULT_IO);
}

void space_before_commit(struct space *s)
{
	if (!s)
		return;
	ask(s);
	if (s->low)
		give_up(s);
	else if (!s->held && s->fd >= 0 && free_bytes(s) >= 2 * s->reserve)
		take(s);
	s->asked = false;
}

void space_tick_over(struct space *s)
{
	if (s)
		s->asked = false;
}
