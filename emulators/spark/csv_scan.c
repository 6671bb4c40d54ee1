#include "spark/csv_scan.h"

void sp_csv_scan_init(struct sp_csv_scan *s, const struct sp_csv_options *o, struct slice text, bool lines)
{
	s->o = o;
	s->p = text.p;
	s->end = text.p + text.n;
	s->lines = lines;
	s->n = 0;
}

void sp_csv_scan_free(struct sp_csv_scan *s)
{
	buf_free(&s->room);
	free(s->cells);
	s->cells = NULL;
	s->cap = 0;
}

static bool at_separator(const struct sp_csv_scan *s)
{
	struct slice sep = s->o->sep;
	return s->p < s->end && *s->p == *sep.p && (sep.n == 1 || ((size_t)(s->end - s->p) >= sep.n && memcmp(s->p, sep.p, sep.n) == 0));
}

static bool at_line_end(const struct sp_csv_scan *s)
{
	struct slice sep = s->o->line_sep;
	if (!s->lines || s->p == s->end)
		return false;
	return sep.n ? sl_starts(sl_of(s->p, (size_t)(s->end - s->p)), sep) : *s->p == '\n' || (*s->p == '\r' && s->p + 1 < s->end && s->p[1] == '\n');
}

static bool at_end(const struct sp_csv_scan *s)
{
	return s->p == s->end || at_separator(s) || at_line_end(s);
}

static void add(struct sp_csv_scan *s, struct slice text)
{
	GROW(s->cells, s->n, s->cap);
	s->cells[s->n++].text = text;
}

static void trim_end(struct buf *b)
{
	while (b->n && (unsigned char)b->p[b->n - 1] <= ' ')
		b->n--;
}

/* What follows a quote that is neither escaped nor the end: all of it up to the separator, quotes and what was before them too. */
static void rest_of_cell(struct sp_csv_scan *s)
{
	struct buf before = s->room;
	s->room = (struct buf){ 0 };
	buf_addc(&s->room, s->o->quote);
	buf_addsl(&s->room, buf_slice(&before));
	buf_free(&before);
	while (!at_end(s))
		buf_addc(&s->room, *s->p++);
	if (s->o->trim_end)
		trim_end(&s->room);
}

/* Behind the closing quote, or one that only looks like it: true: the cell ends here. */
static bool closed(struct sp_csv_scan *s)
{
	const char *from = s->p;
	if (at_end(s))
		return true;
	while (!at_end(s) && (unsigned char)*s->p <= ' ')
		s->p++;
	if (from != s->p && at_end(s))
		return true;
	s->p = from;
	return false;
}

/* A cell that begins with a quote, which is behind. */
static void quoted(struct sp_csv_scan *s)
{
	char quote = s->o->quote, escape = s->o->escape, twice = s->o->escape_escape;
	buf_reset(&s->room);
	if (s->p == s->end)
		buf_addc(&s->room, quote);
	while (s->p < s->end) {
		char c = *s->p++;
		char next = s->p < s->end ? *s->p : 0;
		if (c == escape && escape && escape != quote && s->p < s->end && (next == quote || (twice && twice == escape && next == escape))) {
			buf_addc(&s->room, next);
			s->p++;
		} else if (c == twice && twice && twice != escape && s->p < s->end && next == escape) {
			buf_addc(&s->room, next);
			s->p++;
		} else if (c == quote && escape == quote && s->p < s->end && next == quote) {
			buf_addc(&s->room, quote);
			s->p++;
		} else if (c == quote) {
			if (closed(s))
				return;
			buf_addc(&s->room, quote);
			rest_of_cell(s);
			return;
		} else if (c == '\r' && next == '\n' && s->lines && !s->o->line_sep.n) {
			continue; /* line ends within are \n */
		} else if (c != escape || !escape || s->p < s->end) { /* an escape at the very end is nothing */
			buf_addc(&s->room, c);
		}
	}
}

bool sp_csv_record(struct sp_csv_scan *s, struct arena *a, bool *many)
{
	s->n = 0;
	*many = false;
	if (s->p == s->end)
		return false;
	for (;;) {
		while (s->o->trim_start && !at_end(s) && (unsigned char)*s->p <= ' ')
			s->p++;
		if (s->n == s->o->columns_max) {
			*many = true;
			return false;
		}
		if (at_end(s)) {
			add(s, sl(NULL));
		} else if (*s->p == s->o->quote && s->o->quote) {
			s->p++;
			quoted(s);
			add(s, s->room.n || !s->o->empty_value.p ? arena_dup(a, buf_slice(&s->room)) : s->o->empty_value);
		} else {
			const char *from = s->p, *to;
			while (!at_end(s))
				s->p++;
			to = s->p;
			while (s->o->trim_end && to > from && (unsigned char)to[-1] <= ' ')
				to--;
			add(s, to > from ? sl_of(from, (size_t)(to - from)) : sl(NULL));
		}
		if (!at_separator(s))
			break;
		s->p += s->o->sep.n;
		if (s->p == s->end) { /* nothing behind the last separator */
			add(s, sl(NULL));
			break;
		}
	}
	if (at_line_end(s))
		s->p += s->o->line_sep.n ? s->o->line_sep.n : *s->p == '\r' ? 2 : 1;
	return true;
}

static bool is_blank(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ')
			return false;
	return true;
}

bool sp_csv_next_record(struct sp_csv_scan *s, struct arena *a, struct slice *rest, struct slice *text, bool *many)
{
	struct slice line, next;
	*many = false;
	while (rest->p && rest->n) {
		next = *rest;
		if (!sp_json_line(&next, s->o->line_sep, &line))
			return false;
		if (s->o->multi_line ? !line.n || (s->o->comment && line.p[0] == s->o->comment) :
				       is_blank(line) || (s->o->comment && line.p[0] == s->o->comment)) {
			*rest = next;
			continue;
		}
		if (!s->o->multi_line) {
			*rest = next;
			*text = line;
			sp_csv_scan_init(s, s->o, line, false);
			return sp_csv_record(s, a, many);
		}
		sp_csv_scan_init(s, s->o, *rest, true);
		if (!sp_csv_record(s, a, many))
			return false;
		*text = sl_of(rest->p, (size_t)(s->p - rest->p));
		*rest = sl_from(*rest, (size_t)(s->p - rest->p));
		return true;
	}
	return false;
}
