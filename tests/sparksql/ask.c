/* Statements of Spark SQL through the library alone: no lake, no tables but the session's temporary views.
 * stdin: groups and statements as battery.py describes them; stdout: the same with our answers. A group is a session. */
#include "core/clock.h"
#include "engine/plan.h"
#include "functions/functions.h"
#include "spark/print.h"
#include "spark/time.h"
#include "sparksql/analyze.h"
#include "sparksql/parse.h"
#include <stdio.h>
#include <stdlib.h>

enum { VIEWS_MAX = 100, CONFS_MAX = 100, STATEMENT_S = 20 };
#define HELD_MAX ((size_t)1 << 30)

struct view {
	struct slice name, text;
	struct slice *aliases; /* NULL: the query's */
	bool global;
};
struct conf {
	char *key, *value;
};
struct session {
	struct arena arena;
	struct view views[VIEWS_MAX];
	size_t view_n;
	struct conf confs[CONFS_MAX];
	size_t conf_n;
	struct sp_context cx;
};

static struct slice conf_get(void *self, const char *key)
{
	struct session *s = self;
	for (size_t i = s->conf_n; i-- > 0;)
		if (strcmp(s->confs[i].key, key) == 0)
			return sl(s->confs[i].value);
	return sl(NULL);
}

static void conf_read(struct session *s)
{
	struct slice zone = conf_get(s, "spark.sql.session.timeZone");
	s->cx.ansi = sl_eq_nocase(conf_get(s, "spark.sql.ansi.enabled"), sl("true"));
	s->cx.zone = zone.p ? sp_zone_make(&s->arena, zone) : NULL;
}

static void conf_set(struct session *s, struct slice key, struct slice value)
{
	if (s->conf_n < CONFS_MAX)
		s->confs[s->conf_n++] = (struct conf){ arena_cstr(&s->arena, key), arena_cstr(&s->arena, value) };
	conf_read(s);
}

static struct view *view_of(struct session *s, const struct slice *parts, size_t n)
{
	bool global = n == 2 && sl_eq_nocase(parts[0], sl("global_temp"));
	if (n != 1 && !global)
		return NULL;
	for (size_t i = s->view_n; i-- > 0;)
		if (s->views[i].global == global && sl_eq_nocase(s->views[i].name, parts[n - 1]))
			return &s->views[i];
	return NULL;
}

static int find(void *self, const struct sp_table_name *name, struct sp_found *out, struct sp_error *err)
{
	const struct view *v = view_of(self, name->parts, name->n);
	*out = (struct sp_found){ .kind = SP_FOUND_NOTHING };
	if (!v)
		return 0;
	*out = (struct sp_found){ .kind = SP_FOUND_VIEW, .text = v->text, .aliases = v->aliases, .shown_n = 1 };
	out->shown[0] = v->name;
	if (v->global) {
		out->shown[0] = sl("global_temp");
		out->shown[1] = v->name;
		out->shown_n = 2;
	}
	return 0;
}

static const struct sp_udf *udf(void *self, struct slice name)
{
	return NULL;
}

/* ---- answers ---- */

static void put_escaped(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		const char *named = c == '\\' ? "\\\\" : c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : NULL;
		if (named)
			buf_adds(b, named);
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\u%04x", c);
		else
			buf_addc(b, (char)c);
	}
}

static void put_lines(struct buf *b, const char *mark, struct slice s)
{
	for (size_t from = 0; from <= s.n;) {
		const char *end = memchr(s.p + from, '\n', s.n - from);
		size_t to = end ? (size_t)(end - s.p) : s.n;
		buf_adds(b, mark);
		put_escaped(b, (struct slice){ s.p + from, to - from });
		buf_addc(b, '\n');
		from = to + 1;
	}
}

static void put_error(struct buf *b, const struct sp_error *e, struct slice sql)
{
	struct buf text = { 0 };
	sp_error_message(&text, e, sql);
	buf_addf(b, "! %s %s\n", e->kind == SP_E_UNSERVED ? "UNSERVED" : e->class[0] ? e->class : "none", e->state);
	put_lines(b, "! ", buf_slice(&text));
	buf_free(&text);
}

static void put_cell(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_context *cx)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf text = { 0 };
	if (v->null || t->kind == SP_VOID) {
		buf_adds(b, "\\N");
		return;
	}
	if (t->kind == SP_BINARY) {
		for (size_t i = 0; i < v->s.n; i++)
			buf_addf(&text, "%c%c", digits[(unsigned char)v->s.p[i] >> 4], digits[v->s.p[i] & 15]);
	} else if (cx->ansi)
		sp_print_ansi(&text, t, v, cx->zone);
	else
		sp_print(&text, t, v, cx->zone);
	put_escaped(b, buf_slice(&text));
	buf_free(&text);
}

static void put_rows(struct buf *b, const struct sp_plan *plan, struct sp_run *run)
{
	struct sp_rowset *x = sp_open(run, plan);
	struct sp_batch batch;
	size_t row_n = 0;
	int rc;
	while ((rc = sp_next(x, &batch)) > 0) {
		for (size_t r = 0; r < batch.n; r++, row_n++) {
			buf_adds(b, "| ");
			for (size_t c = 0; c < batch.column_n; c++) {
				struct sp_value v = sp_get(&batch.columns[c], r);
				if (c)
					buf_addc(b, '\t');
				put_cell(b, batch.columns[c].type, &v, run->cx);
			}
			buf_addc(b, '\n');
		}
	}
	sp_close(x);
	if (rc == 0 && row_n == 0)
		buf_adds(b, "0 rows\n");
}

/* ---- statements ---- */

static int answer_query(struct session *s, struct arena *a, const struct sp_query *q, struct buf *b, struct sp_error *err, bool run_it)
{
	struct sp_catalog catalog = { s, find, udf };
	struct sp_analysis x = { .arena = a, .cx = &s->cx, .catalog = &catalog, .err = err };
	struct arena batch = { 0 }, keep = { 0 };
	struct sp_run run = { .cx = &s->cx, .batch = &batch, .keep = &keep, .held_max = HELD_MAX,
			      .end_us = clock_real_us() + (int64_t)STATEMENT_S * 1000000 };
	struct sp_plan *plan;
	if (sp_analyze(&x, q, &plan))
		return 1;
	if (!run_it)
		return 0;
	buf_addc(b, ':');
	for (size_t i = 0; i < plan->column_n; i++) {
		buf_addc(b, i ? '\t' : ' ');
		put_escaped(b, plan->columns[i].name);
		buf_adds(b, " :: ");
		sp_type_simple(b, plan->columns[i].type);
	}
	buf_addc(b, '\n');
	int rc = sp_optimize(a, &s->cx, &plan, err);
	if (rc == 0) {
		put_rows(b, plan, &run);
		if (run.err.set) {
			*err = run.err;
			rc = 1;
		}
	}
	arena_free(&batch);
	arena_free(&keep);
	return rc;
}

static int create_view(struct session *s, struct arena *a, const struct sp_stmt *st, struct sp_error *err)
{
	struct slice parts[2] = { sl("global_temp"), st->name.parts[0] };
	struct view *v = view_of(s, st->global ? parts : parts + 1, st->global ? 2 : 1);
	if (!st->temporary && !st->global)
		return sp_fail(err, SP_E_UNSERVED, "", "", "views that stay");
	if (v && !st->or_replace)
		return sp_fail(err, SP_E_UNSERVED, "", "", "a second view of that name");
	if (answer_query(s, a, st->query, NULL, err, false))
		return 1;
	if (!v && s->view_n == VIEWS_MAX)
		return sp_fail(err, SP_E_LIMIT, "", "", "too many views");
	v = v ? v : &s->views[s->view_n++];
	*v = (struct view){ arena_dup(&s->arena, st->name.parts[0]), arena_dup(&s->arena, st->query_text), NULL, st->global };
	if (st->n_columns > 0)
		v->aliases = arena_alloc(&s->arena, st->n_columns * sizeof(*v->aliases));
	for (uint32_t i = 0; i < st->n_columns; i++)
		v->aliases[i] = arena_dup(&s->arena, st->columns[i].name.parts[0]);
	return 0;
}

static int carry_out(struct session *s, struct arena *a, const struct sp_stmt *st, struct buf *b, struct sp_error *err)
{
	struct view *v;
	switch (st->kind) {
	case SP_STMT_QUERY:
		return answer_query(s, a, st->query, b, err, true);
	case SP_STMT_CREATE_VIEW:
		if (create_view(s, a, st, err))
			return 1;
		break;
	case SP_STMT_DROP_VIEW:
		v = view_of(s, st->name.parts, st->name.n);
		if (!v)
			return sp_fail(err, SP_E_UNSERVED, "", "", "dropping of what isn't there");
		*v = s->views[--s->view_n];
		break;
	case SP_STMT_SET:
		if (!st->key.p || !st->value.p)
			return sp_fail(err, SP_E_UNSERVED, "", "", "SET without a value");
		conf_set(s, st->key, st->value);
		buf_adds(b, ": key :: string\tvalue :: string\n| ");
		put_escaped(b, st->key);
		buf_addc(b, '\t');
		put_escaped(b, st->value);
		buf_addc(b, '\n');
		return 0;
	case SP_STMT_SET_TIME_ZONE:
		if (!st->text.p)
			return sp_fail(err, SP_E_UNSERVED, "", "", "a zone that isn't named");
		if (!sp_zone_make(a, st->text))
			return sp_fail(err, SP_E_RUN, "", "", "no time zone %.*s", SL(st->text));
		conf_set(s, S("spark.sql.session.timeZone"), st->text);
		buf_adds(b, ": key :: string\tvalue :: string\n| spark.sql.session.timeZone\t");
		put_escaped(b, st->text);
		buf_addc(b, '\n');
		return 0;
	default:
		return sp_fail(err, SP_E_UNSERVED, "", "", "this statement needs the lake");
	}
	buf_adds(b, ":\n0 rows\n");
	return 0;
}

static void answer(struct session *s, struct slice sql)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct sp_error err = { 0 };
	struct sp_stmt *st;
	size_t start;
	buf_adds(&b, "\n> ");
	for (size_t i = 0; i < sql.n; i++) {
		buf_addc(&b, sql.p[i]);
		if (sql.p[i] == '\n')
			buf_adds(&b, ">> ");
	}
	buf_addc(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	fflush(stdout);
	buf_reset(&b);
	start = b.n;
	s->cx.now_us = clock_real_ms() * 1000;
	if (sp_substitute(&a, &sql, &s->cx, &err) || sp_parse(&a, sql, &st, &err) || carry_out(s, &a, st, &b, &err)) {
		b.n = start; /* rows that came before it failed */
		put_error(&b, &err, sql);
	}
	fwrite(b.p, 1, b.n, stdout);
	fflush(stdout);
	sp_error_free(&err);
	buf_free(&b);
	arena_free(&a);
}

static void session_begin(struct session *s, char *line)
{
	arena_free(&s->arena);
	*s = (struct session){ .cx = { .seed = 1, .user = sl("tester"), .catalog = sl("spark_catalog"), .database = sl("default"), .conf = conf_get } };
	s->cx.self = s;
	strtok(line, " ");
	strtok(NULL, " ");
	strtok(NULL, " ");
	for (char *w; (w = strtok(NULL, " "));) {
		char *eq = strchr(w, '=');
		if (eq)
			conf_set(s, (struct slice){ w, (size_t)(eq - w) }, sl(eq + 1));
	}
}

int main(void)
{
	static struct session s;
	char *line = NULL;
	size_t cap = 0;
	struct buf sql = { 0 };
	ssize_t n;
	bool open = false;
	char first[] = "== group none";
	session_begin(&s, first);
	while ((n = getline(&line, &cap, stdin)) >= 0) {
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		if (open && strncmp(line, ">> ", 3) != 0) {
			answer(&s, buf_slice(&sql));
			open = false;
		}
		if (strncmp(line, "== group ", 9) == 0) {
			printf("\n%s\n", line);
			session_begin(&s, line);
		} else if (strncmp(line, "> ", 2) == 0) {
			buf_reset(&sql);
			buf_add(&sql, line + 2, (size_t)n - 2);
			open = true;
		} else if (strncmp(line, ">> ", 3) == 0) {
			buf_addc(&sql, '\n');
			buf_add(&sql, line + 3, (size_t)n - 3);
		}
	}
	if (open)
		answer(&s, buf_slice(&sql));
	buf_free(&sql);
	free(line);
	arena_free(&s.arena);
	return 0;
}
