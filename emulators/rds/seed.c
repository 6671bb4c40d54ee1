/* Made rows: the word lists, people and places. What a post says is in seed_pin.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/fault.h"
#include "rds/seed.h"
#include "rds/seed_words.h"

const struct seed_table seed_tables[SEED_TABLES] = {
	{ "pinterest_data", 12,
	  { { "index", 'i' }, { "unique_id", 't' }, { "title", 't' }, { "description", 't' }, { "poster_name", 't' },
	    { "follower_count", 't' }, { "tag_list", 't' }, { "is_image_or_video", 't' }, { "image_src", 't' },
	    { "downloaded", 'i' }, { "save_location", 't' }, { "category", 't' } } },
	{ "geolocation_data", 5,
	  { { "ind", 'i' }, { "timestamp", 'd' }, { "latitude", 'f' }, { "longitude", 'f' }, { "country", 't' } } },
	{ "user_data", 5,
	  { { "ind", 'i' }, { "first_name", 't' }, { "last_name", 't' }, { "age", 'i' }, { "date_joined", 'd' } } },
};

const struct seed_table *seed_table(struct slice name)
{
	for (size_t i = 0; i < SEED_TABLES; i++)
		if (sl_eqs(name, seed_tables[i].name))
			return &seed_tables[i];
	return NULL;
}

int seed_create_sql(const struct stack_files *f, const struct seed_table *t, char **out, struct error *err)
{
	size_t n;
	char *text, *start = xasprintf("CREATE TABLE %s (", t->name);
	int rc = stack_read(f, "seed/schema.sql", &text, &n, err);
	if (!rc) {
		char *from = strstr(text, start), *end = from ? strchr(from, ';') : NULL;
		if (end)
			*out = xstrndup(from, (size_t)(end - from));
		else
			rc = err_set(err, ERR_NOT_FOUND, "seed/schema.sql: no \"%s...);\"", start);
		free(text);
	}
	free(start);
	return rc;
}

/* ---- chance in integers: u is uniform in 0..2^32-1, and the bent ones lean towards 0 ---- */

uint64_t seed_draw(const struct seed *g, const char *site, uint64_t n)
{
	return faults_hash(g->seed, sl(site), n) >> 32;
}

uint64_t seed_below(const struct seed *g, const char *site, uint64_t n, uint64_t below)
{
	return seed_draw(g, site, n) * below >> 32;
}

static uint64_t square(uint64_t u)
{
	return u * u >> 32;
}

/* u to the power 2.5: by the integer square root. */
static uint64_t bent(uint64_t u)
{
	uint64_t x = u << 32, root = 0;
	for (uint64_t bit = 1ULL << 62; bit; bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return square(u) * root >> 32;
}

struct slice seed_pick(const struct words *w, uint64_t u)
{
	return w->at[u * w->n >> 32];
}

/* ---- people: half of the rows are by someone seen before, a few people write a lot ---- */

static uint64_t person_of(const struct seed *g, int64_t ind)
{
	uint64_t u = seed_draw(g, "person", (uint64_t)ind);
	return (square(u) * u >> 32) * (uint64_t)g->count >> 32;
}

static struct slice datetime(struct seed *g, int64_t from_s, int64_t to_s, uint64_t u, uint64_t low)
{
	int64_t span = to_s - from_s;
	int64_t at = from_s + (int64_t)((u * (uint64_t)span + (low * (uint64_t)span >> 32)) >> 32), second = at % 86400;
	int year, month, day;
	clock_civil(at / 86400, &year, &month, &day);
	return arena_printf(&g->arena, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day, (int)(second / 3600),
			    (int)(second / 60 % 60), (int)(second % 60));
}

/* -half..half degrees, leaning to the low end, six significant digits as MySQL's FLOAT shows them. */
static struct slice degrees(struct seed *g, uint64_t u, int64_t half)
{
	int64_t micro = (int64_t)(bent(u) * (uint64_t)(2 * half * 1000000) >> 32) - half * 1000000;
	int64_t size = micro < 0 ? -micro : micro, unit = 1;
	while (size / unit >= 1000000)
		unit *= 10;
	micro = (micro < 0 ? -1 : 1) * ((size + unit / 2) / unit) * unit;
	size = micro < 0 ? -micro : micro;
	char text[32];
	int n = snprintf(text, sizeof(text), "%s%lld.%06lld", micro < 0 ? "-" : "", (long long)(size / 1000000),
			 (long long)(size % 1000000));
	while (text[n - 1] == '0')
		n--;
	n -= text[n - 1] == '.';
	return arena_dup(&g->arena, sl_of(text, (size_t)n));
}

static void geo_row(struct seed *g, int64_t ind, struct slice *cells)
{
	uint64_t p = person_of(g, ind);
	cells[0] = arena_printf(&g->arena, "%lld", (long long)ind);
	cells[1] = datetime(g, 1508426022, 1666202066, seed_draw(g, "posted", (uint64_t)ind), 0); /* 2017-10-19..2022-10-19 */
	cells[2] = degrees(g, seed_draw(g, "latitude", p), 90);
	cells[3] = degrees(g, seed_draw(g, "longitude", p), 180);
	cells[4] = seed_pick(&g->countries, square(seed_draw(g, "country", p)));
}

static void user_row(struct seed *g, int64_t ind, struct slice *cells)
{
	uint64_t p = person_of(g, ind);
	cells[0] = arena_printf(&g->arena, "%lld", (long long)ind);
	cells[1] = seed_pick(&g->first_names, square(seed_draw(g, "first", p)));
	cells[2] = seed_pick(&g->last_names, square(seed_draw(g, "last", p)));
	cells[3] = arena_printf(&g->arena, "%d", (int)(20 + (square(seed_draw(g, "age", p)) * 41 >> 32)));
	cells[4] = datetime(g, 1445385600, 1508426021, bent(seed_draw(g, "joined", p)), seed_draw(g, "joined.s", p)); /* 2015-10-21.. */
}

void seed_row(struct seed *g, const struct seed_table *t, int64_t ind, struct slice cells[SEED_COLUMNS_MAX])
{
	arena_reset(&g->arena);
	if (t == &seed_tables[0])
		seed_pin_row(g, ind, cells);
	else if (t == &seed_tables[1])
		geo_row(g, ind, cells);
	else
		user_row(g, ind, cells);
}

int seed_rows(struct seed *g, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err)
{
	struct slice cells[SEED_COLUMNS_MAX];
	int rc = 0;
	for (int64_t i = 0; !rc && i < g->count; i++) {
		seed_row(g, t, i, cells);
		rc = fn(arg, t, cells, err);
	}
	return rc;
}

/* ---- word lists ---- */

static void add_word(struct words *w, struct slice s)
{
	GROW(w->at, w->n, w->cap);
	w->at[w->n++] = s;
}

void seed_split(struct words *w, struct slice list)
{
	for (struct slice one; list.p;) {
		sl_cut(list, ',', &one, &list);
		add_word(w, one);
	}
}

typedef int (*line_fn)(struct seed *g, struct words *w, struct slice line);

static int add_line(struct seed *g, struct words *w, struct slice line)
{
	(void)g;
	add_word(w, line);
	return 0;
}

static int add_category(struct seed *g, struct words *w, struct slice line)
{
	struct slice name, weight, things, qualities;
	int64_t n;
	(void)w;
	if (!sl_cut(line, '|', &name, &weight) || !sl_cut(weight, '|', &weight, &things) ||
	    !sl_cut(things, '|', &things, &qualities) || !sl_int(weight, 1, 1000000, &n))
		return -1;
	g->categories = xrealloc(g->categories, (g->category_n + 1) * sizeof(*g->categories));
	struct seed_category *c = &g->categories[g->category_n++];
	*c = (struct seed_category){ .name = name };
	g->weight += (uint64_t)n;
	c->upto = g->weight;
	seed_split(&c->things, things);
	seed_split(&c->qualities, qualities);
	return 0;
}

static int add_phrase(struct seed *g, struct words *w, struct slice line)
{
	static const char *const kinds[] = { "title", "text", "poster", "accent", "picture", "line" };
	struct slice kind, text;
	(void)w;
	if (!sl_cut(line, '|', &kind, &text))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (sl_eqs(kind, kinds[i])) {
			add_word(&g->phrases[i], text);
			return 0;
		}
	}
	return -1;
}

static int read_list(struct seed *g, const struct stack_files *f, const char *path, line_fn fn, struct words *w, struct error *err)
{
	size_t n;
	char **text = &g->texts[g->text_n++];
	int rc = stack_read(f, path, text, &n, err), line_n = 0;
	struct slice rest = rc ? sl(NULL) : sl_of(*text, n), line;
	while (!rc && rest.p && rest.n) {
		line_n++;
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && line.p[0] != '#' && fn(g, w, line))
			rc = err_set(err, ERR_INVALID, "%s:%d: not a line of this list", path, line_n);
	}
	return rc;
}

int seed_open(const struct stack_files *f, uint64_t seed, int64_t count, struct seed **out, struct error *err)
{
	struct seed *g = xcalloc(1, sizeof(*g));
	g->seed = seed;
	g->count = count;
	int rc = read_list(g, f, "seed/countries.txt", add_line, &g->countries, err);
	if (!rc)
		rc = read_list(g, f, "seed/first_names.txt", add_line, &g->first_names, err);
	if (!rc)
		rc = read_list(g, f, "seed/last_names.txt", add_line, &g->last_names, err);
	if (!rc)
		rc = read_list(g, f, "seed/categories.txt", add_category, NULL, err);
	if (!rc)
		rc = read_list(g, f, "seed/phrases.txt", add_phrase, NULL, err);
	bool empty = !g->countries.n || !g->first_names.n || !g->last_names.n || !g->category_n;
	for (size_t i = 0; i < PHRASE_KINDS; i++)
		empty |= !g->phrases[i].n;
	if (!rc && empty)
		rc = err_set(err, ERR_INVALID, "seed/: a word list is empty");
	if (rc) {
		seed_close(g);
		return rc;
	}
	*out = g;
	return 0;
}

void seed_close(struct seed *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->category_n; i++) {
		free(g->categories[i].things.at);
		free(g->categories[i].qualities.at);
	}
	for (size_t i = 0; i < PHRASE_KINDS; i++)
		free(g->phrases[i].at);
	for (size_t i = 0; i < g->text_n; i++)
		free(g->texts[i]);
	free(g->categories);
	free(g->countries.at);
	free(g->first_names.at);
	free(g->last_names.at);
	arena_free(&g->arena);
	free(g);
}
