#include "core/json.h"
#include "tarn/cmd_lake.h"

#include "tarn/draw.h"

/* ---- flags ---- */

const struct flag lake_flags[] = {
	{ "connect", 0, FLAG_TEXT, offsetof(struct cmd_lake, connect), "URL", "asks there, instead of the stack that runs here" },
	{ "json", 0, FLAG_IS, offsetof(struct cmd_lake, format), NULL, "the answer as JSON: {\"schema\", \"command\", \"ok\", \"data\", ...}", .min = FORMAT_JSON },
	{ NULL },
};

static bool take_picture(void *self, const char *value)
{
	struct cmd_lake *l = self;
	l->out = value;
	return sl_ends(sl(value), S(".svg"));
}

const struct flag rows_flags[] = {
	{ "csv", 0, FLAG_IS, offsetof(struct cmd_lake, format), NULL, "the rows as CSV", .min = FORMAT_CSV },
	{ "md", 0, FLAG_IS, offsetof(struct cmd_lake, format), NULL, "the rows as a Markdown table", .min = FORMAT_MARKDOWN },
	{ "chart", 0, FLAG_IS, offsetof(struct cmd_lake, format), NULL, "bars in the terminal: the last column of numbers, labelled by the others",
	  .min = FORMAT_CHART },
	{ "output", 'o', FLAG_OWN, 0, "FILE.svg", "the same bars as a picture", .take = take_picture },
	{ NULL },
};

const char rows_help[] =
	"The language is Spark 3.5's SQL (tarn help sql). Several statements, apart by ';', share a session; the last one's rows are shown.\n"
	"Tables: those of the stack's datasets and any Delta table below tables/ of the lake's bucket by name, others as\n"
	"delta.`s3://bucket/path` or delta.`/mnt/x/y`; files as json.`path`, csv.`path`, parquet.`path`, text.`path`, read_files('path', format =>\n"
	"'csv', header => true); quarantine; and what a dataset's topic holds before cleaning, raw_NAME, or any topic in backquotes\n"
	"(`x.y`), with the columns _object_key, _line and _record beside the records' own. A table as of a version:\n"
	"  SELECT * FROM t VERSION AS OF 0          t@v0          t TIMESTAMP AS OF '2026-01-05 09:00:00'\n";

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
		rc = cmd_error(EXIT_START, "NO_LAKE", "tarn up without --only, or with lake in it",
				  "the stack on %s runs without its lake", cmd_data(l->data));
	else if (!l->base)
		rc = cmd_error(EXIT_START, "NOT_RUNNING", "tarn up -d", "no stack runs on %s", cmd_data(l->data));
	free(control);
	return rc;
}

void cmd_lake_done(void *self)
{
	struct cmd_lake *l = self;
	free(l->base);
	buf_free(&l->query);
}

/* ---- the call ---- */

static int refused(int status, const json_t *answer)
{
	const char *code = jstr(answer, "error_code");
	const char *message = jstr(answer, "message");
	const char *hint = NULL;
	bool clean = !strcmp(cmd_word(), "clean");
	int rc = status == 408 ? EXIT_TIMEOUT : status == 503 ? EXIT_START : EXIT_FAILED;
	if (clean && status == 400)
		rc = EXIT_USAGE;
	if (!clean && strcmp(cmd_word(), "lake") && status >= 400 && status < 500 && status != 408 && status != 429)
		rc = EXIT_USAGE;
	if (clean && message && (strstr(message, "has no variant") || strstr(message, "leave no choice")))
		hint = "tarn clean --variants";
	else if (jstr(answer, "hint"))
		hint = "tarn clean";
	else if (!strcmp(cmd_word(), "query") && status == 404)
		hint = "tarn query all";
	else if (!strcmp(cmd_word(), "sql") && message && strstr(message, "TABLE_OR_VIEW_NOT_FOUND"))
		hint = "tarn sql 'SHOW TABLES'";
	return cmd_error(rc, code ? code : "BAD_ANSWER", hint, "%s: %s%s", cmd_word(), message ? message : "the lake's answer is no JSON",
			 jstr(answer, "hint") ? "\n(nothing is cleaned yet)" : "");
}

int cmd_lake_call(struct cmd_lake *l, const char *method, const char *path, struct slice body, struct buf *text,
		  json_t **out)
{
	struct error err;
	int status = 0, rc = find_base(l);
	if (rc)
		return rc;
	if (cmd_http(l->base, method, path, body, body.p ? "text/plain; charset=utf-8" : NULL, &status, text, &err))
		return cmd_error(EXIT_START, "UNREACHABLE", "tarn status, or tarn up -d",
				     "the lake does not answer: %s", err.text);
	json_t *answer = json_loadb(buf_slice(text).p, text->n, JSON_ALLOW_NUL, NULL);
	if (status != 200 || !json_is_object(answer)) {
		rc = refused(status, answer);
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
	json_array_foreach(cells, i, v) {
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

/* The same rows as an aligned table; schema: types of texts that are numbers, NULL: numbers are no texts. */
static void cmd_lake_table(const json_t *columns, const json_t *rows, const json_t *schema)
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
	for (i = 0; i < n; i++)
		c[i].number |= json_array_size(rows) > 0 && draw_is_number(json_array_get(schema, i));
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

static int nothing_to_draw(void)
{
	return cmd_error(EXIT_FAILED, "NOTHING_TO_DRAW", "--csv or a table", "%s: no column of numbers to draw", cmd_word());
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
		return nothing_to_draw();
	return good ? EXIT_OK : cmd_error(EXIT_FAILED, "NOT_WRITTEN", NULL, "can't write %s: %m", l->out);
}

/* The member at "a.b" as a cell: numbers stay numbers. */
static json_t *cell_of(const json_t *item, struct slice path)
{
	struct slice name;
	const json_t *v = item;
	while (path.p) {
		sl_cut(path, '.', &name, &path);
		v = json_object_getn(v, name.p, name.n);
	}
	if (json_is_object(v) && json_object_get(v, "value"))
		v = json_object_get(v, "value");
	if (json_is_object(v) || json_is_array(v)) {
		char *text = json_dumps(v, 0);
		json_t *cell = json_string(text);
		free(text);
		return cell;
	}
	if (json_is_boolean(v))
		return json_string(json_is_true(v) ? "yes" : "no");
	return !v || json_is_null(v) ? json_string("") : json_incref((json_t *)v);
}

void cmd_lake_members(const json_t *items, const char *columns)
{
	json_t *heads = json_array(), *rows = json_array(), *row;
	const json_t *item;
	struct slice one, head, path, rest = sl(columns);
	size_t i;
	json_array_foreach(items, i, item)
		json_array_append_new(rows, json_array());
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		sl_cut(sl_trim(one), '=', &head, &path);
		json_array_append_new(heads, json_stringn(head.p, head.n));
		json_array_foreach(rows, i, row)
			json_array_append_new(row, cell_of(json_array_get(items, i), path));
	}
	cmd_lake_table(heads, rows, NULL);
	json_decref(heads);
	json_decref(rows);
}

json_t *cmd_lake_with(const json_t *items, const char *member)
{
	json_t *out = json_array(), *item, *v;
	size_t i;
	json_array_foreach(items, i, item)
		if ((v = json_object_get(item, member)) && !json_is_null(v) && !(json_is_integer(v) && !json_integer_value(v)))
			json_array_append(out, item);
	return out;
}

const char *cmd_lake_as(const struct cmd_lake *l)
{
	return l->format == FORMAT_JSON || l->format == FORMAT_CHART || l->out ? "json" : "show";
}

int cmd_lake_rows(struct cmd_lake *l, const char *title, const json_t *answer)
{
	const json_t *columns = json_object_get(answer, "columns"), *rows = json_object_get(answer, "rows"), *row;
	struct buf b = { 0 };
	int rc = l->out ? write_picture(l, title, columns, rows) : EXIT_OK;
	size_t i;
	if (rc)
		return rc;
	if (jtrue(answer, "truncated"))
		cmd_warn("only the first %zu rows are shown; add a LIMIT or aggregate", json_array_size(rows));
	switch (l->format) {
	case FORMAT_JSON:
		break;
	case FORMAT_TABLE:
		cmd_lake_table(columns, rows, json_object_get(answer, "schema"));
		break;
	case FORMAT_CSV:
		csv_row(columns);
		json_array_foreach(rows, i, row)
			csv_row(row);
		break;
	case FORMAT_MARKDOWN:
		draw_markdown(&b, columns, rows, json_object_get(answer, "schema"));
		break;
	case FORMAT_CHART:
		/* No rows is an answer; rows without numbers are not a chart. */
		if (!draw_chart(&b, columns, rows) && json_array_size(rows))
			rc = nothing_to_draw();
		break;
	}
	fwrite(b.p ? b.p : "", 1, b.n, stdout);
	buf_free(&b);
	return rc;
}
