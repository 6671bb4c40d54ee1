#include "sparksql/parser.h"

_Noreturn void sp_give_up(struct sp_parser *p)
{
	longjmp(p->out, 1);
}

_Noreturn void sp_syntax_at(struct sp_parser *p, uint32_t token, const char *hint)
{
	char extra[96];
	struct slice t;
	if (p->blame != UINT32_MAX) {
		token = p->blame;
		t = sp_text(p, token);
		(void)snprintf(extra, sizeof(extra), ": extra input '%.*s'", (int)(t.n < 60 ? t.n : 60), t.p);
		hint = p->t[token + 1].kind == SP_T_END && token > 0 ? extra : "";
	}
	t = sp_text(p, token);
	if (p->t[token].kind == SP_T_END)
		sp_fail(p->err, SP_E_PARSE, "PARSE_SYNTAX_ERROR", "42601", "Syntax error at or near end of input%s.", hint);
	else
		sp_fail(p->err, SP_E_PARSE, "PARSE_SYNTAX_ERROR", "42601", "Syntax error at or near '%.*s'%s.", SL(t), hint);
	sp_fail_at(p->err, p->t[token].at, p->t[token].end);
	sp_give_up(p);
}

_Noreturn void sp_syntax(struct sp_parser *p)
{
	sp_syntax_at(p, p->i, "");
}

void sp_late(struct sp_parser *p, uint32_t from, uint32_t to, const char *class, const char *state, const char *fmt, ...)
{
	va_list ap;
	struct slice text;
	struct buf b = { 0 };
	if (p->late.set)
		return;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	text = buf_slice(&b);
	sp_fail(&p->late, SP_E_PARSE, class, state, "%.*s", SL(text));
	sp_fail_at(&p->late, p->t[from].at, p->t[to > from ? to - 1 : from].end);
	buf_free(&b);
}

void sp_not_allowed(struct sp_parser *p, uint32_t from, const char *fmt, ...)
{
	va_list ap;
	struct slice text;
	struct buf b = { 0 };
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	text = buf_slice(&b);
	sp_late(p, from, p->i, "_LEGACY_ERROR_TEMP_0035", "", "Operation not allowed: %.*s.", SL(text));
	buf_free(&b);
}

void sp_enter(struct sp_parser *p)
{
	if (++p->depth <= SP_DEPTH_MAX)
		return;
	sp_fail(p->err, SP_E_LIMIT, "", "", "The statement is nested more than %d levels deep.", SP_DEPTH_MAX);
	sp_fail_at(p->err, p->t[p->i].at, p->t[p->i].end);
	sp_give_up(p);
}

bool sp_take2(struct sp_parser *p, enum sp_token_kind k, enum sp_token_kind next)
{
	bool are = sp_is2(p, k, next);
	if (are)
		p->i += 2;
	return are;
}

static const char *const keyword_words[] = {
#define X(word) #word,
	SP_KEYWORDS(X)
#undef X
};

static void token_name(enum sp_token_kind k, char *to, size_t n)
{
	static const struct {
		enum sp_token_kind kind;
		const char *text;
	} signs[] = { { SP_T_OPEN, "(" }, { SP_T_CLOSE, ")" }, { SP_T_COMMA, "," }, { SP_T_EQ, "=" }, { SP_T_CLOSE_BRACKET, "]" }, { SP_T_DOT, "." } };
	(void)snprintf(to, n, "%s", k > SP_T_KEYWORDS ? keyword_words[k - SP_T_KEYWORDS - 1] : "?");
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (signs[i].kind == k)
			(void)snprintf(to, n, "%s", signs[i].text);
}

/* ANTLR tells of a token too many where the one behind it is what has to come, and of a missing one where what is here could follow it. */
void sp_need(struct sp_parser *p, enum sp_token_kind k)
{
	char name[32], hint[96];
	struct slice t = sp_text(p, p->i);
	if (sp_take(p, k))
		return;
	token_name(k, name, sizeof(name));
	hint[0] = 0;
	if (!p->undecided && sp_kind_at(p, 1) == k && !sp_is(p, SP_T_END))
		(void)snprintf(hint, sizeof(hint), ": extra input '%.*s'", (int)(t.n < 60 ? t.n : 60), t.p);
	else if (!p->undecided && (sp_is(p, SP_T_END) || sp_is(p, SP_K_ON) || sp_is(p, SP_K_VALUES) || sp_clause_at(p, p->i)) && (k == SP_T_CLOSE || k == SP_T_CLOSE_BRACKET))
		(void)snprintf(hint, sizeof(hint), ": missing '%s'", name);
	sp_syntax_at(p, p->i, hint);
}

void sp_must(struct sp_parser *p, enum sp_token_kind k)
{
	char name[32], hint[96];
	if (sp_take(p, k))
		return;
	token_name(k, name, sizeof(name));
	(void)snprintf(hint, sizeof(hint), ": missing '%s'", name);
	if (sp_kind_at(p, 1) == k)
		sp_need(p, k);
	sp_syntax_at(p, p->i, hint);
}

struct slice sp_text_from(const struct sp_parser *p, uint32_t first)
{
	uint32_t end = p->i > first ? p->t[p->i - 1].end : p->t[first].at;
	return (struct slice){ p->sql.p + p->t[first].at, end - p->t[first].at };
}

struct slice sp_ident(struct sp_parser *p)
{
	struct slice t = sp_text(p, p->i);
	if (!sp_is_word(sp_kind_at(p, 0)))
		sp_syntax(p);
	if (sp_is(p, SP_T_BACKQUOTED))
		t = sp_unquote(p->a, t);
	p->i++;
	return t;
}

struct slice sp_ident_strict(struct sp_parser *p)
{
	uint32_t first = p->i;
	struct slice t = sp_ident(p), all;
	if (!sp_is(p, SP_T_MINUS) || !sp_is_word(sp_kind_at(p, 1)))
		return t;
	while (sp_is(p, SP_T_MINUS) && sp_is_word(sp_kind_at(p, 1)))
		p->i += 2;
	all = sp_text_from(p, first);
	sp_fail(p->err, SP_E_PARSE, "INVALID_IDENTIFIER", "42602",
		"The identifier %.*s is invalid. Please, consider quoting it with back-quotes as `%.*s`.", SL(all), SL(all));
	sp_fail_at(p->err, p->t[first + 1].at, p->t[p->i - 1].end);
	sp_give_up(p);
}

bool sp_is_strict(enum sp_token_kind k)
{
	switch ((int)k) {
	case SP_K_ANTI: case SP_K_CROSS: case SP_K_EXCEPT: case SP_K_FULL: case SP_K_INNER: case SP_K_INTERSECT: case SP_K_JOIN:
	case SP_K_LATERAL: case SP_K_LEFT: case SP_K_NATURAL: case SP_K_ON: case SP_K_RIGHT: case SP_K_SEMI: case SP_K_MINUS: case SP_K_UNION:
	case SP_K_USING:
		return true;
	default:
		return false;
	}
}

uint64_t sp_cut_uid(struct sp_parser *p, struct slice *part)
{
	struct slice digits, name, id, frame;
	int64_t uid;
	if (!part->n || part->p[0] != '\1' || sp_is(p, SP_T_OPEN) || !sl_cut(sl_from(*part, 1), '\1', &digits, &name))
		return 0;
	if (sl_cut(digits, '@', &id, &frame)) /* the frame that a client took it of, for the client's own use */
		digits = id;
	if (!sl_int(digits, 1, INT64_MAX, &uid))
		return 0;
	*part = name;
	return (uint64_t)uid;
}

void sp_name(struct sp_parser *p, struct sp_name *out)
{
	size_t n = 0, cap = 0;
	uint32_t first = p->i;
	struct slice *v = NULL, part;
	uint32_t quoted = 0;
	uint64_t uid;
	do {
		if (sp_is(p, SP_T_BACKQUOTED) && n < 32)
			quoted |= 1u << n;
		part = sp_ident_strict(p);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = part;
	} while (sp_take(p, SP_T_DOT));
	uid = sp_cut_uid(p, &v[0]);
	*out = (struct sp_name){ v, (uint32_t)n, p->t[first].at, p->t[p->i - 1].end, quoted, uid };
}

void sp_identifier(struct sp_parser *p, struct sp_name *out)
{
	uint32_t first = p->i;
	struct sp_error err = { 0 };
	const struct sp_ex *e;
	p->i += 2;
	e = sp_expression(p);
	sp_need(p, SP_T_CLOSE);
	if (e->kind == SP_EX_LITERAL && e->lit.kind == SP_LIT_STRING) {
		if (sp_parse_name(p->a, e->lit.text, out, &err))
			*p->err = err;
	} else {
		sp_fail(p->err, SP_E_UNSERVED, "", "", "IDENTIFIER(...) of anything but a text isn't supported here.");
	}
	if (p->err->set) {
		p->err->placed = false;
		sp_fail_at(p->err, p->t[first].at, p->t[p->i - 1].end);
		sp_give_up(p);
	}
	out->at = p->t[first].at;
	out->end = p->t[p->i - 1].end;
}

void sp_names(struct sp_parser *p, struct sp_names *out)
{
	size_t n = 0, cap = 0;
	struct sp_name *v = NULL;
	do {
		ARENA_GROW(p->a, v, n, cap);
		sp_name(p, &v[n++]);
	} while (sp_take(p, SP_T_COMMA));
	*out = (struct sp_names){ v, (uint32_t)n };
}

void sp_idents_of(struct sp_parser *p, struct sp_idents *out)
{
	size_t n = 0, cap = 0;
	struct slice *v = NULL;
	do {
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = sp_ident_strict(p);
	} while (sp_take(p, SP_T_COMMA));
	*out = (struct sp_idents){ v, (uint32_t)n };
}

void sp_ident_list(struct sp_parser *p, struct sp_idents *out)
{
	sp_need(p, SP_T_OPEN);
	sp_idents_of(p, out);
	sp_need(p, SP_T_CLOSE);
}

struct slice sp_string(struct sp_parser *p)
{
	struct slice t = sp_text(p, p->i);
	if (!sp_is_string(sp_kind_at(p, 0)))
		sp_syntax(p);
	p->i++;
	return sp_unquote(p->a, t);
}

int64_t sp_integer(struct sp_parser *p)
{
	int64_t v;
	struct slice t = sp_text(p, p->i);
	sp_need(p, SP_T_INTEGER);
	return sl_int(t, 0, INT64_MAX, &v) ? v : INT64_MAX;
}

/* A key's parts joined by dots, or a string. */
static struct slice option_key(struct sp_parser *p)
{
	struct sp_name name;
	struct buf b = { 0 };
	struct slice s;
	if (sp_is_string(sp_kind_at(p, 0)))
		return sp_string(p);
	sp_name(p, &name);
	if (name.n == 1)
		return name.parts[0];
	for (uint32_t i = 0; i < name.n; i++) {
		if (i)
			buf_addc(&b, '.');
		buf_addsl(&b, name.parts[i]);
	}
	s = arena_dup(p->a, buf_slice(&b));
	buf_free(&b);
	return s;
}

struct slice sp_options_value(struct sp_parser *p)
{
	uint32_t first = p->i;
	if (sp_is_string(sp_kind_at(p, 0)))
		return sp_string(p);
	if (sp_take(p, SP_K_TRUE))
		return S("true");
	if (sp_take(p, SP_K_FALSE))
		return S("false");
	(void)sp_take(p, SP_T_MINUS);
	if (!sp_is_number(sp_kind_at(p, 0)))
		sp_syntax(p);
	p->i++;
	return sp_text_from(p, first);
}

/* Values that have to be there and aren't, or the other way round, are an error of Spark's. */
static void check_values(struct sp_parser *p, uint32_t first, const struct sp_option *v, size_t n, enum sp_values values)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < n; i++) {
		if ((v[i].value.p != NULL) != (values == SP_VALUES_NONE))
			continue;
		buf_adds(&b, b.n ? "," : "");
		buf_addsl(&b, v[i].key);
	}
	if (b.n && values != SP_VALUES_ANY)
		sp_not_allowed(p, first, values == SP_VALUES_MUST ? "Values must be specified for key(s): [%s]" : "Values should not be specified for key(s): [%s]",
			       buf_cstr(&b));
	buf_free(&b);
}

void sp_options(struct sp_parser *p, struct sp_options *out, enum sp_values values)
{
	size_t n = 0, cap = 0;
	uint32_t first = p->i;
	struct sp_option *v = NULL;
	sp_need(p, SP_T_OPEN);
	do {
		struct sp_option o = { .at = p->t[p->i].at };
		o.key = option_key(p);
		o.value = sl(NULL);
		if (sp_take(p, SP_T_EQ) || (!sp_is(p, SP_T_COMMA) && !sp_is(p, SP_T_CLOSE)))
			o.value = sp_options_value(p);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = o;
	} while (sp_take(p, SP_T_COMMA));
	sp_need(p, SP_T_CLOSE);
	check_values(p, first, v, n, values);
	*out = (struct sp_options){ v, (uint32_t)n };
}

void sp_partition(struct sp_parser *p, struct sp_partition **out, uint32_t *count)
{
	size_t n = 0, cap = 0;
	struct sp_partition *v = NULL;
	sp_need(p, SP_T_OPEN);
	do {
		struct sp_partition one = { .name = sp_ident(p) };
		if (sp_take(p, SP_T_EQ)) {
			one.value = sp_literal(p);
			if (!one.value)
				one.value = sp_term(p);
		}
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = one;
	} while (sp_take(p, SP_T_COMMA));
	sp_need(p, SP_T_CLOSE);
	*out = v;
	*count = (uint32_t)n;
}

const struct sp_type *sp_type_here(struct sp_parser *p, struct slice *text)
{
	struct sp_error err = { 0 };
	const struct sp_type *type = &sp_types[SP_VOID];
	uint32_t at = p->t[p->i].at;
	size_t used = 0;
	int rc = sp_ddl_type(p->a, sl_from(p->sql, at), &used, &type, &err);
	err.from += at;
	err.to += at;
	if (rc && (err.kind == SP_E_LIMIT || strcmp(err.class, "PARSE_SYNTAX_ERROR") == 0)) {
		sp_error_free(p->err);
		*p->err = err;
		sp_give_up(p);
	}
	if (rc && !p->late.set)
		p->late = err;
	else
		sp_error_free(&err);
	*text = (struct slice){ p->sql.p + at, used };
	while (p->t[p->i].at < at + used)
		p->i++;
	return type;
}

void sp_if_exists(struct sp_parser *p, bool *flag)
{
	*flag = sp_take2(p, SP_K_IF, SP_K_EXISTS);
}

void sp_if_not_exists(struct sp_parser *p, bool *flag)
{
	*flag = sp_is2(p, SP_K_IF, SP_K_NOT);
	if (*flag) {
		p->i += 2;
		if (!sp_take(p, SP_K_EXISTS))
			sp_syntax(p);
	}
}

/* ---------------------------------------------------------------- entries */

static bool start(struct sp_parser *p, struct arena *a, struct slice sql, struct sp_error *err)
{
	struct sp_tokens tokens;
	*p = (struct sp_parser){ .a = a, .sql = sql, .err = err, .blame = UINT32_MAX };
	if (sql.n > SP_SQL_MAX) {
		sp_fail(err, SP_E_LIMIT, "", "", "A statement has at most %d MiB.", SP_SQL_MAX >> 20);
		return false;
	}
	sp_lex(a, sql, &tokens);
	if (tokens.unclosed_comment) {
		sp_fail(err, SP_E_PARSE, "UNCLOSED_BRACKETED_COMMENT", "42601",
			"Found an unclosed bracketed comment. Please, append */ at the end of the comment.");
		return false;
	}
	p->t = tokens.v;
	p->n = tokens.n;
	return true;
}

static void finish(struct sp_parser *p, bool semicolons)
{
	char hint[96];
	struct slice t;
	bool any = false;
	while (semicolons && sp_take(p, SP_T_SEMICOLON))
		any = true;
	if (!sp_is(p, SP_T_END)) {
		t = sp_text(p, p->i);
		(void)snprintf(hint, sizeof(hint), ": extra input '%.*s'", (int)(t.n < 60 ? t.n : 60), t.p);
		sp_syntax_at(p, p->i, any || sp_kind_at(p, 1) == SP_T_END || sp_kind_at(p, 1) == SP_T_SEMICOLON ? hint : "");
	}
	if (p->late.set) {
		*p->err = p->late;
		p->late = (struct sp_error){ 0 };
		sp_give_up(p);
	}
}

int sp_parse(struct arena *a, struct slice sql, struct sp_stmt **out, struct sp_error *err)
{
	struct sp_parser p;
	struct sp_stmt *s;
	if (!start(&p, a, sql, err))
		return 1;
	if (setjmp(p.out)) {
		sp_error_free(&p.late);
		return 1;
	}
	s = arena_alloc(a, sizeof(*s));
	sp_statement(&p, s);
	finish(&p, true);
	s->n_params = p.n_params;
	*out = s;
	return 0;
}

int sp_parse_expression(struct arena *a, struct slice sql, struct sp_ex **out, struct sp_error *err)
{
	struct sp_parser p;
	struct sp_ex *e;
	if (!start(&p, a, sql, err))
		return 1;
	if (setjmp(p.out)) {
		sp_error_free(&p.late);
		return 1;
	}
	e = sp_named(&p);
	finish(&p, false);
	*out = e;
	return 0;
}

int sp_parse_name(struct arena *a, struct slice sql, struct sp_name *out, struct sp_error *err)
{
	struct sp_parser p;
	struct sp_name name;
	if (!start(&p, a, sql, err))
		return 1;
	if (setjmp(p.out)) {
		sp_error_free(&p.late);
		return 1;
	}
	sp_name(&p, &name);
	finish(&p, false);
	*out = name;
	return 0;
}
