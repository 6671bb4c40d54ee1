/* The nearest of some names to a word that is none of them: every table's "did you mean". */
#ifndef TARN_NEAR_H
#define TARN_NEAR_H

#include "mem.h"

struct near {
	struct slice word;
	const char *best; /* NULL: none is near */
	size_t least;     /* changed letters of best; none is near that changes more than a third */
	char text[96];
};
struct near near_to(struct slice word);
void near_offer(struct near *n, const char *name);
/* "; did you mean NAME?", or "" when none is near. */
const char *near_words(struct near *n);

#endif
