/* ${key} in a statement: Spark puts the setting's value there before it reads the text; what isn't set is nothing. */
#include "sparksql/parse.h"

static bool is_key(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ')
			return false;
	return s.n > 0;
}

/* The key behind a prefix that means settings; absent: something else is meant, such as ${env:HOME}, which stays as it is. */
static struct slice setting_key(struct slice key)
{
	static const char *const prefixes[] = { "spark", "sparkconf", "hivevar", "hiveconf" };
	const char *colon = memchr(key.p, ':', key.n);
	struct slice prefix = { key.p, colon ? (size_t)(colon - key.p) : 0 };
	for (size_t i = 0; colon && i < ARRAY_LEN(prefixes); i++)
		if (sl_eqs(prefix, prefixes[i]))
			return sl_from(key, prefix.n + 1);
	return colon ? sl(NULL) : key;
}

int sp_substitute(struct arena *a, struct slice *text, const struct sp_context *cx, struct sp_error *err)
{
	const struct slice sql = *text;
	struct buf b = { .max = SP_SQL_MAX };
	size_t from = 0;
	int rc = 0;
	if (!cx->conf || !sql.n || !memmem(sql.p, sql.n, "${", 2))
		return 0;
	for (size_t i = 0; i + 2 < sql.n; i++) {
		const char *end = sql.p[i] == '$' && sql.p[i + 1] == '{' ? memchr(sql.p + i + 2, '}', sql.n - i - 2) : NULL;
		struct slice key = end ? (struct slice){ sql.p + i + 2, (size_t)(end - sql.p) - i - 2 } : sl(NULL), value;
		if (!end || !is_key(key) || !(key = setting_key(key)).p)
			continue;
		value = cx->conf(cx->self, arena_cstr(a, key));
		buf_add(&b, sql.p + from, i - from);
		buf_add(&b, value.p, value.n);
		from = (size_t)(end - sql.p) + 1;
		i = from - 1;
	}
	if (from) {
		buf_add(&b, sql.p + from, sql.n - from);
		if (b.bad)
			rc = sp_fail(err, SP_E_LIMIT, "", "", "A statement of more than 64 MiB, its ${...} replaced.");
		else
			*text = arena_dup(a, (struct slice){ b.p, b.n });
	}
	buf_free(&b);
	return rc;
}
