/* Which leaves of a file a table's columns are read from. */
#include <jansson.h>

#include "columns/bind.h"
#include "core/json.h"

/* ---- fields' metadata ---- */

static json_t *metadata(const struct sp_field *f)
{
	return f->metadata.n ? json_loadb(f->metadata.p, f->metadata.n, 0, NULL) : NULL;
}

struct slice col_meta_text(struct arena *a, const struct sp_field *f, const char *key)
{
	json_t *j = metadata(f), *v = json_object_get(j, key);
	struct slice s = json_is_string(v) ? arena_dup(a, sl_of(json_string_value(v), json_string_length(v))) : sl(NULL);
	json_decref(j);
	return s;
}

int64_t col_meta_int(const struct sp_field *f, const char *key, int64_t absent)
{
	json_t *j = metadata(f), *v = json_object_get(j, key);
	int64_t n = json_is_integer(v) ? json_integer_value(v) : absent;
	json_decref(j);
	return n;
}

struct slice col_physical(struct arena *a, const struct sp_field *f, enum col_match match)
{
	struct slice s = match == COL_BY_NAME ? sl(NULL) : col_meta_text(a, f, "delta.columnMapping.physicalName");
	return s.p ? s : f->name;
}

/* ---- binding ---- */

struct bind {
	struct arena *a;
	const struct pq_file *f;
	const struct pq_schema *s;
	enum col_match match;
	struct col_plan *plan;
	struct error *err;
};

/* Child of a group that is the field; 0: none. */
static int find_child(const struct bind *b, size_t group, const struct sp_field *f, size_t *out)
{
	struct slice name = col_physical(b->a, f, b->match);
	int64_t id = b->match == COL_BY_ID ? col_meta_int(f, "delta.columnMapping.id", -1) : -1;
	size_t kid = group + 1, exact = 0, folded = 0, folded_n = 0;
	for (int i = 0; i < b->s->nodes[group].child_n; i++, kid = col_after(b->s, kid)) {
		const struct pq_node *node = &b->s->nodes[kid];
		if (id >= 0 ? node->field_id == id : sl_eq(node->name, name)) {
			exact = kid;
		} else if (id < 0 && sl_eq_nocase(node->name, name)) {
			folded = kid;
			folded_n++;
		}
	}
	*out = exact ? exact : folded;
	if (!exact && folded_n > 1)
		return err_set(b->err, ERR_INVALID, "Found duplicate field(s) \"%.*s\" in case-insensitive mode", SL(name));
	return 0;
}

static int bind_node(struct bind *b, size_t at, int def, int rep, const struct sp_type *type, struct col_node *out);

/* The leaf of the schema that stands at a node: they are in the nodes' order. */
static size_t leaf_at(const struct pq_schema *s, size_t at)
{
	size_t low = 0, high = s->leaf_n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (s->leaves[mid].chain[s->leaves[mid].chain_n - 1] < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int fail_shape(const struct bind *b, size_t at, const struct sp_type *type)
{
	struct buf want = { 0 }, has = { 0 };
	const struct sp_type *found;
	int rc;
	sp_type_simple(&want, type);
	if (col_type(b->a, b->s, at, &found, b->err) == 0)
		sp_type_simple(&has, found);
	rc = err_set(b->err, ERR_INVALID, "Parquet column cannot be converted. Column: [%.*s], Expected: %s, Found: %s", SL(b->s->nodes[at].name),
		     buf_cstr(&want), buf_cstr(&has));
	buf_free(&want);
	buf_free(&has);
	return rc;
}

static int bind_leaf(struct bind *b, size_t at, const struct sp_type *type, struct col_node *out)
{
	const struct sp_type *from;
	struct pq_node bare = b->s->nodes[at];
	struct pq_schema alone = { .nodes = &bare, .node_n = 1 };
	int rc;
	bare.repetition = PQ_OPTIONAL;
	out->shape = COL_LEAF;
	rc = col_type(b->a, &alone, 0, &from, b->err);
	if (rc == 0)
		rc = col_leaf_make(b->a, &b->s->nodes[at], from, type, &out->leaf, b->err);
	if (rc)
		return rc;
	out->leaf.julian = from->kind == SP_DATE || from->kind == SP_TIMESTAMP ? bare.type == PQ_INT96 ? b->f->julian_int96 : b->f->julian_dates : false;
	ARENA_GROW(b->a, b->plan->leaves, b->plan->leaf_n, b->plan->leaf_cap);
	b->plan->leaves[b->plan->leaf_n++] = leaf_at(b->s, at);
	return 0;
}

static int bind_struct(struct bind *b, size_t at, int def, int rep, const struct sp_type *type, struct col_node *out)
{
	int rc = 0;
	if (type->kind != SP_STRUCT)
		return fail_shape(b, at, type);
	out->shape = COL_STRUCT;
	out->kid_n = type->field_n;
	out->kids = arena_alloc(b->a, (type->field_n + 1) * sizeof(*out->kids));
	for (size_t i = 0; i < type->field_n && rc == 0; i++) {
		size_t kid;
		rc = find_child(b, at, &type->fields[i], &kid);
		if (rc == 0 && kid)
			rc = bind_node(b, kid, def, rep, type->fields[i].type, &out->kids[i]);
		out->kids[i].type = type->fields[i].type;
	}
	return rc;
}

/* A repeated node mid below a list or map, whose kids are the items. */
static void items(struct col_node *out, int shape, size_t kid_n, int def, int rep, struct arena *a)
{
	out->shape = shape;
	out->item_def = def + 1;
	out->item_rep = rep + 1;
	out->kid_n = kid_n;
	out->kids = arena_alloc(a, kid_n * sizeof(*out->kids));
}

static void close_slots(const struct bind *b, struct col_node *out)
{
	out->slot_n = b->plan->leaf_n - out->slot;
	if (!out->slot_n) /* nothing of it is in the file */
		out->shape = COL_ABSENT;
}

/* The node without its own repetition, which the caller has counted in def. */
static int bind_bare(struct bind *b, size_t at, int def, int rep, const struct sp_type *type, struct col_node *out)
{
	const struct pq_schema *s = b->s;
	bool element = false;
	size_t mid;
	int rc;
	*out = (struct col_node){ .type = type, .slot = b->plan->leaf_n, .def = def };
	if (s->nodes[at].type != PQ_GROUP) {
		rc = bind_leaf(b, at, type, out);
	} else if ((mid = col_list(s, at, &element))) {
		if (type->kind != SP_ARRAY)
			return fail_shape(b, at, type);
		items(out, COL_LIST, 1, def, rep, b->a);
		rc = element ? bind_bare(b, mid, def + 1, rep + 1, type->item, &out->kids[0]) :
			       bind_node(b, mid + 1, def + 1, rep + 1, type->item, &out->kids[0]);
	} else if ((mid = col_map(s, at))) {
		if (type->kind != SP_MAP)
			return fail_shape(b, at, type);
		items(out, COL_MAP, 2, def, rep, b->a);
		out->kids[1].type = type->item;
		rc = bind_node(b, mid + 1, def + 1, rep + 1, type->key, &out->kids[0]);
		if (rc == 0 && s->nodes[mid].child_n == 2)
			rc = bind_node(b, col_after(s, mid + 1), def + 1, rep + 1, type->item, &out->kids[1]);
	} else {
		rc = bind_struct(b, at, def, rep, type, out);
	}
	close_slots(b, out);
	return rc;
}

/* def, rep: levels of what the node stands in. */
static int bind_node(struct bind *b, size_t at, int def, int rep, const struct sp_type *type, struct col_node *out)
{
	int rc;
	if (b->s->nodes[at].repetition != PQ_REPEATED)
		return bind_bare(b, at, def + (b->s->nodes[at].repetition == PQ_OPTIONAL), rep, type, out);
	if (type->kind != SP_ARRAY)
		return fail_shape(b, at, type);
	*out = (struct col_node){ .type = type, .slot = b->plan->leaf_n, .def = def }; /* a list without an annotation */
	items(out, COL_LIST, 1, def, rep, b->a);
	rc = bind_bare(b, at, def + 1, rep + 1, type->item, &out->kids[0]);
	close_slots(b, out);
	return rc;
}

int col_bind(struct arena *a, const struct pq_file *f, const struct col_read *in, struct col_plan *out, struct error *err)
{
	struct bind b = { .a = a, .f = f, .s = &f->schema, .match = in->match, .plan = out, .err = err };
	int rc = 0;
	*out = (struct col_plan){ .columns = arena_alloc(a, (in->field_n + 1) * sizeof(*out->columns)), .column_n = in->field_n };
	for (size_t i = 0; i < in->field_n && rc == 0; i++) {
		size_t at;
		out->columns[i].type = in->fields[i].type;
		if ((in->wanted && !in->wanted[i]) || (in->constant && in->constant[i]))
			continue;
		rc = find_child(&b, 0, &in->fields[i], &at);
		if (rc == 0 && at)
			rc = bind_node(&b, at, 0, 0, in->fields[i].type, &out->columns[i]);
	}
	return rc;
}
