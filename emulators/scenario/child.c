#include "scenario/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front/way.h"
#include "stack/endpoints.h"

enum { LEAD_WORDS = 6 };

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
	if (r->away) {
		away_export(r->away);
		setenv("TARN_ENDPOINTS", r->endpoints_file, 1);
	} else {
		endpoints_export(r->server, r->endpoints_file);
	}
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

/* ---- statements ---- */

/* emit WHAT [count=N] [rate=R] [via=V] ...: the same program a user runs, as a child. */
int run_emit(struct runner *r, const struct statement *st, struct error *err)
{
	char *argv[2 * WORDS_MAX + 8];
	const char *self = NULL;
	size_t n = 0;
	int rc = runner_self(r, &self, err);
	if (rc)
		return rc;
	argv[n++] = (char *)self;
	argv[n++] = (char *)"emit";
	for (size_t i = 0; i < st->word_n; i++) {
		const char *text = runner_expand(r, st->words[i].text, err);
		if (!text)
			return ERR_INVALID;
		if (st->words[i].key)
			argv[n++] = (char *)arena_printf(&r->arena, "--%s", st->words[i].key).p;
		argv[n++] = (char *)text;
	}
	argv[n] = NULL;
	if ((rc = child_run(r, argv, NULL, r->sc->timeout_ms, err)))
		return rc;
	if (r->exit_code)
		return err_set(err, ERR_INVALID, "emit ended with %d: %.*s", r->exit_code,
			       (int)(r->err_out.n > 500 ? 500 : r->err_out.n), r->err_out.p ? r->err_out.p : "");
	return 0;
}

/* The words before a program that lead names of AWS to this stack: tarn exec --attach. None before tarn itself, and where no way works. */
static size_t lead_words(struct runner *r, const char *program, char **argv)
{
	const char *self;
	struct error err;
	if (!r->leads)
		r->leads = way_choose(false, NULL) ? 1 : -1;
	if (r->away && !r->away->data)
		r->leads = -1; /* nobody knows its door */
	if (r->leads < 0 || runner_self(r, &self, &err) || !strcmp(program, self))
		return 0;
	char *const words[] = { (char *)self, (char *)"exec", (char *)"--data", (char *)(uintptr_t)(r->away ? r->away->data : r->dir), (char *)"--attach", (char *)"--" };
	memcpy(argv, words, sizeof(words));
	return ARRAY_LEN(words);
}

/* Whether the step looks at the exit code before it runs another program. */
static bool exit_is_expected(const struct runner *r, const struct statement *st)
{
	const struct scenario *sc = r->sc;
	size_t at = (size_t)(st - sc->statements), end = 0;
	for (size_t i = 0; i < sc->step_n; i++)
		if (sc->steps[i].first <= at)
			end = sc->steps[i].first + sc->steps[i].n;
	for (size_t i = at + 1; i < end && strcmp(sc->statements[i].verb, "exec"); i++)
		if (!strcmp(sc->statements[i].verb, "expect") && sc->statements[i].word_n && !strcmp(sc->statements[i].words[0].text, "exit"))
			return true;
	return false;
}

struct slice child_tail(const struct runner *r)
{
	enum { TAIL = 1000 };
	struct slice all = sl_trim(buf_slice(&r->err_out)), tail = sl_from(all, all.n > TAIL ? all.n - TAIL : 0);
	ssize_t line = tail.n < all.n ? sl_chr(tail, '\n') : -1;
	return line < 0 ? tail : sl_from(tail, (size_t)line + 1);
}

/* exec [within=30s] [into=NAME] CMD ARGS...: runs in the scenario's folder, as tarn exec does; its exit code is for `expect exit`, JSON that
 * it prints for `expect json`. */
int run_exec(struct runner *r, const struct statement *st, struct error *err)
{
	char *argv[WORDS_MAX + LEAD_WORDS + 1];
	size_t n = 0, lead = 0;
	int64_t ms = r->sc->timeout_ms;
	const char *within = statement_option(st, "within"), *into = statement_option(st, "into");
	if (within && !clock_parse_duration(sl(within), &ms))
		return err_set(err, ERR_INVALID, "within=%s is not a duration", within);
	for (size_t i = 0; i < st->word_n; i++) {
		const struct word *w = &st->words[i];
		if (!n && w->key && (!strcmp(w->key, "within") || !strcmp(w->key, "into")))
			continue;
		const char *text = runner_expand(r, w->key ? arena_printf(&r->arena, "%s=%s", w->key, w->text).p : w->text, err);
		if (!text)
			return ERR_INVALID;
		if (!n)
			n = lead = lead_words(r, text, argv);
		argv[n++] = (char *)text;
	}
	argv[n] = NULL;
	if (n == lead)
		return err_set(err, ERR_INVALID, "exec wants a command");
	char *slash = strrchr(r->sc->file, '/');
	char *cwd = slash ? arena_cstr(&r->arena, sl_of(r->sc->file, (size_t)(slash - r->sc->file))) : NULL;
	int rc = child_run(r, argv, cwd, ms, err);
	if (rc)
		return rc;
	buf_reset(&r->body);
	buf_addsl(&r->body, buf_slice(&r->out));
	if (into)
		runner_set(r, into, arena_cstr(&r->arena, sl_trim(buf_slice(&r->out))));
	if (r->exit_code && !exit_is_expected(r, st))
		return err_set(err, ERR_INVALID, "%s ended with %d; where that is right: expect exit == %d", argv[lead], r->exit_code, r->exit_code);
	return 0;
}
