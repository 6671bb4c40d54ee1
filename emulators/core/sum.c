#include "sum.h"

#include <math.h>

static void put_pair(struct metric_sum *s, double value, double n)
{
	size_t at = s->pair_n;
	while (at && s->pairs[at - 1].value > value)
		at--;
	if (at && s->pairs[at - 1].value == value) {
		s->pairs[at - 1].n += n;
		return;
	}
	GROW(s->pairs, s->pair_n, s->pair_cap);
	memmove(s->pairs + at + 1, s->pairs + at, (s->pair_n - at) * sizeof(*s->pairs));
	s->pairs[at] = (struct metric_pair){ value, n };
	s->pair_n++;
}

/* Two digits. */
static double rounded(double v)
{
	if (v == 0 || !isfinite(v))
		return v;
	double unit = pow(10, floor(log10(fabs(v))) - 1);
	return round(v / unit) * unit;
}

static void shrink(struct metric_sum *s)
{
	struct metric_pair *old = s->pairs;
	size_t n = s->pair_n;
	s->pairs = NULL;
	s->pair_n = s->pair_cap = 0;
	for (size_t i = 0; i < n; i++)
		put_pair(s, rounded(old[i].value), old[i].n);
	free(old);
}

static void add_pair(struct metric_sum *s, double value, double n)
{
	put_pair(s, value, n);
	if (s->pair_n > METRIC_SPREAD_MAX)
		shrink(s);
	/* Values of very many magnitudes: those at the lower end are one. */
	while (s->pair_n > METRIC_SPREAD_MAX) {
		s->pairs[1].n += s->pairs[0].n;
		memmove(s->pairs, s->pairs + 1, --s->pair_n * sizeof(*s->pairs));
	}
}

static void widen(struct metric_sum *s, double n, double sum, double least, double most)
{
	s->least = s->n == 0 || least < s->least ? least : s->least;
	s->most = s->n == 0 || most > s->most ? most : s->most;
	s->n += n;
	s->sum += sum;
}

void metric_sum_add(struct metric_sum *s, double value, double n)
{
	if (n <= 0)
		return;
	widen(s, n, value * n, value, value);
	add_pair(s, value, n);
}

void metric_sum_join(struct metric_sum *s, const struct metric_sum *more)
{
	if (more->n <= 0)
		return;
	widen(s, more->n, more->sum, more->least, more->most);
	for (size_t i = 0; i < more->pair_n; i++)
		add_pair(s, more->pairs[i].value, more->pairs[i].n);
}

void metric_sum_set(struct metric_sum *s, double n, double sum, double least, double most)
{
	metric_sum_free(s);
	*s = (struct metric_sum){ .n = n, .sum = sum, .least = least, .most = most };
	if (n > 0 && least == most)
		add_pair(s, least, n);
}

/* Between the two values that it lies between. */
double metric_sum_percentile(const struct metric_sum *s, double percent)
{
	double total = 0, seen = 0;
	for (size_t i = 0; i < s->pair_n; i++)
		total += s->pairs[i].n;
	if (total <= 0)
		return NAN;
	double rank = percent / 100 * (total - 1);
	for (size_t i = 0; i < s->pair_n; i++) {
		double last = seen + s->pairs[i].n - 1; /* the rank of its last one */
		if (rank <= last || i + 1 == s->pair_n)
			return s->pairs[i].value;
		if (rank < last + 1)
			return s->pairs[i].value + (rank - last) * (s->pairs[i + 1].value - s->pairs[i].value);
		seen += s->pairs[i].n;
	}
	return NAN;
}

void metric_sum_free(struct metric_sum *s)
{
	free(s->pairs);
	*s = (struct metric_sum){ 0 };
}
