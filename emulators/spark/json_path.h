/* get_json_object: Spark's JSONPath, which is Hive's: $, .name, ['name'], [n], [*]. */
#ifndef TARN_SPARK_JSON_PATH_H
#define TARN_SPARK_JSON_PATH_H

#include "core/mem.h"

enum sp_json_step_kind { SP_STEP_NAME, SP_STEP_INDEX, SP_STEP_EACH, SP_STEP_ANY /* .*: nothing has it */ };
struct sp_json_path {
	struct sp_json_step {
		enum sp_json_step_kind kind;
		struct slice name;
		size_t index;
	} *steps;
	size_t n;
};
/* false: it is no path; NULL then. Steps are in a and point into text. */
bool sp_json_path_make(struct sp_json_path *p, struct arena *a, struct slice text);
/* What is there, appended: true; false: nothing is, or json isn't JSON. */
bool sp_json_path_get(const struct sp_json_path *p, struct arena *a, struct slice json, struct buf *out);

#endif
