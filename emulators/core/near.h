/* Looking for a word among names, and the nearest of them when it is none: every table's "did you mean". */
#ifndef TARN_NEAR_H
#define TARN_NEAR_H

#include "mem.h"

struct near {
	struct slice word, best; /* best absent: none is near */
	size_t least;            /* letters that best changes; no name is near that changes more than a third, and more than one */
	char text[96];
};
struct near near_to(struct slice word);
/* Whether the name is the word. Names are borrowed until near_words. */
bool near_is(struct near *n, const char *name);
/* The place of the word among names with c between them; -1: it is none of them. */
int near_place(struct near *n, const char *names, char c);
/* " (did you mean NAME?)", or "" when none is near. */
const char *near_words(struct near *n);

#endif
