/* tarn init: a built-in stack's files as a folder of one's own. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"
#include "core/stack.h"
#include "stack/settings.h"
#include "tarn/cmd.h"
#include "tarn/kits.h"

struct init {
	const char *user, *from;
	bool json, github, gitlab;
	const char *dir;
	struct stack_files *files;
	struct conf *conf;
	size_t n; /* files written */
};

/* What the program has for itself in the default stack. */
static bool is_own(const char *path)
{
	return !strcmp(path, "airflow/reader.py");
}

static const char *file_at(const struct init *o, size_t *i)
{
	const char *path;
	while ((path = stack_list(o->files, "", (*i)++)) && is_own(path))
		;
	return path;
}

/* Nothing is written where one of them is there. */
static int check_free(const struct init *o)
{
	const char *path;
	int rc = 0;
	for (size_t i = 0; !rc && (path = file_at(o, &i));) {
		char *full = xasprintf("%s/%s", o->dir, path);
		if (!access(full, F_OK))
			rc = cmd_fail(EXIT_CONFLICT, "tarn init ANOTHER-FOLDER", "%s is there already, and isn't overwritten", full);
		free(full);
	}
	return rc;
}

static int make_folders(const char *path)
{
	char *part = xstrdup(path);
	int rc = 0;
	for (char *p = part + 1; !rc && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0777) && errno != EEXIST)
			rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", part, strerror(errno));
		*p = '/';
	}
	free(part);
	return rc;
}

/* Above the stack's own comments: what the folder is, and where to read on. */
static void add_head(const struct init *o, struct buf *b)
{
	buf_addf(b, "# A stack of your own, from tarn's %s: tarn up %s starts it.\n"
		    "# [section]s with key = value lines; every setting, its values and what is without it: tarn help settings.\n"
		    "# [stack] user stands in the names of topics, streams, buckets, connectors and DAGs; another one there, or\n"
		    "# tarn up --user ID, moves them all. Files: tarn help stack, tarn help datasets.\n\n",
		 stack_name(o->files), o->dir);
}

static int write_bytes(const char *full, struct slice text)
{
	int rc = 0, fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n)
		rc = cmd_fail(EXIT_FAILED, NULL, "%s: %s", full, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

static int write_file(struct init *o, const char *path)
{
	struct buf b = { 0 };
	struct error err;
	char *text, *full = xasprintf("%s/%s", o->dir, path);
	size_t n;
	int rc = make_folders(full);
	if (!rc && stack_read(o->files, path, &text, &n, &err))
		rc = cmd_fail(EXIT_FAILED, NULL, "%s", err.text);
	if (rc) {
		free(full);
		return rc;
	}
	if (!strcmp(path, "stack.conf"))
		add_head(o, &b);
	buf_add(&b, text, n);
	rc = write_bytes(full, buf_slice(&b));
	o->n += !rc;
	buf_free(&b);
	free(text);
	free(full);
	return rc;
}

static int write_embedded(const char *path, const struct embedded *f)
{
	struct buf text = { 0 };
	embedded_add(f, &text);
	int rc = write_bytes(path, buf_slice(&text));
	buf_free(&text);
	return rc;
}

/* Workflows: the files of a kit, below the folder. */
static int write_kit(struct init *o, const char *kit)
{
	size_t skip = strlen(kit);
	int rc = 0;
	for (const struct embedded *f = kits_files_embedded; !rc && f->path; f++) {
		if (strncmp(f->path, kit, skip))
			continue;
		char *full = xasprintf("%s/%s", o->dir, f->path + skip);
		rc = !access(full, F_OK) ? cmd_fail(EXIT_CONFLICT, NULL, "%s is there already, and isn't overwritten", full) : make_folders(full);
		if (!rc)
			rc = write_embedded(full, f);
		if (!rc && !cmd_is_json())
			puts(full);
		o->n += !rc;
		free(full);
	}
	return rc;
}

static int write_kits(struct init *o)
{
	int rc = o->github ? write_kit(o, "github/") : 0;
	if (!rc && o->gitlab)
		rc = write_kit(o, "gitlab/");
	if (!rc && cmd_is_json())
		cmd_json(S("{}"));
	return rc;
}

static int open_stack(struct init *o)
{
	struct error err;
	int rc = stack_open(o->from, &o->files, &err);
	o->conf = conf_new();
	if (!rc)
		rc = stack_conf(o->files, o->conf, &err);
	if (!rc && o->user)
		conf_set(o->conf, "stack", "user", o->user);
	if (!rc)
		rc = stack_move(o->files, o->conf, &err);
	return rc ? cmd_fail(EXIT_USAGE, "tarn help init", "%s", err.text) : 0;
}

static void say(const struct init *o)
{
	const char *user = conf_str(o->conf, "stack", "user", "");
	if (cmd_is_json()) {
		struct buf b = { 0 };
		jw_obj(&b, NULL);
		jw_text(&b, "dir", o->dir);
		jw_text(&b, "user", user);
		jw_text(&b, "from", stack_name(o->files));
		jw_int(&b, "files", (int64_t)o->n);
		jw_obj_end(&b);
		cmd_json(buf_slice(&b));
		buf_free(&b);
		return;
	}
	printf("%zu files of the stack %s in %s, of the user %s\n", o->n, stack_name(o->files), o->dir, user);
	printf("next  tarn up %s\n", o->dir);
}

static int init_run(void *self, char **words, int n)
{
	struct init *o = self;
	const char *path;
	o->dir = n ? words[0] : ".";
	if (o->github || o->gitlab)
		return write_kits(o);
	int rc = open_stack(o);
	if (!rc)
		rc = check_free(o);
	for (size_t i = 0; !rc && (path = file_at(o, &i));)
		rc = write_file(o, path);
	if (!rc)
		say(o);
	return rc;
}

static void init_done(void *self)
{
	struct init *o = self;
	stack_close(o->files);
	conf_free(o->conf);
}

static const struct flag init_flags[] = {
	{ "user", 0, FLAG_TEXT, offsetof(struct init, user), "ID", "in the names of topics, streams, buckets, connectors and DAGs; without it the stack's" },
	{ "from", 0, FLAG_TEXT, offsetof(struct init, from), "STACK", "the stack that is copied: a built-in one or a folder; without it the default one" },
	{ "github", 0, FLAG_ON, offsetof(struct init, github), NULL, "writes a workflow and an action for GitHub in place of a stack" },
	{ "gitlab", 0, FLAG_ON, offsetof(struct init, gitlab), NULL, "writes a template for GitLab's CI in place of a stack" },
	{ "json", 0, FLAG_ON, offsetof(struct init, json), NULL, "what was done as JSON" },
	{ NULL },
};

const struct command command_init = {
	"init", "[DIR]", "Writes a stack's files into a folder of your own, to be changed and started: stack.conf, connector, APIs, datasets, DAGs.",
	sizeof(struct init), init_run, init_done, .max = 1, .flags = { init_flags }, .example = "tarn init mystack --user 12471ce1b695",
	.more = "Files that are there aren't overwritten: nothing is written then. From the image:\n"
		"  docker run --rm -u $(id -u) -v \"$PWD:/w\" tarn init /w/mystack --user 12471ce1b695\n",
};
