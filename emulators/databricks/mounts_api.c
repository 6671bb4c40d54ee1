/* /api/tarn/mounts: dbutils.fs.mount, unmount and mounts as calls. */
#include "lake/lake.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void add_mount(struct buf *b, struct slice point, struct slice source)
{
	buf_adds(b, "{\"mountPoint\":");
	buf_json_string(b, point);
	buf_adds(b, ",\"source\":");
	buf_json_string(b, source);
	buf_adds(b, ",\"encryptionType\":\"\"}");
}

void lake_mounts_list(struct lake *l, struct http_call *call)
{
	struct buf b = { 0 };
	buf_adds(&b, "{\"mounts\":[");
	for (size_t i = 0; i < l->mounts.n; i++) {
		buf_adds(&b, i ? "," : "");
		add_mount(&b, sl(l->mounts.rows[i].point), sl(l->mounts.rows[i].source));
	}
	buf_adds(&b, "]}\n");
	http_reply(call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

void lake_mounts_find(struct lake *l, struct http_call *call)
{
	struct lake_path p;
	struct error err;
	struct buf b = { 0 };
	struct slice path = http_query(&call->req, "path");
	if (!path.p)
		err_set(&err, ERR_INVALID, "Missing required field: path");
	if (!path.p || lake_mounts_resolve(&l->mounts, call->req.arena, path, &p, &err)) {
		lake_fail(call, &err);
		return;
	}
	buf_adds(&b, "{\"bucket\":");
	buf_json_string(&b, p.bucket);
	buf_adds(&b, ",\"key\":");
	buf_json_string(&b, p.key);
	buf_adds(&b, "}\n");
	http_reply(call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

struct mounting {
	struct lake *l;
	struct http_call *call;
	struct lake_path path; /* in the call's arena */
};

/* A bucket that isn't there can't be mounted, as S3A finds when it opens the file system. */
static void on_bucket(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *found)
{
	struct mounting *m = arg;
	struct error err = { 0 };
	struct buf b = { 0 };
	int rc = 0;
	(void)e;
	(void)n;
	(void)more;
	m->l->owed--;
	if (m->l->closing)
		return;
	if (found && found->def && !strcmp(found->def->code, "NoSuchBucket"))
		rc = err_set(&err, ERR_NOT_FOUND, "java.rmi.RemoteException: java.io.FileNotFoundException: Bucket %.*s does not exist; nested "
						 "exception is: \n\tjava.io.FileNotFoundException: Bucket %.*s does not exist",
			    SL(m->path.bucket), SL(m->path.bucket));
	else if (found)
		rc = err_set(&err, found->kind, "bucket %.*s: %s", SL(m->path.bucket), found->text);
	if (!rc)
		rc = lake_mounts_add(&m->l->mounts, &m->path, &err);
	if (rc) {
		lake_fail(m->call, &err);
		return;
	}
	add_mount(&b, m->path.point, m->path.source);
	buf_addc(&b, '\n');
	http_reply(m->call, 200, "application/json", buf_slice(&b));
	buf_free(&b);
}

static struct slice member(const json_t *o, const char *name, const char *other, struct arena *a)
{
	const json_t *v = json_object_get(o, name);
	if (!v)
		v = json_object_get(o, other);
	return json_is_string(v) ? arena_dup(a, sl_of(json_string_value(v), json_string_length(v))) : sl(NULL);
}

void lake_mounts_mount(struct lake *l, struct http_call *call)
{
	const struct object_store *s = &l->env->ports->objects;
	struct arena *a = call->req.arena;
	json_t *body = json_loadb(call->req.body.p ? call->req.body.p : "", call->req.body.n, JSON_ALLOW_NUL, NULL);
	struct slice source = member(body, "source", "source", a), point = member(body, "mountPoint", "mount_point", a);
	struct mounting *m = arena_alloc(a, sizeof(*m));
	struct error err = { 0 };
	json_decref(body);
	*m = (struct mounting){ l, call };
	int rc = source.p && point.p ? 0 : err_set(&err, ERR_INVALID, "Missing required field: %s", source.p ? "mountPoint" : "source");
	if (!rc)
		rc = lake_mounts_check(&l->mounts, a, source, point, &m->path, &err);
	if (!rc && !s->self)
		rc = err_set(&err, ERR_NETWORK, "no object store: start s3 too, or name one as [remote] s3");
	if (rc) {
		lake_fail(call, &err);
		return;
	}
	l->owed++;
	s->list(s->self, m->path.bucket, S(""), sl(NULL), on_bucket, m);
}

void lake_mounts_unmount(struct lake *l, struct http_call *call, struct slice rest)
{
	struct slice point = http_query(&call->req, "mountPoint");
	struct error err = { 0 };
	if (rest.n)
		point = arena_printf(call->req.arena, "/%.*s", SL(arena_url_decode(call->req.arena, rest, false)));
	if (!point.p)
		point = http_query(&call->req, "mount_point");
	int rc = point.p ? 0 : err_set(&err, ERR_INVALID, "Missing required field: mountPoint");
	if (!rc)
		rc = lake_mounts_remove(&l->mounts, point, &err);
	if (rc)
		lake_fail(call, &err);
	else
		http_reply(call, 200, "application/json", S("{}\n"));
}
