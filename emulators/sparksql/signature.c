/* What a function takes and gives, by the words of its row (spark/function.h), and the casts that makes. */
#include "sparksql/analysis.h"
#include "spark/decimal.h"

enum { WORDS_MAX = 40 };
struct word {
	struct slice text;
	bool maybe, many, some, constant;
};
struct matching {
	struct sp_env *env;
	struct sp_an *an;
	struct sp_expr *e;
	const struct sp_ex *ex;
	struct word words[WORDS_MAX];
	size_t n;
	const struct sp_type *letter[26]; /* what T, U, K, V are */
	bool letter_null[26];
	struct sp_resolve x;
	const struct sp_ex *const *lambdas;
};

static size_t words_of(const char *text, struct word *v)
{
	struct slice rest = sl(text), w;
	size_t n = 0;
	while (rest.p && rest.n && n < WORDS_MAX) {
		struct word *k = &v[n];
		sl_cut(rest, ' ', &w, &rest);
		if (!w.n)
			continue;
		*k = (struct word){ .text = w };
		for (; k->text.n > 1 && strchr("?*+!", k->text.p[k->text.n - 1]); k->text.n--) {
			char c = k->text.p[k->text.n - 1];
			k->maybe |= c == '?';
			k->many |= c == '*';
			k->some |= c == '+';
			k->constant |= c == '!';
		}
		n++;
	}
	return n;
}

/* Which word argument i is of. */
static const struct word *word_at(const struct matching *m, size_t i)
{
	if (i < m->n)
		return &m->words[i];
	return m->n && (m->words[m->n - 1].many || m->words[m->n - 1].some) ? &m->words[m->n - 1] : NULL;
}

/* ---- how many ---- */
static int arity(struct matching *m)
{
	size_t least = 0, i, n = m->e->arg_n;
	bool open = m->n && (m->words[m->n - 1].many || m->words[m->n - 1].some);
	struct buf b = { 0 };
	for (i = 0; i < m->n; i++)
		least += !m->words[i].maybe && !m->words[i].many;
	if (n >= least && (open || n <= m->n))
		return 0;
	if (n == 0 && (strcmp(m->e->fn->name, "explode") == 0 || strcmp(m->e->fn->name, "explode_outer") == 0))
		return sp_an_fail_at(m->an, m->ex->at, m->ex->end, "REQUIRED_PARAMETER_NOT_FOUND", "4274K",
				     "Cannot invoke function `%s` because the parameter named `collection` is required, but the function call did not supply a value. Please "
				     "update the function call to supply an argument value (either positionally at index 0 or by name) and retry the query again.", m->e->fn->name);
	if (open) {
		buf_addf(&b, "> %zu", least ? least - 1 : 0);
	} else if (least == m->n) {
		buf_addf(&b, "%zu", least);
	} else {
		for (i = least; i <= m->n; i++)
			buf_addf(&b, "%s%zu", i == least ? "[" : ", ", i);
		buf_addc(&b, ']');
	}
	sp_an_arity(m->an, m->e->fn->name, buf_cstr(&b), n, open ? 0 : m->ex->at, open ? 0 : m->ex->end);
	buf_free(&b);
	return 1;
}

/* A literal of .defaults: a number, 'text', NULL, true. */
static struct sp_expr *default_of(struct sp_an *an, struct slice s)
{
	int64_t v;
	s = sl_trim(s);
	if (sl_eq_nocase(s, S("NULL")))
		return sp_an_null(an, &sp_types[SP_VOID]);
	if (sl_eq_nocase(s, S("true")) || sl_eq_nocase(s, S("false")))
		return sp_an_bool(an, s.n == 4);
	if (s.n >= 2 && s.p[0] == '\'')
		return sp_an_string(an, sl_of(s.p + 1, s.n - 2));
	if (sl_int(s, INT32_MIN, INT32_MAX, &v))
		return sp_an_int(an, v);
	if (sl_int(s, INT64_MIN, INT64_MAX, &v))
		return sp_an_const(an, &sp_types[SP_BIGINT], (struct sp_value){ .i = v });
	if (sl_chr(s, '.') >= 0 && strspn(s.p, "-.0123456789") >= s.n) {
		struct sp_ex ex = { .kind = SP_EX_LITERAL, .lit = { .kind = SP_LIT_DECIMAL, .text = s } };
		return sp_an_literal(an, &ex);
	}
	if (s.n && strspn(s.p, "-.0123456789eE") >= s.n)
		return sp_an_const(an, &sp_types[SP_DOUBLE], (struct sp_value){ .d = strtod(arena_cstr(an->a, s), NULL) });
	return sp_an_string(an, s);
}

static void fill_defaults(struct matching *m)
{
	struct slice rest = sl(m->e->fn->defaults), one, v[8];
	size_t n = 0, i;
	struct sp_expr **args;
	if (!rest.p || m->e->arg_n >= m->n)
		return;
	while (rest.p && n < ARRAY_LEN(v)) {
		/* "',',':'": a comma in quotes doesn't part. */
		size_t quote = sl_starts(sl_trim(rest), S("'")) ? (size_t)(sl_trim(rest).p - rest.p) : rest.n;
		ssize_t end = quote < rest.n ? sl_chr(sl_from(rest, quote + 1), '\'') : -1;
		size_t from = end < 0 ? 0 : quote + 2 + (size_t)end;
		sl_cut(sl_from(rest, from), ',', &one, &rest);
		v[n++] = sl_of(one.p - from, one.n + from);
	}
	args = SP_NEWS(m->an, struct sp_expr *, m->n);
	for (i = 0; i < m->e->arg_n; i++)
		args[i] = m->e->args[i];
	for (; i < m->n && i + n >= m->n; i++)
		args[i] = default_of(m->an, v[i + n - m->n]);
	m->e->args = args;
	m->e->arg_n = i;
}

/* ---- what a word takes ---- */
static const struct sp_type *concrete(struct slice w)
{
	static const struct {
		const char *name;
		enum sp_kind kind;
	} names[] = {
		{ "int", SP_INT }, { "bigint", SP_BIGINT }, { "long", SP_BIGINT }, { "double", SP_DOUBLE }, { "string", SP_STRING }, { "binary", SP_BINARY },
		{ "boolean", SP_BOOLEAN }, { "date", SP_DATE }, { "timestamp", SP_TIMESTAMP }, { "timestamp_ntz", SP_TIMESTAMP_NTZ },
		{ "interval", SP_INTERVAL }, { "float", SP_FLOAT }, { "smallint", SP_SMALLINT }, { "tinyint", SP_TINYINT }, { "void", SP_VOID },
		{ "interval_ym", SP_INTERVAL_YM }, { "interval_dt", SP_INTERVAL_DT },
	};
	size_t i;
	for (i = 0; i < ARRAY_LEN(names); i++)
		if (sl_eqs(w, names[i].name))
			return &sp_types[names[i].kind];
	return NULL;
}

static bool is_letter(struct slice w)
{
	return w.n == 1 && w.p[0] >= 'A' && w.p[0] <= 'Z';
}

/* How errors call what a word takes. */
static void wanted(struct matching *m, struct buf *b, struct slice w)
{
	const struct sp_type *t = concrete(w);
	if (t) {
		buf_addsl(b, sp_an_type(m->an, t));
	} else if (w.p[0] == '[') {
		struct slice in = sl_of(w.p + 1, w.n - 2);
		buf_adds(b, concrete(in) ? "\"ARRAY<" : "\"ARRAY\"");
		if (concrete(in)) {
			sp_type_sql(b, concrete(in));
			buf_adds(b, ">\"");
		}
	} else if (w.p[0] == '{') {
		buf_adds(b, "\"MAP\"");
	} else if (w.p[0] == '<') {
		buf_adds(b, "\"STRUCT\"");
	} else {
		size_t i;
		buf_addc(b, '"');
		for (i = 0; i < w.n; i++)
			buf_addc(b, w.p[i] >= 'a' && w.p[i] <= 'z' ? w.p[i] - 32 : w.p[i]);
		buf_addc(b, '"');
	}
}

static void bind_letter(struct matching *m, struct slice w, const struct sp_type *t, bool null)
{
	size_t i = w.p[0] - 'A';
	m->letter_null[i] |= null;
	if (!m->letter[i] || m->letter[i]->kind == SP_VOID)
		m->letter[i] = t;
}

/* The type that argument e becomes as one of word w; NULL: it can't. */
static const struct sp_type *fits(struct matching *m, struct slice w, const struct sp_expr *e, bool exact)
{
	const struct sp_type *t = e->type, *c = concrete(w);
	bool ansi = m->an->cx->ansi;
	if (c)
		return t->kind == c->kind ? t : !exact && sp_an_implicit(m->an, t, c) ? c : NULL;
	if (sl_eqs(w, "any"))
		return t;
	if (sl_eqs(w, "numeric")) {
		if (t->kind == SP_STRING || t->kind == SP_VOID)
			return exact ? NULL : &sp_types[SP_DOUBLE];
		return sp_is_numeric(t) ? t : NULL;
	}
	if (sl_eqs(w, "integral"))
		return sp_is_integral(t) ? t : t->kind == SP_VOID && !exact ? &sp_types[SP_INT] : ansi && t->kind == SP_STRING && !exact ? &sp_types[SP_BIGINT] : NULL;
	if (sl_eqs(w, "fractional")) {
		if (sp_is_fractional(t) || t->kind == SP_DECIMAL)
			return t;
		return !exact && (sp_is_numeric(t) || t->kind == SP_STRING || t->kind == SP_VOID) ? &sp_types[SP_DOUBLE] : NULL;
	}
	if (sl_eqs(w, "decimal")) {
		if (t->kind == SP_DECIMAL)
			return t;
		if (exact || (!sp_is_numeric(t) && t->kind != SP_STRING && t->kind != SP_VOID))
			return NULL;
		return t->kind == SP_STRING || t->kind == SP_VOID ? sp_decimal(m->an->a, 38, 18) : sp_dec_for(m->an->a, t);
	}
	if (sl_eqs(w, "atomic"))
		return t->kind < SP_INTERVAL ? t : NULL;
	if (sl_eqs(w, "orderable"))
		return sp_is_orderable(t) ? t : NULL;
	if (w.p[0] == '[') {
		struct slice in = sl_of(w.p + 1, w.n - 2);
		if (t->kind == SP_VOID && !exact && !m->e->fn->lambda)
			return sp_array(m->an->a, concrete(in) ? concrete(in) : &sp_types[SP_VOID], true);
		if (t->kind != SP_ARRAY)
			return NULL;
		if (concrete(in) && t->item->kind != concrete(in)->kind)
			return !exact && sp_an_implicit(m->an, t->item, concrete(in)) ? sp_array(m->an->a, concrete(in), t->item_null) : NULL;
		return t;
	}
	if (w.p[0] == '{')
		return t->kind == SP_MAP ? t : t->kind == SP_VOID && !exact ? sp_map(m->an->a, &sp_types[SP_VOID], &sp_types[SP_VOID], true) : NULL;
	if (w.p[0] == '<')
		return t->kind == SP_STRUCT ? t : NULL;
	return is_letter(w) ? t : NULL;
}

static const struct sp_type *alternatives(struct matching *m, const struct word *k, const struct sp_expr *e)
{
	const struct sp_type *t = NULL;
	struct slice rest, w;
	int exact;
	for (exact = 1; exact >= 0 && !t; exact--)
		for (rest = k->text; !t && rest.p;) {
			sl_cut(rest, '|', &w, &rest);
			if (w.n)
				t = fits(m, w, e, exact);
		}
	return t;
}

/* Lambdas that aren't analysed yet, for an error that shows the call. */
static void stand_ins(struct matching *m)
{
	for (size_t i = 0; i < m->e->arg_n; i++) {
		const struct sp_ex *ex = m->lambdas && !m->e->args[i] ? m->lambdas[i] : NULL;
		struct buf b = { 0 };
		if (m->e->args[i])
			continue;
		m->e->args[i] = sp_an_null(m->an, &sp_types[SP_VOID]);
		buf_adds(&b, "lambdafunction(");
		if (ex && ex->kind == SP_EX_LAMBDA) {
			bool name = ex->lambda.body->kind == SP_EX_NAME;
			buf_addsl(&b, name ? ex->lambda.body->name.parts[ex->lambda.body->name.n - 1] : S("..."));
			for (uint32_t p = 0; p < ex->lambda.params.n; p++)
				buf_addf(&b, ", %.*s", SL(ex->lambda.params.v[p]));
		}
		buf_addc(&b, ')');
		m->e->args[i]->shown = sp_an_text(m->an, &b);
	}
}

static int misfit(struct matching *m, size_t i, const struct word *k)
{
	struct slice rest = k->text, w;
	struct buf b = { 0 };
	size_t n = 0;
	struct sp_expr *a = m->e->args[i];
	stand_ins(m);
	while (rest.p) {
		sl_cut(rest, '|', &w, &rest);
		if (n++)
			buf_adds(&b, " or ");
		wanted(m, &b, w);
	}
	if (sl_eqs(k->text, "timestamp|timestamp_ntz")) { /* a type of Spark's own there */
		buf_reset(&b);
		n = 1;
		buf_adds(&b, "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"");
	}
	sp_resolve_mismatch(&m->x, "UNEXPECTED_INPUT_TYPE", "Parameter %zu requires the %s%s%s type, however \"%.*s\" has the type %.*s.", i + 1,
			    n > 1 ? "(" : "", buf_cstr(&b), n > 1 ? ")" : "", SL(sp_an_shown(m->an, a)), SL(sp_an_type(m->an, a->type)));
	buf_free(&b);
	return 1;
}

static int one_argument(struct matching *m, size_t i, const struct word *k)
{
	struct sp_expr *a = m->e->args[i];
	const struct sp_type *t = alternatives(m, k, a);
	struct slice w = k->text;
	if (!t)
		return misfit(m, i, k);
	m->e->args[i] = a = sp_an_cast(m->an, a, t);
	if (k->constant && !a->foldable)
		return sp_resolve_mismatch(&m->x, "NON_FOLDABLE_INPUT", "the input `%.*s` should be a foldable %.*s expression; however, got \"%.*s\".",
					   SL(w), SL(sp_an_type(m->an, t)), SL(sp_an_shown(m->an, a)));
	if (w.p[0] == '[' && w.n == 3 && is_letter(sl_of(w.p + 1, 1)))
		bind_letter(m, sl_of(w.p + 1, 1), t->item, t->item_null);
	if (w.p[0] == '{' && w.n == 5) {
		bind_letter(m, sl_of(w.p + 1, 1), t->key, false);
		bind_letter(m, sl_of(w.p + 3, 1), t->item, t->item_null);
	}
	return 0;
}

/* All arguments of one letter become their common type. */
static int letters(struct matching *m, char letter)
{
	struct sp_expr **args = m->e->args;
	const struct sp_type **types = SP_NEWS(m->an, const struct sp_type *, m->e->arg_n + 1), *t;
	size_t i, n = 0;
	bool null = false;
	struct buf b = { 0 };
	for (i = 0; i < m->e->arg_n; i++) {
		const struct word *k = word_at(m, i);
		if (k->text.n == 1 && k->text.p[0] == letter) {
			types[n++] = args[i]->type;
			null |= args[i]->nullable;
		} else if (k->text.n == 3 && k->text.p[0] == '[' && k->text.p[1] == letter) {
			types[n++] = args[i]->type->item;
		}
	}
	if (!n)
		return 0;
	t = sp_an_wider_n(m->an, types, n, true);
	if (!t) {
		for (i = 0; i < m->e->arg_n; i++)
			buf_addf(&b, "%s%.*s", i ? " or " : "", SL(sp_an_type(m->an, args[i]->type)));
		sp_resolve_mismatch(&m->x, "DATA_DIFF_TYPES", "Input to `%s` should all be the same type, but it's (%s).", m->e->fn->name, buf_cstr(&b));
		buf_free(&b);
		return 1;
	}
	m->letter[letter - 'A'] = t;
	m->letter_null[letter - 'A'] |= null;
	for (i = 0; i < m->e->arg_n; i++) {
		const struct word *k = word_at(m, i);
		if (k->text.n == 1 && k->text.p[0] == letter)
			args[i] = sp_an_cast(m->an, args[i], t);
		else if (k->text.n == 3 && k->text.p[0] == '[' && k->text.p[1] == letter && !sp_type_eq(args[i]->type->item, t))
			args[i] = sp_an_cast(m->an, args[i], sp_array(m->an->a, t, args[i]->type->item_null));
	}
	return 0;
}

/* ---- lambdas ---- */
static int lambda(struct matching *m, size_t i, const struct sp_ex *ex)
{
	const struct sp_type *types[8];
	bool nullable[8] = { false };
	struct sp_vars *vars = NULL;
	struct sp_env env = *m->env;
	struct sp_expr *e;
	uint32_t p, params = ex->kind == SP_EX_LAMBDA ? ex->lambda.params.n : 0;
	size_t want = (size_t)(word_at(m, i)->text.p[1] - '0'), first = m->an->next_id;
	int n = m->e->fn->lambda ? m->e->fn->lambda(&m->x, i, types, nullable) : 0;
	if (n <= 0 || m->an->err->set)
		return m->an->err->set ? 1 : sp_resolve_mismatch(&m->x, "UNEXPECTED_INPUT_TYPE", "Parameter %zu cannot be a lambda function.", i + 1);
	if (ex->kind != SP_EX_LAMBDA) {
		e = sp_an_expr(m->env, ex); /* a value is a lambda that looks at nothing */
		params = (uint32_t)want;
	} else {
		if (params > (uint32_t)n || (params != want && params != (uint32_t)n))
			return sp_an_fail_at(m->an, ex->at, ex->end, "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", "",
					     "Invalid lambda function call. A higher order function expects %u arguments, but got %zu.", params, want);
		for (p = 0; p < params; p++) {
			struct sp_vars *v = SP_NEW(m->an, struct sp_vars);
			*v = (struct sp_vars){ .up = vars ? vars : (struct sp_vars *)m->env->vars, .name = ex->lambda.params.v[p], .id = m->an->next_id++,
					       .type = types[p], .nullable = nullable[p] };
			vars = v;
		}
		env.vars = vars ? vars : env.vars;
		e = sp_an_expr(&env, ex->lambda.body);
		m->env->any_aggregate |= env.any_aggregate;
		m->env->any_sub |= env.any_sub;
	}
	if (!e)
		return 1;
	m->e->args[i] = sp_an_expr_new(m->an, SP_LAMBDA, e->type, e->nullable, 1);
	m->e->args[i]->args[0] = e;
	m->e->args[i]->params = params;
	m->e->args[i]->column = first; /* the first parameter's id; bind.c makes a column of it */
	sp_an_placed(m->e->args[i], ex);
	return 0;
}

/* ---- the result ---- */
static const struct sp_type *type_of(struct matching *m, struct slice w)
{
	struct slice k, v;
	int64_t i;
	if (concrete(w))
		return concrete(w);
	if (w.n == 2 && w.p[0] == '=' && sl_int(sl_from(w, 1), 1, 9, &i))
		return (size_t)i <= m->e->arg_n ? m->e->args[i - 1]->type : &sp_types[SP_VOID];
	if (is_letter(w))
		return m->letter[w.p[0] - 'A'] ? m->letter[w.p[0] - 'A'] : &sp_types[SP_VOID];
	if (w.n > 2 && w.p[0] == '[') {
		struct slice in = sl_of(w.p + 1, w.n - 2);
		const struct sp_type *t = type_of(m, in);
		return t ? sp_array(m->an->a, t, !is_letter(in) || m->letter_null[in.p[0] - 'A']) : NULL;
	}
	if (sl_starts(w, S("array<")) && sl_ends(w, S(">"))) {
		const struct sp_type *t = type_of(m, sl_of(w.p + 6, w.n - 7));
		return t ? sp_array(m->an->a, t, true) : NULL;
	}
	if ((w.p[0] == '{' && sl_cut(sl_of(w.p + 1, w.n - 2), ':', &k, &v)) || (sl_starts(w, S("map<")) && sl_cut(sl_of(w.p + 4, w.n - 5), ',', &k, &v))) {
		const struct sp_type *x = type_of(m, sl_trim(k)), *y = type_of(m, sl_trim(v));
		return x && y ? sp_map(m->an->a, x, y, true) : NULL;
	}
	if (sl_starts(w, S("decimal(")) && sl_cut(sl_of(w.p + 8, w.n - 9), ',', &k, &v)) {
		int64_t p, s;
		return sl_int(k, 1, 38, &p) && sl_int(v, 0, 38, &s) ? sp_decimal(m->an->a, (int)p, (int)s) : NULL;
	}
	return NULL;
}

static void nullability(struct sp_expr *e)
{
	unsigned f = e->fn->flags;
	bool any = false, foldable = true;
	size_t i;
	for (i = 0; i < e->arg_n; i++) {
		any |= e->args[i]->nullable && e->args[i]->op != SP_LAMBDA;
		foldable &= e->args[i]->foldable && e->args[i]->op != SP_LAMBDA;
	}
	e->nullable = f & SP_F_NEVER_NULL ? false : any || (f & (SP_F_MAYBE | SP_F_NULLS)) || e->fn->aggregate || e->fn->window;
	e->foldable = foldable && !(f & SP_F_VOLATILE) && !e->fn->aggregate && !e->fn->window && !e->fn->generate;
}

static int no_lambda(struct matching *m)
{
	const char *name = m->e->fn->name;
	return sp_an_fail_at(m->an, m->ex->at, m->ex->end, "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "42K0D",
			     "Invalid lambda function call. A lambda function should only be used in a higher order function. However, its class is "
			     "org.apache.spark.sql.catalyst.expressions.%c%s, which is not a higher order function.", name[0] & ~32, name + 1);
}

int sp_an_signature(struct sp_env *env, struct sp_expr *e, const struct sp_ex *ex, const struct sp_ex *const *lambdas)
{
	struct matching *m = SP_NEW(env->an, struct matching);
	size_t i, given = e->arg_n;
	char c;
	*m = (struct matching){ .env = env, .an = env->an, .e = e, .ex = ex, .lambdas = lambdas };
	m->x = (struct sp_resolve){ .arena = env->an->a, .cx = env->an->cx, .e = e, .err = env->an->err };
	e->from = ex->at;
	e->to = ex->end;
	for (i = 0; i < e->arg_n && !e->fn->args; i++)
		if (!e->args[i])
			return no_lambda(m);
	if (e->fn->args) {
		m->n = words_of(e->fn->args, m->words);
		if (arity(m))
			return 1;
		fill_defaults(m);
		for (i = 0; i < e->arg_n; i++) {
			const struct word *k = word_at(m, i);
			bool is_lambda = k->text.n == 2 && k->text.p[0] == 'f' && k->text.p[1] >= '0' && k->text.p[1] <= '9';
			if (is_lambda)
				for (c = 'A'; c <= 'Z'; c++)
					if (m->letter[c - 'A'] == NULL && letters(m, c))
						return 1;
			if (is_lambda ? lambda(m, i, lambdas[i < given ? i : 0]) : !e->args[i] ? no_lambda(m) : one_argument(m, i, k))
				return 1;
		}
		for (c = 'A'; c <= 'Z'; c++)
			if (letters(m, c))
				return 1;
	}
	if (!e->type)
		e->type = e->fn->resolve ? NULL : e->fn->type ? type_of(m, sl(e->fn->type)) : &sp_types[SP_VOID];
	nullability(e);
	if (e->fn->resolve)
		e->type = e->fn->resolve(&m->x);
	if (!e->type && !env->an->err->set)
		sp_fail(env->an->err, SP_E_UNSERVED, "", "", "%s has no type for these arguments.", e->fn->name);
	return env->an->err->set;
}
