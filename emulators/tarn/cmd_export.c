/* tarn lake export: files with which other engines read this lake's tables. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tarn/cmd_lake.h"

enum { OPT_DATA = 256, OPT_CONNECT, OPT_JSON, OPT_ENDPOINT };
static const struct option options[] = {
	{ "data", required_argument, NULL, OPT_DATA }, { "connect", required_argument, NULL, OPT_CONNECT },
	{ "json", no_argument, NULL, OPT_JSON },       { "help", no_argument, NULL, 'h' },
	{ "output", required_argument, NULL, 'o' },    { "endpoint", required_argument, NULL, OPT_ENDPOINT },
	{ NULL, 0, NULL, 0 },
};

static const char more[] =
	"  -o DIR            the folder (lake-export); files of an earlier export are replaced\n"
	"  --endpoint URL    the S3 endpoint as the engine reaches it, when that isn't where tarn listens\n"
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

static int write_file(const struct cmd_lake *l, const char *dir, const json_t *file)
{
	const char *name = json_string_value(json_object_get(file, "path"));
	const json_t *text = json_object_get(file, "text");
	if (!plain_path(name) || !json_is_string(text))
		return cmd_lake_fail(l, EXIT_FAILED, "BAD_ANSWER", NULL, "lake: a file of the answer has no name");
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = make_folders(path) ? NULL : fopen(path, "wb");
	bool good = f && fwrite(json_string_value(text), 1, json_string_length(text), f) == json_string_length(text);
	good = f && !fclose(f) && good;
	int rc = good ? EXIT_OK : cmd_lake_fail(l, EXIT_FAILED, "NOT_WRITTEN", NULL, "can't write %s: %m", path);
	free(path);
	return rc;
}

static int write_all(struct cmd_lake *l, const char *dir, const json_t *answer)
{
	const json_t *file, *tables = json_object_get(answer, "tables"), *files = json_object_get(answer, "files");
	size_t i;
	int rc = EXIT_OK;
	json_array_foreach(files, i, file)
		if ((rc = write_file(l, dir, file)))
			return rc;
	if (l->format == FORMAT_JSON) {
		json_t *names = json_array(), *out;
		json_array_foreach(files, i, file)
			json_array_append(names, json_object_get(file, "path"));
		out = json_pack("{s:s, s:O, s:O, s:o}", "folder", dir, "endpoint", json_object_get(answer, "endpoint"), "tables", tables, "files", names);
		char *text = json_dumps(out, JSON_COMPACT);
		cmd_lake_json(l, sl(text));
		free(text);
		json_decref(out);
		return EXIT_OK;
	}
	json_array_foreach(files, i, file)
		printf("%s/%s\n", dir, json_string_value(json_object_get(file, "path")));
	fprintf(stderr, "exported %zu tables - %s/README.md\n", json_array_size(tables), dir);
	return EXIT_OK;
}

static int run(struct cmd_lake *l, const char *dir)
{
	struct buf text = { 0 };
	json_t *answer = NULL;
	char *path = xasprintf("/api/tarn/export%s", buf_cstr(&l->query));
	int rc = cmd_lake_call(l, "GET", path, sl(NULL), &text, &answer);
	if (!rc)
		rc = write_all(l, dir, answer);
	free(path);
	json_decref(answer);
	buf_free(&text);
	return rc;
}

int cmd_lake(int argc, char **argv)
{
	struct cmd_lake l = { .word = "lake" };
	const char *dir = "lake-export";
	int c, rc = EXIT_OK;
	while (!rc && (c = getopt_long(argc, argv, "ho:", options, NULL)) != -1) {
		switch (c) {
		case OPT_DATA:
			l.data = optarg;
			break;
		case OPT_CONNECT:
			l.connect = optarg;
			break;
		case OPT_JSON:
			l.format = FORMAT_JSON;
			break;
		case OPT_ENDPOINT:
			buf_adds(&l.query, "?endpoint=");
			buf_url_escape(&l.query, sl(optarg), false);
			break;
		case 'o':
			dir = optarg;
			break;
		case 'h':
			cmd_usage("lake");
			fputs(more, stdout);
			rc = -1;
			break;
		default:
			rc = EXIT_USAGE;
		}
	}
	if (!rc && (optind + 1 != argc || strcmp(argv[optind], "export")))
		rc = cmd_lake_fail(&l, EXIT_USAGE, "USAGE", "tarn lake export -o DIR", "lake has one word: export");
	else if (!rc)
		rc = run(&l, dir);
	cmd_lake_free(&l);
	return rc < 0 ? EXIT_OK : rc;
}
