/* tarn clean: the topics' objects into the tables of the stack's datasets. */
#include "core/json.h"
#include "tarn/cmd_lake.h"

struct clean {
	struct cmd_lake l;
	bool report, list;
};

static void print_sets(const json_t *answer)
{
	const json_t *set;
	size_t i;
	printf("%-8s %8s %9s %9s %6s  %s\n", "table", "objects", "records", "rows", "bad", "Delta table");
	json_array_foreach(json_object_get(answer, "datasets"), i, set) {
		printf("%-8s %8lld %9lld %9lld %6lld  ", jstr(set, "dataset"), (long long)jint(set, "objects"), (long long)jint(set, "rows_in"),
		       (long long)jint(set, "rows_out"), (long long)jint(set, "quarantined"));
		const json_t *delta = json_object_get(set, "delta");
		if (json_is_object(delta))
			printf("%s version %lld\n", jstr(delta, "location"), (long long)jint(delta, "version"));
		else
			puts("-");
	}
}

static void print_report(const json_t *answer)
{
	const json_t *sets = json_object_get(answer, "datasets");
	json_t *variants = json_array(), *with_delta = cmd_lake_with(sets, "delta"), *variant;
	const char *name;
	cmd_lake_members(sets, "table=dataset, topic=topic, objects=objects, skipped=skipped, rows in=rows_in, rows out=rows_out, left out=dropped, "
			       "quarantined=quarantined");
	putchar('\n');
	cmd_lake_members(with_delta, "table=dataset, Delta table=delta.location, version=delta.version, files=delta.files, bytes=delta.bytes");
	putchar('\n');
	cmd_lake_members(json_object_get(answer, "rules"), "table=dataset, column=column, rule=rule, hits=hits");
	putchar('\n');
	json_object_foreach(json_object_get(answer, "variants"), name, variant)
		json_array_append_new(variants, json_pack("{s:s, s:O}", "choice", name, "variant", variant));
	cmd_lake_members(variants, "choice=choice, variant=variant");
	json_decref(variants);
	json_decref(with_delta);
}

/* What the short table doesn't tell. */
static void print_notes(const json_t *answer, bool report)
{
	const json_t *set;
	long long bad = 0, dropped = 0, kept = (long long)jint(answer, "quarantine_kept");
	size_t i;
	json_array_foreach(json_object_get(answer, "datasets"), i, set) {
		bad += (long long)jint(set, "quarantined");
		dropped += (long long)jint(set, "dropped");
	}
	if (dropped && !report)
		fprintf(stderr, "%lld rows are left out by rules - tarn clean --report\n", dropped);
	if (bad && report)
		fputs("quarantined: tarn sql 'SELECT topic, object_key, line, at, reason FROM quarantine'\n", stderr);
	if (kept < bad)
		fprintf(stderr, "%lld records are quarantined, the first %lld are in the table; all are in their objects\n", bad, kept);
}

static void print_variants(const json_t *answer)
{
	const json_t *set, *choice;
	json_t *rows = json_array(), *variant;
	size_t i, k, m;
	json_array_foreach(json_object_get(answer, "datasets"), i, set)
		json_array_foreach(json_object_get(set, "choices"), k, choice)
			json_array_foreach(json_object_get(choice, "variants"), m, variant) {
		bool on = json_equal(json_object_get(choice, "chosen"), json_object_get(variant, "name"));
		json_array_append_new(rows, json_pack("{s:O, s:O, s:s, s:O}", "set", json_object_get(set, "dataset"), "choice",
						      json_object_get(choice, "name"), "on", on ? "*" : "", "variant", variant));
	}
	cmd_lake_members(rows, "table=set, choice=choice, =on, variant=variant.name, what it does=variant.about");
	json_decref(rows);
}

static long long objects_of(const json_t *answer)
{
	const json_t *set;
	long long n = 0;
	size_t i;
	json_array_foreach(json_object_get(answer, "datasets"), i, set)
		n += (long long)jint(set, "objects");
	return n;
}

/* Where it looked, and where there would have been something. */
static void print_nothing(const json_t *answer)
{
	const json_t *v, *elsewhere = json_object_get(answer, "elsewhere"), *users = json_object_get(answer, "adopted_users");
	size_t i;
	fputs("tarn: no objects of the topics", stderr);
	json_array_foreach(json_object_get(answer, "datasets"), i, v)
		fprintf(stderr, "%s %s", i ? "," : "", jstr(v, "topic"));
	fprintf(stderr, " below %s/ of the bucket %s\n", jstr(answer, "below"), jstr(answer, "bucket"));
	json_array_foreach(users, i, v)
		fprintf(stderr, "      nor of the adopted user %s\n", json_string_value(v));
	json_array_foreach(elsewhere, i, v)
		fprintf(stderr, "      there are objects of %s in the bucket %s\n", jstr(v, "topic"), jstr(v, "bucket"));
	fputs(json_array_size(elsewhere) ? "      try: tarn up --user ID, tarn up --adopt, or tarn clean --from s3a://BUCKET/topics\n" :
					   "      no other bucket has any: were records posted, and does the connector run? tarn status, tarn logs\n",
	      stderr);
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
	if (!objects_of(answer))
		print_nothing(answer);
	else
		fprintf(stderr, "cleaned bucket %s - tarn query all\n", jstr(answer, "bucket"));
}

static int clean_run(void *self, char **words, int n)
{
	struct clean *c = self;
	struct buf raw = { 0 };
	json_t *answer = NULL;
	int rc;
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
	if (!rc && !c->list && !objects_of(answer))
		rc = EXIT_FAILED;
	json_decref(answer);
	buf_free(&raw);
	return rc;
}

static const struct flag clean_flags[] = {
	{ "report", 0, FLAG_ON, offsetof(struct clean, report), NULL, "every rule with the values it changed, what was left out, what was quarantined" },
	{ "from", 0, FLAG_QUERY, offsetof(struct clean, l.query), "PATH", "reads PATH/TOPIC/...json: /mnt/x/topics, dbfs:/mnt/x/topics, s3a://bucket/topics" },
	{ "variant", 0, FLAG_QUERY, offsetof(struct clean, l.query), "NAME=VARIANT",
	  "another variant of a rule, as often as wanted: --variants lists them" },
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
