/* A hash table from words to numbers, by open addressing. */
#ifndef TARN_ENGINE_MAP_H
#define TARN_ENGINE_MAP_H

#include "core/mem.h"

struct __attribute__((packed, aligned(4))) sp_slot { /* 12 bytes: there are millions of them */
	uint64_t key;
	uint32_t id; /* number + 1; 0: empty */
};
struct sp_map {
	struct sp_slot *slots;
	size_t cap, n; /* cap: a power of two; 0 at first */
	unsigned shift;
};
void sp_map_grow(struct sp_map *m, size_t n);
static inline void sp_map_room(struct sp_map *m, size_t more) /* for that many more */
{
	if ((m->n + more) * 4 > m->cap * 3)
		sp_map_grow(m, m->n + more);
}
static inline void sp_map_free(struct sp_map *m)
{
	free(m->slots);
	*m = (struct sp_map){ 0 };
}
static inline size_t sp_map_bytes(const struct sp_map *m)
{
	return m->cap * sizeof(*m->slots);
}
/* Where the search for a hash begins: by its upper bits. */
static inline size_t sp_map_at(const struct sp_map *m, uint64_t hash)
{
	return (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> m->shift);
}
/* Number of key w; if it isn't there it is put there as `fresh`. */
static inline uint32_t sp_map_add(struct sp_map *m, uint64_t w, uint32_t fresh)
{
	sp_map_room(m, 1);
	for (size_t i = sp_map_at(m, w);; i = (i + 1) & (m->cap - 1)) {
		struct sp_slot *s = &m->slots[i];
		if (s->id && s->key == w)
			return s->id - 1;
		if (s->id)
			continue;
		s->key = w;
		s->id = fresh + 1;
		m->n++;
		return fresh;
	}
}
/* UINT32_MAX: it isn't there. */
static inline uint32_t sp_map_find(const struct sp_map *m, uint64_t w)
{
	if (!m->cap)
		return UINT32_MAX;
	for (size_t i = sp_map_at(m, w);; i = (i + 1) & (m->cap - 1)) {
		const struct sp_slot *s = &m->slots[i];
		if (!s->id || s->key == w)
			return s->id - 1;
	}
}

static inline uint64_t sp_hash_text(struct slice s)
{
	uint64_t h = s.n * UINT64_C(0xa0761d6478bd642f), a = 0, b = 0;
	const char *p = s.p;
	size_t n = s.n;
	for (; n > 16; p += 16, n -= 16) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		unsigned __int128 x = (unsigned __int128)(a ^ UINT64_C(0xe7037ed1a0b428db)) * (b ^ h);
		h = (uint64_t)x ^ (uint64_t)(x >> 64);
	}
	a = b = 0;
	if (n >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + n - 8, 8);
	} else if (n >= 4) {
		uint32_t c, d;
		memcpy(&c, p, 4);
		memcpy(&d, p + n - 4, 4);
		a = (uint64_t)c << 32 | d;
	} else if (n) {
		a = (uint64_t)(uint8_t)p[0] << 16 | (uint64_t)(uint8_t)p[n >> 1] << 8 | (uint8_t)p[n - 1];
	}
	unsigned __int128 x = (unsigned __int128)(a ^ UINT64_C(0xe7037ed1a0b428db)) * (b ^ h ^ UINT64_C(0x8ebc6af09c88c6e3));
	return (uint64_t)x ^ (uint64_t)(x >> 64);
}

#endif
