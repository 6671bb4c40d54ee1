#include "scenario/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stack/endpoints.h"

struct output {
	int fd;
	struct buf *to;
	struct loop_watch *watch;
	bool ended;
};

static void on_output(void *arg)
{
	struct output *o = arg;
	char chunk[16384];
	ssize_t n;
	while ((n = read(o->fd, chunk, sizeof(chunk))) > 0)
		buf_add(o->to, chunk, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		o->ended = true;
		loop_unwatch(o->watch);
		o->watch = NULL;
	}
}

static void become(struct runner *r, char *const *argv, const char *cwd, int out, int err_fd)
{
	int null = open("/dev/null", O_RDONLY);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err_fd, STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	endpoints_export(r->server, r->endpoints_file);
	if (cwd && chdir(cwd))
		_exit(127);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int child_run(struct runner *r, char *const *argv, const char *cwd, int64_t real_ms, struct error *err)
{
	int out[2], errs[2], status = 0;
	buf_reset(&r->out);
	buf_reset(&r->err_out);
	if (pipe2(out, O_CLOEXEC) || pipe2(errs, O_CLOEXEC))
		return err_set(err, ERR_INTERNAL, "pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		become(r, argv, cwd, out[1], errs[1]);
	close(out[1]);
	close(errs[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(errs[0], F_SETFL, O_NONBLOCK);
	struct loop *l = server_loop(r->server);
	struct output o[2] = { { .fd = out[0], .to = &r->out }, { .fd = errs[0], .to = &r->err_out } };
	for (int i = 0; i < 2; i++)
		o[i].watch = loop_watch_fd(l, o[i].fd, on_output, &o[i]);
	int64_t until = clock_real_us() + real_ms * 1000;
	bool late = false;
	pid_t gone = 0;
	/* The loop goes on until the child has ended: it may still be a client of ours after closing its output. */
	while (!gone || !o[0].ended || !o[1].ended) {
		loop_turn(l, gone ? 0 : o[0].ended && o[1].ended ? 5 : 50);
		if (!gone && waitpid(pid, &status, WNOHANG) == pid)
			gone = pid;
		else if (gone) /* a grandchild may hold the pipes open: what is there now is the output */
			break;
		late = clock_real_us() > until;
		if (late)
			break;
	}
	if (late) {
		kill(-pid, SIGKILL);
		while (!gone && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	for (int i = 0; i < 2; i++) {
		if (!o[i].ended)
			on_output(&o[i]);
		loop_unwatch(o[i].watch);
		close(o[i].fd);
	}
	if (late)
		return err_set(err, ERR_TIMEOUT, "%s did not end within %lld ms", argv[0], (long long)real_ms);
	r->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}
