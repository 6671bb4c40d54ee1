/* The words that rows are made of. */
#include "core/stack.h"
#include "rds/seed_make.h"

static void add_word(struct seed *g, struct seed_list *l, struct slice text, int64_t weight)
{
	ARENA_GROW(&g->kept, l->at, l->n, l->cap);
	l->at[l->n] = (struct seed_word){ .text = text, .upto = (uint64_t)weight + (l->n ? l->at[l->n - 1].upto : 0) };
	l->n++;
}

/* "art|224|canvas painting,mural|abstract,moody"; a list without fields has a word a line, whose "\n" is a new line. */
static bool read_word(struct seed *g, struct seed_list *l, struct slice line)
{
	struct slice text, rest, list, one;
	int64_t weight;
	if (!l->field_n) {
		char *to = arena_alloc(&g->kept, line.n);
		size_t n = 0;
		for (size_t i = 0; i < line.n; i++) {
			bool line_end = line.p[i] == '\\' && i + 1 < line.n && line.p[i + 1] == 'n';
			to[n++] = line_end ? '\n' : line.p[i];
			i += line_end;
		}
		add_word(g, l, sl_of(to, n), 1);
		return true;
	}
	if (!sl_cut(line, '|', &text, &rest) || !sl_cut(rest, '|', &one, &rest) || !sl_int(one, 1, 1000000, &weight))
		return false;
	add_word(g, l, text, weight);
	struct seed_list *parts = l->at[l->n - 1].parts = arena_alloc(&g->kept, l->field_n * sizeof(*parts));
	for (size_t i = 0; i < l->field_n && rest.p; i++) {
		sl_cut(rest, '|', &list, &rest);
		while (list.p) {
			sl_cut(list, ',', &one, &list);
			add_word(g, &parts[i], one, 1);
		}
	}
	return !rest.p && parts[l->field_n - 1].n;
}

/* "title", "category|weight|thing|quality" */
static bool open_list(struct seed *g, struct slice head)
{
	struct slice rest, weight;
	struct seed_list *l = &g->lists[g->list_n];
	if (g->list_n == SEED_LISTS_MAX)
		return false;
	*l = (struct seed_list){ 0 };
	bool fields = sl_cut(head, '|', &l->name, &rest);
	if (seed_list_named(g, l->name) || (fields && (!sl_cut(rest, '|', &weight, &rest) || !sl_eqs(weight, "weight"))))
		return false;
	while (fields && rest.p && l->field_n < SEED_FIELDS_MAX)
		sl_cut(rest, '|', &l->fields[l->field_n++], &rest);
	g->list_n++;
	return !rest.p;
}

static int read_file(struct seed *g, const struct stack_files *files, const char *path, struct error *err)
{
	struct slice rest, line, name = sl(strrchr(path, '/') + 1);
	bool open = false, good = true;
	size_t n, line_n = 0;
	char *text;
	int rc = stack_read(files, path, &text, &n, err);
	if (rc)
		return rc;
	rest = arena_dup(&g->kept, sl_of(text, n));
	free(text);
	sl_cut(arena_dup(&g->kept, name), '.', &name, &line);
	while (good && rest.p) {
		line_n++;
		sl_cut(rest, '\n', &line, &rest);
		if (!line.n || line.p[0] == '#')
			continue;
		bool head = line.p[0] == '[' && line.p[line.n - 1] == ']';
		if (head || !open)
			good = open_list(g, head ? sl_of(line.p + 1, line.n - 2) : name);
		if (!head && good)
			good = read_word(g, &g->lists[g->list_n - 1], line);
		open = true;
	}
	return good ? 0 : err_set(err, ERR_INVALID, "%s:%zu: not a line of this list", path, line_n);
}

int seed_words_read(struct seed *g, const struct stack_files *files, struct error *err)
{
	struct stack_files *usual = NULL;
	const char *path;
	int rc = files && stack_list(files, "seed/", 0) ? 0 : stack_open(NULL, &usual, err);
	for (size_t i = 0; !rc && (path = stack_list(usual ? usual : files, "seed/", i)); i++)
		rc = read_file(g, usual ? usual : files, path, err);
	stack_close(usual);
	return rc;
}

struct seed_list *seed_list_named(struct seed *g, struct slice name)
{
	for (size_t i = 0; i < g->list_n; i++)
		if (sl_eq(g->lists[i].name, name) && g->lists[i].n)
			return &g->lists[i];
	return NULL;
}

bool seed_range(struct slice s, struct slice *lo, struct slice *hi)
{
	ssize_t at = sl_find(s, S(".."));
	if (at < 0)
		return false;
	*lo = sl_of(s.p, (size_t)at);
	*hi = sl_of(s.p + at + 2, s.n - (size_t)at - 2);
	return true;
}

/* What fills the hole {thing}, {thing2}, {Thing}, {category}, {3..42}. */
static bool piece_of(struct seed *g, struct slice hole, struct seed_piece *out)
{
	struct slice lo, hi;
	*out = (struct seed_piece){ .kind = PIECE_NUMBER };
	if (seed_range(hole, &lo, &hi))
		return sl_int(lo, 0, INT32_MAX, &out->lo) && sl_int(hi, out->lo, INT32_MAX, &out->hi);
	char *name = arena_cstr(&g->kept, hole);
	out->capitals = name[0] >= 'A' && name[0] <= 'Z';
	name[0] = (char)(out->capitals ? name[0] - 'A' + 'a' : name[0]);
	if (hole.n && name[hole.n - 1] == '2')
		name[hole.n - 1] = '\0';
	out->kind = PIECE_WORD;
	if ((out->list = seed_list_named(g, sl(name))))
		return true;
	out->kind = PIECE_FIELD;
	for (size_t i = 0; i < g->list_n; i++)
		for (out->field = 0; g->lists[i].n && out->field < g->lists[i].field_n; out->field++)
			if (sl_eqs(g->lists[i].fields[out->field], name)) {
				out->list = &g->lists[i];
				return true;
			}
	return false;
}

const struct seed_word *seed_list_cut(struct seed *g, struct seed_list *l)
{
	for (struct seed_word *w = l->at; w < l->at + l->n; w++) {
		struct slice head, hole, rest = w->text;
		size_t cap = 0;
		bool more = !w->pieces && sl_chr(rest, '{') >= 0;
		while (more) {
			more = sl_cut(rest, '{', &head, &rest);
			ARENA_GROW(&g->kept, w->pieces, w->piece_n + 1, cap);
			if (head.n)
				w->pieces[w->piece_n++] = (struct seed_piece){ .kind = PIECE_TEXT, .text = head };
			if (more && (!sl_cut(rest, '}', &hole, &rest) || !piece_of(g, hole, &w->pieces[w->piece_n++])))
				return w;
		}
		if (w->piece_n > SEED_PIECES_MAX)
			return w;
	}
	return NULL;
}
