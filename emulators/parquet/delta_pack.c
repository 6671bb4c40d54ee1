/* Value encodings of writers with the second page version: DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY,
 * BYTE_STREAM_SPLIT. Read only. Spec: parquet-format's Encodings.md. */
#include "parquet/parquet.h"

enum { BLOCK_MAX = 1 << 20, MINIS_MAX = 1024 };

/* ---- DELTA_BINARY_PACKED ---- */

static uint64_t bits_at(const uint8_t *p, size_t bit, int width, size_t size)
{
	uint64_t v = 0;
	int got = 0;
	if (width <= 56 && bit / 8 + 8 <= size) {
		memcpy(&v, p + bit / 8, sizeof(v));
		return v >> (bit % 8) & ((UINT64_C(1) << width) - 1);
	}
	for (size_t at = bit / 8; got < width; at++) {
		int skip = got ? 0 : (int)(bit % 8);
		v |= (uint64_t)(p[at] >> skip) << got;
		got += 8 - skip;
	}
	return width == 64 ? v : v & ((UINT64_C(1) << width) - 1);
}

struct block {
	size_t mini_n, per_mini;
	uint64_t last;
};

/* One block: values into out, at most n; the number of them. */
static size_t get_block(struct rd *r, struct block *b, int64_t *out, size_t n)
{
	uint64_t least = (uint64_t)rd_varint(r);
	struct slice widths = rd_bytes(r, b->mini_n);
	size_t done = 0;
	for (size_t m = 0; m < b->mini_n && done < n && !r->bad; m++) {
		int width = (uint8_t)widths.p[m];
		struct slice packed;
		if (width > 64) {
			r->bad = true;
			break;
		}
		packed = rd_bytes(r, b->per_mini / 8 * (size_t)width);
		for (size_t i = 0; i < b->per_mini && done < n && !r->bad; i++) {
			b->last += least + (width ? bits_at((const uint8_t *)packed.p, i * (size_t)width, width, packed.n) : 0);
			out[done++] = (int64_t)b->last;
		}
	}
	return done;
}

/* Exactly n integers. */
static bool get_ints(struct rd *r, int64_t *out, size_t n)
{
	uint64_t block = rd_uvarint(r), minis = rd_uvarint(r), total = rd_uvarint(r);
	struct block b;
	size_t done = 1;
	b.last = (uint64_t)rd_varint(r);
	if (r->bad || block == 0 || block > BLOCK_MAX || minis == 0 || minis > MINIS_MAX || block % minis || block / minis % 8 || total != n)
		return false;
	b.mini_n = (size_t)minis;
	b.per_mini = (size_t)(block / minis);
	if (n)
		out[0] = (int64_t)b.last;
	while (done < n && !r->bad)
		done += get_block(r, &b, out + done, n - done);
	return !r->bad;
}

static bool take_ints(struct rd *r, struct pq_column *c, size_t n)
{
	int64_t *v = xmalloc(n * sizeof(*v));
	bool good = get_ints(r, v, n);
	if (good) {
		pq_column_room(c, 0, n);
		for (size_t i = 0; i < n; i++)
			if (c->type == PQ_INT32)
				c->i32[c->n++] = (int32_t)(uint32_t)(uint64_t)v[i];
			else
				c->i64[c->n++] = v[i];
	}
	free(v);
	return good;
}

/* ---- texts ---- */

static bool add_text(struct rd *r, struct pq_column *c, size_t before, int64_t prefix, int64_t rest)
{
	size_t from = c->n ? c->end[c->n - 1] : 0, last = from - before;
	struct slice s;
	char *room;
	if (prefix < 0 || rest < 0 || (uint64_t)prefix > last || (uint64_t)rest > r->n)
		return false;
	s = rd_bytes(r, (size_t)rest);
	room = buf_room(&c->bytes, (size_t)prefix + s.n + 1);
	if (room) {
		memmove(room, c->bytes.p + before, (size_t)prefix);
		memcpy(room + prefix, s.p, s.n);
		c->bytes.n += (size_t)prefix + s.n;
	}
	c->end[c->n++] = (uint32_t)c->bytes.n;
	return !c->bytes.bad;
}

/* A text of an arena: borrowed when nothing of the one before is in it. */
static bool borrow_text(struct rd *r, struct pq_column *c, bool first, int64_t prefix, int64_t rest)
{
	struct slice s, last = first ? S("") : c->text[c->n - 1];
	char *room;
	if (prefix < 0 || rest < 0 || (uint64_t)prefix > last.n || (uint64_t)rest > r->n)
		return false;
	s = rd_bytes(r, (size_t)rest);
	if (prefix) {
		if (c->keep->used > PQ_BYTES_MAX * (size_t)4)
			return false;
		room = arena_raw(c->keep, (size_t)prefix + s.n);
		memcpy(room, last.p, (size_t)prefix);
		memcpy(room + prefix, s.p, s.n);
		s = sl_of(room, (size_t)prefix + s.n);
	}
	c->text[c->n++] = s;
	return true;
}

static bool take_texts(struct rd *r, struct pq_column *c, size_t n, bool prefixes)
{
	int64_t *prefix = xcalloc(n, sizeof(*prefix)), *rest = xmalloc(n * sizeof(*rest));
	bool good = (!prefixes || get_ints(r, prefix, n)) && get_ints(r, rest, n);
	size_t before = c->bytes.n; /* where the text before begins; a page's first has none */
	if (good)
		pq_column_room(c, 0, n);
	for (size_t i = 0; i < n && good; i++) {
		size_t start = c->bytes.n;
		good = (c->type != PQ_FIXED || prefix[i] + rest[i] == c->size) && (i || prefix[i] == 0) &&
		       (c->keep ? borrow_text(r, c, i == 0, prefix[i], rest[i]) : add_text(r, c, before, prefix[i], rest[i]));
		before = start;
	}
	free(prefix);
	free(rest);
	return good;
}

/* ---- BYTE_STREAM_SPLIT ---- */

static bool take_split(struct rd *r, struct pq_column *c, size_t n)
{
	size_t size = c->type == PQ_FIXED ? (size_t)c->size : pq_value_size(c->type);
	struct arena scratch = { 0 };
	struct slice s;
	char *to;
	if (!size || n > r->n / size)
		return false;
	s = rd_bytes(r, n * size);
	pq_column_room(c, 0, n);
	to = c->type != PQ_FIXED ? (char *)c->values + c->n * size : arena_raw(c->keep ? c->keep : &scratch, n * size);
	for (size_t k = 0; k < size; k++)
		for (size_t i = 0; i < n; i++)
			to[i * size + k] = s.p[k * n + i];
	for (size_t i = 0; i < n && c->type == PQ_FIXED; i++) {
		if (c->keep) {
			c->text[c->n + i] = sl_of(to + i * size, size);
		} else {
			buf_add(&c->bytes, to + i * size, size);
			c->end[c->n + i] = (uint32_t)c->bytes.n;
		}
	}
	c->n += n;
	arena_free(&scratch);
	return true;
}

bool pq_delta_get(int encoding, struct rd *r, struct pq_column *c, size_t n, bool *good)
{
	bool text = c->type == PQ_BYTES || c->type == PQ_FIXED, whole = c->type == PQ_INT32 || c->type == PQ_INT64;
	if (encoding == PQ_DELTA_BINARY && whole)
		*good = take_ints(r, c, n);
	else if (encoding == PQ_DELTA_LENGTH && c->type == PQ_BYTES)
		*good = take_texts(r, c, n, false);
	else if (encoding == PQ_DELTA_BYTES && text)
		*good = take_texts(r, c, n, true);
	else if (encoding == PQ_BYTE_SPLIT && (whole || c->type == PQ_FIXED || c->type == PQ_FLOAT || c->type == PQ_DOUBLE))
		*good = take_split(r, c, n);
	else
		return false;
	return true;
}
