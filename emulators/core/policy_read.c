#include "policy_parts.h"

#include "json.h"

static const struct error_def malformed = { ERR_INVALID, "MalformedPolicyDocument", 400, 0 };

const struct policy_operator policy_operators[] = {
	{ "StringEquals", TYPE_STRING },
	{ "StringNotEquals", TYPE_STRING, true },
	{ "StringEqualsIgnoreCase", TYPE_STRING, false, true },
	{ "StringNotEqualsIgnoreCase", TYPE_STRING, true, true },
	{ "StringLike", TYPE_LIKE },
	{ "StringNotLike", TYPE_LIKE, true },
	{ "NumericEquals", TYPE_NUMBER },
	{ "NumericNotEquals", TYPE_NUMBER, true },
	{ "NumericLessThan", TYPE_NUMBER, .order = ORDER_LT },
	{ "NumericLessThanEquals", TYPE_NUMBER, .order = ORDER_LE },
	{ "NumericGreaterThan", TYPE_NUMBER, .order = ORDER_GT },
	{ "NumericGreaterThanEquals", TYPE_NUMBER, .order = ORDER_GE },
	{ "DateEquals", TYPE_DATE },
	{ "DateNotEquals", TYPE_DATE, true },
	{ "DateLessThan", TYPE_DATE, .order = ORDER_LT },
	{ "DateLessThanEquals", TYPE_DATE, .order = ORDER_LE },
	{ "DateGreaterThan", TYPE_DATE, .order = ORDER_GT },
	{ "DateGreaterThanEquals", TYPE_DATE, .order = ORDER_GE },
	{ "Bool", TYPE_BOOL },
	{ "BinaryEquals", TYPE_BINARY },
	{ "IpAddress", TYPE_IP },
	{ "NotIpAddress", TYPE_IP, true },
	{ "ArnEquals", TYPE_ARN },
	{ "ArnNotEquals", TYPE_ARN, true },
	{ "ArnLike", TYPE_ARN },
	{ "ArnNotLike", TYPE_ARN, true },
	{ "Null", TYPE_NULL },
	{ NULL },
};

/* A document while it is read. */
struct reading {
	struct policy *p;
	struct error *err;
	int rc;
};

/* The first thing that is wrong is what is said. */
static void PRINTF_LIKE(2, 3) wrong(struct reading *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	if (r->rc)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->rc = err_fail(r->err, &malformed, "%s", text);
}

static bool of_identity(const struct reading *r)
{
	return r->p->use == POLICY_OF_IDENTITY || r->p->use == POLICY_OF_SESSION;
}

static void syntax(struct reading *r)
{
	wrong(r, of_identity(r) ? "Syntax errors in policy." : "Syntax error in policy.");
}

/* ---- values ---- */

bool policy_variable(struct slice pattern, size_t *pos, struct slice *name)
{
	for (size_t i = *pos; i + 1 < pattern.n; i++)
		if (pattern.p[i] == '$' && pattern.p[i + 1] == '{') {
			ssize_t end = sl_chr(sl_from(pattern, i), '}');
			if (end < 0)
				return false;
			*name = sl_of(pattern.p + i + 2, (size_t)end - 2);
			*pos = i + (size_t)end + 1;
			return true;
		}
	return false;
}

/* A copy whose wildcards are POLICY_STAR and POLICY_ONE, but for those inside of a variable. */
static struct slice pattern_of(struct policy *p, struct slice text)
{
	char *out = arena_cstr(&p->arena, text);
	size_t pos = 0, at = 0;
	struct slice name;
	while (at < text.n) {
		bool more = p->variables && policy_variable(text, &pos, &name);
		size_t until = more ? (size_t)(name.p - text.p) - 2 : text.n;
		for (; at < until; at++)
			out[at] = text.p[at] == '*' ? (char)POLICY_STAR : text.p[at] == '?' ? (char)POLICY_ONE : text.p[at];
		at = more ? pos : text.n;
	}
	return sl_of(out, text.n);
}

static struct slice text_of(struct policy *p, const json_t *v)
{
	if (json_is_string(v))
		return arena_dup(&p->arena, json_slice(v));
	if (json_is_integer(v))
		return arena_printf(&p->arena, "%lld", (long long)json_integer_value(v));
	if (json_is_real(v))
		return arena_printf(&p->arena, "%.17g", json_real_value(v));
	return json_is_true(v) ? S("true") : S("false");
}

static size_t count(const json_t *v)
{
	return json_is_array(v) ? json_array_size(v) : v ? 1 : 0;
}

static const json_t *item(const json_t *v, size_t i)
{
	return json_is_array(v) ? json_array_get(v, i) : v;
}

/* One text or a list of them, as patterns or as they stand; AWS passes over a null in a list. scalars: numbers and booleans, too. */
static struct policy_texts texts_of(struct reading *r, const json_t *v, bool patterns, bool scalars)
{
	size_t all = count(v), n = 0;
	struct slice *at = arena_alloc(&r->p->arena, (all + 1) * sizeof(*at));
	for (size_t i = 0; i < all; i++) {
		const json_t *one = item(v, i);
		if (json_is_array(v) && json_is_null(one) && of_identity(r))
			continue;
		if (!json_is_string(one) && !(scalars && (json_is_number(one) || json_is_boolean(one)))) {
			syntax(r);
			break;
		}
		at[n] = text_of(r->p, one);
		if (patterns)
			at[n] = pattern_of(r->p, at[n]);
		n++;
	}
	return (struct policy_texts){ at, n };
}

/* ---- conditions ---- */

static bool operator_of(struct slice name, struct policy_condition *c)
{
	static const char if_exists[] = "IfExists";
	struct slice rest;
	c->set = SET_NONE;
	if (sl_after(name, S("ForAnyValue:"), &rest)) {
		c->set = SET_ANY;
		name = rest;
	} else if (sl_after(name, S("ForAllValues:"), &rest)) {
		c->set = SET_ALL;
		name = rest;
	}
	c->if_exists = sl_ends(name, sl(if_exists));
	if (c->if_exists)
		name.n -= strlen(if_exists);
	for (c->op = policy_operators; c->op->name; c->op++)
		if (sl_eqs(name, c->op->name))
			return !(c->op->type == TYPE_NULL && c->if_exists);
	return false;
}

static void read_conditions(struct reading *r, const json_t *block, struct policy_statement *st)
{
	struct policy_condition *list, one;
	const char *name, *key;
	json_t *keys, *values;
	size_t n = 0;
	if (!block)
		return;
	json_object_foreach((json_t *)block, name, keys)
		n += json_object_size(keys);
	list = arena_alloc(&r->p->arena, (n + 1) * sizeof(*list));
	if (!json_is_object(block))
		syntax(r);
	json_object_foreach((json_t *)block, name, keys) {
		bool known = operator_of(sl(name), &one);
		if (!json_is_object(keys) || (!known && json_object_size(keys)))
			syntax(r);
		json_object_foreach(keys, key, values) {
			if (!known)
				break;
			one.key = arena_dup(&r->p->arena, sl(key));
			one.values = texts_of(r, values, one.op->type == TYPE_LIKE || one.op->type == TYPE_ARN, true);
			list[st->condition_n++] = one;
		}
	}
	st->conditions = list;
}

/* ---- principals ---- */

static const struct {
	const char *name;
	enum policy_principal_kind kind;
} principal_kinds[] = {
	{ "AWS", PRINCIPAL_AWS }, { "Service", PRINCIPAL_SERVICE }, { "Federated", PRINCIPAL_FEDERATED }, { "CanonicalUser", PRINCIPAL_CANONICAL },
};

static bool all_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* "*", an account, an ARN of IAM or STS without wildcards, the id of one that was deleted. */
static bool names_principal(struct slice v)
{
	struct slice part[6], rest = v;
	if (sl_eqs(v, "*") || (v.n == 12 && all_digits(v)))
		return true;
	if (!sl_starts(v, S("arn:")))
		return v.n >= 16 && v.n <= 128 && (sl_starts(v, S("AIDA")) || sl_starts(v, S("AROA")) || sl_starts(v, S("AGPA")));
	for (int i = 0; i < 5; i++)
		if (!sl_cut(rest, ':', &part[i], &rest))
			return false;
	return (sl_eqs(part[2], "iam") || sl_eqs(part[2], "sts")) && part[4].n == 12 && all_digits(part[4]) && rest.n && sl_chr(rest, '*') < 0;
}

static void add_principals(struct reading *r, const char *kind, const json_t *values, struct policy_statement *st, struct policy_principal *to)
{
	size_t k = 0;
	while (k < ARRAY_LEN(principal_kinds) && strcmp(kind, principal_kinds[k].name) != 0)
		k++;
	if (k == ARRAY_LEN(principal_kinds)) {
		wrong(r, "Invalid principal in policy: \"%.100s\"", kind);
		return;
	}
	struct policy_texts texts = texts_of(r, values, false, false);
	for (size_t i = 0; i < texts.n; i++) {
		bool service = principal_kinds[k].kind == PRINCIPAL_SERVICE;
		struct slice v = texts.at[i];
		if (principal_kinds[k].kind == PRINCIPAL_AWS ? !names_principal(v) : service ? sl_chr(v, '.') < 0 && !sl_eqs(v, "*") : !v.n)
			wrong(r, "Invalid principal in policy: \"%s\":\"%.*s\"", service ? "SERVICE" : kind, v.n < 300 ? (int)v.n : 300, v.p);
		to[st->principal_n++] = (struct policy_principal){ principal_kinds[k].kind, v };
	}
}

static void read_principals(struct reading *r, const json_t *v, struct policy_statement *st)
{
	struct policy_principal *list;
	const char *kind;
	json_t *values;
	size_t n = 1;
	json_object_foreach((json_t *)v, kind, values)
		n += count(values);
	list = arena_alloc(&r->p->arena, n * sizeof(*list));
	st->principals = list;
	if (json_is_string(v)) {
		if (!sl_eqs(json_slice(v), "*"))
			wrong(r, "Invalid principal in policy");
		list[st->principal_n++] = (struct policy_principal){ PRINCIPAL_AWS, S("*") };
	} else if (!json_is_object(v)) {
		syntax(r);
	} else if (!json_object_size(v)) {
		wrong(r, "Missing required field Principal cannot be empty!");
	}
	json_object_foreach((json_t *)v, kind, values)
		add_principals(r, kind, values, st, list);
}

/* ---- statements ---- */

static bool known_element(const char *name)
{
	static const char *const known[] = { "Sid", "Action", "NotAction", "Resource", "NotResource", "Effect", "Principal", "NotPrincipal", "Condition" };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(name, known[i]))
			return true;
	return false;
}

/* What both of a pair say: the statement may have one. */
static const json_t *one_of(struct reading *r, const json_t *st, const char *name, const char *not_name, bool *negated)
{
	const json_t *plain = json_object_get(st, name), *negative = json_object_get(st, not_name);
	if (plain && negative)
		syntax(r);
	*negated = negative != NULL;
	return negative ? negative : plain;
}

static void read_effect(struct reading *r, const json_t *v, struct policy_statement *st)
{
	struct slice effect = json_slice(v);
	st->allow = sl_eqs(effect, "Allow");
	if (st->allow || sl_eqs(effect, "Deny"))
		return;
	if (!of_identity(r) && !v)
		wrong(r, "Missing required field Effect");
	else if (!of_identity(r) && json_is_string(v))
		wrong(r, "Invalid effect: %.*s", effect.n < 100 ? (int)effect.n : 100, effect.p);
	else if (sl_eq_nocase(effect, S("allow")) || sl_eq_nocase(effect, S("deny")))
		r->p->effect_case = true;
	else
		syntax(r);
}

static void read_statement(struct reading *r, const json_t *v, struct policy_statement *st)
{
	const json_t *sid = json_object_get(v, "Sid"), *principal, *actions, *resources;
	const char *name;
	json_t *unused;
	if (!json_is_object(v) || (sid && !json_is_string(sid)))
		syntax(r);
	json_object_foreach((json_t *)v, name, unused)
		if (!known_element(name))
			syntax(r);
	st->sid = arena_dup(&r->p->arena, json_slice(sid));
	read_effect(r, json_object_get(v, "Effect"), st);
	actions = one_of(r, v, "Action", "NotAction", &st->not_action);
	resources = one_of(r, v, "Resource", "NotResource", &st->not_resource);
	principal = one_of(r, v, "Principal", "NotPrincipal", &st->not_principal);
	st->actions = texts_of(r, actions, true, false);
	st->resources = texts_of(r, resources, true, false);
	read_conditions(r, json_object_get(v, "Condition"), st);
	if (principal && of_identity(r))
		wrong(r, "Policy document should not specify a principal.");
	else if (principal)
		read_principals(r, principal, st);
	else if (!of_identity(r))
		wrong(r, "Missing required field Principal");
}

static void read_document(struct reading *r, const json_t *doc)
{
	const json_t *version = json_object_get(doc, "Version"), *list = json_object_get(doc, "Statement"), *id = json_object_get(doc, "Id");
	struct slice v = version ? json_slice(version) : S("2008-10-17");
	struct policy_statement *st;
	const char *name;
	json_t *unused;
	json_object_foreach((json_t *)doc, name, unused)
		if (strcmp(name, "Version") && strcmp(name, "Id") && strcmp(name, "Statement") && strcmp(name, "Conditions"))
			syntax(r);
	r->p->variables = sl_eqs(v, "2012-10-17");
	if (!r->p->variables && !sl_eqs(v, "2008-10-17"))
		of_identity(r) ? syntax(r) : wrong(r, "The policy must contain a valid version string");
	if (r->p->use == POLICY_OF_RESOURCE && !list)
		wrong(r, "Missing required field Statement");
	if ((id && !json_is_string(id)) || (!json_is_object(list) && !json_is_array(list)))
		syntax(r);
	if (!count(list))
		of_identity(r) ? syntax(r) : wrong(r, "Could not parse the policy: Statement is empty!");
	st = arena_alloc(&r->p->arena, (count(list) + 1) * sizeof(*st));
	for (size_t i = 0; !r->rc && i < count(list); i++)
		read_statement(r, item(list, i), &st[i]);
	r->p->statements = st;
	r->p->statement_n = count(list);
	if (of_identity(r) && !r->p->variables)
		wrong(r, "Policy document must be version 2012-10-17 or greater.");
}

int policy_read(struct slice text, enum policy_use use, struct policy **out, struct error *err)
{
	struct reading r = { .p = xcalloc(1, sizeof(*r.p)), .err = err };
	JSON_AUTO doc = text.n <= POLICY_MAX ? json_loadb(text.n ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
	r.p->use = use;
	if (!json_is_object(doc))
		of_identity(&r) ? syntax(&r) : wrong(&r, "This policy contains invalid Json");
	else
		read_document(&r, doc);
	if (!r.rc)
		r.rc = policy_check(r.p, err);
	if (r.rc)
		policy_free(r.p);
	else
		*out = r.p;
	return r.rc;
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	arena_free(&p->arena);
	free(p);
}

/* ---- what it names ---- */

static void each_variable(const struct policy *p, struct policy_texts texts, void (*each)(void *arg, struct slice key), void *arg)
{
	for (size_t i = 0; p->variables && i < texts.n; i++) {
		struct slice name, key, otherwise;
		size_t pos = 0;
		while (policy_variable(texts.at[i], &pos, &name)) {
			sl_cut(name, ',', &key, &otherwise);
			if (key.n > 1)
				each(arg, sl_trim(key));
		}
	}
}

void policy_keys(const struct policy *p, void (*each)(void *arg, struct slice key), void *arg)
{
	for (size_t i = 0; p && i < p->statement_n; i++) {
		const struct policy_statement *st = &p->statements[i];
		each_variable(p, st->resources, each, arg);
		for (size_t k = 0; k < st->condition_n; k++) {
			each(arg, st->conditions[k].key);
			each_variable(p, st->conditions[k].values, each, arg);
		}
	}
}

void policy_principals(const struct policy *p, void (*each)(void *arg, const char *kind, struct slice value), void *arg)
{
	for (size_t i = 0; p && i < p->statement_n; i++)
		for (size_t k = 0; k < p->statements[i].principal_n; k++)
			each(arg, principal_kinds[p->statements[i].principals[k].kind].name, p->statements[i].principals[k].value);
}

void policy_resources(const struct policy *p, void (*each)(void *arg, struct slice value), void *arg)
{
	for (size_t i = 0; p && i < p->statement_n; i++)
		for (size_t k = 0; k < p->statements[i].resources.n; k++)
			each(arg, p->statements[i].resources.at[k]);
}
