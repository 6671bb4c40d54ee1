/* Sorting by texts: those that repeat themselves are numbered, others packed by their first bytes, and then eight bytes at a time. */
#include "engine/order.h"

/* ---- texts, eight bytes at a time ---- */

/* Eight bytes from a place on, as a number; ended: the text has no more than them. */
static inline uint64_t bytes_at(struct slice s, size_t at, bool *ended)
{
	uint64_t w = 0;
	size_t left = s.n > at ? s.n - at : 0;
	*ended = left <= 8;
	if (left >= 8)
		memcpy(&w, s.p + at, 8);
	else if (left)
		memcpy(&w, s.p + at, left);
	return __builtin_bswap64(w);
}

static void sort_items(struct sp_text_item *a, size_t n, struct sp_text_item *b)
{
	const size_t few = 24;
	for (size_t at = 0; at < n; at += few) {
		size_t end = at + few < n ? at + few : n;
		for (size_t i = at + 1; i < end; i++) {
			struct sp_text_item x = a[i];
			size_t j = i;
			for (; j > at && a[j - 1].k > x.k; j--)
				a[j] = a[j - 1];
			a[j] = x;
		}
	}
	for (size_t width = few; width < n; width *= 2) {
		for (size_t at = 0; at + width < n; at += width * 2) {
			size_t mid = at + width, end = mid + width < n ? mid + width : n, i = at, j = mid, to = at;
			if (a[mid - 1].k <= a[mid].k)
				continue;
			memcpy(b + at, a + at, (mid - at) * sizeof(*a));
			while (i < mid && j < end)
				a[to++] = b[i].k <= a[j].k ? b[i++] : a[j++];
			memcpy(a + to, b + i, (mid - i) * sizeof(*a));
		}
	}
}

int sp_sort_texts(struct sp_packer *p, size_t key, size_t at, uint32_t *rows, size_t n, struct sp_text_item *items, uint32_t *spare)
{
	enum { DEEP = 64 };
	const struct sp_sort_key *k = &p->keys[key];
	bool any_ended = false, ended;
	if (sp_run_check(p->run, n))
		return 1;
	for (size_t i = 0; i < n; i++) {
		uint64_t w = bytes_at(k->v.str[sp_at(&k->v, rows[i])], at, &ended);
		any_ended |= ended;
		items[i] = (struct sp_text_item){ k->desc ? ~w : w, rows[i] };
	}
	sort_items(items, n, items + n);
	for (size_t i = 0; i < n; i++)
		rows[i] = items[i].row;
	/* The runs of equal ones, of which the items are overwritten by what sorts a run: ends are found first in rows' own order. */
	uint64_t *ks = xmalloc(n * sizeof(*ks));
	int rc = 0;
	for (size_t i = 0; i < n; i++)
		ks[i] = items[i].k;
	for (size_t i = 0, end; i < n && !rc; i = end) {
		for (end = i + 1; end < n && ks[end] == ks[i]; end++)
			;
		if (end - i < 2)
			continue;
		bool over = any_ended || at > DEEP * 8;
		if (!over) {
			rc = sp_sort_texts(p, key, at + 8, rows + i, end - i, items, spare);
			continue;
		}
		/* All ended alike: they are equal. Else by comparing. */
		bool same = true;
		size_t len = k->v.str[sp_at(&k->v, rows[i])].n;
		for (size_t j = i; j < end && same; j++)
			same = len <= at + 8 && k->v.str[sp_at(&k->v, rows[j])].n == len;
		if (!same || key + 1 < p->key_n)
			rc = sp_sort_merge(p, same ? key + 1 : key, rows + i, end - i, spare);
	}
	free(ks);
	return rc;
}

/* Whether texts repeat themselves so much that they are better numbered, judged by the first of them. */
static bool repeats(size_t seen, size_t different, size_t n)
{
	const double twice = (double)(seen - different);
	return twice > 0 && (double)seen * (double)seen / (2 * twice) * 4 < (double)n;
}

/* Texts as a dictionary of ours; false: they're too many different ones. */
static bool pack_numbered(struct sp_packer *p, const struct sp_sort_key *k, bool *fits)
{
	enum { JUDGED = 8 * SP_BATCH };
	struct sp_keys *keys = sp_keys_new(p->run, &k->v.type, NULL, 1);
	uint32_t *code = xmalloc((p->n + 1) * sizeof(*code)), *first = xmalloc((p->n + 1) * sizeof(*first));
	size_t m = 0;
	bool good = p->n > JUDGED * 2;
	for (size_t at = 0; at < p->n && good; at += SP_BATCH) {
		size_t n = p->n - at < SP_BATCH ? p->n - at : SP_BATCH;
		struct sp_vec v = sp_vec_part(&k->v, at, n);
		v.lasting = true;
		good = !sp_keys_find(keys, &v, n, true, code + at) && !sp_run_check(p->run, n);
		for (size_t r = 0; r < n && good; r++)
			if (code[at + r] == m)
				first[m++] = (uint32_t)(at + r);
		if (at + n == JUDGED)
			good &= repeats(JUDGED, m, p->n);
	}
	sp_keys_free(keys);
	if (good) {
		/* The dictionary is the rows where each text came first. */
		struct sp_sort_key coded = *k, entries = *k;
		entries.v.code = first;
		if (k->v.code)
			for (size_t i = 0; i < m; i++)
				first[i] = k->v.code[first[i]];
		coded.v.code = code;
		coded.v.dict_n = m;
		*fits = sp_pack_entries(p, &coded, &entries);
	}
	free(code);
	free(first);
	return good;
}

/* A text by its first bytes behind what all have in common. Gives whether that is all of it. */
static bool pack_begin(struct sp_packer *p, const struct sp_sort_key *k)
{
	const struct sp_vec *v = &k->v;
	const struct slice *first = NULL;
	size_t common = 0, longest = 0;
	for (size_t r = 0; r < p->n; r++) {
		size_t at = sp_at(v, r), i = 0;
		if (v->null && v->null[at])
			continue;
		const struct slice *s = &v->str[at];
		longest = s->n > longest ? s->n : longest;
		if (!first) {
			first = s;
			common = s->n;
			continue;
		}
		common = common < s->n ? common : s->n;
		while (i < common && s->p[i] == first->p[i])
			i++;
		common = i;
	}
	const size_t room = (WORD_BITS - p->bits) / 8, rest = longest - common;
	p->by_text = room < 3;
	p->begun = common;
	if (room < 3)
		return false;
	/* Bytes, then how many there were: so "a" is before "a\0". Room is kept for NULL's byte in front. */
	const size_t bytes = rest < 7 && rest + 2 <= room ? rest : room - 2 < 7 ? room - 2 : 7;
	const bool whole = bytes >= rest;
	p->bits += 8;
	for (size_t r = 0; r < p->n; r++)
		sp_pack_append(p, r, 8, sp_null_at(v, r) ? k->nulls_last : !k->nulls_last);
	p->bits += (unsigned)(bytes + 1) * 8;
	for (size_t r = 0; r < p->n; r++) {
		size_t at = sp_at(v, r);
		uint64_t x = 0;
		if (!(v->null && v->null[at])) {
			struct slice s = sl_from(v->str[at], common);
			size_t m = s.n < bytes ? s.n : bytes;
			for (size_t i = 0; i < m; i++)
				x |= (uint64_t)(uint8_t)s.p[i] << 8 * (bytes - i);
			x |= whole ? s.n : 0;
			if (k->desc)
				x = ~x & (bytes + 1 < 8 ? (UINT64_C(1) << 8 * (bytes + 1)) - 1 : UINT64_MAX);
		}
		sp_pack_append(p, r, (unsigned)(bytes + 1) * 8, x);
	}
	p->by_text = !whole;
	p->begun = common + bytes;
	return whole;
}

bool sp_pack_texts(struct sp_packer *p, const struct sp_sort_key *k)
{
	bool fits;
	if (!p->different && pack_numbered(p, k, &fits))
		return fits;
	return !p->run->err.set && pack_begin(p, k);
}
