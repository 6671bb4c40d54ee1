/* A dataset's rules -> struct clean_rules. The grammar: tarn help datasets. */
#include "cleaning/cleaning.h"

enum token_kind { T_END, T_WORD, T_TEXT, T_MARK, T_BAD };
struct token {
	enum token_kind kind;
	struct slice s;
};

struct parser {
	struct arena *a;
	const struct dataset *t;
	struct clean_rules *out;
	struct error *err;
	const char *name;
	int line, choice, variant; /* choice, variant: that the line stands in; -1: none */
	struct slice rest;         /* of the line */
	struct token next;
};

/* ---- words ---- */

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*';
}

static struct slice skip(struct slice s, size_t n)
{
	return sl_from(s, n);
}

/* 'it''s' -> it's. rest stands behind the opening quote. */
static struct token quoted(struct parser *p)
{
	char *out = arena_alloc(p->a, p->rest.n + 1);
	size_t n = 0;
	while (p->rest.n) {
		bool quote = p->rest.p[0] == '\'';
		if (quote && (p->rest.n < 2 || p->rest.p[1] != '\'')) {
			p->rest = skip(p->rest, 1);
			return (struct token){ T_TEXT, sl_of(out, n) };
		}
		out[n++] = p->rest.p[0];
		p->rest = skip(p->rest, quote ? 2 : 1);
	}
	return (struct token){ T_BAD, S("a text without its closing quote") };
}

static void advance(struct parser *p)
{
	size_t n = 0;
	p->rest = sl_trim(p->rest);
	if (!p->rest.n || p->rest.p[0] == '#') {
		p->next = (struct token){ T_END, S("the end of the line") };
	} else if (p->rest.p[0] == '\'') {
		p->rest = skip(p->rest, 1);
		p->next = quoted(p);
	} else if (sl_starts(p->rest, S("->"))) {
		p->next = (struct token){ T_MARK, sl_of(p->rest.p, 2) };
		p->rest = skip(p->rest, 2);
	} else {
		while (n < p->rest.n && word_char(p->rest.p[n]))
			n++;
		p->next = (struct token){ n ? T_WORD : T_MARK, sl_of(p->rest.p, n ? n : 1) };
		p->rest = skip(p->rest, n ? n : 1);
	}
}

static int wrong(struct parser *p, const char *wanted)
{
	if (p->next.kind == T_BAD)
		return err_set(p->err, ERR_INVALID, "%s:%d: %.*s", p->name, p->line, SL(p->next.s));
	return err_set(p->err, ERR_INVALID, "%s:%d: %s is wanted here, not %.*s", p->name, p->line, wanted, SL(p->next.s));
}

static bool take(struct parser *p, enum token_kind kind, const char *s)
{
	if (p->next.kind != kind || !sl_eqs(p->next.s, s))
		return false;
	advance(p);
	return true;
}

static bool take_word(struct parser *p, const char *s)
{
	return take(p, T_WORD, s);
}

static int need_word(struct parser *p, const char *s)
{
	char wanted[32];
	snprintf(wanted, sizeof(wanted), "\"%s\"", s);
	return take_word(p, s) ? 0 : wrong(p, wanted);
}

static int need_mark(struct parser *p, const char *s)
{
	return take(p, T_MARK, s) ? 0 : wrong(p, s);
}

static int any_word(struct parser *p, struct slice *out, const char *wanted)
{
	if (p->next.kind != T_WORD)
		return wrong(p, wanted);
	*out = p->next.s;
	advance(p);
	return 0;
}

static int any_text(struct parser *p, struct slice *out)
{
	if (p->next.kind != T_TEXT)
		return wrong(p, "a text in quotes");
	*out = p->next.s;
	advance(p);
	return 0;
}

/* A text that is looked for; an empty one would be found everywhere. */
static int some_text(struct parser *p, struct slice *out)
{
	if (p->next.kind == T_TEXT && !p->next.s.n)
		return err_set(p->err, ERR_INVALID, "%s:%d: the text is empty", p->name, p->line);
	return any_text(p, out);
}

static int any_column(struct parser *p, int *out)
{
	struct slice name;
	int rc = any_word(p, &name, "a column");
	if (rc)
		return rc;
	*out = dataset_column(p->t, name);
	return *out >= 0 ? 0 : err_set(p->err, ERR_INVALID, "%s:%d: the table %s has no column %.*s", p->name, p->line,
				       p->t->table, SL(name));
}

/* ---- what a rule does ---- */

static int null_if(struct parser *p, struct clean_rule *r)
{
	int rc = need_word(p, "if");
	if (!rc)
		rc = any_text(p, &r->arg);
	if (!rc && take_word(p, "at")) {
		r->action = CLEAN_NULL_IF_AT_START;
		rc = need_word(p, "start");
	}
	return rc;
}

static int replace(struct parser *p, struct clean_rule *r)
{
	int rc = some_text(p, &r->arg);
	if (!rc)
		rc = need_word(p, "with");
	return rc ? rc : any_text(p, &r->with);
}

static int strip(struct parser *p, struct clean_rule *r)
{
	int rc = some_text(p, &r->arg);
	if (!rc)
		rc = need_word(p, "at");
	return rc ? rc : need_word(p, "start");
}

static int keep(struct parser *p, struct clean_rule *r)
{
	if (take_word(p, "digits")) {
		r->action = CLEAN_KEEP_DIGITS;
		return 0;
	}
	int rc = need_word(p, "from");
	return rc ? rc : some_text(p, &r->arg);
}

static int default_text(struct parser *p, struct clean_rule *r)
{
	return any_text(p, &r->arg);
}

static int cast(struct parser *p, struct clean_rule *r)
{
	static const struct {
		const char *word;
		enum clean_action action;
	} types[] = { { "integer", CLEAN_TO_INT }, { "number", CLEAN_TO_REAL }, { "boolean", CLEAN_TO_BOOL },
		    { "timestamp", CLEAN_TO_TIMESTAMP }, { "date", CLEAN_TO_DATE } };
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (take_word(p, types[i].word)) {
			r->action = types[i].action;
			return 0;
		}
	return wrong(p, "integer, number, boolean, timestamp or date");
}

static int pair(struct parser *p, struct clean_rule *r)
{
	int rc = need_word(p, "of");
	if (!rc)
		rc = any_column(p, &r->a);
	if (!rc)
		rc = need_mark(p, ",");
	return rc ? rc : any_column(p, &r->b);
}

static int joined(struct parser *p, struct clean_rule *r)
{
	int rc = any_column(p, &r->a);
	if (!rc)
		rc = need_mark(p, ",");
	if (!rc)
		rc = any_text(p, &r->arg);
	if (!rc)
		rc = need_mark(p, ",");
	if (!rc)
		rc = any_column(p, &r->b);
	if (!rc && take_word(p, "skipping")) {
		r->action = CLEAN_JOIN_SKIP;
		rc = need_word(p, "nulls");
	}
	return rc;
}

static int year(struct parser *p, struct clean_rule *r)
{
	int rc = need_word(p, "of");
	return rc ? rc : any_column(p, &r->a);
}

static int distinct(struct parser *p, struct clean_rule *r)
{
	if (!take_word(p, "by"))
		return 0;
	r->action = CLEAN_DISTINCT_BY;
	int rc = any_column(p, &r->a);
	if (!rc && (size_t)r->a >= p->t->out_n)
		return err_set(p->err, ERR_INVALID, "%s:%d: %s is no column of the table", p->name, p->line,
			       p->t->columns[r->a].name);
	return rc;
}

static int without(struct parser *p, struct clean_rule *r)
{
	return need_word(p, "nulls");
}

static const struct verb {
	const char *word;
	bool rows; /* about whole rows */
	enum clean_action action;
	int (*read)(struct parser *p, struct clean_rule *r);
} verbs[] = {
	{ "null", false, CLEAN_NULL_IF, null_if },
	{ "replace", false, CLEAN_REPLACE, replace },
	{ "remove", false, CLEAN_STRIP, strip },
	{ "keep", false, CLEAN_KEEP_FROM, keep },
	{ "default", false, CLEAN_DEFAULT, default_text },
	{ "to", false, CLEAN_TO_INT, cast },
	{ "array", false, CLEAN_ARRAY, pair },
	{ "struct", false, CLEAN_STRUCT, pair },
	{ "join", false, CLEAN_JOIN, joined },
	{ "year", false, CLEAN_YEAR, year },
	{ "distinct", true, CLEAN_DISTINCT, distinct },
	{ "without", true, CLEAN_NOT_NULL, without },
};

static int add_rule(struct parser *p, struct clean_rule *r)
{
	int rc;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		if (verbs[i].rows != (r->column == CLEAN_ROWS) || !take_word(p, verbs[i].word))
			continue;
		r->action = verbs[i].action;
		if ((rc = verbs[i].read(p, r)))
			return rc;
		if (p->out->rule_n == CLEAN_RULES_MAX)
			return err_set(p->err, ERR_INVALID, "%s:%d: more than %d rules", p->name, p->line, CLEAN_RULES_MAX);
		p->out->rules[p->out->rule_n++] = *r;
		return 0;
	}
	return wrong(p, r->column == CLEAN_ROWS ? "distinct or without nulls"
					       : "null if, replace, remove, keep, default, to, array, struct, join or year");
}

static int rule(struct parser *p, struct slice first)
{
	struct clean_rule r = { .choice = p->choice, .variant = p->variant };
	int rc = need_mark(p, ":");
	if (rc)
		return rc;
	if (p->choice >= 0 && p->variant < 0)
		return err_set(p->err, ERR_INVALID, "%s:%d: a choice opens with a variant", p->name, p->line);
	bool named = !sl_eqs(first, "*") && !sl_eqs(first, "rows");
	r.column = named ? dataset_column(p->t, first) : sl_eqs(first, "*") ? CLEAN_EVERY : CLEAN_ROWS;
	if (named && r.column < 0)
		return err_set(p->err, ERR_INVALID, "%s:%d: the table %s has no column %.*s", p->name, p->line, p->t->table,
			       SL(first));
	return add_rule(p, &r);
}

/* ---- the other lines ---- */

static int rename_keys(struct parser *p)
{
	struct slice keys[CLEAN_ALIASES_MAX];
	size_t n = 0;
	int column, rc;
	do {
		if (n == CLEAN_ALIASES_MAX)
			return err_set(p->err, ERR_INVALID, "%s:%d: more than %d keys", p->name, p->line, CLEAN_ALIASES_MAX);
		if ((rc = any_word(p, &keys[n++], "a key")))
			return rc;
	} while (take(p, T_MARK, ","));
	if ((rc = need_mark(p, "->")) || (rc = any_column(p, &column)))
		return rc;
	if (p->out->alias[column][0].p)
		return err_set(p->err, ERR_INVALID, "%s:%d: %s has other keys already", p->name, p->line, p->t->columns[column].name);
	for (size_t i = 0; i < n; i++)
		p->out->alias[column][i] = arena_dup(p->a, keys[i]);
	return 0;
}

/* ": words" to the end of the line. */
static int words(struct parser *p, struct slice *out)
{
	if (p->next.kind != T_MARK || !sl_eqs(p->next.s, ":"))
		return wrong(p, ":");
	*out = arena_dup(p->a, sl_trim(p->rest));
	p->rest = S("");
	advance(p);
	return 0;
}

static int choice(struct parser *p)
{
	struct slice name;
	int rc = any_word(p, &name, "the choice's name");
	if (rc)
		return rc;
	if (p->choice >= 0)
		return err_set(p->err, ERR_INVALID, "%s:%d: the choice %.*s has no end", p->name, p->line,
			       SL(p->out->choices[p->choice].name));
	for (size_t i = 0; i < p->out->choice_n; i++)
		if (sl_eq(p->out->choices[i].name, name))
			return err_set(p->err, ERR_INVALID, "%s:%d: a second choice %.*s", p->name, p->line, SL(name));
	if (p->out->choice_n == CLEAN_CHOICES_MAX)
		return err_set(p->err, ERR_INVALID, "%s:%d: more than %d choices", p->name, p->line, CLEAN_CHOICES_MAX);
	p->choice = (int)p->out->choice_n++;
	p->variant = -1;
	p->out->choices[p->choice].name = arena_dup(p->a, name);
	return words(p, &p->out->choices[p->choice].words);
}

static int variant(struct parser *p)
{
	struct slice name;
	if (p->choice < 0)
		return err_set(p->err, ERR_INVALID, "%s:%d: a variant outside a choice", p->name, p->line);
	struct clean_choice *c = &p->out->choices[p->choice];
	int rc = any_word(p, &name, "the variant's name");
	if (rc)
		return rc;
	for (size_t i = 0; i < c->variant_n; i++)
		if (sl_eq(c->variants[i].name, name))
			return err_set(p->err, ERR_INVALID, "%s:%d: a second variant %.*s", p->name, p->line, SL(name));
	if (c->variant_n == CLEAN_VARIANTS_MAX)
		return err_set(p->err, ERR_INVALID, "%s:%d: more than %d variants", p->name, p->line, CLEAN_VARIANTS_MAX);
	p->variant = (int)c->variant_n++;
	c->variants[p->variant].name = arena_dup(p->a, name);
	return words(p, &c->variants[p->variant].words);
}

static int end(struct parser *p)
{
	if (p->choice < 0)
		return err_set(p->err, ERR_INVALID, "%s:%d: an end without its choice", p->name, p->line);
	if (!p->out->choices[p->choice].variant_n)
		return err_set(p->err, ERR_INVALID, "%s:%d: a choice without variants", p->name, p->line);
	p->choice = p->variant = -1;
	return 0;
}

static const struct {
	const char *word;
	int (*read)(struct parser *p);
} lines[] = {
	{ "rename", rename_keys }, { "choice", choice }, { "variant", variant }, { "end", end },
};

static int statement(struct parser *p)
{
	struct slice first;
	int rc;
	advance(p);
	if (p->next.kind == T_END)
		return 0;
	if ((rc = any_word(p, &first, "a column, or rename, choice, variant or end")))
		return rc;
	bool known = false;
	for (size_t i = 0; i < ARRAY_LEN(lines) && !known; i++)
		if ((known = sl_eqs(first, lines[i].word)))
			rc = lines[i].read(p);
	if (!known)
		rc = rule(p, first);
	return rc || p->next.kind == T_END ? rc : wrong(p, "the end of the line");
}

int clean_rules_parse(struct arena *a, const struct dataset *d, struct clean_rules *out, struct error *err)
{
	struct clean_rules made = { .set = d };
	struct parser p = { a, d, &made, err, d->file, .line = d->rules.line, .choice = -1, .variant = -1 };
	struct slice rest = d->rules.text;
	int rc;
	for (; rest.p; p.line++) {
		sl_cut(rest, '\n', &p.rest, &rest);
		if ((rc = statement(&p)))
			return rc;
	}
	if (p.choice >= 0)
		return err_set(err, ERR_INVALID, "%s: the choice %.*s has no end", d->file, SL(made.choices[p.choice].name));
	*out = made;
	return 0;
}

/* ---- all of a stack ---- */

int cleaning_open(struct cleaning *c, struct arena *a, const struct stack_files *files, const struct conf *conf, struct error *err)
{
	const char *key, *value;
	struct slice choice;
	int rc = datasets_open(a, files, conf, &c->sets, err);
	if (rc)
		return rc;
	c->rules = arena_alloc(a, (c->sets.n + 1) * sizeof(*c->rules));
	for (size_t i = 0; !rc && i < c->sets.n; i++)
		rc = clean_rules_parse(a, &c->sets.at[i], &c->rules[i], err);
	for (size_t i = 0; !rc && conf_at(conf, "lake", i, &key, &value); i++)
		if (sl_after(sl(key), S("variant."), &choice))
			rc = clean_rules_choose(c->rules, c->sets.n, choice, sl(value), err);
	return rc;
}

struct clean_rules *clean_rules_copy(const struct cleaning *c)
{
	struct clean_rules *all = xmalloc((c->sets.n + 1) * sizeof(*all));
	memcpy(all, c->rules, c->sets.n * sizeof(*all));
	return all;
}

/* ---- choices ---- */

static void names(struct buf *b, struct slice name)
{
	if (!b->n || sl_find(buf_slice(b), name) < 0) {
		buf_adds(b, b->n ? ", " : "");
		buf_addsl(b, name);
	}
}

static int no_choice(const struct clean_rules *all, size_t n, struct slice name, struct error *err)
{
	struct buf b = { 0 };
	for (size_t set = 0; set < n; set++)
		for (size_t i = 0; i < all[set].choice_n; i++)
			names(&b, all[set].choices[i].name);
	int rc = err_set(err, ERR_INVALID, "the rules leave no choice %.*s; there is %s", SL(name), b.n ? buf_cstr(&b) : "none");
	buf_free(&b);
	return rc;
}

static int no_variant(const struct clean_choice *c, struct slice name, struct error *err)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < c->variant_n; i++)
		names(&b, c->variants[i].name);
	int rc = err_set(err, ERR_INVALID, "%.*s has no variant %.*s; there is %s", SL(c->name), SL(name), buf_cstr(&b));
	buf_free(&b);
	return rc;
}

static const struct clean_choice *find_choice(struct clean_rules *r, struct slice name, int **chosen)
{
	struct slice table, rest;
	if (sl_cut(name, '.', &table, &rest)) {
		if (!sl_eqs(table, r->set->name) && !sl_eqs(table, r->set->table))
			return NULL;
		name = rest;
	}
	for (size_t i = 0; i < r->choice_n; i++)
		if (sl_eq(r->choices[i].name, name)) {
			*chosen = &r->chosen[i];
			return &r->choices[i];
		}
	return NULL;
}

int clean_rules_choose(struct clean_rules *all, size_t n, struct slice name, struct slice wanted, struct error *err)
{
	const struct clean_choice *c, *any = NULL;
	bool found = false;
	int *chosen = NULL;
	for (size_t set = 0; set < n; set++) {
		if (!(c = find_choice(&all[set], name, &chosen)))
			continue;
		any = c;
		for (size_t i = 0; i < c->variant_n; i++)
			if (sl_eq(c->variants[i].name, wanted)) {
				*chosen = (int)i;
				found = true;
			}
	}
	return found ? 0 : any ? no_variant(any, wanted, err) : no_choice(all, n, name, err);
}

bool clean_rule_on(const struct clean_rules *r, const struct clean_rule *rule)
{
	return rule->choice < 0 || r->chosen[rule->choice] == rule->variant;
}

/* ---- words ---- */

const char *clean_rule_column(const struct clean_rules *r, const struct clean_rule *rule)
{
	return rule->column == CLEAN_ROWS ? "rows" : rule->column == CLEAN_EVERY ? "*" : r->set->columns[rule->column].name;
}

struct slice clean_rule_words(struct arena *a, const struct clean_rules *rules, const struct clean_rule *r)
{
	const struct clean_column *c = rules->set->columns;
	switch (r->action) {
	case CLEAN_NULL_IF:
		return arena_printf(a, "'%.*s' -> null", SL(r->arg));
	case CLEAN_NULL_IF_AT_START:
		return arena_printf(a, "'%.*s...' -> null", SL(r->arg));
	case CLEAN_REPLACE:
		return arena_printf(a, "%.*s -> %.*s", SL(r->arg), SL(r->with));
	case CLEAN_STRIP:
		return arena_printf(a, "without '%.*s'", SL(r->arg));
	case CLEAN_KEEP_FROM:
		return arena_printf(a, "from '%.*s' on", SL(r->arg));
	case CLEAN_KEEP_DIGITS:
		return S("digits only");
	case CLEAN_DEFAULT:
		return arena_printf(a, "null -> '%.*s'", SL(r->arg));
	case CLEAN_TO_INT:
		return S("not an integer -> null");
	case CLEAN_TO_REAL:
		return S("not a number -> null");
	case CLEAN_TO_BOOL:
		return S("not a boolean -> null");
	case CLEAN_TO_TIMESTAMP:
		return S("not a timestamp -> null");
	case CLEAN_TO_DATE:
		return S("not a date -> null");
	case CLEAN_ARRAY:
		return arena_printf(a, "[%s, %s]", c[r->a].name, c[r->b].name);
	case CLEAN_STRUCT:
		return arena_printf(a, "{%s, %s}", c[r->a].name, c[r->b].name);
	case CLEAN_JOIN:
	case CLEAN_JOIN_SKIP:
		return arena_printf(a, "%s + '%.*s' + %s", c[r->a].name, SL(r->arg), c[r->b].name);
	case CLEAN_YEAR:
		return arena_printf(a, "year of %s", c[r->a].name);
	case CLEAN_NOT_NULL:
		return S("with a null: dropped");
	case CLEAN_DISTINCT:
		return S("repeated: dropped");
	case CLEAN_DISTINCT_BY:
		return arena_printf(a, "%s repeated: dropped", c[r->a].name);
	}
	abort();
}
