/* Which headers pass. Observed on AWS (December 2024) for HTTP, HTTP_PROXY and AWS integrations. */
#include "apigateway/api.h"

static bool listed(const char *const *names, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (sl_eq_nocase(name, sl(names[i])))
			return true;
	return false;
}

bool gw_header_is_seen(struct slice name)
{
	static const char *const hidden[] = {
		"Connection", "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "TE", "Transfer-Encoding", "Trailer", "Upgrade",
		"WWW-Authenticate", "Keep-Alive", "X-Tarn-Trace",
	};
	return !listed(hidden, ARRAY_LEN(hidden), name);
}

bool gw_header_goes_in(struct slice name)
{
	static const char *const never[] = {
		"Connection", "Content-Length", "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "TE",
		"Transfer-Encoding", "Trailer", "Upgrade", "WWW-Authenticate", "Keep-Alive",
		"Host", "Content-Encoding", /* these two: proxies only */
		/* made anew for the backend */
		"X-Amzn-Apigateway-Api-Id", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto",
		"X-Tarn-Trace",
	};
	return !listed(never, ARRAY_LEN(never), name);
}

bool gw_header_may_map(enum gw_type type, struct slice name)
{
	static const char *const never[] = { "Content-Length", "Transfer-Encoding" };
	static const char *const aws[] = { "Authorization", "Connection", "Expect", "Proxy-Authenticate", "TE" }; /* recorded: header_remapping_aws */
	return !listed(never, ARRAY_LEN(never), name) && !(type == GW_AWS && listed(aws, ARRAY_LEN(aws), name));
}

bool gw_header_map_goes_in(enum gw_type type, struct slice name)
{
	static const char *const never[] = { "Expect", "Proxy-Authenticate", "TE", "Connection" };
	static const char *const proxy[] = { "Host", "Content-Encoding" };
	if (listed(never, ARRAY_LEN(never), name))
		return false;
	return type != GW_HTTP_PROXY || !listed(proxy, ARRAY_LEN(proxy), name);
}

enum gw_pass gw_header_goes_out(struct slice name)
{
	static const char *const remapped[] = {
		"Authorization", "Connection", "Content-Length", "Content-MD5", "Date", "Expect", "Host", "Max-Forwards",
		"Proxy-Authenticate", "Server", "Trailer", "Upgrade", "User-Agent", "WWW-Authenticate", "x-amzn-RequestId",
		"x-amz-apigw-id",
	};
	static const char *const dropped[] = { "Transfer-Encoding", "Keep-Alive", "X-Amzn-Trace-Id" };
	if (listed(dropped, ARRAY_LEN(dropped), name))
		return GW_DROP;
	return listed(remapped, ARRAY_LEN(remapped), name) ? GW_REMAP : GW_PASS;
}

struct slice gw_header(const struct http_header *h, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (sl_eq_nocase(h[i].name, name))
			return h[i].value;
	return sl(NULL);
}
