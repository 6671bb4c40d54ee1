/* schemaString <-> fields of Spark's types; protocols and their features. */
#include <jansson.h>

#include "core/json.h"
#include "delta/op.h"

/* ---- in ---- */

struct parse {
	struct arena *a;
	struct error *err;
	int depth;
};

static int type_of(struct parse *p, json_t *j, const struct sp_type **out);

static int fail_type(struct parse *p, json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);
	int rc = delta_fail(p->err, DELTA_E_TYPE, "Found columns using unsupported data types: [%.200s]", text ? text : "");
	free(text);
	return rc;
}

static int named_type(struct parse *p, json_t *j, const struct sp_type **out)
{
	static const struct {
		const char *name;
		enum sp_kind kind;
	} names[] = {
		{ "string", SP_STRING }, { "long", SP_BIGINT }, { "integer", SP_INT }, { "short", SP_SMALLINT }, { "byte", SP_TINYINT },
		{ "float", SP_FLOAT }, { "double", SP_DOUBLE }, { "boolean", SP_BOOLEAN }, { "binary", SP_BINARY }, { "date", SP_DATE },
		{ "timestamp", SP_TIMESTAMP }, { "timestamp_ntz", SP_TIMESTAMP_NTZ }, { "void", SP_VOID }, { "null", SP_VOID },
		{ "decimal", SP_DECIMAL },
	};
	const char *name = json_string_value(j);
	int precision, scale, end = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i].name) == 0) {
			*out = &sp_types[names[i].kind];
			return 0;
		}
	if (sscanf(name, "decimal( %d , %d )%n", &precision, &scale, &end) == 2 && end && !name[end] && precision >= 1 &&
	    precision <= SP_PRECISION_MAX && scale >= 0 && scale <= precision) {
		*out = sp_decimal(p->a, precision, scale);
		return 0;
	}
	if (strncmp(name, "varchar(", 8) == 0 || strncmp(name, "char(", 5) == 0) {
		*out = &sp_types[SP_STRING];
		return 0;
	}
	return fail_type(p, j);
}

static int fields_of(struct parse *p, json_t *list, struct sp_field **out, size_t *n)
{
	size_t i;
	json_t *j;
	int rc = 0;
	*n = 0;
	*out = arena_alloc(p->a, (json_array_size(list) + 1) * sizeof(**out));
	json_array_foreach(list, i, j) {
		struct sp_field *f = &(*out)[*n];
		const char *name = jstr(j, "name"), *comment;
		json_t *meta = json_object_get(j, "metadata"), *type = json_object_get(j, "type");
		char *text;
		if (!name || !type)
			return delta_fail(p->err, DELTA_E_LOG, "A field of the schema has no name or type");
		f->name = arena_dup(p->a, sl(name));
		f->nullable = !json_is_false(json_object_get(j, "nullable"));
		if ((comment = jstr(meta, "comment")))
			f->comment = arena_dup(p->a, sl(comment));
		if (json_object_size(meta)) {
			text = json_dumps(meta, JSON_COMPACT);
			f->metadata = arena_dup(p->a, sl(text ? text : "{}"));
			free(text);
		}
		rc = type_of(p, type, &f->type);
		if (rc)
			return rc;
		/* Delta's readers leave these out: no file has them. */
		if (f->type->kind == SP_VOID)
			*f = (struct sp_field){ 0 };
		else
			++*n;
	}
	return 0;
}

static int nested_type(struct parse *p, json_t *j, const char *name, const struct sp_type **out)
{
	const struct sp_type *key, *item;
	struct sp_field *fields;
	size_t n;
	int rc;
	if (strcmp(name, "struct") == 0) {
		rc = fields_of(p, json_object_get(j, "fields"), &fields, &n);
		if (rc == 0)
			*out = sp_struct(p->a, fields, n);
		return rc;
	}
	if (strcmp(name, "array") == 0) {
		rc = type_of(p, json_object_get(j, "elementType"), &item);
		if (rc == 0)
			*out = sp_array(p->a, item, !json_is_false(json_object_get(j, "containsNull")));
		return rc;
	}
	if (strcmp(name, "udt") == 0)
		return type_of(p, json_object_get(j, "sqlType"), out);
	if (strcmp(name, "map") != 0)
		return fail_type(p, j);
	rc = type_of(p, json_object_get(j, "keyType"), &key);
	if (rc == 0)
		rc = type_of(p, json_object_get(j, "valueType"), &item);
	if (rc == 0)
		*out = sp_map(p->a, key, item, !json_is_false(json_object_get(j, "valueContainsNull")));
	return rc;
}

static int type_of(struct parse *p, json_t *j, const struct sp_type **out)
{
	const char *name = jstr(j, "type");
	int rc;
	if (json_is_string(j))
		return named_type(p, j, out);
	if (!name)
		return fail_type(p, j);
	if (++p->depth > SP_TYPE_DEPTH_MAX)
		return err_set(p->err, ERR_LIMIT, "a schema deeper than %d levels", SP_TYPE_DEPTH_MAX);
	rc = nested_type(p, j, name, out);
	p->depth--;
	return rc;
}

int delta_fields_parse(struct arena *a, struct slice text, struct sp_field **fields, size_t *n, struct error *err)
{
	struct parse p = { .a = a, .err = err };
	json_t *j = json_loadb(text.p ? text.p : "", text.n, 0, NULL), *list = json_object_get(j, "fields");
	int rc;
	*fields = NULL;
	*n = 0;
	if (!text.p)
		return 0;
	if (!json_is_array(list))
		rc = delta_fail(err, DELTA_E_LOG, "The schemaString isn't a struct: %.*s", (int)(text.n > 100 ? 100 : text.n), text.p ? text.p : "");
	else if (json_array_size(list) > DELTA_FIELDS_MAX)
		rc = err_set(err, ERR_LIMIT, "a table of more than %d columns", DELTA_FIELDS_MAX);
	else
		rc = fields_of(&p, list, fields, n);
	json_decref(j);
	return rc;
}

/* ---- out ---- */

struct slice delta_fields_text(struct arena *a, const struct sp_field *fields, size_t n)
{
	struct buf b = { 0 };
	struct slice s;
	sp_schema_json(&b, fields, n);
	s = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return s;
}

/* ---- protocols ---- */

/* Features of reading; variants and catalogs that keep commits are not among them. */
static const char *const readable[] = {
	"columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck", "typeWidening", "typeWidening-preview",
};

bool delta_feature_read(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(readable); i++)
		if (sl_eqs(name, readable[i]))
			return true;
	return false;
}

void delta_protocol_judge(struct delta_protocol *p)
{
	p->unknown_reader = p->reader > 3;
	p->unknown_writer = p->writer != 7 && p->writer > 2;
	for (size_t i = 0; p->reader == 3 && i < p->reader_feature_n; i++)
		p->unknown_reader |= !delta_feature_read(p->reader_features[i]);
	for (size_t i = 0; p->writer == 7 && i < p->writer_feature_n; i++)
		p->unknown_writer |= !sl_eqs(p->writer_features[i], "appendOnly") && !sl_eqs(p->writer_features[i], "invariants");
}

int delta_protocol_check(const struct delta_protocol *p, struct error *err)
{
	struct buf b = { 0 };
	int rc;
	if (!p->unknown_reader)
		return 0;
	if (p->reader > 3)
		return delta_fail(err, DELTA_E_PROTOCOL,
				  "Unsupported Delta protocol version: table requires reader version %d and writer version %d, but this version of "
				  "tarn supports reader versions 1, 2, 3 and writer versions 1, 2, 7.", p->reader, p->writer);
	for (size_t i = 0; i < p->reader_feature_n; i++)
		if (!delta_feature_read(p->reader_features[i]))
			buf_addf(&b, "%s%.*s", b.n ? ", " : "", SL(p->reader_features[i]));
	rc = delta_fail(err, DELTA_E_FEATURES,
			"Unsupported Delta read feature: the table requires reader table feature(s) that are unsupported by this version of tarn: %s.",
			buf_cstr(&b));
	buf_free(&b);
	return rc;
}
