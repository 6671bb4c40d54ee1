#include "databricks/form.h"

/* The value of name="..." in a header's text. */
static struct slice parameter(struct slice header, struct slice name)
{
	struct slice part, rest = header, value;
	while (rest.p) {
		sl_cut(rest, ';', &part, &rest);
		if (!sl_after_nocase(sl_trim(part), name, &value))
			continue;
		if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = sl_of(value.p + 1, value.n - 2);
		return value;
	}
	return sl(NULL);
}

static void take(struct slice part, struct dbx_form *out)
{
	ssize_t end = sl_find(part, S("\r\n\r\n"));
	struct slice line, head, value, name = sl(NULL);
	if (end < 0 || out->n >= DBX_FIELDS_MAX)
		return;
	head = sl_of(part.p, (size_t)end);
	while (head.n) {
		sl_cut(head, '\n', &line, &head);
		if (sl_after_nocase(line, S("Content-Disposition:"), &value))
			name = parameter(sl_trim(value), S("name="));
		if (!head.p)
			break;
	}
	if (!name.p)
		return;
	out->fields[out->n].name = name;
	out->fields[out->n++].value = sl_from(part, (size_t)end + 4);
}

bool dbx_form_read(struct arena *a, struct slice type, struct slice body, struct dbx_form *out)
{
	struct slice rest, boundary, mark;
	ssize_t at;
	*out = (struct dbx_form){ 0 };
	if (!sl_after_nocase(type, S("multipart/form-data"), &rest))
		return false;
	boundary = parameter(rest, S("boundary="));
	if (!boundary.n)
		return true;
	mark = arena_printf(a, "--%.*s", SL(boundary));
	at = sl_find(body, mark);
	if (at < 0)
		return true;
	body = sl_from(body, (size_t)at + mark.n);
	mark = arena_printf(a, "\r\n--%.*s", SL(boundary));
	while (sl_starts(body, S("\r\n")) && (at = sl_find(body, mark)) >= 0) {
		take(sl_of(body.p + 2, (size_t)at < 2 ? 0 : (size_t)at - 2), out);
		body = sl_from(body, (size_t)at + mark.n);
	}
	return true;
}

struct slice dbx_form_field(const struct dbx_form *form, const char *name)
{
	for (size_t i = 0; i < form->n; i++)
		if (sl_eqs(form->fields[i].name, name))
			return form->fields[i].value;
	return sl(NULL);
}
