/* One row of a source, by its columns' ways. */
#include "core/clock.h"
#include "core/fault.h"
#include "core/text.h"
#include "rds/seed_make.h"

/* The row being made. */
struct making {
	struct seed *g;
	const struct seed_source *s;
	int64_t row;
	struct slice *cells;
};

enum { SALTS = 4096, SALT_SHARE = SALTS - 1, SALT_HASH = SALTS - 2, SALT_HOLES = 16 };

/* ---- chance in integers ---- */

static uint64_t hash_at(uint64_t site, int64_t n, unsigned salt)
{
	return faults_hash(site, S(""), (uint64_t)n * SALTS + salt);
}

/* Half powers by the integer square root. */
static uint64_t root_of(uint64_t u)
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
	return root;
}

/* u in 0..1 to a power in tenths, 10 or more in steps of 5. */
static uint64_t bent(uint64_t u, int64_t tenths)
{
	uint64_t v = tenths % 10 ? root_of(u) * u >> 32 : u;
	for (int64_t i = 20; i <= tenths; i += 10)
		v = v * u >> 32;
	return v;
}

static int64_t member(const struct making *m, const struct seed_entity *e)
{
	int64_t count = e->rows_of ? e->rows_of->table.rows : m->g->count;
	if (e->rows_of == m->s || e->each)
		return m->row % (count ? count : 1);
	return (int64_t)(bent(hash_at(e->site, m->row, 0) >> 32, e->lean) * (uint64_t)count >> 32);
}

static int64_t number_of(const struct making *m, const struct seed_site *at)
{
	return at->of ? member(m, at->of) : m->row;
}

static uint64_t draw(const struct making *m, const struct seed_site *at, unsigned salt)
{
	return hash_at(at->site, number_of(m, at), salt) >> 32;
}

static bool holds(const struct making *m, const struct seed_way *w)
{
	bool any = !w->when_n;
	for (const struct seed_atom *a = w->when; !any && a < w->when + w->when_n; a++) {
		uint64_t u = a->kind == IF_SHARE ? draw(m, &a->at, SALT_SHARE) : 0;
		any = a->kind == IF_ROW ? m->row == a->n :
		      a->kind == IF_CASE ? holds(m, &m->s->cases[a->n].at[0]) : u >= a->from && u < a->below;
	}
	return any;
}

/* ---- words ---- */

static size_t index_at(const struct seed_list *l, uint64_t u)
{
	uint64_t at = u * l->at[l->n - 1].upto >> 32;
	size_t lo = 0, hi = l->n - 1;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (l->at[mid].upto > at)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Rows lie word by word, each as many as its weight has a share in. */
static size_t index_shared(const struct making *m, const struct seed_list *l)
{
	uint64_t weight = l->at[l->n - 1].upto;
	size_t i = 0;
	while (i + 1 < l->n && (uint64_t)m->row * weight >= l->at[i].upto * (uint64_t)m->s->table.rows)
		i++;
	return i;
}

/* Which word of a list with fields a row, or an entity, is about: what the row's own column says, else one drawn for it. */
static const struct seed_word *topic(const struct making *m, const struct seed_site *at, const struct seed_list *l)
{
	for (const struct seed_ways *w = m->s->ways; !at->of && w < m->s->ways + m->s->table.column_n; w++) {
		const struct seed_term *t = w->n && w->at[0].term_n == 1 ? w->at[0].terms : NULL;
		if (t && t->list == l && !t->at.of)
			return &l->at[t->kind == MAKE_SHARE ? index_shared(m, l) : index_at(l, bent(draw(m, &t->at, 0), t->lean))];
	}
	struct seed_site own = { faults_hash(at->of ? at->of->site : m->g->seed, l->name, 0), at->of };
	return &l->at[index_at(l, draw(m, &own, 0))];
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* nth: which of the words of a term, all of which take another word of a list. */
static void add_piece(const struct making *m, const struct seed_site *at, const struct seed_piece *p, unsigned salt, size_t nth,
		      struct buf *out)
{
	const struct seed_list *l = p->list, *field = p->kind == PIECE_FIELD ? &topic(m, at, l)->parts[p->field] : NULL;
	bool in_words = p->kind == PIECE_WORD && l->field_n; /* "diy-and-crafts", which the row is about, as words */
	uint64_t u = draw(m, at, p->kind == PIECE_NUMBER ? salt + (unsigned)nth * SALT_HOLES : salt);
	size_t i = out->n;
	l = field ? field : l;
	if (p->kind == PIECE_TEXT)
		buf_addsl(out, p->text);
	else if (p->kind == PIECE_NUMBER)
		buf_addf(out, "%lld", (long long)(p->lo + (int64_t)(u * (uint64_t)(p->hi - p->lo + 1) >> 32)));
	else
		buf_addsl(out, in_words ? topic(m, at, l)->text : l->at[(index_at(l, u) + nth) % l->n].text);
	for (bool first = true; i < out->n; i++) {
		if (in_words && out->p[i] == '-')
			out->p[i] = ' ';
		if (p->capitals && first)
			out->p[i] = upper(out->p[i]);
		first = out->p[i] == ' ';
	}
}

/* The nth of the words of a term, with its holes filled; one that begins with a hole begins with a capital. */
static void add_word(const struct making *m, const struct seed_term *t, unsigned salt, size_t nth, struct buf *out)
{
	const struct seed_list *l = t->list;
	const struct seed_word *w = &l->at[(index_at(l, bent(draw(m, &t->at, salt), t->lean)) + nth) % l->n];
	size_t start = out->n;
	for (size_t i = 0; i < w->piece_n; i++)
		add_piece(m, &t->at, &w->pieces[i], ++salt, nth, out);
	if (!w->pieces)
		buf_addsl(out, w->text);
	else if (w->piece_n && w->pieces[0].kind != PIECE_TEXT && out->n > start)
		out->p[start] = upper(out->p[start]);
}

/* Cut at a word, with the mark of a cut that the users' source has: an ellipsis and a no-break space. */
static void cut_before(struct buf *b, size_t limit)
{
	const struct slice mark = S("\xe2\x80\xa6\xc2\xa0");
	size_t n = limit > mark.n ? limit - mark.n : 0;
	if (b->n <= limit)
		return;
	while (n && (b->p[n] != ' ' || b->p[n - 1] == ' '))
		n--;
	b->n = n;
	buf_addsl(b, mark);
}

static void add_words(const struct making *m, const struct seed_term *t, unsigned salt, struct buf *out)
{
	enum { WORDS_MAX = 12 };
	struct buf b = { 0 };
	for (size_t i = 0; i < WORDS_MAX && ((int64_t)i < t->times || (int64_t)b.n < t->fill); i++) {
		if (i)
			buf_addsl(&b, t->text);
		add_word(m, t, salt, i, &b);
	}
	if (t->cut)
		cut_before(&b, (size_t)t->cut);
	buf_addsl(out, buf_slice(&b));
	buf_free(&b);
}

/* ---- numbers and times ---- */

static int64_t between(const struct making *m, const struct seed_term *t, unsigned salt)
{
	return t->lo + (int64_t)(bent(draw(m, &t->at, salt), t->lean) * (uint64_t)(t->hi - t->lo + 1) >> 32);
}

/* What a FLOAT shows: six significant digits, no zeros at the end. */
static int64_t six_digits(int64_t v)
{
	int64_t size = v < 0 ? -v : v, unit = 1;
	while (size / unit >= 1000000)
		unit *= 10;
	return (v < 0 ? -1 : 1) * ((size + unit / 2) / unit) * unit;
}

static void add_number(const struct making *m, const struct seed_term *t, bool real, unsigned salt, struct buf *out)
{
	int64_t v = between(m, t, salt), unit = 1;
	for (int i = 0; i < t->digits; i++)
		unit *= 10;
	v = real ? six_digits(v) : v;
	buf_addf(out, "%s%lld", v < 0 ? "-" : "", (long long)(v < 0 ? -v : v) / unit);
	if (t->digits)
		buf_addf(out, ".%0*lld", t->digits, (long long)(v < 0 ? -v : v) % unit);
	while (real && t->digits && out->p[out->n - 1] == '0')
		out->n--;
	out->n -= real && t->digits && out->p[out->n - 1] == '.';
}

static void add_time(const struct making *m, const struct seed_term *t, bool date, unsigned salt, struct buf *out)
{
	int64_t at = between(m, t, salt), days = at / 86400 - (at % 86400 < 0), second = at - days * 86400;
	int year, month, day;
	clock_civil(days, &year, &month, &day);
	buf_addf(out, "%04d-%02d-%02d", year, month, day);
	if (!date)
		buf_addf(out, " %02d:%02d:%02d", (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

static void add_uuid(const struct making *m, const struct seed_term *t, unsigned salt, struct buf *out)
{
	int64_t n = number_of(m, &t->at);
	uint64_t a = hash_at(t->at.site, n, salt), b = hash_at(t->at.site, n, SALT_HASH - salt);
	char text[37];
	uuid_text(a, b, 4, text);
	buf_adds(out, text);
}

static void add_hash(const struct making *m, const struct seed_term *t, unsigned salt, struct buf *out)
{
	int64_t n = number_of(m, &t->at);
	uint64_t a = hash_at(t->at.site, n, salt), b = hash_at(t->at.site, n, SALT_HASH - salt);
	buf_addf(out, "%02x/%02x/%02x/%016llx%016llx", (unsigned)(a >> 56), (unsigned)(a >> 48 & 0xff), (unsigned)(a >> 40 & 0xff),
		 (unsigned long long)a, (unsigned long long)b);
}

/* ---- the row ---- */

static void add_term(const struct making *m, const struct seed_term *t, const struct seed_column *c, unsigned salt, struct buf *out)
{
	switch (t->kind) {
	case MAKE_TEXT:
		buf_addsl(out, t->text);
		break;
	case MAKE_NULL:
		break;
	case MAKE_COLUMN:
		buf_addsl(out, m->cells[t->column]);
		break;
	case MAKE_ROW:
		buf_addf(out, "%lld", (long long)(t->lo + number_of(m, &t->at)));
		break;
	case MAKE_UUID:
		add_uuid(m, t, salt, out);
		break;
	case MAKE_HASH:
		add_hash(m, t, salt, out);
		break;
	case MAKE_WORD:
		add_words(m, t, salt, out);
		break;
	case MAKE_SHARE:
		buf_addsl(out, t->list->at[index_shared(m, t->list)].text);
		break;
	case MAKE_NUMBER:
		add_number(m, t, c->type == 'f', salt, out);
		break;
	case MAKE_TIME:
		add_time(m, t, !strcmp(c->sql, "DATE"), salt, out);
		break;
	}
}

static struct slice made(const struct making *m, size_t column)
{
	enum { TERM_SALTS = 256 };
	const struct seed_ways *w = &m->s->ways[column];
	const struct seed_way *way = w->n ? w->at : NULL;
	struct buf b = { 0 };
	for (size_t i = w->n; i-- > 1;)
		way = holds(m, &w->at[i]) ? &w->at[i] : way;
	if (!way || way->terms[0].kind == MAKE_NULL)
		return sl(NULL);
	for (size_t i = 0; i < way->term_n; i++)
		add_term(m, &way->terms[i], &m->s->table.columns[column], (unsigned)i * TERM_SALTS, &b);
	struct slice out = arena_dup(&m->g->arena, buf_slice(&b));
	buf_free(&b);
	return out;
}

void seed_row(struct seed *g, const struct seed_table *t, int64_t n, struct slice cells[SEED_COLUMNS_MAX])
{
	const struct seed_source *s = (const struct seed_source *)t; /* the table is its first member */
	struct making m = { g, s, n, cells };
	arena_reset(&g->arena);
	for (int refers = 0; refers < 2; refers++)
		for (size_t i = 0; i < t->column_n; i++)
			if (s->ways[i].refers == refers)
				cells[i] = made(&m, i);
}

int seed_rows(struct seed *g, const struct seed_table *t, seed_row_fn fn, void *arg, struct error *err)
{
	struct slice cells[SEED_COLUMNS_MAX];
	int rc = 0;
	for (int64_t i = 0; !rc && i < t->rows; i++) {
		seed_row(g, t, i, cells);
		rc = fn(arg, t, cells, err);
	}
	return rc;
}
