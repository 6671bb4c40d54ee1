/* Transforms of the fields of a key or value: InsertField, ReplaceField, ValueToKey, ExtractField, HoistField. */
#include "connect/smt.h"

/* ---- InsertField ---- */

enum { INSERT_TOPIC, INSERT_PARTITION, INSERT_OFFSET, INSERT_TIMESTAMP, INSERT_STATIC, INSERTS };
struct insert {
	struct {
		struct slice name;
		bool required;
	} f[INSERTS];
	struct slice text; /* static.value */
	bool defaults;
};

int smt_make_insert(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	static const char *const names[INSERTS] = { "topic.field", "partition.field", "offset.field", "timestamp.field", "static.field" };
	struct insert *x = arena_alloc(c->a, sizeof(*x));
	bool any = false;
	st->state = x;
	for (int i = 0; i < INSERTS; i++) {
		struct slice *name = &x->f[i].name;
		*name = smt_text(c, names[i]);
		x->f[i].required = sl_ends(*name, S("!"));
		if (name->n && (x->f[i].required || sl_ends(*name, S("?"))))
			name->n--;
		any |= name->p != NULL;
	}
	x->text = smt_text(c, "static.value");
	x->defaults = smt_truth(c, "replace.null.with.default");
	if (!any)
		return err_set(err, ERR_INVALID, SMT_CONFIG "No field insertion configured");
	if (x->f[INSERT_STATIC].name.p && !x->text.p) /* the real text ends in the address of an object */
		return err_set(err, ERR_INVALID, SMT_CONFIG "Invalid value null for configuration static.value: No value specified for static field: "
			       "org.apache.kafka.connect.transforms.InsertField$InsertionSpec@0");
	return 0;
}

/* What comes into field i; with: the value of a record with a schema. False: nothing. */
static bool insertion(const struct insert *x, const struct sink_record *r, int i, bool with, struct cv_value *out)
{
	switch (x->f[i].name.p ? i : INSERTS) {
	case INSERT_TOPIC:
		*out = cv_str(r->topic);
		return true;
	case INSERT_PARTITION:
		*out = cv_int(CV_INT32, r->partition);
		return r->partition >= 0;
	case INSERT_OFFSET:
		*out = cv_int(CV_INT64, r->log.offset);
		return true;
	case INSERT_TIMESTAMP:
		*out = cv_int(with ? CV_DATE : CV_INT64, r->timestamp_ms);
		return r->timestamp_ms >= 0;
	case INSERT_STATIC:
		*out = cv_str(x->text);
		return true;
	default:
		return false;
	}
}

static const struct cv_schema *insert_schema(int i, bool optional)
{
	static const enum cv_kind types[INSERTS] = { CV_STRING, CV_INT32, CV_INT64, CV_INT64, CV_STRING };
	static const struct cv_schema stamps[2] = {
		{ .type = CV_INT64, .has_version = true, .version = 1, .name = { CV_TIMESTAMP_NAME, sizeof(CV_TIMESTAMP_NAME) - 1 } },
		{ .type = CV_INT64, .optional = true, .has_version = true, .version = 1, .name = { CV_TIMESTAMP_NAME, sizeof(CV_TIMESTAMP_NAME) - 1 } },
	};
	return i == INSERT_TIMESTAMP ? &stamps[optional] : cv_schema_plain(types[i], optional);
}

static int insert_struct(const struct insert *x, struct arena *a, struct cv_data *d, const struct sink_record *r, struct error *err)
{
	const struct cv_struct *from = d->v.u.st;
	struct cv_schema *s = smt_basics(a, from->schema, CV_STRUCT);
	struct cv_value to, v;
	int rc = 0;
	for (size_t i = 0; i < from->schema->field_n && !rc; i++)
		rc = cv_schema_field(a, s, from->schema->fields[i].name, from->schema->fields[i].schema, err);
	for (int i = 0; i < INSERTS && !rc; i++)
		if (x->f[i].name.p)
			rc = cv_schema_field(a, s, x->f[i].name, insert_schema(i, !x->f[i].required), err);
	if (rc)
		return rc;
	to = cv_struct_new(a, s);
	for (size_t i = 0; i < from->schema->field_n && !rc; i++)
		rc = cv_struct_put(&to, i, smt_value(from, i, x->defaults), err);
	for (int i = 0; i < INSERTS && !rc; i++)
		if (insertion(x, r, i, true, &v))
			rc = cv_struct_put(&to, (size_t)cv_field_at(s, x->f[i].name), v, err);
	*d = (struct cv_data){ s, to };
	return rc;
}

int smt_insert(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct insert *x = st->state;
	struct cv_data *d = smt_side(st, r);
	struct cv_value to, v;
	int rc;
	(void)drop;
	if (d->v.kind == CV_NULL)
		return 0;
	if (r->source && x->f[INSERT_OFFSET].name.p && d->v.kind == (d->schema ? CV_STRUCT : CV_MAP))
		return err_set(err, ERR_INVALID, SMT_DATA "Only SinkRecord supported for [field insertion], found: org.apache.kafka.connect.source.SourceRecord");
	if (d->schema)
		return (rc = smt_need_struct(&d->v, "field insertion", err)) ? rc : insert_struct(x, a, d, r, err);
	if ((rc = smt_need_map(&d->v, "field insertion", err)))
		return rc;
	to = cv_map_copy(a, &d->v);
	for (int i = 0; i < INSERTS; i++)
		if (insertion(x, r, i, false, &v))
			cv_map_put(a, &to, cv_str(x->f[i].name), v);
	d->v = to;
	return 0;
}

/* ---- ReplaceField ---- */

struct replace {
	struct slice *exclude, *include, *from, *to;
	size_t exclude_n, include_n, n;
	bool defaults;
};

int smt_make_replace(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct replace *x = arena_alloc(c->a, sizeof(*x));
	size_t n;
	const struct slice *pairs = smt_list(c, "renames", &n);
	(void)err;
	st->state = x;
	x->exclude = smt_list(c, "exclude", &x->exclude_n);
	x->include = smt_list(c, "include", &x->include_n);
	x->defaults = smt_truth(c, "replace.null.with.default");
	x->from = arena_alloc(c->a, (n + 1) * sizeof(*x->from));
	x->to = arena_alloc(c->a, (n + 1) * sizeof(*x->to));
	for (size_t i = 0; i < n; i++, x->n++)
		sl_cut(pairs[i], ':', &x->from[i], &x->to[i]);
	return 0;
}

static bool kept(const struct replace *x, struct slice name)
{
	return !smt_in(x->exclude, x->exclude_n, name) && (!x->include_n || smt_in(x->include, x->include_n, name));
}

/* The last mapping of a name counts. */
static struct slice renamed(const struct slice *from, const struct slice *to, size_t n, struct slice name)
{
	for (size_t i = n; i-- > 0;)
		if (sl_eq(from[i], name))
			return to[i];
	return name;
}

static int replace_struct(const struct replace *x, struct arena *a, struct cv_data *d, struct error *err)
{
	const struct cv_struct *from = d->v.u.st;
	struct cv_schema *s = smt_basics(a, from->schema, CV_STRUCT);
	struct cv_value to;
	int rc = 0;
	for (size_t i = 0; i < from->schema->field_n && !rc; i++)
		if (kept(x, from->schema->fields[i].name))
			rc = cv_schema_field(a, s, renamed(x->from, x->to, x->n, from->schema->fields[i].name), from->schema->fields[i].schema, err);
	if (rc)
		return rc;
	to = cv_struct_new(a, s);
	for (size_t i = 0; i < s->field_n && !rc; i++) {
		struct slice name = renamed(x->to, x->from, x->n, s->fields[i].name);
		ssize_t at = cv_field_at(from->schema, name);
		rc = at < 0 ? err_set(err, ERR_INVALID, SMT_DATA "%.*s is not a valid field name", SL(name)) : cv_struct_put(&to, i, smt_value(from, (size_t)at, x->defaults), err);
	}
	*d = (struct cv_data){ s, to };
	return rc;
}

int smt_replace(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct replace *x = st->state;
	struct cv_data *d = smt_side(st, r);
	struct cv_value to;
	int rc;
	(void)drop;
	if (d->v.kind == CV_NULL)
		return 0;
	if (d->schema)
		return (rc = smt_need_struct(&d->v, "field replacement", err)) ? rc : replace_struct(x, a, d, err);
	if ((rc = smt_need_map(&d->v, "field replacement", err)))
		return rc;
	to = cv_map_sized(a, d->v.u.map->n);
	for (size_t i = 0; i < d->v.u.map->n; i++) {
		const struct cv_entry *e = &d->v.u.map->e[i];
		if (kept(x, e->key.u.s))
			cv_map_put(a, &to, cv_str(renamed(x->from, x->to, x->n, e->key.u.s)), e->value);
	}
	d->v = to;
	return 0;
}

/* ---- ValueToKey ---- */

struct fields {
	struct slice *v;
	size_t n;
	bool defaults;
};

int smt_make_value_to_key(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct fields *x = arena_alloc(c->a, sizeof(*x));
	(void)err;
	st->state = x;
	x->v = smt_list(c, "fields", &x->n);
	x->defaults = smt_truth(c, "replace.null.with.default");
	return 0;
}

int smt_value_to_key(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	static const char purpose[] = "copying fields from value to key";
	const struct fields *x = st->state;
	const struct cv_value *v = &r->value.v;
	struct cv_schema *s;
	int rc = r->value.schema ? smt_need_struct(v, purpose, err) : smt_need_map(v, purpose, err);
	(void)drop;
	if (rc)
		return rc;
	if (!r->value.schema) {
		struct cv_value key = cv_map_sized(a, x->n);
		for (size_t i = 0; i < x->n; i++) {
			const struct cv_value *f = cv_map_get(v, x->v[i]);
			cv_map_put(a, &key, cv_str(x->v[i]), f ? *f : cv_null());
		}
		r->key = (struct cv_data){ NULL, key };
		return 0;
	}
	s = cv_schema_new(a, CV_STRUCT);
	for (size_t i = 0; i < x->n && !rc; i++) {
		ssize_t at = cv_field_at(v->u.st->schema, x->v[i]);
		if (at < 0)
			return err_set(err, ERR_INVALID, SMT_DATA "Field does not exist: %.*s", SL(x->v[i]));
		rc = cv_schema_field(a, s, x->v[i], v->u.st->schema->fields[at].schema, err);
	}
	if (rc)
		return rc;
	r->key = (struct cv_data){ s, cv_struct_new(a, s) };
	for (size_t i = 0; i < x->n && !rc; i++)
		rc = cv_struct_put(&r->key.v, i, smt_value(v->u.st, (size_t)cv_field_at(v->u.st->schema, x->v[i]), x->defaults), err);
	return rc;
}

/* ---- ExtractField ---- */

struct extract {
	struct slice *steps, path;
	size_t n, cap;
	bool defaults;
};

static void step(struct arena *a, struct extract *x, struct slice name)
{
	ARENA_GROW(a, x->steps, x->n, x->cap);
	x->steps[x->n++] = arena_dup(a, name);
}

/* A name in backticks that starts at *at: it ends at a backtick before a dot or the end, unless that one is escaped. */
static int quoted_step(struct arena *a, struct extract *x, struct slice p, size_t *at, struct error *err)
{
	struct buf b = { 0 };
	size_t open = *at, i = open + 1, start = i;
	for (;; i++) {
		for (; i < p.n && p.p[i] != '`'; i++)
			;
		bool escaped = i > 0 && i < p.n && p.p[i - 1] == '\\';
		if (i >= p.n || (i + 1 == p.n && escaped)) {
			buf_free(&b);
			return err_set(err, ERR_INVALID, SMT_CONFIG "Incomplete backtick pair in path: [%.*s], consider adding a backslash before backtick at position %zu to escape it", SL(p), open);
		}
		if (i + 1 < p.n && p.p[i + 1] != '.')
			continue;
		buf_add(&b, p.p + start, i - start - escaped);
		if (!escaped)
			break;
		buf_addc(&b, '`');
		start = i + 1;
	}
	step(a, x, buf_slice(&b));
	buf_free(&b);
	*at = i + 2;
	return 0;
}

static int path_steps(struct arena *a, struct extract *x, struct slice p, struct error *err)
{
	int rc = 0;
	for (size_t at = 0; at < p.n && !rc;) {
		if (p.p[at] == '`') {
			rc = quoted_step(a, x, p, &at, err);
			continue;
		}
		struct slice name, rest;
		sl_cut(sl_from(p, at), '.', &name, &rest);
		step(a, x, name);
		at += name.n + 1;
	}
	if (!rc && p.n && p.p[p.n - 1] == '.')
		step(a, x, S(""));
	return rc;
}

int smt_make_extract(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct extract *x = arena_alloc(c->a, sizeof(*x));
	st->state = x;
	x->path = smt_text(c, "field");
	x->defaults = smt_truth(c, "replace.null.with.default");
	if (sl_eq_nocase(smt_text(c, "field.syntax.version"), S("V2")))
		return path_steps(c->a, x, x->path, err);
	step(c->a, x, x->path);
	return 0;
}

static int extract_map(const struct extract *x, struct cv_data *d, struct error *err)
{
	const struct cv_value *v = &d->v;
	int rc;
	if (v->kind == CV_NULL)
		return 0;
	if ((rc = smt_need_map(v, "field extraction", err)))
		return rc;
	for (size_t i = 0; i < x->n; i++) {
		if (i && v->kind != CV_NULL && (rc = smt_need_map(v, "nested field access", err)))
			return rc;
		v = cv_map_get(v, x->steps[i]);
		if (!v || v->kind == CV_NULL) {
			d->v = cv_null();
			return 0;
		}
	}
	d->v = *v;
	return 0;
}

static int extract_schema(const struct extract *x, const struct cv_schema **s, struct error *err)
{
	for (size_t i = 0; i < x->n; i++) {
		ssize_t at = (*s)->type == CV_STRUCT ? cv_field_at(*s, x->steps[i]) : -1;
		if ((*s)->type != CV_STRUCT)
			return err_set(err, ERR_INVALID, SMT_DATA "Cannot look up fields on non-struct type");
		if (at < 0)
			return err_set(err, ERR_INVALID, "java.lang.IllegalArgumentException: Unknown field: %.*s", SL(x->path));
		*s = (*s)->fields[at].schema;
	}
	return 0;
}

int smt_extract(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct extract *x = st->state;
	struct cv_data *d = smt_side(st, r);
	const struct cv_schema *s = d->schema;
	const struct cv_value *v = &d->v;
	int rc;
	(void)a, (void)drop;
	if (!d->schema)
		return extract_map(x, d, err);
	if (v->kind != CV_NULL && (rc = smt_need_struct(v, "field extraction", err)))
		return rc;
	if ((rc = extract_schema(x, &s, err)))
		return rc;
	for (size_t i = 0; i < x->n && v->kind == CV_STRUCT; i++) {
		ssize_t at = cv_field_at(v->u.st->schema, x->steps[i]);
		v = i + 1 < x->n || x->defaults ? cv_struct_at(v->u.st, (size_t)at) : &v->u.st->v[at];
	}
	*d = (struct cv_data){ s, *v };
	return 0;
}

/* ---- HoistField ---- */

int smt_make_hoist(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct slice *name = arena_alloc(c->a, sizeof(*name));
	(void)err;
	*name = smt_text(c, "field");
	st->state = name;
	return 0;
}

int smt_hoist(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct slice *name = st->state;
	struct cv_data *d = smt_side(st, r), to = { 0 };
	struct cv_schema *s;
	int rc;
	(void)drop;
	if (!d->schema) {
		to.v = cv_map_new(a);
		cv_map_put(a, &to.v, cv_str(*name), d->v);
		*d = to;
		return 0;
	}
	s = cv_schema_new(a, CV_STRUCT);
	if ((rc = cv_schema_field(a, s, *name, d->schema, err)))
		return rc;
	to = (struct cv_data){ s, cv_struct_new(a, s) };
	rc = cv_struct_put(&to.v, 0, d->v, err);
	*d = to;
	return rc;
}
