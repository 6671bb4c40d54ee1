/* REST: health, version, connections, variables, pools. */
#include <stdlib.h>
#include <string.h>

#include "airflow/airflow.h"

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

/* ---- connections ---- */

static const char *const connection_orders[] = { "connection_id", "conn_type", "description", "host", "port", NULL };

static void op_connections(struct af_rest *r)
{
	json_t *all = json_array(), *c;
	const char *id;
	json_object_foreach(r->a->connections, id, c)
		json_array_append_new(all, af_connection_json(id, c));
	af_rest_list(r, "connections", all, connection_orders);
}

static json_t *connection_of(struct af_rest *r)
{
	json_t *c = json_object_get(r->a->connections, arena_cstr(r->arena, r->part[0]));
	if (!c)
		af_rest_fail(r, 404, "Connection not found", "The Connection with connection_id: `%.*s` was not found", SL(r->part[0]));
	return c;
}

static void op_connection(struct af_rest *r)
{
	const json_t *c = connection_of(r);
	if (c)
		af_rest_ok(r, af_connection_json(arena_cstr(r->arena, r->part[0]), c));
}

static void set_fields(json_t *to, const json_t *from)
{
	static const char *const keys[] = { "conn_type", "description", "host", "login", "schema", "port", "password", "extra" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *v = json_object_get(from, keys[i]);
		if (v)
			json_object_set(to, keys[i], v);
	}
}

static void op_connection_post(struct af_rest *r)
{
	const char *id = json_string_value(json_object_get(r->body, "connection_id"));
	const char *type = json_string_value(json_object_get(r->body, "conn_type"));
	if (!id || !type) {
		af_rest_fail(r, 400, "Bad Request", "{'%s': ['Missing data for required field.']}", id ? "conn_type" : "connection_id");
		return;
	}
	if (json_object_get(r->a->connections, id)) {
		af_rest_fail(r, 409, "Conflict", "Connection already exist. ID: %s", id);
		return;
	}
	json_t *c = json_object();
	set_fields(c, r->body);
	json_object_set(r->a->connections, id, c);
	af_store_put(r->a, "connection", id, json_incref(c));
	af_rest_ok(r, af_connection_json(id, c));
	json_decref(c);
}

static void op_connection_patch(struct af_rest *r)
{
	json_t *c = connection_of(r);
	char *id = arena_cstr(r->arena, r->part[0]);
	const char *given = json_string_value(json_object_get(r->body, "connection_id"));
	if (!c)
		return;
	if (given && strcmp(given, id)) {
		af_rest_fail(r, 400, "Bad Request", "The connection_id cannot be updated.");
		return;
	}
	set_fields(c, r->body);
	af_store_put(r->a, "connection", id, json_incref(c));
	af_rest_ok(r, af_connection_json(id, c));
}

static void op_connection_delete(struct af_rest *r)
{
	char *id = arena_cstr(r->arena, r->part[0]);
	if (!connection_of(r))
		return;
	json_object_del(r->a->connections, id);
	af_store_del(r->a, "connection", id);
	r->status = 204;
}

static void op_connection_test(struct af_rest *r)
{
	af_rest_fail(r, 403, "Forbidden", "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it.");
}

/* ---- variables ---- */

static json_t *variable_json(const char *key, const json_t *v)
{
	return json_pack("{s:s, s:O?, s:O?}", "key", key, "value", json_object_get(v, "value"), "description", json_object_get(v, "description"));
}

static void op_variables(struct af_rest *r)
{
	static const char *const orders[] = { "key", "value", NULL };
	json_t *all = json_array(), *v;
	const char *key;
	json_object_foreach(r->a->variables, key, v)
		json_array_append_new(all, variable_json(key, v));
	af_rest_list(r, "variables", all, orders);
}

static json_t *variable_of(struct af_rest *r)
{
	json_t *v = json_object_get(r->a->variables, arena_cstr(r->arena, r->part[0]));
	if (!v)
		af_rest_fail(r, 404, "Variable not found", "Variable does not exist");
	return v;
}

static void op_variable(struct af_rest *r)
{
	const json_t *v = variable_of(r);
	if (v)
		af_rest_ok(r, variable_json(arena_cstr(r->arena, r->part[0]), v));
}

static void variable_set(struct af_rest *r, const char *key)
{
	json_t *value = json_object_get(r->body, "value"), *about = json_object_get(r->body, "description");
	if (!json_is_string(value)) {
		af_rest_fail(r, 400, "Invalid Variable schema", "{'value': ['Missing data for required field.']}");
		return;
	}
	json_t *v = json_pack("{s:O, s:O?}", "value", value, "description", about);
	json_object_set(r->a->variables, key, v);
	af_store_put(r->a, "variable", key, json_incref(v));
	af_rest_ok(r, variable_json(key, v));
	json_decref(v);
}

static void op_variable_post(struct af_rest *r)
{
	const char *key = json_string_value(json_object_get(r->body, "key"));
	if (key)
		variable_set(r, key);
	else
		af_rest_fail(r, 400, "Invalid Variable schema", "{'key': ['Missing data for required field.']}");
}

static void op_variable_patch(struct af_rest *r)
{
	if (variable_of(r))
		variable_set(r, arena_cstr(r->arena, r->part[0]));
}

static void op_variable_delete(struct af_rest *r)
{
	char *key = arena_cstr(r->arena, r->part[0]);
	if (!variable_of(r))
		return;
	json_object_del(r->a->variables, key);
	af_store_del(r->a, "variable", key);
	r->status = 204;
}

/* ---- pools ---- */

static void op_pools(struct af_rest *r)
{
	static const char *const orders[] = { "name", "slots", NULL };
	json_t *all = json_array(), *p;
	const char *name;
	json_object_foreach(r->a->pools, name, p)
		json_array_append_new(all, af_pool_json(r->a, name, p));
	af_rest_list(r, "pools", all, orders);
}

static json_t *pool_of(struct af_rest *r)
{
	json_t *p = json_object_get(r->a->pools, arena_cstr(r->arena, r->part[0]));
	if (!p)
		af_rest_fail(r, 404, "Not Found", "Pool with name:'%.*s' not found", SL(r->part[0]));
	return p;
}

static void op_pool(struct af_rest *r)
{
	const json_t *p = pool_of(r);
	if (p)
		af_rest_ok(r, af_pool_json(r->a, arena_cstr(r->arena, r->part[0]), p));
}

static void pool_set(struct af_rest *r, const char *name)
{
	const json_t *old = json_object_get(r->a->pools, name), *slots = json_object_get(r->body, "slots");
	json_t *about = json_object_get(r->body, "description");
	if (!slots)
		slots = json_object_get(old, "slots");
	if (!json_is_integer(slots) || json_integer_value(slots) < -1) {
		af_rest_fail(r, 400, "Bad Request", "Missing required property(ies): ['slots']");
		return;
	}
	json_t *p = json_pack("{s:O, s:O?}", "slots", slots, "description", about);
	json_object_set(r->a->pools, name, p);
	af_store_put(r->a, "pool", name, json_incref(p));
	af_rest_ok(r, af_pool_json(r->a, name, p));
	json_decref(p);
	af_pass(r->a);
}

static void op_pool_post(struct af_rest *r)
{
	const char *name = json_string_value(json_object_get(r->body, "name"));
	if (!name)
		af_rest_fail(r, 400, "Bad Request", "Missing required property(ies): ['name']");
	else if (json_object_get(r->a->pools, name))
		af_rest_fail(r, 409, "Conflict", "Pool: %s already exists", name);
	else
		pool_set(r, name);
}

static void op_pool_patch(struct af_rest *r)
{
	if (pool_of(r))
		pool_set(r, arena_cstr(r->arena, r->part[0]));
}

static void op_pool_delete(struct af_rest *r)
{
	char *name = arena_cstr(r->arena, r->part[0]);
	if (!strcmp(name, "default_pool")) {
		af_rest_fail(r, 400, "Bad Request", "Default Pool can't be deleted");
		return;
	}
	if (!pool_of(r))
		return;
	json_object_del(r->a->pools, name);
	af_store_del(r->a, "pool", name);
	r->status = 204;
}

const struct af_rest_op af_rest_admin_ops[] = {
	{ "GET", "/health", "Health", op_health },
	{ "GET", "/version", "Version", op_version },
	{ "GET", "/config", "Config", op_config },
	{ "GET", "/providers", "ProvidersList", op_providers },
	{ "GET", "/connections", "ConnectionsList", op_connections },
	{ "POST", "/connections", "ConnectionPost", op_connection_post },
	{ "POST", "/connections/test", "ConnectionTest", op_connection_test },
	{ "GET", "/connections/{}", "ConnectionGet", op_connection },
	{ "PATCH", "/connections/{}", "ConnectionPatch", op_connection_patch },
	{ "DELETE", "/connections/{}", "ConnectionDelete", op_connection_delete },
	{ "GET", "/variables", "VariablesList", op_variables },
	{ "POST", "/variables", "VariablePost", op_variable_post },
	{ "GET", "/variables/{}", "VariableGet", op_variable },
	{ "PATCH", "/variables/{}", "VariablePatch", op_variable_patch },
	{ "DELETE", "/variables/{}", "VariableDelete", op_variable_delete },
	{ "GET", "/pools", "PoolsList", op_pools },
	{ "POST", "/pools", "PoolPost", op_pool_post },
	{ "GET", "/pools/{}", "PoolGet", op_pool },
	{ "PATCH", "/pools/{}", "PoolPatch", op_pool_patch },
	{ "DELETE", "/pools/{}", "PoolDelete", op_pool_delete },
	{ NULL, NULL, NULL, NULL },
};
