/* Different keys, numbered as they come: of groups, of joins, of sets.
 *
 * Each column's values are numbered for themselves (single); a key of several columns is the number of a pair of numbers, again and
 * again. Whole numbers that lie close together are found in an array, texts with a dictionary once an entry. */
#include "engine/map.h"
#include "engine/op.h"

#include <math.h>

enum {
	DIRECT_FIRST = 1 << 14,
	DIRECT_SPARE = 8,  /* cells of the array for a key at most */
	PAIR_SIDE = 256,   /* numbers below that are paired in an array */
	MEMO_MAX = 1 << 22,
};
enum kind { WORDS, TEXTS, VALUES };
struct memo { /* numbers + 1 of a dictionary's entries, 0: not known */
	const void *p;
	size_t n;
	uint32_t *ids;
	struct memo *next;
};
struct single {
	const struct sp_type *type;
	enum kind kind;
	bool null_safe;
	uint32_t n;
	uint32_t null_id;      /* SP_NO_KEY: not met */
	struct sp_map map;     /* of words, or of hashes */
	uint32_t *direct;      /* numbers + 1 of words below direct_n */
	size_t direct_n;
	struct slice *texts;   /* by number */
	struct sp_value *values;
	size_t cap;
	struct memo *memos;
};
struct sp_keys {
	struct sp_run *run;
	size_t n;
	struct single *singles;
	struct sp_map *pairs;  /* n - 1 of them */
	uint32_t **near;       /* likewise: numbers + 1 of pairs of small numbers */
	uint32_t *pair_n;
	struct arena own;
	size_t held;
};

static enum kind kind_of(const struct sp_type *t)
{
	switch (sp_phys_of(t)) {
	case SP_STR:
		return TEXTS;
	case SP_X128:
		return t->precision <= 18 ? WORDS : VALUES;
	case SP_CAL:
	case SP_LIST:
		return VALUES;
	default:
		return WORDS;
	}
}

struct sp_keys *sp_keys_new(struct sp_run *r, const struct sp_type *const *types, const bool *null_safe, size_t n)
{
	struct sp_keys *k = xcalloc(1, sizeof(*k));
	k->run = r;
	k->n = n;
	k->singles = xcalloc(n + 1, sizeof(*k->singles));
	k->pairs = xcalloc(n + 1, sizeof(*k->pairs));
	k->near = xcalloc(n + 1, sizeof(*k->near));
	k->pair_n = xcalloc(n + 1, sizeof(*k->pair_n));
	for (size_t i = 0; i < n; i++)
		k->singles[i] = (struct single){ .type = types[i], .kind = kind_of(types[i]), .null_safe = !null_safe || null_safe[i], .null_id = SP_NO_KEY };
	return k;
}

void sp_keys_free(struct sp_keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->n; i++) {
		struct single *c = &k->singles[i];
		sp_map_free(&c->map);
		free(c->direct);
		free(c->texts);
		free(c->values);
		for (struct memo *m = c->memos; m; m = m->next)
			free(m->ids);
		sp_map_free(&k->pairs[i]);
		free(k->near[i]);
	}
	(void)sp_run_hold(k->run, -(ssize_t)k->held);
	arena_free(&k->own);
	free(k->singles);
	free(k->pairs);
	free(k->near);
	free(k->pair_n);
	free(k);
}

static int account(struct sp_keys *k)
{
	size_t all = k->own.used;
	for (size_t i = 0; i < k->n; i++) {
		const struct single *c = &k->singles[i];
		all += sp_map_bytes(&c->map) + sp_map_bytes(&k->pairs[i]) + c->direct_n * sizeof(*c->direct);
		all += c->cap * (c->kind == TEXTS ? sizeof(*c->texts) : sizeof(*c->values));
	}
	size_t before = k->held;
	k->held = all;
	return all == before ? 0 : sp_run_hold(k->run, (ssize_t)all - (ssize_t)before);
}

/* ---- words ---- */

static uint64_t word_of_double(double d)
{
	uint64_t w;
	if (isnan(d))
		return UINT64_C(0x7ff8000000000000);
	d += 0.0; /* -0.0 is 0.0 */
	memcpy(&w, &d, 8);
	return w;
}

#define WORDS_OF(member, expr) \
	do { \
		if (!v->code) { \
			for (size_t r = 0; r < n; r++) { \
				const __typeof__(v->member[0]) x = v->member[r]; \
				w[r] = (expr); \
			} \
		} else { \
			for (size_t r = 0; r < n; r++) { \
				const __typeof__(v->member[0]) x = v->member[v->code[r]]; \
				w[r] = (expr); \
			} \
		} \
	} while (0)

static void words_of(const struct sp_vec *v, size_t n, uint64_t *w)
{
	if (v->one) {
		struct sp_value one = sp_get(v, 0);
		uint64_t x = one.null ? 0 : sp_phys_of(v->type) == SP_F64 ? word_of_double(one.d) : sp_phys_of(v->type) == SP_X128 ? one.x.lo : (uint64_t)one.i;
		for (size_t r = 0; r < n; r++)
			w[r] = x;
		return;
	}
	switch (sp_phys_of(v->type)) {
	case SP_U8:
		WORDS_OF(u8, x);
		break;
	case SP_I32:
		WORDS_OF(i32, (uint64_t)(int64_t)x);
		break;
	case SP_I64:
		WORDS_OF(i64, (uint64_t)x);
		break;
	case SP_F64:
		WORDS_OF(f64, word_of_double(x));
		break;
	case SP_X128:
		WORDS_OF(x128, x.lo);
		break;
	default:
		memset(w, 0, n * sizeof(*w));
	}
}

/* Makes the array reach word w, if it is worth it. */
static bool reach(struct single *c, uint64_t w)
{
	size_t to = c->direct_n ? c->direct_n : DIRECT_FIRST;
	if (w >= UINT64_C(1) << 31)
		return false;
	while (to <= w)
		to *= 2;
	if (to > DIRECT_FIRST && to / DIRECT_SPARE > c->n)
		return false;
	c->direct = xrealloc(c->direct, to * sizeof(*c->direct));
	memset(c->direct + c->direct_n, 0, (to - c->direct_n) * sizeof(*c->direct));
	c->direct_n = to;
	for (size_t i = 0; i < c->map.cap; i++)
		if (c->map.slots[i].id && c->map.slots[i].key < to)
			c->direct[c->map.slots[i].key] = c->map.slots[i].id;
	return true;
}

static void find_words(struct single *c, const struct sp_vec *v, size_t n, bool add, uint32_t *ids)
{
	uint64_t w[SP_BATCH];
	const bool nulls = v->null || v->type->kind == SP_VOID;
	words_of(v, n, w);
	for (size_t r = 0; r < n; r++) {
		if (nulls && sp_null_at(v, r)) {
			if (c->null_id == SP_NO_KEY && c->null_safe && add)
				c->null_id = c->n++;
			ids[r] = c->null_safe ? c->null_id : SP_NO_KEY;
			continue;
		}
		if (w[r] < c->direct_n || (add && w[r] / DIRECT_SPARE <= c->n + DIRECT_FIRST && reach(c, w[r]))) {
			uint32_t *at = &c->direct[w[r]];
			if (!*at && add)
				*at = ++c->n;
			ids[r] = *at - 1;
			continue;
		}
		ids[r] = add ? sp_map_add(&c->map, w[r], c->n) : sp_map_find(&c->map, w[r]);
		c->n += ids[r] == c->n && add;
	}
}

/* ---- texts ---- */

static uint32_t text_find(struct sp_keys *k, struct single *c, struct slice s, bool lasting, bool add)
{
	uint64_t h = sp_hash_text(s);
	if (add)
		sp_map_room(&c->map, 1);
	if (!c->map.cap)
		return SP_NO_KEY;
	for (size_t i = sp_map_at(&c->map, h);; i = (i + 1) & (c->map.cap - 1)) {
		struct sp_slot *slot = &c->map.slots[i];
		if (slot->id && slot->key == h && sl_eq(c->texts[slot->id - 1], s))
			return slot->id - 1;
		if (slot->id)
			continue;
		if (!add)
			return SP_NO_KEY;
		GROW(c->texts, c->n, c->cap);
		c->texts[c->n] = lasting ? s : arena_dup(&k->own, s.n ? s : S(""));
		slot->key = h;
		slot->id = ++c->n;
		c->map.n++;
		return c->n - 1;
	}
}

static uint32_t null_find(struct single *c, bool add)
{
	if (c->null_id == SP_NO_KEY && c->null_safe && add) {
		c->null_id = c->n;
		if (c->kind == TEXTS) {
			GROW(c->texts, c->n, c->cap);
			c->texts[c->n] = S("");
		} else if (c->kind == VALUES) {
			GROW(c->values, c->n, c->cap);
			c->values[c->n] = SP_NULL_VALUE;
		}
		c->n++;
	}
	return c->null_safe ? c->null_id : SP_NO_KEY;
}

static struct memo *memo_of(struct sp_keys *k, struct single *c, const struct sp_vec *v)
{
	for (struct memo **at = &c->memos, *m; (m = *at); at = &m->next) {
		if (m->p != v->p || m->n != v->dict_n)
			continue;
		*at = m->next;
		m->next = c->memos;
		return c->memos = m;
	}
	struct memo *m = arena_alloc(&k->own, sizeof(*m));
	*m = (struct memo){ .p = v->p, .n = v->dict_n, .ids = xcalloc(v->dict_n, sizeof(*m->ids)), .next = c->memos };
	return c->memos = m;
}

static void find_coded(struct sp_keys *k, struct single *c, const struct sp_vec *v, size_t n, bool add, uint32_t *ids)
{
	uint32_t *known = memo_of(k, c, v)->ids;
	for (size_t r = 0; r < n; r++) {
		uint32_t code = v->code[r], id = known[code];
		if (!id) {
			id = v->null && v->null[code] ? null_find(c, add) : text_find(k, c, v->str[code], true, add);
			id++; /* SP_NO_KEY becomes 0 again */
			known[code] = id;
		}
		ids[r] = id - 1;
	}
}

static void find_texts(struct sp_keys *k, struct single *c, const struct sp_vec *v, size_t n, bool add, uint32_t *ids)
{
	uint64_t h[SP_BATCH];
	if (v->dict_n && v->code && v->dict_n <= MEMO_MAX) {
		find_coded(k, c, v, n, add, ids);
		return;
	}
	if (v->one) {
		uint32_t id = sp_null_at(v, 0) ? null_find(c, add) : text_find(k, c, v->str[0], v->lasting, add);
		for (size_t r = 0; r < n; r++)
			ids[r] = id;
		return;
	}
	if (add)
		sp_map_room(&c->map, n);
	for (size_t r = 0; r < n && c->map.cap; r++) {
		size_t at = sp_at(v, r);
		h[r] = v->null && v->null[at] ? 0 : sp_hash_text(v->str[at]);
		__builtin_prefetch(&c->map.slots[sp_map_at(&c->map, h[r])]);
	}
	for (size_t r = 0; r < n; r++) {
		size_t at = sp_at(v, r), i;
		if (v->null && v->null[at]) {
			ids[r] = null_find(c, add);
			continue;
		}
		ids[r] = SP_NO_KEY;
		if (!c->map.cap)
			continue;
		struct slice s = v->str[at];
		const struct sp_slot *slot;
		for (i = sp_map_at(&c->map, h[r]); (slot = &c->map.slots[i])->id; i = (i + 1) & (c->map.cap - 1))
			if (slot->key == h[r] && sl_eq(c->texts[slot->id - 1], s))
				break;
		if (slot->id)
			ids[r] = slot->id - 1;
		else if (add)
			ids[r] = text_find(k, c, s, v->lasting, true);
	}
}

/* ---- other values ---- */

static uint32_t value_find(struct sp_keys *k, struct single *c, const struct sp_value *v, bool add)
{
	uint64_t h = sp_hash(c->type, v);
	if (add)
		sp_map_room(&c->map, 1);
	if (!c->map.cap)
		return SP_NO_KEY;
	for (size_t i = sp_map_at(&c->map, h);; i = (i + 1) & (c->map.cap - 1)) {
		struct sp_slot *slot = &c->map.slots[i];
		if (slot->id && slot->key == h && sp_compare(c->type, &c->values[slot->id - 1], v) == 0)
			return slot->id - 1;
		if (slot->id)
			continue;
		if (!add)
			return SP_NO_KEY;
		GROW(c->values, c->n, c->cap);
		c->values[c->n] = sp_value_dup(&k->own, c->type, *v);
		slot->key = h;
		slot->id = ++c->n;
		c->map.n++;
		return c->n - 1;
	}
}

static void find_values(struct sp_keys *k, struct single *c, const struct sp_vec *v, size_t n, bool add, uint32_t *ids)
{
	for (size_t r = 0; r < n; r++) {
		struct sp_value x = sp_get(v, r);
		ids[r] = x.null ? null_find(c, add) : value_find(k, c, &x, add);
	}
}

static void find_single(struct sp_keys *k, struct single *c, const struct sp_vec *v, size_t n, bool add, uint32_t *ids)
{
	if (v->type->kind == SP_VOID) {
		uint32_t id = null_find(c, add);
		for (size_t r = 0; r < n; r++)
			ids[r] = id;
		return;
	}
	switch (c->kind) {
	case WORDS:
		find_words(c, v, n, add, ids);
		break;
	case TEXTS:
		find_texts(k, c, v, n, add, ids);
		break;
	case VALUES:
		find_values(k, c, v, n, add, ids);
		break;
	}
}

/* ids and more, pair by pair, become ids of the pairs. */
static void find_pairs(struct sp_keys *k, size_t i, const uint32_t *more, size_t n, bool add, uint32_t *ids)
{
	struct sp_map *m = &k->pairs[i];
	uint32_t *count = &k->pair_n[i];
	if (!k->near[i])
		k->near[i] = xcalloc(PAIR_SIDE * PAIR_SIDE, sizeof(uint32_t));
	for (size_t r = 0; r < n && m->n > PAIR_SIDE; r++)
		__builtin_prefetch(&m->slots[sp_map_at(m, (uint64_t)ids[r] << 32 | more[r])]);
	for (size_t r = 0; r < n; r++) {
		uint32_t x = ids[r], y = more[r];
		if (x < PAIR_SIDE && y < PAIR_SIDE) {
			uint32_t *at = &k->near[i][x * PAIR_SIDE + y];
			if (!*at && add)
				*at = ++*count;
			ids[r] = *at - 1;
		} else if (x == SP_NO_KEY || y == SP_NO_KEY) {
			ids[r] = SP_NO_KEY;
		} else {
			uint64_t w = (uint64_t)x << 32 | y;
			ids[r] = add ? sp_map_add(m, w, *count) : sp_map_find(m, w);
			*count += add && ids[r] == *count;
		}
	}
}

int sp_keys_find(struct sp_keys *k, const struct sp_vec *columns, size_t n, bool add, uint32_t *ids)
{
	uint32_t more[SP_BATCH];
	if (k->n == 0) {
		memset(ids, 0, n * sizeof(*ids));
		return 0;
	}
	find_single(k, &k->singles[0], &columns[0], n, add, ids);
	for (size_t i = 1; i < k->n; i++) {
		find_single(k, &k->singles[i], &columns[i], n, add, more);
		find_pairs(k, i - 1, more, n, add, ids);
	}
	return add ? account(k) : 0;
}

size_t sp_keys_count(const struct sp_keys *k)
{
	return k->n == 0 ? 1 : k->n == 1 ? k->singles[0].n : k->pair_n[k->n - 2];
}
