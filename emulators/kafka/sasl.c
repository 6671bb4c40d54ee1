#include "kafka/append.h"
#include "kafka/sasl.h"

enum { API_HANDSHAKE = 17, API_VERSIONS = 18, API_AUTHENTICATE = 36 };

static const struct kfk_mechanism mechanisms[] = {
	{ "PLAIN", kfk_plain },
	{ "SCRAM-SHA-256", kfk_scram_256 },
	{ "SCRAM-SHA-512", kfk_scram_512 },
	{ "OAUTHBEARER", kfk_bearer },
	{ "AWS_MSK_IAM", kfk_iam },
};
enum { M_PLAIN = 1, M_SCRAM_256 = 2, M_SCRAM_512 = 4, M_BEARER = 8, M_IAM = 16, M_ALL = 31 };

/* What MSK's listeners ask for, by their ports: those in the cluster, public ones, those of IPv6. */
static const struct listening {
	int port;
	unsigned mechanisms;
} ports[] = {
	{ 9094, 0 }, { 9096, M_SCRAM_512 }, { 9098, M_BEARER | M_IAM },
	{ 9194, 0 }, { 9196, M_SCRAM_512 }, { 9198, M_BEARER | M_IAM },
	{ 20092, 0 }, { 20094, 0 }, { 20096, M_SCRAM_512 }, { 20098, M_BEARER | M_IAM },
};

/* must: nothing else is served before. */
static unsigned listening(const struct kafka *k, const struct conn *conn, bool *must)
{
	const char *set = conf_str(k->env->conf, "kafka", "sasl", "optional");
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		if (ports[i].port == conn->local_port) {
			*must = ports[i].mechanisms != 0;
			return ports[i].mechanisms;
		}
	}
	*must = !strcmp(set, "required");
	return strcmp(set, "off") ? M_ALL : 0;
}

/* ---- sessions ---- */

struct kfk_session *kfk_session(struct conn *conn)
{
	if (!conn->user) {
		struct kfk_session *s = conn->user = xcalloc(1, sizeof(*s));
		s->conn = conn;
	}
	return conn->user;
}

void kfk_session_idle(struct kfk_session *s)
{
	if (!s)
		return;
	kfk_half_free(s->half);
	kfk_look_free(s->look);
	s->half = NULL;
	s->look = NULL;
}

void kfk_session_free(struct kfk_session *s)
{
	if (!s)
		return;
	kfk_session_idle(s);
	free(s->principal);
	arena_free(&s->arena);
	kfk_scram_free(s->scram);
	free(s);
}

bool kfk_may_ask(struct kafka *k, const struct kfk_call *c)
{
	const struct kfk_session *s = c->conn->user;
	const char *why = NULL;
	bool must;
	(void)listening(k, c->conn, &must);
	if (c->key == API_HANDSHAKE || c->key == API_AUTHENTICATE)
		return true;
	if (s && s->asking)
		why = "it has not finished to authenticate";
	else if (s && s->known && s->ends_ms && clock_real_ms() > s->ends_ms)
		why = "its session has ended, it must authenticate again";
	else if (must && c->key != API_VERSIONS && !(s && s->known))
		why = "this listener wants SASL first";
	if (why)
		log_warn(k->env, "sasl-missing", "peer=%s op=%s port=%d error=\"%s\"", c->conn->peer, c->api->route.name, c->conn->local_port, why);
	return !why;
}

enum kfk_sasl_said kfk_sasl_no(struct kfk_session *s, bool told, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(s->log, sizeof(s->log), fmt, ap);
	va_end(ap);
	if (told)
		snprintf(s->why, sizeof(s->why), "%s", s->log);
	return KFK_SASL_NO;
}

/* ---- SaslHandshake ---- */

static void put_handshake(struct kfk_call *c, int code, unsigned offered)
{
	struct kp_sasl_handshake_resp *resp = c->resp;
	struct slice *names = arena_alloc(c->arena, ARRAY_LEN(mechanisms) * sizeof(*names));
	resp->error_code = (int16_t)code;
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if ((offered >> i) & 1)
			names[resp->mechanism_n++] = sl(mechanisms[i].name);
	resp->mechanisms = names;
}

static const struct kfk_mechanism *offered_as(unsigned offered, struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (((offered >> i) & 1) && sl_eqs(name, mechanisms[i].name))
			return &mechanisms[i];
	return NULL;
}

static void begin(struct kfk_session *s, const struct kfk_mechanism *m, bool raw)
{
	kfk_scram_free(s->scram);
	s->scram = NULL;
	s->mech = m;
	s->asking = true;
	s->raw = raw;
	s->turn = 0;
	s->why[0] = s->log[0] = '\0';
}

enum kfk_done kfk_serve_handshake(struct kafka *k, struct kfk_call *c)
{
	struct slice name = ((const struct kp_sasl_handshake_req *)c->req)->mechanism;
	bool must;
	unsigned offered = c->asking ? 0 : listening(k, c->conn, &must);
	struct kfk_session *s = offered ? kfk_session(c->conn) : NULL;
	if (!s || s->asking || (s->known && !s->ends_ms)) { /* there is none here, or it isn't the time for it */
		put_handshake(c, KE_ILLEGAL_SASL_STATE, 0);
		c->conn->closing |= s && s->asking;
		return KFK_ANSWERED;
	}
	const struct kfk_mechanism *m = offered_as(offered, name);
	if (m && s->known && m != s->mech)
		m = NULL; /* who authenticates again does so as before */
	put_handshake(c, m ? KE_NONE : KE_UNSUPPORTED_SASL_MECHANISM, offered);
	if (m) {
		begin(s, m, c->version == 0);
	} else {
		c->conn->closing = true;
		log_warn(k->env, "sasl-refused", "peer=%s mechanism=\"%.*s\" error=\"not served on port %d\"", c->conn->peer,
			 (int)(name.n < 40 ? name.n : 40), name.p ? name.p : "", c->conn->local_port);
	}
	return KFK_ANSWERED;
}

/* ---- SaslAuthenticate ---- */

static bool same_principal(struct kfk_session *s, const char *now)
{
	if (!s->known || !strcmp(s->principal, now))
		return true;
	snprintf(s->why, sizeof(s->why), "Cannot change principals during re-authentication from %s: %s", s->principal, now);
	return false;
}

/* How long the session may last: the credentials, and what the broker allows. */
static int64_t lifetime(const struct kafka *k, struct kfk_session *s, int64_t now_ms)
{
	int64_t most = conf_int(k->env->conf, "kafka", "connections.max.reauth.ms", 0);
	if (most && (!s->ends_ms || s->ends_ms > now_ms + most))
		s->ends_ms = now_ms + most;
	return s->ends_ms ? s->ends_ms - now_ms : 0;
}

static bool step(struct kafka *k, struct conn *conn, struct arena *a, struct slice token, struct buf *out, int64_t *lives_ms)
{
	struct kfk_session *s = conn->user;
	int64_t before = s->ends_ms;
	*lives_ms = 0;
	s->turn++;
	s->ends_ms = 0;
	enum kfk_sasl_said said = s->mech->step(k, s, a, token, out);
	if (said == KFK_SASL_MORE) {
		s->ends_ms = before;
		return true;
	}
	char *principal = said == KFK_SASL_OVER ? xasprintf("User:%.*s", SL(s->claimed)) : NULL;
	s->asking = s->raw = false;
	if (!principal || !same_principal(s, principal)) {
		if (!s->why[0])
			snprintf(s->why, sizeof(s->why), "Authentication failed during %s due to invalid credentials with SASL mechanism %s",
				 s->known ? "re-authentication" : "authentication", s->mech->name);
		log_warn(k->env, "sasl-failed", "peer=%s mechanism=%s error=\"%s\"", conn->peer, s->mech->name, s->log[0] ? s->log : s->why);
		s->known = false;
		free(principal);
		return false;
	}
	free(s->principal);
	s->principal = principal;
	s->known = true;
	*lives_ms = lifetime(k, s, clock_real_ms());
	kfk_scram_free(s->scram);
	s->scram = NULL;
	return true;
}

static void put_authenticated(struct kfk_call *c, int code, const char *why, struct slice token, int64_t lives_ms)
{
	*(struct kp_sasl_authenticate_resp *)c->resp = (struct kp_sasl_authenticate_resp){
		.error_code = (int16_t)code, .error_message = sl(why), .auth_bytes = token, .session_lifetime_ms = lives_ms };
}

enum kfk_done kfk_serve_authenticate(struct kafka *k, struct kfk_call *c)
{
	struct slice token = ((const struct kp_sasl_authenticate_req *)c->req)->auth_bytes;
	struct kfk_session *s = c->conn->user;
	struct buf out = { .max = KFK_SASL_MAX };
	int64_t lives_ms;
	bool must;
	if (token.n > KFK_SASL_MAX)
		return KFK_MALFORMED;
	if (!s || !s->asking) {
		put_authenticated(c, KE_ILLEGAL_SASL_STATE, "SaslAuthenticate request received after successful authentication", S(""), 0);
		(void)listening(k, c->conn, &must);
		c->conn->closing |= must && !(s && s->known);
		return KFK_ANSWERED;
	}
	bool good = step(k, c->conn, c->arena, token, &out, &lives_ms);
	put_authenticated(c, good ? KE_NONE : KE_SASL_AUTHENTICATION_FAILED, good ? NULL : s->why, good ? arena_dup(c->arena, buf_slice(&out)) : S(""), lives_ms);
	c->conn->closing |= !good;
	buf_free(&out);
	return KFK_ANSWERED;
}

/* ---- tokens without a header ---- */

bool kfk_sasl_raw(const struct conn *conn)
{
	const struct kfk_session *s = conn->user;
	return s && s->asking && s->raw;
}

bool kfk_sasl_token(struct kafka *k, struct conn *conn, struct slice token)
{
	struct buf out = { .max = KFK_SASL_MAX };
	int64_t lives_ms;
	bool good = step(k, conn, &k->arena, token.p ? token : S(""), &out, &lives_ms);
	if (good) {
		buf_u32be(&conn->out, (uint32_t)out.n);
		buf_addsl(&conn->out, buf_slice(&out));
	}
	buf_free(&out);
	arena_reset(&k->arena);
	return good;
}
