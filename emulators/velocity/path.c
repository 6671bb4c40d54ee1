/* Paths compiled to tokens and evaluated. */
#include "velocity/path.h"

/* ---- compiling ---- */

static struct jp_token *append(struct arena *a, struct jp_token **first, struct jp_token **last, enum jp_kind kind)
{
	struct jp_token *t = arena_alloc(a, sizeof(*t));
	t->kind = kind;
	t->prev = *last;
	if (*last)
		(*last)->next = t;
	else
		*first = t;
	*last = t;
	return t;
}

static void set_name(struct arena *a, struct jp_token *t, struct slice name)
{
	t->names = arena_alloc(a, sizeof(*t->names));
	t->names[0] = name;
	t->name_n = 1;
}

/* The fragment from the first quote: every quoted text up to the first "]". */
static int compile_names(struct arena *a, struct slice f, size_t i, struct jp_token *t)
{
	size_t start = 0;
	bool open = false;
	t->kind = JP_PROPERTY;
	t->names = arena_alloc(a, (f.n / 2 + 1) * sizeof(*t->names));
	for (; i < f.n && f.p[i] != ']'; i++) {
		if (f.p[i] != '\'')
			continue;
		if (open)
			t->names[t->name_n++] = sl_of(f.p + start, i - start);
		open = !open;
		start = i + 1;
	}
	return i < f.n && t->name_n ? 0 : ERR_INVALID;
}

/* Digits, minus and spaces from *i on, as one number; absent when there is none. */
static int take_number(struct slice f, size_t *i, bool *there, int64_t *out)
{
	char text[16];
	size_t n = 0;
	for (; *i < f.n && strchr("0123456789- ", f.p[*i]) && f.p[*i]; ++*i)
		if (f.p[*i] != ' ') {
			if (n == sizeof(text))
				return ERR_INVALID;
			text[n++] = f.p[*i];
		}
	*there = n > 0;
	if (n && !sl_int(sl_of(text, n), INT32_MIN, INT32_MAX, out))
		return ERR_INVALID;
	return 0;
}

/* "@.length-1", "@.size() - 1" */
static int compile_size(struct slice f, size_t i, struct jp_token *t)
{
	struct slice rest = { f.p + i, f.n - i };
	char name[8];
	size_t n = 0;
	bool there;
	for (i = 2; i < rest.n && rest.p[i] != '-'; i++)
		if (rest.p[i] != ' ' && rest.p[i] != '(' && rest.p[i] != ')' && n < sizeof(name))
			name[n++] = rest.p[i];
	if (!sl_eqs(sl_of(name, n), "size") && !sl_eqs(sl_of(name, n), "length"))
		return ERR_INVALID;
	t->kind = JP_SIZE;
	t->number_n = 1;
	return take_number(rest, &i, &there, &t->numbers[0]) || !there ? ERR_INVALID : 0;
}

/* Numbers with "," or ":" between them, from position i of the fragment. */
static int compile_array(struct arena *a, struct slice f, size_t i, struct jp_token *t)
{
	bool there, between = false;
	t->numbers = arena_alloc(a, (f.n + 1) * sizeof(*t->numbers));
	if (f.p[i] == '@')
		return compile_size(f, i, t);
	t->kind = JP_INDEX;
	for (;;) {
		if (take_number(f, &i, &there, &t->numbers[t->number_n]))
			return ERR_INVALID;
		t->number_n += there;
		if (i == f.n || (f.p[i] != ',' && f.p[i] != ':'))
			break;
		if (f.p[i] == ',') {
			if (!there)
				return ERR_INVALID;
			t->kind = JP_INDEXES;
		} else if (between) {
			break;
		} else {
			between = true;
			t->kind = there ? JP_FROM : JP_TO;
		}
		i++;
	}
	if (t->kind == JP_FROM && t->number_n == 2)
		t->kind = JP_BETWEEN;
	return t->number_n && (t->kind == JP_INDEXES || t->number_n == (t->kind == JP_BETWEEN ? 2u : 1u)) ? 0 : ERR_INVALID;
}

/* "[...]": what its first telling character says it is. */
static int compile_bracket(struct arena *a, struct slice f, int depth, struct jp_token *t)
{
	if (sl_eqs(f, "[*]")) {
		t->kind = JP_WILDCARD;
		return 0;
	}
	for (size_t i = 0; i < f.n; i++) {
		char c = f.p[i];
		if (c == '?') {
			t->kind = JP_FILTER;
			return jp_filter_compile(a, f, depth + 1, &t->filter);
		}
		if (c == '\'')
			return compile_names(a, f, i, t);
		if ((c >= '0' && c <= '9') || c == ':' || c == '-' || c == '@')
			return compile_array(a, f, i, t);
	}
	return ERR_INVALID;
}

/* Length of the fragment in brackets at the start of s. */
static size_t bracket_length(struct slice s)
{
	int nested = 0;
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == ']' && nested-- == 0)
			return i + 1;
		nested += s.p[i] == '[';
	}
	return 0;
}

static size_t name_length(struct slice s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] != '.' && s.p[i] != '[' && s.p[i] != ' ')
		i++;
	return i;
}

static bool is_definite(const struct jp_token *t)
{
	for (; t; t = t->next)
		if (t->kind != JP_PROPERTY && t->kind != JP_INDEX && t->kind != JP_SIZE)
			return false;
	return true;
}

static bool is_plain(const struct jp_token *t)
{
	for (; t; t = t->next)
		if (t->kind == JP_PROPERTY ? t->name_n != 1 : t->kind != JP_INDEX)
			return false;
	return true;
}

int jp_compile(struct arena *a, struct slice path, int depth, struct jp_path *out)
{
	struct slice s = sl_trim(path);
	struct jp_token *last = NULL;
	*out = (struct jp_path){ 0 };
	if (!s.n || depth > JP_DEPTH_MAX || sl_ends(s, S("..")))
		return ERR_INVALID;
	out->relative = s.p[0] == '@';
	if (s.p[0] == '$' || s.p[0] == '@') {
		s = sl_from(s, 1);
		if (s.n && s.p[0] != '.' && s.p[0] != '[')
			return ERR_INVALID;
	}
	while (s.n) {
		size_t n = 1;
		if (s.p[0] == ' ' || s.p[0] == '$')
			return ERR_INVALID;
		if (s.p[0] == '[') {
			n = bracket_length(s);
			if (!n || compile_bracket(a, sl_of(s.p, n), depth, append(a, &out->first, &last, JP_WILDCARD)))
				return ERR_INVALID;
		} else if (s.p[0] == '.' && s.n > 1 && s.p[1] == '.') {
			append(a, &out->first, &last, JP_SCAN);
			n = 2;
		} else if (s.p[0] == '*') {
			append(a, &out->first, &last, JP_WILDCARD);
		} else {
			size_t dot = s.p[0] == '.';
			n = name_length(sl_from(s, dot));
			if (dot && s.n == 1)
				return ERR_INVALID;
			if (dot && n == 1 && s.p[1] == '*')
				append(a, &out->first, &last, JP_WILDCARD);
			else if (n)
				set_name(a, append(a, &out->first, &last, JP_PROPERTY), sl_of(s.p + dot, n));
			n += dot;
		}
		s.p += n;
		s.n -= n;
	}
	out->definite = is_definite(out->first);
	out->plain = is_plain(out->first);
	return 0;
}

/* ---- evaluating ---- */

static int walk(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out);

static int step(struct jp_run *r)
{
	return ++r->visited > JP_NODES_MAX || r->depth > VTL_JSON_DEPTH_MAX * 2 || !vtl_spend(2) ? ERR_LIMIT : 0;
}

/* What a token leads to: the rest of the path, or the result. */
static int forward(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out)
{
	int status;
	if (!t->next) {
		vtl_list_add(out, v);
		return step(r);
	}
	r->depth++;
	status = walk(r, t->next, v, out);
	r->depth--;
	return status;
}

static int walk_names(struct jp_run *r, const struct jp_token *t, const struct vtl_map *m, struct vtl_list *out)
{
	struct vtl_entry *e;
	struct vtl_map *merged;
	if (t->name_n == 1) {
		e = vtl_map_find(m, vtl_str(t->names[0]));
		if (e)
			return forward(r, t, e->value, out);
		/* Jayway looks at the token before and all behind, not at all before. */
		return t->next && !is_definite(t->prev ? t->prev : t) ? 0 : ERR_NOT_FOUND;
	}
	if (t->next)
		return ERR_INVALID;
	merged = vtl_map_new(r->arena);
	for (size_t i = 0; i < t->name_n; i++) {
		e = vtl_map_find(m, vtl_str(t->names[i]));
		if (e)
			vtl_map_put(merged, e->key, e->value);
	}
	return forward(r, t, vtl_of_map(merged), out);
}

static int walk_index(struct jp_run *r, const struct jp_token *t, const struct vtl_list *l, int64_t i, struct vtl_list *out)
{
	if (i < 0 || i >= (int64_t)l->n)
		return ERR_NOT_FOUND;
	return forward(r, t, l->v[i], out);
}

static int walk_slice(struct jp_run *r, const struct jp_token *t, const struct vtl_list *l, int64_t from, int64_t to,
		      struct vtl_list *out)
{
	int status = 0;
	for (int64_t i = from; i < to && !status; i++)
		status = walk_index(r, t, l, i, out);
	return status;
}

static int walk_array(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out)
{
	const struct vtl_list *l = v.list;
	int64_t length, n = t->numbers[0];
	int status = 0;
	if (v.type != VTL_LIST)
		return v.type == VTL_NULL ? ERR_NOT_FOUND : ERR_INVALID;
	length = (int64_t)l->n;
	switch (t->kind) {
	case JP_INDEXES:
		for (size_t i = 0; i < t->number_n && !status; i++)
			status = walk_index(r, t, l, t->numbers[i], out);
		return status;
	case JP_SIZE:
		return walk_index(r, t, l, length + n, out);
	case JP_FROM:
		n = n < 0 ? length + n : n;
		return walk_slice(r, t, l, n < 0 ? 0 : n, length, out);
	case JP_TO:
		n = n < 0 ? length + n : n;
		return walk_slice(r, t, l, 0, n < length ? n : length, out);
	case JP_BETWEEN:
		return length ? walk_slice(r, t, l, n, t->numbers[1] < length ? t->numbers[1] : length, out) : 0;
	default:
		return walk_index(r, t, l, n, out);
	}
}

static int walk_wildcard(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out)
{
	int status = 0;
	if (v.type == VTL_MAP)
		for (size_t i = 0; i < v.map->n && !status; i++)
			status = forward(r, t, v.map->v[i]->value, out);
	if (v.type == VTL_LIST)
		for (size_t i = 0; i < v.list->n && !status; i++) {
			status = forward(r, t, v.list->v[i], out);
			if (status == ERR_NOT_FOUND)
				status = 0;
		}
	return status;
}

static int walk_filter(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out)
{
	int status;
	if (v.type == VTL_MAP) {
		status = jp_filter_accepts(r, t->filter, v);
		return status == 1 ? forward(r, t, v, out) : status;
	}
	if (v.type != VTL_LIST)
		return ERR_INVALID;
	for (size_t i = 0; i < v.list->n; i++) {
		status = jp_filter_accepts(r, t->filter, v.list->v[i]);
		if (status == 1)
			status = forward(r, t, v.list->v[i], out);
		if (status < 0)
			return status;
	}
	return 0;
}

/* Whether "..": the token behind applies to v; negative: error. */
static int scan_matches(struct jp_run *r, const struct jp_token *t, struct vtl_value v)
{
	switch (t->kind) {
	case JP_PROPERTY:
		if (v.type != VTL_MAP)
			return 0;
		for (size_t i = 0; i < t->name_n; i++)
			if (!vtl_map_find(v.map, vtl_str(t->names[i])))
				return 0;
		return 1;
	case JP_WILDCARD:
		return 1;
	case JP_FILTER:
		return jp_filter_accepts(r, t->filter, v);
	case JP_SCAN:
		return 0;
	default:
		return v.type == VTL_LIST;
	}
}

/* In an array Jayway skips the token and goes on with the next one in each element. */
static int scan_array(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out)
{
	int status = 0;
	if (!t->next)
		return walk(r, t, v, out);
	for (size_t i = 0; i < v.list->n && !status; i++)
		status = forward(r, t, v.list->v[i], out);
	return status;
}

static int scan(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out)
{
	int status;
	if (v.type != VTL_MAP && v.type != VTL_LIST)
		return 0;
	if (step(r))
		return ERR_LIMIT;
	status = scan_matches(r, t, v);
	if (status == 1)
		status = v.type == VTL_LIST ? scan_array(r, t, v, out) : walk(r, t, v, out);
	r->depth++;
	for (size_t i = 0; !status && i < (v.type == VTL_LIST ? v.list->n : v.map->n); i++)
		status = scan(r, t, v.type == VTL_LIST ? v.list->v[i] : v.map->v[i]->value, out);
	r->depth--;
	return status;
}

static int walk(struct jp_run *r, const struct jp_token *t, struct vtl_value v, struct vtl_list *out)
{
	if (step(r))
		return ERR_LIMIT;
	switch (t->kind) {
	case JP_PROPERTY:
		return v.type == VTL_MAP ? walk_names(r, t, v.map, out) : ERR_NOT_FOUND;
	case JP_WILDCARD:
		return walk_wildcard(r, t, v, out);
	case JP_FILTER:
		return walk_filter(r, t, v, out);
	case JP_SCAN:
		return t->next ? scan(r, t->next, v, out) : ERR_INVALID;
	default:
		return walk_array(r, t, v, out);
	}
}

int jp_single(struct jp_run *r, const struct jp_path *path, struct vtl_value from, struct vtl_value *out)
{
	struct vtl_list found = { .arena = r->arena };
	int status;
	*out = from;
	if (!path->first)
		return 0;
	status = walk(r, path->first, from, &found);
	if (status)
		return status;
	if (!found.n)
		return ERR_NOT_FOUND;
	*out = found.v[found.n - 1];
	return 0;
}

bool jp_find(struct arena *a, const struct vtl_doc *d, const struct jp_path *path, size_t *visited, size_t *at)
{
	size_t i = 0;
	for (const struct jp_token *t = path->first; t; t = t->next) {
		*visited += 1 + d->v[i].count / 8;
		i = t->kind == JP_INDEX ? vtl_doc_item(d, i, t->numbers[0]) : vtl_doc_member(d, i, t->names[0], a);
		if (!i)
			return false;
	}
	*at = i;
	return true;
}

int jp_read(struct arena *a, struct vtl_value root, struct slice path, size_t *visited, struct vtl_value *out)
{
	struct jp_path p;
	int status = jp_compile(a, path, 0, &p);
	return status ? status : jp_run(a, root, &p, visited, out);
}

int jp_run(struct arena *a, struct vtl_value root, const struct jp_path *path, size_t *visited, struct vtl_value *out)
{
	struct jp_run r = { .arena = a, .root = root };
	struct vtl_list *found;
	struct vtl_value v;
	int status;
	if (path->definite) {
		status = jp_single(&r, path, root, &v);
	} else {
		found = vtl_list_new(a, VTL_JSON_LIST, 0);
		status = walk(&r, path->first, root, found);
		v = vtl_of_list(found);
	}
	*visited += r.visited;
	if (!status)
		*out = v;
	return status;
}
