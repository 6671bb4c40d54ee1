/* histogram_numeric: Hive's, whose ties are broken by java.util.Random of a fixed seed; and bitmaps of numbers. */
#include <math.h>

#include "functions/agg.h"
#include "functions/percent.h"
#include "spark/decimal.h"

/* ---- histogram_numeric ---- */

enum { SEED = 31183 };
struct bin {
	double x, y;
};
struct histogram {
	struct bin *v;
	size_t n, cap;
	uint64_t seed; /* of Random, scrambled; 0: not made yet */
};

static double next_double(struct histogram *h)
{
	uint64_t parts[2];
	static const int bits[2] = { 26, 27 };
	int i;
	if (!h->seed)
		h->seed = SEED ^ 0x5deece66d;
	for (i = 0; i < 2; i++) {
		h->seed = (h->seed * 0x5deece66d + 0xb) & (((uint64_t)1 << 48) - 1);
		parts[i] = h->seed >> (48 - bits[i]);
	}
	return (double)((parts[0] << 27) + parts[1]) * 0x1.0p-53;
}

/* Makes one of the two that are closest. */
static void merge(struct histogram *h)
{
	double least = h->v[1].x - h->v[0].x, y;
	size_t at = 0, i;
	int ties = 1;
	for (i = 1; i + 1 < h->n; i++) {
		double d = h->v[i + 1].x - h->v[i].x;
		if (d < least) {
			least = d;
			at = i;
			ties = 1;
		} else if (d == least && next_double(h) <= 1.0 / ++ties) {
			at = i;
		}
	}
	y = h->v[at].y + h->v[at + 1].y;
	h->v[at].x *= h->v[at].y / y;
	h->v[at].x += h->v[at + 1].x / y * h->v[at + 1].y;
	h->v[at].y = y;
	h->n--;
	memmove(h->v + at + 1, h->v + at + 2, (h->n - at - 1) * sizeof(*h->v));
}

static void put(struct sp_call *c, struct histogram *h, double x, size_t most)
{
	size_t low = 0, high = h->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (h->v[mid].x < x)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < h->n && h->v[low].x == x) {
		h->v[low].y++;
		return;
	}
	ARENA_GROW(c->run->keep, h->v, h->n, h->cap);
	memmove(h->v + low + 1, h->v + low, (h->n - low) * sizeof(*h->v));
	h->v[low] = (struct bin){ x, 1 };
	if (++h->n > most)
		merge(h);
}

static int histogram_add(struct sp_call *c, const struct sp_vec *args, size_t n, void *const *states)
{
	size_t i;
	for (i = 0; i < n; i++)
		if (!sp_null_at(args, i))
			put(c, states[i], sp_percent_double(args, i), (size_t)sp_get(&args[1], i).i);
	return 0;
}

static int histogram_final(struct sp_call *c, void *state, struct sp_value *out)
{
	const struct histogram *h = state;
	const struct sp_type *t = c->e->args[0]->type;
	struct sp_list *l = sp_list_new(c->run->batch, h->n), *bin;
	__int128 x;
	size_t i;
	*out = SP_NULL_VALUE;
	if (!h->n)
		return 0;
	for (i = 0; i < h->n; i++) {
		bin = sp_list_new(c->run->batch, 2);
		bin->items[0] = (struct sp_value){ 0 };
		if (sp_is_fractional(t))
			bin->items[0].d = h->v[i].x;
		else if (t->kind != SP_DECIMAL)
			bin->items[0].i = (int64_t)h->v[i].x;
		else if (sp_dec_from_double(h->v[i].x, t->precision, t->scale, &x, NULL) == SP_DEC_OK)
			bin->items[0].x = sp_narrow(x);
		bin->items[1] = (struct sp_value){ .d = h->v[i].y };
		l->items[i] = (struct sp_value){ .list = bin };
	}
	*out = (struct sp_value){ .list = l };
	return 0;
}

static const struct sp_type *type_histogram(struct sp_resolve *x)
{
	const struct sp_type *t = x->e->args[0]->type;
	struct sp_field fields[2] = { { .name = S("x"), .nullable = true }, { .name = S("y"), .type = &sp_types[SP_DOUBLE], .nullable = true } };
	struct sp_value n;
	if (!sp_is_numeric(t) && t->kind != SP_DATE && t->kind != SP_TIMESTAMP && t->kind != SP_TIMESTAMP_NTZ && t->kind != SP_INTERVAL_YM &&
	    t->kind != SP_INTERVAL_DT && sp_resolve_cast(x, 0, t = &sp_types[SP_DOUBLE]))
		return NULL;
	if (sp_resolve_const(x, 1, &n))
		return NULL;
	if (n.null || n.i < 2) {
		sp_resolve_mismatch(x, "VALUE_OUT_OF_RANGE", "The nBins must be between [2, 2147483647] (current value = %lld).", (long long)n.i);
		return NULL;
	}
	fields[0].type = t;
	return sp_array(x->arena, sp_struct(x->arena, fields, 2), true);
}

/* ---- bitmaps: of 32768 bits each ---- */

enum { BITMAP_BITS = 32768, BITMAP_BYTES = BITMAP_BITS / 8 };

static int bit_position(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	int64_t v = args[0].i;
	out->i = v > 0 ? (v - 1) % BITMAP_BITS : -v % BITMAP_BITS;
	return 0;
}

static int bucket_number(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	int64_t v = args[0].i;
	out->i = v > 0 ? 1 + (v - 1) / BITMAP_BITS : v / BITMAP_BITS;
	return 0;
}

static int bitmap_count(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	size_t i;
	for (i = 0; i < args[0].s.n; i++)
		out->i += __builtin_popcount((uint8_t)args[0].s.p[i]);
	return 0;
}

struct bitmap {
	char *p;
};

static void bitmap_make(struct sp_call *c, struct bitmap *b)
{
	if (!b->p)
		b->p = arena_alloc(c->run->keep, BITMAP_BYTES);
}

static int bitmap_add(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct bitmap *b = state;
	if (args[0].i < 0 || args[0].i >= BITMAP_BITS)
		return sp_fn_fail(c, "INVALID_BITMAP_POSITION", "22003", "org.apache.spark.SparkArrayIndexOutOfBoundsException",
				  "The 0-indexed bitmap position %lld is out of bounds. The bitmap has %d bits (%d bytes).", (long long)args[0].i,
				  BITMAP_BITS, BITMAP_BYTES);
	bitmap_make(c, b);
	b->p[args[0].i / 8] |= (char)(1 << (args[0].i % 8));
	return 0;
}

static int bitmap_or(struct sp_call *c, const struct sp_value *args, void *state)
{
	struct bitmap *b = state;
	size_t i;
	bitmap_make(c, b);
	for (i = 0; i < args[0].s.n && i < BITMAP_BYTES; i++)
		b->p[i] |= args[0].s.p[i];
	return 0;
}

static int bitmap_final(struct sp_call *c, void *state, struct sp_value *out)
{
	struct bitmap *b = state;
	bitmap_make(c, b);
	*out = (struct sp_value){ .s = sl_of(b->p, BITMAP_BYTES) };
	return 0;
}

static const struct sp_aggregate histograms = { .size = sizeof(struct histogram), .add = histogram_add, .final = histogram_final, .ordered = true };
static const struct sp_aggregate constructs = { .size = sizeof(struct bitmap), .add_row = bitmap_add, .final = bitmap_final };
static const struct sp_aggregate ors = { .size = sizeof(struct bitmap), .add_row = bitmap_or, .final = bitmap_final };

const struct sp_function sp_histograms[] = {
	{ "histogram_numeric", "any int!", NULL, SP_F_MAYBE, .aggregate = &histograms, .resolve = type_histogram, .group = "agg_funcs",
	  .doc = "histogram_numeric(a, n): A histogram of n bins of different width: their centres and heights." },
	{ "bitmap_bit_position", "bigint", "bigint", 0, .row = bit_position, .group = "misc_funcs",
	  .doc = "bitmap_bit_position(a): The bit of a in its bitmap." },
	{ "bitmap_bucket_number", "bigint", "bigint", 0, .row = bucket_number, .group = "misc_funcs",
	  .doc = "bitmap_bucket_number(a): The number of the bitmap that a is in." },
	{ "bitmap_count", "binary", "bigint", 0, .row = bitmap_count, .group = "misc_funcs", .doc = "bitmap_count(a): How many bits are set." },
	{ "bitmap_construct_agg", "bigint", "binary", SP_F_NEVER_NULL, .aggregate = &constructs, .group = "agg_funcs",
	  .doc = "bitmap_construct_agg(a): A bitmap with the bits a set." },
	{ "bitmap_or_agg", "binary", "binary", SP_F_NEVER_NULL, .aggregate = &ors, .group = "agg_funcs", .doc = "bitmap_or_agg(a): All bitmaps by OR." },
	{ NULL },
};
