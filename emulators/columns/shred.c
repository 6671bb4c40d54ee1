/* Columns -> nodes, levels and leaves. */
#include "columns/shred.h"

/* ---- schema ---- */

struct shape {
	struct arena *a;
	struct pq_node *nodes;
	size_t n, cap;
	enum col_match match;
	struct error *err;
};

static struct pq_node *add_node(struct shape *s, struct slice name, int repetition)
{
	ARENA_GROW(s->a, s->nodes, s->n, s->cap);
	s->nodes[s->n] = (struct pq_node){ .name = name, .repetition = repetition, .type = PQ_GROUP };
	return &s->nodes[s->n++];
}

static int decimal_bytes(int precision)
{
	__int128 most = 1;
	int n = 1;
	for (int i = 0; i < precision; i++)
		most *= 10;
	while (n < 16 && most - 1 > ((__int128)1 << (8 * n - 1)) - 1)
		n++;
	return n;
}

static void decimal_node(struct pq_node *node, const struct sp_type *t)
{
	node->type = t->precision <= 9 ? PQ_INT32 : t->precision <= 18 ? PQ_INT64 : PQ_FIXED;
	if (node->type == PQ_FIXED)
		node->size = decimal_bytes(t->precision);
	node->precision = t->precision;
	node->scale = t->scale;
}

static int put_type(struct shape *s, struct slice name, int repetition, int64_t id, const struct sp_type *t);

static int put_fields(struct shape *s, const struct sp_field *fields, size_t n)
{
	int rc = 0;
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = put_type(s, col_physical(s->a, &fields[i], s->match), PQ_OPTIONAL,
			      s->match == COL_BY_NAME ? 0 : col_meta_int(&fields[i], "delta.columnMapping.id", 0), fields[i].type);
	return rc;
}

static int put_nested(struct shape *s, struct slice name, int repetition, int64_t id, const struct sp_type *t)
{
	struct pq_node *node = add_node(s, name, repetition);
	int rc;
	node->field_id = (int)id;
	node->child_n = t->kind == SP_STRUCT ? (int)t->field_n : 1;
	if (t->kind == SP_STRUCT && !t->field_n)
		return err_set(s->err, ERR_UNSUPPORTED, "Cannot write a schema with an empty struct: column %.*s", SL(name));
	if (t->kind == SP_STRUCT)
		return put_fields(s, t->fields, t->field_n);
	node->kind = t->kind == SP_ARRAY ? PQ_LIST : PQ_MAP;
	node = add_node(s, t->kind == SP_ARRAY ? S("list") : S("key_value"), PQ_REPEATED);
	node->child_n = t->kind == SP_ARRAY ? 1 : 2;
	if (t->kind == SP_ARRAY)
		return put_type(s, S("element"), PQ_OPTIONAL, 0, t->item);
	rc = put_type(s, S("key"), PQ_REQUIRED, 0, t->key);
	return rc ? rc : put_type(s, S("value"), PQ_OPTIONAL, 0, t->item);
}

static int put_type(struct shape *s, struct slice name, int repetition, int64_t id, const struct sp_type *t)
{
	static const struct {
		int type, kind, bits;
	} rows[SP_KINDS] = {
		[SP_BOOLEAN] = { PQ_BOOLEAN, PQ_RAW, 0 }, [SP_TINYINT] = { PQ_INT32, PQ_RAW, 8 }, [SP_SMALLINT] = { PQ_INT32, PQ_RAW, 16 },
		[SP_INT] = { PQ_INT32, PQ_RAW, 0 }, [SP_BIGINT] = { PQ_INT64, PQ_RAW, 0 }, [SP_FLOAT] = { PQ_FLOAT, PQ_RAW, 0 },
		[SP_DOUBLE] = { PQ_DOUBLE, PQ_RAW, 0 }, [SP_DECIMAL] = { PQ_INT64, PQ_DECIMAL, 0 }, [SP_STRING] = { PQ_BYTES, PQ_STRING, 0 },
		[SP_BINARY] = { PQ_BYTES, PQ_RAW, 0 }, [SP_DATE] = { PQ_INT32, PQ_DATE, 0 }, [SP_TIMESTAMP] = { PQ_INT64, PQ_MICROS, 0 },
		[SP_TIMESTAMP_NTZ] = { PQ_INT64, PQ_MICROS, 0 },
	};
	struct buf b = { 0 };
	struct pq_node *node;
	int rc;
	if (t->kind == SP_ARRAY || t->kind == SP_MAP || t->kind == SP_STRUCT)
		return put_nested(s, name, repetition, id, t);
	if (t->kind == SP_VOID || t->kind == SP_INTERVAL || t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT) {
		sp_type_sql(&b, t);
		rc = err_set(s->err, ERR_UNSUPPORTED,
			     "[UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE] The Parquet datasource doesn't support the column `%.*s` of the type \"%s\".",
			     SL(name), buf_cstr(&b));
		buf_free(&b);
		return rc;
	}
	node = add_node(s, name, repetition);
	node->type = rows[t->kind].type;
	node->kind = rows[t->kind].kind;
	node->bits = rows[t->kind].bits;
	node->local = t->kind == SP_TIMESTAMP_NTZ;
	node->field_id = (int)id;
	if (t->kind == SP_DECIMAL)
		decimal_node(node, t);
	return 0;
}

int col_shape(struct arena *a, const struct col_write *in, struct pq_schema *out, struct error *err)
{
	struct shape s = { .a = a, .match = in->match, .err = err };
	int rc;
	add_node(&s, S("spark_schema"), PQ_REQUIRED)->child_n = (int)in->field_n;
	rc = put_fields(&s, in->fields, in->field_n);
	return rc ? rc : pq_schema_make(a, s.nodes, s.n, out, err);
}

size_t col_leaves(const struct sp_type *t)
{
	size_t n = 0;
	switch (t->kind) {
	case SP_ARRAY:
		return col_leaves(t->item);
	case SP_MAP:
		return col_leaves(t->key) + col_leaves(t->item);
	case SP_STRUCT:
		for (size_t i = 0; i < t->field_n; i++)
			n += col_leaves(t->fields[i].type);
		return n;
	default:
		return 1;
	}
}

/* ---- values ---- */

static void add_decimal(struct pq_column *c, int rep, __int128 v)
{
	char bytes[16];
	if (c->type == PQ_INT32) {
		pq_add_i32(c, rep, (int32_t)v);
		return;
	}
	if (c->type == PQ_INT64) {
		pq_add_i64(c, rep, (int64_t)v);
		return;
	}
	for (int i = c->size - 1; i >= 0; i--, v >>= 8)
		bytes[i] = (char)v;
	pq_add_bytes(c, rep, sl_of(bytes, (size_t)c->size));
}

static void add_value(struct pq_column *c, const struct sp_type *t, const struct sp_value *v, int rep)
{
	switch (t->kind) {
	case SP_BOOLEAN:
		pq_add_bool(c, rep, v->i != 0);
		break;
	case SP_FLOAT:
		pq_add_f32(c, rep, (float)v->d);
		break;
	case SP_DOUBLE:
		pq_add_f64(c, rep, v->d);
		break;
	case SP_DECIMAL:
		add_decimal(c, rep, sp_wide(v->x));
		break;
	case SP_STRING:
	case SP_BINARY:
		pq_add_bytes(c, rep, v->s);
		break;
	case SP_BIGINT:
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
		pq_add_i64(c, rep, v->i);
		break;
	default:
		pq_add_i32(c, rep, (int32_t)v->i);
		break;
	}
}

struct shred {
	struct pq_column *next; /* leaf */
	const struct sp_field *f;
	struct error *err;
	int rc;
};

static void no_values(struct shred *s, const struct sp_type *t, int rep, int def)
{
	for (size_t n = col_leaves(t); n; n--)
		pq_add_null(s->next++, rep, def);
}

/* def: levels above; depth: repeated ones among them. */
static void shred(struct shred *s, const struct sp_type *t, const struct sp_value *v, int rep, int def, int depth, bool required)
{
	struct pq_column *first = s->next;
	size_t n;
	if (v->null && required && !s->rc)
		s->rc = err_set(s->err, ERR_INVALID, "[NULL_MAP_KEY] Cannot use null as map key: column %.*s", SL(s->f->name));
	if (s->rc)
		return;
	if (v->null) {
		no_values(s, t, rep, def);
		return;
	}
	def += !required;
	if (!sp_is_nested(t)) {
		add_value(s->next++, t, v, rep);
		return;
	}
	n = v->list->n;
	if (t->kind == SP_STRUCT) {
		for (size_t i = 0; i < t->field_n; i++)
			shred(s, t->fields[i].type, &v->list->items[i], rep, def, depth, false);
		return;
	}
	if (n == 0)
		no_values(s, t, rep, def);
	for (size_t i = 0; i < n && t->kind == SP_ARRAY; i++) {
		s->next = first;
		shred(s, t->item, &v->list->items[i], i ? depth + 1 : rep, def + 1, depth + 1, false);
	}
	for (size_t i = 0; i + 1 < n && t->kind == SP_MAP; i += 2) {
		s->next = first;
		shred(s, t->key, &v->list->items[i], i ? depth + 1 : rep, def + 1, depth + 1, true);
		shred(s, t->item, &v->list->items[i + 1], i ? depth + 1 : rep, def + 1, depth + 1, false);
	}
}

/* Numbers whose memory is the file's, without NULLs or choices. */
static bool copy_all(const struct sp_vec *v, size_t from, size_t n, struct pq_column *c)
{
	enum sp_phys phys = sp_phys_of(v->type);
	size_t size = sp_phys_size(phys);
	if (v->one || v->code || v->null || v->type->kind == SP_FLOAT || (phys != SP_U8 && phys != SP_I32 && phys != SP_I64 && phys != SP_F64))
		return false;
	pq_column_room(c, n, n);
	memset(c->def + c->level_n, 1, n);
	memcpy((char *)c->values + c->n * size, (const char *)v->p + from * size, n * size);
	c->level_n += n;
	c->n += n;
	return true;
}

static void add_texts(const struct sp_vec *v, size_t from, size_t n, struct pq_column *c)
{
	pq_column_room(c, n, n);
	for (size_t r = from; r < from + n; r++) {
		size_t at = sp_at(v, r);
		if (v->null && v->null[at])
			pq_add_null(c, 0, 0);
		else
			pq_add_bytes(c, 0, v->str[at]);
	}
}

int col_shred(const struct sp_field *f, const struct sp_vec *v, size_t from, size_t n, struct pq_column *leaves, struct error *err)
{
	struct shred s = { .f = f, .err = err };
	if (!n || copy_all(v, from, n, leaves))
		return 0;
	if (sp_phys_of(v->type) == SP_STR) {
		add_texts(v, from, n, leaves);
		return 0;
	}
	for (size_t r = from; r < from + n && !s.rc; r++) {
		struct sp_value value = sp_get(v, r);
		s.next = leaves;
		shred(&s, f->type, &value, 0, 0, 0, false);
	}
	return s.rc;
}
