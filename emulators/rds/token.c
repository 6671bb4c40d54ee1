/* Logins by a token of IAM (generate-db-auth-token): a presigned GET without its scheme, said in clear over TLS. */
#include "rds.h"

#include "core/authority.h"
#include "core/sigv4.h"

enum { TOKEN_MAX = 8192, TOKEN_LIFE_S = 900 };

bool rds_is_token_user(const struct conf *conf, const char *user)
{
	struct slice one, rest = sl(conf_get(conf, "rds", "iam_users"));
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		if (sl_eqs(sl_trim(one), user))
			return true;
	}
	return false;
}

/* "HOST:PORT/?Action=connect&...": as the request that was signed. */
static bool read_token(struct arena *a, struct slice token, struct http_header *host, struct http_req *req)
{
	struct slice address, query;
	if (!token.p || token.n > TOKEN_MAX || memchr(token.p, 0, token.n) || !sl_cut(token, '/', &address, &query) || !sl_after(query, S("?"), &query))
		return false;
	*host = (struct http_header){ S("host"), address };
	*req = (struct http_req){ .arena = a, .method = S("GET"), .target = sl_from(token, address.n), .path = S("/"), .query = query, .version = S("HTTP/1.1"),
				  .headers = host, .header_n = 1, .body = S(""), .secure = true };
	return true;
}

static bool may_connect(const struct env *env, const struct sigv4_auth *auth, const char *user, struct arena *a)
{
	struct authority_ask ask = { .env = env, .who = &auth->who, .action = S("rds-db:connect"), .region = auth->region };
	ask.resource = arena_printf(a, "arn:aws:rds-db:%.*s:%s:dbuser:%s/%s", SL(auth->region), auth->who.account,
				    conf_str(env->conf, "rds", "resource", RDS_RESOURCE), user);
	return authority_allows(&ask, NULL, NULL);
}

bool rds_check_token(const struct env *env, struct arena *a, const char *user, struct slice token)
{
	struct http_header host;
	struct http_req req;
	struct sigv4_auth auth;
	struct error err;
	if (!read_token(a, token, &host, &req) || sigv4_parse(&req, &auth, &err) || !auth.present || !auth.query)
		return false;
	if (!sl_eqs(auth.service, "rds-db") || auth.expires_s > TOKEN_LIFE_S || !sl_eqs(http_query(&req, "Action"), "connect") ||
	    !sl_eqs(http_query(&req, "DBUser"), user))
		return false;
	return sigv4_verify(env, &req, &auth, clock_real_ms(), false, NULL) == SIGV4_OK && may_connect(env, &auth, user, a);
}
