#include "near.h"

#include <ctype.h>

enum { NAME_MAX_LETTERS = 63 };

struct near near_to(struct slice word)
{
	return (struct near){ .word = word, .least = word.n < 3 ? 2 : word.n / 3 + 1 };
}

/* Letters to change, insert, leave out or swap with the next, whatever their case. */
static size_t distance(struct slice a, struct slice b)
{
	size_t rows[3][NAME_MAX_LETTERS + 1], *row = rows[0], *last = rows[1], *before = rows[2];
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *oldest = before;
		before = last;
		last = row;
		row = oldest;
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			int p = tolower((unsigned char)a.p[i - 1]), q = tolower((unsigned char)b.p[j - 1]);
			size_t cost = last[j - 1] + (p != q);
			cost = last[j] + 1 < cost ? last[j] + 1 : cost;
			cost = row[j - 1] + 1 < cost ? row[j - 1] + 1 : cost;
			if (i > 1 && j > 1 && p == tolower((unsigned char)b.p[j - 2]) && q == tolower((unsigned char)a.p[i - 2]) && before[j - 2] + 1 < cost)
				cost = before[j - 2] + 1;
			row[j] = cost;
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
