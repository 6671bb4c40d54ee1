/* In which order groups come out: the one that Spark's operators have in a partition, which is seen wherever rows tie behind it (ORDER BY a
 * count, row_number). Its hash aggregate gives groups as they first came, but those with a NULL key last, where keys and states fit its fast
 * map; what can't be updated in place (the greatest text) is aggregated sorted by keys; objects (collect_list) are hashed up to 128 groups. */
#include "engine/aggregate.h"

enum manner { FAST, AS_THEY_CAME, OBJECTS, SORTED };
enum { OBJECT_GROUPS = 128, LONG_DIGITS = 18, SUM_DIGITS = 10 };

static const char *const keep_a_value[] = { "max", "min", "first", "last", "any_value", "first_value", "last_value", "max_by", "min_by" };
static const char *const objects[] = { "collect_list", "collect_set", "array_agg", "percentile", "percentile_cont", "percentile_disc", "median",
				       "percentile_approx", "approx_percentile", "histogram_numeric", "mode", "bitmap_construct_agg",
				       "bitmap_or_agg" };

static bool is_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static bool in_place(const struct sp_type *t)
{
	return t->kind != SP_STRING && t->kind != SP_BINARY && t->kind != SP_ARRAY && t->kind != SP_MAP && t->kind != SP_STRUCT;
}

static enum manner manner_of(const struct sp_expr *call)
{
	const char *name = call->fn->name;
	enum manner m = FAST;
	if (is_of(name, objects, ARRAY_LEN(objects)))
		return OBJECTS;
	for (size_t i = 0; i < call->arg_n; i++) {
		const struct sp_type *t = call->args[i]->type;
		if (is_of(name, keep_a_value, ARRAY_LEN(keep_a_value))) {
			if (!in_place(t))
				return SORTED;
			m = t->kind == SP_DECIMAL && t->precision > LONG_DIGITS ? AS_THEY_CAME : m;
		} else if (t->kind == SP_DECIMAL && t->precision + SUM_DIGITS > LONG_DIGITS && strcmp(name, "count") != 0) {
			m = AS_THEY_CAME;
		}
	}
	return m;
}

static enum manner manner_of_all(const struct sp_plan *p)
{
	enum manner m = FAST;
	for (size_t i = 0; i < p->aggregate_n; i++) {
		enum manner one = manner_of(p->aggregates[i].call);
		m = one == OBJECTS || m == OBJECTS ? OBJECTS : one > m ? one : m;
	}
	for (size_t i = 0; i < p->group_n && m == FAST; i++)
		if (!in_place(p->groups[i]->type) && p->groups[i]->type->kind != SP_STRING)
			m = AS_THEY_CAME;
	return m;
}

bool sp_row_has_null(const struct sp_vec *columns, size_t n, size_t row)
{
	for (size_t i = 0; i < n; i++)
		if (sp_null_at(&columns[i], row))
			return true;
	return false;
}

/* Those without a NULL first. false: no key is NULL. */
static bool nulls_last(const struct sp_vec *keys, size_t key_n, size_t n, uint32_t *rows)
{
	size_t at = 0;
	for (int null = 0; null < 2; null++) {
		for (size_t r = 0; r < n; r++) {
			rows[at] = (uint32_t)r;
			at += sp_row_has_null(keys, key_n, r) == null;
		}
		if (at == n && !null)
			return false;
	}
	return true;
}

int sp_group_order(struct sp_run *run, const struct sp_plan *plan, const struct sp_store *groups, uint32_t **rows)
{
	enum manner m = manner_of_all(plan);
	const size_t n = groups->n, key_n = plan->group_n;
	*rows = NULL;
	if (key_n == 0 || n < 2 || m == AS_THEY_CAME || (m == OBJECTS && n <= OBJECT_GROUPS))
		return 0;
	struct sp_vec *keys = xcalloc(key_n, sizeof(*keys));
	struct sp_sort_key *by = xcalloc(key_n, sizeof(*by));
	int rc = 0;
	bool other = true;
	*rows = xmalloc((n + 1) * sizeof(**rows));
	for (size_t i = 0; i < key_n; i++) {
		keys[i] = sp_store_column(groups, i);
		by[i].v = keys[i];
	}
	if (m == FAST)
		other = nulls_last(keys, key_n, n, *rows);
	else
		rc = sp_sort(run, by, key_n, n, *rows);
	free(keys);
	free(by);
	if (rc || !other) {
		free(*rows);
		*rows = NULL;
	}
	return rc;
}
