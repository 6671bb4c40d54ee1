/* /api/2.0/clusters: clusters as documents, on which tasks run in name. Those that the stack names ([clusters] ID = NAME) are there and run;
 * others are created, and take [jobs] setup to start. A task that names a terminated one starts it, as there. */
#include "core/json.h"
#include "databricks/databricks.h"

enum { CLUSTERS_MAX = 1000, EVENTS_MAX = 100 };

static json_t *doc_of(const struct databricks *j, const char *id)
{
	return json_object_get(j->clusters, id);
}

const char *dbx_cluster(const struct databricks *j, const char *id)
{
	const json_t *doc = doc_of(j, id);
	if (jtrue(doc, "gone"))
		return NULL;
	return jstr(doc, "cluster_name") ? jstr(doc, "cluster_name") : conf_get(j->env->conf, "clusters", id);
}

/* "RUNNING" when it has had its time to start. */
static const char *state_of(const struct databricks *j, const json_t *doc)
{
	if (jtrue(doc, "terminated"))
		return "TERMINATED";
	return clock_now_ms(j->env->clock) < jint(doc, "ready_time") ? "PENDING" : "RUNNING";
}

static json_t *cluster_json(const struct databricks *j, const char *id)
{
	static const char *const own[] = { "events", "gone", "terminated", "ready_time" };
	const json_t *doc = doc_of(j, id);
	const char *state = state_of(j, doc);
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:i, s:s}", "cluster_id", id, "cluster_name", dbx_cluster(j, id), "spark_version",
			      "13.3.x-scala2.12", "node_type_id", "m5.large", "driver_node_type_id", "m5.large", "num_workers", 1, "state_message", "",
			      "cluster_source", "UI", "autotermination_minutes", 120, "creator_user_name", j->workspace.user);
	if (doc)
		json_object_update(o, (json_t *)(uintptr_t)doc);
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		json_object_del(o, own[i]);
	json_object_set_new(o, "state", json_string(state));
	if (!strcmp(state, "TERMINATED"))
		json_object_set_new(o, "termination_reason", json_pack("{s:s, s:s}", "code", "USER_REQUEST", "type", "SUCCESS"));
	return o;
}

/* NULL: refused already. */
static const char *id_of(const struct dbx_in *in)
{
	struct slice id = dbx_param(in, "cluster_id");
	const char *text = id.p ? arena_cstr(in->call->req.arena, id) : NULL;
	if (!text)
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: cluster_id");
	else if (!dbx_cluster(in->j, text))
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Cluster %s does not exist", text);
	else
		return text;
	return NULL;
}

static void op_get(const struct dbx_in *in)
{
	const char *id = id_of(in);
	if (id)
		dbx_reply(in->call, 200, cluster_json(in->j, id));
}

static void op_list(const struct dbx_in *in)
{
	json_t *list = json_array(), *doc;
	const char *id, *name;
	for (size_t i = 0; conf_at(in->j->env->conf, "clusters", i, &id, &name); i++)
		if (dbx_cluster(in->j, id))
			json_array_append_new(list, cluster_json(in->j, id));
	json_object_foreach(in->j->clusters, id, doc)
		if (!conf_get(in->j->env->conf, "clusters", id))
			json_array_append_new(list, cluster_json(in->j, id));
	dbx_reply(in->call, 200, json_pack("{s:o}", "clusters", list));
}

/* ---- changes ---- */

static void event(json_t *doc, const char *id, const char *type, int64_t at_ms)
{
	json_t *events = json_object_get(doc, "events");
	if (!events) {
		events = json_array();
		json_object_set_new(doc, "events", events);
	}
	if (json_array_size(events) >= EVENTS_MAX)
		json_array_remove(events, 0);
	json_array_append_new(events, json_pack("{s:s, s:I, s:s, s:{}}", "cluster_id", id, "timestamp", (json_int_t)at_ms, "type", type, "details"));
}

/* The document of a cluster, made for one of the stack's. */
static json_t *doc_for(const struct dbx_in *in, const char *id)
{
	if (!doc_of(in->j, id))
		json_object_set_new(in->j->clusters, id, json_object());
	return doc_of(in->j, id);
}

static void keep(const struct dbx_in *in, const char *id, json_t *answer)
{
	struct error err;
	in->j->dirty = true;
	if (!dbx_store_put_text(in->j, "cluster", id, json_incref(doc_of(in->j, id)), &err)) {
		dbx_reply(in->call, 200, answer);
		return;
	}
	json_decref(answer);
	problem_reply(in->call, &err);
}

static void begin(const struct dbx_in *in, const char *id, json_t *doc, const char *type)
{
	int64_t now = in->call->req.now_ms, ready = now + in->j->setup_ms;
	json_object_set_new(doc, "terminated", json_false());
	json_object_set_new(doc, "start_time", json_integer(now));
	json_object_set_new(doc, "ready_time", json_integer(ready));
	event(doc, id, type, now);
	event(doc, id, "RUNNING", ready);
}

static void op_create(const struct dbx_in *in)
{
	char id[40], iso[32];
	json_t *doc;
	if (!jstr(in->body, "spark_version")) {
		problem_send(in->call, 400, "INVALID_PARAMETER_VALUE", "Missing required field: spark_version");
		return;
	}
	if (json_object_size(in->j->clusters) >= CLUSTERS_MAX) {
		problem_send(in->call, 400, "QUOTA_EXCEEDED", "The workspace may have up to %d clusters here", CLUSTERS_MAX);
		return;
	}
	clock_iso(in->call->req.now_ms, iso);
	snprintf(id, sizeof(id), "%.2s%.2s-%.2s%.2s%.2s-tarn%04llx", iso + 5, iso + 8, iso + 11, iso + 14, iso + 17, (unsigned long long)++in->j->last_id);
	doc = json_deep_copy(in->body);
	if (!jstr(doc, "cluster_name"))
		json_object_set_new(doc, "cluster_name", json_string(""));
	json_object_set_new(doc, "cluster_source", json_string("API"));
	json_object_set_new(in->j->clusters, id, doc);
	begin(in, id, doc, "CREATING");
	keep(in, id, json_pack("{s:s}", "cluster_id", id));
}

static void op_start(const struct dbx_in *in)
{
	const char *id = id_of(in);
	json_t *doc;
	if (!id)
		return;
	doc = doc_for(in, id);
	if (!jtrue(doc, "terminated")) {
		problem_send(in->call, 400, "INVALID_STATE", "Cluster %s is in unexpected state %s.", id, state_of(in->j, doc));
		return;
	}
	begin(in, id, doc, "STARTING");
	keep(in, id, json_object());
}

static void op_restart(const struct dbx_in *in)
{
	const char *id = id_of(in);
	if (!id)
		return;
	if (jtrue(doc_for(in, id), "terminated")) {
		problem_send(in->call, 400, "INVALID_STATE", "Cluster %s is in unexpected state TERMINATED.", id);
		return;
	}
	begin(in, id, doc_of(in->j, id), "RESTARTING");
	keep(in, id, json_object());
}

/* clusters/delete terminates; permanent-delete forgets. */
static void op_terminate(const struct dbx_in *in)
{
	const char *id = id_of(in);
	json_t *doc;
	if (!id)
		return;
	doc = doc_for(in, id);
	if (!jtrue(doc, "terminated"))
		event(doc, id, "TERMINATING", in->call->req.now_ms);
	json_object_set_new(doc, "terminated", json_true());
	keep(in, id, json_object());
}

static void op_forget(const struct dbx_in *in)
{
	const char *id = id_of(in);
	struct error err;
	if (!id)
		return;
	if (conf_get(in->j->env->conf, "clusters", id)) { /* the stack's own doesn't come back with the next start */
		json_object_set_new(doc_for(in, id), "gone", json_true());
		keep(in, id, json_object());
		return;
	}
	in->j->dirty = true;
	json_object_del(in->j->clusters, id);
	if (dbx_store_del_text(in->j, "cluster", id, &err))
		problem_reply(in->call, &err);
	else
		dbx_reply(in->call, 200, json_object());
}

static void op_edit(const struct dbx_in *in)
{
	const char *id = id_of(in);
	if (!id)
		return;
	json_object_update(doc_for(in, id), in->body);
	json_object_del(doc_of(in->j, id), "cluster_id");
	event(doc_of(in->j, id), id, "EDITED", in->call->req.now_ms);
	keep(in, id, json_object());
}

/* Newest first, as there; those that are still to come aren't told. */
static void op_events(const struct dbx_in *in)
{
	const char *id = id_of(in);
	const json_t *events = id ? json_object_get(doc_of(in->j, id), "events") : NULL;
	json_t *list = json_array();
	for (size_t i = json_array_size(events); i-- > 0;)
		if (jint(json_array_get(events, i), "timestamp") <= in->call->req.now_ms)
			json_array_append(list, json_array_get(events, i));
	if (id)
		dbx_reply(in->call, 200, json_pack("{s:O, s:I}", "events", list, "total_count", (json_int_t)json_array_size(list)));
	json_decref(list);
}

static void op_versions(const struct dbx_in *in)
{
	dbx_reply(in->call, 200, json_pack("{s:[{s:s, s:s}]}", "versions", "key", "13.3.x-scala2.12", "name", "13.3 LTS (includes Apache Spark 3.5, as tarn's lake)"));
}

static void op_node_types(const struct dbx_in *in)
{
	dbx_reply(in->call, 200, json_pack("{s:[{s:s, s:i, s:f, s:s, s:s, s:b}]}", "node_types", "node_type_id", "m5.large", "memory_mb", 8192, "num_cores", 2.0,
					   "description", "m5.large", "instance_type_id", "m5.large", "is_deprecated", 0));
}

static const struct dbx_op rows[] = {
	{ { "GET", "/api/2.{}/clusters/get", "ClustersGet", "a cluster" }, op_get },
	{ { "GET", "/api/2.{}/clusters/list", "ClustersList", "clusters, those that the stack names first" }, op_list },
	{ { "POST", "/api/2.{}/clusters/create", "ClustersCreate", "a new cluster, as a document" }, op_create },
	{ { "POST", "/api/2.{}/clusters/edit", "ClustersEdit", "other settings for a cluster" }, op_edit },
	{ { "POST", "/api/2.{}/clusters/start", "ClustersStart", "starts a terminated cluster" }, op_start },
	{ { "POST", "/api/2.{}/clusters/restart", "ClustersRestart", "starts a running cluster again" }, op_restart },
	{ { "POST", "/api/2.{}/clusters/delete", "ClustersDelete", "terminates a cluster" }, op_terminate },
	{ { "POST", "/api/2.{}/clusters/permanent-delete", "ClustersPermanentDelete", "forgets a cluster" }, op_forget },
	{ { "POST", "/api/2.{}/clusters/events", "ClustersEvents", "what happened to a cluster" }, op_events },
	{ { "GET", "/api/2.{}/clusters/spark-versions", "ClustersSparkVersions", "runtimes: one" }, op_versions },
	{ { "GET", "/api/2.{}/clusters/list-node-types", "ClustersListNodeTypes", "machines: one" }, op_node_types },
};
const struct routes dbx_cluster_routes = ROUTES(rows);
