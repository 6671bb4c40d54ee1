/* Assignors of the consumer protocol: uniform (the default) keeps as much as it can where it was and gives all about the same; range gives
 * contiguous blocks of each topic. */
#include "kafka/modern.h"

struct target { /* of a member, being made */
	struct kfk_reader *r;
	struct kfk_places places;
};

/* ---- uniform, where all subscribe to the same ---- */

static bool same_topics(const struct kfk_modern *m)
{
	for (size_t i = 1; i < m->n; i++) {
		const struct kfk_reader *a = m->readers[0], *b = m->readers[i];
		if (a->topic_n != b->topic_n || (a->topic_n && memcmp(a->topics, b->topics, a->topic_n * sizeof(a->topics[0])) != 0))
			return false;
	}
	return true;
}

static int part_n(struct kafka *k, int64_t topic)
{
	const struct kfk_topic *t = kfk_topic_by_number(k, topic);
	return t ? t->part_n : 0;
}

static void uniform_same(struct kafka *k, const struct kfk_modern *m, struct target *to)
{
	const struct kfk_reader *one = m->readers[0];
	struct kfk_places given = { 0 };
	size_t total = 0, next = 0;
	for (size_t t = 0; t < one->topic_n; t++)
		total += (size_t)part_n(k, one->topics[t]);
	size_t quota = total / m->n, extra = total % m->n;
	for (size_t i = 0; i < m->n; i++) {
		const struct kfk_reader *r = to[i].r;
		size_t most = quota + (i < extra);
		for (size_t p = 0; p < r->target.n && to[i].places.n < most; p++) {
			const struct kfk_spot *had = &r->target.p[p];
			if (!kfk_reader_has(r, had->topic) || had->partition >= part_n(k, had->topic))
				continue;
			kfk_places_add(&to[i].places, had->topic, had->partition);
			kfk_places_add(&given, had->topic, had->partition);
		}
	}
	for (size_t t = 0; t < one->topic_n; t++) {
		int n = part_n(k, one->topics[t]);
		for (int p = 0; p < n; p++) {
			if (kfk_places_has(&given, one->topics[t], p))
				continue;
			while (to[next].places.n >= quota + (next < extra))
				next++;
			kfk_places_add(&to[next].places, one->topics[t], p);
		}
	}
	kfk_places_clear(&given);
}

/* ---- uniform, where they don't ---- */

static struct target *least(struct target *to, size_t n, int64_t topic)
{
	struct target *best = NULL;
	for (size_t i = 0; i < n; i++)
		if (kfk_reader_has(to[i].r, topic) && (!best || to[i].places.n < best->places.n))
			best = &to[i];
	return best;
}

static void take_out(struct kfk_places *s, size_t at)
{
	memmove(s->p + at, s->p + at + 1, (s->n - at - 1) * sizeof(s->p[0]));
	s->n--;
}

/* Gives one of its partitions to who has at least two fewer. False: there is no such one. */
static bool give_one(struct target *from, struct target *to, size_t n)
{
	for (size_t p = 0; p < from->places.n; p++) {
		struct kfk_spot place = from->places.p[p];
		struct target *other = least(to, n, place.topic);
		if (!other || other->places.n + 1 >= from->places.n)
			continue;
		take_out(&from->places, p);
		kfk_places_add(&other->places, place.topic, place.partition);
		return true;
	}
	return false;
}

static void uniform_mixed(struct kafka *k, const struct kfk_modern *m, struct target *to)
{
	struct kfk_places given = { 0 };
	for (size_t i = 0; i < m->n; i++) {
		const struct kfk_reader *r = to[i].r;
		for (size_t p = 0; p < r->target.n; p++) {
			const struct kfk_spot *had = &r->target.p[p];
			if (!kfk_reader_has(r, had->topic) || had->partition >= part_n(k, had->topic) || kfk_places_has(&given, had->topic, had->partition))
				continue;
			kfk_places_add(&to[i].places, had->topic, had->partition);
			kfk_places_add(&given, had->topic, had->partition);
		}
	}
	for (size_t i = 0; i < m->n; i++) {
		for (size_t t = 0; t < to[i].r->topic_n; t++) {
			int64_t topic = to[i].r->topics[t];
			for (int p = 0, n = part_n(k, topic); p < n; p++) {
				if (kfk_places_has(&given, topic, p))
					continue;
				kfk_places_add(&given, topic, p);
				kfk_places_add(&least(to, m->n, topic)->places, topic, p);
			}
		}
	}
	for (size_t i = 0; i < m->n; i++) {
		if (give_one(&to[i], to, m->n))
			i = (size_t)-1; /* from the first again: each time the difference shrinks */
	}
	kfk_places_clear(&given);
}

static void uniform(struct kafka *k, const struct kfk_modern *m, struct target *to)
{
	(same_topics(m) ? uniform_same : uniform_mixed)(k, m, to);
}

/* ---- range ---- */

static int by_name(const void *a, const void *b)
{
	const struct kfk_reader *x = ((const struct target *)a)->r, *y = ((const struct target *)b)->r;
	if (x->instance && y->instance)
		return strcmp(x->instance, y->instance);
	if (x->instance || y->instance)
		return x->instance ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void range_topic(const struct kfk_modern *m, struct target *to, int64_t topic, int n)
{
	int members = 0, next = 0, place = 0;
	for (size_t i = 0; i < m->n; i++)
		members += kfk_reader_has(to[i].r, topic);
	for (size_t i = 0; i < m->n; i++) {
		if (!kfk_reader_has(to[i].r, topic))
			continue;
		int end = next + n / members + (place++ < n % members);
		for (; next < end; next++)
			kfk_places_add(&to[i].places, topic, next);
	}
}

static void range(struct kafka *k, const struct kfk_modern *m, struct target *to)
{
	qsort(to, m->n, sizeof(*to), by_name);
	for (size_t i = 0; i < m->n; i++) {
		for (size_t t = 0; t < to[i].r->topic_n; t++) {
			size_t before = 0;
			while (before < i && !kfk_reader_has(to[before].r, to[i].r->topics[t]))
				before++;
			if (before == i)
				range_topic(m, to, to[i].r->topics[t], part_n(k, to[i].r->topics[t]));
		}
	}
}

/* ---- which ---- */

static const struct {
	const char *name;
	void (*assign)(struct kafka *k, const struct kfk_modern *m, struct target *to);
} assignors[] = { { "uniform", uniform }, { "range", range } }; /* the first is the default */

bool kfk_assignor_known(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(assignors); i++)
		if (sl_eqs(name, assignors[i].name))
			return true;
	return false;
}

static size_t chosen(const struct kfk_group *g)
{
	size_t best = 0, most = 0;
	for (size_t i = 0; i < ARRAY_LEN(assignors); i++) {
		size_t votes = 0;
		for (size_t r = 0; r < g->modern->n; r++)
			votes += g->modern->readers[r]->assignor && !strcmp(g->modern->readers[r]->assignor, assignors[i].name);
		if (votes > most) {
			most = votes;
			best = i;
		}
	}
	return best;
}

const char *kfk_assignor(const struct kfk_group *g)
{
	return assignors[chosen(g)].name;
}

void kfk_assign(struct kafka *k, struct kfk_group *g)
{
	struct kfk_modern *m = g->modern;
	struct target *to = xcalloc(m->n + 1, sizeof(*to));
	for (size_t i = 0; i < m->n; i++)
		to[i].r = m->readers[i];
	if (m->n)
		assignors[chosen(g)].assign(k, m, to);
	for (size_t i = 0; i < m->n; i++) {
		struct kfk_places before = to[i].r->target;
		to[i].r->target = to[i].places;
		if (!kfk_places_equal(&before, &to[i].places))
			(void)kfk_keep_target(to[i].r);
		kfk_places_clear(&before);
	}
	free(to);
	m->target_epoch = m->epoch;
	(void)kfk_keep_epoch(g, true);
}
