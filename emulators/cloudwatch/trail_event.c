/* An answered request as CloudTrail tells of it.
 *
 * DIFFERS: CloudTrail: responseElements are told where the answer is JSON; path parameters only of API Gateway. */
#include "cloudwatch/cloudtrail.h"

#include <ctype.h>

#include "core/cbor.h"
#include "core/text.h"

enum { PARAMETERS_MAX = 8192 };
static const char hidden[] = "HIDDEN_DUE_TO_SECURITY_REASONS";

void trail_event_free(struct trail_event *e)
{
	if (!e)
		return;
	free(e->place);
	free(e->shown);
	free(e->json);
	free(e);
}

/* ---- which requests ---- */

static bool is_one_of(struct slice s, const char *const *list)
{
	for (; *list; list++)
		if (sl_eqs(s, *list))
			return true;
	return false;
}

/* Operations on data, which no trail tells of unless it is told to. In S3 those are all but these on buckets. */
static bool is_data(struct slice scope, struct slice op)
{
	static const char *const kinesis[] = { "PutRecord", "PutRecords", "GetRecords", "GetShardIterator", "SubscribeToShard", NULL };
	static const char *const logs[] = { "PutLogEvents", "GetLogEvents", "FilterLogEvents", NULL };
	static const char *const monitoring[] = { "PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics", NULL };
	static const char *const airflow[] = { "InvokeRestApi", "Cli", "Login", NULL };
	static const char *const buckets[] = { "ListBuckets", "CreateBucket", "DeleteBucket", "HeadBucket", NULL };
	if (sl_eqs(scope, "s3"))
		return !is_one_of(op, buckets) && !(sl_find(op, S("Bucket")) >= 0);
	return is_one_of(op, sl_eqs(scope, "kinesis") ? kinesis : sl_eqs(scope, "logs") ? logs : sl_eqs(scope, "monitoring") ? monitoring :
			     sl_eqs(scope, "airflow") ? airflow : airflow + ARRAY_LEN(airflow) - 1);
}

static bool is_source(struct slice scope)
{
	static const char *const sources[] = { "sts", "iam", "ssm", "ec2", "rds", "kafka", "kafkaconnect", "kms", "logs", "monitoring", "cloudtrail", "s3", "kinesis",
					       "apigateway", "airflow", NULL };
	return is_one_of(scope, sources);
}

static bool only_reads(struct slice op)
{
	static const char *const begins[] = { "Get", "List", "Describe", "Lookup", "Head", "Simulate", "Test", "Verify", "Search" };
	static const char *const reads[] = { "Decrypt", "Encrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair", "Sign",
					     "AssumeRole", "AssumeRoleWithWebIdentity", NULL };
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (sl_starts(op, sl(begins[i])))
			return true;
	return is_one_of(op, reads);
}

/* ---- parameters ---- */

/* What nobody may read in a log: by name, in small letters. */
static bool is_secret(const char *key)
{
	static const char *const secrets[] = { "plaintext", "masteruserpassword", "password", "secretstring", "secretaccesskey", "sessiontoken", "ciphertextblob",
					       "keymaterial", "clitoken", "webtoken", "privatekeyplaintext", NULL };
	return is_one_of(sl(key), secrets);
}

static json_t *camel(const json_t *v, int depth)
{
	const char *key;
	json_t *item, *out;
	size_t i;
	if (depth > 16)
		return json_null();
	if (json_is_array(v)) {
		out = json_array();
		json_array_foreach (v, i, item)
			json_array_append_new(out, camel(item, depth + 1));
		return out;
	}
	if (!json_is_object(v))
		return json_incref((json_t *)v);
	out = json_object();
	json_object_foreach ((json_t *)v, key, item) {
		char *name = xstrdup(key), *small = xstrdup(key);
		*name = (char)tolower((unsigned char)*name);
		for (char *p = small; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		json_object_set_new(out, name, is_secret(small) ? json_string(hidden) : camel(item, depth + 1));
		free(name);
		free(small);
	}
	return out;
}

/* A form's "X.member.1" is a list. */
static json_t *lists_of(json_t *v, int depth)
{
	const char *key;
	json_t *item, *out, *list;
	if (!json_is_object(v) || depth > 16)
		return json_incref(v);
	if (json_object_size(v) == 1 && (list = json_object_get(v, "member")) && json_is_object(list)) {
		out = json_array();
		json_object_foreach (list, key, item)
			json_array_append_new(out, lists_of(item, depth + 1));
		return out;
	}
	out = json_object();
	json_object_foreach (v, key, item)
		json_object_set_new(out, key, lists_of(item, depth + 1));
	return out;
}

static json_t *body_of(const struct http_req *req, bool query)
{
	struct error err;
	if (query) {
		JSON_AUTO form = shape_form(req, &err);
		json_object_del(form, "Action");
		json_object_del(form, "Version");
		return json_is_object(form) ? lists_of(form, 0) : NULL;
	}
	if (req->body.n > PARAMETERS_MAX * 4)
		return NULL;
	if (sl_starts(http_get(req, "Content-Type"), S("application/cbor")) || sl_starts(http_get(req, "Content-Type"), S("application/x-amz-cbor")))
		return cbor_read(req->body, CBOR_SECONDS, &err);
	return json_loadb(req->body.p, req->body.n, 0, NULL);
}

static json_t *parameters_of(const struct http_call *call, struct slice scope, struct slice op)
{
	const struct http_req *req = &call->req;
	json_t *read = sl_eqs(scope, "s3") ? NULL : body_of(req, sl_starts(http_get(req, "Content-Type"), S("application/x-www-form-urlencoded")));
	json_t *out = json_is_object(read) ? camel(read, 0) : json_object();
	json_decref(read);
	if (sl_eqs(scope, "apigateway") && sl_starts(req->path, S("/restapis/")) && call->arg[0].p)
		json_object_set_new(out, "restApiId", json_stringn(call->arg[0].p, call->arg[0].n));
	if (sl_eqs(scope, "airflow") && call->arg[0].p)
		json_object_set_new(out, "Name", json_stringn(call->arg[0].p, call->arg[0].n));
	if (sl_eqs(scope, "s3") && req->path.n > 1) {
		struct slice bucket, rest;
		sl_cut(sl_from(req->path, 1), '/', &bucket, &rest);
		json_object_set_new(out, "bucketName", json_stringn(bucket.p, bucket.n));
	}
	if (sl_eqs(scope, "ssm") && sl_eqs(op, "PutParameter"))
		json_object_set_new(out, "value", json_string(hidden));
	if (!json_object_size(out)) {
		json_decref(out);
		return json_null();
	}
	return out;
}

static struct slice header_out(const struct http_call *call, const char *name)
{
	for (size_t i = 0; i < call->resp.header_n; i++)
		if (sl_eq_nocase(call->resp.headers[i].name, sl(name)))
			return call->resp.headers[i].value;
	return sl(NULL);
}

static struct slice element(struct slice xml, const char *open, const char *end)
{
	ssize_t at = sl_find(xml, sl(open)), to;
	struct slice rest = at < 0 ? sl(NULL) : sl_from(xml, (size_t)at + strlen(open));
	return rest.p && (to = sl_find(rest, sl(end))) >= 0 ? sl_of(rest.p, (size_t)to) : sl(NULL);
}

static void put_slice(json_t *to, const char *name, struct slice s)
{
	if (s.p)
		json_object_set_new(to, name, json_stringn(s.p, s.n));
}

/* The code and the words of a refusal. */
static void put_error(json_t *event, const struct http_call *call)
{
	struct slice body = buf_slice(&call->resp.body), type = header_out(call, "x-amzn-ErrorType");
	if (call->resp.status < 400)
		return;
	JSON_AUTO said = body.n && body.p[0] == '{' ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	struct slice code = said ? jslice(said, "__type") : element(body, "<Code>", "</Code>");
	struct slice text = said ? jslice(said, json_object_get(said, "message") ? "message" : "Message") : element(body, "<Message>", "</Message>");
	put_slice(event, "errorCode", code.p ? code : type);
	put_slice(event, "errorMessage", text);
}

static json_t *response_of(const struct http_call *call, bool reads)
{
	struct slice body = buf_slice(&call->resp.body);
	if (reads || call->resp.status >= 400 || !body.n || body.n > PARAMETERS_MAX || body.p[0] != '{')
		return json_null();
	JSON_AUTO said = json_loadb(body.p, body.n, 0, NULL);
	return json_is_object(said) && json_object_size(said) ? camel(said, 0) : json_null();
}

/* ---- who ---- */

static json_t *identity_of(const struct identity *who)
{
	struct buf arn = { 0 };
	json_t *o = json_object();
	bool role = who->role_session.p != NULL;
	identity_arn(who, &arn);
	json_object_set_new(o, "type", json_string(role ? "AssumedRole" : who->federated ? "FederatedUser" : who->name.p ? "IAMUser" : "Root"));
	json_object_set_new(o, "principalId", json_sprintf("%s%s%.*s", who->user_id, role ? ":" : "", SL(who->role_session)));
	json_object_set_new(o, "arn", json_string(buf_cstr(&arn)));
	json_object_set_new(o, "accountId", json_string(who->account));
	put_slice(o, "accessKeyId", who->key);
	if (!role && who->name.p)
		put_slice(o, "userName", who->name);
	if (role) {
		json_t *issuer = json_object(), *session = json_object(), *facts = json_object();
		json_object_set_new(issuer, "type", json_string("Role"));
		json_object_set_new(issuer, "principalId", json_string(who->user_id));
		json_object_set_new(issuer, "arn", json_sprintf("arn:aws:iam::%s:role/%.*s", who->account, SL(who->name)));
		json_object_set_new(issuer, "accountId", json_string(who->account));
		put_slice(issuer, "userName", who->name);
		json_object_set_new(facts, "mfaAuthenticated", json_string("false"));
		json_object_set_new(session, "sessionIssuer", issuer);
		json_object_set_new(session, "attributes", facts);
		json_object_set_new(o, "sessionContext", session);
	}
	buf_free(&arn);
	return o;
}

/* ---- what it was about ---- */

static json_t *resources_of(const json_t *parameters, const char *source)
{
	static const struct {
		const char *member, *type, *source; /* source NULL: of any */
	} rows[] = {
		{ "bucketName", "AWS::S3::Bucket", NULL }, { "roleName", "AWS::IAM::Role", NULL }, { "userName", "AWS::IAM::User", NULL },
		{ "policyArn", "AWS::IAM::Policy", NULL }, { "roleArn", "AWS::IAM::Role", "sts.amazonaws.com" }, { "streamName", "AWS::Kinesis::Stream", NULL },
		{ "streamARN", "AWS::Kinesis::Stream", NULL }, { "keyId", "AWS::KMS::Key", "kms.amazonaws.com" }, { "aliasName", "AWS::KMS::Alias", NULL },
		{ "clusterName", "AWS::MSK::Cluster", NULL }, { "connectorName", "AWS::KafkaConnect::Connector", NULL }, { "logGroupName", "AWS::Logs::LogGroup", NULL },
		{ "restApiId", "AWS::ApiGateway::RestApi", NULL }, { "alarmName", "AWS::CloudWatch::Alarm", NULL }, { "name", "AWS::SSM::Parameter", "ssm.amazonaws.com" },
		{ "dBInstanceIdentifier", "AWS::RDS::DBInstance", NULL }, { "name", "AWS::CloudTrail::Trail", "cloudtrail.amazonaws.com" },
	};
	json_t *out = json_array();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *name = jstr(parameters, rows[i].member);
		if (name && (!rows[i].source || !strcmp(source, rows[i].source)))
			json_array_append_new(out, json_pack("{s:s, s:s}", "ResourceType", rows[i].type, "ResourceName", name));
	}
	return out;
}

static void put_where(json_t *event, const struct http_call *call)
{
	const struct http_req *req = &call->req;
	struct slice agent = http_get(req, "User-Agent"), host = http_get(req, "Host");
	put_slice(event, "sourceIPAddress", req->remote.n ? req->remote : S("127.0.0.1"));
	put_slice(event, "userAgent", agent.p ? agent : S("-"));
	if (!req->secure)
		return;
	json_t *tls = json_object();
	json_object_set_new(tls, "tlsVersion", json_string("TLSv1.3"));
	json_object_set_new(tls, "cipherSuite", json_string("TLS_AES_128_GCM_SHA256"));
	put_slice(tls, "clientProvidedHostHeader", host);
	json_object_set_new(event, "tlsDetails", tls);
}

static json_t *event_of(const struct env *env, struct http_call *call, const struct sigv4_auth *auth, struct slice op, const char *source, const char *id)
{
	json_t *e = json_object(), *parameters = parameters_of(call, auth->service, op);
	char when[32];
	clock_iso_sec(call->req.now_ms, when);
	json_object_set_new(e, "eventVersion", json_string("1.11"));
	json_object_set_new(e, "userIdentity", identity_of(&auth->who));
	json_object_set_new(e, "eventTime", json_string(when));
	json_object_set_new(e, "eventSource", json_string(source));
	put_slice(e, "eventName", op);
	put_slice(e, "awsRegion", auth->region.n ? auth->region : sl(identities_region(env->conf)));
	put_where(e, call);
	put_error(e, call);
	json_object_set_new(e, "requestParameters", parameters);
	json_object_set_new(e, "responseElements", response_of(call, only_reads(op)));
	struct slice request = header_out(call, "x-amzn-RequestId");
	put_slice(e, "requestID", request.p ? request : header_out(call, "x-amz-request-id"));
	json_object_set_new(e, "eventID", json_string(id));
	json_object_set_new(e, "readOnly", json_boolean(only_reads(op)));
	json_object_set_new(e, "eventType", json_string("AwsApiCall"));
	json_object_set_new(e, "managementEvent", json_true());
	json_object_set_new(e, "recipientAccountId", json_string(auth->who.account));
	json_object_set_new(e, "eventCategory", json_string("Management"));
	return e;
}

/* What LookupEvents tells beside the event. */
static json_t *shown_of(const json_t *event, const struct sigv4_auth *auth, int64_t at_ms)
{
	json_t *o = json_object();
	struct slice name = auth->who.role_session.p ? auth->who.role_session : auth->who.name.p ? auth->who.name : S("root");
	json_object_set(o, "EventId", json_object_get(event, "eventID"));
	json_object_set(o, "EventName", json_object_get(event, "eventName"));
	json_object_set_new(o, "ReadOnly", json_string(jtrue(event, "readOnly") ? "true" : "false"));
	put_slice(o, "AccessKeyId", auth->key);
	json_object_set_new(o, "EventTime", json_integer(at_ms));
	json_object_set(o, "EventSource", json_object_get(event, "eventSource"));
	put_slice(o, "Username", name);
	json_object_set_new(o, "Resources", resources_of(json_object_get(event, "requestParameters"), jstr(event, "eventSource")));
	return o;
}

struct trail_event *trail_event_of(const struct env *env, struct http_call *call, int64_t seq)
{
	struct slice signature = http_get(&call->req, "Authorization"), op, rest;
	struct sigv4_auth auth;
	struct error err;
	char id[37];
	if (call->own || !call->op || !sl_starts(signature, S("AWS4-HMAC-SHA256")))
		return NULL;
	if (!sl_cut(sl(call->op), '.', &rest, &op)) /* "iam.GetRole" of the control planes; names alone elsewhere */
		op = sl(call->op);
	if (sl_eqs(op, "Unknown") || is_data(sl(call->service), op)) /* most requests end here, before their signature is read */
		return NULL;
	if (sigv4_parse(&call->req, &auth, &err) || !is_source(auth.service) || is_data(auth.service, op))
		return NULL;
	(void)sigv4_identity(env, &call->req, &auth);
	uint64_t seed = (uint64_t)conf_int(env->conf, "stack", "seed", 0);
	uuid_text(faults_hash(seed, S("trail"), (uint64_t)seq), faults_hash(seed, S("event"), (uint64_t)seq), 4, id);
	char *source = xasprintf("%.*s.amazonaws.com", SL(auth.service));
	json_t *event = event_of(env, call, &auth, op, source, id);
	json_t *shown = shown_of(event, &auth, call->req.now_ms);
	struct trail_event *e = xcalloc(1, sizeof(*e));
	e->at_ms = call->req.now_ms;
	e->place = xasprintf("%s %s", auth.who.account, jstr(event, "awsRegion") ? jstr(event, "awsRegion") : "");
	e->shown = json_dumps(shown, JSON_COMPACT);
	e->json = json_dumps(event, JSON_COMPACT);
	json_decref(event);
	json_decref(shown);
	free(source);
	if (!e->shown || !e->json) {
		trail_event_free(e);
		return NULL;
	}
	return e;
}
