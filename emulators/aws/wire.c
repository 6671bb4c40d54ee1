#include "aws/call.h"

#include "core/gzip.h"
#include "core/text.h"

/* Those that don't speak JSON, and those whose unsigned requests a target names: botocore's service models. The others are told by
 * their Content-Type, and speak rest-json without one that says so. */
static const struct {
	const char *scope; /* signing name */
	enum aws_protocol protocol;
	const char *version, *ns; /* version: of the API, in requests */
} apis[] = {
	{ "sts", AWS_QUERY, "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/" },
	{ "iam", AWS_QUERY, "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/" },
	{ "rds", AWS_QUERY, "2014-10-31", "http://rds.amazonaws.com/doc/2014-10-31/" },
	{ "monitoring", AWS_QUERY, "2010-08-01", "http://monitoring.amazonaws.com/doc/2010-08-01/" },
	{ "sns", AWS_QUERY, "2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/" },
	{ "sqs", AWS_QUERY, "2012-11-05", "http://queue.amazonaws.com/doc/2012-11-05/" },
	{ "autoscaling", AWS_QUERY, "2011-01-01", "http://autoscaling.amazonaws.com/doc/2011-01-01/" },
	{ "cloudformation", AWS_QUERY, "2010-05-15", "http://cloudformation.amazonaws.com/doc/2010-05-15/" },
	{ "elasticache", AWS_QUERY, "2015-02-02", "http://elasticache.amazonaws.com/doc/2015-02-02/" },
	{ "elasticbeanstalk", AWS_QUERY, "2010-12-01", "http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/" },
	{ "elasticloadbalancing", AWS_QUERY, "2015-12-01", "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/" },
	{ "elasticloadbalancing", AWS_QUERY, "2012-06-01", "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/" },
	{ "redshift", AWS_QUERY, "2012-12-01", "http://redshift.amazonaws.com/doc/2012-12-01/" },
	{ "ses", AWS_QUERY, "2010-12-01", "http://ses.amazonaws.com/doc/2010-12-01/" },
	{ "sdb", AWS_QUERY, "2009-04-15", "http://sdb.amazonaws.com/doc/2009-04-15/" },
	{ "cloudsearch", AWS_QUERY, "2013-01-01", "http://cloudsearch.amazonaws.com/doc/2013-01-01/" },
	{ "ec2", AWS_EC2, "2016-11-15", "http://ec2.amazonaws.com/doc/2016-11-15/" },
	{ "s3", AWS_REST_XML, NULL, NULL },
	{ "route53", AWS_REST_XML, NULL, "https://route53.amazonaws.com/doc/2013-04-01/" },
	{ "cloudfront", AWS_REST_XML, NULL, "http://cloudfront.amazonaws.com/doc/2020-05-31/" },
};

/* "AmazonSSM.GetParameter": what unsigned requests of the JSON protocols, and CBOR's paths, call their service. */
static const struct {
	const char *prefix, *scope;
} targets[] = {
	{ "AmazonSSM", "ssm" }, { "TrentService", "kms" }, { "Logs_20140328", "logs" }, { "GraniteServiceVersion20100801", "monitoring" },
	{ "com.amazonaws.cloudtrail.", "cloudtrail" }, { "DynamoDB_", "dynamodb" }, { "AmazonSQS", "sqs" }, { "secretsmanager", "secretsmanager" },
	{ "AWSGlue", "glue" }, { "AmazonAthena", "athena" }, { "Firehose_", "firehose" }, { "Kinesis_", "kinesis" }, { "AWSEvents", "events" },
};

struct slice aws_param(const struct http_req *req, const char *name)
{
	struct http_req form = *req;
	form.query = req->body;
	struct slice found = http_query(&form, name);
	return found.p ? found : http_query(req, name);
}

static bool is_type(const struct http_req *req, const char *type)
{
	return sl_starts_nocase(http_get(req, "Content-Type"), sl(type));
}

bool aws_is_query(const struct http_req *req)
{
	if (!sl_eqs(req->path, "/"))
		return false;
	return (is_type(req, "application/x-www-form-urlencoded") && !req->query.p) || (http_query(req, "Action").p && http_query(req, "Version").p);
}

/* "TARGET.Operation", or CBOR's "/service/TARGET/operation/Operation". */
static void read_target(struct aws_ask *a)
{
	const struct http_req *req = &a->call->req;
	struct slice target = http_get(req, "X-Amz-Target"), rest = { 0 };
	if (sl_after(req->path, S("/service/"), &rest))
		sl_cut(rest, '/', &target, &rest);
	if (!target.p)
		return;
	for (size_t i = 0; !a->service.p && i < ARRAY_LEN(targets); i++)
		if (sl_starts(target, sl(targets[i].prefix)))
			a->service = sl(targets[i].scope);
	if (rest.p && sl_after(rest, S("operation/"), &a->operation))
		return;
	size_t at = target.n;
	while (at && target.p[at - 1] != '.')
		at--;
	a->operation = sl_from(target, at);
}

/* A packed form as far as its Action and Version, which SDKs write first; all of it is unpacked when the request is known (call.c). */
static struct http_req form_of(const struct http_req *req)
{
	struct http_req form = *req;
	struct buf begin = { .max = 128 << 10 };
	struct error err;
	if (!sl_eq_nocase(http_get(req, "Content-Encoding"), S("gzip")))
		return form;
	(void)(gzip_unpack(req->body, &begin, &err) == 0); /* longer than that, or damaged: what there is of it */
	form.body = arena_dup(req->arena, buf_slice(&begin));
	buf_free(&begin);
	return form;
}

static void read_query(struct aws_ask *a)
{
	struct http_req form = form_of(&a->call->req);
	struct slice version = aws_param(&form, "Version");
	a->operation = aws_param(&form, "Action");
	for (size_t i = 0; i < ARRAY_LEN(apis); i++)
		if (apis[i].version && (a->service.p ? sl_eqs(a->service, apis[i].scope) : sl_eqs(version, apis[i].version))) {
			a->service = sl(apis[i].scope);
			a->protocol = apis[i].protocol;
			a->ns = apis[i].ns;
			if (sl_eqs(version, apis[i].version))
				return;
		}
}

void aws_ask_read(struct http_call *call, struct slice scope, struct aws_ask *out)
{
	const struct http_req *req = &call->req;
	char id[37];
	uuid_text(faults_hash(1, sl(req->trace), 0), faults_hash(2, sl(req->trace), 0), 4, id);
	*out = (struct aws_ask){ .call = call, .service = scope, .protocol = AWS_REST_JSON, .request_id = arena_dup(req->arena, sl(id)) };
	if (http_get(req, "smithy-protocol").p || is_type(req, "application/cbor")) {
		out->protocol = AWS_CBOR;
		read_target(out);
	} else if (is_type(req, "application/x-amz-json-")) {
		out->protocol = AWS_JSON;
		read_target(out);
	} else if (aws_is_query(req)) {
		out->protocol = AWS_QUERY;
		read_query(out);
	} else {
		for (size_t i = 0; scope.p && i < ARRAY_LEN(apis); i++)
			if (sl_eqs(scope, apis[i].scope)) {
				out->protocol = apis[i].protocol;
				out->ns = apis[i].ns;
			}
	}
}

const char *aws_json_type(const struct http_req *req)
{
	return is_type(req, "application/x-amz-json-1.0") ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1";
}

/* ---- errors ---- */

static void element(struct buf *b, const char *name, struct slice value)
{
	buf_addf(b, "<%s>", name);
	buf_xml_escape(b, value);
	buf_addf(b, "</%s>", name);
}

static void add_xml(struct buf *b, const struct aws_ask *a, int status, const char *code, struct slice text)
{
	bool s3 = a->protocol == AWS_REST_XML && !a->ns, ec2 = a->protocol == AWS_EC2;
	buf_adds(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	if (ec2)
		buf_adds(b, "<Response><Errors>");
	else if (!s3 && a->ns)
		buf_addf(b, "<ErrorResponse xmlns=\"%s\">", a->ns);
	else if (!s3)
		buf_adds(b, "<ErrorResponse>");
	buf_adds(b, "<Error>");
	if (!s3 && !ec2)
		element(b, "Type", status < 500 ? S("Sender") : S("Receiver"));
	element(b, "Code", sl(code));
	element(b, "Message", text);
	if (s3)
		element(b, "RequestId", a->request_id);
	buf_adds(b, "</Error>");
	if (ec2)
		buf_adds(b, "</Errors>");
	if (!s3)
		element(b, ec2 ? "RequestID" : "RequestId", a->request_id);
	buf_adds(b, s3 ? "" : ec2 ? "</Response>" : "</ErrorResponse>");
	buf_addc(b, '\n');
}

static void cbor_text(struct buf *b, struct slice s)
{
	buf_u8(b, 0x79); /* text with its length in two bytes */
	buf_u16be(b, (uint16_t)s.n);
	buf_addsl(b, s);
}

static void add_map(struct buf *b, const struct aws_ask *a, const char *code, const json_t *also, struct slice text)
{
	const char *key;
	json_t *one;
	if (a->protocol == AWS_CBOR) {
		buf_u8(b, 0xa2);
		cbor_text(b, S("__type"));
		cbor_text(b, sl(code));
		cbor_text(b, S("message"));
		cbor_text(b, text);
		return;
	}
	jw_obj(b, NULL);
	if (a->protocol == AWS_JSON)
		jw_text(b, "__type", code);
	json_object_foreach((json_t *)also, key, one)
		jw_str(b, key, json_slice(one));
	jw_str(b, "message", text);
	jw_obj_end(b);
}

/* CloudWatch's errors have a name of their shape beside the query protocol's code, which the header tells. */
static const char *shape_name(const struct aws_ask *a, const char *code)
{
	static const struct {
		const char *code, *shape;
	} rows[] = {
		{ "InvalidParameterValue", "InvalidParameterValueException" }, { "InvalidParameterCombination", "InvalidParameterCombinationException" },
		{ "MissingParameter", "MissingRequiredParameterException" }, { "InvalidParameterInput", "DashboardInvalidInputError" },
		{ "InvalidFormat", "InvalidFormatFault" }, { "LimitExceeded", "LimitExceededFault" }, { "ValidationError", "ValidationException" },
	};
	for (size_t i = 0; sl_eqs(a->service, "monitoring") && i < ARRAY_LEN(rows); i++)
		if (!strcmp(code, rows[i].code))
			return rows[i].shape;
	return code;
}

void aws_fail(const struct aws_ask *a, int status, const char *code, const json_t *also, const char *fmt, ...)
{
	struct buf text = { .max = 4096 }, good = { .max = 16384 }, b = { 0 };
	struct http_call *call = a->call;
	const char *type = "text/xml";
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	buf_utf8_mend(&good, buf_slice(&text), "?");
	http_setsl(call, "x-amzn-RequestId", a->request_id);
	switch (a->protocol) {
	case AWS_QUERY:
	case AWS_EC2:
	case AWS_REST_XML:
		add_xml(&b, a, status, code, buf_slice(&good));
		break;
	case AWS_CBOR:
		http_set(call, "smithy-protocol", "rpc-v2-cbor");
		type = "application/cbor";
		if (http_get(&call->req, "x-amzn-query-mode").p)
			http_set(call, "x-amzn-query-error", "%s;%s", code, status < 500 ? "Sender" : "Receiver");
		add_map(&b, a, shape_name(a, code), also, buf_slice(&good));
		break;
	case AWS_JSON:
		type = aws_json_type(&call->req);
		if (http_get(&call->req, "x-amzn-query-mode").p)
			http_set(call, "x-amzn-query-error", "%s;%s", code, status < 500 ? "Sender" : "Receiver");
		add_map(&b, a, shape_name(a, code), also, buf_slice(&good));
		break;
	case AWS_REST_JSON:
		type = "application/json";
		http_set(call, "x-amzn-ErrorType", "%s", code);
		add_map(&b, a, code, also, buf_slice(&good));
		break;
	}
	buf_free(&text);
	buf_free(&good);
	http_reply_buf(call, status, type, &b);
}

/* As the services answer to an operation that they don't know: no 5xx, which clients would try again. */
void aws_unserved(const struct aws_ask *a)
{
	static const struct {
		int status;
		const char *code;
	} says[] = {
		[AWS_QUERY] = { 400, "InvalidAction" },
		[AWS_EC2] = { 400, "InvalidAction" },
		[AWS_REST_XML] = { 400, "NotImplemented" },
		[AWS_JSON] = { 400, "UnknownOperationException" },
		[AWS_REST_JSON] = { 404, "UnknownOperationException" },
		[AWS_CBOR] = { 400, "UnknownOperationException" },
	};
	struct slice service = a->service.p ? a->service : S("unsigned requests");
	aws_fail(a, says[a->protocol].status, says[a->protocol].code, NULL, "tarn does not serve %.*s%s%.*s: tarn help api lists what it does",
		 SL(service), a->operation.n ? " " : "", SL(a->operation));
}
