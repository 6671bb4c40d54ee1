#include "near.h"

#include <ctype.h>

enum { NAME_MAX_LETTERS = 63 };

struct near near_to(struct slice word)
{
	return (struct near){ .word = word, .least = (word.n + 2) / 3 + 1 };
}

/* Letters to change, insert or leave out (Levenshtein), whatever their case. */
static size_t distance(struct slice a, struct slice b)
{
	size_t row[NAME_MAX_LETTERS + 1];
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 0; i < a.n; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < b.n; j++) {
			size_t cost = diagonal + (tolower((unsigned char)a.p[i]) != tolower((unsigned char)b.p[j]));
			diagonal = row[j + 1];
			cost = diagonal + 1 < cost ? diagonal + 1 : cost;
			row[j + 1] = row[j] + 1 < cost ? row[j] + 1 : cost;
		}
	}
	return row[b.n];
}

static bool offer(struct near *n, struct slice name)
{
	size_t d;
	if (name.n > NAME_MAX_LETTERS || n->word.n > NAME_MAX_LETTERS)
		return sl_eq(name, n->word);
	d = n->word.n >= 3 && sl_starts_nocase(name, n->word) ? 1 : distance(n->word, name);
	if (d < n->least) {
		n->least = d;
		n->best = name;
	}
	return sl_eq(name, n->word);
}

bool near_is(struct near *n, const char *name)
{
	return offer(n, sl(name));
}

int near_place(struct near *n, const char *names, char c)
{
	struct slice name, rest = sl(names);
	for (int i = 0; rest.p; i++) {
		sl_cut(rest, c, &name, &rest);
		if (offer(n, name))
			return i;
	}
	return -1;
}

const char *near_words(struct near *n)
{
	if (n->best.p)
		snprintf(n->text, sizeof(n->text), " (did you mean %.*s?)", SL(n->best));
	return n->text;
}
