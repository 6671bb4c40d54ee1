/* Files of a stack: a folder, or the default one embedded in the binary (declared in conf.h). */
#include "stack.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct stack_file {
	const char *path;
	const unsigned char *data;
	size_t n;
};
extern const struct stack_file stack_files_embedded[]; /* made at build from fixtures/pinterest */

struct stack_files {
	char *root;   /* NULL: embedded */
	char **paths; /* relative, sorted; a folder's only */
	size_t n, cap;
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

int stack_open(const char *root, struct stack_files **out, struct error *err)
{
	struct stat st;
	struct stack_files *f = xcalloc(1, sizeof(*f));
	if (root) {
		if (stat(root, &st) || !S_ISDIR(st.st_mode)) {
			free(f);
			return err_set(err, ERR_NOT_FOUND, "stack folder %s: %s", root, strerror(errno ? errno : ENOTDIR));
		}
		f->root = xstrdup(root);
		walk(f, "", 0);
	} else {
		for (size_t i = 0; stack_files_embedded[i].path; i++)
			add_path(f, stack_files_embedded[i].path);
	}
	if (f->n)
		qsort(f->paths, f->n, sizeof(*f->paths), by_name);
	*out = f;
	return 0;
}

void stack_close(struct stack_files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		free(f->paths[i]);
	free(f->paths);
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

int stack_read(const struct stack_files *f, const char *path, char **out, size_t *n, struct error *err)
{
	if (f->root) {
		char *full = path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", f->root, path);
		int rc = read_file(full, out, n, err);
		free(full);
		return rc;
	}
	for (size_t i = 0; stack_files_embedded[i].path; i++) {
		if (strcmp(stack_files_embedded[i].path, path))
			continue;
		*n = stack_files_embedded[i].n;
		*out = xstrndup((const char *)stack_files_embedded[i].data, *n);
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, "the default stack has no file %s", path);
}

int stack_conf(const struct stack_files *f, struct conf *conf, struct error *err)
{
	char *text;
	size_t n;
	int rc = stack_read(f, "stack.conf", &text, &n, err);
	if (rc)
		return rc;
	rc = conf_parse(conf, "stack.conf", sl_of(text, n), err);
	free(text);
	return rc;
}

const char *stack_list(const struct stack_files *f, const char *prefix, size_t i)
{
	size_t n = strlen(prefix);
	for (size_t at = 0; at < f->n; at++)
		if (!strncmp(f->paths[at], prefix, n) && !i--)
			return f->paths[at];
	return NULL;
}
