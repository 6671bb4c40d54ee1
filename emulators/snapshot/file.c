/* Snapshots as files of their own: with S3's pieces as parts, to be taken elsewhere. */
#include "snapshot/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.h"

/* ---- out ---- */

/* A part as it lies in another file. */
static int copy_part(struct snapshot_op *op, struct pack_out *o, const struct pack_part *p, struct error *err)
{
	struct buf raw = { 0 }, packed = { 0 };
	int rc = pack_read(&op->in, p, &raw, err);
	buf_init(&packed, SIZE_MAX);
	if (!rc)
		rc = pack_squeeze(buf_slice(&raw), PACK_SMALL, &packed, err);
	if (!rc)
		rc = pack_add(o, p->name, buf_slice(&packed), raw.n, err);
	buf_free(&raw);
	buf_free(&packed);
	return rc;
}

static int add_piece(const char *folder, struct pack_out *o, const char *name, struct error *err)
{
	char *path = xasprintf("%s/%s", folder, name), part[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(part, sizeof(part), "s3/%.16s", name);
	int rc = fd < 0 ? err_set(err, ERR_STORE, "%s: %s", path, strerror(errno)) : pack_add_file(o, part, fd, PACK_SMALL, err);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

static int add_pieces(struct snapshot_op *op, struct pack_out *o, struct error *err)
{
	const char *name = jstr(json_object_get(op->in.manifest, "pieces"), "folder");
	if (!name || strchr(name, '/'))
		return 0;
	char *folder = xasprintf("%s/snapshots/%s", op->all->s->dir, name);
	DIR *d = opendir(folder);
	int64_t n = 0;
	int rc = 0;
	for (struct dirent *e; d && !rc && (e = readdir(d));)
		if (e->d_name[0] != '.' && ++n)
			rc = add_piece(folder, o, e->d_name, err);
	if (d)
		closedir(d);
	if (!rc && n != jint(json_object_get(op->in.manifest, "pieces"), "n"))
		rc = err_set(err, ERR_INVALID, "%s is damaged: pieces of its objects are missing in %s", op->name, folder);
	free(folder);
	return rc;
}

static int write_export(struct snapshot_op *op, struct pack_out *o, struct error *err)
{
	json_t *manifest = json_deep_copy(op->in.manifest);
	int rc = 0;
	for (size_t i = 0; !rc && i < op->in.part_n; i++)
		rc = copy_part(op, o, &op->in.parts[i], err);
	if (!rc)
		rc = add_pieces(op, o, err);
	json_object_del(manifest, "pieces");
	json_object_del(manifest, "bytes");
	if (!rc)
		rc = pack_end(o, manifest, err);
	json_decref(manifest);
	return rc;
}

static void export_work(void *arg)
{
	struct snapshot_op *op = arg;
	struct pack_out o;
	int fd = open(op->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		op->rc = err_set(&op->err, ERR_STORE, "%s: %s", op->path, strerror(errno));
		return;
	}
	if (!(op->rc = pack_begin(&o, fd, &op->err)))
		op->rc = write_export(op, &o, &op->err);
	json_object_set_new(op->about, "bytes", json_integer((json_int_t)o.at));
	pack_out_free(&o);
	if (close(fd) && !op->rc)
		op->rc = err_set(&op->err, ERR_STORE, "%s: %s", op->path, strerror(errno));
	if (op->rc)
		(void)unlink(op->path);
}

static void export_done(void *arg)
{
	struct snapshot_op *op = arg;
	op->job = NULL;
	snapshot_op_end(op, op->rc);
}

void snapshot_export_begin(struct snapshot_op *op)
{
	static const struct job_kind kind = { .work = export_work, .done = export_done, .name = "the export of a snapshot" };
	int rc = snapshot_open(op, op->name, &op->err);
	if (!rc)
		op->about = snapshot_about(&op->in, op->name);
	if (rc || !op->all->s->dir) {
		snapshot_op_end(op, rc);
		return;
	}
	op->path = snapshot_temp(op->all, "export");
	json_object_set_new(op->about, "path", json_string(op->path));
	snapshot_op_job(op, &kind);
}

int snapshot_export(struct server *s, struct slice name, snapshot_done done, void *arg, struct error *err)
{
	struct snapshot_op *op = snapshot_op_new(s, SNAPSHOT_EXPORTS, name, done, arg, err);
	if (!op)
		return err->kind;
	snapshot_op_queue(op);
	return 0;
}

/* ---- in ---- */

static int look(struct snapshot_op *op, struct error *err)
{
	struct error why;
	int rc;
	if (op->path)
		rc = snapshot_open_file(op, op->path, op->name, err);
	else if ((rc = pack_open(&op->in, -1, buf_slice(&op->mem), &why)))
		rc = err_set(err, rc, "%s %s", op->name, why.text);
	if (!rc && json_object_get(op->in.manifest, "pieces"))
		rc = err_set(err, ERR_INVALID, "%s is a file out of a state folder, without its pieces: tarn snapshot export makes one that has them", op->name);
	return rc ? rc : snapshot_fits(op, true, err);
}

static void import_work(void *arg)
{
	struct snapshot_op *op = arg;
	op->rc = look(op, &op->err);
	if (!op->rc && op->path)
		op->rc = snapshot_publish(op, op->path, &op->err);
	else if (op->path)
		(void)unlink(op->path);
}

static void import_done(void *arg)
{
	struct snapshot_op *op = arg;
	op->job = NULL;
	if (!op->rc) {
		op->about = snapshot_about(&op->in, op->name);
		if (!op->path)
			snapshot_keep(op);
	}
	snapshot_op_end(op, op->rc);
}

void snapshot_import_begin(struct snapshot_op *op)
{
	static const struct job_kind kind = { .work = import_work, .done = import_done, .name = "the import of a snapshot" };
	snapshot_op_job(op, &kind);
}

int snapshot_import(struct server *s, struct slice name, bool over, const char *path, struct buf *bytes, snapshot_done done, void *arg, struct error *err)
{
	struct snapshot_op *op = snapshot_op_new(s, SNAPSHOT_IMPORTS, name, done, arg, err);
	if (!op)
		return err->kind;
	if (!over && snapshot_there(op->all, op->name)) {
		(void)err_set(err, ERR_CONFLICT, "there is a snapshot %s", op->name);
		snapshot_op_free(op);
		return ERR_CONFLICT;
	}
	op->over = over;
	op->path = path ? xstrdup(path) : NULL;
	if (!path) {
		op->mem = *bytes;
		*bytes = (struct buf){ 0 };
	}
	snapshot_op_queue(op);
	return 0;
}
