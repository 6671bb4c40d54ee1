/* PLAIN, OAUTHBEARER, AWS_MSK_IAM: what a client says of itself in one message. */
#include "core/clock.h"
#include "core/identities.h"
#include "core/json.h"
#include "core/sigv4.h"
#include "core/text.h"
#include "kafka/sasl.h"

enum { IAM_SESSION_MS = 12 * 3600 * 1000, CONTROL_A = 1 };
#define IAM_VERSION "2020_10_22"

struct slice kfk_password(const struct kafka *k, struct slice user)
{
	const struct conf *conf = k->env->conf;
	const char *name, *password;
	struct identity id;
	for (size_t i = 0; conf_at(conf, "kafka.users", i, &name, &password); i++)
		if (sl_eqs(user, name))
			return sl(password);
	for (size_t i = 0; identity_at(conf, i, &id); i++)
		if (sl_eq(user, id.key) || (id.name.p && sl_eq(user, id.name)))
			return id.secret;
	return sl(NULL);
}

bool kfk_saslname(struct arena *a, struct slice in, struct slice *out)
{
	char *to = arena_alloc(a, in.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++) {
		struct slice rest = sl_from(in, i);
		bool comma = sl_starts(rest, S("=2C")), equals = sl_starts(rest, S("=3D"));
		if (in.p[i] == '\0' || in.p[i] == ',' || (in.p[i] == '=' && !comma && !equals))
			return false;
		to[n++] = comma ? ',' : in.p[i];
		i += comma || equals ? 2 : 0;
	}
	*out = sl_of(to, n);
	return n > 0 && sl_is_utf8(*out);
}

static bool same(struct slice a, struct slice b)
{
	unsigned diff = a.n != b.n;
	for (size_t i = 0; i < a.n && i < b.n; i++)
		diff |= (unsigned char)a.p[i] ^ (unsigned char)b.p[i];
	return diff == 0;
}

/* ---- PLAIN: authorization id, user, password ---- */

enum kfk_sasl_said kfk_plain(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out)
{
	struct slice part[4] = { 0 }, rest = in;
	int n = 0;
	while (n < 4 && rest.p)
		(void)sl_cut(rest, '\0', &part[n++], &rest);
	if (n != 3 || !sl_is_utf8(in))
		return kfk_sasl_no(s, false, "Invalid SASL/PLAIN response: expected 3 tokens, got %d", n);
	if (!part[1].n)
		return kfk_sasl_no(s, true, "Authentication failed: username not specified");
	if (!part[2].n)
		return kfk_sasl_no(s, true, "Authentication failed: password not specified");
	struct slice password = kfk_password(k, part[1]);
	if (password.p ? !same(password, part[2]) : identities_on(k->env->conf))
		return kfk_sasl_no(s, true, "Authentication failed: Invalid username or password");
	if (part[0].n && !sl_eq(part[0], part[1]))
		return kfk_sasl_no(s, true, "Authentication failed: Client requested an authorization id that is different from username");
	s->claimed = arena_dup(a, part[1]);
	return KFK_SASL_OVER;
}

/* ---- a call signed by SigV4, as MSK's IAM has it twice: as JSON and as a URL ---- */

static enum kfk_sasl_said iam_no(struct kafka *k, struct kfk_session *s, const char *why)
{
	char id[37];
	uint64_t n = k->refused++;
	uuid_text(faults_hash(1, S("kafka.iam"), n), faults_hash(2, S("kafka.iam"), n), 4, id);
	snprintf(s->log, sizeof(s->log), "[%s]: Access denied: %s", id, why);
	snprintf(s->why, sizeof(s->why), "[%s]: Access denied", id);
	return KFK_SASL_NO;
}

static const char *verdict_text(enum sigv4_verdict v)
{
	switch (v) {
	case SIGV4_UNKNOWN_KEY:
		return "no identity of the stack has this access key, or its session token is another";
	case SIGV4_SKEW:
		return "the time it was signed at is not now";
	case SIGV4_EXPIRED:
		return "the signature has expired";
	case SIGV4_EXPIRED_SESSION:
		return "the session has expired";
	case SIGV4_MISMATCH:
		return "the signature is not that of this identity's secret";
	default:
		return "it is not signed as it should be";
	}
}

/* query: Action and X-Amz-*, escaped, with the signature. */
static enum kfk_sasl_said signed_call(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice host, struct slice query)
{
	struct http_header headers[] = { { S("host"), host } };
	struct http_req req = { .arena = a, .method = S("GET"), .target = S("/"), .path = S("/"), .query = query, .headers = headers, .header_n = 1,
				.body = S("") };
	struct sigv4_auth auth;
	enum sigv4_verdict v = sigv4_check(k->env, &req, false, &auth, NULL);
	struct buf arn = { 0 };
	if (v != SIGV4_OK)
		return iam_no(k, s, verdict_text(v));
	if (!sl_eqs(auth.service, "kafka-cluster") || !sl_eqs(http_query(&req, "Action"), "kafka-cluster:Connect") || !auth.query)
		return iam_no(k, s, "it is not signed for kafka-cluster:Connect");
	kfk_session_is(s, &auth.who);
	if (!kfk_may(k, s->conn, "Connect", sl(NULL)))
		return iam_no(k, s, "no policy allows kafka-cluster:Connect");
	identity_arn(&auth.who, &arn);
	s->claimed = arena_dup(a, buf_slice(&arn));
	buf_free(&arn);
	s->ends_ms = clock_real_ms() + IAM_SESSION_MS;
	return KFK_SASL_OVER;
}

static const char *const iam_fields[][2] = {
	{ "action", "Action" }, { "x-amz-algorithm", "X-Amz-Algorithm" }, { "x-amz-credential", "X-Amz-Credential" }, { "x-amz-date", "X-Amz-Date" },
	{ "x-amz-expires", "X-Amz-Expires" }, { "x-amz-security-token", "X-Amz-Security-Token" }, { "x-amz-signedheaders", "X-Amz-SignedHeaders" },
	{ "x-amz-signature", "X-Amz-Signature" },
};

enum kfk_sasl_said kfk_iam(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out)
{
	JSON_AUTO said = json_loadb(in.p, in.n, JSON_REJECT_DUPLICATES, NULL);
	struct buf query = { 0 };
	char id[37];
	if (!json_is_object(said) || !sl_eq(jslice(said, "version"), S(IAM_VERSION)) || !jslice(said, "host").n || !jstr(said, "user-agent"))
		return iam_no(k, s, "its message is not that of aws-msk-iam-auth");
	for (size_t i = 0; i < ARRAY_LEN(iam_fields); i++) {
		struct slice v = jslice(said, iam_fields[i][0]);
		if (!v.p)
			continue;
		buf_addf(&query, "%s%s=", query.n ? "&" : "", iam_fields[i][1]);
		buf_url_escape(&query, v, false);
	}
	enum kfk_sasl_said over = signed_call(k, s, a, arena_dup(a, jslice(said, "host")), arena_dup(a, buf_slice(&query)));
	buf_free(&query);
	if (over != KFK_SASL_OVER)
		return over;
	uint64_t n = k->admitted++;
	uuid_text(faults_hash(3, S("kafka.iam"), n), faults_hash(4, S("kafka.iam"), n), 4, id);
	buf_addf(out, "{\"version\":\"" IAM_VERSION "\",\"request-id\":\"%s\"}", id);
	return KFK_SASL_OVER;
}

/* ---- OAUTHBEARER ---- */

/* Base64 with - and _, without padding. */
static bool base64url(struct arena *a, struct slice s, struct slice *out)
{
	size_t n = (s.n + 3) / 4 * 4;
	char *text = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++) {
		char c = i < s.n ? s.p[i] : '=';
		text[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	while (n >= 4 && text[n - 1] == '=' && text[n - 4] == '=')
		n -= 4;
	return s.n % 4 != 1 && arena_base64(a, sl_of(text, n), out);
}

/* https://kafka.REGION.amazonaws.com/?Action=…: the user agent stands in it unsigned. */
static enum kfk_sasl_said presigned(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice url)
{
	struct slice rest, host, query, pair;
	struct buf kept = { 0 };
	if (!sl_after(url, S("https://"), &rest) || !sl_cut(rest, '?', &host, &query) || sl_chr(url, '\0') >= 0)
		return iam_no(k, s, "its token is neither a JWS nor a signed URL");
	(void)sl_cut(host, '/', &host, &rest);
	while (query.p) {
		(void)sl_cut(query, '&', &pair, &query);
		if (!sl_starts_nocase(pair, S("User-Agent=")))
			buf_addf(&kept, "%s%.*s", kept.n ? "&" : "", SL(pair));
	}
	struct slice signed_query = arena_dup(a, buf_slice(&kept));
	buf_free(&kept);
	return signed_call(k, s, a, host, signed_query);
}

/* The token is refused: it is told in the answer, and fails when the client has acknowledged that. */
static enum kfk_sasl_said bad_token(struct kfk_session *s, struct buf *out, const char *why)
{
	(void)kfk_sasl_no(s, false, "%s", why);
	snprintf(s->why, sizeof(s->why), "{\"status\":\"invalid_token\"}");
	buf_adds(out, s->why);
	return KFK_SASL_MORE;
}

/* Header and claims as Kafka's own handler for unsecured tokens wants them; NULL: they are fine. */
static const char *wrong_with(const char *policy, const json_t *header, const json_t *claims, struct slice signature, int64_t now_ms)
{
	const json_t *exp = json_object_get(claims, "exp"), *iat = json_object_get(claims, "iat");
	const char *alg = jstr(header, "alg");
	bool unsecured = alg && !strcmp(alg, "none") && !signature.n;
	if (!json_is_object(header) || !json_is_object(claims) || !alg)
		return "the token is no JWS";
	if (!strcmp(policy, "none"))
		return "only tokens of MSK are taken here: [kafka] oauth says none, as it does by itself where identities are verified";
	if (!unsecured && strcmp(policy, "unverified") != 0)
		return "the token is signed, and nothing here can verify it: [kafka] oauth = unverified takes it as it is";
	if (!jslice(claims, "sub").n || !sl_is_utf8(jslice(claims, "sub")))
		return "no claim sub";
	if (!json_is_number(exp) || json_number_value(exp) * 1000 <= (double)now_ms)
		return "the token has expired, or has no claim exp";
	if (iat && (!json_is_number(iat) || json_number_value(iat) * 1000 > (double)now_ms || json_number_value(iat) > json_number_value(exp)))
		return "the token is of the future";
	return NULL;
}

static enum kfk_sasl_said jws(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice token, struct slice authzid, struct buf *out)
{
	struct slice part[3], plain[2], rest = token;
	const char *otherwise = identities_on(k->env->conf) ? "none" : "unsecured";
	int64_t now_ms = clock_real_ms();
	for (int i = 0; i < 3; i++)
		(void)sl_cut(rest.p ? rest : S(""), '.', &part[i], &rest);
	for (int i = 0; i < 2; i++)
		if (!base64url(a, part[i], &plain[i]))
			return bad_token(s, out, "the token is no base64url");
	JSON_AUTO header = json_loadb(plain[0].p, plain[0].n, 0, NULL);
	JSON_AUTO claims = json_loadb(plain[1].p, plain[1].n, 0, NULL);
	const char *wrong = rest.p ? "the token has more than three parts"
			  : wrong_with(conf_str(k->env->conf, "kafka", "oauth", otherwise), header, claims, part[2], now_ms);
	if (wrong)
		return bad_token(s, out, wrong);
	s->claimed = arena_dup(a, jslice(claims, "sub"));
	if (authzid.n && !sl_eq(authzid, s->claimed))
		return kfk_sasl_no(s, true, "Authentication failed: Client requested an authorization id (%.*s) that is different from the token's "
				   "principal name (%.*s)", SL(authzid), SL(s->claimed));
	double ends = jnum(claims, "exp") * 1000;
	s->ends_ms = ends < 9e15 ? (int64_t)ends : 0;
	return KFK_SASL_OVER;
}

/* n,[a=NAME],^Aauth=Bearer TOKEN^A[KEY=VALUE^A…]^A */
static bool bearer_parts(struct arena *a, struct slice in, struct slice *authzid, struct slice *token)
{
	struct slice rest, head, pair, scheme;
	*authzid = S("");
	*token = sl(NULL);
	if (!sl_after(in, S("n,"), &rest) || !sl_cut(rest, ',', &head, &rest))
		return false;
	if (head.n && (!sl_after(head, S("a="), &head) || !kfk_saslname(a, head, authzid)))
		return false;
	if (!rest.n || rest.p[0] != CONTROL_A || rest.p[rest.n - 1] != CONTROL_A)
		return false;
	rest = sl_of(rest.p + 1, rest.n - 1);
	while (sl_cut(rest, CONTROL_A, &pair, &rest) && pair.n)
		if (sl_after(pair, S("auth="), &pair) && sl_cut(pair, ' ', &scheme, token) && !sl_eq_nocase(scheme, S("bearer")))
			return false;
	*token = sl_trim(*token);
	return token->n > 0;
}

enum kfk_sasl_said kfk_bearer(struct kafka *k, struct kfk_session *s, struct arena *a, struct slice in, struct buf *out)
{
	struct slice authzid, token, url;
	if (s->turn > 1) /* what the first answer said */
		return kfk_sasl_no(s, false, "%s", s->log);
	if (!bearer_parts(a, in, &authzid, &token))
		return kfk_sasl_no(s, false, "the message is not that of OAUTHBEARER");
	if (sl_chr(token, '.') >= 0)
		return jws(k, s, a, token, authzid, out);
	return base64url(a, token, &url) ? presigned(k, s, a, url) : bad_token(s, out, "the token is no base64url");
}
