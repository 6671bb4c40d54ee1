/* tarn lake export: files with which other engines read this lake's tables. */
#include <errno.h>
#include <sys/stat.h>

#include "core/json.h"
#include "tarn/cmd_lake.h"

struct export {
	struct cmd_lake l;
	const char *dir;
};

static const char more[] =
	"Writes for Spark and Databricks, Trino, DuckDB and ClickHouse: how to reach the store, statements that make the tables,\n"
	"the views that the questions ask; the questions themselves; README.md and tables.json with all addresses.\n";

/* Makes the folders above a file. */
static int make_folders(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		int rc = mkdir(path, 0777);
		*p = '/';
		if (rc && errno != EEXIST)
			return -1;
	}
	return 0;
}

/* A name below the folder, and nothing else. */
static bool plain_path(const char *path)
{
	return path && *path && *path != '/' && !strstr(path, "..");
}

static int write_file(const char *dir, const json_t *file)
{
	const char *name = jstr(file, "path");
	const json_t *text = json_object_get(file, "text");
	if (!plain_path(name) || !json_is_string(text))
		return cmd_error(EXIT_FAILED, "BAD_ANSWER", NULL, "lake: a file of the answer has no name");
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = make_folders(path) ? NULL : fopen(path, "wb");
	bool good = f && fwrite(json_string_value(text), 1, json_string_length(text), f) == json_string_length(text);
	good = f && !fclose(f) && good;
	int rc = good ? EXIT_OK : cmd_error(EXIT_FAILED, "NOT_WRITTEN", NULL, "can't write %s: %m", path);
	free(path);
	return rc;
}

static int write_all(const char *dir, const json_t *answer)
{
	const json_t *file, *tables = json_object_get(answer, "tables"), *files = json_object_get(answer, "files");
	size_t i;
	int rc = EXIT_OK;
	json_array_foreach(files, i, file)
		if ((rc = write_file(dir, file)))
			return rc;
	if (cmd_is_json()) {
		json_t *names = json_array(), *out;
		json_array_foreach(files, i, file)
			json_array_append(names, json_object_get(file, "path"));
		out = json_pack("{s:s, s:O, s:O, s:o}", "folder", dir, "endpoint", json_object_get(answer, "endpoint"), "tables", tables, "files", names);
		char *text = json_dumps(out, JSON_COMPACT);
		cmd_json(sl(text));
		free(text);
		json_decref(out);
		return EXIT_OK;
	}
	json_array_foreach(files, i, file)
		printf("%s/%s\n", dir, jstr(file, "path"));
	fprintf(stderr, "exported %zu tables - %s/README.md\n", json_array_size(tables), dir);
	return EXIT_OK;
}

static int lake_export(void *self, char **words, int n)
{
	struct export *e = self;
	struct buf text = { 0 };
	json_t *answer = NULL;
	char *path = xasprintf("/api/tarn/export%s", buf_cstr(&e->l.query));
	int rc = cmd_lake_call(&e->l, "GET", path, sl(NULL), &text, &answer);
	if (!rc)
		rc = write_all(e->dir, answer);
	free(path);
	json_decref(answer);
	buf_free(&text);
	return rc;
}

static const struct flag export_flags[] = {
	{ "output", 'o', FLAG_TEXT, offsetof(struct export, dir), "DIR", "the folder; files of an earlier export are replaced", "lake-export" },
	{ "endpoint", 0, FLAG_QUERY, offsetof(struct export, l.query), "URL",
	  "the S3 endpoint as the engine reaches it, when that isn't where tarn listens" },
	{ NULL },
};

static const struct action lake_actions[] = {
	{ "export", "", "writes those files", 0, 0, lake_export },
	{ NULL },
};

const struct command command_lake = {
	"lake", "export", "Writes what Spark, Trino, DuckDB and ClickHouse need to read the Delta tables and ask the questions.",
	sizeof(struct export), NULL, cmd_lake_done, .flags = { data_flags, lake_flags, export_flags }, .actions = lake_actions,
	.example = "tarn lake export -o DIR", .more = more,
};
