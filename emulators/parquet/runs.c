/* The RLE / bit-packed hybrid of levels, dictionary indices and booleans. */
#include "parquet/parquet.h"

int pq_width(uint32_t max)
{
	return max ? 32 - __builtin_clz(max) : 0;
}

static void put_rle(struct buf *b, uint32_t v, size_t n, int width)
{
	buf_uvarint(b, (uint64_t)n << 1);
	for (int bits = 0; bits < width; bits += 8)
		buf_u8(b, (uint8_t)(v >> bits));
}

/* n values in groups of eight, the last one filled up with zeros. */
static void put_packed(struct buf *b, const uint32_t *v, size_t n, int width)
{
	size_t groups = (n + 7) / 8;
	uint64_t acc = 0;
	int bits = 0;
	uint8_t *p;
	if (!n)
		return;
	buf_uvarint(b, (uint64_t)groups << 1 | 1);
	p = (uint8_t *)buf_room(b, groups * (size_t)width);
	if (!p)
		return;
	for (size_t i = 0; i < groups * 8; i++) {
		acc |= (uint64_t)(i < n ? v[i] : 0) << bits;
		for (bits += width; bits >= 8; bits -= 8) {
			*p++ = (uint8_t)acc;
			acc >>= 8;
		}
	}
	b->n += groups * (size_t)width;
}

static size_t run_at(const uint32_t *v, size_t n)
{
	size_t i = 1;
	while (i < n && v[i] == v[0])
		i++;
	return i;
}

/* Runs of eight and more, looked for at every eighth value, as RLE; what lies between them packed. */
void pq_runs_put(struct buf *b, const uint32_t *v, size_t n, int width)
{
	size_t from = 0, i = 0;
	while (i < n) {
		size_t run = run_at(v + i, n - i);
		if (run >= 8 || (run == n - i && from == i)) {
			put_packed(b, v + from, i - from, width);
			put_rle(b, v[i], run, width);
			i += run;
			from = i;
		} else {
			i += n - i < 8 ? n - i : 8;
		}
	}
	put_packed(b, v + from, n - from, width);
}

void pq_levels_put(struct buf *b, const uint8_t *v, size_t n, int width)
{
	uint32_t *wide;
	if (n && memcmp(v, v + 1, n - 1) == 0) {
		put_rle(b, v[0], n, width);
		return;
	}
	wide = xmalloc((n + 1) * sizeof(*wide));
	for (size_t i = 0; i < n; i++)
		wide[i] = v[i];
	pq_runs_put(b, wide, n, width);
	free(wide);
}

void pq_bits_get(const uint8_t *p, size_t size, uint32_t *v, size_t n, int width)
{
	uint64_t mask = (UINT64_C(1) << width) - 1;
	size_t whole = size < 8 || !width ? 0 : (size - 8) * 8 / (size_t)width, i = 0, bit = 0;
	/* Eight bytes from where a value begins hold all of it. */
	for (whole = whole < n ? whole : n; i < whole; i++, bit += (size_t)width) {
		uint64_t word;
		memcpy(&word, p + bit / 8, sizeof(word));
		v[i] = (uint32_t)(word >> (bit & 7) & mask);
	}
	for (; i < n; i++, bit += (size_t)width) {
		uint64_t word = 0;
		for (size_t k = 0; k < 8 && bit / 8 + k < size; k++)
			word |= (uint64_t)p[bit / 8 + k] << (8 * k);
		v[i] = (uint32_t)(word >> (bit & 7) & mask);
	}
}

/* The bytes of a bit-packed run of groups of eight values, of which n are wanted. */
static struct slice packed_of(struct rd *r, size_t n, size_t groups, int width)
{
	size_t need = (n * (size_t)width + 7) / 8;
	/* Some old writers leave the last group's padding out. */
	if (width && groups > r->n / (size_t)width)
		groups = 0;
	if (need > r->n) {
		r->bad = true;
		return sl(NULL);
	}
	return rd_bytes(r, groups || !width ? groups * (size_t)width : r->n);
}

static bool get_packed(struct rd *r, uint32_t *v, size_t n, size_t groups, int width)
{
	struct slice in = packed_of(r, n, groups, width);
	if (r->bad)
		return false;
	pq_bits_get((const uint8_t *)in.p, in.n, v, n, width);
	return true;
}

/* Levels of one bit: eight to a byte. */
static bool get_single_bits(struct rd *r, uint8_t *v, size_t n, size_t groups)
{
	struct slice in = packed_of(r, n, groups, 1);
	size_t i = 0;
	if (r->bad)
		return false;
	for (; i + 8 <= n; i += 8) {
		uint64_t byte = (uint8_t)in.p[i / 8];
		uint64_t spread = ((byte & 0x7f) * UINT64_C(0x0002040810204081) & UINT64_C(0x0101010101010101)) | byte >> 7 << 56;
		memcpy(v + i, &spread, sizeof(spread));
	}
	for (; i < n; i++)
		v[i] = (uint8_t)in.p[i / 8] >> (i % 8) & 1;
	return true;
}

bool pq_runs_get(struct rd *r, uint32_t *v, size_t n, int width)
{
	while (n) {
		uint64_t head = rd_uvarint(r), count = head >> 1;
		size_t take;
		if (r->bad || count == 0 || (head & 1 && count > SIZE_MAX / 64))
			return false;
		if (head & 1) {
			take = count > n / 8 ? n : (size_t)count * 8;
			if (!get_packed(r, v, take, (size_t)count, width))
				return false;
		} else {
			uint32_t value = 0;
			take = count > n ? n : (size_t)count;
			for (int bits = 0; bits < width; bits += 8)
				value |= (uint32_t)rd_u8(r) << bits;
			if (r->bad || (width < 32 && value >> width))
				return false;
			for (size_t i = 0; i < take; i++)
				v[i] = value;
		}
		v += take;
		n -= take;
	}
	return true;
}

bool pq_levels_get(struct rd *r, uint8_t *v, size_t n, int max)
{
	enum { PIECE = 4096 };
	uint32_t wide[PIECE];
	int width = pq_width((uint32_t)max);
	/* Runs don't end at our pieces: read one at a time, cut into pieces here. */
	while (n) {
		uint64_t head = rd_uvarint(r), count = head >> 1;
		size_t take, groups;
		if (r->bad || count == 0)
			return false;
		if (!(head & 1)) {
			uint8_t value = rd_u8(r);
			if (r->bad || value > max)
				return false;
			take = count > n ? n : (size_t)count;
			memset(v, value, take);
			v += take;
			n -= take;
			continue;
		}
		if (width == 1) {
			take = count > n / 8 ? n : (size_t)count * 8;
			if (!get_single_bits(r, v, take, count > SIZE_MAX / 64 ? SIZE_MAX / 64 : (size_t)count))
				return false;
			v += take;
			n -= take;
			continue;
		}
		for (; count && n; count -= groups) {
			groups = count > PIECE / 8 ? PIECE / 8 : (size_t)count;
			take = groups > n / 8 ? n : groups * 8;
			if (!get_packed(r, wide, take, groups, width))
				return false;
			for (size_t i = 0; i < take; i++) {
				if (wide[i] > (uint32_t)max)
					return false;
				v[i] = (uint8_t)wide[i];
			}
			v += take;
			n -= take;
		}
	}
	return true;
}
