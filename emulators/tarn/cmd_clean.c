/* tarn clean: the topics' objects into the tables of the stack's datasets. */
#include <stdio.h>
#include <stdlib.h>

#include "tarn/cmd_lake.h"

struct clean {
	struct cmd_lake l;
	bool report, list;
};

static long long number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static void print_sets(const json_t *answer)
{
	const json_t *set;
	size_t i;
	printf("%-8s %8s %9s %9s %6s  %s\n", "table", "objects", "records", "rows", "bad", "Delta table");
	json_array_foreach(json_object_get(answer, "datasets"), i, set)
	{
		printf("%-8s %8lld %9lld %9lld %6lld  ", text(set, "dataset"), number(set, "objects"), number(set, "rows_in"),
		       number(set, "rows_out"), number(set, "quarantined"));
		const json_t *delta = json_object_get(set, "delta");
		if (json_is_object(delta))
			printf("%s version %lld\n", text(delta, "location"), number(delta, "version"));
		else
			puts("-");
	}
}

static void print_table(json_t *columns, json_t *rows)
{
	cmd_lake_table(columns, rows);
	json_decref(columns);
	json_decref(rows);
}

/* ---- the report ---- */

static void report_sets(const json_t *answer)
{
	const json_t *set;
	json_t *rows = json_array();
	size_t i;
	json_array_foreach(json_object_get(answer, "datasets"), i, set)
		json_array_append_new(rows, json_pack("[s, s, I, I, I, I, I, I]", text(set, "dataset"), text(set, "topic"),
						      number(set, "objects"), number(set, "skipped"), number(set, "rows_in"),
						      number(set, "rows_out"), number(set, "dropped"), number(set, "quarantined")));
	print_table(json_pack("[s, s, s, s, s, s, s, s]", "table", "topic", "objects", "skipped", "rows in", "rows out", "left out",
			      "quarantined"), rows);
}

static void report_delta(const json_t *answer)
{
	const json_t *set, *d;
	json_t *rows = json_array();
	size_t i;
	json_array_foreach(json_object_get(answer, "datasets"), i, set)
		if (json_is_object(d = json_object_get(set, "delta")))
			json_array_append_new(rows, json_pack("[s, s, I, I, I]", text(set, "dataset"), text(d, "location"), number(d, "version"),
							      number(d, "files"), number(d, "bytes")));
	print_table(json_pack("[s, s, s, s, s]", "table", "Delta table", "version", "files", "bytes"), rows);
}

static void report_rules(const json_t *answer)
{
	const json_t *rule;
	json_t *rows = json_array();
	size_t i;
	json_array_foreach(json_object_get(answer, "rules"), i, rule)
		json_array_append_new(rows, json_pack("[s, s, s, I]", text(rule, "dataset"), text(rule, "column"), text(rule, "rule"),
						      number(rule, "hits")));
	print_table(json_pack("[s, s, s, s]", "table", "column", "rule", "hits"), rows);
}

static void report_variants(const json_t *answer)
{
	const char *name;
	json_t *variant, *rows = json_array();
	json_object_foreach(json_object_get(answer, "variants"), name, variant)
		json_array_append_new(rows, json_pack("[s, O]", name, variant));
	print_table(json_pack("[s, s]", "choice", "variant"), rows);
}

static void print_report(const json_t *answer)
{
	report_sets(answer);
	putchar('\n');
	report_delta(answer);
	putchar('\n');
	report_rules(answer);
	putchar('\n');
	report_variants(answer);
}

/* What the short table doesn't tell. */
static void print_notes(const json_t *answer, bool report)
{
	const json_t *set;
	long long bad = 0, dropped = 0, kept = number(answer, "quarantine_kept");
	size_t i;
	json_array_foreach(json_object_get(answer, "datasets"), i, set)
	{
		bad += number(set, "quarantined");
		dropped += number(set, "dropped");
	}
	if (dropped && !report)
		fprintf(stderr, "%lld rows are left out by rules - tarn clean --report\n", dropped);
	if (bad && report)
		fputs("quarantined: tarn sql 'SELECT topic, object_key, line, at, reason FROM quarantine'\n", stderr);
	if (kept < bad)
		fprintf(stderr, "%lld records are quarantined, the first %lld are in the table; all are in their objects\n", bad, kept);
}

/* ---- the list ---- */

static void print_variants(const json_t *answer)
{
	const json_t *set, *choice, *variant;
	json_t *rows = json_array();
	size_t i, k, m;
	json_array_foreach(json_object_get(answer, "datasets"), i, set)
		json_array_foreach(json_object_get(set, "choices"), k, choice)
			json_array_foreach(json_object_get(choice, "variants"), m, variant)
	{
		bool on = json_equal(json_object_get(choice, "chosen"), json_object_get(variant, "name"));
		json_array_append_new(rows, json_pack("[s, s, s, s, s]", text(set, "dataset"), text(choice, "name"), on ? "*" : "",
						      text(variant, "name"), text(variant, "about")));
	}
	print_table(json_pack("[s, s, s, s, s]", "table", "choice", "", "variant", "what it does"), rows);
}

static void print_answer(const struct clean *c, const json_t *answer)
{
	if (c->list) {
		print_variants(answer);
		return;
	}
	if (c->report)
		print_report(answer);
	else
		print_sets(answer);
	print_notes(answer, c->report);
	fprintf(stderr, "cleaned bucket %s - tarn query all\n", text(answer, "bucket"));
}

static int clean_run(void *self, char **words, int n)
{
	struct clean *c = self;
	struct buf raw = { 0 };
	json_t *answer = NULL;
	int rc;
	(void)words, (void)n;
	if (c->list) {
		rc = cmd_lake_call(&c->l, "GET", "/api/tarn/clean/variants", sl(NULL), &raw, &answer);
	} else {
		char *path = xasprintf("/api/tarn/clean%s", buf_cstr(&c->l.query));
		rc = cmd_lake_call(&c->l, "POST", path, S(""), &raw, &answer);
		free(path);
	}
	if (!rc && cmd_is_json())
		cmd_json(buf_slice(&raw));
	else if (!rc)
		print_answer(c, answer);
	json_decref(answer);
	buf_free(&raw);
	return rc;
}

static const struct flag clean_flags[] = {
	{ "report", 0, FLAG_ON, offsetof(struct clean, report), NULL, "every rule with the values it changed, what was left out, what was quarantined" },
	{ "from", 0, FLAG_QUERY, offsetof(struct clean, l.query), "PATH", "reads PATH/TOPIC/...json: /mnt/x/topics, dbfs:/mnt/x/topics, s3a://bucket/topics" },
	{ "variant", 0, FLAG_QUERY, offsetof(struct clean, l.query), "NAME=VARIANT",
	  "another variant of a rule, as often as wanted: follower_count=k-only" },
	{ "variants", 0, FLAG_ON, offsetof(struct clean, list), NULL,
	  "lists them; the usual one is first, * marks what the stack chose ([lake] variant.N = V)" },
	{ NULL },
};

const struct command command_clean = {
	"clean", "", "Cleans the topics' objects into the datasets' tables, and a version of each as a Delta table.",
	sizeof(struct clean), clean_run, cmd_lake_done, .flags = { data_flags, lake_flags, clean_flags }, .example = "tarn clean --report",
	.more = "Each run replaces the tables and writes a version of each dataset's Delta table s3://BUCKET/tables/NAME ([lake]\n"
		"tables = none: it doesn't); if that fails the run fails, and the tables stay as they were.\n"
		"Rules are files of the stack: datasets/NAME.dataset. Records that can't be rows are in the\n"
		"table quarantine: tarn sql 'SELECT topic, object_key, line, at, reason FROM quarantine'\n",
};
