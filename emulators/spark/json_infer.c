/* Schemas of documents, as JsonInferSchema finds them. */
#include "java/text.h"
#include "spark/decimal.h"
#include "spark/json_value.h"

/* What a place has been in all documents so far. */
struct node {
	enum sp_kind kind;         /* SP_VOID: no evidence */
	int precision, scale;      /* DECIMAL */
	struct node *item;         /* ARRAY */
	struct member *members;    /* STRUCT, in order of appearance */
	size_t member_n, cap, guess;
	uint32_t *slots;           /* many members: by hash, index + 1 */
	size_t slot_n;
};
struct member {
	struct slice name;
	struct node *node;
	uint64_t object; /* the last that had it */
	bool twice;      /* one had it twice: then it's two fields, and an error */
};
struct sp_json_infer {
	struct arena *arena, scratch;
	struct sp_json_options o;
	struct sp_times times;
	struct node root;          /* STRUCT, or what else documents were when no object was among them */
	bool corrupt;
	size_t members;            /* of all nodes */
	uint64_t objects;          /* seen so far */
	struct sp_error *err;
};
enum { MEMBERS_MAX = 200000, FEW = 16 };

static struct node *node_new(struct sp_json_infer *x)
{
	return arena_alloc(x->arena, sizeof(struct node));
}

static uint32_t hash(struct slice s)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 16777619u;
	return h ^ h >> 15;
}

static void put_slot(struct node *n, size_t i)
{
	size_t at = hash(n->members[i].name) & (n->slot_n - 1);
	while (n->slots[at])
		at = (at + 1) & (n->slot_n - 1);
	n->slots[at] = (uint32_t)i + 1;
}

/* Its index + 1; 0: it isn't there. */
static size_t find(const struct node *n, struct slice name)
{
	if (n->guess < n->member_n && sl_eq(n->members[n->guess].name, name))
		return n->guess + 1;
	for (size_t at = n->slot_n ? hash(name) & (n->slot_n - 1) : 0; n->slot_n && n->slots[at]; at = (at + 1) & (n->slot_n - 1))
		if (sl_eq(n->members[n->slots[at] - 1].name, name))
			return n->slots[at];
	for (size_t i = 0; !n->slot_n && i < n->member_n; i++)
		if (sl_eq(n->members[i].name, name))
			return i + 1;
	return 0;
}

static struct member *member(struct sp_json_infer *x, struct node *n, struct slice name)
{
	size_t i = find(n, name);
	if (i) {
		n->guess = i;
		return &n->members[i - 1];
	}
	if (++x->members > MEMBERS_MAX) {
		sp_fail(x->err, SP_E_LIMIT, "", "", "The documents have more than %d different fields.", MEMBERS_MAX);
		return NULL;
	}
	ARENA_GROW(x->arena, n->members, n->member_n, n->cap);
	n->members[n->member_n] = (struct member){ .name = arena_dup(x->arena, name), .node = node_new(x) };
	n->guess = ++n->member_n;
	if (n->member_n > FEW && n->member_n * 2 > n->slot_n) {
		n->slot_n = n->slot_n ? n->slot_n * 2 : 64;
		n->slots = arena_alloc(x->arena, n->slot_n * sizeof(*n->slots));
		for (i = 0; i < n->member_n; i++)
			put_slot(n, i);
	} else if (n->slot_n) {
		put_slot(n, n->member_n - 1);
	}
	return &n->members[n->member_n - 1];
}

/* Decimals joined; what is more than 38 digits becomes double. */
static void join_decimal(struct node *n, int precision, int scale)
{
	int range = precision - scale > n->precision - n->scale ? precision - scale : n->precision - n->scale;
	int most = scale > n->scale ? scale : n->scale;
	n->precision = range + most;
	n->scale = most;
	if (n->precision > SP_PRECISION_MAX)
		n->kind = SP_DOUBLE;
}

static void join(struct node *n, enum sp_kind kind, int precision, int scale)
{
	if (kind == SP_VOID || (n->kind == kind && kind != SP_DECIMAL))
		return;
	if (n->kind == SP_VOID) {
		n->kind = kind;
		n->precision = precision;
		n->scale = scale;
	} else if (n->kind == SP_DECIMAL && kind == SP_DECIMAL) {
		join_decimal(n, precision, scale);
	} else if (n->kind == SP_DECIMAL && kind == SP_BIGINT) {
		join_decimal(n, 20, 0);
	} else if (n->kind == SP_BIGINT && kind == SP_DECIMAL) {
		n->kind = SP_DECIMAL;
		n->precision = 20;
		n->scale = 0;
		join_decimal(n, precision, scale);
	} else if ((n->kind == SP_DOUBLE && (kind == SP_BIGINT || kind == SP_DECIMAL)) ||
		   ((n->kind == SP_BIGINT || n->kind == SP_DECIMAL) && kind == SP_DOUBLE)) {
		n->kind = SP_DOUBLE;
	} else if ((n->kind == SP_TIMESTAMP && kind == SP_TIMESTAMP_NTZ) || (n->kind == SP_TIMESTAMP_NTZ && kind == SP_TIMESTAMP)) {
		n->kind = SP_TIMESTAMP;
	} else {
		n->kind = SP_STRING;
	}
}

/* Precision and scale of a number's text as BigDecimal has them. false: too many digits. */
static bool decimal_of(struct slice s, int *precision, int *scale)
{
	int digits = 0, behind = 0, exponent = 0;
	bool point = false, any = false;
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	for (; i < s.n; i++) {
		char c = s.p[i];
		if (c == '.' && !point) {
			point = true;
		} else if (c >= '0' && c <= '9') {
			digits += digits || c != '0';
			behind += point;
			any = true;
			if (digits > 400 || behind > 400)
				return false;
		} else {
			break;
		}
	}
	if (i < s.n) {
		int64_t v;
		struct slice rest = sl_from(s, i + 1);
		if ((s.p[i] | 32) != 'e' || !sl_int(sl_starts(rest, S("+")) ? sl_from(rest, 1) : rest, -1000, 1000, &v))
			return false;
		exponent = (int)v;
	}
	*precision = digits ? digits : 1;
	*scale = behind - exponent;
	if (*scale < 0) { /* 1e3 has a negative scale there; as a decimal(p,0) */
		*precision -= *scale;
		*scale = 0;
	}
	*precision = *precision > *scale ? *precision : *scale;
	return any && *precision <= SP_PRECISION_MAX;
}

static void number(struct sp_json_infer *x, struct node *n, struct sp_jx_token t)
{
	int64_t v;
	int precision, scale;
	bool odd = t.text.n && (t.text.p[t.text.n - 1] == 'N' || t.text.p[t.text.n - 1] == 'y' || t.text.p[t.text.n - 1] == 'F');
	if (t.kind == SP_JX_INT && sl_int(sl_eqs(t.text, "-0") ? S("0") : t.text, INT64_MIN, INT64_MAX, &v))
		join(n, SP_BIGINT, 0, 0);
	else if ((t.kind == SP_JX_INT || x->o.prefers_decimal) && !odd && decimal_of(t.text, &precision, &scale))
		join(n, SP_DECIMAL, precision, scale);
	else
		join(n, SP_DOUBLE, 0, 0);
}

static void text(struct sp_json_infer *x, struct node *n, struct slice s)
{
	struct sp_value v;
	struct sp_error err = { 0 };
	int precision, scale;
	if (!s.n || n->kind == SP_STRING)
		return;
	if (x->o.prefers_decimal && decimal_of(s, &precision, &scale))
		join(n, SP_DECIMAL, precision, scale);
	else if (x->o.infer_timestamp && sp_times_read(&x->times, SP_TIMESTAMP, s, &v, &err) > 0)
		join(n, SP_TIMESTAMP, 0, 0);
	else
		join(n, SP_STRING, 0, 0);
	sp_error_free(&err);
}

static int value(struct sp_json_infer *x, struct sp_jx *j, struct node *n);

static int object(struct sp_json_infer *x, struct sp_jx *j, struct node *n)
{
	uint64_t serial = ++x->objects;
	struct slice name;
	bool first = true;
	join(n, SP_STRUCT, 0, 0);
	if (n->kind != SP_STRUCT) {
		(void)sp_jx_skip(j);
		return 0;
	}
	sp_jx_enter(j);
	n->guess = 0;
	while (sp_jx_name(j, &first, &name)) {
		struct member *m = member(x, n, name);
		size_t guess = n->guess;
		if (!m)
			return 1;
		m->twice |= m->object == serial;
		m->object = serial;
		if (value(x, j, m->node))
			return 1;
		n->guess = guess;
	}
	return 0;
}

static int array(struct sp_json_infer *x, struct sp_jx *j, struct node *n)
{
	bool first = true;
	join(n, SP_ARRAY, 0, 0);
	if (n->kind != SP_ARRAY) {
		(void)sp_jx_skip(j);
		return 0;
	}
	if (!n->item)
		n->item = node_new(x);
	sp_jx_enter(j);
	while (sp_jx_element(j, &first))
		if (value(x, j, n->item))
			return 1;
	return 0;
}

/* A value that is known to be well-formed. */
static int value(struct sp_json_infer *x, struct sp_jx *j, struct node *n)
{
	enum sp_jx_kind kind = sp_jx_peek(j);
	struct sp_jx_token t;
	if (kind == SP_JX_OBJECT)
		return object(x, j, n);
	if (kind == SP_JX_ARRAY)
		return array(x, j, n);
	t = sp_jx_scalar(j);
	if (t.kind == SP_JX_STRING)
		text(x, n, t.text);
	else if (t.kind != SP_JX_NULL && x->o.primitives_as_string)
		join(n, SP_STRING, 0, 0);
	else if (t.kind == SP_JX_INT || t.kind == SP_JX_FLOAT)
		number(x, n, t);
	else if (t.kind != SP_JX_NULL)
		join(n, SP_BOOLEAN, 0, 0);
	return 0;
}

/* ---- documents ---- */

struct sp_json_infer *sp_json_infer_new(struct arena *a, const struct sp_json_options *o)
{
	struct sp_json_infer *x = arena_alloc(a, sizeof(*x));
	struct sp_error err = { 0 };
	x->arena = a;
	x->o = *o;
	x->root.kind = SP_STRUCT;
	if (sp_times_make(&x->times, a, o, SP_PATTERN_PARSE, &err))
		sp_error_free(&err); /* whoever reads is told */
	return x;
}

/* Whether an array holds objects, or arrays of them, alone. */
static bool is_rows(struct sp_jx j)
{
	bool first = true, rows = true;
	sp_jx_enter(&j);
	while (rows && sp_jx_element(&j, &first)) {
		enum sp_jx_kind kind = sp_jx_peek(&j);
		rows = kind == SP_JX_OBJECT || kind == SP_JX_NULL || (kind == SP_JX_ARRAY && is_rows(j));
		(void)sp_jx_skip(&j);
	}
	return rows;
}

/* The documents of an array at the top, or one. */
static int root(struct sp_json_infer *x, struct sp_jx *j)
{
	enum sp_jx_kind kind = sp_jx_peek(j);
	bool first = true;
	if (kind == SP_JX_OBJECT)
		return object(x, j, &x->root);
	if (kind == SP_JX_ARRAY && is_rows(*j)) {
		sp_jx_enter(j);
		while (sp_jx_element(j, &first))
			if (root(x, j))
				return 1;
		return 0;
	}
	x->corrupt |= kind != SP_JX_NULL && x->o.mode == SP_PERMISSIVE;
	return 0;
}

static int document(struct sp_json_infer *x, struct slice doc)
{
	struct sp_jx j, probe;
	int rc;
	sp_jx_init(&j, &x->scratch, sp_json_mended(&x->scratch, doc), &x->o);
	probe = j;
	if (sp_jx_peek(&probe) == SP_JX_END)
		return 0;
	if (!sp_jx_skip(&probe)) {
		if (x->o.mode == SP_FAILFAST)
			return sp_fail(x->err, SP_E_RUN, "_LEGACY_ERROR_TEMP_2165", "",
				       "Malformed records are detected in schema inference. Parse Mode: FAILFAST.");
		x->corrupt |= x->o.mode == SP_PERMISSIVE;
		return 0;
	}
	rc = root(x, &j);
	arena_reset(&x->scratch);
	return rc;
}

int sp_json_infer_add(struct sp_json_infer *x, struct slice text_, struct sp_error *err)
{
	struct slice line;
	int rc = 0;
	x->err = err;
	if (sl_starts(text_, S("\xef\xbb\xbf")))
		text_ = sl_from(text_, 3);
	if (x->o.multi_line)
		rc = document(x, text_);
	else
		while (!rc && sp_json_line(&text_, x->o.line_sep, &line))
			rc = document(x, line);
	arena_free(&x->scratch);
	return rc;
}

/* ---- the type ---- */

static int by_name(const void *a, const void *b)
{
	struct slice x = ((const struct sp_field *)a)->name, y = ((const struct sp_field *)b)->name;
	/* String.compareTo: by UTF-16 units, in which characters beyond U+FFFF come before U+E000. */
	for (size_t i = 0, k = 0; i < x.n && k < y.n;) {
		uint32_t c = java_next(x, &i), d = java_next(y, &k);
		if (c == d)
			continue;
		c = c >= 0x10000 ? utf16_high(c) : c;
		d = d >= 0x10000 ? utf16_high(d) : d;
		if (c != d)
			return c < d ? -1 : 1;
		break;
	}
	return sl_cmp(x, y);
}

static const struct sp_type *type_of(struct sp_json_infer *x, const struct node *n, bool top);

static const struct sp_type *struct_of(struct sp_json_infer *x, const struct node *n, bool top)
{
	struct sp_field *fields = arena_alloc(x->arena, (2 * n->member_n + 1) * sizeof(*fields));
	size_t count = 0;
	bool corrupt = top && x->corrupt;
	for (size_t i = 0; i < n->member_n; i++) {
		const struct sp_type *t = n->members[i].name.n ? type_of(x, n->members[i].node, false) : NULL;
		if (!t)
			continue;
		corrupt &= !sl_eq(n->members[i].name, x->o.corrupt);
		for (int k = 0; k <= n->members[i].twice; k++)
			fields[count++] = (struct sp_field){ .name = n->members[i].name, .type = t, .nullable = true };
	}
	if (corrupt)
		fields[count++] = (struct sp_field){ .name = x->o.corrupt, .type = &sp_types[SP_STRING], .nullable = true };
	if (!count && !top)
		return NULL;
	qsort(fields, count, sizeof(*fields), by_name);
	return sp_struct(x->arena, fields, count);
}

/* NULL: a struct of nothing, which is left out. */
static const struct sp_type *type_of(struct sp_json_infer *x, const struct node *n, bool top)
{
	const struct sp_type *t;
	switch (n->kind) {
	case SP_VOID:
		return x->o.drop_all_null ? NULL : &sp_types[SP_STRING];
	case SP_DECIMAL:
		return sp_decimal(x->arena, n->precision, n->scale);
	case SP_ARRAY:
		t = type_of(x, n->item, false);
		return t ? sp_array(x->arena, t, true) : NULL;
	case SP_STRUCT:
		return struct_of(x, n, top);
	default:
		return &sp_types[n->kind];
	}
}

int sp_schema_check_names(const struct sp_type *t, struct sp_error *err)
{
	if (t->kind == SP_ARRAY)
		return sp_schema_check_names(t->item, err);
	for (size_t i = 0; t->kind == SP_STRUCT && i < t->field_n; i++) {
		if (sp_schema_check_names(t->fields[i].type, err))
			return 1;
		if (sp_field_find(t->fields, t->field_n, t->fields[i].name) == -2)
			return sp_fail(err, SP_E_ANALYSIS, "COLUMN_ALREADY_EXISTS", "42711",
				       "The column `%.*s` already exists. Consider to choose another name or rename the existing column.",
				       SL(t->fields[i].name));
	}
	return 0;
}

const struct sp_type *sp_json_infer_end(struct sp_json_infer *x, struct sp_error *err)
{
	const struct sp_type *t = struct_of(x, &x->root, true);
	return sp_schema_check_names(t, err) ? NULL : t;
}

const struct sp_type *sp_json_type(struct arena *a, struct slice doc, const struct sp_json_options *o, struct sp_error *err)
{
	struct sp_json_infer *x = sp_json_infer_new(a, o);
	struct sp_jx j, probe;
	const struct sp_type *t = NULL;
	x->err = err;
	x->root.kind = SP_VOID;
	sp_jx_init(&j, a, sp_json_mended(a, doc), o);
	probe = j;
	if (sp_jx_peek(&probe) == SP_JX_END)
		return &sp_types[SP_STRING];
	if (!sp_jx_skip(&probe)) {
		sp_fail(err, SP_E_RUN, "", "", "This is no JSON from column %zu on: %.*s", (size_t)(probe.p - j.p) + 1, SL(doc));
		err->java = "com.fasterxml.jackson.core.JsonParseException";
		return NULL;
	}
	if (!value(x, &j, &x->root)) {
		t = type_of(x, &x->root, false);
		t = t ? t : x->root.kind == SP_STRUCT ? sp_struct(a, NULL, 0) : &sp_types[SP_STRING];
	}
	return t;
}
