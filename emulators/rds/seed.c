/* The grammar of a dataset's source, and the tables it gives. */
#include "rds/seed.h"

#include "cleaning/dataset.h"
#include "core/clock.h"
#include "core/fault.h"
#include "rds/seed_make.h"

struct parser {
	struct seed *g;
	const char *file;
	struct seed_source *s;
	struct error *err;
	int line;
	struct slice rest; /* of the line */
	enum { T_END, T_WORD, T_TEXT, T_COLON } kind;
	struct slice next;
	struct seed_ways *ways; /* of the column or case that the line is about */
};

/* ---- the words of a line ---- */

static int wrong(struct parser *p, const char *wanted)
{
	return err_set(p->err, ERR_INVALID, "%s:%d: %s is wanted here, not %.*s", p->file, p->line, wanted,
		       SL(p->kind == T_END ? S("the end of the line") : p->next));
}

/* 'it''s' -> it's. Returns the bytes eaten; a text without its closing quote is a word. */
static size_t quoted(struct parser *p)
{
	char *to = arena_alloc(&p->g->kept, p->rest.n);
	size_t n = 0, i = 1;
	for (; i < p->rest.n; i++) {
		bool quote = p->rest.p[i] == '\'';
		if (quote && (i + 1 == p->rest.n || p->rest.p[i + 1] != '\'')) {
			p->kind = T_TEXT;
			p->next = sl_of(to, n);
			return i + 1;
		}
		i += quote;
		to[n++] = p->rest.p[i];
	}
	p->next = p->rest;
	return i;
}

static void advance(struct parser *p)
{
	size_t n = 0;
	p->rest = sl_trim(p->rest);
	p->kind = !p->rest.n || p->rest.p[0] == '#' ? T_END : p->rest.p[0] == ':' ? T_COLON : T_WORD;
	if (p->kind == T_END)
		return;
	if (p->rest.p[0] == '\'') {
		n = quoted(p);
	} else {
		while (n < p->rest.n && !memchr(" \t'", p->rest.p[n], 3))
			n++;
		n -= n > 1 && p->rest.p[n - 1] == ':';
		p->next = sl_of(p->rest.p, n);
	}
	p->rest = sl_from(p->rest, n);
}

static bool take(struct parser *p, const char *word)
{
	if (p->kind != T_WORD || !sl_eqs(p->next, word))
		return false;
	advance(p);
	return true;
}

/* "-12.5" with 2 digits behind the point -> -1250 */
static bool decimal(struct slice s, int digits, int64_t *out)
{
	struct slice whole, part;
	bool minus = sl_starts(s, S("-"));
	int64_t n, fraction = 0;
	if (!sl_cut(s, '.', &whole, &part))
		part = S("");
	else if ((int)part.n > digits || !sl_int(part, 0, INT32_MAX, &fraction))
		return false;
	if (digits > 6 || !sl_int(whole, INT32_MIN, INT32_MAX, &n))
		return false;
	for (int i = 0; i < digits; i++) {
		n *= 10;
		fraction *= i < (int)part.n ? 1 : 10;
	}
	*out = n + (minus ? -fraction : fraction);
	return true;
}

static int take_number(struct parser *p, int digits, int64_t lo, int64_t hi, int64_t *out)
{
	int64_t n;
	if (p->kind != T_WORD || !decimal(p->next, digits, &n) || n < lo || n > hi)
		return wrong(p, "a number");
	*out = n;
	advance(p);
	return 0;
}

/* ---- where chance is drawn ---- */

static struct seed_site site_of(struct parser *p, const struct seed_entity *of)
{
	uint64_t rows = p->s ? faults_hash(p->g->seed, sl(p->s->table.name), 0) : 0;
	return (struct seed_site){ faults_hash(of ? of->site : rows, p->ways->name, 0), of };
}

static int take_of(struct parser *p, struct seed_term *t)
{
	for (struct seed_entity *e = p->g->entities; e < p->g->entities + p->g->entity_n; e++)
		if (p->kind == T_WORD && sl_eq(e->name, p->next)) {
			t->at = site_of(p, e);
			advance(p);
			return 0;
		}
	return wrong(p, "an entity of [entities] in stack.conf");
}

static int take_lean(struct parser *p, struct seed_term *t)
{
	if (p->kind != T_WORD || !decimal(p->next, 1, &t->lean)) {
		t->lean = 20;
		return 0;
	}
	return t->lean % 5 ? wrong(p, "a power in halves") : take_number(p, 1, 10, 90, &t->lean);
}

/* ---- conditions ---- */

static int atom(struct parser *p, struct seed_atom *a)
{
	enum { ALL = 100 * 1000 }; /* thousandths of a percent */
	struct seed_term t;
	int64_t share;
	*a = (struct seed_atom){ .kind = IF_ROW };
	if (take(p, "row"))
		return take_number(p, 0, 0, INT32_MAX, &a->n);
	a->kind = IF_CASE;
	for (; p->kind == T_WORD && (size_t)a->n < p->s->case_n; a->n++)
		if (sl_eq(p->s->cases[a->n].name, p->next)) {
			advance(p);
			return 0;
		}
	a->kind = IF_SHARE;
	if (p->kind != T_WORD || !sl_ends(p->next, S("%")) || !decimal(sl_of(p->next.p, p->next.n - 1), 3, &share) || share < 1)
		return wrong(p, "a share (8.3%), row N or a case above");
	a->from = p->ways->shared;
	a->below = p->ways->shared += (uint64_t)share * (1ULL << 32) / ALL;
	if (a->below > 1ULL << 32)
		return wrong(p, "no more than 100% for all shares together");
	advance(p);
	t.at = site_of(p, NULL);
	int rc = take(p, "of") ? take_of(p, &t) : 0;
	a->at = t.at;
	return rc;
}

static int condition(struct parser *p, struct seed_way *w)
{
	int rc;
	do {
		ARENA_GROW(&p->g->kept, w->when, w->when_n, w->when_cap);
		rc = atom(p, &w->when[w->when_n++]);
	} while (!rc && take(p, "or"));
	return rc;
}

/* ---- how a value is made ---- */

static const struct seed_column *column_of(const struct parser *p)
{
	return &p->s->table.columns[p->ways - p->s->ways];
}

static int digits_of(struct slice s)
{
	ssize_t at = sl_chr(s, '.');
	return at < 0 ? 0 : (int)(s.n - (size_t)at) - 1;
}

static int number_term(struct parser *p, struct seed_term *t)
{
	struct slice lo, hi;
	bool range = p->kind == T_WORD && seed_range(p->next, &lo, &hi);
	if (range)
		t->digits = column_of(p)->type == 'f' ? 6 : digits_of(lo) > digits_of(hi) ? digits_of(lo) : digits_of(hi);
	if (!range || !decimal(lo, t->digits, &t->lo) || !decimal(hi, t->digits, &t->hi) || t->hi < t->lo || t->hi - t->lo > INT32_MAX)
		return wrong(p, "a range (1..10)");
	advance(p);
	return 0;
}

static bool day_of(struct slice s, int64_t *out)
{
	char text[32] = "";
	if (s.n != strlen("YYYY-MM-DD"))
		return false;
	memcpy(text, s.p, s.n);
	memcpy(text + s.n, "T00:00:00Z", sizeof("T00:00:00Z"));
	bool day = clock_parse_iso(sl(text), out);
	*out /= 1000;
	return day;
}

static int time_term(struct parser *p, struct seed_term *t)
{
	struct slice lo, hi;
	if (p->kind != T_WORD || !seed_range(p->next, &lo, &hi) || !day_of(lo, &t->lo) || !day_of(hi, &t->hi) || t->hi < t->lo ||
	    t->hi - t->lo > INT32_MAX)
		return wrong(p, "a range of days (2024-01-01..2024-12-31)");
	t->hi += 86399;
	advance(p);
	return 0;
}

static int list_term(struct parser *p, struct seed_term *t)
{
	t->list = p->kind == T_WORD ? seed_list_named(p->g, p->next) : NULL;
	if (!t->list)
		return wrong(p, "a list of words below seed/");
	const struct seed_word *bad = seed_list_cut(p->g, t->list);
	if (bad)
		return err_set(p->err, ERR_INVALID, "%s:%d: of %.*s nothing fills the holes of \"%.*s\"", p->file, p->line, SL(p->next), SL(bad->text));
	t->times = 1;
	t->text = S(" ");
	advance(p);
	return 0;
}

static int take_from(struct parser *p, struct seed_term *t)
{
	return take_number(p, 0, 0, INT32_MAX, &t->lo);
}

static int take_between(struct parser *p, struct seed_term *t)
{
	if (p->kind != T_TEXT)
		return wrong(p, "a text in quotes");
	t->text = p->next;
	advance(p);
	return 0;
}

static int take_times(struct parser *p, struct seed_term *t)
{
	return take_number(p, 0, 1, 12, &t->times);
}

static int take_fill(struct parser *p, struct seed_term *t)
{
	return take_number(p, 0, 1, 10000, &t->fill);
}

static int take_cut(struct parser *p, struct seed_term *t)
{
	return take_number(p, 0, 1, 10000, &t->cut);
}

struct word {
	const char *word;
	int kind; /* enum seed_kind */
	int (*read)(struct parser *p, struct seed_term *t); /* NULL: nothing follows */
};
static const struct word makers[] = {
	{ "null", MAKE_NULL, NULL },      { "row", MAKE_ROW, NULL },           { "uuid", MAKE_UUID, NULL },
	{ "hash", MAKE_HASH, NULL },      { "word", MAKE_WORD, list_term },    { "share", MAKE_SHARE, list_term },
	{ "time", MAKE_TIME, time_term }, { "number", MAKE_NUMBER, number_term },
};
/* Of these after a term; with a kind, after one of it alone. */
static const struct word options[] = {
	{ "of", 0, take_of },
	{ "leaning", 0, take_lean },
	{ "from", MAKE_ROW, take_from },
	{ "times", MAKE_WORD, take_times },
	{ "filling", MAKE_WORD, take_fill },
	{ "with", MAKE_WORD, take_between },
	{ "cut", MAKE_WORD, take_cut },
};

static int term(struct parser *p, struct seed_term *t)
{
	int rc = 0;
	*t = (struct seed_term){ .at = site_of(p, NULL), .lean = 10, .text = p->next, .column = SEED_COLUMNS_MAX };
	if (p->kind == T_TEXT) {
		advance(p);
		return 0;
	}
	if (p->kind != T_WORD)
		return wrong(p, "a way to make the value");
	for (size_t i = 0; i < ARRAY_LEN(makers) && !t->kind; i++)
		if (take(p, makers[i].word)) {
			t->kind = (enum seed_kind)makers[i].kind;
			rc = makers[i].read ? makers[i].read(p, t) : 0;
		}
	if (!t->kind) { /* a column, found when all are there */
		t->kind = MAKE_COLUMN;
		p->ways->refers = true;
		advance(p);
	}
	for (size_t i = 0; !rc && i < ARRAY_LEN(options); i++)
		if ((!options[i].kind || (int)t->kind == options[i].kind) && take(p, options[i].word)) {
			rc = options[i].read(p, t);
			i = (size_t)-1;
		}
	return rc;
}

static struct seed_way *new_way(struct parser *p)
{
	struct seed_ways *w = p->ways;
	ARENA_GROW(&p->g->kept, w->at, w->n, w->cap);
	w->at[w->n] = (struct seed_way){ 0 };
	return &w->at[w->n++];
}

static int terms(struct parser *p, struct seed_way *w)
{
	int rc = 0;
	do {
		ARENA_GROW(&p->g->kept, w->terms, w->term_n, w->term_cap);
		rc = term(p, &w->terms[w->term_n++]);
	} while (!rc && p->kind != T_END && w->term_n < SEED_TERMS_MAX);
	return rc || p->kind == T_END ? rc : wrong(p, "the end of the line");
}

/* ---- lines of a source ---- */

static int case_line(struct parser *p)
{
	if (p->kind != T_WORD || p->s->case_n == SEED_COLUMNS_MAX)
		return wrong(p, "a name");
	p->ways = &p->s->cases[p->s->case_n];
	p->ways->name = p->next;
	advance(p);
	int rc = condition(p, new_way(p));
	p->s->case_n++;
	return rc || p->kind == T_END ? rc : wrong(p, "the end of the line");
}

static int when_line(struct parser *p)
{
	if (!p->ways || !p->ways->n || !p->ways->at[0].term_n)
		return err_set(p->err, ERR_INVALID, "%s:%d: when follows a column that is made", p->file, p->line);
	struct seed_way *w = new_way(p);
	int rc = condition(p, w);
	if (rc || p->kind != T_COLON)
		return rc ? rc : wrong(p, ":");
	advance(p);
	return terms(p, w);
}

/* Of a type as it is written: the first of these that is in it. */
static char kind_of(struct slice sql)
{
	static const char *const parts[] = { "iINT", "iBOOL", "fFLOAT", "fDOUBLE", "nDEC", "dDATE", "dTIME" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (sl_find(sql, sl(parts[i] + 1)) >= 0)
			return parts[i][0];
	return 't';
}

/* "price DECIMAL(8,2) number 1.00..9.99": the type is what stands before the first small letter, or the first text. */
static int column_line(struct parser *p)
{
	struct seed_table *t = &p->s->table;
	struct slice name = p->next, sql = sl(NULL);
	if (p->kind != T_WORD || sl_chr(name, '`') >= 0 || t->column_n == SEED_COLUMNS_MAX)
		return wrong(p, "a column");
	for (advance(p); p->kind == T_WORD; advance(p)) {
		bool small = false;
		for (size_t i = 0; i < p->next.n; i++)
			small |= p->next.p[i] >= 'a' && p->next.p[i] <= 'z';
		if (small)
			break;
		sql = sql.p ? sl_of(sql.p, (size_t)(p->next.p + p->next.n - sql.p)) : p->next;
	}
	if (!sql.p)
		return wrong(p, "an SQL type in capitals");
	t->columns[t->column_n] = (struct seed_column){ arena_cstr(&p->g->kept, name), arena_cstr(&p->g->kept, sql), kind_of(sql) };
	p->ways = &p->s->ways[t->column_n++];
	p->ways->name = name;
	return p->kind == T_END ? 0 : terms(p, new_way(p));
}

static int source_line(struct parser *p)
{
	advance(p);
	if (p->kind == T_END)
		return 0;
	return take(p, "case") ? case_line(p) : take(p, "when") ? when_line(p) : column_line(p);
}

/* Columns that columns are made of: they are there, and are made of none themselves. */
static int find_column(struct parser *p, struct seed_term *t)
{
	for (t->column = 0; t->column < p->s->table.column_n; t->column++)
		if (sl_eqs(t->text, p->s->table.columns[t->column].name) && !p->s->ways[t->column].refers)
			return 0;
	return err_set(p->err, ERR_INVALID, "%s: %.*s is no way to make a value, and no column that is made without another", p->file, SL(t->text));
}

static int find_columns(struct parser *p)
{
	int rc = 0;
	for (struct seed_ways *w = p->s->ways; w < p->s->ways + p->s->table.column_n; w++)
		for (size_t i = 0; w->refers && i < w->n; i++)
			for (size_t k = 0; k < w->at[i].term_n; k++)
				if (!rc && w->at[i].terms[k].kind == MAKE_COLUMN)
					rc = find_column(p, &w->at[i].terms[k]);
	return rc;
}

int seed_source_read(struct seed *g, const struct dataset *d, struct seed_source *s, struct error *err)
{
	struct parser p = { .g = g, .file = d->file, .s = s, .err = err, .line = d->source_lines.line };
	struct slice rest = arena_dup(&g->kept, d->source_lines.text);
	int rc = 0;
	s->table.name = arena_cstr(&g->kept, sl(d->source));
	for (; !rc && rest.p; p.line++) {
		sl_cut(rest, '\n', &p.rest, &rest);
		rc = source_line(&p);
	}
	if (!rc && !s->table.column_n)
		rc = err_set(err, ERR_INVALID, "%s: the source %s has no columns", d->file, d->source);
	return rc ? rc : find_columns(&p);
}

/* ---- the stack's ---- */

/* "person = leaning 3", "customer = leaning of customers", "order = each of orders" */
static int read_entity(struct seed *g, const char *key, const char *value, struct error *err)
{
	struct seed_ways ways = { .name = sl(key) };
	struct parser p = { .g = g, .file = "stack.conf [entities]", .err = err, .ways = &ways };
	struct seed_term t = { .lean = 10 };
	struct seed_entity e = { .name = arena_dup(&g->kept, sl(key)), .site = faults_hash(g->seed, sl(key), 1) };
	int rc = 0;
	p.rest = sl(value);
	advance(&p);
	e.each = take(&p, "each");
	if (!e.each && take(&p, "leaning"))
		rc = take_lean(&p, &t);
	e.lean = t.lean;
	if (!rc && take(&p, "of")) {
		e.rows_of = (const struct seed_source *)seed_table(g, p.kind == T_WORD ? p.next : S(""));
		if (!e.rows_of)
			return wrong(&p, "a source");
		advance(&p);
	}
	ARENA_GROW(&g->kept, g->entities, g->entity_n, g->entity_cap);
	g->entities[g->entity_n++] = e;
	return rc || p.kind == T_END ? rc : wrong(&p, "leaning, each or of");
}

static int read_all(struct seed *g, const struct stack_files *files, const struct conf *conf, struct arena *a, struct error *err)
{
	const char *key, *value;
	struct datasets all;
	int rc = datasets_open(a, files, conf, &all, err);
	if (rc || (rc = seed_words_read(g, files, err)))
		return rc;
	g->sources = arena_alloc(&g->kept, (all.n + 1) * sizeof(*g->sources));
	for (size_t i = 0; i < all.n; i++)
		if (all.at[i].source) {
			struct seed_table *t = &g->sources[g->source_n++].table;
			t->name = arena_cstr(&g->kept, sl(all.at[i].source));
			t->rows = all.at[i].rows ? all.at[i].rows : g->count;
		}
	for (size_t i = 0; !rc && conf_at(conf, "entities", i, &key, &value); i++)
		rc = read_entity(g, key, value, err);
	for (size_t i = 0, s = 0; !rc && i < all.n; i++)
		if (all.at[i].source)
			rc = seed_source_read(g, &all.at[i], &g->sources[s++], err);
	return rc;
}

int seed_open(const struct stack_files *files, const struct conf *conf, uint64_t seed, int64_t count, struct seed **out,
	      struct error *err)
{
	int64_t generation = conf_int(conf, "stack", "generation", SEED_GENERATION);
	struct seed *g;
	struct arena a = { 0 };
	if (generation != SEED_GENERATION)
		return err_set(err, ERR_INVALID, "stack.conf: rows of generation %lld were made by another tarn; this one makes generation %d",
			       (long long)generation, SEED_GENERATION);
	g = xcalloc(1, sizeof(*g));
	g->seed = seed;
	g->count = count;
	int rc = read_all(g, files, conf, &a, err);
	arena_free(&a);
	if (rc)
		seed_close(g);
	else
		*out = g;
	return rc;
}

void seed_close(struct seed *g)
{
	if (!g)
		return;
	arena_free(&g->kept);
	arena_free(&g->arena);
	free(g);
}

const struct seed_table *seed_table_at(const struct seed *g, size_t i)
{
	return i < g->source_n ? &g->sources[i].table : NULL;
}

const struct seed_table *seed_table(const struct seed *g, struct slice name)
{
	for (size_t i = 0; i < g->source_n; i++)
		if (sl_eqs(name, g->sources[i].table.name))
			return &g->sources[i].table;
	return NULL;
}

const struct seed_table *seed_file_table(const struct seed *g, const char *path)
{
	const char *slash = strrchr(path, '/');
	const struct seed_table *found = NULL;
	for (size_t i = 0; i < g->source_n; i++) {
		const struct seed_table *t = &g->sources[i].table;
		if (sl_starts(sl(slash ? slash + 1 : path), sl(t->name)) && (!found || strlen(t->name) > strlen(found->name)))
			found = t;
	}
	return found;
}

char *seed_create_sql(const struct seed_table *t)
{
	struct buf b = { 0 };
	buf_addf(&b, "CREATE TABLE %s (", t->name);
	for (size_t i = 0; i < t->column_n; i++)
		buf_addf(&b, "%s`%s` %s", i ? ", " : "", t->columns[i].name, t->columns[i].sql);
	buf_adds(&b, ")");
	char *sql = xstrndup(b.p, b.n);
	buf_free(&b);
	return sql;
}
