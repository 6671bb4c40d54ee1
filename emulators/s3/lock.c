/* Object lock: a bucket's configuration, and retention and legal hold of versions, kept as lines of their headers.
 *
 * DIFFERS: puts with a lock need no Content-MD5 or checksum; the tokens of support (x-amz-bucket-object-lock-token) aren't asked for. */
#include "versions.h"

#include <time.h>

#define MODE_LINE "tarn-lock-mode"
#define UNTIL_LINE "tarn-lock-until" /* ms since 1970 */
#define HOLD_LINE "tarn-legal-hold"
#define MODE_HEADER "x-amz-object-lock-mode"
#define UNTIL_HEADER "x-amz-object-lock-retain-until-date"
#define HOLD_HEADER "x-amz-object-lock-legal-hold"
#define KIND "object-lock"
#define DAY_MS 86400000ll
enum { DAYS_MAX = 36500, YEARS_MAX = 100 };

struct lock {
	struct slice mode; /* absent: no retention */
	int64_t until_ms;
	struct slice hold; /* "ON", "OFF"; absent: never set */
};

static bool is_mode(struct slice v)
{
	return sl_eqs(v, "GOVERNANCE") || sl_eqs(v, "COMPLIANCE");
}

static bool is_hold(struct slice v)
{
	return sl_eqs(v, "ON") || sl_eqs(v, "OFF");
}

static struct lock lock_of(const struct s3_object *o)
{
	struct lock l = { .mode = s3_header_of(o, MODE_LINE), .hold = s3_header_of(o, HOLD_LINE) };
	if (!sl_int(s3_header_of(o, UNTIL_LINE), 0, INT64_MAX, &l.until_ms))
		l.mode = sl(NULL);
	return l;
}

struct slice s3_lock_without(struct arena *a, struct slice headers)
{
	struct slice line, rest = headers;
	struct buf b = { 0 };
	if (sl_find(headers, S("tarn-l")) < 0)
		return headers;
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && !sl_starts(line, S(MODE_LINE ":")) && !sl_starts(line, S(UNTIL_LINE ":")) && !sl_starts(line, S(HOLD_LINE ":")))
			buf_addf(&b, "%.*s\n", SL(line));
	}
	line = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return line;
}

static struct slice lock_lines(struct arena *a, const struct lock *l)
{
	struct slice out = S("");
	if (l->mode.n)
		out = arena_printf(a, MODE_LINE ":%.*s\n" UNTIL_LINE ":%lld\n", SL(l->mode), (long long)l->until_ms);
	if (l->hold.n)
		out = arena_printf(a, "%.*s" HOLD_LINE ":%.*s\n", SL(out), SL(l->hold));
	return out;
}

/* ---- what requests ask for ---- */

/* As AWS's error tells it: in its own time zone. */
static struct slice west_coast_date(struct arena *a, int64_t ms)
{
	time_t at = (time_t)(ms / 1000 - 8 * 3600);
	struct tm tm;
	char text[64];
	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%a %b %d %H:%M:%S PST %Y", &tm);
	return arena_dup(a, sl(text));
}

static int bad_lock(struct s3_fail *f, const char *name, struct slice value, const char *text)
{
	s3_extra(f, "ArgumentName", sl(name));
	if (value.p)
		s3_extra(f, "ArgumentValue", value);
	return s3_failf(f, S3_E_INVALID_ARGUMENT, "%s", text);
}

/* ISO 8601, with an offset from UTC, too. */
static bool parse_date(struct slice text, int64_t *out)
{
	struct slice tail = text.n > 6 ? sl_from(text, text.n - 6) : S("");
	int64_t hours, minutes, sign = tail.n && tail.p[0] == '-' ? -1 : 1;
	if (!tail.n || (tail.p[0] != '+' && tail.p[0] != '-') || tail.p[3] != ':')
		return clock_parse_iso(text, out);
	if (!sl_int(sl_of(tail.p + 1, 2), 0, 23, &hours) || !sl_int(sl_of(tail.p + 4, 2), 0, 59, &minutes))
		return false;
	text.n -= 6;
	if (!clock_parse_iso(text, out))
		return false;
	*out -= sign * (hours * 60 + minutes) * 60000;
	return true;
}

static int check_until(struct s3 *s, const char *name, int64_t ms, struct s3_fail *f)
{
	if (ms > s->now_ms)
		return 0;
	return bad_lock(f, name, west_coast_date(f->arena, ms), "The retain until date must be in the future!");
}

int s3_lock_of(struct s3 *s, struct s3_req *r, struct slice *out)
{
	struct slice until = s3_request_header(r, UNTIL_HEADER);
	struct lock l = { .mode = s3_request_header(r, MODE_HEADER), .hold = s3_request_header(r, HOLD_HEADER) };
	struct s3_bucket b;
	int rc;
	*out = S("");
	if (!l.mode.p && !until.p && !l.hold.p)
		return 0;
	if (!l.mode.p != !until.p)
		return bad_lock(&r->fail, until.p ? MODE_HEADER : UNTIL_HEADER, sl(NULL), UNTIL_HEADER " and " MODE_HEADER " must both be supplied");
	if (l.mode.p && !is_mode(l.mode))
		return bad_lock(&r->fail, MODE_HEADER, l.mode, "Unknown wormMode directive.");
	if (until.p && !parse_date(sl_trim(until), &l.until_ms))
		return bad_lock(&r->fail, UNTIL_HEADER, until, "The retain until date must be provided in ISO 8601 format");
	if (l.hold.p && !is_hold(l.hold))
		return bad_lock(&r->fail, HOLD_HEADER, l.hold, "Legal Hold must be either of 'ON' or 'OFF'");
	if ((rc = s3_bucket_get(s, r->bucket, &b, &r->fail)) != 0)
		return rc;
	if (!b.lock.n)
		return s3_fail(&r->fail, S3_E_NO_OBJECT_LOCK);
	if (until.p && (rc = check_until(s, UNTIL_HEADER, l.until_ms, &r->fail)) != 0)
		return rc;
	*out = lock_lines(r->a, &l);
	return 0;
}

/* The number in an element of a stored document; 0: it isn't there. */
static int64_t number_in(struct slice doc, const char *open)
{
	ssize_t at = sl_find(doc, sl(open)), end;
	int64_t n = 0;
	if (at < 0)
		return 0;
	doc = sl_from(doc, (size_t)at + strlen(open));
	end = sl_chr(doc, '<');
	return end > 0 && sl_int(sl_of(doc.p, (size_t)end), 1, DAYS_MAX, &n) ? n : 0;
}

/* The same day so many years on; 29 February becomes 1 March. */
static int64_t years_on(int64_t ms, int64_t years)
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;
	gmtime_r(&at, &tm);
	tm.tm_year += (int)years;
	return (int64_t)timegm(&tm) * 1000 + ms % 1000;
}

void s3_lock_default(struct s3 *s, const struct s3_bucket *b, struct arena *a, struct slice *headers)
{
	const struct s3_object o = { .headers = *headers };
	int64_t days = number_in(b->lock, "<Days>"), years = number_in(b->lock, "<Years>");
	struct lock l = { .mode = sl_find(b->lock, S("<Mode>COMPLIANCE<")) >= 0 ? S("COMPLIANCE") : S("GOVERNANCE") };
	if ((!days && !years) || s3_header_of(&o, MODE_LINE).p)
		return;
	l.until_ms = days ? s->now_ms + days * DAY_MS : years_on(s->now_ms, years);
	*headers = arena_printf(a, "%.*s%.*s", SL(*headers), SL(lock_lines(a, &l)));
}

/* ---- what locks do ---- */

static int protected(struct s3_fail *f)
{
	return s3_failf(f, S3_E_ACCESS_DENIED, "Access Denied because object protected by object lock.");
}

int s3_lock_may_go(struct s3 *s, const struct s3_object *o, bool bypass, struct s3_fail *f)
{
	struct lock l = lock_of(o);
	bool kept = l.mode.n && l.until_ms > s->now_ms;
	if (sl_eqs(l.hold, "ON") || (kept && (!bypass || sl_eqs(l.mode, "COMPLIANCE"))))
		return protected(f);
	return 0;
}

void s3_lock_answer(struct s3_req *r, const struct s3_object *o)
{
	struct lock l;
	char date[32];
	if (sl_find(o->headers, S("tarn-l")) < 0)
		return;
	l = lock_of(o);
	if (l.mode.n) {
		clock_iso(l.until_ms, date);
		http_setsl(r->call, MODE_HEADER, l.mode);
		http_set(r->call, UNTIL_HEADER, "%s", date);
	}
	if (l.hold.n)
		http_setsl(r->call, HOLD_HEADER, l.hold);
}

/* ---- operations on a bucket ---- */

bool s3_lock_asked(const struct s3_req *r)
{
	return sl_eq_nocase(s3_request_header(r, "x-amz-bucket-object-lock-enabled"), S("true"));
}

int s3_lock_enable(struct s3 *s, struct slice bucket, struct s3_fail *f)
{
	struct error err;
	int rc = s3_store_config_put(&s->store, bucket, "versioning", S(""), S("<Status>Enabled</Status>"), &err);
	if (rc == 0)
		rc = s3_store_config_put(&s->store, bucket, KIND, S(""), S("<ObjectLockEnabled>Enabled</ObjectLockEnabled>"), &err);
	return rc ? s3_store_fail(f, &err) : 0;
}

int s3_op_get_object_lock(struct s3 *s, struct s3_req *r)
{
	struct s3_bucket b;
	struct buf xml = { 0 };
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	if (!b.lock.n) {
		s3_extra(&r->fail, "BucketName", r->bucket);
		return s3_fail(&r->fail, S3_E_NO_LOCK);
	}
	s3_xml_start(&xml, "ObjectLockConfiguration");
	buf_addsl(&xml, b.lock);
	return s3_answer_xml(r, &xml, "ObjectLockConfiguration");
}

/* Days or years of a default retention, one of them. */
static int parse_period(struct s3_req *r, const struct xml_node *retention, struct slice *out)
{
	const struct xml_node *days = xml_child(retention, "Days"), *years = xml_child(retention, "Years");
	const char *element = days ? "Days" : "Years";
	int64_t n;
	if (!days == !years || !sl_int(sl_trim((days ? days : years)->text), INT64_MIN, INT64_MAX, &n))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if (n <= 0)
		return s3_failf(&r->fail, S3_E_RETENTION_PERIOD, "Default retention period must be a positive integer value.");
	if (n > (days ? DAYS_MAX : YEARS_MAX))
		return s3_failf(&r->fail, S3_E_RETENTION_PERIOD, "Default retention period is too large.");
	*out = arena_printf(r->a, "<Rule><DefaultRetention><Mode>%.*s</Mode><%s>%lld</%s></DefaultRetention></Rule>", SL(xml_text(retention, "Mode")), element,
			    (long long)n, element);
	return 0;
}

int s3_op_put_object_lock(struct s3 *s, struct s3_req *r)
{
	const struct xml_node *root, *rule, *retention = NULL;
	struct slice period = S("");
	struct s3_bucket b;
	struct error err;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc || (rc = s3_request_xml(r, "ObjectLockConfiguration", &root)) != 0)
		return rc;
	rule = xml_child(root, "Rule");
	if (rule)
		retention = xml_child(rule, "DefaultRetention");
	if (!sl_eqs(xml_text(root, "ObjectLockEnabled"), "Enabled") || (rule && (!retention || !is_mode(xml_text(retention, "Mode")))))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if (retention && (rc = parse_period(r, retention, &period)) != 0)
		return rc;
	if (b.versioning != S3_VERSIONED)
		return s3_failf(&r->fail, S3_E_BUCKET_STATE, "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
	period = arena_printf(r->a, "<ObjectLockEnabled>Enabled</ObjectLockEnabled>%.*s", SL(period));
	if (s3_store_config_put(&s->store, r->bucket, KIND, S(""), period, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = 200;
	return 0;
}

/* ---- operations on an object ---- */

static int find_lockable(struct s3 *s, struct s3_req *r, struct s3_object *o)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	if (rc)
		return rc;
	return b.lock.n ? s3_request_object(s, r, o) : s3_fail(&r->fail, S3_E_NO_OBJECT_LOCK);
}

static int set_lock(struct s3 *s, struct s3_req *r, struct s3_object *o, const struct lock *l)
{
	struct error err;
	o->headers = arena_printf(r->a, "%.*s%.*s", SL(s3_lock_without(r->a, o->headers)), SL(lock_lines(r->a, l)));
	if (s3_store_object_update(&s->store, r->bucket, o, &err))
		return s3_store_fail(&r->fail, &err);
	r->call->resp.status = 200;
	return 0;
}

static int never_set(struct s3_req *r)
{
	return s3_fail(&r->fail, S3_E_NO_LOCK_OF_OBJECT);
}

int s3_op_get_retention(struct s3 *s, struct s3_req *r)
{
	struct s3_object o;
	struct lock l;
	struct buf xml = { 0 };
	char date[32];
	int rc = find_lockable(s, r, &o);
	if (rc)
		return rc;
	l = lock_of(&o);
	if (!l.mode.n)
		return never_set(r);
	clock_iso(l.until_ms, date);
	s3_xml_start(&xml, "Retention");
	s3_xml_el(&xml, "Mode", l.mode);
	s3_xml_el(&xml, "RetainUntilDate", sl(date));
	return s3_answer_xml(r, &xml, "Retention");
}

/* Whether a retention may be replaced: it only grows, unless the caller passes governance over. */
static int may_replace(struct s3 *s, struct s3_req *r, const struct lock *old, const struct lock *new)
{
	bool grows = sl_eq(old->mode, new->mode) && new->until_ms >= old->until_ms;
	bool bypass = sl_eq_nocase(s3_request_header(r, "x-amz-bypass-governance-retention"), S("true"));
	if (!old->mode.n || old->until_ms <= s->now_ms || grows)
		return 0;
	if (!bypass || sl_eqs(old->mode, "COMPLIANCE"))
		return protected(&r->fail);
	return s3_authorize_as(s, r, "BypassGovernanceRetention", r->bucket, r->key, &r->fail);
}

/* What is wrong with the document is told before what is wrong with the bucket. */
static int parse_lock(struct s3 *s, struct s3_req *r, const char *root, const struct xml_node **out)
{
	struct s3_bucket b;
	int rc = s3_bucket_get(s, r->bucket, &b, &r->fail);
	return rc ? rc : s3_request_xml(r, root, out);
}

int s3_op_put_retention(struct s3 *s, struct s3_req *r)
{
	const struct xml_node *root, *until;
	struct s3_object o;
	struct lock old, new = { .mode = sl(NULL) };
	int rc = parse_lock(s, r, "Retention", &root);
	if (rc)
		return rc;
	until = xml_child(root, "RetainUntilDate");
	new.mode = xml_text(root, "Mode");
	/* An empty one takes it away. */
	if (!new.mode.n != !until || (new.mode.n && (!is_mode(new.mode) || !parse_date(sl_trim(until->text), &new.until_ms))))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if ((rc = find_lockable(s, r, &o)) != 0 || (until && (rc = check_until(s, "RetainUntilDate", new.until_ms, &r->fail)) != 0))
		return rc;
	old = lock_of(&o);
	new.hold = old.hold;
	if ((rc = may_replace(s, r, &old, &new)) != 0)
		return rc;
	return set_lock(s, r, &o, &new);
}

int s3_op_get_legal_hold(struct s3 *s, struct s3_req *r)
{
	struct s3_object o;
	struct lock l;
	struct buf xml = { 0 };
	int rc = find_lockable(s, r, &o);
	if (rc)
		return rc;
	l = lock_of(&o);
	if (!l.hold.n)
		return never_set(r);
	s3_xml_start(&xml, "LegalHold");
	s3_xml_el(&xml, "Status", l.hold);
	return s3_answer_xml(r, &xml, "LegalHold");
}

int s3_op_put_legal_hold(struct s3 *s, struct s3_req *r)
{
	const struct xml_node *root;
	struct slice status;
	struct s3_object o;
	struct lock l;
	int rc = parse_lock(s, r, "LegalHold", &root);
	if (rc)
		return rc;
	status = xml_text(root, "Status");
	if (!is_hold(status))
		return s3_fail(&r->fail, S3_E_MALFORMED_XML);
	if ((rc = find_lockable(s, r, &o)) != 0)
		return rc;
	l = lock_of(&o);
	l.hold = status;
	return set_lock(s, r, &o, &l);
}
