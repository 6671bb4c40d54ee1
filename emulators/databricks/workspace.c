/* The tree of workspace.h: objects by path, those of the stack read again as they change. */
#include "databricks/workspace.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "core/json.h"
#include "core/stack.h"
#include "databricks/notebook.h"

static const char *const roots[] = { "/Users", "/Repos", "/Shared" };

int dbx_workspace_path(struct arena *a, struct slice path, struct slice *out, struct error *err)
{
	struct slice part, rest;
	struct buf b = { 0 };
	if (!sl_starts(path, S("/")) || path.n > DBX_WORKSPACE_PATH_MAX || !sl_is_utf8(path) || sl_chr(path, '\0') >= 0)
		return err_set(err, ERR_INVALID, "Path must be absolute: %.*s", SL(path));
	for (rest = path; rest.p;) {
		sl_cut(rest, '/', &part, &rest);
		if (sl_eqs(part, "..") || sl_eqs(part, ".")) {
			buf_free(&b);
			return err_set(err, ERR_INVALID, "Invalid path: %.*s", SL(path));
		}
		if (part.n)
			buf_addf(&b, "/%.*s", SL(part));
	}
	*out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	if (sl_after(*out, S("/Workspace"), &rest) && (!rest.n || rest.p[0] == '/'))
		*out = rest;
	return 0;
}

/* ---- the list ---- */

/* Where the path is, or would be. */
static size_t place(const struct databricks *j, struct slice path)
{
	const struct dbx_workspace *w = &j->workspace;
	size_t low = 0, high = w->n;
	while (low < high) {
		size_t at = (low + high) / 2;
		if (sl_cmp(sl(w->rows[at]->path), path) < 0)
			low = at + 1;
		else
			high = at;
	}
	return low;
}

static struct dbx_object *object_at(const struct databricks *j, struct slice path)
{
	size_t at = place(j, path);
	return at < j->workspace.n && sl_eqs(path, j->workspace.rows[at]->path) ? j->workspace.rows[at] : NULL;
}

static struct dbx_object *object_new(struct databricks *j, struct slice path)
{
	struct dbx_workspace *w = &j->workspace;
	size_t at = place(j, path);
	struct dbx_object *o = xcalloc(1, sizeof(*o));
	o->path = xstrndup(path.p, path.n);
	GROW(w->rows, w->n, w->cap);
	memmove(&w->rows[at + 1], &w->rows[at], (w->n - at) * sizeof(*w->rows));
	w->n++;
	return w->rows[at] = o;
}

static void object_free(struct dbx_object *o)
{
	buf_free(&o->content);
	free(o->file);
	free(o->path);
	free(o);
}

static void object_forget(struct databricks *j, struct dbx_object *o)
{
	struct dbx_workspace *w = &j->workspace;
	size_t at = place(j, sl(o->path));
	w->n--;
	memmove(&w->rows[at], &w->rows[at + 1], (w->n - at) * sizeof(*w->rows));
	object_free(o);
}

void dbx_workspace_free(struct databricks *j)
{
	while (j->workspace.n)
		object_free(j->workspace.rows[--j->workspace.n]);
	free(j->workspace.rows);
	free(j->workspace.user);
	j->workspace = (struct dbx_workspace){ 0 };
}

static void set_content(struct dbx_object *o, struct slice content)
{
	buf_reset(&o->content);
	buf_addsl(&o->content, content);
}

static bool is_below(struct slice path, struct slice folder)
{
	struct slice rest;
	return sl_after(path, folder, &rest) && (!rest.n || rest.p[0] == '/');
}

struct dbx_object *dbx_workspace_find(struct databricks *j, struct slice path)
{
	struct dbx_object *o = object_at(j, path);
	return o && o->kind != DBX_GONE ? o : NULL;
}

struct dbx_object *dbx_workspace_below(const struct databricks *j, struct slice folder, size_t *at)
{
	const struct dbx_workspace *w = &j->workspace;
	if (!*at)
		*at = place(j, folder);
	for (; *at < w->n && sl_starts(sl(w->rows[*at]->path), folder); (*at)++)
		if (is_below(sl(w->rows[*at]->path), folder) && w->rows[*at]->kind != DBX_GONE)
			return w->rows[(*at)++];
	return NULL;
}

bool dbx_workspace_folder(const struct databricks *j, struct slice path)
{
	struct slice home = sl(j->workspace.user), name;
	struct dbx_object *o = object_at(j, path);
	size_t at = 0;
	if (o && o->kind != DBX_GONE)
		return o->kind == DBX_FOLDER;
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (sl_eqs(path, roots[i]))
			return true;
	return !path.n || (sl_after(path, S("/Users/"), &name) && sl_eq(name, home)) || dbx_workspace_below(j, path, &at);
}

static struct slice last_part(struct slice path)
{
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	return sl_from(path, at);
}

/* The only loose object of that kind with the last name of the path; a copy that a browser kept, "name (1)", too. NULL: none, or several. */
static struct dbx_object *only_of_name(const struct databricks *j, struct slice path, enum dbx_kind kind)
{
	struct slice name = last_part(path);
	struct dbx_object *found = NULL;
	for (size_t i = 0; i < j->workspace.n; i++) {
		struct dbx_object *o = j->workspace.rows[i];
		struct slice own = last_part(sl(o->path)), rest;
		bool copy = sl_after(own, name, &rest) && rest.n == 4 && rest.p[0] == ' ' && rest.p[1] == '(' && rest.p[3] == ')';
		if (!o->loose || o->kind != kind || !(copy || sl_eq(own, name)))
			continue;
		if (found)
			return NULL;
		found = o;
	}
	return found;
}

struct dbx_object *dbx_workspace_named(struct databricks *j, struct slice path, enum dbx_kind kind)
{
	struct dbx_object *o = dbx_workspace_find(j, path);
	size_t home = strlen("/Users/") + strlen(j->workspace.user);
	if (o)
		return o->kind == kind ? o : NULL;
	for (size_t i = 0; i < j->workspace.n; i++) {
		o = j->workspace.rows[i];
		if (o->loose && o->kind == kind && sl_ends(path, sl(o->path + home)))
			return o;
	}
	return only_of_name(j, path, kind);
}

const char *dbx_object_ending(const struct dbx_object *o)
{
	return o->kind != DBX_NOTEBOOK ? "" : o->ipynb ? ".ipynb" : dbx_language_ending(o->language);
}

/* ---- what is kept ---- */

static int keep(struct databricks *j, const struct dbx_object *o, struct error *err)
{
	struct buf text = { 0 };
	buf_base64(&text, o->content.p, o->content.n);
	j->dirty = true;
	int rc = dbx_store_put_text(j, "object", o->path,
				    json_pack("{s:i, s:s?, s:b, s:I, s:I, s:s}", "kind", (int)o->kind, "language", o->language, "ipynb", (int)o->ipynb, "created",
					      (json_int_t)o->created_ms, "modified", (json_int_t)o->modified_ms, "content", buf_cstr(&text)),
				    err);
	buf_free(&text);
	return rc;
}

void dbx_workspace_read(struct databricks *j, const char *path, const json_t *doc)
{
	struct arena a = { 0 };
	struct slice content;
	struct dbx_object *o = object_new(j, sl(path));
	const char *language = jstr(doc, "language");
	o->kind = (enum dbx_kind)jint(doc, "kind");
	o->language = language ? dbx_language(sl(language)) : NULL;
	o->ipynb = jtrue(doc, "ipynb");
	o->created_ms = jint(doc, "created");
	o->modified_ms = jint(doc, "modified");
	if (arena_base64(&a, jslice(doc, "content"), &content))
		set_content(o, content);
	arena_free(&a);
}

int dbx_workspace_put(struct databricks *j, struct slice path, enum dbx_kind kind, const char *language, bool ipynb, struct slice content,
		      struct error *err)
{
	int64_t now = clock_now_ms(j->env->clock);
	struct dbx_object *o = object_at(j, path);
	if (!o && j->workspace.n >= DBX_OBJECTS_MAX)
		return err_set(err, ERR_LIMIT, "The workspace may have up to %d objects here", DBX_OBJECTS_MAX);
	if (!o || o->kind == DBX_GONE) {
		o = o ? o : object_new(j, path);
		o->created_ms = now;
	}
	o->kind = kind;
	o->language = language;
	o->ipynb = ipynb;
	o->stack = o->loose = false;
	o->modified_ms = now;
	set_content(o, content);
	return keep(j, o, err);
}

int dbx_workspace_drop(struct databricks *j, struct dbx_object *o, struct error *err)
{
	int rc;
	j->dirty = true;
	if (o->file) { /* the stack's file stays, and isn't looked at any more */
		o->kind = DBX_GONE;
		o->stack = o->loose = false;
		set_content(o, S(""));
		return keep(j, o, err);
	}
	rc = dbx_store_del_text(j, "object", o->path, err);
	if (!rc)
		object_forget(j, o);
	return rc;
}

/* ---- the stack's files ---- */

struct looking {
	struct databricks *j;
	char *root; /* the folder on the disk; NULL: the stack is in the binary */
	const char *folder;
	int64_t bytes;
};

/* The path in the workspace of a file at rel, without the ending that a notebook loses. */
static struct slice path_of(struct arena *a, const struct databricks *j, struct slice rel, bool *loose)
{
	struct slice top, rest;
	sl_cut(rel, '/', &top, &rest);
	if (sl_eqs(top, "Workspace") && rest.p)
		return path_of(a, j, rest, loose);
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (rest.p && sl_eqs(top, roots[i] + 1))
			return arena_printf(a, "/%.*s", SL(rel));
	*loose = true;
	return arena_printf(a, "/Users/%s/%.*s", j->workspace.user, SL(rel));
}

/* Puts one of the stack's objects where nothing stands before it: an import, a deletion, or a file whose name comes first. */
static void put_stacks(struct looking *l, struct slice path, bool loose, const struct dbx_object *as, struct slice text)
{
	struct dbx_object *o = object_at(l->j, path);
	if (!o) {
		o = object_new(l->j, path);
		o->created_ms = as->modified_ms;
		o->stack = true;
	}
	if (o->stack && o->file && strcmp(o->file, as->file) < 0)
		return;
	if (!o->file || strcmp(o->file, as->file) != 0) {
		free(o->file);
		o->file = xstrdup(as->file);
	}
	o->seen = true;
	if (!o->stack)
		return;
	o->kind = as->kind;
	o->language = as->language;
	o->ipynb = as->ipynb;
	o->loose = loose;
	o->modified_ms = as->modified_ms;
	o->size = as->size;
	set_content(o, text);
}

struct unpacking {
	struct looking *l;
	struct slice folder; /* that the archive lies in, with its slash */
	const struct dbx_object *as;
};

/* A notebook of a .dbc: beside the archive, in the folders that it has inside. */
static int take_member(void *arg, struct slice name, struct slice bytes, struct error *err)
{
	struct unpacking *u = arg;
	struct arena a = { 0 };
	JSON_AUTO model = json_loadb(bytes.p ? bytes.p : "", bytes.n, JSON_ALLOW_NUL, NULL);
	struct dbx_object as = *u->as;
	struct dbx_notebook n;
	struct slice path;
	struct buf text = { 0 };
	struct error ignored;
	bool loose = false;
	size_t dot = name.n;
	while (dot && name.p[dot - 1] != '.' && name.p[dot - 1] != '/')
		dot--;
	name.n = dot && name.p[dot - 1] == '.' ? dot - 1 : name.n;
	if (!dbx_model_read(&a, model, &n, &ignored) &&
	    !dbx_workspace_path(&a, path_of(&a, u->l->j, arena_printf(&a, "%.*s%.*s", SL(u->folder), SL(name)), &loose), &path, &ignored)) {
		dbx_source_write(&n, &text);
		as.kind = DBX_NOTEBOOK;
		as.language = n.language;
		put_stacks(u->l, path, loose, &as, buf_slice(&text));
	}
	buf_free(&text);
	arena_free(&a);
	return 0;
}

static void take_file(struct looking *l, const char *file, struct slice text, int64_t size, int64_t modified_ms)
{
	struct arena a = { 0 };
	struct slice rel = sl(file), path;
	struct dbx_object as = { .file = arena_cstr(&a, rel), .size = size, .modified_ms = modified_ms, .kind = DBX_FILE };
	struct dbx_notebook page;
	struct buf source = { 0 };
	struct error err;
	bool loose = false;
	as.language = dbx_notebook_of_file(last_part(rel), text, &as.ipynb);
	if (as.language) {
		as.kind = DBX_NOTEBOOK;
		rel.n -= strlen(as.ipynb ? ".ipynb" : dbx_language_ending(as.language));
	}
	if (sl_ends(rel, S(".html")) && !dbx_html_read(&a, text, &page, &err)) {
		dbx_source_write(&page, &source);
		as.kind = DBX_NOTEBOOK;
		as.language = page.language;
		rel.n -= strlen(".html");
		text = buf_slice(&source);
	}
	path = path_of(&a, l->j, rel, &loose);
	put_stacks(l, path, loose, &as, text);
	buf_free(&source);
	if (sl_ends(rel, S(".dbc"))) {
		struct unpacking u = { l, sl_of(rel.p, rel.n - last_part(rel).n), &as };
		if (dbx_archive_read(text, 4 * DBX_OBJECT_MAX, take_member, &u, &err))
			log_warn(l->j->env, "notebook", "file=%s error=\"%s\"", file, err.text);
	}
	arena_free(&a);
}

/* Whether a file is known as it is now. */
static bool known(struct looking *l, const char *rel, int64_t size, int64_t modified_ms)
{
	bool same = false, changed = false;
	for (size_t i = 0; i < l->j->workspace.n; i++) {
		struct dbx_object *o = l->j->workspace.rows[i];
		if (!o->file || strcmp(o->file, rel) != 0)
			continue;
		o->seen = same = true;
		changed |= o->stack && (o->size != size || o->modified_ms != modified_ms);
	}
	for (size_t i = 0; changed && i < l->j->workspace.n; i++) { /* what it holds now is seen when it is taken */
		struct dbx_object *o = l->j->workspace.rows[i];
		o->seen &= !(o->file && o->stack && !strcmp(o->file, rel));
	}
	return same && !changed;
}

static void look_at(struct looking *l, const char *rel, const char *path, int64_t size, int64_t modified_ms)
{
	char *text;
	size_t n;
	struct error err;
	l->bytes += size;
	if (known(l, rel, size, modified_ms))
		return;
	if (l->j->workspace.n >= DBX_OBJECTS_MAX || l->bytes > DBX_STACK_BYTES_MAX) {
		log_warn(l->j->env, "notebook", "file=%s error=\"left out: more than %d files, or %d bytes\"", rel, DBX_OBJECTS_MAX, DBX_STACK_BYTES_MAX);
		return;
	}
	if (stack_read(l->j->env->files, path, &text, &n, &err)) {
		log_warn(l->j->env, "notebook", "file=%s error=\"%s\"", rel, err.text);
		return;
	}
	if (n <= DBX_OBJECT_MAX)
		take_file(l, rel, sl_of(text, n), size, modified_ms);
	free(text);
}

static void look_below(struct looking *l, const char *below, int depth)
{
	enum { DEPTH_MAX = 12 };
	char *full = xasprintf("%s/%s", l->root, below);
	DIR *d = depth < DEPTH_MAX ? opendir(full) : NULL;
	free(full);
	for (struct dirent *e; d && (e = readdir(d));) {
		struct stat st;
		if (e->d_name[0] == '.' || !strcmp(e->d_name, "__pycache__"))
			continue;
		char *rel = xasprintf("%s%s%s", below, *below ? "/" : "", e->d_name), *path = xasprintf("%s/%s", l->root, rel);
		int64_t modified = 0;
		bool there = stat(path, &st) == 0;
		if (there)
			modified = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
		if (there && S_ISDIR(st.st_mode))
			look_below(l, rel, depth + 1);
		else if (there && S_ISREG(st.st_mode) && st.st_size <= DBX_OBJECT_MAX)
			look_at(l, rel, path, st.st_size, modified);
		free(rel);
		free(path);
	}
	if (d)
		closedir(d);
}

/* Those in the binary don't change: once. */
static void look_built_in(struct looking *l)
{
	char *prefix = xasprintf("%s/", l->folder);
	const char *path;
	for (size_t i = 0; (path = stack_list(l->j->env->files, prefix, i)); i++)
		look_at(l, path + strlen(prefix), path, 0, 0);
	free(prefix);
}

/* Where the folder is on the disk; NULL: in the binary. */
static char *root_of(const struct databricks *j, const char *folder)
{
	struct stat st;
	const char *stack = j->env->files ? stack_name(j->env->files) : "";
	if (folder[0] == '/')
		return xstrdup(folder);
	return stack[0] == '/' && !stat(stack, &st) ? xasprintf("%s/%s", stack, folder) : NULL;
}

void dbx_workspace_look(struct databricks *j)
{
	const char *folder = conf_str(j->env->conf, "workspace", "notebooks", "notebooks");
	struct looking l = { j, root_of(j, folder), folder, 0 };
	for (size_t i = 0; i < j->workspace.n; i++)
		j->workspace.rows[i]->seen = false;
	if (l.root)
		look_below(&l, "", 0);
	else if (j->env->files)
		look_built_in(&l);
	for (size_t i = j->workspace.n; i-- > 0;) {
		struct dbx_object *o = j->workspace.rows[i];
		if (o->stack && !o->seen)
			object_forget(j, o);
	}
	free(l.root);
}

/* ---- on the disk, for a task ---- */

static int write_object(const char *path, struct slice content, struct error *err)
{
	FILE *out = fopen(path, "wb");
	bool good = out && fwrite(content.p ? content.p : "", 1, content.n, out) == content.n;
	if (out && fclose(out))
		good = false;
	return good ? 0 : err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
}

static void make_above(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
}

int dbx_workspace_unfold(struct databricks *j, const char *dir, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < j->workspace.n; i++) {
		const struct dbx_object *o = j->workspace.rows[i];
		char *path = xasprintf("%s%s%s%s", dir, o->path, dbx_object_ending(o), o->kind == DBX_FOLDER ? "/" : "");
		make_above(path);
		if (o->kind == DBX_NOTEBOOK || o->kind == DBX_FILE)
			rc = write_object(path, o->content.n ? buf_slice(&o->content) : S(""), err);
		free(path);
	}
	return rc;
}
