/* Texts joined, cut, padded, searched. */
#include "functions/text.h"
#include "java/case.h"

#define STRING (&sp_types[SP_STRING])

/* ---- joined ---- */

static int concat(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	size_t n = 0, at = 0;
	char *to;
	if (c->e->type->kind == SP_ARRAY) {
		struct sp_list *list;
		for (size_t i = 0; i < c->e->arg_n; i++)
			n += a[i].list->n;
		if (!sp_text_room(c, n * sizeof(struct sp_value)))
			return 1;
		list = sp_list_new(c->run->batch, n);
		for (size_t i = 0; i < c->e->arg_n; i++)
			for (size_t k = 0; k < a[i].list->n; k++)
				list->items[at++] = a[i].list->items[k];
		out->list = list;
		return 0;
	}
	for (size_t i = 0; i < c->e->arg_n; i++)
		n += a[i].s.n;
	to = sp_text_room(c, n);
	for (size_t i = 0; to && i < c->e->arg_n; i++) {
		memcpy(to + at, a[i].s.p ? a[i].s.p : "", a[i].s.n);
		at += a[i].s.n;
	}
	out->s = sl_of(to, n);
	return !to;
}

static const struct sp_type *not_one_of(struct sp_resolve *x, size_t i, const char *types)
{
	struct slice shown = sp_expr_shown(x->arena, x->e->args[i]);
	struct buf b = { 0 };
	sp_type_sql(&b, x->e->args[i]->type);
	(void)sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the %s type, however \"%.*s\" has the type \"%s\".", i + 1, types,
				  SL(shown), buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

/* Arrays beside what isn't. */
static const struct sp_type *mixed(struct sp_resolve *x)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < x->e->arg_n; i++) {
		buf_adds(&b, i ? " or \"" : "\"");
		sp_type_sql(&b, x->e->args[i]->type->kind == SP_ARRAY ? x->e->args[i]->type : STRING);
		buf_addc(&b, '"');
	}
	(void)sp_resolve_mismatch(x, "DATA_DIFF_TYPES", "Input to `concat` should all be the same type, but it's (%s).", buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

/* All arrays, all binary, else text. */
static const struct sp_type *concat_type(struct sp_resolve *x)
{
	size_t arrays = 0, binaries = 0, voids = 0;
	for (size_t i = 0; i < x->e->arg_n; i++) {
		enum sp_kind kind = x->e->args[i]->type->kind;
		if (kind == SP_MAP || kind == SP_STRUCT)
			return not_one_of(x, i, "(\"STRING\" or \"BINARY\" or \"ARRAY\")");
		arrays += kind == SP_ARRAY;
		binaries += kind == SP_BINARY;
		voids += kind == SP_VOID;
	}
	if (arrays && arrays + voids < x->e->arg_n)
		return mixed(x);
	if (arrays)
		return sp_resolve_common(x, 0, x->e->arg_n);
	if (binaries && binaries + voids == x->e->arg_n)
		return sp_all_to(x, 0, &sp_types[SP_BINARY]) ? NULL : &sp_types[SP_BINARY];
	return sp_all_to(x, 0, STRING) ? NULL : STRING;
}

static void add_part(struct buf *b, struct slice sep, bool *first, struct slice s)
{
	if (!*first)
		buf_addsl(b, sep);
	buf_addsl(b, s);
	*first = false;
}

static int concat_ws(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct buf b = { 0 };
	bool first = true;
	out->null = a[0].null;
	if (a[0].null)
		return 0;
	for (size_t i = 1; i < c->e->arg_n; i++) {
		if (a[i].null)
			continue;
		if (c->e->args[i]->type->kind != SP_ARRAY) {
			add_part(&b, a[0].s, &first, a[i].s);
			continue;
		}
		for (size_t k = 0; k < a[i].list->n; k++)
			if (!a[i].list->items[k].null)
				add_part(&b, a[0].s, &first, a[i].list->items[k].s);
	}
	return sp_text_done(c, &b, out);
}

static const struct sp_type *concat_ws_type(struct sp_resolve *x)
{
	if (sp_want_args(x, 0) || sp_resolve_cast(x, 0, STRING))
		return NULL;
	for (size_t i = 1; i < x->e->arg_n; i++) {
		bool array = x->e->args[i]->type->kind == SP_ARRAY;
		if (sp_is_nested(x->e->args[i]->type) && !array)
			return not_one_of(x, i, "(\"ARRAY<STRING>\" or \"STRING\")");
		if (sp_resolve_cast(x, i, array ? sp_array(x->arena, STRING, true) : STRING))
			return NULL;
	}
	x->e->nullable = x->e->args[0]->nullable;
	return STRING;
}

static int repeat(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	size_t times = a[1].i > 0 ? (size_t)a[1].i : 0, n = a[0].s.n;
	char *to = sp_text_room(c, n * times);
	for (size_t i = 0; to && n && i < times; i++)
		memcpy(to + i * n, a[0].s.p, n);
	out->s = sl_of(to, n * times);
	return !to;
}

static int space(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	size_t n = a[0].i > 0 ? (size_t)a[0].i : 0;
	char *to = sp_text_room(c, n);
	if (to)
		memset(to, ' ', n);
	out->s = sl_of(to, n);
	return !to;
}

/* ---- cut ---- */

static int substr(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	out->s = sp_text_part(a[0].s, sp_is_binary(c, 0), a[1].i, a[2].i);
	return 0;
}

/* For columns: a result is a part of what is there already. */
static int substr_vec(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out o;
	bool binary = sp_is_binary(c, 0);
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		if (sp_null_at(&args[0], r) || sp_null_at(&args[1], r) || sp_null_at(&args[2], r))
			sp_out_null(&o, r);
		else
			o.str[r] = sp_text_part(args[0].str[sp_at(&args[0], r)], binary, args[1].i32[sp_at(&args[1], r)],
						args[2].i32[sp_at(&args[2], r)]);
	}
	*out = o.v;
	return 0;
}

static int left(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	out->s = sp_text_part(a[0].s, sp_is_binary(c, 0), 1, a[1].i);
	return 0;
}

static int right(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	out->s = a[1].i > 0 ? sp_text_part(a[0].s, false, -a[1].i, INT32_MAX) : S("");
	return 0;
}

/* Where the count-th delimiter begins, from the front (count > 0) or the back. -1: there are fewer. */
static ssize_t nth_delimiter(struct slice s, struct slice by, int64_t count)
{
	ssize_t at = count > 0 ? -1 : (ssize_t)s.n;
	if (by.n > s.n)
		return -1;
	if (count > 0) {
		for (; count > 0; count--) {
			at = sp_text_find(s, by, (size_t)(at + 1));
			if (at < 0)
				return -1;
		}
		return at;
	}
	for (; count < 0; count++) {
		do
			at--;
		while (at >= 0 && (by.n > s.n - (size_t)at || memcmp(s.p + at, by.p, by.n) != 0));
		if (at < 0)
			return -1;
	}
	return at;
}

static int substring_index(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s, by = a[1].s;
	ssize_t at;
	if (!by.n || !a[2].i) {
		out->s = S("");
		return 0;
	}
	at = nth_delimiter(s, by, a[2].i);
	out->s = at < 0 ? s : a[2].i > 0 ? sl_of(s.p, (size_t)at) : sl_from(s, (size_t)at + by.n);
	return 0;
}

static bool holds(struct slice set, const char *c, size_t n)
{
	return n == 1 && !(*c & 0x80) ? sl_chr(set, *c) >= 0 : sl_find(set, sl_of(c, n)) >= 0;
}

static struct slice trimmed(struct slice s, struct slice set, bool start, bool end)
{
	size_t from = 0, to = s.n;
	while (start && from < to) {
		size_t n = sp_char_len(s.p[from]);
		n = n < to - from ? n : to - from;
		if (!holds(set, s.p + from, n))
			break;
		from += n;
	}
	while (end && to > from) {
		size_t at = to - 1;
		while (at > from && ((unsigned char)s.p[at] & 0xc0) == 0x80)
			at--;
		if (!holds(set, s.p + at, to - at))
			break;
		to = at;
	}
	return sl_of(s.p + from, to - from);
}

/* trim(text) or trim(characters, text); btrim the other way round. */
static int trim(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	const char *name = c->e->fn->name;
	bool two = c->e->arg_n > 1, b = *name == 'b';
	out->s = trimmed(a[two && !b].s, two ? a[b].s : S(" "), *name != 'r', *name != 'l');
	return 0;
}

static const struct sp_type *trim_type(struct sp_resolve *x)
{
	static const char *const sides[] = { "BOTH", "LEADING", "TRAILING" };
	const char *name = x->e->fn->name;
	struct slice y, text;
	if (sp_all_to(x, 0, STRING))
		return NULL;
	if (x->e->arg_n > 1 && *name != 'b') {
		y = sp_expr_shown(x->arena, x->e->args[0]);
		text = sp_expr_shown(x->arena, x->e->args[1]);
		x->e->shown = arena_printf(x->arena, "TRIM(%s %.*s FROM %.*s)", sides[*name == 'l' ? 1 : *name == 'r' ? 2 : 0], SL(y), SL(text));
	}
	return STRING;
}

/* ---- padded ---- */

static int pad(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s, by = a[2].s;
	bool binary = c->e->type->kind == SP_BINARY, front = c->e->fn->name[0] == 'l';
	size_t want = a[1].i > 0 ? (size_t)a[1].i : 0, have = binary ? s.n : sp_chars(s), unit = binary ? by.n : sp_chars(by);
	size_t more, whole, rest, pad_n;
	char *to;
	if (want <= have || !by.n) {
		out->s = sp_text_part(s, binary, 1, a[1].i > 0 ? a[1].i : 0);
		return 0;
	}
	more = want - have;
	whole = more / unit;
	rest = binary ? more % unit : sp_char_at(by, more % unit);
	pad_n = whole * by.n + rest;
	to = sp_text_room(c, s.n + pad_n);
	if (!to)
		return 1;
	memcpy(to + (front ? pad_n : 0), s.p ? s.p : "", s.n);
	for (size_t i = 0; i < whole; i++)
		memcpy(to + (front ? 0 : s.n) + i * by.n, by.p, by.n);
	memcpy(to + (front ? 0 : s.n) + whole * by.n, by.p, rest);
	out->s = sl_of(to, s.n + pad_n);
	return 0;
}

static const struct sp_type *pad_type(struct sp_resolve *x)
{
	struct sp_expr *e = x->e;
	bool binary = e->args[0]->type->kind == SP_BINARY && (e->arg_n < 3 || e->args[2]->type->kind == SP_BINARY);
	const struct sp_type *t = binary ? &sp_types[SP_BINARY] : STRING;
	if (e->arg_n == 2) {
		struct sp_expr **args = arena_alloc(x->arena, 3 * sizeof(*args)), *by = arena_alloc(x->arena, sizeof(*by));
		*by = (struct sp_expr){ .op = SP_CONST, .type = t, .foldable = true, .shown = binary ? S("X'00'") : S(" "),
					.value.s = binary ? sl_of("", 1) : S(" "), .from = e->from, .to = e->to };
		args[0] = e->args[0];
		args[1] = e->args[1];
		args[2] = by;
		e->args = args;
		e->arg_n = 3;
	}
	if (sp_resolve_cast(x, 0, t) || sp_resolve_cast(x, 1, &sp_types[SP_INT]) || sp_resolve_cast(x, 2, t))
		return NULL;
	return t;
}

/* ---- searched ---- */

static int instr(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	ssize_t at = sp_text_find(a[0].s, a[1].s, 0);
	out->i = at < 0 ? 0 : (int64_t)sp_chars(sl_of(a[0].s.p, (size_t)at)) + 1;
	return 0;
}

static int locate(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	ssize_t at;
	if (a[2].null || (a[2].i < 1 && !a[0].null && !a[1].null))
		return 0; /* 0, as Hive has it */
	out->null = a[0].null || a[1].null;
	if (out->null)
		return 0;
	if (!a[0].s.n) {
		out->i = 1;
		return 0;
	}
	at = sp_text_find(a[1].s, a[0].s, sp_char_at(a[1].s, (size_t)a[2].i - 1));
	out->i = at < 0 ? 0 : (int64_t)sp_chars(sl_of(a[1].s.p, (size_t)at)) + 1;
	return 0;
}

static int find_in_set(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice rest = a[1].s, one;
	if (sl_chr(a[0].s, ',') >= 0)
		return 0;
	for (int64_t i = 1; rest.p; i++) {
		(void)sl_cut(rest, ',', &one, &rest);
		if (sl_eq(one, a[0].s)) {
			out->i = i;
			return 0;
		}
	}
	return 0;
}

static bool found(char how, struct slice s, struct slice x)
{
	return how == 's' ? sl_starts(s, x) : how == 'e' ? sl_ends(s, x) : sp_text_find(s, x, 0) >= 0;
}

static int contains(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out o;
	char how = c->e->fn->name[0];
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		if (sp_null_at(&args[0], r) || sp_null_at(&args[1], r))
			sp_out_null(&o, r);
		else
			o.u8[r] = found(how, args[0].str[sp_at(&args[0], r)], args[1].str[sp_at(&args[1], r)]);
	}
	*out = o.v;
	return 0;
}

/* ---- lengths ---- */

static int length(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct sp_out o;
	char how = c->e->fn->name[0];
	bool bytes = how == 'b' || how == 'o' || sp_is_binary(c, 0);
	sp_out_make(&o, c->run->batch, c->e->type, n);
	for (size_t r = 0; r < n; r++) {
		size_t at = sp_at(&args[0], r);
		if (sp_null_at(&args[0], r))
			sp_out_null(&o, r);
		else
			o.i32[r] = (int32_t)((bytes ? args[0].str[at].n : sp_chars(args[0].str[at])) * (how == 'b' ? 8 : 1));
	}
	*out = o.v;
	return 0;
}

#define G "string_funcs"
const struct sp_function sp_strings[] = {
	{ "concat", "any*", .row = concat, .resolve = concat_type, .group = "collection_funcs",
	  .doc = "concat(a, b, ...): texts, binaries or arrays one behind the other" },
	{ "||", "any any", .row = concat, .resolve = concat_type, .flags = SP_F_LISTED_AS_OPERATOR, .shown = "concat", .group = G,
	  .doc = "a || b: texts, binaries or arrays one behind the other" },
	{ "concat_ws", "any*", .row = concat_ws, .resolve = concat_ws_type, .flags = SP_F_NULLS, .group = G,
	  .doc = "concat_ws(separator, a, b, ...): texts and arrays of texts joined; NULLs are left out" },
	{ "repeat", "string int", "string", .row = repeat, .group = G, .doc = "repeat(text, n): the text n times" },
	{ "space", "int", "string", .row = space, .group = G, .doc = "space(n): n blanks" },
	{ "substr", "string|binary int int?", "=1", .row = substr, .vec = substr_vec, .defaults = "2147483647", .group = G,
	  .doc = "substr(text, from[, length]): characters from a position on; 1 is the first, -1 the last" },
	{ "substring", "string|binary int int?", "=1", .row = substr, .vec = substr_vec, .defaults = "2147483647", .group = G, .flags = SP_F_ALIAS,
	  .doc = "substring(text, from[, length]): characters from a position on; 1 is the first, -1 the last" },
	{ "left", "string|binary int", "=1", .row = left, .group = G, .doc = "left(text, n): its first n characters" },
	{ "right", "string int", "string", .row = right, .group = G, .doc = "right(text, n): its last n characters" },
	{ "substring_index", "string string int", "string", .row = substring_index, .group = G,
	  .doc = "substring_index(text, delimiter, n): what is before the n-th delimiter; n < 0: behind the n-th from the end" },
	{ "trim", "string string?", .row = trim, .resolve = trim_type, .group = G, .doc = "trim(text), trim([BOTH|LEADING|TRAILING] characters FROM text): without blanks, or those characters, at both ends" },
	{ "ltrim", "string string?", .row = trim, .resolve = trim_type, .group = G, .doc = "ltrim([characters, ]text): without blanks, or those characters, in front" },
	{ "rtrim", "string string?", .row = trim, .resolve = trim_type, .group = G, .doc = "rtrim([characters, ]text): without blanks, or those characters, at the end" },
	{ "btrim", "string string?", .row = trim, .resolve = trim_type, .group = G, .doc = "btrim(text[, characters]): without blanks, or those characters, at both ends" },
	{ "lpad", "string|binary int string|binary?", .row = pad, .resolve = pad_type, .group = G,
	  .doc = "lpad(text, n[, by]): filled from the left to n characters, or cut to them" },
	{ "rpad", "string|binary int string|binary?", .row = pad, .resolve = pad_type, .group = G,
	  .doc = "rpad(text, n[, by]): filled from the right to n characters, or cut to them" },
	{ "instr", "string string", "int", .row = instr, .group = G, .doc = "instr(text, part): where the part first begins, from 1; 0: nowhere" },
	{ "locate", "string string int?", "int", .row = locate, .flags = SP_F_NULLS | SP_F_MAYBE, .defaults = "1", .group = G,
	  .doc = "locate(part, text[, from]): where the part first begins, from 1; 0: nowhere" },
	{ "position", "string string int?", "int", .row = locate, .flags = SP_F_NULLS | SP_F_MAYBE | SP_F_ALIAS, .defaults = "1", .group = G,
	  .doc = "position(part, text[, from]), position(part IN text): where the part first begins, from 1; 0: nowhere" },
	{ "find_in_set", "string string", "int", .row = find_in_set, .group = G,
	  .doc = "find_in_set(text, list): its place in a list apart by commas, from 1; 0: it isn't there" },
	{ "startswith", "string|binary string|binary", "boolean", .vec = contains, .group = G, .doc = "startswith(text, part): whether it begins so" },
	{ "endswith", "string|binary string|binary", "boolean", .vec = contains, .group = G, .doc = "endswith(text, part): whether it ends so" },
	{ "contains", "string|binary string|binary", "boolean", .vec = contains, .group = G, .doc = "contains(text, part): whether the part is in it" },
	{ "length", "string|binary", "int", .vec = length, .group = G, .doc = "length(text): characters of a text, bytes of a binary" },
	{ "len", "string|binary", "int", .vec = length, .group = G, .flags = SP_F_ALIAS, .doc = "len(text): characters of a text, bytes of a binary" },
	{ "char_length", "string|binary", "int", .vec = length, .group = G, .flags = SP_F_ALIAS, .doc = "char_length(text): characters" },
	{ "character_length", "string|binary", "int", .vec = length, .group = G, .flags = SP_F_ALIAS, .doc = "character_length(text): characters" },
	{ "octet_length", "string|binary", "int", .vec = length, .group = G, .doc = "octet_length(text): bytes" },
	{ "bit_length", "string|binary", "int", .vec = length, .group = G, .doc = "bit_length(text): bits" },
	{ NULL },
};
