#include "spark/schema.h"

#include <jansson.h>

#include "core/json.h"

struct reading {
	struct arena *a;
	struct error *err;
};

static const struct sp_type *read_type(const struct reading *x, const json_t *v, int depth);

static const struct sp_type *unknown(const struct reading *x, const char *name)
{
	err_set(x->err, ERR_UNSUPPORTED, "the type %.200s isn't served", name);
	return NULL;
}

static const struct sp_type *read_decimal(const struct reading *x, const char *name)
{
	int p, s, n = 0;
	if (sscanf(name, "decimal(%d,%d)%n", &p, &s, &n) != 2 || name[n] || p < 1 || p > SP_PRECISION_MAX || s < 0 || s > p)
		return unknown(x, name);
	return sp_decimal(x->a, p, s);
}

/* "interval day to second" */
static const struct sp_type *read_interval(const struct reading *x, const char *name)
{
	struct buf b = { 0 };
	const struct sp_type *found = NULL;
	for (int kind = SP_INTERVAL_YM; kind <= SP_INTERVAL_DT; kind++)
		for (uint8_t from = 0; from < 4; from++)
			for (uint8_t to = from; to < (kind == SP_INTERVAL_YM ? 2 : 4) && !found; to++) {
				struct sp_type t = { .kind = (enum sp_kind)kind, .precision = from, .scale = to };
				buf_reset(&b);
				sp_type_simple(&b, &t);
				if (sl_eqs(buf_slice(&b), name))
					found = sp_type_dup(x->a, &t);
			}
	buf_free(&b);
	return found ? found : unknown(x, name);
}

static const struct sp_type *read_name(const struct reading *x, const char *name)
{
	static const struct {
		const char *name;
		enum sp_kind kind;
	} rows[] = { { "string", SP_STRING }, { "long", SP_BIGINT }, { "integer", SP_INT }, { "double", SP_DOUBLE }, { "float", SP_FLOAT },
		     { "boolean", SP_BOOLEAN }, { "timestamp", SP_TIMESTAMP }, { "date", SP_DATE }, { "short", SP_SMALLINT }, { "byte", SP_TINYINT },
		     { "binary", SP_BINARY }, { "timestamp_ntz", SP_TIMESTAMP_NTZ }, { "void", SP_VOID }, { "null", SP_VOID },
		     { "decimal", SP_DECIMAL }, { "interval", SP_INTERVAL } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(name, rows[i].name))
			return &sp_types[rows[i].kind];
	if (!strncmp(name, "decimal(", 8))
		return read_decimal(x, name);
	if (!strncmp(name, "varchar(", 8) || !strncmp(name, "char(", 5))
		return &sp_types[SP_STRING];
	return !strncmp(name, "interval ", 9) ? read_interval(x, name) : unknown(x, name);
}

static int read_fields(const struct reading *x, const json_t *list, int depth, struct sp_field **out, size_t *n)
{
	struct sp_field *fields = arena_alloc(x->a, (json_array_size(list) + 1) * sizeof(*fields));
	const json_t *f;
	size_t i;
	if (!json_is_array(list))
		return err_set(x->err, ERR_INVALID, "a struct without fields");
	json_array_foreach(list, i, f) {
		const json_t *meta = json_object_get(f, "metadata"), *nullable = json_object_get(f, "nullable");
		const char *comment = jstr(meta, "comment");
		if (!jstr(f, "name"))
			return err_set(x->err, ERR_INVALID, "a field without a name");
		fields[i] = (struct sp_field){ .name = arena_dup(x->a, jslice(f, "name")), .nullable = !nullable || json_is_true(nullable) };
		fields[i].type = read_type(x, json_object_get(f, "type"), depth + 1);
		if (!fields[i].type)
			return x->err->kind;
		if (comment)
			fields[i].comment = arena_dup(x->a, sl(comment));
		if (json_object_size(meta) > (comment != NULL)) {
			JSON_AUTO rest = json_copy((json_t *)(uintptr_t)meta);
			char *text;
			json_object_del(rest, "comment");
			text = json_dumps(rest, JSON_COMPACT);
			fields[i].metadata = arena_dup(x->a, sl(text));
			free(text);
		}
	}
	*out = fields;
	*n = json_array_size(list);
	return 0;
}

static const struct sp_type *read_type(const struct reading *x, const json_t *v, int depth)
{
	const char *kind = jstr(v, "type");
	const struct sp_type *key, *item;
	struct sp_field *fields;
	size_t n;
	if (depth > SP_TYPE_DEPTH_MAX) {
		err_set(x->err, ERR_LIMIT, "types nested deeper than %d", SP_TYPE_DEPTH_MAX);
		return NULL;
	}
	if (json_is_string(v))
		return read_name(x, json_string_value(v));
	if (kind && !strcmp(kind, "struct"))
		return read_fields(x, json_object_get(v, "fields"), depth, &fields, &n) ? NULL : sp_struct(x->a, fields, n);
	if (kind && !strcmp(kind, "array")) {
		item = read_type(x, json_object_get(v, "elementType"), depth + 1);
		return item ? sp_array(x->a, item, jtrue(v, "containsNull")) : NULL;
	}
	if (kind && !strcmp(kind, "map")) {
		key = read_type(x, json_object_get(v, "keyType"), depth + 1);
		item = key ? read_type(x, json_object_get(v, "valueType"), depth + 1) : NULL;
		return item ? sp_map(x->a, key, item, jtrue(v, "valueContainsNull")) : NULL;
	}
	return unknown(x, kind ? kind : "(none)");
}

int sp_schema_parse(struct arena *a, struct slice json, struct sp_field **fields, size_t *n, struct error *err)
{
	json_error_t at;
	JSON_AUTO root = json_loadb(json.p, json.n, 0, &at);
	const struct reading x = { a, err };
	if (!root)
		return err_set(err, ERR_INVALID, "the schema is no JSON: %s", at.text);
	return read_fields(&x, json_object_get(root, "fields"), 0, fields, n);
}
