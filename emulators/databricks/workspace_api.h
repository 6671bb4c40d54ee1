/* Between workspace_api.c and workspace_import.c. */
#ifndef TARN_DATABRICKS_WORKSPACE_API_H
#define TARN_DATABRICKS_WORKSPACE_API_H

#include "databricks/workspace.h"

/* The parameter path, as it is kept. False: refused already. */
bool dbx_path_of(const struct dbx_in *in, struct slice *out);
/* Rows with DBX_RAW. */
void dbx_workspace_import(const struct dbx_in *in);
void dbx_workspace_import_file(const struct dbx_in *in);

#endif
