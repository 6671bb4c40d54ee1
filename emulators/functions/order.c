#include "functions/order.h"

#include <math.h>

#include "functions/hashes.h"
#include "spark/decimal.h"

enum { SCALA_FIRST = 32, SCALA_LOAD = 450, OPEN_FIRST = 64 };

static uint32_t long_hash(int64_t v)
{
	return (uint32_t)((uint64_t)v ^ (uint64_t)v >> 32);
}

static uint32_t double_hash(double d)
{
	int64_t bits;
	if (isnan(d))
		return long_hash(0x7ff8000000000000);
	memcpy(&bits, &d, sizeof(bits));
	return long_hash(bits);
}

/* scala.math.BigDecimal */
static bool decimal_hash(__int128 x, int scale, uint32_t *out)
{
	int64_t v;
	double d;
	float f;
	while (scale > 0 && x % 10 == 0) {
		x /= 10;
		scale--;
	}
	if (scale == 0) {
		v = (int64_t)x;
		*out = v == (int32_t)v ? (uint32_t)v : long_hash(v);
		return v == x;
	}
	d = sp_dec_double(x, scale);
	f = (float)d;
	if (f == d) {
		memcpy(out, &f, sizeof(f));
		return true;
	}
	*out = double_hash(d);
	return x < (__int128)1 << 53 && x > -((__int128)1 << 53);
}

bool sp_jvm_hash(const struct sp_type *t, const struct sp_value *v, uint32_t *out)
{
	float f;
	switch (t->kind) {
	case SP_BOOLEAN:
		*out = v->i ? 1231 : 1237;
		return true;
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_DATE:
	case SP_INTERVAL_YM:
		*out = (uint32_t)v->i;
		return true;
	case SP_BIGINT:
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
	case SP_INTERVAL_DT:
		*out = long_hash(v->i);
		return true;
	case SP_DOUBLE:
		*out = double_hash(v->d);
		return true;
	case SP_FLOAT:
		f = isnan(v->d) ? NAN : (float)v->d;
		memcpy(out, &f, sizeof(f));
		return true;
	case SP_STRING:
		*out = sp_murmur3(t, v, 42);
		return true;
	case SP_DECIMAL:
		return decimal_hash(sp_wide(v->x), t->scale, out);
	default:
		return false;
	}
}

/* ---- mutable.HashSet of Scala 2.12 ---- */

static size_t scala_index(uint32_t hash, size_t cap)
{
	int bits = __builtin_popcountll(cap - 1), turn = bits % 32;
	uint32_t h = __builtin_bswap32(hash * 0x9e3775cdu) * 0x9e3775cdu;
	h = turn ? h >> turn | h << (32 - turn) : h;
	return bits ? h >> (32 - bits) & (cap - 1) : 0;
}

static void scala_put(size_t *table, size_t cap, uint32_t hash, size_t number)
{
	size_t at = scala_index(hash, cap);
	while (table[at])
		at = (at + 1) % cap;
	table[at] = number;
}

void sp_scala_order(struct arena *a, const uint32_t *hash, size_t n, size_t *order)
{
	size_t cap = SCALA_FIRST, count = 0, i, k;
	size_t *table = arena_alloc(a, cap * sizeof(*table)), *old; /* number of a value, from 1 on */
	for (i = 0; i < n; i++) {
		scala_put(table, cap, hash[i], i + 1);
		if (++count < cap * SCALA_LOAD / 1000)
			continue;
		old = table;
		table = arena_alloc(a, cap * 2 * sizeof(*table));
		for (k = 0; k < cap; k++)
			if (old[k])
				scala_put(table, cap * 2, hash[old[k] - 1], old[k]);
		cap *= 2;
	}
	for (i = k = 0; i < cap; i++)
		if (table[i])
			order[k++] = table[i] - 1;
}

/* ---- OpenHashMap ---- */

/* Murmur3 of four bytes, seed 0. */
static uint32_t spread(uint32_t v)
{
	uint32_t k = v * 0xcc9e2d51, h;
	k = (k << 15 | k >> 17) * 0x1b873593;
	h = (k << 13 | k >> 19) * 5 + 0xe6546b64;
	h ^= 4;
	h = (h ^ h >> 16) * 0x85ebca6b;
	h = (h ^ h >> 13) * 0xc2b2ae35;
	return h ^ h >> 16;
}

static void open_put(size_t *table, size_t cap, uint32_t hash, size_t number)
{
	size_t at = spread(hash) & (cap - 1), delta;
	for (delta = 1; table[at]; delta++)
		at = (at + delta) & (cap - 1);
	table[at] = number;
}

void sp_open_order(struct arena *a, const uint32_t *hash, size_t n, size_t *order)
{
	size_t cap = OPEN_FIRST, i, k;
	size_t *table = arena_alloc(a, cap * sizeof(*table)), *old;
	for (i = 0; i < n; i++) {
		open_put(table, cap, hash[i], i + 1);
		if (i + 1 <= (size_t)(0.7 * (double)cap))
			continue;
		old = table;
		table = arena_alloc(a, cap * 2 * sizeof(*table));
		for (k = 0; k < cap; k++)
			if (old[k])
				open_put(table, cap * 2, hash[old[k] - 1], old[k]);
		cap *= 2;
	}
	for (i = k = 0; i < cap; i++)
		if (table[i])
			order[k++] = table[i] - 1;
}
