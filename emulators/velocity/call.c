/* What every method of a Java class stands on: errors, limits, results, and finding a method by name and arguments. */
#include "velocity/run.h"

/* ---- limits and errors ---- */

bool vtl_run_fail(struct vtl_run *r, int kind, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	if (r->status)
		return false;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->status = err_set(r->err, kind, "%s", text);
	return false;
}

bool vtl_over_limit(struct vtl_run *r)
{
	if (*r->stop)
		return vtl_run_fail(r, ERR_LIMIT, "the render was ended");
	if (r->steps > r->steps_max || !vtl_left)
		return vtl_run_fail(r, ERR_LIMIT, "the template takes more than %zu steps", r->steps_max);
	if (r->arena->used > r->arena_max)
		return vtl_run_fail(r, ERR_LIMIT, "the template takes more than %zu bytes of memory", r->arena_max - r->arena_start);
	return vtl_run_fail(r, ERR_LIMIT, "the template nests deeper than %d", VTL_RUN_DEPTH_MAX);
}

bool vtl_too_long(struct vtl_run *r)
{
	return vtl_run_fail(r, ERR_LIMIT, "a string over %zu bytes", r->string_max);
}

enum vtl_called vtl_throw(struct vtl_call *c, const char *fmt, ...)
{
	char text[400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vtl_run_fail(c->r, ERR_INVALID, "%s", text);
	return VTL_THREW;
}

enum vtl_called vtl_bad_cast(struct vtl_call *c)
{
	return vtl_throw(c, "ClassCastException: %s cannot be cast to %s", vtl_class_name(c->args[0]), vtl_class_name(c->self));
}

enum vtl_called vtl_return_buf(struct vtl_call *c, struct buf *b)
{
	bool bad = b->bad;
	c->out = vtl_str(arena_dup(c->r->arena, buf_slice(b)));
	buf_free(b);
	return bad && !vtl_too_long(c->r) ? VTL_THREW : VTL_CALLED;
}

/* ---- methods ---- */

static bool fits(char type, struct vtl_value v)
{
	switch (type) {
	case 's':
		return v.type == VTL_STRING || v.type == VTL_NULL;
	case 'i':
		return v.type == VTL_INT;
	case 'n':
		return vtl_is_number(v);
	case 'b':
		return v.type == VTL_BOOL;
	case 'l':
		return v.type == VTL_LIST || v.type == VTL_NULL;
	case 'm':
		return v.type == VTL_MAP || v.type == VTL_NULL;
	default:
		return true;
	}
}

enum vtl_called vtl_dispatch(const struct vtl_method *table, size_t n, struct slice name, struct vtl_call *c)
{
	for (size_t i = 0; i < n; i++) {
		const struct vtl_method *m = &table[i];
		size_t k = 0;
		if (m->name[0] != name.p[0] || strncmp(m->name, name.p, name.n) != 0 || m->name[name.n] || strlen(m->args) != c->n)
			continue;
		while (k < c->n && fits(m->args[k], c->args[k]))
			k++;
		if (k < c->n)
			continue;
		for (k = 0; k < c->n; k++)
			if (c->args[k].type == VTL_NULL && m->args[k] != 'o')
				return vtl_throw(c, "NullPointerException in %.*s", SL(name));
		return m->fn(c);
	}
	return VTL_NO_METHOD;
}
