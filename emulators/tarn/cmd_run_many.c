/* tarn run -j N: scenarios as processes of their own. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tarn/runs.h"

extern char **environ;

struct child {
	pid_t pid;      /* 0: not begun, -1: ended */
	int code;
	char *out, *junit; /* files of what it printed */
};

static int begin(struct runs *r, struct child *c, const char *file)
{
	const char *argv[32] = { "tarn", "run", file, "--junit", c->junit };
	posix_spawn_file_actions_t a;
	size_t n = 5;
	for (size_t i = 0; r->more[i] && n < ARRAY_LEN(argv) - 1; i++)
		argv[n++] = r->more[i];
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_addopen(&a, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&a, STDOUT_FILENO, c->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int rc = posix_spawn(&c->pid, "/proc/self/exe", &a, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&a);
	return rc ? cmd_fail(EXIT_FAILED, NULL, "%s: %s", file, strerror(rc)) : EXIT_OK;
}

static void end_one(struct child *all, size_t n)
{
	int status;
	pid_t pid = wait(&status);
	for (size_t i = 0; i < n; i++) {
		if (all[i].pid != pid)
			continue;
		all[i].pid = -1;
		all[i].code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
	}
}

/* "not ok 3 - TITLE" becomes a point of the whole. */
static void print_line(struct runs *r, const char *line)
{
	const char *title = strstr(line, " - ");
	bool bad = !strncmp(line, "not ok ", 7), good = !strncmp(line, "ok ", 3);
	if (!strncmp(line, "TAP version", 11) || !strncmp(line, "1..", 3))
		return;
	if ((good || bad) && title) {
		*(bad ? &r->failed : &r->passed) += 1;
		printf("%s %d%s", bad ? "not ok" : "ok", r->passed + r->failed, title);
	} else {
		fputs(line, stdout);
	}
}

static void print_child(struct runs *r, const struct child *c)
{
	char *line = NULL;
	size_t room = 0;
	bool in = false;
	FILE *f = fopen(c->out, "re");
	while (f && getline(&line, &room, f) > 0)
		print_line(r, line);
	if (f)
		fclose(f);
	f = fopen(c->junit, "re");
	while (f && getline(&line, &room, f) > 0) {
		in |= strstr(line, "<testsuite ") != NULL;
		if (in)
			buf_adds(r->junit, line);
		in &= strstr(line, "</testsuite>") == NULL;
	}
	if (f)
		fclose(f);
	free(line);
	fflush(stdout);
}

int runs_many(struct runs *r)
{
	char folder[] = "/tmp/tarn-runs-XXXXXX";
	struct child *all = xcalloc(r->n, sizeof(*all));
	size_t begun = 0, printed = 0, running = 0;
	int code = mkdtemp(folder) ? EXIT_OK : cmd_fail(EXIT_FAILED, NULL, "%s: %s", folder, strerror(errno));
	while (!code && printed < r->n) {
		for (; !code && begun < r->n && running < (size_t)r->jobs; begun++, running++) {
			all[begun].out = xasprintf("%s/%zu", folder, begun);
			all[begun].junit = xasprintf("%s/%zu.xml", folder, begun);
			code = begin(r, &all[begun], r->files[begun]);
		}
		for (; printed < begun && all[printed].pid < 0; printed++)
			print_child(r, &all[printed]);
		if (running && printed < r->n) {
			end_one(all, begun);
			running = 0;
			for (size_t i = 0; i < begun; i++)
				running += all[i].pid > 0;
		}
	}
	for (size_t i = 0; i < begun; i++) {
		if (all[i].code > EXIT_FAILED && all[i].code > code)
			code = all[i].code;
		(void)unlink(all[i].out);
		(void)unlink(all[i].junit);
		free(all[i].out);
		free(all[i].junit);
	}
	(void)rmdir(folder);
	free(all);
	return code;
}
