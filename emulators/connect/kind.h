/* The connectors that this worker has. */
#ifndef TARN_CONNECT_KIND_H
#define TARN_CONNECT_KIND_H

#include <stdbool.h>
#include <stddef.h>

struct con_kind {
	const char *class, *task_class, *version;
	bool source;
};
extern const struct con_kind con_kinds[]; /* by class */
extern const size_t con_kind_n;
extern const struct con_kind *const con_s3_sink, *const con_file_sink, *const con_file_source;
/* By a class as configurations name it: whole, or its simple name with or without "Connector". NULL: the worker has none of that name. */
const struct con_kind *con_kind_of(const char *class);

#endif
