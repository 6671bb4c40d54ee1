/* A body of multipart/form-data, whole in memory. */
#ifndef TARN_DATABRICKS_FORM_H
#define TARN_DATABRICKS_FORM_H

#include "core/mem.h"

enum { DBX_FIELDS_MAX = 16 };
struct dbx_form {
	struct {
		struct slice name, value;
	} fields[DBX_FIELDS_MAX];
	size_t n;
};
/* Whether type says that body is one; what it says wrongly is left out. Slices borrow from body and the arena. */
bool dbx_form_read(struct arena *a, struct slice type, struct slice body, struct dbx_form *out);
/* Absent: there is none. */
struct slice dbx_form_field(const struct dbx_form *form, const char *name);

#endif
