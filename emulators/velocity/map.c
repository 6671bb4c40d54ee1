/* java.util.Map, Map.Entry, and $foreach, which is a map too. */
#include "velocity/run.h"

static struct vtl_value value_of(const struct vtl_map *m, struct vtl_value key)
{
	struct vtl_entry *e = vtl_map_find(m, key);
	return e ? e->value : vtl_null();
}

METHOD_IS(map_size, vtl_return_int(c, (int64_t)c->self.map->n))
METHOD_IS(map_is_empty, vtl_return_bool(c, c->self.map->n == 0))
METHOD_IS(map_get, vtl_return(c, value_of(c->self.map, c->args[0])))

METHOD(map_get_or)
{
	struct vtl_entry *e = vtl_map_find(c->self.map, c->args[0]);
	return vtl_return(c, e ? e->value : c->args[1]);
}

METHOD(map_put)
{
	c->out = value_of(c->self.map, c->args[0]);
	vtl_map_put(c->self.map, c->args[0], c->args[1]);
	return VTL_CALLED;
}

METHOD(map_put_absent)
{
	c->out = value_of(c->self.map, c->args[0]);
	if (c->out.type == VTL_NULL)
		vtl_map_put(c->self.map, c->args[0], c->args[1]);
	return VTL_CALLED;
}

METHOD(map_replace)
{
	struct vtl_entry *e = vtl_map_find(c->self.map, c->args[0]);
	if (e) {
		c->out = e->value;
		e->value = c->args[1];
	}
	return VTL_CALLED;
}

METHOD(map_put_all)
{
	const struct vtl_map *from = c->args[0].map;
	for (size_t i = 0, n = from->n; i < n; i++)
		vtl_map_put(c->self.map, from->v[i]->key, from->v[i]->value);
	return vtl_step(c->r) ? vtl_return(c, vtl_str(S(""))) : VTL_THREW;
}

METHOD(map_remove)
{
	c->out = vtl_null();
	vtl_map_remove(c->self.map, c->args[0], &c->out);
	return VTL_CALLED;
}

METHOD(map_clear)
{
	vtl_map_clear(c->self.map);
	return vtl_return(c, vtl_str(S("")));
}

METHOD_IS(map_contains_key, vtl_return_bool(c, vtl_map_find(c->self.map, c->args[0]) != NULL))

METHOD(map_contains_value)
{
	for (size_t i = 0; i < c->self.map->n; i++)
		if (vtl_equals(c->self.map->v[i]->value, c->args[0]))
			return vtl_return_bool(c, true);
	return vtl_return_bool(c, false);
}

static struct vtl_value key_of(struct vtl_entry *e)
{
	return e->key;
}

static struct vtl_value entry_value_of(struct vtl_entry *e)
{
	return e->value;
}

/* DIFFERS: copies, where Java gives views of the map, but to #foreach; entries are the map's own. */
static enum vtl_called list_of(struct vtl_call *c, struct vtl_value (*part)(struct vtl_entry *e))
{
	struct vtl_list *l = vtl_list_new(c->r->arena, VTL_ARRAY_LIST, c->self.map->n);
	l->of = c->self.map;
	l->values = part == entry_value_of;
	for (size_t i = 0; i < c->self.map->n; i++)
		vtl_list_add(l, part(c->self.map->v[i]));
	return vtl_step(c->r) ? vtl_return(c, vtl_of_list(l)) : VTL_THREW;
}

static struct vtl_value entry_of(struct vtl_entry *e)
{
	return (struct vtl_value){ .type = VTL_ENTRY, .entry = e };
}

METHOD_IS(map_keys, list_of(c, key_of))
METHOD_IS(map_values, list_of(c, entry_value_of))
METHOD_IS(map_entries, list_of(c, entry_of))

static const struct vtl_method methods[] = {
	{ "get", "o", map_get },
	{ "put", "oo", map_put },
	{ "size", "", map_size },
	{ "isEmpty", "", map_is_empty },
	{ "containsKey", "o", map_contains_key },
	{ "containsValue", "o", map_contains_value },
	{ "keySet", "", map_keys },
	{ "values", "", map_values },
	{ "entrySet", "", map_entries },
	{ "getOrDefault", "oo", map_get_or },
	{ "putIfAbsent", "oo", map_put_absent },
	{ "replace", "oo", map_replace },
	{ "putAll", "m", map_put_all },
	{ "remove", "o", map_remove },
	{ "clear", "", map_clear },
};

enum vtl_called vtl_map_method(struct slice name, struct vtl_call *c)
{
	return vtl_dispatch(methods, ARRAY_LEN(methods), name, c);
}

/* ---- entries ---- */

METHOD_IS(entry_key, vtl_return(c, c->self.entry->key))
METHOD_IS(entry_value, vtl_return(c, c->self.entry->value))

METHOD(entry_set)
{
	c->out = c->self.entry->value;
	c->self.entry->value = c->args[0];
	return VTL_CALLED;
}

static const struct vtl_method entry_methods[] = {
	{ "getKey", "", entry_key },
	{ "getValue", "", entry_value },
	{ "setValue", "o", entry_set },
};

enum vtl_called vtl_entry_method(struct slice name, struct vtl_call *c)
{
	return vtl_dispatch(entry_methods, ARRAY_LEN(entry_methods), name, c);
}

/* ---- $foreach ---- */

METHOD_IS(scope_index, vtl_return_int(c, c->self.scope->index))
METHOD_IS(scope_count, vtl_return_int(c, c->self.scope->index + 1))
METHOD_IS(scope_more, vtl_return_bool(c, c->self.scope->more))
METHOD_IS(scope_first, vtl_return_bool(c, c->self.scope->index < 1))
METHOD_IS(scope_last, vtl_return_bool(c, !c->self.scope->more))

static struct vtl_value of_scope(struct vtl_scope *s)
{
	return s ? (struct vtl_value){ .type = VTL_SCOPE, .scope = s } : vtl_null();
}

static struct vtl_scope *topmost(struct vtl_scope *s)
{
	while (s->parent)
		s = s->parent;
	return s;
}

METHOD_IS(scope_parent, vtl_return(c, of_scope(c->self.scope->parent)))
METHOD_IS(scope_topmost, vtl_return(c, of_scope(topmost(c->self.scope))))
METHOD_IS(scope_replaced, vtl_return(c, topmost(c->self.scope)->replaced))

static const struct vtl_method scope_methods[] = {
	{ "getHasNext", "", scope_more },   { "hasNext", "", scope_more },         { "getIndex", "", scope_index },
	{ "getCount", "", scope_count },    { "getFirst", "", scope_first },       { "isFirst", "", scope_first },
	{ "getLast", "", scope_last },      { "isLast", "", scope_last },          { "getParent", "", scope_parent },
	{ "getTopmost", "", scope_topmost }, { "getReplaced", "", scope_replaced },
};

const struct vtl_method *vtl_scope_getter(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(scope_methods); i++) {
		const char *method = scope_methods[i].name;
		if (strncmp(method, "get", 3) == 0 && strlen(method) == 3 + name.n && (name.p[0] & ~0x20) == method[3] &&
		    memcmp(method + 4, name.p + 1, name.n - 1) == 0)
			return &scope_methods[i];
	}
	return NULL;
}

/* What the template put into an outer loop's scope is seen in the inner. */
static enum vtl_called scope_get(struct vtl_call *c)
{
	for (struct vtl_scope *s = c->self.scope; s; s = s->parent) {
		struct vtl_entry *e = s->map ? vtl_map_find(s->map, c->args[0]) : NULL;
		if (e)
			return vtl_return(c, e->value);
	}
	return vtl_return(c, vtl_null());
}

enum vtl_called vtl_scope_method(struct slice name, struct vtl_call *c)
{
	enum vtl_called called = vtl_dispatch(scope_methods, ARRAY_LEN(scope_methods), name, c);
	struct vtl_call inner = *c;
	if (called != VTL_NO_METHOD)
		return called;
	if (sl_eqs(name, "get") && c->n == 1)
		return scope_get(c);
	if (!c->self.scope->map)
		c->self.scope->map = vtl_map_new(c->r->arena);
	inner.self = vtl_of_map(c->self.scope->map);
	called = vtl_map_method(name, &inner);
	c->out = inner.out;
	return called;
}
