#include "spark/type.h"

#include <assert.h>

static const struct kind_name {
	const char *simple, *json; /* json NULL: the same */
} names[SP_KINDS] = {
	[SP_VOID] = { "void", NULL },
	[SP_BOOLEAN] = { "boolean", NULL },
	[SP_TINYINT] = { "tinyint", "byte" },
	[SP_SMALLINT] = { "smallint", "short" },
	[SP_INT] = { "int", "integer" },
	[SP_BIGINT] = { "bigint", "long" },
	[SP_FLOAT] = { "float", NULL },
	[SP_DOUBLE] = { "double", NULL },
	[SP_STRING] = { "string", NULL },
	[SP_BINARY] = { "binary", NULL },
	[SP_DATE] = { "date", NULL },
	[SP_TIMESTAMP] = { "timestamp", NULL },
	[SP_TIMESTAMP_NTZ] = { "timestamp_ntz", NULL },
	[SP_INTERVAL] = { "interval", NULL },
};

#define ATOMIC(k) [k] = { .kind = k }
const struct sp_type sp_types[SP_KINDS] = {
	ATOMIC(SP_VOID), ATOMIC(SP_BOOLEAN), ATOMIC(SP_TINYINT), ATOMIC(SP_SMALLINT), ATOMIC(SP_INT), ATOMIC(SP_BIGINT),
	ATOMIC(SP_FLOAT), ATOMIC(SP_DOUBLE), ATOMIC(SP_STRING), ATOMIC(SP_BINARY), ATOMIC(SP_DATE), ATOMIC(SP_TIMESTAMP),
	ATOMIC(SP_TIMESTAMP_NTZ), ATOMIC(SP_INTERVAL),
	[SP_DECIMAL] = { .kind = SP_DECIMAL, .precision = 10 },
	[SP_INTERVAL_YM] = { .kind = SP_INTERVAL_YM, .precision = SP_YEAR, .scale = SP_MONTH },
	[SP_INTERVAL_DT] = { .kind = SP_INTERVAL_DT, .precision = SP_DAY, .scale = SP_SECOND },
	ATOMIC(SP_ARRAY), ATOMIC(SP_MAP), ATOMIC(SP_STRUCT), /* to be compared with, not to be values' */
};

/* ---- making ---- */

static struct sp_type *type_new(struct arena *a, enum sp_kind kind)
{
	struct sp_type *t = arena_alloc(a, sizeof(*t));
	t->kind = kind;
	return t;
}

const struct sp_type *sp_decimal(struct arena *a, int precision, int scale)
{
	assert(precision >= 0 && precision <= SP_PRECISION_MAX && scale >= 0 && scale <= SP_PRECISION_MAX);
	struct sp_type *t = type_new(a, SP_DECIMAL);
	t->precision = (uint8_t)precision;
	t->scale = (uint8_t)scale;
	return t;
}

const struct sp_type *sp_array(struct arena *a, const struct sp_type *item, bool item_null)
{
	struct sp_type *t = type_new(a, SP_ARRAY);
	t->item = item;
	t->item_null = item_null;
	return t;
}

const struct sp_type *sp_map(struct arena *a, const struct sp_type *key, const struct sp_type *value, bool value_null)
{
	struct sp_type *t = type_new(a, SP_MAP);
	t->key = key;
	t->item = value;
	t->item_null = value_null;
	return t;
}

const struct sp_type *sp_struct(struct arena *a, const struct sp_field *fields, size_t n)
{
	struct sp_type *t = type_new(a, SP_STRUCT);
	struct sp_field *own = arena_alloc(a, (n + 1) * sizeof(*own));
	for (size_t i = 0; i < n; i++)
		own[i] = fields[i];
	t->fields = own;
	t->field_n = n;
	return t;
}

const struct sp_type *sp_type_dup(struct arena *a, const struct sp_type *t)
{
	struct sp_type *own;
	struct sp_field *fields;
	if (t == &sp_types[t->kind])
		return t;
	own = type_new(a, t->kind);
	*own = *t;
	own->key = t->key ? sp_type_dup(a, t->key) : NULL;
	own->item = t->item ? sp_type_dup(a, t->item) : NULL;
	fields = arena_alloc(a, (t->field_n + 1) * sizeof(*fields));
	for (size_t i = 0; i < t->field_n; i++) {
		const struct sp_field *f = &t->fields[i];
		fields[i] = (struct sp_field){ .name = arena_dup(a, f->name), .type = sp_type_dup(a, f->type), .nullable = f->nullable };
		if (f->comment.p)
			fields[i].comment = arena_dup(a, f->comment);
		if (f->metadata.p)
			fields[i].metadata = arena_dup(a, f->metadata);
	}
	own->fields = t->fields ? fields : NULL;
	return own;
}

/* ---- asking ---- */

bool sp_type_eq(const struct sp_type *a, const struct sp_type *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale || a->field_n != b->field_n)
		return false;
	if ((a->key && !sp_type_eq(a->key, b->key)) || (a->item && !sp_type_eq(a->item, b->item)))
		return false;
	for (size_t i = 0; i < a->field_n; i++)
		if (!sl_eq_nocase(a->fields[i].name, b->fields[i].name) || !sp_type_eq(a->fields[i].type, b->fields[i].type))
			return false;
	return true;
}

bool sp_is_orderable(const struct sp_type *t)
{
	if (t->kind == SP_MAP || t->kind == SP_INTERVAL)
		return false;
	if (t->kind == SP_ARRAY)
		return sp_is_orderable(t->item);
	for (size_t i = 0; i < t->field_n; i++)
		if (!sp_is_orderable(t->fields[i].type))
			return false;
	return true;
}

ssize_t sp_field_find(const struct sp_field *fields, size_t n, struct slice name)
{
	ssize_t found = -1;
	for (size_t i = 0; i < n; i++) {
		if (!sl_eq_nocase(fields[i].name, name))
			continue;
		if (found >= 0)
			return -2;
		found = (ssize_t)i;
	}
	return found;
}

/* ---- writing ---- */

static void interval_name(struct buf *b, const struct sp_type *t)
{
	static const char *const ym[] = { "year", "month" }, *const dt[] = { "day", "hour", "minute", "second" };
	const char *const *field = t->kind == SP_INTERVAL_YM ? ym : dt;
	buf_addf(b, "interval %s", field[t->precision]);
	if (t->scale != t->precision)
		buf_addf(b, " to %s", field[t->scale]);
}

/* The name of an atomic type. */
static void atomic_name(struct buf *b, const struct sp_type *t)
{
	if (t->kind == SP_DECIMAL)
		buf_addf(b, "decimal(%d,%d)", t->precision, t->scale);
	else if (t->kind == SP_INTERVAL_YM || t->kind == SP_INTERVAL_DT)
		interval_name(b, t);
	else
		buf_adds(b, names[t->kind].simple);
}

static void add_upper(struct buf *b, const struct sp_type *t)
{
	size_t from = b->n;
	atomic_name(b, t);
	for (size_t i = from; i < b->n; i++)
		if (b->p[i] >= 'a' && b->p[i] <= 'z')
			b->p[i] -= 'a' - 'A';
}

/* A name that must be quoted in the SQL form. */
static bool plain_name(struct slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return name.n > 0;
}

static void add_field_name(struct buf *b, struct slice name, bool sql)
{
	if (!sql || plain_name(name)) {
		buf_addsl(b, name);
		return;
	}
	buf_addc(b, '`');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '`')
			buf_addc(b, '`');
		buf_addc(b, name.p[i]);
	}
	buf_addc(b, '`');
}

static void write_type(struct buf *b, const struct sp_type *t, bool sql)
{
	switch (t->kind) {
	case SP_ARRAY:
		buf_adds(b, sql ? "ARRAY<" : "array<");
		write_type(b, t->item, sql);
		buf_addc(b, '>');
		break;
	case SP_MAP:
		buf_adds(b, sql ? "MAP<" : "map<");
		write_type(b, t->key, sql);
		buf_adds(b, sql ? ", " : ",");
		write_type(b, t->item, sql);
		buf_addc(b, '>');
		break;
	case SP_STRUCT:
		buf_adds(b, sql ? "STRUCT<" : "struct<");
		for (size_t i = 0; i < t->field_n; i++) {
			buf_adds(b, !i ? "" : sql ? ", " : ",");
			add_field_name(b, t->fields[i].name, sql);
			buf_adds(b, sql ? ": " : ":");
			write_type(b, t->fields[i].type, sql);
		}
		buf_addc(b, '>');
		break;
	default:
		if (sql)
			add_upper(b, t);
		else
			atomic_name(b, t);
	}
}

void sp_type_simple(struct buf *b, const struct sp_type *t)
{
	write_type(b, t, false);
}

void sp_type_sql(struct buf *b, const struct sp_type *t)
{
	write_type(b, t, true);
}

void sp_type_json(struct buf *b, const struct sp_type *t)
{
	switch (t->kind) {
	case SP_ARRAY:
		buf_adds(b, "{\"type\":\"array\",\"elementType\":");
		sp_type_json(b, t->item);
		buf_addf(b, ",\"containsNull\":%s}", t->item_null ? "true" : "false");
		break;
	case SP_MAP:
		buf_adds(b, "{\"type\":\"map\",\"keyType\":");
		sp_type_json(b, t->key);
		buf_adds(b, ",\"valueType\":");
		sp_type_json(b, t->item);
		buf_addf(b, ",\"valueContainsNull\":%s}", t->item_null ? "true" : "false");
		break;
	case SP_STRUCT:
		sp_schema_json(b, t->fields, t->field_n);
		break;
	default:
		buf_addc(b, '"');
		if (names[t->kind].json)
			buf_adds(b, names[t->kind].json);
		else
			atomic_name(b, t);
		buf_addc(b, '"');
	}
}

/* The metadata with the comment in it. */
static void write_metadata(struct buf *b, const struct sp_field *f)
{
	struct slice meta = f->metadata.p ? f->metadata : S("{}");
	if (!f->comment.p) {
		buf_addsl(b, meta);
		return;
	}
	buf_addsl(b, sl_of(meta.p, meta.n - 1));
	buf_adds(b, meta.n > 2 ? ",\"comment\":" : "\"comment\":");
	buf_json_string(b, f->comment);
	buf_addc(b, '}');
}

void sp_schema_json(struct buf *b, const struct sp_field *fields, size_t n)
{
	buf_adds(b, "{\"type\":\"struct\",\"fields\":[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i ? ",{\"name\":" : "{\"name\":");
		buf_json_string(b, fields[i].name);
		buf_adds(b, ",\"type\":");
		sp_type_json(b, fields[i].type);
		buf_addf(b, ",\"nullable\":%s,\"metadata\":", fields[i].nullable ? "true" : "false");
		write_metadata(b, &fields[i]);
		buf_addc(b, '}');
	}
	buf_adds(b, "]}");
}

static void tree_name(struct buf *b, const struct sp_type *t)
{
	if (sp_is_nested(t))
		buf_adds(b, t->kind == SP_ARRAY ? "array" : t->kind == SP_MAP ? "map" : "struct");
	else if (names[t->kind].json)
		buf_adds(b, names[t->kind].json);
	else
		atomic_name(b, t);
}

static void tree(struct buf *b, const struct sp_type *t, const char *indent);

static void tree_line(struct buf *b, const char *indent, struct slice name, const struct sp_type *t, const char *what, bool can)
{
	char deeper[8 * SP_TYPE_DEPTH_MAX];
	buf_addf(b, "%s-- %.*s: ", indent, SL(name));
	tree_name(b, t);
	if (what)
		buf_addf(b, " (%s = %s)\n", what, can ? "true" : "false");
	else
		buf_addc(b, '\n');
	snprintf(deeper, sizeof(deeper), "%s    |", indent);
	tree(b, t, deeper);
}

static void tree(struct buf *b, const struct sp_type *t, const char *indent)
{
	if (t->kind == SP_ARRAY) {
		tree_line(b, indent, S("element"), t->item, "containsNull", t->item_null);
	} else if (t->kind == SP_MAP) {
		tree_line(b, indent, S("key"), t->key, NULL, false);
		tree_line(b, indent, S("value"), t->item, "valueContainsNull", t->item_null);
	}
	for (size_t i = 0; i < t->field_n; i++)
		tree_line(b, indent, t->fields[i].name, t->fields[i].type, "nullable", t->fields[i].nullable);
}

void sp_schema_tree(struct buf *b, const struct sp_field *fields, size_t n)
{
	buf_adds(b, "root\n");
	for (size_t i = 0; i < n; i++)
		tree_line(b, " |", fields[i].name, fields[i].type, "nullable", fields[i].nullable);
}

bool sp_type_has(const struct sp_type *t, enum sp_kind kind)
{
	if (t->kind == kind)
		return true;
	if (t->kind == SP_ARRAY || t->kind == SP_MAP)
		return (t->kind == SP_MAP && sp_type_has(t->key, kind)) || sp_type_has(t->item, kind);
	for (size_t i = 0; t->kind == SP_STRUCT && i < t->field_n; i++)
		if (sp_type_has(t->fields[i].type, kind))
			return true;
	return false;
}

const struct sp_type *sp_type_nullable(struct arena *a, const struct sp_type *t)
{
	struct sp_field *fields;
	if (t->kind == SP_ARRAY)
		return sp_array(a, sp_type_nullable(a, t->item), true);
	if (t->kind == SP_MAP)
		return sp_map(a, sp_type_nullable(a, t->key), sp_type_nullable(a, t->item), true);
	if (t->kind != SP_STRUCT)
		return t;
	fields = arena_alloc(a, (t->field_n + 1) * sizeof(*fields));
	for (size_t i = 0; i < t->field_n; i++) {
		fields[i] = t->fields[i];
		fields[i].type = sp_type_nullable(a, t->fields[i].type);
		fields[i].nullable = true;
	}
	return sp_struct(a, fields, t->field_n);
}
