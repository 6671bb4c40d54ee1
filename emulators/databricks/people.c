/* What SDKs and the CLI ask first: who one is, which SQL warehouses there are. */
#include "core/json.h"
#include "databricks/databricks.h"

#define SCIM_USER "urn:ietf:params:scim:schemas:core:2.0:User"

static json_t *user_json(const struct databricks *j)
{
	struct slice name, domain;
	sl_cut(sl(j->workspace.user), '@', &name, &domain);
	return json_pack("{s:[s], s:s, s:s, s:s%, s:b, s:[{s:s, s:s, s:b}], s:[{s:s, s:s}]}", "schemas", SCIM_USER, "id", "1", "userName", j->workspace.user,
			 "displayName", name.p, name.n, "active", 1, "emails", "type", "work", "value", j->workspace.user, "primary", 1, "groups", "display",
			 "users", "value", "1");
}

static void op_me(const struct dbx_in *in)
{
	dbx_reply(in->call, 200, user_json(in->j));
}

static void op_users(const struct dbx_in *in)
{
	dbx_reply(in->call, 200, json_pack("{s:[s], s:i, s:i, s:i, s:[o]}", "schemas", "urn:ietf:params:scim:api:messages:2.0:ListResponse", "totalResults", 1,
					   "startIndex", 1, "itemsPerPage", 1, "Resources", user_json(in->j)));
}

/* ---- SQL warehouses: one that always runs ---- */

static const char warehouse[] = "tarn";

static json_t *warehouse_json(const struct databricks *j)
{
	const struct conf *c = j->env->conf;
	const char *host = conf_str(c, "control", "listen_host", "127.0.0.1");
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:s, s:{s:s, s:i, s:s, s:s}}", "id", warehouse, "name", "Starter Warehouse", "state",
			 "RUNNING", "cluster_size", "Small", "warehouse_type", "PRO", "min_num_clusters", 1, "max_num_clusters", 1, "auto_stop_mins", 0,
			 "enable_serverless_compute", 0, "creator_name", j->workspace.user, "odbc_params", "hostname", host, "port",
			 (int)conf_int(c, "control", "listen_port", 0), "protocol", "http", "path", "/sql/1.0/warehouses/tarn");
}

static void op_warehouses(const struct dbx_in *in)
{
	dbx_reply(in->call, 200, json_pack("{s:[o]}", "warehouses", warehouse_json(in->j)));
}

static bool is_warehouse(const struct dbx_in *in)
{
	if (sl_eqs(in->call->arg[1], warehouse))
		return true;
	problem_send(in->call, 404, "RESOURCE_DOES_NOT_EXIST", "SQL warehouse %.*s does not exist. There is one here: %s", SL(in->call->arg[1]), warehouse);
	return false;
}

static void op_warehouse(const struct dbx_in *in)
{
	if (is_warehouse(in))
		dbx_reply(in->call, 200, warehouse_json(in->j));
}

static void op_start(const struct dbx_in *in)
{
	if (is_warehouse(in))
		dbx_reply(in->call, 200, json_object());
}

static void op_stop(const struct dbx_in *in)
{
	if (is_warehouse(in))
		problem_send(in->call, 501, "NOT_IMPLEMENTED", "The warehouse here is the lake: it isn't stopped");
}

static void op_no_warehouse(const struct dbx_in *in)
{
	problem_send(in->call, 501, "NOT_IMPLEMENTED", "There is one SQL warehouse here, %s, and no other is made", warehouse);
}

static const struct dbx_op rows[] = {
	{ { "GET", "/api/2.{}/preview/scim/v2/Me", "CurrentUserMe", "who asks" }, op_me },
	{ { "GET", "/api/2.{}/preview/scim/v2/Users", "UsersList", "users: one" }, op_users },
	{ { "GET", "/api/2.{}/sql/warehouses", "WarehousesList", "SQL warehouses: one" }, op_warehouses },
	{ { "POST", "/api/2.{}/sql/warehouses", "WarehousesCreate", "refused: there is one" }, op_no_warehouse },
	{ { "GET", "/api/2.{}/sql/warehouses/{}", "WarehousesGet", "a SQL warehouse" }, op_warehouse },
	{ { "POST", "/api/2.{}/sql/warehouses/{}/start", "WarehousesStart", "it runs already" }, op_start },
	{ { "POST", "/api/2.{}/sql/warehouses/{}/stop", "WarehousesStop", "refused: it is the lake" }, op_stop },
};
const struct routes dbx_people_routes = ROUTES(rows);
