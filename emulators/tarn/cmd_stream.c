/* tarn stream: the streaming queries of a running stack: list, start, stop, status. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tarn/cmd_lake.h"

enum { OPT_DATA = 256, OPT_CONNECT, OPT_JSON };
static const struct option options[] = {
	{ "data", required_argument, NULL, OPT_DATA }, { "connect", required_argument, NULL, OPT_CONNECT },
	{ "json", no_argument, NULL, OPT_JSON },       { "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"A query reads a Kinesis stream, cleans it as the batch is cleaned, and writes a Delta table: readStream.format(\"kinesis\")\n"
	"... writeStream.format(\"delta\").table(name). Those of the stack are in [queries] of stack.conf and wait to be started.\n"
	"Options are Spark's words, NAME=VALUE:\n"
	"  streamName=S             the stream; wanted, unless the stack says it\n"
	"  initialPosition=P        latest (the default), earliest or trim_horizon, at_timestamp:2026-01-05T09:00:00Z\n"
	"  table=T                  s3://<lake.bucket>/tables/T; what can't be a row goes to T_quarantine\n"
	"  dataset=pin|geo|users    whose rules clean it; told by the stream's name where it can be\n"
	"  checkpointLocation=P     /mnt/x/y, dbfs:/x, s3://bucket/x; else s3://<lake.bucket>/checkpoints/NAME\n"
	"  trigger=D|once|availableNow   500ms is usual; once and availableNow end when the records there are are in\n"
	"  maxRecordsPerBatch=N  partitionKey=K  failOnDataLoss=false  variant=title=prefix\n"
	"After tarn down and tarn up the queries that ran go on by themselves.\n";

static int read_flags(struct cmd_lake *l, int argc, char **argv)
{
	int c;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case OPT_DATA:
			l->data = optarg;
			break;
		case OPT_CONNECT:
			l->connect = optarg;
			break;
		case OPT_JSON:
			l->format = FORMAT_JSON;
			break;
		case 'h':
			cmd_usage("stream");
			fputs(help, stdout);
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	return EXIT_OK;
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static json_t *row_of(const json_t *q)
{
	const json_t *totals = json_object_get(q, "totals"), *o = json_object_get(q, "options");
	return json_pack("[s, s, s, s, O, O, O]", text(q, "name"), text(q, "state"), text(o, "streamName"), text(o, "table"),
			 json_object_get(totals, "batches"), json_object_get(totals, "numOutputRows"), json_object_get(totals, "quarantined"));
}

static void print_list(const json_t *queries)
{
	json_t *columns = json_pack("[s, s, s, s, s, s, s]", "query", "state", "stream", "table", "batches", "rows", "quarantined");
	json_t *rows = json_array();
	const json_t *q;
	size_t i;
	json_array_foreach(queries, i, q)
		json_array_append_new(rows, row_of(q));
	cmd_lake_table(columns, rows);
	json_array_foreach(queries, i, q)
		if (json_is_string(json_object_get(q, "exception")))
			printf("\n%s: %s\n", text(q, "name"), text(q, "exception"));
	json_decref(columns);
	json_decref(rows);
}

static void print_status(const json_t *q)
{
	const json_t *totals = json_object_get(q, "totals"), *p = json_object_get(q, "lastProgress");
	printf("%s: %s%s\n", text(q, "name"), text(q, "state"), json_is_true(json_object_get(q, "restarted")) ? ", started again with tarn" : "");
	printf("  %s\n", text(json_object_get(q, "status"), "message"));
	if (json_is_string(json_object_get(q, "id")))
		printf("  id %s, run %s\n  checkpoint %s\n", text(q, "id"), text(q, "runId"), text(q, "checkpoint"));
	printf("  table %s\n", text(json_object_get(q, "sink"), "table"));
	printf("  this run: %lld batches, %lld records, %lld rows, %lld quarantined, %lld left out\n",
	       (long long)json_integer_value(json_object_get(totals, "batches")), (long long)json_integer_value(json_object_get(totals, "numInputRows")),
	       (long long)json_integer_value(json_object_get(totals, "numOutputRows")), (long long)json_integer_value(json_object_get(totals, "quarantined")),
	       (long long)json_integer_value(json_object_get(totals, "dropped")) + (long long)json_integer_value(json_object_get(totals, "filtered")));
	if (p && !json_is_null(p))
		printf("  last batch %lld at %s: %lld records\n", (long long)json_integer_value(json_object_get(p, "batchId")), text(p, "timestamp"),
		       (long long)json_integer_value(json_object_get(p, "numInputRows")));
}

/* What the rules changed, where they changed something. */
static void print_rules(const json_t *q)
{
	json_t *columns = json_pack("[s, s, s]", "column", "rule", "hits"), *rows = json_array();
	const json_t *rule;
	size_t i;
	json_array_foreach(json_object_get(q, "rules"), i, rule)
		if (json_integer_value(json_object_get(rule, "hits")))
			json_array_append_new(rows, json_pack("[s, s, O]", text(rule, "column"), text(rule, "rule"), json_object_get(rule, "hits")));
	if (json_array_size(rows)) {
		putchar('\n');
		cmd_lake_table(columns, rows);
	}
	json_decref(columns);
	json_decref(rows);
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
	if (!rc && l->format == FORMAT_JSON)
		cmd_lake_json(l, buf_slice(&answer));
	else if (!rc && list)
		print_list(json_object_get(out, "queries"));
	else if (!rc)
		print_status(out);
	if (!rc && l->format != FORMAT_JSON && !list)
		print_rules(out);
	json_decref(out);
	buf_free(&answer);
	free(path);
	return rc;
}

static int start(struct cmd_lake *l, const char *name, char **words, int n)
{
	json_t *all = json_object(), *variants = json_array();
	struct slice key, value;
	int rc = EXIT_OK;
	for (int i = 0; !rc && i < n; i++) {
		if (!sl_cut(sl(words[i]), '=', &key, &value))
			rc = cmd_lake_fail(l, EXIT_USAGE, "USAGE", "tarn help stream", "an option is NAME=VALUE, not %s", words[i]);
		else if (sl_eq_nocase(key, S("variant")))
			json_array_append_new(variants, json_stringn(value.p, value.n));
		else
			json_object_setn_new(all, key.p, key.n, json_stringn(value.p, value.n));
	}
	if (json_array_size(variants))
		json_object_set(all, "variants", variants);
	char *body = json_dumps(all, 0);
	if (!rc)
		rc = ask(l, "POST", path_of(name, "/start"), sl(body ? body : "{}"), false);
	free(body);
	json_decref(all);
	json_decref(variants);
	return rc;
}

int cmd_stream(int argc, char **argv)
{
	struct cmd_lake l = { .word = "stream" };
	int rc = read_flags(&l, argc, argv);
	char **words = argv + optind;
	int n = argc - optind;
	const char *word = n ? words[0] : "";
	if (rc)
		;
	else if (!strcmp(word, "list") && n == 1)
		rc = ask(&l, "GET", path_of(NULL, ""), sl(NULL), true);
	else if (!strcmp(word, "status") && n <= 2)
		rc = ask(&l, "GET", path_of(n == 2 ? words[1] : NULL, ""), sl(NULL), n == 1);
	else if (!strcmp(word, "start") && n >= 2)
		rc = start(&l, words[1], words + 2, n - 2);
	else if (!strcmp(word, "stop") && n == 2)
		rc = ask(&l, "POST", path_of(words[1], "/stop"), S(""), false);
	else
		rc = cmd_lake_fail(&l, EXIT_USAGE, "USAGE", "tarn stream list", "stream wants list, status [NAME], start NAME [OPTION=VALUE...], or stop NAME");
	cmd_lake_free(&l);
	return rc < 0 ? EXIT_OK : rc;
}
