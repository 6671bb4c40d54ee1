/* Notifications: what happens to objects is told to where a bucket's configuration says, as a JSON document of S3's: a stream of Kinesis, a
 * topic of Kafka, an address of HTTP, or the journal (EventBridge). A document leaves after the commit of what it tells of, once; one that can't be
 * delivered is a line of the log. Spec: docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 *
 * DIFFERS: destinations are arn:aws:kinesis:…:stream/NAME, arn:aws:kafka:…:topic/CLUSTER/UUID/TOPIC and http://… beside EventBridge, in place of
 * queues, topics of SNS and functions, which are refused as missing; events of replication, Intelligent-Tiering and lost copies aren't taken. */
#include "notify.h"

#include "core/httpc.h"
#include "core/journal.h"
#include "core/json.h"
#include "config.h"
#include "owner.h"
#include "versions.h"

/* ---- configurations ---- */

const struct s3_shape s3_notify_shapes[] = {
	{ "root", "TopicConfiguration*@topic QueueConfiguration*@queue CloudFunctionConfiguration*@function EventBridgeConfiguration?@none" },
	{ "topic", "Id? Topic Event+ Filter?@filter" },
	{ "queue", "Id? Queue Event+ Filter?@filter" },
	{ "function", "Id? CloudFunction Event+ Filter?@filter" },
	{ "filter", "S3Key?@key" },
	{ "key", "FilterRule*@rule" },
	{ "rule", "Name? Value?" },
	{ "none", "" },
	{ NULL, NULL },
};

/* Elements that name a destination. */
static const struct {
	const char *element, *to, *missing; /* missing: AWS's word where there is no such one */
} kinds[] = {
	{ "TopicConfiguration", "Topic", "The destination topic does not exist" },
	{ "QueueConfiguration", "Queue", "The destination queue does not exist" },
	{ "CloudFunctionConfiguration", "CloudFunction", "Not authorized to invoke function" },
};

static const char *const events[] = { "ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload", "ObjectRemoved:Delete",
	"ObjectRemoved:DeleteMarkerCreated", "ObjectRestore:Post", "ObjectRestore:Completed", "LifecycleExpiration:Delete", "LifecycleExpiration:DeleteMarkerCreated",
	"LifecycleTransition", "ObjectTagging:Put", "ObjectTagging:Delete", "ObjectAcl:Put" };

/* "s3:ObjectCreated:*" is every event that begins so. */
static bool covers(struct slice pattern, struct slice name)
{
	struct slice rest;
	if (!sl_after(pattern, S("s3:"), &rest))
		return false;
	return sl_eq(rest, name) || (sl_ends(rest, S(":*")) && sl_starts(name, sl_of(rest.p, rest.n - 1)));
}

enum to { TO_NOBODY, TO_STREAM, TO_TOPIC, TO_HTTP };
/* Where an ARN or address leads; *name: of the stream or topic, or the address. */
static enum to destination(struct slice arn, struct slice *name)
{
	ssize_t at;
	*name = arn;
	if (sl_starts(arn, S("http://")) || sl_starts(arn, S("https://")))
		return TO_HTTP;
	bool kafka = sl_starts(arn, S("arn:aws:kafka:"));
	if ((at = sl_find(arn, kafka ? S(":topic/") : S(":stream/"))) < 0 || (!kafka && !sl_starts(arn, S("arn:aws:kinesis:"))))
		return TO_NOBODY;
	*name = sl_from(arn, (size_t)at + (kafka ? 7 : 8));
	for (ssize_t slash; kafka && (slash = sl_chr(*name, '/')) >= 0;)
		*name = sl_from(*name, (size_t)slash + 1);
	return name->n ? kafka ? TO_TOPIC : TO_STREAM : TO_NOBODY;
}

static int check_rule(struct s3_req *r, const struct xml_node *rule)
{
	struct slice name = xml_text(rule, "Name");
	if (sl_eq_nocase(name, S("prefix")) || sl_eq_nocase(name, S("suffix")))
		return 0;
	s3_extra(&r->fail, "ArgumentName", S("FilterRule.Name"));
	s3_extra(&r->fail, "ArgumentValue", name);
	return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "filter rule name must be either prefix or suffix");
}

static int check_one(struct s3_req *r, const struct xml_node *c)
{
	int rc = 0;
	for (const struct xml_node *e = c->first; e && !rc; e = e->next) {
		bool known = false;
		for (size_t i = 0; i < ARRAY_LEN(events); i++)
			known |= covers(e->text, sl(events[i]));
		if (sl_eqs(e->name, "Event") && !known && (sl_starts(e->text, S("s3:Replication")) || sl_eqs(e->text, "s3:IntelligentTiering") || sl_eqs(e->text, "s3:ReducedRedundancyLostObject")))
			return s3_failf(&r->fail, S3_E_NOT_IMPLEMENTED, "Events of %.*s don't happen here.", SL(e->text));
		if (sl_eqs(e->name, "Event") && !known) {
			s3_extra(&r->fail, "ArgumentName", S("Event"));
			s3_extra(&r->fail, "ArgumentValue", e->text);
			return s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "The event '%.*s' is not supported for notifications", SL(e->text));
		}
	}
	const struct xml_node *filter = xml_child(c, "Filter"), *key = filter ? xml_child(filter, "S3Key") : NULL;
	for (const struct xml_node *rule = key ? key->first : NULL; rule && !rc; rule = rule->next)
		rc = check_rule(r, rule);
	return rc;
}

int s3_notify_check(struct s3 *s, struct s3_req *r, const struct xml_node *root)
{
	bool skip = sl_eq_nocase(s3_request_header(r, "x-amz-skip-destination-validation"), S("true"));
	size_t missing = 0;
	struct slice name;
	int rc = 0;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (const struct xml_node *c = root->first; c && !rc; c = c->next) {
			if (!sl_eqs(c->name, kinds[k].element) || (rc = check_one(r, c)) != 0)
				continue;
			struct slice to = xml_text(c, kinds[k].to);
			if (skip || destination(to, &name) != TO_NOBODY || missing == 3)
				continue;
			missing++;
			s3_extra(&r->fail, missing == 1 ? "ArgumentName1" : missing == 2 ? "ArgumentName2" : "ArgumentName3", to);
			s3_extra(&r->fail, missing == 1 ? "ArgumentValue1" : missing == 2 ? "ArgumentValue2" : "ArgumentValue3", sl(kinds[k].missing));
		}
	if (!rc && missing)
		rc = s3_failf(&r->fail, S3_E_INVALID_ARGUMENT, "Unable to validate the following destination configurations");
	s->notifies = s->notifies_known = true;
	return rc;
}

/* Ids that are missing are made. */
void s3_notify_text(struct buf *b, const struct xml_node *root)
{
	struct buf inside = { 0 };
	uint8_t sum[32];
	for (const struct xml_node *c = root->first; c; c = c->next) {
		buf_reset(&inside);
		s3_xml_inside(&inside, c);
		buf_addf(b, "<%.*s>", SL(c->name));
		if (!sl_eqs(c->name, "EventBridgeConfiguration") && !xml_text(c, "Id").n) {
			hash_sha256(inside.p, inside.n, sum);
			buf_adds(b, "<Id>");
			buf_hex(b, sum, 16);
			buf_adds(b, "</Id>");
		}
		buf_addsl(b, buf_slice(&inside));
		buf_addf(b, "</%.*s>", SL(c->name));
	}
	buf_free(&inside);
}

/* ---- telling ---- */

/* A document on its way. */
struct s3_event {
	struct loop_held held;
	struct loop_soon soon;
	struct s3_event *next, **at;
	struct s3 *s;
	char *to, *text; /* to NULL: the journal */
	bool queued;     /* for the next turn */
	struct error err;
};

static void forget(struct s3_event *e)
{
	loop_unhold(e->s->env->loop, &e->held);
	if (e->queued) {
		loop_never(e->s->env->loop, &e->soon);
		loop_pending_add(e->s->env->loop, -1);
	}
	if ((*e->at = e->next))
		e->next->at = e->at;
	free(e->to);
	free(e->text);
	free(e);
}

static void undelivered(struct s3_event *e, const char *why)
{
	log_warn(e->s->env, "notification", "to=%s lost=\"%s\"", e->to, why);
	forget(e);
}

static void on_stream(void *arg, int status, struct slice body, const struct error *err)
{
	struct s3_event *e = arg;
	char why[200];
	snprintf(why, sizeof(why), "status %d: %.*s", status, (int)(body.n > 150 ? 150 : body.n), body.p ? body.p : "");
	if (err || status != 200)
		undelivered(e, err ? err->text : why);
	else
		forget(e);
}

static void on_topic(void *arg, const struct append_result *a, size_t n, const struct error *err)
{
	struct s3_event *e = arg;
	if (err || a[0].error)
		undelivered(e, err ? err->text : "the broker refuses it");
	else
		forget(e);
}

static void on_http(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct s3_event *e = arg;
	char why[32];
	if (!err)
		snprintf(why, sizeof(why), "status %d", resp->status);
	if (err || resp->status >= 300)
		undelivered(e, err ? err->text : why);
	else
		forget(e);
}

static void to_stream(struct s3_event *e, struct slice name)
{
	const struct stream *st = &e->s->env->ports->stream;
	struct buf b = { 0 }, data = { 0 };
	buf_base64(&data, e->text, strlen(e->text));
	jw_obj(&b, NULL);
	jw_str(&b, "StreamName", name);
	jw_text(&b, "PartitionKey", "s3");
	jw_str(&b, "Data", buf_slice(&data));
	jw_obj_end(&b);
	if (st->self)
		owed_keep(&e->s->asked, st->call(st->self, sl(NULL), S("PutRecord"), buf_slice(&b), sl(NULL), on_stream, e));
	else
		undelivered(e, "no streams here: kinesis is not running");
	buf_free(&b);
	buf_free(&data);
}

static void to_topic(struct s3_event *e, struct slice name)
{
	const struct record_log *log = &e->s->env->ports->log;
	const struct log_append in = { .topic = name, .partition = -1, .record = { .value = sl(e->text), .timestamp_ms = -1 } };
	if (log->self)
		owed_keep(&e->s->asked, log->append(log->self, &in, 1, on_topic, e));
	else
		undelivered(e, "no topics here: kafka is not running");
}

static void to_http(struct s3_event *e)
{
	const struct http_header type = { S("Content-Type"), S("application/json") };
	const struct httpc_req req = { .method = S("POST"), .url = sl(e->to), .headers = &type, .header_n = 1, .body = sl(e->text), .hops = 1 };
	owed_keep(&e->s->asked, httpc_send(e->s->env->httpc, &req, on_http, e));
}

static void deliver(void *arg)
{
	struct s3_event *e = arg;
	struct slice name;
	e->queued = false;
	loop_pending_add(e->s->env->loop, -1);
	if (!e->to) {
		journal_add(e->s->env->journal, e->s->now_ms, 0, S("-"), "s3", "EventBridge", 200, "%s", e->text);
		forget(e);
		return;
	}
	switch (destination(sl(e->to), &name)) {
	case TO_STREAM:
		to_stream(e, name);
		break;
	case TO_TOPIC:
		to_topic(e, name);
		break;
	case TO_HTTP:
		to_http(e);
		break;
	case TO_NOBODY:
		undelivered(e, "there is no such destination");
		break;
	}
}

/* What it tells of is committed: it leaves in a tick of its own. */
static void release(struct loop_held *h)
{
	struct s3_event *e = (struct s3_event *)((char *)h - offsetof(struct s3_event, held));
	if (loop_tick_failed(e->s->env->loop)) {
		forget(e);
		return;
	}
	e->queued = true;
	loop_pending_add(e->s->env->loop, 1);
	loop_later(e->s->env->loop, &e->soon, deliver, e);
}

static void send(struct s3 *s, struct slice to, struct buf *text)
{
	struct s3_event *e = xcalloc(1, sizeof(*e));
	*e = (struct s3_event){ .s = s, .next = s->events, .at = &s->events, .to = to.p ? xstrndup(to.p, to.n) : NULL, .text = xstrdup(buf_cstr(text)) };
	if (e->next)
		e->next->at = &e->next;
	s->events = e;
	loop_hold(s->env->loop, &e->held, release);
}

/* ---- what happened ---- */

static bool key_fits(const struct xml_node *c, struct slice key)
{
	const struct xml_node *filter = xml_child(c, "Filter"), *in = filter ? xml_child(filter, "S3Key") : NULL;
	bool fits = true;
	for (const struct xml_node *rule = in ? in->first : NULL; rule; rule = rule->next) {
		struct slice value = xml_text(rule, "Value");
		fits = fits && (sl_eq_nocase(xml_text(rule, "Name"), S("prefix")) ? sl_starts(key, value) : sl_ends(key, value));
	}
	return fits;
}

static bool wants(const struct xml_node *c, struct slice name, struct slice key)
{
	for (const struct xml_node *e = c->first; e; e = e->next)
		if (sl_eqs(e->name, "Event") && covers(e->text, name))
			return key_fits(c, key);
	return false;
}

static void write_event(struct s3 *s, struct arena *a, const struct s3_bucket *b, struct slice id, struct slice name, const struct s3_happened *h, struct buf *out)
{
	struct s3_owner owner = s3_owner_of_bucket(s, a, b);
	/* The answer is made next, by s3_finish. */
	struct s3_req answer = { .a = a, .request_id = arena_printf(a, "%016llX", (unsigned long long)s->request_n + 1) };
	struct buf key = { 0 };
	char now[32];
	clock_iso(s->now_ms, now);
	buf_url_escape(&key, h->key, true);
	jw_obj(out, NULL);
	jw_list(out, "Records");
	jw_obj(out, NULL);
	jw_text(out, "eventVersion", "2.1");
	jw_text(out, "eventSource", "aws:s3");
	jw_str(out, "awsRegion", b->region);
	jw_text(out, "eventTime", now);
	jw_str(out, "eventName", name);
	jw_obj(out, "userIdentity");
	jw_str(out, "principalId", owner.id);
	jw_obj_end(out);
	jw_obj(out, "requestParameters");
	jw_text(out, "sourceIPAddress", s->remote[0] ? s->remote : "127.0.0.1"); /* none: who asks is in this process */
	jw_obj_end(out);
	jw_obj(out, "responseElements");
	jw_str(out, "x-amz-request-id", answer.request_id);
	jw_str(out, "x-amz-id-2", s3_host_id(&answer));
	jw_obj_end(out);
	jw_obj(out, "s3");
	jw_text(out, "s3SchemaVersion", "1.0");
	jw_str(out, "configurationId", id);
	jw_obj(out, "bucket");
	jw_str(out, "name", b->name);
	jw_obj(out, "ownerIdentity");
	jw_str(out, "principalId", owner.id);
	jw_obj_end(out);
	jw_fmt(out, "arn", "arn:aws:s3:::%.*s", SL(b->name));
	jw_obj_end(out);
	jw_obj(out, "object");
	jw_str(out, "key", buf_slice(&key));
	if (h->object) {
		jw_int(out, "size", h->object->size);
		jw_str(out, "eTag", h->object->etag);
	}
	if (b->versioning != S3_UNVERSIONED)
		jw_str(out, "versionId", h->object ? s3_version_text(a, h->object->version) : h->version);
	jw_fmt(out, "sequencer", "%016llX", (unsigned long long)++s->sequencer);
	jw_obj_end(out);
	jw_obj_end(out);
	jw_obj_end(out);
	jw_list_end(out);
	jw_obj_end(out);
	buf_free(&key);
}

/* Looked for once. */
bool s3_notifies(struct s3 *s)
{
	struct arena a = { 0 };
	struct s3_bucket b = { .name = S("") };
	struct error err;
	if (!s->notifies_known) {
		while (!s->notifies && s3_store_bucket_after(&s->store, &a, b.name, &b, &err) == 0)
			s->notifies = s3_config(s, &a, b.name, "notification").n > 0;
		s->notifies_known = true;
		arena_free(&a);
	}
	return s->notifies;
}

void s3_notify(struct s3 *s, const struct s3_bucket *b, const struct s3_happened *h)
{
	struct arena a = { 0 };
	struct buf text = { 0 };
	if (!s3_notifies(s))
		return;
	const struct xml_node *root = s3_xml_stored(&a, s3_config(s, &a, b->name, "notification"));
	struct slice name = sl(h->event);
	for (const struct xml_node *c = root ? root->first : NULL; c; c = c->next) {
		bool bridge = sl_eqs(c->name, "EventBridgeConfiguration");
		struct slice to = sl(NULL);
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			if (sl_eqs(c->name, kinds[k].element))
				to = xml_text(c, kinds[k].to);
		if (!bridge && !wants(c, name, h->key))
			continue;
		buf_reset(&text);
		if (bridge) /* a line of the journal */
			buf_addf(&text, "%.*s s3://%.*s/%.*s", SL(name), SL(b->name), SL(h->key));
		else
			write_event(s, &a, b, xml_text(c, "Id"), name, h, &text);
		send(s, to, &text);
	}
	buf_free(&text);
	arena_free(&a);
}

void s3_notify_op(struct s3 *s, struct s3_req *r, const char *op)
{
	static const struct {
		const char *op, *event;
	} of[] = {
		{ "PutObjectTagging", "ObjectTagging:Put" },
		{ "DeleteObjectTagging", "ObjectTagging:Delete" },
		{ "PutObjectAcl", "ObjectAcl:Put" },
		{ "RestoreObject", "ObjectRestore:Post" },
		{ "RestoreObject", "ObjectRestore:Completed" }, /* it is over at once */
	};
	struct s3_bucket b;
	struct s3_object o;
	struct s3_fail f = { .arena = r->a };
	for (size_t i = 0; i < ARRAY_LEN(of); i++)
		if (!strcmp(of[i].op, op) && s3_notifies(s) && s3_bucket_get(s, r->bucket, &b, &f) == 0 && s3_request_object(s, r, &o) == 0)
			s3_notify(s, &b, &(struct s3_happened){ of[i].event, r->key, sl(NULL), &o });
}

void s3_notify_close(struct s3 *s)
{
	owed_cancel_all(&s->asked);
	while (s->events)
		forget(s->events);
}
