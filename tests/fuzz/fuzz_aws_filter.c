/* Filter patterns of CloudWatch Logs: a pattern, a newline, and a line that it looks at. What matches can be asked for its values. */
#include <stdint.h>
#include <string.h>

#include "cloudwatch/logs_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice pattern, line;
	struct log_filter *f;
	struct error err;
	double number;
	sl_cut(sl_of(p, n), '\n', &pattern, &line);
	if (log_filter_open(pattern, &f, &err))
		return 0;
	if (!line.p)
		line = S("");
	(void)log_filter_matches(f, line);
	(void)log_filter_number(f, line, S("$.a"), &number);
	json_decref(log_filter_values(f, line));
	log_filter_free(f);
	return 0;
}
