/* The grammar of references and expressions. */
#include "velocity/path.h"
#include "velocity/run.h"

static bool is_name_char(char c)
{
	return vtl_is_letter(c) || vtl_is_digit(c) || c == '_' || c == '-';
}

static bool is_word_char(char c)
{
	return vtl_is_letter(c) || vtl_is_digit(c) || c == '_' || c == '@';
}

void vtl_skip_space(struct vtl_parser *p)
{
	while (p->pos < p->text.n && memchr(" \t\n\r", p->text.p[p->pos], 4))
		p->pos++;
}

/* An identifier of a reference; true and false are words of their own there, so no names. */
static struct slice parse_name(struct vtl_parser *p)
{
	struct slice s = { p->text.p + p->pos, 0 };
	if (!vtl_is_letter(vtl_peek(p, 0)) && vtl_peek(p, 0) != '_')
		return sl(NULL);
	while (is_name_char(vtl_peek(p, s.n)))
		s.n++;
	if (sl_eqs(s, "true") || sl_eqs(s, "false"))
		return sl(NULL);
	p->pos += s.n;
	return s;
}

struct slice vtl_parse_word(struct vtl_parser *p)
{
	struct slice s = { p->text.p + p->pos, 0 };
	if (vtl_is_digit(vtl_peek(p, 0)) || !is_word_char(vtl_peek(p, 0)))
		return sl(NULL);
	while (is_word_char(vtl_peek(p, s.n)))
		s.n++;
	p->pos += s.n;
	return s;
}

/* ---- references ---- */

static struct vtl_node *parse_index(struct vtl_parser *p)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_INDEX, p->pos), *arg;
	struct vtl_kids kids = { 0 };
	p->pos++;
	vtl_skip_space(p);
	arg = vtl_parse_operand(p);
	if (!arg)
		return NULL;
	if (arg->kind != VTL_N_REF && arg->kind != VTL_N_STRING &&
	    !(arg->kind == VTL_N_CONST && (vtl_is_integer(arg->value) || arg->value.type == VTL_BOOL || arg->value.type == VTL_STRING)))
		return vtl_parse_fail(p, "an index is a string, an integer, a boolean or a reference");
	vtl_skip_space(p);
	if (!vtl_take(p, ']'))
		return vtl_parse_fail(p, "expected ]");
	vtl_kids_add(p, &kids, arg);
	return vtl_node_end(p, n, &kids);
}

static struct vtl_node *parse_method(struct vtl_parser *p, struct vtl_node *n)
{
	struct vtl_kids kids = { 0 };
	n->kind = VTL_N_METHOD;
	p->pos++;
	vtl_skip_space(p);
	if (vtl_take(p, ')'))
		return n;
	for (;;) {
		struct vtl_node *arg = vtl_parse_operand(p);
		if (!arg)
			return NULL;
		vtl_kids_add(p, &kids, arg);
		vtl_skip_space(p);
		if (vtl_peek(p, 0) == ')')
			break;
		if (!vtl_take(p, ','))
			return vtl_parse_fail(p, "expected , or ) in the arguments");
		vtl_skip_space(p);
	}
	p->pos++;
	n->kids = kids.v;
	n->n = kids.n;
	return n;
}

static struct vtl_node *parse_property(struct vtl_parser *p)
{
	struct vtl_node *n;
	p->pos++;
	n = vtl_node_new(p, VTL_N_PROPERTY, p->pos);
	n->text = parse_name(p);
	if (!n->text.p)
		return vtl_parse_fail(p, "expected a name after the dot");
	return vtl_peek(p, 0) == '(' ? parse_method(p, n) : n;
}

/* Properties, methods and indexes behind the name. */
static bool parse_parts(struct vtl_parser *p, struct vtl_kids *kids)
{
	for (;;) {
		struct vtl_node *part;
		if (vtl_peek(p, 0) == '[')
			part = parse_index(p);
		else if (vtl_peek(p, 0) == '.' && vtl_is_letter(vtl_peek(p, 1)))
			part = parse_property(p);
		else
			return true;
		if (!part)
			return false;
		vtl_kids_add(p, kids, part);
	}
}

/* $input.path('$.x'): the path is the same at every call. */
static const struct jp_path *constant_path(struct vtl_parser *p, const struct vtl_node *n)
{
	struct jp_path *path;
	if (n->n != 1 || n->kids[0]->kind != VTL_N_CONST || n->kids[0]->value.type != VTL_STRING)
		return NULL;
	path = arena_alloc(p->arena, sizeof(*path));
	return jp_compile(p->arena, n->kids[0]->value.s, 0, path) ? NULL : path;
}

/* The methods that the names alone decide: of $input and $util, and the properties of a loop. */
static void bind_parts(struct vtl_parser *p, struct vtl_node *ref)
{
	for (size_t i = 0; i < ref->n; i++) {
		struct vtl_node *n = ref->kids[i];
		if (n->kind == VTL_N_PROPERTY) {
			n->owner = VTL_SCOPE;
			n->method = vtl_scope_getter(n->text);
		} else if (n->kind == VTL_N_METHOD && i == 0 && (ref->slot == VTL_SLOT_INPUT || ref->slot == VTL_SLOT_UTIL)) {
			n->owner = ref->slot == VTL_SLOT_INPUT ? VTL_INPUT : VTL_UTIL;
			n->method = vtl_given_method(n->owner, n->text, n->n);
			if (n->owner == VTL_INPUT)
				n->path = constant_path(p, n);
		}
		if (!n->method)
			n->owner = VTL_NULL;
	}
}

struct vtl_node *vtl_parse_ref_body(struct vtl_parser *p, size_t dollar)
{
	struct vtl_node *n;
	struct vtl_kids kids = { 0 };
	bool formal = vtl_peek(p, 0) == '{';
	size_t back = p->pos;

	if (!vtl_parse_enter(p))
		return NULL;
	p->pos += formal;
	n = vtl_node_new(p, VTL_N_REF, dollar);
	n->text = parse_name(p);
	if (!n->text.p) {
		p->pos = back;
		p->depth--;
		if (!formal && vtl_is_letter(vtl_peek(p, 0)))
			return vtl_parse_fail(p, "true and false are no names");
		return NULL;
	}
	if (!parse_parts(p, &kids))
		return NULL;
	if (formal) {
		if (!vtl_take(p, '}'))
			return vtl_parse_fail(p, "expected } of ${");
	}
	p->after_ref = !formal;
	p->after_property = kids.n && kids.v[kids.n - 1]->kind == VTL_N_PROPERTY;
	p->depth--;
	vtl_node_end(p, n, &kids);
	n->slot = vtl_slot_of(p, n->text);
	bind_parts(p, n);
	return n;
}

struct vtl_node *vtl_parse_ref(struct vtl_parser *p)
{
	size_t dollar = p->pos++;
	if (vtl_peek(p, 0) == '!')
		p->pos++;
	struct vtl_node *n = vtl_parse_ref_body(p, dollar);
	if (!n && !p->status)
		return vtl_parse_fail(p, "expected a reference after $");
	return n;
}

/* ---- literals ---- */

/* End of the string literal at pos: the longest text in which every inner quote is doubled. 0: not closed. */
static size_t string_end(struct vtl_parser *p)
{
	char quote = p->text.p[p->pos];
	size_t end = 0;
	for (size_t i = p->pos + 1; i < p->text.n; i++) {
		if (p->text.p[i] != quote)
			continue;
		end = i + 1;
		if (end == p->text.n || p->text.p[end] != quote)
			break;
		i++;
	}
	return end;
}

/* \uXXXX (double quotes only) and doubled quotes; other escapes stay as they are. */
static bool unquote(struct vtl_parser *p, struct slice raw, char quote, struct slice *out)
{
	struct buf b = { 0 };
	const char *end = raw.p + raw.n;
	int32_t u = 0, low;
	*out = raw;
	if (sl_chr(raw, quote) < 0 && (quote == '\'' || sl_chr(raw, '\\') < 0))
		return true;
	for (size_t i = 0; i < raw.n && u >= 0; i++) {
		if (quote == '"' && raw.p[i] == '\\' && i + 1 < raw.n && raw.p[i + 1] == 'u') {
			u = hex4(raw.p + i + 2, end);
			i += 5;
			if (u >= 0 && utf16_is_high((uint32_t)u) && i + 2 < raw.n && raw.p[i + 1] == '\\' && raw.p[i + 2] == 'u') {
				low = hex4(raw.p + i + 3, end);
				if (utf16_is_low((uint32_t)low)) {
					u = (int32_t)utf16_join((uint32_t)u, (uint32_t)low);
					i += 6;
				}
			}
			buf_utf8(&b, (uint32_t)u);
			continue;
		}
		buf_addc(&b, raw.p[i]);
		if (raw.p[i] == quote && i + 1 < raw.n && raw.p[i + 1] == quote)
			i++;
	}
	*out = arena_dup(p->arena, buf_slice(&b));
	buf_free(&b);
	return u >= 0;
}

static struct slice with_space(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.n + 1);
	memcpy(p, s.p, s.n);
	p[s.n] = ' ';
	return sl_of(p, s.n + 1);
}

static struct vtl_node *parse_string(struct vtl_parser *p)
{
	char quote = vtl_peek(p, 0);
	size_t start = p->pos, end = string_end(p);
	struct vtl_node *n = vtl_node_new(p, VTL_N_CONST, start);
	struct slice raw, text;
	struct vtl_kids kids = { 0 };
	if (!end)
		return vtl_parse_fail(p, "the string is not closed");
	raw = sl_of(p->text.p + start + 1, end - start - 2);
	if (!unquote(p, raw, quote, &text))
		return vtl_parse_fail(p, "\\u needs four hex digits");
	p->pos = end;
	n->value = vtl_str(text);
	if (quote == '"' && (sl_chr(raw, '$') >= 0 || sl_chr(raw, '#') >= 0)) {
		/* Velocity appends a space, against a lone $ or # at the end, and drops the last byte of the output. */
		n->kind = VTL_N_STRING;
		n->cut = sl_find(text, S("##")) < 0;
		if (n->cut)
			text = with_space(p->arena, text);
		struct vtl_node *inner = vtl_parse_nested(p, text);
		if (!inner)
			return NULL;
		vtl_kids_add(p, &kids, inner);
	}
	return vtl_node_end(p, n, &kids);
}

/* At a digit, "-" or "." : [-]digits[.digits][exponent]; "1..3" ends before the two dots. */
static struct vtl_node *parse_number(struct vtl_parser *p)
{
	size_t start = p->pos, n = vtl_peek(p, 0) == '-';
	struct vtl_node *node = vtl_node_new(p, VTL_N_CONST, start);
	struct slice text;
	while (vtl_is_digit(vtl_peek(p, n)))
		n++;
	if (vtl_peek(p, n) == '.' && vtl_peek(p, n + 1) != '.') {
		n++;
		while (vtl_is_digit(vtl_peek(p, n)))
			n++;
	}
	if (vtl_peek(p, n) == 'e' || vtl_peek(p, n) == 'E') {
		size_t sign = vtl_peek(p, n + 1) == '+' || vtl_peek(p, n + 1) == '-';
		if (vtl_is_digit(vtl_peek(p, n + 1 + sign)))
			for (n += 2 + sign; vtl_is_digit(vtl_peek(p, n));)
				n++;
	}
	text = sl_of(p->text.p + start, n);
	if (!vtl_number(p->arena, text, false, &node->value))
		return vtl_parse_fail(p, "not a number");
	p->pos += n;
	return vtl_node_end(p, node, NULL);
}

static bool at_number(const struct vtl_parser *p)
{
	size_t i = vtl_peek(p, 0) == '-';
	return vtl_is_digit(vtl_peek(p, i)) || (vtl_peek(p, i) == '.' && vtl_is_digit(vtl_peek(p, i + 1)));
}

static struct vtl_node *parse_range_end(struct vtl_parser *p, struct vtl_node *n, struct vtl_kids *kids)
{
	struct vtl_node *last;
	p->pos += 2;
	vtl_skip_space(p);
	last = vtl_parse_operand(p);
	if (!last)
		return NULL;
	for (int i = 0; i < 2; i++) {
		const struct vtl_node *k = i ? last : kids->v[0];
		if (k->kind != VTL_N_REF && !(k->kind == VTL_N_CONST && vtl_is_integer(k->value)))
			return vtl_parse_fail(p, "a range goes between integers or references");
	}
	vtl_kids_add(p, kids, last);
	vtl_skip_space(p);
	if (!vtl_take(p, ']'))
		return vtl_parse_fail(p, "expected ] of the range");
	n->kind = VTL_N_RANGE;
	return vtl_node_end(p, n, kids);
}

static struct vtl_node *parse_list(struct vtl_parser *p)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_LIST, p->pos), *item;
	struct vtl_kids kids = { 0 };
	p->pos++;
	if (vtl_take(p, ']'))
		return vtl_node_end(p, n, NULL);
	for (;;) {
		vtl_skip_space(p);
		item = vtl_parse_operand(p);
		if (!item)
			return NULL;
		vtl_kids_add(p, &kids, item);
		vtl_skip_space(p);
		if (kids.n == 1 && vtl_peek(p, 0) == '.' && vtl_peek(p, 1) == '.')
			return parse_range_end(p, n, &kids);
		if (vtl_peek(p, 0) == ']')
			break;
		if (!vtl_take(p, ','))
			return vtl_parse_fail(p, "expected , or ] in the list");
	}
	p->pos++;
	return vtl_node_end(p, n, &kids);
}

static struct vtl_node *parse_map(struct vtl_parser *p)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_MAP, p->pos), *item;
	struct vtl_kids kids = { 0 };
	p->pos++;
	vtl_skip_space(p);
	while (kids.n || vtl_peek(p, 0) != '}') {
		vtl_skip_space(p);
		item = vtl_parse_operand(p);
		if (!item)
			return NULL;
		vtl_kids_add(p, &kids, item);
		vtl_skip_space(p);
		if (kids.n % 2 == 0 && vtl_peek(p, 0) == '}')
			break;
		if (vtl_peek(p, 0) != (kids.n % 2 ? ':' : ','))
			return vtl_parse_fail(p, kids.n % 2 ? "expected : in the map" : "expected , or } in the map");
		p->pos++;
	}
	p->pos++;
	return vtl_node_end(p, n, &kids);
}

static struct vtl_node *parse_boolean(struct vtl_parser *p)
{
	size_t start = p->pos;
	struct vtl_node *n = vtl_node_new(p, VTL_N_CONST, start);
	struct slice word = vtl_parse_word(p);
	if (!sl_eqs(word, "true") && !sl_eqs(word, "false")) {
		p->pos = start;
		return vtl_parse_fail(p, "expected a value");
	}
	n->value = vtl_bool(word.n == 4);
	return vtl_node_end(p, n, NULL);
}

struct vtl_node *vtl_parse_operand(struct vtl_parser *p)
{
	struct vtl_node *n;
	char c = vtl_peek(p, 0);
	if (!vtl_parse_enter(p))
		return NULL;
	if (c == '"' || c == '\'')
		n = parse_string(p);
	else if (c == '$')
		n = vtl_parse_ref(p);
	else if (at_number(p))
		n = parse_number(p);
	else if (c == '[')
		n = parse_list(p);
	else if (c == '{')
		n = parse_map(p);
	else
		n = parse_boolean(p);
	p->depth--;
	return n;
}

/* ---- expressions ---- */

static struct vtl_node *parse_level(struct vtl_parser *p, int level);

static struct vtl_node *parse_primary(struct vtl_parser *p)
{
	struct vtl_node *n;
	vtl_skip_space(p);
	if (vtl_peek(p, 0) != '(') {
		n = vtl_parse_operand(p);
	} else {
		p->pos++;
		n = vtl_parse_expr(p);
		if (n && vtl_peek(p, 0) != ')')
			return vtl_parse_fail(p, "expected )");
		p->pos++;
	}
	if (n)
		vtl_skip_space(p);
	return n;
}

static bool take_word(struct vtl_parser *p, const char *word)
{
	size_t n = strlen(word);
	if (p->text.n - p->pos < n || memcmp(p->text.p + p->pos, word, n) != 0 || is_word_char(vtl_peek(p, n)))
		return false;
	p->pos += n;
	return true;
}

static struct vtl_node *parse_unary(struct vtl_parser *p)
{
	struct vtl_kids kids = { 0 };
	struct vtl_node *n, *inner;
	size_t start;
	vtl_skip_space(p);
	start = p->pos;
	if (vtl_peek(p, 0) == '!' && vtl_peek(p, 1) != '=')
		p->pos++;
	else if (!take_word(p, "not"))
		return parse_primary(p);
	if (!vtl_parse_enter(p))
		return NULL;
	n = vtl_node_new(p, VTL_N_NOT, start);
	inner = parse_unary(p);
	if (!inner)
		return NULL;
	p->depth--;
	vtl_kids_add(p, &kids, inner);
	return vtl_node_end(p, n, &kids);
}

/* Two-byte operators before their one-byte beginnings. A minus before a digit belongs to the number. */
static const struct {
	int level;
	enum vtl_kind kind;
	const char *sign, *word;
} operators[] = {
	{ 0, VTL_N_OR, "||", "or" }, { 1, VTL_N_AND, "&&", "and" }, { 2, VTL_N_EQ, "==", "eq" }, { 2, VTL_N_NE, "!=", "ne" },
	{ 3, VTL_N_LE, "<=", "le" }, { 3, VTL_N_GE, ">=", "ge" }, { 3, VTL_N_LT, "<", "lt" }, { 3, VTL_N_GT, ">", "gt" },
	{ 4, VTL_N_ADD, "+", NULL }, { 4, VTL_N_SUB, "-", NULL }, { 5, VTL_N_MUL, "*", NULL }, { 5, VTL_N_DIV, "/", NULL },
	{ 5, VTL_N_MOD, "%", NULL },
};
enum { OPERATOR_LEVELS = 6 };

static bool take_operator(struct vtl_parser *p, int level, enum vtl_kind *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		size_t n = strlen(operators[i].sign);
		bool sign;
		if (operators[i].level != level)
			continue;
		sign = p->text.n - p->pos >= n && memcmp(p->text.p + p->pos, operators[i].sign, n) == 0;
		if (sign && operators[i].kind == VTL_N_SUB && at_number(p))
			sign = false;
		if (sign)
			p->pos += n;
		if (sign || (operators[i].word && take_word(p, operators[i].word))) {
			*kind = operators[i].kind;
			return true;
		}
	}
	return false;
}

static struct vtl_node *parse_level(struct vtl_parser *p, int level)
{
	struct vtl_node *left, *right, *n;
	enum vtl_kind kind;
	size_t start = p->pos;
	if (level == OPERATOR_LEVELS)
		return parse_unary(p);
	left = parse_level(p, level + 1);
	while (left && take_operator(p, level, &kind)) {
		struct vtl_kids kids = { 0 };
		right = parse_level(p, level + 1);
		if (!right)
			return NULL;
		n = vtl_node_new(p, kind, start);
		vtl_kids_add(p, &kids, left);
		vtl_kids_add(p, &kids, right);
		vtl_node_end(p, n, &kids);
		left = n;
	}
	return left;
}

struct vtl_node *vtl_parse_expr(struct vtl_parser *p)
{
	struct vtl_node *n;
	if (!vtl_parse_enter(p))
		return NULL;
	n = parse_level(p, 0);
	p->depth--;
	return n;
}
