/* INSERT, UPDATE, DELETE, MERGE. */
#include "sparksql/parser.h"

static struct slice option(const struct sp_stmt *s, const char *key)
{
	for (uint32_t i = 0; i < s->options.n; i++)
		if (sl_eq_nocase(s->options.v[i].key, sl(key)))
			return s->options.v[i].value;
	return sl(NULL);
}

/* What is saved: rows of a Delta table or of one by name have that as the target, others go to files. */
static void saved(struct sp_parser *p, struct sp_stmt *s)
{
	struct slice table = option(s, "table"), path = option(s, "path");
	bool delta = sl_eq_nocase(s->format, S("delta"));
	bool jdbc = sl_eq_nocase(s->format, S("jdbc"));
	s->kind = SP_STMT_SAVE;
	if (s->location.p ? path.p != NULL : !path.p && !table.p && !jdbc)
		sp_late(p, 0, p->i, "_LEGACY_ERROR_TEMP_0049", "", "Directory path and 'path' in OPTIONS should be specified one, but not both.");
	if (!s->location.p)
		s->location = path;
	if (table.p) {
		if (sp_parse_name(p->a, table, &s->name, p->err))
			sp_give_up(p);
	} else if (delta) {
		s->name.parts = arena_alloc(p->a, 2 * sizeof(*s->name.parts));
		s->name.parts[0] = S("delta");
		s->name.parts[1] = s->location.p ? s->location : S("");
		s->name.n = 2;
		s->location = sl(NULL);
	}
	if (!jdbc && s->name.n)
		s->kind = SP_STMT_SAVE_TABLE;
}

/* INSERT OVERWRITE DIRECTORY ['path'] [USING format [OPTIONS (..)]] query */
static void directory(struct sp_parser *p, struct sp_stmt *s)
{
	if (sp_is_string(sp_kind_at(p, 0)))
		s->location = sp_string(p);
	if (sp_take(p, SP_K_USING)) {
		s->format = sp_provider(p);
		if (sp_take(p, SP_K_OPTIONS))
			sp_options(p, &s->options, SP_VALUES_MUST);
	}
	sp_as_query(p, s);
	if (s->format.p)
		saved(p, s);
	else
		s->kind = SP_STMT_SAVE;
}

void sp_insert(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i;
	s->kind = SP_STMT_INSERT;
	p->i++;
	s->overwrite = sp_take(p, SP_K_OVERWRITE);
	if (!s->overwrite)
		sp_need(p, SP_K_INTO);
	if (s->overwrite && sp_is2(p, SP_K_LOCAL, SP_K_DIRECTORY)) {
		p->i -= 2;
		sp_refused(p, s, 4);
		return;
	}
	if (s->overwrite && sp_is(p, SP_K_DIRECTORY) && (sp_kind_at(p, 1) == SP_K_USING || sp_is_string(sp_kind_at(p, 1)))) {
		p->i++;
		directory(p, s);
		return;
	}
	if (sp_is(p, SP_K_TABLE) && sp_is_word(sp_kind_at(p, 1)) && !sp_query_at(p, p->i + 1))
		p->i++;
	sp_target(p, s);
	if (sp_take(p, SP_K_PARTITION))
		sp_partition(p, &s->partition, &s->n_partition);
	sp_if_not_exists(p, &s->if_not_exists);
	if (s->if_not_exists && !s->overwrite)
		sp_not_allowed(p, first, "INSERT INTO ... IF NOT EXISTS");
	if (!s->overwrite && sp_is2(p, SP_K_REPLACE, SP_K_WHERE)) {
		uint32_t begin = p->i += 2;
		s->where = sp_expression(p);
		s->where_text = sp_text_from(p, begin);
	} else if (sp_take2(p, SP_K_BY, SP_K_NAME)) {
		s->by_name = true;
	} else if (sp_is(p, SP_T_OPEN) && !sp_query_at(p, p->i + 1)) {
		sp_ident_list(p, &s->column_list);
	}
	sp_as_query(p, s);
}

static struct sp_assign assign(struct sp_parser *p)
{
	struct sp_assign a;
	sp_name(p, &a.name);
	sp_need(p, SP_T_EQ);
	a.value = sp_expression(p);
	return a;
}

static void assigns(struct sp_parser *p, struct sp_assign **out, uint32_t *count)
{
	size_t n = 0, cap = 0;
	struct sp_assign *v = NULL, a;
	do {
		a = assign(p);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = a;
	} while (sp_take(p, SP_T_COMMA));
	*out = v;
	*count = (uint32_t)n;
}

/* [WHERE e] */
static void where(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first;
	if (!sp_take(p, SP_K_WHERE))
		return;
	first = p->i;
	s->where = sp_expression(p);
	s->where_text = sp_text_from(p, first);
}

void sp_update(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_UPDATE;
	p->i++;
	sp_target(p, s);
	sp_alias(p, &s->alias);
	sp_need(p, SP_K_SET);
	assigns(p, &s->sets, &s->n_sets);
	where(p, s);
}

void sp_delete(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_DELETE;
	p->i++;
	sp_must(p, SP_K_FROM);
	sp_target(p, s);
	sp_alias(p, &s->alias);
	where(p, s);
}

/* ---------------------------------------------------------------- MERGE */

static void insert_action(struct sp_parser *p, struct sp_merge_when *w)
{
	struct sp_names columns;
	uint32_t first = p->i - 1, n = 0;
	if (sp_take(p, SP_T_STAR)) {
		w->action = SP_MERGE_INSERT_STAR;
		return;
	}
	w->action = SP_MERGE_INSERT;
	if (!sp_take(p, SP_T_OPEN))
		sp_syntax(p);
	sp_names(p, &columns);
	sp_need(p, SP_T_CLOSE);
	sp_need(p, SP_K_VALUES);
	sp_need(p, SP_T_OPEN);
	w->sets = arena_alloc(p->a, columns.n * sizeof(*w->sets));
	do {
		struct sp_ex *e = sp_expression(p);
		if (n < columns.n)
			w->sets[n] = (struct sp_assign){ columns.v[n], e };
		n++;
	} while (sp_take(p, SP_T_COMMA));
	sp_need(p, SP_T_CLOSE);
	w->n = columns.n;
	if (n != columns.n) {
		sp_late(p, first, p->i, "_LEGACY_ERROR_TEMP_0006", "", "The number of inserted values cannot match the fields.");
		w->n = n < columns.n ? n : columns.n;
	}
}

static struct sp_merge_when merge_when(struct sp_parser *p)
{
	struct sp_merge_when w = { .at = p->t[p->i].at };
	p->i++;
	if (sp_take(p, SP_K_NOT) || sp_take(p, SP_T_BANG))
		w.match = SP_MERGE_NOT_MATCHED;
	sp_need(p, SP_K_MATCHED);
	if (w.match == SP_MERGE_NOT_MATCHED && sp_take(p, SP_K_BY)) {
		if (sp_take(p, SP_K_SOURCE))
			w.match = SP_MERGE_NOT_MATCHED_BY_SOURCE;
		else
			sp_need(p, SP_K_TARGET);
	}
	if (sp_take(p, SP_K_AND))
		w.condition = sp_expression(p);
	sp_need(p, SP_K_THEN);
	if (w.match == SP_MERGE_NOT_MATCHED) {
		sp_need(p, SP_K_INSERT);
		insert_action(p, &w);
	} else if (sp_take(p, SP_K_DELETE)) {
		w.action = SP_MERGE_DELETE;
	} else {
		sp_need(p, SP_K_UPDATE);
		sp_need(p, SP_K_SET);
		if (w.match == SP_MERGE_MATCHED && sp_take(p, SP_T_STAR)) {
			w.action = SP_MERGE_UPDATE_STAR;
		} else {
			w.action = SP_MERGE_UPDATE;
			assigns(p, &w.sets, &w.n);
		}
	}
	w.end = p->t[p->i - 1].end;
	return w;
}

static void merge_source(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i;
	struct sp_rel *r;
	if (sp_take(p, SP_T_OPEN)) {
		struct sp_query *q = sp_query_in_parens(p);
		r = sp_new_rel(p, SP_REL_QUERY, first);
		r->query = q;
	} else {
		r = sp_new_rel(p, SP_REL_TABLE, first);
		r->table.version = sl(NULL);
		if (sp_is2(p, SP_K_IDENTIFIER, SP_T_OPEN))
			sp_identifier(p, &r->table.name);
		else
			sp_name(p, &r->table.name);
	}
	sp_alias(p, &r->alias);
	r->end = p->t[p->i - 1].end;
	s->merge_source = r;
}

void sp_merge(struct sp_parser *p, struct sp_stmt *s)
{
	size_t n = 0, cap = 0;
	struct sp_merge_when *v = NULL, w;
	uint32_t first = p->i++;
	s->kind = SP_STMT_MERGE;
	if (sp_take(p, SP_K_WITH)) { /* Databricks: WITH SCHEMA EVOLUTION */
		sp_need(p, SP_K_SCHEMA);
		sp_need(p, SP_K_EVOLUTION);
		sp_fail(p->err, SP_E_UNSERVED, "", "", "MERGE WITH SCHEMA EVOLUTION isn't supported: columns that the table lacks wouldn't be added.");
		sp_give_up(p);
	}
	sp_need(p, SP_K_INTO);
	sp_target(p, s);
	sp_alias(p, &s->alias);
	sp_need(p, SP_K_USING);
	merge_source(p, s);
	sp_need(p, SP_K_ON);
	s->where = sp_expression(p);
	while (sp_is(p, SP_K_WHEN)) {
		w = merge_when(p);
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = w;
	}
	s->whens = v;
	s->n_whens = (uint32_t)n;
	if (n == 0)
		sp_late(p, first, p->i, "_LEGACY_ERROR_TEMP_0008", "", "There must be at least one WHEN clause in a MERGE statement.");
}
