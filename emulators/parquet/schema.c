/* A tree of nodes -> leaves with their levels. */
#include "parquet/parquet.h"

struct walk {
	const struct pq_node *nodes;
	size_t n, at;
	struct pq_schema *out;
	struct pq_leaf now;
	struct error *err;
};

static int subtree(struct walk *w, int depth)
{
	size_t index = w->at;
	const struct pq_node *node = &w->nodes[index];
	struct pq_leaf before = w->now;
	int rc = 0;
	if (w->at >= w->n)
		return err_set(w->err, ERR_INVALID, "Parquet schema: a group has fewer children than it says");
	if (depth > PQ_DEPTH)
		return err_set(w->err, ERR_LIMIT, "Parquet schema: deeper than %d levels", PQ_DEPTH);
	w->at++;
	if (depth > 0) {
		w->now.chain[w->now.chain_n++] = index;
		w->now.max_def += node->repetition != PQ_REQUIRED;
		w->now.max_rep += node->repetition == PQ_REPEATED;
	}
	if (node->type == PQ_GROUP) {
		for (int i = 0; i < node->child_n && rc == 0; i++)
			rc = subtree(w, depth + 1);
	} else {
		w->now.type = node->type;
		w->now.size = node->size;
		w->out->leaves[w->out->leaf_n++] = w->now;
	}
	w->now = before;
	return rc;
}

int pq_schema_make(struct arena *a, const struct pq_node *nodes, size_t n, struct pq_schema *out, struct error *err)
{
	struct walk w = { .nodes = nodes, .n = n, .out = out, .err = err };
	int rc;
	if (n == 0 || nodes[0].type != PQ_GROUP)
		return err_set(err, ERR_INVALID, "Parquet schema: no root");
	if (n > PQ_NODES_MAX)
		return err_set(err, ERR_LIMIT, "Parquet schema: more than %d elements", PQ_NODES_MAX);
	*out = (struct pq_schema){ .nodes = nodes, .node_n = n };
	out->leaves = arena_alloc(a, n * sizeof(*out->leaves));
	rc = subtree(&w, 0);
	if (rc == 0 && w.at != n)
		return err_set(err, ERR_INVALID, "Parquet schema: elements outside of the root");
	return rc;
}

ssize_t pq_leaf_find(const struct pq_schema *s, const struct slice *names, size_t n)
{
	for (size_t i = 0; i < s->leaf_n; i++) {
		size_t same = 0;
		if (s->leaves[i].chain_n != n)
			continue;
		while (same < n && sl_eq(s->nodes[s->leaves[i].chain[same]].name, names[same]))
			same++;
		if (same == n)
			return (ssize_t)i;
	}
	return -1;
}
