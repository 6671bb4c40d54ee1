/* Statements: text, escapes, comments, directives. Velocity's lexer decides by longest match what white space a
 * directive takes with it; the rules, each seen on Velocity 1.7:
 *   - `)` of a directive, #else and #end take spaces, tabs and one line end behind them;
 *   - #set takes the spaces and tabs before it, if they follow another token (a reference, a directive, a line end
 *     taken by one) and not text;
 *   - ## takes its line end with it. */
#include "velocity/tree.h"

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
	p->status = err_set(p->err, ERR_INVALID, "%s at line %u, column %u", what, line, column);
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
	ARENA_GROW(p->arena, k->v, k->n, k->cap);
	k->v[k->n++] = n;
}

struct vtl_node *vtl_node_new(struct vtl_parser *p, enum vtl_kind kind, size_t start)
{
	struct vtl_node *n = arena_alloc(p->arena, sizeof(*n));
	n->kind = kind;
	n->source = sl_of(p->text.p + start, 0);
	return n;
}

struct vtl_node *vtl_node_end(struct vtl_parser *p, struct vtl_node *n, const struct vtl_kids *k)
{
	n->source.n = (size_t)(p->text.p + p->pos - n->source.p);
	n->source = sl_trim(n->source);
	if (k) {
		n->kids = k->v;
		n->n = k->n;
	}
	return n;
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
void vtl_eat_line_end(struct vtl_parser *p)
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
	if (end < 0)
		return vtl_parse_fail(p, "#[[ without ]]#");
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
	struct slice name = vtl_directive_name(p);
	bool known = name.p && (vtl_is_directive(name) || vtl_find_macro(p, name) || is_word_of_grammar(name));
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
		name = vtl_directive_name(p);
	}
	if (name.p && run % 2) {
		known = vtl_is_directive(name) || vtl_find_macro(p, name) || is_word_of_grammar(name) || sl_eqs(name, "set");
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
	struct slice name = vtl_directive_name(p);
	p->pos = back;
	return vtl_peek(p, 1) == '*' || set_length(p, 0) || is_word_of_grammar(name);
}

/* What is left of "$"s that begin no reference: Velocity drops everything but them and their backslashes, and them too
 * before a "#" of its grammar. */
static void keep_dollars(struct vtl_parser *p, struct stream *s, size_t start)
{
	size_t blank = 0;
	bool word = vtl_peek(p, 0) == '#' && vtl_is_letter(vtl_peek(p, 1));
	while (vtl_peek(p, blank) == ' ' || vtl_peek(p, blank) == '\t')
		blank++;
	if ((vtl_peek(p, 0) == '#' && is_grammar(p)) || set_length(p, blank))
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
	/* Before a comment the ! stays, and a directive of the library is text. */
	if (vtl_peek(p, 0) == '#' && vtl_peek(p, 1) == '#' && p->text.p[p->pos - 1] == '!')
		buf_addc(&s->text, '!');
	if (word)
		buf_addc(&s->text, p->text.p[p->pos++]);
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
		if (p->pos >= p->text.n)
			return vtl_parse_fail(p, "the template ends in $");
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

static enum vtl_end stop_of(struct slice name)
{
	return sl_eqs(name, "end") ? VTL_END_END : sl_eqs(name, "else") ? VTL_END_ELSE : sl_eqs(name, "elseif") ? VTL_END_ELSEIF : VTL_END_TEXT;
}

/* At "#". Sets *stop to other than VTL_END_TEXT when the block ends here. */
static bool take_hash(struct vtl_parser *p, struct stream *s, enum vtl_end *stop)
{
	size_t start = p->pos, length = set_length(p, 0), slashes = 0;
	struct vtl_node *n;
	struct slice name;
	if (length)
		n = vtl_parse_set(p, length);
	else if (vtl_peek(p, 1) == '#') {
		return skip_line_comment(p);
	} else if (vtl_peek(p, 1) == '*') {
		return skip_comment(p);
	} else if (vtl_peek(p, 1) == '[' && vtl_peek(p, 2) == '[') {
		return take_textblock(p, s);
	} else {
		p->pos++;
		name = vtl_directive_name(p);
		if (!name.p) {
			if (p->pos == p->text.n)
				return vtl_parse_fail(p, "the template ends in #");
			while (vtl_peek(p, slashes) == '\\')
				slashes++;
			if (vtl_peek(p, slashes) == '$')
				return take_reference(p, s, start);
			buf_addc(&s->text, '#');
			return true;
		}
		*stop = stop_of(name);
		if (*stop != VTL_END_TEXT) {
			if (*stop != VTL_END_ELSEIF)
				vtl_eat_line_end(p);
			return true;
		}
		n = sl_eqs(name, "if") ? vtl_parse_if(p, start) : vtl_parse_directive(p, start, name);
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

struct vtl_node *vtl_parse_block(struct vtl_parser *p, enum vtl_end *stop)
{
	struct vtl_node *n = vtl_node_new(p, VTL_N_BLOCK, p->pos);
	struct stream s = { 0 };
	size_t end = p->pos;
	bool ok = vtl_parse_enter(p);
	buf_init(&s.text, 0);
	*stop = VTL_END_TEXT;
	while (ok && *stop == VTL_END_TEXT && p->pos < p->text.n) {
		end = p->pos;
		if (p->after_ref) {
			ok = text_after_reference(p, &s);
			continue;
		}
		ok = vtl_peek(p, 0) == '#' ? take_hash(p, &s, stop) : take_text(p, &s);
	}
	if (*stop == VTL_END_TEXT)
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
	enum vtl_end stop;
	struct vtl_node *n = vtl_parse_block(p, &stop);
	if (n && stop != VTL_END_TEXT)
		return vtl_parse_fail(p, "#end, #else or #elseif without a beginning");
	return n;
}

struct vtl_node *vtl_parse_nested(struct vtl_parser *p, struct slice text)
{
	struct vtl_parser inner = { .arena = p->arena, .text = text, .depth = p->depth, .macros = p->macros, .macro_n = p->macro_n, .err = p->err,
				    .known = p->known, .names = p->names };
	struct vtl_node *n = parse_all(&inner);
	p->macros = inner.macros;
	p->macro_n = inner.macro_n;
	if (!n)
		p->status = inner.status;
	return n;
}

uint32_t vtl_slot_of(struct vtl_parser *p, struct slice name)
{
	const struct vtl_entry *e = p->known ? vtl_map_find(p->known, vtl_str(name)) : NULL;
	size_t next = (p->known ? p->known->n : 0) + p->names->n;
	if (!e)
		e = vtl_map_find(p->names, vtl_str(name));
	if (e)
		return (uint32_t)e->value.i;
	vtl_map_put(p->names, vtl_str(name), vtl_int((int64_t)next));
	return (uint32_t)next;
}

int vtl_parse(struct arena *a, struct slice text, size_t max, struct vtl_tree **out, struct error *err)
{
	static const char *const given[VTL_SLOT_FIRST] = {
		[VTL_SLOT_FOREACH] = "foreach", [VTL_SLOT_COUNT] = "velocityCount", [VTL_SLOT_MORE] = "velocityHasNext",
		[VTL_SLOT_INPUT] = "input",	[VTL_SLOT_UTIL] = "util",	    [VTL_SLOT_CONTEXT] = "context",
		[VTL_SLOT_STAGE] = "stageVariables",
	};
	struct vtl_map *names = vtl_map_new(a);
	for (int i = 0; i < VTL_SLOT_FIRST; i++)
		vtl_map_put(names, vtl_str(sl(given[i])), vtl_int(i));
	return vtl_parse_inside(a, text, max, NULL, names, out, err);
}

int vtl_parse_inside(struct arena *a, struct slice text, size_t max, const struct vtl_map *known, struct vtl_map *names,
		     struct vtl_tree **out, struct error *err)
{
	struct vtl_parser p = { .arena = a, .err = err, .known = known, .names = names };
	struct vtl_tree *tree = arena_alloc(a, sizeof(*tree));
	if (text.n > max)
		return err_set(err, ERR_LIMIT, "the template has %zu bytes, more than %zu", text.n, max);
	p.text = arena_dup(a, text);
	tree->root = parse_all(&p);
	tree->macros = p.macros;
	tree->names = names;
	tree->max = max;
	tree->uses_context = sl_find(p.text, S("context")) >= 0 || sl_find(p.text, S("evaluate")) >= 0;
	tree->counts = sl_find(p.text, S("velocity")) >= 0 || sl_find(p.text, S("evaluate")) >= 0;
	if (!tree->root)
		return p.status;
	*out = tree;
	return 0;
}

bool vtl_uses_context(const struct vtl_tree *tree)
{
	return tree->uses_context;
}
