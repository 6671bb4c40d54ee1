/* Inside of the row maker: what seed.c and seed_pin.c share. */
#ifndef TARN_RDS_SEED_WORDS_H
#define TARN_RDS_SEED_WORDS_H

#include "rds/seed.h"

struct words {
	struct slice *at;
	size_t n, cap;
};
struct seed_category {
	struct slice name;
	uint64_t upto; /* sum of the weights up to and with this one */
	struct words things, qualities;
};
enum phrase_kind { PHRASE_TITLE, PHRASE_TEXT, PHRASE_POSTER, PHRASE_ACCENT, PHRASE_PICTURE, PHRASE_LINE, PHRASE_KINDS };
struct seed {
	uint64_t seed;
	int64_t count;
	struct words countries, first_names, last_names, phrases[PHRASE_KINDS];
	struct seed_category *categories;
	size_t category_n;
	uint64_t weight;
	char *texts[8]; /* the files, which the words are views of */
	size_t text_n;
	struct arena arena; /* of the row being made */
};

/* The nth draw at a site, uniform in 0..2^32-1, or in 0..below-1. */
uint64_t seed_draw(const struct seed *g, const char *site, uint64_t n);
uint64_t seed_below(const struct seed *g, const char *site, uint64_t n, uint64_t below);
struct slice seed_pick(const struct words *w, uint64_t u);
/* Adds the parts of a comma-separated list. */
void seed_split(struct words *w, struct slice list);
void seed_pin_row(struct seed *g, int64_t ind, struct slice *cells);

#endif
