/* Lifecycle: rules of a bucket, which its objects they are about, and when. What they do is in lifecycle_run.c.
 * Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */
#include "core/hash.h"
#include "lifecycle.h"

#define MINIMUM "x-amz-transition-default-minimum-object-size"
#define MINIMUM_KIND "lifecycle-minimum"
#define MINIMUM_USUAL "all_storage_classes_128K"
#define MINIMUM_VARIES "varies_by_storage_class"

const struct s3_shape s3_lifecycle_shapes[] = {
	{ "root", "Rule+@rule" },
	{ "rule", "ID? Prefix? Filter?@filter Status:Enabled|Disabled Expiration?@expiration Transition*@transition "
		  "NoncurrentVersionTransition*@older_transition NoncurrentVersionExpiration?@older AbortIncompleteMultipartUpload?@abort" },
	{ "filter", "Prefix? Tag?@tag ObjectSizeGreaterThan?:int ObjectSizeLessThan?:int And?@and" },
	{ "and", "Prefix? Tag*@tag ObjectSizeGreaterThan?:int ObjectSizeLessThan?:int" },
	{ "tag", "Key Value" },
	{ "expiration", "Date?:date Days?:int ExpiredObjectDeleteMarker?:bool" },
	{ "transition", "Date?:date Days?:int StorageClass:STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|GLACIER|GLACIER_IR|DEEP_ARCHIVE" },
	{ "older_transition", "NoncurrentDays:int NewerNoncurrentVersions?:int "
			      "StorageClass:STANDARD_IA|ONEZONE_IA|INTELLIGENT_TIERING|GLACIER|GLACIER_IR|DEEP_ARCHIVE" },
	{ "older", "NoncurrentDays:int NewerNoncurrentVersions?:int" },
	{ "abort", "DaysAfterInitiation:int" },
	{ NULL, NULL },
};

/* ---- what is wrong with a document ---- */

static int bad_argument(struct s3_req *r, const char *text)
{
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "%s", text);
}

static int check_date(struct s3_req *r, struct slice date)
{
	int64_t ms = 0;
	if (date.n == 10 || (clock_parse_iso(date, &ms) && ms % S3_DAY_MS == 0))
		return 0;
	return s3_bad_argument(r, "Date", date, "'Date' must be at midnight GMT");
}

static int check_when(struct s3_req *r, const struct xml_node *n, bool expiration)
{
	struct slice days = xml_text(n, "Days"), date = xml_text(n, "Date"), marker = xml_text(n, "ExpiredObjectDeleteMarker");
	if (!!days.p + !!date.p + !!marker.p != 1)
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if (expiration && sl_eqs(days, "0"))
		return bad_argument(r, "'Days' for Expiration action must be a positive integer");
	return date.p ? check_date(r, date) : 0;
}

static int check_filter(struct s3_req *r, const struct xml_node *filter)
{
	const struct xml_node *and = xml_child(filter, "And");
	bool sizes = xml_child(filter, "ObjectSizeGreaterThan") || xml_child(filter, "ObjectSizeLessThan");
	if (and ? filter->first != filter->last : sizes && (xml_child(filter, "Prefix") || xml_child(filter, "Tag")))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	for (const struct xml_node *t = and ? and->first : NULL; t; t = t->next)
		for (const struct xml_node *u = and->first; u != t; u = u->next)
			if (sl_eqs(t->name, "Tag") && sl_eqs(u->name, "Tag") && sl_eq(xml_text(t, "Key"), xml_text(u, "Key")))
				return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Duplicate Tag Keys are not allowed.");
	return 0;
}

static int check_rule(struct s3_req *r, const struct xml_node *root, const struct xml_node *rule)
{
	const struct xml_node *filter = xml_child(rule, "Filter");
	struct slice id = xml_text(rule, "ID");
	bool acts = false;
	int rc = 0;
	if (!filter == !xml_child(rule, "Prefix"))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if (id.n > 255)
		return bad_argument(r, "ID length should not exceed allowed limit of 255");
	for (const struct xml_node *u = root->first; id.n && u != rule; u = u->next)
		if (sl_eq(xml_text(u, "ID"), id))
			return bad_argument(r, "Rule ID must be unique. Found same ID for more than one rule");
	if (filter && (rc = check_filter(r, filter)) != 0)
		return rc;
	for (const struct xml_node *c = rule->first; c && rc == 0; c = c->next) {
		bool other = sl_eqs(c->name, "ID") || sl_eqs(c->name, "Status") || sl_eqs(c->name, "Filter") || sl_eqs(c->name, "Prefix");
		acts |= !other;
		if (sl_eqs(c->name, "Expiration") || sl_eqs(c->name, "Transition"))
			rc = check_when(r, c, sl_eqs(c->name, "Expiration"));
		else if (!other && (sl_eqs(xml_text(c, "NoncurrentDays"), "0") || sl_eqs(xml_text(c, "DaysAfterInitiation"), "0")))
			rc = sl_eqs(c->name, "NoncurrentVersionTransition") ? 0 : bad_argument(r, "A number of days must be a positive integer");
	}
	if (rc == 0 && !acts)
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "At least one action needs to be specified in a rule");
	return rc;
}

int s3_lifecycle_check(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	int rc = 0, n = 0;
	for (const struct xml_node *rule = root->first; rule && rc == 0; rule = rule->next)
		rc = ++n > 1000 ? s3_fail(&r->fail, S3_E_MALFORMED_XML) : check_rule(r, root, rule);
	return rc;
}

/* Rules without an id get one: of their text, so the same in every run. */
void s3_lifecycle_text(struct buf *b, const struct xml_node *root)
{
	for (const struct xml_node *rule = root->first; rule; rule = rule->next) {
		struct buf inside = { 0 };
		uint8_t sum[16];
		s3_xml_inside(&inside, rule);
		buf_adds(b, "<Rule>");
		if (!xml_text(rule, "ID").n) {
			hash_md5(inside.p, inside.n, sum);
			buf_adds(b, "<ID>");
			buf_hex(b, sum, sizeof(sum));
			buf_adds(b, "</ID>");
		}
		buf_addsl(b, buf_slice(&inside));
		buf_adds(b, "</Rule>");
		buf_free(&inside);
	}
}

/* ---- operations ---- */

static struct slice minimum_of(struct s3 *s, struct arena *a, struct slice bucket)
{
	struct slice v = s3_config(s, a, bucket, MINIMUM_KIND);
	return v.n ? v : S(MINIMUM_USUAL);
}

int s3_op_get_lifecycle(struct s3 *s, struct s3_req *r)
{
	int rc = s3_config_get(s, r);
	if (rc == 0)
		http_setsl(r->call, MINIMUM, minimum_of(s, r->a, r->bucket));
	return rc;
}

int s3_op_put_lifecycle(struct s3 *s, struct s3_req *r)
{
	struct slice minimum = s3_request_header(r, MINIMUM);
	struct error err;
	int rc;
	if (minimum.n && !sl_eqs(minimum, MINIMUM_USUAL) && !sl_eqs(minimum, MINIMUM_VARIES))
		return s3_failf(&r->fail, S3_E_INVALID_REQUEST, "Invalid TransitionDefaultMinimumObjectSize found: %.*s", SL(minimum));
	if ((rc = s3_config_put(s, r)) != 0)
		return rc;
	if (s3_store_config_put(&s->store, r->bucket, MINIMUM_KIND, S(""), minimum.n ? minimum : S(MINIMUM_USUAL), &err))
		return s3_store_fail(&r->fail, &err);
	http_setsl(r->call, MINIMUM, minimum.n ? minimum : S(MINIMUM_USUAL));
	s->lifecycle.any = true;
	return 0;
}

/* ---- which objects, and when ---- */

int64_t s3_lifecycle_days(int64_t from_ms, int64_t days)
{
	return (from_ms + days * S3_DAY_MS + S3_DAY_MS - 1) / S3_DAY_MS * S3_DAY_MS;
}

static bool has_tag(struct slice tags, const struct xml_node *tag)
{
	struct buf b = { 0 };
	bool has;
	buf_adds(&b, "<Tag>");
	s3_xml_el(&b, "Key", xml_text(tag, "Key"));
	s3_xml_el(&b, "Value", xml_text(tag, "Value"));
	buf_adds(&b, "</Tag>");
	has = sl_find(tags, buf_slice(&b)) >= 0;
	buf_free(&b);
	return has;
}

bool s3_lifecycle_is_about(const struct xml_node *rule, struct slice key, const struct s3_object *o)
{
	const struct xml_node *filter = xml_child(rule, "Filter"), *and = filter ? xml_child(filter, "And") : NULL;
	int64_t n;
	if (!sl_eqs(xml_text(rule, "Status"), "Enabled"))
		return false;
	filter = and ? and : filter ? filter : rule;
	for (const struct xml_node *c = filter->first; c; c = c->next) {
		if (sl_eqs(c->name, "Prefix") && !sl_starts(key, c->text))
			return false;
		if (sl_eqs(c->name, "Tag") && (!o || !has_tag(s3_header_of(o, S3_TAGS), c)))
			return false;
		if (sl_eqs(c->name, "ObjectSizeGreaterThan") && (!o || !sl_int(sl_trim(c->text), 0, INT64_MAX, &n) || o->size <= n))
			return false;
		if (sl_eqs(c->name, "ObjectSizeLessThan") && (!o || !sl_int(sl_trim(c->text), 0, INT64_MAX, &n) || o->size >= n))
			return false;
	}
	return true;
}

int64_t s3_lifecycle_number(const struct xml_node *n, const char *name)
{
	int64_t v;
	return n && sl_int(xml_text(n, name), 0, INT64_MAX / S3_DAY_MS / 2, &v) ? v : -1;
}

int64_t s3_lifecycle_when(const struct xml_node *action, int64_t from_ms)
{
	struct slice date = action ? xml_text(action, "Date") : sl(NULL);
	int64_t days = s3_lifecycle_number(action, "Days"), ms;
	char iso[32];
	if (days >= 0)
		return s3_lifecycle_days(from_ms, days);
	if (!date.p)
		return INT64_MAX;
	snprintf(iso, sizeof(iso), "%.*sT00:00:00Z", (int)(date.n < 10 ? date.n : 10), date.p);
	return clock_parse_iso(sl(iso), &ms) ? ms : INT64_MAX;
}

bool s3_lifecycle_moves(struct s3 *s, struct arena *a, struct slice bucket, const struct xml_node *rule, const struct s3_object *o, struct slice class)
{
	static const char *const order[] = { "STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE" };
	const struct xml_node *filter = xml_child(rule, "Filter"), *and = filter ? xml_child(filter, "And") : NULL;
	size_t from = 0, to = 0;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		from = sl_eqs(o->class, order[i]) ? i : from;
		to = sl_eqs(class, order[i]) ? i : to;
	}
	filter = and ? and : filter;
	if (to <= from)
		return false;
	/* Small ones stay, unless the rule or the bucket says otherwise. */
	if (o->size >= 128 << 10 || (filter && (xml_child(filter, "ObjectSizeGreaterThan") || xml_child(filter, "ObjectSizeLessThan"))))
		return true;
	return sl_eqs(minimum_of(s, a, bucket), MINIMUM_VARIES) && (sl_eqs(class, "GLACIER") || sl_eqs(class, "DEEP_ARCHIVE"));
}

void s3_lifecycle_answer(struct s3 *s, struct s3_req *r, const struct s3_object *o)
{
	const struct xml_node *root, *first = NULL;
	int64_t at = INT64_MAX;
	char date[40];
	if (!s->lifecycle.any || o->seq || http_query(r->http, "versionId").p || !(root = s3_xml_stored(r->a, s3_config(s, r->a, r->bucket, "lifecycle"))))
		return;
	for (const struct xml_node *rule = root->first; rule; rule = rule->next) {
		int64_t when = s3_lifecycle_is_about(rule, o->key.p ? o->key : r->key, o) ? s3_lifecycle_when(xml_child(rule, "Expiration"), o->modified_ms) : INT64_MAX;
		if (when < at) {
			at = when;
			first = rule;
		}
	}
	if (!first)
		return;
	clock_http(at, date);
	http_set(r->call, "x-amz-expiration", "expiry-date=\"%s\", rule-id=\"%.*s\"", date, SL(xml_text(first, "ID")));
}
