/* parse_url: parts of a URL as java.net.URI sees them; what isn't one has none. */
#include "functions/text.h"

struct url {
	struct slice scheme, authority, user, host, path, query, fragment; /* absent: not there */
	bool opaque;
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z' && !(c & 0x80));
}

/* Characters that may stand there: letters, digits, those of more, escapes, and what isn't ASCII. */
static bool is_of(struct slice s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '%') {
			if (i + 2 >= s.n || !is_hex(s.p[i + 1]) || !is_hex(s.p[i + 2]))
				return false;
		} else if (!(c & 0x80) && !is_alnum(c) && (!c || !strchr(more, c))) {
			return false;
		}
	}
	return true;
}

#define MARKS "-_.!~*'()"

/* A host's name: labels of letters, digits and hyphens, the last one beginning with a letter; or an address. */
static bool is_host(struct slice s)
{
	struct slice rest = s, label = sl(NULL);
	bool numbers = true;
	if (!s.n)
		return false;
	if (s.p[0] == '[')
		return s.n > 2 && s.p[s.n - 1] == ']';
	while (rest.p) {
		(void)sl_cut(rest, '.', &label, &rest);
		if (rest.p && !rest.n) { /* a dot at the end */
			rest = sl(NULL);
		}
		if (!label.n || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++) {
			if (!is_alnum(label.p[i]) && label.p[i] != '-')
				return false;
			numbers &= label.p[i] >= '0' && label.p[i] <= '9';
		}
	}
	return numbers || !(label.p[0] >= '0' && label.p[0] <= '9');
}

/* user@host:port; a name that is none leaves host and user absent. */
static bool parse_authority(struct url *u)
{
	struct slice host = u->authority, user = sl(NULL), port = sl(NULL);
	ssize_t at = -1;
	if (!is_of(u->authority, MARKS ";:&=+$,@[]"))
		return false;
	for (size_t i = 0; i < host.n; i++)
		at = host.p[i] == '@' ? (ssize_t)i : at;
	if (at >= 0) {
		user = sl_of(host.p, (size_t)at);
		host = sl_from(host, (size_t)at + 1);
	}
	at = -1;
	for (size_t i = 0; i < host.n; i++)
		at = host.p[i] == ':' ? (ssize_t)i : host.p[i] == ']' ? -1 : at;
	if (at >= 0) {
		port = sl_from(host, (size_t)at + 1);
		host = sl_of(host.p, (size_t)at);
	}
	for (size_t i = 0; i < port.n; i++)
		if (port.p[i] < '0' || port.p[i] > '9')
			return true;
	if (!is_host(host))
		return true;
	u->host = host;
	u->user = user;
	return true;
}

static bool parse(struct slice s, struct url *u)
{
	size_t i = 0;
	*u = (struct url){ 0 };
	if (sl_cut(s, '#', &s, &u->fragment) && !is_of(u->fragment, MARKS ";/?:@&=+$,[]"))
		return false;
	while (i < s.n && (is_alnum(s.p[i]) || strchr("+-.", s.p[i])) && s.p[i])
		i++;
	if (i && i < s.n && s.p[i] == ':' && !(s.p[0] >= '0' && s.p[0] <= '9')) {
		u->scheme = sl_of(s.p, i);
		s = sl_from(s, i + 1);
		if (!s.n)
			return false;
		u->opaque = s.p[0] != '/';
		if (u->opaque)
			return is_of(s, MARKS ";/?:@&=+$,[]");
	} else if (i < s.n && s.p[i] == ':') {
		return false;
	}
	if (sl_cut(s, '?', &s, &u->query) && !is_of(u->query, MARKS ";/?:@&=+$,[]"))
		return false;
	if (sl_starts(s, S("//"))) {
		ssize_t end;
		s = sl_from(s, 2);
		end = sl_chr(s, '/');
		u->authority = end < 0 ? s : sl_of(s.p, (size_t)end);
		s = end < 0 ? sl_of(s.p + s.n, 0) : sl_from(s, (size_t)end);
		if (!u->authority.n)
			u->authority = sl(NULL);
		else if (!parse_authority(u))
			return false;
	}
	u->path = s;
	return is_of(s, MARKS ";/:@&=+$,");
}

static struct slice part_of(struct sp_call *c, const struct url *u, struct slice part)
{
	if (sl_eqs(part, "HOST"))
		return u->host;
	if (sl_eqs(part, "PATH"))
		return u->opaque ? sl(NULL) : u->path;
	if (sl_eqs(part, "QUERY"))
		return u->query;
	if (sl_eqs(part, "REF"))
		return u->fragment;
	if (sl_eqs(part, "PROTOCOL"))
		return u->scheme;
	if (sl_eqs(part, "AUTHORITY"))
		return u->authority;
	if (sl_eqs(part, "USERINFO"))
		return u->user;
	if (!sl_eqs(part, "FILE") || u->opaque)
		return sl(NULL);
	return u->query.p ? arena_printf(c->run->batch, "%.*s?%.*s", SL(u->path), SL(u->query)) : u->path;
}

/* The value of a key in a query: "(&|^)key=([^&]*)". */
static struct slice value_of(struct slice query, struct slice key)
{
	struct slice pair, rest = query, value;
	while (rest.p) {
		(void)sl_cut(rest, '&', &pair, &rest);
		if (sl_after(pair, key, &value) && value.n && value.p[0] == '=')
			return sl_from(value, 1);
	}
	return sl(NULL);
}

static int parse_url(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct url u;
	struct slice found = sl(NULL);
	if (!parse(a[0].s, &u)) {
		out->null = true;
		if (!c->run->cx->ansi)
			return 0;
		return sp_fail(&c->run->err, SP_E_RUN, "INVALID_URL", "22P02",
			       "The url is invalid: %.*s. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.", SL(a[0].s));
	}
	if (c->e->arg_n < 3)
		found = part_of(c, &u, a[1].s);
	else if (sl_eqs(a[1].s, "QUERY"))
		found = value_of(u.query, a[2].s);
	out->null = !found.p;
	out->s = found;
	return 0;
}

const struct sp_function sp_urls[] = {
	{ "parse_url", "any any any?", "string", .row = parse_url, .resolve = sp_strict_texts, .flags = SP_F_MAYBE, .group = "url_funcs",
	  .doc = "parse_url(url, part[, key]): HOST, PATH, QUERY (or the value of a key in it), REF, PROTOCOL, FILE, AUTHORITY, USERINFO" },
	{ NULL },
};
