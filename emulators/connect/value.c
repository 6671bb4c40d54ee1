/* Values, maps, structs and schemas of Connect: how they are made, compared and copied. */
#include "connect/value.h"

#define DATA "org.apache.kafka.connect.errors.DataException: "
#define BUILD "org.apache.kafka.connect.errors.SchemaBuilderException: "

struct cv_value cv_list_new(struct arena *a)
{
	return (struct cv_value){ CV_ARRAY, { .list = arena_alloc(a, sizeof(struct cv_list)) } };
}

void cv_list_add(struct arena *a, struct cv_value *list, struct cv_value v)
{
	struct cv_list *l = list->u.list;
	ARENA_GROW(a, l->v, l->n, l->cap);
	l->v[l->n++] = v;
}

/* ---- maps ---- */

static struct cv_value new_map(struct arena *a, size_t table)
{
	struct cv_map *m = arena_alloc(a, sizeof(*m));
	m->table = table;
	return (struct cv_value){ CV_MAP, { .map = m } };
}

struct cv_value cv_map_new(struct arena *a)
{
	return new_map(a, JAVA_TABLE);
}

struct cv_value cv_linked_new(struct arena *a)
{
	return new_map(a, 0);
}

struct cv_value cv_map_sized(struct arena *a, size_t n)
{
	return new_map(a, java_table(n));
}

static uint32_t fold(uint64_t u)
{
	return (uint32_t)(u ^ u >> 32);
}

/* Object.hashCode of what keys can be. */
static uint32_t hash_of(const struct cv_value *v)
{
	uint32_t h = 1;
	uint64_t u;
	float f;
	switch (v->kind) {
	case CV_INT8: case CV_INT16: case CV_INT32:
		return (uint32_t)v->u.i;
	case CV_INT64: case CV_DATE:
		return fold((uint64_t)v->u.i);
	case CV_FLOAT32:
		f = (float)v->u.f;
		memcpy(&h, &f, sizeof(h));
		return h;
	case CV_FLOAT64:
		memcpy(&u, &v->u.f, sizeof(u));
		return fold(u);
	case CV_BOOLEAN:
		return v->u.i ? 1231 : 1237;
	case CV_STRING:
		return java_hash(v->u.s);
	case CV_ARRAY:
		for (size_t i = 0; i < v->u.list->n; i++)
			h = 31 * h + hash_of(&v->u.list->v[i]);
		return h;
	case CV_MAP:
		h = 0;
		for (size_t i = 0; i < v->u.map->n; i++)
			h += hash_of(&v->u.map->e[i].key) ^ hash_of(&v->u.map->e[i].value);
		return h;
	case CV_NULL: case CV_BYTES: case CV_STRUCT: case CV_DECIMAL: case CV_KINDS:
		break;
	}
	return 0;
}

static size_t slot_of(const struct cv_map *m, const struct cv_value *key)
{
	uint32_t h = hash_of(key);
	return (h ^ h >> 16) & (m->table - 1);
}

/* A table of twice the slots: each chain is split, and both parts keep their order. */
static void spread_out(struct arena *a, struct cv_map *m)
{
	uint32_t *hash = arena_alloc(a, m->n * sizeof(*hash));
	struct cv_entry *old = arena_alloc(a, m->n * sizeof(*old));
	size_t *order;
	while (m->n * 4 > m->table * 3)
		m->table *= 2;
	for (size_t i = 0; i < m->n; i++)
		hash[i] = hash_of(&m->e[i].key);
	memcpy(old, m->e, m->n * sizeof(*old));
	order = java_order(a, hash, m->n, m->table);
	for (size_t i = 0; i < m->n; i++)
		m->e[i] = old[order[i]];
}

static struct cv_entry *find(const struct cv_map *m, const struct cv_value *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (cv_equal(&m->e[i].key, key))
			return &m->e[i];
	return NULL;
}

void cv_map_put(struct arena *a, struct cv_value *map, struct cv_value key, struct cv_value v)
{
	struct cv_map *m = map->u.map;
	struct cv_entry *there = find(m, &key);
	if (there) {
		there->value = v;
		return;
	}
	ARENA_GROW(a, m->e, m->n, m->cap);
	size_t at = m->n++;
	if (m->table) {
		size_t slot = slot_of(m, &key);
		for (; at && slot_of(m, &m->e[at - 1].key) > slot; at--)
			m->e[at] = m->e[at - 1];
	}
	m->e[at] = (struct cv_entry){ key, v };
	if (m->table && m->n * 4 > m->table * 3)
		spread_out(a, m);
}

struct cv_value cv_map_copy(struct arena *a, const struct cv_value *map)
{
	const struct cv_map *from = map->u.map;
	/* HashMap(Map) makes a table for n / 0.75 + 1 entries. */
	struct cv_value to = new_map(a, from->n ? java_table((size_t)((double)from->n / 0.75 + 1)) : JAVA_TABLE);
	struct cv_map *m = to.u.map;
	m->e = arena_alloc(a, (from->n + 4) * sizeof(*m->e));
	m->cap = from->n + 4;
	m->n = from->n;
	memcpy(m->e, from->e, from->n * sizeof(*m->e));
	if (m->n > 1)
		spread_out(a, m);
	return to;
}

const struct cv_value *cv_map_get(const struct cv_value *v, struct slice name)
{
	if (v->kind != CV_MAP)
		return NULL;
	for (size_t i = 0; i < v->u.map->n; i++)
		if (v->u.map->e[i].key.kind == CV_STRING && sl_eq(v->u.map->e[i].key.u.s, name))
			return &v->u.map->e[i].value;
	return NULL;
}

/* ---- structs ---- */

struct cv_value cv_struct_new(struct arena *a, const struct cv_schema *schema)
{
	struct cv_struct *st = arena_alloc(a, sizeof(*st));
	st->schema = schema;
	st->v = arena_alloc(a, (schema->field_n + 1) * sizeof(*st->v));
	return (struct cv_value){ CV_STRUCT, { .st = st } };
}

ssize_t cv_field_at(const struct cv_schema *schema, struct slice name)
{
	for (size_t i = 0; i < schema->field_n; i++)
		if (sl_eq(schema->fields[i].name, name))
			return (ssize_t)i;
	return -1;
}

const struct cv_value *cv_struct_at(const struct cv_struct *st, size_t field)
{
	const struct cv_value *v = &st->v[field], *dflt = st->schema->fields[field].schema->dflt;
	return v->kind == CV_NULL && dflt ? dflt : v;
}

const struct cv_value *cv_struct_get(const struct cv_struct *st, struct slice name)
{
	ssize_t at = cv_field_at(st->schema, name);
	return at < 0 ? NULL : cv_struct_at(st, (size_t)at);
}

/* ---- ConnectSchema.validateValue ---- */

bool cv_schema_is(const struct cv_schema *schema, const char *name)
{
	return schema && schema->name.p && sl_eqs(schema->name, name);
}

static enum cv_kind class_for(const struct cv_schema *s)
{
	if (cv_schema_is(s, CV_DECIMAL_NAME))
		return CV_DECIMAL;
	if (cv_schema_is(s, CV_DATE_NAME) || cv_schema_is(s, CV_TIME_NAME) || cv_schema_is(s, CV_TIMESTAMP_NAME))
		return CV_DATE;
	return s->type;
}

static int validate(const struct cv_schema *s, const struct cv_value *v, struct slice where, struct error *err);

static int validate_elements(const struct cv_schema *s, const struct cv_value *v, struct slice where, struct error *err)
{
	static const char *const of[] = { "element of array ", "key of map ", "value of map " };
	const struct cv_schema *schemas[] = { s->value, s->key, s->value };
	size_t n = v->kind == CV_ARRAY ? v->u.list->n : v->u.map->n, from = v->kind == CV_ARRAY ? 0 : 1, to = v->kind == CV_ARRAY ? 0 : 2;
	struct arena a = { 0 };
	int rc = 0;
	for (size_t k = from; k <= to && !rc; k++)
		if (!schemas[k])
			rc = err_set(err, ERR_INVALID, DATA "No schema defined for %s%.*s", of[k], SL(where));
	for (size_t i = 0; i < n && !rc; i++) {
		for (size_t k = from; k <= to && !rc; k++) {
			const struct cv_value *one = v->kind == CV_ARRAY ? &v->u.list->v[i] : k == 1 ? &v->u.map->e[i].key : &v->u.map->e[i].value;
			rc = validate(schemas[k], one, arena_printf(&a, "%s%.*s", of[k], SL(where)), err);
			arena_reset(&a);
		}
	}
	arena_free(&a);
	return rc;
}

static int validate_struct(const struct cv_schema *s, const struct cv_struct *st, struct error *err)
{
	int rc = 0;
	if (!cv_schema_equal(st->schema, s))
		return err_set(err, ERR_INVALID, DATA "Struct schemas do not match.");
	for (size_t i = 0; i < s->field_n && !rc; i++) {
		struct arena a = { 0 };
		const struct cv_schema *f = s->fields[i].schema;
		if (st->v[i].kind != CV_NULL || (!f->optional && !f->dflt))
			rc = validate(f, &st->v[i], arena_printf(&a, "field: \"%.*s\"", SL(s->fields[i].name)), err);
		arena_free(&a);
	}
	return rc;
}

static int validate(const struct cv_schema *s, const struct cv_value *v, struct slice where, struct error *err)
{
	if (v->kind == CV_NULL)
		return s->optional ? 0 : err_set(err, ERR_INVALID, DATA "Invalid value: null used for required %.*s, schema type: %s", SL(where), cv_type_name(s->type));
	if (v->kind != class_for(s)) {
		struct slice name = s->name;
		return err_set(err, ERR_INVALID, DATA "Invalid Java object for schema%s%.*s%s with type %s: class %s for %.*s", name.p ? " \"" : "", SL(name),
			       name.p ? "\"" : "", cv_type_name(s->type), cv_class(v), SL(where));
	}
	if (v->kind == CV_STRUCT)
		return validate_struct(s, v->u.st, err);
	return v->kind == CV_ARRAY || v->kind == CV_MAP ? validate_elements(s, v, where, err) : 0;
}

int cv_validate(const struct cv_schema *schema, const struct cv_value *v, struct error *err)
{
	return validate(schema, v, S("value"), err);
}

int cv_struct_put(struct cv_value *st, size_t field, struct cv_value v, struct error *err)
{
	const struct cv_field *f = &st->u.st->schema->fields[field];
	int rc = 0;
	if (v.kind != CV_NULL && v.kind < CV_ARRAY && v.kind == class_for(f->schema)) {
		st->u.st->v[field] = v; /* what it nearly always is */
		return 0;
	}
	struct arena a = { 0 };
	rc = validate(f->schema, &v, arena_printf(&a, "field: \"%.*s\"", SL(f->name)), err);
	arena_free(&a);
	st->u.st->v[field] = v;
	return rc;
}

/* ---- schemas ---- */

struct cv_schema *cv_schema_new(struct arena *a, enum cv_kind type)
{
	struct cv_schema *s = arena_alloc(a, sizeof(*s));
	s->type = type;
	return s;
}

const struct cv_schema *cv_schema_plain(enum cv_kind type, bool optional)
{
	static const struct cv_schema plain[CV_STRUCT + 1][2] = {
#define BOTH(t) [t] = { { .type = (t) }, { .type = (t), .optional = true } }
		BOTH(CV_INT8), BOTH(CV_INT16), BOTH(CV_INT32), BOTH(CV_INT64), BOTH(CV_FLOAT32), BOTH(CV_FLOAT64), BOTH(CV_BOOLEAN), BOTH(CV_STRING), BOTH(CV_BYTES),
#undef BOTH
	};
	return &plain[type][optional];
}

int cv_schema_field(struct arena *a, struct cv_schema *schema, struct slice name, const struct cv_schema *of, struct error *err)
{
	if (!name.n)
		return err_set(err, ERR_INVALID, BUILD "fieldName cannot be null.");
	if (!of)
		return err_set(err, ERR_INVALID, BUILD "fieldSchema for field %.*s cannot be null.", SL(name));
	if (cv_field_at(schema, name) >= 0)
		return err_set(err, ERR_INVALID, BUILD "Cannot create field because of field name duplication %.*s", SL(name));
	ARENA_GROW(a, schema->fields, schema->field_n, schema->field_cap);
	schema->fields[schema->field_n++] = (struct cv_field){ name, of };
	return 0;
}

void cv_schema_param(struct arena *a, struct cv_schema *schema, struct slice name, struct slice value)
{
	for (size_t i = 0; i < schema->param_n; i++) {
		if (sl_eq(schema->params[i].name, name)) {
			schema->params[i].value = value;
			return;
		}
	}
	ARENA_GROW(a, schema->params, schema->param_n, schema->param_cap);
	schema->params[schema->param_n++] = (struct cv_param){ name, value };
}

static bool same_text(struct slice a, struct slice b)
{
	return !a.p == !b.p && sl_eq(a, b);
}

/* As maps: in any order. */
static bool same_params(const struct cv_schema *a, const struct cv_schema *b)
{
	size_t found = 0;
	for (size_t i = 0; i < a->param_n && a->param_n == b->param_n; i++)
		for (size_t k = 0; k < b->param_n; k++)
			found += sl_eq(a->params[i].name, b->params[k].name) && sl_eq(a->params[i].value, b->params[k].value);
	return found == a->param_n && a->param_n == b->param_n;
}

bool cv_schema_equal(const struct cv_schema *a, const struct cv_schema *b)
{
	if (a == b || !a || !b)
		return a == b;
	if (a->type != b->type || a->optional != b->optional || a->has_version != b->has_version || a->version != b->version || a->field_n != b->field_n ||
	    !same_text(a->name, b->name) || !same_text(a->doc, b->doc) || !a->dflt != !b->dflt || (a->dflt && !cv_equal(a->dflt, b->dflt)))
		return false;
	for (size_t i = 0; i < a->field_n; i++)
		if (!sl_eq(a->fields[i].name, b->fields[i].name) || !cv_schema_equal(a->fields[i].schema, b->fields[i].schema))
			return false;
	return cv_schema_equal(a->key, b->key) && cv_schema_equal(a->value, b->value) && same_params(a, b);
}

static bool same_map(const struct cv_map *a, const struct cv_map *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct cv_entry *e = find(b, &a->e[i].key);
		if (!e || !cv_equal(&a->e[i].value, &e->value))
			return false;
	}
	return true;
}

bool cv_equal(const struct cv_value *a, const struct cv_value *b)
{
	size_t n;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case CV_INT8: case CV_INT16: case CV_INT32: case CV_INT64: case CV_BOOLEAN: case CV_DATE:
		return a->u.i == b->u.i;
	case CV_FLOAT32: case CV_FLOAT64: /* as Double.equals: by bits, but all NaN are one */
		return !memcmp(&a->u.f, &b->u.f, sizeof(a->u.f)) || (a->u.f != a->u.f && b->u.f != b->u.f);
	case CV_STRING: case CV_BYTES:
		return sl_eq(a->u.s, b->u.s);
	case CV_ARRAY:
		for (n = 0; a->u.list->n == b->u.list->n && n < a->u.list->n && cv_equal(&a->u.list->v[n], &b->u.list->v[n]); n++)
			;
		return a->u.list->n == b->u.list->n && n == a->u.list->n;
	case CV_MAP:
		return same_map(a->u.map, b->u.map);
	case CV_STRUCT:
		for (n = 0; n < a->u.st->schema->field_n && n < b->u.st->schema->field_n && cv_equal(&a->u.st->v[n], &b->u.st->v[n]); n++)
			;
		return cv_schema_equal(a->u.st->schema, b->u.st->schema) && n == a->u.st->schema->field_n;
	case CV_DECIMAL:
		return a->u.decimal->scale == b->u.decimal->scale && sl_eq(a->u.decimal->unscaled, b->u.decimal->unscaled);
	case CV_NULL: case CV_KINDS:
		break;
	}
	return true;
}

/* ---- copies ---- */

static struct slice copy_text(struct arena *a, struct slice s)
{
	return s.p ? arena_dup(a, s) : s;
}

static const struct cv_value *copy_default(struct arena *a, const struct cv_value *v)
{
	struct cv_value *to = v ? arena_alloc(a, sizeof(*to)) : NULL;
	if (v)
		*to = cv_copy(a, v);
	return to;
}

const struct cv_schema *cv_schema_copy(struct arena *a, const struct cv_schema *s)
{
	struct cv_schema *to = s ? arena_alloc(a, sizeof(*to)) : NULL;
	if (!s)
		return NULL;
	*to = *s;
	to->name = copy_text(a, s->name);
	to->doc = copy_text(a, s->doc);
	to->dflt = copy_default(a, s->dflt);
	to->key = cv_schema_copy(a, s->key);
	to->value = cv_schema_copy(a, s->value);
	to->fields = arena_alloc(a, (s->field_n + 1) * sizeof(*to->fields));
	to->params = arena_alloc(a, (s->param_n + 1) * sizeof(*to->params));
	to->field_cap = s->field_n + 1;
	to->param_cap = s->param_n + 1;
	for (size_t i = 0; i < s->field_n; i++)
		to->fields[i] = (struct cv_field){ arena_dup(a, s->fields[i].name), cv_schema_copy(a, s->fields[i].schema) };
	for (size_t i = 0; i < s->param_n; i++)
		to->params[i] = (struct cv_param){ arena_dup(a, s->params[i].name), arena_dup(a, s->params[i].value) };
	return to;
}

static struct cv_value copy_map(struct arena *a, const struct cv_map *from)
{
	struct cv_value to = new_map(a, from->table);
	struct cv_map *m = to.u.map;
	m->e = arena_alloc(a, (from->n + 1) * sizeof(*m->e));
	m->cap = from->n + 1;
	for (m->n = 0; m->n < from->n; m->n++)
		m->e[m->n] = (struct cv_entry){ cv_copy(a, &from->e[m->n].key), cv_copy(a, &from->e[m->n].value) };
	return to;
}

struct cv_value cv_copy(struct arena *a, const struct cv_value *v)
{
	struct cv_value to = *v;
	struct cv_decimal *d;
	switch (v->kind) {
	case CV_STRING: case CV_BYTES:
		to.u.s = arena_dup(a, v->u.s);
		break;
	case CV_ARRAY:
		to = cv_list_new(a);
		for (size_t i = 0; i < v->u.list->n; i++)
			cv_list_add(a, &to, cv_copy(a, &v->u.list->v[i]));
		break;
	case CV_MAP:
		return copy_map(a, v->u.map);
	case CV_STRUCT:
		to = cv_struct_new(a, cv_schema_copy(a, v->u.st->schema));
		for (size_t i = 0; i < v->u.st->schema->field_n; i++)
			to.u.st->v[i] = cv_copy(a, &v->u.st->v[i]);
		break;
	case CV_DECIMAL:
		d = arena_alloc(a, sizeof(*d));
		*d = (struct cv_decimal){ arena_dup(a, v->u.decimal->unscaled), v->u.decimal->scale };
		to.u.decimal = d;
		break;
	case CV_NULL: case CV_INT8: case CV_INT16: case CV_INT32: case CV_INT64: case CV_FLOAT32: case CV_FLOAT64: case CV_BOOLEAN: case CV_DATE: case CV_KINDS:
		break;
	}
	return to;
}

/* ---- headers ---- */

void cv_headers_add(struct arena *a, struct cv_headers *h, struct slice name, struct cv_data data)
{
	ARENA_GROW(a, h->v, h->n, h->cap);
	h->v[h->n++] = (struct cv_header){ name, data };
}

const struct cv_header *cv_headers_last(const struct cv_headers *h, struct slice name)
{
	for (size_t i = h->n; i-- > 0;)
		if (sl_eq(h->v[i].name, name))
			return &h->v[i];
	return NULL;
}
