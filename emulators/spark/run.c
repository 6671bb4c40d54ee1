/* Bounds of an execution: its client, its time, its memory. */
#include "core/clock.h"
#include "spark/expr.h"

enum { CHECK_ROWS = 4096 };

int sp_run_check(struct sp_run *r, size_t rows)
{
	r->ticks += rows + 1;
	if (r->ticks < CHECK_ROWS)
		return 0;
	r->ticks = 0;
	if (r->stop && *r->stop)
		return sp_fail(&r->err, SP_E_STOPPED, "", "", "The statement was cancelled.");
	if (r->end_us && clock_real_us() > r->end_us)
		return sp_fail(&r->err, SP_E_LIMIT, "", "", "The statement took longer than it may.");
	return sp_run_hold(r, 0);
}

int sp_run_hold(struct sp_run *r, ssize_t bytes)
{
	r->held += (size_t)bytes;
	size_t all = r->held + (r->keep ? r->keep->used : 0) + (r->batch ? r->batch->used : 0);
	if (!r->held_max || all <= r->held_max)
		return 0;
	return sp_fail(&r->err, SP_E_LIMIT, "", "", "The statement needs more memory than the %zu MiB it may hold.", r->held_max >> 20);
}

int sp_run_room(struct sp_run *r, const struct sp_type *t, const struct sp_value *v)
{
	ssize_t bytes;
	if (!r->held_max || v->null || !sp_is_nested(t))
		return 0;
	bytes = (ssize_t)sp_value_bytes(t, v, r->held_max);
	if (sp_run_hold(r, bytes))
		return 1;
	return sp_run_hold(r, -bytes);
}
