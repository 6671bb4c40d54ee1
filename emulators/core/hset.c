#include "hset.h"

static void put(struct hset *s, struct hset_slot slot)
{
	size_t at = slot.hash & (s->slot_n - 1);
	while (s->slots[at].number)
		at = (at + 1) & (s->slot_n - 1);
	s->slots[at] = slot;
}

static void grow(struct hset *s)
{
	struct hset old = *s;
	s->slot_n = old.slot_n ? old.slot_n * 2 : 32;
	s->slots = s->arena ? arena_alloc(s->arena, s->slot_n * sizeof(*s->slots)) : xcalloc(s->slot_n, sizeof(*s->slots));
	for (size_t i = 0; i < old.slot_n; i++)
		if (old.slots[i].number)
			put(s, old.slots[i]);
	if (!s->arena)
		free(old.slots);
}

void hset_add(struct hset *s, uint32_t hash, uint32_t number)
{
	if (++s->n * 2 > s->slot_n)
		grow(s);
	put(s, (struct hset_slot){ hash, number + 1 });
}

void hset_clear(struct hset *s)
{
	if (s->slot_n)
		memset(s->slots, 0, s->slot_n * sizeof(*s->slots));
	s->n = 0;
}

void hset_free(struct hset *s)
{
	if (!s->arena)
		free(s->slots);
	*s = (struct hset){ .arena = s->arena };
}

uint32_t hset_hash(struct slice s)
{
	uint64_t h = s.n, word;
	for (; s.n >= sizeof(word); s = sl_of(s.p + sizeof(word), s.n - sizeof(word))) {
		memcpy(&word, s.p, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	word = 0;
	if (s.n)
		memcpy(&word, s.p, s.n);
	return hset_mix(h ^ word);
}
