/* What lies in an archive (GLACIER, DEEP_ARCHIVE) is read once it was restored, for as many days as were asked for.
 *
 * DIFFERS: a restore is over at once, whatever its tier; AWS takes minutes to days. */
#include "versions.h"

#define RESTORED "tarn-restored" /* a line of an object's headers: until when, in ms */
enum { DAY_MS = 86400000 };

static bool is_archived(const struct s3_object *o)
{
	return sl_eqs(o->class, "GLACIER") || sl_eqs(o->class, "DEEP_ARCHIVE");
}

/* 0: it isn't restored. */
static int64_t restored_until(struct s3 *s, const struct s3_object *o)
{
	int64_t ms;
	return sl_int(s3_header_of(o, RESTORED), 0, INT64_MAX, &ms) && ms > s->now_ms ? ms : 0;
}

int s3_check_archive(struct s3 *s, const struct s3_object *o, bool copy, struct s3_fail *f)
{
	if (!is_archived(o) || restored_until(s, o))
		return 0;
	s3_extra(f, "StorageClass", o->class);
	return copy ? s3_failf(f, S3_E_OBJECT_STATE, "Operation is not valid for the source object's storage class") : s3_fail(f, S3_E_OBJECT_STATE);
}

void s3_answer_restore(struct s3 *s, struct s3_req *r, const struct s3_object *o)
{
	int64_t until = is_archived(o) ? restored_until(s, o) : 0;
	char date[40];
	if (!until)
		return;
	clock_http(until, date);
	http_set(r->call, "x-amz-restore", "ongoing-request=\"false\", expiry-date=\"%s\"", date);
}

/* Days, and a tier that there is. */
static int parse(struct s3_req *r, int64_t *days)
{
	static const char *const tiers[] = { "Standard", "Bulk", "Expedited" };
	const struct xml_node *root, *job;
	struct slice tier;
	bool known;
	int rc = s3_request_xml(r, "RestoreRequest", &root);
	if (rc)
		return rc;
	if (xml_child(root, "SelectParameters") || xml_child(root, "OutputLocation"))
		return s3_failf(&r->fail, S3_E_NOT_IMPLEMENTED, "Restores that select are not served by this emulator.");
	job = xml_child(root, "GlacierJobParameters");
	tier = job ? xml_text(job, "Tier") : xml_text(root, "Tier");
	known = !tier.n;
	for (size_t i = 0; i < ARRAY_LEN(tiers); i++)
		known |= sl_eqs(tier, tiers[i]);
	return known && sl_int(xml_text(root, "Days"), 1, INT32_MAX, days) ? 0 : s3_fail(&r->fail, S3_E_MALFORMED_XML);
}

int s3_op_restore(struct s3 *s, struct s3_req *r)
{
	struct s3_object o;
	struct slice line, rest;
	struct buf b = { 0 };
	struct error err;
	int64_t days;
	bool again;
	int rc = parse(r, &days);
	if (rc || (rc = s3_request_object(s, r, &o)) != 0)
		return rc;
	if (!is_archived(&o)) {
		s3_extra(&r->fail, "StorageClass", o.class);
		return s3_failf(&r->fail, S3_E_OBJECT_STATE, "Restore is not allowed for the object's current storage class");
	}
	again = restored_until(s, &o) > 0;
	for (rest = o.headers; rest.n;) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && !sl_starts(line, S(RESTORED ":")))
			buf_addf(&b, "%.*s\n", SL(line));
	}
	/* At the midnight after, as AWS counts. */
	buf_addf(&b, RESTORED ":%lld\n", (long long)((s->now_ms / DAY_MS + days + 1) * DAY_MS));
	o.headers = arena_dup(r->a, buf_slice(&b));
	buf_free(&b);
	if (s3_store_object_update(&s->store, r->bucket, &o, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = again ? 200 : 202;
	return 0;
}
