/* RLIKE, regexp_* and split: patterns are Java's, compiled once a call and as long as they stay the same. */
#include "functions/coll.h"
#include "functions/text.h"
#include "java/regex.h"
#include "java/text.h"
#include "spark/print.h"

struct pattern {
	struct java_regex x;
	struct arena arena; /* of a literal */
	struct buf text;    /* the pattern that is compiled */
	struct buf out;     /* room */
	bool open;
};

static void close_pattern(struct pattern *p)
{
	if (p->open)
		java_regex_free(&p->x);
	arena_reset(&p->arena);
	p->open = false;
}

static void pattern_free(void *state)
{
	struct pattern *p = state;
	close_pattern(p);
	arena_free(&p->arena);
	buf_free(&p->text);
	buf_free(&p->out);
}

static int bad_pattern(struct sp_call *c, struct slice pattern, const struct error *err)
{
	const char *name = c->e->fn->name;
	struct sp_value v = { .s = pattern };
	struct buf b = { 0 };
	sp_print_literal(&b, &sp_types[SP_STRING], &v, NULL);
	if (err->kind == ERR_UNSUPPORTED)
		sp_fail(&c->run->err, SP_E_UNSERVED, "", "", "The pattern %s of `%s` isn't served: %s.", buf_cstr(&b), name, err->text);
	else if (!strcmp(name, "split")) {
		sp_fail(&c->run->err, SP_E_RUN, "", "", "%s", err->text);
		c->run->err.java = "java.util.regex.PatternSyntaxException";
	} else {
		/* Two are made of others, and it shows. */
		name = !strcmp(name, "regexp_count") ? "regexp_extract_all" : !strcmp(name, "regexp_substr") ? "regexp_extract" : name;
		sp_fail(&c->run->err, SP_E_RUN, "INVALID_PARAMETER_VALUE.PATTERN", "22023",
			"The value of parameter(s) `regexp` in `%s` is invalid: %s.", name, buf_cstr(&b));
	}
	buf_free(&b);
	return 1;
}

static int open_pattern(struct sp_call *c, struct slice pattern, struct pattern **out)
{
	struct pattern *p = *out = c->state;
	struct error err;
	if (p->open && sl_eq(buf_slice(&p->text), pattern))
		return 0;
	close_pattern(p);
	buf_reset(&p->text);
	buf_addsl(&p->text, pattern);
	p->open = true;
	return java_regex_open(&p->x, &p->arena, pattern, JAVA_REGEX_EXACT, &err) ? bad_pattern(c, pattern, &err) : 0;
}

/* 1: found; 0: not; -1: err says why. */
static int find(struct sp_call *c, struct pattern *p, struct slice s, size_t from)
{
	int rc = java_regex_find(&p->x, s, from);
	if (rc >= 0)
		return rc;
	sp_fail(&c->run->err, SP_E_LIMIT, "", "", "The pattern '%.*s' tries too much on one text.", SL(buf_slice(&p->text)));
	return -1;
}

static int rlike(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct pattern *p = NULL;
	struct sp_out o;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		int rc;
		if (sp_null_at(&args[0], r) || sp_null_at(&args[1], r)) {
			sp_out_null(&o, r);
			continue;
		}
		if ((!p || !args[1].one) && open_pattern(c, args[1].str[sp_at(&args[1], r)], &p))
			return 1;
		rc = find(c, p, args[0].str[sp_at(&args[0], r)], 0);
		if (rc < 0 || ((r & 255) == 255 && sp_run_check(c->run, 256)))
			return 1;
		o.u8[r] = (uint8_t)rc;
	}
	*out = o.v;
	return 0;
}

/* ---- regexp_replace ---- */

static int bad_replacement(struct sp_call *c, const struct error *err)
{
	struct slice class, text;
	static const char *const names[] = { "java.lang.IllegalArgumentException", "java.lang.IndexOutOfBoundsException" };
	(void)sl_cut(sl(err->text), ':', &class, &text);
	sp_fail(&c->run->err, SP_E_RUN, "", "", "%.*s", SL(sl_trim(text)));
	c->run->err.java = names[sl_starts(class, S("Index"))];
	return 1;
}

static int replace_all(struct sp_call *c, struct pattern *p, struct slice s, size_t from, struct slice with, struct slice *out)
{
	bool plain = sl_chr(with, '$') < 0 && sl_chr(with, '\\') < 0;
	size_t done = 0;
	struct error err;
	char *to;
	int rc;
	buf_reset(&p->out);
	*out = s;
	while (from <= s.n && (rc = find(c, p, s, from)) != 0) {
		if (rc < 0)
			return 1;
		buf_add(&p->out, s.p + done, p->x.found[0] - done);
		if (plain)
			buf_addsl(&p->out, with);
		else if (java_regex_replacement(&p->x, s, with, &p->out, &err))
			return bad_replacement(c, &err);
		done = p->x.found[1];
		from = java_regex_behind(&p->x, s);
	}
	if (!done && !p->out.n)
		return 0;
	buf_add(&p->out, s.p + done, s.n - done);
	to = sp_text_room(c, p->out.n);
	if (!to)
		return 1;
	memcpy(to, p->out.p ? p->out.p : "", p->out.n);
	*out = sl_of(to, p->out.n);
	return 0;
}

/* What stands before a position isn't seen: a match may begin there as at the beginning of the text. */
static int replace_from(struct sp_call *c, struct pattern *p, struct slice s, size_t from, struct slice with, struct slice *out)
{
	struct slice rest = sl_from(s, from), made;
	if (replace_all(c, p, rest, 0, with, &made))
		return 1;
	if (made.p == rest.p) {
		*out = s;
	} else if (from) {
		char *to = sp_text_room(c, from + made.n);
		if (!to)
			return 1;
		memcpy(to, s.p, from);
		memcpy(to + from, made.p, made.n);
		*out = sl_of(to, from + made.n);
	} else {
		*out = made;
	}
	return 0;
}

static int regexp_replace(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct pattern *p = NULL;
	struct sp_out o;
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		struct slice s;
		int64_t pos;
		if (sp_null_at(&args[0], r) || sp_null_at(&args[1], r) || sp_null_at(&args[2], r) || sp_null_at(&args[3], r)) {
			sp_out_null(&o, r);
			continue;
		}
		s = args[0].str[sp_at(&args[0], r)];
		pos = args[3].i32[sp_at(&args[3], r)];
		if ((!p || !args[1].one) && open_pattern(c, args[1].str[sp_at(&args[1], r)], &p))
			return 1;
		o.str[r] = s;
		if (pos > 1 && (size_t)pos > sp_chars(s))
			continue;
		if (replace_from(c, p, s, pos > 1 ? sp_char_at(s, (size_t)pos - 1) : 0, args[2].str[sp_at(&args[2], r)], &o.str[r]) ||
		    ((r & 255) == 255 && sp_run_check(c->run, 256)))
			return 1;
	}
	*out = o.v;
	return 0;
}

static const struct sp_type *replace_type(struct sp_resolve *x)
{
	struct sp_value v;
	for (size_t i = 0; i < x->e->arg_n; i++)
		if (sp_resolve_cast(x, i, &sp_types[i == 3 ? SP_INT : SP_STRING]))
			return NULL;
	if (x->e->arg_n > 3) {
		if (!x->e->args[3]->foldable) {
			struct buf b = { 0 };
			buf_addsl(&b, sp_expr_shown(x->arena, x->e->args[3]));
			(void)sp_resolve_mismatch(x, "NON_FOLDABLE_INPUT", "the input `position` should be a foldable \"INT\" expression; however, got \"%s\".",
						  buf_cstr(&b));
			buf_free(&b);
			return NULL;
		}
		if (sp_resolve_const(x, 3, &v))
			return NULL;
		if (!v.null && v.i < 1) {
			(void)sp_resolve_mismatch(x, "VALUE_OUT_OF_RANGE",
						  "The position must be between (0, 2147483647] (current value = %lld).", (long long)v.i);
			return NULL;
		}
	}
	return &sp_types[SP_STRING];
}

/* ---- regexp_extract and others that look for matches ---- */

static int check_group(struct sp_call *c, const struct pattern *p, int64_t group)
{
	if (group >= 0 && group <= p->x.groups)
		return 0;
	return sp_fail(&c->run->err, SP_E_RUN, "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "22023",
		       "The value of parameter(s) `idx` in `%s` is invalid: Expects group index between 0 and %u, but got %lld.",
		       c->e->fn->name, p->x.groups, (long long)group);
}

static int regexp_extract(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct pattern *p;
	int rc = open_pattern(c, a[1].s, &p) ? -1 : find(c, p, a[0].s, 0);
	out->s = S("");
	if (rc <= 0)
		return rc < 0;
	if (check_group(c, p, a[2].i))
		return 1;
	out->s = java_regex_group(&p->x, a[0].s, (unsigned)a[2].i);
	if (!out->s.p)
		out->s = S("");
	return 0;
}

/* Nonzero: there are more of them than may be. */
static int add(struct sp_call *c, struct slice **v, size_t *n, size_t *cap, struct slice s)
{
	ARENA_GROW(c->run->batch, *v, *n, *cap);
	(*v)[(*n)++] = s.p ? s : S("");
	return *n % 4096 == 0 && sp_run_check(c->run, 4096);
}

static int regexp_extract_all(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct pattern *p;
	struct slice *found = NULL;
	size_t n = 0, cap = 0;
	struct sp_list *list;
	int rc;
	if (open_pattern(c, a[1].s, &p))
		return 1;
	for (size_t from = 0; from <= a[0].s.n && (rc = find(c, p, a[0].s, from)) != 0; from = java_regex_behind(&p->x, a[0].s)) {
		if (rc < 0 || check_group(c, p, a[2].i))
			return 1;
		if (add(c, &found, &n, &cap, java_regex_group(&p->x, a[0].s, (unsigned)a[2].i)))
			return 1;
	}
	list = sp_coll_list(c, (int64_t)n);
	if (!list)
		return 1;
	for (size_t i = 0; i < n; i++)
		list->items[i] = (struct sp_value){ .s = found[i] };
	out->list = list;
	return 0;
}

static int regexp_count(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct pattern *p;
	int rc;
	if (open_pattern(c, a[1].s, &p))
		return 1;
	for (size_t from = 0; from <= a[0].s.n && (rc = find(c, p, a[0].s, from)) != 0; from = java_regex_behind(&p->x, a[0].s)) {
		if (rc < 0)
			return 1;
		out->i++;
	}
	return 0;
}

static int regexp_instr(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct pattern *p;
	int rc = open_pattern(c, a[1].s, &p) ? -1 : find(c, p, a[0].s, 0);
	if (rc > 0)
		out->i = (int64_t)java_index(a[0].s, p->x.found[0]) + 1;
	return rc < 0;
}

static int regexp_substr(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct pattern *p;
	int rc = open_pattern(c, a[1].s, &p) ? -1 : find(c, p, a[0].s, 0);
	out->null = rc <= 0 || p->x.found[0] == p->x.found[1]; /* it is nullif(regexp_extract(...), '') */
	if (!out->null)
		out->s = java_regex_group(&p->x, a[0].s, 0);
	return rc < 0;
}

/* ---- split ---- */

static int split(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s, *parts = NULL;
	size_t n = 0, cap = 0, done = 0, limit = a[2].i > 0 ? (size_t)a[2].i : SIZE_MAX;
	struct pattern *p;
	struct sp_list *list;
	int rc;
	if (!a[1].s.n && s.n) {
		for (size_t len; done < s.n && n < limit; done += len) {
			len = sp_char_len(s.p[done]);
			len = len < s.n - done ? len : s.n - done;
			if (add(c, &parts, &n, &cap, sl_of(s.p + done, len)))
				return 1;
		}
	} else {
		if (open_pattern(c, a[1].s, &p))
			return 1;
		for (size_t from = 0; from <= s.n && n + 1 < limit && (rc = find(c, p, s, from)) != 0; from = java_regex_behind(&p->x, s)) {
			if (rc < 0)
				return 1;
			if (!p->x.found[1]) /* nothing in front of the first character is no part */
				continue;
			if (add(c, &parts, &n, &cap, sl_of(s.p + done, p->x.found[0] - done)))
				return 1;
			done = p->x.found[1];
		}
		if (add(c, &parts, &n, &cap, sl_from(s, done)))
			return 1;
	}
	list = sp_coll_list(c, (int64_t)n);
	if (!list)
		return 1;
	for (size_t i = 0; i < n; i++)
		list->items[i] = (struct sp_value){ .s = parts[i] };
	out->list = list;
	return 0;
}

static const struct sp_type *texts(struct sp_resolve *x)
{
	for (size_t i = 0; i < x->e->arg_n; i++)
		if (sp_resolve_cast(x, i, &sp_types[i == 2 ? SP_INT : SP_STRING]))
			return NULL;
	return sp_array(x->arena, &sp_types[SP_STRING], *x->e->fn->name == 'r');
}

#define G "string_funcs"
#define PATTERN .state_size = sizeof(struct pattern), .state_free = pattern_free
const struct sp_function sp_regexps[] = {
	{ "rlike", "string string", "boolean", .vec = rlike, PATTERN, .shown = "RLIKE", .group = "predicate_funcs",
	  .doc = "text RLIKE pattern: whether the pattern (Java's) is found in it" },
	{ "regexp", "string string", "boolean", .vec = rlike, PATTERN, .shown = "REGEXP", .flags = SP_F_ALIAS, .group = "predicate_funcs",
	  .doc = "text REGEXP pattern: whether the pattern (Java's) is found in it" },
	{ "regexp_like", "string string", "boolean", .vec = rlike, PATTERN, .shown = "REGEXP_LIKE", .flags = SP_F_ALIAS, .group = "predicate_funcs",
	  .doc = "regexp_like(text, pattern): whether the pattern (Java's) is found in it" },
	{ "regexp_replace", "string string string int?", .vec = regexp_replace, .resolve = replace_type, PATTERN, .defaults = "1", .group = G,
	  .doc = "regexp_replace(text, pattern, with[, from]): all matches replaced; $1 is a group" },
	{ "regexp_extract", "string string int?", "string", .row = regexp_extract, PATTERN, .defaults = "1", .group = G,
	  .doc = "regexp_extract(text, pattern[, group]): a group of the first match, empty if there is none" },
	{ "regexp_extract_all", "string string int?", .row = regexp_extract_all, .resolve = texts, PATTERN, .defaults = "1", .group = G,
	  .doc = "regexp_extract_all(text, pattern[, group]): a group of all matches" },
	{ "regexp_count", "string string", "int", .row = regexp_count, PATTERN, .group = G, .doc = "regexp_count(text, pattern): how many matches there are" },
	{ "regexp_instr", "string string int?", "int", .row = regexp_instr, PATTERN, .defaults = "0", .group = G,
	  .doc = "regexp_instr(text, pattern): where the first match begins, from 1; 0: there is none" },
	{ "regexp_substr", "string string", "string", .row = regexp_substr, PATTERN, .flags = SP_F_MAYBE, .group = G,
	  .doc = "regexp_substr(text, pattern): the first match, NULL if there is none" },
	{ "split", "string string int?", .row = split, .resolve = texts, PATTERN, .defaults = "-1", .group = G,
	  .doc = "split(text, pattern[, most]): its parts between matches, the last with the rest" },
	{ NULL },
};
