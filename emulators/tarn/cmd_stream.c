/* tarn stream: the streaming queries of a running stack: list, start, stop, status. */
#include "core/json.h"
#include "tarn/cmd_lake.h"

static const char help[] =
	"A query reads a Kinesis stream, cleans it as the batch is cleaned, and writes a Delta table: readStream.format(\"kinesis\")\n"
	"... writeStream.format(\"delta\").table(name). Those of the stack are in [queries] of stack.conf and wait to be started.\n"
	"Options are Spark's words, NAME=VALUE:\n"
	"  streamName=S             the stream; wanted, unless the stack says it\n"
	"  initialPosition=P        latest (the default), earliest or trim_horizon, at_timestamp:2026-01-05T09:00:00Z\n"
	"  table=T                  s3://<lake.bucket>/tables/T; what can't be a row goes to T_quarantine\n"
	"  dataset=NAME             whose rules clean it; told by the stream's name where it can be\n"
	"  checkpointLocation=P     /mnt/x/y, dbfs:/x, s3://bucket/x; else s3://<lake.bucket>/checkpoints/NAME\n"
	"  trigger=D|once|availableNow   500ms is usual; once and availableNow end when the records there are are in\n"
	"  maxRecordsPerBatch=N  partitionKey=K  failOnDataLoss=false  variant=title=prefix\n"
	"After tarn down and tarn up the queries that ran go on by themselves. Those that notebooks start are listed, too; they end with\n"
	"their notebook.\n";

static const char *text(const json_t *o, const char *key)
{
	const char *s = jstr(o, key);
	return s ? s : "";
}

static void print_list(const json_t *queries)
{
	const json_t *q;
	size_t i;
	cmd_lake_members(queries, "query=name, state=state, stream=options.streamName, table=options.table, batches=totals.batches, "
				  "rows=totals.numOutputRows, quarantined=totals.quarantined");
	json_array_foreach(queries, i, q)
		if (jstr(q, "exception"))
			printf("\n%s: %s\n", text(q, "name"), text(q, "exception"));
}

static void print_status(const json_t *q)
{
	const json_t *totals = json_object_get(q, "totals"), *p = json_object_get(q, "lastProgress");
	printf("%s: %s%s\n", text(q, "name"), text(q, "state"), jtrue(q, "restarted") ? ", started again with tarn" : "");
	printf("  %s\n", text(json_object_get(q, "status"), "message"));
	if (json_is_string(json_object_get(q, "id")))
		printf("  id %s, run %s\n  checkpoint %s\n", text(q, "id"), text(q, "runId"), text(q, "checkpoint"));
	if (jstr(q, "source"))
		printf("  source %s\n  sink %s\n", jstr(q, "source"), text(json_object_get(q, "sink"), "description"));
	else
		printf("  table %s\n", text(json_object_get(q, "sink"), "table"));
	printf("  this run: %lld batches, %lld records, %lld rows, %lld quarantined, %lld left out\n",
	       (long long)jint(totals, "batches"), (long long)jint(totals, "numInputRows"),
	       (long long)jint(totals, "numOutputRows"), (long long)jint(totals, "quarantined"),
	       (long long)jint(totals, "dropped") + (long long)jint(totals, "filtered"));
	if (p && !json_is_null(p))
		printf("  last batch %lld at %s: %lld records\n", (long long)jint(p, "batchId"), text(p, "timestamp"),
		       (long long)jint(p, "numInputRows"));
}

/* What the rules changed, where they changed something. */
static void print_rules(const json_t *q)
{
	json_t *hit = cmd_lake_with(json_object_get(q, "rules"), "hits");
	if (json_array_size(hit)) {
		putchar('\n');
		cmd_lake_members(hit, "column=column, rule=rule, hits=hits");
	}
	json_decref(hit);
}

static char *path_of(const char *name, const char *verb)
{
	struct buf b = { 0 };
	buf_adds(&b, "/api/tarn/streams");
	if (name) {
		buf_addc(&b, '/');
		buf_url_escape(&b, sl(name), false);
	}
	buf_addf(&b, "%s", verb);
	char *path = xstrdup(buf_cstr(&b));
	buf_free(&b);
	return path;
}

static int ask(struct cmd_lake *l, const char *method, char *path, struct slice body, bool list)
{
	struct buf answer = { 0 };
	json_t *out = NULL;
	int rc = cmd_lake_call(l, method, path, body, &answer, &out);
	if (!rc && cmd_is_json())
		cmd_json(buf_slice(&answer));
	else if (!rc && list)
		print_list(json_object_get(out, "queries"));
	else if (!rc)
		print_status(out);
	if (!rc && !cmd_is_json() && !list)
		print_rules(out);
	json_decref(out);
	buf_free(&answer);
	free(path);
	return rc;
}

static int stream_start(void *self, char **words, int n)
{
	json_t *all = json_object(), *variants = json_array();
	struct slice key, value;
	int rc = EXIT_OK;
	for (int i = 2; !rc && i < n; i++) {
		if (!sl_cut(sl(words[i]), '=', &key, &value))
			rc = cmd_error(EXIT_USAGE, "USAGE", "tarn help stream", "an option is NAME=VALUE, not %s", words[i]);
		else if (sl_eq_nocase(key, S("variant")))
			json_array_append_new(variants, json_stringn(value.p, value.n));
		else
			json_object_setn_new(all, key.p, key.n, json_stringn(value.p, value.n));
	}
	if (json_array_size(variants))
		json_object_set(all, "variants", variants);
	char *body = json_dumps(all, 0);
	if (!rc)
		rc = ask(self, "POST", path_of(words[1], "/start"), sl(body ? body : "{}"), false);
	free(body);
	json_decref(all);
	json_decref(variants);
	return rc;
}

static int stream_list(void *self, char **words, int n)
{
	return ask(self, "GET", path_of(NULL, ""), sl(NULL), true);
}

static int stream_status(void *self, char **words, int n)
{
	return n == 1 ? stream_list(self, words, n) : ask(self, "GET", path_of(words[1], ""), sl(NULL), false);
}

static int stream_stop(void *self, char **words, int n)
{
	return ask(self, "POST", path_of(words[1], "/stop"), S(""), false);
}

static const struct action stream_actions[] = {
	{ "list", "", "lists them: those of the stack, and those that were started", 0, 0, stream_list },
	{ "status", "[NAME]", "shows one: its batches, rows, and what its rules changed", 0, 1, stream_status },
	{ "start", "NAME [OPTION=VALUE...]", "starts one", 1, 1000, stream_start },
	{ "stop", "NAME", "stops one", 1, 1, stream_stop },
	{ NULL },
};

const struct command command_stream = {
	"stream", "list | status [NAME] | start NAME [OPTION=VALUE...] | stop NAME",
	"Cleans streams into Delta tables: the streaming queries of a running stack.",
	sizeof(struct cmd_lake), NULL, cmd_lake_done, .flags = { data_flags, lake_flags }, .actions = stream_actions,
	.example = "tarn stream list", .more = help,
};
