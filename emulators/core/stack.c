/* Files of a stack: a folder, or one embedded in the binary (declared in conf.h). */
#include "stack.h"

#include "adopt.h"
#include "text.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* Made at build from the folders of fixtures/ with a stack.conf: "NAME/stack.conf", the default stack's files first. */
extern const struct embedded stack_files_embedded[];

struct stack_files {
	char *root;   /* folder, or name */
	bool built_in;
	char **paths; /* relative, sorted */
	size_t n, cap;
	char *user;         /* as its files name him; NULL: they weren't read */
	char *from, *to;    /* of stack_move; NULL: nothing is renamed */
	char **shown;       /* paths under their new names */
};

static void add_path(struct stack_files *f, const char *path)
{
	GROW(f->paths, f->n, f->cap);
	f->paths[f->n++] = xstrdup(path);
}

static void walk(struct stack_files *f, const char *below, int depth)
{
	enum { DEPTH_MAX = 8 };
	char *full = xasprintf("%s/%s", f->root, below);
	DIR *d = depth < DEPTH_MAX ? opendir(full) : NULL;
	free(full);
	for (struct dirent *e; d && (e = readdir(d));) {
		struct stat st;
		if (e->d_name[0] == '.')
			continue;
		char *rel = xasprintf("%s%s%s", below, *below ? "/" : "", e->d_name);
		char *path = xasprintf("%s/%s", f->root, rel);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(f, rel, depth + 1);
		else
			add_path(f, rel);
		free(path);
		free(rel);
	}
	if (d)
		closedir(d);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The path below the stack's folder; absent: another stack's file. */
static struct slice embedded_path(const struct embedded *file, struct slice stack)
{
	struct slice name, path;
	sl_cut(sl(file->path), '/', &name, &path);
	return sl_eq(name, stack) ? path : sl(NULL);
}

int stack_open(const char *root, struct stack_files **out, struct error *err)
{
	struct stat st;
	struct slice name = sl(root), path;
	if (!root)
		sl_cut(sl(stack_files_embedded[0].path), '/', &name, &path);
	struct stack_files *f = xcalloc(1, sizeof(*f));
	f->root = xstrndup(name.p, name.n);
	for (size_t i = 0; stack_files_embedded[i].path; i++)
		if ((path = embedded_path(&stack_files_embedded[i], name)).p)
			add_path(f, path.p);
	f->built_in = f->n > 0;
	if (!f->built_in && (stat(root, &st) || !S_ISDIR(st.st_mode))) {
		stack_close(f);
		return err_set(err, ERR_NOT_FOUND, "stack folder %s: %s", root, strerror(errno ? errno : ENOTDIR));
	}
	if (!f->built_in) {
		free(f->root);
		f->root = realpath(root, NULL);
		walk(f, "", 0);
	}
	if (f->n)
		qsort(f->paths, f->n, sizeof(*f->paths), by_name);
	*out = f;
	return 0;
}

const char *stack_name(const struct stack_files *f)
{
	return f->root;
}

void stack_close(struct stack_files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		free(f->paths[i]);
		if (f->shown)
			free(f->shown[i]);
	}
	free(f->paths);
	free(f->shown);
	free(f->user);
	free(f->from);
	free(f->to);
	free(f->root);
	free(f);
}

static int read_file(const char *path, char **out, size_t *n, struct error *err)
{
	FILE *in = fopen(path, "rb");
	if (!in)
		return err_set(err, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	struct buf b = { 0 };
	char chunk[65536];
	for (size_t got; (got = fread(chunk, 1, sizeof(chunk), in)) > 0;)
		buf_add(&b, chunk, got);
	fclose(in);
	if (b.bad) {
		buf_free(&b);
		return err_set(err, ERR_LIMIT, "%s: larger than 1 GiB", path);
	}
	(void)buf_room(&b, 1);
	b.p[b.n] = '\0';
	*out = b.p;
	*n = b.n;
	return 0;
}

static int read_as_it_is(const struct stack_files *f, const char *path, char **out, size_t *n, struct error *err)
{
	if (!f->built_in || path[0] == '/') {
		char *full = path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", f->root, path);
		int rc = read_file(full, out, n, err);
		free(full);
		return rc;
	}
	for (size_t i = 0; stack_files_embedded[i].path; i++) {
		if (!sl_eqs(embedded_path(&stack_files_embedded[i], sl(f->root)), path))
			continue;
		struct buf b = { 0 };
		embedded_add(&stack_files_embedded[i], &b);
		*n = b.n;
		*out = b.p;
		(*out)[b.n] = '\0';
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "the stack %s has no file %s", f->root, path);
}

/* Sections of stack.conf keep their names, which aren't the user's but words of commands: [emit.NAME]. */
static void rename_in(const struct stack_files *f, bool conf, char **text, size_t *n)
{
	struct buf b = { 0 };
	struct slice line, rest = sl_of(*text, *n);
	if (memchr(*text, '\0', *n))
		return;
	while (rest.n) {
		size_t before = rest.n;
		sl_cut(rest, '\n', &line, &rest);
		line.n = before - rest.n; /* with its end */
		if (conf && line.p[0] == '[')
			buf_addsl(&b, line);
		else
			(void)buf_renamed(&b, line, sl(f->from), sl(f->to));
	}
	free(*text);
	*n = b.n;
	(void)buf_cstr(&b);
	*text = b.p;
}

int stack_read(const struct stack_files *f, const char *path, char **out, size_t *n, struct error *err)
{
	int rc;
	for (size_t i = 0; f->shown && i < f->n; i++)
		if (!strcmp(f->shown[i], path))
			path = f->paths[i];
	rc = read_as_it_is(f, path, out, n, err);
	if (!rc && f->from)
		rename_in(f, !strcmp(path, "stack.conf"), out, n);
	return rc;
}

static int parse_conf(const struct stack_files *f, struct conf *conf, struct error *err)
{
	char *text;
	size_t n;
	if (stack_read(f, "stack.conf", &text, &n, NULL))
		return err_set(err, ERR_NOT_FOUND, "%s has no stack.conf", f->root);
	int rc = conf_parse(conf, "stack.conf", sl_of(text, n), err);
	free(text);
	return rc;
}

/* What has to be there, by names that say nothing. */
static int no_gaps(struct conf *conf)
{
	static const char *const keys[][3] = { { "stack", "user", "student" }, { "rds", "database", "tarn" } };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!conf_get(conf, keys[i][0], keys[i][1]))
			conf_set(conf, keys[i][0], keys[i][1], keys[i][2]);
	return 0;
}

static int read_all(const struct stack_files *f, struct conf *conf, struct error *err)
{
	static const char *const sections[] = { "entities", "emit.", "adopt" };
	static const char *const keys[][2] = { { "stack", "user" }, { "stack", "datasets" }, { "rds", "database" } };
	struct stack_files *usual;
	struct conf *from;
	int rc = parse_conf(f, conf, err);
	if (rc || stack_list(f, "datasets/", 0))
		return rc ? rc : no_gaps(conf);
	if ((rc = stack_open(NULL, &usual, err)))
		return rc;
	from = conf_new();
	rc = parse_conf(usual, from, err);
	for (size_t i = 0; !rc && i < ARRAY_LEN(sections); i++)
		conf_inherit(conf, from, sections[i]);
	for (size_t i = 0; !rc && i < ARRAY_LEN(keys); i++)
		if (!conf_get(conf, keys[i][0], keys[i][1]) && conf_get(from, keys[i][0], keys[i][1]))
			conf_set(conf, keys[i][0], keys[i][1], conf_get(from, keys[i][0], keys[i][1]));
	stack_close(usual);
	conf_free(from);
	return rc ? rc : no_gaps(conf);
}

int stack_conf(struct stack_files *f, struct conf *conf, struct error *err)
{
	int rc = read_all(f, conf, err);
	if (!rc && !f->user)
		f->user = xstrdup(conf_get(conf, "stack", "user"));
	return rc;
}

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && (!i || !strchr("-_.", s.p[i])))
			return false;
	return s.n && s.n <= 64;
}

int stack_move(struct stack_files *f, struct conf *conf, struct error *err)
{
	const char *user = conf_str(conf, "stack", "user", "");
	if (!is_name(sl(user)))
		return err_set(err, ERR_INVALID, "[stack] user is a name of letters, digits, - _ and ., not \"%s\"", user);
	char *from = adopt_names_user(conf, f->user), *to = xstrdup(user);
	if (!from || !strcmp(from, to)) {
		free(from);
		free(to);
		return 0;
	}
	f->from = from;
	f->to = to;
	f->shown = xcalloc(f->n + 1, sizeof(*f->shown));
	for (size_t i = 0; i < f->n; i++) {
		struct buf b = { 0 };
		(void)buf_renamed(&b, sl(f->paths[i]), sl(from), sl(to));
		f->shown[i] = xstrdup(buf_cstr(&b));
		buf_free(&b);
	}
	conf_rename(conf, from, to);
	return 0;
}

const char *stack_list(const struct stack_files *f, const char *prefix, size_t i)
{
	size_t n = strlen(prefix);
	for (size_t at = 0; at < f->n; at++)
		if (!strncmp(f->paths[at], prefix, n) && !i--)
			return f->shown ? f->shown[at] : f->paths[at];
	return NULL;
}
