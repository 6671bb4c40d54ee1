/* Which plans streaming queries may have: Spark's UnsupportedOperationChecker. */
#include "lake/batch.h"

bool lake_is_streaming(const struct sp_plan *p)
{
	if (p->kind == SP_P_SCAN)
		return p->relation->streaming;
	if (p->kind == SP_P_SHARED)
		return lake_is_streaming(p->shared->plan);
	for (size_t i = 0; i < p->in_n; i++)
		if (lake_is_streaming(p->in[i]))
			return true;
	return false;
}

/* dropDuplicates of some columns: row_number() of rows as they come, as the stand-in of PySpark writes it. */
static bool is_first_of_each(const struct sp_plan *p)
{
	return p->window_n == 1 && p->windows[0].call->fn && p->windows[0].call->fn->window == SP_W_ROW_NUMBER && p->order_n == 1 &&
	       p->order[0].e->op == SP_CONST && p->order[0].e->type->kind == SP_BOOLEAN;
}

static bool keeps_state(const struct sp_plan *p)
{
	switch (p->kind) {
	case SP_P_AGGREGATE:
	case SP_P_DISTINCT:
	case SP_P_LIMIT:
		return lake_is_streaming(p->in[0]);
	case SP_P_WINDOW:
		return is_first_of_each(p) && lake_is_streaming(p->in[0]);
	case SP_P_JOIN:
	case SP_P_SETOP:
		return lake_is_streaming(p->in[0]) && lake_is_streaming(p->in[1]);
	default:
		return false;
	}
}

struct sp_plan **lake_batch_stateful(struct sp_plan **p)
{
	static struct sp_plan *none;
	for (size_t i = 0; i < (*p)->in_n; i++) {
		struct sp_plan **found = lake_batch_stateful(&(*p)->in[i]);
		if (*found)
			return found;
	}
	return keeps_state(*p) ? p : &none;
}

static int refuse(struct sp_error *err, const char *words)
{
	return sp_fail(err, SP_E_ANALYSIS, "", "", "%s;", words);
}

static bool has(const struct sp_plan *p, enum sp_plan_kind kind)
{
	bool found = p->kind == kind && lake_is_streaming(p);
	for (size_t i = 0; !found && i < p->in_n; i++)
		found = has(p->in[i], kind);
	return found;
}

static int check_join(const struct sp_plan *p, enum lake_mode mode, struct sp_error *err)
{
	bool left = lake_is_streaming(p->in[0]), right = lake_is_streaming(p->in[1]);
	if (left && right && mode != LAKE_APPEND)
		return refuse(err, mode == LAKE_UPDATE ? "Join between two streaming DataFrames/Datasets is not supported in Update output mode, only in Append output mode"
						       : "Join between two streaming DataFrames/Datasets is not supported in Complete output mode, only in Append output mode");
	if (left && right && p->join != SP_J_INNER && p->join != SP_J_CROSS)
		return sp_fail(err, SP_E_UNSERVED, "", "", "joins of two streams that aren't inner ones aren't served here");
	switch (p->join) {
	case SP_J_LEFT:
	case SP_J_SEMI:
	case SP_J_ANTI:
	case SP_J_ANTI_NULL:
	case SP_J_EXISTS:
	case SP_J_SINGLE:
		if (!left && right)
			return refuse(err, p->join == SP_J_LEFT ? "LeftOuter join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported"
							    : p->join == SP_J_SEMI ? "LeftSemi join with a streaming DataFrame/Dataset on the right and a static DataFrame/Dataset on the left is not supported"
										   : "LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported");
		break;
	case SP_J_RIGHT:
		if (left && !right)
			return refuse(err, "RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported");
		break;
	case SP_J_FULL:
		if (left != right)
			return refuse(err, left ? "FullOuter joins with streaming DataFrames/Datasets on the left and a static DataFrame/Dataset on the right is not supported"
						: "FullOuter joins with streaming DataFrames/Datasets on the right and a static DataFrame/Dataset on the left is not supported");
		break;
	case SP_J_INNER:
	case SP_J_CROSS:
		break;
	}
	return 0;
}

static int check_aggregate(const struct sp_plan *p, enum lake_mode mode, struct sp_error *err)
{
	if (mode == LAKE_APPEND && lake_event_group(p) < 0)
		return refuse(err, "Append output mode not supported when there are streaming aggregations on streaming DataFrames/DataSets without watermark");
	if (mode != LAKE_APPEND && has(p->in[0], SP_P_AGGREGATE))
		return refuse(err, "Detected pattern of possible 'correctness' issue due to global watermark. The query contains stateful operation which can emit rows "
			      "older than the current watermark plus allowed late record delay, which are \"late rows\" in downstream stateful operations and these rows "
			      "can be discarded. Please refer the programming guide doc for more details. If you understand the possible risk of correctness issue and "
			      "still need to run the query, you can disable this check by setting the config "
			      "`spark.sql.streaming.statefulOperator.checkCorrectness.enabled` to false.");
	for (size_t i = 0; i < p->aggregate_n; i++)
		if (p->aggregates[i].distinct)
			return refuse(err, "Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using approx_count_distinct() instead.");
	return 0;
}

static int refuse_window(const struct sp_plan *p, struct sp_error *err)
{
	struct slice name = p->column_n ? p->columns[p->column_n - 1].name : S("");
	return sp_fail(err, SP_E_ANALYSIS, "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "", "Window function is not supported in %.*s on streaming DataFrames/Datasets. "
		       "Structured Streaming only supports time-window aggregation using the WINDOW function.", SL(name));
}

static int check(const struct sp_plan *p, enum lake_mode mode, struct sp_error *err)
{
	bool any = lake_is_streaming(p), all = true;
	for (size_t i = 0; i < p->in_n; i++) {
		if (check(p->in[i], mode, err))
			return 1;
		all = all && lake_is_streaming(p->in[i]);
	}
	if (!any)
		return 0;
	switch (p->kind) {
	case SP_P_AGGREGATE:
		return check_aggregate(p, mode, err);
	case SP_P_SORT:
		return mode == LAKE_COMPLETE && has(p->in[0], SP_P_AGGREGATE)
			       ? 0
			       : refuse(err, "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode");
	case SP_P_LIMIT:
		if (p->offset > 0)
			return refuse(err, "Offset is not supported on streaming DataFrames/Datasets");
		return mode == LAKE_UPDATE ? refuse(err, "Limits are not supported on streaming DataFrames/Datasets in Update output mode") : 0;
	case SP_P_SAMPLE:
		return refuse(err, "Sampling is not supported on streaming DataFrames/Datasets");
	case SP_P_WINDOW:
		return is_first_of_each(p) ? 0 : refuse_window(p, err);
	case SP_P_UNION:
		return all ? 0 : refuse(err, "Union between streaming and batch DataFrames/Datasets is not supported");
	case SP_P_SETOP:
		return refuse(err, p->except ? "Except on a streaming DataFrame/Dataset on the right is not supported" : "Intersect of streaming DataFrames/Datasets is not supported");
	case SP_P_JOIN:
		return check_join(p, mode, err);
	default:
		return 0;
	}
}

int lake_batch_check(const struct sp_plan *p, enum lake_mode mode, struct sp_error *err)
{
	if (!lake_is_streaming(p))
		return sp_fail(err, SP_E_ANALYSIS, "WRITE_STREAM_NOT_ALLOWED", "42601", "`writeStream` can be called only on streaming Dataset/DataFrame.");
	if (mode == LAKE_COMPLETE && !has(p, SP_P_AGGREGATE))
		return refuse(err, "Complete output mode not supported when there are no streaming aggregations on streaming DataFrames/Datasets");
	return check(p, mode, err);
}
