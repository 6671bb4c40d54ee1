/* Deletion vectors: which rows of a file are gone. Spec: PROTOCOL.md "Deletion Vector Format"; github.com/RoaringBitmap/RoaringFormatSpec. */
#include <stdlib.h>

#include "core/text.h"
#include "delta/op.h"

enum { MAGIC = 1681511377, SOME_RUNS = 12347, NO_RUNS = 12346, FEW_CONTAINERS = 4, ROWS_MAX = 1 << 28 };

/* ---- where it is ---- */

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/* Z85: five characters are four bytes. */
static bool z85(struct arena *a, struct slice s, struct slice *out)
{
	uint8_t *to = arena_alloc(a, s.n / 5 * 4 + 1);
	if (s.n % 5)
		return false;
	for (size_t i = 0; i < s.n; i += 5) {
		uint64_t v = 0;
		for (size_t k = 0; k < 5; k++) {
			const char *at = s.p[i + k] ? strchr(digits, s.p[i + k]) : NULL;
			if (!at)
				return false;
			v = v * 85 + (uint64_t)(at - digits);
		}
		for (size_t k = 0; k < 4; k++)
			to[i / 5 * 4 + k] = (uint8_t)(v >> (24 - 8 * k));
	}
	*out = sl_of(to, s.n / 5 * 4);
	return true;
}

int delta_vector_path(struct arena *a, const struct delta_vector *v, struct slice *path, struct error *err)
{
	struct slice id;
	struct rd r;
	uint64_t high;
	char text[37];
	if (v->storage == 'p') {
		*path = v->where;
		return 0;
	}
	if (v->storage != 'u' || v->where.n < 20 || !z85(a, sl_from(v->where, v->where.n - 20), &id))
		return delta_fail(err, DELTA_E_LOG, "a deletion vector's place: %c%.*s", v->storage, SL(v->where));
	r = rd_of(id.p, id.n);
	high = rd_u64be(&r);
	uuid_text(high, rd_u64be(&r), high >> 12 & 15, text);
	*path = v->where.n > 20 ? arena_printf(a, "%.*s/deletion_vector_%s.bin", (int)(v->where.n - 20), v->where.p, text) :
				  arena_printf(a, "deletion_vector_%s.bin", text);
	return 0;
}

/* ---- roaring bitmaps ---- */

struct rows {
	struct arena *a;
	uint64_t *v;
	size_t n, max;
};

static bool add(struct rows *to, uint64_t row)
{
	if (to->n >= to->max || (to->n && to->v[to->n - 1] >= row))
		return false;
	to->v[to->n++] = row;
	return true;
}

static bool get_bits(struct rd *r, uint64_t base, struct rows *to)
{
	for (uint64_t word = 0; word < 1024; word++)
		for (uint64_t bits = rd_u64le(r); bits; bits &= bits - 1)
			if (!add(to, base + word * 64 + (uint64_t)__builtin_ctzll(bits)))
				return false;
	return !r->bad;
}

static bool get_runs(struct rd *r, uint64_t base, struct rows *to)
{
	size_t runs = rd_u16le(r);
	for (size_t i = 0; i < runs; i++) {
		uint64_t from = rd_u16le(r), more = rd_u16le(r);
		for (uint64_t k = 0; k <= more; k++)
			if (r->bad || !add(to, base + from + k))
				return false;
	}
	return !r->bad;
}

static bool get_array(struct rd *r, size_t n, uint64_t base, struct rows *to)
{
	for (size_t i = 0; i < n; i++)
		if (!add(to, base + rd_u16le(r)))
			return false;
	return !r->bad;
}

/* One bitmap of 32-bit numbers. */
static bool get_bitmap(struct rd *r, uint64_t high, struct rows *to)
{
	uint32_t cookie = rd_u32le(r);
	bool runs = (cookie & 0xffff) == SOME_RUNS;
	size_t n = runs ? (cookie >> 16) + 1 : rd_u32le(r);
	struct slice is_run, heads;
	if (r->bad || (!runs && cookie != NO_RUNS) || n > 65536)
		return false;
	is_run = runs ? rd_bytes(r, (n + 7) / 8) : sl(NULL);
	heads = rd_bytes(r, n * 4);
	if (!runs || n >= FEW_CONTAINERS)
		(void)rd_bytes(r, n * 4); /* where each begins: they follow one another */
	if (r->bad)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct rd head = rd_of(heads.p + i * 4, 4);
		uint64_t base = high << 32 | (uint64_t)rd_u16le(&head) << 16;
		size_t count = (size_t)rd_u16le(&head) + 1;
		bool run = runs && ((uint8_t)is_run.p[i / 8] >> (i % 8) & 1);
		if (!(run ? get_runs(r, base, to) : count <= 4096 ? get_array(r, count, base, to) : get_bits(r, base, to)))
			return false;
	}
	return true;
}

static bool get_all(struct slice data, struct rows *to)
{
	struct rd r = rd_of(data.p, data.n);
	uint64_t n;
	if (rd_u32le(&r) != MAGIC)
		return false;
	n = rd_u64le(&r);
	for (uint64_t i = 0; i < n && !r.bad; i++) {
		uint64_t high = rd_u32le(&r);
		if (!get_bitmap(&r, high, to))
			return false;
	}
	return !r.bad;
}

int delta_vector_rows(struct arena *a, const struct delta_vector *v, struct slice file, uint64_t **rows, size_t *n, struct error *err)
{
	struct rows to = { .a = a };
	struct slice data;
	struct rd r;
	if (v->rows < 0 || v->rows > ROWS_MAX)
		return err_set(err, ERR_LIMIT, "a deletion vector of %lld rows", (long long)v->rows);
	if (v->storage == 'i') {
		if (!z85(a, v->where, &data) || v->size < 0 || (uint64_t)v->size > data.n)
			return delta_fail(err, DELTA_E_LOG, "an inline deletion vector that isn't Z85");
		data.n = (size_t)v->size;
	} else {
		if (v->offset < 0 || (uint64_t)v->offset > file.n)
			return delta_fail(err, DELTA_E_LOG, "a deletion vector at byte %lld of %zu", (long long)v->offset, file.n);
		r = rd_of(file.p + v->offset, file.n - (size_t)v->offset);
		data = rd_bytes(&r, rd_u32be(&r));
		if (r.bad || (int64_t)data.n != v->size || rd_u32be(&r) != pq_crc(data) || r.bad)
			return delta_fail(err, DELTA_E_LOG, "a deletion vector at byte %lld whose size or checksum is wrong", (long long)v->offset);
	}
	to.max = (size_t)v->rows;
	to.v = arena_raw(a, (to.max + 1) * sizeof(*to.v));
	if (!get_all(data, &to) || to.n != to.max)
		return delta_fail(err, DELTA_E_LOG, "a deletion vector that isn't a bitmap of %lld rows", (long long)v->rows);
	*rows = to.v;
	*n = to.n;
	return 0;
}
