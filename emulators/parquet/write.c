/* Columns -> row groups, and the footer. */
#include "parquet/parquet.h"

#include <assert.h>
#include <math.h>

#include "parquet/thrift.h"

/* What the footer says of a chunk. */
struct pq_chunk_out {
	bool dict;
	int64_t dict_at, data_at, packed, unpacked, level_n;
	struct pq_stats stats;
};

void pq_writer_init(struct pq_writer *w, const struct pq_schema *schema, enum pq_codec codec)
{
	*w = (struct pq_writer){ .schema = schema, .codec = codec };
	buf_init(&w->out, 0);
	buf_init(&w->page, 0);
	buf_init(&w->packed, 0);
	w->packer = pq_packer_new(codec);
	w->stats = arena_alloc(&w->arena, (schema->leaf_n + 1) * sizeof(*w->stats));
	buf_adds(&w->out, "PAR1");
}

void pq_writer_free(struct pq_writer *w)
{
	if (!w)
		return;
	buf_free(&w->out);
	buf_free(&w->page);
	buf_free(&w->packed);
	pq_packer_free(w->packer);
	free(w->groups);
	arena_free(&w->arena);
	*w = (struct pq_writer){ 0 };
}

/* ---- pages ---- */

static void put_le(struct buf *b, const void *p, size_t n, size_t size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	buf_add(b, p, n * size);
#else
#error "big-endian machines need the values turned here"
#endif
}

static void put_texts(struct buf *b, const struct pq_column *c, const uint32_t *pick, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct slice s = pq_bytes(c, pick ? pick[i] : i);
		uint8_t *p = (uint8_t *)buf_room(b, s.n + 4);
		if (!p)
			return;
		p[0] = (uint8_t)s.n;
		p[1] = (uint8_t)(s.n >> 8);
		p[2] = (uint8_t)(s.n >> 16);
		p[3] = (uint8_t)(s.n >> 24);
		memcpy(p + 4, s.p, s.n);
		b->n += s.n + 4;
	}
}

static void put_flags(struct buf *b, const struct pq_column *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i += 8) {
		uint8_t byte = 0;
		for (size_t k = 0; k < 8 && i + k < to; k++)
			byte |= (uint8_t)((c->flags[i + k] & 1) << k);
		buf_u8(b, byte);
	}
}

static void put_fixed(struct buf *b, const struct pq_column *c, const uint32_t *pick, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		buf_addsl(b, pq_bytes(c, pick ? pick[i] : i));
}

/* PLAIN: the values [from, to), or those that pick names. */
static void put_plain(struct buf *b, const struct pq_column *c, const uint32_t *pick, size_t from, size_t to)
{
	size_t size = pq_value_size(c->type);
	if (from == to)
		return;
	if (c->type == PQ_BYTES)
		put_texts(b, c, pick, from, to);
	else if (c->type == PQ_FIXED)
		put_fixed(b, c, pick, from, to);
	else if (c->type == PQ_BOOLEAN)
		put_flags(b, c, from, to);
	else if (!pick)
		put_le(b, (const char *)c->values + from * size, to - from, size);
	else
		for (size_t i = from; i < to; i++)
			put_le(b, (const char *)c->values + pick[i] * size, 1, size);
}

static void put_levels(struct buf *b, const uint8_t *levels, size_t from, size_t to, int max)
{
	size_t at = b->n, n;
	if (!max)
		return;
	buf_u32le(b, 0);
	pq_levels_put(b, to > from ? levels + from : levels, to - from, pq_width((uint32_t)max));
	if (b->bad)
		return;
	n = b->n - at - 4;
	for (int i = 0; i < 4; i++)
		b->p[at + (size_t)i] = (char)(n >> (8 * i));
}

/* Appends w->page as a page: header and packed bytes. */
static void put_page(struct pq_writer *w, bool dict, size_t count, enum pq_encoding encoding, struct pq_chunk_out *chunk)
{
	struct th_writer t = th_writer(&w->out);
	size_t at = w->out.n;
	buf_reset(&w->packed);
	pq_pack(w->packer, buf_slice(&w->page), &w->packed);
	w->out.bad |= w->page.bad | w->packed.bad;
	th_i32(&t, 1, dict ? 2 : 0);
	th_i32(&t, 2, (int32_t)w->page.n);
	th_i32(&t, 3, (int32_t)w->packed.n);
	th_i32(&t, 4, (int32_t)pq_crc(buf_slice(&w->packed)));
	th_struct(&t, dict ? 7 : 5);
	th_i32(&t, 1, (int32_t)count);
	th_i32(&t, 2, encoding);
	if (!dict) {
		th_i32(&t, 3, PQ_RLE);
		th_i32(&t, 4, PQ_RLE);
	}
	th_end(&t);
	th_end(&t);
	chunk->unpacked += (int64_t)(w->out.n - at + w->page.n);
	buf_addsl(&w->out, buf_slice(&w->packed));
	chunk->packed += (int64_t)(w->out.n - at);
}

/* A page's entries and values: whole rows, at most PQ_PAGE_ROWS and about PQ_PAGE_BYTES. */
struct piece {
	size_t level, level_end, value, value_end;
};

static bool next_piece(const struct pq_column *c, struct piece *p)
{
	size_t rows = 0, size = pq_value_size(c->type);
	size_t start;
	p->level = p->level_end;
	p->value = p->value_end;
	start = pq_is_text(c) && p->value ? c->end[p->value - 1] : 0;
	while (p->level_end < c->level_n) {
		bool row = !c->max_rep || c->rep[p->level_end] == 0;
		size_t values = p->value_end - p->value;
		size_t bytes = !pq_is_text(c) ? values * size : values * 4 + (values ? c->end[p->value_end - 1] - start : 0);
		if (row && (rows == PQ_PAGE_ROWS || bytes >= PQ_PAGE_BYTES))
			break;
		rows += row;
		p->value_end += !c->max_def || c->def[p->level_end] == c->max_def;
		p->level_end++;
	}
	return p->level_end > p->level;
}

static void put_chunk(struct pq_writer *w, const struct pq_column *c, struct pq_chunk_out *chunk)
{
	struct piece p = { 0 };
	struct pq_dict dict;
	int width = 0;
	chunk->dict = pq_dict_make(&dict, c);
	chunk->level_n = (int64_t)c->level_n;
	pq_stats_add(&w->arena, &chunk->stats, c, chunk->dict ? &dict : NULL);
	w->out.bad |= c->bytes.bad;
	if (chunk->dict) {
		chunk->dict_at = (int64_t)w->out.n;
		buf_reset(&w->page);
		put_plain(&w->page, c, dict.first, 0, dict.n);
		put_page(w, true, dict.n, PQ_PLAIN, chunk);
		width = dict.n > 1 ? pq_width((uint32_t)dict.n - 1) : 1;
	}
	chunk->data_at = (int64_t)w->out.n;
	while (next_piece(c, &p) || (c->level_n == 0 && chunk->data_at == (int64_t)w->out.n)) {
		buf_reset(&w->page);
		put_levels(&w->page, c->rep, p.level, p.level_end, c->max_rep);
		put_levels(&w->page, c->def, p.level, p.level_end, c->max_def);
		if (chunk->dict) {
			buf_u8(&w->page, (uint8_t)width);
			pq_runs_put(&w->page, dict.index + p.value, p.value_end - p.value, width);
		} else {
			put_plain(&w->page, c, NULL, p.value, p.value_end);
		}
		put_page(w, false, p.level_end - p.level, chunk->dict ? PQ_RLE_DICTIONARY : PQ_PLAIN, chunk);
	}
	pq_dict_free(&dict);
}

void pq_write_group(struct pq_writer *w, const struct pq_column *columns, size_t row_n)
{
	size_t n = w->schema->leaf_n;
	struct pq_chunk_out *chunks = arena_alloc(&w->arena, (n + 1) * sizeof(*chunks));
	GROW(w->groups, w->group_n, w->group_cap);
	for (size_t i = 0; i < n; i++) {
		assert(columns[i].type == w->schema->leaves[i].type && columns[i].type != PQ_INT96);
		put_chunk(w, &columns[i], &chunks[i]);
		pq_stats_merge(&w->arena, &w->stats[i], &chunks[i].stats, columns[i].type);
	}
	w->groups[w->group_n++] = (struct pq_group_out){ chunks, (int64_t)row_n };
	w->row_n += (int64_t)row_n;
}

/* ---- footer ---- */

/* The annotation of a node: the old number of its type, and the new union. */
static const struct annotation {
	int kind, bits, converted, logical;
} annotations[] = {
	{ PQ_STRING, 0, 0, 1 }, { PQ_MAP, 0, 1, 2 },   { PQ_LIST, 0, 3, 3 },  { PQ_DECIMAL, 0, 5, 5 },
	{ PQ_DATE, 0, 6, 6 },	{ PQ_MICROS, 0, 10, 8 }, { PQ_RAW, 8, 15, 10 }, { PQ_RAW, 16, 16, 10 },
};

static const struct annotation *annotation_of(const struct pq_node *node)
{
	for (size_t i = 0; i < ARRAY_LEN(annotations); i++)
		if (annotations[i].kind == node->kind && annotations[i].bits == node->bits)
			return &annotations[i];
	return NULL;
}

static void put_logical(struct th_writer *t, const struct pq_node *node, const struct annotation *a)
{
	th_struct(t, 10);
	th_struct(t, a->logical);
	if (node->kind == PQ_MICROS) {
		th_bool(t, 1, !node->local);
		th_struct(t, 2);
		th_struct(t, 2);
		th_end(t);
		th_end(t);
	} else if (node->kind == PQ_DECIMAL) {
		th_i32(t, 1, node->scale);
		th_i32(t, 2, node->precision);
	} else if (a->bits) {
		th_byte(t, 1, (uint8_t)a->bits);
		th_bool(t, 2, !node->is_unsigned);
	}
	th_end(t);
	th_end(t);
}

static void put_schema(struct th_writer *t, const struct pq_schema *s)
{
	th_list(t, 2, TH_STRUCT, s->node_n);
	for (size_t i = 0; i < s->node_n; i++) {
		const struct pq_node *node = &s->nodes[i];
		const struct annotation *a = annotation_of(node);
		th_item_struct(t);
		if (node->type != PQ_GROUP)
			th_i32(t, 1, node->type);
		if (node->type == PQ_FIXED)
			th_i32(t, 2, node->size);
		if (i > 0)
			th_i32(t, 3, node->repetition);
		th_binary(t, 4, node->name);
		if (node->type == PQ_GROUP)
			th_i32(t, 5, node->child_n);
		if (a && !node->local)
			th_i32(t, 6, a->converted);
		if (node->kind == PQ_DECIMAL) {
			th_i32(t, 7, node->scale);
			th_i32(t, 8, node->precision);
		}
		if (node->field_id > 0)
			th_i32(t, 9, node->field_id);
		if (a)
			put_logical(t, node, a);
		th_end(t);
	}
}

/* A number's bytes as PLAIN stores them. A zero stands for both zeros. */
static struct slice stat_number(int type, union pq_stat v, bool max, uint8_t out[8])
{
	size_t n = pq_value_size(type);
	uint64_t bits = (uint64_t)v.i;
	float f;
	uint32_t narrow;
	if (type == PQ_DOUBLE || type == PQ_FLOAT) {
		if (v.d == 0)
			v.d = max ? 0.0 : -0.0;
		memcpy(&bits, &v.d, sizeof(bits));
	}
	if (type == PQ_FLOAT) {
		f = (float)v.d;
		memcpy(&narrow, &f, sizeof(narrow));
		bits = narrow;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(bits >> (8 * i));
	return sl_of(out, n);
}

/* kind: bytes that aren't text have no next ones. */
static void put_stats(struct th_writer *t, struct arena *a, int type, int kind, const struct pq_stats *s)
{
	uint8_t low[8], high[8];
	struct slice min, max;
	th_struct(t, 12);
	th_i64(t, 3, s->null_n);
	if (s->has) {
		if (type == PQ_BYTES) {
			min = pq_stat_below(s->min.s, PQ_STAT_BYTES);
			max = kind == PQ_STRING || s->max.s.n <= PQ_STAT_BYTES ? pq_stat_above(a, s->max.s, PQ_STAT_BYTES) : sl(NULL);
		} else {
			min = stat_number(type, s->min, false, low);
			max = stat_number(type, s->max, true, high);
		}
		if (max.p)
			th_binary(t, 5, max);
		th_binary(t, 6, min);
		if (max.p)
			th_bool(t, 7, type != PQ_BYTES || max.n == s->max.s.n);
		th_bool(t, 8, type != PQ_BYTES || min.n == s->min.s.n);
	}
	th_end(t);
}

static void put_chunk_meta(struct pq_writer *w, struct th_writer *t, const struct pq_leaf *leaf, const struct pq_chunk_out *c)
{
	th_item_struct(t);
	th_i64(t, 2, 0);
	th_struct(t, 3);
	th_i32(t, 1, leaf->type);
	th_list(t, 2, TH_I32, c->dict ? 3 : 2);
	th_item_i32(t, PQ_PLAIN);
	th_item_i32(t, PQ_RLE);
	if (c->dict)
		th_item_i32(t, PQ_RLE_DICTIONARY);
	th_list(t, 3, TH_BINARY, leaf->chain_n);
	for (size_t i = 0; i < leaf->chain_n; i++)
		th_item_binary(t, w->schema->nodes[leaf->chain[i]].name);
	th_i32(t, 4, (int32_t)w->codec);
	th_i64(t, 5, c->level_n);
	th_i64(t, 6, c->unpacked);
	th_i64(t, 7, c->packed);
	th_i64(t, 9, c->data_at);
	if (c->dict)
		th_i64(t, 11, c->dict_at);
	put_stats(t, &w->arena, leaf->type, w->schema->nodes[leaf->chain[leaf->chain_n - 1]].kind, &c->stats);
	th_end(t);
	th_end(t);
}

static void put_group_meta(struct pq_writer *w, struct th_writer *t, size_t g)
{
	const struct pq_chunk_out *c = w->groups[g].chunks;
	int64_t packed = 0, unpacked = 0;
	th_item_struct(t);
	th_list(t, 1, TH_STRUCT, w->schema->leaf_n);
	for (size_t i = 0; i < w->schema->leaf_n; i++) {
		put_chunk_meta(w, t, &w->schema->leaves[i], &c[i]);
		packed += c[i].packed;
		unpacked += c[i].unpacked;
	}
	th_i64(t, 2, unpacked);
	th_i64(t, 3, w->groups[g].row_n);
	if (w->schema->leaf_n)
		th_i64(t, 5, c[0].dict ? c[0].dict_at : c[0].data_at);
	th_i64(t, 6, packed);
	th_i16(t, 7, (int)g);
	th_end(t);
}

int pq_writer_finish(struct pq_writer *w, struct error *err)
{
	struct th_writer t = th_writer(&w->out);
	size_t at = w->out.n;
	th_i32(&t, 1, 1);
	put_schema(&t, w->schema);
	th_i64(&t, 3, w->row_n);
	th_list(&t, 4, TH_STRUCT, w->group_n);
	for (size_t g = 0; g < w->group_n; g++)
		put_group_meta(w, &t, g);
	/* Readers pass the texts' statistics over unless this looks like "name version x (build y)". */
	th_binary(&t, 6, S("tarn version 1.0.0 (build 0)"));
	th_list(&t, 7, TH_STRUCT, w->schema->leaf_n);
	for (size_t i = 0; i < w->schema->leaf_n; i++) {
		th_item_struct(&t);
		th_struct(&t, 1);
		th_end(&t);
		th_end(&t);
	}
	th_end(&t);
	buf_u32le(&w->out, (uint32_t)(w->out.n - at));
	buf_adds(&w->out, "PAR1");
	if (w->out.bad)
		return err_set(err, ERR_LIMIT, "Parquet: the file or one of its columns would be too large");
	return 0;
}
