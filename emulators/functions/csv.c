/* Functions of CSV. */
#include "functions/options.h"
#include "spark/csv.h"

#define STRING (&sp_types[SP_STRING])

static int set_option(void *self, struct slice name, struct slice value, struct sp_error *err)
{
	return sp_csv_option(self, name, value, err);
}

static struct sp_csv_options *options_of(struct sp_resolve *x, size_t i)
{
	struct sp_csv_options *o = arena_alloc(x->arena, sizeof(*o));
	sp_csv_defaults(o, x->cx);
	return sp_options_arg(x, i, set_option, o) ? NULL : o;
}

struct reading {
	struct sp_csv_parser *parser;
};

static const struct sp_type *from_csv_type(struct sp_resolve *x)
{
	const struct sp_type *t = sp_schema_arg(x, 1);
	struct sp_csv_options *o = t ? options_of(x, 2) : NULL;
	struct buf b = { 0 };
	if (!o)
		return NULL;
	sp_show_first(x, "from_csv");
	if (sp_text_arg(x, 0))
		return NULL;
	if (t->kind != SP_STRUCT) {
		sp_type_sql(&b, t);
		sp_fail(x->err, SP_E_ANALYSIS, "INVALID_SCHEMA.NON_STRUCT_TYPE", "42K07",
			"The input schema \"%.*s\" is not a valid schema string. The input expression should be evaluated to struct type, but got \"%s\".",
			SL(sp_expr_shown(x->arena, x->e->args[1])), buf_cstr(&b));
		sp_fail_at(x->err, x->e->from, x->e->to);
		buf_free(&b);
		return NULL;
	}
	if (o->mode == SP_DROP) {
		sp_fail(x->err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1099", "",
			"from_csv() doesn't support the DROPMALFORMED mode. Acceptable modes are PERMISSIVE and FAILFAST.");
		return NULL;
	}
	for (size_t i = 0; i < t->field_n; i++) {
		if (!sp_is_nested(t->fields[i].type) && t->fields[i].type->kind != SP_BINARY)
			continue;
		sp_type_simple(&b, t->fields[i].type);
		sp_fail(x->err, SP_E_RUN, "_LEGACY_ERROR_TEMP_2102", "", "Unsupported type: %s.", buf_cstr(&b));
		buf_free(&b);
		return NULL;
	}
	x->e->given = o;
	return t;
}

static int from_csv(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct reading *r = c->state;
	if (!r->parser)
		r->parser = sp_csv_parser_new(c->run->keep, c->e->type, c->e->given, &c->run->err);
	return r->parser ? sp_csv_parse(r->parser, c->run->batch, a[0].s, out, &c->run->err) : 1;
}

static void reading_free(void *state)
{
	sp_csv_parser_free(((struct reading *)state)->parser);
}

struct writing {
	struct sp_csv_writer *writer;
};

static const struct sp_type *to_csv_type(struct sp_resolve *x)
{
	struct sp_csv_options *o = options_of(x, 1);
	const struct sp_type *t = x->e->args[0]->type;
	struct buf b = { 0 };
	x->e->given = o;
	sp_show_first(x, "to_csv");
	if (!o || t->kind == SP_STRUCT)
		return o ? STRING : NULL;
	sp_type_sql(&b, t);
	(void)sp_resolve_mismatch(x, "UNEXPECTED_INPUT_TYPE", "Parameter 1 requires the \"STRUCT\" type, however \"%.*s\" has the type \"%s\".",
				  SL(sp_expr_shown(x->arena, x->e->args[0])), buf_cstr(&b));
	buf_free(&b);
	return NULL;
}

static int to_csv(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct writing *w = c->state;
	const struct sp_type *t = c->e->args[0]->type;
	struct buf b = { 0 };
	if (!w->writer)
		w->writer = sp_csv_writer_new(c->run->keep, c->e->given, &c->run->err);
	if (!w->writer)
		return 1;
	sp_csv_write(w->writer, &b, t->fields, t->field_n, a[0].list->items);
	if (b.n == 0) { /* of one NULL: univocity writes no line then */
		out->null = true;
		return 0;
	}
	return sp_text_done(c, &b, out);
}

static const struct sp_type *schema_of_csv_type(struct sp_resolve *x)
{
	struct sp_csv_options *o = options_of(x, 1);
	struct sp_value v;
	x->e->given = o;
	if (!o)
		return NULL;
	if (!x->e->args[0]->foldable) {
		(void)sp_resolve_mismatch(x, "NON_FOLDABLE_INPUT", "the input csv should be a foldable \"STRING\" expression; however, got \"%.*s\".",
					  SL(sp_expr_shown(x->arena, x->e->args[0])));
		return NULL;
	}
	if (sp_resolve_const(x, 0, &v))
		return NULL;
	if (v.null) {
		(void)sp_resolve_mismatch(x, "UNEXPECTED_NULL", "The csv must not be null.");
		return NULL;
	}
	sp_show_first(x, "schema_of_csv");
	return sp_text_arg(x, 0) ? NULL : STRING;
}

static int schema_of_csv(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	const struct sp_type *t = sp_csv_type(c->run->batch, a[0].s, c->e->given, &c->run->err);
	struct buf b = { 0 };
	if (!t)
		return 1;
	sp_type_sql(&b, t);
	return sp_text_done(c, &b, out);
}

#define G "csv_funcs"
const struct sp_function sp_csvs[] = {
	{ "from_csv", "any any any?", .row = from_csv, .resolve = from_csv_type, .state_size = sizeof(struct reading), .state_free = reading_free,
	  .group = G, .doc = "from_csv(line, schema[, options]): the line as a struct of the schema" },
	{ "to_csv", "any any?", NULL, SP_F_MAYBE, .row = to_csv, .resolve = to_csv_type, .state_size = sizeof(struct writing), .group = G,
	  .doc = "to_csv(struct[, options]): a struct as a line" },
	{ "schema_of_csv", "any any?", .row = schema_of_csv, .resolve = schema_of_csv_type, .group = G,
	  .doc = "schema_of_csv(line[, options]): the schema that a line has" },
	{ NULL },
};
