#include "java/text.h"

/* ---- String ---- */

static bool is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

size_t java_index(struct slice s, size_t at)
{
	size_t units = 0;
	for (size_t i = 0; i < at && i < s.n;)
		units += java_next(s, &i) >= 0x10000 ? 2 : 1;
	return units;
}

size_t java_length(struct slice s)
{
	return is_ascii(s) ? s.n : java_index(s, s.n);
}

size_t java_offset(struct slice s, size_t unit)
{
	size_t i = 0;
	for (size_t units = 0; units < unit && i < s.n;)
		units += java_next(s, &i) >= 0x10000 ? 2 : 1;
	return i;
}

struct slice java_substring(struct arena *a, struct slice s, size_t from, size_t to)
{
	size_t units = 0, i = 0;
	struct buf b = { 0 };
	struct slice out;
	if (is_ascii(s))
		return sl_of(s.p + from, to - from);
	while (i < s.n && units < to) {
		uint32_t c = java_next(s, &i);
		size_t n = c < 0x10000 ? 1 : 2;
		if (units >= from && units + n <= to)
			buf_utf8(&b, c);
		else if (units >= from)
			buf_utf8(&b, utf16_high(c));
		else if (units + n > from && units + n <= to)
			buf_utf8(&b, utf16_low(c));
		units += n;
	}
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

uint32_t java_hash(struct slice s)
{
	uint32_t h = 0;
	for (size_t i = 0; i < s.n;) {
		uint32_t c = java_next(s, &i);
		if (c >= 0x10000) {
			h = 31 * h + utf16_high(c);
			c = utf16_low(c);
		}
		h = 31 * h + c;
	}
	return h;
}

void java_encode(struct buf *out, struct slice s)
{
	size_t i = 0, plain = 0;
	while (i < s.n) {
		const char *hit = memchr(s.p + i, 0xed, s.n - i); /* every half begins so */
		size_t at = i = hit ? (size_t)(hit - s.p) : s.n, behind;
		uint32_t c = hit ? java_next(s, &i) : 0, low;
		if (!utf16_is_high(c) && !utf16_is_low(c))
			continue;
		buf_add(out, s.p + plain, at - plain);
		behind = i;
		low = utf16_is_high(c) && i < s.n ? java_next(s, &behind) : 0;
		if (utf16_is_low(low)) {
			buf_utf8(out, utf16_join(c, low));
			i = behind;
		} else {
			buf_addc(out, '?');
		}
		plain = i;
	}
	buf_add(out, s.p + plain, s.n - plain);
}

struct slice java_decode(struct arena *a, struct slice s)
{
	struct buf b = { 0 };
	struct slice out;
	if (sl_is_utf8(s))
		return s;
	buf_utf8_mend(&b, s, "\xef\xbf\xbd");
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}

/* ---- HashMap ---- */

size_t java_table(size_t n)
{
	size_t table = 1;
	while (table < n)
		table *= 2;
	return table;
}

static uint32_t spread(uint32_t hash)
{
	return hash ^ hash >> 16;
}

static void count(const uint32_t *hash, size_t n, size_t table, size_t *slots)
{
	memset(slots, 0, (table + 1) * sizeof(*slots));
	for (size_t i = 0; i < n; i++)
		slots[spread(hash[i]) & (table - 1)]++;
}

/* How many keys are in each slot of the table that n keys make of one of so many slots. A long chain in a small table
 * doubles it, too: treeifyBin. DIFFERS: a long one in a larger table becomes a tree, whose order is not followed. */
static size_t *fill(struct arena *a, const uint32_t *hash, size_t n, size_t *table)
{
	size_t *slots = arena_alloc(a, (*table + 1) * sizeof(*slots));
	for (size_t i = 0; i < n; i++) {
		size_t chain = slots[spread(hash[i]) & (*table - 1)]++;
		size_t size = *table;
		size *= chain >= 8 && size < 64 ? 2 : 1;
		size *= i + 1 > size * 3 / 4 ? 2 : 1;
		if (size == *table)
			continue;
		*table = size;
		slots = arena_alloc(a, (*table + 1) * sizeof(*slots));
		count(hash, i + 1, *table, slots);
	}
	return slots;
}

size_t *java_order(struct arena *a, const uint32_t *hash, size_t n, size_t table)
{
	size_t *slots = fill(a, hash, n, &table), *order = arena_alloc(a, (n + 1) * sizeof(*order)), first = 0;
	for (size_t i = 0; i < table; i++) {
		size_t here = slots[i];
		slots[i] = first;
		first += here;
	}
	/* A chain that is split keeps its order, so each slot's keys stand as they came. */
	for (size_t i = 0; i < n; i++)
		order[slots[spread(hash[i]) & (table - 1)]++] = i;
	return order;
}

void java_order_names(struct arena *a, struct slice *names, size_t n, size_t table)
{
	uint32_t *hash = arena_alloc(a, (n + 1) * sizeof(*hash));
	struct slice *old = arena_alloc(a, (n + 1) * sizeof(*old));
	size_t *order;
	for (size_t i = 0; i < n; i++) {
		old[i] = names[i];
		hash[i] = java_hash(names[i]);
	}
	order = java_order(a, hash, n, table);
	for (size_t i = 0; i < n; i++)
		names[i] = old[order[i]];
}
