/* Snapshots on the control port. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/identities.h"
#include "core/json.h"
#include "stack/control.h"
#include "snapshot/snapshot.h"
#include "snapshot/inside.h"

enum { BODY_MAX = 4096 };

static void fail(struct http_call *call, const struct error *err)
{
	int kind = err->kind;
	control_error(call, kind == ERR_NOT_FOUND ? 404 : kind == ERR_CONFLICT ? 409 : kind == ERR_INVALID ? 400 : 500, err->text);
}

static void reply_json(struct http_call *call, const json_t *about)
{
	struct buf b = { 0 };
	char *text = json_dumps(about, JSON_COMPACT);
	buf_adds(&b, text ? text : "{}");
	free(text);
	control_reply(call, 200, &b);
}

/* What was asked for is done. */
static void answer(void *arg, const struct error *err, const json_t *about)
{
	struct http_call *call = arg;
	if (err)
		fail(call, err);
	else
		reply_json(call, about);
}

static void begun(struct http_call *call, int rc, const struct error *err)
{
	if (rc)
		fail(call, err);
}

static bool is_on(const struct http_req *req, const char *name)
{
	struct slice v = http_query(req, name);
	return v.p && !sl_eqs(v, "false") && !sl_eqs(v, "0");
}

void control_snapshots(void *self, struct http_call *call)
{
	json_t *o = json_object();
	json_object_set_new(o, "snapshots", snapshot_list(self));
	reply_json(call, o);
	json_decref(o);
}

void control_snapshot(void *self, struct http_call *call)
{
	struct error err;
	json_t *about = snapshot_describe(self, call->arg[0], &err);
	if (about)
		reply_json(call, about);
	else
		fail(call, &err);
	json_decref(about);
}

void control_snapshot_save(void *self, struct http_call *call)
{
	struct error err;
	struct slice note = http_query(&call->req, "note");
	begun(call, snapshot_save(self, call->arg[0], note.p ? note : sl_trim(call->req.body), is_on(&call->req, "over"), answer, call, &err), &err);
}

void control_snapshot_restore(void *self, struct http_call *call)
{
	struct error err;
	begun(call, snapshot_restore(self, call->arg[0], answer, call, &err), &err);
}

void control_snapshot_remove(void *self, struct http_call *call)
{
	struct error err;
	if (snapshot_remove(self, call->arg[0], &err)) {
		fail(call, &err);
		return;
	}
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_str(&b, "removed", call->arg[0]);
	jw_obj_end(&b);
	control_reply(call, 200, &b);
}

void control_snapshot_diff(void *self, struct http_call *call)
{
	struct error err;
	begun(call, snapshot_diff(self, call->arg[0], http_query(&call->req, "with"), answer, call, &err), &err);
}

void control_snapshot_digest(void *self, struct http_call *call)
{
	struct error err;
	begun(call, snapshot_digest(self, call->arg[0], answer, call, &err), &err);
}

/* ---- files ---- */

static void send_export(void *arg, const struct error *err, const json_t *about)
{
	struct http_call *call = arg;
	const char *path = err ? NULL : jstr(about, "path");
	if (err) {
		fail(call, err);
		return;
	}
	http_set(call, "Content-Disposition", "attachment; filename=\"%s.tarn-snapshot\"", jstr(about, "name"));
	if (!path) {
		http_reply(call, 200, "application/octet-stream", snapshot_bytes(call->user, sl(jstr(about, "name"))));
		return;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	(void)unlink(path);
	if (fd < 0) {
		control_error(call, 500, strerror(errno));
		return;
	}
	call->resp.status = 200;
	http_set(call, "Content-Type", "application/octet-stream");
	http_send_file(call, fd, 0, jint(about, "bytes"));
	http_done(call);
}

void control_snapshot_export(void *self, struct http_call *call)
{
	struct error err;
	call->user = self;
	begun(call, snapshot_export(self, call->arg[0], send_export, call, &err), &err);
}

/* A body on its way into a file beside the snapshots, or, without a folder, into memory. */
struct upload {
	struct server *s;
	struct http_call *call;
	char *path;
	int fd;
	struct buf bytes;
	int error; /* errno */
};

static void upload_free(struct upload *u)
{
	if (u->fd >= 0)
		close(u->fd);
	if (u->path)
		(void)unlink(u->path);
	free(u->path);
	buf_free(&u->bytes);
	free(u);
}

static bool upload_piece(void *arg, struct slice bytes)
{
	struct upload *u = arg;
	if (u->fd < 0)
		buf_addsl(&u->bytes, bytes);
	while (u->fd >= 0 && !u->error && bytes.n) {
		ssize_t n = write(u->fd, bytes.p, bytes.n);
		if (n > 0)
			bytes = sl_from(bytes, (size_t)n);
		else if (errno != EINTR)
			u->error = n ? errno : EIO;
	}
	return true;
}

static void upload_gone(void *arg)
{
	upload_free(arg);
}

static void upload_end(void *arg)
{
	struct upload *u = arg;
	struct http_call *call = u->call;
	struct error err;
	call->service = "control";
	if (u->error || u->bytes.bad) {
		control_error(call, 500, u->error ? strerror(u->error) : "too large");
	} else {
		int rc = snapshot_import(u->s, call->arg[0], is_on(&call->req, "over"), u->path, &u->bytes, answer, call, &err);
		begun(call, rc, &err);
		if (!rc) {
			free(u->path); /* the import's by now */
			u->path = NULL;
		}
	}
	upload_free(u);
}

static struct upload *upload_begin(struct server *s, struct http_call *call)
{
	struct upload *u = xcalloc(1, sizeof(*u));
	*u = (struct upload){ .s = s, .call = call, .fd = -1, .bytes.max = SIZE_MAX };
	if (server_env(s)->dir) {
		u->path = snapshot_temp(snapshots_of(s), "import");
		u->fd = open(u->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		u->error = u->fd < 0 ? errno : 0;
	}
	return u;
}

bool control_snapshot_head(struct server *s, struct http_call *call)
{
	static const struct http_sink sink = { upload_piece, upload_end, upload_gone };
	struct slice rest;
	unsigned allowed;
	if (!sl_eqs(call->req.method, "PUT") || !sl_after(call->req.path, S("/_tarn/snapshots/"), &rest) || !sl_ends(rest, S("/file")))
		return false;
	if (!control_admits(s, call))
		return true;
	const struct route *op = route_call(control_tables, call, &allowed); /* names the snapshot */
	if (op && op->fn == control_snapshot_import)
		http_take(call, &sink, upload_begin(s, call));
	return false;
}

/* On the AWS port the body comes whole. */
void control_snapshot_import(void *self, struct http_call *call)
{
	struct upload *u = upload_begin(self, call);
	(void)upload_piece(u, call->req.body);
	upload_end(u);
}
