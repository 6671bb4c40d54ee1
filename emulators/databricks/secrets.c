/* /api/2.0/secrets: scopes of secrets, for dbutils.secrets. A scope is a document: {"secrets": {KEY: {"value": base64, "at": ms}}}. Those of the
 * stack ([secrets] SCOPE/KEY = VALUE) are there from the start, and again after a restart where they were deleted.
 *
 * DIFFERS: secrets lie in jobs.db as they are, and everyone who may come in may read them: access lists are shown, not asked. */
#include "core/json.h"
#include "databricks/databricks.h"

enum { VALUE_MAX = 128 << 10, SCOPES_MAX = 1000, KEYS_MAX = 1000, NAME_MAX_ = 128 };

static bool good_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9') || strchr("-_.@", s.p[i])))
			return false;
	return s.n > 0 && s.n <= NAME_MAX_;
}

/* A required name. Absent: refused already. */
static struct slice name_of(const struct dbx_in *in, const char *field)
{
	struct slice s = dbx_param(in, field);
	if (s.p && good_name(s))
		return s;
	if (s.p)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "%s: letters, digits, -, _, . and @, at most %d, not %.*s", field, NAME_MAX_, SL(s));
	else
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: %s", field);
	return sl(NULL);
}

static json_t *secrets_of(const struct databricks *j, struct slice scope)
{
	return json_object_get(json_object_getn(j->scopes, scope.p, scope.n), "secrets");
}

/* NULL: refused already. */
static json_t *scope_of(const struct dbx_in *in, struct slice *scope)
{
	json_t *o;
	*scope = name_of(in, "scope");
	if (!scope->p)
		return NULL;
	o = secrets_of(in->j, *scope);
	if (!o)
		problem_send(in->call, 404, "RESOURCE_DOES_NOT_EXIST", "Scope %.*s does not exist!", SL(*scope));
	return o;
}

static void keep(const struct dbx_in *in, struct slice scope)
{
	struct arena *a = in->call->req.arena;
	json_t *doc = json_object_getn(in->j->scopes, scope.p, scope.n);
	struct error err;
	int rc;
	in->j->dirty = true;
	rc = doc ? dbx_store_put_text(in->j, "scope", arena_cstr(a, scope), json_incref(doc), &err) : dbx_store_del_text(in->j, "scope", arena_cstr(a, scope), &err);
	if (rc)
		problem_reply(in->call, &err);
	else
		dbx_reply(in->call, 200, json_object());
}

static void op_create(const struct dbx_in *in)
{
	const char *backend = jstr(in->body, "scope_backend_type");
	struct slice scope = name_of(in, "scope");
	if (!scope.p)
		return;
	if (backend && strcmp(backend, "DATABRICKS") != 0) {
		problem_send(in->call, 501, "NOT_IMPLEMENTED", "Scopes are kept by DATABRICKS here, not by %s", backend);
	} else if (secrets_of(in->j, scope)) {
		problem_send(in->call, 400, "RESOURCE_ALREADY_EXISTS", "Scope %.*s already exists!", SL(scope));
	} else if (json_object_size(in->j->scopes) >= SCOPES_MAX) {
		problem_send(in->call, 400, "RESOURCE_LIMIT_EXCEEDED", "The workspace may have up to %d scopes", SCOPES_MAX);
	} else {
		json_object_setn_new(in->j->scopes, scope.p, scope.n, json_pack("{s:{}}", "secrets"));
		keep(in, scope);
	}
}

static void op_delete_scope(const struct dbx_in *in)
{
	struct slice scope;
	if (!scope_of(in, &scope))
		return;
	json_object_deln(in->j->scopes, scope.p, scope.n);
	keep(in, scope);
}

static void op_scopes(const struct dbx_in *in)
{
	json_t *list = json_array(), *v;
	const char *name;
	json_object_foreach(in->j->scopes, name, v)
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "backend_type", "DATABRICKS"));
	dbx_reply(in->call, 200, json_array_size(list) ? json_pack("{s:o}", "scopes", list) : (json_decref(list), json_object()));
}

static void op_put(const struct dbx_in *in)
{
	struct slice scope, key, text = jslice(in->body, "string_value"), coded = jslice(in->body, "bytes_value"), bytes;
	json_t *secrets = scope_of(in, &scope);
	struct buf b = { 0 };
	if (!secrets || !(key = name_of(in, "key")).p)
		return;
	if (!text.p == !coded.p) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "One of string_value and bytes_value must be given");
	} else if (coded.p && !arena_base64(in->call->req.arena, coded, &bytes)) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "bytes_value is no base64");
	} else if ((text.p ? text.n : bytes.n) > VALUE_MAX) {
		problem_send(in->call, 400, "RESOURCE_LIMIT_EXCEEDED", "A secret has up to %d bytes", VALUE_MAX);
	} else if (json_object_size(secrets) >= KEYS_MAX && !json_object_getn(secrets, key.p, key.n)) {
		problem_send(in->call, 400, "RESOURCE_LIMIT_EXCEEDED", "A scope has up to %d secrets", KEYS_MAX);
	} else {
		buf_base64(&b, text.p ? text.p : bytes.p, text.p ? text.n : bytes.n);
		json_object_setn_new(secrets, key.p, key.n,
				     json_pack("{s:s, s:I}", "value", buf_cstr(&b), "at", (json_int_t)in->call->req.now_ms));
		keep(in, scope);
	}
	buf_free(&b);
}

/* NULL: refused already. */
static json_t *secret_of(const struct dbx_in *in, struct slice *scope, struct slice *key)
{
	json_t *secrets = scope_of(in, scope), *o;
	if (!secrets || !(*key = name_of(in, "key")).p)
		return NULL;
	o = json_object_getn(secrets, key->p, key->n);
	if (!o)
		problem_send(in->call, 404, "RESOURCE_DOES_NOT_EXIST", "Secret does not exist with scope: %.*s and key: %.*s", SL(*scope), SL(*key));
	return o;
}

static void op_get(const struct dbx_in *in)
{
	struct slice scope, key;
	json_t *o = secret_of(in, &scope, &key);
	if (o)
		dbx_reply(in->call, 200, json_pack("{s:s%, s:O}", "key", key.p, key.n, "value", json_object_get(o, "value")));
}

static void op_delete(const struct dbx_in *in)
{
	struct slice scope, key;
	if (!secret_of(in, &scope, &key))
		return;
	json_object_deln(secrets_of(in->j, scope), key.p, key.n);
	keep(in, scope);
}

static void op_list(const struct dbx_in *in)
{
	struct slice scope;
	json_t *secrets = scope_of(in, &scope), *list, *v;
	const char *key;
	if (!secrets)
		return;
	list = json_array();
	json_object_foreach(secrets, key, v)
		json_array_append_new(list, json_pack("{s:s, s:O}", "key", key, "last_updated_timestamp", json_object_get(v, "at")));
	dbx_reply(in->call, 200, json_array_size(list) ? json_pack("{s:o}", "secrets", list) : (json_decref(list), json_object()));
}

static void op_acls(const struct dbx_in *in)
{
	struct slice scope;
	if (scope_of(in, &scope))
		dbx_reply(in->call, 200, json_pack("{s:[{s:s, s:s}]}", "items", "principal", in->j->workspace.user, "permission", "MANAGE"));
}

void dbx_secrets_read(struct databricks *j, const char *scope, json_t *doc)
{
	json_object_set(j->scopes, scope, doc);
}

void dbx_secrets_open(struct databricks *j)
{
	const char *name, *value;
	struct slice scope, key;
	for (size_t i = 0; conf_at(j->env->conf, "secrets", i, &name, &value); i++) {
		struct buf b = { 0 };
		if (!sl_cut(sl(name), '/', &scope, &key) || !good_name(scope) || !good_name(key))
			continue;
		if (!secrets_of(j, scope))
			json_object_setn_new(j->scopes, scope.p, scope.n, json_pack("{s:{}}", "secrets"));
		buf_base64(&b, value, strlen(value));
		if (!json_object_getn(secrets_of(j, scope), key.p, key.n))
			json_object_setn_new(secrets_of(j, scope), key.p, key.n, json_pack("{s:s, s:i}", "value", buf_cstr(&b), "at", 0));
		buf_free(&b);
	}
}

static const struct dbx_op rows[] = {
	{ { "POST", "/api/2.{}/secrets/scopes/create", "SecretsCreateScope", "a new scope" }, op_create },
	{ { "POST", "/api/2.{}/secrets/scopes/delete", "SecretsDeleteScope", "drops a scope with its secrets" }, op_delete_scope },
	{ { "GET", "/api/2.{}/secrets/scopes/list", "SecretsListScopes", "which scopes there are" }, op_scopes },
	{ { "POST", "/api/2.{}/secrets/put", "SecretsPut", "writes a secret" }, op_put },
	{ { "POST", "/api/2.{}/secrets/delete", "SecretsDelete", "drops a secret" }, op_delete },
	{ { "GET", "/api/2.{}/secrets/get", "SecretsGet", "a secret, as base64" }, op_get },
	{ { "GET", "/api/2.{}/secrets/list", "SecretsList", "names of the secrets of a scope" }, op_list },
	{ { "GET", "/api/2.{}/secrets/acls/list", "SecretsListAcls", "who may read a scope" }, op_acls },
};
const struct routes dbx_secret_routes = ROUTES(rows);
