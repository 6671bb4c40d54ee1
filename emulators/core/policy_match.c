/* One statement against one request. */
#include "policy_parts.h"

#include <arpa/inet.h>

#include "clock.h"

enum { EXPANDED_MAX = 64 << 10, YEAR_MAX = 292278993, YEAR_FAR = 200000000 };

/* ---- wildcards ---- */

static unsigned char folded(char c, bool nocase)
{
	return nocase && c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

/* Goes back to the last star only, so the work is at most pattern times text. */
static bool like(struct slice pattern, struct slice text, bool nocase)
{
	size_t p = 0, t = 0, star = SIZE_MAX, from = 0;
	while (t < text.n) {
		if (p < pattern.n && (unsigned char)pattern.p[p] == POLICY_STAR) {
			star = p++;
			from = t;
		} else if (p < pattern.n && ((unsigned char)pattern.p[p] == POLICY_ONE || folded(pattern.p[p], nocase) == folded(text.p[t], nocase))) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && (unsigned char)pattern.p[p] == POLICY_STAR)
		p++;
	return p == pattern.n;
}

bool policy_like(struct slice pattern, struct slice text)
{
	return like(pattern, text, false);
}

/* The six parts of an ARN one by one; what is no ARN as a whole. */
static bool arn_like(struct slice pattern, struct slice arn)
{
	for (int i = 0; i < 5; i++) {
		struct slice a, b, pattern_rest, arn_rest;
		if (!sl_cut(pattern, ':', &a, &pattern_rest))
			return i == 0 && like(pattern, arn, false);
		if (!sl_cut(arn, ':', &b, &arn_rest) || !like(a, b, false))
			return false;
		pattern = pattern_rest;
		arn = arn_rest;
	}
	return like(pattern, arn, false);
}

/* ---- variables ---- */

static struct slice fact(const struct policy_ask *ask, struct slice key, size_t *pos)
{
	for (; *pos < ask->fact_n; (*pos)++)
		if (sl_eq_nocase(ask->facts[*pos].key, key))
			return ask->facts[(*pos)++].value;
	return sl(NULL);
}

/* "aws:username" and "aws:PrincipalTag/team, 'none'"; "*", "?" and "$" stand for themselves. Absent: nothing is known. */
static struct slice value_of(const struct policy_ask *ask, struct slice name)
{
	struct slice key, otherwise, found;
	size_t pos = 0;
	if (name.n == 1 && (name.p[0] == '*' || name.p[0] == '?' || name.p[0] == '$'))
		return name;
	sl_cut(name, ',', &key, &otherwise);
	found = fact(ask, sl_trim(key), &pos);
	otherwise = sl_trim(otherwise);
	if (!found.p && otherwise.n >= 2 && otherwise.p[0] == '\'' && otherwise.p[otherwise.n - 1] == '\'')
		return sl_of(otherwise.p + 1, otherwise.n - 2);
	return found;
}

/* The text with its variables' values; false: one of them isn't known, or no text of UTF-8. */
static bool expand(const struct policy_ask *ask, struct slice text, struct buf *b, bool *bad)
{
	struct slice name;
	size_t pos = 0, at = 0;
	b->max = EXPANDED_MAX;
	while (policy_variable(text, &pos, &name)) {
		struct slice value = value_of(ask, name);
		if (!value.p)
			return false;
		for (size_t i = 0; i < value.n; i++)
			if ((unsigned char)value.p[i] >= POLICY_STAR)
				return false;
		buf_add(b, text.p + at, (size_t)(name.p - text.p) - 2 - at);
		buf_addsl(b, value);
		at = pos;
	}
	buf_addsl(b, sl_from(text, at));
	*bad |= b->bad;
	return !b->bad;
}

static bool has_variable(struct slice text)
{
	struct slice name;
	return policy_variable(text, &(size_t){ 0 }, &name);
}

/* ---- single values ---- */

static bool number(struct slice s, double *out)
{
	char text[64], *end;
	if (!s.n || s.n >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", SL(s));
	*out = strtod(text, &end);
	return end == text + s.n && text[0] != ' ';
}

/* The number at the beginning, within [0, hi]; as many digits as there are. */
static bool digits(struct slice *s, int64_t hi, int64_t *out)
{
	size_t n = 0;
	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!sl_int(sl_of(s->p, n), 0, hi, out))
		return false;
	*s = sl_from(*s, n);
	return true;
}

static bool eat(struct slice *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = sl_from(*s, 1);
	return true;
}

/* "+01:00", "+01" or "Z" at the end, as minutes. */
static bool zone(struct slice s, int64_t *out)
{
	int64_t h = 0, m = 0;
	bool minus = s.n && s.p[0] == '-';
	*out = 0;
	if (!s.n || sl_eqs(s, "Z") || sl_eqs(s, "z"))
		return true;
	if (!(eat(&s, '+') || eat(&s, '-')) || (s.n != 2 && s.n != 5) || !digits(&s, 23, &h) || (eat(&s, ':') && !digits(&s, 59, &m)))
		return false;
	*out = (h * 60 + m) * (minus ? -1 : 1);
	return !s.n;
}

static bool time_of_day(struct slice *s, int64_t *out_ms)
{
	int64_t h = 0, mi = 0, se = 0, fraction;
	struct slice rest;
	*out_ms = 0;
	if (s->n && (!digits(s, 23, &h) || (eat(s, ':') && (!digits(s, 59, &mi) || (eat(s, ':') && !digits(s, 59, &se))))))
		return false;
	if (eat(s, '.')) {
		rest = *s;
		if (!digits(s, 999999999, &fraction))
			return false;
		for (size_t i = 0, scale = 100; i < 3 && i < rest.n - s->n; i++, scale /= 10)
			*out_ms += (rest.p[i] - '0') * (int64_t)scale;
	}
	*out_ms += ((h * 60 + mi) * 60 + se) * 1000;
	return true;
}

bool policy_date(struct slice s, int64_t *out_ms)
{
	int64_t y, mo = 1, d = 1, ms = 0, minutes;
	bool before = s.n && s.p[0] == '-';
	if (sl_chr(s, '-') < 0 && sl_chr(s, 'T') < 0 && sl_chr(s, 't') < 0) {
		if (!sl_int(s, 0, INT64_MAX, out_ms))
			return false;
		*out_ms = *out_ms < INT64_MAX / 1000 ? *out_ms * 1000 : INT64_MAX;
		return true;
	}
	if (before)
		s = sl_from(s, 1);
	if (!digits(&s, YEAR_MAX, &y) || (eat(&s, '-') && (!digits(&s, 12, &mo) || (eat(&s, '-') && !digits(&s, 31, &d)))) || !mo || !d)
		return false;
	if ((eat(&s, 'T') || eat(&s, 't')) && !time_of_day(&s, &ms))
		return false;
	if (!zone(s, &minutes))
		return false;
	y = y < YEAR_FAR ? y : YEAR_FAR; /* milliseconds have no room for more */
	*out_ms = clock_days((int)(before ? -y : y), (int)mo, (int)d) * 86400000 + ms - minutes * 60000;
	return true;
}

static bool address(struct slice s, uint8_t out[16], int *bits)
{
	char text[64];
	if (!s.n || s.n >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", SL(s));
	*bits = strchr(text, ':') ? 128 : 32;
	return inet_pton(*bits == 128 ? AF_INET6 : AF_INET, text, out) == 1;
}

static bool in_network(struct slice network, struct slice peer)
{
	uint8_t a[16], b[16];
	int a_bits, b_bits;
	struct slice host, width;
	int64_t n;
	sl_cut(network, '/', &host, &width);
	if (!address(host, a, &a_bits) || !address(peer, b, &b_bits) || a_bits != b_bits)
		return false;
	n = a_bits;
	if (width.p && !sl_int(width, 0, a_bits, &n))
		return false;
	for (int i = 0; i < n; i++)
		if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* order: what the request's value must be to the policy's. */
static bool in_order(enum policy_order order, int cmp)
{
	switch (order) {
	case ORDER_EQ:
		return cmp == 0;
	case ORDER_LT:
		return cmp < 0;
	case ORDER_LE:
		return cmp <= 0;
	case ORDER_GT:
		return cmp > 0;
	case ORDER_GE:
		return cmp >= 0;
	}
	return false;
}

/* Negation is the caller's. */
static bool one_matches(const struct policy_operator *op, struct slice wanted, struct slice value)
{
	double x, y;
	int64_t a, b;
	switch (op->type) {
	case TYPE_STRING:
		return op->nocase ? sl_eq_nocase(wanted, value) : sl_eq(wanted, value);
	case TYPE_BINARY:
		return sl_eq(wanted, value);
	case TYPE_LIKE:
		return like(wanted, value, false);
	case TYPE_ARN:
		return arn_like(wanted, value);
	case TYPE_NUMBER:
		return number(wanted, &x) && number(value, &y) && in_order(op->order, (y > x) - (y < x));
	case TYPE_DATE:
		return policy_date(wanted, &a) && policy_date(value, &b) && in_order(op->order, (b > a) - (b < a));
	case TYPE_BOOL:
		return sl_eq_nocase(wanted, value);
	case TYPE_IP:
		return in_network(wanted, value);
	case TYPE_NULL:
		return false;
	}
	return false;
}

/* ---- conditions ---- */

/* Whether one value of the request is as a condition wants it. */
static bool value_holds(const struct policy *p, const struct policy_condition *c, const struct policy_ask *ask, struct slice value, bool *bad)
{
	bool texts = c->op->type == TYPE_STRING || c->op->type == TYPE_LIKE || c->op->type == TYPE_ARN, found = false;
	for (size_t i = 0; !found && i < c->values.n; i++) {
		struct buf b = { 0 };
		if (!texts || !p->variables || !has_variable(c->values.at[i]))
			found = one_matches(c->op, c->values.at[i], value);
		else if (expand(ask, c->values.at[i], &b, bad))
			found = one_matches(c->op, buf_slice(&b), value);
		buf_free(&b);
	}
	return found != c->op->negated;
}

static bool null_holds(const struct policy_condition *c, bool absent)
{
	for (size_t i = 0; i < c->values.n; i++)
		if (sl_eq_nocase(c->values.at[i], absent ? S("true") : S("false")))
			return true;
	return false;
}

static bool condition_holds(const struct policy *p, const struct policy_condition *c, const struct policy_ask *ask, bool *bad)
{
	size_t pos = 0, n = 0, held = 0;
	struct slice value;
	while ((value = fact(ask, c->key, &pos)).p) {
		n++;
		held += c->op->type != TYPE_NULL && value_holds(p, c, ask, value, bad);
	}
	if (c->op->type == TYPE_NULL)
		return null_holds(c, n == 0);
	if (n == 0)
		return c->if_exists || c->set == SET_ALL || (c->set == SET_NONE && c->op->negated);
	/* Without a quantifier several values are as one that has to be among those wanted, or not among them. */
	return c->set == SET_ALL || (c->set == SET_NONE && c->op->negated) ? held == n : held > 0;
}

/* ---- principals ---- */

static enum policy_named named_by_aws(const struct policy_caller *who, struct slice v)
{
	struct slice rest, account;
	if (sl_eqs(v, "*"))
		return NAMED_ANY;
	if (who->who == POLICY_ANONYMOUS || who->who == POLICY_SERVICE || who->who == POLICY_FEDERATED)
		return NAMED_NOT;
	if (sl_eq(v, who->arn) && who->arn.p && who->who != POLICY_ROOT)
		return NAMED_SELF;
	if (who->who == POLICY_SESSION && who->role_arn.p && sl_eq(v, who->role_arn))
		return NAMED_ROLE;
	if (who->id.p && sl_eq(v, who->id))
		return who->who == POLICY_SESSION ? NAMED_ROLE : NAMED_SELF;
	account = v;
	if (sl_after(v, S("arn:aws:iam::"), &rest)) {
		sl_cut(rest, ':', &account, &rest);
		if (!sl_eqs(rest, "root"))
			return NAMED_NOT;
	}
	return sl_eq(account, who->account) && who->account.n == 12 ? NAMED_ACCOUNT : NAMED_NOT;
}

static enum policy_named named_by(const struct policy_caller *who, const struct policy_principal *p)
{
	bool same = who->name.p && (sl_eqs(p->value, "*") || sl_eq(p->value, who->name));
	switch (p->kind) {
	case PRINCIPAL_AWS:
		return named_by_aws(who, p->value);
	case PRINCIPAL_SERVICE:
		return who->who == POLICY_SERVICE && same ? NAMED_SELF : NAMED_NOT;
	case PRINCIPAL_FEDERATED:
		return who->who == POLICY_FEDERATED && same ? NAMED_SELF : NAMED_NOT;
	case PRINCIPAL_CANONICAL:
		return who->canonical_id.p && sl_eq(p->value, who->canonical_id) ? NAMED_ACCOUNT : NAMED_NOT;
	}
	return NAMED_NOT;
}

static enum policy_named named(const struct policy_statement *st, const struct policy_caller *who)
{
	enum policy_named best = NAMED_NOT;
	for (size_t i = 0; i < st->principal_n; i++) {
		enum policy_named one = named_by(who, &st->principals[i]);
		best = one > best ? one : best;
	}
	if (st->not_principal)
		return best == NAMED_NOT ? NAMED_ANY : NAMED_NOT;
	return best;
}

/* ---- a statement ---- */

static bool action_matches(const struct policy_statement *st, struct slice action)
{
	for (size_t i = 0; i < st->actions.n; i++)
		if (like(st->actions.at[i], action, true))
			return !st->not_action;
	return st->not_action;
}

static bool resource_matches(const struct policy *p, const struct policy_statement *st, const struct policy_ask *ask, bool *bad)
{
	bool found = false;
	if (p->use == POLICY_OF_TRUST)
		return true;
	for (size_t i = 0; !found && i < st->resources.n; i++) {
		struct buf b = { 0 };
		if (!p->variables || !has_variable(st->resources.at[i]))
			found = like(st->resources.at[i], ask->resource, false);
		else if (expand(ask, st->resources.at[i], &b, bad))
			found = like(buf_slice(&b), ask->resource, false);
		buf_free(&b);
	}
	return found != st->not_resource;
}

enum policy_named policy_matches(const struct policy *p, const struct policy_statement *st, const struct policy_ask *ask, bool *bad)
{
	enum policy_named how = NAMED_SELF;
	if (!action_matches(st, ask->action))
		return NAMED_NOT;
	if (p->use == POLICY_OF_TRUST || p->use == POLICY_OF_RESOURCE)
		how = named(st, &ask->caller);
	if (how == NAMED_NOT || !resource_matches(p, st, ask, bad))
		return NAMED_NOT;
	for (size_t i = 0; i < st->condition_n; i++)
		if (!condition_holds(p, &st->conditions[i], ask, bad))
			return NAMED_NOT;
	return how;
}
