/* Generators: LATERAL VIEW, table functions. */
#include "sparksql/analysis.h"

int sp_an_generator_attrs(struct sp_an *an, const struct sp_special *call, const struct slice *names, size_t name_n, struct sp_attr **attrs, size_t *n)
{
	const struct sp_type *t = call->columns ? call->columns : call->e.type;
	size_t i;
	if (name_n && name_n != t->field_n) {
		struct buf b = { 0 };
		for (i = 0; i < name_n; i++)
			buf_addf(&b, "%s%.*s", i ? "," : "", SL(names[i]));
		sp_an_fail(an, NULL, "UDTF_ALIAS_NUMBER_MISMATCH", "42802",
			   "The number of aliases supplied in the AS clause does not match the number of columns output by the UDTF. Expected %zu aliases, but got %s. "
			   "Please ensure that the number of aliases provided matches the number of columns output by the UDTF.", t->field_n, buf_cstr(&b));
		buf_free(&b);
		return 1;
	}
	*attrs = SP_NEWS(an, struct sp_attr, t->field_n + 1);
	*n = t->field_n;
	for (i = 0; i < t->field_n; i++)
		(*attrs)[i] = (struct sp_attr){ .id = an->next_id++, .name = name_n ? names[i] : t->fields[i].name, .type = t->fields[i].type,
						.nullable = t->fields[i].nullable };
	return 0;
}

struct sp_node *sp_an_generate(struct sp_an *an, struct sp_node *in, struct sp_special *call, const struct sp_attr *attrs, size_t n, bool outer)
{
	size_t m = in->p.column_n, i;
	struct sp_node *node = sp_an_node(an, SP_P_GENERATE, m + n, 1);
	node->p.in[0] = &in->p;
	if (call->columns)
		call->e.type = call->columns;
	node->p.generator = &call->e;
	node->p.outer = outer || sl_ends(sl(call->e.fn->name), S("_outer"));
	for (i = 0; i < m; i++) {
		node->p.columns[i] = in->p.columns[i];
		node->ids[i] = in->ids[i];
	}
	for (i = 0; i < n; i++)
		sp_an_set_column(node, m + i, attrs[i].id, attrs[i].name, attrs[i].type, attrs[i].nullable || node->p.outer);
	return node;
}

/* The call that a generator in FROM is. */
static struct sp_special *generator(struct sp_env *env, const struct sp_name *name, const struct sp_exs *args, const struct sp_rel *rel)
{
	struct sp_ex *ex = SP_NEW(env->an, struct sp_ex);
	struct slice word = name->parts[name->n - 1];
	const struct sp_function *fn = sp_function_find(word);
	struct sp_expr *e;
	*ex = (struct sp_ex){ .kind = SP_EX_CALL, .at = rel->at, .end = rel->end };
	ex->call = SP_NEW(env->an, struct sp_ex_call);
	*ex->call = (struct sp_ex_call){ .name = *name, .args = *args };
	if (!fn) {
		sp_an_fail_at(env->an, rel->at, rel->end, "ROUTINE_NOT_FOUND", "42883",
			      "The function `%.*s`.`%.*s` cannot be found. Verify the spelling and correctness of the schema and catalog.\nIf you did not qualify the name "
			      "with a schema and catalog, verify the current_schema() output, or qualify the name with the correct schema and catalog.\nTo tolerate the error "
			      "on drop use DROP FUNCTION IF EXISTS.", SL(env->an->cx->database.n ? env->an->cx->database : S("default")), SL(word));
		return NULL;
	}
	if (!fn->generate) {
		sp_an_fail_at(env->an, rel->at, rel->end, "UNSUPPORTED_GENERATOR.NOT_GENERATOR", "0A000",
			      "The generator is not supported: `%.*s` is expected to be a generator. However, its class is org.apache.spark.sql.catalyst.expressions.%c%s, which "
			      "is not a generator.", SL(word), fn->name[0] & ~32, fn->name + 1);
		return NULL;
	}
	e = sp_an_expr(env, ex);
	return e ? sp_special_of(e) : NULL;
}

int sp_an_lateral_view(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	struct sp_env env = { .an = an, .clause = SP_IN_GENERATOR, .outer = in->outer, .sub = in->sub, .sub_expr = in->sub_expr, .ctes = in->ctes };
	struct sp_special *call;
	struct sp_source s;
	struct sp_attr *attrs;
	struct slice *qual = SP_NEW(an, struct slice);
	size_t n, i;
	if (sp_an_rel(an, rel->view.of, in, &s))
		return 1;
	env.attrs = s.attrs;
	env.n = s.n;
	call = generator(&env, &rel->view.name, &rel->view.args, rel);
	if (!call || sp_an_generator_attrs(an, call, rel->alias.columns.v, rel->alias.columns.n, &attrs, &n))
		return 1;
	out->node = s.node;
	if (env.any_sub && sp_an_subqueries(an, &out->node, call->e.args, call->e.arg_n))
		return 1;
	out->node = sp_an_generate(an, out->node, call, attrs, n, rel->view.outer);
	out->attrs = SP_NEWS(an, struct sp_attr, s.n + n + 1);
	out->n = s.n + n;
	if (s.n)
		memcpy(out->attrs, s.attrs, s.n * sizeof(*s.attrs));
	*qual = rel->alias.name;
	for (i = 0; i < n; i++) {
		out->attrs[s.n + i] = attrs[i];
		out->attrs[s.n + i].nullable |= out->node->p.outer;
		if (qual->p) {
			out->attrs[s.n + i].qual = qual;
			out->attrs[s.n + i].qual_n = 1;
		}
	}
	return 0;
}

/* ---- table functions ---- */
static int range(struct sp_an *an, struct sp_expr **v, size_t n, const struct sp_rel *rel, struct sp_source *out)
{
	struct sp_node *node = sp_an_node(an, SP_P_RANGE, 1, 0);
	const struct sp_type *big = &sp_types[SP_BIGINT];
	size_t i;
	if (n < 1 || n > 4)
		return sp_an_arity(an, "range", "[1, 2, 3, 4]", n, rel->at, rel->end);
	for (i = 0; i < n; i++) {
		if (!v[i]->foldable || !sp_an_implicit(an, v[i]->type, big) || v[i]->type->kind == SP_STRING)
			return sp_an_fail_at(an, rel->at, rel->end, "UNEXPECTED_INPUT_TYPE", "42K09", "Parameter %zu of function `range` requires the \"BIGINT\" type, however "
					  "\"%.*s\" has the type %.*s.", n == 1 ? 2 : i + 1, SL(sp_an_shown(an, v[i])), SL(sp_an_type(an, v[i]->type)));
		v[i] = sp_an_cast(an, v[i], big);
	}
	node->p.start = n > 1 ? v[0] : sp_an_const(an, big, (struct sp_value){ .i = 0 });
	node->p.end = n > 1 ? v[1] : v[0];
	node->p.step = n > 2 ? v[2] : sp_an_const(an, big, (struct sp_value){ .i = 1 });
	sp_an_set_column(node, 0, an->next_id++, S("id"), big, false);
	out->node = node;
	out->attrs = SP_NEW(an, struct sp_attr);
	out->attrs[0] = (struct sp_attr){ .id = node->ids[0], .name = S("id"), .type = big };
	out->n = 1;
	return 0;
}

static struct sp_node *one_row(struct sp_an *an)
{
	struct sp_node *node = sp_an_node(an, SP_P_ROWS, 0, 0);
	node->p.row_n = 1;
	return node;
}

static int const_text(struct sp_env *env, const struct sp_ex *ex, struct slice *out)
{
	struct sp_expr *e = sp_an_expr(env, ex);
	struct sp_resolve x = { .arena = env->an->a, .cx = env->an->cx, .err = env->an->err };
	struct sp_value v;
	if (!e)
		return 1;
	x.e = sp_an_expr_new(env->an, SP_CALL, e->type, true, 1);
	x.e->args[0] = sp_an_cast(env->an, e, &sp_types[SP_STRING]);
	if (sp_resolve_const(&x, 0, &v))
		return 1;
	*out = v.null ? sl(NULL) : v.s;
	return 0;
}

/* read_files(path, key => value ...), read_stream(...): the catalog knows what it is. */
static int read_files(struct sp_env *env, const struct sp_rel *rel, struct sp_source *out)
{
	struct sp_an *an = env->an;
	struct slice *parts = SP_NEWS(an, struct slice, 2);
	struct sp_table_option *options = SP_NEWS(an, struct sp_table_option, rel->function.args.n + 1);
	struct sp_table_name name = { .parts = parts, .n = 2, .version = -1, .options = options };
	struct sp_found f = { 0 };
	struct sp_node *node;
	uint32_t k;
	size_t i;
	parts[0] = rel->function.name.parts[0];
	parts[1] = sl(NULL);
	for (k = 0; k < rel->function.args.n; k++) {
		const struct sp_ex *ex = rel->function.args.v[k];
		bool is_named = ex->kind == SP_EX_NAMED_ARG;
		struct slice text;
		if (const_text(env, is_named ? ex->named.a : ex, &text))
			return 1;
		if (is_named && !sl_eq_nocase(ex->named.key, S("path")))
			options[name.option_n++] = (struct sp_table_option){ ex->named.key, text };
		else
			parts[1] = text;
	}
	if (an->catalog && an->catalog->find(an->catalog->self, &name, &f, an->err))
		return 1;
	if (f.kind == SP_FOUND_LATER)
		return sp_fail(an->err, SP_E_AGAIN, "", "", "Files are being looked up.");
	if (f.kind != SP_FOUND_TABLE)
		return sp_an_fail_at(an, rel->at, rel->end, "PATH_NOT_FOUND", "42K03", "Path does not exist: %.*s.", SL(parts[1]));
	node = sp_an_node(an, SP_P_SCAN, f.relation->column_n, 0);
	node->p.relation = f.relation;
	out->node = node;
	out->n = f.relation->column_n;
	out->attrs = SP_NEWS(an, struct sp_attr, out->n + 1);
	for (i = 0; i < out->n; i++) {
		const struct sp_field *c = &f.relation->columns[i];
		sp_an_set_column(node, i, an->next_id++, c->name, c->type, c->nullable);
		out->attrs[i] = (struct sp_attr){ .id = node->ids[i], .name = c->name, .type = c->type, .nullable = c->nullable,
						  .hidden = i + f.relation->hidden_n >= out->n ? SP_META : SP_SHOWN };
	}
	return 0;
}

static int unknown_function(struct sp_an *an, const struct sp_rel *rel)
{
	struct buf b = { 0 };
	sp_an_quoted(&b, rel->function.name.parts, rel->function.name.n);
	sp_an_fail_at(an, rel->at, rel->end, "UNRESOLVABLE_TABLE_VALUED_FUNCTION", "42883",
		      "Could not resolve %s to a table-valued function. Please make sure that %s is defined as a table-valued function and that all required parameters "
		      "are provided correctly. If %s is not defined, please create the table-valued function before using it. For more information about defining "
		      "table-valued functions, please refer to the Apache Spark documentation.", buf_cstr(&b), buf_cstr(&b), buf_cstr(&b));
	buf_free(&b);
	return 1;
}

int sp_an_table_function(struct sp_an *an, const struct sp_rel *rel, const struct sp_scope_in *in, struct sp_source *out)
{
	struct sp_env env = { .an = an, .clause = SP_IN_GENERATOR, .outer = in->outer, .sub = in->sub, .sub_expr = in->sub_expr, .ctes = in->ctes };
	struct slice name = rel->function.name.parts[rel->function.name.n - 1];
	const struct sp_function *fn = sp_function_find(name);
	struct sp_special *call;
	uint32_t i;
	if (sl_eq_nocase(name, S("range"))) {
		struct sp_expr **v = SP_NEWS(an, struct sp_expr *, rel->function.args.n + 1);
		for (i = 0; i < rel->function.args.n; i++)
			if (!(v[i] = sp_an_expr(&env, rel->function.args.v[i])))
				return 1;
		return range(an, v, i, rel, out);
	}
	if (sl_eq_nocase(name, S("read_files")) || sl_eq_nocase(name, S("read_stream")))
		return read_files(&env, rel, out);
	if (!fn || !fn->generate)
		return unknown_function(an, rel);
	call = generator(&env, &rel->function.name, &rel->function.args, rel);
	if (!call || sp_an_generator_attrs(an, call, NULL, 0, &out->attrs, &out->n))
		return 1;
	out->node = one_row(an);
	if (env.any_sub && sp_an_subqueries(an, &out->node, call->e.args, call->e.arg_n))
		return 1;
	out->node = sp_an_generate(an, out->node, call, out->attrs, out->n, false);
	return 0;
}
