/* Pages -> columns. */
#include "parquet/parquet.h"

enum { PAGE_DATA = 0, PAGE_DICT = 2, PAGE_DATA_V2 = 3 };
enum { JULIAN_1970 = 2440588, ROOM_AT_ONCE = 1 << 20 };

struct chunk_in {
	const struct pq_chunk *chunk;
	struct pq_column *c;
	struct pq_column dict;
	bool has_dict;
	struct buf page;      /* unpacked, for a column of the heap */
	uint32_t *index;      /* scratch */
	size_t index_cap;
	struct error *err;
};

/* ---- PLAIN ---- */

static bool plain_texts(struct rd *r, struct pq_column *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct slice s = rd_bytes(r, c->type == PQ_FIXED ? (size_t)c->size : rd_u32le(r));
		if (r->bad)
			return false;
		buf_addsl(&c->bytes, s);
		c->end[c->n++] = (uint32_t)c->bytes.n;
	}
	return true;
}

/* The same borrowed. */
static bool borrow_texts(struct rd *r, struct pq_column *c, size_t n)
{
	struct slice *to = c->text + c->n;
	const char *p = (const char *)r->p, *end = p + r->n;
	for (size_t i = 0; i < n; i++) {
		uint32_t size = (uint32_t)c->size;
		if (c->type == PQ_BYTES) {
			if (end - p < 4)
				return false;
			memcpy(&size, p, 4);
			p += 4;
		}
		if ((size_t)(end - p) < size)
			return false;
		to[i] = (struct slice){ p, size };
		p += size;
	}
	c->n += n;
	return true;
}

static bool plain_int96(struct rd *r, struct pq_column *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int64_t ns = (int64_t)rd_u64le(r);
		int64_t day = (int32_t)rd_u32le(r);
		if (r->bad)
			return false;
		c->i64[c->n++] = (int64_t)((uint64_t)(day - JULIAN_1970) * 86400000000 + (uint64_t)(ns / 1000));
	}
	return true;
}

static bool plain_flags(struct rd *r, struct pq_column *c, size_t n)
{
	struct slice s = rd_bytes(r, (n + 7) / 8);
	if (r->bad)
		return false;
	for (size_t i = 0; i < n; i++)
		c->flags[c->n++] = (uint8_t)s.p[i / 8] >> (i % 8) & 1;
	return true;
}

static bool get_plain(struct rd *r, struct pq_column *c, size_t n)
{
	size_t size = pq_value_size(c->type);
	size_t least = c->type == PQ_BYTES ? n * 4 : c->type == PQ_BOOLEAN ? (n + 7) / 8 : c->type == PQ_INT96 ? n * 12 : c->type == PQ_FIXED ? n * (size_t)c->size : n * size;
	struct slice s;
	if (least > r->n) /* before memory is taken for n values */
		return false;
	if (n == 0)
		return true;
	pq_column_room(c, 0, n);
	switch (c->type) {
	case PQ_BYTES:
	case PQ_FIXED:
		return c->keep ? borrow_texts(r, c, n) : plain_texts(r, c, n);
	case PQ_INT96:
		return plain_int96(r, c, n);
	case PQ_BOOLEAN:
		return plain_flags(r, c, n);
	default:
		s = rd_bytes(r, n * size);
		memcpy((char *)c->values + c->n * size, s.p, n * size);
		c->n += n;
		return true;
	}
}

/* ---- dictionary ---- */

/* Codes become texts: not all pages of the chunk use its dictionary. */
static void spell_out(struct pq_column *c)
{
	struct slice *text;
	if (!c->dict)
		return;
	text = arena_raw(c->keep, c->cap * sizeof(*text));
	for (size_t i = 0; i < c->n; i++)
		text[i] = c->dict[c->code[i]];
	c->text = text;
	c->dict = NULL;
}

static void look_up(struct pq_column *c, const struct pq_column *d, const uint32_t *index, size_t n)
{
	if (pq_is_text(c) && c->keep) {
		for (size_t i = 0; i < n; i++)
			c->text[c->n + i] = d->text[index[i]];
	} else if (pq_is_text(c)) {
		for (size_t i = 0; i < n; i++) {
			buf_addsl(&c->bytes, pq_bytes(d, index[i]));
			c->end[c->n + i] = (uint32_t)c->bytes.n;
		}
	} else if (pq_value_size(c->type) == 8) {
		for (size_t i = 0; i < n; i++)
			c->i64[c->n + i] = d->i64[index[i]];
	} else if (pq_value_size(c->type) == 4) {
		for (size_t i = 0; i < n; i++)
			c->i32[c->n + i] = d->i32[index[i]];
	} else {
		for (size_t i = 0; i < n; i++)
			c->flags[c->n + i] = d->flags[index[i]];
	}
	c->n += n;
}

static int get_dict(struct chunk_in *in, struct rd *r, size_t n)
{
	const struct pq_column *d = &in->dict;
	struct pq_column *c = in->c;
	bool coded = pq_is_text(c) && c->keep && in->has_dict && (c->dict || c->n == 0);
	int width;
	uint32_t *index, most = 0;
	if (!in->has_dict)
		return err_set(in->err, ERR_INVALID, "values of a dictionary that isn't there");
	if (n == 0)
		return 0;
	width = rd_u8(r);
	pq_column_room(c, 0, n);
	if (!coded && n > in->index_cap)
		in->index = xrealloc(in->index, (in->index_cap = n) * sizeof(*in->index));
	index = coded ? c->code + c->n : in->index;
	if (r->bad || width > 32 || !pq_runs_get(r, index, n, width))
		return err_set(in->err, ERR_INVALID, "damaged dictionary indices");
	for (size_t i = 0; i < n; i++)
		most = index[i] > most ? index[i] : most;
	if (most >= d->n)
		return err_set(in->err, ERR_INVALID, "dictionary index %u of %zu", most, d->n);
	if (!coded) {
		look_up(c, d, index, n);
		return 0;
	}
	c->dict = d->text;
	c->dict_n = d->n;
	c->n += n;
	return 0;
}

/* The bytes of a page unpacked, where the column's texts may borrow from them. */
static int unpack(struct chunk_in *in, enum pq_codec codec, struct slice body, size_t n, struct slice *out)
{
	char *kept;
	int rc = 0;
	if (codec == PQ_NONE && body.n == n && !(in->c->keep && pq_is_text(in->c))) {
		*out = body;
		return 0;
	}
	if (in->c->keep) {
		rc = pq_unpack_check(codec, body, n, in->err);
		kept = rc ? NULL : arena_raw(in->c->keep, n + 1);
		*out = sl_of(kept, n);
		return rc ? rc : pq_unpack_to(codec, body, kept, n, in->err);
	}
	buf_reset(&in->page);
	rc = pq_unpack(codec, body, n, &in->page, in->err);
	*out = buf_slice(&in->page);
	return rc;
}

static int read_dict(struct chunk_in *in, const struct pq_page *p, struct slice body)
{
	struct slice plain;
	struct rd r;
	int rc;
	if (in->has_dict)
		return err_set(in->err, ERR_INVALID, "a second dictionary");
	if (p->value_n < 0 || (p->encoding != PQ_PLAIN && p->encoding != PQ_PLAIN_DICTIONARY))
		return err_set(in->err, ERR_INVALID, "dictionary in encoding %d", p->encoding);
	rc = unpack(in, (enum pq_codec)in->chunk->codec, body, p->unpacked, &plain);
	if (rc)
		return rc;
	r = rd_of(plain.p, plain.n);
	in->has_dict = true;
	if (!get_plain(&r, &in->dict, (size_t)p->value_n))
		return err_set(in->err, ERR_INVALID, "damaged dictionary");
	return 0;
}

/* ---- data pages ---- */

static int get_values(struct chunk_in *in, const struct pq_page *p, struct rd *r, size_t n)
{
	struct pq_column *c = in->c;
	bool good;
	if (n == 0)
		return 0;
	if (p->encoding != PQ_PLAIN_DICTIONARY && p->encoding != PQ_RLE_DICTIONARY)
		spell_out(c);
	switch (p->encoding) {
	case PQ_PLAIN:
		return get_plain(r, c, n) ? 0 : err_set(in->err, ERR_INVALID, "damaged values");
	case PQ_PLAIN_DICTIONARY:
	case PQ_RLE_DICTIONARY:
		return get_dict(in, r, n);
	case PQ_RLE:
		if (c->type != PQ_BOOLEAN)
			break;
		(void)rd_u32le(r);
		pq_column_room(c, 0, n);
		if (!pq_levels_get(r, c->flags + c->n, n, 1))
			return err_set(in->err, ERR_INVALID, "damaged booleans");
		c->n += n;
		return 0;
	default:
		if (pq_delta_get(p->encoding, r, c, n, &good))
			return good ? 0 : err_set(in->err, ERR_INVALID, "damaged values in encoding %d", p->encoding);
		break;
	}
	return err_set(in->err, ERR_UNSUPPORTED, "value encoding %d is not served", p->encoding);
}

/* BIT_PACKED, of writers before 2013: from each byte's highest bit down, without a length. */
static bool get_old_levels(struct rd *r, uint8_t *to, size_t n, int max)
{
	size_t width = (size_t)pq_width((uint32_t)max);
	struct slice s = rd_bytes(r, (n * width + 7) / 8);
	if (r->bad)
		return false;
	for (size_t i = 0; i < n; i++) {
		int v = 0;
		for (size_t bit = i * width; bit < (i + 1) * width; bit++)
			v = v << 1 | ((uint8_t)s.p[bit / 8] >> (7 - bit % 8) & 1);
		if (v > max)
			return false;
		to[i] = (uint8_t)v;
	}
	return true;
}

/* One kind of levels out of r, behind their length. */
static bool get_levels(struct rd *r, uint8_t *to, size_t n, int max, int encoding)
{
	struct rd part;
	struct slice s;
	if (!max)
		return true;
	if (encoding == PQ_BIT_PACKED)
		return get_old_levels(r, to, n, max);
	s = rd_bytes(r, rd_u32le(r));
	if (r->bad)
		return false;
	part = rd_of(s.p, s.n);
	return pq_levels_get(&part, to, n, max);
}

static bool level_encoding(int encoding, int max)
{
	return !max || encoding == PQ_RLE || encoding == PQ_BIT_PACKED;
}

static size_t count_values(const struct pq_column *c, size_t from, size_t n)
{
	size_t values = 0;
	if (!c->max_def)
		return n;
	for (size_t i = from; i < from + n; i++)
		values += c->def[i] == c->max_def;
	return values;
}

static int read_data(struct chunk_in *in, const struct pq_page *p, struct slice body)
{
	struct pq_column *c = in->c;
	size_t n = (size_t)p->value_n;
	struct slice plain;
	uint8_t *rep, *def;
	struct rd r;
	int rc = unpack(in, (enum pq_codec)in->chunk->codec, body, p->unpacked, &plain);
	if (rc)
		return rc;
	if (!level_encoding(p->rep_encoding, c->max_rep) || !level_encoding(p->def_encoding, c->max_def))
		return err_set(in->err, ERR_UNSUPPORTED, "level encoding %d is not served", p->def_encoding);
	pq_column_room(c, n, 0);
	rep = c->rep ? c->rep + c->level_n : NULL;
	def = c->def ? c->def + c->level_n : NULL;
	r = rd_of(plain.p, plain.n);
	if (!get_levels(&r, rep, n, c->max_rep, p->rep_encoding) || !get_levels(&r, def, n, c->max_def, p->def_encoding))
		return err_set(in->err, ERR_INVALID, "damaged levels");
	rc = get_values(in, p, &r, count_values(c, c->level_n, n));
	c->level_n += n;
	return rc;
}

static int read_data_v2(struct chunk_in *in, const struct pq_page *p, struct slice body)
{
	struct pq_column *c = in->c;
	size_t n = (size_t)p->value_n, levels = p->rep_size + p->def_size;
	struct slice plain;
	struct rd rep, def, r;
	int rc;
	if (levels > body.n || levels > p->unpacked)
		return err_set(in->err, ERR_INVALID, "levels longer than their page");
	rep = rd_of(body.p, p->rep_size);
	def = rd_of(body.p + p->rep_size, p->def_size);
	rc = unpack(in, p->compressed ? (enum pq_codec)in->chunk->codec : PQ_NONE, sl_from(body, levels), p->unpacked - levels, &plain);
	if (rc)
		return rc;
	pq_column_room(c, n, 0);
	if ((c->max_rep && !pq_levels_get(&rep, c->rep + c->level_n, n, c->max_rep)) ||
	    (c->max_def && !pq_levels_get(&def, c->def + c->level_n, n, c->max_def)))
		return err_set(in->err, ERR_INVALID, "damaged levels");
	r = rd_of(plain.p, plain.n);
	rc = get_values(in, p, &r, count_values(c, c->level_n, n));
	c->level_n += n;
	return rc;
}

static int read_page(struct chunk_in *in, const struct pq_page *p, struct slice body)
{
	if (p->type != PAGE_DICT && p->type != PAGE_DATA && p->type != PAGE_DATA_V2)
		return 0;
	if (p->has_crc && pq_crc(body) != p->crc)
		return err_set(in->err, ERR_INVALID, "the page's checksum is %08x, its header says %08x", pq_crc(body), p->crc);
	if (p->type == PAGE_DICT)
		return read_dict(in, p, body);
	if (p->value_n < 0 || p->value_n > in->chunk->value_n - (int64_t)in->c->level_n)
		return err_set(in->err, ERR_INVALID, "more values than the column has");
	if (p->value_n == 0)
		return 0;
	return p->type == PAGE_DATA ? read_data(in, p, body) : read_data_v2(in, p, body);
}

static int check_rows(const struct chunk_in *in, int64_t row_n)
{
	const struct pq_column *c = in->c;
	int64_t rows = (int64_t)c->level_n;
	if (c->bytes.bad)
		return err_set(in->err, ERR_LIMIT, "more than %zu bytes of text", c->bytes.max);
	if (c->max_rep) {
		rows = 0;
		for (size_t i = 0; i < c->level_n; i++)
			rows += c->rep[i] == 0;
		if (c->level_n && c->rep[0] != 0)
			return err_set(in->err, ERR_INVALID, "begins within a row");
	}
	if ((int64_t)c->level_n != in->chunk->value_n || rows != row_n)
		return err_set(in->err, ERR_INVALID, "%lld rows where the row group has %lld", (long long)rows, (long long)row_n);
	return 0;
}

int pq_read_chunk(const struct pq_file *f, size_t group, size_t leaf, struct pq_column *c, struct error *err)
{
	const struct pq_chunk *chunk = &f->groups[group].chunks[leaf];
	struct error why = { 0 };
	struct chunk_in in = { .chunk = chunk, .c = c, .err = &why };
	struct pq_leaf flat = f->schema.leaves[leaf];
	/* Old writers left a page's header or the dictionary out of the size: pages end where their entries do. */
	size_t at = (size_t)chunk->at, end = f->bytes.n - 8, header = 0;
	int rc = pq_chunk_check(f, group, leaf, err);
	if (rc)
		return rc;
	flat.max_def = flat.max_rep = 0;
	pq_column_reset(c);
	if (c->keep) {
		pq_column_keep(&in.dict, &flat, c->keep);
		/* All at once, if it isn't more than a file of few bytes could make us take. */
		size_t n = chunk->value_n < ROOM_AT_ONCE ? (size_t)chunk->value_n : ROOM_AT_ONCE;
		pq_column_room(c, n, n);
	} else {
		pq_column_init(&in.dict, &flat, c->bytes.max);
	}
	buf_init(&in.page, 0);
	while (rc == 0 && at < end && (int64_t)c->level_n < chunk->value_n) {
		struct pq_page page;
		rc = pq_page_read(sl_of(f->bytes.p + at, end - at), &page, &header, &why);
		if (rc)
			break;
		rc = read_page(&in, &page, sl_of(f->bytes.p + at + header, page.packed));
		if (rc == 0)
			at += header + page.packed;
	}
	if (rc == 0)
		rc = check_rows(&in, f->groups[group].row_n);
	pq_column_free(&in.dict);
	buf_free(&in.page);
	free(in.index);
	if (rc)
		return err_set(err, rc, "Parquet: column %.*s of row group %zu: %s, at byte %zu", SL(f->schema.nodes[flat.chain[0]].name), group,
			       why.text, at);
	return 0;
}
