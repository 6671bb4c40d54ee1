#include "tarn/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/lib_curl.h"

int cmd_fail(int code, const char *hint, const char *fmt, ...)
{
	va_list ap;
	fputs("tarn: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (hint)
		fprintf(stderr, "  try: %s\n", hint);
	return code;
}

void cmd_usage(const char *word)
{
	for (size_t i = 0; commands[i].word; i++)
		if (!strcmp(commands[i].word, word))
			printf("usage: tarn %s %s\n%s\n", word, commands[i].args, commands[i].doc);
}

const char *cmd_data(const char *flag)
{
	const char *env = getenv("TARN_DATA");
	if (flag)
		return flag;
	return env && *env ? env : ".tarn";
}

char *cmd_endpoint(const char *data, const char *key)
{
	const char *file = data ? NULL : getenv("TARN_ENDPOINTS");
	char *path = file && *file ? xstrdup(file) : xasprintf("%s/endpoints.json", cmd_data(data));
	json_t *all = json_load_file(path, 0, NULL);
	const char *found = json_string_value(json_object_get(all, key));
	char *out = found ? xstrdup(found) : NULL;
	free(path);
	json_decref(all);
	return out;
}

static size_t on_bytes(char *p, size_t size, size_t n, void *arg)
{
	struct buf *out = arg;
	buf_add(out, p, size * n);
	return out->bad ? 0 : size * n;
}

int cmd_http(const char *base_url, const char *method, const char *path, struct slice body, const char *type, int *status,
	     struct buf *out, struct error *err)
{
	if (lib_curl_load(err))
		return ERR_NETWORK;
	CURL *c = curl.easy_init();
	char *url = xasprintf("%s%s", base_url, path);
	char *type_line = type ? xasprintf("Content-Type: %s", type) : NULL;
	struct curl_slist *headers = curl.slist_append(NULL, "Expect:");
	long code = 0;
	if (type_line)
		headers = curl.slist_append(headers, type_line);
	curl.easy_setopt(c, CURLOPT_URL, url);
	curl.easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	curl.easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl.easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
	curl.easy_setopt(c, CURLOPT_WRITEDATA, out);
	curl.easy_setopt(c, CURLOPT_PROXY, "");
	curl.easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 5L);
	curl.easy_setopt(c, CURLOPT_TIMEOUT, 600L);
	if (body.p) {
		curl.easy_setopt(c, CURLOPT_POSTFIELDS, body.p);
		curl.easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	}
	CURLcode r = curl.easy_perform(c);
	if (r == CURLE_OK)
		curl.easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	curl.slist_free_all(headers);
	curl.easy_cleanup(c);
	if (r != CURLE_OK)
		err_set(err, ERR_NETWORK, "%s: %s", url, curl.easy_strerror(r));
	free(url);
	free(type_line);
	*status = (int)code;
	return r == CURLE_OK ? 0 : ERR_NETWORK;
}
