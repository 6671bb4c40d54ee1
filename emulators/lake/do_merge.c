/* MERGE: up to three queries, one for each kind of WHEN; what they give are edits and new rows.
 *
 *   MATCHED                 SELECT file, row, which, values FROM target JOIN source ON ...
 *   NOT MATCHED             SELECT which, values FROM source LEFT ANTI JOIN target ON ...
 *   NOT MATCHED BY SOURCE   SELECT file, row, which, values FROM target LEFT ANTI JOIN source ON ...
 * which: number of the clause whose condition is the first that holds; -1: none. */
#include "core/json.h"
#include "lake/data.h"

static bool has_phase(const struct lake_query *q, int phase)
{
	for (uint32_t i = 0; i < q->stmt->n_whens; i++)
		if (q->stmt->whens[i].match == phase)
			return true;
	return false;
}

static struct sp_ex *literal(struct arena *a, bool flag, int64_t number, enum sp_lit kind)
{
	struct sp_ex *e = arena_alloc(a, sizeof(*e));
	e->kind = SP_EX_LITERAL;
	e->lit.kind = (uint8_t)kind;
	e->lit.flag = flag;
	e->lit.number = number;
	return e;
}

/* CASE WHEN condition THEN then(clause) ... ELSE other END over the clauses of this phase. */
static struct sp_ex *choose(struct lake_query *q, struct sp_ex *(*then)(struct lake_query *q, uint32_t clause, size_t column), size_t column,
			    struct sp_ex *other)
{
	struct arena *a = &q->arena;
	struct sp_ex *e = arena_alloc(a, sizeof(*e));
	e->kind = SP_EX_CASE;
	e->cases.whens = arena_alloc(a, (q->stmt->n_whens + 1) * sizeof(*e->cases.whens));
	e->cases.other = other;
	for (uint32_t i = 0; i < q->stmt->n_whens; i++) {
		const struct sp_merge_when *w = &q->stmt->whens[i];
		struct sp_when *to = &e->cases.whens[e->cases.n];
		if (w->match != q->phase)
			continue;
		to->when = w->condition ? w->condition : literal(a, true, 0, SP_LIT_BOOLEAN);
		to->then = then(q, i, column);
		if (!to->then)
			return NULL;
		e->cases.n++;
	}
	return e;
}

static struct sp_ex *which(struct lake_query *q, uint32_t clause, size_t column)
{
	return literal(&q->arena, false, clause, SP_LIT_INT);
}

static struct slice source_name(const struct lake_query *q)
{
	const struct sp_rel *s = q->stmt->merge_source;
	if (s->alias.name.p || s->kind != SP_REL_TABLE || !s->table.name.n)
		return s->alias.name;
	return s->table.name.parts[s->table.name.n - 1];
}

/* What a clause gives a column of the target. */
static struct sp_ex *value(struct lake_query *q, uint32_t clause, size_t column)
{
	const struct lake_data *d = lake_data(q);
	const struct sp_merge_when *w = &q->stmt->whens[clause];
	struct slice name = d->to.fields[column].name;
	bool inserts = w->action == SP_MERGE_INSERT || w->action == SP_MERGE_INSERT_STAR;
	if (w->action == SP_MERGE_UPDATE_STAR || w->action == SP_MERGE_INSERT_STAR)
		return lake_ex_name(&q->arena, source_name(q), name);
	for (uint32_t i = 0; i < w->n; i++) {
		ssize_t at = lake_assigned(q, &w->sets[i].name);
		if (at < 0)
			return NULL;
		if ((size_t)at == column)
			return w->sets[i].value;
	}
	return inserts ? literal(&q->arena, false, 0, SP_LIT_NULL) : lake_ex_name(&q->arena, lake_ex_target_name(q), name);
}

/* With schema.autoMerge, * may add columns to the target. */
static bool would_widen(struct lake_query *q)
{
	struct slice on = q->cx.conf(q->cx.self, "spark.databricks.delta.schema.autoMerge.enabled");
	for (uint32_t i = 0; sl_eq_nocase(on, S("true")) && i < q->stmt->n_whens; i++)
		if (q->stmt->whens[i].action == SP_MERGE_UPDATE_STAR || q->stmt->whens[i].action == SP_MERGE_INSERT_STAR)
			return sp_fail(&q->err, SP_E_UNSERVED, "", "", "MERGE with UPDATE SET * or INSERT * isn't served while schema.autoMerge is on: columns that the target "
				       "lacks wouldn't be added");
	return false;
}

static const struct sp_query *merge_query(struct lake_query *q)
{
	struct arena *a = &q->arena;
	struct sp_rel *join = arena_alloc(a, sizeof(*join)), *target;
	struct sp_query *out;
	struct slice name;
	bool inserts = q->phase == SP_MERGE_NOT_MATCHED;
	if (lake_target_there(q) || would_widen(q))
		return NULL;
	target = lake_ex_target(q);
	name = lake_ex_target_name(q);
	join->kind = SP_REL_JOIN;
	join->join.kind = q->phase == SP_MERGE_MATCHED ? SP_JOIN_INNER : SP_JOIN_LEFT_ANTI;
	join->join.left = inserts ? q->stmt->merge_source : target;
	join->join.right = inserts ? target : q->stmt->merge_source;
	join->join.on = q->stmt->where;
	join->at = q->stmt->at;
	join->end = q->stmt->end;
	out = lake_ex_select(a, join, 3 + lake_data(q)->to.field_n);
	if (!inserts) {
		lake_ex_add(out, lake_ex_name(a, name, S(LAKE_FILE)));
		lake_ex_add(out, lake_ex_name(a, name, S(LAKE_ROW)));
	}
	lake_ex_add(out, lake_ex_alias(a, choose(q, which, 0, literal(a, false, -1, SP_LIT_INT)), S("which")));
	for (size_t i = 0; i < lake_data(q)->to.field_n; i++) {
		struct slice column = lake_data(q)->to.fields[i].name;
		struct sp_ex *e = choose(q, value, i, inserts ? NULL : lake_ex_name(a, name, column));
		if (!e)
			return NULL;
		lake_ex_add(out, lake_ex_alias(a, e, column));
	}
	return out;
}

static int merge_shape(struct lake_query *q)
{
	const struct lake_data *d = lake_data(q);
	return lake_data_cast(q, q->phase == SP_MERGE_NOT_MATCHED ? 1 : 3, d->to.fields, d->to.field_n);
}

static int take_edits(struct lake_query *q, const struct sp_batch *b)
{
	struct lake_data *d = lake_data(q);
	size_t first = lake_data_add(q, &d->changed, b, 3);
	for (size_t r = 0; r < b->n; r++) {
		int64_t clause = sp_get(&b->columns[2], r).i;
		bool deletes = clause >= 0 && q->stmt->whens[clause].action == SP_MERGE_DELETE;
		if (clause >= 0)
			lake_data_edit(q, sp_get(&b->columns[0], r).i, sp_get(&b->columns[1], r).i, deletes ? -1 : (ssize_t)(first + r));
	}
	return 0;
}

static int take_inserts(struct lake_query *q, const struct sp_batch *b)
{
	struct lake_data *d = lake_data(q);
	uint32_t *rows = xcalloc(b->n + 1, sizeof(*rows));
	struct arena a = { 0 };
	struct sp_batch picked = { .column_n = b->column_n };
	for (size_t r = 0; r < b->n; r++)
		if (sp_get(&b->columns[0], r).i >= 0)
			rows[picked.n++] = (uint32_t)r;
	picked.columns = arena_alloc(&a, (b->column_n + 1) * sizeof(*picked.columns));
	for (size_t i = 0; i < b->column_n; i++)
		picked.columns[i] = sp_vec_pick(&a, &b->columns[i], rows, picked.n);
	if (picked.n)
		lake_data_add(q, &d->fresh, &picked, 1);
	d->inserted += picked.n;
	arena_free(&a);
	free(rows);
	return 0;
}

/* {"predicate":"...","matchedPredicates":"[{\"actionType\":\"update\"}]",...} */
static struct slice parameters(struct lake_query *q)
{
	static const char *const keys[] = { [SP_MERGE_MATCHED] = "matchedPredicates", [SP_MERGE_NOT_MATCHED] = "notMatchedPredicates",
					    [SP_MERGE_NOT_MATCHED_BY_SOURCE] = "notMatchedBySourcePredicates" };
	const struct sp_stmt *s = q->stmt;
	struct buf b = { 0 };
	struct slice out;
	jw_obj(&b, NULL);
	jw_fmt(&b, "predicate", "[\"%.*s\"]", (int)(s->where->end - s->where->at), q->sql.p + s->where->at);
	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		struct buf list = { 0 };
		for (uint32_t i = 0; i < s->n_whens; i++) {
			const struct sp_merge_when *w = &s->whens[i];
			bool deletes = w->action == SP_MERGE_DELETE, inserts = w->action == SP_MERGE_INSERT || w->action == SP_MERGE_INSERT_STAR;
			if (w->match == k)
				buf_addf(&list, "%s{\"actionType\":\"%s\"}", list.n ? "," : "", deletes ? "delete" : inserts ? "insert" : "update");
		}
		jw_fmt(&b, keys[k], "[%.*s]", SL(buf_slice(&list)));
		buf_free(&list);
	}
	jw_obj_end(&b);
	out = arena_dup(&q->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

static void next_phase(struct lake_query *q)
{
	q->phase++;
	while (q->phase <= SP_MERGE_NOT_MATCHED_BY_SOURCE && !has_phase(q, q->phase))
		q->phase++;
	if (q->rc)
		lake_query_end(q);
	else if (q->phase <= SP_MERGE_NOT_MATCHED_BY_SOURCE)
		lake_query_again(q);
	else
		lake_data_commit(q, "MERGE", parameters(q));
}

static void merge(struct lake_query *q)
{
	lake_query_rows(q, q->phase == SP_MERGE_NOT_MATCHED ? take_inserts : take_edits, next_phase);
}

static const struct sp_query *first_query(struct lake_query *q)
{
	while (q->phase < SP_MERGE_NOT_MATCHED_BY_SOURCE && !has_phase(q, q->phase))
		q->phase++;
	return merge_query(q);
}

const struct lake_doing lake_doings_merge[] = {
	{ SP_STMT_MERGE, .analyses = true, .runs = true, .writes = true, .query = first_query, .shape = merge_shape, .start = merge },
	{ -1 },
};
