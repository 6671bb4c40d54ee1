/* java.util.List and Iterator. */
#include "velocity/run.h"

/* What a void method gives to a template. */
static enum vtl_called ret_void(struct vtl_call *c)
{
	return vtl_return(c, vtl_str(S("")));
}

static enum vtl_called out_of_bounds(struct vtl_call *c, int64_t i)
{
	return vtl_throw(c, "IndexOutOfBoundsException: Index %lld out of bounds for length %zu", (long long)i, c->self.list->n);
}

/* Whether the first argument is a place below end; else it threw. */
static bool inside(struct vtl_call *c, size_t end)
{
	int64_t i = c->args[0].i;
	if (i >= 0 && i < (int64_t)end)
		return true;
	out_of_bounds(c, i);
	return false;
}

static int64_t index_of(const struct vtl_list *l, struct vtl_value v)
{
	for (size_t i = 0; i < l->n; i++)
		if (vtl_equals(l->v[i], v))
			return (int64_t)i;
	return -1;
}

METHOD_IS(list_size, vtl_return_int(c, (int64_t)c->self.list->n))
METHOD_IS(list_is_empty, vtl_return_bool(c, c->self.list->n == 0))
METHOD_IS(list_get, inside(c, c->self.list->n) ? vtl_return(c, c->self.list->v[c->args[0].i]) : VTL_THREW)

METHOD(list_set)
{
	if (list_get(c) != VTL_CALLED)
		return VTL_THREW;
	c->self.list->v[c->args[0].i] = c->args[1];
	return VTL_CALLED;
}

METHOD(list_add)
{
	vtl_list_add(c->self.list, c->args[0]);
	return vtl_return_bool(c, true);
}

METHOD(list_add_at)
{
	if (!inside(c, c->self.list->n + 1))
		return VTL_THREW;
	vtl_list_insert(c->self.list, (size_t)c->args[0].i, c->args[1]);
	return ret_void(c);
}

METHOD(list_add_all)
{
	const struct vtl_list *from = c->args[0].list;
	size_t n = from->n;
	for (size_t i = 0; i < n; i++)
		vtl_list_add(c->self.list, from->v[i]);
	return vtl_step(c->r) ? vtl_return_bool(c, n > 0) : VTL_THREW;
}

METHOD(list_remove_at)
{
	if (list_get(c) != VTL_CALLED)
		return VTL_THREW;
	vtl_list_remove(c->self.list, (size_t)c->args[0].i);
	return VTL_CALLED;
}

METHOD(list_remove)
{
	int64_t i = index_of(c->self.list, c->args[0]);
	if (i >= 0)
		vtl_list_remove(c->self.list, (size_t)i);
	return vtl_return_bool(c, i >= 0);
}

static enum vtl_called filter(struct vtl_call *c, bool keep)
{
	struct vtl_list *l = c->self.list;
	size_t n = 0, before = l->n;
	for (size_t i = 0; i < before && vtl_step(c->r); i++) {
		vtl_charge(c->r, c->args[0].list->n);
		if ((index_of(c->args[0].list, l->v[i]) >= 0) == keep)
			l->v[n++] = l->v[i];
	}
	l->n = n;
	l->dropped += before - n;
	return c->r->status ? VTL_THREW : vtl_return_bool(c, n != before);
}

METHOD_IS(list_remove_all, filter(c, false))
METHOD_IS(list_retain_all, filter(c, true))
METHOD_IS(list_contains, vtl_return_bool(c, index_of(c->self.list, c->args[0]) >= 0))

METHOD(list_contains_all)
{
	for (size_t i = 0; i < c->args[0].list->n; i++) {
		vtl_charge(c->r, c->self.list->n);
		if (!vtl_step(c->r) || index_of(c->self.list, c->args[0].list->v[i]) < 0)
			return c->r->status ? VTL_THREW : vtl_return_bool(c, false);
	}
	return vtl_return_bool(c, true);
}

METHOD_IS(list_index_of, vtl_return_int(c, index_of(c->self.list, c->args[0])))

METHOD(list_last_index_of)
{
	for (size_t i = c->self.list->n; i-- > 0;)
		if (vtl_equals(c->self.list->v[i], c->args[0]))
			return vtl_return_int(c, (int64_t)i);
	return vtl_return_int(c, -1);
}

METHOD(list_clear)
{
	c->self.list->dropped += c->self.list->n;
	c->self.list->n = 0;
	return ret_void(c);
}

static enum vtl_called copy(struct vtl_call *c, enum vtl_list_kind kind, size_t from, size_t to)
{
	struct vtl_list *l = vtl_list_new(c->r->arena, kind, to - from);
	for (size_t i = from; i < to; i++)
		vtl_list_add(l, c->self.list->v[i]);
	return vtl_step(c->r) ? vtl_return(c, vtl_of_list(l)) : VTL_THREW;
}

/* DIFFERS: a copy, where Java gives a view. */
METHOD(list_sub)
{
	int64_t from = c->args[0].i, to = c->args[1].i;
	if (from < 0 || to > (int64_t)c->self.list->n || from > to)
		return out_of_bounds(c, from < 0 ? from : to);
	return copy(c, VTL_ARRAY_LIST, (size_t)from, (size_t)to);
}

METHOD_IS(list_to_array, copy(c, VTL_FIXED, 0, c->self.list->n))

METHOD(list_iterator)
{
	struct vtl_iter *it = arena_alloc(c->r->arena, sizeof(*it));
	it->list = c->self.list;
	return vtl_return(c, (struct vtl_value){ .type = VTL_ITER, .iter = it });
}

/* JSONArray's own. */
METHOD(list_to_json)
{
	struct buf b = { .max = c->r->string_max };
	if (c->self.list->kind != VTL_JSON_LIST)
		return VTL_NO_METHOD;
	vtl_json_write(&b, c->self, true);
	return vtl_return_buf(c, &b);
}

static const struct vtl_method methods[] = {
	{ "size", "", list_size },
	{ "isEmpty", "", list_is_empty },
	{ "get", "i", list_get },
	{ "set", "io", list_set },
	{ "contains", "o", list_contains },
	{ "iterator", "", list_iterator },
	/* A Java array has what is above, through Velocity's wrapper; fixed in size, it lacks what is below. */
	{ "add", "o", list_add },
	{ "add", "io", list_add_at },
	{ "addAll", "l", list_add_all },
	{ "remove", "i", list_remove_at },
	{ "remove", "o", list_remove },
	{ "removeAll", "l", list_remove_all },
	{ "retainAll", "l", list_retain_all },
	{ "containsAll", "l", list_contains_all },
	{ "indexOf", "o", list_index_of },
	{ "lastIndexOf", "o", list_last_index_of },
	{ "clear", "", list_clear },
	{ "subList", "ii", list_sub },
	{ "toArray", "", list_to_array },
	{ "toJSONString", "", list_to_json },
};

enum vtl_called vtl_list_method(struct slice name, struct vtl_call *c)
{
	if (c->self.list->kind == VTL_FIXED && (sl_eqs(name, "add") || sl_eqs(name, "remove") || sl_eqs(name, "clear")))
		return vtl_throw(c, "UnsupportedOperationException: an array has a fixed size");
	return vtl_dispatch(methods, ARRAY_LEN(methods), name, c);
}

METHOD_IS(iter_has_next, vtl_return_bool(c, c->self.iter->next < c->self.iter->list->n))

METHOD(iter_next)
{
	struct vtl_iter *it = c->self.iter;
	if (it->next >= it->list->n)
		return vtl_throw(c, "NoSuchElementException");
	return vtl_return(c, it->list->v[it->next++]);
}

static const struct vtl_method iter_methods[] = {
	{ "hasNext", "", iter_has_next },
	{ "next", "", iter_next },
};

enum vtl_called vtl_iter_method(struct slice name, struct vtl_call *c)
{
	return vtl_dispatch(iter_methods, ARRAY_LEN(iter_methods), name, c);
}
