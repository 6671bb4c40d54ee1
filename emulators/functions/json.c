/* Functions of JSON. */
#include "functions/options.h"
#include "spark/json.h"
#include "spark/json_path.h"
#include "spark/json_scan.h"

#define STRING (&sp_types[SP_STRING])

static int set_option(void *self, struct slice name, struct slice value, struct sp_error *err)
{
	return sp_json_option(self, name, value, err);
}

static struct sp_json_options *options_of(struct sp_resolve *x, size_t i)
{
	struct sp_json_options *o = arena_alloc(x->arena, sizeof(*o));
	sp_json_defaults(o, x->cx);
	return sp_options_arg(x, i, set_option, o) ? NULL : o;
}

/* Struct, array or map. */
static int check_shape(struct sp_resolve *x, const struct sp_type *t)
{
	struct buf b = { 0 };
	if (sp_is_nested(t))
		return 0;
	sp_type_sql(&b, t);
	(void)sp_resolve_mismatch(x, "INVALID_JSON_SCHEMA", "Input schema \"%s\" must be a struct, an array or a map.", buf_cstr(&b));
	buf_free(&b);
	return 1;
}

/* ---- from_json ---- */

struct reading {
	struct sp_json_parser *parser;
};

static const struct sp_type *from_json_type(struct sp_resolve *x)
{
	const struct sp_type *t = sp_schema_arg(x, 1);
	struct sp_json_options *o = t ? options_of(x, 2) : NULL;
	if (!o)
		return NULL;
	sp_show_first(x, "from_json");
	if (check_shape(x, t) || sp_text_arg(x, 0))
		return NULL;
	if (o->mode == SP_DROP) {
		sp_fail(x->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1099", "",
			"from_json() doesn't support the DROPMALFORMED mode. Acceptable modes are PERMISSIVE and FAILFAST.");
		return NULL;
	}
	x->e->given = o;
	if (t->kind == SP_MAP)
		x->e->shown = S("entries");
	return t;
}

static int from_json(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct reading *r = c->state;
	if (!r->parser)
		r->parser = sp_json_parser_new(c->run->keep, c->e->type, c->e->given, &c->run->err);
	return r->parser ? sp_json_parse(r->parser, c->run->batch, a[0].s, out, &c->run->err) : 1;
}

static void reading_free(void *state)
{
	sp_json_parser_free(((struct reading *)state)->parser);
}

/* ---- to_json ---- */

struct writing {
	struct sp_json_writer *writer;
	struct buf room;
};

static const struct sp_type *to_json_type(struct sp_resolve *x)
{
	struct sp_json_options *o = options_of(x, 1);
	x->e->given = o;
	x->e->nullable = true;
	sp_show_first(x, "to_json");
	return !o || check_shape(x, x->e->args[0]->type) ? NULL : STRING;
}

static int to_json(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct writing *w = c->state;
	char *to;
	if (!w->writer)
		w->writer = sp_json_writer_new(c->run->keep, c->e->given, &c->run->err);
	if (!w->writer)
		return 1;
	buf_reset(&w->room);
	sp_json_write(w->writer, &w->room, c->e->args[0]->type, &a[0]);
	to = sp_text_room(c, w->room.n);
	if (!to)
		return 1;
	memcpy(to, w->room.p, w->room.n);
	out->s = sl_of(to, w->room.n);
	return 0;
}

static void writing_free(void *state)
{
	buf_free(&((struct writing *)state)->room);
}

/* ---- schema_of_json ---- */

static const struct sp_type *schema_of_json_type(struct sp_resolve *x)
{
	struct sp_json_options *o;
	struct sp_value v;
	x->e->given = o = options_of(x, 1);
	if (!o)
		return NULL;
	if (!x->e->args[0]->foldable) {
		(void)sp_resolve_mismatch(x, "NON_FOLDABLE_INPUT", "the input json should be a foldable \"STRING\" expression; however, got \"%.*s\".",
					  SL(sp_expr_shown(x->arena, x->e->args[0])));
		return NULL;
	}
	if (sp_resolve_const(x, 0, &v))
		return NULL;
	if (v.null) {
		(void)sp_resolve_mismatch(x, "UNEXPECTED_NULL", "The json must not be null.");
		return NULL;
	}
	sp_show_first(x, "schema_of_json");
	return sp_text_arg(x, 0) ? NULL : STRING;
}

static int schema_of_json(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	const struct sp_type *t = sp_json_type(c->run->batch, a[0].s, c->e->given, &c->run->err);
	struct buf b = { 0 };
	if (!t)
		return 1;
	sp_type_sql(&b, t);
	return sp_text_done(c, &b, out);
}

/* ---- get_json_object ---- */

struct getting {
	struct buf text, room;
	struct arena arena, scratch;
	struct sp_json_path path;
	bool made, good;
};

static void getting_free(void *state)
{
	struct getting *g = state;
	buf_free(&g->text);
	buf_free(&g->room);
	arena_free(&g->arena);
	arena_free(&g->scratch);
}

static int get_json_object(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct getting *g = c->state;
	char *to;
	if (!g->made || !sl_eq(buf_slice(&g->text), a[1].s)) {
		g->made = true;
		buf_reset(&g->text);
		buf_addsl(&g->text, a[1].s);
		arena_reset(&g->arena);
		g->good = sp_json_path_make(&g->path, &g->arena, arena_dup(&g->arena, a[1].s));
	}
	buf_reset(&g->room);
	arena_reset(&g->scratch);
	out->null = !g->good || !sp_json_path_get(&g->path, &g->scratch, a[0].s, &g->room);
	if (out->null)
		return 0;
	to = sp_text_room(c, g->room.n);
	if (!to)
		return 1;
	memcpy(to, g->room.p ? g->room.p : "", g->room.n);
	out->s = sl_of(to, g->room.n);
	return 0;
}

/* ---- json_tuple ---- */

static const struct sp_type *json_tuple_type(struct sp_resolve *x)
{
	struct sp_field *fields;
	if (sp_want_args(x, 1))
		return NULL;
	fields = arena_alloc(x->arena, x->e->arg_n * sizeof(*fields));
	for (size_t i = 0; i < x->e->arg_n; i++) {
		if (x->e->args[i]->type->kind != SP_STRING && x->e->args[i]->type->kind != SP_VOID) {
			(void)sp_resolve_mismatch(x, "NON_STRING_TYPE", "all arguments must be strings.");
			return NULL;
		}
		if (sp_resolve_cast(x, i, STRING))
			return NULL;
		if (i)
			fields[i - 1] = (struct sp_field){ .name = arena_printf(x->arena, "c%zu", i - 1), .type = STRING, .nullable = true };
	}
	return sp_struct(x->arena, fields, x->e->arg_n - 1);
}

/* A value as json_tuple and others show it: texts bare, all else anew. */
static bool shown_value(struct sp_call *c, struct sp_jx *x, struct sp_value *out)
{
	enum sp_jx_kind kind = sp_jx_peek(x);
	struct buf b = { 0 };
	if (kind == SP_JX_STRING) {
		out->s = sp_jx_scalar(x).text;
	} else if (sp_jx_copy(x, &b, true)) {
		out->s = arena_dup(c->run->batch, buf_slice(&b));
	}
	buf_free(&b);
	out->null = false;
	return !x->bad;
}

static int json_tuple(struct sp_call *c, const struct sp_value *a, struct sp_rows *rows)
{
	struct sp_value *row = sp_rows_add(rows);
	size_t n = c->e->arg_n - 1;
	struct slice name;
	struct sp_jx x;
	bool first = true;
	if (a[0].null)
		return 0;
	sp_jx_init(&x, c->run->batch, sp_json_mended(c->run->batch, a[0].s), NULL);
	x.control_chars = true;
	x.nan = false;
	if (sp_jx_peek(&x) != SP_JX_OBJECT)
		return 0;
	sp_jx_enter(&x);
	while (sp_jx_name(&x, &first, &name)) {
		struct sp_value v = SP_NULL_VALUE;
		bool wanted = false;
		for (size_t i = 0; i < n; i++)
			wanted |= !a[i + 1].null && sl_eq(a[i + 1].s, name);
		if (!wanted || sp_jx_peek(&x) == SP_JX_NULL) {
			(void)sp_jx_skip(&x);
			continue;
		}
		if (!shown_value(c, &x, &v))
			break;
		for (size_t i = 0; i < n; i++)
			if (!a[i + 1].null && sl_eq(a[i + 1].s, name))
				row[i] = v;
	}
	for (size_t i = 0; x.bad && i < n; i++)
		row[i] = SP_NULL_VALUE;
	return 0;
}

/* ---- json_array_length, json_object_keys ---- */

static void start(struct sp_call *c, struct sp_jx *x, struct slice text)
{
	sp_jx_init(x, c->run->batch, sp_json_mended(c->run->batch, text), NULL);
	x->control_chars = true;
	x->nan = false;
}

static int json_array_length(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct sp_jx x;
	bool first = true;
	start(c, &x, a[0].s);
	out->null = sp_jx_peek(&x) != SP_JX_ARRAY;
	if (out->null)
		return 0;
	sp_jx_enter(&x);
	while (sp_jx_element(&x, &first) && sp_jx_skip(&x))
		out->i++;
	out->null = x.bad;
	return 0;
}

static int json_object_keys(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct sp_jx x;
	struct slice *names = NULL, name;
	struct sp_list *list;
	size_t n = 0, cap = 0;
	bool first = true;
	start(c, &x, a[0].s);
	out->null = sp_jx_peek(&x) != SP_JX_OBJECT;
	if (out->null)
		return 0;
	sp_jx_enter(&x);
	while (sp_jx_name(&x, &first, &name) && sp_jx_skip(&x)) {
		ARENA_GROW(c->run->batch, names, n, cap);
		names[n++] = name;
	}
	out->null = x.bad;
	list = sp_list_new(c->run->batch, n);
	for (size_t i = 0; i < n; i++)
		list->items[i] = (struct sp_value){ .s = names[i] };
	out->list = list;
	return 0;
}

#define G "json_funcs"
const struct sp_function sp_jsons[] = {
	{ "from_json", "any any any?", .row = from_json, .resolve = from_json_type, .flags = SP_F_MAYBE, .state_size = sizeof(struct reading),
	  .state_free = reading_free, .group = G, .doc = "from_json(json, schema[, options]): the document as a value of the schema" },
	{ "to_json", "any any?", .row = to_json, .resolve = to_json_type, .state_size = sizeof(struct writing), .state_free = writing_free, .group = G,
	  .doc = "to_json(value[, options]): a struct, array or map as a document" },
	{ "schema_of_json", "any any?", .row = schema_of_json, .resolve = schema_of_json_type, .group = G,
	  .doc = "schema_of_json(json[, options]): the schema that a document has" },
	{ "get_json_object", "any any", "string", .row = get_json_object, .resolve = sp_strict_texts, .flags = SP_F_MAYBE, .state_size = sizeof(struct getting),
	  .state_free = getting_free, .group = G, .doc = "get_json_object(json, path): what stands at a path such as $.a[0].b" },
	{ "json_tuple", "any*", .generate = json_tuple, .resolve = json_tuple_type, .flags = SP_F_NULLS, .group = G,
	  .doc = "json_tuple(json, name, ...): members of an object, each as a column" },
	{ "json_array_length", "any", "int", .row = json_array_length, .resolve = sp_strict_texts, .flags = SP_F_MAYBE, .group = G,
	  .doc = "json_array_length(json): how many elements the array has" },
	{ "json_object_keys", "any", "array<string>", .row = json_object_keys, .resolve = sp_strict_texts, .flags = SP_F_MAYBE, .group = G,
	  .doc = "json_object_keys(json): names of the object's members" },
	{ NULL },
};
