/* A plan made faster without changing what it gives. */
#include "engine/op.h"

int sp_optimize(struct arena *a, const struct sp_context *cx, struct sp_plan **plan, struct sp_error *err)
{
	return 0;
}
