/* REST: health, version, connections, variables, pools. */
#include "airflow/rest.h"

static void op_health(struct af_rest *r)
{
	json_t *beat = af_time_json(af_now(r->a));
	af_rest_ok(r, json_pack("{s:{s:s, s:O}, s:{s:s}, s:{s:s, s:o}, s:{s:s, s:O}}", "dag_processor", "status", "healthy",
			     "latest_dag_processor_heartbeat", beat, "metadatabase", "status", "healthy", "scheduler", "status", "healthy",
			     "latest_scheduler_heartbeat", beat, "triggerer", "status", "healthy", "latest_triggerer_heartbeat", beat));
}

static void op_version(struct af_rest *r)
{
	af_rest_ok(r, json_pack("{s:s, s:n}", "version", AF_VERSION, "git_version"));
}

static void op_config(struct af_rest *r)
{
	af_rest_fail(r, 403, "Forbidden", "Your Airflow administrator chose not to expose the configuration, most likely for security reasons.");
}

static void op_providers(struct af_rest *r)
{
	json_t *all = json_pack("[{s:s, s:s, s:s}]", "package_name", "apache-airflow-providers-databricks", "description",
				"`Databricks <https://databricks.com/>`__", "version", "6.12.0");
	af_rest_list(r, "providers", all, NULL);
}

/* ---- connections, variables, pools: documents that users name ---- */

/* One row a kind: what their five operations have in common. */
struct af_entity {
	enum af_kept kind;
	const char *list, *const *orders;         /* the list's member, what it can be ordered by */
	const char *gone_title, *gone;            /* of a 404; gone takes the name */
	json_t *(*shape)(const struct airflow *a, const char *key, const json_t *doc);
	void (*create)(struct af_rest *r);
	void (*change)(struct af_rest *r, const char *key, json_t *old);
};

static json_t *variable_json(const struct airflow *a, const char *key, const json_t *v)
{
	return json_pack("{s:s, s:O?, s:O?}", "key", key, "value", json_object_get(v, "value"), "description", json_object_get(v, "description"));
}

/* Keeps a document and answers with it; takes the reference. */
static void keep(struct af_rest *r, const char *key, json_t *doc)
{
	af_keep(r->a, r->row->of->kind, key, doc);
	af_rest_ok(r, r->row->of->shape(r->a, key, doc));
	json_decref(doc);
}

static json_t *find(struct af_rest *r)
{
	json_t *doc = json_object_get(r->a->kept[r->row->of->kind], arena_cstr(r->req.arena, r->arg[0]));
	if (!doc)
		af_rest_fail(r, 404, r->row->of->gone_title, r->row->of->gone, SL(r->arg[0]));
	return doc;
}

static void op_list(struct af_rest *r)
{
	json_t *all = json_array(), *doc;
	const char *key;
	json_object_foreach(r->a->kept[r->row->of->kind], key, doc)
		json_array_append_new(all, r->row->of->shape(r->a, key, doc));
	af_rest_list(r, r->row->of->list, all, r->row->of->orders);
}

static void op_get(struct af_rest *r)
{
	const json_t *doc = find(r);
	if (doc)
		af_rest_ok(r, r->row->of->shape(r->a, arena_cstr(r->req.arena, r->arg[0]), doc));
}

static void op_post(struct af_rest *r)
{
	r->row->of->create(r);
}

static void op_patch(struct af_rest *r)
{
	json_t *doc = find(r);
	if (doc)
		r->row->of->change(r, arena_cstr(r->req.arena, r->arg[0]), doc);
}

static void op_delete(struct af_rest *r)
{
	if (r->row->of->kind == AF_POOL && sl_eqs(r->arg[0], "default_pool")) {
		af_rest_fail(r, 400, "Bad Request", "Default Pool can't be deleted");
	} else if (find(r)) {
		(void)af_unkeep(r->a, r->row->of->kind, arena_cstr(r->req.arena, r->arg[0]));
		r->status = 204;
	}
}

/* ---- what differs ---- */

static void set_fields(json_t *to, const json_t *from)
{
	static const char *const keys[] = { "conn_type", "description", "host", "login", "schema", "port", "password", "extra" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *v = json_object_get(from, keys[i]);
		if (v)
			json_object_set(to, keys[i], v);
	}
}

static void connection_create(struct af_rest *r)
{
	const char *id = jstr(r->body, "connection_id"), *type = jstr(r->body, "conn_type");
	if (!id || !type) {
		af_rest_fail(r, 400, "Bad Request", "{'%s': ['Missing data for required field.']}", id ? "conn_type" : "connection_id");
		return;
	}
	if (json_object_get(r->a->kept[AF_CONNECTION], id)) {
		af_rest_fail(r, 409, "Conflict", "Connection already exist. ID: %s", id);
		return;
	}
	json_t *c = json_object();
	set_fields(c, r->body);
	keep(r, id, c);
}

static void connection_change(struct af_rest *r, const char *id, json_t *c)
{
	const char *given = jstr(r->body, "connection_id");
	if (given && strcmp(given, id)) {
		af_rest_fail(r, 400, "Bad Request", "The connection_id cannot be updated.");
		return;
	}
	set_fields(c, r->body);
	keep(r, id, json_incref(c));
}

static void op_connection_test(struct af_rest *r)
{
	af_rest_fail(r, 403, "Forbidden", "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it.");
}

static void variable_change(struct af_rest *r, const char *key, json_t *old)
{
	json_t *value = json_object_get(r->body, "value"), *about = json_object_get(r->body, "description");
	if (json_is_string(value))
		keep(r, key, json_pack("{s:O, s:O?}", "value", value, "description", about));
	else
		af_rest_fail(r, 400, "Invalid Variable schema", "{'value': ['Missing data for required field.']}");
}

static void variable_create(struct af_rest *r)
{
	const char *key = jstr(r->body, "key");
	if (key)
		variable_change(r, key, NULL);
	else
		af_rest_fail(r, 400, "Invalid Variable schema", "{'key': ['Missing data for required field.']}");
}

static void pool_change(struct af_rest *r, const char *name, json_t *old)
{
	json_t *slots = json_object_get(r->body, "slots"), *about = json_object_get(r->body, "description");
	if (!slots)
		slots = json_object_get(old, "slots");
	if (!json_is_integer(slots) || json_integer_value(slots) < -1) {
		af_rest_fail(r, 400, "Bad Request", "Missing required property(ies): ['slots']");
		return;
	}
	keep(r, name, json_pack("{s:O, s:O?}", "slots", slots, "description", about));
	af_pass(r->a);
}

static void pool_create(struct af_rest *r)
{
	const char *name = jstr(r->body, "name");
	if (!name)
		af_rest_fail(r, 400, "Bad Request", "Missing required property(ies): ['name']");
	else if (json_object_get(r->a->kept[AF_POOL], name))
		af_rest_fail(r, 409, "Conflict", "Pool: %s already exists", name);
	else
		pool_change(r, name, NULL);
}

static const char *const connection_orders[] = { "connection_id", "conn_type", "description", "host", "port", NULL };
static const char *const variable_orders[] = { "key", "value", NULL }, *const pool_orders[] = { "name", "slots", NULL };
static const struct af_entity
	connections = { AF_CONNECTION, "connections", connection_orders, "Connection not found",
			"The Connection with connection_id: `%.*s` was not found", af_connection_json, connection_create, connection_change },
	variables = { AF_VARIABLE, "variables", variable_orders, "Variable not found", "Variable does not exist", variable_json, variable_create,
		      variable_change },
	pools = { AF_POOL, "pools", pool_orders, "Not Found", "Pool with name:'%.*s' not found", af_pool_json, pool_create, pool_change };

static const struct af_op ops[] = {
	{ { "GET", "/", "Health", "health of the scheduler" }, op_health },
	{ { "GET", "/health", "Health", "health of the scheduler" }, op_health },
	{ { "GET", "/api/v1/health", "Health", "health of the scheduler" }, op_health },
	{ { "GET", "/api/v1/version", "Version", "Airflow's version" }, op_version },
	{ { "GET", "/api/v1/config", "Config", "not shown, as by default" }, op_config },
	{ { "GET", "/api/v1/providers", "ProvidersList", "providers there are" }, op_providers },
	{ { "GET", "/api/v1/connections", "ConnectionsList", "connections" }, op_list, .of = &connections },
	{ { "POST", "/api/v1/connections", "ConnectionPost", "make a connection" }, op_post, .of = &connections },
	{ { "POST", "/api/v1/connections/test", "ConnectionTest", "disabled, as by default" }, op_connection_test },
	{ { "GET", "/api/v1/connections/{}", "ConnectionGet", "a connection" }, op_get, .of = &connections },
	{ { "PATCH", "/api/v1/connections/{}", "ConnectionPatch", "change a connection" }, op_patch, .of = &connections },
	{ { "DELETE", "/api/v1/connections/{}", "ConnectionDelete", "delete a connection" }, op_delete, .of = &connections },
	{ { "GET", "/api/v1/variables", "VariablesList", "variables" }, op_list, .of = &variables },
	{ { "POST", "/api/v1/variables", "VariablePost", "set a variable" }, op_post, .of = &variables },
	{ { "GET", "/api/v1/variables/{}", "VariableGet", "a variable" }, op_get, .of = &variables },
	{ { "PATCH", "/api/v1/variables/{}", "VariablePatch", "change a variable" }, op_patch, .of = &variables },
	{ { "DELETE", "/api/v1/variables/{}", "VariableDelete", "delete a variable" }, op_delete, .of = &variables },
	{ { "GET", "/api/v1/pools", "PoolsList", "pools" }, op_list, .of = &pools },
	{ { "POST", "/api/v1/pools", "PoolPost", "make a pool" }, op_post, .of = &pools },
	{ { "GET", "/api/v1/pools/{}", "PoolGet", "a pool" }, op_get, .of = &pools },
	{ { "PATCH", "/api/v1/pools/{}", "PoolPatch", "change a pool" }, op_patch, .of = &pools },
	{ { "DELETE", "/api/v1/pools/{}", "PoolDelete", "delete a pool" }, op_delete, .of = &pools },
};
const struct routes af_admin_routes = ROUTES(ops);
