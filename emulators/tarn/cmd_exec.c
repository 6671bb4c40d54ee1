/* tarn exec -- PROGRAM: a program as it is, with a stack where it looks for AWS. */
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front/parent.h"
#include "front/relay.h"
#include "front/way.h"
#include "tarn/cmd.h"
#include "tarn/keeper.h"
#include "tarn/launch.h"

struct exec {
	struct launch l; /* first: --data */
	const char *stack, *way;
	bool attach, how, net;
	const char *relays[RELAYS_MAX + 1], *over[RELAYS_MAX + 1];
	size_t relay_n, over_n;
};

/* ---- the program's environment ---- */

/* What a program that reads the addresses itself finds in its environment; the user's own words stay. */
static bool is_wanted(const struct door_answer *a, bool led, const char *name)
{
	static const char *const keys[] = { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN" };
	static const char *const regions[] = { "AWS_REGION", "AWS_DEFAULT_REGION" };
	if (!strncmp(name, "TARN_", 5))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!strcmp(name, keys[i]))
			return a->auth;
	for (size_t i = 0; i < ARRAY_LEN(regions); i++)
		if (!strcmp(name, regions[i]))
			return !getenv("AWS_REGION") && !getenv("AWS_DEFAULT_REGION") && !getenv("AWS_PROFILE") && !getenv("AWS_CONFIG_FILE");
	if (!strncmp(name, "AWS_", 4) && (led || strcmp(name, "AWS_ENDPOINT_URL")))
		return false; /* names lead here: nothing needs to be said otherwise */
	if (!strcmp(name, "MYSQL_TCP_PORT"))
		return false; /* MySQL's clients take it for every host that they are told without a port */
	return strcasecmp(name, "NO_PROXY") && !getenv(name);
}

static void set_environment(const struct door_answer *a, bool led, const char *dir)
{
	char *file = xasprintf("%s/endpoints.json", dir);
	bool *wanted;
	size_t n = 0;
	while (a->env && a->env[n])
		n++;
	wanted = xcalloc(n + 1, sizeof(*wanted));
	for (int pass = 0; pass < 2; pass++) { /* what is asked of the environment is asked before it is changed */
		for (size_t i = 0; i < n; i++) {
			char *equals = strchr(a->env[i], '=');
			*equals = '\0';
			if (!pass)
				wanted[i] = is_wanted(a, led, a->env[i]);
			else if (wanted[i])
				setenv(a->env[i], equals + 1, 1);
			*equals = '=';
		}
	}
	if (!access(file, R_OK))
		setenv("TARN_ENDPOINTS", file, 1);
	free(wanted);
	free(file);
}

/* ---- the ways ---- */

static const struct way *choose(const struct exec *o, struct buf *how)
{
	if (!o->way)
		return way_choose(o->net, how);
	for (size_t i = 0; ways[i]; i++)
		if (!strcmp(ways[i]->name, o->way))
			return ways[i];
	return NULL;
}

static int show_how(const struct exec *o)
{
	struct buf how = { 0 };
	const struct way *w = way_choose(o->net, &how);
	for (size_t i = 0; ways[i]; i++)
		printf("%-10s %s\n%-10s doesn't reach: %s\n", ways[i]->name, ways[i]->doc, "", ways[i]->cant);
	printf("\n%s", buf_cstr(&how));
	buf_free(&how);
	return w ? EXIT_OK : cmd_fail(EXIT_FAILED, "tarn help exec", "none of the ways works here: names of AWS can't lead to the stack");
}

/* Ends as the program did, by the same signal if it was one. */
static int end_as(int status)
{
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

/* Without any way the program has the environment only. */
_Noreturn static void run_plain(struct exec_plan *p)
{
	cmd_warn("names of AWS don't lead to the stack here: tarn exec --how says why");
	setenv("AWS_ACCESS_KEY_ID", "test", 0);
	setenv("AWS_SECRET_ACCESS_KEY", "test", 0);
	close(p->channel);
	signal(SIGPIPE, SIG_DFL);
	parent_exec(p->argv);
}

static int run_program(struct exec *o, const struct way *w, struct exec_plan *p)
{
	struct error err;
	int status = 0;
	if (door_read(p->channel, &p->answer, &err))
		return cmd_fail(EXIT_START, NULL, "%s", err.text);
	int refused = p->answer.status;
	if (refused) {
		door_answer_free(&p->answer);
		return refused;
	}
	set_environment(&p->answer, w != NULL, p->dir);
	if (!w)
		run_plain(p);
	int rc = w->run(p, &status);
	door_answer_free(&p->answer);
	return rc ? rc : end_as(status);
}

/* ---- the stack ---- */

static int open_channel(struct exec *o, const char *dir, int relay, int *channel)
{
	struct keeper k = { .l = o->attach ? NULL : &o->l, .dir = dir, .channel = -1, .relay = relay };
	struct error err;
	int ends[2];
	if (o->attach) {
		if (door_connect(cmd_data(o->l.data), channel, &err))
			return cmd_fail(EXIT_START, "tarn up -d --wait", "%s", err.text);
		if (o->l.adopt != 2 && door_adopt(*channel, &err))
			return cmd_fail(EXIT_START, NULL, "%s", err.text);
		k.program = *channel;
		return keeper_start(&k);
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return cmd_fail(EXIT_START, NULL, "socketpair: %m");
	k.channel = ends[1];
	k.program = ends[0];
	int rc = keeper_start(&k);
	close(ends[1]);
	*channel = ends[0];
	return rc;
}

/* Whoever has a stack that runs may well mean that one. */
static void say_another_runs(const struct exec *o)
{
	struct error err;
	int channel;
	if (o->attach || o->l.data || getenv("TARN_ENDPOINTS") || door_connect(cmd_data(NULL), &channel, &err))
		return;
	close(channel);
	cmd_warn("this is a stack of its own, in memory; the one that runs with %s is used by --attach", cmd_data(NULL));
}

static int exec_run(void *self, char **words, int n)
{
	struct exec *o = self;
	int at = n && strcmp(words[0], "--") ? 1 : 0;
	if (o->how)
		return show_how(o);
	if (at + 1 >= n || strcmp(words[at], "--"))
		return cmd_fail(EXIT_USAGE, "tarn exec -- python3 test.py", "no command to run");
	if (at && o->stack)
		return cmd_fail(EXIT_USAGE, NULL, "--stack or a word for it, one of them");
	if (o->attach && (at || o->stack || o->l.opts.set_n || o->l.opts.only || *o->l.user))
		return cmd_fail(EXIT_USAGE, NULL, "--attach takes the stack as it runs: no stack, --set, --user or --only beside it");
	launch_stack(&o->l, at ? words[0] : o->stack);
	o->l.opts.data = o->l.data;
	o->l.opts.auto_ports = o->l.opts.brief = true;
	o->l.opts.adopt = true;
	words[n] = NULL;
	const struct way *w = choose(o, NULL);
	if (!w && (o->way || o->net || o->relay_n))
		return cmd_fail(EXIT_START, "tarn exec --how", o->way ? "there is no way %s" : "no way works here that keeps the net", o->way);
	say_another_runs(o);
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/tarn-exec-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	struct exec_plan p = { .argv = words + at + 1, .relay_channel = -1, .dir = dir, .net = o->net, .ca_over = o->over_n ? o->over : NULL, .relay = o->relay_n ? o->relays : NULL };
	struct error err;
	if (o->relay_n && w && !w->keeps_net && relay_start(&p.relay_channel, &err))
		return cmd_fail(EXIT_START, NULL, "%s", err.text);
	int rc = mkdtemp(dir) ? open_channel(o, dir, p.relay_channel, &p.channel) : cmd_fail(EXIT_START, NULL, "%s: %m", dir);
	if (rc)
		(void)rmdir(dir);
	else
		rc = run_program(o, w, &p);
	free(dir);
	return rc;
}

/* ---- flags ---- */

static bool take_net(void *self, const char *value)
{
	struct exec *o = self;
	if (!value)
		o->net = true;
	else if (o->relay_n < RELAYS_MAX && strchr(value, ':'))
		o->relays[o->relay_n++] = value;
	else
		return false;
	return true;
}

static bool take_over(void *self, const char *value)
{
	struct exec *o = self;
	if (o->over_n == RELAYS_MAX)
		return false;
	o->over[o->over_n++] = value;
	return true;
}

static const struct flag flags[] = {
	{ "stack", 0, FLAG_TEXT, offsetof(struct exec, stack), "STACK", "the stack to start: a folder, or a built-in one" },
	{ "attach", 0, FLAG_ON, offsetof(struct exec, attach), NULL, "uses the stack that runs with the state folder" },
	{ "net", 0, FLAG_MAY, 0, "[=HOST:PORT]", "everything else may be reached, too; with a value, only that", .take = take_net },
	{ "how", 0, FLAG_ON, offsetof(struct exec, how), NULL, "tries the ways by which names can lead here, and says which is taken and why" },
	{ "way", 0, FLAG_TEXT, offsetof(struct exec, way), "NAME", "this way and no other: a name that --how shows" },
	{ "ca-over", 0, FLAG_OWN, 0, "FILE", "a file of authorities that the program names itself: it reads ours there, too", .take = take_over },
	{ NULL },
};

const struct command command_exec = {
	"exec", "[STACK] -- PROGRAM...", "Runs a program as it is, with names of AWS leading to a stack of its own; exit code and signals are the program's.",
	sizeof(struct exec), exec_run, .max = -1, .program = true, .flags = { data_flags, flags, launch_flags },
	.example = "tarn exec -- python3 script.py",
};
