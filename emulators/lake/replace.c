/* Rows of a Delta table that a predicate is true for are replaced by a query's, for which it must be true, too: INSERT INTO ... REPLACE
 * WHERE, and the option replaceWhere. Phase 0 looks for the rows that go, phase 1 writes. */
#include "lake/data.h"

#define MATCHES "_tarn_matches"

bool lake_replace_looks(const struct lake_query *q)
{
	return q->stmt->where && q->phase == 0 && !q->target->missing;
}

/* SELECT predicate, * FROM (query) [AS t(columns of the target)] */
static const struct sp_query *with_predicate(struct lake_query *q, bool by_position)
{
	struct arena *a = &q->arena;
	const struct lake_data *d = lake_data(q);
	struct sp_query *query = q->stmt->query, *out;
	struct sp_rel *from = arena_alloc(a, sizeof(*from));
	struct sp_ex *star = arena_alloc(a, sizeof(*star));
	*from = (struct sp_rel){ .kind = SP_REL_QUERY, .query = query, .at = query->at, .end = query->end, .alias.name = sl(NULL) };
	if (by_position) {
		from->alias.name = S("_tarn_rows");
		from->alias.columns.v = arena_alloc(a, (d->to.field_n + 1) * sizeof(*from->alias.columns.v));
		for (size_t i = 0; i < d->to.field_n; i++)
			from->alias.columns.v[from->alias.columns.n++] = d->to.fields[i].name;
	}
	*star = (struct sp_ex){ .kind = SP_EX_STAR, .at = query->at, .end = query->at };
	out = lake_ex_select(a, from, 2);
	lake_ex_add(out, lake_ex_alias(a, q->stmt->where, S(MATCHES)));
	lake_ex_add(out, star);
	return out;
}

const struct sp_query *lake_replace_query(struct lake_query *q, bool by_position)
{
	if (!q->stmt->where || q->target->missing)
		return q->stmt->query;
	return lake_replace_looks(q) ? lake_ex_rows(q, q->stmt->where) : with_predicate(q, by_position);
}

static int take_gone(struct lake_query *q, const struct sp_batch *b)
{
	for (size_t r = 0; r < b->n; r++)
		lake_data_edit(q, sp_get(&b->columns[0], r).i, sp_get(&b->columns[1], r).i, -1);
	return 0;
}

static void gone(struct lake_query *q)
{
	if (q->rc) {
		lake_query_end(q);
		return;
	}
	lake_data(q)->deleted = 0; /* rows replaced aren't counted */
	q->phase = 1;
	lake_query_again(q);
}

void lake_replace_look(struct lake_query *q)
{
	lake_query_rows(q, take_gone, gone);
}

int lake_replace_take(struct lake_query *q, const struct sp_batch *b)
{
	struct lake_data *d = lake_data(q);
	size_t first = q->stmt->where && !q->target->missing;
	for (size_t r = 0; first && r < b->n; r++) {
		struct sp_value v = sp_get(&b->columns[0], r);
		if (v.null || !v.i)
			return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_REPLACE_WHERE_MISMATCH", "44000", "Written data does not conform to partial table overwrite condition or "
				       "constraint '%.*s'.", SL(q->stmt->where_text));
	}
	lake_data_add(q, &d->fresh, b, first);
	d->inserted += b->n;
	return 0;
}
