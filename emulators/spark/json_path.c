#include "spark/json_path.h"

#include "spark/json_scan.h"

static bool subscript(struct slice s, size_t *i, struct sp_json_step *step)
{
	size_t end = *i + 1, from = end;
	if (end < s.n && s.p[end] == '\'') {
		for (from = ++end; end < s.n && s.p[end] != '\'' && s.p[end] != '?'; end++)
			;
		step->name = sl_of(s.p + from, end - from);
		step->kind = sl_eqs(step->name, "*") ? SP_STEP_ANY : SP_STEP_NAME;
		if (end == from || end + 1 >= s.n || s.p[end] != '\'' || s.p[end + 1] != ']')
			return false;
		*i = end + 2;
		return true;
	}
	if (end + 1 < s.n && s.p[end] == '*' && s.p[end + 1] == ']') {
		step->kind = SP_STEP_EACH;
		*i = end + 2;
		return true;
	}
	step->kind = SP_STEP_INDEX;
	for (; end < s.n && s.p[end] >= '0' && s.p[end] <= '9'; end++)
		step->index = step->index > SIZE_MAX / 20 ? step->index : step->index * 10 + (size_t)(s.p[end] - '0');
	*i = end + 1;
	return end > from && end < s.n && s.p[end] == ']';
}

bool sp_json_path_make(struct sp_json_path *p, struct arena *a, struct slice s)
{
	size_t cap = 0;
	*p = (struct sp_json_path){ 0 };
	if (!s.n || s.p[0] != '$')
		return false;
	for (size_t i = 1; i < s.n;) {
		struct sp_json_step step = { 0 };
		size_t from = i + 1;
		if (s.p[i] == '[') {
			if (!subscript(s, &i, &step))
				return false;
		} else if (s.p[i] == '.') {
			for (i = from; i < s.n && s.p[i] != '.' && s.p[i] != '['; i++)
				;
			step.name = sl_of(s.p + from, i - from);
			step.kind = sl_eqs(step.name, "*") ? SP_STEP_ANY : SP_STEP_NAME;
			if (!step.name.n)
				return false;
		} else {
			return false;
		}
		ARENA_GROW(a, p->steps, p->n, cap);
		p->steps[p->n++] = step;
	}
	return true;
}

enum style { RAW, QUOTED, FLATTEN };
struct walk {
	struct sp_jx x;
	const struct sp_json_path *path;
};

/* Elements of a JSON array are apart by commas that Jackson's generator puts itself: what it would do here. */
struct sink {
	struct buf *b;
	bool in_array, any;
};

static void begin_value(struct sink *to)
{
	if (to->in_array && to->any)
		buf_addc(to->b, ',');
	to->any = true;
}

static bool walk(struct walk *w, struct sink *to, enum style style, size_t step);

static bool copy_all(struct walk *w, struct sink *to)
{
	begin_value(to);
	return sp_jx_copy(&w->x, to->b, true);
}

static bool end_of_path(struct walk *w, struct sink *to, enum style style, size_t step)
{
	enum sp_jx_kind kind = sp_jx_peek(&w->x);
	bool first = true, dirty = false;
	if (kind == SP_JX_STRING && style == RAW) {
		struct sp_jx_token t = sp_jx_scalar(&w->x);
		buf_addsl(to->b, t.text);
		return !w->x.bad;
	}
	if (kind != SP_JX_ARRAY || style != FLATTEN)
		return copy_all(w, to);
	sp_jx_enter(&w->x);
	while (sp_jx_element(&w->x, &first))
		dirty |= walk(w, to, style, step);
	return dirty;
}

static bool by_name(struct walk *w, struct sink *to, enum style style, size_t step)
{
	struct slice name;
	bool first = true, dirty = false;
	sp_jx_enter(&w->x);
	while (sp_jx_name(&w->x, &first, &name)) {
		if (!dirty && sl_eq(name, w->path->steps[step].name) && sp_jx_peek(&w->x) != SP_JX_NULL)
			dirty = walk(w, to, style, step + 1);
		else
			(void)sp_jx_skip(&w->x);
	}
	return dirty;
}

static bool by_index(struct walk *w, struct sink *to, enum style style, size_t step)
{
	const struct sp_json_path *path = w->path;
	bool first = true, dirty = false, each = step + 1 < path->n && path->steps[step + 1].kind == SP_STEP_EACH;
	size_t i = 0;
	sp_jx_enter(&w->x);
	for (; sp_jx_element(&w->x, &first); i++) {
		if (i == path->steps[step].index)
			dirty = walk(w, to, each ? QUOTED : style, step + 1);
		else
			(void)sp_jx_skip(&w->x);
	}
	return dirty;
}

/* "[*]": an array of what its elements have; of a single one just that, unless an array around it is written already. */
static bool by_each(struct walk *w, struct sink *to, enum style style, size_t step)
{
	const struct sp_json_path *path = w->path;
	struct buf b = { 0 };
	struct sink inner = { .b = &b, .in_array = true };
	bool first = true, twice = step + 1 < path->n && path->steps[step + 1].kind == SP_STEP_EACH, always = twice || style == QUOTED;
	size_t n = 0;
	sp_jx_enter(&w->x);
	while (sp_jx_element(&w->x, &first))
		n += walk(w, &inner, twice ? FLATTEN : style == FLATTEN ? FLATTEN : QUOTED, step + (twice ? 2 : 1));
	if (always || n) {
		begin_value(to);
		if (always || n > 1)
			buf_addc(to->b, '[');
		buf_addsl(to->b, buf_slice(&b));
		if (always || n > 1)
			buf_addc(to->b, ']');
	}
	buf_free(&b);
	return n > 0;
}

static bool walk(struct walk *w, struct sink *to, enum style style, size_t step)
{
	enum sp_jx_kind kind;
	enum sp_json_step_kind want;
	if (step == w->path->n)
		return end_of_path(w, to, style, step);
	kind = sp_jx_peek(&w->x);
	want = w->path->steps[step].kind;
	if (kind == SP_JX_OBJECT && want == SP_STEP_NAME)
		return by_name(w, to, style, step);
	if (kind == SP_JX_ARRAY && want == SP_STEP_INDEX)
		return by_index(w, to, style, step);
	if (kind == SP_JX_ARRAY && want == SP_STEP_EACH)
		return by_each(w, to, style, step);
	(void)sp_jx_skip(&w->x);
	return false;
}

bool sp_json_path_get(const struct sp_json_path *p, struct arena *a, struct slice json, struct buf *out)
{
	struct walk w = { .path = p };
	struct sink to = { .b = out };
	bool found;
	sp_jx_init(&w.x, a, sp_json_mended(a, json), NULL);
	w.x.control_chars = true;
	w.x.nan = false;
	if (sp_jx_peek(&w.x) == SP_JX_END)
		return false;
	found = walk(&w, &to, RAW, 0);
	return found && !w.x.bad;
}
