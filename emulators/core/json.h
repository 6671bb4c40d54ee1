/* JSON in and out.
 *
 * In: what a jansson object holds by a name, in one word each; absent and of another type are the same.
 *
 * Out: straight into a buf, with the commas in their places:
 *
 *   jw_obj(&b, NULL);
 *   jw_str(&b, "name", c->name);
 *   jw_list(&b, "tasks");
 *   for (…)
 *           jw_int(&b, NULL, i);
 *   jw_list_end(&b);
 *   jw_obj_end(&b);                       {"name":"x","tasks":[0,1]}
 *
 * There is no state beside the buffer: a comma goes before a value unless the text so far ends with '{', '[', ':' or white
 * space, or is empty. So buf_addf may stand between. name NULL: an item of a list, the document itself, or the value behind
 * jw_key. A name is written as it stands: plain text; jw_key takes any. */
#ifndef TARN_JSON_H
#define TARN_JSON_H

#include <jansson.h>

#include "mem.h"

/* ---- in ---- */

static inline const char *jstr(const json_t *o, const char *name) /* NULL: no string */
{
	return json_string_value(json_object_get(o, name));
}
static inline char *jdup(const json_t *o, const char *name) /* a heap copy; NULL: no string */
{
	const char *s = jstr(o, name);
	return s ? xstrdup(s) : NULL;
}
/* The characters of a string value, NULs and all; the absent slice: no string. */
static inline struct slice json_slice(const json_t *v)
{
	return sl_of(json_string_value(v), json_string_length(v));
}
static inline struct slice jslice(const json_t *o, const char *name)
{
	return json_slice(json_object_get(o, name));
}
static inline int64_t jint(const json_t *o, const char *name) /* 0: no integer */
{
	return json_integer_value(json_object_get(o, name));
}
static inline double jnum(const json_t *o, const char *name) /* an integer, too; 0: no number */
{
	return json_number_value(json_object_get(o, name));
}
static inline bool jtrue(const json_t *o, const char *name) /* whether it is there and true */
{
	return json_is_true(json_object_get(o, name));
}
static inline void jput(json_t *o, const char *name, const char *text) /* NULL: nothing is put */
{
	if (text)
		json_object_set_new(o, name, json_string(text));
}
static inline json_t *jobj(json_t *o, const char *name) /* the member that is an object, made when it isn't there; borrowed */
{
	if (!json_object_get(o, name))
		json_object_set_new(o, name, json_object());
	return json_object_get(o, name);
}
static inline void jcopy(json_t *to, const json_t *from, const char *name) /* a member, unless it isn't there or null */
{
	json_t *v = json_object_get(from, name);
	if (v && !json_is_null(v))
		json_object_set_new(to, name, json_deep_copy(v));
}
/* Drops the reference when the variable goes: JSON_AUTO root = json_loads(…). */
static inline void json_auto_free(json_t **p)
{
	json_decref(*p);
}
#define JSON_AUTO __attribute__((cleanup(json_auto_free), unused)) json_t *

/* ---- out ---- */

void jw_obj(struct buf *b, const char *name);
void jw_obj_end(struct buf *b);
void jw_list(struct buf *b, const char *name);
void jw_list_end(struct buf *b);
void jw_key(struct buf *b, struct slice name); /* then the value, under name NULL */
void jw_str(struct buf *b, const char *name, struct slice v); /* the absent slice is null */
void jw_text(struct buf *b, const char *name, const char *v); /* NULL is null */
void jw_fmt(struct buf *b, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4); /* a string */
void jw_int(struct buf *b, const char *name, int64_t v);
void jw_real(struct buf *b, const char *name, double v); /* shortest, 5 as "5.0"; not finite is null */
void jw_bool(struct buf *b, const char *name, bool v);
void jw_null(struct buf *b, const char *name);
void jw_raw(struct buf *b, const char *name, struct slice json); /* JSON made before */
void jw_name(struct buf *b, const char *name); /* comma and name alone, for who writes the value in another way */

#endif
