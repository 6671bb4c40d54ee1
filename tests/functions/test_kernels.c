/* What takes whole vectors gives what it gives for each row alone: random values, NULLs, constants, codes. */
#include <check.h>

#include "functions/functions.h"
#include "spark/decimal.h"
#include "check_main.h"

enum { N = 64, ROUNDS = 30 };
static struct arena arena;
static struct sp_context cx;
static uint64_t seed = 7;

static uint64_t chance(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 20;
}

static const struct sp_type *type_of(size_t i)
{
	static const enum sp_kind kinds[] = { SP_TINYINT, SP_SMALLINT, SP_INT, SP_BIGINT, SP_FLOAT, SP_DOUBLE, SP_DECIMAL, SP_STRING, SP_BOOLEAN, SP_DATE };
	return kinds[i] == SP_DECIMAL ? sp_decimal(&arena, 12, 2) : &sp_types[kinds[i]];
}

static struct sp_value any_value(const struct sp_type *t)
{
	static const int64_t whole[] = { 0, 1, -1, 2, 3, -7, 127, -128, 32767, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN };
	static const double reals[] = { 0, -0.0, 1.5, -2.5, 1e300, 7, 1 / 3.0 };
	static const char *const texts[] = { "", "a", "b", "ab", "art", "\xc3\xa9" };
	struct sp_value v = { 0 };
	switch (sp_phys_of(t)) {
	case SP_F64:
		v.d = chance() % 9 == 0 ? __builtin_nan("") : reals[chance() % ARRAY_LEN(reals)];
		v.d = t->kind == SP_FLOAT ? (float)v.d : v.d;
		break;
	case SP_X128:
		v.x = sp_narrow((int64_t)(chance() % 19) - 9);
		break;
	case SP_STR:
		v.s = sl(texts[chance() % ARRAY_LEN(texts)]);
		break;
	case SP_U8:
		v.i = (int64_t)(chance() & 1);
		break;
	default:
		v.i = whole[chance() % ARRAY_LEN(whole)];
		v.i = t->kind == SP_TINYINT ? (int8_t)v.i : t->kind == SP_SMALLINT ? (int16_t)v.i : sp_phys_of(t) == SP_I32 ? (int32_t)v.i : v.i;
	}
	return v;
}

static struct sp_vec column(const struct sp_type *t, bool nulls, int form)
{
	uint32_t *rows = arena_alloc(&arena, N * sizeof(*rows));
	struct sp_out o;
	size_t i;
	sp_out_make(&o, &arena, t, N);
	for (i = 0; i < N; i++) {
		struct sp_value v = any_value(t);
		v.null = nulls && chance() % 5 == 0;
		sp_out_put(&o, i, &v);
		rows[i] = (uint32_t)(chance() % N);
	}
	if (form == 1)
		return sp_vec_pick(&arena, &o.v, rows, N);
	o.v.one = form == 2 && !(o.v.null && o.v.null[0]);
	return o.v;
}

static struct sp_expr *call(const char *name, const struct sp_type *type, const struct sp_vec *args, size_t n)
{
	struct sp_expr *e = arena_alloc(&arena, sizeof(*e)), *all = arena_alloc(&arena, n * sizeof(*all));
	size_t i;
	*e = (struct sp_expr){ .op = SP_CALL, .type = type, .fn = sp_function_find(sl(name)), .arg_n = n };
	ck_assert_ptr_nonnull(e->fn);
	e->args = arena_alloc(&arena, n * sizeof(struct sp_expr *));
	for (i = 0; i < n; i++) {
		all[i] = (struct sp_expr){ .op = SP_COLUMN, .type = args[i].type, .column = i };
		e->args[i] = &all[i];
	}
	return e;
}

/* The rows of args at once, then one by one. */
static void compare(const char *name, const struct sp_type *type, const struct sp_vec *args, size_t arg_n)
{
	struct sp_run r = { .cx = &cx, .batch = &arena, .keep = &arena };
	struct sp_expr *e = call(name, type, args, arg_n);
	struct sp_call c = { .run = &r, .e = e, .state = arena_alloc(&arena, e->fn->state_size + 1) };
	struct sp_vec out;
	size_t i, k;
	int rc = e->fn->vec(&c, args, N, &out);
	for (i = 0; i < N; i++) {
		struct sp_vec one[3], single;
		struct sp_value want, got;
		bool null = false;
		for (k = 0; k < arg_n; k++) {
			struct sp_value v = sp_get(&args[k], i);
			null |= v.null;
			one[k] = sp_vec_one(&arena, args[k].type, &v, 1);
		}
		if (null && !(e->fn->flags & SP_F_NULLS)) {
			ck_assert_msg(rc || sp_null_at(&out, i), "%s: row %zu isn't NULL", name, i);
			continue;
		}
		if (e->fn->vec(&c, one, 1, &single)) {
			ck_assert_msg(rc, "%s: row %zu fails alone only", name, i);
			break;
		}
		if (rc)
			continue;
		want = sp_get(&single, 0);
		got = sp_get(&out, i);
		ck_assert_msg(want.null == got.null && (want.null || sp_compare(type, &want, &got) == 0), "%s: row %zu", name, i);
	}
	sp_error_free(&r.err);
}

static const struct operator {
	const char *name;
	bool numbers, truth; /* for numbers alone; gives a BOOLEAN */
} operators[] = {
	{ "+", true, false },  { "-", true, false },  { "*", true, false }, { "%", true, false }, { "pmod", true, false },
	{ "try_add", true, false }, { "try_multiply", true, false }, { "=", false, true }, { "!=", false, true }, { "<", false, true },
	{ "<=", false, true }, { ">", false, true }, { ">=", false, true }, { "<=>", false, true }, { "in", false, true },
};

START_TEST(vectors_as_rows)
{
	const struct operator *o = &operators[_i];
	size_t t;
	int round;
	for (t = 0; t < 10; t++)
		for (round = 0; round < ROUNDS; round++) {
			const struct sp_type *type = type_of(t), *out = o->truth ? &sp_types[SP_BOOLEAN] : type;
			struct sp_vec args[2] = { column(type, round % 2, round % 3), column(type, round % 5 == 0, round / 3 % 3) };
			if (o->numbers && t > 6)
				continue;
			if (!o->truth && type->kind == SP_DECIMAL)
				out = sp_dec_type(&arena, o->name[0] == 't' ? (o->name[4] == 'a' ? '+' : '*') : o->name[0] == 'p' ? '%' : o->name[0], type, type);
			cx.ansi = round % 7 == 6 && o->name[0] != 't';
			compare(o->name, out, args, 2);
			arena_reset(&arena);
		}
	cx.ansi = false;
}
END_TEST

/* ---- values ---- */

static double one_of(const char *name, double a, double b)
{
	struct sp_run r = { .cx = &cx, .batch = &arena, .keep = &arena };
	struct sp_value x = { .d = a }, y = { .d = b };
	struct sp_vec args[2] = { sp_vec_one(&arena, &sp_types[SP_DOUBLE], &x, 1), sp_vec_one(&arena, &sp_types[SP_DOUBLE], &y, 1) }, out;
	struct sp_expr *e = call(name, &sp_types[SP_DOUBLE], args, 2);
	struct sp_call c = { .run = &r, .e = e };
	ck_assert_int_eq(e->fn->vec(&c, args, 1, &out), 0);
	return sp_null_at(&out, 0) ? -999 : sp_get(&out, 0).d;
}

START_TEST(reals_as_by_java)
{
	ck_assert_double_eq(one_of("exp", 1, 0), 2.7182818284590455); /* StrictMath's last digit */
	ck_assert_double_eq(one_of("pow", 2, 0.5), 1.4142135623730951);
	ck_assert_double_eq(one_of("log", 2, 8), 3.0);
	ck_assert_double_eq(one_of("ln", 0, 0), -999);
	ck_assert_double_eq(one_of("atan2", 0, -1), 3.141592653589793);
	ck_assert_double_eq(one_of("/", 1, 0), -999);
}
END_TEST

START_TEST(all_have_names_and_docs)
{
	size_t n, i, counted = 0;
	const struct sp_function *const *all = sp_functions_all(&n);
	for (i = 0; i < n; i++) {
		if (all[i]->flags & SP_F_HIDDEN || all[i]->name[0] == '$')
			continue;
		ck_assert_msg(all[i]->doc && all[i]->group, "%s", all[i]->name);
		ck_assert_msg(i == 0 || strcmp(all[i - 1]->name, all[i]->name) != 0, "%s is there twice", all[i]->name);
		counted += !(all[i]->flags & SP_F_ALIAS);
	}
	ck_assert_uint_ge(counted, 250);
	ck_assert_ptr_eq(sp_function_find(S("SUM")), sp_function_find(S("sum")));
	ck_assert_ptr_null(sp_function_find(S("nope")));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("functions_kernels");
	TCase *t = tcase_create("kernels");
	int failed;
	tcase_add_loop_test(t, vectors_as_rows, 0, ARRAY_LEN(operators));
	tcase_add_test(t, reals_as_by_java);
	tcase_add_test(t, all_have_names_and_docs);
	suite_add_tcase(s, t);
	failed = run_suite(s);
	arena_free(&arena);
	return failed;
}
