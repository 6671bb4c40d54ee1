/* schemaString <-> fields, and Delta's words when a write doesn't fit. */
#include "core/json.h"
#include "delta/delta.h"

const struct error_def delta_errors[] = {
	[DELTA_E_NO_TABLE] = { ERR_NOT_FOUND, "DELTA_TABLE_NOT_FOUND", 404, 0 },
	[DELTA_E_EXISTS] = { ERR_CONFLICT, "DELTA_TABLE_ALREADY_EXISTS", 409, 0 },
	[DELTA_E_NOT_CONTIGUOUS] = { ERR_STORE, "DELTA_VERSIONS_NOT_CONTIGUOUS", 500, 0 },
	[DELTA_E_TRUNCATED] = { ERR_STORE, "DELTA_TRUNCATED_TRANSACTION_LOG", 500, 0 },
	[DELTA_E_NO_VERSION] = { ERR_NOT_FOUND, "DELTA_VERSION_NOT_FOUND", 404, 0 },
	[DELTA_E_RESTORE_VERSION] = { ERR_NOT_FOUND, "DELTA_CANNOT_RESTORE_TABLE_VERSION", 404, 0 },
	[DELTA_E_TIME_EARLY] = { ERR_NOT_FOUND, "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION", 404, 0 },
	[DELTA_E_TIME_LATE] = { ERR_NOT_FOUND, "DELTA_TIMESTAMP_GREATER_THAN_COMMIT", 404, 0 },
	[DELTA_E_STATE] = { ERR_STORE, "DELTA_STATE_RECOVER_ERROR", 500, 0 },
	[DELTA_E_PROTOCOL] = { ERR_UNSUPPORTED, "DELTA_INVALID_PROTOCOL_VERSION", 400, 0 },
	[DELTA_E_FEATURES] = { ERR_UNSUPPORTED, "DELTA_UNSUPPORTED_FEATURES_FOR_READ", 400, 0 },
	[DELTA_E_FEATURES_WRITE] = { ERR_UNSUPPORTED, "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE", 400, 0 },
	[DELTA_E_SCHEMA] = { ERR_INVALID, "DELTA_METADATA_MISMATCH", 400, 0 },
	[DELTA_E_MERGE] = { ERR_INVALID, "DELTA_FAILED_TO_MERGE_FIELDS", 400, 0 },
	[DELTA_E_NOT_NULL] = { ERR_INVALID, "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", 400, 0 },
	[DELTA_E_DUPLICATE] = { ERR_INVALID, "DELTA_DUPLICATE_COLUMNS_FOUND", 400, 0 },
	[DELTA_E_BAD_NAME] = { ERR_INVALID, "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAME", 400, 0 },
	[DELTA_E_APPEND_ONLY] = { ERR_DENIED, "DELTA_CANNOT_MODIFY_APPEND_ONLY", 400, 0 },
	[DELTA_E_PROTOCOL_CHANGED] = { ERR_CONFLICT, "DELTA_PROTOCOL_CHANGED", 409, 0 },
	[DELTA_E_METADATA_CHANGED] = { ERR_CONFLICT, "DELTA_METADATA_CHANGED", 409, 0 },
	[DELTA_E_CONCURRENT_APPEND] = { ERR_CONFLICT, "DELTA_CONCURRENT_APPEND", 409, 0 },
	[DELTA_E_CONCURRENT_DELETE] = { ERR_CONFLICT, "DELTA_CONCURRENT_DELETE_READ", 409, 0 },
	[DELTA_E_CONCURRENT_WRITE] = { ERR_CONFLICT, "DELTA_CONCURRENT_WRITE", 409, 0 },
	[DELTA_E_FILE_GONE] = { ERR_NOT_FOUND, "DELTA_FILE_NOT_FOUND_DETAILED", 404, 0 },
	[DELTA_E_RETENTION] = { ERR_INVALID, "DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT", 400, 0 },
	[DELTA_E_LOG] = { ERR_STORE, "DELTA_LOG_DAMAGED", 500, 0 },
	[DELTA_E_TYPE] = { ERR_UNSUPPORTED, "DELTA_UNSUPPORTED_DATA_TYPES", 400, 0 },
};

int delta_fail(struct error *err, enum delta_error e, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	int rc;

	/* Delta prints this one without its code; users know it by its first words. */
	if (e != DELTA_E_SCHEMA)
		buf_addf(&b, "[%s] ", delta_errors[e].code);
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	rc = err_fail(err, &delta_errors[e], "%s", buf_cstr(&b));
	buf_free(&b);
	return rc;
}

/* ---- types ---- */

static const struct type_row {
	const char *name;  /* in the schemaString and in trees */
	const char *spark; /* in messages */
	int physical, kind;
} types[] = {
	[DELTA_STRING] = { "string", "StringType", PQ_BYTES, PQ_STRING },
	[DELTA_BINARY] = { "binary", "BinaryType", PQ_BYTES, PQ_RAW },
	[DELTA_INTEGER] = { "integer", "IntegerType", PQ_INT32, PQ_RAW },
	[DELTA_SHORT] = { "short", "ShortType", PQ_INT32, PQ_RAW },
	[DELTA_BYTE] = { "byte", "ByteType", PQ_INT32, PQ_RAW },
	[DELTA_DATE] = { "date", "DateType", PQ_INT32, PQ_DATE },
	[DELTA_LONG] = { "long", "LongType", PQ_INT64, PQ_RAW },
	[DELTA_TIMESTAMP] = { "timestamp", "TimestampType", PQ_INT64, PQ_MICROS },
	[DELTA_FLOAT] = { "float", "FloatType", PQ_FLOAT, PQ_RAW },
	[DELTA_DOUBLE] = { "double", "DoubleType", PQ_DOUBLE, PQ_RAW },
	[DELTA_BOOLEAN] = { "boolean", "BooleanType", PQ_BOOLEAN, PQ_RAW },
	[DELTA_OTHER] = { "other", "OtherType", PQ_BYTES, PQ_RAW },
};

static enum delta_type type_of(const char *name)
{
	for (size_t i = 0; name && i < DELTA_OTHER; i++)
		if (strcmp(name, types[i].name) == 0)
			return (enum delta_type)i;
	return DELTA_OTHER;
}

/* ---- schemaString ---- */

static int parse_field(struct arena *a, json_t *j, struct delta_field *f, struct error *err)
{
	const char *name = jstr(j, "name");
	json_t *type = json_object_get(j, "type");
	char *text;
	if (!name || !type)
		return delta_fail(err, DELTA_E_LOG, "A field of the schema has no name or type");
	f->name = arena_dup(a, sl(name));
	f->not_null = json_is_false(json_object_get(j, "nullable"));
	if (json_is_object(type) && strcmp(jstr(type, "type") ? jstr(type, "type") : "",
					   "array") == 0) {
		f->array = true;
		type = json_object_get(type, "elementType");
	}
	f->type = type_of(json_string_value(type));
	text = json_dumps(j, JSON_COMPACT);
	f->json = arena_dup(a, text ? sl(text) : S("{}"));
	free(text);
	return 0;
}

int delta_schema_parse(struct arena *a, struct slice text, struct delta_schema *out, struct error *err)
{
	json_error_t je;
	json_t *j = json_loadb(text.p ? text.p : "", text.n, 0, &je), *fields = json_object_get(j, "fields");
	int rc = 0;
	*out = (struct delta_schema){ 0 };
	if (!text.p)
		return 0;
	if (!json_is_array(fields))
		rc = delta_fail(err, DELTA_E_LOG, "The schemaString isn't a struct: %.*s", (int)(text.n > 100 ? 100 : text.n), text.p ? text.p : "");
	else if (json_array_size(fields) > DELTA_FIELDS_MAX)
		rc = err_set(err, ERR_LIMIT, "a table of more than %d columns", DELTA_FIELDS_MAX);
	if (rc == 0) {
		out->n = json_array_size(fields);
		out->fields = arena_alloc(a, (out->n + 1) * sizeof(*out->fields));
	}
	for (size_t i = 0; i < out->n && rc == 0; i++)
		rc = parse_field(a, json_array_get(fields, i), &out->fields[i], err);
	json_decref(j);
	return rc;
}

void delta_schema_text(struct buf *b, const struct delta_schema *s)
{
	buf_adds(b, "{\"type\":\"struct\",\"fields\":[");
	for (size_t i = 0; i < s->n; i++) {
		const struct delta_field *f = &s->fields[i];
		if (i)
			buf_addc(b, ',');
		if (f->json.p) {
			buf_addsl(b, f->json);
			continue;
		}
		buf_adds(b, "{\"name\":");
		buf_json_string(b, f->name);
		if (f->array)
			buf_addf(b, ",\"type\":{\"type\":\"array\",\"elementType\":\"%s\",\"containsNull\":true}", types[f->type].name);
		else
			buf_addf(b, ",\"type\":\"%s\"", types[f->type].name);
		buf_addf(b, ",\"nullable\":%s,\"metadata\":{}}", f->not_null ? "false" : "true");
	}
	buf_adds(b, "]}");
}

void delta_schema_tree(struct buf *b, const struct delta_schema *s)
{
	buf_adds(b, "root\n");
	for (size_t i = 0; i < s->n; i++) {
		const struct delta_field *f = &s->fields[i];
		buf_addf(b, " |-- %.*s: %s (nullable = %s)\n", SL(f->name), f->array ? "array" : types[f->type].name, f->not_null ? "false" : "true");
		if (f->array)
			buf_addf(b, " |    |-- element: %s (containsNull = true)\n", types[f->type].name);
	}
}

ssize_t delta_schema_find(const struct delta_schema *s, struct slice name)
{
	for (size_t i = 0; i < s->n; i++)
		if (sl_eq_nocase(s->fields[i].name, name))
			return (ssize_t)i;
	return -1;
}

struct delta_schema delta_schema_dup(struct arena *a, const struct delta_schema *s)
{
	struct delta_schema d = { .fields = arena_alloc(a, (s->n + 1) * sizeof(*d.fields)), .n = s->n };
	for (size_t i = 0; i < s->n; i++) {
		d.fields[i] = s->fields[i];
		d.fields[i].name = arena_dup(a, s->fields[i].name);
		if (s->fields[i].json.p)
			d.fields[i].json = arena_dup(a, s->fields[i].json);
	}
	return d;
}

struct pq_schema delta_schema_parquet(struct arena *a, const struct delta_schema *s)
{
	struct pq_node *nodes = arena_alloc(a, (1 + 3 * s->n) * sizeof(*nodes)), *at = nodes;
	struct pq_schema out = { 0 };
	*at++ = (struct pq_node){ .name = S("spark_schema"), .type = PQ_GROUP, .child_n = (int)s->n };
	for (size_t i = 0; i < s->n; i++) {
		const struct delta_field *f = &s->fields[i];
		struct pq_node leaf = { .name = f->name, .type = types[f->type].physical, .kind = types[f->type].kind, .repetition = PQ_OPTIONAL };
		if (f->array) {
			*at++ = (struct pq_node){ .name = f->name, .type = PQ_GROUP, .kind = PQ_LIST, .repetition = PQ_OPTIONAL, .child_n = 1 };
			*at++ = (struct pq_node){ .name = S("list"), .type = PQ_GROUP, .repetition = PQ_REPEATED, .child_n = 1 };
			leaf.name = S("element");
		}
		*at++ = leaf;
	}
	if (pq_schema_make(a, nodes, (size_t)(at - nodes), &out, NULL) != 0)
		abort();
	return out;
}

/* ---- does a write fit ---- */

int delta_schema_names(const struct delta_schema *s, struct error *err)
{
	for (size_t i = 0; i < s->n; i++) {
		struct slice name = s->fields[i].name;
		if (s->fields[i].type == DELTA_OTHER)
			return delta_fail(err, DELTA_E_TYPE, "Found columns using unsupported data types: [%.*s: %.*s]", SL(name),
					  SL(s->fields[i].json.p ? s->fields[i].json : S("?")));
		for (size_t k = 0; k < name.n; k++)
			if (strchr(" ,;{}()\n\t=", name.p[k]))
				return delta_fail(err, DELTA_E_BAD_NAME,
						  "Attribute name \"%.*s\" contains invalid character(s) among \" ,;{}()\\n\\t=\". Please use "
						  "alias to rename it.", SL(name));
		for (size_t k = 0; k < i; k++)
			if (sl_eq_nocase(s->fields[k].name, name))
				return delta_fail(err, DELTA_E_DUPLICATE, "Found duplicate column(s) in the data to save: %.*s", SL(name));
	}
	return 0;
}

static void type_words(struct buf *b, const struct delta_field *f)
{
	if (f->array)
		buf_addf(b, "ArrayType(%s,true)", types[f->type].spark);
	else
		buf_adds(b, types[f->type].spark);
}

static int fail_merge(const struct delta_field *table, const struct delta_field *data, struct error *err)
{
	struct buf a = { 0 }, b = { 0 };
	int rc;
	type_words(&a, table);
	type_words(&b, data);
	rc = delta_fail(err, DELTA_E_MERGE, "Failed to merge fields '%.*s' and '%.*s'. Failed to merge incompatible data types %s and %s", SL(table->name),
			SL(data->name), buf_cstr(&a), buf_cstr(&b));
	buf_free(&a);
	buf_free(&b);
	return rc;
}

/* As Delta shows trees in this message: without the " |" that its lines begin with. */
static void short_tree(struct buf *b, const struct delta_schema *s)
{
	struct slice rest, line;
	struct buf tree = { 0 };
	delta_schema_tree(&tree, s);
	for (rest = buf_slice(&tree); sl_cut(rest, '\n', &line, &rest);) {
		(void)sl_after(line, S(" |"), &line);
		buf_addsl(b, line);
		buf_addc(b, '\n');
	}
	buf_free(&tree);
}

static int fail_mismatch(const struct delta_schema *table, const struct delta_schema *data, struct slice id, struct error *err)
{
	struct buf a = { 0 }, b = { 0 };
	int rc;
	short_tree(&a, table);
	short_tree(&b, data);
	rc = delta_fail(err, DELTA_E_SCHEMA,
			"A schema mismatch detected when writing to the Delta table (Table ID: %.*s).\n"
			"To enable schema migration using DataFrameWriter or DataStreamWriter, please set:\n"
			"'.option(\"mergeSchema\", \"true\")'.\n"
			"For other operations, set the session configuration\n"
			"spark.databricks.delta.schema.autoMerge.enabled to \"true\". See the documentation\n"
			"specific to the operation for details.\n\nTable schema:\n%s\n\nData schema:\n%s", SL(id), buf_cstr(&a), buf_cstr(&b));
	buf_free(&a);
	buf_free(&b);
	return rc;
}

int delta_schema_check(struct arena *a, const struct delta_schema *table, const struct delta_schema *data, bool merge, struct slice id,
		       struct delta_schema *merged, struct error *err)
{
	struct delta_field *fields = arena_alloc(a, (table->n + data->n + 1) * sizeof(*fields));
	size_t n = table->n;
	int rc = delta_schema_names(data, err);
	if (rc)
		return rc;
	memcpy(fields, table->fields, table->n * sizeof(*fields));
	for (size_t i = 0; i < data->n; i++) {
		ssize_t at = delta_schema_find(table, data->fields[i].name);
		if (at < 0 && !merge)
			return fail_mismatch(table, data, id, err);
		if (at < 0) {
			fields[n] = data->fields[i];
			fields[n++].not_null = false;
		} else if (table->fields[at].type != data->fields[i].type || table->fields[at].array != data->fields[i].array) {
			return fail_merge(&table->fields[at], &data->fields[i], err);
		}
	}
	*merged = (struct delta_schema){ fields, n };
	return 0;
}
