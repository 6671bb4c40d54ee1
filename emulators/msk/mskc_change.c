/* Changes of a connector: each is an operation. DIFFERS: it is over when its call is answered. */
#include "core/owed.h"

#include "msk/mskconnect.h"

const struct aws_kind mskc_operations = { .name = "kafkaconnect.operation" };

/* ---- operations ---- */

/* Keeps one that is over; error: as errorInfo's message, NULL: it went well. Its ARN is in c->out then. */
static int keep_operation(struct aws_call *c, const char *type, const char *state, json_t *connector, const json_t *wanted, const char *error)
{
	static const char *const setting[] = { "capacity", "plugins", "workerConfiguration" };
	char uuid[37];
	const char *arn = jstr(connector, "connectorArn"), *of = strstr(arn, ":connector/") + strlen(":connector/");
	json_t *op = json_pack("{ss, ss, ss}", "connectorArn", arn, "connectorOperationType", type, "connectorOperationState", state);
	aws_uuid(c->aws, uuid);
	const char *id = aws_arn(c, "kafkaconnect", "connector-operation/%s/%s", of, uuid);
	jput(op, "connectorOperationArn", id);
	json_object_set_new(op, "creationTime", json_integer(c->now_ms));
	json_object_set_new(op, "endTime", json_integer(c->now_ms));
	for (size_t i = 0; wanted && i < ARRAY_LEN(setting); i++) {
		jcopy(jobj(op, "originWorkerSetting"), connector, setting[i]);
		jcopy(jobj(op, "targetWorkerSetting"), json_object_get(wanted, setting[i]) ? wanted : connector, setting[i]);
	}
	if (wanted && json_object_get(wanted, "connectorConfiguration")) {
		json_object_set(op, "originConnectorConfiguration", json_object_get(connector, "connectorConfiguration"));
		json_object_set(op, "targetConnectorConfiguration", json_object_get(wanted, "connectorConfiguration"));
	}
	if (wanted)
		json_object_set_new(op, "operationSteps", json_pack("[{ssss}{ssss}{ssss}]", "stepType", "INITIALIZE_UPDATE", "stepState", "COMPLETED",
								    "stepType", type, "stepState", error ? "FAILED" : "COMPLETED", "stepType", "FINALIZE_UPDATE",
								    "stepState", error ? "CANCELLED" : "COMPLETED"));
	if (error)
		json_object_set_new(op, "errorInfo", json_pack("{ss, ss}", "code", "InvalidInput.InvalidConnectorConfiguration", "message", error));
	jput(c->out, "connectorArn", arn);
	jput(c->out, "connectorOperationArn", id);
	return msk_keep(c, &mskc_operations, id, op);
}

/* ---- updates ---- */

static json_t *with_changes(const json_t *connector, const json_t *in)
{
	static const char *const names[] = { "capacity", "connectorConfiguration", "plugins", "workerConfiguration" };
	json_t *wanted = json_deep_copy(connector);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		jcopy(wanted, in, names[i]);
	if (jtrue(in, "useDefaultWorkerConfiguration"))
		json_object_del(wanted, "workerConfiguration");
	return wanted;
}

/* The worker took it, or the old one stays as it was. */
static void on_updated(void *arg, int status, const json_t *body, const struct error *err)
{
	struct aws_call *c = arg;
	const char *arn = jstr(c->in, "connectorArn"), *message = jstr(body, "message");
	json_t *connector = aws_find(c->aws, c->at, &mskc_connectors, arn);
	bool config = json_object_get(c->in, "connectorConfiguration"), good = status >= 200 && status < 300;
	const char *type = config ? "UPDATE_CONNECTOR_CONFIGURATION" : "UPDATE_WORKER_SETTING";
	if (err)
		mskc_no_worker(c, err);
	else if (!connector)
		mskc_not_found(c);
	if (!*c->code) {
		json_t *wanted = with_changes(connector, c->in);
		int rc = keep_operation(c, type, good ? "UPDATE_COMPLETE" : "UPDATE_FAILED", connector, wanted, good ? NULL : message ? message : "null");
		if (!rc && good) {
			json_object_set_new(wanted, "asked", json_true());
			jput(wanted, "connectorState", "UPDATING");
			json_object_del(wanted, "stateDescription");
			mskc_new_version(c->aws, wanted);
			msk_keep(c, &mskc_connectors, arn, wanted);
		} else {
			json_decref(wanted);
		}
		jput(c->out, "connectorState", "UPDATING");
	}
	aws_answer(c);
}

static int check_update(struct aws_call *c, const json_t *connector)
{
	const json_t *capacity = json_object_get(c->in, "capacity"), *config = json_object_get(c->in, "connectorConfiguration");
	const json_t *plugins = json_object_get(c->in, "plugins"), *worker = json_object_get(c->in, "workerConfiguration");
	bool setting = capacity || plugins || worker || jtrue(c->in, "useDefaultWorkerConfiguration");
	if (strcmp(jstr(c->in, "currentVersion"), jstr(connector, "currentVersion")) != 0)
		return mskc_bad(c, "The currentVersion is not the connector's: that is %s.", jstr(connector, "currentVersion"));
	if (setting == (config != NULL))
		return mskc_bad(c, "Either the worker setting (capacity, plugins, workerConfiguration) or the connectorConfiguration can be updated at a time.");
	int rc = capacity ? mskc_check_capacity(c, capacity) : 0;
	if (!rc && config)
		rc = mskc_check_configuration(c, config, jstr(connector, "connectorName"));
	if (!rc && plugins)
		rc = mskc_check_plugins(c, plugins);
	return rc ? rc : mskc_check_worker(c, worker);
}

int mskc_update(struct aws_call *c)
{
	const json_t *connector = mskc_find(c, &mskc_connectors, "connectorArn");
	if (!connector || check_update(c, connector))
		return -1;
	JSON_AUTO wanted = with_changes(connector, c->in);
	JSON_AUTO config = mskc_worker_config(c->aws, c->at, wanted);
	owed_keep(&c->owed, mskc_ask(c->aws, c->http->hops + 1, "PUT", jstr(connector, "connectorName"), "/config", config, on_updated, c));
	return AWS_LATER;
}

/* ---- pause, resume, restart ---- */

static const struct act {
	const char *op, *method, *tail, *type, *good, *bad;
} acts[] = {
	{ "kafkaconnect.PauseConnector", "PUT", "/pause", "PAUSE_CONNECTOR", "PAUSE_COMPLETE", "PAUSE_FAILED" },
	{ "kafkaconnect.ResumeConnector", "PUT", "/resume", "RESUME_CONNECTOR", "RESUME_COMPLETE", "RESUME_FAILED" },
	{ "kafkaconnect.RestartConnector", "POST", "/restart?includeTasks=true", "RESTART_CONNECTOR", "RESTART_COMPLETE", "RESTART_FAILED" },
};

static const struct act *act_of(const struct aws_call *c)
{
	for (size_t i = 0; i < ARRAY_LEN(acts); i++)
		if (!strcmp(acts[i].op, c->op->route.name))
			return &acts[i];
	return &acts[0];
}

static void on_acted(void *arg, int status, const json_t *body, const struct error *err)
{
	struct aws_call *c = arg;
	const struct act *act = act_of(c);
	json_t *connector = aws_find(c->aws, c->at, &mskc_connectors, jstr(c->in, "connectorArn"));
	bool good = status >= 200 && status < 300;
	if (err)
		mskc_no_worker(c, err);
	else if (!connector)
		mskc_not_found(c);
	else
		keep_operation(c, act->type, good ? act->good : act->bad, connector, NULL, good ? NULL : jstr(body, "message") ? jstr(body, "message") : "null");
	aws_answer(c);
}

static int act(struct aws_call *c)
{
	const json_t *connector = mskc_find(c, &mskc_connectors, "connectorArn");
	const struct act *what = act_of(c);
	const char *tail = jtrue(c->in, "onlyFailedTasks") ? "/restart?includeTasks=true&onlyFailed=true" : what->tail;
	if (!connector)
		return -1;
	owed_keep(&c->owed, mskc_ask(c->aws, c->http->hops + 1, what->method, jstr(connector, "connectorName"), tail, NULL, on_acted, c));
	return AWS_LATER;
}

int mskc_pause(struct aws_call *c)
{
	return act(c);
}

int mskc_resume(struct aws_call *c)
{
	return act(c);
}

int mskc_restart(struct aws_call *c)
{
	return act(c);
}

/* ---- telling ---- */

static json_t *in_list(const json_t *op)
{
	static const char *const names[] = { "connectorOperationArn", "connectorOperationType", "connectorOperationState", "creationTime", "endTime" };
	json_t *v = json_object();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		jcopy(v, op, names[i]);
	return v;
}

int mskc_list_operations(struct aws_call *c)
{
	const char *arn = jstr(c->in, "connectorArn");
	json_t *all, *one;
	if (!mskc_find(c, &mskc_connectors, "connectorArn"))
		return -1;
	all = json_array();
	for (struct aws_walk w = aws_walk(c->aws, c->at, &mskc_operations); (one = aws_next(&w));)
		if (!strcmp(jstr(one, "connectorArn"), arn))
			json_array_append_new(all, in_list(one));
	return mskc_page(c, all, "connectorOperations");
}

int mskc_operation(struct aws_call *c)
{
	const json_t *op = mskc_find(c, &mskc_operations, "connectorOperationArn");
	if (!op)
		return -1;
	json_object_update_new(c->out, json_deep_copy(op));
	return 0;
}

int mskc_drop_operations(struct aws_call *c, const char *connector)
{
	struct error err;
	json_t *one;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &mskc_operations); (one = aws_next(&w));) {
		if (strcmp(jstr(one, "connectorArn"), connector) != 0)
			continue;
		if (aws_drop(c->aws, c->at, &mskc_operations, w.key, &err))
			return aws_broken(c, &err);
		w = aws_walk(c->aws, c->at, &mskc_operations);
	}
	return 0;
}
