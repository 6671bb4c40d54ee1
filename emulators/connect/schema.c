#include "connect/connect.h"

#define PROJECTOR "org.apache.kafka.connect.errors.SchemaProjectorException: "

struct folder {
	struct folder *next;
	const struct cv_schema *schema;
	char name[];
};
struct con_schemas {
	struct arena arena; /* of the schemas */
	struct folder *folders;
	const struct cv_schema **known; /* each once */
	size_t n, cap;
};

void con_schemas_free(struct con_schemas *s)
{
	for (struct folder *f = s ? s->folders : NULL, *next; f; f = next) {
		next = f->next;
		free(f);
	}
	if (s)
		arena_free(&s->arena);
	free(s);
}

static const struct cv_schema *keep(struct con_schemas *s, const struct cv_schema *schema)
{
	for (size_t i = s->n; i-- > 0;)
		if (cv_schema_equal(s->known[i], schema))
			return s->known[i];
	ARENA_GROW(&s->arena, s->known, s->n, s->cap);
	return s->known[s->n++] = cv_schema_copy(&s->arena, schema);
}

static struct folder *folder_of(struct con_schemas *s, const char *name)
{
	struct folder *f = s->folders;
	while (f && strcmp(f->name, name))
		f = f->next;
	if (!f) {
		f = xcalloc(1, sizeof(*f) + strlen(name) + 1);
		memcpy(f->name, name, strlen(name) + 1);
		f->next = s->folders;
		s->folders = f;
	}
	return f;
}

/* ---- SchemaProjector.project ---- */

static int project(struct arena *a, const struct cv_schema *from, const struct cv_value *v, const struct cv_schema *to, struct cv_value *out, struct error *err);

/* A number of a smaller kind is one of a larger. */
static bool promotable(enum cv_kind from, enum cv_kind to)
{
	return from >= CV_INT8 && from <= CV_FLOAT64 && to >= CV_INT8 && to <= CV_FLOAT64 && from <= to;
}

static int project_struct(struct arena *a, const struct cv_schema *from, const struct cv_value *v, const struct cv_schema *to, struct cv_value *out, struct error *err)
{
	int rc = 0;
	*out = cv_struct_new(a, to);
	for (size_t i = 0; i < to->field_n && !rc; i++) {
		const struct cv_field *f = &to->fields[i];
		ssize_t at = cv_field_at(from, f->name);
		if (at >= 0)
			rc = project(a, from->fields[at].schema, cv_struct_at(v->u.st, (size_t)at), f->schema, &out->u.st->v[i], err);
		else if (f->schema->dflt)
			out->u.st->v[i] = *f->schema->dflt;
		else if (!f->schema->optional)
			return err_set(err, ERR_INVALID, PROJECTOR "Required field `%.*s` is missing from source schema: %.*s", SL(f->name), SL(cv_schema_text(a, from)));
	}
	return rc;
}

static int project_list(struct arena *a, const struct cv_schema *from, const struct cv_value *v, const struct cv_schema *to, struct cv_value *out, struct error *err)
{
	int rc = 0;
	*out = cv_list_new(a);
	for (size_t i = 0; i < v->u.list->n && !rc; i++) {
		struct cv_value one;
		if (!(rc = project(a, from->value, &v->u.list->v[i], to->value, &one, err)))
			cv_list_add(a, out, one);
	}
	return rc;
}

static int project_map(struct arena *a, const struct cv_schema *from, const struct cv_value *v, const struct cv_schema *to, struct cv_value *out, struct error *err)
{
	int rc = 0;
	*out = cv_map_sized(a, v->u.map->n);
	for (size_t i = 0; i < v->u.map->n && !rc; i++) {
		struct cv_value key, value;
		if (!(rc = project(a, from->key, &v->u.map->e[i].key, to->key, &key, err)) && !(rc = project(a, from->value, &v->u.map->e[i].value, to->value, &value, err)))
			cv_map_put(a, out, key, value);
	}
	return rc;
}

static int project(struct arena *a, const struct cv_schema *from, const struct cv_value *v, const struct cv_schema *to, struct cv_value *out, struct error *err)
{
	if (from->optional && !to->optional && !to->dflt)
		return err_set(err, ERR_INVALID, PROJECTOR "Writer schema is optional, however, target schema does not provide a default value.");
	if (v->kind == CV_NULL) {
		*out = !to->optional && to->dflt ? *to->dflt : cv_null();
		return 0;
	}
	if (from->type != to->type && !promotable(from->type, to->type))
		return err_set(err, ERR_INVALID, PROJECTOR "Schema type mismatch. source type: %s and target type: %s", cv_type_name(from->type), cv_type_name(to->type));
	if (!sl_eq(from->name.p ? from->name : S(""), to->name.p ? to->name : S("")))
		return err_set(err, ERR_INVALID, PROJECTOR "Schema name mismatch. source name: %.*s and target name: %.*s", SL(from->name.p ? from->name : S("null")),
			       SL(to->name.p ? to->name : S("null")));
	switch (v->kind) {
	case CV_STRUCT:
		return project_struct(a, from, v, to, out, err);
	case CV_ARRAY:
		return project_list(a, from, v, to, out, err);
	case CV_MAP:
		return project_map(a, from, v, to, out, err);
	case CV_INT8: case CV_INT16: case CV_INT32: case CV_INT64:
		*out = to->type >= CV_FLOAT32 ? cv_real(to->type, (double)v->u.i) : cv_int(to->type, v->u.i);
		return 0;
	case CV_FLOAT32: case CV_FLOAT64:
		*out = cv_real(to->type, v->u.f);
		return 0;
	case CV_NULL: case CV_BOOLEAN: case CV_STRING: case CV_BYTES: case CV_DECIMAL: case CV_DATE: case CV_KINDS:
		break;
	}
	*out = *v;
	return 0;
}

/* ---- StorageSchemaCompatibility ---- */

static int changes(enum con_compatibility how, const struct cv_schema *own, const struct cv_schema *now, bool *change, struct error *err)
{
	static const char *const names[] = { "NONE", "BACKWARD", "FORWARD", "FULL" };
	*change = false;
	if (!own)
		return err_set(err, ERR_INVALID, PROJECTOR "Switch between schema-based and schema-less data is not supported");
	if (how == COMPATIBLE_NONE)
		*change = !cv_schema_equal(own, now);
	else if (!own->has_version || !now->has_version)
		return err_set(err, ERR_INVALID, PROJECTOR "Schema version required for %s compatibility", names[how]);
	else
		*change = how == COMPATIBLE_FORWARD ? own->version < now->version : own->version > now->version;
	return 0;
}

int con_schema_take(struct con_tp *tp, const char *folder, bool any, struct arena *a, struct sink_record *r, bool *change, struct error *err)
{
	enum con_compatibility how = tp->c->writes.compatibility;
	struct folder *f;
	int rc;
	*change = false;
	if (!tp->schemas && !r->value.schema)
		return 0;
	if (!tp->schemas)
		tp->schemas = xcalloc(1, sizeof(*tp->schemas));
	f = folder_of(tp->schemas, folder);
	if (!f->schema) {
		f->schema = r->value.schema ? keep(tp->schemas, r->value.schema) : NULL;
		return 0;
	}
	if ((rc = changes(how, r->value.schema, f->schema, change, err)))
		return rc;
	*change = *change && any;
	if (*change) {
		f->schema = keep(tp->schemas, r->value.schema);
		return 0;
	}
	if (how == COMPATIBLE_NONE || cv_schema_equal(r->value.schema, f->schema))
		return 0;
	struct cv_value v = r->value.v;
	rc = project(a, r->value.schema, &v, f->schema, &r->value.v, err);
	r->value.schema = f->schema;
	return rc;
}
