/* tarn exec -- CMD: a stack on free ports for the time of one command. */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stack/endpoints.h"
#include "tarn/cmd.h"
#include "tarn/launch.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int n)
{
	interrupted = n;
}

/* Serves until the child ends; its exit code, shell style. */
static int serve_child(struct server *s, pid_t pid)
{
	int status;
	for (;;) {
		pid_t done = waitpid(pid, &status, WNOHANG);
		if (done == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (done < 0 && errno != EINTR)
			return EXIT_FAILED;
		if (interrupted) {
			kill(pid, interrupted);
			interrupted = 0;
		}
		loop_turn(server_loop(s), 10);
	}
}

static int exec_run(void *self, char **words, int n)
{
	struct launch *l = self;
	struct server *s;
	struct error err;
	int at = n && strcmp(words[0], "--") ? 1 : 0;
	launch_stack(l, at ? words[0] : NULL);
	if (at + 1 >= n || strcmp(words[at], "--"))
		return cmd_fail(EXIT_USAGE, "tarn exec -- python3 test.py", "no command to run");
	words[n] = NULL;
	words += at + 1;
	l->opts.data = l->data;
	l->opts.auto_ports = true;
	int rc = launch_open(l, &s);
	if (rc)
		return rc;
	struct sigaction sa = { .sa_handler = on_signal };
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	char file[] = "/tmp/tarn-endpoints-XXXXXX";
	int fd = mkstemp(file);
	if (fd >= 0) {
		close(fd);
		if (endpoints_write(s, l->opts.data, file, &err))
			rc = cmd_fail(EXIT_START, NULL, "%s", err.text);
	}
	pid_t pid = rc ? -1 : fork();
	if (pid == 0) {
		endpoints_export(s, file);
		signal(SIGPIPE, SIG_DFL);
		execvp(words[0], words);
		fprintf(stderr, "tarn: %s: %s\n", words[0], strerror(errno));
		_exit(127);
	}
	rc = pid < 0 ? EXIT_START : serve_child(s, pid);
	(void)unlink(file);
	if (l->opts.data)
		endpoints_remove(l->opts.data);
	server_close(s);
	return rc;
}

const struct command command_exec = {
	"exec", "[STACK] -- CMD...", "Starts a stack on free ports, runs CMD with its environment, stops; CMD's exit code.",
	sizeof(struct launch), exec_run, .max = -1, .program = true, .flags = { data_flags, launch_flags },
	.example = "tarn exec -- python3 test.py",
};
