#include "engine/map.h"

enum { FIRST_CAP = 1024 };

void sp_map_grow(struct sp_map *m, size_t n)
{
	struct sp_slot *old = m->slots;
	size_t old_cap = m->cap, cap = old_cap ? old_cap : FIRST_CAP;
	while (n * 4 > cap * 3)
		cap *= 2;
	if (cap == old_cap)
		return;
	m->slots = xcalloc(cap, sizeof(*m->slots));
	m->cap = cap;
	m->shift = 64 - (unsigned)__builtin_ctzll(cap);
	for (size_t i = 0; i < old_cap; i++) {
		if (!old[i].id)
			continue;
		size_t at = sp_map_at(m, old[i].key);
		while (m->slots[at].id)
			at = (at + 1) & (cap - 1);
		m->slots[at] = old[i];
	}
	free(old);
}
