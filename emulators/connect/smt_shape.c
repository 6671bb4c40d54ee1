/* Transforms of a record's shape: Flatten, SetSchemaMetadata, Filter, headers, RegexRouter; and the predicates. */
#include "connect/smt.h"

/* ---- Flatten ---- */

int smt_make_flatten(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct slice *delimiter = arena_alloc(c->a, sizeof(*delimiter));
	(void)err;
	*delimiter = smt_text(c, "delimiter");
	st->state = delimiter;
	return 0;
}

struct flat {
	struct arena *a;
	struct slice delimiter;
	struct error *err;
};

static struct slice joined(const struct flat *x, struct slice prefix, struct slice name)
{
	return prefix.n ? arena_printf(x->a, "%.*s%.*s%.*s", SL(prefix), SL(x->delimiter), SL(name)) : name;
}

static int flat_map(const struct flat *x, const struct cv_map *from, struct slice prefix, struct cv_value *to)
{
	int rc = 0;
	for (size_t i = 0; i < from->n && !rc; i++) {
		const struct cv_value *v = &from->e[i].value;
		struct slice name = joined(x, prefix, from->e[i].key.u.s);
		if (v->kind == CV_MAP)
			rc = flat_map(x, v->u.map, name, to);
		else if (v->kind >= CV_DECIMAL)
			rc = err_set(x->err, ERR_INVALID, SMT_DATA "Flatten transformation was passed a value of type class %s which is not supported by Connect's data API", cv_class(v));
		else if (v->kind == CV_STRUCT)
			rc = err_set(x->err, ERR_INVALID, SMT_DATA "Flatten transformation does not support class %s for record without schemas (for field %.*s).", cv_class(v), SL(name));
		else
			cv_map_put(x->a, to, cv_str(name), *v);
	}
	return rc;
}

static const struct cv_schema *flat_field(struct arena *a, const struct cv_schema *from, bool optional, const struct cv_value *dflt)
{
	struct cv_schema *to = smt_basics(a, from, from->type);
	to->optional = optional;
	to->dflt = dflt;
	return to;
}

static int flat_schema(const struct flat *x, const struct cv_schema *from, struct slice prefix, struct cv_schema *to, bool optional, const struct cv_value *parent)
{
	int rc = 0;
	if (from->type != CV_STRUCT)
		return err_set(x->err, ERR_INVALID, SMT_DATA "Cannot list fields on non-struct type");
	for (size_t i = 0; i < from->field_n && !rc; i++) {
		const struct cv_schema *f = from->fields[i].schema;
		struct slice name = joined(x, prefix, from->fields[i].name);
		const struct cv_value *dflt = f->dflt ? f->dflt : parent && parent->kind == CV_STRUCT ? cv_struct_at(parent->u.st, i) : NULL;
		if (dflt && dflt->kind == CV_NULL)
			dflt = NULL;
		if (f->type == CV_MAP)
			rc = err_set(x->err, ERR_INVALID, SMT_DATA "Flatten transformation does not support MAP for record with schemas (for field %.*s).", SL(name));
		else if (f->type == CV_STRUCT)
			rc = flat_schema(x, f, name, to, optional || f->optional, dflt);
		else
			rc = cv_schema_field(x->a, to, name, flat_field(x->a, f, optional || f->optional, dflt), x->err);
	}
	return rc;
}

static int flat_struct(const struct flat *x, const struct cv_value *v, struct slice prefix, struct cv_value *to)
{
	int rc = 0;
	if (v->kind == CV_NULL)
		return 0;
	for (size_t i = 0; i < v->u.st->schema->field_n && !rc; i++) {
		const struct cv_field *f = &v->u.st->schema->fields[i];
		struct slice name = joined(x, prefix, f->name);
		if (f->schema->type == CV_STRUCT)
			rc = flat_struct(x, &v->u.st->v[i], name, to);
		else
			rc = cv_struct_put(to, (size_t)cv_field_at(to->u.st->schema, name), *cv_struct_at(v->u.st, i), x->err);
	}
	return rc;
}

int smt_flatten(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct slice *delimiter = st->state;
	struct flat x = { a, *delimiter, err };
	struct cv_data *d = smt_side(st, r);
	struct cv_schema *s;
	struct cv_value to;
	int rc;
	(void)drop;
	if (d->v.kind == CV_NULL)
		return 0;
	if ((rc = d->schema ? smt_need_struct(&d->v, "flattening", err) : smt_need_map(&d->v, "flattening", err)))
		return rc;
	if (!d->schema) {
		to = cv_linked_new(a);
		rc = flat_map(&x, d->v.u.map, S(""), &to);
		d->v = to;
		return rc;
	}
	s = smt_basics(a, d->schema, CV_STRUCT);
	if ((rc = flat_schema(&x, d->schema, S(""), s, d->schema->optional, d->schema->dflt)))
		return rc;
	to = cv_struct_new(a, s);
	rc = flat_struct(&x, &d->v, S(""), &to);
	*d = (struct cv_data){ s, to };
	return rc;
}

/* ---- Filter ---- */

int smt_filter(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	(void)st, (void)a, (void)r, (void)err;
	*drop = true;
	return 0;
}

/* ---- SetSchemaMetadata ---- */

struct metadata {
	struct slice name;
	bool has_version, defaults;
	int32_t version;
};

int smt_make_metadata(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct metadata *x = arena_alloc(c->a, sizeof(*x));
	int64_t n = 0;
	st->state = x;
	x->name = smt_text(c, "schema.name");
	x->has_version = sl_int(smt_text(c, "schema.version"), INT32_MIN, INT32_MAX, &n);
	x->version = (int32_t)n;
	x->defaults = smt_truth(c, "replace.null.with.default");
	return x->name.p || x->has_version ? 0 : err_set(err, ERR_INVALID, SMT_CONFIG "Neither schema name nor version configured");
}

int smt_metadata(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct metadata *x = st->state;
	struct cv_data *d = smt_side(st, r);
	struct cv_schema *s;
	struct cv_value to;
	int rc = 0;
	(void)drop;
	if (!d->schema)
		return d->v.kind == CV_NULL ? 0 : err_set(err, ERR_INVALID, SMT_DATA "Schema required for [updating schema metadata]");
	if (d->schema->type != CV_STRUCT) /* it asks for the fields of any schema */
		return err_set(err, ERR_INVALID, SMT_DATA "Cannot list fields on non-struct type");
	s = arena_alloc(a, sizeof(*s));
	*s = *d->schema;
	if (x->name.p)
		s->name = x->name;
	if (x->has_version) {
		s->has_version = true;
		s->version = x->version;
	}
	d->schema = s;
	if (d->v.kind != CV_STRUCT)
		return 0;
	to = cv_struct_new(a, s);
	for (size_t i = 0; i < s->field_n && !rc; i++)
		rc = cv_struct_put(&to, i, smt_value(d->v.u.st, i, x->defaults), err);
	d->v = to;
	return rc;
}

/* ---- headers ---- */

struct header_from {
	struct slice *fields, *headers;
	size_t n;
	bool move, defaults;
};

int smt_make_header_from(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct header_from *x = arena_alloc(c->a, sizeof(*x));
	size_t headers;
	st->state = x;
	x->fields = smt_list(c, "fields", &x->n);
	x->headers = smt_list(c, "headers", &headers);
	x->move = sl_eqs(smt_text(c, "operation"), "move");
	x->defaults = smt_truth(c, "replace.null.with.default");
	return headers == x->n ? 0 : err_set(err, ERR_INVALID, SMT_CONFIG "'fields' config must have the same number of elements as 'headers' config.");
}

static int header_struct(const struct header_from *x, struct arena *a, struct cv_data *d, struct sink_record *r, struct error *err)
{
	const struct cv_value from = d->v;
	const struct cv_schema *old = d->schema;
	struct cv_schema *s = smt_basics(a, old, CV_STRUCT);
	struct cv_value to;
	int rc = 0;
	for (size_t i = 0; i < old->field_n && x->move && !rc; i++)
		if (!smt_in(x->fields, x->n, old->fields[i].name))
			rc = cv_schema_field(a, s, old->fields[i].name, old->fields[i].schema, err);
	if (rc)
		return rc;
	to = cv_struct_new(a, s);
	for (size_t i = 0; i < s->field_n && !rc; i++)
		rc = cv_struct_put(&to, i, smt_value(from.u.st, (size_t)cv_field_at(old, s->fields[i].name), x->defaults), err);
	if (x->move)
		*d = (struct cv_data){ s, to };
	for (size_t i = 0; i < x->n && !rc; i++) {
		ssize_t at = cv_field_at(old, x->fields[i]);
		if (at < 0)
			return err_set(err, ERR_INVALID, "java.lang.NullPointerException: Cannot invoke \"org.apache.kafka.connect.data.Field.schema()\" because the return value of "
				       "\"org.apache.kafka.connect.data.Schema.field(String)\" is null");
		cv_headers_add(a, &r->headers, x->headers[i], (struct cv_data){ old->fields[at].schema, smt_value(from.u.st, (size_t)at, x->defaults) });
	}
	return rc;
}

int smt_header_from(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct header_from *x = st->state;
	const char *purpose = x->move ? "header move" : "header copy";
	struct cv_data *d = smt_side(st, r);
	struct cv_value to;
	int rc = d->schema ? smt_need_struct(&d->v, purpose, err) : smt_need_map(&d->v, purpose, err);
	(void)drop;
	if (rc || d->schema)
		return rc ? rc : header_struct(x, a, d, r, err);
	to = cv_map_copy(a, &d->v);
	for (size_t i = 0; i < x->n; i++) {
		const struct cv_value *f = cv_map_get(&d->v, x->fields[i]);
		struct cv_map *m = to.u.map;
		cv_headers_add(a, &r->headers, x->headers[i], (struct cv_data){ NULL, f ? *f : cv_null() });
		for (size_t k = 0; x->move && k < m->n; k++) {
			if (!sl_eq(m->e[k].key.u.s, x->fields[i]))
				continue;
			memmove(&m->e[k], &m->e[k + 1], (m->n - k - 1) * sizeof(*m->e));
			m->n--;
			break;
		}
	}
	d->v = to;
	return 0;
}

int smt_make_insert_header(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct cv_header *h = arena_alloc(c->a, sizeof(*h));
	st->state = h;
	h->name = smt_text(c, "header");
	return con_parse_values(c->a, smt_text(c, "value.literal"), &h->data, err);
}

int smt_insert_header(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct cv_header *h = st->state;
	(void)drop, (void)err;
	cv_headers_add(a, &r->headers, h->name, h->data);
	return 0;
}

int smt_make_drop_headers(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct header_from *x = arena_alloc(c->a, sizeof(*x));
	(void)err;
	st->state = x;
	x->headers = smt_list(c, "headers", &x->n);
	return 0;
}

int smt_drop_headers(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct header_from *x = st->state;
	struct cv_headers old = r->headers;
	(void)drop, (void)err;
	r->headers = (struct cv_headers){ 0 };
	for (size_t i = 0; i < old.n; i++)
		if (!smt_in(x->headers, x->n, old.v[i].name))
			cv_headers_add(a, &r->headers, old.v[i].name, old.v[i].data);
	return 0;
}

/* ---- RegexRouter ---- */

struct regex_router {
	struct slice with;
};

static int open_regex(struct arena *a, struct java_regex **out, struct slice pattern, unsigned flags, struct error *err)
{
	*out = arena_alloc(a, sizeof(**out));
	return java_regex_open(*out, a, pattern, flags, err);
}

int smt_make_regex_router(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	struct regex_router *x = arena_alloc(c->a, sizeof(*x));
	struct slice pattern = smt_text(c, "regex");
	int rc;
	st->state = x;
	x->with = smt_text(c, "replacement");
	if ((rc = open_regex(c->a, &st->router_whole, pattern, JAVA_REGEX_WHOLE, err)))
		return rc;
	return open_regex(c->a, &st->router, pattern, 0, err);
}

/* Matcher.replaceFirst after a whole match: it looks for the first match anew. */
int smt_regex_router(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	const struct regex_router *x = st->state;
	struct buf b = { 0 };
	int rc = 0;
	(void)drop;
	if (java_regex_find(st->router_whole, r->topic, 0) != 1 || java_regex_find(st->router, r->topic, 0) != 1)
		return 0;
	buf_add(&b, r->topic.p, st->router->found[0]);
	rc = java_regex_replacement(st->router, r->topic, x->with, &b, err);
	buf_addsl(&b, sl_from(r->topic, st->router->found[1]));
	if (!rc) {
		r->topic = arena_dup(a, buf_slice(&b));
	} else {
		char *why = arena_cstr(a, sl(err->text));
		(void)err_set(err, ERR_INVALID, "java.lang.%s", why);
	}
	buf_free(&b);
	return rc;
}

/* ---- predicates ---- */

int smt_make_topic_matches(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	return open_regex(c->a, &st->regex, smt_text(c, "pattern"), JAVA_REGEX_WHOLE, err);
}

int smt_make_has_header(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	(void)err;
	st->header = smt_text(c, "name");
	return 0;
}
