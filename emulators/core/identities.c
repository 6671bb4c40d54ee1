#include "identities.h"

#include "service.h"
#include "sigv4.h"
#include "text.h"

enum { ID_CHARS = 17 };
#define ACCOUNT "000000000000"
#define REGION "us-east-1"
#define TARN_CANONICAL "7a6f3d0c5b1e49d28f70c1a9e4b6d85213fe907ac46bd1e85f2093c7b8d4e61a" /* of that account */

const struct setting identity_settings[] = {
	{ "stack", "auth", NULL, "who is served: off, everyone; verify, who is in [identities] or has keys of IAM or STS; enforce, what policies allow them; without it verify where [identities] has a line", SETTING_TEXT, "off|verify|enforce" },
	{ "stack", "source_ip", NULL, "the address that aws:SourceIp of policies' conditions has, instead of the caller's" },
	{ "stack", "account", ACCOUNT, "the account of keys that aren't 12 digits" },
	{ "stack", "region", REGION, "where its own streams and APIs are; what is made in another region isn't seen here" },
	{ "identities", "*", NULL, "ACCESS_KEY = SECRET; over plain HTTP user and password, or SECRET as a bearer token" },
	{ "identity.*", "key", NULL, "of the identity NAME (root: the account itself): its access key" },
	{ "identity.*", "secret", NULL, "its secret" },
	{ "identity.*", "session", NULL, "the session token that goes with them" },
	{ "identity.*", "role", NULL, "NAME is a role, and this its session's name; without it a user" },
	{ "identity.*", "account", NULL, "its account; without it the key's 12 digits, or [stack] account" },
	{ "identity.*", "policies", NULL, "managed policies of the identity, by name or ARN, comma-separated: what it may do with auth = enforce" },
	{ "identity.*", "policy", NULL, "a policy document of its own, a file of the stack" },
	{ "identity.*", "canonical_id", NULL, "S3's name of its account, 64 hex digits; without [identity.NAME] account, and another one than an identity before it has: an account of its own, made of it" },
	{ "identity.*", "display_name", NULL, "of its account, beside the canonical id where S3 tells of owners" },
	{ "identity.*", "email", NULL, "of its account: grants of S3 may name it so" },
	{ NULL },
};

/* ---- the table ---- */

/* The i-th of both forms; false past the end. */
static bool at(const struct conf *conf, size_t i, struct identity *id, const char **section)
{
	const char *key, *value;
	size_t n = 0;
	*id = (struct identity){ 0 };
	*section = NULL;
	while (n < i && conf_at(conf, "identities", n, &key, &value))
		n++;
	if (conf_at(conf, "identities", n, &key, &value)) {
		id->key = id->name = sl(key);
		id->secret = sl(value);
		return true;
	}
	*section = conf_section(conf, "identity.", i - n);
	if (!*section)
		return false;
	id->name = sl(*section + strlen("identity."));
	if (sl_eqs(id->name, "root"))
		id->name = sl(NULL);
	id->key = sl(conf_get(conf, *section, "key"));
	id->secret = sl(conf_get(conf, *section, "secret"));
	id->session = sl(conf_get(conf, *section, "session"));
	id->role_session = sl(conf_get(conf, *section, "role"));
	id->canonical_id = sl(conf_get(conf, *section, "canonical_id"));
	id->display_name = sl(conf_get(conf, *section, "display_name"));
	return true;
}

static bool any(const struct conf *conf)
{
	const char *key, *value;
	return conf && (conf_at(conf, "identities", 0, &key, &value) || conf_section(conf, "identity.", 0));
}

bool identities_on(const struct conf *conf)
{
	const char *auth = conf ? conf_get(conf, "stack", "auth") : NULL;
	return auth ? strcmp(auth, "off") != 0 : any(conf);
}

bool identities_enforced(const struct conf *conf)
{
	const char *auth = conf ? conf_get(conf, "stack", "auth") : NULL;
	return auth && !strcmp(auth, "enforce");
}

static bool is_account(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == 12;
}

const char *identities_account(const struct conf *conf)
{
	return conf ? conf_str(conf, "stack", "account", ACCOUNT) : ACCOUNT;
}

const char *identities_region(const struct conf *conf)
{
	return conf ? conf_str(conf, "stack", "region", REGION) : REGION;
}

/* "AIDA" and 17 letters and digits that stand for the name in its account. */
static void make_user_id(struct identity *id)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8_t sum[32];
	char *text = xasprintf("%s %.*s", id->account, SL(id->name));
	hash_sha256(text, strlen(text), sum);
	free(text);
	memcpy(id->user_id, id->role_session.p ? "AROA" : "AIDA", 4);
	for (int i = 0; i < ID_CHARS; i++)
		id->user_id[4 + i] = letters[sum[i] & 31];
}

/* The account that a line says it is of: its own or the key's digits. */
static struct slice said_account(const struct conf *conf, const struct identity *id, const char *section)
{
	const char *account = section ? conf_get(conf, section, "account") : NULL;
	return account ? sl(account) : is_account(id->key) ? id->key : sl(NULL);
}

/* The canonical id that the table gives the stack's account; absent: none. */
static struct slice stack_canonical(const struct conf *conf)
{
	struct identity id;
	const char *section;
	for (size_t i = 0; conf && at(conf, i, &id, &section); i++) {
		struct slice said = said_account(conf, &id, section);
		if (id.canonical_id.n && (!said.p || sl_eqs(said, identities_account(conf))))
			return id.canonical_id;
	}
	return sl(NULL);
}

/* Twelve digits that stand for a canonical id. */
static void make_account(struct slice canonical_id, char out[13])
{
	uint8_t sum[32];
	hash_sha256(canonical_id.p, canonical_id.n, sum);
	for (int i = 0; i < 12; i++)
		out[i] = (char)('0' + (i ? sum[i] % 10 : 1 + sum[i] % 9));
	out[12] = '\0';
}

static void set_account(const struct conf *conf, struct identity *id, const char *section)
{
	struct slice said = said_account(conf, id, section);
	if (!said.p && id->canonical_id.n && !sl_eq(id->canonical_id, stack_canonical(conf)))
		make_account(id->canonical_id, id->account);
	else
		snprintf(id->account, sizeof(id->account), "%.*s", SL(said.p ? said : sl(identities_account(conf))));
}

static void made_canonical(const char *account, char out[65])
{
	uint8_t sum[32];
	if (!strcmp(account, ACCOUNT)) {
		memcpy(out, TARN_CANONICAL, sizeof(TARN_CANONICAL));
		return;
	}
	hash_sha256(account, strlen(account), sum);
	hex_text(sum, sizeof(sum), out);
}

void account_owner(const struct conf *conf, struct slice account, struct account_owner *out)
{
	struct identity id;
	const char *section;
	*out = (struct account_owner){ 0 };
	snprintf(out->account, sizeof(out->account), "%.*s", SL(account.n ? account : sl(identities_account(conf))));
	for (size_t i = 0; conf && at(conf, i, &id, &section); i++) {
		set_account(conf, &id, section);
		if (strcmp(id.account, out->account) != 0)
			continue;
		if (!out->canonical_id.n)
			out->canonical_id = id.canonical_id;
		if (!out->display_name.n)
			out->display_name = id.display_name;
	}
	if (out->canonical_id.n)
		return;
	made_canonical(out->account, out->made_id);
	out->canonical_id = sl(out->made_id);
}

bool account_owner_by_id(const struct conf *conf, struct slice canonical_id, struct account_owner *out)
{
	struct identity id;
	const char *section;
	account_owner(conf, S(""), out);
	for (size_t i = 0; !sl_eq(out->canonical_id, canonical_id); i++) {
		if (!conf || !at(conf, i, &id, &section))
			return false;
		set_account(conf, &id, section);
		account_owner(conf, sl(id.account), out);
	}
	return true;
}

bool account_owner_by_email(const struct conf *conf, struct slice email, struct account_owner *out)
{
	struct identity id;
	const char *section;
	for (size_t i = 0; conf && at(conf, i, &id, &section); i++) {
		if (!section || !sl_eq_nocase(sl(conf_get(conf, section, "email")), email))
			continue;
		set_account(conf, &id, section);
		account_owner(conf, sl(id.account), out);
		return true;
	}
	return false;
}

/* What its account has, where it doesn't say so itself. */
static void complete_owner(const struct conf *conf, struct identity *id)
{
	struct account_owner of;
	account_owner(conf, sl(id->account), &of);
	if (!id->display_name.n)
		id->display_name = of.display_name;
	if (id->canonical_id.n && id->canonical_id.p != id->made_id)
		return;
	if (of.canonical_id.p == of.made_id) {
		memcpy(id->made_id, of.made_id, sizeof(id->made_id));
		id->canonical_id = sl(id->made_id);
	} else {
		id->canonical_id = of.canonical_id;
	}
}

static void complete(const struct conf *conf, const char *section, struct identity *id)
{
	set_account(conf, id, section);
	complete_owner(conf, id);
	identity_complete(id);
}

void identity_complete(struct identity *id)
{
	if (id->name.p && !id->user_id[0])
		make_user_id(id);
	else if (!id->user_id[0])
		snprintf(id->user_id, sizeof(id->user_id), "%s", id->account);
	if (id->canonical_id.p)
		return;
	made_canonical(id->account, id->made_id);
	id->canonical_id = sl(id->made_id);
}

bool identity_at(const struct conf *conf, size_t i, struct identity *out)
{
	const char *section;
	if (!conf || !at(conf, i, out, &section))
		return false;
	complete(conf, section, out);
	return true;
}

bool identity_of_key(const struct conf *conf, struct slice key, struct identity *out)
{
	const char *section;
	for (size_t i = 0; conf && at(conf, i, out, &section); i++)
		if (out->key.p && sl_eq(out->key, key)) {
			complete(conf, section, out);
			return true;
		}
	*out = (struct identity){ .key = key };
	complete(conf, NULL, out);
	return false;
}

enum identity_known identity_find(const struct env *env, struct arena *a, struct slice key, struct slice token, struct identity *out)
{
	const struct authority *made = env->ports ? &env->ports->authority : NULL;
	int known;
	if (made && made->self && made->find(made->self, a, key, token, out, &known)) {
		complete_owner(env->conf, out);
		return (enum identity_known)known;
	}
	if (!identity_of_key(env->conf, key, out))
		return IDENTITY_UNKNOWN;
	return out->session.p && !sl_eq(token, out->session) ? IDENTITY_UNKNOWN : IDENTITY_KNOWN;
}

void identity_arn(const struct identity *id, struct buf *b)
{
	if (!id->name.p)
		buf_addf(b, "arn:aws:iam::%s:root", id->account);
	else if (id->federated)
		buf_addf(b, "arn:aws:sts::%s:federated-user/%.*s", id->account, SL(id->name));
	else if (id->role_session.p)
		buf_addf(b, "arn:aws:sts::%s:assumed-role/%.*s/%.*s", id->account, SL(id->name), SL(id->role_session));
	else
		buf_addf(b, "arn:aws:iam::%s:user%.*s%.*s", id->account, SL(id->path.p ? id->path : S("/")), SL(id->name));
}

static int check_one(const struct conf *conf, const struct identity *id, const char *section, struct error *err)
{
	const char *account = section ? conf_get(conf, section, "account") : NULL;
	if (!id->key.n || !id->secret.n)
		return err_set(err, ERR_INVALID, "[%s] needs %s", section ? section : "identities", id->key.n ? "a secret" : "a key");
	if (account && !is_account(sl(account)))
		return err_set(err, ERR_INVALID, "[%s] account = %s: an account has 12 digits", section, account);
	for (size_t i = 0; i < id->canonical_id.n; i++)
		if (strchr(" \t,\r\n", id->canonical_id.p[i]))
			return err_set(err, ERR_INVALID, "[%s] canonical_id: neither blanks nor commas", section);
	return 0;
}

/* An account has one canonical id. */
static int check_owner(const struct conf *conf, struct identity *id, const char *section, struct error *err)
{
	struct account_owner of;
	set_account(conf, id, section);
	account_owner(conf, sl(id->account), &of);
	if (!id->canonical_id.n || sl_eq(id->canonical_id, of.canonical_id))
		return 0;
	return err_set(err, ERR_INVALID, "[%s] canonical_id: its account %s has another one, %.*s", section, id->account, SL(of.canonical_id));
}

int identities_check(const struct conf *conf, struct error *err)
{
	const char *section;
	struct identity id;
	int rc = 0;
	if (!is_account(sl(identities_account(conf))))
		return err_set(err, ERR_INVALID, "[stack] account = %s: an account has 12 digits", identities_account(conf));
	if (identities_on(conf) && !any(conf))
		return err_set(err, ERR_INVALID, "[stack] auth = %s lets nobody in: [identities] has no line ACCESS_KEY = SECRET", conf_get(conf, "stack", "auth"));
	for (size_t i = 0; !rc && at(conf, i, &id, &section); i++)
		if ((rc = check_one(conf, &id, section, err)) == 0)
			rc = check_owner(conf, &id, section, err);
	return rc;
}

/* ---- basic and bearer ---- */

static bool same(struct slice a, struct slice b)
{
	unsigned diff = a.n != b.n || !b.n;
	for (size_t i = 0; i < a.n && i < b.n; i++)
		diff |= (unsigned char)a.p[i] ^ (unsigned char)b.p[i];
	return diff == 0;
}

static bool has_password(const struct conf *conf, struct slice user, struct slice password)
{
	const char *section;
	struct identity id;
	for (size_t i = 0; at(conf, i, &id, &section); i++)
		if ((sl_eq(user, id.key) || (id.name.n && sl_eq(user, id.name))) && same(password, id.secret))
			return true;
	return false;
}

static bool has_token(const struct conf *conf, struct slice token)
{
	const char *section;
	struct identity id;
	if (same(token, sl(identities_token(conf))))
		return true;
	for (size_t i = 0; at(conf, i, &id, &section); i++)
		if (same(token, id.secret))
			return true;
	return false;
}

enum identity_said identity_of_call(const struct conf *conf, const struct http_call *call)
{
	struct slice auth = http_get(&call->req, "Authorization"), rest, text, user, password;
	if (call->own || !identities_on(conf))
		return IDENTITY_OK;
	if (sl_after_nocase(auth, S("Bearer "), &rest))
		return has_token(conf, sl_trim(rest)) ? IDENTITY_OK : IDENTITY_WRONG;
	if (!sl_after_nocase(auth, S("Basic "), &rest))
		return IDENTITY_UNSAID;
	if (!arena_base64(call->req.arena, sl_trim(rest), &text) || !sl_cut(text, ':', &user, &password))
		return IDENTITY_WRONG;
	/* Databricks takes a token as the password of the user "token". */
	return has_password(conf, user, password) || (sl_eqs(user, "token") && has_token(conf, password)) ? IDENTITY_OK : IDENTITY_WRONG;
}

/* ---- tarn's own ---- */

void identities_make_token(struct conf *conf)
{
	uint8_t chance[32];
	char text[65];
	if (!identities_on(conf))
		return;
	hash_chance(chance, sizeof(chance));
	hex_text(chance, sizeof(chance), text);
	conf_set(conf, "control", "listen_token", text);
}

const char *identities_token(const struct conf *conf)
{
	return conf ? conf_get(conf, "control", "listen_token") : NULL;
}

bool identity_is_tarn(const struct conf *conf, const struct http_call *call)
{
	struct slice token;
	return sl_after_nocase(http_get(&call->req, "Authorization"), S("Bearer "), &token) && same(sl_trim(token), sl(identities_token(conf)));
}
