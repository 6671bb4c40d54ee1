#include "lazy.h"

#include <dlfcn.h>

int lazy_load(const char *const *files, const char *const *names, void *calls, size_t n, struct error *err)
{
	void *first, *lib = NULL;
	memcpy(&first, calls, sizeof(first));
	if (first)
		return 0;
	for (const char *const *f = files; *f && !lib; f++)
		lib = dlopen(*f, RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		return err_set(err, ERR_NETWORK, "%s: this needs the library %s", dlerror(), files[0]);
	for (size_t i = n; i-- > 0;) { /* the first one last: it tells that all are there */
		void *at = dlsym(lib, names[i]);
		if (!at)
			return err_set(err, ERR_NETWORK, "%s has no %s", files[0], names[i]);
		memcpy((char *)calls + i * sizeof(at), &at, sizeof(at));
	}
	return 0;
}
