/* References and literals, evaluated; assignment through them. */
#include "velocity/run.h"

static enum vtl_called object_method(struct slice name, struct vtl_call *c)
{
	struct slice text;
	if (c->n == 0 && sl_eqs(name, "toString"))
		return vtl_render_text(c->r, c->self, &text) ? vtl_return(c, vtl_str(text)) : VTL_THREW;
	if (c->n == 0 && sl_eqs(name, "hashCode"))
		return vtl_return(c, vtl_int(vtl_hash(c->self)));
	if (c->n == 1 && sl_eqs(name, "equals"))
		return vtl_return(c, vtl_bool(vtl_equals(c->self, c->args[0])));
	if (c->n == 0 && sl_eqs(name, "getClass"))
		return vtl_return(c, (struct vtl_value){ .type = VTL_CLASS, .s = sl(vtl_class_name(c->self)) });
	return VTL_NO_METHOD;
}

static enum vtl_called class_method(struct slice name, struct vtl_call *c)
{
	struct slice full = c->self.s, rest;
	if (c->n)
		return VTL_NO_METHOD;
	if (sl_eqs(name, "getName"))
		return vtl_return(c, vtl_str(full));
	if (!sl_eqs(name, "getSimpleName"))
		return VTL_NO_METHOD;
	while (sl_cut(full, '.', &rest, &full) && sl_chr(full, '.') >= 0)
		;
	return vtl_return(c, vtl_str(full.p ? full : rest));
}

static enum vtl_called vtl_invoke(struct slice name, struct vtl_call *c)
{
	static enum vtl_called (*const by_class[VTL_TYPES])(struct slice name, struct vtl_call *c) = {
		[VTL_STRING] = vtl_string_method, [VTL_LIST] = vtl_list_method,	[VTL_MAP] = vtl_map_method, [VTL_ENTRY] = vtl_entry_method,
		[VTL_ITER] = vtl_iter_method, [VTL_SCOPE] = vtl_scope_method, [VTL_INPUT] = vtl_input_method, [VTL_UTIL] = vtl_util_method,
		[VTL_BOOL] = vtl_number_method, [VTL_INT] = vtl_number_method, [VTL_LONG] = vtl_number_method, [VTL_BIGINT] = vtl_number_method,
		[VTL_DOUBLE] = vtl_number_method, [VTL_DECIMAL] = vtl_number_method, [VTL_CLASS] = class_method,
	};
	enum vtl_called called = by_class[c->self.type] ? by_class[c->self.type](name, c) : VTL_NO_METHOD;
	return called == VTL_NO_METHOD && c->self.type != VTL_NULL ? object_method(name, c) : called;
}

/* ---- parts of a reference ---- */

/* A block given to a method or operator is its text. */
static bool eval_solid(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	struct slice s;
	if (!vtl_eval(r, n, out))
		return false;
	if (out->type != VTL_BLOCK)
		return true;
	if (!vtl_render_text(r, *out, &s))
		return false;
	*out = vtl_str(s);
	return true;
}

enum { ARGS_MAX = 16 };

/* A method may look at all of its object and arguments. */
static void charge(struct vtl_run *r, struct vtl_value v)
{
	if (v.type == VTL_STRING)
		vtl_charge(r, v.s.n);
	else if (v.type == VTL_LIST)
		vtl_charge(r, v.list->n);
	else if (v.type == VTL_MAP)
		vtl_charge(r, v.map->n);
}

static bool call_method(struct vtl_run *r, const struct vtl_node *n, struct vtl_value self, struct vtl_value *out)
{
	struct vtl_value args[ARGS_MAX];
	struct vtl_call c = { r, self, args, n->n, vtl_null(), n->path };
	enum vtl_called called;
	if (n->n > ARGS_MAX)
		return vtl_run_fail(r, ERR_LIMIT, "%.*s: more than %d arguments", SL(n->text), ARGS_MAX);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kids[i]->kind == VTL_N_CONST)
			args[i] = n->kids[i]->value;
		else if (!eval_solid(r, n->kids[i], &args[i]))
			return false;
	}
	charge(r, self);
	for (size_t i = 0; i < n->n; i++)
		charge(r, args[i]);
	/* $util gives null for null. */
	if (n->owner != self.type)
		called = vtl_invoke(n->text, &c);
	else
		called = self.type == VTL_UTIL && args[0].type == VTL_NULL ? VTL_CALLED : n->method->fn(&c);
	*out = c.out;
	return called != VTL_THREW || vtl_run_fail(r, ERR_INVALID, "%.*s failed", SL(n->text));
}

/* A call of a bean's getter: "foo" as getFoo(), getfoo(), then isFoo(). */
static enum vtl_called call_getter(struct vtl_call *c, const char *prefix, struct slice name)
{
	char text[64];
	size_t k = strlen(prefix);
	enum vtl_called called;
	if (name.n + k > sizeof(text))
		return VTL_NO_METHOD;
	memcpy(text, prefix, k);
	memcpy(text + k, name.p, name.n);
	if (vtl_is_letter(text[k]))
		text[k] = (char)(text[k] & ~0x20);
	called = vtl_invoke(sl_of(text, k + name.n), c);
	if (called != VTL_NO_METHOD || text[k] == name.p[0])
		return called;
	text[k] = name.p[0];
	return vtl_invoke(sl_of(text, k + name.n), c);
}

static bool get_property(struct vtl_run *r, const struct vtl_node *n, struct vtl_value self, struct vtl_value *out)
{
	struct vtl_call c = { r, self, NULL, 0, vtl_null(), NULL };
	enum vtl_called called = VTL_NO_METHOD;
	struct slice name = n->text;
	*out = vtl_null();
	/* A map's own property comes before its getters, but getClass() before both, as all objects have it. */
	if (self.type == VTL_MAP && !sl_eqs(name, "class")) {
		*out = vtl_map_get(self.map, name);
		return true;
	}
	if (n->owner == self.type && n->method)
		called = n->method->fn(&c);
	else
		called = call_getter(&c, "get", name);
	if (called == VTL_NO_METHOD && self.type == VTL_SCOPE) {
		if (self.scope->map)
			c.out = vtl_map_get(self.scope->map, name);
		called = VTL_CALLED;
	}
	if (called == VTL_NO_METHOD)
		called = call_getter(&c, "is", name);
	if (called == VTL_THREW)
		return vtl_run_fail(r, ERR_INVALID, "%.*s failed", SL(name));
	*out = c.out;
	return true;
}

/* A negative index counts from the end. */
static bool index_argument(struct vtl_run *r, const struct vtl_node *n, struct vtl_value self, struct vtl_value *out)
{
	struct vtl_call c = { r, self, NULL, 0, vtl_null() };
	if (!eval_solid(r, n->kids[0], out))
		return false;
	if (out->type != VTL_INT || out->i >= 0)
		return true;
	if (vtl_invoke(S("size"), &c) != VTL_CALLED || c.out.type != VTL_INT)
		return vtl_run_fail(r, ERR_INVALID, "a negative index needs a size()");
	*out = vtl_int(c.out.i + out->i);
	return true;
}

static bool get_index(struct vtl_run *r, const struct vtl_node *n, struct vtl_value self, struct vtl_value *out)
{
	struct vtl_value arg;
	struct vtl_call c = { r, self, &arg, 1, vtl_null() };
	*out = vtl_null();
	if (!index_argument(r, n, self, &arg))
		return false;
	if (vtl_invoke(S("get"), &c) == VTL_THREW)
		return vtl_run_fail(r, ERR_INVALID, "index failed");
	*out = c.out;
	return true;
}

static bool get_part(struct vtl_run *r, const struct vtl_node *n, struct vtl_value self, struct vtl_value *out)
{
	if (!vtl_step(r))
		return false;
	if (n->kind == VTL_N_METHOD)
		return call_method(r, n, self, out);
	return n->kind == VTL_N_INDEX ? get_index(r, n, self, out) : get_property(r, n, self, out);
}

bool vtl_eval_ref(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	struct vtl_value v;
	if (!vtl_var_get(r, n->text, n->slot, &v))
		return false;
	for (size_t i = 0; i < n->n && v.type != VTL_NULL; i++)
		if (!get_part(r, n->kids[i], v, &v))
			return false;
	*out = v;
	return true;
}

/* ---- #set ---- */

static bool set_index(struct vtl_run *r, const struct vtl_node *n, struct vtl_value self, struct vtl_value v)
{
	struct vtl_value args[2];
	struct vtl_call c = { r, self, args, 2, vtl_null() };
	enum vtl_called called;
	if (!index_argument(r, n, self, &args[0]))
		return false;
	args[1] = v;
	called = vtl_invoke(S("set"), &c);
	if (called == VTL_NO_METHOD)
		called = vtl_invoke(S("put"), &c);
	return called != VTL_THREW || vtl_run_fail(r, ERR_INVALID, "index failed");
}

bool vtl_assign(struct vtl_run *r, const struct vtl_node *ref, struct vtl_value v)
{
	struct vtl_value self;
	const struct vtl_node *last;
	/* Velocity takes what follows the "$" for the name: ${x} sets "{", $!x sets "!x", neither sets x. */
	if (!ref->n) {
		if (ref->source.n > 1 && ref->source.p[1] != '{' && ref->source.p[1] != '!')
			vtl_var_put(r, ref->text, ref->slot, v);
		return true;
	}
	if (!vtl_var_get(r, ref->text, ref->slot, &self))
		return false;
	for (size_t i = 0; i + 1 < ref->n && self.type != VTL_NULL; i++)
		if (!get_part(r, ref->kids[i], self, &self))
			return false;
	if (self.type == VTL_NULL)
		return true;
	last = ref->kids[ref->n - 1];
	if (last->kind == VTL_N_INDEX)
		return set_index(r, last, self, v);
	if (self.type == VTL_MAP) {
		vtl_map_put(self.map, vtl_str(last->text), v);
	} else if (self.type == VTL_SCOPE) {
		if (!self.scope->map)
			self.scope->map = vtl_map_new(r->arena);
		vtl_map_put(self.scope->map, vtl_str(last->text), v);
	}
	return true;
}

/* ---- expressions ---- */

static bool eval_string(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	struct buf b = { .max = r->string_max };
	bool ok;
	ok = vtl_exec(r, n->kids[0], &b) != VTL_ERROR;
	if (b.n && n->cut)
		b.n--;
	*out = vtl_str(arena_dup(r->arena, buf_slice(&b)));
	buf_free(&b);
	return ok;
}

static bool eval_list(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	struct vtl_list *l = vtl_list_new(r->arena, VTL_ARRAY_LIST, n->n);
	struct vtl_value v;
	for (size_t i = 0; i < n->n; i++) {
		if (!eval_solid(r, n->kids[i], &v))
			return false;
		vtl_list_add(l, v);
	}
	*out = vtl_of_list(l);
	return true;
}

static bool eval_map(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	struct vtl_map *m = vtl_map_new(r->arena);
	struct vtl_value k, v;
	for (size_t i = 0; i + 1 < n->n; i += 2) {
		if (!eval_solid(r, n->kids[i], &k) || !eval_solid(r, n->kids[i + 1], &v))
			return false;
		vtl_map_put(m, k, v);
	}
	*out = vtl_of_map(m);
	return true;
}

static bool eval_range(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	struct vtl_value a, b;
	struct vtl_list *l;
	int64_t from, to;
	if (!vtl_eval(r, n->kids[0], &a) || !vtl_eval(r, n->kids[1], &b))
		return false;
	*out = vtl_null();
	if (!vtl_is_number(a) || !vtl_is_number(b))
		return true;
	from = (int32_t)vtl_to_long(a);
	to = (int32_t)vtl_to_long(b);
	uint64_t count = (uint64_t)(to > from ? to - from : from - to) + 1;
	if (count > VTL_STEPS_MAX / 4 || count * sizeof(a) > r->arena_max - r->arena_start)
		return vtl_run_fail(r, ERR_LIMIT, "a range of %llu numbers", (unsigned long long)count);
	l = vtl_list_new(r->arena, VTL_ARRAY_LIST, (size_t)count);
	for (uint64_t i = 0; i < count; i++)
		vtl_list_add(l, vtl_int(from < to ? from + (int64_t)i : from - (int64_t)i));
	*out = vtl_of_list(l);
	return vtl_step(r);
}

bool vtl_eval(struct vtl_run *r, const struct vtl_node *n, struct vtl_value *out)
{
	bool ok;
	if (n->kind == VTL_N_CONST) {
		*out = n->value;
		return vtl_step(r);
	}
	*out = vtl_null();
	r->depth++;
	if (!vtl_step(r))
		return false;
	switch (n->kind) {
	case VTL_N_REF:
		ok = vtl_eval_ref(r, n, out);
		break;
	case VTL_N_STRING:
		ok = eval_string(r, n, out);
		break;
	case VTL_N_LIST:
		ok = eval_list(r, n, out);
		break;
	case VTL_N_MAP:
		ok = eval_map(r, n, out);
		break;
	case VTL_N_RANGE:
		ok = eval_range(r, n, out);
		break;
	default:
		ok = vtl_eval_operator(r, n, out);
	}
	r->depth--;
	return ok;
}

bool vtl_test(struct vtl_run *r, const struct vtl_node *n, bool *out)
{
	struct vtl_value v;
	*out = false;
	if (n->kind >= VTL_N_ADD && n->kind <= VTL_N_MOD)
		return vtl_step(r);
	if (!vtl_eval(r, n, &v))
		return false;
	*out = v.type == VTL_BOOL ? v.b : n->kind == VTL_N_REF && v.type != VTL_NULL;
	return true;
}
