#include "scenario/scenario.h"

#include <ctype.h>

struct parse {
	struct scenario *sc;
	struct slice rest;
	int line;
	struct error *err;
};

static int bad(struct parse *p, int column, const char *what, struct slice word)
{
	return err_set(p->err, ERR_INVALID, "%s:%d:%d: %s%s%.*s", p->sc->file, p->line, column, what, word.n ? ": " : "",
		       SL(word));
}

static bool next_line(struct parse *p, struct slice *line)
{
	if (!p->rest.p)
		return false;
	sl_cut(p->rest, '\n', line, &p->rest);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	if (!p->rest.p && !line->n) /* what follows the last newline */
		return false;
	p->line++;
	return true;
}

/* One word from *s: plain, "quoted" (with \" \\ \n), or key=either; name{label="value"}, a metric, is plain. */
static int take_word(struct parse *p, const char *start, struct slice *s, struct word *w)
{
	struct arena *a = &p->sc->arena;
	struct buf b = { 0 };
	*w = (struct word){ .column = (int)(s->p - start) + 1 };
	bool in_quotes = false, closed = true, labels = false;
	for (; s->n; s->p++, s->n--) {
		char c = s->p[0];
		if (labels || (c == '{' && !in_quotes && !w->quoted && !w->key && b.n && b.p[b.n - 1] != '$')) {
			labels = c != '}';
			buf_addc(&b, c);
		} else if (in_quotes && c == '\\' && s->n > 1) {
			s->p++;
			s->n--;
			buf_addc(&b, s->p[0] == 'n' ? '\n' : s->p[0]);
		} else if (c == '"') {
			in_quotes = !in_quotes;
			closed = !in_quotes;
			w->quoted = true;
		} else if (!in_quotes && isspace((unsigned char)c)) {
			break;
		} else if (!in_quotes && c == '=' && !w->key && !w->quoted && b.n && s->n > 1 && s->p[1] != '=' &&
			   isalpha((unsigned char)b.p[0]) && !strpbrk(buf_cstr(&b), "/?${")) { /* paths and addresses have keys of their own */
			w->key = arena_cstr(a, buf_slice(&b));
			buf_reset(&b);
		} else {
			buf_addc(&b, c);
		}
	}
	w->text = arena_cstr(a, buf_slice(&b));
	buf_free(&b);
	return closed ? 0 : bad(p, w->column, "a quote is not closed", S(""));
}

static int take_here(struct parse *p, struct statement *st, struct slice mark)
{
	struct buf b = { 0 };
	struct slice line;
	int from = p->line;
	while (next_line(p, &line)) {
		if (sl_eq(sl_trim(line), mark)) {
			st->here = arena_cstr(&p->sc->arena, buf_slice(&b));
			buf_free(&b);
			return 0;
		}
		buf_addsl(&b, line);
		buf_addc(&b, '\n');
	}
	buf_free(&b);
	p->line = from;
	return bad(p, 1, "a here-document is not closed by", mark);
}

static int take_words(struct parse *p, struct slice line, struct statement *st)
{
	const char *start = line.p;
	struct slice s = line;
	int rc;
	for (;;) {
		while (s.n && isspace((unsigned char)s.p[0])) {
			s.p++;
			s.n--;
		}
		if (!s.n || s.p[0] == '#')
			return 0;
		if (s.n > 2 && s.p[0] == '<' && s.p[1] == '<' && isalpha((unsigned char)s.p[2]))
			return take_here(p, st, sl_trim(sl_from(s, 2)));
		if (st->word_n == WORDS_MAX)
			return bad(p, (int)(s.p - start) + 1, "too many words", S(""));
		struct word w;
		if ((rc = take_word(p, start, &s, &w)))
			return rc;
		if (!st->verb) {
			st->verb = w.text;
			st->column = w.column;
		} else {
			st->words[st->word_n++] = w;
		}
	}
}

/* after="TITLE": the step is left out unless that one went well. */
static int place_after(struct parse *p, const struct statement *st)
{
	struct scenario *sc = p->sc;
	const char *title = statement_option(st, "after");
	struct step *step = &sc->steps[sc->step_n - 1];
	for (size_t i = 0; title && i + 1 < sc->step_n; i++)
		if (!strcmp(sc->steps[i].title, title))
			step->after = &sc->steps[i] - sc->steps + 1;
	return title && !step->after ? bad(p, st->words[1].column, "no step before it has the title", sl(title)) : 0;
}

static int place(struct parse *p, const struct statement *st)
{
	struct scenario *sc = p->sc;
	const struct word *at = NULL;
	struct error why;
	const struct verb *v = verb_find(st->verb, &why);
	if (!v)
		return bad(p, st->column, why.text, S(""));
	if (!strcmp(st->verb, "step")) {
		if (!st->word_n)
			return bad(p, st->column, "a step has a title", S(""));
		if (verb_check(v, st, &at, &why))
			return bad(p, at ? at->column : st->column, why.text, S(""));
		GROW(sc->steps, sc->step_n, sc->step_cap);
		sc->steps[sc->step_n++] =
			(struct step){ .title = st->words[0].text, .line = st->line, .first = sc->statement_n };
		return place_after(p, st);
	}
	if (!sc->step_n && v->where != VERB_STEP) {
		if (v->head && st->word_n != 1)
			return bad(p, st->column, "one value is wanted after", sl(st->verb));
		if (v->head && !verb_head(v, sc, st->words[0].text))
			return bad(p, st->words[0].column, "not a value for this line", sl(st->words[0].text));
		return 0;
	}
	if (v->where == VERB_HEAD)
		return bad(p, st->column, "this line belongs before the first step", sl(st->verb));
	if (!sc->step_n && strcmp(st->verb, "set"))
		return bad(p, st->column, "this line belongs into a step", sl(st->verb));
	if (verb_check(v, st, &at, &why)) {
		p->line = st->line;
		return bad(p, at ? at->column : st->column, why.text, S(""));
	}
	GROW(sc->statements, sc->statement_n, sc->statement_cap);
	sc->statements[sc->statement_n++] = *st;
	if (sc->step_n)
		sc->steps[sc->step_n - 1].n++;
	return 0;
}

int scenario_parse(struct scenario *sc, const char *file, struct slice text, struct error *err)
{
	struct parse p = { .sc = sc, .rest = text, .err = err };
	struct slice line;
	int rc;
	*sc = (struct scenario){ .seed = -1, .timeout_ms = 60000 };
	sc->file = arena_cstr(&sc->arena, sl(file));
	while (next_line(&p, &line)) {
		struct statement st = { .line = p.line };
		if ((rc = take_words(&p, line, &st)))
			return rc;
		if (st.verb && (rc = place(&p, &st)))
			return rc;
	}
	if (!sc->step_n)
		return bad(&p, 1, "a scenario has at least one step", S(""));
	return 0;
}

void scenario_free(struct scenario *sc)
{
	free(sc->statements);
	free(sc->steps);
	arena_free(&sc->arena);
}

const char *statement_option(const struct statement *st, const char *key)
{
	for (size_t i = 0; i < st->word_n; i++)
		if (st->words[i].key && !strcmp(st->words[i].key, key))
			return st->words[i].text;
	return NULL;
}
