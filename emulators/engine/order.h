/* What order.c and order_text.c share. Not for others. */
#ifndef TARN_ENGINE_ORDER_H
#define TARN_ENGINE_ORDER_H

#include "engine/op.h"

enum { WORD_BITS = 64 };

struct sp_packer {
	struct sp_run *run;
	const struct sp_sort_key *keys;
	size_t key_n, n;
	uint64_t *word;  /* by row: keys packed, `bits` bits in all */
	unsigned bits;
	size_t exact;    /* keys that are packed as a whole; the next may be by its beginning: */
	bool by_text;    /* that is so, */
	size_t begun;    /* by so many bytes of its texts */
	size_t held;
	bool different;  /* rows are known to be */
	size_t prefix;   /* of so many keys it's asked where they change, */
	unsigned prefix_bits;
	uint8_t *begins; /* and told here: sp_sort_divided */
};

/* Appends a value of that many bits to row r's number. */
static inline void sp_pack_append(struct sp_packer *p, size_t r, unsigned bits, uint64_t x)
{
	p->word[r] = bits < WORD_BITS ? p->word[r] << bits | x : x;
}
/* Rows by keys from..., by comparing. spare: room for as many. */
int sp_sort_merge(struct sp_packer *p, size_t from, uint32_t *rows, size_t n, uint32_t *spare) WARN_UNUSED;
/* Packs codes by the place of their entries among all, which are as many rows. false: they don't fit. */
bool sp_pack_entries(struct sp_packer *p, const struct sp_sort_key *k, const struct sp_sort_key *entries);

/* ---- order_text.c ---- */
struct sp_text_item {
	uint64_t k;
	uint32_t row;
};
/* Whether the key is packed as a whole: of texts that repeat themselves, or are short. */
bool sp_pack_texts(struct sp_packer *p, const struct sp_sort_key *k);
/* Sorts rows that are equal in keys before `key`, and in that key's text as far as `at`; none is NULL there. items: room for twice n. */
int sp_sort_texts(struct sp_packer *p, size_t key, size_t at, uint32_t *rows, size_t n, struct sp_text_item *items, uint32_t *spare) WARN_UNUSED;

#endif
