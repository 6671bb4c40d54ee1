#include "stack/init.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/child.h"
#include "core/json.h"
#include "stack/endpoints.h"

enum { DEPTH_MAX = 8 };

struct script {
	enum init_stage stage;
	char *path;
	const char *state; /* as LocalStack calls it */
};
struct init {
	struct script *scripts;
	size_t n;
	bool completed[INIT_STAGES], ended; /* ended: the script that runs */
	size_t at;
};

static const char *const stage_names[INIT_STAGES] = { "BOOT", "START", "READY", "SHUTDOWN" };
static const char *const folders[INIT_STAGES] = { "boot.d", "start.d", "ready.d", "shutdown.d" };

/* ---- what is there ---- */

static bool ends(const char *name, const char *with)
{
	size_t n = strlen(name), k = strlen(with);
	return n > k && !strcmp(name + n - k, with);
}

static void add(struct init *i, enum init_stage stage, const char *dir, int depth)
{
	struct dirent **names = NULL;
	int n = depth < DEPTH_MAX ? scandir(dir, &names, NULL, alphasort) : -1;
	for (int pass = 0; pass < 2; pass++) /* files, then folders */
		for (int k = 0; k < n; k++) {
			struct stat st;
			char *path = xasprintf("%s/%s", dir, names[k]->d_name);
			bool is_dir = names[k]->d_name[0] != '.' && !stat(path, &st) && S_ISDIR(st.st_mode);
			if (pass && is_dir)
				add(i, stage, path, depth + 1);
			if (!pass && !is_dir && (ends(path, ".sh") || ends(path, ".py"))) {
				i->scripts = xrealloc(i->scripts, (i->n + 1) * sizeof(*i->scripts));
				i->scripts[i->n++] = (struct script){ stage, xstrdup(path), "UNKNOWN" };
			}
			free(path);
		}
	for (int k = 0; k < n; k++)
		free(names[k]);
	free(names);
}

struct init *init_new(const char *dir)
{
	struct init *i = xcalloc(1, sizeof(*i));
	for (int stage = 0; stage < INIT_STAGES; stage++) {
		char *path = xasprintf("%s/%s", dir, folders[stage]);
		add(i, (enum init_stage)stage, path, 0);
		free(path);
	}
	return i;
}

void init_free(struct init *i)
{
	if (!i)
		return;
	for (size_t k = 0; k < i->n; k++)
		free(i->scripts[k].path);
	free(i->scripts);
	free(i);
}

/* ---- running ---- */

static void failed(struct server *s, const struct script *script, const char *why)
{
	if (s)
		log_warn(server_env(s), "init-script-failed", "stage=%s script=%s %s", stage_names[script->stage], script->path, why);
	else
		fprintf(stderr, "tarn: init script %s: %s\n", script->path, why);
}

static void judge(struct server *s, struct script *script, int code)
{
	char why[48];
	script->state = code ? "ERROR" : "SUCCESSFUL";
	snprintf(why, sizeof(why), "code=%d", code);
	if (code)
		failed(s, script, why);
}

/* Before there is a loop. */
static void run_alone(struct script *script)
{
	int status = 0;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (ends(script->path, ".py"))
			execlp("python3", "python3", script->path, NULL);
		else
			execl(script->path, script->path, NULL);
		fprintf(stderr, "tarn: %s: %s\n", script->path, strerror(errno));
		_exit(126);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	judge(NULL, script, pid < 0 ? 126 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

struct run {
	struct init *i;
	struct server *s;
	struct script *script;
	bool ended;
};

static void on_end(void *arg, const struct child_result *r, const struct error *err)
{
	struct run *run = arg;
	run->ended = true;
	if (err) {
		run->script->state = "ERROR";
		failed(run->s, run->script, err->text);
		return;
	}
	fwrite(r->out.p, 1, r->out.n, stdout);
	fflush(stdout);
	fwrite(r->err_out.p, 1, r->err_out.n, stderr);
	judge(run->s, run->script, r->code);
}

static void run_beside(struct init *i, struct script *script, struct server *s, bool (*stop)(void))
{
	const char *argv[] = { script->path, NULL, NULL };
	struct run run = { .i = i, .s = s, .script = script };
	char **env = endpoints_list(s);
	if (ends(script->path, ".py")) {
		argv[0] = "python3";
		argv[1] = script->path;
	}
	struct child_opts o = { .argv = argv, .env = (const char *const *)env, .what = script->path };
	struct owed *owed = child_start(server_loop(s), &o, on_end, &run);
	while (!run.ended && !stop())
		loop_turn(server_loop(s), 1000);
	if (!run.ended) {
		owed_cancel(owed);
		script->state = "ERROR";
	}
	endpoints_list_free(env);
}

void init_run(struct init *i, enum init_stage stage, struct server *s, bool (*stop)(void))
{
	for (size_t k = 0; i && k < i->n; k++) {
		struct script *script = &i->scripts[k];
		if (script->stage != stage || (stop && stop()))
			continue;
		script->state = "RUNNING";
		if (s)
			run_beside(i, script, s, stop);
		else
			run_alone(script);
	}
	if (i)
		i->completed[stage] = true;
}

/* ---- the report ---- */

bool init_completed(const struct init *i, enum init_stage stage)
{
	return i ? i->completed[stage] : stage != INIT_SHUTDOWN;
}

static void add_scripts(const struct init *i, int stage, struct buf *out)
{
	jw_list(out, "scripts");
	for (size_t k = 0; i && k < i->n; k++) {
		const struct script *script = &i->scripts[k];
		if (stage >= 0 && (int)script->stage != stage)
			continue;
		jw_obj(out, NULL);
		jw_text(out, "stage", stage_names[script->stage]);
		jw_text(out, "name", strrchr(script->path, '/') + 1);
		jw_text(out, "state", script->state);
		jw_obj_end(out);
	}
	jw_list_end(out);
}

bool init_json(const struct init *i, struct slice stage, struct buf *out)
{
	int only = -1;
	for (int k = 0; k < INIT_STAGES; k++)
		if (sl_eq_nocase(stage, sl(stage_names[k])))
			only = k;
	if (stage.p && only < 0)
		return false;
	jw_obj(out, NULL);
	if (only >= 0) {
		jw_bool(out, "completed", init_completed(i, (enum init_stage)only));
	} else {
		jw_obj(out, "completed");
		for (int k = 0; k < INIT_STAGES; k++)
			jw_bool(out, stage_names[k], init_completed(i, (enum init_stage)k));
		jw_obj_end(out);
	}
	add_scripts(i, only, out);
	jw_obj_end(out);
	return true;
}
