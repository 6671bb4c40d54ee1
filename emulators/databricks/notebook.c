/* Notebooks from one form to another: notebook.h. */
#include "databricks/notebook.h"

#include "core/json.h"

static const struct {
	const char *language, *word, *ending, *comment;
} languages[] = {
	{ "PYTHON", "python", ".py", "#" }, { "SQL", "sql", ".sql", "--" }, { "SCALA", "scala", ".scala", "//" }, { "R", "r", ".r", "#" },
};

static size_t row_of(const char *language)
{
	size_t i = 0;
	while (i < ARRAY_LEN(languages) && (!language || strcmp(languages[i].language, language)))
		i++;
	return i < ARRAY_LEN(languages) ? i : 0;
}

const char *dbx_language(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		if (sl_eq_nocase(name, sl(languages[i].language)))
			return languages[i].language;
	return NULL;
}

const char *dbx_language_ending(const char *language)
{
	return language ? languages[row_of(language)].ending : "";
}

static struct slice first_line(struct slice text)
{
	struct slice line, rest;
	(void)sl_after(text, S("\xef\xbb\xbf"), &text);
	sl_cut(text, '\n', &line, &rest);
	return sl_trim(line);
}

static bool is_header(struct slice line, size_t row)
{
	struct slice rest;
	return sl_after(line, sl(languages[row].comment), &rest) && sl_eqs(sl_trim(rest), "Databricks notebook source");
}

/* What an .ipynb says its language is. */
static const char *ipynb_language(const json_t *doc)
{
	const json_t *meta = json_object_get(doc, "metadata");
	const char *own = jstr(json_object_get(meta, "application/vnd.databricks.v1+notebook"), "language");
	const char *info = jstr(json_object_get(meta, "language_info"), "name"), *spec = jstr(json_object_get(meta, "kernelspec"), "language");
	const char *language = NULL;
	language = own ? dbx_language(sl(own)) : NULL;
	language = !language && info ? dbx_language(sl(info)) : language;
	language = !language && spec ? dbx_language(sl(spec)) : language;
	return language ? language : "PYTHON";
}

const char *dbx_notebook_of_file(struct slice name, struct slice text, bool *ipynb)
{
	struct slice line = first_line(text);
	*ipynb = sl_ends(name, S(".ipynb"));
	if (*ipynb) {
		JSON_AUTO doc = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);
		*ipynb = json_is_array(json_object_get(doc, "cells"));
		return *ipynb ? ipynb_language(doc) : NULL;
	}
	for (size_t i = 0; i < ARRAY_LEN(languages); i++)
		if ((sl_ends(name, sl(languages[i].ending)) || (i == row_of("R") && sl_ends(name, S(".R")))) && is_header(line, i))
			return languages[i].language;
	return NULL;
}

static struct dbx_command *add(struct arena *a, struct dbx_notebook *n)
{
	ARENA_GROW(a, n->commands, n->n, n->cap);
	n->commands[n->n] = (struct dbx_command){ S(""), S("") };
	return &n->commands[n->n++];
}

/* ---- source ---- */

/* Behind "COMMENT WORD" of a line; false: it is another. */
static bool after_word(struct slice line, size_t row, struct slice word, struct slice *rest)
{
	struct slice at;
	if (!sl_after(line, sl(languages[row].comment), &at) || !at.n || at.p[0] != ' ' || !sl_after(sl_trim(at), word, rest))
		return false;
	return !rest->n || rest->p[0] == ' ';
}

static struct slice no_blank_lines(struct slice s)
{
	while (s.n && (s.p[0] == '\n' || s.p[0] == '\r'))
		s = sl_from(s, 1);
	while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return s;
}

static void source_cell(struct arena *a, struct slice text, size_t row, struct dbx_notebook *out)
{
	struct slice line, rest = no_blank_lines(text), title = S(""), magic;
	struct buf b = { 0 };
	bool first = true;
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (first && after_word(line, row, S("DBTITLE"), &magic)) {
			struct slice number;
			sl_cut(sl_trim(magic), ',', &number, &title);
			continue;
		}
		if (!first)
			buf_addc(&b, '\n');
		first = false;
		if (after_word(line, row, S("MAGIC"), &magic))
			buf_addsl(&b, sl_from(magic, magic.n && magic.p[0] == ' '));
		else
			buf_addsl(&b, line);
		if (!rest.p)
			break;
	}
	struct dbx_command *c = add(a, out);
	c->title = arena_dup(a, title.p ? sl_trim(title) : S(""));
	c->text = arena_dup(a, b.n ? buf_slice(&b) : S(""));
	buf_free(&b);
}

void dbx_source_read(struct arena *a, struct slice text, const char *language, struct dbx_notebook *out)
{
	size_t row = row_of(language), from = 0, at = 0;
	struct slice line, rest, tail;
	(void)sl_after(text, S("\xef\xbb\xbf"), &text);
	*out = (struct dbx_notebook){ .language = languages[row].language };
	if (is_header(first_line(text), row)) {
		sl_cut(text, '\n', &line, &rest);
		text = rest.p ? rest : S("");
	}
	for (rest = text; rest.n; at = (size_t)(rest.p ? rest.p - text.p : (ssize_t)text.n)) {
		sl_cut(rest, '\n', &line, &rest);
		if (after_word(line, row, S("COMMAND"), &tail) && sl_starts(sl_trim(tail), S("-----"))) {
			source_cell(a, sl_of(text.p + from, at - from), row, out);
			from = rest.p ? (size_t)(rest.p - text.p) : text.n;
		}
		if (!rest.p)
			break;
	}
	if (from < text.n || !out->n)
		source_cell(a, sl_from(text, from), row, out);
}

/* Whether a command's text begins with %word: then it is in another language. */
static bool is_magic(struct slice text)
{
	text = sl_trim(text);
	return text.n > 1 && text.p[0] == '%' && text.p[1] >= 'a' && text.p[1] <= 'z';
}

void dbx_source_write(const struct dbx_notebook *n, struct buf *out)
{
	const char *comment = languages[row_of(n->language)].comment;
	buf_addf(out, "%s Databricks notebook source\n", comment);
	for (size_t i = 0; i < n->n; i++) {
		const struct dbx_command *c = &n->commands[i];
		struct slice line, rest = c->text;
		bool magic = is_magic(c->text);
		if (i)
			buf_addf(out, "\n%s COMMAND ----------\n\n", comment);
		if (c->title.n)
			buf_addf(out, "%s DBTITLE 1,%.*s\n", comment, SL(c->title));
		while (rest.p) {
			sl_cut(rest, '\n', &line, &rest);
			if (magic)
				buf_addf(out, "%s MAGIC%s", comment, line.n ? " " : "");
			buf_addf(out, "%.*s\n", SL(line));
		}
	}
}

/* ---- .ipynb ---- */

/* A text, or a list of its lines. */
static struct slice text_of(struct arena *a, const json_t *v)
{
	struct buf b = { 0 };
	const json_t *line;
	struct slice out;
	size_t i;
	if (json_is_string(v))
		return arena_dup(a, json_slice(v));
	json_array_foreach(v, i, line)
		if (json_is_string(line))
			buf_addsl(&b, json_slice(line));
	out = arena_dup(a, b.n ? buf_slice(&b) : S(""));
	buf_free(&b);
	return out;
}

int dbx_ipynb_read(struct arena *a, struct slice text, struct dbx_notebook *out, struct error *err)
{
	JSON_AUTO doc = json_loadb(text.p ? text.p : "", text.n, JSON_ALLOW_NUL, NULL);
	const json_t *cells = json_object_get(doc, "cells"), *cell;
	size_t i;
	if (!json_is_array(cells))
		return err_set(err, ERR_INVALID, "it is no Jupyter notebook: cells are missing");
	*out = (struct dbx_notebook){ .language = ipynb_language(doc) };
	json_array_foreach(cells, i, cell) {
		const char *type = jstr(cell, "cell_type"),
			   *title = jstr(json_object_get(json_object_get(cell, "metadata"), "application/vnd.databricks.v1+cell"), "title");
		struct slice source = text_of(a, json_object_get(cell, "source"));
		struct dbx_command *c = add(a, out);
		bool markdown = type && !strcmp(type, "markdown");
		c->text = markdown && !is_magic(source) ? arena_printf(a, "%%md\n%.*s", SL(source)) : source;
		if (title)
			c->title = arena_dup(a, sl(title));
	}
	return 0;
}

static json_t *lines_of(struct slice text)
{
	json_t *lines = json_array();
	struct slice line, rest = text;
	while (rest.n) {
		bool more = sl_cut(rest, '\n', &line, &rest);
		json_array_append_new(lines, json_stringn(line.p, line.n + more));
		if (!more)
			break;
	}
	return lines;
}

void dbx_ipynb_write(const struct dbx_notebook *n, struct buf *out)
{
	const char *word = languages[row_of(n->language)].word;
	json_t *cells = json_array(), *doc;
	for (size_t i = 0; i < n->n; i++) {
		const struct dbx_command *c = &n->commands[i];
		struct slice rest, text = c->text;
		bool markdown = sl_after(sl_trim(text), S("%md"), &rest) && (!rest.n || rest.p[0] == '\n' || rest.p[0] == ' ');
		json_t *meta = json_pack("{s:{s:{}, s:b, s:s%}}", "application/vnd.databricks.v1+cell", "cellMetadata", "showTitle", c->title.n > 0,
					 "title", c->title.p, c->title.n);
		if (markdown)
			json_array_append_new(cells, json_pack("{s:s, s:o, s:o}", "cell_type", "markdown", "metadata", meta, "source", lines_of(sl_from(rest, rest.n > 0))));
		else
			json_array_append_new(cells, json_pack("{s:s, s:n, s:o, s:[], s:o}", "cell_type", "code", "execution_count", "metadata", meta, "outputs",
							       "source", lines_of(text)));
	}
	doc = json_pack("{s:o, s:{s:{s:s, s:s%}, s:{s:s}}, s:i, s:i}", "cells", cells, "metadata", "application/vnd.databricks.v1+notebook", "language",
			word, "notebookName", n->name.p ? n->name.p : "", n->name.p ? n->name.n : (size_t)0, "language_info", "name", word, "nbformat", 4,
			"nbformat_minor", 0);
	char *text = json_dumps(doc, JSON_INDENT(1) | JSON_ENSURE_ASCII);
	buf_adds(out, text ? text : "{}");
	buf_addc(out, '\n');
	free(text);
	json_decref(doc);
}

/* ---- the model of .dbc and .html ---- */

static int by_position(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	double p = jnum(*x, "position"), q = jnum(*y, "position");
	return p < q ? -1 : p > q;
}

int dbx_model_read(struct arena *a, const json_t *model, struct dbx_notebook *out, struct error *err)
{
	const json_t *commands = json_object_get(model, "commands");
	const char *name = jstr(model, "name"), *language = jstr(model, "language");
	size_t n = json_array_size(commands);
	const json_t **sorted = arena_alloc(a, (n + 1) * sizeof(*sorted));
	if (!json_is_array(commands))
		return err_set(err, ERR_INVALID, "it is no notebook of Databricks: commands are missing");
	*out = (struct dbx_notebook){ .language = language ? dbx_language(sl(language)) : NULL, .name = arena_dup(a, name ? sl(name) : S("")) };
	out->language = out->language ? out->language : "PYTHON";
	for (size_t i = 0; i < n; i++)
		sorted[i] = json_array_get(commands, i);
	qsort(sorted, n, sizeof(*sorted), by_position);
	for (size_t i = 0; i < n; i++) {
		const char *text = jstr(sorted[i], "command"), *title = jstr(sorted[i], "commandTitle");
		struct dbx_command *c = add(a, out);
		c->text = arena_dup(a, text ? sl(text) : S(""));
		c->title = arena_dup(a, title && jtrue(sorted[i], "showCommandTitle") ? sl(title) : S(""));
	}
	return 0;
}

json_t *dbx_model_write(const struct dbx_notebook *n)
{
	json_t *commands = json_array();
	for (size_t i = 0; i < n->n; i++) {
		const struct dbx_command *c = &n->commands[i];
		json_array_append_new(commands, json_pack("{s:s, s:s%, s:f, s:s, s:s, s:s%, s:b}", "version", "CommandV1", "command", c->text.p, c->text.n, "position",
							  (double)(i + 1), "subtype", "command", "state", "finished", "commandTitle", c->title.p, c->title.n,
							  "showCommandTitle", c->title.n > 0));
	}
	return json_pack("{s:s, s:s%, s:s, s:o}", "version", "NotebookV1", "name", n->name.p ? n->name.p : "", n->name.p ? n->name.n : (size_t)0,
			 "language", languages[row_of(n->language)].word, "commands", commands);
}

/* An exported page has the model as base64 of percent-encoded JSON. */
static const char marker[] = "__DATABRICKS_NOTEBOOK_MODEL = '";

int dbx_html_read(struct arena *a, struct slice text, struct dbx_notebook *out, struct error *err)
{
	ssize_t at = sl_find(text, S("__DATABRICKS_NOTEBOOK_MODEL = '"));
	struct slice coded, rest, bytes;
	if (at < 0)
		return err_set(err, ERR_INVALID, "it is no notebook that Databricks exported as HTML");
	sl_cut(sl_from(text, (size_t)at + strlen(marker)), '\'', &coded, &rest);
	if (!rest.p || !arena_base64(a, coded, &bytes))
		return err_set(err, ERR_INVALID, "the notebook in the page is no base64");
	bytes = arena_url_decode(a, bytes, false);
	JSON_AUTO model = json_loadb(bytes.p ? bytes.p : "", bytes.n, JSON_ALLOW_NUL, NULL);
	return dbx_model_read(a, model, out, err);
}

void dbx_html_write(const struct dbx_notebook *n, struct buf *out)
{
	JSON_AUTO model = dbx_model_write(n);
	struct buf coded = { 0 };
	char *text = json_dumps(model, JSON_COMPACT);
	buf_url_escape(&coded, sl(text ? text : "{}"), false);
	buf_adds(out, "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>");
	buf_xml_escape(out, n->name.p ? n->name : S(""));
	buf_addf(out, "</title>\n<script>%s", marker);
	buf_base64(out, coded.p, coded.n);
	buf_adds(out, "';</script>\n</head>\n<body>\n");
	for (size_t i = 0; i < n->n; i++) {
		buf_adds(out, "<pre>");
		buf_xml_escape(out, n->commands[i].text);
		buf_adds(out, "</pre>\n");
	}
	buf_adds(out, "</body>\n</html>\n");
	buf_free(&coded);
	free(text);
}
