#include "front/parent.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const int taken[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH, SIGTSTP, SIGCONT, SIGCHLD };

int parent_begin(struct parent *p)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, &p->before);
	/* What the program leaves behind stays below us: with yama's ptrace_scope only an ancestor may look at its connects. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	p->pid = 0;
	p->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return p->fd < 0 ? errno : 0;
}

void parent_child(const struct parent *p)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &p->before, NULL);
}

/* The program has stopped, so do we: the shell sees it, and says fg. */
static void stop_too(struct parent *p)
{
	raise(SIGSTOP);
	kill(p->pid, SIGCONT);
}

static bool reap(struct parent *p, int *status)
{
	int seen = 0;
	pid_t pid;
	bool ended = false;
	while ((pid = waitpid(-1, &seen, WNOHANG | WUNTRACED)) > 0) {
		if (pid != p->pid)
			continue; /* what the program left behind, or the server */
		if (WIFSTOPPED(seen)) {
			stop_too(p);
			continue;
		}
		*status = seen;
		ended = true;
	}
	return ended || (pid < 0 && errno == ECHILD);
}

bool parent_turn(struct parent *p, int *status)
{
	struct signalfd_siginfo s;
	while (read(p->fd, &s, sizeof(s)) == sizeof(s)) {
		if (s.ssi_signo == SIGCHLD)
			continue; /* below */
		if (s.ssi_code <= 0 && p->pid > 0)
			kill(p->pid, (int)s.ssi_signo); /* somebody's kill; what comes of the terminal, the program gets from there */
	}
	/* Whatever the signals say: a thread of a library's that doesn't block it may have taken a SIGCHLD, and it is gone then. */
	return p->pid > 0 && reap(p, status);
}

int parent_wait(struct parent *p)
{
	struct pollfd at = { .fd = p->fd, .events = POLLIN };
	int status = 0;
	while (poll(&at, 1, PARENT_LOOK_MS) < 0 || !parent_turn(p, &status))
		;
	return status;
}

void parent_end(struct parent *p)
{
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	close(p->fd);
	sigprocmask(SIG_SETMASK, &p->before, NULL);
}

/* A folder of PATH that can't be looked into isn't a program that can't be run. */
static bool is_nowhere(const char *name)
{
	struct slice one, rest = sl(getenv("PATH"));
	bool there = strchr(name, '/') != NULL;
	while (rest.p && !there) {
		sl_cut(rest, ':', &one, &rest);
		char *path = xasprintf("%.*s/%s", SL(one), name);
		there = !access(path, F_OK);
		free(path);
	}
	return !there;
}

void parent_exec(char *const *argv)
{
	execvp(argv[0], argv);
	int e = errno == EACCES && is_nowhere(argv[0]) ? ENOENT : errno;
	fprintf(stderr, "tarn: %s: %s\n", argv[0], strerror(e));
	fflush(stderr);
	_exit(e == ENOENT ? 127 : 126);
}
