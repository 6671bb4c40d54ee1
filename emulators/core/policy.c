#include "policy_parts.h"

/* What all policies of one kind say together. */
struct said {
	bool any, deny;
	enum policy_named allow; /* NAMED_NOT: nobody allows */
};

static void hear(const struct policy *p, enum policy_kind by, size_t index, const struct policy_ask *ask, struct said *said,
		 struct policy_answer *out, bool *bad)
{
	for (size_t i = 0; p && i < p->statement_n; i++) {
		const struct policy_statement *st = &p->statements[i];
		enum policy_named how = policy_matches(p, st, ask, bad);
		if (how == NAMED_NOT)
			continue;
		if (out->hit_n < POLICY_HITS_MAX)
			out->hit[out->hit_n++] = (struct policy_hit){ by, index, i, st->allow };
		if (!st->allow)
			said->deny = true;
		else if (how > said->allow)
			said->allow = how;
	}
	said->any |= p != NULL;
}

static void end(struct policy_answer *out, enum policy_decision decision, enum policy_kind by)
{
	out->decision = decision;
	out->by = by;
}

/* Whether what the resource says is enough, whoever else says nothing: the name stands there, of the user or of the session itself. */
static bool suffices(const struct policy_ask *ask, enum policy_named how)
{
	if (ask->caller.who == POLICY_SESSION)
		return how == NAMED_SELF;
	return how == NAMED_SELF || how == NAMED_ANY;
}

static void weigh(const struct policy_ask *ask, const struct said said[4], struct policy_answer *out)
{
	enum policy_named granted = said[POLICY_BY_RESOURCE].allow;
	bool own = !ask->owner.p || sl_eq(ask->owner, ask->caller.account);
	bool has_policies = ask->caller.who == POLICY_USER || ask->caller.who == POLICY_SESSION;
	bool identity = said[POLICY_BY_IDENTITY].allow != NAMED_NOT || ask->caller.who == POLICY_ROOT;
	if (!has_policies && ask->caller.who != POLICY_ROOT) {
		end(out, granted != NAMED_NOT ? POLICY_ALLOWED : POLICY_IMPLICIT_DENY, POLICY_BY_RESOURCE);
		return;
	}
	/* A gate or another account: without the resource's word nothing helps. */
	if ((ask->gate || !own) && granted == NAMED_NOT) {
		end(out, POLICY_IMPLICIT_DENY, own || identity ? POLICY_BY_RESOURCE : POLICY_BY_IDENTITY);
		return;
	}
	if (own && suffices(ask, granted)) {
		end(out, POLICY_ALLOWED, POLICY_BY_RESOURCE);
		return;
	}
	/* Naming the role is as good as a policy of the role; naming the account leaves it to the account's. */
	if (!identity && !(own && granted > NAMED_ACCOUNT)) {
		end(out, POLICY_IMPLICIT_DENY, POLICY_BY_IDENTITY);
		return;
	}
	if (said[POLICY_BY_BOUNDARY].any && said[POLICY_BY_BOUNDARY].allow == NAMED_NOT) {
		end(out, POLICY_IMPLICIT_DENY, POLICY_BY_BOUNDARY);
		return;
	}
	if (said[POLICY_BY_SESSION].any && said[POLICY_BY_SESSION].allow == NAMED_NOT) {
		end(out, POLICY_IMPLICIT_DENY, POLICY_BY_SESSION);
		return;
	}
	end(out, POLICY_ALLOWED, POLICY_BY_IDENTITY);
}

void policy_decide(const struct policy_ask *ask, struct policy_answer *out)
{
	struct said said[4] = { 0 };
	bool bad = false;
	*out = (struct policy_answer){ 0 };
	for (size_t i = 0; i < ask->identity_n; i++)
		hear(ask->identity[i], POLICY_BY_IDENTITY, i, ask, &said[POLICY_BY_IDENTITY], out, &bad);
	hear(ask->boundary, POLICY_BY_BOUNDARY, 0, ask, &said[POLICY_BY_BOUNDARY], out, &bad);
	for (size_t i = 0; i < ask->session_n; i++)
		hear(ask->session[i], POLICY_BY_SESSION, i, ask, &said[POLICY_BY_SESSION], out, &bad);
	hear(ask->on_resource, POLICY_BY_RESOURCE, 0, ask, &said[POLICY_BY_RESOURCE], out, &bad);
	for (int kind = POLICY_BY_IDENTITY; kind <= POLICY_BY_RESOURCE; kind++)
		if (said[kind].deny || bad) {
			end(out, POLICY_EXPLICIT_DENY, (enum policy_kind)kind);
			return;
		}
	weigh(ask, said, out);
}

void policy_why(const struct policy_ask *ask, const struct policy_answer *answer, bool quote, struct buf *b)
{
	static const char *const kinds[] = {
		[POLICY_BY_IDENTITY] = "identity-based policy",
		[POLICY_BY_BOUNDARY] = "permissions boundary",
		[POLICY_BY_SESSION] = "session policy",
		[POLICY_BY_RESOURCE] = "resource-based policy",
	};
	const char *mark = quote ? "\"" : "", *kind = kinds[answer->by];
	buf_addf(b, "User: %.*s is not authorized to perform: %.*s on resource: %s%.*s%s", SL(ask->caller.who == POLICY_ANONYMOUS ? S("anonymous") : ask->caller.arn),
		 SL(ask->action), mark, SL(ask->resource), mark);
	if (answer->decision == POLICY_EXPLICIT_DENY)
		buf_addf(b, " with an explicit deny in %s %s", kind[0] == 'i' ? "an" : "a", kind);
	else
		buf_addf(b, " because no %s allows the %.*s action", kind, SL(ask->action));
}
