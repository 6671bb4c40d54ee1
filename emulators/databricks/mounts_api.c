/* /api/tarn/mounts: dbutils.fs.mount, unmount and mounts as calls; what isn't the API's own. */
#include "core/json.h"
#include "databricks/databricks.h"

static void reply(struct http_call *call, struct buf *b)
{
	buf_addc(b, '\n');
	http_reply(call, 200, "application/json", buf_slice(b));
	buf_free(b);
}

static void add_mount(struct buf *b, struct slice point, struct slice source)
{
	jw_obj(b, NULL);
	jw_str(b, "mountPoint", point);
	jw_str(b, "source", source);
	jw_text(b, "encryptionType", "");
	jw_obj_end(b);
}

static void op_list(void *self, struct http_call *call)
{
	const struct databricks *j = self;
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_list(&b, "mounts");
	for (size_t i = 0; i < j->mounts.n; i++)
		add_mount(&b, sl(j->mounts.rows[i].point), sl(j->mounts.rows[i].source));
	jw_list_end(&b);
	jw_obj_end(&b);
	reply(call, &b);
}

static void op_resolve(void *self, struct http_call *call)
{
	const struct databricks *j = self;
	struct slice path = http_query(&call->req, "path");
	struct object_path to;
	struct error err;
	struct buf b = { 0 };
	int rc = path.p ? path_resolve(j->env->ports, call->req.arena, path, &to, &err)
			: err_set(&err, ERR_INVALID, "Missing required field: path");
	if (rc) {
		problem_reply(call, &err);
		return;
	}
	jw_obj(&b, NULL);
	jw_str(&b, "bucket", to.bucket);
	jw_str(&b, "key", to.key);
	jw_obj_end(&b);
	reply(call, &b);
}

struct mounting {
	struct databricks *j;
	struct http_call *call;
	struct dbx_mounting what; /* in the call's arena */
};

/* A bucket that isn't there can't be mounted, as S3A finds when it opens the file system. */
static void on_bucket(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *found)
{
	struct mounting *m = arg;
	struct slice bucket = m->what.at.bucket;
	struct error err = { 0 };
	struct buf b = { 0 };
	int rc = 0;
	if (found && found->def && !strcmp(found->def->code, "NoSuchBucket"))
		rc = err_set(&err, ERR_NOT_FOUND, "java.rmi.RemoteException: java.io.FileNotFoundException: Bucket %.*s does not exist; nested "
						 "exception is: \n\tjava.io.FileNotFoundException: Bucket %.*s does not exist",
			    SL(bucket), SL(bucket));
	else if (found)
		rc = err_set(&err, found->kind, "bucket %.*s: %s", SL(bucket), found->text);
	if (!rc)
		rc = dbx_mounts_add(&m->j->mounts, &m->what, &err);
	if (rc) {
		problem_reply(m->call, &err);
		return;
	}
	add_mount(&b, m->what.point, m->what.source);
	reply(m->call, &b);
}

static void op_mount(void *self, struct http_call *call)
{
	struct databricks *j = self;
	const struct object_store *s = &j->env->ports->objects;
	struct arena *a = call->req.arena;
	JSON_AUTO body = json_loadb(call->req.body.p ? call->req.body.p : "", call->req.body.n, JSON_ALLOW_NUL, NULL);
	struct slice source = jslice(body, "source"), point = jslice(body, json_object_get(body, "mountPoint") ? "mountPoint" : "mount_point");
	struct mounting *m = arena_alloc(a, sizeof(*m));
	struct error err = { 0 };
	*m = (struct mounting){ j, call };
	int rc = source.p && point.p ? 0 : err_set(&err, ERR_INVALID, "Missing required field: %s", source.p ? "mountPoint" : "source");
	if (!rc)
		rc = dbx_mounts_check(&j->mounts, a, arena_dup(a, source), arena_dup(a, point), &m->what, &err);
	if (!rc)
		rc = port_needed(j->env, PORT_OBJECTS, &err);
	if (rc) {
		problem_reply(call, &err);
		return;
	}
	owed_keep(&j->owed, s->list(s->self, m->what.at.bucket, S(""), sl(NULL), on_bucket, m));
}

/* DELETE /api/tarn/mounts/mnt/x, or ?mountPoint=/mnt/x */
static void op_unmount(void *self, struct http_call *call)
{
	struct databricks *j = self;
	struct slice point = http_query(&call->req, "mountPoint");
	struct error err = { 0 };
	if (call->arg[0].p)
		point = arena_printf(call->req.arena, "/%.*s", SL(call->arg[0]));
	if (!point.p)
		point = http_query(&call->req, "mount_point");
	int rc = point.p ? dbx_mounts_remove(&j->mounts, point, &err) : err_set(&err, ERR_INVALID, "Missing required field: mountPoint");
	if (rc)
		problem_reply(call, &err);
	else
		http_reply(call, 200, "application/json", S("{}\n"));
}

/* Nothing of OAuth is served: clients come with a token. */
static void op_host(void *self, struct http_call *call)
{
	struct slice host = http_get(&call->req, "Host");
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_fmt(&b, "oidc_endpoint", "%s://%.*s/oidc", call->req.secure ? "https" : "http", SL(host.p ? host : S("localhost")));
	jw_text(&b, "workspace_id", "0");
	jw_text(&b, "cloud", "AWS");
	jw_obj_end(&b);
	reply(call, &b);
}

static const struct route rows[] = {
	{ "GET", "/.well-known/databricks-config", "HostMetadata", "what SDKs ask of a host first", op_host },
	{ "GET", "/api/tarn/mounts", "Mounts", "what is mounted", op_list },
	{ "GET", "/api/tarn/mounts/resolve", "Resolve", "bucket and key of ?path=", op_resolve },
	{ "POST", "/api/tarn/mounts", "Mount", "mounts {source} on {mountPoint}", op_mount },
	{ "DELETE", "/api/tarn/mounts", "Unmount", "unmounts ?mountPoint=", op_unmount },
	{ "DELETE", "/api/tarn/mounts/{+}", "Unmount", "unmounts the path", op_unmount },
};
const struct routes dbx_mount_routes = ROUTES(rows);
