#include "route.h"

static const struct {
	const char *name;
	unsigned bits;
} methods[] = {
	{ "GET", ROUTE_GET | ROUTE_HEAD }, { "POST", ROUTE_POST },     { "PUT", ROUTE_PUT },
	{ "PATCH", ROUTE_PATCH },          { "DELETE", ROUTE_DELETE },
};

/* Whether the path is the pattern's; arg points into the path. */
static bool fits(const char *pattern, struct slice path, struct slice *arg)
{
	const char *p = path.p, *end = path.p + path.n;
	size_t n = 0;
	for (; *pattern; pattern++) {
		if (*pattern != '{') {
			if (p == end || *p++ != *pattern)
				return false;
			continue;
		}
		const bool rest = pattern[1] == '+';
		const char *from = p, *slash = rest ? NULL : memchr(p, '/', (size_t)(end - p));
		p = slash ? slash : end;
		if (p == from || n == HTTP_ARGS_MAX)
			return false;
		arg[n++] = sl_of(from, (size_t)(p - from));
		pattern += rest ? 2 : 1;
	}
	if (p != end)
		return false;
	while (n < HTTP_ARGS_MAX)
		arg[n++] = sl(NULL);
	return true;
}

static unsigned methods_of(const struct routes *const *tables, struct slice path)
{
	struct slice unused[HTTP_ARGS_MAX];
	const struct route *r;
	unsigned bits = 0;
	for (size_t i = 0; (r = route_at(tables, i)); i++)
		for (size_t m = 0; r->path && m < ARRAY_LEN(methods); m++)
			if (!strcmp(methods[m].name, r->method) && fits(r->path, path, unused))
				bits |= methods[m].bits;
	return bits;
}

const void *route_find(const struct routes *const *tables, const struct http_req *req, struct slice *arg, unsigned *allowed)
{
	struct slice method = sl_eq(req->method, S("HEAD")) ? S("GET") : req->method, path = req->path;
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (const struct routes *const *t = tables; *t; t++) {
		const char *row = (*t)->rows;
		for (size_t i = 0; i < (*t)->n; i++, row += (*t)->size) {
			const struct route *r = (const struct route *)row;
			if (!r->path || !sl_eqs(method, r->method) || !fits(r->path, path, arg))
				continue;
			for (size_t a = 0; a < HTTP_ARGS_MAX && arg[a].p; a++)
				if (memchr(arg[a].p, '%', arg[a].n))
					arg[a] = arena_url_decode(req->arena, arg[a], false);
			return row;
		}
	}
	if (allowed)
		*allowed = methods_of(tables, path);
	return NULL;
}

const void *route_call(const struct routes *const *tables, struct http_call *call, unsigned *allowed)
{
	const struct route *r = route_find(tables, &call->req, call->arg, allowed);
	call->op = r ? r->name : "Unknown";
	return r;
}

const struct route *route_at(const struct routes *const *tables, size_t i)
{
	for (; *tables; i -= (*tables)->n, tables++)
		if (i < (*tables)->n)
			return (const struct route *)((const char *)(*tables)->rows + i * (*tables)->size);
	return NULL;
}

const void *route_named(const struct routes *const *tables, struct slice name)
{
	const struct route *r;
	for (size_t i = 0; (r = route_at(tables, i)); i++)
		if (sl_eqs(name, r->name))
			return r;
	return NULL;
}
