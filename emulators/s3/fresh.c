/* Reads of configuration: what AWS says of a bucket or object nobody has configured. Clients ask for these before and
 * after their own work; setting them is not served (501). */
#include "versions.h"

enum where { BUCKET, OBJECT };
#define GET(name) { "GET", NULL, name, "what a fresh one answers" }
static const struct fresh {
	struct route route;
	enum where where;
	const char *param;
	enum s3_err err;  /* when root is NULL */
	const char *root, *inside;
} answers[] = {
	{ GET("GetBucketNotificationConfiguration"), BUCKET, "notification", 0, "NotificationConfiguration", "" },
};
const struct routes s3_fresh_routes = ROUTES(answers);

static int fresh_answer(struct s3_req *r, const struct fresh *x)
{
	struct buf b = { 0 };
	if (!x->root) {
		if (x->where == BUCKET && x->err != S3_E_NO_CONFIGURATION)
			s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, x->err);
	}
	s3_xml_start(&b, x->root);
	buf_adds(&b, x->inside);
	return s3_answer_xml(r, &b, x->root);
}

bool s3_fresh(struct s3 *s, struct s3_req *r, const char **op, int *rc)
{
	enum where where = r->key.p ? OBJECT : BUCKET;
	if (!sl_eqs(r->http->method, "GET"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct s3_bucket b;
		struct s3_object o;
		if (answers[i].where != where || !http_query(r->http, answers[i].param).p)
			continue;
		*op = answers[i].route.name;
		if ((*rc = s3_authorize(s, r, *op)) != 0)
			return true;
		*rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
		if (*rc == 0 && where == OBJECT)
			*rc = s3_request_object(s, r, &o);
		if (*rc == 0)
			*rc = fresh_answer(r, &answers[i]);
		return true;
	}
	return false;
}
