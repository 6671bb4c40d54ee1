/* What policies would decide: SimulatePrincipalPolicy and SimulateCustomPolicy, and which condition keys they look at. */
#include "aws/iam_ops.h"

enum { DOCUMENTS_MAX = 64, FACTS_MAX = 256, PAIRS_MAX = 1000 };

/* A document of the question, with the name that matched statements have it by. */
struct source {
	struct policy *policy;
	char name[160];
	const char *type;
};

struct simulation {
	struct source identity[DOCUMENTS_MAX], boundary;
	size_t n;
	struct policy *on_resource;
	struct policy_fact facts[FACTS_MAX];
	size_t fact_n;
	struct policy_caller caller;
};

static void simulation_free(struct simulation *s)
{
	for (size_t i = 0; i < s->n; i++)
		policy_free(s->identity[i].policy);
	policy_free(s->boundary.policy);
	policy_free(s->on_resource);
	free(s);
}

static int read_one(struct aws_call *c, const char *text, enum policy_use use, struct policy **out)
{
	struct error err;
	if (policy_read(sl(text), use, out, &err))
		return aws_refuse(c, 400, "InvalidInput", "%s", err.text);
	return 0;
}

static int add_source(struct aws_call *c, struct simulation *s, const char *text, const char *type, const char *name)
{
	struct source *to = &s->identity[s->n];
	if (!text || s->n == DOCUMENTS_MAX)
		return 0;
	snprintf(to->name, sizeof(to->name), "%s", name);
	to->type = type;
	if (read_one(c, text, POLICY_OF_IDENTITY, &to->policy))
		return -1;
	s->n++;
	return 0;
}

static int add_inputs(struct aws_call *c, struct simulation *s)
{
	const json_t *boundary = json_array_get(json_object_get(c->in, "PermissionsBoundaryPolicyInputList"), 0);
	const char *resource = jstr(c->in, "ResourcePolicy");
	char name[64];
	size_t i;
	json_t *one;
	int rc = 0;
	json_array_foreach(json_object_get(c->in, "PolicyInputList"), i, one) {
		snprintf(name, sizeof(name), "PolicyInputList.%zu", i + 1);
		rc = rc ? rc : add_source(c, s, json_string_value(one), "none", name);
	}
	if (!rc && boundary)
		rc = read_one(c, json_string_value(boundary), POLICY_OF_IDENTITY, &s->boundary.policy);
	if (!rc && resource)
		rc = read_one(c, resource, POLICY_OF_RESOURCE, &s->on_resource);
	return rc;
}

static void add_facts(struct aws_call *c, struct simulation *s)
{
	size_t i, k;
	json_t *entry, *value;
	json_array_foreach(json_object_get(c->in, "ContextEntries"), i, entry)
		json_array_foreach(json_object_get(entry, "ContextKeyValues"), k, value)
			if (s->fact_n < FACTS_MAX && jstr(entry, "ContextKeyName"))
				s->facts[s->fact_n++] = (struct policy_fact){ jslice(entry, "ContextKeyName"), json_slice(value) };
}

/* ---- the policies of somebody ---- */

static int add_entity(struct aws_call *c, struct simulation *s, const struct iam_entity *e, const json_t *doc)
{
	const char *name;
	char source[160];
	json_t *one;
	size_t i;
	int rc = 0;
	json_object_foreach(json_object_get(doc, "_inline"), name, one) {
		snprintf(source, sizeof(source), "%s_%s_%s", e->what, jstr(doc, e->name), name);
		rc = rc ? rc : add_source(c, s, json_string_value(one), e->what, source);
	}
	json_array_foreach(json_object_get(doc, "_attached"), i, one) {
		const char *arn = json_string_value(one);
		rc = rc ? rc : add_source(c, s, iam_policy_text(c->aws, c->at.account, arn), "IAM Policy", strrchr(arn, '/') ? strrchr(arn, '/') + 1 : arn);
	}
	if (!rc && jstr(doc, "_boundary") && !s->boundary.policy) {
		const char *text = iam_policy_text(c->aws, c->at.account, jstr(doc, "_boundary"));
		rc = text ? read_one(c, text, POLICY_OF_IDENTITY, &s->boundary.policy) : 0;
	}
	return rc;
}

static int add_principal(struct aws_call *c, struct simulation *s, const char *arn)
{
	const struct iam_entity *e = NULL;
	const char *name = NULL;
	char account[13];
	const json_t *doc, *group;
	for (int i = IAM_USER; !e && i <= IAM_ROLE; i++)
		if (iam_arn_read(arn, iam_entities[i].arn, account, &name))
			e = &iam_entities[i];
	if (!e)
		return aws_refuse(c, 400, "InvalidInput", "Invalid Entity Arn: %s does not clearly define entity type and name.", arn);
	doc = strcmp(account, c->at.account) ? NULL : aws_find(c->aws, c->at, e->kind, name);
	if (!doc)
		return iam_no_such(c, "The %s with name %s cannot be found.", e->what, name);
	s->caller = (struct policy_caller){ e == &iam_entities[IAM_ROLE] ? POLICY_SESSION : POLICY_USER, sl(c->at.account), jslice(doc, "Arn"), jslice(doc, "Arn"),
					    jslice(doc, e->id) };
	if (add_entity(c, s, e, doc))
		return -1;
	if (e == &iam_entities[IAM_USER]) {
		s->facts[s->fact_n++] = (struct policy_fact){ S("aws:username"), jslice(doc, "UserName") };
		for (struct aws_walk w = aws_walk(c->aws, c->at, &iam_groups); (group = aws_next(&w));)
			if (iam_listed(json_object_get(group, "_users"), name) && add_entity(c, s, &iam_entities[IAM_GROUP], group))
				return -1;
	}
	return 0;
}

/* ---- deciding ---- */

struct missing {
	const struct simulation *s;
	json_t *list;
};

static void add_missing(void *arg, struct slice key)
{
	struct missing *m = arg;
	char *name = xasprintf("%.*s", SL(key));
	bool known = iam_listed(m->list, name);
	for (size_t i = 0; !known && i < m->s->fact_n; i++)
		known = sl_eq_nocase(m->s->facts[i].key, key);
	if (!known)
		json_array_append_new(m->list, json_string(name));
	free(name);
}

static json_t *matched(const struct simulation *s, const struct policy_answer *answer)
{
	json_t *list = json_array();
	for (size_t i = 0; i < answer->hit_n; i++) {
		const struct policy_hit *hit = &answer->hit[i];
		bool deny = answer->decision == POLICY_EXPLICIT_DENY;
		if (hit->allow == deny || answer->decision == POLICY_IMPLICIT_DENY)
			continue;
		if (hit->by == POLICY_BY_IDENTITY)
			json_array_append_new(list, json_pack("{s:s,s:s}", "SourcePolicyId", s->identity[hit->policy].name, "SourcePolicyType",
							      s->identity[hit->policy].type));
		else
			json_array_append_new(list, json_pack("{s:s,s:s}", "SourcePolicyId", hit->by == POLICY_BY_RESOURCE ? "ResourcePolicy" : "PermissionsBoundary",
							      "SourcePolicyType", "none"));
	}
	return list;
}

static json_t *simulate_one(const struct simulation *s, const char *action, const char *resource)
{
	static const char *const words[] = { [POLICY_ALLOWED] = "allowed", [POLICY_EXPLICIT_DENY] = "explicitDeny", [POLICY_IMPLICIT_DENY] = "implicitDeny" };
	const struct policy *identity[DOCUMENTS_MAX];
	struct policy_ask ask = { .caller = s->caller, .action = sl(action), .resource = sl(resource), .facts = s->facts, .fact_n = s->fact_n,
				  .identity = identity, .identity_n = s->n, .boundary = s->boundary.policy, .on_resource = s->on_resource };
	struct policy_answer answer;
	struct missing m = { s, json_array() };
	for (size_t i = 0; i < s->n; i++) {
		identity[i] = s->identity[i].policy;
		policy_keys(identity[i], add_missing, &m);
	}
	policy_decide(&ask, &answer);
	json_t *one = json_pack("{s:s,s:s,s:s,s:o,s:o}", "EvalActionName", action, "EvalResourceName", resource, "EvalDecision", words[answer.decision],
				"MatchedStatements", matched(s, &answer), "MissingContextValues", m.list);
	if (s->boundary.policy)
		json_object_set_new(one, "PermissionsBoundaryDecisionDetail",
				    json_pack("{s:b}", "AllowedByPermissionsBoundary", answer.decision == POLICY_ALLOWED || answer.by != POLICY_BY_BOUNDARY));
	return one;
}

static int simulate_all(struct aws_call *c, struct simulation *s)
{
	const json_t *actions = json_object_get(c->in, "ActionNames"), *resources = json_object_get(c->in, "ResourceArns");
	size_t n = json_array_size(resources);
	json_t *items;
	if (json_array_size(actions) * (n ? n : 1) > PAIRS_MAX)
		return aws_refuse(c, 400, "InvalidInput", "Too many actions and resources: at most %d pairs are simulated at once.", PAIRS_MAX);
	for (size_t i = 0; i < json_array_size(actions); i++)
		if (!strchr(json_string_value(json_array_get(actions, i)), ':'))
			return aws_refuse(c, 400, "InvalidInput", "Invalid Action Name: %s must be in service:action format.", json_string_value(json_array_get(actions, i)));
	items = json_array();
	for (size_t i = 0; i < json_array_size(actions); i++)
		for (size_t k = 0; k < (n ? n : 1); k++)
			json_array_append_new(items, simulate_one(s, json_string_value(json_array_get(actions, i)),
								  n ? json_string_value(json_array_get(resources, k)) : "*"));
	return iam_page(c, items, "EvaluationResults");
}

static struct simulation *simulation_new(struct aws_call *c)
{
	struct simulation *s = xcalloc(1, sizeof(*s));
	const char *caller = jstr(c->in, "CallerArn");
	s->caller = (struct policy_caller){ POLICY_USER, sl(c->at.account), sl(caller ? caller : "arn:aws:iam::000000000000:user/simulated") };
	return s;
}

static int simulate_custom(struct aws_call *c)
{
	struct simulation *s = simulation_new(c);
	int rc = add_inputs(c, s);
	add_facts(c, s);
	if (!rc)
		rc = simulate_all(c, s);
	simulation_free(s);
	return rc;
}

static int simulate_principal(struct aws_call *c)
{
	struct simulation *s = simulation_new(c);
	int rc = add_principal(c, s, jstr(c->in, "PolicySourceArn"));
	if (!rc)
		rc = add_inputs(c, s);
	add_facts(c, s);
	if (!rc)
		rc = simulate_all(c, s);
	simulation_free(s);
	return rc;
}

/* ---- condition keys ---- */

static void tell_keys(struct aws_call *c, const struct simulation *s)
{
	struct missing m = { s, json_array() };
	for (size_t i = 0; i < s->n; i++)
		policy_keys(s->identity[i].policy, add_missing, &m);
	json_object_set_new(c->out, "ContextKeyNames", m.list);
}

static int keys_of_custom(struct aws_call *c)
{
	struct simulation *s = simulation_new(c);
	int rc = add_inputs(c, s);
	if (!rc)
		tell_keys(c, s);
	simulation_free(s);
	return rc;
}

static int keys_of_principal(struct aws_call *c)
{
	struct simulation *s = simulation_new(c);
	int rc = add_principal(c, s, jstr(c->in, "PolicySourceArn"));
	s->fact_n = 0;
	if (!rc)
		rc = add_inputs(c, s);
	if (!rc)
		tell_keys(c, s);
	simulation_free(s);
	return rc;
}

#define QUESTION \
	" PermissionsBoundaryPolicyInputList:[" IAM_DOCUMENT "] ActionNames!:[s3-128] ResourceArns:[s1-2048] ResourcePolicy:" IAM_DOCUMENT \
	" ResourceOwner:s1-2048 CallerArn:s1-2048 ContextEntries:[{ContextKeyName:s5-256 ContextKeyValues:[s] ContextKeyType:string|stringList|numeric|" \
	"numericList|boolean|booleanList|ip|ipList|binary|binaryList|date|dateList}] ResourceHandlingOption:s1-64 " IAM_PAGE
static const struct aws_op ops[] = {
	{ AWS_OP("iam", "SimulatePrincipalPolicy", "what a user, group or role would be allowed"),
	  "PolicySourceArn!:" IAM_ARN " PolicyInputList:[" IAM_DOCUMENT "]" QUESTION, "", simulate_principal },
	{ AWS_OP("iam", "SimulateCustomPolicy", "what documents would allow"), "PolicyInputList!:[" IAM_DOCUMENT "]" QUESTION, "", simulate_custom },
	{ AWS_OP("iam", "GetContextKeysForPrincipalPolicy", "condition keys of somebody's policies"),
	  "PolicySourceArn!:" IAM_ARN " PolicyInputList:[" IAM_DOCUMENT "]", "", keys_of_principal },
	{ AWS_OP("iam", "GetContextKeysForCustomPolicy", "condition keys of documents"), "PolicyInputList!:[" IAM_DOCUMENT "]", "", keys_of_custom },
};
const struct routes iam_simulate_ops = ROUTES(ops);
