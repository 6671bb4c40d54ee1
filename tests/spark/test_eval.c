/* Programs of expressions: what is evaluated, how often, and for which rows. */
#include "check_main.h"
#include "spark/function.h"

static struct arena arena, batch, keep;
static struct sp_context cx;
static struct sp_run run;
static int calls;

static void setup(void)
{
	cx = (struct sp_context){ 0 };
	run = (struct sp_run){ .cx = &cx, .batch = &batch, .keep = &keep };
	calls = 0;
}

static void teardown(void)
{
	sp_error_free(&run.err);
	arena_free(&arena);
	arena_free(&batch);
	arena_free(&keep);
}

static int upper_row(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	char *p = arena_cstr(c->run->batch, args[0].s);
	calls++;
	for (char *q = p; *q; q++)
		*q = (char)(*q >= 'a' && *q <= 'z' ? *q - 32 : *q);
	out->s = sl(p);
	return 0;
}

static int less_row(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	calls++;
	out->i = args[0].i < args[1].i;
	return 0;
}

static int over_row(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	calls++;
	if (args[1].i == 0)
		return sp_fail(&c->run->err, SP_E_RUN, "DIVIDE_BY_ZERO", "22012", "Division by zero.");
	out->i = args[0].i / args[1].i;
	return 0;
}

static int chance_row(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	int64_t *n = c->state;
	out->i = (*n)++;
	return 0;
}

/* Each element of an array by a lambda; a row at a time. */
static int each_row(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	size_t n = args[0].list->n;
	struct sp_out o;
	struct sp_vec made;
	uint32_t *rows = arena_alloc(c->run->batch, n * sizeof(*rows) + 4);
	int64_t *row = c->state;
	for (size_t i = 0; i < n; i++)
		rows[i] = (uint32_t)*row;
	(*row)++;
	sp_out_make(&o, c->run->batch, &sp_types[SP_INT], n);
	for (size_t i = 0; i < n; i++)
		sp_out_put(&o, i, &args[0].list->items[i]);
	if (sp_eval_lambda(c, c->e->args[1], rows, n, &o.v, &made))
		return 1;
	struct sp_list *l = sp_list_new(c->run->batch, n);
	for (size_t i = 0; i < n; i++)
		l->items[i] = sp_get(&made, i);
	out->list = l;
	return 0;
}

static const struct sp_function upper_fn = { .name = "t_upper", .row = upper_row };
static const struct sp_function less_fn = { .name = "t_less", .row = less_row };
static const struct sp_function over_fn = { .name = "t_over", .row = over_row };
static const struct sp_function chance_fn = { .name = "t_chance", .row = chance_row, .flags = SP_F_VOLATILE, .state_size = 8 };
static const struct sp_function each_fn = { .name = "t_each", .row = each_row, .flags = SP_F_VOLATILE, .state_size = 8 };

static struct sp_expr *node(enum sp_op op, const struct sp_type *t, size_t n, struct sp_expr *a, struct sp_expr *b, struct sp_expr *c)
{
	struct sp_expr *e = arena_alloc(&arena, sizeof(*e));
	struct sp_expr *all[] = { a, b, c };
	e->op = op;
	e->type = t;
	e->arg_n = n;
	e->args = arena_alloc(&arena, 3 * sizeof(e));
	memcpy(e->args, all, sizeof(all));
	return e;
}

static struct sp_expr *call(const struct sp_function *fn, enum sp_kind k, size_t n, struct sp_expr *a, struct sp_expr *b)
{
	struct sp_expr *e = node(SP_CALL, &sp_types[k], n, a, b, NULL);
	e->fn = fn;
	return e;
}

static struct sp_expr *col(enum sp_kind k, size_t i)
{
	struct sp_expr *e = node(SP_COLUMN, &sp_types[k], 0, NULL, NULL, NULL);
	e->column = i;
	return e;
}

static struct sp_expr *num(int64_t v)
{
	struct sp_expr *e = node(SP_CONST, &sp_types[SP_INT], 0, NULL, NULL, NULL);
	e->value.i = v;
	return e;
}

static struct sp_expr *word(const char *s)
{
	struct sp_expr *e = node(SP_CONST, &sp_types[SP_STRING], 0, NULL, NULL, NULL);
	e->value.s = sl(s);
	return e;
}

static struct sp_vec ints(size_t n, const int32_t *v, const uint8_t *null)
{
	return (struct sp_vec){ .type = &sp_types[SP_INT], .n = n, .i32 = v, .null = null };
}

static const struct slice names[] = { { "ab", 2 }, { "cd", 2 }, { "never", 5 } };
static const uint32_t codes[] = { 1, 0, 0, 1, 1 };
static struct sp_vec texts(void)
{
	return (struct sp_vec){ .type = &sp_types[SP_STRING], .n = 5, .dict_n = 3, .code = codes, .str = names };
}

START_TEST(equal_parts_are_made_once)
{
	const int32_t v[] = { 1, 2, 3, 4, 5 };
	struct sp_vec columns[] = { ints(5, v, NULL), texts() }, out[2];
	struct sp_batch in = { 5, 2, columns };
	struct sp_expr *exprs[] = { call(&less_fn, SP_BOOLEAN, 2, col(SP_INT, 0), num(3)), call(&less_fn, SP_BOOLEAN, 2, col(SP_INT, 0), num(3)) };
	struct sp_program *p = sp_program_new(&run, exprs, 2);
	ck_assert(!sp_eval_all(p, &in, out));
	ck_assert_int_eq(calls, 5);
	ck_assert(sp_get(&out[1], 1).i && !sp_get(&out[1], 2).i);
	sp_program_free(p);
}
END_TEST

START_TEST(an_entry_of_a_dictionary_is_made_once)
{
	struct sp_vec columns[] = { texts() }, out;
	struct sp_batch in = { 5, 1, columns };
	struct sp_expr *exprs[] = { call(&upper_fn, SP_STRING, 1, call(&upper_fn, SP_STRING, 1, col(SP_STRING, 0), NULL), NULL) };
	struct sp_program *p = sp_program_new(&run, exprs, 1);
	for (int i = 0; i < 3; i++) {
		ck_assert(!sp_eval(p, 0, &in, &out));
		ck_assert_int_eq(calls, 4);
		ck_assert_uint_eq(out.dict_n, 3);
		ck_assert(sl_eqs(sp_get(&out, 0).s, "CD"));
		ck_assert(sl_eqs(sp_get(&out, 1).s, "AB"));
		arena_reset(&batch);
	}
	sp_program_free(p);
}
END_TEST

START_TEST(constants_are_folded)
{
	const int32_t v[] = { 1, 2 };
	struct sp_vec columns[] = { ints(2, v, NULL) }, out;
	struct sp_batch in = { 2, 1, columns };
	struct sp_expr *exprs[] = { call(&upper_fn, SP_STRING, 1, word("x"), NULL) };
	struct sp_program *p = sp_program_new(&run, exprs, 1);
	for (int i = 0; i < 3; i++)
		ck_assert(!sp_eval(p, 0, &in, &out));
	ck_assert_int_eq(calls, 1);
	ck_assert(out.one && sl_eqs(sp_get(&out, 1).s, "X"));
	sp_program_free(p);
	struct sp_value got;
	ck_assert(!sp_eval_const(&run, exprs[0], &got) && sl_eqs(got.s, "X"));
}
END_TEST

START_TEST(branches_not_taken_cannot_fail)
{
	const int32_t v[] = { 1, 0, 2, 0 };
	const uint8_t null[] = { 0, 0, 0, 1 };
	struct sp_vec columns[] = { ints(4, v, null) }, out;
	struct sp_batch in = { 4, 1, columns };
	struct sp_expr *x = col(SP_INT, 0), *positive = call(&less_fn, SP_BOOLEAN, 2, num(0), x);
	struct sp_expr *share = call(&over_fn, SP_INT, 2, num(4), x), *big = call(&less_fn, SP_BOOLEAN, 2, num(3), share);
	struct sp_expr *exprs[] = {
		node(SP_CASE, &sp_types[SP_INT], 3, positive, share, num(-1)),
		node(SP_AND, &sp_types[SP_BOOLEAN], 2, positive, big, NULL),
		node(SP_CASE, &sp_types[SP_INT], 2, positive, share, NULL),
		node(SP_CASE, &sp_types[SP_STRING], 3, positive, word("yes"), word("no")),
		node(SP_COALESCE, &sp_types[SP_INT], 2, x, num(9), NULL),
		node(SP_COALESCE, &sp_types[SP_INT], 2, num(9), share, NULL),
		share,
	};
	struct sp_program *p = sp_program_new(&run, exprs, 7);
	uint32_t rows[4];
	size_t n;
	ck_assert(!sp_eval(p, 0, &in, &out));
	ck_assert(sp_get(&out, 0).i == 4 && sp_get(&out, 1).i == -1 && sp_get(&out, 2).i == 2 && sp_get(&out, 3).i == -1);
	ck_assert(!sp_eval(p, 1, &in, &out));
	ck_assert(sp_get(&out, 0).i == 1 && !sp_get(&out, 1).null && sp_get(&out, 1).i == 0 && sp_get(&out, 3).null);
	ck_assert(!sp_eval_filter(p, 1, &in, rows, &n));
	ck_assert(n == 1 && rows[0] == 0);
	ck_assert(!sp_eval(p, 2, &in, &out));
	ck_assert(sp_get(&out, 1).null && sp_get(&out, 2).i == 2 && sp_get(&out, 3).null);
	ck_assert(!sp_eval(p, 3, &in, &out));
	ck_assert(out.dict_n && sl_eqs(sp_get(&out, 0).s, "yes") && sl_eqs(sp_get(&out, 3).s, "no"));
	ck_assert(!sp_eval(p, 4, &in, &out));
	ck_assert(sp_get(&out, 1).i == 0 && sp_get(&out, 3).i == 9);
	ck_assert(!sp_eval(p, 5, &in, &out) && sp_get(&out, 1).i == 9);
	ck_assert(sp_eval(p, 6, &in, &out));
	ck_assert_str_eq(run.err.class, "DIVIDE_BY_ZERO");
	sp_program_free(p);
}
END_TEST

START_TEST(chance_is_never_shared)
{
	const int32_t v[] = { 1, 2, 3 };
	struct sp_vec columns[] = { ints(3, v, NULL) }, out[2];
	struct sp_batch in = { 3, 1, columns };
	struct sp_expr *exprs[] = { call(&chance_fn, SP_INT, 0, NULL, NULL), call(&chance_fn, SP_INT, 0, NULL, NULL) };
	struct sp_program *p = sp_program_new(&run, exprs, 2);
	ck_assert(!sp_eval_all(p, &in, out));
	ck_assert(!sp_eval_all(p, &in, out));
	ck_assert(sp_get(&out[0], 0).i == 3 && sp_get(&out[1], 2).i == 5);
	sp_program_free(p);
}
END_TEST

START_TEST(lambdas_see_their_rows)
{
	const int32_t v[] = { 10, 20 };
	struct sp_list *l = sp_list_new(&arena, 2);
	l->items[0] = (struct sp_value){ .i = 100 };
	l->items[1] = (struct sp_value){ .i = 400 };
	const struct sp_list *lists[] = { l, l };
	const struct sp_type *list_type = sp_array(&arena, &sp_types[SP_INT], true);
	struct sp_vec columns[] = { ints(2, v, NULL), { .type = list_type, .n = 2, .list = lists } }, out;
	struct sp_batch in = { 2, 2, columns };
	struct sp_expr *body = call(&over_fn, SP_INT, 2, col(SP_INT, 2), col(SP_INT, 0));
	struct sp_expr *lambda = node(SP_LAMBDA, &sp_types[SP_INT], 1, body, NULL, NULL), *e = call(&each_fn, SP_INT, 2, col(SP_INT, 1), lambda);
	lambda->column = 2;
	lambda->params = 1;
	e->type = list_type;
	e->args[0]->type = list_type;
	struct sp_program *p = sp_program_new(&run, &e, 1);
	ck_assert(!sp_eval(p, 0, &in, &out));
	ck_assert(sp_get(&out, 0).list->items[1].i == 40 && sp_get(&out, 1).list->items[0].i == 5);
	sp_program_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("eval");
	TCase *t = tcase_create("all");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, equal_parts_are_made_once);
	tcase_add_test(t, an_entry_of_a_dictionary_is_made_once);
	tcase_add_test(t, constants_are_folded);
	tcase_add_test(t, branches_not_taken_cannot_fail);
	tcase_add_test(t, chance_is_never_shared);
	tcase_add_test(t, lambdas_see_their_rows);
	suite_add_tcase(s, t);
	return run_suite(s);
}
