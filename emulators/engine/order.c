/* Sorting row numbers by keys, stably.
 *
 * Keys are packed, one after another, to a number of as few bits as their values need, which is sorted digit by digit. Where a key doesn't
 * fit (long texts, wide decimals, lists), rows that are equal so far are put in order by comparing. */
#include "engine/order.h"

#include <math.h>

enum { SMALL = 64 };

static int sort_rows(struct sp_packer *p, uint32_t *rows);

static int compare_rows(const struct sp_sort_key *keys, size_t from, size_t key_n, uint32_t x, uint32_t y)
{
	for (size_t i = from; i < key_n; i++) {
		const struct sp_sort_key *k = &keys[i];
		bool nx = sp_null_at(&k->v, x), ny = sp_null_at(&k->v, y);
		int c;
		if (nx || ny) {
			c = (ny - nx) * (k->nulls_last ? -1 : 1);
			if (nx != ny)
				return c;
			continue;
		}
		if (sp_phys_of(k->v.type) == SP_STR) {
			c = sl_cmp(k->v.str[sp_at(&k->v, x)], k->v.str[sp_at(&k->v, y)]);
		} else {
			struct sp_value a = sp_get(&k->v, x), b = sp_get(&k->v, y);
			c = sp_compare(k->v.type, &a, &b);
		}
		if (c)
			return k->desc ? -c : c;
	}
	return 0;
}

bool sp_sort_equal(const struct sp_sort_key *keys, size_t key_n, uint32_t x, uint32_t y)
{
	for (size_t i = 0; i < key_n; i++) {
		const struct sp_vec *v = &keys[i].v;
		if (v->one)
			continue;
		if (v->null && v->null[sp_at(v, x)] != v->null[sp_at(v, y)])
			return false;
		if (sp_phys_of(v->type) == SP_I32) {
			if (v->i32[sp_at(v, x)] != v->i32[sp_at(v, y)] && !sp_null_at(v, x))
				return false;
		} else if (compare_rows(keys, i, i + 1, x, y)) {
			return false;
		}
	}
	return true;
}

/* ---- by comparing ---- */

int sp_sort_merge(struct sp_packer *p, size_t from, uint32_t *rows, size_t n, uint32_t *spare)
{
	const size_t run = 12;
	for (size_t at = 0; at < n; at += run) {
		size_t end = at + run < n ? at + run : n;
		for (size_t i = at + 1; i < end; i++) {
			uint32_t x = rows[i];
			size_t j = i;
			for (; j > at && compare_rows(p->keys, from, p->key_n, rows[j - 1], x) > 0; j--)
				rows[j] = rows[j - 1];
			rows[j] = x;
		}
	}
	for (size_t width = run; width < n; width *= 2) {
		for (size_t at = 0; at + width < n; at += width * 2) {
			size_t mid = at + width, end = mid + width < n ? mid + width : n, i = at, j = mid, to = at;
			if (sp_run_check(p->run, end - at))
				return 1;
			if (compare_rows(p->keys, from, p->key_n, rows[mid - 1], rows[mid]) <= 0)
				continue;
			memcpy(spare + at, rows + at, (mid - at) * sizeof(*rows));
			while (i < mid && j < end)
				rows[to++] = compare_rows(p->keys, from, p->key_n, spare[i], rows[j]) <= 0 ? spare[i++] : rows[j++];
			memcpy(rows + to, spare + i, (mid - i) * sizeof(*rows));
		}
	}
	return 0;
}

/* ---- packing ---- */

static unsigned bits_for(uint64_t count) /* values 0..count-1 */
{
	return count < 2 ? (unsigned)(count == 0) * WORD_BITS : WORD_BITS - (unsigned)__builtin_clzll(count - 1);
}

/* A number whose order is that of the value. */
static inline uint64_t ordinal(const struct sp_vec *v, enum sp_phys phys, size_t at)
{
	uint64_t w;
	double d;
	switch (phys) {
	case SP_U8:
		return v->u8[at];
	case SP_I32:
		return (uint64_t)(int64_t)v->i32[at] ^ UINT64_C(1) << 63;
	case SP_I64:
		return (uint64_t)v->i64[at] ^ UINT64_C(1) << 63;
	case SP_X128:
		return v->x128[at].lo ^ UINT64_C(1) << 63;
	default:
		d = v->f64[at];
		if (isnan(d))
			return UINT64_MAX - 1;
		d += 0.0;
		memcpy(&w, &d, 8);
		return w >> 63 ? ~w : w | UINT64_C(1) << 63;
	}
}

/* Numbers of rows: ordinals less the least, NULL at its end. get: ordinal of row r, by index. Gives false where bits don't suffice. */
static bool pack_numbers(struct sp_packer *p, const struct sp_sort_key *k)
{
	const struct sp_vec *v = &k->v;
	const enum sp_phys phys = sp_phys_of(v->type);
	uint64_t least = UINT64_MAX, most = 0;
	bool nulls = false;
	for (size_t r = 0; r < p->n; r++) {
		size_t at = sp_at(v, r);
		if (v->null && v->null[at]) {
			nulls = true;
			continue;
		}
		uint64_t x = ordinal(v, phys, at);
		least = x < least ? x : least;
		most = x > most ? x : most;
	}
	if (least > most)
		return true; /* all NULL */
	const uint64_t span = most - least;
	if (nulls && span >= UINT64_MAX - 1)
		return false;
	const unsigned bits = span == UINT64_MAX ? WORD_BITS : bits_for(span + 1 + nulls);
	if (p->bits + bits > WORD_BITS)
		return false;
	const uint64_t first = nulls && !k->nulls_last, null_is = k->nulls_last ? span + 1 : 0;
	p->bits += bits;
	for (size_t r = 0; r < p->n && bits; r++) {
		size_t at = sp_at(v, r);
		uint64_t x;
		if (v->null && v->null[at])
			x = nulls ? null_is : 0;
		else
			x = (k->desc ? most - ordinal(v, phys, at) : ordinal(v, phys, at) - least) + first;
		sp_pack_append(p, r, bits, x);
	}
	return true;
}

/* Codes by the place of their entries among all, which are as many rows. */
bool sp_pack_entries(struct sp_packer *p, const struct sp_sort_key *k, const struct sp_sort_key *entries)
{
	const struct sp_vec *v = &k->v;
	const size_t m = v->dict_n;
	uint32_t *order = xmalloc((m + 1) * sizeof(*order)), *place = xmalloc((m + 1) * sizeof(*place)), next = 0;
	struct sp_packer inner = { .run = p->run, .keys = entries, .key_n = 1, .n = m, .different = true };
	if (sort_rows(&inner, order)) {
		free(order);
		free(place);
		return false;
	}
	for (size_t i = 0; i < m; i++) {
		next += i > 0 && !sp_sort_equal(entries, 1, order[i - 1], order[i]);
		place[order[i]] = next;
	}
	unsigned bits = bits_for((uint64_t)next + 1);
	bool fits = p->bits + bits <= WORD_BITS;
	if (fits) {
		p->bits += bits;
		for (size_t r = 0; r < p->n && bits; r++)
			sp_pack_append(p, r, bits, place[v->code[r]]);
	}
	free(order);
	free(place);
	return fits;
}

static bool pack_coded(struct sp_packer *p, const struct sp_sort_key *k)
{
	struct sp_sort_key entries = *k;
	entries.v.code = NULL;
	entries.v.n = k->v.dict_n;
	entries.v.dict_n = 0;
	return sp_pack_entries(p, k, &entries);
}

/* Whether key i is packed as a whole. */
static bool pack(struct sp_packer *p, const struct sp_sort_key *k)
{
	const struct sp_vec *v = &k->v;
	if (v->one || v->type->kind == SP_VOID)
		return true;
	switch (sp_phys_of(v->type)) {
	case SP_U8:
	case SP_I32:
	case SP_I64:
	case SP_F64:
		return pack_numbers(p, k);
	case SP_X128:
		return v->type->precision <= 18 && pack_numbers(p, k);
	case SP_STR:
		if (v->dict_n && v->code && v->dict_n <= p->n)
			return pack_coded(p, k);
		return sp_pack_texts(p, k);
	default:
		return false;
	}
}

/* ---- digit by digit ---- */

struct item64 {
	uint64_t k;
	uint32_t row;
};
/* Sorts by `bits` bits from bit `low` on; gives the one of both arrays where the result is. */
#define RADIX(T, digit) \
	do { \
		for (unsigned at = low; at < low + bits; at += 8) { \
			size_t count[257] = { 0 }; \
			if (sp_run_check(r, n)) { \
				failed = true; \
				break; \
			} \
			for (size_t i = 0; i < n; i++) \
				count[(digit(from[i], at) & 255) + 1]++; \
			bool trivial = false; \
			for (size_t i = 1; i <= 256; i++) \
				trivial |= count[i] == n; \
			if (trivial) \
				continue; \
			for (size_t i = 1; i <= 256; i++) \
				count[i] += count[i - 1]; \
			for (size_t i = 0; i < n; i++) \
				to[count[digit(from[i], at) & 255]++] = from[i]; \
			T *swap = from; \
			from = to; \
			to = swap; \
		} \
	} while (0)
#define DIGIT_WORD(x, at) ((x) >> (at))
#define DIGIT_ITEM(x, at) ((x).k >> (at))

static bool radix_packed(struct sp_run *r, uint64_t *word, size_t n, unsigned bits, unsigned low, uint32_t *rows)
{
	uint64_t *from = word, *to = xmalloc((n + 1) * sizeof(*to)), *spare = to;
	bool failed = false;
	for (size_t i = 0; i < n; i++)
		from[i] = from[i] << low | i;
	RADIX(uint64_t, DIGIT_WORD);
	for (size_t i = 0; i < n; i++)
		rows[i] = (uint32_t)(from[i] & ((UINT64_C(1) << low) - 1));
	/* The numbers again, in their order, for who looks for equal ones. */
	for (size_t i = 0; i < n; i++)
		word[i] = from[i] >> low;
	free(spare);
	return failed;
}

static bool radix_words(struct sp_run *r, uint64_t **words, size_t n, unsigned bits, uint32_t *rows)
{
	struct item64 *a = xmalloc((n + 1) * sizeof(*a)), *b, *from = a, *to;
	uint64_t *word = *words;
	const unsigned low = 0;
	bool failed = false;
	for (size_t i = 0; i < n; i++)
		a[i] = (struct item64){ word[i], (uint32_t)i };
	free(word);
	to = b = xmalloc((n + 1) * sizeof(*b));
	RADIX(struct item64, DIGIT_ITEM);
	free(from == a ? b : a);
	*words = word = xmalloc((n + 1) * sizeof(*word));
	for (size_t i = 0; i < n; i++) {
		rows[i] = from[i].row;
		word[i] = from[i].k;
	}
	free(from);
	return failed;
}

static int sort_packed(struct sp_packer *p, uint32_t *rows)
{
	const unsigned low = bits_for(p->n);
	bool failed = false;
	for (size_t i = 0; i < p->n; i++)
		rows[i] = (uint32_t)i;
	if (p->bits == 0)
		return 0;
	if (p->bits + low <= WORD_BITS)
		failed = radix_packed(p->run, p->word, p->n, p->bits, low, rows);
	else
		failed = radix_words(p->run, &p->word, p->n, p->bits, rows);
	return failed;
}

/* Rows that are equal so far by the other keys, packed anew for so many. */
static int sort_run(struct sp_packer *p, uint32_t *rows, size_t n, uint32_t *spare)
{
	const size_t key_n = p->key_n - p->exact;
	struct arena own = { 0 };
	struct sp_sort_key *keys = arena_alloc(&own, key_n * sizeof(*keys));
	uint32_t *order = arena_alloc(&own, n * sizeof(*order));
	for (size_t i = 0; i < key_n; i++) {
		keys[i] = p->keys[p->exact + i];
		keys[i].v = sp_vec_pick(&own, &keys[i].v, rows, n);
	}
	struct sp_packer run = { .run = p->run, .keys = keys, .key_n = key_n, .n = n };
	int rc = sort_rows(&run, order);
	memcpy(spare, rows, n * sizeof(*rows));
	for (size_t i = 0; i < n && !rc; i++)
		rows[i] = spare[order[i]];
	arena_free(&own);
	return rc;
}

/* Rows equal so far, by the keys that aren't packed. */
static int sort_ties(struct sp_packer *p, uint32_t *rows)
{
	uint32_t *spare = xmalloc((p->n + 1) * sizeof(*spare));
	struct sp_text_item *items = p->by_text ? xmalloc((p->n + 1) * 2 * sizeof(*items)) : NULL;
	int rc = 0;
	for (size_t at = 0, end; at < p->n && !rc; at = end) {
		for (end = at + 1; end < p->n && (!p->bits || p->word[end] == p->word[at]); end++)
			;
		if (end - at < 2)
			continue;
		if (p->by_text && !sp_null_at(&p->keys[p->exact].v, rows[at]))
			rc = sp_sort_texts(p, p->exact, p->begun, rows + at, end - at, items, spare);
		else if (end - at > SMALL && end - at < p->n)
			rc = sort_run(p, rows + at, end - at, spare);
		else
			rc = sp_sort_merge(p, p->exact, rows + at, end - at, spare);
	}
	free(items);
	free(spare);
	return rc;
}

/* Where in the sorted rows the first keys, or others, change. */
static void divide(const struct sp_packer *p, const uint32_t *rows)
{
	const bool prefix = p->word && p->exact >= p->prefix, whole = p->word && p->exact == p->key_n;
	const unsigned rest = p->bits - p->prefix_bits;
	p->begins[0] = p->begins[p->n] = SP_PREFIX_CHANGES;
	for (size_t i = 1; i < p->n; i++) {
		uint64_t x = p->word ? p->word[i] ^ p->word[i - 1] : 0;
		/* Shifting by all bits there are isn't defined: then there is no prefix. */
		if (prefix ? p->prefix_bits && x >> rest != 0 : !sp_sort_equal(p->keys, p->prefix, rows[i - 1], rows[i]))
			p->begins[i] = SP_PREFIX_CHANGES;
		else if (x || (!whole && !sp_sort_equal(p->keys + p->prefix, p->key_n - p->prefix, rows[i - 1], rows[i])))
			p->begins[i] = SP_KEY_CHANGES;
	}
}

static int sort_rows(struct sp_packer *p, uint32_t *rows)
{
	int rc;
	p->held = p->n * 32;
	for (size_t i = 0; i < p->n; i++)
		rows[i] = (uint32_t)i;
	if (p->n <= SMALL) {
		uint32_t spare[SMALL];
		rc = p->n > 1 && sp_sort_merge(p, 0, rows, p->n, spare);
		if (p->begins && !rc)
			divide(p, rows);
		return rc;
	}
	if (sp_run_hold(p->run, (ssize_t)p->held))
		return 1;
	p->word = xcalloc(p->n + 1, sizeof(*p->word));
	while (p->exact < p->key_n && pack(p, &p->keys[p->exact])) {
		p->exact++;
		p->prefix_bits = p->exact == p->prefix ? p->bits : p->prefix_bits;
	}
	rc = p->run->err.set || sort_packed(p, rows);
	if (!rc && p->exact < p->key_n)
		rc = sort_ties(p, rows);
	if (!rc && p->begins)
		divide(p, rows);
	free(p->word);
	return sp_run_hold(p->run, -(ssize_t)p->held) || rc;
}

int sp_sort(struct sp_run *r, const struct sp_sort_key *keys, size_t key_n, size_t n, uint32_t *rows)
{
	struct sp_packer p = { .run = r, .keys = keys, .key_n = key_n, .n = n };
	return sort_rows(&p, rows);
}

int sp_sort_divided(struct sp_run *r, const struct sp_sort_key *keys, size_t key_n, size_t prefix, size_t n, uint32_t *rows, uint8_t *begins)
{
	struct sp_packer p = { .run = r, .keys = keys, .key_n = key_n, .n = n, .prefix = prefix, .begins = begins };
	return sort_rows(&p, rows);
}
