#include "core/json.h"
#include "tarn/cmd.h"

#include <jansson.h>

#include "core/lib_curl.h"

const struct flag data_flags[] = {
	{ "data", 0, FLAG_TEXT, 0, "DIR", "the state folder (TARN_DATA, or .tarn)" },
	{ NULL },
};

/* ---- answers and errors ---- */

/* A process runs one command. */
static const char *running = "";
static bool json;
static struct buf json_warnings; /* JSON strings with commas between */

void cmd_begin(const char *word, bool as_json)
{
	running = word;
	json = as_json;
}

const char *cmd_word(void)
{
	return running;
}

bool cmd_is_json(void)
{
	return json;
}

void cmd_json(struct slice data)
{
	data = sl_trim(data);
	printf("{\"schema\":1,\"command\":\"%s\",\"ok\":true,\"data\":", running);
	fwrite(data.p, 1, data.n, stdout);
	printf(",\"warnings\":[%.*s],\"error\":null}\n", SL(buf_slice(&json_warnings)));
	buf_free(&json_warnings);
}

void cmd_warn(const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	if (json_warnings.n)
		buf_addc(&json_warnings, ',');
	if (json)
		buf_json_string(&json_warnings, buf_slice(&text));
	else
		fprintf(stderr, "tarn: %s\n", buf_cstr(&text));
	buf_free(&text);
}

static void fail_json(int code, const char *error_code, const char *hint, struct slice text)
{
	bool retryable = code == EXIT_START || code == EXIT_TIMEOUT || !strcmp(error_code, "REQUEST_LIMIT_EXCEEDED");
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_int(&b, "schema", 1);
	jw_text(&b, "command", running);
	jw_bool(&b, "ok", false);
	jw_null(&b, "data");
	jw_raw(&b, "warnings", S("[]"));
	jw_obj(&b, "error");
	jw_text(&b, "code", error_code);
	jw_str(&b, "message", text);
	jw_text(&b, "hint", hint);
	jw_bool(&b, "retryable", retryable);
	jw_obj_end(&b);
	jw_obj_end(&b);
	puts(buf_cstr(&b));
	buf_free(&b);
}

static int fail(int code, const char *error_code, const char *hint, const char *fmt, va_list ap)
{
	struct buf text = { 0 };
	buf_addv(&text, fmt, ap);
	if (json)
		fail_json(code, error_code, hint, buf_slice(&text));
	else
		fprintf(stderr, "tarn: %s\n%s%s%s", buf_cstr(&text), hint ? "  try: " : "", hint ? hint : "", hint ? "\n" : "");
	buf_free(&text);
	return code;
}

int cmd_fail(int code, const char *hint, const char *fmt, ...)
{
	static const char *const codes[] = { [EXIT_FAILED] = "FAILED", [EXIT_USAGE] = "USAGE", [EXIT_START] = "NOT_RUNNING",
					     [EXIT_TIMEOUT] = "TIMEOUT", [EXIT_CONFLICT] = "CONFLICT" };
	va_list ap;
	va_start(ap, fmt);
	fail(code, code > 0 && code < (int)ARRAY_LEN(codes) ? codes[code] : "FAILED", hint, fmt, ap);
	va_end(ap);
	return code;
}

int cmd_error(int code, const char *error_code, const char *hint, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(code, error_code, hint, fmt, ap);
	va_end(ap);
	return code;
}

/* ---- a running stack ---- */

const char *cmd_data(const char *flag)
{
	const char *env = getenv("TARN_DATA");
	if (flag)
		return flag;
	return env && *env ? env : ".tarn";
}

/* What a stack with [identities] asks tarn's own commands for: its state folder's token, or tarn exec's. */
static char token[65];

static void read_token(const char *folder)
{
	const char *given = folder ? NULL : getenv("TARN_TOKEN");
	char *path = xasprintf("%s/token", cmd_data(folder));
	FILE *f = given ? NULL : fopen(path, "r");
	snprintf(token, sizeof(token), "%s", given ? given : "");
	if (f) {
		size_t n = fread(token, 1, sizeof(token) - 1, f);
		token[n] = '\0';
		fclose(f);
	}
	free(path);
}

char *cmd_endpoint(const char *data, const char *key)
{
	const char *file = data ? NULL : getenv("TARN_ENDPOINTS");
	char *path = file && *file ? xstrdup(file) : xasprintf("%s/endpoints.json", cmd_data(data));
	json_t *all = json_load_file(path, 0, NULL);
	const char *found = jstr(all, key);
	char *out = found ? xstrdup(found) : NULL;
	read_token(data);
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

int cmd_reach(const char *url, bool connects, int64_t ms, struct buf *out, int *status, struct error *err)
{
	long code = 0;
	if (lib_curl_load(err))
		return ERR_NETWORK;
	CURL *c = curl.easy_init();
	curl.easy_setopt(c, CURLOPT_URL, url);
	curl.easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
	curl.easy_setopt(c, CURLOPT_WRITEDATA, out);
	curl.easy_setopt(c, CURLOPT_PROXY, "");
	curl.easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L); /* whether it is there, not whose it is: nothing is sent */
	curl.easy_setopt(c, CURLOPT_CONNECT_ONLY, connects ? 1L : 0L);
	curl.easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(ms > 0 ? ms : 1));
	CURLcode r = curl.easy_perform(c);
	if (!connects)
		curl.easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	curl.easy_cleanup(c);
	*status = (int)code;
	return r == CURLE_OK ? 0 : err_set(err, ERR_NETWORK, "%s", curl.easy_strerror(r));
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
	headers = curl.slist_append(headers, "X-Tarn: 1"); /* no web page's request: core/origin.h */
	long code = 0;
	if (type_line)
		headers = curl.slist_append(headers, type_line);
	if (token[0]) {
		char *line = xasprintf("Authorization: Bearer %s", token);
		headers = curl.slist_append(headers, line); /* copied */
		free(line);
	}
	curl.easy_setopt(c, CURLOPT_URL, url);
	curl.easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	curl.easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl.easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
	curl.easy_setopt(c, CURLOPT_WRITEDATA, out);
	curl.easy_setopt(c, CURLOPT_PROXY, "");
	curl.easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 5L);
	curl.easy_setopt(c, CURLOPT_TIMEOUT, 86400L);
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

int cmd_health(const char *data, struct buf *out)
{
	struct error err;
	int status;
	char *control = cmd_endpoint(data, "control");
	if (!control)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", cmd_data(data));
	int rc = cmd_http(control, "GET", "/health", sl(NULL), NULL, &status, out, &err);
	free(control);
	return rc ? cmd_fail(EXIT_START, "tarn up -d", "the stack on %s does not answer: %s", cmd_data(data), err.text) : 0;
}

const char *cmd_token(void)
{
	return token[0] ? token : NULL;
}
