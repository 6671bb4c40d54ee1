#include "connect/connect.h"

struct lines {
	const char *p, *end;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

static bool eol(char c)
{
	return c == '\n' || c == '\r';
}

static void skip_eol(struct lines *l)
{
	if (l->p < l->end && *l->p == '\r' && l->p + 1 < l->end && l->p[1] == '\n')
		l->p++;
	if (l->p < l->end)
		l->p++;
}

/* One logical line into out, continuation lines joined; escapes stay. False at the end of the text. */
static bool next_line(struct lines *l, struct buf *out)
{
	buf_reset(out);
	while (l->p < l->end && (blank(*l->p) || eol(*l->p)))
		l->p++;
	if (l->p == l->end)
		return false;
	if (*l->p == '#' || *l->p == '!') {
		while (l->p < l->end && !eol(*l->p))
			l->p++;
		return true;
	}
	while (l->p < l->end && !eol(*l->p)) {
		if (*l->p == '\\' && l->p + 1 < l->end && eol(l->p[1])) {
			l->p++;
			skip_eol(l);
			while (l->p < l->end && blank(*l->p))
				l->p++;
			continue;
		}
		if (*l->p == '\\' && l->p + 1 < l->end)
			buf_addc(out, *l->p++);
		buf_addc(out, *l->p++);
	}
	return true;
}

static int unescape(struct slice s, struct buf *out, struct error *err)
{
	buf_reset(out);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\') {
			buf_addc(out, s.p[i]);
			continue;
		}
		if (++i == s.n)
			break;
		if (s.p[i] == 'u') {
			int32_t c = hex4(s.p + i + 1, s.p + s.n);
			if (c < 0)
				return err_set(err, ERR_INVALID, "Malformed \\uxxxx encoding.");
			buf_utf8(out, (uint32_t)c);
			i += 4;
			continue;
		}
		static const char from[] = "tnrf", to[] = "\t\n\r\f";
		const char *at = memchr(from, s.p[i], 4);
		buf_addc(out, at ? to[at - from] : s.p[i]);
	}
	return 0;
}

static size_t key_end(struct slice line)
{
	size_t i = 0;
	for (; i < line.n && !blank(line.p[i]) && line.p[i] != '=' && line.p[i] != ':'; i++)
		if (line.p[i] == '\\')
			i++;
	return i < line.n ? i : line.n;
}

static int add_line(struct slice line, struct con_config *out, struct error *err)
{
	struct buf key = { 0 }, value = { 0 };
	size_t k = key_end(line), v = k;
	while (v < line.n && blank(line.p[v]))
		v++;
	if (v < line.n && (line.p[v] == '=' || line.p[v] == ':'))
		for (v++; v < line.n && blank(line.p[v]);)
			v++;
	int rc = unescape(sl_of(line.p, k), &key, err);
	if (!rc)
		rc = unescape(sl_from(line, v), &value, err);
	if (!rc && out->n >= CON_CONFIG_KEYS_MAX)
		rc = err_set(err, ERR_LIMIT, "more than %d properties", CON_CONFIG_KEYS_MAX);
	if (!rc)
		con_put(out, buf_slice(&key), buf_slice(&value));
	buf_free(&key);
	buf_free(&value);
	return rc;
}

int con_properties(struct slice text, struct con_config *out, struct error *err)
{
	struct lines l = { text.p, text.p + text.n };
	struct buf line = { 0 };
	int rc = 0;
	while (!rc && next_line(&l, &line))
		if (line.n)
			rc = add_line(buf_slice(&line), out, err);
	buf_free(&line);
	return rc;
}
