/* Regions: which there are, and where a bucket may be made. */
#include "s3.h"

static const char *const regions[] = { "us-east-1", "us-east-2", "us-west-1", "us-west-2", "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1",
	"ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
	"ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-central-2",
	"eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
	"sa-east-1", "us-gov-east-1", "us-gov-west-1" };

bool s3_region_known(struct slice region)
{
	for (size_t i = 0; i < ARRAY_LEN(regions); i++)
		if (sl_eqs(region, regions[i]))
			return true;
	return false;
}

struct slice s3_region_of(struct slice location)
{
	return sl_eqs(location, "EU") ? S("eu-west-1") : location;
}

int s3_region_check(struct s3_req *r, struct slice asked)
{
	struct slice here = r->auth.region;
	bool global;
	if (sl_eqs(here, "aws-global")) {
		s3_extra(&r->fail, "Region", S("us-east-1"));
		return s3_failf(&r->fail, S3_E_AUTH_HEADER, "The authorization header is malformed; the region 'aws-global' is wrong; expecting 'us-east-1'");
	}
	/* Signed for no region of AWS's ("US" of s3cmd, "auto"), or not at all: as us-east-1, from where buckets are made anywhere. */
	global = !here.n || sl_eqs(here, "us-east-1") || !s3_region_known(here);
	if (global && asked.n && !sl_eqs(asked, "EU") && (sl_eqs(asked, "us-east-1") || !s3_region_known(asked))) {
		s3_extra(&r->fail, "LocationConstraint", asked);
		return s3_fail(&r->fail, S3_E_INVALID_LOCATION);
	}
	if (global || sl_eq(s3_region_of(asked), here))
		return 0;
	return s3_failf(&r->fail, S3_E_ILLEGAL_LOCATION, "The %.*s location constraint is incompatible for the region specific endpoint this request was sent to.",
			SL(asked.n ? asked : S("unspecified")));
}

int s3_region_judge(struct s3 *s, struct s3_req *r)
{
	struct slice here = r->auth.region, there;
	const struct s3_op *op = s3_find_op(r);
	struct s3_bucket b;
	struct error err;
	/* Any region makes buckets, and tells where one is. */
	if (!here.n || !r->bucket.n || (op && (op->run == s3_op_create_bucket || op->run == s3_op_location)) ||
	    s3_store_bucket(&s->store, r->a, r->bucket, &b, &err))
		return 0;
	there = s3_region_of(b.region);
	if (sl_eq(here, there))
		return 0;
	http_setsl(r->call, "x-amz-bucket-region", there);
	if (r->virtual_host) {
		s3_extra(&r->fail, "Region", there);
		return s3_failf(&r->fail, S3_E_AUTH_HEADER, "The authorization header is malformed; the region '%.*s' is wrong; expecting '%.*s'", SL(here), SL(there));
	}
	s3_extra(&r->fail, "Endpoint", arena_printf(r->a, "s3.%.*s.amazonaws.com", SL(there)));
	s3_extra(&r->fail, "Bucket", r->bucket);
	return s3_fail(&r->fail, S3_E_REDIRECT);
}
