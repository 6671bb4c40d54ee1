/* Trigger rules, and the names of states. */
#include "airflow/airflow.h"

static const char *const rule_names[] = { "all_success", "all_failed", "all_done", "all_skipped", "one_success", "one_failed", "one_done",
					  "none_failed", "none_failed_min_one_success", "none_skipped", "always", "all_done_setup_success" };
static const char *const ti_names[] = { NULL, "scheduled", "queued", "running", "success", "failed", "up_for_retry", "upstream_failed",
					"skipped", "removed" };
static const char *const run_names[] = { "queued", "running", "success", "failed" };

enum af_rule af_rule_of(const char *name, bool *known)
{
	*known = true;
	for (size_t i = 0; i < ARRAY_LEN(rule_names); i++)
		if (!strcmp(rule_names[i], name))
			return (enum af_rule)i;
	*known = false;
	return RULE_ALL_SUCCESS;
}

const char *af_rule_name(enum af_rule rule)
{
	return rule_names[rule];
}

const char *af_ti_state_name(enum af_ti_state state)
{
	return ti_names[state];
}

bool af_ti_state_of(const char *name, enum af_ti_state *out)
{
	for (size_t i = 1; name && i < ARRAY_LEN(ti_names); i++) {
		if (strcmp(ti_names[i], name))
			continue;
		*out = (enum af_ti_state)i;
		return true;
	}
	return false;
}

const char *af_run_state_name(enum af_run_state state)
{
	return run_names[state];
}

bool af_ti_finished(enum af_ti_state state)
{
	return state == TI_SUCCESS || state == TI_FAILED || state == TI_UPSTREAM_FAILED || state == TI_SKIPPED || state == TI_REMOVED;
}

enum af_ti_state af_rule_judge(enum af_rule rule, size_t n, const size_t count[TI_REMOVED + 1])
{
	size_t good = count[TI_SUCCESS], skipped = count[TI_SKIPPED], bad = count[TI_FAILED] + count[TI_UPSTREAM_FAILED];
	size_t done = good + skipped + bad + count[TI_REMOVED];
	bool all = done == n;
	if (!n || rule == RULE_ALWAYS)
		return TI_SCHEDULED;
	switch (rule) {
	case RULE_ALL_SUCCESS:
		return bad ? TI_UPSTREAM_FAILED : skipped ? TI_SKIPPED : good + count[TI_REMOVED] == n ? TI_SCHEDULED : TI_NONE;
	case RULE_ALL_FAILED:
		return good || skipped ? TI_SKIPPED : bad == n ? TI_SCHEDULED : TI_NONE;
	case RULE_ALL_DONE:
		return all ? TI_SCHEDULED : TI_NONE;
	case RULE_ALL_SKIPPED:
		return good || bad ? TI_SKIPPED : skipped == n ? TI_SCHEDULED : TI_NONE;
	case RULE_ONE_SUCCESS:
		return good ? TI_SCHEDULED : !all ? TI_NONE : skipped == n ? TI_SKIPPED : TI_UPSTREAM_FAILED;
	case RULE_ONE_FAILED:
		return bad ? TI_SCHEDULED : all ? TI_SKIPPED : TI_NONE;
	case RULE_ONE_DONE:
		return good + count[TI_FAILED] ? TI_SCHEDULED : all ? TI_SKIPPED : TI_NONE;
	case RULE_NONE_FAILED:
		return bad ? TI_UPSTREAM_FAILED : all ? TI_SCHEDULED : TI_NONE;
	case RULE_NONE_FAILED_MIN_ONE_SUCCESS:
		return bad ? TI_UPSTREAM_FAILED : skipped == n ? TI_SKIPPED : all ? TI_SCHEDULED : TI_NONE;
	case RULE_NONE_SKIPPED:
		return skipped ? TI_SKIPPED : all ? TI_SCHEDULED : TI_NONE;
	case RULE_ALL_DONE_SETUP_SUCCESS: /* a setup that didn't succeed took all with it that depended on it */
		return !all ? TI_NONE : good ? TI_SCHEDULED : bad ? TI_UPSTREAM_FAILED : TI_SKIPPED;
	case RULE_ALWAYS:
		break;
	}
	return TI_SCHEDULED;
}
