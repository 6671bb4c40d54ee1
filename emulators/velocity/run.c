/* Statements of a tree, executed. */
#include "velocity/run.h"

enum { DEFINE_DEPTH_MAX = 2 };

static enum vtl_flow flow_of(bool ok)
{
	return ok ? VTL_GO : VTL_ERROR;
}

static bool check_output(struct vtl_run *r, const struct buf *out)
{
	return !out->bad || vtl_run_fail(r, ERR_LIMIT, "the output is over its limit of %zu bytes", out->max);
}

/* ---- variables ---- */

static struct vtl_map *stage_variables(struct vtl_run *r)
{
	const struct vtl_input *in = r->in;
	if (r->stage)
		return r->stage;
	r->stage = vtl_map_new(r->arena);
	for (size_t i = 0; i < in->stage_n; i++)
		vtl_map_put(r->stage, vtl_str(in->stage[i].name), vtl_str(in->stage[i].value));
	return r->stage;
}

/* What the gateway gives; a template may hide it by a variable of that name. */
static struct vtl_value given(struct vtl_run *r, uint32_t slot)
{
	switch (slot) {
	case VTL_SLOT_INPUT:
		return (struct vtl_value){ .type = VTL_INPUT };
	case VTL_SLOT_UTIL:
		return (struct vtl_value){ .type = VTL_UTIL };
	case VTL_SLOT_STAGE:
		return vtl_of_map(stage_variables(r));
	case VTL_SLOT_CONTEXT:
		if (!r->context)
			r->context = r->in->context ? r->in->context : vtl_map_new(r->arena);
		return vtl_of_map(r->context);
	default:
		return vtl_null();
	}
}

bool vtl_var_get(struct vtl_run *r, struct slice name, uint32_t slot, struct vtl_value *out)
{
	struct vtl_frame *at = r->frame;
	bool ok;
	*out = r->slots[slot];
	if (!at) {
		if (out->type == VTL_NULL && slot < VTL_SLOT_FIRST)
			*out = given(r, slot);
		return true;
	}
	for (struct vtl_frame *f = at; f; f = f->parent) {
		struct vtl_value v = f->locals ? vtl_map_get(f->locals, name) : vtl_null();
		if (v.type != VTL_NULL) {
			*out = v;
			return true;
		}
		vtl_charge(r, f->macro->param_n);
		for (size_t i = f->macro->param_n < f->arg_n ? f->macro->param_n : f->arg_n; i-- > 0;) {
			if (!sl_eq(f->macro->params[i], name))
				continue;
			r->frame = f->parent;
			ok = vtl_eval(r, f->args[i], out);
			r->frame = at;
			return ok;
		}
	}
	if (out->type == VTL_NULL)
		*out = given(r, slot);
	return true;
}

void vtl_var_put(struct vtl_run *r, struct slice name, uint32_t slot, struct vtl_value v)
{
	for (struct vtl_frame *f = r->frame; f; f = f->parent) {
		if (!f->locals)
			f->locals = vtl_map_new(r->arena);
		vtl_map_put(f->locals, vtl_str(name), v);
	}
	r->slots[slot] = v;
}

static void var_remove(struct vtl_run *r, struct slice name, uint32_t slot)
{
	struct vtl_value old;
	for (struct vtl_frame *f = r->frame; f; f = f->parent)
		if (f->locals)
			vtl_map_remove(f->locals, vtl_str(name), &old);
	r->slots[slot] = vtl_null();
}

/* ---- blocks of #define ---- */

static enum vtl_flow vtl_run_block(struct vtl_run *r, struct vtl_block *block, struct buf *out)
{
	enum vtl_flow flow = VTL_GO;
	if (block->depth >= DEFINE_DEPTH_MAX)
		return VTL_GO;
	block->depth++;
	flow = vtl_exec(r, block->body, out);
	block->depth--;
	return flow == VTL_BREAK && !r->break_to ? VTL_GO : flow;
}

bool vtl_render_text(struct vtl_run *r, struct vtl_value v, struct slice *out)
{
	char small[64];
	struct buf b = { .p = small, .cap = sizeof(small), .max = sizeof(small) - 1 };
	bool ok;
	if (v.type == VTL_STRING) {
		*out = v.s;
		return true;
	}
	if (v.type == VTL_INT || v.type == VTL_LONG || v.type == VTL_BOOL) {
		vtl_print(&b, v);
		*out = arena_dup(r->arena, buf_slice(&b));
		return true;
	}
	buf_init(&b, r->string_max);
	if (v.type == VTL_BLOCK)
		ok = vtl_run_block(r, v.block, &b) != VTL_ERROR;
	else
		vtl_print(&b, v);
	ok = !r->status && check_output(r, &b);
	*out = arena_dup(r->arena, buf_slice(&b));
	buf_free(&b);
	return ok;
}

/* ---- references as statements ---- */

/* Source of an escaped reference; a macro's parameter shows the argument's source. */
static struct slice literal_of(const struct vtl_run *r, const struct vtl_node *n)
{
	struct slice name = { n->source.p + 1, n->source.n - 1 };
	if (n->n)
		return n->source;
	for (const struct vtl_frame *f = r->frame; f; f = f->parent)
		for (size_t i = 0; i < f->macro->param_n && i < f->arg_n; i++)
			if (sl_eq(f->macro->params[i], name) && !f->args[i]->constant)
				return f->args[i]->source;
	return n->source;
}

static enum vtl_flow exec_ref(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	struct vtl_value v;
	if (!vtl_eval_ref(r, n, &v))
		return VTL_ERROR;
	if (n->escaped) {
		vtl_add(out, n->prefix);
		if (v.type == VTL_NULL)
			buf_addc(out, '\\');
		vtl_add(out, literal_of(r, n));
		return flow_of(check_output(r, out));
	}
	if (v.type == VTL_BLOCK && v.block->depth < DEFINE_DEPTH_MAX)
		return vtl_run_block(r, v.block, out);
	if (n->prefix.n)
		vtl_add(out, n->prefix);
	if (v.type == VTL_STRING) {
		vtl_add(out, v.s);
		return flow_of(check_output(r, out));
	}
	if (v.type == VTL_BLOCK) {
		vtl_add(out, sl_starts(n->source, S("$!")) ? S("") : literal_of(r, n));
		return flow_of(check_output(r, out));
	}
	if (v.type != VTL_NULL)
		vtl_print(out, v);
	return flow_of(check_output(r, out));
}

/* ---- directives ---- */

static enum vtl_flow exec_set(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	struct vtl_value v;
	if (!vtl_eval(r, n->kids[1], &v))
		return VTL_ERROR;
	/* Velocity's directive.set.null.allowed is off: the variable keeps what it has. */
	if (v.type == VTL_NULL)
		return VTL_GO;
	return flow_of(vtl_assign(r, n->kids[0], v));
}

static enum vtl_flow exec_if(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	bool truth;
	size_t i;
	for (i = 0; i + 1 < n->n; i += 2) {
		if (!vtl_test(r, n->kids[i], &truth))
			return VTL_ERROR;
		if (truth)
			return vtl_exec(r, n->kids[i + 1], out);
	}
	return i < n->n ? vtl_exec(r, n->kids[i], out) : VTL_GO;
}

/* The elements a #foreach walks; false: nothing to walk. */
static bool elements(struct vtl_value v, struct vtl_run *r, const struct vtl_list **out)
{
	struct vtl_list *l;
	if (v.type == VTL_LIST) {
		*out = v.list;
		return true;
	}
	if (v.type == VTL_ITER) {
		l = vtl_list_new(r->arena, VTL_ARRAY_LIST, v.iter->list->n);
		for (; v.iter->next < v.iter->list->n; v.iter->next++)
			vtl_list_add(l, v.iter->list->v[v.iter->next]);
		*out = l;
		return true;
	}
	const struct vtl_map *m = v.type == VTL_MAP ? v.map : v.type == VTL_SCOPE ? v.scope->map : NULL;
	if (!m)
		return false;
	l = vtl_list_new(r->arena, VTL_ARRAY_LIST, m->n);
	l->of = m;
	l->values = true;
	for (size_t i = 0; i < m->n; i++)
		vtl_list_add(l, m->v[i]->value);
	*out = l;
	return true;
}

static void restore(struct vtl_run *r, struct slice name, uint32_t slot, struct vtl_value v)
{
	if (v.type == VTL_NULL)
		var_remove(r, name, slot);
	else
		vtl_var_put(r, name, slot, v);
}

/* Grows with each element or entry that is put in or taken out: Java's modCount. */
static size_t changes(const struct vtl_list *l)
{
	return l->n + 2 * l->dropped + (l->of ? l->of->n + 2 * l->of->dropped : 0);
}

static enum vtl_flow loop(struct vtl_run *r, const struct vtl_node *n, const struct vtl_list *list, struct buf *out)
{
	const struct vtl_node *item = n->kids[0];
	struct vtl_value saved;
	struct vtl_scope *scope;
	enum vtl_flow flow = VTL_GO;
	size_t before = changes(list);
	if (!vtl_var_get(r, S("foreach"), VTL_SLOT_FOREACH, &saved))
		return VTL_ERROR;
	scope = arena_alloc(r->arena, sizeof(*scope));
	scope->owner = n;
	scope->replaced = saved;
	scope->parent = saved.type == VTL_SCOPE ? saved.scope : NULL;
	vtl_var_put(r, S("foreach"), VTL_SLOT_FOREACH, (struct vtl_value){ .type = VTL_SCOPE, .scope = scope });
	for (size_t i = 0; i < list->n && flow == VTL_GO; i++) {
		/* Java's iterator notices. */
		if (changes(list) != before)
			return flow_of(vtl_run_fail(r, ERR_INVALID, "ConcurrentModificationException in #foreach"));
		if (r->in->loops_max && i >= r->in->loops_max)
			break;
		if (!vtl_step(r))
			return VTL_ERROR;
		scope->index = (int64_t)i;
		scope->more = i + 1 < list->n;
		if (r->counts) {
			vtl_var_put(r, S("velocityCount"), VTL_SLOT_COUNT, vtl_int((int64_t)i + 1));
			vtl_var_put(r, S("velocityHasNext"), VTL_SLOT_MORE, vtl_bool(scope->more));
		}
		vtl_var_put(r, item->text, item->slot, list->values && i < list->of->n ? list->of->v[i]->value : list->v[i]);
		flow = vtl_exec(r, n->kids[2], out);
	}
	if (flow == VTL_BREAK && (!r->break_to || r->break_to == n)) {
		r->break_to = NULL;
		flow = VTL_GO;
	}
	restore(r, S("foreach"), VTL_SLOT_FOREACH, saved);
	return flow;
}

static enum vtl_flow exec_foreach(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	const struct slice names[] = { n->kids[0]->text, S("velocityCount"), S("velocityHasNext") };
	const uint32_t slots[] = { n->kids[0]->slot, VTL_SLOT_COUNT, VTL_SLOT_MORE };
	size_t name_n = r->counts ? ARRAY_LEN(names) : 1;
	struct vtl_value v, saved[ARRAY_LEN(names)];
	const struct vtl_list *list;
	enum vtl_flow flow;
	if (!vtl_eval(r, n->kids[1], &v))
		return VTL_ERROR;
	if (!elements(v, r, &list))
		return VTL_GO;
	for (size_t i = 0; i < name_n; i++)
		if (!vtl_var_get(r, names[i], slots[i], &saved[i]))
			return VTL_ERROR;
	flow = loop(r, n, list, out);
	for (size_t i = 0; i < name_n; i++)
		restore(r, names[i], slots[i], saved[i]);
	return flow;
}

static enum vtl_flow exec_define(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	struct vtl_block *b = arena_alloc(r->arena, sizeof(*b));
	b->body = n->kids[0];
	vtl_var_put(r, n->text, n->slot, (struct vtl_value){ .type = VTL_BLOCK, .block = b });
	return VTL_GO;
}

static enum vtl_flow call_macro(struct vtl_run *r, const struct vtl_node *n, const struct vtl_macro *m, struct buf *out)
{
	struct vtl_frame f = { r->frame, m, n->kids, n->n - n->has_body, NULL };
	enum vtl_flow flow;
	for (size_t i = 0; i < n->n; i++)
		if (n->kids[i]->kind == VTL_N_WORD)
			return flow_of(vtl_run_fail(r, ERR_INVALID, "a bare word is no argument of #%.*s", SL(m->name)));
	if (r->macro_depth >= VTL_MACRO_DEPTH_MAX)
		return flow_of(vtl_run_fail(r, ERR_LIMIT, "#%.*s: macros call each other deeper than %d", SL(m->name),
					    VTL_MACRO_DEPTH_MAX));
	if (n->has_body) {
		struct vtl_block *b = arena_alloc(r->arena, sizeof(*b));
		b->body = n->kids[n->n - 1];
		f.locals = vtl_map_new(r->arena);
		vtl_map_put(f.locals, vtl_str(S("bodyContent")), (struct vtl_value){ .type = VTL_BLOCK, .block = b });
	}
	r->frame = &f;
	r->macro_depth++;
	flow = vtl_exec(r, m->body, out);
	r->macro_depth--;
	r->frame = f.parent;
	return flow == VTL_BREAK && !r->break_to ? VTL_GO : flow;
}

static enum vtl_flow exec_call(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	for (const struct vtl_macro *m = r->macros; m && vtl_spend(1); m = m->next)
		if (sl_eq(m->name, n->text))
			return call_macro(r, n, m, out);
	vtl_add(out, n->source);
	return VTL_GO;
}

static enum vtl_flow exec_break(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	struct vtl_value v;
	r->break_to = NULL;
	if (!n->n)
		return VTL_BREAK;
	if (!vtl_eval(r, n->kids[0], &v))
		return VTL_ERROR;
	if (v.type != VTL_SCOPE)
		return flow_of(vtl_run_fail(r, ERR_INVALID, "#break: the argument is no scope"));
	r->break_to = v.scope->owner;
	return VTL_BREAK;
}

/* Room for the variables of an evaluated text. */
static void grow_slots(struct vtl_run *r)
{
	size_t n = r->known->n + r->names->n;
	struct vtl_value *v;
	if (n <= r->slot_n)
		return;
	v = arena_alloc(r->arena, 2 * n * sizeof(*v));
	memcpy(v, r->slots, r->slot_n * sizeof(*v));
	r->slots = v;
	r->slot_n = 2 * n;
}

static enum vtl_flow exec_evaluate(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	struct vtl_value v;
	struct slice text = S("");
	struct vtl_tree *tree;
	enum vtl_flow flow;
	int status;
	if (!vtl_eval(r, n->kids[0], &v) || (v.type != VTL_NULL && !vtl_render_text(r, v, &text)))
		return VTL_ERROR;
	if (!r->names)
		r->names = vtl_map_new(r->arena);
	r->steps += text.n; /* about what a step takes, each */
	if (!vtl_step(r))
		return VTL_ERROR;
	status = vtl_parse_inside(r->arena, text, r->text_max, r->known, r->names, &tree, r->err);
	if (status) {
		r->status = status;
		return VTL_ERROR;
	}
	grow_slots(r);
	/* Macros of the evaluated text stay, behind those known. */
	if (tree->macros) {
		struct vtl_macro *copy, *last = NULL;
		const struct vtl_macro *known = r->macros;
		for (const struct vtl_macro *m = known; m; m = m->next) {
			copy = arena_alloc(r->arena, sizeof(*copy));
			*copy = *m;
			if (last)
				last->next = copy;
			else
				r->macros = copy;
			last = copy;
		}
		if (last)
			last->next = (struct vtl_macro *)tree->macros;
		else
			r->macros = tree->macros;
	}
	flow = vtl_exec(r, tree->root, out);
	return flow == VTL_BREAK && !r->break_to ? VTL_GO : flow;
}

static enum vtl_flow exec_block(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	enum vtl_flow flow = VTL_GO;
	for (size_t i = 0; i < n->n && flow == VTL_GO; i++) {
		const struct vtl_node *kid = n->kids[i];
		if (kid->kind != VTL_N_TEXT) {
			flow = vtl_exec(r, kid, out);
		} else {
			vtl_add(out, kid->text);
			flow = flow_of(vtl_step(r) && check_output(r, out));
		}
	}
	return flow;
}

static enum vtl_flow exec_text(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	vtl_add(out, n->text);
	return flow_of(check_output(r, out));
}

static enum vtl_flow exec_stop(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	return VTL_STOP;
}

static enum vtl_flow exec_include(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	return flow_of(vtl_run_fail(r, ERR_INVALID, "#include and #parse find no resource"));
}

static enum vtl_flow (*const statements[])(struct vtl_run *r, const struct vtl_node *n, struct buf *out) = {
	[VTL_N_BLOCK] = exec_block, [VTL_N_TEXT] = exec_text, [VTL_N_REF] = exec_ref, [VTL_N_SET] = exec_set,
	[VTL_N_IF] = exec_if, [VTL_N_FOREACH] = exec_foreach, [VTL_N_DEFINE] = exec_define, [VTL_N_CALL] = exec_call,
	[VTL_N_STOP] = exec_stop, [VTL_N_BREAK] = exec_break, [VTL_N_EVALUATE] = exec_evaluate, [VTL_N_INCLUDE] = exec_include,
};

enum vtl_flow vtl_exec(struct vtl_run *r, const struct vtl_node *n, struct buf *out)
{
	enum vtl_flow flow;
	r->depth++;
	if (!vtl_step(r))
		return VTL_ERROR;
	flow = n->kind < ARRAY_LEN(statements) ? statements[n->kind](r, n, out) :
						 flow_of(vtl_run_fail(r, ERR_INTERNAL, "not a statement"));
	r->depth--;
	return flow;
}

/* ---- the whole ---- */

/* Inside, half of a pair stands for itself. */
static void encode(struct buf *out, size_t start)
{
	struct slice s = sl_from(buf_slice(out), start);
	struct buf b = { 0 };
	if (!s.n || !memchr(s.p, 0xed, s.n))
		return;
	java_encode(&b, s);
	out->n = start;
	vtl_add(out, buf_slice(&b));
	buf_free(&b);
}

int vtl_render(const struct vtl_tree *tree, const struct vtl_input *in, struct buf *out, struct error *err)
{
	struct vtl_run *r;
	size_t arena_start = in->arena->used, start = out->n;
	struct buf text = *out;
	struct vtl_doc doc;
	static const bool goes_on;
	text.max = out->max ? out->max : (size_t)BUF_MAX_DEFAULT; /* vtl_add looks at it */
	r = arena_alloc(in->arena, sizeof(*r) + tree->names->n * sizeof(*r->slots));
	r->in = in;
	r->arena = in->arena;
	r->err = err;
	r->arena_start = arena_start;
	r->arena_max = arena_start + (in->memory_max ? in->memory_max : VTL_MEMORY_MAX);
	r->steps_max = in->steps_max ? in->steps_max : VTL_STEPS_MAX;
	r->string_max = in->memory_max && in->memory_max < VTL_STRING_MAX ? in->memory_max : VTL_STRING_MAX;
	r->stop = in->stop ? in->stop : &goes_on;
	vtl_left = 4 * r->steps_max;
	r->macros = tree->macros;
	r->counts = tree->counts;
	r->doc = &doc;
	r->slots = (struct vtl_value *)(r + 1);
	r->slot_n = tree->names->n;
	r->known = tree->names;
	r->text_max = tree->max;
	(void)vtl_exec(r, tree->root, &text);
	vtl_left = SIZE_MAX;
	if (r->body_state != VTL_BODY_UNREAD)
		vtl_doc_free(&doc);
	if (!r->status)
		encode(&text, start);
	out->p = text.p;
	out->cap = text.cap;
	out->n = r->status ? start : text.n;
	return r->status;
}
