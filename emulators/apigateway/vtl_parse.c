/* Statements: text, escapes, comments, directives. Velocity's lexer decides by longest match what white space a
 * directive takes with it; the rules, each seen on Velocity 1.7:
 *   - `)` of a directive, #else and #end take spaces, tabs and one line end behind them;
 *   - #set takes the spaces and tabs before it, if they follow another token (a reference, a directive, a line end
 *     taken by one) and not text;
 *   - ## takes its line end with it. */
#include <string.h>

#include "apigateway/vtl_tree.h"

/* What ends a block. */
enum stop { STOP_EOF, STOP_END, STOP_ELSE, STOP_ELSEIF, STOP_ERROR };

/* Statements being collected: text is joined until another node comes. */
struct stream {
	struct vtl_kids kids;
	struct buf text;
	size_t text_start;
};

/* ---- nodes ---- */

void *vtl_parse_fail(struct vtl_parser *p, const char *what)
{
	uint32_t line = 1, column = 1;

	if (p->status)
		return NULL;
	for (size_t i = 0; i < p->pos && i < p->text.n; i++) {
		column++;
		if (p->text.p[i] == '\n') {
			line++;
			column = 1;
		}
	}
	p->status = err_set(p->err, ERR_INVALID, "%s at line %u, column %u", what, line + p->line0, column);
	return NULL;
}

bool vtl_parse_enter(struct vtl_parser *p)
{
	if (++p->depth <= VTL_DEPTH_MAX)
		return true;
	if (!p->status)
		p->status = err_set(p->err, ERR_LIMIT, "the template nests deeper than %d", VTL_DEPTH_MAX);
	return false;
}

void vtl_kids_add(struct vtl_parser *p, struct vtl_kids *k, struct vtl_node *n)
{
	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 4;
		struct vtl_node **v = arena_alloc(p->arena, cap * sizeof(struct vtl_node *));
		if (k->n)
			memcpy(v, k->v, k->n * sizeof(struct vtl_node *));
		k->v = v;
		k->cap = cap;
	}
	k->v[k->n++] = n;
}

struct vtl_node *vtl_node_new(struct vtl_parser *p, enum vtl_kind kind, size_t start)
{
	struct vtl_node *n = arena_alloc(p->arena, sizeof(*n));

	n->kind = kind;
	n->source = (struct slice){ p->text.p + start, 0 };
	return n;
}

void vtl_node_end(struct vtl_parser *p, struct vtl_node *n, size_t start, const struct vtl_kids *k)
{
	(void)start;
	n->source.n = (size_t)(p->text.p + p->pos - n->source.p);
	n->source = sl_trim(n->source);
	if (k) {
		n->kids = k->v;
		n->n = k->n;
	}
}

static void flush_text(struct vtl_parser *p, struct stream *s)
{
	struct vtl_node *n;

	if (!s->text.n)
		return;
	n = vtl_node_new(p, VTL_N_TEXT, p->pos);
	n->text = arena_dup(p->arena, buf_slice(&s->text));
	vtl_kids_add(p, &s->kids, n);
	s->text.n = 0;
}

static void add_node(struct vtl_parser *p, struct stream *s, struct vtl_node *n)
{
	flush_text(p, s);
	vtl_kids_add(p, &s->kids, n);
}

/* ---- white space ---- */

/* Spaces, tabs and a line end, when there is one; else nothing. */
static void eat_line_end(struct vtl_parser *p)
{
	size_t i = 0;

	while (vtl_peek(p, i) == ' ' || vtl_peek(p, i) == '\t')
		i++;
	if (vtl_peek(p, i) == '\r' && vtl_peek(p, i + 1) == '\n')
		p->pos += i + 2;
	else if (vtl_peek(p, i) == '\n' || vtl_peek(p, i) == '\r')
		p->pos += i + 1;
}

/* Length of "#set (" at byte i ahead, 0 when it isn't there. */
static size_t set_length(const struct vtl_parser *p, size_t i)
{
	struct slice rest = { p->text.p + p->pos + i, p->text.n - p->pos - i };
	size_t n = sl_starts(rest, S("#set")) ? 4 : sl_starts(rest, S("#{set}")) ? 6 : 0;

	if (!n)
		return 0;
	while (n < rest.n && rest.p[n] == ' ')
		n++;
	return n < rest.n && rest.p[n] == '(' ? n + 1 : 0;
}

/* ---- directives ---- */

static struct vtl_node *parse_block(struct vtl_parser *p, enum stop *stop);

/* "(" of a directive, white space before it skipped. */
static bool open_paren(struct vtl_parser *p)
{
	size_t back = p->pos;

	vtl_skip_space(p);
	if (vtl_peek(p, 0) == '(') {
		p->pos++;
		return true;
	}
	p->pos = back;
	return false;
}

static bool close_paren(struct vtl_parser *p)
{
	vtl_skip_space(p);
	if (vtl_peek(p, 0) != ')') {
		vtl_parse_fail(p, "expected )");
		return false;
	}
	p->pos++;
	p->after_ref = p->after_set = false;
	eat_line_end(p);
	return true;
}

static struct vtl_node *parse_set(struct vtl_parser *p, size_t length)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_SET, p->pos), *left, *right;
	struct vtl_kids kids = { 0 };
	bool again = p->after_set;

	p->pos += length;
	vtl_skip_space(p);
	if (vtl_peek(p, 0) != '$')
		return vtl_parse_fail(p, "#set needs a reference on the left");
	left = vtl_parse_ref(p);
	if (!left)
		return NULL;
	vtl_skip_space(p);
	if (vtl_peek(p, 0) != '=' || vtl_peek(p, 1) == '=')
		return vtl_parse_fail(p, "expected = in #set");
	p->pos++;
	right = vtl_parse_expr(p);
	if (!right || !close_paren(p))
		return NULL;
	vtl_kids_add(p, &kids, left);
	vtl_kids_add(p, &kids, right);
	vtl_node_end(p, n, p->pos, &kids);
	p->after_ref = p->after_set = again;
	return n;
}

/* A condition in parentheses and the block behind it. */
static bool parse_branch(struct vtl_parser *p, struct vtl_kids *kids, enum stop *stop)
{
	struct vtl_node *condition, *block;

	if (!open_paren(p)) {
		vtl_parse_fail(p, "expected ( after #if or #elseif");
		return false;
	}
	condition = vtl_parse_expr(p);
	if (!condition || !close_paren(p))
		return false;
	block = parse_block(p, stop);
	if (!block)
		return false;
	vtl_kids_add(p, kids, condition);
	vtl_kids_add(p, kids, block);
	return true;
}

static struct vtl_node *parse_if(struct vtl_parser *p, size_t start)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_IF, start), *block;
	struct vtl_kids kids = { 0 };
	enum stop stop = STOP_ELSEIF;

	while (stop == STOP_ELSEIF)
		if (!parse_branch(p, &kids, &stop))
			return NULL;
	if (stop == STOP_ELSE) {
		block = parse_block(p, &stop);
		if (!block)
			return NULL;
		vtl_kids_add(p, &kids, block);
	}
	if (stop != STOP_END)
		return vtl_parse_fail(p, "#if without #end");
	vtl_node_end(p, n, p->pos, &kids);
	return n;
}

static struct vtl_node *parse_argument(struct vtl_parser *p)
{
	struct vtl_node *n;
	struct slice word;
	size_t start = p->pos;

	if (vtl_is_letter(vtl_peek(p, 0)) || vtl_peek(p, 0) == '_' || vtl_peek(p, 0) == '@') {
		n = vtl_node_new(p, VTL_N_WORD, start);
		word = vtl_parse_word(p);
		if (!sl_eqs(word, "true") && !sl_eqs(word, "false")) {
			n->text = word;
			vtl_node_end(p, n, p->pos, NULL);
			return n;
		}
		p->pos = start;
	}
	n = vtl_parse_operand(p);
	if (n)
		n->constant = n->kind == VTL_N_CONST && n->value.type != VTL_STRING;
	return n;
}

/* Arguments up to ")": apart by white space or one comma, or by nothing. */
static bool parse_arguments(struct vtl_parser *p, struct vtl_kids *kids)
{
	for (;;) {
		struct vtl_node *arg;
		vtl_skip_space(p);
		if (vtl_peek(p, 0) == ')')
			return close_paren(p);
		if (vtl_peek(p, 0) == ',') {
			p->pos++;
			vtl_skip_space(p);
		}
		arg = parse_argument(p);
		if (!arg)
			return false;
		vtl_kids_add(p, kids, arg);
	}
}

static struct vtl_node *parse_body(struct vtl_parser *p)
{
	enum stop stop;
	struct vtl_node *block = parse_block(p, &stop);

	if (block && stop != STOP_END)
		return vtl_parse_fail(p, "a directive without #end");
	return block;
}

static struct vtl_macro *find_macro(struct vtl_parser *p, struct slice name)
{
	for (struct vtl_macro *m = p->macros; m; m = m->next)
		if (sl_eq(m->name, name))
			return m;
	return NULL;
}

/* The first definition of a name stays. */
static struct vtl_node *define_macro(struct vtl_parser *p, struct vtl_node *n, const struct vtl_kids *args)
{
	struct vtl_macro *m = arena_alloc(p->arena, sizeof(*m));
	struct vtl_node *body;

	if (!args->n || args->v[0]->kind != VTL_N_WORD)
		return vtl_parse_fail(p, "#macro needs a name");
	m->name = args->v[0]->text;
	m->params = arena_alloc(p->arena, args->n * sizeof(*m->params));
	for (size_t i = 1; i < args->n; i++) {
		/* Anything passes as a parameter; only a reference can be used. */
		m->params[m->param_n++] = args->v[i]->kind == VTL_N_REF ? args->v[i]->text : S("");
	}
	body = parse_body(p);
	if (!body)
		return NULL;
	m->body = body;
	if (!find_macro(p, m->name)) {
		m->next = p->macros;
		p->macros = m;
	}
	n->kind = VTL_N_BLOCK;
	return n;
}

static bool arguments_are(struct vtl_parser *p, const struct vtl_kids *args, size_t min, size_t max)
{
	for (size_t i = 0; i < args->n; i++)
		if (args->v[i]->kind == VTL_N_WORD)
			vtl_parse_fail(p, "a bare word is no argument here");
	if (args->n < min || args->n > max)
		vtl_parse_fail(p, "wrong number of arguments of a directive");
	return !p->status;
}

static struct vtl_node *parse_foreach(struct vtl_parser *p, struct vtl_node *n, struct vtl_kids *args)
{
	struct vtl_kids kids = { 0 };
	struct vtl_node *body;

	if (args->n != 3 || args->v[0]->kind != VTL_N_REF || args->v[1]->kind != VTL_N_WORD || args->v[2]->kind == VTL_N_WORD)
		return vtl_parse_fail(p, "#foreach is ($variable in list)");
	body = parse_body(p);
	if (!body)
		return NULL;
	vtl_kids_add(p, &kids, args->v[0]);
	vtl_kids_add(p, &kids, args->v[2]);
	vtl_kids_add(p, &kids, body);
	n->kind = VTL_N_FOREACH;
	n->kids = kids.v;
	n->n = kids.n;
	return n;
}

static struct vtl_node *parse_define(struct vtl_parser *p, struct vtl_node *n, const struct vtl_kids *args)
{
	struct vtl_kids kids = { 0 };
	struct vtl_node *body;

	if (args->n != 1 || args->v[0]->kind != VTL_N_REF)
		return vtl_parse_fail(p, "#define needs a reference");
	body = parse_body(p);
	if (!body)
		return NULL;
	vtl_kids_add(p, &kids, body);
	n->kind = VTL_N_DEFINE;
	n->text = args->v[0]->text;
	n->kids = kids.v;
	n->n = kids.n;
	return n;
}

/* #literal prints its block unread, after having parsed it. */
static struct vtl_node *parse_literal(struct vtl_parser *p, struct vtl_node *n)
{
	struct vtl_node *body = parse_body(p);

	if (!body)
		return NULL;
	n->kind = VTL_N_TEXT;
	n->text = body->source;
	return n;
}

static const char *const directive_names[] = { "foreach", "include", "parse",	"macro", "literal",
					       "evaluate", "break",  "define", "stop" };

static bool is_directive(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(directive_names); i++)
		if (sl_eqs(name, directive_names[i]))
			return true;
	return false;
}

static struct vtl_node *finish_directive(struct vtl_parser *p, struct vtl_node *n, struct vtl_kids *args)
{
	struct slice name = n->text;
	bool loop = sl_eqs(name, "foreach"), macro = sl_eqs(name, "macro");

	if (loop)
		return parse_foreach(p, n, args);
	if (macro)
		return define_macro(p, n, args);
	if (sl_eqs(name, "define"))
		return parse_define(p, n, args);
	if (sl_eqs(name, "literal"))
		return parse_literal(p, n);
	n->kids = args->v;
	n->n = args->n;
	if (sl_eqs(name, "stop") || sl_eqs(name, "break")) {
		n->kind = sl_eqs(name, "stop") ? VTL_N_STOP : VTL_N_BREAK;
		return arguments_are(p, args, 0, 1) ? n : NULL;
	}
	if (sl_eqs(name, "evaluate")) {
		n->kind = VTL_N_EVALUATE;
		if (!arguments_are(p, args, 1, 1))
			return NULL;
		if (args->v[0]->kind != VTL_N_REF && args->v[0]->kind != VTL_N_STRING && args->v[0]->value.type != VTL_STRING)
			return vtl_parse_fail(p, "#evaluate takes a string or a reference");
		return n;
	}
	if (sl_eqs(name, "include") || sl_eqs(name, "parse")) {
		n->kind = VTL_N_INCLUDE;
		return n;
	}
	return n;
}

/* A call with a block: #@name(args) ... #end; the macro sees the block as $bodyContent. */
static struct vtl_node *parse_block_call(struct vtl_parser *p, struct vtl_node *n, struct vtl_kids *args)
{
	struct vtl_node *body = parse_body(p);

	if (!body)
		return NULL;
	vtl_kids_add(p, args, body);
	n->source.n = (size_t)(p->text.p + p->pos - n->source.p);
	n->text.p++;
	n->text.n--;
	n->has_body = true;
	n->kids = args->v;
	n->n = args->n;
	return n;
}

/* A pluggable directive or macro call, its name read. */
static struct vtl_node *parse_directive(struct vtl_parser *p, size_t start, struct slice name)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_CALL, start);
	struct vtl_kids args = { 0 };

	n->text = name;
	if (!open_paren(p)) {
		if (sl_eqs(name, "stop") || sl_eqs(name, "break"))
			return finish_directive(p, n, &args);
		if (is_directive(name))
			return vtl_parse_fail(p, "a directive without (");
		if (name.p[0] == '@') {
			n->kind = VTL_N_TEXT;
			n->text = arena_printf(p->arena, "#%.*s", SL(name));
		}
		vtl_node_end(p, n, p->pos, NULL);
		return n;
	}
	if (!parse_arguments(p, &args))
		return NULL;
	/* Not trimmed: an unknown macro prints as it stands, with the line end. */
	n->source.n = (size_t)(p->text.p + p->pos - n->source.p);
	if (is_directive(name))
		return finish_directive(p, n, &args);
	if (name.p[0] == '@')
		return parse_block_call(p, n, &args);
	n->kids = args.v;
	n->n = args.n;
	return n;
}

/* The word behind "#", bare or in braces; absent when there is none. p->pos moves behind it. */
static struct slice directive_name(struct vtl_parser *p)
{
	size_t back = p->pos;
	struct slice s;

	if (vtl_peek(p, 0) != '{')
		return vtl_parse_word(p);
	p->pos++;
	s = vtl_peek(p, 0) == '@' ? (struct slice){ 0 } : vtl_parse_word(p);
	if (s.p && vtl_peek(p, 0) == '}' && sl_chr(s, '@') <= 0) {
		p->pos++;
		return s;
	}
	p->pos = back;
	return (struct slice){ 0 };
}

/* ---- comments ---- */

/* At the end of the text the lexer is left inside a token that "$" or "#" began. */
static bool comment_ends(struct vtl_parser *p, size_t start)
{
	char last = p->text.p[p->text.n - 1];

	if (p->text.n > start && (last == '$' || last == '#'))
		vtl_parse_fail(p, "the template ends in $ or # of a comment");
	return !p->status;
}

static bool skip_line_comment(struct vtl_parser *p)
{
	size_t start = p->pos + 2;

	while (p->pos < p->text.n && vtl_peek(p, 0) != '\n' && vtl_peek(p, 0) != '\r')
		p->pos++;
	if (p->pos == p->text.n)
		return comment_ends(p, start);
	if (vtl_peek(p, 0) == '\r' && vtl_peek(p, 1) == '\n')
		p->pos++;
	p->pos++;
	return true;
}

/* At "#*"; one that isn't closed goes to the end. */
static bool skip_comment(struct vtl_parser *p)
{
	size_t start = p->pos + 2;
	struct slice rest = { p->text.p + start, p->text.n - start };
	ssize_t end = sl_find(rest, S("*#"));

	p->pos = end < 0 ? p->text.n : start + (size_t)end + 2;
	if (!rest.n)
		return vtl_parse_fail(p, "the template ends in #*");
	return end >= 0 || comment_ends(p, start);
}

static bool take_textblock(struct vtl_parser *p, struct stream *s)
{
	struct slice rest = { p->text.p + p->pos + 3, p->text.n - p->pos - 3 };
	ssize_t end = sl_find(rest, S("]]#"));

	if (end < 0) {
		vtl_parse_fail(p, "#[[ without ]]#");
		return false;
	}
	buf_add(&s->text, rest.p, (size_t)end);
	p->pos += 3 + (size_t)end + 3;
	return true;
}

/* ---- escapes and references in text ---- */

static bool is_word_of_grammar(struct slice name)
{
	return sl_eqs(name, "if") || sl_eqs(name, "else") || sl_eqs(name, "elseif") || sl_eqs(name, "end");
}

/* \\ before a directive: each pair is one backslash before #if, #else, #elseif, #end, a known directive or macro. */
static bool pairs_collapse(struct vtl_parser *p)
{
	size_t back = p->pos++;
	struct slice name = directive_name(p);
	bool known = name.p && (is_directive(name) || find_macro(p, name) || is_word_of_grammar(name));

	p->pos = back;
	return known;
}

/* At a run of backslashes that "#" or text follows. */
static void take_backslashes(struct vtl_parser *p, struct stream *s, size_t run)
{
	size_t start = p->pos, name_at = p->pos + run + 1;
	struct slice name = { 0 };
	bool known;

	if (vtl_peek(p, run) == '#') {
		p->pos = name_at;
		name = directive_name(p);
	}
	if (name.p && run % 2) {
		known = is_directive(name) || find_macro(p, name) || is_word_of_grammar(name) || sl_eqs(name, "set");
		buf_add(&s->text, p->text.p + start, known ? run / 2 : run);
		buf_add(&s->text, p->text.p + start + run, p->pos - start - run);
		return;
	}
	p->pos = start + run;
	for (size_t i = 0; i < run / 2; i++)
		buf_adds(&s->text, name.p && pairs_collapse(p) ? "\\" : "\\\\");
	if (run % 2)
		buf_addc(&s->text, '\\');
}

/* Backslashes, "$" and "!" in front of a name. Returns the position of the last "$", p->pos is behind all. */
static size_t take_dollars(struct vtl_parser *p)
{
	size_t dollar = p->pos;

	for (;;) {
		size_t i = 0, bang;
		while (vtl_peek(p, i) == '\\')
			i++;
		if (vtl_peek(p, i) != '$')
			return dollar;
		dollar = p->pos + i;
		/* "$[", "$![" and "$." are tokens of their own. */
		if (vtl_peek(p, i + 1) == '[' || vtl_peek(p, i + 1) == '.') {
			p->pos += i + 1;
			return dollar;
		}
		for (bang = i + 1; vtl_peek(p, bang) == '\\';)
			bang++;
		p->pos += vtl_peek(p, bang) == '!' ? bang + 1 : i + 1;
	}
}

/* Whether the "#" here begins what the grammar itself knows: #if, #set and so on, and comments. */
static bool is_grammar(struct vtl_parser *p)
{
	size_t back = p->pos++;
	struct slice name = directive_name(p);

	p->pos = back;
	return vtl_peek(p, 1) == '*' || set_length(p, 0) || is_word_of_grammar(name);
}

/* What is left of "$"s that begin no reference: Velocity drops everything but them and their backslashes, and them too
 * before a "#" of its grammar. */
static void keep_dollars(struct vtl_parser *p, struct stream *s, size_t start)
{
	if (vtl_peek(p, 0) == '#' && is_grammar(p))
		return;
	for (size_t i = start; i < p->pos; i++) {
		size_t j = i;
		if (p->text.p[i] == '#')
			buf_addc(&s->text, '#');
		while (j < p->pos && p->text.p[j] == '\\')
			j++;
		if (j < p->pos && p->text.p[j] == '$') {
			buf_add(&s->text, p->text.p + i, j + 1 - i);
			i = j;
		}
	}
}

static void split_prefix(struct vtl_parser *p, struct vtl_node *ref, size_t start, size_t dollar)
{
	size_t slashes = 0;

	while (start + slashes < dollar && p->text.p[start + slashes] == '\\')
		slashes++;
	ref->escaped = slashes % 2;
	ref->prefix = arena_printf(p->arena, "%.*s%.*s", (int)(slashes / 2), p->text.p + start,
				   (int)(dollar - start - slashes), p->text.p + start + slashes);
}

/* At "\"s and "$", or after a "#" that is part of the prefix (start is before p->pos). */
static bool take_reference(struct vtl_parser *p, struct stream *s, size_t start)
{
	size_t dollar = take_dollars(p);
	struct vtl_node *ref = vtl_parse_ref_body(p, dollar);

	if (p->status)
		return false;
	if (!ref) {
		char c = vtl_peek(p, 0);
		if (p->pos >= p->text.n) {
			vtl_parse_fail(p, "the template ends in $");
			return false;
		}
		bool bang = p->text.p[p->pos - 1] == '!';
		if (c == '{' || c == '[' || c == '}' || (c == '.' && !bang)) {
			buf_add(&s->text, p->text.p + start, p->pos + 1 - start);
			p->pos++;
			p->after_ref = c == '{';
		} else if (c != '.' || !vtl_is_letter(vtl_peek(p, 1))) {
			keep_dollars(p, s, start);
		}
		return true;
	}
	split_prefix(p, ref, start, dollar);
	add_node(p, s, ref);
	return true;
}

/* ---- the loop ---- */

static enum stop stop_of(struct slice name)
{
	return sl_eqs(name, "end") ? STOP_END : sl_eqs(name, "else") ? STOP_ELSE : sl_eqs(name, "elseif") ? STOP_ELSEIF : STOP_EOF;
}

/* At "#". Sets *stop to other than STOP_EOF when the block ends here. */
static bool take_hash(struct vtl_parser *p, struct stream *s, enum stop *stop)
{
	size_t start = p->pos, length = set_length(p, 0), slashes = 0;
	struct vtl_node *n;
	struct slice name;

	if (length)
		n = parse_set(p, length);
	else if (vtl_peek(p, 1) == '#') {
		return skip_line_comment(p);
	} else if (vtl_peek(p, 1) == '*') {
		return skip_comment(p);
	} else if (vtl_peek(p, 1) == '[' && vtl_peek(p, 2) == '[') {
		return take_textblock(p, s);
	} else {
		p->pos++;
		name = directive_name(p);
		if (!name.p) {
			if (p->pos == p->text.n) {
				vtl_parse_fail(p, "the template ends in #");
				return false;
			}
			while (vtl_peek(p, slashes) == '\\')
				slashes++;
			if (vtl_peek(p, slashes) == '$')
				return take_reference(p, s, start);
			buf_addc(&s->text, '#');
			return true;
		}
		*stop = stop_of(name);
		if (*stop != STOP_EOF) {
			if (*stop != STOP_ELSEIF)
				eat_line_end(p);
			return true;
		}
		n = sl_eqs(name, "if") ? parse_if(p, start) : parse_directive(p, start, name);
	}
	if (!n)
		return false;
	add_node(p, s, n);
	return true;
}

/* A name where a reference could go on: Velocity prints its first word and drops properties and methods. */
static bool take_bare_reference(struct vtl_parser *p, struct stream *s)
{
	struct vtl_node *ref = vtl_parse_ref_body(p, p->pos);

	if (ref)
		buf_addsl(&s->text, ref->text);
	return ref;
}

/* Behind a reference the lexer still looks for its continuation: "{name}" is taken for a reference without "$", of
 * which Velocity prints the brace alone. A #set behind a reference returns to that state, where "[" is an error. And
 * directly behind a property ## is no comment. */
static bool text_after_reference(struct vtl_parser *p, struct stream *s)
{
	bool after_set = p->after_set;
	size_t blank = 0;

	p->after_ref = p->after_set = false;
	if (p->after_property && vtl_peek(p, 0) == '#' && vtl_peek(p, 1) == '#') {
		buf_adds(&s->text, "##");
		p->pos += 2;
		return true;
	}
	if (after_set && vtl_peek(p, 0) == '[')
		return vtl_parse_fail(p, "[ directly behind #set behind a reference");
	if (after_set && (vtl_is_letter(vtl_peek(p, 0)) || vtl_peek(p, 0) == '_'))
		return take_bare_reference(p, s);
	while (vtl_peek(p, 0) == '{') {
		buf_addc(&s->text, '{');
		if (vtl_parse_ref_body(p, p->pos))
			return true;
		if (p->status)
			return false;
		p->pos++;
	}
	while (vtl_peek(p, blank) == ' ' || vtl_peek(p, blank) == '\t')
		blank++;
	if (set_length(p, blank))
		p->after_set = true;
	if (vtl_peek(p, 0) == '}') {
		buf_addc(&s->text, '}');
		p->pos++;
	}
	return true;
}

static bool take_text(struct vtl_parser *p, struct stream *s)
{
	size_t i = 0, run = 0;

	while (vtl_peek(p, i) == ' ' || vtl_peek(p, i) == '\t')
		i++;
	if (i && set_length(p, i)) {
		p->pos += i;
		return true;
	}
	for (i = p->pos; i < p->text.n && p->text.p[i] != '$' && p->text.p[i] != '#' && p->text.p[i] != '\\';)
		i++;
	buf_add(&s->text, p->text.p + p->pos, i - p->pos);
	p->pos = i;
	if (vtl_peek(p, 0) == '$')
		return take_reference(p, s, p->pos);
	if (vtl_peek(p, 0) != '\\')
		return true;
	while (vtl_peek(p, run) == '\\')
		run++;
	if (vtl_peek(p, run) == '$')
		return take_reference(p, s, p->pos);
	take_backslashes(p, s, run);
	return true;
}

static struct vtl_node *parse_block(struct vtl_parser *p, enum stop *stop)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_BLOCK, p->pos);
	struct stream s = { 0 };
	size_t end = p->pos;
	bool ok = vtl_parse_enter(p);

	buf_init(&s.text, 0);
	*stop = STOP_EOF;
	while (ok && *stop == STOP_EOF && p->pos < p->text.n) {
		end = p->pos;
		if (p->after_ref) {
			ok = text_after_reference(p, &s);
			continue;
		}
		ok = vtl_peek(p, 0) == '#' ? take_hash(p, &s, stop) : take_text(p, &s);
	}
	if (*stop == STOP_EOF)
		end = p->pos;
	flush_text(p, &s);
	buf_free(&s.text);
	if (!ok)
		return NULL;
	p->depth--;
	n->source.n = (size_t)(p->text.p + end - n->source.p);
	n->kids = s.kids.v;
	n->n = s.kids.n;
	return n;
}

static struct vtl_node *parse_all(struct vtl_parser *p)
{
	enum stop stop;
	struct vtl_node *n = parse_block(p, &stop);

	if (n && stop != STOP_EOF)
		return vtl_parse_fail(p, "#end, #else or #elseif without a beginning");
	return n;
}

struct vtl_node *vtl_parse_nested(struct vtl_parser *p, struct slice text)
{
	struct vtl_parser inner = { .arena = p->arena, .text = text, .depth = p->depth, .macros = p->macros, .err = p->err };
	struct vtl_node *n = parse_all(&inner);

	p->macros = inner.macros;
	if (!n)
		p->status = inner.status;
	return n;
}

int vtl_parse(struct arena *a, struct slice text, struct vtl_tree **out, struct error *err)
{
	struct vtl_parser p = { .arena = a, .err = err };
	struct vtl_tree *tree = arena_alloc(a, sizeof(*tree));

	if (text.n > VTL_TEMPLATE_MAX)
		return err_set(err, ERR_LIMIT, "the template has %zu bytes, more than %d", text.n, VTL_TEMPLATE_MAX);
	p.text = arena_dup(a, text);
	tree->root = parse_all(&p);
	tree->macros = p.macros;
	if (!tree->root)
		return p.status;
	*out = tree;
	return 0;
}
