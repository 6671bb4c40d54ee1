/* cte_max_recursion_depth: SQLite counts nothing, so a recursive CTE gets a column more that does.
 *
 *   WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT * FROM t
 * becomes
 *   WITH RECURSIVE t (n, rds$depth) AS (SELECT 1, '0' COLLATE rds$depth
 *     UNION ALL SELECT n + 1, rds$deeper(t.rds$depth) FROM t) SELECT * FROM t
 *
 * rds$deeper fails at the limit. Its collation takes all depths for alike, so UNION sees what it saw. Results leave the column out.
 * DIFFERS: where a statement takes all columns of a recursive CTE by * into something else than its result, it sees one more. */
#include "rds/rds.h"

struct recursion {
	struct arena *a;
	const struct rds_scope *scope;
	struct tok *out; /* what the tokens become */
	size_t n, cap;
	int deep;        /* WITH in WITH */
	struct {
		struct slice name;
		size_t weight;
	} *ctes;
	size_t cte_n, cte_cap;
	struct error *err;
};
enum { DEEP_MAX = 50, WEIGHT_MAX = 2000, CTES_MAX = 100 };

static void put(struct recursion *x, struct tok t)
{
	ARENA_GROW(x->a, x->out, x->n + 1, x->cap); /* the end comes behind */
	x->out[x->n++] = t;
}

static void put_op(struct recursion *x, const char *text)
{
	put(x, (struct tok){ .kind = TOK_OP, .text = sl(text) });
}

static void put_word(struct recursion *x, const char *text)
{
	put(x, (struct tok){ .kind = TOK_WORD, .text = sl(text), .value = sl(text), .spaced = true });
}

static void put_name(struct recursion *x, struct slice name)
{
	put(x, (struct tok){ .kind = TOK_QUOTED, .text = name, .value = name, .spaced = true });
}

static bool ends_list(const struct tok *t)
{
	static const char *const words[] = { "FROM", "WHERE", "LIMIT", "UNION", "ORDER", "GROUP", "HAVING" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (tok_is(t, words[i]))
			return true;
	return false;
}

/* FROM name, JOIN name or , name outside brackets between i and n (the SELECT that ends at a UNION): what the name goes by there. */
static bool reads(const struct tok *t, size_t i, size_t n, struct slice name, struct slice *as)
{
	bool from = false;
	for (int depth = 0; i < n && (depth || !tok_is(&t[i], "UNION")); i++) {
		depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		if (depth)
			continue;
		from = tok_is(&t[i], "FROM") || (from && !tok_is(&t[i], "WHERE") && !tok_is(&t[i], "GROUP"));
		if (!from || i + 1 >= n || !(tok_is(&t[i], "FROM") || tok_is(&t[i], "JOIN") || tok_is(&t[i], ",")) ||
		    !tok_is_name(&t[i + 1]) || !sl_eq_nocase(t[i + 1].value, name) || (i + 2 < n && tok_is(&t[i + 2], ".")))
			continue;
		static const char *const after[] = { "JOIN", "WHERE", "UNION", "INNER", "LEFT", "RIGHT", "CROSS", "NATURAL", "ON", "USING",
						     "GROUP", "HAVING", "ORDER", "LIMIT", "STRAIGHT_JOIN", "FOR", "LOCK", "FORCE", "USE" };
		size_t k = i + 2, w = 0;
		k += k < n && tok_is(&t[k], "AS");
		while (k < n && w < ARRAY_LEN(after) && !tok_is(&t[k], after[w]))
			w++;
		*as = k < n && tok_is_name(&t[k]) && w == ARRAY_LEN(after) ? t[k].value : t[i + 1].value;
		return true;
	}
	return false;
}

static bool reads_itself(const struct tok *t, size_t i, size_t n, struct slice name)
{
	struct slice as;
	while (i < n) {
		if (reads(t, i, n, name, &as))
			return true;
		for (int depth = 0; i < n && (depth || !tok_is(&t[i], "UNION")); i++)
			depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		i++;
	}
	return false;
}

static int with(struct recursion *x, const struct tok *t, size_t *i, size_t n);

/* Tokens that are left as they are, but for a WITH among them. */
static int copy(struct recursion *x, const struct tok *t, size_t i, size_t n)
{
	int rc = 0;
	while (!rc && i < n) {
		if (tok_is(&t[i], "WITH"))
			rc = with(x, t, &i, n);
		else
			put(x, t[i++]);
	}
	return rc;
}

static void put_depth(struct recursion *x, const struct tok *t, size_t from, size_t n, struct slice name)
{
	struct slice as;
	put_op(x, ",");
	if (reads(t, from, n, name, &as)) {
		put_word(x, "rds$deeper");
		put_op(x, "(");
		put_name(x, as);
		put_op(x, ".");
		put_name(x, S(RDS_DEPTH));
		put_op(x, ")");
	} else {
		put(x, (struct tok){ .kind = TOK_STRING, .text = S("'0'"), .value = S("0"), .spaced = true });
	}
	put_word(x, "COLLATE");
	put_name(x, S(RDS_DEPTH));
	put_word(x, "AS");
	put_name(x, S(RDS_DEPTH));
}

/* The body of a CTE that reads itself: each of its SELECTs gets the column. */
static int body(struct recursion *x, const struct tok *t, size_t i, size_t n, struct slice name)
{
	bool list = false;
	size_t begins = i;
	int depth = 0, rc = 0;
	while (!rc && i < n) {
		depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		if (!depth && tok_is(&t[i], "SELECT")) {
			list = true;
			begins = i;
		} else if (list && !depth && ends_list(&t[i])) {
			put_depth(x, t, begins, n, name);
			list = false;
		}
		if (tok_is(&t[i], "WITH"))
			rc = with(x, t, &i, n);
		else
			put(x, t[i++]);
	}
	if (list)
		put_depth(x, t, begins, n, name);
	return rc;
}

/* SQLite writes a CTE out where it is read, and so on with those that it reads: some lines make a tree that no memory holds. */
static int weigh(struct recursion *x, const struct tok *name, const struct tok *t, size_t i, size_t n)
{
	size_t weight = 1;
	for (; i < n && weight <= WEIGHT_MAX; i++)
		for (size_t k = 0; tok_is_name(&t[i]) && k < x->cte_n; k++)
			if (sl_eq_nocase(t[i].value, x->ctes[k].name))
				weight += x->ctes[k].weight;
	if (weight > WEIGHT_MAX || x->cte_n >= CTES_MAX)
		return err_fail(x->err, &rds_errors[RDS_E_UNSUPPORTED],
				"This version of MySQL doesn't yet support 'common table expressions read %d times over'", WEIGHT_MAX);
	ARENA_GROW(x->a, x->ctes, x->cte_n, x->cte_cap);
	x->ctes[x->cte_n].name = name->value;
	x->ctes[x->cte_n++].weight = weight;
	return 0;
}

/* name [(columns)] AS (body) from *i on, which moves behind it; it stays when there is something else. */
static int one(struct recursion *x, const struct tok *t, size_t *i, size_t n, bool recursive)
{
	const struct tok *name = &t[*i];
	size_t as = *i + 1, open, close;
	int rc;
	if (!tok_is_name(name))
		return 0;
	if (as < n && tok_is(&t[as], "("))
		as = tok_closes(t, as, n) + 1;
	open = as + 1;
	if (open >= n || !tok_is(&t[as], "AS") || !tok_is(&t[open], "(") || (close = tok_closes(t, open, n)) == n)
		return 0;
	bool itself = reads_itself(t, open + 1, close, name->value);
	if (itself && !recursive && !rds_catalogue_find(x->scope->cat, name->value))
		return err_fail(x->err, &rds_errors[RDS_E_NO_TABLE], "Table '%s.%.*s' doesn't exist", x->scope->database, SL(name->value));
	for (size_t k = *i; k <= open; k++) {
		if (itself && k > *i && k == as - 1) {
			put_op(x, ",");
			put_name(x, S(RDS_DEPTH));
		}
		put(x, t[k]);
	}
	if (++x->deep > DEEP_MAX)
		return err_fail(x->err, &rds_errors[RDS_E_UNSUPPORTED], "This version of MySQL doesn't yet support 'WITH nested %d times'",
				DEEP_MAX);
	rc = itself ? body(x, t, open + 1, close, name->value) : copy(x, t, open + 1, close);
	x->deep--;
	put(x, t[close]);
	*i = close + 1;
	return rc ? rc : weigh(x, name, t, open + 1, close);
}

/* WITH at *i, with all its CTEs. */
static int with(struct recursion *x, const struct tok *t, size_t *i, size_t n)
{
	put(x, t[(*i)++]);
	bool recursive = *i < n && tok_is(&t[*i], "RECURSIVE");
	if (recursive)
		put(x, t[(*i)++]);
	while (*i < n) {
		size_t before = *i;
		int rc = one(x, t, i, n, recursive);
		if (rc || *i == before || *i >= n || !tok_is(&t[*i], ","))
			return rc;
		put(x, t[(*i)++]);
	}
	return 0;
}

int rds_recursion(struct arena *a, const struct rds_scope *scope, const struct tok **t, size_t *n, struct error *err)
{
	struct recursion x = { .a = a, .scope = scope, .err = err };
	size_t i = 0;
	while (i < *n && !tok_is(&(*t)[i], "WITH"))
		i++;
	if (i == *n)
		return 0;
	int rc = copy(&x, *t, 0, *n);
	if (rc)
		return rc;
	x.out[x.n] = (*t)[*n];
	*t = x.out;
	*n = x.n;
	return 0;
}
