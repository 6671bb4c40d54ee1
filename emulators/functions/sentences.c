/* sentences: a text as an array of sentences, each an array of its words. DIFFERS: sentences and words end as java.text.BreakIterator has
 * it for Latin letters, digits and the marks usual between them; languages that write without blanks aren't taken apart. */
#include "functions/text.h"
#include "java/case.h"

static bool is_letter(uint32_t c)
{
	return c >= 0x80 ? c != 0xa0 && !(c >= 0x2000 && c < 0x2070) && !(c >= 0x3000 && c < 0x3004) && c != 0xab && c != 0xbb :
			   (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

static bool is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static uint32_t peek(struct slice s, size_t i)
{
	return i < s.n ? java_next(s, &i) : 0;
}

/* Whether a mark between two characters keeps them one word: 3.14, 1,234, can't, foo-bar, y.com. */
static bool joins(uint32_t mark, uint32_t before, uint32_t after)
{
	if (!is_letter(before) || !is_letter(after))
		return false;
	if (mark == ',')
		return is_digit(before) && is_digit(after);
	if (mark == '-')
		return !is_digit(before) && !is_digit(after);
	return mark == '.' || mark == '\'' || mark == 0x2019 || mark == 0xad;
}

struct words {
	struct arena *a;
	struct sp_value *v;
	size_t n, cap;
};

static void add(struct words *w, struct sp_value v)
{
	ARENA_GROW(w->a, w->v, w->n, w->cap);
	w->v[w->n++] = v;
}

static struct sp_value list_of(struct words *w)
{
	struct sp_list *list = sp_list_new(w->a, w->n);
	if (w->n)
		memcpy(list->items, w->v, w->n * sizeof(*w->v));
	w->v = NULL;
	w->n = w->cap = 0;
	return (struct sp_value){ .list = list };
}

/* The end of the word that begins at i. */
static size_t word_end(struct slice s, size_t i)
{
	uint32_t before = 0, c;
	while (i < s.n) {
		size_t at = i;
		c = java_next(s, &i);
		if (!is_letter(c) && !joins(c, before, peek(s, i)))
			return is_digit(before) && c == '%' ? i : at;
		before = c;
	}
	return i;
}

/* Whether a sentence ends behind the mark c: *i is at what follows, and is moved to the next sentence. */
static bool ends(struct slice s, uint32_t c, size_t *i)
{
	size_t at = *i, next;
	bool blank = false;
	uint32_t d;
	if (c != '.' && c != '!' && c != '?')
		return false;
	for (next = at; next < s.n; at = next) {
		d = java_next(s, &next);
		blank |= d == ' ' || (d >= '\t' && d <= '\r');
		if (!(d == ' ' || (d >= '\t' && d <= '\r')) && (blank || !strchr(".!?\"')]", (int)(d < 0x80 ? d : 'a'))))
			break;
	}
	d = peek(s, at);
	if (!blank || (c == '.' && java_upper_char(d) != d))
		return false;
	*i = at;
	return true;
}

static int sentences(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	struct slice s = a[0].s;
	struct words all = { .a = c->run->batch }, words = { .a = c->run->batch };
	out->null = a[0].null;
	if (a[0].null)
		return 0;
	for (size_t i = 0; i < s.n;) {
		size_t from = i;
		uint32_t ch = java_next(s, &i);
		if (is_letter(ch)) {
			i = word_end(s, from);
			add(&words, (struct sp_value){ .s = sl_of(s.p + from, i - from) });
		} else if (ch == '$' && is_digit(peek(s, i))) {
			i = word_end(s, i);
		} else if (ends(s, ch, &i) && words.n) {
			add(&all, list_of(&words));
		}
	}
	if (words.n)
		add(&all, list_of(&words));
	*out = list_of(&all);
	return 0;
}

const struct sp_function sp_sentences[] = {
	{ "sentences", "string string? string?", "array<array<string>>", .row = sentences, .flags = SP_F_NULLS, .defaults = "'',''", .group = "string_funcs",
	  .doc = "sentences(text[, language, country]): its sentences, each as an array of words" },
	{ NULL },
};
