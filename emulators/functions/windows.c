/* Functions that only windows have: engine/window.c runs them, by .window. */
#include "functions/functions.h"

#define RANK(name, upper, args, type, kind, text) \
	{ name, args, type, SP_F_NEVER_NULL, .window = kind, .shown = upper, .group = "window_funcs", .doc = name "(): " text }
static const struct sp_type *type_nth(struct sp_resolve *x)
{
	struct sp_value n;
	if (sp_resolve_const(x, 1, &n))
		return NULL;
	if (n.null || n.i <= 0) {
		(void)sp_resolve_mismatch(x, "VALUE_OUT_OF_RANGE", "The offset must be between (0, 9223372036854775807] (current value = %lldL).",
					  n.null ? 0LL : (long long)n.i);
		return NULL;
	}
	return x->e->args[0]->type;
}

const struct sp_function sp_window_functions[] = {
	RANK("row_number", NULL, "", "int", SP_W_ROW_NUMBER, "Rows numbered from 1 on."),
	RANK("rank", "RANK", "any*", "int", SP_W_RANK, "How many rows come before, and 1; equal rows have equal ranks."),
	RANK("dense_rank", "DENSE_RANK", "any*", "int", SP_W_DENSE_RANK, "Ranks without gaps."),
	RANK("percent_rank", "PERCENT_RANK", "any*", "double", SP_W_PERCENT_RANK, "(rank - 1) / (rows - 1)."),
	RANK("cume_dist", NULL, "", "double", SP_W_CUME_DIST, "The share of rows that don't come after."),
	{ "ntile", "int!?", "int", SP_F_NEVER_NULL, .window = SP_W_NTILE, .defaults = "1", .group = "window_funcs",
	  .doc = "ntile(n): In which of n parts of equal size the row is." },
	{ "lag", "T int!? T?", "T", SP_F_NULLS, .window = SP_W_LAG, .defaults = "1,NULL", .group = "window_funcs",
	  .doc = "lag(a[, n[, other]]): a of the row n rows before, or other where there is none." },
	{ "lead", "T int!? T?", "T", SP_F_NULLS, .window = SP_W_LEAD, .defaults = "1,NULL", .group = "window_funcs",
	  .doc = "lead(a[, n[, other]]): a of the row n rows behind, or other where there is none." },
	{ "nth_value", "any int!", NULL, SP_F_NULLS, .window = SP_W_NTH, .resolve = type_nth, .group = "window_funcs", .doc = "nth_value(a, n): a of the frame's n-th row." },
	{ NULL },
};
