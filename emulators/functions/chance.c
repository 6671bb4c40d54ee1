/* rand, randn: Spark's XORShiftRandom, so a seed gives Spark's numbers; and what differs from row to row otherwise. */
#include <math.h>

#include "functions/kernel.h"
#include "java/strict.h"

struct chance {
	bool made, has_next; /* has_next: gauss has one more */
	uint64_t seed;
	double gauss;
};

static uint32_t rotate(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

/* MurmurHash3.bytesHash of a long's eight bytes, the highest first. */
static uint32_t murmur(uint64_t v, uint32_t h)
{
	int i;
	for (i = 0; i < 2; i++) {
		uint32_t k = __builtin_bswap32((uint32_t)(i == 0 ? v >> 32 : v));
		k *= 0xcc9e2d51;
		h ^= rotate(k, 15) * 0x1b873593;
		h = rotate(h, 13) * 5 + 0xe6546b64;
	}
	h ^= 8;
	h = (h ^ h >> 16) * 0x85ebca6b;
	h = (h ^ h >> 13) * 0xc2b2ae35;
	return h ^ h >> 16;
}

static void seed_as(struct chance *x, uint64_t seed)
{
	uint32_t low = murmur(seed, 0x3c074a61), high = murmur(seed, low);
	x->seed = (uint64_t)high << 32 | low;
	x->made = true;
}

static uint64_t next(struct chance *x, int bits)
{
	uint64_t s = x->seed;
	s ^= s << 21;
	s ^= s >> 35;
	s ^= s << 4;
	x->seed = s;
	return (uint64_t)(int64_t)(int32_t)(s & (((uint64_t)1 << bits) - 1));
}

static double next_double(struct chance *x)
{
	uint64_t high = next(x, 26);
	return (double)((high << 27) + next(x, 27)) * 0x1.0p-53;
}

/* Random.nextGaussian */
static double next_gauss(struct chance *x)
{
	double a, b, s, by;
	if (x->has_next) {
		x->has_next = false;
		return x->gauss;
	}
	do {
		a = 2 * next_double(x) - 1;
		b = 2 * next_double(x) - 1;
		s = a * a + b * b;
	} while (s >= 1 || s == 0);
	by = sqrt(-2 * java_log(s) / s);
	x->gauss = b * by;
	x->has_next = true;
	return a * by;
}

static struct chance *ready(struct sp_call *c, const struct sp_vec *args)
{
	struct chance *x = c->state;
	if (!x->made) {
		struct sp_value seed = c->e->arg_n ? sp_get(&args[0], 0) : SP_NULL_VALUE;
		/* Two calls without seed differ. */
		seed_as(x, c->e->arg_n ? (seed.null ? 0 : (uint64_t)seed.i) : c->run->cx->seed ^ (uint64_t)c->e->from * 0x9e3779b97f4a7c15u);
	}
	return x;
}

static int uniform(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct chance *x = ready(c, args);
	struct sp_out o;
	size_t i;
	sp_out_make(&o, c->run->batch, &sp_types[SP_DOUBLE], n);
	for (i = 0; i < n; i++)
		o.f64[i] = next_double(x);
	*out = o.v;
	return 0;
}

static int normal(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	struct chance *x = ready(c, args);
	struct sp_out o;
	size_t i;
	sp_out_make(&o, c->run->batch, &sp_types[SP_DOUBLE], n);
	for (i = 0; i < n; i++)
		o.f64[i] = next_gauss(x);
	*out = o.v;
	return 0;
}

static int numbered(struct sp_call *c, const struct sp_vec *args, size_t n, struct sp_vec *out)
{
	int64_t *at = c->state;
	struct sp_out o;
	size_t i;
	sp_out_make(&o, c->run->batch, &sp_types[SP_BIGINT], n);
	for (i = 0; i < n; i++)
		o.i64[i] = (*at)++;
	*out = o.v;
	return 0;
}

static int partition(struct sp_call *c, const struct sp_value *args, struct sp_value *out)
{
	out->i = 0;
	return 0;
}

#define CHANCE (SP_F_VOLATILE | SP_F_NULLS | SP_F_NEVER_NULL)
const struct sp_function sp_chances[] = {
	{ "rand", "int|bigint?!", "double", CHANCE, .vec = uniform, .state_size = sizeof(struct chance), .group = "math_funcs",
	  .doc = "rand" "([seed]): A number from 0 on and less than 1." },
	{ "random", "int|bigint?!", "double", CHANCE | SP_F_ALIAS, .vec = uniform, .state_size = sizeof(struct chance), .shown = "rand",
	  .group = "math_funcs", .doc = "random" "([seed]): A number from 0 on and less than 1." },
	{ "randn", "int|bigint?!", "double", CHANCE, .vec = normal, .state_size = sizeof(struct chance), .group = "math_funcs",
	  .doc = "randn([seed]): A number of the standard normal distribution." },
	{ "monotonically_increasing_id", "", "bigint", CHANCE, .vec = numbered, .state_size = sizeof(int64_t), .group = "misc_funcs",
	  .doc = "monotonically_increasing_id(): Rows numbered, from 0 on." },
	{ "spark_partition_id", "", "int", SP_F_NEVER_NULL, .row = partition, .shown = "SPARK_PARTITION_ID", .group = "misc_funcs",
	  .doc = "spark_partition_id(): The number of the row's partition: there is one, 0." },
	{ NULL },
};
