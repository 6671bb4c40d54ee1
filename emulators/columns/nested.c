/* Levels -> arrays, maps, structs: each leaf has a cursor, and a value takes the entries that are its own from all leaves below it. */
#include "columns/bind.h"

struct assemble {
	struct arena *a;
	const struct pq_column *leaves;
	struct cursor {
		size_t level, value; /* next ones */
	} *at;
	struct error *err;
	int rc;
};

static int def_at(const struct assemble *s, size_t slot)
{
	const struct pq_column *c = &s->leaves[slot];
	return c->def && s->at[slot].level < c->level_n ? c->def[s->at[slot].level] : c->max_def;
}

/* Repetition level of the next entry; -1: there is none. */
static int rep_at(const struct assemble *s, size_t slot)
{
	const struct pq_column *c = &s->leaves[slot];
	if (s->at[slot].level >= c->level_n)
		return -1;
	return c->rep ? c->rep[s->at[slot].level] : 0;
}

static void damaged(struct assemble *s)
{
	if (!s->rc)
		s->rc = err_set(s->err, ERR_INVALID, "Parquet: the leaves of a nested column don't agree on its levels");
}

/* One entry of each leaf is that of a NULL or of an empty list above it. */
static void step(struct assemble *s, const struct col_node *node)
{
	for (size_t i = node->slot; i < node->slot + node->slot_n; i++) {
		if (s->at[i].level >= s->leaves[i].level_n) {
			damaged(s);
			return;
		}
		s->at[i].value += def_at(s, i) == s->leaves[i].max_def;
		s->at[i].level++;
	}
}

static void take(struct assemble *s, const struct col_node *node, struct sp_value *out);

static void take_leaf(struct assemble *s, const struct col_node *node, struct sp_value *out)
{
	const struct pq_column *c = &s->leaves[node->slot];
	struct cursor *at = &s->at[node->slot];
	if (at->level >= c->level_n) {
		damaged(s);
		return;
	}
	*out = SP_NULL_VALUE;
	if (def_at(s, node->slot) == c->max_def && !col_leaf_value(s->a, &node->leaf, c, at->value++, out) && !s->rc)
		s->rc = col_leaf_fail(&node->leaf, s->err);
	at->level++;
}

static void take_struct(struct assemble *s, const struct col_node *node, struct sp_value *out)
{
	struct sp_list *l = sp_list_new(s->a, node->kid_n);
	for (size_t i = 0; i < node->kid_n && !s->rc; i++)
		take(s, &node->kids[i], &l->items[i]);
	out->list = l;
}

/* Items there are before the next entry of a lower repetition level. */
static size_t count_items(const struct assemble *s, const struct col_node *node)
{
	const struct pq_column *c = &s->leaves[node->slot];
	size_t n = 1, i = s->at[node->slot].level + 1;
	for (; i < c->level_n && c->rep[i] >= node->item_rep; i++)
		n += c->rep[i] == node->item_rep;
	return n;
}

static void take_items(struct assemble *s, const struct col_node *node, struct sp_value *out)
{
	size_t each = node->shape == COL_MAP ? 2 : 1, n;
	struct sp_list *l;
	if (def_at(s, node->slot) < node->item_def) {
		step(s, node);
		out->list = sp_list_new(s->a, 0);
		return;
	}
	n = count_items(s, node);
	out->list = l = sp_list_new(s->a, n * each);
	for (size_t i = 0; i < n && !s->rc; i++) {
		for (size_t k = node->slot; i && k < node->slot + node->slot_n; k++)
			if (rep_at(s, k) != node->item_rep)
				damaged(s);
		for (size_t k = 0; k < each && !s->rc; k++)
			take(s, &node->kids[k], &l->items[i * each + k]);
	}
	for (size_t k = node->slot; k < node->slot + node->slot_n; k++)
		if (rep_at(s, k) >= node->item_rep)
			damaged(s);
}

static void take(struct assemble *s, const struct col_node *node, struct sp_value *out)
{
	*out = SP_NULL_VALUE;
	if (node->shape == COL_ABSENT || s->rc)
		return;
	if (node->shape == COL_LEAF) {
		take_leaf(s, node, out);
		return;
	}
	if (def_at(s, node->slot) < node->def) {
		step(s, node);
		return;
	}
	out->null = false;
	if (node->shape == COL_STRUCT)
		take_struct(s, node, out);
	else
		take_items(s, node, out);
}

int col_assemble(struct arena *a, const struct col_node *node, const struct pq_column *leaves, size_t n, struct sp_vec *out, struct error *err)
{
	struct assemble s = { .a = a, .leaves = leaves, .err = err };
	struct sp_out o;
	s.at = xcalloc(node->slot + node->slot_n + 1, sizeof(*s.at));
	sp_out_make(&o, a, node->type, n);
	for (size_t i = 0; i < n && !s.rc; i++) {
		struct sp_value v;
		take(&s, node, &v);
		if (v.null)
			sp_out_null(&o, i);
		else
			o.list[i] = v.list;
	}
	*out = o.v;
	free(s.at);
	return s.rc;
}
