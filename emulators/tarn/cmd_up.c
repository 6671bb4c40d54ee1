/* tarn up: the stack in the foreground, or with -d in the background. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/wake.h"
#include "stack/endpoints.h"
#include "stack/init.h"
#include "tarn/cmd.h"
#include "tarn/habits.h"
#include "tarn/launch.h"

enum { END_SECONDS = 4, CUT_MAX = 64 };

static volatile sig_atomic_t signals;
static struct wake waker = { -1, -1 }; /* the loop watches it, so that a signal ends its wait */
static struct server *served;
/* Of an end that comes at once: what was in flight in words, and the processes. Filled while the loop turns, or when it is held. */
static struct {
	volatile sig_atomic_t filled;
	char words[4096];
	size_t n;
	pid_t pids[CUT_MAX];
	size_t pid_n;
} cut;

static void fill_cut(void)
{
	const struct loop_work *w;
	struct buf b = { .max = sizeof(cut.words) };
	if (!served || cut.filled)
		return;
	for (size_t i = 0; i < CUT_MAX && (w = loop_work_at(server_loop(served), i)); i++) {
		buf_adds(&b, "tarn: cut: ");
		w->say(w, &b);
		buf_addc(&b, '\n');
		if (w->pid)
			cut.pids[cut.pid_n++] = w->pid;
	}
	cut.n = b.n;
	memcpy(cut.words, buf_slice(&b).p, b.n);
	buf_free(&b);
	cut.filled = 1;
}

static void end_at_once(int code)
{
	static const char held[] = "tarn: cut: the loop, which something held\n";
	ssize_t said = cut.filled ? write(STDERR_FILENO, cut.words, cut.n) : write(STDERR_FILENO, held, sizeof(held) - 1);
	const struct loop_work *w;
	for (size_t i = 0; i < cut.pid_n; i++)
		kill(-cut.pids[i], SIGKILL);
	for (size_t i = 0; !cut.filled && served && (w = loop_work_at(server_loop(served), i)); i++)
		if (w->pid)
			kill(-w->pid, SIGKILL);
	_exit(said < 0 ? EXIT_START : code);
}

/* What is committed is safe whenever it ends. */
static void on_alarm(int n)
{
	end_at_once(EXIT_TIMEOUT);
}

static void on_signal(int n)
{
	if (++signals > 1 || write(waker.in, "", 1) != 1)
		end_at_once(EXIT_INTERRUPTED);
	alarm(END_SECONDS);
}

static void on_wake(void *arg)
{
	wake_take(&waker);
}

/* From here on a signal ends what runs. */
static struct loop_watch *watch_signals(struct server *s)
{
	struct sigaction sa = { .sa_handler = on_signal }, late = { .sa_handler = on_alarm };
	struct error err;
	if (wake_open(&waker, &err))
		log_error(server_env(s), "signals", "error=\"%s\"", err.text); /* one ends it at once then */
	served = s;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGALRM, &late, NULL);
	return waker.out < 0 ? NULL : loop_watch_fd(server_loop(s), waker.out, on_wake, NULL);
}

static bool is_ending(void)
{
	return signals || server_stopping(served);
}

static bool is_late(void)
{
	return signals > 1;
}

static void serve(struct server *s, struct init *init, struct loop_watch *wake)
{
	while (!is_ending())
		loop_turn(server_loop(s), 1000);
	alarm(END_SECONDS);
	init_run(init, INIT_SHUTDOWN, s, is_late);
	fill_cut();
	served = NULL;
	loop_unwatch(wake);
}

/* The terminal is the parent's again; what is said from here on is in the log. */
static int leave_terminal(struct launch *l, int ready_fd)
{
	char yes = 'y';
	int rc = write(ready_fd, &yes, 1) == 1 ? EXIT_OK : EXIT_START, null = open("/dev/null", O_RDWR);
	close(ready_fd);
	dup2(null, STDIN_FILENO);
	dup2(l->opts.log_fd, STDOUT_FILENO);
	dup2(l->opts.log_fd, STDERR_FILENO);
	close(null);
	return rc;
}

static int foreground(struct launch *l, int ready_fd)
{
	struct server *s;
	struct error err;
	struct init *init = l->init ? init_new(l->init) : NULL;
	init_run(init, INIT_BOOT, NULL, NULL);
	int64_t began = clock_real_us();
	int rc = launch_open(l, &s);
	if (rc) {
		init_free(init);
		return rc;
	}
	server_set_init(s, init);
	if (endpoints_write(s, l->opts.data, l->endpoints_file, &err)) {
		rc = cmd_fail(EXIT_START, NULL, "%s", err.text);
	} else {
		struct loop_watch *watch = watch_signals(s);
		launch_banner(l, s, (clock_real_us() - began) / 1000);
		init_run(init, INIT_START, s, is_ending);
		init_run(init, INIT_READY, s, is_ending);
		if (!is_ending())
			puts("Ready."); /* the line that Testcontainers' modules of LocalStack wait for */
		fflush(stdout);
		if (ready_fd >= 0)
			rc = leave_terminal(l, ready_fd);
		if (!rc)
			serve(s, init, watch);
	}
	if (ready_fd < 0 && !rc)
		fprintf(stderr, "tarn: stopped\n");
	endpoints_remove(l->opts.data);
	server_close(s);
	init_free(init);
	return rc;
}

static int background(struct launch *l)
{
	int fds[2];
	char *path = xasprintf("%s/tarn.log", l->opts.data);
	if ((mkdir(l->opts.data, 0777) && errno != EEXIST) || pipe2(fds, O_CLOEXEC))
		return cmd_fail(EXIT_START, NULL, "%s: %s", l->opts.data, strerror(errno));
	int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	l->opts.log_file = path;
	if (log < 0)
		return cmd_fail(EXIT_START, NULL, "%s/tarn.log: %s", l->opts.data, strerror(errno));
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		setsid();
		l->opts.log_fd = log;
		int rc = foreground(l, fds[1]);
		_exit(rc);
	}
	free(path); /* the child has its own */
	close(fds[1]);
	close(log);
	char yes;
	if (pid > 0 && read(fds[0], &yes, 1) == 1)
		return EXIT_OK;
	int status = 0;
	if (pid > 0)
		waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_START;
}

static int up_run(void *self, char **words, int n)
{
	struct launch *l = self;
	int rc = l->localstack ? habits_take(l) : EXIT_OK;
	if (rc)
		return rc;
	launch_stack(l, n ? words[0] : NULL);
	l->opts.data = cmd_data(l->data);
	l->opts.auto_ports = l->ports;
	return l->background ? background(l) : foreground(l, -1);
}

static const struct flag up_flags[] = {
	{ "background", 'd', FLAG_ON, offsetof(struct launch, background), NULL, "in the background; its log is tarn.log of the state folder" },
	{ "wait", 0, FLAG_ON, offsetof(struct launch, wait), NULL, "returns when everything answers, as -d always does" },
	{ "ports", 0, FLAG_WORD, offsetof(struct launch, ports), "usual|auto", "auto: takes free ones", "usual" },
	{ "dns", 0, FLAG_INT, offsetof(struct launch, opts.dns_port), "PORT", "answers there, UDP and TCP, for names of AWS with the address it is asked at: tarn help exec", NULL, 1, 65535 },
	{ "init", 0, FLAG_TEXT, offsetof(struct launch, init), "DIR", "runs the scripts of DIR/{boot,start,ready,shutdown}.d: tarn help localstack" },
	{ "localstack", 0, FLAG_ON, offsetof(struct launch, localstack), NULL, "reads SERVICES, DEBUG, PERSISTENCE and the like: tarn help localstack" },
	{ "endpoints-file", 0, FLAG_TEXT, offsetof(struct launch, endpoints_file), "FILE", "writes the addresses there as one JSON object" },
	{ NULL },
};

const struct command command_up = {
	"up", "[STACK]", "Starts the stack: in the foreground, or with -d in the background.", sizeof(struct launch), up_run, .max = 1,
	.flags = { data_flags, launch_flags, up_flags }, .example = "tarn up -d --only rds,kafka --set ports.rds=3307",
};
