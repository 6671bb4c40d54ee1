#include "spark/error.h"

int sp_fail(struct sp_error *e, enum sp_error_kind kind, const char *class, const char *state, const char *fmt, ...)
{
	va_list ap;
	struct buf b = { 0 };
	if (e->set)
		return 1;
	e->set = true;
	e->kind = kind;
	snprintf(e->class, sizeof(e->class), "%s", class ? class : "");
	snprintf(e->state, sizeof(e->state), "%s", state ? state : "");
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	free(e->text);
	e->text = xstrndup(b.p ? b.p : "", b.n);
	buf_free(&b);
	return 1;
}

void sp_fail_at(struct sp_error *e, size_t from, size_t to)
{
	if (e->placed || to < from)
		return;
	e->placed = true;
	e->from = from;
	e->to = to;
}

void sp_error_free(struct sp_error *e)
{
	free(e->text);
	*e = (struct sp_error){ 0 };
}

/* Line from 1, position from 0 in characters, start of the line. */
static void place(struct slice sql, size_t at, size_t *line, size_t *pos, size_t *start)
{
	*line = 1;
	*start = 0;
	at = at < sql.n ? at : sql.n;
	for (size_t i = 0; i < at; i++) {
		if (sql.p[i] == '\n') {
			++*line;
			*start = i + 1;
		}
	}
	*pos = 0;
	for (size_t i = *start; i < at; i++)
		*pos += ((unsigned char)sql.p[i] & 0xc0) != 0x80;
}

static void repeat(struct buf *b, char c, size_t n)
{
	while (n--)
		buf_addc(b, c);
}

/* The statement with a line of marks under the one that is meant, as ParseException prints it. */
static void parse_block(struct buf *b, struct slice sql, size_t line, size_t pos)
{
	struct slice rest = sql, one;
	bool marked = line == 0;
	buf_adds(b, "\n== SQL ==\n");
	while (rest.n && rest.p[rest.n - 1] == '\n') /* empty lines at the end are left out */
		rest.n--;
	for (size_t no = 1; rest.p; no++) {
		sl_cut(rest, '\n', &one, &rest);
		buf_addsl(b, one);
		buf_addc(b, '\n');
		if (!marked && (no == line || !rest.p)) {
			repeat(b, '-', pos);
			buf_adds(b, "^^^\n");
			marked = true;
		}
	}
}

enum { CONTEXT_MAX = 32 }; /* characters that are shown before and behind what is meant */

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* The part that failed at run time, as SQLQueryContext's summary prints it: its lines, cut where they're long, marks under what is meant. */
static void run_block(struct buf *b, struct slice sql, const struct sp_error *e, size_t line, size_t pos)
{
	size_t to = e->to < sql.n ? e->to : sql.n, from = e->from < to ? e->from : to;
	size_t start = from, end = to, n = 0, i;
	while (start > 0 && sql.p[start - 1] != '\n' && n < CONTEXT_MAX)
		n += begins_character(sql.p[--start]);
	buf_addf(b, "\n== SQL(line %zu, position %zu) ==\n%s", line, pos + 1, n == CONTEXT_MAX ? "..." : "");
	n = n == CONTEXT_MAX ? 3 : 0;
	for (i = 0; end < sql.n && sql.p[end] != '\n' && i < CONTEXT_MAX; i++)
		while (++end < sql.n && !begins_character(sql.p[end]))
			;
	for (bool last = false; !last; start++, n = 0) {
		struct slice one = { sql.p + start, 0 };
		while (start + one.n < end && one.p[one.n] != '\n')
			one.n++;
		last = start + one.n >= end;
		buf_addsl(b, one);
		buf_adds(b, last && i == CONTEXT_MAX ? "...\n" : "\n");
		repeat(b, ' ', n);
		for (size_t k = 0; k < one.n; k++, start++)
			if (begins_character(sql.p[start]) && start < to)
				buf_addc(b, start < from ? ' ' : '^');
		buf_addc(b, '\n');
	}
}

void sp_error_message(struct buf *b, const struct sp_error *e, struct slice sql)
{
	size_t line, pos, start;
	if (e->class[0] && strncmp(e->class, "_LEGACY_", 8) != 0)
		buf_addf(b, "[%s] ", e->class);
	buf_adds(b, e->text ? e->text : "");
	place(sql, e->from, &line, &pos, &start);
	if (e->kind == SP_E_PARSE) {
		if (e->placed)
			buf_addf(b, "(line %zu, pos %zu)\n", line, pos);
		parse_block(b, sql, e->placed ? line : 0, pos);
	} else if (e->placed && e->kind == SP_E_ANALYSIS) {
		buf_addf(b, "; line %zu pos %zu", line, pos);
	} else if (e->placed && e->kind == SP_E_RUN) {
		run_block(b, sql, e, line, pos);
	}
}
