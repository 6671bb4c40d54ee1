#include "databricks/python.h"

#include "core/unpack.h"

extern const struct embedded python_files_embedded[];

int dbx_python_unpack(char **path, struct error *err)
{
	return unpack(python_files_embedded, "python", path, err);
}

char *dbx_python_path(const char *path, bool standin, const char *behind)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s/kernel", path);
	if (standin)
		buf_addf(&b, ":%s/standin", path);
	if (behind && *behind)
		buf_addf(&b, ":%s", behind);
	char *out = xstrdup(buf_cstr(&b));
	buf_free(&b);
	return out;
}
