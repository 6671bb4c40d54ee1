/* Names of tables as Spark writes them -> names that SQLite reads, and back to what they mean. */
#include <ctype.h>

#include "core/path.h"
#include "lake/names.h"

/* ---- versions ---- */

enum { STAMP = 17 }; /* yyyyMMddHHmmssSSS */

static void add_stamp(struct buf *b, int64_t ms)
{
	char iso[32];
	clock_iso(ms, iso);
	for (const char *p = iso; *p; p++)
		if (isdigit((unsigned char)*p))
			buf_addc(b, *p);
}

static int bad_time(struct error *err, struct slice text)
{
	return err_set(err, ERR_INVALID, "[INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT] The time travel timestamp expression \"%.*s\" is invalid. "
					 "Cannot be casted to the \"TIMESTAMP\" type: a text such as '2026-01-05 09:00:00' (UTC) is.", SL(text));
}

static int add_time(struct arena *a, struct buf *b, struct lake_token t, struct error *err)
{
	static const char *const rests[] = { "", ":00", " 00:00:00" };
	int64_t ms;
	struct slice text = t.kind == TOKEN_STRING ? sl_trim(lake_unquoted(a, t)) : S("");
	for (size_t i = 0; text.n && i < ARRAY_LEN(rests); i++)
		if (clock_parse_iso(arena_printf(a, "%.*s%s", SL(text), rests[i]), &ms)) {
			buf_addc(b, '@');
			add_stamp(b, ms);
			return 0;
		}
	return bad_time(err, t.text);
}

static int add_version(struct arena *a, struct buf *b, struct lake_token t, struct error *err)
{
	int64_t v;
	if ((t.kind != TOKEN_NUMBER && t.kind != TOKEN_STRING) || !sl_int(lake_unquoted(a, t), 0, INT64_MAX, &v))
		return err_set(err, ERR_INVALID, "[PARSE_SYNTAX_ERROR] Syntax error at or near '%.*s': VERSION AS OF takes a number.", SL(t.text));
	buf_addf(b, "@v%lld", (long long)v);
	return 0;
}

/* "[FOR] VERSION AS OF 3", "@v3" or nothing: appends @v3 to the name, moves *s behind it. *found: it was there. */
static int take_version(struct arena *a, struct slice *s, struct buf *name, bool *found, struct error *err)
{
	struct slice at = *s;
	*found = false;
	if (s->n > 1 && s->p[0] == '@' && lake_word_char(s->p[1])) {
		size_t n = 1;
		while (n < s->n && lake_word_char(s->p[n]))
			n++;
		buf_addsl(name, sl_of(s->p, n));
		lake_skip(s, n);
		*found = true;
		return 0;
	}
	(void)lake_take_word(&at, "for");
	bool version = lake_take_word(&at, "version") || lake_take_word(&at, "system_version");
	if ((!version && !lake_take_word(&at, "timestamp") && !lake_take_word(&at, "system_time")) || !lake_take_word(&at, "as") || !lake_take_word(&at, "of"))
		return 0;
	*found = true;
	(void)(!version && (lake_take_word(&at, "timestamp") || lake_take_word(&at, "date")));
	struct lake_token t = lake_token_next(&at);
	*s = at;
	return version ? add_version(a, name, t, err) : add_time(a, name, t, err);
}

/* Whether what follows is the table's own alias. */
static bool has_alias(struct slice s)
{
	static const char *const after[] = { "where", "group", "order", "having", "limit", "offset", "window", "union", "intersect", "except",
					     "minus", "join", "inner", "left", "right", "full", "outer", "cross", "natural", "anti", "semi",
					     "on", "using", "lateral", "tablesample", "qualify", "returning", "set" };
	struct lake_token t = lake_token_next(&s);
	for (size_t i = 0; t.kind == TOKEN_WORD && i < ARRAY_LEN(after); i++)
		if (sl_eq_nocase(t.text, sl(after[i])))
			return false;
	return t.kind == TOKEN_WORD || t.kind == TOKEN_QUOTED;
}

/* ---- the statement ---- */

/* "default.", "spark_catalog.default.", "hive_metastore.default." before a name: the one schema there is. */
static size_t schema_end(struct slice s)
{
	static const char *const prefixes[] = { "default.", "spark_catalog.default.", "hive_metastore.default." };
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		if (s.n > n && sl_starts_nocase(s, sl(prefixes[i])) && (lake_word_char(s.p[n]) || s.p[n] == '`' || s.p[n] == '"'))
			return n;
	}
	return 0;
}

/* delta.`/a/b`: the path in quotes; absent: not one. */
static struct slice path_of(struct arena *a, struct lake_token word, struct slice rest, size_t *n)
{
	struct lake_token t;
	if (word.kind != TOKEN_WORD || !sl_eq_nocase(word.text, S("delta")) || rest.n < 2 || rest.p[0] != '.')
		return sl(NULL);
	t = lake_token_at(sl_from(rest, 1));
	*n = 1 + t.text.n;
	struct slice path = t.kind == TOKEN_QUOTED ? lake_unquoted(a, t) : S("");
	return sl_chr(path, '/') >= 0 ? path : sl(NULL);
}

/* "SELECT version AS of": a column, and its alias. */
static bool starts_columns(struct lake_token t)
{
	return t.kind == TOKEN_WORD && (sl_eq_nocase(t.text, S("select")) || sl_eq_nocase(t.text, S("distinct")) || sl_eq_nocase(t.text, S("all")));
}

/* A word or a quoted name, with what belongs to it. after_dot: it is a column. */
static int put_name(struct arena *a, struct lake_token t, struct slice *rest, bool after_dot, struct buf *out, struct error *err)
{
	struct buf name = { 0 };
	bool versioned = false, digit = t.kind == TOKEN_WORD && isdigit((unsigned char)t.text.p[0]);
	size_t path_n = 0;
	struct slice path = path_of(a, t, *rest, &path_n), plain = lake_unquoted(a, t);
	if (path.p) {
		lake_skip(rest, path_n);
		buf_adds(&name, "delta.");
	}
	buf_addsl(&name, path.p ? path : plain);
	int rc = after_dot || starts_columns(t) ? 0 : take_version(a, rest, &name, &versioned, err);
	if (!versioned && !path.p && !digit)
		buf_addsl(out, t.text);
	else
		lake_quote(out, buf_slice(&name), '`');
	if (versioned && !path.p && !has_alias(*rest)) {
		buf_adds(out, " AS ");
		lake_quote(out, plain, '`');
	}
	buf_free(&name);
	return rc;
}

int lake_take_table(struct arena *a, struct slice *s, struct slice *name, struct error *err)
{
	struct buf b = { 0 };
	bool versioned;
	size_t n = 0;
	struct slice path, at = *s;
	for (struct lake_token t = lake_token_at(at); t.kind == TOKEN_SPACE; t = lake_token_at(at))
		lake_skip(&at, t.text.n);
	lake_skip(&at, schema_end(at));
	struct lake_token t = lake_token_next(&at);
	if (t.kind != TOKEN_WORD && t.kind != TOKEN_QUOTED && t.kind != TOKEN_STRING)
		return err_set(err, ERR_INVALID, "[PARSE_SYNTAX_ERROR] Syntax error at or near '%.*s': a table's name is missing.", SL(t.text));
	path = path_of(a, t, at, &n);
	lake_skip(&at, path.p ? n : 0);
	if (!path.p) {
		path = lake_unquoted(a, t);
		n = t.kind != TOKEN_WORD && sl_chr(path, '/') >= 0;
	}
	buf_adds(&b, n ? "delta." : "");
	buf_addsl(&b, path);
	int rc = take_version(a, &at, &b, &versioned, err);
	*name = arena_dup(a, buf_slice(&b));
	*s = at;
	buf_free(&b);
	return rc;
}

int lake_names_plain(struct slice sql, struct buf *out, struct error *err)
{
	struct arena a = { 0 };
	bool dot = false, name = false;
	int rc = 0;
	while (!rc && sql.n) {
		if (!dot)
			lake_skip(&sql, schema_end(sql));
		struct lake_token t = lake_token_at(sql);
		if (name && sql.p[0] == '.') /* t.0abc: no fraction */
			t = (struct lake_token){ TOKEN_OTHER, sl_of(sql.p, 1) };
		lake_skip(&sql, t.text.n);
		name = t.kind == TOKEN_WORD || t.kind == TOKEN_QUOTED;
		if (name)
			rc = put_name(&a, t, &sql, dot, out, err);
		else
			buf_addsl(out, t.text);
		dot = t.kind == TOKEN_OTHER && t.text.p[0] == '.';
	}
	arena_free(&a);
	return rc;
}

/* ---- what a name means ---- */

static bool stamp_of(struct arena *a, struct slice s, int64_t *ms)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isdigit((unsigned char)s.p[i]))
			return false;
	return s.n == STAMP && clock_parse_iso(arena_printf(a, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s.%.3s", s.p, s.p + 4, s.p + 6, s.p + 8, s.p + 10,
							    s.p + 12, s.p + 14), ms);
}

/* Cuts "@v3" or "@20260105090000000" from the end of a name. */
static void cut_version(struct arena *a, struct lake_ref *ref)
{
	struct slice s = ref->name;
	size_t at = s.n;
	while (at && s.p[at - 1] != '@')
		at--;
	if (at < 2)
		return;
	struct slice v = sl_from(s, at);
	if ((v.n > 1 && v.p[0] == 'v' && isdigit((unsigned char)v.p[1]) && sl_int(sl_from(v, 1), 0, INT64_MAX, &ref->version)) ||
	    stamp_of(a, v, &ref->at_ms))
		ref->name.n = at - 1;
}

int lake_ref_parse(const struct lake *l, struct arena *a, struct slice name, struct lake_ref *out, struct error *err)
{
	const struct slice delta = S("delta.");
	struct object_path p = { 0 };
	*out = (struct lake_ref){ .name = name, .version = -1, .at_ms = -1 };
	cut_version(a, out);
	if (!sl_starts_nocase(out->name, delta) || sl_chr(out->name, '/') < 0) {
		for (size_t s = 0; s < l->base->cleaning.sets.n; s++)
			if (sl_eq_nocase(out->name, sl(l->base->cleaning.sets.at[s].table)))
				out->name = sl(l->base->cleaning.sets.at[s].table);
		out->bucket = sl(l->bucket);
		out->path = arena_printf(a, LAKE_TABLES "%.*s", SL(out->name));
		return out->name.n && sl_chr(out->name, '/') < 0 ? 0 : err_set(err, ERR_CONFLICT, "no table's name: %.*s", SL(name));
	}
	out->by_path = true;
	int rc = path_resolve(l->env->ports, a, sl_of(out->name.p + delta.n, out->name.n - delta.n), &p, err);
	out->bucket = p.bucket;
	out->path = p.key;
	return rc;
}

int lake_ref_missing(struct error *err, struct slice name, const char *why)
{
	return err_set(err, ERR_INVALID, "[TABLE_OR_VIEW_NOT_FOUND] The table or view `%.*s` cannot be found. Verify the spelling and correctness of "
					 "the schema and catalog. (no such table: %.*s%s%s)", SL(name), SL(name), *why ? "; " : "", why);
}

struct delta_table lake_ref_table(struct lake *l, const struct lake_ref *ref)
{
	return (struct delta_table){ l->env->loop, &l->env->ports->objects, ref->bucket, ref->path };
}
