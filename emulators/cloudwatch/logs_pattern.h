/* A filter pattern that was read: between logs_filter.c, which reads, and logs_match.c, which looks at lines. */
#ifndef TARN_AWS_LOGS_PATTERN_H
#define TARN_AWS_LOGS_PATTERN_H

#include "cloudwatch/logs_filter.h"
#include "java/regex.h"

enum { FILTER_REGEX_MAX = 5, FILTER_STEPS_MAX = 16, FILTER_NODES_MAX = 64, FILTER_DEPTH_MAX = 32 };
enum filter_kind { FILTER_TERMS, FILTER_JSON, FILTER_FIELDS };
enum filter_op { OP_NONE, OP_EQ, OP_NE, OP_GT, OP_GE, OP_LT, OP_LE, OP_NULL, OP_TRUE, OP_FALSE, OP_EXISTS, OP_ABSENT, OP_AND, OP_OR };

struct filter_value {
	enum { FILTER_TEXT, FILTER_REGEX } kind;
	struct slice text; /* with * for anything */
	bool is_number;
	double number;
	struct java_regex *regex;
};
struct filter_step {
	struct slice name; /* absent: an index */
	int64_t index;
	bool any;
};
struct filter_node {
	enum filter_op op;
	struct filter_node *left, *right; /* AND, OR */
	struct slice path;                /* "$.a.b", "$size" */
	struct filter_step *step;
	size_t step_n, step_cap;
	struct filter_value value;
	struct filter_node *next; /* of all conditions */
};
struct filter_term {
	enum { TERM_MUST, TERM_NOT, TERM_MAY } kind;
	struct filter_value value;
};
struct log_filter {
	enum filter_kind kind;
	struct arena arena; /* of the pattern */
	struct java_regex regex[FILTER_REGEX_MAX];
	size_t regex_n;
	struct filter_term *term;
	size_t term_n, term_cap, must; /* must: those that aren't "?" */
	struct filter_node *root, *conditions;
	size_t node_n;
	struct filter_node **field; /* NULL: a field without a name */
	size_t field_n, field_cap;
	int rest_at; /* before which field "..." stands; -1: nowhere */
};
#endif
