#include "tarn/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "front/wire.h"
#include "stack/endpoints.h"

enum { WAIT_MS = 200, LONG_MS = 1000, NS_MAX = 64, FILES = 4096 };

/* Who is waited for. */
struct watched {
	pid_t pid; /* 0: nobody any more */
	int fd;    /* readable when it has ended; -1: this kernel has none, and it is looked for */
};

static volatile sig_atomic_t told;

static void on_signal(int n)
{
	told = n;
}

static void watch(struct watched *w, pid_t pid)
{
	w->pid = pid;
	w->fd = (int)syscall(SYS_pidfd_open, pid, 0);
}

static bool has_ended(const struct watched *w, int wait_ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	if (w->fd >= 0)
		return poll(&p, 1, wait_ms) > 0;
	return kill(w->pid, 0) && errno == ESRCH;
}

/* ---- who is left in the program's name space ---- */

static bool is_in(const char *pid, const char *ns)
{
	char path[64], at[NS_MAX];
	snprintf(path, sizeof(path), "/proc/%.20s/ns/net", pid);
	ssize_t n = readlink(path, at, sizeof(at) - 1);
	return n > 0 && sl_eq(sl_of(at, (size_t)n), sl(ns));
}

static pid_t left_in(const char *ns)
{
	DIR *d = *ns ? opendir("/proc") : NULL;
	struct dirent *e;
	pid_t found = 0;
	while (d && !found && (e = readdir(d)))
		if (*e->d_name >= '1' && *e->d_name <= '9' && is_in(e->d_name, ns))
			found = (pid_t)atoi(e->d_name);
	if (d)
		closedir(d);
	return found;
}

static void read_ns(const char *dir, char ns[NS_MAX])
{
	char *path = xasprintf("%s/net", dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ns, NS_MAX - 1);
	ns[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	free(path);
}

/* Looks at who is waited for, and then at the next one. False: nobody is left. */
static bool somebody_is_left(struct watched *w, const char *dir, int wait_ms)
{
	char ns[NS_MAX];
	if (!has_ended(w, wait_ms))
		return true;
	if (w->fd >= 0)
		close(w->fd);
	read_ns(dir, ns);
	pid_t next = left_in(ns);
	w->pid = 0;
	if (next)
		watch(w, next);
	return next != 0;
}

/* ---- clearing up ---- */

/* at: a descriptor that is closed here. */
static void empty_dir(int at, int depth)
{
	DIR *d = at < 0 ? NULL : fdopendir(at);
	struct dirent *e;
	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") || !unlinkat(at, e->d_name, 0) || !depth)
			continue;
		empty_dir(openat(at, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), depth - 1);
		(void)unlinkat(at, e->d_name, AT_REMOVEDIR);
	}
	if (d)
		closedir(d);
}

static void remove_dir(const char *dir)
{
	empty_dir(open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), 4);
	(void)rmdir(dir);
}

/* ---- serving ---- */

static int say_status(int channel, int status)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "{\"status\":%d}", status);
	(void)send(channel, text, (size_t)n, MSG_NOSIGNAL);
	return status;
}

static void nothing(void *arg)
{
}

static int serve(const struct keeper *k, struct watched *w)
{
	struct launch *l = k->l;
	struct server *s;
	struct error err;
	int rc = launch_open(l, &s);
	if (rc)
		return say_status(k->channel, rc);
	char *file = xasprintf("%s/endpoints.json", k->dir);
	if (endpoints_write(s, l->opts.data, file, &err))
		rc = say_status(k->channel, cmd_fail(EXIT_START, NULL, "%s", err.text));
	free(file);
	struct loop_watch *ends = w->fd >= 0 ? loop_watch_fd(server_loop(s), w->fd, nothing, NULL) : NULL;
	int fd = w->fd;
	if (!rc)
		server_channel(s, k->channel);
	while (!rc && !told && !server_stopping(s)) {
		loop_turn(server_loop(s), w->fd >= 0 ? LONG_MS : WAIT_MS); /* the end of who is watched wakes it */
		if (!has_ended(w, 0))
			continue;
		loop_unwatch(ends);
		if (!somebody_is_left(w, k->dir, 0))
			break;
		fd = w->fd;
		ends = fd >= 0 ? loop_watch_fd(server_loop(s), fd, nothing, NULL) : NULL;
	}
	if (l->opts.data)
		endpoints_remove(l->opts.data);
	server_close(s);
	return rc;
}

static int keep(const struct keeper *k, struct watched *w)
{
	int rc = k->l ? serve(k, w) : 0;
	/* Also where the stack was stopped before: the program still reads what lies in the folder. */
	while (!rc && !told && w->pid && somebody_is_left(w, k->dir, -1))
		if (w->fd < 0)
			clock_real_wait_us(WAIT_MS * 1000);
	remove_dir(k->dir);
	return rc;
}

/* Each port of each name is a descriptor, beside those of clients. The program's own limit stays. */
static void raise_limit(void)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= FILES)
		return;
	r.rlim_cur = r.rlim_max < FILES ? r.rlim_max : FILES;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

/* No signal of the terminal reaches it, and it holds nothing of the program's but where the log goes. */
static void step_aside(const struct keeper *k, const struct watched *w)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int keep[] = { k->channel, k->program, k->relay, w->fd };
	wire_close_others(keep, ARRAY_LEN(keep));
	raise_limit();
	(void)setsid();
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	int null = open("/dev/null", O_RDWR);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (null > STDERR_FILENO)
		close(null);
}

int keeper_start(const struct keeper *k)
{
	struct watched w;
	int status = 0; /* stays so where nobody may wait for children */
	watch(&w, getpid());
	pid_t pid = fork();
	if (pid < 0)
		return cmd_fail(EXIT_START, NULL, "fork: %m");
	if (pid > 0) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (w.fd >= 0)
			close(w.fd);
		return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : EXIT_START;
	}
	if ((pid = fork()) != 0)
		_exit(pid < 0 ? EXIT_START : 0);
	step_aside(k, &w);
	exit(keep(k, &w));
}
