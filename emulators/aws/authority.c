/* The port that all services ask: who has a key that was made at run time, and which policies speak of them. */
#include "aws/iam.h"

enum { READ_MAX = 512, POLICIES_MAX = 128, FACTS_MAX = 160 };
const struct aws_place iam_anywhere = { "-", "" };

/* ---- policies that were read ---- */

struct iam_read {
	char *text;
	size_t n;
	enum policy_use use;
	struct policy *policy; /* NULL: malformed */
};

const struct policy *iam_read(struct aws *a, struct slice text, enum policy_use use)
{
	struct iam *iam = a->iam;
	struct error err;
	for (size_t i = 0; i < iam->read_n; i++)
		if (iam->read[i].use == use && sl_eq(text, sl_of(iam->read[i].text, iam->read[i].n)))
			return iam->read[i].policy;
	iam->read = xrealloc(iam->read, (iam->read_n + 1) * sizeof(*iam->read));
	struct iam_read *r = &iam->read[iam->read_n++];
	*r = (struct iam_read){ xstrndup(text.p, text.n), text.n, use, NULL };
	if (policy_read(text, use, &r->policy, &err))
		log_warn(a->env, "policy", "malformed=\"%s\"", err.text);
	return r->policy;
}

static void forget_all(struct iam *iam)
{
	for (size_t i = 0; i < iam->read_n; i++) {
		free(iam->read[i].text);
		policy_free(iam->read[i].policy);
	}
	iam->read_n = 0;
}

void iam_forget(struct aws *a)
{
	if (a->iam->read_n > READ_MAX)
		forget_all(a->iam);
}

const char *iam_policy_text(const struct aws *a, const char *account, const char *arn)
{
	const struct iam_managed *managed = iam_managed_find(arn);
	const json_t *policy = aws_find(a, (struct aws_place){ account, "" }, &iam_policies, arn), *one;
	size_t i;
	if (managed)
		return managed->document;
	json_array_foreach(json_object_get(policy, "_versions"), i, one)
		if (!strcmp(jstr(one, "VersionId"), jstr(policy, "DefaultVersionId")))
			return jstr(one, "Document");
	return NULL;
}

bool iam_arn_read(const char *arn, const char *kind, char account[13], const char **name)
{
	struct slice rest, of;
	if (!sl_after(sl(arn), S("arn:aws:iam::"), &rest) || !sl_cut(rest, ':', &of, &rest) || of.n != 12 || !sl_starts(rest, sl(kind)) ||
	    rest.n <= strlen(kind) || rest.p[strlen(kind)] != '/')
		return false;
	snprintf(account, 13, "%.*s", SL(of));
	*name = strrchr(arn, '/') + 1;
	return **name != '\0';
}

/* ---- who has a key ---- */

static bool find(void *self, struct arena *arena, struct slice key, struct slice token, struct identity *out, int *known)
{
	const struct aws *a = self;
	if (!key.p || key.n > 128)
		return false;
	const json_t *doc = aws_find(a, iam_anywhere, &iam_keys, arena_cstr(arena, key));
	if (!doc) {
		if (!token.p)
			return false;
		*known = session_read(a, arena, key, token, out);
		return *known != IDENTITY_UNKNOWN;
	}
	struct aws_place at = { jstr(doc, "_account"), "" };
	const char *user = jstr(doc, "UserName");
	const json_t *who = aws_find(a, at, &iam_users, user);
	*out = (struct identity){ .key = key, .secret = arena_dup(arena, jslice(doc, "_secret")) };
	if (user)
		out->name = arena_dup(arena, sl(user));
	if (who) {
		out->path = arena_dup(arena, jslice(who, "Path"));
		snprintf(out->user_id, sizeof(out->user_id), "%s", jstr(who, "UserId"));
	}
	snprintf(out->account, sizeof(out->account), "%s", at.account);
	identity_complete(out);
	*known = (user && !who) || jtrue(doc, "_gone") || strcmp(jstr(doc, "Status"), "Active") != 0 ? IDENTITY_UNKNOWN : IDENTITY_KNOWN;
	return true;
}

void iam_used(struct aws_call *c)
{
	json_t *key = c->auth.present ? aws_find(c->aws, iam_anywhere, &iam_keys, arena_cstr(c->arena, c->auth.key)) : NULL;
	if (key)
		json_object_set_new(key, "_used", json_pack("{s:I,s:s,s:s}", "LastUsedDate", (json_int_t)(c->now_ms / 1000 * 1000), "Region",
							    c->auth.region.n ? arena_cstr(c->arena, c->auth.region) : "us-east-1", "ServiceName", c->api->name));
}

/* ---- what they may do ---- */

struct gathering {
	struct aws *a;
	struct arena *arena;
	struct policy_ask *ask;
	const struct policy **identity, **session;
	struct policy_fact *facts;
	const char *account;
};

static void add_fact(struct gathering *g, const char *key, struct slice value)
{
	if (g->ask->fact_n < FACTS_MAX && value.p)
		g->facts[g->ask->fact_n++] = (struct policy_fact){ arena_dup(g->arena, sl(key)), arena_dup(g->arena, value) };
}

static void add_policy(struct gathering *g, const char *text)
{
	if (text && g->ask->identity_n < POLICIES_MAX)
		g->identity[g->ask->identity_n++] = iam_read(g->a, sl(text), POLICY_OF_IDENTITY);
}

static void add_session_policy(struct gathering *g, const char *text)
{
	if (text && g->ask->session_n < POLICIES_MAX)
		g->session[g->ask->session_n++] = iam_read(g->a, sl(text), POLICY_OF_SESSION);
}

/* The policies of a user, a group or a role. */
static void add_entity(struct gathering *g, const json_t *doc)
{
	json_t *one;
	const char *name;
	size_t i;
	json_object_foreach(json_object_get(doc, "_inline"), name, one)
		add_policy(g, json_string_value(one));
	json_array_foreach(json_object_get(doc, "_attached"), i, one)
		add_policy(g, iam_policy_text(g->a, g->account, json_string_value(one)));
}

static void add_boundary(struct gathering *g, const json_t *doc)
{
	const char *arn = jstr(doc, "_boundary"), *text = arn ? iam_policy_text(g->a, g->account, arn) : NULL;
	/* A boundary that isn't there any more lets nothing through. */
	if (arn)
		g->ask->boundary = iam_read(g->a, sl(text ? text : "{}"), POLICY_OF_IDENTITY);
	if (arn && !g->ask->boundary)
		g->ask->boundary = iam_read(g->a, S("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}"),
					    POLICY_OF_IDENTITY);
}

static bool holds(const json_t *list, const char *name)
{
	size_t i;
	json_t *one;
	json_array_foreach(list, i, one)
		if (!strcmp(json_string_value(one), name))
			return true;
	return false;
}

static void add_user(struct gathering *g, const char *name)
{
	struct aws_place at = { g->account, "" };
	const json_t *user = aws_find(g->a, at, &iam_users, name), *group;
	add_entity(g, user);
	add_boundary(g, user);
	for (struct aws_walk w = aws_walk(g->a, at, &iam_groups); user && (group = aws_next(&w));)
		if (holds(json_object_get(group, "_users"), name))
			add_entity(g, group);
}

static bool has_fact(const struct gathering *g, const char *key)
{
	for (size_t i = 0; i < g->ask->fact_n; i++)
		if (sl_eq_nocase(g->facts[i].key, sl(key)))
			return true;
	return false;
}

static void add_tags(struct gathering *g, const json_t *tags)
{
	size_t i;
	json_t *tag;
	json_array_foreach(tags, i, tag) {
		char *key = xasprintf("aws:PrincipalTag/%s", jstr(tag, "Key"));
		if (!has_fact(g, key))
			add_fact(g, key, jslice(tag, "Value"));
		free(key);
	}
}

/* Session tags come first: they go before those of the role. */
static void add_claims(struct gathering *g, const json_t *claims)
{
	const char *name, *provider;
	char at[32];
	json_t *one, *said;
	size_t i;
	json_object_foreach(json_object_get(claims, "g"), name, one) {
		char *key = xasprintf("aws:PrincipalTag/%s", name);
		add_fact(g, key, json_slice(one));
		free(key);
	}
	json_array_foreach(json_object_get(claims, "p"), i, one)
		add_session_policy(g, json_string_value(one));
	json_array_foreach(json_object_get(claims, "r"), i, one)
		add_session_policy(g, iam_policy_text(g->a, g->account, json_string_value(one)));
	json_object_foreach(json_object_get(claims, "w"), provider, said) {
		add_fact(g, "aws:FederatedProvider", sl(provider));
		json_object_foreach(said, name, one)
			add_fact(g, name, json_slice(one));
	}
	add_fact(g, "aws:SourceIdentity", jslice(claims, "o"));
	clock_iso_sec(jint(claims, "b"), at);
	add_fact(g, "aws:TokenIssueTime", sl(at));
	add_fact(g, "aws:MultiFactorAuthPresent", S("false"));
}

static void add_role(struct gathering *g, const char *name, const json_t *claims)
{
	const json_t *role = aws_find(g->a, (struct aws_place){ g->account, "" }, &iam_roles, name);
	add_entity(g, role);
	add_boundary(g, role);
	add_tags(g, json_object_get(role, "Tags"));
	g->ask->caller.role_arn = role ? arena_dup(g->arena, jslice(role, "Arn")) : arena_printf(g->arena, "arn:aws:iam::%s:role/%s", g->account, name);
}

static void gather(void *self, struct arena *arena, const struct identity *who, struct policy_ask *ask)
{
	struct gathering g = { self, arena, ask, .account = who->account };
	JSON_AUTO claims = who->claims.p ? json_loadb(who->claims.p, who->claims.n, 0, NULL) : NULL;
	const char *name = who->name.p ? arena_cstr(arena, who->name) : NULL;
	const struct policy_fact *given = ask->facts;
	iam_forget(self);
	ask->identity = g.identity = arena_alloc(arena, POLICIES_MAX * sizeof(*g.identity));
	ask->session = g.session = arena_alloc(arena, POLICIES_MAX * sizeof(*g.session));
	ask->facts = g.facts = arena_alloc(arena, (FACTS_MAX + ask->fact_n) * sizeof(*g.facts));
	if (ask->fact_n)
		memcpy(g.facts, given, ask->fact_n * sizeof(*g.facts));
	if (claims)
		add_claims(&g, claims);
	if (who->federated) {
		add_user(&g, jstr(claims, "n"));
		if (!ask->session_n) /* without a policy it may do nothing by itself */
			add_session_policy(&g, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sts:GetCallerIdentity\",\"Resource\":\"*\"}]}");
	} else if (who->role_session.p) {
		add_role(&g, name, claims);
	} else if (name) {
		const json_t *user = aws_find(g.a, (struct aws_place){ g.account, "" }, &iam_users, name);
		add_user(&g, name);
		add_tags(&g, json_object_get(user, "Tags"));
		add_fact(&g, "aws:username", who->name);
	}
}

/* ---- opening ---- */

static int open_seal(struct aws *a, struct error *err)
{
	static const struct aws_kind seals = { "sts.seal", true };
	const json_t *kept = aws_find(a, iam_anywhere, &seals, "seal");
	struct arena arena = { 0 };
	struct slice raw;
	struct buf b = { 0 };
	int rc = 0;
	if (kept && arena_base64(&arena, jslice(kept, "key"), &raw) && raw.n == sizeof(a->iam->seal)) {
		memcpy(a->iam->seal, raw.p, raw.n);
	} else {
		hash_chance(a->iam->seal, sizeof(a->iam->seal));
		buf_base64(&b, a->iam->seal, sizeof(a->iam->seal));
		rc = aws_keep(a, iam_anywhere, &seals, "seal", json_pack("{s:s}", "key", buf_cstr(&b)), err);
	}
	buf_free(&b);
	arena_free(&arena);
	return rc;
}

int iam_open(struct aws *a, struct error *err)
{
	a->iam = xcalloc(1, sizeof(*a->iam));
	return open_seal(a, err);
}

void iam_close(struct aws *a)
{
	if (!a->iam)
		return;
	forget_all(a->iam);
	free(a->iam->read);
	free(a->iam);
	a->iam = NULL;
}

void iam_provide(struct aws *a, struct ports *ports)
{
	ports->authority = (struct authority){ a, find, gather };
}
