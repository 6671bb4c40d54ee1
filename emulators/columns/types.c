/* A file's schema as Spark's types. */
#include "columns/bind.h"

size_t col_after(const struct pq_schema *s, size_t at)
{
	size_t left = 1;
	while (left && at < s->node_n) {
		left += (s->nodes[at].type == PQ_GROUP ? (size_t)s->nodes[at].child_n : 0) - 1;
		at++;
	}
	return at;
}

/* LogicalTypes.md, "Backward-compatibility rules": when the repeated node is the element itself. */
size_t col_list(const struct pq_schema *s, size_t at, bool *element)
{
	const struct pq_node *list = &s->nodes[at], *mid = &s->nodes[at + 1];
	struct slice rest;
	if (list->type != PQ_GROUP || list->kind != PQ_LIST || list->child_n != 1 || mid->repetition != PQ_REPEATED)
		return 0;
	*element = mid->type != PQ_GROUP || mid->child_n != 1 || mid->kind == PQ_LIST || mid->kind == PQ_MAP ||
		   s->nodes[at + 2].repetition == PQ_REPEATED || sl_eqs(mid->name, "array") ||
		   (sl_after(mid->name, list->name, &rest) && sl_eqs(rest, "_tuple"));
	return at + 1;
}

size_t col_map(const struct pq_schema *s, size_t at)
{
	const struct pq_node *map = &s->nodes[at], *mid = &s->nodes[at + 1];
	if (map->type != PQ_GROUP || map->kind != PQ_MAP || map->child_n != 1 || mid->repetition != PQ_REPEATED || mid->type != PQ_GROUP ||
	    mid->child_n < 1 || mid->child_n > 2)
		return 0;
	return at + 1;
}

static const char *const physical_names[] = { "BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BINARY", "FIXED_LEN_BYTE_ARRAY" };

static int fail_type(const struct pq_node *node, const char *kind, struct error *err)
{
	return err_set(err, ERR_UNSUPPORTED, "[PARQUET_TYPE_ILLEGAL] Illegal Parquet type: %s%s%s%s, of column %.*s",
		       node->type >= 0 ? physical_names[node->type] : "group", kind ? " (" : "", kind ? kind : "", kind ? ")" : "", SL(node->name));
}

static int decimal_type(struct arena *a, const struct pq_node *node, const struct sp_type **out, struct error *err)
{
	if (node->precision < 1 || node->precision > SP_PRECISION_MAX || node->scale < 0 || node->scale > node->precision)
		return err_set(err, ERR_UNSUPPORTED, "Parquet: column %.*s is a decimal(%d,%d); Spark's have 38 digits at most", SL(node->name),
			       node->precision, node->scale);
	*out = sp_decimal(a, node->precision, node->scale);
	return 0;
}

static const struct sp_type *integer_type(struct arena *a, const struct pq_node *node)
{
	int bits = node->bits ? node->bits : node->type == PQ_INT64 ? 64 : 32;
	if (node->is_unsigned && bits == 64)
		return sp_decimal(a, 20, 0);
	if (node->is_unsigned)
		bits *= 2;
	return &sp_types[bits <= 8 ? SP_TINYINT : bits <= 16 ? SP_SMALLINT : bits <= 32 ? SP_INT : SP_BIGINT];
}

static int leaf_type(struct arena *a, const struct pq_node *node, const struct sp_type **out, struct error *err)
{
	bool text = node->type == PQ_BYTES || node->type == PQ_FIXED, whole = node->type == PQ_INT32 || node->type == PQ_INT64;
	switch ((enum pq_kind)node->kind) {
	case PQ_DECIMAL:
		if (text || whole)
			return decimal_type(a, node, out, err);
		break;
	case PQ_STRING:
		*out = &sp_types[SP_STRING];
		return text ? 0 : fail_type(node, "STRING", err);
	case PQ_UUID:
		*out = &sp_types[SP_STRING];
		return node->type == PQ_FIXED && node->size == 16 ? 0 : fail_type(node, "UUID", err);
	case PQ_FLOAT16:
		*out = &sp_types[SP_FLOAT];
		return node->type == PQ_FIXED && node->size == 2 ? 0 : fail_type(node, "FLOAT16", err);
	case PQ_DATE:
		*out = &sp_types[SP_DATE];
		return node->type == PQ_INT32 ? 0 : fail_type(node, "DATE", err);
	case PQ_MILLIS:
	case PQ_MICROS:
	case PQ_NANOS:
		*out = &sp_types[node->local ? SP_TIMESTAMP_NTZ : SP_TIMESTAMP];
		return node->type == PQ_INT64 ? 0 : fail_type(node, "TIMESTAMP", err);
	case PQ_TIME:
		return fail_type(node, "TIME", err);
	case PQ_INTERVAL:
		return fail_type(node, "INTERVAL", err);
	case PQ_VOID:
		*out = &sp_types[SP_VOID];
		return 0;
	case PQ_RAW:
	case PQ_LIST:
	case PQ_MAP:
	case PQ_VARIANT:
	case PQ_OTHER:
		break;
	}
	switch (node->type) {
	case PQ_BOOLEAN:
		*out = &sp_types[SP_BOOLEAN];
		break;
	case PQ_INT32:
	case PQ_INT64:
		*out = integer_type(a, node);
		break;
	case PQ_INT96:
		*out = &sp_types[SP_TIMESTAMP];
		break;
	case PQ_FLOAT:
		*out = &sp_types[SP_FLOAT];
		break;
	case PQ_DOUBLE:
		*out = &sp_types[SP_DOUBLE];
		break;
	default:
		*out = &sp_types[SP_BINARY];
		break;
	}
	return 0;
}

/* Without its own repetition. */
static int bare_type(struct arena *a, const struct pq_schema *s, size_t at, const struct sp_type **out, struct error *err);

static int struct_type(struct arena *a, const struct pq_schema *s, size_t at, const struct sp_type **out, struct error *err)
{
	const struct pq_node *node = &s->nodes[at];
	struct sp_field *fields = arena_alloc(a, ((size_t)node->child_n + 1) * sizeof(*fields));
	size_t kid = at + 1;
	int rc = 0;
	for (int i = 0; i < node->child_n && rc == 0; i++) {
		fields[i] = (struct sp_field){ .name = s->nodes[kid].name, .nullable = true };
		rc = col_type(a, s, kid, &fields[i].type, err);
		kid = col_after(s, kid);
	}
	if (rc == 0)
		*out = sp_struct(a, fields, (size_t)node->child_n);
	return rc;
}

static int list_type(struct arena *a, const struct pq_schema *s, size_t mid, bool element, const struct sp_type **out, struct error *err)
{
	const struct sp_type *item;
	int rc = element ? bare_type(a, s, mid, &item, err) : col_type(a, s, mid + 1, &item, err);
	if (rc == 0)
		*out = sp_array(a, item, !element && s->nodes[mid + 1].repetition == PQ_OPTIONAL);
	return rc;
}

static int map_type(struct arena *a, const struct pq_schema *s, size_t mid, const struct sp_type **out, struct error *err)
{
	const struct sp_type *key, *value;
	size_t second = col_after(s, mid + 1);
	int rc = s->nodes[mid].child_n == 2 ? col_type(a, s, mid + 1, &key, err) : fail_type(&s->nodes[mid - 1], "MAP without values", err);
	if (rc == 0)
		rc = col_type(a, s, second, &value, err);
	if (rc == 0)
		*out = sp_map(a, key, value, s->nodes[second].repetition == PQ_OPTIONAL);
	return rc;
}

static int bare_type(struct arena *a, const struct pq_schema *s, size_t at, const struct sp_type **out, struct error *err)
{
	const struct pq_node *node = &s->nodes[at];
	bool element;
	size_t mid;
	if (node->type != PQ_GROUP)
		return leaf_type(a, node, out, err);
	if (node->child_n == 0)
		return fail_type(node, "without fields", err);
	if ((mid = col_list(s, at, &element)))
		return list_type(a, s, mid, element, out, err);
	if ((mid = col_map(s, at)))
		return map_type(a, s, mid, out, err);
	return struct_type(a, s, at, out, err);
}

int col_type(struct arena *a, const struct pq_schema *s, size_t at, const struct sp_type **out, struct error *err)
{
	int rc = bare_type(a, s, at, out, err);
	if (rc == 0 && s->nodes[at].repetition == PQ_REPEATED)
		*out = sp_array(a, *out, false);
	return rc;
}

int col_schema(struct arena *a, struct slice file, struct sp_field **fields, size_t *n, struct error *err)
{
	struct pq_file f;
	int rc = pq_open(&f, file, err);
	size_t at = 1;
	*n = 0;
	*fields = NULL;
	if (rc == 0)
		*fields = arena_alloc(a, ((size_t)f.schema.nodes[0].child_n + 1) * sizeof(**fields));
	for (int i = 0; rc == 0 && i < f.schema.nodes[0].child_n; i++) {
		struct sp_field *to = &(*fields)[(*n)++];
		const struct sp_type *type;
		*to = (struct sp_field){ .name = arena_dup(a, f.schema.nodes[at].name), .nullable = true };
		rc = col_type(&f.arena, &f.schema, at, &type, err);
		if (rc == 0)
			to->type = sp_type_dup(a, type);
		at = col_after(&f.schema, at);
	}
	pq_close(&f);
	return rc;
}
