/* The Python that notebooks run on, which is in the binary: stand-ins of pyspark and delta (python/standin), and what runs cells
 * (python/kernel). */
#ifndef TARN_DATABRICKS_PYTHON_H
#define TARN_DATABRICKS_PYTHON_H

#include "core/err.h"

/* unpack.h; *path: the folder, of which PYTHONPATH takes path/kernel and path/standin. Errors: STORE. */
int dbx_python_unpack(char **path, struct error *err) WARN_UNUSED;
/* The value of PYTHONPATH by which programs find it, with what is there already behind; without standin for the real PySpark. Heap. */
char *dbx_python_path(const char *path, bool standin, const char *behind);

#endif
