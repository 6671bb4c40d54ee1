#include "tarn/cmd_lake.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tarn/draw.h"

/* ---- flags ---- */

enum { OPT_DATA = 256, OPT_CONNECT, OPT_JSON, OPT_CSV, OPT_MD, OPT_CHART, OPT_REPORT, OPT_VARIANTS, OPT_VARIANT, OPT_FROM };
static const struct option options[] = {
	{ "data", required_argument, NULL, OPT_DATA }, { "connect", required_argument, NULL, OPT_CONNECT },
	{ "json", no_argument, NULL, OPT_JSON },       { "help", no_argument, NULL, 'h' },
	{ "csv", no_argument, NULL, OPT_CSV },         { "md", no_argument, NULL, OPT_MD },
	{ "chart", no_argument, NULL, OPT_CHART },     { "output", required_argument, NULL, 'o' },
	{ NULL, 0, NULL, 0 },
};
static const struct option options_clean[] = {
	{ "data", required_argument, NULL, OPT_DATA },       { "connect", required_argument, NULL, OPT_CONNECT },
	{ "json", no_argument, NULL, OPT_JSON },             { "help", no_argument, NULL, 'h' },
	{ "report", no_argument, NULL, OPT_REPORT },         { "variants", no_argument, NULL, OPT_VARIANTS },
	{ "variant", required_argument, NULL, OPT_VARIANT }, { "from", required_argument, NULL, OPT_FROM },
	{ NULL, 0, NULL, 0 },
};

static const char help_clean[] =
	"  --report           every rule with the values it changed, what was left out, what was quarantined\n"
	"  --from PATH        reads PATH/TOPIC/...json: /mnt/x/topics, dbfs:/mnt/x/topics, s3a://bucket/topics\n"
	"  --variant N=V      another variant of a rule, as often as wanted: follower_count=k-only, duplicates=row\n"
	"  --variants         lists them; the usual one is first, * marks what the stack chose ([lake] variant.N = V)\n"
	"Each run replaces the tables and writes a version of the Delta tables s3://BUCKET/tables/pin, geo, users ([lake]\n"
	"tables = none: it doesn't); if that fails the run fails, and the tables stay as they were.\n"
	"Rules are files of the stack: datasets/pin.dataset, geo.dataset, users.dataset. Records that can't be rows are in the\n"
	"table quarantine: tarn sql 'SELECT topic, object_key, line, at, reason FROM quarantine'\n";
static const char help_rows[] =
	"  --csv, --json, --md    the rows in that form\n"
	"  --chart                bars in the terminal: the last column of numbers, labelled by the others\n"
	"  -o FILE.svg            the same bars as a picture\n"
	"Tables: pin, geo, users, quarantine; and what the topics hold before cleaning: raw_pin, raw_geo, raw_user, or any\n"
	"topic in quotes (\"0affea73130b.pin\"), with the columns _object_key, _line and _record beside the records' own.\n"
	"Delta tables: folders below tables/ of the lake's bucket by their name, others as delta.`s3://bucket/path` or\n"
	"delta.`/mnt/x/y`; any of them, and pin, geo, users, as of a version:\n"
	"  SELECT * FROM pin VERSION AS OF 0        pin@v0        pin TIMESTAMP AS OF '2026-01-05 09:00:00'\n"
	"  SHOW TABLES    DESCRIBE t    DESCRIBE HISTORY t [LIMIT n]    DESCRIBE DETAIL t\n"
	"  OPTIMIZE t     VACUUM t [RETAIN n HOURS] [DRY RUN]\n";

static void help(const char *word)
{
	cmd_usage(word);
	fputs(strcmp(word, "clean") ? help_rows : help_clean, stdout);
}

static void add_query(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, "%s%s=", b->n ? "&" : "?", name);
	buf_url_escape(b, sl(value), false);
}

static int read_flags(struct cmd_lake *l, int argc, char **argv)
{
	bool clean = !strcmp(l->word, "clean");
	int c, formats = 0;
	while ((c = getopt_long(argc, argv, clean ? "h" : "ho:", clean ? options_clean : options, NULL)) != -1) {
		static const enum cmd_format format[] = { [OPT_JSON - OPT_JSON] = FORMAT_JSON, [OPT_CSV - OPT_JSON] = FORMAT_CSV,
							  [OPT_MD - OPT_JSON] = FORMAT_MARKDOWN, [OPT_CHART - OPT_JSON] = FORMAT_CHART };
		switch (c) {
		case OPT_DATA:
			l->data = optarg;
			break;
		case OPT_CONNECT:
			l->connect = optarg;
			break;
		case OPT_JSON:
		case OPT_CSV:
		case OPT_MD:
		case OPT_CHART:
			formats += !formats || l->format != format[c - OPT_JSON];
			l->format = c == OPT_JSON ? FORMAT_JSON : l->format == FORMAT_JSON ? FORMAT_JSON : format[c - OPT_JSON];
			break;
		case 'o':
			l->out = optarg;
			break;
		case OPT_REPORT:
			l->report = true;
			break;
		case OPT_VARIANTS:
			l->list = true;
			break;
		case OPT_VARIANT:
		case OPT_FROM:
			add_query(&l->query, c == OPT_FROM ? "from" : "variant", optarg);
			break;
		case 'h':
			help(l->word);
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	if (formats > 1)
		return cmd_lake_fail(l, EXIT_USAGE, "USAGE", NULL, "--csv, --json, --md or --chart, one of them");
	if (l->out && !sl_ends(sl(l->out), S(".svg")))
		return cmd_lake_fail(l, EXIT_USAGE, "USAGE", "-o answer.svg", "-o writes a picture: a file that ends in .svg");
	return EXIT_OK;
}

int cmd_lake_open(struct cmd_lake *l, int argc, char **argv, int *first)
{
	*l = (struct cmd_lake){ .word = argv[0] };
	int rc = read_flags(l, argc, argv);
	*first = optind;
	return rc;
}

/* Fills l->base when a call is about to be made: wrong use is told before nothing runs. */
static int find_base(struct cmd_lake *l)
{
	int rc = EXIT_OK;
	if (l->base)
		return EXIT_OK;
	if (l->connect) {
		size_t n = strlen(l->connect);
		l->base = xstrndup(l->connect, n && l->connect[n - 1] == '/' ? n - 1 : n);
		return EXIT_OK;
	}
	char *control = cmd_endpoint(l->data, "control");
	l->base = cmd_endpoint(l->data, "lake");
	if (!l->base && control)
		rc = cmd_lake_fail(l, EXIT_START, "NO_LAKE", "tarn up without --only, or with lake in it",
				  "the stack on %s runs without its lake", cmd_data(l->data));
	else if (!l->base)
		rc = cmd_lake_fail(l, EXIT_START, "NOT_RUNNING", "tarn up -d", "no stack runs on %s", cmd_data(l->data));
	free(control);
	return rc;
}

void cmd_lake_free(struct cmd_lake *l)
{
	free(l->base);
	buf_free(&l->warnings);
	buf_free(&l->query);
}

/* ---- the envelope ---- */

void cmd_lake_json(const struct cmd_lake *l, struct slice data)
{
	data = sl_trim(data);
	printf("{\"schema\":1,\"command\":\"%s\",\"ok\":true,\"data\":", l->word);
	fwrite(data.p, 1, data.n, stdout);
	printf(",\"warnings\":[%.*s],\"error\":null}\n", SL(buf_slice(&l->warnings)));
}

int cmd_lake_fail(const struct cmd_lake *l, int code, const char *error_code, const char *hint, const char *fmt, ...)
{
	struct buf text = { 0 }, b = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	if (l->format != FORMAT_JSON) {
		(void)cmd_fail(code, hint, "%s", buf_cstr(&text));
	} else {
		buf_addf(&b, "{\"schema\":1,\"command\":\"%s\",\"ok\":false,\"data\":null,\"warnings\":[],\"error\":{\"code\":", l->word);
		buf_json_string(&b, sl(error_code));
		buf_adds(&b, ",\"message\":");
		buf_json_string(&b, buf_slice(&text));
		buf_adds(&b, ",\"hint\":");
		if (hint)
			buf_json_string(&b, sl(hint));
		else
			buf_adds(&b, "null");
		bool retryable = code == EXIT_START || code == EXIT_TIMEOUT || !strcmp(error_code, "REQUEST_LIMIT_EXCEEDED");
		buf_addf(&b, ",\"retryable\":%s}}", retryable ? "true" : "false");
		puts(buf_cstr(&b));
	}
	buf_free(&text);
	buf_free(&b);
	return code;
}

/* ---- the call ---- */

static int refused(struct cmd_lake *l, int status, const json_t *answer)
{
	const char *code = json_string_value(json_object_get(answer, "error_code"));
	const char *message = json_string_value(json_object_get(answer, "message"));
	const char *hint = NULL;
	int rc = status == 408 ? EXIT_TIMEOUT : status == 503 ? EXIT_START : EXIT_FAILED;
	if (!strcmp(l->word, "clean") && status == 400)
		rc = EXIT_USAGE;
	if (strcmp(l->word, "clean") && strcmp(l->word, "lake") && status >= 400 && status < 500 && status != 408 && status != 429)
		rc = EXIT_USAGE;
	if (!strcmp(l->word, "clean") && message && (strstr(message, "has no variant") || strstr(message, "leave no choice")))
		hint = "tarn clean --variants";
	else if (message && strstr(message, "nothing is cleaned yet"))
		hint = "tarn clean";
	else if (!strcmp(l->word, "query") && status == 404)
		hint = "tarn query all";
	else if (!strcmp(l->word, "sql") && message && strstr(message, "no such table"))
		hint = "tarn sql 'SHOW TABLES'";
	return cmd_lake_fail(l, rc, code ? code : "BAD_ANSWER", hint, "%s: %s", l->word,
			     message ? message : "the lake's answer is no JSON");
}

int cmd_lake_call(struct cmd_lake *l, const char *method, const char *path, struct slice body, struct buf *text,
		  json_t **out)
{
	struct error err;
	int status = 0, rc = find_base(l);
	if (rc)
		return rc;
	if (cmd_http(l->base, method, path, body, body.p ? "text/plain; charset=utf-8" : NULL, &status, text, &err))
		return cmd_lake_fail(l, EXIT_START, "UNREACHABLE", "tarn status, or tarn up -d",
				     "the lake does not answer: %s", err.text);
	json_t *answer = json_loadb(buf_slice(text).p, text->n, JSON_ALLOW_NUL, NULL);
	if (status != 200 || !json_is_object(answer)) {
		rc = refused(l, status, answer);
		json_decref(answer);
		return rc;
	}
	*out = answer;
	return EXIT_OK;
}

/* ---- tables ---- */

/* A line of CSV (RFC 4180 quoting). Null is empty, an empty text is "". */
static void csv_row(const json_t *cells)
{
	struct buf b = { 0 }, cell = { 0 };
	const json_t *v;
	size_t i;
	json_array_foreach(cells, i, v)
	{
		buf_reset(&cell);
		draw_cell(&cell, v);
		struct slice s = buf_slice(&cell);
		bool quote = json_is_string(v) && (!s.n || sl_chr(s, ',') >= 0 || sl_chr(s, '"') >= 0 ||
						   sl_chr(s, '\n') >= 0 || sl_chr(s, '\r') >= 0);
		buf_adds(&b, i ? "," : "");
		if (quote)
			buf_addc(&b, '"');
		for (size_t k = 0; k < s.n; k++) {
			if (s.p[k] == '"')
				buf_addc(&b, '"');
			buf_addc(&b, s.p[k]);
		}
		if (quote)
			buf_addc(&b, '"');
	}
	buf_addc(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	buf_free(&cell);
	buf_free(&b);
}

static void pad(struct buf *b, char c, size_t n)
{
	while (n--)
		buf_addc(b, c);
}

struct column {
	size_t width;
	bool number; /* no text in it: aligned right */
};

static void show_row(const json_t *cells, const struct column *c, size_t n)
{
	struct buf line = { 0 }, cell = { 0 };
	for (size_t i = 0; i < n; i++) {
		buf_reset(&cell);
		draw_line_cell(&cell, json_array_get(cells, i));
		size_t room = c[i].width - draw_width(buf_slice(&cell));
		buf_adds(&line, i ? "  " : "");
		pad(&line, ' ', c[i].number ? room : 0);
		buf_addsl(&line, buf_slice(&cell));
		pad(&line, ' ', c[i].number || i + 1 == n ? 0 : room);
	}
	buf_addc(&line, '\n');
	fwrite(line.p, 1, line.n, stdout);
	buf_free(&cell);
	buf_free(&line);
}

static void measure(const json_t *cells, struct column *c, size_t n, bool head)
{
	struct buf cell = { 0 };
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(cells, i);
		buf_reset(&cell);
		draw_line_cell(&cell, v);
		size_t width = draw_width(buf_slice(&cell));
		c[i].width = width > c[i].width ? width : c[i].width;
		c[i].number &= head || !json_is_string(v);
	}
	buf_free(&cell);
}

void cmd_lake_table(const json_t *columns, const json_t *rows)
{
	size_t n = json_array_size(columns), i;
	struct column *c = xcalloc(n, sizeof(*c));
	struct buf rule = { 0 };
	const json_t *row;
	for (i = 0; i < n; i++)
		c[i].number = json_array_size(rows) > 0;
	measure(columns, c, n, true);
	json_array_foreach(rows, i, row)
		measure(row, c, n, false);
	show_row(columns, c, n);
	for (i = 0; i < n; i++) {
		buf_adds(&rule, i ? "  " : "");
		pad(&rule, '-', c[i].width);
	}
	puts(buf_cstr(&rule));
	json_array_foreach(rows, i, row)
		show_row(row, c, n);
	printf("(%zu row%s)\n", json_array_size(rows), json_array_size(rows) == 1 ? "" : "s");
	buf_free(&rule);
	free(c);
}

static void warn_truncated(struct cmd_lake *l, size_t shown)
{
	struct buf text = { 0 };
	buf_addf(&text, "only the first %zu rows are shown; add a LIMIT or aggregate", shown);
	if (l->warnings.n)
		buf_addc(&l->warnings, ',');
	buf_json_string(&l->warnings, buf_slice(&text));
	if (l->format != FORMAT_JSON)
		fprintf(stderr, "tarn: %s\n", buf_cstr(&text));
	buf_free(&text);
}

static int nothing_to_draw(struct cmd_lake *l)
{
	return cmd_lake_fail(l, EXIT_FAILED, "NOTHING_TO_DRAW", "--csv or a table", "%s: no column of numbers to draw", l->word);
}

static int write_picture(struct cmd_lake *l, const char *title, const json_t *columns, const json_t *rows)
{
	struct buf b = { 0 };
	bool drawn = draw_svg(&b, sl(title), columns, rows), good = false;
	FILE *f = drawn ? fopen(l->out, "wb") : NULL;
	if (f) {
		good = fwrite(b.p, 1, b.n, f) == b.n;
		good &= !fclose(f);
	}
	buf_free(&b);
	if (!drawn)
		return nothing_to_draw(l);
	return good ? EXIT_OK : cmd_lake_fail(l, EXIT_FAILED, "NOT_WRITTEN", NULL, "can't write %s: %m", l->out);
}

int cmd_lake_rows(struct cmd_lake *l, const char *title, const json_t *answer)
{
	const json_t *columns = json_object_get(answer, "columns"), *rows = json_object_get(answer, "rows"), *row;
	struct buf b = { 0 };
	int rc = l->out ? write_picture(l, title, columns, rows) : EXIT_OK;
	size_t i;
	if (rc)
		return rc;
	if (json_is_true(json_object_get(answer, "truncated")))
		warn_truncated(l, json_array_size(rows));
	switch (l->format) {
	case FORMAT_JSON:
		break;
	case FORMAT_TABLE:
		cmd_lake_table(columns, rows);
		break;
	case FORMAT_CSV:
		csv_row(columns);
		json_array_foreach(rows, i, row)
			csv_row(row);
		break;
	case FORMAT_MARKDOWN:
		draw_markdown(&b, columns, rows);
		break;
	case FORMAT_CHART:
		/* No rows is an answer; rows without numbers are not a chart. */
		if (!draw_chart(&b, columns, rows) && json_array_size(rows))
			rc = nothing_to_draw(l);
		break;
	}
	fwrite(b.p ? b.p : "", 1, b.n, stdout);
	buf_free(&b);
	return rc;
}
