#include "snapshot/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"

bool snapshot_on_disk(const struct snapshots *all)
{
	return all->s->dir && all->s->env.durability != DURABILITY_OFF;
}

int snapshot_name(struct slice name, char out[SNAPSHOT_NAME_MAX + 1], struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	bool ok = name.n > 0 && name.n <= SNAPSHOT_NAME_MAX && name.p[0] != '.' && name.p[0] != '-';
	for (size_t i = 0; ok && i < name.n; i++)
		ok = name.p[i] && strchr(allowed, name.p[i]);
	if (!ok)
		return err_set(err, ERR_INVALID, "a snapshot's name has 1 to %d letters, digits, '.', '_' and '-', and begins with none of '.' and '-'", SNAPSHOT_NAME_MAX);
	memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	return 0;
}

char *snapshot_folder(const struct snapshots *all)
{
	return xasprintf("%s/snapshots", all->s->dir);
}

char *snapshot_path(const struct snapshots *all, const char *name)
{
	return xasprintf("%s/snapshots/%s" SNAPSHOT_END, all->s->dir, name);
}

char *snapshot_temp(struct snapshots *all, const char *what)
{
	char *folder = snapshot_folder(all), *path;
	(void)mkdir(folder, 0777); /* who writes there says what is wrong */
	path = xasprintf("%s/.%s-%llx-%llu", folder, what, (unsigned long long)clock_real_us(), (unsigned long long)++all->file_n);
	free(folder);
	return path;
}

static struct snapshot_kept *kept(const struct snapshots *all, const char *name)
{
	struct snapshot_kept *k = all->kept;
	while (k && strcmp(k->name, name) != 0)
		k = k->next;
	return k;
}

bool snapshot_there(const struct snapshots *all, const char *name)
{
	if (!all->s->dir)
		return kept(all, name) != NULL;
	char *path = snapshot_path(all, name);
	bool there = !access(path, F_OK);
	free(path);
	return there;
}

int snapshot_missing(const char *name, struct error *err)
{
	return err_set(err, ERR_NOT_FOUND, "there is no snapshot %s (see: tarn snapshot ls)", name);
}

/* ---- reading ---- */

static int open_pack(struct pack_in *in, int fd, struct slice mem, const char *name, struct error *err)
{
	struct error why;
	int rc = pack_open(in, fd, mem, &why);
	return rc ? err_set(err, rc, "%s %s", name, why.text) : 0;
}

static int open_named(const struct snapshots *all, struct pack_in *in, int *fd, const char *path, const char *name, struct error *err)
{
	const struct snapshot_kept *k = all->s->dir ? NULL : kept(all, name);
	if (!path)
		return k ? open_pack(in, -1, buf_slice(&k->bytes), name, err) : snapshot_missing(name, err);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return errno == ENOENT ? snapshot_missing(name, err) : err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
	return open_pack(in, *fd, sl(NULL), name, err);
}

int snapshot_open_file(struct snapshot_op *op, const char *path, const char *name, struct error *err)
{
	return open_named(op->all, &op->in, &op->fd, path, name, err);
}

int snapshot_open(struct snapshot_op *op, const char *name, struct error *err)
{
	char *path = op->all->s->dir ? snapshot_path(op->all, name) : NULL;
	int rc = open_named(op->all, &op->in, &op->fd, path, name, err);
	free(path);
	return rc;
}

int snapshot_open_with(struct snapshot_op *op, struct error *err)
{
	char *path = op->all->s->dir ? snapshot_path(op->all, op->with) : NULL;
	int rc = open_named(op->all, &op->in_with, &op->fd_with, path, op->with, err);
	free(path);
	return rc;
}

void snapshot_close(struct snapshot_op *op)
{
	pack_close(&op->in);
	pack_close(&op->in_with);
	if (op->fd >= 0)
		close(op->fd);
	if (op->fd_with >= 0)
		close(op->fd_with);
	op->fd = op->fd_with = -1;
}

int snapshot_fits(struct snapshot_op *op, bool thorough, struct error *err)
{
	const json_t *steps = json_object_get(op->in.manifest, "steps"), *one;
	const char *name;
	if (!json_is_object(steps) || !jstr(op->in.manifest, "tarn"))
		return err_set(err, ERR_INVALID, "%s says nothing of its databases", op->name);
	json_object_foreach((json_t *)(uintptr_t)steps, name, one) {
		int64_t known = dbimage_steps(name), has = json_integer_value(one);
		if (known >= 0 && has > known)
			return err_set(err, ERR_INVALID, "%s was written by a newer tarn (%s): its %s.db is of schema version %lld, this one knows %lld", op->name,
				       jstr(op->in.manifest, "tarn"), name, (long long)has, (long long)known);
	}
	for (size_t i = 0; thorough && i < op->in.part_n; i++) {
		const struct pack_part *p = &op->in.parts[i];
		struct buf bytes = { 0 };
		struct error why;
		size_t n = strlen(p->name);
		int64_t version = 0;
		int rc = pack_read(&op->in, p, &bytes, &why);
		if (!rc && n > 3 && !strcmp(p->name + n - 3, ".db"))
			rc = dbimage_check(buf_slice(&bytes), true, &version, &why);
		buf_free(&bytes);
		if (rc)
			return err_set(err, rc, "%s: %s %s", op->name, p->name, why.text);
	}
	return 0;
}

/* ---- writing ---- */

/* Its pieces are linked while none goes: 40,000 a second. */
int snapshot_link_pieces(struct snapshot_op *op, struct error *err)
{
	struct snapshots *all = op->all;
	char *from = all->s->dir ? xasprintf("%s/s3", all->s->dir) : NULL, *to = NULL, *folder = NULL;
	DIR *d = from && !op->passing ? opendir(from) : NULL;
	int64_t n = 0, bytes = 0;
	int rc = 0;
	struct stat st;
	for (struct dirent *e; d && !rc && (e = readdir(d));) {
		if (strlen(e->d_name) != 16 || strspn(e->d_name, "0123456789abcdef") != 16)
			continue;
		if (!folder) {
			op->pieces = xasprintf("%llx-%llu" SNAPSHOT_PIECES, (unsigned long long)clock_real_us(), (unsigned long long)++all->file_n);
			to = snapshot_folder(all);
			(void)mkdir(to, 0777);
			folder = xasprintf("%s/%s", to, op->pieces);
			if (mkdir(folder, 0777))
				rc = err_set(err, ERR_STORE, "%s: %s", folder, strerror(errno));
		}
		char *path = xasprintf("%s/%s", folder, e->d_name);
		if (!rc && (linkat(dirfd(d), e->d_name, AT_FDCWD, path, 0) || stat(path, &st)))
			rc = err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
		bytes += rc ? 0 : st.st_size;
		n++;
		free(path);
	}
	if (d)
		closedir(d);
	if (op->pieces) {
		json_t *about = json_object();
		json_object_set_new(about, "folder", json_string(op->pieces));
		json_object_set_new(about, "n", json_integer(n));
		json_object_set_new(about, "bytes", json_integer(bytes));
		json_object_set_new(op->about, "pieces", about);
	}
	if (rc && folder)
		snapshot_drop_tree(folder);
	free(folder);
	free(to);
	free(from);
	return rc;
}

static int add_small(struct pack_out *o, const char *name, struct slice text, struct error *err)
{
	struct buf packed = { 0 };
	int rc = pack_squeeze(text, PACK_FAST, &packed, err);
	if (!rc)
		rc = pack_add(o, name, buf_slice(&packed), text.n, err);
	buf_free(&packed);
	return rc;
}

static int add_large(struct snapshot_op *op, struct pack_out *o, struct snapshot_db *d, const char *part, struct error *err)
{
	char *temp = snapshot_temp(op->all, "part");
	int rc = dbimage_to_file(d->image, temp, err), fd = rc ? -1 : open(temp, O_RDONLY | O_CLOEXEC);
	if (!rc && fd < 0)
		rc = err_set(err, ERR_STORE, "%s: %s", temp, strerror(errno));
	if (!rc)
		rc = pack_add_file(o, part, fd, PACK_FAST, err);
	if (fd >= 0)
		close(fd);
	(void)unlink(temp);
	free(temp);
	return rc;
}

static int fill(struct snapshot_op *op, struct pack_out *o, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < op->db_n; i++) {
		struct snapshot_db *d = &op->dbs[i];
		char part[64];
		snprintf(part, sizeof(part), "%s.db", d->name);
		rc = d->image ? add_large(op, o, d, part, err) : pack_add(o, part, buf_slice(&d->packed), d->size, err);
	}
	if (!rc && !(rc = add_small(o, "clock", buf_slice(&op->clock), err)) && !(rc = add_small(o, "faults", buf_slice(&op->faults), err)) &&
	    !(rc = add_small(o, "adopted", buf_slice(&op->adopted), err)))
		rc = pack_end(o, op->about, err);
	return rc;
}

/* The folder of pieces that the one of that name has, or NULL; to be freed. */
static char *pieces_of(const struct snapshots *all, const char *name)
{
	struct error err;
	struct pack_in in;
	char *path = snapshot_path(all, name), *pieces = NULL, *folder;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !pack_open(&in, fd, sl(NULL), &err)) {
		folder = jdup(json_object_get(in.manifest, "pieces"), "folder");
		if (folder && !strchr(folder, '/') && *folder != '.')
			pieces = xasprintf("%s/snapshots/%s", all->s->dir, folder);
		free(folder);
		pack_close(&in);
	}
	if (fd >= 0)
		close(fd);
	free(path);
	return pieces;
}

int snapshot_publish(struct snapshot_op *op, const char *temp, struct error *err)
{
	char *path = snapshot_path(op->all, op->name), *old = op->over ? pieces_of(op->all, op->name) : NULL;
	int rc = op->over ? rename(temp, path) : link(temp, path);
	if (rc)
		rc = errno == EEXIST ? err_set(err, ERR_CONFLICT, "there is a snapshot %s", op->name) : err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
	else if (old)
		snapshot_drop_tree(old);
	(void)unlink(temp);
	free(old);
	free(path);
	return rc;
}

int snapshot_write(struct snapshot_op *op, struct error *err)
{
	struct pack_out o;
	bool in_memory = op->passing || !op->all->s->dir;
	char *temp = in_memory ? NULL : snapshot_temp(op->all, "new");
	int fd = in_memory ? -1 : open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int rc = in_memory || fd >= 0 ? 0 : err_set(err, ERR_STORE, "%s: %s", temp, strerror(errno));
	if (!rc) {
		if (!(rc = pack_begin(&o, fd, err)))
			rc = fill(op, &o, err);
		if (!rc && fd >= 0 && op->all->s->env.durability == DURABILITY_FULL && fsync(fd))
			rc = err_set(err, ERR_STORE, "%s: %s", temp, strerror(errno));
		json_object_set_new(op->about, "bytes", json_integer((json_int_t)o.at));
		op->mem = o.mem;
		o.mem = (struct buf){ 0 };
		pack_out_free(&o);
	}
	if (fd >= 0 && close(fd) && !rc)
		rc = err_set(err, ERR_STORE, "%s: %s", temp, strerror(errno));
	if (!rc && temp)
		rc = snapshot_publish(op, temp, err);
	else if (temp)
		(void)unlink(temp);
	if (rc && op->pieces) {
		char *folder = xasprintf("%s/snapshots/%s", op->all->s->dir, op->pieces);
		snapshot_drop_tree(folder);
		free(folder);
	}
	free(temp);
	return rc;
}

/* ---- what there is ---- */

json_t *snapshot_about(const struct pack_in *in, const char *name)
{
	static const char *const names[] = { "tarn", "saved", "clock", "frozen", "records", "objects", "user", "note", "seed", "services", "pieces" };
	json_t *o = json_object();
	json_object_set_new(o, "name", json_string(name));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		jcopy(o, in->manifest, names[i]);
	return o;
}

static json_t *describe(const struct snapshots *all, const char *name, struct error *err)
{
	struct snapshot_op *op = xcalloc(1, sizeof(*op));
	json_t *about = NULL;
	struct stat st;
	*op = (struct snapshot_op){ .all = (struct snapshots *)(uintptr_t)all, .fd = -1, .fd_with = -1 };
	if (!snapshot_open(op, name, err)) {
		about = snapshot_about(&op->in, name);
		int64_t bytes = op->fd >= 0 ? (!fstat(op->fd, &st) ? st.st_size : 0) : (int64_t)op->in.mem.n;
		json_object_set_new(about, "bytes", json_integer(bytes));
	}
	snapshot_op_free(op);
	return about;
}

json_t *snapshot_describe(struct server *s, struct slice name, struct error *err)
{
	char known[SNAPSHOT_NAME_MAX + 1];
	return snapshot_name(name, known, err) ? NULL : describe(s->snapshots, known, err);
}

static void add_one(const struct snapshots *all, json_t *list, const char *name)
{
	struct error err;
	json_t *o = describe(all, name, &err);
	if (!o) {
		o = json_object();
		json_object_set_new(o, "name", json_string(name));
		json_object_set_new(o, "error", json_string(err.text));
	}
	size_t at = 0;
	while (at < json_array_size(list) && strcmp(jstr(json_array_get(list, at), "name"), name) < 0)
		at++;
	json_array_insert_new(list, at, o);
}

json_t *snapshot_list(struct server *s)
{
	const struct snapshots *all = s->snapshots;
	json_t *list = json_array();
	char *folder = s->dir ? snapshot_folder(all) : NULL;
	DIR *d = folder ? opendir(folder) : NULL;
	for (const struct snapshot_kept *k = all->kept; k; k = k->next)
		add_one(all, list, k->name);
	for (struct dirent *e; d && (e = readdir(d));) {
		size_t n = strlen(e->d_name), end = strlen(SNAPSHOT_END);
		if (e->d_name[0] == '.' || n <= end || n - end > SNAPSHOT_NAME_MAX || strcmp(e->d_name + n - end, SNAPSHOT_END) != 0)
			continue;
		char *name = xstrndup(e->d_name, n - end);
		add_one(all, list, name);
		free(name);
	}
	if (d)
		closedir(d);
	free(folder);
	return list;
}

struct slice snapshot_bytes(const struct server *s, struct slice name)
{
	char known[SNAPSHOT_NAME_MAX + 1];
	struct error err;
	const struct snapshot_kept *k = snapshot_name(name, known, &err) ? NULL : kept(s->snapshots, known);
	return k ? buf_slice(&k->bytes) : sl(NULL);
}

/* ---- away ---- */

void snapshot_drop_tree(const char *path)
{
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		char *below = xasprintf("%s/%s", path, e->d_name);
		if (unlink(below))
			snapshot_drop_tree(below);
		free(below);
	}
	if (d)
		closedir(d);
	(void)rmdir(path);
}

static void drop_work(void *arg)
{
	snapshot_drop_tree(arg);
}

static void drop_in_job(struct snapshots *all, char *path)
{
	static const struct job_kind kind = { .work = drop_work, .done = free, .drop = free, .name = "the deletion of a snapshot's pieces" };
	(void)loop_long_job(all->s->env.loop, &kind, path);
}

int snapshot_remove(struct server *s, struct slice name, struct error *err)
{
	struct snapshots *all = s->snapshots;
	char known[SNAPSHOT_NAME_MAX + 1];
	int rc = snapshot_name(name, known, err);
	if (rc)
		return rc;
	for (const struct snapshot_op *op = all->first; op; op = op->next)
		if (!strcmp(op->name, known) || !strcmp(op->with, known))
			return err_set(err, ERR_CONFLICT, "%s is being worked with", known);
	if (!s->dir) {
		struct snapshot_kept **at = &all->kept, *k;
		while ((k = *at) && strcmp(k->name, known) != 0)
			at = &k->next;
		if (!k)
			return snapshot_missing(known, err);
		*at = k->next;
		buf_free(&k->bytes);
		free(k);
		return 0;
	}
	char *path = snapshot_path(all, known), *pieces = pieces_of(all, known);
	if (unlink(path))
		rc = errno == ENOENT ? snapshot_missing(known, err) : err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
	if (!rc && pieces)
		drop_in_job(all, pieces);
	else
		free(pieces);
	free(path);
	return rc;
}

/* Nothing is under way. */
void snapshot_sweep(struct snapshots *all)
{
	char *folder = all->s->dir ? snapshot_folder(all) : NULL;
	DIR *d = folder ? opendir(folder) : NULL;
	json_t *used = json_object();
	struct dirent *e;
	size_t end = strlen(SNAPSHOT_END), pieces = strlen(SNAPSHOT_PIECES);
	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);
		char *name = n > end && !strcmp(e->d_name + n - end, SNAPSHOT_END) ? xstrndup(e->d_name, n - end) : NULL;
		char *path = name ? pieces_of(all, name) : NULL;
		if (path)
			json_object_set_new(used, path, json_true());
		free(path);
		free(name);
	}
	if (d)
		rewinddir(d);
	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);
		bool is_pieces = n > pieces && !strcmp(e->d_name + n - pieces, SNAPSHOT_PIECES);
		char *path = xasprintf("%s/%s", folder, e->d_name);
		if (is_pieces && !json_object_get(used, path))
			drop_in_job(all, xstrdup(path));
		else if (e->d_name[0] == '.' && strchr(e->d_name, '-'))
			(void)unlink(path);
		free(path);
	}
	if (d)
		closedir(d);
	json_decref(used);
	free(folder);
}
