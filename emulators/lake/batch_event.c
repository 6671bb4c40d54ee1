/* Times of events in a plan: a column is one from _event_time(column, delay) on, which is how DataFrame.withWatermark puts it. */
#include "lake/batch.h"

static bool is_mark(const struct sp_expr *e)
{
	return e->op == SP_CALL && e->fn && e->fn->name && !strcmp(e->fn->name, "_event_time");
}

static bool event_expr(const struct sp_plan *in, const struct sp_expr *e)
{
	return is_mark(e) || (e->op == SP_COLUMN && lake_event_column(in, e->column));
}

/* Whether a column of a plan is an event's time, or a window of it. */
bool lake_event_column(const struct sp_plan *p, size_t at)
{
	const struct sp_plan *in = p->in_n ? p->in[0] : NULL;
	switch (p->kind) {
	case SP_P_PROJECT:
		return at < p->expr_n && event_expr(in, p->exprs[at]);
	case SP_P_AGGREGATE:
		return at < p->group_n && event_expr(in, p->groups[at]);
	case SP_P_FILTER:
	case SP_P_SORT:
	case SP_P_LIMIT:
	case SP_P_DISTINCT:
	case SP_P_WINDOW:
		return at < in->column_n && lake_event_column(in, at);
	case SP_P_GENERATE:
		if (at < in->column_n)
			return lake_event_column(in, at);
		return p->generator->fn && p->generator->fn->name && !strcmp(p->generator->fn->name, "window") && event_expr(in, p->generator->args[0]);
	case SP_P_JOIN:
		return at < in->column_n ? lake_event_column(in, at) : p->in_n > 1 && at - in->column_n < p->in[1]->column_n && lake_event_column(p->in[1], at - in->column_n);
	case SP_P_SCAN:
		return p->relation->owner == NULL && p->relation->event_n && p->relation->events[at];
	default:
		return false;
	}
}

ssize_t lake_event_group(const struct sp_plan *aggregate)
{
	for (size_t i = 0; i < aggregate->group_n; i++)
		if (event_expr(aggregate->in[0], aggregate->groups[i]))
			return (ssize_t)i;
	return -1;
}

/* Where a column of p's input is among p's own, for what only filters or chooses; -1: it isn't. */
static ssize_t carried(const struct sp_plan *p, size_t at)
{
	if (p->kind == SP_P_FILTER)
		return (ssize_t)at;
	for (size_t i = 0; p->kind == SP_P_PROJECT && i < p->expr_n; i++)
		if (p->exprs[i]->op == SP_COLUMN && p->exprs[i]->column == at)
			return (ssize_t)i;
	return -1;
}

/* The projection that says which column is one, with the filters over it, which Spark pushes below it. */
struct sp_plan *lake_event_mark(struct sp_plan *p, size_t *at, const int64_t **delay)
{
	for (size_t i = 0; p->kind == SP_P_PROJECT && i < p->expr_n; i++)
		if (is_mark(p->exprs[i])) {
			*at = i;
			*delay = p->exprs[i]->given;
			return p;
		}
	for (size_t i = 0; i < p->in_n; i++) {
		struct sp_plan *found = lake_event_mark(p->in[i], at, delay);
		ssize_t here = found == p->in[i] && found ? carried(p, *at) : -1;
		if (here >= 0)
			*at = (size_t)here;
		if (found)
			return here >= 0 ? p : found;
	}
	return NULL;
}

static bool reads_event(const struct sp_plan *in, const struct sp_expr *e)
{
	if (event_expr(in, e))
		return true;
	for (size_t i = 0; i < e->arg_n; i++)
		if (reads_event(in, e->args[i]))
			return true;
	return false;
}

/* Takes filters off that read the event's time: those aren't pushed. Gives the plan without them. */
struct sp_plan *lake_event_pushed(struct sp_plan *p)
{
	size_t n = 0;
	if (p->kind != SP_P_FILTER && p->kind != SP_P_PROJECT)
		return p;
	for (size_t i = 0; p->kind == SP_P_PROJECT && i < p->expr_n; i++)
		if (is_mark(p->exprs[i]))
			return p;
	if (p->kind == SP_P_FILTER && p->condition->op == SP_AND) {
		for (size_t i = 0; i < p->condition->arg_n; i++)
			if (!reads_event(p->in[0], p->condition->args[i]))
				p->condition->args[n++] = p->condition->args[i];
		p->condition->arg_n = n;
		if (n == 1)
			p->condition = p->condition->args[0];
	} else if (p->kind == SP_P_FILTER) {
		n = !reads_event(p->in[0], p->condition);
	}
	p->in[0] = lake_event_pushed(p->in[0]);
	return p->kind == SP_P_FILTER && !n ? p->in[0] : p;
}
