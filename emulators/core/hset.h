/* An open-addressing hash set of numbers: which of the things in an array of the user's have a hash.
 *
 *   for (struct hset_walk w = hset_walk(&set, hash); hset_next(&w, &i);)
 *           if (same(&things[i], x))
 *                   return i;
 *   hset_add(&set, hash, i);
 *
 * It knows neither the things nor how they compare. All zeros is an empty set. */
#ifndef TARN_HSET_H
#define TARN_HSET_H

#include "mem.h"

struct hset_slot {
	uint32_t hash, number; /* number + 1; 0: free */
};
struct hset {
	struct hset_slot *slots;
	size_t n, slot_n;    /* slot_n: a power of two, more than half of it free */
	struct arena *arena; /* where the slots come from; NULL: the heap, then hset_free */
};

/* Adds a number under a hash; it may be there already. */
void hset_add(struct hset *s, uint32_t hash, uint32_t number);
void hset_clear(struct hset *s); /* keeps the slots */
void hset_free(struct hset *s);
/* A hash of bytes, quick for short texts. Not for what a file keeps. */
uint32_t hset_hash(struct slice s);
static inline uint32_t hset_mix(uint64_t v)
{
	v ^= v >> 32;
	v *= 0x9e3779b97f4a7c15u;
	return (uint32_t)(v >> 32);
}

struct hset_walk {
	const struct hset *set;
	size_t at;
	uint32_t hash;
};
static inline struct hset_walk hset_walk(const struct hset *s, uint32_t hash)
{
	return (struct hset_walk){ s, hash, hash };
}
/* The next number that was added under the hash; false: no more. */
static inline bool hset_next(struct hset_walk *w, uint32_t *number)
{
	const struct hset *s = w->set;
	if (!s->slot_n)
		return false;
	for (;;) {
		const struct hset_slot *slot = &s->slots[w->at++ & (s->slot_n - 1)];
		if (!slot->number)
			return false;
		if (slot->hash != w->hash)
			continue;
		*number = slot->number - 1;
		return true;
	}
}

#endif
