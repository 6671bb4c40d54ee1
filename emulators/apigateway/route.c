/* The resource tree. A path and a method are matched together: a sibling without the method doesn't hide a greedy
 * resource that has it. */
#include "apigateway/api.h"

enum gw_method_index gw_method_of(struct slice name)
{
	static const char *const names[GW_METHOD_N] = { "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ANY" };
	if (sl_eq_nocase(name, S("x-amazon-apigateway-any-method")))
		return GW_ANY;
	for (size_t i = 0; i < GW_METHOD_N; i++)
		if (sl_eq_nocase(name, sl(names[i])))
			return (enum gw_method_index)i;
	return GW_METHOD_N;
}

/* The node of a segment below its parent; made when missing. What a segment may be, model.c says. */
static struct gw_node *child(struct gw_api *api, struct gw_node *parent, struct slice seg)
{
	bool braced = seg.n > 2 && seg.p[0] == '{' && seg.p[seg.n - 1] == '}', greedy = braced && seg.n > 3 && seg.p[seg.n - 2] == '+';
	enum gw_node_kind kind = greedy ? GW_GREEDY : braced ? GW_PARAM : GW_STATIC;
	struct slice name = braced ? sl_of(seg.p + 1, seg.n - 2 - greedy) : seg;
	struct gw_node **at = &parent->child, *n;
	for (; *at && (*at)->kind <= kind; at = &(*at)->next)
		if ((*at)->kind == kind && sl_eq((*at)->name, name))
			return *at;
	n = arena_alloc(&api->arena, sizeof(*n));
	n->kind = kind;
	n->name = arena_dup(&api->arena, name);
	n->path = arena_printf(&api->arena, "%.*s/%.*s", parent->path.n > 1 ? (int)parent->path.n : 0, parent->path.p, SL(seg));
	n->next = *at;
	*at = n;
	return n;
}

int gw_resource(struct gw_api *api, struct slice path, struct gw_node **out, struct error *err)
{
	struct slice seg, rest;
	struct gw_node *n;
	size_t depth = 0, params = 0;
	if (!api->root) {
		api->root = arena_alloc(&api->arena, sizeof(*api->root));
		api->root->path = S("/");
	}
	n = api->root;
	if (!sl_after(path, S("/"), &rest))
		return err_set(err, ERR_INVALID, "path must begin with a slash: %.*s", SL(path));
	while (rest.n) {
		(void)sl_cut(rest, '/', &seg, &rest);
		if (!seg.n || n->kind == GW_GREEDY)
			return err_set(err, ERR_INVALID, "%s in %.*s", seg.n ? "something below a greedy path variable" : "empty path part", SL(path));
		n = child(api, n, seg);
		if (++depth > GW_DEPTH_MAX || (n->kind != GW_STATIC && ++params > GW_PARAMS_MAX))
			return err_set(err, ERR_LIMIT, "resource path too deep: %.*s", SL(path));
	}
	*out = n;
	return 0;
}

static bool settle(const struct gw_node *n, enum gw_method_index m, size_t value_n, struct gw_match *out)
{
	const struct gw_method *method = m < GW_ANY && n->methods[m] ? n->methods[m] : NULL;
	if (!method && m < GW_ANY)
		method = n->methods[GW_ANY];
	if (!method)
		return false;
	out->node = n;
	out->method = method;
	out->value_n = value_n;
	return true;
}

/* rest: what is left of the path, without its leading slash; at: path parameters taken so far. Each node is tried
 * at most once, as a node has one depth. */
static bool walk(const struct gw_node *n, enum gw_method_index m, struct slice rest, size_t at, struct gw_match *out)
{
	struct slice seg, left;
	bool more = sl_cut(rest, '/', &seg, &left);
	for (const struct gw_node *c = n->child; c; c = c->next) {
		struct slice value = c->kind == GW_GREEDY ? rest : seg;
		size_t next = c->kind == GW_STATIC ? at : at + 1;
		if (c->kind == GW_STATIC ? !sl_eq(c->name, seg) : !value.n)
			continue;
		if (c->kind != GW_STATIC)
			out->values[at] = (struct vtl_pair){ c->name, value };
		if (more && c->kind != GW_GREEDY ? walk(c, m, left, next, out) : settle(c, m, next, out))
			return true;
	}
	return false;
}

bool gw_route(const struct gw_api *api, struct slice method, struct slice path, struct gw_match *out)
{
	enum gw_method_index m = gw_method_of(method);
	out->value_n = 0;
	if (!api->root || m >= GW_ANY)
		return false;
	if (path.n && path.p[path.n - 1] == '/')
		path.n--;
	if (!path.n)
		return settle(api->root, m, 0, out);
	if (path.p[0] != '/')
		return false;
	return walk(api->root, m, sl_from(path, 1), 0, out);
}

bool gw_route_owns(const struct gw_api *api, struct slice path)
{
	struct slice seg, rest;
	if (!api->root || !sl_after(path, S("/"), &rest))
		return false;
	(void)sl_cut(rest, '/', &seg, &rest);
	for (const struct gw_node *n = api->root->child; n && n->kind == GW_STATIC; n = n->next)
		if (sl_eq(n->name, seg))
			return true;
	return false;
}
