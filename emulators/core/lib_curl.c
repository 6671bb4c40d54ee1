#include "lib_curl.h"

struct lib_curl curl;

int lib_curl_load(struct error *err)
{
	static const char *const files[] = { "libcurl-gnutls.so.4", "libcurl.so.4", NULL };
	static const char *const names[] = { LIB_CURL_CALLS(LAZY_NAME) };
	bool before = curl.easy_init != NULL;
	int rc = lazy_load(files, names, &curl, ARRAY_LEN(names), err);
	if (!rc && !before)
		curl.global_init(CURL_GLOBAL_ALL);
	return rc;
}
