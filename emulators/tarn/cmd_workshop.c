/* tarn workshop: a stack for each student of a room, on one machine, and one for who teaches. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/fault.h"
#include "core/json.h"
#include "tarn/cmd.h"

enum { STUDENTS_MAX = 200, PORT = 20000, PORTS_EACH = 20 };
extern char **environ;

struct workshop {
	const char *dir, *stack, *bind, *clock;
	int64_t port;
	bool same, open, json;
};

/* Of each: the teacher's ports are the first ones. */
static const struct {
	const char *name;
	int at;
} ports[] = { { "control", 0 }, { "aws", 1 }, { "apigateway", 2 }, { "rest", 3 }, { "connect", 4 }, { "airflow", 5 }, { "rds", 6 }, { "kafka", 7 } };

/* ---- this program, run for one of the stacks ---- */

/* Runs it and waits; what it says is thrown away unless it fails. 0 or its exit code. */
static int run(char *const *argv)
{
	char said[] = "/tmp/tarn-workshop-XXXXXX", piece[4096];
	int fd = mkstemp(said), status = 0;
	pid_t pid;
	posix_spawn_file_actions_t a;
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_adddup2(&a, fd, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&a, fd, STDERR_FILENO);
	int rc = posix_spawn(&pid, "/proc/self/exe", &a, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&a);
	if (rc)
		rc = EXIT_FAILED;
	else if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		rc = EXIT_FAILED;
	else
		rc = WEXITSTATUS(status);
	ssize_t n = rc ? pread(fd, piece, sizeof(piece) - 1, 0) : 0;
	if (n > 0)
		fwrite(piece, 1, (size_t)n, stderr);
	close(fd);
	(void)unlink(said);
	return rc;
}

struct words {
	char *at[64];
	size_t n;
};

static void add(struct words *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add(struct words *w, const char *fmt, ...)
{
	va_list ap;
	char text[2 * PATH_MAX];
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->at[w->n++] = xstrdup(text);
	w->at[w->n] = NULL;
}

static int run_words(struct words *w)
{
	int rc = run(w->at);
	while (w->n)
		free(w->at[--w->n]);
	return rc;
}

/* ---- who there is ---- */

static char *file_of(const struct workshop *o)
{
	return xasprintf("%s/students.json", o->dir);
}

static json_t *read_students(const struct workshop *o)
{
	char *path = file_of(o);
	json_t *all = json_load_file(path, 0, NULL);
	if (!json_array_size(json_object_get(all, "students"))) {
		(void)cmd_fail(EXIT_START, "tarn workshop 12", "there is no workshop in %s", o->dir);
		json_decref(all);
		all = NULL;
	}
	free(path);
	return all;
}

static int write_students(const struct workshop *o, const json_t *all)
{
	char *path = file_of(o), *part = xasprintf("%s.new", path);
	int rc = json_dump_file(all, part, JSON_INDENT(1)) || rename(part, path) ? cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, strerror(errno)) : EXIT_OK;
	free(path);
	free(part);
	return rc;
}

static json_t *student(const struct workshop *o, int i)
{
	uint64_t id = faults_hash(1, S("workshop user"), (uint64_t)i);
	char user[13], number[12], named[256] = "127.0.0.1"; /* what others call this machine */
	const char *host = !o->bind || !strcmp(o->bind, "0.0.0.0") || !strcmp(o->bind, "::") ? "127.0.0.1" : o->bind;
	json_t *s = json_object(), *at = json_object();
	snprintf(user, sizeof(user), "%012llx", (unsigned long long)(id & 0xffffffffffffULL));
	snprintf(number, sizeof(number), "%02d", i);
	json_object_set_new(s, "id", json_string(i ? number : "teacher"));
	if (i && !o->same)
		json_object_set_new(s, "user", json_string(user));
	char *data = xasprintf("%s/%s", o->dir, i ? number : "teacher");
	json_object_set_new(s, "data", json_string(data));
	free(data);
	for (size_t p = 0; p < ARRAY_LEN(ports); p++)
		json_object_set_new(at, ports[p].name, json_integer(o->port + PORTS_EACH * i + ports[p].at));
	json_object_set_new(s, "ports", at);
	char *control = xasprintf("http://%s:%lld", host, (long long)(o->port + PORTS_EACH * i));
	json_object_set_new(s, "control", json_string(control));
	free(control);
	if (o->bind)
		(void)gethostname(named, sizeof(named) - 1);
	json_object_set_new(s, "host", json_string(o->bind && strcmp(host, "127.0.0.1") ? host : named));
	return s;
}

/* ---- starting ---- */

static int start_one(const struct workshop *o, const json_t *s)
{
	struct words w = { 0 };
	const char *name;
	json_t *port;
	add(&w, "tarn");
	add(&w, "up");
	if (o->stack)
		add(&w, "%s", o->stack);
	add(&w, "-d");
	add(&w, "--wait");
	add(&w, "--data");
	add(&w, "%s", jstr(s, "data"));
	if (jstr(s, "user"))
		add(&w, "--user=%s", jstr(s, "user"));
	if (o->bind)
		add(&w, "--bind=%s", o->bind);
	if (o->open)
		add(&w, "--open");
	if (o->clock)
		add(&w, "--clock=%s", o->clock);
	json_object_foreach(json_object_get(s, "ports"), name, port)
		add(&w, "--set=ports.%s=%lld", name, (long long)json_integer_value(port));
	if (!strcmp(jstr(s, "id"), "teacher"))
		add(&w, "--set=workshop.folder=%s", o->dir);
	return run_words(&w);
}

static bool runs(const json_t *s)
{
	struct buf out = { 0 };
	struct error err;
	int status = 0;
	bool up = !cmd_http(jstr(s, "control"), "GET", "/health", sl(NULL), NULL, &status, &out, &err) && status == 200;
	buf_free(&out);
	return up;
}

static void print_students(const json_t *all, bool state)
{
	const json_t *s;
	size_t i;
	json_array_foreach(json_object_get(all, "students"), i, s)
		printf("  %-8s %-14s console %-28s AWS port %lld%s\n", jstr(s, "id"), jstr(s, "user") ? jstr(s, "user") : "", jstr(s, "control"),
		       (long long)jint(json_object_get(s, "ports"), "aws"), !state ? "" : runs(s) ? "  runs" : "  doesn't run");
}

static int make_dir(struct workshop *o, char full[PATH_MAX])
{
	if ((mkdir(o->dir, 0777) && errno != EEXIST) || !realpath(o->dir, full))
		return cmd_fail(EXIT_FAILED, NULL, "%s: %s", o->dir, strerror(errno));
	o->dir = full;
	return EXIT_OK;
}

static int begin(struct workshop *o, int n)
{
	JSON_AUTO all = json_object();
	json_t *list = json_array(), *s;
	size_t i;
	int rc;
	json_object_set_new(all, "students", list);
	for (int k = 0; k <= n; k++)
		json_array_append_new(list, student(o, k));
	if ((rc = write_students(o, all)))
		return rc;
	json_array_foreach(list, i, s)
		if (!runs(s) && (rc = start_one(o, s)))
			return cmd_fail(rc, "tarn workshop stop", "the stack of %s did not start", jstr(s, "id"));
	if (cmd_is_json()) {
		char *text = json_dumps(all, JSON_COMPACT);
		cmd_json(sl(text));
		free(text);
		return EXIT_OK;
	}
	printf("%d students and their teacher, in %s\n", n, o->dir);
	print_students(all, false);
	printf("everybody's pipeline   %s/workshop\nsheets to hand out     tarn workshop sheet > sheet.html\n", jstr(json_array_get(list, 0), "control"));
	return EXIT_OK;
}

static int workshop_run(void *self, char **words, int n)
{
	struct workshop *o = self;
	char full[PATH_MAX];
	int64_t students;
	if (n != 1 || !sl_int(sl(words[0]), 1, STUDENTS_MAX, &students))
		return cmd_fail(EXIT_USAGE, "tarn workshop 12", "how many students, 1 to %d", STUDENTS_MAX);
	if (o->port + PORTS_EACH * (students + 1) > 65536)
		return cmd_fail(EXIT_USAGE, "tarn workshop 12 --port 20000", "there are no ports that high: %d a student", PORTS_EACH);
	int rc = make_dir(o, full);
	return rc ? rc : begin(o, (int)students);
}

/* ---- what is done to them ---- */

typedef int (*each_fn)(struct workshop *o, const json_t *s, void *arg);

/* Of one, or of all but the teacher. */
static int each(struct workshop *o, const char *who, each_fn fn, void *arg)
{
	JSON_AUTO all = read_students(o);
	const json_t *s;
	size_t i, n = 0;
	int rc = all ? EXIT_OK : EXIT_START;
	json_array_foreach(json_object_get(all, "students"), i, s) {
		bool meant = !strcmp(who, "all") ? i > 0 : !strcmp(who, jstr(s, "id"));
		if (!meant)
			continue;
		int one = fn(o, s, arg);
		rc = one ? one : rc;
		n++;
	}
	return !rc && !n ? cmd_fail(EXIT_USAGE, "tarn workshop ls", "there is no student %s", who) : rc;
}

static int reset_one(struct workshop *o, const json_t *s, void *arg)
{
	struct words w = { 0 };
	add(&w, "tarn");
	add(&w, "reset");
	add(&w, "--data");
	add(&w, "%s", jstr(s, "data"));
	int rc = run_words(&w);
	if (!rc)
		printf("%s: as in an empty folder\n", jstr(s, "id"));
	return rc;
}

static int stop_one(struct workshop *o, const json_t *s, void *arg)
{
	struct words w = { 0 };
	if (!runs(s))
		return EXIT_OK;
	add(&w, "tarn");
	add(&w, "down");
	add(&w, "--data");
	add(&w, "%s", jstr(s, "data"));
	return run_words(&w);
}

struct given {
	const char *name, *file;
};

static int snapshot(const char *data, const char *verb, const char *name, const char *file)
{
	struct words w = { 0 };
	add(&w, "tarn");
	add(&w, "snapshot");
	add(&w, "%s", verb);
	add(&w, "%s", name);
	if (file)
		add(&w, "%s", file);
	if (file)
		add(&w, "--over");
	add(&w, "--data");
	add(&w, "%s", data);
	return run_words(&w);
}

static int give_one(struct workshop *o, const json_t *s, void *arg)
{
	const struct given *g = arg;
	int rc = snapshot(jstr(s, "data"), "import", g->name, g->file);
	if (!rc)
		rc = snapshot(jstr(s, "data"), "restore", g->name, NULL);
	if (!rc)
		printf("%s: as %s was\n", jstr(s, "id"), g->name);
	return rc;
}

static int list(void *self, char **words, int n)
{
	JSON_AUTO all = read_students(self);
	if (all)
		print_students(all, true);
	return all ? EXIT_OK : EXIT_START;
}

static int reset(void *self, char **words, int n)
{
	return each(self, words[1], reset_one, NULL);
}

static int stop(void *self, char **words, int n)
{
	int rc = each(self, "all", stop_one, NULL), last = rc == EXIT_START ? rc : each(self, "teacher", stop_one, NULL);
	if (!rc && !last)
		puts("stopped; what they made is kept: tarn workshop N goes on with it");
	return rc ? rc : last;
}

/* The teacher's snapshot, for everybody. */
static int give(void *self, char **words, int n)
{
	struct workshop *o = self;
	char full[PATH_MAX];
	int rc = make_dir(o, full);
	char *file = xasprintf("%s/given.tarn-snapshot", o->dir), *data = xasprintf("%s/teacher", o->dir);
	struct given g = { words[1], file };
	if (!rc)
		rc = snapshot(data, "export", g.name, file);
	if (!rc)
		rc = each(o, "all", give_one, &g);
	(void)unlink(file);
	free(file);
	free(data);
	return rc;
}

/* What the teacher's stack is; NULL: it doesn't run. */
static json_t *read_stack(const json_t *all)
{
	struct buf out = { 0 };
	struct error err;
	int status;
	json_t *o = NULL;
	if (!cmd_http(jstr(json_array_get(json_object_get(all, "students"), 0), "control"), "GET", "/_tarn/stack", sl(NULL), NULL, &status, &out, &err))
		o = json_loadb(out.p, out.n, 0, NULL);
	buf_free(&out);
	return o;
}

/* A page a student, to be printed: where to go, what to type. */
static int sheet(void *self, char **words, int n)
{
	struct workshop *o = self;
	JSON_AUTO all = read_students(o);
	JSON_AUTO stack = all ? read_stack(all) : NULL;
	const json_t *s;
	size_t i;
	if (!all)
		return EXIT_START;
	puts("<!doctype html><html lang=en><meta charset=utf-8><title>tarn workshop</title><style>body{font:14pt/1.5 sans-serif;margin:2cm}section{page-break-after:always}"
	     "code,pre{font:12pt monospace}td{padding:.1em 1em .1em 0;vertical-align:top}</style>");
	json_array_foreach(json_object_get(all, "students"), i, s) {
		const json_t *p = json_object_get(s, "ports");
		const char *at = jstr(s, "host");
		if (!i)
			continue;
		printf("<section><h1>Student %s</h1><table>", jstr(s, "id"));
		printf("<tr><td>Your console<td><code>http://%s:%lld/</code>", at, (long long)jint(p, "control"));
		if (jstr(s, "user"))
			printf("<tr><td>Your user id<td><code>%s</code>", jstr(s, "user"));
		printf("<tr><td>AWS<td><code>AWS_ENDPOINT_URL=http://%s:%lld</code>", at, (long long)jint(p, "aws"));
		printf("<tr><td>API Gateway<td><code>http://%s:%lld/prod/</code>", at, (long long)jint(p, "apigateway"));
		printf("<tr><td>MySQL<td><code>mysql -h %s -P %lld -u student -p %s</code>", at, (long long)jint(p, "rds"), jstr(stack, "database") ? jstr(stack, "database") : "");
		printf("<tr><td>Kafka<td><code>%s:%lld</code>", at, (long long)jint(p, "kafka"));
		printf("<tr><td>Airflow<td><code>http://%s:%lld/</code></table>", at, (long long)jint(p, "airflow"));
		printf("<p>On this machine: <code>export TARN_DATA=%s; eval \"$(tarn env)\"</code></p>", jstr(s, "data"));
		printf("<ol><li>Send a record: <code>tarn emit %s --count 1</code><li>Find it: <code>tarn trace --random</code>, or the console's first page",
		       json_object_iter_key(json_object_iter(json_object_get(stack, "emit"))) ? json_object_iter_key(json_object_iter(json_object_get(stack, "emit"))) : "NAME");
		puts("<li>Clean and ask: <code>tarn clean &amp;&amp; tarn query all</code><li>Begin again: <code>tarn reset</code></ol></section>");
	}
	return EXIT_OK;
}

static const struct flag workshop_flags[] = {
	{ "dir", 0, FLAG_TEXT, offsetof(struct workshop, dir), "DIR", "where everybody's state is", "tarn-workshop" },
	{ "stack", 0, FLAG_TEXT, offsetof(struct workshop, stack), "STACK", "what each begins with; without it the default one" },
	{ "port", 0, FLAG_INT, offsetof(struct workshop, port), "N", "the teacher's console; each student has the next 20", "20000", 1024, 65535 },
	{ "bind", 0, FLAG_TEXT, offsetof(struct workshop, bind), "ADDRESS", "0.0.0.0: for students on other machines" },
	{ "open", 0, FLAG_ON, offsetof(struct workshop, open), NULL, "with --bind: whoever reaches a stack may run code on it" },
	{ "clock", 0, FLAG_TEXT, offsetof(struct workshop, clock), "TIME", "the emulated clock stands at TIME" },
	{ "same-user", 0, FLAG_ON, offsetof(struct workshop, same), NULL, "all have the stack's user id in place of one each" },
	{ "json", 0, FLAG_ON, offsetof(struct workshop, json), NULL, "the answer as JSON" },
	{ NULL },
};

static const struct action actions[] = {
	{ "ls", "", "who there is, and whether their stacks run", 0, 0, list },
	{ "reset", "ID|all", "as in an empty folder", 1, 1, reset },
	{ "give", "SNAPSHOT", "everybody's stack is as the teacher's snapshot", 1, 1, give },
	{ "sheet", "", "a page for each, as HTML, to be printed", 0, 0, sheet },
	{ "stop", "", "stops all; what they made is kept", 0, 0, stop },
	{ NULL },
};

const struct command command_workshop = {
	"workshop", "[N]", "A stack for each of N students on this machine, and a teacher's page with everybody's pipeline.", sizeof(struct workshop), workshop_run, .max = 1,
	.flags = { workshop_flags }, .actions = actions, .example = "tarn workshop 12",
	.more = "Each has a folder, a user id and ports of their own: 20 MB of memory a student. The teacher's page is /workshop of the teacher's console.\n"
		"What is given by a snapshot has the teacher's names: with --same-user these are everybody's.\n",
};
