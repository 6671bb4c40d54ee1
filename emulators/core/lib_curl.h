/* libcurl, loaded when it is first needed: curl.easy_init() is curl_easy_init(). */
#ifndef TARN_LIB_CURL_H
#define TARN_LIB_CURL_H

#include <curl/curl.h>

#include "lazy.h"

#define LIB_CURL_CALLS(X) \
	X(curl, global_init) X(curl, easy_cleanup) X(curl, easy_getinfo) X(curl, easy_init) X(curl, easy_pause) X(curl, easy_perform) \
	X(curl, easy_setopt) X(curl, easy_strerror) X(curl, multi_add_handle) X(curl, multi_assign) \
	X(curl, multi_cleanup) X(curl, multi_info_read) X(curl, multi_init) X(curl, multi_remove_handle) \
	X(curl, multi_setopt) X(curl, multi_socket_action) X(curl, slist_append) X(curl, slist_free_all)
extern struct lib_curl {
	LIB_CURL_CALLS(LAZY_FIELD)
} curl;
/* Before any other call. Errors: NETWORK. */
int lib_curl_load(struct error *err) WARN_UNUSED;

#endif
