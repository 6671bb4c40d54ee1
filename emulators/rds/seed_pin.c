/* What a made post says: texts from the phrase lists, and the dirt of the real table at its measured rates. */
#include <stdio.h>
#include <string.h>

#include "core/fault.h"
#include "rds/seed_words.h"

/* The words one phrase is filled with. */
struct fill {
	const struct seed_category *category;
	uint64_t n; /* draws are taken at this row (or poster) */
};

static struct slice word_for(struct seed *g, const struct fill *f, struct slice name, uint64_t salt)
{
	char site[32];
	snprintf(site, sizeof(site), "w.%.*s.%llu", SL(name), (unsigned long long)salt);
	uint64_t u = seed_draw(g, site, f->n);
	if (name.p[0] == 'q')
		return seed_pick(&f->category->qualities, u);
	if (name.p[0] == 't')
		return seed_pick(&f->category->things, u);
	if (name.p[0] == 'f')
		return seed_pick(&g->first_names, u);
	if (name.p[0] == 'l')
		return seed_pick(&g->last_names, u);
	if (name.p[0] == 'n')
		return arena_printf(&g->arena, "%llu", (unsigned long long)(3 + (u * 40 >> 32)));
	char *spaced = arena_cstr(&g->arena, f->category->name);
	for (char *c = spaced; *c; c++)
		if (*c == '-')
			*c = ' ';
	return sl(spaced);
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Appends the phrase with its {words} filled in and its first letter in upper case. */
static void fill_in(struct seed *g, struct buf *out, const struct fill *f, struct slice phrase, uint64_t salt)
{
	size_t start = out->n;
	struct slice head, rest = phrase, name;
	while (sl_cut(rest, '{', &head, &rest)) {
		buf_addsl(out, head);
		if (!sl_cut(rest, '}', &name, &rest) || !name.n)
			return;
		buf_addsl(out, word_for(g, f, name, salt));
	}
	buf_addsl(out, head);
	if (out->n > start)
		out->p[start] = upper(out->p[start]);
}

/* Adds a phrase whose "\n" is a new line. */
static void add_accent(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool line = s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == 'n';
		buf_addc(out, line ? '\n' : s.p[i]);
		i += line;
	}
}

static struct slice taken(struct seed *g, struct buf *b)
{
	struct slice s = arena_dup(&g->arena, buf_slice(b));
	buf_free(b);
	return s;
}

static struct slice title(struct seed *g, const struct fill *f)
{
	struct buf b = { 0 };
	uint64_t u = seed_below(g, "title.kind", f->n, 1000);
	fill_in(g, &b, f, seed_pick(&g->phrases[PHRASE_TITLE], seed_draw(g, "title", f->n)), 0);
	for (uint64_t i = 1; u >= 960 && i < 5 && b.n < 110; i++) { /* the long ones */
		buf_adds(&b, i % 2 ? " - " : ". ");
		fill_in(g, &b, f, seed_pick(&g->phrases[PHRASE_TITLE], seed_draw(g, "title.more", f->n + i)), i);
	}
	enum phrase_kind accent = u < 83 ? PHRASE_ACCENT : u < 100 ? PHRASE_PICTURE : u < 102 ? PHRASE_LINE : PHRASE_KINDS;
	if (accent < PHRASE_KINDS)
		add_accent(&b, seed_pick(&g->phrases[accent], seed_draw(g, "accent", f->n)));
	return taken(g, &b);
}

/* Cut at a word before the limit, with the source's mark of a cut: an ellipsis and a no-break space. */
static void cut_text(struct buf *b)
{
	enum { CUT = 174 };
	size_t n = b->n < CUT ? b->n : CUT;
	while (n > 1 && (b->p[n] != ' ' || b->p[n - 1] == ' '))
		n--;
	b->n = n;
	buf_adds(b, "\xe2\x80\xa6\xc2\xa0");
}

static struct slice description(struct seed *g, const struct fill *f)
{
	struct buf b = { 0 };
	uint64_t u = seed_below(g, "text.kind", f->n, 1000);
	size_t least = u < 365 ? 180 : u < 600 ? 120 : 1;
	for (uint64_t i = 0; b.n < least && i < 8; i++) {
		if (i)
			buf_addc(&b, ' ');
		fill_in(g, &b, f, seed_pick(&g->phrases[PHRASE_TEXT], seed_draw(g, "text", f->n * 8 + i)), i);
	}
	if (b.n > 178)
		cut_text(&b);
	return taken(g, &b);
}

static struct slice tags(struct seed *g, const struct fill *f)
{
	struct buf b = { 0 };
	const struct words *things = &f->category->things, *qualities = &f->category->qualities;
	size_t from = (size_t)seed_below(g, "tags", f->n, things->n), n = seed_below(g, "tags.n", f->n, 500) ? 9 : 4;
	for (size_t i = 0; i < n; i++) {
		size_t start = b.n;
		if (i)
			buf_addc(&b, ',');
		if (i % 2)
			buf_addf(&b, "%.*s ", SL(qualities->at[(from + i / 2) % qualities->n]));
		buf_addsl(&b, things->at[(from + i) % things->n]);
		for (size_t k = start; k < b.n; k++)
			if (k == 0 || b.p[k - 1] == ' ' || b.p[k - 1] == ',')
				b.p[k] = upper(b.p[k]);
	}
	return taken(g, &b);
}

/* ---- posters: each has one name and one follower count ---- */

static struct slice poster_name(struct seed *g, uint64_t poster, uint64_t ind)
{
	struct fill f = { &g->categories[seed_below(g, "poster.category", poster, g->category_n)], poster };
	struct buf b = { 0 };
	fill_in(g, &b, &f, seed_pick(&g->phrases[PHRASE_POSTER], seed_draw(g, "poster", poster)), 99);
	if (seed_below(g, "poster.blank", ind, 1000) < 18)
		buf_addc(&b, ' ');
	return taken(g, &b);
}

/* Leans to small numbers as the real ones do: n of the k's is 13 at a quarter and 60 at the half. */
static uint64_t few(uint64_t u, uint64_t top)
{
	uint64_t u2 = u * u >> 32;
	return (u2 * u2 >> 32) * top >> 32;
}

static struct slice followers(struct seed *g, uint64_t poster)
{
	uint64_t kind = seed_below(g, "followers.kind", poster, 1000), u = seed_draw(g, "followers", poster);
	if (kind < 170)
		return arena_printf(&g->arena, "%llu", (unsigned long long)((u * u >> 32) * 1000 >> 32));
	if (kind < 922)
		return arena_printf(&g->arena, "%lluk", (unsigned long long)(1 + few(u, 991)));
	return arena_printf(&g->arena, "%lluM", (unsigned long long)(1 + few(u, 15)));
}

/* ---- the row ---- */

/* Posts lie in the table category by category, in the order of the list. */
static const struct seed_category *category_of(const struct seed *g, int64_t ind)
{
	size_t i = 0;
	while (i + 1 < g->category_n && (uint64_t)ind * g->weight >= g->categories[i].upto * (uint64_t)g->count)
		i++;
	return &g->categories[i];
}

static struct slice uuid4(struct seed *g, uint64_t n)
{
	uint64_t a = faults_hash(g->seed, S("uuid.a"), n), b = faults_hash(g->seed, S("uuid.b"), n);
	return arena_printf(&g->arena, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
			    (unsigned)(a & 0xfff), (unsigned)(b >> 48 & 0x3fff) | 0x8000,
			    (unsigned long long)(b & 0xffffffffffffULL));
}

static struct slice image_src(struct seed *g, uint64_t n, bool video)
{
	uint64_t a = faults_hash(g->seed, S("image.a"), n), b = faults_hash(g->seed, S("image.b"), n);
	return arena_printf(&g->arena, "https://i.pinimg.com/%soriginals/%02x/%02x/%02x/%016llx%016llx%s",
			    video ? "videos/thumbnails/" : "", (unsigned)(a >> 56), (unsigned)(a >> 48 & 0xff),
			    (unsigned)(a >> 40 & 0xff), (unsigned long long)a, (unsigned long long)b,
			    video ? ".0000001.jpg" : b % 20 ? ".jpg" : ".png");
}

enum pin_cell { P_INDEX, P_ID, P_TITLE, P_TEXT, P_POSTER, P_FOLLOWERS, P_TAGS, P_TYPE, P_IMAGE, P_DOWNLOADED, P_SAVED, P_CATEGORY };

static void dirty(struct slice *cells)
{
	cells[P_TITLE] = S("No Title Data Available");
	cells[P_POSTER] = cells[P_FOLLOWERS] = S("User Info Error");
	cells[P_TAGS] = S("N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e");
}

void seed_pin_row(struct seed *g, int64_t ind, struct slice *cells)
{
	uint64_t n = (uint64_t)ind, kind = seed_below(g, "pin.kind", n, 1000);
	struct fill f = { category_of(g, ind), n };
	/* The first row that every run of the users' scripts reads is a wholly dirty one, as in the real table. */
	bool whole = kind < 6 || ind == 7528, story = whole || kind < 69, video = !story && kind < 99;
	bool no_image = whole || seed_below(g, "pin.image", n, 1000) < 13;
	uint64_t poster = seed_draw(g, "pin.poster", n);
	poster = (poster * poster >> 32) * (uint64_t)g->count >> 32;
	cells[P_INDEX] = arena_printf(&g->arena, "%lld", (long long)ind);
	cells[P_ID] = uuid4(g, n);
	cells[P_TITLE] = story && no_image ? S("") : title(g, &f);
	cells[P_TEXT] = story ? S("No description available Story format") :
			seed_below(g, "pin.text", n, 1000) < 17 ? S("No description available") : description(g, &f);
	cells[P_POSTER] = poster_name(g, poster, n);
	cells[P_FOLLOWERS] = followers(g, poster);
	cells[P_TAGS] = seed_below(g, "pin.tags", n, 1000) < 5 ? S("N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e") : tags(g, &f);
	cells[P_TYPE] = story ? S("multi-video(story page format)") : video ? S("video") : S("image");
	cells[P_IMAGE] = no_image ? S("Image src error.") : image_src(g, n, story || video);
	cells[P_DOWNLOADED] = no_image ? S("0") : S("1");
	cells[P_SAVED] = arena_printf(&g->arena, "Local save in /data/%.*s", SL(f.category->name));
	cells[P_CATEGORY] = f.category->name;
	if (whole)
		dirty(cells);
}
