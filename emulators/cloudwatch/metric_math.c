#include "cloudwatch/metric_math.h"

#include <ctype.h>
#include <math.h>

enum { DEPTH_MAX = 32, ARGS_MAX = 8, LIST_MAX = 100, MADE_MAX = 64 << 20 /* bytes of values on the way */ };

struct reader {
	struct arena *a;
	const struct math_grid *g;
	const char *p, *end;
	struct error *err;
	int depth;
};

static int wrong(struct reader *r)
{
	return err_set(r->err, ERR_INVALID, "Invalid syntax");
}

static void blanks(struct reader *r)
{
	while (r->p < r->end && isspace((unsigned char)*r->p))
		r->p++;
}

static bool eat(struct reader *r, const char *what)
{
	size_t n = strlen(what);
	blanks(r);
	if ((size_t)(r->end - r->p) < n || strncmp(r->p, what, n))
		return false;
	if (isalpha((unsigned char)*what) && r->p + n < r->end && (isalnum((unsigned char)r->p[n]) || r->p[n] == '_'))
		return false;
	r->p += n;
	return true;
}

static struct slice word(struct reader *r)
{
	const char *from = r->p;
	while (r->p < r->end && (isalnum((unsigned char)*r->p) || *r->p == '_'))
		r->p++;
	return sl_of(from, (size_t)(r->p - from));
}

/* ---- values ---- */

static struct math_value scalar(double x)
{
	return (struct math_value){ .kind = MATH_SCALAR, .x = x };
}

static struct math_value series(struct reader *r)
{
	return (struct math_value){ .kind = MATH_SERIES, .v = arena_alloc(r->a, (r->g->n + 1) * sizeof(double)) };
}

static double at(const struct math_value *v, size_t i)
{
	return v->kind == MATH_SCALAR ? v->x : v->v[i];
}

typedef double two_fn(double a, double b);

static int combine(struct reader *r, two_fn *fn, const struct math_value *a, const struct math_value *b, struct math_value *out)
{
	if (a->kind == MATH_TEXT || b->kind == MATH_TEXT)
		return err_set(r->err, ERR_INVALID, "Unsupported operand type");
	if (a->kind == MATH_LIST && b->kind == MATH_LIST)
		return err_set(r->err, ERR_INVALID, "Unsupported operand type: two arrays of time series");
	if (a->kind == MATH_LIST || b->kind == MATH_LIST) {
		const struct math_value *list = a->kind == MATH_LIST ? a : b;
		*out = *list;
		out->items = arena_alloc(r->a, (list->item_n + 1) * sizeof(*out->items));
		for (size_t i = 0; i < list->item_n; i++)
			(void)combine(r, fn, a == list ? &list->items[i] : a, b == list ? &list->items[i] : b, &out->items[i]);
		return 0;
	}
	if (a->kind == MATH_SCALAR && b->kind == MATH_SCALAR) {
		*out = scalar(fn(a->x, b->x));
		return 0;
	}
	*out = series(r);
	for (size_t i = 0; i < r->g->n; i++)
		out->v[i] = isnan(at(a, i)) || isnan(at(b, i)) ? NAN : fn(at(a, i), at(b, i));
	return 0;
}

static double add(double a, double b) { return a + b; }
static double subtract(double a, double b) { return a - b; }
static double multiply(double a, double b) { return a * b; }
static double divide(double a, double b) { return b == 0 ? NAN : a / b; }
static double is_less(double a, double b) { return a < b; }
static double is_more(double a, double b) { return a > b; }
static double is_most(double a, double b) { return a <= b; }
static double is_least(double a, double b) { return a >= b; }
static double is_same(double a, double b) { return a == b; }
static double is_other(double a, double b) { return a != b; }
static double both(double a, double b) { return a != 0 && b != 0; }
static double either(double a, double b) { return a != 0 || b != 0; }

/* ---- functions ---- */

/* fn of each point of one value; state goes along. */
static int each_point(struct reader *r, double (*fn)(const struct math_grid *g, const double *v, size_t i, double before), const struct math_value *in,
		      struct math_value *out)
{
	if (in->kind == MATH_TEXT || (in->kind == MATH_SCALAR && !r->g->n))
		return err_set(r->err, ERR_INVALID, "Unsupported operand type");
	if (in->kind == MATH_LIST) {
		*out = *in;
		out->items = arena_alloc(r->a, (in->item_n + 1) * sizeof(*out->items));
		for (size_t i = 0; i < in->item_n; i++)
			(void)each_point(r, fn, &in->items[i], &out->items[i]);
		return 0;
	}
	if (in->kind == MATH_SCALAR) {
		*out = scalar(fn(r->g, &in->x, 0, NAN));
		return 0;
	}
	*out = series(r);
	for (size_t i = 0; i < r->g->n; i++)
		out->v[i] = fn(r->g, in->v, i, i ? out->v[i - 1] : NAN);
	return 0;
}

/* The point before i that is there, or i. */
static size_t before_of(const double *v, size_t i)
{
	size_t j = i;
	while (j && isnan(v[j - 1]))
		j--;
	return j ? j - 1 : i;
}

static double f_abs(const struct math_grid *g, const double *v, size_t i, double b) { return fabs(v[i]); }
static double f_ceil(const struct math_grid *g, const double *v, size_t i, double b) { return ceil(v[i]); }
static double f_floor(const struct math_grid *g, const double *v, size_t i, double b) { return floor(v[i]); }
static double f_log(const struct math_grid *g, const double *v, size_t i, double b) { return v[i] > 0 ? log(v[i]) : NAN; }
static double f_log10(const struct math_grid *g, const double *v, size_t i, double b) { return v[i] > 0 ? log10(v[i]) : NAN; }
static double f_epoch(const struct math_grid *g, const double *v, size_t i, double b) { return (double)(g->start_s + (int64_t)i * g->period_s); }

static double f_diff(const struct math_grid *g, const double *v, size_t i, double b)
{
	size_t j = before_of(v, i);
	return j == i ? NAN : v[i] - v[j];
}

static double f_diff_time(const struct math_grid *g, const double *v, size_t i, double b)
{
	size_t j = before_of(v, i);
	return j == i || isnan(v[i]) ? NAN : (double)(i - j) * g->period_s;
}

static double f_rate(const struct math_grid *g, const double *v, size_t i, double b)
{
	size_t j = before_of(v, i);
	return j == i ? NAN : (v[i] - v[j]) / ((double)(i - j) * g->period_s);
}

static double f_running_sum(const struct math_grid *g, const double *v, size_t i, double b)
{
	return isnan(v[i]) ? b : isnan(b) ? v[i] : b + v[i];
}

static const struct {
	const char *name;
	double (*fn)(const struct math_grid *g, const double *v, size_t i, double before);
} each_fns[] = {
	{ "ABS", f_abs }, { "CEIL", f_ceil }, { "FLOOR", f_floor }, { "LOG", f_log }, { "LOG10", f_log10 }, { "EPOCH", f_epoch },
	{ "DIFF", f_diff }, { "DIFF_TIME", f_diff_time }, { "RATE", f_rate }, { "RUNNING_SUM", f_running_sum },
};

enum fold { FOLD_SUM, FOLD_AVG, FOLD_MIN, FOLD_MAX, FOLD_STDDEV };
static const char *const folds[] = { [FOLD_SUM] = "SUM", [FOLD_AVG] = "AVG", [FOLD_MIN] = "MIN", [FOLD_MAX] = "MAX", [FOLD_STDDEV] = "STDDEV" };

struct folding {
	double n, sum, squares, least, most;
};

static void fold_in(struct folding *f, double v)
{
	if (isnan(v))
		return;
	f->least = f->n == 0 || v < f->least ? v : f->least;
	f->most = f->n == 0 || v > f->most ? v : f->most;
	f->n++;
	f->sum += v;
	f->squares += v * v;
}

static double fold_end(const struct folding *f, enum fold how)
{
	if (f->n == 0)
		return NAN;
	switch (how) {
	case FOLD_SUM:
		return f->sum;
	case FOLD_AVG:
		return f->sum / f->n;
	case FOLD_MIN:
		return f->least;
	case FOLD_MAX:
		return f->most;
	case FOLD_STDDEV:
		return sqrt(fmax(0, f->squares / f->n - (f->sum / f->n) * (f->sum / f->n)));
	}
	return NAN;
}

/* Of a series: over time, a number; of a list of them: at each time, a series. */
static int fold(struct reader *r, enum fold how, const struct math_value *in, struct math_value *out)
{
	if (in->kind == MATH_SCALAR || in->kind == MATH_TEXT)
		return err_set(r->err, ERR_INVALID, "Unsupported operand type for %s", folds[how]);
	if (in->kind == MATH_SERIES) {
		struct folding f = { 0 };
		for (size_t i = 0; i < r->g->n; i++)
			fold_in(&f, in->v[i]);
		*out = scalar(fold_end(&f, how));
		return 0;
	}
	*out = series(r);
	for (size_t i = 0; i < r->g->n; i++) {
		struct folding f = { 0 };
		for (size_t j = 0; j < in->item_n; j++)
			fold_in(&f, at(&in->items[j], i));
		out->v[i] = fold_end(&f, how);
	}
	return 0;
}

static int fill(struct reader *r, const struct math_value *in, const struct math_value *with, struct math_value *out)
{
	bool repeat = with->kind == MATH_TEXT && sl_eqs(with->text, "REPEAT"), linear = with->kind == MATH_TEXT && sl_eqs(with->text, "LINEAR");
	if (in->kind != MATH_SERIES || (with->kind == MATH_TEXT && !repeat && !linear) || with->kind == MATH_LIST)
		return err_set(r->err, ERR_INVALID, "Unsupported operand type for FILL");
	*out = series(r);
	for (size_t i = 0; i < r->g->n; i++) {
		size_t j = before_of(in->v, i), next = i;
		out->v[i] = in->v[i];
		if (!isnan(in->v[i]))
			continue;
		while (next < r->g->n && isnan(in->v[next]))
			next++;
		if (with->kind != MATH_TEXT)
			out->v[i] = at(with, i);
		else if (repeat && j != i)
			out->v[i] = in->v[j];
		else if (linear && j != i && next < r->g->n)
			out->v[i] = in->v[j] + (in->v[next] - in->v[j]) * (double)(i - j) / (double)(next - j);
	}
	return 0;
}

static int choose(struct reader *r, const struct math_value *arg, size_t n, struct math_value *out)
{
	for (size_t i = 0; i < n; i++)
		if (arg[i].kind == MATH_LIST || arg[i].kind == MATH_TEXT)
			return err_set(r->err, ERR_INVALID, "Unsupported operand type for IF");
	if (arg[0].kind == MATH_SCALAR) {
		*out = arg[0].x != 0 ? arg[1] : n > 2 ? arg[2] : scalar(NAN);
		return 0;
	}
	*out = series(r);
	for (size_t i = 0; i < r->g->n; i++) {
		double c = arg[0].v[i];
		out->v[i] = isnan(c) ? NAN : c != 0 ? at(&arg[1], i) : n > 2 ? at(&arg[2], i) : NAN;
	}
	return 0;
}

/* METRICS(), METRICS("text in their ids"). */
static void take_all(struct reader *r, struct slice part, struct math_value *out)
{
	*out = (struct math_value){ .kind = MATH_LIST, .items = arena_alloc(r->a, (r->g->metric_n + 1) * sizeof(*out->items)),
				    .ids = arena_alloc(r->a, (r->g->metric_n + 1) * sizeof(*out->ids)) };
	for (size_t i = 0; i < r->g->metric_n; i++) {
		if (part.n && sl_find(sl(r->g->vars[i].id), part) < 0)
			continue;
		out->ids[out->item_n] = r->g->vars[i].id;
		out->items[out->item_n++] = (struct math_value){ .kind = MATH_SERIES, .v = (double *)r->g->vars[i].v };
	}
}

static int apply(struct reader *r, struct slice name, struct math_value *arg, size_t n, struct math_value *out)
{
	for (size_t i = 0; i < ARRAY_LEN(each_fns); i++)
		if (sl_eqs(name, each_fns[i].name))
			return n == 1 ? each_point(r, each_fns[i].fn, &arg[0], out) : wrong(r);
	for (size_t i = 0; i < ARRAY_LEN(folds); i++)
		if (sl_eqs(name, folds[i]))
			return n == 1 ? fold(r, (enum fold)i, &arg[0], out) : wrong(r);
	if (sl_eqs(name, "METRICS") && n <= 1) {
		take_all(r, n ? arg[0].text : sl(NULL), out);
		return 0;
	}
	if (sl_eqs(name, "PERIOD") && n == 1) {
		*out = scalar(r->g->period_s);
		return 0;
	}
	if (sl_eqs(name, "METRIC_COUNT") && n == 1) {
		*out = scalar(arg[0].kind == MATH_LIST ? (double)arg[0].item_n : 1);
		return 0;
	}
	if ((sl_eqs(name, "FIRST") || sl_eqs(name, "LAST")) && n == 1 && arg[0].kind == MATH_LIST && arg[0].item_n) {
		*out = arg[0].items[sl_eqs(name, "FIRST") ? 0 : arg[0].item_n - 1];
		return 0;
	}
	if (sl_eqs(name, "TIME_SERIES") && n == 1 && arg[0].kind == MATH_SCALAR) {
		struct math_value zero = series(r);
		return combine(r, add, &zero, &arg[0], out);
	}
	if (sl_eqs(name, "FILL") && n == 2)
		return fill(r, &arg[0], &arg[1], out);
	if (sl_eqs(name, "IF") && (n == 2 || n == 3))
		return choose(r, arg, n, out);
	return err_set(r->err, ERR_UNSUPPORTED, "tarn does not compute the function %.*s with %zu arguments", SL(name), n);
}

/* ---- reading ---- */

static int read_any(struct reader *r, struct math_value *out);

static int read_args(struct reader *r, const char *end, struct math_value *arg, size_t most, size_t *n)
{
	*n = 0;
	if (eat(r, end))
		return 0;
	for (;;) {
		if (*n == most)
			return wrong(r);
		int rc = read_any(r, &arg[(*n)++]);
		if (rc)
			return rc;
		if (eat(r, end))
			return 0;
		if (!eat(r, ","))
			return wrong(r);
	}
}

static int read_list(struct reader *r, struct math_value *out)
{
	*out = (struct math_value){ .kind = MATH_LIST, .items = arena_alloc(r->a, LIST_MAX * sizeof(*out->items)) };
	int rc = read_args(r, "]", out->items, LIST_MAX, &out->item_n);
	for (size_t i = 0; !rc && i < out->item_n; i++)
		if (out->items[i].kind == MATH_LIST || out->items[i].kind == MATH_TEXT)
			return wrong(r);
	return rc;
}

static int read_name(struct reader *r, struct math_value *out)
{
	struct slice name = word(r);
	if (eat(r, "(")) {
		struct math_value arg[ARGS_MAX] = { 0 };
		size_t n;
		int rc = read_args(r, ")", arg, ARGS_MAX, &n);
		return rc ? rc : apply(r, name, arg, n, out);
	}
	for (size_t i = 0; i < r->g->var_n; i++)
		if (sl_eqs(name, r->g->vars[i].id)) {
			*out = (struct math_value){ .kind = MATH_SERIES, .v = (double *)r->g->vars[i].v };
			return 0;
		}
	if (sl_eqs(name, "REPEAT") || sl_eqs(name, "LINEAR")) {
		*out = (struct math_value){ .kind = MATH_TEXT, .text = name };
		return 0;
	}
	return err_set(r->err, ERR_INVALID, "Undefined variable %.*s", SL(name));
}

static int read_number(struct reader *r, struct math_value *out)
{
	char text[40], *end;
	size_t n = (size_t)(r->end - r->p) < sizeof(text) - 1 ? (size_t)(r->end - r->p) : sizeof(text) - 1;
	memcpy(text, r->p, n);
	text[n] = '\0';
	*out = scalar(strtod(text, &end));
	r->p += end - text;
	return end == text ? wrong(r) : 0;
}

static int read_text(struct reader *r, struct math_value *out)
{
	char mark = *r->p++;
	const char *from = r->p;
	while (r->p < r->end && *r->p != mark)
		r->p++;
	if (r->p == r->end)
		return wrong(r);
	*out = (struct math_value){ .kind = MATH_TEXT, .text = sl_of(from, (size_t)(r->p - from)) };
	r->p++;
	return 0;
}

static int read_one(struct reader *r, struct math_value *out)
{
	int rc;
	blanks(r);
	if (r->p == r->end || ++r->depth > DEPTH_MAX)
		return wrong(r);
	if (eat(r, "(")) {
		rc = read_any(r, out);
		rc = rc ? rc : eat(r, ")") ? 0 : wrong(r);
	} else if (eat(r, "[")) {
		rc = read_list(r, out);
	} else if (eat(r, "-")) {
		struct math_value v, minus = scalar(-1);
		rc = read_one(r, &v);
		rc = rc ? rc : combine(r, multiply, &v, &minus, out);
	} else if (*r->p == '"' || *r->p == '\'') {
		rc = read_text(r, out);
	} else if (isalpha((unsigned char)*r->p)) {
		rc = read_name(r, out);
	} else {
		rc = read_number(r, out);
	}
	r->depth--;
	return rc;
}

/* Which bind closest come first; those of a row are read from left to right, "^" from right to left. */
static const struct {
	const char *text;
	two_fn *fn;
	int level;
} ops[] = {
	{ "^", pow, 0 }, { "*", multiply, 1 }, { "/", divide, 1 }, { "+", add, 2 }, { "-", subtract, 2 }, { "<=", is_most, 3 }, { ">=", is_least, 3 },
	{ "==", is_same, 3 }, { "!=", is_other, 3 }, { "<", is_less, 3 }, { ">", is_more, 3 }, { "&&", both, 4 }, { "AND", both, 4 },
	{ "||", either, 5 }, { "OR", either, 5 },
};
enum { LEVELS = 6 };

static int read_level(struct reader *r, int level, struct math_value *out)
{
	int rc = level ? read_level(r, level - 1, out) : read_one(r, out);
	for (size_t i = 0; !rc && i < ARRAY_LEN(ops); i++) {
		struct math_value left = *out, right;
		if (ops[i].level != level || !eat(r, ops[i].text))
			continue;
		rc = level ? read_level(r, level - 1, &right) : read_level(r, 0, &right);
		rc = rc ? rc : combine(r, ops[i].fn, &left, &right, out);
		i = (size_t)-1; /* from the first on */
	}
	return rc;
}

static int read_any(struct reader *r, struct math_value *out)
{
	if (++r->depth > DEPTH_MAX)
		return wrong(r);
	int rc = read_level(r, LEVELS - 1, out);
	r->depth--;
	return rc;
}

int math_eval(struct arena *a, const struct math_grid *g, struct slice expression, struct math_value *out, struct error *err)
{
	struct reader r = { .a = a, .g = g, .p = expression.p, .end = expression.p + expression.n, .err = err };
	/* Each character makes a series at most. */
	if (expression.n * (g->n + 1) * sizeof(double) > MADE_MAX)
		return err_set(err, ERR_INVALID, "The expression is too long for %zu data points", g->n);
	int rc = read_any(&r, out);
	blanks(&r);
	return rc ? rc : r.p == r.end ? 0 : wrong(&r);
}

void math_names(struct slice expression, void (*fn)(void *arg, struct slice name), void *arg)
{
	struct reader r = { .p = expression.p, .end = expression.p + expression.n };
	while (r.p < r.end) {
		if (*r.p == '"' || *r.p == '\'') {
			struct math_value v;
			if (read_text(&r, &v))
				return;
		} else if (isalpha((unsigned char)*r.p)) {
			struct slice name = word(&r);
			blanks(&r);
			if (r.p == r.end || *r.p != '(')
				fn(arg, name);
		} else if (isdigit((unsigned char)*r.p)) {
			(void)word(&r);
		} else {
			r.p++;
		}
	}
}

bool math_takes_all(struct slice expression)
{
	return sl_find(expression, S("METRICS(")) >= 0;
}
