#include "json.h"

#include <math.h>

#include "text.h"

void jw_name(struct buf *b, const char *name)
{
	char last = b->n ? b->p[b->n - 1] : '{';
	if (last != '{' && last != '[' && last != ':' && last != ' ' && last != '\n')
		buf_addc(b, ',');
	if (!name)
		return;
	size_t n = strlen(name);
	char *to = buf_room(b, n + 3);
	if (!to)
		return;
	to[0] = '"';
	memcpy(to + 1, name, n);
	to[n + 1] = '"';
	to[n + 2] = ':';
	b->n += n + 3;
}

void jw_obj(struct buf *b, const char *name)
{
	jw_name(b, name);
	buf_addc(b, '{');
}

void jw_obj_end(struct buf *b)
{
	buf_addc(b, '}');
}

void jw_list(struct buf *b, const char *name)
{
	jw_name(b, name);
	buf_addc(b, '[');
}

void jw_list_end(struct buf *b)
{
	buf_addc(b, ']');
}

void jw_key(struct buf *b, struct slice name)
{
	jw_name(b, NULL);
	buf_json_string(b, name);
	buf_addc(b, ':');
}

void jw_str(struct buf *b, const char *name, struct slice v)
{
	jw_name(b, name);
	if (v.p)
		buf_json_string(b, v);
	else
		buf_add(b, "null", 4);
}

void jw_text(struct buf *b, const char *name, const char *v)
{
	jw_str(b, name, sl(v));
}

void jw_fmt(struct buf *b, const char *name, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	jw_str(b, name, buf_slice(&text));
	buf_free(&text);
}

void jw_int(struct buf *b, const char *name, int64_t v)
{
	jw_name(b, name);
	buf_int(b, v);
}

void jw_real(struct buf *b, const char *name, double v)
{
	jw_name(b, name);
	if (isfinite(v))
		buf_real(b, v, true);
	else
		buf_add(b, "null", 4);
}

void jw_bool(struct buf *b, const char *name, bool v)
{
	jw_name(b, name);
	buf_adds(b, v ? "true" : "false");
}

void jw_null(struct buf *b, const char *name)
{
	jw_raw(b, name, S("null"));
}

void jw_raw(struct buf *b, const char *name, struct slice json)
{
	jw_name(b, name);
	buf_addsl(b, json);
}
