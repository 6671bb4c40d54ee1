/* Filter patterns of CloudWatch Logs: which lines FilterLogEvents, metric filters and subscriptions mean.
 *
 *   ERROR "not found" -debug ?a ?b    terms: all of the plain ones, none of the "-" ones; any of the "?" ones where there is nothing else
 *   { $.status >= 500 && $.path = "/a*" }   lines that are JSON
 *   [ip, user, ..., status = 4*, size > 9]  fields between blanks; what is in [] or "" is one field
 *   %a[0-9]+%                         a regular expression wherever a term or a value may stand */
#ifndef TARN_AWS_LOGS_FILTER_H
#define TARN_AWS_LOGS_FILTER_H

#include <jansson.h>

#include "core/err.h"

enum { LOG_FILTER_MAX = 1024 }; /* bytes of a pattern */
struct log_filter;
/* pattern is copied; an empty one takes every line. Errors: INVALID, in the service's words. */
int log_filter_open(struct slice pattern, struct log_filter **out, struct error *err) WARN_UNUSED;
void log_filter_free(struct log_filter *f); /* NULL is fine */
bool log_filter_matches(struct log_filter *f, struct slice line);
/* What the pattern names and the line has, "$.status" or "$size" -> its text: what TestMetricFilter shows. The caller frees it. */
json_t *log_filter_values(struct log_filter *f, struct slice line);
/* The number that "$.latency" or "$size" has in a line; false: none. */
bool log_filter_number(struct log_filter *f, struct slice line, struct slice name, double *out);
/* Whether all of it is a decimal number. */
bool log_filter_as_number(struct slice s, double *out);

#endif
