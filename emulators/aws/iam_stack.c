/* What the stack's settings say of users and roles: made once, then IAM's to change. */
#include "aws/iam_ops.h"

struct seeding {
	struct aws *a;
	struct aws_place at;
	int64_t now_ms;
	struct error *err;
};

static int seed_keep(struct seeding *s, const struct iam_entity *e, json_t *doc)
{
	return aws_keep(s->a, s->at, e->kind, jstr(doc, e->name), doc, s->err);
}

/* ---- policies ---- */

static int attach_one(struct seeding *s, const char *section, struct slice name, json_t *list)
{
	char *arn = sl_starts(name, S("arn:")) ? xasprintf("%.*s", SL(name)) : xasprintf("arn:aws:iam::aws:policy/%.*s", SL(name));
	char *service = xasprintf("arn:aws:iam::aws:policy/service-role/%.*s", SL(name));
	const char *found = iam_policy_text(s->a, s->at.account, arn) ? arn : iam_managed_find(service) ? service : NULL;
	int rc = found ? 0 : err_set(s->err, ERR_INVALID, "[%s] policies: AWS's policy %.*s is not known here; write it as a file: policy = FILE", section, SL(name));
	if (found)
		json_array_append_new(list, json_string(found));
	free(arn);
	free(service);
	return rc;
}

/* rest: names of managed policies, absent: none; path: of its own document, NULL: none. */
static int attach_all(struct seeding *s, const char *section, struct slice rest, json_t *doc)
{
	struct slice one;
	int rc = 0;
	while (!rc && rest.p) {
		sl_cut(rest, ',', &one, &rest);
		if (sl_trim(one).n)
			rc = attach_one(s, section, sl_trim(one), iam_array(doc, "_attached"));
	}
	return rc;
}

/* A document that is a file of the stack; the caller frees it. */
static int read_file(struct seeding *s, const char *section, const char *path, enum policy_use use, char **out)
{
	struct policy *p = NULL;
	struct error err;
	size_t n;
	int rc = stack_read(s->a->env->files, path, out, &n, s->err);
	if (rc)
		return rc;
	*out = xrealloc(*out, n + 1);
	(*out)[n] = '\0';
	rc = policy_read(sl_of(*out, n), use, &p, &err);
	policy_free(p);
	if (rc) {
		free(*out);
		return err_set(s->err, ERR_INVALID, "[%s] %s: %s", section, path, err.text);
	}
	return 0;
}

static int grant(struct seeding *s, const char *section, struct slice policies, const char *path, json_t *doc)
{
	char *text;
	int rc = attach_all(s, section, policies, doc);
	if (rc || !path)
		return rc;
	rc = read_file(s, section, path, POLICY_OF_IDENTITY, &text);
	if (rc)
		return rc;
	json_object_set_new(jobj(doc, "_inline"), "stack", json_string(text));
	free(text);
	return 0;
}

/* ---- trust ---- */

static void add_principal(json_t *principal, struct slice who)
{
	const char *kind = sl_ends(who, S(".amazonaws.com")) ? "Service" : "AWS";
	if (!json_object_get(principal, kind))
		json_object_set_new(principal, kind, json_array());
	json_array_append_new(json_object_get(principal, kind), json_stringn(who.p, who.n));
}

/* trust NULL: its account. */
static int trust_of(struct seeding *s, const char *section, const char *trust, char **out)
{
	struct slice rest = sl(trust ? trust : s->at.account), one;
	json_t *principal;
	if (sl_ends(rest, S(".json")))
		return read_file(s, section, trust, POLICY_OF_TRUST, out);
	principal = json_object();
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		if (sl_trim(one).n)
			add_principal(principal, sl_trim(one));
	}
	JSON_AUTO doc = json_pack("{s:s,s:[{s:s,s:o,s:s}]}", "Version", "2012-10-17", "Statement", "Effect", "Allow", "Principal", principal, "Action",
				  "sts:AssumeRole");
	struct policy *p = NULL;
	struct error err;
	*out = json_dumps(doc, JSON_COMPACT);
	int rc = policy_read(sl(*out), POLICY_OF_TRUST, &p, &err);
	policy_free(p);
	if (rc) {
		free(*out);
		return err_set(s->err, ERR_INVALID, "[%s] trust: %s", section, err.text);
	}
	return 0;
}

static json_t *new_role(struct seeding *s, const char *name, const char *id, const char *trust)
{
	json_t *doc = iam_entity_doc(s->a, s->at, &iam_entities[IAM_ROLE], name, "/", id, s->now_ms);
	jput(doc, "AssumeRolePolicyDocument", trust);
	json_object_set_new(doc, "MaxSessionDuration", json_integer(3600));
	return doc;
}

/* "trust=… policies=…": a word of it, the caller's; NULL: it isn't there. */
static char *word_of(const char *text, const char *name)
{
	struct slice rest = sl(text), one, key, value;
	while (rest.p) {
		sl_cut(rest, ' ', &one, &rest);
		if (sl_cut(one, '=', &key, &value) && sl_eqs(key, name))
			return xstrndup(value.p, value.n);
	}
	return NULL;
}

static int make_role(struct seeding *s, const char *name, const char *where, const char *trust, const char *policies, const char *policy, json_t **out)
{
	struct identity id = { .name = sl(name), .role_session = S("x") };
	char *document;
	int rc = trust_of(s, where, trust, &document);
	if (rc)
		return rc;
	snprintf(id.account, sizeof(id.account), "%s", s->at.account);
	identity_complete(&id);
	*out = new_role(s, name, id.user_id, document);
	free(document);
	rc = grant(s, where, sl(policies), policy, *out);
	if (rc)
		json_decref(*out);
	return rc;
}

static int seed_profile(struct seeding *s, const char *name)
{
	json_t *doc = iam_entity_doc(s->a, s->at, &iam_entities[IAM_PROFILE], name, "/", NULL, s->now_ms);
	json_array_append_new(iam_array(doc, "_roles"), json_string(name));
	return seed_keep(s, &iam_entities[IAM_PROFILE], doc);
}

static int seed_role(struct seeding *s, const char *name, const char *text)
{
	char *trust, *policies, *policy, *profile, *where;
	json_t *doc;
	int rc;
	if (aws_find(s->a, s->at, &iam_roles, name))
		return 0;
	trust = word_of(text, "trust");
	policies = word_of(text, "policies");
	policy = word_of(text, "policy");
	profile = word_of(text, "instance_profile");
	where = xasprintf("roles.%s", name);
	rc = make_role(s, name, where, trust, policies, policy, &doc);
	if (!rc)
		rc = seed_keep(s, &iam_entities[IAM_ROLE], doc);
	if (!rc && profile && !strcmp(profile, "yes"))
		rc = seed_profile(s, name);
	free(trust);
	free(policies);
	free(policy);
	free(profile);
	free(where);
	return rc;
}

/* ---- identities ---- */

static int seed_key(struct seeding *s, const struct identity *id, const char *name)
{
	char *key = xasprintf("%.*s", SL(id->key));
	json_t *doc = aws_find(s->a, iam_anywhere, &iam_keys, key);
	int rc = 0;
	if (!doc) {
		doc = json_pack("{s:s,s:s,s:I,s:s,s:o}", "AccessKeyId", key, "Status", "Active", "CreateDate", (json_int_t)(s->now_ms / 1000 * 1000), "_account",
				s->at.account, "_secret", json_stringn(id->secret.p, id->secret.n));
		jput(doc, "UserName", name);
		rc = aws_keep(s->a, iam_anywhere, &iam_keys, key, doc, s->err);
	} else if (!sl_eq(jslice(doc, "_secret"), id->secret)) {
		json_object_set_new(doc, "_secret", json_stringn(id->secret.p, id->secret.n)); /* the settings were changed */
		rc = aws_keep(s->a, iam_anywhere, &iam_keys, key, doc, s->err);
	}
	free(key);
	return rc;
}

static int seed_entity(struct seeding *s, const struct identity *id, const char *name, const char *section)
{
	const struct iam_entity *e = &iam_entities[id->role_session.p ? IAM_ROLE : IAM_USER];
	char *trust = NULL;
	json_t *doc;
	int rc = 0;
	if (aws_find(s->a, s->at, e->kind, name))
		return 0;
	if (id->role_session.p && (rc = trust_of(s, "identities", NULL, &trust)))
		return rc;
	doc = id->role_session.p ? new_role(s, name, id->user_id, trust) : iam_entity_doc(s->a, s->at, e, name, "/", id->user_id, s->now_ms);
	free(trust);
	/* Who stands in [identities] may do everything: the settings say nothing of its policies. */
	if (section)
		rc = grant(s, section, sl(conf_get(s->a->env->conf, section, "policies")), conf_get(s->a->env->conf, section, "policy"), doc);
	else
		json_array_append_new(iam_array(doc, "_attached"), json_string("arn:aws:iam::aws:policy/AdministratorAccess"));
	if (rc) {
		json_decref(doc);
		return rc;
	}
	return seed_keep(s, e, doc);
}

static int seed_identity(struct seeding *s, const struct identity *id)
{
	const struct conf *conf = s->a->env->conf;
	char *name = id->name.p ? xasprintf("%.*s", SL(id->name)) : NULL, *section = name ? xasprintf("identity.%s", name) : NULL;
	int rc = 0;
	s->at = (struct aws_place){ id->account, "" };
	if (name)
		rc = seed_entity(s, id, name, conf_get(conf, section, "key") ? section : NULL);
	/* Credentials with a session token are no access keys. */
	if (!rc && !id->session.p && !id->role_session.p)
		rc = seed_key(s, id, name);
	free(name);
	free(section);
	return rc;
}

int iam_seed(struct aws *a, struct error *err)
{
	struct seeding s = { a, { identities_account(a->env->conf), "" }, clock_now_ms(a->env->clock), err };
	const char *name, *text;
	struct identity id;
	int rc = 0;
	for (size_t i = 0; !rc && conf_at(a->env->conf, "roles", i, &name, &text); i++)
		rc = seed_role(&s, name, text);
	for (size_t i = 0; !rc && identity_at(a->env->conf, i, &id); i++)
		rc = seed_identity(&s, &id);
	return rc;
}
