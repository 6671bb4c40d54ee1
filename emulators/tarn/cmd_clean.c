/* tarn clean: the topics' objects into the tables pin, geo and users. */
#include <stdio.h>

#include "tarn/cmd_lake.h"

static long long number(const json_t *o, const char *key)
{
	return (long long)json_integer_value(json_object_get(o, key));
}

static void print_sets(const json_t *answer)
{
	const json_t *set;
	size_t i;
	printf("%-8s %8s %9s %9s %6s\n", "table", "objects", "records", "rows", "bad");
	json_array_foreach(json_object_get(answer, "datasets"), i, set) printf(
		"%-8s %8lld %9lld %9lld %6lld\n", json_string_value(json_object_get(set, "dataset")),
		number(set, "objects"), number(set, "rows_in"), number(set, "rows_out"), number(set, "quarantined"));
}

int cmd_clean(int argc, char **argv)
{
	struct cmd_lake l;
	struct buf text = { 0 };
	json_t *answer = NULL;
	int first, r = cmd_lake_open(&l, argc, argv, &first);
	if (!r && first != argc)
		r = cmd_lake_fail(&l, EXIT_USAGE, "USAGE", "tarn clean", "clean takes no words");
	if (!r)
		r = cmd_lake_call(&l, "POST", "/api/tarn/clean", S(""), &text, &answer);
	if (!r && l.format == FORMAT_JSON) {
		cmd_lake_json(&l, buf_slice(&text));
	} else if (!r) {
		print_sets(answer);
		fprintf(stderr, "cleaned bucket %s - tarn query all\n",
			json_string_value(json_object_get(answer, "bucket")));
	}
	json_decref(answer);
	buf_free(&text);
	cmd_lake_free(&l);
	return r < 0 ? EXIT_OK : r;
}
