/* An executed notebook as a page of HTML, for runs/export: each cell and what it showed. */
#include "core/json.h"
#include "databricks/databricks.h"

static void add_text(struct buf *out, const char *class, const json_t *v)
{
	const json_t *line;
	size_t i;
	buf_addf(out, "<pre class=\"%s\">", class);
	if (json_is_string(v))
		buf_xml_escape(out, json_slice(v));
	json_array_foreach(v, i, line)
		if (json_is_string(line))
			buf_xml_escape(out, json_slice(line));
	buf_adds(out, "</pre>\n");
}

/* HTML and pictures as they are, all else as text. */
static void add_output(struct buf *out, const json_t *o)
{
	const json_t *data = json_object_get(o, "data"), *html = json_object_get(data, "text/html"), *png = json_object_get(data, "image/png"), *line;
	size_t i;
	if (json_object_get(o, "traceback")) {
		add_text(out, "error", json_object_get(o, "traceback"));
	} else if (json_is_string(html)) {
		buf_addsl(out, json_slice(html));
	} else if (json_is_array(html)) {
		json_array_foreach(html, i, line)
			if (json_is_string(line))
				buf_addsl(out, json_slice(line));
	} else if (json_is_string(png)) {
		buf_adds(out, "<img src=\"data:image/png;base64,");
		buf_xml_escape(out, json_slice(png));
		buf_adds(out, "\">\n");
	} else {
		add_text(out, "output", json_object_get(o, "text") ? json_object_get(o, "text") : json_object_get(data, "text/plain"));
	}
}

void dbx_cells_page(const struct dbx_task *t, struct buf *out)
{
	JSON_AUTO cells = json_loads(t->cells, JSON_ALLOW_NUL, NULL);
	const json_t *cell, *o;
	size_t i, k;
	buf_adds(out, "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>");
	buf_xml_escape(out, sl(t->key));
	buf_adds(out, "</title>\n</head>\n<body>\n");
	json_array_foreach(cells, i, cell) {
		add_text(out, "source", json_object_get(cell, "source"));
		json_array_foreach(json_object_get(cell, "outputs"), k, o)
			add_output(out, o);
	}
	if (t->error) {
		buf_adds(out, "<pre class=\"error\">");
		buf_xml_escape(out, sl(t->trace ? t->trace : t->error));
		buf_adds(out, "</pre>\n");
	}
	buf_adds(out, "</body>\n</html>\n");
}
