/* The Python that notebooks run on, which is in the binary: stand-ins of pyspark and delta (python/standin), and what runs cells
 * (python/kernel). */
#ifndef TARN_DATABRICKS_PYTHON_H
#define TARN_DATABRICKS_PYTHON_H

#include "core/err.h"

/* Writes what isn't there yet into the user's cache folder, below a name made of its content, so that programs of several versions and
 * several at once share it or stay apart. *path: the folder, heap, of which PYTHONPATH takes path/kernel and path/standin. Blocks for some
 * milliseconds the first time. Errors: STORE. */
int dbx_python_unpack(char **path, struct error *err) WARN_UNUSED;
/* The value of PYTHONPATH by which programs find it, with what is there already behind; without standin for the real PySpark. Heap. */
char *dbx_python_path(const char *path, bool standin, const char *behind);

#endif
